/*
 * Animals, each a table of limbs: bones with flesh around them, thick at one end and thin at the
 * other, that run into each other smoothly. Lengths are in heights of the shoulder, x forward from
 * the middle of the body, y up from the ground.
 */
#include <math.h>

#include "scene.h"

enum coat { BACK, BELLY, PALE, LEGS, DARK, HORN };
enum layer { FAR, NEAR, LAYERS };

struct limb {
    enum layer layer;
    enum coat coat;
    double x0, y0, r0, x1, y1, r1;
};

/* What a stag and a hind have alike: the body and the four legs. */
#define DEER_BODY                                                                                  \
    {FAR, LEGS, 0.30, 0.68, 0.110, 0.21, 0.46, 0.055},                                             \
        {FAR, LEGS, 0.21, 0.46, 0.050, 0.24, 0.26, 0.034},                                         \
        {FAR, LEGS, 0.24, 0.26, 0.030, 0.19, 0.06, 0.021},                                         \
        {FAR, DARK, 0.19, 0.05, 0.024, 0.225, 0.015, 0.024},                                       \
        {FAR, LEGS, -0.42, 0.72, 0.150, -0.46, 0.52, 0.075},                                       \
        {FAR, LEGS, -0.46, 0.52, 0.065, -0.62, 0.35, 0.038},                                       \
        {FAR, LEGS, -0.62, 0.35, 0.034, -0.59, 0.06, 0.022},                                       \
        {FAR, DARK, -0.59, 0.05, 0.024, -0.555, 0.015, 0.024},                                     \
        {NEAR, BACK, 0.34, 0.775, 0.230, 0.02, 0.765, 0.195},                                      \
        {NEAR, BACK, 0.02, 0.765, 0.190, -0.42, 0.815, 0.195},                                     \
        {NEAR, PALE, -0.575, 0.86, 0.045, -0.575, 0.74, 0.050},                                    \
        {NEAR, LEGS, 0.38, 0.70, 0.120, 0.38, 0.50, 0.065},                                        \
        {NEAR, LEGS, 0.38, 0.50, 0.058, 0.40, 0.29, 0.036},                                        \
        {NEAR, LEGS, 0.40, 0.29, 0.032, 0.39, 0.07, 0.022},                                        \
        {NEAR, DARK, 0.39, 0.05, 0.025, 0.425, 0.015, 0.025},                                      \
        {NEAR, BACK, -0.42, 0.74, 0.170, -0.34, 0.56, 0.095},                                      \
        {NEAR, LEGS, -0.34, 0.54, 0.080, -0.50, 0.36, 0.042},                                      \
        {NEAR, LEGS, -0.50, 0.36, 0.036, -0.46, 0.07, 0.023},                                      \
        {NEAR, DARK, -0.46, 0.05, 0.026, -0.425, 0.015, 0.026},                                    \
    {                                                                                              \
        NEAR, DARK, -0.60, 0.90, 0.020, -0.625, 0.78, 0.016                                        \
    }

static const struct limb stag_limbs[] = {
    DEER_BODY,
    {NEAR, BACK, 0.42, 0.86, 0.165, 0.62, 1.18, 0.100},  /* the neck */
    {NEAR, BELLY, 0.46, 0.78, 0.120, 0.66, 1.10, 0.070}, /* its mane */
    {NEAR, BACK, 0.64, 1.26, 0.090, 0.80, 1.22, 0.062},  /* the head */
    {NEAR, BACK, 0.80, 1.22, 0.058, 0.93, 1.165, 0.043}, /* the muzzle */
    {NEAR, DARK, 0.955, 1.170, 0.024, 0.965, 1.16, 0.022},
    {NEAR, PALE, 0.80, 1.175, 0.030, 0.91, 1.130, 0.022}, /* the chin */
    {NEAR, BACK, 0.58, 1.32, 0.030, 0.47, 1.37, 0.034},   /* the ear */
    {NEAR, BACK, 0.47, 1.37, 0.032, 0.41, 1.39, 0.010},
    {FAR, BACK, 0.66, 1.33, 0.026, 0.60, 1.43, 0.010},
    {NEAR, HORN, 0.645, 1.34, 0.022, 0.56, 1.50, 0.019}, /* the near antler */
    {NEAR, HORN, 0.56, 1.50, 0.019, 0.51, 1.68, 0.017},
    {NEAR, HORN, 0.51, 1.68, 0.017, 0.56, 1.86, 0.014},
    {NEAR, HORN, 0.56, 1.86, 0.014, 0.66, 1.99, 0.006},
    {NEAR, HORN, 0.63, 1.37, 0.017, 0.76, 1.44, 0.012},
    {NEAR, HORN, 0.76, 1.44, 0.012, 0.84, 1.55, 0.005},
    {NEAR, HORN, 0.53, 1.62, 0.015, 0.65, 1.67, 0.011},
    {NEAR, HORN, 0.65, 1.67, 0.011, 0.72, 1.76, 0.005},
    {NEAR, HORN, 0.55, 1.84, 0.013, 0.50, 1.99, 0.006},
    {FAR, HORN, 0.70, 1.34, 0.020, 0.69, 1.50, 0.017}, /* the far one */
    {FAR, HORN, 0.69, 1.50, 0.017, 0.70, 1.68, 0.015},
    {FAR, HORN, 0.70, 1.68, 0.015, 0.78, 1.83, 0.012},
    {FAR, HORN, 0.78, 1.83, 0.012, 0.88, 1.92, 0.005},
    {FAR, HORN, 0.70, 1.38, 0.015, 0.85, 1.44, 0.010},
    {FAR, HORN, 0.85, 1.44, 0.010, 0.92, 1.53, 0.005},
    {FAR, HORN, 0.70, 1.62, 0.013, 0.82, 1.68, 0.005},
    {FAR, HORN, 0.77, 1.81, 0.012, 0.74, 1.96, 0.005},
};

