/* What dead processes left in incoming/, and what was refused. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <wildcam/time.h>

#include "base/calendar.h"
#include "base/lock_file.h"
#include "base/number.h"
#include "store/pictures.h"

struct recovery {
    struct wci_pictures *pictures;
    wci_pictures_find *find;
    void *user;
    bool is_left; /* something could not be finished */
};

/* A folder is dead when nobody holds its lock. The lock comes back held in *fd; -1 when there is no
 * lock file. */
static bool is_dead(const char *incoming, const char *owner, int *fd)
{
    char lock[WCI_PATH];
    *fd = -1;
    if (wci_path(lock, "%s/%s.lock", incoming, owner) != WILDCAM_OK)
        return false;
    if (!wci_file_exists(lock))
        return true;
    if (wci_lock_file_open(lock, fd) != WILDCAM_OK)
        return false;
    if (wci_lock_try(*fd, 0, true) == WILDCAM_OK)
        return true;
    close(*fd);
    *fd = -1;
    return false;
}

bool wci_pictures_is_alive(const struct wci_pictures *pictures, const char *owner)
{
    char incoming[WCI_PATH];
    int fd;
    if (wci_path(incoming, "%s/incoming", pictures->directory) != WILDCAM_OK)
        return true;
    bool alive = !is_dead(incoming, owner, &fd);
    if (fd >= 0)
        close(fd);
    return alive;
}

/* SHA256-CAMERA-NUMBER.jpg */
static bool read_name(const char *name, unsigned char sha256[WCI_DIGEST_BYTES], int64_t *camera_id)
{
    char camera[24];
    size_t digest = strcspn(name, "-");
    if (!wci_digest_from_text(name, digest, sha256) || name[digest] != '-')
        return false;
    const char *from = name + digest + 1;
    size_t length = strcspn(from, "-");
    if (length >= sizeof camera || from[length] != '-')
        return false;
    snprintf(camera, sizeof camera, "%.*s", (int)length, from);
    return wci_number_parse_int(camera, camera_id);
}

/* Moves a picture whose row is there to its place. */
static wildcam_status finish(struct recovery *recovery, const char *path,
                             const wildcam_image *image)
{
    char place[WCI_PATH];
    wildcam_status status = wci_pictures_path(recovery->pictures, image, place);
    if (status != WILDCAM_OK)
        return status;
    if (wci_file_exists(place) || image->released_at != WILDCAM_TIME_NONE)
        return wci_file_remove(path);
    wci_log_write(recovery->pictures->log, WILDCAM_LOG_INFO, "pictures",
                  "picture %lld, which a process that ended had received, is in its place now",
                  (long long)image->id);
    struct wci_staged staged = {.fd = -1};
    memcpy(staged.path, path, strlen(path) + 1);
    return wci_pictures_place(recovery->pictures, &staged, image);
}

/* It is tried again at each round of housekeeping, and told once. */
static void leave(struct recovery *recovery)
{
    recovery->is_left = true;
    if (!atomic_exchange(&recovery->pictures->has_told, true))
        wci_log_failure(recovery->pictures->log, WILDCAM_LOG_ERROR, "pictures",
                        "what a process that ended had received could not be finished");
}

/* One that cannot be finished does not keep the others from it. */
static wildcam_status recover_file(void *user, const char *path, const char *name,
                                   bool is_directory)
{
    struct recovery *recovery = user;
    unsigned char sha256[WCI_DIGEST_BYTES];
    char whole[WCI_PATH];
    int64_t camera_id;
    wildcam_image image;
    wildcam_status status = wci_path(whole, "%s/%s", path, name);
    if (status != WILDCAM_OK || is_directory)
        return status;
    if (!read_name(name, sha256, &camera_id)) /* not wholly received */
        return wci_file_remove(whole);
    wci_image_init(&image);
    status = recovery->find(recovery->user, camera_id, sha256, &image);
    if (status == WILDCAM_OK)
        status = finish(recovery, whole, &image);
    else if (status == WILDCAM_ERR_NOTFOUND) /* never acknowledged */
        status = wci_file_remove(whole);
    wci_image_release(&image);
    if (status != WILDCAM_OK)
        leave(recovery);
    return WILDCAM_OK;
}

static wildcam_status recover_folder(void *user, const char *path, const char *name,
                                     bool is_directory)
{
    struct recovery *recovery = user, folder = *recovery;
    char whole[WCI_PATH], lock[WCI_PATH];
    int fd;
    wildcam_status status = wci_path(whole, "%s/%s", path, name);
    if (status == WILDCAM_OK)
        status = wci_path(lock, "%s.lock", whole);
    if (status != WILDCAM_OK || !is_directory || !is_dead(path, name, &fd))
        return status;
    folder.is_left = false;
    status = wci_directory_walk(whole, recover_file, &folder);
    if (status == WILDCAM_OK && !folder.is_left)
        status = wci_directory_remove(whole, NULL);
    if (status == WILDCAM_OK && !folder.is_left)
        status = wci_file_remove(lock);
    if (status != WILDCAM_OK)
        leave(&folder);
    recovery->is_left = recovery->is_left || folder.is_left;
    if (fd >= 0)
        close(fd);
    return WILDCAM_OK; /* the others go on */
}

