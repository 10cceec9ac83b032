#include "take_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interrupt.h"

enum { PIECE = 256 * 1024, THREADS_MAX = 64 };

struct job {
    wildcam_station *station;
    const struct walk *walk;
    const struct take_in_how *how;
    struct take_in_result *results;
    atomic_size_t next;
    atomic_bool has_failed;
    pthread_mutex_t mutex; /* over the outcomes and `working` */
    pthread_cond_t changed;
    int working;
};

static struct take_in_result end_with(enum take_in_outcome outcome, const char *reason)
{
    return (struct take_in_result){.outcome = outcome, .reason = strdup(reason)};
}

/* What the library did not like: the picture, or its own state. */
static struct take_in_result end_with_failure(wildcam_status status)
{
    static const wildcam_status refusals[] = {
        WILDCAM_ERR_NOTJPEG,  WILDCAM_ERR_TRUNCATED, WILDCAM_ERR_TOOLARGE,
        WILDCAM_ERR_NOTFOUND, WILDCAM_ERR_INVALID,   WILDCAM_ERR_CORRUPT,
    };
    struct take_in_result result = end_with(TAKE_IN_FAILED, wildcam_error_message());
    result.status = status;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (status == refusals[i])
            result.outcome = TAKE_IN_REFUSED;
    return result;
}

static void set_time_of_name(wildcam_ingest *ingest, int64_t time)
{
    wildcam_ingest_set_time(ingest, time, WILDCAM_OFFSET_UNKNOWN, WILDCAM_TIME_SOURCE_FILENAME);
}

/* Who took it, its name, and when: what the user's pattern finds goes before what the side file
 * says, that before the folders and names of the firmware. */
static wildcam_status describe(const struct job *job, wildcam_ingest *ingest, const char *path,
                               const char *device_id, struct take_in_result *result)
{
    int64_t time;
    const char *slash = strrchr(path, '/');
    wildcam_ingest_set_from_card(ingest);
    wildcam_ingest_set_file_name(ingest, slash ? slash + 1 : path);
    if (wildcam_time_from_path(path, &time) == WILDCAM_OK)
        set_time_of_name(ingest, time);
    side_file_take(&result->side, ingest, path, device_id);
    if (job->how->pattern) {
        result->is_unmatched = wildcam_time_from_name(path, job->how->pattern, &time) != WILDCAM_OK;
        if (!result->is_unmatched)
            set_time_of_name(ingest, time);
    }
    return wildcam_ingest_set_device_id(ingest, device_id);
}

static bool is_untimed(wildcam_station *station, int64_t image_id)
{
    wildcam_image *image = NULL;
    if (wildcam_station_get_image(station, image_id, &image) != WILDCAM_OK)
        return false;
    int source = wildcam_image_get_time_source(image);
    wildcam_image_free(image);
    return source == WILDCAM_TIME_SOURCE_RECEIVED;
}

static struct take_in_result copy(wildcam_station *station, wildcam_ingest *ingest, int fd)
{
    char piece[PIECE];
    ssize_t got;
    wildcam_status status = WILDCAM_OK;
    while (status == WILDCAM_OK && (got = read(fd, piece, sizeof piece)) != 0) {
        if (got > 0)
            status = wildcam_ingest_write(ingest, piece, (size_t)got);
        else if (errno != EINTR)
            return end_with(TAKE_IN_UNREADABLE, strerror(errno));
    }
    if (status == WILDCAM_OK)
        status = wildcam_ingest_commit(ingest);
    if (status != WILDCAM_OK)
        return end_with_failure(status);
    if (wildcam_ingest_is_duplicate(ingest))
        return (struct take_in_result){.outcome = TAKE_IN_KNOWN};
    return (struct take_in_result){
        .outcome = TAKE_IN_KEPT,
        .is_untimed = is_untimed(station, wildcam_ingest_get_image_id(ingest))};
}

