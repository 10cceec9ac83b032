/* What children say, and what is made of it. */
#include "process/answer.h"

#include "conf/conf.h"
#include "model/detection.h"
#include "process/findings.h"
#include "process/seen.h"
#include "unit.h"

static struct wci_hello hello;
static struct wci_answer answer;

static wildcam_status greet(const char *line)
{
    wci_hello_free(&hello);
    wci_error_clear();
    return wci_hello_read(line, strlen(line), &hello);
}

static wildcam_status read_line(const char *line)
{
    wci_answer_free(&answer);
    wci_error_clear();
    return wci_answer_read(line, strlen(line), &hello, 7, &answer);
}

static void begin(void)
{
    assert_ok(
        greet("{\"protocol\":1,\"detector\":\"MD\",\"version\":\"v5a\",\"extra\":[1],"
              "\"detection_categories\":{\"1\":\"animal\",\"2\":\"person\",\"9\":\"drone\"},"
              "\"classification_categories\":{\"0\":\"fox\",\"12\":\"cat\",\"3\":\"blank\"}}"));
}

static void end(void)
{
    wci_hello_free(&hello);
    wci_answer_free(&answer);
}

static const struct {
    const char *line, *words; /* NULL: it is one */
} hellos[] = {
    {"{\"protocol\":1,\"detector\":\"x\"}", NULL},
    {"{\"protocol\":1,\"detector\":\"x\",\"version\":null,\"detection_categories\":null}", NULL},
    {"", "no JSON object: "},
    {"Loading model...", "no JSON object: Loading model..."},
    {"[1]", "no JSON object: [1]"},
    {"{\"id\":1}", "no hello"},
    {"{\"protocol\":\"1\",\"detector\":\"x\"}", "no hello"},
    {"{\"protocol\":2,\"detector\":\"x\"}", "version 2 of the protocol, this library version 1"},
    {"{\"protocol\":1}", "\"detector\""},
    {"{\"protocol\":1,\"detector\":\"\"}", "\"detector\""},
    {"{\"protocol\":1,\"detector\":\"a\\nb\"}", "\"detector\""},
    {"{\"protocol\":1,\"detector\":\"x\",\"version\":5}", "\"version\""},
    {"{\"protocol\":1,\"detector\":\"x\",\"detection_categories\":[]}", "\"detection_categories\""},
    {"{\"protocol\":1,\"detector\":\"x\",\"classification_categories\":{\"4\":4}}", "\"4\""},
    {"{\"protocol\":1,\"detector\":\"x\",\"detector\":\"y\"}", "no JSON object"},
};

START_TEST(hello_is_whole_or_refused)
{
    wildcam_status status = greet(hellos[_i].line);
    if (!hellos[_i].words) {
        assert_status(WILDCAM_OK, status);
        ck_assert_str_eq(hello.version, "unknown");
        return;
    }
    ck_assert_int_eq(status, strstr(hellos[_i].line, ":2,") ? WILDCAM_ERR_UNSUPPORTED
                                                            : WILDCAM_ERR_INVALID);
    ck_assert_msg(strstr(wildcam_error_message(), hellos[_i].words), "%s", wildcam_error_message());
    ck_assert_ptr_null(hello.json);
}
END_TEST

START_TEST(long_garbage_is_shown_in_part)
{
    char line[5000];
    memset(line, 'x', sizeof line);
    memcpy(line, "\x80\xff\n\0z", 5);
    wci_hello_free(&hello);
    assert_fails(WILDCAM_ERR_INVALID, "no JSON object", wci_hello_read(line, sizeof line, &hello));
    ck_assert_int_lt(strlen(wildcam_error_message()), 200);
}
END_TEST

