/* What may lie where it should not: looked for when its region has answered well for a while, and
 * deleted when the object is safe where it belongs. */
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "upload/chores.h"
#include "upload/doubts.h"
#include "upload/drain.h"

enum standing { LEFT_ALONE, PROBED, ASKED };

/* What was sent to a region before it went down may come to light when it is back, a little after
 * it answers again. */
static enum standing standing_of(struct wci_chores *chores, int region, int64_t now)
{
    struct wci_region_report report;
    int64_t since = chores->well_since[region];
    if (since != INT64_MAX)
        return now - since >= chores->uploader->failback ? ASKED : LEFT_ALONE;
    wci_engine_look(chores->engine, region, &report, NULL);
    bool may_probe = report.opens <= now && report.state != WCI_REGION_OFFLINE &&
                     !(chores->probed & UINT32_C(1) << region);
    chores->probed |= UINT32_C(1) << region;
    return may_probe ? PROBED : LEFT_ALONE;
}

static const char *region_name(const struct wci_chores *chores, int region)
{
    return wci_engine_region(chores->engine, region)->name;
}

static void count_as_settled(const struct wci_chores *chores, struct wci_chore *chore)
{
    wci_doubts_add(&chore->settled, region_name(chores, chore->region), chore->upload_id);
}

static bool take_id(struct wci_chore *chore, const struct wci_doubt *doubt)
{
    free(chore->upload_id);
    chore->upload_id = NULL;
    if (!doubt->upload_id)
        return true;
    chore->upload_id = wci_new(doubt->id_length + 1);
    if (chore->upload_id)
        memcpy(chore->upload_id, doubt->upload_id, doubt->id_length);
    return chore->upload_id;
}

/* Asks about one item; false when nothing can be asked now. */
static bool ask(struct wci_chores *chores, struct wci_chore *chore, const struct wci_doubt *doubt,
                int64_t now)
{
    chore->region = wci_doubt_region(doubt, chores->engine);
    chore->is_too_many = chore->is_deleted = false;
    if (chore->region < 0 || !take_id(chore, doubt))
        return false;
    if (!doubt->upload_id && chore->row.state != WCI_UPLOAD_DONE)
        return false; /* it may still become the one that counts */
    if (!doubt->upload_id && wci_doubt_is_in(doubt, wci_text_get(&chore->row.region))) {
        count_as_settled(chores, chore);
        return false;
    }
    switch (standing_of(chores, chore->region, now)) {
    case PROBED:
        return wci_chore_ask(chores, chore, WCI_CHORE_PROBES, WCI_S3_HEAD, chore->region);
    case ASKED:
        return doubt->upload_id
                   ? wci_chore_ask(chores, chore, WCI_CHORE_DROPS, WCI_S3_DROP_PARTS, chore->region)
                   : wci_chore_ask(chores, chore, WCI_CHORE_LOOKS, WCI_S3_HEAD, chore->region);
    case LEFT_ALONE:
        break;
    }
    return false;
}

/* Somebody else may have changed the row meanwhile. */
static void write_down(struct wci_chores *chores, struct wci_chore *chore)
{
    const struct wci_queue_ref ref = {chore->row.image_id, chore->row.kind};
    struct wci_text settled = chore->settled;
    chore->settled = (struct wci_text){0};
    if (settled.length && !settled.failed && wci_chore_load(chores, chore, ref) &&
        chore->row.state != WCI_UPLOAD_DUE) {
        wci_doubts_remove_all(&chore->row.doubts, settled.data);
        wildcam_upload *rows[] = {&chore->row};
        struct wci_upload_work work = {.step = WCI_UPLOADS_NOTE_DOUBTS, .rows = rows, .count = 1};
        if (wci_store_step_uploads(chores->uploader->store, &work) != WILDCAM_OK)
            wci_log_failure(chores->uploader->log, WILDCAM_LOG_ERROR, "upload",
                            "what became of a doubt could not be written down");
    }
    wci_text_free(&settled);
}

/* The next item of the row that something can be done about; false at the end of them. */
static bool next_item(struct wci_chores *chores, struct wci_chore *chore, int64_t now)
{
    struct wci_doubt doubt;
    while (wci_doubts_next(&chore->at, &doubt))
        if (ask(chores, chore, &doubt, now))
            return true;
    write_down(chores, chore);
    return false;
}

/* A refusal will not go away by itself, and costs a request each time. */
static void give_up(struct wci_chores *chores, struct wci_chore *chore)
{
    uint32_t bit = UINT32_C(1) << chore->region;
    if (!(chores->told & bit))
        wci_log_write(chores->uploader->log, WILDCAM_LOG_WARNING, "upload",
                      "%s does not let us look after what may be left there, such as %s of %s: %s",
                      region_name(chores, chore->region),
                      chore->upload_id ? "parts" : "a second copy", wci_text_get(&chore->row.key),
                      chore->errand.error.message);
    chores->told |= bit;
    count_as_settled(chores, chore);
}

/* Whether it is where the row says: before anything is deleted, and after. */
static bool look_home(struct wci_chores *chores, struct wci_chore *chore)
{
    int home = wci_engine_find_region(chores->engine, wci_text_get(&chore->row.region));
    return home >= 0 && wci_chore_ask(chores, chore, WCI_CHORE_LOOKS_HOME, WCI_S3_HEAD, home);
}

/* Something of somebody else's, under our key. A thumbnail may have been made anew, a little other
 * than before, and a second copy's ETag may be another; by its name it is ours all the same. */
static bool is_foreign(const struct wci_chore *chore)
{
    return chore->row.kind == WCI_UPLOAD_PICTURE && *chore->errand.answer.sha256 &&
           wci_chore_compare(chore) == WCI_LIKENESS_OTHER;
}

