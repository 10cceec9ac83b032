/**
 * @file regions.h
 * How the regions of `s3.regions` are: which are tried, which one takes the uploads now, and why.
 */
#ifndef WILDCAM_REGIONS_H
#define WILDCAM_REGIONS_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/export.h>
#include <wildcam/status.h>
#include <wildcam/uploader.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How the regions were at one moment. */
typedef struct wildcam_regions wildcam_regions;

/**
 * Looks how the regions are, without asking them.
 *
 * @param self  the uploader.
 * @param out   where it goes; NULL on failure. In the order of `s3.regions`.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_regions_free().
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_uploader_get_regions(wildcam_uploader *self,
                                                        wildcam_regions **out);

/**
 * Frees them.
 *
 * @param self  the regions, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_regions_free(wildcam_regions *self);

/**
 * How many there are.
 *
 * @param self  the regions.
 * @return the number; 0 for NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API size_t wildcam_regions_count(const wildcam_regions *self);

/**
 * A region's name in `s3.regions`.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return the name; "" past the end. Never NULL.
 *
 * Ownership: borrowed, valid until the regions are freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_regions_get_name(const wildcam_regions *self, size_t index);

/**
 * Its bucket.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return the name; "" past the end. Never NULL.
 *
 * Ownership: borrowed, valid until the regions are freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_regions_get_bucket(const wildcam_regions *self, size_t index);

/**
 * Where its requests go.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return such as "https://s3.us-west-2.amazonaws.com"; "" past the end. Never NULL.
 *
 * Ownership: borrowed, valid until the regions are freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_regions_get_endpoint(const wildcam_regions *self, size_t index);

/**
 * How it is: "untried"; "ok"; "down", not tried for a while; "probing", one upload tries it
 * again; "offline", the uplink is down; "throttled", asks for fewer requests; "misconfigured",
 * the credentials or the bucket are wrong.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return the word; "" past the end. Never NULL.
 *
 * Ownership: borrowed, valid until the regions are freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_regions_get_state(const wildcam_regions *self, size_t index);

/**
 * Why something failed there, the last time.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return a few words; "" when nothing has, and past the end. Never NULL.
 *
 * Ownership: borrowed, valid until the regions are freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_regions_get_reason(const wildcam_regions *self, size_t index);

/**
 * Whether uploads go there now.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return 1 or 0.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_regions_is_current(const wildcam_regions *self, size_t index);

/**
 * How many requests were under way there.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return the number; 0 past the end.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_regions_get_under_way(const wildcam_regions *self, size_t index);

/**
 * How many requests were sent there since the uploader, or its station, was opened.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return the number; 0 past the end.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_regions_get_requests(const wildcam_regions *self, size_t index);

/**
 * How many of them went wrong for the region's sake, or the way's there.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return the number; 0 past the end.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_regions_get_failures(const wildcam_regions *self, size_t index);

/**
 * How far its clock is from ours.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return microseconds, positive when it is ahead; 0 past the end and while it does not matter.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_regions_get_skew(const wildcam_regions *self, size_t index);

/**
 * How long it is not tried.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return microseconds from then on; 0 when it may be tried, and past the end.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_regions_get_wait(const wildcam_regions *self, size_t index);

#ifdef __cplusplus
}
#endif

#endif
