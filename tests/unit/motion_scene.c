#include "motion_scene.h"

#include <math.h>
#include <turbojpeg.h>

#include "image/thumbnail.h"
#include "unit.h"

struct animal animals[] = {
    {.name = "bear",
     .path = "cameratrap-jpegs/american_black_bear.jpg",
     .points = 17,
     .outline = {75.1, 47.3, 71,   44.5, 67.8, 43.4, 65,   45.5, 61.9, 47.7, 51,   48.3,
                 46.5, 53,   45.8, 60,   45.8, 74,   49,   74,   51.5, 65,   60.5, 64.2,
                 64.9, 71.6, 68.5, 71.6, 67.5, 62,   68.2, 56.4, 71.4, 50.2}},
    {.name = "dog",
     .path = "cameratrap-jpegs/domestic_dog.jpg",
     .points = 19,
     .outline = {66.5, 9.7,  68, 18, 73.5, 29,   69.8, 31,   64,   27,   61,   35,  55,
                 45.8, 51.5, 71, 47, 71,   49.3, 50.7, 43.5, 44,   42.7, 65,   39,  65,
                 41.3, 43,   35, 41, 40.5, 31,   43.5, 21.4, 53.7, 17.5, 62.5, 16.6}},
    {.name = "cow",
     .path = "cameratrap-jpegs/domestic_cattle.jpg",
     .points = 9,
     .outline = {38.8, 44.5, 49.4, 44.5, 49.4, 55, 47, 57.7, 45.5, 53, 41, 52.5, 39.5, 58.5, 38.5,
                 58, 38.1, 50.8}},
    {.name = "ocelot",
     .path = "cameratrap-jpegs/ocelot.jpg",
     .points = 22,
     .outline = {5.8,  58.8, 11.7, 57.5, 23.4, 57.5, 39,   56.5, 46.8, 59.5, 53.6,
                 67.2, 52,   68,   45.8, 63.4, 48.7, 73.6, 52,   82.5, 50.3, 82.5,
                 44.4, 73.6, 42,   73.6, 41.3, 80,   38,   79.4, 37,   69.7, 25.3,
                 69.7, 25,   80,   21.8, 80,   21,   69.7, 11.7, 74.8, 5.3,  63.4}},
    {.name = "fox",
     .path = "cameratrap-jpegs/megadetector-repo/channel-islands-thumb.jpg",
     .points = 19,
     .outline = {3.3,  43.9, 11.7, 50.4, 17,   49,   18,   34.8, 21.8, 40,   23.4, 50.4, 33.5,
                 49,   41.3, 53,   42.9, 63.4, 40.4, 81.6, 35.5, 94.5, 28.7, 95.8, 25.7, 86.8,
                 20.9, 86.8, 18.9, 96,   17,   96,   15,   81.6, 9.2,  68.6, 5.3,  55.6}},
    {.name = "cougar",
     .path = "cameratrap-jpegs/megadetector-repo/idaho-camera-traps.jpg",
     .points = 21,
     .outline = {45.9, 59.3, 48.4, 61.7, 51.3, 59.7, 52.4, 55.6, 54.7, 54,   58,   56, 60.9, 62.7,
                 66.6, 61.7, 68.9, 64.7, 68,   68.8, 65.5, 69.8, 64.3, 73.9, 66.8, 82, 65.5, 83,
                 61.5, 73.9, 57.5, 65.8, 53.5, 66.8, 52.4, 71.4, 50.9, 71.4, 51.3, 63, 48.4, 63.3}},
    {.name = "heron",
     .path = "camtrapdp/example-1.0.2/media/20210531082540-RCNX0036.JPG",
     .points = 16,
     .outline = {62.4, 64.4, 58,   62.3, 56.7, 62.3, 56.7, 65.1, 57.3, 67.4, 57,
                 74.8, 54.7, 75.6, 52.1, 77.6, 51.2, 80.4, 50.3, 81.3, 51.2, 84,
                 54.1, 84.3, 59,   82.7, 58.8, 73,   58.3, 65.6, 60.6, 64.6}},
    {.name = "margay",
     .path = "cameratrap-jpegs/megadetector-repo/orinoquia-thumb-web.jpg",
     .points = 21,
     .outline = {42.2, 14.9, 46,   15.7, 54.9, 14.9, 56.8, 18.8, 57.8, 24,   68.5,
                 22.7, 78.3, 29.2, 78.3, 40.9, 73.4, 47.4, 74,   60.4, 71.5, 63,
                 68.5, 50,   63.7, 52.6, 64.6, 70.8, 60.7, 72,   58.8, 65.6, 53.9,
                 64.3, 52.9, 39.6, 46.1, 31.8, 43,   25,   42.2, 18.8}},
    {.name = "elephant",
     .path = "cameratrap-jpegs/african_elephants.jpg",
     .points = 9,
     .outline = {57.1, 46.8, 58.4, 43.1, 62, 42.4, 64.4, 44.2, 65.6, 49, 64.9, 57.8, 62.8, 59.5,
                 58.8, 58.2, 57.1, 55.6}},
};
const int animal_count = sizeof animals / sizeof *animals;

