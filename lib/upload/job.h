/* One row that is owed, on its way: from the row to the object that is sent, and from what came of
 * it back to the row. */
#ifndef WCI_UPLOAD_JOB_H
#define WCI_UPLOAD_JOB_H

#include "store/store.h"
#include "upload/engine.h"
#include "upload/uploader.h"

enum wci_job_stage {
    WCI_JOB_FREE,
    WCI_JOB_READY,  /* claimed */
    WCI_JOB_AWAY,   /* the engine has it */
    WCI_JOB_ENDED,  /* the engine is done with it, or it could not be begun */
    WCI_JOB_JUDGED, /* the row says what came of it, but not yet on the disk */
    WCI_JOB_LOST,   /* it was sent, but the row is somebody else's by now */
    WCI_JOB_STAGES
};

enum { WCI_JOB_NUMBER = 24, WCI_JOB_METADATA = 3 };

struct wci_job {
    _Atomic int stage;
    wildcam_upload row;
    int64_t held_since; /* of the monotonic clock: the lease */
    int64_t judged_at;  /* of the same */
    bool is_uploaded, is_failed;
    struct wci_job *next_ready;

    /* While it is away. */
    struct wci_object object;
    wildcam_image image;
    void *thumbnail;
    char *resume_id;
    char number[WCI_JOB_NUMBER], time[WILDCAM_TIME_TEXT];
    struct wci_pair metadata[WCI_JOB_METADATA];
    struct wci_leftover *_Atomic began; /* parts that the row does not know of yet */

    atomic_bool *bell; /* rung when it has ended */
};

wildcam_status wci_job_new(atomic_bool *bell, struct wci_job **out);
void wci_job_free(struct wci_job *job);

/* Makes the object, opens and reads what it needs, and gives it to the engine. When that cannot be
 * done it has ended. */
void wci_job_send(wci_uploader *uploader, struct wci_job *job);
/* Writes what came of the object into the row, and lets go of all it needed. */
void wci_job_judge(wci_uploader *uploader, struct wci_job *job);
/* Takes the parts that were begun over into the row; whether there were any. */
bool wci_job_note_parts(wci_uploader *uploader, struct wci_job *job);

#endif
