/* Objects that go whole, over the fake S3: each line of the outcome table, and what surrounds it.
 */
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

/* What goes wrong first, and what comes of it. */
struct line {
    const char *name;
    struct fake_rule rule;
    int region;            /* where it arrives; -1 nowhere */
    int puts[2], heads;    /* requests: PUT in either region, HEAD in the first */
    const char *reason;    /* of the first region; NULL for none */
    bool fresh;            /* the second request had to be */
    wildcam_status status; /* when it does not arrive */
};

#define SAYS(...)                                                                                  \
    {                                                                                              \
        .region = 0, .verb = WCI_S3_PUT, __VA_ARGS__                                               \
    }
#define FAILS(...) SAYS(.failure = __VA_ARGS__)

static const struct line table[] = {
    {"a stale connection", FAILS(WCI_LINK_BROKEN, .was_reused = true), 0, {2, 0}, 0, NULL, true, 0},
    {"two stale ones",
     FAILS(WCI_LINK_BROKEN, .was_reused = true, .times = 2),
     0,
     {2, 0},
     0,
     NULL,
     true,
     0},
    {"a reset", FAILS(WCI_LINK_BROKEN), 0, {2, 0}, 0, "as the rule says", false, 0},
    {"resets for ever",
     FAILS(WCI_LINK_BROKEN, .times = FAKE_FOREVER),
     1,
     {3, 1},
     0,
     "as the rule",
     false,
     0},
    {"refused connections",
     FAILS(WCI_LINK_CONNECT, .times = FAKE_FOREVER),
     1,
     {3, 1},
     0,
     "as the rule",
     false,
     0},
    {"an answer lost, stored",
     FAILS(WCI_LINK_BROKEN, .was_sent = true, .is_done = true),
     0,
     {2, 0},
     0,
     "as the rule",
     false,
     0},
    {"answers lost, stored",
     FAILS(WCI_LINK_BROKEN, .was_sent = true, .is_done = true, .times = FAKE_FOREVER),
     0,
     {3, 0},
     1,
     "as the rule",
     false,
     0},
    {"answers lost, not stored",
     FAILS(WCI_LINK_BROKEN, .was_sent = true, .times = FAKE_FOREVER),
     1,
     {3, 1},
     1,
     "as the rule",
     false,
     0},
    {"500",
     SAYS(.status = 500, .code = "InternalError"),
     0,
     {2, 0},
     0,
     "500 InternalError: as the rule says (request 4f2)",
     false,
     0},
    {"500 for ever",
     SAYS(.status = 500, .code = "InternalError", .times = FAKE_FOREVER),
     1,
     {3, 1},
     0,
     "500 InternalError",
     false,
     0},
    {"502", SAYS(.status = 502), 0, {2, 0}, 0, "502", false, 0},
    {"503", SAYS(.status = 503, .code = "ServiceUnavailable"), 0, {2, 0}, 0, "503", false, 0},
    {"504 for ever, stored",
     SAYS(.status = 504, .is_done = true, .times = FAKE_FOREVER),
     0,
     {3, 0},
     1,
     "504",
     false,
     0},
    {"RequestTimeout",
     SAYS(.status = 400, .code = "RequestTimeout"),
     0,
     {2, 0},
     0,
     "RequestTimeout",
     false,
     0},
    {"BadDigest", SAYS(.status = 400, .code = "BadDigest"), 0, {2, 0}, 0, "BadDigest", false, 0},
    {"a spoiled body",
     SAYS(.status = 400, .code = "XAmzContentSHA256Mismatch"),
     0,
     {2, 0},
     0,
     "XAmzContent",
     false,
     0},
    {"200 with an error",
     SAYS(.status = 200, .code = "InternalError"),
     0,
     {2, 0},
     0,
     "InternalError",
     false,
     0},
    {"SlowDown", SAYS(.status = 503, .code = "SlowDown"), 0, {2, 0}, 0, "503 SlowDown", false, 0},
    {"429", SAYS(.status = 429), 0, {2, 0}, 0, "429", false, 0},
    {"a conflict",
     SAYS(.status = 409, .code = "ConditionalRequestConflict"),
     0,
     {2, 0},
     0,
     "409",
     false,
     0},
    {"skewed",
     SAYS(.status = 403, .code = "RequestTimeTooSkewed",
          .headers = "date: Thu, 26 Nov 2037 10:00:00 GMT\n"),
     0,
     {2, 0},
     0,
     "RequestTimeTooSkewed",
     false,
     0},
    {"moved",
     SAYS(.status = 301, .code = "PermanentRedirect",
          .headers = "x-amz-bucket-region: eu-north-1\n"),
     0,
     {2, 0},
     0,
     "301 PermanentRedirect",
     false,
     0},
    {"moved for ever",
     SAYS(.status = 301, .code = "PermanentRedirect", .times = FAKE_FOREVER,
          .headers = "x-amz-bucket-region: eu-north-1\n"),
     1,
     {2, 1},
     0,
     "301 PermanentRedirect",
     false,
     0},
    {"refused",
     SAYS(.status = 403, .code = "AccessDenied"),
     1,
     {1, 1},
     0,
     "403 AccessDenied",
     false,
     0},
    {"no bucket",
     SAYS(.status = 404, .code = "NoSuchBucket"),
     1,
     {1, 1},
     0,
     "404 NoSuchBucket",
     false,
     0},
    {"a stranger's key",
     SAYS(.status = 403, .code = "InvalidAccessKeyId"),
     1,
     {1, 1},
     0,
     "403 InvalidAccessKeyId",
     false,
     0},
    {"not trusted",
     FAILS(WCI_LINK_UNTRUSTED, .times = FAKE_FOREVER),
     1,
     {1, 1},
     0,
     "as the rule",
     false,
     0},
    {"no name",
     FAILS(WCI_LINK_RESOLVE, .times = FAKE_FOREVER),
     1,
     {1, 1},
     0,
     "as the rule",
     false,
     0},
    {"no route",
     FAILS(WCI_LINK_UNREACHABLE, .times = FAKE_FOREVER),
     1,
     {1, 1},
     0,
     "as the rule",
     false,
     0},
    {"too large",
     SAYS(.status = 400, .code = "EntityTooLarge"),
     -1,
     {1, 0},
     0,
     NULL,
     false,
     WILDCAM_ERR_TOOLARGE},
    {"no such key possible",
     SAYS(.status = 400, .code = "KeyTooLongError"),
     -1,
     {1, 0},
     0,
     NULL,
     false,
     WILDCAM_ERR_INVALID},
    {"an unreadable file", FAILS(WCI_LINK_LOCAL), -1, {1, 0}, 0, NULL, false, WILDCAM_ERR_IO},
};
enum { LINES = sizeof table / sizeof table[0] };

