/* Objects that go whole, over the fake S3. */
#include "base/calendar.h"
#include "engine_unit.h"

START_TEST(it_arrives_in_the_first_region)
{
    struct parcel parcel;
    engine_begin(3);
    parcel_deliver(&parcel, "images/a.jpg", 1000);
    ck_assert_int_eq(parcel.object.requests, 1);
    ck_assert_int_eq(parcel.object.sent, 1000);
    ck_assert_int_eq(wci_engine_sent(engine), 1000);
    parcel_arrived(&parcel, 0);
    ck_assert_int_eq(fake_count(FAKE_ANY, FAKE_ANY), 1);
    ck_assert_ptr_nonnull(strcasestr(fake_request_at(0)->headers, "x-amz-meta-sha256:"));
    engine_end();
}
END_TEST

/* Over a satellite: with the default settings, in one region as in three. */
START_TEST(connections_may_take_long)
{
    struct parcel parcel;
    engine_begin(_i ? 3 : 1);
    fake_rule((struct fake_rule){.region = FAKE_ANY,
                                 .verb = FAKE_ANY,
                                 .times = FAKE_FOREVER,
                                 .connects_in = 8 * WCI_SECOND});
    parcel_deliver(&parcel, "key", 10);
    ck_assert_int_eq(parcel.object.requests, 3); /* 3, 6 and 12 seconds */
    parcel_arrived(&parcel, _i ? 2 : 0);
    for (int i = 0; i < 20; i++) { /* it is known by then */
        parcel_deliver(&parcel, "another", 10);
        ck_assert_int_eq(parcel.object.requests, 1);
        parcel_free(&parcel);
    }
    engine_end();
}
END_TEST

START_TEST(an_empty_one_arrives)
{
    struct parcel parcel;
    engine_begin(1);
    parcel_deliver(&parcel, "empty", 0);
    parcel_arrived(&parcel, 0);
    engine_end();
}
END_TEST

START_TEST(credentials_that_have_expired_blame_nobody)
{
    struct parcel parcel;
    engine_begin(2);
    fake_rule(says(0, WCI_S3_PUT, 400, "ExpiredToken"));
    parcel_deliver(&parcel, "key", 100);
    parcel_failed(&parcel, WILDCAM_ERR_DENIED, "expired");
    ck_assert(parcel.object.is_blameless && !parcel.object.is_impossible);
    ck_assert_ptr_nonnull(strstr(wci_text_get(&parcel.object.reasons[0]), "ExpiredToken"));
    /* Nobody begins anything meanwhile. */
    ck_assert_int_eq(wci_engine_room(engine), 0);
    ck_assert_int_gt(wci_engine_opens(engine), fake_now());
    fake_pass(60 * WCI_SECOND);
    ck_assert_int_gt(wci_engine_room(engine), 0);
    parcel_send(&parcel);
    parcel_wait(&parcel);
    parcel_arrived(&parcel, 0);
    engine_end();
}
END_TEST

START_TEST(all_regions_failed_says_why)
{
    struct parcel parcel;
    engine_begin(3);
    fake_rule(says(0, FAKE_ANY, 403, "AccessDenied"));
    fake_rule((struct fake_rule){
        .region = 1, .verb = FAKE_ANY, .times = FAKE_FOREVER, .failure = WCI_LINK_CONNECT});
    fake_rule((struct fake_rule){.region = 2,
                                 .verb = FAKE_ANY,
                                 .times = FAKE_FOREVER,
                                 .status = 500,
                                 .code = "InternalError"});
    parcel_deliver(&parcel, "key", 10);
    parcel_failed(
        &parcel, WILDCAM_ERR_UPLOAD,
        "All regions failed: r0: 403 AccessDenied: as the rule says (request 4f2); r1: as "
        "the rule says; r2: 500 InternalError: as the rule says (request 4f2)");
    ck_assert_int_eq(strncmp(parcel.object.error.message, "All regions failed: ", 20), 0);
    ck_assert_int_eq(parcel.object.requests, 1 + 3 + 3);
    ck_assert_int_eq(parcel.object.region, -1);
    ck_assert(!parcel.object.is_blameless && !parcel.object.is_impossible);
    ck_assert_int_eq(fake_objects(), 0);
    parcel_free(&parcel);
    engine_end();
}
END_TEST

