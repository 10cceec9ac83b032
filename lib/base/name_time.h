/* Times that stand in names of files, by a pattern that says where. */
#ifndef WCI_BASE_NAME_TIME_H
#define WCI_BASE_NAME_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* INVALID, with what is wrong, for a pattern that does not say all that a time needs, or says it
 * twice. As wildcam_time_from_name() describes it. */
wildcam_status wci_name_time_check(const char *pattern);
/* Whether the pattern is somewhere in the path, as a time; the last such place counts. The pattern
 * has been checked. */
bool wci_name_time_find(const char *path, const char *pattern, int64_t *time);

#endif
