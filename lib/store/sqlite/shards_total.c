/* How many rows a shard has, as long as its file does not change. */
#include <sys/stat.h>

#include "base/calendar.h"
#include "store/sqlite/shards.h"

/* While there is something in the log no time tells what the file holds: a commit shows once its
 * fsync is done, which may be long after the last write. */
bool wci_shard_total(struct wci_shards *shards, const struct wci_shard *shard, int64_t *total,
                     struct wci_shard_times *noting)
{
    char wal[WCI_PATH];
    struct stat file = {0}, wal_file;
    *noting = (struct wci_shard_times){0};
    if (wci_path(wal, "%s-wal", shard->pool.path) != WILDCAM_OK ||
        (stat(wal, &wal_file) == 0 && wal_file.st_size > 0) || stat(shard->pool.path, &file) != 0)
        return false;
    noting->changed = file.st_mtim;
    noting->is_settled = wci_file_age(&file.st_mtim) > WCI_CLOCK_GRAIN;
    pthread_mutex_lock(&shards->mutex);
    bool is_known = shard->total_changed.tv_sec &&
                    wci_file_same_time(&shard->total_changed, &noting->changed);
    *total = shard->total;
    pthread_mutex_unlock(&shards->mutex);
    return is_known;
}

void wci_shard_note_total(struct wci_shards *shards, struct wci_shard *shard, int64_t total,
                          const struct wci_shard_times *times)
{
    if (!times->is_settled)
        return;
    pthread_mutex_lock(&shards->mutex);
    shard->total = total;
    shard->total_changed = times->changed;
    pthread_mutex_unlock(&shards->mutex);
}
