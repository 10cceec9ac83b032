/* Who may do what. */
#include "conformance/subject.h"

static struct subject subject;

static void set_up(void)
{
    subject_open(&subject, subject_conf("station"));
}

static void tear_down(void)
{
    assert_whole(&subject);
    subject_close(&subject);
}

static wildcam_status change(struct wci_access_change wish)
{
    return subject.ops->change_access(subject.backend, &wish);
}

/* A hash that follows from a number. */
static const unsigned char *hash_of(unsigned number)
{
    static unsigned char hashes[8][WCI_DIGEST_BYTES];
    static int next;
    unsigned char *hash = hashes[next++ % 8];
    for (unsigned i = 0; i < WCI_DIGEST_BYTES; i++)
        hash[i] = (unsigned char)(number * 7 + i);
    return hash;
}

static wildcam_status add_key(const char *id, int role, const char *device_id, const char *note,
                              int64_t created_at)
{
    wildcam_access key;
    wci_access_init(&key);
    assert_op(wci_access_set_key(&key, role, device_id, note));
    snprintf(key.id, sizeof key.id, "%s", id);
    key.created_at = created_at;
    return change((struct wci_access_change){
        .step = WCI_ACCESS_ADD_KEY, .access = &key, .hash = hash_of((unsigned)created_at)});
}

static struct wci_password password_of(unsigned number)
{
    struct wci_password password = {.cost = {number, 8, 3}};
    memcpy(password.hash, hash_of(number), sizeof password.hash);
    memcpy(password.salt, hash_of(number + 100), sizeof password.salt);
    return password;
}

static wildcam_status add_user(const char *name, int role, unsigned number)
{
    wildcam_access user;
    struct wci_password password = password_of(number);
    wci_access_init(&user);
    assert_op(wci_access_set_user(&user, name, role));
    user.created_at = number;
    return change((struct wci_access_change){
        .step = WCI_ACCESS_ADD_USER, .access = &user, .password = &password});
}

static struct wci_session session_of(const char *user, unsigned number)
{
    struct wci_session session = {
        .created_at = number, .access_until = number + 1000, .refresh_until = number + 2000};
    snprintf(session.id, sizeof session.id, "%032x", number);
    snprintf(session.user, sizeof session.user, "%s", user);
    memcpy(session.access_hash, hash_of(number + 1), WCI_DIGEST_BYTES);
    memcpy(session.refresh_hash, hash_of(number + 2), WCI_DIGEST_BYTES);
    return session;
}

static wildcam_status add_session(const char *user, unsigned password, unsigned number)
{
    struct wci_session session = session_of(user, number);
    struct wci_password kept = password_of(password);
    return change((struct wci_access_change){
        .step = WCI_ACCESS_ADD_SESSION, .session = &session, .password = &kept});
}

static bool has_session(unsigned number)
{
    struct wci_session session;
    wildcam_access user;
    char id[WCI_CREDENTIAL_ID];
    snprintf(id, sizeof id, "%032x", number);
    wci_error_clear();
    wildcam_status status = subject.ops->find_session(subject.backend, id, &session, &user);
    ck_assert(status == WILDCAM_OK || status == WILDCAM_ERR_NOTFOUND);
    return status == WILDCAM_OK;
}

static bool has_access(void)
{
    bool has = false;
    assert_op(subject.ops->has_access(subject.backend, &has));
    return has;
}

static wildcam_status list(void *user, const wildcam_access *access)
{
    struct wci_text *names = user;
    wci_text_add_format(names, "%s:%d:%lld ", access->id, access->role,
                        (long long)access->created_at);
    return strcmp(access->id, "stop") == 0 ? wci_fail(WILDCAM_ERR_CANCELLED, "enough") : WILDCAM_OK;
}

static void assert_list(int kind, const char *wanted)
{
    struct wci_text names = {0};
    assert_op(subject.ops->list_access(subject.backend, kind, list, &names));
    ck_assert_str_eq(wci_text_get(&names), wanted);
    wci_text_free(&names);
}

