/* Reviewers' words: the row takes the species by which it counts, and the summary follows. */
#include <math.h>

#include "store/sqlite/sqlite.h"

/* A detection's row with what was said of it before. */
struct reviewed {
    struct wci_tally tally;
    bool has_review, verified, false_positive;
    int64_t detected_species, verified_species; /* 0: nobody said */
    struct wci_text notes, verified_by;
};

static wildcam_status load(struct wci_database *database, int64_t id, struct reviewed *row)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0,
        "SELECT camera_id, species_id, detection_timestamp, utc_offset, confidence,"
        " detection_id, verified, is_false_positive, detected_species_id, verified_species_id,"
        " notes, verified_by"
        " FROM wildlife_detections LEFT JOIN reviews ON detection_id=id WHERE id=?",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, id);
    wildcam_step step = wci_database_step(database, statement);
    if (step == 1) {
        row->tally = (struct wci_tally){.camera_id = sqlite3_column_int64(statement, 0),
                                        .species_id = sqlite3_column_int64(statement, 1),
                                        .time = sqlite3_column_int64(statement, 2),
                                        .offset = WILDCAM_OFFSET_UNKNOWN,
                                        .confidence = wci_column_real(statement, 4)};
        if (sqlite3_column_type(statement, 3) != SQLITE_NULL)
            row->tally.offset = sqlite3_column_int(statement, 3);
        row->has_review = sqlite3_column_type(statement, 5) != SQLITE_NULL;
        row->verified = sqlite3_column_int(statement, 6);
        row->false_positive = sqlite3_column_int(statement, 7);
        row->detected_species = row->has_review ? sqlite3_column_int64(statement, 8)
                                                : row->tally.species_id;
        row->verified_species = sqlite3_column_int64(statement, 9);
        status = wci_column_text(statement, 10, &row->notes);
        if (status == WILDCAM_OK)
            status = wci_column_text(statement, 11, &row->verified_by);
    } else {
        status = step < 0
                     ? step
                     : wci_fail(WILDCAM_ERR_NOTFOUND, "there is no detection %lld", (long long)id);
    }
    sqlite3_reset(statement);
    return status;
}

static wildcam_status take_text(struct wci_text *to, const struct wci_text *from)
{
    return wci_text_set(to, wci_text_get(from), from->length);
}

/* Puts what the draft has set over what was said before. */
static wildcam_status merge(struct reviewed *row, const struct wci_review *review)
{
    const wildcam_detection *draft = review->draft;
    wildcam_status status = WILDCAM_OK;
    if (draft->set & WCI_SET_VERIFIED)
        row->verified = draft->verified;
    if (draft->set & WCI_SET_FALSE_POSITIVE)
        row->false_positive = draft->false_positive;
    if (draft->set & WCI_SET_VERIFIED_SPECIES)
        row->verified_species = review->species ? review->species->id : 0;
    if (draft->set & WCI_SET_NOTES)
        status = take_text(&row->notes, &draft->notes);
    if (status == WILDCAM_OK && draft->set & WCI_SET_VERIFIED_BY)
        status = take_text(&row->verified_by, &draft->verified_by);
    row->tally.species_id = row->verified_species ? row->verified_species : row->detected_species;
    return status;
}

static wildcam_status save(struct wci_database *database, const struct wci_review *review,
                           const struct reviewed *row)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0, "INSERT OR REPLACE INTO reviews VALUES(?,?,?,?,?,?,?,?)", &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, review->detection_id);
    sqlite3_bind_int(statement, 2, row->verified);
    sqlite3_bind_int(statement, 3, row->false_positive);
    sqlite3_bind_int64(statement, 4, row->detected_species);
    wci_bind_count(statement, 5, row->verified_species ? row->verified_species : -1);
    wci_bind_text(statement, 6, wci_text_get(&row->notes));
    wci_bind_text(statement, 7, wci_text_get(&row->verified_by));
    sqlite3_bind_int64(statement, 8, review->time);
    wildcam_step step = wci_database_step(database, statement);
    sqlite3_reset(statement);
    return step;
}

static wildcam_status set_species(struct wci_database *database, int64_t id, int64_t species_id)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0, "UPDATE wildlife_detections SET species_id=? WHERE id=?", &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, species_id);
    sqlite3_bind_int64(statement, 2, id);
    wildcam_step step = wci_database_step(database, statement);
    sqlite3_reset(statement);
    return step;
}

static wildcam_status change(struct wci_database *database, const struct wci_review *review,
                             struct reviewed *row, struct wci_deltas *deltas)
{
    struct wci_tally before = row->tally;
    bool counted = !row->false_positive;
    wildcam_status status = merge(row, review);
    if (status == WILDCAM_OK)
        status = save(database, review, row);
    if (status == WILDCAM_OK && before.species_id != row->tally.species_id)
        status = set_species(database, review->detection_id, row->tally.species_id);
    if (review->is_newly_false)
        *review->is_newly_false = counted && row->false_positive;
    if (status == WILDCAM_OK && counted)
        status = wci_deltas_add(deltas, &before, -1);
    if (status == WILDCAM_OK && !row->false_positive)
        status = wci_deltas_add(deltas, &row->tally, 1);
    return status;
}

wildcam_status wci_sqlite_review(struct wci_database *database, const struct wci_review *review,
                                 struct wci_deltas *deltas)
{
    struct reviewed row = {0};
    wildcam_status status = load(database, review->detection_id, &row);
    if (status == WILDCAM_OK)
        status = change(database, review, &row, deltas);
    wci_text_free(&row.notes);
    wci_text_free(&row.verified_by);
    return status;
}
