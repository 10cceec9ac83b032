#include "station/station.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/thread.h"
#include "image/thumbnail.h"
#include "station/events.h"
#include "station/retention.h"

#define KEEPER_EVERY WCI_SECOND
#define KEEPER_BUDGET WCI_SECOND

static wildcam_status init_locks(wildcam_station *station)
{
    if (pthread_mutex_init(&station->mutex, NULL) != 0)
        return wci_fail_memory();
    if (pthread_cond_init(&station->calls_ended, NULL) == 0) {
        if (wci_condition_init(&station->keeper_wakes) == WILDCAM_OK) {
            if (wci_jobs_init(&station->jobs) == WILDCAM_OK)
                return WILDCAM_OK;
            pthread_cond_destroy(&station->keeper_wakes);
        }
        pthread_cond_destroy(&station->calls_ended);
    }
    pthread_mutex_destroy(&station->mutex);
    return WILDCAM_ERR_NOMEM;
}

static void destroy_locks(wildcam_station *station)
{
    wci_jobs_destroy(&station->jobs);
    pthread_cond_destroy(&station->keeper_wakes);
    pthread_cond_destroy(&station->calls_ended);
    pthread_mutex_destroy(&station->mutex);
}

static void free_memory(wildcam_station *station)
{
    wci_metrics_free(station->metrics);
    wci_conf_free(station->conf);
    free(station);
}

static wildcam_status make_thumbnail_for_upload(void *user, int64_t id, void **data, size_t *size)
{
    return wci_station_thumbnail(user, id, data, size);
}

/* Who uploads and who processes. */
static wildcam_status open_senders(wildcam_station *station)
{
    const struct wci_engine_listener listener = wci_measures_listener(&station->measures);
    wildcam_status status = wci_uploader_open(station->conf, &station->store,
                                              make_thumbnail_for_upload, station, &station->log,
                                              &listener, &station->uploader);
    if (status != WILDCAM_OK)
        return status;
    const struct wci_detector_host host = {station->conf, &station->log, &station->store,
                                           &station->decode_budget, wci_station_limits(station)};
    const struct wci_process_listener told = wci_measures_processing(&station->measures);
    status = wci_processor_open(&host, &told, &station->processor);
    if (status != WILDCAM_OK)
        wci_uploader_close(station->uploader, false);
    return status;
}

/* The same, and who looks after the station. */
static wildcam_status open_workers(wildcam_station *station)
{
    wildcam_status status = wci_alerts_open(station);
    if (status != WILDCAM_OK)
        return status;
    status = open_senders(station);
    if (status != WILDCAM_OK)
        wci_alerts_close(station, false);
    return status;
}

static wildcam_status open_store(wildcam_station *station)
{
    wildcam_status status = wci_store_open(&station->store, station->conf, &station->log);
    if (status != WILDCAM_OK)
        return status;
    station->store.told = wci_measure_commit;
    station->store.told_user = &station->measures;
    double seconds = wci_conf_real(station->conf, WCI_CACHE_TTL);
    status = wci_cache_new(wci_conf_int(station->conf, WCI_CACHE_BYTES),
                           (int64_t)(seconds * (double)WCI_SECOND), &station->cache);
    if (status == WILDCAM_OK) {
        status = open_workers(station);
        if (status == WILDCAM_OK) {
            wci_station_note_duties(station);
            return WILDCAM_OK;
        }
        wci_cache_free(station->cache, false);
    }
    wci_store_close(&station->store, false);
    return status;
}

static void close_store(wildcam_station *station, bool is_forked)
{
    wci_processor_close(station->processor, is_forked);
    wci_uploader_close(station->uploader, is_forked);
    wci_alerts_close(station, is_forked);
    wci_cache_free(station->cache, is_forked);
    wci_store_close(&station->store, is_forked);
}

/* With what is measured, and who looks it up. */
static wildcam_status open_measured(wildcam_station *station)
{
    wildcam_status status = wci_measures_open(&station->measures, station->metrics, station->conf);
    if (status != WILDCAM_OK)
        return status;
    status = open_store(station);
    if (status == WILDCAM_OK) {
        status = wci_metrics_add_collector(station->metrics, wci_station_collect, station);
        if (status == WILDCAM_OK)
            return WILDCAM_OK;
        close_store(station, false);
    }
    wci_measures_close(&station->measures, false);
    return status;
}

