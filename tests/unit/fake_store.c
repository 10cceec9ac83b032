#include "fake_store.h"

#include <strings.h>
#include <unistd.h>

#include "base/digest.h"
#include "support/harness.h"

enum { OBJECTS = 4096, UPLOADS = 64, PARTS = 128, PAGE = 3 };

struct object {
    int region;
    char key[128], sha256[WCI_DIGEST_TEXT];
    char *data;
    size_t size;
};

struct upload {
    int region;
    char id[32], key[128], sha256[WCI_DIGEST_TEXT];
    char *parts[PARTS];
    size_t sizes[PARTS];
};

static struct object objects[OBJECTS];
static struct upload uploads[UPLOADS];
static int object_count, upload_count, begun;

static void free_upload(int index)
{
    for (int i = 0; i < PARTS; i++)
        free(uploads[index].parts[i]);
    uploads[index] = uploads[--upload_count];
}

static void free_object(int index)
{
    free(objects[index].data);
    objects[index] = objects[--object_count];
}

void store_reset(void)
{
    while (object_count)
        free_object(0);
    while (upload_count)
        free_upload(0);
    begun = 0;
}

static int find_object(int region, const char *key)
{
    for (int i = 0; i < object_count; i++)
        if (objects[i].region == region && strcmp(objects[i].key, key) == 0)
            return i;
    return -1;
}

static int find_upload(int region, const char *id)
{
    size_t length = id ? strcspn(id, "&") : 0;
    for (int i = 0; i < upload_count; i++)
        if ((region < 0 || uploads[i].region == region) && strlen(uploads[i].id) == length &&
            strncmp(uploads[i].id, id, length) == 0)
            return i;
    return -1;
}

static char *copy(const void *data, size_t size)
{
    char *made = malloc(size + 1);
    ck_assert_ptr_nonnull(made);
    if (size)
        memcpy(made, data, size);
    return made;
}

static char *read_body(const struct wci_body *body)
{
    size_t size = (size_t)body->length;
    if (body->memory || size == 0)
        return copy(body->memory, size);
    char *data = malloc(size + 1);
    ck_assert_ptr_nonnull(data);
    ck_assert_int_eq(pread(body->fd, data, size, body->offset), body->length);
    return data;
}

/* The value of a header as it was sent, "" without it. */
static void get_header(const char *headers, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    *value = '\0';
    for (const char *line = headers; *line; line += strcspn(line, "\n") + 1)
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            const char *begin = line + length + 1;
            begin += strspn(begin, " ");
            snprintf(value, size, "%.*s", (int)strcspn(begin, "\n"), begin);
        }
}

static bool is_signed_body(const char *data, size_t size, const char *headers)
{
    unsigned char digest[WCI_DIGEST_BYTES];
    char text[WCI_DIGEST_TEXT], said[80];
    ck_assert_int_eq(wci_digest_of(data, size, digest), WILDCAM_OK);
    wci_digest_to_text(digest, text);
    get_header(headers, "x-amz-content-sha256", said, sizeof said);
    return strcmp(text, said) == 0;
}

static void keep(int region, const char *key, char *data, size_t size, const char *sha256)
{
    int index = find_object(region, key);
    if (index >= 0)
        free_object(index);
    ck_assert_int_lt(object_count, OBJECTS);
    struct object *object = &objects[object_count++];
    *object = (struct object){.region = region, .data = data, .size = size};
    snprintf(object->key, sizeof object->key, "%s", key);
    snprintf(object->sha256, sizeof object->sha256, "%s", sha256);
}

static void refuse(struct fake_answer *answer, int status, const char *code)
{
    answer->status = status;
    answer->code = code;
}

static void add_etag(struct fake_answer *answer, const char *data, size_t size)
{
    unsigned char digest[WCI_DIGEST_BYTES];
    char text[WCI_DIGEST_TEXT];
    ck_assert_int_eq(wci_digest_of(data, size, digest), WILDCAM_OK);
    wci_digest_to_text(digest, text);
    wci_text_add_format(&answer->head, "etag: \"%.32s\"\n", text);
}

