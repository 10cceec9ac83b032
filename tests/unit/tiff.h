/* Finding and changing entries of the EXIF blocks that make_exif() gives, to break them. Places
 * count from the block's first byte. */
#ifndef TESTS_UNIT_TIFF_H
#define TESTS_UNIT_TIFF_H

#include <stddef.h>
#include <stdint.h>

enum {
    TIFF_MAKE = 0x010f,
    TIFF_ORIENTATION = 0x0112,
    TIFF_DATE_TIME = 0x0132,
    TIFF_EXIF = 0x8769,
    TIFF_GPS = 0x8825,
    TIFF_DATE_ORIGINAL = 0x9003,
    TIFF_DATE_DIGITIZED = 0x9004,
    TIFF_OFFSET_ORIGINAL = 0x9011,
    TIFF_OFFSET_DIGITIZED = 0x9012,
    TIFF_MAKER_NOTE = 0x927c,
    TIFF_SUBSECONDS_ORIGINAL = 0x9291,
    TIFF_SUBSECONDS_DIGITIZED = 0x9292,
    TIFF_SERIAL = 0xa431
};

/* The place of a tag's twelve bytes in a directory (0: the first, else TIFF_EXIF or TIFF_GPS); the
 * test fails when it is not there. */
size_t tiff_entry(const unsigned char *block, int directory, int tag);
/* The place of the number that leads from the first directory to the next. */
size_t tiff_next(const unsigned char *block);
/* The place of an entry's value. */
size_t tiff_value(const unsigned char *block, size_t entry);
uint32_t tiff_get(const unsigned char *block, size_t at, int bytes);
void tiff_put(unsigned char *block, size_t at, uint32_t value, int bytes);

/* Damage: directories that lead back, more entries than there are, no byte order. */
void tiff_loop_exif(unsigned char *block);
void tiff_loop_next(unsigned char *block);
void tiff_count_too_many(unsigned char *block);
void tiff_forget_order(unsigned char *block);

#endif
