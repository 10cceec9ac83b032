/* A camera's fields: what a registration gives and what is shown of one. */
#ifndef CLI_CAMERA_FIELDS_H
#define CLI_CAMERA_FIELDS_H

#include <stdbool.h>
#include <wildcam/wildcam.h>

/* What may be given: NULL and NaN when it was not. */
struct camera_fields {
    const char *name, *location_name, *firmware_version, *hardware_version;
    double latitude, longitude, altitude;
};

bool camera_fields_are_given(const struct camera_fields *self);
/* Puts what was given into a draft. */
wildcam_status camera_fields_fill(wildcam_camera *draft, const struct camera_fields *self);
/* Writes all there is of a camera, a field a line. False when memory ran out. */
bool camera_fields_write(const wildcam_camera *camera);
/* A time as it is shown; "" for none. */
void camera_time(int64_t time, char text[WILDCAM_TIME_TEXT]);

#endif
