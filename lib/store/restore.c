/* Making a station out of a backup. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <wildcam/time.h>

#include "base/memory.h"
#include "store/manifest.h"

struct restore {
    struct wci_copy copy;
    const char *backup;
    char database[WCI_PATH]; /* BACKUP/database, or .old after a crash */
    char fresh[WCI_PATH];    /* what becomes the station */
};

static bool is_plain_name(const char *name)
{
    return name[0] && name[0] != '/' && !strstr(name, "..") && strlen(name) < 200;
}

static wildcam_status restore_database(struct restore *restore, const char *name,
                                       const char *digest)
{
    char from[WCI_PATH], to[WCI_PATH];
    wildcam_status status = wci_path(from, "%s/%s", restore->database, name);
    if (status == WILDCAM_OK)
        status = wci_path(to, "%s/%s", restore->fresh, name);
    if (status == WILDCAM_OK)
        status = wci_copy_make_above(to);
    if (status == WILDCAM_OK)
        status = wci_manifest_copy(&restore->copy, from, to, digest);
    if (status == WILDCAM_OK)
        status = wci_copy_named(&restore->copy, to);
    if (status != WILDCAM_OK)
        return status;
    restore->copy.done++;
    return wci_copy_tell(&restore->copy);
}

static wildcam_status restore_databases(struct restore *restore, const json_t *files)
{
    size_t index;
    json_t *file;
    restore->copy.phase = "databases";
    restore->copy.total = (int64_t)json_array_size(files);
    json_array_foreach (files, index, file) {
        const char *name = json_string_value(json_object_get(file, "name"));
        const char *digest = json_string_value(json_object_get(file, "sha256"));
        if (!name || !digest || !is_plain_name(name))
            return wci_fail(WILDCAM_ERR_CORRUPT, "the manifest of %s is damaged",
                            restore->database);
        wildcam_status status = restore_database(restore, name, digest);
        if (status != WILDCAM_OK)
            return status;
    }
    return WILDCAM_OK;
}

/* CORRUPT when the backup lacks it, which it said when it was made, or what it has is damaged. */
static wildcam_status copy_picture(struct restore *restore, const wildcam_image *image,
                                   const char *from, const char *to)
{
    unsigned char sha256[WCI_DIGEST_BYTES];
    wildcam_status status = wci_copy_make_above(to);
    if (status == WILDCAM_OK)
        status = wci_copy_out(&restore->copy, from, to, sha256);
    if (status == WILDCAM_OK && memcmp(sha256, image->sha256, sizeof sha256) != 0) {
        status = wci_file_remove(to);
        return status == WILDCAM_OK ? wci_fail(WILDCAM_ERR_CORRUPT, "%s is damaged", from) : status;
    }
    return status == WILDCAM_OK ? wci_copy_named(&restore->copy, to) : status;
}

/* One that is lost does not cost the others. One that was released stays in S3 alone. */
static wildcam_status restore_picture(void *user, const wildcam_image *image)
{
    struct restore *restore = user;
    char from[WCI_PATH], to[WCI_PATH];
    wildcam_status status = wci_copy_picture_path(restore->backup, image, from);
    if (status == WILDCAM_OK)
        status = wci_copy_picture_path(restore->fresh, image, to);
    restore->copy.done++;
    if (status != WILDCAM_OK || image->released_at != WILDCAM_TIME_NONE ||
        wci_image_is_elsewhere(image) || wci_file_exists(to)) /* two cameras, one picture */
        return status == WILDCAM_OK ? wci_copy_tell(&restore->copy) : status;
    status = copy_picture(restore, image, from, to);
    if (status == WILDCAM_ERR_CORRUPT) {
        wci_copy_lose(&restore->copy, image);
        status = WILDCAM_OK;
    }
    return status == WILDCAM_OK ? wci_copy_tell(&restore->copy) : status;
}

static const struct wci_log silence = {.level = WILDCAM_LOG_ERROR};

static wildcam_status rebuild(struct restore *restore)
{
    json_t *manifest = NULL;
    wildcam_status status = wci_manifest_find(restore->backup, restore->database, &manifest);
    if (status != WILDCAM_OK)
        return status;
    status = wci_directory_make(restore->fresh);
    if (status == WILDCAM_OK)
        status = restore_databases(restore, json_object_get(manifest, "files"));
    json_decref(manifest);
    if (status == WILDCAM_OK)
        status = wci_copy_walk_pictures(&restore->copy, restore->fresh, &silence, restore_picture,
                                        restore);
    return status;
}

static wildcam_status must_be_outside(const char *directory, const char *backup)
{
    char inner[WCI_PATH], outer[WCI_PATH];
    wildcam_status status = wci_path_real(directory, inner);
    if (status == WILDCAM_OK)
        status = wci_path_real(backup, outer);
    if (status == WILDCAM_OK && wci_path_is_inside(inner, outer))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "%s is inside the backup %s: restore it into another directory", directory,
                        backup);
    return status;
}

/* What was made in the meantime takes the directory's name. */
static wildcam_status take_place(struct restore *restore, const char *directory)
{
    char above[WCI_PATH];
    if (rmdir(directory) != 0 && access(directory, F_OK) == 0)
        return wci_fail(WILDCAM_ERR_EXISTS, "%s is not empty any more", directory);
    wildcam_status status = wci_path_above(above, restore->fresh);
    if (status == WILDCAM_OK)
        status = wci_file_rename(restore->fresh, directory);
    if (status != WILDCAM_OK)
        return status;
    status = wci_directory_sync(above);
    if (status != WILDCAM_OK) /* it may not last, so it goes as all does that fails */
        (void)rename(directory, restore->fresh);
    return status;
}

wildcam_status wci_store_restore(const char *backup, const char *directory,
                                 wildcam_progress_fn *progress, void *user)
{
    struct restore restore = {.copy = {.progress = progress, .user = user, .phase = "databases"},
                              .backup = backup};
    bool is_empty;
    wildcam_status status = must_be_outside(directory, backup);
    if (status == WILDCAM_OK)
        status = wci_directory_is_empty(directory, &is_empty);
    if (status == WILDCAM_OK && !is_empty)
        status = wci_fail(WILDCAM_ERR_EXISTS, "%s is not empty", directory);
    if (status != WILDCAM_OK)
        return status;
    size_t length = strlen(directory);
    while (length > 1 && directory[length - 1] == '/')
        length--;
    status = wci_path(restore.fresh, "%.*s.restoring", (int)length, directory);
    if (status == WILDCAM_OK)
        status = wci_directory_remove(restore.fresh, NULL);
    if (status != WILDCAM_OK)
        return status;
    restore.copy.chunk = wci_new_array(WCI_COPY_CHUNK, 1);
    status = restore.copy.chunk ? rebuild(&restore) : WILDCAM_ERR_NOMEM;
    free(restore.copy.chunk);
    wci_text_free(&restore.copy.shards);
    if (status == WILDCAM_OK)
        status = take_place(&restore, directory);
    if (status != WILDCAM_OK) {
        struct wci_error error;
        wci_error_save(&error);
        wci_directory_remove(restore.fresh, NULL);
        return wci_error_restore(&error);
    }
    if (restore.copy.lost)
        return wci_fail(WILDCAM_ERR_INCOMPLETE,
                        "the station is restored, but the backup lacks the files of pictures "
                        "(%lld: %s), or they are damaged or cannot be read",
                        (long long)restore.copy.lost, restore.copy.names);
    return WILDCAM_OK;
}
