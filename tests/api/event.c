/* Events and lists of pictures, through the public interface alone. */
#include "fixtures.h"

#include <math.h>
#include <pthread.h>

static wildcam_station *station;

static void set_up(void)
{
    station = open_with("events.gap", "60", NULL);
}

static void tear_down(void)
{
    wildcam_station_close(station);
}

static int64_t shoot(const char *device_id, int64_t seconds)
{
    static unsigned seed;
    return add_scene(station, device_id, ++seed, at("2026-11-30T23:59:30Z") + seconds * SECOND);
}

static void place(void)
{
    int left = 7;
    assert_ok(wildcam_station_place_events(station, 60000, &left));
    ck_assert_int_eq(left, 0);
}

static int64_t event_of(int64_t image_id)
{
    wildcam_image *image;
    assert_ok(wildcam_station_get_image(station, image_id, &image));
    int64_t event = wildcam_image_get_event_id(image);
    wildcam_image_free(image);
    return event;
}

/* Detections say what their pictures do. */
static void assert_detections_agree(void)
{
    wildcam_cursor *cursor;
    const wildcam_detection *row;
    wildcam_step step;
    assert_ok(wildcam_station_query(station, NULL, &cursor));
    while ((step = wildcam_cursor_next(cursor, &row)) == 1)
        ck_assert_int_eq(wildcam_detection_get_event_id(row),
                         event_of(wildcam_detection_get_image_id(row)));
    assert_ok(step);
    wildcam_cursor_free(cursor);
}

static int64_t events_in(const wildcam_query *query)
{
    wildcam_event_cursor *cursor;
    const wildcam_event *event;
    int64_t count = 0;
    assert_ok(wildcam_station_events(station, query, &cursor));
    wildcam_step step;
    while ((step = wildcam_event_cursor_next(cursor, &event)) == 1)
        count++;
    assert_ok(step);
    ck_assert_ptr_null(event);
    wildcam_event_cursor_free(cursor);
    return count;
}

START_TEST(pictures_come_into_events)
{
    int64_t first = shoot("gate", 0), second = shoot("gate", 60), third = shoot("gate", 121);
    int64_t other = shoot("barn", 1);
    ck_assert_int_eq(event_of(first), 0);
    place();
    assert_detections_agree();
    ck_assert_int_eq(event_of(first), first);
    ck_assert_int_eq(event_of(second), first); /* in another month's shard */
    ck_assert_int_eq(event_of(third), third);
    ck_assert_int_eq(event_of(other), other);
    int64_t bridge = shoot("gate", 90);
    wildcam_station_maintain(station, 1000);
    ck_assert_int_eq(event_of(bridge), first);
    ck_assert_int_eq(event_of(third), first);
    int64_t earlier = shoot("gate", -10);
    place();
    ck_assert_int_eq(event_of(third), earlier);
    ck_assert_int_eq(event_of(first), earlier);
    ck_assert_int_eq(event_of(other), other);
}
END_TEST

START_TEST(says_what_an_event_is)
{
    const wildcam_event *event;
    wildcam_event_cursor *cursor;
    char *json;
    int category;
    int64_t first = shoot("gate", 0);
    int64_t last = shoot("gate", 45);
    place();
    assert_ok(wildcam_station_events(station, NULL, &cursor));
    ck_assert_str_eq(wildcam_event_cursor_token(cursor), "");
    ck_assert_int_eq(wildcam_event_cursor_next(cursor, &event), 1);
    ck_assert_int_eq(wildcam_event_get_id(event), first);
    ck_assert_int_eq(wildcam_event_get_camera_id(event), 1);
    ck_assert_str_eq(wildcam_event_get_device_id(event), "gate");
    ck_assert_str_eq(wildcam_event_get_deployment(event), "");
    ck_assert_int_eq(wildcam_event_get_start(event), at("2026-11-30T23:59:30Z"));
    ck_assert_int_eq(wildcam_event_get_end(event), at("2026-12-01T00:00:15Z"));
    ck_assert_int_eq(wildcam_event_get_images(event), 2);
    ck_assert_int_eq(wildcam_event_get_gap(event), 60);
    ck_assert_int_eq(wildcam_event_get_last_image_id(event), last);
    ck_assert_ptr_null(wildcam_event_get_species(event, 0, &category));
    (void)wildcam_event_get_offset(event);
    assert_ok(wildcam_event_to_json(event, &json));
    ck_assert_ptr_nonnull(strstr(json, "\"images\":2"));
    ck_assert_ptr_nonnull(strstr(json, "\"species\":[]"));
    wildcam_free(json);
    ck_assert_str_eq(wildcam_event_cursor_damaged(cursor), "");
    ck_assert_int_eq(wildcam_event_cursor_next(cursor, &event), 0);
    wildcam_event_cursor_free(cursor);
}
END_TEST

