#include "process/place.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/lock_file.h"
#include "base/memory.h"
#include "model/deployment.h"
#include "process/regroup.h"

/* So many cameras' events are looked for at once, and so many pictures are grouped anew before the
 * lock is given back for a moment. */
enum { CAMERAS = 256, SPANS = 64, TURN = 4096 };
enum { LOCK_PAUSE_NS = 10000000 };

/* The store as wci_events_regroup() sees it. Where several cameras are done, what is to be written
 * of all of them is gathered, so that it is one transaction. */
struct span {
    int64_t id, start, end;
};

struct desk {
    struct wci_store *store;
    int64_t camera_id; /* whose deployments these are; 0 while nobody's are known */
    struct span *spans;
    size_t span_count, span_capacity;
    bool gathers;
    struct wci_event_mark *marks;
    size_t count, capacity;
    int writes; /* of the present call */
};

static wildcam_status add_span(void *user, wildcam_deployment *deployment)
{
    struct desk *desk = user;
    void *spans = desk->spans;
    wildcam_status status = wci_reserve(&spans, &desk->span_capacity, desk->span_count + 1,
                                        sizeof *desk->spans);
    desk->spans = spans;
    if (status == WILDCAM_OK)
        desk->spans[desk->span_count++] =
            (struct span){deployment->id, deployment->start,
                          deployment->end == WILDCAM_TIME_NONE ? INT64_MAX : deployment->end};
    return status;
}

static wildcam_status know_deployments(struct desk *desk, int64_t camera_id)
{
    if (desk->camera_id == camera_id)
        return WILDCAM_OK;
    desk->camera_id = 0;
    desk->span_count = 0;
    wildcam_status status = desk->store->ops->list_deployments(
        desk->store->backend, camera_id, INT64_MIN, INT64_MAX, add_span, desk);
    if (status == WILDCAM_OK)
        desk->camera_id = camera_id;
    return status;
}

/* Where two hold, the one that began later. */
static void place_in_deployments(const struct desk *desk, struct wci_frames *frames)
{
    for (size_t i = 0; i < frames->count; i++)
        for (size_t k = desk->span_count; k > 0 && !frames->list[i].deployment; k--)
            if (frames->list[i].time >= desk->spans[k - 1].start &&
                frames->list[i].time < desk->spans[k - 1].end)
                frames->list[i].deployment = desk->spans[k - 1].id;
}

static wildcam_status read_frames(void *user, int64_t camera_id, int64_t from, size_t limit,
                                  struct wci_frames *out, int64_t *until)
{
    struct desk *desk = user;
    wildcam_status status = know_deployments(desk, camera_id);
    if (status == WILDCAM_OK)
        status = desk->store->ops->read_frames(desk->store->backend, camera_id, from, limit, out,
                                               until);
    place_in_deployments(desk, out);
    return status;
}

static wildcam_status read_frames_back(void *user, int64_t camera_id, int64_t from, int64_t before,
                                       size_t limit, struct wci_frames *out, int64_t *since)
{
    struct desk *desk = user;
    wildcam_status status = know_deployments(desk, camera_id);
    if (status == WILDCAM_OK)
        status = desk->store->ops->read_frames_back(desk->store->backend, camera_id, from, before,
                                                    limit, out, since);
    place_in_deployments(desk, out);
    return status;
}

static wildcam_status write_now(struct desk *desk, const struct wci_event_mark *marks, size_t count,
                                bool *missed)
{
    struct wci_event_work work = {.marks = marks, .count = count};
    wildcam_status status = wci_store_mark_events(desk->store, &work);
    *missed = work.is_missed;
    return status;
}

/* What is missed stays owed. */
static wildcam_status write_gathered(struct desk *desk)
{
    bool missed;
    wildcam_status status = WILDCAM_OK;
    if (desk->count)
        status = write_now(desk, desk->marks, desk->count, &missed);
    desk->count = 0;
    return status;
}

/* A second time within one call it is about the same pictures: what was gathered goes first. */
static wildcam_status write_marks(void *user, struct wci_event_mark *marks, size_t count,
                                  bool *missed)
{
    struct desk *desk = user;
    void *gathered = desk->marks;
    *missed = false;
    if (!desk->gathers)
        return write_now(desk, marks, count, missed);
    wildcam_status status = desk->writes++ ? write_gathered(desk) : WILDCAM_OK;
    if (status == WILDCAM_OK)
        status = wci_reserve(&gathered, &desk->capacity, desk->count + count, sizeof *desk->marks);
    desk->marks = gathered;
    for (size_t i = 0; status == WILDCAM_OK && i < count; i++)
        desk->marks[desk->count++] = marks[i];
    return status;
}

static wildcam_status regroup(struct desk *desk, struct wci_regrouping *work)
{
    const struct wci_frame_source source = {desk, read_frames, read_frames_back, write_marks};
    desk->writes = 0;
    return wci_events_regroup(&source, work);
}

static wildcam_status lock(const struct wci_store *store, bool waits, int *fd)
{
    char path[WCI_PATH];
    wildcam_status status = wci_path(path, "%s/events.lock",
                                     wci_conf_text(store->conf, WCI_DATA_DIR));
    if (status == WILDCAM_OK)
        status = wci_lock_file_open(path, fd);
    if (status != WILDCAM_OK)
        return status;
    status = waits ? wci_lock_take(*fd, 0, true) : wci_lock_try(*fd, 0, true);
    if (status != WILDCAM_OK)
        close(*fd);
    return status;
}

static int setting_gap(const struct wci_store *store)
{
    return (int)wci_conf_int(store->conf, WCI_EVENTS_GAP);
}

