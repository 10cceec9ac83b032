#include "store/queue.h"

#include <stdlib.h>

#include "base/memory.h"

enum { ROUNDS = 8 };

wildcam_status wci_queue_claim(const struct wci_queue_claim *claim, size_t limit, size_t *got)
{
    struct wci_queue_ref *found = wci_new_array(limit, sizeof *found);
    wildcam_status status = found ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    *got = 0;
    for (int round = 0; status == WILDCAM_OK && *got < limit && round < ROUNDS; round++) {
        size_t count, taken = 0;
        status = claim->find(claim->user, found, limit - *got, &count);
        if (status != WILDCAM_OK || count == 0)
            break;
        status = claim->take(claim->user, found, count, *got, &taken);
        *got += taken;
        if (taken == count)
            break;
    }
    free(found);
    return status;
}
