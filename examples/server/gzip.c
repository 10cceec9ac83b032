#include "gzip.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define ZLIB_CONST /* it only reads what goes in */
#include <zlib.h>

enum { FAST = 1, GZIP_WINDOW = 15 + 16, MEMORY = 8 };

static bool pack(z_stream *stream, const void *data, size_t size, void *room, size_t room_size)
{
    stream->next_in = data;
    stream->avail_in = (uInt)size;
    stream->next_out = room;
    stream->avail_out = (uInt)room_size;
    return deflate(stream, Z_FINISH) == Z_STREAM_END;
}

void *gzip_pack(const void *data, size_t size, size_t *packed)
{
    z_stream stream = {0};
    if (size > INT32_MAX ||
        deflateInit2(&stream, FAST, Z_DEFLATED, GZIP_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    size_t room = deflateBound(&stream, size);
    void *result = malloc(room);
    bool is_done = result && pack(&stream, data, size, result, room);
    *packed = stream.total_out;
    deflateEnd(&stream);
    if (!is_done) {
        free(result);
        return NULL;
    }
    void *fitted = realloc(result, *packed);
    return fitted ? fitted : result;
}
