#include "station/exchange_match.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/memory.h"
#include "base/number.h"
#include "model/id.h"

enum { PAGE = 128, FOLDERS_MAX = 32, SEVERAL = -1 };
/* What a name's hash stands for. */
enum { OF_NAME, OF_PATH, OF_CAMERA };

static wildcam_status add(struct wci_match *match, uint64_t hash, int64_t id)
{
    bool before;
    int64_t value = id;
    wildcam_status status = wci_hash_set_add(&match->names, hash, &value, &before);
    if (status == WILDCAM_OK && before && value != id)
        *wci_hash_set_find(&match->names, hash) = SEVERAL;
    return status;
}

static uint64_t hash_in_camera(const char *device_id, const char *name)
{
    return wci_hash_set_hash(OF_CAMERA + wci_hash_set_hash(0, device_id), name);
}

/* Where results of this picture came from before, it is called as it is in that file. */
static wildcam_status add_path(struct wci_match *match, const wildcam_image *image)
{
    json_t *whole;
    json_error_t error;
    if (!strstr(wci_text_get(&image->metadata), "\"megadetector\""))
        return WILDCAM_OK;
    wildcam_status status = wci_json_read(image->metadata.data, image->metadata.length, &whole,
                                          &error);
    if (status == WILDCAM_ERR_NOMEM)
        return status;
    status = WILDCAM_OK; /* what is no JSON names no file */
    const char *file =
        json_string_value(json_object_get(json_object_get(whole, "megadetector"), "file"));
    if (file)
        status = add(match, wci_hash_set_hash(OF_PATH, file), image->id);
    json_decref(whole);
    return status;
}

static wildcam_status add_image(struct wci_match *match, const wildcam_image *image)
{
    const char *name = wci_text_get(&image->file_name);
    wildcam_status status = add_path(match, image);
    if (status != WILDCAM_OK || !*name)
        return status;
    status = add(match, wci_hash_set_hash(OF_NAME, name), image->id);
    return status == WILDCAM_OK
               ? add(match, hash_in_camera(wci_text_get(&image->device_id), name), image->id)
               : status;
}

static wildcam_status index_pages(struct wci_match *match, wildcam_image *images)
{
    wildcam_exchange *exchange = match->exchange;
    const struct wci_store *store = &exchange->station->store;
    struct wci_text damaged = {0};
    int64_t last = 0, walked = 0;
    size_t got;
    wildcam_status status;
    do {
        wci_text_empty(&damaged);
        status = store->ops->read_images(store->backend, &exchange->plan, last, images, PAGE, &got,
                                         &last, &damaged);
        for (size_t i = 0; status == WILDCAM_OK && i < got; i++)
            status = add_image(match, &images[i]);
        walked += (int64_t)got;
        if (status == WILDCAM_OK)
            status = wci_exchange_step(exchange, "names", walked, 0);
    } while (status == WILDCAM_OK && last);
    if (status == WILDCAM_OK && damaged.length)
        wci_exchange_remark(exchange, "pictures of damaged shards cannot be found: %.300s",
                            damaged.data);
    wci_text_free(&damaged);
    return status;
}

wildcam_status wci_match_begin(struct wci_match *match, wildcam_exchange *exchange, bool has_index)
{
    *match = (struct wci_match){.exchange = exchange};
    if (!has_index || exchange->matches_nothing)
        return WILDCAM_OK;
    wildcam_image *images = wci_new_array(PAGE, sizeof *images);
    if (!images)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; i < PAGE; i++)
        wci_image_init(&images[i]);
    wildcam_status status = index_pages(match, images);
    for (size_t i = 0; i < PAGE; i++)
        wci_image_release(&images[i]);
    free(images);
    return status;
}

void wci_match_end(struct wci_match *match)
{
    wci_hash_set_free(&match->names);
}

/* The folders of a path, from the first on. */
static size_t split(const char *path, char folders[FOLDERS_MAX][WCI_DEVICE_ID_MAX + 1])
{
    size_t count = 0;
    for (const char *slash; (slash = strchr(path, '/')); path = slash + 1) {
        size_t length = (size_t)(slash - path);
        if (length == 0 || length > WCI_DEVICE_ID_MAX || count == FOLDERS_MAX)
            continue;
        memcpy(folders[count], path, length);
        folders[count++][length] = '\0';
    }
    return count;
}

