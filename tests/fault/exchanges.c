/* Imports and exports. */
#include "fault/walk.h"

#include <unistd.h>

static const char results[] =
    "{\"images\": [{\"file\": \"gate/none.jpg\", \"extra\": 1, \"detections\": [{\"category\": "
    "\"1\", \"conf\": 0.9, \"bbox\": [0, 0.1, 0.2, 0.3], \"classifications\": [[\"3\", 0.7]]}]}],"
    " \"detection_categories\": {\"1\": \"animal\"},"
    " \"classification_categories\": {\"3\": \"fox\"},"
    " \"info\": {\"format_version\": \"1.5\", \"detector\": \"md_v5a.0.0.pt\"}}";

static void begin(struct world *world)
{
    assert_ok(wildcam_exchange_new(world->station, &world->exchange));
}

static wildcam_status new (struct world *world)
{
    return wildcam_exchange_new(world->station, &world->exchange);
}

static wildcam_status set(struct world *world)
{
    return wildcam_exchange_set(world->exchange, "camera", "gate");
}

static void ask(struct world *world)
{
    begin(world);
    assert_ok(wildcam_query_new(&world->query));
    assert_ok(wildcam_query_set_device_id(world->query, "gate"));
    assert_ok(wildcam_query_set_species(world->query, "red deer"));
}

static wildcam_status set_query(struct world *world)
{
    return wildcam_exchange_set_query(world->exchange, world->query);
}

static int go_on(void *user, const char *phase, int64_t done, int64_t total)
{
    (void)user;
    (void)phase;
    return done > total && total > 0;
}

static wildcam_status set_progress(struct world *world)
{
    return wildcam_exchange_set_progress(world->exchange, go_on, NULL);
}

static wildcam_status set_note(struct world *world)
{
    return wildcam_exchange_set_note(world->exchange, NULL, NULL);
}

static wildcam_status to_json(struct world *world)
{
    char *json = NULL;
    wildcam_status status = wildcam_exchange_to_json(world->exchange, &json);
    world->bytes = json;
    return status;
}

static void prepare_results(struct world *world)
{
    begin(world);
    save_file(scratch_path("results.json"), results, sizeof results - 1);
}

/* Of the newer picture, with keys that no format knows. */
static void take_results(struct world *world)
{
    char text[400];
    snprintf(text, sizeof text,
             "{\"images\": [{\"file\": \"gate/%lld.jpg\", \"extra\": 1, \"detections\":"
             " [{\"category\": \"1\", \"conf\": 0.9, \"bbox\": [0, 0.1, 0.2, 0.3], \"odd\": 2}]}],"
             " \"detection_categories\": {\"1\": \"animal\"},"
             " \"info\": {\"format_version\": \"1.5\"}, \"around\": 3}",
             (long long)world->image_id);
    save_file(scratch_path("results.json"), text, strlen(text));
    begin(world);
    assert_ok(
        wildcam_exchange_import(world->exchange, "megadetector", scratch_path("results.json")));
}

static wildcam_status import_results(struct world *world)
{
    return wildcam_exchange_import(world->exchange, "megadetector", scratch_path("results.json"));
}

static wildcam_status export_results(struct world *world)
{
    return wildcam_exchange_export(world->exchange, "megadetector", scratch_path("out.json"));
}

static wildcam_status export_csv(struct world *world)
{
    return wildcam_exchange_export(world->exchange, "csv", scratch_path("out.csv"));
}

/* A package of a picture that is elsewhere, an event, and two deployments of which the second takes
 * the last second of the first. One picture, because each is kept by itself. */
