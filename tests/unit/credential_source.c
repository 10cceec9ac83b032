/* What each source of credentials asks for, takes and refuses; no secret is in a sentence. */
#include "upload/credential_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/calendar.h"
#include "unit.h"

#define SECRET "tOp+SeCrEt/0123456789"

static wildcam_conf *conf;
static struct wci_surroundings around;
static struct wci_search search;

static const char *const variables[] = {
#define NAME(id, name) name,
    WCI_VARIABLES(NAME)
#undef NAME
};

static void clear_environment(void)
{
    for (size_t i = 0; i < WCI_VARIABLE_COUNT; i++)
        unsetenv(variables[i]);
}

static void set_up(void)
{
    clear_environment();
    assert_done(wci_conf_new(&conf));
    wci_search_init(&search, conf, &around);
}

static void tear_down(void)
{
    wci_search_release(&search);
    wci_surroundings_forget(&around);
    wci_conf_free(conf);
    clear_environment();
}

static enum wci_finding begin(const struct wci_source *source)
{
    wci_surroundings_forget(&around);
    assert_done(wci_surroundings_read(&around));
    wci_search_renew(&search);
    wci_error_clear();
    return source->begin(&search);
}

/* A failure names the source's trouble, never the secret. */
static void assert_failed(enum wci_finding finding, wildcam_status status, const char *words)
{
    struct wci_error error;
    ck_assert_int_eq(finding, WCI_FAILED);
    wci_error_save(&error);
    ck_assert_int_eq(error.status, status);
    ck_assert_msg(strstr(error.message, words), "\"%s\" lacks \"%s\"", error.message, words);
    ck_assert_ptr_null(strstr(error.message, "tOp+"));
}

static void assert_lacks(enum wci_finding finding, const char *words)
{
    ck_assert_int_eq(finding, WCI_LACKING);
    ck_assert_msg(strstr(wci_text_get(&search.lacks), words), "\"%s\" lacks \"%s\"",
                  wci_text_get(&search.lacks), words);
}

static void assert_found(enum wci_finding finding, const char *access_key, const char *token)
{
    ck_assert_msg(finding == WCI_FOUND, "%s; %s", wildcam_error_message(),
                  wci_text_get(&search.lacks));
    ck_assert_str_eq(search.found.access_key, access_key);
    ck_assert_str_eq(search.found.secret_key, SECRET);
    ck_assert_str_eq(search.found.session_token, token);
}

/* ---- what the host gives ---- */

START_TEST(settings)
{
    assert_done(wci_conf_set(conf, "s3.secret_key", SECRET));
    assert_failed(begin(&wci_source_settings), WILDCAM_ERR_INVALID, "s3.access_key is not");
    assert_done(wci_conf_set(conf, "s3.secret_key", ""));
    assert_done(wci_conf_set(conf, "s3.access_key", "AK"));
    assert_failed(begin(&wci_source_settings), WILDCAM_ERR_INVALID, "s3.secret_key is not");
    assert_done(wci_conf_set(conf, "s3.secret_key", SECRET));
    assert_found(begin(&wci_source_settings), "AK", "");
    assert_done(wci_conf_set(conf, "s3.session_token", "TOKEN"));
    assert_found(begin(&wci_source_settings), "AK", "TOKEN");
    ck_assert(search.lifetime == WILDCAM_TIME_NONE);
}
END_TEST

static int call_back(void *user, wildcam_credentials *into)
{
    int *how = user;
    if (*how == 0)
        return wildcam_credentials_set(into, "AK", SECRET, "TOKEN",
                                       wci_calendar_now() + 3600 * WCI_SECOND);
    return *how == 1 ? 0 : 17;
}

