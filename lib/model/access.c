#include "model/access.h"

#include <stdio.h>
#include <string.h>

#include "base/chance.h"
#include "base/memory.h"
#include "base/utf8.h"

/* What OWASP's cheat sheet asks for beside 2^15 rounds, which take 32 MiB. */
enum { BLOCKS = 8, TIMES = 3 };

static const char *const role_names[] = {
#define NAME(name, value, text) [value] = text,
    WILDCAM_ROLE_LIST(NAME)
#undef NAME
};

enum { ROLES = sizeof role_names / sizeof role_names[0] };

const char *wci_role_name(int role)
{
    return role >= 0 && role < ROLES ? role_names[role] : "unknown";
}

int wci_role_find(const char *name)
{
    for (int i = 0; i < ROLES; i++)
        if (strcmp(name, role_names[i]) == 0)
            return i;
    return -1;
}

void wci_access_init(wildcam_access *access)
{
    *access = (wildcam_access){.created_at = WILDCAM_TIME_NONE, .expires_at = WILDCAM_TIME_NONE};
}

wildcam_status wci_access_set_key(wildcam_access *key, int role, const char *device_id,
                                  const char *note)
{
    if (role < 0 || role >= ROLES)
        return wci_fail(WILDCAM_ERR_INVALID, "%d is no role", role);
    if (role == WILDCAM_ROLE_CAMERA && !device_id)
        return wci_fail(WILDCAM_ERR_INVALID,
                        "a key with the role camera is for one camera: say for which device_id");
    if (role != WILDCAM_ROLE_CAMERA && device_id)
        return wci_fail(WILDCAM_ERR_INVALID, "a key with the role %s is for no single camera",
                        role_names[role]);
    wildcam_status status = device_id ? wci_check_device_id(device_id) : WILDCAM_OK;
    if (status == WILDCAM_OK)
        status = wci_check_text("note", note, WILDCAM_KEY_NOTE_MAX, false);
    if (status != WILDCAM_OK)
        return status;
    key->kind = WILDCAM_ACCESS_KEY;
    key->role = role;
    snprintf(key->device_id, sizeof key->device_id, "%s", device_id ? device_id : "");
    snprintf(key->note, sizeof key->note, "%s", note ? note : "");
    return WILDCAM_OK;
}

bool wci_access_is_user_name(const char *name)
{
    size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                 "._@+-");
    return length >= 1 && length <= WILDCAM_USER_NAME_MAX && name[length] == '\0';
}

wildcam_status wci_access_set_user(wildcam_access *user, const char *name, int role)
{
    if (!wci_access_is_user_name(name))
        return wci_fail(WILDCAM_ERR_INVALID, "a user's name is 1 to %d of A-Za-z0-9._@+-",
                        WILDCAM_USER_NAME_MAX);
    if (role != WILDCAM_ROLE_VIEWER && role != WILDCAM_ROLE_ADMIN)
        return wci_fail(WILDCAM_ERR_INVALID, "people are viewer or admin, not %s",
                        wci_role_name(role));
    user->kind = WILDCAM_ACCESS_USER;
    user->role = role;
    snprintf(user->id, sizeof user->id, "%s", name);
    return WILDCAM_OK;
}

/* Characters, not bytes: eight of them are eight keys, whatever the script. */
wildcam_status wci_access_check_password(const char *password)
{
    size_t length = strnlen(password, WILDCAM_PASSWORD_MAX + 1), characters = 0;
    if (length > WILDCAM_PASSWORD_MAX)
        return wci_fail(WILDCAM_ERR_INVALID, "the password is over %d bytes", WILDCAM_PASSWORD_MAX);
    if (!wci_utf8_is_valid(password, length))
        return wci_fail(WILDCAM_ERR_INVALID, "the password is not UTF-8");
    for (size_t at = 0; at < length; at += wci_utf8_character(password + at, length - at))
        characters++;
    if (characters < WILDCAM_PASSWORD_MIN)
        return wci_fail(WILDCAM_ERR_INVALID, "a password has at least %d characters, this has %zu",
                        WILDCAM_PASSWORD_MIN, characters);
    return WILDCAM_OK;
}

void wci_access_write_json(const wildcam_access *access, struct wci_json *json)
{
    bool is_key = access->kind == WILDCAM_ACCESS_KEY;
    wci_json_open(json, NULL, '{');
    wci_json_text(json, is_key ? "id" : "username", access->id);
    wci_json_text(json, "role", wci_role_name(access->role));
    if (is_key) {
        wci_json_text_or_null(json, "device_id", access->device_id);
        wci_json_text_or_null(json, "note", access->note);
    }
    wci_json_time(json, "created_at", access->created_at, 0);
    wci_json_close(json, '}');
}

wildcam_status wci_password_make(const char *password, uint32_t log_n, struct wci_password *out)
{
    out->cost = (struct wci_digest_cost){log_n, BLOCKS, TIMES};
    wildcam_status status = wci_chance_fill(out->salt, sizeof out->salt);
    return status == WILDCAM_OK
               ? wci_digest_stretch(password, out->salt, sizeof out->salt, &out->cost, out->hash)
               : status;
}

bool wci_password_is_weaker(const struct wci_password *kept, uint32_t log_n)
{
    return kept->cost.log_n < log_n || kept->cost.blocks < BLOCKS || kept->cost.times < TIMES;
}

wildcam_status wci_password_check(const char *password, const struct wci_password *kept,
                                  uint32_t log_n, bool *is_right)
{
    const struct wci_password nobodys = {.cost = {log_n, BLOCKS, TIMES}};
    const struct wci_password *with = kept ? kept : &nobodys;
    unsigned char hash[WCI_DIGEST_BYTES];
    wildcam_status status = wci_digest_stretch(password, with->salt, sizeof with->salt, &with->cost,
                                               hash);
    bool is_same = status == WILDCAM_OK && wci_digest_is_same(hash, with->hash, sizeof hash);
    *is_right = is_same && kept;
    wci_wipe(hash, sizeof hash);
    return status;
}
