/* The server's log queue before a sink that the tests hold in their hands. */
#include "log_queue.h"

#include <pthread.h>
#include <semaphore.h>

#include "support/harness.h"

enum { ROOM = 65536, PATIENCE = 60000, WRITTEN_MAX = 1024 * 1024 };

/* Takes what is written once its door is open. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    sem_t entered; /* posted when a write begins */
    bool is_closed, fails;
    size_t size;
    char text[WRITTEN_MAX + 1];
} sink = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static bool write_slowly(void *user, const char *lines, size_t size)
{
    ck_assert_ptr_eq(user, &sink);
    ck_assert_uint_gt(size, 0);
    ck_assert_uint_le(size, LOG_LINE_MAX);
    ck_assert_int_eq(lines[size - 1], '\n');
    sem_post(&sink.entered);
    pthread_mutex_lock(&sink.mutex);
    while (sink.is_closed)
        pthread_cond_wait(&sink.changed, &sink.mutex);
    bool is_taken = !sink.fails;
    if (is_taken) {
        ck_assert_uint_le(sink.size + size, WRITTEN_MAX);
        memcpy(sink.text + sink.size, lines, size);
        sink.size += size;
    }
    pthread_cond_broadcast(&sink.changed);
    pthread_mutex_unlock(&sink.mutex);
    return is_taken;
}

static size_t tell_loss(void *user, uint64_t lost, char buffer[LOG_LINE_MAX])
{
    ck_assert_ptr_eq(user, &sink);
    return (size_t)snprintf(buffer, LOG_LINE_MAX, "lost %llu\n", (unsigned long long)lost);
}

static void set_door(bool is_closed, bool fails)
{
    pthread_mutex_lock(&sink.mutex);
    sink.is_closed = is_closed;
    sink.fails = fails;
    pthread_cond_broadcast(&sink.changed);
    pthread_mutex_unlock(&sink.mutex);
}

/* Waits until these words have been written. */
static void await_words(const char *words)
{
    pthread_mutex_lock(&sink.mutex);
    while (!strstr(sink.text, words))
        pthread_cond_wait(&sink.changed, &sink.mutex);
    pthread_mutex_unlock(&sink.mutex);
}

static struct log_queue *start(bool is_closed)
{
    const struct log_sink to = {&sink, write_slowly, tell_loss};
    sem_init(&sink.entered, 0, 0);
    /* Where tests share a process, the one before has left its lines. */
    sink.is_closed = is_closed;
    sink.fails = false;
    sink.size = 0;
    memset(sink.text, 0, sizeof sink.text);
    struct log_queue *queue = log_queue_start(ROOM, &to);
    ck_assert_ptr_nonnull(queue);
    return queue;
}

static bool put(struct log_queue *queue, int level, const char *text)
{
    char line[LOG_LINE_MAX];
    int size = snprintf(line, sizeof line, "%s\n", text);
    return log_queue_put(queue, level, line, (size_t)size);
}

/* A line of 100 bytes with a number. */
static bool put_number(struct log_queue *queue, int level, int number)
{
    char text[128];
    snprintf(text, sizeof text, "%08d %090d", number, 0);
    return put(queue, level, text);
}

/* How many are taken until one is not. */
static int fill(struct log_queue *queue, int level, int from)
{
    int count = 0;
    while (put_number(queue, level, from + count))
        count++;
    return count;
}

/* The numbers of the lines from there on, in their order; answers where another line begins. */
static const char *expect_numbers(const char *at, int from, int count)
{
    for (int i = 0; i < count; i++, at += 100)
        ck_assert_int_eq(atoi(at), from + i);
    return at;
}

START_TEST(lines_come_out_as_they_went_in)
{
    enum { ROUNDS = 12, ROUND = 400 }; /* several times the memory */
    char last[16];
    struct log_queue *queue = start(false);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < ROUND; i++)
            ck_assert(put_number(queue, WILDCAM_LOG_DEBUG, round * ROUND + i));
        snprintf(last, sizeof last, "%08d", (round + 1) * ROUND - 1);
        await_words(last);
    }
    ck_assert(log_queue_stop(queue, PATIENCE));
    const char *end = expect_numbers(sink.text, 0, ROUNDS * ROUND);
    ck_assert_str_eq(end, "");
}
END_TEST

START_TEST(a_full_queue_keeps_room_for_what_is_worse)
{
    char lost[32];
    struct log_queue *queue = start(true);
    ck_assert(put(queue, WILDCAM_LOG_INFO, "first")); /* the sink has it, and does not come back */
    sem_wait(&sink.entered);
    int infos = fill(queue, WILDCAM_LOG_INFO, 0);
    ck_assert_int_eq(infos, ROOM * 3 / 4 / 100);
    ck_assert(!put_number(queue, WILDCAM_LOG_DEBUG, 0));
    int warnings = fill(queue, WILDCAM_LOG_WARNING, infos);
    ck_assert_int_eq(infos + warnings, ROOM * 7 / 8 / 100);
    int errors = fill(queue, WILDCAM_LOG_ERROR, infos + warnings);
    ck_assert_int_eq(infos + warnings + errors, ROOM / 100);
    ck_assert_uint_eq(log_queue_lost(queue), 4); /* one that did not fit of each fill, and debug */
    set_door(false, false);
    snprintf(lost, sizeof lost, "lost %d\n", 4);
    await_words(lost);
    ck_assert(put(queue, WILDCAM_LOG_DEBUG, "last"));
    ck_assert_uint_eq(log_queue_lost(queue), 4);
    ck_assert(log_queue_stop(queue, PATIENCE));
    ck_assert_int_eq(strncmp(sink.text, "first\n", 6), 0);
    const char *end = expect_numbers(sink.text + 6, 0, infos + warnings + errors);
    ck_assert_str_eq(end, "lost 4\nlast\n");
}
END_TEST

