/* The digests of an object: of the whole, and of its parts. */
#include "upload/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

enum { CHUNK = 32768 }; /* each thread that uploads has one */
/* What S3 takes in one piece, and in all. */
static const int64_t whole_max = INT64_C(5) << 30, object_max = INT64_C(5) << 40;
static const int64_t mebibyte = 1 << 20;

/* Adds a stretch of the body to one digest, or to two. */
static wildcam_status add(const struct wci_object *object, int64_t offset, int64_t length,
                          wci_digest *whole, wci_digest *part, void *buffer)
{
    const struct wci_body *body = &object->body;
    wildcam_status status = WILDCAM_OK;
    while (length > 0 && !status) {
        size_t wanted = length < CHUNK ? (size_t)length : CHUNK;
        const void *data = body->memory ? (const char *)body->memory + offset : buffer;
        if (!body->memory) {
            ssize_t got = pread(body->fd, buffer, wanted, body->offset + offset);
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return wci_fail_os(errno, "reading what is to be stored as %s", object->key);
            if (got == 0)
                return wci_fail(WILDCAM_ERR_IO,
                                "what is to be stored as %s ends after %lld of %lld"
                                " bytes",
                                object->key, (long long)offset, (long long)body->length);
            wanted = (size_t)got;
        }
        if (whole)
            status = wci_digest_add(whole, data, wanted);
        if (part && !status)
            status = wci_digest_add(part, data, wanted);
        offset += (int64_t)wanted;
        length -= (int64_t)wanted;
    }
    return status;
}

static wildcam_status hash_part(struct wci_object *object, size_t index, wci_digest *whole,
                                void *buffer)
{
    wci_digest *part = NULL;
    int64_t offset = (int64_t)index * object->part_bytes, left = object->body.length - offset;
    int64_t length = left < object->part_bytes ? left : object->part_bytes;
    wildcam_status status = wci_digest_begin(&part);
    if (!status)
        status = add(object, offset, length, whole, part, buffer);
    if (!status)
        status = wci_digest_end(part, object->sha256[index]);
    wci_digest_free(part);
    return status;
}

static wildcam_status hash_all(struct wci_object *object, wci_digest *whole, void *buffer)
{
    wildcam_status status = WILDCAM_OK;
    if (object->part_count == 0)
        return whole ? add(object, 0, object->body.length, whole, NULL, buffer) : WILDCAM_OK;
    for (size_t i = 0; i < object->part_count && !status; i++)
        status = hash_part(object, i, whole, buffer);
    return status;
}

static wildcam_status decide(struct wci_object *object, const wildcam_conf *conf)
{
    int64_t length = object->body.length, part = wci_conf_int(conf, WCI_S3_PART_BYTES);
    if (length > object_max)
        return wci_fail(WILDCAM_ERR_TOOLARGE,
                        "what is to be stored as %s has %lld bytes, S3 takes at most %lld",
                        object->key, (long long)length, (long long)object_max);
    free(object->sha256);
    object->sha256 = NULL;
    object->part_count = 0;
    object->part_bytes = part;
    if (length < wci_conf_int(conf, WCI_S3_MULTIPART_BYTES) && length <= whole_max)
        return WILDCAM_OK;
    if (length <= part && length <= whole_max)
        return WILDCAM_OK; /* one part would be the same, and two requests more */
    if (length > part * WCI_PARTS_MAX)
        part = ((length - 1) / WCI_PARTS_MAX / mebibyte + 1) * mebibyte;
    object->part_bytes = part;
    object->part_count = (size_t)((length - 1) / part + 1);
    object->sha256 = wci_new_array(object->part_count, sizeof object->sha256[0]);
    return object->sha256 ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

wildcam_status wci_object_hash(struct wci_object *object, const wildcam_conf *conf,
                               const unsigned char *known)
{
    wci_digest *whole = NULL;
    void *buffer = NULL;
    wildcam_status status = decide(object, conf);
    if (!status && !object->body.memory && (object->part_count || !known)) {
        buffer = wci_new(CHUNK);
        status = buffer ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    }
    if (!status && !known)
        status = wci_digest_begin(&whole);
    if (!status)
        status = hash_all(object, whole, buffer);
    if (!status && known)
        memcpy(object->whole, known, sizeof object->whole);
    else if (!status)
        status = wci_digest_end(whole, object->whole);
    wci_digest_free(whole);
    free(buffer);
    return status;
}
