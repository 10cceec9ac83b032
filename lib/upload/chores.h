/*
 * What is owed beside the uploads, a few requests at a time: objects and parts that lie where they
 * should not are deleted, and picture files that are safe in S3 are released.
 */
#ifndef WCI_UPLOAD_CHORES_H
#define WCI_UPLOAD_CHORES_H

#include "store/store.h"
#include "upload/engine.h"
#include "upload/uploader.h"

enum { WCI_CHORES_AT_ONCE = 4, WCI_CHORES_PAGE = 64 };

enum wci_chore_step {
    WCI_CHORE_IDLE,
    WCI_CHORE_PROBES,     /* only whether the region answers */
    WCI_CHORE_DROPS,      /* parts */
    WCI_CHORE_LOOKS,      /* whether an object is where it may be too many */
    WCI_CHORE_LOOKS_HOME, /* whether it is where it should be */
    WCI_CHORE_DELETES,
    WCI_CHORE_VERIFIES /* that a picture may be released */
};

/* One row that is put in order. */
struct wci_chore {
    enum wci_chore_step step;
    atomic_bool is_answered;
    wildcam_upload row;
    wildcam_image image;
    struct wci_text doubts; /* as they were at first, and how far they are gone through */
    const char *at;
    int region; /* of the present one */
    char *upload_id;
    struct wci_text settled; /* those that are none any more */
    bool is_too_many;        /* the present one is there, and may go when it is at home too */
    bool is_deleted;         /* the present one was: it is looked whether that was the only one */
    struct wci_errand errand;
    atomic_bool *bell;
};

struct wci_chores {
    wci_uploader *uploader;
    wci_engine *engine;
    atomic_bool *bell;
    bool is_ending, goes_on; /* what was gone through is gone through again after a while */
    struct wci_chore all[WCI_CHORES_AT_ONCE];
    size_t busy;
    /* Since when each region has answered well, of the monotonic clock; INT64_MAX: it does not. */
    int64_t well_since[WCI_REGIONS_MAX];
    uint32_t told;   /* regions that refuse, which was said once: a bit for each */
    uint32_t probed; /* in this search */

    /* Rows in doubt, gone through page by page. */
    bool is_searching;
    int64_t next_search; /* of the monotonic clock */
    struct wci_queue_ref after, found[WCI_CHORES_PAGE];
    size_t found_count, found_at;

    /* Pictures to release, the same. */
    bool is_releasing;
    int64_t released_from; /* when the last one gone through was uploaded */
    int64_t pictures[WCI_CHORES_PAGE];
    size_t picture_count, picture_at;
    int64_t released, bytes;
};

wildcam_status wci_chores_init(struct wci_chores *chores, wci_uploader *uploader,
                               atomic_bool *bell);
void wci_chores_release(struct wci_chores *chores);
/* As a drain's round. */
int64_t wci_chores_round(struct wci_chores *chores);
/* All that may be done, in the caller's thread, until a moment of the monotonic clock. UPLOAD when
 * no region is tried at present. */
wildcam_status wci_chores_do(struct wci_chores *chores, int64_t until);
/* Cancels what is under way, and waits for it. */
void wci_chores_end(struct wci_chores *chores);

/* ---- what the files of the chores share ---- */

/* Begins a request of a chore; whether it could be begun. */
bool wci_chore_ask(struct wci_chores *chores, struct wci_chore *chore, enum wci_chore_step step,
                   enum wci_s3_verb verb, int region);
/* What a HEAD's answer shows, that there is something at all. */
enum wci_likeness { WCI_LIKENESS_SAME, WCI_LIKENESS_OTHER, WCI_LIKENESS_UNKNOWN };
enum wci_likeness wci_chore_compare(const struct wci_chore *chore);
/* The row and its picture; false when they are not there any more. */
bool wci_chore_load(struct wci_chores *chores, struct wci_chore *chore, struct wci_queue_ref ref);
/* Ends a chore. */
void wci_chore_end(struct wci_chores *chores, struct wci_chore *chore);
/* Makes a row that is done due again: what it says is not so. */
void wci_chore_owe_again(struct wci_chores *chores, struct wci_chore *chore, const char *why);

/* ---- doubts ---- */

/* The next row in doubt goes to an idle chore; false when there is none at present. */
bool wci_doubt_begin(struct wci_chores *chores, struct wci_chore *chore, int64_t now);
void wci_doubt_go_on(struct wci_chores *chores, struct wci_chore *chore, int64_t now);

/* ---- releasing ---- */

bool wci_release_is_wanted(const wci_uploader *uploader);
bool wci_release_begin(struct wci_chores *chores, struct wci_chore *chore, int64_t now);
void wci_release_go_on(struct wci_chores *chores, struct wci_chore *chore);

#endif
