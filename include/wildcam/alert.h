/**
 * @file alert.h
 * What somebody should look at: batteries that run low, cameras that are silent, a rare animal, a
 * disk that fills up.
 *
 * An alert is about one thing, its subject: a camera, a species at a camera, a shard, the station.
 * Of each kind a subject has one open alert at most, whichever process on the store finds the
 * reason; what is found again counts up the open one. It is cleared when its reason is over, by the
 * library, and read by a person; cleared ones are kept for `alerts.keep_days`.
 *
 * Batteries, shared ids and the return of a silent camera are looked at in the transaction that
 * takes a camera's report, rare species beside the one that keeps a detection: a crash between the
 * two loses no alert, the next look makes up for it. All else, and what time alone decides, is
 * looked at by wildcam_station_check_alerts(): every `alerts.check_seconds` by the station's own
 * thread once wildcam_station_start() was called, else by whoever has a loop of his own.
 *
 * Where `alerts.webhook` is set, each alert is also sent there when it is raised and when it is
 * cleared: wildcam_station_send_alerts().
 */
#ifndef WILDCAM_ALERT_H
#define WILDCAM_ALERT_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/station.h>
#include <wildcam/status.h>
#include <wildcam/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An alert, as it was when it was read. */
typedef struct wildcam_alert wildcam_alert;

/** Alerts of a station, the newest first. */
typedef struct wildcam_alert_list wildcam_alert_list;

/** Which alerts are asked for. */
typedef struct wildcam_alert_query wildcam_alert_query;

/** The one list of how bad an alert is: X(NAME, value, text). */
#define WILDCAM_SEVERITY_LIST(X)                                                                   \
    X(INFO, 0, "info")                                                                             \
    X(WARNING, 1, "warning")                                                                       \
    X(CRITICAL, 2, "critical")

/** How bad an alert is: `WILDCAM_SEVERITY_INFO` and so on, from the list above. */
enum {
#define WILDCAM_SEVERITY_VALUE(name, value, text) WILDCAM_SEVERITY_##name = (value),
    WILDCAM_SEVERITY_LIST(WILDCAM_SEVERITY_VALUE)
#undef WILDCAM_SEVERITY_VALUE
};

/**
 * The one list of kinds: X(NAME, value, severity, text, what it says).
 *
 * A value is never given to another meaning.
 */
#define WILDCAM_ALERT_LIST(X)                                                                      \
    X(LOW_BATTERY, 0, WARNING, "low_battery",                                                      \
      "A camera's battery is below `alerts.battery_level`. Over when it is 5 percent points "      \
      "above.")                                                                                    \
    X(OFFLINE, 1, CRITICAL, "offline",                                                             \
      "An active camera was not heard of for longer than its hold-off. Over when it is.")          \
    X(RARE_SPECIES, 2, INFO, "rare_species",                                                       \
      "A detection above `alerts.rare_confidence` of a species of `alerts.rare_species`, or of "   \
      "one that was never that sure at this station. Over a day after the last one, or once it "   \
      "was read.")                                                                                 \
    X(SHARED_DEVICE_ID, 3, WARNING, "shared_device_id",                                            \
      "Two devices seem to report under one id: place, version or origin go to and fro. Over a "   \
      "day after it was last seen.")                                                               \
    X(UNKNOWN_CAMERA, 4, INFO, "unknown_camera",                                                   \
      "A camera that nobody had registered was entered with its first picture. Over once it is "   \
      "registered, or the alert was read.")                                                        \
    X(LOW_DISK, 5, CRITICAL, "low_disk",                                                           \
      "Less than `alerts.disk_free_bytes` is free, or little more than the disk's floor. Over "    \
      "with a quarter more.")                                                                      \
    X(PARKED_UPLOADS, 6, WARNING, "parked_uploads",                                                \
      "Pictures that S3 will not take wait for a person. Over when none does.")                    \
    X(PARKED_PROCESSING, 7, WARNING, "parked_processing",                                          \
      "Pictures that no detector could process wait for a person. Over when none does.")           \
    X(DAMAGED_SHARD, 8, CRITICAL, "damaged_shard",                                                 \
      "A file of the store is damaged and was set aside. Over when it is back.")

/** What an alert is about: `WILDCAM_ALERT_LOW_BATTERY` and so on, from the list above. */
enum {
#define WILDCAM_ALERT_VALUE(name, value, severity, text, says) WILDCAM_ALERT_##name = (value),
    WILDCAM_ALERT_LIST(WILDCAM_ALERT_VALUE)
#undef WILDCAM_ALERT_VALUE
};

