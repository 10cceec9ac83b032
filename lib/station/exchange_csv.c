/* Detections as CSV: one row each, for spreadsheets and statistics. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/number.h"
#include "exchange/csv.h"
#include "exchange/sink.h"
#include "model/time_source.h"
#include "station/exchange.h"

/* The names of the columns, those of `wildcam query --csv`, and what fills them. */
#define COLUMNS(X)                                                                                 \
    X(id, whole(cell, detection->id))                                                              \
    X(device_id, text(cell, &detection->device_id))                                                \
    X(image_id, id(cell, image->id))                                                               \
    X(file_name, text(cell, &image->file_name))                                                    \
    X(timestamp, moment(cell, detection->time, detection->offset))                                 \
    X(utc_offset, offset(cell, detection->offset))                                                 \
    X(time_source, wci_text_add(cell, wci_time_source_name(detection->time_source)))               \
    X(category, wci_text_add(cell, wci_category_name(detection->category)))                        \
    X(species, text(cell, &detection->species))                                                    \
    X(detected_species, text(cell, &detection->detected_species))                                  \
    X(confidence, real(cell, detection->confidence))                                               \
    X(bounding_box_x, real(cell, detection->has_box ? detection->box.x : NAN))                     \
    X(bounding_box_y, real(cell, detection->has_box ? detection->box.y : NAN))                     \
    X(bounding_box_width, real(cell, detection->has_box ? detection->box.width : NAN))             \
    X(bounding_box_height, real(cell, detection->has_box ? detection->box.height : NAN))           \
    X(detector, text(cell, &detection->detector))                                                  \
    X(detector_version, text(cell, &detection->detector_version))                                  \
    X(verified, wci_text_add(cell, detection->verified ? "true" : "false"))                        \
    X(verified_species, text(cell, &detection->verified_species))                                  \
    X(is_false_positive, wci_text_add(cell, detection->false_positive ? "true" : "false"))         \
    X(verified_by, text(cell, &detection->verified_by))                                            \
    X(verification_notes, text(cell, &detection->notes))                                           \
    X(metadata, text(cell, &detection->metadata))

enum { PAGE = 256 };

struct export
{
    wildcam_exchange *exchange;
    struct wci_sink sink;
    struct wci_text cell;
    wildcam_image image; /* of the row at hand */
    wildcam_detection rows[PAGE];
    double threshold;
};

static void whole(struct wci_text *cell, int64_t value)
{
    wci_text_add_format(cell, "%lld", (long long)value);
}

static void id(struct wci_text *cell, int64_t value)
{
    if (value)
        whole(cell, value);
}

static void text(struct wci_text *cell, const struct wci_text *value)
{
    if (wci_csv_is_formula(wci_text_get(value)))
        wci_text_add_char(cell, '\'');
    wci_text_add(cell, wci_text_get(value));
}

static void real(struct wci_text *cell, double value)
{
    char digits[WCI_NUMBER_TEXT];
    if (!isnan(value))
        wci_text_add_bytes(cell, digits, wci_number_format_real(value, digits));
}

static void moment(struct wci_text *cell, int64_t time, int32_t utc_offset)
{
    char words[WILDCAM_TIME_TEXT];
    wci_calendar_format(time, utc_offset, words);
    wci_text_add(cell, words);
}

static void offset(struct wci_text *cell, int32_t utc_offset)
{
    if (utc_offset != WILDCAM_OFFSET_UNKNOWN)
        whole(cell, utc_offset);
}

static void write_row(struct export *export, const wildcam_image *image,
                      const wildcam_detection *detection)
{
    struct wci_text *out = &export->sink.buffer, *cell = &export->cell;
    bool is_first = true;
#define CELL(name, fill)                                                                           \
    wci_text_empty(cell);                                                                          \
    fill;                                                                                          \
    wci_csv_put(out, is_first, wci_text_get(cell));                                                \
    out->failed |= cell->failed;                                                                   \
    is_first = false;
    COLUMNS(CELL)
#undef CELL
    wci_csv_finish_row(out);
}