START_TEST(callback)
{
    int how = 0;
    wci_conf_set_credentials(conf, call_back, &how);
    assert_found(begin(&wci_source_callback), "AK", "TOKEN");
    ck_assert(search.lifetime <= 3600 * WCI_SECOND && search.lifetime > 3000 * WCI_SECOND);
    how = 1;
    assert_failed(begin(&wci_source_callback), WILDCAM_ERR_INVALID, "has set none");
    how = 2;
    assert_failed(begin(&wci_source_callback), WILDCAM_ERR_DENIED, "answers 17");
}
END_TEST

START_TEST(environment)
{
    assert_lacks(begin(&wci_source_environment), "AWS_ACCESS_KEY_ID");
    setenv("AWS_ACCESS_KEY_ID", "AK", 1);
    assert_failed(begin(&wci_source_environment), WILDCAM_ERR_INVALID, "AWS_SECRET_ACCESS_KEY");
    setenv("AWS_SECRET_ACCESS_KEY", SECRET, 1);
    assert_found(begin(&wci_source_environment), "AK", "");
    setenv("AWS_SESSION_TOKEN", "TOKEN", 1);
    setenv("AWS_CREDENTIAL_EXPIRATION", "2100-01-01T00:00:00Z", 1);
    assert_found(begin(&wci_source_environment), "AK", "TOKEN");
    ck_assert_int_eq(search.found.expires, INT64_C(4102444800) * WCI_SECOND);
    setenv("AWS_CREDENTIAL_EXPIRATION", "soon", 1);
    assert_failed(begin(&wci_source_environment), WILDCAM_ERR_INVALID, "\"soon\"");
    setenv("AWS_CREDENTIAL_EXPIRATION", "", 1);
    setenv("AWS_SECRET_ACCESS_KEY", SECRET "\r\nHost: x", 1);
    assert_failed(begin(&wci_source_environment), WILDCAM_ERR_INVALID,
                  "the environment: the secret key is wrong");
    setenv("AWS_ACCESS_KEY_ID", "", 1); /* an empty one is none */
    assert_lacks(begin(&wci_source_environment), "AWS_ACCESS_KEY_ID");
}
END_TEST

/* ---- files ---- */

static void save(const char *name, const char *text)
{
    save_file(scratch_path("%s", name), text, strlen(text));
}

START_TEST(files)
{
    setenv("HOME", scratch(), 1);
    assert_lacks(begin(&wci_source_file), "/.aws/credentials; there is no file ");
    ck_assert_int_eq(mkdir(scratch_path(".aws"), 0700), 0);
    ck_assert(!wci_source_file.has_changed(&search));
    save(".aws/config", "[default]\naws_access_key_id = CONF\naws_secret_access_key = " SECRET);
    ck_assert(wci_source_file.has_changed(&search));
    assert_found(begin(&wci_source_file), "CONF", "");
    save(".aws/credentials", "[x]\naws_access_key_id = X\naws_secret_access_key = " SECRET
                             "\naws_session_token = TOKEN\n");
    ck_assert(wci_source_file.has_changed(&search));
    assert_found(begin(&wci_source_file), "CONF", "");
    ck_assert(!wci_source_file.has_changed(&search));
    setenv("AWS_PROFILE", "x", 1);
    assert_found(begin(&wci_source_file), "X", "TOKEN");
    setenv("AWS_PROFILE", "y", 1);
    assert_lacks(begin(&wci_source_file), "/.aws/credentials has no profile \"y\"; ");
    assert_done(wci_conf_set(conf, "s3.profile", "x")); /* goes before the environment */
    assert_found(begin(&wci_source_file), "X", "TOKEN");
    ck_assert(!wci_source_file.has_changed(&search));
    unlink(scratch_path(".aws/config"));
    ck_assert(wci_source_file.has_changed(&search));
    assert_found(begin(&wci_source_file), "X", "TOKEN");
    save("elsewhere", "[x]\naws_access_key_id = ELSE\naws_secret_access_key = " SECRET);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "~/elsewhere", 1);
    assert_found(begin(&wci_source_file), "ELSE", "");
    setenv("AWS_SHARED_CREDENTIALS_FILE", scratch_path("elsewhere"), 1);
    assert_found(begin(&wci_source_file), "ELSE", "");
}
END_TEST