/* Grazing. */
static const struct limb hind_limbs[] = {
    DEER_BODY,
    {NEAR, BACK, 0.44, 0.82, 0.150, 0.74, 0.52, 0.085},
    {NEAR, BELLY, 0.44, 0.74, 0.110, 0.70, 0.48, 0.060},
    {NEAR, BACK, 0.76, 0.48, 0.085, 0.85, 0.34, 0.062},
    {NEAR, BACK, 0.85, 0.34, 0.056, 0.90, 0.20, 0.040},
    {NEAR, DARK, 0.905, 0.175, 0.026, 0.90, 0.165, 0.022},
    {NEAR, PALE, 0.82, 0.30, 0.028, 0.86, 0.19, 0.022},
    {NEAR, BACK, 0.74, 0.57, 0.030, 0.66, 0.66, 0.036},
    {NEAR, BACK, 0.66, 0.66, 0.032, 0.61, 0.70, 0.010},
    {FAR, BACK, 0.80, 0.56, 0.028, 0.83, 0.68, 0.030},
    {FAR, BACK, 0.83, 0.68, 0.028, 0.83, 0.73, 0.010},
};

static const struct limb fox_limbs[] = {
    {FAR, DARK, 0.46, 0.56, 0.110, 0.56, 0.32, 0.060},
    {FAR, DARK, 0.56, 0.32, 0.052, 0.64, 0.05, 0.042},
    {FAR, DARK, 0.64, 0.045, 0.042, 0.70, 0.035, 0.036},
    {FAR, LEGS, -0.60, 0.58, 0.150, -0.70, 0.34, 0.070},
    {FAR, DARK, -0.70, 0.34, 0.058, -0.78, 0.20, 0.046},
    {FAR, DARK, -0.78, 0.20, 0.046, -0.72, 0.04, 0.042},
    {NEAR, BACK, 0.50, 0.74, 0.215, 0.00, 0.74, 0.200}, /* the body */
    {NEAR, BACK, 0.00, 0.74, 0.200, -0.60, 0.76, 0.190},
    {NEAR, BELLY, 0.52, 0.62, 0.130, -0.20, 0.62, 0.110},
    {NEAR, PALE, 0.68, 0.70, 0.110, 0.66, 0.58, 0.070}, /* the breast */
    {NEAR, BACK, 0.60, 0.82, 0.190, 0.84, 1.02, 0.150}, /* the neck */
    {NEAR, BACK, 0.92, 1.08, 0.165, 1.04, 1.04, 0.130}, /* the head */
    {NEAR, BACK, 1.04, 1.04, 0.110, 1.34, 0.94, 0.042}, /* the snout */
    {NEAR, PALE, 0.98, 0.95, 0.090, 1.30, 0.90, 0.030},
    {NEAR, DARK, 1.365, 0.945, 0.030, 1.37, 0.94, 0.028},
    {NEAR, BACK, 0.86, 1.20, 0.080, 0.80, 1.36, 0.052}, /* the ear, black at its tip */
    {NEAR, DARK, 0.80, 1.36, 0.048, 0.78, 1.46, 0.008},
    {FAR, BACK, 0.99, 1.20, 0.070, 1.00, 1.34, 0.048},
    {FAR, DARK, 1.00, 1.34, 0.044, 1.00, 1.45, 0.008},
    {NEAR, LEGS, 0.42, 0.60, 0.130, 0.38, 0.36, 0.070}, /* the legs in their black stockings */
    {NEAR, DARK, 0.38, 0.34, 0.056, 0.34, 0.06, 0.044},
    {NEAR, DARK, 0.34, 0.045, 0.045, 0.42, 0.035, 0.038},
    {NEAR, BACK, -0.56, 0.64, 0.190, -0.46, 0.42, 0.100},
    {NEAR, LEGS, -0.46, 0.40, 0.085, -0.58, 0.25, 0.055},
    {NEAR, DARK, -0.58, 0.25, 0.050, -0.54, 0.05, 0.044},
    {NEAR, DARK, -0.54, 0.045, 0.045, -0.46, 0.035, 0.038},
    {NEAR, BACK, -0.74, 0.78, 0.090, -1.04, 0.62, 0.135}, /* the brush, white at its tip */
    {NEAR, BACK, -1.04, 0.62, 0.145, -1.40, 0.46, 0.150},
    {NEAR, PALE, -1.52, 0.42, 0.115, -1.70, 0.38, 0.030},
};

