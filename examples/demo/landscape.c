/* Sky, hills, trees and grass, painted from the back to the front. */
#include <math.h>

#include "scene.h"

static const struct palette palettes[] = {
    [LIGHT_DAWN] = {.zenith = {0.50f, 0.60f, 0.73f},
                    .horizon = {0.96f, 0.86f, 0.74f},
                    .haze = {0.73f, 0.74f, 0.75f},
                    .shade = {0.13f, 0.16f, 0.10f},
                    .grass = {0.30f, 0.35f, 0.19f},
                    .straw = {0.56f, 0.53f, 0.36f},
                    .soil = {0.40f, 0.35f, 0.29f},
                    .wood = {0.25f, 0.21f, 0.19f},
                    .leaf = {0.12f, 0.17f, 0.12f},
                    .fur = {0.86f, 0.82f, 0.80f},
                    .sun = 0.5,
                    .sun_x = 0.8},
    [LIGHT_DAY] = {.zenith = {0.36f, 0.56f, 0.86f},
                   .horizon = {0.82f, 0.89f, 0.95f},
                   .haze = {0.62f, 0.71f, 0.78f},
                   .shade = {0.13f, 0.19f, 0.07f},
                   .grass = {0.34f, 0.44f, 0.16f},
                   .straw = {0.63f, 0.62f, 0.34f},
                   .soil = {0.50f, 0.42f, 0.31f},
                   .wood = {0.34f, 0.28f, 0.23f},
                   .leaf = {0.13f, 0.21f, 0.09f},
                   .fur = {1.0f, 0.98f, 0.94f},
                   .sun = 0.7,
                   .sun_x = -0.5},
    [LIGHT_DUSK] = {.zenith = {0.24f, 0.29f, 0.46f},
                    .horizon = {0.98f, 0.64f, 0.40f},
                    .haze = {0.55f, 0.42f, 0.43f},
                    .shade = {0.08f, 0.08f, 0.07f},
                    .grass = {0.23f, 0.21f, 0.13f},
                    .straw = {0.47f, 0.37f, 0.23f},
                    .soil = {0.25f, 0.20f, 0.17f},
                    .wood = {0.12f, 0.09f, 0.09f},
                    .leaf = {0.06f, 0.07f, 0.07f},
                    .fur = {0.70f, 0.60f, 0.55f},
                    .sun = 0.55,
                    .sun_x = -0.7},
    [LIGHT_INFRARED] = {.zenith = {0.010f, 0.010f, 0.010f},
                        .horizon = {0.020f, 0.020f, 0.020f},
                        .haze = {0.030f, 0.030f, 0.030f},
                        .shade = {0.16f, 0.16f, 0.16f},
                        .grass = {0.44f, 0.44f, 0.44f},
                        .straw = {0.72f, 0.72f, 0.72f},
                        .soil = {0.50f, 0.50f, 0.50f},
                        .wood = {0.55f, 0.55f, 0.55f},
                        .leaf = {0.40f, 0.40f, 0.40f},
                        .fur = {1.50f, 1.50f, 1.50f},
                        .sun = 0.25,
                        .sun_x = 0},
};

const struct palette *palette_of(enum light light)
{
    return &palettes[light];
}

/* 0 at the horizon, 1 at the lower edge. */
static double nearness(const struct view *view, double y)
{
    return (y - view->horizon) / (1 - view->horizon);
}

double light_at(const struct scene *scene, double y)
{
    double near = limited(nearness(scene->view, y), 0, 1);
    return scene->light == LIGHT_INFRARED ? 0.03 + 0.97 * pow(near, 0.75) : 1;
}

static void paint_sky(struct canvas *canvas, const struct scene *scene)
{
    const struct palette *palette = palette_of(scene->light);
    for (int row = 0; row < canvas->height * scene->view->horizon; row++) {
        double y = (double)row / canvas->height, up = 1 - y / scene->view->horizon;
        struct colour clear = mix(palette->horizon, palette->zenith, pow(up, 0.8));
        for (int column = 0; column < canvas->width; column++) {
            double x = (double)column / canvas->height;
            double cloud = rough(x * 2.2, y * 8, 5, scene->seed + 40);
            struct colour edge = mix(palette->horizon, palette->zenith, up * 0.35);
            paint(canvas, column, row, mix(clear, edge, limited((cloud - 0.45) * 2.6, 0, 0.8)), 1);
        }
    }
}

