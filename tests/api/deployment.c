/* Deployments: what they say, what they refuse, and the times that follow from them. */
#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#include "api/fixtures.h"

static wildcam_station *station;

static void open_it(void)
{
    station = open_with(NULL, NULL);
    for (int i = 1; i <= 2; i++) {
        wildcam_camera *camera;
        assert_ok(wildcam_camera_new(&camera));
        assert_ok(wildcam_camera_set_device_id(camera, i == 1 ? "CAM1" : "CAM2"));
        assert_ok(wildcam_station_put_camera(station, camera, NULL, NULL));
        wildcam_camera_free(camera);
    }
}

static void close_it(void)
{
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}

static wildcam_deployment *draft_for(const char *device_id, const char *start, const char *end)
{
    wildcam_deployment *draft;
    assert_ok(wildcam_deployment_new(&draft));
    assert_ok(wildcam_deployment_set_device_id(draft, device_id));
    assert_ok(wildcam_deployment_set_span(draft, at(start), end ? at(end) : WILDCAM_TIME_NONE));
    return draft;
}

static wildcam_deployment *kept(wildcam_deployment *draft)
{
    wildcam_deployment *out;
    assert_ok(wildcam_station_add_deployment(station, draft, NULL, NULL, &out));
    wildcam_deployment_free(draft);
    return out;
}

static void remove_it(wildcam_deployment *deployment)
{
    assert_ok(wildcam_station_remove_deployment(station, wildcam_deployment_get_key(deployment),
                                                NULL, NULL));
    wildcam_deployment_free(deployment);
}

START_TEST(all_of_it_is_kept)
{
    wildcam_deployment *draft = draft_for("CAM1", "2026-03-01", "2026-05-01"), *read;
    const char *reason;
    int64_t from, to;
    assert_ok(wildcam_deployment_set_key(draft, "north \xc3\xa6 1"));
    assert_ok(wildcam_deployment_set_offset(draft, 3600));
    assert_ok(wildcam_deployment_set_correction(draft, at("2020-01-01T00:00:00"),
                                                at("2026-03-02T10:00:00")));
    for (int i = 0; *wildcam_deployment_text_name(i); i++) {
        const char *text = i == WILDCAM_DEPLOYMENT_EXTRA ? "{\"a\":1}"
                                                         : wildcam_deployment_text_name(i);
        assert_ok(wildcam_deployment_set_text(draft, i, text));
    }
    for (int i = 0; *wildcam_deployment_number_name(i); i++)
        if (i != WILDCAM_DEPLOYMENT_CAMERA_DEPTH)
            assert_ok(wildcam_deployment_set_number(draft, i, i + 1));
    for (int i = 0; *wildcam_deployment_flag_name(i); i++)
        assert_ok(wildcam_deployment_set_flag(draft, i, i % 2));
    assert_ok(wildcam_deployment_add_failure(draft, at("2026-04-01"), at("2026-04-03"), "snow"));
    assert_ok(wildcam_deployment_add_failure(draft, at("2026-03-10"), at("2026-03-11"), NULL));
    wildcam_deployment_free(kept(draft));
    assert_ok(wildcam_station_get_deployment(station, "north \xc3\xa6 1", &read));
    ck_assert_int_gt(wildcam_deployment_get_id(read), 0);
    ck_assert_str_eq(wildcam_deployment_get_device_id(read), "CAM1");
    ck_assert_int_eq(wildcam_deployment_get_camera_id(read), 1);
    ck_assert_int_eq(wildcam_deployment_get_start(read), at("2026-03-01"));
    ck_assert_int_eq(wildcam_deployment_get_end(read), at("2026-05-01"));
    ck_assert_int_eq(wildcam_deployment_get_offset(read), 3600);
    ck_assert_int_eq(wildcam_deployment_get_wrong_time(read), at("2020-01-01"));
    ck_assert_int_eq(wildcam_deployment_get_right_time(read), at("2026-03-02T10:00:00"));
    ck_assert_int_eq(wildcam_deployment_is_retiming(read), 0);
    for (int i = 0; i < WILDCAM_DEPLOYMENT_EXTRA; i++)
        ck_assert_str_eq(wildcam_deployment_get_text(read, i), wildcam_deployment_text_name(i));
    ck_assert_str_eq(wildcam_deployment_get_text(read, WILDCAM_DEPLOYMENT_EXTRA), "{\"a\":1}");
    ck_assert(wildcam_deployment_get_number(read, WILDCAM_DEPLOYMENT_CAMERA_HEADING) == 8);
    ck_assert(isnan(wildcam_deployment_get_number(read, WILDCAM_DEPLOYMENT_CAMERA_DEPTH)));
    ck_assert_int_eq(wildcam_deployment_get_flag(read, WILDCAM_DEPLOYMENT_BAIT_USE), 1);
    ck_assert_uint_eq(wildcam_deployment_get_failure_count(read), 2);
    assert_ok(wildcam_deployment_get_failure(read, 1, &from, &to, &reason));
    ck_assert_int_eq(from, at("2026-04-01"));
    ck_assert_int_eq(to, at("2026-04-03"));
    ck_assert_str_eq(reason, "snow");
    assert_status(WILDCAM_ERR_NOTFOUND, wildcam_deployment_get_failure(read, 2, NULL, NULL, NULL));
    ck_assert_int_eq(wildcam_deployment_get_effort(read, WILDCAM_TIME_NONE, WILDCAM_TIME_NONE),
                     (61 - 3) * DAY);
    ck_assert_int_eq(wildcam_deployment_get_effort(read, at("2026-04-02"), at("2026-04-05")),
                     2 * DAY);
    wildcam_deployment_free(read);
}
END_TEST

