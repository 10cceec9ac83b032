/*
 * A host with a loop of its own: no thread is started, nothing is called back, and between two
 * events the station gets a few milliseconds for its housekeeping.
 *
 *   embed DATA_DIR DEVICE_ID < LIST_OF_PICTURES
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wildcam/wildcam.h>

enum { HOUSEKEEPING_EVERY_MS = 200, HOUSEKEEPING_MS = 5 };

/* The host's own idea of a log. */
static void show(void *user, int level, const char *module, const char *text)
{
    (void)user;
    fprintf(stderr, "[%d] %s: %s\n", level, module, text);
}

static void take_in(wildcam_station *station, const char *device_id, const char *path)
{
    int64_t id;
    int duplicate;
    wildcam_status status = wildcam_station_ingest_file(station, device_id, path, &id, &duplicate);
    if (status == WILDCAM_OK)
        printf("%s: picture %lld%s\n", path, (long long)id, duplicate ? " (kept before)" : "");
    else
        printf("%s%s\n", wildcam_error_message(), /* which names the file */
               wildcam_status_is_retriable(status) ? " (try again later)" : "");
    fflush(stdout);
}

/* Reads what has come and takes in every whole line; the last one needs no newline. False at the
 * end of the input, and when a line is too long to be a path. */
static int read_lines(wildcam_station *station, const char *device_id, char *line, size_t room,
                      size_t *used)
{
    ssize_t got = read(STDIN_FILENO, line + *used, room - *used - 1);
    if (got <= 0) {
        if (*used)
            take_in(station, device_id, line);
        return 0;
    }
    *used += (size_t)got;
    line[*used] = '\0';
    char *end;
    while ((end = strchr(line, '\n'))) {
        *end = '\0';
        take_in(station, device_id, line);
        *used -= (size_t)(end + 1 - line);
        memmove(line, end + 1, *used + 1);
    }
    return *used < room - 1;
}

static void run(wildcam_station *station, const char *device_id)
{
    char line[4096] = "";
    size_t used = 0;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    for (;;) {
        int ready = poll(&input, 1, HOUSEKEEPING_EVERY_MS);
        if (ready > 0 && !read_lines(station, device_id, line, sizeof line, &used))
            break;
        wildcam_station_maintain(station, HOUSEKEEPING_MS);
    }
}

int main(int argc, char **argv)
{
    wildcam_conf *conf = NULL;
    wildcam_station *station = NULL;
    if (argc != 3) {
        fprintf(stderr, "usage: embed DATA_DIR DEVICE_ID < LIST_OF_PICTURES\n");
        return 2;
    }
    wildcam_status status = wildcam_conf_new(&conf);
    if (status == WILDCAM_OK)
        status = wildcam_conf_set(conf, "data.dir", argv[1]);
    if (status == WILDCAM_OK)
        status = wildcam_conf_set_log(conf, show, NULL);
    if (status == WILDCAM_OK)
        status = wildcam_station_open(conf, &station);
    if (status == WILDCAM_OK)
        run(station, argv[2]);
    else
        fprintf(stderr, "%s: %s\n", argv[1], wildcam_error_message());
    wildcam_station_close(station);
    wildcam_conf_free(conf);
    return status == WILDCAM_OK ? 0 : 1;
}
