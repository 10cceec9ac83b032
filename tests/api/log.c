/* Where the library's own words go. */
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "api/fixtures.h"

struct heard {
    int lines, highest;
    char text[1024], module[32];
};

static void hear(void *user, int level, const char *module, const char *text)
{
    struct heard *heard = user;
    heard->lines++;
    heard->highest = level > heard->highest ? level : heard->highest;
    snprintf(heard->module, sizeof heard->module, "%s", module);
    snprintf(heard->text, sizeof heard->text, "%s", text);
}

static wildcam_conf *conf_with_level(const char *level)
{
    wildcam_conf *conf;
    assert_ok(wildcam_conf_new(&conf));
    assert_ok(wildcam_conf_set(conf, "data.dir", scratch_path("station")));
    assert_ok(wildcam_conf_set(conf, "disk.min_free_bytes", "0"));
    assert_ok(wildcam_conf_set(conf, "log.level", level));
    assert_ok(wildcam_conf_set(conf, "store.slow_query", "0"));
    return conf;
}

/* A refused picture is a warning. */
static void provoke(wildcam_conf *conf)
{
    wildcam_station *station = open_station(conf);
    assert_status(WILDCAM_ERR_NOTJPEG,
                  wildcam_station_ingest(station, "CAM1", "no picture", 10, NULL, NULL));
    wildcam_station_close(station);
    wildcam_conf_free(conf);
}

START_TEST(callback_hears_a_line)
{
    struct heard heard = {.highest = -1};
    wildcam_conf *conf = conf_with_level("warning");
    assert_ok(wildcam_conf_set_log(conf, hear, &heard));
    provoke(conf);
    ck_assert_int_eq(heard.lines, 1);
    ck_assert_int_eq(heard.highest, WILDCAM_LOG_WARNING);
    ck_assert_str_eq(heard.module, "pictures");
    ck_assert_ptr_nonnull(strstr(heard.text, "refused"));
    ck_assert_ptr_null(strchr(heard.text, '\n'));
}
END_TEST

START_TEST(level_bounds_what_is_heard)
{
    static const struct {
        const char *level;
        int value;
    } levels[] = {{"error", WILDCAM_LOG_ERROR},
                  {"warning", WILDCAM_LOG_WARNING},
                  {"info", WILDCAM_LOG_INFO},
                  {"debug", WILDCAM_LOG_DEBUG}};
    int before = 0;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        struct heard heard = {.highest = -1};
        wildcam_conf *conf = conf_with_level(levels[i].level);
        assert_ok(wildcam_conf_set_log(conf, hear, &heard));
        provoke(conf);
        ck_assert_int_le(heard.highest, levels[i].value);
        ck_assert_int_ge(heard.lines, before);
        before = heard.lines;
    }
    ck_assert_int_ge(before, 1);
}
END_TEST

/* What goes to standard error while `conf` is provoked; freed with free(). */
static char *on_standard_error(wildcam_conf *conf)
{
    size_t size;
    const char *path = scratch_path("stderr");
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600), kept = dup(STDERR_FILENO);
    ck_assert_int_ge(file, 0);
    ck_assert_int_ge(kept, 0);
    ck_assert_int_ge(dup2(file, STDERR_FILENO), 0);
    provoke(conf);
    ck_assert_int_ge(dup2(kept, STDERR_FILENO), 0);
    close(kept);
    close(file);
    return load_file(path, &size);
}

START_TEST(standard_error_without_a_callback)
{
    char *text = on_standard_error(conf_with_level("warning"));
    ck_assert_ptr_nonnull(strstr(text, " warning pictures: a picture is refused: "));
    ck_assert_int_eq(text[strlen(text) - 1], '\n');
    free(text);
}
END_TEST

START_TEST(json_on_standard_error)
{
    wildcam_conf *conf = conf_with_level("warning");
    assert_ok(wildcam_conf_set(conf, "log.format", "json"));
    char *text = on_standard_error(conf);
    ck_assert_int_eq(strncmp(text, "{\"time\":\"", 9), 0);
    ck_assert_ptr_nonnull(
        strstr(text, "\"level\":\"warning\",\"module\":\"pictures\",\"message\":"));
    free(text);
}
END_TEST