START_TEST(key_comes_back)
{
    wildcam_access key;
    unsigned char hash[WCI_DIGEST_BYTES];
    ck_assert(!has_access());
    assert_op(add_key("00000001", WILDCAM_ROLE_CAMERA, "CAM-1", "by the pond", 7));
    assert_op(add_key("00000002", WILDCAM_ROLE_ADMIN, NULL, NULL, 8));
    ck_assert(has_access());
    assert_op(subject.ops->find_key(subject.backend, "00000001", &key, hash));
    ck_assert_int_eq(key.kind, WILDCAM_ACCESS_KEY);
    ck_assert_int_eq(key.role, WILDCAM_ROLE_CAMERA);
    ck_assert_str_eq(key.id, "00000001");
    ck_assert_str_eq(key.device_id, "CAM-1");
    ck_assert_str_eq(key.note, "by the pond");
    ck_assert_int_eq(key.created_at, 7);
    ck_assert_int_eq(key.expires_at, WILDCAM_TIME_NONE);
    ck_assert_mem_eq(hash, hash_of(7), sizeof hash);
    assert_op(subject.ops->find_key(subject.backend, "00000002", &key, hash));
    ck_assert_str_eq(key.device_id, "");
    ck_assert_str_eq(key.note, "");
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "00000003",
                    subject.ops->find_key(subject.backend, "00000003", &key, hash));
}
END_TEST

START_TEST(id_is_one_keys)
{
    wildcam_access key;
    unsigned char hash[WCI_DIGEST_BYTES];
    assert_op(add_key("00000001", WILDCAM_ROLE_ADMIN, NULL, NULL, 7));
    assert_op_fails(WILDCAM_ERR_EXISTS, "00000001",
                    add_key("00000001", WILDCAM_ROLE_FLEET, NULL, NULL, 8));
    assert_op(subject.ops->find_key(subject.backend, "00000001", &key, hash));
    ck_assert_int_eq(key.role, WILDCAM_ROLE_ADMIN);
    ck_assert_mem_eq(hash, hash_of(7), sizeof hash);
}
END_TEST

START_TEST(revoked_is_gone_and_the_door_stays_shut)
{
    wildcam_access key;
    unsigned char hash[WCI_DIGEST_BYTES];
    struct wci_access_change revoke = {.step = WCI_ACCESS_REVOKE_KEY, .id = "00000001"};
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "00000001", change(revoke));
    ck_assert(!has_access()); /* nobody was made known by that */
    assert_op(add_key("00000001", WILDCAM_ROLE_ADMIN, NULL, NULL, 7));
    assert_op(change(revoke));
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "00000001",
                    subject.ops->find_key(subject.backend, "00000001", &key, hash));
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "00000001", change(revoke));
    ck_assert(has_access());
    subject_reopen(&subject);
    ck_assert(has_access());
    assert_list(WILDCAM_ACCESS_KEY, "");
}
END_TEST

START_TEST(lists_are_in_order)
{
    struct wci_text names = {0};
    assert_list(WILDCAM_ACCESS_KEY, "");
    assert_list(WILDCAM_ACCESS_USER, "");
    assert_op(add_key("0000000b", WILDCAM_ROLE_ADMIN, NULL, NULL, 9));
    assert_op(add_key("0000000a", WILDCAM_ROLE_FLEET, NULL, NULL, 9));
    assert_op(add_key("0000000c", WILDCAM_ROLE_VIEWER, NULL, NULL, 3));
    assert_op(add_user("zoe", WILDCAM_ROLE_VIEWER, 5));
    assert_op(add_user("Bob", WILDCAM_ROLE_ADMIN, 6));
    assert_op(add_user("stop", WILDCAM_ROLE_ADMIN, 7));
    assert_op(add_user("ann", WILDCAM_ROLE_ADMIN, 8));
    assert_list(WILDCAM_ACCESS_KEY, "0000000c:2:3 0000000a:1:9 0000000b:3:9 ");
    assert_op_fails(WILDCAM_ERR_CANCELLED, "enough",
                    subject.ops->list_access(subject.backend, WILDCAM_ACCESS_USER, list, &names));
    ck_assert_str_eq(names.data, "Bob:3:6 ann:3:8 stop:3:7 ");
    wci_text_free(&names);
}
END_TEST

