/* What networks answer: its form by its shape, and the boxes against a plain recount. */
#include "process/yolo.h"

#include <math.h>

#include "unit.h"

static struct wci_yolo_found found;

/* ---- shapes ---- */

static const struct {
    int sizes[4], rank, width, height, kind;
    size_t rows, classes;
} shapes[] = {
    {{1, 25200, 85}, 3, 640, 640, WCI_YOLO_LIKELY_TWICE, 25200, 80},
    {{1, 102000, 8}, 3, 1280, 1280, WCI_YOLO_LIKELY_TWICE, 102000, 3}, /* MegaDetector v5 */
    {{1, 25200, 6}, 3, 640, 640, WCI_YOLO_LIKELY_TWICE, 25200, 1},
    {{25200, 85}, 2, 640, 640, WCI_YOLO_LIKELY_TWICE, 25200, 80},
    {{1, 84, 8400}, 3, 640, 640, WCI_YOLO_LIKELY_ONCE, 8400, 80},
    {{1, 7, 33600}, 3, 1280, 1280, WCI_YOLO_LIKELY_ONCE, 33600, 3},
    {{1, 8400, 84}, 3, 640, 640, WCI_YOLO_LIKELY_ONCE, 8400, 80},
    {{1, 8400, 6}, 3, 640, 640, WCI_YOLO_LIKELY_ONCE, 8400, 2},
    {{1, 84, 5040}, 3, 640, 384, WCI_YOLO_LIKELY_ONCE, 5040, 80},
    {{1, 300, 6}, 3, 640, 640, WCI_YOLO_FINISHED, 300, 0},
    {{1, 100, 6}, 3, 640, 640, WCI_YOLO_FINISHED, 100, 0},
};

START_TEST(knows_forms_by_their_shapes)
{
    struct wci_yolo_shape shape;
    assert_done(wci_yolo_recognise(shapes[_i].sizes, shapes[_i].rank, shapes[_i].width,
                                   shapes[_i].height, &shape));
    ck_assert_int_eq(shape.kind, shapes[_i].kind);
    ck_assert_int_eq(shape.rows, shapes[_i].rows);
    ck_assert_int_eq(shape.classes, shapes[_i].classes);
}
END_TEST

static const struct {
    int sizes[4], rank;
    const char *words;
} strange[] = {
    {{1, 1000}, 2, "1 x 1000"},
    {{1, 3, 80, 80}, 4, "1 x 3 x 80 x 80"},
    {{2, 25200, 85}, 3, "2 x 25200 x 85"},
    {{1, 25200, 5}, 3, "1 x 25200 x 5"},
    {{1, 4, 8400}, 3, "1 x 4 x 8400"},
    {{1, 25201, 85}, 3, "1 x 25201 x 85"},
    {{1, 0, 6}, 3, "1 x 0 x 6"},
    {{1, -1, 6}, 3, "1 x -1 x 6"},
};

START_TEST(refuses_other_shapes)
{
    struct wci_yolo_shape shape;
    wci_error_clear();
    assert_fails(WILDCAM_ERR_UNSUPPORTED, strange[_i].words,
                 wci_yolo_recognise(strange[_i].sizes, strange[_i].rank, 640, 640, &shape));
}
END_TEST

/* ---- boxes ---- */

enum { SIDE = 64, CELLS = 84 };

static void find(const int *sizes, const float *answer, float least, float overlap)
{
    struct wci_yolo_shape shape;
    assert_done(wci_yolo_recognise(sizes, 3, SIDE, SIDE, &shape));
    assert_done(wci_yolo_find(&shape, answer, least, overlap, &found));
}

START_TEST(reads_finished_boxes)
{
    static const float answer[][6] = {
        {10, 10, 20, 20, 0.5F, 1}, {10, 10, 20, 20, 0.9F, 1}, /* overlaps were its business */
        {0, 0, 10, 10, 0.1F, 0},   {5, 5, 5, 9, 0.9F, 0},     {1, 1, 2, 2, 0.9F, -1},
        {1, 1, NAN, 2, 0.9F, 0},   {1, 1, 2, 2, NAN, 0},      {1, 1, 2, 2, 0.9F, NAN},
    };
    find((const int[]){1, 8, 6}, answer[0], 0.2F, 0.45F);
    ck_assert_int_eq(found.count, 2);
    ck_assert(found.boxes[0].confidence == 0.9F && found.boxes[1].confidence == 0.5F);
    ck_assert(found.boxes[0].left == 10 && found.boxes[0].bottom == 20);
    ck_assert_int_eq(found.boxes[0].class_id, 1);
    ck_assert(found.missed == 0.1F);
}
END_TEST

/* The same answer in its three layouts. */
START_TEST(layouts_say_the_same)
{
    static float wide[6][CELLS], tall[CELLS][6], twice[3 * CELLS][7];
    static const float rows[][6] = {{20, 30, 10, 8, 0.3F, 0.7F}, {50, 10, 4, 4, 0.6F, 0.2F}};
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 6; j++) {
            wide[j][i + 5] = tall[i + 5][j] = rows[i][j];
            twice[i + 100][j < 4 ? j : j + 1] = rows[i][j];
            twice[i + 100][4] = 1;
        }
    for (int layout = 0; layout < 3; layout++) {
        static const int sizes[][3] = {{1, 6, CELLS}, {1, CELLS, 6}, {1, 3 * CELLS, 7}};
        static const float *const answers[] = {wide[0], tall[0], twice[0]};
        find(sizes[layout], answers[layout], 0.25F, 0.45F);
        ck_assert_int_eq(found.count, 2);
        ck_assert_int_eq(found.boxes[0].class_id, 1);
        ck_assert_int_eq(found.boxes[1].class_id, 0);
        ck_assert(found.boxes[0].left == 15 && found.boxes[0].top == 26);
        ck_assert(found.boxes[0].right == 25 && found.boxes[0].bottom == 34);
        ck_assert(found.boxes[0].confidence == 0.7F && found.boxes[1].confidence == 0.6F);
    }
}
END_TEST