/* The tops of a line of spruces above its foot. */
static double tops_at(double x, double spacing, double height, uint32_t seed)
{
    double top = 0;
    int here = (int)floor(x / spacing);
    for (int i = here - 2; i <= here + 2; i++) {
        double middle = (i + chance(i, 0, seed)) * spacing;
        double tall = height * (0.45 + 0.55 * chance(i, 1, seed));
        double side = fabs(x - middle) / (spacing * (0.7 + 0.4 * chance(i, 2, seed)));
        double twigs = 0.16 * side * noise(x * 900, i, seed);
        top = fmax(top, tall * (1 - side - twigs));
    }
    return top;
}

/* Three ridges, each nearer and darker than the one behind it; the last is the forest's edge. */
static void paint_hills(struct canvas *canvas, const struct scene *scene)
{
    static const struct {
        double lift, swing, spacing, tree, haze;
    } ridges[] = {{0.070, 0.17, 0.006, 0.006, 0.86},
                  {0.025, 0.12, 0.009, 0.020, 0.66},
                  {-0.012, 0.03, 0.022, 0.085, 0.34}};
    const struct palette *palette = palette_of(scene->light);
    const struct view *view = scene->view;
    for (int i = 0; i < 3; i++) {
        uint32_t seed = view->seed + 10 * (uint32_t)i;
        struct colour colour = mix(palette->leaf, palette->haze, ridges[i].haze);
        if (scene->light == LIGHT_INFRARED)
            colour = lit(palette->haze, 0.6 + 0.2 * i);
        for (int column = 0; column < canvas->width; column++) {
            double x = (double)column / canvas->height;
            double hill = ridges[i].lift + ridges[i].swing * (rough(x * 1.7, i, 4, seed) - 0.35);
            double top = view->horizon - fmax(hill, 0) -
                         tops_at(x, ridges[i].spacing, ridges[i].tree, seed);
            double row = top * canvas->height;
            paint(canvas, column, (int)row, colour, 1 - (row - floor(row)));
            for (int below = (int)row + 1; below < canvas->height; below++) {
                double mist = limited(1 - (view->horizon - (double)below / canvas->height) * 14, 0,
                                      1);
                paint(canvas, column, below, mix(colour, palette->haze, 0.3 * mist), 1);
            }
        }
    }
}

/* How much of the game trail a place is. */
static double trail_at(const struct view *view, double x, double y)
{
    double near = nearness(view, y);
    double middle = view->path_x + (0.62 - view->path_x) * (1 - near) + 0.05 * sin(near * 7);
    double part = fabs(x - middle) / (0.012 + 0.11 * near);
    return limited(1.5 - part - 0.6 * noise(x * 30, y * 90, view->seed), 0, 1);
}

static void paint_ground(struct canvas *canvas, const struct scene *scene)
{
    const struct palette *palette = palette_of(scene->light);
    const struct view *view = scene->view;
    for (int row = (int)(view->horizon * canvas->height); row < canvas->height; row++) {
        double y = (double)row / canvas->height, near = nearness(view, y), far = 1 / (near + 0.07);
        for (int column = 0; column < canvas->width; column++) {
            double x = (double)column / canvas->height;
            double patch = rough((x - 0.66) * far * 3, far * 5, 5, view->seed + 70);
            struct colour colour = mix(palette->shade, palette->grass, patch * 1.3);
            colour = mix(colour, palette->straw, (patch - 0.5) * 1.2);
            colour = mix(colour, palette->soil, 0.75 * trail_at(view, x, y));
            colour = mix(colour, palette->haze, 0.55 * pow(1 - near, 6));
            paint(canvas, column, row, lit(colour, light_at(scene, y)), 1);
        }
    }
}

