/*
 * Signatures: the examples of the Amazon S3 API reference ("Signature Calculations for the
 * Authorization Header", "Authenticating Requests: Using Query Parameters"), and what they leave
 * open. tests/upload compares with another signer.
 */
#include "upload/sigv4.h"

#include "base/calendar.h"

#include "unit.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define MAY_OF_2013 INT64_C(1369353600000000) /* 2013-05-24T00:00:00Z */

static const struct wci_credentials example = {
    .access_key = "AKIAIOSFODNN7EXAMPLE",
    .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    .session_token = "",
    .number = 1,
};
static struct wci_text text; /* what was signed last */

static const struct published {
    const char *method, *path, *payload;
    struct wci_pair query[2];
    size_t query_count;
    struct wci_pair headers[5];
    size_t header_count;
    const char *names, *signature;
} published[] = {
    {"GET",
     "/test.txt",
     EMPTY,
     {{0}},
     0,
     {{"host", "examplebucket.s3.amazonaws.com"},
      {"range", "bytes=0-9"},
      {"x-amz-content-sha256", EMPTY},
      {"x-amz-date", "20130524T000000Z"}},
     4,
     "host;range;x-amz-content-sha256;x-amz-date",
     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
    {"PUT",
     "/test%24file.text",
     "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
     {{0}},
     0,
     {{"x-amz-storage-class", "REDUCED_REDUNDANCY"},
      {"x-amz-date", "20130524T000000Z"},
      {"x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"},
      {"host", "examplebucket.s3.amazonaws.com"},
      {"date", "Fri, 24 May 2013 00:00:00 GMT"}},
     5,
     "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
    {"GET",
     "/",
     EMPTY,
     {{"lifecycle", ""}},
     1,
     {{"host", "examplebucket.s3.amazonaws.com"},
      {"x-amz-content-sha256", EMPTY},
      {"x-amz-date", "20130524T000000Z"}},
     3,
     "host;x-amz-content-sha256;x-amz-date",
     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
    {"GET",
     "/",
     EMPTY,
     {{"prefix", "J"}, {"max-keys", "2"}},
     2,
     {{"host", "examplebucket.s3.amazonaws.com"},
      {"x-amz-content-sha256", EMPTY},
      {"x-amz-date", "20130524T000000Z"}},
     3,
     "host;x-amz-content-sha256;x-amz-date",
     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
};

static struct wci_signing signing_of(const struct published *request)
{
    return (struct wci_signing){
        .method = request->method,
        .path = request->path,
        .query = request->query,
        .query_count = request->query_count,
        .headers = request->headers,
        .header_count = request->header_count,
        .payload = request->payload,
        .region = "us-east-1",
        .service = "s3",
        .time = MAY_OF_2013,
    };
}

/* The signature alone, or the whole text when it does not end in one. */
static const char *sign(const struct wci_signing *signing,
                        const struct wci_credentials *credentials, struct wci_signing_key *key)
{
    wci_text_empty(&text);
    assert_done(wci_sigv4_sign(signing, credentials, key, &text));
    const char *found = strstr(wci_text_get(&text), "Signature=");
    return found ? found + strlen("Signature=") : wci_text_get(&text);
}

START_TEST(signs_as_published)
{
    const struct published *request = &published[_i];
    struct wci_signing signing = signing_of(request);
    struct wci_signing_key key = {0};
    char wanted[1024];
    snprintf(wanted, sizeof wanted,
             "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
             "SignedHeaders=%s, Signature=%s",
             request->names, request->signature);
    for (int again = 0; again < 2; again++) { /* the second with a key that is there already */
        sign(&signing, &example, &key);
        ck_assert_str_eq(wci_text_get(&text), wanted);
    }
}
END_TEST

START_TEST(presigns_as_published)
{
    static const struct wci_pair host = {"host", "examplebucket.s3.amazonaws.com"};
    struct wci_signing signing = signing_of(&published[0]);
    struct wci_signing_key key = {0};
    signing.headers = &host;
    signing.header_count = 1;
    signing.payload = WCI_UNSIGNED_PAYLOAD;
    wci_text_empty(&text);
    assert_done(wci_sigv4_presign(&signing, &example, &key, 86400, &text));
    ck_assert_str_eq(
        wci_text_get(&text),
        "X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}
END_TEST

START_TEST(presigns_the_session_and_the_query)
{
    static const struct wci_pair query[] = {{"versionId", "1"}, {"Zone", ""}, {"A", "b c"}};
    struct wci_credentials session = example;
    struct wci_signing signing = signing_of(&published[0]);
    struct wci_signing_key key = {0};
    session.session_token = "to+ken==";
    signing.query = query;
    signing.query_count = 3;
    wci_text_empty(&text);
    assert_done(wci_sigv4_presign(&signing, &session, &key, 604800, &text));
    static const char *const wanted[] = {
        "A=b%20c&X-Amz-Algorithm=",
        ("&X-Amz-Expires=604800&X-Amz-Security-Token=to%2Bken%3D%3D"
         "&X-Amz-SignedHeaders=host%3Brange%3B"),
        "&Zone=&versionId=1&X-Amz-Signature="};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        ck_assert_msg(strstr(wci_text_get(&text), wanted[i]), "%s", wci_text_get(&text));
    ck_assert_int_eq(strncmp(wci_text_get(&text), wanted[0], strlen(wanted[0])), 0);
}
END_TEST

START_TEST(presigned_urls_expire)
{
    struct wci_signing signing = signing_of(&published[0]);
    struct wci_signing_key key = {0};
    static const int64_t wrong[] = {0, -1, 604801, INT64_MIN, INT64_MAX};
    wci_text_empty(&text);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_fails(WILDCAM_ERR_INVALID, "604800",
                     wci_sigv4_presign(&signing, &example, &key, wrong[i], &text));
    ck_assert_str_eq(wci_text_get(&text), "");
    assert_done(wci_sigv4_presign(&signing, &example, &key, 1, &text));
    assert_done(wci_sigv4_presign(&signing, &example, &key, 604800, &text));
}
END_TEST

/* From "Examples of how to derive a signing key" of the AWS general reference. */
START_TEST(derives_the_published_key)
{
    struct wci_credentials other = example;
    struct wci_signing signing = signing_of(&published[0]);
    struct wci_signing_key key = {0};
    char shown[WCI_DIGEST_TEXT];
    other.secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    signing.time = INT64_C(1329264000000000); /* 2012-02-15 */
    signing.service = "iam";
    sign(&signing, &other, &key);
    wci_digest_to_text(key.key, shown);
    ck_assert_str_eq(shown, "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d");
}
END_TEST

START_TEST(keys_are_kept_while_they_are_right)
{
    struct wci_credentials credentials = example;
    struct wci_signing signing = signing_of(&published[0]);
    struct wci_signing_key key = {0}, derived;
    sign(&signing, &credentials, &key);
    derived = key;
    signing.time += WCI_DAY - 1; /* the same day still */
    credentials.secret_key = "not looked at";
    sign(&signing, &credentials, &key);
    ck_assert_mem_eq(key.key, derived.key, sizeof key.key);
    signing.time = MAY_OF_2013;

    static const char *const what[] = {"number", "day", "day before", "region", "service"};
    for (int changed = 0; changed < 5; changed++) {
        struct wci_signing other = signing;
        struct wci_credentials others = example;
        struct wci_signing_key fresh = {0};
        others.secret_key = changed == 0 ? "another" : example.secret_key;
        others.number += changed == 0;
        other.time += changed == 1 ? WCI_DAY : changed == 2 ? -1 : 0;
        other.region = changed == 3 ? "us-east-2" : "us-east-1";
        other.service = changed == 4 ? "sts" : "s3";
        sign(&other, &others, &fresh);
        key = derived;
        sign(&other, &others, &key);
        ck_assert_msg(memcmp(key.key, fresh.key, sizeof key.key) == 0, "%s", what[changed]);
        ck_assert_msg(memcmp(key.key, derived.key, sizeof key.key) != 0, "%s", what[changed]);
    }
}
END_TEST

/* Two requests that must have one signature. */
static void check_same(const struct wci_pair *headers, size_t count, const struct wci_pair *others,
                       size_t other_count)
{
    struct wci_signing signing = signing_of(&published[0]);
    struct wci_signing_key key = {0};
    char first[1024];
    signing.headers = headers;
    signing.header_count = count;
    sign(&signing, &example, &key);
    snprintf(first, sizeof first, "%s", wci_text_get(&text));
    signing.headers = others;
    signing.header_count = other_count;
    sign(&signing, &example, &key);
    ck_assert_str_eq(wci_text_get(&text), first);
}

START_TEST(headers_are_trimmed_merged_and_sorted)
{
    static const struct wci_pair tidy[] = {
        {"host", "h"}, {"x-amz-meta-a", "1 2 3,4"}, {"x-amz-meta-a-b", ""}, {"x-amz-meta-b", "5"}};
    static const struct wci_pair wild[] = {{"x-amz-meta-b", "5\t"},
                                           {"x-amz-meta-a-b", " \t "},
                                           {"x-amz-meta-a", "  1 \t2   3 "},
                                           {"x-amz-meta-a", "4"},
                                           {"host", " h"}};
    check_same(tidy, 4, wild, 5);
    ck_assert_ptr_nonnull(
        strstr(wci_text_get(&text), "host;x-amz-meta-a;x-amz-meta-a-b;x-amz-meta-b,"));
}
END_TEST

START_TEST(queries_are_sorted_by_name_then_value)
{
    static const struct wci_pair sorted[] = {
        {"a", "1"}, {"a", "2"}, {"a-b", "0"}, {"a!", "0"}, {"\xc3\xa9", ""}};
    struct wci_pair turned[5];
    struct wci_signing signing = signing_of(&published[0]);
    struct wci_signing_key key = {0};
    for (int i = 0; i < 5; i++)
        turned[i] = sorted[4 - i];
    signing.query = turned;
    signing.query_count = 5;
    wci_text_empty(&text);
    assert_done(wci_sigv4_presign(&signing, &example, &key, 60, &text));
    const char *shown = strstr(wci_text_get(&text), "&a=");
    ck_assert_ptr_nonnull(shown);
    static const char wanted[] = "&a=1&a=2&a%21=0&a-b=0&X-Amz-Signature=";
    ck_assert_msg(strncmp(shown, wanted, strlen(wanted)) == 0, "%s", shown);
    ck_assert_int_eq(strncmp(wci_text_get(&text), "%C3%A9=&X-Amz-", 14), 0);
}
END_TEST

START_TEST(encodes_every_byte)
{
    char bytes[256], wanted[1024];
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    size_t length = 0;
    for (int i = 0; i < 256; i++) {
        bytes[i] = (char)i;
        bool is_plain = i && strchr(plain, i);
        length += (size_t)snprintf(wanted + length, sizeof wanted - length,
                                   is_plain ? "%c" : "%%%02X", (unsigned)i);
    }
    wci_text_empty(&text);
    wci_uri_encode(&text, bytes, sizeof bytes, false);
    ck_assert_str_eq(wci_text_get(&text), wanted);
    wci_text_empty(&text);
    wci_uri_encode(&text, "/a//../ +%2F", 12, true);
    ck_assert_str_eq(wci_text_get(&text), "/a//../%20%2B%252F");
    wci_text_empty(&text);
    wci_uri_encode(&text, "", 0, true);
    ck_assert_str_eq(wci_text_get(&text), "");
}
END_TEST

START_TEST(dates)
{
    static const struct {
        int64_t time;
        const char *text;
    } known[] = {{0, "19700101T000000Z"},
                 {-1, "19691231T235959Z"},
                 {MAY_OF_2013, "20130524T000000Z"},
                 {INT64_C(1795689899999999), "20261126T104459Z"},
                 {INT64_C(253402300799000000), "99991231T235959Z"},
                 {INT64_C(-62135596800000000), "00010101T000000Z"}};
    char shown[WCI_AMZ_DATE];
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        wci_sigv4_date(known[i].time, shown);
        ck_assert_str_eq(shown, known[i].text);
    }
}
END_TEST

START_TEST(refuses_what_cannot_be_signed)
{
    static const char *const keys[] = {"", "a b", "a\nb", "a,b", "\xc3\xa9", "a\x7f"};
    static const int64_t times[] = {INT64_MIN, INT64_MAX, INT64_C(253402300800000000),
                                    INT64_C(-62135596800000001)};
    struct wci_signing_key key = {0};
    char longest[65];
    memset(longest, 'a', 64);
    longest[64] = '\0';
    wci_text_empty(&text);
    struct wci_signing signing = signing_of(&published[0]);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct wci_credentials credentials = example;
        credentials.access_key = keys[i];
        assert_fails(WILDCAM_ERR_INVALID, "access key",
                     wci_sigv4_sign(&signing, &credentials, &key, &text));
        ck_assert(!keys[i][0] || !strstr(wildcam_error_message(), keys[i]));
    }
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        signing.time = times[i];
        assert_fails(WILDCAM_ERR_INVALID, "9999", wci_sigv4_sign(&signing, &example, &key, &text));
    }
    signing = signing_of(&published[0]);
    static const char *const regions[] = {"", NULL};
    for (int i = 0; i < 2; i++) {
        signing.region = regions[i] ? regions[i] : longest;
        assert_fails(WILDCAM_ERR_INVALID, "63", wci_sigv4_sign(&signing, &example, &key, &text));
    }
    signing.region = "us-east-1";
    signing.service = "";
    assert_fails(WILDCAM_ERR_INVALID, "15", wci_sigv4_sign(&signing, &example, &key, &text));
    ck_assert_str_eq(wci_text_get(&text), "");
}
END_TEST

static void forget(void)
{
    wci_text_free(&text);
}

Suite *make_suite(void)
{
    Suite *suite = suite_create("sigv4");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, NULL, forget);
    tcase_add_loop_test(all, signs_as_published, 0, sizeof published / sizeof published[0]);
    tcase_add_test(all, presigns_as_published);
    tcase_add_test(all, presigns_the_session_and_the_query);
    tcase_add_test(all, presigned_urls_expire);
    tcase_add_test(all, derives_the_published_key);
    tcase_add_test(all, keys_are_kept_while_they_are_right);
    tcase_add_test(all, headers_are_trimmed_merged_and_sorted);
    tcase_add_test(all, queries_are_sorted_by_name_then_value);
    tcase_add_test(all, encodes_every_byte);
    tcase_add_test(all, dates);
    tcase_add_test(all, refuses_what_cannot_be_signed);
    return suite;
}
