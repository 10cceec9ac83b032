#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static bool make_room(struct wci_text *text, size_t more)
{
    size_t needed;
    if (text->failed)
        return false;
    if (__builtin_add_overflow(text->length + 1, more, &needed)) {
        wci_fail_memory();
        text->failed = true;
        return false;
    }
    void *data = text->data;
    if (wci_reserve(&data, &text->capacity, needed, 1) != WILDCAM_OK)
        text->failed = true;
    text->data = data;
    return !text->failed;
}

char *wci_text_room(struct wci_text *text, size_t most)
{
    return make_room(text, most) ? text->data + text->length : NULL;
}

void wci_text_grow(struct wci_text *text, size_t length)
{
    text->length += length;
    text->data[text->length] = '\0';
}

void wci_text_add_bytes(struct wci_text *text, const char *bytes, size_t length)
{
    char *room = wci_text_room(text, length);
    if (!room)
        return;
    memcpy(room, bytes, length);
    wci_text_grow(text, length);
}

void wci_text_add(struct wci_text *text, const char *words)
{
    wci_text_add_bytes(text, words, strlen(words));
}

void wci_text_add_char(struct wci_text *text, char character)
{
    wci_text_add_bytes(text, &character, 1);
}

void wci_text_add_format(struct wci_text *text, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length >= 0 && make_room(text, (size_t)length)) {
        vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void wci_text_empty(struct wci_text *text)
{
    text->length = 0;
    text->failed = false;
    if (text->data)
        text->data[0] = '\0';
}

void wci_text_free(struct wci_text *text)
{
    free(text->data);
    *text = (struct wci_text){0};
}

const char *wci_text_get(const struct wci_text *text)
{
    return text->data ? text->data : "";
}

char *wci_text_take(struct wci_text *text)
{
    if (!text->data)
        wci_text_add_bytes(text, "", 0);
    if (text->failed) {
        wci_text_free(text);
        wci_fail_memory();
        return NULL;
    }
    char *data = text->data;
    *text = (struct wci_text){0};
    return data;
}

wildcam_status wci_text_set(struct wci_text *text, const char *words, size_t length)
{
    void *data = text->data;
    if (wci_reserve(&data, &text->capacity, length + 1, 1) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    text->data = data;
    memcpy(text->data, words, length);
    text->data[length] = '\0';
    text->length = length;
    return WILDCAM_OK;
}

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool wci_words_match(const char *left, const char *right)
{
    while (*left && lower(*left) == lower(*right)) {
        left++;
        right++;
    }
    return *left == '\0' && *right == '\0';
}
