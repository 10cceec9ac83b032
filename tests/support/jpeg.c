/* JPEGs and EXIF blocks that tests make. */
#include <math.h>
#include <turbojpeg.h>

#include "support/harness.h"

/* Not ck_assert: make_pictures runs no tests. */
static void need(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "a picture cannot be made: %s\n", what);
    abort();
}

struct jpeg make_jpeg(int width, int height, enum jpeg_kind kind, unsigned seed)
{
    int channels = kind == JPEG_GREY ? 1 : 3;
    unsigned char *pixels = malloc((size_t)width * (size_t)height * (size_t)channels);
    need(pixels != NULL, "memory");
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            double fx = (double)x / width, fy = (double)y / height;
            double hill = 0.6 + 0.1 * sin(6 * fx + seed);
            bool animal = hypot(fx - 0.5 - 0.2 * sin(seed), (fy - 0.7) * 1.5) < 0.1;
            double light = animal ? 0.25 : fy < hill ? 0.9 - 0.4 * fy : 0.35 + 0.2 * fy;
            unsigned char *pixel = pixels +
                                   ((size_t)y * (size_t)width + (size_t)x) * (size_t)channels;
            for (int c = 0; c < channels; c++)
                pixel[c] = (unsigned char)(255 * light * (1 - 0.15 * c) +
                                           (double)((seed * 7 + (unsigned)(x * y)) % 8));
        }
    }
    struct jpeg jpeg = {NULL, 0};
    unsigned long size = 0;
    tjhandle handle = tjInitCompress();
    int flags = kind == JPEG_PROGRESSIVE ? TJFLAG_PROGRESSIVE : 0;
    int result = tjCompress2(handle, pixels, width, 0, height, channels == 1 ? TJPF_GRAY : TJPF_RGB,
                             &jpeg.data, &size, channels == 1 ? TJSAMP_GRAY : TJSAMP_420, 85,
                             flags);
    need(result == 0, tjGetErrorStr2(handle));
    tjDestroy(handle);
    free(pixels);
    jpeg.size = size;
    return jpeg;
}

void jpeg_free(struct jpeg *jpeg)
{
    free(jpeg->data);
    *jpeg = (struct jpeg){NULL, 0};
}

void jpeg_insert(struct jpeg *jpeg, int marker, const void *content, size_t size)
{
    unsigned char *data = malloc(jpeg->size + size + 4);
    need(data != NULL, "memory");
    need(size <= 65533, "a segment of at most 65,533 bytes");
    memcpy(data, jpeg->data, 2);
    data[2] = 0xff;
    data[3] = (unsigned char)marker;
    data[4] = (unsigned char)((size + 2) >> 8);
    data[5] = (unsigned char)(size + 2);
    memcpy(data + 6, content, size);
    memcpy(data + 6 + size, jpeg->data + 2, jpeg->size - 2);
    free(jpeg->data);
    jpeg->data = data;
    jpeg->size += size + 4;
}

void jpeg_append(struct jpeg *jpeg, const void *bytes, size_t size)
{
    jpeg->data = realloc(jpeg->data, jpeg->size + size);
    need(jpeg->data != NULL, "memory");
    memcpy(jpeg->data + jpeg->size, bytes, size);
    jpeg->size += size;
}

/* A TIFF that is being written: directories at fixed places, values one behind the other. */
struct tiff {
    unsigned char data[65000];
    size_t size;
    bool big_endian;
};

static void put(struct tiff *tiff, size_t at, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        tiff->data[at + (size_t)i] =
            (unsigned char)(value >> 8 * (tiff->big_endian ? bytes - 1 - i : i));
}

struct directory {
    size_t at, count;
};

static struct directory begin_directory(struct tiff *tiff, size_t room)
{
    struct directory directory = {tiff->size, 0};
    tiff->size += 2 + 12 * room + 4;
    return directory;
}

/* Values of up to four bytes stand in the entry, longer ones behind the directories. */
static void add_entry(struct tiff *tiff, struct directory *directory, int tag, int type,
                      uint32_t count, const void *value, size_t bytes)
{
    size_t entry = directory->at + 2 + 12 * directory->count++;
    put(tiff, directory->at, (uint32_t)directory->count, 2);
    put(tiff, entry, (uint32_t)tag, 2);
    put(tiff, entry + 2, (uint32_t)type, 2);
    put(tiff, entry + 4, count, 4);
    if (bytes <= 4) {
        memcpy(tiff->data + entry + 8, value, bytes);
        return;
    }
    tiff->size += tiff->size % 2;
    put(tiff, entry + 8, (uint32_t)tiff->size, 4);
    memcpy(tiff->data + tiff->size, value, bytes);
    tiff->size += bytes;
}

