/* Shards as earlier versions of the library made them. They stay as they are, whatever becomes of
 * the schema. */
#ifndef TESTS_SUPPORT_EARLIER_H
#define TESTS_SUPPORT_EARLIER_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

/* clang-format off */
#define VERSION_1_SCHEMA \
    "CREATE TABLE images(" \
    " id INTEGER PRIMARY KEY, camera_id INTEGER NOT NULL, captured_at INTEGER NOT NULL," \
    " utc_offset INTEGER, time_source INTEGER NOT NULL, received_at INTEGER NOT NULL," \
    " sha256 BLOB NOT NULL, bytes INTEGER NOT NULL, width INTEGER NOT NULL," \
    " height INTEGER NOT NULL, orientation INTEGER NOT NULL, trailing_bytes INTEGER NOT NULL," \
    " make TEXT, model TEXT, serial_number TEXT, latitude REAL, longitude REAL, altitude REAL," \
    " temperature REAL, capture INTEGER NOT NULL, event_number INTEGER," \
    " sequence_number INTEGER, sequence_length INTEGER, file_name TEXT, metadata TEXT);" \
    "CREATE TABLE wildlife_detections(" \
    " id INTEGER PRIMARY KEY, detection_timestamp INTEGER NOT NULL, camera_id INTEGER NOT NULL," \
    " image_id INTEGER, species_id INTEGER NOT NULL, confidence REAL," \
    " bbox_x REAL, bbox_y REAL, bbox_width REAL, bbox_height REAL," \
    " utc_offset INTEGER, time_source INTEGER NOT NULL, metadata TEXT);" \
    "CREATE INDEX idx_wildlife_detections_camera ON wildlife_detections(camera_id);" \
    "CREATE INDEX idx_wildlife_detections_species ON wildlife_detections(species_id)" \
    " WHERE species_id > 3;" \
    "CREATE TABLE reviews(" \
    " detection_id INTEGER PRIMARY KEY, verified INTEGER NOT NULL," \
    " is_false_positive INTEGER NOT NULL, detected_species_id INTEGER NOT NULL," \
    " verified_species_id INTEGER, notes TEXT, verified_by TEXT, verified_at INTEGER NOT NULL);" \
    "CREATE TABLE daily_detection_summary(" \
    " camera_id INTEGER NOT NULL, detection_date INTEGER NOT NULL, species_id INTEGER NOT NULL," \
    " total_count INTEGER NOT NULL, scored_count INTEGER NOT NULL," \
    " scored_sum INTEGER NOT NULL, detection_count INTEGER NOT NULL," \
    " confidence_sum INTEGER NOT NULL," \
    " h00 INTEGER NOT NULL, h01 INTEGER NOT NULL, h02 INTEGER NOT NULL, h03 INTEGER NOT NULL," \
    " h04 INTEGER NOT NULL, h05 INTEGER NOT NULL, h06 INTEGER NOT NULL, h07 INTEGER NOT NULL," \
    " h08 INTEGER NOT NULL, h09 INTEGER NOT NULL, h10 INTEGER NOT NULL, h11 INTEGER NOT NULL," \
    " h12 INTEGER NOT NULL, h13 INTEGER NOT NULL, h14 INTEGER NOT NULL, h15 INTEGER NOT NULL," \
    " h16 INTEGER NOT NULL, h17 INTEGER NOT NULL, h18 INTEGER NOT NULL, h19 INTEGER NOT NULL," \
    " h20 INTEGER NOT NULL, h21 INTEGER NOT NULL, h22 INTEGER NOT NULL, h23 INTEGER NOT NULL," \
    " PRIMARY KEY(camera_id, detection_date, species_id)) WITHOUT ROWID;"

/* Since which pictures are owed to S3. */
#define VERSION_2_SCHEMA \
    "CREATE TABLE uploads(" \
    " image_id INTEGER NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL DEFAULT 0," \
    " since INTEGER NOT NULL, due_at INTEGER NOT NULL DEFAULT 0," \
    " lease INTEGER NOT NULL DEFAULT 0, leased_until INTEGER NOT NULL DEFAULT 0," \
    " was_left INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0," \
    " uploaded_at INTEGER, released_at INTEGER, bytes INTEGER, region TEXT, bucket TEXT," \
    " key TEXT, etag TEXT, checksum TEXT, last_error TEXT, upload_id TEXT, doubts TEXT," \
    " PRIMARY KEY(image_id, kind)) WITHOUT ROWID;" \
    "CREATE INDEX idx_uploads_due ON uploads(kind, due_at, image_id, state, lease, since)" \
    " WHERE state=0 AND lease=0;" \
    "CREATE INDEX idx_uploads_leased ON uploads(kind) WHERE lease<>0;" \
    "CREATE INDEX idx_uploads_parked ON uploads(kind, state) WHERE state=2;" \
    "CREATE INDEX idx_uploads_doubts ON uploads(kind) WHERE doubts IS NOT NULL;" \
    "CREATE INDEX idx_uploads_kept ON uploads(uploaded_at)" \
    " WHERE state=1 AND kind=0 AND released_at IS NULL;" \
    "CREATE TRIGGER images_are_owed AFTER INSERT ON images BEGIN" \
    " INSERT INTO uploads(image_id, kind, since)" \
    " VALUES(new.id, 0, new.received_at), (new.id, 1, new.received_at); END;"

