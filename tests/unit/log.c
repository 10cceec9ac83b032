/* The log: which lines are written, what a line is, and that writing one changes no failure. */
#include "base/log.h"

#include <jansson.h>
#include <unistd.h>

#include "base/utf8.h"
#include "unit.h"

struct taken {
    int count, level;
    char module[32], text[2048];
};

static void take(void *user, int level, const char *module, const char *text)
{
    struct taken *taken = user;
    taken->count++;
    taken->level = level;
    snprintf(taken->module, sizeof taken->module, "%s", module);
    snprintf(taken->text, sizeof taken->text, "%s", text);
    wci_fail(WILDCAM_ERR_INTERNAL, "a failure in the host's function");
}

START_TEST(writes_from_a_level_up)
{
    struct taken taken = {0};
    struct wci_log log = {.level = WILDCAM_LOG_WARNING, .fn = take, .user = &taken};
    wci_log_write(&log, WILDCAM_LOG_INFO, "m", "not this");
    wci_log_write(&log, WILDCAM_LOG_DEBUG, "m", "nor this");
    ck_assert_int_eq(taken.count, 0);
    wci_log_write(&log, WILDCAM_LOG_WARNING, "store", "%d of %s", 2, "these");
    ck_assert_int_eq(taken.count, 1);
    ck_assert_int_eq(taken.level, WILDCAM_LOG_WARNING);
    ck_assert_str_eq(taken.module, "store");
    ck_assert_str_eq(taken.text, "2 of these");
    wci_log_write(&log, WILDCAM_LOG_ERROR, "m", "and this");
    ck_assert_int_eq(taken.count, 2);
}
END_TEST

START_TEST(is_one_line)
{
    struct taken taken = {0};
    struct wci_log log = {.level = WILDCAM_LOG_DEBUG, .fn = take, .user = &taken};
    wci_log_write(&log, WILDCAM_LOG_ERROR, "m", "a\nb\r\tc\x1b[31m\x7f \xc3\xa9 \xe9");
    ck_assert_str_eq(taken.text, "a b  c [31m  \xc3\xa9 ?");
}
END_TEST

/* The other codes of control, Unicode's ends of lines, and what writes backwards. */
START_TEST(no_character_moves_the_cursor)
{
    struct taken taken = {0};
    struct wci_log log = {.level = WILDCAM_LOG_DEBUG, .fn = take, .user = &taken};
    wci_log_write(&log, WILDCAM_LOG_ERROR, "m", "%s",
                  "a\xc2\x9b"
                  "b\xc2\x85"
                  "c\xe2\x80\xa8"
                  "d\xe2\x80\xae"
                  "e\xe2\x81\xa6"
                  "f\xc2\xa0\xe2\x82\xac\xe2\x80\xa7\xe2\x80\xaf");
    ck_assert_str_eq(taken.text, "a  b  c   d   e   f\xc2\xa0\xe2\x82\xac\xe2\x80\xa7\xe2\x80\xaf");
}
END_TEST

