/*
 * What keeps everything: rows in a backend, pictures as files, and the order in which the two
 * become durable. The only caller of the backend's operations.
 */
#ifndef WCI_STORE_STORE_H
#define WCI_STORE_STORE_H

#include "store/backend.h"
#include "store/disk.h"
#include "store/group_commit.h"
#include "store/pictures.h"

/* Is asked before rows of detections are written, and told afterwards, in the thread that brings
 * them. What before() answers is after()'s to free; with NULL after() is not called. */
struct wci_row_watch {
    void *(*before)(void *user, const struct wci_change *change);
    void (*after)(void *user, void *kept, const struct wci_change *change, wildcam_status status);
    void *user;
};

/* Where upkeep goes on. */
struct wci_upkeep {
    _Atomic int64_t sessions_swept; /* monotonic; 0 never */
    _Atomic bool is_retiming;       /* a thread is at it, and the two below are its own */
    struct wci_retiming retiming;
    bool has_told_times; /* that they could not be brought to their deployments */
};

struct wci_store {
    const wildcam_conf *conf;
    const struct wci_log *log;
    const struct wci_backend_ops *ops;
    wci_backend *backend;
    struct wci_group_commit group;
    struct wci_pictures pictures;
    struct wci_upkeep upkeep;
    /* Is told of each group that was written: how many changes, and how many microseconds. */
    void (*told)(void *user, size_t changes, int64_t duration); /* may be NULL */
    void *told_user;
    struct wci_row_watch watch; /* its functions may be NULL */
};

/* Looks whether a station is in `data.dir`, or makes the directory that one may be made in. What is
 * something else, or a station that has lost its catalog, is refused. */
wildcam_status wci_store_find_place(const wildcam_conf *conf);

/* Opens the station in `data.dir`, and finishes or takes back what dead processes left; but for
 * times that are not as deployments say yet, which may take long and are upkeep's. */
wildcam_status wci_store_open(struct wci_store *store, const wildcam_conf *conf,
                              const struct wci_log *log);
void wci_store_close(struct wci_store *store, bool is_forked);

/* Writes rows or a review, durably, together with what other callers bring at the same time. Rows
 * come with what the camera's clock said, and leave with what was right by its deployments. */
wildcam_status wci_store_write(struct wci_store *store, struct wci_change *change);
/* Writes any number of changes as if one after the other, but with one wait for the disk for as
 * many as a group takes. Each change's own error says how it went; one that fails is no trouble to
 * the others, unless nothing can be written. */
void wci_store_write_all(struct wci_store *store, struct wci_change **changes, size_t count);
/* Keeps a staged picture and its rows. The staged file is gone afterwards, whatever happens. */
wildcam_status wci_store_keep_picture(struct wci_store *store, struct wci_staged *staged,
                                      struct wci_change *change);

/* Corrects a reading of a camera's clock by its deployments, as keeping will do. */
wildcam_status wci_store_correct(struct wci_store *store, int64_t camera_id, int source,
                                 struct wci_reading *reading, int64_t *version);
/* Changes a deployment and brings the times of its camera's rows to it. */
wildcam_status wci_store_change_deployment(struct wci_store *store,
                                           struct wci_deployment_change *change,
                                           wildcam_progress_fn *progress, void *user);
/* Brings the times of rows to what deployments say, of all cameras where that is not done. */
wildcam_status wci_store_retime(struct wci_store *store, wildcam_progress_fn *progress, void *user);
/* The same as upkeep: until the deadline of the monotonic clock, from where the last call stopped.
 */
void wci_store_go_on_retiming(struct wci_store *store, int64_t deadline);
/* For the store's own files: a change as it is, and one whose times are to be worked out. */
wildcam_status wci_store_commit(struct wci_store *store, struct wci_change *change);
/* At most WCI_GROUP_MAX in one group; each has its own error. */
void wci_store_commit_all(struct wci_store *store, struct wci_change **changes, size_t count);
wildcam_status wci_store_write_timed(struct wci_store *store, struct wci_change *change);

/* A picture's whole file; freed with free(). */
wildcam_status wci_store_load_picture(struct wci_store *store, const wildcam_image *image,
                                      void **data, size_t *size);

/* ---- What is owed to S3 (uploads.c). The steps, looking and counting are in store/backend.h. ----
 */

/* Claims at most `limit` rows that are due, into initialised ones, in the order asked for but for
 * those that another process takes at the same moment. The first *got are the caller's, also when
 * it fails. */
struct wci_upload_claim {
    struct wci_upload_order order;
    int64_t now, lease, until;
};
wildcam_status wci_store_claim_uploads(struct wci_store *store,
                                       const struct wci_upload_claim *claim, wildcam_upload **rows,
                                       size_t limit, size_t *got);
