/*
 * The inside of the engine: the way of an object or an errand, and the lanes on which its requests
 * go. All of it belongs to the thread that leads, but what is said to be under the mutex.
 *
 * A lane sends one call at a time and repeats it as failover.h decides, over one region or several,
 * until there is a result. A way decides what is called next. Nothing here calls itself: a lane's
 * result comes out of wci_engine_work(), never out of wci_lane_call().
 */
#ifndef WCI_UPLOAD_WAY_H
#define WCI_UPLOAD_WAY_H

#include <pthread.h>

#include "upload/credentials.h"
#include "upload/engine.h"

/* How a call has ended. */
enum wci_result {
    WCI_RESULT_OK,
    WCI_RESULT_FOUND,   /* what was to be put is there already: a HEAD has seen it */
    WCI_RESULT_FOREIGN, /* the key is taken by something else, which must not be overwritten */
    WCI_RESULT_MISSING,
    WCI_RESULT_NO_PARTS,
    WCI_RESULT_IMPOSSIBLE,
    WCI_RESULT_FAILED,   /* no region is left, or the only one gave up */
    WCI_RESULT_OFFLINE,  /* the uplink is down */
    WCI_RESULT_BROKEN,   /* on this side: the way's error says how */
    WCI_RESULT_CANCELLED /* the way was, or its lane was stopped */
};

struct wci_way;

struct wci_lane {
    struct wci_way *way;
    struct wci_lane *previous, *next; /* in the one queue it stands in */
    enum { WCI_LANE_IDLE, WCI_LANE_WAITS, WCI_LANE_SENDS, WCI_LANE_ENDED } state;
    bool wants_credentials; /* waits for them, not for a time */
    bool is_stopped;        /* its result is not wanted any more */
    bool has_sent;          /* `exchange` holds what came, or will */
    int64_t wake_at;

    struct wci_s3_call call;
    struct wci_attempts *attempts; /* its own, or those of the way */
    struct wci_attempts own;
    enum wci_outcome last; /* what the last request came to, looks left out */

    /* The request that is under way. */
    int region;
    bool is_look;
    struct wci_exchange exchange;
    struct wci_text scratch;
    const struct wci_credentials *credentials;
    int64_t signed_at, skew_used; /* our clock, and what was added to it */
    bool had_checksum, had_condition;
    char had_region[WCI_REGION_TEXT]; /* that it was signed for */
    int64_t counted;                  /* bytes that the object's `sent` has already */
};

enum wci_phase {
    WCI_PHASE_LOOK,   /* is it where it may have been left? */
    WCI_PHASE_RESUME, /* which parts are there? */
    WCI_PHASE_PUT,
    WCI_PHASE_BEGIN,
    WCI_PHASE_PARTS,
    WCI_PHASE_JOIN,
    WCI_PHASE_CHECK, /* the parts are gone: were they joined? */
    WCI_PHASE_DROP   /* it is done: what was begun elsewhere is dropped */
};

enum { WCI_LANES_MAX = 4 };

struct wci_way {
    wci_engine *engine;
    struct wci_way *previous, *next; /* all of them; under the mutex */
    struct wci_way *next_new;        /* those that have just come; under the mutex */
    struct wci_object *object;       /* one of the three */
    struct wci_errand *errand;
    struct wci_key_request *keys;
    bool must_end; /* under the mutex */
    bool is_finished, is_cancelled;
    bool is_known, is_begun; /* to failover, under the mutex; its first call was made */

    /* Of objects. */
    struct wci_error error;
    enum wci_phase phase;
    enum wci_result leaving; /* why the lanes were stopped; OK when they were not */
    struct wci_attempts attempts;
    int64_t deadline;             /* INT64_MAX for none */
    char sha256[WCI_DIGEST_TEXT]; /* of the whole */
    uint32_t to_look;             /* regions that are still to be asked */
    uint32_t unsure;              /* those that may have it */
    int sent_to;                  /* the last that it was sent to; -1 */
    struct wci_parts *parts;
    uint32_t left; /* those that it left with parts of it there: they are not tried again */
    size_t leftover_capacity;
    size_t dropped; /* how many leftovers could not be, in WCI_PHASE_DROP */
    int busy;       /* lanes that are not idle */
    int lane_count;
    struct wci_lane lanes[]; /* at most WCI_LANES_MAX */
};

