/* MegaDetector's results: what is read of any file is fit to be kept, and what is written of it is
 * JSON that reads back with as many pictures. */
#include "exchange/megadetector.h"

#include <math.h>
#include <unistd.h>

#include "fuzz.h"

static struct wci_md_writer writer;

static wildcam_status take(void *user, const struct wci_md_image *image)
{
    wildcam_image kept;
    const wildcam_detection *detections[1000];
    wildcam_detection unclassified;
    size_t count = image->count;
    ++*(int64_t *)user;
    must(*image->file && image->count <= 1000);
    for (size_t i = 0; i < count; i++) {
        const wildcam_detection *detection = &image->detections[i];
        must(detection->category >= 0);
        must(isnan(detection->confidence) ||
             (detection->confidence >= 0 && detection->confidence <= 1));
        must(!detection->has_box || (detection->box.x >= 0 && detection->box.width > 0 &&
                                     detection->box.x + detection->box.width <= 1 + 1e-9));
        detections[i] = detection;
    }
    wci_detection_init(&unclassified);
    unclassified.category = image->failure ? WILDCAM_CATEGORY_UNCLASSIFIED : WILDCAM_CATEGORY_BLANK;
    if (!count)
        detections[count++] = &unclassified;
    wci_image_init(&kept);
    must(wci_text_set(&kept.metadata, image->metadata, strlen(image->metadata)) == WILDCAM_OK);
    wci_md_write_image(&writer, &kept, detections, count);
    wci_image_release(&kept);
    return WILDCAM_OK;
}

static void check_written(const struct wci_text *text, int64_t images)
{
    json_error_t error;
    json_t *json = json_loadb(text->data, text->length, 0, &error);
    must(json != NULL);
    must((int64_t)json_array_size(json_object_get(json, "images")) == images);
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct wci_md_header header;
    struct wci_text text = {0};
    int64_t images = 0;
    snprintf(path, sizeof path, "/tmp/wildcam-fuzz-%d.json", (int)getpid());
    FILE *file = fopen(path, "wb");
    must(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
    must(wci_md_write_begin(&writer, &text, 0) == WILDCAM_OK);
    wildcam_status status = wci_md_read_header(path, &header);
    if (status == WILDCAM_OK) {
        struct wci_md_reader reader = {.header = &header,
                                       .options = {.species_threshold = 0.5},
                                       .user = &images,
                                       .each = take};
        status = wci_md_read_images(path, &reader);
        must(status == WILDCAM_OK || *wildcam_error_message());
        must(images + reader.tally.unreadable <= header.images);
    }
    wci_md_write_finish(&writer, status == WILDCAM_OK ? header.document : NULL);
    must(!text.failed);
    check_written(&text, images);
    wci_md_write_free(&writer);
    wci_md_free_header(&header);
    wci_text_free(&text);
    unlink(path);
    return 0;
}
