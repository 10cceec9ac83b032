/* A painted canvas as the JPEG file that a camera leaves on its card. */
#ifndef DEMO_PICTURE_H
#define DEMO_PICTURE_H

#include "canvas.h"

/* What the camera writes into the file beside the picture (EXIF). */
struct exposure {
    const char *make, *model;
    const char *taken;                    /* YYYY:MM:DD HH:MM:SS, as its clock shows */
    double latitude, longitude, altitude; /* degrees, metres */
    int hangs_upside_down;                /* the camera; the file says so to whoever shows it */
};

/* False, having said why on standard error, when it cannot be written. */
int write_picture(const struct canvas *canvas, const struct exposure *exposure, const char *path);

#endif
