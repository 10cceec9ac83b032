/* observations.csv on its way in: which belong to which picture, and those that belong to none. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/number.h"
#include "station/camtrapdp_import.h"

enum { BATCH = 500, DRAFTS_MAX = 1000 };

/* Rows of events on their way into the catalog. */
struct batch {
    struct wci_import_row rows[BATCH];
    char *names[BATCH], *texts[BATCH]; /* of the rows */
    size_t count;
};

static wildcam_status flush(struct wci_camtrapdp_import *import, struct batch *batch)
{
    const struct wci_store *store = &import->exchange->station->store;
    int64_t added = 0;
    wildcam_status status = WILDCAM_OK;
    if (!import->is_dry && batch->count)
        status = store->ops->put_import_rows(store->backend, batch->rows, batch->count, &added);
    for (size_t i = 0; i < batch->count; i++) {
        free(batch->names[i]);
        free(batch->texts[i]);
    }
    batch->count = 0;
    return status;
}

/* Keeps a row that belongs to no picture. */
static wildcam_status keep_row(struct wci_camtrapdp_import *import, struct batch *batch,
                               enum wci_import_kind kind)
{
    const struct wci_table_reader *reader = &import->observations;
    const char *id = wci_table_cell(reader, WCI_OBS_observationID);
    const struct wci_name *camera = NULL;
    int64_t start = 0, end = 0;
    int32_t offset;
    int is_date;
    wildcam_status status =
        wci_camtrapdp_camera(import, wci_table_cell(reader, WCI_OBS_deploymentID), id, &camera);
    if (status != WILDCAM_OK)
        return status;
    if (!wci_calendar_parse(wci_table_cell(reader, WCI_OBS_eventStart), &start, &offset,
                            &is_date)) {
        wci_exchange_note(import->exchange, WILDCAM_EXCHANGE_LEFT_OUT, id,
                          "its eventStart is no time: \"%.60s\"",
                          wci_table_cell(reader, WCI_OBS_eventStart));
        return WILDCAM_OK;
    }
    if (!wci_calendar_parse(wci_table_cell(reader, WCI_OBS_eventEnd), &end, &offset, &is_date))
        end = start;
    wci_cells_keep(reader, import->id, &import->cells);
    char *name = wci_copy_text(id), *text = wci_copy_text(wci_text_get(&import->cells));
    batch->names[batch->count] = name;
    batch->texts[batch->count] = text;
    batch->rows[batch->count++] = (struct wci_import_row){.import_id = import->id,
                                                          .kind = kind,
                                                          .name = name,
                                                          .camera_id = camera ? camera->id : 0,
                                                          .from = start,
                                                          .to = end,
                                                          .row = text};
    if (!name || !text || import->cells.failed)
        return wci_fail_memory();
    return batch->count == BATCH ? flush(import, batch) : WILDCAM_OK;
}