static wildcam_status init_doors(wildcam_station *station)
{
    wildcam_status status = wci_throttle_init(&station->throttle);
    if (status != WILDCAM_OK)
        return status;
    if (pthread_mutex_init(&station->hash_mutex, NULL) == 0) {
        if (pthread_mutex_init(&station->retention.mutex, NULL) == 0)
            return WILDCAM_OK;
        pthread_mutex_destroy(&station->hash_mutex);
    }
    wci_throttle_destroy(&station->throttle);
    return wci_fail_memory();
}

static void destroy_doors(wildcam_station *station)
{
    wci_throttle_destroy(&station->throttle);
    pthread_mutex_destroy(&station->hash_mutex);
    pthread_mutex_destroy(&station->retention.mutex);
}

static wildcam_status open_parts(wildcam_station *station)
{
    station->log = wci_conf_log(station->conf);
    wildcam_status status = init_locks(station);
    if (status != WILDCAM_OK)
        return status;
    status = wci_decode_budget_init(&station->decode_budget,
                                    wci_conf_int(station->conf, WCI_IMAGES_DECODE_BYTES));
    if (status == WILDCAM_OK) {
        status = init_doors(station);
        if (status == WILDCAM_OK) {
            status = open_measured(station);
            if (status == WILDCAM_OK)
                return WILDCAM_OK;
            destroy_doors(station);
        }
        wci_decode_budget_destroy(&station->decode_budget);
    }
    destroy_locks(station);
    return status;
}

wildcam_status wci_station_open(const wildcam_conf *conf, wildcam_station **out)
{
    *out = NULL;
    if (!*wci_conf_text(conf, WCI_DATA_DIR))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "data.dir is not set: name the directory that holds the station");
    wildcam_station *station = wci_new(sizeof *station);
    if (!station)
        return WILDCAM_ERR_NOMEM;
    station->references = 1;
    station->pid = getpid();
    wildcam_status status = wci_conf_copy(conf, &station->conf);
    if (status == WILDCAM_OK)
        status = wci_metrics_new(&station->metrics);
    if (status == WILDCAM_OK)
        status = open_parts(station);
    if (status != WILDCAM_OK) {
        free_memory(station);
        return status;
    }
    *out = station;
    return WILDCAM_OK;
}

void wci_station_hold(wildcam_station *station)
{
    station->references++;
}

void wci_station_let_go(wildcam_station *station)
{
    if (--station->references > 0)
        return;
    if (station->pid == getpid())
        destroy_locks(station);
    free_memory(station);
}

wildcam_status wci_station_enter(wildcam_station *station)
{
    if (!station)
        return wci_fail(WILDCAM_ERR_INVALID, "the station is NULL");
    if (station->pid != getpid())
        return wci_fail(WILDCAM_ERR_FORKED,
                        "the station was opened by process %ld, before a fork; open it again here",
                        (long)station->pid);
    wci_station_hold(station);
    station->calls++;
    if (!station->is_closed)
        return WILDCAM_OK;
    wci_station_leave(station);
    return wci_fail(WILDCAM_ERR_CLOSED, "the station is closed");
}

void wci_station_leave(wildcam_station *station)
{
    if (!station->is_closed) /* who closes it waits for this call, so the store is still there */
        station->store.ops->tell_slow(station->store.backend);
    if (--station->calls == 0 && station->is_closed) {
        pthread_mutex_lock(&station->mutex);
        pthread_cond_broadcast(&station->calls_ended);
        pthread_mutex_unlock(&station->mutex);
    }
    wci_station_let_go(station);
}

static void wait_for_calls(wildcam_station *station)
{
    pthread_mutex_lock(&station->mutex);
    while (station->calls > 0)
        pthread_cond_wait(&station->calls_ended, &station->mutex);
    pthread_mutex_unlock(&station->mutex);
}

void wci_station_close(wildcam_station *station)
{
    bool is_forked = station->pid != getpid();
    if (station->is_closed)
        return;
    /* Before it is closed: a detector whose calls are refused knows then that it is not wanted. */
    if (!is_forked)
        wci_processor_hurry(station->processor);
    station->is_closed = true;
    if (!is_forked) {
        wci_uploader_hurry(station->uploader);
        wci_webhook_hurry(station);
        wait_for_calls(station);
        wci_station_stop(station);
        wci_metrics_remove_collector(station->metrics, wci_station_collect, station);
    }
    close_store(station, is_forked);
    if (!is_forked) {
        wci_decode_budget_destroy(&station->decode_budget);
        destroy_doors(station);
    }
    wci_measures_close(&station->measures, is_forked);
    wci_station_let_go(station);
}

