/* Copying a station while it works. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/json.h"
#include "base/lock_file.h"
#include "base/memory.h"
#include "store/copy.h"

/* What the databases are. */
struct manifest {
    struct wci_copy *copy;
    const char *directory;
    struct wci_json json;
};

static wildcam_status describe(struct manifest *manifest, const char *name)
{
    char path[WCI_PATH], text[WCI_DIGEST_TEXT];
    unsigned char sha256[WCI_DIGEST_BYTES];
    int fd;
    int64_t bytes;
    wildcam_status status = wci_path(path, "%s/%s", manifest->directory, name);
    if (status == WILDCAM_OK)
        status = wci_file_open(path, &fd, &bytes);
    if (status != WILDCAM_OK)
        return status;
    status = wci_copy_file(manifest->copy, fd, path, NULL, sha256);
    close(fd);
    if (status != WILDCAM_OK)
        return status;
    wci_digest_to_text(sha256, text);
    wci_json_open(&manifest->json, NULL, '{');
    wci_json_text(&manifest->json, "name", name);
    wci_json_int(&manifest->json, "bytes", bytes);
    wci_json_text(&manifest->json, "sha256", text);
    wci_json_close(&manifest->json, '}');
    return WILDCAM_OK;
}

static wildcam_status describe_shard(void *user, const char *path, const char *file,
                                     bool is_directory)
{
    char name[WCI_PATH];
    size_t length = strlen(file);
    (void)path;
    if (is_directory || length < 4 || strcmp(file + length - 3, ".db") != 0)
        return WILDCAM_OK;
    wildcam_status status = wci_path(name, "detections/%s", file);
    return status == WILDCAM_OK ? describe(user, name) : status;
}

static wildcam_status write_manifest(struct wci_copy *copy, const char *directory)
{
    char shards[WCI_PATH], path[WCI_PATH];
    struct wci_text text = {0};
    struct manifest manifest = {copy, directory, {&text, false}};
    wci_json_open(&manifest.json, NULL, '{');
    wci_json_int(&manifest.json, "format", WCI_COPY_FORMAT);
    wci_json_time(&manifest.json, "made", wci_calendar_now(), 0);
    wci_json_open(&manifest.json, "files", '[');
    wildcam_status status = describe(&manifest, "station.db");
    if (status == WILDCAM_OK)
        status = wci_path(shards, "%s/detections", directory);
    if (status == WILDCAM_OK)
        status = wci_directory_walk(shards, describe_shard, &manifest);
    wci_json_close(&manifest.json, ']');
    wci_json_close(&manifest.json, '}');
    if (status == WILDCAM_OK && text.failed)
        status = wci_fail_memory();
    if (status == WILDCAM_OK)
        status = wci_path(path, "%s/manifest.json", directory);
    if (status == WILDCAM_OK)
        status = wci_file_replace(path, text.data, text.length);
    wci_text_free(&text);
    return status;
}

struct backup {
    struct wci_copy copy;
    struct wci_store *store;
    const char *directory;
};

/* CORRUPT when the station's own file is gone or damaged. */
static wildcam_status copy_picture(struct backup *backup, const wildcam_image *image,
                                   const char *path)
{
    char part[WCI_PATH];
    unsigned char sha256[WCI_DIGEST_BYTES];
    int fd;
    wildcam_status status = wci_pictures_read(&backup->store->pictures, image, &fd);
    if (status != WILDCAM_OK)
        return status;
    status = wci_path(part, "%s.part", path);
    if (status == WILDCAM_OK)
        status = wci_copy_make_above(path);
    if (status == WILDCAM_OK)
        status = wci_file_remove(part);
    if (status == WILDCAM_OK)
        status = wci_copy_file(&backup->copy, fd, "a picture", part, sha256);
    close(fd);
    if (status != WILDCAM_OK)
        return status;
    if (memcmp(sha256, image->sha256, sizeof sha256) == 0)
        return wci_file_rename(part, path);
    unlink(part);
    return wci_fail(WILDCAM_ERR_CORRUPT,
                    "picture %lld: its file does not have the SHA-256 %s any more",
                    (long long)image->id, image->sha256_text);
}

/* What the backup has already is read, too: files rot, and the station may still have a good one.
 */
static wildcam_status back_up_picture(void *user, const wildcam_image *image)
{
    struct backup *backup = user;
    char path[WCI_PATH];
    bool whole = false;
    wildcam_status status = wci_copy_picture_path(backup->directory, image, path);
    backup->copy.done++;
    if (status == WILDCAM_OK)
        status = wci_copy_is_whole(&backup->copy, image, path, &whole);
    if (status == WILDCAM_OK && !whole)
        status = copy_picture(backup, image, path);
    if (status == WILDCAM_ERR_CORRUPT) {
        wci_log_failure(backup->store->log, WILDCAM_LOG_ERROR, "backup", "a picture is left out");
        wci_copy_lose(&backup->copy, image);
        status = WILDCAM_OK;
    }
    return status == WILDCAM_OK ? wci_copy_tell(&backup->copy) : status;
}

