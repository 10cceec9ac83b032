/* Settings: set, copied, read from files and the environment; a mistake changes nothing. */
#include "conf/conf.h"

#include <wildcam/time.h>

#include "conf/credentials.h"

#include "unit.h"

static wildcam_conf *new_conf(void)
{
    wildcam_conf *conf;
    assert_done(wci_conf_new(&conf));
    return conf;
}

START_TEST(begins_with_the_defaults)
{
    int width, height;
    wildcam_conf *conf = new_conf();
    ck_assert_str_eq(wci_conf_text(conf, WCI_DATA_DIR), "");
    ck_assert_int_eq(wci_conf_int(conf, WCI_CAMERAS_AUTO_REGISTER), 1);
    ck_assert_int_eq(wci_conf_int(conf, WCI_IMAGES_MAX_BYTES), 16 << 20);
    ck_assert(wci_conf_real(conf, WCI_STORE_BUSY_TIMEOUT) == 10);
    wci_conf_geometry(conf, WCI_IMAGES_THUMBNAIL, &width, &height);
    ck_assert(width == 320 && height == 240);
    wci_conf_free(conf);
    wci_conf_free(NULL);
}
END_TEST

static void assert_shown(const wildcam_conf *conf, const char *name, const char *wanted)
{
    const char *shown;
    assert_done(wci_conf_shown(conf, name, &shown));
    ck_assert_str_eq(shown, wanted);
}

START_TEST(sets_and_takes_back)
{
    int width, height;
    wildcam_conf *conf = new_conf();
    assert_done(wci_conf_set(conf, "images.thumbnail", "64x4096"));
    wci_conf_geometry(conf, WCI_IMAGES_THUMBNAIL, &width, &height);
    ck_assert(width == 64 && height == 4096);
    ck_assert_str_eq(wci_conf_text(conf, WCI_IMAGES_THUMBNAIL), "64x4096");
    assert_shown(conf, "images.thumbnail", "64x4096");
    assert_done(wci_conf_set(conf, "images.thumbnail", NULL));
    ck_assert_str_eq(wci_conf_text(conf, WCI_IMAGES_THUMBNAIL), "320x240");
    assert_done(wci_conf_set(conf, "store.open_shards", "3"));
    assert_fails(WILDCAM_ERR_INVALID, "store.open_shards",
                 wci_conf_set(conf, "store.open_shards", "1"));
    ck_assert_int_eq(wci_conf_int(conf, WCI_STORE_OPEN_SHARDS), 3);
    assert_fails(WILDCAM_ERR_SETTING, "\"no.such\"", wci_conf_set(conf, "no.such", "1"));
    assert_status(WILDCAM_ERR_SETTING, wci_conf_set(conf, "", "1"));
    assert_status(WILDCAM_ERR_SETTING, wci_conf_set(conf, "Store.open_shards", "4"));
    wci_conf_free(conf);
}
END_TEST

START_TEST(finds_names)
{
    enum wci_setting_id id = WCI_SETTING_COUNT;
    assert_done(wci_conf_find("log.format", &id));
    ck_assert_int_eq(id, WCI_LOG_FORMAT);
    ck_assert(wci_conf_is_whole_number(WCI_STORE_OPEN_SHARDS));
    ck_assert(wci_conf_is_whole_number(WCI_IMAGES_MAX_BYTES));
    ck_assert(!wci_conf_is_whole_number(WCI_DATA_DIR));
    ck_assert(!wci_conf_is_whole_number(WCI_DISK_MIN_FREE_PERCENT));
}
END_TEST

START_TEST(copies_are_apart)
{
    wildcam_conf *conf = new_conf(), *copy;
    assert_done(wci_conf_set(conf, "data.dir", "/one"));
    assert_done(wci_conf_copy(conf, &copy));
    assert_done(wci_conf_set(conf, "data.dir", "/other"));
    ck_assert_str_eq(wci_conf_text(copy, WCI_DATA_DIR), "/one");
    ck_assert_str_eq(wci_conf_text(conf, WCI_DATA_DIR), "/other");
    wci_conf_free(conf);
    ck_assert_str_eq(wci_conf_text(copy, WCI_DATA_DIR), "/one");
    wci_conf_free(copy);
}
END_TEST

/* ---- what uploads are made of ---- */

