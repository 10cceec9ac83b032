/* Pictures' rows in the order of their times, the moved ones among the others. */
#include <stdlib.h>

#include "store/sqlite/places.h"

enum { PAGE = 128 };

struct timed {
    int64_t from, to;
    wildcam_status (*each)(void *user, const wildcam_image *image);
    void *user;
};

static wildcam_status pass_on(void *user, const wildcam_image *image)
{
    const struct timed *timed = user;
    return image->time >= timed->from && image->time < timed->to ? timed->each(timed->user, image)
                                                                 : WILDCAM_OK;
}

static wildcam_status ask_in_place(struct wci_database *reader, const struct wci_shard *shard,
                                   const struct timed *timed, const struct wci_bound *bound,
                                   sqlite3_stmt **out)
{
    wildcam_status status = wci_database_prepare(
        reader, 0,
        "SELECT id, captured_at FROM images WHERE id>=?1 AND id<?2"
        " AND id>>21=captured_at/1000000 AND captured_at>=?3 AND captured_at<?4"
        " ORDER BY id LIMIT ?5",
        out);
    if (status != WILDCAM_OK)
        return status;
    int64_t from = timed->from > shard->from ? timed->from : shard->from;
    int64_t to = timed->to < shard->to ? timed->to : shard->to;
    int64_t first = wci_id_second(wci_id_at(from));
    sqlite3_bind_int64(*out, 1, bound->id > first ? bound->id : first);
    sqlite3_bind_int64(*out, 2, wci_id_second(wci_id_at(to - 1)) + WCI_IDS_PER_SECOND);
    sqlite3_bind_int64(*out, 3, from);
    sqlite3_bind_int64(*out, 4, to);
    return WILDCAM_OK;
}

static wildcam_status ask_moved(struct wci_database *reader, const struct timed *timed,
                                const struct wci_bound *bound, sqlite3_stmt **out)
{
    wildcam_status status = wci_database_prepare(
        reader, 0,
        "SELECT id, captured_at FROM images INDEXED BY idx_images_moved"
        " WHERE id>>21<>captured_at/1000000 AND (captured_at<>?1 OR id>=?2)"
        " AND captured_at>=?3 AND captured_at<?4 ORDER BY captured_at, id LIMIT ?5",
        out);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(*out, 1, bound->moved_time);
    sqlite3_bind_int64(*out, 2, bound->moved_id);
    sqlite3_bind_int64(*out, 3, bound->moved_time > timed->from ? bound->moved_time : timed->from);
    sqlite3_bind_int64(*out, 4, timed->to);
    return WILDCAM_OK;
}

static wildcam_status ask(void *user, struct wci_database *reader, const struct wci_shard *shard,
                          bool moved, const struct wci_place *after, int64_t limit,
                          sqlite3_stmt **out)
{
    const struct wci_bound bound = wci_place_bound(after, true);
    wildcam_status status = moved ? ask_moved(reader, user, &bound, out)
                                  : ask_in_place(reader, shard, user, &bound, out);
    if (status == WILDCAM_OK)
        sqlite3_bind_int64(*out, 5, limit);
    return status;
}

static wildcam_status hand_out(wci_backend *self, struct timed *timed,
                               const struct wci_place *place)
{
    wildcam_image image;
    wci_image_init(&image);
    wildcam_status status = wci_sqlite_get_image(self, place->id, &image);
    if (status == WILDCAM_OK)
        status = pass_on(timed, &image);
    else if (status == WILDCAM_ERR_NOTFOUND) /* gone since its place was found */
        status = WILDCAM_OK;
    wci_image_release(&image);
    return status;
}

static wildcam_status each_merged(wci_backend *self, struct timed *timed,
                                  const struct wci_moved *moved)
{
    const struct wci_places_wish wish = {.self = self,
                                         .moved = moved,
                                         .from = timed->from,
                                         .to = timed->to,
                                         .upwards = true,
                                         .ask = ask,
                                         .user = timed};
    struct wci_places places = {0};
    struct wci_place at = {0, WILDCAM_TIME_NONE};
    wildcam_status status;
    do {
        status = wci_places_gather(&wish, &at, PAGE, &places);
        for (size_t i = 0; status == WILDCAM_OK && i < places.count; i++) {
            at = places.list[i];
            status = hand_out(self, timed, &at);
        }
    } while (status == WILDCAM_OK && places.count == PAGE);
    free(places.list);
    return status;
}

wildcam_status wci_sqlite_each_image(wci_backend *self, int64_t from, int64_t to,
                                     wildcam_status (*each)(void *user, const wildcam_image *image),
                                     void *user)
{
    struct timed timed = {from, to, each, user};
    struct wci_moved moved;
    wildcam_status status = wci_moved_read(&self->catalog, &moved);
    if (status != WILDCAM_OK)
        return status;
    status = wci_moved_any(&moved, from, to)
                 ? each_merged(self, &timed, &moved)
                 : wci_sqlite_walk_images(self, from, to, pass_on, &timed);
    wci_moved_free(&moved);
    return status;
}