START_TEST(what_has_no_room_in_the_sentence_has_dots)
{
    static const char body[] =
        "<Error><Code>AccessDenied</Code><Message>The request signature we calculated does not "
        "match the signature you provided. Check your key, and the method by which it is "
        "signed.</Message><RequestId>4f2</RequestId></Error>";
    struct parcel parcel;
    engine_begin(3);
    fake_rule((struct fake_rule){
        .region = FAKE_ANY, .verb = FAKE_ANY, .times = FAKE_FOREVER, .status = 403, .body = body});
    parcel_deliver(&parcel, "key", 10);
    parcel_failed(&parcel, WILDCAM_ERR_UPLOAD, "you provided. Check your key, and");
    const char *first = strstr(parcel.object.error.message, "...; r1: 403 AccessDenied: The ");
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_nonnull(strstr(first, "...; r2: 403 AccessDenied: The "));
    size_t length = strlen(parcel.object.error.message);
    ck_assert_uint_lt(length, WCI_ERROR_TEXT);
    ck_assert_str_eq(parcel.object.error.message + length - 3, "...");
    parcel_free(&parcel);
    engine_end();
}
END_TEST

START_TEST(an_uplink_that_is_down_blames_nobody)
{
    struct parcel parcel;
    engine_begin(3);
    fake_rule((struct fake_rule){
        .region = FAKE_ANY, .verb = FAKE_ANY, .times = FAKE_FOREVER, .failure = WCI_LINK_RESOLVE});
    parcel_deliver(&parcel, "key", 10);
    parcel_failed(&parcel, WILDCAM_ERR_UPLOAD, "All regions failed: r0: as the rule says; r1: ");
    ck_assert(parcel.object.is_blameless);
    ck_assert_int_gt(wci_engine_opens(engine), fake_now());
    parcel_free(&parcel);
    /* At once, and without a request. */
    int requests = fake_count(FAKE_ANY, FAKE_ANY);
    parcel_deliver(&parcel, "key2", 10);
    parcel_failed(&parcel, WILDCAM_ERR_UPLOAD,
                  "All regions failed: r0: not tried; the last time: as the");
    ck_assert(parcel.object.is_blameless);
    ck_assert_int_eq(fake_count(FAKE_ANY, FAKE_ANY), requests);
    parcel_free(&parcel);
    fake_forget_rules();
    wci_engine_retry_now(engine);
    ck_assert_int_le(wci_engine_opens(engine), fake_now());
    parcel_deliver(&parcel, "key3", 10);
    parcel_arrived(&parcel, 0);
    engine_end();
}
END_TEST

START_TEST(what_may_be_there_is_not_forgotten)
{
    struct parcel parcel;
    engine_begin(2);
    /* Stored, but nobody says so, nor answers to a HEAD. */
    fake_rule((struct fake_rule){.region = 0,
                                 .verb = WCI_S3_PUT,
                                 .times = FAKE_FOREVER,
                                 .failure = WCI_LINK_BROKEN,
                                 .was_sent = true,
                                 .is_done = true});
    fake_rule(
        (struct fake_rule){.region = 0, .verb = WCI_S3_HEAD, .times = FAKE_FOREVER, .delay = -1});
    parcel_deliver(&parcel, "key", 10);
    ck_assert_int_eq(parcel.object.region, 1);
    ck_assert_uint_eq(parcel.object.doubts, 1);
    ck_assert(fake_has(0, "key") && fake_has(1, "key"));
    /* The next time it is asked about first; the region is still silent. */
    parcel.object.look_first = parcel.object.doubts;
    parcel_send(&parcel);
    parcel_wait(&parcel);
    ck_assert_int_eq(parcel.object.region, 1);
    ck_assert_uint_eq(parcel.object.doubts, 1);
    /* And once it speaks, it is not sent again. */
    fake_forget_rules();
    fake_pass(3600 * WCI_SECOND);
    int puts = fake_count(FAKE_ANY, WCI_S3_PUT);
    parcel_send(&parcel);
    parcel_wait(&parcel);
    ck_assert_int_eq(parcel.object.region, 0);
    ck_assert_uint_eq(parcel.object.doubts, 0);
    ck_assert_int_eq(fake_count(FAKE_ANY, WCI_S3_PUT), puts);
    ck_assert(*parcel.object.etag != '\0');
    parcel_free(&parcel);
    engine_end();
}
END_TEST

