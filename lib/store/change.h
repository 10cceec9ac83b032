/*
 * What a backend is asked to change (store/backend.h): rows of pictures and detections, reviews,
 * the queues, events, who may do what, alerts, deployments, jobs.
 */
#ifndef WCI_STORE_CHANGE_H
#define WCI_STORE_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/access.h"
#include "model/alert.h"
#include "model/deployment.h"
#include "model/detection.h"
#include "model/event.h"
#include "model/image.h"
#include "model/job.h"
#include "model/processing.h"
#include "model/retention.h"
#include "model/upload.h"
#include "store/names.h"

/* A detection that is to be kept. */
struct wci_row {
    int64_t id; /* out; 0 while it is not kept */
    int64_t time;
    const struct wci_name *camera;
    const struct wci_name *species;
    double confidence;
    wildcam_box box;
    const char *metadata; /* NULL for none */
    int64_t clock_time;   /* where has_clock_time */
    int64_t detector_id;  /* 0 for none */
    int32_t offset;
    uint8_t time_source;
    bool has_box;
    bool has_clock_time;  /* the camera's clock said something else than `time`, */
    int32_t clock_offset; /* this and clock_time: the store's business */
};

/* A reviewer's word on a detection. */
struct wci_review {
    int64_t detection_id;
    const wildcam_detection *draft;
    const struct wci_name *species; /* of the verified species; NULL when not set or "" */
    int64_t time;
    bool *is_newly_false; /* out: it was no false positive before, and is one now; may be NULL */
};

/* What is done with rows of what is owed to S3. A row that is not as its step needs it is left as
 * it is, and marked as missed. */
enum wci_upload_step {
    WCI_UPLOADS_CLAIM, /* due and nobody's: leased until `until`; comes out whole */
    WCI_UPLOADS_RENEW, /* ours still: leased until `until` */
    /* Ours still: says what the struct says now, but when it was released, and the lease ends. The
     * lease of a row is that in the struct. */
    WCI_UPLOADS_SETTLE,
    WCI_UPLOADS_NOTE_PARTS,    /* ours still: `region`, `bucket`, `upload_id` and `doubts` alone */
    WCI_UPLOADS_GIVE_BACK,     /* ours still: as it was before it was claimed */
    WCI_UPLOADS_REQUEUE,       /* parked: due at once, with all its attempts before it */
    WCI_UPLOADS_HASTEN,        /* waits for a later try, and nobody's: due at once */
    WCI_UPLOADS_NOTE_DOUBTS,   /* nobody's: `doubts` alone */
    WCI_UPLOADS_MARK_RELEASED, /* done: `released_at` alone */
    /* Done and not released, but S3 has it no more: due at once, and looked for before it is sent,
     * as what was left is. */
    WCI_UPLOADS_OWE_AGAIN
};

struct wci_upload_work {
    enum wci_upload_step step;
    wildcam_upload *const *rows; /* named by image_id and kind */
    size_t count;
    int64_t now;
    int64_t lease, until; /* of claims and renewals; no lease is longer than the longest */
};

/* Which rows are claimed, and in what order. */
struct wci_upload_order {
    uint32_t kinds; /* 1 << kind */
    int first;      /* all of this kind before the other; -1 for both mixed */
    bool oldest_first;
};

/* What is done with rows of what is to be processed. A row that is not as its step needs it is left
 * as it is, and marked as missed. */
enum wci_processing_step {
    /* Due and nobody's: leased until `until`; comes out whole. One that somebody had claimed and
     * not settled has an attempt more. */
    WCI_PROCESSING_CLAIM,
    WCI_PROCESSING_RENEW, /* ours still: leased until `until` */
    /* Ours still: says what the struct says now, and the lease ends. The lease of a row is that in
     * the struct. Where there is something found it takes its place among the picture's detections
     * in the same transaction. */
    WCI_PROCESSING_SETTLE,
    WCI_PROCESSING_GIVE_BACK,  /* ours still: as it was before it was claimed */
    WCI_PROCESSING_REQUEUE,    /* parked or done: due at once, with all its attempts before it */
    WCI_PROCESSING_AGAIN,      /* done: the same, with low priority */
    WCI_PROCESSING_HASTEN,     /* waits for a later try, and nobody's: due at once */
    WCI_PROCESSING_PRIORITISE, /* `priority` alone */
    /* Whoever's it is, if it is owed at all: done, because somebody else has found out what is
     * there. What is found takes its place as in settling. Missed when there is no picture. */
    WCI_PROCESSING_ANSWER
};

/*
 * What detectors found on a picture. Of the rows' own facts the species, confidence, box, metadata
 * and detector count; time and place are the picture's.
 *
 * They take the place of the unclassified row that the picture was kept with, and of what detectors
 * found before and nobody has reviewed; what cameras and people said stays, and so does what was
 * reviewed, in place of what is found there again. A picture that has something on it gets no blank
 * row. One that nothing is known of has an unclassified row.
 */