struct take_in_result take_in_refuse(const struct walk_camera *camera)
{
    struct take_in_result result = end_with(TAKE_IN_REFUSED, camera->refusal);
    result.status = WILDCAM_ERR_INVALID;
    return result;
}

/* Opening must not wait for the other end of what turns out to be a pipe. */
static struct take_in_result take_picture(const struct job *job, const struct walk_picture *picture)
{
    const struct walk_camera *camera = &job->walk->cameras[picture->camera];
    wildcam_ingest *ingest = NULL;
    struct take_in_result result, about = {.outcome = TAKE_IN_PENDING};
    struct stat found;
    if (camera->refusal)
        return take_in_refuse(camera);
    int fd = open(picture->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &found) != 0)
        result = end_with(TAKE_IN_UNREADABLE, strerror(errno));
    else if (!S_ISREG(found.st_mode))
        result = end_with(TAKE_IN_UNREADABLE, "it is no file");
    else {
        wildcam_status status = wildcam_ingest_begin(job->station, &ingest);
        if (status == WILDCAM_OK)
            status = describe(job, ingest, picture->path, camera->device_id, &about);
        result = status == WILDCAM_OK ? copy(job->station, ingest, fd) : end_with_failure(status);
    }
    result.side = about.side;
    result.is_unmatched = about.is_unmatched;
    wildcam_ingest_free(ingest);
    if (fd >= 0)
        close(fd);
    return result;
}

static void *work(void *user)
{
    struct job *job = user;
    size_t index;
    while (!job->has_failed && !interrupt_came() &&
           (index = job->next++) < job->walk->picture_count) {
        struct take_in_result result = take_picture(job, &job->walk->pictures[index]);
        if (result.outcome == TAKE_IN_FAILED)
            job->has_failed = true;
        pthread_mutex_lock(&job->mutex);
        job->results[index] = result;
        pthread_cond_signal(&job->changed);
        pthread_mutex_unlock(&job->mutex);
    }
    pthread_mutex_lock(&job->mutex);
    job->working--;
    pthread_cond_signal(&job->changed);
    pthread_mutex_unlock(&job->mutex);
    return NULL;
}

/* False when no more results will come. Whoever has begun a picture also finishes it, so those that
 * are pending in the end are the last ones. */
static bool wait_for(struct job *job, size_t index)
{
    pthread_mutex_lock(&job->mutex);
    while (job->results[index].outcome == TAKE_IN_PENDING && job->working > 0)
        pthread_cond_wait(&job->changed, &job->mutex);
    bool is_there = job->results[index].outcome != TAKE_IN_PENDING;
    pthread_mutex_unlock(&job->mutex);
    return is_there;
}

static int start(struct job *job, int wanted, pthread_t *threads)
{
    int count = 0;
    pthread_mutex_lock(&job->mutex);
    while (count < wanted && pthread_create(&threads[count], NULL, work, job) == 0)
        count++;
    job->working = count;
    pthread_mutex_unlock(&job->mutex);
    return count;
}

bool take_in(struct cli *cli, wildcam_station *station, const struct walk *walk,
             const struct take_in_how *how, struct take_in_result *results,
             void (*each)(void *user, size_t index), void *user)
{
    struct job job = {.station = station,
                      .walk = walk,
                      .how = how,
                      .results = results,
                      .mutex = PTHREAD_MUTEX_INITIALIZER,
                      .changed = PTHREAD_COND_INITIALIZER};
    pthread_t ids[THREADS_MAX];
    int started = start(&job, how->threads < THREADS_MAX ? how->threads : THREADS_MAX, ids);
    cli_progress(cli, "pictures", 0, (int64_t)walk->picture_count); /* the clock starts */
    for (size_t i = 0; i < walk->picture_count && wait_for(&job, i); i++) {
        each(user, i);
        cli_progress(cli, "pictures", (int64_t)i + 1, (int64_t)walk->picture_count);
    }
    for (int i = 0; i < started; i++)
        pthread_join(ids[i], NULL);
    progress_hide(&cli->progress);
    return started > 0;
}
