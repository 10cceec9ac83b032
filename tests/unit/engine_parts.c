/* Objects that go in parts, over the fake S3. */
#include <fcntl.h>
#include <unistd.h>

#include "base/calendar.h"
#include "engine_unit.h"

enum { PART = 1000, COUNT = 10, SIZE = PART * (COUNT - 1) + 7 };

static struct fake_rule forever(struct fake_rule rule)
{
    rule.times = FAKE_FOREVER;
    return rule;
}

static void make(struct parcel *parcel)
{
    parcel_make(parcel, "key", SIZE);
    parcel_split(parcel, PART);
    ck_assert_uint_eq(parcel->object.part_count, COUNT);
}

static void deliver(struct parcel *parcel)
{
    make(parcel);
    parcel_send(parcel);
    parcel_wait(parcel);
}

static char noted_id[64];
static int noted_region;

static void note_parts(void *user, struct wci_object *object)
{
    (void)user;
    noted_region = object->region;
    snprintf(noted_id, sizeof noted_id, "%s", object->upload_id);
}

START_TEST(it_arrives_in_parts)
{
    struct parcel parcel;
    engine_begin(3);
    make(&parcel);
    parcel.object.began_parts = note_parts;
    parcel_send(&parcel);
    parcel_wait(&parcel);
    ck_assert_int_eq(parcel.object.requests, COUNT + 2);
    ck_assert_int_ge(parcel.object.sent, SIZE);
    ck_assert_str_eq(parcel.object.etag, "joined-2");
    ck_assert_str_eq(noted_id, "upload-1");
    ck_assert_int_eq(noted_region, 0);
    ck_assert_int_eq(fake_most_under_way(), 4);
    ck_assert_int_eq(fake_count(0, WCI_S3_BEGIN_PARTS), 1);
    ck_assert_int_eq(fake_count(0, WCI_S3_PUT_PART), COUNT);
    ck_assert_int_eq(fake_count(0, WCI_S3_JOIN_PARTS), 1);
    parcel_arrived(&parcel, 0);
    ck_assert_int_eq(fake_uploads(0), 0);
    engine_end();
}
END_TEST

START_TEST(a_file_goes_in_parts)
{
    struct parcel parcel;
    engine_begin(1);
    make(&parcel);
    save_file(scratch_path("file"), "????", 4);
    int fd = open(scratch_path("file"), O_RDWR | O_APPEND);
    ck_assert_int_eq(write(fd, parcel.data, SIZE), SIZE);
    parcel.object.body = (struct wci_body){.fd = fd, .offset = 4, .length = SIZE};
    parcel_send(&parcel);
    parcel_wait(&parcel);
    parcel_arrived(&parcel, 0);
    close(fd);
    engine_end();
}
END_TEST

/* Whatever request fails once, it is repeated by itself, and nothing else is. */
START_TEST(any_request_may_fail_once)
{
    static const struct fake_rule faults[] = {
        {.region = 0, .verb = FAKE_ANY, .failure = WCI_LINK_BROKEN},
        {.region = 0, .verb = FAKE_ANY, .failure = WCI_LINK_BROKEN, .was_sent = true},
        {.region = 0, .verb = FAKE_ANY, .status = 500, .code = "InternalError"},
        {.region = 0, .verb = FAKE_ANY, .status = 200, .code = "InternalError"},
        {.region = 0, .verb = FAKE_ANY, .status = 503, .code = "SlowDown"},
        {.region = 0, .verb = FAKE_ANY, .status = 400, .code = "RequestTimeout"},
    };
    struct parcel parcel;
    struct fake_rule rule = faults[_i % 6];
    engine_begin(2);
    rule.after = _i / 6;
    fake_rule(rule);
    deliver(&parcel);
    ck_assert_int_eq(parcel.object.requests, COUNT + 3);
    ck_assert_uint_eq(parcel.object.doubts, 0);
    parcel_arrived(&parcel, 0);
    ck_assert_int_eq(fake_count(1, FAKE_ANY), 0);
    ck_assert_int_eq(fake_uploads(0), 0);
    engine_end();
}
END_TEST

