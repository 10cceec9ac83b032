#include "exchange/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/chance.h"

enum { SPILL = 256 * 1024 };

/* What a link leads to is written, and nothing but files is: a pipe or a device would be gone. */
static wildcam_status find_place(const char *path, char place[WCI_PATH])
{
    struct stat found;
    if (stat(path, &found) == 0 && !S_ISREG(found.st_mode))
        return wci_fail(WILDCAM_ERR_INVALID, "%.300s is %s; a file would take its place", path,
                        S_ISDIR(found.st_mode) ? "a directory" : "no file");
    if (lstat(path, &found) == 0 && S_ISLNK(found.st_mode))
        return wci_path_real(path, place);
    return wci_path(place, "%s", path);
}

wildcam_status wci_sink_open(struct wci_sink *sink, const char *path, bool is_gzip)
{
    char chance[9];
    *sink = (struct wci_sink){.fd = -1};
    wildcam_status status = wci_chance_hex(chance, 8);
    if (status == WILDCAM_OK)
        status = find_place(path, sink->path);
    if (status == WILDCAM_OK)
        status = wci_path(sink->temporary, "%s.part-%s", sink->path, chance);
    if (status == WILDCAM_OK)
        status = wci_file_create(sink->temporary, &sink->fd);
    if (status != WILDCAM_OK) {
        sink->temporary[0] = '\0';
        return status;
    }
    if (!is_gzip)
        return WILDCAM_OK;
    int copy = dup(sink->fd); /* zlib closes its own */
    sink->gzip = copy >= 0 ? gzdopen(copy, "wb6") : NULL;
    if (sink->gzip)
        return WILDCAM_OK;
    if (copy >= 0)
        close(copy);
    wci_sink_abort(sink);
    return wci_fail_memory();
}

static wildcam_status write_out(struct wci_sink *sink)
{
    struct wci_text *buffer = &sink->buffer;
    wildcam_status status = WILDCAM_OK;
    if (buffer->failed)
        return wci_fail_memory();
    if (!buffer->length)
        return WILDCAM_OK;
    errno = 0;
    if (!sink->gzip)
        status = wci_file_write(sink->fd, sink->temporary, buffer->data, buffer->length);
    else if (gzwrite(sink->gzip, buffer->data, (unsigned)buffer->length) != (int)buffer->length)
        status = wci_fail_os(errno ? errno : EIO, "cannot write %.300s", sink->temporary);
    wci_text_empty(buffer);
    return status;
}

wildcam_status wci_sink_spill(struct wci_sink *sink)
{
    return sink->buffer.length >= SPILL || sink->buffer.failed ? write_out(sink) : WILDCAM_OK;
}

wildcam_status wci_sink_give_name(const char *from, const char *to, bool *is_there)
{
    char above[WCI_PATH];
    *is_there = false;
    wildcam_status status = wci_path_above(above, to);
    if (status != WILDCAM_OK)
        return status;
    int fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno != EACCES) /* names may be made there, but not read: nothing can be done */
        return wci_fail_os(errno, "cannot open the directory %.300s", above);
    status = wci_file_rename(from, to);
    *is_there = status == WILDCAM_OK;
    if (status == WILDCAM_OK && fd >= 0)
        status = wci_file_sync(fd, above);
    if (fd >= 0)
        close(fd);
    return status;
}

wildcam_status wci_sink_finish(struct wci_sink *sink)
{
    bool is_there = false;
    wildcam_status status = write_out(sink);
    if (sink->gzip) {
        errno = 0;
        int code = gzclose(sink->gzip);
        sink->gzip = NULL;
        if (status == WILDCAM_OK && code != Z_OK)
            status = wci_fail_os(errno ? errno : EIO, "cannot write %.300s", sink->temporary);
    }
    if (status == WILDCAM_OK)
        status = wci_file_sync(sink->fd, sink->temporary);
    if (status == WILDCAM_OK)
        status = wci_sink_give_name(sink->temporary, sink->path, &is_there);
    if (status == WILDCAM_OK)
        sink->temporary[0] = '\0';
    else if (is_there) /* what may be lost again is taken back */
        memcpy(sink->temporary, sink->path, sizeof sink->temporary);
    struct wci_error error;
    wci_error_save(&error);
    wci_sink_abort(sink);
    return status == WILDCAM_OK ? WILDCAM_OK : wci_error_restore(&error);
}

void wci_sink_abort(struct wci_sink *sink)
{
    if (sink->gzip)
        gzclose(sink->gzip);
    sink->gzip = NULL;
    if (sink->path[0] && sink->fd >= 0)
        close(sink->fd);
    sink->fd = -1;
    if (sink->temporary[0])
        unlink(sink->temporary);
    sink->temporary[0] = '\0';
    wci_text_free(&sink->buffer);
}
