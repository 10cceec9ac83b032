#include "store/sqlite/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/chance.h"
#include "base/memory.h"
#include "base/number.h"
#include "store/sqlite/schema.h"

#define SEEN_EVERY (10 * WCI_SECOND)
enum { SHA256_HALF = WCI_DIGEST_BYTES / 2 };

static wildcam_status take_cameras(struct wci_catalog *catalog, struct wci_database *reader,
                                   sqlite3_stmt *statement)
{
    const struct wci_name *ignored;
    wildcam_step step;
    while ((step = wci_database_step(reader, statement)) == 1) {
        const char *device_id = (const char *)sqlite3_column_text(statement, 1);
        wildcam_status status = device_id ? wci_names_add(&catalog->cameras,
                                                          sqlite3_column_int64(statement, 0), 0,
                                                          device_id, &ignored)
                                          : wci_fail_memory();
        if (status != WILDCAM_OK)
            return status;
    }
    return step;
}

static wildcam_status load_cameras(struct wci_catalog *catalog, struct wci_database *reader)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare_once(reader, "SELECT id, device_id FROM cameras",
                                                      &statement);
    if (status != WILDCAM_OK)
        return status;
    status = take_cameras(catalog, reader, statement);
    sqlite3_finalize(statement);
    return status;
}

static wildcam_status load_species(struct wci_catalog *catalog, struct wci_database *reader)
{
    sqlite3_stmt *statement;
    const struct wci_name *ignored;
    wildcam_status status =
        wci_database_prepare_once(reader, "SELECT id, category, name FROM species", &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step;
    while ((step = wci_database_step(reader, statement)) == 1) {
        const char *name = (const char *)sqlite3_column_text(statement, 2);
        status = name ? wci_names_add(&catalog->species, sqlite3_column_int64(statement, 0),
                                      sqlite3_column_int(statement, 1), name, &ignored)
                      : wci_fail_memory();
        if (status != WILDCAM_OK)
            break;
    }
    sqlite3_finalize(statement);
    return status != WILDCAM_OK ? status : step;
}

/* Neither has a line break in it. */
static wildcam_status add_detector_name(struct wci_catalog *catalog, int64_t id, const char *name,
                                        const char *version)
{
    struct wci_text both = {0};
    const struct wci_name *ignored;
    wci_text_add_format(&both, "%s\n%s", name, version);
    wildcam_status status = both.failed
                                ? wci_fail_memory()
                                : wci_names_add(&catalog->detectors, id, 0, both.data, &ignored);
    wci_text_free(&both);
    return status;
}

static wildcam_status load_detectors(struct wci_catalog *catalog, struct wci_database *reader)
{
    sqlite3_stmt *statement;
    wildcam_status status =
        wci_database_prepare_once(reader, "SELECT id, name, version FROM detectors", &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step;
    while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1) {
        const char *name = (const char *)sqlite3_column_text(statement, 1);
        const char *version = (const char *)sqlite3_column_text(statement, 2);
        status = name && version
                     ? add_detector_name(catalog, sqlite3_column_int64(statement, 0), name, version)
                     : wci_fail_memory();
    }
    sqlite3_finalize(statement);
    return status != WILDCAM_OK ? status : step;
}

/* Another process may have added names since they were read. */
static wildcam_status load(struct wci_catalog *catalog)
{
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&catalog->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = load_cameras(catalog, reader);
    if (status == WILDCAM_OK)
        status = load_species(catalog, reader);
    if (status == WILDCAM_OK)
        status = load_detectors(catalog, reader);
    wci_pool_give_reader(&catalog->pool, reader);
    return status;
}

static wildcam_status insert_species(struct wci_database *database, int64_t id, int category,
                                     const char *name)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0,
        "INSERT INTO species(id, category, name) VALUES(?, ?, ?) ON CONFLICT DO NOTHING",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    wci_bind_count(statement, 1, id);
    sqlite3_bind_int(statement, 2, category);
    sqlite3_bind_text(statement, 3, name, -1, SQLITE_STATIC);
    return wci_database_step(database, statement);
}

