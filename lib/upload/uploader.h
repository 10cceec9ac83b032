/*
 * What the station owes S3, on its way there.
 *
 * The row of each picture is the queue (model/upload.h): rows that are due are claimed with leases,
 * sent, and settled, so that any number of processes may upload from one store, and one that dies
 * loses nothing. The order, the window, the pause and the rate are settings.
 */
#ifndef WCI_UPLOAD_UPLOADER_H
#define WCI_UPLOAD_UPLOADER_H

#include "store/store.h"
#include "upload/engine.h"

#include <wildcam/station.h>

typedef struct wci_uploader wci_uploader;

/* Makes the bytes of a picture's thumbnail; freed with free(). */
typedef wildcam_status wci_thumbnail_maker(void *user, int64_t image_id, void **data, size_t *size);

/* Opens no connection and starts no thread; without uploads in the settings not even an engine.
 * Everything given must outlive it. INVALID names the setting that is at fault. */
wildcam_status wci_uploader_open(const wildcam_conf *conf, struct wci_store *store,
                                 wci_thumbnail_maker *make, void *user, const struct wci_log *log,
                                 const struct wci_engine_listener *listener, wci_uploader **out);
/* The station is about to be closed: passes come to an end, and whatever is under way. Any thread.
 */
void wci_uploader_hurry(wci_uploader *uploader);
void wci_uploader_close(wci_uploader *uploader, bool is_forked);

/* The engine, opened when it is first asked for. Borrowed. */
wildcam_status wci_uploader_engine(wci_uploader *uploader, wci_engine **out);
/* Whether the settings say that pictures are uploaded. */
bool wci_uploader_is_on(const wci_uploader *uploader);
/* Which kinds they say, as a sum of 1 << kind. */
uint32_t wci_uploader_kinds(const wci_uploader *uploader);

/* Draining in the background, by two threads, the engine's and the uploader's; nothing when the
 * settings say that there are no uploads. Stopping cancels what is under way and gives back its
 * leases. */
wildcam_status wci_uploader_start(wci_uploader *uploader);
void wci_uploader_stop(wci_uploader *uploader);
/* Something new is owed: any thread, at once. */
void wci_uploader_wake(wci_uploader *uploader);

struct wci_pass {
    int64_t until;  /* of the monotonic clock */
    int64_t most;   /* how many objects at most; 0 for all that are due */
    bool is_urgent; /* a person waits: rows are due now, whatever their next try, window or pause */
    wildcam_progress_fn *progress; /* may be NULL */
    void *user;
    /* What came of it. */
    int64_t uploaded, failed, bytes;
};
/* Uploads what is due in the caller's thread, until nothing is, or the end comes. STATE when there
 * are no uploads, UPLOAD when no region is tried at present, CANCELLED by the progress. */
wildcam_status wci_uploader_pass(wci_uploader *uploader, struct wci_pass *pass);

/* Nothing new is begun; what is under way goes on. */
void wci_uploader_pause(wci_uploader *uploader, bool pause);
bool wci_uploader_is_paused(const wci_uploader *uploader);
/* The uplink has come back, or a person says so. */
void wci_uploader_retry_now(wci_uploader *uploader);

/* Deletes picture files that are safe in S3, as `release.*` say: each is asked for by HEAD before.
 * Background draining does this by itself. */
wildcam_status wci_uploader_release(wci_uploader *uploader, int64_t until, int64_t *released,
                                    int64_t *bytes);

/* How it is doing: "off", "ok", "degraded" or "down"; sentences on what is wrong are added. */
const char *wci_uploader_pulse(wci_uploader *uploader, int64_t parked, struct wci_text *reason);

/* The address of an object at `cdn.base_url`, added to a text; STATE when there is none. */
wildcam_status wci_cdn_address(const wildcam_conf *conf, const char *key, struct wci_text *address);

#endif
