/**
 * @file analytics.h
 * Answers about the last days, as JSON: worked out once, shared by all who ask, and kept in memory.
 *
 * A period is the last days of UTC, up to and including today, so that @p days of 7 covers eight
 * dates, the first and the last being whole and today as far as it has come. Hours and what counts
 * are as in summary.h. Species are what somebody or something named: what nobody has looked at yet
 * (unclassified) and what is empty (blank) is no species. Activity counts all but what is empty.
 *
 * An answer is kept for `cache.ttl` seconds at most, all together in `cache.bytes`, and never when
 * it is older than what it depends on: it shows all that was acknowledged, by whatever process,
 * before it was asked for. What this process changes is known by camera and day: the answers about
 * other cameras, and about periods without that day, stay. What other processes change is known by
 * file, a month or a day of `store.shard`. When many ask at once, one works it out and the others
 * wait for him; a failure goes to those who wait and is not kept.
 */
#ifndef WILDCAM_ANALYTICS_H
#define WILDCAM_ANALYTICS_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/station.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An answer. It never changes, and may be shared by many. */
typedef struct wildcam_analytics wildcam_analytics;

/** The most days that a period may have. */
#define WILDCAM_ANALYTICS_DAYS_MAX 3660

/**
 * Tells what a camera has seen: `{camera_id, device_id, species, species_by_day, hourly_activity,
 * daily_activity, total_detections, blank_detections, unclassified_detections, first_detection,
 * last_detection, period_days, start_date, camera}`.
 *
 * `species` is `[{species, count, avg_confidence}]`, the most frequent first, the average being of
 * those whose confidence is known, null when it is of none; `species_by_day` is `[{date, species,
 * count}]`; `hourly_activity` is `[{hour, count}]`, 24 of them; `daily_activity` is `[{date,
 * count}]`, with a 0 where there was none. `total_detections` is all activity.
 * `first_detection` and `last_detection` are the times of the first and the last detection in the
 * period, whatever was said of them since, or null. `camera` is as the camera is now, never from
 * memory: `{status, battery_level, battery_voltage, solar_voltage, temperature, humidity,
 * last_seen}`. Where shards of the period are damaged, `incomplete` names them.
 *
 * @param self       the station.
 * @param device_id  the camera's device id, or its number as text.
 * @param days       1 to #WILDCAM_ANALYTICS_DAYS_MAX.
 * @param out        where the answer goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such camera; #WILDCAM_ERR_INVALID
 * when an argument is outside its limits; #WILDCAM_ERR_TOOLARGE past 1,000,000 rows;
 *         #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_analytics_free(); it does not hold the station.
 * Thread safety: any thread, at any time. Blocking: disk, or the thread that is working the same
 * out.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_camera_statistics(wildcam_station *self,
                                                             const char *device_id, int64_t days,
                                                             wildcam_analytics **out);

/**
 * Counts species: `{species_data: [{species, count, avg_confidence}], period_days, start_date}`,
 * the most frequent first.
 *
 * @param self  the station.
 * @param days  1 to #WILDCAM_ANALYTICS_DAYS_MAX.
 * @param out   where the answer goes; NULL on failure.
 * @return as wildcam_station_camera_statistics(), but never #WILDCAM_ERR_NOTFOUND.
 *
 * Ownership: as wildcam_station_camera_statistics(). Thread safety: any thread, at any time.
 * Blocking: as wildcam_station_camera_statistics().
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_species_counts(wildcam_station *self, int64_t days,
                                                          wildcam_analytics **out);

/**
 * Counts activity: `{hourly_activity: [{hour, count}], daily_activity: [{date, count}],
 * period_days, start_date}`, with a 0 for hours and days without any.
 *
 * @param self  the station.
 * @param days  1 to #WILDCAM_ANALYTICS_DAYS_MAX.
 * @param out   where the answer goes; NULL on failure.
 * @return as wildcam_station_camera_statistics(), but never #WILDCAM_ERR_NOTFOUND.
 *
 * Ownership: as wildcam_station_camera_statistics(). Thread safety: any thread, at any time.
 * Blocking: as wildcam_station_camera_statistics().
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_activity(wildcam_station *self, int64_t days,
                                                    wildcam_analytics **out);

/**
 * Counts all of it: `{species_frequency, hourly_activity, daily_activity, species_hourly_activity:
 * [{species, hour, count}], period_days, start_date, species_filter}`.
 *
 * @param self     the station.
 * @param species  the only species that is counted, as it is stored, at most 100 characters; NULL
 *                 or "" for all.
 * @param days     1 to #WILDCAM_ANALYTICS_DAYS_MAX.
 * @param out      where the answer goes; NULL on failure.
 * @return as wildcam_station_camera_statistics(), but never #WILDCAM_ERR_NOTFOUND.
 *
 * Ownership: as wildcam_station_camera_statistics(). Thread safety: any thread, at any time.
 * Blocking: as wildcam_station_camera_statistics().
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_analytics(wildcam_station *self, const char *species,
                                                     int64_t days, wildcam_analytics **out);

/**
 * The answer.
 *
 * @param self  the answer.
 * @param size  where its length in bytes goes, without the NUL behind it; may be NULL.
 * @return JSON in UTF-8, "" for NULL; valid as long as the object.
 *
 * Ownership: borrowed. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_analytics_get_json(const wildcam_analytics *self, size_t *size);

/**
 * The camera that the answer is about.
 *
 * @param self  the answer.
 * @return its device id, "" when it is about all of them; valid as long as the object.
 *
 * Ownership: borrowed. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_analytics_get_device_id(const wildcam_analytics *self);

/**
 * Frees an answer.
 *
 * @param self  the answer, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_analytics_free(wildcam_analytics *self);

#ifdef __cplusplus
}
#endif

#endif
