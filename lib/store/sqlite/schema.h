/* What stands in the files. `user_version` counts the schema's versions, forward only. */
#ifndef WCI_STORE_SQLITE_SCHEMA_H
#define WCI_STORE_SQLITE_SCHEMA_H

#include <wildcam/deployment.h>

#include "store/sqlite/database.h"

#define WCI_CATALOG_VERSION 3
#define WCI_SHARD_VERSION 3
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
#define WCI_CATALOG_SCHEMA_1                                                                       \
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
 * Since version 2: who may do what; secrets are kept as hashes alone (model/credential.h, model/access.h). `guarded`
 * has one row from the first key or user on, and keeps it.
 */
#define WCI_CATALOG_SCHEMA_2                                                                          \
    "CREATE TABLE guarded(since INTEGER NOT NULL);"                                                \
    "CREATE TABLE keys("                                                                           \
    " id TEXT PRIMARY KEY, role TEXT NOT NULL, device_id TEXT, note TEXT, sha256 BLOB NOT NULL,"   \
    " created_at INTEGER NOT NULL) WITHOUT ROWID;"                                                 \
    "CREATE TABLE users("                                                                          \
    " name TEXT PRIMARY KEY, role TEXT NOT NULL, scrypt BLOB NOT NULL, salt BLOB NOT NULL,"        \
    " log_n INTEGER NOT NULL, blocks INTEGER NOT NULL, times INTEGER NOT NULL,"                    \
    " created_at INTEGER NOT NULL) WITHOUT ROWID;"                                                 \
    "CREATE TABLE sessions("                                                                       \
    " id TEXT PRIMARY KEY, user TEXT NOT NULL, access_sha256 BLOB NOT NULL,"                       \
    " access_until INTEGER NOT NULL, refresh_sha256 BLOB NOT NULL,"                                \
    " refresh_until INTEGER NOT NULL, created_at INTEGER NOT NULL) WITHOUT ROWID;"                 \
    "CREATE INDEX idx_sessions_user ON sessions(user, created_at);"                                \
    "CREATE INDEX idx_sessions_until ON sessions(refresh_until);"

/*
 * Since version 3: which detectors there were, whose numbers stand in detections.
 */
#define WCI_DETECTORS_TABLE                                                                        \
    "CREATE TABLE detectors("                                                                      \
    " id INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL,"                          \
    " UNIQUE(name, version));"
/*
 * Since version 3, alerts (model/alert.h): of each kind a subject has one that is open.
 *
 * `alert_events` is what has happened to them, in the order in which whoever is told hears of it,
 * with the alert as it was then. `alert_targets` are the addresses that are told, by a hash:
 * `planned` is the last event that has its row of `alert_deliveries`, which is the outbox.
 * `alert_sightings` are rare species that are about to be kept (station/alerts_species.c).
 * `camera_watch` is what is remembered of cameras to judge them; words are kept as hashes.
 */
