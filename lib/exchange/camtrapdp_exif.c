/* exifData of a package: what tells of place or owner is taken out, as it is out of files. */
#include <stdlib.h>
#include <string.h>

#include "exchange/camtrapdp.h"

/* Parts of the names of tags, in small letters; what image/strip.c takes out of EXIF itself. */
static const char *const telling[] = {
    "gps",         "latitude",  "longitude",        "location",   "geotag",    "city",
    "country",     "province",  "serial",           "owner",      "artist",    "makernote",
    "xptitle",     "xpcomment", "xpauthor",         "xpkeywords", "xpsubject", "keywords",
    "usercomment", "userlabel", "imagedescription", "byline",     "caption"};

static bool has_part(const char *word, size_t length, const char *part)
{
    size_t size = strlen(part);
    for (size_t at = 0; at + size <= length; at++) {
        size_t same = 0;
        while (same < size) {
            unsigned char letter = (unsigned char)word[at + same];
            if ((letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter) != part[same])
                break;
            same++;
        }
        if (same == size)
            return true;
    }
    return false;
}

static bool is_telling(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
        if (has_part(word, length, telling[i]))
            return true;
    return false;
}

static void strip(json_t *value)
{
    const char *name;
    json_t *member;
    void *next;
    size_t index;
    json_object_foreach_safe(value, next, name, member)
    {
        if (is_telling(name, strlen(name)))
            json_object_del(value, name);
        else
            strip(member);
    }
    json_array_foreach (value, index, member)
        strip(member);
}

/* Whether any name in a text tells, be it JSON or nearly so: words in quotes before a colon. */
static bool has_telling_name(const char *text)
{
    for (const char *at = strchr(text, '"'); at; at = strchr(at, '"')) {
        const char *word = ++at;
        while (*at && *at != '"')
            at += *at == '\\' && at[1] ? 2 : 1;
        if (!*at)
            return true; /* nobody knows where words end */
        size_t length = (size_t)(at - word);
        at += 1 + strspn(at + 1, " \t\r\n");
        if (*at == ':' && is_telling(word, length))
            return true;
    }
    return false;
}

void wci_camtrapdp_strip_exif(struct wci_text *cell)
{
    const char *text = wci_text_get(cell);
    json_t *value = json_loads(text, 0, NULL);
    if (!value && !has_telling_name(text))
        return;
    json_t *before = json_deep_copy(value);
    strip(value);
    char *rest = value ? json_dumps(value, JSON_COMPACT) : NULL;
    bool is_whole = before && json_equal(before, value);
    json_decref(before);
    json_decref(value);
    if (is_whole) { /* as it was written */
        free(rest);
        return;
    }
    wci_text_empty(cell);
    if (rest)
        wci_text_add(cell, rest);
    free(rest);
}
