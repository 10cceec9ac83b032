/* The facts about a picture. */
#ifndef WCI_MODEL_IMAGE_H
#define WCI_MODEL_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <wildcam/image.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"

/* Texts that come out of pictures are cut to this. */
enum { WCI_EXIF_TEXT_MAX = 64, WCI_FILE_NAME_MAX = 255 };

struct wildcam_image {
    int64_t id, camera_id;
    struct wci_text device_id;
    int64_t time, received_at;
    int32_t offset;
    int time_source;
    /* What the camera's clock said where that is not the time; WILDCAM_TIME_NONE. */
    int64_t clock_time;
    int32_t clock_offset;
    int64_t bytes, trailing_bytes;
    int width, height; /* upright */
    int orientation;   /* 1 to 8 */
    unsigned char sha256[WCI_DIGEST_BYTES];
    char sha256_text[WCI_DIGEST_TEXT]; /* "" while the digest is not known */
    char make[WCI_EXIF_TEXT_MAX + 1], model[WCI_EXIF_TEXT_MAX + 1];
    char serial_number[WCI_EXIF_TEXT_MAX + 1];
    double latitude, longitude, altitude; /* NaN is not known */
    double temperature;
    int capture;
    int64_t event_number; /* -1 is not known */
    int sequence_number, sequence_length;
    struct wci_text file_name, metadata;
    bool favourite;
    int64_t event_id;    /* its event's first picture; 0 while it is in none */
    int event_gap;       /* seconds; 0 where the camera told, -1 while it is in none */
    int64_t released_at; /* when its file began to be deleted, which is in S3; WILDCAM_TIME_NONE */
};

/* Whether its file was never here: an import told of the picture. Nobody misses it. */
static inline bool wci_image_is_elsewhere(const wildcam_image *image)
{
    return image->bytes == 0;
}

void wci_image_init(wildcam_image *image);
void wci_image_release(wildcam_image *image); /* its texts */
void wci_image_set_digest(wildcam_image *image, const unsigned char sha256[WCI_DIGEST_BYTES]);
/* Leaves of its place what lies within a radius in metres, and nothing that may name it otherwise.
 */
void wci_image_blur_place(wildcam_image *image, double radius);
void wci_image_write_json(const wildcam_image *image, struct wci_json *json);
const char *wci_capture_name(int capture);

#endif