struct wci_found {
    struct wci_row *rows; /* their ids come out; 0 for those that are not kept */
    size_t count;
};

struct wci_processing_work {
    enum wci_processing_step step;
    wildcam_processing *const *rows; /* named by image_id */
    size_t count;
    int64_t now;
    int64_t lease, until; /* of claims and renewals; no lease is longer than the longest */
    const struct wci_found
        *found; /* of a settling one for each row; NULL when nothing is written */
};

/* A range of a camera's ids whose times are brought to what its deployments say. Zeroed, it is at
 * no camera. */
struct wci_retiming {
    int64_t camera_id;            /* the one at hand, or the last one */
    int64_t mark;                 /* of the camera, which changes with each new one */
    struct wci_clock_rule *rules; /* in the order of their beginning; freed with free() */
    size_t rule_count;
    int64_t version; /* of the rules */
    int64_t shard_time, shard_end;
    int64_t from, until;
    /* Out. */
    bool is_over; /* there is no range any more */
    int64_t changed;
    bool is_stale; /* the rules are others by now: nothing was done */
};

/* Events that are written down, camera by camera. Pictures that are gone do not matter. */
struct wci_event_work {
    const struct wci_event_mark *marks;
    size_t count;
    bool is_missed; /* out: those of a camera in a shard were not, as one of them did not fit */
};

/* A picture that is owed an event. */
struct wci_owed_event {
    int64_t camera_id, time;
};

/* A span of a camera's pictures, half-open, in which events may not be right any more: pictures
 * have left it, or (where it is empty) what is behind does not follow what is before, or does
 * again. */
struct wci_stale_events {
    int64_t id, camera_id, from, to;
};

/* Pictures that are taken out, each if it is to go still by the rule, with all that hangs on it. */
struct wci_broken_event {
    int64_t event_id, time; /* it may go on in the shard of that time */
};
struct wci_removal {
    const struct wci_retention_rule *rule;
    struct wci_expired *pictures; /* is_gone comes out */
    size_t count;
    const struct wci_broken_event *broken;
    size_t broken_count;
};

struct wci_favour {
    int64_t image_id;
    bool favourite;
};

/* Who is on a picture by the best word there is, what nobody can name included, and whether anybody
 * has looked: all detectors, and somebody who tells people from animals. */
enum { WCI_PEOPLE_MAX = 64 };
struct wci_people {
    wildcam_box boxes[WCI_PEOPLE_MAX];
    size_t count;
    bool is_processed, is_seen;
    int64_t camera_id; /* the picture's */
};

/* One caller's wish. Each is granted whole or not at all, but for rows that span shards. */
struct wci_change {
    struct wildcam_image *image; /* a picture to keep with its rows, or NULL; its id comes out */
    struct wci_row *rows;        /* the rows of one picture, or rows without any */
    size_t count;
    const struct wci_review *review;        /* instead of rows */
    struct wci_upload_work *uploads;        /* the same */
    struct wci_event_work *events;          /* the same */
    struct wci_retiming *retiming;          /* the same */
    struct wci_processing_work *processing; /* the same */
    bool is_timed;   /* the times of its rows were worked out by the rules of deployments, */
    int64_t version; /* of this version; the store's business, too */
    bool is_brought; /* by a person: nothing was heard of the cameras of its rows */
    struct wci_removal *removal;     /* the same */
    const struct wci_favour *favour; /* the same */
    /* Out. */
    bool is_duplicate; /* the picture was kept before: the ids are the first ones */
    /* The rules are others by now: what has an id is kept, and the rest is to be worked out again.
     */
    bool is_stale;
    bool may_be_kept; /* it failed when it may already have been on the disk: a crash may show it */
    struct wci_error error;
};

/* What is done with who may do what. Each is whole and durable, or nothing. */
enum wci_access_step {
    WCI_ACCESS_ADD_KEY,      /* `access` and `hash`; EXISTS when the id is taken */
    WCI_ACCESS_REVOKE_KEY,   /* `id`; NOTFOUND */
    WCI_ACCESS_ADD_USER,     /* `access` and `password`; EXISTS */
    WCI_ACCESS_SET_PASSWORD, /* `id` and `password`, and his sessions end; NOTFOUND */
    WCI_ACCESS_SET_ROLE,     /* of the user in `access`; NOTFOUND */
    WCI_ACCESS_REMOVE_USER,  /* `id`, and his sessions end; NOTFOUND */
    /* `session`, while the user's password is still `password`, else NOTFOUND. Where `rehashed` is
     * not NULL, that is kept instead from then on: the same password's. His oldest sessions end
     * where he has more than WCI_SESSIONS_MAX. */
    WCI_ACCESS_ADD_SESSION,
    /* `session`, while its refresh token is still the one with `hash`. If not, it ends, and the
     * answer is AUTH; NOTFOUND when it had ended before. */
    WCI_ACCESS_RENEW_SESSION,
    WCI_ACCESS_END_SESSION, /* `id`; NOTFOUND */
    WCI_ACCESS_END_EXPIRED  /* all whose refresh token is past its time at `now` */
};

