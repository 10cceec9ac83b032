/*
 * What is sent to S3: each call's method, URL, headers and body. That it is signed right is
 * tests/upload's affair, which has another signer.
 */
#include "upload/s3.h"

#include "unit.h"

#define TIME INT64_C(1795689899000000) /* 2026-11-26T10:44:59Z */
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC64 "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="

static const struct wci_credentials example = {
    .access_key = "AKIAIOSFODNN7EXAMPLE",
    .secret_key = "geheim",
    .session_token = "",
    .number = 1,
};
static struct wci_s3_region aws, own;
static struct wci_text joined;
static struct wci_exchange exchange;
static unsigned char abc[WCI_DIGEST_BYTES]; /* the SHA-256 of "abc" */

static void open_all(void)
{
    assert_done(wci_s3_region_init(&aws, "us-west-2", "wildcam-{region}", "", WCI_S3_STYLE_AUTO));
    assert_done(wci_s3_region_init(&own, "garage", "wildcam", "http://localhost:9000/s3",
                                   WCI_S3_STYLE_AUTO));
    assert_done(wci_digest_of("abc", 3, abc));
    wci_exchange_init(&exchange);
}

static void close_all(void)
{
    wci_s3_region_release(&aws);
    wci_s3_region_release(&own);
    wci_exchange_release(&exchange);
    wci_text_free(&joined);
}

/* The headers up to "authorization", which is checked for what it names. */
static void assert_headers(const char *wanted, const char *signed_names)
{
    const char *headers = wci_text_get(&exchange.headers);
    const char *signature = strstr(headers, "authorization: ");
    char names[512];
    ck_assert_msg(signature && (size_t)(signature - headers) == strlen(wanted) &&
                      memcmp(headers, wanted, strlen(wanted)) == 0,
                  "%s\nnot\n%s", headers, wanted);
    snprintf(names, sizeof names, "SignedHeaders=%s, Signature=", signed_names);
    ck_assert_msg(strstr(signature, names), "%s", signature);
    ck_assert_ptr_eq(strchr(signature, '\n'), signature + strlen(signature) - 1);
    ck_assert_ptr_null(strstr(headers, "geheim"));
}

static void ask(struct wci_s3_region *region, const struct wci_s3_call *call)
{
    assert_done(wci_s3_ask(region, call, &example, TIME, &joined, &exchange));
}

static void assert_body(const char *wanted)
{
    ck_assert_int_eq(exchange.body.length, (int64_t)strlen(wanted));
    ck_assert_mem_eq(exchange.body.memory, wanted, strlen(wanted));
}

static const struct wci_pair metadata[] = {
    {"wildcam-id", "a  b"}, {"nothing", ""}, {"wildcam.x_1", "~"}};

static const struct wci_s3_call put = {
    .verb = WCI_S3_PUT,
    .key = "images/2026/11/26/cam 1/\xc3\xa9.jpg",
    .body = {.memory = "abc", .fd = -1, .length = 3},
    .sha256 = abc,
    .content_type = "image/jpeg",
    .cache_control = "public, max-age=31536000, immutable",
    .metadata = metadata,
    .metadata_count = 3,
    .if_none_match = true,
};

START_TEST(put_object)
{
    ask(&aws, &put);
    ck_assert_str_eq(exchange.method, "PUT");
    ck_assert_str_eq(wci_text_get(&exchange.url),
                     "https://wildcam-us-west-2.s3.us-west-2.amazonaws.com/images/2026/11/26/"
                     "cam%201/%C3%A9.jpg");
    assert_headers("host: wildcam-us-west-2.s3.us-west-2.amazonaws.com\n"
                   "x-amz-date: 20261126T104459Z\n"
                   "x-amz-content-sha256: " ABC "\n"
                   "x-amz-checksum-sha256: " ABC64 "\n"
                   "x-amz-meta-wildcam-id: a  b\n"
                   "x-amz-meta-wildcam.x_1: ~\n"
                   "x-amz-meta-sha256: " ABC "\n"
                   "content-type: image/jpeg\n"
                   "cache-control: public, max-age=31536000, immutable\n",
                   "content-type;host;x-amz-checksum-sha256;x-amz-content-sha256;x-amz-date;"
                   "x-amz-meta-sha256;x-amz-meta-wildcam-id;x-amz-meta-wildcam.x_1");
    assert_body("abc");
    ck_assert_uint_eq(exchange.answer_limit, 65536);
}
END_TEST

