/* When credentials are looked for, who is told, and what happens when there are none. No test
 * waits: the transport is a fake with a clock that is set. */
#include <unistd.h>

#include "base/calendar.h"
#include "unit.h"
#include "upload/credentials.h"

#define SECRET "tOp+SeCrEt/0123456789"

/* ---- the fake ---- */

static struct fake {
    int64_t now;
    struct wci_exchange *exchange; /* that is under way */
    int sent, cancelled;
    wildcam_status refusal; /* what send() answers */
} fake;

static wildcam_status fake_send(wci_carrier *self, struct wci_exchange *exchange)
{
    (void)self;
    ck_assert_ptr_null(fake.exchange);
    if (fake.refusal)
        return wci_fail(fake.refusal, "the fake does not send");
    ck_assert_int_eq(exchange->deadline,
                     fake.now + 2 * WCI_SECOND -
                         (strstr(exchange->url.data, "latest") ? WCI_SECOND : 0));
    fake.sent++;
    fake.exchange = exchange;
    return WILDCAM_OK;
}

static void end_exchange(enum wci_link_failure failure)
{
    struct wci_exchange *exchange = fake.exchange;
    ck_assert_ptr_nonnull(exchange);
    fake.exchange = NULL;
    exchange->failure = failure;
    snprintf(exchange->reason, WCI_LINK_REASON, "%s", failure ? "nobody listens" : "");
    exchange->done(exchange->user, exchange);
}

static void fake_cancel(wci_carrier *self, struct wci_exchange *exchange)
{
    (void)self;
    ck_assert_ptr_eq(exchange, fake.exchange);
    fake.cancelled++;
    end_exchange(WCI_LINK_CANCELLED);
}

static int64_t fake_clock(wci_carrier *self)
{
    (void)self;
    return fake.now;
}

static const struct wci_transport_ops fake_ops = {
    .name = "fake", .send = fake_send, .cancel = fake_cancel, .clock = fake_clock};

/* A container's agent answers with a key that is good for so many seconds; 0 is for ever. */
static void answer(const char *key, int seconds)
{
    char expiration[80] = "", text[512];
    if (seconds)
        snprintf(expiration, sizeof expiration, ", \"Expiration\": \"2026-11-26T%02d:%02d:%02dZ\"",
                 10 + seconds / 3600, seconds / 60 % 60, seconds % 60);
    int length = snprintf(text, sizeof text,
                          "{\"AccessKeyId\": \"%s\", \"SecretAccessKey\": \"" SECRET
                          "\", \"Token\": \"T\"%s}",
                          key, expiration);
    fake.exchange->status = 200;
    assert_done(wci_text_set(&fake.exchange->head, "date: Thu, 26 Nov 2026 10:00:00 GMT\n", 36));
    assert_done(wci_text_set(&fake.exchange->answer, text, (size_t)length));
    end_exchange(WCI_LINK_OK);
}

/* ---- the keyring ---- */

static wildcam_conf *conf;
static struct wci_log log_to_test;
static wci_keyring *ring;
static int told[4];

static struct {
    int warnings, lines;
    char last[512];
} heard;

static void hear(void *user, int level, const char *module, const char *text)
{
    (void)user;
    ck_assert_str_eq(module, "upload");
    ck_assert_ptr_null(strstr(text, "tOp+"));
    heard.lines++;
    if (level <= WILDCAM_LOG_WARNING) {
        heard.warnings++;
        snprintf(heard.last, sizeof heard.last, "%s", text);
    }
}

static void set_up(void)
{
    memset(&fake, 0, sizeof fake);
    memset(&heard, 0, sizeof heard);
    memset(told, 0, sizeof told);
    fake.now = 1000 * WCI_SECOND;
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    unsetenv("AWS_EC2_METADATA_DISABLED");
    unsetenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/task", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", scratch_path("keys"), 1);
    setenv("AWS_CONFIG_FILE", scratch_path("config"), 1);
    assert_done(wci_conf_new(&conf));
    log_to_test = (struct wci_log){.level = WILDCAM_LOG_DEBUG, .fn = hear};
}

static void open_ring(void)
{
    struct wci_transport transport = {.ops = &fake_ops};
    assert_done(wci_keyring_open(conf, &log_to_test, &transport, &ring));
}

static void open_ring_of(const char *sources)
{
    assert_done(wci_conf_set(conf, "s3.credentials", sources));
    open_ring();
}

