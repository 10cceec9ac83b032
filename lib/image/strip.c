#include "image/strip.h"

#include <stdbool.h>
#include <string.h>

#include <wildcam/image.h>

#include "image/jpeg_walk.h"
#include "image/maker_note.h"

enum { APP0 = 0xe0, APP1 = 0xe1, APP2 = 0xe2, APP14 = 0xee, APP15 = 0xef, COM = 0xfe };

enum { DIRECTORIES_MAX = 8, ENTRY = 12, HEAD = 8, TIFF_MAX = 65536 };

/* What is longer may be a picture, whatever its tag says: none fits into less on which anybody
 * could be known again. What readers want to know is shorter. */
enum { VALUE_MAX = 256 };

/* TIFF inside an EXIF block: offsets count from its first byte. */
struct tiff {
    unsigned char *data;
    size_t size;
    bool big_endian;
    uint32_t what;
    int directories; /* how many were visited; a loop of them must end */
    bool has_changed;
    unsigned char kept[TIFF_MAX / 8]; /* a bit for each byte that something kept takes */
};

enum tag {
    IMAGE_DESCRIPTION = 0x010e,
    ARTIST = 0x013b,
    SUB_DIRECTORIES = 0x014a,
    XMP = 0x02bc,
    IPTC = 0x83bb,
    PHOTOSHOP = 0x8649,
    EXIF_DIRECTORY = 0x8769,
    GPS_DIRECTORY = 0x8825,
    MAKER_NOTE = 0x927c,
    USER_COMMENT = 0x9286,
    INTEROPERABILITY_DIRECTORY = 0xa005,
    XP_FIRST = 0x9c9b, /* XPTitle, XPComment, XPAuthor, XPKeywords, XPSubject */
    XP_LAST = 0x9c9f,
    OWNER_NAME = 0xa430,
    BODY_SERIAL = 0xa431,
    LENS_SERIAL = 0xa435,
    CAMERA_SERIAL = 0xc62f,
};

static uint32_t read_number(const struct tiff *tiff, size_t at, int bytes)
{
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint32_t)tiff->data[at + (size_t)i] << 8 * (tiff->big_endian ? bytes - 1 - i : i);
    return value;
}

static bool fits(const struct tiff *tiff, size_t at, size_t length)
{
    return at <= tiff->size && length <= tiff->size - at;
}

static void blank(struct tiff *tiff, size_t at, size_t length)
{
    for (size_t i = 0; i < length && !tiff->has_changed; i++)
        tiff->has_changed = tiff->data[at + i] != 0;
    memset(tiff->data + at, 0, length);
}

static bool must_go(uint32_t tag, uint32_t what)
{
    switch (tag) {
    case MAKER_NOTE:      /* makers put labels of the place and serial numbers there */
    case SUB_DIRECTORIES: /* pictures of their own, with all that pictures may hold */
    case XMP:
    case IPTC:
    case PHOTOSHOP:
        return true;
    case IMAGE_DESCRIPTION:
    case USER_COMMENT:
        return what & WILDCAM_STRIP_PLACE;
    case ARTIST:
    case OWNER_NAME:
    case BODY_SERIAL:
    case LENS_SERIAL:
    case CAMERA_SERIAL:
        return what & WILDCAM_STRIP_SERIAL;
    default:
        return what & (WILDCAM_STRIP_PLACE | WILDCAM_STRIP_SERIAL) && tag >= XP_FIRST &&
               tag <= XP_LAST;
    }
}

static void keep(struct tiff *tiff, size_t at, size_t length)
{
    for (; length > 0; at++, length--)
        tiff->kept[at / 8] |= (unsigned char)(1 << at % 8);
}

/* Where an entry's value is, if it is not in the entry; false when it cannot be followed. */
static bool find_value(const struct tiff *tiff, size_t entry, size_t *at, size_t *length)
{
    static const unsigned char sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};
    uint32_t type = read_number(tiff, entry + 2, 2), count = read_number(tiff, entry + 4, 4);
    if (type == 0 || type >= sizeof sizes)
        return false;
    uint64_t bytes = (uint64_t)count * sizes[type];
    *at = bytes <= 4 ? entry + 8 : read_number(tiff, entry + 8, 4);
    *length = bytes <= 4 ? 4 : (size_t)bytes;
    return bytes <= tiff->size && fits(tiff, *at, *length);
}

static bool strip_directory(struct tiff *tiff, size_t at, bool all);

static bool strip_entry(struct tiff *tiff, size_t entry, bool all)
{
    size_t at = 0, length = 0;
    uint32_t tag = read_number(tiff, entry, 2), value = read_number(tiff, entry + 8, 4);
    if (!all && tag == GPS_DIRECTORY)
        return strip_directory(tiff, value, tiff->what & WILDCAM_STRIP_PLACE);
    if (!all && (tag == EXIF_DIRECTORY || tag == INTEROPERABILITY_DIRECTORY))
        return strip_directory(tiff, value, false);
    bool is_found = find_value(tiff, entry, &at, &length);
    bool stays = is_found && tag == MAKER_NOTE && tiff->what == WCI_STRIP_SMALL_PICTURES &&
                 wci_maker_note_is_known(tiff->data + at, length);
    bool goes = must_go(tag, tiff->what) || length > VALUE_MAX;
    if (all || (goes && !stays)) {
        if (is_found)
            blank(tiff, at, length);
        return is_found;
    }
    if (is_found)
        keep(tiff, at, length);
    return true;
}

