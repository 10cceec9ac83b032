/**
 * @file process.h
 * What is on the pictures: detectors, and the queue that brings every picture before them.
 *
 * The setting `process.detector` names the detectors that look at each picture, in their order:
 * some come with the library, others are functions of the program's own, which it adds with
 * wildcam_station_add_detector(). Each detection keeps the name and the version of the detector
 * that made it.
 *
 * `motion` comes with the library: it says what has moved in front of a camera that stands still,
 * as boxes of category #WILDCAM_CATEGORY_UNKNOWN, or that the picture is
 * #WILDCAM_CATEGORY_BLANK, each with a confidence. It learns every camera's background from the
 * pictures themselves, by day and in infra-red light apart: the medians of up to eight bursts,
 * pictures less than a minute apart being one burst, and bursts ten minutes apart. Of a camera's
 * first picture it says nothing, and none is blank before two other bursts are known; what it says
 * of later ones of the same burst is only that something moved between them. It allows for another
 * brightness, a camera that shakes, what sways, and captions in bars at the upper and lower edge,
 * and passes over what stands still from a camera's first picture on.
 *
 * How well it does, printed by the test `motion_rates`, with the standard settings: of 10 real
 * pictures of a burst of a heron it misses none once its background is known, and calls none blank
 * when they are the camera's first; 3 of 3 real blanks are blank. There is no more that is real to
 * measure it on. In sequences made of real pictures, with changing light, shadows of clouds, wind,
 * shake, noise and JPEG qualities of 60 to 92, it misses 37 of 288 animals (13 %), most of which
 * have but half their contrast: 1 of 144 at a fifth of the picture's height or more, 8 of 72 at a
 * tenth, 28 of 72 at a twentieth. 4 of 96 frames (4 %) without any are said to hold something.
 */
#ifndef WILDCAM_PROCESS_H
#define WILDCAM_PROCESS_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/detection.h>
#include <wildcam/export.h>
#include <wildcam/image.h>
#include <wildcam/station.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A picture that a detector looks at. It is valid until the detector returns. */
typedef struct wildcam_picture wildcam_picture;

/** What a detector finds on a picture. It is valid until the detector returns. */
typedef struct wildcam_findings wildcam_findings;

/** How far the processing of a picture is. */
typedef struct wildcam_processing wildcam_processing;

/** How far it is. */
enum {
    WILDCAM_PROCESSING_DUE = 0,   /**< It waits for its turn, or is under way. */
    WILDCAM_PROCESSING_DONE = 1,  /**< The detectors have looked at it. */
    WILDCAM_PROCESSING_PARKED = 2 /**< It failed too often: wildcam_station_retry_processing(). */
};

/** Which pictures come first. */
enum {
    WILDCAM_PRIORITY_LOW = -1,   /**< When there is nothing else to do. */
    WILDCAM_PRIORITY_NORMAL = 0, /**< What every picture has that comes in. */
    WILDCAM_PRIORITY_HIGH = 1    /**< Before all others: somebody waits for it. */
};

/**
 * Looks at one picture and adds what it finds to @p findings; nothing, when it cannot say anything.
 *
 * It is called from the station's worker threads, several at once (`process.workers`), and from
 * threads in wildcam_station_process_once(), each time with a picture of its own, and never while
 * the library holds a lock. It may read from the station and write to it. It must not close, start
 * or stop the station, nor free the image. When wildcam_picture_get_cancelled() turns 1 it should
 * return soon, with #WILDCAM_ERR_CANCELLED.
 *
 * What it adds replaces what was not known before, and what an earlier version of it, or another
 * detector, found on the same picture and nobody has verified. What cameras and people said stays.
 * Several detectors complete each other, but #WILDCAM_CATEGORY_BLANK, #WILDCAM_CATEGORY_UNKNOWN and
 * #WILDCAM_CATEGORY_UNCLASSIFIED of an earlier one yield to whatever a later one answers.
 *
 * @param user      what was given to wildcam_station_add_detector().
 * @param picture   the picture.
 * @param findings  where what is found goes.
 * @return #WILDCAM_OK, also when nothing was found. #WILDCAM_ERR_NOTJPEG, #WILDCAM_ERR_TRUNCATED,
 *         #WILDCAM_ERR_TOOLARGE, #WILDCAM_ERR_UNSUPPORTED and #WILDCAM_ERR_CORRUPT say that it is
 *         the picture's fault: it is parked at once. #WILDCAM_ERR_BUSY says that the detector can
 *         look at no picture for now: this one waits for at least `process.retry_seconds`, and no
 *         attempt of it is counted. After any other it is tried again later, up to
 *         `process.attempts` times. wildcam_findings_set_reason() says why.
 */
