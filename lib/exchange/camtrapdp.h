/*
 * Camtrap DP 1.0.2 (https://camtrap-dp.tdwg.org): its three tables, row by row.
 *
 * A row is its cells, as texts in the order of the schema. What a cell says in a package that was
 * taken in is kept as it was written, so that it can come out again letter by letter where it still
 * means the same.
 */
#ifndef WCI_EXCHANGE_CAMTRAPDP_H
#define WCI_EXCHANGE_CAMTRAPDP_H

#include <jansson.h>

#include "base/json.h"
#include "exchange/csv.h"

/* The one list of each table's columns, in the order of its schema. X(name, kind): TEXT is compared
 * by its letters, the others by what they mean. */
#define WCI_CAMTRAPDP_DEPLOYMENTS(X)                                                               \
    X(deploymentID, TEXT)                                                                          \
    X(locationID, TEXT)                                                                            \
    X(locationName, TEXT)                                                                          \
    X(latitude, REAL)                                                                              \
    X(longitude, REAL)                                                                             \
    X(coordinateUncertainty, REAL)                                                                 \
    X(deploymentStart, TIME)                                                                       \
    X(deploymentEnd, TIME)                                                                         \
    X(setupBy, TEXT)                                                                               \
    X(cameraID, TEXT)                                                                              \
    X(cameraModel, TEXT)                                                                           \
    X(cameraDelay, REAL)                                                                           \
    X(cameraHeight, REAL)                                                                          \
    X(cameraDepth, REAL)                                                                           \
    X(cameraTilt, REAL)                                                                            \
    X(cameraHeading, REAL)                                                                         \
    X(detectionDistance, REAL)                                                                     \
    X(timestampIssues, FLAG)                                                                       \
    X(baitUse, FLAG)                                                                               \
    X(featureType, TEXT)                                                                           \
    X(habitat, TEXT)                                                                               \
    X(deploymentGroups, TEXT)                                                                      \
    X(deploymentTags, TEXT)                                                                        \
    X(deploymentComments, TEXT)

#define WCI_CAMTRAPDP_MEDIA(X)                                                                     \
    X(mediaID, TEXT)                                                                               \
    X(deploymentID, TEXT)                                                                          \
    X(captureMethod, TEXT)                                                                         \
    X(timestamp, TIME)                                                                             \
    X(filePath, TEXT)                                                                              \
    X(filePublic, FLAG)                                                                            \
    X(fileName, TEXT)                                                                              \
    X(fileMediatype, TEXT)                                                                         \
    X(exifData, TEXT)                                                                              \
    X(favorite, FLAG)                                                                              \
    X(mediaComments, TEXT)

#define WCI_CAMTRAPDP_OBSERVATIONS(X)                                                              \
    X(observationID, TEXT)                                                                         \
    X(deploymentID, TEXT)                                                                          \
    X(mediaID, TEXT)                                                                               \
    X(eventID, TEXT)                                                                               \
    X(eventStart, TIME)                                                                            \
    X(eventEnd, TIME)                                                                              \
    X(observationLevel, TEXT)                                                                      \
    X(observationType, TEXT)                                                                       \
    X(cameraSetupType, TEXT)                                                                       \
    X(scientificName, TEXT)                                                                        \
    X(count, REAL)                                                                                 \
    X(lifeStage, TEXT)                                                                             \
    X(sex, TEXT)                                                                                   \
    X(behavior, TEXT)                                                                              \
    X(individualID, TEXT)                                                                          \
    X(individualPositionRadius, REAL)                                                              \
    X(individualPositionAngle, REAL)                                                               \
    X(individualSpeed, REAL)                                                                       \
    X(bboxX, REAL)                                                                                 \
    X(bboxY, REAL)                                                                                 \
    X(bboxWidth, REAL)                                                                             \
    X(bboxHeight, REAL)                                                                            \
    X(classificationMethod, TEXT)                                                                  \
    X(classifiedBy, TEXT)                                                                          \
    X(classificationTimestamp, TIME)                                                               \
    X(classificationProbability, REAL)                                                             \
    X(observationTags, TEXT)                                                                       \
    X(observationComments, TEXT)

#define WCI_DEP(name, kind) WCI_DEP_##name,
#define WCI_MED(name, kind) WCI_MED_##name,
#define WCI_OBS(name, kind) WCI_OBS_##name,
enum { WCI_CAMTRAPDP_DEPLOYMENTS(WCI_DEP) WCI_DEP_COUNT };
enum { WCI_CAMTRAPDP_MEDIA(WCI_MED) WCI_MED_COUNT };
enum { WCI_CAMTRAPDP_OBSERVATIONS(WCI_OBS) WCI_OBS_COUNT };
#undef WCI_DEP
#undef WCI_MED
#undef WCI_OBS

