/*
 * The seam between the store and what keeps its rows.
 *
 * A backend keeps cameras, pictures' rows, detections and their summaries. It knows nothing of
 * picture files, and nobody above it knows SQL, shards or partitions. Only the files of store/ call
 * the operations. Every one may be called from any thread.
 */
#ifndef WCI_STORE_BACKEND_H
#define WCI_STORE_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/text.h"
#include "conf/conf.h"
#include "model/camera.h"
#include "model/id.h"
#include "model/image.h"
#include "store/change.h"

#include <wildcam/backup.h>
#include <wildcam/station.h>

/* Which detections. Times are microseconds UTC, half-open. */
struct wci_query {
    int64_t from, to;
    const struct wci_name *camera; /* NULL for all */
    bool by_species;
    struct wci_text species; /* when by_species */
    int category;            /* -1 for all */
    double min_confidence;   /* NaN for all */
    int verified;            /* -1 for all */
    bool oldest_first;
};

/* Which pictures: those of the query's span and camera, or of them the first of each event alone;
 * or those of one event in the span. */
struct wci_picture_list {
    const struct wci_query *query;
    bool first_of_events;
    int64_t event_id; /* 0: no matter which */
};

/* One row of a summary; what is not kept apart is NULL or WILDCAM_TIME_NONE. */
struct wci_summary_row {
    const struct wci_name *camera;
    const struct wci_name *species;
    int64_t day;
    int64_t count, scored_count, sure_count;
    int64_t scored_sum, sure_sum; /* confidences in millionths, so that sums are exact */
    int64_t hours[24];
};

#define WCI_CONFIDENCE_UNIT 1000000

/* The rows of a summary, and the names of the shards that could not be read. */
struct wci_summary_rows {
    struct wci_summary_row *rows;
    size_t count, capacity;
    struct wci_text damaged;
};

/* A number that grows with every change of what it counts the changes of. */
struct wci_change_count {
    int64_t count;
    bool is_sure; /* else there may be changes that are not counted yet */
};

/* What is told of days, shard by shard; days are those of UTC, counted from 1970. What is NULL is
 * not asked for. A callback that fails ends the walk. */
struct wci_day_walk {
    int64_t first_day, end_day;
    const struct wci_name *camera; /* NULL for all cameras together, or each with each_camera */
    bool each_camera;
    void *user;
    /* A row of the summaries, with its species; its camera is NULL for all together. It is of the
     * day and the shard, not always all that there is of the day. */
    wildcam_status (*sum)(void *user, const struct wci_summary_row *row);
    /* How many pictures a camera has of the day, and of how many of them nobody knows the time. */
    wildcam_status (*pictures)(void *user, const struct wci_name *camera, int64_t day,
                               int64_t pictures, int64_t unsure);
    /* How many detections of a camera and species were found to be false. */
    wildcam_status (*falsely)(void *user, const struct wci_name *camera,
                              const struct wci_name *species, int64_t day, int64_t count);
    /* Before each shard: how many of how many are done. */
    wildcam_status (*shard)(void *user, const char *name, int64_t done, int64_t total);
};

/* Something that was imported: what stood around its rows. */
struct wci_import {
    int64_t id;                /* out */
    const char *format, *name; /* one of a name is there once */
    int64_t imported_at;
    const char *document; /* JSON */
};

/* A row of an import that belongs to no single picture of ours. */
enum wci_import_kind {
    WCI_IMPORT_EVENT, /* an observation of a whole event */
    WCI_IMPORT_ORPHAN /* an observation of a picture that the package lacks */
};

struct wci_import_row {
    int64_t import_id;
    enum wci_import_kind kind;
    const char *name;  /* unique in its import and kind */
    int64_t camera_id; /* 0 for none */
    int64_t from, to;
    int64_t image_id; /* 0 for none */
    const char *row;  /* JSON */
};

/* What a check reports to. */
struct wci_check {
    uint32_t how;
    wildcam_finding_fn *finding;
    wildcam_progress_fn *progress;
    void *user;
    int64_t findings;
    int64_t released; /* pictures that are not looked at because their files are in S3 alone */
    int64_t done, total;
};

