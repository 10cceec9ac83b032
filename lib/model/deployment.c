#include "model/deployment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "model/check.h"

#define PI 3.14159265358979323846

const char *const wci_deployment_text_names[WCI_DEPLOYMENT_TEXT_COUNT] = {
#define NAME(id, value, name, max) [value] = name,
    WILDCAM_DEPLOYMENT_TEXT_LIST(NAME)
#undef NAME
};

const char *const wci_deployment_number_names[WCI_DEPLOYMENT_NUMBER_COUNT] = {
#define NAME(id, value, name, min, max, whole) [value] = name,
    WILDCAM_DEPLOYMENT_NUMBER_LIST(NAME)
#undef NAME
};

const char *const wci_deployment_flag_names[WCI_DEPLOYMENT_FLAG_COUNT] = {
#define NAME(id, value, name) [value] = name,
    WILDCAM_DEPLOYMENT_FLAG_LIST(NAME)
#undef NAME
};

void wci_deployment_init(wildcam_deployment *deployment)
{
    *deployment = (wildcam_deployment){.start = WILDCAM_TIME_NONE,
                                       .end = WILDCAM_TIME_NONE,
                                       .offset = WILDCAM_OFFSET_UNKNOWN,
                                       .wrong = WILDCAM_TIME_NONE,
                                       .right = WILDCAM_TIME_NONE};
    for (int i = 0; i < WCI_DEPLOYMENT_NUMBER_COUNT; i++)
        deployment->numbers[i] = NAN;
    for (int i = 0; i < WCI_DEPLOYMENT_FLAG_COUNT; i++)
        deployment->flags[i] = -1;
}

static void free_failures(wildcam_deployment *deployment)
{
    for (size_t i = 0; i < deployment->failure_count; i++)
        wci_text_free(&deployment->failures[i].reason);
    free(deployment->failures);
    deployment->failures = NULL;
    deployment->failure_count = deployment->failure_capacity = 0;
}

void wci_deployment_release(wildcam_deployment *deployment)
{
    wci_text_free(&deployment->key);
    wci_text_free(&deployment->device_id);
    for (int i = 0; i < WCI_DEPLOYMENT_TEXT_COUNT; i++)
        wci_text_free(&deployment->texts[i]);
    free_failures(deployment);
}

static wildcam_status copy_text(struct wci_text *to, const struct wci_text *from)
{
    return wci_text_set(to, wci_text_get(from), from->length);
}

static wildcam_status copy_failures(wildcam_deployment *to, const wildcam_deployment *from)
{
    wildcam_status status = WILDCAM_OK;
    free_failures(to);
    for (size_t i = 0; status == WILDCAM_OK && i < from->failure_count; i++)
        status = wci_deployment_add_failure(to, from->failures[i].from, from->failures[i].to,
                                            wci_text_get(&from->failures[i].reason));
    return status;
}

wildcam_status wci_deployment_merge(wildcam_deployment *deployment, const wildcam_deployment *draft)
{
    wildcam_status status = WILDCAM_OK;
    if (draft->key.length)
        status = copy_text(&deployment->key, &draft->key);
    if (status == WILDCAM_OK && draft->device_id.length)
        status = copy_text(&deployment->device_id, &draft->device_id);
    for (int i = 0; status == WILDCAM_OK && i < WCI_DEPLOYMENT_TEXT_COUNT; i++)
        if (draft->texts_set & 1U << i)
            status = copy_text(&deployment->texts[i], &draft->texts[i]);
    if (status == WILDCAM_OK && draft->set & WCI_SET_FAILURES)
        status = copy_failures(deployment, draft);
    for (int i = 0; i < WCI_DEPLOYMENT_NUMBER_COUNT; i++)
        if (draft->numbers_set & 1U << i)
            deployment->numbers[i] = draft->numbers[i];
    for (int i = 0; i < WCI_DEPLOYMENT_FLAG_COUNT; i++)
        if (draft->flags_set & 1U << i)
            deployment->flags[i] = draft->flags[i];
    if (draft->set & WCI_SET_SPAN) {
        deployment->start = draft->start;
        deployment->end = draft->end;
    }
    if (draft->set & WCI_SET_OFFSET)
        deployment->offset = draft->offset;
    if (draft->set & WCI_SET_CORRECTION) {
        deployment->wrong = draft->wrong;
        deployment->right = draft->right;
    }
    return status;
}

