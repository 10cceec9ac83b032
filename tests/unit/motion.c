/* What has moved: boxes where it did, whatever the light; what is learned of it, and what is not.
 */
#include "image/motion.h"
#include "image/motion_parts.h"

#include <math.h>

#include "image/motion_parts.h"
#include "unit.h"

enum { WIDTH = 160, HEIGHT = 120 };

static const struct wci_motion_tuning tuning = {.sensitivity = 0.5, .least_area = 0.0004};
static const int64_t hour = INT64_C(3600000000), second = 1000000;
static const int64_t noon = INT64_C(1700000000000000);

/* A meadow with a texture of its own in each place. */
static int meadow(int x, int y)
{
    unsigned hash = (unsigned)(x / 3) * 2654435761U ^ (unsigned)(y / 3) * 40503U;
    hash ^= hash >> 13;
    return 60 + 40 * y / HEIGHT + (int)(hash * 2246822519U >> 27);
}

struct view {
    double gain, offset;
    int shift;
    int x, y, size, light; /* something square; size 0 for nothing */
};

static void make_view(const struct view *view, struct wci_motion_frame *frame)
{
    *frame = (struct wci_motion_frame){.width = WIDTH, .height = HEIGHT};
    frame->light = calloc(1, wci_motion_plane(WIDTH, HEIGHT));
    ck_assert_ptr_nonnull(frame->light);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            bool in_it = x >= view->x && x < view->x + view->size && y >= view->y &&
                         y < view->y + view->size;
            double value = in_it ? view->light : meadow(x + view->shift, y);
            frame->light[y * WIDTH + x] =
                (unsigned char)fmin(255, fmax(0, value * view->gain + view->offset));
        }
}

static struct wci_motion_answer look(struct wci_motion_model *model, int64_t time, struct view view)
{
    bool learned;
    struct wci_motion_answer answer;
    struct wci_motion_frame frame;
    view.gain = view.gain == 0 ? 1 : view.gain;
    make_view(&view, &frame);
    assert_done(wci_motion_look(model, &frame, time, &tuning, &answer, &learned));
    wci_motion_frame_free(&frame);
    return answer;
}

static void learn_meadow(struct wci_motion_model *model, int count)
{
    wci_motion_model_init(model);
    for (int i = 0; i < count; i++)
        look(model, noon + i * hour, (struct view){0});
}

static const struct view square = {.x = 40, .y = 50, .size = 12, .light = 220};

START_TEST(nothing_is_said_before_anything_is_known)
{
    struct wci_motion_model model;
    wci_motion_model_init(&model);
    struct wci_motion_answer answer = look(&model, noon, square);
    ck_assert_int_eq(answer.verdict, WCI_MOTION_UNSURE);
    ck_assert(answer.confidence == 0);
    /* The same burst says nothing of what stands still. */
    answer = look(&model, noon + second, square);
    ck_assert_int_eq(answer.verdict, WCI_MOTION_UNSURE);
    /* Nor does one other burst. */
    answer = look(&model, noon + hour, square);
    ck_assert_int_eq(answer.verdict, WCI_MOTION_UNSURE);
    answer = look(&model, noon + 2 * hour, square);
    ck_assert_int_eq(answer.verdict, WCI_MOTION_BLANK);
    wci_motion_model_free(&model);
}
END_TEST

START_TEST(what_comes_has_a_box)
{
    struct wci_motion_model model;
    learn_meadow(&model, 6);
    struct wci_motion_answer answer = look(&model, noon + 10 * hour, square);
    ck_assert_int_eq(answer.verdict, WCI_MOTION_MOVED);
    ck_assert_uint_eq(answer.count, 1);
    ck_assert(answer.confidence > 0.5 && answer.confidence <= 1);
    const wildcam_box *box = &answer.boxes[0].box;
    ck_assert(fabs(box->x - 40.0 / WIDTH) < 0.02 && fabs(box->y - 50.0 / HEIGHT) < 0.02);
    ck_assert(fabs(box->width - 12.0 / WIDTH) < 0.03 && fabs(box->height - 12.0 / HEIGHT) < 0.03);
    answer = look(&model, noon + 11 * hour, (struct view){0});
    ck_assert_int_eq(answer.verdict, WCI_MOTION_BLANK);
    ck_assert(answer.confidence > 0.6 && answer.confidence < 1);
    wci_motion_model_free(&model);
}
END_TEST

