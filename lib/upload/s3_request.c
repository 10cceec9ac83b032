/* What is sent: S3's calls as HTTP requests. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "upload/s3.h"

#define META "x-amz-meta-"
#define XMLNS "http://s3.amazonaws.com/doc/2006-03-01/"

/* How long answers may be: an error's few lines, or 1000 parts of an upload. */
enum { ANSWER_LIMIT = 65536, PARTS_ANSWER_LIMIT = 2097152 };
/* Beside the metadata. */
enum { HEADERS_MAX = 12, QUERY_MAX = 2 };

/* A request while it is put together. */
struct asking {
    struct wci_s3_region *region;
    const struct wci_s3_call *call;
    const struct wci_credentials *credentials;
    int64_t time;
    struct wci_body body;
    struct wci_pair query[QUERY_MAX];
    size_t query_count;
    struct wci_pair *headers; /* those that are signed */
    size_t header_count;
    /* What they point to. */
    char date[WCI_AMZ_DATE], payload[WCI_DIGEST_TEXT], checksum[WCI_DIGEST_BASE64];
    char object_sha256[WCI_DIGEST_TEXT], part[16];
    struct wci_text metadata_names; /* each behind a NUL */
};

static const struct {
    const char *method, *name;
} verbs[] = {
    [WCI_S3_PUT] = {"PUT", "PutObject"},
    [WCI_S3_HEAD] = {"HEAD", "HeadObject"},
    [WCI_S3_DELETE] = {"DELETE", "DeleteObject"},
    [WCI_S3_BEGIN_PARTS] = {"POST", "CreateMultipartUpload"},
    [WCI_S3_PUT_PART] = {"PUT", "UploadPart"},
    [WCI_S3_LIST_PARTS] = {"GET", "ListParts"},
    [WCI_S3_JOIN_PARTS] = {"POST", "CompleteMultipartUpload"},
    [WCI_S3_DROP_PARTS] = {"DELETE", "AbortMultipartUpload"},
};

static bool has_parts(enum wci_s3_verb verb)
{
    return verb == WCI_S3_PUT_PART || verb == WCI_S3_LIST_PARTS || verb == WCI_S3_JOIN_PARTS ||
           verb == WCI_S3_DROP_PARTS;
}

static bool has_body(enum wci_s3_verb verb)
{
    return verb == WCI_S3_PUT || verb == WCI_S3_PUT_PART;
}

static bool has_metadata(enum wci_s3_verb verb)
{
    return verb == WCI_S3_PUT || verb == WCI_S3_BEGIN_PARTS;
}

/* ---- What is refused ---- */

wildcam_status wci_s3_check_key(const char *key)
{
    size_t length = strlen(key);
    if (length == 0 || length > WCI_KEY_MAX)
        return wci_fail(WILDCAM_ERR_INVALID, "the key has %zu bytes; 1 to %d", length, WCI_KEY_MAX);
    if (!wci_utf8_is_valid(key, length))
        return wci_fail(WILDCAM_ERR_INVALID, "the key is no UTF-8");
    return WILDCAM_OK;
}

static wildcam_status check_header(const char *name, const char *value)
{
    for (const char *at = value; *at; at++)
        if (*at < ' ' || *at > '~')
            return wci_fail(WILDCAM_ERR_INVALID,
                            "%.80s: byte %zu is 0x%02x, which no header may have", name,
                            (size_t)(at - value) + 1, (unsigned)(unsigned char)*at);
    return WILDCAM_OK;
}

