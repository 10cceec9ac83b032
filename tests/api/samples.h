/* What a station measures, as samples of the text that it writes. */
#ifndef TESTS_API_SAMPLES_H
#define TESTS_API_SAMPLES_H

#include <math.h>

#include "api/fixtures.h"

#define NOON "2026-03-05T12:00:00Z"

/* The whole text; freed with wildcam_free(). */
char *written(wildcam_station *station);
/* The value of a sample in a text; NaN when it is not there. It must not be there twice. */
double find_sample(const char *text, const char *sample);
double value_of(wildcam_station *station, const char *sample);
/* How many samples a family has. */
int count_samples(wildcam_station *station, const char *name);

#define assert_value(station, sample, value)                                                       \
    do {                                                                                           \
        double got_ = value_of(station, sample);                                                   \
        ck_assert_msg(got_ == (value), "%s is %.17g, not %.17g", sample, got_, (double)(value));   \
    } while (0)
#define assert_none(station, sample)                                                               \
    ck_assert_msg(isnan(value_of(station, sample)), "%s is there", sample)

/* A camera; NULL, below 0 and 0 leave what is there. */
wildcam_status put_camera(wildcam_station *station, const char *device_id, const char *location,
                          int state, int64_t last_seen);

#endif
