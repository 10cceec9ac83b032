/*
 * The detector `onnx:MODEL`, with models of the test's own making (tiny_model.h): boxes and
 * confidences against what can be worked out from where the colours are in the picture.
 */
#include "process/onnx.h"

#include <glob.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <turbojpeg.h>
#include <unistd.h>

#include "conf/conf.h"
#include "image/probe.h"
#include "model/detection.h"
#include "process/findings.h"
#include "process/picture.h"
#include "tiny_model.h"
#include "unit.h"

#define NAMES "{0: 'animal', 1: 'person', 2: 'Vulpes vulpes'}"

static wildcam_conf *conf;
static struct wci_log logger;
static struct tiny_model model;
static struct wci_detector detector;
static struct wildcam_findings findings;
static bool is_open;

static void begin(void)
{
    conf = station_conf();
    assert_ok(wildcam_conf_set(conf, "onnx.module", getenv("WILDCAM_TEST_ONNX_MODULE")));
    assert_ok(wildcam_conf_set(conf, "onnx.threads", "1"));
    assert_ok(wildcam_conf_set(conf, "process.confidence", "0.5"));
    tiny_model_init(&model);
    model.names = NAMES;
    wci_findings_init(&findings);
}

static void close_it(void)
{
    if (is_open)
        detector.close(detector.user, false);
    wci_text_free(&detector.name);
    wci_text_free(&detector.version);
    detector = (struct wci_detector){0};
    is_open = false;
}

static void end(void)
{
    close_it();
    wci_findings_release(&findings);
    wildcam_conf_free(conf);
}

static void save_model(const char *name)
{
    struct wci_text bytes = {0};
    tiny_model_write(&model, &bytes);
    save_file(scratch_path("%s", name), bytes.data, bytes.length);
    wci_text_free(&bytes);
}

static wildcam_status open_file(const char *name)
{
    logger = wci_conf_log(conf);
    const struct wci_detector_host host = {
        .conf = conf, .log = &logger, .limits = {1000000, 100, 100000000}};
    wci_error_clear();
    wildcam_status status = wci_onnx_open(&host, scratch_path("%s", name), &detector);
    is_open = status == WILDCAM_OK;
    return status;
}

static void open_model(void)
{
    save_model("tiny.onnx");
    assert_ok(open_file("tiny.onnx"));
}

/* ---- pictures ---- */

struct colour {
    int red, green, blue;
};

/* In pixels of the upright picture. */
struct patch {
    int left, top, right, bottom;
    struct colour colour;
};

static const struct colour red = {255, 0, 0}, green = {0, 255, 0}, blue = {0, 0, 255},
                           light_red = {204, 0, 0};

static bool covers(const struct patch *patch, int x, int y)
{
    return x >= patch->left && x < patch->right && y >= patch->top && y < patch->bottom;
}

/* Where the pixel of an upright picture lies when it is stored by an orientation of EXIF's. */
static size_t stored_at(int orientation, int width, int height, int x, int y)
{
    int right = width - 1 - x, below = height - 1 - y;
    int across[] = {x, right, right, x, y, y, below, below};
    int down[] = {y, y, below, below, x, right, right, x};
    int stored_width = orientation > 4 ? height : width;
    return (size_t)(down[orientation - 1] * stored_width + across[orientation - 1]);
}

/* Black but for the patches, with all of its colour in every pixel. */
static struct jpeg paint(int width, int height, int orientation, const struct patch *patches,
                         size_t count)
{
    unsigned char *pixels = calloc((size_t)width * (size_t)height, 3);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (size_t i = 0; i < count; i++) {
                unsigned char *pixel = pixels + 3 * stored_at(orientation, width, height, x, y);
                if (!covers(&patches[i], x, y))
                    continue;
                pixel[0] = (unsigned char)patches[i].colour.red;
                pixel[1] = (unsigned char)patches[i].colour.green;
                pixel[2] = (unsigned char)patches[i].colour.blue;
            }
    bool on_its_side = orientation > 4;
    struct jpeg jpeg = {NULL, 0};
    unsigned long size = 0;
    tjhandle handle = tjInitCompress();
    ck_assert_int_eq(tjCompress2(handle, pixels, on_its_side ? height : width, 0,
                                 on_its_side ? width : height, TJPF_RGB, &jpeg.data, &size,
                                 TJSAMP_444, 100, 0),
                     0);
    tjDestroy(handle);
    free(pixels);
    jpeg.size = size;
    const struct exif_facts facts = {
        .orientation = orientation, .latitude = NAN, .longitude = NAN, .altitude = NAN};
    void *exif = make_exif(&facts, &size);
    jpeg_insert(&jpeg, 0xe1, exif, size);
    free(exif);
    return jpeg;
}

