/**
 * @file deployment.h
 * Deployments: a camera at a place over a span of time, with what is known of its clock there.
 *
 * A camera's deployments do not overlap. Beside where the camera stood and how it was set up, a
 * deployment says three things that the pictures' times follow: its span, the fixed offset from UTC
 * that its clock showed, and a correction, one wrong and one right time of the same moment.
 *
 * **Times.** What the camera's clock said is never lost: wildcam_image_get_clock_time() and its
 * like give it where it differs. The time of a picture, and of a detection, is worked out from it
 * by the first deployment of its camera, in the order of their beginning, for which this holds:
 *
 *     right time = clock's time - offset + shift,  and  start <= right time < end
 *
 * - `offset` counts only for a clock whose offset is not known, and becomes that of the picture;
 * - `shift` is the right time minus the wrong one of the correction. It counts only for times of
 * the camera's own clock: those from `exif`, `makernote`, `filename` and `sidecar`, and neither
 * those that a client sent with the clock of its own nor those of reception.
 *
 * So the span is of right times: a clock that was years behind is found all the same. Where none
 * holds, the clock's word stands. Pictures that come in later get the right time at once; those
 * that are there when a deployment is added, changed or removed are brought to it by that call, or,
 * when it is interrupted, by the station's upkeep (wildcam_station_maintain()) or
 * wildcam_station_retime(): until then wildcam_deployment_is_retiming() says so, and each picture
 * has either the old time or the right one. Events follow the times.
 *
 * Ids stay as they are for ever, so they do not order such pictures any more; the answers to
 * queries are in the order of the right times all the same (query.h).
 */
#ifndef WILDCAM_DEPLOYMENT_H
#define WILDCAM_DEPLOYMENT_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/backup.h>
#include <wildcam/station.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A deployment as it is kept, or a draft of what is to be entered or changed. */
typedef struct wildcam_deployment wildcam_deployment;

/** Deployments, in the order of their beginning. */
typedef struct wildcam_deployment_list wildcam_deployment_list;

/**
 * The one list of a deployment's texts: X(NAME, value, text, most bytes). Those with a name of
 * Camtrap DP mean what they mean there; groups and tags are divided by `|`. The last is a JSON
 * object, of at most 65,536 bytes, of what else belongs to it, such as the further columns of an
 * import.
 */
#define WILDCAM_DEPLOYMENT_TEXT_LIST(X)                                                            \
    X(LOCATION_ID, 0, "location_id", 100)                                                          \
    X(LOCATION_NAME, 1, "location_name", 200)                                                      \
    X(SETUP_BY, 2, "setup_by", 200)                                                                \
    X(CAMERA_MODEL, 3, "camera_model", 200)                                                        \
    X(FEATURE_TYPE, 4, "feature_type", 100)                                                        \
    X(HABITAT, 5, "habitat", 1000)                                                                 \
    X(GROUPS, 6, "deployment_groups", 1000)                                                        \
    X(TAGS, 7, "deployment_tags", 1000)                                                            \
    X(COMMENTS, 8, "deployment_comments", 4000)                                                    \
    X(EXTRA, 9, "extra", 65536)

/**
 * The one list of a deployment's numbers: X(NAME, value, text, least, greatest, whole numbers
 * only). Coordinates and tilt and heading are degrees, the delay seconds, the rest metres; the
 * uncertainty is the radius of the circle that the coordinates mean, the privacy radius that of the
 * one in which the public is to see them (wildcam_deployment_blur()).
 */
#define WILDCAM_DEPLOYMENT_NUMBER_LIST(X)                                                          \
    X(LATITUDE, 0, "latitude", -90, 90, 0)                                                         \
    X(LONGITUDE, 1, "longitude", -180, 180, 0)                                                     \
    X(UNCERTAINTY, 2, "coordinate_uncertainty", 1, 20040000, 1)                                    \
    X(CAMERA_DELAY, 3, "camera_delay", 0, 86400, 1)                                                \
    X(CAMERA_HEIGHT, 4, "camera_height", 0, 1000, 0)                                               \
    X(CAMERA_DEPTH, 5, "camera_depth", 0, 11000, 0)                                                \
    X(CAMERA_TILT, 6, "camera_tilt", -90, 90, 1)                                                   \
    X(CAMERA_HEADING, 7, "camera_heading", 0, 360, 1)                                              \
    X(DETECTION_DISTANCE, 8, "detection_distance", 0, 10000, 0)                                    \
    X(PRIVACY_RADIUS, 9, "privacy_radius", 0, 100000, 0)