START_TEST(user_comes_back)
{
    wildcam_access user;
    struct wci_password password, wanted = password_of(15);
    assert_op(add_user("ann", WILDCAM_ROLE_VIEWER, 15));
    ck_assert(has_access());
    assert_op(subject.ops->find_user(subject.backend, "ann", &user, &password));
    ck_assert_int_eq(user.kind, WILDCAM_ACCESS_USER);
    ck_assert_int_eq(user.role, WILDCAM_ROLE_VIEWER);
    ck_assert_str_eq(user.id, "ann");
    ck_assert_int_eq(user.created_at, 15);
    ck_assert_mem_eq(password.hash, wanted.hash, sizeof wanted.hash);
    ck_assert_mem_eq(password.salt, wanted.salt, sizeof wanted.salt);
    ck_assert_uint_eq(password.cost.log_n, 15);
    ck_assert_uint_eq(password.cost.blocks, 8);
    ck_assert_uint_eq(password.cost.times, 3);
    assert_op_fails(WILDCAM_ERR_EXISTS, "\"ann\"", add_user("ann", WILDCAM_ROLE_ADMIN, 16));
    assert_op(add_user("Ann", WILDCAM_ROLE_ADMIN, 16)); /* names know upper and lower case */
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "\"eve\"",
                    subject.ops->find_user(subject.backend, "eve", &user, &password));
}
END_TEST

START_TEST(another_password_ends_ones_sessions_alone)
{
    wildcam_access user;
    struct wci_password password, other = password_of(17);
    struct wci_access_change wish = {
        .step = WCI_ACCESS_SET_PASSWORD, .id = "ann", .password = &other};
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "\"ann\"", change(wish));
    assert_op(add_user("ann", WILDCAM_ROLE_ADMIN, 15));
    assert_op(add_user("bob", WILDCAM_ROLE_ADMIN, 16));
    assert_op(add_session("ann", 15, 1));
    assert_op(add_session("ann", 15, 2));
    assert_op(add_session("bob", 16, 3));
    assert_op(change(wish));
    ck_assert(!has_session(1) && !has_session(2) && has_session(3));
    assert_op(subject.ops->find_user(subject.backend, "ann", &user, &password));
    ck_assert_mem_eq(password.hash, other.hash, sizeof other.hash);
    ck_assert_mem_eq(password.salt, other.salt, sizeof other.salt);
    ck_assert_uint_eq(password.cost.log_n, 17);
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "\"ann\"", add_session("ann", 15, 4));
    assert_op(add_session("ann", 17, 4));
}
END_TEST

/* The same password, hashed anew with a login: nothing ends. */
START_TEST(login_may_bring_another_hash)
{
    wildcam_access user;
    struct wci_password password, kept = password_of(15), better = password_of(16),
                                  best = password_of(17);
    struct wci_session session = session_of("ann", 10);
    struct wci_access_change wish = {.step = WCI_ACCESS_ADD_SESSION,
                                     .session = &session,
                                     .password = &kept,
                                     .rehashed = &better};
    assert_op(add_user("ann", WILDCAM_ROLE_ADMIN, 15));
    assert_op(add_user("bob", WILDCAM_ROLE_ADMIN, 15));
    assert_op(add_session("ann", 15, 1));
    assert_op(change(wish));
    ck_assert(has_session(1) && has_session(10));
    assert_op(subject.ops->find_user(subject.backend, "ann", &user, &password));
    ck_assert_mem_eq(&password, &better, sizeof better);
    ck_assert_int_eq(user.role, WILDCAM_ROLE_ADMIN);
    assert_op(subject.ops->find_user(subject.backend, "bob", &user, &password));
    ck_assert_mem_eq(&password, &kept, sizeof kept);
    /* Where another is kept by now, neither the hash nor the session is. */
    session = session_of("ann", 20);
    wish.rehashed = &best;
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "\"ann\"", change(wish));
    ck_assert(has_session(10) && !has_session(20));
    assert_op(subject.ops->find_user(subject.backend, "ann", &user, &password));
    ck_assert_mem_eq(&password, &better, sizeof better);
}
END_TEST

