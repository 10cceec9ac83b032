#include "base/utf8.h"

#include <string.h>

size_t wci_utf8_character(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char first = bytes[0], low = 0x80, high = 0xbf;
    size_t size;
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf) {
        size = 2;
    } else if (first >= 0xe0 && first <= 0xef) {
        size = 3;
        low = first == 0xe0 ? 0xa0 : 0x80;
        high = first == 0xed ? 0x9f : 0xbf;
    } else if (first >= 0xf0 && first <= 0xf4) {
        size = 4;
        low = first == 0xf0 ? 0x90 : 0x80;
        high = first == 0xf4 ? 0x8f : 0xbf;
    } else {
        return 0;
    }
    if (length < size || bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if (bytes[i] < 0x80 || bytes[i] > 0xbf)
            return 0;
    return size;
}

bool wci_utf8_is_valid(const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t size = wci_utf8_character(text + at, length - at);
        if (size == 0)
            return false;
        at += size;
    }
    return true;
}

size_t wci_utf8_cut(const char *text, size_t limit)
{
    size_t cut = limit;
    while (cut > 0 && limit - cut < 4 && ((unsigned char)text[cut] & 0xc0) == 0x80)
        cut--;
    return cut;
}

void wci_utf8_repair(char *text)
{
    size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        size_t size = wci_utf8_character(text + at, length - at);
        if (size == 0)
            text[at] = '?';
        at += size ? size : 1;
    }
}
