/* Answers that are worked out once: versions, sharing, failures, and what goes when room ends. */
#include "base/cache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/thread.h"
#include "unit.h"

enum { CROWD = 60 };

static struct wci_cache *cache;

/* What is asked about, and who works the answer out. */
struct subject {
    atomic_int version; /* that the answer tells */
    bool is_unsure, fails;
    atomic_int made;
    size_t length; /* of answers, at least */
    /* Where the one who works it out stops, until he is let go. */
    atomic_bool is_held, is_inside;
};

static wildcam_status tell_version(void *user, struct wci_cache_version *version)
{
    struct subject *subject = user;
    *version = (struct wci_cache_version){subject->version, !subject->is_unsure};
    return WILDCAM_OK;
}

static wildcam_status make(void *user, struct wci_text *answer)
{
    struct subject *subject = user;
    subject->made++;
    wci_text_add_format(answer, "%d", subject->version);
    while (answer->length < subject->length)
        wci_text_add_char(answer, ' ');
    subject->is_inside = true;
    while (subject->is_held)
        usleep(100);
    subject->is_inside = false;
    return subject->fails ? wci_fail(WILDCAM_ERR_IO, "no %d", subject->version) : WILDCAM_OK;
}

static void set_up(void)
{
    assert_done(wci_cache_new(1 << 20, 1000, &cache));
}

static void tear_down(void)
{
    wci_cache_free(cache, false);
}

static wildcam_status ask(struct subject *subject, const char *key, int64_t now,
                          struct wci_cached **out)
{
    const struct wci_cache_question question = {key, now, tell_version, make, subject};
    return wci_cache_ask(cache, &question, out);
}

/* Asks, and answers which version was told. */
static int told(struct subject *subject, const char *key, int64_t now)
{
    struct wci_cached *cached;
    assert_done(ask(subject, key, now, &cached));
    int version = (int)strtol(cached->data, NULL, 10);
    ck_assert_uint_eq(strlen(cached->data), cached->size);
    wci_cached_let_go(cached);
    return version;
}

static struct wci_cache_figures figures(void)
{
    struct wci_cache_figures found;
    wci_cache_look(cache, &found);
    return found;
}

START_TEST(keeps_while_nothing_changes)
{
    struct subject subject = {.version = 1}, other = {.version = 7};
    ck_assert_int_eq(told(&subject, "a", 0), 1);
    ck_assert_int_eq(told(&subject, "a", 1), 1);
    ck_assert_int_eq(told(&other, "b", 1), 7);
    ck_assert_int_eq(subject.made, 1);
    subject.version = 2;
    ck_assert_int_eq(told(&subject, "a", 2), 2);
    ck_assert_int_eq(told(&subject, "a", 3), 2);
    ck_assert_int_eq(subject.made, 2);
    ck_assert_int_eq(told(&other, "b", 3), 7);
    ck_assert_int_eq(other.made, 1);
    ck_assert_int_eq(figures().hits, 3);
    ck_assert_int_eq(figures().misses, 3);
    ck_assert_int_eq(figures().entries, 2);
}
END_TEST

START_TEST(keeps_for_so_long)
{
    struct subject subject = {.version = 1};
    told(&subject, "a", 0);
    told(&subject, "a", 999);
    ck_assert_int_eq(subject.made, 1);
    told(&subject, "a", 1000);
    ck_assert_int_eq(subject.made, 2);
    told(&subject, "a", 1999);
    ck_assert_int_eq(subject.made, 2);
}
END_TEST

/* Where nobody can tell whether something has changed, it is worked out. */
START_TEST(does_not_trust_what_is_not_sure)
{
    struct subject subject = {.version = 1, .is_unsure = true};
    for (int i = 1; i <= 3; i++) {
        told(&subject, "a", 0);
        ck_assert_int_eq(subject.made, i);
    }
    subject.is_unsure = false;
    told(&subject, "a", 0);
    ck_assert_int_eq(subject.made, 3);
}
END_TEST

