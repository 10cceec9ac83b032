/* Files: whole writes, sentences that name the path, and what stays behind a failure. */
#include "base/file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/calendar.h"
#include "unit.h"

START_TEST(writes_paths)
{
    char path[WCI_PATH], long_name[WCI_PATH + 1];
    assert_done(wci_path(path, "%s/%d", "a", 1));
    ck_assert_str_eq(path, "a/1");
    memset(long_name, 'x', sizeof long_name);
    long_name[WCI_PATH - 1] = '\0';
    assert_done(wci_path(path, "%s", long_name));
    assert_fails(WILDCAM_ERR_TOOLARGE, "4095 bytes", wci_path(path, "%s/", long_name));
}
END_TEST

START_TEST(makes_a_new_file)
{
    struct stat status;
    int fd, second;
    const char *path = scratch_path("new");
    assert_done(wci_file_create(path, &fd));
    ck_assert_int_eq(fstat(fd, &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777 & ~0640U, 0);
    ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_fails(WILDCAM_ERR_EXISTS, path, wci_file_create(path, &second));
    ck_assert_int_eq(second, -1);
    close(fd);
    /* what somebody else laid there is not followed */
    ck_assert_int_eq(symlink(scratch_path("elsewhere"), scratch_path("link")), 0);
    assert_fails(WILDCAM_ERR_EXISTS, "link", wci_file_create(scratch_path("link"), &fd));
    ck_assert(!file_exists(scratch_path("elsewhere")));
    assert_fails(WILDCAM_ERR_NOTFOUND, "/none/file",
                 wci_file_create(scratch_path("none/file"), &fd));
}
END_TEST

START_TEST(belongs_to_the_directorys_owner)
{
    struct stat status;
    int fd;
    uid_t owner = getuid() == 0 ? NOBODY : getuid();
    const char *directory = scratch_path("owned");
    ck_assert_int_eq(mkdir(directory, 0700), 0);
    ck_assert_int_eq(chown(directory, owner, (gid_t)-1), 0);
    assert_done(wci_file_create(scratch_path("owned/file"), &fd));
    ck_assert_int_eq(fstat(fd, &status), 0);
    ck_assert_uint_eq(status.st_uid, owner);
    close(fd);
    assert_done(wci_directory_make(scratch_path("owned/a/b")));
    ck_assert_int_eq(stat(scratch_path("owned/a/b"), &status), 0);
    ck_assert_uint_eq(status.st_uid, owner);
    ck_assert_int_eq(chdir(directory), 0); /* a name without a directory */
    assert_done(wci_file_create("here", &fd));
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(fstat(fd, &status), 0);
    ck_assert_uint_eq(status.st_uid, owner);
    close(fd);
}
END_TEST

START_TEST(opens_files_only)
{
    int fd;
    int64_t bytes = 0;
    save_file(scratch_path("file"), "words", 5);
    assert_done(wci_file_open(scratch_path("file"), &fd, &bytes));
    ck_assert_int_eq(bytes, 5);
    close(fd);
    assert_fails(WILDCAM_ERR_NOTFOUND, "/none: No such file",
                 wci_file_open(scratch_path("none"), &fd, &bytes));
    ck_assert_int_eq(fd, -1);
    assert_fails(WILDCAM_ERR_IO, "is not a file", wci_file_open(scratch(), &fd, &bytes));
    ck_assert_int_eq(mkfifo(scratch_path("pipe"), 0600), 0); /* that nobody writes to */
    assert_fails(WILDCAM_ERR_IO, "is not a file", wci_file_open(scratch_path("pipe"), &fd, &bytes));
    ck_assert_int_eq(fd, -1);
}
END_TEST

START_TEST(writes_and_reads)
{
    char text[16];
    size_t got;
    int fd;
    const char *path = scratch_path("file");
    assert_done(wci_file_create(path, &fd));
    assert_done(wci_file_write(fd, path, "", 0));
    assert_done(wci_file_write(fd, path, "some words", 10));
    assert_done(wci_file_sync(fd, path));
    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
    assert_done(wci_file_read(fd, path, text, 4, &got));
    ck_assert(got == 4 && memcmp(text, "some", 4) == 0);
    assert_done(wci_file_read(fd, path, text, sizeof text, &got));
    ck_assert(got == 6 && memcmp(text, " words", 6) == 0);
    assert_done(wci_file_read(fd, path, text, sizeof text, &got));
    ck_assert_uint_eq(got, 0);
    close(fd);
    assert_fails(WILDCAM_ERR_IO, path, wci_file_write(fd, path, "x", 1));
    assert_fails(WILDCAM_ERR_IO, path, wci_file_read(fd, path, text, 1, &got));
    assert_fails(WILDCAM_ERR_IO, path, wci_file_sync(fd, path));
}
END_TEST

START_TEST(reads_a_pipe_to_its_end)
{
    char text[16];
    size_t got;
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], "abc", 3), 3);
    close(ends[1]);
    assert_done(wci_file_read(ends[0], "a pipe", text, sizeof text, &got));
    ck_assert_uint_eq(got, 3);
    assert_done(wci_file_sync(ends[0], "a pipe")); /* which has nothing to sync */
    close(ends[0]);
}
END_TEST