#define WCI_ALERTS_TABLES                                                                          \
    "CREATE TABLE alerts("                                                                         \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, subject TEXT NOT NULL,"         \
    " device_id TEXT, text TEXT NOT NULL, value REAL, detection_id INTEGER,"                       \
    " count INTEGER NOT NULL, raised_at INTEGER NOT NULL, last_at INTEGER NOT NULL,"               \
    " cleared_at INTEGER, cleared_reason TEXT, read_at INTEGER, read_by TEXT);"                    \
    "CREATE UNIQUE INDEX idx_alerts_open ON alerts(kind, subject) WHERE cleared_at IS NULL;"       \
    "CREATE INDEX idx_alerts_cleared ON alerts(cleared_at) WHERE cleared_at IS NOT NULL;"          \
    "CREATE INDEX idx_alerts_unread ON alerts(id) WHERE read_at IS NULL;"                          \
    "CREATE TABLE alert_events("                                                                   \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, alert_id INTEGER NOT NULL, event TEXT NOT NULL,"       \
    " at INTEGER NOT NULL, alert TEXT NOT NULL);"                                                  \
    "CREATE INDEX idx_alert_events_alert ON alert_events(alert_id);"                               \
    "CREATE TABLE alert_targets("                                                                  \
    " target TEXT PRIMARY KEY, planned INTEGER NOT NULL, not_before INTEGER NOT NULL DEFAULT 0,"   \
    " failures INTEGER NOT NULL DEFAULT 0, stopped_at INTEGER) WITHOUT ROWID;"                     \
    "CREATE TABLE alert_deliveries("                                                               \
    " id INTEGER PRIMARY KEY, event_id INTEGER NOT NULL, alert_id INTEGER NOT NULL,"               \
    " target TEXT NOT NULL, delivery TEXT NOT NULL, state INTEGER NOT NULL DEFAULT 0,"             \
    " since INTEGER NOT NULL, due_at INTEGER NOT NULL DEFAULT 0,"                                  \
    " lease INTEGER NOT NULL DEFAULT 0, leased_until INTEGER NOT NULL DEFAULT 0,"                  \
    " attempts INTEGER NOT NULL DEFAULT 0, done_at INTEGER, status INTEGER, last_error TEXT);"     \
    "CREATE INDEX idx_alert_deliveries_due ON alert_deliveries(target, alert_id, id)"              \
    " WHERE state=0;"                                                                              \
    "CREATE INDEX idx_alert_deliveries_open ON alert_deliveries(target, state) WHERE state<>1;"    \
    "CREATE INDEX idx_alert_deliveries_alert ON alert_deliveries(alert_id);"                       \
    "CREATE TABLE alert_sightings("                                                                \
    " id INTEGER PRIMARY KEY, camera_id INTEGER NOT NULL, species_id INTEGER NOT NULL,"            \
    " time INTEGER NOT NULL, confidence REAL, announced_at INTEGER NOT NULL);"                     \
    "CREATE TABLE species_seen("                                                                   \
    " species_id INTEGER PRIMARY KEY, first_at INTEGER NOT NULL);"                                 \
    "INSERT INTO species_seen(species_id, first_at) SELECT id, 0 FROM species;"                    \
    "CREATE TABLE camera_watch("                                                                   \
    " camera_id INTEGER PRIMARY KEY, reported_at INTEGER, interval INTEGER NOT NULL,"              \
    " odd_gap INTEGER NOT NULL, latitude REAL, longitude REAL, before_latitude REAL,"              \
    " before_longitude REAL, placed_at INTEGER NOT NULL, place_returns INTEGER NOT NULL,"          \
    " place_since INTEGER NOT NULL, firmware INTEGER NOT NULL, before_firmware INTEGER NOT NULL,"  \
    " firmware_returns INTEGER NOT NULL, firmware_since INTEGER NOT NULL,"                         \
    " hardware INTEGER NOT NULL, before_hardware INTEGER NOT NULL,"                                \
    " hardware_returns INTEGER NOT NULL, hardware_since INTEGER NOT NULL);"

/* What the motion detector has learned of a camera's place, by day and in infra-red light
 * (image/motion.h). */
#define WCI_MOTION_TABLE                                                                           \
    "CREATE TABLE motion_backgrounds("                                                             \
    " camera_id INTEGER NOT NULL, infrared INTEGER NOT NULL, updated INTEGER NOT NULL,"            \
    " background BLOB NOT NULL, PRIMARY KEY(camera_id, infrared));"

/*
 * Since version 3, too: deployments, and what follows from them for times. `retimings` has a row
 * for each camera whose rows may not be as its deployments say yet. `time_changes` has one row: how
 * often the deployments have changed in what matters for times, and how often what `shards` says of
 * moved rows, which is the span of the times that rows have ever had there that lie elsewhere than their ids say (both
 * ends included).
 */
#define WCI_DEPLOYMENT_TEXT_COLUMN(id, value, name, max) ", " name " TEXT"
#define WCI_DEPLOYMENT_NUMBER_COLUMN(id, value, name, min, max, whole) ", " name " REAL"
#define WCI_DEPLOYMENT_FLAG_COLUMN(id, value, name) ", " name " INTEGER"
#define WCI_DEPLOYMENT_TABLES                                                                      \
    "CREATE TABLE deployments("                                                                    \
    " id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, camera_id INTEGER NOT NULL,"               \
    " start_at INTEGER NOT NULL, end_at INTEGER, utc_offset INTEGER, wrong_time INTEGER,"          \
    " right_time INTEGER"                                                                          \
    WILDCAM_DEPLOYMENT_TEXT_LIST(WCI_DEPLOYMENT_TEXT_COLUMN)                                       \
    WILDCAM_DEPLOYMENT_NUMBER_LIST(WCI_DEPLOYMENT_NUMBER_COLUMN)                                   \
    WILDCAM_DEPLOYMENT_FLAG_LIST(WCI_DEPLOYMENT_FLAG_COLUMN) ");"                                  \
    "CREATE INDEX idx_deployments_camera ON deployments(camera_id, start_at);"                     \
    "CREATE TABLE deployment_failures("                                                            \
    " deployment_id INTEGER NOT NULL, place INTEGER NOT NULL, from_time INTEGER NOT NULL,"         \
    " to_time INTEGER NOT NULL, reason TEXT, PRIMARY KEY(deployment_id, place)) WITHOUT ROWID;"    \
    "CREATE TABLE retimings(camera_id INTEGER PRIMARY KEY, mark INTEGER NOT NULL);"                \
    "CREATE TABLE time_changes(rules INTEGER NOT NULL, moved INTEGER NOT NULL);"                   \
    "INSERT INTO time_changes VALUES(0, 0);"                                                       \
    "ALTER TABLE shards ADD COLUMN moved_first INTEGER;"                                           \
    "ALTER TABLE shards ADD COLUMN moved_last INTEGER;"

/*
 * Since version 3, too: what was imported, and what of it belongs to no single picture.
 *
 * `imports` has the document around the rows: the whole of datapackage.json, or MegaDetector's
 * result file without its pictures. `import_rows` has rows as they were written, such as Camtrap
 * DP's observations of whole events; `kind` is for whoever wrote them (store/backend.h).
 */
#define WCI_IMPORTS_TABLES                                                                         \
    "CREATE TABLE imports("                                                                        \
    " id INTEGER PRIMARY KEY, format TEXT NOT NULL, name TEXT NOT NULL,"                           \
    " imported_at INTEGER NOT NULL, document TEXT NOT NULL, UNIQUE(format, name));"                \
    "CREATE TABLE import_rows("                                                                    \
    " import_id INTEGER NOT NULL, kind INTEGER NOT NULL, name TEXT NOT NULL,"                      \
    " camera_id INTEGER, begins_at INTEGER NOT NULL, ends_at INTEGER NOT NULL,"                    \
    " image_id INTEGER, row TEXT NOT NULL,"                                                        \
    " PRIMARY KEY(import_id, kind, name)) WITHOUT ROWID;"
/* Since version 3, too: spans of cameras' pictures whose events are to be looked at anew; an empty
 * one is a moment, which parts the pictures before it from those behind it or does so no more. */
#define WCI_STALE_EVENTS_TABLE                                                                     \
    "CREATE TABLE stale_events("                                                                   \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, camera_id INTEGER NOT NULL,"                           \
    " from_time INTEGER NOT NULL, to_time INTEGER NOT NULL);"
