#include "exchange/json_walk.h"

#include <stdio.h>
#include <string.h>

/* A value on its way: what was put together of it, and which brackets are open. */
struct value {
    struct wci_text *out; /* NULL when it is only passed over */
    char open[WCI_JSON_DEPTH_MAX];
    int depth;
    bool need_comma, had_comma;
};

static wildcam_status fail(const struct wci_json_walk *walk, const char *what)
{
    return wci_fail(WILDCAM_ERR_INVALID, "%.300s, line %lld: %s", walk->source->path,
                    (long long)walk->line, what);
}

static int get(struct wci_json_walk *walk)
{
    int byte = wci_source_get(walk->source);
    walk->line += byte == '\n';
    return byte;
}

/* A comment, whose slash was taken. False when it is none. */
static bool skip_comment(struct wci_json_walk *walk)
{
    int byte = get(walk);
    if (byte == '/') {
        while (byte >= 0 && byte != '\n')
            byte = get(walk);
        return true;
    }
    if (byte != '*')
        return false;
    for (int last = 0; byte >= 0; last = byte) {
        byte = get(walk);
        if (last == '*' && byte == '/')
            return true;
    }
    return true;
}

/* The next byte that means something, not taken; WCI_SOURCE_END or WCI_SOURCE_FAILED. '/' when
 * something stands there that is no comment. */
static int skip_space(struct wci_json_walk *walk)
{
    for (;;) {
        int byte = wci_source_peek(walk->source);
        if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
            get(walk);
        } else if (byte == '/') {
            get(walk);
            if (!skip_comment(walk))
                return '/';
            walk->repairs++;
        } else {
            return byte;
        }
    }
}

static wildcam_status cut_off(struct wci_json_walk *walk)
{
    if (walk->source->failure != WILDCAM_OK)
        return walk->source->failure;
    walk->is_cut_off = true;
    return wci_fail(WILDCAM_ERR_TRUNCATED, "%.300s ends in the middle, in line %lld",
                    walk->source->path, (long long)walk->line);
}

static wildcam_status add(struct wci_json_walk *walk, struct value *value, const char *bytes,
                          size_t length)
{
    if (!value->out)
        return WILDCAM_OK;
    if (value->out->length + length > WCI_JSON_VALUE_MAX)
        return fail(walk, "a value is over 16777216 bytes");
    wci_text_add_bytes(value->out, bytes, length);
    return value->out->failed ? wci_fail_memory() : WILDCAM_OK;
}

/* Before anything but a closing bracket: the comma that belongs there, whoever forgot it. */
static wildcam_status add_comma(struct wci_json_walk *walk, struct value *value)
{
    if (!value->need_comma) {
        walk->repairs += value->had_comma;
        value->had_comma = false;
        return WILDCAM_OK;
    }
    walk->repairs += !value->had_comma;
    value->need_comma = value->had_comma = false;
    return add(walk, value, ",", 1);
}

/* A string, whose opening quote was not taken yet. */
static wildcam_status read_string(struct wci_json_walk *walk, struct value *value)
{
    wildcam_status status = add(walk, value, "\"", 1);
    get(walk);
    while (status == WILDCAM_OK) {
        int byte = get(walk);
        if (byte < 0)
            return cut_off(walk);
        char written[8] = {(char)byte};
        size_t length = 1;
        if (byte == '\\') {
            int escaped = get(walk);
            if (escaped < 0)
                return cut_off(walk);
            written[length++] = (char)escaped;
        } else if (byte < 0x20) {
            length = (size_t)snprintf(written, sizeof written, "\\u%04x", (unsigned)byte);
            walk->repairs++;
        }
        status = add(walk, value, written, length);
        if (byte == '"')
            return status;
    }
    return status;
}

/* Numbers as they are, and the words of JSON and of Python. */
static wildcam_status read_word(struct wci_json_walk *walk, struct value *value)
{
    static const struct {
        const char *from, *to;
    } words[] = {
        {"None", "null"}, {"True", "true"},      {"False", "false"},    {"NaN", "null"},
        {"nan", "null"},  {"Infinity", "null"},  {"-Infinity", "null"}, {"inf", "null"},
        {"-inf", "null"}, {"undefined", "null"}, {"NULL", "null"},
    };
    char word[64];
    size_t length = 0;
    for (;;) {
        int byte = wci_source_peek(walk->source);
        if (byte < 0 || strchr(" \t\r\n,:{}[]\"/", byte))
            break;
        if (length == sizeof word - 1)
            return fail(walk, "a number or a word is over 63 characters");
        word[length++] = (char)get(walk);
    }
    word[length] = '\0';
    if (length == 0)
        return fail(walk, "a value is missing");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(word, words[i].from) != 0)
            continue;
        walk->repairs++;
        return add(walk, value, words[i].to, strlen(words[i].to));
    }
    return add(walk, value, word, length);
}

static wildcam_status open_bracket(struct wci_json_walk *walk, struct value *value, char bracket)
{
    if (value->depth == WCI_JSON_DEPTH_MAX)
        return fail(walk, "brackets are nested deeper than 200");
    value->open[value->depth++] = bracket == '{' ? '}' : ']';
    get(walk);
    return add(walk, value, &bracket, 1);
}

static wildcam_status close_bracket(struct wci_json_walk *walk, struct value *value, char bracket)
{
    if (value->depth == 0 || value->open[value->depth - 1] != bracket)
        return fail(walk, "a closing bracket has no opening one");
    value->depth--;
    walk->repairs += value->had_comma;
    value->had_comma = false;
    value->need_comma = true;
    get(walk);
    return add(walk, value, &bracket, 1);
}