/** The one list of what is yes, no or not known: X(NAME, value, text). */
#define WILDCAM_DEPLOYMENT_FLAG_LIST(X)                                                            \
    X(TIMESTAMP_ISSUES, 0, "timestamp_issues")                                                     \
    X(BAIT_USE, 1, "bait_use")

/** The texts: `WILDCAM_DEPLOYMENT_LOCATION_ID` and so on, from the list above. */
enum {
#define WILDCAM_DEPLOYMENT_VALUE(name, value, text, max) WILDCAM_DEPLOYMENT_##name = (value),
    WILDCAM_DEPLOYMENT_TEXT_LIST(WILDCAM_DEPLOYMENT_VALUE)
#undef WILDCAM_DEPLOYMENT_VALUE
};

/** The numbers: `WILDCAM_DEPLOYMENT_LATITUDE` and so on, from the list above. */
enum {
#define WILDCAM_DEPLOYMENT_VALUE(name, value, text, min, max, whole)                               \
    WILDCAM_DEPLOYMENT_##name = (value),
    WILDCAM_DEPLOYMENT_NUMBER_LIST(WILDCAM_DEPLOYMENT_VALUE)
#undef WILDCAM_DEPLOYMENT_VALUE
};

/** What is yes, no or not known: `WILDCAM_DEPLOYMENT_BAIT_USE` and so on, from the list above. */
enum {
#define WILDCAM_DEPLOYMENT_VALUE(name, value, text) WILDCAM_DEPLOYMENT_##name = (value),
    WILDCAM_DEPLOYMENT_FLAG_LIST(WILDCAM_DEPLOYMENT_VALUE)
#undef WILDCAM_DEPLOYMENT_VALUE
};