static const struct limb boar_limbs[] = {
    {FAR, LEGS, 0.42, 0.40, 0.130, 0.46, 0.20, 0.062},
    {FAR, DARK, 0.46, 0.20, 0.052, 0.44, 0.03, 0.038},
    {FAR, LEGS, -0.62, 0.46, 0.160, -0.70, 0.26, 0.068},
    {FAR, DARK, -0.70, 0.24, 0.056, -0.66, 0.03, 0.040},
    {NEAR, BACK, 0.26, 0.66, 0.330, -0.16, 0.60, 0.300}, /* the body, highest at the shoulder */
    {NEAR, BACK, -0.16, 0.60, 0.300, -0.66, 0.60, 0.240},
    {NEAR, BELLY, 0.20, 0.46, 0.190, -0.50, 0.46, 0.160},
    {NEAR, BACK, 0.28, 0.82, 0.180, 0.04, 0.84, 0.130},
    {NEAR, BACK, 0.44, 0.64, 0.280, 0.74, 0.55, 0.200}, /* the head, a wedge */
    {NEAR, BACK, 0.74, 0.54, 0.180, 1.02, 0.39, 0.090},
    {NEAR, LEGS, 1.02, 0.39, 0.085, 1.10, 0.35, 0.074},
    {NEAR, DARK, 1.145, 0.335, 0.062, 1.15, 0.325, 0.060},
    {NEAR, BELLY, 0.70, 0.42, 0.110, 0.98, 0.32, 0.055},
    {NEAR, HORN, 0.97, 0.315, 0.022, 1.01, 0.44, 0.008}, /* the tusk */
    {NEAR, LEGS, 0.60, 0.76, 0.075, 0.53, 0.98, 0.062},  /* the ear */
    {NEAR, LEGS, 0.53, 0.98, 0.055, 0.55, 1.08, 0.012},
    {FAR, LEGS, 0.70, 0.76, 0.065, 0.71, 1.00, 0.014},
    {NEAR, LEGS, 0.26, 0.42, 0.140, 0.26, 0.22, 0.068},
    {NEAR, DARK, 0.26, 0.20, 0.056, 0.25, 0.03, 0.042},
    {NEAR, BACK, -0.62, 0.50, 0.200, -0.54, 0.30, 0.090},
    {NEAR, LEGS, -0.54, 0.28, 0.074, -0.58, 0.16, 0.052},
    {NEAR, DARK, -0.58, 0.16, 0.050, -0.54, 0.03, 0.042},
    {NEAR, DARK, -0.90, 0.66, 0.024, -0.98, 0.44, 0.018}, /* the tail */
};

#define LIMBS(table) table, sizeof(table) / sizeof((table)[0])

#define DEER_COATS                                                                                 \
    {                                                                                              \
        [BACK] = {0.47f, 0.31f, 0.19f}, [BELLY] = {0.40f, 0.28f, 0.19f},                           \
        [PALE] = {0.80f, 0.70f, 0.55f}, [LEGS] = {0.40f, 0.27f, 0.17f},                            \
        [DARK] = {0.10f, 0.08f, 0.07f}, [HORN] = {                                                 \
            0.52f,                                                                                 \
            0.43f,                                                                                 \
            0.31f                                                                                  \
        }                                                                                          \
    }

const struct animal stag = {
    "Cervus elaphus", 1.25, DEER_COATS, LIMBS(stag_limbs), 0.715, 1.275, 0.018, 0.006};
