/**
 * @file version.h
 * The version of the header, and of the library that is running.
 *
 * These three numbers are the only place where the version is written; the build reads them.
 */
#ifndef WILDCAM_VERSION_H
#define WILDCAM_VERSION_H

#include <wildcam/export.h>

/** New with every break of the ABI, from 1.0 on. */
#define WILDCAM_VERSION_MAJOR 0
/** New when something is added; until 1.0 also when the ABI breaks. */
#define WILDCAM_VERSION_MINOR 1
/** New when only faults are put right. */
#define WILDCAM_VERSION_PATCH 0

/** The header's version as one number that compares, 0xMMmmpp. */
#define WILDCAM_VERSION_NUMBER                                                                     \
    ((WILDCAM_VERSION_MAJOR << 16) | (WILDCAM_VERSION_MINOR << 8) | WILDCAM_VERSION_PATCH)

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Tells the version of the library that is running, such as "0.1.0".
 *
 * @return the text; valid as long as the library is loaded.
 *
 * Ownership: borrowed. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_version(void);

/**
 * Tells the version of the library that is running as a number that compares.
 *
 * @return 0xMMmmpp, to hold against #WILDCAM_VERSION_NUMBER.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_version_number(void);

/**
 * Asks for a part that a build may have or lack.
 *
 * @param name  such as "store.sqlite".
 * @return a short detail, such as the part's own version, or NULL when this build lacks it.
 *         Valid as long as the library is loaded.
 *
 * Ownership: borrowed. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_feature(const char *name);

#ifdef __cplusplus
}
#endif

#endif