START_TEST(shows_no_secret)
{
    const char *shown;
    wildcam_conf *conf = new_conf();
    assert_shown(conf, "s3.secret_key", "");
    assert_done(wci_conf_set(conf, "s3.access_key", "AKID"));
    assert_done(wci_conf_set(conf, "s3.secret_key", "hidden"));
    assert_done(wci_conf_set(conf, "s3.session_token", "hidden-too"));
    assert_shown(conf, "s3.access_key", "AKID");
    assert_shown(conf, "s3.secret_key", "***");
    assert_shown(conf, "s3.session_token", "***");
    ck_assert_str_eq(wci_conf_text(conf, WCI_S3_SECRET_KEY), "hidden");
    assert_fails(WILDCAM_ERR_SETTING, "no.such", wci_conf_shown(conf, "no.such", &shown));
    ck_assert_str_eq(shown, "");
    wci_conf_free(conf);
}
END_TEST

START_TEST(each_region_may_have_an_endpoint)
{
    wildcam_conf *conf = new_conf(), *copy;
    assert_shown(conf, "s3.endpoint.us-west-2", "");
    assert_done(wci_conf_set(conf, "s3.endpoint.us-west-2", "http://127.0.0.1:1"));
    assert_done(wci_conf_set(conf, "s3.endpoint.eu-west-1", "http://127.0.0.1:2"));
    assert_done(wci_conf_set(conf, "s3.endpoint.us-west-2", "http://127.0.0.1:3"));
    assert_done(wci_conf_set(conf, "s3.endpoint", "https://{region}.example"));
    assert_done(wci_conf_copy(conf, &copy));
    assert_done(wci_conf_set(conf, "s3.endpoint.us-west-2", NULL));
    assert_shown(conf, "s3.endpoint.us-west-2", "");
    ck_assert_str_eq(wci_conf_region_endpoint(conf, "us-west-2"), "https://{region}.example");
    ck_assert_str_eq(wci_conf_region_endpoint(conf, "eu-west-1"), "http://127.0.0.1:2");
    assert_done(wci_conf_set(conf, "s3.endpoint.eu-west-1", ""));
    ck_assert_str_eq(wci_conf_region_endpoint(conf, "eu-west-1"), "https://{region}.example");
    wci_conf_free(conf);
    ck_assert_str_eq(wci_conf_region_endpoint(copy, "us-west-2"), "http://127.0.0.1:3");
    assert_shown(copy, "s3.endpoint.eu-west-1", "http://127.0.0.1:2");
    ck_assert_str_eq(wci_conf_region_endpoint(copy, "elsewhere"), "https://{region}.example");
    wci_conf_free(copy);
}
END_TEST

START_TEST(endpoints_are_of_regions)
{
    static const char *const names[] = {"s3.endpoint.", "s3.endpoint.REGION", "s3.endpoint.a_b",
                                        "s3.endpoint.a.b", "s3.endpoint.a b"};
    char longest[128] = "s3.endpoint.";
    enum { PREFIX = 12 };
    const char *shown;
    wildcam_conf *conf = new_conf();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_fails(WILDCAM_ERR_SETTING, names[i], wci_conf_set(conf, names[i], "http://a"));
        assert_fails(WILDCAM_ERR_SETTING, "1 to 63", wci_conf_shown(conf, names[i], &shown));
    }
    memset(longest + PREFIX, 'a', 63);
    assert_done(wci_conf_set(conf, longest, "http://a"));
    ck_assert_str_eq(wci_conf_region_endpoint(conf, longest + PREFIX), "http://a");
    longest[PREFIX + 63] = 'a';
    assert_fails(WILDCAM_ERR_SETTING, "1 to 63", wci_conf_set(conf, longest, "http://a"));
    assert_fails(WILDCAM_ERR_INVALID, "s3.endpoint.here takes http:// or https://",
                 wci_conf_set(conf, "s3.endpoint.here", "ftp://a"));
    wci_conf_free(conf);
}
END_TEST

