/*
 * Objects on their way to S3: each over the regions (failover.h), whole or in parts, with
 * credentials and clocks put right on the way.
 *
 * Whoever waits leads: as long as no thread of the engine's own runs, wci_engine_wait() moves the
 * bytes in the caller's thread, one of the waiting callers at a time. With wci_engine_start() one
 * thread does nothing else. `done` and `answered` are called on the thread that leads, with no lock
 * held, and must be quick.
 */
#ifndef WCI_UPLOAD_ENGINE_H
#define WCI_UPLOAD_ENGINE_H

#include <stdatomic.h>

#include "upload/failover.h"
#include "upload/s3.h"

typedef struct wci_engine wci_engine;

/* A multipart upload that was begun and not ended: it costs its owner money until it is dropped. */
struct wci_leftover {
    int region;
    char *upload_id;
};

/* One object. What goes in stays as it is, and the caller's, until done() or wci_engine_cancel().
 */
struct wci_object {
    const char *key, *content_type, *cache_control; /* the last two may be NULL */
    const struct wci_pair *metadata;
    size_t metadata_count;
    struct wci_body body;
    /* Of the whole, and for an object in parts (`s3.part_bytes`) one for each: made by
     * wci_object_hash() in the caller's thread, so that the leading one does not stand still. The
     * whole's goes along as metadata "sha256": by it a HEAD tells whether it is this object. */
    unsigned char whole[WCI_DIGEST_BYTES];
    unsigned char (*sha256)[WCI_DIGEST_BYTES]; /* of the parts; NULL when it goes whole */
    size_t part_count;                         /* 0: it goes whole */
    int64_t part_bytes;
    int64_t patience; /* how long it may try, in microseconds; 0 for no limit. A request that moves
                         is not cut off */
    /* Where an earlier try may have left it, or parts of it: these regions are asked first, and it
     * is not sent again when it is there. A bit for each region. */
    uint32_t look_first;
    int resume_region;     /* where `resume_id`, a multipart upload, is */
    const char *resume_id; /* NULL for none */
    void (*done)(void *user, struct wci_object *object);
    void *user;

    /* A multipart upload was begun: whoever wants it resumed after a crash notes its id. May be
     * NULL. */
    void (*began_parts)(void *user, struct wci_object *object);

    /* What came of it. */
    struct wci_error error; /* OK, or WILDCAM_ERR_UPLOAD and the like with its sentence */
    bool is_blameless;  /* it failed for the uplink's sake, or was cancelled: no attempt of its */
    bool is_impossible; /* it will never be taken: trying again is no use */
    int region;         /* that has it; while it goes in parts, where they go; else -1 */
    char *upload_id;    /* of its parts, while there are any */
    char etag[80], checksum[64];
    int requests;                             /* of all kinds */
    _Atomic int64_t sent;                     /* bytes that went out, those sent again included */
    struct wci_text reasons[WCI_REGIONS_MAX]; /* why a region did not take it; "" when not tried */
    uint32_t doubts;                          /* regions that may have it too: a bit for each */
    struct wci_leftover *leftovers;           /* parts that could not be dropped */
    size_t leftover_count;

    void *way; /* the engine's own */
};

void wci_object_init(struct wci_object *object);
void wci_object_release(struct wci_object *object);
/* Decides whether it goes whole or in parts, and makes its digests; `known` is the whole's when
 * somebody has it, else NULL. Blocks for reading the body. */
wildcam_status wci_object_hash(struct wci_object *object, const wildcam_conf *conf,
                               const unsigned char *known);

/* One request beside the uploads: HEAD, DELETE, dropping parts. */
struct wci_errand {
    enum wci_s3_verb verb;
    int region;
    const char *key, *upload_id;
    void (*done)(void *user, struct wci_errand *errand);
    void *user;
    enum wci_outcome outcome;
    struct wci_s3_answer answer;
    struct wci_error error; /* in words, when the outcome is neither OK nor MISSING */
    void *way;
};

/* A request that has ended, whatever it came to. */
struct wci_told_request {
    int region;
    enum wci_s3_verb verb;
    enum wci_outcome outcome;
    int64_t duration; /* microseconds, a new connection included */
};

/* Who is told what happens: on the thread that leads, with no lock held, and must be quick. */
struct wci_engine_listener {
    /* Before the done() of whose request it was. */
    void (*request)(void *user, const wci_engine *engine, const struct wci_told_request *request);
    /* An object, or its parts, goes on in another region than it was sent to before. */
    void (*failover)(void *user, const wci_engine *engine, int from, int to);
    void *user;
};

/* The conf must outlive it. `ops` is wci_curl_transport but in tests. INVALID names the setting
 * that is at fault. */
wildcam_status wci_engine_open(const wildcam_conf *conf, const struct wci_log *log,
                               const struct wci_transport_ops *ops, wci_engine **out);
/* Before anything is sent. */
void wci_engine_listen(wci_engine *engine, const struct wci_engine_listener *listener);
/* Nothing is under way, nobody waits, its thread is stopped. */
void wci_engine_close(wci_engine *engine, bool is_forked);

/* Its own thread. Stopping takes as long as the thread needs to see it: what is under way stays
 * under way, and is led by whoever waits next. */
wildcam_status wci_engine_start(wci_engine *engine);
void wci_engine_stop(wci_engine *engine);

/* Any thread. done() is called later, whatever comes; but not when this fails. */
wildcam_status wci_engine_send(wci_engine *engine, struct wci_object *object);
wildcam_status wci_engine_run_errand(wci_engine *engine, struct wci_errand *errand);
/* Asks for an early end; done() is called all the same. Any thread. */
void wci_engine_cancel(wci_engine *engine, struct wci_object *object);
void wci_engine_cancel_errand(wci_engine *engine, struct wci_errand *errand);
/* The same for all that is under way or waiting, errands too. Any thread. */
void wci_engine_cancel_all(wci_engine *engine);

/* Waits until a flag is set, by a done() say, or until a moment of the monotonic clock; leading if
 * nobody else does. True when the flag is set. */
bool wci_engine_wait(wci_engine *engine, const atomic_bool *flag, int64_t until);
/* Who waits looks at his flag again: for one that is set elsewhere than in a done(). Any thread. */
void wci_engine_wake(wci_engine *engine);

/* Any thread. */
void wci_engine_limit(wci_engine *engine, int64_t bytes_per_second);
int64_t wci_engine_sent(const wci_engine *engine); /* bytes, ever */
size_t wci_engine_regions(const wci_engine *engine);
/* Only its name and bucket may be looked at. */
const struct wci_s3_region *wci_engine_region(const wci_engine *engine, int region);
/* Where its requests go: this may change when a server says that the bucket is elsewhere. */
void wci_engine_origin(wci_engine *engine, int region, struct wci_text *origin);
int wci_engine_find_region(const wci_engine *engine, const char *name); /* -1 when there is none */
void wci_engine_look(wci_engine *engine, int region, struct wci_region_report *report,
                     struct wci_text *reason); /* the last failure's; may be NULL */
int wci_engine_room(wci_engine *engine);
int64_t wci_engine_opens(wci_engine *engine); /* of the monotonic clock: as in failover.h */
/* Whether there were no credentials when they were asked for the last time. */
bool wci_engine_lacks_keys(wci_engine *engine);
void wci_engine_retry_now(wci_engine *engine);
/* A GET for anybody. Waits for credentials if need be. */
wildcam_status wci_engine_presign(wci_engine *engine, int region, const char *key, int64_t seconds,
                                  struct wci_text *url);

#endif