static int64_t shoot_with(const char *species, int category, int64_t seconds, unsigned seed)
{
    wildcam_ingest *ingest;
    wildcam_detection *draft;
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 9000 + seed);
    assert_ok(wildcam_detection_new(&draft));
    if (species)
        assert_ok(wildcam_detection_set_species(draft, species));
    if (category >= 0)
        assert_ok(wildcam_detection_set_category(draft, category));
    assert_ok(wildcam_ingest_begin(station, &ingest));
    assert_ok(wildcam_ingest_set_device_id(ingest, "gate"));
    assert_ok(wildcam_ingest_set_time(ingest, at("2026-11-30T23:59:30Z") + seconds * SECOND, 0,
                                      WILDCAM_TIME_SOURCE_CLIENT));
    assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
    assert_ok(wildcam_ingest_add_detection(ingest, draft));
    assert_ok(wildcam_ingest_commit(ingest));
    int64_t id = wildcam_ingest_get_detection_id(ingest);
    wildcam_ingest_free(ingest);
    wildcam_detection_free(draft);
    jpeg_free(&jpeg);
    return id;
}

static void assert_species(const char *wanted)
{
    const wildcam_event *event;
    wildcam_event_cursor *cursor;
    char got[256] = "";
    const char *name;
    int category;
    place();
    assert_ok(wildcam_station_events(station, NULL, &cursor));
    ck_assert_int_eq(wildcam_event_cursor_next(cursor, &event), 1);
    for (size_t i = 0; (name = wildcam_event_get_species(event, i, &category)) != NULL; i++) {
        strcat(got, name);
        strcat(got, ";");
    }
    ck_assert_str_eq(got, wanted);
    wildcam_event_cursor_free(cursor);
}

START_TEST(says_what_was_seen)
{
    wildcam_detection *review;
    shoot_with("Vulpes vulpes", -1, 0, 1);
    shoot_with("Vulpes vulpes", -1, 10, 2);
    shoot_with(NULL, WILDCAM_CATEGORY_BLANK, 20, 3);
    int64_t id = shoot_with("Lepus europaeus", -1, 40, 4); /* in the next shard */
    assert_species("Vulpes vulpes;Lepus europaeus;");
    assert_ok(wildcam_detection_new(&review));
    assert_ok(wildcam_detection_set_false_positive(review, 1));
    assert_ok(wildcam_station_verify_detection(station, id, review));
    assert_species("Vulpes vulpes;");
    wildcam_detection_free(review);
}
END_TEST

START_TEST(lists_by_camera_span_and_order)
{
    char token[64];
    wildcam_query *query;
    wildcam_event_cursor *cursor;
    const wildcam_event *event;
    int64_t ids[6];
    for (int i = 0; i < 6; i++)
        ids[i] = shoot(i % 2 ? "barn" : "gate", i * 1000);
    place();
    ck_assert_int_eq(events_in(NULL), 6);
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_query_set_device_id(query, "barn"));
    ck_assert_int_eq(events_in(query), 3);
    assert_ok(wildcam_query_set_range(query, at("2026-12-01T00:00:00Z"), WILDCAM_TIME_NONE));
    ck_assert_int_eq(events_in(query), 3);
    assert_ok(wildcam_query_set_range(query, at("2026-12-01T00:30:00Z"), WILDCAM_TIME_NONE));
    ck_assert_int_eq(events_in(query), 2);
    assert_ok(wildcam_query_set_device_id(query, "nobody"));
    ck_assert_int_eq(events_in(query), 0);
    assert_ok(wildcam_query_set_device_id(query, NULL));
    assert_ok(wildcam_query_set_range(query, WILDCAM_TIME_NONE, WILDCAM_TIME_NONE));
    assert_ok(wildcam_query_set_order(query, WILDCAM_OLDEST_FIRST));
    assert_ok(wildcam_query_set_limit(query, 2));
    for (int page = 0; page < 3; page++) {
        assert_ok(wildcam_station_events(station, query, &cursor));
        for (int i = 0; i < 2; i++) {
            ck_assert_int_eq(wildcam_event_cursor_next(cursor, &event), 1);
            ck_assert_int_eq(wildcam_event_get_id(event), ids[page * 2 + i]);
        }
        ck_assert_int_eq(wildcam_event_cursor_next(cursor, &event), 0);
        snprintf(token, sizeof token, "%s", wildcam_event_cursor_token(cursor));
        assert_ok(wildcam_query_set_after(query, token));
        wildcam_event_cursor_free(cursor);
    }
    ck_assert_int_eq(events_in(query), 0);
    wildcam_query_free(query);
}
END_TEST

