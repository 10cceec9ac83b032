/* Imports write several rows at once: what of them is kept when they end early, or when some fail.
 */
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "api/fixtures.h"

enum { MANY = 1500, FEW = 6 };
#define MINUTE (60 * SECOND)

static char notes[20000];
static int rows_begun;

static void keep_note(void *user, const char *what, const char *where, const char *text)
{
    size_t length = strlen(notes);
    (void)user;
    snprintf(notes + length, sizeof notes - length, "%s: %s: %s\n", what, where, text);
}

static FILE *create(const char *name)
{
    FILE *file = fopen(scratch_path("%s", name), "w");
    ck_assert_ptr_nonnull(file);
    return file;
}

static void write_text(const char *name, const char *text)
{
    FILE *file = create(name);
    fputs(text, file);
    fclose(file);
}

/* A package of pictures that are elsewhere, one a minute, with an observation each. */
static void make_package(int pictures, int64_t begin)
{
    char time[WILDCAM_TIME_TEXT];
    ck_assert_int_eq(mkdir(scratch_path("package"), 0700), 0);
    write_text("package/datapackage.json",
               "{\"profile\": \"https://x/camtrap-dp/1.0.2/camtrap-dp-profile.json\","
               " \"id\": \"p\", \"resources\": [{\"name\": \"deployments\", \"path\": \"d.csv\"},"
               " {\"name\": \"media\", \"path\": \"m.csv\"},"
               " {\"name\": \"observations\", \"path\": \"o.csv\"}]}");
    write_text("package/d.csv",
               "deploymentID,latitude,longitude,deploymentStart,deploymentEnd,cameraID\n"
               "d1,50.1,4.2,2026-01-01T00:00:00Z,2027-01-01T00:00:00Z,gate\n");
    FILE *media = create("package/m.csv"), *observations = create("package/o.csv");
    fputs("mediaID,deploymentID,timestamp,filePath,filePublic,fileName,fileMediatype\n", media);
    fputs("observationID,deploymentID,mediaID,eventStart,eventEnd,observationLevel,"
          "observationType,scientificName\n",
          observations);
    for (int i = 0; i < pictures; i++) {
        assert_ok(wildcam_time_format(begin + i * MINUTE, 0, time, sizeof time));
        fprintf(media, "m%d,d1,%s,https://x/%d.jpg,true,IMG_%d.jpg,image/jpeg\n", i, time, i, i);
        fprintf(observations, "o%d,d1,m%d,%s,%s,media,animal,Vulpes vulpes\n", i, i, time, time);
    }
    fclose(media);
    fclose(observations);
}

/* MegaDetector's results for the same pictures, each with so many bytes that we know nothing of. */
static void make_results(int pictures, int filler)
{
    FILE *file = create("results.json");
    fputs("{\"images\": [\n", file);
    for (int i = 0; i < pictures; i++)
        fprintf(file,
                "%s{\"file\": \"gate/IMG_%d.jpg\", \"mine\": \"%0*d\", \"detections\":"
                " [{\"category\": \"1\", \"conf\": 0.9, \"bbox\": [0.1, 0.1, 0.2, 0.2]}]}",
                i ? ",\n" : "", i, filler, i);
    fputs("\n], \"detection_categories\": {\"1\": \"animal\"},"
          " \"info\": {\"format_version\": \"1.6\", \"detector\": \"md\"}}\n",
          file);
    fclose(file);
}

static wildcam_exchange *begin(wildcam_station *station, wildcam_progress_fn *progress, void *user)
{
    wildcam_exchange *exchange;
    notes[0] = '\0';
    rows_begun = 0;
    assert_ok(wildcam_exchange_new(station, &exchange));
    assert_ok(wildcam_exchange_set_note(exchange, keep_note, NULL));
    assert_ok(wildcam_exchange_set_progress(exchange, progress, user));
    return exchange;
}

static wildcam_status take_in(wildcam_exchange *exchange, const char *format)
{
    return wildcam_exchange_import(exchange, format,
                                   strcmp(format, "camtrapdp") == 0 ? scratch_path("package")
                                                                    : scratch_path("results.json"));
}

