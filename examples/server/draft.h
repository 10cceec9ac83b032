/* What clients say of a detection, in both of their vocabularies. */
#ifndef SERVER_DRAFT_H
#define SERVER_DRAFT_H

#include <jansson.h>
#include <stdbool.h>
#include <wildcam/wildcam.h>

struct request;

/* When it was, as a client says. */
struct told_time {
    int64_t time; /* WILDCAM_TIME_NONE when it does not say */
    int32_t offset;
    int source;
};

/* Takes species, confidence, category and box over, and removes them from the input: what is left
 * is kept as metadata. *is_empty when it says nothing of what was seen: the firmware sends an empty
 * species and a confidence of 0. On failure the request is answered and false comes back. */
bool draft_take(struct request *request, json_t *input, wildcam_detection *draft, bool *is_empty);

/* Takes `timestamp` (or `detection_timestamp`): ISO 8601, or Unix time in seconds or milliseconds.
 * Beside a picture a whole number is none of these: the firmware's uploads hold milliseconds since
 * it was switched on. And it stays in the input there: the picture may know better when it was
 * taken. */
bool draft_take_time(struct request *request, json_t *input, bool beside_picture,
                     struct told_time *time);

/* What is left of the input as text, NULL when nothing is; freed with free(). */
char *draft_rest(const json_t *input);

#endif