struct wci_store_figures {
    int64_t shards, open_shards, damaged_shards;
    struct wci_text damaged; /* their names */
};

/*
 * What a purge does with the files of a shard. hide moves them out of the way while nobody can
 * write to the shard; then the rows go out of sight; then drop deletes the files; then the rows are
 * deleted. A hidden shard whose rows are still in sight is a purge that was interrupted. Where
 * hiding the rows fails, show brings the files back. Where there is measure nothing is deleted: it
 * is told the name of each shard that would be.
 */
struct wci_purge_files {
    void *user;
    wildcam_status (*hide)(void *user, const char *name);
    bool (*is_hidden)(void *user, const char *name);
    wildcam_status (*drop)(void *user, const char *name);
    void (*show)(void *user, const char *name); /* may be NULL */
    wildcam_status (*measure)(void *user, const char *name);
};

typedef struct wci_backend wci_backend;

struct wci_backend_ops {
    const char *name;

    wildcam_status (*open)(const wildcam_conf *conf, const struct wci_log *log, wci_backend **out);
    /* In a forked child only memory is given back. */
    void (*close)(wci_backend *self, bool is_forked);

    /* Cameras. find answers NOTFOUND; with or_number, text that is no known device may be a
     * camera's number. */
    wildcam_status (*find_camera)(wci_backend *self, const char *device_id, bool or_number,
                                  const struct wci_name **out);
    /* What the draft has set; its last_seen when the camera was heard of. `now` is when a new one
     * was entered. */
    wildcam_status (*put_camera)(wci_backend *self, const wildcam_camera *draft, bool may_create,
                                 int64_t now, bool *created);
    wildcam_status (*get_camera)(wci_backend *self, int64_t id, wildcam_camera *out);
    /* Calls back for each, in the order of device ids. */
    wildcam_status (*list_cameras)(wci_backend *self, bool all,
                                   wildcam_status (*each)(void *user, wildcam_camera *camera),
                                   void *user);

    /* A number that has grown when anything of a camera may have changed, in whatever process. */
    wildcam_status (*count_camera_changes)(wci_backend *self, int64_t *changes);

    /* What the motion detector has learned of a camera: bytes that it alone understands. find
     * answers NOTFOUND; what it gives is freed with free(). The last to put wins. */
    wildcam_status (*find_background)(wci_backend *self, int64_t camera_id, bool infrared,
                                      void **data, size_t *size);
    wildcam_status (*put_background)(wci_backend *self, int64_t camera_id, bool infrared,
                                     int64_t now, const void *data, size_t size);

    /* Who may do what. A process sees at once what another has changed. find answers NOTFOUND. */
    wildcam_status (*find_key)(wci_backend *self, const char *id, wildcam_access *out,
                               unsigned char hash[WCI_DIGEST_BYTES]);
    wildcam_status (*find_user)(wci_backend *self, const char *name, wildcam_access *out,
                                struct wci_password *password);
    wildcam_status (*find_session)(wci_backend *self, const char *id, struct wci_session *out,
                                   wildcam_access *user);
    /* Calls back for each key, the oldest first, or each user, by name: kind is WILDCAM_ACCESS_. */
    wildcam_status (*list_access)(wci_backend *self, int kind,
                                  wildcam_status (*each)(void *user, const wildcam_access *access),
                                  void *user);
    /* Whether there ever was a key or a user. */
    wildcam_status (*has_access)(wci_backend *self, bool *has);
    wildcam_status (*change_access)(wci_backend *self, const struct wci_access_change *change);