static void put(const struct fake_request *request, const struct wci_body *body,
                const char *headers, struct fake_answer *answer)
{
    char sha256[WCI_DIGEST_TEXT], condition[8], *data = read_body(body);
    size_t size = (size_t)body->length;
    get_header(headers, "x-amz-meta-sha256", sha256, sizeof sha256);
    get_header(headers, "if-none-match", condition, sizeof condition);
    if (!is_signed_body(data, size, headers)) {
        refuse(answer, 400, "XAmzContentSHA256Mismatch");
    } else if (*condition && find_object(request->region, request->key) >= 0) {
        refuse(answer, 412, "PreconditionFailed");
    } else {
        add_etag(answer, data, size);
        keep(request->region, request->key, data, size, sha256);
        return;
    }
    free(data);
}

static void head(const struct fake_request *request, struct fake_answer *answer)
{
    int index = find_object(request->region, request->key);
    if (index < 0) {
        answer->status = 404;
        return;
    }
    add_etag(answer, objects[index].data, objects[index].size);
    wci_text_add_format(&answer->head, "content-length: %zu\n", objects[index].size);
    if (*objects[index].sha256)
        wci_text_add_format(&answer->head, "x-amz-meta-sha256: %s\n", objects[index].sha256);
}

static struct upload *begin(int region, const char *key)
{
    ck_assert_int_lt(upload_count, UPLOADS);
    struct upload *upload = &uploads[upload_count++];
    *upload = (struct upload){.region = region};
    snprintf(upload->id, sizeof upload->id, "upload-%d", ++begun);
    snprintf(upload->key, sizeof upload->key, "%s", key);
    return upload;
}

static void put_part(struct upload *upload, int number, const struct wci_body *body,
                     const char *headers, struct fake_answer *answer)
{
    char *data = read_body(body);
    size_t size = (size_t)body->length;
    ck_assert(number >= 1 && number < PARTS);
    if (!is_signed_body(data, size, headers)) {
        refuse(answer, 400, "XAmzContentSHA256Mismatch");
        free(data);
        return;
    }
    add_etag(answer, data, size);
    free(upload->parts[number]);
    upload->parts[number] = data;
    upload->sizes[number] = size;
}

/* In small pages, so that there are several. */
static void list_parts(const struct upload *upload, int behind, struct fake_answer *answer)
{
    int listed = 0, last = 0;
    bool is_cut = false;
    wci_text_add(&answer->body, "<ListPartsResult>");
    for (int i = behind + 1; i < PARTS; i++) {
        if (!upload->parts[i])
            continue;
        is_cut = listed == PAGE;
        if (is_cut)
            break;
        struct fake_answer part = {0};
        unsigned char digest[WCI_DIGEST_BYTES];
        char checksum[WCI_DIGEST_BASE64];
        add_etag(&part, upload->parts[i], upload->sizes[i]);
        ck_assert_int_eq(wci_digest_of(upload->parts[i], upload->sizes[i], digest), WILDCAM_OK);
        wci_digest_to_base64(digest, checksum);
        wci_text_add_format(&answer->body,
                            "<Part><PartNumber>%d</PartNumber><ETag>%.*s</ETag>"
                            "<Size>%zu</Size><ChecksumSHA256>%s</ChecksumSHA256></Part>",
                            i, (int)part.head.length - 7, part.head.data + 6, upload->sizes[i],
                            checksum);
        wci_text_free(&part.head);
        last = i;
        listed++;
    }
    wci_text_add_format(&answer->body,
                        "<IsTruncated>%s</IsTruncated><NextPartNumberMarker>%d"
                        "</NextPartNumberMarker></ListPartsResult>",
                        is_cut ? "true" : "false", last);
}