START_TEST(a_region_that_fails_at_any_request_is_left)
{
    struct parcel parcel;
    struct fake_rule rule = forever(breaks(0, FAKE_ANY, WCI_LINK_BROKEN));
    engine_begin(2);
    rule.after = _i;
    fake_rule(rule);
    deliver(&parcel);
    ck_assert_int_eq(parcel.object.region, 1);
    ck_assert_msg(parcel.object.error.status == WILDCAM_OK, "%s", parcel.object.error.message);
    ck_assert(fake_holds(1, "key", parcel.data, SIZE));
    /* What was begun there could not be dropped: it is not forgotten. */
    ck_assert_int_eq(fake_uploads(0), (int)parcel.object.leftover_count);
    ck_assert_int_eq(fake_uploads(1), 0);
    if (parcel.object.leftover_count) {
        ck_assert_int_eq(parcel.object.leftovers[0].region, 0);
        ck_assert_str_eq(parcel.object.leftovers[0].upload_id, "upload-1");
    }
    ck_assert_ptr_null(parcel.object.upload_id);
    ck_assert_uint_eq(parcel.object.doubts, 0);
    parcel_free(&parcel);
    engine_end();
}
END_TEST

START_TEST(what_was_begun_elsewhere_is_dropped)
{
    struct parcel parcel;
    engine_begin(2);
    fake_rule(forever(says(0, WCI_S3_PUT_PART, 403, "AccessDenied")));
    deliver(&parcel);
    parcel_arrived(&parcel, 1);
    ck_assert_int_eq(fake_count(0, WCI_S3_DROP_PARTS), 1);
    ck_assert_int_eq(fake_uploads(0), 0);
    engine_end();
}
END_TEST

START_TEST(it_goes_on_with_what_is_there)
{
    struct parcel parcel;
    engine_begin(2);
    make(&parcel);
    const char *id = fake_begin(1, "key");
    for (int i = 0; i < 5; i++)
        fake_put_part(id, i + 2, (char *)parcel.data + PART * (i + 1), PART);
    fake_put_part(id, 8, parcel.data, PART - 1); /* of another size */
    fake_put_part(id, 9, parcel.data, PART);     /* of another content */
    fake_put_part(id, COUNT + 1, parcel.data, PART);
    parcel.object.resume_region = 1;
    parcel.object.resume_id = id;
    parcel_send(&parcel);
    parcel_wait(&parcel);
    parcel_arrived(&parcel, 1);
    ck_assert_int_eq(fake_count(1, WCI_S3_PUT_PART), COUNT - 5);
    ck_assert_int_eq(fake_count(1, WCI_S3_LIST_PARTS), 3); /* of three parts each */
    ck_assert_int_eq(fake_count(0, FAKE_ANY), 0);
    ck_assert_int_eq(fake_uploads(1), 0);
    engine_end();
}
END_TEST

START_TEST(parts_that_are_gone_are_begun_anew)
{
    struct parcel parcel;
    engine_begin(2);
    make(&parcel);
    parcel.object.resume_region = 1;
    parcel.object.resume_id = "upload-of-old";
    parcel_send(&parcel);
    parcel_wait(&parcel);
    parcel_arrived(&parcel, 0);
    /* In the middle, or at the end. */
    for (int verb = WCI_S3_PUT_PART; verb <= WCI_S3_JOIN_PARTS; verb += 2) {
        int begun = fake_count(0, WCI_S3_BEGIN_PARTS);
        fake_rule((struct fake_rule){.region = 0,
                                     .verb = verb,
                                     .after = verb == WCI_S3_PUT_PART,
                                     .status = 404,
                                     .code = "NoSuchUpload"});
        make(&parcel);
        parcel.key[0] = (char)('a' + verb);
        parcel_send(&parcel);
        parcel_wait(&parcel);
        parcel_arrived(&parcel, 0);
        ck_assert_int_eq(fake_count(0, WCI_S3_BEGIN_PARTS), begun + 2);
    }
    engine_end();
}
END_TEST