    /* Alerts. All wishes are granted in one transaction, or none. */
    void (*listen_alerts)(wci_backend *self, wci_alert_told *told, void *user);
    wildcam_status (*change_alerts)(wci_backend *self, struct wci_alert_wish *wishes, size_t count,
                                    int64_t now);
    /* NOTFOUND. `by` may be "". */
    wildcam_status (*read_alert)(wci_backend *self, int64_t id, const char *by, int64_t now);
    /* The open one of a kind and subject; 0 for none. */
    wildcam_status (*find_open_alert)(wci_backend *self, int kind, const char *subject,
                                      int64_t *id);
    wildcam_status (*get_alert)(wci_backend *self, int64_t id, wildcam_alert *out);
    /* Calls back for each, the newest first, at most `limit` behind `after`; it may take the
     * alert's texts over. */
    wildcam_status (*list_alerts)(wci_backend *self, const wildcam_alert_query *query,
                                  int64_t after, int64_t limit,
                                  wildcam_status (*each)(void *user, wildcam_alert *alert),
                                  void *user);
    wildcam_status (*count_alerts)(wci_backend *self, const wildcam_alert_query *query,
                                   int64_t *count);
    wildcam_status (*count_open_alerts)(wci_backend *self, int64_t counts[WCI_ALERT_KINDS]);
    /* Deletes some of those that were cleared before a time, with all that belongs to them. */
    wildcam_status (*drop_alerts)(wci_backend *self, int64_t before, int64_t *dropped);
    /* What is remembered of cameras, in the order of their numbers. */
    wildcam_status (*each_watch)(wci_backend *self,
                                 wildcam_status (*each)(void *user, const struct wci_watch *watch),
                                 void *user);
    wildcam_status (*has_seen_species)(wci_backend *self, int64_t species_id, bool *has);
    wildcam_status (*announce_sightings)(wci_backend *self, struct wci_sighting *sightings,
                                         size_t count);
    /* At most `limit` of those that were announced before a time. */
    wildcam_status (*find_sightings)(wci_backend *self, int64_t before, struct wci_sighting *found,
                                     size_t limit, size_t *got);
    /* What is sent of alerts. A target that was never named gets what comes about from then on, one
     * that was not named for long no more than it would be owed. Of one alert only the oldest is
     * claimed. */
    wildcam_status (*claim_deliveries)(wci_backend *self, const struct wci_targets *targets,
                                       int64_t now, int64_t lease, int64_t until,
                                       struct wci_delivery *found, size_t limit, size_t *got);
    wildcam_status (*end_delivery)(wci_backend *self, const struct wci_delivery_end *end);
    /* It takes deliveries again. What was parked of alerts that are open, or that it was told of,
     * is owed anew, unless it had wanted nothing more. */
    wildcam_status (*revive_target)(wci_backend *self, const char *target, int64_t now);
    wildcam_status (*count_deliveries)(wci_backend *self, const struct wci_targets *targets,
                                       int64_t now, struct wci_delivery_figures *out);
    /* Deployments. get answers NOTFOUND; list those that overlap a span, of one camera or (0) of
     * all, in the order of their beginning. A change says what is wrong with it: EXISTS, NOTFOUND,
     * INVALID; cameras whose rows may not be as their deployments say from then on are marked with
     * it. */
    wildcam_status (*get_deployment)(wci_backend *self, const char *key, wildcam_deployment *out);
    wildcam_status (*list_deployments)(wci_backend *self, int64_t camera_id, int64_t from,
                                       int64_t to, wci_each_deployment *each, void *user);
    wildcam_status (*change_deployment)(wci_backend *self, struct wci_deployment_change *change);
    /* Corrects a reading of a camera's clock, and says by which version of the rules. */
    wildcam_status (*correct)(wci_backend *self, int64_t camera_id, int source,
                              struct wci_reading *reading, int64_t *version);
    /* The first marked camera behind the one at hand. */
    wildcam_status (*next_retiming)(wci_backend *self, struct wci_retiming *work, bool *found);
    /* Reads the camera's rules and goes to its first row. Whoever has begun to write a row by older
     * rules is done when it returns. */
    wildcam_status (*begin_retiming)(wci_backend *self, struct wci_retiming *work);
    /* Goes on to the next range, and says whether there is something to do in it, which is a change
     * for write(). Ranges are so small that a look at one does not take long. */
    wildcam_status (*find_to_retime)(wci_backend *self, struct wci_retiming *work, bool *found);
    /* Takes the mark off, if it is still that one. */
    wildcam_status (*end_retiming)(wci_backend *self, const struct wci_retiming *work);

