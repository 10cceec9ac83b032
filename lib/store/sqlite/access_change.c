/* Keys, users and sessions in the catalog: what is changed. */
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite.h"

#define TEXT(value)                                                                                \
    {                                                                                              \
        .text = (value)                                                                            \
    }
#define NUMBER(value)                                                                              \
    {                                                                                              \
        .number = (value)                                                                          \
    }
#define BYTES(value, length)                                                                       \
    {                                                                                              \
        .bytes = (value), .size = (length)                                                         \
    }

/* What is bound to a statement; a text that is "" is NULL in the row. */
struct value {
    const char *text;
    const void *bytes;
    int size;
    int64_t number;
};

/* Runs a statement with its values; *changed is how many rows it changed, and may be NULL. */
static wildcam_status run(struct wci_database *writer, const char *sql, const struct value *values,
                          int count, int *changed)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(writer, (uintptr_t)sql, sql, &statement);
    if (status != WILDCAM_OK)
        return status;
    for (int i = 0; i < count; i++) {
        if (values[i].text)
            wci_bind_text(statement, i + 1, values[i].text);
        else if (values[i].bytes)
            sqlite3_bind_blob(statement, i + 1, values[i].bytes, values[i].size, SQLITE_STATIC);
        else
            sqlite3_bind_int64(statement, i + 1, values[i].number);
    }
    wildcam_step step = wci_database_step(writer, statement);
    if (changed)
        *changed = sqlite3_changes(writer->handle);
    return step;
}

#define RUN(writer, sql, changed, ...)                                                             \
    run(writer, sql, (const struct value[]){__VA_ARGS__},                                          \
        (int)(sizeof((const struct value[]){__VA_ARGS__}) / sizeof(struct value)), changed)

static wildcam_status guard(struct wci_database *writer, int64_t now)
{
    return RUN(writer,
               "INSERT INTO guarded(since) SELECT ? WHERE NOT EXISTS(SELECT 1 FROM guarded)", NULL,
               NUMBER(now));
}

static wildcam_status add_key(struct wci_database *writer, const struct wci_access_change *change)
{
    const wildcam_access *key = change->access;
    int changed = 0;
    wildcam_status status = RUN(
        writer,
        "INSERT INTO keys(id, role, device_id, note, sha256, created_at) VALUES(?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        &changed, TEXT(key->id), TEXT(wci_role_name(key->role)), TEXT(key->device_id),
        TEXT(key->note), BYTES(change->hash, WCI_DIGEST_BYTES), NUMBER(key->created_at));
    if (status == WILDCAM_OK && !changed)
        return wci_fail(WILDCAM_ERR_EXISTS, "there is a key \"%s\"", key->id);
    return status == WILDCAM_OK ? guard(writer, key->created_at) : status;
}

static wildcam_status revoke_key(struct wci_database *writer,
                                 const struct wci_access_change *change)
{
    int changed = 0;
    wildcam_status status = RUN(writer, "DELETE FROM keys WHERE id=?", &changed, TEXT(change->id));
    return status == WILDCAM_OK && !changed
               ? wci_fail(WILDCAM_ERR_NOTFOUND, "there is no key \"%.40s\"", change->id)
               : status;
}

static wildcam_status add_user(struct wci_database *writer, const struct wci_access_change *change)
{
    const wildcam_access *user = change->access;
    const struct wci_password *password = change->password;
    int changed = 0;
    wildcam_status status =
        RUN(writer,
            "INSERT INTO users(name, role, scrypt, salt, log_n, blocks, times, created_at)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            &changed, TEXT(user->id), TEXT(wci_role_name(user->role)),
            BYTES(password->hash, sizeof password->hash),
            BYTES(password->salt, sizeof password->salt), NUMBER(password->cost.log_n),
            NUMBER(password->cost.blocks), NUMBER(password->cost.times), NUMBER(user->created_at));
    if (status == WILDCAM_OK && !changed)
        return wci_fail(WILDCAM_ERR_EXISTS, "there is a user \"%s\"", user->id);
    return status == WILDCAM_OK ? guard(writer, user->created_at) : status;
}

static wildcam_status end_sessions_of(struct wci_database *writer, const char *user)
{
    return RUN(writer, "DELETE FROM sessions WHERE user=?", NULL, TEXT(user));
}

static wildcam_status no_user(const char *name)
{
    return wci_fail(WILDCAM_ERR_NOTFOUND, "there is no user \"%.64s\"", name);
}

/* With `instead_of` only where that is what is kept; it may be NULL. */
static wildcam_status keep_password(struct wci_database *writer, const char *user,
                                    const struct wci_password *password,
                                    const struct wci_password *instead_of)
{
    int changed = 0;
    wildcam_status status =
        RUN(writer,
            "UPDATE users SET scrypt=?, salt=?, log_n=?, blocks=?, times=?"
            " WHERE name=? AND (NOT ? OR scrypt=?)",
            &changed, BYTES(password->hash, sizeof password->hash),
            BYTES(password->salt, sizeof password->salt), NUMBER(password->cost.log_n),
            NUMBER(password->cost.blocks), NUMBER(password->cost.times), TEXT(user),
            NUMBER(instead_of != NULL),
            BYTES((instead_of ? instead_of : password)->hash, sizeof password->hash));
    return status == WILDCAM_OK && !changed ? no_user(user) : status;
}

static wildcam_status set_password(struct wci_database *writer,
                                   const struct wci_access_change *change)
{
    wildcam_status status = keep_password(writer, change->id, change->password, NULL);
    return status == WILDCAM_OK ? end_sessions_of(writer, change->id) : status;
}

