/* The files that AWS's tools share: keys by profile, in the form of INI files. Pure. */
#ifndef WCI_UPLOAD_PROFILE_H
#define WCI_UPLOAD_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/form.h"

struct wci_profile {
    bool is_there;
    /* In the text; a length of 0 for none. */
    struct wci_word access_key, secret_key, session_token;
};

/* Reads one profile. In a `config` file the section of any but the default one begins with the word
 * "profile". What is no section and no setting is passed over; of settings that are there twice
 * the later one holds. */
void wci_profile_read(const char *text, const char *name, bool is_config,
                      struct wci_profile *profile);

#endif
