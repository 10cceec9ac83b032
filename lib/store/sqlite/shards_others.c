/* Whether others than this process's writer have changed shards. */
#include "base/calendar.h"
#include "store/sqlite/shards.h"

/* A connection that came to be open is closed with the shard's others. */
static void note_open(struct wci_shards *shards, struct wci_shard *shard)
{
    pthread_mutex_lock(&shards->mutex);
    shards->open_count += !shard->is_open;
    shard->is_open = true;
    shard->last_used = wci_calendar_monotonic();
    pthread_mutex_unlock(&shards->mutex);
}

wildcam_status wci_shards_count_others(struct wci_shards *shards, int64_t from, int64_t to,
                                       int64_t *others, bool *is_sure)
{
    struct wci_shard *shard;
    *is_sure = true;
    *others = 0;
    for (;;) {
        bool is_list_sure;
        struct wci_pool_others found;
        wildcam_status status = wci_shards_step_to_look(shards, from, to, &shard, &is_list_sure);
        *is_sure = *is_sure && is_list_sure;
        if (status != WILDCAM_OK)
            return status;
        if (!shard)
            break;
        from = shard->to;
        status = wci_pool_count_others(&shard->pool, &found);
        if (found.is_open)
            note_open(shards, shard);
        /* That one went is counted when the list is read again. */
        bool is_gone = wci_shards_is_gone(shard, status);
        wci_shards_give(shards, shard);
        if (status != WILDCAM_OK && !is_gone)
            return status;
        *others += found.count;
        *is_sure = *is_sure && found.is_sure && !is_gone;
    }
    pthread_mutex_lock(&shards->mutex);
    *others += shards->others;
    pthread_mutex_unlock(&shards->mutex);
    return WILDCAM_OK;
}
