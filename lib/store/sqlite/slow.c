#include "store/sqlite/slow.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"

wildcam_status wci_slow_init(struct wci_slow *slow, const wildcam_conf *conf,
                             const struct wci_log *log)
{
    *slow = (struct wci_slow){.log = log};
    slow->limit = (int64_t)(wci_conf_real(conf, WCI_STORE_SLOW_QUERY) * (double)WCI_SECOND);
    return pthread_mutex_init(&slow->mutex, NULL) == 0 ? WILDCAM_OK : wci_fail_memory();
}

void wci_slow_destroy(struct wci_slow *slow)
{
    pthread_mutex_destroy(&slow->mutex);
}

/* ---- a statement's shape ---- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) ||
           (c >= '0' && c <= '9');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Where a text, or a blob's, in quotes ends; two quotes stand for one within. */
static const char *behind_quote(const char *at)
{
    for (at++; *at; at++) {
        if (*at != '\'')
            continue;
        if (at[1] != '\'')
            return at + 1;
        at++;
    }
    return at;
}

static const char *behind_number(const char *at)
{
    while (is_word(*at) || *at == '.' || ((*at == '+' || *at == '-') && (at[-1] | 0x20) == 'e'))
        at++;
    return at;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

void wci_slow_shape(const char *sql, char *to, size_t room)
{
    char *end = to + room - 1;
    char last = ' '; /* what was read before, which tells a number from a name with digits */
    while (*sql && to < end) {
        if (*sql == '\'') {
            sql = behind_quote(sql);
            *to++ = '?';
            last = '?';
        } else if (is_digit(*sql) && !is_word(last) && last != '?') {
            sql = behind_number(sql);
            *to++ = '?';
            last = '?';
        } else if (is_space(*sql)) {
            if (last != ' ')
                *to++ = ' ';
            last = ' ';
            sql++;
        } else {
            last = *sql;
            *to++ = *sql++;
        }
    }
    *to = '\0';
}

/* ---- watching ---- */

static void name_of(const char *path, char where[WCI_SLOW_WHERE])
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    snprintf(where, WCI_SLOW_WHERE, "%.*s", (int)strcspn(name, "."), name);
}

static void note(struct wci_slow *slow, const struct wci_database *database, const char *sql,
                 int64_t duration)
{
    pthread_mutex_lock(&slow->mutex);
    if (slow->count < WCI_SLOW_KEPT) {
        int place = slow->count++;
        name_of(database->path, slow->kept[place].where);
        wci_slow_shape(sql, slow->kept[place].shape, WCI_SLOW_SHAPE);
        slow->kept[place].duration = duration;
    } else {
        slow->untold++;
    }
    pthread_mutex_unlock(&slow->mutex);
}

/* The end of each statement. This is often called: what is quick must be quick here, too. */
static int profile(unsigned event, void *user, void *statement, void *nanoseconds)
{
    struct wci_database *database = user;
    int64_t duration = *(const sqlite3_int64 *)nanoseconds / 1000;
    (void)event;
    if (duration < database->slow->limit)
        return 0;
    int64_t longest = wci_calendar_monotonic() - database->used_since;
    if (duration > longest)
        duration = longest;
    const char *sql = sqlite3_sql(statement);
    if (duration >= database->slow->limit && sql)
        note(database->slow, database, sql, duration);
    return 0;
}

void wci_slow_watch(struct wci_slow *slow, struct wci_database *database)
{
    if (!slow || !slow->limit)
        return;
    database->slow = slow;
    database->used_since = wci_calendar_monotonic();
    sqlite3_trace_v2(database->handle, SQLITE_TRACE_PROFILE, profile, database);
}

void wci_slow_begin(struct wci_database *database)
{
    if (database->slow)
        database->used_since = wci_calendar_monotonic();
}

/* ---- telling ---- */

static bool take(struct wci_slow *slow, int64_t *untold, char where[WCI_SLOW_WHERE],
                 char shape[WCI_SLOW_SHAPE], int64_t *duration)
{
    pthread_mutex_lock(&slow->mutex);
    bool is_one = slow->count > 0;
    if (is_one) {
        memcpy(where, slow->kept[0].where, WCI_SLOW_WHERE);
        memcpy(shape, slow->kept[0].shape, WCI_SLOW_SHAPE);
        *duration = slow->kept[0].duration;
        slow->count--;
        memmove(&slow->kept[0], &slow->kept[1], (size_t)slow->count * sizeof slow->kept[0]);
    }
    *untold = slow->untold;
    slow->untold = 0;
    pthread_mutex_unlock(&slow->mutex);
    return is_one;
}

void wci_slow_tell(struct wci_slow *slow)
{
    char where[WCI_SLOW_WHERE], shape[WCI_SLOW_SHAPE];
    int64_t untold, duration;
    while (slow->count > 0 && take(slow, &untold, where, shape, &duration)) {
        wci_log_write(slow->log, WILDCAM_LOG_WARNING, "store",
                      "slow: %" PRId64 ".%03d ms in %s: %s", duration / 1000,
                      (int)(duration % 1000), where, shape);
        if (untold)
            wci_log_write(slow->log, WILDCAM_LOG_WARNING, "store",
                          "slow: %" PRId64 " more statements at about that time", untold);
    }
}