START_TEST(a_long_line_is_cut)
{
    struct taken taken = {0};
    struct wci_log log = {.level = WILDCAM_LOG_DEBUG, .fn = take, .user = &taken};
    char text[3001];
    for (int i = 0; i < 3000; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    text[3000] = '\0';
    wci_log_write(&log, WILDCAM_LOG_ERROR, "m", "%s", text);
    size_t length = strlen(taken.text);
    ck_assert_uint_ge(length, 1000);
    ck_assert_uint_lt(length, 1024);
    ck_assert(wci_utf8_is_valid(taken.text, length));
}
END_TEST

START_TEST(keeps_the_failure)
{
    struct taken taken = {0};
    struct wci_log log = {.level = WILDCAM_LOG_ERROR, .fn = take, .user = &taken};
    wci_fail_from(WILDCAM_ERR_IO, "sqlite", 10, "the disk is gone");
    wci_log_write(&log, WILDCAM_LOG_ERROR, "m", "a line");
    ck_assert_str_eq(wildcam_error_message(), "the disk is gone");
    wci_log_failure(&log, WILDCAM_LOG_ERROR, "store", "cannot tidy");
    ck_assert_str_eq(taken.text, "cannot tidy: the disk is gone");
    ck_assert_str_eq(wildcam_error_message(), "the disk is gone");
    ck_assert_str_eq(wildcam_error_origin(), "sqlite");
    ck_assert_int_eq(wildcam_error_native(), 10);
}
END_TEST

/* What goes to standard error while a line is written. */
static char *written_by(const struct wci_log *log, int level, const char *text)
{
    static char written[4096];
    int ends[2], kept = dup(STDERR_FILENO);
    ck_assert_int_eq(pipe(ends), 0);
    fflush(stderr);
    ck_assert_int_ge(dup2(ends[1], STDERR_FILENO), 0);
    wci_log_write(log, level, "module", "%s", text);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(ends[1]);
    ssize_t size = read(ends[0], written, sizeof written - 1);
    close(ends[0]);
    ck_assert_int_ge(size, 0);
    written[size] = '\0';
    return written;
}

static void check_time(const char *text)
{
    int64_t time;
    int32_t offset;
    assert_done(wildcam_time_parse(text, &time, &offset, NULL));
    ck_assert_int_eq(offset, 0);
    ck_assert_int_le(time, wildcam_time_now());
    ck_assert_int_gt(time, wildcam_time_now() - INT64_C(60000000));
}

static const char *const levels[] = {"error", "warning", "info", "debug"};

START_TEST(writes_text_to_standard_error)
{
    struct wci_log log = {.level = WILDCAM_LOG_DEBUG, .is_default = true};
    char *line = written_by(&log, _i, "some words"), wanted[64];
    snprintf(wanted, sizeof wanted, " %s module: some words\n", levels[_i]);
    char *space = strchr(line, ' ');
    ck_assert_ptr_nonnull(space);
    ck_assert_str_eq(space, wanted);
    *space = '\0';
    ck_assert_uint_eq(strlen(line), strlen("2026-11-26T16:54:32.000345+00:00"));
    check_time(line);
}
END_TEST

START_TEST(writes_json_to_standard_error)
{
    struct wci_log log = {.level = WILDCAM_LOG_DEBUG, .as_json = true, .is_default = true};
    json_error_t error;
    char *line = written_by(&log, _i, "\"quoted\" \xc3\xa9\n\xe9");
    ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
    json_t *parsed = json_loads(line, 0, &error);
    ck_assert_msg(parsed != NULL, "%s: %s", line, error.text);
    ck_assert_uint_eq(json_object_size(parsed), 4);
    check_time(json_string_value(json_object_get(parsed, "time")));
    ck_assert_str_eq(json_string_value(json_object_get(parsed, "level")), levels[_i]);
    ck_assert_str_eq(json_string_value(json_object_get(parsed, "module")), "module");
    ck_assert_str_eq(json_string_value(json_object_get(parsed, "message")),
                     "\"quoted\" \xc3\xa9 ?");
    json_decref(parsed);
}
END_TEST

START_TEST(can_be_silent)
{
    struct wci_log silent = {.level = WILDCAM_LOG_DEBUG};
    struct wci_log strict = {.level = WILDCAM_LOG_ERROR, .is_default = true};
    ck_assert_str_eq(written_by(&silent, WILDCAM_LOG_ERROR, "words"), "");
    ck_assert_str_eq(written_by(&strict, WILDCAM_LOG_WARNING, "words"), "");
}
END_TEST

START_TEST(nowhere_to_write_is_no_failure)
{
    struct wci_log log = {.level = WILDCAM_LOG_DEBUG, .is_default = true};
    int kept = dup(STDERR_FILENO);
    close(STDERR_FILENO);
    wci_error_clear();
    wci_log_write(&log, WILDCAM_LOG_ERROR, "module", "lost");
    dup2(kept, STDERR_FILENO);
    close(kept);
    ck_assert_str_eq(wildcam_error_message(), "");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("log");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, writes_from_a_level_up);
    tcase_add_test(all, is_one_line);
    tcase_add_test(all, no_character_moves_the_cursor);
    tcase_add_test(all, a_long_line_is_cut);
    tcase_add_test(all, keeps_the_failure);
    tcase_add_loop_test(all, writes_text_to_standard_error, 0, 4);
    tcase_add_loop_test(all, writes_json_to_standard_error, 0, 4);
    tcase_add_test(all, can_be_silent);
    tcase_add_test(all, nowhere_to_write_is_no_failure);
    return suite;
}
