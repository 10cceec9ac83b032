/* A line of the server's log: its two forms, and that nobody breaks or forges one. */
#include "log_line.h"

#include <jansson.h>

#include "support/harness.h"

/* 2026-03-01T10:01:02.000345Z */
#define TIME INT64_C(1772359262000345)

static const struct log_exchange exchange = {.client = "2001:db8::1",
                                             .method = "POST",
                                             .path = "/api/images/7",
                                             .status = 201,
                                             .duration = 12034,
                                             .received_bytes = 4711,
                                             .sent_bytes = 0};

static struct log_line make(const char *text)
{
    return (struct log_line){TIME, WILDCAM_LOG_INFO, "access", text, "", "", NULL};
}

static const char *format(const struct log_line *line, bool as_json)
{
    static char buffer[LOG_LINE_MAX + 1];
    memset(buffer, 'x', sizeof buffer);
    size_t size = log_line_format(line, as_json, buffer);
    ck_assert_uint_le(size, LOG_LINE_MAX);
    buffer[size] = '\0';
    ck_assert_uint_eq(strlen(buffer), size);
    ck_assert_ptr_eq(strchr(buffer, '\n'), buffer + size - 1);
    return buffer;
}

static json_t *parse(const char *line)
{
    json_error_t error;
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(object != NULL, "%s: %s", line, error.text);
    return object;
}

START_TEST(fields_are_named_alike_in_both_forms)
{
    struct log_line line = make("answered");
    ck_assert_str_eq(format(&line, false),
                     "2026-03-01T10:01:02.000345+00:00 info access: answered\n");
    ck_assert_str_eq(format(&line, true),
                     "{\"time\":\"2026-03-01T10:01:02.000345+00:00\",\"level\":\"info\","
                     "\"module\":\"access\",\"message\":\"answered\"}\n");
    line.request_id = "a.b:1";
    line.camera_id = "cam-1";
    line.exchange = &exchange;
    ck_assert_str_eq(format(&line, false),
                     "2026-03-01T10:01:02.000345+00:00 info access request_id=a.b:1 "
                     "camera_id=cam-1 client=2001:db8::1 method=POST path=/api/images/7 "
                     "status=201 duration_ms=12.034 received_bytes=4711 sent_bytes=0: answered\n");
    ck_assert_str_eq(format(&line, true),
                     "{\"time\":\"2026-03-01T10:01:02.000345+00:00\",\"level\":\"info\","
                     "\"module\":\"access\",\"message\":\"answered\",\"request_id\":\"a.b:1\","
                     "\"camera_id\":\"cam-1\",\"client\":\"2001:db8::1\",\"method\":\"POST\","
                     "\"path\":\"/api/images/7\",\"status\":201,\"duration_ms\":12.034,"
                     "\"received_bytes\":4711,\"sent_bytes\":0}\n");
}
END_TEST

START_TEST(a_request_without_answer_has_no_status)
{
    struct log_exchange broken = exchange;
    struct log_line line = make("not answered");
    broken.status = 0;
    line.exchange = &broken;
    ck_assert_ptr_null(strstr(format(&line, false), "status"));
    ck_assert_ptr_null(strstr(format(&line, true), "status"));
}
END_TEST

/* A clock before 1970, or at a whole second. */
START_TEST(times_are_of_one_length)
{
    struct log_line line = make("x");
    line.time = 0;
    ck_assert_str_eq(format(&line, false), "1970-01-01T00:00:00.000000+00:00 info access: x\n");
    line.time = -1;
    ck_assert_str_eq(format(&line, false), "1970-01-01T00:00:00.000000+00:00 info access: x\n");
}
END_TEST

static const struct {
    const char *text, *shown;
} words[] = {
    {"", ""},
    {"one\ntwo\r\nthree\ttab", "one two  three tab"},
    {"a\x1b[31mred\x1b]0;title\x07", "a [31mred ]0;title "},
    {"\x7f \xc2\x85 \xc2\x9b"
     "31m",
     "     31m"},                                   /* DEL, NEL, the other CSI */
    {"\xe2\x80\xa8 \xe2\x80\xa9", "   "},           /* Unicode's ends of lines */
    {"\xe2\x80\xae txet \xe2\x81\xa6", "  txet  "}, /* written backwards */
    {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\xa6\x8a", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\xa6\x8a"},
    {"\xff\xfe \x80 \xe9", "?? ? ?"},
    {"\xc0\xaf \xc1\xbf \xe0\x80\x8a", "?? ?? ???"},      /* overlong: a hidden newline */
    {"\xed\xa0\x80 \xf4\x90\x80\x80 \xf8", "??? ???? ?"}, /* surrogate, past the end */
    {"\xe2\x82", "??"},                                   /* cut off at the end */
    {"\xe2\x82\nx", "?? x"},
    {"quote \" slash \\ brace }", "quote \" slash \\ brace }"},
    {"\",\"level\":\"error", "\",\"level\":\"error"},
};

START_TEST(words_make_no_line_of_their_own)
{
    struct log_line line = make(words[_i].text);
    const char *text = format(&line, false), *start = strstr(text, ": ");
    ck_assert_uint_eq(strlen(start + 2), strlen(words[_i].shown) + 1);
    ck_assert_int_eq(strncmp(start + 2, words[_i].shown, strlen(words[_i].shown)), 0);
    json_t *object = parse(format(&line, true));
    ck_assert_uint_eq(json_object_size(object), 4);
    ck_assert_str_eq(json_string_value(json_object_get(object, "message")), words[_i].shown);
    ck_assert_str_eq(json_string_value(json_object_get(object, "level")), "info");
    json_decref(object);
}
END_TEST

