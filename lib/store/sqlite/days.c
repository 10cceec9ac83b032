/* Days: what there is of them, told row by row, and whether it has changed. */
#include <string.h>

#include "base/calendar.h"
#include "store/sqlite/moved.h"
#include "store/sqlite/sqlite.h"

static int64_t day_of(int64_t time)
{
    return time >= 0 ? time / WCI_DAY : (time - WCI_DAY + 1) / WCI_DAY;
}

wildcam_status wci_sqlite_count_changes(wci_backend *self, const struct wci_name *camera,
                                        int64_t from, int64_t to, struct wci_change_count *out)
{
    int64_t others = 0;
    struct wci_moved moved;
    wildcam_status status = wci_moved_read(&self->catalog, &moved);
    if (status != WILDCAM_OK)
        return status;
    /* Days may lie in any shard where rows were moved to them. */
    bool any = wci_moved_any(&moved, from, to);
    status = wci_shards_count_others(&self->shards, any ? INT64_MIN : from, any ? INT64_MAX : to,
                                     &others, &out->is_sure);
    wci_moved_free(&moved);
    out->count = others + moved.version +
                 wci_changes_count(&self->changes, camera ? camera->id : WCI_ALL_CAMERAS,
                                   day_of(from), day_of(to - 1) + 1);
    return status;
}

static wildcam_status tell_row(wci_backend *self, const struct wci_day_walk *walk,
                               sqlite3_stmt *statement)
{
    struct wci_delta delta = {0};
    struct wci_summary_row row = {0};
    wildcam_status status = WILDCAM_OK;
    wci_delta_read(statement, &delta);
    if (delta.total == 0)
        return WILDCAM_OK;
    if (delta.camera_id != WCI_ALL_CAMERAS)
        status = wci_catalog_camera_at(&self->catalog, delta.camera_id, &row.camera);
    if (status == WILDCAM_OK)
        status = wci_catalog_species_at(&self->catalog, delta.species_id, &row.species);
    if (status != WILDCAM_OK)
        return status;
    row.day = delta.day;
    row.count = delta.total;
    row.scored_count = delta.scored;
    row.scored_sum = delta.scored_sum;
    row.sure_count = delta.sure;
    row.sure_sum = delta.sure_sum;
    memcpy(row.hours, delta.hours, sizeof row.hours);
    return walk->sum(walk->user, &row);
}

static wildcam_status tell_sums(wci_backend *self, const struct wci_day_walk *walk,
                                struct wci_database *reader)
{
    sqlite3_stmt *statement;
    wildcam_step step;
    wildcam_status status = wci_database_prepare(
        reader, 0,
        walk->each_camera ? "SELECT * FROM daily_detection_summary"
                            " WHERE camera_id>?1 AND detection_date>=?2 AND detection_date<?3"
                          : "SELECT * FROM daily_detection_summary"
                            " WHERE camera_id=?1 AND detection_date>=?2 AND detection_date<?3",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, walk->camera ? walk->camera->id : WCI_ALL_CAMERAS);
    sqlite3_bind_int64(statement, 2, walk->first_day);
    sqlite3_bind_int64(statement, 3, walk->end_day);
    while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) != 0)
        status = step < 0 ? step : tell_row(self, walk, statement);
    sqlite3_reset(statement);
    return status;
}

/* The columns of both: camera, day, and what is told of them. */
typedef wildcam_status tell_fn(wci_backend *self, const struct wci_day_walk *walk,
                               const struct wci_name *camera, sqlite3_stmt *row);

static wildcam_status tell_pictures(wci_backend *self, const struct wci_day_walk *walk,
                                    const struct wci_name *camera, sqlite3_stmt *row)
{
    (void)self;
    return walk->pictures(walk->user, camera, sqlite3_column_int64(row, 1),
                          sqlite3_column_int64(row, 2), sqlite3_column_int64(row, 3));
}

static wildcam_status tell_false(wci_backend *self, const struct wci_day_walk *walk,
                                 const struct wci_name *camera, sqlite3_stmt *row)
{
    const struct wci_name *species;
    wildcam_status status = wci_catalog_species_at(&self->catalog, sqlite3_column_int64(row, 3),
                                                   &species);
    return status == WILDCAM_OK
               ? walk->falsely(walk->user, camera, species, sqlite3_column_int64(row, 1),
                               sqlite3_column_int64(row, 2))
               : status;
}

