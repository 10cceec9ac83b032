#include "streams.h"

void stream_whole(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_scan(jpeg, 3);
    add_marker(jpeg, EOI);
}

void stream_progressive(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_frame(jpeg, SOF2, 64, 48, 3);
    for (int i = 0; i < 3; i++) {
        add_segment(jpeg, DHT, "table", 5);
        add_scan(jpeg, 1);
    }
    add_marker(jpeg, EOI);
}

static void scan_with(struct wci_text *jpeg, const char *bytes, size_t size)
{
    begin_skeleton(jpeg);
    add_scan(jpeg, 3);
    wci_text_add_bytes(jpeg, bytes, size);
    add_marker(jpeg, EOI);
}

static void restarts_and_stuffing(struct wci_text *jpeg)
{
    scan_with(jpeg,
              "\xff\xd0"
              "a\xff\xd7"
              "b\xff\0c\xff\0\xff\xd1",
              13);
}

static void fill_bytes(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    ADD_BYTES(jpeg, "\xff\xff\xff");
    add_frame(jpeg, SOF0, 64, 48, 3);
    ADD_BYTES(jpeg, "\xff\xff");
    add_scan(jpeg, 3);
    ADD_BYTES(jpeg, "\xff\xff\xff");
    add_marker(jpeg, EOI);
}

static void stray_bytes(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    ADD_BYTES(jpeg, "stray\0\xff\0\xff\x01\xff\xd3");
    add_scan(jpeg, 3);
    add_marker(jpeg, EOI);
}

static void number_of_lines(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_scan(jpeg, 3);
    add_segment(jpeg, DNL, "\0\x30", 2);
    add_marker(jpeg, EOI);
}

void stream_marker_in_a_scan(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_scan(jpeg, 3);
    add_segment(jpeg, COM, "\xff\xd9 is not the end here", 22);
    add_scan(jpeg, 3);
    add_marker(jpeg, EOI);
}

static void empty_segments(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_segment(jpeg, COM, "", 0);
    add_segment(jpeg, APP1, "", 0);
    add_segment(jpeg, APP14, "", 0);
    add_scan(jpeg, 3);
    add_marker(jpeg, EOI);
}

void stream_adobe(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_segment(jpeg, APP14, "Adobe\0\x64\0\0\0\0\2", 12);
    add_frame(jpeg, SOF0, 64, 48, 4);
    add_scan(jpeg, 4);
    add_marker(jpeg, EOI);
}

/* XMP uses EXIF's marker; a second EXIF block does not count. */
void stream_several_app1(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_segment(jpeg, APP1, "http://ns.adobe.com/xap/1.0/\0<x/>", 33);
    add_segment(jpeg, APP1, "Exif\0\0", 6); /* nothing in it */
    add_segment(jpeg, APP1, "Exif\0\0first", 11);
    add_segment(jpeg, APP1, "Exif\0\0second", 12);
    add_frame(jpeg, SOF0, 64, 48, 3);
    add_scan(jpeg, 3);
    add_marker(jpeg, EOI);
}

static void thumbnail_inside(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_segment(jpeg, APP1, "Exif\0\0\xff\xd8\xff\xda\0\x04zz\xff\xd9", 16);
    add_frame(jpeg, SOF0, 64, 48, 3);
    add_scan(jpeg, 3);
}

static void whole_with_thumbnail(struct wci_text *jpeg)
{
    thumbnail_inside(jpeg);
    add_marker(jpeg, EOI);
}

void stream_bytes_behind(struct wci_text *jpeg)
{
    stream_whole(jpeg);
    stream_whole(jpeg); /* as cameras do that put a small picture there */
    ADD_BYTES(jpeg, "\xff and more");
}

void stream_arithmetic(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_segment(jpeg, 0xcc, "\0\0", 2); /* DAC is no frame */
    add_segment(jpeg, 0xc8, "\0\0", 2); /* nor is JPG */
    add_frame(jpeg, 0xca, 64, 48, 1);
    add_scan(jpeg, 1);
    add_marker(jpeg, EOI);
}

static void lossless(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_frame(jpeg, 0xc3, 64, 48, 1);
    add_scan(jpeg, 1);
    add_marker(jpeg, EOI);
}

static void nothing(struct wci_text *jpeg)
{
    wci_text_add(jpeg, "");
}

static void a_png(struct wci_text *jpeg)
{
    wci_text_add(jpeg, "\x89PNG\r\n");
}

static void half_a_soi(struct wci_text *jpeg)
{
    ADD_BYTES(jpeg, "\xff\xd9\xff\xd8");
}

static void three_bytes(struct wci_text *jpeg)
{
    ADD_BYTES(jpeg, "\xff\xd8\xff");
}

static void two_begins(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    stream_whole(jpeg);
}

static void cut_and_another(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_scan(jpeg, 3);
    stream_whole(jpeg);
}

static void no_scan(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_marker(jpeg, EOI);
}

static void only_ends(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_marker(jpeg, EOI);
}

static void length_0(struct wci_text *jpeg)
{
    ADD_BYTES(jpeg, "\xff\xd8\xff\xe0\0\0");
}

static void length_1(struct wci_text *jpeg)
{
    ADD_BYTES(jpeg, "\xff\xd8\xff\xe0\0\1");
}

static void two_frames(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_frame(jpeg, SOF0, 64, 48, 3);
}

static void frame(struct wci_text *jpeg, const char *content, size_t size)
{
    add_marker(jpeg, SOI);
    add_segment(jpeg, SOF0, content, size);
    add_scan(jpeg, 1);
    add_marker(jpeg, EOI);
}

