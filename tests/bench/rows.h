/* The detections that the benches put in: a station of 200 cameras over a month, a third of the
 * rows classified into twenty species, the rest not, each with a box and a confidence. */
#ifndef TESTS_BENCH_ROWS_H
#define TESTS_BENCH_ROWS_H

#include <stdint.h>

#include <wildcam/detection.h>

enum { BENCH_CAMERAS = 200, BENCH_SPECIES = 20 };

struct bench_row {
    int64_t time;
    int camera;  /* from 0 */
    int species; /* from 0; -1 is not classified */
    double confidence;
    wildcam_box box;
};

/* The index-th row of `count` that lie evenly between two times. */
static inline struct bench_row bench_row_at(int64_t from, int64_t to, int64_t index, int64_t count)
{
    uint64_t chance = (uint64_t)(index + 1) * UINT64_C(0x9e3779b97f4a7c15);
    chance ^= chance >> 29;
    chance *= UINT64_C(0xbf58476d1ce4e5b9);
    chance ^= chance >> 32;
    struct bench_row row = {
        .time = from + (to - from) / count * index,
        .camera = (int)(chance % BENCH_CAMERAS),
        .species = (int)(chance >> 16) % 3 == 0 ? (int)((chance >> 24) % BENCH_SPECIES) : -1,
        .confidence = (double)((chance >> 32) % 1000) / 1000};
    row.box = (wildcam_box){row.confidence * 0.5, row.confidence * 0.25, 0.125, 0.25};
    return row;
}

#endif
