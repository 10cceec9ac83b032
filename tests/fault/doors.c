/* Keys, people and their sessions. */
#include "fault/walk.h"

#define OUT(member) .out = offsetof(struct world, member)
#define PASSWORD "correct horse 7"

static char key[WILDCAM_KEY_TEXT], text[WILDCAM_KEY_TEXT];

static size_t count_of(const struct world *world, int kind)
{
    wildcam_access_list *list;
    assert_ok(kind == WILDCAM_ACCESS_KEY ? wildcam_station_list_keys(world->station, &list)
                                         : wildcam_station_list_users(world->station, &list));
    size_t count = wildcam_access_list_get_count(list);
    wildcam_access_list_free(list);
    return count;
}

static bool is_let_in(const struct world *world, const char *credential)
{
    wildcam_access *access;
    wildcam_status status = wildcam_station_check_access(world->station, credential, &access);
    ck_assert(status == WILDCAM_OK || status == WILDCAM_ERR_AUTH);
    wildcam_access_free(access);
    return status == WILDCAM_OK;
}

/* ---- keys ---- */

static wildcam_status create_key(struct world *world)
{
    return wildcam_station_create_key(world->station, WILDCAM_ROLE_CAMERA, "gate", "north", key);
}

static void has_key(struct world *world)
{
    ck_assert_uint_eq(count_of(world, WILDCAM_ACCESS_KEY), 1);
    ck_assert(is_let_in(world, key));
}

static void lacks_key(struct world *world)
{
    ck_assert_str_eq(key, "");
    ck_assert_uint_eq(count_of(world, WILDCAM_ACCESS_KEY), 0);
}

static void make_key(struct world *world)
{
    assert_ok(create_key(world));
    snprintf(text, sizeof text, "%.8s", key + 3);
}

static wildcam_status revoke_key(struct world *world)
{
    return wildcam_station_revoke_key(world->station, text);
}

static void is_revoked(struct world *world)
{
    ck_assert(!is_let_in(world, key));
}

static void is_not_revoked(struct world *world)
{
    ck_assert(is_let_in(world, key));
}

static wildcam_status list_keys(struct world *world)
{
    return wildcam_station_list_keys(world->station, &world->got_access_list);
}

static void lists_one(struct world *world)
{
    ck_assert_uint_eq(wildcam_access_list_get_count(world->got_access_list), 1);
}

static wildcam_status check_access(struct world *world)
{
    return wildcam_station_check_access(world->station, key, &world->got_access);
}

static void is_gates(struct world *world)
{
    ck_assert_str_eq(wildcam_access_get_device_id(world->got_access), "gate");
}

static wildcam_status has_keys(struct world *world)
{
    int has = 7;
    wildcam_status status = wildcam_station_has_keys(world->station, &has);
    return has == 1 ? status : 77; /* a failure opens no door; Check cannot be asked in here */
}

static void check_one(struct world *world)
{
    make_key(world);
    assert_ok(check_access(world));
}

static wildcam_status to_json(struct world *world)
{
    return wildcam_access_to_json(world->got_access, (char **)&world->bytes);
}

static void names_gate(struct world *world)
{
    ck_assert_ptr_nonnull(strstr(world->bytes, "\"device_id\":\"gate\""));
}

/* ---- people ---- */

static wildcam_status create_user(struct world *world)
{
    return wildcam_station_create_user(world->station, "ann", WILDCAM_ROLE_ADMIN, PASSWORD);
}

static void has_user(struct world *world)
{
    ck_assert_uint_eq(count_of(world, WILDCAM_ACCESS_USER), 1);
}

static void lacks_user(struct world *world)
{
    ck_assert_uint_eq(count_of(world, WILDCAM_ACCESS_USER), 0);
}

static wildcam_status list_users(struct world *world)
{
    return wildcam_station_list_users(world->station, &world->got_access_list);
}

static void make_user(struct world *world)
{
    assert_ok(create_user(world));
}

/* Her password is to be hashed anew with the next login. */
static void make_user_cheaply(struct world *world)
{
    make_user(world);
    wildcam_station_close(world->station);
    assert_ok(wildcam_conf_set(world->conf, "auth.password_cost", "11"));
    world_open(world);
}

static int role_of_ann(const struct world *world)
{
    wildcam_access_list *users;
    assert_ok(wildcam_station_list_users(world->station, &users));
    int role = wildcam_access_get_role(wildcam_access_list_at(users, 0));
    wildcam_access_list_free(users);
    return role;
}

static wildcam_status set_role(struct world *world)
{
    return wildcam_station_set_role(world->station, "ann", WILDCAM_ROLE_VIEWER);
}

static void is_viewer(struct world *world)
{
    ck_assert_int_eq(role_of_ann(world), WILDCAM_ROLE_VIEWER);
}

static void is_admin(struct world *world)
{
    ck_assert_int_eq(role_of_ann(world), WILDCAM_ROLE_ADMIN);
}

static wildcam_status remove_user(struct world *world)
{
    return wildcam_station_remove_user(world->station, "ann");
}

static wildcam_status login(struct world *world)
{
    return wildcam_station_login(world->station, "ann", PASSWORD, "192.0.2.1", &world->got_session);
}

static wildcam_status login_wait(struct world *world)
{
    int seconds = 7;
    wildcam_status status = wildcam_station_login_wait(world->station, "ann", "192.0.2.1",
                                                       &seconds);
    return seconds == 0 ? status : WILDCAM_ERR_INTERNAL;
}

