/* The SQLite backend: a directory with a catalog and shards. What its parts share. */
#ifndef WCI_STORE_SQLITE_SQLITE_H
#define WCI_STORE_SQLITE_SQLITE_H

#include "store/backend.h"
#include "store/sqlite/barrier.h"
#include "store/sqlite/catalog.h"
#include "store/sqlite/changes.h"
#include "store/sqlite/clock_rules.h"
#include "store/sqlite/delta.h"
#include "store/sqlite/shards.h"

struct wci_new_ids;
struct wci_tallies;

struct wci_backend {
    const wildcam_conf *conf;
    const struct wci_log *log;
    struct wci_slow slow;
    struct wci_catalog catalog;
    struct wci_shards shards;
    struct wci_barrier barrier;
    struct wci_clock_rules clock_rules;
    struct wci_deltas deltas;        /* of the writing thread */
    struct wci_changes changes;      /* what it has written */
    int64_t longest_wal;             /* that it has written to since it looked last */
    _Atomic int64_t last_maintained; /* monotonic; 0 never */
};

/* write.c */
void wci_sqlite_write(wci_backend *self, struct wci_change **changes, size_t count);

/* The same file: inserts a detection with an id of that time. */
wildcam_status wci_sqlite_insert_row(struct wci_database *database, struct wci_new_ids *ids,
                                     struct wci_row *row, int64_t image_id, int64_t id_time);

/* shards_enter.c: whether the catalog has a row of a shard, whether a shard has moved rows; and
 * gives those a row that have none. */
wildcam_status wci_sqlite_is_entered(wci_backend *self, const struct wci_shard *shard, bool *is);
wildcam_status wci_sqlite_has_moved(struct wci_shard *shard, bool *has);
wildcam_status wci_sqlite_enter_shards(wci_backend *self);

/* review.c: inside a transaction on a shard. */
wildcam_status wci_sqlite_review(struct wci_database *database, const struct wci_review *review,
                                 struct wci_deltas *deltas);

/* read.c */
wildcam_status wci_sqlite_read(wci_backend *self, const struct wci_query *query,
                               const struct wci_place *after, wildcam_detection *rows, size_t limit,
                               size_t *got, struct wci_text *damaged);
wildcam_status wci_sqlite_skip(wci_backend *self, const struct wci_query *query,
                               const struct wci_place *after, int64_t offset,
                               struct wci_place *last);
wildcam_status wci_sqlite_get_detection(wci_backend *self, int64_t id, wildcam_detection *out);

/* images.c */
wildcam_status wci_sqlite_get_image(wci_backend *self, int64_t id, wildcam_image *out);
wildcam_status wci_sqlite_find_image(wci_backend *self, int64_t camera_id,
                                     const unsigned char sha256[WCI_DIGEST_BYTES],
                                     wildcam_image *out);
wildcam_status
wci_sqlite_walk_images(wci_backend *self, int64_t from, int64_t to,
                       wildcam_status (*each)(void *user, const wildcam_image *image), void *user);
/* Reads at most so many pictures of a shard from an id on. */
wildcam_status wci_sqlite_read_page(wci_backend *self, struct wci_shard *shard, int64_t from_id,
                                    int64_t to_id, wildcam_image *page, int most, int *got);
/* Inside a transaction on a shard; the id is the statement's business. */
void wci_sqlite_bind_image(sqlite3_stmt *statement, const wildcam_image *image);

/* images_in_time.c */
wildcam_status wci_sqlite_each_image(wci_backend *self, int64_t from, int64_t to,
                                     wildcam_status (*each)(void *user, const wildcam_image *image),
                                     void *user);

/* deployments.c */
wildcam_status wci_sqlite_get_deployment(wci_backend *self, const char *key,
                                         wildcam_deployment *out);
wildcam_status wci_sqlite_list_deployments(wci_backend *self, int64_t camera_id, int64_t from,
                                           int64_t to, wci_each_deployment *each, void *user);
