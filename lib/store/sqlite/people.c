/* Who is on a picture, and whether anybody has looked. */
#include "model/detection.h"
#include "model/id.h"
#include "store/sqlite/sqlite.h"

static wildcam_status look_at_picture(struct wci_database *reader, int64_t image_id,
                                      struct wci_people *out)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        reader, 0,
        "SELECT coalesce((SELECT state FROM processing WHERE image_id=images.id), 1)=1, camera_id"
        " FROM images WHERE id=?",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, image_id);
    wildcam_step step = wci_database_step(reader, statement);
    if (step == 1) {
        out->is_processed = sqlite3_column_int(statement, 0) != 0;
        out->camera_id = sqlite3_column_int64(statement, 1);
    }
    sqlite3_reset(statement);
    return step == 1 ? WILDCAM_OK : step == 0 ? WILDCAM_ERR_NOTFOUND : step;
}

static const wildcam_box everywhere = {0, 0, 1, 1};

/* Where he is; everywhere, when nobody knows, or what was kept is no place on the picture. */
static wildcam_box box_of(sqlite3_stmt *row)
{
    wildcam_box box = {sqlite3_column_double(row, 2), sqlite3_column_double(row, 3),
                       sqlite3_column_double(row, 4), sqlite3_column_double(row, 5)};
    bool is_on_it = box.width > 0 && box.height > 0 && box.x < 1 && box.y < 1 &&
                    box.x + box.width > 0 && box.y + box.height > 0;
    return is_on_it ? box : everywhere; /* what is missing reads as 0 */
}

/* Whether the row is the word of somebody who tells people from what else moves: whoever has sent
 * it, a detector that can, or the person who has judged it since. */
static wildcam_status ask_who(wci_backend *self, sqlite3_stmt *row, bool is_judged, bool *knows)
{
    int64_t detector = sqlite3_column_int64(row, 6);
    struct wci_text name = {0}, version = {0};
    *knows = true;
    if (is_judged || !detector)
        return WILDCAM_OK;
    wildcam_status status = wci_catalog_detector_at(&self->catalog, detector, &name, &version);
    if (status == WILDCAM_OK)
        *knows = wci_detector_knows_people(wci_text_get(&name));
    wci_text_free(&name);
    wci_text_free(&version);
    return status;
}

/* What nobody can name may be somebody. */
static bool may_be_human(const struct wci_name *name)
{
    return name->category == WILDCAM_CATEGORY_HUMAN || name->category == WILDCAM_CATEGORY_UNKNOWN ||
           wci_category_find(name->text) == WILDCAM_CATEGORY_HUMAN;
}

static void add(struct wci_people *out, wildcam_box box)
{
    if (out->count == WCI_PEOPLE_MAX) /* so many that all of it is */
        out->boxes[0] = everywhere;
    else
        out->boxes[out->count++] = box;
}

static wildcam_status take(wci_backend *self, sqlite3_stmt *row, double min_confidence,
                           struct wci_people *out)
{
    const struct wci_name *name;
    bool is_false = sqlite3_column_int(row, 8), knows;
    bool is_judged = is_false || sqlite3_column_int(row, 7);
    wildcam_status status = wci_catalog_species_at(&self->catalog, sqlite3_column_int64(row, 0),
                                                   &name);
    if (status == WILDCAM_OK)
        status = ask_who(self, row, is_judged, &knows);
    if (status != WILDCAM_OK || !knows)
        return status;
    out->is_seen = out->is_seen || is_judged || name->category != WILDCAM_CATEGORY_UNCLASSIFIED;
    if (!is_false && may_be_human(name) &&
        (sqlite3_column_type(row, 1) == SQLITE_NULL ||
         sqlite3_column_double(row, 1) >= min_confidence))
        add(out, box_of(row));
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
        "SELECT species_id, confidence, bbox_x, bbox_y, bbox_width, bbox_height, detector_id,"
        " verified, is_false_positive FROM wildlife_detections LEFT JOIN reviews ON detection_id=id"
        " WHERE id>=?1 AND id<?2 AND image_id=?3 ORDER BY id",
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