/* The rest of what cannot be joined is paid for until it is dropped. */
START_TEST(parts_that_cannot_be_joined_are_dropped)
{
    static const char *const codes[] = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall",
                                        "InvalidRequest"};
    struct parcel parcel;
    engine_begin(2);
    fake_rule(says(0, WCI_S3_JOIN_PARTS, 400, codes[_i]));
    deliver(&parcel);
    parcel_arrived(&parcel, 0);
    ck_assert_int_eq(fake_count(0, WCI_S3_BEGIN_PARTS), 2);
    ck_assert_int_eq(fake_uploads(0), 0);
    ck_assert_int_eq(fake_count(1, FAKE_ANY), 0);
    engine_end();
}
END_TEST

/* Nobody can reach it, or nobody stays connected: it is worth waiting for what is there. */
START_TEST(parts_wait_for_a_region_that_comes_back)
{
    static const enum wci_link_failure failures[] = {WCI_LINK_UNREACHABLE, WCI_LINK_BROKEN};
    struct parcel parcel;
    struct fake_rule rule = breaks(0, FAKE_ANY, failures[_i]);
    engine_begin(2);
    rule.after = 3; /* one part has arrived, or two */
    rule.times = _i ? 11 : 60;
    fake_rule(rule);
    int64_t began = fake_now();
    deliver(&parcel);
    parcel_arrived(&parcel, 0);
    ck_assert_int_gt(fake_now() - began, 3 * WCI_SECOND);
    ck_assert_int_eq(fake_count(0, WCI_S3_BEGIN_PARTS), 1);
    ck_assert_int_eq(fake_count(1, FAKE_ANY), 0);
    engine_end();
}
END_TEST

START_TEST(parts_do_not_wait_for_ever)
{
    struct parcel parcel;
    struct fake_rule rule = forever(breaks(0, FAKE_ANY, WCI_LINK_UNREACHABLE));
    engine_begin(2);
    rule.after = 3;
    fake_rule(rule);
    make(&parcel);
    parcel.object.patience = _i * 60 * WCI_SECOND;
    int64_t began = fake_now();
    parcel_send(&parcel);
    parcel_wait(&parcel);
    ck_assert_int_eq(parcel.object.region, 1);
    ck_assert_int_eq(parcel.object.error.status, WILDCAM_OK);
    ck_assert_int_ge(fake_now() - began, (_i ? 19 : 119) * WCI_SECOND);
    ck_assert_int_le(fake_now() - began, (_i ? 40 : 140) * WCI_SECOND);
    parcel_free(&parcel);
    engine_end();
}
END_TEST

START_TEST(parts_that_are_always_gone_do_not_go_round)
{
    struct parcel parcel;
    engine_begin(2);
    fake_rule(forever(says(0, WCI_S3_JOIN_PARTS, 404, "NoSuchUpload")));
    deliver(&parcel);
    parcel_arrived(&parcel, 1);
    ck_assert_int_eq(fake_count(0, WCI_S3_BEGIN_PARTS), 3);
    engine_end();
}
END_TEST

