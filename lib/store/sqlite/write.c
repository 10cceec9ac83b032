/*
 * Keeping rows: the changes that share a transaction.
 *
 * For each shard, in this order: the catalog's transaction when it is needed (a picture's key, a
 * camera's last_seen, a new shard), the shard's, and the commits in the same order. Whoever holds a
 * shard's lock never waits for the catalog's, so nobody waits in a circle.
 */
#include <string.h>

#include "base/calendar.h"
#include "model/id.h"
#include "store/sqlite/new_ids.h"
#include "store/sqlite/sqlite.h"

enum { CAMERAS_KNOWN = 256, MANY_ROWS = 10000 };

struct transaction {
    wci_backend *backend;
    struct wci_shard *shard;
    struct wci_database *database;
    struct wci_database *catalog; /* NULL when it is not needed */
    struct wci_new_ids images, detections;
    struct wci_change **changes;
    size_t count;
    int64_t version;  /* of the rules by which times are corrected, while the shard is locked */
    bool may_be_kept; /* the last step of all has failed */
};

static bool is_in(const struct wci_shard *shard, int64_t time)
{
    return time >= shard->from && time < shard->to;
}

static wildcam_status insert_image(struct transaction *tx, struct wildcam_image *image)
{
    sqlite3_stmt *statement;
    wildcam_status status =
        wci_database_prepare(tx->database, 0,
                             "INSERT INTO images VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
                             "?,?,?,?,?,?,?,?,?)",
                             &statement);
    if (status != WILDCAM_OK)
        return status;
    wci_sqlite_bind_image(statement, image);
    status = wci_new_ids_insert(&tx->images, tx->database, statement, image->time, &image->id);
    if (status == WILDCAM_OK)
        status = wci_catalog_put_picture(tx->catalog, image->camera_id, image->sha256, image->id);
    return status;
}

static void bind_row(sqlite3_stmt *statement, const struct wci_row *row, int64_t image_id)
{
    sqlite3_bind_int64(statement, 2, row->time);
    sqlite3_bind_int64(statement, 3, row->camera->id);
    if (image_id)
        sqlite3_bind_int64(statement, 4, image_id);
    else
        sqlite3_bind_null(statement, 4);
    sqlite3_bind_int64(statement, 5, row->species->id);
    wci_bind_real(statement, 6, row->confidence);
    if (row->has_box) {
        sqlite3_bind_double(statement, 7, row->box.x);
        sqlite3_bind_double(statement, 8, row->box.y);
        sqlite3_bind_double(statement, 9, row->box.width);
        sqlite3_bind_double(statement, 10, row->box.height);
    } else {
        for (int i = 7; i <= 10; i++)
            sqlite3_bind_null(statement, i);
    }
    if (row->offset == WILDCAM_OFFSET_UNKNOWN)
        sqlite3_bind_null(statement, 11);
    else
        sqlite3_bind_int(statement, 11, row->offset);
    sqlite3_bind_int(statement, 12, row->time_source);
    wci_bind_text(statement, 13, row->metadata);
    wci_bind_count(statement, 14, row->detector_id ? row->detector_id : -1);
    wci_bind_time(statement, 15, row->has_clock_time ? row->clock_time : WILDCAM_TIME_NONE);
    wci_bind_offset(statement, 16,
                    row->has_clock_time ? row->clock_offset : WILDCAM_OFFSET_UNKNOWN);
}

static const char insert_detection[] =
    "INSERT INTO wildlife_detections VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

wildcam_status wci_sqlite_insert_row(struct wci_database *database, struct wci_new_ids *ids,
                                     struct wci_row *row, int64_t image_id, int64_t id_time)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(database, 0, insert_detection, &statement);
    if (status != WILDCAM_OK)
        return status;
    bind_row(statement, row, image_id);
    return wci_new_ids_insert(ids, database, statement, id_time, &row->id);
}

static wildcam_status insert_rows(struct transaction *tx, struct wci_change *change)
{
    sqlite3_stmt *statement;
    int64_t image_id = change->image ? change->image->id : 0;
    wildcam_status status = wci_database_prepare(tx->database, 0, insert_detection, &statement);
    for (size_t i = 0; status == WILDCAM_OK && i < change->count; i++) {
        struct wci_row *row = &change->rows[i];
        if (!is_in(tx->shard, row->time))
            continue;
        bind_row(statement, row, image_id);
        status = wci_new_ids_insert(&tx->detections, tx->database, statement, row->time, &row->id);
    }
    return status;
}