static float chance(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (float)(*seed >> 8) / (float)(1 << 24);
}

static double shared(const struct wci_yolo_box *a, const struct wci_yolo_box *b)
{
    double width = fmin((double)a->right, (double)b->right) -
                   fmax((double)a->left, (double)b->left);
    double height = fmin((double)a->bottom, (double)b->bottom) -
                    fmax((double)a->top, (double)b->top);
    double both = width > 0 && height > 0 ? width * height : 0;
    double all = (double)(a->right - a->left) * (double)(a->bottom - a->top) +
                 (double)(b->right - b->left) * (double)(b->bottom - b->top);
    return both / (all - both);
}

/* The rule, said without an order: a box is left out because of a surer one of its class that is
 * kept and shares too much with it, and only then. */
START_TEST(keeps_what_no_surer_one_covers)
{
    static float rows[CELLS][7];
    static struct wci_yolo_box all[CELLS];
    unsigned seed = 7 + (unsigned)_i;
    int kept_in_all = 0;
    for (int i = 0; i < CELLS; i++) {
        for (int j = 0; j < 4; j++)
            rows[i][j] = 4 + 24 * chance(&seed);
        for (int j = 4; j < 7; j++)
            rows[i][j] = chance(&seed);
        int best = rows[i][5] > rows[i][4] ? 5 : 4;
        best = rows[i][6] > rows[i][best] ? 6 : best;
        all[i] = (struct wci_yolo_box){rows[i][0] - rows[i][2] / 2,
                                       rows[i][1] - rows[i][3] / 2,
                                       rows[i][0] + rows[i][2] / 2,
                                       rows[i][1] + rows[i][3] / 2,
                                       rows[i][best],
                                       best - 4};
    }
    find((const int[]){1, CELLS, 7}, rows[0], 0.3F, 0.45F);
    for (int i = 0; i < CELLS; i++) {
        bool is_kept = false, is_covered = false;
        for (size_t j = 0; j < found.count; j++) {
            const struct wci_yolo_box *other = &found.boxes[j];
            if (memcmp(other, &all[i], sizeof all[i]) == 0)
                is_kept = true;
            else if (other->class_id == all[i].class_id && other->confidence > all[i].confidence &&
                     shared(other, &all[i]) > 0.45)
                is_covered = true;
        }
        ck_assert_int_eq(is_kept, all[i].confidence >= 0.3F && !is_covered);
        kept_in_all += is_kept;
    }
    ck_assert_int_eq(kept_in_all, found.count);
    ck_assert_int_gt(kept_in_all, 5);
    for (size_t j = 1; j < found.count; j++)
        ck_assert(found.boxes[j - 1].confidence >= found.boxes[j].confidence);
}
END_TEST

START_TEST(finds_are_bounded)
{
    enum { ROWS = 2 * WCI_YOLO_MOST };
    static float rows[ROWS][6];
    for (int i = 0; i < ROWS; i++) {
        const float row[] = {(float)(2 * i), 0, (float)(2 * i + 1), 1, (float)(i + 1) / ROWS, 0};
        memcpy(rows[i], row, sizeof row);
    }
    find((const int[]){1, ROWS, 6}, rows[0], 0, 0.45F);
    ck_assert_int_eq(found.count, WCI_YOLO_MOST);
    ck_assert(found.boxes[0].confidence == 1); /* the surest are kept */
}
END_TEST

START_TEST(survives_numbers_that_are_none)
{
    static const float odd[] = {NAN, INFINITY, -INFINITY, 0, -1, 3e38F, 1e-40F};
    static float rows[CELLS][7];
    unsigned seed = 1 + (unsigned)_i;
    for (int i = 0; i < CELLS; i++)
        for (int j = 0; j < 7; j++)
            rows[i][j] = odd[(int)(chance(&seed) * 7)];
    find((const int[]){1, CELLS, 7}, rows[0], 0, 0.45F);
    for (size_t i = 0; i < found.count; i++) {
        const struct wci_yolo_box *box = &found.boxes[i];
        ck_assert(box->confidence > 0 && box->confidence <= 1);
        ck_assert(box->right > box->left && box->bottom > box->top);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("yolo");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, knows_forms_by_their_shapes, 0, sizeof shapes / sizeof shapes[0]);
    tcase_add_loop_test(all, refuses_other_shapes, 0, sizeof strange / sizeof strange[0]);
    tcase_add_test(all, reads_finished_boxes);
    tcase_add_test(all, layouts_say_the_same);
    tcase_add_loop_test(all, keeps_what_no_surer_one_covers, 0, 20);
    tcase_add_test(all, finds_are_bounded);
    tcase_add_loop_test(all, survives_numbers_that_are_none, 0, 20);
    return suite;
}
