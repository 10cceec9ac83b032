/* The backend's answers beside the model's. */
#include <math.h>

#include "conformance/subject.h"

static void same_int(const char *what, int64_t got, int64_t wanted)
{
    if (got != wanted)
        ck_abort_msg("%s is %lld, not %lld", what, (long long)got, (long long)wanted);
}

static void same_real(const char *what, double got, double wanted)
{
    if (!(got == wanted || (isnan(got) && isnan(wanted))))
        ck_abort_msg("%s is %.17g, not %.17g", what, got, wanted);
}

static void same_text(const char *what, const char *got, const char *wanted)
{
    if (strcmp(got, wanted) != 0)
        ck_abort_msg("%s is \"%s\", not \"%s\"", what, got, wanted);
}

/* A field that both have. */
#define INT(field) same_int(#field, got->field, wanted->field)
#define REAL(field) same_real(#field, got->field, wanted->field)
#define ARRAY(field) same_text(#field, got->field, wanted->field)
#define TEXT(field) same_text(#field, wci_text_get(&got->field), wci_text_get(&wanted->field))

static void same_review(const wildcam_detection *got, const struct known_row *wanted)
{
    const struct wci_name *said = wanted->verified_species;
    INT(verified);
    INT(false_positive);
    INT(verified_at);
    same_text("detected_species", wci_text_get(&got->detected_species),
              wanted->has_review ? wanted->detected->text : "");
    same_text("verified_species", wci_text_get(&got->verified_species), said ? said->text : "");
    same_text("notes", wci_text_get(&got->notes), wanted->notes);
    same_text("verified_by", wci_text_get(&got->verified_by), wanted->verified_by);
}

void assert_row(const wildcam_detection *got, const struct known_row *wanted)
{
    INT(id);
    INT(image_id);
    INT(time);
    INT(offset);
    INT(time_source);
    same_int("clock_time", wildcam_detection_get_clock_time(got), wanted->clock.time);
    same_int("clock_offset", wildcam_detection_get_clock_offset(got), wanted->clock.offset);
    same_int("camera_id", got->camera_id, wanted->camera->id);
    same_text("device_id", wci_text_get(&got->device_id), wanted->camera->text);
    same_text("species", wci_text_get(&got->species), wanted->species->text);
    same_int("category", got->category, wanted->species->category);
    REAL(confidence);
    same_text("metadata", wci_text_get(&got->metadata), wanted->metadata);
    INT(has_box);
    if (wanted->has_box) {
        REAL(box.x);
        REAL(box.y);
        REAL(box.width);
        REAL(box.height);
    }
    same_review(got, wanted);
}

void assert_image(const wildcam_image *got, const wildcam_image *wanted)
{
    INT(id);
    INT(camera_id);
    TEXT(device_id);
    INT(time);
    INT(received_at);
    INT(clock_time);
    INT(clock_offset);
    INT(offset);
    INT(time_source);
    INT(bytes);
    INT(trailing_bytes);
    INT(width);
    INT(height);
    INT(orientation);
    same_int("sha256", memcmp(got->sha256, wanted->sha256, WCI_DIGEST_BYTES), 0);
    ARRAY(sha256_text);
    ARRAY(make);
    ARRAY(model);
    ARRAY(serial_number);
    REAL(latitude);
    REAL(longitude);
    REAL(altitude);
    REAL(temperature);
    INT(capture);
    INT(event_number);
    INT(sequence_number);
    INT(sequence_length);
    TEXT(file_name);
    TEXT(metadata);
}