static wildcam_status note_mention(struct wci_camtrapdp_import *import, const char *media_id)
{
    void *list = import->mentions;
    if (wci_reserve(&list, &import->mention_capacity, import->mention_count + 1,
                    sizeof *import->mentions) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    import->mentions = list;
    import->mentions[import->mention_count++] =
        (struct wci_mention){wci_hash_set_hash(0, media_id), import->observations.csv.place};
    return WILDCAM_OK;
}

static int compare(const void *left, const void *right)
{
    const struct wci_mention *one = left, *other = right;
    if (one->media != other->media)
        return one->media < other->media ? -1 : 1;
    return one->place < other->place ? -1 : one->place > other->place;
}

static wildcam_status copy(struct wci_source *source, const struct wci_staged *to)
{
    char piece[4096];
    wildcam_status status = WILDCAM_OK;
    for (int byte = 0; status == WILDCAM_OK && byte >= 0;) {
        size_t count = 0;
        while (count < sizeof piece && (byte = wci_source_get(source)) >= 0)
            piece[count++] = (char)byte;
        status = byte == WCI_SOURCE_FAILED ? source->failure
                                           : wci_file_write(to->fd, to->path, piece, count);
    }
    return status;
}

/* Rows are read again by their place, which a compressed file cannot do. */
static wildcam_status unpack(struct wci_camtrapdp_import *import, const char **path)
{
    struct wci_source source;
    size_t length = strlen(import->paths[2]);
    *path = import->paths[2];
    if (length < 3 || strcmp(import->paths[2] + length - 3, ".gz") != 0)
        return WILDCAM_OK;
    wildcam_status status = wci_source_open(&source, import->paths[2]);
    if (status != WILDCAM_OK)
        return status;
    status = wci_pictures_stage(&import->exchange->station->store.pictures, &import->unpacked);
    if (status == WILDCAM_OK)
        status = copy(&source, &import->unpacked);
    wci_source_close(&source);
    *path = import->unpacked.path;
    return status;
}

static wildcam_status index_rows(struct wci_camtrapdp_import *import, struct batch *batch)
{
    struct wci_table_reader *reader = &import->observations;
    wildcam_status status = WILDCAM_OK;
    wildcam_step step = 1;
    int64_t rows = 0;
    while (status == WILDCAM_OK && (step = wci_table_next(reader)) == 1) {
        const char *media_id = wci_table_cell(reader, WCI_OBS_mediaID);
        const char *level = wci_table_cell(reader, WCI_OBS_observationLevel);
        bool is_event = strcmp(level, "event") == 0;
        if (!is_event && *media_id)
            status = note_mention(import, media_id);
        else
            status = keep_row(import, batch, is_event ? WCI_IMPORT_EVENT : WCI_IMPORT_ORPHAN);
        import->exchange->figures[WILDCAM_EXCHANGE_EVENT_OBSERVATIONS] += is_event;
        if (status == WILDCAM_OK && ++rows % 1000 == 0)
            status = wci_exchange_step(import->exchange, "observations", reader->source.done,
                                       reader->source.bytes);
    }
    return status == WILDCAM_OK ? step : status;
}

wildcam_status wci_camtrapdp_index_observations(struct wci_camtrapdp_import *import)
{
    const char *path;
    struct batch *batch = wci_new(sizeof *batch);
    wildcam_status status = batch ? unpack(import, &path) : WILDCAM_ERR_NOMEM;
    if (status == WILDCAM_OK)
        status = wci_table_open(&import->observations, &wci_camtrapdp_observations, path);
    if (status == WILDCAM_OK)
        status = index_rows(import, batch);
    if (batch) {
        wildcam_status flushed = status == WILDCAM_OK ? flush(import, batch) : status;
        if (status != WILDCAM_OK) {
            import->is_dry = true; /* what is left is only freed */
            flush(import, batch);
        }
        status = flushed;
    }
    free(batch);
    if (status == WILDCAM_OK && import->mention_count)
        qsort(import->mentions, import->mention_count, sizeof *import->mentions, compare);
    return status;
}

/* ---- Those of a picture ---- */

static bool take_number(const struct wci_table_reader *reader, size_t column, double *value)
{
    return wci_number_parse_real(wci_table_cell(reader, column), value);
}

static wildcam_status take_species(wildcam_detection *draft, const char *name)
{
    int named = *name ? wci_category_find(name) : -1;
    if (named == WILDCAM_CATEGORY_HUMAN) /* whatever the row says that he is */
        draft->category = named;
    /* "Homo sapiens" and the like say no more than the category. */
    if (draft->category != WILDCAM_CATEGORY_ANIMAL || !*name || named >= 0)
        return WILDCAM_OK;
    return wci_take_text(&draft->species, "scientificName", name, WCI_SPECIES_MAX);
}

static wildcam_status draft_row(struct wci_camtrapdp_import *import, wildcam_detection *draft)
{
    const struct wci_table_reader *reader = &import->observations;
    wildcam_box box;
    wci_detection_reset(draft);
    draft->category = wci_category_find(wci_table_cell(reader, WCI_OBS_observationType));
    if (draft->category < 0)
        draft->category = WILDCAM_CATEGORY_UNKNOWN;
    wci_cells_keep(reader, import->id, &import->cells);
    wildcam_status status = import->cells.failed ? wci_fail_memory()
                                                 : wci_take_json(&draft->metadata, "the row",
                                                                 wci_text_get(&import->cells));
    if (status == WILDCAM_OK)
        status = take_species(draft, wci_table_cell(reader, WCI_OBS_scientificName));
    if (status != WILDCAM_OK)
        return status;
    if (!take_number(reader, WCI_OBS_classificationProbability, &draft->confidence) ||
        draft->confidence < 0 || draft->confidence > 1)
        draft->confidence = NAN;
    if (take_number(reader, WCI_OBS_bboxX, &box.x) && take_number(reader, WCI_OBS_bboxY, &box.y) &&
        take_number(reader, WCI_OBS_bboxWidth, &box.width) &&
        take_number(reader, WCI_OBS_bboxHeight, &box.height) &&
        wci_detection_set_box(draft, &box) != WILDCAM_OK) {
        import->exchange->figures[WILDCAM_EXCHANGE_CLAMPED]++;
        wci_error_clear();
    }
    return WILDCAM_OK;
}

static wildcam_status make_room(struct wci_camtrapdp_import *import)
{
    void *list = import->drafts;
    if (wci_reserve(&list, &import->draft_capacity, import->draft_count + 1,
                    sizeof *import->drafts) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    import->drafts = list;
    if (import->draft_count == import->draft_made)
        wci_detection_init(&import->drafts[import->draft_made++]);
    return WILDCAM_OK;
}

static wildcam_status read_mention(struct wci_camtrapdp_import *import, struct wci_mention *mention,
                                   const char *media_id)
{
    wildcam_step step = wci_table_read_at(&import->observations, mention->place);
    if (step < 0)
        return step;
    if (step == 0 || strcmp(wci_table_cell(&import->observations, WCI_OBS_mediaID), media_id) != 0)
        return WILDCAM_OK; /* another id of the same hash */
    const char *id = wci_table_cell(&import->observations, WCI_OBS_observationID);
    wildcam_status status = import->draft_count < DRAFTS_MAX
                                ? make_room(import)
                                : wci_fail(WILDCAM_ERR_TOOLARGE,
                                           "a picture has at most %d observations", DRAFTS_MAX);
    if (status == WILDCAM_OK)
        status = draft_row(import, &import->drafts[import->draft_count]);
    mention->place = -1;
    if (status == WILDCAM_OK) {
        import->draft_count++;
        return WILDCAM_OK;
    }
    if (status == WILDCAM_ERR_NOMEM)
        return status;
    wci_exchange_note(import->exchange, WILDCAM_EXCHANGE_LEFT_OUT, id, "%s",
                      wildcam_error_message());
    wci_error_clear();
    return WILDCAM_OK;
}

wildcam_status wci_camtrapdp_read_observations(struct wci_camtrapdp_import *import,
                                               const char *media_id)
{
    const uint64_t hash = wci_hash_set_hash(0, media_id);
    size_t low = 0, high = import->mention_count;
    import->draft_count = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (import->mentions[middle].media < hash)
            low = middle + 1;
        else
            high = middle;
    }
    wildcam_status status = WILDCAM_OK;
    for (;
         status == WILDCAM_OK && low < import->mention_count && import->mentions[low].media == hash;
         low++)
        if (import->mentions[low].place >= 0)
            status = read_mention(import, &import->mentions[low], media_id);
    return status;
}

wildcam_status wci_camtrapdp_keep_orphans(struct wci_camtrapdp_import *import)
{
    wildcam_status status = WILDCAM_OK;
    struct batch *batch = wci_new(sizeof *batch);
    if (!batch)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; status == WILDCAM_OK && i < import->mention_count; i++) {
        if (import->mentions[i].place < 0)
            continue;
        wildcam_step step = wci_table_read_at(&import->observations, import->mentions[i].place);
        status = step < 0 ? step : WILDCAM_OK;
        if (step != 1)
            continue;
        wci_exchange_note(import->exchange, WILDCAM_EXCHANGE_ORPHANS,
                          wci_table_cell(&import->observations, WCI_OBS_observationID),
                          "its picture \"%.100s\" is not in the package; it is kept without one",
                          wci_table_cell(&import->observations, WCI_OBS_mediaID));
        status = keep_row(import, batch, WCI_IMPORT_ORPHAN);
    }
    bool was_dry = import->is_dry;
    import->is_dry = was_dry || status != WILDCAM_OK;
    wildcam_status flushed = flush(import, batch);
    free(batch);
    return status == WILDCAM_OK ? flushed : status;
}