/* A multipart upload in the making. Its id and region are the object's `upload_id` and `region`. */
struct wci_parts {
    char *spare_id; /* room for the next one, taken before it is begun: it must not be lost */
    int restarts;
    size_t next, done;         /* the next one to look at; how many are there */
    size_t done_before;        /* when a part was last given more attempts */
    unsigned char *state;      /* of each: WCI_PART_... */
    struct wci_s3_part *ready; /* each at its place */
    struct wci_s3_part *list;  /* of LIST_PARTS */
    size_t list_count, list_capacity;
};
enum { WCI_PART_TO_SEND, WCI_PART_UNDER_WAY, WCI_PART_DONE };

/* Somebody waits for credentials to sign with, in his own thread. */
struct wci_key_request {
    atomic_bool is_done;
    const struct wci_credentials *credentials;
    struct wci_error error;
};

struct wci_lanes {
    struct wci_lane *first, *last;
};

/* Who waits in wci_engine_wait(). */
struct wci_engine_waiter {
    const atomic_bool *flag; /* NULL: the engine's own thread */
    struct wci_engine_waiter *previous, *next;
    int slot;
};

enum { WCI_WAITER_SLOTS = 32 };

struct wci_region_memory {
    char reason[WCI_ERROR_TEXT]; /* of the last failure */
    enum wci_region_state state; /* as it was last logged */
};

struct wci_engine {
    const wildcam_conf *conf;
    struct wci_log log;
    struct wci_engine_listener listener; /* or NULLs */
    struct wci_transport transport;
    wci_keyring *keyring;
    size_t region_count;

    pthread_mutex_t regions_mutex;
    struct wci_s3_region *regions; /* their names and buckets stay as they are */

    pthread_mutex_t mutex;
    /* Under the mutex: */
    wci_failover *failover;
    struct wci_region_memory memory[WCI_REGIONS_MAX];
    struct wci_way *ways, *new_first, *new_last;
    int unknown;          /* ways that failover has not seen yet */
    bool must_end_some;   /* a way's must_end was set */
    bool must_look_again; /* who waits may try now */
    int64_t keys_again;   /* no credentials are to be had before */
    bool lacks_keys;      /* the last time there were none; only the leading thread changes it */
    bool is_led, has_thread, must_stop;
    struct wci_engine_waiter *waiters;
    unsigned next_slot;
    pthread_cond_t slots[WCI_WAITER_SLOTS];
    pthread_t thread;

    /* The leading thread's: */
    struct wci_lanes waiting, ended;
    struct wci_lane *cursor;  /* the next one of `waiting` to be looked at */
    struct wci_way *finished; /* linked by next_new: their done() is called next */
    int sending;              /* lanes with a request under way */
    bool has_moved;           /* something ended: who waits for room may try */
    bool has_due;             /* a lane that need not wait was added */
    bool keys_asked, keys_ready;
};

int64_t wci_engine_now(const wci_engine *engine);
/* Hands a way to the leading thread. */
void wci_engine_take_in(struct wci_way *way);
wildcam_status wci_engine_init_leading(wci_engine *engine);
void wci_engine_destroy_leading(wci_engine *engine);
/* Does all that can be done without waiting, and calls the done() of what has ended. Answers when
 * there is more to do: INT64_MAX when only an exchange can bring it. */
int64_t wci_engine_work(wci_engine *engine);

/* How long nobody asks for credentials again when there were none. */
enum { WCI_KEYS_PAUSE = 10000000 };
/* As wci_keyring_get(); lanes that wait are woken. */
wildcam_status wci_engine_get_keys(wci_engine *engine, const struct wci_credentials **out);

