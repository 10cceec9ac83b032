/* Who may come in. On failure the request is answered and false comes back. */
#ifndef SERVER_DOORS_H
#define SERVER_DOORS_H

#include <stdbool.h>

struct request;

/* Looks at the head alone, so that what is refused costs no body. */
bool doors_check(struct request *request);

#endif