/* What begins with a byte, inside a value or as one. */
static wildcam_status read_token(struct wci_json_walk *walk, struct value *value, int byte)
{
    wildcam_status status;
    switch (byte) {
    case '}':
    case ']':
        return close_bracket(walk, value, (char)byte);
    case ',':
        get(walk);
        walk->repairs += value->had_comma;
        value->had_comma = true;
        return WILDCAM_OK;
    case ':':
        get(walk);
        value->need_comma = value->had_comma = false;
        return add(walk, value, ":", 1);
    default:
        status = add_comma(walk, value);
    }
    if (status != WILDCAM_OK)
        return status;
    if (byte == '{' || byte == '[')
        return open_bracket(walk, value, (char)byte);
    value->need_comma = true;
    return byte == '"' ? read_string(walk, value) : read_word(walk, value);
}

/* One whole value. */
static wildcam_status read_value(struct wci_json_walk *walk, struct wci_text *out)
{
    struct value value = {.out = out};
    if (out)
        wci_text_empty(out);
    do {
        int byte = skip_space(walk);
        if (byte < 0)
            return cut_off(walk);
        if (value.depth == 0 && strchr("}],:", byte))
            return fail(walk, "a value is missing");
        wildcam_status status = read_token(walk, &value, byte);
        if (status != WILDCAM_OK)
            return status;
    } while (value.depth > 0);
    return WILDCAM_OK;
}

/* Goes to the next part of an object or a list: false at its closing bracket, which is taken. */
static wildcam_status step_on(struct wci_json_walk *walk, char closing, bool *first, bool *more)
{
    bool had_comma = false;
    *more = false;
    for (;;) {
        int byte = skip_space(walk);
        if (byte < 0)
            return cut_off(walk);
        if (byte == closing) {
            get(walk);
            walk->repairs += had_comma;
            return WILDCAM_OK;
        }
        if (byte != ',')
            break;
        walk->repairs += had_comma || *first;
        had_comma = true;
        get(walk);
    }
    walk->repairs += !*first && !had_comma;
    *first = false;
    *more = true;
    return WILDCAM_OK;
}

static wildcam_status read_list(struct wci_json_walk *walk, struct wci_text *value)
{
    bool first = true, more;
    if (skip_space(walk) != '[')
        return fail(walk, "it is no list");
    get(walk);
    walk->has_list = true;
    for (;;) {
        wildcam_status status = step_on(walk, ']', &first, &more);
        if (status != WILDCAM_OK || !more)
            return status;
        status = read_value(walk, walk->element ? value : NULL);
        if (status == WILDCAM_OK)
            walk->elements++;
        if (status == WILDCAM_OK && walk->element)
            status = walk->element(walk->user, value);
        if (status != WILDCAM_OK)
            return status;
    }
}

/* The name of a member and its colon; the name without quotes, escapes left as they are. */
static wildcam_status read_name(struct wci_json_walk *walk, struct wci_text *name)
{
    struct value value = {.out = name};
    wci_text_empty(name);
    if (skip_space(walk) != '"')
        return fail(walk, "a member's name is missing");
    wildcam_status status = read_string(walk, &value);
    if (status != WILDCAM_OK)
        return status;
    int byte = skip_space(walk);
    if (byte < 0)
        return cut_off(walk);
    if (byte != ':')
        return fail(walk, "a colon is missing behind a member's name");
    get(walk);
    memmove(name->data, name->data + 1, name->length - 2);
    name->length -= 2;
    name->data[name->length] = '\0';
    return WILDCAM_OK;
}

static wildcam_status read_members(struct wci_json_walk *walk, struct wci_text *name,
                                   struct wci_text *value)
{
    bool first = true, more;
    for (;;) {
        wildcam_status status = step_on(walk, '}', &first, &more);
        if (status != WILDCAM_OK || !more)
            return status;
        status = read_name(walk, name);
        if (status == WILDCAM_OK && strcmp(name->data, walk->list) == 0)
            status = read_list(walk, value);
        else if (status == WILDCAM_OK) {
            status = read_value(walk, walk->member ? value : NULL);
            if (status == WILDCAM_OK && walk->member)
                status = walk->member(walk->user, name->data, value);
        }
        if (status != WILDCAM_OK)
            return status;
    }
}

wildcam_status wci_json_walk(struct wci_json_walk *walk)
{
    struct wci_text name = {0}, value = {0};
    walk->elements = walk->repairs = 0;
    walk->line = 1;
    walk->has_list = walk->is_cut_off = false;
    if (wci_source_peek(walk->source) == 0xef) /* a byte order mark */
        for (int i = 0; i < 3; i++)
            get(walk);
    wildcam_status status = WILDCAM_OK;
    int byte = skip_space(walk);
    if (walk->source->failure != WILDCAM_OK)
        status = walk->source->failure;
    else if (byte != '{')
        status = fail(walk, "it is no JSON object");
    if (status == WILDCAM_OK) {
        get(walk);
        status = read_members(walk, &name, &value);
    }
    wci_text_free(&name);
    wci_text_free(&value);
    if (status == WILDCAM_ERR_TRUNCATED && walk->is_cut_off) {
        wci_error_clear();
        return WILDCAM_OK;
    }
    return status;
}