static wildcam_status do_owed(struct desk *desk, const struct wci_owed_event *owed, size_t count,
                              int64_t deadline)
{
    wildcam_status status = WILDCAM_OK;
    desk->gathers = true;
    for (size_t i = 0; status == WILDCAM_OK && i < count; i++) {
        struct wci_regrouping work = {.camera_id = owed[i].camera_id,
                                      .from = owed[i].time,
                                      .to = owed[i].time,
                                      .gap = setting_gap(desk->store),
                                      .limit = WCI_EVENTS_TURN};
        if (i && wci_calendar_monotonic() >= deadline)
            break;
        status = regroup(desk, &work);
    }
    if (status != WILDCAM_OK)
        return status;
    return write_gathered(desk);
}

/* What is to be done: spans that are to be looked at anew, and pictures that are owed an event. */
struct todo {
    struct wci_stale_events stale[SPANS];
    struct wci_owed_event owed[CAMERAS];
    size_t stale_count, owed_count;
};

static wildcam_status find_todo(struct wci_store *store, struct todo *todo)
{
    const struct wci_backend_ops *ops = store->ops;
    todo->owed_count = 0;
    wildcam_status status = ops->find_stale_events(store->backend, todo->stale, SPANS,
                                                   &todo->stale_count);
    if (status == WILDCAM_OK)
        status = ops->find_owed_events(store->backend, todo->owed, CAMERAS, &todo->owed_count);
    return status;
}

static bool is_left(const struct todo *todo)
{
    return todo->stale_count || todo->owed_count;
}

static wildcam_status do_stale(struct desk *desk, const struct todo *todo, int64_t deadline)
{
    wildcam_status status = WILDCAM_OK;
    desk->gathers = false;
    for (size_t i = 0; status == WILDCAM_OK && i < todo->stale_count; i++) {
        struct wci_regrouping work = {.camera_id = todo->stale[i].camera_id,
                                      .from = todo->stale[i].from,
                                      .to = todo->stale[i].to,
                                      .gap = setting_gap(desk->store),
                                      .limit = WCI_EVENTS_TURN};
        if (i && wci_calendar_monotonic() >= deadline)
            break;
        status = regroup(desk, &work);
        if (status == WILDCAM_OK)
            status = desk->store->ops->settle_events(desk->store->backend, todo->stale[i].id);
    }
    return status;
}

static wildcam_status work_off(struct wci_store *store, struct todo *todo, int64_t deadline)
{
    struct desk desk = {.store = store};
    wildcam_status status = WILDCAM_OK;
    while (status == WILDCAM_OK && is_left(todo)) {
        desk.camera_id = 0; /* deployments may have changed, and that be among what is to be done */
        status = do_stale(&desk, todo, deadline);
        if (status == WILDCAM_OK)
            status = do_owed(&desk, todo->owed, todo->owed_count, deadline);
        if (status == WILDCAM_OK)
            status = find_todo(store, todo);
        if (wci_calendar_monotonic() >= deadline)
            break;
    }
    free(desk.marks);
    free(desk.spans);
    return status;
}

wildcam_status wci_events_catch_up(struct wci_store *store, bool waits, int64_t deadline,
                                   bool *left)
{
    int fd;
    struct todo *todo = wci_new(sizeof *todo);
    if (!todo)
        return WILDCAM_ERR_NOMEM;
    wildcam_status status = find_todo(store, todo);
    if (status == WILDCAM_OK && is_left(todo)) {
        status = lock(store, waits, &fd);
        if (status == WILDCAM_OK) {
            status = work_off(store, todo, deadline);
            close(fd);
        } else if (status == WILDCAM_ERR_BUSY) {
            status = WILDCAM_OK; /* somebody does it */
        }
    }
    *left = is_left(todo);
    free(todo);
    return status;
}

static bool goes_on(const struct wci_events_order *order)
{
    return !order->goes_on || order->goes_on(order->user, order->seen);
}

/* Whoever may be stopped is asked while another has the lock, too. */
static wildcam_status wait_for_turn(struct wci_store *store, const struct wci_events_order *order,
                                    int *fd)
{
    while (goes_on(order)) {
        wildcam_status status = lock(store, !order->goes_on, fd);
        if (status != WILDCAM_ERR_BUSY)
            return status;
        nanosleep(&(struct timespec){.tv_nsec = LOCK_PAUSE_NS}, NULL);
    }
    return wci_fail(WILDCAM_ERR_CANCELLED, "the grouping of events was cancelled");
}

/* Deployments are read anew in each: between two of them anybody may change what he likes. */
static wildcam_status take_turn(struct wci_store *store, struct wci_regrouping *work)
{
    struct desk desk = {.store = store};
    wildcam_status status = regroup(&desk, work);
    free(desk.spans);
    return status;
}

wildcam_status wci_events_group_anew(struct wci_store *store, struct wci_events_order *order)
{
    int fd = -1;
    struct wci_regrouping work = {.camera_id = order->camera_id,
                                  .to = order->to,
                                  .gap = order->gap,
                                  .renews_gap = true,
                                  .turn = TURN,
                                  .next = order->from};
    wildcam_status status = WILDCAM_OK;
    order->seen = order->changed = 0;
    while (status == WILDCAM_OK && work.next != INT64_MAX) {
        status = wait_for_turn(store, order, &fd);
        if (status != WILDCAM_OK)
            break;
        work.from = work.next;
        status = take_turn(store, &work);
        close(fd);
        order->seen += work.seen;
        order->changed += work.changed;
    }
    return status;
}