/** The most alerts that one call lists. */
#define WILDCAM_ALERTS_MAX 1000
/** The most bytes of the name of who read an alert. */
#define WILDCAM_ALERT_READER_MAX 100
/** The most bytes of an origin. */
#define WILDCAM_ORIGIN_MAX 100

/**
 * Names a severity, such as "warning".
 *
 * @param severity  one of the WILDCAM_SEVERITY_ values.
 * @return the name; "unknown" for any other value.
 *
 * Ownership: borrowed, valid as long as the library is loaded. Thread safety: any thread, at any
 * time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_severity_name(int severity);

/**
 * Names a kind of alert, such as "low_battery".
 *
 * @param kind  one of the WILDCAM_ALERT_ values.
 * @return the name; "unknown" for any other value.
 *
 * Ownership: borrowed, valid as long as the library is loaded. Thread safety: any thread, at any
 * time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_alert_kind_name(int kind);

/**
 * Finds a kind of alert by its name.
 *
 * @param name  the name, as wildcam_alert_kind_name() gives it.
 * @param kind  where it goes.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when no kind has that name; #WILDCAM_ERR_INVALID when
 * an argument is NULL.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_alert_kind_from_name(const char *name, int *kind);

/**
 * How bad the alerts of a kind are.
 *
 * @param kind  one of the WILDCAM_ALERT_ values.
 * @return one of the WILDCAM_SEVERITY_ values; -1 for any other kind.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_alert_kind_severity(int kind);

/* ---- Asking ---- */

/**
 * Makes a query for all alerts.
 *
 * @param out  where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_INVALID when @p out is NULL.
 *
 * Ownership: the caller's, freed with wildcam_alert_query_free(). Thread safety: any thread, at any
 * time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_alert_query_new(wildcam_alert_query **out);

/**
 * Frees a query.
 *
 * @param self  the query, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_alert_query_free(wildcam_alert_query *self);

/**
 * Asks for alerts of one kind.
 *
 * @param self  the query.
 * @param kind  one of the WILDCAM_ALERT_ values; -1 for all.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is no kind, or @p self is NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_alert_query_set_kind(wildcam_alert_query *self, int kind);

/**
 * Asks for alerts that are about one camera.
 *
 * @param self       the query.
 * @param device_id  the camera's; NULL or "" for all, and those about no camera.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is no device's id, or @p self is NULL;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_alert_query_set_camera(wildcam_alert_query *self,
                                                          const char *device_id);

/**
 * Asks for alerts that were raised, found again or cleared at or after a time.
 *
 * @param self  the query.
 * @param time  microseconds UTC; #WILDCAM_TIME_NONE for all.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when the time is outside the years 1970 to 2105, or
 *         @p self is NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_alert_query_set_since(wildcam_alert_query *self, int64_t time);

/**
 * Asks for open alerts alone.
 *
 * @param self  the query.
 * @param open  1 for those that are not cleared, 0 for all.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is neither, or @p self is NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_alert_query_set_open(wildcam_alert_query *self, int open);

/**
 * Asks for unread alerts alone.
 *
 * @param self    the query.
 * @param unread  1 for those that nobody has read, cleared or not; 0 for all.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is neither, or @p self is NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_alert_query_set_unread(wildcam_alert_query *self, int unread);

/**
 * Lists alerts, the newest first: those that were raised last.
 *
 * Ids rise with the time of raising, so the id of the last alert of one answer is where the next
 * one goes on: what is raised meanwhile moves nothing.
 *
 * @param self   the station.
 * @param query  which ones; NULL for all.
 * @param after  the id behind which to go on; 0 for the beginning.
 * @param limit  how many at most, 1 to #WILDCAM_ALERTS_MAX.
 * @param out    where they go; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits;
 *         #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_VERSION; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_alert_list_free(). Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_list_alerts(wildcam_station *self,
                                                       const wildcam_alert_query *query,
                                                       int64_t after, int limit,
                                                       wildcam_alert_list **out);

/**
 * Counts alerts.
 *
 * @param self   the station.
 * @param query  which ones; NULL for all.
 * @param count  where the number goes.
 * @return as wildcam_station_list_alerts().
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_count_alerts(wildcam_station *self,
                                                        const wildcam_alert_query *query,
                                                        int64_t *count);

/**
 * Reads one alert from the store. That makes it no read one: wildcam_station_read_alert() does.
 *
 * @param self  the station.
 * @param id    the alert's.
 * @param out   where it goes; NULL on failure.
 * @return as wildcam_station_list_alerts(); #WILDCAM_ERR_NOTFOUND when there is none.
 *
 * Ownership: the caller's, freed with wildcam_alert_free(). Thread safety: any thread, at any time.
 * Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_alert(wildcam_station *self, int64_t id,
                                                     wildcam_alert **out);

/**
 * Notes that a person has read an alert. The first one stays: who reads it again changes nothing.
 * An alert of a rare species or an unknown camera is cleared by it, with the reason "read".
 *
 * @param self  the station.
 * @param id    the alert's.
 * @param by    who: UTF-8, at most #WILDCAM_ALERT_READER_MAX bytes, no control characters; NULL or
 *              "" when it is not known.
 * @return as wildcam_station_list_alerts(); #WILDCAM_ERR_NOTFOUND when there is none.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_read_alert(wildcam_station *self, int64_t id,
                                                      const char *by);

/* ---- Looking, and telling ---- */

