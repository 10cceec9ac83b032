#include "exchange/source.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/file.h"
#include "base/memory.h"

wildcam_status wci_source_open(struct wci_source *source, const char *path)
{
    int fd;
    struct stat found;
    *source = (struct wci_source){.path = path};
    if (stat(path, &found) == 0 && !S_ISREG(found.st_mode)) /* opening a pipe would wait */
        return wci_fail(WILDCAM_ERR_INVALID, "%.300s is %s", path,
                        S_ISDIR(found.st_mode) ? "a directory" : "not a file");
    wildcam_status status = wci_file_open(path, &fd, &source->bytes);
    if (status != WILDCAM_OK)
        return status;
    source->data = source->buffer = wci_new_array(WCI_SOURCE_BUFFER, 1);
    source->file = source->buffer ? gzdopen(fd, "rb") : NULL;
    if (source->file)
        return WILDCAM_OK;
    free(source->buffer);
    source->data = source->buffer = NULL;
    close(fd);
    return wci_fail_memory();
}

void wci_source_of_bytes(struct wci_source *source, const char *path, const void *bytes,
                         size_t size)
{
    *source = (struct wci_source){
        .path = path, .data = bytes, .end = size, .bytes = (int64_t)size, .done = (int64_t)size};
}

void wci_source_close(struct wci_source *source)
{
    if (source->file) {
        gzclose(source->file);
        free(source->buffer);
    }
    *source = (struct wci_source){0};
}

static int fail(struct wci_source *source, int code, const char *text)
{
    if (code == Z_ERRNO)
        source->failure = wci_fail_os(errno, "%.300s could not be read", source->path);
    else if (code == Z_MEM_ERROR)
        source->failure = wci_fail_memory();
    else
        source->failure = wci_fail_from(WILDCAM_ERR_CORRUPT, "zlib", code,
                                        "%.300s is damaged: %.100s", source->path, text);
    return WCI_SOURCE_FAILED;
}

/* What unpacks to so many times its size, and to more than so much, is no file that anybody wrote:
 * tables and results shrink to a tenth or twentieth, zeros to a thousandth. */
enum { TIMES_MAX = 200 };
#define UNPACKED_MIN (INT64_C(64) << 20)

static bool is_bomb(const struct wci_source *source)
{
    int64_t unpacked = gztell(source->file);
    return unpacked > UNPACKED_MIN && unpacked / TIMES_MAX > source->bytes;
}

int wci_source_fill(struct wci_source *source)
{
    int code = Z_OK;
    if (source->failure != WILDCAM_OK)
        return WCI_SOURCE_FAILED;
    if (!source->file || source->is_at_end)
        return WCI_SOURCE_END;
    int got = gzread(source->file, source->buffer, WCI_SOURCE_BUFFER);
    if (got < WCI_SOURCE_BUFFER) { /* a file that was cut off is told at its end */
        const char *text = gzerror(source->file, &code);
        if (got < 0 || code == Z_BUF_ERROR || code < 0)
            return fail(source, code, code == Z_BUF_ERROR ? "it is cut off" : text);
    }
    if (is_bomb(source)) {
        source->failure =
            wci_fail(WILDCAM_ERR_TOOLARGE,
                     "%.300s unpacks to more than %d times its %lld bytes and is not read on; if "
                     "that is right, unpack it with gunzip first",
                     source->path, TIMES_MAX, (long long)source->bytes);
        return WCI_SOURCE_FAILED;
    }
    source->done = gzoffset(source->file);
    source->at = 0;
    source->end = (size_t)got;
    source->is_at_end = got == 0;
    return got > 0 ? source->buffer[0] : WCI_SOURCE_END;
}

wildcam_status wci_source_seek(struct wci_source *source, int64_t position)
{
    int64_t first = source->position - (int64_t)source->at;
    if (position >= first && position <= first + (int64_t)source->end) {
        source->at = (size_t)(position - first);
        source->position = position;
        return WILDCAM_OK;
    }
    if (!source->file || gzseek(source->file, position, SEEK_SET) != position)
        return wci_fail(WILDCAM_ERR_IO, "%.300s could not be read from byte %lld on", source->path,
                        (long long)position);
    source->at = source->end = 0;
    source->position = position;
    source->is_at_end = false;
    return WILDCAM_OK;
}
