/* How many rows a shard has and what it owes, as long as its file does not change. */
#include <sys/stat.h>

#include "base/calendar.h"
#include "store/sqlite/shards.h"

/* While there is something in the log no time tells what the file holds: a commit shows once its
 * fsync is done, which may be long after the last write. */
static bool look(const struct wci_shard *shard, struct wci_shard_times *times)
{
    char wal[WCI_PATH];
    struct stat file = {0}, wal_file;
    *times = (struct wci_shard_times){0};
    if (wci_path(wal, "%s-wal", shard->pool.path) != WILDCAM_OK ||
        (stat(wal, &wal_file) == 0 && wal_file.st_size > 0) || stat(shard->pool.path, &file) != 0)
        return false;
    times->changed = file.st_mtim;
    times->is_settled = wci_file_age(&file.st_mtim) > WCI_CLOCK_GRAIN;
    return true;
}

static bool is_as_noted(const struct timespec *noted, const struct wci_shard_times *times)
{
    return noted->tv_sec && wci_file_same_time(noted, &times->changed);
}

bool wci_shard_total(struct wci_shards *shards, const struct wci_shard *shard, int64_t *total,
                     struct wci_shard_times *noting)
{
    if (!look(shard, noting))
        return false;
    pthread_mutex_lock(&shards->mutex);
    bool is_known = is_as_noted(&shard->total_changed, noting);
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

void wci_shard_news(struct wci_shards *shards, const struct wci_shard *shard,
                    enum wci_queue_name queue, struct wci_queue_news *news,
                    struct wci_shard_times *noting)
{
    *news = (struct wci_queue_news){0};
    if (!look(shard, noting))
        return;
    pthread_mutex_lock(&shards->mutex);
    if (is_as_noted(&shard->news_changed[queue], noting))
        *news = shard->news[queue];
    pthread_mutex_unlock(&shards->mutex);
}

void wci_shard_note_news(struct wci_shards *shards, struct wci_shard *shard,
                         enum wci_queue_name queue, const struct wci_queue_news *news,
                         const struct wci_shard_times *times)
{
    if (!times->is_settled)
        return;
    pthread_mutex_lock(&shards->mutex);
    shard->news[queue] = *news;
    shard->news_changed[queue] = times->changed;
    pthread_mutex_unlock(&shards->mutex);
}

bool wci_shard_tally(struct wci_shards *shards, const struct wci_shard *shard,
                     enum wci_queue_name queue, struct wci_queue_figures *figures)
{
    int64_t owed = 0;
    pthread_mutex_lock(&shards->mutex);
    const struct wci_queue_tally tally = shard->tallies[queue];
    pthread_mutex_unlock(&shards->mutex);
    for (int i = 0; i < WCI_QUEUE_CLASSES; i++) {
        figures[i] = tally.figures[i];
        owed += tally.figures[i].owed;
    }
    return owed >= WCI_TALLY_MANY &&
           wci_calendar_monotonic() - tally.at < WCI_TALLY_LASTS * tally.took;
}

void wci_shard_note_tally(struct wci_shards *shards, struct wci_shard *shard,
                          enum wci_queue_name queue, const struct wci_queue_tally *tally)
{
    pthread_mutex_lock(&shards->mutex);
    shard->tallies[queue] = *tally;
    pthread_mutex_unlock(&shards->mutex);
}
