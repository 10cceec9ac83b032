/* What the engine tells its listener: each request once, and objects that change regions. */
#include "base/calendar.h"
#include "engine_unit.h"

enum { PART = 1000, COUNT = 5, REGIONS = 3 };

static struct {
    int requests[REGIONS][WCI_S3_VERB_COUNT][WCI_OUTCOME_COUNT];
    int failovers[REGIONS][REGIONS];
    int64_t duration;
} told;
static struct parcel parcel;

static void take_request(void *user, const wci_engine *teller,
                         const struct wci_told_request *request)
{
    struct wci_region_report report;
    ck_assert_ptr_eq(user, &told);
    ck_assert_ptr_eq(teller, engine);
    wci_engine_look(engine, request->region, &report, NULL); /* no lock is held */
    ck_assert(!atomic_load(&parcel.is_done));
    told.requests[request->region][request->verb][request->outcome]++;
    told.duration += request->duration;
}

static void take_failover(void *user, const wci_engine *teller, int from, int to)
{
    struct wci_region_report report;
    ck_assert_ptr_eq(user, &told);
    ck_assert_ptr_eq(teller, engine);
    wci_engine_look(engine, to, &report, NULL);
    told.failovers[from][to]++;
}

static void begin(void)
{
    const struct wci_engine_listener listener = {take_request, take_failover, &told};
    memset(&told, 0, sizeof told);
    engine_begin(REGIONS);
    wci_engine_listen(engine, &listener);
}

static int failovers(void)
{
    int count = 0;
    for (int i = 0; i < REGIONS * REGIONS; i++)
        count += told.failovers[i / REGIONS][i % REGIONS];
    return count;
}

/* As many of each kind as came in. */
static void end(void)
{
    for (int region = 0; region < REGIONS; region++)
        for (int verb = 0; verb < WCI_S3_VERB_COUNT; verb++) {
            int count = 0;
            for (int i = 0; i < WCI_OUTCOME_COUNT; i++)
                count += told.requests[region][verb][i];
            ck_assert_msg(count == fake_count(region, verb), "r%d: %d of %s, not %d", region, count,
                          wci_s3_operation((enum wci_s3_verb)verb), fake_count(region, verb));
        }
    engine_end();
}

static struct fake_rule forever(struct fake_rule rule)
{
    rule.times = FAKE_FOREVER;
    return rule;
}

static void deliver_in_parts(void)
{
    parcel_make(&parcel, "key", PART * COUNT);
    parcel_split(&parcel, PART);
    parcel_send(&parcel);
    parcel_wait(&parcel);
}

START_TEST(one_that_arrives_at_once)
{
    begin();
    parcel_deliver(&parcel, "key", 10);
    parcel_arrived(&parcel, 0);
    ck_assert_int_eq(told.requests[0][WCI_S3_PUT][WCI_OUTCOME_OK], 1);
    ck_assert_int_eq(told.duration, 1000); /* the fake's millisecond */
    ck_assert_int_eq(failovers(), 0);
    end();
}
END_TEST

START_TEST(each_try_in_each_region)
{
    begin();
    fake_rule(forever(says(0, WCI_S3_PUT, 500, "InternalError")));
    fake_rule(says(1, WCI_S3_PUT, 403, "AccessDenied"));
    parcel_deliver(&parcel, "key", 10);
    parcel_arrived(&parcel, 2);
    ck_assert_int_eq(told.requests[0][WCI_S3_PUT][WCI_OUTCOME_TRANSIENT], 3);
    ck_assert_int_eq(told.requests[1][WCI_S3_PUT][WCI_OUTCOME_REFUSED], 1);
    ck_assert_int_eq(told.requests[2][WCI_S3_PUT][WCI_OUTCOME_OK], 1);
    ck_assert_int_eq(told.failovers[0][1], 1);
    ck_assert_int_eq(told.failovers[1][2], 1);
    ck_assert_int_eq(failovers(), 2);
    end();
}
END_TEST

