/*
 * Lines on their way to a log that may be slow: a fixed piece of memory and one thread that writes,
 * so that nobody else waits for a full pipe or a stalled disk.
 *
 * When the memory is full, lines are dropped and counted. Then only errors and warnings are taken,
 * for which some of it is held, until half of it is free again; a line then tells how many are
 * missing, at the place where they are.
 */
#ifndef SERVER_LOG_QUEUE_H
#define SERVER_LOG_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log_line.h"

/* Called by the writing thread only. */
struct log_sink {
    void *user;
    /* Writes whole lines; may take its time. False when they are lost. */
    bool (*write)(void *user, const char *lines, size_t size);
    /* The line that tells of so many lost ones; answers its length. */
    size_t (*tell_loss)(void *user, uint64_t lost, char buffer[LOG_LINE_MAX]);
};

struct log_queue;

/* NULL when the system gives no memory or no thread. */
struct log_queue *log_queue_start(size_t room, const struct log_sink *sink);
/* Never waits for the sink. False when the line is dropped. */
bool log_queue_put(struct log_queue *queue, int level, const char *line, size_t size);
/* Lines that never came to be written, all in all. */
uint64_t log_queue_lost(struct log_queue *queue);
/* Nobody puts lines in any more: waits so long for those that are there, and frees the queue. False
 * when the sink did not come back: it and the queue are left to the end of the process. */
bool log_queue_stop(struct log_queue *queue, int64_t milliseconds);

#endif