static int64_t images_in(const wildcam_query *query, int64_t event_id, int64_t *first)
{
    wildcam_image_cursor *cursor;
    const wildcam_image *image;
    int64_t count = 0;
    wildcam_step step;
    assert_ok(wildcam_station_images(station, query, event_id, &cursor));
    while ((step = wildcam_image_cursor_next(cursor, &image)) == 1) {
        if (count++ == 0)
            *first = wildcam_image_get_id(image);
        ck_assert_str_ne(wildcam_image_cursor_token(cursor), "");
    }
    assert_ok(step);
    ck_assert_str_eq(wildcam_image_cursor_damaged(cursor), "");
    wildcam_image_cursor_free(cursor);
    return count;
}

START_TEST(lists_pictures)
{
    wildcam_query *query;
    int64_t first = 0, earliest = shoot("gate", -1), latest = 0, middle = 0;
    for (int i = 0; i < 150; i++) /* more than a page */
        latest = shoot("gate", i);
    middle = shoot("barn", 50);
    place();
    ck_assert_int_eq(images_in(NULL, 0, &first), 152);
    ck_assert_int_eq(first, latest);
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_query_set_order(query, WILDCAM_OLDEST_FIRST));
    ck_assert_int_eq(images_in(query, 0, &first), 152);
    ck_assert_int_eq(first, earliest);
    ck_assert_int_eq(images_in(query, earliest, &first), 151);
    ck_assert_int_eq(images_in(query, middle, &first), 1);
    ck_assert_int_eq(first, middle);
    ck_assert_int_eq(images_in(query, 12345, &first), 0);
    assert_ok(wildcam_query_set_device_id(query, "barn"));
    ck_assert_int_eq(images_in(query, 0, &first), 1);
    wildcam_query_free(query);
}
END_TEST

static int stop_at_once(void *user, const char *phase, int64_t done, int64_t total)
{
    (void)done;
    (void)total;
    ck_assert_str_eq(phase, "events");
    ++*(int *)user;
    return 1;
}

START_TEST(groups_anew)
{
    int64_t changed = 7;
    int calls = 0;
    for (int i = 0; i < 4; i++) {
        shoot("gate", i * 100);
        shoot("barn", i * 100);
    }
    place();
    ck_assert_int_eq(events_in(NULL), 8);
    assert_ok(wildcam_station_group_events(station, "gate", WILDCAM_TIME_NONE, WILDCAM_TIME_NONE,
                                           100, NULL, NULL, &changed));
    ck_assert_int_eq(changed, 4);
    ck_assert_int_eq(events_in(NULL), 5);
    assert_status(WILDCAM_ERR_CANCELLED,
                  wildcam_station_group_events(station, NULL, WILDCAM_TIME_NONE, WILDCAM_TIME_NONE,
                                               0, stop_at_once, &calls, &changed));
    ck_assert_int_eq(calls, 1);
    assert_ok(wildcam_station_group_events(station, NULL, WILDCAM_TIME_NONE, WILDCAM_TIME_NONE, 0,
                                           NULL, NULL, &changed));
    place();
    ck_assert_int_eq(events_in(NULL), 8);
    assert_fails(WILDCAM_ERR_NOTFOUND, "nobody",
                 wildcam_station_group_events(station, "nobody", WILDCAM_TIME_NONE,
                                              WILDCAM_TIME_NONE, 1, NULL, NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "86400",
                 wildcam_station_group_events(station, NULL, WILDCAM_TIME_NONE, WILDCAM_TIME_NONE,
                                              86401, NULL, NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "before it begins",
                 wildcam_station_group_events(station, NULL, 5, 4, 1, NULL, NULL, NULL));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_place_events(station, -1, NULL));
}
END_TEST

/* No lock is held: whoever is told may ask for the same. */
static int group_within(void *user, const char *phase, int64_t done, int64_t total)
{
    int64_t changed;
    (void)phase;
    (void)done;
    (void)total;
    ++*(int *)user;
    assert_ok(wildcam_station_group_events(station, NULL, WILDCAM_TIME_NONE, WILDCAM_TIME_NONE, 10,
                                           NULL, NULL, &changed));
    return 0;
}

START_TEST(grouping_within_grouping)
{
    int64_t changed;
    int calls = 0;
    for (int i = 0; i < 3; i++)
        shoot("gate", i * 30);
    place();
    assert_ok(wildcam_station_group_events(station, NULL, WILDCAM_TIME_NONE, WILDCAM_TIME_NONE, 60,
                                           group_within, &calls, &changed));
    ck_assert_int_ge(calls, 1);
    ck_assert_int_eq(events_in(NULL), 1);
}
END_TEST

START_TEST(refuses_what_events_do_not_have)
{
    wildcam_query *query;
    wildcam_event_cursor *cursor;
    wildcam_image_cursor *images;
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_query_set_category(query, WILDCAM_CATEGORY_ANIMAL));
    assert_fails(WILDCAM_ERR_INVALID, "alone", wildcam_station_events(station, query, &cursor));
    assert_fails(WILDCAM_ERR_INVALID, "alone", wildcam_station_images(station, query, 0, &images));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_images(station, NULL, -1, &images));
    wildcam_query_free(query);
}
END_TEST

