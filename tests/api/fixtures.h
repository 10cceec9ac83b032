/* What the api tests share: stations, rows and pictures in one line each. */
#ifndef TESTS_API_FIXTURES_H
#define TESTS_API_FIXTURES_H

#include <sys/types.h>
#include <unistd.h>

#include "support/harness.h"

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)

/* An ISO 8601 time in microseconds. */
int64_t at(const char *text);

/* Opens station_conf() with further settings: name, value, name, value, NULL. Cameras may register
 * themselves without failing the test. */
wildcam_station *open_with(const char *name, ...) __attribute__((sentinel));

/* What a detection is made of; the rest is not known. */
struct sighting {
    const char *device_id, *species;
    int64_t time;
    double confidence;
};

/* The draft of a sighting; freed with wildcam_detection_free(). */
wildcam_detection *draft_of(const struct sighting *sighting);
/* Keeps one by itself and answers its id. */
int64_t add(wildcam_station *station, const struct sighting *sighting);

/* Takes a picture in whose time is given; answers its id. */
int64_t add_picture(wildcam_station *station, const char *device_id, const struct jpeg *jpeg,
                    int64_t time);
/* The same with the scene of that seed, 64x48. */
int64_t add_scene(wildcam_station *station, const char *device_id, unsigned seed, int64_t time);

/* Where a picture that is kept has its file. */
void picture_path(wildcam_station *station, int64_t id, char path[1024]);

/* How many detections answer a query; NULL for all. Walked one by one. */
int64_t walk(wildcam_station *station, const wildcam_query *query);

/* How many files a station of the scratch directory holds below a folder such as "images". */
int files_in(const char *folder);

/* Changes a byte in the middle of a file. */
void flip_byte(const char *path);
/* Writes over a file until nothing in it makes sense. */
void ruin_file(const char *path);

/* Checks the station with everything there is to check; answers the number of findings. */
int64_t findings_of(wildcam_station *station);

/* Until something in another thread or process has come about; a minute at least. */
#define wait_until(condition)                                                                      \
    do {                                                                                           \
        for (int tries_ = 0; !(condition); tries_++) {                                             \
            ck_assert_msg(tries_ < 30000, "%s does not come", #condition);                         \
            usleep(2000);                                                                          \
        }                                                                                          \
    } while (0)

/* Gives up root's rights, whom no mode keeps out: for children. Not 0 when that is not possible. */
int become_nobody(void);
/* A folder of the scratch directory that is theirs. */
void make_folder_for_nobody(const char *name);
/* A file that they may not read; its path goes to `path`. */
void make_unreadable(const char *name, char path[1024]);

/* A child process runs `body` and must leave by returning; fails the test unless it returns 0. */
void in_child(int (*body)(void *user), void *user);

/* Holds, from another process, the lock of whoever writes to a database in WAL mode (SQLite's file
 * format, section 4.5): `path` is the database's -shm file. */
struct holder {
    pid_t pid;
    int let_go;
};
struct holder hold_writers_lock(const char *path);
void let_go_of(struct holder holder);

#endif