double scene_chance(unsigned *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) / 16777216.0;
}

struct wci_raster load_picture(const char *path, int width_max)
{
    char whole[1024];
    size_t size;
    struct wci_raster raster;
    snprintf(whole, sizeof whole, "%s/%s", real_data(), path);
    void *jpeg = load_file(whole, &size);
    tjhandle handle = tjInitDecompress();
    int width, height, subsampling, space;
    ck_assert_int_eq(tjDecompressHeader3(handle, jpeg, size, &width, &height, &subsampling, &space),
                     0);
    assert_done(wci_raster_new(&raster, width, height, 3));
    ck_assert_int_eq(
        tjDecompress2(handle, jpeg, size, raster.pixels, width, 0, height, TJPF_RGB, 0), 0);
    tjDestroy(handle);
    free(jpeg);
    if (width > width_max)
        assert_done(wci_raster_shrink(&raster, width_max, height * width_max / width));
    return raster;
}

/* ---- animals ---- */

static bool is_inside(const struct animal *animal, double x, double y)
{
    bool inside = false;
    for (int i = 0, j = animal->points - 1; i < animal->points; j = i++) {
        double xi = animal->outline[2 * i], yi = animal->outline[2 * i + 1];
        double xj = animal->outline[2 * j], yj = animal->outline[2 * j + 1];
        if ((yi > y) != (yj > y) && x < (xj - xi) * (y - yi) / (yj - yi) + xi)
            inside = !inside;
    }
    return inside;
}

static void bound(const struct animal *animal, double *left, double *top, double *right,
                  double *bottom)
{
    *left = *top = 100;
    *right = *bottom = 0;
    for (int i = 0; i < animal->points; i++) {
        *left = fmin(*left, animal->outline[2 * i]);
        *right = fmax(*right, animal->outline[2 * i]);
        *top = fmin(*top, animal->outline[2 * i + 1]);
        *bottom = fmax(*bottom, animal->outline[2 * i + 1]);
    }
}

void animal_load(struct animal *animal)
{
    struct wci_raster from = load_picture(animal->path, 4096);
    double left, top, right, bottom;
    bound(animal, &left, &top, &right, &bottom);
    int x0 = (int)(left * from.width / 100), y0 = (int)(top * from.height / 100);
    int width = (int)((right - left) * from.width / 100);
    int height = (int)((bottom - top) * from.height / 100);
    assert_done(wci_raster_new(&animal->pixels, width, height, 4));
    unsigned char *to = animal->pixels.pixels;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++, to += 4) {
            memcpy(to, from.pixels + ((size_t)(y0 + y) * (size_t)from.width + (size_t)(x0 + x)) * 3,
                   3);
            to[3] = is_inside(animal, 100.0 * (x0 + x) / from.width, 100.0 * (y0 + y) / from.height)
                        ? 255
                        : 0;
        }
    free(from.pixels);
}

static double animal_at(const struct wci_raster *animal, double x, double y, int channel)
{
    int column = (int)x, row = (int)y;
    if (column < 0 || row < 0 || column >= animal->width || row >= animal->height)
        return 0;
    return animal
        ->pixels[((size_t)row * (size_t)animal->width + (size_t)column) * 4 + (size_t)channel];
}