/* The new databases take the place of the old ones. A crash between the renames leaves the old ones
 * under a name that a restore knows. */
static wildcam_status swap(const char *directory)
{
    char now[WCI_PATH], fresh[WCI_PATH], old[WCI_PATH];
    wildcam_status status = wci_path(now, "%s/database", directory);
    if (status == WILDCAM_OK)
        status = wci_path(fresh, "%s/database.new", directory);
    if (status == WILDCAM_OK)
        status = wci_path(old, "%s/database.old", directory);
    if (status == WILDCAM_OK && access(now, F_OK) == 0) {
        status = wci_directory_remove(old, NULL);
        if (status == WILDCAM_OK)
            status = wci_file_rename(now, old);
    }
    if (status == WILDCAM_OK)
        status = wci_file_rename(fresh, now);
    if (status == WILDCAM_OK)
        status = wci_directory_sync(directory);
    return status == WILDCAM_OK ? wci_directory_remove(old, NULL) : status;
}

static wildcam_status fill(struct backup *backup)
{
    char fresh[WCI_PATH];
    wildcam_status status = wci_path(fresh, "%s/database.new", backup->directory);
    if (status == WILDCAM_OK)
        status = wci_directory_remove(fresh, NULL);
    if (status == WILDCAM_OK)
        status = wci_directory_make(fresh);
    if (status == WILDCAM_OK)
        status = backup->store->ops->backup(backup->store->backend, fresh, backup->copy.progress,
                                            backup->copy.user);
    if (status == WILDCAM_OK)
        status = write_manifest(&backup->copy, fresh);
    if (status == WILDCAM_OK)
        status = wci_copy_walk_pictures(&backup->copy, fresh, backup->store->log, back_up_picture,
                                        backup);
    if (status == WILDCAM_OK)
        return swap(backup->directory);
    struct wci_error error;
    wci_error_save(&error);
    wci_directory_remove(fresh, NULL);
    return wci_error_restore(&error);
}

/* A directory is ours when it is empty or looks like a backup. */
static wildcam_status claim(const char *directory, int *fd)
{
    char database[WCI_PATH], old[WCI_PATH], fresh[WCI_PATH], lock[WCI_PATH];
    bool is_empty;
    wildcam_status status = wci_path(database, "%s/database/manifest.json", directory);
    if (status == WILDCAM_OK)
        status = wci_path(old, "%s/database.old/manifest.json", directory);
    if (status == WILDCAM_OK)
        status = wci_path(fresh, "%s/database.new", directory);
    if (status == WILDCAM_OK)
        status = wci_path(lock, "%s/backup.lock", directory);
    if (status == WILDCAM_OK)
        status = wci_directory_is_empty(directory, &is_empty);
    if (status != WILDCAM_OK)
        return status;
    if (!is_empty && !wci_file_exists(database) && !wci_file_exists(old) && !wci_file_exists(lock))
        return wci_fail(WILDCAM_ERR_EXISTS, "%s holds something that is not a backup", directory);
    status = wci_directory_make(directory);
    if (status == WILDCAM_OK)
        status = wci_lock_file_open(lock, fd);
    if (status != WILDCAM_OK)
        return status;
    status = wci_lock_try(*fd, 0, true);
    if (status != WILDCAM_OK)
        close(*fd);
    return status == WILDCAM_ERR_BUSY
               ? wci_fail(status, "another backup into %s is running", directory)
               : status;
}

wildcam_status wci_store_backup(struct wci_store *store, const char *directory,
                                wildcam_progress_fn *progress, void *user)
{
    struct backup backup = {.copy = {.progress = progress, .user = user, .phase = "databases"},
                            .store = store,
                            .directory = directory};
    struct wci_store_figures figures = {0};
    int upkeep, claimed = -1;
    wildcam_status status = wci_store_lock_upkeep(store->conf, false, &upkeep);
    if (status != WILDCAM_OK)
        return status;
    status = claim(directory, &claimed);
    if (status == WILDCAM_OK) {
        backup.copy.chunk = wci_new_array(WCI_COPY_CHUNK, 1);
        status = backup.copy.chunk ? fill(&backup) : WILDCAM_ERR_NOMEM;
        free(backup.copy.chunk);
        close(claimed);
    }
    if (status == WILDCAM_OK)
        status = store->ops->figures(store->backend, &figures);
    close(upkeep);
    if (status == WILDCAM_OK && (backup.copy.lost || figures.damaged_shards))
        status = wci_fail(WILDCAM_ERR_INCOMPLETE,
                          "the backup is made, but it lacks the files of pictures (%lld%s%s) and "
                          "damaged shards (%lld%s%s)",
                          (long long)backup.copy.lost, backup.copy.lost ? ": " : "",
                          backup.copy.names, (long long)figures.damaged_shards,
                          figures.damaged_shards ? ": " : "", wci_text_get(&figures.damaged));
    wci_text_free(&figures.damaged);
    return status;
}