void assert_read(struct subject *subject, const struct wci_query *query, size_t page)
{
    size_t count, got, at = 0;
    struct wci_place after = {0, WILDCAM_TIME_NONE};
    struct wci_text damaged = {0};
    const struct known_row **wanted = model_select(&subject->model, query, &count);
    wildcam_detection *rows = calloc(page, sizeof *rows);
    ck_assert_ptr_nonnull(rows);
    for (size_t i = 0; i < page; i++)
        wci_detection_init(&rows[i]);
    do {
        assert_op(subject->ops->read(subject->backend, query, &after, rows, page, &got, &damaged));
        if (at + got > count)
            ck_abort_msg("there are more than the %zu that match", count);
        for (size_t i = 0; i < got; i++)
            assert_row(&rows[i], wanted[at + i]);
        at += got;
        if (got)
            after = wci_place_of(rows[got - 1].id, rows[got - 1].time);
    } while (got == page);
    ck_assert_uint_eq(at, count);
    ck_assert_uint_eq(damaged.length, 0);
    wci_text_free(&damaged);
    for (size_t i = 0; i < page; i++)
        wci_detection_release(&rows[i]);
    free(rows);
    free(wanted);
}

static void assert_skip(struct subject *subject, const struct wci_query *query,
                        const struct known_row **wanted, size_t count)
{
    const size_t offsets[] = {0, 1, count / 2, count ? count - 1 : 0, count, count + 1};
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        size_t offset = offsets[i], begin = offset < count / 2 ? count / 3 : 0;
        struct wci_place after = {0, WILDCAM_TIME_NONE}, last = {-1, 0};
        if (begin)
            after = wci_place_of(wanted[begin - 1]->id, wanted[begin - 1]->time);
        size_t end = begin + offset;
        assert_op(subject->ops->skip(subject->backend, query, &after, (int64_t)offset, &last));
        same_int("the last one skipped", last.id,
                 offset == 0    ? 0
                 : end <= count ? wanted[end - 1]->id
                                : 0);
    }
}

void assert_count(struct subject *subject, const struct wci_query *query)
{
    size_t count;
    int64_t got;
    const struct known_row **wanted = model_select(&subject->model, query, &count);
    assert_op(subject->ops->count(subject->backend, query, 0, &got, NULL));
    ck_assert_int_eq(got, (int64_t)count);
    for (int64_t stop_at = 1; stop_at < (int64_t)count + 3; stop_at += 1 + (int64_t)count / 3) {
        assert_op(subject->ops->count(subject->backend, query, stop_at, &got, NULL));
        if ((int64_t)count < stop_at ? got != (int64_t)count : got < stop_at)
            ck_abort_msg("%lld of %zu are counted up to %lld", (long long)got, count,
                         (long long)stop_at);
    }
    assert_skip(subject, query, wanted, count);
    free(wanted);
}

static void same_summary_row(const struct wci_summary_row *got,
                             const struct wci_summary_row *wanted)
{
    same_int("same camera", got->camera == wanted->camera, true);
    same_int("same species", got->species == wanted->species, true);
    INT(day);
    INT(count);
    INT(scored_count);
    INT(scored_sum);
    INT(sure_count);
    INT(sure_sum);
    for (int hour = 0; hour < 24; hour++)
        INT(hours[hour]);
}

void assert_summary(struct subject *subject, const struct wci_query *query, uint32_t by)
{
    struct wci_summary_rows got = {0}, wanted = {0};
    assert_op(subject->ops->summarise(subject->backend, query, by, &got));
    model_sort_summary(&got);
    model_summarise(&subject->model, query, by, &wanted);
    ck_assert_uint_eq(got.count, wanted.count);
    for (size_t i = 0; i < got.count; i++)
        same_summary_row(&got.rows[i], &wanted.rows[i]);
    ck_assert_uint_eq(got.damaged.length, 0);
    wci_text_free(&got.damaged);
    free(got.rows);
    free(wanted.rows);
}

static void assert_rows_by_id(struct subject *subject)
{
    wildcam_detection row;
    wci_detection_init(&row);
    for (size_t i = 0; i < subject->model.count; i++) {
        assert_op(subject->ops->get_detection(subject->backend, subject->model.rows[i].id, &row));
        assert_row(&row, &subject->model.rows[i]);
    }
    wci_detection_release(&row);
}

