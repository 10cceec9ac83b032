/* One upload at a time through the public calls, with scripted S3 servers as the regions. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/s3_peer.h"

static struct s3_peer *peer;
static wildcam_conf *conf;
static wildcam_uploader *uploader;

static void set(const char *name, const char *value)
{
    assert_ok(wildcam_conf_set(conf, name, value));
}

/* Regions west and east. */
static void begin_conf(void)
{
    peer = s3_peer_start("west east");
    assert_ok(wildcam_conf_new(&conf));
    set("s3.regions", "west,east");
    set("s3.endpoint.west", s3_peer_url(peer, "west"));
    set("s3.endpoint.east", s3_peer_url(peer, "east"));
    set("s3.access_key", S3_PEER_ACCESS_KEY);
    set("s3.secret_key", S3_PEER_SECRET_KEY);
    set("log.level", "error");
}

static void open_uploader(void)
{
    assert_ok(wildcam_uploader_open(conf, &uploader));
}

static void begin(void)
{
    begin_conf();
    open_uploader();
}

static void end(void)
{
    wildcam_uploader_close(uploader);
    wildcam_conf_free(conf);
    s3_peer_stop(peer);
    uploader = NULL;
}

/* "SHA256 SIZE TIMES KEY" of the one object of a region. */
static void has_object(const char *region, const char *key, size_t size)
{
    char wanted[256];
    const char *objects = s3_peer_tell(peer, "%s objects", region);
    ck_assert_msg(strncmp(objects, "1\n", 2) == 0, "%s has %s", region, objects);
    snprintf(wanted, sizeof wanted, " %zu 1 %s", size, key);
    ck_assert_msg(strstr(objects, wanted) != NULL, "%s has %s", region, objects);
}

