#include "upload/sigv4.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define SCOPE_END "aws4_request"

void wci_sigv4_date(int64_t time, char text[WCI_AMZ_DATE])
{
    struct wci_date date;
    wci_calendar_split(time, &date);
    const int parts[] = {date.year, date.month, date.day, date.hour, date.minute, date.second};
    char *at = text;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (i == 3)
            *at++ = 'T';
        for (int unit = i == 0 ? 1000 : 10; unit; unit /= 10)
            *at++ = (char)('0' + parts[i] / unit % 10);
    }
    *at++ = 'Z';
    *at = '\0';
}

static bool is_unreserved(char byte)
{
    char letter = (char)(byte | 0x20);
    return (letter >= 'a' && letter <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
           byte == '.' || byte == '_' || byte == '~';
}

void wci_uri_encode(struct wci_text *to, const char *bytes, size_t length, bool keep_slashes)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t at = 0; at < length;) {
        size_t plain = at;
        while (plain < length &&
               (is_unreserved(bytes[plain]) || (bytes[plain] == '/' && keep_slashes)))
            plain++;
        wci_text_add_bytes(to, bytes + at, plain - at);
        if (plain < length) {
            unsigned char byte = (unsigned char)bytes[plain++];
            const char encoded[] = {'%', digits[byte >> 4], digits[byte & 15]};
            wci_text_add_bytes(to, encoded, sizeof encoded);
        }
        at = plain;
    }
}

/* ---- The canonical request ---- */

/* By name, not by line: "a" comes before "a-b" though "a=" comes behind "a-b=". */
static int compare_items(const void *left, const void *right)
{
    const struct wci_pair *one = left, *other = right;
    int order = strcmp(one->name, other->name);
    return order ? order : strcmp(one->value, other->value);
}

wildcam_status wci_sigv4_query(const struct wci_pair *query, size_t count, struct wci_text *to)
{
    struct wci_text encoded = {0};
    struct wci_pair *items = wci_new_array(count, sizeof *items);
    if (!items)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        wci_uri_encode(&encoded, query[i].name, strlen(query[i].name), false);
        wci_text_add_char(&encoded, '\0');
        wci_uri_encode(&encoded, query[i].value, strlen(query[i].value), false);
        wci_text_add_char(&encoded, '\0');
    }
    if (encoded.failed) {
        free(items);
        wci_text_free(&encoded);
        return wci_fail_memory();
    }
    const char *at = wci_text_get(&encoded);
    for (size_t i = 0; i < count; i++) {
        items[i].name = at;
        at += strlen(at) + 1;
        items[i].value = at;
        at += strlen(at) + 1;
    }
    qsort(items, count, sizeof *items, compare_items);
    for (size_t i = 0; i < count; i++)
        wci_text_add_format(to, "%s%s=%s", i ? "&" : "", items[i].name, items[i].value);
    free(items);
    wci_text_free(&encoded);
    return to->failed ? wci_fail_memory() : WILDCAM_OK;
}

static int compare_headers(const void *left, const void *right)
{
    const struct wci_pair *one = *(const struct wci_pair *const *)left,
                          *other = *(const struct wci_pair *const *)right;
    int order = strcmp(one->name, other->name);
    return order ? order : (one > other) - (one < other); /* repeated ones stay in their order */
}

static wildcam_status sort_headers(const struct wci_signing *signing,
                                   const struct wci_pair ***headers)
{
    *headers = wci_new_array(signing->header_count, sizeof **headers);
    if (!*headers)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; i < signing->header_count; i++)
        (*headers)[i] = &signing->headers[i];
    qsort(*headers, signing->header_count, sizeof **headers, compare_headers);
    return WILDCAM_OK;
}

static void add_header_value(struct wci_text *to, const char *value)
{
    static const char space[] = " \t";
    for (value += strspn(value, space); *value;) {
        size_t word = strcspn(value, space);
        wci_text_add_bytes(to, value, word);
        value += word;
        value += strspn(value, space);
        if (*value)
            wci_text_add_char(to, ' ');
    }
}

/* "name:value\n" for each, the values of repeated ones behind commas; and "name;name". */
static wildcam_status add_headers(const struct wci_signing *signing, struct wci_text *lines,
                                  struct wci_text *names)
{
    const struct wci_pair **headers;
    wildcam_status status = sort_headers(signing, &headers);
    if (status != WILDCAM_OK)
        return status;
    for (size_t i = 0; i < signing->header_count; i++) {
        if (i && strcmp(headers[i]->name, headers[i - 1]->name) == 0) {
            wci_text_add_char(lines, ',');
        } else {
            wci_text_add_format(lines, "%s%s:", i ? "\n" : "", headers[i]->name);
            wci_text_add_format(names, "%s%s", i ? ";" : "", headers[i]->name);
        }
        add_header_value(lines, headers[i]->value);
    }
    free(headers);
    wci_text_add_char(lines, '\n');
    return lines->failed || names->failed ? wci_fail_memory() : WILDCAM_OK;
}