static wildcam_status tally_rows(struct transaction *tx, const struct wci_change *change)
{
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < change->count; i++) {
        const struct wci_row *row = &change->rows[i];
        if (!is_in(tx->shard, row->time))
            continue;
        struct wci_tally tally = {row->camera->id, row->species->id, row->time, row->offset,
                                  row->confidence};
        status = wci_deltas_add(&tx->backend->deltas, &tally, 1);
    }
    return status;
}

/* Whether a shard has the picture, and if so the id of its first detection. */
static wildcam_status look_for_picture(struct wci_database *database, const wildcam_image *image,
                                       int64_t image_id, bool *found, int64_t *detection_id)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0,
        "SELECT (SELECT min(id) FROM wildlife_detections WHERE id>=?4 AND id<?5 AND image_id=?1)"
        " FROM images WHERE id=?1 AND camera_id=?2 AND sha256=?3",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    int64_t second = wci_id_second(image_id);
    sqlite3_bind_int64(statement, 1, image_id);
    sqlite3_bind_int64(statement, 2, image->camera_id);
    sqlite3_bind_blob(statement, 3, image->sha256, WCI_DIGEST_BYTES, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 4, second);
    sqlite3_bind_int64(statement, 5, second + WCI_IDS_PER_SECOND);
    wildcam_step step = wci_database_step(database, statement);
    *found = step == 1;
    if (step == 1)
        *detection_id = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

/* Another process may be between its commit of the key and that of the picture, holding the
 * shard's lock: waiting for that lock makes the answer sure. */
static wildcam_status look_in_other_shard(wci_backend *self, const wildcam_image *image,
                                          int64_t image_id, bool *found, int64_t *detection_id)
{
    struct wci_shard *shard;
    struct wci_database *database;
    wildcam_status status = wci_shards_take(&self->shards, wci_id_time(image_id), &shard);
    if (status == WILDCAM_OK) {
        status = wci_pool_begin_beside(&shard->pool, &database);
        if (status == WILDCAM_OK) {
            status = look_for_picture(database, image, image_id, found, detection_id);
            wci_database_rollback(database);
            wci_database_close(database);
        }
        if (wci_shards_set_aside(&self->shards, shard, status))
            status = WILDCAM_ERR_NOTFOUND;
        wci_shards_give(&self->shards, shard);
    }
    return status == WILDCAM_ERR_NOTFOUND ? WILDCAM_OK : status;
}

/* Gives the change the first ids when its picture was kept before. */
static wildcam_status find_duplicate(struct transaction *tx, struct wci_change *change)
{
    wildcam_image *image = change->image;
    int64_t image_id, detection_id = 0;
    bool found = false;
    wildcam_status status = wci_catalog_find_picture(tx->catalog, image->camera_id, image->sha256,
                                                     &image_id);
    if (status != WILDCAM_OK || image_id == 0)
        return status;
    if (tx->shard && is_in(tx->shard, wci_id_time(image_id)))
        status = look_for_picture(tx->database, image, image_id, &found, &detection_id);
    else
        status = look_in_other_shard(tx->backend, image, image_id, &found, &detection_id);
    if (status != WILDCAM_OK || !found)
        return status;
    image->id = image_id;
    if (change->count)
        change->rows[0].id = detection_id;
    change->is_duplicate = true;
    return WILDCAM_OK;
}

static wildcam_status keep(struct transaction *tx, struct wci_change *change)
{
    wildcam_status status = WILDCAM_OK;
    if (change->image) {
        status = find_duplicate(tx, change);
        if (status != WILDCAM_OK || change->is_duplicate)
            return status;
        status = insert_image(tx, change->image);
    }
    if (status == WILDCAM_OK)
        status = insert_rows(tx, change);
    return status == WILDCAM_OK ? tally_rows(tx, change) : status;
}

/* These say something of one change; all others say that nothing can be written now. */
static bool concerns_one_change(wildcam_status status)
{
    return status == WILDCAM_ERR_TOOLARGE || status == WILDCAM_ERR_NOTFOUND;
}

/* The earliest time at or behind `from` that a change has; INT64_MAX when there is none. */
static int64_t first_time(const struct wci_change *change, int64_t from)
{
    int64_t least = INT64_MAX;
    if (change->review) {
        int64_t at = wci_id_time(change->review->detection_id);
        return at >= from ? at : INT64_MAX;
    }
    if (change->uploads)
        return wci_sqlite_first_upload(change->uploads, from);
    if (change->events)
        return wci_sqlite_first_mark(change->events, from);
    if (change->retiming)
        return change->retiming->shard_time >= from ? change->retiming->shard_time : INT64_MAX;
    if (change->processing)
        return wci_sqlite_first_processing(change->processing, from);
    if (change->removal)
        return wci_sqlite_first_removal(change->removal, from);
    if (change->favour) {
        int64_t at = wci_id_time(change->favour->image_id);
        return at >= from ? at : INT64_MAX;
    }
    for (size_t i = 0; i < change->count; i++) {
        int64_t at = change->rows[i].time;
        least = at >= from && at < least ? at : least;
    }
    return least;
}

