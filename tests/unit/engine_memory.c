/* The n-th allocation fails on the way of an object: it ends all the same, once, and nothing that
 * was begun is forgotten. */
#include <errno.h>

#include "engine_unit.h"
#include "fault/inject.h"

enum { PART = 100, COUNT = 6, MOST = 3000 };

static const struct fault faults[] = {
    {"an allocation", INJECT_MEMORY, ENOMEM, WILDCAM_ERR_NOMEM, false, false},
    {"all from one on", INJECT_MEMORY, ENOMEM, WILDCAM_ERR_NOMEM, true, false},
};

static wildcam_status deliver(struct parcel *parcel)
{
    parcel->times_done = 0;
    atomic_store(&parcel->is_done, false);
    wildcam_status status = wci_engine_send(engine, &parcel->object);
    if (status)
        return status;
    /* Nothing is asserted here: that takes memory, too. */
    wci_engine_wait(engine, &parcel->is_done, INT64_MAX);
    return parcel->object.error.status;
}

/* What is begun is what is known to be. */
static void look_at_parts(const struct wci_object *object)
{
    int known[2] = {0, 0};
    if (object->upload_id)
        known[object->region]++;
    for (size_t i = 0; i < object->leftover_count; i++)
        known[object->leftovers[i].region]++;
    for (int i = 0; i < 2; i++)
        ck_assert_msg(fake_uploads(i) == known[i], "%d uploads in r%d, %d are known",
                      fake_uploads(i), i, known[i]);
}

/* True when the fault has struck. */
static bool step(const struct fault *fault, long n, bool in_parts)
{
    struct parcel parcel;
    engine_begin(2);
    fake_apart(inject_hold, inject_go_on);
    fake_rule((struct fake_rule){.region = 0,
                                 .verb = in_parts ? WCI_S3_PUT_PART : WCI_S3_PUT,
                                 .after = in_parts ? 3 : 0,
                                 .times = FAKE_FOREVER,
                                 .status = 403,
                                 .code = "AccessDenied"});
    parcel_make(&parcel, "key", PART * COUNT);
    if (in_parts)
        parcel_split(&parcel, PART);
    inject_arm(fault, n);
    wildcam_status status = deliver(&parcel);
    bool struck = inject_disarm();
    ck_assert_int_eq(parcel.times_done, parcel.object.error.status || !status);
    ck_assert_msg(status == WILDCAM_OK || (struck && status == WILDCAM_ERR_NOMEM), "%s %ld: %s: %s",
                  fault->name, n, wildcam_status_name(status), parcel.object.error.message);
    if (status == WILDCAM_OK)
        ck_assert(fake_holds(1, "key", parcel.data, PART * COUNT));
    ck_assert_uint_eq(parcel.object.doubts, 0);
    look_at_parts(&parcel.object);
    /* With memory it arrives. */
    char *id = parcel.object.upload_id;
    parcel.object.upload_id = NULL;
    parcel.object.resume_id = id;
    parcel.object.resume_region = parcel.object.region;
    ck_assert_int_eq(deliver(&parcel), WILDCAM_OK);
    ck_assert(fake_holds(1, "key", parcel.data, PART * COUNT));
    free(id);
    parcel_free(&parcel);
    engine_end();
    return struck;
}

START_TEST(an_allocation_fails)
{
    long n = 1;
    while (step(&faults[_i % 2], n, _i / 2))
        ck_assert_int_lt(++n, MOST);
    ck_assert_int_gt(n, 10);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("engine_memory");
    TCase *all = harness_case(suite, "all");
    tcase_set_timeout(all, 110);
    if (!inject_has_memory()) {
        printf("allocations do not fail here: a sanitizer owns the allocator\n");
        return suite;
    }
    tcase_add_loop_test(all, an_allocation_fails, 0, 4);
    return suite;
}
