/* Telling what a check finds. */
#ifndef WCI_STORE_CHECK_H
#define WCI_STORE_CHECK_H

#include "store/backend.h"

void wci_check_find(struct wci_check *check, const char *what, const char *where,
                    const char *format, ...) WCI_PRINTF(4, 5);

/* One more thing is looked at; WILDCAM_ERR_CANCELLED when the caller has had enough. */
wildcam_status wci_check_step(struct wci_check *check, const char *phase);

#endif
