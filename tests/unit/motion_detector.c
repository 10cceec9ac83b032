/* The detector `motion`: what it says, and that it goes on with what it has learned. */
#include "process/motion.h"

#include <pthread.h>

#include "conf/conf.h"
#include "image/motion.h"
#include "process/findings.h"
#include "process/picture.h"
#include "unit.h"

enum { WIDTH = 320, HEIGHT = 240 };

static const int64_t hour = INT64_C(3600000000), noon = INT64_C(1700000000000000);

static wildcam_conf *conf;
static struct wci_log logger;
static struct wci_store store;
static struct wci_detector detector;

static void open_detector(void)
{
    const struct wci_detector_host host = {.conf = conf, .log = &logger, .store = &store};
    assert_done(wci_motion_open(&host, "", &detector));
    ck_assert_str_eq(wci_text_get(&detector.name), "motion");
    ck_assert_str_ne(wci_text_get(&detector.version), "");
}

static void close_detector(void)
{
    detector.close(detector.user, false);
    wci_text_free(&detector.name);
    wci_text_free(&detector.version);
    detector = (struct wci_detector){0};
}

static void open_all(void)
{
    logger = wci_conf_log(conf);
    assert_done(wci_store_find_place(conf));
    assert_done(wci_store_open(&store, conf, &logger));
    open_detector();
}

static void begin(void)
{
    conf = station_conf();
}

static void end(void)
{
    close_detector();
    wci_store_close(&store, false);
    wildcam_conf_free(conf);
}

/* What is said of a camera's picture; with_it has something dark in the middle. */
static struct wildcam_findings look(int64_t camera, int64_t time, bool with_it, bool is_grey)
{
    struct wildcam_findings findings;
    wildcam_image image;
    wci_image_init(&image);
    image.camera_id = camera;
    image.time = time;
    image.width = WIDTH;
    image.height = HEIGHT;
    wildcam_picture picture = {.image = &image};
    ck_assert_int_eq(wci_raster_new(&picture.raster, WIDTH, HEIGHT, is_grey ? 1 : 3), WILDCAM_OK);
    int channels = picture.raster.channels;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            bool in_it = with_it && x >= 130 && x < 190 && y >= 90 && y < 150;
            int light = in_it ? 20 : 100 + (x / 9 * 13 + y / 9 * 7) % 60;
            for (int c = 0; c < channels; c++)
                picture.raster.pixels[(y * WIDTH + x) * channels + c] =
                    (unsigned char)(c == 1 && x < 160 ? light + 40 : light);
        }
    wci_findings_init(&findings);
    ck_assert_int_eq(wci_findings_begin(&findings, &detector), WILDCAM_OK);
    ck_assert_int_eq(detector.detect(detector.user, &picture, &findings), WILDCAM_OK);
    wci_findings_end(&findings);
    free(picture.raster.pixels);
    wci_image_release(&image);
    return findings;
}

/* "" for nothing, else the category of the first. */
static const char *say(int64_t camera, int64_t time, bool with_it)
{
    static _Thread_local char word[32];
    struct wildcam_findings findings = look(camera, time, with_it, false);
    snprintf(word, sizeof word, "%s",
             findings.count
                 ? wildcam_category_name(wildcam_detection_get_category(&findings.list[0]))
                 : "");
    wci_findings_release(&findings);
    return word;
}

START_TEST(it_says_blank_or_where)
{
    open_all();
    ck_assert_str_eq(say(1, noon, false), "");
    ck_assert_str_eq(say(1, noon + hour, false), "");
    ck_assert_str_eq(say(1, noon + 2 * hour, false), "blank");
    struct wildcam_findings findings = look(1, noon + 3 * hour, true, false);
    ck_assert_uint_eq(findings.count, 1);
    const wildcam_detection *found = &findings.list[0];
    ck_assert_int_eq(wildcam_detection_get_category(found), WILDCAM_CATEGORY_UNKNOWN);
    ck_assert(found->has_box && found->confidence > 0 && found->confidence < 1);
    ck_assert(found->box.x > 0.35 && found->box.x + found->box.width < 0.65);
    ck_assert(found->box.y > 0.3 && found->box.y + found->box.height < 0.7);
    wci_findings_release(&findings);
    /* Another camera, and infra-red light, begin for themselves. */
    ck_assert_str_eq(say(2, noon + 4 * hour, false), "");
    findings = look(1, noon + 5 * hour, false, true);
    ck_assert_uint_eq(findings.count, 0);
    wci_findings_release(&findings);
    ck_assert_str_eq(say(1, noon + 6 * hour, false), "blank");
}
END_TEST

START_TEST(what_was_learned_is_kept)
{
    open_all();
    for (int i = 0; i < 3; i++)
        say(1, noon + i * hour, false);
    close_detector();
    open_detector();
    ck_assert_str_eq(say(1, noon + 9 * hour, false), "blank");
    ck_assert_str_eq(say(1, noon + 10 * hour, true), "unknown");
}
END_TEST

