/* What stands in a picture, and under which light. */
#ifndef DEMO_SCENE_H
#define DEMO_SCENE_H

#include "canvas.h"

enum light { LIGHT_DAWN, LIGHT_DAY, LIGHT_DUSK, LIGHT_INFRARED };

/* What a light makes of everything. */
struct palette {
    struct colour zenith, horizon, haze, shade, grass, straw, soil, wood, leaf, fur;
    double sun;   /* how much brighter what faces it is */
    double sun_x; /* where from: -1 is the left, 1 the right */
};
const struct palette *palette_of(enum light light);

/* One place as its camera sees it. */
struct view {
    uint32_t seed;  /* of hills, trees and grass */
    double horizon; /* its height on the picture */
    double path_x;  /* where the game trail comes in below */
    double trunk_x; /* a tree near the camera */
};

struct limb;
struct animal {
    const char *species;
    double metres; /* to the shoulder */
    struct colour coats[6];
    const struct limb *limbs;
    int limb_count;
    double eye_x, eye_y, eye_radius; /* in shoulder heights, like the limbs */
    double shag;                     /* how rough its outline is */
};
extern const struct animal stag, hind, fox, boar;

/* An animal at a place of the picture: its feet at (x, y). */
struct visitor {
    const struct animal *animal; /* NULL: nobody is there */
    double x, y;
    int faces_left;
};

struct scene {
    const struct view *view;
    enum light light;
    struct visitor visitor;
    uint32_t seed; /* of grain, and of what the wind moves */
};

/* How bright things are whose foot is at a height of the picture: the flash does not reach far. */
double light_at(const struct scene *scene, double y);

void paint_scene(struct canvas *canvas, const struct scene *scene);
void paint_visitor(struct canvas *canvas, const struct scene *scene);

struct box {
    double x, y, width, height; /* parts of the picture */
};
struct box visitor_box(const struct canvas *canvas, const struct scene *scene);

/* The line that the camera burns in at the bottom: ASCII in capitals, and ' for a degree sign. */
void paint_strip(struct canvas *canvas, const char *text);

#endif