static void import_whole(wildcam_station *station, const char *format, int64_t added, int64_t known)
{
    wildcam_exchange *exchange = begin(station, NULL, NULL);
    assert_ok(take_in(exchange, format));
    ck_assert_int_eq(wildcam_exchange_get_figure(exchange, WILDCAM_EXCHANGE_ADDED), added);
    ck_assert_int_eq(wildcam_exchange_get_figure(exchange, WILDCAM_EXCHANGE_KNOWN), known);
    wildcam_exchange_free(exchange);
}

/* In the middle of the rows, of each of which it is told before. */
static bool is_half_done(const char *phase, int64_t done, int64_t total)
{
    static int64_t before;
    bool is_row = strcmp(phase, "pictures") == 0 || strcmp(phase, "results") == 0;
    ck_assert(done <= total || !total);
    ck_assert(!is_row || !rows_begun || done >= before);
    before = done;
    rows_begun += is_row;
    return rows_begun == MANY / 2;
}

static int stop_half_done(void *user, const char *phase, int64_t done, int64_t total)
{
    (void)user;
    return is_half_done(phase, done, total);
}

START_TEST(one_that_is_stopped_goes_on)
{
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    make_package(MANY, at("2026-03-01"));
    make_results(MANY, 1);
    wildcam_exchange *exchange = begin(station, stop_half_done, NULL);
    assert_status(WILDCAM_ERR_CANCELLED, take_in(exchange, "camtrapdp"));
    int64_t added = wildcam_exchange_get_figure(exchange, WILDCAM_EXCHANGE_ADDED);
    ck_assert_int_eq(added, MANY / 2 - 1);
    ck_assert_int_eq(walk(station, NULL), added);
    ck_assert_int_eq(wildcam_exchange_get_figure(exchange, WILDCAM_EXCHANGE_DETECTIONS), added);
    wildcam_exchange_free(exchange);
    import_whole(station, "camtrapdp", MANY - added, added);
    exchange = begin(station, stop_half_done, NULL);
    assert_status(WILDCAM_ERR_CANCELLED, take_in(exchange, "megadetector"));
    int64_t known = wildcam_exchange_get_figure(exchange, WILDCAM_EXCHANGE_KNOWN);
    ck_assert_int_eq(known, MANY / 2 - 1);
    ck_assert_int_eq(walk(station, NULL), MANY + known);
    wildcam_exchange_free(exchange);
    for (int i = 0; i < 2; i++) {
        import_whole(station, "megadetector", 0, MANY);
        import_whole(station, "camtrapdp", 0, MANY);
        ck_assert_int_eq(walk(station, NULL), 2 * MANY);
    }
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

static int die_half_done(void *user, const char *phase, int64_t done, int64_t total)
{
    (void)user;
    if (is_half_done(phase, done, total))
        kill(getpid(), SIGKILL);
    return 0;
}

/* Imports in a child that is killed in the middle of it. */
static void import_and_die(const char *format)
{
    int how;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        wildcam_station *station = open_with("store.durability", "normal", NULL);
        take_in(begin(station, die_half_done, NULL), format);
        _exit(1);
    }
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    ck_assert(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
}

START_TEST(one_that_is_killed_goes_on)
{
    make_package(MANY, at("2026-03-01"));
    make_results(MANY, 1);
    import_and_die("camtrapdp");
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    int64_t kept = walk(station, NULL);
    ck_assert(kept > 0 && kept < MANY / 2);
    import_whole(station, "camtrapdp", MANY - kept, kept);
    ck_assert_int_eq(walk(station, NULL), MANY);
    wildcam_station_close(station);
    import_and_die("megadetector");
    station = open_with("store.durability", "normal", NULL);
    kept = walk(station, NULL) - MANY;
    ck_assert(kept > 0 && kept < MANY / 2);
    import_whole(station, "megadetector", 0, MANY);
    ck_assert_int_eq(walk(station, NULL), 2 * MANY);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

/* Deletes the pictures of February when the first of them has been gone through. */
struct purge {
    wildcam_station *station;
    int calls;
};

static int purge_february(void *user, const char *phase, int64_t done, int64_t total)
{
    struct purge *purge = user;
    (void)done;
    (void)total;
    if (strcmp(phase, "results") == 0 && ++purge->calls == 2)
        assert_ok(wildcam_station_purge(purge->station, at("2026-03-01"), NULL, NULL));
    return 0;
}

START_TEST(a_picture_that_goes_meanwhile_is_its_own_trouble)
{
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    struct purge purge = {open_with("store.durability", "normal", NULL), 0};
    make_package(FEW, at("2026-03-01") - FEW / 2 * MINUTE);
    make_results(FEW, 1);
    import_whole(station, "camtrapdp", FEW, 0);
    wildcam_exchange *exchange = begin(station, purge_february, &purge);
    assert_ok(take_in(exchange, "megadetector"));
    ck_assert_int_eq(wildcam_exchange_get_figure(exchange, WILDCAM_EXCHANGE_KNOWN), FEW / 2);
    ck_assert_int_eq(wildcam_exchange_get_figure(exchange, WILDCAM_EXCHANGE_UNMATCHED), FEW / 2);
    ck_assert_int_eq(wildcam_exchange_get_figure(exchange, WILDCAM_EXCHANGE_DETECTIONS), FEW / 2);
    for (int i = 0; i < FEW / 2; i++) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "unmatched: gate/IMG_%d.jpg: ", i);
        ck_assert_msg(strstr(notes, wanted), "%s", notes);
    }
    wildcam_exchange_free(exchange);
    ck_assert_int_eq(walk(station, NULL), FEW);
    wildcam_station_close(purge.station);
    wildcam_station_close(station);
}
END_TEST