/* A lock whose folder is gone. */
static wildcam_status remove_lock(void *user, const char *path, const char *name, bool is_directory)
{
    char owner[256], whole[WCI_PATH];
    struct stat found;
    int fd;
    size_t length = strlen(name);
    (void)user;
    if (is_directory || length < 6 || length >= sizeof owner ||
        strcmp(name + length - 5, ".lock") != 0)
        return WILDCAM_OK;
    snprintf(owner, sizeof owner, "%.*s", (int)length - 5, name);
    if (wci_path(whole, "%s/%s", path, owner) != WILDCAM_OK || stat(whole, &found) == 0 ||
        !is_dead(path, owner, &fd))
        return WILDCAM_OK;
    if (wci_path(whole, "%s/%s", path, name) == WILDCAM_OK)
        unlink(whole);
    if (fd >= 0)
        close(fd);
    return WILDCAM_OK;
}

wildcam_status wci_pictures_recover(struct wci_pictures *pictures, wci_pictures_find *find,
                                    void *user)
{
    char incoming[WCI_PATH];
    struct recovery recovery = {pictures, find, user, false};
    wildcam_status status = wci_path(incoming, "%s/incoming", pictures->directory);
    if (status == WILDCAM_OK)
        status = wci_directory_walk(incoming, recover_folder, &recovery);
    if (!recovery.is_left)
        pictures->has_told = false;
    return status == WILDCAM_OK ? wci_directory_walk(incoming, remove_lock, NULL) : status;
}

struct prune {
    int64_t bytes, limit;
    bool removing;
};

static wildcam_status prune_file(void *user, const char *path, const char *name, bool is_directory)
{
    struct prune *prune = user;
    char whole[WCI_PATH];
    struct stat found;
    if (is_directory || wci_path(whole, "%s/%s", path, name) != WILDCAM_OK ||
        stat(whole, &found) != 0)
        return WILDCAM_OK;
    if (!prune->removing) {
        prune->bytes += found.st_size;
    } else if (prune->bytes > prune->limit && unlink(whole) == 0) {
        prune->bytes -= found.st_size;
    }
    return WILDCAM_OK;
}

/* Names begin with their time, so the oldest come first. */
static void prune_quarantine(const struct wci_pictures *pictures, const char *folder)
{
    struct prune prune = {.limit = wci_conf_int(pictures->conf, WCI_IMAGES_QUARANTINE_BYTES)};
    if (wci_directory_walk(folder, prune_file, &prune) != WILDCAM_OK)
        return;
    prune.removing = true;
    wci_directory_walk(folder, prune_file, &prune);
}

/* A device id as part of a file name, on file systems that know drive letters too. */
static void file_word(const char *device_id, char word[64])
{
    snprintf(word, 64, "%s", *device_id ? device_id : "unknown");
    for (; *word; word++)
        if (*word == ':')
            *word = '_';
}

void wci_pictures_quarantine(struct wci_pictures *pictures, struct wci_staged *staged,
                             const char *device_id, const char *reason)
{
    char folder[WCI_PATH], name[WCI_PATH], note[WCI_PATH], device[64];
    struct wci_date date;
    if (staged->fd < 0 || !wci_conf_int(pictures->conf, WCI_IMAGES_QUARANTINE)) {
        wci_pictures_discard(staged);
        return;
    }
    file_word(device_id, device);
    wci_calendar_split(wci_calendar_now(), &date);
    wildcam_status status = wci_path(folder, "%s/quarantine", pictures->directory);
    if (status == WILDCAM_OK)
        status = wci_path(name, "%s/%04d%02d%02dT%02d%02d%02d.%06dZ-%s-%llu.jpg", folder, date.year,
                          date.month, date.day, date.hour, date.minute, date.second,
                          date.microsecond, device, (unsigned long long)pictures->next_number++);
    if (status == WILDCAM_OK)
        status = wci_path(note, "%s.txt", name);
    if (status == WILDCAM_OK)
        status = wci_directory_make(folder);
    if (status == WILDCAM_OK)
        status = wci_file_rename(staged->path, name);
    if (status == WILDCAM_OK)
        status = wci_file_replace(note, reason, strlen(reason));
    if (status != WILDCAM_OK)
        wci_log_failure(pictures->log, WILDCAM_LOG_WARNING, "pictures",
                        "a refused picture could not be kept in quarantine");
    wci_pictures_discard(staged);
    prune_quarantine(pictures, folder);
}
