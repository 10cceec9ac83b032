/* Which pictures belong together: by hand, and on a real data set whose events are known. */
#include <stdlib.h>
#include <string.h>

#include <wildcam/wildcam.h>

#include "base/calendar.h"
#include "process/events.h"
#include "unit.h"

/* A picture as most are; the id is that many from its time. */
static struct wci_frame motion(int64_t seconds, const char *name)
{
    static int64_t next_id = 1;
    return (struct wci_frame){.id = next_id++,
                              .time = seconds * WCI_SECOND,
                              .event_number = -1,
                              .sequence_number = -1,
                              .sequence_length = -1,
                              .capture = WILDCAM_CAPTURE_MOTION,
                              .time_source = WILDCAM_TIME_SOURCE_EXIF,
                              .file_name = name,
                              .event_gap = -1};
}

static struct wci_frame numbered(int64_t seconds, int64_t event, int number, int length)
{
    struct wci_frame frame = motion(seconds, "RCNX.JPG");
    frame.event_number = event;
    frame.sequence_number = number;
    frame.sequence_length = length;
    return frame;
}

static struct wci_frame timelapse(int64_t seconds)
{
    struct wci_frame frame = motion(seconds, "T.JPG");
    frame.capture = WILDCAM_CAPTURE_TIMELAPSE;
    return frame;
}

/* Letters name events in the order of the frames: "aab" are two pictures of one and one of another.
 */
static void assert_events(struct wci_frame *frames, size_t count, int gap, const char *wanted)
{
    char got[64] = "";
    wci_events_group(frames, count, gap);
    for (size_t i = 0; i < count; i++) {
        size_t first = 0;
        while (frames[first].event_id != frames[i].event_id)
            first++;
        ck_assert_int_eq(frames[first].event_id, frames[first].id);
        int letters = 0;
        for (size_t k = 0; k < first; k++)
            letters += frames[k].event_id == frames[k].id;
        got[i] = (char)('a' + letters);
    }
    ck_assert_str_eq(got, wanted);
}

#define assert_grouped(frames, gap, wanted)                                                        \
    assert_events(frames, sizeof(frames) / sizeof(frames)[0], gap, wanted)

START_TEST(a_gap_cuts)
{
    struct wci_frame frames[] = {motion(0, "1"), motion(60, "2"), motion(121, "3"),
                                 motion(180, "4")};
    assert_grouped(frames, 60, "aabb");
    assert_grouped(frames, 61, "aaaa");
    assert_grouped(frames, 58, "abcd");
    ck_assert_int_eq(frames[0].event_gap, 58);
    frames[1].time++; /* a microsecond too much */
    assert_grouped(frames, 60, "abcc");
}
END_TEST

START_TEST(names_order_a_second)
{
    struct wci_frame frames[] = {motion(5, "IMG_0003"), motion(5, "IMG_0001"),
                                 motion(5, "IMG_0002"), motion(5, NULL)};
    int64_t unnamed = frames[3].id;
    assert_grouped(frames, 60, "aaaa");
    ck_assert_int_eq(frames[0].event_id, unnamed);
    ck_assert_str_eq(frames[1].file_name, "IMG_0001");
    ck_assert_str_eq(frames[3].file_name, "IMG_0003");
}
END_TEST

START_TEST(timelapse_stands_alone)
{
    /* Neither joins nor bridges. */
    struct wci_frame frames[] = {motion(0, "1"), timelapse(10), motion(20, "2"),
                                 timelapse(70),  timelapse(75), motion(100, "3")};
    assert_grouped(frames, 60, "abacde");
}
END_TEST

START_TEST(unknown_time_stands_alone)
{
    struct wci_frame frames[] = {motion(0, "1"), motion(1, "2"), motion(2, "3"), motion(3, "4")};
    frames[1].time_source = WILDCAM_TIME_SOURCE_RECEIVED;
    frames[2].time_source = WILDCAM_TIME_SOURCE_UNKNOWN;
    assert_grouped(frames, 60, "abca");
}
END_TEST

START_TEST(unknown_capture_is_motion)
{
    struct wci_frame frames[] = {motion(0, "1"), motion(1, "2")};
    frames[1].capture = WILDCAM_CAPTURE_UNKNOWN;
    assert_grouped(frames, 60, "aa");
}
END_TEST

START_TEST(deployments_are_apart)
{
    struct wci_frame frames[] = {motion(0, "1"), motion(1, "2"), motion(2, "3")};
    frames[0].deployment = frames[1].deployment = 4;
    frames[2].deployment = 5;
    assert_grouped(frames, 60, "aab");
    struct wci_frame counted[] = {numbered(0, 9, 1, 3), numbered(1, 9, 2, 3)};
    counted[1].deployment = 5;
    assert_grouped(counted, 60, "ab");
}
END_TEST

