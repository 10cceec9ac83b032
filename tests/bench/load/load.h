/*
 * The load of a station: cameras that send pictures and how they are, readers, and whoever means
 * harm. One thread with epoll, so that the load leaves the cores to what is measured.
 */
#ifndef TESTS_BENCH_LOAD_LOAD_H
#define TESTS_BENCH_LOAD_LOAD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "tally.h"

enum { REQUEST_MAX = 1024, HEAD_MAX = 4096, TAIL = 128 };

enum kind { KIND_REGISTER, KIND_UPLOAD, KIND_STATUS, KIND_READ, KIND_ABUSE, KIND_SLOW, KIND_COUNT };

enum role { ROLE_CAMERA, ROLE_READER, ROLE_ABUSER, ROLE_SLOW };

enum stage { STAGE_IDLE, STAGE_CONNECTING, STAGE_SENDING, STAGE_RECEIVING };

/* Somebody with one connection at a time. Times are microseconds. */
struct actor {
    enum role role;
    enum stage stage;
    enum kind kind;
    uint32_t number;  /* among those of its role */
    uint32_t address; /* where it comes from, in the host's order */
    int fd;           /* -1: not connected */
    int64_t due;      /* of what it does next */
    int64_t due_status;
    int64_t began;  /* of the request under way */
    int step;       /* a reader's place in its round; a camera that is registered has 1 */
    size_t place;   /* in the heap, from 1 on; 0: it does not wait */
    bool was_early; /* it waited before its time came */
    uint32_t sent_count;
    char head[REQUEST_MAX], tail[TAIL];
    struct iovec parts[3];
    int part_count, part;
    /* the answer */
    int status;
    bool has_begun, is_in_body, will_close;
    size_t head_size;
    int64_t body_left;
    char answer[HEAD_MAX];
};

struct load {
    struct sockaddr_in server;
    int epoll;
    int64_t begin, end;
    int64_t picture_period, status_period, read_period, abuse_period;
    const char *fleet_key, *viewer_key;
    char *picture;
    size_t picture_size;
    struct actor *actors;
    size_t count;
    struct actor **heap; /* those that wait for their time, from 1 on */
    size_t waiting;
    struct tally tallies[KIND_COUNT];
    struct tally lag; /* how late the load itself was */
};

int64_t load_now(void);

/* What the actor does next is chosen and written into it (requests.c). */
void request_prepare(struct load *load, struct actor *actor);
/* After an answer, or the lack of one: when it goes on. True: at once. */
bool request_plan(struct load *load, struct actor *actor, bool answered);

/* The actor's time has come (actor.c). */
void actor_start(struct load *load, struct actor *actor);
void actor_event(struct load *load, struct actor *actor, uint32_t events);
void actor_give_up(struct load *load, struct actor *actor);

/* It waits for its time, anew when it waits already (waiting.c). */
void waiting_add(struct load *load, struct actor *actor);
/* Whose time comes first; NULL when nobody waits. */
struct actor *waiting_first(const struct load *load);
int64_t waiting_time(const struct actor *actor);
void waiting_remove(struct load *load, struct actor *actor);

#endif