static void tear_down(void)
{
    wci_keyring_close(ring, false);
    ring = NULL;
    ck_assert_ptr_null(fake.exchange);
    wci_conf_free(conf);
}

static void tell(void *user)
{
    ++*(int *)user;
}

static const struct wci_credentials *get(void)
{
    const struct wci_credentials *credentials;
    assert_done(wci_keyring_get(ring, tell, &told[0], &credentials));
    ck_assert_str_eq(credentials->secret_key, SECRET);
    return credentials;
}

static void assert_key(const char *wanted)
{
    const struct wci_credentials *credentials = get();
    ck_assert_str_eq(credentials->access_key, wanted);
    wci_credentials_let_go(credentials);
}

static void assert_none(wildcam_status status, const char *words)
{
    const struct wci_credentials *credentials;
    wci_error_clear();
    assert_fails(status, words, wci_keyring_get(ring, tell, &told[0], &credentials));
    ck_assert_ptr_null(strstr(wildcam_error_message(), "tOp+"));
    ck_assert_ptr_null(credentials);
}

static void assert_waits(int who)
{
    const struct wci_credentials *credentials;
    wci_error_clear();
    assert_status(WILDCAM_ERR_BUSY, wci_keyring_get(ring, tell, &told[who], &credentials));
    ck_assert_ptr_null(credentials);
}

static void wait_seconds(int64_t seconds)
{
    fake.now += seconds * WCI_SECOND;
}

static void reject(void)
{
    const struct wci_credentials *credentials = get();
    wci_keyring_reject(ring, credentials);
    wci_credentials_let_go(credentials);
}

static void save_keys(const char *key)
{
    char text[256];
    int length = snprintf(text, sizeof text,
                          "[default]\naws_access_key_id = %s\naws_secret_access_key = " SECRET "\n",
                          key);
    save_file(scratch_path("keys"), text, (size_t)length);
}

/* ---- which ones ---- */

START_TEST(those_of_the_settings_go_before_all)
{
    setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
    assert_done(wci_conf_set(conf, "s3.access_key", "SET"));
    assert_done(wci_conf_set(conf, "s3.secret_key", SECRET));
    open_ring();
    const struct wci_credentials *credentials = get();
    ck_assert_str_eq(credentials->access_key, "SET");
    ck_assert_str_eq(credentials->session_token, "");
    ck_assert(credentials->expires == WILDCAM_TIME_NONE);
    wci_credentials_let_go(credentials);
    wait_seconds(1000000000);
    assert_key("SET");
    ck_assert_int_eq(fake.sent, 0);
}
END_TEST

static int asked;

static int call_back(void *user, wildcam_credentials *into)
{
    asked++;
    return wildcam_credentials_set(into, user, SECRET, NULL,
                                   wci_calendar_now() + 3600 * WCI_SECOND);
}

START_TEST(callback_is_asked_again_before_they_expire)
{
    char key[] = "ONE";
    setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
    assert_done(wildcam_conf_set_credentials(conf, call_back, key));
    asked = 0;
    open_ring();
    ck_assert_int_eq(asked, 0);
    assert_key("ONE");
    wait_seconds(3600 - 300 - 60 - 2);
    assert_key("ONE");
    ck_assert_int_eq(asked, 1);
    wait_seconds(62);
    memcpy(key, "TWO", 3);
    assert_key("TWO");
    ck_assert_int_eq(asked, 2);
}
END_TEST

START_TEST(places_are_looked_at_in_their_order)
{
    open_ring_of("environment,file,container");
    assert_waits(0);
    answer("CON", 3600);
    assert_key("CON");
    wci_keyring_close(ring, false);
    save_keys("FILE");
    open_ring_of("environment,file,container");
    assert_key("FILE");
    wci_keyring_close(ring, false);
    setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", SECRET, 1);
    open_ring_of("environment,file,container");
    assert_key("ENV");
    wci_keyring_close(ring, false);
    open_ring_of("file,environment");
    assert_key("FILE");
}
END_TEST