static wildcam_status look_at(const struct jpeg *jpeg, struct wildcam_findings *into)
{
    wildcam_image image;
    const struct wci_jpeg_limits limits = {1000000, 100, 100000000};
    wci_image_init(&image);
    wci_error_clear();
    ck_assert_int_eq(wci_probe(jpeg->data, jpeg->size, &limits, &image), WILDCAM_OK);
    wildcam_picture picture = {.image = &image, .bytes = jpeg->data, .size = jpeg->size};
    ck_assert_int_eq(wci_findings_begin(into, &detector), WILDCAM_OK);
    wildcam_status status = detector.detect(detector.user, &picture, into);
    wci_findings_end(into);
    wci_image_release(&image);
    return status;
}

static void look(int width, int height, int orientation, const struct patch *patches, size_t count)
{
    struct jpeg jpeg = paint(width, height, orientation, patches, count);
    assert_ok(look_at(&jpeg, &findings));
    jpeg_free(&jpeg);
}

static void assert_found(size_t at, const char *species, double confidence, double x, double y,
                         double width, double height)
{
    ck_assert_int_gt(findings.count, at);
    const wildcam_detection *found = &findings.list[at];
    int category;
    const char *settled;
    wci_detection_settle(found, &category, &settled);
    ck_assert_str_eq(settled, species);
    ck_assert_double_eq_tol(found->confidence, confidence,
                            0.02); /* a JPEG's colours are not exact */
    /* ... but it is written as one would: 0.6, not 0.6000000238418579 */
    ck_assert_double_eq(found->confidence, round(found->confidence * 1e6) / 1e6);
    ck_assert(found->has_box);
    ck_assert_double_eq_tol(found->box.x, x, 1e-6);
    ck_assert_double_eq_tol(found->box.y, y, 1e-6);
    ck_assert_double_eq_tol(found->box.width, width, 1e-6);
    ck_assert_double_eq_tol(found->box.height, height, 1e-6);
}

/* ---- what it finds ---- */

/* Pictures of many shapes: how large they are in the input of 64 pixels, and what is above and to
 * the left of them there. Each has a red patch that fills one cell of 8 pixels of the input. */
static const struct {
    int width, height;
    double scale;
    int left, top;
} shapes[] = {
    {64, 64, 1, 0, 0},    {128, 128, 0.5, 0, 0},    {128, 96, 0.5, 0, 8},
    {96, 128, 0.5, 8, 0}, {512, 256, 0.125, 0, 16}, {256, 1024, 0.0625, 24, 0},
    {32, 32, 2, 0, 0},    {32, 16, 2, 0, 16},
};

static void find_patch(int shape, int orientation, bool is_v5)
{
    /* The cell in column 3, row 4 of 8 pixels each; of pictures that are smaller, it is in them. */
    double left = (24 - shapes[shape].left) / shapes[shape].scale;
    double top = (32 - shapes[shape].top) / shapes[shape].scale, side = 8 / shapes[shape].scale;
    int width = shapes[shape].width, height = shapes[shape].height;
    struct patch patch = {(int)left, (int)top, (int)(left + side), (int)(top + side), red};
    model.is_v5 = is_v5;
    open_model();
    look(width, height, orientation, &patch, 1);
    ck_assert_int_eq(findings.count, 1);
    /* Where it is enlarged, the patch's edges are soft. */
    double confidence = findings.list[0].confidence;
    ck_assert_double_ge(confidence, shapes[shape].scale > 1 ? 0.8 : 0.97);
    assert_found(0, "animal", confidence, left / width, top / height, side / width, side / height);
}

