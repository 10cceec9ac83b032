/* Whatever comes in whatever order, goes, or is cut off: in the end the events are those that all
 * pictures together have. */
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "process/regroup.h"
#include "unit.h"

enum { PICTURES = 400, GAP = 60 };

/* A station of one camera; pictures are there or not yet. */
struct station {
    struct wci_frame frames[PICTURES];
    bool is_there[PICTURES];
    int count;
    int writes_left; /* then the disk is gone */
    int others;      /* how many pictures others change before we write */
    int64_t wanted_camera;
};

static uint32_t state;

static int chance(int below)
{
    state = state * 1664525U + 1013904223U;
    return (int)((state >> 8) % (uint32_t)below);
}

static int64_t second_of(int64_t time)
{
    return time / WCI_SECOND * WCI_SECOND;
}

/* The first seconds of a span, until there are that many. */
static int64_t cut(const struct station *station, int64_t from, size_t limit)
{
    int64_t at = from;
    for (size_t got = 0; got < limit;) {
        int64_t next = INT64_MAX;
        for (int i = 0; i < station->count; i++)
            if (station->is_there[i] && station->frames[i].time >= at &&
                second_of(station->frames[i].time) < next)
                next = second_of(station->frames[i].time);
        if (next == INT64_MAX)
            return INT64_MAX;
        at = next + WCI_SECOND;
        for (int i = 0; i < station->count; i++)
            got += station->is_there[i] && second_of(station->frames[i].time) == next;
    }
    return at;
}

static wildcam_status add_span(const struct station *station, int64_t from, int64_t to,
                               struct wci_frames *out)
{
    wildcam_status status = WILDCAM_OK;
    for (int i = station->count - 1; status == WILDCAM_OK && i >= 0; i--)
        if (station->is_there[i] && station->frames[i].time >= from && station->frames[i].time < to)
            status = wci_frames_add(out, &station->frames[i], station->frames[i].file_name);
    return status;
}

static wildcam_status read_on(void *user, int64_t camera_id, int64_t from, size_t limit,
                              struct wci_frames *out, int64_t *until)
{
    const struct station *station = user;
    ck_assert_int_eq(camera_id, station->wanted_camera);
    ck_assert_int_eq(from % WCI_SECOND, 0);
    *until = cut(station, from, limit > 7 ? 7 : limit);
    return add_span(station, from, *until, out);
}

static wildcam_status read_back(void *user, int64_t camera_id, int64_t from, int64_t before,
                                size_t limit, struct wci_frames *out, int64_t *since)
{
    const struct station *station = user;
    ck_assert_int_eq(camera_id, station->wanted_camera);
    ck_assert_int_eq(before % WCI_SECOND, 0);
    *since = from;
    int64_t last = INT64_MIN; /* one second at a time */
    for (int i = 0; i < station->count; i++)
        if (station->is_there[i] && station->frames[i].time >= from &&
            station->frames[i].time < before && station->frames[i].time > last)
            last = station->frames[i].time;
    if (last != INT64_MIN)
        *since = second_of(last) > from ? second_of(last) : from;
    ck_assert_uint_gt(limit, 0);
    return add_span(station, *since, before, out);
}

static struct wci_frame *find(struct station *station, int64_t id)
{
    for (int i = 0; i < station->count; i++)
        if (station->frames[i].id == id)
            return &station->frames[i];
    ck_abort_msg("there is no picture %lld", (long long)id);
    return NULL;
}

static wildcam_status write_marks(void *user, struct wci_event_mark *marks, size_t count,
                                  bool *missed)
{
    struct station *station = user;
    *missed = false;
    if (station->writes_left == 0)
        return wci_fail(WILDCAM_ERR_IO, "the disk is gone");
    station->writes_left--;
    while (station->others > 0) { /* somebody else brings one, or takes one out of its event */
        int i = chance(station->count);
        station->others--;
        if (station->is_there[i])
            station->frames[i].event_id = 0;
        station->is_there[i] = true;
    }
    for (size_t i = 0; i < count; i++)
        *missed = *missed || find(station, marks[i].image_id)->event_id != marks[i].was;
    for (size_t i = 0; !*missed && i < count; i++) {
        find(station, marks[i].image_id)->event_id = marks[i].event_id;
        find(station, marks[i].image_id)->event_gap = marks[i].gap;
    }
    return WILDCAM_OK;
}

static wildcam_status try_regroup(struct station *station, struct wci_regrouping *work)
{
    const struct wci_frame_source source = {station, read_on, read_back, write_marks};
    work->camera_id = station->wanted_camera;
    wci_error_clear();
    return wci_events_regroup(&source, work);
}

static void regroup(struct station *station, int64_t from, int64_t to)
{
    struct wci_regrouping work = {.from = from, .to = to, .gap = GAP};
    assert_ok(try_regroup(station, &work));
}

