/* Regular expressions: compiling them. */
#include "metrics/regex_parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* ---- failing, looking ---- */

void wci_regex_fail(struct wci_regex_parser *parser, const char *words)
{
    if (parser->status == WILDCAM_OK)
        parser->status = wci_fail(WILDCAM_ERR_INVALID, "byte %zu of the regular expression: %s",
                                  (size_t)(parser->at - parser->pattern), words);
}

bool wci_regex_has_failed(const struct wci_regex_parser *parser)
{
    return parser->status != WILDCAM_OK;
}

bool wci_regex_skip(struct wci_regex_parser *parser, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(parser->at, word, length) != 0)
        return false;
    parser->at += length;
    return true;
}

/* ---- emitting ---- */

void wci_regex_emit(struct wci_regex_parser *parser, struct wci_regex_code code)
{
    wci_regex *regex = parser->regex;
    void *array = regex->code;
    if (wci_regex_has_failed(parser))
        return;
    if (regex->count >= WCI_REGEX_CODE) {
        wci_regex_fail(parser, "it is too large, or repeats too much");
        return;
    }
    parser->status = wci_reserve(&array, &regex->capacity, regex->count + 1, sizeof code);
    if (wci_regex_has_failed(parser))
        return;
    regex->code = array;
    regex->code[regex->count++] = code;
}

/* Puts one before those from `at` on. */
static void emit_before(struct wci_regex_parser *parser, size_t at, struct wci_regex_code code)
{
    wci_regex *regex = parser->regex;
    wci_regex_emit(parser, code);
    if (wci_regex_has_failed(parser))
        return;
    memmove(regex->code + at + 1, regex->code + at, (regex->count - at - 1) * sizeof code);
    regex->code[at] = code;
}

static struct wci_regex_code leading(enum wci_regex_op op, ptrdiff_t a, ptrdiff_t b)
{
    return (struct wci_regex_code){.op = (uint8_t)op, .a = (int16_t)a, .b = (int16_t)b};
}

/* ---- the expression ---- */

static void parse_alternatives(struct wci_regex_parser *parser);

/* Behind the parenthesis that opens. */
static void parse_group(struct wci_regex_parser *parser)
{
    if (++parser->depth > WCI_REGEX_DEPTH) {
        wci_regex_fail(parser, "too many parentheses in each other");
        return;
    }
    if (wci_regex_skip(parser, "?P<") ||
        wci_regex_skip(parser, "?<")) { /* a name that nobody asks for */
        parser->at += strcspn(parser->at, ">");
        if (!wci_regex_skip(parser, ">"))
            wci_regex_fail(parser, "a group's name does not end");
    } else if (!wci_regex_skip(parser, "?:") && *parser->at == '?') {
        wci_regex_fail(parser, "flags stand at the begin of the expression, (?i) and (?s)");
    }
    parse_alternatives(parser);
    if (!wci_regex_skip(parser, ")"))
        wci_regex_fail(parser, "a parenthesis is not closed");
    parser->depth--;
}

static void parse_atom(struct wci_regex_parser *parser)
{
    uint32_t character;
    size_t first = parser->regex->range_count;
    if (wci_regex_skip(parser, "(")) {
        parse_group(parser);
    } else if (wci_regex_skip(parser, "[")) {
        wci_regex_parse_brackets(parser);
    } else if (wci_regex_skip(parser, ".")) {
        wci_regex_emit_set(parser, first, true); /* anything, newlines too */
    } else if (wci_regex_skip(parser, "^")) {
        wci_regex_emit(parser, leading(WCI_REGEX_BEGIN, 0, 0));
    } else if (wci_regex_skip(parser, "$")) {
        wci_regex_emit(parser, leading(WCI_REGEX_END, 0, 0));
    } else if (strchr("*+?", *parser->at)) {
        wci_regex_fail(parser, "there is nothing to repeat");
    } else if (wci_regex_parse_class_escape(parser)) {
        wci_regex_emit_set(parser, first, false);
    } else if (wci_regex_skip(parser, "\\")) {
        wci_regex_emit_character(parser, wci_regex_parse_escape(parser));
    } else {
        parser->at += wci_regex_character(parser->at, strlen(parser->at), &character);
        wci_regex_emit_character(parser, character);
    }
}

static bool parse_number(const char **at, int *number)
{
    *number = 0;
    if (**at < '0' || **at > '9')
        return false;
    for (; **at >= '0' && **at <= '9'; ++*at)
        if (*number <= WCI_REGEX_REPEATS)
            *number = *number * 10 + (**at - '0');
    return true;
}

/* {2}, {2,} or {2,3}; anything else is a brace like another character. -1 for no end. */
static bool parse_braces(struct wci_regex_parser *parser, int *least, int *most)
{
    const char *at = parser->at + 1;
    if (*parser->at != '{' || !parse_number(&at, least))
        return false;
    *most = *least;
    if (*at == ',') {
        at++;
        if (!parse_number(&at, most))
            *most = -1;
    }
    if (*at != '}')
        return false;
    if (*least > WCI_REGEX_REPEATS || *most > WCI_REGEX_REPEATS || (*most >= 0 && *most < *least))
        wci_regex_fail(parser, "these repetitions are too many, or the wrong way round");
    parser->at = at + 1;
    return true;
}