/* What the picture's file was called; most detections are of the same one as the last. */
static wildcam_status find_image(struct export *export, int64_t id)
{
    const struct wci_store *store = &export->exchange->station->store;
    if (id == export->image.id)
        return WILDCAM_OK;
    wci_image_release(&export->image);
    wci_image_init(&export->image);
    if (!id)
        return WILDCAM_OK;
    wildcam_status status = store->ops->get_image(store->backend, id, &export->image);
    export->image.id = id;
    return status == WILDCAM_ERR_NOTFOUND ? WILDCAM_OK : status;
}

static wildcam_status write_page(struct export *export, size_t count)
{
    int64_t *figures = export->exchange->figures;
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < count; i++) {
        const wildcam_detection *detection = &export->rows[i];
        if (!detection->verified && detection->confidence < export->threshold) {
            figures[WILDCAM_EXCHANGE_BELOW]++;
            continue;
        }
        status = find_image(export, detection->image_id);
        write_row(export, &export->image, detection);
        figures[WILDCAM_EXCHANGE_DETECTIONS]++;
    }
    return status == WILDCAM_OK ? wci_sink_spill(&export->sink) : status;
}

static wildcam_status write_rows(struct export *export, struct wci_text *damaged)
{
    wildcam_exchange *exchange = export->exchange;
    const struct wci_store *store = &exchange->station->store;
    struct wci_query query = exchange->plan;
    struct wci_place last = {0, WILDCAM_TIME_NONE};
    int64_t written = 0;
    size_t got = PAGE;
    wildcam_status status = WILDCAM_OK;
    query.oldest_first = true;
    while (status == WILDCAM_OK && got == PAGE) {
        wci_text_empty(damaged); /* every page tells them */
        status = store->ops->read(store->backend, &query, &last, export->rows, PAGE, &got, damaged);
        if (status == WILDCAM_OK)
            status = write_page(export, got);
        if (got)
            last = wci_place_of(export->rows[got - 1].id, export->rows[got - 1].time);
        written += (int64_t)got;
        if (status == WILDCAM_OK)
            status = wci_exchange_step(exchange, "detections", written, 0);
    }
    return status;
}

static wildcam_status write_all(struct export *export, struct wci_text *damaged)
{
    bool is_first = true;
    wildcam_status status = WILDCAM_OK;
#define NAME(name, fill)                                                                           \
    wci_csv_put(&export->sink.buffer, is_first, #name);                                            \
    is_first = false;
    COLUMNS(NAME)
#undef NAME
    wci_csv_finish_row(&export->sink.buffer);
    if (!export->exchange->matches_nothing)
        status = write_rows(export, damaged);
    return status == WILDCAM_OK ? wci_sink_finish(&export->sink) : status;
}

wildcam_status wci_export_csv(wildcam_exchange *exchange, const char *path)
{
    struct export *export = wci_new(sizeof *export);
    struct wci_text damaged = {0};
    if (!export)
        return WILDCAM_ERR_NOMEM;
    export->exchange = exchange;
    export->threshold = wci_exchange_real(&exchange->options, WCI_EXCHANGE_THRESHOLD);
    wci_image_init(&export->image);
    for (size_t i = 0; i < PAGE; i++)
        wci_detection_init(&export->rows[i]);
    wildcam_status status = wci_sink_open(&export->sink, path, false);
    if (status == WILDCAM_OK)
        status = write_all(export, &damaged);
    wci_sink_abort(&export->sink);
    wci_text_free(&export->cell);
    wci_image_release(&export->image);
    for (size_t i = 0; i < PAGE; i++)
        wci_detection_release(&export->rows[i]);
    free(export);
    if (status == WILDCAM_OK)
        status = wci_exchange_tell_damaged(&damaged);
    wci_text_free(&damaged);
    return status;
}