static bool touches(const struct wci_change *change, const struct wci_shard *shard)
{
    return change->error.status == WILDCAM_OK && !change->is_stale &&
           first_time(change, shard->from) < shard->to;
}

/* What a change that failed must not claim to have. */
static void forget_ids(struct wci_change *change, const struct wci_shard *shard)
{
    if (change->image)
        change->image->id = 0;
    change->is_duplicate = false;
    for (size_t i = 0; i < change->count; i++)
        if (is_in(shard, change->rows[i].time))
            change->rows[i].id = 0;
    if (change->uploads)
        wci_sqlite_miss_uploads(change->uploads, shard);
    if (change->processing)
        wci_sqlite_miss_processing(change->processing, shard);
    if (change->removal)
        wci_sqlite_spare_pictures(change->removal, shard);
}

static wildcam_status process(struct transaction *tx, const struct wci_processing_work *work)
{
    const struct wci_processing_place place = {tx->backend, tx->database, tx->shard,
                                               &tx->detections};
    return wci_sqlite_step_processing(&place, work);
}

/* One change inside the transaction. A change of several statements is undone by itself. */
static wildcam_status apply(struct transaction *tx, struct wci_change *change)
{
    bool has_parts = change->image || change->count > 1 || change->processing;
    wildcam_status status = WILDCAM_OK;
    change->is_duplicate = false;
    if (change->review)
        return wci_sqlite_review(tx->database, change->review, &tx->backend->deltas);
    if (change->uploads)
        return wci_sqlite_step_uploads(tx->database, tx->shard, change->uploads);
    if (change->events)
        return wci_sqlite_mark_events(tx->database, tx->shard, change->events);
    if (change->retiming)
        return wci_sqlite_retime(tx->database, tx->catalog, tx->shard, change->retiming,
                                 &tx->backend->deltas);
    if (change->removal)
        return wci_sqlite_remove_pictures(tx->backend, tx->database, tx->shard, change->removal);
    if (change->favour)
        return wci_sqlite_favour(tx->database, change->favour);
    change->is_stale = change->is_timed && change->version != tx->version;
    if (change->is_stale)
        return WILDCAM_OK;
    if (has_parts)
        status = wci_database_run(tx->database, "SAVEPOINT change");
    if (status == WILDCAM_OK)
        status = change->processing ? process(tx, change->processing) : keep(tx, change);
    if (status == WILDCAM_OK)
        return has_parts ? wci_database_run(tx->database, "RELEASE change") : WILDCAM_OK;
    if (!concerns_one_change(status) || !has_parts)
        return status;
    struct wci_error error;
    wci_error_save(&error);
    status = wci_database_run(tx->database, "ROLLBACK TO change; RELEASE change");
    return status == WILDCAM_OK ? wci_error_restore(&error) : status;
}

static wildcam_status apply_all(struct transaction *tx)
{
    for (size_t i = 0; i < tx->count; i++) {
        struct wci_change *change = tx->changes[i];
        if (!touches(change, tx->shard))
            continue;
        wildcam_status status = apply(tx, change);
        if (status == WILDCAM_OK)
            continue;
        if (!concerns_one_change(status))
            return status;
        forget_ids(change, tx->shard);
        wci_error_save(&change->error);
    }
    return wci_deltas_write(&tx->backend->deltas, tx->database);
}

/* Calls `each` once or a few times for every camera that sent something in these changes itself. */
static wildcam_status each_camera(struct transaction *tx,
                                  wildcam_status (*each)(struct transaction *tx, int64_t camera_id))
{
    int64_t known[CAMERAS_KNOWN] = {0};
    for (size_t i = 0; i < tx->count; i++) {
        const struct wci_change *change = tx->changes[i];
        for (size_t k = 0; !change->is_brought && k < change->count; k++) {
            int64_t id = change->rows[k].camera->id;
            if (known[id % CAMERAS_KNOWN] == id)
                continue;
            known[id % CAMERAS_KNOWN] = id;
            wildcam_status status = each(tx, id);
            if (status != WILDCAM_OK)
                return status;
        }
    }
    return WILDCAM_OK;
}

static wildcam_status is_seen(struct transaction *tx, int64_t camera_id)
{
    return wci_catalog_is_unseen(&tx->backend->catalog, camera_id, wci_calendar_now())
               ? WILDCAM_ERR_STATE
               : WILDCAM_OK;
}