START_TEST(put_to_a_server_of_ones_own)
{
    static const struct wci_pair own_digest = {"sha256", "mine"};
    struct wci_credentials session = example;
    struct wci_s3_call call = put;
    session.session_token = "token";
    call.metadata = &own_digest;
    call.metadata_count = 1;
    call.content_type = call.cache_control = NULL;
    own.sends_if_none_match = true;
    assert_done(wci_s3_ask(&own, &call, &session, TIME, &joined, &exchange));
    ck_assert_str_eq(wci_text_get(&exchange.url),
                     "http://localhost:9000/s3/wildcam/images/2026/11/26/cam%201/%C3%A9.jpg");
    assert_headers("host: localhost:9000\n"
                   "x-amz-date: 20261126T104459Z\n"
                   "x-amz-content-sha256: " ABC "\n"
                   "x-amz-meta-sha256: mine\n"
                   "x-amz-security-token: token\n"
                   "if-none-match: *\n",
                   "host;x-amz-content-sha256;x-amz-date;x-amz-meta-sha256;x-amz-security-token");
    ck_assert_ptr_nonnull(strstr(wci_text_get(&exchange.headers), "/garage/s3/aws4_request"));
}
END_TEST

START_TEST(put_of_a_file_and_of_nothing)
{
    struct wci_s3_call call = {.verb = WCI_S3_PUT,
                               .key = "a",
                               .body = {.fd = 7, .offset = 11, .length = 3},
                               .sha256 = abc};
    ask(&aws, &call);
    ck_assert_ptr_null(exchange.body.memory);
    ck_assert_int_eq(exchange.body.fd, 7);
    ck_assert_int_eq(exchange.body.offset, 11);
    ck_assert_int_eq(exchange.body.length, 3);
    call.body.length = 0; /* an empty file has no digest that must be known */
    call.sha256 = NULL;
    ask(&aws, &call);
    assert_headers("host: wildcam-us-west-2.s3.us-west-2.amazonaws.com\n"
                   "x-amz-date: 20261126T104459Z\n"
                   "x-amz-content-sha256: " EMPTY "\n"
                   "x-amz-checksum-sha256: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
                   "host;x-amz-checksum-sha256;x-amz-content-sha256;x-amz-date");
    ck_assert_ptr_nonnull(exchange.body.memory);
    ck_assert_int_eq(exchange.body.length, 0);
}
END_TEST

#define OWN_HEADERS(digest)                                                                        \
    "host: localhost:9000\nx-amz-date: 20261126T104459Z\nx-amz-content-sha256: " digest "\n"
#define OWN_NAMES "host;x-amz-content-sha256;x-amz-date"
#define OWN_URL "http://localhost:9000/s3/wildcam/a//../b"