START_TEST(files_that_are_wrong)
{
    setenv("AWS_SHARED_CREDENTIALS_FILE", scratch_path("keys"), 1);
    setenv("AWS_CONFIG_FILE", scratch_path("config"), 1);
    save("keys", "[default]\naws_access_key_id = AK\n");
    assert_failed(begin(&wci_source_file), WILDCAM_ERR_INVALID,
                  "keys has no aws_secret_access_key");
    save("keys", "[default]\naws_secret_access_key = " SECRET "\n");
    assert_lacks(begin(&wci_source_file), "keys has no aws_access_key_id");
    save("keys", "[default]\naws_access_key_id = AK\naws_secret_access_key = \"tOp+ \"\n");
    assert_failed(begin(&wci_source_file), WILDCAM_ERR_INVALID, "keys: the secret key is wrong");
    save_file(scratch_path("keys"), "[default]\0", 10);
    assert_failed(begin(&wci_source_file), WILDCAM_ERR_INVALID, "is not a text file");
    setenv("AWS_SHARED_CREDENTIALS_FILE", scratch(), 1);
    assert_failed(begin(&wci_source_file), WILDCAM_ERR_IO, "is not a file");
}
END_TEST

static const char *read_without_rights(void)
{
    enum wci_finding finding = begin(&wci_source_file);
    struct wci_error error;
    wci_error_save(&error);
    return finding == WCI_FAILED && error.status == WILDCAM_ERR_DENIED ? NULL
           : error.message[0]                                          ? "another failure"
                                                                       : "no failure";
}

START_TEST(files_that_may_not_be_read)
{
    save("keys", "[default]\naws_access_key_id = AK\naws_secret_access_key = " SECRET);
    ck_assert_int_eq(chmod(scratch_path("keys"), 0), 0);
    ck_assert_int_eq(chmod(scratch(), 0755), 0);
    setenv("AWS_SHARED_CREDENTIALS_FILE", scratch_path("keys"), 1);
    run_apart(NOBODY, read_without_rights);
}
END_TEST

/* ---- what is asked over the network ---- */

static void assert_asks(enum wci_finding finding, const char *method, const char *url,
                        const char *headers)
{
    const struct wci_exchange *exchange = &search.exchange;
    ck_assert_msg(finding == WCI_ASKING, "%s; %s", wildcam_error_message(),
                  wci_text_get(&search.lacks));
    ck_assert_str_eq(exchange->method, method);
    ck_assert_str_eq(wci_text_get(&exchange->url), url);
    ck_assert_str_eq(wci_text_get(&exchange->headers), headers);
    ck_assert(exchange->is_beside && exchange->answer_limit && search.patience);
}

/* Goes on with what a server answers. */
static enum wci_finding answer(const struct wci_source *source, int status, const char *text)
{
    struct wci_exchange *exchange = &search.exchange;
    wci_error_clear();
    exchange->failure = WCI_LINK_OK;
    exchange->status = status;
    assert_done(wci_text_set(&exchange->head, "date: Thu, 26 Nov 2026 10:00:00 GMT\n", 36));
    assert_done(wci_text_set(&exchange->answer, text, strlen(text)));
    return source->go_on(&search);
}

static enum wci_finding break_off(const struct wci_source *source)
{
    wci_error_clear();
    search.exchange.failure = WCI_LINK_CONNECT;
    snprintf(search.exchange.reason, WCI_LINK_REASON, "nobody listens");
    return source->go_on(&search);
}

#define KEYS                                                                                       \
    "{\"Code\": \"Success\", \"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"" SECRET              \
    "\", \"Token\": \"TOKEN\", \"Expiration\": \"2026-11-26T11:00:00Z\"}"