/* Two of them are two boxes. */
START_TEST(many_come_at_once)
{
    struct wci_motion_model model;
    struct wci_motion_answer answer;
    struct wci_motion_frame frame;
    bool learned;
    learn_meadow(&model, 6);
    make_view(&(struct view){.gain = 1}, &frame);
    for (int i = 0; i < 12; i++)
        for (int y = 0; y < 8; y++)
            memset(frame.light + (10 + i / 4 * 35 + y) * WIDTH + 10 + i % 4 * 38, 240,
                   6 + (size_t)i % 4);
    assert_done(wci_motion_look(&model, &frame, noon + 9 * hour, &tuning, &answer, &learned));
    ck_assert_uint_eq(answer.count, WCI_MOTION_BOXES);
    for (size_t i = 1; i < answer.count; i++)
        ck_assert(answer.boxes[i - 1].confidence >= answer.boxes[i].confidence);
    wci_motion_frame_free(&frame);
    wci_motion_model_free(&model);
}
END_TEST

START_TEST(light_and_a_shaking_camera_are_nothing)
{
    static const struct view views[] = {{.gain = 0.6},
                                        {.gain = 1.5, .offset = -20},
                                        {.offset = 30, .gain = 1},
                                        {.shift = 1, .gain = 1},
                                        {.shift = -3, .gain = 0.8}};
    struct wci_motion_model model;
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        learn_meadow(&model, 5);
        struct wci_motion_answer answer = look(&model, noon + 10 * hour, views[i]);
        ck_assert_msg(answer.verdict == WCI_MOTION_BLANK, "view %zu: %d, %g", i, answer.verdict,
                      answer.changed);
        struct view with = views[i];
        with.x = 90;
        with.y = 30;
        with.size = 10;
        with.light = 10;
        answer = look(&model, noon + 12 * hour, with);
        ck_assert_msg(answer.verdict == WCI_MOTION_MOVED, "view %zu with something", i);
        wci_motion_model_free(&model);
    }
}
END_TEST

/* An animal that stands still for three minutes is not part of the place, and does not become one
 * by coming back for an hour. */
START_TEST(who_stands_still_is_not_learned)
{
    struct wci_motion_model model;
    learn_meadow(&model, 8);
    for (int i = 0; i < 180; i++) {
        struct wci_motion_answer answer = look(&model, noon + 20 * hour + i * second, square);
        ck_assert_int_eq(answer.verdict, WCI_MOTION_MOVED);
    }
    for (int i = 0; i < 6; i++) {
        struct wci_motion_answer answer = look(&model, noon + 21 * hour + i * 700 * second, square);
        ck_assert_int_eq(answer.verdict, WCI_MOTION_MOVED);
    }
    ck_assert_int_eq(look(&model, noon + 30 * hour, (struct view){0}).verdict, WCI_MOTION_BLANK);
    wci_motion_model_free(&model);
}
END_TEST

/* A branch that has fallen becomes part of the place in the end. */
START_TEST(what_stays_is_learned)
{
    struct wci_motion_model model;
    learn_meadow(&model, 8);
    int verdict = WCI_MOTION_MOVED, times = 0;
    for (; verdict != WCI_MOTION_BLANK && times < 40; times++)
        verdict = look(&model, noon + (20 + times) * hour, square).verdict;
    ck_assert_int_ge(times, 6);
    ck_assert_int_le(times, 16);
    wci_motion_model_free(&model);
}
END_TEST

