/* Keys, users and sessions in the catalog: what is read. Nothing is remembered between calls, so
 * that what another process revokes is revoked here. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite.h"

/* A question: its words, what is bound, and who reads a row of the answer. */
struct question {
    const char *sql;
    const char *id; /* NULL for none */
    wildcam_status (*each)(void *user, sqlite3_stmt *row);
    void *user;
    int64_t time; /* what is bound where there is no id */
};

/* Calls back for each row; `found` counts them. */
static wildcam_status ask(wci_backend *self, const struct question *question, int *found)
{
    struct wci_database *reader;
    sqlite3_stmt *statement;
    *found = 0;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(reader, 0, question->sql, &statement);
    if (status == WILDCAM_OK) {
        wildcam_step step = 0;
        if (question->id)
            sqlite3_bind_text(statement, 1, question->id, -1, SQLITE_STATIC);
        else if (sqlite3_bind_parameter_count(statement) > 0)
            sqlite3_bind_int64(statement, 1, question->time);
        while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1) {
            status = question->each(question->user, statement);
            ++*found;
        }
        sqlite3_reset(statement);
        if (status == WILDCAM_OK)
            status = step;
    }
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}

static void take_text(sqlite3_stmt *row, int index, char *to, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(row, index);
    snprintf(to, size, "%s", text ? text : "");
}

static wildcam_status take_bytes(sqlite3_stmt *row, int index, void *to, size_t size)
{
    const void *bytes = sqlite3_column_blob(row, index);
    if (!bytes || (size_t)sqlite3_column_bytes(row, index) != size)
        return wci_fail(WILDCAM_ERR_CORRUPT, "a hash of the catalog has not %zu bytes", size);
    memcpy(to, bytes, size);
    return WILDCAM_OK;
}

static wildcam_status take_role(sqlite3_stmt *row, int index, int *role)
{
    const char *name = (const char *)sqlite3_column_text(row, index);
    *role = name ? wci_role_find(name) : -1;
    return *role >= 0 ? WILDCAM_OK
                      : wci_fail(WILDCAM_ERR_CORRUPT, "the catalog has a role \"%.20s\"",
                                 name ? name : "");
}

#define KEY_COLUMNS "id, role, created_at, device_id, note"
#define USER_COLUMNS "name, role, created_at"

static wildcam_status take_key(sqlite3_stmt *row, wildcam_access *key)
{
    wci_access_init(key);
    key->kind = WILDCAM_ACCESS_KEY;
    take_text(row, 0, key->id, sizeof key->id);
    key->created_at = sqlite3_column_int64(row, 2);
    take_text(row, 3, key->device_id, sizeof key->device_id);
    take_text(row, 4, key->note, sizeof key->note);
    return take_role(row, 1, &key->role);
}

static wildcam_status take_user(sqlite3_stmt *row, wildcam_access *user)
{
    wci_access_init(user);
    user->kind = WILDCAM_ACCESS_USER;
    take_text(row, 0, user->id, sizeof user->id);
    user->created_at = sqlite3_column_int64(row, 2);
    return take_role(row, 1, &user->role);
}

struct found_key {
    wildcam_access *key;
    unsigned char *hash;
};

static wildcam_status read_key(void *user, sqlite3_stmt *row)
{
    const struct found_key *found = user;
    wildcam_status status = take_key(row, found->key);
    return status == WILDCAM_OK ? take_bytes(row, 5, found->hash, WCI_DIGEST_BYTES) : status;
}

wildcam_status wci_sqlite_find_key(wci_backend *self, const char *id, wildcam_access *out,
                                   unsigned char hash[WCI_DIGEST_BYTES])
{
    int found;
    struct found_key key = {out, hash};
    const struct question question = {.sql = "SELECT " KEY_COLUMNS ", sha256 FROM keys WHERE id=?",
                                      .id = id,
                                      .each = read_key,
                                      .user = &key};
    wildcam_status status = ask(self, &question, &found);
    return status == WILDCAM_OK && !found
               ? wci_fail(WILDCAM_ERR_NOTFOUND, "there is no key \"%.40s\"", id)
               : status;
}

struct found_user {
    wildcam_access *user;
    struct wci_password *password;
};

