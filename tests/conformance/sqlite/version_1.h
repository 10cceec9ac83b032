/* A shard as the library made it before anything was owed to S3: schema version 1. It stays as it
 * is, whatever becomes of the schema. */
#ifndef TESTS_CONFORMANCE_SQLITE_VERSION_1_H
#define TESTS_CONFORMANCE_SQLITE_VERSION_1_H

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
/* clang-format on */

#endif
