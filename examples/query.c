/*
 * Prints the ten newest sure detections of a station, and what was seen most.
 *
 *   query DATA_DIR
 */
#include <stdio.h>
#include <wildcam/wildcam.h>

static wildcam_status print_newest(wildcam_station *station)
{
    wildcam_query *query = NULL;
    wildcam_cursor *cursor = NULL;
    const wildcam_detection *row;
    wildcam_status status = wildcam_query_new(&query);
    if (status == WILDCAM_OK)
        status = wildcam_query_set_min_confidence(query, 0.8);
    if (status == WILDCAM_OK)
        status = wildcam_query_set_limit(query, 10);
    if (status == WILDCAM_OK)
        status = wildcam_station_query(station, query, &cursor);
    wildcam_step step = status;
    while (status == WILDCAM_OK && (step = wildcam_cursor_next(cursor, &row)) == 1) {
        char time[WILDCAM_TIME_TEXT];
        wildcam_time_format(wildcam_detection_get_time(row), wildcam_detection_get_offset(row),
                            time, sizeof time);
        printf("%s  %-12s  %-20s %.2f\n", time, wildcam_detection_get_device_id(row),
               wildcam_detection_get_species(row), wildcam_detection_get_confidence(row));
    }
    wildcam_cursor_free(cursor);
    wildcam_query_free(query);
    return step < 0 ? step : status;
}

static wildcam_status print_species(wildcam_station *station)
{
    wildcam_summary *summary;
    wildcam_status status = wildcam_station_summarise(station, NULL, WILDCAM_BY_SPECIES, &summary);
    if (status != WILDCAM_OK)
        return status;
    while (wildcam_summary_next(summary) == 1)
        printf("%6lld  %s\n", (long long)wildcam_summary_get_count(summary),
               wildcam_summary_get_species(summary));
    wildcam_summary_free(summary);
    return WILDCAM_OK;
}

int main(int argc, char **argv)
{
    wildcam_conf *conf = NULL;
    wildcam_station *station = NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: query DATA_DIR\n");
        return 2;
    }
    wildcam_status status = wildcam_conf_new(&conf);
    if (status == WILDCAM_OK)
        status = wildcam_conf_set(conf, "data.dir", argv[1]);
    if (status == WILDCAM_OK) /* a mistyped name is no new station */
        status = wildcam_conf_set(conf, "data.create", "false");
    if (status == WILDCAM_OK)
        status = wildcam_station_open(conf, &station);
    if (status == WILDCAM_OK)
        status = print_newest(station);
    if (status == WILDCAM_OK)
        status = print_species(station);
    if (status != WILDCAM_OK)
        fprintf(stderr, "%s: %s\n", argv[1], wildcam_error_message());
    wildcam_station_close(station);
    wildcam_conf_free(conf);
    return status == WILDCAM_OK ? 0 : 1;
}