/* Asking whether it is there is no sending, and where it is found it has not gone on. */
START_TEST(looks_are_no_failovers)
{
    begin();
    parcel_make(&parcel, "key", 10);
    parcel.object.look_first = 1 << 1 | 1 << 2;
    parcel_send(&parcel);
    parcel_wait(&parcel);
    parcel_arrived(&parcel, 0);
    ck_assert_int_eq(told.requests[1][WCI_S3_HEAD][WCI_OUTCOME_MISSING], 1);
    ck_assert_int_eq(told.requests[2][WCI_S3_HEAD][WCI_OUTCOME_MISSING], 1);
    ck_assert_int_eq(failovers(), 0);
    end();
}
END_TEST

/* Once for all of them, and dropping what was left behind is no way back. */
START_TEST(parts_that_go_on_elsewhere)
{
    begin();
    fake_rule(forever(says(0, WCI_S3_PUT_PART, 403, "AccessDenied")));
    deliver_in_parts();
    parcel_arrived(&parcel, 1);
    ck_assert_int_eq(told.requests[0][WCI_S3_BEGIN_PARTS][WCI_OUTCOME_OK], 1);
    ck_assert_int_eq(told.requests[0][WCI_S3_DROP_PARTS][WCI_OUTCOME_OK], 1);
    ck_assert_int_eq(told.requests[1][WCI_S3_PUT_PART][WCI_OUTCOME_OK], COUNT);
    ck_assert_int_eq(told.requests[1][WCI_S3_JOIN_PARTS][WCI_OUTCOME_OK], 1);
    ck_assert_int_eq(told.failovers[0][1], 1);
    ck_assert_int_eq(failovers(), 1);
    end();
}
END_TEST

/* That it was begun before the process was started is known. */
START_TEST(parts_of_old_that_go_on_elsewhere)
{
    begin();
    parcel_make(&parcel, "key", PART * COUNT);
    parcel_split(&parcel, PART);
    parcel.object.resume_id = fake_begin(2, "key");
    parcel.object.resume_region = 2;
    fake_rule(says(2, WCI_S3_LIST_PARTS, 403, "AccessDenied"));
    parcel_send(&parcel);
    parcel_wait(&parcel);
    parcel_arrived(&parcel, 0);
    ck_assert_int_eq(told.requests[2][WCI_S3_LIST_PARTS][WCI_OUTCOME_REFUSED], 1);
    ck_assert_int_eq(told.failovers[2][0], 1);
    ck_assert_int_eq(failovers(), 1);
    end();
}
END_TEST

static void cancel_it(void)
{
    wci_engine_cancel(engine, &parcel.object);
}

START_TEST(one_that_is_cancelled)
{
    begin();
    fake_rule(
        (struct fake_rule){.region = 0, .verb = WCI_S3_PUT, .delay = -1, .meanwhile = cancel_it});
    parcel_deliver(&parcel, "key", 10);
    parcel_failed(&parcel, WILDCAM_ERR_CANCELLED, "cancelled");
    parcel_free(&parcel);
    ck_assert_int_eq(told.requests[0][WCI_S3_PUT][WCI_OUTCOME_CANCELLED], 1);
    ck_assert_int_eq(failovers(), 0);
    end();
}
END_TEST

START_TEST(nobody_need_listen)
{
    engine_begin(2);
    fake_rule(says(0, WCI_S3_PUT, 403, "AccessDenied"));
    parcel_deliver(&parcel, "key", 10);
    parcel_arrived(&parcel, 1);
    engine_end();
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("engine_told");
    TCase *all = harness_case(suite, "told");
    tcase_add_test(all, one_that_arrives_at_once);
    tcase_add_test(all, each_try_in_each_region);
    tcase_add_test(all, looks_are_no_failovers);
    tcase_add_test(all, parts_that_go_on_elsewhere);
    tcase_add_test(all, parts_of_old_that_go_on_elsewhere);
    tcase_add_test(all, one_that_is_cancelled);
    tcase_add_test(all, nobody_need_listen);
    return suite;
}
