/* Selectors: which samples they want, and which texts are none. */
#include "metrics/write_text.h"

#include "base/text.h"
#include "unit.h"

static wildcam_metrics *metrics;

static struct wci_series *add(enum wci_metric_type type, const char *name,
                              const char *const *labels, const char *const *values, size_t count)
{
    static const double bounds[] = {0.5, 1};
    struct wci_family_shape shape = {
        name, "Help.", type, labels, count, bounds, type == WCI_HISTOGRAM ? 2 : 0};
    struct wildcam_metric_family *family;
    struct wci_series *series = NULL;
    assert_done(wci_metrics_add(metrics, &shape, &family));
    assert_done(wci_metrics_series(family, type, values, count, &series));
    return series;
}

static void add_and_drop(enum wci_metric_type type, const char *name, const char *const *labels,
                         const char *const *values, size_t count)
{
    wci_series_let_go(add(type, name, labels, values, count));
}

static void make(void)
{
    static const char *const seen[] = {"camera_id", "species"};
    assert_done(wci_metrics_new(&metrics));
    add_and_drop(WCI_COUNTER, "seen_total", seen, (const char *const[]){"A1", "red deer"}, 2);
    add_and_drop(WCI_COUNTER, "seen_total", seen, (const char *const[]){"A2", "fox"}, 2);
    add_and_drop(WCI_COUNTER, "seen_total", seen,
                 (const char *const[]){"B\"7\\", "f\xc3\xbc"
                                                 "chs\n\xff"},
                 2);
    add_and_drop(WCI_GAUGE, "queue", NULL, NULL, 0);
    add_and_drop(WCI_HISTOGRAM, "took_seconds", seen, (const char *const[]){"A1"}, 1);
}

static void drop(void)
{
    wci_metrics_free(metrics);
}

/* The lines that are no comments, each without its value, one behind the other. */
static char *select_samples(const char *const *texts, size_t count)
{
    wci_selectors *selectors;
    struct wci_text lines = {0};
    char *text;
    size_t size;
    assert_done(wci_selectors_new(texts, count, &selectors));
    assert_done(wci_metrics_write(metrics, WILDCAM_METRICS_TEXT, selectors, &text, &size));
    wci_selectors_free(selectors);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        while (line[length] != ' ')
            length--;
        if (*line == '#')
            continue;
        wci_text_add_bytes(&lines, line, length);
        wci_text_add(&lines, "\n");
    }
    free(text);
    return wci_text_take(&lines);
}

#define DEER "seen_total{camera_id=\"A1\",species=\"red deer\"}\n"
#define FOX "seen_total{camera_id=\"A2\",species=\"fox\"}\n"
#define ODD                                                                                        \
    "seen_total{camera_id=\"B\\\"7\\\\\",species=\"f\xc3\xbc"                                      \
    "chs\\n\xef\xbf\xbd\"}\n"
#define QUEUE "queue\n"
#define HALF "took_seconds_bucket{camera_id=\"A1\",le=\"0.5\"}\n"
#define ONE "took_seconds_bucket{camera_id=\"A1\",le=\"1\"}\n"
#define INF "took_seconds_bucket{camera_id=\"A1\",le=\"+Inf\"}\n"
#define SUM "took_seconds_sum{camera_id=\"A1\"}\n"
#define COUNT "took_seconds_count{camera_id=\"A1\"}\n"

static const struct {
    const char *selector, *samples;
} cases[] = {
    {"seen_total", DEER FOX ODD},
    {" seen_total { } ", DEER FOX ODD},
    {"{__name__=\"queue\"}", QUEUE},
    {"{__name__=~\".+\"}", QUEUE DEER FOX ODD HALF ONE INF SUM COUNT},
    {"{__name__=~\"seen\"}", ""},
    {"{__name__=~\".+\",__name__!~\"seen.*\",__name__!=\"queue\"}", HALF ONE INF SUM COUNT},
    {"seen_total{species=\"fox\"}", FOX},
    {"seen_total{species=\"fox\",}", FOX},
    {"seen_total{ species != 'fox' , camera_id =~ `[A-B]\\d` }", DEER},
    {"seen_total{species=~\"fo\"}", ""},
    {"seen_total{species=~\"(red )?deer|fox\"}", DEER FOX},
    {"seen_total{species!~\"red.*\"}", FOX ODD},
    {"seen_total{camera_id=\"B\\\"7\\\\\"}", ODD},
    {"seen_total{camera_id='B\"7\\\\'}", ODD},
    {"seen_total{camera_id=`B\"7\\`}", ODD},
    {"seen_total{camera_id=~\"B\\\"7\\\\\\\\\"}", ODD},
    {"seen_total{species=~\"f.chs\\n.\"}", ODD},
    {"seen_total{species=\"f\\u00fcchs\\n\\ufffd\"}", ODD},
    {"seen_total{species=\"\\x66\\157\\U00000078\"}", FOX},
    {"{camera_id=\"A1\"}", DEER HALF ONE INF SUM COUNT},
    {"{camera_id=\"A1\",species=\"\"}", HALF ONE INF SUM COUNT},
    {"{camera_id=~\".+\",species!=\"\"}", DEER FOX ODD},
    {"seen_total{nobody=\"\"}", DEER FOX ODD},
    {"seen_total{nobody!=\"\"}", ""},
    {"took_seconds", ""},
    {"took_seconds_bucket", HALF ONE INF},
    {"took_seconds_bucket{le=\"1\"}", ONE},
    {"{le=~\".*Inf|0.*\"}", HALF INF},
    {"took_seconds_sum{le=\"\"}", SUM},
    {"took_seconds_count", COUNT},
};

