#include "skeleton.h"

const struct wci_jpeg_limits usual_limits = {100000000, 500, 268435456};

void add_marker(struct wci_text *jpeg, int marker)
{
    wci_text_add_char(jpeg, '\xff');
    wci_text_add_char(jpeg, (char)marker);
}

void add_segment(struct wci_text *jpeg, int marker, const void *content, size_t size)
{
    add_marker(jpeg, marker);
    wci_text_add_char(jpeg, (char)((size + 2) >> 8));
    wci_text_add_char(jpeg, (char)(size + 2));
    wci_text_add_bytes(jpeg, content, size);
}

void add_frame(struct wci_text *jpeg, int marker, int width, int height, int components)
{
    char content[6 + 3 * 4] = {8,           (char)(height >> 8), (char)height, (char)(width >> 8),
                               (char)width, (char)components};
    for (int i = 0; i < components; i++) {
        content[6 + 3 * i] = (char)(i + 1);
        content[7 + 3 * i] = i ? 0x11 : 0x22;
    }
    add_segment(jpeg, marker, content, 6 + 3 * (size_t)components);
}

void add_scan(struct wci_text *jpeg, int components)
{
    char content[4 + 2 * 4] = {(char)components};
    for (int i = 0; i < components; i++)
        content[1 + 2 * i] = (char)(i + 1);
    add_segment(jpeg, SOS, content, 4 + 2 * (size_t)components);
    ADD_BYTES(jpeg, "entropy");
}

void begin_skeleton(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_segment(jpeg, APP0, "JFIF\0\1\1\0\0\1\0\1\0\0", 14);
    add_frame(jpeg, SOF0, 64, 48, 3);
}
