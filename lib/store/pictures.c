#include "store/pictures.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <wildcam/time.h>

#include "base/calendar.h"
#include "base/lock_file.h"
#include "base/memory.h"
#include "model/id.h"

wildcam_status wci_pictures_open(struct wci_pictures *pictures, const wildcam_conf *conf,
                                 const struct wci_log *log)
{
    *pictures = (struct wci_pictures){
        .conf = conf, .log = log, .directory = wci_conf_text(conf, WCI_DATA_DIR), .owner_lock = -1};
    return pthread_mutex_init(&pictures->mutex, NULL) == 0 ? WILDCAM_OK : wci_fail_memory();
}

void wci_pictures_close(struct wci_pictures *pictures, bool is_forked)
{
    char lock[WCI_PATH];
    if (!is_forked && pictures->owner) {
        /* Fails when something is left in it, which the next opening then looks at. */
        if (rmdir(pictures->owner) == 0 && wci_path(lock, "%s.lock", pictures->owner) == WILDCAM_OK)
            unlink(lock);
        pthread_mutex_destroy(&pictures->mutex);
    }
    if (pictures->owner_lock >= 0)
        close(pictures->owner_lock);
    free(pictures->owner);
}

/* Takes a claim back: nothing of it is left, or only what the next opening removes. */
static void unclaim(struct wci_pictures *pictures, const char *owner)
{
    char lock[WCI_PATH];
    if ((rmdir(owner) == 0 || errno == ENOENT) && wci_path(lock, "%s.lock", owner) == WILDCAM_OK)
        unlink(lock);
    close(pictures->owner_lock);
    pictures->owner_lock = -1;
}

/* The lock is there before the folder and goes after it: a folder without a lock has no owner. */
static wildcam_status claim(struct wci_pictures *pictures, const char *owner)
{
    char lock[WCI_PATH], above[WCI_PATH];
    wildcam_status status = wci_path(lock, "%s.lock", owner);
    if (status == WILDCAM_OK)
        status = wci_path(above, "%s/incoming", pictures->directory);
    if (status == WILDCAM_OK)
        status = wci_directory_make(above);
    if (status == WILDCAM_OK)
        status = wci_lock_file_open(lock, &pictures->owner_lock);
    if (status == WILDCAM_OK)
        status = wci_lock_try(pictures->owner_lock, 0, true);
    bool is_ours = status == WILDCAM_OK;
    if (status == WILDCAM_OK && !wci_file_exists(lock))
        status = wci_fail(WILDCAM_ERR_BUSY, "another process tidied %s up", lock);
    if (status == WILDCAM_OK)
        status = wci_directory_make(owner);
    if (status == WILDCAM_OK)
        status = wci_directory_sync(above);
    if (status != WILDCAM_OK && is_ours) {
        unclaim(pictures, owner);
    } else if (status != WILDCAM_OK && pictures->owner_lock >= 0) {
        close(pictures->owner_lock);
        pictures->owner_lock = -1;
    }
    return status;
}

static wildcam_status claim_folder(struct wci_pictures *pictures)
{
    char owner[WCI_PATH];
    uint32_t chance = 0;
    wildcam_status status = WILDCAM_OK;
    if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance)
        chance = (uint32_t)wci_calendar_monotonic();
    for (int attempt = 0; attempt < 8; attempt++) {
        status = wci_path(owner, "%s/incoming/%ld-%08x", pictures->directory, (long)getpid(),
                          (unsigned)(chance + (uint32_t)attempt));
        if (status == WILDCAM_OK)
            status = claim(pictures, owner);
        if (status != WILDCAM_ERR_BUSY)
            break;
    }
    if (status == WILDCAM_OK && !(pictures->owner = wci_copy_text(owner))) {
        unclaim(pictures, owner);
        status = WILDCAM_ERR_NOMEM;
    }
    return status;
}

