#include "uploader_scene.h"

#define NOON "2026-03-05T12:00:00Z"

wildcam_station *station;
int64_t uploaded, failed;

void open_uploading(const char *name, const char *value)
{
    station = open_with("s3.access_key", "AKIDEXAMPLE", "s3.secret_key", "secret", "s3.regions",
                        "us-west-2,us-east-1,eu-west-1", name ? name : "s3.profile",
                        name ? value : "", NULL);
}

void begin_uploading(void)
{
    fake_reset();
    open_uploading(NULL, NULL);
}

void end_uploading(void)
{
    wildcam_station_close(station);
    ck_assert_int_eq(fake.engines, 0);
}

void reopen_with(const char *name, const char *value)
{
    wildcam_station_close(station);
    open_uploading(name, value);
}

int64_t keep(unsigned seed)
{
    return add_scene(station, "CAM-7", seed, at(NOON) + (int64_t)seed * SECOND);
}

wildcam_status pass(uint32_t how)
{
    return wildcam_station_upload(station, how, LONG, 0, NULL, NULL, &uploaded, &failed);
}

wildcam_upload *row_of(int64_t id, int kind)
{
    wildcam_upload *upload;
    assert_ok(wildcam_station_get_upload(station, id, kind, &upload));
    return upload;
}

int state_of(int64_t id, int kind)
{
    wildcam_upload *upload = row_of(id, kind);
    int state = wildcam_upload_get_state(upload);
    wildcam_upload_free(upload);
    return state;
}

int64_t owed(void)
{
    int64_t count, parked;
    assert_ok(wildcam_station_count_uploads(station, &count, NULL, &parked));
    return count;
}

int leased(int64_t id)
{
    int count = 0;
    for (int kind = 0; kind < WCI_UPLOAD_KINDS; kind++) {
        wildcam_upload *upload = row_of(id, kind);
        count += upload->lease != 0;
        wildcam_upload_free(upload);
    }
    return count;
}

int hung(void)
{
    pthread_mutex_lock(&fake.mutex);
    int count = fake.hung;
    pthread_mutex_unlock(&fake.mutex);
    return count;
}
