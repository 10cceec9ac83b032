#include "api/samples.h"

char *written(wildcam_station *station)
{
    char *text;
    assert_ok(wildcam_metrics_write(wildcam_station_get_metrics(station), WILDCAM_METRICS_TEXT,
                                    NULL, 0, &text, NULL));
    return text;
}

double find_sample(const char *text, const char *sample)
{
    double value = NAN;
    size_t length = strlen(sample);
    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, sample, length) != 0 || line[length] != ' ')
            continue;
        ck_assert_msg(isnan(value), "%s is there twice", sample);
        value = strtod(line + length, NULL);
    }
    return value;
}

double value_of(wildcam_station *station, const char *sample)
{
    char *text = written(station);
    double value = find_sample(text, sample);
    wildcam_free(text);
    return value;
}

int count_samples(wildcam_station *station, const char *name)
{
    char *text = written(station);
    int count = 0;
    size_t length = strlen(name);
    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        count += strncmp(line, name, length) == 0 && (line[length] == ' ' || line[length] == '{');
    }
    wildcam_free(text);
    return count;
}

wildcam_status put_camera(wildcam_station *station, const char *device_id, const char *location,
                          int state, int64_t last_seen)
{
    wildcam_camera *camera;
    assert_ok(wildcam_camera_new(&camera));
    assert_ok(wildcam_camera_set_device_id(camera, device_id));
    if (location)
        assert_ok(wildcam_camera_set_location_name(camera, location));
    if (state >= 0)
        assert_ok(wildcam_camera_set_status(camera, state));
    if (last_seen)
        assert_ok(wildcam_camera_set_last_seen(camera, last_seen));
    wildcam_status status = wildcam_station_put_camera(station, camera, NULL, NULL);
    wildcam_camera_free(camera);
    return status;
}
