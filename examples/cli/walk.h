/* Finding the pictures below folders, and whose they are. */
#ifndef CLI_WALK_H
#define CLI_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <wildcam/wildcam.h>

/* What a folder's pictures are kept under. */
struct walk_camera {
    char *device_id;
    char *refusal; /* why its name is no device id; NULL when it is one */
    int64_t found, kept, known, left_out;
    /* What its side files say of it: the newest, and what was known before. */
    int64_t known_until, told_at;
    wildcam_camera *told; /* NULL for nothing */
};

struct walk_picture {
    char *path;
    size_t camera;
};

/* A place that could not be looked into. */
struct walk_trouble {
    char *path, *reason;
};

struct walk {
    struct walk_camera *cameras;
    size_t camera_count;
    struct walk_picture *pictures;
    size_t picture_count, picture_room;
    struct walk_trouble *troubles;
    size_t trouble_count;
    int64_t others;  /* files that are named otherwise, and stand beside no picture */
    bool has_failed; /* memory ran out */
    void *visited;   /* the folders that were looked into, a tsearch() tree */
};

/* Leaves this folder out, though it be below another: the station's own. */
void walk_leave_out(struct walk *self, const char *folder);
/* Adds a picture, or what is below a folder, in the order of the names. All of it is `device_id`'s
 * or, when that is NULL, belongs to the camera its folder is named after. */
void walk_add(struct walk *self, const char *path, const char *device_id);
void walk_free(struct walk *self);

#endif