/**
 * Looks whether there is a reason for an alert that nobody has brought, and whether reasons are
 * over: silent cameras, the disk, what is parked, damaged shards; deletes cleared alerts that are
 * older than `alerts.keep_days`. The station's own thread does this by itself. Several processes
 * may: what one has raised or cleared the others find so.
 *
 * A camera is silent when nothing came from it for `alerts.offline_seconds`, but never in less than
 * twice the interval at which its reports come. The time in which this process could not have heard
 * it does not count: before the station was opened, or while the machine slept or its clock was
 * set.
 *
 * @param self     the station.
 * @param changes  where it goes how many alerts were raised and cleared; may be NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL; #WILDCAM_ERR_BUSY;
 *         #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT;
 *         #WILDCAM_ERR_VERSION; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_check_alerts(wildcam_station *self, int64_t *changes);

/**
 * Tells where a camera's requests come from, for finding out that two devices share an id: an
 * address, the id of a key, whatever stays the same for one device. Nothing is kept of it but what
 * is needed for that, in memory.
 *
 * The library cannot know an origin by itself. Places and versions that go to and fro are noticed
 * without it, from wildcam_station_put_camera() and wildcam_station_report_camera(). An origin that
 * merely changes, as in mobile networks, raises nothing: one that comes back four times within an
 * hour does.
 *
 * @param self       the station.
 * @param device_id  the camera's; one that is not known is passed over.
 * @param origin     UTF-8, 1 to #WILDCAM_ORIGIN_MAX bytes, no control characters.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL or outside its limits;
 *         #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_VERSION; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk, when an alert is raised
 * or the camera was not known before; else none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_note_origin(wildcam_station *self, const char *device_id,
                                                       const char *origin);

/**
 * Sends what is owed to the addresses of `alerts.webhook`, in the caller's thread. The station's
 * own thread does this by itself where the setting is not empty.
 *
 * Each alert that is raised or cleared is one POST of a JSON object to each address:
 *
 *     {"event": "raised", "delivery": "...", "station": "...", "at": "...", "alert": {...}}
 *
 * An address is sent what comes about after it was first set; one that was taken out of the setting
 * and is put back, what is no older than `alerts.webhook_keep`. A delivery stays owed, through
 * restarts, until the receiver answers with a status of 2xx; whatever else comes, it is tried again
 * at growing intervals for `alerts.webhook_keep` seconds, and parked then. So it comes once or
 * more: the header `X-WildCAM-Delivery`, the same in each try, tells. The deliveries of one alert
 * come in their order. A receiver that answers 410 is sent nothing more until
 * wildcam_station_test_webhook() reaches it; its Retry-After is kept to. Redirects are not
 * followed.
 *
 * With `alerts.webhook_secret` set, `X-WildCAM-Signature: t=UNIX,v1=HEX` proves that it comes from
 * here: HEX is the HMAC-SHA-256, under that secret, of UNIX (seconds, as digits), "." and the body.
 *
 * @param self       the station.
 * @param budget_ms  for how long at most, 0 to 3600000; what is under way when it ends is given
 *                   back, and sent again later.
 * @param sent       where the number of deliveries goes that were taken; may be NULL.
 * @return #WILDCAM_OK, also when a receiver did not take something: that is for later;
 *         #WILDCAM_ERR_STATE when `alerts.webhook` is empty; #WILDCAM_ERR_INVALID when an argument
 *         is outside its limits; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED;
 *         #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_VERSION; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_UNSUPPORTED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk and network, for no more
 * than @p budget_ms and a tenth of a second.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_send_alerts(wildcam_station *self, int64_t budget_ms,
                                                       int64_t *sent);

/**
 * Sends a delivery whose event is "test", and whose alert is null, to each address of
 * `alerts.webhook` at once, and tells what came of it. A receiver that takes it is sent what was
 * parked of alerts that are still open, or that it was told of; one that had said 410 is sent what
 * comes about from then on.
 *
 * @param self    the station.
 * @param report  where a line for each address goes: its scheme, host and port, and what came of
 *                it, such as "https://example.org: 200"; NULL on failure, but for
 *                #WILDCAM_ERR_UPLOAD; may be NULL.
 * @return #WILDCAM_OK when all of them took it; #WILDCAM_ERR_UPLOAD when one did not;
 *         #WILDCAM_ERR_STATE when `alerts.webhook` is empty; #WILDCAM_ERR_INVALID when @p self is
 *         NULL; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_VERSION; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_UNSUPPORTED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is the caller's, freed with wildcam_free(). Thread safety: any thread, at any
 * time. Blocking: disk and network, for no more than `alerts.webhook_timeout` for each address.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_test_webhook(wildcam_station *self, char **report);

/* ---- An alert ---- */