wildcam_status wci_deployment_copy(wildcam_deployment *to, const wildcam_deployment *from)
{
    wildcam_deployment all = *from; /* shares its texts */
    all.texts_set = all.numbers_set = all.flags_set = all.set = UINT32_MAX;
    wci_deployment_init(to);
    wildcam_status status = wci_deployment_merge(to, &all);
    if (status != WILDCAM_OK) {
        wci_deployment_release(to);
        return status;
    }
    to->id = from->id;
    to->camera_id = from->camera_id;
    to->is_retiming = from->is_retiming;
    to->texts_set = from->texts_set;
    to->numbers_set = from->numbers_set;
    to->flags_set = from->flags_set;
    to->set = from->set;
    return WILDCAM_OK;
}

wildcam_status wci_deployment_check(const wildcam_deployment *deployment)
{
    if (!deployment->device_id.length)
        return wci_fail(WILDCAM_ERR_INVALID, "device_id is required");
    if (deployment->start == WILDCAM_TIME_NONE)
        return wci_fail(WILDCAM_ERR_INVALID, "a deployment's start is required");
    if (!isnan(deployment->numbers[WILDCAM_DEPLOYMENT_CAMERA_HEIGHT]) &&
        !isnan(deployment->numbers[WILDCAM_DEPLOYMENT_CAMERA_DEPTH]))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "a camera has a camera_height or a camera_depth, not both");
    if (isnan(deployment->numbers[WILDCAM_DEPLOYMENT_LATITUDE]) !=
        isnan(deployment->numbers[WILDCAM_DEPLOYMENT_LONGITUDE]))
        return wci_fail(WILDCAM_ERR_INVALID, "latitude and longitude come together");
    for (size_t i = 0; i < deployment->failure_count; i++) {
        const struct wci_failure *failure = &deployment->failures[i];
        char text[WILDCAM_TIME_TEXT];
        if (failure->from >= deployment->start &&
            (deployment->end == WILDCAM_TIME_NONE || failure->to <= deployment->end))
            continue;
        wci_calendar_format(failure->from, 0, text);
        return wci_fail(WILDCAM_ERR_INVALID,
                        "the failure from %s on is not within the deployment's span", text);
    }
    return WILDCAM_OK;
}

wildcam_status wci_deployment_take_key(struct wci_text *to, const char *key)
{
    size_t length = key ? strnlen(key, WCI_DEPLOYMENT_KEY_MAX + 1) : 0;
    if (length && (key[0] == ' ' || key[length - 1] == ' '))
        return wci_fail(WILDCAM_ERR_INVALID, "deployment_id does not begin or end with a space");
    if (length && strchr(key, '/'))
        return wci_fail(WILDCAM_ERR_INVALID, "deployment_id has no \"/\"");
    return wci_take_text(to, "deployment_id", key, WCI_DEPLOYMENT_KEY_MAX);
}

static wildcam_status check_moment(const char *what, int64_t time)
{
    if (time >= WILDCAM_TIME_MIN && time <= WILDCAM_TIME_END)
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_INVALID,
                    "%s is in 1970-01-01T00:00:00Z to 2106-02-07T06:28:16Z, not %lld microseconds "
                    "from 1970",
                    what, (long long)time);
}

wildcam_status wci_deployment_set_span(wildcam_deployment *deployment, int64_t start, int64_t end)
{
    wildcam_status status = check_moment("a deployment's start", start);
    if (status == WILDCAM_OK && end != WILDCAM_TIME_NONE)
        status = check_moment("a deployment's end", end);
    if (status == WILDCAM_OK && end != WILDCAM_TIME_NONE && end <= start)
        status = wci_fail(WILDCAM_ERR_INVALID, "a deployment ends after it starts");
    if (status != WILDCAM_OK)
        return status;
    deployment->start = start;
    deployment->end = end;
    deployment->set |= WCI_SET_SPAN;
    return WILDCAM_OK;
}

wildcam_status wci_deployment_set_offset(wildcam_deployment *deployment, int32_t offset)
{
    wildcam_status status = wci_check_time(0, offset, WILDCAM_TIME_SOURCE_UNKNOWN);
    if (status != WILDCAM_OK)
        return status;
    deployment->offset = offset;
    deployment->set |= WCI_SET_OFFSET;
    return WILDCAM_OK;
}

