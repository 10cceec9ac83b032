/* observations.csv: what is on each picture. */
#include <math.h>
#include <string.h>

#include "base/calendar.h"
#include "station/camtrapdp_export.h"

/* What our detections have no field for. */
static const size_t details[] = {WCI_OBS_cameraSetupType,
                                 WCI_OBS_lifeStage,
                                 WCI_OBS_sex,
                                 WCI_OBS_behavior,
                                 WCI_OBS_individualID,
                                 WCI_OBS_individualPositionRadius,
                                 WCI_OBS_individualPositionAngle,
                                 WCI_OBS_individualSpeed,
                                 WCI_OBS_observationTags,
                                 SIZE_MAX};

static bool is_something(int category)
{
    return category == WILDCAM_CATEGORY_ANIMAL || category == WILDCAM_CATEGORY_HUMAN ||
           category == WILDCAM_CATEGORY_VEHICLE || category == WILDCAM_CATEGORY_UNKNOWN;
}

/* Names of categories are no species. */
static const char *species_of(const wildcam_detection *detection)
{
    const char *species = wci_text_get(&detection->species);
    if (detection->category == WILDCAM_CATEGORY_HUMAN)
        return "Homo sapiens";
    return detection->category == WILDCAM_CATEGORY_ANIMAL && wci_category_find(species) < 0
               ? species
               : "";
}

static void fill_who(struct wci_cells *cells, const wildcam_detection *detection)
{
    struct wci_text *by = &cells->values[WCI_OBS_classifiedBy];
    wci_text_empty(by);
    if (detection->verified) {
        wci_cells_set(cells, WCI_OBS_classificationMethod, "human");
        wci_cells_set(cells, WCI_OBS_classifiedBy, wci_text_get(&detection->verified_by));
        if (detection->verified_at != WILDCAM_TIME_NONE)
            wci_cells_set_time(cells, WCI_OBS_classificationTimestamp, detection->verified_at, 0);
        return;
    }
    if (!detection->detector.length && isnan(detection->confidence))
        return;
    wci_cells_set(cells, WCI_OBS_classificationMethod, "machine");
    wci_text_add(by, wci_text_get(&detection->detector));
    if (detection->detector_version.length)
        wci_text_add_format(by, " %s", detection->detector_version.data);
    wci_cells_set_real(cells, WCI_OBS_classificationProbability, detection->confidence);
}

static void fill_what(struct wci_cells *cells, const wildcam_detection *detection)
{
    wci_cells_set(cells, WCI_OBS_observationLevel, "media");
    wci_cells_set(cells, WCI_OBS_observationType, wci_category_name(detection->category));
    wci_cells_set(cells, WCI_OBS_scientificName, species_of(detection));
    if (is_something(detection->category))
        wci_cells_set(cells, WCI_OBS_count, "1");
    if (detection->has_box && is_something(detection->category)) {
        wci_cells_set_real(cells, WCI_OBS_bboxX, detection->box.x);
        wci_cells_set_real(cells, WCI_OBS_bboxY, detection->box.y);
        wci_cells_set_real(cells, WCI_OBS_bboxWidth, detection->box.width);
        wci_cells_set_real(cells, WCI_OBS_bboxHeight, detection->box.height);
    }
    fill_who(cells, detection);
    wci_cells_set(cells, WCI_OBS_observationComments, wci_text_get(&detection->notes));
}

/* As it came in, letter by letter. */
static void fill_kept(struct wci_cells *cells, const json_t *kept)
{
    for (size_t i = 0; i < WCI_OBS_COUNT; i++)
        wci_cells_set(cells, i, wci_cells_kept_cell(kept, &wci_camtrapdp_observations, i));
}

/* What a person has said here since counts before what came in, and its details only as long as it
 * is the same species. */