START_TEST(a_join_that_nobody_confirmed_is_found)
{
    struct parcel parcel;
    engine_begin(2);
    /* Joined, and then the second try finds no parts. */
    fake_rule((struct fake_rule){.region = 0,
                                 .verb = WCI_S3_JOIN_PARTS,
                                 .failure = WCI_LINK_BROKEN,
                                 .was_sent = true,
                                 .is_done = true});
    deliver(&parcel);
    parcel_arrived(&parcel, 0);
    ck_assert_int_eq(fake_count(0, WCI_S3_JOIN_PARTS), 2);
    ck_assert_int_eq(fake_count(0, WCI_S3_HEAD), 1);
    ck_assert_int_eq(fake_count(0, WCI_S3_BEGIN_PARTS), 1);
    /* All tries go unheard. */
    fake_rule((struct fake_rule){.region = 0,
                                 .verb = WCI_S3_JOIN_PARTS,
                                 .times = FAKE_FOREVER,
                                 .failure = WCI_LINK_BROKEN,
                                 .was_sent = true,
                                 .is_done = true});
    make(&parcel);
    parcel.key[0] = 'l';
    parcel_send(&parcel);
    parcel_wait(&parcel);
    parcel_arrived(&parcel, 0);
    ck_assert_int_eq(fake_count(1, FAKE_ANY), 0);
    engine_end();
}
END_TEST

START_TEST(a_silent_region_is_left_in_doubt)
{
    struct parcel parcel;
    engine_begin(2);
    fake_rule((struct fake_rule){.region = 0,
                                 .verb = WCI_S3_JOIN_PARTS,
                                 .times = FAKE_FOREVER,
                                 .failure = WCI_LINK_BROKEN,
                                 .was_sent = true,
                                 .is_done = true});
    fake_rule(
        (struct fake_rule){.region = 0, .verb = WCI_S3_HEAD, .times = FAKE_FOREVER, .delay = -1});
    deliver(&parcel);
    ck_assert_int_eq(parcel.object.region, 1);
    ck_assert_uint_eq(parcel.object.doubts, 1);
    ck_assert(fake_has(0, "key") && fake_has(1, "key"));
    parcel_free(&parcel);
    engine_end();
}
END_TEST

START_TEST(a_failure_can_be_gone_on_with)
{
    struct parcel parcel;
    engine_begin(2);
    fake_rule((struct fake_rule){.region = 0,
                                 .verb = WCI_S3_PUT_PART,
                                 .after = 4,
                                 .times = FAKE_FOREVER,
                                 .failure = WCI_LINK_BROKEN});
    fake_rule(forever(breaks(1, FAKE_ANY, WCI_LINK_CONNECT)));
    deliver(&parcel);
    parcel_failed(&parcel, WILDCAM_ERR_UPLOAD, "All regions failed: r0: as the rule says; r1: as");
    ck_assert(!parcel.object.is_blameless);
    ck_assert_int_eq(parcel.object.region, 0);
    ck_assert_str_eq(parcel.object.upload_id, "upload-1");
    ck_assert_uint_eq(parcel.object.leftover_count, 0);
    fake_forget_rules();
    fake_pass(3600 * WCI_SECOND);
    char id[64];
    snprintf(id, sizeof id, "%s", parcel.object.upload_id);
    parcel.object.resume_id = id;
    parcel.object.resume_region = 0;
    int sent = fake_count(0, WCI_S3_PUT_PART);
    parcel_send(&parcel);
    parcel_wait(&parcel);
    parcel_arrived(&parcel, 0);
    ck_assert_int_eq(fake_count(0, WCI_S3_PUT_PART), sent + COUNT - 4);
    ck_assert_int_eq(fake_uploads(0), 0);
    engine_end();
}
END_TEST

START_TEST(an_uplink_that_goes_down_keeps_the_parts)
{
    struct parcel parcel;
    engine_begin(2);
    fake_rule((struct fake_rule){.region = FAKE_ANY,
                                 .verb = FAKE_ANY,
                                 .after = 5,
                                 .times = FAKE_FOREVER,
                                 .failure = WCI_LINK_UNREACHABLE});
    deliver(&parcel);
    parcel_failed(&parcel, WILDCAM_ERR_UPLOAD, "All regions failed");
    ck_assert_int_eq(parcel.object.region, 0);
    ck_assert_str_eq(parcel.object.upload_id, "upload-1");
    ck_assert_uint_eq(parcel.object.leftover_count, 0);
    parcel_free(&parcel);
    engine_end();
}
END_TEST

