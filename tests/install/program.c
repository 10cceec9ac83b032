/*
 * What somebody else writes who has nothing but the installed library; it is C11 and C++17 alike.
 *
 *   program DATA_DIR PICTURE
 *
 * Prints the library's version and how many detections the station keeps then.
 */
#include <stdio.h>
#include <wildcam/wildcam.h>

int main(int argc, char **argv)
{
    wildcam_conf *conf = NULL;
    wildcam_station *station = NULL;
    int64_t id, count = 0;
    int duplicate;
    if (argc != 3 || wildcam_version_number() != WILDCAM_VERSION_NUMBER)
        return 2;
    wildcam_status status = wildcam_conf_new(&conf);
    if (status == WILDCAM_OK)
        status = wildcam_conf_set(conf, "data.dir", argv[1]);
    if (status == WILDCAM_OK)
        status = wildcam_station_open(conf, &station);
    if (status == WILDCAM_OK)
        status = wildcam_station_ingest_file(station, "gate", argv[2], &id, &duplicate);
    if (status == WILDCAM_OK)
        status = wildcam_station_count(station, NULL, 0, &count, NULL);
    if (status != WILDCAM_OK)
        fprintf(stderr, "%s\n", wildcam_error_message());
    printf("%s %d\n", wildcam_version(), (int)count);
    wildcam_station_close(station);
    wildcam_conf_free(conf);
    return status == WILDCAM_OK ? 0 : 1;
}