/**
 * Makes an empty draft.
 *
 * @param out  where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_INVALID when @p out is NULL.
 *
 * Ownership: the caller's, freed with wildcam_deployment_free(). Thread safety: any thread, at any
 * time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_deployment_new(wildcam_deployment **out);

/**
 * Copies a deployment, for who wants one of a list for longer than the list, or with changes.
 *
 * @param self  the deployment.
 * @param out   where the copy goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_INVALID when an argument is NULL.
 *
 * Ownership: the caller's, freed with wildcam_deployment_free(). Thread safety: one thread at a
 * time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_deployment_copy(const wildcam_deployment *self,
                                                   wildcam_deployment **out);

/**
 * Frees a draft or a deployment that the caller owns.
 *
 * @param self  the deployment, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_deployment_free(wildcam_deployment *self);

/**
 * Gives it its own id, Camtrap DP's deploymentID. One that has none when it is added gets one made
 * of the camera and the day.
 *
 * @param self  the draft.
 * @param key   UTF-8, at most 100 bytes, no control characters, no "/", no space at its ends; ""
 *              or NULL for one that is made.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is not such a text; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_deployment_set_key(wildcam_deployment *self, const char *key);

/**
 * Says which camera it is of. Needed in a draft that is added.
 *
 * @param self       the draft.
 * @param device_id  1 to 50 of `A-Za-z0-9._:-`, not beginning with a dot.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is not such an id; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_deployment_set_device_id(wildcam_deployment *self,
                                                            const char *device_id);

/**
 * Says from when until when, in true time. Needed in a draft that is added.
 *
 * @param self   the draft.
 * @param start  microseconds UTC, #WILDCAM_TIME_MIN to #WILDCAM_TIME_END.
 * @param end    the first microsecond that does not belong to it, behind @p start;
 *               #WILDCAM_TIME_NONE while it lasts.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when a time is outside its limits or the span is
 *         empty.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_deployment_set_span(wildcam_deployment *self, int64_t start,
                                                       int64_t end);

/**
 * Says how far from UTC the clock was set, all the time: cameras know no summer time.
 *
 * @param self    the draft.
 * @param offset  seconds east of UTC, -86,399 to 86,399; #WILDCAM_OFFSET_UNKNOWN when it is not
 *                known.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_deployment_set_offset(wildcam_deployment *self, int32_t offset);

/**
 * Corrects the clock: all its times are shifted by the difference of the two, which may have been
 * read off a picture of a watch.
 *
 * @param self   the draft.
 * @param wrong  what the clock said at some moment, as microseconds from 1970; #WILDCAM_TIME_NONE,
 *               with the other, for no correction.
 * @param right  what it should have said then, the same, in the same offset from UTC; whole
 *               seconds away.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when a time is outside its limits, only one is given,
 *         or they differ by a part of a second.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_deployment_set_correction(wildcam_deployment *self,
                                                             int64_t wrong, int64_t right);

/**
 * Sets one of its texts.
 *
 * @param self   the draft.
 * @param field  one of #WILDCAM_DEPLOYMENT_TEXT_LIST.
 * @param value  UTF-8 within the limit in the list, with no control characters but line breaks and
 *               tabs; a JSON object for the last; "" or NULL for none.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when the field is none or the text is not such a text;
 *         #WILDCAM_ERR_TOOLARGE when a JSON object is too long; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_deployment_set_text(wildcam_deployment *self, int field,
                                                       const char *value);

/**
 * Sets one of its numbers. A camera has a height or a depth, not both; latitude and longitude come
 * together.
 *
 * @param self   the draft.
 * @param field  one of #WILDCAM_DEPLOYMENT_NUMBER_LIST.
 * @param value  within the limits in the list; NaN for not known.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when the field is none or the value is outside its
 *         limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_deployment_set_number(wildcam_deployment *self, int field,
                                                         double value);

/**
 * Sets what is yes, no or not known.
 *
 * @param self   the draft.
 * @param field  one of #WILDCAM_DEPLOYMENT_FLAG_LIST.
 * @param value  1 yes, 0 no, -1 not known.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_deployment_set_flag(wildcam_deployment *self, int field,
                                                       int value);

/**
 * Adds a span in which the camera was there but saw nothing: an empty battery, snow on the lens.
 * Whoever changes a deployment gives all its failures: those of a draft take the place of those
 * that were there.
 *
 * @param self    the draft, or a deployment that was read.
 * @param from    when it began, microseconds UTC, within the deployment's span.
 * @param to      the first microsecond behind it.
 * @param reason  UTF-8, at most 1,000 bytes, no control characters; "" or NULL for none.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits;
 *         #WILDCAM_ERR_TOOLARGE when there are 1,000 already; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_deployment_add_failure(wildcam_deployment *self, int64_t from,
                                                          int64_t to, const char *reason);

/**
 * Takes all failures off; in a draft, says that there are none.
 *
 * @param self  the draft, or a deployment that was read.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_deployment_clear_failures(wildcam_deployment *self);

/**
 * Its number in this station.
 *
 * @param self  the deployment.
 * @return the number, from 1; 0 in a draft.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_deployment_get_id(const wildcam_deployment *self);

/**
 * Its own id.
 *
 * @param self  the deployment.
 * @return the text, "" in a draft that has none; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_deployment_get_key(const wildcam_deployment *self);

/**
 * Which camera it is of.
 *
 * @param self  the deployment.
 * @return the device id; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_deployment_get_device_id(const wildcam_deployment *self);

/**
 * The number of its camera.
 *
 * @param self  the deployment.
 * @return the number, from 1; 0 in a draft.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_deployment_get_camera_id(const wildcam_deployment *self);

/**
 * When it began.
 *
 * @param self  the deployment.
 * @return microseconds UTC; #WILDCAM_TIME_NONE in a draft that has none.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_deployment_get_start(const wildcam_deployment *self);

/**
 * When it ended.
 *
 * @param self  the deployment.
 * @return microseconds UTC; #WILDCAM_TIME_NONE while it lasts.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_deployment_get_end(const wildcam_deployment *self);

/**
 * How far from UTC its clock was set.
 *
 * @param self  the deployment.
 * @return seconds; #WILDCAM_OFFSET_UNKNOWN when it is not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int32_t wildcam_deployment_get_offset(const wildcam_deployment *self);

/**
 * The wrong time of its correction.
 *
 * @param self  the deployment.
 * @return microseconds; #WILDCAM_TIME_NONE without a correction.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_deployment_get_wrong_time(const wildcam_deployment *self);

/**
 * The right time of its correction.
 *
 * @param self  the deployment.
 * @return microseconds; #WILDCAM_TIME_NONE without a correction.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_deployment_get_right_time(const wildcam_deployment *self);

/**
 * One of its texts.
 *
 * @param self   the deployment.
 * @param field  one of #WILDCAM_DEPLOYMENT_TEXT_LIST.
 * @return the text, "" when it is not known or the field is none; valid until the next call on
 *         this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_deployment_get_text(const wildcam_deployment *self, int field);

/**
 * One of its numbers.
 *
 * @param self   the deployment.
 * @param field  one of #WILDCAM_DEPLOYMENT_NUMBER_LIST.
 * @return the number; NaN when it is not known or the field is none.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_deployment_get_number(const wildcam_deployment *self, int field);

/**
 * What is yes, no or not known.
 *
 * @param self   the deployment.
 * @param field  one of #WILDCAM_DEPLOYMENT_FLAG_LIST.
 * @return 1 yes, 0 no, -1 not known or no such field.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_deployment_get_flag(const wildcam_deployment *self, int field);

/**
 * How many failures it has.
 *
 * @param self  the deployment.
 * @return the number.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API size_t wildcam_deployment_get_failure_count(const wildcam_deployment *self);

/**
 * One of its failures, which are in the order of their beginning.
 *
 * @param self    the deployment.
 * @param index   from 0.
 * @param from    where its beginning goes; may be NULL.
 * @param to      where the first microsecond behind it goes; may be NULL.
 * @param reason  where its reason goes, "" for none, valid until the next call on this object; may
 *                be NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there are not so many; #WILDCAM_ERR_INVALID when
 *         @p self is NULL.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_deployment_get_failure(const wildcam_deployment *self,
                                                          size_t index, int64_t *from, int64_t *to,
                                                          const char **reason);

/**
 * How long the camera watched within a span: the part of the deployment's span that lies in it,
 * less its failures. One that lasts is taken to end now.
 *
 * @param self  the deployment.
 * @param from  the first microsecond, UTC; #WILDCAM_TIME_NONE for no beginning.
 * @param to    the first microsecond too late; #WILDCAM_TIME_NONE for no end.
 * @return microseconds; 86,400,000,000 of them are a camera-day.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_deployment_get_effort(const wildcam_deployment *self, int64_t from,
                                                  int64_t to);

/**
 * Replaces its coordinates by those that the public may see. They become the middle of a cell of a
 * grid over the whole world, whose cells are so large that no place in one is further from its
 * middle than the privacy radius; so all deployments at a place that have the same radius show the
 * same. The privacy radius is added to the uncertainty. Without a privacy radius nothing changes.
 *
 * @param self  the deployment; the one that is kept stays as it is.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_deployment_blur(wildcam_deployment *self);

/**
 * Whether times of its camera's pictures are still to be brought to what its deployments say,
 * because the call that began it was interrupted or has not ended.
 *
 * @param self  the deployment.
 * @return 1 or 0, as of when it was read.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_deployment_is_retiming(const wildcam_deployment *self);

/**
 * The name of a text, as in JSON and in SQL.
 *
 * @param field  one of #WILDCAM_DEPLOYMENT_TEXT_LIST.
 * @return such as "location_id"; "" when it is none.
 *
 * Ownership: borrowed, valid as long as the library is loaded. Thread safety: any thread, at any
 * time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_deployment_text_name(int field);

/**
 * The name of a number, as in JSON and in SQL.
 *
 * @param field  one of #WILDCAM_DEPLOYMENT_NUMBER_LIST.
 * @return such as "latitude"; "" when it is none.
 *
 * Ownership: borrowed, valid as long as the library is loaded. Thread safety: any thread, at any
 * time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_deployment_number_name(int field);

/**
 * The name of what is yes, no or not known, as in JSON and in SQL.
 *
 * @param field  one of #WILDCAM_DEPLOYMENT_FLAG_LIST.
 * @return such as "bait_use"; "" when it is none.
 *
 * Ownership: borrowed, valid as long as the library is loaded. Thread safety: any thread, at any
 * time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_deployment_flag_name(int field);

/**
 * Writes it as a JSON object.
 *
 * @param self  the deployment.
 * @param out   where the text goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_INVALID when an argument is NULL.
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_deployment_to_json(const wildcam_deployment *self, char **out);

/**
 * Adds a deployment, and brings the times of its camera's pictures to it. It is durable when this
 * returns. When it is kept but the times could not be all brought to it, the failure is that of
 * the times, and wildcam_station_retime() goes on where it stopped.
 *
 * @param self      the station.
 * @param draft     with its camera, which must be known, and its span.
 * @param progress  called now and then while times are brought to it, with "times", the files
 *                  looked at and all of them; may be NULL. When it answers other than 0, the rest
 *                  is left for later.
 * @param user      handed to @p progress.
 * @param out       where the deployment as it is kept goes, also when @p progress left the rest for
 *                  later; may be NULL. NULL on any other failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_EXISTS when its id is taken or it overlaps another of the
 *         camera, which is named; #WILDCAM_ERR_NOTFOUND when there is no such camera;
 *         #WILDCAM_ERR_INVALID when an argument is NULL or the draft is not whole or does not fit
 *         together; #WILDCAM_ERR_CANCELLED when @p progress said so; #WILDCAM_ERR_BUSY;
 *         #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: @p out is the caller's, freed with wildcam_deployment_free(). Thread safety: any
 * thread, at any time. Blocking: disk, for as long as its camera's pictures take.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_add_deployment(wildcam_station *self,
                                                          const wildcam_deployment *draft,
                                                          wildcam_progress_fn *progress, void *user,
                                                          wildcam_deployment **out);

/**
 * Changes a deployment: what the draft has set takes the place of what was there. The times of its
 * camera's pictures follow, and those of the camera that it was of before. When it is kept but the
 * times could not be all brought to it, the failure is that of the times, and
 * wildcam_station_retime() goes on where it stopped.
 *
 * @param self      the station.
 * @param key       its id; the draft may have another.
 * @param draft     what is to change.
 * @param progress  called now and then while times are brought to it, with "times", the files
 *                  looked at and all of them; may be NULL. When it answers other than 0, the rest
 *                  is left for later.
 * @param user      handed to @p progress.
 * @param out       where the deployment as it is kept goes, also when @p progress left the rest for
 *                  later; may be NULL. NULL on any other failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such deployment or no such camera;
 *         #WILDCAM_ERR_EXISTS when its new id is taken or it overlaps another of the camera, which
 *         is named; #WILDCAM_ERR_INVALID when an argument is NULL or it would not fit together;
 *         #WILDCAM_ERR_CANCELLED when @p progress said so; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO;
 *         #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: @p out is the caller's, freed with wildcam_deployment_free(). Thread safety: any
 * thread, at any time. Blocking: disk, for as long as its camera's pictures take.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_change_deployment(wildcam_station *self, const char *key,
                                                             const wildcam_deployment *draft,
                                                             wildcam_progress_fn *progress,
                                                             void *user, wildcam_deployment **out);

/**
 * Removes a deployment; times that it had corrected become what the clock said. When it is removed
 * but the times could not be all brought back, the failure is that of the times, and
 * wildcam_station_retime() goes on where it stopped.
 *
 * @param self      the station.
 * @param key       its id.
 * @param progress  called now and then while times are brought to it, with "times", the files
 *                  looked at and all of them; may be NULL. When it answers other than 0, the rest
 *                  is left for later.
 * @param user      handed to @p progress.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such deployment;
 *         #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_CANCELLED when @p progress
 *         said so; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk, for as long as its
 * camera's pictures take.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_remove_deployment(wildcam_station *self, const char *key,
                                                             wildcam_progress_fn *progress,
                                                             void *user);

/**
 * Finishes what earlier calls that were interrupted left to do: brings the times of pictures to
 * what their cameras' deployments say.
 *
 * @param self      the station.
 * @param progress  called now and then while times are brought to it, with "times", the files
 *                  looked at and all of them; may be NULL. When it answers other than 0, the rest
 *                  is left for later.
 * @param user      handed to @p progress.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL; #WILDCAM_ERR_CANCELLED when @p
 *         progress said so; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED;
 *         #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk, for as long as the
 * pictures take.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_retime(wildcam_station *self,
                                                  wildcam_progress_fn *progress, void *user);

/**
 * Reads a deployment.
 *
 * @param self  the station.
 * @param key   its id.
 * @param out   where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such deployment;
 *         #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO;
 *         #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_deployment_free(). Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_deployment(wildcam_station *self, const char *key,
                                                          wildcam_deployment **out);

/**
 * Reads the deployments that overlap a span.
 *
 * @param self       the station.
 * @param device_id  of this camera alone; NULL for all. A device that is not known has none.
 * @param from       the first microsecond, UTC; #WILDCAM_TIME_NONE for no beginning.
 * @param to         the first microsecond too late; #WILDCAM_TIME_NONE for no end.
 * @param out        where they go, in the order of their beginning; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self or @p out is NULL; #WILDCAM_ERR_BUSY;
 *         #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_deployment_list_free(). Thread safety: any thread,
 * at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_list_deployments(wildcam_station *self,
                                                            const char *device_id, int64_t from,
                                                            int64_t to,
                                                            wildcam_deployment_list **out);

/**
 * Frees a list with its deployments.
 *
 * @param self  the list, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_deployment_list_free(wildcam_deployment_list *self);

/**
 * How many deployments it has.
 *
 * @param self  the list.
 * @return the number.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API size_t wildcam_deployment_list_get_count(const wildcam_deployment_list *self);

/**
 * One of its deployments.
 *
 * @param self   the list.
 * @param index  from 0.
 * @return the deployment, valid as long as the list; NULL when there are not so many.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const wildcam_deployment *
wildcam_deployment_list_at(const wildcam_deployment_list *self, size_t index);

#ifdef __cplusplus
}
#endif

#endif
