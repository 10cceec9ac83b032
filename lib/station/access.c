#include "station/access.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"

static wildcam_status change(wildcam_station *station, const struct wci_access_change *wish)
{
    return station->store.ops->change_access(station->store.backend, wish);
}

wildcam_status wci_station_create_key(wildcam_station *station, wildcam_access *key,
                                      char text[WILDCAM_KEY_TEXT])
{
    enum { ATTEMPTS = 8 }; /* ids are short enough to meet now and then */
    unsigned char hash[WCI_DIGEST_BYTES];
    wildcam_status status = wci_disk_check(station->conf, 0);
    key->created_at = wci_calendar_now();
    for (int attempt = 0; attempt < ATTEMPTS && status == WILDCAM_OK; attempt++) {
        status = wci_credential_new_id(WCI_CREDENTIAL_KEY, key->id);
        if (status == WILDCAM_OK)
            status = wci_credential_make(WCI_CREDENTIAL_KEY, key->id, text, hash);
        if (status == WILDCAM_OK)
            status = change(station, &(struct wci_access_change){
                                         .step = WCI_ACCESS_ADD_KEY, .access = key, .hash = hash});
        if (status != WILDCAM_ERR_EXISTS)
            break;
        status = WILDCAM_OK;
    }
    if (status == WILDCAM_OK)
        wci_log_write(&station->log, WILDCAM_LOG_INFO, "access", "key %s was made: %s%s%s", key->id,
                      wci_role_name(key->role), *key->device_id ? " " : "", key->device_id);
    return status;
}

wildcam_status wci_station_revoke_key(wildcam_station *station, const char *id)
{
    if (!wci_credential_is_id(WCI_CREDENTIAL_KEY, id)) /* it may be a whole key: it is not shown */
        return wci_fail(WILDCAM_ERR_INVALID,
                        "a key's id is the 8 digits of 0-9a-f between its underscores");
    wildcam_status status =
        change(station, &(struct wci_access_change){.step = WCI_ACCESS_REVOKE_KEY, .id = id});
    if (status == WILDCAM_OK)
        wci_log_write(&station->log, WILDCAM_LOG_INFO, "access", "key %s was revoked", id);
    return status;
}

/* What proves it, beside what was shown; an id that is not known has no hash that anything has. */
static bool proves(wildcam_status found, const struct wci_credential *shown,
                   const unsigned char hash[WCI_DIGEST_BYTES])
{
    static const unsigned char nobodys[WCI_DIGEST_BYTES];
    bool is_same = wci_digest_is_same(shown->hash, found == WILDCAM_OK ? hash : nobodys,
                                      WCI_DIGEST_BYTES);
    return is_same && found == WILDCAM_OK;
}

static wildcam_status check_key(wildcam_station *station, const struct wci_credential *shown,
                                wildcam_access *out)
{
    unsigned char hash[WCI_DIGEST_BYTES];
    wildcam_status status = station->store.ops->find_key(station->store.backend, shown->id, out,
                                                         hash);
    if (status != WILDCAM_OK && status != WILDCAM_ERR_NOTFOUND)
        return status;
    return proves(status, shown, hash) ? WILDCAM_OK : wci_credential_refuse();
}

static wildcam_status check_token(wildcam_station *station, const struct wci_credential *shown,
                                  wildcam_access *user)
{
    struct wci_session session;
    bool is_access = shown->kind == WCI_CREDENTIAL_ACCESS;
    wildcam_status status = station->store.ops->find_session(station->store.backend, shown->id,
                                                             &session, user);
    if (status != WILDCAM_OK && status != WILDCAM_ERR_NOTFOUND)
        return status;
    if (!proves(status, shown, is_access ? session.access_hash : session.refresh_hash))
        return wci_credential_refuse();
    int64_t until = is_access ? session.access_until : session.refresh_until;
    user->expires_at = session.access_until;
    return wci_calendar_now() < until ? WILDCAM_OK : wci_credential_refuse();
}

wildcam_status wci_station_find_session(wildcam_station *station, const char *text,
                                        struct wci_credential *shown, wildcam_access *user)
{
    wildcam_status status = wci_credential_read(text, shown);
    if (status != WILDCAM_OK)
        return status;
    return shown->kind == WCI_CREDENTIAL_KEY ? wci_credential_refuse()
                                             : check_token(station, shown, user);
}

wildcam_status wci_station_check_access(wildcam_station *station, const char *text,
                                        wildcam_access *out)
{
    struct wci_credential shown;
    wildcam_status status = wci_credential_read(text, &shown);
    if (status != WILDCAM_OK)
        return status;
    if (shown.kind == WCI_CREDENTIAL_KEY)
        return check_key(station, &shown, out);
    if (shown.kind == WCI_CREDENTIAL_ACCESS)
        return check_token(station, &shown, out);
    return wci_credential_refuse(); /* a refresh token opens nothing by itself */
}
