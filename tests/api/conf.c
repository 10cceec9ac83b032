/* Settings by name. */
#include "api/fixtures.h"

static wildcam_conf *new_conf(void)
{
    wildcam_conf *conf;
    assert_ok(wildcam_conf_new(&conf));
    return conf;
}

static const char *get(const wildcam_conf *conf, const char *name)
{
    const char *value = NULL;
    assert_ok(wildcam_conf_get(conf, name, &value));
    return value;
}

static int64_t get_int(const wildcam_conf *conf, const char *name)
{
    int64_t value = -1;
    assert_ok(wildcam_conf_get_int(conf, name, &value));
    return value;
}

static bool is_secret(const char *name)
{
    static const char *const secrets[] = {"s3.secret_key", "s3.session_token", "alerts.webhook",
                                          "alerts.webhook_secret"};
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        if (strcmp(name, secrets[i]) == 0)
            return true;
    return false;
}

START_TEST(table_is_whole)
{
    static const char *const types[] = {"text", "int",    "size",    "number",
                                        "bool", "choice", "geometry"};
    char range[256], short_range[5];
    const wildcam_setting *row;
    size_t count = 0;
    wildcam_conf *conf = new_conf();
    for (; (row = wildcam_setting_at(count)); count++) {
        const char *name = wildcam_setting_name(row), *standard = wildcam_setting_default(row);
        bool known = false;
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
            known = known || strcmp(wildcam_setting_type(row), types[i]) == 0;
        ck_assert_msg(known, "%s has the type %s", name, wildcam_setting_type(row));
        ck_assert_ptr_nonnull(strchr(name, '.'));
        ck_assert_ptr_nonnull(wildcam_setting_unit(row));
        ck_assert_str_ne(wildcam_setting_help(row), "");
        ck_assert_str_eq(wildcam_setting_since(row), "0.1");
        ck_assert_int_eq(wildcam_setting_is_secret(row), is_secret(name));
        ck_assert_int_eq(wildcam_setting_is_family(row), strcmp(name, "s3.endpoint.REGION") == 0);
        assert_ok(wildcam_setting_range(row, range, sizeof range));
        ck_assert_str_ne(range, "");
        assert_ok(wildcam_setting_range(row, short_range, sizeof short_range));
        ck_assert_uint_eq(strlen(short_range), 4);
        ck_assert_int_eq(strncmp(range, short_range, 4), 0);
        if (wildcam_setting_is_family(row))
            continue; /* is no setting itself */
        ck_assert_str_eq(get(conf, name), standard);
        if (strcmp(name, "data.dir") != 0) /* "" is no value that one would set */
            assert_ok(wildcam_conf_set(conf, name, standard));
    }
    ck_assert_uint_gt(count, 20);
    ck_assert_ptr_null(wildcam_setting_at(SIZE_MAX));
    assert_fails(WILDCAM_ERR_INVALID, "room",
                 wildcam_setting_range(wildcam_setting_at(0), range, 0));
    wildcam_conf_free(conf);
}
END_TEST

static const struct {
    const char *name, *value;
    int64_t whole; /* -1: the type has none */
} taken[] = {
    {"data.dir", "/srv/sta\xc3\xa4tion", -1},
    {"images.max_bytes", "16777216", 16777216},
    {"images.max_bytes", "16M", 16777216},
    {"images.max_bytes", "1K", 1024},
    {"images.max_bytes", "1G", 1073741824},
    {"images.quarantine_bytes", "1T", INT64_C(1099511627776)},
    {"store.open_shards", "2", 2},
    {"store.open_shards", "1024", 1024},
    {"store.busy_timeout", "0.5", -1},
    {"disk.min_free_percent", "90", -1},
    {"cameras.auto_register", "off", 0},
    {"cameras.auto_register", "yes", 1},
    {"store.shard", "day", -1},
    {"images.thumbnail", "16x4096", -1},
    {"log.level", "debug", -1},
};