/* It is the server's clock that says how long they are good. */
static void assert_good_for_an_hour(void)
{
    ck_assert_int_eq(search.lifetime, 3600 * WCI_SECOND);
    ck_assert_int_eq(search.found.expires, INT64_C(1795690800) * WCI_SECOND);
}

static enum wci_finding ask_instance_for_keys(void)
{
    begin(&wci_source_instance);
    answer(&wci_source_instance, 200, "IMDS");
    return answer(&wci_source_instance, 200, "camera-role\n");
}

START_TEST(instance)
{
    static const char roles[] = "http://169.254.169.254/latest/meta-data/iam/security-credentials/";
    char role_url[128];
    snprintf(role_url, sizeof role_url, "%scamera-role", roles);
    assert_asks(begin(&wci_source_instance), "PUT", "http://169.254.169.254/latest/api/token",
                "X-aws-ec2-metadata-token-ttl-seconds: 21600\n");
    ck_assert_int_eq(search.patience, WCI_SECOND);
    assert_asks(answer(&wci_source_instance, 200, "IMDS\n"), "GET", roles,
                "X-aws-ec2-metadata-token: IMDS\n");
    assert_asks(answer(&wci_source_instance, 200, "camera-role\nother"), "GET", role_url,
                "X-aws-ec2-metadata-token: IMDS\n");
    assert_found(answer(&wci_source_instance, 200, KEYS), "AK", "TOKEN");
    assert_good_for_an_hour();
}
END_TEST

START_TEST(instance_elsewhere)
{
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6", 1);
    begin(&wci_source_instance);
    ck_assert_str_eq(wci_text_get(&search.exchange.url), "http://[fd00:ec2::254]/latest/api/token");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:8000/", 1);
    begin(&wci_source_instance);
    ck_assert_str_eq(wci_text_get(&search.exchange.url), "http://127.0.0.1:8000/latest/api/token");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "127.0.0.1", 1);
    assert_failed(begin(&wci_source_instance), WILDCAM_ERR_INVALID,
                  "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    setenv("AWS_EC2_METADATA_DISABLED", "True", 1);
    assert_lacks(begin(&wci_source_instance), "AWS_EC2_METADATA_DISABLED");
}
END_TEST

/* A machine that is no instance has nobody there; one without a role has none to give. */
START_TEST(no_instance)
{
    begin(&wci_source_instance);
    assert_lacks(break_off(&wci_source_instance), "cannot be asked: nobody listens");
    begin(&wci_source_instance);
    assert_lacks(answer(&wci_source_instance, 403, ""), "HTTP 403");
    begin(&wci_source_instance);
    assert_failed(answer(&wci_source_instance, 200, ""), WILDCAM_ERR_INVALID, "no token");
    begin(&wci_source_instance);
    assert_failed(answer(&wci_source_instance, 200, "a\r\nX-Other: b"), WILDCAM_ERR_INVALID,
                  "no token");
    begin(&wci_source_instance);
    answer(&wci_source_instance, 200, "IMDS");
    assert_lacks(answer(&wci_source_instance, 404, ""), "no role");
}
END_TEST

START_TEST(instance_that_answers_wrongly)
{
    static const char *const roles[] = {"",
                                        "\n",
                                        "a/../b",
                                        "a?b",
                                        "a b",
                                        "<html>",
                                        ("a1234567890123456789012345678901234567890123456789012345"
                                         "678901234")};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        begin(&wci_source_instance);
        answer(&wci_source_instance, 200, "IMDS");
        assert_failed(answer(&wci_source_instance, 200, roles[i]), WILDCAM_ERR_INVALID,
                      "no role's name");
    }
    begin(&wci_source_instance);
    answer(&wci_source_instance, 200, "IMDS");
    assert_failed(answer(&wci_source_instance, 401, ""), WILDCAM_ERR_IO, "HTTP 401");
    ask_instance_for_keys();
    assert_failed(break_off(&wci_source_instance), WILDCAM_ERR_IO, "nobody listens");
    ask_instance_for_keys();
    assert_failed(answer(&wci_source_instance, 500, KEYS), WILDCAM_ERR_IO, "HTTP 500");
    ask_instance_for_keys();
    assert_failed(answer(&wci_source_instance, 200,
                         "{\"Code\": \"AssumeRoleUnauthorizedAccess\", \"Message\": \"not so\"}"),
                  WILDCAM_ERR_DENIED, "says AssumeRoleUnauthorizedAccess: not so");
}
END_TEST