typedef wildcam_status wildcam_detector_fn(void *user, wildcam_picture *picture,
                                           wildcam_findings *findings);

/**
 * Adds a detector of the program's own. It looks at pictures where `process.detector` names it.
 *
 * @param self     the station.
 * @param name     its name: 1 to 100 letters, digits, ., _ and -; it stands with its detections.
 * @param version  its version: at most 100 bytes of UTF-8 without control characters; NULL or ""
 * for none. It stands with its detections, too.
 * @param fn       the function.
 * @param user     handed to it.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL or outside its limits;
 *         #WILDCAM_ERR_EXISTS when there is a detector of that name, one of the library's own also;
 *         #WILDCAM_ERR_STATE when processing has begun, by wildcam_station_start() or
 *         otherwise; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: @p user stays the caller's, and must live as long as the station. Thread safety: any
 * thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_add_detector(wildcam_station *self, const char *name,
                                                        const char *version,
                                                        wildcam_detector_fn *fn, void *user);

/* ---- The queue ---- */

/**
 * Processes pictures that are due, in the caller's thread, until there is none or the time is over.
 *
 * For programs with a loop of their own, and for tools. It works with and without
 * wildcam_station_start(), in several threads, and beside other processes that do the same: what
 * one of them has begun is left to it. A process that dies loses nothing: ten minutes later at most
 * what it had begun is due again. So is a picture that takes longer than nine minutes here, unless
 * the station is started: others may begin it anew. What fails is noted in the picture's row and
 * tried again later, on a call of its own or in the background. Parked pictures, and those that
 * wait for a later try, are not due (wildcam_station_retry_processing()). While processing is
 * paused nothing is. A picture over which a process died is looked at alone, while nobody else of
 * this process is at another.
 *
 * @param self       the station.
 * @param budget_ms  how many milliseconds until no further picture is begun, 0 to 2147483647. With
 *                   0 it is one picture at most.
 * @param done       where the number of pictures that were processed goes; may be NULL.
 * @param failed     where the number of those that failed or were parked goes; may be NULL.
 * @return #WILDCAM_OK, also when some failed or the budget ended; #WILDCAM_ERR_STATE when
 *         `process.detector` is empty, or when it is called from a detector; #WILDCAM_ERR_INVALID
 *         when an argument is outside its limits, or with the name of a detector that there is not
 *         or that cannot be opened; #WILDCAM_ERR_NOTFOUND, #WILDCAM_ERR_UNSUPPORTED when a detector
 *         lacks what it needs; #WILDCAM_ERR_TOOLARGE when its command has too many words, or its
 *         path too many bytes;
 *         #WILDCAM_ERR_IO, #WILDCAM_ERR_DENIED, #WILDCAM_ERR_NOSPACE, #WILDCAM_ERR_CORRUPT or
 *         #WILDCAM_ERR_BUSY when the rows cannot be read or written, or a detector can look at no
 *         picture for now; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM. The two numbers are written then too.
 *
 * Ownership: none. Thread safety: any thread, at any time, but not from a detector. Blocking: disk
 * and the detectors, for the budget and as long as the last picture needs; the first time also as
 * long as detectors take to be opened, as in wildcam_station_start().
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_process_once(wildcam_station *self, int64_t budget_ms,
                                                        int64_t *done, int64_t *failed);

/**
 * Pauses processing, in all processes that have the station open and in those to come, until
 * wildcam_station_resume_processing(): no further picture is begun. It is noted in the station.
 *
 * @param self  the station.
 * @return #WILDCAM_OK, also when it was paused before; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED;
 * #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_INVALID when @p self
 *         is NULL; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_pause_processing(wildcam_station *self);

/**
 * Lifts the pause. Other processes go on within some seconds.
 *
 * @param self  the station.
 * @return #WILDCAM_OK, also when it was not paused; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED;
 * #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_INVALID when @p self
 * is NULL; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_resume_processing(wildcam_station *self);

/**
 * Tells since when processing is paused.
 *
 * @param self   the station.
 * @param since  where the time goes, in microseconds UTC; #WILDCAM_TIME_NONE when it is not paused.
 * @return #WILDCAM_OK; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 * #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_INVALID when an argument is NULL;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_processing_pause(wildcam_station *self,
                                                                int64_t *since);

/**
 * Tells how many pictures are to be processed, by whichever process. What is in a shard that cannot
 * be read does not count, which the log tells.
 *
 * @param self     the station.
 * @param due      where the number of those goes that are not done yet; may be NULL.
 * @param running  where the number of those of them goes that are under way; may be NULL. One over
 *                 which a process died counts until somebody takes it again.
 * @param oldest   where goes since when the oldest of them waits, in microseconds UTC, or
 *                 #WILDCAM_TIME_NONE when there is none; may be NULL.
 * @param parked   where the number of those goes that failed too often; may be NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 * #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_INVALID when @p self is NULL;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM. Nothing is written to the
 *         numbers then.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk; nothing while no shard
 * has changed.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_count_processing(wildcam_station *self, int64_t *due,
                                                            int64_t *running, int64_t *oldest,
                                                            int64_t *parked);

/**
 * Has a picture looked at again that was processed or parked, by the detectors of now. What they
 * find replaces what was found before and nobody has verified. One that is due already stays so.
 *
 * @param self      the station.
 * @param image_id  the picture's id.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such picture, or its file is kept
 *         elsewhere; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 * #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_INVALID when @p self is NULL;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_requeue(wildcam_station *self, int64_t image_id);

/**
 * Has all pictures of a span of time looked at again that were processed, with low priority: after
 * a detector was changed, say.
 *
 * @param self   the station.
 * @param from   the first moment, in microseconds UTC, of what the cameras' clocks said.
 * @param to     the moment behind the last.
 * @param count  where the number of pictures goes; may be NULL. It is written on failure too.
 * @return #WILDCAM_OK; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 * #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY when another process held a shard for longer than
 *         `store.busy_timeout`; #WILDCAM_ERR_INVALID when @p self is NULL or a time is none;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM. Those made due before the
 *         failure stay due.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_process_again(wildcam_station *self, int64_t from,
                                                         int64_t to, int64_t *count);

/**
 * Makes due at once, with all their attempts before them, the pictures that are parked and those
 * that wait for a later try: after what was wrong was put right, say.
 *
 * @param self   the station.
 * @param count  where the number of pictures goes; may be NULL. It is written on failure too.
 * @return #WILDCAM_OK; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 * #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY when another process held a shard for longer than
 *         `store.busy_timeout`; #WILDCAM_ERR_INVALID when @p self is NULL; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM. Those made due before the failure stay due.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_retry_processing(wildcam_station *self, int64_t *count);

/**
 * Says when a picture is looked at, beside the others that are due.
 *
 * @param self      the station.
 * @param image_id  the picture's id.
 * @param priority  one of the WILDCAM_PRIORITY_ values.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such picture, or its file is kept
 *         elsewhere; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 * #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_INVALID when an argument is outside its
 * limits; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_set_priority(wildcam_station *self, int64_t image_id,
                                                        int priority);

/**
 * Looks up how far the processing of a picture is.
 *
 * @param self      the station.
 * @param image_id  the picture's id.
 * @param out       where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such picture, or its file is kept
 *         elsewhere; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 * #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_INVALID when an argument is NULL;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_processing_free().
 * Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_processing(wildcam_station *self, int64_t image_id,
                                                          wildcam_processing **out);

/**
 * Finds the next picture that failed too often, whoever processed it, in the order of ids: called
 * with 0, and then with what wildcam_processing_get_image_id() says, it goes through all of them.
 *
 * @param self   the station.
 * @param after  the id of a picture: the one that is found has a larger one.
 * @param out    where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is none behind it; #WILDCAM_ERR_IO;
 *         #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY;
 *         #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_processing_free().
 * Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_next_parked(wildcam_station *self, int64_t after,
                                                       wildcam_processing **out);

/* ---- How far a picture is ---- */