wildcam_status wci_sqlite_change_deployment(wci_backend *self,
                                            struct wci_deployment_change *change);

/* retime.c; the first inside transactions on a shard and the catalog. */
wildcam_status wci_sqlite_retime(struct wci_database *database, struct wci_database *catalog,
                                 const struct wci_shard *shard, struct wci_retiming *work,
                                 struct wci_deltas *deltas);
wildcam_status wci_sqlite_find_to_retime(wci_backend *self, struct wci_retiming *work, bool *found);
wildcam_status wci_sqlite_next_retiming(wci_backend *self, struct wci_retiming *work, bool *found);
wildcam_status wci_sqlite_begin_retiming(wci_backend *self, struct wci_retiming *work);
wildcam_status wci_sqlite_end_retiming(wci_backend *self, const struct wci_retiming *work);

/* stale_events.c; the first two inside a transaction on the catalog. An empty span is a moment. */
wildcam_status wci_catalog_doubt_events(struct wci_database *catalog, int64_t camera_id,
                                        int64_t from, int64_t to);
/* Those that a shard, which goes, may have had a part in; it ends at that time. */
wildcam_status wci_catalog_doubt_events_of(struct wci_database *catalog, const char *shard,
                                           int64_t end);
wildcam_status wci_sqlite_find_stale_events(wci_backend *self, struct wci_stale_events *found,
                                            size_t limit, size_t *got);
wildcam_status wci_sqlite_settle_events(wci_backend *self, int64_t id);

/* images_walk.c */
wildcam_status wci_sqlite_read_images(wci_backend *self, const struct wci_query *query,
                                      int64_t after, wildcam_image *rows, size_t limit, size_t *got,
                                      int64_t *last, struct wci_text *damaged);
wildcam_status wci_sqlite_read_of_images(wci_backend *self, int64_t first_id, int64_t last_id,
                                         wildcam_status (*each)(void *user,
                                                                const wildcam_detection *detection),
                                         void *user);
/* In the order of the table, of bind and of read; released_at is the uploads' business. */
#define WCI_IMAGE_COLUMNS                                                                          \
    "id, camera_id, captured_at, utc_offset, time_source, received_at, sha256, bytes, width,"      \
    " height, orientation, trailing_bytes, make, model, serial_number, latitude, longitude,"       \
    " altitude, temperature, capture, event_number, sequence_number, sequence_length, file_name,"  \
    " metadata, favourite, clock_time, clock_offset, event_id, event_gap,"                         \
    " (SELECT released_at FROM uploads WHERE image_id=images.id AND uploads.kind=0)"
wildcam_status wci_sqlite_read_image_row(wci_backend *self, sqlite3_stmt *row,
                                         wildcam_image *image);

/* pictures.c */
wildcam_status wci_sqlite_list_pictures(wci_backend *self, const struct wci_picture_list *list,
                                        int64_t after, wildcam_image *rows, size_t limit,
                                        size_t *got, struct wci_text *damaged);
wildcam_status wci_sqlite_sum_event(wci_backend *self, wildcam_event *event);

/* imports.c */
wildcam_status wci_sqlite_put_import(wci_backend *self, struct wci_import *import);
wildcam_status wci_sqlite_put_import_rows(wci_backend *self, const struct wci_import_row *rows,
                                          size_t count, int64_t *added);
wildcam_status wci_sqlite_each_import(wci_backend *self, const char *format,
                                      wildcam_status (*each)(void *user,
                                                             const struct wci_import *import),
                                      void *user);
wildcam_status wci_sqlite_each_import_row(wci_backend *self, int64_t import_id,
                                          wildcam_status (*each)(void *user,
                                                                 const struct wci_import_row *row),
                                          void *user);

/* count.c */
wildcam_status wci_sqlite_count(wci_backend *self, const struct wci_query *query, int64_t stop_at,
                                int64_t *count, struct wci_text *damaged);