    /* Jobs. get answers NOTFOUND; list calls back for each, the newest first. */
    wildcam_status (*get_job)(wci_backend *self, int64_t id, wildcam_job *out);
    wildcam_status (*list_jobs)(wci_backend *self,
                                wildcam_status (*each)(void *user, const wildcam_job *job),
                                void *user);
    /* Whether a claim would find one. */
    wildcam_status (*has_job)(wci_backend *self, int64_t now, bool *has);
    wildcam_status (*change_job)(wci_backend *self, const struct wci_job_change *change);

    wildcam_status (*find_species)(wci_backend *self, int category, const char *name,
                                   const struct wci_name **out);

    /* Grants what can be granted, durably, in as few transactions as possible; each change's own
     * error says how it went. One thread at a time. */
    void (*write)(wci_backend *self, struct wci_change **changes, size_t count);

    /* Reads at most `limit` detections behind `after` (NULL for the beginning) in the query's order
     * into initialised rows. The names of damaged shards that were passed over are added. */
    wildcam_status (*read)(wci_backend *self, const struct wci_query *query,
                           const struct wci_place *after, wildcam_detection *rows, size_t limit,
                           size_t *got, struct wci_text *damaged);
    /* Goes behind the next `offset` of them: the place of the last one passed over, or one with the
     * id 0 when the answer ends before. */
    wildcam_status (*skip)(wci_backend *self, const struct wci_query *query,
                           const struct wci_place *after, int64_t offset, struct wci_place *last);
    /* As in read(), but `damaged` may be NULL. */
    wildcam_status (*count)(wci_backend *self, const struct wci_query *query, int64_t stop_at,
                            int64_t *count, struct wci_text *damaged);
    wildcam_status (*summarise)(wci_backend *self, const struct wci_query *query, uint32_t by,
                                struct wci_summary_rows *out);
    /* Whether anything may have changed that walk_days() tells of a camera (NULL: of any) and a
     * span, in whatever process. It reads no rows, and waits for no writer. */
    wildcam_status (*count_changes)(wci_backend *self, const struct wci_name *camera, int64_t from,
                                    int64_t to, struct wci_change_count *out);
    /* As in summarise(), but nothing is held in memory: rows are told as they are read. */
    wildcam_status (*walk_days)(wci_backend *self, const struct wci_day_walk *walk,
                                struct wci_text *damaged);
    wildcam_status (*get_detection)(wci_backend *self, int64_t id, wildcam_detection *out);
    wildcam_status (*get_image)(wci_backend *self, int64_t id, wildcam_image *out);
    /* The picture with that content from that camera; NOTFOUND. */
    wildcam_status (*find_image)(wci_backend *self, int64_t camera_id,
                                 const unsigned char sha256[WCI_DIGEST_BYTES], wildcam_image *out);

    /* Reads the next pictures behind `after` (0 for the beginning) in the order of ids, of the
     * query's span and camera, into initialised rows. At most `limit` ids are looked at; *last is
     * the last of them, and 0 at the end. Damaged shards are passed over as in read(). */
    wildcam_status (*read_images)(wci_backend *self, const struct wci_query *query, int64_t after,
                                  wildcam_image *rows, size_t limit, size_t *got, int64_t *last,
                                  struct wci_text *damaged);
    /* Calls back for every detection of the pictures with these ids, in the order of ids. */
    wildcam_status (*read_of_images)(wci_backend *self, int64_t first_id, int64_t last_id,
                                     wildcam_status (*each)(void *user,
                                                            const wildcam_detection *detection),
                                     void *user);
    /* Reads at most `limit` pictures behind `after` (0 for the beginning) in the query's order into
     * initialised rows, and adds the names of damaged shards that were passed over. */
    wildcam_status (*list_pictures)(wci_backend *self, const struct wci_picture_list *list,
                                    int64_t after, wildcam_image *rows, size_t limit, size_t *got,
                                    struct wci_text *damaged);
    /* Adds to an event that is begun with its first picture what the others of it have. */
    wildcam_status (*sum_event)(wci_backend *self, wildcam_event *event);