START_TEST(finds_by_v8_in_pictures_of_any_shape)
{
    find_patch(_i, 1, false);
}
END_TEST

START_TEST(finds_by_v5_in_pictures_of_any_shape)
{
    find_patch(_i, 1, true);
}
END_TEST

START_TEST(finds_in_the_upright_picture)
{
    find_patch(2, _i, false); /* 128 x 96 */
    ck_assert_str_eq(wildcam_detection_get_detector(&findings.list[0]), "tiny");
    ck_assert_int_eq(strlen(wildcam_detection_get_detector_version(&findings.list[0])), 12);
}
END_TEST

START_TEST(names_what_it_finds)
{
    const struct patch patches[] = {
        {0, 0, 8, 8, red}, {16, 16, 24, 24, green}, {40, 48, 48, 56, blue}};
    open_model();
    look(64, 64, 1, patches, 3);
    ck_assert_int_eq(findings.count, 3);
    for (size_t i = 0; i < 3; i++) { /* in the order of confidences that are nearly the same */
        double x = findings.list[i].box.x;
        if (x < 0.1)
            assert_found(i, "animal", 1, 0, 0, 0.125, 0.125);
        else if (x < 0.5)
            assert_found(i, "human", 1, 0.25, 0.25, 0.125, 0.125);
        else
            assert_found(i, "Vulpes vulpes", 1, 0.625, 0.75, 0.125, 0.125);
    }
}
END_TEST

START_TEST(multiplies_what_v5_says_twice)
{
    const struct patch patch = {0, 0, 8, 8, red};
    model.is_v5 = true;
    model.likely = 0.75F;
    open_model();
    look(64, 64, 1, &patch, 1);
    ck_assert_int_eq(findings.count, 1); /* its three rows are one box */
    assert_found(0, "animal", 0.75, 0, 0, 0.125, 0.125);
}
END_TEST

/* Two cells whose boxes overlap: of one class the surer one is left, of two both are. */
START_TEST(keeps_the_surer_of_two_that_overlap)
{
    const struct patch same[] = {{0, 0, 8, 8, light_red}, {8, 0, 16, 8, red}};
    const struct patch others[] = {{0, 0, 8, 8, green}, {8, 0, 16, 8, red}};
    model.boxes[0][0] = 11; /* 7 of 9 pixels of both are shared */
    model.boxes[0][1] = 12;
    open_model();
    look(64, 64, 1, _i ? others : same, 2);
    ck_assert_int_eq(findings.count, _i ? 2 : 1);
    if (_i == 0)
        assert_found(0, "animal", 1, 0.125, 0, 0.125, 0.125);
}
END_TEST

START_TEST(overlap_is_a_setting)
{
    const struct patch same[] = {{0, 0, 8, 8, light_red}, {8, 0, 16, 8, red}};
    model.boxes[0][0] = 11;
    model.boxes[0][1] = 12;
    assert_ok(wildcam_conf_set(conf, "onnx.overlap", "0.8"));
    open_model();
    look(64, 64, 1, same, 2);
    ck_assert_int_eq(findings.count, 2);
    assert_found(0, "animal", 1, 0.125, 0, 0.125, 0.125);
    assert_found(1, "animal", 0.8, 0.109375, 0, 0.125, 0.125);
}
END_TEST

/* The grey around the picture is lighter than 0.4: what is found there is not on the picture, and
 * what reaches into it is cut. */
START_TEST(boxes_are_cut_to_the_picture)
{
    const struct patch patch = {0, 0, 128, 16, red}; /* the uppermost 8 pixels of 48 */
    assert_ok(wildcam_conf_set(conf, "process.confidence", "0.9"));
    for (int i = 0; i < TINY_CELLS; i++) {
        model.boxes[0][i] = 32;
        model.boxes[1][i] = 8;
        model.boxes[2][i] = 200;
        model.boxes[3][i] = 8; /* half of it above */
    }
    open_model();
    look(128, 96, 1, &patch, 1);
    ck_assert_int_eq(findings.count, 1);
    assert_found(0, "animal", 1, 0, 0, 1, 4.0 / 48);
}
END_TEST

