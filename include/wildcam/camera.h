/**
 * @file camera.h
 * Cameras: the devices that send pictures.
 *
 * One type serves as the draft of what is to be changed and as the camera that comes back. In a
 * draft only what was set counts. In both, text that is not known is "", a number that is not
 * known is NaN.
 */
#ifndef WILDCAM_CAMERA_H
#define WILDCAM_CAMERA_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/station.h>
#include <wildcam/status.h>
#include <wildcam/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A camera: a draft, or one that was read. */
typedef struct wildcam_camera wildcam_camera;

/** The cameras of a station at one moment. */
typedef struct wildcam_camera_list wildcam_camera_list;

/** The one list of a camera's states: X(NAME, value, text). */
#define WILDCAM_CAMERA_STATUS_LIST(X)                                                              \
    X(ACTIVE, 0, "active")                                                                         \
    X(INACTIVE, 1, "inactive")                                                                     \
    X(MAINTENANCE, 2, "maintenance")

/** A camera's state: `WILDCAM_CAMERA_ACTIVE` and so on, from the list above. */
enum {
#define WILDCAM_CAMERA_STATUS_VALUE(name, value, text) WILDCAM_CAMERA_##name = (value),
    WILDCAM_CAMERA_STATUS_LIST(WILDCAM_CAMERA_STATUS_VALUE)
#undef WILDCAM_CAMERA_STATUS_VALUE
};