/* ---- The signature ---- */

static int64_t day_of(int64_t time)
{
    return (time - (time % WCI_DAY + WCI_DAY) % WCI_DAY) / WCI_DAY;
}

static wildcam_status chain(unsigned char key[WCI_DIGEST_BYTES], const char *words)
{
    return wci_digest_hmac(key, WCI_DIGEST_BYTES, words, strlen(words), key);
}

static wildcam_status derive(const struct wci_signing *signing, const char *secret,
                             unsigned char key[WCI_DIGEST_BYTES])
{
    static const char prefix[] = "AWS4";
    char date[WCI_AMZ_DATE];
    size_t length = strlen(secret), size = sizeof prefix - 1 + length;
    char *first = wci_new(size);
    if (!first)
        return WILDCAM_ERR_NOMEM;
    memcpy(first, prefix, sizeof prefix - 1);
    memcpy(first + sizeof prefix - 1, secret, length);
    wci_sigv4_date(signing->time, date);
    wildcam_status status = wci_digest_hmac(first, size, date, 8, key);
    wci_wipe(first, size);
    free(first);
    if (status == WILDCAM_OK)
        status = chain(key, signing->region);
    if (status == WILDCAM_OK)
        status = chain(key, signing->service);
    return status == WILDCAM_OK ? chain(key, SCOPE_END) : status;
}

/* Makes the key the one of this day, region and secret, unless it is already. */
static wildcam_status renew_key(const struct wci_signing *signing,
                                const struct wci_credentials *credentials,
                                struct wci_signing_key *key)
{
    int64_t day = day_of(signing->time);
    size_t region = strlen(signing->region), service = strlen(signing->service);
    if (service == 0 || region == 0 || region >= sizeof key->region ||
        service >= sizeof key->service)
        return wci_fail(WILDCAM_ERR_INVALID,
                        "region \"%.80s\", service \"%.80s\": a signature needs 1 to %zu and 1 to "
                        "%zu bytes",
                        signing->region, signing->service, sizeof key->region - 1,
                        sizeof key->service - 1);
    if (key->number == credentials->number && key->day == day &&
        strcmp(key->region, signing->region) == 0 && strcmp(key->service, signing->service) == 0)
        return WILDCAM_OK;
    wci_wipe(key, sizeof *key);
    wildcam_status status = derive(signing, credentials->secret_key, key->key);
    if (status != WILDCAM_OK)
        return status;
    key->number = credentials->number;
    key->day = day;
    memcpy(key->region, signing->region, region + 1);
    memcpy(key->service, signing->service, service + 1);
    return WILDCAM_OK;
}

/* "20261126/us-west-2/s3/aws4_request" */
static void add_scope(struct wci_text *to, const struct wci_signing *signing)
{
    char date[WCI_AMZ_DATE];
    wci_sigv4_date(signing->time, date);
    wci_text_add_format(to, "%.8s/%s/%s/" SCOPE_END, date, signing->region, signing->service);
}

static wildcam_status sign(const struct wci_signing *signing, const struct wci_text *request,
                           const struct wci_signing_key *key, char signature[WCI_DIGEST_TEXT])
{
    unsigned char digest[WCI_DIGEST_BYTES];
    char date[WCI_AMZ_DATE], shown[WCI_DIGEST_TEXT];
    struct wci_text words = {0};
    wildcam_status status = wci_digest_of(wci_text_get(request), request->length, digest);
    if (status != WILDCAM_OK)
        return status;
    wci_digest_to_text(digest, shown);
    wci_sigv4_date(signing->time, date);
    wci_text_add_format(&words, ALGORITHM "\n%s\n", date);
    add_scope(&words, signing);
    wci_text_add_format(&words, "\n%s", shown);
    status = words.failed
                 ? wci_fail_memory()
                 : wci_digest_hmac(key->key, sizeof key->key, words.data, words.length, digest);
    if (status == WILDCAM_OK)
        wci_digest_to_text(digest, signature);
    wci_text_free(&words);
    return status;
}

static wildcam_status check(const struct wci_signing *signing,
                            const struct wci_credentials *credentials)
{
    struct wci_date date;
    wci_calendar_split(signing->time, &date);
    if (date.year < 1 || date.year > 9999)
        return wci_fail(WILDCAM_ERR_INVALID,
                        "a signature's time, %" PRId64
                        " microseconds since 1970, is not within the years 1 to 9999",
                        signing->time);
    if (credentials->access_key[0] == '\0')
        return wci_fail(WILDCAM_ERR_INVALID, "the access key is empty");
    for (const char *at = credentials->access_key; *at; at++)
        if (*at < '!' || *at > '~' || *at == ',')
            return wci_fail(WILDCAM_ERR_INVALID,
                            "the access key has a character that no header may have, at %zu",
                            (size_t)(at - credentials->access_key) + 1);
    return WILDCAM_OK;
}

