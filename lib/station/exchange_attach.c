#include "station/exchange_attach.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/check.h"
#include "station/exchange_batch.h"

/* The first row tells what the file said of the picture itself, which has words of its own:
 * {"megadetector": {..., "picture": {...}}}. */
static wildcam_status add_picture(struct wci_text *to, const wildcam_detection *detection,
                                  const char *picture)
{
    wildcam_status status = WILDCAM_OK;
    const char *words = detection ? wci_text_get(&detection->metadata) : "";
    json_t *row = *words ? json_loads(words, 0, NULL) : json_pack("{s:{}}", "megadetector");
    json_t *said = json_loads(picture, 0, NULL);
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

static wildcam_status attach(wildcam_exchange *exchange, const wildcam_image *image,
                             const struct wci_md_image *found, bool is_match)
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
    const struct wci_gathered row = {.where = found->file,
                                     .failure = is_match ? WILDCAM_EXCHANGE_UNMATCHED
                                                         : WILDCAM_EXCHANGE_FAILED,
                                     .image_id = image->id,
                                     .rows = rows,
                                     .count = count,
                                     .detections = (int64_t)found->count,
                                     .is_known = is_match};
    if (status == WILDCAM_OK)
        status = wci_batch_add(exchange, &row);
    wci_text_free(&first);
    free(rows);
    return status;
}

wildcam_status wci_exchange_attach(wildcam_exchange *exchange, int64_t image_id,
                                   const struct wci_md_image *found, bool is_match)
{
    const struct wci_store *store = &exchange->station->store;
    wildcam_image image;
    if (found->failure || wci_exchange_flag(&exchange->options, WCI_EXCHANGE_DRY_RUN)) {
        exchange->figures[WILDCAM_EXCHANGE_KNOWN] += is_match;
        return WILDCAM_OK;
    }
    wci_image_init(&image);
    wildcam_status status = store->ops->get_image(store->backend, image_id, &image);
    if (status == WILDCAM_OK)
        status = attach(exchange, &image, found, is_match);
    wci_image_release(&image);
    return status;
}