/**
 * Names a state, such as "active".
 *
 * @param status  one of the WILDCAM_CAMERA_ values.
 * @return the name; "unknown" for any other value.
 *
 * Ownership: borrowed, valid as long as the library is loaded. Thread safety: any thread, at any
 * time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_camera_status_name(int status);

/**
 * Makes an empty draft.
 *
 * @param out  where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_INVALID when @p out is NULL.
 *
 * Ownership: the caller's, freed with wildcam_camera_free(). Thread safety: any thread, at any
 * time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_new(wildcam_camera **out);

/**
 * Frees a draft or a camera that the caller owns.
 *
 * @param self  the camera, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_camera_free(wildcam_camera *self);

/**
 * Says which device it is. Needed in every draft.
 *
 * @param self       the draft.
 * @param device_id  1 to 50 of `A-Za-z0-9._:-`, not beginning with a dot.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is not such an id; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_set_device_id(wildcam_camera *self,
                                                        const char *device_id);

/**
 * Gives it a name for people.
 *
 * @param self  the draft.
 * @param name  UTF-8, at most 100 bytes, no control characters; "" or NULL for none.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is not such a text; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_set_name(wildcam_camera *self, const char *name);

/**
 * Names the place it stands at.
 *
 * @param self           the draft.
 * @param location_name  UTF-8, at most 200 bytes, no control characters; "" or NULL for none.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is not such a text; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_set_location_name(wildcam_camera *self,
                                                            const char *location_name);

/**
 * Says how far north it stands.
 *
 * @param self      the draft.
 * @param latitude  degrees, -90 to 90 (WGS 84), or NaN for not known.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_set_latitude(wildcam_camera *self, double latitude);

/**
 * Says how far east it stands.
 *
 * @param self       the draft.
 * @param longitude  degrees, -180 to 180 (WGS 84), or NaN for not known.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_set_longitude(wildcam_camera *self, double longitude);

/**
 * Says how high it stands.
 *
 * @param self      the draft.
 * @param altitude  metres above the sea, -500 to 9,000, or NaN for not known.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_set_altitude(wildcam_camera *self, double altitude);

/**
 * Names the firmware it runs.
 *
 * @param self              the draft.
 * @param firmware_version  UTF-8, at most 50 bytes, no control characters; "" or NULL for none.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is not such a text; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_set_firmware_version(wildcam_camera *self,
                                                               const char *firmware_version);

/**
 * Names the hardware it is.
 *
 * @param self              the draft.
 * @param hardware_version  UTF-8, at most 50 bytes, no control characters; "" or NULL for none.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is not such a text; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_set_hardware_version(wildcam_camera *self,
                                                               const char *hardware_version);

/**
 * Keeps the camera's own settings beside it, as the text of a JSON object.
 *
 * @param self    the draft.
 * @param config  a JSON object in UTF-8, at most 65,536 bytes; "" or NULL for none.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is no such object; #WILDCAM_ERR_TOOLARGE;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_set_config(wildcam_camera *self, const char *config);

/**
 * Puts it into a state. A camera that is not active is left out of lists unless they ask for all;
 * its pictures are kept all the same.
 *
 * @param self    the draft.
 * @param status  one of the WILDCAM_CAMERA_ values.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is none of them.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_set_status(wildcam_camera *self, int status);

/**
 * Says that the camera itself was heard of, and when. To be set by who passes on what the camera
 * sent, and not by who only changes what is known of it.
 *
 * @param self  the draft.
 * @param time  microseconds UTC, #WILDCAM_TIME_MIN to #WILDCAM_TIME_END.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_set_last_seen(wildcam_camera *self, int64_t time);

/**
 * Reports how full its battery is.
 *
 * @param self           the draft.
 * @param battery_level  percent, 0 to 100, or NaN for not known.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_set_battery_level(wildcam_camera *self,
                                                            double battery_level);

/**
 * Reports its battery's voltage.
 *
 * @param self             the draft.
 * @param battery_voltage  volts, 0 to 100, or NaN for not known.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_set_battery_voltage(wildcam_camera *self,
                                                              double battery_voltage);

/**
 * Reports its solar panel's voltage.
 *
 * @param self           the draft.
 * @param solar_voltage  volts, 0 to 100, or NaN for not known.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_set_solar_voltage(wildcam_camera *self,
                                                            double solar_voltage);

/**
 * Reports how warm it is.
 *
 * @param self         the draft.
 * @param temperature  degrees Celsius, -100 to 150, or NaN for not known.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_set_temperature(wildcam_camera *self, double temperature);

/**
 * Reports how humid the air is.
 *
 * @param self      the draft.
 * @param humidity  percent, 0 to 100, or NaN for not known.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_set_humidity(wildcam_camera *self, double humidity);

/**
 * Its number in this station.
 *
 * @param self  the camera.
 * @return the number, from 1; 0 in a draft.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_camera_get_id(const wildcam_camera *self);

/**
 * Which device it is.
 *
 * @param self  the camera.
 * @return the device id; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_camera_get_device_id(const wildcam_camera *self);

/**
 * Its name for people.
 *
 * @param self  the camera.
 * @return the name; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_camera_get_name(const wildcam_camera *self);

/**
 * The name of the place it stands at.
 *
 * @param self  the camera.
 * @return the name; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_camera_get_location_name(const wildcam_camera *self);

/**
 * How far north it stands.
 *
 * @param self  the camera.
 * @return degrees, NaN when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_camera_get_latitude(const wildcam_camera *self);

/**
 * How far east it stands.
 *
 * @param self  the camera.
 * @return degrees, NaN when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_camera_get_longitude(const wildcam_camera *self);

/**
 * How high it stands.
 *
 * @param self  the camera.
 * @return metres above the sea, NaN when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_camera_get_altitude(const wildcam_camera *self);

/**
 * The firmware it runs.
 *
 * @param self  the camera.
 * @return the version; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_camera_get_firmware_version(const wildcam_camera *self);

/**
 * The hardware it is.
 *
 * @param self  the camera.
 * @return the version; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_camera_get_hardware_version(const wildcam_camera *self);

/**
 * The camera's own settings.
 *
 * @param self  the camera.
 * @return the text of a JSON object, "" for none; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_camera_get_config(const wildcam_camera *self);

/**
 * Its state.
 *
 * @param self  the camera.
 * @return one of the WILDCAM_CAMERA_ values.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_camera_get_status(const wildcam_camera *self);

/**
 * How full its battery was at the last report.
 *
 * @param self  the camera.
 * @return percent, NaN when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_camera_get_battery_level(const wildcam_camera *self);

/**
 * Its battery's voltage at the last report.
 *
 * @param self  the camera.
 * @return volts, NaN when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_camera_get_battery_voltage(const wildcam_camera *self);

/**
 * Its solar panel's voltage at the last report.
 *
 * @param self  the camera.
 * @return volts, NaN when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_camera_get_solar_voltage(const wildcam_camera *self);

/**
 * How warm it was at the last report.
 *
 * @param self  the camera.
 * @return degrees Celsius, NaN when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_camera_get_temperature(const wildcam_camera *self);

/**
 * How humid the air was at the last report.
 *
 * @param self  the camera.
 * @return percent, NaN when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_camera_get_humidity(const wildcam_camera *self);

/**
 * When it was last heard of: by a report, a picture, a detection, or a draft that said so with
 * wildcam_camera_set_last_seen(); not by an import, or a card. Exact to ten seconds.
 *
 * @param self  the camera.
 * @return microseconds UTC; #WILDCAM_TIME_NONE when never.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_camera_get_last_seen(const wildcam_camera *self);

/**
 * When it was entered here.
 *
 * @param self  the camera.
 * @return microseconds UTC; #WILDCAM_TIME_NONE in a draft.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_camera_get_created_at(const wildcam_camera *self);

/**
 * Writes a camera as a JSON object, with the names of the HTTP interface.
 *
 * @param self  the camera.
 * @param out   where the text goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_INVALID when an argument is NULL.
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_camera_to_json(const wildcam_camera *self, char **out);

/**
 * Registers a camera, or changes what was set in the draft of one that is known. That alone is no
 * sign of life from it: see wildcam_camera_set_last_seen().
 *
 * @param self     the station.
 * @param camera   the draft; its device id is needed.
 * @param created  where 1 goes when the camera was new, else 0; may be NULL.
 * @param out      where the camera as it now is goes; NULL on failure; may be NULL itself.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when the device id is missing or an argument is NULL;
 *         #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *         Nothing has changed on failure, but for one: when the camera could only not be read back
 *         into @p out, it is put, and putting it again does no harm.
 *
 * Ownership: what comes out is the caller's, freed with wildcam_camera_free(). Thread safety: any
 * thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_put_camera(wildcam_station *self,
                                                      const wildcam_camera *camera, int *created,
                                                      wildcam_camera **out);

/**
 * Takes a camera's report of itself: what was set in the draft, and that it was heard of now,
 * unless a person brought it (wildcam_ingest_set_from_card()). Unlike wildcam_station_put_camera()
 * it makes no new camera.
 *
 * @param self    the station.
 * @param report  the draft; its device id is needed.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such camera; #WILDCAM_ERR_INVALID
 *         when the device id is missing or an argument is NULL; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_CORRUPT;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM. Nothing has changed on
 *         failure.
 *
 * Ownership: the draft stays the caller's. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_report_camera(wildcam_station *self,
                                                         const wildcam_camera *report);

/**
 * Reads one camera.
 *
 * @param self       the station.
 * @param device_id  the device, or its number in this station when no device has that text for its
 *                   id.
 * @param out        where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND; #WILDCAM_ERR_INVALID when an argument is NULL;
 *         #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_camera_free(). Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_camera(wildcam_station *self, const char *device_id,
                                                      wildcam_camera **out);

/**
 * Reads the cameras, in the order of their device ids.
 *
 * @param self  the station.
 * @param all   0 for the active ones, 1 for all.
 * @param out   where they go; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits;
 *         #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_camera_list_free(). Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_list_cameras(wildcam_station *self, int all,
                                                        wildcam_camera_list **out);

/**
 * Tells whether what was read of the cameras still holds: a number that has grown when anything of
 * any camera may have changed since it was asked for before, in this process or another. What is
 * read after a number was asked for is at least as new as that number.
 *
 * It grows more often than cameras change, also when a picture is kept, and never fails to. Numbers
 * are of this station alone: another one, in another process or after it was opened again, has
 * others.
 *
 * @param self     the station.
 * @param changes  where the number goes; above 0.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_BUSY;
 *         #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk, for microseconds while
 * nothing has changed.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_count_camera_changes(wildcam_station *self,
                                                                int64_t *changes);

/**
 * Frees a list and the cameras in it.
 *
 * @param self  the list, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_camera_list_free(wildcam_camera_list *self);

/**
 * How many cameras a list has.
 *
 * @param self  the list.
 * @return the number.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API size_t wildcam_camera_list_get_count(const wildcam_camera_list *self);

/**
 * One camera of a list.
 *
 * @param self   the list.
 * @param index  from 0.
 * @return the camera, valid as long as the list; NULL past the end.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const wildcam_camera *wildcam_camera_list_at(const wildcam_camera_list *self,
                                                         size_t index);

#ifdef __cplusplus
}
#endif

#endif
