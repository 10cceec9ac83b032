/*
 * An import: a Camtrap DP package of pictures that are elsewhere, then MegaDetector's results for
 * the same pictures, beside a bare loop that inserts as many rows, 256 pictures a transaction, with
 * a full sync. The bare one reads no file, checks nothing and keeps no summary.
 *
 * WILDCAM_BENCH_ROWS is the number of pictures.
 */
#include <sqlite3.h>
#include <sys/stat.h>

#include "bench.h"

enum { PER_WRITE = 256 };
#define MINUTE INT64_C(60000000)

static int64_t pictures;
static char package[600], results[600], station_directory[600];

static FILE *create(const char *directory, const char *name)
{
    char path[700];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    if (!file)
        exit(1);
    return file;
}

static void write_text(const char *directory, const char *name, const char *text)
{
    FILE *file = create(directory, name);
    fputs(text, file);
    fclose(file);
}

static void make_package(void)
{
    char time[WILDCAM_TIME_TEXT];
    int64_t begin = 0;
    mkdir(package, 0700);
    write_text(
        package, "datapackage.json",
        "{\"profile\": \"https://x/camtrap-dp/1.0.2/camtrap-dp-profile.json\", \"id\": \"p\","
        " \"resources\": [{\"name\": \"deployments\", \"path\": \"d.csv\"},"
        " {\"name\": \"media\", \"path\": \"m.csv\"},"
        " {\"name\": \"observations\", \"path\": \"o.csv\"}]}");
    write_text(package, "d.csv",
               "deploymentID,latitude,longitude,deploymentStart,deploymentEnd,cameraID\n"
               "d1,50.1,4.2,2026-03-01T00:00:00Z,2027-03-01T00:00:00Z,gate\n");
    FILE *media = create(package, "m.csv"), *observations = create(package, "o.csv");
    FILE *json = create(bench_directory(), "results.json");
    fputs("mediaID,deploymentID,timestamp,filePath,filePublic,fileName,fileMediatype\n", media);
    fputs("observationID,deploymentID,mediaID,eventStart,eventEnd,observationLevel,"
          "observationType,scientificName\n",
          observations);
    fputs("{\"images\": [\n", json);
    CHECK(wildcam_time_parse("2026-03-01", &begin, NULL, NULL));
    for (int64_t i = 0; i < pictures; i++) {
        CHECK(wildcam_time_format(begin + i * MINUTE, 0, time, sizeof time));
        fprintf(media, "m%lld,d1,%s,https://x/%lld.jpg,true,IMG_%lld.jpg,image/jpeg\n",
                (long long)i, time, (long long)i, (long long)i);
        fprintf(observations, "o%lld,d1,m%lld,%s,%s,media,animal,Vulpes vulpes\n", (long long)i,
                (long long)i, time, time);
        fprintf(json,
                "%s{\"file\": \"gate/IMG_%lld.jpg\", \"detections\": [{\"category\": \"1\","
                " \"conf\": 0.9, \"bbox\": [0.1, 0.1, 0.2, 0.2]}]}",
                i ? ",\n" : "", (long long)i);
    }
    fputs("\n], \"detection_categories\": {\"1\": \"animal\"}, \"info\": {\"format_version\": "
          "\"1.6\", \"detector\": \"md\"}}\n",
          json);
    fclose(media);
    fclose(observations);
    fclose(json);
}

/* How many pictures a second went in. */
static double take_in(wildcam_station *station, const char *format, const char *path, int figure)
{
    wildcam_exchange *exchange;
    CHECK(wildcam_exchange_new(station, &exchange));
    double begin = bench_now();
    CHECK(wildcam_exchange_import(exchange, format, path));
    double seconds = bench_now() - begin;
    if (wildcam_exchange_get_figure(exchange, figure) != pictures) {
        fprintf(stderr, "not all of %s went in\n", path);
        exit(1);
    }
    wildcam_exchange_free(exchange);
    return (double)pictures / seconds;
}

static void run_sql(sqlite3 *database, const char *sql)
{
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK)
        return;
    fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(database));
    exit(1);
}

static double insert_bare(void)
{
    char path[700];
    sqlite3 *database;
    sqlite3_stmt *picture, *detection;
    snprintf(path, sizeof path, "%s/bare.db", bench_directory());
    if (sqlite3_open(path, &database) != SQLITE_OK)
        exit(1);
    run_sql(database, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
    run_sql(database, "CREATE TABLE images(id INTEGER PRIMARY KEY, time INTEGER, name TEXT);"
                      "CREATE TABLE detections(id INTEGER PRIMARY KEY, image_id INTEGER,"
                      " species INTEGER, confidence REAL, x REAL, y REAL, w REAL, h REAL)");
    sqlite3_prepare_v2(database, "INSERT INTO images VALUES(?,?,'IMG_0001.jpg')", -1, &picture,
                       NULL);
    sqlite3_prepare_v2(database, "INSERT INTO detections VALUES(?,?,7,0.9,0.1,0.1,0.2,0.2)", -1,
                       &detection, NULL);
    double begin = bench_now();
    for (int64_t i = 0; i < pictures; i++) {
        if (i % PER_WRITE == 0)
            run_sql(database, i ? "COMMIT; BEGIN" : "BEGIN");
        sqlite3_bind_int64(picture, 1, i);
        sqlite3_bind_int64(picture, 2, i * MINUTE);
        sqlite3_step(picture);
        sqlite3_reset(picture);
        sqlite3_bind_int64(detection, 1, i);
        sqlite3_bind_int64(detection, 2, i);
        sqlite3_step(detection);
        sqlite3_reset(detection);
    }
    run_sql(database, "COMMIT");
    double seconds = bench_now() - begin;
    sqlite3_finalize(picture);
    sqlite3_finalize(detection);
    sqlite3_close(database);
    return (double)pictures / seconds;
}

int main(void)
{
    pictures = bench_number("WILDCAM_BENCH_ROWS", 50000);
    snprintf(package, sizeof package, "%s/package", bench_directory());
    snprintf(results, sizeof results, "%s/results.json", bench_directory());
    snprintf(station_directory, sizeof station_directory, "%s/station", bench_directory());
    make_package();
    wildcam_station *station = bench_open(station_directory);
    double bare = insert_bare();
    double packages = take_in(station, "camtrapdp", package, WILDCAM_EXCHANGE_ADDED);
    double answers = take_in(station, "megadetector", results, WILDCAM_EXCHANGE_KNOWN);
    wildcam_station_close(station);
    bench_line("pictures of a package", packages, "/s", "bare inserts", bare, '>', 0);
    bench_line("results of pictures", answers, "/s", "bare inserts", bare, '>', 0);
    bench_figure("pictures of a package", packages, "/s", '>', 3000);
    bench_figure("results of pictures", answers, "/s", '>', 3000);
    return bench_end();
}