/* Those that are there, all at once. */
static void assert_right_with(struct station *station, int gap)
{
    static struct wci_frame all[PICTURES];
    size_t count = 0;
    for (int i = 0; i < station->count; i++)
        if (station->is_there[i])
            all[count++] = station->frames[i];
    wci_events_group(all, count, gap);
    for (size_t i = 0; i < count; i++) {
        const struct wci_frame *frame = find(station, all[i].id);
        ck_assert_msg(frame->event_id == all[i].event_id,
                      "picture %lld is in event %lld, not %lld (%zu of %zu)", (long long)frame->id,
                      (long long)frame->event_id, (long long)all[i].event_id, i, count);
        ck_assert_int_eq(frame->event_gap, all[i].event_gap);
    }
}

static void assert_right(struct station *station)
{
    assert_right_with(station, GAP);
}

static struct wci_frame random_frame(int64_t id)
{
    static const char *const names[] = {"IMG_1", "IMG_2", "IMG_3", NULL};
    struct wci_frame frame = {.id = id,
                              .time = (1700000000 + chance(12000)) * WCI_SECOND + chance(2) * 500,
                              .deployment = 1,
                              .event_number = -1,
                              .sequence_number = -1,
                              .sequence_length = -1,
                              .capture = chance(3),
                              .time_source = chance(8) ? WILDCAM_TIME_SOURCE_EXIF
                                                       : WILDCAM_TIME_SOURCE_RECEIVED,
                              .file_name = names[chance(4)],
                              .event_gap = -1};
    if (frame.capture == WILDCAM_CAPTURE_TIMELAPSE && chance(2))
        frame.capture = WILDCAM_CAPTURE_MOTION;
    if (chance(3) == 0) {
        frame.event_number = chance(4) ? chance(6) : -1;
        frame.sequence_length = 1 + chance(5);
        frame.sequence_number = 1 + chance(frame.sequence_length);
    }
    if (frame.time > 1700009000 * WCI_SECOND)
        frame.deployment = 2;
    return frame;
}

static struct station *make_station(int seed)
{
    struct station *station = calloc(1, sizeof *station);
    ck_assert_ptr_nonnull(station);
    state = (uint32_t)seed * 2654435761U + 17;
    station->count = seed % 4 == 0 ? PICTURES : 40;
    station->writes_left = INT32_MAX;
    station->wanted_camera = 3;
    for (int i = 0; i < station->count; i++)
        station->frames[i] = random_frame(1000 + i);
    return station;
}

static int pick(const struct station *station, bool there)
{
    for (;;) {
        int i = chance(station->count);
        if (station->is_there[i] == there)
            return i;
    }
}

START_TEST(one_by_one_in_any_order)
{
    struct station *station = make_station(_i);
    for (int i = 0; i < station->count; i++) {
        int at = pick(station, false);
        station->is_there[at] = true;
        regroup(station, station->frames[at].time, station->frames[at].time + 1);
        assert_right(station);
    }
    free(station);
}
END_TEST

START_TEST(pictures_go)
{
    struct station *station = make_station(_i);
    for (int i = 0; i < station->count; i++)
        station->is_there[i] = true;
    regroup(station, INT64_C(0), INT64_MAX);
    assert_right(station);
    for (int left = station->count; left > 1; left--) {
        int at = pick(station, true);
        station->is_there[at] = false;
        regroup(station, station->frames[at].time, station->frames[at].time + 1);
        assert_right(station);
    }
    free(station);
}
END_TEST

/* Many at once, which the first call comes to the others from. */
START_TEST(those_that_are_owed_are_done_on_the_way)
{
    struct station *station = make_station(_i);
    for (int round = 0; round < 8; round++) {
        int64_t first = INT64_MAX;
        for (int i = 0; i < station->count; i++)
            if (!station->is_there[i] && chance(8) == 0) {
                station->is_there[i] = true;
                first = station->frames[i].time < first ? station->frames[i].time : first;
            }
        struct wci_regrouping work = {.from = first, .to = first, .gap = GAP, .limit = 5};
        for (bool is_owed = first != INT64_MAX; is_owed;) {
            assert_ok(try_regroup(station, &work));
            is_owed = false;
            work.from = INT64_MAX;
            for (int i = 0; i < station->count; i++)
                if (station->is_there[i] && station->frames[i].event_id == 0) {
                    is_owed = true;
                    work.from = station->frames[i].time < work.from ? station->frames[i].time
                                                                    : work.from;
                }
            work.to = work.from;
        }
        assert_right(station);
    }
    free(station);
}
END_TEST

/* Each write may be the last: what is owed brings whoever comes next back to it. */
START_TEST(cut_off_anywhere)
{
    for (int writes = 0; writes < 3; writes++) {
        struct station *station = make_station(_i * 4 + 1);
        for (int i = 0; i < station->count; i++) {
            int at = pick(station, false);
            struct wci_regrouping work = {
                .from = station->frames[at].time, .to = station->frames[at].time + 1, .gap = GAP};
            station->is_there[at] = true;
            station->writes_left = writes;
            wildcam_status status = try_regroup(station, &work);
            ck_assert(status == WILDCAM_OK || status == WILDCAM_ERR_IO);
        }
        station->writes_left = INT32_MAX;
        for (int i = 0; i < station->count; i++)
            if (station->frames[i].event_id == 0)
                regroup(station, station->frames[i].time, station->frames[i].time);
        assert_right(station);
        free(station);
    }
}
END_TEST

