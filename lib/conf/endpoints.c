#include "conf/endpoints.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static struct wci_endpoint *find(const struct wci_endpoints *endpoints, const char *region)
{
    for (size_t i = 0; i < endpoints->count; i++)
        if (strcmp(endpoints->all[i].region, region) == 0)
            return &endpoints->all[i];
    return NULL;
}

const char *wci_endpoints_get(const struct wci_endpoints *endpoints, const char *region)
{
    const struct wci_endpoint *found = find(endpoints, region);
    return found ? found->address : "";
}

static void take_away(struct wci_endpoints *endpoints, struct wci_endpoint *endpoint)
{
    free(endpoint->address);
    *endpoint = endpoints->all[--endpoints->count];
}

wildcam_status wci_endpoints_set(struct wci_endpoints *endpoints, const char *region,
                                 const char *address)
{
    struct wci_endpoint *found = find(endpoints, region);
    if (*address == '\0') {
        if (found)
            take_away(endpoints, found);
        return WILDCAM_OK;
    }
    if (!found && wci_reserve((void **)&endpoints->all, &endpoints->capacity, endpoints->count + 1,
                              sizeof *found) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    char *copy = wci_copy_text(address);
    if (!copy)
        return WILDCAM_ERR_NOMEM;
    if (!found) {
        found = &endpoints->all[endpoints->count++];
        *found = (struct wci_endpoint){0};
        snprintf(found->region, sizeof found->region, "%s", region);
    }
    free(found->address);
    found->address = copy;
    return WILDCAM_OK;
}

wildcam_status wci_endpoints_copy(const struct wci_endpoints *endpoints, struct wci_endpoints *to)
{
    wildcam_status status = WILDCAM_OK;
    *to = (struct wci_endpoints){0};
    for (size_t i = 0; status == WILDCAM_OK && i < endpoints->count; i++)
        status = wci_endpoints_set(to, endpoints->all[i].region, endpoints->all[i].address);
    if (status != WILDCAM_OK)
        wci_endpoints_free(to);
    return status;
}

void wci_endpoints_free(struct wci_endpoints *endpoints)
{
    for (size_t i = 0; i < endpoints->count; i++)
        free(endpoints->all[i].address);
    free(endpoints->all);
    *endpoints = (struct wci_endpoints){0};
}
