/* Whether a directory holds a station, or may come to hold one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "store/store.h"

/* station.db is made first and is never taken away, so these never stand without it. */
static const char *const station_parts[] = {"detections", "images"};
static const char *const backup_parts[] = {"database", "database.new", "database.old",
                                           "backup.lock"};

/* What stands in a directory without station.db; the names of the first of each kind. */
struct place {
    char part[16], backup[16], stranger[256];
};

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

#define IS_ONE_OF(name, names) is_one_of((name), (names), sizeof(names) / sizeof(names)[0])

static bool is_picture(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && (strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0);
}

static wildcam_status look_at_entry(void *user, const char *path, const char *name,
                                    bool is_directory)
{
    struct place *place = user;
    (void)path;
    if (IS_ONE_OF(name, station_parts))
        snprintf(place->part, sizeof place->part, "%s", name);
    else if (IS_ONE_OF(name, backup_parts))
        snprintf(place->backup, sizeof place->backup, "%s", name);
    else if (name[0] != '.' && strcmp(name, "lost+found") != 0 &&
             (is_directory || is_picture(name)) && !*place->stranger)
        snprintf(place->stranger, sizeof place->stranger, "%s", name);
    return WILDCAM_OK;
}

static wildcam_status look_for_catalog(const char *directory, bool *found)
{
    char catalog[WCI_PATH];
    *found = false;
    wildcam_status status = wci_path(catalog, "%s/station.db", directory);
    if (status != WILDCAM_OK)
        return status;
    *found = access(catalog, F_OK) == 0;
    return *found || errno == ENOENT || errno == ENOTDIR
               ? WILDCAM_OK
               : wci_fail_os(errno, "cannot look for a station in %s", directory);
}

static wildcam_status judge(const struct place *place, const char *directory)
{
    if (*place->backup)
        return wci_fail(WILDCAM_ERR_EXISTS,
                        "%s holds something that is not a station but a backup (%s): restore it "
                        "into another directory",
                        directory, place->backup);
    if (*place->part)
        return wci_fail(WILDCAM_ERR_CORRUPT,
                        "%s holds %s/ but no station.db any more: restore the station from a "
                        "backup",
                        directory, place->part);
    if (*place->stranger)
        return wci_fail(WILDCAM_ERR_EXISTS, "%s holds something that is not a station: %s",
                        directory, place->stranger);
    return WILDCAM_OK;
}

wildcam_status wci_store_find_place(const wildcam_conf *conf)
{
    const char *directory = wci_conf_text(conf, WCI_DATA_DIR);
    bool is_station, may_create = wci_conf_int(conf, WCI_DATA_CREATE);
    struct place place = {"", "", ""};
    wildcam_status status = may_create ? wci_directory_make(directory) : WILDCAM_OK;
    if (status == WILDCAM_OK)
        status = look_for_catalog(directory, &is_station);
    if (status != WILDCAM_OK || is_station)
        return status;
    status = wci_directory_walk(directory, look_at_entry, &place);
    if (status == WILDCAM_ERR_NOTFOUND) /* it is no directory */
        status = WILDCAM_OK;
    if (status == WILDCAM_OK) /* another process may have made it meanwhile */
        status = look_for_catalog(directory, &is_station);
    if (status != WILDCAM_OK || is_station)
        return status;
    status = judge(&place, directory);
    if (status == WILDCAM_OK && !may_create)
        status = wci_fail(WILDCAM_ERR_NOTFOUND, "there is no station in %s", directory);
    return status;
}