START_TEST(role_is_his_sessions)
{
    wildcam_access user, wanted;
    struct wci_session session, anns = session_of("ann", 1), bobs = session_of("bob", 2);
    struct wci_access_change wish = {.step = WCI_ACCESS_SET_ROLE, .access = &wanted};
    wci_access_init(&wanted);
    assert_op(wci_access_set_user(&wanted, "ann", WILDCAM_ROLE_ADMIN));
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "\"ann\"", change(wish));
    assert_op(add_user("ann", WILDCAM_ROLE_VIEWER, 15));
    assert_op(add_user("bob", WILDCAM_ROLE_VIEWER, 16));
    assert_op(add_session("ann", 15, 1));
    assert_op(add_session("bob", 16, 2));
    assert_op(change(wish));
    assert_op(change(wish)); /* it is that already */
    assert_op(subject.ops->find_session(subject.backend, anns.id, &session, &user));
    ck_assert_int_eq(user.role, WILDCAM_ROLE_ADMIN);
    assert_op(subject.ops->find_session(subject.backend, bobs.id, &session, &user));
    ck_assert_int_eq(user.role, WILDCAM_ROLE_VIEWER);
    assert_list(WILDCAM_ACCESS_USER, "ann:3:15 bob:2:16 ");
}
END_TEST

START_TEST(removed_user_takes_his_sessions_along)
{
    struct wci_access_change wish = {.step = WCI_ACCESS_REMOVE_USER, .id = "ann"};
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "\"ann\"", change(wish));
    assert_op(add_user("ann", WILDCAM_ROLE_ADMIN, 15));
    assert_op(add_user("bob", WILDCAM_ROLE_ADMIN, 16));
    assert_op(add_session("ann", 15, 1));
    assert_op(add_session("bob", 16, 2));
    assert_op(change(wish));
    ck_assert(!has_session(1) && has_session(2));
    assert_list(WILDCAM_ACCESS_USER, "bob:3:16 ");
    assert_op(add_user("ann", WILDCAM_ROLE_VIEWER, 15));
    ck_assert(!has_session(1));
}
END_TEST

START_TEST(session_comes_back_with_its_user)
{
    struct wci_session session, wanted = session_of("ann", 5);
    wildcam_access user;
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "ann", add_session("ann", 15, 5));
    assert_op(add_user("ann", WILDCAM_ROLE_VIEWER, 15));
    assert_op(add_session("ann", 15, 5));
    assert_op(subject.ops->find_session(subject.backend, wanted.id, &session, &user));
    ck_assert_str_eq(session.id, wanted.id);
    ck_assert_str_eq(session.user, "ann");
    ck_assert_mem_eq(session.access_hash, wanted.access_hash, WCI_DIGEST_BYTES);
    ck_assert_mem_eq(session.refresh_hash, wanted.refresh_hash, WCI_DIGEST_BYTES);
    ck_assert_int_eq(session.created_at, 5);
    ck_assert_int_eq(session.access_until, 1005);
    ck_assert_int_eq(session.refresh_until, 2005);
    ck_assert_str_eq(user.id, "ann");
    ck_assert_int_eq(user.role, WILDCAM_ROLE_VIEWER);
    ck_assert_int_eq(user.created_at, 15);
}
END_TEST

START_TEST(renewed_once_by_each_refresh_token)
{
    struct wci_session session, second = session_of("ann", 5);
    wildcam_access user;
    struct wci_access_change renew = {.step = WCI_ACCESS_RENEW_SESSION, .session = &second};
    assert_op(add_user("ann", WILDCAM_ROLE_VIEWER, 15));
    assert_op(add_session("ann", 15, 5));
    assert_op(add_session("ann", 15, 6));
    memcpy(second.access_hash, hash_of(70), WCI_DIGEST_BYTES);
    memcpy(second.refresh_hash, hash_of(71), WCI_DIGEST_BYTES);
    second.access_until = 3000;
    second.refresh_until = 4000;
    renew.hash = hash_of(7); /* as the session was begun with */
    assert_op(change(renew));
    assert_op(subject.ops->find_session(subject.backend, second.id, &session, &user));
    ck_assert_mem_eq(session.access_hash, second.access_hash, WCI_DIGEST_BYTES);
    ck_assert_mem_eq(session.refresh_hash, second.refresh_hash, WCI_DIGEST_BYTES);
    ck_assert_int_eq(session.access_until, 3000);
    ck_assert_int_eq(session.refresh_until, 4000);
    ck_assert_int_eq(session.created_at, 5);
    /* The first token once more: it ends, for good, and no other does. */
    renew.hash = hash_of(7);
    assert_op_fails(WILDCAM_ERR_AUTH, "not the session's last", change(renew));
    ck_assert(!has_session(5) && has_session(6));
    subject_reopen(&subject);
    ck_assert(!has_session(5) && has_session(6));
    renew.hash = hash_of(71);
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "has ended", change(renew));
}
END_TEST

