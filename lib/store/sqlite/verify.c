/* Looking whether the databases are whole: SQLite's own check, the summaries against a recount, the
 * catalog against the shards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/check.h"
#include "store/sqlite/moved.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite.h"

/* SQLite tells of a page that it had no memory for among what is damaged. */
static bool lacked_memory(const char *text)
{
    static const char words[] = "error code=";
    const char *found = strstr(text, words);
    return found && strtol(found + strlen(words), NULL, 10) == SQLITE_NOMEM;
}

static wildcam_status check_integrity(struct wci_check *check, struct wci_database *reader,
                                      const char *where)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare_once(reader, "PRAGMA integrity_check(10)",
                                                      &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step;
    while ((step = wci_database_step(reader, statement)) == 1) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        if (text && lacked_memory(text)) {
            step = wci_fail_memory();
            break;
        }
        if (text && strcmp(text, "ok") != 0)
            wci_check_find(check, "database", where, "%s", text);
    }
    sqlite3_finalize(statement);
    return step;
}

static wildcam_status recount(struct wci_database *reader, struct wci_deltas *deltas)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare_once(
        reader,
        "SELECT camera_id, species_id, detection_timestamp, utc_offset, confidence"
        " FROM wildlife_detections LEFT JOIN reviews ON detection_id=id"
        " WHERE coalesce(is_false_positive, 0)=0",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = 0;
    while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1) {
        struct wci_tally tally = {
            .camera_id = sqlite3_column_int64(statement, 0),
            .species_id = sqlite3_column_int64(statement, 1),
            .time = sqlite3_column_int64(statement, 2),
            .offset = sqlite3_column_type(statement, 3) == SQLITE_NULL
                          ? WILDCAM_OFFSET_UNKNOWN
                          : sqlite3_column_int(statement, 3),
            .confidence = wci_column_real(statement, 4),
        };
        status = wci_deltas_add(deltas, &tally, 1);
    }
    sqlite3_finalize(statement);
    return status != WILDCAM_OK ? status : step;
}

/* Takes the table's rows off the recount: what is left is wrong. */
static wildcam_status subtract_summary(struct wci_database *reader, struct wci_deltas *deltas)
{
    sqlite3_stmt *statement;
    wildcam_status status =
        wci_database_prepare_once(reader, "SELECT * FROM daily_detection_summary", &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = 0;
    while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1) {
        struct wci_delta row;
        wci_delta_read(statement, &row);
        row.total = -row.total;
        row.scored = -row.scored;
        row.scored_sum = -row.scored_sum;
        row.sure = -row.sure;
        row.sure_sum = -row.sure_sum;
        for (int hour = 0; hour < 24; hour++)
            row.hours[hour] = -row.hours[hour];
        status = wci_deltas_merge(deltas, &row);
    }
    sqlite3_finalize(statement);
    return status != WILDCAM_OK ? status : step;
}

static bool is_zero(const struct wci_delta *delta)
{
    bool zero = !delta->total && !delta->scored && !delta->scored_sum && !delta->sure &&
                !delta->sure_sum;
    for (int hour = 0; hour < 24; hour++)
        zero = zero && !delta->hours[hour];
    return zero;
}

static wildcam_status check_summary(struct wci_check *check, struct wci_database *reader,
                                    const char *where)
{
    struct wci_deltas deltas = {0};
    wildcam_status status = recount(reader, &deltas);
    if (status == WILDCAM_OK)
        status = subtract_summary(reader, &deltas);
    for (size_t i = 0; status == WILDCAM_OK && i < deltas.count; i++) {
        const struct wci_delta *left = &deltas.entries[i];
        if (!is_zero(left))
            wci_check_find(check, "summary", where,
                           "camera %lld, day %lld, species %lld: %+lld of the rows are not counted",
                           (long long)left->camera_id, (long long)left->day,
                           (long long)left->species_id, (long long)left->total);
    }
    wci_deltas_free(&deltas);
    return status;
}

