/*
 * Makes pictures for tests that are not written in C.
 *
 *   make_pictures DIRECTORY COUNT [WIDTHxHEIGHT] [FIRST_SEED]
 *
 * DIRECTORY/picture_SEED.jpg, each different, taken one minute after the other from 2026-03-01
 * 10:00:00 on (EXIF, no zone), by a "Testcam".
 */
#include "base/calendar.h"
#include "support/harness.h"

static bool read_size(const char *text, long *width, long *height)
{
    char *end;
    *width = strtol(text, &end, 10);
    if (*end != 'x')
        return false;
    *height = strtol(end + 1, &end, 10);
    return *end == '\0' && *width > 0 && *width < 65536 && *height > 0 && *height < 65536;
}

int main(int argc, char **argv)
{
    long width = 320, height = 240;
    if (argc < 3 || argc > 5 || (argc > 3 && !read_size(argv[3], &width, &height))) {
        fprintf(stderr, "usage: make_pictures DIRECTORY COUNT [WIDTHxHEIGHT] [FIRST_SEED]\n");
        return 2;
    }
    unsigned long first = argc > 4 ? strtoul(argv[4], NULL, 10) : 1;
    unsigned long count = strtoul(argv[2], NULL, 10);
    for (unsigned long seed = first; seed < first + count; seed++) {
        struct wci_date date;
        char time[32], path[4096];
        wci_calendar_split((wci_calendar_days(2026, 3, 1) * 86400 + 36000 + (int64_t)seed * 60) *
                               INT64_C(1000000),
                           &date);
        snprintf(time, sizeof time, "%04d:%02d:%02d %02d:%02d:%02d", date.year, date.month,
                 date.day, date.hour, date.minute, date.second);
        struct exif_facts facts = {.make = "Testcam",
                                   .date_time_original = time,
                                   .orientation = 1,
                                   .latitude = NAN,
                                   .longitude = NAN,
                                   .altitude = NAN};
        struct jpeg jpeg = make_jpeg_with_exif((int)width, (int)height, (unsigned)seed, &facts);
        snprintf(path, sizeof path, "%s/picture_%lu.jpg", argv[1], seed);
        FILE *file = fopen(path, "wb");
        if (!file || fwrite(jpeg.data, 1, jpeg.size, file) != jpeg.size || fclose(file) != 0) {
            perror(path);
            return 1;
        }
        jpeg_free(&jpeg);
    }
    return 0;
}
