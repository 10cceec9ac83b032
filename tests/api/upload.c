/* What a station owes S3 gets there, over scripted servers: once, whatever happens on the way. */
#include "wildcam/upload.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/fixtures.h"
#include "support/s3_peer.h"

#define NOON "2026-03-05T12:00:00Z"
enum { LONG = 60000, REGIONS = 3 };

static const char *const regions[REGIONS] = {"us-west-2", "us-east-1", "eu-west-1"};
static struct s3_peer *peer;
static wildcam_station *station;
static int64_t uploaded, failed;

/* A conf for a station that uploads to the peer. */
static wildcam_conf *uploading_conf(void)
{
    wildcam_conf *conf = station_conf();
    for (int i = 0; i < REGIONS; i++) {
        char name[64];
        snprintf(name, sizeof name, "s3.endpoint.%s", regions[i]);
        assert_ok(wildcam_conf_set(conf, name, s3_peer_url(peer, regions[i])));
    }
    assert_ok(wildcam_conf_set(conf, "s3.access_key", S3_PEER_ACCESS_KEY));
    assert_ok(wildcam_conf_set(conf, "s3.secret_key", S3_PEER_SECRET_KEY));
    assert_ok(wildcam_conf_set(conf, "s3.failback", "1"));
    expect_log("registered on its first detection");
    return conf;
}

static void open_with_setting(const char *name, const char *value)
{
    wildcam_conf *conf = uploading_conf();
    if (name)
        assert_ok(wildcam_conf_set(conf, name, value));
    station = open_station(conf);
    wildcam_conf_free(conf);
}

static void set_up(void)
{
    peer = s3_peer_start("us-west-2 us-east-1 eu-west-1");
    open_with_setting(NULL, NULL);
}

static void tear_down(void)
{
    wildcam_station_close(station);
    s3_peer_stop(peer);
}

static int64_t keep(unsigned seed)
{
    return add_scene(station, "CAM-7", seed, at(NOON) + (int64_t)seed * SECOND);
}

static wildcam_status pass(uint32_t how)
{
    return wildcam_station_upload(station, how, LONG, 0, NULL, NULL, &uploaded, &failed);
}

static int64_t owed(void)
{
    int64_t count, parked;
    assert_ok(wildcam_station_count_uploads(station, &count, NULL, &parked));
    return count + parked;
}

/* How many objects a region has. */
static long count_in(int region)
{
    return s3_peer_number(peer, "%s count PutObject", regions[region]) < 0
               ? -1
               : strtol(s3_peer_tell(peer, "%s objects", regions[region]), NULL, 10);
}

/* Whether a region has this object with this content. */
static bool has(int region, const char *key, const char *sha256)
{
    char wanted[256];
    const char *listed = s3_peer_tell(peer, "%s objects", regions[region]);
    const char *at = strstr(listed, key);
    if (!at)
        return false;
    while (at > listed && at[-1] != '\n')
        at--;
    snprintf(wanted, sizeof wanted, "%s ", sha256);
    ck_assert_msg(!*sha256 || strncmp(at, wanted, strlen(wanted)) == 0, "%s is not %s", at, sha256);
    return true;
}

/* Each object of a picture is in one bucket and no other, the one that its row names. */
static void assert_in_one_place(int64_t id)
{
    wildcam_image *image;
    assert_ok(wildcam_station_get_image(station, id, &image));
    for (int kind = WILDCAM_UPLOAD_PICTURE; kind <= WILDCAM_UPLOAD_THUMBNAIL; kind++) {
        wildcam_upload *upload;
        assert_ok(wildcam_station_get_upload(station, id, kind, &upload));
        ck_assert_int_eq(wildcam_upload_get_state(upload), WILDCAM_UPLOAD_DONE);
        const char *sha256 = kind == WILDCAM_UPLOAD_PICTURE ? wildcam_image_get_sha256(image) : "";
        for (int i = 0; i < REGIONS; i++)
            ck_assert_int_eq(has(i, wildcam_upload_get_key(upload), sha256),
                             strcmp(regions[i], wildcam_upload_get_region(upload)) == 0);
        wildcam_upload_free(upload);
    }
    wildcam_image_free(image);
}

static wildcam_upload *row_of(int64_t id, int kind)
{
    wildcam_upload *upload;
    assert_ok(wildcam_station_get_upload(station, id, kind, &upload));
    return upload;
}

