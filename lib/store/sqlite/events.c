/* Pictures' events: reading what matters to them, finding what is owed, writing them down. */
#include "model/id.h"
#include "store/sqlite/moved.h"
#include "store/sqlite/queue.h"
#include "store/sqlite/sqlite.h"

/* In the order of read_frame(). */
#define COLUMNS                                                                                    \
    "id, captured_at, time_source, capture, event_number, sequence_number, sequence_length,"       \
    " event_id, event_gap, file_name"

static wildcam_status read_frame(sqlite3_stmt *row, struct wci_frames *out)
{
    const struct wci_frame frame = {.id = sqlite3_column_int64(row, 0),
                                    .time = sqlite3_column_int64(row, 1),
                                    .time_source = sqlite3_column_int(row, 2),
                                    .capture = sqlite3_column_int(row, 3),
                                    .event_number = wci_column_count(row, 4),
                                    .sequence_number = (int)wci_column_count(row, 5),
                                    .sequence_length = (int)wci_column_count(row, 6),
                                    .event_id = sqlite3_column_int64(row, 7),
                                    .event_gap = (int)wci_column_count(row, 8)};
    return wci_frames_add(out, &frame, (const char *)sqlite3_column_text(row, 9));
}

/* Whole seconds of one shard. */
struct reading {
    int64_t camera_id;
    int64_t first, end; /* ids, half-open */
    bool upwards;
    size_t limit;
    struct wci_frames *out;
    /* Out: it ended before all were read, and this second is the first, on its way, that is not
     * wholly there. */
    bool is_cut;
    int64_t next;
};

static wildcam_status prepare(struct wci_database *reader, const struct reading *reading,
                              sqlite3_stmt **out)
{
    wildcam_status status = wci_database_prepare(
        reader, 0,
        reading->upwards ? "SELECT " COLUMNS " FROM images INDEXED BY idx_images_camera"
                           " WHERE camera_id=?1 AND id>=?2 AND id<?3"
                           " AND id>>21=captured_at/1000000 ORDER BY id"
                         : "SELECT " COLUMNS " FROM images INDEXED BY idx_images_camera"
                           " WHERE camera_id=?1 AND id>=?2 AND id<?3"
                           " AND id>>21=captured_at/1000000 ORDER BY id DESC",
        out);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(*out, 1, reading->camera_id);
    sqlite3_bind_int64(*out, 2, reading->first);
    sqlite3_bind_int64(*out, 3, reading->end);
    return WILDCAM_OK;
}

static wildcam_status read_rows(struct wci_database *reader, struct reading *reading)
{
    sqlite3_stmt *statement;
    int64_t second = -1;
    wildcam_step step = 0;
    wildcam_status status = prepare(reader, reading, &statement);
    if (status != WILDCAM_OK)
        return status;
    while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1) {
        int64_t at = wci_id_second(sqlite3_column_int64(statement, 0));
        reading->is_cut = at != second && reading->out->count >= reading->limit;
        if (reading->is_cut)
            break;
        second = at;
        status = read_frame(statement, reading->out);
    }
    if (reading->is_cut)
        reading->next = wci_id_time(sqlite3_column_int64(statement, 0));
    sqlite3_reset(statement);
    return status == WILDCAM_OK && step < 0 ? step : status;
}

static wildcam_status read_shard(struct wci_shard *shard, struct reading *reading)
{
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status == WILDCAM_OK) {
        status = read_rows(reader, reading);
        wci_pool_give_reader(&shard->pool, reader);
    }
    return status;
}

wildcam_status wci_sqlite_pass_by(wci_backend *self, struct wci_shard *shard, wildcam_status status)
{
    if (wci_shards_set_aside(&self->shards, shard, status))
        status = WILDCAM_OK;
    wci_shards_give(&self->shards, shard);
    return status;
}

/* ---- those that do not lie where their ids say ---- */

struct moved_reading {
    int64_t camera_id, from, to;
    size_t limit; /* of one shard; 0 for none */
    struct wci_frames *out;
    int64_t until; /* out: the first second that may be missing, or `to` */
};

static wildcam_status read_moved_rows(struct wci_database *reader, struct moved_reading *reading)
{
    sqlite3_stmt *statement;
    wildcam_step step = 0;
    size_t got = 0;
    int64_t second = INT64_MIN;
    wildcam_status status = wci_database_prepare(
        reader, 0,
        "SELECT " COLUMNS " FROM images INDEXED BY idx_images_moved"
        " WHERE id>>21<>captured_at/1000000 AND captured_at>=?2 AND captured_at<?3"
        " AND camera_id=?1 ORDER BY captured_at",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, reading->camera_id);
    sqlite3_bind_int64(statement, 2, reading->from);
    sqlite3_bind_int64(statement, 3, reading->to);
    while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1) {
        int64_t at = sqlite3_column_int64(statement, 1) / WCI_SECOND * WCI_SECOND;
        if (at != second && reading->limit && got >= reading->limit) {
            reading->until = at < reading->until ? at : reading->until;
            break;
        }
        second = at;
        got++;
        status = read_frame(statement, reading->out);
    }
    sqlite3_reset(statement);
    return status == WILDCAM_OK && step < 0 ? step : status;
}

