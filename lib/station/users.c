/* People: their passwords and their sessions. */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "station/access.h"

/* One hash of a password is worked out at a time, so that no flood of logins takes more memory than
 * one does. Who would have to wait behind too many others is sent away. */
enum { WAITING_MAX = 8 };

static wildcam_status begin_hash(wildcam_station *station)
{
    if (++station->hashing > WAITING_MAX) {
        station->hashing--;
        return wci_fail(WILDCAM_ERR_BUSY,
                        "%d logins are being worked out already; try again in a moment",
                        WAITING_MAX);
    }
    pthread_mutex_lock(&station->hash_mutex);
    return WILDCAM_OK;
}

static void end_hash(wildcam_station *station)
{
    pthread_mutex_unlock(&station->hash_mutex);
    station->hashing--;
}

static wildcam_status change(wildcam_station *station, const struct wci_access_change *wish)
{
    return station->store.ops->change_access(station->store.backend, wish);
}

static uint32_t rounds(const wildcam_station *station)
{
    return (uint32_t)wci_conf_int(station->conf, WCI_AUTH_PASSWORD_COST);
}

static wildcam_status make_password(wildcam_station *station, const char *words,
                                    struct wci_password *password)
{
    wildcam_status status = begin_hash(station);
    if (status != WILDCAM_OK)
        return status;
    status = wci_password_make(words, rounds(station), password);
    end_hash(station);
    return status;
}

wildcam_status wci_station_create_user(wildcam_station *station, wildcam_access *user,
                                       const char *words)
{
    struct wci_password password;
    wildcam_status status = wci_disk_check(station->conf, 0);
    if (status == WILDCAM_OK)
        status = make_password(station, words, &password);
    user->created_at = wci_calendar_now();
    if (status == WILDCAM_OK)
        status = change(station, &(struct wci_access_change){.step = WCI_ACCESS_ADD_USER,
                                                             .access = user,
                                                             .password = &password});
    if (status == WILDCAM_OK)
        wci_log_write(&station->log, WILDCAM_LOG_INFO, "access", "user %s was made: %s", user->id,
                      wci_role_name(user->role));
    return status;
}

wildcam_status wci_station_set_password(wildcam_station *station, const char *name,
                                        const char *words)
{
    struct wci_password password;
    wildcam_status status = make_password(station, words, &password);
    if (status == WILDCAM_OK)
        status = change(station, &(struct wci_access_change){.step = WCI_ACCESS_SET_PASSWORD,
                                                             .id = name,
                                                             .password = &password});
    if (status == WILDCAM_OK)
        wci_log_write(&station->log, WILDCAM_LOG_INFO, "access", "user %s has another password",
                      name);
    return status;
}

wildcam_status wci_station_set_role(wildcam_station *station, const wildcam_access *user)
{
    wildcam_status status =
        change(station, &(struct wci_access_change){.step = WCI_ACCESS_SET_ROLE, .access = user});
    if (status == WILDCAM_OK)
        wci_log_write(&station->log, WILDCAM_LOG_INFO, "access", "user %s is %s now", user->id,
                      wci_role_name(user->role));
    return status;
}

wildcam_status wci_station_remove_user(wildcam_station *station, const char *name)
{
    wildcam_status status =
        change(station, &(struct wci_access_change){.step = WCI_ACCESS_REMOVE_USER, .id = name});
    if (status == WILDCAM_OK)
        wci_log_write(&station->log, WILDCAM_LOG_INFO, "access", "user %s was removed", name);
    return status;
}

static wildcam_status refuse_login(void)
{
    return wci_fail(WILDCAM_ERR_AUTH, "the name or the password is not right");
}

static wildcam_status limit_login(int64_t wait)
{
    return wci_fail(WILDCAM_ERR_LIMITED, "too many logins failed: try again in %lld s",
                    (long long)((wait + WCI_SECOND - 1) / WCI_SECOND));
}

/* Who tries to log in, and what became of it. */
struct login {
    const char *name, *words;
    struct wci_attempt attempt;
    wildcam_access *user;
    struct wci_password kept, rehashed; /* of his password, when it was right */
    bool is_rehashed;
};

