#include "station/exchange_attach.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "model/check.h"
#include "model/processing.h"

/* The first row tells what the file said of the picture itself, which has words of its own:
 * {"megadetector": {..., "picture": {...}}}. */
static wildcam_status add_picture(struct wci_text *to, const wildcam_detection *detection,
                                  const char *picture)
{
    wildcam_status status = WILDCAM_OK;
    json_t *row = detection ? json_loads(wci_text_get(&detection->metadata), 0, NULL) : NULL;
    json_t *said = json_loads(picture, 0, NULL);
    if (!row)
        row = json_pack("{s:{}}", "megadetector");
    json_t *own = json_object_get(row, "megadetector");
    if (!own || !said ||
        json_object_set(own, "picture", json_object_get(said, "megadetector")) != 0)
        status = wci_fail_memory();
    char *text = status == WILDCAM_OK ? json_dumps(row, JSON_COMPACT) : NULL;
    if (text)
        status = wci_text_set(to, text, strlen(text));
    else if (status == WILDCAM_OK)
        status = wci_fail_memory();
    if (status == WILDCAM_OK && to->length > WCI_METADATA_MAX) /* the detection's own go first */
        wci_text_empty(to);
    free(text);
    json_decref(row);
    json_decref(said);
    return status;
}

static wildcam_status fill_rows(wildcam_exchange *exchange, const struct wci_md_image *found,
                                const wildcam_image *image, const struct wci_name *camera,
                                struct wci_row *rows)
{
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < (found->count ? found->count : 1); i++) {
        rows[i] = (struct wci_row){.time = image->time, .camera = camera, .offset = image->offset};
        status = wci_station_fill_row(
            exchange->station, found->count ? &found->detections[i] : found->nothing, &rows[i]);
    }
    return status;
}

wildcam_status wci_exchange_answer(wildcam_exchange *exchange, struct wci_row *rows, size_t count,
                                   int64_t image_id)
{
    struct wci_found found = {rows, count};
    wildcam_processing row;
    wildcam_processing *const list[] = {&row};
    struct wci_processing_work work = {.step = WCI_PROCESSING_ANSWER,
                                       .rows = list,
                                       .count = 1,
                                       .now = wci_calendar_now(),
                                       .found = &found};
    wci_processing_init(&row);
    row.image_id = image_id;
    wildcam_status status = wci_store_step_processing(&exchange->station->store, &work);
    bool is_missed = row.is_missed;
    wci_processing_release(&row);
    if (status == WILDCAM_OK && is_missed)
        status = wci_fail(WILDCAM_ERR_NOTFOUND, "picture %lld is gone", (long long)image_id);
    return status;
}

static wildcam_status attach(wildcam_exchange *exchange, const wildcam_image *image,
                             const struct wci_md_image *found)
{
    const struct wci_store *store = &exchange->station->store;
    size_t count = found->count ? found->count : 1;
    struct wci_text first = {0};
    const struct wci_name *camera;
    struct wci_row *rows = wci_new_array(count, sizeof *rows);
    if (!rows)
        return WILDCAM_ERR_NOMEM;
    wildcam_status status = store->ops->find_camera(store->backend, wci_text_get(&image->device_id),
                                                    false, &camera);
    if (status == WILDCAM_OK)
        status = fill_rows(exchange, found, image, camera, rows);
    if (status == WILDCAM_OK)
        status = add_picture(&first, found->count ? &found->detections[0] : NULL, found->metadata);
    if (status == WILDCAM_OK && first.length)
        rows[0].metadata = first.data;
    else if (status == WILDCAM_OK)
        wci_exchange_remark(exchange,
                            "%.300s: what the file says of the picture itself is not kept: with "
                            "that of the first detection it is over %d bytes",
                            found->file, WCI_METADATA_MAX);
    if (status == WILDCAM_OK)
        status = wci_exchange_answer(exchange, rows, count, image->id);
    if (status == WILDCAM_OK)
        exchange->figures[WILDCAM_EXCHANGE_DETECTIONS] += (int64_t)found->count;
    wci_text_free(&first);
    free(rows);
    return status;
}

wildcam_status wci_exchange_attach(wildcam_exchange *exchange, int64_t image_id,
                                   const struct wci_md_image *found)
{
    const struct wci_store *store = &exchange->station->store;
    wildcam_image image;
    if (found->failure || wci_exchange_flag(&exchange->options, WCI_EXCHANGE_DRY_RUN))
        return WILDCAM_OK;
    wci_image_init(&image);
    wildcam_status status = store->ops->get_image(store->backend, image_id, &image);
    if (status == WILDCAM_OK)
        status = attach(exchange, &image, found);
    wci_image_release(&image);
    return status;
}