START_TEST(takes_what_is_in_range)
{
    int64_t whole = 77;
    wildcam_conf *conf = new_conf();
    assert_ok(wildcam_conf_set(conf, taken[_i].name, taken[_i].value));
    ck_assert_str_eq(get(conf, taken[_i].name), taken[_i].value);
    if (taken[_i].whole >= 0)
        ck_assert_int_eq(get_int(conf, taken[_i].name), taken[_i].whole);
    else
        assert_fails(WILDCAM_ERR_INVALID, taken[_i].name,
                     wildcam_conf_get_int(conf, taken[_i].name, &whole));
    wildcam_conf_free(conf);
}
END_TEST

static const struct {
    const char *name, *value, *words;
} refused[] = {
    {"data.dir", "line\nline", "data.dir"},
    {"data.dir", "\xff", "data.dir"},
    {"images.max_bytes", "", "1024 to 1073741824"},
    {"images.max_bytes", "1023", "not \"1023\""},
    {"images.max_bytes", "2G", "bytes"},
    {"images.max_bytes", "16 M", "images.max_bytes"},
    {"images.max_bytes", "16MB", "images.max_bytes"},
    {"images.max_bytes", "9223372036854775807T", "images.max_bytes"},
    {"images.max_bytes", "1.5M", "images.max_bytes"},
    {"store.open_shards", "1", "2 to 1024"},
    {"store.open_shards", "0x10", "store.open_shards"},
    {"store.open_shards", "10 ", "store.open_shards"},
    {"store.busy_timeout", "-1", "0 to 3600"},
    {"store.busy_timeout", "nan", "store.busy_timeout"},
    {"store.busy_timeout", "1,5", "store.busy_timeout"},
    {"cameras.auto_register", "maybe", "true or false"},
    {"store.shard", "week", "month,day"},
    {"store.shard", "", "month,day"},
    {"images.thumbnail", "320", "WIDTHxHEIGHT"},
    {"images.thumbnail", "15x100", "16 to 4096"},
    {"images.thumbnail", "100x4097", "16 to 4096"},
    {"images.thumbnail", "x", "WIDTHxHEIGHT"},
};

START_TEST(refuses_and_keeps_the_old_value)
{
    wildcam_conf *conf = new_conf();
    char before[256];
    snprintf(before, sizeof before, "%s", get(conf, refused[_i].name));
    assert_fails(WILDCAM_ERR_INVALID, refused[_i].words,
                 wildcam_conf_set(conf, refused[_i].name, refused[_i].value));
    ck_assert_str_eq(get(conf, refused[_i].name), before);
    wildcam_conf_free(conf);
}
END_TEST

static void assert_refused(wildcam_conf *conf, const char *name, const char *value,
                           const char *words)
{
    char before[4096];
    snprintf(before, sizeof before, "%s", get(conf, name));
    assert_fails(WILDCAM_ERR_INVALID, name, wildcam_conf_set(conf, name, value));
    ck_assert_msg(strstr(wildcam_error_message(), words), "%s", wildcam_error_message());
    ck_assert_str_eq(get(conf, name), before);
}

/* Whatever its type, a setting refuses what is beyond its limits, and says which they are. */
START_TEST(each_names_its_limits)
{
    const wildcam_setting *row;
    wildcam_conf *conf = new_conf();
    for (size_t i = 0; (row = wildcam_setting_at(i)); i++) {
        char limits[512], value[64], *rest;
        const char *name = wildcam_setting_name(row), *type = wildcam_setting_type(row);
        assert_ok(wildcam_setting_range(row, limits, sizeof limits));
        if (strcmp(type, "text") == 0)
            continue; /* below, by their forms */
        assert_refused(conf, name, "soon", limits);
        assert_refused(conf, name, "", limits);
        if (strcmp(type, "int") != 0 && strcmp(type, "size") != 0 && strcmp(type, "number") != 0)
            continue;
        double least = strtod(limits, &rest);
        ck_assert_int_eq(strncmp(rest, " to ", 4), 0);
        double most = strtod(rest + 4, &rest);
        snprintf(value, sizeof value, "%.0f", most + 1);
        assert_refused(conf, name, value, limits);
        snprintf(value, sizeof value, "%.0f", least - 1);
        assert_refused(conf, name, value, limits);
        assert_refused(conf, name, "nan", limits);
    }
    wildcam_conf_free(conf);
}
END_TEST

