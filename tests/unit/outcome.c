/* What an exchange came to: each line of the table, and what is near to it. */
#include "upload/outcome.h"

#include "unit.h"

enum { MINUTES = 60 * 1000000 };

static const int64_t now = INT64_C(1795689600000000); /* 2026-11-26 */

/* An exchange and its answer, as short as may be. */
struct came {
    enum wci_link_failure failure;
    enum wci_s3_verb verb;
    int status;
    const char *code, *region, *etag, *upload_id, *request_id;
    bool was_reused, was_answered, was_sent, is_error;
    int64_t clock_off; /* the server's against ours; 0: it sends no date */
};

static struct wci_exchange exchange_of(const struct came *came)
{
    return (struct wci_exchange){
        .failure = came->failure,
        .status = came->status,
        .was_reused = came->was_reused,
        .was_answered = came->was_answered || came->status != 0,
        .was_sent = came->was_sent,
    };
}

static void put(char *text, size_t size, const char *words)
{
    snprintf(text, size, "%s", words ? words : "");
}

static enum wci_outcome outcome_of(const struct came *came)
{
    struct wci_exchange exchange = exchange_of(came);
    struct wci_s3_answer answer = {.status = came->status};
    answer.is_error = came->is_error || came->status >= 300;
    answer.date = came->clock_off ? now + came->clock_off : WILDCAM_TIME_NONE;
    put(answer.code, sizeof answer.code, came->code);
    put(answer.region, sizeof answer.region, came->region);
    put(answer.etag, sizeof answer.etag, came->etag);
    put(answer.upload_id, sizeof answer.upload_id, came->upload_id);
    put(answer.request_id, sizeof answer.request_id, came->request_id);
    return wci_outcome_of(&exchange, came->verb, &answer, now);
}

