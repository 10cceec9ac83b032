/* What an exchange carries: headers by their names, and nothing of an earlier answer. */
#include "upload/transport.h"

#include "support/harness.h"

static void assert_header(const struct wci_exchange *exchange, const char *name, const char *value)
{
    size_t length;
    const char *found = wci_exchange_header(exchange, name, &length);
    ck_assert_msg(length == strlen(value) && memcmp(found, value, length) == 0,
                  "%s is \"%.*s\", not \"%s\"", name, (int)length, found, value);
}

START_TEST(headers_are_found_by_name)
{
    struct wci_exchange exchange;
    wci_exchange_init(&exchange);
    assert_header(&exchange, "etag", "");
    wci_text_add(&exchange.head, "x-etag: no\ndate: Thu, 26 Nov 2026 10:00:00 GMT\netag: \"a: b\"\n"
                                 "empty: \netag: second\nlast: l\n");
    assert_header(&exchange, "etag", "\"a: b\"");
    assert_header(&exchange, "date", "Thu, 26 Nov 2026 10:00:00 GMT");
    assert_header(&exchange, "last", "l");
    assert_header(&exchange, "empty", "");
    assert_header(&exchange, "etag2", "");
    assert_header(&exchange, "dat", "");
    assert_header(&exchange, "b\"", "");
    wci_exchange_release(&exchange);
}
END_TEST

START_TEST(renewed_it_asks_the_same_and_knows_nothing)
{
    struct wci_exchange exchange;
    wci_exchange_init(&exchange);
    exchange.method = "PUT";
    wci_text_add(&exchange.url, "http://a/b");
    wci_text_add(&exchange.headers, "X-A: b\n");
    exchange.body = (struct wci_body){.memory = "abc", .fd = -1, .length = 3};
    exchange.failure = WCI_LINK_BROKEN;
    snprintf(exchange.reason, sizeof exchange.reason, "why");
    exchange.status = 503;
    wci_text_add(&exchange.head, "etag: a\n");
    wci_text_add(&exchange.answer, "<Error/>");
    exchange.was_reused = exchange.was_answered = exchange.was_sent = true;
    exchange.started = exchange.ended = 5;
    exchange.sent = 3;
    wci_exchange_renew(&exchange);
    ck_assert_str_eq(exchange.url.data, "http://a/b");
    ck_assert_str_eq(exchange.headers.data, "X-A: b\n");
    ck_assert_int_eq(exchange.body.length, 3);
    ck_assert_int_eq(exchange.failure, WCI_LINK_OK);
    ck_assert_str_eq(exchange.reason, "");
    ck_assert_int_eq(exchange.status, 0);
    assert_header(&exchange, "etag", "");
    ck_assert_int_eq(exchange.answer.length, 0);
    ck_assert(!exchange.was_reused && !exchange.was_answered && !exchange.was_sent);
    ck_assert(exchange.started == 0 && exchange.ended == 0 && exchange.sent == 0);
    wci_exchange_release(&exchange);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("exchange");
    TCase *test_case = harness_case(suite, "exchange");
    tcase_add_test(test_case, headers_are_found_by_name);
    tcase_add_test(test_case, renewed_it_asks_the_same_and_knows_nothing);
    return suite;
}