/* Rows that name what is not there. */
static wildcam_status check_references(struct wci_check *check, struct wci_database *reader,
                                       const char *where)
{
    static const struct {
        const char *sql, *text;
    } questions[] = {
        {"SELECT count(*) FROM images i WHERE NOT EXISTS(SELECT 1 FROM wildlife_detections d"
         " WHERE d.id>=(i.id>>21<<21) AND d.id<(i.id>>21<<21)+2097152 AND d.image_id=i.id)",
         "pictures without a detection"},
        {"SELECT count(*) FROM wildlife_detections d WHERE image_id IS NOT NULL AND NOT EXISTS("
         "SELECT 1 FROM images i WHERE i.id=d.image_id)",
         "detections of a picture that is not there"},
        {"SELECT count(*) FROM reviews r WHERE NOT EXISTS(SELECT 1 FROM wildlife_detections d"
         " WHERE d.id=r.detection_id)",
         "reviews of a detection that is not there"},
        {"SELECT count(*) FROM images i WHERE bytes>0 AND"
         " (SELECT count(*) FROM uploads u WHERE u.image_id=i.id)<>2",
         "pictures without a word on what is owed to S3 for them"},
        {"SELECT count(*) FROM uploads u WHERE NOT EXISTS(SELECT 1 FROM images i"
         " WHERE i.id=u.image_id)",
         "uploads of a picture that is not there"},
        {"SELECT count(*) FROM images i WHERE bytes>0 AND"
         " NOT EXISTS(SELECT 1 FROM processing p WHERE p.image_id=i.id)",
         "pictures without a word on whether they were processed"},
        {"SELECT count(*) FROM processing p WHERE NOT EXISTS(SELECT 1 FROM images i"
         " WHERE i.id=p.image_id)",
         "processing of a picture that is not there"},
        {"SELECT (SELECT count(*) FROM (" WCI_PICTURE_SUMS
         " EXCEPT SELECT * FROM daily_picture_summary))"
         "+(SELECT count(*) FROM (SELECT * FROM daily_picture_summary WHERE pictures<>0 OR "
         "unsure<>0"
         " EXCEPT " WCI_PICTURE_SUMS "))",
         "cameras' days whose pictures are not counted as they are"},
    };
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        int64_t count;
        wildcam_status status = wci_database_ask(reader, questions[i].sql, &count);
        if (status != WILDCAM_OK)
            return status;
        if (count)
            wci_check_find(check, "database", where, "%s: %lld", questions[i].text,
                           (long long)count);
    }
    return WILDCAM_OK;
}

/* Rows whose times were corrected since they got their ids are found by what the catalog knows. */
static wildcam_status check_moved(struct wci_check *check, wci_backend *self,
                                  const struct wci_shard *shard, struct wci_database *reader,
                                  const char *where)
{
    static const char *const tables[][3] = {
        {"wildlife_detections", "detection_timestamp", "detections"},
        {"images", "captured_at", "pictures"}};
    struct wci_moved moved;
    wildcam_status status = wci_moved_read(&self->catalog, &moved);
    if (status != WILDCAM_OK)
        return status;
    const struct wci_moved_shard *known = wci_moved_find(&moved, shard->name);
    for (int i = 0; i < 2 && status == WILDCAM_OK; i++) {
        char sql[300];
        int64_t count = 0;
        snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM %s WHERE id>>21<>%s/1000000"
                 " AND NOT %s BETWEEN %lld AND %lld",
                 tables[i][0], tables[i][1], tables[i][1], (long long)(known ? known->first : 0),
                 (long long)(known ? known->last : -1));
        status = wci_database_ask(reader, sql, &count);
        if (count)
            wci_check_find(check, "database", where,
                           "%s with an id of another second than theirs: %lld", tables[i][2],
                           (long long)count);
    }
    wci_moved_free(&moved);
    return status;
}

/* Whoever is making it may not have committed its row in the catalog yet. What came to nothing
 * right after a shard was made leaves one without a row: that lacks nothing, as long as none of its
 * rows is moved. */
static wildcam_status check_entered(struct wci_check *check, wci_backend *self,
                                    struct wci_shard *shard)
{
    bool is_entered = true, has_moved = false;
    wildcam_status status = wci_sqlite_is_entered(self, shard, &is_entered);
    if (status == WILDCAM_OK && !is_entered) {
        status = wci_barrier_pass(&self->barrier);
        if (status == WILDCAM_OK)
            status = wci_sqlite_is_entered(self, shard, &is_entered);
    }
    if (status == WILDCAM_OK && !is_entered)
        status = wci_sqlite_has_moved(shard, &has_moved);
    if (status == WILDCAM_OK && has_moved)
        wci_check_find(check, "database", shard->name,
                       "the catalog does not know the shard, and queries miss rows of it whose "
                       "times were corrected; the next opening enters it");
    return status;
}

static wildcam_status check_shard(struct wci_check *check, wci_backend *self,
                                  struct wci_shard *shard)
{
    char where[64];
    struct wci_database *reader;
    snprintf(where, sizeof where, "detections/%s.db", shard->name);
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status == WILDCAM_OK) {
        status = check_integrity(check, reader, where);
        if (status == WILDCAM_OK)
            status = wci_database_run(reader, "BEGIN"); /* rows and summary of one moment */
        if (status == WILDCAM_OK)
            status = check_summary(check, reader, where);
        if (status == WILDCAM_OK)
            status = check_references(check, reader, where);
        if (status == WILDCAM_OK)
            status = check_moved(check, self, shard, reader, where);
        wci_database_rollback(reader);
        wci_pool_give_reader(&shard->pool, reader);
    }
    if (status == WILDCAM_OK)
        status = check_entered(check, self, shard);
    if (wci_shards_is_gone(shard, status))
        return WILDCAM_OK;
    if (status == WILDCAM_ERR_CORRUPT || status == WILDCAM_ERR_INTERNAL) {
        wci_check_find(check, "database", where, "%s", wildcam_error_message());
        status = WILDCAM_OK;
    }
    return status;
}

/* A picture without its key may be taken in a second time. */
struct keys_check {
    struct wci_check *check;
    wci_backend *self;
    struct wci_database *catalog;
    int64_t missing;
};