/* Pictures of last year, after those of this one, change nothing; nor does their order. */
START_TEST(order_does_not_matter)
{
    struct wci_motion_model model;
    void *before, *after;
    size_t size, size_after;
    wci_motion_model_init(&model);
    static const int order[] = {5, 2, 7, 0, 3, 6, 1, 4};
    for (int i = 0; i < 8; i++)
        look(&model, noon + order[i] * hour, (struct view){0});
    ck_assert_int_eq(model.count, 8);
    assert_done(wci_motion_pack(&model, &before, &size));
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(look(&model, noon - 9000 * hour + i * hour, square).verdict,
                         WCI_MOTION_MOVED);
    assert_done(wci_motion_pack(&model, &after, &size_after));
    ck_assert_uint_eq(size, size_after);
    ck_assert_int_eq(memcmp(before, after, size), 0);
    free(before);
    free(after);
    /* Times that no calendar has. */
    look(&model, INT64_MIN, (struct view){0});
    look(&model, INT64_MAX, (struct view){0});
    ck_assert_int_eq(look(&model, noon + 20 * hour, (struct view){0}).verdict, WCI_MOTION_BLANK);
    wci_motion_model_free(&model);
}
END_TEST

START_TEST(another_size_begins_anew)
{
    struct wci_motion_model model;
    struct wci_motion_answer answer;
    bool learned;
    learn_meadow(&model, 6);
    struct wci_motion_frame frame = {calloc(1, wci_motion_plane(80, 60)), 80, 60, false, 0, 0};
    assert_done(wci_motion_look(&model, &frame, noon + 9 * hour, &tuning, &answer, &learned));
    ck_assert_int_eq(answer.verdict, WCI_MOTION_UNSURE);
    ck_assert(learned);
    ck_assert_int_eq(model.width, 80);
    ck_assert_int_eq(model.count, 1);
    wci_motion_frame_free(&frame);
    wci_motion_model_free(&model);
}
END_TEST

/* The camera was put elsewhere: soon the old place is forgotten. */
START_TEST(another_place_begins_anew)
{
    struct wci_motion_model model;
    struct wci_motion_answer answer = {0};
    learn_meadow(&model, 8);
    for (int i = 0; i < 7; i++) {
        struct wci_motion_frame frame;
        bool learned;
        make_view(&(struct view){.gain = 1}, &frame);
        for (int at = 0; at < WIDTH * HEIGHT; at++)
            frame.light[at] = (unsigned char)((unsigned)(at / 7 * 97 + at / WIDTH / 5 * 57) % 230);
        assert_done(
            wci_motion_look(&model, &frame, noon + (20 + i) * hour, &tuning, &answer, &learned));
        wci_motion_frame_free(&frame);
        if (i == 0)
            ck_assert_int_eq(answer.verdict, WCI_MOTION_MOVED);
    }
    ck_assert_int_eq(answer.verdict, WCI_MOTION_BLANK);
    wci_motion_model_free(&model);
}
END_TEST

/* ---- captions ---- */

START_TEST(captions_do_not_move)
{
    struct wci_motion_model model;
    struct wci_motion_answer answer = {0};
    wci_motion_model_init(&model);
    for (int i = 0; i < 12; i++) {
        struct wci_motion_frame frame;
        bool learned;
        make_view(&(struct view){.gain = 1}, &frame);
        for (int y = HEIGHT - 8; y < HEIGHT; y++)
            memset(frame.light + y * WIDTH, 250, WIDTH);
        memset(frame.light, 5, (size_t)5 * WIDTH);
        for (int x = 20; x < 140; x += 6) /* what is written on them */
            for (int y = 2; y < 6; y++) {
                memset(frame.light + (HEIGHT - y - 1) * WIDTH + x, x * i % 250, 4);
                memset(frame.light + (y - 2) * WIDTH + x, x * i % 250, 3);
            }
        frame.top = wci_motion_caption(frame.light, WIDTH, HEIGHT, true);
        frame.bottom = wci_motion_caption(frame.light, WIDTH, HEIGHT, false);
        ck_assert_int_ge(frame.top, 5);
        ck_assert_int_le(frame.top, 8);
        ck_assert_int_ge(frame.bottom, 8);
        ck_assert_int_le(frame.bottom, 11);
        assert_done(wci_motion_look(&model, &frame, noon + i * hour, &tuning, &answer, &learned));
        ck_assert_int_ne(answer.verdict, WCI_MOTION_MOVED);
        wci_motion_frame_free(&frame);
    }
    wci_motion_model_free(&model);
}
END_TEST