/* Has one row while processing is paused. */
#define WCI_PAUSE_TABLE "CREATE TABLE processing_pause(since INTEGER NOT NULL);"
/* What those who opened the station were to do with its pictures, since when (model/retention.h). */
#define WCI_DUTIES_TABLE                                                                           \
    "CREATE TABLE duties(duty INTEGER PRIMARY KEY, since INTEGER NOT NULL);"

/* Since version 3, too: what is made in the background (model/job.h). */
#define WCI_JOBS_TABLE                                                                             \
    "CREATE TABLE jobs("                                                                           \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, state INTEGER NOT NULL DEFAULT 0,"                     \
    " from_time INTEGER NOT NULL, to_time INTEGER NOT NULL, created_at INTEGER NOT NULL,"          \
    " started_at INTEGER, finished_at INTEGER, done INTEGER NOT NULL DEFAULT 0,"                   \
    " total INTEGER NOT NULL DEFAULT 0, lease INTEGER NOT NULL DEFAULT 0,"                         \
    " leased_until INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,"               \
    " cancelled INTEGER NOT NULL DEFAULT 0, error TEXT);"
#define WCI_CATALOG_SCHEMA_3                                                                       \
    WCI_DETECTORS_TABLE WCI_ALERTS_TABLES WCI_MOTION_TABLE WCI_DEPLOYMENT_TABLES
