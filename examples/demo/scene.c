/* scene [--size WIDTHxHEIGHT] [--date YYYY-MM-DD] DIRECTORY */
#include "scene.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "picture.h"

static const char usage[] =
    "usage: scene [--size WIDTHxHEIGHT] [--date YYYY-MM-DD] DIRECTORY\n"
    "\n"
    "Paints what three wildlife cameras saw in three days: deer, foxes and boars by day, at dusk\n"
    "and by infra-red flash, and two pictures on which nothing is. DIRECTORY then holds, for each\n"
    "camera, what its card holds and what it sends to a server:\n"
    "\n"
    "  DEVICE_ID/images/YYYYMMDD/IMG_HHMMSS_NNN.jpg    a picture, with EXIF\n"
    "  DEVICE_ID/images/YYYYMMDD/IMG_HHMMSS_NNN.json   what is sent with it\n"
    "  DEVICE_ID/register.json, status.json            what is sent at its start, and later\n"
    "\n"
    "  --size WIDTHxHEIGHT   how large the pictures are, 64x48 to 8000x6000 (1600x1200)\n"
    "  --date YYYY-MM-DD     the day after the last picture (today)\n"
    "\n"
    "The same size and date give the same pictures, to the byte.\n";

enum { PATH_ROOM = 4096 };

struct camera {
    const char *device_id, *name, *location;
    double latitude, longitude, altitude;
    int hangs_upside_down;
    int battery;
    double voltage;
    struct view view;
};

static const struct camera cameras[] = {
    {"a4cf1265",
     "Ridge trail",
     "upper forest, north slope",
     47.5613,
     11.0432,
     1184,
     0,
     87,
     4.02,
     {3, 0.47, 0.90, 0.09}},
    {"7c9ebd41",
     "Old orchard",
     "below the chapel",
     47.5540,
     11.0518,
     902,
     0,
     64,
     3.87,
     {29, 0.42, 0.25, 1.27}},
    {"30aea48c",
     "Mill creek",
     "ford at the mill",
     47.5488,
     11.0391,
     846,
     1,
     41,
     3.74,
     {58, 0.50, 0.70, 0.02}},
};

static const struct shot {
    int camera, days_before, hour, minute, second;
    enum light light;
    const struct animal *animal;
    double x, y;
    int faces_left;
    double confidence; /* of the detector in the camera; 0 when it does not know */
    int degrees;
} shots[] = {
    {0, 3, 6, 52, 10, LIGHT_DAWN, &hind, 0.62, 0.72, 0, 0.91, 2},
    {0, 3, 17, 4, 31, LIGHT_DUSK, &stag, 0.74, 0.70, 1, 0.96, 5},
    {0, 2, 22, 47, 5, LIGHT_INFRARED, &boar, 0.72, 0.80, 0, 0.88, -1},
    {0, 1, 12, 15, 44, LIGHT_DAY, NULL, 0, 0, 0, 0, 8},
    {1, 3, 21, 33, 48, LIGHT_INFRARED, &fox, 0.70, 0.80, 1, 0.83, 3},
    {1, 2, 7, 5, 22, LIGHT_DAWN, &fox, 0.55, 0.84, 0, 0.94, 1},
    {1, 2, 16, 58, 12, LIGHT_DUSK, &hind, 0.66, 0.66, 1, 0.90, 6},
    {1, 1, 1, 12, 40, LIGHT_INFRARED, NULL, 0, 0, 0, 0, 0},
    {2, 3, 13, 40, 9, LIGHT_DAY, &fox, 0.82, 0.86, 1, 0.97, 9},
    {2, 2, 17, 1, 55, LIGHT_DUSK, &boar, 0.60, 0.76, 0, 0.85, 6},
    {2, 1, 5, 20, 33, LIGHT_INFRARED, &stag, 0.78, 0.72, 1, 0.89, 0},
    {2, 1, 16, 49, 2, LIGHT_DUSK, &stag, 0.58, 0.67, 0, 0, 5},
};

