/* What the public headers promise of a call, read from their comments. */
#ifndef TESTS_FAULT_CONTRACT_H
#define TESTS_FAULT_CONTRACT_H

#include <stdbool.h>

#include <wildcam/status.h>

/* Whether the comment of a function names a status, itself or by "as wildcam_other_function()". */
bool contract_names(const char *function, wildcam_status status);

/* Calls back for every public function that answers a status, or whose name says that it frees or
 * closes. */
void contract_each(void (*each)(void *user, const char *function), void *user);

#endif