START_TEST(blank_is_as_sure_as_nothing_was_missed)
{
    const struct patch patch = {0, 0, 8, 8, {102, 0, 0}};
    open_model();
    look(64, 64, 1, &patch, 1);
    ck_assert_int_eq(findings.count, 1);
    ck_assert_int_eq(findings.list[0].category, WILDCAM_CATEGORY_BLANK);
    ck_assert_double_eq_tol(findings.list[0].confidence, 0.6, 0.02);
}
END_TEST

START_TEST(looks_at_grey_pictures)
{
    struct jpeg jpeg = make_jpeg(320, 240, JPEG_GREY, 1);
    assert_ok(wildcam_conf_set(conf, "process.confidence", "0.01"));
    open_model();
    assert_ok(look_at(&jpeg, &findings));
    ck_assert_int_gt(findings.count, 10);
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(refuses_what_is_no_picture)
{
    struct jpeg jpeg = make_jpeg(64, 64, JPEG_COLOUR, 1);
    open_model();
    wildcam_image image;
    wci_image_init(&image);
    image.width = image.height = 64;
    wildcam_picture picture = {.image = &image, .bytes = jpeg.data, .size = jpeg.size / 2};
    assert_done(wci_findings_begin(&findings, &detector));
    wci_error_clear();
    assert_status(WILDCAM_ERR_TRUNCATED, detector.detect(detector.user, &picture, &findings));
    wci_image_release(&image);
    jpeg_free(&jpeg);
}
END_TEST

static void *look_often(void *user)
{
    for (int i = 0; i < 20; i++) {
        struct wildcam_findings own;
        wci_findings_init(&own);
        ck_assert_int_eq(look_at(user, &own), WILDCAM_OK);
        ck_assert_int_eq(own.count, 1);
        ck_assert_double_ge(own.list[0].confidence, 0.97);
        wci_findings_release(&own);
    }
    return NULL;
}

START_TEST(several_threads_share_it)
{
    const struct patch patch = {16, 16, 24, 24, red};
    pthread_t threads[4];
    open_model();
    struct jpeg jpeg = paint(64, 64, 1, &patch, 1);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, look_often, &jpeg), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    jpeg_free(&jpeg);
}
END_TEST

/* ---- its names and its size ---- */

static void assert_names(const char *third)
{
    const struct patch patch = {0, 0, 8, 8, blue};
    assert_ok(open_file("tiny.onnx"));
    look(64, 64, 1, &patch, 1);
    ck_assert_str_eq(wildcam_detection_get_species(&findings.list[0]), third);
}

/* How many threads of this process a signal from outside may come to. */
static int count_open_threads(void)
{
    int count = 0;
    glob_t tasks;
    ck_assert_int_eq(glob("/proc/self/task/*/status", 0, NULL, &tasks), 0);
    for (size_t i = 0; i < tasks.gl_pathc; i++) {
        char line[200];
        FILE *file = fopen(tasks.gl_pathv[i], "r");
        while (file && fgets(line, sizeof line, file))
            if (strncmp(line, "SigBlk:", 7) == 0)
                count += !(strtoull(line + 7, NULL, 16) >> (SIGTERM - 1) & 1);
        if (file)
            fclose(file);
    }
    globfree(&tasks);
    return count;
}

/* They are the host's: the threads that the network is run on do not take them. */
START_TEST(signals_are_not_for_its_threads)
{
    int before = count_open_threads();
    assert_ok(wildcam_conf_set(conf, "onnx.threads", "4"));
    model.names = NAMES;
    save_model("model.onnx");
    assert_ok(open_file("model.onnx"));
    ck_assert_int_eq(count_open_threads(), before);
}
END_TEST

START_TEST(takes_names_from_the_file_beside_it)
{
    static const char lines[] = "one\r\n  two \n\tSus scrofa\n\n";
    save_model("tiny.onnx");
    save_file(scratch_path("tiny.names"), lines, strlen(lines));
    assert_names("Sus scrofa");
}
END_TEST

START_TEST(takes_names_from_the_file_of_the_setting)
{
    save_model("tiny.onnx");
    save_file(scratch_path("tiny.names"), "a\nb\nc", 5);
    save_file(scratch_path("others"), "d\ne\nf", 5);
    assert_ok(wildcam_conf_set(conf, "onnx.names", scratch_path("others")));
    assert_names("f");
}
END_TEST

