/* Statuses, and the sentence beside a failure. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>

#include "api/fixtures.h"

/* The header's list, as a program reads it. */
static const struct {
    wildcam_status status;
    int retriable;
    const char *name, *text;
} listed[] = {
#define ROW(name, value, retriable, text) {value, retriable, "WILDCAM_" #name, text},
    WILDCAM_STATUS_LIST(ROW)
#undef ROW
};

enum { LISTED = sizeof listed / sizeof listed[0] };

START_TEST(list_is_whole)
{
    wildcam_status status = 1;
    for (size_t i = 0; i < LISTED; i++) {
        ck_assert_int_eq(wildcam_status_at(i, &status), 1);
        ck_assert_int_eq(status, listed[i].status);
        ck_assert_str_eq(wildcam_status_name(status), listed[i].name);
        ck_assert_str_eq(wildcam_status_text(status), listed[i].text);
        ck_assert_int_eq(wildcam_status_is_retriable(status), listed[i].retriable);
        ck_assert_int_eq(listed[i].text[strlen(listed[i].text) - 1] == '.', 0);
    }
    status = 77;
    ck_assert_int_eq(wildcam_status_at(LISTED, &status), 0);
    ck_assert_int_eq(wildcam_status_at(SIZE_MAX, &status), 0);
    ck_assert_int_eq(status, 77);
    ck_assert_int_eq(wildcam_status_at(0, NULL), 0);
}
END_TEST

START_TEST(any_value_has_a_name)
{
    static const wildcam_status unknown[] = {1, 2, -LISTED, -1000, INT_MAX, INT_MIN};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        ck_assert_str_eq(wildcam_status_name(unknown[i]), "WILDCAM_ERR_UNKNOWN");
        ck_assert_str_ne(wildcam_status_text(unknown[i]), "");
        ck_assert_int_eq(wildcam_status_is_retriable(unknown[i]), 0);
    }
}
END_TEST

START_TEST(next_call_clears_the_sentence)
{
    int64_t time;
    assert_fails(WILDCAM_ERR_INVALID, "\"noon\"", wildcam_time_parse("noon", &time, NULL, NULL));
    ck_assert_str_eq(wildcam_error_origin(), "wildcam");
    ck_assert_int_eq(wildcam_error_native(), 0);
    assert_ok(wildcam_time_parse("2026-11-23", &time, NULL, NULL));
    ck_assert_str_eq(wildcam_error_message(), "");
    ck_assert_str_eq(wildcam_error_origin(), "");
    ck_assert_int_eq(wildcam_error_native(), 0);
}
END_TEST

/* A program reads the sentence after it has cleaned up. */
START_TEST(freeing_keeps_the_sentence)
{
    wildcam_camera *camera;
    wildcam_detection *draft;
    wildcam_query *query;
    wildcam_ingest *ingest;
    wildcam_cursor *cursor;
    wildcam_batch *batch;
    wildcam_station *station = open_with(NULL, NULL);
    assert_ok(wildcam_camera_new(&camera));
    assert_ok(wildcam_detection_new(&draft));
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_ingest_begin(station, &ingest));
    assert_ok(wildcam_station_query(station, query, &cursor));
    assert_ok(wildcam_batch_new(station, &batch));
    assert_status(WILDCAM_ERR_INVALID, wildcam_camera_set_latitude(camera, 91));
    ck_assert_int_eq(wildcam_camera_get_id(camera), 0);
    wildcam_detection_reset(draft);
    wildcam_detection_free(draft);
    wildcam_query_free(query);
    wildcam_ingest_abort(ingest);
    wildcam_ingest_free(ingest);
    wildcam_cursor_free(cursor);
    wildcam_batch_free(batch);
    wildcam_camera_free(camera);
    wildcam_station_close(station);
    ck_assert_str_eq(wildcam_error_message(), "latitude is -90 to 90, not 91");
}
END_TEST

