/*
 * Takes a picture in, the way a station does: in pieces, as they come from a network.
 *
 *   ingest DATA_DIR DEVICE_ID PICTURE.jpg
 */
#include <stdio.h>
#include <wildcam/wildcam.h>

static int complain(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, wildcam_error_message());
    return 1;
}

/* What a detector said about the picture. */
static wildcam_status add_detection(wildcam_ingest *ingest)
{
    wildcam_detection *fox;
    wildcam_status status = wildcam_detection_new(&fox);
    if (status != WILDCAM_OK)
        return status;
    const wildcam_box box = {.x = 0.31, .y = 0.40, .width = 0.12, .height = 0.10};
    if ((status = wildcam_detection_set_species(fox, "Vulpes vulpes")) == WILDCAM_OK &&
        (status = wildcam_detection_set_confidence(fox, 0.93)) == WILDCAM_OK &&
        (status = wildcam_detection_set_box(fox, &box)) == WILDCAM_OK)
        status = wildcam_ingest_add_detection(ingest, fox);
    wildcam_detection_free(fox);
    return status;
}

static wildcam_status take_in(wildcam_ingest *ingest, const char *device_id, FILE *picture)
{
    char piece[4096];
    size_t size;
    wildcam_status status = wildcam_ingest_set_device_id(ingest, device_id);
    if (status == WILDCAM_OK)
        status = add_detection(ingest);
    while (status == WILDCAM_OK && (size = fread(piece, 1, sizeof piece, picture)) > 0)
        status = wildcam_ingest_write(ingest, piece, size);
    return status == WILDCAM_OK ? wildcam_ingest_commit(ingest) : status;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: ingest DATA_DIR DEVICE_ID PICTURE.jpg\n");
        return 2;
    }
    FILE *picture = fopen(argv[3], "rb");
    if (!picture) {
        perror(argv[3]);
        return 1;
    }
    wildcam_conf *conf = NULL;
    wildcam_station *station = NULL;
    wildcam_ingest *ingest = NULL;
    wildcam_status status = wildcam_conf_new(&conf);
    if (status == WILDCAM_OK)
        status = wildcam_conf_set(conf, "data.dir", argv[1]);
    if (status == WILDCAM_OK)
        status = wildcam_station_open(conf, &station);
    if (status == WILDCAM_OK)
        status = wildcam_ingest_begin(station, &ingest);
    if (status == WILDCAM_OK)
        status = take_in(ingest, argv[2], picture);
    if (status == WILDCAM_OK)
        printf("picture %lld%s\n", (long long)wildcam_ingest_get_image_id(ingest),
               wildcam_ingest_is_duplicate(ingest) ? " (kept before)" : "");
    int result = status == WILDCAM_OK ? 0 : complain(argv[3]);
    wildcam_ingest_free(ingest);
    wildcam_station_close(station);
    wildcam_conf_free(conf);
    fclose(picture);
    return result;
}
