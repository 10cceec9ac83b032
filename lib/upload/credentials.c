#include "upload/credentials.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* What is given out, with its texts behind it. */
struct held {
    struct wci_credentials credentials; /* the first: a pointer to it is one to this */
    atomic_int holders;
    size_t size;
    char texts[];
};

static struct held *held_of(const struct wci_credentials *credentials)
{
    /* What was made below. NOLINTNEXTLINE(performance-no-int-to-ptr) */
    return (struct held *)(uintptr_t)credentials;
}

const struct wci_credentials *wci_credentials_hold(const struct wci_credentials *credentials)
{
    if (credentials)
        atomic_fetch_add(&held_of(credentials)->holders, 1);
    return credentials;
}

void wci_credentials_let_go(const struct wci_credentials *credentials)
{
    struct held *held = held_of(credentials);
    if (!held || atomic_fetch_sub(&held->holders, 1) != 1)
        return;
    wci_wipe(held, held->size);
    free(held);
}

static const char *put(char **at, const char *text)
{
    char *place = *at;
    size_t size = strlen(text) + 1;
    memcpy(place, text, size);
    *at += size;
    return place;
}

const struct wci_credentials *wci_credentials_make(const wildcam_credentials *from, int64_t number)
{
    size_t size = sizeof(struct held) + strlen(from->access_key) + strlen(from->secret_key) +
                  strlen(from->session_token) + 3;
    struct held *held = wci_new(size);
    if (!held)
        return NULL;
    char *at = held->texts;
    held->size = size;
    atomic_init(&held->holders, 1);
    held->credentials.access_key = put(&at, from->access_key);
    held->credentials.secret_key = put(&at, from->secret_key);
    held->credentials.session_token = put(&at, from->session_token);
    held->credentials.expires = from->expires;
    held->credentials.number = number;
    return &held->credentials;
}
