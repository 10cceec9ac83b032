#include "process/class_names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "model/check.h"

static wildcam_status check_name(const char *name, size_t number)
{
    if (!*name)
        return wci_fail(WILDCAM_ERR_INVALID, "class %zu has no name", number);
    wildcam_status status = wci_check_text("the name", name, WCI_SPECIES_MAX, false);
    if (status != WILDCAM_OK)
        wci_error_prefix("class %zu", number);
    return status;
}

/* Takes the text over, as the name of the class of that number. */
static wildcam_status put(struct wci_class_names *names, size_t number, struct wci_text *text)
{
    if (number >= WCI_CLASSES_MOST)
        return wci_fail(WILDCAM_ERR_TOOLARGE, "there are more than %d classes", WCI_CLASSES_MOST);
    wildcam_status status = check_name(wci_text_get(text), number);
    void *list = names->list;
    size_t before = names->capacity;
    if (status != WILDCAM_OK)
        return status;
    if (wci_reserve(&list, &names->capacity, number + 1, sizeof *names->list) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    names->list = list;
    for (size_t i = before; i < names->capacity; i++)
        names->list[i] = NULL;
    if (names->list[number])
        return wci_fail(WILDCAM_ERR_INVALID, "class %zu has two names", number);
    names->list[number] = wci_text_take(text);
    if (number >= names->count)
        names->count = number + 1;
    return names->list[number] ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

wildcam_status wci_class_names_from_lines(const char *text, struct wci_class_names *names)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    wildcam_status status = WILDCAM_OK;
    if (strncmp(text, byte_order_mark, strlen(byte_order_mark)) == 0)
        text += strlen(byte_order_mark);
    size_t length = strlen(text);
    *names = (struct wci_class_names){0};
    while (length && strchr(" \t\r\n", text[length - 1]))
        length--;
    for (const char *at = text, *end = text + length; status == WILDCAM_OK && at < end;) {
        struct wci_text name = {0};
        size_t line = strcspn(at, "\n"), next;
        if (line > (size_t)(end - at))
            line = (size_t)(end - at);
        next = line + 1;
        while (line && strchr(" \t\r", at[line - 1]))
            line--;
        size_t blanks = strspn(at, " \t\r");
        if (blanks > line)
            blanks = line;
        status = wci_text_set(&name, at + blanks, line - blanks);
        if (status == WILDCAM_OK)
            status = put(names, names->count, &name);
        wci_text_free(&name);
        at += next;
    }
    if (status == WILDCAM_OK && names->count == 0)
        status = wci_fail(WILDCAM_ERR_INVALID, "it has no name");
    if (status != WILDCAM_OK)
        wci_class_names_free(names);
    return status;
}

/* ---- as models carry them ---- */

static void skip_blanks(const char **at)
{
    *at += strspn(*at, " \t\r\n");
}

static bool take(const char **at, char wanted)
{
    skip_blanks(at);
    if (**at != wanted)
        return false;
    ++*at;
    return true;
}

static wildcam_status fail_form(const char *at)
{
    return wci_fail(WILDCAM_ERR_INVALID,
                    "the names in the model are not of the form {0: 'one', 1: 'two'}, at \"%.20s\"",
                    at);
}

/* A number, which JSON has in quotes. */
static bool take_number(const char **at, size_t *number)
{
    bool is_quoted = take(at, '"') || take(at, '\'');
    size_t digits = strspn(*at, "0123456789");
    *number = 0;
    if (digits == 0 || digits > 6)
        return false;
    for (size_t i = 0; i < digits; i++)
        *number = *number * 10 + (size_t)((*at)[i] - '0');
    *at += digits;
    return !is_quoted || take(at, '"') || take(at, '\'');
}

static bool take_quoted(const char **at, struct wci_text *name)
{
    skip_blanks(at);
    char quote = **at;
    if (quote != '\'' && quote != '"')
        return false;
    for (++*at; **at && **at != quote; ++*at) {
        if (**at == '\\' && (*at)[1])
            ++*at;
        wci_text_add_char(name, **at);
    }
    return take(at, quote);
}

static wildcam_status read_pairs(const char *at, struct wci_class_names *names)
{
    if (!take(&at, '{'))
        return fail_form(at);
    do {
        struct wci_text name = {0};
        size_t number;
        wildcam_status status = WILDCAM_OK;
        if (!take_number(&at, &number) || !take(&at, ':') || !take_quoted(&at, &name))
            status = fail_form(at);
        if (status == WILDCAM_OK)
            status = name.failed ? wci_fail_memory() : put(names, number, &name);
        wci_text_free(&name);
        if (status != WILDCAM_OK)
            return status;
    } while (take(&at, ','));
    return take(&at, '}') ? WILDCAM_OK : fail_form(at);
}

wildcam_status wci_class_names_from_model(const char *text, struct wci_class_names *names)
{
    *names = (struct wci_class_names){0};
    wildcam_status status = read_pairs(text, names);
    for (size_t i = 0; status == WILDCAM_OK && i < names->count; i++)
        if (!names->list[i])
            status = wci_fail(WILDCAM_ERR_INVALID, "the model has no name for class %zu", i);
    if (status != WILDCAM_OK)
        wci_class_names_free(names);
    return status;
}

void wci_class_names_free(struct wci_class_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->list[i]);
    free(names->list);
    *names = (struct wci_class_names){0};
}
