/* Regular expressions: sets of characters. */
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "metrics/regex_parse.h"

enum { LAST_CHARACTER = 0x10ffff };

size_t wci_regex_character(const char *text, size_t length, uint32_t *character)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t size = wci_utf8_character(text, length);
    *character = bytes[0];
    if (size > 1)
        *character &= 0x7fU >> size;
    for (size_t i = 1; i < size; i++)
        *character = *character << 6 | (bytes[i] & 0x3fU);
    return size ? size : 1;
}

static void add_range(struct wci_regex_parser *parser, uint32_t low, uint32_t high)
{
    wci_regex *regex = parser->regex;
    void *array = regex->ranges;
    if (wci_regex_has_failed(parser))
        return;
    parser->status = wci_reserve(&array, &regex->range_capacity, regex->range_count + 1,
                                 sizeof *regex->ranges);
    if (wci_regex_has_failed(parser))
        return;
    regex->ranges = array;
    regex->ranges[regex->range_count++] = (struct wci_regex_range){low, high};
}

/* Takes in the other case of the letters of a range, too. */
static void add_cases(struct wci_regex_parser *parser, uint32_t low, uint32_t high)
{
    add_range(parser, low, high);
    if (!parser->regex->ignores_case)
        return;
    for (int shift = -32; shift <= 32; shift += 64) {
        uint32_t first = shift > 0 ? 'A' : 'a', last = first + 25;
        uint32_t from = low > first ? low : first, to = high < last ? high : last;
        if (from <= to)
            add_range(parser, from + (uint32_t)shift, to + (uint32_t)shift);
    }
}

void wci_regex_emit_set(struct wci_regex_parser *parser, size_t first_range, bool is_negated)
{
    wci_regex_emit(parser, (struct wci_regex_code){
                               .op = WCI_REGEX_SET,
                               .is_negated = is_negated,
                               .ranges = (uint32_t)first_range,
                               .count = (uint32_t)(parser->regex->range_count - first_range)});
}

void wci_regex_emit_character(struct wci_regex_parser *parser, uint32_t character)
{
    size_t first = parser->regex->range_count;
    add_cases(parser, character, character);
    wci_regex_emit_set(parser, first, false);
}

/* ---- escapes and classes ---- */

/* The ranges of a class's letter, \d say, or of [:digit:]. */
static bool find_class(const char *name, size_t length, const char **ranges)
{
    static const char *const classes[][2] = {
        {"d", "09"},           {"w", "09AZ__az"},
        {"s", "\t\n\f\r  "},   {"alnum", "09AZaz"},
        {"alpha", "AZaz"},     {"ascii", "\1\x7f"},
        {"blank", "\t\t  "},   {"cntrl", "\1\x1f\x7f\x7f"},
        {"digit", "09"},       {"graph", "!~"},
        {"lower", "az"},       {"print", " ~"},
        {"punct", "!/:@[`{~"}, {"space", "\t\r  "},
        {"upper", "AZ"},       {"word", "09AZ__az"},
        {"xdigit", "09AFaf"},
    };
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (strlen(classes[i][0]) == length && memcmp(classes[i][0], name, length) == 0) {
            *ranges = classes[i][1];
            return true;
        }
    return false;
}

/* Those of a class, or all others. */
static void add_class(struct wci_regex_parser *parser, const char *ranges, bool is_negated)
{
    uint32_t from = 0;
    for (; *ranges; ranges += 2) {
        uint32_t low = (unsigned char)ranges[0], high = (unsigned char)ranges[1];
        if (!is_negated)
            add_cases(parser, low, high);
        else if (from < low)
            add_range(parser, from, low - 1);
        from = high + 1;
    }
    if (is_negated)
        add_range(parser, from, LAST_CHARACTER);
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Behind \x: two digits, or some in braces. */
static uint32_t parse_hex(struct wci_regex_parser *parser)
{
    uint32_t value = 0;
    bool has_braces = wci_regex_skip(parser, "{");
    int digits = 0;
    for (; digits < (has_braces ? 6 : 2) && hex_digit(*parser->at) >= 0; digits++)
        value = value * 16 + (uint32_t)hex_digit(*parser->at++);
    if (digits < (has_braces ? 1 : 2) || (has_braces && !wci_regex_skip(parser, "}")) ||
        value > LAST_CHARACTER)
        wci_regex_fail(parser, "\\x is followed by two digits, or some in braces");
    return value;
}

/* Behind a backslash: a character. */
uint32_t wci_regex_parse_escape(struct wci_regex_parser *parser)
{
    static const char letters[] = "tnrfva", meant[] = "\t\n\r\f\v\a";
    uint32_t character;
    const char *letter = *parser->at ? strchr(letters, *parser->at) : NULL;
    if (wci_regex_skip(parser, "x"))
        return parse_hex(parser);
    if (letter) {
        parser->at++;
        return (unsigned char)meant[letter - letters];
    }
    char c = *parser->at;
    bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (c == '\0' || is_word) {
        wci_regex_fail(parser, "this is not known behind a backslash");
        return 0;
    }
    parser->at += wci_regex_character(parser->at, strlen(parser->at), &character);
    return character;
}

/* \d, \W and so on, at the backslash. */
bool wci_regex_parse_class_escape(struct wci_regex_parser *parser)
{
    const char *ranges;
    char letter = '\0';
    if (parser->at[0] == '\\')
        letter = parser->at[1];
    char lower = letter;
    if (letter == 'D' || letter == 'W' || letter == 'S')
        lower = (char)(letter + 32);
    if (lower == '\0' || !find_class(&lower, 1, &ranges))
        return false;
    add_class(parser, ranges, lower != letter);
    parser->at += 2;
    return true;
}

/* [:alpha:], inside of brackets. */
static bool parse_named_class(struct wci_regex_parser *parser)
{
    const char *ranges, *name = parser->at + 2, *end;
    if (strncmp(parser->at, "[:", 2) != 0 || !(end = strstr(name, ":]")))
        return false;
    bool is_negated = *name == '^';
    name += is_negated;
    if (!find_class(name, (size_t)(end - name), &ranges)) {
        wci_regex_fail(parser, "there is no such class");
        return true;
    }
    add_class(parser, ranges, is_negated);
    parser->at = end + 2;
    return true;
}

static uint32_t parse_member(struct wci_regex_parser *parser)
{
    uint32_t character = 0;
    if (wci_regex_skip(parser, "\\"))
        return wci_regex_parse_escape(parser);
    if (*parser->at == '\0')
        wci_regex_fail(parser, "a bracket is not closed");
    else
        parser->at += wci_regex_character(parser->at, strlen(parser->at), &character);
    return character;
}

static void parse_range(struct wci_regex_parser *parser)
{
    const char *begin = parser->at;
    uint32_t low = parse_member(parser), high = low;
    if (parser->at[0] == '-' && parser->at[1] != ']' && parser->at[1] != '\0') {
        parser->at++;
        high = parse_member(parser);
    }
    if (low > high) {
        parser->at = begin;
        wci_regex_fail(parser, "a range ends before it begins");
    }
    add_cases(parser, low, high);
}

/* Behind the bracket that opens. */
void wci_regex_parse_brackets(struct wci_regex_parser *parser)
{
    size_t first = parser->regex->range_count;
    bool is_negated = wci_regex_skip(parser, "^"), is_first = true;
    for (; !wci_regex_has_failed(parser) && (is_first || *parser->at != ']'); is_first = false)
        if (!parse_named_class(parser) && !wci_regex_parse_class_escape(parser))
            parse_range(parser);
    wci_regex_skip(parser, "]");
    wci_regex_emit_set(parser, first, is_negated);
}
