#include "image/maker_note.h"

#include <stdint.h>
#include <string.h>

#include "base/calendar.h"

/* Where a Reconyx note holds what; all numbers are little-endian, texts are UTF-16. The offsets
 * were checked against the EXIF dates of 19 files of these cameras. */
struct reconyx_layout {
    size_t trigger, sequence, event, date, celsius, serial;
};

enum { SERIAL_UNITS = 15, NOTE_MIN = 0x9c, NOTE_MAX = 2048 };

static const struct reconyx_layout hyperfire_1 = {0x0c, 0x0e, 0x12, 0x16, 0x28, 0x2a};
static const struct reconyx_layout hyperfire_2 = {0x34, 0x36, 0x3a, 0x3e, 0x50, 0x7e};

static unsigned read_u16(const unsigned char *note, size_t size, size_t at)
{
    return at + 2 <= size ? note[at] | (unsigned)note[at + 1] << 8 : 0;
}

static void read_date(const unsigned char *note, size_t size, size_t at,
                      struct wildcam_image *image)
{
    int64_t time;
    struct wci_date date = {.second = (int)read_u16(note, size, at),
                            .minute = (int)read_u16(note, size, at + 2),
                            .hour = (int)read_u16(note, size, at + 4),
                            .month = (int)read_u16(note, size, at + 6),
                            .day = (int)read_u16(note, size, at + 8),
                            .year = (int)read_u16(note, size, at + 10)};
    if (image->time != WILDCAM_TIME_NONE || date.year < 1990 || date.year > 2105 ||
        !wci_calendar_join(&date, &time))
        return;
    image->time = time;
    image->offset = WILDCAM_OFFSET_UNKNOWN;
    image->time_source = WILDCAM_TIME_SOURCE_MAKERNOTE;
}

static void read_serial(const unsigned char *note, size_t size, size_t at,
                        struct wildcam_image *image)
{
    size_t length = 0;
    if (image->serial_number[0])
        return;
    for (; length < SERIAL_UNITS; length++) {
        unsigned unit = read_u16(note, size, at + 2 * length);
        if (unit < 0x21 || unit > 0x7e)
            break;
        image->serial_number[length] = (char)unit;
    }
    image->serial_number[length] = '\0';
}

static void read_reconyx(const unsigned char *note, size_t size, const struct reconyx_layout *at,
                         struct wildcam_image *image)
{
    unsigned trigger = read_u16(note, size, at->trigger);
    if (trigger == 'M')
        image->capture = WILDCAM_CAPTURE_MOTION;
    else if (trigger == 'T')
        image->capture = WILDCAM_CAPTURE_TIMELAPSE;
    image->sequence_number = (int)read_u16(note, size, at->sequence);
    image->sequence_length = (int)read_u16(note, size, at->sequence + 2);
    image->event_number = (int64_t)read_u16(note, size, at->event) << 16 |
                          read_u16(note, size, at->event + 2);
    image->temperature = (int16_t)read_u16(note, size, at->celsius);
    read_date(note, size, at->date, image);
    read_serial(note, size, at->serial, image);
}

static const struct reconyx_layout *layout_of(const unsigned char *note, size_t size)
{
    if (size >= 0x48 && note[0] == 0x01 && note[1] == 0xf1)
        return &hyperfire_1;
    return size >= NOTE_MIN && memcmp(note, "RECONYXH2\0", 10) == 0 ? &hyperfire_2 : NULL;
}

void wci_maker_note_read(const unsigned char *note, size_t size, struct wildcam_image *image)
{
    const struct reconyx_layout *layout = layout_of(note, size);
    if (layout)
        read_reconyx(note, size, layout, image);
}

bool wci_maker_note_is_known(const unsigned char *note, size_t size)
{
    return size <= NOTE_MAX && layout_of(note, size) != NULL;
}