static void join_parts(int index, const struct wci_body *body, struct fake_answer *answer)
{
    struct upload *upload = &uploads[index];
    char *list = read_body(body), *data = NULL, mark[32];
    size_t size = 0;
    list[body->length] = '\0';
    for (int i = 1; i < PARTS; i++) {
        snprintf(mark, sizeof mark, "<PartNumber>%d<", i);
        if (!strstr(list, mark))
            continue;
        if (!upload->parts[i]) {
            refuse(answer, 400, "InvalidPart");
            break;
        }
        data = realloc(data, size + upload->sizes[i] + 1);
        ck_assert_ptr_nonnull(data);
        memcpy(data + size, upload->parts[i], upload->sizes[i]);
        size += upload->sizes[i];
    }
    free(list);
    if (answer->code) {
        free(data);
        return;
    }
    wci_text_add(&answer->body, "<CompleteMultipartUploadResult><ETag>\"joined-2\"</ETag>"
                                "</CompleteMultipartUploadResult>");
    keep(upload->region, upload->key, data, size, upload->sha256);
    free_upload(index);
}

static void do_with_upload(const struct fake_request *request, const char *id,
                           const struct wci_body *body, const char *headers,
                           struct fake_answer *answer)
{
    int index = find_upload(request->region, id);
    if (index < 0) {
        refuse(answer, 404, "NoSuchUpload");
    } else if (request->verb == WCI_S3_PUT_PART) {
        put_part(&uploads[index], request->part, body, headers, answer);
    } else if (request->verb == WCI_S3_LIST_PARTS) {
        list_parts(&uploads[index], request->marker, answer);
    } else if (request->verb == WCI_S3_JOIN_PARTS) {
        join_parts(index, body, answer);
    } else {
        free_upload(index);
        answer->status = 204;
    }
}

void store_do(const struct fake_request *request, const char *id, const struct wci_body *body,
              const char *headers, struct fake_answer *answer)
{
    answer->status = 200;
    int index;
    switch (request->verb) {
    case WCI_S3_PUT:
        put(request, body, headers, answer);
        break;
    case WCI_S3_HEAD:
        head(request, answer);
        break;
    case WCI_S3_DELETE:
        index = find_object(request->region, request->key);
        if (index >= 0)
            free_object(index);
        answer->status = 204;
        break;
    case WCI_S3_BEGIN_PARTS: {
        struct upload *upload = begin(request->region, request->key);
        get_header(headers, "x-amz-meta-sha256", upload->sha256, sizeof upload->sha256);
        wci_text_add_format(&answer->body,
                            "<InitiateMultipartUploadResult><UploadId>%s</UploadId>"
                            "</InitiateMultipartUploadResult>",
                            upload->id);
        break;
    }
    default:
        do_with_upload(request, id, body, headers, answer);
        break;
    }
}

/* ---- what tests ask ---- */

bool fake_has(int region, const char *key)
{
    return find_object(region, key) >= 0;
}

bool fake_holds(int region, const char *key, const void *data, size_t size)
{
    int index = find_object(region, key);
    return index >= 0 && objects[index].size == size &&
           memcmp(objects[index].data, data, size) == 0;
}

int fake_copies(const char *key)
{
    int copies = 0;
    for (int i = 0; i < object_count; i++)
        copies += strcmp(objects[i].key, key) == 0;
    return copies;
}

int fake_objects(void)
{
    return object_count;
}

int fake_uploads(int region)
{
    int count = 0;
    for (int i = 0; i < upload_count; i++)
        count += uploads[i].region == region;
    return count;
}

void fake_put(int region, const char *key, const void *data, size_t size, const char *sha256)
{
    keep(region, key, copy(data, size), size, sha256);
}

const char *fake_begin(int region, const char *key)
{
    return begin(region, key)->id;
}

void fake_put_part(const char *id, int number, const void *data, size_t size)
{
    int index = find_upload(-1, id);
    ck_assert_int_ge(index, 0);
    uploads[index].parts[number] = copy(data, size);
    uploads[index].sizes[number] = size;
}
