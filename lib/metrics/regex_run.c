/* Regular expressions: following all ways through one at once, a character at a time. */
#include <string.h>

#include "metrics/regex.h"

static bool is_in_set(const wci_regex *regex, const struct wci_regex_code *code, uint32_t character)
{
    const struct wci_regex_range *range = regex->ranges + code->ranges;
    for (uint32_t i = 0; i < code->count; i++)
        if (character >= range[i].low && character <= range[i].high)
            return !code->is_negated;
    return code->is_negated;
}

/* Puts an instruction on a list with all that can be reached from there without a character. */
static bool follow(wci_regex *regex, int list, size_t from, bool is_begin, bool is_end)
{
    size_t depth = 0;
    bool is_done = false;
    regex->stack[depth++] = (uint16_t)from;
    while (depth > 0) {
        uint16_t at = regex->stack[--depth];
        const struct wci_regex_code *code = &regex->code[at];
        if (regex->marks[at] == regex->mark)
            continue;
        regex->marks[at] = regex->mark;
        regex->steps++;
        switch (code->op) {
        case WCI_REGEX_SET:
            regex->lists[list][regex->lengths[list]++] = at;
            break;
        case WCI_REGEX_SPLIT:
            regex->stack[depth++] = (uint16_t)(at + code->b);
            regex->stack[depth++] = (uint16_t)(at + code->a);
            break;
        case WCI_REGEX_JUMP:
            regex->stack[depth++] = (uint16_t)(at + code->a);
            break;
        case WCI_REGEX_BEGIN:
        case WCI_REGEX_END:
            if (code->op == WCI_REGEX_BEGIN ? is_begin : is_end)
                regex->stack[depth++] = (uint16_t)(at + 1);
            break;
        default:
            is_done = true;
        }
    }
    return is_done;
}

/* Marks are told from old ones by their number. */
static void begin_list(wci_regex *regex, int list)
{
    if (++regex->mark == 0) {
        memset(regex->marks, 0, regex->count * sizeof *regex->marks);
        regex->mark = 1;
    }
    regex->lengths[list] = 0;
}

bool wci_regex_match(wci_regex *regex, const char *text, size_t length)
{
    int now = 0;
    uint32_t character;
    begin_list(regex, now);
    bool is_done = follow(regex, now, 0, true, length == 0);
    for (size_t at = 0; at < length && regex->lengths[now] > 0; now = 1 - now) {
        at += wci_regex_character(text + at, length - at, &character);
        begin_list(regex, 1 - now);
        is_done = false;
        for (size_t i = 0; i < regex->lengths[now]; i++) {
            uint16_t here = regex->lists[now][i];
            regex->steps += 1 + regex->code[here].count;
            if (is_in_set(regex, &regex->code[here], character))
                is_done |= follow(regex, 1 - now, here + 1U, false, at == length);
        }
        if (at == length)
            return is_done;
    }
    return length == 0 && is_done;
}
