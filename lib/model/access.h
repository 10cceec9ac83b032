/* Who may do what: keys, people and their sessions, as far as they are kept. */
#ifndef WCI_MODEL_ACCESS_H
#define WCI_MODEL_ACCESS_H

#include <wildcam/access.h>
#include <wildcam/user.h>

#include "base/json.h"
#include "model/check.h"
#include "model/credential.h"

enum { WCI_SALT_BYTES = 16 };

struct wildcam_access {
    int kind, role;
    char id[WILDCAM_USER_NAME_MAX + 1]; /* a key's id, a user's name */
    char device_id[WCI_DEVICE_ID_MAX + 1];
    char note[WILDCAM_KEY_NOTE_MAX + 1];
    int64_t created_at, expires_at;
};

/* What is kept of a password: how it was hashed stands beside the hash, so that what is asked of
 * new ones can rise. */
struct wci_password {
    unsigned char hash[WCI_DIGEST_BYTES], salt[WCI_SALT_BYTES];
    struct wci_digest_cost cost;
};

struct wci_session {
    char id[WCI_CREDENTIAL_ID];
    char user[WILDCAM_USER_NAME_MAX + 1];
    unsigned char access_hash[WCI_DIGEST_BYTES], refresh_hash[WCI_DIGEST_BYTES];
    int64_t created_at, access_until, refresh_until;
};

const char *wci_role_name(int role);
/* -1 when no role has that name. */
int wci_role_find(const char *name);

void wci_access_init(wildcam_access *access);
/* Each checks what it fills in. A device id goes with the role of a camera and no other. */
wildcam_status wci_access_set_key(wildcam_access *key, int role, const char *device_id,
                                  const char *note);
wildcam_status wci_access_set_user(wildcam_access *user, const char *name, int role);
bool wci_access_is_user_name(const char *name);
wildcam_status wci_access_check_password(const char *password);
void wci_access_write_json(const wildcam_access *access, struct wci_json *json);

/* Hashes a new password with a new salt, in 2^log_n rounds. */
wildcam_status wci_password_make(const char *password, uint32_t log_n, struct wci_password *out);
/* Whether a new one would be harder to guess than what is kept of this one. */
bool wci_password_is_weaker(const struct wci_password *kept, uint32_t log_n);
/* Whether it is the one that is kept; with NULL kept it takes as long as with a new one, and is
 * not. */
wildcam_status wci_password_check(const char *password, const struct wci_password *kept,
                                  uint32_t log_n, bool *is_right);

#endif
