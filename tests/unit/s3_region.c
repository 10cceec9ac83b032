/* Where a region's bucket is, and settings that lead nowhere. */
#include "upload/s3.h"

#include "unit.h"

#define AUTO WCI_S3_STYLE_AUTO
#define PATH WCI_S3_STYLE_PATH
#define HOST WCI_S3_STYLE_HOST

static const struct {
    const char *name, *bucket, *endpoint;
    enum wci_s3_style style;
    const char *origin, *path; /* a path of NULL: it is refused, and the origin are words of why */
} places[] = {
    {"us-west-2", "wildcam-{region}", "", AUTO,
     "https://wildcam-us-west-2.s3.us-west-2.amazonaws.com", "/"},
    {"us-west-2", "wildcam-{region}", "", HOST,
     "https://wildcam-us-west-2.s3.us-west-2.amazonaws.com", "/"},
    {"us-west-2", "wildcam-{region}", "", PATH, "https://s3.us-west-2.amazonaws.com",
     "/wildcam-us-west-2/"},
    {"us-east-1", "a.b", "", AUTO, "https://s3.us-east-1.amazonaws.com", "/a.b/"},
    {"us-east-1", "a.b", "", HOST, "https://a.b.s3.us-east-1.amazonaws.com", "/"},
    {"cn-north-1", "abc", "", AUTO, "https://abc.s3.cn-north-1.amazonaws.com.cn", "/"},
    {"us-gov-west-1", "abc", "", AUTO, "https://abc.s3.us-gov-west-1.amazonaws.com", "/"},
    {"eusc-de-east-1", "abc", "", AUTO, "https://abc.s3.eusc-de-east-1.amazonaws.eu", "/"},
    {"us-iso-east-1", "abc", "", AUTO, "https://abc.s3.us-iso-east-1.c2s.ic.gov", "/"},
    {"us-isob-east-1", "abc", "", AUTO, "https://abc.s3.us-isob-east-1.sc2s.sgov.gov", "/"},
    {"us-isof-south-1", "abc", "", AUTO, "https://abc.s3.us-isof-south-1.csp.hci.ic.gov", "/"},
    {"eu-isoe-west-1", "abc", "", AUTO, "https://abc.s3.eu-isoe-west-1.cloud.adc-e.uk", "/"},

    {"a", "abc", "http://localhost:9000", AUTO, "http://localhost:9000", "/abc/"},
    {"a", "abc", "http://localhost:9000/", AUTO, "http://localhost:9000", "/abc/"},
    {"a", "abc", "http://localhost:9000///", AUTO, "http://localhost:9000", "/abc/"},
    {"a", "abc", "http://localhost:9000", HOST, "http://abc.localhost:9000", "/"},
    {"a", "abc", "http://localhost/base", HOST, "http://abc.localhost", "/base/"},
    {"a", "abc", "https://gate.example.org/s3/v1/", AUTO, "https://gate.example.org",
     "/s3/v1/abc/"},
    {"eu-west-1", "abc-{region}-{region}", "https://{region}.s3.example.org/{region}", AUTO,
     "https://eu-west-1.s3.example.org", "/eu-west-1/abc-eu-west-1-eu-west-1/"},
    {"a", "abc", "https://S3.Example.ORG/Base", AUTO, "https://s3.example.org", "/Base/abc/"},
    {"a", "abc", "http://127.0.0.1:9000", AUTO, "http://127.0.0.1:9000", "/abc/"},
    {"a", "abc", "http://[::1]:9000", AUTO, "http://[::1]:9000", "/abc/"},
    {"a", "abc", "http://[2001:DB8::1]", PATH, "http://[2001:db8::1]", "/abc/"},
    {"a", "abc", "http://[::ffff:10.0.0.1]:1", PATH, "http://[::ffff:10.0.0.1]:1", "/abc/"},
    /* HTTP does not say a port that is the scheme's own. */
    {"a", "abc", "http://localhost:80", AUTO, "http://localhost", "/abc/"},
    {"a", "abc", "https://localhost:443", AUTO, "https://localhost", "/abc/"},
    {"a", "abc", "https://localhost:00443/a", AUTO, "https://localhost", "/a/abc/"},
    {"a", "abc", "https://localhost:80", AUTO, "https://localhost:80", "/abc/"},
    {"a", "abc", "http://localhost:443", AUTO, "http://localhost:443", "/abc/"},
    {"a", "abc", "https://[::1]:443", AUTO, "https://[::1]", "/abc/"},
    {"a", "Wild_Cam", "http://localhost:9000", AUTO, "http://localhost:9000", "/Wild_Cam/"},
    {"a", "a..b", "http://localhost:9000", AUTO, "http://localhost:9000", "/a..b/"},

    {"", "abc", "", AUTO, "s3.regions: \"\"", NULL},
    {"US", "abc", "", AUTO, "s3.regions: \"US\"", NULL},
    {"a.b", "abc", "", AUTO, "s3.regions: \"a.b\"", NULL},
    {"a", "ab", "", AUTO, "s3.bucket: \"ab\" is no bucket's name: it has 3 to 63", NULL},
    {"a", "", "http://h", AUTO, "it has 3 to 63", NULL},
    {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz-12345678", "wildcam-{region}", "", AUTO,
     "it has 3 to 63", NULL},
    {"a", "Abc", "", AUTO, "it has a-z, 0-9, . and -", NULL},
    {"a", "a_c", "", AUTO, "it has a-z, 0-9, . and -", NULL},
    {"a", "Abc", "http://localhost", HOST, "it has a-z, 0-9, . and -", NULL},
    {"a", "abc/d", "http://localhost", AUTO, "it has letters, digits", NULL},
    {"a", "abc?d", "http://localhost", AUTO, "it has letters, digits", NULL},
    {"a",
     "a\xc3\xa9"
     "b",
     "http://localhost", AUTO, "it has letters, digits", NULL},
    {"a", "-abc", "", AUTO, "begins and ends", NULL},
    {"a", "abc.", "", AUTO, "begins and ends", NULL},
    {"a", "abc-", "", AUTO, "begins and ends", NULL},
    {"a", "a..b", "", AUTO, "no dot stands", NULL},
    {"a", "a.-b", "", AUTO, "no dot stands", NULL},
    {"a", "a-.b", "", AUTO, "no dot stands", NULL},
    {"a", "192.168.5.4", "", AUTO, "it is no IP address", NULL},
    {"a", "abc", "localhost:9000", AUTO, "s3.endpoint: \"localhost:9000\" for region a: ", NULL},
    {"a", "abc", "ftp://localhost", AUTO, "http:// or https://", NULL},
    {"a", "abc", "http://", AUTO, "it has no host", NULL},
    {"a", "abc", "http://host:0", AUTO, "1 to 65535", NULL},
    {"a", "abc", "http://host:65536", AUTO, "1 to 65535", NULL},
    {"a", "abc", "http://host/a?b", AUTO, "query", NULL},
    {"a", "abc", "http://host/a b", AUTO, "its path has other", NULL},
    {"a", "abc", "http://host/%41", AUTO, "its path has other", NULL},
    {"a", "abc", "http://[::1", AUTO, "it has no host", NULL},
    {"a", "abc", "http://[1:2]", AUTO, "no IP address", NULL},
    {"a", "abc", "http://[::1::2]", AUTO, "no IP address", NULL},
    {"a", "abc", "http://[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]", AUTO,
     "no IP address", NULL},
    {"a", "abc", "http://256.0.0.1", AUTO, "no IP address", NULL},
    {"a", "abc", "http://127.0.0.1:9000", HOST, "s3.path_style", NULL},
    {"a", "abc", "http://[::1]:9000", HOST, "s3.path_style", NULL},
    {"a", "abc", "http://user:geheim@host", AUTO, "s3.endpoint: \"***\"", NULL},
};