static wildcam_status check_metadata_name(const char *name)
{
    if (*name == '\0' || name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-._")])
        return wci_fail(WILDCAM_ERR_INVALID,
                        "metadata \"%.80s\": a name has one or more of a-z, 0-9, -, . and _", name);
    return WILDCAM_OK;
}

const char *wci_s3_operation(enum wci_s3_verb verb)
{
    return verbs[verb].name;
}

static wildcam_status check_call(const struct wci_s3_call *call)
{
    wildcam_status status = wci_s3_check_key(call->key);
    if (status != WILDCAM_OK)
        return status;
    const char *name = verbs[call->verb].name;
    if (has_parts(call->verb) && (!call->upload_id || !call->upload_id[0]))
        return wci_fail(WILDCAM_ERR_INVALID, "%s: the upload's id is empty", name);
    int first = call->verb == WCI_S3_PUT_PART ? 1 : 0;
    if (call->part < first || call->part > WCI_PARTS_MAX)
        return wci_fail(WILDCAM_ERR_INVALID, "%s: part %d; %d to %d", name, call->part, first,
                        WCI_PARTS_MAX);
    if (has_body(call->verb) && call->body.length < 0)
        return wci_fail(WILDCAM_ERR_INVALID, "%s: a body of %" PRId64 " bytes", name,
                        call->body.length);
    if (has_body(call->verb) && call->body.length > 0 && !call->sha256)
        return wci_fail(WILDCAM_ERR_INTERNAL, "%s: the body's SHA-256 is not known", name);
    return WILDCAM_OK;
}

/* ---- The body that completes an upload ---- */

static void add_escaped(struct wci_text *xml, const char *words)
{
    static const char special[] = "&<>\"";
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;"};
    while (*words) {
        size_t plain = strcspn(words, special);
        wci_text_add_bytes(xml, words, plain);
        words += plain;
        if (*words)
            wci_text_add(xml, entities[strchr(special, *words++) - special]);
    }
}

static void add_part(struct wci_text *xml, const struct wci_s3_part *part, bool with_checksum)
{
    wci_text_add_format(xml, "<Part><PartNumber>%d</PartNumber><ETag>&quot;", part->number);
    add_escaped(xml, part->etag);
    wci_text_add(xml, "&quot;</ETag>");
    if (with_checksum && part->has_sha256) {
        char checksum[WCI_DIGEST_BASE64];
        wci_digest_to_base64(part->sha256, checksum);
        wci_text_add_format(xml, "<ChecksumSHA256>%s</ChecksumSHA256>", checksum);
    }
    wci_text_add(xml, "</Part>");
}

static wildcam_status make_list_of_parts(struct asking *asking, struct wci_text *xml)
{
    const struct wci_s3_call *call = asking->call;
    wci_text_empty(xml);
    wci_text_add(xml, "<CompleteMultipartUpload xmlns=\"" XMLNS "\">");
    for (size_t i = 0; i < call->part_count; i++) {
        int before = i ? call->parts[i - 1].number : 0, number = call->parts[i].number;
        if (number <= before || number > WCI_PARTS_MAX)
            return wci_fail(WILDCAM_ERR_INVALID,
                            "CompleteMultipartUpload: part %d behind part %d; they grow, up to %d",
                            number, before, WCI_PARTS_MAX);
        add_part(xml, &call->parts[i], asking->region->sends_checksums);
    }
    wci_text_add(xml, "</CompleteMultipartUpload>");
    if (call->part_count == 0)
        return wci_fail(WILDCAM_ERR_INVALID, "CompleteMultipartUpload: there is no part");
    if (xml->failed)
        return wci_fail_memory();
    asking->body = (struct wci_body){.memory = xml->data, .fd = -1, .length = (int64_t)xml->length};
    return WILDCAM_OK;
}

/* ---- The headers that are signed ---- */

static void add_header(struct asking *asking, const char *name, const char *value)
{
    asking->headers[asking->header_count++] = (struct wci_pair){name, value};
}

static bool has_own_sha256(const struct wci_s3_call *call)
{
    for (size_t i = 0; i < call->metadata_count; i++)
        if (strcmp(call->metadata[i].name, "sha256") == 0)
            return true;
    return false;
}

static wildcam_status add_metadata(struct asking *asking)
{
    const struct wci_s3_call *call = asking->call;
    for (size_t i = 0; i < call->metadata_count; i++) {
        wildcam_status status = check_metadata_name(call->metadata[i].name);
        if (status == WILDCAM_OK)
            status = check_header(call->metadata[i].name, call->metadata[i].value);
        if (status != WILDCAM_OK)
            return status;
        wci_text_add(&asking->metadata_names, META);
        wci_text_add(&asking->metadata_names, call->metadata[i].name);
        wci_text_add_char(&asking->metadata_names, '\0');
    }
    if (asking->metadata_names.failed)
        return wci_fail_memory();
    const char *name = wci_text_get(&asking->metadata_names);
    for (size_t i = 0; i < call->metadata_count; i++) {
        if (call->metadata[i].value[0])
            add_header(asking, name, call->metadata[i].value);
        name += strlen(name) + 1;
    }
    if (call->sha256 && !has_own_sha256(call)) {
        wci_digest_to_text(call->sha256, asking->object_sha256);
        add_header(asking, META "sha256", asking->object_sha256);
    }
    return WILDCAM_OK;
}

/* What the body's hash is, for the signature and for S3 to keep. */
static wildcam_status add_payload(struct asking *asking)
{
    const struct wci_s3_call *call = asking->call;
    unsigned char computed[WCI_DIGEST_BYTES];
    const unsigned char *digest = has_body(call->verb) ? call->sha256 : NULL;
    if (!digest) {
        wildcam_status status = wci_digest_of(asking->body.memory, (size_t)asking->body.length,
                                              computed);
        if (status != WILDCAM_OK)
            return status;
        digest = computed;
    }
    wci_digest_to_text(digest, asking->payload);
    add_header(asking, "x-amz-content-sha256", asking->payload);
    if (has_body(call->verb) && asking->region->sends_checksums) {
        wci_digest_to_base64(digest, asking->checksum);
        add_header(asking, "x-amz-checksum-sha256", asking->checksum);
    }
    return WILDCAM_OK;
}

static const char *content_type_of(const struct wci_s3_call *call)
{
    if (call->verb == WCI_S3_JOIN_PARTS)
        return "application/xml";
    return has_metadata(call->verb) && call->content_type ? call->content_type : "";
}

static wildcam_status make_headers(struct asking *asking)
{
    const struct wci_s3_call *call = asking->call;
    const char *type = content_type_of(call), *token = asking->credentials->session_token;
    asking->headers = wci_new_array(HEADERS_MAX + call->metadata_count, sizeof *asking->headers);
    if (!asking->headers)
        return WILDCAM_ERR_NOMEM;
    wci_sigv4_date(asking->time, asking->date);
    add_header(asking, "host", asking->region->host);
    add_header(asking, "x-amz-date", asking->date);
    wildcam_status status = check_header("Content-Type", type);
    if (status == WILDCAM_OK)
        status = check_header("the session token", token);
    if (status == WILDCAM_OK)
        status = add_payload(asking);
    if (status == WILDCAM_OK && has_metadata(call->verb))
        status = add_metadata(asking);
    if (type[0])
        add_header(asking, "content-type", type);
    if (token[0])
        add_header(asking, "x-amz-security-token", token);
    if (call->verb == WCI_S3_BEGIN_PARTS && asking->region->sends_checksums)
        add_header(asking, "x-amz-checksum-algorithm", "SHA256");
    return status;
}

/* ---- The request ---- */

static void make_query(struct asking *asking)
{
    const struct wci_s3_call *call = asking->call;
    if (call->verb == WCI_S3_BEGIN_PARTS)
        asking->query[asking->query_count++] = (struct wci_pair){"uploads", ""};
    if (has_parts(call->verb))
        asking->query[asking->query_count++] = (struct wci_pair){"uploadId", call->upload_id};
    snprintf(asking->part, sizeof asking->part, "%d", call->part);
    if (call->verb == WCI_S3_PUT_PART)
        asking->query[asking->query_count++] = (struct wci_pair){"partNumber", asking->part};
    if (call->verb == WCI_S3_LIST_PARTS && call->part)
        asking->query[asking->query_count++] = (struct wci_pair){"part-number-marker",
                                                                 asking->part};
}

static void add_path(struct wci_text *to, const struct wci_s3_region *region, const char *key)
{
    wci_text_add(to, region->path);
    wci_uri_encode(to, key, strlen(key), true);
}

static wildcam_status make_url(const struct asking *asking, struct wci_text *url)
{
    wci_text_empty(url);
    wci_text_add(url, asking->region->origin);
    add_path(url, asking->region, asking->call->key);
    if (asking->query_count)
        wci_text_add_char(url, '?');
    wildcam_status status = wci_sigv4_query(asking->query, asking->query_count, url);
    return status == WILDCAM_OK && url->failed ? wci_fail_memory() : status;
}

/* Those that nobody signs: a proxy may have its reasons to change them. */
static wildcam_status add_unsigned(const struct asking *asking, struct wci_text *headers)
{
    const struct wci_s3_call *call = asking->call;
    const char *cache = has_metadata(call->verb) && call->cache_control ? call->cache_control : "";
    if (cache[0])
        wci_text_add_format(headers, "cache-control: %s\n", cache);
    bool makes_object = call->verb == WCI_S3_PUT || call->verb == WCI_S3_JOIN_PARTS;
    if (makes_object && call->if_none_match && asking->region->sends_if_none_match)
        wci_text_add(headers, "if-none-match: *\n");
    return check_header("Cache-Control", cache);
}

static wildcam_status sign(const struct asking *asking, struct wci_text *headers)
{
    struct wci_text path = {0};
    add_path(&path, asking->region, asking->call->key);
    const struct wci_signing signing = {
        .method = verbs[asking->call->verb].method,
        .path = wci_text_get(&path),
        .query = asking->query,
        .query_count = asking->query_count,
        .headers = asking->headers,
        .header_count = asking->header_count,
        .payload = asking->payload,
        .region = asking->region->signed_as,
        .service = "s3",
        .time = asking->time,
    };
    wci_text_add(headers, "authorization: ");
    wildcam_status status = path.failed ? wci_fail_memory()
                                        : wci_sigv4_sign(&signing, asking->credentials,
                                                         &asking->region->key, headers);
    wci_text_add_char(headers, '\n');
    wci_text_free(&path);
    return status;
}

static wildcam_status write_headers(const struct asking *asking, struct wci_text *headers)
{
    wci_text_empty(headers);
    for (size_t i = 0; i < asking->header_count; i++)
        wci_text_add_format(headers, "%s: %s\n", asking->headers[i].name, asking->headers[i].value);
    wildcam_status status = add_unsigned(asking, headers);
    if (status == WILDCAM_OK)
        status = sign(asking, headers);
    return status == WILDCAM_OK && headers->failed ? wci_fail_memory() : status;
}

wildcam_status wci_s3_ask(struct wci_s3_region *region, const struct wci_s3_call *call,
                          const struct wci_credentials *credentials, int64_t time,
                          struct wci_text *scratch, struct wci_exchange *exchange)
{
    struct asking asking = {
        .region = region,
        .call = call,
        .credentials = credentials,
        .time = time,
        .body = {.memory = "", .fd = -1},
    };
    wildcam_status status = check_call(call);
    if (status != WILDCAM_OK)
        return status;
    if (has_body(call->verb) && call->body.length)
        asking.body = call->body;
    if (call->verb == WCI_S3_JOIN_PARTS)
        status = make_list_of_parts(&asking, scratch);
    if (status == WILDCAM_OK)
        status = make_headers(&asking);
    make_query(&asking);
    if (status == WILDCAM_OK)
        status = make_url(&asking, &exchange->url);
    if (status == WILDCAM_OK)
        status = write_headers(&asking, &exchange->headers);
    if (status == WILDCAM_OK) {
        exchange->method = verbs[call->verb].method;
        exchange->body = asking.body;
        exchange->answer_limit = call->verb == WCI_S3_LIST_PARTS ? PARTS_ANSWER_LIMIT
                                                                 : ANSWER_LIMIT;
    }
    free(asking.headers);
    wci_text_free(&asking.metadata_names);
    return status;
}

wildcam_status wci_s3_presign(struct wci_s3_region *region, const char *key,
                              const struct wci_credentials *credentials, int64_t time,
                              int64_t seconds, struct wci_text *url)
{
    const struct wci_pair host = {"host", region->host};
    struct wci_text path = {0}, query = {0};
    wildcam_status status = wci_s3_check_key(key);
    if (status != WILDCAM_OK)
        return status;
    add_path(&path, region, key);
    const struct wci_signing signing = {
        .method = "GET",
        .path = wci_text_get(&path),
        .headers = &host,
        .header_count = 1,
        .payload = WCI_UNSIGNED_PAYLOAD,
        .region = region->signed_as,
        .service = "s3",
        .time = time,
    };
    status = path.failed ? wci_fail_memory()
                         : wci_sigv4_presign(&signing, credentials, &region->key, seconds, &query);
    if (status == WILDCAM_OK) {
        wci_text_add_format(url, "%s%s?%s", region->origin, wci_text_get(&path),
                            wci_text_get(&query));
        if (url->failed)
            status = wci_fail_memory();
    }
    wci_text_free(&query);
    wci_text_free(&path);
    return status;
}