static wildcam_status read_moved_shard(wci_backend *self, const struct wci_moved_shard *known,
                                       struct moved_reading *reading)
{
    struct wci_shard *shard;
    struct wci_database *reader;
    int64_t from, to;
    if (!wci_moved_overlaps(known, reading->from, reading->to) ||
        !wci_shard_span(known->name, &from, &to))
        return WILDCAM_OK;
    wildcam_status status = wci_shards_take(&self->shards, from, &shard);
    if (status == WILDCAM_ERR_NOTFOUND) /* purged, or set aside */
        return WILDCAM_OK;
    if (status != WILDCAM_OK)
        return status;
    status = wci_pool_take_reader(&shard->pool, &reader);
    if (status == WILDCAM_OK) {
        status = read_moved_rows(reader, reading);
        wci_pool_give_reader(&shard->pool, reader);
    }
    return wci_sqlite_pass_by(self, shard, status);
}

static wildcam_status read_moved(wci_backend *self, struct moved_reading *reading)
{
    struct wci_moved moved;
    reading->until = reading->to;
    wildcam_status status = wci_moved_read(&self->catalog, &moved);
    if (status != WILDCAM_OK)
        return status;
    for (size_t i = 0; status == WILDCAM_OK && i < moved.count; i++)
        status = read_moved_shard(self, &moved.shards[i], reading);
    wci_moved_free(&moved);
    return status;
}

/* ---- the two together ---- */

static wildcam_status read_in_place(wci_backend *self, struct reading *reading, int64_t at,
                                    int64_t bound)
{
    while (!reading->is_cut) {
        struct wci_shard *shard;
        wildcam_status status = wci_shards_step(&self->shards, reading->upwards, at, bound, &shard);
        if (status != WILDCAM_OK || !shard)
            return status;
        at = reading->upwards ? shard->to : shard->from;
        status = wci_sqlite_pass_by(self, shard, read_shard(shard, reading));
        if (status != WILDCAM_OK)
            return status;
    }
    return WILDCAM_OK;
}

wildcam_status wci_sqlite_read_frames(wci_backend *self, int64_t camera_id, int64_t from,
                                      size_t limit, struct wci_frames *out, int64_t *until)
{
    int64_t at = from < 0 ? 0 : from;
    struct reading reading = {.camera_id = camera_id,
                              .first = wci_id_at(at),
                              .end = INT64_MAX,
                              .upwards = true,
                              .limit = limit,
                              .out = out};
    wildcam_status status = read_in_place(self, &reading, at, INT64_MAX);
    if (status != WILDCAM_OK)
        return status;
    struct moved_reading moved = {camera_id, at,  reading.is_cut ? reading.next : INT64_MAX,
                                  limit,     out, 0};
    status = read_moved(self, &moved);
    *until = moved.until;
    if (moved.until != moved.to)
        wci_frames_cut(out, moved.until);
    return status;
}

wildcam_status wci_sqlite_read_frames_back(wci_backend *self, int64_t camera_id, int64_t from,
                                           int64_t before, size_t limit, struct wci_frames *out,
                                           int64_t *since)
{
    int64_t floor = from < 0 ? 0 : from;
    struct reading reading = {.camera_id = camera_id,
                              .first = wci_id_second(wci_id_at(floor)),
                              .limit = limit,
                              .out = out};
    *since = from;
    if (before <= floor)
        return WILDCAM_OK;
    reading.end = wci_id_at(before);
    wildcam_status status = read_in_place(self, &reading, before, floor);
    if (status != WILDCAM_OK)
        return status;
    if (reading.is_cut)
        *since = reading.next + WCI_SECOND;
    struct moved_reading moved = {camera_id, *since < 0 ? 0 : *since, before, 0, out, 0};
    return read_moved(self, &moved);
}

/* ---- what is owed ---- */

struct search {
    wci_backend *self;
    struct wci_owed_event *found;
    size_t limit, got;
};

/* The first of each camera's: a step in the index for each, however many are owed. Where it lies is
 * said by its time, which its id does not say any more once a deployment has come or gone. */
static wildcam_status ask_owed(struct wci_database *reader, struct search *search)
{
    sqlite3_stmt *statement;
    int64_t camera_id = 0;
    wildcam_step step = 1;
    wildcam_status status = wci_database_prepare(
        reader, 0,
        "SELECT camera_id, captured_at FROM images INDEXED BY idx_images_ungrouped"
        " WHERE event_id IS NULL AND camera_id>? ORDER BY camera_id, id LIMIT 1",
        &statement);
    while (status == WILDCAM_OK && step == 1 && search->got < search->limit) {
        sqlite3_bind_int64(statement, 1, camera_id);
        step = wci_database_step(reader, statement);
        if (step == 1) {
            camera_id = sqlite3_column_int64(statement, 0);
            search->found[search->got++] =
                (struct wci_owed_event){camera_id, sqlite3_column_int64(statement, 1)};
        }
        status = step < 0 ? step : WILDCAM_OK;
        sqlite3_reset(statement);
    }
    return status;
}

