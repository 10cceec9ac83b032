#include "api/doors.h"

wildcam_station *station;

void open_it(void)
{
    station = open_with("auth.password_cost", "10", NULL);
}

void close_it(void)
{
    wildcam_station_close(station);
}

void make_key(int role, const char *device_id, char key[WILDCAM_KEY_TEXT])
{
    assert_ok(wildcam_station_create_key(station, role, device_id, NULL, key));
}

const char *id_of(const char *key)
{
    static char id[16];
    snprintf(id, sizeof id, "%.8s", key + 3);
    return id;
}

wildcam_access *who_shows(const char *credential)
{
    wildcam_access *access;
    assert_ok(wildcam_station_check_access(station, credential, &access));
    return access;
}

void assert_refused(const char *credential)
{
    wildcam_access *access = (void *)&access;
    assert_status(WILDCAM_ERR_AUTH, wildcam_station_check_access(station, credential, &access));
    ck_assert_str_eq(wildcam_error_message(), "the key or token is not valid");
    ck_assert_ptr_null(access);
}

bool is_guarded(void)
{
    int has_keys = 7;
    assert_ok(wildcam_station_has_keys(station, &has_keys));
    ck_assert(has_keys == 0 || has_keys == 1);
    return has_keys;
}
