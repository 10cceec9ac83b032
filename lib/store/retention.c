/*
 * Taking pictures out one by one: what is to go is noted, then the rows go in one transaction for
 * each shard, then the keys, the files and the note. Whoever comes upon a note that was left
 * deletes the files whose rows are gone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/number.h"
#include "model/id.h"
#include "store/store.h"

enum { NOTE_MAX = 1 << 20 };

static wildcam_status note_path(const struct wci_store *store, char path[WCI_PATH])
{
    return wci_path(path, "%s/removing", store->pictures.directory);
}

/* ID CAMERA TIME SHA256, a line for each. */
static wildcam_status write_note(const struct wci_store *store, const wildcam_image *images,
                                 size_t count)
{
    char path[WCI_PATH];
    struct wci_text text = {0};
    for (size_t i = 0; i < count; i++)
        wci_text_add_format(&text, "%lld %lld %lld %s\n", (long long)images[i].id,
                            (long long)images[i].camera_id, (long long)images[i].time,
                            images[i].sha256_text);
    wildcam_status status = text.failed ? wci_fail_memory() : note_path(store, path);
    if (status == WILDCAM_OK)
        status = wci_file_replace(path, wci_text_get(&text), text.length);
    wci_text_free(&text);
    return status;
}

static wildcam_status remove_note(const struct wci_store *store)
{
    char path[WCI_PATH];
    wildcam_status status = note_path(store, path);
    return status == WILDCAM_OK ? wci_file_remove(path) : status;
}

/* ---- files ---- */

struct dropping {
    struct wci_store *store;
    const wildcam_image *image;
    const char *rest; /* of its path, behind the folder of images */
};

static wildcam_status drop_thumbnail(void *user, const char *path, const char *name,
                                     bool is_directory)
{
    const struct dropping *dropping = user;
    char whole[WCI_PATH];
    if (!is_directory)
        return WILDCAM_OK;
    wildcam_status status = wci_path(whole, "%s/%s%s", path, name, dropping->rest);
    return status == WILDCAM_OK ? wci_file_remove(whole) : status;
}

static wildcam_status drop_files(void *user)
{
    struct dropping *dropping = user;
    const struct wci_pictures *pictures = &dropping->store->pictures;
    char path[WCI_PATH], thumbnails[WCI_PATH];
    wildcam_status status = wci_pictures_path(pictures, dropping->image, path);
    if (status == WILDCAM_OK)
        status = wci_path(thumbnails, "%s/thumbnails", pictures->directory);
    if (status == WILDCAM_OK)
        status = wci_file_remove(path);
    if (status != WILDCAM_OK)
        return status;
    dropping->rest = path + strlen(pictures->directory) + strlen("/images");
    return wci_directory_walk(thumbnails, drop_thumbnail, dropping);
}

/* Those of pictures whose rows are gone; a file that another picture needs stays, as that of one
 * that was sent again since. */
static wildcam_status drop_all(struct wci_store *store, const wildcam_image *images, size_t count)
{
    wildcam_status status = WILDCAM_OK;
    if (count)
        status = store->ops->forget_keys(store->backend, images, count);
    for (size_t i = 0; status == WILDCAM_OK && i < count; i++) {
        struct dropping dropping = {store, &images[i], ""};
        status = store->ops->drop_file(store->backend, &images[i], drop_files, &dropping);
    }
    return status;
}

/* ---- a note that was left ---- */

static bool read_number(char **at, int64_t *number)
{
    char *end = *at + strcspn(*at, " \n");
    bool more = *end != '\0';
    *end = '\0';
    bool is_number = more && wci_number_parse_int(*at, number);
    *at = end + 1;
    return is_number;
}

static bool read_line(char **at, wildcam_image *image)
{
    unsigned char sha256[WCI_DIGEST_BYTES];
    if (!read_number(at, &image->id) || !read_number(at, &image->camera_id) ||
        !read_number(at, &image->time))
        return false;
    size_t length = strcspn(*at, "\n");
    if ((*at)[length] != '\n' || !wci_digest_from_text(*at, length, sha256))
        return false;
    wci_image_set_digest(image, sha256);
    *at += length + 1;
    return true;
}

static wildcam_status finish_line(struct wci_store *store, const wildcam_image *image, bool *left)
{
    wildcam_image kept;
    wci_image_init(&kept);
    wildcam_status status = store->ops->get_image(store->backend, image->id, &kept);
    bool is_there = status == WILDCAM_OK && kept.camera_id == image->camera_id &&
                    memcmp(kept.sha256, image->sha256, sizeof kept.sha256) == 0;
    wci_image_release(&kept);
    if (status == WILDCAM_ERR_CORRUPT) { /* its shard is set aside, and may come back */
        wci_error_clear();
        *left = true;
        return WILDCAM_OK;
    }
    if (status != WILDCAM_OK && status != WILDCAM_ERR_NOTFOUND)
        return status;
    *left = *left || is_there;
    return is_there ? WILDCAM_OK : drop_all(store, image, 1);
}

/* A commit whose sync failed may come to light when the database is opened anew: until then the
 * note stays for those that are there. */