static wildcam_status insert_identity(struct wci_database *database)
{
    char identity[WCI_IDENTITY_TEXT];
    sqlite3_stmt *statement;
    wildcam_status status = wci_chance_hex(identity, sizeof identity - 1);
    if (status == WILDCAM_OK)
        status = wci_database_run(database, "CREATE TABLE IF NOT EXISTS " WCI_STATION);
    if (status == WILDCAM_OK)
        status = wci_database_prepare_once(database,
                                           "INSERT INTO station(identity) SELECT ?"
                                           " WHERE NOT EXISTS(SELECT 1 FROM station)",
                                           &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_text(statement, 1, identity, -1, SQLITE_STATIC);
    wildcam_step step = wci_database_step(database, statement);
    sqlite3_finalize(statement);
    return step;
}

/* A new catalog's, and what one of an older library lacks. The first species have fixed numbers,
 * because the shards' index names some of them. */
static wildcam_status insert_first_rows(struct wci_catalog *catalog)
{
    static const int first[] = WCI_FIRST_SPECIES;
    struct wci_database *writer;
    wildcam_status status = wci_pool_begin(&catalog->pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    status = insert_identity(writer);
    for (size_t i = 0; status == WILDCAM_OK && i < sizeof first / sizeof first[0]; i++)
        status = insert_species(writer, (int64_t)i + 1, first[i], wci_category_name(first[i]));
    if (status == WILDCAM_OK)
        return wci_pool_commit(&catalog->pool);
    wci_pool_rollback(&catalog->pool);
    return status;
}

static wildcam_status read_identity(struct wci_catalog *catalog, struct wci_database *reader)
{
    int64_t has_table = 0;
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_ask(
        reader, "SELECT count(*) FROM sqlite_master WHERE name='station'", &has_table);
    if (status != WILDCAM_OK || !has_table)
        return status;
    status = wci_database_prepare_once(reader, "SELECT identity FROM station", &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_database_step(reader, statement);
    const char *identity = step == 1 ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    if (identity)
        snprintf(catalog->identity, sizeof catalog->identity, "%s", identity);
    sqlite3_finalize(statement);
    return step < 0 ? step : WILDCAM_OK;
}

static wildcam_status read_first_rows(struct wci_catalog *catalog, bool *complete)
{
    int64_t species = 0;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&catalog->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_ask(reader, "SELECT count(*) FROM species", &species);
    if (status == WILDCAM_OK)
        status = read_identity(catalog, reader);
    wci_pool_give_reader(&catalog->pool, reader);
    *complete = species > 0 && *catalog->identity;
    return status;
}

static wildcam_status open_file(struct wci_catalog *catalog, const wildcam_conf *conf)
{
    bool complete = false;
    wildcam_status status = WILDCAM_OK;
    if (!wci_file_exists(catalog->pool.path) && wci_conf_int(conf, WCI_DATA_CREATE))
        status = wci_schema_create(catalog->pool.path, conf, WCI_CATALOG_APPLICATION);
    if (status == WILDCAM_OK)
        status = read_first_rows(catalog, &complete);
    if (status == WILDCAM_OK && !complete) {
        status = insert_first_rows(catalog);
        if (status == WILDCAM_OK)
            status = read_first_rows(catalog, &complete);
    }
    return status == WILDCAM_OK ? load(catalog) : status;
}

static wildcam_status init_mutexes(struct wci_catalog *catalog)
{
    if (pthread_mutex_init(&catalog->seen_mutex, NULL) != 0)
        return wci_fail_memory();
    if (pthread_mutex_init(&catalog->moved_mutex, NULL) == 0)
        return WILDCAM_OK;
    pthread_mutex_destroy(&catalog->seen_mutex);
    return wci_fail_memory();
}

static void destroy_mutexes(struct wci_catalog *catalog)
{
    pthread_mutex_destroy(&catalog->moved_mutex);
    pthread_mutex_destroy(&catalog->seen_mutex);
}

static void destroy_names(struct wci_catalog *catalog)
{
    wci_names_destroy(&catalog->cameras);
    wci_names_destroy(&catalog->species);
    wci_names_destroy(&catalog->detectors);
}

static wildcam_status init_names(struct wci_catalog *catalog)
{
    struct wci_names *const all[] = {&catalog->cameras, &catalog->species, &catalog->detectors};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        wildcam_status status = wci_names_init(all[i]);
        if (status == WILDCAM_OK)
            continue;
        while (i > 0)
            wci_names_destroy(all[--i]);
        return status;
    }
    return WILDCAM_OK;
}

wildcam_status wci_catalog_open(struct wci_catalog *catalog, struct wci_slow *slow,
                                const char *directory, const wildcam_conf *conf)
{
    char path[WCI_PATH];
    *catalog = (struct wci_catalog){0};
    wildcam_status status = wci_path(path, "%s/station.db", directory);
    if (status == WILDCAM_OK)
        status = wci_pool_init(&catalog->pool, conf, slow, path, WCI_CATALOG_APPLICATION);
    if (status != WILDCAM_OK)
        return status;
    status = init_names(catalog);
    if (status == WILDCAM_OK) {
        status = init_mutexes(catalog);
        if (status == WILDCAM_OK) {
            status = open_file(catalog, conf);
            if (status == WILDCAM_OK)
                return WILDCAM_OK;
            destroy_mutexes(catalog);
        }
        destroy_names(catalog);
    }
    wci_pool_destroy(&catalog->pool, false);
    return status;
}

void wci_catalog_close(struct wci_catalog *catalog, bool is_forked)
{
    wci_pool_destroy(&catalog->pool, is_forked);
    destroy_names(catalog);
    destroy_mutexes(catalog);
    free(catalog->seen);
    free(catalog->moved_shards);
}

static const struct wci_name *known_camera(struct wci_catalog *catalog, const char *device_id,
                                           int64_t number)
{
    const struct wci_name *name = wci_names_find(&catalog->cameras, 0, device_id);
    return name || number < 0 ? name : wci_names_at(&catalog->cameras, number);
}

/* Another process may have added it. The others are not read: whoever asks for cameras that nobody
 * has, or adds thousands, would do that each time. */
static wildcam_status look_up_camera(struct wci_catalog *catalog, const char *device_id,
                                     int64_t number)
{
    struct wci_database *reader;
    sqlite3_stmt *statement;
    wildcam_status status = wci_pool_take_reader(&catalog->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(
        reader, 0, "SELECT id, device_id FROM cameras WHERE device_id=? OR id=?", &statement);
    if (status == WILDCAM_OK) {
        sqlite3_bind_text(statement, 1, device_id, -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 2, number);
        status = take_cameras(catalog, reader, statement);
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&catalog->pool, reader);
    return status;
}

wildcam_status wci_catalog_find_camera(struct wci_catalog *catalog, const char *device_id,
                                       bool or_number, const struct wci_name **out)
{
    int64_t number = -1;
    if (or_number && !wci_number_parse_int(device_id, &number))
        number = -1;
    *out = known_camera(catalog, device_id, number);
    if (*out)
        return WILDCAM_OK;
    wildcam_status status = look_up_camera(catalog, device_id, number);
    if (status != WILDCAM_OK)
        return status;
    *out = known_camera(catalog, device_id, number);
    if (*out)
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_NOTFOUND, "there is no camera \"%.60s\"", device_id);
}

static wildcam_status name_at(struct wci_catalog *catalog, struct wci_names *names,
                              const char *what, int64_t id, const struct wci_name **out)
{
    *out = wci_names_at(names, id);
    if (*out)
        return WILDCAM_OK;
    wildcam_status status = load(catalog);
    if (status != WILDCAM_OK)
        return status;
    *out = wci_names_at(names, id);
    if (*out)
        return WILDCAM_OK;
    wci_fail(WILDCAM_ERR_CORRUPT, "%s does not know %s %lld", catalog->pool.path, what,
             (long long)id);
    return WILDCAM_ERR_CORRUPT;
}

wildcam_status wci_catalog_camera_at(struct wci_catalog *catalog, int64_t id,
                                     const struct wci_name **out)
{
    return name_at(catalog, &catalog->cameras, "camera", id, out);
}

wildcam_status wci_catalog_species_at(struct wci_catalog *catalog, int64_t id,
                                      const struct wci_name **out)
{
    return name_at(catalog, &catalog->species, "species", id, out);
}

static wildcam_status add_species(struct wci_catalog *catalog, int category, const char *name)
{
    struct wci_database *writer;
    wildcam_status status = wci_pool_begin(&catalog->pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    status = insert_species(writer, -1, category, name);
    if (status == WILDCAM_OK)
        return wci_pool_commit(&catalog->pool);
    wci_pool_rollback(&catalog->pool);
    return status;
}

wildcam_status wci_catalog_find_species(struct wci_catalog *catalog, int category, const char *name,
                                        const struct wci_name **out)
{
    *out = wci_names_find(&catalog->species, category, name);
    if (*out)
        return WILDCAM_OK;
    wildcam_status status = add_species(catalog, category, name);
    if (status == WILDCAM_OK)
        status = load(catalog);
    if (status != WILDCAM_OK)
        return status;
    *out = wci_names_find(&catalog->species, category, name);
    return *out ? WILDCAM_OK
                : wci_fail(WILDCAM_ERR_INTERNAL, "the species \"%.100s\" was not added", name);
}

static wildcam_status insert_detector(struct wci_catalog *catalog, const char *name,
                                      const char *version)
{
    sqlite3_stmt *statement;
    struct wci_database *writer;
    wildcam_status status = wci_pool_begin(&catalog->pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(
        writer, 0, "INSERT INTO detectors(name, version) VALUES(?, ?) ON CONFLICT DO NOTHING",
        &statement);
    if (status == WILDCAM_OK) {
        sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 2, version, -1, SQLITE_STATIC);
        status = wci_database_step(writer, statement);
        sqlite3_reset(statement);
    }
    if (status == WILDCAM_OK)
        return wci_pool_commit(&catalog->pool);
    wci_pool_rollback(&catalog->pool);
    return status;
}

wildcam_status wci_catalog_find_detector(struct wci_catalog *catalog, const char *name,
                                         const char *version, int64_t *id)
{
    struct wci_text both = {0};
    wci_text_add_format(&both, "%s\n%s", name, version);
    if (both.failed)
        return wci_fail_memory();
    const struct wci_name *known = wci_names_find(&catalog->detectors, 0, both.data);
    wildcam_status status = WILDCAM_OK;
    if (!known) {
        status = insert_detector(catalog, name, version);
        if (status == WILDCAM_OK)
            status = load(catalog);
        if (status == WILDCAM_OK)
            known = wci_names_find(&catalog->detectors, 0, both.data);
        if (status == WILDCAM_OK && !known)
            status = wci_fail(WILDCAM_ERR_INTERNAL, "the detector %s was not added", name);
    }
    *id = known ? known->id : 0;
    wci_text_free(&both);
    return status;
}

wildcam_status wci_catalog_detector_at(struct wci_catalog *catalog, int64_t id,
                                       struct wci_text *name, struct wci_text *version)
{
    const struct wci_name *both;
    wildcam_status status = name_at(catalog, &catalog->detectors, "detector", id, &both);
    if (status != WILDCAM_OK)
        return status;
    const char *text = both->text, *end = strchr(text, '\n');
    if (!end)
        return wci_fail(WILDCAM_ERR_INTERNAL, "the detector %s has no version", text);
    status = wci_text_set(name, text, (size_t)(end - text));
    return status == WILDCAM_OK ? wci_text_set(version, end + 1, strlen(end + 1)) : status;
}

bool wci_catalog_is_unseen(struct wci_catalog *catalog, int64_t camera_id, int64_t now)
{
    pthread_mutex_lock(&catalog->seen_mutex);
    bool known = (uint64_t)camera_id < catalog->seen_capacity;
    int64_t seen = known ? catalog->seen[camera_id] : 0;
    pthread_mutex_unlock(&catalog->seen_mutex);
    return now - seen >= SEEN_EVERY || now < seen;
}

/* Without memory for it, last_seen is written more often than needed. */
void wci_catalog_note_seen(struct wci_catalog *catalog, int64_t id, int64_t now)
{
    pthread_mutex_lock(&catalog->seen_mutex);
    size_t before = catalog->seen_capacity;
    void *seen = catalog->seen;
    if (wci_reserve(&seen, &catalog->seen_capacity, (size_t)id + 1, sizeof *catalog->seen) ==
        WILDCAM_OK) {
        catalog->seen = seen;
        memset(catalog->seen + before, 0,
               (catalog->seen_capacity - before) * sizeof *catalog->seen);
        catalog->seen[id] = now;
    }
    pthread_mutex_unlock(&catalog->seen_mutex);
}

wildcam_status wci_catalog_touch(struct wci_catalog *catalog, struct wci_database *database,
                                 int64_t camera_id, int64_t now)
{
    sqlite3_stmt *statement;
    wildcam_status status =
        wci_database_prepare(database, 0, "UPDATE cameras SET last_seen=? WHERE id=?", &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, now);
    sqlite3_bind_int64(statement, 2, camera_id);
    wildcam_step step = wci_database_step(database, statement);
    if (step == 0)
        wci_catalog_note_seen(catalog, camera_id, now);
    return step;
}

wildcam_status wci_catalog_add_shard(struct wci_database *database, const char *name, int64_t now)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0, "INSERT INTO shards(name, created_at) VALUES(?, ?) ON CONFLICT DO NOTHING",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, now);
    return wci_database_step(database, statement);
}

wildcam_status wci_catalog_remove_shard(struct wci_database *database, const char *name)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(database, 0, "DELETE FROM shards WHERE name=?",
                                                 &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    return wci_database_step(database, statement);
}

wildcam_status wci_catalog_find_picture(struct wci_database *database, int64_t camera_id,
                                        const unsigned char *sha256, int64_t *image_id)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0, "SELECT image_id FROM picture_keys WHERE camera_id=? AND sha256_half=?",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, camera_id);
    sqlite3_bind_blob(statement, 2, sha256, SHA256_HALF, SQLITE_STATIC);
    wildcam_step step = wci_database_step(database, statement);
    *image_id = step == 1 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