START_TEST(parts_that_cannot_be_taken_are_dropped)
{
    struct parcel parcel;
    engine_begin(2);
    fake_rule(says(0, WCI_S3_PUT_PART, 400, "EntityTooLarge"));
    deliver(&parcel);
    parcel_failed(&parcel, WILDCAM_ERR_TOOLARGE, "key will not be taken: r0: 400 EntityTooLarge");
    ck_assert(parcel.object.is_impossible);
    ck_assert_int_eq(parcel.object.region, -1);
    ck_assert_int_eq(fake_uploads(0), 0);
    ck_assert_uint_eq(parcel.object.leftover_count, 0);
    parcel_free(&parcel);
    engine_end();
}
END_TEST

START_TEST(other_settings_leave_the_parts_behind)
{
    struct parcel parcel;
    engine_begin(2);
    parcel_make(&parcel, "key", SIZE);
    parcel.object.resume_id = fake_begin(1, "key");
    parcel.object.resume_region = 1;
    parcel_send(&parcel);
    parcel_wait(&parcel);
    parcel_arrived(&parcel, 0);
    ck_assert_int_eq(fake_uploads(1), 0);
    engine_end();
}
END_TEST

START_TEST(a_list_that_is_forbidden_stops_nothing)
{
    struct parcel parcel;
    engine_begin(2);
    make(&parcel);
    parcel.object.resume_id = fake_begin(0, "key");
    parcel.object.resume_region = 0;
    fake_rule(says(0, WCI_S3_LIST_PARTS, 403, "AccessDenied"));
    parcel_send(&parcel);
    parcel_wait(&parcel);
    parcel_arrived(&parcel, 0);
    ck_assert_int_eq(fake_uploads(0), 0);
    engine_end();
}
END_TEST

START_TEST(one_that_is_there_needs_no_parts)
{
    struct parcel parcel;
    char digest[WCI_DIGEST_TEXT];
    engine_begin(2);
    make(&parcel);
    wci_digest_to_text(parcel.object.whole, digest);
    fake_put(1, "key", parcel.data, SIZE, digest);
    parcel.object.resume_id = fake_begin(0, "key");
    parcel.object.resume_region = 0;
    parcel.object.look_first = 2;
    parcel_send(&parcel);
    parcel_wait(&parcel);
    parcel_arrived(&parcel, 1);
    ck_assert_int_eq(fake_uploads(0), 0);
    ck_assert_int_eq(fake_count(FAKE_ANY, WCI_S3_PUT_PART), 0);
    engine_end();
}
END_TEST

START_TEST(it_is_cancelled_at_any_request)
{
    struct parcel parcel;
    engine_begin(2);
    parcel_cancel_at(&parcel, _i);
    deliver(&parcel);
    parcel_failed(&parcel, WILDCAM_ERR_CANCELLED, "the upload of key was cancelled");
    ck_assert(parcel.object.is_blameless);
    /* Nothing more was begun than could be on its way then. */
    ck_assert_int_le(fake_count(FAKE_ANY, FAKE_ANY), _i + 4);
    if (_i == 0)
        ck_assert_ptr_null(parcel.object.upload_id);
    else
        ck_assert_str_eq(parcel.object.upload_id, "upload-1");
    ck_assert_uint_eq(parcel.object.leftover_count, 0);
    parcel_free(&parcel);
    engine_end();
}
END_TEST