/* The row is not right: where it says, the object is not. What else is in doubt is written down
 * before, and looked for anew when it is uploaded again. */
static void owe_again(struct wci_chores *chores, struct wci_chore *chore, const char *why)
{
    if (chore->is_deleted)
        wci_log_write(chores->uploader->log, WILDCAM_LOG_ERROR, "upload",
                      "%s and %s lead to one bucket: a second copy of %s was the only one; see "
                      "s3.regions, s3.bucket and s3.endpoint",
                      region_name(chores, chore->region), wci_text_get(&chore->row.region),
                      wci_text_get(&chore->row.key));
    if (!chore->is_too_many || chore->is_deleted)
        count_as_settled(chores, chore);
    write_down(chores, chore);
    if (chore->row.state == WCI_UPLOAD_DONE)
        wci_chore_owe_again(chores, chore, why);
    chore->at = "";
}

/* The look at where it belongs has been answered. One that cannot be compared, or a thumbnail that
 * is another, is no reason to delete anything, nor to send anything. */
static bool take_look_home(struct wci_chores *chores, struct wci_chore *chore)
{
    enum wci_outcome outcome = chore->errand.outcome;
    if (outcome == WCI_OUTCOME_MISSING) {
        owe_again(chores, chore, "it is not there any more");
    } else if (outcome == WCI_OUTCOME_OK && chore->row.kind == WCI_UPLOAD_PICTURE &&
               wci_chore_compare(chore) == WCI_LIKENESS_OTHER) {
        owe_again(chores, chore, "what is there is something else");
    } else if (outcome == WCI_OUTCOME_OK) {
        if (chore->is_too_many && !chore->is_deleted &&
            wci_chore_compare(chore) == WCI_LIKENESS_SAME)
            return wci_chore_ask(chores, chore, WCI_CHORE_DELETES, WCI_S3_DELETE, chore->region);
        count_as_settled(chores, chore);
    }
    return false;
}

/* Whether an object is where it may be one too many. A picture whose file was released meanwhile
 * keeps every copy that there is. */
static bool take_look(struct wci_chores *chores, struct wci_chore *chore)
{
    bool is_there = chore->errand.outcome == WCI_OUTCOME_OK;
    if (is_there && (is_foreign(chore) || chore->row.released_at != WILDCAM_TIME_NONE)) {
        count_as_settled(chores, chore);
        return false;
    }
    chore->is_too_many = is_there;
    return look_home(chores, chore);
}

/* Whether the request that has ended leads to another about the same item. */
static bool take_answer(struct wci_chores *chores, struct wci_chore *chore)
{
    enum wci_outcome outcome = chore->errand.outcome;
    bool is_gone = outcome == WCI_OUTCOME_MISSING || outcome == WCI_OUTCOME_NO_PARTS;
    if (chore->step == WCI_CHORE_PROBES)
        return false;
    if (chore->step == WCI_CHORE_LOOKS_HOME)
        return take_look_home(chores, chore);
    if (outcome == WCI_OUTCOME_REFUSED) {
        give_up(chores, chore);
    } else if (is_gone || outcome == WCI_OUTCOME_OK) {
        if (chore->step == WCI_CHORE_LOOKS)
            return take_look(chores, chore);
        if (chore->step == WCI_CHORE_DELETES) {
            chore->is_deleted = true;
            return look_home(chores, chore);
        }
        count_as_settled(chores, chore);
    }
    return false;
}

void wci_doubt_go_on(struct wci_chores *chores, struct wci_chore *chore, int64_t now)
{
    if (take_answer(chores, chore) || next_item(chores, chore, now))
        return;
    wci_chore_end(chores, chore);
}

static bool next_page(struct wci_chores *chores)
{
    struct wci_queue_figures figures;
    const struct wci_store *store = chores->uploader->store;
    const uint32_t kinds = (1u << WCI_UPLOAD_KINDS) - 1;
    chores->found_count = chores->found_at = 0;
    if (store->ops->count_uploads(store->backend, kinds, &figures) == WILDCAM_OK &&
        figures.in_doubt &&
        store->ops->find_uploads(store->backend, WCI_QUEUE_IN_DOUBT, kinds, chores->after,
                                 chores->found, WCI_CHORES_PAGE,
                                 &chores->found_count) == WILDCAM_OK &&
        chores->found_count) {
        chores->after = chores->found[chores->found_count - 1];
        return true;
    }
    wci_error_clear();
    chores->after = (struct wci_queue_ref){0, -1};
    chores->is_searching = false;
    chores->probed = 0;
    return false;
}

/* Whether enough time has gone by since the row was settled. */
static bool is_ripe(const struct wci_chores *chores, const wildcam_upload *row)
{
    if (row->state == WCI_UPLOAD_DUE || !row->doubts.length)
        return false;
    int64_t age = wci_calendar_now() - row->uploaded_at;
    return row->uploaded_at == WILDCAM_TIME_NONE || age >= chores->uploader->failback || age < 0;
}

bool wci_doubt_begin(struct wci_chores *chores, struct wci_chore *chore, int64_t now)
{
    while (chores->found_at < chores->found_count || next_page(chores)) {
        struct wci_queue_ref ref = chores->found[chores->found_at++];
        if (!wci_chore_load(chores, chore, ref) || !is_ripe(chores, &chore->row))
            continue;
        if (wci_text_set(&chore->doubts, chore->row.doubts.data, chore->row.doubts.length) !=
            WILDCAM_OK)
            continue;
        chore->at = chore->doubts.data;
        if (next_item(chores, chore, now))
            return true;
    }
    return false;
}