static const struct {
    const char *line, *words;
} wrong[] = {
    {"", "no JSON object"},
    {"null", "no JSON object"},
    {"{\"id\":7,\"detections\":[NaN]}", "no JSON object"},
    {"{\"detections\":[]}", "no \"id\""},
    {"{\"id\":\"seven\",\"detections\":[]}", "no \"id\""},
    {"{\"id\":8,\"detections\":[]}", "picture 8 when it was asked for 7"},
    {"{\"id\":7}", "neither"},
    {"{\"id\":7,\"detections\":null}", "neither"},
    {"{\"id\":7,\"detections\":{}}", "neither"},
    {"{\"id\":7,\"detections\":[3]}", "no object"},
    {"{\"id\":7,\"detections\":[{\"category\":\"1\"}]}", "\"conf\""},
    {"{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":\"1\"}]}", "\"conf\""},
    {"{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":1.1}]}", "\"conf\""},
    {"{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":-0.1}]}", "\"conf\""},
    {"{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":1e300}]}", "\"conf\""},
    {"{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":1,\"bbox\":[0,0,1]}]}",
     "no list of x"},
    {"{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":1,\"bbox\":\"all\"}]}",
     "no list of x"},
    {"{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":1,\"bbox\":[0,0,640,480]}]}",
     "pixels"},
    {"{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":1,\"bbox\":[0,0,1,null]}]}", "pixels"},
    {"{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":1,\"classifications\":7}]}",
     "no list"},
    {"{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":1,\"classifications\":[7]}]}",
     "an id and a confidence"},
    {"{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":1,\"classifications\":[[\"0\",2]]}]}",
     "an id and a confidence"},
};

START_TEST(refuses_what_is_no_answer)
{
    ck_assert_int_eq(read_line(wrong[_i].line), WILDCAM_ERR_INVALID);
    ck_assert_msg(strstr(wildcam_error_message(), wrong[_i].words), "%s", wildcam_error_message());
    ck_assert_ptr_null(answer.seen);
}
END_TEST

START_TEST(reads_detections)
{
    assert_ok(read_line(
        "{\"file\":\"x\",\"id\":\"7\",\"failure\":null,\"detections\":["
        "{\"category\":\"1\",\"conf\":1,\"bbox\":[-5e-07,0.25,0.5,0.5],\"x\":1,\"classifications\":"
        "[[\"12\",0.1],[\"0\",0.8],[\"77\",0.9]]},"
        "{\"category\":2,\"conf\":1.0000001,\"bbox\":[0.9,0.9,0.2,0.2]},"
        "{\"category\":\"5\",\"conf\":0,\"bbox\":null},"
        "{\"category\":\"9\",\"conf\":0.5,\"bbox\":[0.5,0.5,0,0]}]}"));
    ck_assert_int_eq(answer.count, 4);
    const struct wci_seen *seen = answer.seen;
    ck_assert_str_eq(seen[0].what.name, "animal");
    ck_assert(seen[0].what.confidence == 1 && seen[0].has_box);
    ck_assert(seen[0].box.x == 0 && seen[0].box.y == 0.25 && seen[0].box.height == 0.5);
    ck_assert_double_eq_tol(seen[0].box.width, 0.5, 1e-6);
    ck_assert_int_eq(seen[0].guess_count, 2); /* what has no name says nothing */
    ck_assert_str_eq(seen[0].guesses[0].name, "fox");
    ck_assert_str_eq(seen[0].guesses[1].name, "cat");
    ck_assert_str_eq(seen[1].what.name, "person");
    ck_assert(seen[1].what.confidence == 1 && seen[1].has_box);
    ck_assert_double_eq_tol(seen[1].box.width, 0.1, 1e-12);
    ck_assert_str_eq(seen[2].what.name, "unknown");
    ck_assert(!seen[2].has_box);
    ck_assert_str_eq(seen[3].what.name, "drone");
    ck_assert(!seen[3].has_box); /* no area */
}
END_TEST

START_TEST(knows_megadetectors_numbers)
{
    assert_ok(greet("{\"protocol\":1,\"detector\":\"x\"}"));
    assert_ok(read_line("{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":1},{\"category\":"
                        "\"2\",\"conf\":1},{\"category\":\"3\",\"conf\":1},{\"category\":\"10\","
                        "\"conf\":1,\"classifications\":[[\"1\",1]]}]}"));
    ck_assert_str_eq(answer.seen[0].what.name, "animal");
    ck_assert_str_eq(answer.seen[1].what.name, "person");
    ck_assert_str_eq(answer.seen[2].what.name, "vehicle");
    ck_assert_str_eq(answer.seen[3].what.name, "unknown");
    ck_assert_int_eq(answer.seen[3].guess_count, 0);
}
END_TEST