START_TEST(a_line_of_the_table)
{
    const struct line *line = &table[_i];
    struct parcel parcel;
    engine_begin(2);
    fake_rule(line->rule);
    parcel_deliver(&parcel, "key", 5000);
    const struct wci_object *object = &parcel.object;
    ck_assert_msg(object->region == line->region, "%s: region %d: %s", line->name, object->region,
                  object->error.message);
    for (int i = 0; i < 2; i++)
        ck_assert_msg(fake_count(i, WCI_S3_PUT) == line->puts[i], "%s: %d PUT in r%d", line->name,
                      fake_count(i, WCI_S3_PUT), i);
    ck_assert_msg(fake_count(0, WCI_S3_HEAD) == line->heads, "%s: %d HEAD", line->name,
                  fake_count(0, WCI_S3_HEAD));
    if (line->reason)
        ck_assert_msg(strstr(wci_text_get(&object->reasons[0]), line->reason), "%s: %s", line->name,
                      wci_text_get(&object->reasons[0]));
    if (line->fresh)
        ck_assert_msg(fake_request_at(1)->was_fresh, "%s", line->name);
    /* What was looked for and not found may still come to light. */
    ck_assert_uint_eq(object->doubts, line->heads && line->region == 1 ? 1 : 0);
    if (line->region < 0) {
        parcel_failed(&parcel, line->status, "key");
        ck_assert_int_eq(object->is_impossible, line->status != WILDCAM_ERR_IO);
        ck_assert(!object->is_blameless);
        parcel_free(&parcel);
    } else {
        parcel_arrived(&parcel, line->region);
    }
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

static void note_errand(void *user, struct wci_errand *errand)
{
    (void)errand;
    atomic_store((atomic_bool *)user, true);
}

static void run_errand(struct wci_errand *errand, enum wci_s3_verb verb, const char *key)
{
    atomic_bool is_done = false;
    *errand = (struct wci_errand){.verb = verb, .key = key, .done = note_errand, .user = &is_done};
    assert_done(wci_engine_run_errand(engine, errand));
    ck_assert(wci_engine_wait(engine, &is_done, fake_now() + 86400 * WCI_SECOND));
}

START_TEST(errands_are_run)
{
    struct wci_errand errand;
    struct parcel parcel;
    engine_begin(2);
    run_errand(&errand, WCI_S3_HEAD, "key");
    ck_assert_int_eq(errand.outcome, WCI_OUTCOME_MISSING);
    ck_assert_int_eq(errand.error.status, WILDCAM_OK);
    parcel_deliver(&parcel, "key", 100);
    run_errand(&errand, WCI_S3_HEAD, "key");
    ck_assert_int_eq(errand.outcome, WCI_OUTCOME_OK);
    ck_assert_int_eq(errand.answer.content_length, 100);
    parcel_arrived(&parcel, 0);
    /* What is forbidden is told, and does not count against the region. */
    fake_rule(says(0, WCI_S3_DELETE, 403, "AccessDenied"));
    run_errand(&errand, WCI_S3_DELETE, "key");
    ck_assert_int_eq(errand.outcome, WCI_OUTCOME_REFUSED);
    ck_assert_int_eq(errand.error.status, WILDCAM_ERR_UPLOAD);
    ck_assert_ptr_nonnull(strstr(errand.error.message, "r0: 403 AccessDenied"));
    run_errand(&errand, WCI_S3_DELETE, "key");
    ck_assert_int_eq(errand.outcome, WCI_OUTCOME_OK);
    ck_assert_int_eq(fake_objects(), 0);
    fake_rule(
        (struct fake_rule){.region = 0, .verb = WCI_S3_HEAD, .times = FAKE_FOREVER, .status = 500});
    run_errand(&errand, WCI_S3_HEAD, "key");
    ck_assert_int_eq(errand.outcome, WCI_OUTCOME_TRANSIENT);
    assert_status(WILDCAM_ERR_INVALID,
                  wci_engine_run_errand(engine, &(struct wci_errand){.key = ""}));
    engine_end();
}
END_TEST

START_TEST(urls_are_signed)
{
    struct wci_text url = {0};
    engine_begin(2);
    assert_done(wci_engine_presign(engine, 1, "images/a b.jpg", 3600, &url));
    ck_assert_msg(strncmp(url.data, "http://r1.test/bucket/images/a%20b.jpg?", 39) == 0, "%s",
                  url.data);
    ck_assert_ptr_nonnull(strstr(url.data, "X-Amz-Expires=3600"));
    ck_assert_ptr_null(strstr(url.data, "secret"));
    assert_status(WILDCAM_ERR_INVALID, wci_engine_presign(engine, 1, "", 3600, &url));
    wci_text_free(&url);
    engine_end();
}
END_TEST

START_TEST(regions_are_found_and_looked_at)
{
    struct wci_region_report report;
    struct wci_text reason = {0};
    struct parcel parcel;
    engine_begin(2);
    ck_assert_uint_eq(wci_engine_regions(engine), 2);
    ck_assert_int_eq(wci_engine_find_region(engine, "r1"), 1);
    ck_assert_int_eq(wci_engine_find_region(engine, "r"), -1);
    ck_assert_str_eq(wci_engine_region(engine, 1)->bucket, "bucket");
    ck_assert_int_gt(wci_engine_room(engine), 0);
    fake_rule(says(0, WCI_S3_PUT, 403, "AccessDenied"));
    parcel_deliver(&parcel, "key", 100);
    parcel_arrived(&parcel, 1);
    wci_engine_look(engine, 0, &report, &reason);
    ck_assert_int_eq(report.state, WCI_REGION_MISCONFIGURED);
    ck_assert_str_eq(wci_text_get(&reason), "403 AccessDenied: as the rule says (request 4f2)");
    wci_engine_look(engine, 1, &report, &reason);
    ck_assert_int_eq(report.state, WCI_REGION_OK);
    ck_assert(report.is_current);
    ck_assert_str_eq(wci_text_get(&reason), "");
    wci_text_free(&reason);
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

static struct parcel *to_cancel;

static void cancel_it(void)
{
    wci_engine_cancel(engine, &to_cancel->object);
}

START_TEST(it_is_cancelled_at_any_request)
{
    /* At the n-th request of a way that needs several of them. */
    struct parcel parcel;
    to_cancel = &parcel;
    engine_begin(2);
    fake_rule((struct fake_rule){
        .region = FAKE_ANY, .verb = FAKE_ANY, .after = _i, .meanwhile = cancel_it});
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
    tcase_add_loop_test(all, a_line_of_the_table, 0, LINES);
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
    tcase_add_test(all, errands_are_run);
    tcase_add_test(all, urls_are_signed);
    tcase_add_test(all, regions_are_found_and_looked_at);
    tcase_add_test(all, nowhere_to_go_is_said);
    tcase_add_test(all, a_key_that_is_none_is_refused);
    tcase_add_loop_test(all, it_is_cancelled_at_any_request, 0, 9);
    tcase_add_test(all, it_is_cancelled_before_and_between);
    tcase_add_test(all, a_thousand_arrive);
    return suite;
}