START_TEST(another_content_is_not_ours)
{
    struct parcel parcel;
    engine_begin(2);
    fake_put(0, "key", "other", 5, "");
    fake_put(1, "key", "other", 5, "");
    parcel_make(&parcel, "key", 5); /* of the same size */
    parcel.object.look_first = 3;
    parcel_send(&parcel);
    parcel_wait(&parcel);
    ck_assert_int_eq(parcel.object.region, 0);
    ck_assert(fake_holds(0, "key", parcel.data, 5));
    ck_assert_int_eq(fake_count(FAKE_ANY, WCI_S3_HEAD), 2);
    ck_assert_uint_eq(parcel.object.doubts, 0);
    parcel_free(&parcel);
    engine_end();
}
END_TEST

START_TEST(what_is_there_is_found_by_a_condition)
{
    struct parcel parcel;
    char digest[WCI_DIGEST_TEXT];
    engine_set("s3.if_none_match", "true");
    engine_begin(2);
    parcel_make(&parcel, "key", 100);
    wci_digest_to_text(parcel.object.whole, digest);
    fake_put(0, "key", parcel.data, 100, digest);
    parcel_send(&parcel);
    parcel_wait(&parcel);
    ck_assert_int_eq(fake_count(0, WCI_S3_HEAD), 1);
    parcel_arrived(&parcel, 0);
    /* Something else is not overwritten, and does not go elsewhere. */
    fake_put(0, "key2", "other", 5, "");
    parcel_deliver(&parcel, "key2", 100);
    parcel_failed(&parcel, WILDCAM_ERR_EXISTS, "key2 is there already with another content");
    ck_assert(parcel.object.is_impossible);
    ck_assert(fake_holds(0, "key2", "other", 5));
    ck_assert_int_eq(fake_count(1, FAKE_ANY), 0);
    parcel_free(&parcel);
    engine_end();
}
END_TEST

START_TEST(a_header_that_is_not_supported_is_left_out)
{
    struct parcel parcel;
    engine_set("s3.if_none_match", "true");
    engine_set("s3.checksum", "on");
    engine_begin(1);
    fake_rule((struct fake_rule){
        .region = 0, .verb = WCI_S3_PUT, .times = 2, .status = 501, .code = "NotImplemented"});
    parcel_deliver(&parcel, "key", 100);
    parcel_arrived(&parcel, 0);
    ck_assert_int_eq(fake_count(0, WCI_S3_PUT), 3);
    ck_assert_ptr_nonnull(strcasestr(fake_request_at(0)->headers, "if-none-match"));
    ck_assert_ptr_null(strcasestr(fake_request_at(1)->headers, "if-none-match"));
    ck_assert_ptr_nonnull(strcasestr(fake_request_at(1)->headers, "x-amz-checksum-sha256"));
    ck_assert_ptr_null(strcasestr(fake_request_at(2)->headers, "x-amz-checksum-sha256"));
    engine_end();
}
END_TEST

