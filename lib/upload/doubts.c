#include "upload/doubts.h"

#include <string.h>

bool wci_doubts_next(const char **at, struct wci_doubt *doubt)
{
    const char *begin = *at + strspn(*at, " ");
    size_t length = strcspn(begin, " ");
    *at = begin + length;
    if (!length)
        return false;
    const char *mark = memchr(begin, '#', length);
    *doubt = (struct wci_doubt){.region = begin, .region_length = length};
    if (mark) {
        doubt->region_length = (size_t)(mark - begin);
        doubt->upload_id = mark + 1;
        doubt->id_length = length - doubt->region_length - 1;
    }
    return true;
}

static bool is_slice(const char *slice, size_t length, const char *text)
{
    return strlen(text) == length && memcmp(slice, text, length) == 0;
}

bool wci_doubt_is_in(const struct wci_doubt *doubt, const char *region)
{
    return is_slice(doubt->region, doubt->region_length, region);
}

int wci_doubt_region(const struct wci_doubt *doubt, const wci_engine *engine)
{
    for (size_t i = 0; i < wci_engine_regions(engine); i++)
        if (wci_doubt_is_in(doubt, wci_engine_region(engine, (int)i)->name))
            return (int)i;
    return -1;
}

static bool is_same(const struct wci_doubt *left, const struct wci_doubt *right)
{
    return left->region_length == right->region_length && left->id_length == right->id_length &&
           !left->upload_id == !right->upload_id &&
           memcmp(left->region, right->region, left->region_length) == 0 &&
           (!left->upload_id || memcmp(left->upload_id, right->upload_id, left->id_length) == 0);
}

static struct wci_doubt make(const char *region, const char *upload_id)
{
    struct wci_doubt doubt = {.region = region, .region_length = strlen(region)};
    if (upload_id && *upload_id) {
        doubt.upload_id = upload_id;
        doubt.id_length = strlen(upload_id);
    }
    return doubt;
}

static void put_in(struct wci_text *doubts, const struct wci_doubt *item)
{
    struct wci_doubt doubt;
    for (const char *at = wci_text_get(doubts); wci_doubts_next(&at, &doubt);)
        if (is_same(&doubt, item))
            return;
    if (doubts->length)
        wci_text_add_char(doubts, ' ');
    wci_text_add_bytes(doubts, item->region, item->region_length);
    if (item->upload_id) {
        wci_text_add_char(doubts, '#');
        wci_text_add_bytes(doubts, item->upload_id, item->id_length);
    }
}

/* The text only gets shorter, so it is rewritten where it stands. */
static void take_out(struct wci_text *doubts, const struct wci_doubt *item)
{
    struct wci_doubt doubt;
    size_t kept = 0;
    if (!doubts->length)
        return;
    for (const char *at = doubts->data; wci_doubts_next(&at, &doubt);) {
        size_t length = (size_t)(at - doubt.region);
        if (is_same(&doubt, item))
            continue;
        if (kept)
            doubts->data[kept++] = ' ';
        memmove(doubts->data + kept, doubt.region, length);
        kept += length;
    }
    doubts->data[kept] = '\0';
    doubts->length = kept;
}

void wci_doubts_add(struct wci_text *doubts, const char *region, const char *upload_id)
{
    const struct wci_doubt item = make(region, upload_id);
    put_in(doubts, &item);
}

void wci_doubts_remove(struct wci_text *doubts, const char *region, const char *upload_id)
{
    const struct wci_doubt item = make(region, upload_id);
    take_out(doubts, &item);
}

void wci_doubts_add_all(struct wci_text *doubts, const char *others)
{
    struct wci_doubt item;
    while (wci_doubts_next(&others, &item))
        put_in(doubts, &item);
}

void wci_doubts_remove_all(struct wci_text *doubts, const char *others)
{
    struct wci_doubt item;
    while (wci_doubts_next(&others, &item))
        take_out(doubts, &item);
}
