#include "store/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

enum { IDS_MAX = 16 * 1024 * 1024 };

static uint64_t hash(int category, const char *text)
{
    uint64_t value = wci_hash_add_text(WCI_HASH_BEGIN ^ (uint64_t)category, text);
    return value ^ value >> 29;
}

wildcam_status wci_names_init(struct wci_names *names)
{
    *names = (struct wci_names){.slot_count = 64};
    names->slots = wci_new_array(names->slot_count, sizeof *names->slots);
    if (!names->slots)
        return WILDCAM_ERR_NOMEM;
    if (pthread_rwlock_init(&names->lock, NULL) == 0)
        return WILDCAM_OK;
    free(names->slots);
    return wci_fail_memory();
}

void wci_names_destroy(struct wci_names *names)
{
    for (size_t i = 0; i < names->slot_count; i++)
        free(names->slots[i]);
    free(names->slots);
    free(names->by_id);
    pthread_rwlock_destroy(&names->lock);
}

/* The slot that holds the name, or the empty one where it belongs. */
static struct wci_name **slot_of(struct wci_name **slots, size_t count, int category,
                                 const char *text)
{
    size_t at = hash(category, text) & (count - 1);
    while (slots[at] && (slots[at]->category != category || strcmp(slots[at]->text, text) != 0))
        at = (at + 1) & (count - 1);
    return &slots[at];
}

const struct wci_name *wci_names_find(struct wci_names *names, int category, const char *text)
{
    pthread_rwlock_rdlock(&names->lock);
    const struct wci_name *found = *slot_of(names->slots, names->slot_count, category, text);
    pthread_rwlock_unlock(&names->lock);
    return found;
}

const struct wci_name *wci_names_at(struct wci_names *names, int64_t id)
{
    const struct wci_name *found = NULL;
    pthread_rwlock_rdlock(&names->lock);
    if (id >= 1 && (uint64_t)id <= names->highest_id)
        found = names->by_id[id];
    pthread_rwlock_unlock(&names->lock);
    return found;
}

static wildcam_status make_room(struct wci_names *names, int64_t id)
{
    size_t before = names->capacity_by_id;
    void *by_id = names->by_id;
    if (wci_reserve(&by_id, &names->capacity_by_id, (size_t)id + 1, sizeof *names->by_id) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    names->by_id = by_id;
    memset(names->by_id + before, 0, (names->capacity_by_id - before) * sizeof *names->by_id);
    if (names->count * 4 < names->slot_count * 3)
        return WILDCAM_OK;
    size_t larger = names->slot_count * 2;
    struct wci_name **slots = wci_new_array(larger, sizeof *slots);
    if (!slots)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; i < names->slot_count; i++)
        if (names->slots[i])
            *slot_of(slots, larger, names->slots[i]->category,
                     names->slots[i]->text) = names->slots[i];
    free(names->slots);
    names->slots = slots;
    names->slot_count = larger;
    return WILDCAM_OK;
}

static wildcam_status add(struct wci_names *names, int64_t id, int category, const char *text,
                          const struct wci_name **out)
{
    *out = *slot_of(names->slots, names->slot_count, category, text);
    if (*out)
        return WILDCAM_OK;
    if (id < 1 || id > IDS_MAX)
        return wci_fail(WILDCAM_ERR_CORRUPT, "the store gives \"%.60s\" the number %lld", text,
                        (long long)id);
    if (make_room(names, id) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    size_t length = strlen(text) + 1;
    struct wci_name *name = wci_new(sizeof *name + length);
    if (!name)
        return WILDCAM_ERR_NOMEM;
    name->id = id;
    name->category = category;
    memcpy(name->text, text, length);
    *slot_of(names->slots, names->slot_count, category, text) = name;
    names->by_id[id] = name;
    if ((uint64_t)id > names->highest_id)
        names->highest_id = (size_t)id;
    names->count++;
    *out = name;
    return WILDCAM_OK;
}

wildcam_status wci_names_add(struct wci_names *names, int64_t id, int category, const char *text,
                             const struct wci_name **out)
{
    pthread_rwlock_wrlock(&names->lock);
    wildcam_status status = add(names, id, category, text, out);
    pthread_rwlock_unlock(&names->lock);
    return status;
}

void wci_names_each(struct wci_names *names, void (*each)(void *user, const struct wci_name *name),
                    void *user)
{
    pthread_rwlock_rdlock(&names->lock);
    size_t highest = names->highest_id;
    pthread_rwlock_unlock(&names->lock);
    for (size_t id = 1; id <= highest; id++) {
        const struct wci_name *name = wci_names_at(names, (int64_t)id);
        if (name)
            each(user, name);
    }
}