static void paint_grass_row(struct canvas *canvas, const struct scene *scene, double y, int row)
{
    const struct palette *palette = palette_of(scene->light);
    const struct view *view = scene->view;
    double near = limited(nearness(view, y), 0, 1.2), step = 0.0025 + 0.0060 * near;
    double light = light_at(scene, y);
    for (int i = 0; i * step < canvas_right(canvas); i++) {
        double luck = chance(i, row, view->seed), tall = chance(i, row, view->seed + 1);
        double x = (i + chance(i, row, view->seed + 2)) * step;
        double patch = rough(x * 6, y * 14, 3, view->seed + 90), trail = trail_at(view, x, y);
        if (trail > 0.25 + 0.6 * luck)
            continue;
        double height = (0.004 + 0.075 * near) * (0.35 + 0.5 * tall + patch * 0.7);
        double wind = chance(i, row, view->seed + 3) - 0.5 + 0.2 * chance(i, 0, scene->seed);
        struct blade blade = {.x = x,
                              .y = y + step * (chance(i, row, view->seed + 4) - 0.5),
                              .dx = height * 0.35 * (luck - 0.5),
                              .dy = -height * (1 - 0.5 * trail),
                              .bend = height * 0.9 * wind,
                              .width = 0.0011 + 0.0030 * near};
        struct colour colour = mix(palette->shade, palette->grass, luck * 1.4);
        colour = mix(colour, palette->straw, limited(tall * 1.5 + patch - 1.15, 0, 0.9));
        colour = mix(colour, palette->haze, 0.5 * pow(limited(1 - near, 0, 1), 6));
        paint_blade(canvas, &blade, lit(colour, light * (0.75 + 0.4 * luck)));
    }
}

/* A spruce: boughs from its top down, each hanging and full of needles. */
static void paint_spruce(struct canvas *canvas, const struct scene *scene, double x, double y,
                         double height, uint32_t seed)
{
    const struct palette *palette = palette_of(scene->light);
    double near = limited(nearness(scene->view, y), 0, 1), light = light_at(scene, y);
    struct colour leaf = mix(palette->leaf, palette->haze, 0.40 * pow(1 - near, 5));
    struct blade trunk = {x, y, 0, -height * 0.96, 0, height * 0.022};
    paint_blade(canvas, &trunk, lit(palette->wood, light * 0.7));
    for (int level = 0; level < 44; level++) {
        double down = (level + 1) / 46.0;
        for (int i = 0; i < 14; i++) {
            double luck = chance(level, i, seed), side = i % 2 ? 1 : -1;
            double reach = height * 0.20 * down * (0.35 + 0.75 * chance(level, i, seed + 1));
            struct blade bough = {.x = x + side * reach * 0.15 * luck,
                                  .y = y - height * (1 - 0.93 * down) + height * 0.02 * luck,
                                  .dx = side * reach,
                                  .dy = height * (0.015 + 0.035 * luck),
                                  .bend = side * reach * 0.15,
                                  .width = height * 0.016};
            double sunny = side * palette->sun_x > 0 ? palette->sun : 0;
            paint_blade(canvas, &bough, lit(leaf, light * (0.65 + 0.5 * luck + 0.5 * sunny)));
        }
    }
}

/* A trunk that leaves the picture at its top. */
static void paint_trunk(struct canvas *canvas, const struct scene *scene, double x, double y,
                        double width)
{
    const struct palette *palette = palette_of(scene->light);
    double light = light_at(scene, y);
    for (int row = 0; row < y * canvas->height; row++) {
        double up = y - (double)row / canvas->height;
        double half = width * (0.5 - 0.10 * up + 0.35 * exp(-up * 22));
        double middle = x + 0.02 * sin(up * 4 + x * 9);
        for (int column = (int)((middle - half) * canvas->height);
             column <= (int)((middle + half) * canvas->height); column++) {
            double across = ((double)column / canvas->height - middle) / half;
            double bark = rough(across * 6 + 9 * x, up * 9, 5, scene->view->seed + 5);
            double crack = noise(across * 9 + 3 * noise(up * 8, 1, 3), up * 14, 8);
            double round = sqrt(limited(1 - across * across, 0, 1));
            double sunny = 1 + palette->sun * across * palette->sun_x;
            double shade = (0.45 + 0.75 * bark) * (0.4 + 0.6 * round) * sunny *
                           (crack < 0.33 ? 0.62 : 1);
            paint(canvas, column, row, lit(palette->wood, light * 1.25 * shade),
                  limited((1 - fabs(across)) * half * canvas->height, 0, 1));
        }
    }
}