wildcam_status wci_sqlite_summarise(wci_backend *self, const struct wci_query *query, uint32_t by,
                                    struct wci_summary_rows *out);

/* days.c */
wildcam_status wci_sqlite_count_changes(wci_backend *self, const struct wci_name *camera,
                                        int64_t from, int64_t to, struct wci_change_count *out);
wildcam_status wci_sqlite_walk_days(wci_backend *self, const struct wci_day_walk *walk,
                                    struct wci_text *damaged);

/* purge.c */
wildcam_status wci_sqlite_purge(wci_backend *self, int64_t before,
                                const struct wci_purge_files *files, int64_t *shards);
wildcam_status wci_sqlite_finish_purges(wci_backend *self, const struct wci_purge_files *files);

/* copy.c */
wildcam_status wci_sqlite_backup(wci_backend *self, const char *directory,
                                 wildcam_progress_fn *progress, void *user);

/* uploads.c */
wildcam_status wci_sqlite_get_upload(wci_backend *self, int64_t image_id, int kind,
                                     wildcam_upload *out);
/* Inside a transaction on a shard: those of the rows that are in it. */
wildcam_status wci_sqlite_step_uploads(struct wci_database *database, const struct wci_shard *shard,
                                       struct wci_upload_work *work);
/* The step has come to nothing, for the rows of a shard or for all. */
void wci_sqlite_miss_uploads(const struct wci_upload_work *work, const struct wci_shard *shard);
/* The earliest time at or behind `from` that a row has; INT64_MAX when there is none. */
int64_t wci_sqlite_first_upload(const struct wci_upload_work *work, int64_t from);

/* events.c */
/* Gives a shard back: a damaged one is set aside and passed over, as is one that was purged. */
wildcam_status wci_sqlite_pass_by(wci_backend *self, struct wci_shard *shard,
                                  wildcam_status status);
wildcam_status wci_sqlite_read_frames(wci_backend *self, int64_t camera_id, int64_t from,
                                      size_t limit, struct wci_frames *out, int64_t *until);
wildcam_status wci_sqlite_read_frames_back(wci_backend *self, int64_t camera_id, int64_t from,
                                           int64_t before, size_t limit, struct wci_frames *out,
                                           int64_t *since);
wildcam_status wci_sqlite_find_owed_events(wci_backend *self, struct wci_owed_event *found,
                                           size_t limit, size_t *got);
/* Inside a transaction on a shard: those of the marks that are in it, all of a camera or none. */
wildcam_status wci_sqlite_mark_events(struct wci_database *database, const struct wci_shard *shard,
                                      struct wci_event_work *work);
/* The earliest time at or behind `from` that a mark has; INT64_MAX when there is none. */
int64_t wci_sqlite_first_mark(const struct wci_event_work *work, int64_t from);

/* fork.c: from the first call on a child of this process may open a station of its own. */
wildcam_status wci_sqlite_mind_forks(void);

/* duties.c */
wildcam_status wci_sqlite_note_duties(wci_backend *self, uint32_t duties, int64_t now);
wildcam_status wci_sqlite_get_duties(wci_backend *self, uint32_t *duties);
/* Whether this program or any other is to bring pictures to S3, as far as can be found out. */
bool wci_sqlite_is_uploaded(wci_backend *self);

/* retention.c */
wildcam_status wci_sqlite_find_to_remove(wci_backend *self, const struct wci_retention_rule *rule,
                                         int64_t after, int64_t looks, struct wci_expired *found,
                                         size_t limit, size_t *got, int64_t *last);
wildcam_status wci_sqlite_forget_keys(wci_backend *self, const wildcam_image *images, size_t count);
/* Inside a transaction on a shard: those of the pictures that are in it. */
wildcam_status wci_sqlite_remove_pictures(wci_backend *self, struct wci_database *database,
                                          const struct wci_shard *shard,
                                          struct wci_removal *removal);
