#include "store/sqlite/shards.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "store/sqlite/schema.h"

static const char *const parts[] = {"", "-wal", "-shm"};
enum { PARTS = sizeof parts / sizeof parts[0] };

bool wci_shard_span(const char *name, int64_t *from, int64_t *to)
{
    struct wci_date date = {.day = 1};
    size_t length = strlen(name);
    bool is_day = length == 10;
    if ((length != 7 && !is_day) || name[4] != '-' || !wci_calendar_digits(name, 4, &date.year) ||
        !wci_calendar_digits(name + 5, 2, &date.month))
        return false;
    if (is_day && (name[7] != '-' || !wci_calendar_digits(name + 8, 2, &date.day)))
        return false;
    if (!wci_calendar_join(&date, from))
        return false;
    if (is_day)
        *to = *from + WCI_DAY;
    else
        *to = wci_calendar_days(date.year + date.month / 12, date.month % 12 + 1, 1) * WCI_DAY;
    return true;
}

static wildcam_status new_shard(struct wci_shards *shards, const char *name, struct wci_shard **out)
{
    char path[WCI_PATH];
    struct wci_shard *shard = wci_new(sizeof *shard);
    if (!shard)
        return WILDCAM_ERR_NOMEM;
    snprintf(shard->name, sizeof shard->name, "%s", name);
    wci_shard_span(name, &shard->from, &shard->to);
    wildcam_status status = wci_path(path, "%s/%s.db", shards->directory, name);
    if (status == WILDCAM_OK)
        status = wci_pool_init(&shard->pool, shards->conf, shards->catalog->pool.slow, path,
                               WCI_SHARD_APPLICATION);
    if (status != WILDCAM_OK) {
        free(shard);
        return status;
    }
    *out = shard;
    return WILDCAM_OK;
}

static void free_shard(struct wci_shard *shard, bool is_forked)
{
    wci_pool_destroy(&shard->pool, is_forked);
    free(shard);
}

wildcam_status wci_shards_open(struct wci_shards *shards, const char *directory,
                               const wildcam_conf *conf, const struct wci_log *log,
                               struct wci_catalog *catalog)
{
    char path[WCI_PATH], damaged[WCI_PATH];
    *shards = (struct wci_shards){.conf = conf, .log = log, .catalog = catalog};
    wildcam_status status = wci_path(path, "%s/detections", directory);
    if (status == WILDCAM_OK)
        status = wci_path(damaged, "%s/damaged", directory);
    if (status == WILDCAM_OK)
        status = wci_directory_make(path);
    if (status != WILDCAM_OK)
        return status;
    shards->directory = wci_copy_text(path);
    shards->damaged_directory = wci_copy_text(damaged);
    if (shards->directory && shards->damaged_directory &&
        pthread_mutex_init(&shards->mutex, NULL) == 0) {
        if (pthread_mutex_init(&shards->aside_mutex, NULL) == 0)
            return WILDCAM_OK;
        pthread_mutex_destroy(&shards->mutex);
    }
    free(shards->directory);
    free(shards->damaged_directory);
    return wci_fail_memory();
}

void wci_shards_close(struct wci_shards *shards, bool is_forked)
{
    for (size_t i = 0; i < shards->count; i++)
        free_shard(shards->list[i], is_forked);
    free(shards->list);
    free(shards->damaged);
    free(shards->directory);
    free(shards->damaged_directory);
    if (is_forked)
        return;
    pthread_mutex_destroy(&shards->mutex);
    pthread_mutex_destroy(&shards->aside_mutex);
}

/* "2026-11.db" is shard 2026-11; what else stands there, such as -wal files, is none. */
static bool shard_name(const char *file, char name[WCI_SHARD_NAME])
{
    int64_t from, to;
    const char *dot = strchr(file, '.');
    if (!dot || dot - file >= WCI_SHARD_NAME)
        return false;
    snprintf(name, WCI_SHARD_NAME, "%.*s", (int)(dot - file), file);
    return wci_shard_span(name, &from, &to);
}

struct listing {
    struct wci_shards *shards;
    struct wci_shard **list;
    size_t count, capacity;
};

/* The list is in the order of time, and months and days of one beginning are next to each other. */
static struct wci_shard *find_listed(const struct wci_shards *shards, const char *name)
{
    int64_t from, to;
    size_t low = 0, high = shards->count;
    if (!wci_shard_span(name, &from, &to))
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (shards->list[middle]->from < from)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < shards->count && shards->list[low]->from == from; low++)
        if (strcmp(shards->list[low]->name, name) == 0)
            return shards->list[low];
    return NULL;
}

