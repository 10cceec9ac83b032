/* Deployments, and the times that follow from them. */
#include "fault/walk.h"

#define OUT(member) .out = offsetof(struct world, member)
#define KEY "wood"
#define EXTRA_JSON "{\"bait\": [\"a\", 2]}"
#define SECONDS(count) (INT64_C(1000000) * (count))
#define DAYS(count) SECONDS(INT64_C(86400) * (count))

enum { OFFSET = 3600 };
static const int64_t start = INT64_C(1769904000000000); /* 2026-02-01 */

/* ---- drafts ---- */

static wildcam_status deployment_new(struct world *world)
{
    return wildcam_deployment_new(&world->deployment);
}

static void make_draft(struct world *world)
{
    assert_ok(deployment_new(world));
}

static wildcam_status set_key(struct world *world)
{
    return wildcam_deployment_set_key(world->deployment, KEY);
}

static void has_key(struct world *world)
{
    ck_assert_str_eq(wildcam_deployment_get_key(world->deployment), KEY);
}

static void lacks_key(struct world *world)
{
    ck_assert_str_eq(wildcam_deployment_get_key(world->deployment), "");
}

static wildcam_status set_device_id(struct world *world)
{
    return wildcam_deployment_set_device_id(world->deployment, "gate");
}

static void has_device_id(struct world *world)
{
    ck_assert_str_eq(wildcam_deployment_get_device_id(world->deployment), "gate");
}

static void lacks_device_id(struct world *world)
{
    ck_assert_str_eq(wildcam_deployment_get_device_id(world->deployment), "");
}

static wildcam_status set_text(struct world *world)
{
    return wildcam_deployment_set_text(world->deployment, WILDCAM_DEPLOYMENT_EXTRA, EXTRA_JSON);
}

static void has_text(struct world *world)
{
    ck_assert_str_eq(wildcam_deployment_get_text(world->deployment, WILDCAM_DEPLOYMENT_EXTRA),
                     EXTRA_JSON);
}

static void lacks_text(struct world *world)
{
    ck_assert_str_eq(wildcam_deployment_get_text(world->deployment, WILDCAM_DEPLOYMENT_EXTRA), "");
}

static wildcam_status add_failure(struct world *world)
{
    return wildcam_deployment_add_failure(world->deployment, start + DAYS(1), start + DAYS(2),
                                          "snow");
}

static void has_failure(struct world *world)
{
    const char *reason;
    ck_assert_uint_eq(wildcam_deployment_get_failure_count(world->deployment), 1);
    assert_ok(wildcam_deployment_get_failure(world->deployment, 0, NULL, NULL, &reason));
    ck_assert_str_eq(reason, "snow");
}

static void lacks_failure(struct world *world)
{
    ck_assert_uint_eq(wildcam_deployment_get_failure_count(world->deployment), 0);
}

static void correct_by(struct world *world, int64_t shift)
{
    assert_ok(wildcam_deployment_set_correction(world->deployment, start, start + shift));
}

/* Of the camera of both pictures, whose clock was an hour ahead of UTC and two days behind. */
static void fill_draft(struct world *world)
{
    make_draft(world);
    assert_ok(set_key(world));
    assert_ok(set_device_id(world));
    assert_ok(set_text(world));
    assert_ok(add_failure(world));
    assert_ok(wildcam_deployment_set_span(world->deployment, start, WILDCAM_TIME_NONE));
    assert_ok(wildcam_deployment_set_offset(world->deployment, OFFSET));
    correct_by(world, DAYS(2));
}

static void is_whole(const wildcam_deployment *deployment)
{
    const char *reason;
    ck_assert_str_eq(wildcam_deployment_get_key(deployment), KEY);
    ck_assert_str_eq(wildcam_deployment_get_device_id(deployment), "gate");
    ck_assert_str_eq(wildcam_deployment_get_text(deployment, WILDCAM_DEPLOYMENT_EXTRA), EXTRA_JSON);
    ck_assert_int_eq(wildcam_deployment_get_offset(deployment), OFFSET);
    ck_assert_uint_eq(wildcam_deployment_get_failure_count(deployment), 1);
    assert_ok(wildcam_deployment_get_failure(deployment, 0, NULL, NULL, &reason));
    ck_assert_str_eq(reason, "snow");
    ck_assert_int_eq(wildcam_deployment_is_retiming(deployment), 0);
}

static wildcam_status copy(struct world *world)
{
    return wildcam_deployment_copy(world->deployment, &world->got_deployment);
}

static void got_whole(struct world *world)
{
    is_whole(world->got_deployment);
}

static wildcam_status to_json(struct world *world)
{
    return wildcam_deployment_to_json(world->deployment, (char **)&world->bytes);
}

static void is_json(struct world *world)
{
    const char *text = world->bytes;
    ck_assert_ptr_nonnull(strstr(text, EXTRA_JSON));
    ck_assert_ptr_nonnull(strstr(text, "snow"));
    ck_assert_int_eq(text[strlen(text) - 1], '}');
}

/* ---- the times ---- */

