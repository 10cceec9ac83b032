#include "image/exif.h"

#include <libexif/exif-data.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "image/maker_note.h"

struct reader {
    ExifData *data;
    ExifByteOrder order;
};

static const ExifEntry *find(const struct reader *reader, ExifIfd ifd, int tag)
{
    return exif_content_get_entry(reader->data->ifd[ifd], (ExifTag)tag);
}

/* Copies an ASCII entry: to its first NUL, without white space around it. False when it is absent,
 * empty, or holds what a terminal or a log should not show. */
static bool read_text(const struct reader *reader, ExifIfd ifd, int tag, char *to, size_t room)
{
    const ExifEntry *entry = find(reader, ifd, tag);
    if (!entry || !entry->data || entry->format != EXIF_FORMAT_ASCII)
        return false;
    const char *from = (const char *)entry->data;
    size_t length = strnlen(from, entry->size);
    while (length && *from == ' ') {
        from++;
        length--;
    }
    if (length >= room)
        length = wci_utf8_cut(from, room - 1);
    while (length && from[length - 1] == ' ')
        length--;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)from[i] < 0x20 || from[i] == 0x7f)
            return false;
    if (length == 0 || !wci_utf8_is_valid(from, length))
        return false;
    memcpy(to, from, length);
    to[length] = '\0';
    return true;
}

static bool read_rational(const struct reader *reader, const ExifEntry *entry, unsigned index,
                          double *value)
{
    if (!entry || entry->format != EXIF_FORMAT_RATIONAL || index >= entry->components ||
        entry->size < 8 * (index + 1))
        return false;
    ExifRational ratio = exif_get_rational(entry->data + (size_t)8 * index, reader->order);
    if (ratio.denominator == 0)
        return false;
    *value = (double)ratio.numerator / ratio.denominator;
    return true;
}

/* "YYYY:MM:DD HH:MM:SS"; some cameras write other separators. Cameras without a clock fill it with
 * zeros or blanks. */
static bool parse_date(const char *text, int64_t *time)
{
    struct wci_date date = {0};
    if (strlen(text) < 19 || !wci_calendar_digits(text, 4, &date.year) ||
        !wci_calendar_digits(text + 5, 2, &date.month) ||
        !wci_calendar_digits(text + 8, 2, &date.day) ||
        !wci_calendar_digits(text + 11, 2, &date.hour) ||
        !wci_calendar_digits(text + 14, 2, &date.minute) ||
        !wci_calendar_digits(text + 17, 2, &date.second))
        return false;
    if (date.second == 60) /* a leap second; our seconds have none */
        date.second = 59;
    return wci_calendar_join(&date, time);
}