static wildcam_status need_folder(struct wci_pictures *pictures)
{
    pthread_mutex_lock(&pictures->mutex);
    wildcam_status status = pictures->owner ? WILDCAM_OK : claim_folder(pictures);
    pthread_mutex_unlock(&pictures->mutex);
    return status;
}

wildcam_status wci_pictures_stage(struct wci_pictures *pictures, struct wci_staged *staged)
{
    staged->fd = -1;
    wildcam_status status = need_folder(pictures);
    if (status == WILDCAM_OK)
        status = wci_path(staged->path, "%s/%llu.part", pictures->owner,
                          (unsigned long long)pictures->next_number++);
    return status == WILDCAM_OK ? wci_file_create(staged->path, &staged->fd) : status;
}

void wci_pictures_discard(struct wci_staged *staged)
{
    if (staged->fd < 0)
        return;
    close(staged->fd);
    unlink(staged->path);
    staged->fd = -1;
}

wildcam_status wci_pictures_seal(struct wci_pictures *pictures, struct wci_staged *staged,
                                 const wildcam_image *image)
{
    char sealed[WCI_PATH];
    bool full = strcmp(wci_conf_text(pictures->conf, WCI_STORE_DURABILITY), "full") == 0;
    wildcam_status status = wci_path(sealed, "%s/%s-%lld-%llu.jpg", pictures->owner,
                                     image->sha256_text, (long long)image->camera_id,
                                     (unsigned long long)pictures->next_number++);
    if (status == WILDCAM_OK && full)
        status = wci_file_sync(staged->fd, staged->path);
    if (status == WILDCAM_OK)
        status = wci_file_rename(staged->path, sealed);
    if (status == WILDCAM_OK)
        memcpy(staged->path, sealed, sizeof sealed);
    return status;
}

wildcam_status wci_pictures_sync(struct wci_pictures *pictures)
{
    if (!pictures->owner ||
        strcmp(wci_conf_text(pictures->conf, WCI_STORE_DURABILITY), "full") != 0)
        return WILDCAM_OK;
    return wci_directory_sync(pictures->owner);
}

/* DIRECTORY/KIND/YYYY/MM/DD, and the length of that much. */
static wildcam_status day_path(const struct wci_pictures *pictures, const char *kind, int64_t time,
                               const char *name, char path[WCI_PATH])
{
    struct wci_date date;
    wci_calendar_split(time, &date);
    return wci_path(path, "%s/%s/%04d/%02d/%02d/%s", pictures->directory, kind, date.year,
                    date.month, date.day, name);
}

wildcam_status wci_pictures_path(const struct wci_pictures *pictures, const wildcam_image *image,
                                 char path[WCI_PATH])
{
    char name[WCI_DIGEST_TEXT + 8];
    snprintf(name, sizeof name, "%s.jpg", image->sha256_text);
    return day_path(pictures, "images", wci_id_time(image->id), name, path);
}

/* Renames into a folder that may not be there yet, or that a purge may take away at this moment. */
static wildcam_status rename_into(const char *from, const char *to)
{
    char above[WCI_PATH];
    wildcam_status status = WILDCAM_ERR_NOTFOUND;
    for (int attempt = 0; attempt < 4 && status == WILDCAM_ERR_NOTFOUND; attempt++) {
        if (rename(from, to) == 0)
            return WILDCAM_OK;
        if (errno != ENOENT)
            return wci_fail_os(errno, "cannot rename %s to %s", from, to);
        status = wci_path_above(above, to);
        if (status == WILDCAM_OK)
            status = wci_directory_make(above);
        if (status == WILDCAM_OK)
            status = wci_fail(WILDCAM_ERR_NOTFOUND, "%s is gone", from);
    }
    return status;
}

/* The move need not be brought to the disk: should it be lost with the power, the name in incoming/
 * is there instead, and tells the same. */
wildcam_status wci_pictures_place(struct wci_pictures *pictures, struct wci_staged *staged,
                                  const wildcam_image *image)
{
    char path[WCI_PATH];
    wildcam_status status = wci_pictures_path(pictures, image, path);
    if (status == WILDCAM_OK)
        status = rename_into(staged->path, path);
    close(staged->fd);
    staged->fd = -1;
    return status;
}