static unsigned char *pixel_of(const struct wci_raster *raster, int x, int y)
{
    if (x < 0 || y < 0 || x >= raster->width || y >= raster->height)
        return NULL;
    return raster->pixels +
           ((size_t)y * (size_t)raster->width + (size_t)x) * (size_t)raster->channels;
}

/* Of less contrast it is nearer to the mean of what it hides; nothing shines through. */
static void blend(struct wci_raster *to, const struct wci_raster *animal, int left, int top,
                  double contrast)
{
    double mean[3] = {0}, weight = 1e-9;
    for (int y = 0; y < animal->height; y++)
        for (int x = 0; x < animal->width; x++) {
            const unsigned char *at = pixel_of(to, left + x, top + y);
            double part = pixel_of(animal, x, y)[3];
            weight += at ? part : 0;
            for (int c = 0; at && c < 3; c++)
                mean[c] += part * at[c];
        }
    for (int y = 0; y < animal->height; y++)
        for (int x = 0; x < animal->width; x++) {
            unsigned char *at = pixel_of(to, left + x, top + y);
            const unsigned char *pixel = pixel_of(animal, x, y);
            for (int c = 0; at && c < 3; c++) {
                double wanted = mean[c] / weight + contrast * (pixel[c] - mean[c] / weight);
                at[c] = (unsigned char)(at[c] + pixel[3] * (wanted - at[c]) / 255);
            }
        }
}

/* Each pixel is the mean of what of the animal falls on it. */
static void paste(struct wci_raster *to, struct visit *visit)
{
    struct wci_raster small;
    const struct wci_raster *from = &visit->animal->pixels;
    int height = (int)(visit->height * to->height), width = height * from->width / from->height;
    if (height < from->height)
        assert_done(wci_raster_shrunk(from, width, height, &small));
    else { /* enlarged */
        assert_done(wci_raster_new(&small, width, height, 4));
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 4; c++)
                    small.pixels[((size_t)y * (size_t)width + (size_t)x) * 4 + (size_t)c] =
                        (unsigned char)animal_at(from, (double)x * from->width / width,
                                                 (double)y * from->height / height, c);
    }
    int left = (int)(visit->x * to->width) - width / 2;
    int top = (int)(visit->y * to->height) - height / 2;
    blend(to, &small, left, top, visit->contrast);
    free(small.pixels);
    double x0 = fmax(0, left), y0 = fmax(0, top);
    visit->box = (wildcam_box){x0 / to->width, y0 / to->height,
                               (fmin(left + width, to->width) - x0) / to->width,
                               (fmin(top + height, to->height) - y0) / to->height};
}

/* ---- the weather ---- */

/* A field that is smooth, different for each seed, and within -1..1. */
struct waves {
    double x[4], y[4], phase[4];
};

static struct waves make_waves(unsigned *seed, double longest)
{
    struct waves waves;
    for (int i = 0; i < 4; i++) {
        double length = longest * (0.3 + 0.7 * scene_chance(seed));
        double angle = 6.283 * scene_chance(seed);
        waves.x[i] = 6.283 * cos(angle) / length;
        waves.y[i] = 6.283 * sin(angle) / length;
        waves.phase[i] = 6.283 * scene_chance(seed);
    }
    return waves;
}

static double wave_at(const struct waves *waves, double x, double y)
{
    double sum = 0;
    for (int i = 0; i < 4; i++)
        sum += sin(waves->x[i] * x + waves->y[i] * y + waves->phase[i]);
    return sum / 4;
}

enum { GRID = 16 /* pixels between which the fields are straight */ };

/* dx, dy and light for every GRID pixels. */
struct field {
    double *values;
    int columns;
};

static struct field make_field(const struct wci_raster *like, const struct moment *moment,
                               unsigned *seed)
{
    struct waves right = make_waves(seed, 120), down = make_waves(seed, 120);
    struct waves clouds = make_waves(seed, like->width);
    struct field field = {NULL, like->width / GRID + 2};
    int rows = like->height / GRID + 2;
    field.values = malloc((size_t)field.columns * (size_t)rows * 3 * sizeof(double));
    ck_assert_ptr_nonnull(field.values);
    double *at = field.values;
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < field.columns; x++, at += 3) {
            double cloud = 3 * wave_at(&clouds, x * GRID, y * GRID);
            at[0] = moment->shift_x + moment->sway * wave_at(&right, x * GRID, y * GRID);
            at[1] = moment->shift_y + moment->sway * wave_at(&down, x * GRID, y * GRID);
            at[2] = 1 - moment->shade * (cloud < 0 ? 0 : cloud > 1 ? 1 : cloud);
        }
    return field;
}

