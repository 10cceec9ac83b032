/* A JPEG from anywhere: its walk, its thumbnail, and what must not travel with it. */
#include <math.h>

#include <wildcam/image.h>

#include "fuzz.h"
#include "image/probe.h"
#include "image/strip.h"
#include "image/thumbnail.h"

enum { BOX_WIDTH = 32, BOX_HEIGHT = 24 };

/* Small enough that an input takes no time. */
static const struct wci_jpeg_limits limits = {512 * 512, 64, 4 << 20};

static void check_facts(const struct wci_jpeg_walk *walk, wildcam_status status, size_t size)
{
    must(walk->position <= (int64_t)size);
    if (status != WILDCAM_OK) {
        must(status == WILDCAM_ERR_NOTJPEG || status == WILDCAM_ERR_TOOLARGE ||
             status == WILDCAM_ERR_TRUNCATED);
        return;
    }
    must(walk->has_frame && walk->is_complete && walk->scans >= 1 && walk->scans <= 64);
    must(walk->width >= 1 && walk->height >= 1);
    must((int64_t)walk->width * walk->height <= limits.max_pixels);
    must(walk->decode_bytes <= limits.decode_bytes);
    must(walk->header_bytes > 0 && walk->header_bytes < walk->picture_bytes);
    must(walk->picture_bytes <= (int64_t)size);
    must(!walk->exif || walk->exif_size >= 6);
}

static wildcam_status walk_whole(struct wci_jpeg_walk *walk, const uint8_t *data, size_t size)
{
    wci_jpeg_walk_begin(walk, &limits);
    wildcam_status status = wci_jpeg_walk_add(walk, data, size);
    return status == WILDCAM_OK ? wci_jpeg_walk_end(walk) : status;
}

/* A camera's bytes come as the network likes. */
static wildcam_status walk_in_pieces(struct wci_jpeg_walk *walk, const uint8_t *data, size_t size)
{
    wci_jpeg_walk_begin(walk, &limits);
    wildcam_status status = WILDCAM_OK;
    for (size_t at = 0, piece; status == WILDCAM_OK && at < size; at += piece) {
        piece = fuzz_piece(data, size, at);
        status = wci_jpeg_walk_add(walk, data + at, piece);
    }
    return status == WILDCAM_OK ? wci_jpeg_walk_end(walk) : status;
}

static wildcam_status check_walk(const uint8_t *data, size_t size)
{
    struct wci_jpeg_walk whole, pieces;
    wildcam_status status = walk_whole(&whole, data, size);
    must(walk_in_pieces(&pieces, data, size) == status);
    check_facts(&whole, status, size);
    if (status == WILDCAM_OK) {
        must(whole.width == pieces.width && whole.height == pieces.height);
        must(whole.scans == pieces.scans && whole.components == pieces.components);
        must(whole.header_bytes == pieces.header_bytes);
        must(whole.picture_bytes == pieces.picture_bytes && whole.position == pieces.position);
        must(whole.exif_size == pieces.exif_size);
        must(whole.exif_size == 0 || memcmp(whole.exif, pieces.exif, whole.exif_size) == 0);
    }
    wci_jpeg_walk_free(&whole);
    wci_jpeg_walk_free(&pieces);
    return status;
}

static void check_thumbnail(const uint8_t *data, size_t size, wildcam_status walked)
{
    void *thumbnail;
    size_t thumbnail_size;
    struct wildcam_image facts;
    wildcam_status status = wci_thumbnail_make(data, size, &limits, NULL, BOX_WIDTH, BOX_HEIGHT,
                                               &thumbnail, &thumbnail_size);
    must(walked == WILDCAM_OK || status == walked);
    if (status != WILDCAM_OK) {
        must(!thumbnail && !thumbnail_size);
        return;
    }
    wci_image_init(&facts);
    must(wci_probe(thumbnail, thumbnail_size, &limits, &facts) == WILDCAM_OK);
    must(facts.width <= BOX_WIDTH && facts.height <= BOX_HEIGHT);
    must(facts.orientation == 1 && facts.trailing_bytes == 0);
    wci_image_release(&facts);
    free(thumbnail);
}

/* What our own reader can no longer see is gone; the picture itself stays as it was. */
static void check_strip(const uint8_t *data, size_t size, wildcam_status walked)
{
    uint8_t *copy = fuzz_copy(data, size);
    struct wildcam_image before, after;
    wildcam_status status = wci_strip(copy, size, WILDCAM_STRIP_PLACE | WILDCAM_STRIP_SERIAL);
    must(status == walked || walked == WILDCAM_ERR_TOOLARGE);
    if (walked == WILDCAM_OK) {
        wci_image_init(&before);
        wci_image_init(&after);
        must(wci_probe(data, size, &limits, &before) == WILDCAM_OK);
        must(wci_probe(copy, size, &limits, &after) == WILDCAM_OK);
        must(isnan(after.latitude) && isnan(after.longitude) && isnan(after.altitude));
        must(!after.serial_number[0] && after.event_number == -1);
        must(before.width * before.height == after.width * after.height);
        must(before.trailing_bytes == after.trailing_bytes);
        wci_image_release(&before);
        wci_image_release(&after);
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wildcam_status walked = check_walk(data, size);
    check_thumbnail(data, size, walked);
    check_strip(data, size, walked);
    return 0;
}
