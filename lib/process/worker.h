/*
 * Workers: each claims a picture, has the detectors look at it, and settles its row, one after the
 * other. Threads of the station's are workers, and so is a caller for as long as its pass takes.
 */
#ifndef WCI_PROCESS_WORKER_H
#define WCI_PROCESS_WORKER_H

#include <pthread.h>

#include "process/alone.h"
#include "process/processor.h"
#include "process/trouble.h"

/* A thread's, which the keeper renews. A pass takes nearly the longest that is allowed, and the
 * keeper renews that too, while there is one. With the very longest, who has looked at the clock a
 * moment earlier would take it for one that was written before the clock was set back. */
#define WCI_WORKER_LEASE (60 * WCI_SECOND)
#define WCI_WORKER_PASS_LEASE (WCI_QUEUE_LONGEST_LEASE - 60 * WCI_SECOND)
#define WCI_WORKER_RENEWED (20 * WCI_SECOND)

struct wci_worker {
    struct wci_processor *processor;
    pthread_t thread;
    bool is_thread;          /* and no caller's */
    atomic_bool is_unwanted; /* it is to end: detectors are told */
    wildcam_processing row;  /* what it works on */
    int64_t lease_length;
    int64_t done, failed;
    /* Under the processor's mutex. */
    struct wci_worker *next;
    pthread_t self;                 /* while it has something in hand */
    int64_t held_image, held_lease; /* 0 when it has nothing in hand */
};

struct wci_processor {
    struct wci_detector_host host;
    struct wci_process_listener listener;
    bool is_on, oldest_first;
    size_t wanted;
    int attempts;
    int64_t retry_delay;
    _Atomic uint64_t chance;
    _Atomic int64_t next_complaint; /* of the monotonic clock: not before */

    struct wci_alone alone;
    pthread_mutex_t opening; /* the detectors; held while they are opened */
    struct wci_detectors detectors;

    pthread_mutex_t thread_mutex; /* starting and stopping */
    struct wci_worker *threads;   /* of `wanted`; NULL while none run */
    pthread_t keeper;

    pthread_mutex_t mutex; /* all below */
    pthread_cond_t bell;   /* something came to be due, or it is over */
    pthread_cond_t keeper_wakes;
    uint64_t rings;
    bool is_stopping, is_closing;
    struct wci_worker *workers; /* threads and passes */
    struct wci_trouble trouble; /* broken: no picture can be looked at for now */
};

/* What came of one turn. */
enum wci_turn {
    WCI_TURN_DONE,
    WCI_TURN_FAILED, /* the picture did; it is settled as such */
    WCI_TURN_NONE,   /* nothing is due */
    WCI_TURN_PAUSED,
    WCI_TURN_ENDED,   /* nobody wants it any more; what was in hand is given back */
    WCI_TURN_TROUBLE, /* the store, with this thread's sentence: to be tried again in a while */
    WCI_TURN_BLOCKED, /* no picture can be looked at for now, with this thread's sentence */
    WCI_TURN_LOST     /* somebody else has the picture by now, or it is gone */
};

void wci_worker_init(struct wci_worker *worker, struct wci_processor *processor,
                     int64_t lease_length);
void wci_worker_release(struct wci_worker *worker);
/* Claims one picture and brings it to its end. */
enum wci_turn wci_worker_turn(struct wci_worker *worker);

/* look.c: has the detectors look at the picture of the worker's row, and makes its thumbnail. On
 * success there are findings; on failure this thread's sentence says why, and `is_ours` that it
 * lies in the store and not in the picture. */
struct wci_look {
    wildcam_image image;
    struct wildcam_findings findings;
    bool is_ours;
};
wildcam_status wci_look_at(struct wci_worker *worker, struct wci_look *look);
void wci_look_init(struct wci_look *look);
void wci_look_release(struct wci_look *look);
/* The findings as rows that can be written, which the caller frees; and whose they are. */
wildcam_status wci_look_rows(const struct wci_worker *worker, const struct wci_look *look,
                             struct wci_row **rows, const struct wci_name **camera);

#endif