START_TEST(a_change_leaves_the_rest)
{
    wildcam_deployment *first = kept(draft_for("CAM1", "2026-03-01", NULL)), *draft, *after;
    ck_assert_str_eq(wildcam_deployment_get_key(first), "CAM1-2026-03-01");
    assert_ok(wildcam_deployment_new(&draft));
    assert_ok(wildcam_deployment_set_text(draft, WILDCAM_DEPLOYMENT_HABITAT, "heath\nand bog"));
    assert_ok(wildcam_deployment_set_key(draft, "heath"));
    assert_ok(wildcam_deployment_add_failure(draft, at("2026-03-02"), at("2026-03-03"), "flash"));
    assert_ok(
        wildcam_station_change_deployment(station, "CAM1-2026-03-01", draft, NULL, NULL, &after));
    wildcam_deployment_free(draft);
    ck_assert_str_eq(wildcam_deployment_get_key(after), "heath");
    ck_assert_int_eq(wildcam_deployment_get_id(after), wildcam_deployment_get_id(first));
    ck_assert_int_eq(wildcam_deployment_get_start(after), at("2026-03-01"));
    ck_assert_uint_eq(wildcam_deployment_get_failure_count(after), 1);
    assert_ok(wildcam_deployment_copy(after, &draft));
    ck_assert_str_eq(wildcam_deployment_get_key(draft), "heath");
    ck_assert_uint_eq(wildcam_deployment_get_failure_count(draft), 1);
    wildcam_deployment_free(draft);
    assert_ok(wildcam_deployment_clear_failures(after)); /* what was read is a draft, too */
    assert_ok(wildcam_station_change_deployment(station, "heath", after, NULL, NULL, NULL));
    wildcam_deployment_free(after);
    assert_ok(wildcam_station_get_deployment(station, "heath", &after));
    ck_assert_uint_eq(wildcam_deployment_get_failure_count(after), 0);
    ck_assert_str_eq(wildcam_deployment_get_text(after, WILDCAM_DEPLOYMENT_HABITAT),
                     "heath\nand bog");
    wildcam_deployment_free(first);
    remove_it(after);
    assert_status(WILDCAM_ERR_NOTFOUND, wildcam_station_get_deployment(station, "heath", &after));
}
END_TEST