    /* Imports: keeps the document of one, in the place of that of an earlier import of the same
     * name; and rows, of which those that are there stay as they are. Both are durable. */
    wildcam_status (*put_import)(wci_backend *self, struct wci_import *import);
    wildcam_status (*put_import_rows)(wci_backend *self, const struct wci_import_row *rows,
                                      size_t count, int64_t *added);
    /* Calls back for each import of a format, the first of them first, or each row of one, in the
     * order of kinds and names. What is told is borrowed. */
    wildcam_status (*each_import)(wci_backend *self, const char *format,
                                  wildcam_status (*each)(void *user,
                                                         const struct wci_import *import),
                                  void *user);
    wildcam_status (*each_import_row)(wci_backend *self, int64_t import_id,
                                      wildcam_status (*each)(void *user,
                                                             const struct wci_import_row *row),
                                      void *user);

    /* What is owed to S3. All that changes it is a change for write(). */
    wildcam_status (*get_upload)(wci_backend *self, int64_t image_id, int kind,
                                 wildcam_upload *out);
    /* At most `limit` rows that are due and nobody's. A shard that cannot be read is passed over
     * and logged. */
    wildcam_status (*find_due)(wci_backend *self, const struct wci_upload_order *order, int64_t now,
                               struct wci_queue_ref *found, size_t limit, size_t *got);
    /* The next rows of a group behind `after`, in the order of ids. */
    wildcam_status (*find_uploads)(wci_backend *self, enum wci_queue_group group, uint32_t kinds,
                                   struct wci_queue_ref after, struct wci_queue_ref *found,
                                   size_t limit, size_t *got);
    /* The pictures that were uploaded longest ago, from a moment on until another, both included,
     * and not released. */
    wildcam_status (*find_releasable)(wci_backend *self, int64_t from, int64_t until,
                                      int64_t *found, size_t limit, size_t *got);
    wildcam_status (*count_uploads)(wci_backend *self, uint32_t kinds,
                                    struct wci_queue_figures *out);

    /* What is to be processed. All that changes it is a change for write(). */
    wildcam_status (*get_processing)(wci_backend *self, int64_t image_id, wildcam_processing *out);
    /* At most `limit` rows that are due and nobody's, those of a higher priority first. */
    wildcam_status (*find_due_processing)(wci_backend *self, bool oldest_first, int64_t now,
                                          struct wci_queue_ref *found, size_t limit, size_t *got);
    /* The next rows of a group behind `after`, in the order of ids. */
    wildcam_status (*find_processing)(wci_backend *self, enum wci_queue_group group,
                                      struct wci_queue_ref after, struct wci_queue_ref *found,
                                      size_t limit, size_t *got);
    wildcam_status (*count_processing)(wci_backend *self, struct wci_queue_figures *out);
    /* Since when processing is paused, in all processes; WILDCAM_TIME_NONE when it is not. */
    wildcam_status (*pause_processing)(wci_backend *self, int64_t since);
    wildcam_status (*get_processing_pause)(wci_backend *self, int64_t *since);
    /* The number of a detector in that version, which is added when there is none. */
    wildcam_status (*find_detector)(wci_backend *self, const char *name, const char *version,
                                    int64_t *id);
    /* Calls `drop` while no picture can be kept, unless the file of this picture, which is released
     * or was taken out, is also that of another picture that is not, or of the same, sent again. */
    wildcam_status (*drop_file)(wci_backend *self, const wildcam_image *image,
                                wildcam_status (*drop)(void *user), void *user);

