/* What is brought to the disk: the names of files as well as what is in them. */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "conformance/subject.h"

static struct subject subject;
static struct wci_store store;

/* Which files were brought to the disk, and when last. */
static struct {
    ino_t inode;
    struct timespec when;
} synced[1024];
static size_t synced_count, sync_count;

static int note(int fd)
{
    struct stat file;
    size_t at = 0;
    sync_count++;
    ck_assert_int_eq(fstat(fd, &file), 0);
    while (at < synced_count && synced[at].inode != file.st_ino)
        at++;
    ck_assert_uint_lt(at, sizeof synced / sizeof synced[0]);
    synced[at].inode = file.st_ino;
    clock_gettime(CLOCK_REALTIME, &synced[at].when);
    synced_count += at == synced_count;
    return 0;
}

/* In the place of the C library's, for SQLite too. */
#define EXPORT __attribute__((visibility("default")))
EXPORT int fsync(int fd)
{
    note(fd);
    return (int)syscall(SYS_fsync, fd);
}

EXPORT int fdatasync(int fd)
{
    note(fd);
    return (int)syscall(SYS_fdatasync, fd);
}

/* Since its last change; databases come and go with logs that need not be found again. */
static bool is_synced(const struct stat *file, bool since_change)
{
    for (size_t i = 0; i < synced_count; i++)
        if (synced[i].inode == file->st_ino)
            return !since_change || synced[i].when.tv_sec > file->st_mtim.tv_sec ||
                   (synced[i].when.tv_sec == file->st_mtim.tv_sec &&
                    synced[i].when.tv_nsec >= file->st_mtim.tv_nsec);
    return false;
}

static void assert_synced(const char *path)
{
    struct stat file;
    ck_assert_int_eq(stat(path, &file), 0);
    ck_assert_msg(is_synced(&file, strstr(path, "/images")), "%s is not brought to the disk", path);
}

static wildcam_status assert_all_synced(void *user, const char *path, const char *name,
                                        bool is_directory)
{
    char whole[WCI_PATH];
    assert_op(wci_path(whole, "%s/%s", path, name));
    if (strstr(name, ".lock"))
        return WILDCAM_OK;
    assert_synced(whole);
    return is_directory ? wci_directory_walk(whole, assert_all_synced, user) : WILDCAM_OK;
}

static void set_up(void)
{
    subject_open_store(&subject, &store, subject_conf("above/station"));
    for (unsigned i = 0; i < 6; i++) /* two on each of three days */
        keep_picture(&subject, &store, 1, day_at(2026, 3, 5 + (int)i / 2), i);
}

static void tear_down(void)
{
    subject_close_store(&subject, &store);
}

/* A picture that is acknowledged is in incoming/ or, by a rename that may be lost, in its place. */
START_TEST(a_station_and_what_it_keeps)
{
    static const char *const places[] = {"", "above", "above/station/detections",
                                         "above/station/incoming"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        assert_synced(scratch_path("%s", places[i]));
    assert_synced(store.pictures.owner);
}
END_TEST

START_TEST(a_backup)
{
    assert_op(wci_directory_make(scratch_path("copies")));
    assert_op(wci_store_backup(&store, scratch_path("copies/first"), NULL, NULL, NULL));
    assert_op(wci_directory_walk(scratch_path("copies"), assert_all_synced, NULL));
    keep_picture(&subject, &store, 1, day_at(2026, 3, 6), 6);
    assert_op(wci_store_backup(&store, scratch_path("copies/first"), NULL, NULL, NULL));
    assert_op(wci_directory_walk(scratch_path("copies"), assert_all_synced, NULL));
}
END_TEST

START_TEST(what_is_restored)
{
    char backup[WCI_PATH];
    assert_op(wci_path(backup, "%s", scratch_path("copy")));
    assert_op(wci_store_backup(&store, backup, NULL, NULL, NULL));
    assert_op(wci_store_restore(backup, scratch_path("again/station"), NULL, NULL));
    assert_op(wci_directory_walk(scratch_path("again"), assert_all_synced, NULL));
    assert_synced(scratch_path("again"));
}
END_TEST

static size_t count_syncs(void)
{
    size_t before = sync_count;
    sync_count = 0;
    return before;
}

static void step(enum wci_processing_step which, wildcam_processing *row)
{
    struct wci_processing_work work = {.step = which,
                                       .rows = &row,
                                       .count = 1,
                                       .now = wci_calendar_now(),
                                       .until = wci_calendar_now() + 90 * WCI_SECOND};
    assert_op(wci_store_step_processing(&store, &work));
    ck_assert(!row->is_missed);
}

/* A claim that a loss of power takes back has nobody who works on it any more. */
START_TEST(claims_wait_for_no_disk_and_what_came_of_them_does)
{
    size_t got;
    wildcam_processing row, *only = &row;
    int64_t now = wci_calendar_now();
    const struct wci_processing_claim wanted = {true, now, 7, now + 60 * WCI_SECOND};
    wci_processing_init(&row);
    count_syncs();
    for (int i = 0; i < 2; i++) {
        assert_op(wci_store_claim_processing(&store, &wanted, &only, 1, &got));
        ck_assert_uint_eq(got, 1);
        step(WCI_PROCESSING_RENEW, &row);
        if (i == 0)
            step(WCI_PROCESSING_GIVE_BACK, &row);
        ck_assert_uint_eq(count_syncs(), 0);
    }
    row.state = WCI_PROCESSING_DONE;
    step(WCI_PROCESSING_SETTLE, &row);
    ck_assert_uint_eq(count_syncs(), 1);
    assert_synced(scratch_path("above/station/detections/2026-03.db-wal"));
    wci_processing_release(&row);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("durable");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, a_station_and_what_it_keeps);
    tcase_add_test(all, a_backup);
    tcase_add_test(all, what_is_restored);
    tcase_add_test(all, claims_wait_for_no_disk_and_what_came_of_them_does);
    return suite;
}