/* More cameras than are kept in memory. */
START_TEST(many_cameras_have_their_own)
{
    open_all();
    for (int camera = 1; camera <= 140; camera++)
        for (int i = 0; i < 3; i++)
            say(camera, noon + i * hour, false);
    for (int camera = 1; camera <= 140; camera += 20)
        ck_assert_str_eq(say(camera, noon + 9 * hour, false), "blank");
}
END_TEST

START_TEST(a_damaged_background_is_learned_anew)
{
    open_all();
    assert_done(wci_store_keep_background(&store, 1, false, "WCM1 and nonsense", 17));
    expect_log("what is known of a camera's place cannot be read");
    ck_assert_str_eq(say(1, noon, false), "");
    ck_assert_int_eq(count_log("cannot be read"), 1);
    for (int i = 1; i < 3; i++)
        say(1, noon + i * hour, false);
    ck_assert_str_eq(say(1, noon + 9 * hour, false), "blank");
}
END_TEST

/* The disk's floor is for pictures. */
START_TEST(a_full_disk_does_not_stop_it)
{
    assert_ok(wildcam_conf_set(conf, "disk.min_free_bytes", "1000000000000000"));
    open_all();
    expect_log("what was learned of a camera's place was not kept");
    for (int i = 0; i < 3; i++)
        say(1, noon + i * hour, false);
    ck_assert_str_eq(say(1, noon + 9 * hour, true), "unknown");
    close_detector();
    ck_assert_int_eq(count_log("was not kept"), 1);
    open_detector();
    ck_assert_str_eq(say(1, noon + 10 * hour, true), "");
}
END_TEST

static void *look_often(void *user)
{
    int64_t first = *(const int *)user;
    for (int i = 0; i < 60; i++)
        say(1 + (first + i) % 3, noon + i * hour, i % 5 == 4);
    return NULL;
}

START_TEST(several_threads_look_at_once)
{
    pthread_t threads[4];
    int first[4] = {0, 1, 2, 3};
    open_all();
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, look_often, &first[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ck_assert_str_eq(say(1, noon + 100 * hour, false), "blank");
}
END_TEST

/* Two of each camera's pictures at the same time, while others' models are taken out of memory:
 * both are learned by the same model. */
enum { SHARED = 300 };
static pthread_barrier_t both;

static void *look_at_each(void *user)
{
    int64_t time = noon + *(const int *)user * hour;
    for (int camera = 1; camera <= SHARED; camera++) {
        pthread_barrier_wait(&both);
        say(camera, time, false);
    }
    return NULL;
}

START_TEST(two_that_look_at_once_share_a_model)
{
    pthread_t threads[2];
    int hours[2] = {0, 1};
    open_all();
    pthread_barrier_init(&both, NULL, 2);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, look_at_each, &hours[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&both);
    for (int camera = 1; camera <= SHARED; camera++)
        ck_assert_msg(strcmp(say(camera, noon + 9 * hour, false), "blank") == 0, "camera %d",
                      camera);
}
END_TEST

/* Two processes on one station: what one has learned does not go when the other keeps its own. */
START_TEST(two_processes_learn_from_each_other)
{
    open_all();
    struct wci_detector first = detector;
    open_detector();
    struct wci_detector second = detector;
    for (int i = 0; i < 4; i++) {
        detector = i % 2 ? first : second;
        say(1, noon + i * hour, false);
    }
    for (int i = 0; i < 2; i++) {
        detector = i ? first : second;
        close_detector();
    }
    open_detector();
    void *data;
    size_t size;
    struct wci_motion_model model;
    assert_done(wci_store_find_background(&store, 1, false, &data, &size));
    assert_done(wci_motion_unpack(data, size, &model));
    free(data);
    ck_assert_int_eq(model.count, 4);
    wci_motion_model_free(&model);
}
END_TEST

/* The camera's clock was a year ahead until somebody set it right: it goes on learning. */
START_TEST(clock_that_falls_back_does_not_end_its_learning)
{
    open_all();
    for (int i = 0; i < 10; i++)
        say(1, noon + (24 * 365 + i) * hour, false);
    for (int i = 0; i < 40; i++) /* something stands there from now on */
        say(1, noon + i * hour, true);
    ck_assert_str_eq(say(1, noon + 40 * hour, true), "blank");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("motion_detector");
    TCase *all = harness_case(suite, "all");
    tcase_set_timeout(all, 120);
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_test(all, it_says_blank_or_where);
    tcase_add_test(all, what_was_learned_is_kept);
    tcase_add_test(all, many_cameras_have_their_own);
    tcase_add_test(all, a_damaged_background_is_learned_anew);
    tcase_add_test(all, a_full_disk_does_not_stop_it);
    tcase_add_test(all, several_threads_look_at_once);
    tcase_add_test(all, two_that_look_at_once_share_a_model);
    tcase_add_test(all, two_processes_learn_from_each_other);
    tcase_add_test(all, clock_that_falls_back_does_not_end_its_learning);
    return suite;
}
