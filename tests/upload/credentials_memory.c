/* Memory that runs out while credentials are looked for, at every allocation in turn: it is said,
 * nothing is lost or kept, and when there is memory again there are credentials. */
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "fault/inject.h"
#include "support/harness.h"
#include "upload/credentials.h"

static const struct fault no_memory = {
    .name = "no memory", .calls = INJECT_MEMORY, .status = WILDCAM_ERR_NOMEM};

/* ---- a transport that has the answers ready ---- */

static int64_t now;
static struct wci_exchange *under_way;

static wildcam_status fake_send(wci_carrier *self, struct wci_exchange *exchange)
{
    (void)self;
    under_way = exchange;
    return WILDCAM_OK;
}

static void fake_cancel(wci_carrier *self, struct wci_exchange *exchange)
{
    (void)self;
    under_way = NULL;
    exchange->failure = WCI_LINK_CANCELLED;
    exchange->done(exchange->user, exchange);
}

static int64_t fake_clock(wci_carrier *self)
{
    (void)self;
    return now;
}

static const struct wci_transport_ops fake_ops = {
    .name = "fake", .send = fake_send, .cancel = fake_cancel, .clock = fake_clock};

#define JSON                                                                                       \
    "{\"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"SK\", \"Token\": \"T\", "                    \
    "\"Expiration\": \"2100-01-01T00:00:00Z\"}"
#define XML                                                                                        \
    "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"            \
    "<AccessKeyId>AK</AccessKeyId><SecretAccessKey>SK</SecretAccessKey><SessionToken>T"            \
    "</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>"                   \
    "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"

static const char *answer_to(const char *url)
{
    static const char *const answers[][2] = {{"api/token", "IMDS"},
                                             {"credentials/camera", JSON},
                                             {"security-credentials/", "camera"},
                                             {"/task", JSON},
                                             {"sts", XML}};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        if (strstr(url, answers[i][0]))
            return answers[i][1];
    ck_abort_msg("nobody is at %s", url);
    return NULL;
}

/* The transport's own memory is not what this is about. */
static void end_exchanges(long n)
{
    while (under_way) {
        struct wci_exchange *exchange = under_way;
        const char *text = answer_to(exchange->url.data);
        bool has_struck = inject_disarm();
        under_way = NULL;
        exchange->status = 200;
        wci_text_add(&exchange->answer, text);
        if (!has_struck && n)
            inject_arm(&no_memory, n);
        exchange->done(exchange->user, exchange);
    }
}

/* ---- the walk ---- */

static const char *const sources[] = {"environment", "file", "web_identity", "container",
                                      "instance"};
static int told;

static void tell(void *user)
{
    (void)user;
    told++;
}

static wildcam_status get(wci_keyring *ring, const struct wci_credentials **out, long n)
{
    wildcam_status status = wci_keyring_get(ring, tell, &told, out);
    if (status != WILDCAM_ERR_BUSY)
        return status;
    int before = told;
    end_exchanges(n);
    if (told != before + 1) /* an assertion would want memory */
        return WILDCAM_ERR_INTERNAL;
    return wci_keyring_get(ring, tell, &told, out);
}

/* Makes the n-th allocation fail; false when there are not so many. */
static bool walk(const wildcam_conf *conf, const struct wci_log *log, long n)
{
    struct wci_transport transport = {.ops = &fake_ops};
    const struct wci_credentials *credentials = NULL;
    wci_keyring *ring;
    inject_arm(&no_memory, n);
    wildcam_status status = wci_keyring_open(conf, log, &transport, &ring);
    if (status == WILDCAM_OK)
        status = get(ring, &credentials, n);
    bool has_struck = inject_disarm();
    /* BUSY: a source on the network is asked again at once. */
    ck_assert_msg(status == (has_struck ? WILDCAM_ERR_NOMEM : WILDCAM_OK) ||
                      (has_struck && status == WILDCAM_ERR_BUSY) ||
                      (status == WILDCAM_OK && credentials),
                  "%ld: %s: %s", n, wildcam_status_name(status), wildcam_error_message());
    if (ring && status) {
        now += 1000 * WCI_SECOND;
        wci_keyring_forget(ring, &told);
        ck_assert_int_eq(get(ring, &credentials, 0), WILDCAM_OK);
    }
    if (ring)
        ck_assert_str_eq(credentials->access_key, "AK");
    wci_credentials_let_go(credentials);
    wci_keyring_close(ring, false);
    return has_struck;
}

static void set_environment(void)
{
    static const char keys[] = "[default]\naws_access_key_id = AK\naws_secret_access_key = SK\n";
    save_file(scratch_path("keys"), keys, strlen(keys));
    save_file(scratch_path("token"), "token\n", 6);
    setenv("AWS_ACCESS_KEY_ID", "AK", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "SK", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", scratch_path("keys"), 1);
    setenv("AWS_CONFIG_FILE", scratch_path("none"), 1);
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", scratch_path("token"), 1);
    setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/camera", 1);
    setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/task", 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", scratch_path("token"), 1);
}

static void no_log(void *user, int level, const char *module, const char *text)
{
    (void)user;
    (void)level;
    (void)module;
    (void)text;
}

START_TEST(memory_runs_out)
{
    wildcam_conf *conf;
    long n = 1, before;
    struct wci_log log = {.level = WILDCAM_LOG_DEBUG, .fn = no_log};
    set_environment();
    ck_assert_int_eq(wci_conf_new(&conf), WILDCAM_OK);
    ck_assert_int_eq(wci_conf_set(conf, "s3.credentials", sources[_i]), WILDCAM_OK);
    walk(conf, &log, 0); /* what is made once is there */
    before = inject_blocks();
    while (walk(conf, &log, n))
        n++;
    ck_assert_int_gt(n, 5);
    ck_assert_int_eq(inject_blocks(), before);
    wci_conf_free(conf);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("credentials_memory");
    TCase *all = harness_case(suite, "all");
    if (!inject_has_memory())
        printf("allocations do not fail here: a sanitizer owns the allocator\n");
    else
        tcase_add_loop_test(all, memory_runs_out, 0, sizeof sources / sizeof sources[0]);
    return suite;
}
