/* What comes back: headers and XML of servers that nobody vouches for. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wildcam/time.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "base/xml_read.h"
#include "upload/s3.h"

/* No server means a longer one. */
static const int64_t longest_retry = WCI_DAY;

static bool is_success(int status)
{
    return status >= 200 && status < 300;
}

/* ---- Texts of strangers ---- */

/* A text for people: cut where it is too long, without what would break a line of a log. */
static void take_words(char *to, size_t size, const char *words, size_t length)
{
    size_t kept = length < size ? length : size - 1;
    memcpy(to, words, kept);
    to[kept] = '\0';
    if (kept < length)
        to[wci_utf8_cut(words, kept)] = '\0';
    for (char *at = to; *at; at++)
        if ((unsigned char)*at < ' ' || *at == '\x7f')
            *at = ' ';
    wci_utf8_repair(to);
}

/* A text that is used again: all of it, or nothing. */
static void take_token(char *to, size_t size, const char *words, size_t length)
{
    to[0] = '\0';
    if (length >= size)
        return;
    for (size_t i = 0; i < length; i++)
        if (words[i] < '!' || words[i] > '~')
            return;
    memcpy(to, words, length);
    to[length] = '\0';
}

static void take_etag(char *to, size_t size, const char *words, size_t length)
{
    if (length >= 2 && words[0] == 'W' && words[1] == '/') {
        words += 2;
        length -= 2;
    }
    if (length >= 2 && words[0] == '"' && words[length - 1] == '"') {
        words++;
        length -= 2;
    }
    take_token(to, size, words, length);
}

static void take_region(struct wci_s3_answer *answer, const char *words, size_t length)
{
    if (answer->region[0])
        return;
    take_token(answer->region, sizeof answer->region, words, length);
    if (!wci_is_region(answer->region)) /* it may become part of a host's name */
        answer->region[0] = '\0';
}

/* "bucket.s3.us-west-1.amazonaws.com", and with a dash in older ones. */
static void take_region_of_endpoint(struct wci_s3_answer *answer, const char *endpoint)
{
    const char *found = strstr(endpoint, ".amazonaws.com");
    const char *begin = found;
    while (begin > endpoint && begin[-1] != '.')
        begin--;
    if (!found || begin == endpoint)
        return;
    if (strncmp(begin, "s3-", 3) == 0)
        take_region(answer, begin + 3, (size_t)(found - begin) - 3);
    else if (begin - endpoint >= 3 && strncmp(begin - 3, "s3.", 3) == 0)
        take_region(answer, begin, (size_t)(found - begin));
}

static bool read_digits(const char *text, size_t length, int64_t most, int64_t *value)
{
    int64_t read = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        read = read * 10 + (text[i] - '0');
        if (read > most)
            return false;
    }
    *value = read;
    return length > 0;
}

/* ---- Headers ---- */

static void take_checksum(struct wci_s3_answer *answer, const char *kind, const char *words,
                          size_t length)
{
    char value[WCI_DIGEST_BASE64 + 6]; /* with the number of parts behind it, "-10000" */
    take_token(value, sizeof value, words, length);
    if (value[0])
        snprintf(answer->checksum, sizeof answer->checksum, "%s:%s", kind, value);
}

static void read_checksum(const struct wci_exchange *exchange, struct wci_s3_answer *answer)
{
    static const char *const kinds[] = {"sha256", "crc64nvme"};
    for (size_t i = 0; i < 2 && !answer->checksum[0]; i++) {
        char name[40];
        size_t length;
        snprintf(name, sizeof name, "x-amz-checksum-%s", kinds[i]);
        const char *found = wci_exchange_header(exchange, name, &length);
        take_checksum(answer, kinds[i], found, length);
    }
}

/* What the object's SHA-256 is by its own metadata, or by the server's checksum: that of an object
 * that came in parts is none of its bytes, and has another form. */