static void save_package(const char *media, size_t size)
{
    static const char description[] =
        "{\"profile\": \"https://x/camtrap-dp/1.0.2/camtrap-dp-profile.json\", \"id\": \"p\","
        " \"resources\": [{\"name\": \"deployments\", \"path\": \"d.csv\"},"
        " {\"name\": \"media\", \"path\": \"m.csv\"},"
        " {\"name\": \"observations\", \"path\": \"o.csv\"}]}";
    static const char deployments[] =
        "deploymentID,latitude,longitude,deploymentStart,deploymentEnd,cameraID\n"
        "d1,50.1,4.2,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z,gate\n"
        "d2,50.1,4.2,2026-04-01T00:00:00Z,2026-05-01T00:00:00Z,gate\n";
    static const char observations[] =
        "observationID,deploymentID,mediaID,eventID,eventStart,eventEnd,observationLevel,"
        "observationType,scientificName\n"
        "o1,d1,m1,e1,2026-03-04T05:00:00Z,2026-03-04T05:00:00Z,media,animal,Vulpes vulpes\n"
        "o3,d1,,e1,2026-03-04T05:00:00Z,2026-03-04T05:00:01Z,event,animal,Vulpes vulpes\n";
    save_file(scratch_path("datapackage.json"), description, sizeof description - 1);
    save_file(scratch_path("d.csv"), deployments, sizeof deployments - 1);
    save_file(scratch_path("m.csv"), media, size);
    save_file(scratch_path("o.csv"), observations, sizeof observations - 1);
}

static void prepare_package(struct world *world)
{
    static const char media[] = "mediaID,deploymentID,timestamp,filePath,filePublic,fileMediatype\n"
                                "m1,d1,2026-03-04T06:00:00+01:00,https://x/1.jpg,true,image/jpeg\n";
    begin(world);
    save_package(media, sizeof media - 1);
}

/* Of two months, written together. */
static void prepare_long_package(struct world *world)
{
    static const char media[] = "mediaID,deploymentID,timestamp,filePath,filePublic,fileMediatype\n"
                                "m1,d1,2026-03-04T06:00:00+01:00,https://x/1.jpg,true,image/jpeg\n"
                                "m2,d1,2026-03-04T06:00:01+01:00,https://x/2.jpg,true,image/jpeg\n"
                                "m3,d1,2026-04-04T06:00:00+01:00,https://x/3.jpg,true,image/jpeg\n";
    begin(world);
    save_package(media, sizeof media - 1);
}

/* Of a picture that is kept: what is said of it is attached, once. */
static void prepare_known_picture(struct world *world)
{
    static const char media[] = "mediaID,deploymentID,timestamp,filePath,favorite,fileMediatype\n"
                                "m1,d1,2026-03-04T06:00:00+01:00,kept.jpg,true,image/jpeg\n";
    begin(world);
    save_package(media, sizeof media - 1);
    save_file(scratch_path("kept.jpg"), world->kept->data, world->kept->size);
}

static wildcam_status import_package(struct world *world)
{
    return wildcam_exchange_import(world->exchange, "camtrapdp", scratch_path("."));
}

static void take_package(struct world *world)
{
    prepare_package(world);
    assert_ok(import_package(world));
    assert_ok(wildcam_exchange_set(world->exchange, "contact", "Ann <ann@example.org>"));
}

static void prepare_contact(struct world *world)
{
    wildcam_camera *camera;
    begin(world);
    assert_ok(wildcam_exchange_set(world->exchange, "contact", "Ann <ann@example.org>"));
    assert_ok(wildcam_exchange_set(world->exchange, "pictures", "true"));
    assert_ok(wildcam_exchange_set(world->exchange, "decimals", "1"));
    assert_ok(wildcam_camera_new(&camera));
    assert_ok(wildcam_camera_set_device_id(camera, "gate"));
    assert_ok(wildcam_camera_set_latitude(camera, 50.1234));
    assert_ok(wildcam_camera_set_longitude(camera, 4.2));
    assert_ok(wildcam_station_put_camera(world->station, camera, NULL, NULL));
    wildcam_camera_free(camera);
}

static wildcam_status export_package(struct world *world)
{
    return wildcam_exchange_export(world->exchange, "camtrapdp", scratch_path("package"));
}

/* A package that is written is written as it was asked for: its places are rounded. */
static void has_package(struct world *world)
{
    size_t size;
    (void)world;
    ck_assert(file_exists(scratch_path("package/datapackage.json")));
    char *places = load_file(scratch_path("package/deployments.csv"), &size);
    ck_assert(!memmem(places, size, "50.1234", 7) && memmem(places, size, "50.1", 4));
    free(places);
    remove_tree(scratch_path("package"));
}

static void has_text(const char *file, const char *text)
{
    size_t size;
    char *whole = load_file(scratch_path("package/%s", file), &size);
    ck_assert_msg(memmem(whole, size, text, strlen(text)) != NULL, "%s is not in %s", text, file);
    free(whole);
}

