/* A text that many are answered with, and the moment from which it is theirs. */
#include "shared_text.h"

#include <semaphore.h>

#include "support/harness.h"

enum { ASKERS = 8 };

static struct text_source source;
static atomic_int made;
static sem_t begun, may_end;

static char *number_text(int number)
{
    char *text = malloc(16);
    ck_assert_ptr_nonnull(text);
    snprintf(text, 16, "%d", number);
    return text;
}

static struct shared_text *make(struct text_source *from, void *user)
{
    ck_assert_ptr_eq(from, &source);
    (void)user;
    char *text = number_text(++made);
    return shared_text_new(text, strlen(text));
}

/* Does not end before it may. */
static struct shared_text *make_slowly(struct text_source *from, void *user)
{
    struct shared_text *text = make(from, user);
    sem_post(&begun);
    while (sem_wait(&may_end) != 0)
        continue;
    return text;
}

static struct shared_text *fail_to_make(struct text_source *from, void *user)
{
    (void)from;
    (void)user;
    made++;
    return NULL;
}

static struct shared_text *keep(struct text_source *from, void *user)
{
    (void)user;
    return shared_text_hold(from->text);
}

static void begin(void)
{
    ck_assert(text_source_start(&source));
    made = 0;
    sem_init(&begun, 0, 0);
    sem_init(&may_end, 0, 0);
}

static void assert_text(struct shared_text *text, const char *wanted)
{
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(text->size, strlen(wanted));
    ck_assert_str_eq(text->bytes, wanted);
    shared_text_let_go(text);
}

START_TEST(each_who_asks_alone_gets_a_new_one)
{
    begin();
    assert_text(text_source_get(&source, make, NULL), "1");
    assert_text(text_source_get(&source, make, NULL), "2");
    assert_text(text_source_get(&source, keep, NULL), "2"); /* or the old one, when it is right */
    text_source_stop(&source);
}
END_TEST

START_TEST(one_outlives_its_source)
{
    begin();
    struct shared_text *text = text_source_get(&source, make, NULL);
    text_source_stop(&source);
    assert_text(text, "1");
    ck_assert_ptr_null(shared_text_new(NULL, 0));
    shared_text_let_go(NULL);
}
END_TEST

START_TEST(failure_is_each_ones_own)
{
    begin();
    assert_text(text_source_get(&source, make, NULL), "1");
    ck_assert_ptr_null(text_source_get(&source, fail_to_make, NULL));
    ck_assert_ptr_null(source.text); /* what could not be told to be right is gone */
    assert_text(text_source_get(&source, make, NULL), "3");
    text_source_stop(&source);
}
END_TEST

static void *ask_first(void *user)
{
    assert_text(text_source_get(&source, make_slowly, user), "1");
    return NULL;
}

static void *ask_meanwhile(void *user)
{
    struct shared_text *text = text_source_get(&source, make, user);
    ck_assert_ptr_nonnull(text);
    int number = atoi(text->bytes);
    shared_text_let_go(text);
    return (void *)(intptr_t)number;
}

/* What was begun before they came is not theirs, for it may lack what they know of. What is begun
 * after that is for all who wait: one makes it. */
START_TEST(one_makes_it_for_all)
{
    pthread_t first, others[ASKERS];
    begin();
    ck_assert_int_eq(pthread_create(&first, NULL, ask_first, NULL), 0);
    while (sem_wait(&begun) != 0)
        continue;
    for (int i = 0; i < ASKERS; i++)
        ck_assert_int_eq(pthread_create(&others[i], NULL, ask_meanwhile, NULL), 0);
    for (int waiting = 0; waiting < ASKERS;) { /* they say under the mutex that they wait */
        pthread_mutex_lock(&source.mutex);
        waiting = source.waiting;
        pthread_mutex_unlock(&source.mutex);
        sched_yield();
    }
    sem_post(&may_end);
    pthread_join(first, NULL);
    for (int i = 0; i < ASKERS; i++) {
        void *number;
        pthread_join(others[i], &number);
        ck_assert_int_eq((intptr_t)number, 2);
    }
    ck_assert_int_eq(made, 2);
    text_source_stop(&source);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("server_shared_text");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, each_who_asks_alone_gets_a_new_one);
    tcase_add_test(all, one_outlives_its_source);
    tcase_add_test(all, failure_is_each_ones_own);
    tcase_add_test(all, one_makes_it_for_all);
    return suite;
}
