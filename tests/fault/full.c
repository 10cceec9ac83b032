/* A file system that really becomes full while several threads take pictures in. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/harness.h"

enum { THREADS = 4, TRIES = 400, REFUSALS = 3, BALLAST = 1 << 20 };

/* One sender. Its pictures differ from all others' in their trailing bytes. */
struct sender {
    wildcam_station *station;
    const struct jpeg *jpeg;
    int number, tries;              /* the tries so far */
    int64_t kept[TRIES + REFUSALS]; /* ids by try; 0 when it was refused */
    int refused;
    wildcam_status failure; /* any other status */
    char sentence[512];
};

static void name_picture(const struct sender *sender, int try, unsigned char *tail)
{
    snprintf((char *)tail, 32, "sender %02d, picture %08d", sender->number, try);
}

static void send_one(struct sender *sender, unsigned char *picture, size_t size)
{
    int try = sender->tries++;
    char device_id[16];
    snprintf(device_id, sizeof device_id, "cam-%d", sender->number);
    name_picture(sender, try, picture + size - 32);
    wildcam_status status = wildcam_station_ingest(sender->station, device_id, picture, size,
                                                   &sender->kept[try], NULL);
    if (status == WILDCAM_ERR_NOSPACE) {
        sender->refused++;
        sender->kept[try] = 0;
    } else if (status != WILDCAM_OK) {
        sender->failure = status;
        snprintf(sender->sentence, sizeof sender->sentence, "%s", wildcam_error_message());
    }
}

/* Until there is no space for a few in a row. */
static void *send_until_full(void *user)
{
    struct sender *sender = user;
    size_t size = sender->jpeg->size + 32;
    unsigned char *picture = calloc(1, size);
    if (!picture)
        return NULL;
    memcpy(picture, sender->jpeg->data, sender->jpeg->size);
    while (sender->tries < TRIES && sender->refused < REFUSALS && sender->failure == WILDCAM_OK)
        send_one(sender, picture, size);
    free(picture);
    return NULL;
}

static void send_all(struct sender *senders)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, send_until_full, &senders[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_msg(senders[i].failure == WILDCAM_OK, "%s: %s",
                      wildcam_status_name(senders[i].failure), senders[i].sentence);
    }
}

/* A small file system of this process alone; false with a reason when the system gives none. */
static bool mount_small(const char *path)
{
    uid_t user = geteuid();
    if (user != 0 && unshare(CLONE_NEWUSER) != 0)
        return false;
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return false;
    ck_assert_int_eq(mkdir(path, 0750), 0);
    return mount("tmpfs", path, "tmpfs", 0, "size=6m,mode=0750") == 0;
}

static bool has_small_disk(const char *path)
{
    if (mount_small(path))
        return true;
    const char *ci = getenv("CI");
    ck_assert_msg(!ci || strcmp(ci, "true") != 0, "no small file system can be mounted: %s",
                  strerror(errno));
    printf("SKIP: no small file system can be mounted: %s\n", strerror(errno));
    return false;
}

static void show_finding(void *user, const char *what, const char *where, const char *text)
{
    snprintf(user, 512, "%s: %s: %s", what, where, text);
}

static void is_whole(wildcam_station *station)
{
    char finding[512] = "";
    int64_t findings;
    assert_ok(wildcam_station_check(station, WILDCAM_CHECK_CONTENT, show_finding, NULL, finding,
                                    &findings));
    ck_assert_msg(findings == 0, "%lld findings: %s", (long long)findings, finding);
}

/* Every picture that was acknowledged is there, byte for byte, and no other. */
static void has_all(wildcam_station *station, const struct sender *senders)
{
    int64_t count, kept = 0;
    for (int i = 0; i < THREADS; i++) {
        for (int try = 0; try < senders[i].tries; try++) {
            unsigned char tail[32] = {0}, *data;
            size_t size;
            if (!senders[i].kept[try])
                continue;
            name_picture(&senders[i], try, tail);
            assert_ok(wildcam_station_read_picture(station, senders[i].kept[try], 0, (void **)&data,
                                                   &size));
            ck_assert_uint_eq(size, senders[i].jpeg->size + 32);
            ck_assert_mem_eq(data + size - 32, tail, 32);
            wildcam_free(data);
            kept++;
        }
    }
    assert_ok(wildcam_station_count(station, NULL, 0, &count, NULL));
    ck_assert_int_eq(count, kept);
}

