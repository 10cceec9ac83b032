/* Who leads, and when: threads that wait, the engine's own, and those that come and go. */
#include <sched.h>

#include "base/calendar.h"
#include "base/thread.h"
#include "engine_unit.h"

enum { THREADS = 8, EACH = 50 };
static const int64_t for_ever = INT64_MAX;

static atomic_int failures;

/* Each thread sends and waits, leading in turn with the others. */
static void *send_some(void *user)
{
    struct parcel *parcels = user;
    for (int i = 0; i < EACH; i++) {
        struct parcel *parcel = &parcels[i];
        atomic_store(&parcel->is_done, false);
        if (wci_engine_send(engine, &parcel->object) != WILDCAM_OK ||
            !wci_engine_wait(engine, &parcel->is_done, for_ever) ||
            parcel->object.error.status != WILDCAM_OK || parcel->times_done != 1)
            failures++;
    }
    return NULL;
}

static void send_from_threads(bool with_thread, int restarts)
{
    static struct parcel parcels[THREADS][EACH];
    pthread_t threads[THREADS];
    engine_begin(2);
    fake_wait_for_wake();
    for (int i = 0; i < THREADS; i++)
        for (int j = 0; j < EACH; j++) {
            char key[32];
            snprintf(key, sizeof key, "%d/%d", i, j);
            parcel_make(&parcels[i][j], key, 100);
        }
    if (with_thread)
        assert_done(wci_engine_start(engine));
    for (int i = 0; i < THREADS; i++)
        assert_done(wci_thread_start(&threads[i], send_some, parcels[i]));
    for (int i = 0; i < restarts; i++) {
        wci_engine_stop(engine);
        sched_yield();
        assert_done(wci_engine_start(engine));
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    wci_engine_stop(engine);
    ck_assert_int_eq(failures, 0);
    for (int i = 0; i < THREADS; i++)
        for (int j = 0; j < EACH; j++)
            parcel_arrived(&parcels[i][j], 0);
    engine_end();
}

START_TEST(waiting_threads_lead_in_turn)
{
    send_from_threads(false, 0);
}
END_TEST

START_TEST(one_thread_leads_for_all)
{
    send_from_threads(true, 0);
}
END_TEST

START_TEST(the_lead_changes_while_bytes_move)
{
    send_from_threads(true, 50);
}
END_TEST

/* Nobody has asked for anything, and everybody can be ended. */
START_TEST(stopping_takes_no_work)
{
    engine_begin(1);
    fake_wait_for_wake();
    for (int i = 0; i < 20; i++) {
        assert_done(wci_engine_start(engine));
        assert_done(wci_engine_start(engine)); /* it runs already */
        wci_engine_stop(engine);
        wci_engine_stop(engine);
    }
    engine_end();
}
END_TEST

static atomic_bool is_told;

static void *wait_for_flag(void *user)
{
    (void)user;
    if (!wci_engine_wait(engine, &is_told, for_ever))
        failures++;
    return NULL;
}

START_TEST(a_flag_may_be_set_by_anybody)
{
    pthread_t threads[2];
    engine_begin(1);
    fake_wait_for_wake();
    /* One of them leads, one waits for that; or both for the engine's thread. */
    for (int i = 0; i < 40; i++) {
        atomic_store(&is_told, false);
        if (i == 20)
            assert_done(wci_engine_start(engine));
        for (int j = 0; j < 2; j++)
            assert_done(wci_thread_start(&threads[j], wait_for_flag, NULL));
        sched_yield();
        atomic_store(&is_told, true);
        wci_engine_wake(engine);
        for (int j = 0; j < 2; j++)
            pthread_join(threads[j], NULL);
    }
    ck_assert_int_eq(failures, 0);
    wci_engine_stop(engine);
    engine_end();
}
END_TEST

START_TEST(a_wait_ends_in_time)
{
    atomic_bool never = false;
    engine_begin(1);
    ck_assert(!wci_engine_wait(engine, &never, fake_now() + 5 * WCI_SECOND));
    ck_assert(!wci_engine_wait(engine, &never, fake_now()));
    ck_assert(!wci_engine_wait(engine, &never, 0));
    engine_end();
}
END_TEST

static void *cancel_all(void *user)
{
    while (!atomic_load((atomic_bool *)user)) {
        wci_engine_cancel_all(engine);
        sched_yield();
    }
    return NULL;
}

START_TEST(all_can_be_cancelled_from_elsewhere)
{
    enum { COUNT = 200 };
    static struct parcel parcels[COUNT];
    atomic_bool is_over = false;
    pthread_t thread;
    engine_begin(2);
    fake_wait_for_wake();
    assert_done(wci_thread_start(&thread, cancel_all, &is_over));
    for (int i = 0; i < COUNT; i++) {
        char key[32];
        snprintf(key, sizeof key, "%d", i);
        parcel_make(&parcels[i], key, 1000);
        if (i % 2)
            parcel_split(&parcels[i], 100);
        parcel_send(&parcels[i]);
    }
    for (int i = 0; i < COUNT; i++)
        parcel_wait(&parcels[i]);
    atomic_store(&is_over, true);
    pthread_join(thread, NULL);
    for (int i = 0; i < COUNT; i++) {
        if (parcels[i].object.error.status)
            parcel_failed(&parcels[i], WILDCAM_ERR_CANCELLED, "cancelled");
        parcel_free(&parcels[i]);
    }
    engine_end();
}
END_TEST

START_TEST(urls_are_signed_by_many)
{
    struct wci_text url = {0};
    engine_begin(1);
    fake_wait_for_wake();
    assert_done(wci_engine_start(engine));
    for (int i = 0; i < 100; i++) {
        wci_text_empty(&url);
        assert_done(wci_engine_presign(engine, 0, "key", 60, &url));
        ck_assert_ptr_nonnull(strstr(url.data, "X-Amz-Signature="));
    }
    wci_text_free(&url);
    wci_engine_stop(engine);
    engine_end();
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("engine_threads");
    TCase *all = harness_case(suite, "all");
    tcase_set_timeout(all, 110);
    tcase_add_test(all, waiting_threads_lead_in_turn);
    tcase_add_test(all, one_thread_leads_for_all);
    tcase_add_test(all, the_lead_changes_while_bytes_move);
    tcase_add_test(all, stopping_takes_no_work);
    tcase_add_test(all, a_flag_may_be_set_by_anybody);
    tcase_add_test(all, a_wait_ends_in_time);
    tcase_add_test(all, all_can_be_cancelled_from_elsewhere);
    tcase_add_test(all, urls_are_signed_by_many);
    return suite;
}
