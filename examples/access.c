/*
 * A host with a door of its own: whoever comes shows a key, one a line. It counts them among the
 * station's metrics and leaves these for node_exporter. The first time it makes a key, which alone
 * goes to standard output; what each comer is told goes to standard error.
 *
 *   access DATA_DIR METRICS.prom < KEYS
 */
#include <stdio.h>
#include <string.h>
#include <wildcam/wildcam.h>

/* Not those of this process, whose names are node_exporter's own. */
static const char *const selectors[] = {"{__name__=~\"(door|wildcam)_.*\"}"};

/* Any thread may count in what is taken here, and waits for nobody. */
static wildcam_status add_metrics(wildcam_metrics *metrics, wildcam_counter *visits[2])
{
    static const char *const labels[] = {"result"}, *const results[] = {"refused", "admitted"};
    wildcam_metric_family *family;
    wildcam_status status = wildcam_metrics_add_counters(
        metrics, "door_visits_total", "Keys that were shown at the door.", labels, 1, &family);
    for (int i = 0; status == WILDCAM_OK && i < 2; i++)
        status = wildcam_counter_new(family, &results[i], 1, &visits[i]);
    return status;
}

static wildcam_status make_first_key(wildcam_station *station)
{
    char key[WILDCAM_KEY_TEXT];
    int has_keys;
    wildcam_status status = wildcam_station_has_keys(station, &has_keys);
    if (status != WILDCAM_OK || has_keys)
        return status;
    status = wildcam_station_create_key(station, WILDCAM_ROLE_VIEWER, NULL, "the first", key);
    if (status == WILDCAM_OK)
        printf("%s\n", key); /* nobody can look it up again */
    return status;
}

static wildcam_status stand_at_the_door(wildcam_station *station, wildcam_counter *visits[2])
{
    char line[256];
    wildcam_status status = WILDCAM_OK;
    while ((status == WILDCAM_OK || status == WILDCAM_ERR_AUTH) &&
           fgets(line, sizeof line, stdin)) {
        wildcam_access *who;
        line[strcspn(line, "\n")] = '\0';
        status = wildcam_station_check_access(station, line, &who);
        fprintf(stderr, "%s\n",
                who ? wildcam_role_name(wildcam_access_get_role(who)) : wildcam_error_message());
        wildcam_counter_add(visits[who != NULL], 1);
        wildcam_access_free(who);
    }
    return status == WILDCAM_ERR_AUTH ? WILDCAM_OK : status; /* that is not the host's failure */
}

static wildcam_status run(wildcam_station *station, const char *path)
{
    wildcam_metrics *metrics = wildcam_station_get_metrics(station);
    wildcam_counter *visits[2] = {NULL, NULL};
    wildcam_status status = add_metrics(metrics, visits);
    if (status == WILDCAM_OK)
        status = make_first_key(station);
    if (status == WILDCAM_OK)
        status = stand_at_the_door(station, visits);
    if (status == WILDCAM_OK)
        status = wildcam_metrics_write_file(metrics, selectors, 1, path);
    wildcam_counter_free(visits[0]);
    wildcam_counter_free(visits[1]);
    return status;
}

int main(int argc, char **argv)
{
    wildcam_conf *conf = NULL;
    wildcam_station *station = NULL;
    if (argc != 3) {
        fprintf(stderr, "usage: access DATA_DIR METRICS.prom < KEYS\n");
        return 2;
    }
    wildcam_status status = wildcam_conf_new(&conf);
    if (status == WILDCAM_OK)
        status = wildcam_conf_set(conf, "data.dir", argv[1]);
    if (status == WILDCAM_OK)
        status = wildcam_station_open(conf, &station);
    if (status == WILDCAM_OK)
        status = run(station, argv[2]);
    if (status != WILDCAM_OK)
        fprintf(stderr, "%s\n", wildcam_error_message());
    wildcam_station_close(station);
    wildcam_conf_free(conf);
    return status != WILDCAM_OK;
}
