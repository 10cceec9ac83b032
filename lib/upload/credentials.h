/*
 * Who signs: the credentials of all transfers, wherever they come from (setting `s3.credentials`).
 *
 * They are refreshed before they expire, once for everybody. What is given out does not change: a
 * transfer keeps the credentials it began with until it lets them go.
 */
#ifndef WCI_UPLOAD_CREDENTIALS_H
#define WCI_UPLOAD_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "conf/conf.h"
#include "conf/credentials.h"
#include "upload/transport.h"

struct wci_credentials {
    const char *access_key, *secret_key;
    const char *session_token; /* "" for none */
    int64_t expires;           /* microseconds since 1970; WILDCAM_TIME_NONE for never */
    int64_t number;            /* grows with every refresh, for caches */
};

/* For text that must not stay in memory. */
const struct wci_credentials *wci_credentials_hold(const struct wci_credentials *credentials);
/* The last one to let go wipes them. NULL is nothing. */
void wci_credentials_let_go(const struct wci_credentials *credentials);

/* Held once, for the caller; NULL with WILDCAM_ERR_NOMEM. */
const struct wci_credentials *wci_credentials_make(const wildcam_credentials *from, int64_t number);

typedef struct wci_keyring wci_keyring;

/* The conf must outlive it. `transport` carries the requests of the sources that need the network;
 * it is driven by whoever leads (transport.h). The environment is read here and not later. */
wildcam_status wci_keyring_open(const wildcam_conf *conf, const struct wci_log *log,
                                const struct wci_transport *transport, wci_keyring **out);
/* Before its transport is closed; what it asks for is cancelled, and nobody's `ready` is called. In
 * a forked child only memory is given back, behind the transport's, which may point to it. */
void wci_keyring_close(wci_keyring *keyring, bool is_forked);

/*
 * Answers the credentials that are good now, held for the caller; or WILDCAM_ERR_BUSY while a
 * source is being asked over the network (`ready` is called on the leading thread when that has
 * ended, once, whatever came of it; ask again then); or the failure, whose sentence says which
 * source lacked what, and for how long it is not asked again: WILDCAM_ERR_DENIED when there are
 * none, WILDCAM_ERR_IO when one that should have some cannot be asked, WILDCAM_ERR_INVALID when
 * what it has is none, or WILDCAM_ERR_NOMEM. Called by the leading thread, as all of these are.
 */
wildcam_status wci_keyring_get(wci_keyring *keyring, void (*ready)(void *user), void *user,
                               const struct wci_credentials **out);
/* A server said that these have expired: others are asked for at once. When there are none, as
 * with those of the settings, they are given out again after a while: a station in the field must
 * not stop for good because a server was wrong once. */
void wci_keyring_reject(wci_keyring *keyring, const struct wci_credentials *credentials);
/* Takes back each `ready` with this user that has not been called. */
void wci_keyring_forget(wci_keyring *keyring, void *user);

#endif