static void refuse(wildcam_status status, const char *words, wildcam_deployment *draft)
{
    wildcam_deployment *out;
    assert_fails(status, words, wildcam_station_add_deployment(station, draft, NULL, NULL, &out));
    ck_assert_ptr_null(out);
    wildcam_deployment_free(draft);
}

START_TEST(what_does_not_fit_is_refused)
{
    wildcam_deployment *draft;
    wildcam_deployment_list *list;
    wildcam_deployment_free(kept(draft_for("CAM1", "2026-03-01", "2026-04-01")));
    wildcam_deployment_free(kept(draft_for("CAM1", "2026-04-01", NULL)));
    refuse(WILDCAM_ERR_EXISTS, "it overlaps deployment \"CAM1-2026-04-01\" of camera CAM1",
           draft_for("CAM1", "2026-05-01", "2026-05-02"));
    refuse(WILDCAM_ERR_EXISTS, "it overlaps deployment \"CAM1-2026-03-01\" of camera CAM1",
           draft_for("CAM1", "2026-02-01", NULL));
    refuse(WILDCAM_ERR_NOTFOUND, "there is no camera \"CAM9\"",
           draft_for("CAM9", "2026-02-01", NULL));
    draft = draft_for("CAM2", "2026-02-01", NULL);
    assert_ok(wildcam_deployment_set_key(draft, "CAM1-2026-03-01"));
    refuse(WILDCAM_ERR_EXISTS, "there is a deployment \"CAM1-2026-03-01\"", draft);
    draft = draft_for("CAM2", "2026-02-01", NULL);
    assert_ok(wildcam_deployment_set_number(draft, WILDCAM_DEPLOYMENT_LATITUDE, 50));
    refuse(WILDCAM_ERR_INVALID, "come together", draft);
    draft = draft_for("CAM2", "2026-02-01", "2026-03-01");
    assert_ok(wildcam_deployment_add_failure(draft, at("2026-02-20"), at("2026-03-02"), NULL));
    refuse(WILDCAM_ERR_INVALID, "is not within the deployment's span", draft);
    draft = draft_for("CAM2", "2026-02-01", "2026-03-01");
    assert_ok(wildcam_deployment_set_number(draft, WILDCAM_DEPLOYMENT_CAMERA_HEIGHT, 1));
    assert_ok(wildcam_deployment_set_number(draft, WILDCAM_DEPLOYMENT_CAMERA_DEPTH, 1));
    refuse(WILDCAM_ERR_INVALID, "not both", draft);
    assert_ok(wildcam_station_list_deployments(station, "CAM1", WILDCAM_TIME_NONE, at("2026-04-01"),
                                               &list));
    ck_assert_uint_eq(wildcam_deployment_list_get_count(list), 1);
    ck_assert_str_eq(wildcam_deployment_get_key(wildcam_deployment_list_at(list, 0)),
                     "CAM1-2026-03-01");
    ck_assert_ptr_null(wildcam_deployment_list_at(list, 1));
    wildcam_deployment_list_free(list);
    assert_ok(wildcam_station_list_deployments(station, NULL, at("2026-03-31"), WILDCAM_TIME_NONE,
                                               &list));
    ck_assert_uint_eq(wildcam_deployment_list_get_count(list), 2);
    wildcam_deployment_list_free(list);
}
END_TEST

