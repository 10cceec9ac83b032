/* What a process takes of the machine, as the process itself can tell. */
#include "base/process.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/calendar.h"
#include "unit.h"

START_TEST(files_are_counted)
{
    struct wci_process before, after;
    struct rlimit limit;
    wci_process_look(&before);
    int fd = open("/dev/null", O_RDONLY);
    wci_process_look(&after);
    ck_assert_int_ge(before.open_files, 3);
    ck_assert_int_eq(after.open_files, before.open_files + 1);
    close(fd);
    wci_process_look(&after);
    ck_assert_int_eq(after.open_files, before.open_files);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_int_eq(after.files_max, (int64_t)limit.rlim_cur);
}
END_TEST

static void *wait_there(void *mutex)
{
    pthread_mutex_lock(mutex);
    pthread_mutex_unlock(mutex);
    return NULL;
}

/* The first thread of a process may bring a sanitizer's along. */
START_TEST(threads_are_counted)
{
    pthread_t threads[2];
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    struct wci_process before, after;
    pthread_mutex_lock(&mutex);
    ck_assert_int_eq(pthread_create(&threads[0], NULL, wait_there, &mutex), 0);
    wci_process_look(&before);
    ck_assert_int_eq(pthread_create(&threads[1], NULL, wait_there, &mutex), 0);
    wci_process_look(&after);
    pthread_mutex_unlock(&mutex);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    ck_assert_int_ge(before.threads, 2);
    ck_assert_int_eq(after.threads, before.threads + 1);
}
END_TEST

START_TEST(memory_is_counted)
{
    enum { SIZE = 32 << 20 };
    struct wci_process before, after;
    wci_process_look(&before);
    char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(memory, MAP_FAILED);
    memset(memory, 1, SIZE);
    wci_process_look(&after);
    munmap(memory, SIZE);
    ck_assert_int_gt(before.resident_bytes, 0);
    ck_assert_int_ge(after.resident_bytes, before.resident_bytes + SIZE * 9 / 10);
    ck_assert_int_ge(after.virtual_bytes, before.virtual_bytes + SIZE);
    ck_assert_int_ge(before.virtual_bytes, before.resident_bytes);
}
END_TEST

START_TEST(time_is_told)
{
    struct wci_process process;
    struct timespec used;
    double now = (double)wci_calendar_now() / (double)WCI_SECOND;
    wci_process_look(&process);
    ck_assert(process.started > now - 600 && process.started <= now + 0.1);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    double later = (double)used.tv_sec + (double)used.tv_nsec / 1e9;
    ck_assert(process.cpu_seconds >= 0 && process.cpu_seconds <= later + 0.1);
}
END_TEST

/* The name stands before the numbers, in parentheses. */
START_TEST(a_hostile_name_hides_nothing)
{
    struct wci_process process;
    ck_assert_int_eq(prctl(PR_SET_NAME, ") S 1 2 (x"), 0);
    wci_process_look(&process);
    ck_assert_int_ge(process.threads, 1);
    ck_assert_int_lt(process.threads, 10);
    ck_assert_int_gt(process.resident_bytes, 0);
    ck_assert_int_gt(process.virtual_bytes, process.resident_bytes);
}
END_TEST

/* Without a way to open anything more, the rest is told all the same. */
START_TEST(what_cannot_be_found_out_is_below_zero)
{
    struct wci_process process;
    struct rlimit before;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit none = {0, before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    wci_process_look(&process);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    ck_assert_int_eq(process.open_files, -1);
    ck_assert_int_eq(process.threads, -1);
    ck_assert_int_eq(process.resident_bytes, -1);
    ck_assert_int_eq(process.files_max, 0);
    ck_assert(process.started < 0);
    ck_assert(process.cpu_seconds >= 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("process");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, files_are_counted);
    tcase_add_test(all, threads_are_counted);
    tcase_add_test(all, memory_is_counted);
    tcase_add_test(all, time_is_told);
    tcase_add_test(all, a_hostile_name_hides_nothing);
    tcase_add_test(all, what_cannot_be_found_out_is_below_zero);
    return suite;
}