/* The removal has come to nothing, for the pictures of a shard or for all. */
void wci_sqlite_spare_pictures(struct wci_removal *removal, const struct wci_shard *shard);
/* The earliest time at or behind `from` that one has; INT64_MAX when there is none. */
int64_t wci_sqlite_first_removal(const struct wci_removal *removal, int64_t from);
wildcam_status wci_sqlite_favour(struct wci_database *database, const struct wci_favour *favour);

/* people.c */
wildcam_status wci_sqlite_find_people(wci_backend *self, int64_t image_id, double min_confidence,
                                      struct wci_people *out);

/* uploads_count.c */
wildcam_status wci_sqlite_find_due(wci_backend *self, const struct wci_upload_order *order,
                                   int64_t now, struct wci_queue_ref *found, size_t limit,
                                   size_t *got);
wildcam_status wci_sqlite_find_uploads(wci_backend *self, enum wci_queue_group group,
                                       uint32_t kinds, struct wci_queue_ref after,
                                       struct wci_queue_ref *found, size_t limit, size_t *got);
wildcam_status wci_sqlite_count_uploads(wci_backend *self, uint32_t kinds,
                                        struct wci_queue_figures *out);
wildcam_status wci_sqlite_find_releasable(wci_backend *self, int64_t from, int64_t until,
                                          int64_t *found, size_t limit, size_t *got);
wildcam_status wci_sqlite_drop_file(wci_backend *self, const wildcam_image *image,
                                    wildcam_status (*drop)(void *user), void *user);

/* backgrounds.c */
wildcam_status wci_sqlite_find_background(wci_backend *self, int64_t camera_id, bool infrared,
                                          void **data, size_t *size);
wildcam_status wci_sqlite_put_background(wci_backend *self, int64_t camera_id, bool infrared,
                                         int64_t now, const void *data, size_t size);

/* processing.c */
wildcam_status wci_sqlite_get_processing(wci_backend *self, int64_t image_id,
                                         wildcam_processing *out);
/* Inside a transaction on a shard: those of the rows that are in it. */
struct wci_processing_place {
    wci_backend *self;
    struct wci_database *database;
    const struct wci_shard *shard;
    struct wci_new_ids *ids; /* of detections */
};
wildcam_status wci_sqlite_step_processing(const struct wci_processing_place *place,
                                          const struct wci_processing_work *work);
/* The step has come to nothing, for the rows of a shard or for all. */
void wci_sqlite_miss_processing(const struct wci_processing_work *work,
                                const struct wci_shard *shard);
/* The earliest time at or behind `from` that a row has; INT64_MAX when there is none. */
int64_t wci_sqlite_first_processing(const struct wci_processing_work *work, int64_t from);
/* Whether it says only who works on what: once the power is lost, nobody does any more. What comes
 * of it is committed behind it, and brings it to the disk. */
bool wci_sqlite_is_passing(const struct wci_processing_work *work);

/* processing_results.c: puts what was found into its place. What changes in the summary is added to
 * the tallies alone, which the caller counts once all has gone well. */
wildcam_status wci_sqlite_replace_detections(const struct wci_processing_place *place,
                                             int64_t image_id, const struct wci_found *found,
                                             struct wci_tallies *tallies);

/* processing_find.c */
wildcam_status wci_sqlite_find_due_processing(wci_backend *self, bool oldest_first, int64_t now,
                                              struct wci_queue_ref *found, size_t limit,
                                              size_t *got);
wildcam_status wci_sqlite_find_processing(wci_backend *self, enum wci_queue_group group,
                                          struct wci_queue_ref after, struct wci_queue_ref *found,
                                          size_t limit, size_t *got);
wildcam_status wci_sqlite_count_processing(wci_backend *self, struct wci_queue_figures *out);
wildcam_status wci_sqlite_pause_processing(wci_backend *self, int64_t since);
wildcam_status wci_sqlite_get_processing_pause(wci_backend *self, int64_t *since);

