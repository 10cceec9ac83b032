/**
 * @file query.h
 * Asking for detections.
 *
 * A query says which ones and in which order; a cursor hands them out one by one. A cursor pages by
 * key: it holds no lock and no transaction between its calls, so it may stay open for days, and
 * rows that are added meanwhile appear when they lie ahead of it.
 *
 * Answers are in the order of time, to the millisecond, whatever became of a time after its
 * detection was kept: where a deployment has corrected it (deployment.h), the id does not tell the
 * order any more, and the right time does. A row whose time is being corrected while an answer is
 * read appears in it at its old place, at its new one, at both or at none.
 */
#ifndef WILDCAM_QUERY_H
#define WILDCAM_QUERY_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/detection.h>
#include <wildcam/station.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Which detections, and in which order. A new query means all of them, newest first. */
typedef struct wildcam_query wildcam_query;

/** A place in the answer to a query. */
typedef struct wildcam_cursor wildcam_cursor;

/** The orders of an answer, both by time to the millisecond and then by id. */
enum {
    WILDCAM_NEWEST_FIRST = 0, /**< The latest time first. */
    WILDCAM_OLDEST_FIRST = 1  /**< The earliest time first. */
};

/**
 * Makes a query for everything.
 *
 * @param out  where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_INVALID when @p out is NULL.
 *
 * Ownership: the caller's, freed with wildcam_query_free(). Thread safety: any thread, at any time.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_query_new(wildcam_query **out);

/**
 * Frees a query; cursors opened with it keep their copy.
 *
 * @param self  the query, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_query_free(wildcam_query *self);

/**
 * Asks for a span of time.
 *
 * @param self  the query.
 * @param from  the first microsecond, UTC; #WILDCAM_TIME_NONE for no beginning.
 * @param to    the first microsecond too late; #WILDCAM_TIME_NONE for no end.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p to is before @p from or @p self is NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_query_set_range(wildcam_query *self, int64_t from, int64_t to);

/**
 * Asks for one camera.
 *
 * @param self       the query.
 * @param device_id  the device; NULL for all. A device that is not known is no failure: nothing
 *                   matches.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is no device id; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_query_set_device_id(wildcam_query *self, const char *device_id);

/**
 * Asks for one species, by the best word there is on each detection.
 *
 * @param self     the query.
 * @param species  its name, whole and in the same case; NULL for all.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is no species name; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_query_set_species(wildcam_query *self, const char *species);

/**
 * Asks for one category.
 *
 * @param self      the query.
 * @param category  one of the WILDCAM_CATEGORY_ values; -1 for all.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_query_set_category(wildcam_query *self, int category);

/**
 * Asks for those that are at least so sure. A detection whose confidence is not known is not.
 *
 * @param self        the query.
 * @param confidence  0 to 1; NaN for all.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_query_set_min_confidence(wildcam_query *self, double confidence);

/**
 * Asks for those that a reviewer has looked at, or has not.
 *
 * @param self      the query.
 * @param verified  1 looked at, 0 not, -1 all.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_query_set_verified(wildcam_query *self, int verified);

/**
 * Says what comes first.
 *
 * @param self   the query.
 * @param order  #WILDCAM_NEWEST_FIRST or #WILDCAM_OLDEST_FIRST.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_query_set_order(wildcam_query *self, int order);

/**
 * Goes on behind a place that wildcam_cursor_token() gave.
 *
 * @param self   the query.
 * @param token  the place; NULL for the beginning.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is no such token or was made in the other
 *         order. Set the order first.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_query_set_after(wildcam_query *self, const char *token);

/**
 * Leaves out that many at the beginning. Each costs a step: go on with wildcam_query_set_after()
 * where that is possible.
 *
 * @param self    the query.
 * @param offset  0 to 100,000.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_query_set_offset(wildcam_query *self, int64_t offset);

/**
 * Ends the answer after that many.
 *
 * @param self   the query.
 * @param limit  1 and more; 0 for all.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_query_set_limit(wildcam_query *self, int64_t limit);

/**
 * Opens a cursor on the answer to a query.
 *
 * @param self   the station.
 * @param query  the query; copied. NULL for all detections, newest first.
 * @param out    where the cursor goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_cursor_free(); it holds the station. Thread safety:
 * any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_query(wildcam_station *self, const wildcam_query *query,
                                                 wildcam_cursor **out);

/**
 * Hands out the next detection.
 *
 * @param self       the cursor.
 * @param detection  where it goes, valid until the next call on this cursor; NULL at the end and on
 *                   failure.
 * @return 1 a detection; 0 the end; negative #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_NOMEM.
 *         After a failure the same call may be tried again.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_step wildcam_cursor_next(wildcam_cursor *self,
                                             const wildcam_detection **detection);

/**
 * Names the place behind the last detection that was handed out, for wildcam_query_set_after(), in
 * this process or another.
 *
 * @param self  the cursor.
 * @return the token, letters and digits; "" before the first detection. Valid until the next call
 *         on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_cursor_token(wildcam_cursor *self);

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
WILDCAM_API const char *wildcam_cursor_damaged(const wildcam_cursor *self);

/**
 * Frees a cursor, before or after its station is closed.
 *
 * @param self  the cursor, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_cursor_free(wildcam_cursor *self);

/**
 * Counts the answer to a query; its order, token, offset and limit do not matter. Questions for
 * whole days that name neither confidence nor review are answered from the summaries, however many
 * detections there are; others are counted one by one.
 *
 * @param self     the station.
 * @param query    the query; NULL for all detections.
 * @param stop_at  counting one by one stops here; 0 for never.
 * @param count    where the number goes: exact below @p stop_at, else at least that.
 * @param damaged  where the names of the shards go that were passed over because they are damaged,
 *                 such as "2026-03, 2026-04"; NULL when there was none and on failure. It may be
 *                 NULL itself: the number then does not say that it is not all.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits;
 *         #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: @p damaged is the caller's, freed with wildcam_free(). Thread safety: any thread, at
 * any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_count(wildcam_station *self, const wildcam_query *query,
                                                 int64_t stop_at, int64_t *count, char **damaged);

#ifdef __cplusplus
}
#endif

#endif