START_TEST(a_draft_knows_its_limits)
{
    wildcam_deployment *draft;
    char *json;
    assert_ok(wildcam_deployment_new(&draft));
    assert_status(WILDCAM_ERR_INVALID, wildcam_deployment_set_key(draft, "a/b"));
    assert_status(WILDCAM_ERR_INVALID, wildcam_deployment_set_device_id(draft, "a b"));
    assert_status(WILDCAM_ERR_INVALID, wildcam_deployment_set_span(draft, 10, 10));
    assert_status(WILDCAM_ERR_INVALID, wildcam_deployment_set_span(draft, -1, 10));
    assert_status(WILDCAM_ERR_INVALID, wildcam_deployment_set_offset(draft, 86400));
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_deployment_set_correction(draft, 1, WILDCAM_TIME_NONE));
    assert_status(WILDCAM_ERR_INVALID, wildcam_deployment_set_correction(draft, 0, SECOND / 2));
    assert_status(WILDCAM_ERR_INVALID, wildcam_deployment_set_text(draft, 99, ""));
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_deployment_set_text(draft, WILDCAM_DEPLOYMENT_EXTRA, "[]"));
    assert_status(WILDCAM_ERR_INVALID, wildcam_deployment_set_number(draft, -1, 1));
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_deployment_set_number(draft, WILDCAM_DEPLOYMENT_CAMERA_TILT, 1.5));
    assert_status(WILDCAM_ERR_INVALID, wildcam_deployment_set_flag(draft, 0, 2));
    assert_status(WILDCAM_ERR_INVALID, wildcam_deployment_set_flag(draft, 2, 1));
    assert_status(WILDCAM_ERR_INVALID, wildcam_deployment_add_failure(draft, 10, 10, NULL));
    assert_ok(wildcam_deployment_to_json(draft, &json));
    ck_assert_ptr_nonnull(strstr(json, "\"deployment_id\":null"));
    wildcam_free(json);
    ck_assert_str_eq(wildcam_deployment_text_name(-1), "");
    ck_assert_str_eq(wildcam_deployment_number_name(99), "");
    ck_assert_str_eq(wildcam_deployment_flag_name(99), "");
    wildcam_deployment_free(draft);
}
END_TEST

/* Two places a few metres apart show the same; none is further away than the radius. */
START_TEST(the_public_sees_a_grid)
{
    static const double places[][2] = {{0, 0},       {50.1234, 8.5},    {-33.9, 151.2},
                                       {78.2, 15.6}, {-89.999, -179.9}, {64.5, 179.99}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        wildcam_deployment *one = draft_for("CAM1", "2026-03-01", NULL);
        assert_ok(wildcam_deployment_set_number(one, WILDCAM_DEPLOYMENT_LATITUDE, places[i][0]));
        assert_ok(wildcam_deployment_set_number(one, WILDCAM_DEPLOYMENT_LONGITUDE, places[i][1]));
        assert_ok(wildcam_deployment_blur(one));
        ck_assert(wildcam_deployment_get_number(one, WILDCAM_DEPLOYMENT_LATITUDE) == places[i][0]);
        assert_ok(wildcam_deployment_set_number(one, WILDCAM_DEPLOYMENT_PRIVACY_RADIUS, 1000));
        assert_ok(wildcam_deployment_blur(one));
        double north = wildcam_deployment_get_number(one, WILDCAM_DEPLOYMENT_LATITUDE);
        double east = wildcam_deployment_get_number(one, WILDCAM_DEPLOYMENT_LONGITUDE);
        double up = (north - places[i][0]) * 111320;
        double side = (east - places[i][1]) * 111320 * cos(places[i][0] * 3.14159265358979 / 180);
        ck_assert_msg(hypot(up, side) <= 1001, "%zu is %f m off", i, hypot(up, side));
        ck_assert(fabs(north) <= 90 && fabs(east) <= 180);
        ck_assert(wildcam_deployment_get_number(one, WILDCAM_DEPLOYMENT_UNCERTAINTY) == 1000);
        wildcam_deployment_free(one);
    }
}
END_TEST

/* ---- times ---- */

static int64_t add_local(const char *device_id, const char *time, int source)
{
    int64_t id;
    wildcam_detection *draft;
    assert_ok(wildcam_detection_new(&draft));
    assert_ok(wildcam_detection_set_device_id(draft, device_id));
    assert_ok(wildcam_detection_set_time(draft, at(time), WILDCAM_OFFSET_UNKNOWN, source));
    assert_ok(wildcam_station_add_detection(station, draft, &id));
    wildcam_detection_free(draft);
    return id;
}

