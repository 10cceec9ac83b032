/*
 * A detector of the program's own, and pictures looked at in the program's own time: no thread is
 * started, and between two passes of a fifth of a second there is room for all else.
 *
 *   detector DATA_DIR
 */
#include <stdio.h>
#include <wildcam/wildcam.h>

enum { PASS_MS = 200 };

/*
 * Yours knows more of animals: this one takes a picture that takes few bytes for its size for an
 * empty sky. It gets the picture's bytes, its file (wildcam_picture_get_path()) and what is known
 * of it, and may be called by several threads at once, each with a picture of its own.
 */
static wildcam_status look(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    const double *empty = user; /* bits for each pixel */
    const wildcam_image *image = wildcam_picture_get_image(picture);
    const void *data;
    size_t size;
    wildcam_status status = wildcam_picture_read(picture, &data, &size);
    if (status != WILDCAM_OK)
        return status; /* which stands with the picture, and it is tried again */
    double pixels = (double)wildcam_image_get_width(image) * wildcam_image_get_height(image);
    if ((double)size * 8 < *empty * pixels)
        return wildcam_findings_add_blank(findings, 0.5);
    wildcam_box box = {.x = 0.25, .y = 0.25, .width = 0.5, .height = 0.5};
    return wildcam_findings_add(findings, WILDCAM_CATEGORY_UNKNOWN, NULL, 0.5, &box, NULL);
}

static wildcam_status open_with_detector(const char *directory, double *empty,
                                         wildcam_station **station)
{
    wildcam_conf *conf = NULL;
    wildcam_status status = wildcam_conf_new(&conf);
    if (status == WILDCAM_OK)
        status = wildcam_conf_set(conf, "data.dir", directory);
    if (status == WILDCAM_OK)
        status = wildcam_conf_set(conf, "data.create", "false");
    if (status == WILDCAM_OK) /* with others before or behind it: "motion,bytes" */
        status = wildcam_conf_set(conf, "process.detector", "bytes");
    if (status == WILDCAM_OK)
        status = wildcam_station_open(conf, station);
    wildcam_conf_free(conf);
    if (status == WILDCAM_OK)
        status = wildcam_station_add_detector(*station, "bytes", "1", look, empty);
    return status;
}

int main(int argc, char **argv)
{
    wildcam_station *station = NULL;
    int64_t done = 1, failed = 0, all = 0, parked = 0;
    double empty = 0.5;
    if (argc != 2) {
        fprintf(stderr, "usage: detector DATA_DIR\n");
        return 2;
    }
    wildcam_status status = open_with_detector(argv[1], &empty, &station);
    while (status == WILDCAM_OK && done + failed > 0) {
        status = wildcam_station_process_once(station, PASS_MS, &done, &failed);
        all += done; /* here the rest of the program has its turn */
    }
    if (status == WILDCAM_OK)
        status = wildcam_station_count_processing(station, NULL, NULL, NULL, &parked);
    if (status == WILDCAM_OK)
        printf("%lld pictures were looked at, %lld failed too often\n", (long long)all,
               (long long)parked);
    else
        fprintf(stderr, "%s: %s\n", argv[1], wildcam_error_message());
    wildcam_station_close(station);
    return status == WILDCAM_OK ? 0 : 1;
}