START_TEST(origin_says_who)
{
    wildcam_conf *conf;
    wildcam_camera *camera;
    assert_ok(wildcam_conf_new(&conf));
    assert_fails(WILDCAM_ERR_NOTFOUND, "nowhere.conf",
                 wildcam_conf_load_file(conf, scratch_path("nowhere.conf")));
    ck_assert_str_eq(wildcam_error_origin(), "os");
    ck_assert_int_eq(wildcam_error_native(), ENOENT);
    wildcam_conf_free(conf);
    assert_ok(wildcam_camera_new(&camera));
    assert_fails(WILDCAM_ERR_INVALID, "config", wildcam_camera_set_config(camera, "{"));
    ck_assert_str_eq(wildcam_error_origin(), "json");
    wildcam_camera_free(camera);
}
END_TEST

/* Well-formed, and short enough for a buffer of 512: the library itself accepts nothing but UTF-8
 * for a review's notes. */
static void assert_utf8_sentence(void)
{
    char sentence[512];
    wildcam_detection *draft;
    ck_assert_uint_lt(strlen(wildcam_error_message()), sizeof sentence);
    memcpy(sentence, wildcam_error_message(), strlen(wildcam_error_message()) + 1);
    assert_ok(wildcam_detection_new(&draft));
    wildcam_status status = wildcam_detection_set_notes(draft, sentence);
    ck_assert_msg(status == WILDCAM_OK, "\"%s\": %s", sentence, wildcam_error_message());
    wildcam_detection_free(draft);
}

START_TEST(sentence_is_utf8_whatever_it_names)
{
    wildcam_conf *conf;
    char name[2000];
    assert_ok(wildcam_conf_new(&conf));
    assert_status(WILDCAM_ERR_INVALID, wildcam_conf_set(conf, "images.max_bytes", "\xff\xfe"));
    assert_utf8_sentence();
    assert_status(WILDCAM_ERR_SETTING, wildcam_conf_set(conf, "caf\xe9", "1"));
    assert_utf8_sentence();
    for (size_t shift = 0; shift < 4; shift++) { /* one of them is cut within a character */
        memset(name, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof name; i += 3)
            memcpy(name + i, "\xe2\x82\xac", 4);
        assert_status(WILDCAM_ERR_SETTING, wildcam_conf_set(conf, name, "1"));
        assert_utf8_sentence();
        assert_status(WILDCAM_ERR_INVALID, wildcam_conf_set(conf, "images.max_bytes", name));
        assert_utf8_sentence();
        assert_status(WILDCAM_ERR_EXISTS, wildcam_restore(scratch_path("none"), name, NULL, NULL));
        assert_utf8_sentence();
    }
    wildcam_conf_free(conf);
}
END_TEST

static void *fail_elsewhere(void *user)
{
    wildcam_query *query;
    ck_assert_str_eq(wildcam_error_message(), "");
    assert_ok(wildcam_query_new(&query));
    assert_status(WILDCAM_ERR_INVALID, wildcam_query_set_category(query, 99));
    ck_assert_str_eq(wildcam_error_message(), "99 is no category");
    wildcam_query_free(query);
    return user;
}

START_TEST(each_thread_has_its_sentence)
{
    pthread_t thread;
    int64_t time;
    assert_status(WILDCAM_ERR_INVALID, wildcam_time_parse("noon", &time, NULL, NULL));
    ck_assert_int_eq(pthread_create(&thread, NULL, fail_elsewhere, NULL), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_ptr_nonnull(strstr(wildcam_error_message(), "noon"));
    assert_ok(wildcam_time_parse("2026-11-23", &time, NULL, NULL));
}
END_TEST

START_TEST(memory_is_given_back)
{
    char *text;
    wildcam_camera *camera;
    assert_ok(wildcam_camera_new(&camera));
    assert_ok(wildcam_camera_to_json(camera, &text));
    wildcam_free(text);
    wildcam_free(NULL);
    wildcam_camera_free(camera);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("status");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, list_is_whole);
    tcase_add_test(all, any_value_has_a_name);
    tcase_add_test(all, next_call_clears_the_sentence);
    tcase_add_test(all, freeing_keeps_the_sentence);
    tcase_add_test(all, origin_says_who);
    tcase_add_test(all, sentence_is_utf8_whatever_it_names);
    tcase_add_test(all, each_thread_has_its_sentence);
    tcase_add_test(all, memory_is_given_back);
    return suite;
}