static const struct {
    enum wci_s3_verb verb;
    int part;
    const char *method, *url, *headers, *names;
} plain[] = {
    {WCI_S3_HEAD, 0, "HEAD", OWN_URL, OWN_HEADERS(EMPTY), OWN_NAMES},
    {WCI_S3_DELETE, 0, "DELETE", OWN_URL, OWN_HEADERS(EMPTY), OWN_NAMES},
    {WCI_S3_BEGIN_PARTS, 0, "POST", OWN_URL "?uploads=",
     OWN_HEADERS(EMPTY) "x-amz-meta-wildcam-id: a  b\nx-amz-meta-wildcam.x_1: ~\n"
                        "x-amz-meta-sha256: " ABC "\ncontent-type: image/jpeg\n"
                        "cache-control: public, max-age=31536000, immutable\n",
     "content-type;" OWN_NAMES ";x-amz-meta-sha256;x-amz-meta-wildcam-id;x-amz-meta-wildcam.x_1"},
    {WCI_S3_PUT_PART, 1, "PUT", OWN_URL "?partNumber=1&uploadId=1%2F%2B2", OWN_HEADERS(ABC),
     OWN_NAMES},
    {WCI_S3_PUT_PART, 10000, "PUT", OWN_URL "?partNumber=10000&uploadId=1%2F%2B2", OWN_HEADERS(ABC),
     OWN_NAMES},
    {WCI_S3_LIST_PARTS, 0, "GET", OWN_URL "?uploadId=1%2F%2B2", OWN_HEADERS(EMPTY), OWN_NAMES},
    {WCI_S3_LIST_PARTS, 1000, "GET", OWN_URL "?part-number-marker=1000&uploadId=1%2F%2B2",
     OWN_HEADERS(EMPTY), OWN_NAMES},
    {WCI_S3_DROP_PARTS, 0, "DELETE", OWN_URL "?uploadId=1%2F%2B2", OWN_HEADERS(EMPTY), OWN_NAMES},
};

START_TEST(other_calls)
{
    struct wci_s3_call call = put; /* what a call has no use for is left out */
    call.verb = plain[_i].verb;
    call.key = "a//../b";
    call.part = plain[_i].part;
    call.upload_id = "1/+2";
    wci_text_add(&exchange.url, "of an earlier request");
    wci_text_add(&exchange.headers, "of: an earlier request\n");
    ask(&own, &call);
    ck_assert_str_eq(exchange.method, plain[_i].method);
    ck_assert_str_eq(wci_text_get(&exchange.url), plain[_i].url);
    assert_headers(plain[_i].headers, plain[_i].names);
    assert_body(call.verb == WCI_S3_PUT_PART ? "abc" : "");
    ck_assert_uint_eq(exchange.answer_limit, call.verb == WCI_S3_LIST_PARTS ? 2097152 : 65536);
}
END_TEST

START_TEST(checksums_of_parts_at_aws)
{
    struct wci_s3_call call = {.verb = WCI_S3_BEGIN_PARTS, .key = "a"};
    ask(&aws, &call);
    ck_assert_ptr_nonnull(
        strstr(wci_text_get(&exchange.headers), "\nx-amz-checksum-algorithm: SHA256\n"));
    call = put;
    call.verb = WCI_S3_PUT_PART;
    call.upload_id = "1";
    call.part = 2;
    ask(&aws, &call);
    ck_assert_ptr_nonnull(
        strstr(wci_text_get(&exchange.headers), "\nx-amz-checksum-sha256: " ABC64 "\n"));
    ck_assert_ptr_null(strstr(wci_text_get(&exchange.headers), "x-amz-meta-"));
    ck_assert_ptr_null(strstr(wci_text_get(&exchange.headers), "content-type"));
}
END_TEST

#define LIST_BEGIN "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
#define LIST_END "</CompleteMultipartUpload>"