START_TEST(maker_notes_win)
{
    /* Closer than the gap, and apart; further than the gap, and together. */
    struct wci_frame close[] = {numbered(0, 1, 1, 3), numbered(1, 1, 2, 3), numbered(2, 1, 3, 3),
                                numbered(3, 2, 1, 3), numbered(4, 2, 2, 3)};
    assert_grouped(close, 60, "aaabb");
    ck_assert_int_eq(close[0].event_gap, 0);
    struct wci_frame far[] = {numbered(0, 1, 1, 3), numbered(300, 1, 2, 3), numbered(600, 1, 3, 3)};
    assert_grouped(far, 60, "aaa");
}
END_TEST

START_TEST(numbers_have_a_reach)
{
    struct wci_frame frames[] = {numbered(0, 1, 1, 3), numbered(3600, 1, 2, 3),
                                 numbered(7201, 1, 3, 3)};
    assert_grouped(frames, 60, "aab");
    assert_grouped(frames, 3601, "aaa");
}
END_TEST

START_TEST(a_missing_number_does_not_part)
{
    struct wci_frame frames[] = {numbered(0, 1, 1, 5), numbered(1, 1, 2, 5), numbered(3, 1, 4, 5)};
    assert_grouped(frames, 60, "aaa");
}
END_TEST

START_TEST(a_camera_that_was_reset_begins_anew)
{
    struct wci_frame frames[] = {numbered(0, 1, 1, 3), numbered(1, 1, 2, 3), numbered(2, 1, 1, 3),
                                 numbered(3, 1, 2, 3)};
    assert_grouped(frames, 60, "aabb");
}
END_TEST

START_TEST(numbers_without_an_event_must_follow)
{
    struct wci_frame frames[] = {numbered(0, -1, 1, 3), numbered(1, -1, 2, 3),
                                 numbered(2, -1, 1, 3), numbered(3, -1, 3, 3),
                                 numbered(4, -1, 4, 9)};
    assert_grouped(frames, 60, "aabcd");
}
END_TEST

START_TEST(numbers_order_a_second)
{
    struct wci_frame frames[] = {numbered(0, 1, 3, 3), numbered(0, 1, 1, 3), numbered(0, 1, 2, 3)};
    assert_grouped(frames, 60, "aaa");
    ck_assert_int_eq(frames[0].sequence_number, 1);
}
END_TEST

START_TEST(one_of_one_is_no_sequence)
{
    struct wci_frame frames[] = {numbered(0, 1, 1, 1), numbered(30, 2, 1, 1)};
    assert_grouped(frames, 60, "aa");
    ck_assert_int_eq(frames[0].event_gap, 60);
}
END_TEST

START_TEST(others_do_not_part_a_sequence)
{
    struct wci_frame frames[] = {numbered(0, 1, 1, 3), motion(1, "x"), numbered(2, 1, 2, 3),
                                 motion(3, "y"),       timelapse(4),   numbered(5, 1, 3, 3)};
    assert_grouped(frames, 60, "ababca");
}
END_TEST

START_TEST(nothing_is_nothing)
{
    wci_events_group(NULL, 0, 60);
    struct wci_frame frames[] = {motion(0, "1")};
    assert_grouped(frames, 60, "a");
}
END_TEST

/* ---- The events of a real data set ---- */

enum { PICTURES = 423, EVENTS = 34 };

struct real {
    struct wci_frame frames[PICTURES];
    char names[PICTURES][64], media[PICTURES][16], wanted[PICTURES][16], deployment[PICTURES][16];
    int count;
};

/* A field of a line whose first fields have no quotes; "" behind the last. */
static void field(const char *line, int number, char *to, size_t room)
{
    for (; number > 0; number--) {
        line += strcspn(line, ",");
        line += *line == ',';
    }
    snprintf(to, room, "%.*s", (int)strcspn(line, ",\r\n"), line);
}

static FILE *open_table(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/camtrapdp/example-1.0.2/%s", real_data(), name);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    return file;
}

static void read_media(struct real *real)
{
    static char line[65536];
    char time[64], method[32];
    FILE *file = open_table("media.csv");
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        int at = real->count++;
        int64_t when;
        int32_t offset;
        ck_assert_int_lt(at, PICTURES);
        field(line, 0, real->media[at], sizeof real->media[at]);
        field(line, 1, real->deployment[at], sizeof real->deployment[at]);
        field(line, 2, method, sizeof method);
        field(line, 3, time, sizeof time);
        field(line, 6, real->names[at], sizeof real->names[at]);
        assert_ok(wildcam_time_parse(time, &when, &offset, NULL));
        real->frames[at] = motion(when / WCI_SECOND, real->names[at]);
        real->frames[at].id = at + 1;
        if (strcmp(method, wildcam_capture_name(WILDCAM_CAPTURE_TIMELAPSE)) == 0)
            real->frames[at].capture = WILDCAM_CAPTURE_TIMELAPSE;
        else
            ck_assert_str_eq(method, wildcam_capture_name(WILDCAM_CAPTURE_MOTION));
        real->frames[at].deployment = 1;
        while (strcmp(real->deployment[real->frames[at].deployment - 1], real->deployment[at]) != 0)
            real->frames[at].deployment++;
    }
    fclose(file);
    ck_assert_int_eq(real->count, PICTURES);
}