const struct animal hind = {
    "Cervus elaphus", 1.10, DEER_COATS, LIMBS(hind_limbs), 0.80, 0.455, 0.018, 0.006};
const struct animal fox = {"Vulpes vulpes",
                           0.42,
                           {[BACK] = {0.72f, 0.38f, 0.15f},
                            [BELLY] = {0.66f, 0.46f, 0.30f},
                            [PALE] = {0.92f, 0.88f, 0.82f},
                            [LEGS] = {0.62f, 0.33f, 0.14f},
                            [DARK] = {0.13f, 0.10f, 0.09f}},
                           LIMBS(fox_limbs),
                           1.06,
                           1.085,
                           0.026,
                           0.012};
const struct animal boar = {"Sus scrofa",
                            0.85,
                            {[BACK] = {0.33f, 0.28f, 0.24f},
                             [BELLY] = {0.28f, 0.24f, 0.21f},
                             [LEGS] = {0.21f, 0.18f, 0.16f},
                             [DARK] = {0.11f, 0.10f, 0.09f},
                             [HORN] = {0.90f, 0.87f, 0.78f}},
                            LIMBS(boar_limbs),
                            0.82,
                            0.60,
                            0.020,
                            0.022};

/* What is found at a point near an animal. */
struct flesh {
    double depth;     /* under its skin; less than 0 outside */
    double thickness; /* of the limbs there */
    struct colour coat;
};

static double distance_to(const struct limb *limb, double x, double y, double *radius)
{
    double dx = limb->x1 - limb->x0, dy = limb->y1 - limb->y0;
    double along = ((x - limb->x0) * dx + (y - limb->y0) * dy) / (dx * dx + dy * dy + 1e-9);
    along = limited(along, 0, 1);
    *radius = limb->r0 + along * (limb->r1 - limb->r0);
    return hypot(x - limb->x0 - along * dx, y - limb->y0 - along * dy) - *radius;
}

/* All limbs of a layer together. Each counts the more the nearer it is, which lets them and their
 * colours run into each other. */
static struct flesh feel(const struct animal *animal, enum layer layer, double x, double y)
{
    double sum = 0, thickness = 0;
    struct colour coat = {0, 0, 0};
    for (int i = 0; i < animal->limb_count; i++) {
        const struct limb *limb = animal->limbs + i;
        double radius, distance;
        if (limb->layer != layer || (distance = distance_to(limb, x, y, &radius)) > 0.12)
            continue;
        double weight = exp(-distance * 110);
        const struct colour *own = animal->coats + limb->coat;
        sum += weight;
        thickness += weight * radius;
        coat.r += (float)weight * own->r;
        coat.g += (float)weight * own->g;
        coat.b += (float)weight * own->b;
    }
    if (sum < 1e-6)
        return (struct flesh){-1, 1, coat};
    return (struct flesh){log(sum) / 110, thickness / sum, lit(coat, 1 / sum)};
}

struct stand { /* where a visitor's own measure lies on the picture */
    double unit, x, y, forward;
};

static struct stand stand_of(const struct scene *scene)
{
    const struct visitor *visitor = &scene->visitor;
    double near = (visitor->y - scene->view->horizon) / (1 - scene->view->horizon);
    return (struct stand){visitor->animal->metres * near * 0.62, visitor->x, visitor->y,
                          visitor->faces_left ? -1 : 1};
}

struct extent {
    double left, right, top;
};

static struct extent extent_of(const struct animal *animal)
{
    struct extent extent = {0, 0, 0};
    for (int i = 0; i < animal->limb_count; i++) {
        const struct limb *limb = animal->limbs + i;
        double radius = fmax(limb->r0, limb->r1);
        extent.left = fmin(extent.left, fmin(limb->x0, limb->x1) - radius);
        extent.right = fmax(extent.right, fmax(limb->x0, limb->x1) + radius);
        extent.top = fmax(extent.top, fmax(limb->y0, limb->y1) + radius);
    }
    return extent;
}

/* The light on a round body: from above, from the sun's side, and along the rim. */
static double light_on(const struct scene *scene, const struct stand *stand,
                       const struct flesh *here, double slope_x, double slope_y)
{
    const struct palette *palette = palette_of(scene->light);
    double height = limited(here->depth / here->thickness, 0, 1), length = hypot(slope_x, slope_y);
    double flat = length > 1e-9 ? sqrt(1 - height * height) / length : 0;
    double up = slope_y * flat, side = slope_x * flat * stand->forward;
    if (scene->light == LIGHT_INFRARED) /* the flash is at the lens */
        return 0.45 + 0.55 * height + 0.1 * up;
    return 0.62 + 0.16 * height + 0.26 * up + palette->sun * (0.35 * side * palette->sun_x + 0.15);
}