enum { WCI_CELLS_MAX = 28 };

enum wci_cell_kind { WCI_CELL_TEXT, WCI_CELL_REAL, WCI_CELL_TIME, WCI_CELL_FLAG };

struct wci_table {
    const char *name;
    size_t count;
    const char *const *columns;
    const enum wci_cell_kind *kinds;
};
extern const struct wci_table wci_camtrapdp_deployments, wci_camtrapdp_media,
    wci_camtrapdp_observations;

#define WCI_CAMTRAPDP_SCHEMAS "https://raw.githubusercontent.com/tdwg/camtrap-dp/1.0.2/"

struct wci_cells {
    struct wci_text values[WCI_CELLS_MAX];
};

void wci_cells_empty(struct wci_cells *cells);
void wci_cells_free(struct wci_cells *cells);
void wci_cells_set(struct wci_cells *cells, size_t column, const char *value);
void wci_cells_set_real(struct wci_cells *cells, size_t column, double value); /* NaN is "" */
void wci_cells_set_int(struct wci_cells *cells, size_t column, int64_t value);
/* To the second, with its offset; one that is not known counts as 0. */
void wci_cells_set_time(struct wci_cells *cells, size_t column, int64_t time, int32_t offset);

/* ---- Rows in and out (camtrapdp_read.c, camtrapdp_write.c) ---- */

void wci_camtrapdp_put_names(const struct wci_table *table, struct wci_text *out);
void wci_camtrapdp_put_row(const struct wci_table *table, const struct wci_cells *cells,
                           struct wci_text *out);

/* A table that is read: its columns may stand in any order, and others beside them. */
struct wci_table_reader {
    const struct wci_table *table;
    struct wci_source source;
    struct wci_csv_reader csv;
    size_t at[WCI_CELLS_MAX]; /* where each column stands, plus 1; 0: it is not there */
    struct wci_text others;   /* columns that the schema does not know, with commas */
};

/* INVALID when its first column is missing. Freed also after a failure. */
wildcam_status wci_table_open(struct wci_table_reader *reader, const struct wci_table *table,
                              const char *path);
wildcam_step wci_table_next(struct wci_table_reader *reader);
/* The row that begins at a place that csv.place has told. */
wildcam_step wci_table_read_at(struct wci_table_reader *reader, int64_t place);
/* A cell of the row; "" for one that is not there or says NA or NaN. */
const char *wci_table_cell(const struct wci_table_reader *reader, size_t column);
void wci_table_close(struct wci_table_reader *reader);

/* ---- Cells that are kept as they were written, as JSON of their columns ---- */

/* The row's cells, but those that say nothing, and which import they are of: as
 * {"camtrapdp": {..., "import": 7}}. */
void wci_cells_keep(const struct wci_table_reader *reader, int64_t import_id,
                    struct wci_text *json);
/* What is kept in a text of JSON; NULL when nothing is, or memory is short, which is noted. Its
 * cells are borrowed from it. */
json_t *wci_cells_kept(const char *json, bool *is_short);
int64_t wci_cells_kept_import(const json_t *kept); /* 0 when it is not known */
/* A picture that was there before its row of media came has it in the text of its first
 * observation: as {"camtrapdp": {..., "media": {...}}}. What would be too large is not added. */
wildcam_status wci_cells_keep_media(struct wci_text *json, const char *media);
json_t *wci_cells_kept_media(const json_t *kept); /* borrowed; NULL */
const char *wci_cells_kept_cell(const json_t *kept, const struct wci_table *table, size_t column);
/* Puts the kept spelling in the place of each cell that still means the same, and what is kept into
 * each of those columns that are empty and in the list, which ends with SIZE_MAX. */
void wci_cells_respell(struct wci_cells *cells, const struct wci_table *table, const json_t *kept,
                       const size_t *fill);

/* What a cell says of yes or no, in any of the spellings of Table Schema: 1, 0, or -1 for neither.
 */
int wci_camtrapdp_flag(const char *cell);
/* Takes the place, serial numbers and names of people out of exifData, if there are any; all of it
 * where that cannot be done. */
void wci_camtrapdp_strip_exif(struct wci_text *cell);

/* Whether a text may be a filePath: an address, or a path that stays in the package. */
bool wci_camtrapdp_is_path(const char *path);
bool wci_camtrapdp_is_address(const char *path);

#endif
