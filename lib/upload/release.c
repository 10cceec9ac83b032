/* Picture files that are safe in S3 make room on the disk. */
#include <stdlib.h>

#include "base/calendar.h"
#include "base/file.h"
#include "upload/chores.h"
#include "upload/doubts.h"
#include "upload/drain.h"

bool wci_release_is_wanted(const wci_uploader *uploader)
{
    return wci_conf_real(uploader->conf, WCI_RELEASE_KEEP_DAYS) > 0 ||
           wci_conf_int(uploader->conf, WCI_RELEASE_MIN_FREE_BYTES) > 0;
}

static bool is_short_of_room(const wci_uploader *uploader)
{
    int64_t free_bytes, total_bytes;
    int64_t wanted = wci_conf_int(uploader->conf, WCI_RELEASE_MIN_FREE_BYTES);
    bool is_short = wanted > 0 &&
                    wci_file_space(wci_conf_text(uploader->conf, WCI_DATA_DIR), &free_bytes,
                                   &total_bytes) == WILDCAM_OK &&
                    free_bytes < wanted;
    wci_error_clear();
    return is_short;
}

/* What was uploaded before this moment may go now. When there is no room that is all there is, also
 * what a clock that was ahead says to be of tomorrow. */
static int64_t releasable_before(const wci_uploader *uploader)
{
    double days = wci_conf_real(uploader->conf, WCI_RELEASE_KEEP_DAYS);
    int64_t now = wci_calendar_now();
    if (is_short_of_room(uploader))
        return INT64_MAX;
    return days > 0 ? now - (int64_t)(days * (double)WCI_DAY) : INT64_MIN;
}

static bool next_page(struct wci_chores *chores, int64_t before)
{
    const struct wci_store *store = chores->uploader->store;
    chores->picture_count = chores->picture_at = 0;
    if (before != INT64_MIN &&
        store->ops->find_releasable(store->backend, chores->released_from, before, chores->pictures,
                                    WCI_CHORES_PAGE, &chores->picture_count) == WILDCAM_OK &&
        chores->picture_count)
        return true;
    wci_error_clear();
    chores->released_from = INT64_MIN;
    chores->is_releasing = false;
    return false;
}

/* The thumbnail cannot be made any more when the picture is gone. One that cannot be made anyway is
 * no reason to keep the picture. */
static void keep_thumbnail(const struct wci_chores *chores, int64_t image_id)
{
    void *data;
    size_t size;
    const wci_uploader *uploader = chores->uploader;
    if (uploader->make(uploader->make_user, image_id, &data, &size) == WILDCAM_OK)
        free(data);
    wci_error_clear();
}

/* A second copy may yet be deleted, which must not turn out to be the only one. */
static bool has_second_copy(const struct wci_chores *chores, const wildcam_upload *row)
{
    struct wci_doubt doubt;
    for (const char *at = wci_text_get(&row->doubts); wci_doubts_next(&at, &doubt);)
        if (!doubt.upload_id && wci_doubt_region(&doubt, chores->engine) >= 0)
            return true;
    return false;
}

bool wci_release_begin(struct wci_chores *chores, struct wci_chore *chore, int64_t now)
{
    (void)now;
    int64_t before = releasable_before(chores->uploader);
    while (chores->picture_at < chores->picture_count || next_page(chores, before)) {
        struct wci_queue_ref ref = {chores->pictures[chores->picture_at++], WCI_UPLOAD_PICTURE};
        if (!wci_chore_load(chores, chore, ref) || chore->row.state != WCI_UPLOAD_DONE ||
            chore->row.released_at != WILDCAM_TIME_NONE)
            continue;
        if (chore->row.uploaded_at > before) { /* there is room again */
            chores->picture_at = chores->picture_count;
            continue;
        }
        chores->released_from = chore->row.uploaded_at + 1;
        int region = wci_engine_find_region(chores->engine, wci_text_get(&chore->row.region));
        if (region < 0 || has_second_copy(chores, &chore->row))
            continue;
        keep_thumbnail(chores, ref.image_id);
        if (wci_chore_ask(chores, chore, WCI_CHORE_VERIFIES, WCI_S3_HEAD, region))
            return true;
    }
    return false;
}

static void release(struct wci_chores *chores, struct wci_chore *chore)
{
    if (wci_store_release_picture(chores->uploader->store, &chore->image) == WILDCAM_OK) {
        chores->released++;
        chores->bytes += chore->image.bytes;
        return;
    }
    wci_log_failure(chores->uploader->log, WILDCAM_LOG_ERROR, "upload",
                    "a picture's file could not be released");
    chores->is_releasing = false;
}

void wci_release_go_on(struct wci_chores *chores, struct wci_chore *chore)
{
    enum wci_outcome outcome = chore->errand.outcome;
    if (outcome == WCI_OUTCOME_MISSING)
        wci_chore_owe_again(chores, chore, "it is not there any more");
    else if (outcome == WCI_OUTCOME_OK && wci_chore_compare(chore) == WCI_LIKENESS_SAME)
        release(chores, chore);
    else if (outcome == WCI_OUTCOME_OK && wci_chore_compare(chore) == WCI_LIKENESS_OTHER)
        wci_chore_owe_again(chores, chore, "what is there is something else");
    wci_chore_end(chores, chore);
}