static wildcam_deployment *deploy(const char *start, const char *wrong, const char *right)
{
    wildcam_deployment *draft, *out;
    assert_ok(wildcam_deployment_new(&draft));
    assert_ok(wildcam_deployment_set_device_id(draft, "gate"));
    assert_ok(wildcam_deployment_set_span(draft, at(start), WILDCAM_TIME_NONE));
    if (wrong)
        assert_ok(wildcam_deployment_set_correction(draft, at(wrong), at(right)));
    assert_ok(wildcam_station_add_deployment(station, draft, NULL, NULL, &out));
    wildcam_deployment_free(draft);
    return out;
}

static void undeploy(wildcam_deployment *deployment)
{
    assert_ok(wildcam_station_remove_deployment(station, wildcam_deployment_get_key(deployment),
                                                NULL, NULL));
    wildcam_deployment_free(deployment);
}

/* What each event says of its deployment, the oldest first. */
static void assert_deployments(const char *first, const char *second)
{
    wildcam_query *query;
    wildcam_event_cursor *cursor;
    const wildcam_event *event;
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_query_set_order(query, WILDCAM_OLDEST_FIRST));
    assert_ok(wildcam_station_events(station, query, &cursor));
    ck_assert_int_eq(wildcam_event_cursor_next(cursor, &event), 1);
    ck_assert_str_eq(wildcam_event_get_deployment(event), first);
    ck_assert_int_eq(wildcam_event_cursor_next(cursor, &event), 1);
    ck_assert_str_eq(wildcam_event_get_deployment(event), second);
    wildcam_event_cursor_free(cursor);
    wildcam_query_free(query);
}

START_TEST(deployments_part_events)
{
    int64_t first = shoot("gate", 0), second = shoot("gate", 29);
    place();
    ck_assert_int_eq(event_of(second), first);
    wildcam_deployment *deployment = deploy("2026-11-30T23:59:45Z", NULL, NULL);
    ck_assert_int_eq(event_of(first), first);
    ck_assert_int_eq(event_of(second), second);
    assert_deployments("", "gate-2026-11-30");
    shoot("barn", 29);
    place();
    assert_deployments("", "gate-2026-11-30");
    undeploy(deployment);
    ck_assert_int_eq(event_of(second), first);
}
END_TEST

static int64_t shoot_by_clock(const char *clock, unsigned seed)
{
    struct exif_facts facts = {
        .date_time_original = clock, .latitude = NAN, .longitude = NAN, .altitude = NAN};
    struct jpeg jpeg = make_jpeg_with_exif(64, 48, 700 + seed, &facts);
    wildcam_ingest *ingest;
    assert_ok(wildcam_ingest_begin(station, &ingest));
    assert_ok(wildcam_ingest_set_device_id(ingest, "gate"));
    assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
    assert_ok(wildcam_ingest_commit(ingest));
    int64_t id = wildcam_ingest_get_image_id(ingest);
    wildcam_ingest_free(ingest);
    jpeg_free(&jpeg);
    return id;
}

