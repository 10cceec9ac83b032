#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

void *wci_new(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (!memory)
        wci_fail_memory();
    return memory;
}

void *wci_new_array(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1); /* calloc checks the product */
    if (!memory)
        wci_fail_memory();
    return memory;
}

void *wci_new_room(size_t size)
{
    void *memory = malloc(size ? size : 1);
    if (!memory)
        wci_fail_memory();
    return memory;
}

void *wci_resize_array(void *memory, size_t count, size_t size)
{
    size_t bytes;
    void *resized = NULL;
    if (!__builtin_mul_overflow(count, size, &bytes))
        resized = realloc(memory, bytes ? bytes : 1);
    if (!resized)
        wci_fail_memory();
    return resized;
}

char *wci_copy_text(const char *text)
{
    return wci_copy_bytes(text, strlen(text) + 1);
}

void *wci_copy_bytes(const void *bytes, size_t size)
{
    void *copy = wci_new_room(size);
    if (copy && size)
        memcpy(copy, bytes, size);
    return copy;
}

void wci_wipe(void *memory, size_t size)
{
    if (size)
        explicit_bzero(memory, size);
}

void wci_forget(char *text)
{
    if (text)
        wci_wipe(text, strlen(text));
    free(text);
}

int wci_reserve(void **array, size_t *capacity, size_t needed, size_t size)
{
    if (needed <= *capacity)
        return WILDCAM_OK;
    size_t wanted = *capacity < SIZE_MAX / 2 ? *capacity * 2 : SIZE_MAX;
    if (wanted < needed)
        wanted = needed;
    if (wanted < 8)
        wanted = 8;
    void *resized = wci_resize_array(*array, wanted, size);
    if (!resized)
        return WILDCAM_ERR_NOMEM;
    *array = resized;
    *capacity = wanted;
    return WILDCAM_OK;
}

void wildcam_free(void *memory)
{
    free(memory);
}
