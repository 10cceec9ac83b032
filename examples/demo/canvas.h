/*
 * A picture that is being painted. Lengths are in heights of the picture, so that a scene looks the
 * same at every size: x from 0 to canvas_right(), y from 0 at the top to 1.
 */
#ifndef DEMO_CANVAS_H
#define DEMO_CANVAS_H

#include <stddef.h>
#include <stdint.h>

/* Each from 0 to 1. */
struct colour {
    float r, g, b;
};

struct canvas {
    int width, height;
    struct colour *pixels;
};

/* False when memory runs out. */
int canvas_begin(struct canvas *canvas, int width, int height);
void canvas_end(struct canvas *canvas);
double canvas_right(const struct canvas *canvas);

struct colour mix(struct colour from, struct colour to, double part);
struct colour lit(struct colour colour, double light);

/* Numbers from 0 to 1 that hang on their arguments alone: every run paints the same. */
double chance(int x, int y, uint32_t seed);
/* Smooth noise, and the sum of several, each half as large and twice as fine. */
double noise(double x, double y, uint32_t seed);
double rough(double x, double y, int layers, uint32_t seed);

double limited(double value, double least, double most);

/* Paints one pixel over; outside the picture nothing happens. */
void paint(struct canvas *canvas, int column, int row, struct colour colour, double cover);

/* A blade of grass, a twig, a needle: from its foot (x, y) along (dx, dy), bent sideways, running
 * out to nothing. */
struct blade {
    double x, y, dx, dy, bend, width;
};
void paint_blade(struct canvas *canvas, const struct blade *blade, struct colour colour);

/* A soft-edged ellipse, as shadows are. */
void paint_shadow(struct canvas *canvas, double x, double y, double rx, double ry, double dark);

#endif
