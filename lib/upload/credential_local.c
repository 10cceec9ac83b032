/* Credentials that the host gives: settings, its callback, the environment. */
#include <string.h>

#include <wildcam/time.h>

#include "upload/credential_source.h"

static enum wci_finding begin_settings(struct wci_search *search)
{
    const char *secret_key = wci_conf_text(search->conf, WCI_S3_SECRET_KEY);
    const char *token = wci_conf_text(search->conf, WCI_S3_SESSION_TOKEN);
    if (!*wci_conf_text(search->conf, WCI_S3_ACCESS_KEY))
        return wci_search_fails(WILDCAM_ERR_INVALID,
                                "s3.secret_key is set and s3.access_key is not");
    if (!*secret_key)
        return wci_search_fails(WILDCAM_ERR_INVALID,
                                "s3.access_key is set and s3.secret_key is not");
    return wci_search_finds(search, wci_source_settings.words,
                            wci_conf_text(search->conf, WCI_S3_ACCESS_KEY), secret_key,
                            *token ? token : NULL, NULL);
}

const struct wci_source wci_source_settings = {.words = "the settings", .begin = begin_settings};

static enum wci_finding begin_callback(struct wci_search *search)
{
    void *user;
    wildcam_credentials_fn *ask = wci_conf_credentials(search->conf, &user);
    wci_credentials_clear(&search->found);
    int answer = ask(user, &search->found);
    if (answer != 0)
        return wci_search_fails(WILDCAM_ERR_DENIED, "the callback for credentials answers %d",
                                answer);
    if (!search->found.access_key[0])
        return wci_search_fails(WILDCAM_ERR_INVALID,
                                "the callback for credentials answers 0 and has set none");
    wci_search_expires(search, search->found.expires);
    return WCI_FOUND;
}

const struct wci_source wci_source_callback = {.words = "the callback for credentials",
                                               .begin = begin_callback};

static enum wci_finding begin_environment(struct wci_search *search)
{
    const char *access_key = wci_search_variable(search, WCI_AWS_ACCESS_KEY);
    const char *secret_key = wci_search_variable(search, WCI_AWS_SECRET_KEY);
    if (!access_key)
        return wci_search_lacks(search, "the environment has no AWS_ACCESS_KEY_ID");
    if (!secret_key)
        return wci_search_fails(WILDCAM_ERR_INVALID, "the environment has AWS_ACCESS_KEY_ID and "
                                                     "no AWS_SECRET_ACCESS_KEY");
    return wci_search_finds(search, wci_source_environment.words, access_key, secret_key,
                            wci_search_variable(search, WCI_AWS_SESSION_TOKEN),
                            wci_search_variable(search, WCI_AWS_EXPIRATION));
}

const struct wci_source wci_source_environment = {
    .name = "environment", .words = "the environment", .begin = begin_environment};
