/*
 * Acknowledged pictures of 200 KB from 1, 8 and 32 threads, beside what the same disk does for a
 * file of that length alone: make, write, sync, rename, sync the directory.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>
#include <turbojpeg.h>
#include <unistd.h>

#include "bench.h"

enum { THREADS_MAX = 32, BYTES = 200 * 1024, ROUNDS = 5 };
#define SECONDS 0.8

static volatile int is_over;
static unsigned char *picture;
static size_t picture_size;

/* A JPEG of a flat scene, and as many bytes of comment as are wanting. */
static void make_picture(void)
{
    unsigned char *pixels = calloc(1600 * 1200, 3), *jpeg = NULL;
    unsigned long size = 0;
    tjhandle handle = tjInitCompress();
    for (int i = 0; pixels && i < 1600 * 1200 * 3; i++)
        pixels[i] = (unsigned char)((i / 97) ^ (i / 4801));
    if (!pixels ||
        tjCompress2(handle, pixels, 1600, 0, 1200, TJPF_RGB, &jpeg, &size, TJSAMP_420, 30, 0) != 0)
        exit(2);
    tjDestroy(handle);
    free(pixels);
    picture_size = size > BYTES ? size : BYTES;
    picture = calloc(1, picture_size + 8 * 65537);
    size_t at = 2;
    memcpy(picture, jpeg, 2);
    for (size_t wanting = picture_size - size; wanting > 4;) {
        size_t part = wanting > 60000 ? 60000 : wanting;
        picture[at] = 0xff;
        picture[at + 1] = 0xfe;
        picture[at + 2] = (unsigned char)((part - 2) >> 8);
        picture[at + 3] = (unsigned char)(part - 2);
        at += part;
        wanting -= part;
    }
    memcpy(picture + at, jpeg + 2, size - 2);
    picture_size = at + size - 2;
    tjFree(jpeg);
}

struct worker {
    pthread_t thread;
    int number;
    int64_t pictures;
    void *user;
};

static double run_threads(int count, void *(*work)(void *), void *user)
{
    static int next_number;
    struct worker workers[THREADS_MAX];
    int64_t pictures = 0;
    is_over = 0;
    double begin = bench_now();
    for (int i = 0; i < count; i++) {
        workers[i] = (struct worker){.number = next_number++, .user = user};
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    while (bench_now() - begin < SECONDS) {
        const struct timespec moment = {0, 10 * 1000 * 1000};
        nanosleep(&moment, NULL);
    }
    is_over = 1;
    for (int i = 0; i < count; i++) {
        pthread_join(workers[i].thread, NULL);
        pictures += workers[i].pictures;
    }
    return (double)pictures / (bench_now() - begin);
}

/* Every picture is another one: a number in its first comment. */
static unsigned char *own_picture(const struct worker *worker)
{
    unsigned char *copy = malloc(picture_size);
    if (!copy)
        exit(2);
    memcpy(copy, picture, picture_size);
    memcpy(copy + 6, &worker->number, sizeof worker->number);
    memcpy(copy + 10, &worker->pictures, sizeof worker->pictures);
    return copy;
}

static void *upload(void *user)
{
    struct worker *worker = user;
    char name[32];
    snprintf(name, sizeof name, "camera-%d", worker->number % THREADS_MAX);
    unsigned char *mine = own_picture(worker);
    while (!is_over) {
        memcpy(mine + 10, &worker->pictures, sizeof worker->pictures);
        CHECK(wildcam_station_ingest(worker->user, name, mine, picture_size, NULL, NULL));
        worker->pictures++;
    }
    free(mine);
    return NULL;
}

static void *write_files(void *user)
{
    struct worker *worker = user;
    char path[700], place[700];
    const char *directory = worker->user;
    unsigned char *mine = own_picture(worker);
    int folder = open(directory, O_RDONLY | O_DIRECTORY);
    while (!is_over) {
        snprintf(path, sizeof path, "%s/%d-%lld.part", directory, worker->number,
                 (long long)worker->pictures);
        snprintf(place, sizeof place, "%s/%d-%lld.jpg", directory, worker->number,
                 (long long)worker->pictures++);
        int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0644);
        if (fd < 0 || write(fd, mine, picture_size) != (ssize_t)picture_size || fsync(fd) != 0 ||
            close(fd) != 0 || rename(path, place) != 0 || fsync(folder) != 0)
            exit(2);
    }
    close(folder);
    free(mine);
    return NULL;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static void run(int threads)
{
    char files[600], path[600], name[64];
    double bare[ROUNDS], library[ROUNDS];
    snprintf(files, sizeof files, "%s/files", bench_directory());
    snprintf(path, sizeof path, "%s/station", bench_directory());
    mkdir(files, 0755);
    wildcam_station *station = bench_open(path);
    for (int round = 0; round < ROUNDS; round++) {
        bare[round] = run_threads(threads, write_files, files);
        library[round] = run_threads(threads, upload, station);
    }
    wildcam_station_close(station);
    bench_remove(files);
    bench_remove(path);
    qsort(bare, ROUNDS, sizeof bare[0], compare);
    qsort(library, ROUNDS, sizeof library[0], compare);
    snprintf(name, sizeof name, "acknowledged pictures of 200 KB, %d thread%s", threads,
             threads > 1 ? "s" : "");
    bench_line(name, library[ROUNDS / 2], "/s", "bare file, synced", bare[ROUNDS / 2], '>', 0);
}

int main(void)
{
    make_picture();
    run(1);
    run(8);
    run(32);
    free(picture);
    return bench_end();
}
