/* What the server measures of itself, in the station's registry. */
#ifndef SERVER_METER_H
#define SERVER_METER_H

#include <stdbool.h>

struct meter;
struct request;
struct server;

/* NULL when memory ran out. The station must be open until meter_free(). */
struct meter *meter_start(struct server *server);
void meter_free(struct meter *meter); /* NULL is fine */

/* A request's head has come; its method is one of HTTP's, or anything. */
void meter_begin(struct request *request, const char *method);
/* Its answer has been handed over, or nobody is there to take it. */
void meter_end(const struct request *request);

#endif
