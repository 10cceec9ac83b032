#include "doors.h"

#include "host.h"
#include "request.h"

/* A server without keys is open to whoever reaches it, so the pages of a browser on this machine
 * must not: a page from elsewhere can have its own name lead to 127.0.0.1, and is of the same site
 * then. It cannot change what its requests call the server, and an address is no name. A request
 * without a Host, of HTTP/1.0, comes from no browser. */
static bool check_host(struct request *request)
{
    const char *host = request_header(request, MHD_HTTP_HEADER_HOST);
    if (!host || host_is_known(host, request->server->hosts))
        return true;
    answer_error(request, MHD_HTTP_FORBIDDEN,
                 "while there are no keys the server answers to addresses, localhost and the names "
                 "of the setting http.hosts, not to \"%.80s\"",
                 host);
    return false;
}

bool doors_check(struct request *request)
{
    return request->route->access == FOR_ALL || check_host(request);
}