/* What a deployment with this correction makes of a clock. */
static int64_t by(int64_t shift)
{
    return shift ? shift - SECONDS(OFFSET) : 0;
}

/* A detection of a picture is where its picture is; one that was sent with a client's time stays.
 */
static void detections_follow(const struct world *world)
{
    wildcam_cursor *cursor;
    const wildcam_detection *row;
    int count = 0;
    assert_ok(wildcam_station_query(world->station, NULL, &cursor));
    for (; wildcam_cursor_next(cursor, &row) == 1; count++) {
        wildcam_image *image;
        int64_t id = wildcam_detection_get_image_id(row);
        if (!id) {
            ck_assert_int_eq(wildcam_detection_get_clock_time(row),
                             wildcam_detection_get_time(row));
            continue;
        }
        assert_ok(wildcam_station_get_image(world->station, id, &image));
        ck_assert_int_eq(wildcam_detection_get_time(row), wildcam_image_get_time(image));
        ck_assert_int_eq(wildcam_detection_get_clock_time(row),
                         wildcam_image_get_clock_time(image));
        wildcam_image_free(image);
    }
    wildcam_cursor_free(cursor);
    ck_assert_int_eq(count, KEPT_DETECTIONS);
}

/* How many pictures are where a correction wants them; the others are where another does. */
static int moved_by(const struct world *world, int64_t wanted, int64_t other)
{
    wildcam_image_cursor *cursor;
    const wildcam_image *image;
    int count = 0, moved = 0;
    detections_follow(world);
    assert_ok(wildcam_station_images(world->station, NULL, 0, &cursor));
    for (; wildcam_image_cursor_next(cursor, &image) == 1; count++) {
        int64_t time = wildcam_image_get_time(image);
        int64_t by_now = time - wildcam_image_get_clock_time(image);
        ck_assert_msg(by_now == by(wanted) || by_now == by(other), "displaced by %lld",
                      (long long)by_now);
        moved += by_now == by(wanted);
    }
    wildcam_image_cursor_free(cursor);
    ck_assert_int_eq(count, KEPT_PICTURES);
    return moved;
}

static wildcam_deployment *there(const struct world *world)
{
    wildcam_deployment *deployment;
    wildcam_status status = wildcam_station_get_deployment(world->station, KEY, &deployment);
    if (status != WILDCAM_ERR_NOTFOUND)
        assert_ok(status);
    return deployment;
}

static int64_t shift_of(const wildcam_deployment *deployment)
{
    return deployment ? wildcam_deployment_get_right_time(deployment) -
                            wildcam_deployment_get_wrong_time(deployment)
                      : 0;
}

/* It is as it was, and so are the times; or it is as was wished, and the times are, too, unless it
 * says of itself that they are still to be. */
static void is_old_or_new(const struct world *world, int64_t before, int64_t after)
{
    wildcam_deployment *deployment = there(world);
    int64_t shift = shift_of(deployment);
    ck_assert(shift == before || shift == after);
    int moved = moved_by(world, after, before);
    if (shift == before)
        ck_assert_int_eq(moved, 0);
    else if (deployment && !wildcam_deployment_is_retiming(deployment))
        ck_assert_int_eq(moved, KEPT_PICTURES);
    wildcam_deployment_free(deployment);
}

static void is_new(const struct world *world, int64_t before, int64_t after)
{
    wildcam_deployment *deployment = there(world);
    ck_assert_int_eq(shift_of(deployment), after);
    ck_assert_int_eq(wildcam_deployment_is_retiming(deployment), 0);
    ck_assert_int_eq(moved_by(world, after, before), KEPT_PICTURES);
    wildcam_deployment_free(deployment);
}

/* ---- in a station ---- */

static wildcam_status retime(struct world *world)
{
    return wildcam_station_retime(world->station, NULL, NULL);
}

static wildcam_status get(struct world *world)
{
    return wildcam_station_get_deployment(world->station, KEY, &world->got_deployment);
}

/* Whether a call is the second, which finds done what the first began. */
static bool is_second(struct world *world)
{
    return world->count++ > 0;
}

static bool is_there(const struct world *world)
{
    wildcam_deployment *deployment = there(world);
    wildcam_deployment_free(deployment);
    return deployment != NULL;
}

static wildcam_status add(struct world *world)
{
    if (is_second(world) && is_there(world))
        return retime(world);
    return wildcam_station_add_deployment(world->station, world->deployment, NULL, NULL, NULL);
}

static wildcam_status add_and_get(struct world *world)
{
    if (is_second(world) && is_there(world)) {
        assert_ok(retime(world));
        return get(world);
    }
    return wildcam_station_add_deployment(world->station, world->deployment, NULL, NULL,
                                          &world->got_deployment);
}

static void added_or_not(struct world *world)
{
    is_old_or_new(world, 0, DAYS(2));
}

static void is_added(struct world *world)
{
    is_new(world, 0, DAYS(2));
    assert_ok(get(world));
    got_whole(world);
}

static void got_added(struct world *world)
{
    is_new(world, 0, DAYS(2));
    got_whole(world);
}

