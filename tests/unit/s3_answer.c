/* What S3's answers say, and what is made of answers that are not S3's. */
#include "upload/s3.h"

#include "base/calendar.h"

#include "unit.h"

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC64 "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static struct wci_exchange exchange;
static struct wci_s3_answer answer;

static void begin(void)
{
    wci_exchange_init(&exchange);
}

static void end(void)
{
    wci_exchange_release(&exchange);
}

static void read_as(enum wci_s3_verb verb, int status, const char *head, const char *body)
{
    wci_exchange_renew(&exchange);
    exchange.status = status;
    wci_text_add(&exchange.head, head);
    if (body)
        wci_text_add(&exchange.answer, body);
    memset(&answer, 0x55, sizeof answer);
    wci_s3_read(&exchange, verb, &answer);
}

START_TEST(put_was_taken)
{
    read_as(WCI_S3_PUT, 200,
            "date: Thu, 26 Nov 2026 10:44:59 GMT\netag: \"900150983cd24fb0d6963f7d28e17f72\"\n"
            "x-amz-request-id: 4442587FB7D0A2F9\nx-amz-checksum-sha256: " ABC64 "\n"
            "content-length: 0\n",
            "");
    ck_assert_int_eq(answer.status, 200);
    ck_assert(!answer.is_error);
    ck_assert_str_eq(answer.etag, "900150983cd24fb0d6963f7d28e17f72");
    ck_assert_str_eq(answer.request_id, "4442587FB7D0A2F9");
    ck_assert_str_eq(answer.checksum, "sha256:" ABC64);
    ck_assert_int_eq(answer.date, INT64_C(1795689899000000));
    ck_assert_int_eq(answer.retry_after, -1);
    ck_assert_int_eq(answer.content_length, -1); /* that of a HEAD alone is the object's */
    ck_assert_str_eq(answer.code, "");
    ck_assert_str_eq(answer.message, "");
    ck_assert_str_eq(answer.region, "");
    ck_assert_str_eq(answer.sha256, "");
    ck_assert_str_eq(answer.upload_id, "");
}
END_TEST

START_TEST(an_answer_that_says_nothing)
{
    read_as(WCI_S3_PUT, 200, "", "");
    ck_assert(!answer.is_error);
    ck_assert_str_eq(answer.etag, "");
    ck_assert_int_eq(answer.date, WILDCAM_TIME_NONE);
    read_as(WCI_S3_PUT, 500, "", "");
    ck_assert(answer.is_error);
    ck_assert_str_eq(answer.message, "");
}
END_TEST

static const struct {
    const char *header, *etag;
} etags[] = {
    {"\"abc\"", "abc"},
    {"abc", "abc"},
    {"W/\"abc\"", "abc"},
    {"\"d41d8cd98f00b204e9800998ecf8427e-38\"", "d41d8cd98f00b204e9800998ecf8427e-38"},
    {"", ""},
    {"\"", "\""},
    {"\"\"", ""},
    {"\"a b\"", ""},
    {"\"a\x01\"", ""},
    {"\"\xc3\xa9\"", ""},
    /* 79 bytes, and one more */
    {"\"1234567890123456789012345678901234567890123456789012345678901234567890123456789\"",
     "1234567890123456789012345678901234567890123456789012345678901234567890123456789"},
    {"\"12345678901234567890123456789012345678901234567890123456789012345678901234567890\"", ""},
};

START_TEST(reads_etags)
{
    char head[256];
    snprintf(head, sizeof head, "etag: %s\n", etags[_i].header);
    read_as(WCI_S3_PUT, 200, head, "");
    ck_assert_str_eq(answer.etag, etags[_i].etag);
}
END_TEST