/* More than may wait in memory. */
START_TEST(results_that_are_long)
{
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    make_package(2 * 128, at("2026-03-01"));
    make_results(2 * 128, 60000);
    import_whole(station, "camtrapdp", 2 * 128, 0);
    import_whole(station, "megadetector", 0, 2 * 128);
    ck_assert_int_eq(walk(station, NULL), 4 * 128);
    wildcam_station_close(station);
}
END_TEST

/* ---- nothing is heard of a camera by it ---- */

static int64_t last_seen(wildcam_station *station, const char *device_id)
{
    wildcam_camera *camera;
    assert_ok(wildcam_station_get_camera(station, device_id, &camera));
    int64_t time = wildcam_camera_get_last_seen(camera);
    wildcam_camera_free(camera);
    return time;
}

static wildcam_camera *draft_camera(const char *device_id)
{
    wildcam_camera *draft;
    assert_ok(wildcam_camera_new(&draft));
    assert_ok(wildcam_camera_set_device_id(draft, device_id));
    return draft;
}

static void bring_card(wildcam_station *station, unsigned seed, const char *device_id)
{
    static const char side[] = "{\"timestamp\":\"2026-03-01T10:15:00Z\","
                               "\"time_source\":\"NTP\",\"battery_percent\":3}";
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, seed);
    wildcam_camera *state = draft_camera(device_id);
    wildcam_ingest *ingest;
    assert_ok(wildcam_ingest_begin(station, &ingest));
    assert_ok(wildcam_ingest_set_from_card(ingest));
    assert_ok(wildcam_ingest_set_sidecar(ingest, side, sizeof side - 1, state, NULL));
    assert_ok(wildcam_ingest_set_device_id(ingest, device_id));
    assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
    assert_ok(wildcam_ingest_commit(ingest));
    wildcam_ingest_free(ingest);
    assert_ok(wildcam_station_report_camera(station, state));
    wildcam_camera_free(state);
    jpeg_free(&jpeg);
}

static void import_file(wildcam_station *station, unsigned seed)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, seed);
    mkdir(scratch_path("base"), 0700);
    mkdir(scratch_path("base/gate"), 0700);
    save_file(scratch_path("base/gate/IMG_0.jpg"), jpeg.data, jpeg.size);
    jpeg_free(&jpeg);
    make_results(1, 1);
    wildcam_exchange *exchange = begin(station, NULL, NULL);
    assert_ok(wildcam_exchange_set(exchange, "base", scratch_path("base")));
    assert_ok(take_in(exchange, "megadetector"));
    ck_assert_int_eq(wildcam_exchange_get_figure(exchange, WILDCAM_EXCHANGE_ADDED), 1);
    wildcam_exchange_free(exchange);
}

