#include "walk.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <wildcam/wildcam.h>

#include "interrupt.h"
#include "side_file.h"

/* Where a walk is. */
struct place {
    size_t camera;
    bool is_chosen; /* a folder below the one that was named has given the camera its name */
};

static void note_trouble(struct walk *self, const char *path, int error)
{
    struct walk_trouble *troubles = realloc(self->troubles,
                                            (self->trouble_count + 1) * sizeof *troubles);
    if (troubles) {
        self->troubles = troubles;
        troubles[self->trouble_count] = (struct walk_trouble){strdup(path),
                                                              strdup(strerror(error))};
        self->has_failed |= !troubles[self->trouble_count].path ||
                            !troubles[self->trouble_count].reason;
        self->trouble_count++;
    } else {
        self->has_failed = true;
    }
}

/* ---- cameras ---- */

/* What cameras name their own folders: DCIM, 100RECNX (three digits and five more, by the standard
 * DCF), and the WildCAM firmware's images and 20260301, however that is written. */
static bool is_of_card(const char *name)
{
    size_t length = strlen(name), digits = 0;
    if (strcasecmp(name, "DCIM") == 0 || strcasecmp(name, "images") == 0)
        return true;
    for (const char *at = name; *at; at++)
        if (isdigit((unsigned char)*at))
            digits++;
        else if (*at != '-' && *at != '_' && *at != '.')
            digits = 100; /* no date */
    if (digits == 8 && (strncmp(name, "19", 2) == 0 || strncmp(name, "20", 2) == 0))
        return true;
    if (length != 8 || name[0] == '0')
        return false;
    for (size_t i = 0; i < length; i++)
        if (!(i < 3 ? isdigit((unsigned char)name[i])
                    : isalnum((unsigned char)name[i]) || name[i] == '_'))
            return false;
    return true;
}

/* The library's own word on whether that is a device id. */
static char *refuse_device_id(const char *device_id)
{
    char *refusal = NULL;
    wildcam_camera *draft = NULL;
    if (wildcam_camera_new(&draft) != WILDCAM_OK ||
        wildcam_camera_set_device_id(draft, device_id) != WILDCAM_OK)
        refusal = strdup(wildcam_error_message());
    wildcam_camera_free(draft);
    return refusal;
}

static size_t find_camera(struct walk *self, const char *device_id)
{
    for (size_t i = 0; i < self->camera_count; i++)
        if (strcmp(self->cameras[i].device_id, device_id) == 0)
            return i;
    struct walk_camera *cameras = realloc(self->cameras,
                                          (self->camera_count + 1) * sizeof *cameras);
    char *name = strdup(device_id);
    if (cameras)
        self->cameras = cameras;
    if (!cameras || !name) {
        free(name);
        self->has_failed = true;
        return 0;
    }
    cameras[self->camera_count] = (struct walk_camera){.device_id = name,
                                                       .refusal = refuse_device_id(name)};
    return self->camera_count++;
}

/* The folder that a path is in, or is, but none of a card's own. */
static size_t find_camera_of(struct walk *self, const char *path, bool is_folder)
{
    size_t camera = 0;
    char *whole = realpath(path, NULL);
    if (!whole) {
        self->has_failed |= errno == ENOMEM;
        return find_camera(self, "");
    }
    char *slash = strrchr(whole, '/');
    if (!is_folder)
        *slash = '\0';
    while ((slash = strrchr(whole, '/')) && is_of_card(slash + 1))
        *slash = '\0';
    camera = find_camera(self, slash ? slash + 1 : "");
    free(whole);
    return camera;
}

/* ---- pictures ---- */

static void add_picture(struct walk *self, const char *path, size_t camera)
{
    if (self->picture_count == self->picture_room) {
        size_t room = self->picture_room ? self->picture_room * 2 : 256;
        struct walk_picture *pictures = realloc(self->pictures, room * sizeof *pictures);
        if (!pictures) {
            self->has_failed = true;
            return;
        }
        self->pictures = pictures;
        self->picture_room = room;
    }
    char *copy = strdup(path);
    if (!copy || camera >= self->camera_count) {
        free(copy);
        self->has_failed = true;
        return;
    }
    self->pictures[self->picture_count++] = (struct walk_picture){copy, camera};
    self->cameras[camera].found++;
}

