/* What a request's head alone gets it refused for. On failure the request is answered and false
 * comes back. */
#ifndef SERVER_GUARD_H
#define SERVER_GUARD_H

#include <stdbool.h>

struct request;

/* One request must be one to every server on its way. Notes whether a body follows. */
bool guard_framing(struct request *request, const char *version);
/* Finds out who asks, behind proxies that are trusted. */
void guard_client(struct request *request);
/* A page of another site changes nothing. */
bool guard_site(struct request *request);

#endif