enum { WCI_SESSIONS_MAX = 100 };

struct wci_access_change {
    enum wci_access_step step;
    const char *id;
    const wildcam_access *access;
    const unsigned char *hash;
    const struct wci_password *password, *rehashed;
    const struct wci_session *session;
    int64_t now;
};

/* What is done with an alert, which its kind and subject name. */
enum wci_alert_step {
    WCI_ALERTS_FIND,   /* its reason was found: it is raised, or counted up */
    WCI_ALERTS_ENSURE, /* it is raised unless it is open */
    WCI_ALERTS_CLEAR,  /* it is cleared, if it is open */
    WCI_ALERTS_DROP    /* nothing; the sighting came to nothing */
};

struct wci_alert_wish {
    enum wci_alert_step step;
    const wildcam_alert *alert; /* with what it says, where it may be raised; NULL to DROP */
    const char *reason;         /* why it is cleared */
    /* Nothing is done when the camera was heard of since: its last_seen is not this any more. */
    int64_t camera_id, heard; /* 0: whatever */
    int64_t sighting;         /* that is settled by it, or 0 */
    int64_t species_id;       /* that has been seen from now on, or 0 */
    bool is_changed;          /* out: it was raised or cleared */
};

/* A rare species that is about to be kept. It is announced before, and settled after; what is still
 * there when whoever announced it is dead is looked for. */
struct wci_sighting {
    int64_t id; /* out, when it is announced */
    const struct wci_name *camera, *species;
    int64_t time, announced_at;
    double confidence;
};

enum wci_alert_event { WCI_ALERT_RAISED, WCI_ALERT_CLEARED };

/* Is told of each alert that was raised or cleared here, when that is durable. */
typedef void wci_alert_told(void *user, enum wci_alert_event event, const wildcam_alert *alert);

/* An event on its way to an address, which is known by a hash. */
enum { WCI_TARGET_TEXT = 17, WCI_DELIVERY_TEXT = 33 };

struct wci_delivery {
    int64_t id, alert_id, since;
    int attempts; /* before this one */
    char delivery[WCI_DELIVERY_TEXT], target[WCI_TARGET_TEXT];
    struct wci_text event, alert; /* its word, and the alert as JSON, as it was then */
    int64_t at;
};

/* Whose deliveries. */
struct wci_targets {
    char (*all)[WCI_TARGET_TEXT];
    size_t count;
    int64_t keep; /* what came about longer ago is not planned for them any more; 0: all is */
};

enum wci_delivery_step {
    WCI_DELIVERY_DONE,
    WCI_DELIVERY_RETRY, /* at `due`; nothing else goes to the target before `not_before` */
    WCI_DELIVERY_PARK,
    WCI_DELIVERY_STOP,     /* the target wants nothing more */
    WCI_DELIVERY_GIVE_BACK /* as if it had not been claimed */
};

struct wci_delivery_end {
    enum wci_delivery_step step;
    const struct wci_delivery *delivery;
    int64_t lease, now;
    int64_t due, not_before;
    int status; /* of HTTP, or 0 */
    const char *error;
};

struct wci_delivery_figures {
    int64_t owed, parked;
    int64_t next; /* when the next may be tried; INT64_MAX for none */
};
enum wci_deployment_step { WCI_DEPLOYMENTS_ADD, WCI_DEPLOYMENTS_CHANGE, WCI_DEPLOYMENTS_REMOVE };

struct wci_deployment_change {
    enum wci_deployment_step step;
    const char *key; /* but for one that is added */
    const wildcam_deployment *draft;
    /* Out: what was there and what is there now, of id 0 where there is none; NULL or initialised,
     * and released by the caller. */
    wildcam_deployment *before, *after;
    bool is_kept; /* out, of wci_store_change_deployment() */
};

typedef wildcam_status wci_each_deployment(void *user, wildcam_deployment *deployment);

/* What is done with a job. */
enum wci_job_step {
    WCI_JOBS_ADD,    /* with its span and created_at; its id comes out; LIMITED */
    WCI_JOBS_CLAIM,  /* the next that is due, or whose lease has ended: comes out whole; NOTFOUND */
    WCI_JOBS_RENEW,  /* ours still: done, total, leased_until; is_cancelled comes out; STATE */
    WCI_JOBS_SETTLE, /* ours still: state, error, finished_at, done, total, attempts; STATE */
    WCI_JOBS_CANCEL, /* NOTFOUND */
    WCI_JOBS_REMOVE  /* NOTFOUND; STATE while it runs */
};

struct wci_job_change {
    enum wci_job_step step;
    wildcam_job *job; /* by its id and, where it is ours, its lease */
    int64_t now;
    int64_t lease, until; /* of a claim: ours from then on, as long as that */
};

/* No lease is longer than this. */
#define WCI_JOB_LEASE (60 * INT64_C(1000000))

#endif