START_TEST(a_picture_without_captions_has_none)
{
    struct wci_motion_frame frame;
    make_view(&(struct view){.gain = 1}, &frame);
    ck_assert_int_eq(wci_motion_caption(frame.light, WIDTH, HEIGHT, true), 0);
    ck_assert_int_eq(wci_motion_caption(frame.light, WIDTH, HEIGHT, false), 0);
    wci_motion_frame_free(&frame);
}
END_TEST

/* ---- frames ---- */

START_TEST(a_grid_is_within_its_limits)
{
    static const int sizes[][2] = {{1, 1},       {16, 16},      {320, 240},     {640, 480},
                                   {1600, 1200}, {4608, 3456},  {65500, 65500}, {65500, 1},
                                   {1, 65500},   {65500, 1000}, {30000, 3}};
    int columns, rows;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        wci_motion_grid(sizes[i][0], sizes[i][1], &columns, &rows);
        ck_assert(columns >= 1 && columns <= sizes[i][0] && rows >= 1 && rows <= sizes[i][1]);
        ck_assert_int_le((int64_t)columns * rows, WCI_MOTION_CELLS_MAX);
    }
    wci_motion_grid(1600, 1200, &columns, &rows);
    ck_assert_int_eq(columns, 200);
    ck_assert_int_eq(rows, 150);
}
END_TEST

/* A small picture, of which a smaller one is given. */
START_TEST(pixels_are_cells_where_they_are_few)
{
    struct wci_raster raster;
    struct wci_motion_frame frame;
    assert_done(wci_raster_new(&raster, 80, 60, 1));
    assert_done(wci_motion_frame_make(&raster, 120, 90, &frame));
    ck_assert_int_eq(frame.width, 80);
    ck_assert_int_eq(frame.height, 60);
    free(raster.pixels);
    wci_motion_frame_free(&frame);
}
END_TEST

START_TEST(infrared_has_one_colour)
{
    for (int kind = 0; kind < 3; kind++) {
        struct wci_raster raster;
        struct wci_motion_frame frame;
        assert_done(wci_raster_new(&raster, 160, 120, 3));
        for (int i = 0; i < 160 * 120; i++) {
            int light = 20 + i % 150;
            raster.pixels[3 * i] = (unsigned char)light;
            raster.pixels[3 * i + 1] = (unsigned char)(kind == 2 && i % 160 < 60 ? light / 2
                                                                                 : light);
            raster.pixels[3 * i + 2] = (unsigned char)(kind == 1 ? light * 9 / 8
                                                                 : light); /* violet */
        }
        assert_done(wci_motion_frame_make(&raster, 160, 120, &frame));
        ck_assert_int_eq(frame.is_infrared, kind != 2);
        free(raster.pixels);
        wci_motion_frame_free(&frame);
    }
}
END_TEST

/* ---- as bytes ---- */

START_TEST(a_model_survives_as_bytes)
{
    struct wci_motion_model model, again;
    void *data, *same;
    size_t size, same_size;
    learn_meadow(&model, 5);
    look(&model, noon + 9 * hour, square);
    assert_done(wci_motion_pack(&model, &data, &size));
    assert_done(wci_motion_unpack(data, size, &again));
    assert_done(wci_motion_pack(&again, &same, &same_size));
    ck_assert_uint_eq(size, same_size);
    ck_assert_int_eq(memcmp(data, same, size), 0);
    struct wci_motion_answer one = look(&model, noon + 12 * hour, square);
    struct wci_motion_answer other = look(&again, noon + 12 * hour, square);
    ck_assert_int_eq(one.verdict, other.verdict);
    ck_assert(one.confidence == other.confidence);
    wci_motion_model_free(&again);
    for (size_t length = 0; length < size; length += 1 + length / 3) {
        assert_status(WILDCAM_ERR_CORRUPT, wci_motion_unpack(data, length, &again));
        ck_assert_int_eq(again.count, 0);
        ck_assert_ptr_null(again.stays);
    }
    for (size_t at = 0; at < 12; at++) { /* another width, count and so on */
        unsigned char *bytes = data;
        bytes[at] ^= 0x81;
        assert_status(at == 10 || at == 11 ? WILDCAM_OK : WILDCAM_ERR_CORRUPT,
                      wci_motion_unpack(data, size, &again));
        wci_motion_model_free(&again);
        bytes[at] ^= 0x81;
        wci_error_clear();
    }
    free(data);
    free(same);
    wci_motion_model_free(&model);
}
END_TEST