/* A thread that was told to stop may see another one started before it has looked. */
static bool is_keeper(const wildcam_station *station)
{
    return station->has_keeper && pthread_equal(station->keeper, pthread_self());
}

static void *keep(void *user)
{
    wildcam_station *station = user;
    pthread_mutex_lock(&station->mutex);
    while (is_keeper(station)) {
        pthread_mutex_unlock(&station->mutex);
        wci_station_maintain(station, KEEPER_BUDGET / 1000);
        wci_alerts_tick(station);
        pthread_mutex_lock(&station->mutex);
        if (is_keeper(station))
            wci_condition_wait(&station->keeper_wakes, &station->mutex, KEEPER_EVERY);
    }
    pthread_mutex_unlock(&station->mutex);
    return NULL;
}

static wildcam_status start_keeper(wildcam_station *station, bool *was_started)
{
    wildcam_status status = WILDCAM_OK;
    pthread_mutex_lock(&station->mutex);
    *was_started = !station->has_keeper;
    if (!station->has_keeper) {
        status = wci_thread_start(&station->keeper, keep, station);
        station->has_keeper = status == WILDCAM_OK;
    }
    pthread_mutex_unlock(&station->mutex);
    return status;
}

static void stop_keeper(wildcam_station *station)
{
    pthread_mutex_lock(&station->mutex);
    bool had_keeper = station->has_keeper;
    pthread_t keeper = station->keeper;
    station->has_keeper = false;
    pthread_cond_broadcast(&station->keeper_wakes);
    pthread_mutex_unlock(&station->mutex);
    if (had_keeper)
        pthread_join(keeper, NULL);
}

static wildcam_status start_workers(wildcam_station *station)
{
    wildcam_status status = wci_uploader_start(station->uploader);
    if (status == WILDCAM_OK)
        status = wci_webhook_start(station);
    if (status == WILDCAM_OK)
        status = wci_processor_start(station->processor);
    return status == WILDCAM_OK ? wci_jobs_start(station) : status;
}

/* What ran before goes on when the rest cannot be started. */
wildcam_status wci_station_start(wildcam_station *station)
{
    bool was_started;
    struct wci_error error;
    if (wci_processor_is_within(station->processor)) /* stopping waits for it */
        return wci_fail(WILDCAM_ERR_STATE, "a detector cannot start the station");
    wildcam_status status = start_keeper(station, &was_started);
    if (status != WILDCAM_OK)
        return status;
    status = start_workers(station);
    if (status == WILDCAM_OK || !was_started)
        return status;
    wci_error_save(&error);
    wci_station_stop(station);
    return wci_error_restore(&error);
}

void wci_station_stop(wildcam_station *station)
{
    wci_processor_stop(station->processor);
    wci_webhook_stop(station);
    wci_uploader_stop(station->uploader);
    wci_jobs_stop(station);
    stop_keeper(station);
}

void wci_station_maintain(wildcam_station *station, int64_t budget_ms)
{
    int64_t deadline = wci_calendar_monotonic() + budget_ms * 1000;
    wci_store_maintain(&station->store, deadline);
    wci_station_keep_events(station, deadline);
    wci_station_keep_retention(station, deadline);
    wci_station_sweep_jobs(station);
}

struct wci_jpeg_limits wci_station_limits(const wildcam_station *station)
{
    return (struct wci_jpeg_limits){wci_conf_int(station->conf, WCI_IMAGES_MAX_PIXELS),
                                    wci_conf_int(station->conf, WCI_IMAGES_MAX_SCANS),
                                    wci_conf_int(station->conf, WCI_IMAGES_DECODE_BYTES)};
}