/**
 * Its id. Ids rise with the time of raising and are never given again.
 *
 * @param self  the alert.
 * @return above 0; 0 for NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_alert_get_id(const wildcam_alert *self);

/**
 * What it is about.
 *
 * @param self  the alert.
 * @return one of the WILDCAM_ALERT_ values; -1 for NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_alert_get_kind(const wildcam_alert *self);

/**
 * How bad it is.
 *
 * @param self  the alert.
 * @return one of the WILDCAM_SEVERITY_ values; -1 for NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_alert_get_severity(const wildcam_alert *self);

/**
 * What it is about, within its kind: a device's id, "DEVICE_ID/SPECIES", a shard's name.
 *
 * @param self  the alert.
 * @return the text, valid as long as the object; "" when it is the station itself.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_alert_get_subject(const wildcam_alert *self);

/**
 * The camera that it is about.
 *
 * @param self  the alert.
 * @return the device's id, valid as long as the object; "" when it is about none.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_alert_get_device_id(const wildcam_alert *self);

/**
 * What it says, as a sentence for people: what was found when it was raised, and where that was no
 * detection, what was found last.
 *
 * @param self  the alert.
 * @return the sentence, without a full stop, valid as long as the object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_alert_get_text(const wildcam_alert *self);

/**
 * The figure behind it: percent of the battery, the confidence of the detection, bytes that are
 * free, how many are parked, seconds of silence; as it was found last.
 *
 * @param self  the alert.
 * @return the number; NaN when there is none.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_alert_get_value(const wildcam_alert *self);

/**
 * The detection of a rare species that raised it.
 *
 * @param self  the alert.
 * @return its id; 0 when there is none, or it is not known any more.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_alert_get_detection_id(const wildcam_alert *self);

/**
 * How often its reason was found: 1 when it was raised.
 *
 * @param self  the alert.
 * @return the number.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_alert_get_count(const wildcam_alert *self);

/**
 * When it was raised.
 *
 * @param self  the alert.
 * @return microseconds UTC; #WILDCAM_TIME_NONE for NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_alert_get_raised_at(const wildcam_alert *self);

/**
 * When its reason was found last.
 *
 * @param self  the alert.
 * @return microseconds UTC; #WILDCAM_TIME_NONE for NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_alert_get_last_at(const wildcam_alert *self);

/**
 * When it was cleared.
 *
 * @param self  the alert.
 * @return microseconds UTC; #WILDCAM_TIME_NONE while it is open.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_alert_get_cleared_at(const wildcam_alert *self);

/**
 * Why it was cleared, such as "it was heard of again".
 *
 * @param self  the alert.
 * @return the words, valid as long as the object; "" while it is open.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_alert_get_cleared_reason(const wildcam_alert *self);

/**
 * When a person read it first.
 *
 * @param self  the alert.
 * @return microseconds UTC; #WILDCAM_TIME_NONE when nobody has.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_alert_get_read_at(const wildcam_alert *self);

/**
 * Who read it first.
 *
 * @param self  the alert.
 * @return the name, valid as long as the object; "" when nobody has, or it is not known.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_alert_get_read_by(const wildcam_alert *self);

/**
 * Writes an alert as a JSON object, with the names of the HTTP interface.
 *
 * @param self  the alert.
 * @param out   where the text goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_alert_to_json(const wildcam_alert *self, char **out);

/**
 * Frees what wildcam_station_get_alert() gave.
 *
 * @param self  the alert, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_alert_free(wildcam_alert *self);

/**
 * How many alerts a list has.
 *
 * @param self  the list.
 * @return the number.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API size_t wildcam_alert_list_get_count(const wildcam_alert_list *self);

/**
 * One alert of a list.
 *
 * @param self   the list.
 * @param index  from 0.
 * @return the alert, valid as long as the list; NULL past the end.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const wildcam_alert *wildcam_alert_list_at(const wildcam_alert_list *self,
                                                       size_t index);

/**
 * Frees a list and the alerts in it.
 *
 * @param self  the list, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_alert_list_free(wildcam_alert_list *self);

#ifdef __cplusplus
}
#endif

#endif