START_TEST(keeps_the_surest_guesses)
{
    assert_ok(greet("{\"protocol\":1,\"detector\":\"x\",\"classification_categories\":{\"1\":\"a\","
                    "\"2\":\"b\",\"3\":\"c\",\"4\":\"d\",\"5\":\"e\",\"6\":\"f\",\"7\":\"g\"}}"));
    assert_ok(read_line("{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":1,"
                        "\"classifications\":[[1,0.3],[2,0.3],[3,0.1],[4,0.7],[5,0.2],[6,0.9],"
                        "[7,0]]}]}"));
    const struct wci_seen *seen = answer.seen;
    char names[20] = "";
    for (int i = 0; i < seen->guess_count; i++)
        strncat(names, seen->guesses[i].name, 1);
    ck_assert_str_eq(names, "fdabe");
}
END_TEST

START_TEST(failure_is_said)
{
    assert_ok(read_line("{\"id\":7,\"failure\":\"image access failure\",\"detections\":null}"));
    ck_assert_str_eq(answer.failure, "image access failure");
    assert_ok(read_line("{\"id\":7,\"failure\":true,\"detections\":[]}"));
    ck_assert_str_eq(answer.failure, "it did not say why");
    ck_assert_int_eq(answer.count, 0);
    char line[2000], words[1501];
    for (size_t i = 0; i + 3 < sizeof words; i += 3)
        memcpy(words + i, "\xe2\x82\xac", 4);
    snprintf(line, sizeof line, "{\"id\":7,\"failure\":\"%s\"}", words);
    assert_ok(read_line(line));
    ck_assert_int_eq(strlen(answer.failure), WCI_REASON_TEXT_MAX);
}
END_TEST

START_TEST(detections_are_bounded)
{
    struct wci_text line = {0};
    wci_text_add(&line, "{\"id\":7,\"detections\":[");
    for (int i = 0; i < WCI_ANSWER_MOST; i++)
        wci_text_add_format(&line, "%s{\"category\":\"1\",\"conf\":1}", i ? "," : "");
    wci_text_add(&line, "]}");
    assert_ok(read_line(line.data));
    ck_assert_int_eq(answer.count, WCI_ANSWER_MOST);
    line.length -= 2;
    wci_text_add(&line, ",{}]}");
    assert_fails(WILDCAM_ERR_INVALID, "1001 detections", read_line(line.data));
    wci_text_free(&line);
}
END_TEST

/* ---- what is reported of them ---- */

static struct wildcam_findings findings;
static struct wci_detector detector;

static void begin_report(void)
{
    begin();
    wci_findings_init(&findings);
    assert_done(wci_findings_begin(&findings, &detector));
}

static void end_report(void)
{
    wci_findings_release(&findings);
    end();
}

/* "category species confidence" of each. */
static void assert_reported_from(const char *line, struct wci_seen_least least, const char *wanted)
{
    char text[400] = "";
    size_t at = 0;
    assert_ok(read_line(line));
    assert_done(wci_seen_report(answer.seen, answer.count, least, &findings));
    for (size_t i = 0; i < findings.count; i++) {
        int category;
        const char *species;
        wci_detection_settle(&findings.list[i], &category, &species);
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s %s %.2f", i ? ", " : "",
                               wci_category_name(category), species, findings.list[i].confidence);
    }
    ck_assert_str_eq(text, wanted);
}

static void assert_reported(const char *line, double least, const char *wanted)
{
    assert_reported_from(line, (struct wci_seen_least){least, least}, wanted);
}

START_TEST(reports_the_surest_first)
{
    assert_reported(
        "{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":0.3},{\"category\":\"9\","
        "\"conf\":0.5},{\"category\":\"2\",\"conf\":0.19},{\"category\":\"2\",\"conf\":"
        "0.9}]}",
        0.2, "human human 0.90, animal drone 0.50, animal animal 0.30");
}
END_TEST

START_TEST(reports_a_species_that_is_sure)
{
    assert_reported(
        "{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":0.9,\"classifications\":"
        "[[\"0\",0.7],[\"12\",0.2]]}]}",
        0.5, "animal fox 0.70");
    ck_assert_str_eq(wci_text_get(&findings.list[0].metadata),
                     "{\"detection_confidence\":0.9,\"classifications\":[{\"species\":\"fox\","
                     "\"confidence\":0.7},{\"species\":\"cat\",\"confidence\":0.2}]}");
}
END_TEST