START_TEST(bytes_arrive)
{
    wildcam_receipt *receipt;
    begin();
    assert_ok(wildcam_uploader_send_buffer(uploader, "hello", 5, "a/b.txt", NULL, &receipt));
    ck_assert_str_eq(wildcam_receipt_get_region(receipt), "west");
    ck_assert_str_eq(wildcam_receipt_get_bucket(receipt), "wildcam-west");
    ck_assert_str_eq(wildcam_receipt_get_key(receipt), "a/b.txt");
    ck_assert_str_ne(wildcam_receipt_get_etag(receipt), "");
    ck_assert_str_eq(wildcam_receipt_get_sha256(receipt),
                     "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    ck_assert_ptr_nonnull(wildcam_receipt_get_checksum(receipt));
    ck_assert_int_eq(wildcam_receipt_get_bytes(receipt), 5);
    ck_assert_int_eq(wildcam_receipt_get_requests(receipt), 1);
    ck_assert_str_eq(wildcam_receipt_get_doubts(receipt), "");
    ck_assert_uint_eq(wildcam_receipt_count_reasons(receipt), 0);
    ck_assert_str_eq(wildcam_receipt_get_reason_region(receipt, 0), "");
    ck_assert_str_eq(wildcam_receipt_get_reason(receipt, 0), "");
    wildcam_receipt_free(receipt);
    has_object("west", "a/b.txt", 5);
    assert_ok(wildcam_uploader_send_buffer(uploader, NULL, 0, "empty", NULL, NULL));
    ck_assert_int_eq(wildcam_uploader_get_sent(uploader), 5);
    end();
}
END_TEST

START_TEST(a_file_arrives_where_one_can)
{
    wildcam_receipt *receipt;
    begin();
    save_file(scratch_path("picture.jpg"), "picture", 7);
    s3_peer_tell(peer, "west play AccessDenied times=always");
    assert_ok(wildcam_uploader_send_file(uploader, scratch_path("picture.jpg"), "picture.jpg", NULL,
                                         &receipt));
    ck_assert_str_eq(wildcam_receipt_get_bucket(receipt), "wildcam-east");
    ck_assert_uint_eq(wildcam_receipt_count_reasons(receipt), 1);
    ck_assert_str_eq(wildcam_receipt_get_reason_region(receipt, 0), "west");
    ck_assert_int_eq(strncmp(wildcam_receipt_get_reason(receipt, 0), "403 AccessDenied: ", 18), 0);
    wildcam_receipt_free(receipt);
    has_object("east", "picture.jpg", 7);
    ck_assert_str_eq(s3_peer_tell(peer, "west objects"), "0");
    end();
}
END_TEST

START_TEST(all_regions_failed)
{
    wildcam_receipt *receipt;
    begin();
    s3_peer_tell(peer, "west play AccessDenied times=always");
    s3_peer_tell(peer, "east refuse");
    assert_fails(WILDCAM_ERR_UPLOAD, "All regions failed: west: 403 AccessDenied: ",
                 wildcam_uploader_send_buffer(uploader, "x", 1, "key", NULL, &receipt));
    ck_assert_ptr_nonnull(strstr(wildcam_error_message(), "; east: "));
    ck_assert_str_eq(wildcam_receipt_get_bucket(receipt), "");
    ck_assert_str_eq(wildcam_receipt_get_region(receipt), "");
    ck_assert_uint_eq(wildcam_receipt_count_reasons(receipt), 2);
    ck_assert_str_eq(wildcam_receipt_get_reason_region(receipt, 1), "east");
    ck_assert_int_eq(wildcam_receipt_get_requests(receipt), 4);
    wildcam_receipt_free(receipt);
    s3_peer_tell(peer, "east accept");
    assert_ok(wildcam_uploader_retry_now(uploader));
    assert_ok(wildcam_uploader_send_buffer(uploader, "x", 1, "key", NULL, NULL));
    end();
}
END_TEST

START_TEST(regions_are_told)
{
    wildcam_regions *regions;
    begin();
    assert_ok(wildcam_uploader_get_regions(uploader, &regions));
    ck_assert_uint_eq(wildcam_regions_count(regions), 2);
    ck_assert_str_eq(wildcam_regions_get_name(regions, 1), "east");
    ck_assert_str_eq(wildcam_regions_get_bucket(regions, 1), "wildcam-east");
    ck_assert_str_eq(wildcam_regions_get_endpoint(regions, 1), s3_peer_url(peer, "east"));
    ck_assert_str_eq(wildcam_regions_get_state(regions, 0), "untried");
    ck_assert_int_eq(wildcam_regions_is_current(regions, 0), 1);
    ck_assert_int_eq(wildcam_regions_is_current(regions, 1), 0);
    wildcam_regions_free(regions);
    s3_peer_tell(peer, "west play AccessDenied times=always");
    assert_ok(wildcam_uploader_send_buffer(uploader, "x", 1, "key", NULL, NULL));
    assert_ok(wildcam_uploader_get_regions(uploader, &regions));
    ck_assert_str_eq(wildcam_regions_get_state(regions, 0), "misconfigured");
    ck_assert_int_eq(strncmp(wildcam_regions_get_reason(regions, 0), "403 AccessDenied", 16), 0);
    ck_assert_int_eq(wildcam_regions_get_requests(regions, 0), 1);
    ck_assert_int_eq(wildcam_regions_get_failures(regions, 0), 1);
    ck_assert_int_gt(wildcam_regions_get_wait(regions, 0), 0);
    ck_assert_str_eq(wildcam_regions_get_state(regions, 1), "ok");
    ck_assert_str_eq(wildcam_regions_get_reason(regions, 1), "");
    ck_assert_int_eq(wildcam_regions_get_failures(regions, 1), 0);
    ck_assert_int_eq(wildcam_regions_get_under_way(regions, 1), 0);
    ck_assert_int_eq(wildcam_regions_get_skew(regions, 1), 0);
    ck_assert_int_eq(wildcam_regions_is_current(regions, 1), 1);
    ck_assert_str_eq(wildcam_regions_get_name(regions, 2), "");
    ck_assert_str_eq(wildcam_regions_get_state(regions, 2), "");
    ck_assert_str_eq(wildcam_regions_get_endpoint(NULL, 0), "");
    wildcam_regions_free(regions);
    end();
}
END_TEST

START_TEST(urls_are_made)
{
    char *url, other[256];
    begin_conf();
    set("cdn.base_url", "https://d111.cloudfront.net/pictures");
    open_uploader();
    assert_ok(wildcam_uploader_presign(uploader, "east", "a b.jpg", 60, &url));
    snprintf(other, sizeof other, "%s/wildcam-east/a%%20b.jpg?", s3_peer_url(peer, "east"));
    ck_assert_msg(strncmp(url, other, strlen(other)) == 0, "%s", url);
    ck_assert_ptr_nonnull(strstr(url, "X-Amz-Expires=60&"));
    wildcam_free(url);
    assert_ok(wildcam_uploader_presign(uploader, NULL, "key", 0, &url));
    ck_assert_ptr_nonnull(strstr(url, "/wildcam-west/key?"));
    ck_assert_ptr_nonnull(strstr(url, "X-Amz-Expires=3600&"));
    wildcam_free(url);
    assert_fails(WILDCAM_ERR_NOTFOUND, "north",
                 wildcam_uploader_presign(uploader, "north", "key", 60, &url));
    ck_assert_ptr_null(url);
    assert_fails(WILDCAM_ERR_INVALID, "604801",
                 wildcam_uploader_presign(uploader, NULL, "key", 604801, &url));
    assert_status(WILDCAM_ERR_INVALID, wildcam_uploader_presign(uploader, NULL, "", 60, &url));
    assert_ok(wildcam_uploader_cdn_url(uploader, "a b/c.jpg", &url));
    ck_assert_str_eq(url, "https://d111.cloudfront.net/pictures/a%20b/c.jpg");
    wildcam_free(url);
    wildcam_uploader_close(uploader);
    set("cdn.base_url", "");
    open_uploader();
    assert_fails(WILDCAM_ERR_STATE, "cdn.base_url",
                 wildcam_uploader_cdn_url(uploader, "key", &url));
    ck_assert_ptr_null(url);
    end();
}
END_TEST

START_TEST(a_pause_holds_until_it_is_lifted)
{
    begin();
    ck_assert_int_eq(wildcam_uploader_get_pause(uploader), 0);
    assert_ok(wildcam_uploader_set_pause(uploader, 1));
    ck_assert_int_eq(wildcam_uploader_get_pause(uploader), 1);
    assert_fails(WILDCAM_ERR_STATE, "paused",
                 wildcam_uploader_send_buffer(uploader, "x", 1, "key", NULL, NULL));
    ck_assert_int_eq(s3_peer_number(peer, "west count"), 0);
    assert_ok(wildcam_uploader_set_pause(uploader, 0));
    assert_ok(wildcam_uploader_send_buffer(uploader, "x", 1, "key", NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "2", wildcam_uploader_set_pause(uploader, 2));
    end();
}
END_TEST

struct told {
    int calls;
    int64_t done, total;
    int end_at; /* which call ends it; 0 for none */
};

static int tell(void *user, const char *phase, int64_t done, int64_t total)
{
    struct told *told = user;
    ck_assert_str_eq(phase, "upload");
    ck_assert_int_ge(done, told->done);
    ck_assert_int_le(done, total);
    told->done = done;
    told->total = total;
    return ++told->calls == told->end_at;
}

START_TEST(progress_is_told_and_ends_it)
{
    enum { SIZE = 6 << 20 };
    struct told told = {0};
    wildcam_receipt *receipt;
    char *data = calloc(1, SIZE);
    begin();
    assert_ok(wildcam_uploader_set_progress(uploader, tell, &told));
    assert_ok(wildcam_uploader_set_rate(uploader, 16 << 20));
    assert_ok(wildcam_uploader_send_buffer(uploader, data, SIZE, "key", NULL, NULL));
    ck_assert_int_gt(told.calls, 2);
    ck_assert_int_eq(told.done, SIZE);
    told = (struct told){.end_at = 2};
    assert_fails(WILDCAM_ERR_CANCELLED, "key2",
                 wildcam_uploader_send_buffer(uploader, data, SIZE, "key2", NULL, &receipt));
    ck_assert_ptr_null(receipt);
    has_object("west", "key", SIZE);
    assert_ok(wildcam_uploader_set_progress(uploader, NULL, NULL));
    assert_ok(wildcam_uploader_set_rate(uploader, 0));
    assert_fails(WILDCAM_ERR_INVALID, "-1", wildcam_uploader_set_rate(uploader, -1));
    free(data);
    end();
}
END_TEST

START_TEST(a_large_one_goes_in_parts)
{
    enum { SIZE = 12 << 20 };
    wildcam_receipt *receipt;
    char *data = calloc(1, SIZE);
    begin_conf();
    set("s3.multipart_bytes", "5242880");
    set("s3.part_bytes", "5242880");
    open_uploader();
    save_file(scratch_path("large"), data, SIZE);
    assert_ok(wildcam_uploader_send_file(uploader, scratch_path("large"), "large", NULL, &receipt));
    ck_assert_int_eq(wildcam_receipt_get_requests(receipt), 5);
    wildcam_receipt_free(receipt);
    ck_assert_int_eq(s3_peer_number(peer, "west count UploadPart"), 3);
    has_object("west", "large", SIZE);
    free(data);
    end();
}
END_TEST

enum { THREADS = 8, EACH = 20 };

static void *send_many(void *user)
{
    char key[32];
    for (int i = 0; i < EACH; i++) {
        snprintf(key, sizeof key, "%d/%d", *(int *)user, i);
        assert_ok(wildcam_uploader_send_buffer(uploader, key, strlen(key), key, NULL, NULL));
    }
    return NULL;
}

START_TEST(many_threads_share_it)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];
    begin();
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, send_many, &numbers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(s3_peer_number(peer, "west count PutObject"), THREADS * EACH);
    ck_assert_int_le(s3_peer_number(peer, "west connections"), THREADS);
    end();
}
END_TEST

