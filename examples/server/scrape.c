/* What is measured, for Prometheus and its like. */
#include "scrape.h"

#include <stdlib.h>
#include <string.h>

#include "gzip.h"
#include "handlers.h"
#include "negotiate.h"
#include "request.h"

enum { AT_ONCE = 4, PACKED_FROM = 1024, SELECTORS_MAX = 64 };

/* Each port has its own: whoever reads slowly at one keeps nobody from the other. */
static atomic_int *count_of(const struct request *request)
{
    return &request->server->scrapes[request->connection->who.is_operations];
}

bool scrape_begin(struct request *request)
{
    request->is_scrape = true;
    if (++*count_of(request) <= AT_ONCE)
        return true;
    answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE,
                 "the metrics are being read by %d others; more may not at once", AT_ONCE);
    return false;
}

void scrape_end(struct request *request)
{
    if (request->is_scrape)
        --*count_of(request);
    request->is_scrape = false;
}

/* 0.0.4 unless the other is ranked before it. */
static bool wants_openmetrics(const struct request *request)
{
    static const char *const text_versions[] = {"0.0.4", NULL};
    static const char *const open_versions[] = {"1.0.0", "0.0.1", NULL};
    static const struct media text = {"text", "plain", text_versions};
    static const struct media openmetrics = {"application", "openmetrics-text", open_versions};
    const char *accept = request_header(request, MHD_HTTP_HEADER_ACCEPT);
    return negotiate_media(accept, &openmetrics) > negotiate_media(accept, &text);
}

static bool wants_gzip(const struct request *request)
{
    return negotiate_coding(request_header(request, MHD_HTTP_HEADER_ACCEPT_ENCODING), "gzip") > 0;
}

/* Takes the text over. */
static void answer_metrics(struct request *request, char *text, size_t size, const char *type)
{
    size_t packed_size;
    void *packed = NULL;
    if (size >= PACKED_FROM && wants_gzip(request))
        packed = gzip_pack(text, size, &packed_size);
    if (packed) {
        wildcam_free(text);
        answer_bytes(request, MHD_HTTP_OK, packed, packed_size, type);
        answer_header(request, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    } else {
        answer_bytes(request, MHD_HTTP_OK, text, size, type);
    }
    answer_header(request, MHD_HTTP_HEADER_VARY, "Accept, Accept-Encoding");
    answer_header(request, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
}

static void write_metrics(struct request *request, bool openmetrics, const char *const *selectors,
                          size_t count)
{
    char *text;
    size_t size;
    wildcam_metrics *metrics = wildcam_station_get_metrics(request->server->station);
    int format = openmetrics ? WILDCAM_METRICS_OPENMETRICS : WILDCAM_METRICS_TEXT;
    if (request_check(request,
                      wildcam_metrics_write(metrics, format, selectors, count, &text, &size)))
        answer_metrics(request, text, size,
                       openmetrics ? WILDCAM_METRICS_OPENMETRICS_TYPE : WILDCAM_METRICS_TEXT_TYPE);
}

void serve_metrics(struct request *request)
{
    write_metrics(request, wants_openmetrics(request), NULL, 0);
}

struct selectors {
    const char *list[SELECTORS_MAX];
    size_t count;
};

static enum MHD_Result take_selector(void *user, enum MHD_ValueKind kind, const char *key,
                                     const char *value)
{
    struct selectors *selectors = user;
    (void)kind;
    if (strcmp(key, "match[]") != 0)
        return MHD_YES;
    if (selectors->count < SELECTORS_MAX)
        selectors->list[selectors->count] = value ? value : "";
    selectors->count++;
    return MHD_YES;
}

/* As a Prometheus server answers it: always text 0.0.4, and nothing when nothing is selected. */
void serve_federate(struct request *request)
{
    struct selectors selectors = {0};
    MHD_get_connection_values(request->mhd, MHD_GET_ARGUMENT_KIND, take_selector, &selectors);
    if (selectors.count > SELECTORS_MAX)
        answer_error(request, MHD_HTTP_BAD_REQUEST, "match[] may come %d times at most, not %zu",
                     SELECTORS_MAX, selectors.count);
    else if (selectors.count)
        write_metrics(request, false, selectors.list, selectors.count);
    else
        answer_metrics(request, calloc(1, 1), 0, WILDCAM_METRICS_TEXT_TYPE);
}