START_TEST(head_tells_what_is_there)
{
    read_as(WCI_S3_HEAD, 200, "content-length: 9007199254740993\nx-amz-meta-sha256: " ABC "\n",
            NULL);
    ck_assert(!answer.is_error);
    ck_assert_int_eq(answer.content_length, INT64_C(9007199254740993));
    ck_assert_str_eq(answer.sha256, ABC);
    /* Its own metadata fail; the server's checksum does as well. */
    read_as(WCI_S3_HEAD, 200, "x-amz-meta-sha256: no\nx-amz-checksum-sha256: " ABC64 "\n", NULL);
    ck_assert_str_eq(answer.sha256, ABC);
    ck_assert_int_eq(answer.content_length, -1);
    /* The checksum of checksums is none of the bytes. */
    read_as(WCI_S3_HEAD, 200, "x-amz-checksum-sha256: " ABC64 "-3\ncontent-length: \n", NULL);
    ck_assert_str_eq(answer.sha256, "");
    ck_assert_str_eq(answer.checksum, "sha256:" ABC64 "-3");
    ck_assert_int_eq(answer.content_length, -1);
    static const char *const wrong[] = {"-1", "+1", "1 ", "0x1", "1,2", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char head[64];
        snprintf(head, sizeof head, "content-length: %s\n", wrong[i]);
        read_as(WCI_S3_HEAD, 200, head, NULL);
        ck_assert_int_eq(answer.content_length, -1);
    }
    read_as(WCI_S3_HEAD, 404, "", NULL);
    ck_assert(answer.is_error);
    read_as(WCI_S3_HEAD, 200, "x-amz-checksum-crc64nvme: OOJZ0D8xKts=\n", NULL);
    ck_assert_str_eq(answer.checksum, "crc64nvme:OOJZ0D8xKts=");
}
END_TEST

#define DATE "date: Thu, 26 Nov 2026 10:00:00 GMT\n"

static const struct {
    const char *head;
    int64_t retry_after; /* milliseconds */
    bool is_precise;
} retries[] = {
    {"retry-after: 3\n", 3000, false},
    {"retry-after: 0\n", 0, false},
    {"x-amz-retry-after: 1500\n", 1500, true},
    {"retry-after: 3\nx-amz-retry-after: 1500\n", 1500, true},
    {"retry-after: 3\nx-amz-retry-after: soon\n", 3000, false},
    {DATE "retry-after: Thu, 26 Nov 2026 10:02:00 GMT\n", 120000, false},
    {DATE "retry-after: Thu, 26 Nov 2026 09:00:00 GMT\n", 0, false},
    {"retry-after: Thu, 26 Nov 2026 10:02:00 GMT\n", -1, false}, /* by whose clock? */
    {"retry-after: 99999999\n", 86400000, false},                /* nobody waits for years */
    {"x-amz-retry-after: 9999999999999\n", 86400000, true},
    {"retry-after: 99999999999999999999999\n", -1, false},
    {"retry-after: -1\n", -1, false},
    {"retry-after: 1.5\n", -1, false},
    {"retry-after: \n", -1, false},
    {"", -1, false},
};

START_TEST(reads_when_to_retry)
{
    read_as(WCI_S3_PUT, 503, retries[_i].head, "");
    int64_t wanted = retries[_i].retry_after < 0 ? -1 : retries[_i].retry_after * 1000;
    ck_assert_int_eq(answer.retry_after, wanted);
    ck_assert_int_eq(answer.is_retry_precise, retries[_i].is_precise);
}
END_TEST

#define ERROR(code, more) XML "<Error><Code>" code "</Code>" more "</Error>"

START_TEST(reads_errors)
{
    read_as(WCI_S3_PUT, 503, "",
            ERROR("SlowDown", "<Message>Please reduce &amp; wait</Message>"
                              "<RequestId>ABC1</RequestId><HostId>x</HostId>"));
    ck_assert(answer.is_error);
    ck_assert_str_eq(answer.code, "SlowDown");
    ck_assert_str_eq(answer.message, "Please reduce & wait");
    ck_assert_str_eq(answer.request_id, "ABC1");
    read_as(WCI_S3_PUT, 503, "x-amz-request-id: OF1HEADER\n",
            ERROR("SlowDown", "<RequestId>ABC1</RequestId>"));
    ck_assert_str_eq(answer.request_id, "OF1HEADER");
    ck_assert_str_eq(answer.message, "");
    /* What is not where it belongs is nothing. */
    read_as(WCI_S3_PUT, 503, "",
            "<Errors><Error><Code>SlowDown</Code></Error><Code>Other</Code></Errors>");
    ck_assert_str_eq(answer.code, "");
    ck_assert_str_eq(answer.message,
                     "the answer is not the XML that S3 sends: another root element");
}
END_TEST

