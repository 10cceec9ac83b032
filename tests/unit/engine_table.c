/* The outcome table over the fake S3: what each answer comes to, line by line. */
#include "engine_unit.h"

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

Suite *make_suite(void)
{
    Suite *suite = suite_create("engine_table");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, a_line_of_the_table, 0, LINES);
    return suite;
}
