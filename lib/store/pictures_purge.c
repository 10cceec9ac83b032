/* Deleting the files of whole shards. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/calendar.h"
#include "store/pictures.h"

/* "2026-11" is the folder 2026/11, "2026-11-23" is 2026/11/23. */
static void folder_of(const char *shard, char folder[16])
{
    snprintf(folder, 16, "%s", shard);
    for (char *at = folder; *at; at++)
        if (*at == '-')
            *at = '/';
}

struct measure {
    int64_t *files, *bytes;
};

/* What vanishes meanwhile does not count. */
static wildcam_status measure(void *user, const char *path, const char *name, bool is_directory)
{
    const struct measure *sums = user;
    char whole[WCI_PATH];
    struct stat found;
    wildcam_status status = wci_path(whole, "%s/%s", path, name);
    if (status != WILDCAM_OK)
        return status;
    if (is_directory)
        return wci_directory_walk(whole, measure, user);
    if (stat(whole, &found) == 0) {
        ++*sums->files;
        *sums->bytes += found.st_size;
    }
    return WILDCAM_OK;
}

wildcam_status wci_pictures_measure(struct wci_pictures *pictures, const char *shard,
                                    int64_t *files, int64_t *bytes)
{
    char folder[16], path[WCI_PATH];
    struct measure sums = {files, bytes};
    folder_of(shard, folder);
    wildcam_status status = wci_path(path, "%s/images/%s", pictures->directory, folder);
    return status == WILDCAM_OK ? wci_directory_walk(path, measure, &sums) : status;
}

bool wci_pictures_is_day_of(const char *shards, int year, int month, int day)
{
    char name[48];
    snprintf(name, sizeof name, "%04d-%02d ", year, month);
    if (strstr(shards, name))
        return true;
    snprintf(name, sizeof name, "%04d-%02d-%02d ", year, month, day);
    return strstr(shards, name) != NULL;
}

void wci_pictures_list_damaged(struct wci_text *shards, const char *damaged)
{
    for (const char *at = damaged; *at; at++) /* "A, B" to "A B " */
        if (*at != ',')
            wci_text_add_char(shards, *at);
    wci_text_add_char(shards, ' ');
}

/* A month or a year of which nothing is left; one that is not empty stays. */
static void tidy(const char *root, const char *shard)
{
    char folder[16], path[WCI_PATH], *slash;
    folder_of(shard, folder);
    while ((slash = strrchr(folder, '/'))) {
        *slash = '\0';
        if (wci_path(path, "%s/%s", root, folder) != WILDCAM_OK ||
            (rmdir(path) != 0 && errno != ENOENT))
            return;
    }
}

wildcam_status wci_pictures_hide(struct wci_pictures *pictures, const char *shard)
{
    char folder[16], from[WCI_PATH], purged[WCI_PATH], to[WCI_PATH];
    folder_of(shard, folder);
    wildcam_status status = wci_path(from, "%s/images/%s", pictures->directory, folder);
    if (status == WILDCAM_OK)
        status = wci_path(purged, "%s/purged", pictures->directory);
    if (status == WILDCAM_OK)
        status = wci_path(to, "%s/%s.%llx", purged, shard, (unsigned long long)wci_calendar_now());
    if (status == WILDCAM_OK)
        status = wci_directory_make(purged);
    if (status == WILDCAM_OK)
        status = wci_file_rename(from, to);
    if (status == WILDCAM_ERR_NOTFOUND) /* no pictures */
        return WILDCAM_OK;
    return status == WILDCAM_OK ? wci_directory_sync(purged) : status;
}

struct hidden {
    const char *shard;
    bool found;
    bool remove;
    int64_t *files;
};

static wildcam_status look_at_hidden(void *user, const char *path, const char *name,
                                     bool is_directory)
{
    struct hidden *hidden = user;
    char whole[WCI_PATH];
    size_t length = strlen(hidden->shard);
    if (!is_directory || strncmp(name, hidden->shard, length) != 0 || name[length] != '.')
        return WILDCAM_OK;
    hidden->found = true;
    if (!hidden->remove)
        return WILDCAM_OK;
    wildcam_status status = wci_path(whole, "%s/%s", path, name);
    return status == WILDCAM_OK ? wci_directory_remove(whole, hidden->files) : status;
}

struct showing {
    const char *shard;
    char folder[WCI_PATH];
};

static wildcam_status show_hidden(void *user, const char *path, const char *name, bool is_directory)
{
    const struct showing *showing = user;
    char whole[WCI_PATH];
    size_t length = strlen(showing->shard);
    if (!is_directory || strncmp(name, showing->shard, length) != 0 || name[length] != '.')
        return WILDCAM_OK;
    wildcam_status status = wci_path(whole, "%s/%s", path, name);
    return status == WILDCAM_OK ? wci_file_rename(whole, showing->folder) : status;
}

/* Should it fail, the next opening of the station finishes the purge instead. */
void wci_pictures_show(struct wci_pictures *pictures, const char *shard)
{
    char folder[16], purged[WCI_PATH];
    struct showing showing = {.shard = shard};
    folder_of(shard, folder);
    if (wci_path(showing.folder, "%s/images/%s", pictures->directory, folder) == WILDCAM_OK &&
        wci_path(purged, "%s/purged", pictures->directory) == WILDCAM_OK)
        wci_directory_walk(purged, show_hidden, &showing);
}

bool wci_pictures_is_hidden(struct wci_pictures *pictures, const char *shard)
{
    char purged[WCI_PATH];
    struct hidden hidden = {.shard = shard};
    return wci_path(purged, "%s/purged", pictures->directory) == WILDCAM_OK &&
           wci_directory_walk(purged, look_at_hidden, &hidden) == WILDCAM_OK && hidden.found;
}

static wildcam_status drop_thumbnails(void *user, const char *path, const char *name,
                                      bool is_directory)
{
    char folder[16], whole[WCI_PATH];
    folder_of(user, folder);
    if (!is_directory)
        return WILDCAM_OK;
    wildcam_status status = wci_path(whole, "%s/%s/%s", path, name, folder);
    if (status == WILDCAM_OK)
        status = wci_directory_remove(whole, NULL);
    if (status == WILDCAM_OK)
        status = wci_path(whole, "%s/%s", path, name);
    if (status == WILDCAM_OK)
        tidy(whole, user);
    return status;
}

wildcam_status wci_pictures_drop(struct wci_pictures *pictures, const char *shard, int64_t *files)
{
    char purged[WCI_PATH], thumbnails[WCI_PATH], images[WCI_PATH], name[16];
    struct hidden hidden = {.shard = shard, .remove = true, .files = files};
    snprintf(name, sizeof name, "%s", shard);
    wildcam_status status = wci_path(thumbnails, "%s/thumbnails", pictures->directory);
    if (status == WILDCAM_OK)
        status = wci_directory_walk(thumbnails, drop_thumbnails, name);
    if (status == WILDCAM_OK)
        status = wci_path(purged, "%s/purged", pictures->directory);
    if (status == WILDCAM_OK)
        status = wci_directory_walk(purged, look_at_hidden, &hidden);
    if (status == WILDCAM_OK)
        status = wci_path(images, "%s/images", pictures->directory);
    if (status == WILDCAM_OK)
        tidy(images, shard);
    return status;
}
