/*
 * One drain: rows are claimed as the engine has room, sent, and settled. The uploader's thread has
 * one for as long as it runs, and each pass in a caller's thread one of its own.
 *
 * What is in hand is bounded; the queue is on the disk.
 */
#ifndef WCI_UPLOAD_DRAIN_H
#define WCI_UPLOAD_DRAIN_H

#include "conf/form.h"
#include "upload/chores.h"
#include "upload/job.h"
#include "upload/uploader.h"

#define WCI_LEASE (60 * WCI_SECOND)
#define WCI_LEASE_RENEWED (20 * WCI_SECOND)

struct wci_uploader {
    const wildcam_conf *conf;
    struct wci_store *store;
    wci_thumbnail_maker *make;
    void *make_user;
    const struct wci_log *log;
    struct wci_engine_listener listener;
    bool is_on, has_window;
    struct wci_window window;
    struct wci_upload_order order;
    int64_t failback, patience;

    pthread_mutex_t engine_mutex; /* its opening */
    _Atomic(wci_engine *) engine;
    pthread_mutex_t thread_mutex; /* starting and stopping */
    pthread_t thread;
    atomic_bool has_thread;
    atomic_bool is_stopping, is_closing, is_paused;
    atomic_bool bell, has_news;     /* the thread's: something has happened, is owed newly */
    atomic_bool has_failed;         /* the last that ended did */
    _Atomic int64_t next_complaint; /* of the monotonic clock: not before */
    _Atomic uint64_t chance;
};

struct wci_drain {
    struct wci_uploader *uploader;
    wci_engine *engine;
    atomic_bool *bell, *news; /* something is owed newly; may be NULL */
    int64_t lease;            /* its number */
    int64_t most;             /* how many rows at most; 0 for no limit */
    bool is_urgent;           /* whatever window and pause say */
    bool is_ending;           /* nothing new is claimed or sent */

    struct wci_job **jobs; /* made as they are needed */
    size_t job_count, capacity;
    wildcam_upload **rows; /* of `capacity`: what is changed in one step */
    struct wci_job *first_ready, *last_ready;
    size_t in_hand, ready, away, judged, lost;

    /* Of the monotonic clock. */
    int64_t next_claim, next_settling; /* not before: after a failure that was no row's */
    int64_t next_question;             /* not before, while anything is in hand */
    int64_t next_search;               /* for what was lost */
    bool is_exhausted; /* the round's last question found less due than was asked for */
    bool has_complained;
    int64_t uploaded, failed, bytes;
    struct wci_error last_failure; /* OK when there was none */
};

wildcam_status wci_drain_init(struct wci_drain *drain, struct wci_uploader *uploader,
                              atomic_bool *bell);
void wci_drain_release(struct wci_drain *drain);
/* Does what can be done at once; answers when there may be more to do, of the monotonic clock,
 * unless the bell rings before. */
int64_t wci_drain_round(struct wci_drain *drain);
/* Cancels what is under way, waits for it, and gives back all leases. */
void wci_drain_end(struct wci_drain *drain);

/* Waits for the bell, or for a moment. */
void wci_drain_wait(struct wci_drain *drain, int64_t until);

/* Fails with WILDCAM_ERR_UPLOAD and the reason of each region. */
wildcam_status wci_uploader_fail_stuck(wci_engine *engine);
/* A number by chance. */
uint64_t wci_uploader_chance(struct wci_uploader *uploader);

#endif
