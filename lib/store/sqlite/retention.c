/* Pictures that go one by one: finding them, and taking them out with all that hangs on them. */
#include "base/calendar.h"
#include "model/id.h"
#include "store/sqlite/sqlite.h"

/* What is known of a picture, as far as it matters to whether it goes. */
struct facts {
    int64_t id, camera_id, captured_at, received_at, bytes, event_id;
    bool favourite, verified, is_owed, is_unprocessed, is_released;
    uint32_t seen;
};

/* In the order of read_facts(). */
#define FACTS                                                                                      \
    "id, camera_id, captured_at, received_at, bytes, coalesce(event_id, 0), favourite,"            \
    " (SELECT state FROM uploads WHERE image_id=images.id AND uploads.kind=0),"                    \
    " (SELECT released_at FROM uploads WHERE image_id=images.id AND uploads.kind=0),"              \
    " (SELECT state FROM processing WHERE image_id=images.id)"
enum { DONE = 1 }; /* a state of uploads and of processing */

static void read_facts(sqlite3_stmt *row, struct facts *facts)
{
    *facts = (struct facts){.id = sqlite3_column_int64(row, 0),
                            .camera_id = sqlite3_column_int64(row, 1),
                            .captured_at = sqlite3_column_int64(row, 2),
                            .received_at = sqlite3_column_int64(row, 3),
                            .bytes = sqlite3_column_int64(row, 4),
                            .event_id = sqlite3_column_int64(row, 5),
                            .favourite = sqlite3_column_int(row, 6) != 0};
    facts->is_owed = sqlite3_column_type(row, 7) != SQLITE_NULL &&
                     sqlite3_column_int(row, 7) != DONE;
    facts->is_released = sqlite3_column_type(row, 8) != SQLITE_NULL;
    facts->is_unprocessed = sqlite3_column_type(row, 9) != SQLITE_NULL &&
                            sqlite3_column_int(row, 9) != DONE;
}

/* A picture's detections have ids of its second. */
static wildcam_status prepare_detections(struct wci_database *database, int64_t image_id,
                                         const char *sql, sqlite3_stmt **out)
{
    wildcam_status status = wci_database_prepare(database, 0, sql, out);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(*out, 1, wci_id_second(image_id));
    sqlite3_bind_int64(*out, 2, wci_id_second(image_id) + WCI_IDS_PER_SECOND);
    sqlite3_bind_int64(*out, 3, image_id);
    return WILDCAM_OK;
}