/**
 * Frees what wildcam_station_get_processing() or wildcam_station_next_parked() gave.
 *
 * @param self  the processing, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_processing_free(wildcam_processing *self);

/**
 * The picture it is about.
 *
 * @param self  the processing.
 * @return its id; 0 for NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_processing_get_image_id(const wildcam_processing *self);

/**
 * How far it is.
 *
 * @param self  the processing.
 * @return one of the WILDCAM_PROCESSING_ states.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_processing_get_state(const wildcam_processing *self);

/**
 * Whether somebody works on it.
 *
 * @param self  the processing.
 * @return 1 when a worker of some process does, else 0.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_processing_get_running(const wildcam_processing *self);

/**
 * When it is looked at, beside the others.
 *
 * @param self  the processing.
 * @return one of the WILDCAM_PRIORITY_ values.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_processing_get_priority(const wildcam_processing *self);

/**
 * Since when it is owed.
 *
 * @param self  the processing.
 * @return microseconds UTC; #WILDCAM_TIME_NONE for NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_processing_get_since(const wildcam_processing *self);

/**
 * When it is tried again after it has failed.
 *
 * @param self  the processing.
 * @return microseconds UTC; #WILDCAM_TIME_NONE when it does not wait for that.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_processing_get_due_at(const wildcam_processing *self);

/**
 * How often it has failed since it was processed last or made due by hand.
 *
 * @param self  the processing.
 * @return the number; 0 for NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_processing_get_attempts(const wildcam_processing *self);

/**
 * Why it failed the last time, or is parked.
 *
 * @param self  the processing.
 * @return a sentence; "" when it has not failed since it was processed last.
 *
 * Ownership: borrowed, valid as long as the object. Thread safety: one thread at a time per object.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_processing_get_reason(const wildcam_processing *self);

/**
 * When it was processed last.
 *
 * @param self  the processing.
 * @return microseconds UTC; #WILDCAM_TIME_NONE when it never was.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_processing_get_finished_at(const wildcam_processing *self);

/**
 * How long that took.
 *
 * @param self  the processing.
 * @return microseconds; -1 when it never was processed.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_processing_get_duration(const wildcam_processing *self);

/**
 * Writes it as JSON.
 *
 * @param self  the processing.
 * @param out   where the text of an object goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_processing_to_json(const wildcam_processing *self, char **out);

/* ---- What a detector is given ---- */

