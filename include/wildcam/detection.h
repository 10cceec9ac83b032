/**
 * @file detection.h
 * Detections: what was seen, where, when, and how sure that is.
 *
 * One type serves as the draft of a detection that is to be kept and as the row that comes back.
 * In both, text that is not known is "", a number that is not known is NaN.
 */
#ifndef WILDCAM_DETECTION_H
#define WILDCAM_DETECTION_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/station.h>
#include <wildcam/status.h>
#include <wildcam/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A detection: a draft, or a row that was read. */
typedef struct wildcam_detection wildcam_detection;

/** Many detections that are kept together. */
typedef struct wildcam_batch wildcam_batch;

/** A place in the upright picture: its left upper corner and its size, each in 0..1. */
typedef struct wildcam_box {
    double x;      /**< Left edge, 0 at the picture's left. */
    double y;      /**< Upper edge, 0 at the picture's top. */
    double width;  /**< Width, 1 is the picture's. */
    double height; /**< Height, 1 is the picture's. */
} wildcam_box;

/** The one list of categories: X(NAME, value, text). The words are those of Camtrap DP 1.0. */
#define WILDCAM_CATEGORY_LIST(X)                                                                   \
    X(UNCLASSIFIED, 0, "unclassified")                                                             \
    X(ANIMAL, 1, "animal")                                                                         \
    X(HUMAN, 2, "human")                                                                           \
    X(VEHICLE, 3, "vehicle")                                                                       \
    X(BLANK, 4, "blank")                                                                           \
    X(UNKNOWN, 5, "unknown")

/** What a detection is of: `WILDCAM_CATEGORY_ANIMAL` and so on, from the list above. */
enum {
#define WILDCAM_CATEGORY_VALUE(name, value, text) WILDCAM_CATEGORY_##name = (value),
    WILDCAM_CATEGORY_LIST(WILDCAM_CATEGORY_VALUE)
#undef WILDCAM_CATEGORY_VALUE
};