START_TEST(a_full_disk_is_no_space)
{
    int fd = open("/dev/full", O_WRONLY);
    ck_assert_int_ge(fd, 0);
    assert_fails(WILDCAM_ERR_NOSPACE, "/dev/full: No space left",
                 wci_file_write(fd, "/dev/full", "x", 1));
    ck_assert_str_eq(wildcam_error_origin(), "os");
    close(fd);
}
END_TEST

static const char *write_past_the_limit(void)
{
    static const struct rlimit limit = {100, 100};
    static char text[200];
    int fd;
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0 ||
        wci_file_create(scratch_path("large"), &fd) != WILDCAM_OK)
        return "no file";
    /* the first 100 go through, the rest does not */
    if (wci_file_write(fd, "large", text, sizeof text) != WILDCAM_ERR_TOOLARGE)
        return wildcam_error_message();
    return lseek(fd, 0, SEEK_END) == 100 ? NULL : "the first part was not written";
}

START_TEST(a_file_past_the_limit_is_too_large)
{
    scratch();
    run_apart(0, write_past_the_limit);
}
END_TEST

static const char *meet_closed_doors(void)
{
    int fd;
    int64_t bytes;
    char *data;
    size_t size;
    if (wci_file_create(scratch_path("closed/new"), &fd) != WILDCAM_ERR_DENIED)
        return "create";
    if (!strstr(wildcam_error_message(), "closed/new: Permission denied"))
        return wildcam_error_message();
    if (wci_file_open(scratch_path("closed/secret"), &fd, &bytes) != WILDCAM_ERR_DENIED)
        return "open";
    if (wci_file_load(scratch_path("closed/secret"), 100, &data, &size) != WILDCAM_ERR_DENIED)
        return "load";
    if (wci_file_remove(scratch_path("closed/secret")) != WILDCAM_ERR_DENIED)
        return "remove";
    if (wci_file_rename(scratch_path("closed/secret"), scratch_path("x")) != WILDCAM_ERR_DENIED)
        return "rename";
    if (wci_file_replace(scratch_path("closed/secret"), "x", 1) != WILDCAM_ERR_DENIED)
        return "replace";
    if (wci_directory_make(scratch_path("closed/a/b")) != WILDCAM_ERR_DENIED)
        return "directory_make";
    if (wci_directory_remove(scratch_path("closed"), NULL) != WILDCAM_ERR_DENIED)
        return "directory_remove";
    return NULL;
}

START_TEST(closed_doors_are_denied)
{
    ck_assert_int_eq(chmod(scratch(), 0755), 0);
    ck_assert_int_eq(mkdir(scratch_path("closed"), 0755), 0);
    save_file(scratch_path("closed/secret"), "x", 1);
    ck_assert_int_eq(chmod(scratch_path("closed/secret"), 0), 0);
    ck_assert_int_eq(chmod(scratch_path("closed"), 0555), 0);
    run_apart(NOBODY, meet_closed_doors);
    ck_assert_int_eq(chmod(scratch_path("closed"), 0755), 0);
    ck_assert(file_exists(scratch_path("closed/secret")));
}
END_TEST

START_TEST(renames_and_removes)
{
    const char *from = scratch_path("from"), *to = scratch_path("to");
    save_file(from, "x", 1);
    assert_done(wci_file_rename(from, to));
    ck_assert(wci_file_exists(to) && !wci_file_exists(from));
    assert_fails(WILDCAM_ERR_NOTFOUND, from, wci_file_rename(from, to));
    ck_assert(!wci_file_exists(scratch()));
    assert_done(wci_file_remove(to));
    ck_assert(!wci_file_exists(to));
    assert_done(wci_file_remove(to));
    ck_assert_int_eq(mkdir(to, 0700), 0);
    assert_fails(WILDCAM_ERR_IO, to, wci_file_remove(to));
}
END_TEST

static void check_content(const char *path, const char *wanted)
{
    char *data;
    size_t size;
    assert_done(wci_file_load(path, 100, &data, &size));
    ck_assert_uint_eq(size, strlen(wanted));
    ck_assert_str_eq(data, wanted);
    free(data);
}

