/* Failures: their statuses, their sentences, and who owns them. */
#include "base/error.h"

#include <errno.h>
#include <pthread.h>

#include "base/utf8.h"
#include "unit.h"

START_TEST(begins_empty)
{
    wci_error_clear();
    ck_assert_str_eq(wildcam_error_message(), "");
    ck_assert_str_eq(wildcam_error_origin(), "");
    ck_assert_int_eq(wildcam_error_native(), 0);
}
END_TEST

START_TEST(fails_with_a_sentence)
{
    ck_assert_int_eq(wci_fail(WILDCAM_ERR_BUSY, "%s has %d", "it", 7), WILDCAM_ERR_BUSY);
    ck_assert_str_eq(wildcam_error_message(), "it has 7");
    ck_assert_str_eq(wildcam_error_origin(), "wildcam");
    ck_assert_int_eq(wildcam_error_native(), 0);
    ck_assert_int_eq(wci_fail_from(WILDCAM_ERR_IO, "sqlite", 266, "page %d", 3), WILDCAM_ERR_IO);
    ck_assert_str_eq(wildcam_error_message(), "page 3");
    ck_assert_str_eq(wildcam_error_origin(), "sqlite");
    ck_assert_int_eq(wildcam_error_native(), 266);
    ck_assert_int_eq(wci_fail_memory(), WILDCAM_ERR_NOMEM);
    ck_assert_str_eq(wildcam_error_message(), "memory ran out");
    ck_assert_str_eq(wildcam_error_origin(), "wildcam");
}
END_TEST

static const struct {
    int error_number;
    wildcam_status status;
    const char *words;
} system_errors[] = {
    {ENOENT, WILDCAM_ERR_NOTFOUND, "No such file or directory"},
    {ENOTDIR, WILDCAM_ERR_NOTFOUND, "Not a directory"},
    {EEXIST, WILDCAM_ERR_EXISTS, "File exists"},
    {ENOTEMPTY, WILDCAM_ERR_EXISTS, "Directory not empty"},
    {ENOSPC, WILDCAM_ERR_NOSPACE, "No space left on device"},
    {EDQUOT, WILDCAM_ERR_NOSPACE, "Disk quota exceeded"},
    {EACCES, WILDCAM_ERR_DENIED, "Permission denied"},
    {EPERM, WILDCAM_ERR_DENIED, "Operation not permitted"},
    {EROFS, WILDCAM_ERR_DENIED, "Read-only file system"},
    {ENOMEM, WILDCAM_ERR_NOMEM, "Cannot allocate memory"},
    {EFBIG, WILDCAM_ERR_TOOLARGE, "File too large"},
    {EIO, WILDCAM_ERR_IO, "Input/output error"},
    {12345, WILDCAM_ERR_IO, "12345"},
};

START_TEST(takes_the_systems_words)
{
    int error_number = system_errors[_i].error_number;
    ck_assert_int_eq(wci_fail_os(error_number, "cannot open %s", "/a/path"),
                     system_errors[_i].status);
    ck_assert_msg(strncmp(wildcam_error_message(), "cannot open /a/path: ", 21) == 0 &&
                      strstr(wildcam_error_message() + 21, system_errors[_i].words),
                  "\"%s\"", wildcam_error_message());
    ck_assert_str_eq(wildcam_error_origin(), "os");
    ck_assert_int_eq(wildcam_error_native(), error_number);
}
END_TEST