START_TEST(ended_by_its_id)
{
    char id[WCI_CREDENTIAL_ID];
    snprintf(id, sizeof id, "%032x", 5);
    struct wci_access_change end = {.step = WCI_ACCESS_END_SESSION, .id = id};
    assert_op(add_user("ann", WILDCAM_ROLE_VIEWER, 15));
    assert_op(add_session("ann", 15, 5));
    assert_op(add_session("ann", 15, 6));
    assert_op(change(end));
    ck_assert(!has_session(5) && has_session(6));
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "has ended", change(end));
}
END_TEST

START_TEST(expired_ones_are_swept)
{
    struct wci_access_change sweep = {.step = WCI_ACCESS_END_EXPIRED, .now = 2005};
    assert_op(change(sweep));
    ck_assert(!has_access());
    assert_op(add_user("ann", WILDCAM_ROLE_VIEWER, 15));
    for (unsigned i = 4; i < 8; i++)
        assert_op(add_session("ann", 15, i)); /* until 2000 + i */
    sweep.now = 2004;                         /* none but the one whose time ends right now */
    assert_op(change(sweep));
    ck_assert(!has_session(4) && has_session(5));
    sweep.now = 2005;
    assert_op(change(sweep));
    ck_assert(!has_session(4) && !has_session(5) && has_session(6) && has_session(7));
    assert_op(change(sweep));
    ck_assert(has_session(6));
}
END_TEST

START_TEST(nobody_has_more_sessions_than_the_most)
{
    assert_op(add_user("ann", WILDCAM_ROLE_VIEWER, 15));
    assert_op(add_user("bob", WILDCAM_ROLE_VIEWER, 16));
    assert_op(add_session("bob", 16, 1));
    for (unsigned i = 0; i < WCI_SESSIONS_MAX + 5; i++)
        assert_op(add_session("ann", 15, 1000 + i));
    for (unsigned i = 0; i < WCI_SESSIONS_MAX + 5; i++)
        ck_assert_msg(has_session(1000 + i) == (i >= 5), "session %u", i);
    ck_assert(has_session(1));
}
END_TEST

/* What one backend on the store changes, another sees at its next question. */
START_TEST(others_see_it_at_once)
{
    wci_backend *other;
    wildcam_access key;
    unsigned char hash[WCI_DIGEST_BYTES];
    bool has = true;
    struct wci_access_change revoke = {.step = WCI_ACCESS_REVOKE_KEY, .id = "00000001"};
    assert_op(subject.ops->open(subject.conf, &subject.log, &other));
    assert_op(subject.ops->has_access(other, &has));
    ck_assert(!has);
    for (int i = 0; i < 3; i++) {
        assert_op(add_key("00000001", WILDCAM_ROLE_ADMIN, NULL, NULL, 7));
        assert_op(subject.ops->has_access(other, &has));
        ck_assert(has);
        assert_op(subject.ops->find_key(other, "00000001", &key, hash));
        assert_op(change(revoke));
        assert_op_fails(WILDCAM_ERR_NOTFOUND, "00000001",
                        subject.ops->find_key(other, "00000001", &key, hash));
    }
    subject.ops->close(other, false);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("access");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, key_comes_back);
    tcase_add_test(all, id_is_one_keys);
    tcase_add_test(all, revoked_is_gone_and_the_door_stays_shut);
    tcase_add_test(all, lists_are_in_order);
    tcase_add_test(all, user_comes_back);
    tcase_add_test(all, another_password_ends_ones_sessions_alone);
    tcase_add_test(all, login_may_bring_another_hash);
    tcase_add_test(all, role_is_his_sessions);
    tcase_add_test(all, removed_user_takes_his_sessions_along);
    tcase_add_test(all, session_comes_back_with_its_user);
    tcase_add_test(all, renewed_once_by_each_refresh_token);
    tcase_add_test(all, ended_by_its_id);
    tcase_add_test(all, expired_ones_are_swept);
    tcase_add_test(all, nobody_has_more_sessions_than_the_most);
    tcase_add_test(all, others_see_it_at_once);
    return suite;
}