wildcam_status wci_catalog_put_picture(struct wci_database *database, int64_t camera_id,
                                       const unsigned char *sha256, int64_t image_id)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0, "INSERT OR REPLACE INTO picture_keys VALUES(?, ?, ?)", &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, camera_id);
    sqlite3_bind_blob(statement, 2, sha256, SHA256_HALF, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, image_id);
    return wci_database_step(database, statement);
}

wildcam_status wci_catalog_remove_picture(struct wci_database *database, int64_t camera_id,
                                          const unsigned char *sha256, int64_t image_id)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0, "DELETE FROM picture_keys WHERE camera_id=? AND sha256_half=? AND image_id=?",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, camera_id);
    sqlite3_bind_blob(statement, 2, sha256, SHA256_HALF, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, image_id);
    return wci_database_step(database, statement);
}

wildcam_status wci_catalog_each_holder(struct wci_database *database, const unsigned char *sha256,
                                       sqlite3_stmt **out)
{
    wildcam_status status = wci_database_prepare(
        database, 0,
        "SELECT image_id FROM cameras CROSS JOIN picture_keys ON camera_id=cameras.id"
        " AND sha256_half=?",
        out);
    if (status == WILDCAM_OK)
        sqlite3_bind_blob(*out, 1, sha256, SHA256_HALF, SQLITE_STATIC);
    return status;
}

wildcam_status wci_catalog_has(struct wci_catalog *catalog, const char *sql, int64_t number,
                               bool *has)
{
    struct wci_database *reader;
    sqlite3_stmt *statement;
    wildcam_status status = wci_pool_take_reader(&catalog->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(reader, 0, sql, &statement);
    if (status == WILDCAM_OK) {
        sqlite3_bind_int64(statement, 1, number);
        wildcam_step step = wci_database_step(reader, statement);
        *has = step == 1;
        status = step < 0 ? step : WILDCAM_OK;
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&catalog->pool, reader);
    return status;
}