START_TEST(skewed_clocks_cost_no_attempt)
{
    enum { COUNT = 20 };
    static struct parcel parcels[COUNT];
    engine_set("s3.attempts", "1");
    engine_begin(1);
    fake_rule((struct fake_rule){.region = 0,
                                 .verb = WCI_S3_PUT,
                                 .times = 4,
                                 .status = 403,
                                 .code = "RequestTimeTooSkewed",
                                 .headers = "date: Thu, 26 Nov 2037 10:00:00 GMT\n"});
    for (int i = 0; i < COUNT; i++) {
        char key[16];
        snprintf(key, sizeof key, "key%d", i);
        parcel_make(&parcels[i], key, 100);
        parcel_send(&parcels[i]);
    }
    for (int i = 0; i < COUNT; i++) {
        parcel_wait(&parcels[i]);
        parcel_arrived(&parcels[i], 0);
    }
    const struct fake_request *last = fake_request_at(fake_count(0, FAKE_ANY) - 1);
    ck_assert_msg(strcasestr(last->headers, "x-amz-date: 20371126T"), "%s", last->headers);
    engine_end();
}
END_TEST

START_TEST(it_gives_up_in_time)
{
    struct parcel parcel;
    engine_begin(2);
    fake_rule((struct fake_rule){.region = FAKE_ANY,
                                 .verb = FAKE_ANY,
                                 .times = FAKE_FOREVER,
                                 .status = 503,
                                 .code = "SlowDown",
                                 .headers = "retry-after: 30\n"});
    parcel_make(&parcel, "key", 100);
    parcel.object.patience = 5 * WCI_SECOND;
    int64_t began = fake_now();
    parcel_send(&parcel);
    parcel_wait(&parcel);
    parcel_failed(&parcel, WILDCAM_ERR_UPLOAD, "All regions failed: r0: 503 SlowDown");
    ck_assert_int_le(fake_now() - began, 6 * WCI_SECOND);
    parcel_free(&parcel);
    engine_end();
}
END_TEST

START_TEST(failing_over_takes_less_than_a_second)
{
    struct parcel parcel;
    engine_begin(3);
    fake_rule((struct fake_rule){
        .region = 0, .verb = FAKE_ANY, .times = FAKE_FOREVER, .failure = WCI_LINK_BROKEN});
    int64_t began = fake_now();
    parcel_deliver(&parcel, "key0", 100);
    parcel_arrived(&parcel, 1);
    ck_assert_int_lt(fake_now() - began, WCI_SECOND);
    for (int i = 1; i < 10; i++) {
        char key[16];
        snprintf(key, sizeof key, "key%d", i);
        began = fake_now();
        parcel_deliver(&parcel, key, 100);
        parcel_arrived(&parcel, 1);
        ck_assert_int_le(fake_now() - began, 1000);
    }
    engine_end();
}
END_TEST