static void assert_images_by_id(struct subject *subject)
{
    wildcam_image image;
    wci_image_init(&image);
    for (size_t i = 0; i < subject->model.image_count; i++) {
        const wildcam_image *wanted = &subject->model.images[i];
        assert_op(subject->ops->get_image(subject->backend, wanted->id, &image));
        assert_image(&image, wanted);
        assert_op(
            subject->ops->find_image(subject->backend, wanted->camera_id, wanted->sha256, &image));
        assert_image(&image, wanted);
    }
    wci_image_release(&image);
    ck_assert_int_eq(count_images(subject, INT64_MIN, INT64_MAX),
                     (int64_t)subject->model.image_count);
}

/* Pictures come in the order of their times, those of the span and no others. */
struct image_walk {
    int64_t from, to, last, count;
};

static wildcam_status follow(void *user, const wildcam_image *image)
{
    struct image_walk *walk = user;
    if (image->time < walk->from || image->time >= walk->to)
        ck_abort_msg("picture %lld is not of the span", (long long)image->id);
    if (image->time / 1000 < walk->last / 1000)
        ck_abort_msg("picture %lld comes too late", (long long)image->id);
    walk->last = image->time;
    walk->count++;
    return WILDCAM_OK;
}

void assert_images_in(struct subject *subject, int64_t from, int64_t to)
{
    struct image_walk walk = {from, to, INT64_MIN, 0};
    int64_t wanted = 0;
    for (size_t i = 0; i < subject->model.image_count; i++) {
        int64_t time = subject->model.images[i].time;
        wanted += time >= from && time < to;
    }
    assert_op(subject->ops->each_image(subject->backend, from, to, follow, &walk));
    same_int("the number of pictures", walk.count, wanted);
}

void assert_same(struct subject *subject, struct dice *dice, int questions)
{
    const struct wci_query all = query_all();
    assert_read(subject, &all, 100);
    assert_rows_by_id(subject);
    assert_images_by_id(subject);
    assert_count(subject, &all);
    for (int i = 0; i < questions; i++) {
        struct wci_query query = random_query(subject, dice);
        assert_read(subject, &query, (size_t)roll(dice, 60) + 1);
        assert_count(subject, &query);
        assert_summary(subject, &query, (uint32_t)roll(dice, 8));
        assert_images_in(subject, query.from, query.to);
    }
}

static void tell_finding(void *user, const char *what, const char *where, const char *text)
{
    (void)user;
    ck_abort_msg("a check finds: %s: %s: %s", what, where, text);
}

void assert_whole(struct subject *subject)
{
    struct wci_check check = {.finding = tell_finding};
    assert_op(subject->ops->check(subject->backend, &check));
    ck_assert_int_eq(check.findings, 0);
}

struct span_list {
    struct wci_text *names;
    int64_t end;
};

static wildcam_status list_span(void *user, const char *name, int64_t from, int64_t to)
{
    struct span_list *list = user;
    ck_assert_int_lt(from, to);
    ck_assert_int_le(list->end, from); /* in order, and none overlaps */
    list->end = to;
    wci_text_add_format(list->names, "%s ", name);
    return WILDCAM_OK;
}

void list_spans(struct subject *subject, struct wci_text *out)
{
    struct span_list list = {out, INT64_MIN};
    wci_text_empty(out);
    assert_op(subject->ops->each_span(subject->backend, list_span, &list));
}

static wildcam_status count_image(void *user, const wildcam_image *image)
{
    ck_assert_int_gt(image->id, 0);
    ++*(int64_t *)user;
    return WILDCAM_OK;
}

int64_t count_images(struct subject *subject, int64_t from, int64_t to)
{
    int64_t count = 0;
    assert_op(subject->ops->each_image(subject->backend, from, to, count_image, &count));
    return count;
}