/**
 * The facts about the picture, as wildcam_station_get_image() gives them.
 *
 * @param self  the picture.
 * @return the image; NULL for NULL.
 *
 * Ownership: borrowed, valid until the detector returns. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const wildcam_image *wildcam_picture_get_image(const wildcam_picture *self);

/**
 * The device_id of the camera that took it.
 *
 * @param self  the picture.
 * @return the text; "" for NULL.
 *
 * Ownership: borrowed, valid until the detector returns. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_picture_get_device_id(const wildcam_picture *self);

/**
 * Where its file is. It must not be changed; a purge may delete it while it is looked at.
 *
 * @param self  the picture.
 * @return the path of a JPEG; "" for NULL.
 *
 * Ownership: borrowed, valid until the detector returns. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_picture_get_path(const wildcam_picture *self);

/**
 * The bytes of its file, read once for all detectors.
 *
 * @param self  the picture.
 * @param data  where the address of the bytes goes; NULL on failure.
 * @param size  where their number goes.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_CORRUPT when the
 *         file is gone or has another length than it had; #WILDCAM_ERR_RELEASED when it is in S3
 *         alone; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_NOMEM. A
 *         detector may return it as it is.
 *
 * Ownership: borrowed, valid until the detector returns. Thread safety: one thread at a time per
 * object. Blocking: disk, the first time.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_picture_read(wildcam_picture *self, const void **data,
                                                size_t *size);

/**
 * Tells whether the answer is still wanted: it is not once the station is stopped or closed. What
 * takes long asks now and then.
 *
 * @param self  the picture.
 * @return 1 when nobody waits for the answer any more, else 0; 1 for NULL.
 *
 * Ownership: none. Thread safety: any thread while the detector has not returned. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_picture_get_cancelled(const wildcam_picture *self);

/**
 * Adds something that was found. What matters most goes first.
 *
 * @param self        the findings.
 * @param category    one of the WILDCAM_CATEGORY_ values, or -1: it follows from the species.
 * @param species     at most 100 bytes of UTF-8 without control characters; NULL or "" for none.
 * @param confidence  0 to 1; NaN for not known.
 * @param box         where, as in wildcam_detection_set_box(); NULL for nowhere in particular.
 * @param metadata    the text of a JSON object of at most 65536 bytes; NULL or "" for none.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL or an argument is outside its
 *         limits; #WILDCAM_ERR_TOOLARGE when @p metadata is too long, or when all detectors
 *         together have found 1000 things on the picture already; #WILDCAM_ERR_STATE when the
 *         detector has returned; #WILDCAM_ERR_NOMEM. Nothing was added then.
 *
 * Ownership: the texts are copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_findings_add(wildcam_findings *self, int category,
                                                const char *species, double confidence,
                                                const wildcam_box *box, const char *metadata);

/**
 * Says that there is nothing on the picture. It is kept as a detection of category
 * #WILDCAM_CATEGORY_BLANK, unless the picture has any other.
 *
 * @param self        the findings.
 * @param confidence  how sure that is, 0 to 1; NaN for not known.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL or @p confidence outside its
 *         limits; #WILDCAM_ERR_TOOLARGE when all detectors together have found 1000 things already;
 *         #WILDCAM_ERR_STATE when the detector has returned; #WILDCAM_ERR_NOMEM. Nothing was added
 * then.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_findings_add_blank(wildcam_findings *self, double confidence);

/**
 * Says why the detector is about to fail. It stands in the picture's row until it is processed.
 *
 * @param self    the findings.
 * @param reason  a sentence of at most 500 bytes of UTF-8; NULL or "" for none.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL or the text is outside its limits;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_findings_set_reason(wildcam_findings *self, const char *reason);

#ifdef __cplusplus
}
#endif

#endif
