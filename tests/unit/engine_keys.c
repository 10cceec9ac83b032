/* Objects that wait for credentials, with a keyring of the test's own. */
#include "base/calendar.h"
#include "base/memory.h"
#include "engine_unit.h"
#include "upload/credentials.h"

static struct {
    bool is_asking, is_lacking;
    int asked, held, rejected;
    void (*ready)(void *user);
    void *user;
} ring;

/* These stand in the place of the library's. */
struct wci_keyring {
    int nothing;
};
static struct wci_credentials keys = {.access_key = "AKIA", .secret_key = "s", .session_token = ""};

const struct wci_credentials *wci_credentials_hold(const struct wci_credentials *credentials)
{
    ring.held++;
    return credentials;
}

void wci_credentials_let_go(const struct wci_credentials *credentials)
{
    ring.held -= credentials != NULL;
}

wildcam_status wci_keyring_open(const wildcam_conf *conf, const struct wci_log *log,
                                const struct wci_transport *transport, wci_keyring **out)
{
    (void)conf;
    (void)log;
    (void)transport;
    keys.expires = WILDCAM_TIME_NONE;
    keys.number = 1;
    *out = wci_new(sizeof **out);
    return *out ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

void wci_keyring_close(wci_keyring *keyring, bool is_forked)
{
    (void)is_forked;
    free(keyring);
}

wildcam_status wci_keyring_get(wci_keyring *keyring, void (*ready)(void *user), void *user,
                               const struct wci_credentials **out)
{
    (void)keyring;
    *out = NULL;
    ring.asked++;
    if (ring.is_lacking)
        return wci_fail(WILDCAM_ERR_DENIED, "there are no credentials");
    if (ring.is_asking) {
        ck_assert(ring.ready == NULL); /* one asks for all */
        ring.ready = ready;
        ring.user = user;
        return wci_fail(WILDCAM_ERR_BUSY, "they are being asked for");
    }
    *out = wci_credentials_hold(&keys);
    return WILDCAM_OK;
}

void wci_keyring_reject(wci_keyring *keyring, const struct wci_credentials *credentials)
{
    (void)keyring;
    ck_assert_ptr_eq(credentials, &keys);
    keys.number++;
    ring.rejected++;
    ring.is_asking = true;
}

void wci_keyring_forget(wci_keyring *keyring, void *user)
{
    (void)keyring;
    (void)user;
}

static void begin(bool is_asking)
{
    memset(&ring, 0, sizeof ring);
    ring.is_asking = is_asking;
    engine_begin(2);
}

static void end(void)
{
    engine_end();
    ck_assert_int_eq(ring.held, 0);
}

/* As the keyring does, on the leading thread. */
static void give(void)
{
    void (*ready)(void *user) = ring.ready;
    ck_assert(ready != NULL);
    ring.ready = NULL;
    ring.is_asking = false;
    ready(ring.user);
}

START_TEST(objects_wait_until_there_are_some)
{
    enum { COUNT = 20 };
    static struct parcel parcels[COUNT];
    begin(true);
    for (int i = 0; i < COUNT; i++) {
        char key[16];
        snprintf(key, sizeof key, "key%d", i);
        parcel_make(&parcels[i], key, 100);
        parcel_send(&parcels[i]);
    }
    ck_assert(!wci_engine_wait(engine, &parcels[0].is_done, fake_now() + WCI_SECOND));
    ck_assert_int_eq(fake_count(FAKE_ANY, FAKE_ANY), 0);
    ck_assert_int_eq(ring.asked, 1);
    give();
    for (int i = 0; i < COUNT; i++) {
        parcel_wait(&parcels[i]);
        parcel_arrived(&parcels[i], 0);
    }
    end();
}
END_TEST

START_TEST(those_that_have_expired_are_changed)
{
    struct parcel parcel;
    begin(false);
    fake_rule(says(0, WCI_S3_PUT, 400, "ExpiredToken"));
    parcel_make(&parcel, "key", 100);
    parcel_send(&parcel);
    ck_assert(!wci_engine_wait(engine, &parcel.is_done, fake_now() + WCI_SECOND));
    ck_assert_int_eq(ring.rejected, 1);
    give();
    parcel_wait(&parcel);
    ck_assert_int_eq(parcel.object.requests, 2);
    parcel_arrived(&parcel, 0);
    end();
}
END_TEST

START_TEST(none_come_and_nobody_is_to_blame)
{
    struct parcel parcel;
    begin(true);
    parcel_make(&parcel, "key", 100);
    parcel_send(&parcel);
    ck_assert(!wci_engine_wait(engine, &parcel.is_done, fake_now() + WCI_SECOND));
    ring.is_lacking = true;
    give();
    parcel_wait(&parcel);
    parcel_failed(&parcel, WILDCAM_ERR_DENIED, "there are no credentials");
    ck_assert(parcel.object.is_blameless);
    ck_assert(wci_engine_lacks_keys(engine));
    ck_assert_int_gt(wci_engine_opens(engine), fake_now());
    ring.is_lacking = false;
    parcel_send(&parcel);
    parcel_wait(&parcel);
    parcel_arrived(&parcel, 0);
    ck_assert(!wci_engine_lacks_keys(engine));
    ck_assert_int_le(wci_engine_opens(engine), fake_now());
    end();
}
END_TEST

START_TEST(it_does_not_wait_for_ever)
{
    struct parcel parcel;
    begin(true);
    parcel_make(&parcel, "key", 100);
    parcel.object.patience = 10 * WCI_SECOND;
    parcel_send(&parcel);
    parcel_wait(&parcel);
    parcel_failed(&parcel, WILDCAM_ERR_UPLOAD, "All regions failed");
    ck_assert(parcel.object.is_blameless);
    parcel_send(&parcel);
    ck_assert(!wci_engine_wait(engine, &parcel.is_done, fake_now() + WCI_SECOND));
    wci_engine_cancel(engine, &parcel.object);
    parcel_wait(&parcel);
    parcel_failed(&parcel, WILDCAM_ERR_CANCELLED, "cancelled");
    parcel_free(&parcel);
    give();
    end();
}
END_TEST

START_TEST(a_url_without_credentials_is_none)
{
    struct wci_text url = {0};
    begin(false);
    ring.is_lacking = true;
    assert_fails(WILDCAM_ERR_DENIED, "no credentials",
                 wci_engine_presign(engine, 0, "key", 60, &url));
    ring.is_lacking = false;
    assert_done(wci_engine_presign(engine, 0, "key", 60, &url));
    wci_text_free(&url);
    end();
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("engine_keys");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, objects_wait_until_there_are_some);
    tcase_add_test(all, those_that_have_expired_are_changed);
    tcase_add_test(all, none_come_and_nobody_is_to_blame);
    tcase_add_test(all, it_does_not_wait_for_ever);
    tcase_add_test(all, a_url_without_credentials_is_none);
    return suite;
}