START_TEST(parts_are_joined)
{
    struct wci_s3_part parts[3] = {{.number = 1, .etag = "abc"},
                                   {.number = 3, .etag = "<&\">"},
                                   {.number = 10000, .etag = "c"}};
    struct wci_s3_call call = put;
    memcpy(parts[0].sha256, abc, sizeof abc);
    parts[0].has_sha256 = true;
    call.verb = WCI_S3_JOIN_PARTS;
    call.upload_id = "1";
    call.parts = parts;
    call.part_count = 3;
    ask(&own, &call);
    ck_assert_str_eq(exchange.method, "POST");
    assert_body(
        LIST_BEGIN
        "<Part><PartNumber>1</PartNumber><ETag>&quot;abc&quot;</ETag></Part>"
        "<Part><PartNumber>3</PartNumber><ETag>&quot;&lt;&amp;&quot;&gt;&quot;</ETag></Part>"
        "<Part><PartNumber>10000</PartNumber><ETag>&quot;c&quot;</ETag></Part>" LIST_END);
    unsigned char digest[WCI_DIGEST_BYTES];
    char shown[WCI_DIGEST_TEXT], wanted[512];
    assert_done(wci_digest_of(exchange.body.memory, (size_t)exchange.body.length, digest));
    wci_digest_to_text(digest, shown);
    snprintf(wanted, sizeof wanted,
             "host: localhost:9000\nx-amz-date: 20261126T104459Z\nx-amz-content-sha256: %s\n"
             "content-type: application/xml\n",
             shown);
    assert_headers(wanted, "content-type;" OWN_NAMES);

    aws.sends_if_none_match = true;
    call.part_count = 1;
    ask(&aws, &call);
    assert_body(LIST_BEGIN "<Part><PartNumber>1</PartNumber><ETag>&quot;abc&quot;</ETag>"
                           "<ChecksumSHA256>" ABC64 "</ChecksumSHA256></Part>" LIST_END);
    ck_assert_ptr_nonnull(strstr(wci_text_get(&exchange.headers), "\nif-none-match: *\n"));
}
END_TEST

START_TEST(refuses_lists_of_parts)
{
    struct wci_s3_part parts[2] = {{.number = 1, .etag = "a"}, {.number = 2, .etag = "b"}};
    struct wci_s3_call call = {
        .verb = WCI_S3_JOIN_PARTS, .key = "a", .upload_id = "1", .parts = parts};
    static const int wrong[][2] = {{0, 1}, {-1, 1}, {1, 1}, {2, 1}, {1, 10001}};
    assert_fails(WILDCAM_ERR_INVALID, "there is no part",
                 wci_s3_ask(&own, &call, &example, TIME, &joined, &exchange));
    call.part_count = 2;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        parts[0].number = wrong[i][0];
        parts[1].number = wrong[i][1];
        assert_fails(WILDCAM_ERR_INVALID, "10000",
                     wci_s3_ask(&own, &call, &example, TIME, &joined, &exchange));
    }
}
END_TEST

static void assert_refused(const struct wci_s3_call *call, const char *words)
{
    assert_fails(WILDCAM_ERR_INVALID, words,
                 wci_s3_ask(&own, call, &example, TIME, &joined, &exchange));
}

/* A line end in a value would be a header of the value's own. */
START_TEST(refuses_what_no_header_may_have)
{
    static const char *const values[] = {"a\nx-amz-acl: public-read", "a\r", "\x7f", "\xc3\xa9",
                                         "\t"};
    static const char *const names[] = {"", "A", "a:b", "a b", "a\n", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct wci_s3_call call = put;
        const struct wci_pair pair = {"name", values[i]};
        struct wci_credentials session = example;
        call.content_type = values[i];
        assert_refused(&call, "Content-Type: byte ");
        call = put;
        call.cache_control = values[i];
        assert_refused(&call, "Cache-Control: byte ");
        call = put;
        call.metadata = &pair;
        call.metadata_count = 1;
        assert_refused(&call, "name: byte ");
        session.session_token = values[i];
        assert_fails(WILDCAM_ERR_INVALID, "the session token: byte ",
                     wci_s3_ask(&own, &put, &session, TIME, &joined, &exchange));
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct wci_s3_call call = put;
        const struct wci_pair pair = {names[i], "a"};
        call.metadata = &pair;
        call.metadata_count = 1;
        assert_refused(&call, "metadata \"");
    }
}
END_TEST