#define VERSION_1_CATALOG \
    "CREATE TABLE station(identity TEXT NOT NULL);" \
    "CREATE TABLE cameras(" \
    " id INTEGER PRIMARY KEY, device_id TEXT NOT NULL UNIQUE, name TEXT, location_name TEXT," \
    " latitude REAL, longitude REAL, altitude REAL, status TEXT NOT NULL DEFAULT 'active'," \
    " battery_level REAL, battery_voltage REAL, solar_voltage REAL, temperature REAL," \
    " humidity REAL, firmware_version TEXT, hardware_version TEXT, config TEXT," \
    " last_seen INTEGER, created_at INTEGER NOT NULL);" \
    "CREATE TABLE species(" \
    " id INTEGER PRIMARY KEY, category INTEGER NOT NULL, name TEXT NOT NULL," \
    " UNIQUE(category, name));" \
    "CREATE TABLE shards(name TEXT PRIMARY KEY, created_at INTEGER NOT NULL) WITHOUT ROWID;" \
    "CREATE TABLE picture_keys(" \
    " camera_id INTEGER NOT NULL, sha256_half BLOB NOT NULL, image_id INTEGER NOT NULL," \
    " PRIMARY KEY(camera_id, sha256_half)) WITHOUT ROWID;"
/* clang-format on */

/* Runs each of the statements that a query makes. */
static inline bool run_each_row(sqlite3 *handle, const char *query)
{
    sqlite3_stmt *statement;
    char *sql = NULL;
    if (sqlite3_prepare_v2(handle, query, -1, &statement, NULL) != SQLITE_OK)
        return false;
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0))
        sql = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    bool done = !sql || sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_free(sql);
    return done;
}

/* Takes all that version 1, whose schema is given, did not have out of a file. */
static inline bool back_to_version_1(const char *path, const char *schema)
{
    sqlite3 *handle;
    static const char drop_objects[] =
        "SELECT group_concat('DROP '||type||' '||name, ';') FROM main.sqlite_master WHERE type=?1"
        " AND sql IS NOT NULL AND name NOT GLOB 'sqlite_*' AND name NOT IN (SELECT name FROM "
        "earlier.sqlite_master)";
    static const char drop_columns[] =
        "SELECT group_concat('ALTER TABLE '||t.name||' DROP COLUMN '||c.name, ';')"
        " FROM earlier.sqlite_master t JOIN pragma_table_info(t.name, 'main') c WHERE"
        " t.type='table' AND c.name NOT IN (SELECT name FROM pragma_table_info(t.name, 'earlier'))";
    char query[512];
    bool done = sqlite3_open(path, &handle) == SQLITE_OK &&
                sqlite3_exec(handle, "ATTACH ':memory:' AS earlier", NULL, NULL, NULL) == SQLITE_OK;
    char *inside = done ? sqlite3_mprintf("%s", schema) : NULL;
    /* each CREATE names the attached database */
    for (char *at = inside; done && at && *at;) {
        char *end = strstr(at, ";CREATE ");
        char *next = end ? end + 1 : at + strlen(at);
        char kind[16] = "", *rest;
        int length = 0;
        if (sscanf(at, "CREATE %15s %n", kind, &length) != 1 || length == 0)
            done = false;
        rest = at + length;
        char *sql = sqlite3_mprintf("CREATE %s earlier.%.*s", kind, (int)(next - rest), rest);
        done = done && sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK;
        sqlite3_free(sql);
        at = next;
    }
    sqlite3_free(inside);
    static const char *const kinds[] = {"trigger", "view", "index", "table"};
    for (size_t i = 0; done && i < sizeof kinds / sizeof kinds[0]; i++) {
        snprintf(query, sizeof query, "%.*s'%s'%s",
                 (int)(strstr(drop_objects, "?1") - drop_objects), drop_objects, kinds[i],
                 strstr(drop_objects, "?1") + 2);
        done = run_each_row(handle, query);
    }
    done = done && run_each_row(handle, drop_columns) &&
           sqlite3_exec(handle, "PRAGMA main.user_version=1", NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_close(handle);
    return done;
}

#endif