static wildcam_status check_key(void *user, const wildcam_image *image)
{
    struct keys_check *keys = user;
    int64_t id = 0;
    wildcam_status status = wci_catalog_find_picture(keys->catalog, image->camera_id, image->sha256,
                                                     &id);
    keys->missing += status == WILDCAM_OK && id == 0;
    return status;
}

static wildcam_status check_keys(struct wci_check *check, wci_backend *self,
                                 const struct wci_shard *shard, bool is_whole)
{
    char where[64];
    struct keys_check keys = {.check = check, .self = self};
    snprintf(where, sizeof where, "detections/%s.db", shard->name);
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &keys.catalog);
    if (status != WILDCAM_OK)
        return status;
    status = wci_sqlite_walk_images(self, shard->from, shard->to, check_key, &keys);
    wci_pool_give_reader(&self->catalog.pool, keys.catalog);
    if (keys.missing)
        wci_check_find(check, "database", where,
                       "pictures without a key in the catalog, which may be taken in twice: %lld",
                       (long long)keys.missing);
    if (status != WILDCAM_ERR_CORRUPT)
        return status;
    if (is_whole) /* else it is found already */
        wci_check_find(check, "database", where, "%s", wildcam_error_message());
    return WILDCAM_OK;
}

/* A shard that the catalog names has a file, or was set aside, or is being purged. */
static wildcam_status check_listed(struct wci_check *check, wci_backend *self, const char *name)
{
    char purging[WCI_PATH];
    struct wci_text damaged = {0};
    struct wci_shard *shard;
    int64_t from, to;
    if (!wci_shard_span(name, &from, &to))
        return WILDCAM_OK;
    wildcam_status status = wci_shards_take(&self->shards, from, &shard);
    wci_shards_give(&self->shards, shard);
    if (status != WILDCAM_ERR_NOTFOUND)
        return status;
    status = wci_path(purging, "%s/%s.purging", self->shards.directory, name);
    wci_shards_damaged(&self->shards, from, to, &damaged);
    if (damaged.failed)
        status = wci_fail_memory();
    if (status == WILDCAM_OK && !damaged.length && !wci_file_exists(purging))
        wci_check_find(check, "database", name, "the shard's file is gone");
    wci_text_free(&damaged);
    return status;
}

static wildcam_status check_catalog(struct wci_check *check, wci_backend *self)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = check_integrity(check, reader, "station.db");
    if (status == WILDCAM_OK)
        status = wci_database_prepare_once(reader, "SELECT name FROM shards", &statement);
    if (status == WILDCAM_OK) {
        wildcam_step step = 0;
        while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1) {
            const char *name = (const char *)sqlite3_column_text(statement, 0);
            status = name ? check_listed(check, self, name) : wci_fail_memory();
        }
        if (status == WILDCAM_OK)
            status = step;
        sqlite3_finalize(statement);
    }
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}

/* The note that was left beside it, if there is one. */
static void read_reason(const char *path, char *reason, size_t size)
{
    char note[WCI_PATH], *text = NULL;
    size_t length;
    *reason = '\0';
    if (wci_path(note, "%s.txt", path) == WILDCAM_OK &&
        wci_file_load(note, WCI_ERROR_TEXT, &text, &length) == WILDCAM_OK)
        snprintf(reason, size, " (%s)", text);
    free(text);
}

static wildcam_status report_damaged(void *user, const char *path, const char *file,
                                     bool is_directory)
{
    char whole[WCI_PATH], where[300], reason[200];
    size_t length = strlen(file), name = strcspn(file, ".");
    if (is_directory || length < 3 || strcmp(file + length - 3, ".db") != 0)
        return WILDCAM_OK;
    wildcam_status status = wci_path(whole, "%s/%s", path, file);
    if (status != WILDCAM_OK)
        return status;
    read_reason(whole, reason, sizeof reason);
    snprintf(where, sizeof where, "damaged/%.255s", file);
    wci_check_find(user, "set aside", where,
                   "%.*s was set aside because it is damaged%s: copy database/detections/%.*s.db "
                   "of a backup into detections/ and remove this file, unless a new one has begun "
                   "there; later backups carry theirs over until one has",
                   (int)name, file, reason, (int)name, file);
    return WILDCAM_OK;
}

wildcam_status wci_sqlite_check(wci_backend *self, struct wci_check *check)
{
    int64_t at = INT64_MIN;
    wildcam_status status = check_catalog(check, self);
    while (status == WILDCAM_OK) {
        struct wci_shard *shard;
        status = wci_shards_step(&self->shards, true, at, INT64_MAX, &shard);
        if (status != WILDCAM_OK || !shard)
            break;
        int64_t before = check->findings;
        at = shard->to;
        status = check_shard(check, self, shard);
        if (status == WILDCAM_OK)
            status = check_keys(check, self, shard, check->findings == before);
        wci_shards_give(&self->shards, shard);
        if (status == WILDCAM_OK)
            status = wci_check_step(check, "databases");
    }
    return status == WILDCAM_OK
               ? wci_directory_walk(self->shards.damaged_directory, report_damaged, check)
               : status;
}
