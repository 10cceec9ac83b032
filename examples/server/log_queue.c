#include "log_queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <wildcam/log.h>

/* All lines stand one behind the other, around the end of the memory. */
struct log_queue {
    struct log_sink sink;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake, ended;
    bool must_end, has_ended;
    uint64_t lost;   /* since that was told last; while there are any, few lines are taken */
    uint64_t unsaid; /* of these, those that the sink lost: told once it works again */
    uint64_t all_lost;
    size_t room, first, used;
    char lines[];
};

/* How full it may be after a line of this level. */
static size_t limit_of(const struct log_queue *queue, int level)
{
    if (level <= WILDCAM_LOG_ERROR)
        return queue->room;
    return queue->room - queue->room / (level == WILDCAM_LOG_WARNING ? 8 : 4);
}

static void append(struct log_queue *queue, const char *line, size_t size)
{
    size_t at = (queue->first + queue->used) % queue->room;
    size_t until_end = queue->room - at < size ? queue->room - at : size;
    memcpy(queue->lines + at, line, until_end);
    memcpy(queue->lines, line + until_end, size - until_end);
    queue->used += size;
}

bool log_queue_put(struct log_queue *queue, int level, const char *line, size_t size)
{
    pthread_mutex_lock(&queue->mutex);
    bool is_taken = (!queue->lost || level <= WILDCAM_LOG_WARNING) &&
                    queue->used + size <= limit_of(queue, level);
    if (is_taken) {
        append(queue, line, size);
        pthread_cond_signal(&queue->wake);
    } else {
        queue->lost++;
        queue->all_lost++;
    }
    pthread_mutex_unlock(&queue->mutex);
    return is_taken;
}

/* Takes whole lines out, at most so many bytes as a line may have. */
static size_t take(struct log_queue *queue, char batch[LOG_LINE_MAX])
{
    size_t size = queue->used < LOG_LINE_MAX ? queue->used : LOG_LINE_MAX;
    size_t until_end = queue->room - queue->first < size ? queue->room - queue->first : size;
    memcpy(batch, queue->lines + queue->first, until_end);
    memcpy(batch + until_end, queue->lines, size - until_end);
    while (size > 0 && batch[size - 1] != '\n')
        size--;
    queue->first = (queue->first + size) % queue->room;
    queue->used -= size;
    return size;
}

static uint64_t count_lines(const char *lines, size_t size)
{
    uint64_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += lines[i] == '\n';
    return count;
}

/* Where the missing lines would stand, as soon as there is room for others again. */
static void tell_loss(struct log_queue *queue)
{
    char line[LOG_LINE_MAX];
    if (!queue->lost || queue->used > queue->room / 2)
        return;
    append(queue, line, queue->sink.tell_loss(queue->sink.user, queue->lost, line));
    queue->lost = 0;
}

/* Without the lock. */
static void write_batch(struct log_queue *queue, const char *batch, size_t size)
{
    bool is_written = queue->sink.write(queue->sink.user, batch, size);
    pthread_mutex_lock(&queue->mutex);
    if (is_written) {
        queue->lost += queue->unsaid;
        queue->unsaid = 0;
    } else {
        uint64_t count = count_lines(batch, size);
        queue->unsaid += count;
        queue->all_lost += count;
    }
    pthread_mutex_unlock(&queue->mutex);
}

static void *write_lines(void *user)
{
    struct log_queue *queue = user;
    char batch[LOG_LINE_MAX];
    pthread_mutex_lock(&queue->mutex);
    for (;;) {
        tell_loss(queue);
        size_t size = take(queue, batch);
        if (size > 0) {
            pthread_mutex_unlock(&queue->mutex);
            write_batch(queue, batch, size);
            pthread_mutex_lock(&queue->mutex);
        } else if (queue->must_end) {
            break;
        } else { /* nothing is lost either: that would have been told */
            pthread_cond_wait(&queue->wake, &queue->mutex);
        }
    }
    queue->has_ended = true;
    pthread_cond_signal(&queue->ended);
    pthread_mutex_unlock(&queue->mutex);
    return NULL;
}

static bool init_conditions(struct log_queue *queue)
{
    pthread_condattr_t monotonic;
    if (pthread_mutex_init(&queue->mutex, NULL) != 0)
        return false;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&queue->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_cond_init(&queue->wake, NULL);
    return true;
}

static void free_queue(struct log_queue *queue)
{
    pthread_cond_destroy(&queue->wake);
    pthread_cond_destroy(&queue->ended);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

struct log_queue *log_queue_start(size_t room, const struct log_sink *sink)
{
    struct log_queue *queue = calloc(1, sizeof *queue + room);
    if (!queue)
        return NULL;
    queue->sink = *sink;
    queue->room = room;
    if (!init_conditions(queue)) {
        free(queue);
        return NULL;
    }
    if (pthread_create(&queue->thread, NULL, write_lines, queue) == 0)
        return queue;
    free_queue(queue);
    return NULL;
}

uint64_t log_queue_lost(struct log_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    uint64_t lost = queue->all_lost;
    pthread_mutex_unlock(&queue->mutex);
    return lost;
}

static struct timespec after(int64_t milliseconds)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += milliseconds / 1000;
    time.tv_nsec += milliseconds % 1000 * 1000000;
    if (time.tv_nsec >= 1000000000) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000;
    }
    return time;
}

bool log_queue_stop(struct log_queue *queue, int64_t milliseconds)
{
    const struct timespec until = after(milliseconds);
    int failure = 0;
    pthread_mutex_lock(&queue->mutex);
    queue->must_end = true;
    pthread_cond_signal(&queue->wake);
    while (!queue->has_ended && !failure)
        failure = pthread_cond_timedwait(&queue->ended, &queue->mutex, &until);
    bool has_ended = queue->has_ended;
    pthread_mutex_unlock(&queue->mutex);
    if (!has_ended) {
        pthread_detach(queue->thread);
        return false;
    }
    pthread_join(queue->thread, NULL);
    free_queue(queue);
    return true;
}