/* A clock that was reset, and set right later: pictures that lie in another year's shard come among
 * those of their true time. */
START_TEST(corrected_times_count)
{
    int64_t changed;
    int64_t early = shoot_by_clock("2020:01:01 00:00:00", 1);
    int64_t late = shoot_by_clock("2020:01:01 00:02:00", 2);
    int64_t between = add_scene(station, "gate", 99, at("2026-03-02T10:01:00Z"));
    place();
    ck_assert_int_eq(event_of(late), late);
    ck_assert_int_eq(event_of(between), between);
    wildcam_deployment *deployment = deploy("2026-03-02T00:00:00Z", "2020-01-01T00:00:00Z",
                                            "2026-03-02T10:00:00Z");
    place();
    ck_assert_int_eq(event_of(early), early);
    ck_assert_int_eq(event_of(between), early);
    ck_assert_int_eq(event_of(late), early);
    assert_ok(wildcam_station_group_events(station, NULL, WILDCAM_TIME_NONE, WILDCAM_TIME_NONE, 0,
                                           NULL, NULL, &changed));
    ck_assert_int_eq(changed, 0);
    undeploy(deployment);
    place();
    ck_assert_int_eq(event_of(late), late);
    ck_assert_int_eq(event_of(between), between);
}
END_TEST

/* What came in by a right time, and lies elsewhere by now, is found there. */
START_TEST(pictures_that_have_moved_are_owed_where_they_lie)
{
    add_scene(station, "gate", 98, at("2025-01-01T00:00:00Z"));
    wildcam_deployment *deployment = deploy("2026-03-02T00:00:00Z", "2020-01-01T00:00:00Z",
                                            "2026-03-02T10:00:00Z");
    int64_t early = shoot_by_clock("2020:01:01 00:00:00", 1);
    int64_t late = shoot_by_clock("2020:01:01 00:00:30", 2);
    int64_t other = add_scene(station, "gate", 99, at("2026-03-02T10:00:10Z"));
    undeploy(deployment);
    place();
    ck_assert_int_eq(event_of(early), early);
    ck_assert_int_eq(event_of(late), early);
    ck_assert_int_eq(event_of(other), other);
}
END_TEST

static int stop(void *user, const char *what, int64_t done, int64_t total)
{
    (void)user;
    (void)what;
    (void)done;
    (void)total;
    return 1;
}

/* What is left of the times is brought to it later, as upkeep does. */
static void deploy_and_retime_later(const char *start, const char *wrong, const char *right)
{
    wildcam_deployment *draft;
    assert_ok(wildcam_deployment_new(&draft));
    assert_ok(wildcam_deployment_set_device_id(draft, "gate"));
    assert_ok(wildcam_deployment_set_span(draft, at(start), WILDCAM_TIME_NONE));
    assert_ok(wildcam_deployment_set_correction(draft, at(wrong), at(right)));
    assert_status(WILDCAM_ERR_CANCELLED,
                  wildcam_station_add_deployment(station, draft, stop, NULL, NULL));
    wildcam_deployment_free(draft);
    assert_ok(wildcam_station_retime(station, NULL, NULL));
    place();
}

/* One of an event comes to have another time, the others have not: those in the next month, and
 * those behind it when it was not the first. */
START_TEST(who_stays_behind_is_grouped_anew)
{
    int64_t changed, first, middle, last;
    if (_i == 0) {
        first = middle = shoot_by_clock("2025:03:31 23:59:40", 1);
    } else {
        first = add_scene(station, "gate", 97, at("2025-03-31T23:59:10Z"));
        middle = shoot_by_clock("2025:03:31 23:59:40", 1);
    }
    last = add_scene(station, "gate", 98, at("2025-04-01T00:00:20Z"));
    place();
    ck_assert_int_eq(event_of(middle), first);
    ck_assert_int_eq(event_of(last), first);
    deploy_and_retime_later("2025-01-01T00:00:00Z", "2025-03-31T00:00:00Z", "2025-02-28T00:00:00Z");
    ck_assert_int_eq(event_of(first), first);
    ck_assert_int_eq(event_of(middle), middle);
    ck_assert_int_eq(event_of(last), last);
    assert_ok(wildcam_station_group_events(station, NULL, WILDCAM_TIME_NONE, WILDCAM_TIME_NONE, 0,
                                           NULL, NULL, &changed));
    ck_assert_int_eq(changed, 0);
}
END_TEST