static void read_sha256(const struct wci_exchange *exchange, struct wci_s3_answer *answer)
{
    unsigned char digest[WCI_DIGEST_BYTES];
    size_t length;
    const char *found = wci_exchange_header(exchange, "x-amz-meta-sha256", &length);
    if (!wci_digest_from_text(found, length, digest)) {
        found = wci_exchange_header(exchange, "x-amz-checksum-sha256", &length);
        if (!wci_digest_from_base64(found, length, digest))
            return;
    }
    wci_digest_to_text(digest, answer->sha256);
}

static void read_retry_after(const struct wci_exchange *exchange, struct wci_s3_answer *answer)
{
    size_t length;
    int64_t value;
    const char *found = wci_exchange_header(exchange, "x-amz-retry-after", &length);
    if (read_digits(found, length, INT64_MAX / 2000, &value)) {
        answer->retry_after = value * 1000;
        answer->is_retry_precise = true;
    } else {
        found = wci_exchange_header(exchange, "retry-after", &length);
        if (read_digits(found, length, INT64_MAX / (2 * WCI_SECOND), &value))
            answer->retry_after = value * WCI_SECOND;
        else if (answer->date != WILDCAM_TIME_NONE &&
                 wci_calendar_parse_http(found, length, &value))
            answer->retry_after = value > answer->date ? value - answer->date : 0;
    }
    if (answer->retry_after > longest_retry)
        answer->retry_after = longest_retry;
}

static void read_headers(const struct wci_exchange *exchange, enum wci_s3_verb verb,
                         struct wci_s3_answer *answer)
{
    size_t length;
    const char *found = wci_exchange_header(exchange, "date", &length);
    if (!wci_calendar_parse_http(found, length, &answer->date))
        answer->date = WILDCAM_TIME_NONE;
    read_retry_after(exchange, answer);
    found = wci_exchange_header(exchange, "x-amz-request-id", &length);
    take_token(answer->request_id, sizeof answer->request_id, found, length);
    found = wci_exchange_header(exchange, "x-amz-bucket-region", &length);
    take_region(answer, found, length);
    found = wci_exchange_header(exchange, "etag", &length);
    take_etag(answer->etag, sizeof answer->etag, found, length);
    read_checksum(exchange, answer);
    if (verb != WCI_S3_HEAD)
        return;
    read_sha256(exchange, answer);
    found = wci_exchange_header(exchange, "content-length", &length);
    if (!read_digits(found, length, INT64_MAX / 16, &answer->content_length))
        answer->content_length = -1;
}

/* ---- XML ---- */

static const char *root_of(enum wci_s3_verb verb)
{
    switch (verb) {
    case WCI_S3_BEGIN_PARTS:
        return "InitiateMultipartUploadResult";
    case WCI_S3_LIST_PARTS:
        return "ListPartsResult";
    case WCI_S3_JOIN_PARTS:
        return "CompleteMultipartUploadResult";
    default:
        return NULL;
    }
}

static void read_element(const struct wci_xml *xml, enum wci_s3_verb verb,
                         struct wci_s3_answer *answer)
{
    const char *text = xml->text;
    size_t length = xml->text_length;
    if (wci_xml_is_at(xml, "Error/Message"))
        take_words(answer->message, sizeof answer->message, text, length);
    else if (xml->text_is_cut)
        return;
    else if (wci_xml_is_at(xml, "Error/Code"))
        take_token(answer->code, sizeof answer->code, text, length);
    else if (wci_xml_is_at(xml, "Error/Region"))
        take_region(answer, text, length);
    else if (wci_xml_is_at(xml, "Error/Endpoint"))
        take_region_of_endpoint(answer, text);
    else if (wci_xml_is_at(xml, "Error/RequestId") && !answer->request_id[0])
        take_token(answer->request_id, sizeof answer->request_id, text, length);
    else if (verb == WCI_S3_BEGIN_PARTS &&
             wci_xml_is_at(xml, "InitiateMultipartUploadResult/UploadId"))
        take_token(answer->upload_id, sizeof answer->upload_id, text, length);
    else if (verb == WCI_S3_JOIN_PARTS && wci_xml_is_at(xml, "CompleteMultipartUploadResult/ETag"))
        take_etag(answer->etag, sizeof answer->etag, text, length);
    else if (verb == WCI_S3_JOIN_PARTS &&
             wci_xml_is_at(xml, "CompleteMultipartUploadResult/ChecksumSHA256"))
        take_checksum(answer, "sha256", text, length);
}

