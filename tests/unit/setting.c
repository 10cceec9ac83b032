/* What each type of setting takes, to its limits, and how a refusal reads. */
#include "conf/table.h"
#include "unit.h"

static const wildcam_setting rows[] = {
    {"a.text", WCI_TEXT, "", "", 1, 8, "", 0, "0.1", "help"},
    {"an.int", WCI_INT, "files", "16", 2, 1024, "", 0, "0.1", "help"},
    {"a.size", WCI_SIZE, "bytes", "1K", 1024, INT64_C(4398046511104), "", 0, "0.1", "help"},
    {"a.number", WCI_NUMBER, "seconds", "10", 0, 90, "", 0, "0.1", "help"},
    {"a.bool", WCI_BOOL, "", "true", 0, 1, "", 0, "0.1", "help"},
    {"a.choice", WCI_CHOICE, "", "month", 0, 0, "month,day,year", 0, "0.1", "help"},
    {"a.geometry", WCI_GEOMETRY, "pixels", "320x240", 16, 4096, "", 0, "0.1", "help"},
    {"free.text", WCI_TEXT, "", "", 0, 3, "", 0, "0.1", "help"},
    {"a.secret", WCI_TEXT, "", "", 0, 8, "", 1, "0.1", "help"},
    {"every.int", WCI_INT, "", "0", INT64_MIN, INT64_MAX, "", 0, "0.1", "help"},
    {"a.list", WCI_TEXT, "", "", 0, 300, "regions", 0, "0.1", "help"},
    {"a.bucket", WCI_TEXT, "", "", 1, 255, "bucket", 0, "0.1", "help"},
    {"an.endpoint", WCI_TEXT, "", "", 0, 1024, "endpoint", 0, "0.1", "help"},
    {"an.address", WCI_TEXT, "", "", 0, 1024, "address", 0, "0.1", "help"},
    {"a.source", WCI_TEXT, "", "", 0, 255, "sources", 0, "0.1", "help"},
    {"a.window", WCI_TEXT, "", "", 0, 32, "window", 0, "0.1", "help"},
    {"a.host", WCI_TEXT, "", "", 0, 1024, "hosts", 0, "0.1", "help"},
    {"a.detector", WCI_TEXT, "", "", 0, 1024, "detectors", 0, "0.1", "help"},
    {"a.key", WCI_TEXT, "", "", 0, 32, "visible", 1, "0.1", "help"},
    {"a.part", WCI_NUMBER, "seconds", "3", 0, 300, "0.1", 0, "0.1", "help"},
    {"every.size", WCI_SIZE, "bytes", "0", 0, INT64_MAX, "", 0, "0.1", "help"},
};

static const wildcam_setting *row_named(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    ck_abort_msg("no row %s", name);
    return NULL;
}

static const struct {
    const char *name, *text;
    int64_t value;
} taken[] = {
    {"an.int", "2", 2},
    {"an.int", "1024", 1024},
    {"every.int", "-9223372036854775808", INT64_MIN},
    {"every.int", "9223372036854775807", INT64_MAX},
    {"a.size", "1024", 1024},
    {"a.size", "1K", 1024},
    {"a.size", "3M", 3 << 20},
    {"a.size", "2G", INT64_C(2) << 30},
    {"a.size", "4T", INT64_C(4) << 40},
    {"a.size", "4398046511104", INT64_C(4) << 40},
    {"every.size", "8388607T", INT64_C(8388607) << 40},
    {"every.size", "0T", 0},
    {"every.size", "9223372036854775807", INT64_MAX},
    {"a.bool", "true", 1},
    {"a.bool", "yes", 1},
    {"a.bool", "on", 1},
    {"a.bool", "1", 1},
    {"a.bool", "false", 0},
    {"a.bool", "no", 0},
    {"a.bool", "off", 0},
    {"a.bool", "0", 0},
    {"a.choice", "month", 0},
    {"a.choice", "day", 1},
    {"a.choice", "year", 2},
    {"a.geometry", "16x16", 16 << 16 | 16},
    {"a.geometry", "4096x4096", 4096 << 16 | 4096},
    {"a.geometry", "320x240", 320 << 16 | 240},
};

START_TEST(takes_whole_values)
{
    struct wci_setting_value value;
    assert_done(wci_setting_parse(row_named(taken[_i].name), taken[_i].text, &value));
    ck_assert_int_eq(value.whole, taken[_i].value);
}
END_TEST

