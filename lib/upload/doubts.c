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

static bool is_same(const struct wci_doubt *doubt, const char *region, const char *upload_id)
{
    if (!wci_doubt_is_in(doubt, region))
        return false;
    return upload_id && *upload_id
               ? doubt->upload_id && is_slice(doubt->upload_id, doubt->id_length, upload_id)
               : !doubt->upload_id;
}

void wci_doubts_add(struct wci_text *doubts, const char *region, const char *upload_id)
{
    struct wci_doubt doubt;
    for (const char *at = wci_text_get(doubts); wci_doubts_next(&at, &doubt);)
        if (is_same(&doubt, region, upload_id))
            return;
    if (doubts->length)
        wci_text_add_char(doubts, ' ');
    wci_text_add(doubts, region);
    if (upload_id && *upload_id) {
        wci_text_add_char(doubts, '#');
        wci_text_add(doubts, upload_id);
    }
}

/* The text only gets shorter, so it is rewritten where it stands. */
void wci_doubts_remove(struct wci_text *doubts, const char *region, const char *upload_id)
{
    struct wci_doubt doubt;
    size_t kept = 0;
    if (!doubts->length)
        return;
    for (const char *at = doubts->data; wci_doubts_next(&at, &doubt);) {
        size_t length = (size_t)(at - doubt.region);
        if (is_same(&doubt, region, upload_id))
            continue;
        if (kept)
            doubts->data[kept++] = ' ';
        memmove(doubts->data + kept, doubt.region, length);
        kept += length;
    }
    doubts->data[kept] = '\0';
    doubts->length = kept;
}