START_TEST(a_fork_may_only_close_it)
{
    begin();
    assert_ok(wildcam_uploader_send_buffer(uploader, "x", 1, "key", NULL, NULL));
    pid_t child = fork();
    if (child == 0) {
        bool is_right = wildcam_uploader_send_buffer(uploader, "x", 1, "key", NULL, NULL) ==
                        WILDCAM_ERR_FORKED;
        wildcam_uploader_close(uploader);
        _exit(is_right ? 0 : 1);
    }
    int state;
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert_int_eq(state, 0);
    assert_ok(wildcam_uploader_send_buffer(uploader, "x", 1, "key", NULL, NULL));
    ck_assert_int_eq(s3_peer_number(peer, "west connections"), 1);
    end();
}
END_TEST

START_TEST(what_cannot_be_sent_is_refused)
{
    wildcam_receipt *receipt;
    wildcam_uploader *none;
    char long_key[1026];
    begin();
    memset(long_key, 'k', sizeof long_key - 1);
    long_key[sizeof long_key - 1] = '\0';
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_uploader_send_buffer(uploader, "x", 1, long_key, NULL, &receipt));
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_uploader_send_buffer(uploader, NULL, 1, "key", NULL, &receipt));
    assert_status(WILDCAM_ERR_INVALID, wildcam_uploader_send_buffer(uploader, "x", 1, "key",
                                                                    "text/plain\r\nx: y", NULL));
    assert_fails(WILDCAM_ERR_NOTFOUND, "nowhere",
                 wildcam_uploader_send_file(uploader, scratch_path("nowhere"), "key", NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "no regular file",
                 wildcam_uploader_send_file(uploader, scratch(), "key", NULL, NULL));
    ck_assert_int_eq(s3_peer_number(peer, "west count"), 0);
    assert_status(WILDCAM_ERR_INVALID, wildcam_uploader_open(NULL, &none));
    set("s3.regions", "");
    assert_fails(WILDCAM_ERR_STATE, "s3.regions", wildcam_uploader_open(conf, &none));
    ck_assert_ptr_null(none);
    end();
}
END_TEST

