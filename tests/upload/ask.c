/*
 * Asks S3 for test_requests.py, which compares with botocore's client.
 *
 * A request is a line of words (words.h):
 *
 *   verb name bucket endpoint style checksums if_none_match time access secret token
 *   key upload_id part body content_type cache_control
 *   parts, then their numbers and ETags; metadata, then names and values
 *
 * `verb` is a number of enum wci_s3_verb, or "presign" with the seconds as `part`. The answer is a
 * line: method, URL, headers and body.
 */
#include "words.h"

#include "upload/s3.h"

enum { MANY = 64 };

static void answer(const struct wci_exchange *exchange)
{
    words_print(exchange->method, strlen(exchange->method), '\t');
    words_print(wci_text_get(&exchange->url), exchange->url.length, '\t');
    words_print(wci_text_get(&exchange->headers), exchange->headers.length, '\t');
    words_print(exchange->body.memory, (size_t)exchange->body.length, '\n');
}

static const char *text_or_null(const char *text)
{
    return text[0] ? text : NULL;
}

/* Each part's digest is that of its ETag. */
static size_t read_parts(char **line, struct wci_s3_part *parts)
{
    size_t count = (size_t)words_next_number(line);
    for (size_t i = 0; i < count && i < MANY; i++) {
        parts[i] = (struct wci_s3_part){.number = (int)words_next_number(line), .has_sha256 = true};
        snprintf(parts[i].etag, sizeof parts[i].etag, "%s", words_next(line));
        if (wci_digest_of(parts[i].etag, strlen(parts[i].etag), parts[i].sha256) != WILDCAM_OK)
            words_die("no digest");
    }
    return count;
}

static void open_region(char **line, struct wci_s3_region *region)
{
    const char *name = words_next(line), *bucket = words_next(line), *endpoint = words_next(line);
    enum wci_s3_style style = (enum wci_s3_style)words_next_number(line);
    if (wci_s3_region_init(region, name, bucket, endpoint, style) != WILDCAM_OK)
        words_die("a region was refused");
    region->sends_checksums = words_next_number(line) != 0;
    region->sends_if_none_match = words_next_number(line) != 0;
}

static void ask_line(char *line)
{
    struct wci_s3_region region;
    struct wci_s3_part parts[MANY];
    struct wci_pair metadata[MANY];
    struct wci_text joined = {0};
    struct wci_exchange exchange;
    unsigned char sha256[WCI_DIGEST_BYTES];
    const char *verb = words_next(&line);
    open_region(&line, &region);
    int64_t time = words_next_number(&line) * 1000000;
    const char *access = words_next(&line), *secret = words_next(&line), *token = words_next(&line);
    const struct wci_credentials credentials = {
        .access_key = access, .secret_key = secret, .session_token = token, .number = 1};
    struct wci_s3_call call = {.sha256 = sha256, .parts = parts, .metadata = metadata};
    call.verb = (enum wci_s3_verb)strtol(verb, NULL, 10);
    call.key = words_next(&line);
    call.upload_id = words_next(&line);
    call.part = (int)words_next_number(&line);
    size_t length;
    call.body.memory = words_next_bytes(&line, &length);
    call.body.length = (int64_t)length;
    call.content_type = text_or_null(words_next(&line));
    call.cache_control = text_or_null(words_next(&line));
    call.part_count = read_parts(&line, parts);
    call.metadata_count = (size_t)words_next_number(&line);
    if (call.part_count > MANY || call.metadata_count > MANY)
        words_die("too many");
    words_next_pairs(&line, metadata, call.metadata_count);
    call.if_none_match = true;
    if (wci_digest_of(call.body.memory, length, sha256) != WILDCAM_OK)
        words_die("no digest");

    wci_exchange_init(&exchange);
    wildcam_status status =
        strcmp(verb, "presign") == 0
            ? wci_s3_presign(&region, call.key, &credentials, time, call.part, &exchange.url)
            : wci_s3_ask(&region, &call, &credentials, time, &joined, &exchange);
    if (status != WILDCAM_OK)
        words_die("a request was refused");
    answer(&exchange);
    wci_exchange_release(&exchange);
    wci_text_free(&joined);
    wci_s3_region_release(&region);
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) > 0)
        ask_line(line);
    free(line);
    return 0;
}