static const struct {
    const char *text;
    double value;
} numbers[] = {{"0", 0}, {"90", 90}, {"0.5", 0.5}, {"1e1", 10}, {"89.999999", 89.999999}};

START_TEST(takes_numbers)
{
    struct wci_setting_value value;
    assert_done(wci_setting_parse(row_named("a.number"), numbers[_i].text, &value));
    ck_assert(value.real == numbers[_i].value);
}
END_TEST

static const struct {
    const char *name, *text;
} texts[] = {
    {"a.text", "x"},
    {"a.text", "12345678"},
    {"a.text", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"},
    {"free.text", ""},
    {"free.text", "#=\""},
    {"a.list", ""},
    {"a.list", "us-west-2"},
    {"a.list", "us-west-2 , us-east-1"},
    {"a.list", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p"},
    {"a.bucket", "wildcam-{region}"},
    {"a.bucket", "{region}.Old_Name"},
    {"an.endpoint", "http://a"},
    {"an.endpoint", "https://{region}.example.org:65535/s3/{region}"},
    {"an.endpoint", "http://[::1]:9000"},
    {"an.endpoint", "http://my_host.lan/"},
    {"an.address", "https://pictures.example.org/~a/b-c.d"},
    {"a.source", ""},
    {"a.source", "instance, container,web_identity,file,environment"},
    {"a.window", "00:00-23:59"},
    {"a.window", "22:00-06:00+14:00"},
    {"a.window", "22:00-06:00-14:00"},
    {"a.host", ""},
    {"a.host", "station , Cameras.Example.org,my_host-2"},
    {"a.detector", "motion, process:python3 look.py --fast ,my-own_2.b,onnx:/models/a.onnx"},
    {"a.key", "!~+/="},
    {"a.part", "0.1"},
};

START_TEST(takes_texts)
{
    struct wci_setting_value value;
    assert_done(wci_setting_parse(row_named(texts[_i].name), texts[_i].text, &value));
}
END_TEST

static const struct {
    const char *name, *text, *sentence;
} refused[] = {
    {"a.text", "", "a.text takes 1 to 8 bytes, not \"\""},
    {"a.text", "123456789", "a.text takes 1 to 8 bytes, and its value has 9"},
    {"free.text", "1234", "free.text takes at most 3 bytes, and its value has 4"},
    {"free.text", "a\nb",
     "free.text takes text in UTF-8 without control characters, and its value has one"},
    {"free.text", "\x7f", NULL},
    {"free.text", "\xe9", "free.text takes text in UTF-8 without control characters"},
    {"an.int", "1", "an.int takes 2 to 1024 files, not \"1\""},
    {"an.int", "1025", "an.int takes 2 to 1024 files, not \"1025\""},
    {"an.int", "", NULL},
    {"an.int", "16 ", NULL},
    {"an.int", "16.0", NULL},
    {"an.int", "16K", NULL},
    {"an.int", "99999999999999999999", NULL},
    {"a.size", "1023", "a.size takes 1024 to 4398046511104 bytes, or such as 16M, not \"1023\""},
    {"a.size", "5T", "a.size takes 1024 to 4398046511104 bytes, or such as 16M, not \"5T\""},
    {"a.size", "", NULL},
    {"a.size", "K", NULL},
    {"a.size", "2k", NULL},
    {"a.size", "2KB", NULL},
    {"a.size", "2KM", NULL},
    {"a.size", "2 K", NULL},
    {"a.size", "1.5M", NULL},
    {"a.size", "-1K", NULL},
    {"every.size", "8388608T", NULL}, /* 2^63 */
    {"every.size", "9223372036854775808", NULL},
    {"every.size", "000000000000000000000001", NULL}, /* more digits than any size has */
    {"a.number", "-0.1", "a.number takes 0 to 90 seconds, not \"-0.1\""},
    {"a.number", "90.1", "a.number takes 0 to 90 seconds, not \"90.1\""},
    {"a.number", "0,5", NULL},
    {"a.number", "nan", NULL},
    {"a.number", "inf", NULL},
    {"a.number", "", NULL},
    {"a.bool", "True", "a.bool takes true or false, not \"True\""},
    {"a.bool", "2", NULL},
    {"a.bool", "", NULL},
    {"a.choice", "mont", "a.choice takes month,day,year, not \"mont\""},
    {"a.choice", "month,day", NULL},
    {"a.choice", "Month", NULL},
    {"a.choice", "years", NULL},
    {"a.choice", "", NULL},
    {"a.geometry", "15x240",
     "a.geometry takes WIDTHxHEIGHT, each 16 to 4096 pixels, not \"15x240\""},
    {"a.geometry", "320x15", NULL},
    {"a.geometry", "4097x240", NULL},
    {"a.geometry", "320x4097", NULL},
    {"a.geometry", "320", NULL},
    {"a.geometry", "x240", NULL},
    {"a.geometry", "320x", NULL},
    {"a.geometry", "320X240", NULL},
    {"a.geometry", "320x240x3", NULL},
    {"a.geometry", "00000320x240", NULL},
    {"a.geometry", "-320x240", NULL},
    {"a.list", "us-west-2,US",
     "a.list takes at most 16 names of regions with commas between them, at most 300 bytes, not "
     "\"us-west-2,US\": a region's name has 1 to 63 of a-z, 0-9 and -"},
    {"a.list", ",", "comma"},
    {"a.list", "a,", "ends in a comma"},
    {"a.list", "a, ", "is empty"},
    {"a.list", "a,,b", "is empty"},
    {"a.list", "a b", "1 to 63"},
    {"a.list", "a,b, a", "twice"},
    {"a.list", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", "more than 16"},
    {"a.list", "a123456789b123456789c123456789d123456789e123456789f123456789-123", "1 to 63"},
    {"a.bucket", "", NULL},
    {"a.bucket", "a/b", "letters, digits"},
    {"a.bucket", "{region", "letters, digits"},
    {"a.bucket", "{bucket}", "letters, digits"},
    {"an.endpoint", "127.0.0.1:9000",
     "an.endpoint takes http:// or https:// with a host, and a port and a path where needed, at "
     "most 1024 bytes, not \"127.0.0.1:9000\": it does not begin with http:// or https://"},
    {"an.endpoint", "HTTP://a", "begin with"},
    {"an.endpoint", "http://", "no host"},
    {"an.endpoint", "http:///path", "no host"},
    {"an.endpoint", "http://:80", "no host"},
    {"an.endpoint", "http://[]", "no host"},
    {"an.endpoint", "http://[::1", "no host"},
    {"an.endpoint", "http://a:", "1 to 65535"},
    {"an.endpoint", "http://a:0", "1 to 65535"},
    {"an.endpoint", "http://a:65536", "1 to 65535"},
    {"an.endpoint", "http://a:000001", "1 to 65535"},
    {"an.endpoint", "http://a:99999999999999999999", "1 to 65535"},
    {"an.endpoint", "http://a:80x", "host"},
    {"an.endpoint", "http://a b", "host"},
    {"an.endpoint", "http://a/b c", "path"},
    {"an.endpoint", "http://a/%2e", "path"},
    {"an.endpoint", "http://a/{bucket}", "path"},
    {"an.endpoint", "http://a?x", "query"},
    {"an.endpoint", "http://a/b#x", "query"},
    {"an.endpoint", "http://me:password@a",
     "an.endpoint takes http:// or https:// with a host, and a port and a path where needed, at "
     "most 1024 bytes: a name or password does not belong there"},
    {"an.address", "https://{region}.example.org", "host"},
    {"an.address", "https://a/{region}", "path"},
    {"a.source", "environment,vault", "none of these"},
    {"a.source", "file,environment,file", "twice"},
    {"a.source", "file,", "comma"},
    {"a.window", "22:00", "two different times"},
    {"a.window", "24:00-06:00", NULL},
    {"a.window", "22:60-06:00", NULL},
    {"a.window", "22:00-6:00", NULL},
    {"a.window", "22:00-06:00Z", NULL},
    {"a.window", "22:00-06:00+14:01", NULL},
    {"a.window", "22:00-06:00+02:00x", NULL},
    {"a.window", "22:00-06:00 ", NULL},
    {"a.window", "06:00-06:00", NULL},
    {"a.host", "station:8080", "no port"},
    {"a.host", "http://station", "a host's name has"},
    {"a.host", "my station", "a host's name has"},
    {"a.host", "*.example.org", "a host's name has"},
    {"a.host", "a,b,a", "twice"},
    {"a.host", "a,,b", "empty"},
    {"a.host", "a,", "comma"},
    {"a.detector", "my detector", "the name of a detector has"},
    {"a.detector", "motion,:look.py", "the name of a detector has"},
    {"a.detector", "process:", "behind a colon"},
    {"a.detector", "motion,motion", "twice"},
    {"a.detector", "motion,", "comma"},
    {"a.key", "two words", "a.key takes visible characters of ASCII, at most 32 bytes: it has a"},
    {"a.key", "\xc3\xa9", "outside ASCII"},
    {"a.part", "0.09", "a.part takes 0.1 to 300 seconds, not \"0.09\""},
    {"a.secret", "123456789",
     "a.secret takes at most 8 bytes, and its value has 9"}, /* not what it is */
};

START_TEST(refuses_with_a_sentence)
{
    struct wci_setting_value value = {7, 7};
    const char *name = refused[_i].name;
    assert_fails(WILDCAM_ERR_INVALID, name,
                 wci_setting_parse(row_named(name), refused[_i].text, &value));
    if (refused[_i].sentence)
        ck_assert_msg(strstr(wildcam_error_message(), refused[_i].sentence), "%s",
                      wildcam_error_message());
}
END_TEST

static const struct {
    const char *text;
    int begin, end;
} windows[] = {
    {"22:00-06:00", 1320, 360},       {"22:00-06:00+02:00", 1200, 240},
    {"01:00-05:30+02:00", 1380, 210}, {"22:00-06:00-05:00", 180, 660},
    {"00:00-00:01-14:00", 840, 841},  {"00:00-00:01+14:00", 600, 601},
    {"22:00-06:00+05:45", 975, 15},
};

START_TEST(windows_are_in_utc)
{
    struct wci_window window;
    ck_assert(wci_window_read(windows[_i].text, &window));
    ck_assert_int_eq(window.begin, windows[_i].begin);
    ck_assert_int_eq(window.end, windows[_i].end);
}
END_TEST

START_TEST(a_long_value_is_quoted_in_part)
{
    struct wci_setting_value value;
    char text[4097];
    memset(text, 'x', sizeof text);
    text[4096] = '\0';
    assert_fails(WILDCAM_ERR_INVALID, "xxx", wci_setting_parse(row_named("an.int"), text, &value));
    ck_assert_uint_lt(strlen(wildcam_error_message()), 200);
}
END_TEST

START_TEST(names_its_types)
{
    static const char *const names[] = {"text", "int",    "size",    "number",
                                        "bool", "choice", "geometry"};
    for (int type = WCI_TEXT; type <= WCI_GEOMETRY; type++)
        ck_assert_str_eq(wci_setting_type_name((enum wci_setting_type)type), names[type]);
}
END_TEST

/* The table itself: every default is a value of its row, and no two settings share a name. */
START_TEST(the_table_is_sound)
{
    struct wci_setting_value value;
    const wildcam_setting *row;
    for (size_t i = 0; (row = wci_setting_row(i)); i++) {
        assert_done(wci_setting_parse(row, row->standard, &value));
        ck_assert_msg(row->min <= row->max, "%s", row->name);
        ck_assert_msg(row->type != WCI_CHOICE || row->words[0], "%s", row->name);
        ck_assert_msg(row->type != WCI_TEXT || !row->words[0] || wci_form_named(row->words), "%s",
                      row->name);
        ck_assert_msg(row->help[0] != '\0', "%s", row->name);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(row->name, wci_setting_row(k)->name);
    }
    ck_assert_ptr_null(wci_setting_row(WCI_SETTING_COUNT));
}
END_TEST

START_TEST(numbers_have_a_point_in_every_locale)
{
    struct wci_setting_value value;
    enter_locale("de_DE");
    assert_done(wci_setting_parse(row_named("a.number"), "0.5", &value));
    ck_assert(value.real == 0.5);
    assert_fails(WILDCAM_ERR_INVALID, "a.number takes 0 to 90 seconds, not \"0,5\"",
                 wci_setting_parse(row_named("a.number"), "0,5", &value));
    leave_locale();
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("setting");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, takes_whole_values, 0, sizeof taken / sizeof taken[0]);
    tcase_add_loop_test(all, takes_numbers, 0, sizeof numbers / sizeof numbers[0]);
    tcase_add_loop_test(all, takes_texts, 0, sizeof texts / sizeof texts[0]);
    tcase_add_loop_test(all, refuses_with_a_sentence, 0, sizeof refused / sizeof refused[0]);
    tcase_add_loop_test(all, windows_are_in_utc, 0, sizeof windows / sizeof windows[0]);
    tcase_add_test(all, a_long_value_is_quoted_in_part);
    tcase_add_test(all, names_its_types);
    tcase_add_test(all, the_table_is_sound);
    tcase_add_test(all, numbers_have_a_point_in_every_locale);
    return suite;
}