/* S3 sends the head of its answer long before it knows how it goes. */
START_TEST(an_error_within_a_200)
{
    static const enum wci_s3_verb verbs[] = {WCI_S3_PUT, WCI_S3_JOIN_PARTS, WCI_S3_PUT_PART,
                                             WCI_S3_BEGIN_PARTS, WCI_S3_LIST_PARTS};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        read_as(verbs[i], 200, "etag: \"abc\"\n",
                "  \n  \n" ERROR("InternalError", "<Message>Try again</Message>"));
        ck_assert(answer.is_error);
        ck_assert_int_eq(answer.status, 200);
        ck_assert_str_eq(answer.code, "InternalError");
        ck_assert_str_eq(answer.message, "Try again");
    }
}
END_TEST

START_TEST(half_an_error_says_what_it_can)
{
    read_as(WCI_S3_PUT, 503, "", XML "<Error><Code>SlowDown</Code><Message>Please red");
    ck_assert(answer.is_error);
    ck_assert_str_eq(answer.code, "SlowDown");
    ck_assert_str_eq(answer.message,
                     "the answer is not the XML that S3 sends: an element that does not end");
    read_as(WCI_S3_PUT, 200, "", XML "<Error><Co");
    ck_assert(answer.is_error);
    ck_assert_str_eq(answer.code, "");
}
END_TEST

START_TEST(a_page_of_a_proxy)
{
    static const char page[] = "<!DOCTYPE html><html><body>Bad gateway</body></html>";
    read_as(WCI_S3_PUT, 502, "", page);
    ck_assert(answer.is_error);
    ck_assert_str_eq(answer.code, "");
    ck_assert_str_eq(answer.message, "the answer is not the XML that S3 sends: a document type");
    read_as(WCI_S3_PUT, 502, "", "Bad gateway");
    ck_assert_ptr_nonnull(strstr(answer.message, "text outside of the root element"));
    /* A portal says 200 to everything. That is no error of S3's; its ETag is its page's. */
    read_as(WCI_S3_JOIN_PARTS, 200, "etag: \"page\"\n", page);
    ck_assert(!answer.is_error);
    ck_assert_str_eq(answer.etag, "");
    ck_assert_ptr_nonnull(strstr(answer.message, "a document type"));
    read_as(WCI_S3_BEGIN_PARTS, 200, "etag: \"page\"\n", "<html>log in</html>");
    ck_assert(!answer.is_error);
    ck_assert_str_eq(answer.upload_id, "");
    ck_assert_ptr_nonnull(strstr(answer.message, "another root element"));
    read_as(WCI_S3_JOIN_PARTS, 200, "", "");
    ck_assert_str_eq(answer.message, "the answer is not the XML that S3 sends: no element");
}
END_TEST

START_TEST(texts_of_strangers_do_no_harm)
{
    char body[16384], letters[5001];
    memset(letters, 'a', sizeof letters - 1);
    letters[sizeof letters - 1] = '\0';
    read_as(WCI_S3_PUT, 400, "",
            ERROR("Slow Down", "<Message>1\n2\t&#10;&#x7f;3\xc2\x85</Message>"));
    ck_assert_str_eq(answer.code, "");
    ck_assert_str_eq(answer.message, "1 2   3\xc2\x85");
    for (int extra = 0; extra < 3; extra++) { /* a cut before, in and behind a character */
        snprintf(body, sizeof body, ERROR("%s", "<Message>%.*s\xc3\xa9%s</Message>"), letters,
                 253 + extra, letters, letters);
        read_as(WCI_S3_PUT, 400, "", body);
        ck_assert_str_eq(answer.code, "");
        ck_assert_uint_eq(strlen(answer.message), extra == 0 ? 255 : 253 + (size_t)extra);
    }
    snprintf(body, sizeof body, ERROR("%.63s", "<RequestId>%.80s</RequestId>"), letters, letters);
    read_as(WCI_S3_PUT, 400, "", body);
    ck_assert_uint_eq(strlen(answer.code), 63);
    ck_assert_str_eq(answer.request_id, "");
}
END_TEST

