/*
 * A text that many are answered with at once.
 *
 * It is made anew for whoever asks after it was begun to be made, never before: who asks while it
 * is being made waits for the next one, and so do all others who come meanwhile. However many ask,
 * one thread makes it, and one copy of it is sent to all.
 */
#ifndef SERVER_SHARED_TEXT_H
#define SERVER_SHARED_TEXT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shared_text {
    atomic_int holders;
    size_t size;
    char *bytes;
};

/* One that the caller holds. Takes the bytes over; NULL when memory ran out, or they are NULL. */
struct shared_text *shared_text_new(char *bytes, size_t size);
struct shared_text *shared_text_hold(struct shared_text *text);
void shared_text_let_go(void *text); /* NULL is fine */

/* Where a text is made. */
struct text_source {
    pthread_mutex_t mutex;
    pthread_cond_t is_made;
    bool is_busy;             /* somebody makes one */
    int waiting;              /* how many wait for it to be made */
    uint64_t begun;           /* how many have been begun */
    uint64_t current;         /* which of them `text` is */
    struct shared_text *text; /* the last one; NULL before, and when it could not be made */
    int64_t changes;          /* for who makes it: what it was made of */
};

bool text_source_start(struct text_source *source);
void text_source_stop(struct text_source *source);

/* The text, held for the caller; it was begun after he asked. make() answers another one, or holds
 * source->text once more where that still is right; nobody else touches source->text or
 * source->changes meanwhile. NULL when this caller's make() answered NULL. */
struct shared_text *
text_source_get(struct text_source *source,
                struct shared_text *(*make)(struct text_source *source, void *user), void *user);

#endif