static const struct {
    const char *text;
    wildcam_status status;
    const char *words;
} wrong_keys[] = {
    {"", WILDCAM_ERR_INVALID, "no JSON object"},
    {"[]", WILDCAM_ERR_INVALID, "no JSON object"},
    {"{\"AccessKeyId\": \"" SECRET "\"", WILDCAM_ERR_INVALID, "no JSON object"},
    {"{}", WILDCAM_ERR_INVALID, "lacks AccessKeyId"},
    {"{\"AccessKeyId\": 5}", WILDCAM_ERR_INVALID, "lacks AccessKeyId"},
    {"{\"AccessKeyId\": \"AK\"}", WILDCAM_ERR_INVALID, "lacks SecretAccessKey"},
    {"{\"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"\"}", WILDCAM_ERR_INVALID, "is empty"},
    {"{\"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"tOp+ \"}", WILDCAM_ERR_INVALID, "wrong"},
    {"{\"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"" SECRET "\", \"Expiration\": \"1\"}",
     WILDCAM_ERR_INVALID, "\"1\""},
    {"{\"code\": \"Denied\", \"message\": null}", WILDCAM_ERR_DENIED, "says Denied: no more"},
    {"{\"code\": \"a\\nb\", \"message\": \"\\u001b[31m\\r\\nc\\u007f\"}", WILDCAM_ERR_DENIED,
     "says a b:  [31m  c "},
};

START_TEST(keys_that_are_wrong)
{
    setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/task", 1);
    begin(&wci_source_container);
    assert_failed(answer(&wci_source_container, 200, wrong_keys[_i].text), wrong_keys[_i].status,
                  wrong_keys[_i].words);
}
END_TEST

START_TEST(container)
{
    assert_lacks(begin(&wci_source_container), "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost:81/get?x=1", 1);
    assert_asks(begin(&wci_source_container), "GET", "http://localhost:81/get?x=1",
                "Accept: application/json\n");
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer one", 1);
    setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/task", 1); /* goes before */
    assert_asks(begin(&wci_source_container), "GET", "http://169.254.170.2/task",
                "Accept: application/json\nAuthorization: Bearer one\n");
    save("token", "two\n");
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", scratch_path("token"), 1);
    assert_asks(begin(&wci_source_container), "GET", "http://169.254.170.2/task",
                "Accept: application/json\nAuthorization: two\n");
    assert_found(answer(&wci_source_container, 200, KEYS), "AK", "TOKEN");
    assert_good_for_an_hour();
    begin(&wci_source_container);
    assert_found(answer(&wci_source_container, 200,
                        "{\"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"" SECRET "\"}"),
                 "AK", "");
    ck_assert(search.lifetime == WILDCAM_TIME_NONE);
    begin(&wci_source_container);
    assert_failed(answer(&wci_source_container, 404, KEYS), WILDCAM_ERR_IO, "agent answers with");
}
END_TEST

START_TEST(container_tokens_that_are_wrong)
{
    setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/task", 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "tOp+\r\nHost: x", 1);
    assert_failed(begin(&wci_source_container), WILDCAM_ERR_INVALID,
                  "AWS_CONTAINER_AUTHORIZATION_TOKEN has a line end");
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", scratch_path("none"), 1);
    assert_failed(begin(&wci_source_container), WILDCAM_ERR_NOTFOUND,
                  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: ");
    save("token", "tOp+\nmore");
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", scratch_path("token"), 1);
    assert_failed(begin(&wci_source_container), WILDCAM_ERR_INVALID, "has a line end");
    setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "task", 1);
    assert_failed(begin(&wci_source_container), WILDCAM_ERR_INVALID, "is no path");
    setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/ta sk", 1);
    assert_failed(begin(&wci_source_container), WILDCAM_ERR_INVALID, "is no path");
}
END_TEST