START_TEST(keeps_no_failure)
{
    struct subject subject = {.version = 1, .fails = true};
    struct wci_cached *cached;
    wci_error_clear();
    assert_fails(WILDCAM_ERR_IO, "no 1", ask(&subject, "a", 0, &cached));
    ck_assert_ptr_null(cached);
    ck_assert_int_eq(figures().entries, 0);
    subject.fails = false;
    ck_assert_int_eq(told(&subject, "a", 0), 1);
    subject.fails = true; /* an answer that was there goes on being right */
    ck_assert_int_eq(told(&subject, "a", 0), 1);
    ck_assert_int_eq(subject.made, 2);
}
END_TEST

START_TEST(stays_within_its_bytes)
{
    char key[16];
    struct subject subject = {.version = 1, .length = 10000};
    struct wci_cached *held;
    assert_done(ask(&subject, "0", 0, &held));
    for (int i = 1; i < 300; i++) {
        snprintf(key, sizeof key, "%d", i);
        told(&subject, key, 0);
        ck_assert_int_le(figures().bytes, 1 << 20);
        if (i == 50)
            told(&subject, "20", 0); /* asked for, so it stays longer */
    }
    ck_assert_int_ge(figures().entries, 100);
    ck_assert_int_eq(held->size, 10000); /* who holds one keeps it */
    wci_cached_let_go(held);
    int before = subject.made;
    told(&subject, "299", 0);
    ck_assert_int_eq(subject.made, before);
    told(&subject, "0", 0);
    ck_assert_int_eq(subject.made, before + 1);
}
END_TEST

START_TEST(drops_the_one_asked_for_longest_ago)
{
    struct subject subject = {.version = 1, .length = 400000};
    told(&subject, "a", 0);
    told(&subject, "b", 0);
    told(&subject, "a", 0);
    told(&subject, "c", 0); /* b goes */
    ck_assert_int_eq(subject.made, 3);
    told(&subject, "a", 0);
    ck_assert_int_eq(subject.made, 3);
    told(&subject, "b", 0);
    ck_assert_int_eq(subject.made, 4);
}
END_TEST

/* What is larger than all of it is answered and not kept, and drives nothing else out. */
START_TEST(does_not_keep_what_is_too_large)
{
    struct subject small = {.version = 1}, large = {.version = 1, .length = 2 << 20};
    told(&small, "a", 0);
    told(&large, "b", 0);
    told(&large, "b", 0);
    ck_assert_int_eq(large.made, 2);
    told(&small, "a", 0);
    ck_assert_int_eq(small.made, 1);
}
END_TEST

START_TEST(keeps_nothing_in_no_room)
{
    const int64_t limits[][2] = {{0, 1000}, {1000, 0}};
    for (int i = 0; i < 2; i++) {
        struct subject subject = {.version = 1};
        wci_cache_free(cache, false);
        assert_done(wci_cache_new(limits[i][0], limits[i][1], &cache));
        told(&subject, "a", 0);
        told(&subject, "a", 0);
        ck_assert_int_eq(subject.made, 2);
        ck_assert_int_eq(figures().bytes, 0);
    }
}
END_TEST

START_TEST(many_keys)
{
    char key[16];
    struct subject subject = {.version = 1};
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5000; i++) {
            snprintf(key, sizeof key, "key %d", i);
            told(&subject, key, 0);
        }
    }
    ck_assert_int_eq(subject.made, 5000);
}
END_TEST

/* ---- many at once ---- */

struct asker {
    pthread_t thread;
    struct subject *subject;
    wildcam_status status;
    char message[100];
    int told;
};

static void *ask_apart(void *user)
{
    struct asker *asker = user;
    struct wci_cached *cached;
    asker->status = ask(asker->subject, "a", 0, &cached);
    asker->told = cached ? (int)strtol(cached->data, NULL, 10) : -1;
    snprintf(asker->message, sizeof asker->message, "%s", wildcam_error_message());
    wci_cached_let_go(cached);
    return NULL;
}