static void frame_of_5_bytes(struct wci_text *jpeg)
{
    frame(jpeg, "\x08\0\x30\0\x40", 5);
}

static void empty_frame(struct wci_text *jpeg)
{
    frame(jpeg, "", 0);
}

static void no_components(struct wci_text *jpeg)
{
    frame(jpeg, "\x08\0\x30\0\x40\0", 6);
}

static void five_components(struct wci_text *jpeg)
{
    frame(jpeg, "\x08\0\x30\0\x40\5\1\x11\0\2\x11\0\3\x11\0\4\x11\0\5\x11\0", 21);
}

static void missing_component(struct wci_text *jpeg)
{
    frame(jpeg, "\x08\0\x30\0\x40\3\1\x11\0\2\x11\0", 12);
}

static void no_width(struct wci_text *jpeg)
{
    frame(jpeg, "\x08\0\x30\0\0\1\1\x11\0", 9);
}

/* The height would come in a DNL segment behind the scan; decoders do not read it either. */
static void no_height(struct wci_text *jpeg)
{
    frame(jpeg, "\x08\0\0\0\x40\1\1\x11\0", 9);
}

static void sampling_0(struct wci_text *jpeg)
{
    frame(jpeg, "\x08\0\x30\0\x40\1\1\x10\0", 9);
}

static void sampling_5(struct wci_text *jpeg)
{
    frame(jpeg, "\x08\0\x30\0\x40\1\1\x51\0", 9);
}

static void scan_first(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_scan(jpeg, 3);
}

static void empty_scan(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_segment(jpeg, SOS, "", 0);
}

static void scan_of_none(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_segment(jpeg, SOS, "\0\0\x3f\0", 4);
}

static void scan_of_five(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_segment(jpeg, SOS, "\5\1\0\2\0\3\0\4\0\5\0\0\x3f\0", 14);
}

static void short_scan(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_segment(jpeg, SOS, "\3\1\0\2\0\0\x3f\0", 8);
}

const struct stream streams[STREAMS] = {
    {stream_whole, WILDCAM_OK, NULL},
    {stream_progressive, WILDCAM_OK, NULL},
    {restarts_and_stuffing, WILDCAM_OK, NULL},
    {fill_bytes, WILDCAM_OK, NULL},
    {stray_bytes, WILDCAM_OK, NULL},
    {number_of_lines, WILDCAM_OK, NULL},
    {stream_marker_in_a_scan, WILDCAM_OK, NULL},
    {empty_segments, WILDCAM_OK, NULL},
    {stream_adobe, WILDCAM_OK, NULL},
    {stream_several_app1, WILDCAM_OK, NULL},
    {whole_with_thumbnail, WILDCAM_OK, NULL},
    {stream_bytes_behind, WILDCAM_OK, NULL},
    {stream_arithmetic, WILDCAM_OK, NULL},
    {lossless, WILDCAM_OK, NULL},
    {thumbnail_inside, WILDCAM_ERR_TRUNCATED, "the picture is cut off after 62 bytes"},
    {cut_and_another, WILDCAM_ERR_TRUNCATED, "another JPEG begins at byte 60"},
    {begin_skeleton, WILDCAM_ERR_TRUNCATED, "39 bytes, before the picture begins"},
    {nothing, WILDCAM_ERR_NOTJPEG, "it has only 0 bytes"},
    {three_bytes, WILDCAM_ERR_NOTJPEG, "it has only 3 bytes"},
    {a_png, WILDCAM_ERR_NOTJPEG, "it does not begin like a JPEG"},
    {half_a_soi, WILDCAM_ERR_NOTJPEG, "it does not begin like a JPEG"},
    {two_begins, WILDCAM_ERR_NOTJPEG, "the JPEG begins twice"},
    {no_scan, WILDCAM_ERR_NOTJPEG, "the JPEG ends without a picture"},
    {only_ends, WILDCAM_ERR_NOTJPEG, "the JPEG ends without a picture"},
    {length_0, WILDCAM_ERR_NOTJPEG, "a segment of length 0 at byte 4"},
    {length_1, WILDCAM_ERR_NOTJPEG, "a segment of length 1 at byte 4"},
    {two_frames, WILDCAM_ERR_NOTJPEG, "two frames"},
    {frame_of_5_bytes, WILDCAM_ERR_NOTJPEG, "frame header has 5 bytes"},
    {empty_frame, WILDCAM_ERR_NOTJPEG, "frame header has 0 bytes"},
    {no_components, WILDCAM_ERR_NOTJPEG, "0 components"},
    {five_components, WILDCAM_ERR_NOTJPEG, "5 components"},
    {missing_component, WILDCAM_ERR_NOTJPEG, "3 components"},
    {no_width, WILDCAM_ERR_NOTJPEG, "0 x 48 pixels"},
    {no_height, WILDCAM_ERR_NOTJPEG, "64 x 0 pixels"},
    {sampling_0, WILDCAM_ERR_NOTJPEG, "sampling factor of 1 x 0"},
    {sampling_5, WILDCAM_ERR_NOTJPEG, "sampling factor of 5 x 1"},
    {scan_first, WILDCAM_ERR_NOTJPEG, "a scan before its frame header"},
    {empty_scan, WILDCAM_ERR_NOTJPEG, "a scan of 0 components"},
    {scan_of_none, WILDCAM_ERR_NOTJPEG, "a scan of 0 components"},
    {scan_of_five, WILDCAM_ERR_NOTJPEG, "a scan of 5 components"},
    {short_scan, WILDCAM_ERR_NOTJPEG, "a scan of 3 components"},
};