START_TEST(samples_are_selected)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *samples = select_samples(&cases[i].selector, 1);
        ck_assert_msg(strcmp(samples, cases[i].samples) == 0, "%s selects\n%s", cases[i].selector,
                      samples);
        free(samples);
    }
}
END_TEST

START_TEST(several_select_what_one_of_them_does)
{
    char *samples = select_samples(
        (const char *const[]){"queue", "seen_total{species=\"fox\"}", "{camera_id=\"A2\"}"}, 3);
    ck_assert_str_eq(samples, QUEUE FOX);
    free(samples);
}
END_TEST

static const struct {
    const char *selector, *words;
} refused[] = {
    {"", "a name or { is missing"},
    {"  ", "byte 2: a name or { is missing"},
    {"7up", "a name or { is missing"},
    {"{}", "names nothing"},
    {"{a=\"\"}", "names nothing"},
    {"{a=~\".*\"}", "names nothing"},
    {"{a!=\"b\"}", "names nothing"},
    {"a b", "byte 2: nothing may stand behind the selector"},
    {"a{}[5m]", "nothing may stand behind"},
    {"a offset 5m", "nothing may stand behind"},
    {"a{", "a label's name is missing"},
    {"a{,}", "a label's name is missing"},
    {"a{b}", "one of = != =~ !~ is missing"},
    {"a{b!\"c\"}", "one of = != =~ !~ is missing"},
    {"a{b:c=\"d\"}", "one of = != =~ !~ is missing"},
    {"a{b=c}", "byte 4: a value in quotes is missing"},
    {"a{b=\"c}", "the quotes are not closed"},
    {"a{b=\"c\nd\"}", "the quotes are not closed"},
    {"a{b='c\"}", "the quotes are not closed"},
    {"a{b=\"c\" d=\"e\"}", "a comma or } is missing"},
    {"a{b=\"c\"", "a comma or } is missing"},
    {"a{b=\"\\q\"}", "not known behind a backslash"},
    {"a{b=\"\\x4\"}", "digits are missing"},
    {"a{b=\"\\400\"}", "there is no such character"},
    {"a{b=\"\\ud800\"}", "there is no such character"},
    {"a{b=\"\\000\"}", "there is no such character"},
    {"a{__name__=\"b\"}", "the name is said twice"},
    {"a{b=~\"(\"}", "the selector a{b=~\"(\"}, label b: byte 1 of the regular expression"},
};

START_TEST(others_are_refused)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        wci_selectors *selectors = NULL;
        wci_error_clear();
        assert_fails(WILDCAM_ERR_INVALID, refused[i].words,
                     wci_selectors_new(&refused[i].selector, 1, &selectors));
        ck_assert_ptr_null(selectors);
    }
}
END_TEST

START_TEST(there_are_limits)
{
    wci_selectors *selectors;
    const char *texts[WCI_SELECTORS + 1];
    char *text = calloc(1, WCI_SELECTOR_TEXT + 2);
    for (size_t i = 0; i <= WCI_SELECTORS; i++)
        texts[i] = "queue";
    assert_done(wci_selectors_new(texts, WCI_SELECTORS, &selectors));
    wci_selectors_free(selectors);
    wci_error_clear();
    assert_fails(WILDCAM_ERR_INVALID, "65 selectors, more than 64",
                 wci_selectors_new(texts, WCI_SELECTORS + 1, &selectors));
    memset(text, 'a', WCI_SELECTOR_TEXT + 1);
    texts[0] = text;
    wci_error_clear();
    assert_fails(WILDCAM_ERR_INVALID, "more than 4096 bytes",
                 wci_selectors_new(texts, 1, &selectors));
    text[WCI_SELECTOR_TEXT] = '\0';
    assert_done(wci_selectors_new(texts, 1, &selectors));
    wci_selectors_free(selectors);
    free(text);
}
END_TEST

/* A thousand instructions on half a kilobyte each, for many series: somebody means harm. */
START_TEST(expressions_that_take_too_long_are_ended)
{
    enum { SERIES = 600 };
    static const char *const label[] = {"text"};
    char value[WILDCAM_METRICS_VALUE + 1], *text = NULL;
    const char *values[] = {value};
    wci_selectors *selectors;
    size_t size;
    memset(value, 'a', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    for (int i = 0; i < SERIES; i++) {
        snprintf(value, 8, "%07d", i);
        value[7] = 'a';
        add_and_drop(WCI_GAUGE, "long_ones", label, values, 1);
    }
    assert_done(wci_selectors_new((const char *const[]){"{text=~\"(.?){990}b\"}"}, 1, &selectors));
    wci_error_clear();
    assert_fails(WILDCAM_ERR_TOOLARGE, "200000000 steps",
                 wci_metrics_write(metrics, WILDCAM_METRICS_TEXT, selectors, &text, &size));
    ck_assert_ptr_null(text);
    wci_selectors_free(selectors);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("selector");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, make, drop);
    tcase_set_timeout(all, 60);
    tcase_add_test(all, samples_are_selected);
    tcase_add_test(all, several_select_what_one_of_them_does);
    tcase_add_test(all, others_are_refused);
    tcase_add_test(all, there_are_limits);
    tcase_add_test(all, expressions_that_take_too_long_are_ended);
    return suite;
}
