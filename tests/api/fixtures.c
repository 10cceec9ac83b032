#include "api/fixtures.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534 };

int64_t at(const char *text)
{
    int64_t time;
    assert_ok(wildcam_time_parse(text, &time, NULL, NULL));
    return time;
}

wildcam_station *open_with(const char *name, ...)
{
    va_list args;
    wildcam_conf *conf = station_conf();
    va_start(args, name);
    for (; name; name = va_arg(args, const char *))
        assert_ok(wildcam_conf_set(conf, name, va_arg(args, const char *)));
    va_end(args);
    expect_log("registered on its first detection");
    wildcam_station *station = open_station(conf);
    wildcam_conf_free(conf);
    return station;
}

wildcam_detection *draft_of(const struct sighting *sighting)
{
    wildcam_detection *draft;
    assert_ok(wildcam_detection_new(&draft));
    if (sighting->device_id)
        assert_ok(wildcam_detection_set_device_id(draft, sighting->device_id));
    assert_ok(wildcam_detection_set_species(draft, sighting->species));
    assert_ok(wildcam_detection_set_confidence(draft, sighting->confidence));
    if (sighting->time != WILDCAM_TIME_NONE)
        assert_ok(wildcam_detection_set_time(draft, sighting->time, 0, WILDCAM_TIME_SOURCE_CLIENT));
    return draft;
}

int64_t add(wildcam_station *station, const struct sighting *sighting)
{
    int64_t id;
    wildcam_detection *draft = draft_of(sighting);
    assert_ok(wildcam_station_add_detection(station, draft, &id));
    wildcam_detection_free(draft);
    return id;
}

int64_t add_picture(wildcam_station *station, const char *device_id, const struct jpeg *jpeg,
                    int64_t time)
{
    wildcam_ingest *ingest;
    assert_ok(wildcam_ingest_begin(station, &ingest));
    assert_ok(wildcam_ingest_set_device_id(ingest, device_id));
    assert_ok(wildcam_ingest_set_time(ingest, time, 0, WILDCAM_TIME_SOURCE_CLIENT));
    assert_ok(wildcam_ingest_write(ingest, jpeg->data, jpeg->size));
    assert_ok(wildcam_ingest_commit(ingest));
    int64_t id = wildcam_ingest_get_image_id(ingest);
    wildcam_ingest_free(ingest);
    return id;
}

int64_t add_scene(wildcam_station *station, const char *device_id, unsigned seed, int64_t time)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, seed);
    int64_t id = add_picture(station, device_id, &jpeg, time);
    jpeg_free(&jpeg);
    return id;
}

void picture_path(wildcam_station *station, int64_t id, char path[1024])
{
    wildcam_image *image;
    char day[WILDCAM_TIME_TEXT];
    assert_ok(wildcam_station_get_image(station, id, &image));
    assert_ok(wildcam_time_format(wildcam_image_get_time(image), 0, day, sizeof day));
    snprintf(path, 1024, "%s/images/%.4s/%.2s/%.2s/%s.jpg", scratch_path("station"), day, day + 5,
             day + 8, wildcam_image_get_sha256(image));
    wildcam_image_free(image);
}

int64_t walk(wildcam_station *station, const wildcam_query *query)
{
    wildcam_cursor *cursor;
    const wildcam_detection *row;
    wildcam_step step;
    int64_t count = 0;
    assert_ok(wildcam_station_query(station, query, &cursor));
    while ((step = wildcam_cursor_next(cursor, &row)) == 1)
        count++;
    assert_ok(step);
    wildcam_cursor_free(cursor);
    return count;
}

int files_in(const char *folder)
{
    return count_files(scratch_path("station/%s", folder));
}

void flip_byte(const char *path)
{
    size_t size;
    char *data = load_file(path, &size);
    data[size / 2] ^= 0x55;
    save_file(path, data, size);
    free(data);
}

void ruin_file(const char *path)
{
    char noise[8192];
    memset(noise, 'x', sizeof noise);
    save_file(path, noise, sizeof noise);
}

static void show_finding(void *user, const char *what, const char *where, const char *text)
{
    (void)user;
    printf("%s, %s: %s\n", what, where, text);
}

int64_t findings_of(wildcam_station *station)
{
    int64_t findings = -1;
    assert_ok(
        wildcam_station_check(station, WILDCAM_CHECK_CONTENT, show_finding, NULL, NULL, &findings));
    return findings;
}

int become_nobody(void)
{
    return geteuid() == 0 ? setuid(NOBODY) : 0;
}

void make_folder_for_nobody(const char *name)
{
    const char *path = scratch_path("%s", name);
    ck_assert_int_eq(chmod(scratch(), 0711), 0);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    if (geteuid() == 0)
        ck_assert_int_eq(chown(path, NOBODY, NOBODY), 0);
}

void make_unreadable(const char *name, char path[1024])
{
    snprintf(path, 1024, "%s", scratch_path("%s", name));
    save_file(path, "", 0);
    ck_assert_int_eq(chmod(path, 0), 0);
}

void in_child(int (*body)(void *user), void *user)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(body(user)); /* not exit(): what is registered for it is the parent's */
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %d", status);
}

struct holder hold_writers_lock(const char *path)
{
    int held[2], let_go[2];
    char byte = 0;
    ck_assert_int_eq(pipe(held), 0);
    ck_assert_int_eq(pipe(let_go), 0);
    fflush(NULL);
    struct holder holder = {fork(), let_go[1]};
    ck_assert_int_ge(holder.pid, 0);
    if (holder.pid == 0) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 120, .l_len = 1};
        int fd = open(path, O_RDWR);
        close(let_go[1]);
        if (fd < 0 || fcntl(fd, F_SETLK, &lock) != 0 || write(held[1], "", 1) != 1)
            _exit(1);
        _exit(read(let_go[0], &byte, 1) < 0);
    }
    close(held[1]);
    close(let_go[0]);
    ck_assert_int_eq(read(held[0], &byte, 1), 1);
    close(held[0]);
    return holder;
}

void let_go_of(struct holder holder)
{
    int status;
    close(holder.let_go);
    ck_assert_int_eq(waitpid(holder.pid, &status, 0), holder.pid);
    ck_assert_int_eq(status, 0);
}