static wildcam_status touch(struct transaction *tx, int64_t camera_id)
{
    int64_t now = wci_calendar_now();
    if (!wci_catalog_is_unseen(&tx->backend->catalog, camera_id, now))
        return WILDCAM_OK;
    return wci_catalog_touch(&tx->backend->catalog, tx->catalog, camera_id, now);
}

/* Whether something goes into the catalog for sure: a picture's key, or where its rows are moved.
 */
static bool needs_catalog(const struct transaction *tx)
{
    for (size_t i = 0; i < tx->count; i++)
        if (tx->changes[i]->image || tx->changes[i]->retiming)
            return true;
    return false;
}

static wildcam_status begin_shard(struct transaction *tx)
{
    bool passes = true;
    for (size_t i = 0; passes && i < tx->count; i++)
        passes = tx->changes[i]->processing && wci_sqlite_is_passing(tx->changes[i]->processing);
    return passes ? wci_pool_begin_passing(&tx->shard->pool, &tx->database)
                  : wci_pool_begin(&tx->shard->pool, &tx->database);
}

/* It is about rows that are there, or gone with their shard. */
static bool needs_no_shard(const struct wci_change *change)
{
    return change->uploads || change->events || change->removal || change->retiming ||
           change->processing;
}

/* Whether anything goes into a shard that would have to be made for it: pictures that are kept
 * elsewhere do not, which the time of their reception brought here, nor does what was owed for
 * pictures that are gone. */
static wildcam_status is_needed(struct transaction *tx, int64_t time, bool *needed)
{
    struct wci_shard span = {0};
    wildcam_status status = WILDCAM_OK;
    *needed = false;
    wci_shards_span(&tx->backend->shards, time, &span.from, &span.to);
    for (size_t i = 0; status == WILDCAM_OK && !*needed && i < tx->count; i++) {
        if (!touches(tx->changes[i], &span) || needs_no_shard(tx->changes[i]))
            continue;
        tx->changes[i]->is_duplicate = false;
        if (tx->changes[i]->image)
            status = find_duplicate(tx, tx->changes[i]);
        *needed = !tx->changes[i]->is_duplicate;
    }
    return status;
}

/* Takes the shard, if it is needed, and the catalog's transaction when something will be written
 * there. A shard of an earlier version is brought up before that, while nobody waits for it. */
static wildcam_status begin_catalog(struct transaction *tx, int64_t time)
{
    wci_backend *self = tx->backend;
    bool needed = true;
    wildcam_status status = wci_shards_take(&self->shards, time, &tx->shard);
    if (status == WILDCAM_OK && !needs_catalog(tx) && each_camera(tx, is_seen) == WILDCAM_OK)
        return WILDCAM_OK;
    if (status != WILDCAM_OK && status != WILDCAM_ERR_NOTFOUND)
        return status;
    if (tx->shard)
        wci_pool_ready_writer(&tx->shard->pool);
    status = wci_pool_begin(&self->catalog.pool, &tx->catalog);
    if (status == WILDCAM_OK && !tx->shard)
        status = is_needed(tx, time, &needed);
    if (status == WILDCAM_OK && !tx->shard && needed)
        status = wci_shards_make(&self->shards, tx->catalog, time, &tx->shard);
    if (status == WILDCAM_OK)
        status = each_camera(tx, touch);
    return status;
}

static wildcam_status commit(wci_backend *self, struct wci_pool *pool)
{
    wildcam_status status = wci_pool_commit(pool);
    if (pool->wal_bytes > self->longest_wal)
        self->longest_wal = pool->wal_bytes;
    return status;
}

static bool has_many_rows(const struct transaction *tx)
{
    size_t rows = 0;
    for (size_t i = 0; i < tx->count; i++)
        rows += tx->changes[i]->count;
    return rows >= MANY_ROWS;
}

/* Pictures that move, or go, take days with them of which the summaries of detections may say
 * nothing: all of theirs were found to be false, say. */
static void note_changes(struct transaction *tx)
{
    wci_changes_note(&tx->backend->changes, &tx->backend->deltas);
    for (size_t i = 0; i < tx->count; i++)
        if (tx->changes[i]->retiming || tx->changes[i]->removal)
            tx->shard->pool.others++;
}