static void is_in(struct world *world)
{
    ck_assert(is_let_in(world, wildcam_session_get_access_token(world->got_session)));
}

/* The tokens of a login stand in `key` and `text`. */
static void log_in(struct world *world)
{
    wildcam_session *session;
    make_user(world);
    assert_ok(wildcam_station_login(world->station, "ann", PASSWORD, "192.0.2.1", &session));
    snprintf(key, sizeof key, "%s", wildcam_session_get_access_token(session));
    snprintf(text, sizeof text, "%s", wildcam_session_get_refresh_token(session));
    wildcam_session_free(session);
}

static wildcam_status set_password(struct world *world)
{
    return wildcam_station_set_password(world->station, "ann", "battery staple 8");
}

static wildcam_status refresh(struct world *world)
{
    return wildcam_station_refresh_login(world->station, text, &world->got_session);
}

static void is_renewed(struct world *world)
{
    ck_assert(!is_let_in(world, key));
    is_in(world);
}

static wildcam_status log_out(struct world *world)
{
    return wildcam_station_logout(world->station, key);
}

static wildcam_status free_session(struct world *world)
{
    wildcam_session_free(world->got_session);
    world->got_session = NULL;
    return WILDCAM_OK;
}

static wildcam_status free_access(struct world *world)
{
    wildcam_access_free(world->got_access);
    world->got_access = NULL;
    return WILDCAM_OK;
}

static wildcam_status free_list(struct world *world)
{
    wildcam_access_list_free(world->got_access_list);
    world->got_access_list = NULL;
    return WILDCAM_OK;
}

static void make_session(struct world *world)
{
    make_user(world);
    assert_ok(login(world));
}

static void make_list(struct world *world)
{
    make_key(world);
    assert_ok(list_keys(world));
}

static const struct scenario list[] = {
    {.function = "wildcam_station_create_key",
     .station = STATION,
     .call = create_key,
     .verify = has_key,
     .unchanged = lacks_key,
     .writes = true},
    {.function = "wildcam_station_revoke_key",
     .station = STATION,
     .arrange = make_key,
     .call = revoke_key,
     .verify = is_revoked,
     .unchanged = is_not_revoked,
     .writes = true},
    {.function = "wildcam_station_list_keys",
     .station = STATION,
     .arrange = make_key,
     .call = list_keys,
     .verify = lists_one,
     OUT(got_access_list)},
    {.function = "wildcam_station_check_access",
     .station = STATION,
     .arrange = make_key,
     .call = check_access,
     .verify = is_gates,
     OUT(got_access)},
    {.function = "wildcam_station_has_keys",
     .station = STATION,
     .arrange = make_key,
     .call = has_keys},
    {.function = "wildcam_access_to_json",
     .station = STATION,
     .arrange = check_one,
     .call = to_json,
     .verify = names_gate,
     OUT(bytes)},
    {.function = "wildcam_station_create_user",
     .station = STATION,
     .call = create_user,
     .verify = has_user,
     .unchanged = lacks_user,
     .writes = true},
    {.function = "wildcam_station_list_users",
     .station = STATION,
     .arrange = make_user,
     .call = list_users,
     .verify = lists_one,
     OUT(got_access_list)},
    {.function = "wildcam_station_remove_user",
     .station = STATION,
     .arrange = make_user,
     .call = remove_user,
     .verify = lacks_user,
     .unchanged = has_user,
     .writes = true},
    {.function = "wildcam_station_set_role",
     .station = STATION,
     .arrange = make_user,
     .call = set_role,
     .verify = is_viewer,
     .unchanged = is_admin,
     .writes = true},
    {.function = "wildcam_station_set_password",
     .station = STATION,
     .arrange = log_in,
     .call = set_password,
     .verify = is_revoked,
     .unchanged = is_not_revoked,
     .writes = true},
    {.function = "wildcam_station_login",
     .station = STATION,
     .arrange = make_user,
     .call = login,
     .verify = is_in,
     .writes = true,
     OUT(got_session)},
    {.function = "wildcam_station_login",
     .variant = "with a hash to be made anew",
     .station = STATION,
     .arrange = make_user_cheaply,
     .call = login,
     .verify = is_in,
     .writes = true,
     OUT(got_session)},
    {.function = "wildcam_station_login_wait", .station = STATION, .call = login_wait},
    {.function = "wildcam_station_refresh_login",
     .station = STATION,
     .arrange = log_in,
     .call = refresh,
     .verify = is_renewed,
     .unchanged = is_not_revoked,
     .writes = true,
     OUT(got_session)},
    {.function = "wildcam_station_logout",
     .station = STATION,
     .arrange = log_in,
     .call = log_out,
     .verify = is_revoked,
     .unchanged = is_not_revoked,
     .writes = true},
    {.function = "wildcam_session_free",
     .station = STATION,
     .arrange = make_session,
     .call = free_session,
     .never_fails = true},
    {.function = "wildcam_access_free",
     .station = STATION,
     .arrange = check_one,
     .call = free_access,
     .never_fails = true},
    {.function = "wildcam_access_list_free",
     .station = STATION,
     .arrange = make_list,
     .call = free_list,
     .never_fails = true},
};

const struct scenarios door_scenarios = {list, sizeof list / sizeof list[0]};