/* What of the answer's XML is not as it should be, or NULL. What it says is taken even from half
 * of it. `has_root` is whether it began as the verb's. */
static const char *read_xml(const struct wci_exchange *exchange, enum wci_s3_verb verb,
                            struct wci_s3_answer *answer, bool *has_root)
{
    struct wci_xml xml;
    enum wci_xml_step step;
    const char *root = root_of(verb), *fault = NULL;
    *has_root = false;
    wci_xml_begin(&xml, wci_text_get(&exchange->answer), exchange->answer.length);
    while ((step = wci_xml_next(&xml)) == WCI_XML_OPEN || step == WCI_XML_CLOSE) {
        if (step == WCI_XML_CLOSE)
            read_element(&xml, verb, answer);
        else if (wci_xml_is_at(&xml, "Error"))
            answer->is_error = true;
        else if (root && wci_xml_is_at(&xml, root))
            *has_root = true;
        else if (xml.depth == 1)
            fault = "another root element";
    }
    return step == WCI_XML_WRONG ? xml.wrong : fault;
}

/* A 2xx may be an error all the same: S3 sends its head long before it knows. One that is no XML of
 * S3's at all is a portal's, say: it is no error, and lacks all that S3 would have said. */
static void read_body(const struct wci_exchange *exchange, enum wci_s3_verb verb,
                      struct wci_s3_answer *answer)
{
    bool is_wanted = root_of(verb) != NULL && is_success(answer->status), has_root;
    if (exchange->answer.length == 0 && !is_wanted)
        return;
    if (verb == WCI_S3_JOIN_PARTS)
        answer->etag[0] = '\0'; /* a header's is not the object's */
    const char *fault = read_xml(exchange, verb, answer, &has_root);
    if (fault && has_root)
        answer->is_error = true;
    if (fault && (is_wanted || answer->is_error) && !answer->message[0])
        snprintf(answer->message, sizeof answer->message,
                 "the answer is not the XML that S3 sends: %s", fault);
}

void wci_s3_read(const struct wci_exchange *exchange, enum wci_s3_verb verb,
                 struct wci_s3_answer *answer)
{
    *answer = (struct wci_s3_answer){
        .status = exchange->status,
        .is_error = exchange->failure != WCI_LINK_OK || !is_success(exchange->status),
        .date = WILDCAM_TIME_NONE,
        .retry_after = -1,
        .content_length = -1,
    };
    read_headers(exchange, verb, answer);
    if (verb != WCI_S3_HEAD)
        read_body(exchange, verb, answer);
    if (exchange->failure != WCI_LINK_OK && !answer->message[0])
        take_words(answer->message, sizeof answer->message, exchange->reason,
                   strlen(exchange->reason));
}

/* ---- The parts that are there ---- */

/* A LIST_PARTS answer while it is read. */
struct listing {
    struct wci_s3_part part; /* that stands open */
    bool is_truncated;
    int64_t last, marker;
};

static bool read_part_element(const struct wci_xml *xml, struct listing *listing)
{
    const char *text = xml->text;
    size_t length = xml->text_length;
    int64_t number;
    struct wci_s3_part *part = &listing->part;
    if (wci_xml_is_at(xml, "ListPartsResult/Part/PartNumber")) {
        if (!read_digits(text, length, WCI_PARTS_MAX, &number))
            return false;
        part->number = (int)number;
    } else if (wci_xml_is_at(xml, "ListPartsResult/Part/Size")) {
        return read_digits(text, length, INT64_MAX / 16, &part->bytes);
    } else if (wci_xml_is_at(xml, "ListPartsResult/Part/ETag")) {
        take_etag(part->etag, sizeof part->etag, text, length);
        return part->etag[0] != '\0';
    } else if (wci_xml_is_at(xml, "ListPartsResult/Part/ChecksumSHA256")) {
        part->has_sha256 = wci_digest_from_base64(text, length, part->sha256) != 0;
        return part->has_sha256;
    } else if (wci_xml_is_at(xml, "ListPartsResult/IsTruncated")) {
        listing->is_truncated = wci_words_match(text, "true");
    } else if (wci_xml_is_at(xml, "ListPartsResult/NextPartNumberMarker")) {
        return length == 0 || read_digits(text, length, WCI_PARTS_MAX, &listing->marker);
    }
    return true;
}

