#include "store/sqlite/clock_rules.h"

#include <stdlib.h>

#include "base/memory.h"

wildcam_status wci_clock_rules_init(struct wci_clock_rules *rules)
{
    *rules = (struct wci_clock_rules){.version = -1};
    return pthread_mutex_init(&rules->mutex, NULL) == 0 ? WILDCAM_OK : wci_fail_memory();
}

void wci_clock_rules_destroy(struct wci_clock_rules *rules, bool is_forked)
{
    free(rules->list);
    if (!is_forked)
        pthread_mutex_destroy(&rules->mutex);
}

wildcam_status wci_clock_rules_ask_version(struct wci_catalog *catalog, int64_t *version)
{
    struct wci_database *reader;
    sqlite3_stmt *statement;
    wildcam_status status = wci_pool_take_reader(&catalog->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(reader, 0, "SELECT rules FROM time_changes", &statement);
    if (status == WILDCAM_OK) {
        wildcam_step step = wci_database_step(reader, statement);
        *version = step == 1 ? sqlite3_column_int64(statement, 0) : 0;
        status = step < 0 ? step : WILDCAM_OK;
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&catalog->pool, reader);
    return status;
}

void wci_clock_rules_forget(struct wci_clock_rules *rules)
{
    pthread_mutex_lock(&rules->mutex);
    rules->version = -1;
    pthread_mutex_unlock(&rules->mutex);
}

static wildcam_status add_rule(struct wci_clock_rules *rules, sqlite3_stmt *row)
{
    void *list = rules->list;
    if (wci_reserve(&list, &rules->capacity, rules->count + 1, sizeof *rules->list) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    rules->list = list;
    wildcam_deployment one; /* without any text */
    wci_deployment_init(&one);
    one.start = sqlite3_column_int64(row, 1);
    one.end = wci_column_time(row, 2);
    one.offset = wci_column_offset(row, 3);
    one.wrong = wci_column_time(row, 4);
    one.right = wci_column_time(row, 5);
    rules->list[rules->count++] = (struct wci_kept_rule){sqlite3_column_int64(row, 0),
                                                         wci_deployment_rule(&one)};
    return WILDCAM_OK;
}

static wildcam_status read_rules(struct wci_clock_rules *rules, struct wci_database *reader)
{
    sqlite3_stmt *statement;
    int64_t version = 0;
    wildcam_status status = wci_database_ask(reader, "SELECT rules FROM time_changes", &version);
    if (status == WILDCAM_OK)
        status = wci_database_prepare(reader, 0,
                                      "SELECT camera_id, start_at, end_at, utc_offset, wrong_time,"
                                      " right_time FROM deployments ORDER BY camera_id, start_at",
                                      &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = 0;
    rules->count = 0;
    while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1)
        status = add_rule(rules, statement);
    sqlite3_reset(statement);
    if (status == WILDCAM_OK)
        status = step;
    if (status == WILDCAM_OK)
        rules->version = version;
    return status;
}

/* Under the mutex. */
static wildcam_status load(struct wci_clock_rules *rules, struct wci_catalog *catalog)
{
    struct wci_database *reader;
    if (rules->version >= 0)
        return WILDCAM_OK;
    wildcam_status status = wci_pool_take_reader(&catalog->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_run(reader, "BEGIN"); /* rules and their version of one moment */
    if (status == WILDCAM_OK)
        status = read_rules(rules, reader);
    wci_database_rollback(reader);
    wci_pool_give_reader(&catalog->pool, reader);
    return status;
}

/* The first of a camera's rules, and how many there are. */
static const struct wci_kept_rule *find(const struct wci_clock_rules *rules, int64_t camera_id,
                                        size_t *count)
{
    size_t low = 0, high = rules->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rules->list[middle].camera_id < camera_id)
            low = middle + 1;
        else
            high = middle;
    }
    for (*count = 0; low + *count < rules->count; ++*count)
        if (rules->list[low + *count].camera_id != camera_id)
            break;
    return *count ? &rules->list[low] : NULL;
}

wildcam_status wci_clock_rules_correct(struct wci_clock_rules *rules, struct wci_catalog *catalog,
                                       int64_t camera_id, int source, struct wci_reading *reading,
                                       int64_t *version)
{
    size_t count;
    pthread_mutex_lock(&rules->mutex);
    wildcam_status status = load(rules, catalog);
    if (status == WILDCAM_OK) {
        const struct wci_kept_rule *first = find(rules, camera_id, &count);
        for (size_t i = 0; i < count; i++) {
            struct wci_reading right = *reading;
            if (wci_clock_apply(&first[i].rule, &right, source)) {
                *reading = right;
                break;
            }
        }
        *version = rules->version;
    }
    pthread_mutex_unlock(&rules->mutex);
    return status;
}

wildcam_status wci_clock_rules_copy(struct wci_clock_rules *rules, struct wci_catalog *catalog,
                                    int64_t camera_id, struct wci_clock_rule **out, size_t *count,
                                    int64_t *version)
{
    *out = NULL;
    pthread_mutex_lock(&rules->mutex);
    wildcam_status status = load(rules, catalog);
    if (status == WILDCAM_OK) {
        const struct wci_kept_rule *first = find(rules, camera_id, count);
        *version = rules->version;
        *out = wci_new_array(*count + 1, sizeof **out);
        for (size_t i = 0; *out && i < *count; i++)
            (*out)[i] = first[i].rule;
        status = *out ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    }
    pthread_mutex_unlock(&rules->mutex);
    return status;
}
