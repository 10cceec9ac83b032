#include "metrics/selector_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "metrics/selector.h"

struct parser {
    const char *text, *at;
    struct wci_matchers *matchers;
};

static wildcam_status fail(const struct parser *parser, const char *words)
{
    return wci_fail(WILDCAM_ERR_INVALID, "the selector %.200s, byte %zu: %s", parser->text,
                    (size_t)(parser->at - parser->text), words);
}

static void skip_space(struct parser *parser)
{
    parser->at += strspn(parser->at, " \t\r\n");
}

static bool skip(struct parser *parser, char character)
{
    skip_space(parser);
    if (*parser->at != character)
        return false;
    parser->at++;
    return true;
}

/* How long the name is that begins here; 0 for none. */
static size_t name_length(const char *text, bool takes_colon)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    char all[sizeof letters + 12];
    snprintf(all, sizeof all, "%s%s%s", takes_colon ? ":" : "", letters, "0123456789");
    return *text >= '0' && *text <= '9' ? 0 : strspn(text, all);
}

/* ---- quoted text, with Go's escapes ---- */

static int digit(char c, unsigned base)
{
    int value = c >= '0' && c <= '9'                 ? c - '0'
                : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                     : -1;
    return value >= 0 && (unsigned)value < base ? value : -1;
}

/* So many digits, and no fewer. */
static bool parse_digits(struct parser *parser, int count, unsigned base, uint32_t *value)
{
    *value = 0;
    for (; count > 0; count--, parser->at++) {
        int next = digit(*parser->at, base);
        if (next < 0)
            return false;
        *value = *value * base + (uint32_t)next;
    }
    return true;
}

static void add_character(struct wci_text *text, uint32_t character)
{
    char bytes[4];
    if (character < 0x80) {
        wci_text_add_char(text, (char)character);
        return;
    }
    int more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    for (int i = more; i > 0; i--) {
        bytes[i] = (char)(0x80 | (character & 0x3f));
        character >>= 6;
    }
    bytes[0] = (char)((0xff00U >> (more + 1) & 0xffU) | character);
    wci_text_add_bytes(text, bytes, (size_t)more + 1);
}

/* A number behind a backslash: a byte, or a character. */
static wildcam_status parse_number(struct parser *parser, struct wci_text *text)
{
    uint32_t value;
    char kind = *parser->at;
    bool is_octal = kind >= '0' && kind <= '7';
    if (!is_octal)
        parser->at++;
    int digits = is_octal ? 3 : kind == 'x' ? 2 : kind == 'u' ? 4 : 8;
    if (!parse_digits(parser, digits, is_octal ? 8 : 16, &value))
        return fail(parser, "digits are missing behind the backslash");
    bool is_byte = is_octal || kind == 'x';
    if (value == 0 || (is_byte && value > 0xff) || value > 0x10ffff ||
        (!is_byte && value >= 0xd800 && value < 0xe000))
        return fail(parser, "there is no such character");
    if (is_byte)
        wci_text_add_char(text, (char)value);
    else
        add_character(text, value);
    return WILDCAM_OK;
}

static wildcam_status parse_escape(struct parser *parser, struct wci_text *text)
{
    static const char letters[] = "abfnrtv\\\"'", meant[] = "\a\b\f\n\r\t\v\\\"'";
    const char *letter = *parser->at ? strchr(letters, *parser->at) : NULL;
    if (letter) {
        parser->at++;
        wci_text_add_char(text, meant[letter - letters]);
        return WILDCAM_OK;
    }
    if (*parser->at && strchr("xuU01234567", *parser->at))
        return parse_number(parser, text);
    return fail(parser, "this is not known behind a backslash");
}

static wildcam_status parse_quoted(struct parser *parser, struct wci_text *text)
{
    skip_space(parser);
    char quote = *parser->at;
    if (quote != '"' && quote != '\'' && quote != '`')
        return fail(parser, "a value in quotes is missing");
    for (parser->at++; *parser->at != quote;) {
        char c = *parser->at;
        if (c == '\0' || (c == '\n' && quote != '`'))
            return fail(parser, "the quotes are not closed");
        parser->at++;
        if (c != '\\' || quote == '`') {
            wci_text_add_char(text, c);
            continue;
        }
        wildcam_status status = parse_escape(parser, text);
        if (status != WILDCAM_OK)
            return status;
    }
    parser->at++;
    return text->failed ? wci_fail_memory() : WILDCAM_OK;
}

/* ---- matchers ---- */

