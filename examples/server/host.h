/* The name that a request calls the server by. */
#ifndef SERVER_HOST_H
#define SERVER_HOST_H

#include <stdbool.h>

/* Whether a Host header is an IP address or localhost, or one of a list of names with commas; its
 * port does not count. A page whose name was made to lead here comes with that name. */
bool host_is_known(const char *host, const char *names);

#endif
