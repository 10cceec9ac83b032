/* Pictures' rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/id.h"
#include "store/sqlite/sqlite.h"

enum { PAGE = 128 };

void wci_sqlite_bind_image(sqlite3_stmt *statement, const wildcam_image *image)
{
    sqlite3_bind_int64(statement, 2, image->camera_id);
    sqlite3_bind_int64(statement, 3, image->time);
    wci_bind_offset(statement, 4, image->offset);
    sqlite3_bind_int(statement, 5, image->time_source);
    sqlite3_bind_int64(statement, 6, image->received_at);
    sqlite3_bind_blob(statement, 7, image->sha256, WCI_DIGEST_BYTES, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 8, image->bytes);
    sqlite3_bind_int(statement, 9, image->width);
    sqlite3_bind_int(statement, 10, image->height);
    sqlite3_bind_int(statement, 11, image->orientation);
    sqlite3_bind_int64(statement, 12, image->trailing_bytes);
    wci_bind_text(statement, 13, image->make);
    wci_bind_text(statement, 14, image->model);
    wci_bind_text(statement, 15, image->serial_number);
    wci_bind_real(statement, 16, image->latitude);
    wci_bind_real(statement, 17, image->longitude);
    wci_bind_real(statement, 18, image->altitude);
    wci_bind_real(statement, 19, image->temperature);
    sqlite3_bind_int(statement, 20, image->capture);
    wci_bind_count(statement, 21, image->event_number);
    wci_bind_count(statement, 22, image->sequence_number);
    wci_bind_count(statement, 23, image->sequence_length);
    wci_bind_text(statement, 24, wci_text_get(&image->file_name));
    wci_bind_text(statement, 25, wci_text_get(&image->metadata));
    sqlite3_bind_int(statement, 26, image->favourite);
    wci_bind_time(statement, 27, image->clock_time);
    wci_bind_offset(statement, 28, image->clock_offset);
    wci_bind_count(statement, 29, image->event_id ? image->event_id : -1);
    wci_bind_count(statement, 30, image->event_gap);
}

static void read_short(sqlite3_stmt *row, int column, char *to, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    snprintf(to, size, "%s", text ? text : "");
}

wildcam_status wci_sqlite_read_image_row(wci_backend *self, sqlite3_stmt *row, wildcam_image *image)
{
    const struct wci_name *camera;
    const void *digest = sqlite3_column_blob(row, 6);
    image->id = sqlite3_column_int64(row, 0);
    if (!digest || sqlite3_column_bytes(row, 6) != WCI_DIGEST_BYTES)
        return wci_fail(WILDCAM_ERR_CORRUPT, "picture %lld has no SHA-256", (long long)image->id);
    wci_image_set_digest(image, digest);
    image->camera_id = sqlite3_column_int64(row, 1);
    image->time = sqlite3_column_int64(row, 2);
    image->offset = wci_column_offset(row, 3);
    image->time_source = sqlite3_column_int(row, 4);
    image->received_at = sqlite3_column_int64(row, 5);
    image->bytes = sqlite3_column_int64(row, 7);
    image->width = sqlite3_column_int(row, 8);
    image->height = sqlite3_column_int(row, 9);
    image->orientation = sqlite3_column_int(row, 10);
    image->trailing_bytes = sqlite3_column_int64(row, 11);
    read_short(row, 12, image->make, sizeof image->make);
    read_short(row, 13, image->model, sizeof image->model);
    read_short(row, 14, image->serial_number, sizeof image->serial_number);
    image->latitude = wci_column_real(row, 15);
    image->longitude = wci_column_real(row, 16);
    image->altitude = wci_column_real(row, 17);
    image->temperature = wci_column_real(row, 18);
    image->capture = sqlite3_column_int(row, 19);
    image->event_number = wci_column_count(row, 20);
    image->sequence_number = (int)wci_column_count(row, 21);
    image->sequence_length = (int)wci_column_count(row, 22);
    wildcam_status status = wci_column_text(row, 23, &image->file_name);
    if (status == WILDCAM_OK)
        status = wci_column_text(row, 24, &image->metadata);
    image->favourite = sqlite3_column_int(row, 25) != 0;
    image->clock_time = wci_column_time(row, 26);
    image->clock_offset = wci_column_offset(row, 27);
    image->event_id = sqlite3_column_int64(row, 28);
    image->event_gap = (int)wci_column_count(row, 29);
    image->released_at = wci_column_time(row, 30);
    if (status == WILDCAM_OK)
        status = wci_catalog_camera_at(&self->catalog, image->camera_id, &camera);
    return status == WILDCAM_OK
               ? wci_text_set(&image->device_id, camera->text, strlen(camera->text))
               : status;
}

static wildcam_status get(wci_backend *self, struct wci_shard *shard, int64_t id,
                          wildcam_image *out)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(reader, 0, "SELECT " WCI_IMAGE_COLUMNS " FROM images WHERE id=?",
                                  &statement);
    if (status == WILDCAM_OK) {
        sqlite3_bind_int64(statement, 1, id);
        wildcam_step step = wci_database_step(reader, statement);
        if (step == 1)
            status = wci_sqlite_read_image_row(self, statement, out);
        else
            status = step < 0 ? step : WILDCAM_ERR_NOTFOUND;
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

wildcam_status wci_sqlite_get_image(wci_backend *self, int64_t id, wildcam_image *out)
{
    struct wci_shard *shard;
    wildcam_status status = wci_shards_take(&self->shards, wci_id_time(id), &shard);
    if (status == WILDCAM_OK)
        status = wci_shards_give_after(&self->shards, shard, get(self, shard, id, out));
    return status == WILDCAM_ERR_NOTFOUND ? wci_shards_lack(&self->shards, "picture", id) : status;
}

wildcam_status wci_sqlite_find_image(wci_backend *self, int64_t camera_id,
                                     const unsigned char sha256[WCI_DIGEST_BYTES],
                                     wildcam_image *out)
{
    int64_t id = 0;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_catalog_find_picture(reader, camera_id, sha256, &id);
    wci_pool_give_reader(&self->catalog.pool, reader);
    if (status == WILDCAM_OK && id)
        status = wci_sqlite_get_image(self, id, out);
    if (status != WILDCAM_OK)
        return status;
    if (id && out->camera_id == camera_id && memcmp(out->sha256, sha256, WCI_DIGEST_BYTES) == 0)
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_NOTFOUND, "no such picture is kept");
}

wildcam_status wci_sqlite_read_page(wci_backend *self, struct wci_shard *shard, int64_t from_id,
                                    int64_t to_id, wildcam_image *page, int most, int *got)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    *got = 0;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(reader, 0,
                                  "SELECT " WCI_IMAGE_COLUMNS
                                  " FROM images WHERE id>=? AND id<? ORDER BY id LIMIT ?",
                                  &statement);
    if (status == WILDCAM_OK) {
        wildcam_step step = 1;
        sqlite3_bind_int64(statement, 1, from_id);
        sqlite3_bind_int64(statement, 2, to_id);
        sqlite3_bind_int(statement, 3, most);
        while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1)
            status = wci_sqlite_read_image_row(self, statement, &page[(*got)++]);
        if (status == WILDCAM_OK)
            status = step;
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

/* Page by page, so that no transaction stays open while the caller looks at files. */
static wildcam_status each_in_shard(wci_backend *self, struct wci_shard *shard, int64_t from,
                                    int64_t to, wildcam_image *page,
                                    wildcam_status (*each)(void *user, const wildcam_image *image),
                                    void *user)
{
    int64_t at = wci_id_second(wci_id_at(from));
    int64_t end = wci_id_second(wci_id_at(to - 1)) + WCI_IDS_PER_SECOND;
    int got;
    do {
        wildcam_status status = wci_sqlite_read_page(self, shard, at, end, page, PAGE, &got);
        if (wci_shards_is_gone(shard, status))
            return WILDCAM_OK;
        for (int i = 0; status == WILDCAM_OK && i < got; i++) {
            at = page[i].id + 1;
            status = each(user, &page[i]);
        }
        if (status != WILDCAM_OK)
            return status;
    } while (got == PAGE);
    return WILDCAM_OK;
}