bool wci_pictures_is_whole(const struct wci_pictures *pictures, const wildcam_image *image)
{
    int fd;
    char path[WCI_PATH];
    int64_t bytes = -1;
    wildcam_status status = wci_pictures_path(pictures, image, path);
    if (status == WILDCAM_OK)
        status = wci_file_open(path, &fd, &bytes);
    if (status == WILDCAM_OK)
        close(fd);
    return status == WILDCAM_OK ? bytes == image->bytes : status != WILDCAM_ERR_NOTFOUND;
}

struct search {
    const char *prefix;
    char path[WCI_PATH];
    bool found;
};

static wildcam_status search_file(void *user, const char *path, const char *name, bool is_directory)
{
    struct search *search = user;
    if (is_directory || search->found || strncmp(name, search->prefix, strlen(search->prefix)) != 0)
        return WILDCAM_OK;
    search->found = wci_path(search->path, "%s/%s", path, name) == WILDCAM_OK;
    return WILDCAM_OK;
}

static wildcam_status search_folder(void *user, const char *path, const char *name,
                                    bool is_directory)
{
    char folder[WCI_PATH];
    if (is_directory && wci_path(folder, "%s/%s", path, name) == WILDCAM_OK)
        wci_directory_walk(folder, search_file, user); /* it may vanish meanwhile */
    return WILDCAM_OK;
}

/* Between the row's commit and the move to its place a picture is still in incoming/. */
static wildcam_status find_incoming(const struct wci_pictures *pictures, const wildcam_image *image,
                                    char path[WCI_PATH])
{
    char incoming[WCI_PATH], prefix[WCI_DIGEST_TEXT + 24];
    struct search search = {.prefix = prefix};
    snprintf(prefix, sizeof prefix, "%s-%lld-", image->sha256_text, (long long)image->camera_id);
    wildcam_status status = wci_path(incoming, "%s/incoming", pictures->directory);
    if (status == WILDCAM_OK)
        status = wci_directory_walk(incoming, search_folder, &search);
    if (status == WILDCAM_OK && !search.found)
        status = WILDCAM_ERR_NOTFOUND;
    if (status == WILDCAM_OK)
        memcpy(path, search.path, WCI_PATH);
    return status;
}

/* Opens the file where it is, and says where. */
static wildcam_status open_file(const struct wci_pictures *pictures, const wildcam_image *image,
                                char path[WCI_PATH], int *fd, int64_t *bytes)
{
    char place[WCI_PATH];
    wildcam_status status = wci_pictures_path(pictures, image, place);
    if (status != WILDCAM_OK)
        return status;
    memcpy(path, place, WCI_PATH);
    status = wci_file_open(path, fd, bytes);
    if (status == WILDCAM_ERR_NOTFOUND) {
        status = find_incoming(pictures, image, path);
        if (status == WILDCAM_OK)
            status = wci_file_open(path, fd, bytes);
    }
    if (status == WILDCAM_ERR_NOTFOUND) { /* it was moved while we looked */
        memcpy(path, place, WCI_PATH);
        status = wci_file_open(path, fd, bytes);
    }
    if (status == WILDCAM_ERR_NOTFOUND && image->released_at != WILDCAM_TIME_NONE)
        return wci_fail(WILDCAM_ERR_RELEASED,
                        "picture %lld is in S3, and its file was deleted here",
                        (long long)image->id);
    if (status == WILDCAM_ERR_NOTFOUND)
        return wci_fail(WILDCAM_ERR_CORRUPT, "picture %lld has lost its file %s",
                        (long long)image->id, place);
    return status;
}

wildcam_status wci_pictures_find_file(const struct wci_pictures *pictures,
                                      const wildcam_image *image, char path[WCI_PATH])
{
    int fd;
    int64_t bytes;
    wildcam_status status = open_file(pictures, image, path, &fd, &bytes);
    if (status == WILDCAM_OK)
        close(fd);
    return status;
}