static bool parse_repetition(struct wci_regex_parser *parser, int *least, int *most)
{
    *least = 0;
    *most = -1;
    if (wci_regex_skip(parser, "*"))
        return true;
    if (wci_regex_skip(parser, "+")) {
        *least = 1;
        return true;
    }
    if (wci_regex_skip(parser, "?")) {
        *most = 1;
        return true;
    }
    return parse_braces(parser, least, most);
}

static void emit_all(struct wci_regex_parser *parser, const struct wci_regex_code *code,
                     size_t count)
{
    for (size_t i = 0; i < count; i++)
        wci_regex_emit(parser, code[i]);
}

/* Writes what was emitted from `begin` on as often as it is wanted; `most` is -1 for no end. */
static void repeat(struct wci_regex_parser *parser, size_t begin, int least, int most)
{
    wci_regex *regex = parser->regex;
    size_t count = regex->count - begin;
    ptrdiff_t length = (ptrdiff_t)count;
    if (count == 0)
        return; /* nothing, however often */
    struct wci_regex_code *atom = wci_copy_bytes(regex->code + begin, count * sizeof *atom);
    if (!atom) {
        parser->status = WILDCAM_ERR_NOMEM;
        return;
    }
    regex->count = begin;
    for (int i = 0; i < least; i++)
        emit_all(parser, atom, count);
    for (int i = least; i < most; i++) {
        wci_regex_emit(parser, leading(WCI_REGEX_SPLIT, 1, length + 1));
        emit_all(parser, atom, count);
    }
    if (most < 0 && least > 0) {
        wci_regex_emit(parser, leading(WCI_REGEX_SPLIT, -length, 1));
    } else if (most < 0) {
        wci_regex_emit(parser, leading(WCI_REGEX_SPLIT, 1, length + 2));
        emit_all(parser, atom, count);
        wci_regex_emit(parser, leading(WCI_REGEX_JUMP, -length - 1, 0));
    }
    free(atom);
}

static void parse_sequence(struct wci_regex_parser *parser)
{
    int least, most;
    while (!wci_regex_has_failed(parser) && *parser->at && *parser->at != '|' &&
           *parser->at != ')') {
        size_t begin = parser->regex->count;
        parse_atom(parser);
        if (wci_regex_has_failed(parser) || !parse_repetition(parser, &least, &most))
            continue;
        wci_regex_skip(parser, "?"); /* lazy or not, the whole matches or does not */
        if (!wci_regex_has_failed(parser))
            repeat(parser, begin, least, most);
        const char *again = parser->at;
        if (!wci_regex_has_failed(parser) && parse_repetition(parser, &least, &most)) {
            parser->at = again;
            wci_regex_fail(parser, "what is repeated is repeated already");
        }
    }
}

static void parse_alternatives(struct wci_regex_parser *parser)
{
    wci_regex *regex = parser->regex;
    size_t begin = regex->count;
    parse_sequence(parser);
    while (!wci_regex_has_failed(parser) && *parser->at == '|') {
        size_t left = regex->count - begin;
        parser->at++;
        emit_before(parser, begin, leading(WCI_REGEX_SPLIT, 1, (ptrdiff_t)left + 2));
        size_t jump = regex->count;
        wci_regex_emit(parser, leading(WCI_REGEX_JUMP, 0, 0));
        parse_sequence(parser);
        if (!wci_regex_has_failed(parser))
            regex->code[jump].a = (int16_t)(regex->count - jump);
    }
}

static void parse(struct wci_regex_parser *parser)
{
    while (!wci_regex_has_failed(parser) && strncmp(parser->at, "(?", 2) == 0) {
        size_t flags = strspn(parser->at + 2, "is");
        if (flags == 0 || parser->at[2 + flags] != ')')
            break;
        if (memchr(parser->at + 2, 'i', flags))
            parser->regex->ignores_case = true;
        parser->at += flags + 3;
    }
    parse_alternatives(parser);
    if (*parser->at == ')')
        wci_regex_fail(parser, "a parenthesis is closed that was not opened");
    wci_regex_emit(parser, leading(WCI_REGEX_DONE, 0, 0));
}

static wildcam_status make_lists(wci_regex *regex)
{
    for (int i = 0; i < 2; i++)
        regex->lists[i] = wci_new_array(regex->count, sizeof *regex->lists[i]);
    regex->stack = wci_new_array(regex->count * 2 + 2, sizeof *regex->stack);
    regex->marks = wci_new_array(regex->count, sizeof *regex->marks);
    bool is_whole = regex->lists[0] && regex->lists[1] && regex->stack && regex->marks;
    return is_whole ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

wildcam_status wci_regex_new(const char *pattern, wci_regex **out)
{
    wci_regex *regex = wci_new(sizeof *regex);
    struct wci_regex_parser parser = {.regex = regex, .pattern = pattern, .at = pattern};
    if (!regex)
        return WILDCAM_ERR_NOMEM;
    parse(&parser);
    if (parser.status == WILDCAM_OK)
        parser.status = make_lists(regex);
    if (parser.status == WILDCAM_OK)
        *out = regex;
    else
        wci_regex_free(regex);
    return parser.status;
}

void wci_regex_free(wci_regex *regex)
{
    if (!regex)
        return;
    free(regex->code);
    free(regex->ranges);
    free(regex->lists[0]);
    free(regex->lists[1]);
    free(regex->stack);
    free(regex->marks);
    free(regex);
}
