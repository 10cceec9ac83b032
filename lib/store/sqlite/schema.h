/* What stands in the files. `user_version` counts the schema's versions, forward only. */
#ifndef WCI_STORE_SQLITE_SCHEMA_H
#define WCI_STORE_SQLITE_SCHEMA_H

#include "store/sqlite/database.h"

#define WCI_SCHEMA_VERSION 1
#define WCI_CATALOG_APPLICATION 0x57434331 /* "WCC1" */
#define WCI_SHARD_APPLICATION 0x57435331   /* "WCS1" */

/* clang-format off */

/*
 * station.db.
 *
 * `station` has one row: which station this is, so that a backup of one does not take the place of
 * another's. Catalogs that were made without it get it when they are opened.
 *
 * `picture_keys` finds the picture with a content, whichever shard it is in. It is written before
 * the shard is, so it may name a picture that is not there, but misses none that is.
 */
#define WCI_STATION "station(identity TEXT NOT NULL);"
#define WCI_CATALOG_SCHEMA                                                                         \
    "CREATE TABLE " WCI_STATION "CREATE TABLE cameras("                                                                        \
    " id INTEGER PRIMARY KEY, device_id TEXT NOT NULL UNIQUE, name TEXT, location_name TEXT,"      \
    " latitude REAL, longitude REAL, altitude REAL, status TEXT NOT NULL DEFAULT 'active',"        \
    " battery_level REAL, battery_voltage REAL, solar_voltage REAL, temperature REAL,"             \
    " humidity REAL, firmware_version TEXT, hardware_version TEXT, config TEXT,"                   \
    " last_seen INTEGER, created_at INTEGER NOT NULL);"                                            \
    "CREATE TABLE species("                                                                        \
    " id INTEGER PRIMARY KEY, category INTEGER NOT NULL, name TEXT NOT NULL,"                      \
    " UNIQUE(category, name));"                                                                    \
    "CREATE TABLE shards(name TEXT PRIMARY KEY, created_at INTEGER NOT NULL) WITHOUT ROWID;"       \
    "CREATE TABLE picture_keys("                                                                   \
    " camera_id INTEGER NOT NULL, sha256_half BLOB NOT NULL, image_id INTEGER NOT NULL,"           \
    " PRIMARY KEY(camera_id, sha256_half)) WITHOUT ROWID;"

/*
 * detections/YYYY-MM.db.
 *
 * A row's id orders it by time (model/id.h), so the table itself serves every question about time,
 * and an index needs no time of its own. The species index leaves out the three names that nearly
 * every row has (WCI_COMMON_SPECIES): scanning by time finds those at once.
 */
#define WCI_SHARD_SCHEMA                                                                           \
    "CREATE TABLE images("                                                                         \
    " id INTEGER PRIMARY KEY, camera_id INTEGER NOT NULL, captured_at INTEGER NOT NULL,"           \
    " utc_offset INTEGER, time_source INTEGER NOT NULL, received_at INTEGER NOT NULL,"             \
    " sha256 BLOB NOT NULL, bytes INTEGER NOT NULL, width INTEGER NOT NULL,"                       \
    " height INTEGER NOT NULL, orientation INTEGER NOT NULL, trailing_bytes INTEGER NOT NULL,"     \
    " make TEXT, model TEXT, serial_number TEXT, latitude REAL, longitude REAL, altitude REAL,"    \
    " temperature REAL, capture INTEGER NOT NULL, event_number INTEGER,"                           \
    " sequence_number INTEGER, sequence_length INTEGER, file_name TEXT, metadata TEXT);"           \
    "CREATE TABLE wildlife_detections("                                                            \
    " id INTEGER PRIMARY KEY, detection_timestamp INTEGER NOT NULL, camera_id INTEGER NOT NULL,"   \
    " image_id INTEGER, species_id INTEGER NOT NULL, confidence REAL,"                             \
    " bbox_x REAL, bbox_y REAL, bbox_width REAL, bbox_height REAL,"                                \
    " utc_offset INTEGER, time_source INTEGER NOT NULL, metadata TEXT);"                           \
    "CREATE INDEX idx_wildlife_detections_camera ON wildlife_detections(camera_id);"               \
    "CREATE INDEX idx_wildlife_detections_species ON wildlife_detections(species_id)"              \
    " WHERE species_id > 3;"                                                                       \
    "CREATE TABLE reviews("                                                                        \
    " detection_id INTEGER PRIMARY KEY, verified INTEGER NOT NULL,"                                \
    " is_false_positive INTEGER NOT NULL, detected_species_id INTEGER NOT NULL,"                   \
    " verified_species_id INTEGER, notes TEXT, verified_by TEXT, verified_at INTEGER NOT NULL);"   \
    "CREATE TABLE daily_detection_summary("                                                        \
    " camera_id INTEGER NOT NULL, detection_date INTEGER NOT NULL, species_id INTEGER NOT NULL,"   \
    " total_count INTEGER NOT NULL, scored_count INTEGER NOT NULL,"                                \
    " scored_sum INTEGER NOT NULL, detection_count INTEGER NOT NULL,"                              \
    " confidence_sum INTEGER NOT NULL,"                                                            \
    " h00 INTEGER NOT NULL, h01 INTEGER NOT NULL, h02 INTEGER NOT NULL, h03 INTEGER NOT NULL,"     \
    " h04 INTEGER NOT NULL, h05 INTEGER NOT NULL, h06 INTEGER NOT NULL, h07 INTEGER NOT NULL,"     \
    " h08 INTEGER NOT NULL, h09 INTEGER NOT NULL, h10 INTEGER NOT NULL, h11 INTEGER NOT NULL,"     \
    " h12 INTEGER NOT NULL, h13 INTEGER NOT NULL, h14 INTEGER NOT NULL, h15 INTEGER NOT NULL,"     \
    " h16 INTEGER NOT NULL, h17 INTEGER NOT NULL, h18 INTEGER NOT NULL, h19 INTEGER NOT NULL,"     \
    " h20 INTEGER NOT NULL, h21 INTEGER NOT NULL, h22 INTEGER NOT NULL, h23 INTEGER NOT NULL,"     \
    " PRIMARY KEY(camera_id, detection_date, species_id)) WITHOUT ROWID;"

/* clang-format on */

/* The species that a station begins with; their numbers are their places here, from 1. The first
 * WCI_COMMON_SPECIES of them are not indexed. */
#define WCI_FIRST_SPECIES                                                                          \
    {                                                                                              \
        WILDCAM_CATEGORY_UNCLASSIFIED, WILDCAM_CATEGORY_BLANK, WILDCAM_CATEGORY_ANIMAL,            \
            WILDCAM_CATEGORY_HUMAN, WILDCAM_CATEGORY_VEHICLE, WILDCAM_CATEGORY_UNKNOWN             \
    }
#define WCI_COMMON_SPECIES 3

/* Makes the file whole or not at all, under `path`. It must not be there; when another process has
 * made it meanwhile, that one stays. */
wildcam_status wci_schema_create(const char *path, const wildcam_conf *conf, int application,
                                 const char *schema);
/* Checks that an open file is what it should be and not newer than this library. */
wildcam_status wci_schema_check(struct wci_database *database, int application);

#endif