/* ---- lane.c ---- */

void wci_lane_init(struct wci_lane *lane, struct wci_way *way);
void wci_lane_release(struct wci_lane *lane);
/* Begins a call. `region`: that one alone, with attempts of its own; -1: over all of them, with the
 * way's attempts. */
void wci_lane_call(struct wci_lane *lane, const struct wci_s3_call *call, int region);
/* Its result will be CANCELLED, unless there is one already. */
void wci_lane_stop(struct wci_lane *lane);
/* Takes the next step of a lane that waits. */
void wci_lane_step(struct wci_lane *lane);
/* Takes in what came of the request. */
void wci_lane_take_answer(struct wci_lane *lane);
void wci_lane_count_sent(struct wci_lane *lane);

/* ---- reason.c ---- */

/* Why a request has failed, in words: "403 AccessDenied: Access Denied (request 4f2)". */
void wci_reason_of(const struct wci_exchange *exchange, const struct wci_s3_answer *answer,
                   enum wci_outcome outcome, char reason[WCI_ERROR_TEXT]);
/* Notes it for the region and for the object, when it is a failure; logs what changes. */
void wci_reason_note(struct wci_way *way, int region, enum wci_outcome outcome, const char *reason);
/* "All regions failed: us-west-2: ...; us-east-1: ...". */
void wci_reason_all(struct wci_way *way);
/* The last failure of a region, or that it has none. */
void wci_reason_of_region(wci_engine *engine, int region, char reason[WCI_ERROR_TEXT]);
/* ---- way.c ---- */

wildcam_status wci_way_new(wci_engine *engine, int lanes, struct wci_way **out);
void wci_way_free(struct wci_way *way);
/* Its first step, on the leading thread. */
void wci_way_start(struct wci_way *way);
/* Whatever it still begins ends at once. */
void wci_way_cancel(struct wci_way *way);
void wci_way_stop_lanes(struct wci_way *way);
/* A lane's call has ended; `answer` is what the last request brought. */
void wci_way_take(struct wci_lane *lane, enum wci_result result,
                  const struct wci_s3_answer *answer);
/* Nothing more will be done for it: its done() is called soon. */
void wci_way_finish(struct wci_way *way);
/* Over all regions but those that were left. */
void wci_way_begin_attempts(struct wci_way *way);
/* Failover is asked about it now: the caller holds the mutex. */
void wci_way_becomes_known(struct wci_way *way);
/* Saves this thread's failure as the way's; the first one counts. */
void wci_way_fail(struct wci_way *way);
/* Calls the done() of a way that is finished, and frees it. */
void wci_way_end(struct wci_way *way);

/* ---- object.c ---- */

wildcam_status wci_object_prepare(struct wci_way *way);
void wci_object_start(struct wci_way *way);
void wci_object_take(struct wci_lane *lane, enum wci_result result,
                     const struct wci_s3_answer *answer);
/* Whether a HEAD's answer shows the way's object. */
bool wci_object_is(const struct wci_way *way, const struct wci_s3_answer *answer);
void wci_object_succeed(struct wci_way *way, int region, const struct wci_s3_answer *answer);
void wci_object_fail(struct wci_way *way, enum wci_result result);
void wci_object_finish(struct wci_way *way);

/* ---- parts.c ---- */

wildcam_status wci_parts_prepare(struct wci_way *way);
void wci_parts_free(struct wci_parts *parts);
void wci_parts_resume(struct wci_way *way);
void wci_parts_begin(struct wci_way *way);
void wci_parts_take(struct wci_lane *lane, enum wci_result result,
                    const struct wci_s3_answer *answer);
/* What is being made in the object's region will not be gone on with: it becomes a leftover. */
void wci_parts_leave_behind(struct wci_way *way);
/* Drops what was begun and not joined, one after the other. */
void wci_parts_drop(struct wci_way *way);
/* What was left behind last may be resumed after a failure. */
void wci_parts_keep_last(struct wci_way *way);

#endif
