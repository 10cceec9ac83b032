/* An access key with its secret, as a host's callback gives it. */
#ifndef WCI_CONF_CREDENTIALS_H
#define WCI_CONF_CREDENTIALS_H

#include <stdint.h>

#include <wildcam/conf.h>

enum { WCI_ACCESS_KEY_MAX = 128, WCI_SECRET_KEY_MAX = 1024, WCI_SESSION_TOKEN_MAX = 16384 };

struct wildcam_credentials {
    char access_key[WCI_ACCESS_KEY_MAX + 1]; /* "" until they are set */
    char secret_key[WCI_SECRET_KEY_MAX + 1];
    char session_token[WCI_SESSION_TOKEN_MAX + 1]; /* "" when there is none */
    int64_t expires;                               /* or WILDCAM_TIME_NONE */
};

wildcam_status wci_credentials_set(wildcam_credentials *credentials, const char *access_key,
                                   const char *secret_key, const char *session_token,
                                   int64_t expires);
/* Wipes all of it. */
void wci_credentials_clear(wildcam_credentials *credentials);

#endif
