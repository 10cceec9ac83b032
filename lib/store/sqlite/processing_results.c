/*
 * What detectors found takes its place among a picture's detections, inside the transaction that
 * settles the picture's row.
 *
 * Rows that may be replaced keep their ids as far as there is something to put into them: the first
 * of them is the one whose id the camera was answered with.
 */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "model/id.h"
#include "store/sqlite/new_ids.h"
#include "store/sqlite/queue.h"
#include "store/sqlite/tallies.h"

/* The numbers of the first species are fixed (schema.h). */
enum { UNCLASSIFIED_SPECIES = 1 };
/* Two boxes that share so much of what they cover together are of the same animal. */
#define SAME_BOX 0.5

/* A detection that the picture has. */
struct old {
    int64_t id;
    struct wci_tally tally;
    wildcam_box box;
    bool has_box, has_metadata, has_detector;
    bool has_review, is_false_positive;
};

struct replacement {
    const struct wci_processing_place *place;
    struct wci_tallies *tallies;
    int64_t image_id;
    const struct wci_found *found;
    /* Of the picture. */
    int64_t camera_id, time, clock_time;
    int32_t offset, clock_offset;
    int time_source;
    struct old *olds; /* in the order of ids */
    size_t old_count, old_capacity;
};

/* ---- reading what there is ---- */

static bool is_null(sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL;
}

/* NOTFOUND when the picture is gone. Its times may have been put right since it was kept. */
static wildcam_status load_picture(struct replacement *work)
{
    sqlite3_stmt *statement;
    struct wci_database *database = work->place->database;
    wildcam_status status = wci_database_prepare(
        database, 0,
        "SELECT camera_id, captured_at, utc_offset, time_source, clock_time, clock_offset"
        " FROM images WHERE id=?",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, work->image_id);
    wildcam_step step = wci_database_step(database, statement);
    if (step == 1) {
        work->camera_id = sqlite3_column_int64(statement, 0);
        work->time = sqlite3_column_int64(statement, 1);
        work->offset = wci_column_offset(statement, 2);
        work->time_source = sqlite3_column_int(statement, 3);
        work->clock_time = wci_column_time(statement, 4);
        work->clock_offset = wci_column_offset(statement, 5);
    }
    sqlite3_reset(statement);
    if (step == 0)
        return wci_fail(WILDCAM_ERR_NOTFOUND, "there is no picture %lld",
                        (long long)work->image_id);
    return step < 0 ? step : WILDCAM_OK;
}

static void read_old(sqlite3_stmt *row, struct old *old)
{
    *old = (struct old){.id = sqlite3_column_int64(row, 0)};
    old->tally = (struct wci_tally){.camera_id = sqlite3_column_int64(row, 1),
                                    .species_id = sqlite3_column_int64(row, 2),
                                    .time = sqlite3_column_int64(row, 3),
                                    .offset = wci_column_offset(row, 4),
                                    .confidence = wci_column_real(row, 5)};
    old->has_box = !is_null(row, 6);
    old->box = (wildcam_box){sqlite3_column_double(row, 6), sqlite3_column_double(row, 7),
                             sqlite3_column_double(row, 8), sqlite3_column_double(row, 9)};
    old->has_metadata = !is_null(row, 10);
    old->has_detector = !is_null(row, 11);
    old->has_review = !is_null(row, 12);
    old->is_false_positive = sqlite3_column_int(row, 13);
}