static wildcam_status look_at_detections(wci_backend *self, struct wci_database *database,
                                         struct facts *facts)
{
    sqlite3_stmt *statement;
    wildcam_step step = 0;
    wildcam_status status = prepare_detections(
        database, facts->id,
        "SELECT species_id, coalesce(verified, 0), coalesce(is_false_positive, 0)"
        " FROM wildlife_detections LEFT JOIN reviews ON detection_id=id"
        " WHERE id>=?1 AND id<?2 AND image_id=?3",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    while (status == WILDCAM_OK && (step = wci_database_step(database, statement)) == 1) {
        const struct wci_name *name;
        facts->verified = facts->verified || sqlite3_column_int(statement, 1);
        status = wci_catalog_species_at(&self->catalog, sqlite3_column_int64(statement, 0), &name);
        if (status == WILDCAM_OK && !sqlite3_column_int(statement, 2))
            facts->seen |= 1U << name->category;
    }
    sqlite3_reset(statement);
    return status == WILDCAM_OK && step < 0 ? step : status;
}

static int64_t latest(const struct wci_retention_rule *rule)
{
    int64_t time = INT64_MIN;
    for (int i = 0; i < WCI_CATEGORIES; i++)
        time = rule->before[i] > time ? rule->before[i] : time;
    return time;
}

/* What can be said without its detections. */
static bool may_go(const struct facts *facts, const struct wci_retention_rule *rule)
{
    if (facts->favourite || (rule->keeps_owed && facts->is_owed) ||
        (rule->keeps_unprocessed && facts->is_unprocessed))
        return false;
    if (rule->frees_space && (facts->is_released || facts->bytes == 0))
        return false;
    return wci_retention_age(facts->captured_at, facts->received_at) < latest(rule);
}

static wildcam_status judge(wci_backend *self, struct wci_database *database, struct facts *facts,
                            const struct wci_retention_rule *rule, bool *goes, int *category)
{
    *goes = may_go(facts, rule);
    if (!*goes)
        return WILDCAM_OK;
    wildcam_status status = look_at_detections(self, database, facts);
    *category = wci_retention_category(facts->seen);
    *goes = !facts->verified &&
            wci_retention_age(facts->captured_at, facts->received_at) < rule->before[*category];
    return status;
}

/* ---- finding ---- */

struct search {
    wci_backend *self;
    const struct wci_retention_rule *rule;
    struct wci_expired *found;
    size_t limit, got;
    int64_t after, looks; /* how many rows may still be looked at */
};

static wildcam_status judge_row(struct search *search, struct wci_database *reader,
                                struct facts *facts)
{
    bool goes;
    int category;
    wildcam_status status = judge(search->self, reader, facts, search->rule, &goes, &category);
    if (status == WILDCAM_OK && goes)
        search->found[search->got++] =
            (struct wci_expired){.id = facts->id,
                                 .age = wci_retention_age(facts->captured_at, facts->received_at),
                                 .category = category,
                                 .bytes = facts->is_released ? 0 : facts->bytes};
    return status;
}

static wildcam_status search_rows(struct search *search, struct wci_database *reader, int64_t end)
{
    sqlite3_stmt *statement;
    wildcam_step step = 0;
    wildcam_status status = wci_database_prepare(
        reader, 0, "SELECT " FACTS " FROM images WHERE id>?1 AND id<?2 ORDER BY id", &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, search->after);
    sqlite3_bind_int64(statement, 2, end);
    while (status == WILDCAM_OK && search->got < search->limit && search->looks > 0 &&
           (step = wci_database_step(reader, statement)) == 1) {
        struct facts facts;
        read_facts(statement, &facts);
        search->after = facts.id;
        search->looks--;
        status = judge_row(search, reader, &facts);
    }
    sqlite3_reset(statement);
    return status == WILDCAM_OK && step < 0 ? step : status;
}

/* What was taken after the latest time that matters cannot be old enough, but for what claims to be
 * of the future. */
static int64_t end_of(const struct search *search, const struct wci_shard *shard)
{
    int64_t time = latest(search->rule);
    if (shard->to > search->rule->now + WCI_DAY || shard->to <= time)
        return wci_id_at(shard->to);
    return time > shard->from ? wci_id_at(time) : wci_id_at(shard->from);
}

wildcam_status wci_sqlite_find_to_remove(wci_backend *self, const struct wci_retention_rule *rule,
                                         int64_t after, int64_t looks, struct wci_expired *found,
                                         size_t limit, size_t *got, int64_t *last)
{
    struct search search = {self, rule, found, limit, 0, after, looks};
    int64_t at = after ? wci_id_time(after) : INT64_MIN;
    wildcam_status status = WILDCAM_OK;
    *last = 0;
    while (status == WILDCAM_OK && search.got < limit && search.looks > 0) {
        struct wci_shard *shard;
        struct wci_database *reader;
        status = wci_shards_step(&self->shards, true, at, INT64_MAX, &shard);
        if (status != WILDCAM_OK || !shard) {
            *got = search.got;
            return status; /* the end */
        }
        at = shard->to;
        int64_t end = end_of(&search, shard);
        status = end > wci_id_at(shard->from) ? wci_pool_take_reader(&shard->pool, &reader)
                                              : WILDCAM_ERR_NOTFOUND;
        if (status == WILDCAM_OK) {
            status = search_rows(&search, reader, end);
            wci_pool_give_reader(&shard->pool, reader);
        } else if (status == WILDCAM_ERR_NOTFOUND) {
            status = WILDCAM_OK;
        }
        status = wci_sqlite_pass_by(self, shard, status);
    }
    *got = search.got;
    *last = search.after ? search.after : 1;
    return status;
}

/* ---- removing, inside a transaction on a shard ---- */

static wildcam_status untally(struct wci_database *database, int64_t image_id,
                              struct wci_deltas *deltas)
{
    sqlite3_stmt *statement;
    wildcam_step step = 0;
    wildcam_status status = prepare_detections(
        database, image_id,
        "SELECT camera_id, species_id, detection_timestamp, utc_offset, confidence"
        " FROM wildlife_detections LEFT JOIN reviews ON detection_id=id"
        " WHERE id>=?1 AND id<?2 AND image_id=?3 AND coalesce(is_false_positive, 0)=0",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    while (status == WILDCAM_OK && (step = wci_database_step(database, statement)) == 1) {
        struct wci_tally tally = {.camera_id = sqlite3_column_int64(statement, 0),
                                  .species_id = sqlite3_column_int64(statement, 1),
                                  .time = sqlite3_column_int64(statement, 2),
                                  .offset = WILDCAM_OFFSET_UNKNOWN,
                                  .confidence = wci_column_real(statement, 4)};
        if (sqlite3_column_type(statement, 3) != SQLITE_NULL)
            tally.offset = sqlite3_column_int(statement, 3);
        status = wci_deltas_add(deltas, &tally, -1);
    }
    sqlite3_reset(statement);
    return status == WILDCAM_OK && step < 0 ? step : status;
}

static wildcam_status run(struct wci_database *database, int64_t image_id, const char *sql)
{
    sqlite3_stmt *statement;
    wildcam_status status = prepare_detections(database, image_id, sql, &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_database_step(database, statement);
    sqlite3_reset(statement);
    return step;
}

/* An event is of the pictures that are there: the others of it come to be owed one. */
static wildcam_status break_event(struct wci_database *database, int64_t event_id)
{
    sqlite3_stmt *statement;
    if (!event_id)
        return WILDCAM_OK;
    wildcam_status status = wci_database_prepare(
        database, 0,
        "UPDATE images SET event_id=NULL, event_gap=NULL WHERE id IN (SELECT ?1 UNION ALL"
        " SELECT id FROM images INDEXED BY idx_images_event WHERE event_id=?1 AND event_id<>id)"
        " AND event_id=?1",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, event_id);
    wildcam_step step = wci_database_step(database, statement);
    sqlite3_reset(statement);
    return step;
}

static wildcam_status remove_rows(struct wci_database *database, const struct facts *facts,
                                  struct wci_deltas *deltas)
{
    static const char *const statements[] = {
        ("DELETE FROM reviews WHERE detection_id IN (SELECT id FROM wildlife_detections"
         " WHERE id>=?1 AND id<?2 AND image_id=?3)"),
        "DELETE FROM wildlife_detections WHERE id>=?1 AND id<?2 AND image_id=?3",
        "DELETE FROM uploads WHERE image_id=?3 AND ?1<=?2",
        "DELETE FROM processing WHERE image_id=?3 AND ?1<=?2",
        "DELETE FROM images WHERE id=?3 AND ?1<=?2"};
    wildcam_status status = untally(database, facts->id, deltas);
    for (size_t i = 0; status == WILDCAM_OK && i < sizeof statements / sizeof statements[0]; i++)
        status = run(database, facts->id, statements[i]);
    return status == WILDCAM_OK ? break_event(database, facts->event_id) : status;
}

static wildcam_status find_facts(struct wci_database *database, int64_t id, struct facts *facts,
                                 bool *found)
{
    sqlite3_stmt *statement;
    wildcam_status status =
        wci_database_prepare(database, 0, "SELECT " FACTS " FROM images WHERE id=?", &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, id);
    wildcam_step step = wci_database_step(database, statement);
    *found = step == 1;
    if (*found)
        read_facts(statement, facts);
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

static bool is_in(const struct wci_shard *shard, int64_t time)
{
    return time >= shard->from && time < shard->to;
}

/* Somebody may have said meanwhile that he wants it. */
static wildcam_status remove_picture(wci_backend *self, struct wci_database *database,
                                     struct wci_removal *removal, struct wci_expired *picture)
{
    struct facts facts;
    bool goes = false;
    int category;
    wildcam_status status = find_facts(database, picture->id, &facts, &goes);
    if (status == WILDCAM_OK && goes)
        status = judge(self, database, &facts, removal->rule, &goes, &category);
    if (status != WILDCAM_OK || !goes)
        return status;
    picture->is_gone = true;
    return remove_rows(database, &facts, &self->deltas);
}

wildcam_status wci_sqlite_remove_pictures(wci_backend *self, struct wci_database *database,
                                          const struct wci_shard *shard,
                                          struct wci_removal *removal)
{
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < removal->count; i++)
        if (is_in(shard, wci_id_time(removal->pictures[i].id)))
            status = remove_picture(self, database, removal, &removal->pictures[i]);
    for (size_t i = 0; status == WILDCAM_OK && i < removal->broken_count; i++)
        if (is_in(shard, removal->broken[i].time))
            status = break_event(database, removal->broken[i].event_id);
    return status;
}

/* They are there yet: the transaction did not come about. */
void wci_sqlite_spare_pictures(struct wci_removal *removal, const struct wci_shard *shard)
{
    for (size_t i = 0; i < removal->count; i++)
        if (!shard || is_in(shard, wci_id_time(removal->pictures[i].id)))
            removal->pictures[i].is_gone = false;
}

int64_t wci_sqlite_first_removal(const struct wci_removal *removal, int64_t from)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < removal->count; i++) {
        int64_t at = wci_id_time(removal->pictures[i].id);
        least = at >= from && at < least ? at : least;
    }
    for (size_t i = 0; i < removal->broken_count; i++) {
        int64_t at = removal->broken[i].time;
        least = at >= from && at < least ? at : least;
    }
    return least;
}

/* ---- favourites, and the catalog ---- */

wildcam_status wci_sqlite_favour(struct wci_database *database, const struct wci_favour *favour)
{
    sqlite3_stmt *statement;
    wildcam_status status =
        wci_database_prepare(database, 0, "UPDATE images SET favourite=?2 WHERE id=?1", &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, favour->image_id);
    sqlite3_bind_int(statement, 2, favour->favourite);
    wildcam_step step = wci_database_step(database, statement);
    sqlite3_reset(statement);
    if (step != 0)
        return step;
    return sqlite3_changes(database->handle)
               ? WILDCAM_OK
               : wci_fail(WILDCAM_ERR_NOTFOUND, "there is no picture %lld",
                          (long long)favour->image_id);
}

static wildcam_status look_for_row(struct wci_database *database, const wildcam_image *image,
                                   bool *found)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0, "SELECT 1 FROM images WHERE id=? AND camera_id=? AND sha256=?", &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, image->id);
    sqlite3_bind_int64(statement, 2, image->camera_id);
    sqlite3_bind_blob(statement, 3, image->sha256, WCI_DIGEST_BYTES, SQLITE_STATIC);
    wildcam_step step = wci_database_step(database, statement);
    sqlite3_reset(statement);
    *found = step == 1;
    return step < 0 ? step : WILDCAM_OK;
}

