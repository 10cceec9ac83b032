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

static wildcam_status fill(const char *path, const wildcam_conf *conf, int application,
                           const char *schema)
{
    char pragmas[128];
    struct wci_database *database;
    wildcam_status status = wci_database_open(path, WCI_CREATE, conf, &database);
    if (status != WILDCAM_OK)
        return status;
    snprintf(pragmas, sizeof pragmas, "PRAGMA application_id=%d; PRAGMA user_version=%d",
             application, version_of(application));
    status = wci_database_run(database, "PRAGMA page_size=4096; PRAGMA synchronous=FULL; BEGIN");
    if (status == WILDCAM_OK)
        status = wci_database_run(database, pragmas);
    if (status == WILDCAM_OK)
        status = wci_database_run(database, schema);
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

wildcam_status wci_schema_create(const char *path, const wildcam_conf *conf, int application,
                                 const char *schema)
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
        status = fill(fresh, conf, application, schema);
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
    return wci_fail(WILDCAM_ERR_VERSION,
                    "%s has version %lld of the schema, this library knows up to %d: use a "
                    "newer libwildcam",
                    database->path, (long long)*version, known);
}

wildcam_status wci_schema_check(struct wci_database *database, int application)
{
    int64_t found = 0, version = 0;
    wildcam_status status = wci_database_ask(database, "PRAGMA application_id", &found);
    if (status != WILDCAM_OK)
        return status;
    if (found != application)
        return wci_fail(WILDCAM_ERR_CORRUPT, "%s is not a file of a station", database->path);
    return ask_version(database, application, &version);
}

/* Versions only grow, so what is current stays so. */
static wildcam_status ask_current(struct wci_database *database, int application, bool *current)
{
    int64_t version = 0;
    wildcam_status status = WILDCAM_OK;
    if (!database->is_current) {
        status = ask_version(database, application, &version);
        database->is_current = status == WILDCAM_OK && version == version_of(application);
    }
    *current = database->is_current;
    return status;
}

wildcam_status wci_schema_is_current(struct wci_database *shard, bool *current)
{
    return ask_current(shard, WCI_SHARD_APPLICATION, current);
}

wildcam_status wci_schema_is_current_catalog(struct wci_database *catalog, bool *current)
{
    return ask_current(catalog, WCI_CATALOG_APPLICATION, current);
}

/* It is not noted as current: the transaction may be taken back yet. */
wildcam_status wci_schema_bring_up(struct wci_database *shard)
{
    static const char bring_up[] = WCI_UPLOADS_TABLE
        "INSERT INTO uploads(image_id, kind, since)"
        " SELECT id, kind, received_at FROM images CROSS JOIN (SELECT 0 AS kind UNION ALL SELECT 1)"
        " ORDER BY id;" WCI_UPLOADS_REST "PRAGMA user_version=2";
    bool current = false;
    wildcam_status status = wci_schema_is_current(shard, &current);
    if (status != WILDCAM_OK || current)
        return status;
    _Static_assert(WCI_SHARD_VERSION == 2, "it ends with setting this version");
    return wci_database_run(shard, bring_up);
}

wildcam_status wci_schema_bring_up_catalog(struct wci_database *catalog)
{
    static const char bring_up[] = WCI_ACCESS_TABLES "PRAGMA user_version=2";
    bool current = false;
    wildcam_status status = wci_schema_is_current_catalog(catalog, &current);
    if (status != WILDCAM_OK || current)
        return status;
    _Static_assert(WCI_CATALOG_VERSION == 2, "it ends with setting this version");
    return wci_database_run(catalog, bring_up);
}