START_TEST(without_credentials_nothing_is_sent)
{
    begin_conf();
    set("s3.access_key", "");
    set("s3.secret_key", "");
    set("s3.credentials", "file");
    setenv("AWS_SHARED_CREDENTIALS_FILE", scratch_path("none"), 1);
    setenv("AWS_CONFIG_FILE", scratch_path("none"), 1);
    open_uploader();
    assert_fails(WILDCAM_ERR_DENIED, "credentials",
                 wildcam_uploader_send_buffer(uploader, "x", 1, "key", NULL, NULL));
    ck_assert_int_eq(s3_peer_number(peer, "west count"), 0);
    end();
}
END_TEST

START_TEST(a_secret_alone_is_a_mistake)
{
    begin_conf();
    set("s3.access_key", "");
    setenv("AWS_ACCESS_KEY_ID", S3_PEER_ACCESS_KEY, 1);
    setenv("AWS_SECRET_ACCESS_KEY", S3_PEER_SECRET_KEY, 1);
    open_uploader();
    assert_fails(WILDCAM_ERR_INVALID, "s3.secret_key is set and s3.access_key is not",
                 wildcam_uploader_send_buffer(uploader, "x", 1, "key", NULL, NULL));
    ck_assert_int_eq(s3_peer_number(peer, "west count"), 0);
    end();
}
END_TEST

START_TEST(null_is_nothing)
{
    wildcam_uploader_close(NULL);
    wildcam_receipt_free(NULL);
    wildcam_regions_free(NULL);
    ck_assert_str_eq(wildcam_receipt_get_bucket(NULL), "");
    ck_assert_int_eq(wildcam_receipt_get_bytes(NULL), 0);
    ck_assert_int_eq(wildcam_uploader_get_sent(NULL), 0);
    ck_assert_int_eq(wildcam_uploader_get_pause(NULL), 0);
    ck_assert_uint_eq(wildcam_regions_count(NULL), 0);
    assert_status(WILDCAM_ERR_INVALID, wildcam_uploader_set_pause(NULL, 1));
    assert_status(WILDCAM_ERR_INVALID, wildcam_uploader_retry_now(NULL));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("uploader");
    TCase *all = harness_case(suite, "all");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, bytes_arrive);
    tcase_add_test(all, a_file_arrives_where_one_can);
    tcase_add_test(all, all_regions_failed);
    tcase_add_test(all, regions_are_told);
    tcase_add_test(all, urls_are_made);
    tcase_add_test(all, a_pause_holds_until_it_is_lifted);
    tcase_add_test(all, progress_is_told_and_ends_it);
    tcase_add_test(all, a_large_one_goes_in_parts);
    tcase_add_test(all, many_threads_share_it);
    tcase_add_test(all, a_fork_may_only_close_it);
    tcase_add_test(all, what_cannot_be_sent_is_refused);
    tcase_add_test(all, without_credentials_nothing_is_sent);
    tcase_add_test(all, a_secret_alone_is_a_mistake);
    tcase_add_test(all, null_is_nothing);
    return suite;
}
