#include "conf/credentials.h"

#include <stdio.h>
#include <string.h>

#include <wildcam/time.h>

#include "base/error.h"
#include "base/memory.h"
#include "conf/form.h"

/* The sentence never has the value. */
static wildcam_status check(const char *what, const char *text, size_t max)
{
    size_t length = strlen(text);
    if (length == 0)
        return wci_fail(WILDCAM_ERR_INVALID, "%s is empty", what);
    if (length > max)
        return wci_fail(WILDCAM_ERR_INVALID, "%s has %zu bytes; the most are %zu", what, length,
                        max);
    const char *fault = wci_form_named("visible")->fault(text);
    return fault ? wci_fail(WILDCAM_ERR_INVALID, "%s is wrong: %s", what, fault) : WILDCAM_OK;
}

wildcam_status wci_credentials_set(wildcam_credentials *credentials, const char *access_key,
                                   const char *secret_key, const char *session_token,
                                   int64_t expires)
{
    wildcam_status status = check("the access key", access_key, WCI_ACCESS_KEY_MAX);
    if (status == WILDCAM_OK)
        status = check("the secret key", secret_key, WCI_SECRET_KEY_MAX);
    if (status == WILDCAM_OK && session_token)
        status = check("the session token", session_token, WCI_SESSION_TOKEN_MAX);
    if (status != WILDCAM_OK)
        return status;
    wci_credentials_clear(credentials);
    snprintf(credentials->access_key, sizeof credentials->access_key, "%s", access_key);
    snprintf(credentials->secret_key, sizeof credentials->secret_key, "%s", secret_key);
    snprintf(credentials->session_token, sizeof credentials->session_token, "%s",
             session_token ? session_token : "");
    credentials->expires = expires;
    return WILDCAM_OK;
}

void wci_credentials_clear(wildcam_credentials *credentials)
{
    wci_wipe(credentials, sizeof *credentials);
    credentials->expires = WILDCAM_TIME_NONE;
}