static void fill(struct wci_cells *cells, const wildcam_detection *detection, const json_t *kept)
{
    const struct wci_table *table = &wci_camtrapdp_observations;
    wci_cells_empty(cells);
    if (kept && !detection->verified) {
        fill_kept(cells, kept);
        return;
    }
    fill_what(cells, detection);
    if (!kept || strcmp(wci_cells_kept_cell(kept, table, WCI_OBS_scientificName),
                        wci_text_get(&cells->values[WCI_OBS_scientificName])) != 0)
        return;
    const char *count = wci_cells_kept_cell(kept, table, WCI_OBS_count);
    if (*count)
        wci_cells_set(cells, WCI_OBS_count, count);
    wci_cells_respell(cells, table, kept, details);
}

/* A row's names and times, which must fit those of the other tables. */
static wildcam_status frame(struct wci_camtrapdp_export *export, const wildcam_image *image,
                            const wildcam_detection *detection, const json_t *kept, size_t place,
                            const char *media_id)
{
    const struct wci_table *table = &wci_camtrapdp_observations;
    struct wci_cells *cells = &export->cells;
    struct wci_text *id = &cells->values[WCI_OBS_observationID];
    const char *before = wci_cells_kept_cell(kept, table, WCI_OBS_observationID);
    wci_text_empty(id);
    if (*before)
        wci_text_add(id, before);
    else
        wci_text_add_format(id, "%lld", (long long)detection->id);
    wildcam_status status = wci_camtrapdp_make_unique(export, 2, id, detection->id);
    wci_cells_set(cells, WCI_OBS_deploymentID, wci_text_get(&export->places.list[place].id));
    wci_cells_set(cells, WCI_OBS_mediaID, media_id);
    if (*wci_cells_kept_cell(kept, table, WCI_OBS_eventID))
        wci_cells_set(cells, WCI_OBS_eventID, wci_cells_kept_cell(kept, table, WCI_OBS_eventID));
    else if (image->event_id)
        wci_cells_set_int(cells, WCI_OBS_eventID, image->event_id);
    const char *start = wci_cells_kept_cell(kept, table, WCI_OBS_eventStart);
    bool is_moved = image->clock_time != WILDCAM_TIME_NONE;
    if (!*start || is_moved)
        wci_cells_set_time(cells, WCI_OBS_eventStart, image->time, image->offset);
    else
        wci_cells_set(cells, WCI_OBS_eventStart, start);
    const char *end = wci_cells_kept_cell(kept, table, WCI_OBS_eventEnd);
    if (!*end || is_moved)
        wci_cells_set_time(cells, WCI_OBS_eventEnd, image->time, image->offset);
    else
        wci_cells_set(cells, WCI_OBS_eventEnd, end);
    return status;
}

static wildcam_status put(struct wci_camtrapdp_export *export)
{
    const char *species = wci_text_get(&export->cells.values[WCI_OBS_scientificName]);
    if (*species && json_object_set_new(export->taxa, species, json_null()) != 0)
        return wci_fail_memory();
    wci_camtrapdp_put_row(&wci_camtrapdp_observations, &export->cells,
                          &export->observations.buffer);
    export->exchange->figures[WILDCAM_EXCHANGE_DETECTIONS]++;
    return wci_sink_spill(&export->observations);
}

wildcam_status wci_camtrapdp_write_observation(struct wci_camtrapdp_export *export,
                                               const wildcam_image *image,
                                               const wildcam_detection *detection, size_t place,
                                               const char *media_id)
{
    json_t *kept = wci_cells_kept(wci_text_get(&detection->metadata));
    fill(&export->cells, detection, kept);
    wildcam_status status = frame(export, image, detection, kept, place, media_id);
    json_decref(kept);
    return status == WILDCAM_OK ? put(export) : status;
}

wildcam_status wci_camtrapdp_write_nothing(struct wci_camtrapdp_export *export,
                                           const wildcam_image *image,
                                           const wildcam_detection *detection, size_t place,
                                           const char *media_id)
{
    wci_cells_empty(&export->cells);
    fill_who(&export->cells, detection);
    wci_cells_set(&export->cells, WCI_OBS_observationLevel, "media");
    wci_cells_set(&export->cells, WCI_OBS_observationType, "blank");
    wci_cells_set(&export->cells, WCI_OBS_observationComments, wci_text_get(&detection->notes));
    wildcam_status status = frame(export, image, detection, NULL, place, media_id);
    return status == WILDCAM_OK ? put(export) : status;
}
