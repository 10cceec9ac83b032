/* Threads that do what may wait for the disk. */
#ifndef SERVER_WORKERS_H
#define SERVER_WORKERS_H

#include <stdbool.h>

/* A piece of work; it belongs to whoever hands it in, and is not touched after `run` has begun. */
struct job {
    void (*run)(struct job *job);
    struct job *next;
};

struct workers;

/* At most `room` jobs wait; 0: any number. NULL when the system gives no thread. */
struct workers *workers_start(int count, int room);
/* Does what was handed in, then ends the threads. What is handed in later is refused. */
void workers_stop(struct workers *workers);
/* Stops them, if that has not been done. NULL is fine. */
void workers_free(struct workers *workers);
/* False when the workers have stopped, or too many jobs wait: this one will not run. */
bool workers_do(struct workers *workers, struct job *job);

#endif