START_TEST(finds_the_place)
{
    struct wci_s3_region region;
    wci_error_clear();
    wildcam_status status = wci_s3_region_init(&region, places[_i].name, places[_i].bucket,
                                               places[_i].endpoint, places[_i].style);
    if (!places[_i].path) {
        assert_fails(WILDCAM_ERR_INVALID, places[_i].origin, status);
        ck_assert(!strstr(wildcam_error_message(), "geheim"));
        ck_assert_ptr_null(region.origin);
        return;
    }
    assert_ok(status);
    ck_assert_str_eq(region.origin, places[_i].origin);
    ck_assert_str_eq(region.path, places[_i].path);
    ck_assert_str_eq(region.host, strstr(region.origin, "//") + 2);
    ck_assert_str_eq(region.name, places[_i].name);
    ck_assert_str_eq(region.signed_as, places[_i].name);
    ck_assert_int_eq(region.is_https, strncmp(region.origin, "https", 5) == 0);
    ck_assert_int_eq(region.is_aws, places[_i].endpoint[0] == '\0');
    ck_assert_int_eq(region.sends_checksums, region.is_aws);
    wci_s3_region_release(&region);
    ck_assert_ptr_null(region.origin);
    wci_s3_region_release(&region); /* again is nothing */
}
END_TEST