/* Takes a step with rows, durably, whatever the disk's floor: space may depend on it. Each row's
 * is_missed says what became of it; when it fails, some may have been changed. */
wildcam_status wci_store_step_uploads(struct wci_store *store, struct wci_upload_work *work);
/* Makes parked rows due again, or those that wait for a later try (step HASTEN). */
wildcam_status wci_store_make_due(struct wci_store *store, enum wci_upload_step step,
                                  uint32_t kinds, int64_t *count);
/* Notes that a picture's file goes, then deletes it, unless another camera's picture needs it. A
 * crash between the two leaves a file that nobody needs: wci_store_check() deletes it. STATE when
 * the picture is not uploaded, or was released before. */
wildcam_status wci_store_release_picture(struct wci_store *store, const wildcam_image *image);
/* Deletes the file of a picture whose row says that it is released. */
wildcam_status wci_store_drop_released(struct wci_store *store, const wildcam_image *image);

/* ---- Retention (retention.c) ---- */

/* Takes pictures out that are to go by a rule, each if that is so still, and deletes their files,
 * but for those that other pictures need. A crash leaves files that the next opening or removal
 * deletes. BUSY while a backup is running. */
wildcam_status wci_store_remove_pictures(struct wci_store *store,
                                         const struct wci_retention_rule *rule,
                                         struct wci_expired *pictures, size_t count);
/* Finishes what a crash has left of that. */
wildcam_status wci_store_finish_removals(struct wci_store *store, bool is_opening);
wildcam_status wci_store_set_favourite(struct wci_store *store, int64_t image_id, bool favourite);

/* Writes events down, whatever the disk's floor. */
wildcam_status wci_store_mark_events(struct wci_store *store, struct wci_event_work *work);
/* What the motion detector has learned of a camera (backend.h). Keeping it leaves the disk's floor
 * to pictures. */
wildcam_status wci_store_find_background(struct wci_store *store, int64_t camera_id, bool infrared,
                                         void **data, size_t *size);
wildcam_status wci_store_keep_background(struct wci_store *store, int64_t camera_id, bool infrared,
                                         const void *data, size_t size);

/* ---- What is to be processed (processing.c), in the same way ---- */

struct wci_processing_claim {
    bool oldest_first;
    int64_t now, lease, until;
};
wildcam_status wci_store_claim_processing(struct wci_store *store,
                                          const struct wci_processing_claim *claim,
                                          wildcam_processing **rows, size_t limit, size_t *got);
wildcam_status wci_store_step_processing(struct wci_store *store, struct wci_processing_work *work);
/* A step with one row that takes nothing but its id: requeue, hasten, or prioritise. NOTFOUND when
 * there is no such picture; is_missed is no failure. */
wildcam_status wci_store_change_processing(struct wci_store *store, enum wci_processing_step step,
                                           int64_t image_id, int priority, bool *is_missed);
/* Makes those of a group due at once: parked, waiting or done; of the last those whose ids lie in
 * [from, to). */
wildcam_status wci_store_make_processing_due(struct wci_store *store, enum wci_queue_group group,
                                             int64_t from, int64_t to, int64_t *count);

wildcam_status wci_store_purge(struct wci_store *store, int64_t before, int64_t *shards,
                               int64_t *pictures);
/* What that would delete. */
wildcam_status wci_store_measure_purge(struct wci_store *store, int64_t before, int64_t *shards,
                                       int64_t *pictures, int64_t *bytes);
/* What is best done now and then, until a deadline of the monotonic clock. */
void wci_store_maintain(struct wci_store *store, int64_t deadline);

wildcam_status wci_store_check(struct wci_store *store, struct wci_check *check);
/* `copied` may be NULL. */
wildcam_status wci_store_backup(struct wci_store *store, const char *directory,
                                wildcam_progress_fn *progress, void *user, int64_t *copied);
wildcam_status wci_store_restore(const char *backup, const char *directory,
                                 wildcam_progress_fn *progress, void *user);

/* How many pictures there are rows of, for showing how far a walk is; damaged shards have none. */
wildcam_status wci_count_pictures(const struct wci_backend_ops *ops, wci_backend *backend,
                                  int64_t *count);

/* Whoever deletes pictures (exclusive) and a backup exclude each other, in all processes. The first
 * answers BUSY at once, a backup when it has waited for `store.busy_timeout`; no further one gets
 * to delete before it. *fd is what gives it back. */
wildcam_status wci_store_lock_upkeep(const wildcam_conf *conf, bool exclusive, int *fd);

#endif