/* A picture that was sent again meanwhile may have the id that it had before. Whoever has written
 * its key and is about to write its row holds the shard's lock, so the answer is sure behind it. In
 * a shard that was set aside it may be. */
static wildcam_status is_there_again(wci_backend *self, const wildcam_image *image, bool *is_there)
{
    struct wci_shard *shard;
    struct wci_database *database;
    *is_there = false;
    wildcam_status status = wci_shards_take(&self->shards, wci_id_time(image->id), &shard);
    if (status == WILDCAM_OK) {
        status = wci_pool_begin(&shard->pool, &database);
        if (status == WILDCAM_OK) {
            status = look_for_row(database, image, is_there);
            wci_pool_rollback(&shard->pool);
        }
        status = wci_shards_give_after(&self->shards, shard, status);
    }
    if (status == WILDCAM_ERR_NOTFOUND)
        status = wci_shards_lack(&self->shards, "picture", image->id);
    *is_there = *is_there || status == WILDCAM_ERR_CORRUPT;
    return status == WILDCAM_ERR_NOTFOUND || status == WILDCAM_ERR_CORRUPT ? WILDCAM_OK : status;
}

wildcam_status wci_sqlite_forget_keys(wci_backend *self, const wildcam_image *images, size_t count)
{
    struct wci_database *catalog;
    bool is_there;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &catalog);
    if (status != WILDCAM_OK)
        return status;
    for (size_t i = 0; status == WILDCAM_OK && i < count; i++) {
        status = is_there_again(self, &images[i], &is_there);
        if (status == WILDCAM_OK && !is_there)
            status = wci_catalog_remove_picture(catalog, images[i].camera_id, images[i].sha256,
                                                images[i].id);
    }
    if (status == WILDCAM_OK)
        return wci_pool_commit(&self->catalog.pool);
    wci_pool_rollback(&self->catalog.pool);
    return status;
}
