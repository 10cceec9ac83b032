/**
 * @file station.h
 * A station: the one place that keeps cameras, pictures and detections.
 */
#ifndef WILDCAM_STATION_H
#define WILDCAM_STATION_H

#include <stdint.h>

#include <wildcam/conf.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A station that is open. */
typedef struct wildcam_station wildcam_station;

/** How a station was doing at one moment. */
typedef struct wildcam_health wildcam_health;

/**
 * Tells how far a long call has come. It runs on the caller's thread, under no lock, and must not
 * call back into the library.
 *
 * @param user   what was given beside it.
 * @param phase  what is being done, such as "pictures"; valid during the call.
 * @param done   how much of it is done.
 * @param total  how much there is; 0 while that is not known.
 * @return 0 to go on; any other value ends the call with #WILDCAM_ERR_CANCELLED.
 */
typedef int wildcam_progress_fn(void *user, const char *phase, int64_t done, int64_t total);

/**
 * Opens the station in `data.dir`, and makes it when there is none and `data.create` is on.
 *
 * Several processes may open the same station: a server and the command-line tool, say. What a
 * process that died left half-done is finished or taken back here. No thread is started.
 *
 * @param conf  the settings; copied. `data.dir` must be set.
 * @param out   where the station goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL or `data.dir` is empty;
 *         #WILDCAM_ERR_NOTFOUND when there is no station and `data.create` is off;
 *         #WILDCAM_ERR_EXISTS when something that is no directory stands in its way, or the
 *         directory holds something else: pictures, a backup or further directories, other than
 *         `lost+found` and hidden ones; #WILDCAM_ERR_DENIED, #WILDCAM_ERR_IO or
 *         #WILDCAM_ERR_NOSPACE when the directory cannot be made or used; #WILDCAM_ERR_CORRUPT when
 *         its catalog is damaged, or gone while pictures or detections are there, whose cameras
 *         only the catalog knows; #WILDCAM_ERR_VERSION when
 *         a newer library wrote it; #WILDCAM_ERR_BUSY when another process held it for longer than
 *         `store.busy_timeout`; #WILDCAM_ERR_NOMEM. Where the settings say that pictures are
 *         uploaded, also #WILDCAM_ERR_INVALID, #WILDCAM_ERR_NOTFOUND or #WILDCAM_ERR_IO with the
 *         name of an `s3.` setting that cannot be followed.
 *
 * Ownership: the caller's, closed with wildcam_station_close().
 * Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_open(const wildcam_conf *conf, wildcam_station **out);

/**
 * Closes a station: stops its threads, ends uploads that are under way, waits for calls that are
 * under way in other threads, writes what is owed and lets go of every file.
 *
 * Cursors and drafts that came from it stay valid objects; their calls answer
 * #WILDCAM_ERR_CLOSED and they are freed as usual, before or after. In a child process after
 * `fork` only memory is given back.
 *
 * @param self  the station, or NULL. No other thread may begin a call on it any more.
 *
 * Ownership: ends the caller's. Thread safety: once. Blocking: disk, and as long as the longest
 * call under way.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_station_close(wildcam_station *self);

/**
 * Starts the station's background threads: one that does what wildcam_station_maintain() does, and,
 * where the settings say that pictures are uploaded (`s3.upload`), two more: one that uploads what
 * is owed as it comes in and releases pictures as `release.keep_days` and `release.min_free_bytes`
 * say, and one that moves the bytes. Where `process.detector` names detectors they are opened, and
 * `process.workers` threads look at pictures, and one more keeps their leases.
 *
 * A second start does nothing. Every signal that comes from outside is blocked in the threads.
 *
 * @param self  the station.
 * @return #WILDCAM_OK; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_INVALID when @p self
 *         is NULL, or with the name of a detector that there is not or that cannot be opened;
 *         #WILDCAM_ERR_NOTFOUND, #WILDCAM_ERR_UNSUPPORTED, #WILDCAM_ERR_IO, #WILDCAM_ERR_DENIED,
 *         #WILDCAM_ERR_CORRUPT, #WILDCAM_ERR_BUSY or #WILDCAM_ERR_NOSPACE when a detector lacks
 * what it needs; #WILDCAM_ERR_STATE when it is called from a detector; #WILDCAM_ERR_NOMEM when the
 *         system gives no memory or no thread. No thread was started then.
 *
 * Ownership: none. Thread safety: any thread, at any time, but not from a detector. Blocking: where
 * detectors are opened, as long as that takes: a large model is read from the disk and tried, which
 * may be many seconds. A `process:` is started with the first picture, not here.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_start(wildcam_station *self);

/**
 * Ends the background threads; the station goes on working without them. Uploads of theirs that are
 * under way are given up and stay owed; so are pictures that a detector looks at, as soon as it
 * returns.
 *
 * @param self  the station.
 * @return #WILDCAM_OK, also when no thread runs; #WILDCAM_ERR_STATE when it is called from a
 *         detector; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_INVALID when @p self is
 *         NULL.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: until the threads' present
 * steps are done: at most one checkpoint of one file, and less than 5 seconds beside what the disk
 * takes to note which uploads are still owed and what detectors take to return, who are told
 * (wildcam_picture_get_cancelled()).
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_stop(wildcam_station *self);

/**
 * Does the station's housekeeping once, in the caller's thread: moves the write-ahead logs into
 * their files, lets go of files that have not been used for a minute, finishes what a process that
 * died left behind.
 *
 * For programs with a loop of their own. Without it and without wildcam_station_start() everything
 * works, and the writing calls do the necessary part of it themselves.
 *
 * @param self       the station.
 * @param budget_ms  after this many milliseconds no further step is begun; 0 or more.
 * @return #WILDCAM_OK; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_INVALID when an
 *         argument is outside its limits. Trouble with a file goes to the log.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk, the budget and one step.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_maintain(wildcam_station *self, int64_t budget_ms);

/**
 * Deletes whole shards, each a month or a day, that end at or before a time: rows, summaries,
 * pictures and thumbnails together. There is no way back but a backup.
 *
 * What counts is when a picture was taken, not when it came in. A camera whose clock was reset
 * sends fresh pictures dated years ago: they go first. wildcam_station_measure_purge() tells
 * beforehand.
 *
 * A purge that is interrupted is finished by the next wildcam_station_open().
 *
 * @param self      the station.
 * @param before    microseconds UTC. A shard that reaches past it stays whole.
 * @param shards    where the number of deleted shards goes; may be NULL.
 * @param pictures  where the number of deleted picture files goes; may be NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_BUSY while a backup runs or when another process held a shard
 *         for longer than `store.busy_timeout`; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED;
 *         #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_INVALID when
 *         an argument is outside its limits; #WILDCAM_ERR_NOMEM. Shards purged before the failure
 *         stay purged.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_purge(wildcam_station *self, int64_t before,
                                                 int64_t *shards, int64_t *pictures);

/**
 * Tells what wildcam_station_purge() would delete; nothing is changed.
 *
 * @param self      the station.
 * @param before    microseconds UTC, as there.
 * @param shards    where the number of shards goes; may be NULL.
 * @param pictures  where the number of picture files goes; may be NULL.
 * @param bytes     where their size goes; may be NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_INVALID when an argument is
 * outside its limits; #WILDCAM_ERR_NOMEM. Nothing is written to the numbers then.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_measure_purge(wildcam_station *self, int64_t before,
                                                         int64_t *shards, int64_t *pictures,
                                                         int64_t *bytes);

/**
 * Takes the station's pulse.
 *
 * @param self  the station.
 * @param out   where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_INVALID when an argument is NULL. That the station does badly is no failure
 *         of this call.
 *
 * Ownership: the caller's, freed with wildcam_health_free().
 * Thread safety: any thread, at any time. Blocking: disk, one small read.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_health(wildcam_station *self, wildcam_health **out);

/**
 * Frees what wildcam_station_health() gave.
 *
 * @param self  the health, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_health_free(wildcam_health *self);

/**
 * The verdict: "ok"; "degraded" when a shard is set aside, the disk is at its floor or uploads do
 * badly; "down" when the store does not answer.
 *
 * @param self  the health.
 * @return the word.
 *
 * Ownership: borrowed, valid as long as the library is loaded.
 * Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_health_get_status(const wildcam_health *self);

/**
 * One sentence for each thing that is wrong, separated by "; ".
 *
 * @param self  the health.
 * @return the sentences, "" when nothing is wrong.
 *
 * Ownership: borrowed, valid as long as the object.
 * Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_health_get_reason(const wildcam_health *self);

/**
 * How the store is doing, the disk included: "ok"; "degraded" when a shard is set aside or the disk
 * is at its floor; "down" when it does not answer.
 *
 * @param self  the health.
 * @return the word; "down" for NULL.
 *
 * Ownership: borrowed, valid as long as the library is loaded.
 * Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_health_get_store(const wildcam_health *self);

/**
 * How the uploads to S3 are doing: "ok"; "degraded" when a region takes none, or some cannot be
 * done and wait for wildcam_station_retry_uploads(); "down" when no region takes any; "off" when
 * the settings say that nothing is uploaded.
 *
 * @param self  the health.
 * @return the word.
 *
 * Ownership: borrowed, valid as long as the library is loaded.
 * Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_health_get_uploads(const wildcam_health *self);

/**
 * How the processing of pictures is doing: "ok"; "paused" (wildcam_station_pause_processing());
 * "degraded" when some cannot be processed and wait for wildcam_station_retry_processing(), or a
 * detector can look at none for now and all wait for it; "off" when `process.detector` is empty.
 *
 * @param self  the health.
 * @return the word; "off" for NULL.
 *
 * Ownership: borrowed, valid as long as the library is loaded.
 * Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_health_get_processing(const wildcam_health *self);

/**
 * The one list of figures in a health: X(NAME, value, text). Counters run since the opening; those
 * of uploads are -1 when nothing is uploaded, those of processing when no detector is set.
 */