/**
 * Names a category, such as "animal".
 *
 * @param category  one of the WILDCAM_CATEGORY_ values.
 * @return the name; "unknown" for any other value.
 *
 * Ownership: borrowed, valid as long as the library is loaded.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_category_name(int category);

/**
 * Finds a category by its name, in any case, or by what detectors say for it: "person", "people",
 * "man", "Homo sapiens" and the like are human, "empty" is blank. Of a label with semicolons, as
 * SpeciesNet's "id;class;order;family;genus;species;common name", the last word counts, and any
 * that is human.
 *
 * @param name      the name.
 * @param category  where it goes.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when no category has that name; #WILDCAM_ERR_INVALID
 *         when an argument is NULL.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_category_from_name(const char *name, int *category);

/**
 * Makes an empty draft.
 *
 * @param out  where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_INVALID when @p out is NULL.
 *
 * Ownership: the caller's, freed with wildcam_detection_free().
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_detection_new(wildcam_detection **out);

/**
 * Frees a draft or a detection that the caller owns.
 *
 * @param self  the detection, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_detection_free(wildcam_detection *self);

/**
 * Empties a draft for the next detection, and keeps its memory.
 *
 * @param self  the draft.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_detection_reset(wildcam_detection *self);

/**
 * Says which camera saw it. Needed, unless the detection goes with a picture.
 *
 * @param self       the draft.
 * @param device_id  1 to 50 of `A-Za-z0-9._:-`, not beginning with a dot.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is not such an id; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_detection_set_device_id(wildcam_detection *self,
                                                           const char *device_id);

/**
 * Says when it was. Needed, unless the detection goes with a picture, whose time it then has.
 *
 * @param self    the draft.
 * @param time    microseconds UTC, #WILDCAM_TIME_MIN to #WILDCAM_TIME_END.
 * @param offset  the local clock's distance from UTC, -86399 to 86399 seconds, or
 *                #WILDCAM_OFFSET_UNKNOWN.
 * @param source  one of the WILDCAM_TIME_SOURCE_ values.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_detection_set_time(wildcam_detection *self, int64_t time,
                                                      int32_t offset, int source);

/**
 * Says what it is of. Without this call the category follows from the species: a name of a
 * category is that category, as wildcam_category_from_name() finds it, any other name is an animal,
 * no name is unclassified. Whatever this says, who is named as human is human.
 *
 * @param self      the draft.
 * @param category  one of the WILDCAM_CATEGORY_ values.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is none of them.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_detection_set_category(wildcam_detection *self, int category);

/**
 * Says which species it is. Without it the species reads as the category's name.
 *
 * @param self     the draft.
 * @param species  UTF-8, at most 100 bytes, no control characters; "" or NULL is not known.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is not such a text; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_detection_set_species(wildcam_detection *self,
                                                         const char *species);

/**
 * Says how sure it is.
 *
 * @param self        the draft.
 * @param confidence  0 to 1, or NaN for not known.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_detection_set_confidence(wildcam_detection *self,
                                                            double confidence);

/**
 * Says where in the upright picture it is. What hangs over an edge is cut off.
 *
 * @param self  the draft.
 * @param box   in parts of the picture, not pixels; NULL for no box.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when a number is not finite, lies beyond -1 or 2 (then
 *         it is most likely in pixels), or nothing is left inside the picture.
 *
 * Ownership: the box is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_detection_set_box(wildcam_detection *self,
                                                     const wildcam_box *box);

/**
 * Keeps further facts beside it, as the text of a JSON object.
 *
 * @param self      the draft.
 * @param metadata  a JSON object in UTF-8, at most 65,536 bytes; "" or NULL for none.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is no such object; #WILDCAM_ERR_TOOLARGE;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_detection_set_metadata(wildcam_detection *self,
                                                          const char *metadata);

/**
 * A reviewer's word: it has been looked at.
 *
 * @param self      the draft, for wildcam_station_verify_detection().
 * @param verified  1 looked at, 0 not (any more).
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is neither.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_detection_set_verified(wildcam_detection *self, int verified);

/**
 * A reviewer's word: what it really is. Summaries and filters go by this name from then on; what
 * was detected stays beside it.
 *
 * @param self     the draft, for wildcam_station_verify_detection().
 * @param species  UTF-8, at most 100 bytes, no control characters; "" or NULL goes back to what
 *                 was detected.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is not such a text; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_detection_set_verified_species(wildcam_detection *self,
                                                                  const char *species);

/**
 * A reviewer's word: there is nothing there. Summaries do not count it from then on.
 *
 * @param self            the draft, for wildcam_station_verify_detection().
 * @param false_positive  1 nothing there, 0 something.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is neither.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_detection_set_false_positive(wildcam_detection *self,
                                                                int false_positive);

/**
 * A reviewer's word, in words.
 *
 * @param self   the draft, for wildcam_station_verify_detection().
 * @param notes  UTF-8, at most 4,000 bytes; "" or NULL for none.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is not such a text; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_detection_set_notes(wildcam_detection *self, const char *notes);

/**
 * The reviewer's name.
 *
 * @param self         the draft, for wildcam_station_verify_detection().
 * @param verified_by  UTF-8, at most 100 bytes, no control characters; "" or NULL for none.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is not such a text; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_detection_set_verified_by(wildcam_detection *self,
                                                             const char *verified_by);

/**
 * Its id. It orders detections by time to the millisecond, but for those whose time was corrected
 * once they had it (deployment.h): it stays for ever.
 *
 * @param self  the detection.
 * @return the id, below 2^53; 0 in a draft.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_detection_get_id(const wildcam_detection *self);

/**
 * The id of the picture it is in.
 *
 * @param self  the detection.
 * @return the id; 0 when there is no picture.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_detection_get_image_id(const wildcam_detection *self);

/**
 * The event that the picture it is in belongs to (event.h).
 *
 * @param self  the detection.
 * @return the id of the event's first picture; 0 when there is no picture, or it is in none yet.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_detection_get_event_id(const wildcam_detection *self);

/**
 * The number of the camera that saw it.
 *
 * @param self  the detection.
 * @return the number; 0 in a draft.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_detection_get_camera_id(const wildcam_detection *self);

/**
 * The camera that saw it.
 *
 * @param self  the detection.
 * @return the device id; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_detection_get_device_id(const wildcam_detection *self);

/**
 * When it was.
 *
 * @param self  the detection.
 * @return microseconds UTC; #WILDCAM_TIME_NONE when not set.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_detection_get_time(const wildcam_detection *self);

/**
 * How far the local clock was from UTC.
 *
 * @param self  the detection.
 * @return seconds; #WILDCAM_OFFSET_UNKNOWN when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int32_t wildcam_detection_get_offset(const wildcam_detection *self);

/**
 * Where its time came from.
 *
 * @param self  the detection.
 * @return one of the WILDCAM_TIME_SOURCE_ values.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_detection_get_time_source(const wildcam_detection *self);

/**
 * What the camera's clock said, which a deployment may have corrected (deployment.h).
 *
 * @param self  the detection.
 * @return microseconds UTC, or the digits themselves when their offset is not known; that of
 *         wildcam_detection_get_time() when nothing was corrected.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_detection_get_clock_time(const wildcam_detection *self);

/**
 * How far the camera's clock said it was from UTC, before a deployment said more.
 *
 * @param self  the detection.
 * @return seconds; #WILDCAM_OFFSET_UNKNOWN when it did not say.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int32_t wildcam_detection_get_clock_offset(const wildcam_detection *self);

/**
 * What it is of, by the best word there is.
 *
 * @param self  the detection.
 * @return one of the WILDCAM_CATEGORY_ values.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_detection_get_category(const wildcam_detection *self);

/**
 * Which species it is, by the best word there is: a reviewer's before a detector's.
 *
 * @param self  the detection.
 * @return the name, the category's when no species is known; valid until the next call on this
 *         object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_detection_get_species(const wildcam_detection *self);

/**
 * Which species was detected, whatever a reviewer said later.
 *
 * @param self  the detection.
 * @return the name, the category's when no species is known; valid until the next call on this
 *         object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_detection_get_detected_species(const wildcam_detection *self);

/**
 * How sure it is.
 *
 * @param self  the detection.
 * @return 0 to 1, or NaN when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_detection_get_confidence(const wildcam_detection *self);

/**
 * Where in the picture it is.
 *
 * @param self  the detection.
 * @param box   where the box goes; untouched when there is none.
 * @return 1 when there is a box, else 0.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_detection_get_box(const wildcam_detection *self, wildcam_box *box);

/**
 * The further facts beside it.
 *
 * @param self  the detection.
 * @return the text of a JSON object, "" for none; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_detection_get_metadata(const wildcam_detection *self);

/**
 * The detector that found it; a camera, a person or an import said it when there is none.
 *
 * @param self  the detection.
 * @return its name, such as "motion"; "" when there is none.
 *
 * Ownership: borrowed, valid until the object is changed or freed. Thread safety: one thread at a
 * time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_detection_get_detector(const wildcam_detection *self);

/**
 * The version of that detector.
 *
 * @param self  the detection.
 * @return the version; "" when there is none.
 *
 * Ownership: borrowed, valid until the object is changed or freed. Thread safety: one thread at a
 * time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_detection_get_detector_version(const wildcam_detection *self);

/**
 * Whether a reviewer has looked at it.
 *
 * @param self  the detection.
 * @return 1 or 0.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_detection_get_verified(const wildcam_detection *self);

/**
 * What a reviewer says it is.
 *
 * @param self  the detection.
 * @return the name, "" when nobody said; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_detection_get_verified_species(const wildcam_detection *self);

/**
 * Whether a reviewer says that nothing is there.
 *
 * @param self  the detection.
 * @return 1 or 0.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_detection_get_false_positive(const wildcam_detection *self);

/**
 * A reviewer's words.
 *
 * @param self  the detection.
 * @return the words, "" for none; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_detection_get_notes(const wildcam_detection *self);

/**
 * The reviewer's name.
 *
 * @param self  the detection.
 * @return the name, "" when nobody looked; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_detection_get_verified_by(const wildcam_detection *self);

/**
 * When the reviewer looked.
 *
 * @param self  the detection.
 * @return microseconds UTC; #WILDCAM_TIME_NONE when nobody looked.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_detection_get_verified_at(const wildcam_detection *self);

/**
 * Writes a detection as a JSON object, with the names of the HTTP interface.
 *
 * @param self  the detection.
 * @param out   where the text goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_INVALID when an argument is NULL.
 *
 * Ownership: the caller's, freed with wildcam_free().
 * Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_detection_to_json(const wildcam_detection *self, char **out);

/**
 * Keeps one detection that has no picture. When the call answers, it is durable.
 *
 * @param self       the station.
 * @param detection  the draft; its device id and time are needed.
 * @param id         where its id goes; may be NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when something needed is missing or an argument is
 *         NULL; #WILDCAM_ERR_NOTFOUND when the camera is not known and `cameras.auto_register` is
 *         off; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_TOOLARGE when that second holds no more ids;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM. Nothing is kept on failure.
 *
 * Ownership: the draft stays the caller's. Thread safety: any thread, at any time.
 * Blocking: disk; calls from many threads share one write.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_add_detection(wildcam_station *self,
                                                         const wildcam_detection *detection,
                                                         int64_t *id);

/**
 * Reads one detection.
 *
 * @param self  the station.
 * @param id    the detection's id.
 * @param out   where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND; #WILDCAM_ERR_CORRUPT when its shard is damaged;
 *         #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_INVALID when an argument is NULL;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_detection_free().
 * Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_detection(wildcam_station *self, int64_t id,
                                                         wildcam_detection **out);

/**
 * Puts a reviewer's word on a detection. Only what was set in the draft by
 * wildcam_detection_set_verified(), _verified_species(), _false_positive(), _notes() and
 * _verified_by() changes; the summaries follow in the same write.
 *
 * @param self   the station.
 * @param id     the detection's id.
 * @param draft  the reviewer's words.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such detection; #WILDCAM_ERR_INVALID
 *         when nothing was set or an argument is NULL; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_BUSY;
 *         #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM. Nothing has changed on failure.
 *
 * Ownership: the draft stays the caller's. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_verify_detection(wildcam_station *self, int64_t id,
                                                            const wildcam_detection *draft);

/**
 * Makes an empty batch.
 *
 * @param station  the station that will keep it.
 * @param out      where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_INVALID when an argument is NULL.
 *
 * Ownership: the caller's, freed with wildcam_batch_free(); it holds the station.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_batch_new(wildcam_station *station, wildcam_batch **out);

/**
 * Frees a batch; what was not committed is forgotten.
 *
 * @param self  the batch, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_batch_free(wildcam_batch *self);

/**
 * Adds a detection that has no picture to a batch, in memory.
 *
 * @param self       the batch.
 * @param detection  the draft; its device id and time are needed.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when something needed is missing or an argument is
 *         NULL; #WILDCAM_ERR_NOTFOUND when the camera is not known and `cameras.auto_register` is
 *         off; #WILDCAM_ERR_TOOLARGE past 1,000,000 detections; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM; and, when a camera or species is new,
 *         #WILDCAM_ERR_NOSPACE, #WILDCAM_ERR_BUSY, #WILDCAM_ERR_IO, #WILDCAM_ERR_DENIED or
 *         #WILDCAM_ERR_CORRUPT. The batch is as before on failure.
 *
 * Ownership: the draft is copied. Thread safety: one thread at a time per object.
 * Blocking: none; disk when a camera or species is new.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_batch_add(wildcam_batch *self,
                                             const wildcam_detection *detection);

/**
 * How many detections a batch holds.
 *
 * @param self  the batch.
 * @return the number.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API size_t wildcam_batch_get_count(const wildcam_batch *self);

/**
 * Keeps everything in a batch. When the call answers, all of it is durable. Within each shard all
 * or nothing is kept; a batch that spans shards and fails in one tells by
 * wildcam_batch_get_id() which detections are kept.
 *
 * @param self  the batch; it can be committed once, then emptied by wildcam_batch_reset().
 * @return #WILDCAM_OK; #WILDCAM_ERR_STATE when it was committed before; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_CORRUPT;
 *         #WILDCAM_ERR_TOOLARGE when a second holds no more ids; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_batch_commit(wildcam_batch *self);

/**
 * The id that a detection of a committed batch was given.
 *
 * @param self   the batch.
 * @param index  in the order of wildcam_batch_add(), from 0.
 * @return the id; 0 when it is not kept or there is no such index.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_batch_get_id(const wildcam_batch *self, size_t index);

/**
 * Empties a batch for the next round, and keeps its memory.
 *
 * @param self  the batch.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_batch_reset(wildcam_batch *self);

#ifdef __cplusplus
}
#endif

#endif