enum { CAMERAS = sizeof cameras / sizeof cameras[0], SHOTS = sizeof shots / sizeof shots[0] };

static int make_directory(const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return 1;
    perror(path);
    return 0;
}

/* Opens a file to be written, its name put together. */
static FILE *create(const char *directory, const char *name)
{
    char path[PATH_ROOM];
    if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path) {
        fprintf(stderr, "%.60s...: too long\n", directory);
        return NULL;
    }
    FILE *file = fopen(path, "w");
    if (!file)
        perror(path);
    return file;
}

static int finish(FILE *file, const char *directory)
{
    int failed = ferror(file);
    if (fclose(file) == 0 && !failed)
        return 1;
    perror(directory);
    return 0;
}

/* ---- what cameras send ---- */

static int write_camera(const char *directory, const struct camera *camera)
{
    FILE *file = create(directory, "register.json");
    if (!file)
        return 0;
    fprintf(file,
            "{\"device_id\": \"%s\", \"name\": \"%s\", \"location_name\": \"%s\", "
            "\"latitude\": %.4f, \"longitude\": %.4f, \"firmware_version\": \"3.0.0\"}\n",
            camera->device_id, camera->name, camera->location, camera->latitude, camera->longitude);
    if (!finish(file, directory) || !(file = create(directory, "status.json")))
        return 0;
    fprintf(file,
            "{\"battery_level\": %d, \"battery_voltage\": %.2f, \"temperature\": %d, "
            "\"humidity\": 71}\n",
            camera->battery, camera->voltage, 4);
    return finish(file, directory);
}

/* The timestamp is what the firmware makes of it: milliseconds since it was switched on. */
static int write_metadata(const char *directory, const char *path, const struct shot *shot,
                          const struct box *box)
{
    char name[64];
    snprintf(name, sizeof name, "%.*s.json", (int)strlen(path) - 4, path);
    FILE *file = create(directory, name);
    if (!file)
        return 0;
    fprintf(file, "{\"device_id\": \"%s\", \"timestamp\": %d, \"file_path\": \"/%s\"",
            cameras[shot->camera].device_id, 60000 + (int)(shot - shots) * 4217, path);
    fprintf(file, ", \"weather\": {\"temperature\": %d}", shot->degrees);
    if (!shot->animal)
        fprintf(file, ", \"category\": \"blank\"");
    else if (shot->confidence > 0)
        fprintf(file,
                ", \"species\": \"%s\", \"confidence\": %.2f, \"bbox\": {\"x\": %.4f, "
                "\"y\": %.4f, \"width\": %.4f, \"height\": %.4f}",
                shot->animal->species, shot->confidence, box->x, box->y, box->width, box->height);
    fprintf(file, "}\n");
    return finish(file, directory);
}

/* ---- pictures ---- */

static struct tm time_of(const struct shot *shot, time_t day)
{
    struct tm time;
    time_t seconds = day - 86400L * shot->days_before + 3600L * shot->hour + 60L * shot->minute +
                     shot->second;
    gmtime_r(&seconds, &time);
    return time;
}

static int paint_shot(const struct shot *shot, const struct tm *time, struct canvas *canvas,
                      const char *path, struct box *box)
{
    char strip[80], name[20], taken[24];
    const struct camera *camera = cameras + shot->camera;
    struct scene scene = {.view = &camera->view,
                          .light = shot->light,
                          .visitor = {shot->animal, shot->x, shot->y, shot->faces_left},
                          .seed = 1000 + 10 * (uint32_t)(shot - shots)};
    for (size_t i = 0; i <= strlen(camera->name); i++) /* the strip has capitals only */
        name[i] = (char)(camera->name[i] - (camera->name[i] >= 'a' ? 'a' - 'A' : 0));
    strftime(taken, sizeof taken, "%Y-%m-%d %H:%M:%S", time);
    snprintf(strip, sizeof strip, "%s   %d'C %d'F   %s   %d%%", taken, shot->degrees,
             (int)lround(shot->degrees * 1.8 + 32), name, camera->battery);
    paint_scene(canvas, &scene);
    paint_strip(canvas, strip);
    if (shot->animal)
        *box = visitor_box(canvas, &scene);
    strftime(taken, sizeof taken, "%Y:%m:%d %H:%M:%S", time);
    struct exposure exposure = {"WildCAM",
                                "demo scene",
                                taken,
                                camera->latitude,
                                camera->longitude,
                                camera->altitude,
                                camera->hangs_upside_down};
    return write_picture(canvas, &exposure, path);
}

