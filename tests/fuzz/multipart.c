/* The form reader: what it hands on does not depend on how the bytes come. The first line is the
 * Content-Type, the rest the body. */
#include "multipart.h"

#include "fuzz.h"

/* Digests of all that was handed on and of the contents alone, and whether it came in order. */
struct told {
    uint64_t digest, contents;
    bool is_open;
    int parts, times; /* how many there were, how often bytes were handed on */
    size_t bytes;
};

#define DIGEST_BEGIN UINT64_C(14695981039346656037)

static uint64_t mix(uint64_t digest, const void *data, size_t size) /* FNV-1a */
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++)
        digest = (digest ^ bytes[i]) * UINT64_C(1099511628211);
    return digest;
}

static void begin_part(void *user, const struct multipart_part *part)
{
    struct told *told = user;
    must(!told->is_open);
    told->is_open = true;
    must(++told->parts <= MULTIPART_PARTS_MAX);
    must(part->name[0] && strnlen(part->name, MULTIPART_NAME_MAX) < MULTIPART_NAME_MAX);
    told->digest = mix(told->digest, part->name, strlen(part->name) + 1);
    told->digest = mix(told->digest, &part->has_file_name, sizeof part->has_file_name);
}

static void add_bytes(void *user, const char *bytes, size_t size)
{
    struct told *told = user;
    must(told->is_open && size > 0);
    told->times++;
    told->bytes += size;
    told->digest = mix(told->digest, bytes, size);
    told->contents = mix(told->contents, bytes, size);
}

static void end_part(void *user)
{
    struct told *told = user;
    must(told->is_open);
    told->is_open = false;
    told->digest = mix(told->digest, "end", 4);
}

/* The digest of a well-formed form's contents, found the slow way. */
static uint64_t contents_of(const char *boundary, const uint8_t *data, size_t size)
{
    char delimiter[MULTIPART_BOUNDARY_MAX + 8];
    size_t length = (size_t)snprintf(delimiter, sizeof delimiter, "\r\n--%s", boundary);
    uint8_t *form = calloc(1, size + 3);
    must(form != NULL);
    memcpy(form, "\r\n", 2);
    memcpy(form + 2, data, size);
    uint64_t digest = DIGEST_BEGIN;
    const uint8_t *end = form + size + 2, *at = memmem(form, size + 2, delimiter, length);
    while (at && at[length + strspn((const char *)at + length, " \t")] != '-') {
        at = memmem(at + length, (size_t)(end - at) - length, "\r\n\r\n", 4);
        must(at != NULL);
        const uint8_t *content = at + 4;
        at = memmem(content, (size_t)(end - content), delimiter, length);
        must(at != NULL);
        digest = mix(digest, content, (size_t)(at - content));
    }
    free(form);
    return digest;
}

static const char *read_form(const char *boundary, const uint8_t *data, size_t size, bool pieces,
                             struct told *told)
{
    struct multipart multipart;
    const struct multipart_sink sink = {told, begin_part, add_bytes, end_part};
    *told = (struct told){.digest = DIGEST_BEGIN, .contents = DIGEST_BEGIN};
    if (!multipart_begin(&multipart, boundary, strlen(boundary), &sink))
        return "no boundary";
    for (size_t at = 0, piece; at < size; at += piece) {
        piece = pieces ? fuzz_piece(data, size, at) : size;
        multipart_add(&multipart, (const char *)data + at, piece);
    }
    const char *failure = multipart_end(&multipart);
    must(told->bytes <= size);
    must(pieces || told->times <= told->parts); /* what comes in one piece goes on in one */
    must(failure || !told->is_open);
    return failure;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char boundary[MULTIPART_BOUNDARY_MAX + 1];
    struct told whole, pieces;
    char *content_type = fuzz_line(&data, &size);
    if (multipart_find_boundary(content_type, boundary)) {
        const char *failure = read_form(boundary, data, size, false, &whole);
        const char *again = read_form(boundary, data, size, true, &pieces);
        must((failure == NULL) == (again == NULL));
        must(!failure || strcmp(failure, again) == 0);
        must(whole.digest == pieces.digest && whole.parts == pieces.parts);
        must(failure || whole.contents == contents_of(boundary, data, size));
    }
    free(content_type);
    return 0;
}