START_TEST(a_pass_in_the_caller_s_thread)
{
    enum { COUNT = 40 };
    int64_t ids[COUNT], count, oldest, parked, before = wildcam_time_now();
    assert_ok(wildcam_station_count_uploads(station, &count, &oldest, NULL));
    ck_assert_int_eq(oldest, WILDCAM_TIME_NONE);
    for (unsigned i = 0; i < COUNT; i++)
        ids[i] = keep(i);
    assert_ok(wildcam_station_count_uploads(station, &count, &oldest, &parked));
    ck_assert_int_eq(count, 2 * COUNT);
    ck_assert_int_ge(oldest, before);
    ck_assert_int_eq(parked, 0);
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 2 * COUNT);
    ck_assert_int_eq(failed, 0);
    ck_assert_int_eq(owed(), 0);
    for (int i = 0; i < COUNT; i++)
        assert_in_one_place(ids[i]);
    ck_assert_int_eq(s3_peer_number(peer, "us-west-2 count"), 2 * COUNT);
    assert_ok(pass(WILDCAM_UPLOAD_NOW));
    ck_assert_int_eq(s3_peer_number(peer, "us-west-2 count"), 2 * COUNT);
}
END_TEST

START_TEST(what_a_row_says)
{
    int64_t id = keep(1), before = wildcam_time_now();
    wildcam_image *image;
    wildcam_upload *upload = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_int_eq(wildcam_upload_get_image_id(upload), id);
    ck_assert_int_eq(wildcam_upload_get_kind(upload), WILDCAM_UPLOAD_PICTURE);
    ck_assert_int_eq(wildcam_upload_get_state(upload), WILDCAM_UPLOAD_DUE);
    ck_assert_str_eq(wildcam_upload_get_region(upload), "");
    ck_assert_int_eq(wildcam_upload_get_uploaded_at(upload), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_upload_get_released_at(upload), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_upload_get_bytes(upload), -1);
    wildcam_upload_free(upload);
    assert_ok(pass(0));
    upload = row_of(id, WILDCAM_UPLOAD_PICTURE);
    assert_ok(wildcam_station_get_image(station, id, &image));
    ck_assert_str_eq(wildcam_upload_get_region(upload), "us-west-2");
    ck_assert_str_eq(wildcam_upload_get_bucket(upload), "wildcam-us-west-2");
    ck_assert_int_eq(strncmp(wildcam_upload_get_key(upload), "images/2026/03/05/CAM-7/", 24), 0);
    ck_assert_int_eq((int)strlen(wildcam_upload_get_etag(upload)), 32);
    ck_assert_ptr_nonnull(wildcam_upload_get_checksum(upload));
    ck_assert_int_eq(wildcam_upload_get_attempts(upload), 0);
    ck_assert_str_eq(wildcam_upload_get_last_error(upload), "");
    ck_assert_int_ge(wildcam_upload_get_uploaded_at(upload), before);
    ck_assert_int_le(wildcam_upload_get_since(upload), before);
    ck_assert_int_eq(wildcam_upload_get_next_try(upload), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_upload_get_bytes(upload), wildcam_image_get_bytes(image));
    wildcam_image_free(image);
    wildcam_upload_free(upload);
    assert_fails(WILDCAM_ERR_NOTFOUND, "there is no picture",
                 wildcam_station_get_upload(station, id + 1, 0, &upload));
    ck_assert_ptr_null(upload);
}
END_TEST