START_TEST(nowhere_to_go_is_said)
{
    wildcam_conf *conf;
    wci_engine *none;
    struct wci_log log = {0};
    fake_reset(1);
    conf = fake_conf();
    assert_done(wildcam_conf_set(conf, "s3.regions", ""));
    assert_fails(WILDCAM_ERR_STATE, "s3.regions", wci_engine_open(conf, &log, &fake_s3, &none));
    ck_assert_ptr_null(none);
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(a_key_that_is_none_is_refused)
{
    struct parcel parcel;
    engine_begin(1);
    parcel_make(&parcel, "", 10);
    assert_status(WILDCAM_ERR_INVALID, wci_engine_send(engine, &parcel.object));
    ck_assert_int_eq(parcel.times_done, 0);
    parcel_free(&parcel);
    engine_end();
}
END_TEST

START_TEST(it_is_cancelled_at_any_request)
{
    /* At the n-th request of a way that needs several of them. */
    struct parcel parcel;
    engine_begin(2);
    parcel_cancel_at(&parcel, _i);
    fake_rule((struct fake_rule){.region = 0,
                                 .verb = WCI_S3_PUT,
                                 .times = FAKE_FOREVER,
                                 .failure = WCI_LINK_BROKEN,
                                 .was_sent = true});
    parcel_deliver(&parcel, "key", 100);
    if (parcel.object.error.status) {
        parcel_failed(&parcel, WILDCAM_ERR_CANCELLED, "the upload of key was cancelled");
        ck_assert(parcel.object.is_blameless);
        ck_assert_int_eq(fake_count(FAKE_ANY, FAKE_ANY), _i + 1);
        parcel_free(&parcel);
    } else {
        ck_assert_int_ge(_i, 5);
        parcel_arrived(&parcel, 1);
    }
    engine_end();
}
END_TEST

START_TEST(it_is_cancelled_before_and_between)
{
    struct parcel parcel;
    engine_begin(1);
    parcel_make(&parcel, "key", 100);
    parcel_send(&parcel);
    wci_engine_cancel(engine, &parcel.object);
    parcel_wait(&parcel);
    parcel_failed(&parcel, WILDCAM_ERR_CANCELLED, "cancelled");
    ck_assert_int_eq(fake_count(FAKE_ANY, FAKE_ANY), 0);
    wci_engine_cancel(engine, &parcel.object); /* it has ended: nothing happens */
    /* While it waits for its next try. */
    fake_rule((struct fake_rule){.region = 0,
                                 .verb = WCI_S3_PUT,
                                 .status = 503,
                                 .code = "SlowDown",
                                 .headers = "retry-after: 20\n"});
    parcel_send(&parcel);
    ck_assert(!wci_engine_wait(engine, &parcel.is_done, fake_now() + WCI_SECOND));
    ck_assert_int_eq(fake_count(FAKE_ANY, FAKE_ANY), 1);
    wci_engine_cancel_all(engine);
    parcel_wait(&parcel);
    parcel_failed(&parcel, WILDCAM_ERR_CANCELLED, "cancelled");
    parcel_free(&parcel);
    engine_end();
}
END_TEST

START_TEST(a_thousand_arrive)
{
    enum { COUNT = 1000 };
    static struct parcel parcels[COUNT];
    engine_begin(3);
    for (int i = 0; i < COUNT; i++) {
        char key[16];
        snprintf(key, sizeof key, "key%d", i);
        parcel_make(&parcels[i], key, 200);
        parcel_send(&parcels[i]);
    }
    ck_assert_int_le(wci_engine_room(engine), 0);
    for (int i = 0; i < COUNT; i++)
        parcel_wait(&parcels[i]);
    ck_assert_int_le(fake_most_under_way(), 50);
    ck_assert_int_gt(fake_most_under_way(), 20);
    for (int i = 0; i < COUNT; i++)
        parcel_arrived(&parcels[i], 0);
    ck_assert_int_eq(fake_objects(), COUNT);
    engine_end();
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("engine");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, it_arrives_in_the_first_region);
    tcase_add_test(all, an_empty_one_arrives);
    tcase_add_loop_test(all, connections_may_take_long, 0, 2);
    tcase_add_test(all, credentials_that_have_expired_blame_nobody);
    tcase_add_test(all, all_regions_failed_says_why);
    tcase_add_test(all, what_has_no_room_in_the_sentence_has_dots);
    tcase_add_test(all, an_uplink_that_is_down_blames_nobody);
    tcase_add_test(all, what_may_be_there_is_not_forgotten);
    tcase_add_test(all, another_content_is_not_ours);
    tcase_add_test(all, what_is_there_is_found_by_a_condition);
    tcase_add_test(all, a_header_that_is_not_supported_is_left_out);
    tcase_add_test(all, skewed_clocks_cost_no_attempt);
    tcase_add_test(all, it_gives_up_in_time);
    tcase_add_test(all, failing_over_takes_less_than_a_second);
    tcase_add_test(all, nowhere_to_go_is_said);
    tcase_add_test(all, a_key_that_is_none_is_refused);
    tcase_add_loop_test(all, it_is_cancelled_at_any_request, 0, 9);
    tcase_add_test(all, it_is_cancelled_before_and_between);
    tcase_add_test(all, a_thousand_arrive);
    return suite;
}