/* Paints what is found of a layer at (u, v), in the animal's own measure. */
static void paint_point(struct canvas *canvas, const struct scene *scene, const struct stand *stand,
                        enum layer layer, double u, double v)
{
    const struct animal *animal = scene->visitor.animal;
    const struct colour fur = palette_of(scene->light)->fur;
    const double step = 0.01, scale = canvas->height * stand->unit;
    struct flesh here = feel(animal, layer, u, v);
    double tuft = rough(u * 36 + v * 24, v * 110 - u * 30, 3, 5) - 0.5;
    here.depth += tuft * animal->shag * 2;
    if (here.depth * scale < -1)
        return;
    double slope_x = here.depth - feel(animal, layer, u + step, v).depth;
    double slope_y = here.depth - feel(animal, layer, u, v + step).depth;
    double light = light_on(scene, stand, &here, slope_x, slope_y) * (1 + 0.4 * tuft) *
                   light_at(scene, stand->y) * (layer == FAR ? 0.62 : 1);
    struct colour coat = {here.coat.r * fur.r, here.coat.g * fur.g, here.coat.b * fur.b};
    paint(canvas, (int)((stand->x + stand->forward * u * stand->unit) * canvas->height),
          (int)((stand->y - v * stand->unit) * canvas->height), lit(coat, light),
          limited(here.depth * scale + 0.5, 0, 1));
}

static void paint_layer(struct canvas *canvas, const struct scene *scene, const struct stand *stand,
                        enum layer layer)
{
    const double scale = canvas->height * stand->unit, edge = 0.1;
    struct extent extent = extent_of(scene->visitor.animal);
    int rows = (int)((extent.top + 2 * edge) * scale);
    int columns = (int)((extent.right - extent.left + 2 * edge) * scale);
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns; column++)
            paint_point(canvas, scene, stand, layer, extent.left - edge + column / scale,
                        row / scale - edge);
}

static void paint_eye(struct canvas *canvas, const struct scene *scene, const struct stand *stand)
{
    static const struct colour black = {0.03f, 0.02f, 0.02f}, white = {0.9f, 0.9f, 0.9f};
    const struct animal *animal = scene->visitor.animal;
    int shines = scene->light == LIGHT_INFRARED;
    double scale = canvas->height, radius = animal->eye_radius * stand->unit * scale;
    double x = (stand->x + stand->forward * animal->eye_x * stand->unit) * scale;
    double y = (stand->y - animal->eye_y * stand->unit) * scale, reach = radius * 3;
    for (int row = (int)(y - reach); row <= (int)(y + reach); row++) {
        for (int column = (int)(x - reach); column <= (int)(x + reach); column++) {
            double away = hypot(column + 0.5 - x, row + 0.5 - y);
            double glint = hypot(column + 0.5 - x, row + 0.5 - y + radius * 0.4);
            if (shines)
                paint(canvas, column, row, (struct colour){1, 1, 1},
                      limited(1.8 - away / radius, 0, 1));
            else
                paint(canvas, column, row, black, limited(radius + 0.5 - away, 0, 1));
            if (!shines)
                paint(canvas, column, row, white, limited(radius * 0.3 + 0.4 - glint, 0, 0.7));
        }
    }
}

void paint_visitor(struct canvas *canvas, const struct scene *scene)
{
    struct stand stand = stand_of(scene);
    struct extent extent = extent_of(scene->visitor.animal);
    double dark = scene->light == LIGHT_INFRARED ? 0.35 : 0.6;
    double middle = stand.forward * 0.5 * (extent.left + extent.right) * stand.unit;
    paint_shadow(canvas, stand.x + middle * 0.5, stand.y, 0.95 * stand.unit, 0.13 * stand.unit,
                 dark);
    for (int layer = FAR; layer < LAYERS; layer++)
        paint_layer(canvas, scene, &stand, (enum layer)layer);
    paint_eye(canvas, scene, &stand);
}

struct box visitor_box(const struct canvas *canvas, const struct scene *scene)
{
    struct stand stand = stand_of(scene);
    struct extent extent = extent_of(scene->visitor.animal);
    double back = stand.forward > 0 ? extent.left : -extent.right;
    double left = (stand.x + back * stand.unit) / canvas_right(canvas);
    double right = left + (extent.right - extent.left) * stand.unit / canvas_right(canvas);
    double top = limited(stand.y - extent.top * stand.unit, 0, 1);
    left = limited(left, 0, 1);
    return (struct box){left, top, limited(right, 0, 1) - left, stand.y - top};
}
