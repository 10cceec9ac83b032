/*
 * What a backend must know, held in memory in the simplest way: every row that it has
 * acknowledged. Its answers are what the backend's are compared with.
 */
#ifndef TESTS_CONFORMANCE_MODEL_H
#define TESTS_CONFORMANCE_MODEL_H

#include "store/backend.h"

/* A detection, with the last word that was said on it. */
struct known_row {
    int64_t id, image_id, time;
    int32_t offset;
    int time_source;
    struct wci_reading clock; /* what the camera said */
    const struct wci_name *camera, *species;
    double confidence;
    bool has_box;
    wildcam_box box;
    char *metadata;
    bool has_review, verified, false_positive;
    const struct wci_name *detected, *verified_species; /* NULL: nobody said */
    char *notes, *verified_by;
    int64_t verified_at;
};

struct model {
    struct known_row *rows; /* in the order of ids */
    size_t count, capacity;
    wildcam_image *images;
    size_t image_count, image_capacity;
    bool is_sorted;
};

void model_free(struct model *model);

/* Takes in a change that was granted; fails the test when its ids are not what ids must be. */
void model_learn(struct model *model, const struct wci_change *change);
/* Works all times of a camera's rows out anew, by its deployments in the order of their beginning.
 */
void model_retime(struct model *model, int64_t camera_id, const struct wci_clock_rule *rules,
                  size_t count);
/* Forgets the rows and pictures whose ids are of a span. */
void model_forget(struct model *model, int64_t from, int64_t to);

struct known_row *model_find(struct model *model, int64_t id);
/* The picture with that content from that camera; NULL. */
const wildcam_image *model_find_image(const struct model *model, int64_t camera_id,
                                      const unsigned char *sha256);

/* The whole answer to a query, in its order; freed with free(). */
const struct known_row **model_select(struct model *model, const struct wci_query *query,
                                      size_t *count);
/* A summary's rows, sorted by model_sort_summary(). */
void model_summarise(struct model *model, const struct wci_query *query, uint32_t by,
                     struct wci_summary_rows *out);
void model_sort_summary(struct wci_summary_rows *rows);

#endif