/* One shard at a time: a camera's next ones may begin where its last ones end. */
static wildcam_status look_for_owed(struct search *search, struct wci_shard *shard)
{
    struct wci_queue_news news;
    struct wci_shard_times times;
    struct wci_database *reader;
    wci_shard_news(&search->self->shards, shard, WCI_QUEUE_OF_UPLOADS, &news, &times);
    if (news.is_grouped)
        return WILDCAM_OK;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = ask_owed(reader, search);
    wci_pool_give_reader(&shard->pool, reader);
    if (status == WILDCAM_OK && search->got == 0) {
        news.is_grouped = true;
        wci_shard_note_news(&search->self->shards, shard, WCI_QUEUE_OF_UPLOADS, &news, &times);
    }
    return status;
}

/* One that cannot be read does not keep the others from it: it fails where they have nothing. */
wildcam_status wci_sqlite_find_owed_events(wci_backend *self, struct wci_owed_event *found,
                                           size_t limit, size_t *got)
{
    struct search search = {self, found, limit, 0};
    struct wci_error failure = {.status = WILDCAM_OK};
    int64_t at = INT64_MIN;
    *got = 0;
    while (search.got == 0) {
        struct wci_shard *shard;
        wildcam_status status = wci_shards_step(&self->shards, true, at, INT64_MAX, &shard);
        if (status != WILDCAM_OK)
            return status;
        if (!shard)
            break;
        at = shard->to;
        status = wci_sqlite_pass_by(self, shard, look_for_owed(&search, shard));
        if (status == WILDCAM_ERR_NOMEM)
            return status;
        if (status != WILDCAM_OK && failure.status == WILDCAM_OK)
            wci_error_save(&failure);
    }
    *got = search.got;
    return search.got || failure.status == WILDCAM_OK ? WILDCAM_OK : wci_error_restore(&failure);
}

/* ---- writing, inside a transaction on a shard ---- */

static bool is_in(const struct wci_shard *shard, const struct wci_event_mark *mark)
{
    int64_t time = wci_id_time(mark->image_id);
    return time >= shard->from && time < shard->to;
}

/* Whether a picture is in the event that it was read in, at the time that it had, or gone. */
static wildcam_status look(struct wci_database *database, const struct wci_event_mark *mark,
                           bool *fits)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0, "SELECT coalesce(event_id, 0), captured_at FROM images WHERE id=?",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, mark->image_id);
    wildcam_step step = wci_database_step(database, statement);
    *fits = step == 0 || (step == 1 && sqlite3_column_int64(statement, 0) == mark->was &&
                          sqlite3_column_int64(statement, 1) == mark->time);
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

static wildcam_status put(struct wci_database *database, const struct wci_event_mark *mark)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0, "UPDATE images SET event_id=?2, event_gap=?3 WHERE id=?1", &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, mark->image_id);
    wci_bind_count(statement, 2, mark->event_id ? mark->event_id : -1);
    wci_bind_count(statement, 3, mark->gap);
    wildcam_step step = wci_database_step(database, statement);
    sqlite3_reset(statement);
    return step;
}

/* Those of one camera. */
static wildcam_status mark_camera(struct wci_database *database, const struct wci_shard *shard,
                                  const struct wci_event_mark *marks, size_t count, bool *fits)
{
    wildcam_status status = WILDCAM_OK;
    *fits = true;
    for (size_t i = 0; status == WILDCAM_OK && *fits && i < count; i++)
        if (is_in(shard, &marks[i]))
            status = look(database, &marks[i], fits);
    for (size_t i = 0; status == WILDCAM_OK && *fits && i < count; i++)
        if (is_in(shard, &marks[i]))
            status = put(database, &marks[i]);
    return status;
}

wildcam_status wci_sqlite_mark_events(struct wci_database *database, const struct wci_shard *shard,
                                      struct wci_event_work *work)
{
    wildcam_status status = WILDCAM_OK;
    for (size_t from = 0, to; status == WILDCAM_OK && from < work->count; from = to) {
        int64_t camera_id = work->marks[from].camera_id;
        bool fits;
        for (to = from; to < work->count && work->marks[to].camera_id == camera_id;)
            to++;
        status = mark_camera(database, shard, work->marks + from, to - from, &fits);
        work->is_missed = work->is_missed || !fits;
    }
    return status;
}

int64_t wci_sqlite_first_mark(const struct wci_event_work *work, int64_t from)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < work->count; i++) {
        int64_t at = wci_id_time(work->marks[i].image_id);
        least = at >= from && at < least ? at : least;
    }
    return least;
}
