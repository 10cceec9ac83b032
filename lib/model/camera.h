/* A camera: who it is, where it stands, how it does. */
#ifndef WCI_MODEL_CAMERA_H
#define WCI_MODEL_CAMERA_H

#include <stdint.h>

#include <wildcam/camera.h>

#include "base/json.h"
#include "base/text.h"

/*
 * The one list of a camera's fields that a draft can set: numbers X(ID, name, min, max) and texts
 * X(ID, name, max bytes). The names are those of the columns, of JSON and of the accessors.
 */
#define WCI_CAMERA_NUMBERS(X)                                                                      \
    X(LATITUDE, latitude, -90, 90)                                                                 \
    X(LONGITUDE, longitude, -180, 180)                                                             \
    X(ALTITUDE, altitude, -500, 9000)                                                              \
    X(BATTERY_LEVEL, battery_level, 0, 100)                                                        \
    X(BATTERY_VOLTAGE, battery_voltage, 0, 100)                                                    \
    X(SOLAR_VOLTAGE, solar_voltage, 0, 100)                                                        \
    X(TEMPERATURE, temperature, -100, 150)                                                         \
    X(HUMIDITY, humidity, 0, 100)

#define WCI_CAMERA_TEXTS(X)                                                                        \
    X(NAME, name, 100)                                                                             \
    X(LOCATION_NAME, location_name, 200)                                                           \
    X(FIRMWARE_VERSION, firmware_version, 50)                                                      \
    X(HARDWARE_VERSION, hardware_version, 50)

enum wci_camera_number {
#define WCI_ID(id, name, min, max) WCI_CAMERA_##id,
    WCI_CAMERA_NUMBERS(WCI_ID)
#undef WCI_ID
        WCI_CAMERA_NUMBER_COUNT
};

enum wci_camera_text {
#define WCI_ID(id, name, max) WCI_CAMERA_##id,
    WCI_CAMERA_TEXTS(WCI_ID)
#undef WCI_ID
        WCI_CAMERA_CONFIG, /* JSON, the last of the texts */
    WCI_CAMERA_TEXT_COUNT
};

struct wildcam_camera {
    int64_t id;
    struct wci_text device_id;
    int status;
    int64_t last_seen, created_at;
    double numbers[WCI_CAMERA_NUMBER_COUNT]; /* NaN is not known */
    struct wci_text texts[WCI_CAMERA_TEXT_COUNT];
    /* What a draft has set, beside last_seen. */
    uint32_t numbers_set, texts_set;
    bool status_set;
    /* How it came to be put: nobody did but its first picture; or somebody did on purpose. */
    bool is_unannounced, is_registered;
    bool is_brought; /* what its card says: it was not heard of */
};

struct wildcam_camera_list {
    wildcam_camera *cameras;
    size_t count, capacity;
};

extern const char *const wci_camera_number_names[WCI_CAMERA_NUMBER_COUNT];
extern const char *const wci_camera_text_names[WCI_CAMERA_TEXT_COUNT];

void wci_camera_init(wildcam_camera *camera);
void wci_camera_release(wildcam_camera *camera); /* its texts */
wildcam_status wci_camera_set_number(wildcam_camera *camera, enum wci_camera_number field,
                                     double value);
wildcam_status wci_camera_set_text(wildcam_camera *camera, enum wci_camera_text field,
                                   const char *value);
/* As wci_image_blur_place(). */
void wci_camera_blur_place(wildcam_camera *camera, double radius);
void wci_camera_write_json(const wildcam_camera *camera, struct wci_json *json);
const char *wci_camera_status_name(int status);
/* -1 when no state has that name. */
int wci_camera_status_find(const char *name);

#endif
