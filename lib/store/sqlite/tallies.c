#include "store/sqlite/tallies.h"

#include <stdlib.h>

#include "base/memory.h"

wildcam_status wci_tallies_add(struct wci_tallies *tallies, const struct wci_tally *tally, int sign)
{
    void *list = tallies->list;
    if (wci_reserve(&list, &tallies->capacity, tallies->count + 1, sizeof *tallies->list) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    tallies->list = list;
    tallies->list[tallies->count].tally = *tally;
    tallies->list[tallies->count++].sign = sign;
    return WILDCAM_OK;
}

wildcam_status wci_tallies_count(const struct wci_tallies *tallies, struct wci_deltas *deltas)
{
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < tallies->count; i++)
        status = wci_deltas_add(deltas, &tallies->list[i].tally, tallies->list[i].sign);
    return status;
}

void wci_tallies_free(struct wci_tallies *tallies)
{
    free(tallies->list);
    *tallies = (struct wci_tallies){0};
}