/* A text of `bytes` bytes that ends in characters of two bytes each. */
static char *long_text(size_t bytes)
{
    char *text = malloc(bytes + 1);
    ck_assert_ptr_nonnull(text);
    memset(text, 'a', bytes % 2);
    for (size_t i = bytes % 2; i < bytes; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    text[bytes] = '\0';
    return text;
}

static void check_message(size_t length_at_least)
{
    size_t length = strlen(wildcam_error_message());
    ck_assert_uint_lt(length, WCI_ERROR_TEXT);
    ck_assert_uint_ge(length, length_at_least);
    ck_assert(wci_utf8_is_valid(wildcam_error_message(), length));
}

/* Wherever the end of the buffer falls, no character is cut in two. */
START_TEST(is_cut_between_characters)
{
    char *text = long_text((size_t)_i);
    wci_fail(WILDCAM_ERR_INVALID, "%s", text);
    check_message((size_t)_i < WCI_ERROR_TEXT ? (size_t)_i : WCI_ERROR_TEXT - 2);
    wci_fail_os(ENOENT, "%s", text);
    check_message((size_t)_i < WCI_ERROR_TEXT ? (size_t)_i : WCI_ERROR_TEXT - 2);
    wci_error_prefix("line %d", 5);
    check_message((size_t)_i < WCI_ERROR_TEXT ? (size_t)_i : WCI_ERROR_TEXT - 2);
    ck_assert_int_eq(strncmp(wildcam_error_message(), "line 5: ", 8), 0);
    free(text);
}
END_TEST

START_TEST(is_cut_between_characters_of_the_systems_words)
{
    enter_locale("fr_FR");
    for (size_t bytes = 460; bytes < 512; bytes++) {
        char *text = long_text(bytes);
        wci_fail_os(EACCES, "%s", text); /* Permission non accordée */
        check_message(bytes);
        free(text);
    }
    leave_locale();
}
END_TEST

START_TEST(takes_a_place_in_front)
{
    wci_fail(WILDCAM_ERR_INVALID, "no such thing");
    wci_error_prefix("%s, line %d", "a.conf", 12);
    ck_assert_str_eq(wildcam_error_message(), "a.conf, line 12: no such thing");
    char *text = long_text(600);
    wci_error_prefix("%s", text); /* no room: what happened matters more than where */
    ck_assert_str_eq(wildcam_error_message(), "a.conf, line 12: no such thing");
    free(text);
}
END_TEST

START_TEST(is_saved_and_restored)
{
    struct wci_error error;
    wci_fail_os(ENOSPC, "cannot write %s", "x");
    wci_error_save(&error);
    wci_error_clear();
    ck_assert_int_eq(wci_error_restore(&error), WILDCAM_ERR_NOSPACE);
    ck_assert_str_eq(wildcam_error_message(), "cannot write x: No space left on device");
    ck_assert_str_eq(wildcam_error_origin(), "os");
    ck_assert_int_eq(wildcam_error_native(), ENOSPC);
}
END_TEST

static void *fail_elsewhere(void *user)
{
    bool *was_empty = user;
    *was_empty = wildcam_error_message()[0] == '\0';
    wci_fail(WILDCAM_ERR_CORRUPT, "elsewhere");
    return NULL;
}

START_TEST(belongs_to_its_thread)
{
    pthread_t thread;
    bool was_empty = false;
    wci_fail(WILDCAM_ERR_INVALID, "here");
    ck_assert_int_eq(pthread_create(&thread, NULL, fail_elsewhere, &was_empty), 0);
    pthread_join(thread, NULL);
    ck_assert(was_empty);
    ck_assert_str_eq(wildcam_error_message(), "here");
}
END_TEST

START_TEST(every_status_has_its_words)
{
    wildcam_status status = 1, before = 1;
    size_t count = 0;
    for (; wildcam_status_at(count, &status); count++) {
        ck_assert_int_lt(status, before);
        ck_assert_int_eq(strncmp(wildcam_status_name(status), "WILDCAM_", 8), 0);
        ck_assert_str_ne(wildcam_status_text(status), "");
        before = status;
    }
    ck_assert_uint_ge(count, 20);
    ck_assert(wildcam_status_is_retriable(WILDCAM_ERR_NOSPACE));
    ck_assert(!wildcam_status_is_retriable(WILDCAM_ERR_NOTJPEG));
    ck_assert_int_eq(wildcam_status_at(0, NULL), 0);
    static const wildcam_status strange[] = {1, -1000, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(wildcam_status_name(strange[i]), "WILDCAM_ERR_UNKNOWN");
        ck_assert_str_ne(wildcam_status_text(strange[i]), "");
        ck_assert_int_eq(wildcam_status_is_retriable(strange[i]), 0);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("error");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, begins_empty);
    tcase_add_test(all, fails_with_a_sentence);
    tcase_add_loop_test(all, takes_the_systems_words, 0,
                        sizeof system_errors / sizeof system_errors[0]);
    tcase_add_loop_test(all, is_cut_between_characters, 505, 516);
    tcase_add_test(all, is_cut_between_characters_of_the_systems_words);
    tcase_add_test(all, takes_a_place_in_front);
    tcase_add_test(all, is_saved_and_restored);
    tcase_add_test(all, belongs_to_its_thread);
    tcase_add_test(all, every_status_has_its_words);
    return suite;
}
