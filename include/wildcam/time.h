/**
 * @file time.h
 * Times: microseconds since 1970 in UTC, and the words people and cameras write them in.
 *
 * A time has two companions. Its *offset* is the local clock's distance from UTC in seconds where
 * that is known. Its *source* says where it came from. A picture whose clock is unknown keeps the
 * digits it shows: they are stored as if they were UTC, with the offset unknown.
 */
#ifndef WILDCAM_TIME_H
#define WILDCAM_TIME_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** No time: the value of every time that is not known. */
#define WILDCAM_TIME_NONE INT64_MIN
/** No offset: the distance from UTC is not known. */
#define WILDCAM_OFFSET_UNKNOWN INT32_MIN
/** The first time the library accepts, 1970-01-01T00:00:00Z. */
#define WILDCAM_TIME_MIN INT64_C(0)
/** The first time too late for the library, 2106-02-07T06:28:16Z: ids hold 32 bits of seconds. */
#define WILDCAM_TIME_END INT64_C(4294967296000000)
/** Room for any time that wildcam_time_format() writes, with its NUL. */
#define WILDCAM_TIME_TEXT 40

/** The one list of time sources: X(NAME, value, text). */
#define WILDCAM_TIME_SOURCE_LIST(X)                                                                \
    X(UNKNOWN, 0, "unknown")                                                                       \
    X(EXIF, 1, "exif")                                                                             \
    X(MAKERNOTE, 2, "makernote")                                                                   \
    X(CLIENT, 3, "client")                                                                         \
    X(FILENAME, 4, "filename")                                                                     \
    X(SIDECAR, 5, "sidecar")                                                                       \
    X(RECEIVED, 6, "received")

/** Where a time came from: `WILDCAM_TIME_SOURCE_EXIF` and so on, from the list above. */
enum {
#define WILDCAM_TIME_SOURCE_VALUE(name, value, text) WILDCAM_TIME_SOURCE_##name = (value),
    WILDCAM_TIME_SOURCE_LIST(WILDCAM_TIME_SOURCE_VALUE)
#undef WILDCAM_TIME_SOURCE_VALUE
};

/**
 * Names a time source, such as "exif".
 *
 * @param source  one of the WILDCAM_TIME_SOURCE_ values.
 * @return the name; "unknown" for any other value.
 *
 * Ownership: borrowed, valid as long as the library is loaded.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_time_source_name(int source);

/**
 * The time now, by the system's clock.
 *
 * @return microseconds since 1970, UTC.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_time_now(void);

/**
 * Reads an ISO 8601 time: `2026-11-23`, `2026-11-23T10:15`, with seconds, with up to nine decimals
 * (those past the sixth are cut), with a space for the T, with `Z` or an offset such as `+01:00`,
 * `+0100` or `+01`.
 *
 * @param text    the time, NUL-terminated.
 * @param time    where the time goes, in microseconds UTC; the digits themselves when no offset
 *                is given.
 * @param offset  where the offset goes, in seconds, or #WILDCAM_OFFSET_UNKNOWN; may be NULL.
 * @param is_date where 1 goes when the text was a date alone, else 0; may be NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when the text is no such time, no day of the calendar,
 *         or outside #WILDCAM_TIME_MIN to #WILDCAM_TIME_END.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_time_parse(const char *text, int64_t *time, int32_t *offset,
                                              int *is_date);

/**
 * Reads a number that may be Unix time in seconds or in milliseconds.
 *
 * Numbers are ambiguous: a camera without a clock sends the milliseconds since it was switched on.
 * Only a number that gives a time from 2000-01-01 to one day past now is taken.
 *
 * @param number  the number.
 * @param time    where the time goes, in microseconds UTC.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when the number is no such time.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_time_from_number(double number, int64_t *time);

/**
 * Reads the capture time that the WildCAM firmware puts into a path: the folder's date and the
 * file's time in `.../YYYYMMDD/IMG_HHMMSS_NNN.jpg`.
 *
 * @param path  the path.
 * @param time  where the digits go, as microseconds UTC.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when the path holds no such time;
 *         #WILDCAM_ERR_INVALID when @p path or @p time is NULL.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_time_from_path(const char *path, int64_t *time);

/**
 * Reads a capture time out of a path by a pattern, which may stand anywhere in it; of several
 * places the last counts. A day and a month are never told apart by guessing: the pattern says
 * which is which.
 *
 * | in the pattern       | in the path                                                       |
 * |----------------------|-------------------------------------------------------------------|
 * | `%Y`                 | the year, four digits                                             |
 * | `%y`                 | the year, two digits: 70 to 99 are 1970 to 1999, 00 to 69 2000 on |
 * | `%m` `%d`            | month and day, two digits each                                    |
 * | `%H` `%M` `%S`       | hour (0 to 23), minute and second, two digits each                |
 * | `%?`                 | one character                                                     |
 * | `%*`                 | any characters, as few as will do; at most twice                  |
 * | `%%`                 | a %                                                               |
 * | anything else        | itself                                                            |
 *
 * `%?` and `%*` do not reach beyond a slash. A number at either end of the pattern is no part of a
 * longer one. `%Y%m%d_%H%M%S` finds `20260301_101500`; `%m%d%Y%H%M%S` the names of Tactacam's
 * pictures.
 *
 * @param path     the path, or a name.
 * @param pattern  the pattern, at most 200 bytes: a year, %m, %d, %H and %M once each; without %S
 *                 the second is 0.
 * @param time     where the digits go, as microseconds UTC.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when the path holds no such time;
 *         #WILDCAM_ERR_INVALID when the pattern is none, or an argument is NULL.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_time_from_name(const char *path, const char *pattern,
                                                  int64_t *time);

/**
 * Writes a time as ISO 8601 with an offset, such as `2026-11-23T10:15:00+01:00`; microseconds are
 * written only when there are some. An unknown offset is written as `+00:00`.
 *
 * @param time    microseconds UTC, #WILDCAM_TIME_MIN to #WILDCAM_TIME_END.
 * @param offset  seconds from UTC, -86399 to 86399, or #WILDCAM_OFFSET_UNKNOWN.
 * @param buffer  where the text goes.
 * @param size    its size, at least #WILDCAM_TIME_TEXT.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_time_format(int64_t time, int32_t offset, char *buffer,
                                               size_t size);

#ifdef __cplusplus
}
#endif

#endif
