#include "canvas.h"

#include <math.h>
#include <stdlib.h>

int canvas_begin(struct canvas *canvas, int width, int height)
{
    canvas->width = width;
    canvas->height = height;
    canvas->pixels = calloc((size_t)width * (size_t)height, sizeof *canvas->pixels);
    return canvas->pixels != NULL;
}

void canvas_end(struct canvas *canvas)
{
    free(canvas->pixels);
    canvas->pixels = NULL;
}

double canvas_right(const struct canvas *canvas)
{
    return (double)canvas->width / canvas->height;
}

double limited(double value, double least, double most)
{
    return value < least ? least : value > most ? most : value;
}

struct colour mix(struct colour from, struct colour to, double part)
{
    float p = (float)limited(part, 0, 1);
    return (struct colour){from.r + p * (to.r - from.r), from.g + p * (to.g - from.g),
                           from.b + p * (to.b - from.b)};
}

struct colour lit(struct colour colour, double light)
{
    float l = (float)light;
    return (struct colour){colour.r * l, colour.g * l, colour.b * l};
}

double chance(int x, int y, uint32_t seed)
{
    uint32_t bits = (uint32_t)x * 0x9e3779b1u ^ (uint32_t)y * 0x85ebca77u ^ seed * 0xc2b2ae3du;
    bits = (bits ^ bits >> 15) * 0x2c1b3c6du;
    bits = (bits ^ bits >> 12) * 0x297a2d39u;
    bits ^= bits >> 15;
    return bits / 4294967296.0;
}

double noise(double x, double y, uint32_t seed)
{
    int column = (int)floor(x), row = (int)floor(y);
    double fx = x - column, fy = y - row;
    fx *= fx * (3 - 2 * fx);
    fy *= fy * (3 - 2 * fy);
    double top = chance(column, row, seed) * (1 - fx) + chance(column + 1, row, seed) * fx;
    double bottom = chance(column, row + 1, seed) * (1 - fx) +
                    chance(column + 1, row + 1, seed) * fx;
    return top * (1 - fy) + bottom * fy;
}

double rough(double x, double y, int layers, uint32_t seed)
{
    double sum = 0, part = 0.5, whole = 0;
    for (int i = 0; i < layers; i++, part /= 2, x *= 2, y *= 2) {
        sum += part * noise(x, y, seed + (uint32_t)i);
        whole += part;
    }
    return sum / whole;
}

void paint(struct canvas *canvas, int column, int row, struct colour colour, double cover)
{
    if (column < 0 || row < 0 || column >= canvas->width || row >= canvas->height || cover <= 0)
        return;
    struct colour *pixel = canvas->pixels + (size_t)row * (size_t)canvas->width + column;
    *pixel = mix(*pixel, colour, cover);
}

static void paint_dot(struct canvas *canvas, double x, double y, double radius,
                      struct colour colour)
{
    int reach = (int)radius + 1, column = (int)floor(x), row = (int)floor(y);
    for (int j = row - reach; j <= row + reach; j++)
        for (int i = column - reach; i <= column + reach; i++)
            paint(canvas, i, j, colour,
                  limited(radius + 0.5 - hypot(i + 0.5 - x, j + 0.5 - y), 0, 1));
}

void paint_blade(struct canvas *canvas, const struct blade *blade, struct colour colour)
{
    double scale = canvas->height, length = hypot(blade->dx, blade->dy) * scale;
    int steps = (int)(length * 1.2) + 2;
    for (int i = 0; i < steps; i++) {
        double t = (double)i / steps;
        double x = (blade->x + blade->dx * t + blade->bend * t * t) * scale;
        double y = (blade->y + blade->dy * t + fabs(blade->bend) * 0.4 * t * t) * scale;
        double radius = blade->width * scale * (1 - t) / 2;
        paint_dot(canvas, x, y, radius < 0.25 ? 0.25 : radius, colour);
    }
}

void paint_shadow(struct canvas *canvas, double x, double y, double rx, double ry, double dark)
{
    double scale = canvas->height;
    for (int row = (int)((y - ry) * scale); row <= (int)((y + ry) * scale); row++) {
        for (int column = (int)((x - rx) * scale); column <= (int)((x + rx) * scale); column++) {
            double far = hypot((column / scale - x) / rx, (row / scale - y) / ry);
            paint(canvas, column, row, (struct colour){0, 0, 0},
                  dark * limited(1.3 - 1.3 * far, 0, 1));
        }
    }
}