START_TEST(says_what_each_place_lacks)
{
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    open_ring_of("environment,file,instance");
    assert_none(WILDCAM_ERR_DENIED,
                "there are no credentials for S3: s3.access_key is not set; the "
                "environment has no AWS_ACCESS_KEY_ID; there is no file ");
    ck_assert_ptr_nonnull(strstr(wildcam_error_message(), "config; AWS_EC2_METADATA_DISABLED is "
                                                          "true; they are looked for again in "));
    ck_assert_int_eq(heard.warnings, 1);
    ck_assert_ptr_nonnull(strstr(heard.last, "AWS_ACCESS_KEY_ID"));
    wci_keyring_close(ring, false);
    open_ring_of("");
    assert_none(WILDCAM_ERR_DENIED, "s3.credentials names no place");
}
END_TEST

/* One that is half there is a mistake, not a reason to become somebody else. */
START_TEST(a_mistake_ends_the_search)
{
    setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
    save_keys("FILE");
    open_ring_of("environment,file");
    assert_none(WILDCAM_ERR_INVALID, "no AWS_SECRET_ACCESS_KEY; they are looked for again in ");
}
END_TEST

/* ---- one search for all ---- */

START_TEST(one_search_for_all_who_wait)
{
    open_ring_of("container");
    for (int i = 0; i < 4; i++)
        assert_waits(i);
    ck_assert_int_eq(fake.sent, 1);
    wci_keyring_forget(ring, &told[2]);
    answer("CON", 3600);
    ck_assert(told[0] == 1 && told[1] == 1 && told[2] == 0 && told[3] == 1);
    assert_key("CON");
    ck_assert_int_eq(fake.sent, 1);
    ck_assert_int_eq(told[0], 1);
}
END_TEST

static void forget_next(void *user)
{
    wci_keyring_forget(ring, (int *)user + 1);
    tell(user);
}

static void ask_again(void *user)
{
    const struct wci_credentials *credentials;
    tell(user);
    wci_error_clear();
    wildcam_status status = wci_keyring_get(ring, ask_again, user, &credentials);
    ck_assert(status != WILDCAM_ERR_BUSY || *(int *)user == 1);
    wci_credentials_let_go(credentials);
}

START_TEST(who_is_told_may_ask_and_forget)
{
    const struct wci_credentials *none;
    open_ring_of("container");
    assert_status(WILDCAM_ERR_BUSY, wci_keyring_get(ring, forget_next, &told[0], &none));
    assert_waits(1);
    wci_error_clear();
    assert_status(WILDCAM_ERR_BUSY, wci_keyring_get(ring, ask_again, &told[2], &none));
    wci_error_clear();
    assert_waits(3);
    end_exchange(WCI_LINK_CONNECT);
    ck_assert(told[0] == 1 && told[1] == 0 && told[2] == 1 && told[3] == 1);
}
END_TEST

START_TEST(closing_takes_back_what_is_asked)
{
    open_ring_of("container");
    assert_waits(0);
    wci_keyring_close(ring, false);
    ring = NULL;
    ck_assert_int_eq(fake.cancelled, 1);
    ck_assert_int_eq(told[0], 0);
}
END_TEST

START_TEST(a_forked_child_touches_no_exchange)
{
    open_ring_of("container");
    assert_waits(0);
    wci_keyring_close(ring, true);
    ring = NULL;
    ck_assert_int_eq(fake.cancelled, 0);
    fake.exchange = NULL;
}
END_TEST

/* ---- refreshing ---- */

START_TEST(refreshed_before_they_expire_while_the_old_ones_serve)
{
    open_ring_of("container");
    assert_waits(0);
    answer("ONE", 3600);
    const struct wci_credentials *first = get();
    wait_seconds(3600 - 300 - 60 - 1);
    assert_key("ONE");
    ck_assert_int_eq(fake.sent, 1);
    wait_seconds(61);
    assert_key("ONE"); /* begins to ask */
    assert_key("ONE");
    ck_assert_int_eq(fake.sent, 2);
    answer("TWO", 7200);
    const struct wci_credentials *second = get();
    ck_assert_str_eq(second->access_key, "TWO");
    ck_assert_int_gt(second->number, first->number);
    ck_assert_str_eq(first->access_key, "ONE"); /* as long as it is held */
    ck_assert_str_eq(first->secret_key, SECRET);
    ck_assert_str_eq(first->session_token, "T");
    wci_credentials_let_go(first);
    wci_credentials_let_go(wci_credentials_hold(second));
    wci_credentials_let_go(second);
    wci_credentials_let_go(NULL);
    ck_assert_ptr_null(wci_credentials_hold(NULL));
}
END_TEST

