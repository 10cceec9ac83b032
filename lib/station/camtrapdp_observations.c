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
                                 WCI_OBS_observationComments,
                                 SIZE_MAX};

bool wci_camtrapdp_is_something(int category)
{
    return category == WILDCAM_CATEGORY_ANIMAL || category == WILDCAM_CATEGORY_HUMAN ||
           category == WILDCAM_CATEGORY_VEHICLE || category == WILDCAM_CATEGORY_UNKNOWN;
}

/* Names of categories are no species. */
const char *wci_camtrapdp_species(const wildcam_detection *detection)
{
    const char *species = wci_text_get(&detection->species);
    if (detection->category == WILDCAM_CATEGORY_HUMAN)
        return "Homo sapiens";
    return detection->category == WILDCAM_CATEGORY_ANIMAL && wci_category_find(species) < 0
               ? species
               : "";
}

static void fill_person(struct wci_cells *cells, const wildcam_detection *detection)
{
    wci_cells_set(cells, WCI_OBS_classificationMethod, "human");
    wci_cells_set(cells, WCI_OBS_classifiedBy, wci_text_get(&detection->verified_by));
    if (detection->verified_at != WILDCAM_TIME_NONE)
        wci_cells_set_time(cells, WCI_OBS_classificationTimestamp, detection->verified_at, 0);
}

void wci_camtrapdp_fill_who(struct wci_cells *cells, const wildcam_detection *detection)
{
    struct wci_text *by = &cells->values[WCI_OBS_classifiedBy];
    /* What is wrong is so because a person has said it. */
    if (detection->verified || detection->false_positive) {
        fill_person(cells, detection);
        return;
    }
    if (!detection->detector.length && isnan(detection->confidence))
        return;
    wci_cells_set(cells, WCI_OBS_classificationMethod, "machine");
    wci_cells_set(cells, WCI_OBS_classifiedBy, wci_text_get(&detection->detector));
    if (detection->detector_version.length)
        wci_text_add_format(by, " %s", detection->detector_version.data);
    wci_cells_set_real(cells, WCI_OBS_classificationProbability, detection->confidence);
}

/* A row that came in may be a person's word, too. */
static bool is_persons(const wildcam_detection *detection, const json_t *kept)
{
    return detection->verified || strcmp(wci_cells_kept_cell(kept, &wci_camtrapdp_observations,
                                                             WCI_OBS_classificationMethod),
                                         "human") == 0;
}

bool wci_camtrapdp_is_below(const struct wci_camtrapdp_export *export,
                            const wildcam_detection *detection, const json_t *kept)
{
    if (!(detection->confidence < export->threshold))
        return false;
    json_t *own = kept ? NULL
                       : wci_cells_kept(wci_text_get(&detection->metadata),
                                        &export->exchange->is_short);
    bool is_below = !is_persons(detection, kept ? kept : own);
    json_decref(own);
    return is_below;
}

bool wci_camtrapdp_is_told(const struct wci_camtrapdp_export *export,
                           const wildcam_detection *detection, bool is_imported)
{
    return !detection->false_positive && !wci_camtrapdp_is_below(export, detection, NULL) &&
           !(is_imported && detection->category == WILDCAM_CATEGORY_UNCLASSIFIED &&
             !detection->metadata.length);
}

static void fill_what(struct wci_cells *cells, const wildcam_detection *detection)
{
    wci_cells_set(cells, WCI_OBS_observationLevel, "media");
    wci_cells_set(cells, WCI_OBS_observationType, wci_category_name(detection->category));
    wci_cells_set(cells, WCI_OBS_scientificName, wci_camtrapdp_species(detection));
    if (wci_camtrapdp_is_something(detection->category))
        wci_cells_set(cells, WCI_OBS_count, "1");
    if (detection->has_box && wci_camtrapdp_is_something(detection->category)) {
        wci_cells_set_real(cells, WCI_OBS_bboxX, detection->box.x);
        wci_cells_set_real(cells, WCI_OBS_bboxY, detection->box.y);
        wci_cells_set_real(cells, WCI_OBS_bboxWidth, detection->box.width);
        wci_cells_set_real(cells, WCI_OBS_bboxHeight, detection->box.height);
    }
    wci_camtrapdp_fill_who(cells, detection);
    wci_cells_set(cells, WCI_OBS_observationComments, wci_text_get(&detection->notes));
}