    /* A camera's pictures as they matter to events, added in no order: whole seconds, from the
     * beginning of one on, and at least so many when there are; *until is the first second that may
     * be missing, INT64_MAX when none is. */
    wildcam_status (*read_frames)(wci_backend *self, int64_t camera_id, int64_t from, size_t limit,
                                  struct wci_frames *out, int64_t *until);
    /* The same before the beginning of a second, down to a time; *since is the first second of
     * which they are all. */
    wildcam_status (*read_frames_back)(wci_backend *self, int64_t camera_id, int64_t from,
                                       int64_t before, size_t limit, struct wci_frames *out,
                                       int64_t *since);
    /* Pictures that are owed an event, one for each camera; none when there are none at all. */
    wildcam_status (*find_owed_events)(wci_backend *self, struct wci_owed_event *found,
                                       size_t limit, size_t *got);
    /* Spans whose events are to be looked at anew, the oldest first; what made them so is there to
     * be seen. settle takes one off. */
    wildcam_status (*find_stale_events)(wci_backend *self, struct wci_stale_events *found,
                                        size_t limit, size_t *got);
    wildcam_status (*settle_events)(wci_backend *self, int64_t id);

    /* Pictures behind `after` that go by a rule, in the order of ids; at most so many are found and
     * looked at. *last is where to go on, 0 at the end. */
    wildcam_status (*find_to_remove)(wci_backend *self, const struct wci_retention_rule *rule,
                                     int64_t after, int64_t looks, struct wci_expired *found,
                                     size_t limit, size_t *got, int64_t *last);
    /* Forgets the contents of pictures that were taken out, but for those that were sent again. */
    wildcam_status (*forget_keys)(wci_backend *self, const wildcam_image *images, size_t count);
    /* What somebody who opened the station was to do with its pictures (WCI_DUTY_), remembered for
     * those who have not the settings for it. */
    wildcam_status (*note_duties)(wci_backend *self, uint32_t duties, int64_t now);
    wildcam_status (*get_duties)(wci_backend *self, uint32_t *duties);
    /* People of whom that much is sure, or nobody knows how much. */
    wildcam_status (*find_people)(wci_backend *self, int64_t image_id, double min_confidence,
                                  struct wci_people *out);

    /* Deletes every shard that ends at or before a time, files and rows in one ordered step. */
    wildcam_status (*purge)(wci_backend *self, int64_t before, const struct wci_purge_files *files,
                            int64_t *shards);
    /* Finishes the purges that an end of the process interrupted. */
    wildcam_status (*finish_purges)(wci_backend *self, const struct wci_purge_files *files);
    /* What may wait until the writers' callers have their answers. One thread at a time, the one
     * that wrote. */
    void (*after_write)(wci_backend *self);
    /* Housekeeping until the deadline of the monotonic clock; trouble goes to the log. */
    void (*maintain)(wci_backend *self, int64_t deadline);
    /* Logs which statements took longer than `store.slow_query`. No lock is held; costs nothing
     * while there are none. */
    void (*tell_slow)(wci_backend *self);

    /* Which station it is: 32 hexadecimal digits, made by chance when it was; a copy has the same.
     */
    const char *(*identity)(wci_backend *self);
    /* Copies all rows, as they were at one moment, into a directory that is there and empty. A
     * backend that is opened on that directory has them. */
    wildcam_status (*backup)(wci_backend *self, const char *directory,
                             wildcam_progress_fn *progress, void *user);
    wildcam_status (*check)(wci_backend *self, struct wci_check *check);
    /* Calls back for every picture's row whose time is in the span, in the order of time. */
    wildcam_status (*each_image)(wci_backend *self, int64_t from, int64_t to,
                                 wildcam_status (*each)(void *user, const wildcam_image *image),
                                 void *user);
    /* The same of every row whose id is of the span, which the folder of its file is by, too,
     * whatever its time has become: for walking everything in pieces. */
    wildcam_status (*walk_images)(wci_backend *self, int64_t from, int64_t to,
                                  wildcam_status (*each)(void *user, const wildcam_image *image),
                                  void *user);
    /* The spans that hold rows, in order; for walking everything in pieces. */
    wildcam_status (*each_span)(wci_backend *self,
                                wildcam_status (*each)(void *user, const char *name, int64_t from,
                                                       int64_t to),
                                void *user);

    wildcam_status (*figures)(wci_backend *self, struct wci_store_figures *out);
};

extern const struct wci_backend_ops wci_sqlite_backend;

#endif