static wildcam_status begin(const struct wci_signing *signing,
                            const struct wci_credentials *credentials, struct wci_signing_key *key)
{
    wildcam_status status = check(signing, credentials);
    return status == WILDCAM_OK ? renew_key(signing, credentials, key) : status;
}

/* What all that is known of a request comes to; its query is in its canonical form. */
static wildcam_status sign_request(const struct wci_signing *signing, const char *query,
                                   const struct wci_text *lines, const struct wci_text *names,
                                   const struct wci_signing_key *key,
                                   char signature[WCI_DIGEST_TEXT])
{
    struct wci_text request = {0};
    wci_text_add_format(&request, "%s\n%s\n%s\n%s\n%s\n%s", signing->method, signing->path, query,
                        wci_text_get(lines), wci_text_get(names), signing->payload);
    wildcam_status status = request.failed ? wci_fail_memory()
                                           : sign(signing, &request, key, signature);
    wci_text_free(&request);
    return status;
}

wildcam_status wci_sigv4_sign(const struct wci_signing *signing,
                              const struct wci_credentials *credentials,
                              struct wci_signing_key *key, struct wci_text *authorization)
{
    struct wci_text query = {0}, lines = {0}, names = {0};
    char signature[WCI_DIGEST_TEXT];
    wildcam_status status = begin(signing, credentials, key);
    if (status == WILDCAM_OK)
        status = wci_sigv4_query(signing->query, signing->query_count, &query);
    if (status == WILDCAM_OK)
        status = add_headers(signing, &lines, &names);
    if (status == WILDCAM_OK)
        status = sign_request(signing, wci_text_get(&query), &lines, &names, key, signature);
    if (status == WILDCAM_OK) {
        wci_text_add_format(authorization, ALGORITHM " Credential=%s/", credentials->access_key);
        add_scope(authorization, signing);
        wci_text_add_format(authorization, ", SignedHeaders=%s, Signature=%s", wci_text_get(&names),
                            signature);
        if (authorization->failed)
            status = wci_fail_memory();
    }
    wci_text_free(&names);
    wci_text_free(&lines);
    wci_text_free(&query);
    return status;
}

/* The request's own items and those that say who signed it, for how long. */
static wildcam_status add_presigned_query(const struct wci_signing *signing,
                                          const struct wci_credentials *credentials,
                                          const char *seconds, const char *signed_headers,
                                          struct wci_text *query)
{
    enum { OWN = 6 };
    char date[WCI_AMZ_DATE];
    struct wci_text credential = {0};
    struct wci_pair *items = wci_new_array(signing->query_count + OWN, sizeof *items);
    if (!items)
        return WILDCAM_ERR_NOMEM;
    wci_text_add_format(&credential, "%s/", credentials->access_key);
    add_scope(&credential, signing);
    wci_sigv4_date(signing->time, date);
    const struct wci_pair own[OWN] = {
        {"X-Amz-Algorithm", ALGORITHM},
        {"X-Amz-Credential", wci_text_get(&credential)},
        {"X-Amz-Date", date},
        {"X-Amz-Expires", seconds},
        {"X-Amz-SignedHeaders", signed_headers},
        {"X-Amz-Security-Token", credentials->session_token},
    };
    size_t own_count = credentials->session_token[0] ? OWN : OWN - 1;
    memcpy(items, own, own_count * sizeof *own);
    for (size_t i = 0; i < signing->query_count; i++)
        items[own_count + i] = signing->query[i];
    wildcam_status status = credential.failed
                                ? wci_fail_memory()
                                : wci_sigv4_query(items, own_count + signing->query_count, query);
    wci_text_free(&credential);
    free(items);
    return status;
}

wildcam_status wci_sigv4_presign(const struct wci_signing *signing,
                                 const struct wci_credentials *credentials,
                                 struct wci_signing_key *key, int64_t seconds,
                                 struct wci_text *query)
{
    struct wci_text own = {0}, lines = {0}, names = {0};
    char signature[WCI_DIGEST_TEXT], shown[32];
    if (seconds < 1 || seconds > WCI_PRESIGN_SECONDS_MAX)
        return wci_fail(WILDCAM_ERR_INVALID,
                        "a presigned URL cannot be good for %" PRId64 " seconds; 1 to %d", seconds,
                        WCI_PRESIGN_SECONDS_MAX);
    snprintf(shown, sizeof shown, "%" PRId64, seconds);
    wildcam_status status = begin(signing, credentials, key);
    if (status == WILDCAM_OK)
        status = add_headers(signing, &lines, &names);
    if (status == WILDCAM_OK)
        status = add_presigned_query(signing, credentials, shown, wci_text_get(&names), &own);
    if (status == WILDCAM_OK)
        status = sign_request(signing, wci_text_get(&own), &lines, &names, key, signature);
    if (status == WILDCAM_OK) {
        wci_text_add_format(query, "%s&X-Amz-Signature=%s", wci_text_get(&own), signature);
        if (query->failed)
            status = wci_fail_memory();
    }
    wci_text_free(&names);
    wci_text_free(&lines);
    wci_text_free(&own);
    return status;
}
