#include "guard.h"

#include <string.h>
#include <strings.h>

#include "head.h"
#include "request.h"

/* What is said twice, or in two ways, the next server on the way may read otherwise. */
struct framing {
    int lengths, hosts, codings;
    bool is_chunked;
};

static enum MHD_Result count_header(void *user, enum MHD_ValueKind kind, const char *key,
                                    size_t key_size, const char *value, size_t value_size)
{
    struct framing *framing = user;
    (void)kind;
    (void)key_size;
    (void)value_size;
    if (strcasecmp(key, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0)
        framing->lengths++;
    else if (strcasecmp(key, MHD_HTTP_HEADER_HOST) == 0)
        framing->hosts++;
    else if (strcasecmp(key, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
        framing->codings++;
        framing->is_chunked = value && strcasecmp(value, "chunked") == 0;
    }
    return MHD_YES;
}

static bool refuse(struct request *request, unsigned status, const char *sentence)
{
    answer_error(request, status, "%s", sentence);
    answer_header(request, MHD_HTTP_HEADER_CONNECTION,
                  "close"); /* where does the next one begin? */
    return false;
}

bool guard_head(struct request *request, const char *method, const char *target,
                const char *version)
{
    unsigned status;
    request->has_body = true; /* as long as nobody knows */
    const char *sentence = head_check(request->mhd, method, target,
                                      request->connection->target_size, version, &status);
    return !sentence || refuse(request, status, sentence);
}

bool guard_framing(struct request *request, const char *version)
{
    struct framing framing = {0};
    const char *sentence = NULL;
    MHD_get_connection_values_n(request->mhd, MHD_HEADER_KIND, count_header, &framing);
    request->has_body = framing.lengths || framing.codings;
    request->is_chunked = framing.codings;
    bool is_old = strcmp(version, MHD_HTTP_VERSION_1_1) != 0;
    if (framing.lengths > 1 || (framing.lengths && framing.codings))
        sentence = "the request's length is said twice";
    else if (framing.hosts > 1 || (!is_old && framing.hosts == 0))
        sentence = "the request's host is missing or said twice";
    else if (framing.codings > 1 || (framing.codings && (!framing.is_chunked || is_old)))
        sentence = "Transfer-Encoding is chunked or absent, and absent in HTTP/1.0";
    return !sentence || refuse(request, MHD_HTTP_BAD_REQUEST, sentence);
}

enum { FORWARDED_MAX = 16 }; /* headers; of more, the first ones are not asked */

struct forwarded {
    const char *headers[FORWARDED_MAX];
    size_t count;
};

static enum MHD_Result note_forwarded(void *user, enum MHD_ValueKind kind, const char *key,
                                      const char *value)
{
    struct forwarded *forwarded = user;
    (void)kind;
    if (strcasecmp(key, "X-Forwarded-For") != 0)
        return MHD_YES;
    if (forwarded->count == FORWARDED_MAX)
        memmove(forwarded->headers, forwarded->headers + 1,
                --forwarded->count * sizeof forwarded->headers[0]);
    forwarded->headers[forwarded->count++] = value ? value : "";
    return MHD_YES;
}

void guard_client(struct request *request)
{
    struct forwarded forwarded = {.count = 0};
    MHD_get_connection_values(request->mhd, MHD_HEADER_KIND, note_forwarded, &forwarded);
    client_find(&request->connection->who.peer, &request->server->proxies, forwarded.headers,
                forwarded.count, &request->client);
}

static bool is_own_host(struct request *request, const char *origin)
{
    const char *host = request_header(request, MHD_HTTP_HEADER_HOST);
    const char *slashes = strstr(origin, "://");
    return host && slashes && strcasecmp(slashes + 3, host) == 0;
}

/* A page of any site can have a browser send something here, as text/plain even without asking
 * first. Browsers say from where, older ones by Origin alone, which a proxy that renames the host
 * spoils; cameras and tools say neither. Reading is free: browsers keep the answer from that page.
 */
bool guard_site(struct request *request)
{
    const char *site = request_header(request, "Sec-Fetch-Site");
    const char *origin = request_header(request, MHD_HTTP_HEADER_ORIGIN);
    bool is_own = site ? strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0
                       : !origin || is_own_host(request, origin);
    if (is_own || strcmp(request->route->method, MHD_HTTP_METHOD_GET) == 0)
        return true;
    answer_error(request, MHD_HTTP_FORBIDDEN,
                 "a page of another site changes nothing here: Sec-Fetch-Site is same-origin or "
                 "none or, where it is not sent, Origin is the request's Host");
    return false;
}
