/* Large JSON element by element, and what is read over in it. */
#include "exchange/json_walk.h"

#include "unit.h"

static FILE *out;

static wildcam_status show_member(void *user, const char *name, const struct wci_text *value)
{
    (void)user;
    fprintf(out, "%s=%s ", name, value->data);
    return WILDCAM_OK;
}

static wildcam_status show_element(void *user, const struct wci_text *value)
{
    (void)user;
    fprintf(out, "<%s>", value->data);
    return WILDCAM_OK;
}

/* What is handed out, then ";" and the number of repairs, or "!" and the sentence. */
static const char *read_as(const char *text)
{
    static char shown[4096];
    struct wci_source source;
    size_t length = strlen(text);
    char *copy = malloc(length ? length : 1);
    out = fmemopen(shown, sizeof shown, "w");
    if (length)
        memcpy(copy, text, length);
    wci_source_of_bytes(&source, "x", copy, length);
    struct wci_json_walk walk = {
        .source = &source, .list = "images", .member = show_member, .element = show_element};
    wildcam_status status = wci_json_walk(&walk);
    if (status == WILDCAM_OK)
        fprintf(out, ";%lld%s", (long long)walk.repairs, walk.is_cut_off ? " cut off" : "");
    else
        fprintf(out, "!%s", wildcam_error_message());
    fclose(out);
    free(copy);
    return shown;
}

static const struct {
    const char *text, *shown;
} texts[] = {
    {"{}", ";0"},
    {"{\"images\": []}", ";0"},
    {"{\"a\": 1, \"images\": [{\"f\": \"x\"}, 2], \"b\": [1, {\"c\": null}]}",
     "a=1 <{\"f\":\"x\"}><2>b=[1,{\"c\":null}] ;0"},
    {"\xef\xbb\xbf{\"a\": 1}", "a=1 ;0"},
    {"{\"a\": 1} and more", "a=1 ;0"},
    /* comments */
    {"{ // one\n \"a\": /* two */ 1 }", "a=1 ;2"},
    {"{\"a\": \"// none\"}", "a=\"// none\" ;0"},
    /* commas */
    {"{\"a\": 1 \"b\": 2}", "a=1 b=2 ;1"},
    {"{\"a\": {\"x\": 1 \"y\": [1 2,]},}", "a={\"x\":1,\"y\":[1,2]} ;4"},
    {"{\"images\": [1 2,, 3,]}", "<1><2><3>;3"},
    {"{,\"a\": [,1]}", "a=[1] ;2"},
    /* words */
    {"{\"a\": None, \"b\": [True, False, NaN, -Infinity, nan]}",
     "a=null b=[true,false,null,null,null] ;6"},
    {"{\"a\": \"None\"}", "a=\"None\" ;0"},
    {"{\"a\": -1.5e-7}", "a=-1.5e-7 ;0"},
    /* strings */
    {"{\"a\": \"q\\\"\\\\\"}", "a=\"q\\\"\\\\\" ;0"},
    {"{\"a\": \"two\nlines\"}", "a=\"two\\u000alines\" ;1"},
    /* cut off: what was whole is there */
    {"{\"images\": [1, {\"a\": 2}, {\"b\"", "<1><{\"a\":2}>;0 cut off"},
    {"{\"images\": [1", "<1>;0 cut off"},
    {"{\"a\": \"x", ";0 cut off"},
    {"{\"a\": 1", "a=1 ;0 cut off"},
    {"{", ";0 cut off"},
    /* none at all */
    {"", "!x, line 1: it is no JSON object"},
    {"[1]", "!x, line 1: it is no JSON object"},
    {"{1: 2}", "!x, line 1: a member's name is missing"},
    {"{\"a\" 2}", "!x, line 1: a colon is missing behind a member's name"},
    {"{\"a\":\n ]}", "!x, line 2: a value is missing"},
    {"{\"a\": [1}}", "!x, line 1: a closing bracket has no opening one"},
    {"{\"images\": {}}", "!x, line 1: it is no list"},
    {"{\"a\": 1, / 2}", "a=1 !x, line 1: a member's name is missing"},
};

START_TEST(reads)
{
    ck_assert_str_eq(read_as(texts[_i].text), texts[_i].shown);
}
END_TEST

START_TEST(depth_is_bounded)
{
    static char text[WCI_JSON_DEPTH_MAX + 100] = "{\"a\": ";
    memset(text + strlen(text), '[', WCI_JSON_DEPTH_MAX + 1);
    ck_assert_str_eq(read_as(text), "!x, line 1: brackets are nested deeper than 200");
}
END_TEST

static wildcam_status stop(void *user, const struct wci_text *value)
{
    (void)value;
    ++*(int *)user;
    return wci_fail(WILDCAM_ERR_CANCELLED, "stopped");
}

START_TEST(whoever_takes_them_may_stop)
{
    static const char text[] = "{\"images\": [1, 2]}";
    struct wci_source source;
    int calls = 0;
    wci_source_of_bytes(&source, "x", text, sizeof text - 1);
    struct wci_json_walk walk = {
        .source = &source, .list = "images", .user = &calls, .element = stop};
    assert_status(WILDCAM_ERR_CANCELLED, wci_json_walk(&walk));
    ck_assert_int_eq(calls, 1);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("json_walk");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, reads, 0, sizeof texts / sizeof *texts);
    tcase_add_test(all, depth_is_bounded);
    tcase_add_test(all, whoever_takes_them_may_stop);
    return suite;
}
