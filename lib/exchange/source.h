/* A file read byte by byte: plain, or gzip, which is told by its first bytes. */
#ifndef WCI_EXCHANGE_SOURCE_H
#define WCI_EXCHANGE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { WCI_SOURCE_END = -1, WCI_SOURCE_FAILED = -2, WCI_SOURCE_BUFFER = 64 * 1024 };

struct wci_source {
    void *file;                /* zlib's; NULL for bytes in memory */
    const char *path;          /* borrowed; for sentences */
    unsigned char *buffer;     /* of its own, for a file */
    const unsigned char *data; /* what is read: the buffer, or bytes in memory */
    size_t at, end;
    int64_t position;    /* of the next byte, in what is read */
    int64_t bytes, done; /* of the file, as far as it was read, for telling the progress */
    bool is_at_end;
    wildcam_status failure; /* with the thread's sentence */
};

/* NOTFOUND, DENIED, IO, NOMEM; INVALID for what is no regular file. */
wildcam_status wci_source_open(struct wci_source *source, const char *path);
/* Reads bytes in memory; they are borrowed. */
void wci_source_of_bytes(struct wci_source *source, const char *path, const void *bytes,
                         size_t size);
void wci_source_close(struct wci_source *source);
/* Reads on at a position that was seen before. In a gzip file going back costs reading again. */
wildcam_status wci_source_seek(struct wci_source *source, int64_t position);

int wci_source_fill(struct wci_source *source);

/* The next byte, WCI_SOURCE_END or WCI_SOURCE_FAILED, without taking it. */
static inline int wci_source_peek(struct wci_source *source)
{
    return source->at < source->end ? source->data[source->at] : wci_source_fill(source);
}

static inline int wci_source_get(struct wci_source *source)
{
    int byte = wci_source_peek(source);
    if (byte >= 0) {
        source->at++;
        source->position++;
    }
    return byte;
}

#endif