/* All detections of a picture have ids of its second. */
static wildcam_status load_olds(struct replacement *work)
{
    sqlite3_stmt *statement;
    struct wci_database *database = work->place->database;
    wildcam_status status = wci_database_prepare(
        database, 0,
        "SELECT id, camera_id, species_id, detection_timestamp, utc_offset, confidence, bbox_x,"
        " bbox_y, bbox_width, bbox_height, metadata, detector_id, detection_id, is_false_positive"
        " FROM wildlife_detections LEFT JOIN reviews ON detection_id=id"
        " WHERE id>=?2 AND id<?3 AND image_id=?1 ORDER BY id",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = 0;
    int64_t second = wci_id_second(work->image_id);
    sqlite3_bind_int64(statement, 1, work->image_id);
    sqlite3_bind_int64(statement, 2, second);
    sqlite3_bind_int64(statement, 3, second + WCI_IDS_PER_SECOND);
    while (status == WILDCAM_OK && (step = wci_database_step(database, statement)) == 1) {
        void *olds = work->olds;
        if (wci_reserve(&olds, &work->old_capacity, work->old_count + 1, sizeof *work->olds) !=
            WILDCAM_OK) {
            status = WILDCAM_ERR_NOMEM;
            break;
        }
        work->olds = olds;
        read_old(statement, &work->olds[work->old_count++]);
    }
    sqlite3_reset(statement);
    return status != WILDCAM_OK ? status : step;
}

/* ---- what stays, and what is written ---- */

/* The row that a picture is kept with while nobody knows what is on it. */
static bool is_placeholder(const struct old *old)
{
    return old->tally.species_id == UNCLASSIFIED_SPECIES && isnan(old->tally.confidence) &&
           !old->has_box && !old->has_metadata && !old->has_detector;
}

static bool may_be_replaced(const struct old *old)
{
    return !old->has_review && (old->has_detector || is_placeholder(old));
}

static double overlap(double from, double length, double other_from, double other_length)
{
    double begin = from > other_from ? from : other_from;
    double end = from + length < other_from + other_length ? from + length
                                                           : other_from + other_length;
    return end > begin ? end - begin : 0;
}

static bool is_same_box(const wildcam_box *left, const wildcam_box *right)
{
    double both = overlap(left->x, left->width, right->x, right->width) *
                  overlap(left->y, left->height, right->y, right->height);
    double all = left->width * left->height + right->width * right->height - both;
    return all > 0 && both / all >= SAME_BOX;
}

/* Whether a person has judged just this before. */
static bool is_of(const struct wci_row *row, const struct old *old)
{
    if (row->has_box != old->has_box)
        return false;
    return !row->has_box || is_same_box(&row->box, &old->box);
}

/* Takes the first that is what the reviewed row says, out of those that are still to be written. */
static void absorb(struct wci_row **rows, size_t *count, const struct old *old)
{
    for (size_t i = 0; i < *count; i++) {
        if (!is_of(rows[i], old))
            continue;
        for (--*count; i < *count; i++)
            rows[i] = rows[i + 1];
        return;
    }
}

static void drop_blanks(struct wci_row **rows, size_t *count)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if (rows[i]->species->category != WILDCAM_CATEGORY_BLANK)
            rows[kept++] = rows[i];
    *count = kept;
}

static wildcam_status is_something(struct replacement *work, const struct old *old, bool *something)
{
    const struct wci_name *species;
    wildcam_status status = wci_catalog_species_at(&work->place->self->catalog,
                                                   old->tally.species_id, &species);
    if (status == WILDCAM_OK && !old->is_false_positive &&
        species->category != WILDCAM_CATEGORY_BLANK &&
        species->category != WILDCAM_CATEGORY_UNCLASSIFIED)
        *something = true;
    return status;
}

/* Which of the rows are to be written, into `rows`, beside those of the picture that stay. */
static wildcam_status choose(struct replacement *work, struct wci_row **rows, size_t *count)
{
    bool something = false;
    wildcam_status status = WILDCAM_OK;
    *count = work->found->count;
    for (size_t i = 0; i < *count; i++) {
        rows[i] = &work->found->rows[i];
        rows[i]->id = 0;
    }
    for (size_t i = 0; status == WILDCAM_OK && i < work->old_count; i++) {
        const struct old *old = &work->olds[i];
        if (may_be_replaced(old))
            continue;
        if (old->has_review && old->has_detector)
            absorb(rows, count, old);
        status = is_something(work, old, &something);
    }
    if (something)
        drop_blanks(rows, count);
    return status;
}

/* ---- writing ---- */

static wildcam_status run(struct replacement *work, sqlite3_stmt *statement)
{
    wildcam_step step = wci_database_step(work->place->database, statement);
    sqlite3_reset(statement);
    return step;
}

static wildcam_status tally(struct replacement *work, const struct wci_tally *tally, int sign)
{
    return wci_tallies_add(work->tallies, tally, sign);
}

static wildcam_status update(struct replacement *work, const struct old *old, struct wci_row *row)
{
    sqlite3_stmt *statement;
    struct wci_tally after = old->tally;
    wildcam_status status = wci_database_prepare(
        work->place->database, 0,
        "UPDATE wildlife_detections SET species_id=?2, confidence=?3, bbox_x=?4, bbox_y=?5,"
        " bbox_width=?6, bbox_height=?7, metadata=?8, detector_id=?9 WHERE id=?1",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, old->id);
    sqlite3_bind_int64(statement, 2, row->species->id);
    wci_bind_real(statement, 3, row->confidence);
    wci_bind_real(statement, 4, row->has_box ? row->box.x : NAN);
    wci_bind_real(statement, 5, row->has_box ? row->box.y : NAN);
    wci_bind_real(statement, 6, row->has_box ? row->box.width : NAN);
    wci_bind_real(statement, 7, row->has_box ? row->box.height : NAN);
    wci_bind_text(statement, 8, row->metadata);
    wci_bind_count(statement, 9, row->detector_id ? row->detector_id : -1);
    status = run(work, statement);
    after.species_id = row->species->id;
    after.confidence = row->confidence;
    row->id = old->id;
    if (status == WILDCAM_OK)
        status = tally(work, &old->tally, -1);
    return status == WILDCAM_OK ? tally(work, &after, 1) : status;
}

