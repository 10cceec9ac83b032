/* A camera's key speaks for that camera alone. */
#ifndef SERVER_SCOPE_H
#define SERVER_SCOPE_H

#include <jansson.h>
#include <stdbool.h>

struct request;

/* The device that the caller's key is for; NULL when he may speak for any. */
const char *scope_device(const struct request *request);
/* The same, else the one that the head of a camera's request names: in the path, the query, or
 * X-Device-Id. NULL when it names none. */
const char *scope_head_device(const struct request *request);
/* Whether he may speak for this one; if not, the request is answered. */
bool scope_check_device(struct request *request, const char *device_id);
/* Whatever names a device in the head: the path, the query, X-Device-Id. When it names another the
 * request is answered and false comes back. */
bool scope_check_head(struct request *request);
/* The same of the body: its JSON, and what stands in a form's fields. */
bool scope_check_body(struct request *request, const json_t *input);

/* One of the WILDCAM_AUDIENCE_ values. While the station is open to whoever is on this machine, he
 * is no viewer. */
int scope_audience(const struct request *request);
/* Whether he gets a picture as it was kept. */
bool scope_sees_original(const struct request *request, int64_t image_id);

#endif
