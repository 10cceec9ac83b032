#include "store/copy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"

enum { NAMED = 3 };

wildcam_status wci_copy_tell(struct wci_copy *copy)
{
    if (!copy->progress || copy->progress(copy->user, copy->phase, copy->done, copy->total) == 0)
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_CANCELLED, "the caller asked to stop");
}

/* EUCLEAN and EBADMSG are those of file systems that have checksums of their own. */
wildcam_status wci_copy_unreadable(wildcam_status status)
{
    struct wci_error error;
    if (status != WILDCAM_ERR_IO)
        return status;
    wci_error_save(&error);
    if (error.native != EIO && error.native != EUCLEAN && error.native != EBADMSG)
        return status;
    error.status = WILDCAM_ERR_CORRUPT;
    return wci_error_restore(&error);
}

static wildcam_status copy_into(struct wci_copy *copy, int from, const char *from_path, int to,
                                const char *to_path, wci_digest *digest)
{
    size_t got;
    wildcam_status status;
    do {
        status = wci_file_read(from, from_path, copy->chunk, WCI_COPY_CHUNK, &got);
        status = wci_copy_unreadable(status);
        if (status == WILDCAM_OK)
            status = wci_digest_add(digest, copy->chunk, got);
        if (status == WILDCAM_OK && to >= 0)
            status = wci_file_write(to, to_path, copy->chunk, got);
    } while (status == WILDCAM_OK && got == WCI_COPY_CHUNK);
    if (status == WILDCAM_OK && to >= 0)
        status = wci_file_sync(to, to_path);
    return status;
}

wildcam_status wci_copy_file(struct wci_copy *copy, int from, const char *from_path, const char *to,
                             unsigned char sha256[WCI_DIGEST_BYTES])
{
    int fd = -1;
    wci_digest *digest;
    wildcam_status status = wci_digest_begin(&digest);
    if (status != WILDCAM_OK)
        return status;
    if (to)
        status = wci_file_create(to, &fd);
    if (status == WILDCAM_OK)
        status = copy_into(copy, from, from_path, fd, to, digest);
    if (status == WILDCAM_OK)
        status = wci_digest_end(digest, sha256);
    wci_digest_free(digest);
    if (fd >= 0) {
        close(fd);
        if (status != WILDCAM_OK)
            unlink(to);
    }
    return status;
}

wildcam_status wci_copy_out(struct wci_copy *copy, const char *from, const char *to,
                            unsigned char sha256[WCI_DIGEST_BYTES])
{
    int fd;
    int64_t bytes;
    wildcam_status status = wci_copy_unreadable(wci_file_open(from, &fd, &bytes));
    if (status == WILDCAM_ERR_NOTFOUND)
        return wci_fail(WILDCAM_ERR_CORRUPT, "the backup lacks %s", from);
    if (status != WILDCAM_OK)
        return status;
    status = wci_copy_file(copy, fd, from, to, sha256);
    close(fd);
    return status;
}

wildcam_status wci_copy_is_whole(struct wci_copy *copy, const wildcam_image *image,
                                 const char *path, bool *whole)
{
    unsigned char sha256[WCI_DIGEST_BYTES];
    int fd;
    int64_t bytes;
    *whole = false;
    wildcam_status status = wci_copy_unreadable(wci_file_open(path, &fd, &bytes));
    if (status == WILDCAM_OK) {
        if (bytes == image->bytes)
            status = wci_copy_file(copy, fd, path, NULL, sha256);
        close(fd);
        *whole = status == WILDCAM_OK && bytes == image->bytes &&
                 memcmp(sha256, image->sha256, sizeof sha256) == 0;
    }
    return status == WILDCAM_ERR_NOTFOUND || status == WILDCAM_ERR_CORRUPT ? WILDCAM_OK : status;
}

void wci_copy_lose(struct wci_copy *copy, const wildcam_image *image)
{
    char path[WCI_PATH];
    size_t used = strlen(copy->names);
    if (copy->lost++ < NAMED && wci_copy_picture_path("", image, path) == WILDCAM_OK)
        snprintf(copy->names + used, sizeof copy->names - used, "%s%s", used ? ", " : "", path + 1);
    else if (copy->lost == NAMED + 1)
        snprintf(copy->names + used, sizeof copy->names - used, " and others");
}

wildcam_status wci_copy_make_above(const char *path)
{
    char above[WCI_PATH];
    wildcam_status status = wci_path_above(above, path);
    return status == WILDCAM_OK ? wci_directory_make(above) : status;
}

static wildcam_status sync_folder(struct wci_copy *copy)
{
    wildcam_status status = *copy->folder ? wci_directory_sync(copy->folder) : WILDCAM_OK;
    copy->folder[0] = '\0';
    return status;
}

wildcam_status wci_copy_named(struct wci_copy *copy, const char *path)
{
    char above[WCI_PATH];
    wildcam_status status = wci_path_above(above, path);
    if (status != WILDCAM_OK || strcmp(above, copy->folder) == 0)
        return status;
    status = sync_folder(copy);
    memcpy(copy->folder, above, sizeof above);
    return status;
}

wildcam_status wci_copy_picture_path(const char *directory, const wildcam_image *image, char *path)
{
    struct wci_date date;
    wci_calendar_split(wci_id_time(image->id), &date);
    return wci_path(path, "%s/images/%04d/%02d/%02d/%s.jpg", directory, date.year, date.month,
                    date.day, image->sha256_text);
}

struct walk {
    struct wci_copy *copy;
    const struct wci_backend_ops *ops;
    wci_backend *backend;
    wildcam_status (*each)(void *user, const wildcam_image *image);
    void *user;
};

static wildcam_status walk_span(void *user, const char *name, int64_t from, int64_t to)
{
    const struct walk *walk = user;
    wci_text_add_format(&walk->copy->shards, "%s ", name);
    return walk->ops->walk_images(walk->backend, from, to, walk->each, walk->user);
}

wildcam_status
wci_copy_walk_pictures(struct wci_copy *copy, const char *directory, const struct wci_log *log,
                       wildcam_status (*each)(void *user, const wildcam_image *image), void *user)
{
    char lock[WCI_PATH];
    wildcam_conf *conf;
    struct walk walk = {copy, &wci_sqlite_backend, NULL, each, user};
    wildcam_status status = wci_conf_new(&conf);
    if (status != WILDCAM_OK)
        return status;
    copy->phase = "pictures";
    copy->done = copy->total = 0;
    status = wci_conf_set(conf, "data.dir", directory);
    if (status == WILDCAM_OK) /* a copy without its catalog is none */
        status = wci_conf_set(conf, "data.create", "false");
    if (status == WILDCAM_OK)
        status = walk.ops->open(conf, log, &walk.backend);
    if (status == WILDCAM_OK) {
        status = wci_count_pictures(walk.ops, walk.backend, &copy->total);
        if (status == WILDCAM_OK)
            status = walk.ops->each_span(walk.backend, walk_span, &walk);
        if (status == WILDCAM_OK)
            status = sync_folder(copy);
        walk.ops->close(walk.backend, false);
    }
    if (wci_path(lock, "%s/write.lock", directory) == WILDCAM_OK)
        unlink(lock);
    wci_conf_free(conf);
    return status;
}