START_TEST(refuses_calls)
{
    struct wci_s3_call call = put;
    char longest[WCI_KEY_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[WCI_KEY_MAX + 1] = '\0';
    call.key = longest;
    assert_refused(&call, "the key has 1025 bytes; 1 to 1024");
    longest[WCI_KEY_MAX] = '\0';
    ask(&own, &call);
    call.key = "";
    assert_refused(&call, "the key has 0 bytes");
    call.key = "\xff";
    assert_refused(&call, "no UTF-8");
    call = put;
    call.body.length = -1;
    assert_refused(&call, "-1 bytes");
    call = put;
    call.sha256 = NULL;
    assert_fails(WILDCAM_ERR_INTERNAL, "SHA-256",
                 wci_s3_ask(&own, &call, &example, TIME, &joined, &exchange));
    static const enum wci_s3_verb of_parts[] = {WCI_S3_PUT_PART, WCI_S3_LIST_PARTS,
                                                WCI_S3_JOIN_PARTS, WCI_S3_DROP_PARTS};
    for (int i = 0; i < 4; i++) {
        call = put;
        call.verb = of_parts[i];
        call.part = 1;
        assert_refused(&call, "the upload's id is empty");
        call.upload_id = "";
        assert_refused(&call, "the upload's id is empty");
    }
    static const int parts[] = {-1, 0, 10001};
    for (int i = 0; i < 3; i++) {
        call = put;
        call.verb = WCI_S3_PUT_PART;
        call.upload_id = "1";
        call.part = parts[i];
        assert_refused(&call, "1 to 10000");
    }
}
END_TEST

START_TEST(presigned_url)
{
    struct wci_text url = {0};
    struct wci_credentials session = example;
    session.session_token = "to/ken";
    assert_done(wci_s3_presign(&aws, "a b/c", &session, TIME, 3600, &url));
    static const char wanted[] =
        "https://wildcam-us-west-2.s3.us-west-2.amazonaws.com/a%20b/c?"
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261126%2F"
        "us-west-2%2Fs3%2Faws4_request&X-Amz-Date=20261126T104459Z&X-Amz-Expires=3600&"
        "X-Amz-Security-Token=to%2Fken&X-Amz-SignedHeaders=host&X-Amz-Signature=";
    ck_assert_uint_eq(url.length, strlen(wanted) + 64);
    ck_assert_int_eq(strncmp(wci_text_get(&url), wanted, strlen(wanted)), 0);
    wci_text_empty(&url);
    assert_fails(WILDCAM_ERR_INVALID, "604800",
                 wci_s3_presign(&aws, "a", &example, TIME, 604801, &url));
    assert_fails(WILDCAM_ERR_INVALID, "the key",
                 wci_s3_presign(&aws, "", &example, TIME, 60, &url));
    ck_assert_uint_eq(url.length, 0);
    wci_text_free(&url);
}
END_TEST

START_TEST(a_bucket_that_moved_is_signed_for)
{
    assert_done(wci_s3_region_move(&own, "us-east-1"));
    ask(&own, &put);
    ck_assert_ptr_nonnull(
        strstr(wci_text_get(&exchange.headers), "/20261126/us-east-1/s3/aws4_request"));
    ck_assert_ptr_nonnull(strstr(wci_text_get(&exchange.headers), "host: localhost:9000\n"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("s3_request");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, open_all, close_all);
    tcase_add_test(all, put_object);
    tcase_add_test(all, put_to_a_server_of_ones_own);
    tcase_add_test(all, put_of_a_file_and_of_nothing);
    tcase_add_loop_test(all, other_calls, 0, sizeof plain / sizeof plain[0]);
    tcase_add_test(all, checksums_of_parts_at_aws);
    tcase_add_test(all, parts_are_joined);
    tcase_add_test(all, refuses_lists_of_parts);
    tcase_add_test(all, refuses_what_no_header_may_have);
    tcase_add_test(all, refuses_calls);
    tcase_add_test(all, presigned_url);
    tcase_add_test(all, a_bucket_that_moved_is_signed_for);
    return suite;
}
