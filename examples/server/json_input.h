/* Taking values out of a client's JSON. Each names the field when its type is wrong. */
#ifndef SERVER_JSON_INPUT_H
#define SERVER_JSON_INPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct request;

/* Before any JSON is read: what is parsed is wiped when it is freed, for there are passwords and
 * tokens in it. They remain in the buffers of libmicrohttpd and of TLS, until others' bytes take
 * their place. */
void json_input_start(void);

/* A request's body as JSON, if the caller may speak for the device that it names; NULL when the
 * request is answered. */
json_t *json_input_read(struct request *request);

/* A field under its name or its older one (which may be NULL); null counts as absent. */
json_t *json_input_find(const json_t *object, const char *name, const char *older);

/* Absent leaves the value as it is and is no failure. On failure the request is answered and false
 * comes back. */
bool json_input_text(struct request *request, const json_t *object, const char *name,
                     const char *older, const char **value);
bool json_input_number(struct request *request, const json_t *object, const char *name,
                       const char *older, double *value);
/* A whole number from least to most. */
bool json_input_whole(struct request *request, const json_t *object, const char *name,
                      int64_t least, int64_t most, int64_t *value);
bool json_input_bool(struct request *request, const json_t *object, const char *name, bool *value);
/* A date or a time; null makes it WILDCAM_TIME_NONE. A date that ends a span includes its day, a
 * time excludes itself. `where` leads to the object, such as "correction.", in what is said. */
bool json_input_time(struct request *request, const json_t *object, const char *where,
                     const char *name, bool is_end, int64_t *time);

/* Refuses what is not known, up to a NULL: left out silently it would look as if it had been taken
 * over. `what` is what has these, such as "a review". */
bool json_input_check_members(struct request *request, json_t *object, const char *what,
                              const char *const *known);

#endif
