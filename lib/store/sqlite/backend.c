/* The SQLite backend as the store sees it. */
#include <stdlib.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "store/sqlite/sqlite.h"

#define UNUSED_FOR (60 * WCI_SECOND)
/* While somebody keeps house, writers step in only when he does not keep up. */
#define KEEPER_IS_NEAR (10 * WCI_SECOND)
enum { PATIENCE = 4 };

static void close_backend(wci_backend *self, bool is_forked)
{
    wci_clock_rules_destroy(&self->clock_rules, is_forked);
    wci_barrier_close(&self->barrier);
    wci_shards_close(&self->shards, is_forked);
    wci_catalog_close(&self->catalog, is_forked);
    wci_deltas_free(&self->deltas);
    wci_changes_destroy(&self->changes);
    if (!is_forked)
        wci_slow_destroy(&self->slow);
    free(self);
}

/* The last step of opening. */
static wildcam_status enter_shards(wci_backend *self, wci_backend **out)
{
    wildcam_status status = wci_sqlite_enter_shards(self);
    if (status == WILDCAM_OK)
        *out = self;
    else
        close_backend(self, false);
    return status;
}

static wildcam_status open_backend(const wildcam_conf *conf, const struct wci_log *log,
                                   wci_backend **out)
{
    const char *directory = wci_conf_text(conf, WCI_DATA_DIR);
    wci_backend *self = wci_new(sizeof *self);
    *out = NULL;
    if (!self)
        return WILDCAM_ERR_NOMEM;
    self->conf = conf;
    self->log = log;
    wildcam_status status = wci_changes_init(&self->changes);
    if (status == WILDCAM_OK)
        status = wci_sqlite_mind_forks();
    if (status == WILDCAM_OK)
        status = wci_slow_init(&self->slow, conf, log);
    if (status != WILDCAM_OK) {
        wci_changes_destroy(&self->changes);
        free(self);
        return status;
    }
    status = wci_catalog_open(&self->catalog, &self->slow, directory, conf);
    if (status == WILDCAM_OK) {
        status = wci_shards_open(&self->shards, directory, conf, log, &self->catalog);
        if (status == WILDCAM_OK) {
            status = wci_barrier_open(&self->barrier, directory);
            if (status == WILDCAM_OK) {
                status = wci_clock_rules_init(&self->clock_rules);
                if (status == WILDCAM_OK)
                    return enter_shards(self, out);
                wci_barrier_close(&self->barrier);
            }
            wci_shards_close(&self->shards, false);
        }
        wci_catalog_close(&self->catalog, false);
    }
    wci_slow_destroy(&self->slow);
    wci_changes_destroy(&self->changes);
    free(self);
    return status;
}

static wildcam_status find_camera(wci_backend *self, const char *device_id, bool or_number,
                                  const struct wci_name **out)
{
    return wci_catalog_find_camera(&self->catalog, device_id, or_number, out);
}

static wildcam_status put_camera(wci_backend *self, const wildcam_camera *draft, bool may_create,
                                 int64_t now, bool *created)
{
    return wci_catalog_put_camera(&self->catalog, draft, may_create, now, created);
}

static wildcam_status get_camera(wci_backend *self, int64_t id, wildcam_camera *out)
{
    return wci_catalog_get_camera(&self->catalog, id, out);
}

static wildcam_status list_cameras(wci_backend *self, bool all,
                                   wildcam_status (*each)(void *user, wildcam_camera *camera),
                                   void *user)
{
    return wci_catalog_list_cameras(&self->catalog, all, each, user);
}

static wildcam_status count_camera_changes(wci_backend *self, int64_t *changes)
{
    return wci_pool_count_changes(&self->catalog.pool, changes);
}

static void listen_alerts(wci_backend *self, wci_alert_told *told, void *user)
{
    self->catalog.alerts = (struct wci_alert_listener){told, user};
}

static wildcam_status correct(wci_backend *self, int64_t camera_id, int source,
                              struct wci_reading *reading, int64_t *version)
{
    return wci_clock_rules_correct(&self->clock_rules, &self->catalog, camera_id, source, reading,
                                   version);
}

static wildcam_status find_species(wci_backend *self, int category, const char *name,
                                   const struct wci_name **out)
{
    return wci_catalog_find_species(&self->catalog, category, name, out);
}

