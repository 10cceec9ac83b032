/* What lists are asked for by. On failure the request is answered and false comes back. */
#ifndef SERVER_FILTERS_H
#define SERVER_FILTERS_H

#include <stdbool.h>
#include <wildcam/wildcam.h>

struct request;

/* camera_id or device_id. */
bool filters_take_camera(struct request *request, wildcam_query *query);
/* start_date and end_date. */
bool filters_take_range(struct request *request, wildcam_query *query);

#endif