static const struct {
    const char *head, *body, *region;
} moved[] = {
    {"x-amz-bucket-region: eu-west-1\n", "", "eu-west-1"},
    {"x-amz-bucket-region: eu-west-1\n", ERROR("PermanentRedirect", "<Region>us-east-1</Region>"),
     "eu-west-1"},
    {"", ERROR("AuthorizationHeaderMalformed", "<Region>us-east-1</Region>"), "us-east-1"},
    {"", ERROR("PermanentRedirect", "<Endpoint>b.s3.us-west-1.amazonaws.com</Endpoint>"),
     "us-west-1"},
    {"", ERROR("PermanentRedirect", "<Endpoint>s3.cn-north-1.amazonaws.com.cn</Endpoint>"),
     "cn-north-1"},
    {"", ERROR("PermanentRedirect", "<Endpoint>b.s3-us-west-1.amazonaws.com</Endpoint>"),
     "us-west-1"},
    {"", ERROR("PermanentRedirect", "<Endpoint>b.s3.amazonaws.com</Endpoint>"), ""},
    {"", ERROR("PermanentRedirect", "<Endpoint>s3.amazonaws.com</Endpoint>"), ""},
    {"", ERROR("PermanentRedirect", "<Endpoint>.amazonaws.com</Endpoint>"), ""},
    {"", ERROR("PermanentRedirect", "<Endpoint>a.amazonaws.com</Endpoint>"), ""},
    {"", ERROR("PermanentRedirect", "<Endpoint>s3.example.org</Endpoint>"), ""},
    {"", ERROR("PermanentRedirect", "<Endpoint></Endpoint>"), ""},
    /* A region becomes part of a host's name. */
    {"x-amz-bucket-region: evil.example.org/\n", "", ""},
    {"x-amz-bucket-region: EU\n", ERROR("PermanentRedirect", "<Region>us-east-1</Region>"),
     "us-east-1"},
    {"", ERROR("PermanentRedirect", "<Region>a.b</Region>"), ""},
    {"", ERROR("PermanentRedirect", "<Region> us-east-1</Region>"), ""},
};

START_TEST(reads_where_a_bucket_is)
{
    read_as(WCI_S3_PUT, 301, moved[_i].head, moved[_i].body);
    ck_assert(answer.is_error);
    ck_assert_str_eq(answer.region, moved[_i].region);
}
END_TEST

START_TEST(uploads_in_parts)
{
    read_as(WCI_S3_BEGIN_PARTS, 200, "",
            XML "<InitiateMultipartUploadResult "
                "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>b</Bucket><Key>k</Key>"
                "<UploadId>VXBsb2FkIElE+/=~</UploadId></InitiateMultipartUploadResult>");
    ck_assert(!answer.is_error);
    ck_assert_str_eq(answer.upload_id, "VXBsb2FkIElE+/=~");
    read_as(WCI_S3_JOIN_PARTS, 200, "etag: \"head\"\n",
            " \n" XML "<CompleteMultipartUploadResult><ETag>&quot;abc-3&quot;</ETag>"
            "<ChecksumSHA256>" ABC64 "-3</ChecksumSHA256></CompleteMultipartUploadResult>");
    ck_assert(!answer.is_error);
    ck_assert_str_eq(answer.etag, "abc-3");
    ck_assert_str_eq(answer.checksum, "sha256:" ABC64 "-3");
    /* One that was cut off may have gone wrong behind the cut. */
    read_as(WCI_S3_JOIN_PARTS, 200, "", "<CompleteMultipartUploadResult><ETag>abc</ETag>");
    ck_assert(answer.is_error);
    ck_assert_ptr_nonnull(strstr(answer.message, "an element that does not end"));
    /* What belongs to another call is not taken. */
    read_as(WCI_S3_PUT, 200, "",
            "<CompleteMultipartUploadResult><ETag>abc</ETag></CompleteMultipartUploadResult>");
    ck_assert_str_eq(answer.etag, "");
    read_as(
        WCI_S3_JOIN_PARTS, 200, "",
        "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>");
    ck_assert_str_eq(answer.upload_id, "");
    static const char *const ids[] = {"", "a b", "a&#10;b", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        char body[256];
        snprintf(body, sizeof body,
                 "<InitiateMultipartUploadResult><UploadId>%s</UploadId>"
                 "</InitiateMultipartUploadResult>",
                 ids[i]);
        read_as(WCI_S3_BEGIN_PARTS, 200, "", body);
        ck_assert_str_eq(answer.upload_id, "");
    }
}
END_TEST