START_TEST(a_bucket_that_is_elsewhere)
{
    struct wci_s3_region region;
    assert_done(wci_s3_region_init(&region, "us-east-1", "abc-{region}", "", AUTO));
    assert_done(wci_s3_region_move(&region, "cn-north-1"));
    ck_assert_str_eq(region.name, "us-east-1");
    ck_assert_str_eq(region.signed_as, "cn-north-1");
    ck_assert_str_eq(region.origin, "https://abc-us-east-1.s3.cn-north-1.amazonaws.com.cn");
    ck_assert_str_eq(region.host, "abc-us-east-1.s3.cn-north-1.amazonaws.com.cn");
    static const char *const wrong[] = {"", "evil.example.org", "a/b", "A"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_fails(WILDCAM_ERR_INVALID, wrong[i], wci_s3_region_move(&region, wrong[i]));
    ck_assert_str_eq(region.signed_as, "cn-north-1");
    wci_s3_region_release(&region);

    assert_done(wci_s3_region_init(&region, "us-east-1", "abc", "http://h/{region}", AUTO));
    assert_done(wci_s3_region_move(&region, "garage"));
    ck_assert_str_eq(region.signed_as, "garage");
    ck_assert_str_eq(region.origin, "http://h"); /* one's own server stays where it is */
    ck_assert_str_eq(region.path, "/us-east-1/abc/");
    wci_s3_region_release(&region);
}
END_TEST

/* ---- Of settings ---- */

static wildcam_conf *conf_of(const char *const settings[][2], size_t count)
{
    wildcam_conf *conf;
    assert_ok(wildcam_conf_new(&conf));
    for (size_t i = 0; i < count; i++)
        assert_ok(wildcam_conf_set(conf, settings[i][0], settings[i][1]));
    return conf;
}

START_TEST(settings_make_regions)
{
    static const char *const settings[][2] = {{"s3.endpoint.eu-west-1", "http://localhost:9000"},
                                              {"s3.if_none_match", "true"}};
    struct wci_s3_region *regions;
    size_t count;
    wildcam_conf *conf = conf_of(settings, 2);
    assert_done(wci_s3_regions(conf, &regions, &count));
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(regions[0].origin, "https://wildcam-us-west-2.s3.us-west-2.amazonaws.com");
    ck_assert_str_eq(regions[1].origin, "https://wildcam-us-east-1.s3.us-east-1.amazonaws.com");
    ck_assert_str_eq(regions[2].origin, "http://localhost:9000");
    ck_assert_str_eq(regions[2].path, "/wildcam-eu-west-1/");
    ck_assert(regions[0].sends_checksums && !regions[2].sends_checksums);
    ck_assert(regions[0].sends_if_none_match && regions[2].sends_if_none_match);
    wci_s3_regions_free(regions, count);

    static const char *const checksums[] = {"on", "off"};
    for (int i = 0; i < 2; i++) {
        assert_ok(wildcam_conf_set(conf, "s3.checksum", checksums[i]));
        assert_ok(wildcam_conf_set(conf, "s3.path_style", "true"));
        assert_ok(wildcam_conf_set(conf, "s3.if_none_match", "false"));
        assert_done(wci_s3_regions(conf, &regions, &count));
        for (size_t k = 0; k < count; k++) {
            ck_assert_int_eq(regions[k].sends_checksums, i == 0);
            ck_assert(regions[k].is_path_style && !regions[k].sends_if_none_match);
        }
        wci_s3_regions_free(regions, count);
    }
    assert_ok(wildcam_conf_set(conf, "s3.regions", ""));
    assert_done(wci_s3_regions(conf, &regions, &count));
    ck_assert_uint_eq(count, 0);
    wci_s3_regions_free(regions, count);
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(settings_that_lead_nowhere)
{
    static const char *const one_place[][2] = {{"s3.bucket", "wildcam"},
                                               {"s3.endpoint", "http://localhost:9000"}};
    static const char *const no_bucket[][2] = {{"s3.bucket", "UPPER"}};
    struct wci_s3_region *regions;
    size_t count;
    wildcam_conf *conf = conf_of(one_place, 2);
    assert_fails(WILDCAM_ERR_INVALID,
                 "us-west-2 and us-east-1 are one place, http://localhost:9000/wildcam/",
                 wci_s3_regions(conf, &regions, &count));
    ck_assert_ptr_null(regions);
    assert_ok(wildcam_conf_set(conf, "s3.regions", "us-west-2"));
    assert_done(wci_s3_regions(conf, &regions, &count));
    wci_s3_regions_free(regions, count);
    wildcam_conf_free(conf);
    conf = conf_of(no_bucket, 1);
    assert_fails(WILDCAM_ERR_INVALID, "s3.bucket: \"UPPER\"",
                 wci_s3_regions(conf, &regions, &count));
    ck_assert_ptr_null(regions);
    ck_assert_uint_eq(count, 0);
    wildcam_conf_free(conf);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("s3_region");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, finds_the_place, 0, sizeof places / sizeof places[0]);
    tcase_add_test(all, a_bucket_that_is_elsewhere);
    tcase_add_test(all, settings_make_regions);
    tcase_add_test(all, settings_that_lead_nowhere);
    return suite;
}