START_TEST(all_parts_are_hashed)
{
    enum { MIB = 1 << 20 };
    struct wci_object object;
    unsigned char digest[WCI_DIGEST_BYTES], known[WCI_DIGEST_BYTES] = "known";
    wildcam_conf *conf;
    char *data = calloc(1, 17 * MIB);
    assert_ok(wildcam_conf_new(&conf));
    assert_ok(wildcam_conf_set(conf, "s3.part_bytes", "5242880"));
    wci_object_init(&object);
    object.key = "key";
    object.body.memory = data;
    object.body.length = 16 * MIB - 1;
    assert_done(wci_object_hash(&object, conf, NULL));
    ck_assert_uint_eq(object.part_count, 0);
    assert_done(wci_digest_of(data, 16 * MIB - 1, digest));
    ck_assert_mem_eq(object.whole, digest, WCI_DIGEST_BYTES);
    object.body.length = 16 * MIB;
    data[5 * MIB] = 'x';
    assert_done(wci_object_hash(&object, conf, NULL));
    ck_assert_uint_eq(object.part_count, 4);
    assert_done(wci_digest_of(data, 16 * MIB, digest));
    ck_assert_mem_eq(object.whole, digest, WCI_DIGEST_BYTES);
    assert_done(wci_digest_of(data + 5 * MIB, 5 * MIB, digest));
    ck_assert_mem_eq(object.sha256[1], digest, WCI_DIGEST_BYTES);
    assert_done(wci_digest_of(data, MIB, digest));
    ck_assert_mem_eq(object.sha256[3], digest, WCI_DIGEST_BYTES);
    assert_done(wci_object_hash(&object, conf, known));
    ck_assert_mem_eq(object.whole, known, WCI_DIGEST_BYTES);
    /* A file that is shorter than was said. */
    save_file(scratch_path("short"), data, 100);
    object.body = (struct wci_body){.fd = open(scratch_path("short"), O_RDONLY), .length = 101};
    assert_fails(WILDCAM_ERR_IO, "ends after 100 of 101 bytes",
                 wci_object_hash(&object, conf, NULL));
    object.body.length = 16 * MIB;
    assert_fails(WILDCAM_ERR_IO, "ends after", wci_object_hash(&object, conf, known));
    close(object.body.fd);
    object.body.fd = -1;
    assert_fails(WILDCAM_ERR_IO, "key", wci_object_hash(&object, conf, NULL));
    object.body.length = INT64_MAX;
    assert_fails(WILDCAM_ERR_TOOLARGE, "S3 takes at most", wci_object_hash(&object, conf, NULL));
    wci_object_release(&object);
    wildcam_conf_free(conf);
    free(data);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("engine_parts");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, it_arrives_in_parts);
    tcase_add_test(all, a_file_goes_in_parts);
    tcase_add_loop_test(all, any_request_may_fail_once, 0, 6 * (COUNT + 2));
    tcase_add_loop_test(all, a_region_that_fails_at_any_request_is_left, 0, COUNT + 2);
    tcase_add_test(all, what_was_begun_elsewhere_is_dropped);
    tcase_add_test(all, it_goes_on_with_what_is_there);
    tcase_add_test(all, parts_that_are_gone_are_begun_anew);
    tcase_add_loop_test(all, parts_that_cannot_be_joined_are_dropped, 0, 4);
    tcase_add_loop_test(all, parts_wait_for_a_region_that_comes_back, 0, 2);
    tcase_add_loop_test(all, parts_do_not_wait_for_ever, 0, 2);
    tcase_add_test(all, parts_that_are_always_gone_do_not_go_round);
    tcase_add_test(all, a_join_that_nobody_confirmed_is_found);
    tcase_add_test(all, a_silent_region_is_left_in_doubt);
    tcase_add_test(all, a_failure_can_be_gone_on_with);
    tcase_add_test(all, an_uplink_that_goes_down_keeps_the_parts);
    tcase_add_test(all, parts_that_cannot_be_taken_are_dropped);
    tcase_add_test(all, other_settings_leave_the_parts_behind);
    tcase_add_test(all, a_list_that_is_forbidden_stops_nothing);
    tcase_add_test(all, one_that_is_there_needs_no_parts);
    tcase_add_loop_test(all, it_is_cancelled_at_any_request, 0, COUNT + 2);
    tcase_add_test(all, all_parts_are_hashed);
    return suite;
}