static wildcam_status each_shard(wci_backend *self, int64_t from, int64_t to, wildcam_image *page,
                                 wildcam_status (*each)(void *user, const wildcam_image *image),
                                 void *user)
{
    int64_t at = from;
    for (;;) {
        struct wci_shard *shard;
        wildcam_status status = wci_shards_step(&self->shards, true, at, to, &shard);
        if (status != WILDCAM_OK || !shard)
            return status;
        at = shard->to;
        status = each_in_shard(self, shard, from > shard->from ? from : shard->from,
                               to < shard->to ? to : shard->to, page, each, user);
        wci_shards_give(&self->shards, shard);
        if (status != WILDCAM_OK)
            return status;
    }
}

wildcam_status
wci_sqlite_walk_images(wci_backend *self, int64_t from, int64_t to,
                       wildcam_status (*each)(void *user, const wildcam_image *image), void *user)
{
    wildcam_image *page = wci_new_array(PAGE, sizeof *page);
    if (!page)
        return WILDCAM_ERR_NOMEM;
    for (int i = 0; i < PAGE; i++)
        wci_image_init(&page[i]);
    wildcam_status status = each_shard(self, from, to, page, each, user);
    for (int i = 0; i < PAGE; i++)
        wci_image_release(&page[i]);
    free(page);
    return status;
}