static wildcam_status finish_note(struct wci_store *store, char *text, bool is_opening)
{
    wildcam_status status = WILDCAM_OK;
    bool left = false;
    wildcam_image image;
    wci_image_init(&image);
    for (char *at = text; status == WILDCAM_OK && *at && read_line(&at, &image);)
        status = finish_line(store, &image, &left);
    return status == WILDCAM_OK && (is_opening || !left) ? remove_note(store) : status;
}

/* The caller holds the lock of upkeep. */
static wildcam_status finish_removals(struct wci_store *store, bool is_opening)
{
    char path[WCI_PATH], *text = NULL;
    size_t size;
    wildcam_status status = note_path(store, path);
    if (status == WILDCAM_OK)
        status = wci_file_load(path, NOTE_MAX, &text, &size);
    if (status == WILDCAM_ERR_NOTFOUND) {
        wci_error_clear();
        return WILDCAM_OK;
    }
    if (status == WILDCAM_OK)
        status = finish_note(store, text, is_opening);
    free(text);
    return status;
}

wildcam_status wci_store_finish_removals(struct wci_store *store, bool is_opening)
{
    char path[WCI_PATH];
    int fd;
    wildcam_status status = note_path(store, path);
    if (status != WILDCAM_OK || !wci_file_exists(path))
        return status;
    status = wci_store_lock_upkeep(store->conf, true, &fd);
    if (status == WILDCAM_ERR_BUSY) { /* whoever removes is at it, or comes by later */
        wci_error_clear();
        return WILDCAM_OK;
    }
    if (status != WILDCAM_OK)
        return status;
    status = finish_removals(store, is_opening);
    close(fd);
    return status;
}

/* ---- removing ---- */

struct batch {
    struct wci_expired *pictures;
    wildcam_image *images;
    struct wci_broken_event *broken;
    size_t count, broken_count;
};

/* Those that have gone meanwhile are left out. An event that goes on into the next shard begins
 * there anew. */
static wildcam_status load_images(struct wci_store *store, struct batch *batch, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        wildcam_image *image = &batch->images[batch->count];
        wildcam_status status = store->ops->get_image(store->backend, batch->pictures[i].id, image);
        if (status == WILDCAM_ERR_NOTFOUND)
            continue;
        if (status != WILDCAM_OK)
            return status;
        batch->pictures[batch->count++] = batch->pictures[i];
        if (image->event_id)
            batch->broken[batch->broken_count++] = (struct wci_broken_event){
                image->event_id, (wci_id_time(image->id) / WCI_DAY + 1) * WCI_DAY};
    }
    return WILDCAM_OK;
}

static wildcam_status remove_batch(struct wci_store *store, const struct wci_retention_rule *rule,
                                   struct batch *batch)
{
    struct wci_removal removal = {rule, batch->pictures, batch->count, batch->broken,
                                  batch->broken_count};
    struct wci_change change = {.removal = &removal};
    wildcam_status status = write_note(store, batch->images, batch->count);
    if (status != WILDCAM_OK)
        return status;
    status = wci_store_commit(store, &change);
    size_t gone = 0;
    for (size_t i = 0; i < batch->count; i++) {
        if (!batch->pictures[i].is_gone)
            continue;
        wildcam_image image = batch->images[gone];
        batch->images[gone++] = batch->images[i];
        batch->images[i] = image;
    }
    if (status != WILDCAM_OK) /* the note stays: some may be gone */
        return status;
    status = drop_all(store, batch->images, gone);
    return status == WILDCAM_OK ? remove_note(store) : status;
}

static wildcam_status remove_locked(struct wci_store *store, const struct wci_retention_rule *rule,
                                    struct wci_expired *pictures, size_t count)
{
    struct batch batch = {pictures, wci_new_array(count, sizeof *batch.images),
                          wci_new_array(count, sizeof *batch.broken), 0, 0};
    wildcam_status status = batch.images && batch.broken ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    for (size_t i = 0; batch.images && i < count; i++)
        wci_image_init(&batch.images[i]);
    if (status == WILDCAM_OK)
        status = finish_removals(store, false);
    if (status == WILDCAM_OK)
        status = load_images(store, &batch, count);
    if (status == WILDCAM_OK && batch.count)
        status = remove_batch(store, rule, &batch);
    for (size_t i = 0; batch.images && i < count; i++)
        wci_image_release(&batch.images[i]);
    free(batch.images);
    free(batch.broken);
    return status;
}

wildcam_status wci_store_remove_pictures(struct wci_store *store,
                                         const struct wci_retention_rule *rule,
                                         struct wci_expired *pictures, size_t count)
{
    int fd;
    wildcam_status status = wci_store_lock_upkeep(store->conf, true, &fd);
    if (status != WILDCAM_OK)
        return status;
    status = remove_locked(store, rule, pictures, count);
    close(fd);
    return status;
}

/* Whatever the disk's floor: what is not to be deleted for space is said when space is short. */
wildcam_status wci_store_set_favourite(struct wci_store *store, int64_t image_id, bool favourite)
{
    const struct wci_favour favour = {image_id, favourite};
    struct wci_change change = {.favour = &favour};
    return wci_store_commit(store, &change);
}
