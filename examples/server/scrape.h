/* Who reads the metrics: how many may at once. */
#ifndef SERVER_SCRAPE_H
#define SERVER_SCRAPE_H

#include <stdbool.h>

struct request;

/* Before a route with ROUTE_FEW is served, to who may ask: false when the request is answered,
 * because as many as may are under way at this port, whether being put together or being sent. */
bool scrape_begin(struct request *request);
/* Behind every request. */
void scrape_end(struct request *request);

#endif
