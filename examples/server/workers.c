#include "workers.h"

#include <pthread.h>
#include <stdlib.h>

/* The JSON parser goes 2,048 levels deep, and a sanitizer keeps its own data on the same stack. */
enum { STACK = 1024 * 1024 };

struct workers {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct job *first, *last;
    bool must_end;
    int waiting, room;
    int count;
    pthread_t threads[];
};

static struct job *take(struct workers *workers)
{
    while (!workers->first && !workers->must_end)
        pthread_cond_wait(&workers->wake, &workers->mutex);
    struct job *job = workers->first;
    if (job) {
        workers->first = job->next;
        if (!workers->first)
            workers->last = NULL;
        workers->waiting--;
    }
    return job;
}

static void *work(void *user)
{
    struct workers *workers = user;
    for (;;) {
        pthread_mutex_lock(&workers->mutex);
        struct job *job = take(workers);
        pthread_mutex_unlock(&workers->mutex);
        if (!job)
            return NULL;
        job->run(job);
    }
}

struct workers *workers_start(int count, int room)
{
    pthread_attr_t attributes;
    struct workers *workers = calloc(1,
                                     sizeof *workers + (size_t)count * sizeof workers->threads[0]);
    if (!workers)
        return NULL;
    workers->room = room;
    if (pthread_mutex_init(&workers->mutex, NULL) != 0) {
        free(workers);
        return NULL;
    }
    pthread_cond_init(&workers->wake, NULL);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    while (workers->count < count &&
           pthread_create(&workers->threads[workers->count], &attributes, work, workers) == 0)
        workers->count++;
    pthread_attr_destroy(&attributes);
    if (workers->count == count)
        return workers;
    workers_free(workers);
    return NULL;
}

void workers_stop(struct workers *workers)
{
    pthread_mutex_lock(&workers->mutex);
    workers->must_end = true;
    pthread_cond_broadcast(&workers->wake);
    pthread_mutex_unlock(&workers->mutex);
    while (workers->count > 0)
        pthread_join(workers->threads[--workers->count], NULL);
}

void workers_free(struct workers *workers)
{
    if (!workers)
        return;
    workers_stop(workers);
    pthread_cond_destroy(&workers->wake);
    pthread_mutex_destroy(&workers->mutex);
    free(workers);
}

bool workers_do(struct workers *workers, struct job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&workers->mutex);
    bool accepted = !workers->must_end && (!workers->room || workers->waiting < workers->room);
    if (accepted && workers->last)
        workers->last->next = job;
    else if (accepted)
        workers->first = job;
    if (accepted) {
        workers->last = job;
        workers->waiting++;
    }
    pthread_cond_signal(&workers->wake);
    pthread_mutex_unlock(&workers->mutex);
    return accepted;
}