START_TEST(a_loss_is_told_once_half_is_free)
{
    struct log_queue *queue = start(true);
    ck_assert(put(queue, WILDCAM_LOG_INFO, "first"));
    sem_wait(&sink.entered);
    int count = fill(queue, WILDCAM_LOG_INFO, 0);
    /* One line would fit after each that is written: better none for a while than every other. */
    ck_assert(!put(queue, WILDCAM_LOG_INFO, ""));
    ck_assert(put(queue, WILDCAM_LOG_WARNING, "a warning"));
    set_door(false, false);
    await_words("lost 2\n");
    ck_assert(log_queue_stop(queue, PATIENCE));
    const char *end = expect_numbers(sink.text + 6, 0, count);
    ck_assert_str_eq(end, "a warning\nlost 2\n");
}
END_TEST

START_TEST(what_the_sink_loses_is_told_once_it_works)
{
    struct log_queue *queue = start(false);
    set_door(true, true);
    ck_assert(put(queue, WILDCAM_LOG_ERROR, "first"));
    sem_wait(&sink.entered);
    ck_assert(put(queue, WILDCAM_LOG_ERROR, "second"));
    ck_assert(put(queue, WILDCAM_LOG_ERROR, "third"));
    set_door(false, true);
    sem_wait(&sink.entered); /* the first has failed */
    while (log_queue_lost(queue) < 3)
        sched_yield();
    set_door(false, false);
    ck_assert(put(queue, WILDCAM_LOG_ERROR, "fourth"));
    await_words("lost 3\n");
    ck_assert(log_queue_stop(queue, PATIENCE));
    ck_assert_str_eq(sink.text, "fourth\nlost 3\n");
}
END_TEST

START_TEST(the_end_waits_no_longer_than_it_is_told)
{
    static struct log_queue *queue; /* it stays behind, as it does in the server */
    queue = start(true);
    ck_assert(put(queue, WILDCAM_LOG_ERROR, "first"));
    sem_wait(&sink.entered);
    ck_assert(put(queue, WILDCAM_LOG_ERROR, "second"));
    ck_assert(!log_queue_stop(queue, 0));
    set_door(false, false);
    await_words("second\n");
}
END_TEST

START_TEST(the_end_waits_for_all_lines)
{
    struct log_queue *queue = start(true);
    int count = fill(queue, WILDCAM_LOG_ERROR, 0);
    ck_assert_int_ge(count, ROOM / 100);
    set_door(false, false);
    ck_assert(log_queue_stop(queue, PATIENCE));
    const char *end = expect_numbers(sink.text, 0, count);
    ck_assert_str_eq(end, "lost 1\n");
}
END_TEST

/* ---- threads ---- */

enum { THREADS = 4, EACH = 2000 };

static struct log_queue *shared;

static void *put_many(void *user)
{
    intptr_t thread = (intptr_t)user;
    for (int i = 0; i < EACH; i++)
        put_number(shared, WILDCAM_LOG_INFO, (int)thread * EACH + i);
    return NULL;
}

START_TEST(no_line_of_many_threads_is_forgotten)
{
    pthread_t threads[THREADS];
    int next[THREADS] = {0}, written = 0, lost = 0;
    shared = start(false);
    for (intptr_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, put_many, (void *)i), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    uint64_t counted = log_queue_lost(shared);
    ck_assert(log_queue_stop(shared, PATIENCE));
    for (char *at = sink.text; *at; at = strchr(at, '\n') + 1) {
        if (strncmp(at, "lost ", 5) == 0) {
            lost += atoi(at + 5);
            continue;
        }
        int number = atoi(at);
        ck_assert_int_ge(number % EACH, next[number / EACH]);
        next[number / EACH] = number % EACH + 1;
        written++;
    }
    ck_assert_int_eq(lost, (int)counted);
    ck_assert_int_eq(written + lost, THREADS * EACH);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("server_log_queue");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, lines_come_out_as_they_went_in);
    tcase_add_test(all, a_full_queue_keeps_room_for_what_is_worse);
    tcase_add_test(all, a_loss_is_told_once_half_is_free);
    tcase_add_test(all, what_the_sink_loses_is_told_once_it_works);
    tcase_add_test(all, the_end_waits_no_longer_than_it_is_told);
    tcase_add_test(all, the_end_waits_for_all_lines);
    tcase_add_test(all, no_line_of_many_threads_is_forgotten);
    return suite;
}