/* A low shrub: twigs from one foot, leaves along them. */
static void paint_shrub(struct canvas *canvas, const struct scene *scene, double x, double y,
                        double size, uint32_t seed)
{
    const struct palette *palette = palette_of(scene->light);
    double light = light_at(scene, y);
    for (int i = 0; i < 420; i++) {
        double turn = (chance(i, 0, seed) - 0.5) * 2.6, out = sqrt(chance(i, 1, seed));
        double luck = chance(i, 2, seed), aim = chance(i, 3, seed) - 0.5;
        struct blade leaf = {.x = x + size * out * sin(turn),
                             .y = y - size * 0.85 * out * cos(turn),
                             .dx = size * 0.16 * aim,
                             .dy = size * 0.10 * (luck - 0.7),
                             .bend = size * 0.04 * aim,
                             .width = size * 0.035};
        struct colour colour = mix(palette->leaf, palette->grass, luck * 0.8 * out);
        paint_blade(canvas, &leaf, lit(colour, light * (0.55 + 0.6 * out * luck)));
    }
}

/* What stands on the meadow, the farthest first. */
static void paint_plants(struct canvas *canvas, const struct scene *scene)
{
    const struct view *view = scene->view;
    const struct visitor *visitor = &scene->visitor;
    int row = 0, spruces = 0, shrubs = 0, is_trunk_there = 0;
    int is_visitor_there = !visitor->animal;
    for (double y = view->horizon + 0.003; y < 1.1; row++) {
        double near = nearness(view, y), right = canvas_right(canvas);
        for (; spruces < 11 && view->horizon + 0.004 + 0.006 * spruces < y; spruces++) {
            double x = chance(spruces, 7, view->seed),
                   edge = x < 0.5 ? x * x * 2 : 1 - (1 - x) * (1 - x) * 2;
            paint_spruce(canvas, scene, right * edge, y,
                         (0.15 + 0.55 * near) * (0.7 + 0.6 * chance(spruces, 8, view->seed)),
                         view->seed + 100 + (uint32_t)spruces);
        }
        for (; shrubs < 4 && 0.12 + 0.1 * shrubs < near; shrubs++)
            paint_shrub(canvas, scene, right * chance(shrubs, 9, view->seed), y, 0.03 + 0.13 * near,
                        view->seed + 200 + (uint32_t)shrubs);
        if (!is_visitor_there && visitor->y < y) {
            paint_visitor(canvas, scene);
            is_visitor_there = 1;
        }
        if (!is_trunk_there && 0.62 < near) {
            paint_trunk(canvas, scene, view->trunk_x, y, 0.15);
            is_trunk_there = 1;
        }
        paint_grass_row(canvas, scene, y, row);
        y += 0.0022 + 0.011 * limited(near, 0, 1);
    }
}

/* What lens and sensor do: the corners darker, the flash brightest in the middle, grain. */
static void develop(struct canvas *canvas, const struct scene *scene)
{
    int is_dark = scene->light == LIGHT_INFRARED;
    double grain = is_dark ? 0.055 : scene->light == LIGHT_DUSK ? 0.035 : 0.018;
    for (int row = 0; row < canvas->height; row++) {
        for (int column = 0; column < canvas->width; column++) {
            struct colour *pixel = canvas->pixels + (size_t)row * (size_t)canvas->width + column;
            double x = 2.0 * column / canvas->width - 1, y = 2.0 * row / canvas->height - 1;
            double corner = x * x + y * y * 0.8;
            double light = is_dark ? 1.25 - 0.55 * corner : 1.03 - 0.13 * corner;
            double speck = grain * (chance(column, row, scene->seed) +
                                    chance(column, row, scene->seed + 1) - 1);
            *pixel = lit(*pixel, light);
            if (is_dark) {
                float grey = 0.4f * pixel->r + 0.45f * pixel->g + 0.15f * pixel->b;
                *pixel = (struct colour){grey, grey, grey};
            }
            pixel->r += (float)speck;
            pixel->g += (float)speck;
            pixel->b += (float)speck;
        }
    }
}

void paint_scene(struct canvas *canvas, const struct scene *scene)
{
    paint_sky(canvas, scene);
    paint_hills(canvas, scene);
    paint_ground(canvas, scene);
    paint_plants(canvas, scene);
    develop(canvas, scene);
}