/* What of it stands in a text of its own. */
#define WCI_CATALOG_REST_3                                                                         \
    WCI_IMPORTS_TABLES WCI_PAUSE_TABLE WCI_DUTIES_TABLE WCI_JOBS_TABLE WCI_STALE_EVENTS_TABLE

/*
 * detections/YYYY-MM.db.
 *
 * A row's id orders it by time (model/id.h), so the table itself serves every question about time,
 * and an index needs no time of its own. The species index leaves out the three names that nearly
 * every row has (WCI_COMMON_SPECIES): scanning by time finds those at once.
 */
#define WCI_SHARD_SCHEMA_1                                                                         \
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

/*
 * Since version 2, what is owed to S3: for each picture a row of kind 0 and one for its thumbnail, of kind 1
 * (model/upload.h). Whoever inserts a picture makes its rows: the trigger does.
 *
 * Most rows are done and in no index but the one that releasing looks through. What waits for its
 * turn has due_at 0, so that a claim finds the newest or the oldest of a kind at once, however many
 * others wait for a later try. Its index holds also what a statement that uses it must say, state
 * and lease, and since when it is owed: so a million rows are counted without being read.
 */
#define WCI_UPLOADS_TABLE                                                                          \
    "CREATE TABLE uploads("                                                                        \
    " image_id INTEGER NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL DEFAULT 0,"         \
    " since INTEGER NOT NULL, due_at INTEGER NOT NULL DEFAULT 0,"                                  \
    " lease INTEGER NOT NULL DEFAULT 0, leased_until INTEGER NOT NULL DEFAULT 0,"                  \
    " was_left INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,"                   \
    " uploaded_at INTEGER, released_at INTEGER, bytes INTEGER, region TEXT, bucket TEXT,"          \
    " key TEXT, etag TEXT, checksum TEXT, last_error TEXT, upload_id TEXT, doubts TEXT,"           \
    " PRIMARY KEY(image_id, kind)) WITHOUT ROWID;"
#define WCI_UPLOADS_INDEXES                                                                           \
    "CREATE INDEX idx_uploads_due ON uploads(kind, due_at, image_id, state, lease, since)"         \
    " WHERE state=0 AND lease=0;"                                                                  \
    "CREATE INDEX idx_uploads_leased ON uploads(kind) WHERE lease<>0;"                             \
    "CREATE INDEX idx_uploads_parked ON uploads(kind, state) WHERE state=2;"                       \
    "CREATE INDEX idx_uploads_doubts ON uploads(kind) WHERE doubts IS NOT NULL;"                   \
    "CREATE INDEX idx_uploads_kept ON uploads(uploaded_at)"                                        \
    " WHERE state=1 AND kind=0 AND released_at IS NULL;"