START_TEST(without_an_answer)
{
    wci_exchange_renew(&exchange);
    exchange.failure = WCI_LINK_BROKEN;
    snprintf(exchange.reason, sizeof exchange.reason, "connection\nreset");
    wci_s3_read(&exchange, WCI_S3_PUT, &answer);
    ck_assert(answer.is_error);
    ck_assert_int_eq(answer.status, 0);
    ck_assert_str_eq(answer.message, "connection reset");
    /* An answer that was cut is not what its status says. */
    exchange.status = 200;
    wci_text_add(&exchange.head, "etag: \"abc\"\n");
    wci_s3_read(&exchange, WCI_S3_PUT, &answer);
    ck_assert(answer.is_error);
    ck_assert_str_eq(answer.message, "connection reset");
}
END_TEST

/* ---- Lists of parts ---- */

static struct wci_s3_part *parts;
static size_t count, capacity;
static int next;

static void forget_parts(void)
{
    free(parts);
    parts = NULL;
    count = capacity = 0;
    end();
}

static wildcam_status list(const char *body)
{
    wci_exchange_renew(&exchange);
    exchange.status = 200;
    wci_text_add(&exchange.answer, body);
    next = -1;
    return wci_s3_read_parts(&exchange, &parts, &count, &capacity, &next);
}

#define PART(number, etag, size)                                                                   \
    "<Part><PartNumber>" number "</PartNumber><ETag>" etag "</ETag><Size>" size "</Size></Part>"
#define LIST(inside) XML "<ListPartsResult>" inside "</ListPartsResult>"
#define GOES_ON "<IsTruncated>true</IsTruncated>"

START_TEST(lists_parts)
{
    assert_done(list(LIST("<IsTruncated>false</IsTruncated>")));
    ck_assert_uint_eq(count, 0);
    ck_assert_int_eq(next, 0);
    assert_done(list(
        LIST("<UploadId>1</UploadId><NextPartNumberMarker>3</NextPartNumberMarker>" GOES_ON PART(
            "1", "&quot;a&quot;",
            "8388608") "<Part><ETag>b</ETag><Size>0</Size><LastModified>x</LastModified>"
                       "<ChecksumSHA256>" ABC64 "</ChecksumSHA256>"
                       "<PartNumber>3</PartNumber></Part>")));
    ck_assert_int_eq(next, 3);
    assert_done(list(LIST("<IsTruncated>False</IsTruncated>" PART("10000", "c", "5"))));
    ck_assert_int_eq(next, 0);
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(parts[0].number, 1);
    ck_assert_int_eq(parts[0].bytes, 8388608);
    ck_assert_str_eq(parts[0].etag, "a");
    ck_assert(!parts[0].has_sha256);
    ck_assert_int_eq(parts[1].number, 3);
    ck_assert_int_eq(parts[1].bytes, 0);
    ck_assert(parts[1].has_sha256);
    unsigned char abc[WCI_DIGEST_BYTES];
    assert_done(wci_digest_of("abc", 3, abc));
    ck_assert_mem_eq(parts[1].sha256, abc, sizeof abc);
    ck_assert_int_eq(parts[2].number, 10000);
    ck_assert_str_eq(parts[2].etag, "c");
}
END_TEST

