/* What several unit tests share: internal calls, other locales, other users. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <sys/types.h>

#include "base/error.h"
#include "support/harness.h"

/* assert_ok() for internal calls: only public ones take an old sentence away. */
#define assert_done(expression)                                                                    \
    do {                                                                                           \
        wci_error_clear();                                                                         \
        assert_ok(expression);                                                                     \
    } while (0)

/* Switches the program to a locale such as "de_DE", with UTF-8, one of those that the build has
 * made. The test fails when it is not there. */
void enter_locale(const char *name);
void leave_locale(void);

enum { NOBODY = 65534 };

/* Runs `work` in a process of its own, for other users' rights and for limits that cannot be taken
 * back: as that user when the test runs as root; 0 changes nothing. The work answers NULL or what
 * went wrong, which fails the test. */
void run_apart(uid_t user, const char *(*work)(void));

#endif