/* The camera that the deepest possible folder names; NOTFOUND. */
static wildcam_status find_camera(struct wci_match *match, const char *path,
                                  char device_id[WCI_DEVICE_ID_MAX + 1])
{
    char folders[FOLDERS_MAX][WCI_DEVICE_ID_MAX + 1];
    const struct wci_store *store = &match->exchange->station->store;
    const struct wci_name *camera;
    for (size_t i = split(path, folders); i-- > 0;) {
        if (wci_check_device_id(folders[i]) != WILDCAM_OK)
            continue;
        wildcam_status status = store->ops->find_camera(store->backend, folders[i], false, &camera);
        if (status == WILDCAM_OK)
            snprintf(device_id, WCI_DEVICE_ID_MAX + 1, "%s", folders[i]);
        if (status != WILDCAM_ERR_NOTFOUND)
            return status;
    }
    wci_error_clear();
    return WILDCAM_ERR_NOTFOUND;
}

wildcam_status wci_match_camera(struct wci_match *match, const char *path,
                                char device_id[WCI_DEVICE_ID_MAX + 1])
{
    const char *given = wci_exchange_text(&match->exchange->options, WCI_EXCHANGE_CAMERA);
    char folders[FOLDERS_MAX][WCI_DEVICE_ID_MAX + 1];
    if (*given) {
        snprintf(device_id, WCI_DEVICE_ID_MAX + 1, "%s", given);
        return WILDCAM_OK;
    }
    wildcam_status status = find_camera(match, path, device_id);
    if (status != WILDCAM_ERR_NOTFOUND)
        return status;
    if (split(path, folders) && wci_check_device_id(folders[0]) == WILDCAM_OK) {
        snprintf(device_id, WCI_DEVICE_ID_MAX + 1, "%s", folders[0]);
        return WILDCAM_OK;
    }
    return wci_fail(WILDCAM_ERR_INVALID, "no folder of it names a camera; say which it is of");
}

/* What we export without a name of its own is called CAMERA/ID.jpg or CAMERA/ID-NAME. */
static wildcam_status find_by_id(struct wci_match *match, const char *name, int64_t *id)
{
    const struct wci_store *store = &match->exchange->station->store;
    char digits[WCI_NUMBER_TEXT];
    size_t length = strspn(name, "0123456789");
    wildcam_image image;
    if (length < 13 || length > 16 || !strchr("-.", name[length]))
        return WILDCAM_ERR_NOTFOUND;
    snprintf(digits, sizeof digits, "%.*s", (int)length, name);
    wci_number_parse_int(digits, id);
    wci_image_init(&image);
    wildcam_status status = store->ops->get_image(store->backend, *id, &image);
    wci_image_release(&image);
    return status;
}

static const int64_t *find_named(struct wci_match *match, const char *path, const char *name)
{
    char device_id[WCI_DEVICE_ID_MAX + 1];
    const char *given = wci_exchange_text(&match->exchange->options, WCI_EXCHANGE_CAMERA);
    const int64_t *found = wci_hash_set_find(&match->names, wci_hash_set_hash(OF_PATH, path));
    if (found && *found != SEVERAL)
        return found;
    if (*given)
        return wci_hash_set_find(&match->names, hash_in_camera(given, name));
    if (find_camera(match, path, device_id) == WILDCAM_OK) {
        found = wci_hash_set_find(&match->names, hash_in_camera(device_id, name));
        if (found)
            return found;
    }
    return wci_hash_set_find(&match->names, wci_hash_set_hash(OF_NAME, name));
}

wildcam_status wci_match_find(struct wci_match *match, const char *path, int64_t *id)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const int64_t *found = find_named(match, path, name);
    if (found && *found != SEVERAL) {
        *id = *found;
        return WILDCAM_OK;
    }
    wildcam_status status = find_by_id(match, name, id);
    if (status != WILDCAM_ERR_NOTFOUND)
        return status;
    if (found)
        return wci_fail(WILDCAM_ERR_NOTFOUND,
                        "several pictures are called %.200s; folders named "
                        "after cameras, or the option camera, tell them apart",
                        name);
    return wci_fail(WILDCAM_ERR_NOTFOUND, "no picture of the station is called %.200s", name);
}