wildcam_status wci_deployment_set_correction(wildcam_deployment *deployment, int64_t wrong,
                                             int64_t right)
{
    bool is_none = wrong == WILDCAM_TIME_NONE && right == WILDCAM_TIME_NONE;
    wildcam_status status = WILDCAM_OK;
    if (!is_none && (wrong == WILDCAM_TIME_NONE || right == WILDCAM_TIME_NONE))
        status = wci_fail(WILDCAM_ERR_INVALID, "a correction is a wrong and a right time, or none");
    if (status == WILDCAM_OK && !is_none)
        status = check_moment("a correction's wrong time", wrong);
    if (status == WILDCAM_OK && !is_none)
        status = check_moment("a correction's right time", right);
    /* A part of a second would bring rows of one second out of order. */
    if (status == WILDCAM_OK && !is_none && (right - wrong) % WCI_SECOND != 0)
        status = wci_fail(WILDCAM_ERR_INVALID,
                          "a correction's times are whole seconds apart, not %lld microseconds",
                          (long long)(right - wrong));
    if (status != WILDCAM_OK)
        return status;
    deployment->wrong = wrong;
    deployment->right = right;
    deployment->set |= WCI_SET_CORRECTION;
    return WILDCAM_OK;
}

static wildcam_status no_field(const char *what, int field)
{
    return wci_fail(WILDCAM_ERR_INVALID, "%d is no %s of a deployment", field, what);
}

wildcam_status wci_deployment_set_text(wildcam_deployment *deployment, int field, const char *value)
{
    static const size_t limits[] = {
#define LIMIT(id, value, name, max) [value] = max,
        WILDCAM_DEPLOYMENT_TEXT_LIST(LIMIT)
#undef LIMIT
    };
    wildcam_status status;
    if (field < 0 || field >= WCI_DEPLOYMENT_TEXT_COUNT)
        return no_field("text", field);
    struct wci_text *text = &deployment->texts[field];
    const char *name = wci_deployment_text_names[field];
    if (field == WILDCAM_DEPLOYMENT_EXTRA) {
        status = wci_take_json(text, name, value);
    } else {
        status = wci_check_text(name, value, limits[field], true);
        if (status == WILDCAM_OK)
            status = wci_text_set(text, value ? value : "", value ? strlen(value) : 0);
    }
    if (status == WILDCAM_OK)
        deployment->texts_set |= 1U << field;
    return status;
}

wildcam_status wci_deployment_set_number(wildcam_deployment *deployment, int field, double value)
{
    static const struct {
        double min, max;
        bool whole;
    } limits[] = {
#define LIMIT(id, value, name, min, max, whole) [value] = {min, max, whole},
        WILDCAM_DEPLOYMENT_NUMBER_LIST(LIMIT)
#undef LIMIT
    };
    if (field < 0 || field >= WCI_DEPLOYMENT_NUMBER_COUNT)
        return no_field("number", field);
    const char *name = wci_deployment_number_names[field];
    wildcam_status status = wci_check_number(name, value, limits[field].min, limits[field].max);
    if (status == WILDCAM_OK && limits[field].whole && !isnan(value) && value != floor(value))
        status = wci_fail(WILDCAM_ERR_INVALID, "%s is a whole number, not %g", name, value);
    if (status != WILDCAM_OK)
        return status;
    deployment->numbers[field] = value;
    deployment->numbers_set |= 1U << field;
    return WILDCAM_OK;
}

wildcam_status wci_deployment_set_flag(wildcam_deployment *deployment, int field, int value)
{
    if (field < 0 || field >= WCI_DEPLOYMENT_FLAG_COUNT)
        return no_field("yes or no", field);
    if (value < -1 || value > 1)
        return wci_fail(WILDCAM_ERR_INVALID, "%s is 1, 0 or -1, not %d",
                        wci_deployment_flag_names[field], value);
    deployment->flags[field] = value;
    deployment->flags_set |= 1U << field;
    return WILDCAM_OK;
}