static const struct {
    const char *url;
    bool is_asked;
} agents[] = {
    {"http://127.0.0.1/x", true},
    {"http://127.8.9.10:8080", true},
    {"http://[::1]:80/x", true},
    {"http://169.254.170.2/x", true},
    {"http://169.254.170.23/v1/credentials", true},
    {"http://[fd00:ec2::23]/v1/credentials", true},
    {"https://anywhere.example/x", true}, /* nobody on the way reads it */
    {"http://anywhere.example/x", false},
    {"http://169.254.169.254/x", false},
    {"http://127.0.0.1.example/x", false},
    {"http://127.1/x", false},
    {"http://localhost.example/x", false},
    {"http://localhost@anywhere.example/x", false},
    {"http://anywhere.example#@localhost/x", false},
    {"http://anywhere.example?@localhost", false},
    {"http://127.0.0.1:80@anywhere.example/x", false},
    {"http://[::2]/x", false},
    {"http://[::1/x", false},
    {"http://[::ffff:1.2.3.4]/x", false},
    {"http:///x", false},
    {"http://", false},
    {"ftp://localhost/x", false},
    {"http://localhost/x y", false},
    {"https://me@anywhere.example/x", false},
};

START_TEST(only_near_agents_are_asked_without_encryption)
{
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", agents[_i].url, 1);
    enum wci_finding finding = begin(&wci_source_container);
    if (agents[_i].is_asked)
        ck_assert_msg(finding == WCI_ASKING, "%s", wildcam_error_message());
    else
        assert_failed(finding, WILDCAM_ERR_INVALID, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
}
END_TEST

#define STS_KEYS                                                                                   \
    "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"      \
    "<AssumeRoleWithWebIdentityResult><Audience>x</Audience><Credentials>"                         \
    "<SessionToken>TOKEN</SessionToken><SecretAccessKey>" SECRET "</SecretAccessKey>"              \
    "<Expiration>2026-11-26T11:00:00Z</Expiration><AccessKeyId>AK</AccessKeyId>"                   \
    "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"

static void prepare_web_identity(void)
{
    save("token", "tOp+jwt=.&x\n");
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", scratch_path("token"), 1);
    setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/cam era", 1);
    setenv("AWS_ROLE_SESSION_NAME", "gate-7", 1);
}

START_TEST(web_identity)
{
    static const char body[] =
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
        "&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fcam%20era&RoleSessionName=gate-7"
        "&WebIdentityToken=tOp%2Bjwt%3D.%26x";
    assert_lacks(begin(&wci_source_web_identity), "AWS_WEB_IDENTITY_TOKEN_FILE");
    prepare_web_identity();
    assert_asks(begin(&wci_source_web_identity), "POST", "https://sts.us-west-2.amazonaws.com/",
                "Content-Type: application/x-www-form-urlencoded\n");
    ck_assert_int_eq(search.exchange.body.length, (int64_t)strlen(body));
    ck_assert_int_eq(memcmp(search.exchange.body.memory, body, strlen(body)), 0);
    assert_found(answer(&wci_source_web_identity, 200, STS_KEYS), "AK", "TOKEN");
    assert_good_for_an_hour();
    unsetenv("AWS_ROLE_SESSION_NAME");
    begin(&wci_source_web_identity);
    ck_assert_ptr_nonnull(strstr(search.exchange.body.memory, "&RoleSessionName=wildcam-1"));
    unsetenv("AWS_ROLE_ARN");
    assert_failed(begin(&wci_source_web_identity), WILDCAM_ERR_INVALID, "AWS_ROLE_ARN");
}
END_TEST

static void assert_sts(const char *url)
{
    begin(&wci_source_web_identity);
    ck_assert_str_eq(wci_text_get(&search.exchange.url), url);
}

START_TEST(token_service_is_of_the_region)
{
    prepare_web_identity();
    assert_done(wci_conf_set(conf, "s3.regions", "eu-west-1,us-east-1"));
    assert_sts("https://sts.eu-west-1.amazonaws.com/");
    setenv("AWS_DEFAULT_REGION", "cn-north-1", 1);
    assert_sts("https://sts.cn-north-1.amazonaws.com.cn/");
    setenv("AWS_REGION", "us-gov-west-1", 1);
    assert_sts("https://sts.us-gov-west-1.amazonaws.com/");
    setenv("AWS_REGION", "x.example/?", 1);
    assert_failed(begin(&wci_source_web_identity), WILDCAM_ERR_INVALID, "no region's name");
    setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:7480", 1);
    assert_sts("http://127.0.0.1:7480");
    setenv("AWS_ENDPOINT_URL_STS", "127.0.0.1", 1);
    assert_failed(begin(&wci_source_web_identity), WILDCAM_ERR_INVALID, "AWS_ENDPOINT_URL_STS");
}
END_TEST

START_TEST(web_identity_that_is_wrong)
{
    prepare_web_identity();
    begin(&wci_source_web_identity);
    assert_failed(answer(&wci_source_web_identity, 400,
                         "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredTokenException"
                         "</Code><Message>Token &amp; all</Message></Error></ErrorResponse>"),
                  WILDCAM_ERR_DENIED, "says ExpiredTokenException: Token & all");
    begin(&wci_source_web_identity);
    assert_failed(answer(&wci_source_web_identity, 503, "<html>"), WILDCAM_ERR_IO, "HTTP 503");
    begin(&wci_source_web_identity);
    assert_failed(break_off(&wci_source_web_identity), WILDCAM_ERR_IO, "nobody listens");
    begin(&wci_source_web_identity);
    assert_failed(answer(&wci_source_web_identity, 200, ""), WILDCAM_ERR_INVALID, "AccessKeyId");
    char cut[sizeof STS_KEYS];
    snprintf(cut, sizeof cut, "%s", STS_KEYS);
    *strstr(cut, "<Expiration>") = '\0';
    begin(&wci_source_web_identity);
    assert_failed(answer(&wci_source_web_identity, 200, cut), WILDCAM_ERR_INVALID, "AccessKeyId");
    save("token", " \n");
    assert_failed(begin(&wci_source_web_identity), WILDCAM_ERR_INVALID, "token is empty");
    unlink(scratch_path("token"));
    assert_failed(begin(&wci_source_web_identity), WILDCAM_ERR_NOTFOUND,
                  "AWS_WEB_IDENTITY_TOKEN_FILE: ");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("credential_source");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, settings);
    tcase_add_test(all, callback);
    tcase_add_test(all, environment);
    tcase_add_test(all, files);
    tcase_add_test(all, files_that_are_wrong);
    tcase_add_test(all, files_that_may_not_be_read);
    tcase_add_test(all, instance);
    tcase_add_test(all, instance_elsewhere);
    tcase_add_test(all, no_instance);
    tcase_add_test(all, instance_that_answers_wrongly);
    tcase_add_loop_test(all, keys_that_are_wrong, 0, sizeof wrong_keys / sizeof wrong_keys[0]);
    tcase_add_test(all, container);
    tcase_add_test(all, container_tokens_that_are_wrong);
    tcase_add_loop_test(all, only_near_agents_are_asked_without_encryption, 0,
                        sizeof agents / sizeof agents[0]);
    tcase_add_test(all, web_identity);
    tcase_add_test(all, token_service_is_of_the_region);
    tcase_add_test(all, web_identity_that_is_wrong);
    return suite;
}
