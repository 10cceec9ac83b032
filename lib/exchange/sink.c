#include "exchange/sink.h"

#include <errno.h>
#include <unistd.h>
#include <zlib.h>

#include "base/chance.h"

enum { SPILL = 256 * 1024 };

wildcam_status wci_sink_open(struct wci_sink *sink, const char *path, bool is_gzip)
{
    char chance[9];
    *sink = (struct wci_sink){.fd = -1};
    wildcam_status status = wci_chance_hex(chance, 8);
    if (status == WILDCAM_OK)
        status = wci_path(sink->path, "%s", path);
    if (status == WILDCAM_OK)
        status = wci_path(sink->temporary, "%s.part-%s", path, chance);
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

wildcam_status wci_sink_finish(struct wci_sink *sink)
{
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
        status = wci_file_rename(sink->temporary, sink->path);
    if (status == WILDCAM_OK)
        sink->temporary[0] = '\0';
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
