#include "store/sqlite/places.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static wildcam_status add(struct wci_places *places, int64_t id, int64_t time, bool moved)
{
    void *list = places->list;
    if (wci_reserve(&list, &places->capacity, places->count + 1, sizeof *places->list) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    places->list = list;
    places->list[places->count++] = (struct wci_place){id, moved ? time : WILDCAM_TIME_NONE};
    return WILDCAM_OK;
}

static wildcam_status read_shard(const struct wci_places_wish *wish, struct wci_shard *shard,
                                 bool moved, const struct wci_place *after, size_t limit,
                                 struct wci_places *out)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wish->ask(wish->user, reader, shard, moved, after, (int64_t)limit, &statement);
    if (status == WILDCAM_OK) {
        wildcam_step step = 0;
        for (size_t got = 0; status == WILDCAM_OK && got < limit; got++) {
            step = wci_database_step(reader, statement);
            if (step != 1)
                break;
            status = add(out, sqlite3_column_int64(statement, 0),
                         sqlite3_column_int64(statement, 1), moved);
        }
        if (status == WILDCAM_OK && step < 0)
            status = step;
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

/* A damaged shard is set aside and passed over, as is one that was purged. */
static wildcam_status leave(const struct wci_places_wish *wish, struct wci_shard *shard,
                            wildcam_status status)
{
    struct wci_shards *shards = &wish->self->shards;
    if (wci_shards_set_aside(shards, shard, status))
        status = WILDCAM_OK;
    wci_shards_give(shards, shard);
    return status;
}

/* Shards that lie wholly before the place have nothing. */
static int64_t begin_at(const struct wci_places_wish *wish, const struct wci_bound *bound)
{
    if (wish->upwards)
        return wci_id_time(bound->id) > wish->from ? wci_id_time(bound->id) : wish->from;
    if (bound->id == INT64_MAX || wci_id_time(bound->id) + WCI_SECOND > wish->to)
        return wish->to;
    return wci_id_time(bound->id) + WCI_SECOND;
}

static wildcam_status gather_in_place(const struct wci_places_wish *wish,
                                      const struct wci_place *after, size_t limit,
                                      struct wci_places *out)
{
    const struct wci_bound bound = wci_place_bound(after, wish->upwards);
    int64_t at = begin_at(wish, &bound);
    while (out->count < limit) {
        struct wci_shard *shard;
        wildcam_status status = wci_shards_step(&wish->self->shards, wish->upwards, at,
                                                wish->upwards ? wish->to : wish->from, &shard);
        if (status != WILDCAM_OK || !shard)
            return status;
        at = wish->upwards ? shard->to : shard->from;
        status = leave(wish, shard, read_shard(wish, shard, false, after, limit - out->count, out));
        if (status != WILDCAM_OK)
            return status;
    }
    return WILDCAM_OK;
}

static int compare_up(const void *left, const void *right)
{
    return wci_place_compare(left, right);
}

static int compare_down(const void *left, const void *right)
{
    return wci_place_compare(right, left);
}

static void sort(const struct wci_places_wish *wish, struct wci_places *places, size_t limit)
{
    if (places->count)
        qsort(places->list, places->count, sizeof *places->list,
              wish->upwards ? compare_up : compare_down);
    places->count = places->count < limit ? places->count : limit;
}

static wildcam_status gather_moved(const struct wci_places_wish *wish,
                                   const struct wci_place *after, size_t limit,
                                   struct wci_places *out)
{
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < wish->moved->count; i++) {
        const struct wci_moved_shard *known = &wish->moved->shards[i];
        struct wci_shard *shard;
        int64_t from, to;
        if (!wci_moved_overlaps(known, wish->from, wish->to) ||
            !wci_shard_span(known->name, &from, &to))
            continue;
        status = wci_shards_take(&wish->self->shards, from, &shard);
        if (status == WILDCAM_ERR_NOTFOUND) /* purged, or set aside */
            status = WILDCAM_OK;
        else if (status == WILDCAM_OK)
            status = leave(wish, shard, read_shard(wish, shard, true, after, limit, out));
        if (out->count > 2 * limit) /* what is further away than the first `limit` is of no use */
            sort(wish, out, limit);
    }
    sort(wish, out, limit);
    return status;
}

static wildcam_status merge(const struct wci_places_wish *wish, const struct wci_places *moved,
                            size_t limit, struct wci_places *out)
{
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < moved->count; i++)
        status = add(out, moved->list[i].id, moved->list[i].time, true);
    sort(wish, out, limit);
    return status;
}

wildcam_status wci_places_gather(const struct wci_places_wish *wish, const struct wci_place *after,
                                 size_t limit, struct wci_places *out)
{
    struct wci_places moved = {0};
    out->count = 0;
    wildcam_status status = gather_in_place(wish, after, limit, out);
    if (status == WILDCAM_OK)
        status = gather_moved(wish, after, limit, &moved);
    if (status == WILDCAM_OK && moved.count)
        status = merge(wish, &moved, limit, out);
    free(moved.list);
    return status;
}
