#include "camera_fields.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "table.h"

struct text_field {
    const char *name;
    const char *(*get)(const wildcam_camera *camera);
    wildcam_status (*set)(wildcam_camera *camera, const char *value);
    size_t given; /* the option's place in struct camera_fields */
};

struct number_field {
    const char *name;
    double (*get)(const wildcam_camera *camera);
    wildcam_status (*set)(wildcam_camera *camera, double value);
    size_t given;
};

static const struct text_field texts[] = {
    {"name", wildcam_camera_get_name, wildcam_camera_set_name,
     offsetof(struct camera_fields, name)},
    {"location_name", wildcam_camera_get_location_name, wildcam_camera_set_location_name,
     offsetof(struct camera_fields, location_name)},
    {"firmware_version", wildcam_camera_get_firmware_version, wildcam_camera_set_firmware_version,
     offsetof(struct camera_fields, firmware_version)},
    {"hardware_version", wildcam_camera_get_hardware_version, wildcam_camera_set_hardware_version,
     offsetof(struct camera_fields, hardware_version)},
};

/* Those without a setter are the device's own reports. */
static const struct number_field numbers[] = {
    {"latitude", wildcam_camera_get_latitude, wildcam_camera_set_latitude,
     offsetof(struct camera_fields, latitude)},
    {"longitude", wildcam_camera_get_longitude, wildcam_camera_set_longitude,
     offsetof(struct camera_fields, longitude)},
    {"altitude", wildcam_camera_get_altitude, wildcam_camera_set_altitude,
     offsetof(struct camera_fields, altitude)},
    {"battery_level", wildcam_camera_get_battery_level, NULL, 0},
    {"battery_voltage", wildcam_camera_get_battery_voltage, NULL, 0},
    {"solar_voltage", wildcam_camera_get_solar_voltage, NULL, 0},
    {"temperature", wildcam_camera_get_temperature, NULL, 0},
    {"humidity", wildcam_camera_get_humidity, NULL, 0},
};

enum { TEXTS = sizeof texts / sizeof *texts, NUMBERS = sizeof numbers / sizeof *numbers };

static const struct column field_columns[] = {{"field", true, false}, {"value", true, false}};

bool camera_fields_write(const wildcam_camera *camera)
{
    struct table table;
    char time[WILDCAM_TIME_TEXT];
    table_begin(&table, TABLE_TEXT, field_columns, 2);
    table_add(&table, "device_id");
    table_add(&table, wildcam_camera_get_device_id(camera));
    table_add(&table, "status");
    table_add(&table, wildcam_camera_status_name(wildcam_camera_get_status(camera)));
    for (size_t i = 0; i < TEXTS; i++) {
        table_add(&table, texts[i].name);
        table_add(&table, texts[i].get(camera));
    }
    for (size_t i = 0; i < NUMBERS; i++) {
        char text[32] = "";
        double number = numbers[i].get(camera);
        if (isfinite(number))
            snprintf(text, sizeof text, "%.10g", number);
        table_add(&table, numbers[i].name);
        table_add(&table, text);
    }
    table_add(&table, "config");
    table_add(&table, wildcam_camera_get_config(camera));
    table_add(&table, "last_seen");
    camera_time(wildcam_camera_get_last_seen(camera), time);
    table_add(&table, time);
    table_add(&table, "created_at");
    camera_time(wildcam_camera_get_created_at(camera), time);
    table_add(&table, time);
    return table_end(&table);
}

static const char *given_text(const struct camera_fields *self, const struct text_field *field)
{
    const char *value;
    memcpy(&value, (const char *)self + field->given, sizeof value);
    return value;
}

static double given_number(const struct camera_fields *self, const struct number_field *field)
{
    double value = NAN;
    if (field->set)
        memcpy(&value, (const char *)self + field->given, sizeof value);
    return value;
}

bool camera_fields_are_given(const struct camera_fields *self)
{
    for (size_t i = 0; i < TEXTS; i++)
        if (given_text(self, &texts[i]))
            return true;
    for (size_t i = 0; i < NUMBERS; i++)
        if (!isnan(given_number(self, &numbers[i])))
            return true;
    return false;
}

wildcam_status camera_fields_fill(wildcam_camera *draft, const struct camera_fields *self)
{
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; i < TEXTS && status == WILDCAM_OK; i++) {
        const char *value = given_text(self, &texts[i]);
        if (value)
            status = texts[i].set(draft, value);
    }
    for (size_t i = 0; i < NUMBERS && status == WILDCAM_OK; i++) {
        double value = given_number(self, &numbers[i]);
        if (!isnan(value))
            status = numbers[i].set(draft, value);
    }
    return status;
}

void camera_time(int64_t time, char text[WILDCAM_TIME_TEXT])
{
    *text = '\0';
    if (time != WILDCAM_TIME_NONE) /* to the second: that is how exact it is at best */
        wildcam_time_format(time - time % 1000000, 0, text, WILDCAM_TIME_TEXT);
}
