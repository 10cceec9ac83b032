/* A deployment: a camera at a place over a span of time, and what is known of its clock there. */
#ifndef WCI_MODEL_DEPLOYMENT_H
#define WCI_MODEL_DEPLOYMENT_H

#include <stdbool.h>
#include <stdint.h>

#include <wildcam/deployment.h>
#include <wildcam/time.h>

#include "base/json.h"
#include "base/text.h"

/* The one list of fields is WILDCAM_DEPLOYMENT_TEXT_LIST and its like in the public header. */
enum {
    WCI_DEPLOYMENT_TEXT_COUNT = WILDCAM_DEPLOYMENT_EXTRA + 1,
    WCI_DEPLOYMENT_NUMBER_COUNT = WILDCAM_DEPLOYMENT_PRIVACY_RADIUS + 1,
    WCI_DEPLOYMENT_FLAG_COUNT = WILDCAM_DEPLOYMENT_BAIT_USE + 1,
    WCI_DEPLOYMENT_KEY_MAX = 100,
    WCI_FAILURES_MAX = 1000,
};

/* Which of the rest was set in a draft. */
enum {
    WCI_SET_SPAN = 1,
    WCI_SET_OFFSET = 2,
    WCI_SET_CORRECTION = 4,
    WCI_SET_FAILURES = 8,
};

/* A span within a deployment in which the camera saw nothing. */
struct wci_failure {
    int64_t from, to;
    struct wci_text reason;
};

struct wildcam_deployment {
    int64_t id, camera_id;
    struct wci_text key, device_id;
    int64_t start, end;   /* half-open; end is WILDCAM_TIME_NONE while it lasts */
    int32_t offset;       /* that its clock shows; WILDCAM_OFFSET_UNKNOWN */
    int64_t wrong, right; /* WILDCAM_TIME_NONE, both, when its clock was right */
    struct wci_text texts[WCI_DEPLOYMENT_TEXT_COUNT];
    double numbers[WCI_DEPLOYMENT_NUMBER_COUNT]; /* NaN is not known */
    int flags[WCI_DEPLOYMENT_FLAG_COUNT];        /* -1 is not known */
    struct wci_failure *failures;                /* by their beginning */
    size_t failure_count, failure_capacity;
    bool is_retiming; /* its camera's rows are being brought to its times */
    /* What a draft has set. */
    uint32_t texts_set, numbers_set, flags_set, set;
};

/* What of a deployment matters for times. */
struct wci_clock_rule {
    int64_t start, end; /* end is WILDCAM_TIME_END while it lasts */
    int32_t offset;
    int64_t shift;
};

/* A time with its offset, as a row has it or as the camera's clock had it. */
struct wci_reading {
    int64_t time;
    int32_t offset;
};

extern const char *const wci_deployment_text_names[WCI_DEPLOYMENT_TEXT_COUNT];
extern const char *const wci_deployment_number_names[WCI_DEPLOYMENT_NUMBER_COUNT];
extern const char *const wci_deployment_flag_names[WCI_DEPLOYMENT_FLAG_COUNT];

void wci_deployment_init(wildcam_deployment *deployment);
void wci_deployment_release(wildcam_deployment *deployment); /* its texts and failures */
wildcam_status wci_deployment_copy(wildcam_deployment *to, const wildcam_deployment *from);
/* Puts what a draft has set over it; its key and its camera where the draft names them. */
wildcam_status wci_deployment_merge(wildcam_deployment *deployment,
                                    const wildcam_deployment *draft);
/* Whether it is whole and fits together. */
wildcam_status wci_deployment_check(const wildcam_deployment *deployment);

wildcam_status wci_deployment_take_key(struct wci_text *to, const char *key);
wildcam_status wci_deployment_set_span(wildcam_deployment *deployment, int64_t start, int64_t end);
wildcam_status wci_deployment_set_offset(wildcam_deployment *deployment, int32_t offset);
wildcam_status wci_deployment_set_correction(wildcam_deployment *deployment, int64_t wrong,
                                             int64_t right);
wildcam_status wci_deployment_set_text(wildcam_deployment *deployment, int field,
                                       const char *value);
wildcam_status wci_deployment_set_number(wildcam_deployment *deployment, int field, double value);
wildcam_status wci_deployment_set_flag(wildcam_deployment *deployment, int field, int value);
wildcam_status wci_deployment_add_failure(wildcam_deployment *deployment, int64_t from, int64_t to,
                                          const char *reason);
void wci_deployment_clear_failures(wildcam_deployment *deployment);

/* How long it watched within a span, in microseconds; while it lasts, until `now`. */
int64_t wci_deployment_effort(const wildcam_deployment *deployment, int64_t from, int64_t to,
                              int64_t now);
/* Of latitude, and of longitude at the equator. */
#define WCI_METRES_PER_DEGREE 111320.0
/* How far apart the places are that a radius leaves, in degrees of latitude. */
double wci_place_step(double radius);
/* Replaces coordinates by those of a grid, no further away than the radius in metres; false when
 * there is nothing to do. */
bool wci_place_blur(double radius, double *latitude, double *longitude);
/* The same of a deployment's, by its own radius, as wildcam_deployment_blur() says. */
void wci_deployment_blur(wildcam_deployment *deployment);
void wci_deployment_write_json(const wildcam_deployment *deployment, struct wci_json *json);

struct wci_clock_rule wci_deployment_rule(const wildcam_deployment *deployment);
/* Corrects a reading, when the rule is the one for it. */
bool wci_clock_apply(const struct wci_clock_rule *rule, struct wci_reading *reading, int source);
/* What a reading of a camera's clock was in truth, by the rules of its deployments in the order of
 * their beginning; the reading itself where none applies. */
struct wci_reading wci_clock_correct(const struct wci_clock_rule *rules, size_t count,
                                     struct wci_reading reading, int source);

#endif