static wildcam_status tell_each(wci_backend *self, const struct wci_day_walk *walk,
                                struct wci_database *reader, const char *sql, tell_fn *tell)
{
    sqlite3_stmt *statement;
    wildcam_step step;
    wildcam_status status = wci_database_prepare(reader, (uintptr_t)sql, sql, &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, walk->camera ? walk->camera->id : WCI_ALL_CAMERAS);
    sqlite3_bind_int64(statement, 2, walk->first_day);
    sqlite3_bind_int64(statement, 3, walk->end_day);
    while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) != 0) {
        const struct wci_name *camera;
        status = step < 0 ? step
                          : wci_catalog_camera_at(&self->catalog,
                                                  sqlite3_column_int64(statement, 0), &camera);
        if (status == WILDCAM_OK)
            status = tell(self, walk, camera, statement);
    }
    sqlite3_reset(statement);
    return status;
}

static const char picture_days[] =
    "SELECT camera_id, picture_date, pictures, unsure FROM daily_picture_summary"
    " WHERE picture_date>=?2 AND picture_date<?3 AND (?1=0 OR camera_id=?1) AND pictures>0";

/* Reviews are few against detections. */
static const char false_days[] =
    "SELECT d.camera_id, d.detection_timestamp/86400000000, count(*), d.species_id"
    " FROM reviews r CROSS JOIN wildlife_detections d ON d.id=r.detection_id"
    " WHERE r.is_false_positive=1 AND d.detection_timestamp/86400000000>=?2"
    " AND d.detection_timestamp/86400000000<?3 AND (?1=0 OR d.camera_id=?1) GROUP BY 1, 2, 4";

/* All of a shard is of one moment. */
static wildcam_status tell_shard(wci_backend *self, const struct wci_day_walk *walk,
                                 struct wci_shard *shard)
{
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_run(reader, "BEGIN");
    if (status == WILDCAM_OK && walk->sum)
        status = tell_sums(self, walk, reader);
    if (status == WILDCAM_OK && walk->pictures)
        status = tell_each(self, walk, reader, picture_days, tell_pictures);
    if (status == WILDCAM_OK && walk->falsely)
        status = tell_each(self, walk, reader, false_days, tell_false);
    wci_database_rollback(reader);
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

struct count {
    int64_t from, to, shards;
    const struct wci_moved *moved;
};

/* Whether a shard may have something of the days: those of its span, or rows moved to them. */
static bool has_days(const struct count *count, const char *name, int64_t from, int64_t to)
{
    return (from < count->to && to > count->from) ||
           wci_moved_overlaps(wci_moved_find(count->moved, name), count->from, count->to);
}

static wildcam_status count_span(void *user, const char *name, int64_t from, int64_t to)
{
    struct count *count = user;
    count->shards += has_days(count, name, from, to);
    return WILDCAM_OK;
}

wildcam_status wci_sqlite_walk_days(wci_backend *self, const struct wci_day_walk *walk,
                                    struct wci_text *damaged)
{
    struct wci_moved moved;
    struct count count = {walk->first_day * WCI_DAY, walk->end_day * WCI_DAY, 0, &moved};
    wildcam_status status = wci_moved_read(&self->catalog, &moved);
    bool any = wci_moved_any(&moved, count.from, count.to);
    int64_t at = any ? INT64_MIN : count.from, done = 0;
    if (status == WILDCAM_OK)
        status = wci_sqlite_backend.each_span(self, count_span, &count);
    while (status == WILDCAM_OK) {
        struct wci_shard *shard;
        status = wci_shards_step(&self->shards, true, at, any ? INT64_MAX : count.to, &shard);
        if (status != WILDCAM_OK || !shard)
            break;
        at = shard->to;
        if (!has_days(&count, shard->name, shard->from, shard->to)) {
            wci_shards_give(&self->shards, shard);
            continue;
        }
        if (walk->shard)
            status = walk->shard(walk->user, shard->name, done++, count.shards);
        if (status == WILDCAM_OK)
            status = tell_shard(self, walk, shard);
        if (wci_shards_set_aside(&self->shards, shard, status))
            status = WILDCAM_OK;
        wci_shards_give(&self->shards, shard);
    }
    wci_moved_free(&moved);
    wci_shards_damaged(&self->shards, count.from, count.to, damaged);
    return status;
}
