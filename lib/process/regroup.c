#include "process/regroup.h"

#include <stdlib.h>

#include "base/calendar.h"
#include "base/memory.h"

/* How many are read at once and written at once; how often a picture before that is owed itself is
 * gone back to, and how often all is done anew because another was quicker. */
enum { PAGE = 256, BACK_PAGE = 16, BATCH = 4096, STEPS_BACK = 64, ATTEMPTS = 16 };

struct run {
    const struct wci_frame_source *source;
    struct wci_regrouping *work;
    struct wci_grouping grouping;
    struct wci_frames page;
    struct wci_event_mark *marks;
    size_t mark_count, mark_capacity;
    int64_t start;            /* the second that it begins at */
    bool settled[WCI_CHAINS]; /* behind the span, one was found that is as it was */
    bool is_over, is_missed;
};

static int64_t second_of(int64_t time)
{
    int64_t past = time % WCI_SECOND;
    return past < 0 ? time - past - WCI_SECOND : time - past;
}

static wildcam_status add_mark(struct run *run, const struct wci_frame *frame, int64_t was)
{
    void *marks = run->marks;
    if (wci_reserve(&marks, &run->mark_capacity, run->mark_count + 1, sizeof *run->marks) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    run->marks = marks;
    run->marks[run->mark_count++] = (struct wci_event_mark){
        frame->id, run->work->camera_id, frame->time, was, frame->event_id, frame->event_gap};
    return WILDCAM_OK;
}

/* ---- what was before ---- */

/* The last of each chain before the start; *owed is the time of one that is in no event yet. */
static wildcam_status look_back(struct run *run, int64_t *owed)
{
    const struct wci_regrouping *work = run->work;
    int64_t reach = wci_events_reach(work->gap) * WCI_SECOND;
    int64_t floor = run->start - reach, before = run->start;
    bool found[WCI_CHAINS] = {false, false};
    *owed = INT64_MAX;
    run->grouping = (struct wci_grouping){.gap = work->gap};
    run->mark_count = 0;
    while (before > floor && !(found[0] && found[1])) {
        wci_frames_empty(&run->page);
        wildcam_status status = run->source->read_back(run->source->user, work->camera_id, floor,
                                                       before, BACK_PAGE, &run->page, &before);
        if (status != WILDCAM_OK)
            return status;
        if (run->page.count)
            qsort(run->page.list, run->page.count, sizeof *run->page.list, wci_frames_compare);
        for (size_t i = run->page.count; i > 0; i--) {
            const struct wci_frame *frame = &run->page.list[i - 1];
            enum wci_frame_kind kind = wci_frame_kind(frame);
            if (kind == WCI_FRAME_ALONE || found[kind == WCI_FRAME_OTHER])
                continue;
            found[kind == WCI_FRAME_OTHER] = true;
            if (frame->event_id == 0) {
                *owed = frame->time < *owed ? frame->time : *owed;
                continue;
            }
            wci_events_note(&run->grouping, frame);
        }
    }
    return WILDCAM_OK;
}

/* One before that is owed has to be done first. It is left where there are too many: whoever does
 * it comes by here again. */
static wildcam_status find_start(struct run *run)
{
    int64_t owed = INT64_MAX;
    run->start = second_of(run->work->from);
    for (int step = 0; step < STEPS_BACK; step++) {
        wildcam_status status = look_back(run, &owed);
        if (status != WILDCAM_OK || owed == INT64_MAX)
            return status;
        run->start = second_of(owed);
    }
    return look_back(run, &owed);
}

/* ---- writing ---- */

static wildcam_status flush(struct run *run)
{
    bool missed = false;
    if (!run->mark_count)
        return WILDCAM_OK;
    wildcam_status status = run->source->write(run->source->user, run->marks, run->mark_count,
                                               &missed);
    run->mark_count = 0;
    if (missed)
        run->is_missed = run->is_over = true;
    return status;
}

/* Before what is there is written, the next one comes to be owed, and it is known that something
 * is to be done from there on. */
static wildcam_status flush_before(struct run *run, struct wci_frame *frame)
{
    bool missed = false;
    if (run->mark_count && frame->event_id != 0) {
        struct wci_event_mark mark = {
            frame->id, run->work->camera_id, frame->time, frame->event_id, 0, -1};
        wildcam_status status = run->source->write(run->source->user, &mark, 1, &missed);
        if (status != WILDCAM_OK)
            return status;
        if (missed) {
            run->is_missed = run->is_over = true;
            return WILDCAM_OK;
        }
        frame->event_id = 0;
    }
    return flush(run);
}

/* ---- going on ---- */

static int64_t chain_reach(const struct run *run, int chain)
{
    return (chain == 0 ? wci_events_reach(run->work->gap) : run->work->gap) * WCI_SECOND;
}

/* Whether nothing from a time on can be changed by what was before, the span or what came after. */
static bool is_settled(const struct run *run, int64_t time)
{
    for (int chain = 0; chain < WCI_CHAINS; chain++) {
        const struct wci_link *last = &run->grouping.last[chain];
        int64_t since = run->work->to;
        if (last->is_there && last->time > since)
            since = last->time;
        if (!run->settled[chain] && time - since <= chain_reach(run, chain))
            return false;
    }
    return true;
}

static wildcam_status take(struct run *run, struct wci_frame *frame)
{
    struct wci_regrouping *work = run->work;
    enum wci_frame_kind kind = wci_frame_kind(frame);
    int64_t was = frame->event_id;
    int gap = frame->event_gap;
    bool is_behind = frame->time >= work->to;
    wci_events_add(&run->grouping, frame);
    work->seen++;
    if (kind != WCI_FRAME_ALONE)
        run->settled[kind == WCI_FRAME_OTHER] = is_behind && was != 0 && frame->event_id == was;
    if (frame->event_id == was && (is_behind || !work->renews_gap || frame->event_gap == gap))
        return WILDCAM_OK;
    work->changed++;
    return add_mark(run, frame, was);
}

/* Takes the next picture, or finds that it is over before it. */
static wildcam_status go_on(struct run *run, struct wci_frame *frame)
{
    const struct wci_regrouping *work = run->work;
    bool is_owed = frame->event_id == 0, is_behind = frame->time >= work->to;
    if (is_behind && !is_owed && is_settled(run, frame->time)) {
        run->is_over = true;
        return WILDCAM_OK;
    }
    if (is_behind && is_owed && work->limit && (size_t)work->seen >= work->limit) {
        run->is_over = true;
        return WILDCAM_OK;
    }
    if (run->mark_count >= BATCH) {
        wildcam_status status = flush_before(run, frame);
        if (status != WILDCAM_OK || run->is_over)
            return status;
    }
    return take(run, frame);
}

/* Ends before a picture, which somebody has to come back to where anything has changed. */
static wildcam_status interrupt(struct run *run, struct wci_frame *frame)
{
    run->work->next = second_of(frame->time);
    run->is_over = true;
    return flush_before(run, frame);
}

static wildcam_status go_through(struct run *run)
{
    struct wci_regrouping *work = run->work;
    int64_t at = run->start;
    while (!run->is_over && at != INT64_MAX) {
        wci_frames_empty(&run->page);
        wildcam_status status = run->source->read(run->source->user, work->camera_id, at, PAGE,
                                                  &run->page, &at);
        if (status != WILDCAM_OK)
            return status;
        if (run->page.count)
            qsort(run->page.list, run->page.count, sizeof *run->page.list, wci_frames_compare);
        if (run->page.count && work->turn && (size_t)work->seen >= work->turn)
            return interrupt(run, &run->page.list[0]);
        for (size_t i = 0; status == WILDCAM_OK && !run->is_over && i < run->page.count; i++)
            status = go_on(run, &run->page.list[i]);
        if (status != WILDCAM_OK)
            return status;
    }
    return run->is_missed ? WILDCAM_OK : flush(run);
}

wildcam_status wci_events_regroup(const struct wci_frame_source *source,
                                  struct wci_regrouping *work)
{
    struct run run = {.source = source, .work = work};
    wildcam_status status = WILDCAM_OK;
    int attempt = 0;
    do {
        work->seen = work->changed = 0;
        work->next = INT64_MAX;
        run.is_over = run.is_missed = run.settled[0] = run.settled[1] = false;
        status = find_start(&run);
        if (status == WILDCAM_OK)
            status = go_through(&run);
    } while (status == WILDCAM_OK && run.is_missed && ++attempt < ATTEMPTS);
    if (status == WILDCAM_OK && run.is_missed)
        status = wci_fail(WILDCAM_ERR_BUSY, "others group the same pictures; try again");
    wci_frames_free(&run.page);
    free(run.marks);
    return status;
}