/* The moment is a matter of chance, so that a thousand cameras do not ask at once. */
START_TEST(moments_are_spread)
{
    int asked_early = 0;
    for (int i = 0; i < 64; i++) {
        open_ring_of("container");
        assert_waits(0);
        answer("ONE", 3600);
        wait_seconds(3600 - 330);
        assert_key("ONE");
        asked_early += fake.exchange != NULL;
        wci_keyring_close(ring, false);
        ring = NULL;
    }
    ck_assert_int_gt(asked_early, 8);
    ck_assert_int_lt(asked_early, 56);
}
END_TEST

START_TEST(the_old_ones_serve_while_a_refresh_fails)
{
    open_ring_of("container");
    assert_waits(0);
    answer("ONE", 3600);
    wait_seconds(3600 - 300);
    assert_key("ONE");
    end_exchange(WCI_LINK_CONNECT);
    ck_assert_int_eq(heard.warnings, 1);
    ck_assert_ptr_nonnull(strstr(heard.last, "at hand are still good"));
    ck_assert_int_eq(fake.sent, 2);
    assert_key("ONE"); /* not at once again */
    ck_assert_int_eq(fake.sent, 2);
    wait_seconds(5);
    assert_key("ONE");
    ck_assert_int_eq(fake.sent, 3);
    end_exchange(WCI_LINK_CONNECT);
    ck_assert_int_eq(heard.warnings, 1); /* it was said */
    wait_seconds(289);
    assert_key("ONE");
    end_exchange(WCI_LINK_CONNECT);
    wait_seconds(5); /* a request under way must not come too late */
    assert_none(WILDCAM_ERR_IO, "the container's agent cannot be asked: nobody listens");
    wait_seconds(300);
    assert_waits(0);
    answer("TWO", 3600);
    assert_key("TWO");
}
END_TEST

/* Nobody becomes somebody else because the place that knows him is out of order for a while. */
START_TEST(another_place_is_not_taken_while_they_are_good)
{
    save_keys("FILE");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1", 1);
    open_ring_of("instance,file");
    assert_waits(0);
    end_exchange(WCI_LINK_CONNECT); /* no instance: the file has some */
    assert_key("FILE");
    wci_keyring_close(ring, false);
    open_ring_of("environment,container,file");
    assert_waits(0);
    answer("CON", 3600);
    wait_seconds(3600 - 300);
    assert_key("CON");
    end_exchange(WCI_LINK_CONNECT);
    assert_key("CON");
    unsetenv("AWS_EC2_METADATA_SERVICE_ENDPOINT");
}
END_TEST

static void answer_text(int status, const char *text)
{
    fake.exchange->status = status;
    assert_done(wci_text_set(&fake.exchange->answer, text, strlen(text)));
    end_exchange(WCI_LINK_OK);
}

/* The same where the place says that it is not there at all, which else lets the next one speak. */
START_TEST(a_place_that_goes_away_is_not_another)
{
    save_keys("FILE");
    open_ring_of("instance,file");
    assert_waits(0);
    answer_text(200, "IMDS");
    answer_text(200, "role");
    answer("INST", 3600);
    assert_key("INST");
    wait_seconds(3600 - 300);
    assert_key("INST");
    end_exchange(WCI_LINK_CONNECT);
    assert_key("INST");
    ck_assert_ptr_nonnull(strstr(heard.last, "at hand are still good"));
    wait_seconds(300); /* they are no more: who else is there may speak */
    assert_waits(0);
    end_exchange(WCI_LINK_CONNECT);
    assert_key("FILE");
}
END_TEST

START_TEST(short_lives_are_refreshed_at_their_half)
{
    open_ring_of("container");
    assert_waits(0);
    answer("ONE", 60);
    wait_seconds(29);
    assert_key("ONE");
    ck_assert_int_eq(fake.sent, 1);
    wait_seconds(1);
    assert_key("ONE");
    ck_assert_int_eq(fake.sent, 2);
    wait_seconds(24);
    assert_key("ONE");
    wait_seconds(1);
    assert_waits(0);
    answer("TWO", 3600);
    assert_key("TWO");
}
END_TEST

