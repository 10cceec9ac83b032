/**
 * @file event.h
 * Events: the pictures of a camera that belong together, and going through pictures.
 *
 * A camera that sees something move takes several pictures. Those that are no further apart than
 * `events.gap` are one event, whose id is that of its first picture. Where the camera counts the
 * pictures of a trigger in its maker note, and there is more than one, its word holds instead. A
 * time-lapse picture, and one whose time nobody knows (it has that of its reception), is an event
 * by itself: neither joins others or carries their event on. Pictures whose times are the same are
 * in the order of their file names.
 *
 * Pictures come to be in an event soon after they are kept: by the station's thread, by
 * wildcam_station_maintain(), or by wildcam_station_place_events(). One that comes late may join
 * two events; the pictures of the later one are in the earlier one from then on.
 */
#ifndef WILDCAM_EVENT_H
#define WILDCAM_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/image.h>
#include <wildcam/query.h>
#include <wildcam/station.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An event. */
typedef struct wildcam_event wildcam_event;

/** A place in a list of events. */
typedef struct wildcam_event_cursor wildcam_event_cursor;

/** A place in a list of pictures. */
typedef struct wildcam_image_cursor wildcam_image_cursor;

/**
 * Its id, which is that of its first picture.
 *
 * @param self  the event.
 * @return the id.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_event_get_id(const wildcam_event *self);

/**
 * The number of the camera that took it.
 *
 * @param self  the event.
 * @return the number.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_event_get_camera_id(const wildcam_event *self);

/**
 * The camera that took it.
 *
 * @param self  the event.
 * @return the device id; valid until the next call on its cursor.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_event_get_device_id(const wildcam_event *self);

/**
 * The deployment that it began in, whose pictures alone it has.
 *
 * @param self  the event.
 * @return the deployment's own id (wildcam_deployment_get_key()), "" when it is in none; valid
 * until the next call on its cursor.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_event_get_deployment(const wildcam_event *self);

/**
 * When its first picture was taken.
 *
 * @param self  the event.
 * @return microseconds UTC.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_event_get_start(const wildcam_event *self);

/**
 * When its last picture was taken.
 *
 * @param self  the event.
 * @return microseconds UTC.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_event_get_end(const wildcam_event *self);

/**
 * How far the local clock was from UTC when it began.
 *
 * @param self  the event.
 * @return seconds; #WILDCAM_OFFSET_UNKNOWN when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int32_t wildcam_event_get_offset(const wildcam_event *self);

/**
 * How many pictures it has.
 *
 * @param self  the event.
 * @return 1 and more.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_event_get_images(const wildcam_event *self);

/**
 * The gap that it was grouped with.
 *
 * @param self  the event.
 * @return seconds; 0 where the camera itself counted its pictures.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_event_get_gap(const wildcam_event *self);

/**
 * Its last picture.
 *
 * @param self  the event.
 * @return the picture's id; the first one's is wildcam_event_get_id().
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_event_get_last_image_id(const wildcam_event *self);

/**
 * What was seen in it, by the best word on each of its pictures' detections. False positives, blank
 * pictures and those that nobody has looked at do not count.
 *
 * @param self      the event.
 * @param index     from 0 on.
 * @param category  where one of the WILDCAM_CATEGORY_ values goes; may be NULL.
 * @return the species; NULL behind the last. Valid until the next call on its cursor.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_event_get_species(const wildcam_event *self, size_t index,
                                                  int *category);

/**
 * Writes an event as a JSON object, with the names of the HTTP interface.
 *
 * @param self  the event.
 * @param out   where the text goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_INVALID when an argument is NULL.
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_event_to_json(const wildcam_event *self, char **out);

/**
 * Opens a cursor on events: those that begin in the query's span, of its camera, in its order.
 *
 * @param self   the station.
 * @param query  the query; copied. NULL for all events, newest first.
 * @param out    where the cursor goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL, or the query asks for
 *         a species, a category, a confidence, a review or an offset, which events do not have;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_event_cursor_free(); it holds the station. Thread
 * safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_events(wildcam_station *self, const wildcam_query *query,
                                                  wildcam_event_cursor **out);

/**
 * Hands out the next event.
 *
 * @param self   the cursor.
 * @param event  where it goes, valid until the next call on this cursor; NULL at the end and on
 *               failure.
 * @return 1 an event; 0 the end; negative #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_NOMEM.
 *         After a failure the same call may be tried again.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_step wildcam_event_cursor_next(wildcam_event_cursor *self,
                                                   const wildcam_event **event);

/**
 * Names the place behind the last event that was handed out, for wildcam_query_set_after().
 *
 * @param self  the cursor.
 * @return the token; "" before the first event. Valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_event_cursor_token(wildcam_event_cursor *self);

/**
 * Names the shards that were passed over because they are damaged.
 *
 * @param self  the cursor.
 * @return such as "2026-03, 2026-04", "" for none. Valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_event_cursor_damaged(const wildcam_event_cursor *self);

/**
 * Frees a cursor, before or after its station is closed.
 *
 * @param self  the cursor, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_event_cursor_free(wildcam_event_cursor *self);

/**
 * Opens a cursor on pictures: those of the query's span and camera, in its order, or those of one
 * event.
 *
 * @param self      the station.
 * @param query     the query; copied. NULL for all pictures, newest first.
 * @param event_id  an event, whose pictures of the query's span are asked for, whatever its camera;
 *                  0 for no matter which event.
 * @param out       where the cursor goes; NULL on failure.
 * @return as wildcam_station_events().
 *
 * Ownership: the caller's, freed with wildcam_image_cursor_free(); it holds the station. Thread
 * safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_images(wildcam_station *self, const wildcam_query *query,
                                                  int64_t event_id, wildcam_image_cursor **out);

/**
 * Hands out the next picture.
 *
 * @param self   the cursor.
 * @param image  where it goes, valid until the next call on this cursor; NULL at the end and on
 *               failure.
 * @return as wildcam_event_cursor_next().
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_step wildcam_image_cursor_next(wildcam_image_cursor *self,
                                                   const wildcam_image **image);

/**
 * Names the place behind the last picture that was handed out, for wildcam_query_set_after().
 *
 * @param self  the cursor.
 * @return the token; "" before the first picture. Valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_image_cursor_token(wildcam_image_cursor *self);

/**
 * Names the shards that were passed over because they are damaged.
 *
 * @param self  the cursor.
 * @return such as "2026-03, 2026-04", "" for none. Valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_image_cursor_damaged(const wildcam_image_cursor *self);

/**
 * Frees a cursor, before or after its station is closed.
 *
 * @param self  the cursor, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_image_cursor_free(wildcam_image_cursor *self);

/**
 * Puts pictures that are owed an event into theirs, within a time. The station's thread and
 * wildcam_station_maintain() do the same.
 *
 * @param self       the station.
 * @param budget_ms  how long it may take, in milliseconds; one step is done in any case.
 * @param left       where 1 goes when pictures may be left that are owed one, or 0; may be NULL.
 * @return #WILDCAM_OK, also when another process is at it; #WILDCAM_ERR_INVALID when @p budget_ms
 * is below 0; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_place_events(wildcam_station *self, int64_t budget_ms,
                                                        int *left);

/**
 * Groups pictures anew, whatever event they are in: those of a span and, where they follow
 * it, those behind it. Memory does not grow with their number. Pictures that come later are grouped
 * by `events.gap` again.
 *
 * @param self         the station.
 * @param device_id    the camera; NULL for all.
 * @param from         the first microsecond, UTC; #WILDCAM_TIME_NONE for no beginning.
 * @param to           the first microsecond too late; #WILDCAM_TIME_NONE for no end.
 * @param gap_seconds  1 to 86,400; 0 for `events.gap`.
 * @param progress     called now and then with how many pictures were looked at, of how many nobody
 *                     knows (0); may be NULL.
 * @param user         handed to it.
 * @param changed      where the number of pictures goes whose event or gap is another now; may be
 *                     NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_CANCELLED when the callback said so: what was done stays, and
 *         what is left of a camera is done later; #WILDCAM_ERR_NOTFOUND for a camera that is not
 *         known; #WILDCAM_ERR_INVALID when an argument is outside its limits; #WILDCAM_ERR_BUSY;
 *         #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk, and others that group.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_group_events(wildcam_station *self,
                                                        const char *device_id, int64_t from,
                                                        int64_t to, int gap_seconds,
                                                        wildcam_progress_fn *progress, void *user,
                                                        int64_t *changed);

#ifdef __cplusplus
}
#endif

#endif