START_TEST(others_at_the_same_time)
{
    struct station *station = make_station(_i);
    for (;;) {
        int missing = 0;
        for (int i = 0; i < station->count; i++)
            missing += !station->is_there[i];
        if (!missing)
            break;
        int at = pick(station, false);
        station->is_there[at] = true;
        station->others = chance(3);
        regroup(station, station->frames[at].time, station->frames[at].time + 1);
        station->others = 0;
        for (int i = 0; i < station->count; i++)
            if (station->is_there[i] && station->frames[i].event_id == 0)
                regroup(station, station->frames[i].time, station->frames[i].time);
        assert_right(station);
    }
    free(station);
}
END_TEST

START_TEST(another_gap_for_all)
{
    struct station *station = make_station(_i);
    for (int i = 0; i < station->count; i++)
        station->is_there[i] = true;
    regroup(station, 0, INT64_MAX);
    for (int gap = 1; gap < 2000; gap = gap * 3 + 1) {
        struct wci_regrouping work = {.from = 0, .to = INT64_MAX, .gap = gap, .renews_gap = true};
        assert_ok(try_regroup(station, &work));
        ck_assert_int_eq(work.seen, station->count);
        assert_right_with(station, gap);
        assert_ok(try_regroup(station, &work));
        ck_assert_int_eq(work.changed, 0);
    }
    free(station);
}
END_TEST

START_TEST(stopped_after_a_turn)
{
    for (size_t turn = 1; turn < 120; turn += 11) {
        struct station *station = make_station(_i * 4);
        struct wci_regrouping work = {.from = 0, .to = INT64_MAX, .gap = GAP, .turn = turn};
        for (int i = 0; i < station->count; i++)
            station->is_there[i] = true;
        assert_ok(try_regroup(station, &work));
        ck_assert_int_ne(work.next, INT64_MAX);
        ck_assert_int_ge(work.seen, (int64_t)turn);
        ck_assert_int_lt(work.seen, station->count);
        for (int i = 0; i < station->count; i++)
            if (station->frames[i].event_id == 0)
                regroup(station, station->frames[i].time, station->frames[i].time);
        assert_right(station);
        free(station);
    }
}
END_TEST

START_TEST(turn_by_turn)
{
    for (size_t turn = 1; turn < 120; turn += 11) {
        struct station *station = make_station(_i * 4);
        for (int i = 0; i < station->count; i++)
            station->is_there[i] = chance(4) > 0;
        regroup(station, 0, INT64_MAX);
        for (int gap = GAP; gap < 2000; gap = gap * 3) {
            struct wci_regrouping work = {
                .to = INT64_MAX, .gap = gap, .renews_gap = true, .turn = turn};
            for (work.next = 0; work.next != INT64_MAX;) {
                work.from = work.next;
                assert_ok(try_regroup(station, &work));
            }
            assert_right_with(station, gap);
        }
        free(station);
    }
}
END_TEST

START_TEST(goes_back_to_those_that_are_owed)
{
    struct station *station = make_station(1);
    for (int i = 0; i < station->count; i++)
        station->is_there[i] = true;
    int64_t last = 0;
    for (int i = 0; i < station->count; i++)
        last = station->frames[i].time > last ? station->frames[i].time : last;
    regroup(station, last, last + 1);
    assert_ok(WILDCAM_OK);
    regroup(station, 0, 0);
    assert_right(station);
    free(station);
}
END_TEST

static wildcam_status miss_all(void *user, struct wci_event_mark *marks, size_t count, bool *missed)
{
    (void)user;
    (void)marks;
    *missed = count > 0;
    return WILDCAM_OK;
}

START_TEST(it_does_not_try_for_ever)
{
    struct station *station = make_station(1);
    const struct wci_frame_source source = {station, read_on, read_back, miss_all};
    struct wci_regrouping work = {.camera_id = 3, .from = 0, .to = INT64_MAX, .gap = GAP};
    station->is_there[0] = true;
    assert_fails(WILDCAM_ERR_BUSY, "others", wci_events_regroup(&source, &work));
    free(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("regroup");
    TCase *all = harness_case(suite, "regroup");
    tcase_set_timeout(all, 120);
    tcase_add_loop_test(all, one_by_one_in_any_order, 0, 24);
    tcase_add_loop_test(all, pictures_go, 0, 16);
    tcase_add_loop_test(all, those_that_are_owed_are_done_on_the_way, 0, 24);
    tcase_add_loop_test(all, cut_off_anywhere, 0, 24);
    tcase_add_loop_test(all, others_at_the_same_time, 0, 24);
    tcase_add_loop_test(all, another_gap_for_all, 0, 8);
    tcase_add_loop_test(all, stopped_after_a_turn, 0, 4);
    tcase_add_loop_test(all, turn_by_turn, 0, 4);
    tcase_add_test(all, goes_back_to_those_that_are_owed);
    tcase_add_test(all, it_does_not_try_for_ever);
    return suite;
}