static wildcam_status find_detector(wci_backend *self, const char *name, const char *version,
                                    int64_t *id)
{
    return wci_catalog_find_detector(&self->catalog, name, version, id);
}

/* `shard` is NULL for the catalog. A shard that another process has purged has no log any more. */
static void checkpoint(wci_backend *self, struct wci_pool *pool, const struct wci_shard *shard,
                       int64_t limit, bool patiently)
{
    if (pool->wal_bytes < limit)
        return;
    wildcam_status status = wci_pool_checkpoint(pool, patiently);
    if (shard && wci_shards_is_gone(shard, status))
        wci_shards_look_again(&self->shards);
    else if (status != WILDCAM_OK)
        wci_log_failure(self->log, WILDCAM_LOG_WARNING, "store",
                        "a write-ahead log could not be moved into its database");
}

/* Every log that is longer than the limit. */
static void checkpoint_all(wci_backend *self, int64_t limit, bool patiently, int64_t deadline)
{
    int64_t at = INT64_MAX;
    checkpoint(self, &self->catalog.pool, NULL, limit, patiently);
    while (wci_calendar_monotonic() < deadline) {
        struct wci_shard *shard;
        wci_shards_step_to_log(&self->shards, at, limit, &shard);
        if (!shard)
            return;
        at = shard->from;
        checkpoint(self, &shard->pool, shard, limit, patiently);
        wci_shards_give(&self->shards, shard);
    }
}

static void after_write(wci_backend *self)
{
    int64_t limit = wci_conf_int(self->conf, WCI_STORE_WAL_BYTES);
    int64_t last = self->last_maintained;
    wci_slow_tell(&self->slow);
    if (self->longest_wal < limit) /* the common case: nothing to look for */
        return;
    if (last && wci_calendar_monotonic() - last < KEEPER_IS_NEAR)
        limit *= PATIENCE;
    if (self->longest_wal < limit)
        return;
    self->longest_wal = 0;
    checkpoint_all(self, limit, false, INT64_MAX);
}

static void tell_slow(wci_backend *self)
{
    wci_slow_tell(&self->slow);
}

static void maintain(wci_backend *self, int64_t deadline)
{
    self->last_maintained = wci_calendar_monotonic();
    tell_slow(self);
    checkpoint_all(self, wci_conf_int(self->conf, WCI_STORE_WAL_BYTES), true, deadline);
    if (wci_calendar_monotonic() < deadline)
        wci_shards_rest(&self->shards, wci_calendar_monotonic() - UNUSED_FOR);
}

static wildcam_status each_span(wci_backend *self,
                                wildcam_status (*each)(void *user, const char *name, int64_t from,
                                                       int64_t to),
                                void *user)
{
    int64_t at = INT64_MIN;
    for (;;) {
        struct wci_shard *shard;
        wildcam_status status = wci_shards_step(&self->shards, true, at, INT64_MAX, &shard);
        if (status != WILDCAM_OK || !shard)
            return status;
        at = shard->to;
        status = each(user, shard->name, shard->from, shard->to);
        wci_shards_give(&self->shards, shard);
        if (status != WILDCAM_OK)
            return status;
    }
}

static wildcam_status figures(wci_backend *self, struct wci_store_figures *out)
{
    int64_t cameras;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_ask(reader, "SELECT count(*) FROM cameras", &cameras);
    wci_pool_give_reader(&self->catalog.pool, reader);
    if (status == WILDCAM_OK)
        status = wci_shards_figures(&self->shards, &out->shards, &out->open_shards,
                                    &out->damaged_shards, &out->damaged);
    return status;
}

static const char *identity(wci_backend *self)
{
    return self->catalog.identity;
}

