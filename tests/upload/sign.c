/*
 * Signs requests for test_signatures.py, which compares with another signer.
 *
 * A request is a line of words behind tabs, each in hexadecimal so that any byte may come:
 *
 *   sign|presign method key payload region service time access secret token seconds
 *   queries headers, then their names and values
 *
 * `payload` is the body, or "-" outside hexadecimal for UNSIGNED-PAYLOAD; `time` is in seconds. The
 * answer is a line: the encoded path, a tab, and the Authorization header or the query.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "upload/sigv4.h"

enum { PAIRS_MAX = 64, OWN_HEADERS = 3 };

static void die(const char *why)
{
    fprintf(stderr, "sign: %s (%s)\n", why, wildcam_error_message());
    exit(1);
}

static int digit_value(char digit)
{
    return digit >= '0' && digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

/* The next word as it stands. */
static char *next_raw(char **line)
{
    char *word = strsep(line, "\t\n");
    if (!word)
        die("a line is too short");
    return word;
}

/* The next word, decoded where it stands. */
static char *next(char **line)
{
    char *word = next_raw(line);
    size_t length = strlen(word) / 2;
    for (size_t i = 0; i < length; i++)
        word[i] = (char)(digit_value(word[2 * i]) << 4 | digit_value(word[2 * i + 1]));
    word[length] = '\0';
    return word;
}

static void read_pairs(char **line, struct wci_pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        pairs[i].name = next(line);
        pairs[i].value = next(line);
    }
}

/* What S3 wants beside the headers that were given. */
static size_t add_own_headers(struct wci_pair *headers, const char *date, const char *payload,
                              const char *token)
{
    const struct wci_pair own[OWN_HEADERS] = {
        {"x-amz-date", date}, {"x-amz-content-sha256", payload}, {"x-amz-security-token", token}};
    size_t count = token[0] ? OWN_HEADERS : OWN_HEADERS - 1;
    memcpy(headers, own, count * sizeof *own);
    return count;
}

static void hash_payload(char *word, char shown[WCI_DIGEST_TEXT])
{
    unsigned char digest[WCI_DIGEST_BYTES];
    char *line = word;
    size_t length = strlen(word) / 2; /* a body may hold NULs */
    if (strcmp(word, "-") == 0) {
        memcpy(shown, WCI_UNSIGNED_PAYLOAD, sizeof WCI_UNSIGNED_PAYLOAD);
        return;
    }
    if (wci_digest_of(next(&line), length, digest) != WILDCAM_OK)
        die("no digest");
    wci_digest_to_text(digest, shown);
}

/* The key that was derived last is kept as long as it is right, which the number of the
 * credentials tells: a new one for each secret. */
static int64_t number_of(const char *secret)
{
    static char *last;
    static int64_t number;
    if (!last || strcmp(last, secret) != 0) {
        free(last);
        last = wci_copy_text(secret);
        number++;
    }
    return number;
}

static void sign_line(char *line, struct wci_signing_key *key)
{
    struct wci_pair query[PAIRS_MAX], headers[PAIRS_MAX + OWN_HEADERS];
    struct wci_text path = {0}, result = {0};
    char payload[WCI_DIGEST_TEXT], date[WCI_AMZ_DATE];
    struct wci_signing signing = {.payload = payload, .query = query, .headers = headers};
    bool presigns = strcmp(next_raw(&line), "presign") == 0;
    signing.method = next(&line);
    const char *object = next(&line);
    hash_payload(next_raw(&line), payload);
    signing.region = next(&line);
    signing.service = next(&line);
    signing.time = strtoll(next(&line), NULL, 10) * 1000000;
    const char *access = next(&line), *secret = next(&line), *token = next(&line);
    struct wci_credentials credentials = {.access_key = access,
                                          .secret_key = secret,
                                          .session_token = token,
                                          .number = number_of(secret)};
    int64_t seconds = strtoll(next(&line), NULL, 10);
    signing.query_count = strtoul(next(&line), NULL, 10);
    size_t given = strtoul(next(&line), NULL, 10);
    if (signing.query_count > PAIRS_MAX || given > PAIRS_MAX)
        die("too many pairs");
    read_pairs(&line, query, signing.query_count);
    read_pairs(&line, headers, given);
    wci_sigv4_date(signing.time, date);
    signing.header_count = given;
    if (!presigns)
        signing.header_count += add_own_headers(headers + given, date, payload, token);
    wci_text_add_char(&path, '/');
    wci_uri_encode(&path, object, strlen(object), true);
    signing.path = wci_text_get(&path);
    wildcam_status status = presigns
                                ? wci_sigv4_presign(&signing, &credentials, key, seconds, &result)
                                : wci_sigv4_sign(&signing, &credentials, key, &result);
    if (status != WILDCAM_OK)
        die("a request was refused");
    printf("%s\t%s\n", signing.path, wci_text_get(&result));
    wci_text_free(&path);
    wci_text_free(&result);
}

int main(void)
{
    struct wci_signing_key key = {0};
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) > 0)
        sign_line(line, &key);
    free(line);
    return 0;
}
