#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The code point, 0 when it is no UTF-8 (nor is U+0000 ever asked for). */
static uint32_t decode(const char *text, size_t *size)
{
    const unsigned char *at = (const unsigned char *)text;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    *size = *at < 0x80 ? 1 : *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : *at >= 0xc2 ? 2 : 0;
    if (*size == 1)
        return *at;
    uint32_t point = *size ? *at & (0xffu >> (*size + 1)) : 0;
    for (size_t i = 1; i < *size; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (at[i] & 0x3f);
    }
    bool is_valid = *size && point >= least[*size] && point <= 0x10ffff &&
                    (point < 0xd800 || point > 0xdfff);
    return is_valid ? point : 0;
}

size_t text_character(const char *text)
{
    size_t size;
    return decode(text, &size) ? size : 0;
}

static bool is_visible(uint32_t point)
{
    bool is_control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    bool is_turning = point == 0x200e || point == 0x200f || point == 0x2028 || point == 0x2029 ||
                      (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
    return !is_control && !is_turning;
}

/* Writes a character as it is, or what stands for it; answers how many bytes of it were taken. */
static size_t put_visible(FILE *out, const char *text)
{
    size_t size;
    uint32_t point = decode(text, &size);
    if (point && is_visible(point))
        fwrite(text, 1, size, out);
    else if (!point)
        fprintf(out, "\\x%02x", (unsigned char)*text);
    else if (point == '\n' || point == '\t' || point == '\r')
        fprintf(out, "\\%c", point == '\n' ? 'n' : point == '\t' ? 't' : 'r');
    else if (point < 0x80)
        fprintf(out, "\\x%02x", point);
    else
        fprintf(out, "\\u%04x", point);
    return point ? size : 1;
}

static size_t put_utf8(FILE *out, const char *text)
{
    size_t size = text_character(text);
    if (size)
        fwrite(text, 1, size, out);
    else
        fputs("\xef\xbf\xbd", out);
    return size ? size : 1;
}

static char *convert(const char *text, size_t (*put)(FILE *out, const char *text))
{
    char *result = NULL;
    size_t size;
    FILE *out = open_memstream(&result, &size);
    if (!out)
        return NULL;
    while (*text)
        text += put(out, text);
    if (fclose(out) == 0)
        return result;
    free(result);
    return NULL;
}

char *text_visible(const char *text)
{
    return convert(text, put_visible);
}

char *text_utf8(const char *text)
{
    return convert(text, put_utf8);
}

size_t text_width(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += (*text & 0xc0) != 0x80;
    return width;
}