static wildcam_status read_user(void *user, sqlite3_stmt *row)
{
    const struct found_user *found = user;
    struct wci_password *password = found->password;
    wildcam_status status = take_user(row, found->user);
    if (status == WILDCAM_OK)
        status = take_bytes(row, 3, password->hash, sizeof password->hash);
    if (status == WILDCAM_OK)
        status = take_bytes(row, 4, password->salt, sizeof password->salt);
    password->cost = (struct wci_digest_cost){.log_n = (uint32_t)sqlite3_column_int64(row, 5),
                                              .blocks = (uint32_t)sqlite3_column_int64(row, 6),
                                              .times = (uint32_t)sqlite3_column_int64(row, 7)};
    return status;
}

wildcam_status wci_sqlite_find_user(wci_backend *self, const char *name, wildcam_access *out,
                                    struct wci_password *password)
{
    int found;
    struct found_user user = {out, password};
    const struct question question = {
        .sql = "SELECT " USER_COLUMNS
               ", scrypt, salt, log_n, blocks, times FROM users WHERE name=?",
        .id = name,
        .each = read_user,
        .user = &user};
    wildcam_status status = ask(self, &question, &found);
    return status == WILDCAM_OK && !found
               ? wci_fail(WILDCAM_ERR_NOTFOUND, "there is no user \"%.64s\"", name)
               : status;
}

struct found_session {
    struct wci_session *session;
    wildcam_access *user;
};

static wildcam_status read_session(void *user, sqlite3_stmt *row)
{
    const struct found_session *found = user;
    struct wci_session *session = found->session;
    wildcam_status status = take_user(row, found->user);
    take_text(row, 3, session->id, sizeof session->id);
    memcpy(session->user, found->user->id, sizeof session->user);
    if (status == WILDCAM_OK)
        status = take_bytes(row, 4, session->access_hash, sizeof session->access_hash);
    if (status == WILDCAM_OK)
        status = take_bytes(row, 5, session->refresh_hash, sizeof session->refresh_hash);
    session->access_until = sqlite3_column_int64(row, 6);
    session->refresh_until = sqlite3_column_int64(row, 7);
    session->created_at = sqlite3_column_int64(row, 8);
    return status;
}

wildcam_status wci_sqlite_find_session(wci_backend *self, const char *id, struct wci_session *out,
                                       wildcam_access *user)
{
    int found;
    struct found_session session = {out, user};
    const struct question question = {
        .sql =
            "SELECT name, role, users.created_at, id, access_sha256, refresh_sha256, access_until,"
            " refresh_until, sessions.created_at FROM sessions JOIN users ON name=user WHERE id=?",
        .id = id,
        .each = read_session,
        .user = &session};
    wildcam_status status = ask(self, &question, &found);
    return status == WILDCAM_OK && !found ? wci_fail(WILDCAM_ERR_NOTFOUND, "the session has ended")
                                          : status;
}

struct listing {
    int kind;
    wildcam_status (*each)(void *user, const wildcam_access *access);
    void *user;
};

static wildcam_status list_row(void *user, sqlite3_stmt *row)
{
    const struct listing *listing = user;
    wildcam_access access;
    wildcam_status status = listing->kind == WILDCAM_ACCESS_KEY ? take_key(row, &access)
                                                                : take_user(row, &access);
    return status == WILDCAM_OK ? listing->each(listing->user, &access) : status;
}

wildcam_status
wci_sqlite_list_access(wci_backend *self, int kind,
                       wildcam_status (*each)(void *user, const wildcam_access *access), void *user)
{
    int found;
    struct listing listing = {kind, each, user};
    const struct question question = {
        .sql = kind == WILDCAM_ACCESS_KEY ? "SELECT " KEY_COLUMNS
                                            " FROM keys ORDER BY created_at, id"
                                          : "SELECT " USER_COLUMNS " FROM users ORDER BY name",
        .each = list_row,
        .user = &listing};
    return ask(self, &question, &found);
}

static wildcam_status pass(void *user, sqlite3_stmt *row)
{
    (void)user;
    (void)row;
    return WILDCAM_OK;
}

wildcam_status wci_sqlite_has_access(wci_backend *self, bool *has)
{
    int found;
    const struct question question = {.sql = "SELECT 1 FROM guarded LIMIT 1", .each = pass};
    wildcam_status status = ask(self, &question, &found);
    *has = status != WILDCAM_OK || found > 0;
    return status;
}

wildcam_status wci_sqlite_find_expired(wci_backend *self, int64_t now, bool *has)
{
    int found;
    const struct question question = {
        .sql = "SELECT 1 FROM sessions WHERE refresh_until<=? LIMIT 1", .each = pass, .time = now};
    wildcam_status status = ask(self, &question, &found);
    *has = found > 0;
    return status;
}