START_TEST(arguments_outside_their_limits)
{
    wildcam_upload *upload;
    char *url;
    int64_t id = keep(1);
    assert_fails(WILDCAM_ERR_INVALID, "2",
                 wildcam_station_upload(station, 2, 0, 0, NULL, NULL, NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "-1",
                 wildcam_station_upload(station, 0, -1, 0, NULL, NULL, NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "-7",
                 wildcam_station_upload(station, 0, 0, -7, NULL, NULL, NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "-3", wildcam_station_release(station, -3, NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "2", wildcam_station_get_upload(station, id, 2, &upload));
    assert_fails(WILDCAM_ERR_INVALID, "-1", wildcam_station_image_url(station, id, -1, 0, &url));
    assert_fails(WILDCAM_ERR_INVALID, "604801",
                 wildcam_station_image_url(station, id, 0, 604801, &url));
    ck_assert_int_eq(s3_peer_number(peer, "us-west-2 count"), 0);
}
END_TEST

/* A sample of the station's metrics; -1 when it is not there. */
static double metric(const char *sample)
{
    char *text;
    double value = -1;
    assert_ok(wildcam_metrics_write(wildcam_station_get_metrics(station), WILDCAM_METRICS_TEXT,
                                    NULL, 0, &text, NULL));
    for (const char *line = strstr(text, sample); line; line = strstr(line + 1, sample))
        if (line[-1] == '\n' && line[strlen(sample)] == ' ')
            value = strtod(line + strlen(sample), NULL);
    wildcam_free(text);
    return value;
}

static const char puts_in_west[] =
    "wildcam_s3_requests_total{region=\"us-west-2\",op=\"PutObject\",outcome=\"ok\"}";

START_TEST(metrics_tell_of_it)
{
    static const char owed_items[] = "wildcam_outbox_items{state=\"owed\"}";
    static const char parked_items[] = "wildcam_outbox_items{state=\"parked\"}";
    ck_assert_double_eq(metric(owed_items), 0);
    ck_assert_double_eq(metric(puts_in_west), 0);
    ck_assert_double_eq(metric("wildcam_s3_request_seconds_count{region=\"us-west-2\"}"), 0);
    ck_assert_double_eq(metric("wildcam_s3_region_state{region=\"us-west-2\",state=\"untried\"}"),
                        1);
    keep(1);
    keep(2);
    ck_assert_double_eq(metric(owed_items), 4); /* with their thumbnails */
    ck_assert(metric("wildcam_outbox_oldest_seconds") >= 0);
    assert_ok(pass(0));
    ck_assert_double_eq(metric(owed_items), 0);
    ck_assert_double_eq(metric(parked_items), 0);
    ck_assert_double_eq(metric("wildcam_outbox_oldest_seconds"), 0);
    ck_assert_double_eq(metric(puts_in_west), 4);
    ck_assert_double_eq(metric("wildcam_s3_request_seconds_count{region=\"us-west-2\"}"), 4);
    ck_assert_double_eq(metric("wildcam_s3_request_seconds_count{region=\"eu-west-1\"}"), 0);
    ck_assert_double_eq(metric("wildcam_s3_region_state{region=\"us-west-2\",state=\"ok\"}"), 1);
    ck_assert_double_eq(metric("wildcam_s3_region_state{region=\"us-west-2\",state=\"untried\"}"),
                        0);
    ck_assert_double_eq(metric("wildcam_s3_region_current{region=\"us-west-2\"}"), 1);
    ck_assert_double_eq(metric("wildcam_s3_region_current{region=\"eu-west-1\"}"), 0);
    ck_assert_double_eq(metric("wildcam_s3_requests_under_way{region=\"us-west-2\"}"), 0);
    ck_assert_double_eq(metric("wildcam_s3_clock_skew_seconds{region=\"us-west-2\"}"), 0);
    ck_assert(metric("wildcam_s3_retry_tokens{region=\"us-west-2\"}") > 0);
    ck_assert(metric("wildcam_s3_sent_bytes_total") > 1000);
}
END_TEST

START_TEST(metrics_tell_of_failovers)
{
    wildcam_uploader *uploader;
    static const char moves[] = "wildcam_s3_failovers_total{from=\"us-west-2\",to=\"us-east-1\"}";
    static const char moves_back[] =
        "wildcam_s3_failovers_total{from=\"us-east-1\",to=\"us-west-2\"}";
    ck_assert_double_eq(metric(moves), 0);
    ck_assert_double_eq(metric(moves_back), 0);
    s3_peer_tell(peer, "us-west-2 play AccessDenied operation=PutObject");
    expect_log("us-west-2");
    assert_ok(wildcam_station_open_uploader(station, &uploader));
    for (int i = 0; i < 2; i++) /* the second is begun where the first has gone to */
        assert_ok(wildcam_uploader_send_buffer(uploader, "hello", 5, i ? "b" : "a", NULL, NULL));
    wildcam_uploader_close(uploader);
    ck_assert_double_eq(metric(moves), 1);
    ck_assert_double_eq(metric(moves_back), 0);
    ck_assert_double_eq(metric("wildcam_s3_requests_total{region=\"us-west-2\",op=\"PutObject\","
                               "outcome=\"refused\"}"),
                        1);
    ck_assert_double_eq(metric("wildcam_s3_requests_total{region=\"us-east-1\",op=\"PutObject\","
                               "outcome=\"ok\"}"),
                        2);
    ck_assert_double_eq(metric(puts_in_west), 0);
    ck_assert_double_eq(metric("wildcam_s3_request_seconds_count{region=\"us-west-2\"}"), 1);
    ck_assert_double_eq(
        metric("wildcam_s3_request_seconds_bucket{region=\"us-east-1\",le=\"+Inf\"}"), 2);
    double took = metric("wildcam_s3_request_seconds_sum{region=\"us-east-1\"}");
    ck_assert(took > 0 && took < 60);
}
END_TEST

START_TEST(the_background)
{
    enum { COUNT = 60 };
    int64_t ids[COUNT];
    assert_ok(wildcam_station_start(station));
    for (unsigned i = 0; i < COUNT; i++)
        ids[i] = keep(i);
    wait_until(owed() == 0);
    assert_ok(wildcam_station_stop(station));
    for (int i = 0; i < COUNT; i++)
        assert_in_one_place(ids[i]);
}
END_TEST

START_TEST(the_next_region_when_the_first_is_down)
{
    s3_peer_tell(peer, "us-west-2 refuse");
    expect_log("us-west-2");
    int64_t first = keep(1), second = keep(2);
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 4);
    wildcam_upload *upload = row_of(first, WILDCAM_UPLOAD_PICTURE);
    ck_assert_str_eq(wildcam_upload_get_region(upload), "us-east-1");
    wildcam_upload_free(upload);
    assert_in_one_place(first);
    assert_in_one_place(second);
}
END_TEST

START_TEST(all_regions_down_and_back)
{
    int64_t id = keep(1);
    for (int i = 0; i < REGIONS; i++)
        s3_peer_tell(peer, "%s refuse", regions[i]);
    expect_log("fail");
    expect_log("us-");
    expect_log("eu-");
    wildcam_status status = pass(0);
    ck_assert(status == WILDCAM_OK || status == WILDCAM_ERR_UPLOAD);
    ck_assert_int_eq(uploaded, 0);
    ck_assert_int_eq(owed(), 2);
    wildcam_health *health;
    assert_ok(wildcam_station_health(station, &health));
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_UPLOADS_OWED), 2);
    ck_assert_str_ne(wildcam_health_get_uploads(health), "ok");
    ck_assert_str_eq(wildcam_health_get_store(health), "ok");
    wildcam_health_free(health);
    for (int i = 0; i < REGIONS; i++)
        s3_peer_tell(peer, "%s accept", regions[i]);
    assert_ok(pass(WILDCAM_UPLOAD_NOW));
    ck_assert_int_eq(uploaded, 2);
    assert_in_one_place(id);
}
END_TEST

/* Nobody knows whether it arrived, and it did. */
START_TEST(no_second_copy)
{
    enum { COUNT = 12 };
    int64_t ids[COUNT];
    expect_log("us-west-2");
    expect_log("uploads fail");
    s3_peer_tell(peer, "us-west-2 play swallow_stored times=4 operation=PutObject");
    s3_peer_tell(peer, "us-west-2 play reset_stored times=4 operation=PutObject");
    s3_peer_tell(peer, "us-west-2 play 503 times=6 operation=HeadObject");
    for (unsigned i = 0; i < COUNT; i++)
        ids[i] = keep(i);
    for (int i = 0; i < 100 && owed(); i++)
        assert_ok(pass(WILDCAM_UPLOAD_NOW));
    ck_assert_int_eq(owed(), 0);
    wait_until(pass(0) == WILDCAM_OK && count_in(0) + count_in(1) + count_in(2) == 2 * COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_in_one_place(ids[i]);
}
END_TEST

START_TEST(what_is_refused_is_parked)
{
    int64_t id = keep(1), count, parked;
    for (int i = 0; i < REGIONS; i++)
        s3_peer_tell(peer, "%s play EntityTooLarge times=always key=images/*", regions[i]);
    expect_log("is not uploaded until somebody asks for it again");
    assert_ok(pass(0));
    ck_assert_int_eq(failed, 1);
    assert_ok(wildcam_station_count_uploads(station, NULL, NULL, &parked));
    ck_assert_int_eq(parked, 1);
    wildcam_upload *upload = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_int_eq(wildcam_upload_get_state(upload), WILDCAM_UPLOAD_PARKED);
    ck_assert_ptr_nonnull(strstr(wildcam_upload_get_last_error(upload), "EntityTooLarge"));
    wildcam_upload_free(upload);
    for (int i = 0; i < REGIONS; i++)
        s3_peer_tell(peer, "%s well", regions[i]);
    assert_ok(wildcam_station_retry_uploads(station, &count));
    ck_assert_int_eq(count, 1);
    assert_ok(pass(0));
    assert_in_one_place(id);
}
END_TEST

START_TEST(an_address_to_read_it_at)
{
    char *url;
    int64_t id = keep(1);
    assert_fails(WILDCAM_ERR_NOTFOUND, "is not uploaded",
                 wildcam_station_image_url(station, id, WILDCAM_UPLOAD_PICTURE, 0, &url));
    assert_ok(pass(0));
    assert_ok(wildcam_station_image_url(station, id, WILDCAM_UPLOAD_PICTURE, 0, &url));
    const char *origin = s3_peer_url(peer, "us-west-2");
    ck_assert_int_eq(strncmp(url, origin, strlen(origin)), 0);
    ck_assert_ptr_nonnull(strstr(url, "/wildcam-us-west-2/images/2026/03/05/CAM-7/"));
    ck_assert_ptr_nonnull(strstr(url, "X-Amz-Expires=3600"));
    ck_assert_ptr_null(strstr(url, S3_PEER_SECRET_KEY));
    wildcam_free(url);
    wildcam_station_close(station);
    open_with_setting("cdn.base_url", "https://pictures.example.org");
    assert_ok(wildcam_station_image_url(station, id, WILDCAM_UPLOAD_THUMBNAIL, 0, &url));
    ck_assert_int_eq(strncmp(url, "https://pictures.example.org/thumbnails/2026/03/05/", 51), 0);
    wildcam_free(url);
}
END_TEST

START_TEST(released_pictures)
{
    int64_t released, bytes, id;
    void *data;
    size_t size;
    int fd;
    wildcam_station_close(station);
    open_with_setting("release.min_free_bytes", "1125899906842624");
    id = keep(1);
    assert_ok(pass(0));
    assert_ok(wildcam_station_release(station, LONG, &released, &bytes));
    ck_assert_int_eq(released, 1);
    ck_assert_int_gt(bytes, 0);
    ck_assert_int_eq(files_in("images"), 0);
    assert_fails(WILDCAM_ERR_RELEASED, "is in S3",
                 wildcam_station_read_picture(station, id, 0, &data, &size));
    assert_status(WILDCAM_ERR_RELEASED, wildcam_station_open_picture(station, id, &fd, NULL));
    assert_ok(wildcam_station_get_thumbnail(station, id, &data, &size));
    wildcam_free(data);
    wildcam_upload *upload = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_int_ge(wildcam_upload_get_released_at(upload),
                     wildcam_upload_get_uploaded_at(upload));
    wildcam_upload_free(upload);
    ck_assert_int_eq(keep(1), id); /* sent again: it is known, and stays released */
    ck_assert_int_eq(files_in("images"), 0);
    ck_assert_int_eq(findings_of(station), 0);
}
END_TEST

/* ---- one thing at a time, with the station's connections ---- */

START_TEST(an_uploader_of_the_station)
{
    wildcam_uploader *uploader;
    wildcam_receipt *receipt;
    assert_ok(wildcam_station_open_uploader(station, &uploader));
    assert_ok(wildcam_uploader_send_buffer(uploader, "hello", 5, "notes/a.txt", NULL, &receipt));
    ck_assert_str_eq(wildcam_receipt_get_region(receipt), "us-west-2");
    wildcam_receipt_free(receipt);
    ck_assert(has(0, "notes/a.txt", ""));
    ck_assert_int_gt(wildcam_uploader_get_sent(uploader), 0);
    /* Its pause is the station's. */
    int64_t id = keep(1);
    assert_ok(wildcam_uploader_set_pause(uploader, 1));
    ck_assert_int_eq(wildcam_uploader_get_pause(uploader), 1);
    assert_fails(WILDCAM_ERR_STATE, "paused",
                 wildcam_uploader_send_buffer(uploader, "x", 1, "b", NULL, NULL));
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 0);
    assert_ok(wildcam_uploader_retry_now(uploader));
    assert_ok(wildcam_uploader_set_pause(uploader, 0));
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 2);
    assert_in_one_place(id);
    /* It may outlive the station. */
    wildcam_station_close(station);
    assert_fails(WILDCAM_ERR_CLOSED, "closed",
                 wildcam_uploader_send_buffer(uploader, "x", 1, "b", NULL, NULL));
    ck_assert_int_eq(wildcam_uploader_get_pause(uploader), 0);
    ck_assert_int_eq(wildcam_uploader_get_sent(uploader), 0);
    wildcam_uploader_close(uploader);
    open_with_setting("s3.upload", "off");
    assert_ok(wildcam_station_open_uploader(station, &uploader)); /* that is about pictures */
    assert_ok(wildcam_uploader_send_buffer(uploader, "x", 1, "notes/b.txt", NULL, NULL));
    wildcam_uploader_close(uploader);
}
END_TEST