/* What the data set says of each picture that it says anything of by itself. */
static void read_events(struct real *real)
{
    static char line[65536];
    char media[16], event[16], level[16];
    FILE *file = open_table("observations.csv");
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        field(line, 2, media, sizeof media);
        field(line, 3, event, sizeof event);
        field(line, 6, level, sizeof level);
        if (strcmp(level, "media") != 0)
            continue;
        int at = 0;
        while (strcmp(real->media[at], media) != 0)
            ck_assert_int_lt(++at, PICTURES);
        ck_assert(!*real->wanted[at] || strcmp(real->wanted[at], event) == 0);
        memcpy(real->wanted[at], event, sizeof event);
    }
    fclose(file);
}

static int compare_deployments(const void *left, const void *right)
{
    const struct wci_frame *a = left, *b = right;
    return a->deployment != b->deployment ? (a->deployment < b->deployment ? -1 : 1)
                                          : wci_frames_compare(left, right);
}

/* Groups deployment by deployment, as a camera's pictures are; the number of events. */
static int group_real(const struct real *real, struct wci_frame *frames, int gap)
{
    int events = 0;
    memcpy(frames, real->frames, sizeof real->frames);
    qsort(frames, PICTURES, sizeof *frames, compare_deployments);
    for (int from = 0, to; from < PICTURES; from = to) {
        for (to = from; to < PICTURES && frames[to].deployment == frames[from].deployment;)
            to++;
        wci_events_group(frames + from, (size_t)(to - from), gap);
    }
    for (int i = 0; i < PICTURES; i++)
        events += frames[i].event_id == frames[i].id;
    return events;
}

/* Two pictures are in one event here if and only if they are in one there. */
static void assert_as_told(const struct real *real, const struct wci_frame *frames, int gap)
{
    for (int i = 0; i < PICTURES; i++) {
        const char *wanted = real->wanted[frames[i].id - 1];
        for (int k = 0; *wanted && k < i; k++) {
            const char *other = real->wanted[frames[k].id - 1];
            /* Millions of pairs: only what is wrong is told to the harness. */
            if (*other &&
                (strcmp(wanted, other) == 0) != (frames[i].event_id == frames[k].event_id))
                ck_abort_msg("gap %d: %s and %s", gap, real->media[frames[i].id - 1],
                             real->media[frames[k].id - 1]);
        }
    }
}

static struct real *read_real(void)
{
    struct real *real = calloc(1, sizeof *real);
    ck_assert_ptr_nonnull(real);
    read_media(real);
    read_events(real);
    return real;
}

START_TEST(finds_the_events_of_a_real_data_set)
{
    static struct wci_frame frames[PICTURES];
    if (!real_data())
        return;
    struct real *real = read_real();
    int told = 0;
    for (int i = 0; i < PICTURES; i++)
        told += *real->wanted[i] != '\0';
    ck_assert_int_eq(told, PICTURES); /* each picture's event is known */
    for (int gap = 33; gap <= 354; gap++) {
        ck_assert_int_eq(group_real(real, frames, gap), EVENTS);
        assert_as_told(real, frames, gap);
    }
    ck_assert_int_eq(group_real(real, frames, 32), EVENTS + 1);
    ck_assert_int_eq(group_real(real, frames, 30), EVENTS + 1);
    /* 355 seconds lie between a time-lapse frame and what follows, which never join; 468 between
     * two others. */
    ck_assert_int_eq(group_real(real, frames, 355), EVENTS);
    ck_assert_int_eq(group_real(real, frames, 467), EVENTS);
    ck_assert_int_eq(group_real(real, frames, 468), EVENTS - 1);
    for (int i = 0; i < PICTURES; i++)
        real->frames[i].capture = WILDCAM_CAPTURE_UNKNOWN;
    ck_assert_int_eq(group_real(real, frames, 354), EVENTS);
    ck_assert_int_eq(group_real(real, frames, 355), EVENTS - 1);
    free(real);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("events");
    TCase *rules = harness_case(suite, "rules");
    tcase_add_test(rules, a_gap_cuts);
    tcase_add_test(rules, names_order_a_second);
    tcase_add_test(rules, timelapse_stands_alone);
    tcase_add_test(rules, unknown_time_stands_alone);
    tcase_add_test(rules, unknown_capture_is_motion);
    tcase_add_test(rules, deployments_are_apart);
    tcase_add_test(rules, maker_notes_win);
    tcase_add_test(rules, numbers_have_a_reach);
    tcase_add_test(rules, a_missing_number_does_not_part);
    tcase_add_test(rules, a_camera_that_was_reset_begins_anew);
    tcase_add_test(rules, numbers_without_an_event_must_follow);
    tcase_add_test(rules, numbers_order_a_second);
    tcase_add_test(rules, one_of_one_is_no_sequence);
    tcase_add_test(rules, others_do_not_part_a_sequence);
    tcase_add_test(rules, nothing_is_nothing);
    TCase *golden = harness_case(suite, "golden");
    tcase_add_test(golden, finds_the_events_of_a_real_data_set);
    return suite;
}