static wildcam_status insert(struct replacement *work, struct wci_row *row)
{
    int64_t millisecond = work->image_id >> 11 & 1023; /* above 999 in a crowded second */
    int64_t id_time = wci_id_time(work->image_id) + (millisecond < 999 ? millisecond : 999) * 1000;
    row->time = work->time;
    row->offset = work->offset;
    row->time_source = (uint8_t)work->time_source;
    row->has_clock_time = work->clock_time != WILDCAM_TIME_NONE;
    row->clock_time = work->clock_time;
    row->clock_offset = work->clock_offset;
    wildcam_status status = wci_sqlite_insert_row(work->place->database, work->place->ids, row,
                                                  work->image_id, id_time);
    struct wci_tally after = {work->camera_id, row->species->id, row->time, row->offset,
                              row->confidence};
    return status == WILDCAM_OK ? tally(work, &after, 1) : status;
}

static wildcam_status remove_row(struct replacement *work, const struct old *old)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        work->place->database, 0, "DELETE FROM wildlife_detections WHERE id=?", &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, old->id);
    status = run(work, statement);
    return status == WILDCAM_OK ? tally(work, &old->tally, -1) : status;
}

/* Nobody says anything of the picture any more. */
static wildcam_status make_placeholder(struct replacement *work, const struct old *old)
{
    sqlite3_stmt *statement;
    struct wci_tally after = old->tally;
    if (is_placeholder(old))
        return WILDCAM_OK;
    wildcam_status status = wci_database_prepare(
        work->place->database, 0,
        "UPDATE wildlife_detections SET species_id=?2, confidence=NULL, bbox_x=NULL, bbox_y=NULL,"
        " bbox_width=NULL, bbox_height=NULL, metadata=NULL, detector_id=NULL WHERE id=?1",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, old->id);
    sqlite3_bind_int64(statement, 2, UNCLASSIFIED_SPECIES);
    status = run(work, statement);
    after.species_id = UNCLASSIFIED_SPECIES;
    after.confidence = NAN;
    if (status == WILDCAM_OK)
        status = tally(work, &old->tally, -1);
    return status == WILDCAM_OK ? tally(work, &after, 1) : status;
}

/* An old row that nothing new goes into. */
static wildcam_status leave(struct replacement *work, const struct old *old, bool is_only)
{
    if (is_only)
        return make_placeholder(work, old);
    return is_placeholder(old) ? WILDCAM_OK : remove_row(work, old);
}

static wildcam_status write(struct replacement *work, struct wci_row **rows, size_t count)
{
    size_t written = 0, kept = 0;
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; i < work->old_count; i++)
        kept += !may_be_replaced(&work->olds[i]);
    for (size_t i = 0; status == WILDCAM_OK && i < work->old_count; i++) {
        const struct old *old = &work->olds[i];
        if (!may_be_replaced(old))
            continue;
        if (written < count)
            status = update(work, old, rows[written++]);
        else
            status = leave(work, old, kept + written == 0);
        kept += status == WILDCAM_OK && written == 0; /* it is a placeholder now */
    }
    while (status == WILDCAM_OK && written < count)
        status = insert(work, rows[written++]);
    return status;
}

wildcam_status wci_sqlite_replace_detections(const struct wci_processing_place *place,
                                             int64_t image_id, const struct wci_found *found,
                                             struct wci_tallies *tallies)
{
    struct replacement work = {
        .place = place, .tallies = tallies, .image_id = image_id, .found = found};
    size_t count = 0;
    struct wci_row **rows = wci_new_array(found->count ? found->count : 1,
                                          sizeof(struct wci_row *));
    wildcam_status status = rows ? load_picture(&work) : WILDCAM_ERR_NOMEM;
    if (status == WILDCAM_OK)
        status = load_olds(&work);
    if (status == WILDCAM_OK)
        status = choose(&work, rows, &count);
    if (status == WILDCAM_OK)
        status = write(&work, rows, count);
    free(work.olds);
    free(rows);
    return status;
}
