/* Text that grows, and words that match. */
#include "base/text.h"

#include "unit.h"

START_TEST(grows)
{
    struct wci_text text = {0};
    ck_assert_str_eq(wci_text_get(&text), "");
    wci_text_add(&text, "one");
    wci_text_add_char(&text, ' ');
    wci_text_add_bytes(&text, "two three", 3);
    wci_text_add_format(&text, " %d %s", 3, "");
    ck_assert_str_eq(wci_text_get(&text), "one two 3 ");
    ck_assert_uint_eq(text.length, 10);
    for (int i = 0; i < 1000; i++)
        wci_text_add_format(&text, "%03d", i);
    ck_assert_uint_eq(text.length, 3010);
    ck_assert_int_eq(memcmp(text.data + 3007, "999", 4), 0);
    size_t capacity = text.capacity;
    wci_text_empty(&text);
    ck_assert_str_eq(wci_text_get(&text), "");
    ck_assert_uint_eq(text.capacity, capacity);
    wci_text_free(&text);
    ck_assert_ptr_null(text.data);
    wci_text_empty(&text);
    ck_assert_str_eq(wci_text_get(&text), "");
}
END_TEST

START_TEST(holds_bytes_that_are_zero)
{
    struct wci_text text = {0};
    wci_text_add_bytes(&text, "a\0b", 3);
    ck_assert_uint_eq(text.length, 3);
    ck_assert_int_eq(memcmp(text.data, "a\0b", 4), 0);
    wci_text_free(&text);
}
END_TEST

START_TEST(is_handed_over)
{
    struct wci_text text = {0};
    char *taken = wci_text_take(&text);
    ck_assert_str_eq(taken, "");
    free(taken);
    wci_text_add(&text, "words");
    taken = wci_text_take(&text);
    ck_assert_str_eq(taken, "words");
    ck_assert_ptr_null(text.data);
    ck_assert_uint_eq(text.length, 0);
    free(taken);
}
END_TEST

START_TEST(is_set)
{
    struct wci_text text = {0};
    assert_done(wci_text_set(&text, "first words", 5));
    ck_assert_str_eq(wci_text_get(&text), "first");
    assert_done(wci_text_set(&text, "", 0));
    ck_assert_str_eq(wci_text_get(&text), "");
    ck_assert_uint_eq(text.length, 0);
    wci_text_free(&text);
}
END_TEST

/* A length that no memory can have: the writer asks once, at the end. */
START_TEST(failure_sticks)
{
    struct wci_text text = {0};
    wci_text_add(&text, "kept");
    wci_text_add_bytes(&text, "x", SIZE_MAX);
    ck_assert(text.failed);
    ck_assert_int_eq(strcmp(wildcam_error_message(), "memory ran out"), 0);
    wci_text_add(&text, "not added");
    wci_text_add_format(&text, "%d", 1);
    ck_assert_str_eq(text.data, "kept");
    wci_error_clear();
    ck_assert_ptr_null(wci_text_take(&text));
    ck_assert_str_eq(wildcam_error_message(), "memory ran out");
    ck_assert(!text.failed);
    wci_text_add(&text, "again");
    wci_text_add_bytes(&text, "x", SIZE_MAX / 2);
    ck_assert(text.failed);
    wci_text_empty(&text);
    ck_assert(!text.failed);
    wci_text_free(&text);
}
END_TEST

START_TEST(a_text_that_cannot_be_set_stays)
{
    struct wci_text text = {0};
    assert_done(wci_text_set(&text, "kept", 4));
    ck_assert_int_eq(wci_text_set(&text, "x", SIZE_MAX / 2), WILDCAM_ERR_NOMEM);
    ck_assert_str_eq(wci_text_get(&text), "kept");
    wci_text_free(&text);
}
END_TEST

static const struct {
    const char *left, *right;
    bool match;
} words[] = {
    {"", "", true},
    {"animal", "Animal", true},
    {"ANIMAL", "animal", true},
    {"a", "", false},
    {"", "a", false},
    {"animal", "animals", false},
    {"animals", "animal", false},
    {"[", "{", false},
    {"@", "`", false},
    {"\xc3\x89", "\xc3\xa9", false},
    {"title", "TITLE", true},
};

static void check_words(void)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        ck_assert_msg(wci_words_match(words[i].left, words[i].right) == words[i].match, "%s and %s",
                      words[i].left, words[i].right);
}

START_TEST(words_match)
{
    check_words();
}
END_TEST

/* Turkish has its own small letter for I. */
START_TEST(words_match_in_turkish)
{
    enter_locale("tr_TR");
    check_words();
    leave_locale();
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("text");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, grows);
    tcase_add_test(all, holds_bytes_that_are_zero);
    tcase_add_test(all, is_handed_over);
    tcase_add_test(all, is_set);
    tcase_add_test(all, failure_sticks);
    tcase_add_test(all, a_text_that_cannot_be_set_stays);
    tcase_add_test(all, words_match);
    tcase_add_test(all, words_match_in_turkish);
    return suite;
}
