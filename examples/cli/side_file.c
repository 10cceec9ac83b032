#include "side_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BYTES_MAX = 65536 };

/* The path with another ending; NULL when memory has run out or there is nothing of that name. */
static char *with_ending(const char *path, const char *ending)
{
    char *other = NULL;
    const char *dot = strrchr(path, '.');
    if (!dot || strcmp(dot, ending) == 0 || /* nothing stands beside itself */
        asprintf(&other, "%.*s%s", (int)(dot - path), path, ending) < 0)
        return NULL;
    if (access(other, F_OK) == 0)
        return other;
    free(other);
    return NULL;
}

bool side_file_is(const char *path)
{
    static const char *const endings[] = {".jpg", ".JPG", ".jpeg", ".JPEG"};
    const char *dot = strrchr(path, '.');
    if (!dot || strcasecmp(dot, ".json") != 0)
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char *picture = with_ending(path, endings[i]);
        free(picture);
        if (picture)
            return true;
    }
    return false;
}

/* One byte more than is allowed tells that it is too long. */
static ssize_t read_all(const char *path, char *buffer, size_t room)
{
    struct stat found;
    ssize_t got = 0, total = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -1;
    if (fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) {
        close(fd);
        errno = EINVAL;
        return -1;
    }
    while ((size_t)total < room && (got = read(fd, buffer + total, room - (size_t)total)) > 0)
        total += got;
    int error = errno;
    close(fd);
    errno = error;
    return got < 0 ? -1 : total;
}

static void take(struct side_file *self, wildcam_ingest *ingest, const char *path,
                 const char *device_id)
{
    char *buffer = malloc(BYTES_MAX + 1);
    ssize_t size = buffer ? read_all(path, buffer, BYTES_MAX + 1) : -1;
    wildcam_status status = WILDCAM_OK;
    if (size < 0) {
        self->trouble = strdup(buffer ? strerror(errno) : "memory ran out");
    } else {
        status = wildcam_camera_new(&self->state);
        if (status == WILDCAM_OK)
            status = wildcam_camera_set_device_id(self->state, device_id);
        if (status == WILDCAM_OK)
            status = wildcam_ingest_set_sidecar(ingest, buffer, (size_t)size, self->state,
                                                &self->time);
        if (status != WILDCAM_OK)
            self->trouble = strdup(wildcam_error_message());
    }
    free(buffer);
}

void side_file_take(struct side_file *self, wildcam_ingest *ingest, const char *picture,
                    const char *device_id)
{
    *self = (struct side_file){.time = WILDCAM_TIME_NONE};
    char *path = with_ending(picture, ".json");
    if (!path)
        path = with_ending(picture, ".JSON");
    self->is_there = path != NULL;
    if (path)
        take(self, ingest, path, device_id);
    free(path);
}

void side_file_free(struct side_file *self)
{
    wildcam_camera_free(self->state);
    free(self->trouble);
    *self = (struct side_file){0};
}