/* Where the picture of an import is, as far as that was said (exchange/camtrapdp.h). */
static wildcam_status tell_address(const wildcam_image *image)
{
    json_t *metadata = json_loads(wci_text_get(&image->metadata), 0, NULL);
    const char *address =
        json_string_value(json_object_get(json_object_get(metadata, "camtrapdp"), "filePath"));
    wildcam_status status =
        wci_fail(WILDCAM_ERR_NOTFOUND, "the file of picture %lld was never here%s%.300s",
                 (long long)image->id, address ? ": it is " : "", address ? address : "");
    json_decref(metadata);
    return status;
}

wildcam_status wci_pictures_read(const struct wci_pictures *pictures, const wildcam_image *image,
                                 int *fd)
{
    char path[WCI_PATH];
    int64_t bytes = 0;
    *fd = -1;
    if (wci_image_is_elsewhere(image))
        return tell_address(image);
    wildcam_status status = open_file(pictures, image, path, fd, &bytes);
    if (status != WILDCAM_OK || bytes == image->bytes)
        return status;
    close(*fd);
    *fd = -1;
    return wci_fail(WILDCAM_ERR_CORRUPT, "picture %lld: its file %s has %lld bytes and had %lld",
                    (long long)image->id, path, (long long)bytes, (long long)image->bytes);
}

static wildcam_status thumbnail_path(const struct wci_pictures *pictures,
                                     const wildcam_image *image, char path[WCI_PATH])
{
    char kind[64], name[WCI_DIGEST_TEXT + 8];
    snprintf(kind, sizeof kind, "thumbnails/%s",
             wci_conf_text(pictures->conf, WCI_IMAGES_THUMBNAIL));
    snprintf(name, sizeof name, "%s.jpg", image->sha256_text);
    return day_path(pictures, kind, wci_id_time(image->id), name, path);
}

bool wci_pictures_has_thumbnail(const struct wci_pictures *pictures, const wildcam_image *image)
{
    void *data;
    size_t size;
    wildcam_status status = wci_pictures_load_thumbnail(pictures, image, &data, &size);
    if (status == WILDCAM_OK)
        free(data);
    return status == WILDCAM_OK;
}

wildcam_status wci_pictures_load_thumbnail(const struct wci_pictures *pictures,
                                           const wildcam_image *image, void **data, size_t *size)
{
    char path[WCI_PATH], *bytes = NULL;
    wildcam_status status = thumbnail_path(pictures, image, path);
    if (status == WILDCAM_OK)
        status = wci_file_load(path, 16 << 20, &bytes, size);
    /* Thumbnails are not brought to the disk: after a loss of power one may be empty or cut off. */
    if (status == WILDCAM_OK && (*size < 4 || memcmp(bytes, "\xff\xd8", 2) != 0 ||
                                 memcmp(bytes + *size - 2, "\xff\xd9", 2) != 0)) {
        free(bytes);
        bytes = NULL;
        status = wci_fail(WILDCAM_ERR_NOTFOUND, "the thumbnail %s is damaged", path);
    }
    *data = bytes;
    return status;
}

void wci_pictures_save_thumbnail(struct wci_pictures *pictures, const wildcam_image *image,
                                 const void *data, size_t size)
{
    struct wci_staged staged;
    char path[WCI_PATH];
    wildcam_status status = thumbnail_path(pictures, image, path);
    if (status == WILDCAM_OK)
        status = wci_pictures_stage(pictures, &staged);
    if (status == WILDCAM_OK) {
        status = wci_file_write(staged.fd, staged.path, data, size);
        if (status == WILDCAM_OK)
            status = rename_into(staged.path, path);
        if (status == WILDCAM_OK)
            close(staged.fd);
        else
            wci_pictures_discard(&staged);
    }
    if (status != WILDCAM_OK)
        wci_log_failure(pictures->log, WILDCAM_LOG_WARNING, "pictures",
                        "a thumbnail could not be kept");
}