static void assert_times(int64_t id, const char *time, int32_t offset, const char *clock)
{
    wildcam_detection *row;
    assert_ok(wildcam_station_get_detection(station, id, &row));
    ck_assert_int_eq(wildcam_detection_get_time(row), at(time));
    ck_assert_int_eq(wildcam_detection_get_offset(row), offset);
    ck_assert_int_eq(wildcam_detection_get_clock_time(row), at(clock));
    ck_assert_int_eq(wildcam_detection_get_clock_offset(row), WILDCAM_OFFSET_UNKNOWN);
    wildcam_detection_free(row);
}

/* The ids that answer, oldest first, read in two cursors that go on from each other. */
static void assert_order(const int64_t *wanted, size_t count)
{
    char token[64] = "";
    for (size_t i = 0; i <= count; i++) {
        wildcam_query *query;
        wildcam_cursor *cursor;
        const wildcam_detection *row;
        assert_ok(wildcam_query_new(&query));
        assert_ok(wildcam_query_set_order(query, WILDCAM_OLDEST_FIRST));
        if (*token)
            assert_ok(wildcam_query_set_after(query, token));
        assert_ok(wildcam_station_query(station, query, &cursor));
        ck_assert_int_eq(wildcam_cursor_next(cursor, &row), i < count);
        if (i < count) {
            ck_assert_int_eq(wildcam_detection_get_id(row), wanted[i]);
            ck_assert_uint_eq(
                strspn(wildcam_cursor_token(cursor), "abcdefghijklmnopqrstuvwxyz0123456789"),
                strlen(wildcam_cursor_token(cursor)));
            snprintf(token, sizeof token, "%s", wildcam_cursor_token(cursor));
        }
        wildcam_cursor_free(cursor);
        wildcam_query_free(query);
    }
}

START_TEST(what_is_there_gets_the_right_time_and_back)
{
    int64_t wrong = add_local("CAM1", "2020-01-01T01:00:00", WILDCAM_TIME_SOURCE_EXIF);
    int64_t client = add_local("CAM1", "2026-03-05T12:00:00", WILDCAM_TIME_SOURCE_CLIENT);
    int64_t other = add_local("CAM2", "2026-03-03T00:00:00", WILDCAM_TIME_SOURCE_EXIF);
    const int64_t before[] = {wrong, other, client}, after[] = {other, wrong, client};
    wildcam_deployment *draft = draft_for("CAM1", "2026-03-01", "2026-05-01");
    assert_ok(wildcam_deployment_set_offset(draft, 7200));
    assert_ok(wildcam_deployment_set_correction(draft, at("2020-01-01T00:00:00"),
                                                at("2026-03-04T10:00:00")));
    wildcam_deployment *deployment = kept(draft);
    assert_times(wrong, "2026-03-04T09:00:00", 7200, "2020-01-01T01:00:00");
    assert_times(client, "2026-03-05T10:00:00", 7200, "2026-03-05T12:00:00");
    assert_times(other, "2026-03-03T00:00:00", WILDCAM_OFFSET_UNKNOWN, "2026-03-03T00:00:00");
    assert_order(after, 3);
    ck_assert_int_eq(findings_of(station), 0);
    remove_it(deployment);
    assert_times(wrong, "2020-01-01T01:00:00", WILDCAM_OFFSET_UNKNOWN, "2020-01-01T01:00:00");
    assert_order(before, 3);
}
END_TEST