/* A part has ended: it must have said all, and stand behind the one before. */
static wildcam_status add_listed(struct listing *listing, struct wci_s3_part **parts, size_t *count,
                                 size_t *capacity)
{
    const struct wci_s3_part *part = &listing->part;
    if (part->number <= listing->last || !part->etag[0] || part->bytes < 0)
        return wci_fail(WILDCAM_ERR_UPLOAD,
                        "ListParts: part %d behind part %" PRId64
                        " lacks its ETag or size, or its order",
                        part->number, listing->last);
    void *array = *parts;
    if (wci_reserve(&array, capacity, *count + 1, sizeof **parts) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    *parts = array;
    (*parts)[(*count)++] = *part;
    listing->last = part->number;
    return WILDCAM_OK;
}

static wildcam_status refuse_element(const struct wci_xml *xml)
{
    const struct wci_xml_name *name = &xml->path[xml->depth - 1];
    return wci_fail(WILDCAM_ERR_UPLOAD, "ListParts: a part's %.*s cannot be one",
                    name->length < 40 ? (int)name->length : 40, name->start);
}

static wildcam_status read_listing(const struct wci_exchange *exchange, struct listing *listing,
                                   struct wci_s3_part **parts, size_t *count, size_t *capacity)
{
    struct wci_xml xml;
    enum wci_xml_step step;
    wci_xml_begin(&xml, wci_text_get(&exchange->answer), exchange->answer.length);
    while ((step = wci_xml_next(&xml)) == WCI_XML_OPEN || step == WCI_XML_CLOSE) {
        bool is_part = wci_xml_is_at(&xml, "ListPartsResult/Part");
        if (xml.depth == 1 && !wci_xml_is_at(&xml, "ListPartsResult"))
            return wci_fail(WILDCAM_ERR_UPLOAD, "ListParts: the answer is no list of parts");
        if (step == WCI_XML_OPEN && is_part)
            listing->part = (struct wci_s3_part){.bytes = -1};
        if (step == WCI_XML_OPEN)
            continue;
        if (!read_part_element(&xml, listing))
            return refuse_element(&xml);
        wildcam_status status = is_part ? add_listed(listing, parts, count, capacity) : WILDCAM_OK;
        if (status != WILDCAM_OK)
            return status;
    }
    if (step == WCI_XML_WRONG)
        return wci_fail(WILDCAM_ERR_UPLOAD, "ListParts: the answer is no XML: %s", xml.wrong);
    return WILDCAM_OK;
}

wildcam_status wci_s3_read_parts(const struct wci_exchange *exchange, struct wci_s3_part **parts,
                                 size_t *count, size_t *capacity, int *next)
{
    size_t before = *count;
    struct listing listing = {.last = before ? (*parts)[before - 1].number : 0};
    *next = 0;
    wildcam_status status = read_listing(exchange, &listing, parts, count, capacity);
    /* A list that goes on without going forward would never end. */
    int64_t marker = listing.marker ? listing.marker : listing.last;
    if (status == WILDCAM_OK && listing.is_truncated &&
        (*count == before || marker < listing.last || marker >= WCI_PARTS_MAX))
        status = wci_fail(WILDCAM_ERR_UPLOAD,
                          "ListParts: it goes on behind part %" PRId64 ", where nothing is",
                          marker);
    if (status != WILDCAM_OK) {
        *count = before;
        return status;
    }
    *next = listing.is_truncated ? (int)marker : 0;
    return WILDCAM_OK;
}