#define WILDCAM_HEALTH_LIST(X)                                                                     \
    X(FREE_BYTES, 0, "free_bytes")                                                                 \
    X(TOTAL_BYTES, 1, "total_bytes")                                                               \
    X(FLOOR_BYTES, 2, "floor_bytes")                                                               \
    X(SHARDS, 3, "shards")                                                                         \
    X(OPEN_SHARDS, 4, "open_shards")                                                               \
    X(DAMAGED_SHARDS, 5, "damaged_shards")                                                         \
    X(PICTURES_KEPT, 6, "pictures_kept")                                                           \
    X(PICTURES_DUPLICATE, 7, "pictures_duplicate")                                                 \
    X(PICTURES_REFUSED, 8, "pictures_refused")                                                     \
    X(DETECTIONS_KEPT, 9, "detections_kept")                                                       \
    X(UPLOADS_OWED, 10, "uploads_owed")                                                            \
    X(UPLOADS_OLDEST, 11, "uploads_oldest_seconds")                                                \
    X(UPLOADS_PARKED, 12, "uploads_parked")                                                        \
    X(ALERTS_OPEN, 13, "alerts_open")                                                              \
    X(ALERTS_CRITICAL, 14, "alerts_critical")                                                      \
    X(PROCESSING_OWED, 15, "processing_owed")                                                      \
    X(PROCESSING_OLDEST, 16, "processing_oldest_seconds")                                          \
    X(PROCESSING_PARKED, 17, "processing_parked")

/** The figures of a health: `WILDCAM_HEALTH_FREE_BYTES` and so on, from the list above. */
enum {
#define WILDCAM_HEALTH_VALUE(name, value, text) WILDCAM_HEALTH_##name = (value),
    WILDCAM_HEALTH_LIST(WILDCAM_HEALTH_VALUE)
#undef WILDCAM_HEALTH_VALUE
};

/**
 * One figure of a health.
 *
 * @param self    the health.
 * @param figure  one of the WILDCAM_HEALTH_ values.
 * @return the figure; -1 when it is not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_health_get_figure(const wildcam_health *self, int figure);

#ifdef __cplusplus
}
#endif

#endif