static wildcam_status check_wait(wildcam_station *station, const struct login *login)
{
    int64_t wait = wci_throttle_wait(&station->throttle, &login->attempt, wci_calendar_monotonic());
    return wait > 0 ? limit_login(wait) : WILDCAM_OK;
}

/* A name that nobody can have counts and takes time as any other. */
static wildcam_status prove(wildcam_station *station, struct login *login)
{
    bool is_right = false;
    wildcam_status status = check_wait(station, login); /* others may have failed meanwhile */
    if (status != WILDCAM_OK)
        return status;
    wildcam_status found = WILDCAM_ERR_NOTFOUND;
    if (wci_access_is_user_name(login->name))
        found = station->store.ops->find_user(station->store.backend, login->name, login->user,
                                              &login->kept);
    if (found != WILDCAM_OK && found != WILDCAM_ERR_NOTFOUND)
        return found;
    status = wci_password_check(login->words, found == WILDCAM_OK ? &login->kept : NULL,
                                rounds(station), &is_right);
    if (status != WILDCAM_OK)
        return status;
    if (is_right) {
        wci_throttle_succeeded(&station->throttle, &login->attempt, wci_calendar_monotonic());
        return WILDCAM_OK;
    }
    wci_throttle_failed(&station->throttle, &login->attempt, wci_calendar_monotonic());
    return refuse_login();
}

/* What is asked of new passwords may have risen since his was made, and only now it is at hand. A
 * hash that cannot be made keeps nobody out whose password was right. */
static void rehash(wildcam_station *station, struct login *login)
{
    login->is_rehashed = false;
    if (!wci_password_is_weaker(&login->kept, rounds(station)))
        return;
    login->is_rehashed = wci_password_make(login->words, rounds(station), &login->rehashed) ==
                         WILDCAM_OK;
    if (login->is_rehashed)
        return;
    wci_log_write(&station->log, WILDCAM_LOG_WARNING, "access",
                  "the password of %s goes on with a hash of 2^%u rounds: %s", login->user->id,
                  login->kept.cost.log_n, wildcam_error_message());
    wci_error_clear();
}

/* Makes up both tokens, and says how long they are good. */
static wildcam_status fill_session(wildcam_station *station, struct wci_session *session,
                                   wildcam_session *out)
{
    int64_t now = wci_calendar_now();
    session->access_until = now + wci_conf_int(station->conf, WCI_AUTH_TOKEN_SECONDS) * WCI_SECOND;
    session->refresh_until = now +
                             wci_conf_int(station->conf, WCI_AUTH_REFRESH_SECONDS) * WCI_SECOND;
    out->refresh_until = session->refresh_until;
    wildcam_status status = wci_credential_make(WCI_CREDENTIAL_ACCESS, session->id,
                                                out->access_token, session->access_hash);
    return status == WILDCAM_OK ? wci_credential_make(WCI_CREDENTIAL_REFRESH, session->id,
                                                      out->refresh_token, session->refresh_hash)
                                : status;
}

static wildcam_status begin_session(wildcam_station *station, const struct login *login,
                                    wildcam_session *out)
{
    const struct wci_password *rehashed = login->is_rehashed ? &login->rehashed : NULL;
    struct wci_session session = {.created_at = wci_calendar_now()};
    memcpy(session.user, out->user.id, sizeof session.user);
    wildcam_status status = wci_credential_new_id(WCI_CREDENTIAL_ACCESS, session.id);
    if (status == WILDCAM_OK)
        status = fill_session(station, &session, out);
    if (status == WILDCAM_OK)
        status = change(station, &(struct wci_access_change){.step = WCI_ACCESS_ADD_SESSION,
                                                             .password = &login->kept,
                                                             .rehashed = rehashed,
                                                             .session = &session});
    out->user.expires_at = session.access_until;
    wci_wipe(session.id, sizeof session.id);
    return status;
}

/* NOTFOUND when what is kept of the password was another by the end. Who comes too soon is sent
 * away before the line of those whose passwords are worked out: he would fill it. */