/* One that is only read is there already in all steps but the first. */
static void have_one(struct world *world)
{
    fill_draft(world);
    if (!is_there(world))
        assert_ok(
            wildcam_station_add_deployment(world->station, world->deployment, NULL, NULL, NULL));
}

static void have_one_to_change(struct world *world)
{
    have_one(world);
    wildcam_deployment_free(world->deployment);
    make_draft(world);
    correct_by(world, DAYS(3));
    assert_ok(add_failure(world));
}

static wildcam_status change(struct world *world)
{
    return wildcam_station_change_deployment(world->station, KEY, world->deployment, NULL, NULL,
                                             NULL);
}

static wildcam_status change_and_get(struct world *world)
{
    return wildcam_station_change_deployment(world->station, KEY, world->deployment, NULL, NULL,
                                             &world->got_deployment);
}

static void changed_or_not(struct world *world)
{
    is_old_or_new(world, DAYS(2), DAYS(3));
}

static void is_changed(struct world *world)
{
    is_new(world, DAYS(2), DAYS(3));
    assert_ok(get(world));
    got_whole(world);
}

static void got_changed(struct world *world)
{
    is_new(world, DAYS(2), DAYS(3));
    got_whole(world);
}

static wildcam_status remove_it(struct world *world)
{
    if (is_second(world) && !is_there(world))
        return retime(world);
    return wildcam_station_remove_deployment(world->station, KEY, NULL, NULL);
}

static void removed_or_not(struct world *world)
{
    is_old_or_new(world, DAYS(2), 0);
}

static void is_removed(struct world *world)
{
    is_new(world, DAYS(2), 0);
}

static int stop(void *user, const char *what, int64_t done, int64_t total)
{
    (void)user;
    (void)what;
    (void)done;
    (void)total;
    return 1;
}

static void leave_times(struct world *world)
{
    fill_draft(world);
    assert_status(WILDCAM_ERR_CANCELLED, wildcam_station_add_deployment(
                                             world->station, world->deployment, stop, NULL, NULL));
    ck_assert_int_eq(moved_by(world, DAYS(2), 0), 0);
}

static wildcam_status list_all(struct world *world)
{
    return wildcam_station_list_deployments(world->station, "gate", start, start + DAYS(90),
                                            &world->got_deployments);
}

static void has_listed(struct world *world)
{
    ck_assert_uint_eq(wildcam_deployment_list_get_count(world->got_deployments), 1);
    is_whole(wildcam_deployment_list_at(world->got_deployments, 0));
}

#define SETS(name, suffix)                                                                         \
    {                                                                                              \
        .function = "wildcam_deployment_" #name, .arrange = make_draft, .call = name,              \
        .verify = has_##suffix, .unchanged = lacks_##suffix                                        \
    }

static const struct scenario list[] = {
    {.function = "wildcam_deployment_new", .call = deployment_new, OUT(deployment)},
    {.function = "wildcam_deployment_copy",
     .arrange = fill_draft,
     .call = copy,
     .verify = got_whole,
     OUT(got_deployment)},
    SETS(set_key, key),
    SETS(set_device_id, device_id),
    SETS(set_text, text),
    SETS(add_failure, failure),
    {.function = "wildcam_deployment_to_json",
     .arrange = fill_draft,
     .call = to_json,
     .verify = is_json,
     OUT(bytes)},
    {.function = "wildcam_station_add_deployment",
     .station = STATION,
     .arrange = fill_draft,
     .call = add,
     .verify = is_added,
     .unchanged = added_or_not,
     .writes = true},
    {.function = "wildcam_station_add_deployment",
     .variant = "and having it",
     .station = STATION,
     .arrange = fill_draft,
     .call = add_and_get,
     .verify = got_added,
     .unchanged = added_or_not,
     .writes = true,
     OUT(got_deployment)},
    {.function = "wildcam_station_change_deployment",
     .station = STATION,
     .arrange = have_one_to_change,
     .call = change,
     .verify = is_changed,
     .unchanged = changed_or_not,
     .writes = true},
    {.function = "wildcam_station_change_deployment",
     .variant = "and having it",
     .station = STATION,
     .arrange = have_one_to_change,
     .call = change_and_get,
     .verify = got_changed,
     .unchanged = changed_or_not,
     .writes = true,
     OUT(got_deployment)},
    {.function = "wildcam_station_remove_deployment",
     .station = STATION,
     .arrange = have_one,
     .call = remove_it,
     .verify = is_removed,
     .unchanged = removed_or_not,
     .writes = true},
    {.function = "wildcam_station_retime",
     .station = STATION,
     .arrange = leave_times,
     .call = retime,
     .verify = is_added,
     .unchanged = added_or_not,
     .writes = true},
    {.function = "wildcam_station_get_deployment",
     .station = READ_STATION,
     .arrange = have_one,
     .call = get,
     .verify = got_whole,
     OUT(got_deployment)},
    {.function = "wildcam_station_list_deployments",
     .station = READ_STATION,
     .arrange = have_one,
     .call = list_all,
     .verify = has_listed,
     OUT(got_deployments)},
};

const struct scenarios deployment_scenarios = {list, sizeof list / sizeof list[0]};
