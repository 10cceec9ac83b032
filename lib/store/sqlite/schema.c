#include "store/sqlite/schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static int version_of(int application)
{
    return application == WCI_SHARD_APPLICATION ? WCI_SHARD_VERSION : WCI_CATALOG_VERSION;
}

const char *wci_schema_part(int application, int64_t version)
{
    static const char *const shard[] = {WCI_SHARD_SCHEMA_1, WCI_SHARD_SCHEMA_2, WCI_SHARD_SCHEMA_3};
    static const char *const catalog[] = {WCI_CATALOG_SCHEMA_1, WCI_CATALOG_SCHEMA_2,
                                          WCI_CATALOG_SCHEMA_3};
    _Static_assert(sizeof shard / sizeof shard[0] == WCI_SHARD_VERSION, "one for each");
    _Static_assert(sizeof catalog / sizeof catalog[0] == WCI_CATALOG_VERSION, "one for each");
    return application == WCI_SHARD_APPLICATION ? shard[version - 1] : catalog[version - 1];
}

/* What of a catalog's version stands in a text of its own: a string has at most 4,095 characters.
 */
static wildcam_status add_rest(struct wci_database *writer, int application, int64_t version)
{
    if (application != WCI_CATALOG_APPLICATION || version != 3)
        return WILDCAM_OK;
    return wci_database_run(writer, WCI_CATALOG_REST_3);
}

/* All that is missing to this library's version, and its number. */
static wildcam_status add_parts(struct wci_database *writer, int application, int64_t version)
{
    char pragma[64];
    wildcam_status status = WILDCAM_OK;
    for (int64_t next = version + 1; status == WILDCAM_OK && next <= version_of(application);
         next++) {
        status = wci_database_run(writer, wci_schema_part(application, next));
        if (status == WILDCAM_OK)
            status = add_rest(writer, application, next);
    }
    if (status != WILDCAM_OK)
        return status;
    snprintf(pragma, sizeof pragma, "PRAGMA user_version=%d", version_of(application));
    return wci_database_run(writer, pragma);
}

static wildcam_status fill(const char *path, const wildcam_conf *conf, int application)
{
    char pragma[64];
    struct wci_database *database;
    wildcam_status status = wci_database_open(path, WCI_CREATE, conf, &database);
    if (status != WILDCAM_OK)
        return status;
    snprintf(pragma, sizeof pragma, "PRAGMA application_id=%d", application);
    status = wci_database_run(database, "PRAGMA page_size=4096; PRAGMA synchronous=FULL; BEGIN");
    if (status == WILDCAM_OK)
        status = wci_database_run(database, pragma);
    if (status == WILDCAM_OK)
        status = add_parts(database, application, 0);
    if (status == WILDCAM_OK)
        status = wci_database_commit(database);
    if (status == WILDCAM_OK)
        status = wci_database_run(database, "PRAGMA journal_mode=WAL");
    wci_database_close(database);
    return status;
}

static void remove_parts(const char *path)
{
    static const char *const ends[] = {"", "-journal", "-wal", "-shm"};
    char part[WCI_PATH];
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (wci_path(part, "%s%s", path, ends[i]) == WILDCAM_OK)
            unlink(part);
}

static wildcam_status give_name(const char *fresh, const char *path)
{
    char above[WCI_PATH];
    if (link(fresh, path) != 0 && errno != EEXIST) {
        /* A file system without hard links: two processes that begin at the same instant are then
         * kept apart by the catalog's lock alone. */
        if (access(path, F_OK) != 0)
            return wci_file_rename(fresh, path);
    }
    unlink(fresh);
    wildcam_status status = wci_path_above(above, path);
    return status == WILDCAM_OK ? wci_directory_sync(above) : status;
}

wildcam_status wci_schema_create(const char *path, const wildcam_conf *conf, int application)
{
    char fresh[WCI_PATH];
    wildcam_status status = wci_path(fresh, "%s.%ld.new", path, (long)getpid());
    if (status != WILDCAM_OK)
        return status;
    remove_parts(fresh);
    int fd;
    status = wci_file_create(fresh, &fd); /* for its mode and owner */
    if (status == WILDCAM_OK) {
        close(fd);
        status = fill(fresh, conf, application);
    }
    if (status == WILDCAM_OK)
        status = give_name(fresh, path);
    struct wci_error error;
    wci_error_save(&error);
    remove_parts(fresh);
    wci_error_restore(&error);
    return status;
}

/* The version that stands in a file; VERSION when this library does not know it. */
static wildcam_status ask_version(struct wci_database *database, int application, int64_t *version)
{
    int known = version_of(application);
    wildcam_status status = wci_database_ask(database, "PRAGMA user_version", version);
    if (status != WILDCAM_OK || *version <= known)
        return status;
    wci_fail(WILDCAM_ERR_VERSION,
             "%s has version %lld of the schema, this library knows up to %d: use a newer "
             "libwildcam",
             database->path, (long long)*version, known);
    return WILDCAM_ERR_VERSION;
}

wildcam_status wci_schema_check(struct wci_database *database, int application, bool *current)
{
    int64_t found = 0, version = 0;
    wildcam_status status = wci_database_ask(database, "PRAGMA application_id", &found);
    if (status != WILDCAM_OK)
        return status;
    if (found != application)
        return wci_fail(WILDCAM_ERR_CORRUPT, "%s is not a file of a station", database->path);
    status = ask_version(database, application, &version);
    *current = version == version_of(application);
    return status;
}

wildcam_status wci_schema_bring_up(struct wci_database *writer, int application)
{
    int64_t version = 0;
    wildcam_status status = ask_version(writer, application, &version);
    if (status == WILDCAM_OK && version < 1)
        return wci_fail(WILDCAM_ERR_CORRUPT, "%s has no version of the schema", writer->path);
    return status == WILDCAM_OK ? add_parts(writer, application, version) : status;
}
