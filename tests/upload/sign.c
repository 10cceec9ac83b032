/*
 * Signs requests for test_signatures.py, which compares with another signer.
 *
 * A request is a line of words (words.h):
 *
 *   sign|presign method key payload region service time access secret token seconds
 *   queries headers, then their names and values
 *
 * `payload` is the body, or "-" outside hexadecimal for UNSIGNED-PAYLOAD; `time` is in seconds. The
 * answer is a line: the encoded path, a tab, and the Authorization header or the query.
 */
#include "words.h"

#include "base/memory.h"

enum { PAIRS_MAX = 64, OWN_HEADERS = 3 };

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
    size_t length;
    if (strcmp(word, "-") == 0) {
        memcpy(shown, WCI_UNSIGNED_PAYLOAD, sizeof WCI_UNSIGNED_PAYLOAD);
        return;
    }
    const char *body = words_next_bytes(&word, &length);
    if (wci_digest_of(body, length, digest) != WILDCAM_OK)
        words_die("no digest");
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
    bool presigns = strcmp(words_next_raw(&line), "presign") == 0;
    signing.method = words_next(&line);
    const char *object = words_next(&line);
    hash_payload(words_next_raw(&line), payload);
    signing.region = words_next(&line);
    signing.service = words_next(&line);
    signing.time = words_next_number(&line) * 1000000;
    const char *access = words_next(&line), *secret = words_next(&line), *token = words_next(&line);
    struct wci_credentials credentials = {.access_key = access,
                                          .secret_key = secret,
                                          .session_token = token,
                                          .number = number_of(secret)};
    int64_t seconds = words_next_number(&line);
    signing.query_count = (size_t)words_next_number(&line);
    size_t given = (size_t)words_next_number(&line);
    if (signing.query_count > PAIRS_MAX || given > PAIRS_MAX)
        words_die("too many pairs");
    words_next_pairs(&line, query, signing.query_count);
    words_next_pairs(&line, headers, given);
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
        words_die("a request was refused");
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
