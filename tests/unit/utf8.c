/* UTF-8: what is well-formed, where it may be cut, and how it is mended. */
#include "base/utf8.h"

#include "unit.h"

static const struct {
    const char *text;
    size_t length; /* of the one character; 0 for none */
} characters[] = {
    {"a", 1},
    {"\x7f", 1},
    {"\xc2\x80", 2},
    {"\xdf\xbf", 2},
    {"\xe0\xa0\x80", 3},
    {"\xec\x80\x80", 3},
    {"\xed\x9f\xbf", 3},
    {"\xee\x80\x80", 3},
    {"\xef\xbf\xbf", 3},
    {"\xf0\x90\x80\x80", 4},
    {"\xf3\xbf\xbf\xbf", 4},
    {"\xf4\x8f\xbf\xbf", 4},
    {"\x80", 0},             /* a continuation alone */
    {"\xbf", 0},             /* the same */
    {"\xc0\x80", 0},         /* overlong */
    {"\xc1\xbf", 0},         /* overlong */
    {"\xe0\x9f\xbf", 0},     /* overlong */
    {"\xf0\x8f\xbf\xbf", 0}, /* overlong */
    {"\xed\xa0\x80", 0},     /* a surrogate */
    {"\xed\xbf\xbf", 0},     /* a surrogate */
    {"\xf4\x90\x80\x80", 0}, /* past U+10FFFF */
    {"\xf5\x80\x80\x80", 0}, /* no first byte */
    {"\xff", 0},             /* no byte of UTF-8 */
    {"\xc2", 0},             /* cut off */
    {"\xe2\x82", 0},         /* cut off */
    {"\xf0\x9f\xa6", 0},     /* cut off */
    {"\xc2z", 0},            /* another character inside */
    {"\xe2\x82z", 0},        /* the same */
    {"\xe2\x82\xc0", 0},     /* the same */
    {"\xf0\x9f\xa6z", 0},    /* the same */
};

enum { CHARACTERS = sizeof characters / sizeof characters[0] };

START_TEST(tells_characters)
{
    const char *text = characters[_i].text;
    ck_assert_uint_eq(wci_utf8_character(text, strlen(text)), characters[_i].length);
    ck_assert(wci_utf8_is_valid(text, strlen(text)) == (characters[_i].length > 0));
}
END_TEST

START_TEST(a_whole_text)
{
    ck_assert(wci_utf8_is_valid("", 0));
    ck_assert(wci_utf8_is_valid("h\xc3\xa9risson \xf0\x9f\xa6\x94", 14));
    ck_assert(!wci_utf8_is_valid("h\xc3\xa9risson \xf0\x9f\xa6\x94", 13));
    ck_assert(!wci_utf8_is_valid("h\xe9risson", 8));
    ck_assert(wci_utf8_is_valid("a\0b", 3));
}
END_TEST

START_TEST(cuts_between_characters)
{
    static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x94z";
    static const size_t cuts[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
    ck_assert_uint_eq(wci_utf8_cut(text, (size_t)_i), cuts[_i]);
}
END_TEST

START_TEST(cuts_what_is_no_text)
{
    static const char bytes[] = "\x80\x80\x80\x80\x80\x80\x80\x80\x80";
    ck_assert_uint_eq(wci_utf8_cut(bytes, 8), 4); /* no further back than a character is long */
    ck_assert_uint_eq(wci_utf8_cut(bytes, 2), 0);
}
END_TEST

static const struct {
    const char *text, *mended;
} repairs[] = {
    {"", ""},
    {"plain", "plain"},
    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x94", "\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x94"},
    {"h\xe9risson", "h?risson"},
    {"cut \xf0\x9f\xa6", "cut ???"},
    {"cut \xc3", "cut ?"},
    {"\xed\xa0\x80 no", "??? no"},
    {"\x80\xff", "??"},
    {"\xc3\xa9\xe9\xc3\xa9", "\xc3\xa9?\xc3\xa9"},
};

START_TEST(repairs_text)
{
    char text[64];
    snprintf(text, sizeof text, "%s", repairs[_i].text);
    wci_utf8_repair(text);
    ck_assert_str_eq(text, repairs[_i].mended);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("utf8");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, tells_characters, 0, CHARACTERS);
    tcase_add_test(all, a_whole_text);
    tcase_add_loop_test(all, cuts_between_characters, 0, 12);
    tcase_add_test(all, cuts_what_is_no_text);
    tcase_add_loop_test(all, repairs_text, 0, sizeof repairs / sizeof repairs[0]);
    return suite;
}