static void *send_what_hangs(void *user)
{
    int *status = user;
    wildcam_uploader *uploader;
    assert_ok(wildcam_station_open_uploader(station, &uploader));
    *status = wildcam_uploader_send_buffer(uploader, "hello", 5, "notes/hangs", NULL, NULL);
    wildcam_uploader_close(uploader);
    return NULL;
}

START_TEST(closing_ends_what_is_under_way)
{
    pthread_t thread;
    int status = WILDCAM_OK;
    s3_peer_tell(peer, "us-west-2 play hang times=always");
    ck_assert_int_eq(pthread_create(&thread, NULL, send_what_hangs, &status), 0);
    s3_peer_tell(peer, "us-west-2 await 1 PutObject notes/hangs");
    int64_t began = wildcam_time_now();
    wildcam_station_close(station);
    ck_assert_int_lt(wildcam_time_now() - began, 5 * SECOND);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(status, WILDCAM_ERR_CANCELLED);
    open_with_setting(NULL, NULL);
}
END_TEST

START_TEST(stopping_is_quick)
{
    int64_t id = keep(1);
    s3_peer_tell(peer, "us-west-2 play hang times=always");
    assert_ok(wildcam_station_start(station));
    s3_peer_tell(peer, "us-west-2 await 2 PutObject");
    int64_t began = wildcam_time_now();
    assert_ok(wildcam_station_stop(station));
    ck_assert_int_lt(wildcam_time_now() - began, 5 * SECOND);
    s3_peer_tell(peer, "us-west-2 well");
    assert_ok(pass(0)); /* nothing is left leased */
    ck_assert_int_eq(uploaded, 2);
    assert_in_one_place(id);
}
END_TEST