/* A model that was packed and comes back knows nothing of its samples but what they are. */
START_TEST(what_is_noted_of_samples_changes_with_them)
{
    struct wci_motion_model model, same;
    wci_motion_model_init(&model);
    for (int i = 0; i < 24; i++) {
        void *data;
        size_t size;
        const struct view view = {.gain = 0.6 + 0.05 * (i % 7),
                                  .offset = i % 5,
                                  .x = 40,
                                  .y = 50,
                                  .size = i % 4 * 4,
                                  .light = 220};
        int64_t time = noon + i / 2 * hour + i % 2 * 10 * second;
        if (i > 0) {
            assert_done(wci_motion_pack(&model, &data, &size));
            assert_done(wci_motion_unpack(data, size, &same));
            struct wci_motion_answer fresh = look(&same, time, view);
            struct wci_motion_answer answer = look(&model, time, view);
            ck_assert_int_eq(answer.verdict, fresh.verdict);
            ck_assert_uint_eq(answer.count, fresh.count);
            ck_assert(answer.confidence == fresh.confidence && answer.changed == fresh.changed);
            wci_motion_model_free(&same);
            free(data);
        } else {
            look(&model, time, view);
        }
    }
    wci_motion_model_free(&model);
}
END_TEST

/* A place that lies half a cell beyond what is searched, as an earlier picture may have left it. */
START_TEST(a_place_at_the_edge_is_looked_from)
{
    static unsigned char frame[WIDTH * HEIGHT], fitted[WIDTH * HEIGHT];
    static struct wci_motion_target target;
    struct wci_motion_sample sample = {.cells = frame};
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        frame[i] = (unsigned char)(i * 37 % 251);
    wci_motion_target_init(&target, frame, WIDTH, HEIGHT, 0, HEIGHT);
    for (int sign = -1; sign <= 1; sign += 2) {
        struct wci_motion_shift shift = {sign * 72, sign * 72};
        wci_motion_fit(&target, &sample, &shift, fitted);
        ck_assert_int_le(abs(shift.x), 72);
        ck_assert_int_le(abs(shift.y), 72);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("motion");
    TCase *looking = harness_case(suite, "looking");
    tcase_set_timeout(looking, 120);
    tcase_add_test(looking, nothing_is_said_before_anything_is_known);
    tcase_add_test(looking, what_comes_has_a_box);
    tcase_add_test(looking, many_come_at_once);
    tcase_add_test(looking, light_and_a_shaking_camera_are_nothing);
    TCase *learning = harness_case(suite, "learning");
    tcase_set_timeout(learning, 120);
    tcase_add_test(learning, who_stands_still_is_not_learned);
    tcase_add_test(learning, what_stays_is_learned);
    tcase_add_test(learning, order_does_not_matter);
    tcase_add_test(learning, another_size_begins_anew);
    tcase_add_test(learning, another_place_begins_anew);
    tcase_add_test(learning, what_is_noted_of_samples_changes_with_them);
    TCase *frames = harness_case(suite, "frames");
    tcase_add_test(frames, captions_do_not_move);
    tcase_add_test(frames, a_picture_without_captions_has_none);
    tcase_add_test(frames, a_grid_is_within_its_limits);
    tcase_add_test(frames, pixels_are_cells_where_they_are_few);
    tcase_add_test(frames, infrared_has_one_colour);
    TCase *bytes = harness_case(suite, "bytes");
    tcase_add_test(bytes, a_model_survives_as_bytes);
    tcase_add_test(bytes, a_place_at_the_edge_is_looked_from);
    return suite;
}