static wildcam_status register_camera(wildcam_station *station, const char *device_id,
                                      bool is_heard)
{
    wildcam_camera draft;
    bool created;
    int64_t now = wci_calendar_now();
    wci_camera_init(&draft);
    draft.is_unannounced = true;
    draft.last_seen = is_heard ? now : WILDCAM_TIME_NONE;
    wildcam_status status = wci_disk_check(station->conf, 0);
    if (status == WILDCAM_OK)
        status = wci_text_set(&draft.device_id, device_id, strlen(device_id));
    if (status == WILDCAM_OK)
        status = station->store.ops->put_camera(station->store.backend, &draft, true, now,
                                                &created);
    wci_camera_release(&draft);
    if (status == WILDCAM_OK && created)
        wci_log_write(&station->log, WILDCAM_LOG_WARNING, "cameras",
                      "camera %s was not known and was registered on its first detection",
                      device_id);
    return status;
}

wildcam_status wci_station_find_camera(wildcam_station *station, const char *device_id,
                                       bool is_heard, const struct wci_name **out)
{
    struct wci_store *store = &station->store;
    if (!*device_id)
        return wci_fail(WILDCAM_ERR_INVALID, "device_id is required");
    wildcam_status status = store->ops->find_camera(store->backend, device_id, false, out);
    if (status != WILDCAM_ERR_NOTFOUND)
        return status;
    if (!wci_conf_int(station->conf, WCI_CAMERAS_AUTO_REGISTER))
        return wci_fail(status, "camera \"%.60s\" is not registered", device_id);
    status = register_camera(station, device_id, is_heard);
    return status == WILDCAM_OK ? store->ops->find_camera(store->backend, device_id, false, out)
                                : status;
}

wildcam_status wci_station_fill_row(wildcam_station *station, const wildcam_detection *draft,
                                    struct wci_row *row)
{
    int category;
    const char *species;
    wci_detection_settle(draft, &category, &species);
    row->confidence = draft->confidence;
    row->has_box = draft->has_box;
    row->box = draft->box;
    row->metadata = draft->metadata.length ? draft->metadata.data : NULL;
    wildcam_status status = station->store.ops->find_species(station->store.backend, category,
                                                             species, &row->species);
    if (status == WILDCAM_OK && draft->detector.length)
        status = station->store.ops->find_detector(station->store.backend, draft->detector.data,
                                                   wci_text_get(&draft->detector_version),
                                                   &row->detector_id);
    return status;
}

wildcam_status wci_station_make_row(wildcam_station *station, const wildcam_detection *draft,
                                    struct wci_row *row)
{
    *row = (struct wci_row){
        .time = draft->time, .offset = draft->offset, .time_source = (uint8_t)draft->time_source};
    if (draft->time == WILDCAM_TIME_NONE)
        return wci_fail(WILDCAM_ERR_INVALID, "the detection has no time");
    wildcam_status status = wci_station_find_camera(station, wci_text_get(&draft->device_id), true,
                                                    &row->camera);
    return status == WILDCAM_OK ? wci_station_fill_row(station, draft, row) : status;
}

static wildcam_status make_thumbnail(wildcam_station *station, const wildcam_image *image,
                                     void **data, size_t *size)
{
    void *jpeg;
    size_t jpeg_size;
    int width, height;
    struct wci_jpeg_limits limits = wci_station_limits(station);
    wildcam_status status = wci_store_load_picture(&station->store, image, &jpeg, &jpeg_size);
    if (status != WILDCAM_OK)
        return status;
    wci_conf_geometry(station->conf, WCI_IMAGES_THUMBNAIL, &width, &height);
    status = wci_thumbnail_make(jpeg, jpeg_size, &limits, &station->decode_budget, width, height,
                                data, size);
    free(jpeg);
    if (status != WILDCAM_OK)
        return status;
    if (wci_disk_check(station->conf, (int64_t)*size) == WILDCAM_OK)
        wci_pictures_save_thumbnail(&station->store.pictures, image, *data, *size);
    wci_error_clear(); /* that it is not kept is no failure of this call */
    return WILDCAM_OK;
}

wildcam_status wci_station_thumbnail(wildcam_station *station, int64_t id, void **data,
                                     size_t *size)
{
    wildcam_image image;
    wci_image_init(&image);
    wildcam_status status = station->store.ops->get_image(station->store.backend, id, &image);
    if (status == WILDCAM_OK) {
        status = wci_pictures_load_thumbnail(&station->store.pictures, &image, data, size);
        if (status == WILDCAM_ERR_NOTFOUND)
            status = make_thumbnail(station, &image, data, size);
    }
    wci_image_release(&image);
    return status;
}