wildcam_status wci_deployment_add_failure(wildcam_deployment *deployment, int64_t from, int64_t to,
                                          const char *reason)
{
    void *failures = deployment->failures;
    struct wci_failure failure = {.from = from, .to = to};
    wildcam_status status = check_moment("a failure's beginning", from);
    if (status == WILDCAM_OK)
        status = check_moment("a failure's end", to);
    if (status == WILDCAM_OK && to <= from)
        status = wci_fail(WILDCAM_ERR_INVALID, "a failure ends after it begins");
    if (status == WILDCAM_OK && deployment->failure_count >= WCI_FAILURES_MAX)
        status = wci_fail(WILDCAM_ERR_TOOLARGE, "a deployment has at most %d failures",
                          WCI_FAILURES_MAX);
    if (status == WILDCAM_OK)
        status = wci_take_text(&failure.reason, "reason", reason, 1000);
    if (status == WILDCAM_OK)
        status = wci_reserve(&failures, &deployment->failure_capacity,
                             deployment->failure_count + 1, sizeof *deployment->failures);
    if (status != WILDCAM_OK) {
        wci_text_free(&failure.reason);
        return status;
    }
    deployment->failures = failures;
    size_t at = deployment->failure_count++;
    for (; at > 0 && deployment->failures[at - 1].from > from; at--)
        deployment->failures[at] = deployment->failures[at - 1];
    deployment->failures[at] = failure;
    deployment->set |= WCI_SET_FAILURES;
    return WILDCAM_OK;
}

void wci_deployment_clear_failures(wildcam_deployment *deployment)
{
    free_failures(deployment);
    deployment->set |= WCI_SET_FAILURES;
}

/* Failures may overlap: what is taken off once is not taken off again. */
int64_t wci_deployment_effort(const wildcam_deployment *deployment, int64_t from, int64_t to,
                              int64_t now)
{
    int64_t end = deployment->end == WILDCAM_TIME_NONE ? now : deployment->end;
    int64_t at = from > deployment->start ? from : deployment->start;
    int64_t until = to < end ? to : end, effort = 0;
    for (size_t i = 0; i < deployment->failure_count && at < until; i++) {
        const struct wci_failure *failure = &deployment->failures[i];
        if (failure->to <= at)
            continue;
        if (failure->from >= until)
            break;
        effort += failure->from > at ? failure->from - at : 0;
        at = failure->to;
    }
    return at < until ? effort + until - at : effort;
}

double wci_place_step(double radius)
{
    return radius * sqrt(2.0) / WCI_METRES_PER_DEGREE;
}

static double snap(double value, double step)
{
    return (floor(value / step) + 0.5) * step;
}

/* The middle of a cell is no further from its corners than the radius: its side is the radius times
 * the root of two. The cell depends on nothing but the place, so that many deployments at one place
 * tell no more than one does. */
bool wci_place_blur(double radius, double *latitude, double *longitude)
{
    if (isnan(radius) || radius <= 0 || isnan(*latitude) || isnan(*longitude))
        return false;
    double step = wci_place_step(radius);
    *latitude = fmin(fmax(snap(*latitude, step), -90), 90);
    double narrow = cos(*latitude * PI / 180);
    step = narrow > step / 360 ? step / narrow : 360;
    *longitude = fmin(fmax(snap(*longitude, step), -180), 180);
    /* Further digits would pretend to more than the grid says: a millionth of a degree is 0.1 m. */
    *latitude = round(*latitude * 1e6) / 1e6;
    *longitude = round(*longitude * 1e6) / 1e6;
    return true;
}

void wci_deployment_blur(wildcam_deployment *deployment)
{
    double *uncertainty = &deployment->numbers[WILDCAM_DEPLOYMENT_UNCERTAINTY];
    double radius = deployment->numbers[WILDCAM_DEPLOYMENT_PRIVACY_RADIUS];
    if (wci_place_blur(radius, &deployment->numbers[WILDCAM_DEPLOYMENT_LATITUDE],
                       &deployment->numbers[WILDCAM_DEPLOYMENT_LONGITUDE]))
        *uncertainty = ceil((isnan(*uncertainty) ? 0 : *uncertainty) + radius);
}

static void write_failures(const wildcam_deployment *deployment, struct wci_json *json)
{
    wci_json_open(json, "failures", '[');
    for (size_t i = 0; i < deployment->failure_count; i++) {
        const struct wci_failure *failure = &deployment->failures[i];
        wci_json_open(json, NULL, '{');
        wci_json_time(json, "from", failure->from, 0);
        wci_json_time(json, "to", failure->to, 0);
        wci_json_text_or_null(json, "reason", wci_text_get(&failure->reason));
        wci_json_close(json, '}');
    }
    wci_json_close(json, ']');
}