/* His sessions ask for it each time. */
static wildcam_status set_role(struct wci_database *writer, const struct wci_access_change *change)
{
    const wildcam_access *user = change->access;
    int changed = 0;
    wildcam_status status = RUN(writer, "UPDATE users SET role=? WHERE name=?", &changed,
                                TEXT(wci_role_name(user->role)), TEXT(user->id));
    return status == WILDCAM_OK && !changed ? no_user(user->id) : status;
}

static wildcam_status remove_user(struct wci_database *writer,
                                  const struct wci_access_change *change)
{
    int changed = 0;
    wildcam_status status = RUN(writer, "DELETE FROM users WHERE name=?", &changed,
                                TEXT(change->id));
    if (status == WILDCAM_OK && !changed)
        return no_user(change->id);
    return status == WILDCAM_OK ? end_sessions_of(writer, change->id) : status;
}

static wildcam_status add_session(struct wci_database *writer,
                                  const struct wci_access_change *change)
{
    const struct wci_session *session = change->session;
    const struct wci_password *password = change->password;
    wildcam_status status = WILDCAM_OK;
    int changed = 0;
    if (change->rehashed) {
        status = keep_password(writer, session->user, change->rehashed, password);
        password = change->rehashed;
    }
    if (status != WILDCAM_OK)
        return status;
    status = RUN(
        writer,
        "INSERT INTO sessions(id, user, access_sha256, access_until, refresh_sha256,"
        " refresh_until, created_at)"
        " SELECT ?1, name, ?3, ?4, ?5, ?6, ?7 FROM users WHERE name=?2 AND scrypt=?8",
        &changed, TEXT(session->id), TEXT(session->user),
        BYTES(session->access_hash, sizeof session->access_hash), NUMBER(session->access_until),
        BYTES(session->refresh_hash, sizeof session->refresh_hash), NUMBER(session->refresh_until),
        NUMBER(session->created_at), BYTES(password->hash, sizeof password->hash));
    if (status == WILDCAM_OK && !changed)
        return no_user(session->user);
    if (status != WILDCAM_OK)
        return status;
    return RUN(writer,
               "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE user=?1 AND id<>?2"
               " ORDER BY created_at DESC, id LIMIT -1 OFFSET ?3)",
               NULL, TEXT(session->user), TEXT(session->id), NUMBER(WCI_SESSIONS_MAX - 1));
}

static wildcam_status delete_session(struct wci_database *writer, const char *id)
{
    int changed = 0;
    wildcam_status status = RUN(writer, "DELETE FROM sessions WHERE id=?", &changed, TEXT(id));
    return status == WILDCAM_OK && !changed
               ? wci_fail(WILDCAM_ERR_NOTFOUND, "the session has ended")
               : status;
}

/* `*ended` when the token was not the session's last: that it ends is to stay, whatever the answer
 * is. */
static wildcam_status renew_session(struct wci_database *writer,
                                    const struct wci_access_change *change, bool *ended)
{
    const struct wci_session *session = change->session;
    int changed = 0;
    wildcam_status status = RUN(
        writer,
        "UPDATE sessions SET access_sha256=?, access_until=?, refresh_sha256=?,"
        " refresh_until=? WHERE id=? AND refresh_sha256=?",
        &changed, BYTES(session->access_hash, sizeof session->access_hash),
        NUMBER(session->access_until), BYTES(session->refresh_hash, sizeof session->refresh_hash),
        NUMBER(session->refresh_until), TEXT(session->id), BYTES(change->hash, WCI_DIGEST_BYTES));
    if (status != WILDCAM_OK || changed)
        return status;
    status = delete_session(writer, session->id);
    *ended = status == WILDCAM_OK;
    return status;
}

static wildcam_status end_expired(struct wci_database *writer,
                                  const struct wci_access_change *change)
{
    return RUN(writer, "DELETE FROM sessions WHERE refresh_until<=?", NULL, NUMBER(change->now));
}

static wildcam_status take_step(struct wci_database *writer, const struct wci_access_change *change,
                                bool *ended)
{
    switch (change->step) {
    case WCI_ACCESS_ADD_KEY:
        return add_key(writer, change);
    case WCI_ACCESS_REVOKE_KEY:
        return revoke_key(writer, change);
    case WCI_ACCESS_ADD_USER:
        return add_user(writer, change);
    case WCI_ACCESS_SET_PASSWORD:
        return set_password(writer, change);
    case WCI_ACCESS_SET_ROLE:
        return set_role(writer, change);
    case WCI_ACCESS_REMOVE_USER:
        return remove_user(writer, change);
    case WCI_ACCESS_ADD_SESSION:
        return add_session(writer, change);
    case WCI_ACCESS_RENEW_SESSION:
        return renew_session(writer, change, ended);
    case WCI_ACCESS_END_SESSION:
        return delete_session(writer, change->id);
    case WCI_ACCESS_END_EXPIRED:
        return end_expired(writer, change);
    }
    return wci_fail(WILDCAM_ERR_INTERNAL, "there is no such step");
}

wildcam_status wci_sqlite_change_access(wci_backend *self, const struct wci_access_change *change)
{
    struct wci_database *writer;
    bool ended = false, found = true;
    wildcam_status status = WILDCAM_OK;
    /* What is looked for every minute must not write every minute. */
    if (change->step == WCI_ACCESS_END_EXPIRED)
        status = wci_sqlite_find_expired(self, change->now, &found);
    if (status != WILDCAM_OK || !found)
        return status;
    status = wci_pool_begin(&self->catalog.pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    status = take_step(writer, change, &ended);
    if (status != WILDCAM_OK) {
        wci_pool_rollback(&self->catalog.pool);
        return status;
    }
    status = wci_pool_commit(&self->catalog.pool);
    return status == WILDCAM_OK && ended
               ? wci_fail(WILDCAM_ERR_AUTH, "the token is not the session's last, which has ended")
               : status;
}