static wildcam_status try_open(const char *floor, wildcam_station **station)
{
    wildcam_conf *conf = station_conf();
    assert_ok(wildcam_conf_set(conf, "data.dir", scratch_path("disk/station")));
    assert_ok(wildcam_conf_set(conf, "disk.min_free_percent", "0"));
    assert_ok(wildcam_conf_set(conf, "disk.min_free_bytes", floor));
    assert_ok(wildcam_conf_set(conf, "store.shard", "day"));
    assert_ok(wildcam_conf_set_log(conf, NULL, NULL));
    wildcam_status status = wildcam_station_open(conf, station);
    wildcam_conf_free(conf);
    return status;
}

static wildcam_station *open_quietly(const char *floor)
{
    wildcam_station *station;
    assert_ok(try_open(floor, &station));
    return station;
}

/* Space that can be given back. */
static void lay_ballast(void)
{
    char *ballast = calloc(1, BALLAST);
    ck_assert_ptr_nonnull(ballast);
    save_file(scratch_path("disk/ballast"), ballast, BALLAST);
    free(ballast);
}

static const char *const floors[] = {"0", "1M"};

START_TEST(full_and_free_again)
{
    static struct sender senders[THREADS];
    if (!has_small_disk(scratch_path("disk")))
        return;
    lay_ballast();
    struct jpeg jpeg = make_jpeg(320, 240, JPEG_COLOUR, 7);
    wildcam_station *station = open_quietly(floors[_i]);
    for (int i = 0; i < THREADS; i++)
        senders[i] = (struct sender){.station = station, .jpeg = &jpeg, .number = i};
    send_all(senders);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(senders[i].refused, REFUSALS); /* it did become full */
    has_all(station, senders);
    ck_assert_int_eq(unlink(scratch_path("disk/ballast")), 0);
    is_whole(station);
    for (int i = 0; i < THREADS; i++) { /* a few more now find room */
        unsigned char *picture = calloc(1, jpeg.size + 32);
        ck_assert_ptr_nonnull(picture);
        memcpy(picture, jpeg.data, jpeg.size);
        int refused = senders[i].refused;
        send_one(&senders[i], picture, jpeg.size + 32);
        ck_assert_int_eq(senders[i].refused, refused);
        ck_assert_int_gt(senders[i].kept[senders[i].tries - 1], 0);
        free(picture);
    }
    has_all(station, senders);
    wildcam_station_close(station);
    station = open_quietly(floors[_i]);
    is_whole(station);
    has_all(station, senders);
    wildcam_station_close(station);
    ck_assert_int_eq(count_files(scratch_path("disk/station/incoming")), 0);
    jpeg_free(&jpeg);
    ck_assert_int_eq(umount2(scratch_path("disk"), MNT_DETACH), 0);
}
END_TEST

/* Fills what is left, to the last byte. */
static void fill_up(void)
{
    static char block[4096];
    FILE *file = fopen(scratch_path("disk/filler"), "wb");
    ck_assert_ptr_nonnull(file);
    setbuf(file, NULL);
    while (fwrite(block, sizeof block, 1, file) == 1)
        continue;
    ck_assert_int_eq(errno, ENOSPC);
    fclose(file);
}

/* The sentence gives the reason. */
static void assert_does_not_open(wildcam_status wanted, const char *reason)
{
    wildcam_station *station;
    assert_fails(wanted, reason, try_open("0", &station));
    ck_assert_ptr_null(station);
}

START_TEST(opening_on_a_full_or_read_only_disk)
{
    if (!has_small_disk(scratch_path("disk")))
        return;
    ck_assert_int_eq(mkdir(scratch_path("disk/station"), 0750), 0);
    fill_up();
    assert_does_not_open(WILDCAM_ERR_NOSPACE, "disk is full"); /* it cannot be made */
    ck_assert_int_eq(count_files(scratch_path("disk/station")), 0);
    ck_assert_int_eq(unlink(scratch_path("disk/filler")), 0);
    wildcam_station_close(open_quietly("0"));
    fill_up();
    assert_does_not_open(WILDCAM_ERR_NOSPACE, strerror(ENOSPC));
    ck_assert_int_eq(unlink(scratch_path("disk/filler")), 0);
    ck_assert_int_eq(mount(NULL, scratch_path("disk"), NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
    assert_does_not_open(WILDCAM_ERR_DENIED, strerror(EROFS));
    ck_assert_int_eq(umount2(scratch_path("disk"), MNT_DETACH), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("full");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, full_and_free_again, 0, sizeof floors / sizeof floors[0]);
    tcase_add_test(all, opening_on_a_full_or_read_only_disk);
    return suite;
}
