#include "base/json_read.h"

#include <stdbool.h>
#include <string.h>

enum { DEPTH_MAX = 2048 }; /* jansson's own */

struct reader {
    const char *at, *end;
};

static bool take(struct reader *reader, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
        return false;
    reader->at += length;
    return true;
}

static void skip_space(struct reader *reader)
{
    while (reader->at < reader->end && strchr(" \t\n\r", *reader->at) && *reader->at)
        reader->at++;
}

static bool take_digits(struct reader *reader)
{
    const char *from = reader->at;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
        reader->at++;
    return reader->at > from;
}

static bool take_number(struct reader *reader)
{
    take(reader, "-");
    if (!take(reader, "0") && !take_digits(reader))
        return false;
    if (take(reader, ".") && !take_digits(reader))
        return false;
    if (!take(reader, "e") && !take(reader, "E"))
        return true;
    if (!take(reader, "+"))
        take(reader, "-");
    return take_digits(reader);
}

/* The four digits of a \u; -1 when they are not. */
static int take_unit(struct reader *reader)
{
    int unit = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *digit = reader->at < reader->end && *reader->at ? strchr(digits, *reader->at)
                                                                    : NULL;
        if (!digit)
            return -1;
        unit = unit * 16 + (int)(digit - digits) % 16;
        reader->at++;
    }
    return unit;
}

static bool take_escape(struct reader *reader)
{
    if (!take(reader, "u"))
        return reader->at < reader->end && *reader->at && strchr("\"\\/bfnrt", *reader->at++);
    int unit = take_unit(reader);
    if (unit < 0xd800 || unit > 0xdfff)
        return unit >= 0;
    if (unit > 0xdbff || !take(reader, "\\u"))
        return false;
    int low = take_unit(reader);
    return low >= 0xdc00 && low <= 0xdfff;
}

static bool take_string(struct reader *reader)
{
    if (!take(reader, "\""))
        return false;
    while (reader->at < reader->end) {
        unsigned char byte = (unsigned char)*reader->at++;
        if (byte == '"')
            return true;
        if (byte < 0x20 || (byte == '\\' && !take_escape(reader)))
            return false;
    }
    return false;
}

static bool take_name(struct reader *reader)
{
    skip_space(reader);
    if (!take_string(reader))
        return false;
    skip_space(reader);
    return take(reader, ":");
}

static bool take_scalar(struct reader *reader)
{
    if (reader->at < reader->end && *reader->at == '"')
        return take_string(reader);
    return take(reader, "true") || take(reader, "false") || take(reader, "null") ||
           take_number(reader);
}

/* Whether a text is JSON by its grammar (RFC 8259), an object or a list, found without memory. */
static bool is_well_formed(const char *text, size_t length)
{
    struct reader reader = {text, text + length};
    char open[DEPTH_MAX]; /* the brackets that must still be closed */
    int depth = 0;
    do {
        skip_space(&reader);
        bool is_object = take(&reader, "{");
        if (is_object || take(&reader, "[")) {
            if (depth == DEPTH_MAX)
                return false;
            open[depth++] = is_object ? '}' : ']';
            skip_space(&reader);
            bool is_empty = reader.at < reader.end && *reader.at == open[depth - 1];
            if (!is_empty && is_object && !take_name(&reader))
                return false;
            if (!is_empty)
                continue;
        } else if (depth == 0 || !take_scalar(&reader)) {
            return false;
        }
        for (skip_space(&reader); depth; skip_space(&reader)) {
            const char close[] = {open[depth - 1], '\0'};
            if (!take(&reader, close))
                break;
            depth--;
        }
        if (depth && (!take(&reader, ",") || (open[depth - 1] == '}' && !take_name(&reader))))
            return false;
    } while (depth);
    return reader.at == reader.end;
}

wildcam_status wci_json_read(const char *text, size_t length, json_t **out, json_error_t *error)
{
    memset(error, 0, sizeof *error);
    *out = json_loadb(text, length, JSON_REJECT_DUPLICATES, error);
    if (*out)
        return WILDCAM_OK;
    enum json_error_code code = json_error_code(error);
    /* For want of memory jansson often says that the syntax is wrong, or nothing at all. */
    bool is_unsure = code == json_error_unknown || code == json_error_invalid_syntax;
    if (code == json_error_out_of_memory || (is_unsure && is_well_formed(text, length)))
        return wci_fail_memory();
    return WILDCAM_ERR_INVALID;
}