/* As it came in, letter by letter. */
static void fill_kept(struct wci_cells *cells, const json_t *kept)
{
    for (size_t i = 0; i < WCI_OBS_COUNT; i++)
        wci_cells_set(cells, i, wci_cells_kept_cell(kept, &wci_camtrapdp_observations, i));
}

/* What a person has said here since counts before what came in, whose details stay only as long as
 * it is of the same. */
static void fill(struct wci_cells *cells, const wildcam_detection *detection, const json_t *kept)
{
    static const size_t what[] = {WCI_OBS_observationType, WCI_OBS_scientificName};
    const struct wci_table *table = &wci_camtrapdp_observations;
    wci_cells_empty(cells);
    if (kept && !detection->verified) {
        fill_kept(cells, kept);
        return;
    }
    fill_what(cells, detection);
    for (size_t i = 0; i < sizeof what / sizeof *what; i++)
        if (strcmp(wci_cells_kept_cell(kept, table, what[i]),
                   wci_text_get(&cells->values[what[i]])) != 0)
            return;
    const char *count = wci_cells_kept_cell(kept, table, WCI_OBS_count);
    if (*count)
        wci_cells_set(cells, WCI_OBS_count, count);
    wci_cells_respell(cells, table, kept, details);
}

/* As it came in, moved with its picture where the camera's clock was put right since. */
static void set_moment(struct wci_cells *cells, size_t column, const wildcam_image *image,
                       const json_t *kept)
{
    const char *before = wci_cells_kept_cell(kept, &wci_camtrapdp_observations, column);
    int64_t time, moved = 0;
    int32_t offset;
    int is_date;
    if (image->clock_time != WILDCAM_TIME_NONE)
        moved = image->time - image->clock_time;
    if (!wci_calendar_parse(before, &time, &offset, &is_date))
        wci_cells_set_time(cells, column, image->time, image->offset);
    else if (moved != 0)
        wci_cells_set_time(cells, column, time + moved, offset);
    else
        wci_cells_set(cells, column, before);
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
    set_moment(cells, WCI_OBS_eventStart, image, kept);
    set_moment(cells, WCI_OBS_eventEnd, image, kept);
    return status;
}

wildcam_status wci_camtrapdp_put_observation(struct wci_camtrapdp_export *export)
{
    const char *species = wci_text_get(&export->cells.values[WCI_OBS_scientificName]);
    if (*species && json_object_set_new(export->taxa, species, json_null()) != 0)
        return wci_fail_memory();
    wci_camtrapdp_put_row(&wci_camtrapdp_observations, &export->cells,
                          &export->observations.buffer);
    return wci_sink_spill(&export->observations);
}

static wildcam_status put(struct wci_camtrapdp_export *export)
{
    export->exchange->figures[WILDCAM_EXCHANGE_DETECTIONS]++;
    return wci_camtrapdp_put_observation(export);
}

wildcam_status wci_camtrapdp_write_observation(struct wci_camtrapdp_export *export,
                                               const wildcam_image *image,
                                               const wildcam_detection *detection, size_t place,
                                               const char *media_id)
{
    json_t *kept = wci_cells_kept(wci_text_get(&detection->metadata), &export->exchange->is_short);
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
    wci_camtrapdp_fill_who(&export->cells, detection);
    wci_cells_set(&export->cells, WCI_OBS_observationLevel, "media");
    wci_cells_set(&export->cells, WCI_OBS_observationType, "blank");
    wci_cells_set(&export->cells, WCI_OBS_observationComments, wci_text_get(&detection->notes));
    wildcam_status status = frame(export, image, detection, NULL, place, media_id);
    return status == WILDCAM_OK ? put(export) : status;
}