/* access.c */
wildcam_status wci_sqlite_find_key(wci_backend *self, const char *id, wildcam_access *out,
                                   unsigned char hash[WCI_DIGEST_BYTES]);
wildcam_status wci_sqlite_find_user(wci_backend *self, const char *name, wildcam_access *out,
                                    struct wci_password *password);
wildcam_status wci_sqlite_find_session(wci_backend *self, const char *id, struct wci_session *out,
                                       wildcam_access *user);
wildcam_status wci_sqlite_list_access(wci_backend *self, int kind,
                                      wildcam_status (*each)(void *user,
                                                             const wildcam_access *access),
                                      void *user);
wildcam_status wci_sqlite_has_access(wci_backend *self, bool *has);
/* Whether a session's refresh token is past its time. */
wildcam_status wci_sqlite_find_expired(wci_backend *self, int64_t now, bool *has);

/* access_change.c */
wildcam_status wci_sqlite_change_access(wci_backend *self, const struct wci_access_change *change);

/* alerts.c, alerts_find.c, alerts_watch.c, alerts_send.c: as in store/backend.h */
wildcam_status wci_sqlite_change_alerts(wci_backend *self, struct wci_alert_wish *wishes,
                                        size_t count, int64_t now);
wildcam_status wci_sqlite_read_alert(wci_backend *self, int64_t id, const char *by, int64_t now);
wildcam_status wci_sqlite_drop_alerts(wci_backend *self, int64_t before, int64_t *dropped);
wildcam_status wci_sqlite_find_open_alert(wci_backend *self, int kind, const char *subject,
                                          int64_t *id);
wildcam_status wci_sqlite_get_alert(wci_backend *self, int64_t id, wildcam_alert *out);
wildcam_status wci_sqlite_list_alerts(wci_backend *self, const wildcam_alert_query *query,
                                      int64_t after, int64_t limit,
                                      wildcam_status (*each)(void *user, wildcam_alert *alert),
                                      void *user);
wildcam_status wci_sqlite_count_alerts(wci_backend *self, const wildcam_alert_query *query,
                                       int64_t *count);
wildcam_status wci_sqlite_count_open_alerts(wci_backend *self, int64_t counts[WCI_ALERT_KINDS]);
wildcam_status wci_sqlite_each_watch(wci_backend *self,
                                     wildcam_status (*each)(void *user,
                                                            const struct wci_watch *watch),
                                     void *user);
wildcam_status wci_sqlite_has_seen_species(wci_backend *self, int64_t species_id, bool *has);
wildcam_status wci_sqlite_announce_sightings(wci_backend *self, struct wci_sighting *sightings,
                                             size_t count);
wildcam_status wci_sqlite_find_sightings(wci_backend *self, int64_t before,
                                         struct wci_sighting *found, size_t limit, size_t *got);
wildcam_status wci_sqlite_claim_deliveries(wci_backend *self, const struct wci_targets *targets,
                                           int64_t now, int64_t lease, int64_t until,
                                           struct wci_delivery *found, size_t limit, size_t *got);
wildcam_status wci_sqlite_end_delivery(wci_backend *self, const struct wci_delivery_end *end);
wildcam_status wci_sqlite_revive_target(wci_backend *self, const char *target, int64_t now);
wildcam_status wci_sqlite_count_deliveries(wci_backend *self, const struct wci_targets *targets,
                                           int64_t now, struct wci_delivery_figures *out);

/* jobs.c */
wildcam_status wci_sqlite_get_job(wci_backend *self, int64_t id, wildcam_job *out);
wildcam_status wci_sqlite_list_jobs(wci_backend *self,
                                    wildcam_status (*each)(void *user, const wildcam_job *job),
                                    void *user);
wildcam_status wci_sqlite_has_job(wci_backend *self, int64_t now, bool *has);
wildcam_status wci_sqlite_change_job(wci_backend *self, const struct wci_job_change *change);

/* verify.c */
wildcam_status wci_sqlite_check(wci_backend *self, struct wci_check *check);

#endif