START_TEST(lists_its_regions)
{
    char regions[WCI_REGIONS_MAX][WCI_REGION_TEXT];
    wildcam_conf *conf = new_conf();
    ck_assert_uint_eq(wci_conf_regions(conf, regions), 3);
    ck_assert_str_eq(regions[0], "us-west-2");
    ck_assert_str_eq(regions[2], "eu-west-1");
    assert_done(wci_conf_set(conf, "s3.regions", " home , us-east-1"));
    ck_assert_uint_eq(wci_conf_regions(conf, regions), 2);
    ck_assert_str_eq(regions[0], "home");
    ck_assert_str_eq(regions[1], "us-east-1");
    assert_done(wci_conf_set(conf, "s3.regions", ""));
    ck_assert_uint_eq(wci_conf_regions(conf, regions), 0);
    assert_done(wci_conf_set(conf, "s3.regions", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p"));
    ck_assert_uint_eq(wci_conf_regions(conf, regions), WCI_REGIONS_MAX);
    ck_assert_str_eq(regions[WCI_REGIONS_MAX - 1], "p");
    wci_conf_free(conf);
}
END_TEST

static int no_credentials(void *user, wildcam_credentials *into)
{
    (void)user;
    (void)into;
    return 1;
}

/* What lies in the environment begins no upload: the names of buckets are all the world's. */
START_TEST(uploads_when_it_was_told_where_or_as_whom)
{
    static const char *const reasons[][2] = {{"s3.access_key", "AKID"},
                                             {"s3.endpoint", "http://127.0.0.1:9000"},
                                             {"s3.endpoint.eu-west-1", "http://127.0.0.1:9000"},
                                             {"s3.upload", "on"}};
    void *user = NULL;
    wildcam_conf *conf = new_conf();
    setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
    ck_assert(!wci_conf_uploads(conf));
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        assert_done(wci_conf_set(conf, reasons[i][0], reasons[i][1]));
        ck_assert_msg(wci_conf_uploads(conf), "%s", reasons[i][0]);
        assert_done(wci_conf_set(conf, reasons[i][0], NULL));
        ck_assert(!wci_conf_uploads(conf));
    }
    assert_done(wci_conf_set(conf, "s3.endpoint.not-in-the-list", "http://127.0.0.1:9000"));
    ck_assert(!wci_conf_uploads(conf));
    ck_assert(!wci_conf_credentials(conf, &user));
    wci_conf_set_credentials(conf, no_credentials, conf);
    ck_assert(wci_conf_credentials(conf, &user) == no_credentials && user == conf);
    ck_assert(wci_conf_uploads(conf));
    assert_done(wci_conf_set(conf, "s3.upload", "off"));
    ck_assert(!wci_conf_uploads(conf));
    assert_done(wci_conf_set(conf, "s3.upload", "on"));
    assert_done(wci_conf_set(conf, "s3.regions", ""));
    ck_assert(!wci_conf_uploads(conf));
    unsetenv("AWS_ACCESS_KEY_ID");
    wci_conf_free(conf);
}
END_TEST

START_TEST(has_a_window)
{
    struct wci_window window = {7, 7};
    wildcam_conf *conf = new_conf();
    ck_assert(!wci_conf_window(conf, &window));
    assert_done(wci_conf_set(conf, "s3.window", "22:00-06:30"));
    ck_assert(wci_conf_window(conf, &window));
    ck_assert(window.begin == 22 * 60 && window.end == 6 * 60 + 30);
    wci_conf_free(conf);
}
END_TEST

START_TEST(credentials_are_checked_and_copied)
{
    static char text[WCI_SESSION_TOKEN_MAX + 2];
    static wildcam_credentials credentials;
    wci_credentials_clear(&credentials);
    ck_assert(credentials.expires == WILDCAM_TIME_NONE && !credentials.access_key[0]);
    memset(text, 'x', sizeof text - 1);
    assert_done(wci_credentials_set(&credentials, text + sizeof text - 1 - WCI_ACCESS_KEY_MAX,
                                    text + sizeof text - 1 - WCI_SECRET_KEY_MAX, text + 1, 7));
    ck_assert_uint_eq(strlen(credentials.access_key), WCI_ACCESS_KEY_MAX);
    ck_assert_uint_eq(strlen(credentials.secret_key), WCI_SECRET_KEY_MAX);
    ck_assert_str_eq(credentials.session_token, text + 1);
    ck_assert_int_eq(credentials.expires, 7);
    assert_fails(WILDCAM_ERR_INVALID, "access key has 129 bytes; the most are 128",
                 wci_credentials_set(&credentials, text + sizeof text - 2 - WCI_ACCESS_KEY_MAX, "s",
                                     NULL, 0));
    assert_fails(WILDCAM_ERR_INVALID, "secret key has 1025",
                 wci_credentials_set(&credentials, "k", text + sizeof text - 2 - WCI_SECRET_KEY_MAX,
                                     NULL, 0));
    assert_fails(WILDCAM_ERR_INVALID, "session token has 16385",
                 wci_credentials_set(&credentials, "k", "s", text, 0));
    assert_fails(WILDCAM_ERR_INVALID, "access key is empty",
                 wci_credentials_set(&credentials, "", "s", NULL, 0));
    assert_fails(WILDCAM_ERR_INVALID, "secret key is wrong",
                 wci_credentials_set(&credentials, "k", "s\r\nX: y", NULL, 0));
    ck_assert_ptr_null(strstr(wildcam_error_message(), "X: y"));
    ck_assert_int_eq(credentials.expires, 7);
    assert_done(wci_credentials_set(&credentials, "k", "s", NULL, WILDCAM_TIME_NONE));
    ck_assert_str_eq(credentials.session_token, "");
    for (size_t i = 0; i < sizeof credentials.session_token; i++)
        ck_assert_int_eq(credentials.session_token[i], 0);
}
END_TEST

static void no_log(void *user, int level, const char *module, const char *text)
{
    (void)user;
    (void)level;
    (void)module;
    (void)text;
}

START_TEST(makes_the_log)
{
    wildcam_conf *conf = new_conf();
    struct wci_log log = wci_conf_log(conf);
    ck_assert(log.is_default && !log.as_json && log.level == WILDCAM_LOG_WARNING);
    assert_done(wci_conf_set(conf, "log.level", "debug"));
    assert_done(wci_conf_set(conf, "log.format", "json"));
    log = wci_conf_log(conf);
    ck_assert(log.is_default && log.as_json && log.level == WILDCAM_LOG_DEBUG);
    wci_conf_set_log(conf, no_log, conf);
    log = wci_conf_log(conf);
    ck_assert(!log.is_default && log.fn == no_log && log.user == conf);
    wci_conf_set_log(conf, NULL, NULL); /* silence is not the default */
    log = wci_conf_log(conf);
    ck_assert(!log.is_default && !log.fn);
    wci_conf_free(conf);
}
END_TEST

static wildcam_status load(wildcam_conf *conf, const char *text, size_t size)
{
    save_file(scratch_path("a.conf"), text, size);
    return wci_conf_load_file(conf, scratch_path("a.conf"));
}

static wildcam_status load_text(wildcam_conf *conf, const char *text)
{
    return load(conf, text, strlen(text));
}

START_TEST(reads_a_file)
{
    wildcam_conf *conf = new_conf();
    assert_done(load_text(conf, "# a comment\n"
                                "\n"
                                "   \t \r\n"
                                "data.dir=/srv/a b=c#d\n"
                                "  store.open_shards \t=\t 7  # files\n"
                                "store.shard = day\r\n"
                                "log.level = info\t# with a tab\n"
                                "http.connections = 5\n"
                                "http.connections = 6\n"
                                "images.max_bytes = 2M"));
    ck_assert_str_eq(wci_conf_text(conf, WCI_DATA_DIR), "/srv/a b=c#d");
    ck_assert_int_eq(wci_conf_int(conf, WCI_STORE_OPEN_SHARDS), 7);
    ck_assert_int_eq(wci_conf_int(conf, WCI_STORE_SHARD), 1);
    ck_assert_int_eq(wci_conf_int(conf, WCI_LOG_LEVEL), WILDCAM_LOG_INFO);
    ck_assert_int_eq(wci_conf_int(conf, WCI_HTTP_CONNECTIONS), 6);
    ck_assert_int_eq(wci_conf_int(conf, WCI_IMAGES_MAX_BYTES), 2 << 20);
    assert_done(load_text(conf, ""));
    assert_done(load_text(conf, "data.dir = # nowhere\n"));
    ck_assert_str_eq(wci_conf_text(conf, WCI_DATA_DIR), "");
    ck_assert_int_eq(wci_conf_int(conf, WCI_STORE_OPEN_SHARDS), 7);
    wci_conf_free(conf);
}
END_TEST

static const struct {
    const char *text;
    wildcam_status status;
    const char *words;
} mistakes[] = {
    {"data.dir = /x\nstore.open_shards = 1\n", WILDCAM_ERR_INVALID,
     "a.conf, line 2: store.open_shards takes 2 to 1024"},
    {"data.dir = /x\n\n#\nno.such = 1", WILDCAM_ERR_SETTING,
     "a.conf, line 4: there is no setting \"no.such\""},
    {"data.dir = /x\nhello\n", WILDCAM_ERR_INVALID,
     "a.conf, line 2: \"hello\" is not of the form name = value"},
    {"data.dir = /x\n= 1\n", WILDCAM_ERR_SETTING, "line 2"},
    {"data.dir = /x\n[section]\n", WILDCAM_ERR_INVALID,
     "a.conf, line 2: the line is not of the form name = value"},
    {"data.dir = /x\ns3.secret_key: tOp=SeCrEt\n", WILDCAM_ERR_SETTING,
     "line 2: there is no setting \"s3.secret_key\""},
    {"data.dir = /x\ns3.secret_key tOp+SeCrEt\n", WILDCAM_ERR_INVALID,
     "line 2: \"s3.secret_key\" is not of the form name = value"},
    {"data.dir = /x\ntOp+SeCrEt\n", WILDCAM_ERR_INVALID, "line 2: the line is not of the form"},
    {"data.dir = /x\ntOpSeCrEt01234567890123456789\n", WILDCAM_ERR_INVALID,
     "line 2: the line is not of the form"},
    {"data.dir = /x\ntOpSeCrEt01234567890123456789=\n", WILDCAM_ERR_SETTING, "setting \"\""},
    {"data.dir = /x\ns3.secret_key = tOp SeCrEt\n", WILDCAM_ERR_INVALID,
     "line 2: s3.secret_key takes visible characters"},
    {"data.dir = /x\nstore.open_shards =\n", WILDCAM_ERR_INVALID, "line 2"},
    {"data.dir = /x\nlog.level = \"info\"\n", WILDCAM_ERR_INVALID, "not \"\"info\"\""},
    {"data.dir = /x\nimages.max_bytes = 0,5M", WILDCAM_ERR_INVALID, "line 2"},
};

START_TEST(a_mistake_in_a_file_changes_nothing)
{
    wildcam_conf *conf = new_conf();
    assert_done(wci_conf_set(conf, "data.dir", "/before"));
    assert_fails(mistakes[_i].status, mistakes[_i].words, load_text(conf, mistakes[_i].text));
    ck_assert_ptr_null(strstr(wildcam_error_message(), "tOp"));
    ck_assert_str_eq(wci_conf_text(conf, WCI_DATA_DIR), "/before");
    wci_conf_free(conf);
}
END_TEST

START_TEST(files_that_are_none)
{
    static char large[(1 << 20) + 1];
    wildcam_conf *conf = new_conf();
    assert_fails(WILDCAM_ERR_INVALID, "a.conf is not a text file",
                 load(conf, "data.dir = /x\0y\n", 16));
    memset(large, '\n', sizeof large);
    assert_done(load(conf, large, sizeof large - 1));
    assert_fails(WILDCAM_ERR_TOOLARGE, "a.conf", load(conf, large, sizeof large));
    assert_fails(WILDCAM_ERR_NOTFOUND, "/none", wci_conf_load_file(conf, scratch_path("none")));
    assert_fails(WILDCAM_ERR_IO, "is not a file", wci_conf_load_file(conf, scratch()));
    ck_assert_str_eq(wci_conf_text(conf, WCI_DATA_DIR), "");
    wci_conf_free(conf);
}
END_TEST

static void clear_environment(void)
{
    unsetenv("WILDCAM_S3_ENDPOINT");
    unsetenv("WILDCAM_S3_ENDPOINT_US_WEST_2");
    unsetenv("WILDCAM_S3_ENDPOINT_US_WEST.2");
    unsetenv("WILDCAM_DATA_DIR");
    unsetenv("WILDCAM_STORE_OPEN_SHARDS");
    unsetenv("WILDCAM_IMAGES_MAX_BYTES");
    unsetenv("WILDCAM_DISK_MIN_FREE_PERCENT");
}

START_TEST(reads_the_environment)
{
    wildcam_conf *conf = new_conf();
    clear_environment();
    assert_done(wci_conf_set(conf, "store.open_shards", "5"));
    setenv("WILDCAM_DATA_DIR", "/from the environment", 1);
    setenv("WILDCAM_IMAGES_MAX_BYTES", "1M", 1);
    setenv("WILDCAM_NO_SUCH_SETTING", "1", 1); /* is somebody else's */
    assert_done(wci_conf_load_environment(conf));
    ck_assert_str_eq(wci_conf_text(conf, WCI_DATA_DIR), "/from the environment");
    ck_assert_int_eq(wci_conf_int(conf, WCI_IMAGES_MAX_BYTES), 1 << 20);
    ck_assert_int_eq(wci_conf_int(conf, WCI_STORE_OPEN_SHARDS), 5);
    setenv("WILDCAM_DATA_DIR", "/second", 1);
    setenv("WILDCAM_STORE_OPEN_SHARDS", "many", 1);
    assert_fails(WILDCAM_ERR_INVALID, "environment variable WILDCAM_STORE_OPEN_SHARDS: ",
                 wci_conf_load_environment(conf));
    ck_assert_str_eq(wci_conf_text(conf, WCI_DATA_DIR), "/from the environment");
    clear_environment();
    unsetenv("WILDCAM_NO_SUCH_SETTING");
    wci_conf_free(conf);
}
END_TEST

START_TEST(reads_endpoints_of_regions_from_the_environment)
{
    wildcam_conf *conf = new_conf();
    clear_environment();
    setenv("WILDCAM_S3_ENDPOINT", "http://127.0.0.1:1", 1);
    setenv("WILDCAM_S3_ENDPOINT_US_WEST_2", "http://127.0.0.1:2", 1);
    assert_done(wci_conf_load_environment(conf));
    ck_assert_str_eq(wci_conf_region_endpoint(conf, "us-west-2"), "http://127.0.0.1:2");
    ck_assert_str_eq(wci_conf_region_endpoint(conf, "us-west-1"), "http://127.0.0.1:1");
    setenv("WILDCAM_S3_ENDPOINT_US_WEST_2", "127.0.0.1:3", 1);
    assert_fails(WILDCAM_ERR_INVALID,
                 "environment variable WILDCAM_S3_ENDPOINT_US_WEST_2: s3.endpoint.us-west-2 takes",
                 wci_conf_load_environment(conf));
    unsetenv("WILDCAM_S3_ENDPOINT_US_WEST_2");
    setenv("WILDCAM_S3_ENDPOINT_US_WEST.2", "http://127.0.0.1:3", 1);
    assert_fails(WILDCAM_ERR_SETTING, "environment variable WILDCAM_S3_ENDPOINT_US_WEST.2: ",
                 wci_conf_load_environment(conf));
    ck_assert_str_eq(wci_conf_region_endpoint(conf, "us-west-2"), "http://127.0.0.1:2");
    clear_environment();
    wci_conf_free(conf);
}
END_TEST

/* In Turkish the capital of i has a dot; WILDCAM_DISK_MIN_FREE_PERCENT has none. */
START_TEST(reads_the_environment_in_every_locale)
{
    wildcam_conf *conf = new_conf();
    clear_environment();
    enter_locale("tr_TR");
    setenv("WILDCAM_DISK_MIN_FREE_PERCENT", "2.5", 1);
    assert_done(wci_conf_load_environment(conf));
    ck_assert(wci_conf_real(conf, WCI_DISK_MIN_FREE_PERCENT) == 2.5);
    leave_locale();
    clear_environment();
    wci_conf_free(conf);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("conf");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, begins_with_the_defaults);
    tcase_add_test(all, sets_and_takes_back);
    tcase_add_test(all, finds_names);
    tcase_add_test(all, copies_are_apart);
    tcase_add_test(all, shows_no_secret);
    tcase_add_test(all, each_region_may_have_an_endpoint);
    tcase_add_test(all, endpoints_are_of_regions);
    tcase_add_test(all, lists_its_regions);
    tcase_add_test(all, uploads_when_it_was_told_where_or_as_whom);
    tcase_add_test(all, has_a_window);
    tcase_add_test(all, credentials_are_checked_and_copied);
    tcase_add_test(all, makes_the_log);
    tcase_add_test(all, reads_a_file);
    tcase_add_loop_test(all, a_mistake_in_a_file_changes_nothing, 0,
                        sizeof mistakes / sizeof mistakes[0]);
    tcase_add_test(all, files_that_are_none);
    tcase_add_test(all, reads_the_environment);
    tcase_add_test(all, reads_endpoints_of_regions_from_the_environment);
    tcase_add_test(all, reads_the_environment_in_every_locale);
    return suite;
}