const struct wci_backend_ops wci_sqlite_backend = {
    .name = "sqlite",
    .open = open_backend,
    .close = close_backend,
    .find_camera = find_camera,
    .put_camera = put_camera,
    .get_camera = get_camera,
    .list_cameras = list_cameras,
    .count_camera_changes = count_camera_changes,
    .find_background = wci_sqlite_find_background,
    .put_background = wci_sqlite_put_background,
    .find_key = wci_sqlite_find_key,
    .find_user = wci_sqlite_find_user,
    .find_session = wci_sqlite_find_session,
    .list_access = wci_sqlite_list_access,
    .has_access = wci_sqlite_has_access,
    .change_access = wci_sqlite_change_access,
    .listen_alerts = listen_alerts,
    .change_alerts = wci_sqlite_change_alerts,
    .read_alert = wci_sqlite_read_alert,
    .find_open_alert = wci_sqlite_find_open_alert,
    .get_alert = wci_sqlite_get_alert,
    .list_alerts = wci_sqlite_list_alerts,
    .count_alerts = wci_sqlite_count_alerts,
    .count_open_alerts = wci_sqlite_count_open_alerts,
    .drop_alerts = wci_sqlite_drop_alerts,
    .each_watch = wci_sqlite_each_watch,
    .has_seen_species = wci_sqlite_has_seen_species,
    .announce_sightings = wci_sqlite_announce_sightings,
    .find_sightings = wci_sqlite_find_sightings,
    .claim_deliveries = wci_sqlite_claim_deliveries,
    .end_delivery = wci_sqlite_end_delivery,
    .revive_target = wci_sqlite_revive_target,
    .count_deliveries = wci_sqlite_count_deliveries,
    .get_deployment = wci_sqlite_get_deployment,
    .list_deployments = wci_sqlite_list_deployments,
    .change_deployment = wci_sqlite_change_deployment,
    .correct = correct,
    .next_retiming = wci_sqlite_next_retiming,
    .begin_retiming = wci_sqlite_begin_retiming,
    .find_to_retime = wci_sqlite_find_to_retime,
    .end_retiming = wci_sqlite_end_retiming,
    .get_job = wci_sqlite_get_job,
    .list_jobs = wci_sqlite_list_jobs,
    .has_job = wci_sqlite_has_job,
    .change_job = wci_sqlite_change_job,
    .find_species = find_species,
    .write = wci_sqlite_write,
    .after_write = after_write,
    .read = wci_sqlite_read,
    .skip = wci_sqlite_skip,
    .count = wci_sqlite_count,
    .summarise = wci_sqlite_summarise,
    .count_changes = wci_sqlite_count_changes,
    .walk_days = wci_sqlite_walk_days,
    .get_detection = wci_sqlite_get_detection,
    .get_image = wci_sqlite_get_image,
    .find_image = wci_sqlite_find_image,
    .put_import = wci_sqlite_put_import,
    .put_import_rows = wci_sqlite_put_import_rows,
    .each_import = wci_sqlite_each_import,
    .each_import_row = wci_sqlite_each_import_row,
    .read_images = wci_sqlite_read_images,
    .read_of_images = wci_sqlite_read_of_images,
    .list_pictures = wci_sqlite_list_pictures,
    .sum_event = wci_sqlite_sum_event,
    .get_upload = wci_sqlite_get_upload,
    .find_due = wci_sqlite_find_due,
    .find_uploads = wci_sqlite_find_uploads,
    .find_releasable = wci_sqlite_find_releasable,
    .count_uploads = wci_sqlite_count_uploads,
    .get_processing = wci_sqlite_get_processing,
    .find_due_processing = wci_sqlite_find_due_processing,
    .find_processing = wci_sqlite_find_processing,
    .count_processing = wci_sqlite_count_processing,
    .pause_processing = wci_sqlite_pause_processing,
    .get_processing_pause = wci_sqlite_get_processing_pause,
    .find_detector = find_detector,
    .drop_file = wci_sqlite_drop_file,
    .find_to_remove = wci_sqlite_find_to_remove,
    .note_duties = wci_sqlite_note_duties,
    .get_duties = wci_sqlite_get_duties,
    .forget_keys = wci_sqlite_forget_keys,
    .find_people = wci_sqlite_find_people,
    .read_frames = wci_sqlite_read_frames,
    .read_frames_back = wci_sqlite_read_frames_back,
    .find_owed_events = wci_sqlite_find_owed_events,
    .find_stale_events = wci_sqlite_find_stale_events,
    .settle_events = wci_sqlite_settle_events,
    .purge = wci_sqlite_purge,
    .finish_purges = wci_sqlite_finish_purges,
    .maintain = maintain,
    .tell_slow = tell_slow,
    .identity = identity,
    .backup = wci_sqlite_backup,
    .check = wci_sqlite_check,
    .each_image = wci_sqlite_each_image,
    .walk_images = wci_sqlite_walk_images,
    .each_span = each_span,
    .figures = figures,
};