static void write_correction(const wildcam_deployment *deployment, struct wci_json *json)
{
    if (deployment->wrong == WILDCAM_TIME_NONE) {
        wci_json_null(json, "correction");
        return;
    }
    wci_json_open(json, "correction", '{');
    wci_json_time(json, "wrong", deployment->wrong, WILDCAM_OFFSET_UNKNOWN);
    wci_json_time(json, "right", deployment->right, WILDCAM_OFFSET_UNKNOWN);
    wci_json_int(json, "shift", (deployment->right - deployment->wrong) / WCI_SECOND);
    wci_json_close(json, '}');
}

void wci_deployment_write_json(const wildcam_deployment *deployment, struct wci_json *json)
{
    int32_t shown = deployment->offset == WILDCAM_OFFSET_UNKNOWN ? 0 : deployment->offset;
    wci_json_open(json, NULL, '{');
    wci_json_int(json, "id", deployment->id);
    wci_json_text_or_null(json, "deployment_id", wci_text_get(&deployment->key));
    wci_json_int(json, "camera_id", deployment->camera_id);
    wci_json_text_or_null(json, "device_id", wci_text_get(&deployment->device_id));
    wci_json_time(json, "start", deployment->start, shown);
    wci_json_time(json, "end", deployment->end, shown);
    if (deployment->offset == WILDCAM_OFFSET_UNKNOWN)
        wci_json_null(json, "utc_offset");
    else
        wci_json_int(json, "utc_offset", deployment->offset);
    write_correction(deployment, json);
    for (int i = 0; i < WCI_DEPLOYMENT_NUMBER_COUNT; i++)
        wci_json_real(json, wci_deployment_number_names[i], deployment->numbers[i]);
    for (int i = 0; i < WILDCAM_DEPLOYMENT_EXTRA; i++)
        wci_json_text_or_null(json, wci_deployment_text_names[i],
                              wci_text_get(&deployment->texts[i]));
    for (int i = 0; i < WCI_DEPLOYMENT_FLAG_COUNT; i++) {
        if (deployment->flags[i] < 0)
            wci_json_null(json, wci_deployment_flag_names[i]);
        else
            wci_json_bool(json, wci_deployment_flag_names[i], deployment->flags[i]);
    }
    wci_json_raw(json, "extra", wci_text_get(&deployment->texts[WILDCAM_DEPLOYMENT_EXTRA]));
    write_failures(deployment, json);
    wci_json_bool(json, "is_retiming", deployment->is_retiming);
    wci_json_close(json, '}');
}

struct wci_clock_rule wci_deployment_rule(const wildcam_deployment *deployment)
{
    return (struct wci_clock_rule){
        .start = deployment->start,
        .end = deployment->end == WILDCAM_TIME_NONE ? WILDCAM_TIME_END : deployment->end,
        .offset = deployment->offset,
        .shift = deployment->wrong == WILDCAM_TIME_NONE ? 0 : deployment->right - deployment->wrong,
    };
}

/* The digits that a client sends, or a reception's moment, come from another clock than the
 * camera's, which a correction is about. */
static bool is_of_the_camera(int source)
{
    return source == WILDCAM_TIME_SOURCE_EXIF || source == WILDCAM_TIME_SOURCE_MAKERNOTE ||
           source == WILDCAM_TIME_SOURCE_FILENAME || source == WILDCAM_TIME_SOURCE_SIDECAR;
}

bool wci_clock_apply(const struct wci_clock_rule *rule, struct wci_reading *reading, int source)
{
    struct wci_reading right = *reading;
    if (reading->offset == WILDCAM_OFFSET_UNKNOWN && rule->offset != WILDCAM_OFFSET_UNKNOWN) {
        right.offset = rule->offset;
        right.time -= rule->offset * WCI_SECOND;
    }
    if (is_of_the_camera(source))
        right.time += rule->shift;
    if (right.time < rule->start || right.time >= rule->end || right.time >= WILDCAM_TIME_END)
        return false;
    *reading = right;
    return true;
}

struct wci_reading wci_clock_correct(const struct wci_clock_rule *rules, size_t count,
                                     struct wci_reading reading, int source)
{
    for (size_t i = 0; i < count; i++)
        if (wci_clock_apply(&rules[i], &reading, source))
            break;
    return reading;
}
