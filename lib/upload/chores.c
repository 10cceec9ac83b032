#include "upload/chores.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "upload/drain.h"

/* How often what is in doubt, and what may be released, is gone through. */
#define SEARCHED_EVERY (30 * WCI_SECOND)

static int64_t search_interval(const wci_uploader *uploader)
{
    int64_t interval = uploader->failback;
    if (interval < WCI_SECOND)
        return WCI_SECOND;
    return interval < SEARCHED_EVERY ? interval : SEARCHED_EVERY;
}

wildcam_status wci_chores_init(struct wci_chores *chores, wci_uploader *uploader, atomic_bool *bell)
{
    *chores = (struct wci_chores){
        .uploader = uploader, .bell = bell, .after = {0, -1}, .released_from = INT64_MIN};
    for (size_t i = 0; i < WCI_CHORES_AT_ONCE; i++) {
        wci_upload_init(&chores->all[i].row);
        wci_image_init(&chores->all[i].image);
        chores->all[i].bell = bell;
    }
    return wci_uploader_engine(uploader, &chores->engine);
}

static void empty(struct wci_chore *chore)
{
    wci_upload_release(&chore->row);
    wci_upload_init(&chore->row);
    wci_image_release(&chore->image);
    wci_image_init(&chore->image);
    wci_text_free(&chore->doubts);
    wci_text_free(&chore->settled);
    free(chore->upload_id);
    chore->upload_id = NULL;
    chore->step = WCI_CHORE_IDLE;
}

void wci_chores_release(struct wci_chores *chores)
{
    for (size_t i = 0; i < WCI_CHORES_AT_ONCE; i++)
        empty(&chores->all[i]);
}

void wci_chore_end(struct wci_chores *chores, struct wci_chore *chore)
{
    empty(chore);
    chores->busy--;
    wci_error_clear();
}

bool wci_chore_load(struct wci_chores *chores, struct wci_chore *chore, struct wci_queue_ref ref)
{
    const struct wci_store *store = chores->uploader->store;
    empty(chore);
    bool is_there =
        store->ops->get_upload(store->backend, ref.image_id, ref.kind, &chore->row) == WILDCAM_OK &&
        store->ops->get_image(store->backend, ref.image_id, &chore->image) == WILDCAM_OK;
    wci_error_clear();
    return is_there;
}

/* Called by whoever leads the engine. */
static void answered(void *user, struct wci_errand *errand)
{
    struct wci_chore *chore = user;
    atomic_bool *bell = chore->bell;
    (void)errand;
    chore->is_answered = true;
    *bell = true;
}

bool wci_chore_ask(struct wci_chores *chores, struct wci_chore *chore, enum wci_chore_step step,
                   enum wci_s3_verb verb, int region)
{
    chore->errand = (struct wci_errand){.verb = verb,
                                        .region = region,
                                        .key = wci_text_get(&chore->row.key),
                                        .upload_id = chore->upload_id,
                                        .done = answered,
                                        .user = chore};
    chore->is_answered = false;
    chore->step = step;
    if (!chores->is_ending && wci_engine_run_errand(chores->engine, &chore->errand) == WILDCAM_OK)
        return true;
    chore->step = WCI_CHORE_IDLE;
    return false;
}

/* By its content where the server tells of it, else by what it said when it took it in. */
enum wci_likeness wci_chore_compare(const struct wci_chore *chore)
{
    const struct wci_s3_answer *answer = &chore->errand.answer;
    const struct wildcam_upload *row = &chore->row;
    bool is_same = true;
    if (answer->content_length != row->bytes)
        return WCI_LIKENESS_OTHER;
    if (row->kind == WCI_UPLOAD_PICTURE && *answer->sha256)
        is_same = strcmp(answer->sha256, chore->image.sha256_text) == 0;
    else if (*answer->etag && row->etag.length)
        is_same = strcmp(answer->etag, row->etag.data) == 0;
    else
        return WCI_LIKENESS_UNKNOWN;
    return is_same ? WCI_LIKENESS_SAME : WCI_LIKENESS_OTHER;
}

