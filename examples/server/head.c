/*
 * To libmicrohttpd 0.9.75 a LF alone ends a line and a NUL ends a value: it reads 2 where
 * "Content-Length: 2\0005" came, and does not tell. But it cuts the head into strings where it
 * lies, in one piece. Behind a line that ended in CR LF the next one begins two bytes after the end
 * of its string, behind any other it does not: one byte after it, or where the NUL hid something,
 * further on. So each line's place says how the one before it ended, and the head's size says it of
 * the last one. Nothing is read for this but the strings themselves.
 *
 * A NUL with a LF behind it looks like CR LF.
 */
#include "head.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <string.h>

/* A later one does this by itself when it is told to be strict; its strings lie in other places. */
static const bool is_cut_in_place = MHD_VERSION < 0x01000000;

struct lines {
    const char *next; /* where a line begins if all before it ended in CR LF */
    size_t count;
    const char *sentence;
};

/* What RFC 9110 makes names of. */
static bool is_name(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              (c && strchr("!#$%&'*+-.^_`|~", c))))
            return false;
    }
    return size > 0;
}

static bool is_control(char c)
{
    return ((unsigned char)c < ' ' && c != '\t') || c == 0x7f;
}

static bool is_value(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (is_control(text[i]))
            return false;
    return true;
}

static enum MHD_Result follow(void *user, enum MHD_ValueKind kind, const char *key, size_t key_size,
                              const char *value, size_t value_size)
{
    struct lines *lines = user;
    (void)kind;
    if (!is_name(key, key_size))
        lines->sentence = "a header's name has something in it that no name has";
    else if (!is_value(value, value_size))
        lines->sentence = "a header has a control character in it";
    else if (is_cut_in_place && key != lines->next)
        lines->sentence = "a line of the head does not end in CR LF, has a NUL in it, or is folded";
    if (lines->sentence)
        return MHD_NO;
    lines->next = value + value_size + 2;
    lines->count++;
    return MHD_YES;
}

size_t head_measure_target(const char *target)
{
    size_t size = 0;
    while (!is_control(target[size]) && target[size] != '\t' && target[size] != ' ')
        size++;
    return size;
}

/* The three stand one after another with a space each between them, which has become a NUL. */
static bool is_first_line(const char *method, const char *target, size_t target_size,
                          const char *version)
{
    size_t size = strlen(method);
    return is_name(method, size) && target == method + size + 1 &&
           version == target + target_size + 1;
}

const char *head_check(struct MHD_Connection *mhd, const char *method, const char *target,
                       size_t target_size, const char *version, unsigned *status)
{
    struct lines lines = {.next = version + strlen(version) + 2};
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    size_t size = info ? info->header_size : 0;
    *status = MHD_HTTP_BAD_REQUEST;
    if (is_cut_in_place && !is_first_line(method, target, target_size, version))
        return "the first line is a method, an address and a version, with a space between them";
    MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, follow, &lines);
    if (lines.sentence)
        return lines.sentence;
    /* behind them is an empty line */
    if (is_cut_in_place && (size_t)(lines.next - method) + 2 != size)
        return "the end of the head is not an empty line that ends in CR LF, as the one before it";
    *status = MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
    if (size > HEAD_BYTES || lines.count > HEAD_HEADERS)
        return "the head is too long: it has 16 KiB and 100 headers at most";
    return NULL;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t head_unescape(void *user, struct MHD_Connection *mhd, char *text)
{
    char *to = text;
    (void)user;
    (void)mhd;
    for (const char *from = text; *from;) {
        int high = *from == '%' ? digit(from[1]) : -1;
        int low = high >= 0 ? digit(from[2]) : -1;
        if (low >= 0 && high + low > 0) {
            *to++ = (char)(high << 4 | low);
            from += 3;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return (size_t)(to - text);
}
