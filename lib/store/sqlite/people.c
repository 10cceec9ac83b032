/* Who is on a picture, and whether anybody has looked. */
#include "model/id.h"
#include "store/sqlite/sqlite.h"

static wildcam_status look_at_picture(struct wci_database *reader, int64_t image_id,
                                      struct wci_people *out)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        reader, 0,
        "SELECT coalesce((SELECT state FROM processing WHERE image_id=images.id), 1)=1"
        " FROM images WHERE id=?",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, image_id);
    wildcam_step step = wci_database_step(reader, statement);
    if (step == 1)
        out->is_processed = sqlite3_column_int(statement, 0) != 0;
    sqlite3_reset(statement);
    return step == 1 ? WILDCAM_OK : step == 0 ? WILDCAM_ERR_NOTFOUND : step;
}

static wildcam_status take(wci_backend *self, sqlite3_stmt *row, double min_confidence,
                           struct wci_people *out)
{
    const struct wci_name *name;
    wildcam_status status = wci_catalog_species_at(&self->catalog, sqlite3_column_int64(row, 0),
                                                   &name);
    if (status != WILDCAM_OK)
        return status;
    out->is_seen = out->is_seen || name->category != WILDCAM_CATEGORY_UNCLASSIFIED;
    if (name->category != WILDCAM_CATEGORY_HUMAN ||
        (sqlite3_column_type(row, 1) != SQLITE_NULL &&
         sqlite3_column_double(row, 1) < min_confidence))
        return WILDCAM_OK;
    wildcam_box box = {0, 0, 1, 1}; /* where he is nobody knows */
    if (sqlite3_column_type(row, 2) != SQLITE_NULL)
        box = (wildcam_box){sqlite3_column_double(row, 2), sqlite3_column_double(row, 3),
                            sqlite3_column_double(row, 4), sqlite3_column_double(row, 5)};
    if (out->count == WCI_PEOPLE_MAX) /* so many that all of it is */
        out->boxes[0] = (wildcam_box){0, 0, 1, 1};
    else
        out->boxes[out->count++] = box;
    return WILDCAM_OK;
}

static wildcam_status look_at_detections(wci_backend *self, struct wci_database *reader,
                                         int64_t image_id, double min_confidence,
                                         struct wci_people *out)
{
    sqlite3_stmt *statement;
    wildcam_step step = 0;
    wildcam_status status = wci_database_prepare(
        reader, 0,
        "SELECT species_id, confidence, bbox_x, bbox_y, bbox_width, bbox_height"
        " FROM wildlife_detections LEFT JOIN reviews ON detection_id=id"
        " WHERE id>=?1 AND id<?2 AND image_id=?3 AND coalesce(is_false_positive, 0)=0 ORDER BY id",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, wci_id_second(image_id));
    sqlite3_bind_int64(statement, 2, wci_id_second(image_id) + WCI_IDS_PER_SECOND);
    sqlite3_bind_int64(statement, 3, image_id);
    while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1)
        status = take(self, statement, min_confidence, out);
    sqlite3_reset(statement);
    return status == WILDCAM_OK && step < 0 ? step : status;
}

static wildcam_status find(wci_backend *self, struct wci_shard *shard, int64_t image_id,
                           double min_confidence, struct wci_people *out)
{
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = look_at_picture(reader, image_id, out);
    if (status == WILDCAM_OK)
        status = look_at_detections(self, reader, image_id, min_confidence, out);
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

wildcam_status wci_sqlite_find_people(wci_backend *self, int64_t image_id, double min_confidence,
                                      struct wci_people *out)
{
    struct wci_shard *shard;
    out->count = 0;
    out->is_processed = out->is_seen = false;
    wildcam_status status = wci_shards_take(&self->shards, wci_id_time(image_id), &shard);
    if (status == WILDCAM_OK)
        status = wci_shards_give_after(&self->shards, shard,
                                       find(self, shard, image_id, min_confidence, out));
    return status == WILDCAM_ERR_NOTFOUND ? wci_shards_lack(&self->shards, "picture", image_id)
                                          : status;
}
