/**
 * @file log.h
 * Where the library's own words go.
 */
#ifndef WILDCAM_LOG_H
#define WILDCAM_LOG_H

#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How much a line matters; the setting `log.level` names the least that is written. */
enum {
    WILDCAM_LOG_ERROR = 0,   /**< Something is lost or needs a hand. */
    WILDCAM_LOG_WARNING = 1, /**< Something was refused, set aside or retried. */
    WILDCAM_LOG_INFO = 2,    /**< What an operator wants to see happen. */
    WILDCAM_LOG_DEBUG = 3    /**< What a developer wants to see happen. */
};

/**
 * Takes one line of the log.
 *
 * It is called from any thread of the program, never while the library holds a lock, and must not
 * call back into the library.
 *
 * @param user    what was given to wildcam_conf_set_log().
 * @param level   one of the WILDCAM_LOG_ values.
 * @param module  the part that speaks, such as "store".
 * @param text    one line of UTF-8 without its newline; valid during the call.
 */
typedef void wildcam_log_fn(void *user, int level, const char *module, const char *text);

#ifdef __cplusplus
}
#endif

#endif
