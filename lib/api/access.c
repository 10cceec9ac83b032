#include <wildcam/access.h>
#include <wildcam/user.h>

#include <stdlib.h>

#include "api/call.h"
#include "api/json.h"
#include "base/calendar.h"
#include "base/memory.h"
#include "station/access.h"

struct wildcam_access_list {
    wildcam_access *members;
    size_t count, capacity;
};

const char *wildcam_role_name(int role)
{
    return wci_role_name(role);
}

wildcam_status wildcam_role_from_name(const char *name, int *role)
{
    WCI_BEGIN(name, role);
    int found = wci_role_find(name);
    if (found < 0)
        return wci_fail(WILDCAM_ERR_NOTFOUND, "there is no role \"%.20s\"", name);
    *role = found;
    return WILDCAM_OK;
}

wildcam_status wildcam_station_has_keys(wildcam_station *self, int *has_keys)
{
    bool has = true;
    wildcam_status status;
    if (has_keys)
        *has_keys = 1;
    WCI_BEGIN(self, has_keys);
    WCI_WITHIN(self, status, self->store.ops->has_access(self->store.backend, &has));
    *has_keys = status != WILDCAM_OK || has;
    return status;
}

wildcam_status wildcam_station_create_key(wildcam_station *self, int role, const char *device_id,
                                          const char *note, char *key)
{
    wildcam_access access;
    if (key)
        *key = '\0';
    WCI_BEGIN(self, key);
    wci_access_init(&access);
    wildcam_status status = wci_access_set_key(&access, role, device_id, note);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_station_create_key(self, &access, key));
    if (status != WILDCAM_OK)
        wci_wipe(key, WILDCAM_KEY_TEXT);
    return status;
}

wildcam_status wildcam_access_check_key(int role, const char *device_id, const char *note)
{
    wildcam_access key;
    wci_error_clear();
    return wci_access_set_key(&key, role, device_id, note);
}

wildcam_status wildcam_station_revoke_key(wildcam_station *self, const char *id)
{
    wildcam_status status;
    WCI_BEGIN(self, id);
    WCI_WITHIN(self, status, wci_station_revoke_key(self, id));
    return status;
}

static wildcam_status collect(void *user, const wildcam_access *access)
{
    wildcam_access_list *list = user;
    void *members = list->members;
    if (wci_reserve(&members, &list->capacity, list->count + 1, sizeof *list->members) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    list->members = members;
    list->members[list->count++] = *access;
    return WILDCAM_OK;
}

static wildcam_status list_kind(wildcam_station *self, int kind, wildcam_access_list **out)
{
    wildcam_status status;
    wildcam_access_list *list = wci_new(sizeof *list);
    if (!list)
        return WILDCAM_ERR_NOMEM;
    WCI_WITHIN(self, status,
               self->store.ops->list_access(self->store.backend, kind, collect, list));
    if (status == WILDCAM_OK) {
        *out = list;
        return WILDCAM_OK;
    }
    struct wci_error error;
    wci_error_save(&error);
    wildcam_access_list_free(list);
    return wci_error_restore(&error);
}

wildcam_status wildcam_station_list_keys(wildcam_station *self, wildcam_access_list **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    return list_kind(self, WILDCAM_ACCESS_KEY, out);
}

wildcam_status wildcam_station_list_users(wildcam_station *self, wildcam_access_list **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    return list_kind(self, WILDCAM_ACCESS_USER, out);
}

wildcam_status wildcam_station_check_access(wildcam_station *self, const char *credential,
                                            wildcam_access **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, credential, out);
    wildcam_access *access = wci_new(sizeof *access);
    if (!access)
        return WILDCAM_ERR_NOMEM;
    WCI_WITHIN(self, status, wci_station_check_access(self, credential, access));
    if (status == WILDCAM_OK)
        *out = access;
    else
        free(access);
    return status;
}

static wildcam_status fill_user(wildcam_access *user, const char *name, int role,
                                const char *password)
{
    wci_access_init(user);
    wildcam_status status = wci_access_set_user(user, name, role);
    return status == WILDCAM_OK && password ? wci_access_check_password(password) : status;
}

wildcam_status wildcam_access_check_user(const char *name, int role, const char *password)
{
    wildcam_access user;
    WCI_BEGIN(name);
    return fill_user(&user, name, role, password);
}

wildcam_status wildcam_station_create_user(wildcam_station *self, const char *name, int role,
                                           const char *password)
{
    wildcam_access user;
    WCI_BEGIN(self, name, password);
    wildcam_status status = fill_user(&user, name, role, password);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_station_create_user(self, &user, password));
    return status;
}