START_TEST(what_a_person_brings_is_no_sign_of_life)
{
    wildcam_alert_query *open_ones;
    int64_t alerts;
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    make_package(FEW, at("2026-03-01"));
    import_whole(station, "camtrapdp", FEW, 0);
    ck_assert_int_eq(last_seen(station, "gate"), WILDCAM_TIME_NONE);
    bring_card(station, 0, "bridge");
    ck_assert_int_eq(last_seen(station, "bridge"), WILDCAM_TIME_NONE);
    wildcam_camera *draft = draft_camera("gate");
    assert_ok(wildcam_camera_set_last_seen(draft, at("2026-02-01")));
    assert_ok(wildcam_station_put_camera(station, draft, NULL, NULL));
    wildcam_camera_free(draft);
    bring_card(station, 1, "gate");
    ck_assert_int_eq(last_seen(station, "gate"), at("2026-02-01"));
    import_file(station, 2);
    ck_assert_int_eq(last_seen(station, "gate"), at("2026-02-01"));
    assert_ok(wildcam_alert_query_new(&open_ones));
    assert_ok(wildcam_station_count_alerts(station, open_ones, &alerts));
    ck_assert_int_eq(alerts, 1); /* of a camera that nobody registered, not of batteries */
    wildcam_alert_query_free(open_ones);
    int64_t before = wildcam_time_now();
    add_scene(station, "gate", 3, at("2026-03-01"));
    ck_assert_int_ge(last_seen(station, "gate"), before - 10 * SECOND);
    wildcam_station_close(station);
}
END_TEST

/* What somebody else found on a picture that is kept is news like any other. */
START_TEST(rare_species_of_results_are_alerts)
{
    static const char results[] =
        "{\"images\": [{\"file\": \"gate/IMG_0.jpg\", \"detections\": [{\"category\": \"1\","
        " \"conf\": 0.95, \"bbox\": [0.1, 0.1, 0.2, 0.2], \"classifications\": [[\"7\", 0.97]]}]}],"
        " \"detection_categories\": {\"1\": \"animal\"},"
        " \"classification_categories\": {\"7\": \"Lynx lynx\"},"
        " \"info\": {\"format_version\": \"1.6\", \"detector\": \"md\"}}";
    wildcam_station *station = open_with("alerts.rare_species", "Lynx lynx", NULL);
    wildcam_alert_list *alerts;
    wildcam_alert_query *query;
    make_package(FEW, at("2026-03-01"));
    import_whole(station, "camtrapdp", FEW, 0);
    write_text("results.json", results);
    import_whole(station, "megadetector", 0, 1);
    assert_ok(wildcam_alert_query_new(&query));
    assert_ok(wildcam_alert_query_set_kind(query, WILDCAM_ALERT_RARE_SPECIES));
    assert_ok(wildcam_station_list_alerts(station, query, 0, 9, &alerts));
    ck_assert_int_eq(wildcam_alert_list_get_count(alerts), 1);
    const wildcam_alert *alert = wildcam_alert_list_at(alerts, 0);
    ck_assert_str_eq(wildcam_alert_get_subject(alert), "gate/Lynx lynx");
    ck_assert_int_gt(wildcam_alert_get_detection_id(alert), 0);
    wildcam_alert_list_free(alerts);
    wildcam_alert_query_free(query);
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("import_batch");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, one_that_is_stopped_goes_on);
    tcase_add_test(all, one_that_is_killed_goes_on);
    tcase_add_test(all, a_picture_that_goes_meanwhile_is_its_own_trouble);
    tcase_add_test(all, results_that_are_long);
    tcase_add_test(all, what_a_person_brings_is_no_sign_of_life);
    tcase_add_test(all, rare_species_of_results_are_alerts);
    return suite;
}