/* By its own clock a server gave what had expired: the one that decides is S3. */
START_TEST(expired_ones_are_tried)
{
    open_ring_of("container");
    assert_waits(0);
    answer("ONE", 5);
    ck_assert_int_eq(heard.warnings, 1);
    ck_assert_ptr_nonnull(strstr(heard.last, "had expired when they came"));
    assert_key("ONE");
    wait_seconds(140);
    assert_key("ONE");
    ck_assert_int_eq(fake.sent, 1);
    wait_seconds(20);
    assert_key("ONE");
    ck_assert_int_eq(fake.sent, 2);
    end_exchange(WCI_LINK_CONNECT);
    wait_seconds(200);
    assert_waits(0);
    end_exchange(WCI_LINK_CONNECT);
}
END_TEST

/* ---- failures ---- */

START_TEST(failures_are_repeated_ever_later)
{
    int64_t waits[12];
    open_ring_of("container");
    for (int i = 0; i < 12; i++) {
        assert_waits(0);
        end_exchange(WCI_LINK_CONNECT);
        assert_none(WILDCAM_ERR_IO, "looked for again in ");
        int64_t began = fake.now;
        while (fake.exchange == NULL) {
            const struct wci_credentials *none;
            fake.now += WCI_SECOND / 10;
            wci_error_clear();
            ck_assert(wci_keyring_get(ring, tell, &told[1], &none) != WILDCAM_OK);
        }
        waits[i] = fake.now - began;
        wci_keyring_forget(ring, &told[1]);
        end_exchange(WCI_LINK_CONNECT); /* the next one has begun: end it, and count on */
        wait_seconds(301);
        if (i == 0)
            ck_assert(waits[0] >= 2 * WCI_SECOND && waits[0] <= 5 * WCI_SECOND + WCI_SECOND);
    }
    ck_assert(waits[11] >= 150 * WCI_SECOND && waits[11] <= 301 * WCI_SECOND);
    ck_assert_int_eq(heard.warnings, 1);
    assert_waits(0);
    answer("CON", 3600);
    assert_key("CON");
    ck_assert_int_eq(heard.warnings, 1);
}
END_TEST

START_TEST(what_cannot_be_sent_is_a_failure)
{
    fake.refusal = WILDCAM_ERR_NOMEM;
    open_ring_of("container");
    assert_none(WILDCAM_ERR_NOMEM, "the fake does not send");
    wci_keyring_close(ring, false);
    fake.refusal = WILDCAM_ERR_BUSY; /* means another thing to who asks */
    open_ring_of("container");
    assert_none(WILDCAM_ERR_IO, "the fake does not send");
}
END_TEST

/* ---- files that change ---- */

START_TEST(files_are_read_again_when_they_change)
{
    save_keys("ONE");
    open_ring_of("file");
    assert_key("ONE");
    save_keys("TWO-AND-LONGER");
    wait_seconds(1);
    assert_key("TWO-AND-LONGER");
    save_file(scratch_path("keys"), "[default]\naws_access_key_id = X\n", 32);
    wait_seconds(1);
    assert_key("TWO-AND-LONGER"); /* half written, it may be */
    ck_assert_int_eq(heard.warnings, 1);
    save_keys("THREE");
    wait_seconds(1);
    assert_key("THREE");
    unlink(scratch_path("keys"));
    wait_seconds(1);
    assert_key("THREE");
}
END_TEST

START_TEST(a_file_that_appears_is_seen_at_once)
{
    open_ring_of("environment,file");
    assert_none(WILDCAM_ERR_DENIED, "there is no file");
    wait_seconds(1);
    assert_none(WILDCAM_ERR_DENIED, "there is no file");
    save_keys("ONE");
    wait_seconds(1);
    assert_key("ONE");
}
END_TEST

/* A file that was never looked at is no reason to ask a place that does not answer every second. */
START_TEST(files_that_were_not_reached_change_nothing)
{
    save_keys("ONE");
    open_ring_of("container,file");
    for (int i = 0; i < 6; i++) {
        assert_waits(0);
        end_exchange(WCI_LINK_CONNECT);
        wait_seconds(301);
    }
    assert_waits(0);
    end_exchange(WCI_LINK_CONNECT);
    wait_seconds(2);
    assert_none(WILDCAM_ERR_IO, "nobody listens");
}
END_TEST