START_TEST(what_comes_in_has_the_right_time_at_once)
{
    wildcam_deployment *draft = draft_for("CAM1", "2026-03-01", "2026-05-01");
    wildcam_image *image;
    assert_ok(wildcam_deployment_set_offset(draft, -3600));
    assert_ok(wildcam_deployment_set_correction(draft, at("2038-01-01T00:00:00"),
                                                at("2026-03-04T10:00:00")));
    wildcam_deployment *deployment = kept(draft);
    const struct exif_facts exif = {.date_time_original = "2038:01:01 00:00:30",
                                    .latitude = NAN,
                                    .longitude = NAN,
                                    .altitude = NAN};
    struct jpeg dated = make_jpeg_with_exif(64, 48, 3, &exif);
    int64_t id;
    assert_ok(wildcam_station_ingest(station, "CAM1", dated.data, dated.size, &id, NULL));
    assert_ok(wildcam_station_get_image(station, id, &image));
    ck_assert_int_eq(wildcam_image_get_time(image), at("2026-03-04T11:00:30"));
    ck_assert_int_eq(wildcam_image_get_offset(image), -3600);
    ck_assert_int_eq(wildcam_image_get_clock_time(image), at("2038-01-01T00:00:30"));
    ck_assert_int_eq(wildcam_image_get_clock_offset(image), WILDCAM_OFFSET_UNKNOWN);
    ck_assert_int_eq(id >> 21, at("2026-03-04T11:00:30") / SECOND);
    wildcam_image_free(image);
    remove_it(deployment);
    assert_ok(wildcam_station_get_image(station, id, &image));
    ck_assert_int_eq(wildcam_image_get_time(image), at("2038-01-01T00:00:30"));
    wildcam_image_free(image);
    jpeg_free(&dated);
}
END_TEST

static int stop_at_once(void *user, const char *what, int64_t done, int64_t total)
{
    ck_assert_str_eq(what, "times");
    ck_assert_int_le(done, total);
    ++*(int *)user;
    return 1;
}

/* What was stopped is marked, and done later. */
START_TEST(what_was_stopped_is_finished)
{
    int64_t id = add_local("CAM1", "2026-03-05T12:00:00", WILDCAM_TIME_SOURCE_EXIF);
    int told = 0;
    wildcam_deployment *draft = draft_for("CAM1", "2026-03-01", NULL), *read;
    assert_ok(wildcam_deployment_set_offset(draft, 3600));
    assert_status(WILDCAM_ERR_CANCELLED,
                  wildcam_station_add_deployment(station, draft, stop_at_once, &told, NULL));
    ck_assert_int_eq(told, 1);
    wildcam_deployment_free(draft);
    assert_ok(wildcam_station_get_deployment(station, "CAM1-2026-03-01", &read));
    ck_assert_int_eq(wildcam_deployment_is_retiming(read), 1);
    wildcam_deployment_free(read);
    assert_times(id, "2026-03-05T12:00:00", WILDCAM_OFFSET_UNKNOWN, "2026-03-05T12:00:00");
    assert_ok(wildcam_station_retime(station, NULL, NULL));
    assert_times(id, "2026-03-05T11:00:00", 3600, "2026-03-05T12:00:00");
    assert_ok(wildcam_station_get_deployment(station, "CAM1-2026-03-01", &read));
    ck_assert_int_eq(wildcam_deployment_is_retiming(read), 0);
    wildcam_deployment_free(read);
}
END_TEST

enum { MANY = 6000 };

static void add_many(void)
{
    wildcam_batch *batch;
    assert_ok(wildcam_batch_new(station, &batch));
    for (int i = 0; i < MANY; i++) {
        wildcam_detection *draft;
        assert_ok(wildcam_detection_new(&draft));
        assert_ok(wildcam_detection_set_device_id(draft, "CAM1"));
        assert_ok(wildcam_detection_set_time(draft, at("2026-03-05") + i * SECOND,
                                             WILDCAM_OFFSET_UNKNOWN, WILDCAM_TIME_SOURCE_EXIF));
        assert_ok(wildcam_batch_add(batch, draft));
        wildcam_detection_free(draft);
    }
    assert_ok(wildcam_batch_commit(batch));
    wildcam_batch_free(batch);
}

static int64_t count_before(const char *time)
{
    wildcam_query *query;
    int64_t count;
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_query_set_range(query, WILDCAM_TIME_NONE, at(time)));
    assert_ok(wildcam_station_count(station, query, 0, &count, NULL));
    wildcam_query_free(query);
    return count;
}

static int die_at_the_second(void *user, const char *what, int64_t done, int64_t total)
{
    (void)what;
    (void)done;
    (void)total;
    if (++*(int *)user == 2)
        raise(SIGKILL);
    return 0;
}