/* Takes out of a directory what must go, or `all`; false when it cannot be followed. */
static bool strip_directory(struct tiff *tiff, size_t at, bool all)
{
    if (++tiff->directories > DIRECTORIES_MAX || !fits(tiff, at, 2))
        return false;
    size_t count = read_number(tiff, at, 2), entries = at + 2;
    if (!fits(tiff, entries, count * ENTRY + 4))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!strip_entry(tiff, entries + i * ENTRY, all))
            return false;
    /* What it would lead to is the small picture's, which is a JPEG with EXIF of its own. */
    blank(tiff, entries + count * ENTRY, 4);
    if (all)
        blank(tiff, at, 2 + count * ENTRY);
    keep(tiff, at, 2 + count * ENTRY + 4);
    return true;
}

/* What nothing kept refers to goes unseen: small pictures, and what makers hide between. */
static void blank_the_rest(struct tiff *tiff)
{
    for (size_t at = 0; at < tiff->size; at++)
        if (!(tiff->kept[at / 8] & 1 << at % 8))
            blank(tiff, at, 1);
}

static bool strip_directories(struct tiff *tiff)
{
    tiff->directories = 0;
    tiff->has_changed = false;
    memset(tiff->kept, 0, sizeof tiff->kept);
    if (tiff->size < HEAD || tiff->size > TIFF_MAX)
        return false;
    tiff->big_endian = tiff->data[0] == 'M';
    if ((memcmp(tiff->data, "II", 2) != 0 && memcmp(tiff->data, "MM", 2) != 0) ||
        read_number(tiff, 2, 2) != 42)
        return false;
    keep(tiff, 0, HEAD);
    /* The first directory is there, wherever it is said to be; readers look there too. */
    if (!strip_directory(tiff, read_number(tiff, 4, 4), false))
        return false;
    blank_the_rest(tiff);
    return true;
}

/* In a damaged block a value may lie over what leads to others, which lead elsewhere once it is
 * blank: a second look must find nothing left to do. */
static bool strip_tiff(struct tiff *tiff)
{
    if (!strip_directories(tiff))
        return false;
    return strip_directories(tiff) && !tiff->has_changed;
}

struct strip {
    unsigned char *jpeg;
    uint32_t what;
};

static bool begins(const unsigned char *block, size_t length, const char *with, size_t with_length)
{
    return length >= with_length && memcmp(block, with, with_length) == 0;
}

/* The colour profile and Adobe's colour transform are part of how the picture looks. */
static bool is_part_of_picture(int marker, const unsigned char *block, size_t length)
{
    if (marker == APP2)
        return begins(block, length, "ICC_PROFILE", 12);
    return marker == APP14 && begins(block, length, "Adobe", 5);
}

/* JFIF's version and density stay; the small picture, of which the last two bytes of the head tell
 * the width and height, does not. */
static void strip_jfif(unsigned char *block, size_t length)
{
    enum { BEFORE_SIZE = 12 };
    if (length > BEFORE_SIZE)
        memset(block + BEFORE_SIZE, 0, length - BEFORE_SIZE);
}

/* A comment of blanks is what every reader can skip. */
static void blank_block(unsigned char *block, size_t length)
{
    memset(block, ' ', length);
    block[-3] = COM; /* the marker stands before the two bytes of length */
}

static void strip_segment(void *user, int marker, int64_t offset, size_t length)
{
    const struct strip *strip = user;
    unsigned char *block = strip->jpeg + offset;
    bool is_application = marker >= APP0 && marker <= APP15;
    if ((!is_application && marker != COM) || is_part_of_picture(marker, block, length))
        return;
    if (marker == APP0 && begins(block, length, "JFIF", 5)) {
        strip_jfif(block, length);
        return;
    }
    if (marker == APP1 && begins(block, length, "Exif\0", 6)) {
        struct tiff tiff;
        tiff.data = block + 6;
        tiff.size = length - 6;
        tiff.what = strip->what;
        if (strip_tiff(&tiff))
            return;
    }
    blank_block(block, length);
}

wildcam_status wci_strip(unsigned char *jpeg, size_t size, uint32_t what)
{
    static const struct wci_jpeg_limits no_limits = {INT64_MAX / 16, INT64_MAX, INT64_MAX};
    struct strip strip = {jpeg, what};
    struct wci_jpeg_walk walk;
    if (!what)
        return WILDCAM_OK;
    wci_jpeg_walk_begin(&walk, &no_limits);
    walk.visit = strip_segment;
    walk.user = &strip;
    wildcam_status status = wci_jpeg_walk_add(&walk, jpeg, size);
    if (status == WILDCAM_OK)
        status = wci_jpeg_walk_end(&walk);
    if (status == WILDCAM_OK)
        memset(jpeg + walk.picture_bytes, 0, size - (size_t)walk.picture_bytes);
    wci_jpeg_walk_free(&walk);
    return status;
}