/* What came before the table did is owed too. */
#define WCI_SHARD_SCHEMA_2                                                                         \
    WCI_UPLOADS_TABLE                                                                              \
    "INSERT INTO uploads(image_id, kind, since)"                                                   \
    " SELECT id, kind, received_at FROM images CROSS JOIN (SELECT 0 AS kind UNION ALL SELECT 1)"   \
    " ORDER BY id;" WCI_UPLOADS_INDEXES

/*
 * Since version 3, what else is known of pictures: `clock_time` and `clock_offset` are what the
 * camera's clock said where a deployment says better, and NULL where that is the time they have;
 * `event_id` is the first picture of its event, `event_gap` the seconds that were used to find it,
 * 0 where the camera itself told. Without an event_id a picture is owed one (process/regroup.h). A picture of 0 bytes is one whose file is elsewhere; nothing is
 * owed for it.
 *
 * `processing` is the queue of the detectors, as `uploads` is that of S3, and its indexes serve as
 * those do.
 */
#define WCI_PROCESSING_TABLE                                                                       \
    "CREATE TABLE processing("                                                                     \
    " image_id INTEGER PRIMARY KEY, state INTEGER NOT NULL DEFAULT 0,"                             \
    " priority INTEGER NOT NULL DEFAULT 0, since INTEGER NOT NULL,"                                \
    " due_at INTEGER NOT NULL DEFAULT 0, lease INTEGER NOT NULL DEFAULT 0,"                        \
    " leased_until INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,"               \
    " finished_at INTEGER, took INTEGER, last_error TEXT);"
#define WCI_PROCESSING_INDEXES                                                                     \
    "CREATE INDEX idx_processing_due ON processing(priority, due_at, image_id, state, lease, since)" \
    " WHERE state=0 AND lease=0;"                                                                  \
    "CREATE INDEX idx_processing_leased ON processing(priority) WHERE lease<>0;"                   \
    "CREATE INDEX idx_processing_parked ON processing(priority, state) WHERE state=2;"
/*
 * Since version 3, too: what the camera's clock said, where a deployment corrected it (NULL where not), and the indexes
 * that find the rows whose time was corrected once they had their id, so that it does not lead to
 * them any more. Their conditions are those of the questions, word for word.
 */
#define WCI_MOVED_INDEXES                                                                          \
    "CREATE INDEX idx_images_moved ON images(captured_at) WHERE id>>21<>captured_at/1000000;"      \
    "CREATE INDEX idx_wildlife_detections_moved ON wildlife_detections(detection_timestamp)"       \
    " WHERE id>>21<>detection_timestamp/1000000;"                                                  \
    "CREATE INDEX idx_wildlife_detections_moved_camera"                                            \
    " ON wildlife_detections(camera_id, detection_timestamp)"                                      \
    " WHERE id>>21<>detection_timestamp/1000000;"
/*
 * Since version 3, too: how many pictures there are by day and camera, and of how many of them nobody
 * knows the time: it is that of their reception (WILDCAM_TIME_SOURCE_RECEIVED, 6) or of no known
 * origin (UNKNOWN, 0). Triggers keep it, so whoever changes pictures need not know of it. A day's rows lie
 * together, because those of today are what is written.
 */
#define WCI_PICTURE_DAY(row) row ".captured_at/86400000000, " row ".camera_id"
#define WCI_PICTURE_UNSURE(row) "(" row ".time_source IN (0, 6))"
#define WCI_PICTURE_SUMS                                                                           \
    "SELECT " WCI_PICTURE_DAY("i") ", count(*), sum" WCI_PICTURE_UNSURE("i")                       \
    " FROM images i GROUP BY 1, 2"
#define WCI_COUNT_PICTURE                                                                          \
    " INSERT INTO daily_picture_summary"                                                           \
    " VALUES(" WCI_PICTURE_DAY("new") ", 1, " WCI_PICTURE_UNSURE("new") ")"                        \
    " ON CONFLICT DO UPDATE SET pictures=pictures+1, unsure=unsure+excluded.unsure;"