static wildcam_status log_in(wildcam_station *station, struct login *login, wildcam_session *out)
{
    wildcam_status status = check_wait(station, login);
    if (status == WILDCAM_OK)
        status = begin_hash(station);
    if (status != WILDCAM_OK)
        return status;
    status = prove(station, login);
    if (status == WILDCAM_OK)
        rehash(station, login);
    end_hash(station);
    return status == WILDCAM_OK ? begin_session(station, login, out) : status;
}

/* Another login of his may have been first to hash the same password anew, so it is looked at once
 * more before it is called wrong. */
wildcam_status wci_station_login(wildcam_station *station, const char *name, const char *words,
                                 const char *origin, wildcam_session *out)
{
    enum { TIMES = 3 };
    struct login login = {.name = name, .words = words, .user = &out->user};
    wildcam_status status = wci_throttle_attempt(&station->throttle, name, origin, &login.attempt);
    if (status != WILDCAM_OK)
        return status;
    status = WILDCAM_ERR_NOTFOUND;
    if (strnlen(words, WILDCAM_PASSWORD_MAX + 1) > WILDCAM_PASSWORD_MAX)
        login.words = ""; /* nobody's; the hash of it takes as long as that of another */
    for (int i = 0; i < TIMES && status == WILDCAM_ERR_NOTFOUND; i++)
        status = log_in(station, &login, out);
    wci_wipe(&login.kept, sizeof login.kept);
    wci_wipe(&login.rehashed, sizeof login.rehashed);
    return status == WILDCAM_ERR_NOTFOUND ? refuse_login() : status;
}

wildcam_status wci_station_login_wait(wildcam_station *station, const char *name,
                                      const char *origin, int64_t *wait)
{
    struct wci_attempt attempt;
    wildcam_status status = wci_throttle_attempt(&station->throttle, name, origin, &attempt);
    if (status == WILDCAM_OK)
        *wait = wci_throttle_wait(&station->throttle, &attempt, wci_calendar_monotonic());
    return status;
}

/* The session ends where a token is shown that is not its last: that one was exchanged before, or
 * made up by somebody who knows the session. The row says which is the last one, and the renewing
 * asks it again: another process may have been first. One that ended in the meantime tells nothing
 * of that kind: its owner has logged out, say. */
wildcam_status wci_station_refresh_login(wildcam_station *station, const char *text,
                                         wildcam_session *out)
{
    struct wci_credential shown;
    struct wci_session session;
    wildcam_status status = wci_credential_read(text, &shown);
    if (status != WILDCAM_OK)
        return status;
    if (shown.kind != WCI_CREDENTIAL_REFRESH)
        return wci_credential_refuse();
    status = station->store.ops->find_session(station->store.backend, shown.id, &session,
                                              &out->user);
    if (status == WILDCAM_ERR_NOTFOUND ||
        (status == WILDCAM_OK && wci_calendar_now() >= session.refresh_until))
        return wci_credential_refuse();
    if (status == WILDCAM_OK)
        status = fill_session(station, &session, out);
    if (status == WILDCAM_OK)
        status = change(station, &(struct wci_access_change){.step = WCI_ACCESS_RENEW_SESSION,
                                                             .session = &session,
                                                             .hash = shown.hash});
    out->user.expires_at = session.access_until;
    if (status == WILDCAM_ERR_AUTH)
        wci_log_write(&station->log, WILDCAM_LOG_WARNING, "access",
                      "a refresh token of %s was shown that is not the last of its session, which "
                      "has ended",
                      out->user.id);
    return status == WILDCAM_ERR_AUTH || status == WILDCAM_ERR_NOTFOUND ? wci_credential_refuse()
                                                                        : status;
}

wildcam_status wci_station_logout(wildcam_station *station, const char *text)
{
    struct wci_credential shown;
    wildcam_access user;
    wildcam_status status = wci_station_find_session(station, text, &shown, &user);
    if (status != WILDCAM_OK)
        return status;
    status = change(station,
                    &(struct wci_access_change){.step = WCI_ACCESS_END_SESSION, .id = shown.id});
    return status == WILDCAM_ERR_NOTFOUND ? wci_credential_refuse() : status;
}
