/* EXIF blocks and maker notes: whatever they hold, the facts are facts. */
#include <jansson.h>
#include <math.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "image/exif.h"
#include "image/maker_note.h"

static void check_text(const char *text, size_t room)
{
    size_t length = strnlen(text, room);
    must(length < room && wci_utf8_is_valid(text, length));
    for (size_t i = 0; i < length; i++)
        must((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
}

static bool is_within(double value, double low, double high)
{
    return isnan(value) || (value >= low && value <= high);
}

static void check_facts(const struct wildcam_image *image)
{
    struct wci_text text = {0};
    struct wci_json json = {.out = &text};
    must(image->orientation >= 1 && image->orientation <= 8);
    must(image->time == WILDCAM_TIME_NONE ||
         (image->time >= WILDCAM_TIME_MIN && image->time < WILDCAM_TIME_END));
    must((image->time == WILDCAM_TIME_NONE) == (image->time_source == WILDCAM_TIME_SOURCE_UNKNOWN));
    must(image->offset == WILDCAM_OFFSET_UNKNOWN || abs(image->offset) < 86400);
    must(is_within(image->latitude, -90, 90) && is_within(image->longitude, -180, 180));
    must(!isinf(image->altitude) && !isinf(image->temperature));
    check_text(image->make, sizeof image->make);
    check_text(image->model, sizeof image->model);
    check_text(image->serial_number, sizeof image->serial_number);
    wci_image_write_json(image, &json);
    json_t *parsed = json_loads(wci_text_get(&text), 0, NULL);
    must(parsed != NULL);
    json_decref(parsed);
    wci_text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wildcam_image image;
    unsigned char *block = malloc(size + 6);
    must(block != NULL);
    memcpy(block, "Exif\0", 6);
    if (size)
        memcpy(block + 6, data, size);
    wci_image_init(&image);
    must(wci_exif_read(block, size + 6, &image) == WILDCAM_OK);
    check_facts(&image);
    wci_image_release(&image);
    free(block);

    wci_image_init(&image);
    wci_maker_note_read(data, size, &image);
    check_facts(&image);
    wci_image_release(&image);
    return 0;
}