/* What came in goes out as it was called there. */
static void has_all_rows(struct world *world)
{
    (void)world;
    has_text("deployments.csv", "d1,");
    has_text("media.csv", "m1,d1,");
    has_text("media.csv", "https://x/1.jpg");
    has_text("observations.csv", "o1,d1,m1,");
    has_text("observations.csv", "o3,d1,");
    remove_tree(scratch_path("package"));
}

static void has_no_package(struct world *world)
{
    (void)world;
    ck_assert(!file_exists(scratch_path("package/datapackage.json")));
}

static void has_results(struct world *world)
{
    (void)world;
    ck_assert(file_exists(scratch_path("out.json")));
    unlink(scratch_path("out.json"));
}

static void has_all_keys(struct world *world)
{
    size_t size;
    char *text = load_file(scratch_path("out.json"), &size);
    ck_assert(memmem(text, size, "\"extra\":1", 9) && memmem(text, size, "\"odd\":2", 7) &&
              memmem(text, size, "\"around\":3", 10));
    free(text);
    has_results(world);
}

static void has_no_results(struct world *world)
{
    (void)world;
    ck_assert(!file_exists(scratch_path("out.json")));
}

static const struct scenario list[] = {
    {.function = "wildcam_exchange_new",
     .station = READ_STATION,
     .call = new,
     .out = offsetof(struct world, exchange)},
    {.function = "wildcam_exchange_set", .station = READ_STATION, .arrange = begin, .call = set},
    {.function = "wildcam_exchange_set_query",
     .station = READ_STATION,
     .arrange = ask,
     .call = set_query},
    {.function = "wildcam_exchange_set_progress",
     .station = READ_STATION,
     .arrange = begin,
     .call = set_progress,
     .never_fails = true},
    {.function = "wildcam_exchange_set_note",
     .station = READ_STATION,
     .arrange = begin,
     .call = set_note,
     .never_fails = true},
    {.function = "wildcam_exchange_to_json",
     .station = READ_STATION,
     .arrange = begin,
     .call = to_json,
     .out = offsetof(struct world, bytes)},
    {.function = "wildcam_exchange_export",
     .variant = "of results",
     .station = READ_STATION,
     .arrange = begin,
     .call = export_results,
     .verify = has_results,
     .unchanged = has_no_results},
    {.function = "wildcam_exchange_export",
     .variant = "of results that came in",
     .station = STATION,
     .arrange = take_results,
     .call = export_results,
     .detections = 1,
     .verify = has_all_keys,
     .unchanged = has_no_results},
    {.function = "wildcam_exchange_export",
     .variant = "of a table",
     .station = READ_STATION,
     .arrange = begin,
     .call = export_csv},
    {.function = "wildcam_exchange_export",
     .variant = "of a package",
     .station = STATION,
     .arrange = prepare_contact,
     .call = export_package,
     .verify = has_package,
     .unchanged = has_no_package},
    {.function = "wildcam_exchange_export",
     .variant = "of a package that came in",
     .station = STATION,
     .arrange = take_package,
     .call = export_package,
     .detections = 1,
     .verify = has_all_rows,
     .unchanged = has_no_package},
    {.function = "wildcam_exchange_import",
     .variant = "of a package",
     .station = STATION,
     .arrange = prepare_package,
     .call = import_package,
     .detections = 1,
     .writes = true,
     .is_resumed = true},
    {.function = "wildcam_exchange_import",
     .variant = "of a package of several pictures",
     .station = STATION,
     .arrange = prepare_long_package,
     .call = import_package,
     .detections = 3,
     .has_parts = true,
     .writes = true,
     .is_resumed = true},
    {.function = "wildcam_exchange_import",
     .variant = "of a picture that is kept",
     .station = STATION,
     .arrange = prepare_known_picture,
     .call = import_package,
     .detections = 1,
     .writes = true,
     .is_resumed = true},
    {.function = "wildcam_exchange_import",
     .variant = "of results",
     .station = STATION,
     .arrange = prepare_results,
     .call = import_results,
     .writes = true},
};

const struct scenarios exchange_scenarios = {list, sizeof list / sizeof list[0]};