wildcam_status wildcam_station_set_password(wildcam_station *self, const char *name,
                                            const char *password)
{
    WCI_BEGIN(self, name, password);
    wildcam_status status = wildcam_access_check_user(name, WILDCAM_ROLE_VIEWER, password);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_station_set_password(self, name, password));
    return status;
}

wildcam_status wildcam_station_set_role(wildcam_station *self, const char *name, int role)
{
    wildcam_access user;
    WCI_BEGIN(self, name);
    wildcam_status status = fill_user(&user, name, role, NULL);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_station_set_role(self, &user));
    return status;
}

wildcam_status wildcam_station_remove_user(wildcam_station *self, const char *name)
{
    WCI_BEGIN(self, name);
    wildcam_status status = wildcam_access_check_user(name, WILDCAM_ROLE_VIEWER, NULL);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_station_remove_user(self, name));
    return status;
}

static wildcam_status answer_session(wildcam_status status, wildcam_session *session,
                                     wildcam_session **out)
{
    if (status == WILDCAM_OK)
        *out = session;
    else
        wildcam_session_free(session);
    return status;
}

wildcam_status wildcam_station_login(wildcam_station *self, const char *name, const char *password,
                                     const char *origin, wildcam_session **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, name, password, out);
    wildcam_session *session = wci_new(sizeof *session);
    if (!session)
        return WILDCAM_ERR_NOMEM;
    WCI_WITHIN(self, status, wci_station_login(self, name, password, origin, session));
    return answer_session(status, session, out);
}

wildcam_status wildcam_station_login_wait(wildcam_station *self, const char *name,
                                          const char *origin, int *seconds)
{
    int64_t wait = 0;
    wildcam_status status;
    if (seconds)
        *seconds = 0;
    WCI_BEGIN(self, name, seconds);
    WCI_WITHIN(self, status, wci_station_login_wait(self, name, origin, &wait));
    *seconds = (int)((wait + WCI_SECOND - 1) / WCI_SECOND);
    return status;
}

wildcam_status wildcam_station_refresh_login(wildcam_station *self, const char *refresh_token,
                                             wildcam_session **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, refresh_token, out);
    wildcam_session *session = wci_new(sizeof *session);
    if (!session)
        return WILDCAM_ERR_NOMEM;
    WCI_WITHIN(self, status, wci_station_refresh_login(self, refresh_token, session));
    return answer_session(status, session, out);
}

wildcam_status wildcam_station_logout(wildcam_station *self, const char *token)
{
    wildcam_status status;
    WCI_BEGIN(self, token);
    WCI_WITHIN(self, status, wci_station_logout(self, token));
    return status;
}

const char *wildcam_session_get_access_token(const wildcam_session *self)
{
    return self ? self->access_token : "";
}

const char *wildcam_session_get_refresh_token(const wildcam_session *self)
{
    return self ? self->refresh_token : "";
}

int64_t wildcam_session_get_refresh_expires_at(const wildcam_session *self)
{
    return self ? self->refresh_until : WILDCAM_TIME_NONE;
}

const wildcam_access *wildcam_session_get_access(const wildcam_session *self)
{
    return self ? &self->user : NULL;
}

void wildcam_session_free(wildcam_session *self)
{
    if (self)
        wci_wipe(self, sizeof *self);
    free(self);
}

int wildcam_access_get_kind(const wildcam_access *self)
{
    return self ? self->kind : WILDCAM_ACCESS_KEY;
}

int wildcam_access_get_role(const wildcam_access *self)
{
    return self ? self->role : -1;
}

const char *wildcam_access_get_id(const wildcam_access *self)
{
    return self ? self->id : "";
}

const char *wildcam_access_get_device_id(const wildcam_access *self)
{
    return self ? self->device_id : "";
}

const char *wildcam_access_get_note(const wildcam_access *self)
{
    return self ? self->note : "";
}

int64_t wildcam_access_get_created_at(const wildcam_access *self)
{
    return self ? self->created_at : WILDCAM_TIME_NONE;
}

int64_t wildcam_access_get_expires_at(const wildcam_access *self)
{
    return self ? self->expires_at : WILDCAM_TIME_NONE;
}

static void write_json(const void *object, struct wci_json *json)
{
    wci_access_write_json(object, json);
}

wildcam_status wildcam_access_to_json(const wildcam_access *self, char **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    return wci_to_json(write_json, self, out);
}

void wildcam_access_free(wildcam_access *self)
{
    free(self);
}

size_t wildcam_access_list_get_count(const wildcam_access_list *self)
{
    return self ? self->count : 0;
}

const wildcam_access *wildcam_access_list_at(const wildcam_access_list *self, size_t index)
{
    return self && index < self->count ? &self->members[index] : NULL;
}

void wildcam_access_list_free(wildcam_access_list *self)
{
    if (!self)
        return;
    free(self->members);
    free(self);
}