/* What names animals has a name for people and cars, too. */
START_TEST(a_closer_look_makes_nobody_an_animal)
{
    assert_ok(greet("{\"protocol\":1,\"detector\":\"x\",\"classification_categories\":"
                    "{\"0\":\"fox\",\"4\":\"Homo sapiens\"}}"));
    assert_reported(
        "{\"id\":7,\"detections\":[{\"category\":\"2\",\"conf\":0.6,\"classifications\":"
        "[[\"0\",0.9]]},{\"category\":\"3\",\"conf\":0.5,\"classifications\":"
        "[[\"0\",0.9]]},{\"category\":\"1\",\"conf\":0.4,\"classifications\":"
        "[[\"4\",0.9]]}]}",
        0.2, "human human 0.60, vehicle vehicle 0.50, human human 0.90");
}
END_TEST

START_TEST(people_are_kept_earlier)
{
    assert_reported_from(
        "{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":0.45},{\"category\":"
        "\"2\",\"conf\":0.3},{\"category\":\"2\",\"conf\":0.19}]}",
        (struct wci_seen_least){.human = 0.2, .other = 0.5}, "human human 0.30");
}
END_TEST

START_TEST(settings_say_how_sure)
{
    wildcam_conf *conf;
    assert_ok(wildcam_conf_new(&conf));
    assert_ok(wildcam_conf_set(conf, "process.confidence", "0.5"));
    assert_ok(wildcam_conf_set(conf, "privacy.confidence", "0.3"));
    ck_assert_double_eq(wci_seen_least(conf).human, 0.5);
    assert_ok(wildcam_conf_set(conf, "privacy.humans", "hide"));
    ck_assert_double_eq(wci_seen_least(conf).human, 0.3);
    ck_assert_double_eq(wci_seen_least(conf).other, 0.5);
    assert_ok(wildcam_conf_set(conf, "process.confidence", "0.1"));
    ck_assert_double_eq(wci_seen_least(conf).human, 0.1);
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(reports_no_species_that_is_not)
{
    assert_reported(
        "{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":0.9,\"classifications\":"
        "[[\"0\",0.4]]},{\"category\":\"1\",\"conf\":0.8,\"classifications\":"
        "[[\"3\",0.9]]}]}",
        0.5, "animal animal 0.90, animal animal 0.80");
}
END_TEST

START_TEST(reports_blank_by_what_was_missed)
{
    assert_reported("{\"id\":7,\"detections\":[{\"category\":\"1\",\"conf\":0.15},{\"category\":"
                    "\"2\",\"conf\":0.05}]}",
                    0.2, "blank blank 0.85");
}
END_TEST

START_TEST(reports_blank_where_nothing_is)
{
    assert_reported("{\"id\":7,\"detections\":[]}", 0.2, "blank blank 1.00");
}
END_TEST

START_TEST(empty_is_no_thing)
{
    assert_ok(greet("{\"protocol\":1,\"detector\":\"x\"}"));
    assert_reported("{\"id\":7,\"detections\":[{\"category\":\"0\",\"conf\":0.9}]}", 0.2,
                    "blank blank 1.00");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("answer");
    TCase *said = harness_case(suite, "said"), *reported = harness_case(suite, "reported");
    tcase_add_checked_fixture(said, begin, end);
    tcase_add_loop_test(said, hello_is_whole_or_refused, 0, sizeof hellos / sizeof hellos[0]);
    tcase_add_test(said, long_garbage_is_shown_in_part);
    tcase_add_loop_test(said, refuses_what_is_no_answer, 0, sizeof wrong / sizeof wrong[0]);
    tcase_add_test(said, reads_detections);
    tcase_add_test(said, knows_megadetectors_numbers);
    tcase_add_test(said, keeps_the_surest_guesses);
    tcase_add_test(said, failure_is_said);
    tcase_add_test(said, detections_are_bounded);
    tcase_add_checked_fixture(reported, begin_report, end_report);
    tcase_add_test(reported, reports_the_surest_first);
    tcase_add_test(reported, reports_a_species_that_is_sure);
    tcase_add_test(reported, a_closer_look_makes_nobody_an_animal);
    tcase_add_test(reported, people_are_kept_earlier);
    tcase_add_test(reported, settings_say_how_sure);
    tcase_add_test(reported, reports_no_species_that_is_not);
    tcase_add_test(reported, reports_blank_by_what_was_missed);
    tcase_add_test(reported, reports_blank_where_nothing_is);
    tcase_add_test(reported, empty_is_no_thing);
    return suite;
}