/* "+01:00"; only some cameras write it. */
static int32_t parse_offset(const char *text)
{
    int hours, minutes;
    if (strlen(text) < 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' ||
        !wci_calendar_digits(text + 1, 2, &hours) || !wci_calendar_digits(text + 4, 2, &minutes) ||
        hours > 23 || minutes > 59)
        return WILDCAM_OFFSET_UNKNOWN;
    return (text[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

static int parse_subseconds(const char *text)
{
    int value = 0, count = 0;
    for (; count < 6 && text[count] >= '0' && text[count] <= '9'; count++)
        value = value * 10 + (text[count] - '0');
    for (; count > 0 && count < 6; count++)
        value *= 10;
    return value;
}

static bool read_time(const struct reader *reader, ExifIfd date_ifd, int date_tag,
                      int subsecond_tag, int offset_tag, struct wildcam_image *image)
{
    char date[24], subseconds[16], offset[16];
    int64_t time;
    int32_t distance = WILDCAM_OFFSET_UNKNOWN;
    if (!read_text(reader, date_ifd, date_tag, date, sizeof date) || !parse_date(date, &time))
        return false;
    if (read_text(reader, EXIF_IFD_EXIF, subsecond_tag, subseconds, sizeof subseconds))
        time += parse_subseconds(subseconds);
    if (read_text(reader, EXIF_IFD_EXIF, offset_tag, offset, sizeof offset))
        distance = parse_offset(offset);
    if (distance != WILDCAM_OFFSET_UNKNOWN)
        time -= distance * WCI_SECOND;
    if (time < WILDCAM_TIME_MIN || time >= WILDCAM_TIME_END)
        return false;
    image->time = time;
    image->offset = distance;
    image->time_source = WILDCAM_TIME_SOURCE_EXIF;
    return true;
}

/* The moment of capture first; that of digitizing is the same in a camera; that of the last change
 * is all that some cameras write. */
static void read_times(const struct reader *reader, struct wildcam_image *image)
{
    if (!read_time(reader, EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_ORIGINAL,
                   EXIF_TAG_SUB_SEC_TIME_ORIGINAL, EXIF_TAG_OFFSET_TIME_ORIGINAL, image) &&
        !read_time(reader, EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_DIGITIZED,
                   EXIF_TAG_SUB_SEC_TIME_DIGITIZED, EXIF_TAG_OFFSET_TIME_DIGITIZED, image))
        read_time(reader, EXIF_IFD_0, EXIF_TAG_DATE_TIME, EXIF_TAG_SUB_SEC_TIME,
                  EXIF_TAG_OFFSET_TIME, image);
}

/* Degrees, minutes and seconds, and the letter of the half of the globe. */
static bool read_angle(const struct reader *reader, int tag, int letter_tag, char negative,
                       double limit, double *angle)
{
    const ExifEntry *entry = find(reader, EXIF_IFD_GPS, tag);
    double degrees, minutes = 0, seconds = 0;
    char letter[4];
    if (!read_rational(reader, entry, 0, &degrees))
        return false;
    read_rational(reader, entry, 1, &minutes);
    read_rational(reader, entry, 2, &seconds);
    degrees += minutes / 60 + seconds / 3600;
    if (!(degrees <= limit) || !read_text(reader, EXIF_IFD_GPS, letter_tag, letter, sizeof letter))
        return false;
    *angle = letter[0] == negative ? -degrees : degrees;
    return true;
}

static void read_place(const struct reader *reader, struct wildcam_image *image)
{
    double latitude, longitude, altitude;
    const ExifEntry *below = find(reader, EXIF_IFD_GPS, EXIF_TAG_GPS_ALTITUDE_REF);
    if (!read_angle(reader, EXIF_TAG_GPS_LATITUDE, EXIF_TAG_GPS_LATITUDE_REF, 'S', 90, &latitude) ||
        !read_angle(reader, EXIF_TAG_GPS_LONGITUDE, EXIF_TAG_GPS_LONGITUDE_REF, 'W', 180,
                    &longitude))
        return;
    if (latitude == 0 && longitude == 0) /* what a receiver without a fix writes */
        return;
    image->latitude = latitude;
    image->longitude = longitude;
    if (read_rational(reader, find(reader, EXIF_IFD_GPS, EXIF_TAG_GPS_ALTITUDE), 0, &altitude))
        image->altitude = below && below->size >= 1 && below->data[0] == 1 ? -altitude : altitude;
}

static void read_orientation(const struct reader *reader, struct wildcam_image *image)
{
    const ExifEntry *entry = find(reader, EXIF_IFD_0, EXIF_TAG_ORIENTATION);
    if (!entry || entry->format != EXIF_FORMAT_SHORT || entry->size < 2)
        return;
    int orientation = exif_get_short(entry->data, reader->order);
    if (orientation >= 1 && orientation <= 8)
        image->orientation = orientation;
}

/* libexif passes over what it has no memory for as it passes over damage. Here the two differ: a
 * picture that loses its time for want of memory would be kept under a wrong one. The thread's
 * sentence remembers it, because libexif's allocator is told nothing of whom it works for. */
static void *allocate(ExifLong size)
{
    return wci_new(size);
}

static void *reallocate(void *memory, ExifLong size)
{
    return wci_resize_array(memory, size, 1);
}

static ExifData *new_data(void)
{
    ExifMem *memory = exif_mem_new(allocate, reallocate, free);
    ExifData *data = memory ? exif_data_new_mem(memory) : NULL;
    exif_mem_unref(memory);
    return data;
}

wildcam_status wci_exif_read(const unsigned char *block, size_t size, struct wildcam_image *image)
{
    struct wci_error failure;
    wci_error_clear();
    struct reader reader = {.data = new_data()};
    if (!reader.data)
        return wci_fail_memory();
    /* Keep what cameras really write, not what the standard allows. */
    exif_data_unset_option(reader.data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
    exif_data_load_data(reader.data, block, (unsigned)size);
    reader.order = exif_data_get_byte_order(reader.data);
    read_orientation(&reader, image);
    read_times(&reader, image);
    read_place(&reader, image);
    read_text(&reader, EXIF_IFD_0, EXIF_TAG_MAKE, image->make, sizeof image->make);
    read_text(&reader, EXIF_IFD_0, EXIF_TAG_MODEL, image->model, sizeof image->model);
    read_text(&reader, EXIF_IFD_EXIF, EXIF_TAG_BODY_SERIAL_NUMBER, image->serial_number,
              sizeof image->serial_number);
    const ExifEntry *note = find(&reader, EXIF_IFD_EXIF, EXIF_TAG_MAKER_NOTE);
    if (note && note->data)
        wci_maker_note_read(note->data, note->size, image);
    exif_data_unref(reader.data);
    wci_error_save(&failure);
    return failure.status;
}
