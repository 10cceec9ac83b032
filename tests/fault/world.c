#include "fault/world.h"

#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

static struct jpeg old_picture, new_picture, fresh_picture;
static int64_t kept_image, kept_detection;
static const char *copy_from, *copy_to;

static int remove_entry(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
    (void)status;
    (void)flag;
    (void)walk;
    return remove(path);
}

void remove_tree(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    ck_assert_msg(access(path, F_OK) != 0, "%s cannot be removed", path);
}

static int copy_entry(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
    static char chunk[64 * 1024];
    char to[2048];
    ssize_t got;
    (void)walk;
    snprintf(to, sizeof to, "%s%s", copy_to, path + strlen(copy_from));
    if (flag == FTW_D)
        return mkdir(to, 0750);
    int in = open(path, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_EXCL, status->st_mode);
    ck_assert_msg(in >= 0 && out >= 0, "cannot copy %s to %s", path, to);
    while ((got = read(in, chunk, sizeof chunk)) > 0)
        ck_assert_int_eq(write(out, chunk, (size_t)got), got);
    close(in);
    close(out);
    return 0;
}

void copy_tree(const char *from, const char *to)
{
    copy_from = from;
    copy_to = to;
    remove_tree(to);
    ck_assert_int_eq(nftw(from, copy_entry, 16, FTW_PHYS), 0);
}

static struct jpeg picture(unsigned seed, const char *taken)
{
    const struct exif_facts facts = {.make = "Testcam",
                                     .model = "T-1",
                                     .serial = "S-77",
                                     .date_time_original = taken,
                                     .orientation = 6,
                                     .latitude = 47.5,
                                     .longitude = 8.25,
                                     .altitude = 440};
    return make_jpeg_with_exif(48, 32, seed, &facts);
}

static wildcam_conf *quiet_conf(const char *directory)
{
    wildcam_conf *conf = station_conf();
    assert_ok(wildcam_conf_set(conf, "data.dir", directory));
    assert_ok(wildcam_conf_set(conf, "images.thumbnail", "16x16"));
    assert_ok(wildcam_conf_set(conf, "store.shard", "day")); /* a check looks at every day */
    assert_ok(wildcam_conf_set(conf, "disk.min_free_percent", "0"));
    assert_ok(wildcam_conf_set(conf, "auth.password_cost", "10")); /* it is made many times */
    assert_ok(wildcam_conf_set_log(conf, NULL, NULL));
    return conf;
}

static void keep_picture(wildcam_station *station, const struct jpeg *jpeg, const char *species)
{
    wildcam_ingest *ingest;
    wildcam_detection *draft;
    assert_ok(wildcam_detection_new(&draft));
    assert_ok(wildcam_detection_set_species(draft, species));
    assert_ok(wildcam_detection_set_confidence(draft, 0.75));
    assert_ok(wildcam_ingest_begin(station, &ingest));
    assert_ok(wildcam_ingest_set_device_id(ingest, "gate"));
    assert_ok(wildcam_ingest_add_detection(ingest, draft));
    assert_ok(wildcam_ingest_write(ingest, jpeg->data, jpeg->size));
    assert_ok(wildcam_ingest_commit(ingest));
    kept_image = wildcam_ingest_get_image_id(ingest);
    kept_detection = wildcam_ingest_get_detection_id(ingest);
    wildcam_ingest_free(ingest);
    wildcam_detection_free(draft);
}

/* A detection of its own, with a reviewer's word. */
static void keep_detection(wildcam_station *station)
{
    int64_t id;
    wildcam_detection *draft;
    assert_ok(wildcam_detection_new(&draft));
    assert_ok(wildcam_detection_set_device_id(draft, "gate"));
    assert_ok(wildcam_detection_set_time(draft, INT64_C(1772600000000000), 3600,
                                         WILDCAM_TIME_SOURCE_CLIENT));
    assert_ok(wildcam_detection_set_species(draft, "badger"));
    assert_ok(wildcam_station_add_detection(station, draft, &id));
    assert_ok(wildcam_detection_set_verified_species(draft, "otter"));
    assert_ok(wildcam_detection_set_notes(draft, "wet"));
    assert_ok(wildcam_station_verify_detection(station, id, draft));
    wildcam_detection_free(draft);
}

void world_prepare(void)
{
    wildcam_station *station;
    wildcam_conf *conf = quiet_conf(scratch_path("template"));
    jpeg_free(&old_picture); /* of the test before, where tests share a process */
    jpeg_free(&new_picture);
    jpeg_free(&fresh_picture);
    old_picture = picture(1, "2026:02:03 04:05:06");
    new_picture = picture(2, "2026:03:04 05:06:07");
    fresh_picture = picture(3, "2026:03:04 05:06:08");
    assert_ok(wildcam_station_open(conf, &station));
    keep_picture(station, &old_picture, "fox");
    keep_picture(station, &new_picture, "red deer");
    keep_detection(station);
    assert_ok(wildcam_station_backup(station, scratch_path("backup"), NULL, NULL, NULL));
    wildcam_station_close(station);
    wildcam_conf_free(conf);
}