static wildcam_status run(struct transaction *tx, int64_t time)
{
    wci_backend *self = tx->backend;
    bool began = false;
    wildcam_status status = begin_catalog(tx, time);
    if (status == WILDCAM_OK && tx->shard) {
        status = begin_shard(tx);
        began = status == WILDCAM_OK;
    }
    if (began)
        status = wci_database_fit_cache(tx->database, has_many_rows(tx));
    if (began && status == WILDCAM_OK)
        status = wci_clock_rules_ask_version(&self->catalog, &tx->version);
    if (began && status == WILDCAM_OK)
        status = apply_all(tx);
    if (tx->catalog) {
        if (status == WILDCAM_OK)
            status = commit(self, &self->catalog.pool);
        else
            wci_pool_rollback(&self->catalog.pool);
    }
    if (began && status == WILDCAM_OK) {
        status = commit(self, &tx->shard->pool);
        tx->may_be_kept = status != WILDCAM_OK;
    } else if (began) {
        wci_pool_rollback(&tx->shard->pool);
    }
    if (began && (status == WILDCAM_OK || tx->may_be_kept))
        note_changes(tx);
    wci_deltas_empty(&self->deltas);
    return status;
}

/* A damaged shard fails what goes into it; any other failure holds for all that is left. */
static void fail(struct transaction *tx, wildcam_status status, int64_t from, int64_t to)
{
    struct wci_shard span = {.from = from, .to = status == WILDCAM_ERR_CORRUPT ? to : INT64_MAX};
    for (size_t i = 0; i < tx->count; i++) {
        if (!touches(tx->changes[i], &span))
            continue;
        forget_ids(tx->changes[i], &span);
        tx->changes[i]->may_be_kept = tx->may_be_kept;
        wci_error_save(&tx->changes[i]->error);
    }
}

/* Writes all that goes into the shard that holds a time, and answers where that shard ends. A shard
 * that turns out to be damaged is set aside, and a new one takes its place. */
static int64_t write_shard(wci_backend *self, int64_t time, struct wci_change **changes,
                           size_t count)
{
    struct transaction tx;
    wildcam_status status;
    bool again;
    int64_t from, to;
    do {
        memset(&tx, 0, sizeof tx);
        tx.backend = self;
        tx.images.is_image = true;
        tx.changes = changes;
        tx.count = count;
        status = run(&tx, time);
        if (tx.shard) {
            from = tx.shard->from;
            to = tx.shard->to;
        } else {
            wci_shards_span(&self->shards, time, &from, &to);
        }
        again = status != WILDCAM_OK && tx.shard &&
                wci_shards_set_aside(&self->shards, tx.shard, status);
        if (status != WILDCAM_OK && !again)
            fail(&tx, status, from, to);
        wci_shards_give(&self->shards, tx.shard);
    } while (again);
    return to;
}

/* A review of what was never kept must not begin a shard. */
static void refuse_lost_reviews(wci_backend *self, struct wci_change **changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct wci_shard *shard;
        const struct wci_review *review = changes[i]->review;
        const struct wci_favour *favour = changes[i]->favour;
        if ((!review && !favour) || changes[i]->error.status != WILDCAM_OK)
            continue;
        int64_t id = review ? review->detection_id : favour->image_id;
        wildcam_status status = wci_shards_take(&self->shards, wci_id_time(id), &shard);
        if (status == WILDCAM_ERR_NOTFOUND)
            status = wci_shards_lack(&self->shards, review ? "detection" : "picture", id);
        if (status != WILDCAM_OK)
            wci_error_save(&changes[i]->error);
        wci_shards_give(&self->shards, shard);
    }
}

void wci_sqlite_write(wci_backend *self, struct wci_change **changes, size_t count)
{
    int64_t done = INT64_MIN;
    wildcam_status status = wci_barrier_enter(&self->barrier);
    for (size_t i = 0; status != WILDCAM_OK && i < count; i++)
        wci_error_save(&changes[i]->error);
    for (size_t i = 0; i < count; i++) {
        if (changes[i]->uploads)
            wci_sqlite_miss_uploads(changes[i]->uploads, NULL);
        if (changes[i]->processing)
            wci_sqlite_miss_processing(changes[i]->processing, NULL);
    }
    refuse_lost_reviews(self, changes, count);
    for (;;) {
        int64_t least = INT64_MAX;
        for (size_t i = 0; i < count; i++) {
            int64_t time = INT64_MAX;
            if (changes[i]->error.status == WILDCAM_OK && !changes[i]->is_stale)
                time = first_time(changes[i], done);
            least = time < least ? time : least;
        }
        if (least == INT64_MAX)
            break;
        done = write_shard(self, least, changes, count);
    }
    if (status == WILDCAM_OK)
        wci_barrier_leave(&self->barrier);
    for (size_t i = 0; i < count; i++)
        if (changes[i]->is_stale) /* before anybody works it out again */
            wci_clock_rules_forget(&self->clock_rules);
}
