/* JPEGs put together marker by marker, right and wrong. What is in their scans is no picture. */
#ifndef TESTS_UNIT_SKELETON_H
#define TESTS_UNIT_SKELETON_H

#include "base/text.h"
#include "image/jpeg_walk.h"

enum { SOF0 = 0xc0, SOF2 = 0xc2, DHT = 0xc4, SOI = 0xd8, EOI = 0xd9, SOS = 0xda, DQT = 0xdb };
enum { DNL = 0xdc, APP0 = 0xe0, APP1 = 0xe1, APP2 = 0xe2, APP14 = 0xee, COM = 0xfe };

/* The defaults of images.max_pixels, images.max_scans and images.decode_bytes. */
extern const struct wci_jpeg_limits usual_limits;

void add_marker(struct wci_text *jpeg, int marker);
void add_segment(struct wci_text *jpeg, int marker, const void *content, size_t size);
/* A frame header; the first component is sampled 2 x 2, as in 4:2:0. */
void add_frame(struct wci_text *jpeg, int marker, int width, int height, int components);
/* A scan header, and some bytes that stand for the scan. */
void add_scan(struct wci_text *jpeg, int components);
/* Any bytes, as text: "\xff\xd0". */
#define ADD_BYTES(jpeg, bytes) wci_text_add_bytes(jpeg, bytes, sizeof(bytes) - 1)

/* From SOI up to, without, the scan: 64 x 48 pixels, three components. */
void begin_skeleton(struct wci_text *jpeg);

#endif