void world_begin(struct world *world, bool has_station, bool is_ready)
{
    *world = (struct world){.directory = scratch_path("station"),
                            .image_id = kept_image,
                            .detection_id = kept_detection,
                            .kept = &new_picture,
                            .fresh = &fresh_picture,
                            .fd = -1};
    if (has_station && !is_ready)
        copy_tree(scratch_path("template"), world->directory);
    else if (!is_ready)
        remove_tree(world->directory);
    world->conf = quiet_conf(world->directory);
}

void world_open(struct world *world)
{
    assert_ok(wildcam_station_open(world->conf, &world->station));
}

void world_drop(struct world *world)
{
    wildcam_camera_free(world->camera);
    wildcam_detection_free(world->detection);
    wildcam_query_free(world->query);
    wildcam_image_free(world->image);
    wildcam_ingest_free(world->ingest);
    wildcam_batch_free(world->batch);
    wildcam_cursor_free(world->cursor);
    wildcam_event_cursor_free(world->events);
    wildcam_image_cursor_free(world->images);
    wildcam_retention_free(world->got_retention);
    wildcam_conf_free(world->settings);
    wildcam_alert_query_free(world->alert_query);
    wildcam_alert_free(world->got_alert);
    wildcam_alert_list_free(world->got_alerts);
    wildcam_uploader_close(world->uploader);
    wildcam_exchange_free(world->exchange);
    wildcam_deployment_free(world->deployment);
    wildcam_deployment_free(world->got_deployment);
    wildcam_deployment_list_free(world->got_deployments);
    wildcam_camera_free(world->got_camera);
    wildcam_camera_list_free(world->got_list);
    wildcam_detection_free(world->got_detection);
    wildcam_image_free(world->got_image);
    wildcam_health_free(world->got_health);
    wildcam_summary_free(world->got_summary);
    wildcam_analytics_free(world->got_analytics);
    wildcam_report_free(world->got_report);
    wildcam_job_free(world->got_job);
    wildcam_job_list_free(world->got_jobs);
    wildcam_receipt_free(world->got_receipt);
    wildcam_regions_free(world->got_regions);
    wildcam_upload_free(world->got_upload);
    wildcam_processing_free(world->got_processing);
    wildcam_access_free(world->got_access);
    wildcam_access_list_free(world->got_access_list);
    wildcam_session_free(world->got_session);
    wildcam_counter_free(world->counter);
    wildcam_gauge_free(world->gauge);
    wildcam_histogram_free(world->histogram);
    wildcam_metrics_free(world->metrics);
    wildcam_free(world->bytes);
    if (world->fd >= 0)
        close(world->fd);
    struct world kept = *world;
    *world = (struct world){.directory = kept.directory,
                            .conf = kept.conf,
                            .station = kept.station,
                            .image_id = kept.image_id,
                            .detection_id = kept.detection_id,
                            .kept = kept.kept,
                            .fresh = kept.fresh,
                            .fd = -1};
}

void world_end(struct world *world)
{
    world_drop(world);
    wildcam_station_close(world->station);
    wildcam_conf_free(world->conf);
}

static void show_finding(void *user, const char *what, const char *where, const char *text)
{
    snprintf(user, 512, "%s: %s: %s", what, where, text);
}

int64_t world_check(wildcam_station *station)
{
    char finding[512] = "";
    int64_t findings, detections;
    assert_ok(wildcam_station_check(station, WILDCAM_CHECK_CONTENT, show_finding, NULL, finding,
                                    &findings));
    ck_assert_msg(findings == 0, "%lld findings: %s", (long long)findings, finding);
    assert_ok(wildcam_station_count(station, NULL, 0, &detections, NULL));
    return detections;
}

int64_t world_check_killed(void)
{
    wildcam_station *station;
    const char *killed = scratch_path("killed");
    copy_tree(scratch_path("station"), killed);
    wildcam_conf *conf = quiet_conf(killed);
    assert_ok(wildcam_station_open(conf, &station));
    int64_t detections = world_check(station);
    wildcam_station_close(station);
    wildcam_conf_free(conf);
    ck_assert_int_eq(count_files(scratch_path("killed/incoming")), 0);
    return detections;
}

static int incoming;

static int count_incoming(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
    const char *end = strrchr(path, '.');
    (void)status;
    (void)walk;
    incoming += flag == FTW_F && !(end && strcmp(end, ".lock") == 0);
    return 0;
}

int world_incoming(void)
{
    incoming = 0;
    nftw(scratch_path("station/incoming"), count_incoming, 16, FTW_PHYS);
    return incoming;
}
