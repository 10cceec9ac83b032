#include "store/sqlite/new_ids.h"

#include "model/id.h"

/* 0 says that a row has no id, so the first millisecond of 1970, which cameras without a clock like
 * to send, begins at 1. */
static int64_t first_id(int64_t slot)
{
    return slot ? slot : 1;
}

/* Looks for a free id from a millisecond on: behind its last one, else behind the last of the
 * second, else in any gap of the second. */
static wildcam_status find_free_id(struct wci_database *database, bool is_image, int64_t slot,
                                   int64_t *id)
{
    int64_t second = wci_id_second(slot), end = second + WCI_IDS_PER_SECOND;
    const int64_t spans[][2] = {{first_id(slot), slot + WCI_IDS_PER_MILLISECOND},
                                {first_id(second), end}};
    sqlite3_stmt *statement;
    for (int i = 0; i < 2; i++) {
        wildcam_status status = wci_database_prepare(
            database, 0,
            is_image ? "SELECT max(id) FROM images WHERE id>=? AND id<?"
                     : "SELECT max(id) FROM wildlife_detections WHERE id>=? AND id<?",
            &statement);
        if (status != WILDCAM_OK)
            return status;
        sqlite3_bind_int64(statement, 1, spans[i][0]);
        sqlite3_bind_int64(statement, 2, spans[i][1]);
        wildcam_step step = wci_database_step(database, statement);
        *id = step == 1 && sqlite3_column_type(statement, 0) != SQLITE_NULL
                  ? sqlite3_column_int64(statement, 0) + 1
                  : spans[i][0];
        sqlite3_reset(statement);
        if (step < 0 || *id < spans[i][1])
            return step < 0 ? step : WILDCAM_OK;
    }
    wildcam_status status = wci_database_prepare(
        database, 0,
        is_image ? "SELECT id FROM images WHERE id>=? AND id<? ORDER BY id"
                 : "SELECT id FROM wildlife_detections WHERE id>=? AND id<? ORDER BY id",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, first_id(second));
    sqlite3_bind_int64(statement, 2, end);
    wildcam_step step;
    *id = first_id(second);
    while ((step = wci_database_step(database, statement)) == 1 &&
           sqlite3_column_int64(statement, 0) == *id)
        ++*id;
    sqlite3_reset(statement);
    if (step < 0 || *id < end)
        return step < 0 ? step : WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_TOOLARGE, "the second %lld holds %lld %s already",
                    (long long)(second >> 21), (long long)WCI_IDS_PER_SECOND,
                    is_image ? "pictures" : "detections");
}

wildcam_status wci_new_ids_insert(struct wci_new_ids *ids, struct wci_database *database,
                                  sqlite3_stmt *statement, int64_t time, int64_t *id)
{
    int64_t slot = wci_id_at(time);
    size_t at = (size_t)(slot >> 11) % WCI_SLOTS_KNOWN;
    bool is_known = ids->slot[at] == slot + 1; /* + 1: 0 is an empty place */
    bool is_inside = ids->next[at] < wci_id_second(slot) + WCI_IDS_PER_SECOND;
    *id = is_known && is_inside ? ids->next[at] : first_id(slot);
    for (;;) {
        sqlite3_bind_int64(statement, 1, *id);
        int code = sqlite3_step(statement);
        if (code == SQLITE_DONE)
            break;
        wildcam_status status = WILDCAM_OK;
        if (code != SQLITE_CONSTRAINT_PRIMARYKEY && code != SQLITE_CONSTRAINT_ROWID)
            status = wci_database_failed(database, code, "the database");
        sqlite3_reset(statement);
        if (status == WILDCAM_OK)
            status = find_free_id(database, ids->is_image, slot, id);
        if (status != WILDCAM_OK)
            return status;
    }
    sqlite3_reset(statement);
    ids->slot[at] = slot + 1;
    ids->next[at] = *id + 1;
    return WILDCAM_OK;
}