static void field_at(const struct field *field, int x, int y, double out[3])
{
    const double *a = field->values +
                      ((size_t)(y / GRID) * (size_t)field->columns + (size_t)(x / GRID)) * 3;
    const double *b = a + (size_t)field->columns * 3;
    double right = (double)(x % GRID) / GRID, down = (double)(y % GRID) / GRID;
    for (int i = 0; i < 3; i++)
        out[i] = (a[i] * (1 - right) + a[3 + i] * right) * (1 - down) +
                 (b[i] * (1 - right) + b[3 + i] * right) * down;
}

static void take_pixel(const struct wci_raster *from, double x, double y, double out[3])
{
    x = fmin(fmax(x, 0), from->width - 1.001);
    y = fmin(fmax(y, 0), from->height - 1.001);
    int column = (int)x, row = (int)y;
    double right = x - column, down = y - row;
    const unsigned char *a = from->pixels +
                             ((size_t)row * (size_t)from->width + (size_t)column) * 3;
    const unsigned char *b = a + (size_t)from->width * 3;
    for (int c = 0; c < 3; c++)
        out[c] = (a[c] * (1 - right) + a[3 + c] * right) * (1 - down) +
                 (b[c] * (1 - right) + b[3 + c] * right) * down;
}

static unsigned char to_byte(double value)
{
    return (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value + 0.5);
}

/* Moves the picture, then lights it: what is in it moves and is lit with it. */
static void apply(const struct wci_raster *from, bool is_grey, const struct moment *moment,
                  struct wci_raster *to)
{
    unsigned seed = moment->seed * 7919 + 1;
    struct field field = make_field(from, moment, &seed);
    unsigned char *at = to->pixels;
    for (int y = 0; y < to->height; y++)
        for (int x = 0; x < to->width; x++) {
            double here[3], pixel[3];
            field_at(&field, x, y, here);
            take_pixel(from, x + here[0], y + here[1], pixel);
            double noise = moment->noise *
                           (scene_chance(&seed) + scene_chance(&seed) + scene_chance(&seed) - 1.5) *
                           2;
            if (is_grey)
                pixel[0] = pixel[1] = pixel[2] = 0.3 * pixel[0] + 0.59 * pixel[1] + 0.11 * pixel[2];
            for (int c = 0; c < 3; c++)
                *at++ = to_byte((pixel[c] * moment->gain + moment->offset) * here[2] + noise);
        }
    free(field.values);
}

/* A bar with digits of seven strokes on it, none of them the same.
 */
static void draw_caption(struct wci_raster *to, double height, unsigned seed, bool is_white)
{
    int high = (int)(height * to->height), digit = high * 6 / 10, top = to->height - high;
    memset(to->pixels + (size_t)top * (size_t)to->width * 3, is_white ? 252 : 3,
           (size_t)high * (size_t)to->width * 3);
    for (int i = 0; i < 14; i++) {
        int left = to->width * (30 + 4 * i) / 100;
        unsigned strokes = (unsigned)(scene_chance(&seed) * 128);
        for (int stroke = 0; stroke < 7; stroke++) {
            static const double place[7][4] = {{0, 0, 1, .2},   {0, .4, 1, .6},  {0, .8, 1, 1},
                                               {0, 0, .25, .5}, {.75, 0, 1, .5}, {0, .5, .25, 1},
                                               {.75, .5, 1, 1}};
            if (!(strokes >> stroke & 1))
                continue;
            for (int y = (int)(place[stroke][1] * digit); y < (int)(place[stroke][3] * digit); y++)
                for (int x = 0; x < digit / 2; x++)
                    if (x >= place[stroke][0] * digit / 2 && x < place[stroke][2] * digit / 2)
                        memset(to->pixels + ((size_t)(top + high / 5 + y) * (size_t)to->width +
                                             (size_t)(left + x)) *
                                                3,
                               is_white ? 10 : 240, 3);
        }
    }
}