static int take_shot(const char *directory, const struct shot *shot, time_t day,
                     struct canvas *canvas)
{
    char own[PATH_ROOM], path[PATH_ROOM], on_card[64];
    struct box box = {0, 0, 0, 0};
    struct tm time = time_of(shot, day);
    snprintf(own, sizeof own, "%s/%s", directory, cameras[shot->camera].device_id);
    strftime(on_card, sizeof on_card, "images/%Y%m%d", &time);
    if (snprintf(path, sizeof path, "%.4000s/%s", own, on_card) > 4000 || !make_directory(path))
        return 0;
    strftime(on_card, sizeof on_card, "images/%Y%m%d/IMG_%H%M%S_001.jpg", &time);
    snprintf(path, sizeof path, "%.4000s/%s", own, on_card);
    return paint_shot(shot, &time, canvas, path, &box) && write_metadata(own, on_card, shot, &box);
}

static int take_all(const char *directory, time_t day, int width, int height)
{
    char path[PATH_ROOM];
    struct canvas canvas;
    int good = make_directory(directory);
    for (int i = 0; good && i < CAMERAS; i++) {
        snprintf(path, sizeof path, "%.4000s/%s", directory, cameras[i].device_id);
        good = make_directory(path) && write_camera(path, cameras + i);
        snprintf(path, sizeof path, "%.4000s/%s/images", directory, cameras[i].device_id);
        good = good && make_directory(path);
    }
    if (!good)
        return 0;
    if (!canvas_begin(&canvas, width, height)) {
        fprintf(stderr, "scene: memory ran out\n");
        return 0;
    }
    for (int i = 0; good && i < SHOTS; i++)
        good = take_shot(directory, shots + i, day, &canvas);
    canvas_end(&canvas);
    return good;
}

/* ---- options ---- */

static int complain(const char *option, const char *what)
{
    fprintf(stderr, "scene: %s %s; see --help\n", option, what);
    return 2;
}

static int read_size(const char *text, int *width, int *height)
{
    char *end;
    long across = strtol(text, &end, 10);
    if (*end != 'x')
        return 0;
    long down = strtol(end + 1, &end, 10);
    *width = (int)across;
    *height = (int)down;
    return !*end && across >= 64 && across <= 8000 && down >= 48 && down <= 6000;
}

static int read_date(const char *text, time_t *day)
{
    struct tm date = {0};
    const char *end = strptime(text, "%Y-%m-%d", &date);
    *day = timegm(&date);
    return end && !*end;
}

int main(int argc, char **argv)
{
    int width = 1600, height = 1200;
    time_t day = time(NULL) / 86400 * 86400;
    const char *directory = NULL;
    for (int i = 1; i < argc; i++) {
        int has_value = i + 1 < argc;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(usage, stdout);
            return 0;
        }
        if (strcmp(argv[i], "--size") == 0 && has_value) {
            if (!read_size(argv[++i], &width, &height))
                return complain(argv[i], "is no size from 64x48 to 8000x6000");
        } else if (strcmp(argv[i], "--date") == 0 && has_value) {
            if (!read_date(argv[++i], &day))
                return complain(argv[i], "is no date such as 2026-11-23");
        } else if (argv[i][0] == '-' || directory) {
            return complain(argv[i], "is no option, or lacks its value");
        } else {
            directory = argv[i];
        }
    }
    if (!directory)
        return complain("a DIRECTORY", "is needed");
    return take_all(directory, day, width, height) ? 0 : 1;
}