#define assert_outcome(wanted, ...)                                                                \
    do {                                                                                           \
        enum wci_outcome got_ = outcome_of(&(struct came){__VA_ARGS__});                           \
        ck_assert_msg(got_ == WCI_OUTCOME_##wanted, "{%s} is %s, not %s", #__VA_ARGS__,            \
                      wci_outcome_word(got_), wci_outcome_word(WCI_OUTCOME_##wanted));             \
    } while (0)

START_TEST(success_is_what_s3_alone_says)
{
    assert_outcome(OK, .status = 200, .etag = "abc", .was_sent = true);
    assert_outcome(OK, .status = 201, .etag = "abc", .was_sent = true);
    assert_outcome(OK, .verb = WCI_S3_HEAD, .status = 200);
    assert_outcome(OK, .verb = WCI_S3_DELETE, .status = 204);
    assert_outcome(OK, .verb = WCI_S3_BEGIN_PARTS, .status = 200, .upload_id = "u");
    assert_outcome(OK, .verb = WCI_S3_PUT_PART, .status = 200, .etag = "abc");
    assert_outcome(OK, .verb = WCI_S3_LIST_PARTS, .status = 200);
    assert_outcome(OK, .verb = WCI_S3_JOIN_PARTS, .status = 200, .etag = "abc-2");
    assert_outcome(OK, .verb = WCI_S3_DROP_PARTS, .status = 204);
    /* a portal's page for those who have not logged in */
    assert_outcome(UNTRUSTED, .status = 200, .was_sent = true);
    assert_outcome(UNTRUSTED, .verb = WCI_S3_BEGIN_PARTS, .status = 200);
    assert_outcome(UNTRUSTED, .verb = WCI_S3_PUT_PART, .status = 200);
    assert_outcome(UNTRUSTED, .verb = WCI_S3_JOIN_PARTS, .status = 200);
    assert_outcome(UNTRUSTED, .status = 302);
    assert_outcome(UNTRUSTED, .status = 403);
    assert_outcome(UNTRUSTED, .status = 511);
}
END_TEST

START_TEST(an_error_inside_a_200_is_one)
{
    assert_outcome(TRANSIENT, .status = 200, .is_error = true, .code = "InternalError",
                   .etag = "abc");
    assert_outcome(THROTTLED, .verb = WCI_S3_JOIN_PARTS, .status = 200, .is_error = true,
                   .code = "SlowDown");
    assert_outcome(TRANSIENT, .verb = WCI_S3_JOIN_PARTS, .status = 200, .is_error = true);
    assert_outcome(NO_PARTS, .verb = WCI_S3_JOIN_PARTS, .status = 200, .is_error = true,
                   .code = "InvalidPart");
}
END_TEST

START_TEST(a_pooled_connection_may_be_dead)
{
    assert_outcome(STALE, .failure = WCI_LINK_BROKEN, .was_reused = true);
    assert_outcome(STALE, .failure = WCI_LINK_TLS, .was_reused = true);
    assert_outcome(STALE, .failure = WCI_LINK_BROKEN, .was_reused = true, .was_sent = true);
    assert_outcome(STALE, .verb = WCI_S3_HEAD, .failure = WCI_LINK_BROKEN, .was_reused = true);
    /* but not one that has begun to answer, a fresh one, or one that hangs */
    assert_outcome(TRANSIENT, .failure = WCI_LINK_BROKEN, .was_reused = true, .was_answered = true);
    assert_outcome(TRANSIENT, .failure = WCI_LINK_BROKEN);
    assert_outcome(TRANSIENT, .failure = WCI_LINK_TIMED_OUT, .was_reused = true);
}
END_TEST

START_TEST(links_fail)
{
    assert_outcome(TRANSIENT, .failure = WCI_LINK_CONNECT);
    assert_outcome(TRANSIENT, .failure = WCI_LINK_TLS);
    assert_outcome(TRANSIENT, .failure = WCI_LINK_TIMED_OUT);
    assert_outcome(TRANSIENT, .failure = WCI_LINK_PROTOCOL);
    assert_outcome(UNREACHABLE, .failure = WCI_LINK_RESOLVE);
    assert_outcome(UNREACHABLE, .failure = WCI_LINK_UNREACHABLE);
    assert_outcome(UNTRUSTED, .failure = WCI_LINK_UNTRUSTED);
    assert_outcome(LOCAL, .failure = WCI_LINK_LOCAL);
    assert_outcome(LOCAL, .failure = WCI_LINK_MEMORY);
    assert_outcome(CANCELLED, .failure = WCI_LINK_CANCELLED, .was_sent = true);
}
END_TEST

START_TEST(no_answer_to_all_of_it_is_ambiguous)
{
    assert_outcome(AMBIGUOUS, .failure = WCI_LINK_BROKEN, .was_sent = true);
    assert_outcome(AMBIGUOUS, .failure = WCI_LINK_TIMED_OUT, .was_sent = true, .was_reused = true);
    assert_outcome(AMBIGUOUS, .failure = WCI_LINK_BROKEN, .was_sent = true, .was_reused = true,
                   .was_answered = true);
    /* half an answer that says yes is none */
    assert_outcome(AMBIGUOUS, .failure = WCI_LINK_BROKEN, .status = 200, .etag = "abc",
                   .was_sent = true);
    assert_outcome(AMBIGUOUS, .verb = WCI_S3_JOIN_PARTS, .failure = WCI_LINK_TIMED_OUT,
                   .was_sent = true);
    /* a gateway has handed it on, and heard nothing */
    assert_outcome(AMBIGUOUS, .status = 504, .was_sent = true);
    assert_outcome(AMBIGUOUS, .status = 502, .was_sent = true);
    assert_outcome(TRANSIENT, .status = 504);
    assert_outcome(TRANSIENT, .status = 503, .was_sent = true);
    /* half an answer that says no is one */
    assert_outcome(THROTTLED, .failure = WCI_LINK_BROKEN, .status = 503, .code = "SlowDown",
                   .was_sent = true);
    assert_outcome(TRANSIENT, .failure = WCI_LINK_BROKEN, .status = 503, .was_sent = true);
    /* what makes no object leaves none */
    assert_outcome(TRANSIENT, .verb = WCI_S3_PUT_PART, .failure = WCI_LINK_BROKEN,
                   .was_sent = true);
    assert_outcome(TRANSIENT, .verb = WCI_S3_HEAD, .failure = WCI_LINK_TIMED_OUT, .was_sent = true);
    assert_outcome(TRANSIENT, .verb = WCI_S3_DELETE, .status = 504, .was_sent = true);
}
END_TEST

static bool in_doubt(const struct came *came)
{
    struct wci_exchange exchange = exchange_of(came);
    return wci_outcome_in_doubt(&exchange, came->verb);
}

START_TEST(doubts)
{
    ck_assert(in_doubt(&(struct came){.failure = WCI_LINK_BROKEN, .was_sent = true}));
    /* a server that died with the body in its hands, on a connection that it had before */
    ck_assert(
        in_doubt(&(struct came){.failure = WCI_LINK_BROKEN, .was_sent = true, .was_reused = true}));
    ck_assert(in_doubt(&(struct came){.failure = WCI_LINK_CANCELLED, .was_sent = true}));
    ck_assert(in_doubt(&(struct came){.status = 504, .was_sent = true}));
    ck_assert(!in_doubt(&(struct came){.failure = WCI_LINK_BROKEN}));
    ck_assert(!in_doubt(
        &(struct came){.failure = WCI_LINK_BROKEN, .was_sent = true, .verb = WCI_S3_PUT_PART}));
    ck_assert(!in_doubt(&(struct came){.status = 200, .was_sent = true}));
    ck_assert(!in_doubt(&(struct came){.status = 503, .was_sent = true}));
    ck_assert(
        !in_doubt(&(struct came){.failure = WCI_LINK_BROKEN, .status = 403, .was_sent = true}));
}
END_TEST

START_TEST(the_server_has_trouble)
{
    static const int statuses[] = {500, 502, 503, 504, 520, 408, 425};
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        assert_outcome(TRANSIENT, .status = statuses[i]);
    assert_outcome(TRANSIENT, .status = 500, .code = "InternalError");
    assert_outcome(TRANSIENT, .status = 503, .code = "ServiceUnavailable");
    assert_outcome(TRANSIENT, .status = 400, .code = "RequestTimeout");
    assert_outcome(TRANSIENT, .status = 400, .code = "BadDigest");
    assert_outcome(TRANSIENT, .status = 400, .code = "IncompleteBody");
    assert_outcome(TRANSIENT, .status = 400, .code = "XAmzContentSHA256Mismatch");
    assert_outcome(THROTTLED, .status = 503, .code = "SlowDown");
    assert_outcome(THROTTLED, .status = 429);
    assert_outcome(THROTTLED, .status = 429, .code = "TooManyRequests");
    assert_outcome(THROTTLED, .status = 400, .code = "ThrottlingException");
    assert_outcome(THROTTLED, .status = 509, .code = "BandwidthLimitExceeded");
}
END_TEST

START_TEST(keys_that_are_there_or_not)
{
    assert_outcome(CONFLICT, .status = 409, .code = "ConditionalRequestConflict");
    assert_outcome(CONFLICT, .status = 409, .code = "OperationAborted");
    assert_outcome(EXISTS, .status = 412, .code = "PreconditionFailed");
    assert_outcome(EXISTS, .status = 412);
    assert_outcome(MISSING, .verb = WCI_S3_HEAD, .status = 404);
    assert_outcome(MISSING, .verb = WCI_S3_DELETE, .status = 404);
    assert_outcome(MISSING, .verb = WCI_S3_DELETE, .status = 404, .code = "NoSuchKey");
    assert_outcome(REFUSED, .verb = WCI_S3_DELETE, .status = 404, .code = "NoSuchBucket",
                   .request_id = "r");
    assert_outcome(NO_PARTS, .verb = WCI_S3_PUT_PART, .status = 404, .code = "NoSuchUpload");
    assert_outcome(NO_PARTS, .verb = WCI_S3_JOIN_PARTS, .status = 400, .code = "InvalidPartOrder");
    assert_outcome(NO_PARTS, .verb = WCI_S3_JOIN_PARTS, .status = 400, .code = "EntityTooSmall");
}
END_TEST

START_TEST(clocks_differ)
{
    assert_outcome(SKEWED, .status = 403, .code = "RequestTimeTooSkewed");
    assert_outcome(SKEWED, .status = 400, .code = "RequestExpired");
    assert_outcome(SKEWED, .status = 403, .code = "SignatureDoesNotMatch",
                   .clock_off = 4 * MINUTES + 1);
    assert_outcome(SKEWED, .status = 403, .code = "SignatureDoesNotMatch",
                   .clock_off = -4 * MINUTES - 1);
    assert_outcome(REFUSED, .status = 403, .code = "SignatureDoesNotMatch",
                   .clock_off = 4 * MINUTES);
    assert_outcome(REFUSED, .status = 403, .code = "SignatureDoesNotMatch");
    assert_outcome(SKEWED, .status = 403, .code = "AccessDenied", .clock_off = 16 * MINUTES);
    assert_outcome(REFUSED, .status = 403, .code = "AccessDenied", .clock_off = 14 * MINUTES);
    assert_outcome(SKEWED, .verb = WCI_S3_HEAD, .status = 403, .clock_off = -16 * MINUTES);
    assert_outcome(REFUSED, .verb = WCI_S3_HEAD, .status = 403, .clock_off = 1);
}
END_TEST

START_TEST(credentials_and_places)
{
    assert_outcome(EXPIRED, .status = 400, .code = "ExpiredToken");
    assert_outcome(EXPIRED, .status = 400, .code = "InvalidToken");
    assert_outcome(EXPIRED, .verb = WCI_S3_HEAD, .status = 400);
    assert_outcome(MOVED, .status = 301, .code = "PermanentRedirect", .region = "eu-west-1");
    assert_outcome(MOVED, .status = 307, .code = "TemporaryRedirect", .region = "eu-west-1");
    assert_outcome(MOVED, .verb = WCI_S3_HEAD, .status = 301, .region = "eu-west-1");
    assert_outcome(MOVED, .status = 400, .code = "AuthorizationHeaderMalformed",
                   .region = "eu-west-1");
    /* AWS tells its region with many an answer */
    assert_outcome(REFUSED, .status = 403, .code = "AccessDenied", .region = "eu-west-1");
    assert_outcome(REFUSED, .status = 301, .code = "PermanentRedirect");
    assert_outcome(REFUSED, .status = 400, .code = "AuthorizationHeaderMalformed");
}
END_TEST

START_TEST(refused_or_never_possible)
{
    assert_outcome(REFUSED, .status = 403, .code = "AccessDenied");
    assert_outcome(REFUSED, .status = 403, .code = "InvalidAccessKeyId");
    assert_outcome(REFUSED, .status = 404, .code = "NoSuchBucket");
    assert_outcome(REFUSED, .status = 401, .request_id = "r");
    assert_outcome(REFUSED, .status = 507, .code = "XMinioStorageFull");
    /* what nobody knows is not the object's fault */
    assert_outcome(REFUSED, .status = 400, .code = "SomethingNew");
    assert_outcome(UNSUPPORTED, .status = 501, .code = "NotImplemented");
    assert_outcome(UNSUPPORTED, .status = 501);
    assert_outcome(IMPOSSIBLE, .status = 400, .code = "EntityTooLarge");
    assert_outcome(IMPOSSIBLE, .status = 400, .code = "KeyTooLongError");
    assert_outcome(IMPOSSIBLE, .status = 400, .code = "MetadataTooLarge");
    /* a proxy's limit is not S3's */
    assert_outcome(UNTRUSTED, .status = 413);
}
END_TEST

START_TEST(words)
{
    for (int i = 0; i < WCI_OUTCOME_COUNT; i++)
        for (int k = 0; k < i; k++)
            ck_assert_str_ne(wci_outcome_word(i), wci_outcome_word(k));
    ck_assert_str_eq(wci_outcome_word(WCI_OUTCOME_NO_PARTS), "no_parts");
    ck_assert_str_eq(wci_outcome_word(WCI_OUTCOME_COUNT), "unknown");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("outcome");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, success_is_what_s3_alone_says);
    tcase_add_test(all, an_error_inside_a_200_is_one);
    tcase_add_test(all, a_pooled_connection_may_be_dead);
    tcase_add_test(all, links_fail);
    tcase_add_test(all, no_answer_to_all_of_it_is_ambiguous);
    tcase_add_test(all, doubts);
    tcase_add_test(all, the_server_has_trouble);
    tcase_add_test(all, keys_that_are_there_or_not);
    tcase_add_test(all, clocks_differ);
    tcase_add_test(all, credentials_and_places);
    tcase_add_test(all, refused_or_never_possible);
    tcase_add_test(all, words);
    return suite;
}
