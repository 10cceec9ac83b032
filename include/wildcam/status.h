/**
 * @file status.h
 * What a call answers, and the sentence that explains a failure.
 *
 * Every call that can fail answers a #wildcam_status: 0 is success, every failure is negative.
 * The sentence beside it names the object, the value and the limit. It belongs to the calling
 * thread, so that many threads may share one station. The next call on that thread that can fail
 * clears it; getting, freeing and closing leave it, so that a program may tidy up before it shows
 * it.
 */
#ifndef WILDCAM_STATUS_H
#define WILDCAM_STATUS_H

#include <stddef.h>

#include <wildcam/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a call answers: 0 or one of the negative WILDCAM_ERR_ values. Unknown ones are failures. */
typedef int wildcam_status;

/** What a `_next` call answers: 1 a row, 0 the end, negative a #wildcam_status. */
typedef int wildcam_step;

/**
 * The one list of statuses: X(NAME, value, can be retried, text).
 *
 * A value is never given to another meaning. "Can be retried" says that the same call may succeed
 * later without any change to its arguments.
 */
#define WILDCAM_STATUS_LIST(X)                                                                     \
    X(OK, 0, 0, "done")                                                                            \
    X(ERR_INVALID, -1, 0, "an argument is outside its limits")                                     \
    X(ERR_NOMEM, -2, 1, "memory ran out")                                                          \
    X(ERR_NOTFOUND, -3, 0, "there is no such thing")                                               \
    X(ERR_EXISTS, -4, 0, "it is there already")                                                    \
    X(ERR_CLOSED, -5, 0, "the station is closed")                                                  \
    X(ERR_FORKED, -6, 0, "the station belongs to the parent process")                              \
    X(ERR_BUSY, -7, 1, "somebody else holds it")                                                   \
    X(ERR_NOSPACE, -8, 1, "the disk is full or at its floor")                                      \
    X(ERR_IO, -9, 1, "reading or writing failed")                                                  \
    X(ERR_DENIED, -10, 0, "the system does not permit it")                                         \
    X(ERR_CORRUPT, -11, 0, "stored data is damaged")                                               \
    X(ERR_NOTJPEG, -12, 0, "the picture is not a JPEG")                                            \
    X(ERR_TRUNCATED, -13, 0, "the JPEG ends before its picture does")                              \
    X(ERR_TOOLARGE, -14, 0, "it is larger than a limit allows")                                    \
    X(ERR_SETTING, -15, 0, "there is no setting of that name")                                     \
    X(ERR_UNSUPPORTED, -16, 0, "this build or format cannot do it")                                \
    X(ERR_VERSION, -17, 0, "the data was written by a newer version")                              \
    X(ERR_STATE, -18, 0, "the call comes at the wrong time")                                       \
    X(ERR_CANCELLED, -19, 0, "the caller asked to stop")                                           \
    X(ERR_INTERNAL, -20, 0, "the library is at fault")                                             \
    X(ERR_INCOMPLETE, -21, 0, "it is done but for what was lost before")                           \
    X(ERR_UPLOAD, -22, 1, "All regions failed")                                                    \
    X(ERR_RELEASED, -23, 0, "its file was released: S3 has it")                                    \
    X(ERR_AUTH, -24, 0, "nobody is known by that key, token or password")                          \
    X(ERR_LIMITED, -25, 1, "it failed too often of late: wait before the next try")                \
    X(ERR_HIDDEN, -26, 0, "it is not for everybody to see")

/** The statuses by name: `WILDCAM_OK`, `WILDCAM_ERR_INVALID` and so on, from the list above. */
enum {
#define WILDCAM_STATUS_VALUE(name, value, retriable, text) WILDCAM_##name = (value),
    WILDCAM_STATUS_LIST(WILDCAM_STATUS_VALUE)
#undef WILDCAM_STATUS_VALUE
};

/**
 * Names a status the way the header spells it, such as "WILDCAM_ERR_NOSPACE".
 *
 * @param status  any value.
 * @return the name, or "WILDCAM_ERR_UNKNOWN" for a value this library does not know.
 *
 * Ownership: borrowed, valid as long as the library is loaded.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_status_name(wildcam_status status);

/**
 * Puts a status into a few words.
 *
 * @param status  any value.
 * @return the words, without a full stop.
 *
 * Ownership: borrowed, valid as long as the library is loaded.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_status_text(wildcam_status status);

/**
 * Tells whether the same call may succeed later, unchanged.
 *
 * @param status  any value.
 * @return 1 when it may, else 0.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_status_is_retriable(wildcam_status status);

/**
 * Lists the statuses, for bindings and tests.
 *
 * @param index   from 0 on.
 * @param status  where the value goes; untouched at the end of the list.
 * @return 1 while there is a status at that index, else 0.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_status_at(size_t index, wildcam_status *status);

/**
 * The sentence that explains this thread's last failure.
 *
 * @return the sentence, at most 511 bytes of UTF-8; "" when this thread's last call that
 *         can fail succeeded. Never NULL. Valid until this thread's next call that can fail.
 *
 * Ownership: borrowed. Thread safety: each thread has its own. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_error_message(void);

/**
 * Where this thread's last failure began.
 *
 * @return "wildcam", "os", "sqlite", "jpeg", "exif", "json" or "crypto"; "" without a failure.
 *
 * Ownership: borrowed, valid as long as the library is loaded.
 * Thread safety: each thread has its own. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_error_origin(void);

/**
 * The number that the origin itself gives this thread's last failure.
 *
 * @return an errno for "os", an extended result code for "sqlite", else 0.
 *
 * Ownership: none. Thread safety: each thread has its own. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_error_native(void);

/**
 * Gives back memory that a call handed out as "freed with wildcam_free".
 *
 * @param memory  what the call gave, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_free(void *memory);

#ifdef __cplusplus
}
#endif

#endif