static bool is_picture(const char *name)
{
    const char *dot = strrchr(name, '.');
    return name[0] != '.' && dot && (strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0);
}

/* ---- folders ---- */

struct folder {
    dev_t device;
    ino_t number;
};

static int compare_folders(const void *left, const void *right)
{
    const struct folder *a = left, *b = right;
    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* False when it was looked into before: by a link, say, or in a circle. */
static bool visit(struct walk *self, const struct stat *found)
{
    struct folder *folder = malloc(sizeof *folder);
    if (!folder) {
        self->has_failed = true;
        return false;
    }
    *folder = (struct folder){found->st_dev, found->st_ino};
    struct folder **node = tsearch(folder, &self->visited, compare_folders);
    if (node && *node == folder)
        return true;
    self->has_failed |= !node;
    free(folder);
    return false;
}

void walk_leave_out(struct walk *self, const char *folder)
{
    struct stat found;
    if (stat(folder, &found) == 0)
        visit(self, &found);
}

static void add_entry(struct walk *self, const char *path, const struct dirent *entry,
                      struct place place);

static void add_folder(struct walk *self, const char *path, struct place place)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    if (count < 0) {
        note_trouble(self, path, errno);
        return;
    }
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        if (!interrupt_came() && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
            add_entry(self, path, entries[i], place);
        free(entries[i]);
    }
    free((void *)entries);
}

static void enter_folder(struct walk *self, const char *path, const char *name, struct place place)
{
    if (!place.is_chosen && !is_of_card(name))
        place = (struct place){find_camera(self, name), true};
    add_folder(self, path, place);
}

static void add_entry(struct walk *self, const char *above, const struct dirent *entry,
                      struct place place)
{
    struct stat found;
    char *path = NULL;
    const char *name = entry->d_name, *slash = above[strlen(above) - 1] == '/' ? "" : "/";
    if (asprintf(&path, "%s%s%s", above, slash, name) < 0) {
        self->has_failed = true;
        return;
    }
    bool is_file = entry->d_type == DT_REG;
    bool is_known = is_file || stat(path, &found) == 0;
    if (!is_known)
        note_trouble(self, path, errno);
    else if (!is_file && S_ISDIR(found.st_mode) && name[0] != '.' && visit(self, &found))
        enter_folder(self, path, name, place);
    else if ((is_file || S_ISREG(found.st_mode)) && is_picture(name))
        add_picture(self, path, place.camera);
    else if ((is_file || !S_ISDIR(found.st_mode)) && !side_file_is(path))
        self->others++;
    free(path);
}

void walk_add(struct walk *self, const char *path, const char *device_id)
{
    struct stat found;
    if (stat(path, &found) != 0) {
        note_trouble(self, path, errno);
        return;
    }
    bool is_folder = S_ISDIR(found.st_mode);
    struct place place = {device_id ? find_camera(self, device_id)
                                    : find_camera_of(self, path, is_folder),
                          device_id != NULL};
    if (!is_folder)
        add_picture(self, path, place.camera);
    else if (visit(self, &found))
        add_folder(self, path, place);
}

void walk_free(struct walk *self)
{
    for (size_t i = 0; i < self->camera_count; i++) {
        free(self->cameras[i].device_id);
        free(self->cameras[i].refusal);
        wildcam_camera_free(self->cameras[i].told);
    }
    for (size_t i = 0; i < self->picture_count; i++)
        free(self->pictures[i].path);
    for (size_t i = 0; i < self->trouble_count; i++) {
        free(self->troubles[i].path);
        free(self->troubles[i].reason);
    }
    free(self->cameras);
    free(self->pictures);
    free(self->troubles);
    tdestroy(self->visited, free);
}