START_TEST(takes_names_from_the_model)
{
    model.names = "{\"1\": \"b\", \"0\": \"a\", \"2\": \"Bos \\\"taurus\\\"\"}";
    save_model("tiny.onnx");
    assert_names("Bos \"taurus\"");
}
END_TEST

START_TEST(size_is_said_where_the_model_takes_any)
{
    model.side = 0;
    save_model("tiny.onnx");
    assert_ok(wildcam_conf_set(conf, "onnx.size", "64"));
    assert_names("Vulpes vulpes");
}
END_TEST

/* ---- what is wrong is said at once ---- */

static const struct {
    const char *what, *words;
    wildcam_status status;
} faults[] = {
    {"no model", "cannot be opened", WILDCAM_ERR_NOTFOUND},
    {"directory", "is no file", WILDCAM_ERR_INVALID},
    {"text", "it is no ONNX model", WILDCAM_ERR_INVALID},
    {"empty", "it is empty", WILDCAM_ERR_INVALID},
    {"cut off", "longer than the rest", WILDCAM_ERR_INVALID},
    {"half", "of type 10, not of float numbers", WILDCAM_ERR_UNSUPPORTED},
    {"batch", "takes 4 pictures at a time", WILDCAM_ERR_UNSUPPORTED},
    {"grey", "is no picture", WILDCAM_ERR_UNSUPPORTED},
    {"any size", "onnx.size", WILDCAM_ERR_INVALID},
    {"other size", "64 x 64 pixels, not onnx.size (128)", WILDCAM_ERR_INVALID},
    {"unfit size", "the network failed: ", WILDCAM_ERR_INTERNAL},
    {"odd size", "no multiples of 32", WILDCAM_ERR_UNSUPPORTED},
    {"no names", "does not name its classes", WILDCAM_ERR_NOTFOUND},
    {"few names", "has 3 classes, and there are 2 names", WILDCAM_ERR_INVALID},
    {"odd names", "not of the form", WILDCAM_ERR_INVALID},
    {"no names file", "cannot open", WILDCAM_ERR_NOTFOUND},
    {"unknown layer", "cannot load it", WILDCAM_ERR_UNSUPPORTED},
    {"no yolo", "none of YOLO's", WILDCAM_ERR_UNSUPPORTED},
    {"no module", "there is no module /nowhere/x.so", WILDCAM_ERR_UNSUPPORTED},
    {"relative module", "no absolute path: wildcam_onnx.so", WILDCAM_ERR_INVALID},
    {"text for a module", "the module cannot be loaded", WILDCAM_ERR_UNSUPPORTED},
    {"other module", "no module of this version", WILDCAM_ERR_UNSUPPORTED},
};

static bool is(int fault, const char *what)
{
    return strcmp(faults[fault].what, what) == 0;
}

static void replace_all(struct wci_text *bytes, const char *from, const char *to)
{
    size_t length = strlen(from);
    ck_assert_int_eq(length, strlen(to));
    for (char *at = bytes->data;
         (at = memmem(at, (size_t)(bytes->data + bytes->length - at), from, length));)
        memcpy(at, to, length);
}

static void prepare_model(int fault)
{
    model.is_pool = is(fault, "no yolo");
    if (is(fault, "half"))
        model.element = 10;
    if (is(fault, "batch"))
        model.batch = 4;
    if (is(fault, "grey"))
        model.colours = 1;
    if (is(fault, "any size") || is(fault, "unfit size"))
        model.side = 0;
    if (is(fault, "odd size"))
        model.side = 72;
    if (is(fault, "no names"))
        model.names = NULL;
    if (is(fault, "few names"))
        model.names = "{0: 'a', 1: 'b'}";
    if (is(fault, "odd names"))
        model.names = "['a', 'b', 'c']";
    save_model("tiny.onnx");
}