static wildcam_status add_matcher(struct parser *parser, const char *name, size_t length,
                                  struct wci_matcher **out)
{
    struct wci_matchers *matchers = parser->matchers;
    void *array = matchers->list;
    *out = NULL;
    if (matchers->count >= WCI_SELECTOR_MATCHERS)
        return fail(parser, "more than 64 labels");
    if (wci_reserve(&array, &matchers->capacity, matchers->count + 1, sizeof *matchers->list) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    matchers->list = array;
    struct wci_matcher *matcher = &matchers->list[matchers->count];
    *matcher = (struct wci_matcher){.name = wci_new(length + 1)};
    if (!matcher->name)
        return WILDCAM_ERR_NOMEM;
    memcpy(matcher->name, name, length);
    matcher->is_name = strcmp(matcher->name, "__name__") == 0;
    matcher->is_le = strcmp(matcher->name, "le") == 0;
    matchers->count++;
    *out = matcher;
    return WILDCAM_OK;
}

static wildcam_status compile(const struct parser *parser, struct wci_matcher *matcher)
{
    wildcam_status status = wci_regex_new(wci_text_get(&matcher->value), &matcher->regex);
    if (status == WILDCAM_ERR_INVALID)
        wci_error_prefix("the selector %.200s, label %.80s", parser->text, matcher->name);
    return status;
}

static wildcam_status set_value(const struct parser *parser, struct wci_matcher *matcher,
                                bool is_regex)
{
    if (is_regex)
        return compile(parser, matcher);
    wci_label_value(wci_text_get(&matcher->value), &matcher->escaped);
    return matcher->escaped.failed ? wci_fail_memory() : WILDCAM_OK;
}

static wildcam_status parse_operator(struct parser *parser, bool *is_negated, bool *is_regex)
{
    skip_space(parser);
    const char *at = parser->at;
    *is_negated = at[0] == '!';
    *is_regex = at[0] && at[1] == '~';
    if (at[0] != '=' && !(at[0] == '!' && (at[1] == '=' || at[1] == '~')))
        return fail(parser, "one of = != =~ !~ is missing");
    parser->at += *is_negated || *is_regex ? 2 : 1;
    return WILDCAM_OK;
}

static wildcam_status parse_matcher(struct parser *parser, bool has_name)
{
    struct wci_matcher *matcher;
    bool is_negated, is_regex;
    skip_space(parser);
    size_t length = name_length(parser->at, false);
    if (length == 0)
        return fail(parser, "a label's name is missing");
    wildcam_status status = add_matcher(parser, parser->at, length, &matcher);
    if (!matcher)
        return status;
    if (has_name && matcher->is_name)
        return fail(parser, "the name is said twice");
    parser->at += length;
    status = parse_operator(parser, &is_negated, &is_regex);
    matcher->is_negated = is_negated;
    if (status == WILDCAM_OK)
        status = parse_quoted(parser, &matcher->value);
    return status == WILDCAM_OK ? set_value(parser, matcher, is_regex) : status;
}

static wildcam_status parse_name(struct parser *parser, size_t length)
{
    struct wci_matcher *matcher;
    wildcam_status status = add_matcher(parser, "__name__", strlen("__name__"), &matcher);
    if (!matcher)
        return status;
    wci_text_add_bytes(&matcher->value, parser->at, length);
    parser->at += length;
    return matcher->value.failed ? wci_fail_memory() : set_value(parser, matcher, false);
}

/* Behind the brace that opens. A comma may stand before the one that closes. */
static wildcam_status parse_braces(struct parser *parser, bool has_name)
{
    while (!skip(parser, '}')) {
        wildcam_status status = parse_matcher(parser, has_name);
        if (status != WILDCAM_OK)
            return status;
        if (!skip(parser, ',') && *parser->at != '}')
            return fail(parser, "a comma or } is missing");
    }
    return WILDCAM_OK;
}

wildcam_status wci_matchers_parse(const char *text, struct wci_matchers *matchers)
{
    struct parser parser = {.text = text, .at = text, .matchers = matchers};
    wildcam_status status = WILDCAM_OK;
    if (strnlen(text, WCI_SELECTOR_TEXT + 1) > WCI_SELECTOR_TEXT)
        return wci_fail(WILDCAM_ERR_INVALID, "the selector %.60s... has more than %d bytes", text,
                        WCI_SELECTOR_TEXT);
    skip_space(&parser);
    size_t length = name_length(parser.at, true);
    if (length > 0)
        status = parse_name(&parser, length);
    if (status == WILDCAM_OK && skip(&parser, '{'))
        status = parse_braces(&parser, length > 0);
    else if (status == WILDCAM_OK && length == 0)
        status = fail(&parser, "a name or { is missing");
    skip_space(&parser);
    if (status == WILDCAM_OK && *parser.at)
        status = fail(&parser, "nothing may stand behind the selector");
    return status;
}

void wci_matchers_free(struct wci_matchers *matchers)
{
    for (size_t i = 0; i < matchers->count; i++) {
        struct wci_matcher *matcher = &matchers->list[i];
        free(matcher->name);
        wci_regex_free(matcher->regex);
        wci_text_free(&matcher->value);
        wci_text_free(&matcher->escaped);
    }
    free(matchers->list);
    *matchers = (struct wci_matchers){0};
}
