/* Locks between processes, and between the parts of one. */
#include "base/lock_file.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static int open_lock(void)
{
    int fd;
    assert_done(wci_lock_file_open(scratch_path("lock"), &fd));
    return fd;
}

START_TEST(makes_its_file)
{
    struct stat status;
    int fd = open_lock(), second = open_lock();
    ck_assert_int_ne(fd, second);
    ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    ck_assert_int_eq(fstat(fd, &status), 0);
    ck_assert_int_eq(status.st_size, 0);
    close(fd);
    close(second);
    assert_fails(WILDCAM_ERR_NOTFOUND, "none/lock",
                 wci_lock_file_open(scratch_path("none/lock"), &fd));
    ck_assert_int_eq(fd, -1);
    assert_fails(WILDCAM_ERR_IO, scratch(), wci_lock_file_open(scratch(), &fd));
    ck_assert_int_eq(fd, -1);
}
END_TEST

START_TEST(excludes)
{
    int one = open_lock(), other = open_lock();
    assert_done(wci_lock_try(one, 0, true));
    assert_fails(WILDCAM_ERR_BUSY, "lock", wci_lock_try(other, 0, true));
    assert_status(WILDCAM_ERR_BUSY, wci_lock_try(other, 0, false));
    assert_done(wci_lock_try(other, 1, true)); /* another byte is another lock */
    wci_lock_give(one, 0);
    assert_done(wci_lock_try(other, 0, true));
    close(other); /* gives all of them */
    assert_done(wci_lock_try(one, 0, true));
    assert_done(wci_lock_try(one, 1, true));
    close(one);
}
END_TEST

START_TEST(readers_share)
{
    int one = open_lock(), other = open_lock();
    assert_done(wci_lock_take(one, 0, false));
    assert_done(wci_lock_take(other, 0, false));
    assert_status(WILDCAM_ERR_BUSY, wci_lock_try(one, 0, true));
    wci_error_clear();
    wci_lock_give(other, 0);
    assert_done(wci_lock_try(one, 0, true)); /* a reader may become a writer */
    assert_status(WILDCAM_ERR_BUSY, wci_lock_try(other, 0, false));
    close(one);
    close(other);
}
END_TEST

struct waiter {
    int fd;
    wildcam_status status;
    bool has_it;
};

static void *take_lock(void *user)
{
    struct waiter *waiter = user;
    waiter->status = wci_lock_take(waiter->fd, 0, true);
    __atomic_store_n(&waiter->has_it, true, __ATOMIC_SEQ_CST);
    return NULL;
}

START_TEST(waits)
{
    pthread_t thread;
    int fd = open_lock();
    struct waiter waiter = {open_lock(), WILDCAM_ERR_INTERNAL, false};
    assert_done(wci_lock_take(fd, 0, true));
    ck_assert_int_eq(pthread_create(&thread, NULL, take_lock, &waiter), 0);
    ck_assert(!__atomic_load_n(&waiter.has_it, __ATOMIC_SEQ_CST));
    wci_lock_give(fd, 0);
    pthread_join(thread, NULL);
    ck_assert_int_eq(waiter.status, WILDCAM_OK);
    ck_assert(waiter.has_it);
    close(fd);
    close(waiter.fd);
}
END_TEST

START_TEST(ends_with_its_process)
{
    int ends[2], status, fd = open_lock();
    char byte;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        int own;
        bool taken = wci_lock_file_open(scratch_path("lock"), &own) == WILDCAM_OK &&
                     wci_lock_take(own, 0, true) == WILDCAM_OK;
        close(ends[1]);
        /* holds it until the parent has looked */
        _exit(taken && read(ends[0], &byte, 1) == 0 ? 0 : 1);
    }
    close(ends[0]);
    while (wci_lock_try(fd, 0, true) == WILDCAM_OK) /* until the child has it */
        wci_lock_give(fd, 0);
    assert_status(WILDCAM_ERR_BUSY, wci_lock_try(fd, 0, true));
    close(ends[1]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_done(wci_lock_try(fd, 0, true));
    close(fd);
}
END_TEST

START_TEST(needs_an_open_file)
{
    int fd = open_lock();
    close(fd);
    assert_fails(WILDCAM_ERR_IO, "cannot lock", wci_lock_take(fd, 0, true));
    assert_fails(WILDCAM_ERR_IO, "cannot lock", wci_lock_try(fd, 0, true));
    wci_lock_give(fd, 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("lock_file");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, makes_its_file);
    tcase_add_test(all, excludes);
    tcase_add_test(all, readers_share);
    tcase_add_test(all, waits);
    tcase_add_test(all, ends_with_its_process);
    tcase_add_test(all, needs_an_open_file);
    return suite;
}
