#include "tiff.h"

#include "support/harness.h"

enum { HEAD = 6 /* "Exif\0\0" */, FIRST = 8, ENTRY = 12 };

static int shift(const unsigned char *block, int index, int bytes)
{
    return 8 * (block[HEAD] == 'M' ? bytes - 1 - index : index);
}

uint32_t tiff_get(const unsigned char *block, size_t at, int bytes)
{
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint32_t)block[at + (size_t)i] << shift(block, i, bytes);
    return value;
}

void tiff_put(unsigned char *block, size_t at, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        block[at + (size_t)i] = (unsigned char)(value >> shift(block, i, bytes));
}

size_t tiff_entry(const unsigned char *block, int directory, int tag)
{
    size_t at = HEAD + tiff_get(block, HEAD + 4, 4);
    if (directory)
        at = HEAD + tiff_get(block, tiff_entry(block, 0, directory) + 8, 4);
    for (size_t i = 0; i < tiff_get(block, at, 2); i++)
        if (tiff_get(block, at + 2 + ENTRY * i, 2) == (uint32_t)tag)
            return at + 2 + ENTRY * i;
    ck_abort_msg("the EXIF block has no tag 0x%04x", tag);
    return 0;
}

size_t tiff_next(const unsigned char *block)
{
    size_t at = HEAD + tiff_get(block, HEAD + 4, 4);
    return at + 2 + ENTRY * (size_t)tiff_get(block, at, 2);
}

size_t tiff_value(const unsigned char *block, size_t entry)
{
    static const uint32_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1};
    uint32_t bytes = sizes[tiff_get(block, entry + 2, 2)] * tiff_get(block, entry + 4, 4);
    return bytes <= 4 ? entry + 8 : HEAD + tiff_get(block, entry + 8, 4);
}

void tiff_loop_exif(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, 0, TIFF_EXIF) + 8, FIRST, 4);
}

void tiff_loop_next(unsigned char *block)
{
    tiff_put(block, tiff_next(block), FIRST, 4);
}

void tiff_count_too_many(unsigned char *block)
{
    tiff_put(block, HEAD + FIRST, 0xffff, 2);
}

void tiff_forget_order(unsigned char *block)
{
    memcpy(block + HEAD, "XX", 2);
}