START_TEST(replaces_whole_files)
{
    const char *path = scratch_path("file");
    assert_done(wci_file_replace(path, "first", 5));
    check_content(path, "first");
    save_file(scratch_path("file.new"), "left by a crash", 15);
    assert_done(wci_file_replace(path, "second", 6));
    check_content(path, "second");
    ck_assert_int_eq(count_files(scratch()), 1);
    ck_assert_int_eq(chdir(scratch()), 0);
    assert_done(wci_file_replace("file", "", 0));
    ck_assert_int_eq(chdir("/"), 0);
    check_content(path, "");
    ck_assert_int_eq(count_files(scratch()), 1);
}
END_TEST

START_TEST(a_failed_replacement_leaves_nothing)
{
    char long_name[WCI_PATH];
    ck_assert_int_eq(mkdir(scratch_path("directory"), 0700), 0);
    ck_assert_int_eq(mkdir(scratch_path("taken.new"), 0700), 0);
    save_file(scratch_path("directory/file"), "x", 1);
    assert_fails(WILDCAM_ERR_IO, "directory", wci_file_replace(scratch_path("directory"), "x", 1));
    ck_assert_int_eq(count_files(scratch()), 1);
    assert_fails(WILDCAM_ERR_IO, "taken.new", wci_file_replace(scratch_path("taken"), "x", 1));
    assert_fails(WILDCAM_ERR_NOTFOUND, "none/file",
                 wci_file_replace(scratch_path("none/file"), "x", 1));
    memset(long_name, 'x', sizeof long_name);
    long_name[WCI_PATH - 2] = '\0';
    assert_status(WILDCAM_ERR_TOOLARGE, wci_file_replace(long_name, "x", 1));
    ck_assert_int_eq(count_files(scratch()), 1);
}
END_TEST

START_TEST(loads_up_to_a_limit)
{
    const char *path = scratch_path("file");
    char *data;
    size_t size;
    save_file(path, "a\0b", 3);
    assert_done(wci_file_load(path, 3, &data, &size));
    ck_assert(size == 3 && memcmp(data, "a\0b", 4) == 0);
    free(data);
    assert_fails(WILDCAM_ERR_TOOLARGE, "3 bytes, over the limit of 2",
                 wci_file_load(path, 2, &data, &size));
    ck_assert_ptr_null(data);
    assert_fails(WILDCAM_ERR_NOTFOUND, "/none",
                 wci_file_load(scratch_path("none"), 2, &data, &size));
    ck_assert_ptr_null(data);
}
END_TEST

START_TEST(compares_times)
{
    struct timespec time = {100, 5}, same = {100, 5}, later = {100, 6}, other = {101, 5};
    ck_assert(wci_file_same_time(&time, &same));
    ck_assert(!wci_file_same_time(&time, &later));
    ck_assert(!wci_file_same_time(&time, &other));
    int64_t now = wci_calendar_now();
    struct timespec hour_ago = {now / WCI_SECOND - 3600, 0};
    ck_assert_int_ge(wci_file_age(&hour_ago), 3600 * WCI_SECOND);
    ck_assert_int_lt(wci_file_age(&hour_ago), 3660 * WCI_SECOND);
}
END_TEST

START_TEST(asks_for_space)
{
    int64_t free_bytes, total_bytes;
    assert_done(wci_file_space(scratch(), &free_bytes, &total_bytes));
    ck_assert_int_gt(free_bytes, 0);
    ck_assert_int_ge(total_bytes, free_bytes);
    assert_fails(WILDCAM_ERR_NOTFOUND, "/none",
                 wci_file_space(scratch_path("none"), &free_bytes, &total_bytes));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("file");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, writes_paths);
    tcase_add_test(all, makes_a_new_file);
    tcase_add_test(all, belongs_to_the_directorys_owner);
    tcase_add_test(all, opens_files_only);
    tcase_add_test(all, writes_and_reads);
    tcase_add_test(all, reads_a_pipe_to_its_end);
    tcase_add_test(all, a_full_disk_is_no_space);
    tcase_add_test(all, a_file_past_the_limit_is_too_large);
    tcase_add_test(all, closed_doors_are_denied);
    tcase_add_test(all, renames_and_removes);
    tcase_add_test(all, replaces_whole_files);
    tcase_add_test(all, a_failed_replacement_leaves_nothing);
    tcase_add_test(all, loads_up_to_a_limit);
    tcase_add_test(all, compares_times);
    tcase_add_test(all, asks_for_space);
    return suite;
}
