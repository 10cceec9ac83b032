/* Regular expressions of selectors: what they match, what they refuse, and what they cost. */
#include "metrics/regex.h"

#include "unit.h"

static bool matches(const char *pattern, const char *text)
{
    wci_regex *regex = NULL;
    assert_done(wci_regex_new(pattern, &regex));
    bool is_match = wci_regex_match(regex, text, strlen(text));
    ck_assert_int_eq(wci_regex_match(regex, text, strlen(text)), is_match); /* it may run again */
    wci_regex_free(regex);
    return is_match;
}

static const struct {
    const char *pattern, *matched, *unmatched; /* a text each, or NULL */
} cases[] = {
    {"", "", "a"},
    {"abc", "abc", "abcd"},
    {"abc", NULL, "xabc"},
    {".*", "", NULL},
    {".*", "line\nline", NULL},
    {".+", "a", ""},
    {"wildcam_.*", "wildcam_x", "xwildcam_"},
    {"a|b|cd", "cd", "abcd"},
    {"a|", "", "b"},
    {"(a|b)c", "bc", "ab"},
    {"(?:a|b)+", "abba", ""},
    {"(?P<name>a)(?<other>b)", "ab", "a"},
    {"a?b", "b", "aab"},
    {"(a*)*", "aaa", "ab"},
    {"(a*)+b", "b", "a"},
    {"()*", "", "a"},
    {"()?a", "a", ""},
    {"(|){3,}b", "b", "a"},
    {"a{3}", "aaa", "aa"},
    {"a{2,}", "aaaaa", "a"},
    {"a{1,3}", "aaa", "aaaa"},
    {"a{0}", "", "a"},
    {"(ab){0,1}c", "c", "ababc"},
    {"a{,3}", "a{,3}", "aaa"},
    {"x{y", "x{y", "x"},
    {"a+?b*?c??", "aab", "bc"},
    {"[abc]", "b", "d"},
    {"[^abc]", "d", "a"},
    {"[a-c-]", "-", "d"},
    {"[]a]", "]", "b"},
    {"[^]a]", "b", "]"},
    {"[a\\]b]", "]", "\\"},
    {"[\\d_]+", "12_3", "a"},
    {"[^\\d]", "a", "7"},
    {"[[:alpha:]]+", "aZ", "a1"},
    {"[[:^digit:]x]", "y", "1"},
    {"[[:punct:]]", "~", "a"},
    {"\\d\\D\\w\\W\\s\\S", "1a_- x", "aa_- x"},
    {"\\W", "\xc3\xa4", "_"},
    {"\\.\\*\\\\", ".*\\", "a*\\"},
    {"\\x41\\x{1F98A}", "A\xf0\x9f\xa6\x8a", "A"},
    {"\\t\\n", "\t\n", "tn"},
    {"^abc$", "abc", "^abc$"},
    {"a^b", NULL, "ab"},
    {"(^a|b)c", "ac", "abc"},
    {"a$|b$", "b", "ab"},
    {"$^", "", "x"},
    {"(?i)FoX[a-c]", "fOxB", "fOxD"},
    {"(?i)[^a]", "b", "A"},
    {"(?is)k.", "K\n", "x\n"},
    {"..", "\xc3\xa4\xe2\x82\xac", "\xc3\xa4"},      /* two characters, not bytes */
    {"[\xc3\xa4-\xc3\xbc]", "\xc3\xb6", "\xc3\xa1"}, /* a range of them */
    {"f\xc3\xbc.hse",
     "f\xc3\xbc"
     "chse",
     "fuechse"},
};

START_TEST(whole_texts_match)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (cases[i].matched)
            ck_assert_msg(matches(cases[i].pattern, cases[i].matched), "%s does not match \"%s\"",
                          cases[i].pattern, cases[i].matched);
        if (cases[i].unmatched)
            ck_assert_msg(!matches(cases[i].pattern, cases[i].unmatched), "%s matches \"%s\"",
                          cases[i].pattern, cases[i].unmatched);
    }
}
END_TEST

static const struct {
    const char *pattern, *words;
} refused[] = {
    {"*", "byte 0 of the regular expression: there is nothing to repeat"},
    {"a|+", "byte 2"},
    {"a**", "byte 2 of the regular expression: what is repeated is repeated already"},
    {"a{2}{3}", "repeated already"},
    {"(a", "not closed"},
    {"a)", "byte 1 of the regular expression: a parenthesis is closed that was not opened"},
    {"[a", "a bracket is not closed"},
    {"[]", "a bracket is not closed"},
    {"[b-a]", "byte 1 of the regular expression: a range ends before it begins"},
    {"[[:wild:]]", "there is no such class"},
    {"\\", "not known behind a backslash"},
    {"(a)\\1", "not known behind a backslash"},
    {"\\bfox\\b", "not known behind a backslash"},
    {"\\pL", "not known behind a backslash"},
    {"\\xg1", "\\x is followed by"},
    {"\\x{}", "\\x is followed by"},
    {"\\x{110000}", "\\x is followed by"},
    {"a{1001}", "these repetitions are too many"},
    {"a{3,2}", "the wrong way round"},
    {"a{99999999999999999999}", "too many"},
    {"(?m)a", "flags stand at the begin"},
    {"a(?i)b", "flags stand at the begin"},
    {"(?P<name", "name does not end"},
    {"((a{100}){100}){100}", "it is too large"},
    {"(x{1000}){3}", "it is too large"},
};

START_TEST(others_are_refused)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        wci_regex *regex = NULL;
        wci_error_clear();
        assert_fails(WILDCAM_ERR_INVALID, refused[i].words,
                     wci_regex_new(refused[i].pattern, &regex));
        ck_assert_ptr_null(regex);
    }
}
END_TEST

START_TEST(parentheses_have_a_depth)
{
    char pattern[2 * WCI_REGEX_DEPTH + 8];
    wci_regex *regex;
    for (int depth = WCI_REGEX_DEPTH; depth <= WCI_REGEX_DEPTH + 1; depth++) {
        memset(pattern, '(', (size_t)depth);
        memset(pattern + depth, ')', (size_t)depth);
        pattern[2 * depth] = '\0';
        wci_error_clear();
        if (depth > WCI_REGEX_DEPTH) {
            assert_fails(WILDCAM_ERR_INVALID, "too many parentheses",
                         wci_regex_new(pattern, &regex));
            continue;
        }
        assert_done(wci_regex_new(pattern, &regex));
        ck_assert(wci_regex_match(regex, "", 0));
        wci_regex_free(regex);
    }
}
END_TEST

/* What takes others exponential time takes steps in proportion to the text here. */
START_TEST(cost_grows_with_the_text_alone)
{
    static const char *const patterns[] = {"(a+)+b", "(a|a)*b", "(a|aa)+b", "(.*)*(.*)*x",
                                           "a?a?a?a?a?a?a?a?a?a?aaaaaaaaaab"};
    char text[512];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        wci_regex *regex;
        assert_done(wci_regex_new(patterns[i], &regex));
        ck_assert(!wci_regex_match(regex, text, sizeof text / 2));
        uint64_t half = regex->steps;
        ck_assert(!wci_regex_match(regex, text, sizeof text));
        ck_assert_uint_le(regex->steps - half, 2 * half + 1000);
        ck_assert_uint_le(half, (uint64_t)(regex->count * 3 * sizeof text));
        wci_regex_free(regex);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("regex");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, whole_texts_match);
    tcase_add_test(all, others_are_refused);
    tcase_add_test(all, parentheses_have_a_depth);
    tcase_add_test(all, cost_grows_with_the_text_alone);
    return suite;
}