/* ---- the process dies ---- */

static int upload_until_killed(void)
{
    wildcam_conf *conf = uploading_conf();
    if (wildcam_station_open(conf, &station) != WILDCAM_OK ||
        wildcam_station_start(station) != WILDCAM_OK)
        return 1;
    pause();
    return 2;
}

/* Killed again and again in the middle of it, with servers that are slow and forget to answer. */
START_TEST(killed_in_the_middle)
{
    enum { COUNT = 150, KILLS = 8 };
    int64_t ids[COUNT];
    expect_log("us-");
    expect_log("eu-");
    expect_log("uploads fail");
    for (unsigned i = 0; i < COUNT; i++)
        ids[i] = keep(i);
    wildcam_station_close(station);
    s3_peer_tell(peer, "us-west-2 play swallow_stored times=20 operation=PutObject");
    for (int i = 0; i < KILLS; i++) {
        long before = count_in(0) + count_in(1) + count_in(2);
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0)
            _exit(upload_until_killed());
        wait_until(count_in(0) + count_in(1) + count_in(2) > before + 10);
        ck_assert_int_eq(kill(child, SIGKILL), 0);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
    }
    open_with_setting(NULL, NULL);
    assert_ok(wildcam_station_start(station)); /* waits for the leases of the dead */
    for (int i = 0; i < 12000 && owed(); i++)
        usleep(10000);
    ck_assert_int_eq(owed(), 0);
    wait_until(count_in(0) + count_in(1) + count_in(2) == 2 * COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_in_one_place(ids[i]);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("upload");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_set_timeout(all, 240);
    tcase_add_test(all, a_pass_in_the_caller_s_thread);
    tcase_add_test(all, what_a_row_says);
    tcase_add_test(all, arguments_outside_their_limits);
    tcase_add_test(all, metrics_tell_of_it);
    tcase_add_test(all, metrics_tell_of_failovers);
    tcase_add_test(all, the_background);
    tcase_add_test(all, the_next_region_when_the_first_is_down);
    tcase_add_test(all, all_regions_down_and_back);
    tcase_add_test(all, no_second_copy);
    tcase_add_test(all, what_is_refused_is_parked);
    tcase_add_test(all, an_address_to_read_it_at);
    tcase_add_test(all, released_pictures);
    tcase_add_test(all, an_uploader_of_the_station);
    tcase_add_test(all, closing_ends_what_is_under_way);
    tcase_add_test(all, stopping_is_quick);
    tcase_add_test(all, killed_in_the_middle);
    return suite;
}