static void add_text(struct tiff *tiff, struct directory *directory, int tag, const char *text)
{
    if (text)
        add_entry(tiff, directory, tag, 2, (uint32_t)strlen(text) + 1, text, strlen(text) + 1);
}

static void add_number(struct tiff *tiff, struct directory *directory, int tag, int type,
                       uint32_t value)
{
    struct tiff one = {.big_endian = tiff->big_endian};
    put(&one, 0, value, type == 3 ? 2 : type == 1 ? 1 : 4);
    add_entry(tiff, directory, tag, type, 1, one.data, 4);
}

static void add_rationals(struct tiff *tiff, struct directory *directory, int tag,
                          const uint32_t *pairs, size_t count)
{
    struct tiff one = {.big_endian = tiff->big_endian};
    for (size_t i = 0; i < 2 * count; i++)
        put(&one, 4 * i, pairs[i], 4);
    add_entry(tiff, directory, tag, 5, (uint32_t)count, one.data, 8 * count);
}

static void add_angle(struct tiff *tiff, struct directory *directory, int tag, double degrees)
{
    double rest = fabs(degrees);
    uint32_t whole = (uint32_t)rest, minutes = (uint32_t)((rest - whole) * 60);
    double seconds = ((rest - whole) * 60 - minutes) * 60;
    const uint32_t pairs[] = {whole, 1, minutes, 1, (uint32_t)(seconds * 10000 + 0.5), 10000};
    add_rationals(tiff, directory, tag, pairs, 3);
}

static void add_place(struct tiff *tiff, struct directory *directory,
                      const struct exif_facts *facts)
{
    add_text(tiff, directory, 1, facts->latitude < 0 ? "S" : "N");
    add_angle(tiff, directory, 2, facts->latitude);
    add_text(tiff, directory, 3, facts->longitude < 0 ? "W" : "E");
    add_angle(tiff, directory, 4, facts->longitude);
    if (!isnan(facts->altitude)) {
        const uint32_t pair[] = {(uint32_t)(fabs(facts->altitude) * 10 + 0.5), 10};
        add_number(tiff, directory, 5, 1, facts->altitude < 0);
        add_rationals(tiff, directory, 6, pair, 1);
    }
}

void *make_exif(const struct exif_facts *facts, size_t *size)
{
    struct tiff *tiff = calloc(1, sizeof *tiff);
    need(tiff != NULL, "memory");
    tiff->big_endian = facts->big_endian;
    memcpy(tiff->data, facts->big_endian ? "MM" : "II", 2);
    put(tiff, 2, 42, 2);
    put(tiff, 4, 8, 4);
    tiff->size = 8;
    bool has_place = facts->latitude == facts->latitude && facts->longitude == facts->longitude &&
                     (facts->latitude != 0 || facts->longitude != 0);
    struct directory main_one = begin_directory(tiff, 6), exif = begin_directory(tiff, 6);
    struct directory place = begin_directory(tiff, 6);
    add_text(tiff, &main_one, 0x010f, facts->make);
    add_text(tiff, &main_one, 0x0110, facts->model);
    if (facts->orientation)
        add_number(tiff, &main_one, 0x0112, 3, (uint32_t)facts->orientation);
    add_text(tiff, &main_one, 0x0132, facts->date_time);
    add_number(tiff, &main_one, 0x8769, 4, (uint32_t)exif.at);
    if (has_place)
        add_number(tiff, &main_one, 0x8825, 4, (uint32_t)place.at);
    add_text(tiff, &exif, 0x9003, facts->date_time_original);
    add_text(tiff, &exif, 0x9011, facts->offset);
    if (facts->maker_note_size)
        add_entry(tiff, &exif, 0x927c, 7, (uint32_t)facts->maker_note_size, facts->maker_note,
                  facts->maker_note_size);
    add_text(tiff, &exif, 0x9291, facts->subseconds);
    add_text(tiff, &exif, 0xa431, facts->serial);
    if (has_place)
        add_place(tiff, &place, facts);
    *size = 6 + tiff->size;
    unsigned char *block = malloc(*size);
    need(block != NULL, "memory");
    memcpy(block, "Exif\0\0", 6);
    memcpy(block + 6, tiff->data, tiff->size);
    free(tiff);
    return block;
}

struct jpeg make_jpeg_with_exif(int width, int height, unsigned seed,
                                const struct exif_facts *facts)
{
    size_t size;
    struct jpeg jpeg = make_jpeg(width, height, JPEG_COLOUR, seed);
    void *block = make_exif(facts, &size);
    jpeg_insert(&jpeg, 0xe1, block, size);
    free(block);
    return jpeg;
}
