/* Copying a station while it works. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <wildcam/time.h>

#include "base/calendar.h"
#include "base/lock_file.h"
#include "base/memory.h"
#include "store/carry.h"

struct backup {
    struct wci_copy copy;
    struct wci_store *store;
    const char *directory, *identity;
    int64_t copied; /* pictures that were not there, or damaged there */
    struct wci_earlier earlier;
    struct wci_text damaged; /* the shards that the station has set aside */
    struct wci_shard_list carried, lacked;
};

/* CORRUPT when the station's own file is gone, damaged or beyond reading. */
static wildcam_status copy_picture(struct backup *backup, const wildcam_image *image,
                                   const char *path)
{
    char part[WCI_PATH], name[64];
    unsigned char sha256[WCI_DIGEST_BYTES];
    int fd;
    wildcam_status status =
        wci_copy_unreadable(wci_pictures_read(&backup->store->pictures, image, &fd));
    if (status != WILDCAM_OK)
        return status;
    status = wci_path(part, "%s.part", path);
    if (status == WILDCAM_OK)
        status = wci_copy_make_above(path);
    if (status == WILDCAM_OK)
        status = wci_file_remove(part);
    snprintf(name, sizeof name, "picture %lld", (long long)image->id);
    if (status == WILDCAM_OK)
        status = wci_copy_file(&backup->copy, fd, name, part, sha256);
    close(fd);
    if (status != WILDCAM_OK)
        return status;
    if (memcmp(sha256, image->sha256, sizeof sha256) == 0) {
        status = wci_file_rename(part, path);
        backup->copied += status == WILDCAM_OK;
        return status == WILDCAM_OK ? wci_copy_named(&backup->copy, path) : status;
    }
    unlink(part);
    return wci_fail(WILDCAM_ERR_CORRUPT,
                    "picture %lld: its file does not have the SHA-256 %s any more",
                    (long long)image->id, image->sha256_text);
}

/* What the backup has already is read, too: files rot, and the station may still have a good one.
 * The file of a released picture, which is in S3, was deleted; the backup keeps the one it has. */
static wildcam_status back_up_picture(void *user, const wildcam_image *image)
{
    struct backup *backup = user;
    char path[WCI_PATH];
    bool whole = wci_image_is_elsewhere(image);
    wildcam_status status = wci_copy_picture_path(backup->directory, image, path);
    backup->copy.done++;
    if (status == WILDCAM_OK && !whole)
        status = wci_copy_is_whole(&backup->copy, image, path, &whole);
    if (status == WILDCAM_OK && !whole && image->released_at == WILDCAM_TIME_NONE)
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

struct sweep {
    const char *shards; /* all that is kept */
    int year, month;
};

static wildcam_status sweep_day(void *user, const char *path, const char *name, bool is_directory)
{
    const struct sweep *sweep = user;
    char folder[WCI_PATH];
    int day;
    if (!is_directory || strlen(name) != 2 || !wci_calendar_digits(name, 2, &day) ||
        wci_pictures_is_day_of(sweep->shards, sweep->year, sweep->month, day))
        return WILDCAM_OK;
    wildcam_status status = wci_path(folder, "%s/%s", path, name);
    return status == WILDCAM_OK ? wci_directory_remove(folder, NULL) : status;
}

static wildcam_status sweep_month(void *user, const char *path, const char *name, bool is_directory)
{
    struct sweep *sweep = user;
    char folder[WCI_PATH];
    if (!is_directory || strlen(name) != 2 || !wci_calendar_digits(name, 2, &sweep->month))
        return WILDCAM_OK;
    wildcam_status status = wci_path(folder, "%s/%s", path, name);
    if (status == WILDCAM_OK)
        status = wci_directory_walk(folder, sweep_day, sweep);
    rmdir(folder); /* unless something is in it */
    return status;
}

static wildcam_status sweep_year(void *user, const char *path, const char *name, bool is_directory)
{
    struct sweep *sweep = user;
    char folder[WCI_PATH];
    if (!is_directory || strlen(name) != 4 || !wci_calendar_digits(name, 4, &sweep->year))
        return WILDCAM_OK;
    wildcam_status status = wci_path(folder, "%s/%s", path, name);
    if (status == WILDCAM_OK)
        status = wci_directory_walk(folder, sweep_month, sweep);
    rmdir(folder);
    return status;
}

/* What the station has purged does not live on in its backup. The pictures of a shard that was set
 * aside stay: the shard may come back. The backup is made by now, so a failure is not its own; the
 * next one tries again. */
static void drop_old_days(struct backup *backup)
{
    char images[WCI_PATH];
    struct sweep sweep = {0};
    wci_pictures_list_damaged(&backup->copy.shards, wci_text_get(&backup->damaged));
    wildcam_status status = backup->copy.shards.failed ? wci_fail_memory() : WILDCAM_OK;
    sweep.shards = wci_text_get(&backup->copy.shards);
    if (status == WILDCAM_OK)
        status = wci_path(images, "%s/images", backup->directory);
    if (status == WILDCAM_OK)
        status = wci_directory_walk(images, sweep_year, &sweep);
    if (status != WILDCAM_OK)
        wci_log_failure(backup->store->log, WILDCAM_LOG_ERROR, "backup",
                        "pictures that the station has purged could not be removed");
}

/* A shard that was set aside is looked up after the databases were copied: what is not among them
 * because it was found damaged just now is among these. */
static wildcam_status carry_over(struct backup *backup, const char *fresh)
{
    struct wci_store_figures figures = {0};
    wildcam_status status = backup->store->ops->figures(backup->store->backend, &figures);
    wci_text_free(&backup->damaged);
    backup->damaged = figures.damaged;
    if (status == WILDCAM_OK && figures.damaged.failed)
        return wci_fail_memory();
    return status == WILDCAM_OK
               ? wci_earlier_carry(&backup->earlier, &backup->copy, backup->store->log,
                                   wci_text_get(&backup->damaged), fresh, &backup->carried,
                                   &backup->lacked)
               : status;
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
        status = carry_over(backup, fresh);
    if (status == WILDCAM_OK)
        status = wci_manifest_write(&backup->copy, fresh, backup->identity);
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

/* A backup inside the station would be part of the next one; a station inside a backup would look
 * like one of its parts. */
static wildcam_status must_be_apart(const char *station, const char *directory)
{
    char here[WCI_PATH], there[WCI_PATH];
    wildcam_status status = wci_path_real(station, here);
    if (status == WILDCAM_OK)
        status = wci_path_real(directory, there);
    if (status != WILDCAM_OK)
        return status;
    if (wci_path_is_inside(there, here))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "%s is inside the station %s: a backup belongs elsewhere, best on another "
                        "disk",
                        directory, station);
    if (wci_path_is_inside(here, there))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "the station %s is inside %s: a backup belongs into a directory of its own",
                        station, directory);
    return WILDCAM_OK;
}

