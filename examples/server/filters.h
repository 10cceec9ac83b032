/* What lists are asked for by. On failure the request is answered and false comes back. */
#ifndef SERVER_FILTERS_H
#define SERVER_FILTERS_H

#include <stdbool.h>
#include <wildcam/wildcam.h>

struct request;

/* A date or a time; WILDCAM_TIME_NONE when it is not there. A date that ends a span includes its
 * day, a time excludes itself. */
bool filters_take_time(struct request *request, const char *name, bool is_end, int64_t *time);
/* limit or per_page: how many rows a page has. */
bool filters_take_limit(struct request *request, int64_t *limit);
/* camera_id or device_id. */
bool filters_take_camera(struct request *request, wildcam_query *query);
/* start_date and end_date. */
bool filters_take_range(struct request *request, wildcam_query *query);

#endif