static wildcam_status list_file(void *user, const char *path, const char *file, bool is_directory)
{
    struct listing *listing = user;
    char name[WCI_SHARD_NAME];
    void *list = listing->list;
    (void)path;
    if (is_directory || !shard_name(file, name) || strcmp(file + strlen(name), ".db") != 0)
        return WILDCAM_OK;
    if (wci_reserve(&list, &listing->capacity, listing->count + 1, sizeof *listing->list) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    listing->list = list;
    struct wci_shard *shard = find_listed(listing->shards, name);
    wildcam_status status = shard ? WILDCAM_OK : new_shard(listing->shards, name, &shard);
    if (status == WILDCAM_OK)
        listing->list[listing->count++] = shard;
    return status;
}

static int compare_shards(const void *left, const void *right)
{
    const struct wci_shard *a = *(struct wci_shard *const *)left;
    const struct wci_shard *b = *(struct wci_shard *const *)right;
    return a->from < b->from ? -1 : a->from > b->from;
}

static wildcam_status list_damaged(void *user, const char *path, const char *file,
                                   bool is_directory)
{
    struct wci_shards *shards = user;
    struct wci_damaged found = {0};
    void *damaged = shards->damaged;
    size_t length = strlen(file);
    (void)path;
    if (is_directory || length < 3 || strcmp(file + length - 3, ".db") != 0 ||
        !shard_name(file, found.name))
        return WILDCAM_OK;
    wci_shard_span(found.name, &found.from, &found.to);
    if (wci_reserve(&damaged, &shards->damaged_capacity, shards->damaged_count + 1,
                    sizeof *shards->damaged) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    shards->damaged = damaged;
    shards->damaged[shards->damaged_count++] = found;
    return WILDCAM_OK;
}

static void discard(struct wci_shards *shards, struct wci_shard *shard)
{
    shards->open_count -= shard->is_open;
    free_shard(shard, false);
}

/* Takes the new list over: who is not in it any more is freed now or by its last user. */
static void replace_list(struct wci_shards *shards, struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        shards->others += !listing->list[i]->is_listed;
    for (size_t i = 0; i < shards->count; i++)
        shards->list[i]->is_listed = false;
    for (size_t i = 0; i < listing->count; i++)
        listing->list[i]->is_listed = true;
    for (size_t i = 0; i < shards->count; i++) {
        if (shards->list[i]->is_listed)
            continue;
        shards->others += 1 + shards->list[i]->pool.others;
        if (shards->list[i]->users == 0)
            discard(shards, shards->list[i]);
    }
    free(shards->list);
    shards->list = listing->list;
    shards->count = listing->count;
    shards->capacity = listing->capacity;
    if (shards->count)
        qsort(shards->list, shards->count, sizeof *shards->list, compare_shards);
}

static wildcam_status scan(struct wci_shards *shards)
{
    struct listing listing = {shards, NULL, 0, 0};
    shards->is_fresh = false;
    wildcam_status status = wci_directory_walk(shards->directory, list_file, &listing);
    if (status != WILDCAM_OK) {
        for (size_t i = 0; i < listing.count; i++)
            if (!find_listed(shards, listing.list[i]->name))
                free_shard(listing.list[i], false);
        free(listing.list);
        return status;
    }
    replace_list(shards, &listing);
    shards->damaged_count = 0;
    return wci_directory_walk(shards->damaged_directory, list_damaged, shards);
}

/* Reads the directory again when it has changed. A file that is set aside leaves it, so damaged/
 * need not be looked at. */
static wildcam_status refresh(struct wci_shards *shards)
{
    struct stat now;
    if (stat(shards->directory, &now) != 0)
        return wci_fail(WILDCAM_ERR_IO, "the directory %s is gone", shards->directory);
    if (shards->is_fresh && wci_file_same_time(&now.st_mtim, &shards->changed))
        return WILDCAM_OK;
    wildcam_status status = scan(shards);
    if (status != WILDCAM_OK)
        return status;
    shards->changed = now.st_mtim;
    shards->is_fresh = wci_file_age(&now.st_mtim) > WCI_CLOCK_GRAIN;
    return WILDCAM_OK;
}

void wci_shards_look_again(struct wci_shards *shards)
{
    pthread_mutex_lock(&shards->mutex);
    shards->is_fresh = false;
    pthread_mutex_unlock(&shards->mutex);
}

static void hold(struct wci_shards *shards, struct wci_shard *shard, struct wci_shard **out)
{
    shards->open_count += !shard->is_open;
    shard->is_open = true; /* or about to be */
    shard->users++;
    shard->last_used = wci_calendar_monotonic();
    *out = shard;
}

static struct wci_shard *find_by_time(const struct wci_shards *shards, int64_t time)
{
    for (size_t i = shards->count; i > 0; i--)
        if (time >= shards->list[i - 1]->from && time < shards->list[i - 1]->to)
            return shards->list[i - 1];
    return NULL;
}

wildcam_status wci_shards_take(struct wci_shards *shards, int64_t time, struct wci_shard **out)
{
    *out = NULL;
    pthread_mutex_lock(&shards->mutex);
    wildcam_status status = refresh(shards);
    struct wci_shard *shard = status == WILDCAM_OK ? find_by_time(shards, time) : NULL;
    if (shard)
        hold(shards, shard, out);
    else if (status == WILDCAM_OK)
        status = wci_fail(WILDCAM_ERR_NOTFOUND, "nothing is kept of that time");
    pthread_mutex_unlock(&shards->mutex);
    return status;
}

/* By the setting, but a month goes on in the way it was begun. */
static void choose_name(struct wci_shards *shards, int64_t time, char name[WCI_SHARD_NAME])
{
    struct wci_date date;
    bool by_day = strcmp(wci_conf_text(shards->conf, WCI_STORE_SHARD), "day") == 0;
    wci_calendar_split(time, &date);
    snprintf(name, WCI_SHARD_NAME, "%04d-%02d", date.year % 10000, date.month % 100);
    pthread_mutex_lock(&shards->mutex);
    for (size_t i = 0; i < shards->count; i++)
        if (strncmp(shards->list[i]->name, name, 7) == 0)
            by_day = strlen(shards->list[i]->name) > 7;
    pthread_mutex_unlock(&shards->mutex);
    if (by_day)
        snprintf(name + 7, WCI_SHARD_NAME - 7, "-%02d", date.day % 100);
}

void wci_shards_span(struct wci_shards *shards, int64_t time, int64_t *from, int64_t *to)
{
    char name[WCI_SHARD_NAME];
    choose_name(shards, time, name);
    wci_shard_span(name, from, to);
}

/* Whoever died while he moved a shard away may have left its log behind, whose content SQLite would
 * take for that of the next file of this name. */
static wildcam_status remove_log(const char *path)
{
    char part[WCI_PATH];
    wildcam_status status = WILDCAM_OK;
    for (int i = 1; status == WILDCAM_OK && i < PARTS; i++) {
        status = wci_path(part, "%s%s", path, parts[i]);
        if (status == WILDCAM_OK)
            status = wci_file_remove(part);
    }
    return status;
}

wildcam_status wci_shards_make(struct wci_shards *shards, struct wci_database *catalog_writer,
                               int64_t time, struct wci_shard **out)
{
    char name[WCI_SHARD_NAME], path[WCI_PATH];
    wildcam_status status = wci_shards_take(shards, time, out);
    if (status != WILDCAM_ERR_NOTFOUND)
        return status;
    choose_name(shards, time, name);
    status = wci_path(path, "%s/%s.db", shards->directory, name);
    if (status == WILDCAM_OK)
        status = wci_catalog_add_shard(catalog_writer, name, wci_calendar_now());
    if (status == WILDCAM_OK && !wci_file_exists(path))
        status = remove_log(path);
    if (status == WILDCAM_OK)
        status = wci_schema_create(path, shards->conf, WCI_SHARD_APPLICATION);
    if (status != WILDCAM_OK)
        return status;
    wci_shards_look_again(shards);
    return wci_shards_take(shards, time, out);
}

wildcam_status wci_shards_step(struct wci_shards *shards, bool upwards, int64_t time, int64_t bound,
                               struct wci_shard **out)
{
    *out = NULL;
    pthread_mutex_lock(&shards->mutex);
    wildcam_status status = refresh(shards);
    for (size_t i = 0; status == WILDCAM_OK && i < shards->count && !*out; i++) {
        struct wci_shard *shard = shards->list[upwards ? i : shards->count - 1 - i];
        bool ahead = upwards ? shard->to > time : shard->from < time;
        bool inside = upwards ? shard->from < bound : shard->to > bound;
        if (ahead && inside)
            hold(shards, shard, out);
    }
    pthread_mutex_unlock(&shards->mutex);
    return status;
}

void wci_shards_step_to_log(struct wci_shards *shards, int64_t time, int64_t bytes,
                            struct wci_shard **out)
{
    *out = NULL;
    pthread_mutex_lock(&shards->mutex);
    for (size_t i = shards->count; i > 0 && !*out; i--) {
        struct wci_shard *shard = shards->list[i - 1];
        if (shard->from < time && shard->pool.wal_bytes >= bytes)
            hold(shards, shard, out);
    }
    pthread_mutex_unlock(&shards->mutex);
}

wildcam_status wci_shards_step_to_look(struct wci_shards *shards, int64_t time, int64_t bound,
                                       struct wci_shard **out, bool *is_sure)
{
    *out = NULL;
    pthread_mutex_lock(&shards->mutex);
    wildcam_status status = refresh(shards);
    for (size_t i = 0; status == WILDCAM_OK && i < shards->count && !*out; i++)
        if (shards->list[i]->to > time && shards->list[i]->from < bound)
            *out = shards->list[i];
    if (*out)
        (*out)->users++;
    *is_sure = shards->is_fresh;
    pthread_mutex_unlock(&shards->mutex);
    return status;
}

static void rest(struct wci_shards *shards, struct wci_shard *shard)
{
    wci_pool_rest(&shard->pool);
    shards->open_count -= shard->is_open;
    shard->is_open = false;
}

static void rest_least_used(struct wci_shards *shards)
{
    struct wci_shard *oldest = NULL;
    for (size_t i = 0; i < shards->count; i++) {
        struct wci_shard *shard = shards->list[i];
        if (shard->users == 0 && shard->is_open &&
            (!oldest || shard->last_used < oldest->last_used))
            oldest = shard;
    }
    if (oldest)
        rest(shards, oldest);
}

void wci_shards_give(struct wci_shards *shards, struct wci_shard *shard)
{
    if (!shard)
        return;
    pthread_mutex_lock(&shards->mutex);
    shard->users--;
    if (shard->users == 0 && !shard->is_listed)
        discard(shards, shard);
    else if (shards->open_count > wci_conf_int(shards->conf, WCI_STORE_OPEN_SHARDS))
        rest_least_used(shards);
    pthread_mutex_unlock(&shards->mutex);
}

void wci_shards_rest(struct wci_shards *shards, int64_t unused_since)
{
    pthread_mutex_lock(&shards->mutex);
    for (size_t i = 0; i < shards->count; i++)
        if (shards->list[i]->users == 0 && shards->list[i]->is_open &&
            shards->list[i]->last_used <= unused_since)
            rest(shards, shards->list[i]);
    pthread_mutex_unlock(&shards->mutex);
}

void wci_shards_damaged(struct wci_shards *shards, int64_t from, int64_t to, struct wci_text *names)
{
    pthread_mutex_lock(&shards->mutex);
    for (size_t i = 0; i < shards->damaged_count; i++) {
        const struct wci_damaged *damaged = &shards->damaged[i];
        bool is_named = names->data && strstr(names->data, damaged->name);
        if (damaged->from < to && damaged->to > from && !is_named)
            wci_text_add_format(names, "%s%s", names->length ? ", " : "", damaged->name);
    }
    pthread_mutex_unlock(&shards->mutex);
}

wildcam_status wci_shards_figures(struct wci_shards *shards, int64_t *count, int64_t *open,
                                  int64_t *damaged, struct wci_text *names)
{
    pthread_mutex_lock(&shards->mutex);
    shards->is_fresh = false; /* an operator may have taken a file out of damaged/ */
    wildcam_status status = refresh(shards);
    *count = (int64_t)shards->count;
    *open = shards->open_count;
    *damaged = (int64_t)shards->damaged_count;
    pthread_mutex_unlock(&shards->mutex);
    wci_shards_damaged(shards, INT64_MIN, INT64_MAX, names);
    return status;
}

static wildcam_status rename_part(const char *from, const char *to, const char *part)
{
    char from_part[WCI_PATH], to_part[WCI_PATH];
    wildcam_status status = wci_path(from_part, "%s%s", from, part);
    if (status == WILDCAM_OK)
        status = wci_path(to_part, "%s%s", to, part);
    return status == WILDCAM_OK ? wci_file_rename(from_part, to_part) : status;
}

wildcam_status wci_shards_rename(const struct wci_shard *shard, const char *to)
{
    for (int i = 0; i < PARTS; i++) {
        wildcam_status status = rename_part(shard->pool.path, to, parts[i]);
        if (status == WILDCAM_OK || (i > 0 && status == WILDCAM_ERR_NOTFOUND))
            continue;
        /* A log that stayed behind would be taken for that of the next file of the name. */
        struct wci_error error;
        wci_error_save(&error);
        while (i-- > 0)
            rename_part(to, shard->pool.path, parts[i]);
        return wci_error_restore(&error);
    }
    return WILDCAM_OK;
}