struct jpeg scene_frame(const struct wci_raster *background, bool is_grey,
                        const struct moment *moment, struct visit *visit)
{
    struct wci_raster with, frame;
    struct jpeg jpeg = {NULL, 0};
    unsigned long size = 0;
    size_t bytes = (size_t)background->width * (size_t)background->height * 3;
    assert_done(wci_raster_new(&with, background->width, background->height, 3));
    assert_done(wci_raster_new(&frame, background->width, background->height, 3));
    memcpy(with.pixels, background->pixels, bytes);
    if (visit)
        paste(&with, visit);
    apply(&with, is_grey, moment, &frame);
    if (moment->caption > 0)
        draw_caption(&frame, moment->caption, moment->seed + 17, !is_grey);
    tjhandle handle = tjInitCompress();
    ck_assert_int_eq(tjCompress2(handle, frame.pixels, frame.width, 0, frame.height, TJPF_RGB,
                                 &jpeg.data, &size, TJSAMP_420, moment->quality, 0),
                     0);
    tjDestroy(handle);
    free(with.pixels);
    free(frame.pixels);
    jpeg.size = size;
    return jpeg;
}

void scene_look(const struct jpeg *jpeg, struct wci_motion_frame *frame)
{
    static const struct wci_jpeg_limits limits = {100000000, 500, 268435456};
    struct wci_raster raster;
    int width, height, subsampling, space, columns, rows;
    tjhandle handle = tjInitDecompress();
    ck_assert_int_eq(
        tjDecompressHeader3(handle, jpeg->data, jpeg->size, &width, &height, &subsampling, &space),
        0);
    tjDestroy(handle);
    assert_done(wci_thumbnail_decode(jpeg->data, jpeg->size, &limits, NULL, 320, 240, &raster));
    wci_motion_grid(width, height, &columns, &rows);
    assert_done(wci_motion_frame_make(&raster, columns, rows, frame));
    free(raster.pixels);
}

/* ---- to look at ---- */

static void draw_box(unsigned char *rgb, int width, int height, const wildcam_box *box,
                     unsigned char red, unsigned char green)
{
    int left = (int)(box->x * width), top = (int)(box->y * height);
    int right = (int)((box->x + box->width) * width) - 1;
    int bottom = (int)((box->y + box->height) * height) - 1;
    for (int y = top; y <= bottom && y < height; y++)
        for (int x = left; x <= right && x < width; x++)
            if (x - left < 3 || right - x < 3 || y - top < 3 || bottom - y < 3) {
                unsigned char *at = rgb + ((size_t)y * (size_t)width + (size_t)x) * 3;
                at[0] = red;
                at[1] = green;
                at[2] = 0;
            }
}

void scene_show(const char *name, const struct jpeg *jpeg, const struct wci_motion_answer *answer,
                const struct visit *visit)
{
    char path[1024];
    const char *folder = getenv("WILDCAM_MOTION_DUMP");
    int width, height, subsampling, space;
    if (!folder)
        return;
    tjhandle handle = tjInitDecompress();
    ck_assert_int_eq(
        tjDecompressHeader3(handle, jpeg->data, jpeg->size, &width, &height, &subsampling, &space),
        0);
    unsigned char *rgb = malloc((size_t)width * (size_t)height * 3);
    ck_assert_ptr_nonnull(rgb);
    tjDecompress2(handle, jpeg->data, jpeg->size, rgb, width, 0, height, TJPF_RGB, 0);
    tjDestroy(handle);
    if (visit)
        draw_box(rgb, width, height, &visit->box, 0, 255);
    for (size_t i = 0; i < answer->count; i++)
        draw_box(rgb, width, height, &answer->boxes[i].box, 255, 0);
    snprintf(path, sizeof path, "%s/%s.ppm", folder, name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "P6\n%d %d\n255\n", width, height);
    fwrite(rgb, 1, (size_t)width * (size_t)height * 3, file);
    fclose(file);
    free(rgb);
}