static void begin(struct asker *asker, struct subject *subject)
{
    asker->subject = subject;
    assert_done(wci_thread_start(&asker->thread, ask_apart, asker));
}

/* Until one is inside, and all others wait for him. */
static void let_crowd_come(struct subject *subject, struct asker *askers, int from, int to)
{
    for (int i = from; i < to; i++)
        begin(&askers[i], subject);
    while (figures().waiting < to - 1 || !subject->is_inside)
        usleep(100);
}

static void end_all(struct asker *askers, int count)
{
    for (int i = 0; i < count; i++)
        pthread_join(askers[i].thread, NULL);
}

START_TEST(one_works_it_out_for_all)
{
    static struct asker askers[CROWD];
    struct subject subject = {.version = 1, .is_held = true};
    let_crowd_come(&subject, askers, 0, CROWD);
    subject.is_held = false;
    end_all(askers, CROWD);
    for (int i = 0; i < CROWD; i++)
        ck_assert(askers[i].status == WILDCAM_OK && askers[i].told == 1);
    ck_assert_int_eq(subject.made, 1);
    ck_assert_int_eq(figures().hits, CROWD - 1);
}
END_TEST

/* Who asks after a change gets nothing of before; all of them share the next answer. */
START_TEST(nobody_gets_what_was_before_he_asked)
{
    static struct asker askers[CROWD];
    struct subject subject = {.version = 1, .is_held = true};
    let_crowd_come(&subject, askers, 0, 20);
    subject.version = 2;
    let_crowd_come(&subject, askers, 20, CROWD);
    subject.is_held = false;
    end_all(askers, CROWD);
    for (int i = 0; i < CROWD; i++)
        ck_assert_int_ge(askers[i].told, i < 20 ? 1 : 2);
    ck_assert_int_eq(subject.made, 2);
}
END_TEST

START_TEST(the_unsure_share_what_is_begun_after_them)
{
    static struct asker askers[CROWD];
    struct subject subject = {.version = 1, .is_unsure = true, .is_held = true};
    let_crowd_come(&subject, askers, 0, 1);
    let_crowd_come(&subject, askers, 1, CROWD);
    subject.is_held = false;
    end_all(askers, CROWD);
    ck_assert_int_eq(subject.made, 2);
}
END_TEST

START_TEST(a_failure_is_shared_by_who_waits)
{
    static struct asker askers[CROWD];
    struct subject subject = {.version = 1, .is_held = true, .fails = true};
    let_crowd_come(&subject, askers, 0, CROWD);
    subject.is_held = false;
    end_all(askers, CROWD);
    for (int i = 0; i < CROWD; i++) {
        ck_assert_int_eq(askers[i].status, WILDCAM_ERR_IO);
        ck_assert_str_eq(askers[i].message, "no 1");
    }
    ck_assert_int_eq(subject.made, 1);
    subject.fails = false;
    ck_assert_int_eq(told(&subject, "a", 0), 1);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("cache");
    TCase *alone = harness_case(suite, "alone"), *crowd = harness_case(suite, "crowd");
    tcase_add_checked_fixture(alone, set_up, tear_down);
    tcase_add_checked_fixture(crowd, set_up, tear_down);
    tcase_add_test(alone, keeps_while_nothing_changes);
    tcase_add_test(alone, keeps_for_so_long);
    tcase_add_test(alone, does_not_trust_what_is_not_sure);
    tcase_add_test(alone, keeps_no_failure);
    tcase_add_test(alone, stays_within_its_bytes);
    tcase_add_test(alone, drops_the_one_asked_for_longest_ago);
    tcase_add_test(alone, does_not_keep_what_is_too_large);
    tcase_add_test(alone, keeps_nothing_in_no_room);
    tcase_add_test(alone, many_keys);
    tcase_add_test(crowd, one_works_it_out_for_all);
    tcase_add_test(crowd, nobody_gets_what_was_before_he_asked);
    tcase_add_test(crowd, the_unsure_share_what_is_begun_after_them);
    tcase_add_test(crowd, a_failure_is_shared_by_who_waits);
    return suite;
}
