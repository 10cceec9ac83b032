/*
 * Sequences of a camera that stands still, out of real pictures: one as the background, which is
 * lit, shaken, swayed and encoded anew for each frame, and real animals cut out of others.
 */
#ifndef TESTS_UNIT_MOTION_SCENE_H
#define TESTS_UNIT_MOTION_SCENE_H

#include "image/motion.h"
#include "image/raster.h"
#include "support/harness.h"

/* A part of a real picture along an outline that lies inside of the animal. */
struct animal {
    const char *name, *path; /* below the real data */
    int points;
    double outline[48]; /* x, y in percent of the picture */
    /* Filled in by animal_load(). */
    struct wci_raster pixels; /* of 4 channels: RGB and how much of it is the animal */
};

extern struct animal animals[];
extern const int animal_count;

/* Reads a real picture as RGB; at most so wide. */
struct wci_raster load_picture(const char *path, int width_max);
void animal_load(struct animal *animal);

/* How a frame differs from the background. */
struct moment {
    double shift_x, shift_y; /* pixels */
    double sway;             /* pixels; how far its parts move against each other */
    double gain, offset;     /* of brightness, in levels */
    double shade;            /* 0 to 1: how dark the darkest shadow of a cloud is */
    double noise;            /* levels */
    int quality;             /* of the JPEG */
    double caption;          /* how high a bar is below, with digits that differ */
    unsigned seed;
};

/* An animal in it; NULL for none. Its box comes out, in 0..1. */
struct visit {
    const struct animal *animal;
    double x, y;     /* of its middle, in 0..1 */
    double height;   /* of it, in parts of the picture's */
    double contrast; /* 1 as it is, 0 as its background */
    wildcam_box box;
};

struct jpeg scene_frame(const struct wci_raster *background, bool is_grey,
                        const struct moment *moment, struct visit *visit);
/* From a JPEG to what is looked at, as the detector does it. */
void scene_look(const struct jpeg *jpeg, struct wci_motion_frame *frame);

/* 0 to 1, the same for the same seed. */
double scene_chance(unsigned *seed);

/* With WILDCAM_MOTION_DUMP in the environment, writes the picture there with the answer's boxes in
 * red and the visit's in green, as PPM. */
void scene_show(const char *name, const struct jpeg *jpeg, const struct wci_motion_answer *answer,
                const struct visit *visit);

#endif
