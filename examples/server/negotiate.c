#include "negotiate.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { FULL = 1000 };

/* A part of a header, within it. */
struct words {
    const char *text;
    size_t length;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct words trim(const char *text, size_t length)
{
    while (length && is_blank(*text)) {
        text++;
        length--;
    }
    while (length && is_blank(text[length - 1]))
        length--;
    return (struct words){text, length};
}

static bool is(struct words words, const char *what)
{
    return words.length == strlen(what) && strncasecmp(words.text, what, words.length) == 0;
}

/* The next piece up to one of the marks; false at the end. A mark within quotes is none. */
static bool next(const char **at, const char *end, char mark, struct words *piece)
{
    const char *from = *at;
    bool is_quoted = false;
    if (from >= end)
        return false;
    const char *to = from;
    for (; to < end && (is_quoted || *to != mark); to++) {
        if (*to == '"')
            is_quoted = !is_quoted;
        else if (is_quoted && *to == '\\' && to + 1 < end)
            to++;
    }
    *piece = trim(from, (size_t)(to - from));
    *at = to < end ? to + 1 : end;
    return true;
}

/* NAME=VALUE; the value without its quotes. */
static bool split(struct words piece, struct words *name, struct words *value)
{
    const char *sign = memchr(piece.text, '=', piece.length);
    if (!sign)
        return false;
    *name = trim(piece.text, (size_t)(sign - piece.text));
    *value = trim(sign + 1, (size_t)(piece.text + piece.length - sign - 1));
    if (value->length >= 2 && value->text[0] == '"' && value->text[value->length - 1] == '"')
        *value = (struct words){value->text + 1, value->length - 2};
    return true;
}

/* 0, 1, or one of them with a point and up to three digits; -1 for anything else. */
static int read_quality(struct words text)
{
    int quality = 0, unit = FULL;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.text[i];
        if (i == 1 ? c != '.' : c < '0' || c > '9')
            return -1;
        if (i == 1)
            continue;
        quality += (c - '0') * unit;
        unit /= 10;
    }
    return text.length && text.length <= 5 && quality <= FULL ? quality : -1;
}

/* What stands behind the name in one entry of the list. */
struct parameters {
    int quality; /* -1: the entry cannot be read */
    bool has_version;
    struct words version;
};

static struct parameters read_parameters(const char *at, const char *end)
{
    struct parameters found = {.quality = FULL};
    struct words piece, name, value;
    while (next(&at, end, ';', &piece)) {
        if (!split(piece, &name, &value))
            continue;
        if (is(name, "q")) {
            found.quality = read_quality(value);
        } else if (is(name, "version")) {
            found.has_version = true;
            found.version = value;
        }
    }
    return found;
}

static bool has_version(const struct media *media, struct words version)
{
    for (const char *const *known = media->versions; *known; known++)
        if (is(version, *known))
            return true;
    return false;
}

/* How closely a range names the type: 4 with its version, 1 for any type at all; 0 not at all. */
static int fit(struct words range, const struct parameters *parameters, const struct media *media)
{
    const char *slash = memchr(range.text, '/', range.length);
    if (!slash)
        return 0;
    struct words type = {range.text, (size_t)(slash - range.text)};
    struct words subtype = {slash + 1, range.length - type.length - 1};
    if (is(type, "*"))
        return is(subtype, "*") ? 1 : 0;
    if (!is(type, media->type))
        return 0;
    if (is(subtype, "*"))
        return 2;
    if (!is(subtype, media->subtype))
        return 0;
    if (!parameters->has_version)
        return 3;
    return has_version(media, parameters->version) ? 4 : 0;
}

int negotiate_media(const char *accept, const struct media *media)
{
    struct words entry, range;
    int quality = 0, closest = 0;
    if (!accept)
        return FULL;
    const char *at = accept, *end = accept + strlen(accept);
    while (next(&at, end, ',', &entry)) {
        const char *part = entry.text, *last = entry.text + entry.length;
        if (!next(&part, last, ';', &range))
            continue;
        struct parameters parameters = read_parameters(part, last);
        int closeness = fit(range, &parameters, media);
        if (parameters.quality < 0 || closeness == 0 || closeness < closest)
            continue;
        if (closeness > closest || parameters.quality > quality)
            quality = parameters.quality;
        closest = closeness;
    }
    return quality;
}

int negotiate_coding(const char *accept_encoding, const char *coding)
{
    struct words entry, name;
    int any = 0;
    if (!accept_encoding)
        return 0;
    const char *at = accept_encoding, *end = accept_encoding + strlen(accept_encoding);
    while (next(&at, end, ',', &entry)) {
        const char *part = entry.text, *last = entry.text + entry.length;
        if (!next(&part, last, ';', &name))
            continue;
        struct parameters parameters = read_parameters(part, last);
        if (parameters.quality < 0)
            continue;
        if (is(name, coding))
            return parameters.quality;
        if (is(name, "*"))
            any = parameters.quality;
    }
    return any;
}
