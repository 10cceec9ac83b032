/* How image/motion.h does it, in parts: for its own files and tests. */
#ifndef WCI_IMAGE_MOTION_PARTS_H
#define WCI_IMAGE_MOTION_PARTS_H

#include "image/motion.h"

/* Planes are worked through in stretches of constant length, which compilers turn into vector
 * instructions: they are longer than the grid by up to one stretch. */
enum { WCI_MOTION_STRETCH = 64 };

static inline size_t wci_motion_plane(int width, int height)
{
    size_t cells = (size_t)width * (size_t)height;
    return (cells + WCI_MOTION_STRETCH - 1) / WCI_MOTION_STRETCH * WCI_MOTION_STRETCH;
}

/* How many rows at the upper or lower edge are a caption: a bar of one dark or light colour with
 * something written on it. */
int wci_motion_caption(const unsigned char *light, int width, int height, bool at_top);

/* Where a sample lies beside the frame, in sixteenths of a cell. */
struct wci_motion_shift {
    int x, y;
};

enum { WCI_MOTION_EACH_CELL = 5 /* is looked at for the brightness */ };

/* Cells of a plane, of each stretch the same ones. */
struct wci_motion_pick {
    size_t count;
    unsigned char cells[WCI_MOTION_CELLS_MAX / WCI_MOTION_EACH_CELL + WCI_MOTION_STRETCH];
};

/* A frame that samples are brought to, and what is asked for again with each of them. */
struct wci_motion_target {
    const unsigned char *frame;
    int width, height;
    int first, end; /* rows outside of these are brought along, but not looked at */
    struct wci_motion_levels levels;
    struct wci_motion_pick pick;
};

void wci_motion_target_init(struct wci_motion_target *target, const unsigned char *frame, int width,
                            int height, int first, int end);
/* Brings a sample to the frame's brightness, contrast and place, looking around `shift`, which
 * becomes what was found. */
void wci_motion_fit(const struct wci_motion_target *target, struct wci_motion_sample *sample,
                    struct wci_motion_shift *shift, unsigned char *fitted);

/* Sorts the values of `count` planes, cell by cell. */
void wci_motion_sort(unsigned char **planes, int count, size_t size);

/* What the frame is held against, cell by cell. */
struct wci_motion_background {
    unsigned char *low, *middle, *high;
};

/* A score that is as far outside as is allowed. */
enum { WCI_MOTION_ALLOWED = 16 };

/* How far each cell is outside of what is usual there, in sixteenths of what is allowed; 0 where it
 * is less than that, and in rows that are none of `first` to `end`. */
void wci_motion_score(const unsigned char *frame, const struct wci_motion_background *background,
                      int width, int height, int first, int end, double sensitivity,
                      unsigned char *score);
/* Takes back what is but another light on the same texture: shadows, patches of sun. WILDCAM_ERR_
 * NOMEM. */
wildcam_status wci_motion_forgive_light(const unsigned char *frame, const unsigned char *middle,
                                        int width, int height, unsigned char *score);

/* Something that has moved. */
struct wci_motion_region {
    int left, top, right, bottom; /* cells, right and bottom excluded */
    double area, weight;          /* cells, and their scores in units of what is allowed */
};

/* Finds the regions that are large enough and not but softly lit, the weightiest first, at most
 * `room`; *count is how many there are. `moved` gets 1 in their cells, else 0. *rest is how near
 * the weightiest of the others came to being one, 0 to 1. WILDCAM_ERR_NOMEM. */
wildcam_status wci_motion_regions(const unsigned char *score, const unsigned char *frame,
                                  const unsigned char *middle, int width, int height,
                                  double least_area, struct wci_motion_region *regions, size_t room,
                                  size_t *count, unsigned char *moved, double *rest);

/* What one look at a frame found out, for learning it. */
struct wci_motion_seen {
    const unsigned char *moved;  /* NULL when there was nothing to hold it against */
    const unsigned char *middle; /* the background in the frame's brightness */
    uint32_t unrest;
    bool is_strange;
};

/* Which sample a time belongs to: -1 for none. */
int wci_motion_burst_of(const struct wci_motion_model *model, int64_t time);
wildcam_status wci_motion_learn(struct wci_motion_model *model,
                                const struct wci_motion_frame *frame, int64_t time,
                                const struct wci_motion_seen *seen, bool *learned);

#endif