START_TEST(fields_have_no_space_and_no_quote)
{
    struct log_exchange evil = exchange;
    struct log_line line = make("x");
    char path[LOG_PATH_MAX];
    evil.method = "G\" E\nT";
    log_line_escape("/a b?\"\\%\n\xff\xc3\xa9 status=200: forged", path, sizeof path);
    evil.path = path;
    evil.client = "1.2.3.4 x";
    line.request_id = "a b";
    line.camera_id = "c\"d";
    line.exchange = &evil;
    ck_assert_str_eq(format(&line, false),
                     "2026-03-01T10:01:02.000345+00:00 info access request_id=a%20b "
                     "camera_id=c%22d client=1.2.3.4%20x method=G%22%20E%0AT "
                     "path=/a%20b?%22%5C%25%0A%FF%C3%A9%20status=200:%20forged status=201 "
                     "duration_ms=12.034 received_bytes=4711 sent_bytes=0: x\n");
    json_t *object = parse(format(&line, true));
    ck_assert_str_eq(json_string_value(json_object_get(object, "path")),
                     "/a%20b?%22%5C%25%0A%FF%C3%A9%20status=200:%20forged");
    json_decref(object);
}
END_TEST

/* A reader splits a line at the first ": ", and what is before it at its spaces. */
START_TEST(the_first_colon_and_space_end_the_fields)
{
    struct log_exchange ends = exchange;
    struct log_line line = make("told: a: b");
    line.request_id = ":";
    line.camera_id = "cam%3A:"; /* not what comes of a colon */
    ends.client = "2001:db8::";
    ends.method = "G:ET:";
    ends.path = "/a:/b::";
    line.exchange = &ends;
    const char *text = format(&line, false), *message = strstr(text, ": ");
    ck_assert_str_eq(message, ": told: a: b\n");
    ck_assert_int_eq(
        message - text,
        (ptrdiff_t)strlen(
            "2026-03-01T10:01:02.000345+00:00 info access request_id=%3A camera_id=cam%253A%3A "
            "client=2001:db8:%3A method=G:ET%3A path=/a:/b:%3A status=201 duration_ms=12.034 "
            "received_bytes=4711 sent_bytes=0"));
    line.exchange = NULL; /* the last field beside the message */
    ck_assert_str_eq(format(&line, false), "2026-03-01T10:01:02.000345+00:00 info access "
                                           "request_id=%3A camera_id=cam%253A%3A: told: a: b\n");
    json_t *object = parse(format(&line, true));
    ck_assert_str_eq(json_string_value(json_object_get(object, "request_id")), ":");
    json_decref(object);
}
END_TEST

START_TEST(an_escaped_text_is_cut_between_characters)
{
    char to[8];
    log_line_escape("abcdef", to, sizeof to);
    ck_assert_str_eq(to, "abcdef");
    log_line_escape("abcdefgh", to, sizeof to);
    ck_assert_str_eq(to, "abcdefg");
    log_line_escape("abcde\xff", to, sizeof to);
    ck_assert_str_eq(to, "abcde");
    log_line_escape("abcd\xff\xff", to, sizeof to);
    ck_assert_str_eq(to, "abcd%FF");
}
END_TEST

/* All of it at its longest still makes one whole line. */
START_TEST(the_longest_line_is_whole)
{
    static char text[5000], path[LOG_PATH_MAX], method[LOG_METHOD_MAX], id[129], camera[64];
    struct log_exchange longest = {.client = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
                                   .method = method,
                                   .path = path,
                                   .status = 599,
                                   .duration = INT64_MAX,
                                   .received_bytes = INT64_MIN,
                                   .sent_bytes = INT64_MIN};
    struct log_line line = {TIME, WILDCAM_LOG_WARNING, "pictures", text, id, camera, &longest};
    memset(text, '"', sizeof text - 1);
    memset(path, 'p', sizeof path - 1);
    memset(method, 'M', sizeof method - 1);
    memset(id, 'i', sizeof id - 1);
    memset(camera, '\xff', sizeof camera - 1);
    format(&line, false);
    json_t *object = parse(format(&line, true));
    ck_assert_uint_eq(json_string_length(json_object_get(object, "message")), LOG_TEXT_MAX);
    ck_assert_int_eq(json_integer_value(json_object_get(object, "sent_bytes")), INT64_MIN);
    json_decref(object);
    memset(text, 'a', sizeof text - 1);
    memcpy(text + LOG_TEXT_MAX - 1, "\xc3\xa9", 2); /* it would be cut in two */
    object = parse(format(&line, true));
    ck_assert_uint_eq(json_string_length(json_object_get(object, "message")), LOG_TEXT_MAX - 1);
    json_decref(object);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("server_log_line");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, fields_are_named_alike_in_both_forms);
    tcase_add_test(all, a_request_without_answer_has_no_status);
    tcase_add_test(all, times_are_of_one_length);
    tcase_add_loop_test(all, words_make_no_line_of_their_own, 0, sizeof words / sizeof words[0]);
    tcase_add_test(all, fields_have_no_space_and_no_quote);
    tcase_add_test(all, the_first_colon_and_space_end_the_fields);
    tcase_add_test(all, an_escaped_text_is_cut_between_characters);
    tcase_add_test(all, the_longest_line_is_whole);
    return suite;
}