/* Which texts are refused, by their forms. */
static const struct {
    const char *name, *value, *words;
} texts[] = {
    {"process.detector", "motion,,motion", "names of detectors"},
    {"process.detector", "mo tion", "names of detectors"},
    {"process.detector", "process:", "nothing stands behind a colon"},
    {"process.detector", ":model", "before more a colon"},
    {"process.environment", "CUDA-HOME", "names of environment variables"},
    {"process.environment", "A*B", "at its end may have *"},
    {"process.environment", "*", "names of environment variables"},
    {"process.environment", "A,,B", "names of environment variables"},
    {"alerts.webhook", "hook.example.org", "http:// or https:// with a host"},
    {"alerts.webhook", "ftp://hook.example.org/", "http:// or https:// with a host"},
    {"alerts.webhook", "https://hook.example.org/#a", "what stands behind a # is not sent"},
    {"alerts.webhook",
     "https://a/,https://b/,https://c/,https://d/,https://e/,https://f/,"
     "https://g/,https://h/,https://i/",
     "there are more than 8"},
    {"alerts.webhook_secret", "with a space", "visible characters of ASCII"},
    {"alerts.webhook_ca_file", "line\nline", "control character"},
    {"alerts.rare_species", "line\nline", "control character"},
    {"onnx.names", "line\nline", "control character"},
    {"http.hosts", "a,,b", "names of hosts"},
    {"http.hosts", "a b", "names of hosts"},
    {"cdn.base_url", "cdn.example.org", "http:// or https:// with a host"},
    {"s3.window", "22-6", "a part of the day"},
};