void wci_chore_owe_again(struct wci_chores *chores, struct wci_chore *chore, const char *why)
{
    const struct wci_log *log = chores->uploader->log;
    const char *what = chore->row.kind == WCI_UPLOAD_THUMBNAIL ? "thumbnail" : "file";
    long long id = (long long)chore->row.image_id;
    wildcam_upload *rows[] = {&chore->row};
    struct wci_upload_work work = {
        .step = WCI_UPLOADS_OWE_AGAIN, .rows = rows, .count = 1, .now = wci_calendar_now()};
    if (chore->row.released_at != WILDCAM_TIME_NONE) {
        wci_log_write(log, WILDCAM_LOG_ERROR, "upload",
                      "the %s of picture %lld was released and cannot be uploaded again: %s in %s",
                      what, id, why, wci_text_get(&chore->row.bucket));
        return;
    }
    wci_log_write(log, WILDCAM_LOG_WARNING, "upload",
                  "the %s of picture %lld is uploaded again: %s in %s", what, id, why,
                  wci_text_get(&chore->row.bucket));
    if (wci_store_step_uploads(chores->uploader->store, &work) != WILDCAM_OK)
        wci_log_failure(log, WILDCAM_LOG_ERROR, "upload",
                        "that it is owed again could not be written down");
    *chores->bell = true;
}

/* A region that was down may answer once, and take in later what it was sent before. */
static void watch_regions(struct wci_chores *chores, int64_t now)
{
    struct wci_region_report report;
    for (size_t i = 0; i < wci_engine_regions(chores->engine); i++) {
        wci_engine_look(chores->engine, (int)i, &report, NULL);
        bool is_well = report.state == WCI_REGION_OK || report.state == WCI_REGION_UNTRIED ||
                       report.state == WCI_REGION_MISCONFIGURED;
        if (!is_well)
            chores->well_since[i] = INT64_MAX;
        else if (chores->well_since[i] == INT64_MAX)
            chores->well_since[i] = now;
    }
}

static void go_on(struct wci_chores *chores, int64_t now)
{
    for (size_t i = 0; i < WCI_CHORES_AT_ONCE; i++) {
        struct wci_chore *chore = &chores->all[i];
        if (chore->step == WCI_CHORE_IDLE || !chore->is_answered)
            continue;
        if (chores->is_ending)
            wci_chore_end(chores, chore);
        else if (chore->step == WCI_CHORE_VERIFIES)
            wci_release_go_on(chores, chore);
        else
            wci_doubt_go_on(chores, chore, now);
    }
}

static void begin(struct wci_chores *chores, int64_t now)
{
    for (size_t i = 0; i < WCI_CHORES_AT_ONCE; i++) {
        struct wci_chore *chore = &chores->all[i];
        if (chore->step != WCI_CHORE_IDLE)
            continue;
        chores->busy++;
        if ((chores->is_searching && wci_doubt_begin(chores, chore, now)) ||
            (chores->is_releasing && wci_release_begin(chores, chore, now)))
            continue;
        wci_chore_end(chores, chore);
        return;
    }
}

static bool is_open(const struct wci_chores *chores)
{
    return wci_engine_opens(chores->engine) <= wci_calendar_monotonic();
}

/* Now and then everything is gone through again. */
static int64_t start_again(struct wci_chores *chores, int64_t now)
{
    if (!chores->goes_on)
        return INT64_MAX;
    if (now >= chores->next_search) {
        chores->next_search = now + search_interval(chores->uploader);
        chores->is_searching = true;
        chores->is_releasing = wci_release_is_wanted(chores->uploader);
    }
    return chores->next_search;
}

int64_t wci_chores_round(struct wci_chores *chores)
{
    int64_t now = wci_calendar_monotonic();
    int64_t at = start_again(chores, now);
    watch_regions(chores, now);
    go_on(chores, now);
    if (!chores->is_ending && is_open(chores))
        begin(chores, now);
    return at;
}

static void wait(struct wci_chores *chores, int64_t until)
{
    wci_engine_wait(chores->engine, chores->bell, until);
    *chores->bell = false;
}

wildcam_status wci_chores_do(struct wci_chores *chores, int64_t until)
{
    wildcam_status status = WILDCAM_OK;
    wci_chores_round(chores);
    while (chores->busy || chores->is_searching || chores->is_releasing) {
        if (!chores->busy && !is_open(chores)) {
            status = wci_uploader_fail_stuck(chores->engine);
            break;
        }
        if (wci_calendar_monotonic() >= until || chores->uploader->is_closing)
            break;
        wait(chores, until);
        wci_chores_round(chores);
    }
    wci_chores_end(chores);
    return status;
}

void wci_chores_end(struct wci_chores *chores)
{
    chores->is_ending = true;
    for (size_t i = 0; i < WCI_CHORES_AT_ONCE; i++)
        if (chores->all[i].step != WCI_CHORE_IDLE)
            wci_engine_cancel_errand(chores->engine, &chores->all[i].errand);
    for (wci_chores_round(chores); chores->busy; wci_chores_round(chores))
        wait(chores, wci_calendar_monotonic() + WCI_SECOND);
}