START_TEST(a_marker_may_be_missing)
{
    assert_done(list(LIST(GOES_ON PART("1", "a", "1") PART("2", "b", "1"))));
    ck_assert_int_eq(next, 2);
}
END_TEST

static const char *const wrong_lists[] = {
    "",
    "<html/>",
    ERROR("NoSuchUpload", ""),
    "<ListPartsResult>" PART("2", "a", "1"),
    LIST(PART("2", "a", "1") "<Part><Part/></Part>"),
    LIST("<Part/>"),
    LIST(PART("0", "a", "1")),
    LIST(PART("1", "a", "1")), /* it was there already */
    LIST(PART("3", "a", "1") PART("3", "a", "1")),
    LIST(PART("3", "a", "1") PART("2", "a", "1")),
    LIST(PART("10001", "a", "1")),
    LIST(PART("-2", "a", "1")),
    LIST(PART("", "a", "1")),
    LIST(PART("2", "", "1")),
    LIST(PART("2", "a b", "1")),
    LIST(PART("2", "a", "")),
    LIST(PART("2", "a", "-1")),
    LIST(PART("2", "a", "99999999999999999999")),
    LIST("<Part><PartNumber>2</PartNumber><Size>1</Size></Part>"),
    LIST("<Part><PartNumber>2</PartNumber><ETag>a</ETag></Part>"),
    LIST("<Part><ETag>a</ETag><Size>1</Size></Part>"),
    LIST("<Part><ETag>a</ETag><Size>1</Size><PartNumber>2</PartNumber>"
         "<ChecksumSHA256>abc</ChecksumSHA256></Part>"),
    LIST(GOES_ON),
    LIST(GOES_ON "<NextPartNumberMarker>5</NextPartNumberMarker>"),
    LIST(GOES_ON "<NextPartNumberMarker>1</NextPartNumberMarker>" PART("2", "a", "1")),
    LIST(GOES_ON "<NextPartNumberMarker>x</NextPartNumberMarker>" PART("2", "a", "1")),
    LIST(GOES_ON "<NextPartNumberMarker>10001</NextPartNumberMarker>" PART("2", "a", "1")),
    LIST(GOES_ON PART("10000", "a", "1")),
};

START_TEST(refuses_lists)
{
    assert_done(list(LIST(PART("1", "first", "1"))));
    assert_fails(WILDCAM_ERR_UPLOAD, "ListParts: ", list(wrong_lists[_i]));
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(parts[0].etag, "first");
    ck_assert_int_eq(next, 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("s3_answer");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_test(all, put_was_taken);
    tcase_add_test(all, an_answer_that_says_nothing);
    tcase_add_loop_test(all, reads_etags, 0, sizeof etags / sizeof etags[0]);
    tcase_add_test(all, head_tells_what_is_there);
    tcase_add_loop_test(all, reads_when_to_retry, 0, sizeof retries / sizeof retries[0]);
    tcase_add_test(all, reads_errors);
    tcase_add_test(all, an_error_within_a_200);
    tcase_add_test(all, half_an_error_says_what_it_can);
    tcase_add_test(all, a_page_of_a_proxy);
    tcase_add_test(all, texts_of_strangers_do_no_harm);
    tcase_add_loop_test(all, reads_where_a_bucket_is, 0, sizeof moved / sizeof moved[0]);
    tcase_add_test(all, uploads_in_parts);
    tcase_add_test(all, without_an_answer);
    TCase *lists = harness_case(suite, "lists of parts");
    tcase_add_checked_fixture(lists, begin, forget_parts);
    tcase_add_test(lists, lists_parts);
    tcase_add_test(lists, a_marker_may_be_missing);
    tcase_add_loop_test(lists, refuses_lists, 0, sizeof wrong_lists / sizeof wrong_lists[0]);
    return suite;
}