START_TEST(texts_name_their_form)
{
    wildcam_conf *conf = new_conf();
    assert_refused(conf, texts[_i].name, texts[_i].value, texts[_i].words);
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(names_must_be_known)
{
    const char *text;
    int64_t whole;
    wildcam_conf *conf = new_conf();
    assert_fails(WILDCAM_ERR_SETTING, "data.dirt", wildcam_conf_set(conf, "data.dirt", "x"));
    assert_fails(WILDCAM_ERR_SETTING, "\"\"", wildcam_conf_set(conf, "", "x"));
    assert_fails(WILDCAM_ERR_SETTING, "Data.Dir", wildcam_conf_get(conf, "Data.Dir", &text));
    assert_fails(WILDCAM_ERR_SETTING, "bytes", wildcam_conf_get_int(conf, "bytes", &whole));
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(a_family_has_many)
{
    const char *text;
    wildcam_conf *conf = new_conf();
    ck_assert_str_eq(get(conf, "s3.endpoint.us-west-2"), "");
    assert_ok(wildcam_conf_set(conf, "s3.endpoint.us-west-2", "http://127.0.0.1:9000"));
    assert_ok(wildcam_conf_set(conf, "s3.endpoint.home", "https://s3.example.org"));
    ck_assert_str_eq(get(conf, "s3.endpoint.us-west-2"), "http://127.0.0.1:9000");
    ck_assert_str_eq(get(conf, "s3.endpoint.home"), "https://s3.example.org");
    ck_assert_str_eq(get(conf, "s3.endpoint"), "");
    assert_ok(wildcam_conf_set(conf, "s3.endpoint.home", NULL));
    ck_assert_str_eq(get(conf, "s3.endpoint.home"), "");
    assert_fails(WILDCAM_ERR_SETTING, "REGION",
                 wildcam_conf_get(conf, "s3.endpoint.REGION", &text));
    assert_fails(WILDCAM_ERR_INVALID, "s3.endpoint.home",
                 wildcam_conf_set(conf, "s3.endpoint.home", "there"));
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(secrets_are_not_shown)
{
    wildcam_conf *conf = new_conf();
    assert_ok(wildcam_conf_set(conf, "s3.secret_key", "hidden"));
    ck_assert_str_eq(get(conf, "s3.secret_key"), "***");
    assert_fails(WILDCAM_ERR_INVALID, "s3.secret_key",
                 wildcam_conf_set(conf, "s3.secret_key", "hid den"));
    ck_assert_ptr_null(strstr(wildcam_error_message(), "hid den"));
    wildcam_conf_free(conf);
}
END_TEST

static int no_credentials(void *user, wildcam_credentials *into)
{
    (void)user;
    (void)into;
    return 1;
}

START_TEST(takes_a_callback_for_credentials)
{
    wildcam_conf *conf = new_conf();
    assert_ok(wildcam_conf_set_credentials(conf, no_credentials, conf));
    assert_ok(wildcam_conf_set_credentials(conf, NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "self",
                 wildcam_conf_set_credentials(NULL, no_credentials, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "self",
                 wildcam_credentials_set(NULL, "key", "secret", NULL, WILDCAM_TIME_NONE));
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(null_gives_the_default_back)
{
    wildcam_conf *conf = new_conf();
    assert_ok(wildcam_conf_set(conf, "images.max_bytes", "2M"));
    assert_ok(wildcam_conf_set(conf, "images.max_bytes", NULL));
    ck_assert_str_eq(get(conf, "images.max_bytes"), "16777216");
    ck_assert_int_eq(get_int(conf, "images.max_bytes"), 16777216);
    wildcam_conf_free(conf);
}
END_TEST

static wildcam_status load(wildcam_conf *conf, const char *text)
{
    const char *path = scratch_path("settings");
    save_file(path, text, strlen(text));
    return wildcam_conf_load_file(conf, path);
}

START_TEST(reads_a_file)
{
    wildcam_conf *conf = new_conf();
    assert_ok(load(conf, "# a comment\n"
                         "\n"
                         "  data.dir\t=  /srv/a station  \r\n"
                         "images.max_bytes=2M # as a sender said\n"
                         "log.level = info\n"
                         "log.level = debug"));
    ck_assert_str_eq(get(conf, "data.dir"), "/srv/a station");
    ck_assert_int_eq(get_int(conf, "images.max_bytes"), 2 << 20);
    ck_assert_str_eq(get(conf, "log.level"), "debug");
    assert_ok(load(conf, ""));
    ck_assert_str_eq(get(conf, "log.level"), "debug");
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(mistake_in_a_file_changes_nothing)
{
    static const struct {
        wildcam_status status;
        const char *text, *words;
    } mistakes[] = {
        {WILDCAM_ERR_SETTING, "log.level = info\n\nlog.lever = info\n", "line 3"},
        {WILDCAM_ERR_INVALID, "log.level = info\nlog.level = loud\n", "line 2"},
        {WILDCAM_ERR_INVALID, "log.level = info\nlog.level\n", "line 2"},
    };
    wildcam_conf *conf = new_conf();
    for (size_t i = 0; i < 3; i++) {
        assert_fails(mistakes[i].status, mistakes[i].words, load(conf, mistakes[i].text));
        ck_assert_ptr_nonnull(strstr(wildcam_error_message(), "settings"));
        ck_assert_str_eq(get(conf, "log.level"), "warning");
    }
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(files_that_cannot_be_read)
{
    wildcam_conf *conf = new_conf();
    char *large = malloc((1 << 20) + 2);
    ck_assert_ptr_nonnull(large);
    assert_fails(WILDCAM_ERR_NOTFOUND, "absent",
                 wildcam_conf_load_file(conf, scratch_path("absent")));
    assert_fails(WILDCAM_ERR_IO, scratch(), wildcam_conf_load_file(conf, scratch()));
    memset(large, '\n', (1 << 20) + 1);
    save_file(scratch_path("large"), large, (1 << 20) + 1);
    assert_fails(WILDCAM_ERR_TOOLARGE, "large",
                 wildcam_conf_load_file(conf, scratch_path("large")));
    save_file(scratch_path("large"), large, 1 << 20);
    assert_ok(wildcam_conf_load_file(conf, scratch_path("large")));
    save_file(scratch_path("binary"), "log.level = info\0\n", 18);
    assert_fails(WILDCAM_ERR_INVALID, "text", wildcam_conf_load_file(conf, scratch_path("binary")));
    free(large);
    wildcam_conf_free(conf);
}
END_TEST

static int load_as_nobody(void *user)
{
    const char *path = user;
    wildcam_conf *conf;
    if (become_nobody() != 0)
        return 2;
    if (wildcam_conf_new(&conf) != WILDCAM_OK)
        return 3;
    wildcam_status status = wildcam_conf_load_file(conf, path);
    wildcam_conf_free(conf);
    return status == WILDCAM_ERR_DENIED && strstr(wildcam_error_message(), path) ? 0 : 4;
}

START_TEST(files_that_may_not_be_read)
{
    char path[1024];
    make_unreadable("secret", path);
    in_child(load_as_nobody, path);
}
END_TEST

START_TEST(reads_the_environment)
{
    wildcam_conf *conf = new_conf();
    ck_assert_int_eq(setenv("WILDCAM_DATA_DIR", "/srv/station", 1), 0);
    ck_assert_int_eq(setenv("WILDCAM_IMAGES_MAX_BYTES", "1M", 1), 0);
    assert_ok(wildcam_conf_load_environment(conf));
    ck_assert_str_eq(get(conf, "data.dir"), "/srv/station");
    ck_assert_int_eq(get_int(conf, "images.max_bytes"), 1 << 20);
    ck_assert_int_eq(setenv("WILDCAM_DATA_DIR", "/elsewhere", 1), 0);
    ck_assert_int_eq(setenv("WILDCAM_IMAGES_MAX_BYTES", "many", 1), 0);
    assert_fails(WILDCAM_ERR_INVALID, "WILDCAM_IMAGES_MAX_BYTES",
                 wildcam_conf_load_environment(conf));
    ck_assert_str_eq(get(conf, "data.dir"), "/srv/station");
    ck_assert_int_eq(unsetenv("WILDCAM_DATA_DIR"), 0);
    ck_assert_int_eq(unsetenv("WILDCAM_IMAGES_MAX_BYTES"), 0);
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(station_keeps_its_copy)
{
    wildcam_conf *conf = station_conf();
    wildcam_station *station = open_station(conf);
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    assert_ok(wildcam_conf_set(conf, "images.max_bytes", "1K"));
    wildcam_conf_free(conf);
    expect_log("registered");
    assert_ok(wildcam_station_ingest(station, "CAM1", jpeg.data, jpeg.size, NULL, NULL));
    jpeg_free(&jpeg);
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("conf");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, table_is_whole);
    tcase_add_loop_test(all, takes_what_is_in_range, 0, sizeof taken / sizeof taken[0]);
    tcase_add_test(all, each_names_its_limits);
    tcase_add_loop_test(all, texts_name_their_form, 0, sizeof texts / sizeof texts[0]);
    tcase_add_loop_test(all, refuses_and_keeps_the_old_value, 0,
                        sizeof refused / sizeof refused[0]);
    tcase_add_test(all, names_must_be_known);
    tcase_add_test(all, a_family_has_many);
    tcase_add_test(all, secrets_are_not_shown);
    tcase_add_test(all, takes_a_callback_for_credentials);
    tcase_add_test(all, null_gives_the_default_back);
    tcase_add_test(all, reads_a_file);
    tcase_add_test(all, mistake_in_a_file_changes_nothing);
    tcase_add_test(all, files_that_cannot_be_read);
    tcase_add_test(all, files_that_may_not_be_read);
    tcase_add_test(all, reads_the_environment);
    tcase_add_test(all, station_keeps_its_copy);
    return suite;
}