/* One that was looked at before, and changed, is not reached: nor is that a reason. */
START_TEST(files_that_are_not_reached_any_more_change_nothing)
{
    open_ring_of("instance,file");
    assert_waits(0);
    end_exchange(WCI_LINK_CONNECT);
    assert_none(WILDCAM_ERR_DENIED, "there is no file");
    save_keys("ONE");
    wait_seconds(2);
    assert_waits(0); /* for the file's sake */
    answer_text(200, "IMDS");
    answer_text(401, "");
    assert_none(WILDCAM_ERR_IO, "HTTP 401");
    int sent = fake.sent;
    wait_seconds(2);
    assert_none(WILDCAM_ERR_IO, "HTTP 401");
    ck_assert_int_eq(fake.sent, sent);
}
END_TEST

/* ---- what a server says ---- */

START_TEST(rejected_ones_are_replaced_once)
{
    open_ring_of("container");
    assert_waits(0);
    answer("ONE", 3600);
    const struct wci_credentials *one = get();
    wci_keyring_reject(ring, one);
    wci_keyring_reject(ring, one);
    assert_waits(0);
    assert_waits(1);
    ck_assert_int_eq(fake.sent, 2);
    answer("TWO", 3600);
    wci_keyring_reject(ring, one); /* comes late: others are in use */
    assert_key("TWO");
    ck_assert_int_eq(fake.sent, 2);
    wci_credentials_let_go(one);
}
END_TEST

START_TEST(rejected_ones_without_others_rest)
{
    save_keys("ONE");
    open_ring_of("file");
    reject();
    assert_none(WILDCAM_ERR_DENIED, "the server says that the credentials from the shared "
                                    "credentials file have expired, and there are no others");
    wait_seconds(9);
    assert_none(WILDCAM_ERR_DENIED, "have expired");
    for (int i = 0; i < 8; i++) { /* looked for again every few seconds */
        const struct wci_credentials *credentials;
        wait_seconds(5);
        wci_error_clear();
        wci_keyring_get(ring, tell, &told[0], &credentials);
        wci_credentials_let_go(credentials);
    }
    assert_key("ONE"); /* a server may have been wrong */
    reject();
    wait_seconds(9);
    assert_none(WILDCAM_ERR_DENIED, "have expired");
    save_keys("TWO-AND-LONGER");
    wait_seconds(1);
    assert_key("TWO-AND-LONGER");
}
END_TEST

START_TEST(rejected_ones_are_not_used_when_there_is_no_answer)
{
    open_ring_of("container");
    assert_waits(0);
    answer("ONE", 3600);
    reject();
    assert_waits(0);
    end_exchange(WCI_LINK_CONNECT);
    assert_none(WILDCAM_ERR_IO, "nobody listens");
    wait_seconds(5);
    assert_waits(0);
    answer("TWO", 3600);
    assert_key("TWO");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("keyring");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, those_of_the_settings_go_before_all);
    tcase_add_test(all, callback_is_asked_again_before_they_expire);
    tcase_add_test(all, places_are_looked_at_in_their_order);
    tcase_add_test(all, says_what_each_place_lacks);
    tcase_add_test(all, a_mistake_ends_the_search);
    tcase_add_test(all, one_search_for_all_who_wait);
    tcase_add_test(all, who_is_told_may_ask_and_forget);
    tcase_add_test(all, closing_takes_back_what_is_asked);
    tcase_add_test(all, a_forked_child_touches_no_exchange);
    tcase_add_test(all, refreshed_before_they_expire_while_the_old_ones_serve);
    tcase_add_test(all, moments_are_spread);
    tcase_add_test(all, the_old_ones_serve_while_a_refresh_fails);
    tcase_add_test(all, another_place_is_not_taken_while_they_are_good);
    tcase_add_test(all, a_place_that_goes_away_is_not_another);
    tcase_add_test(all, short_lives_are_refreshed_at_their_half);
    tcase_add_test(all, expired_ones_are_tried);
    tcase_add_test(all, failures_are_repeated_ever_later);
    tcase_add_test(all, what_cannot_be_sent_is_a_failure);
    tcase_add_test(all, files_are_read_again_when_they_change);
    tcase_add_test(all, a_file_that_appears_is_seen_at_once);
    tcase_add_test(all, files_that_were_not_reached_change_nothing);
    tcase_add_test(all, files_that_are_not_reached_any_more_change_nothing);
    tcase_add_test(all, rejected_ones_are_replaced_once);
    tcase_add_test(all, rejected_ones_without_others_rest);
    tcase_add_test(all, rejected_ones_are_not_used_when_there_is_no_answer);
    return suite;
}
