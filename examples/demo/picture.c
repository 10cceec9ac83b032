#include "picture.h"

#include <libexif/exif-data.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

enum { QUALITY = 88, UPRIGHT = 1, UPSIDE_DOWN = 3 };

/* ---- EXIF ---- */

static const ExifByteOrder order = EXIF_BYTE_ORDER_INTEL;

/* libexif leaves the memory to the entry, which frees it. */
static void add_entry(ExifData *data, ExifIfd ifd, int tag, ExifFormat format, unsigned components,
                      const void *value)
{
    unsigned size = components * exif_format_get_size(format);
    ExifEntry *entry = exif_entry_new();
    unsigned char *copy = malloc(size);
    if (entry && copy) {
        memcpy(copy, value, size);
        entry->tag = (ExifTag)tag;
        exif_content_add_entry(data->ifd[ifd], entry);
        entry->format = format;
        entry->components = components;
        entry->size = size;
        entry->data = copy;
        copy = NULL;
    }
    free(copy);
    if (entry)
        exif_entry_unref(entry);
}

static void add_text(ExifData *data, ExifIfd ifd, int tag, const char *text)
{
    add_entry(data, ifd, tag, EXIF_FORMAT_ASCII, (unsigned)strlen(text) + 1, text);
}

/* Degrees, minutes and seconds, and the half of the globe. */
static void add_angle(ExifData *data, int tag, double angle, int letter_tag, const char *letter)
{
    unsigned char bytes[24];
    double degrees = fabs(angle), minutes = (degrees - floor(degrees)) * 60;
    const double parts[] = {floor(degrees), floor(minutes), (minutes - floor(minutes)) * 60};
    for (size_t i = 0; i < 3; i++)
        exif_set_rational(bytes + 8 * i, order,
                          (ExifRational){(ExifLong)(parts[i] * 1000 + 0.5), 1000});
    add_text(data, EXIF_IFD_GPS, letter_tag, letter);
    add_entry(data, EXIF_IFD_GPS, tag, EXIF_FORMAT_RATIONAL, 3, bytes);
}

static void add_place(ExifData *data, const struct exposure *exposure)
{
    unsigned char altitude[8], below = exposure->altitude < 0;
    exif_set_rational(altitude, order,
                      (ExifRational){(ExifLong)(fabs(exposure->altitude) * 10 + 0.5), 10});
    add_angle(data, EXIF_TAG_GPS_LATITUDE, exposure->latitude, EXIF_TAG_GPS_LATITUDE_REF,
              exposure->latitude < 0 ? "S" : "N");
    add_angle(data, EXIF_TAG_GPS_LONGITUDE, exposure->longitude, EXIF_TAG_GPS_LONGITUDE_REF,
              exposure->longitude < 0 ? "W" : "E");
    add_entry(data, EXIF_IFD_GPS, EXIF_TAG_GPS_ALTITUDE_REF, EXIF_FORMAT_BYTE, 1, &below);
    add_entry(data, EXIF_IFD_GPS, EXIF_TAG_GPS_ALTITUDE, EXIF_FORMAT_RATIONAL, 1, altitude);
}

/* The block with its length; NULL when memory runs out. */
static unsigned char *make_exif(const struct exposure *exposure, unsigned *size)
{
    unsigned char *block = NULL, orientation[2];
    ExifData *data = exif_data_new();
    if (!data)
        return NULL;
    exif_data_set_byte_order(data, order);
    exif_set_short(orientation, order, exposure->hangs_upside_down ? UPSIDE_DOWN : UPRIGHT);
    add_text(data, EXIF_IFD_0, EXIF_TAG_MAKE, exposure->make);
    add_text(data, EXIF_IFD_0, EXIF_TAG_MODEL, exposure->model);
    add_entry(data, EXIF_IFD_0, EXIF_TAG_ORIENTATION, EXIF_FORMAT_SHORT, 1, orientation);
    add_text(data, EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_ORIGINAL, exposure->taken);
    add_place(data, exposure);
    exif_data_save_data(data, &block, size);
    exif_data_unref(data);
    return block;
}

/* ---- the file ---- */

static unsigned char to_byte(float light)
{
    return (unsigned char)(limited(light, 0, 1) * 255 + 0.5);
}

static unsigned char *make_pixels(const struct canvas *canvas, int hangs_upside_down)
{
    size_t count = (size_t)canvas->width * (size_t)canvas->height;
    unsigned char *bytes = malloc(count * 3);
    for (size_t i = 0; bytes && i < count; i++) {
        const struct colour *pixel = canvas->pixels + (hangs_upside_down ? count - 1 - i : i);
        bytes[3 * i] = to_byte(pixel->r);
        bytes[3 * i + 1] = to_byte(pixel->g);
        bytes[3 * i + 2] = to_byte(pixel->b);
    }
    return bytes;
}

/* The EXIF block stands first, behind the two bytes that begin every JPEG. */
static int write_file(const char *path, const unsigned char *jpeg, size_t size,
                      const unsigned char *exif, unsigned exif_size)
{
    const unsigned char head[] = {0xff,
                                  0xd8,
                                  0xff,
                                  0xe1,
                                  (unsigned char)((exif_size + 2) >> 8),
                                  (unsigned char)(exif_size + 2)};
    FILE *file = fopen(path, "wb");
    int good = file && fwrite(head, 1, sizeof head, file) == sizeof head &&
               fwrite(exif, 1, exif_size, file) == exif_size &&
               fwrite(jpeg + 2, 1, size - 2, file) == size - 2;
    if (file && fclose(file) != 0)
        good = 0;
    if (!good)
        perror(path);
    return good;
}

int write_picture(const struct canvas *canvas, const struct exposure *exposure, const char *path)
{
    unsigned char *jpeg = NULL;
    unsigned long size = 0;
    unsigned exif_size = 0;
    unsigned char *pixels = make_pixels(canvas, exposure->hangs_upside_down);
    unsigned char *exif = make_exif(exposure, &exif_size);
    tjhandle encoder = tjInitCompress();
    int good = 0;
    if (!pixels || !exif || !encoder)
        fprintf(stderr, "%s: memory ran out\n", path);
    else if (tjCompress2(encoder, pixels, canvas->width, 0, canvas->height, TJPF_RGB, &jpeg, &size,
                         TJSAMP_420, QUALITY, 0) != 0)
        fprintf(stderr, "%s: %s\n", path, tjGetErrorStr2(encoder));
    else
        good = write_file(path, jpeg, size, exif, exif_size);
    if (encoder)
        tjDestroy(encoder);
    tjFree(jpeg);
    free(exif);
    free(pixels);
    return good;
}
