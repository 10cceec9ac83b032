/* What a request's head alone gets it refused for. On failure the request is answered and false
 * comes back. */
#ifndef SERVER_GUARD_H
#define SERVER_GUARD_H

#include <stdbool.h>

struct request;

/* Each line of the head is one to every server on its way. The strings are libmicrohttpd's own. */
bool guard_head(struct request *request, const char *method, const char *target,
                const char *version);
/* So is the request. Notes whether a body follows, and how. */
bool guard_framing(struct request *request, const char *version);
/* Finds out who asks, behind proxies that are trusted. */
void guard_client(struct request *request);
/* A page of another site changes nothing. */
bool guard_site(struct request *request);

#endif