static void retime_and_die(wildcam_conf *conf)
{
    wildcam_station *own;
    int told = 0;
    wildcam_deployment *draft = draft_for("CAM1", "2026-01-01", NULL);
    assert_ok(wildcam_deployment_set_offset(draft, 0));
    assert_ok(wildcam_deployment_set_correction(draft, at("2026-03-05"), at("2026-01-05")));
    assert_ok(wildcam_station_open(conf, &own));
    wildcam_station_add_deployment(own, draft, die_at_the_second, &told, NULL);
    _exit(1);
}

static int is_retiming(void)
{
    wildcam_deployment *read;
    assert_ok(wildcam_station_get_deployment(station, "CAM1-2026-01-01", &read));
    int answer = wildcam_deployment_is_retiming(read);
    wildcam_deployment_free(read);
    return answer;
}

/* Some rows were brought to it and some not: whoever opens the station next does so at once, and
 * its upkeep does the rest. */
START_TEST(who_is_killed_in_the_middle_is_finished_for)
{
    int status;
    add_many();
    wildcam_station_close(station);
    wildcam_conf *conf = station_conf();
    pid_t child = fork();
    if (child == 0)
        retime_and_die(conf);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_ok(wildcam_station_open(conf, &station));
    wildcam_conf_free(conf);
    ck_assert_int_eq(is_retiming(), 1);
    ck_assert_int_lt(count_before("2026-02-01"), MANY);
    while (is_retiming())
        assert_ok(wildcam_station_maintain(station, 1000));
    ck_assert_int_eq(count_before("2026-02-01"), MANY);
    ck_assert_int_eq(count_before("2026-01-05T00:00:01"), 1);
    ck_assert_int_eq(walk(station, NULL), MANY);
}
END_TEST

START_TEST(null_is_refused_or_nothing)
{
    wildcam_deployment *draft;
    wildcam_deployment_list *list;
    char *json;
    assert_ok(wildcam_deployment_new(&draft));
    assert_status(WILDCAM_ERR_INVALID, wildcam_deployment_new(NULL));
    assert_status(WILDCAM_ERR_INVALID, wildcam_deployment_to_json(NULL, &json));
    assert_status(WILDCAM_ERR_INVALID, wildcam_deployment_blur(NULL));
    assert_status(WILDCAM_ERR_INVALID, wildcam_deployment_clear_failures(NULL));
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_station_add_deployment(NULL, draft, NULL, NULL, NULL));
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_station_add_deployment(station, NULL, NULL, NULL, NULL));
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_station_change_deployment(station, NULL, draft, NULL, NULL, NULL));
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_station_remove_deployment(station, NULL, NULL, NULL));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_retime(NULL, NULL, NULL));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_get_deployment(station, "x", NULL));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_list_deployments(NULL, NULL, 0, 1, &list));
    ck_assert_str_eq(wildcam_deployment_get_key(NULL), "");
    ck_assert_int_eq(wildcam_deployment_get_effort(NULL, 0, 1), 0);
    ck_assert_uint_eq(wildcam_deployment_list_get_count(NULL), 0);
    ck_assert_int_eq(wildcam_detection_get_clock_time(NULL), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_detection_get_event_id(NULL), 0);
    ck_assert_int_eq(wildcam_image_get_clock_time(NULL), WILDCAM_TIME_NONE);
    wildcam_deployment_list_free(NULL);
    wildcam_deployment_free(NULL);
    wildcam_deployment_free(draft);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("deployment");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, open_it, close_it);
    tcase_add_test(all, all_of_it_is_kept);
    tcase_add_test(all, a_change_leaves_the_rest);
    tcase_add_test(all, what_does_not_fit_is_refused);
    tcase_add_test(all, a_draft_knows_its_limits);
    tcase_add_test(all, the_public_sees_a_grid);
    tcase_add_test(all, what_is_there_gets_the_right_time_and_back);
    tcase_add_test(all, what_comes_in_has_the_right_time_at_once);
    tcase_add_test(all, what_was_stopped_is_finished);
    tcase_add_test(all, who_is_killed_in_the_middle_is_finished_for);
    tcase_add_test(all, null_is_refused_or_nothing);
    return suite;
}