START_TEST(silence_when_asked_for)
{
    wildcam_conf *conf = conf_with_level("debug");
    assert_ok(wildcam_conf_set_log(conf, NULL, NULL));
    char *text = on_standard_error(conf);
    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

START_TEST(refusal_of_its_own_answer_stays)
{
    /* Writing a line must not change the sentence of the failure that it is about. */
    struct heard heard = {.highest = -1};
    wildcam_conf *conf = conf_with_level("debug");
    assert_ok(wildcam_conf_set_log(conf, hear, &heard));
    wildcam_station *station = open_station(conf);
    assert_fails(WILDCAM_ERR_NOTJPEG, "JPEG",
                 wildcam_station_ingest(station, "CAM1", "no picture", 10, NULL, NULL));
    wildcam_station_close(station);
    wildcam_conf_free(conf);
}
END_TEST

/* ---- slow statements ---- */

enum { ROWS = 100000 };

struct slow {
    pthread_mutex_t mutex;
    int on_shard, of_others;
    char text[64 * 1024];
};

static void hear_slow(void *user, int level, const char *module, const char *text)
{
    struct slow *slow = user;
    if (strncmp(text, "slow: ", 6) != 0)
        return;
    ck_assert_int_eq(level, WILDCAM_LOG_WARNING);
    ck_assert_str_eq(module, "store");
    pthread_mutex_lock(&slow->mutex);
    if (strstr(text, " ms in 2026-02: SELECT "))
        slow->on_shard++;
    else
        slow->of_others++;
    size_t length = strlen(slow->text);
    snprintf(slow->text + length, sizeof slow->text - length, "%s\n", text);
    pthread_mutex_unlock(&slow->mutex);
}

static void fill(wildcam_station *station)
{
    wildcam_batch *batch;
    wildcam_detection *draft;
    assert_ok(wildcam_detection_new(&draft));
    assert_ok(wildcam_batch_new(station, &batch));
    assert_ok(wildcam_detection_set_device_id(draft, "CAM-HIDDEN"));
    assert_ok(wildcam_detection_set_species(draft, "Hidden fox"));
    assert_ok(wildcam_detection_set_confidence(draft, 0.5));
    for (int i = 0; i < ROWS; i++) {
        assert_ok(wildcam_detection_set_time(draft, at("2026-02-10") + i * INT64_C(1000), 0,
                                             WILDCAM_TIME_SOURCE_CLIENT));
        assert_ok(wildcam_batch_add(batch, draft));
    }
    assert_ok(wildcam_batch_commit(batch));
    wildcam_batch_free(batch);
    wildcam_detection_free(draft);
}

static int64_t count_sure_ones(wildcam_station *station)
{
    int64_t count;
    wildcam_query *query;
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_query_set_min_confidence(query, 0.4375));
    assert_ok(wildcam_station_count(station, query, 0, &count, NULL));
    wildcam_query_free(query);
    return count;
}

/* The statement that counts takes a millisecond, whatever the machine. */
START_TEST(a_slow_statement_is_told_without_its_values)
{
    static struct slow slow = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    const char *limit = _i ? "0.001" : "0";
    wildcam_conf *conf = conf_with_level("warning");
    assert_ok(wildcam_conf_set(conf, "store.slow_query", limit));
    assert_ok(wildcam_conf_set_log(conf, hear_slow, &slow));
    wildcam_station *station = open_station(conf);
    fill(station);
    ck_assert_int_eq(count_sure_ones(station), ROWS);
    ck_assert_int_eq(slow.on_shard > 0, _i); /* already: before the call came back */
    wildcam_station_close(station);
    wildcam_conf_free(conf);
    ck_assert_ptr_null(strstr(slow.text, "idden"));
    ck_assert_ptr_null(strstr(slow.text, "0.4375"));
    if (!_i)
        ck_assert_int_eq(slow.of_others, 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("log");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, callback_hears_a_line);
    tcase_add_test(all, level_bounds_what_is_heard);
    tcase_add_test(all, standard_error_without_a_callback);
    tcase_add_test(all, json_on_standard_error);
    tcase_add_test(all, silence_when_asked_for);
    tcase_add_test(all, refusal_of_its_own_answer_stays);
    tcase_add_loop_test(all, a_slow_statement_is_told_without_its_values, 0, 2);
    return suite;
}