#define WCI_UNCOUNT_PICTURE                                                                        \
    " UPDATE daily_picture_summary SET pictures=pictures-1,"                                       \
    " unsure=unsure-" WCI_PICTURE_UNSURE("old")                                                    \
    " WHERE (picture_date, camera_id)=(" WCI_PICTURE_DAY("old") ");"
#define WCI_PICTURE_SUMMARY                                                                        \
    "CREATE TABLE daily_picture_summary("                                                          \
    " picture_date INTEGER NOT NULL, camera_id INTEGER NOT NULL,"                                  \
    " pictures INTEGER NOT NULL, unsure INTEGER NOT NULL,"                                         \
    " PRIMARY KEY(picture_date, camera_id)) WITHOUT ROWID;"                                        \
    "INSERT INTO daily_picture_summary " WCI_PICTURE_SUMS ";"                                      \
    "CREATE TRIGGER images_are_counted AFTER INSERT ON images BEGIN" WCI_COUNT_PICTURE " END;"     \
    "CREATE TRIGGER images_go AFTER DELETE ON images BEGIN" WCI_UNCOUNT_PICTURE " END;"            \
    "CREATE TRIGGER images_move AFTER UPDATE OF captured_at, camera_id, time_source ON images"     \
    " BEGIN" WCI_UNCOUNT_PICTURE WCI_COUNT_PICTURE " END;"
#define WCI_SHARD_SCHEMA_3                                                                         \
    "ALTER TABLE images ADD COLUMN favourite INTEGER NOT NULL DEFAULT 0;"                          \
    "ALTER TABLE images ADD COLUMN clock_time INTEGER;"                                            \
    "ALTER TABLE images ADD COLUMN clock_offset INTEGER;"                                          \
    "ALTER TABLE images ADD COLUMN event_id INTEGER;"                                              \
    "ALTER TABLE images ADD COLUMN event_gap INTEGER;"                                             \
    "CREATE INDEX idx_images_camera ON images(camera_id);"                                         \
    "CREATE INDEX idx_images_ungrouped ON images(camera_id) WHERE event_id IS NULL;"               \
    "CREATE INDEX idx_images_event ON images(event_id) WHERE event_id<>id;"                        \
    "ALTER TABLE wildlife_detections ADD COLUMN detector_id INTEGER;"                              \
    "ALTER TABLE wildlife_detections ADD COLUMN clock_time INTEGER;"                               \
    "ALTER TABLE wildlife_detections ADD COLUMN clock_offset INTEGER;"                             \
    WCI_MOVED_INDEXES WCI_PROCESSING_TABLE                                                         \
    "INSERT INTO processing(image_id, since) SELECT id, received_at FROM images ORDER BY id;"      \
    WCI_PROCESSING_INDEXES                                                                         \
    "DROP TRIGGER IF EXISTS images_are_owed;"                                                      \
    "CREATE TRIGGER images_are_owed AFTER INSERT ON images WHEN new.bytes>0 BEGIN"                 \
    " INSERT INTO uploads(image_id, kind, since)"                                                  \
    " VALUES(new.id, 0, new.received_at), (new.id, 1, new.received_at);"                           \
    " INSERT INTO processing(image_id, since) VALUES(new.id, new.received_at); END;"               \
    WCI_PICTURE_SUMMARY

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
wildcam_status wci_schema_create(const char *path, const wildcam_conf *conf, int application);
/* The statements that make a version, from 1, out of the one before; all of them for a shard. */
const char *wci_schema_part(int application, int64_t version);
/* Checks that an open file is what it should be and not newer than this library, and tells whether
 * it is of this version. */
wildcam_status wci_schema_check(struct wci_database *database, int application, bool *current);
/* Brings the file of an earlier version to this one, inside a transaction of the caller's. */
wildcam_status wci_schema_bring_up(struct wci_database *writer, int application);

#endif
