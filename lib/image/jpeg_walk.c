#include "image/jpeg_walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    TEM = 0x01,
    RST0 = 0xd0,
    RST7 = 0xd7,
    SOI = 0xd8,
    EOI = 0xd9,
    SOS = 0xda,
    APP1 = 0xe1,
    APP14 = 0xee,
};

enum state {
    START,       /* before SOI's FF */
    START_CODE,  /* before SOI's D8 */
    MARKER,      /* before a marker's FF */
    MARKER_CODE, /* behind an FF */
    LENGTH_HIGH, /* before a segment's length */
    LENGTH_LOW,
    SEGMENT,      /* in a segment */
    ENTROPY,      /* in a scan */
    ENTROPY_CODE, /* behind an FF in a scan */
    TRAILING      /* behind EOI */
};

static bool is_frame(int marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static wildcam_status refuse(struct wci_jpeg_walk *walk, wildcam_status status)
{
    walk->refusal = status;
    return status;
}

#define REFUSE_SHAPE(walk, ...)                                                                    \
    refuse(walk, wci_fail_from(WILDCAM_ERR_NOTJPEG, "jpeg", 0, __VA_ARGS__))
#define REFUSE_SIZE(walk, ...)                                                                     \
    refuse(walk, wci_fail_from(WILDCAM_ERR_TOOLARGE, "jpeg", 0, __VA_ARGS__))

void wci_jpeg_walk_begin(struct wci_jpeg_walk *walk, const struct wci_jpeg_limits *limits)
{
    *walk = (struct wci_jpeg_walk){.limits = *limits, .state = START};
}

void wci_jpeg_walk_free(struct wci_jpeg_walk *walk)
{
    free(walk->block);
    free(walk->exif);
    walk->block = walk->exif = NULL;
}

/* What a decoder holds when it cannot give out lines as they come: two bytes per coefficient. */
static int64_t count_coefficients(const struct wci_jpeg_walk *walk)
{
    const unsigned char *component = walk->head + 6;
    int64_t widest = 1, highest = 1, bytes = 0;
    for (int i = 0; i < walk->components; i++) {
        int h = component[3 * i + 1] >> 4, v = component[3 * i + 1] & 15;
        widest = h > widest ? h : widest;
        highest = v > highest ? v : highest;
    }
    for (int i = 0; i < walk->components; i++) {
        int h = component[3 * i + 1] >> 4, v = component[3 * i + 1] & 15;
        int64_t blocks_across = (walk->width * (int64_t)h + 8 * widest - 1) / (8 * widest);
        int64_t blocks_down = (walk->height * (int64_t)v + 8 * highest - 1) / (8 * highest);
        bytes += (blocks_across + h) * (blocks_down + v) * 64 * 2;
    }
    return bytes;
}

static wildcam_status read_frame(struct wci_jpeg_walk *walk)
{
    const unsigned char *head = walk->head;
    if (walk->has_frame)
        return REFUSE_SHAPE(walk, "the JPEG has two frames");
    if (walk->length < 6)
        return REFUSE_SHAPE(walk, "the JPEG's frame header has %zu bytes", walk->length);
    walk->precision = head[0];
    walk->height = head[1] << 8 | head[2];
    walk->width = head[3] << 8 | head[4];
    walk->components = head[5];
    walk->is_progressive = (walk->marker & 3) == 2;
    if (walk->components < 1 || walk->components > 4 ||
        walk->length != 6 + 3 * (size_t)walk->components)
        return REFUSE_SHAPE(walk, "the JPEG says it has %d components", walk->components);
    if (walk->width == 0 || walk->height == 0)
        return REFUSE_SHAPE(walk, "the JPEG says it is %d x %d pixels", walk->width, walk->height);
    for (int i = 0; i < walk->components; i++) {
        int sampling = head[6 + 3 * i + 1];
        if (sampling >> 4 < 1 || sampling >> 4 > 4 || (sampling & 15) < 1 || (sampling & 15) > 4)
            return REFUSE_SHAPE(walk, "the JPEG has a sampling factor of %d x %d", sampling >> 4,
                                sampling & 15);
    }
    if ((int64_t)walk->width * walk->height > walk->limits.max_pixels)
        return REFUSE_SIZE(walk, "%d x %d pixels are over images.max_pixels (%lld)", walk->width,
                           walk->height, (long long)walk->limits.max_pixels);
    walk->has_frame = true;
    walk->coefficient_bytes = count_coefficients(walk);
    /* Line buffers of a decoder that gives out lines as they come. */
    walk->decode_bytes = (int64_t)walk->width * walk->components * 64;
    return WILDCAM_OK;
}

static wildcam_status read_scan(struct wci_jpeg_walk *walk)
{
    int64_t pixels = (int64_t)walk->width * walk->height;
    int components = walk->head[0];
    if (!walk->has_frame)
        return REFUSE_SHAPE(walk, "the JPEG has a scan before its frame header");
    if (components < 1 || components > 4 || walk->length != 4 + 2 * (size_t)components)
        return REFUSE_SHAPE(walk, "the JPEG has a scan of %d components", components);
    if (++walk->scans == 1)
        walk->header_bytes = walk->position;
    if (walk->scans > walk->limits.max_scans)
        return REFUSE_SIZE(walk, "the JPEG has more scans than images.max_scans (%lld)",
                           (long long)walk->limits.max_scans);
    if (walk->scans > 1 && walk->scans * pixels > 10 * walk->limits.max_pixels)
        return REFUSE_SIZE(walk,
                           "%lld scans over %d x %d pixels are more than ten over "
                           "images.max_pixels (%lld)",
                           (long long)walk->scans, walk->width, walk->height,
                           (long long)walk->limits.max_pixels);
    if ((walk->is_progressive || components < walk->components) &&
        walk->decode_bytes < walk->coefficient_bytes)
        walk->decode_bytes = walk->coefficient_bytes;
    if (walk->decode_bytes > walk->limits.decode_bytes)
        return REFUSE_SIZE(walk, "decoding it takes %lld bytes, over images.decode_bytes (%lld)",
                           (long long)walk->decode_bytes, (long long)walk->limits.decode_bytes);
    walk->state = ENTROPY;
    return WILDCAM_OK;
}

/* Keeps the first block that is EXIF; XMP uses the same marker. */
static void keep_exif(struct wci_jpeg_walk *walk)
{
    if (!walk->exif && walk->length > 6 && memcmp(walk->block, "Exif\0", 6) == 0) {
        walk->exif = walk->block;
        walk->exif_size = walk->length;
    } else {
        free(walk->block);
    }
    walk->block = NULL;
}

static wildcam_status end_segment(struct wci_jpeg_walk *walk)
{
    walk->state = MARKER;
    if (walk->visit)
        walk->visit(walk->user, walk->marker, walk->position - (int64_t)walk->length, walk->length);
    if (walk->marker == APP14 && memcmp(walk->head, "Adobe", 5) == 0)
        walk->has_adobe = true;
    if (walk->block)
        keep_exif(walk);
    else if (is_frame(walk->marker))
        return read_frame(walk);
    else if (walk->marker == SOS)
        return read_scan(walk);
    return WILDCAM_OK;
}

static wildcam_status begin_segment(struct wci_jpeg_walk *walk, unsigned char length_low)
{
    walk->length |= length_low;
    if (walk->length < 2)
        return REFUSE_SHAPE(walk, "the JPEG has a segment of length %zu at byte %lld", walk->length,
                            (long long)walk->position - 2);
    walk->length -= 2;
    walk->taken = 0;
    walk->state = SEGMENT;
    memset(walk->head, 0, sizeof walk->head);
    if (walk->marker == APP1 && !walk->exif && walk->length > 0) {
        walk->block = wci_new_array(walk->length, 1);
        if (!walk->block)
            return refuse(walk, WILDCAM_ERR_NOMEM);
    }
    return walk->length == 0 ? end_segment(walk) : WILDCAM_OK;
}

static wildcam_status take_marker(struct wci_jpeg_walk *walk, int marker)
{
    walk->marker = marker;
    if (marker == 0xff) /* fill bytes before a marker are legal */
        return WILDCAM_OK;
    walk->state = MARKER;
    if (marker == 0 || marker == TEM || (marker >= RST0 && marker <= RST7))
        return WILDCAM_OK; /* what decoders skip, so do we */
    if (marker == SOI) {
        if (walk->scans == 0)
            return REFUSE_SHAPE(walk, "the JPEG begins twice");
        return refuse(walk, wci_fail_from(WILDCAM_ERR_TRUNCATED, "jpeg", 0,
                                          "another JPEG begins at byte %lld, before the end of "
                                          "the first",
                                          (long long)walk->position - 2));
    }
    if (marker == EOI) {
        if (walk->scans == 0)
            return REFUSE_SHAPE(walk, "the JPEG ends without a picture");
        walk->is_complete = true;
        walk->picture_bytes = walk->position;
        walk->state = TRAILING;
        return WILDCAM_OK;
    }
    walk->state = LENGTH_HIGH;
    return WILDCAM_OK;
}

static wildcam_status take_byte(struct wci_jpeg_walk *walk, unsigned char byte)
{
    walk->position++;
    switch ((enum state)walk->state) {
    case START:
    case START_CODE:
        if (byte != (walk->state == START ? 0xff : SOI))
            return REFUSE_SHAPE(walk, "it does not begin like a JPEG");
        walk->state = walk->state == START ? START_CODE : MARKER;
        return WILDCAM_OK;
    case MARKER: /* decoders skip stray bytes between segments, so do we */
        walk->state = byte == 0xff ? MARKER_CODE : MARKER;
        return WILDCAM_OK;
    case MARKER_CODE:
        return take_marker(walk, byte);
    case LENGTH_HIGH:
        walk->length = (size_t)byte << 8;
        walk->state = LENGTH_LOW;
        return WILDCAM_OK;
    case LENGTH_LOW:
        return begin_segment(walk, byte);
    case ENTROPY_CODE:
        if (byte == 0 || (byte >= RST0 && byte <= RST7))
            walk->state = ENTROPY;
        else
            return take_marker(walk, byte);
        return WILDCAM_OK;
    default:
        return WILDCAM_OK;
    }
}

/* Takes as much of a segment as has come; answers how many bytes that was. */
static size_t take_segment(struct wci_jpeg_walk *walk, const unsigned char *data, size_t size)
{
    size_t part = walk->length - walk->taken;
    if (part > size)
        part = size;
    if (walk->block)
        memcpy(walk->block + walk->taken, data, part);
    if (walk->taken < sizeof walk->head) {
        size_t room = sizeof walk->head - walk->taken;
        memcpy(walk->head + walk->taken, data, part < room ? part : room);
    }
    walk->taken += part;
    walk->position += (int64_t)part;
    return part;
}

static size_t take_entropy(struct wci_jpeg_walk *walk, const unsigned char *data, size_t size)
{
    const unsigned char *marker = memchr(data, 0xff, size);
    size_t part = marker ? (size_t)(marker - data) + 1 : size;
    if (marker)
        walk->state = ENTROPY_CODE;
    walk->position += (int64_t)part;
    return part;
}

wildcam_status wci_jpeg_walk_add(struct wci_jpeg_walk *walk, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    while (size > 0 && walk->refusal == WILDCAM_OK) {
        size_t part = 1;
        if (walk->state == ENTROPY) {
            part = take_entropy(walk, bytes, size);
        } else if (walk->state == SEGMENT) {
            part = take_segment(walk, bytes, size);
            if (walk->taken == walk->length)
                end_segment(walk);
        } else if (walk->state == TRAILING) {
            part = size;
            walk->position += (int64_t)size;
        } else {
            take_byte(walk, *bytes);
        }
        bytes += part;
        size -= part;
    }
    return walk->refusal;
}

wildcam_status wci_jpeg_walk_end(struct wci_jpeg_walk *walk)
{
    if (walk->refusal != WILDCAM_OK || walk->is_complete)
        return walk->refusal;
    if (walk->position < 4)
        return REFUSE_SHAPE(walk, "it has only %lld bytes", (long long)walk->position);
    return refuse(walk, wci_fail_from(WILDCAM_ERR_TRUNCATED, "jpeg", 0,
                                      walk->scans ? "the picture is cut off after %lld bytes"
                                                  : "it is cut off after %lld bytes, before the "
                                                    "picture begins",
                                      (long long)walk->position));
}
