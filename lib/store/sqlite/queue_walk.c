/* Rows that wait for their turn: going through the shards. */
#include "store/sqlite/queue.h"

static wildcam_status pass_over(wci_backend *self, struct wci_shard *shard, wildcam_status status)
{
    if (status == WILDCAM_OK) {
        shard->has_told = false;
        return WILDCAM_OK;
    }
    if (status == WILDCAM_ERR_NOMEM)
        return status;
    if (!wci_shards_set_aside(&self->shards, shard, status) && !shard->has_told) {
        shard->has_told = true;
        wci_log_failure(self->log, WILDCAM_LOG_ERROR, "store",
                        "what waits in a shard, to be uploaded or processed, cannot be seen");
    }
    wci_error_clear();
    return WILDCAM_OK;
}

wildcam_status wci_sqlite_each_owing(wci_backend *self, bool upwards, int64_t at,
                                     wci_sqlite_visit *each, void *user)
{
    bool enough = false;
    while (!enough) {
        struct wci_shard *shard;
        wildcam_status status = wci_shards_step(&self->shards, upwards, at,
                                                upwards ? INT64_MAX : INT64_MIN, &shard);
        if (status != WILDCAM_OK || !shard)
            return status;
        at = upwards ? shard->to : shard->from;
        status = pass_over(self, shard, each(user, shard, &enough));
        wci_shards_give(&self->shards, shard);
        if (status != WILDCAM_OK)
            return status;
    }
    return WILDCAM_OK;
}