static void prepare_conf(int fault)
{
    if (is(fault, "other size") || is(fault, "unfit size"))
        assert_ok(wildcam_conf_set(conf, "onnx.size", "128"));
    if (is(fault, "no names file"))
        assert_ok(wildcam_conf_set(conf, "onnx.names", scratch_path("no names")));
    if (is(fault, "no module"))
        assert_ok(wildcam_conf_set(conf, "onnx.module", "/nowhere/x.so"));
    if (is(fault, "relative module"))
        assert_ok(wildcam_conf_set(conf, "onnx.module", "wildcam_onnx.so"));
    if (is(fault, "text for a module"))
        assert_ok(wildcam_conf_set(conf, "onnx.module", scratch_path("tiny.onnx")));
    if (is(fault, "other module"))
        assert_ok(wildcam_conf_set(conf, "onnx.module", getenv("WILDCAM_TEST_OTHER_MODULE")));
}

static void damage_file(int fault)
{
    const char *path = scratch_path("tiny.onnx");
    struct wci_text bytes = {0};
    size_t size;
    char *data = load_file(path, &size);
    wci_text_add_bytes(&bytes, data, size);
    free(data);
    if (is(fault, "text"))
        save_file(path, "this is no model", 16);
    if (is(fault, "empty"))
        save_file(path, "", 0);
    if (is(fault, "cut off"))
        save_file(path, bytes.data, bytes.length / 2);
    if (is(fault, "no model"))
        ck_assert_int_eq(unlink(path), 0);
    if (is(fault, "unknown layer")) {
        replace_all(&bytes, "AveragePool", "OveragePool");
        save_file(path, bytes.data, bytes.length);
    }
    wci_text_free(&bytes);
}

/* Nothing is printed either, which is the host's to decide. */
START_TEST(opening_says_what_is_wrong)
{
    const char *printed = scratch_path("printed");
    prepare_model(_i);
    prepare_conf(_i);
    damage_file(_i);
    fflush(stderr);
    int kept = dup(STDERR_FILENO);
    ck_assert_ptr_nonnull(freopen(printed, "w", stderr));
    wildcam_status status = open_file(is(_i, "directory") ? "." : "tiny.onnx");
    fflush(stderr);
    ck_assert_int_ge(dup2(kept, STDERR_FILENO), 0);
    close(kept);
    assert_fails(faults[_i].status, faults[_i].words, status);
    ck_assert_ptr_nonnull(strstr(wildcam_error_message(), "onnx:/"));
    size_t size;
    char *words = load_file(printed, &size);
    ck_assert_msg(size == 0, "it printed: %.*s", (int)size, words);
    free(words);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("onnx");
    TCase *finds = harness_case(suite, "finds"), *opens = harness_case(suite, "opens");
    const int shape_count = sizeof shapes / sizeof shapes[0];
    tcase_add_checked_fixture(finds, begin, end);
    tcase_add_loop_test(finds, finds_by_v8_in_pictures_of_any_shape, 0, shape_count);
    tcase_add_loop_test(finds, finds_by_v5_in_pictures_of_any_shape, 0, shape_count);
    tcase_add_loop_test(finds, finds_in_the_upright_picture, 1, 9);
    tcase_add_test(finds, signals_are_not_for_its_threads);
    tcase_add_test(finds, names_what_it_finds);
    tcase_add_test(finds, multiplies_what_v5_says_twice);
    tcase_add_loop_test(finds, keeps_the_surer_of_two_that_overlap, 0, 2);
    tcase_add_test(finds, overlap_is_a_setting);
    tcase_add_test(finds, boxes_are_cut_to_the_picture);
    tcase_add_test(finds, blank_is_as_sure_as_nothing_was_missed);
    tcase_add_test(finds, looks_at_grey_pictures);
    tcase_add_test(finds, refuses_what_is_no_picture);
    tcase_add_test(finds, several_threads_share_it);
    tcase_add_checked_fixture(opens, begin, end);
    tcase_add_test(opens, takes_names_from_the_file_beside_it);
    tcase_add_test(opens, takes_names_from_the_file_of_the_setting);
    tcase_add_test(opens, takes_names_from_the_model);
    tcase_add_test(opens, size_is_said_where_the_model_takes_any);
    tcase_add_loop_test(opens, opening_says_what_is_wrong, 0, sizeof faults / sizeof faults[0]);
    return suite;
}