START_TEST(a_deployment_whose_times_come_later_parts_events)
{
    int64_t first = add_scene(station, "gate", 97, at("2025-03-31T23:59:30Z"));
    int64_t second = add_scene(station, "gate", 98, at("2025-03-31T23:59:59Z"));
    place();
    ck_assert_int_eq(event_of(second), first);
    deploy_and_retime_later("2025-03-31T23:59:45Z", "2025-03-31T00:00:00Z", "2025-04-30T00:00:00Z");
    ck_assert_int_eq(event_of(second), second);
}
END_TEST

START_TEST(a_purge_parts_events)
{
    int64_t shards, pictures;
    int64_t first = shoot("gate", 0), second = shoot("gate", 29), third = shoot("gate", 59);
    place();
    ck_assert_int_eq(event_of(second), first);
    ck_assert_int_eq(event_of(third), first);
    assert_ok(wildcam_station_purge(station, at("2026-12-01T00:00:00Z"), &shards, &pictures));
    ck_assert_int_eq(shards, 1);
    place();
    ck_assert_int_eq(event_of(third), third);
    ck_assert_int_eq(events_in(NULL), 1);
}
END_TEST

/* Its second picture lies in another year's shard, because its clock was wrong. */
START_TEST(an_event_has_those_of_earlier_shards)
{
    wildcam_event_cursor *cursor;
    const wildcam_event *event;
    int64_t first = add_scene(station, "gate", 99, at("2026-03-02T10:00:30Z"));
    int64_t second = shoot_by_clock("2020:01:01 00:01:00", 1);
    int64_t third = add_scene(station, "gate", 98, at("2026-03-02T10:01:30Z"));
    wildcam_deployment *deployment = deploy("2026-03-02T00:00:00Z", "2020-01-01T00:00:00Z",
                                            "2026-03-02T10:00:00Z");
    place();
    ck_assert_int_eq(event_of(second), first);
    ck_assert_int_eq(event_of(third), first);
    assert_ok(wildcam_station_events(station, NULL, &cursor));
    ck_assert_int_eq(wildcam_event_cursor_next(cursor, &event), 1);
    ck_assert_int_eq(wildcam_event_get_images(event), 3);
    ck_assert_int_eq(wildcam_event_get_end(event), at("2026-03-02T10:01:30Z"));
    wildcam_event_cursor_free(cursor);
    undeploy(deployment);
}
END_TEST

/* Pictures come from several threads while others group them. */
static void *shoot_many(void *user)
{
    int base = *(int *)user;
    for (int i = 0; i < 40; i++) {
        add_scene(station, "gate", (unsigned)(base * 1000 + i),
                  at("2026-11-30T23:58:00Z") + (int64_t)((i * 37 + base * 11) % 240) * SECOND);
        int left;
        assert_ok(wildcam_station_place_events(station, 10, &left));
    }
    return NULL;
}

START_TEST(many_at_once)
{
    pthread_t threads[4];
    int bases[4] = {1, 2, 3, 4};
    int64_t changed;
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, shoot_many, &bases[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    place();
    assert_ok(wildcam_station_group_events(station, NULL, WILDCAM_TIME_NONE, WILDCAM_TIME_NONE, 0,
                                           NULL, NULL, &changed));
    ck_assert_int_eq(changed, 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("event");
    TCase *all = harness_case(suite, "event");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_set_timeout(all, 120);
    tcase_add_test(all, pictures_come_into_events);
    tcase_add_test(all, says_what_an_event_is);
    tcase_add_test(all, says_what_was_seen);
    tcase_add_test(all, lists_by_camera_span_and_order);
    tcase_add_test(all, lists_pictures);
    tcase_add_test(all, groups_anew);
    tcase_add_test(all, grouping_within_grouping);
    tcase_add_test(all, refuses_what_events_do_not_have);
    tcase_add_test(all, deployments_part_events);
    tcase_add_test(all, corrected_times_count);
    tcase_add_test(all, pictures_that_have_moved_are_owed_where_they_lie);
    tcase_add_loop_test(all, who_stays_behind_is_grouped_anew, 0, 2);
    tcase_add_test(all, a_deployment_whose_times_come_later_parts_events);
    tcase_add_test(all, a_purge_parts_events);
    tcase_add_test(all, an_event_has_those_of_earlier_shards);
    tcase_add_test(all, many_at_once);
    return suite;
}