/* Only the last directory of the path: without those above it the disk is not mounted. */
static wildcam_status make_last(const char *directory)
{
    char real[WCI_PATH];
    wildcam_status status = wci_path_real(directory, real);
    if (status != WILDCAM_OK)
        return status;
    *strrchr(real, '/') = '\0';
    if (*real && access(real, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return wci_fail(WILDCAM_ERR_NOTFOUND,
                        "there is no directory %s to make the backup in; is its disk mounted?",
                        real);
    return wci_directory_make(directory);
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
    status = make_last(directory);
    if (status == WILDCAM_OK)
        status = wci_lock_file_open(lock, fd);
    if (status != WILDCAM_OK)
        return status;
    status = wci_lock_try(*fd, 0, true);
    if (status != WILDCAM_OK) {
        close(*fd);
        *fd = -1;
    }
    return status == WILDCAM_ERR_BUSY
               ? wci_fail(status, "another backup into %s is running", directory)
               : status;
}

/* What the backup is not, when it is made. */
static wildcam_status tell_what_is_lost(const struct backup *backup)
{
    const struct wci_shard_list *lacked = &backup->lacked, *carried = &backup->carried;
    char as_before[WCI_ERROR_TEXT] = "";
    if (!backup->copy.lost && !lacked->count && !carried->count)
        return WILDCAM_OK;
    if (carried->count)
        snprintf(as_before, sizeof as_before,
                 ", and has as the earlier backup had them the shards (%lld: %s)",
                 (long long)carried->count, wci_text_get(&carried->names));
    return wci_fail(WILDCAM_ERR_INCOMPLETE,
                    "the backup is made, but it lacks the files of pictures (%lld%s%s) and damaged "
                    "shards (%lld%s%s)%s",
                    (long long)backup->copy.lost, backup->copy.lost ? ": " : "", backup->copy.names,
                    (long long)lacked->count, lacked->count ? ": " : "",
                    wci_text_get(&lacked->names), as_before);
}

static void release(struct backup *backup)
{
    wci_earlier_forget(&backup->earlier);
    wci_text_free(&backup->damaged);
    wci_text_free(&backup->carried.names);
    wci_text_free(&backup->lacked.names);
    wci_text_free(&backup->copy.shards);
    free(backup->copy.chunk);
}

wildcam_status wci_store_backup(struct wci_store *store, const char *directory,
                                wildcam_progress_fn *progress, void *user, int64_t *copied)
{
    struct backup backup = {.copy = {.progress = progress, .user = user, .phase = "databases"},
                            .store = store,
                            .directory = directory,
                            .identity = store->ops->identity(store->backend)};
    int upkeep, claimed = -1;
    wildcam_status status = must_be_apart(store->pictures.directory, directory);
    if (status == WILDCAM_OK)
        status = wci_store_lock_upkeep(store->conf, false, &upkeep);
    if (status != WILDCAM_OK)
        return status;
    status = claim(directory, &claimed);
    if (status == WILDCAM_OK)
        status = wci_earlier_find(directory, backup.identity, &backup.earlier);
    if (status == WILDCAM_OK) {
        backup.copy.chunk = wci_new_array(WCI_COPY_CHUNK, 1);
        status = backup.copy.chunk ? fill(&backup) : WILDCAM_ERR_NOMEM;
    }
    if (status == WILDCAM_OK) {
        drop_old_days(&backup);
        status = tell_what_is_lost(&backup);
    }
    if (claimed >= 0)
        close(claimed);
    close(upkeep);
    if (copied)
        *copied = backup.copied;
    release(&backup);
    return status;
}
