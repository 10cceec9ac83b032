/* Pictures and thumbnails on their way out, and which of them are kept for good. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handlers.h"
#include "json_input.h"
#include "json_output.h"
#include "request.h"
#include "scope.h"

enum { ETAG_MAX = 128 };

/* What a picture's address answers never changes: whoever has it may keep it. Only he, though: who
 * may see it is not for caches on the way to know. */
static const char keep_forever[] = "private, max-age=31536000, immutable";

/* One span of bytes, both ends included. */
struct range {
    bool is_asked, is_good;
    uint64_t first, last;
};

static bool read_number(const char **at, uint64_t *number)
{
    const char *from = *at;
    *number = 0;
    for (; **at >= '0' && **at <= '9'; ++*at) {
        if (*at - from > 17)
            return false;
        *number = *number * 10 + (uint64_t)(**at - '0');
    }
    return *at > from;
}

/* bytes=FIRST-LAST, FIRST- or -LENGTH (RFC 9110, 14.1.2). Several spans, and what cannot be read,
 * are answered as if nothing had been asked, as the RFC permits. */
static struct range read_range(const char *text, uint64_t size)
{
    struct range range = {false, false, 0, size - 1};
    uint64_t first = 0, last = 0;
    if (!text || strncmp(text, "bytes=", 6) != 0)
        return range;
    const char *at = text + 6;
    bool has_first = read_number(&at, &first);
    if (*at++ != '-')
        return range;
    bool has_last = read_number(&at, &last);
    if (*at || (!has_first && !has_last) || (has_first && has_last && last < first))
        return range;
    range.is_asked = true;
    if (!has_first) {
        range.is_good = last > 0;
        range.first = last < size ? size - last : 0;
    } else {
        range.is_good = first < size;
        range.first = first;
        if (has_last && last < size)
            range.last = last;
    }
    return range;
}

/* Whether a list of entity tags names one; "*" names all. */
static bool names_tag(const char *list, const char *tag)
{
    return list && (strcmp(list, "*") == 0 || strstr(list, tag) != NULL);
}

/* Where people are hidden from some, or he got a copy, an address may answer otherwise tomorrow, or
 * to another. */
static const char ask_again[] = "private, no-cache";

/* What is sent: as it was kept, or a copy of that version. */
struct shown {
    int kind; /* WILDCAM_UPLOAD_ */
    int64_t id, version;
    char tag[ETAG_MAX];
};

static void add_headers(struct request *request, const struct shown *shown)
{
    bool may_change = request->server->has_privacy || shown->version;
    answer_header(request, MHD_HTTP_HEADER_ETAG, shown->tag);
    answer_header(request, MHD_HTTP_HEADER_CACHE_CONTROL, may_change ? ask_again : keep_forever);
    if (may_change)
        answer_header(request, MHD_HTTP_HEADER_VARY, "Authorization, X-API-Key");
    answer_header(request, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
}

/* Answers 304 or 416 when the headers ask for that; else tells which bytes are wanted. */
static bool is_answered(struct request *request, const struct shown *shown, uint64_t size,
                        struct range *range)
{
    char text[64];
    const char *if_range = request_header(request, MHD_HTTP_HEADER_IF_RANGE);
    if (names_tag(request_header(request, MHD_HTTP_HEADER_IF_NONE_MATCH), shown->tag)) {
        answer_empty(request, MHD_HTTP_NOT_MODIFIED);
        add_headers(request, shown);
        return true;
    }
    *range = read_range(request_header(request, MHD_HTTP_HEADER_RANGE), size);
    if (if_range && strcmp(if_range, shown->tag) != 0)
        range->is_asked = false;
    if (!range->is_asked || range->is_good)
        return false;
    answer_error(request, MHD_HTTP_RANGE_NOT_SATISFIABLE, "the picture has %" PRIu64 " bytes",
                 size);
    snprintf(text, sizeof text, "bytes */%" PRIu64, size);
    answer_header(request, MHD_HTTP_HEADER_CONTENT_RANGE, text);
    return true;
}

static void set_content_range(struct request *request, const struct range *range, uint64_t size)
{
    char text[80];
    if (!range->is_asked)
        return;
    snprintf(text, sizeof text, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, range->first, range->last,
             size);
    answer_header(request, MHD_HTTP_HEADER_CONTENT_RANGE, text);
}

/* Takes the data over. */
static void answer_data(struct request *request, void *data, size_t size, const struct shown *shown)
{
    struct range range;
    if (is_answered(request, shown, size, &range)) {
        wildcam_free(data);
        return;
    }
    size_t length = size;
    if (range.is_asked) {
        length = (size_t)(range.last - range.first + 1);
        memmove(data, (char *)data + range.first, length);
    }
    answer_bytes(request, range.is_asked ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK, data, length,
                 "image/jpeg");
    set_content_range(request, &range, size);
    add_headers(request, shown);
}

/* Straight from its file, which is closed. */
static void answer_file(struct request *request, int fd, int64_t bytes, const struct shown *shown)
{
    struct range range;
    if (is_answered(request, shown, (uint64_t)bytes, &range)) {
        close(fd);
        return;
    }
    uint64_t first = range.is_asked ? range.first : 0;
    uint64_t length = range.is_asked ? range.last - range.first + 1 : (uint64_t)bytes;
    request->response = MHD_create_response_from_fd_at_offset64(length, fd, first);
    if (!request->response) {
        close(fd);
        answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "memory ran out");
        return;
    }
    request->log.sent_bytes = (int64_t)length;
    request->status = range.is_asked ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK;
    answer_header(request, MHD_HTTP_HEADER_CONTENT_TYPE, "image/jpeg");
    set_content_range(request, &range, (uint64_t)bytes);
    add_headers(request, shown);
}

/* Sends the one who asked on to S3 or the CDN, which alone have it. Nobody can take out of S3's
 * what `images.strip` says, so pictures are not shown there then; a thumbnail has nothing in it. */
static void redirect(struct request *request, const struct shown *shown, int kind)
{
    char *url = NULL;
    if (names_tag(request_header(request, MHD_HTTP_HEADER_IF_NONE_MATCH), shown->tag)) {
        answer_empty(request, MHD_HTTP_NOT_MODIFIED);
        add_headers(request, shown);
        return;
    }
    if (kind == WILDCAM_UPLOAD_PICTURE && request->server->strip) {
        answer_error(request, MHD_HTTP_FORBIDDEN,
                     "picture %" PRId64 " is in S3 alone, where images.strip takes nothing out",
                     shown->id);
        return;
    }
    wildcam_status status = wildcam_station_image_url(request->server->station, shown->id, kind, 0,
                                                      &url);
    if (status == WILDCAM_ERR_NOTFOUND && kind == WILDCAM_UPLOAD_THUMBNAIL) {
        /* s3.thumbnails is off: better the whole picture than none. */
        redirect(request, shown, WILDCAM_UPLOAD_PICTURE);
        return;
    }
    if (status == WILDCAM_OK) {
        answer_empty(request, MHD_HTTP_FOUND);
        answer_header(request, MHD_HTTP_HEADER_LOCATION, url);
        /* A signed address runs out. */
        answer_header(request, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    } else {
        answer_failure(request, status);
    }
    wildcam_free(url);
}

/* That an admin was shown what viewers are not. */
static void tell(const struct request *request, int64_t id)
{
    int view;
    if (!request->server->has_privacy || !request->caller ||
        wildcam_station_get_view(request->server->station, id, WILDCAM_AUDIENCE_VIEWER, &view,
                                 NULL) != WILDCAM_OK ||
        (view != WILDCAM_VIEW_HIDDEN && view != WILDCAM_VIEW_BLURRED))
        return;
    server_log(WILDCAM_LOG_INFO, "admin %s was shown picture %" PRId64 ", which viewers are not",
               wildcam_access_get_id(request->caller), id);
}

/* The picture's content, what was done to it on the way, and the copy's version. None of it can be
 * had from the tag: a SHA-256 would name the original in S3 to who does not get it. */
static bool make_tag(struct request *request, const char *suffix, struct shown *shown)
{
    wildcam_image *image = NULL;
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    if (!request_check(request,
                       wildcam_station_get_image(request->server->station, shown->id, &image)))
        return false;
    for (const char *at = wildcam_image_get_sha256(image); *at; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
    snprintf(shown->tag, ETAG_MAX, "\"%016" PRIx64 "-%" PRIx64 "%s\"", hash,
             (uint64_t)shown->version, suffix);
    wildcam_image_free(image);
    return true;
}

/* What came of making a copy, or of reading a thumbnail. Takes the data over. */
static void answer_read(struct request *request, wildcam_status status, void *data, size_t size,
                        const char *suffix, struct shown *shown)
{
    if (status != WILDCAM_OK && status != WILDCAM_ERR_RELEASED)
        answer_failure(request, status);
    else if (!make_tag(request, suffix, shown))
        wildcam_free(data);
    else if (status == WILDCAM_OK)
        answer_data(request, data, size, shown);
    else
        redirect(request, shown, shown->kind);
}

/* Who is shown it as it was kept gets it from its file. Each call decides and reads in one: what
 * was found out before may hold no more. */
void serve_image(struct request *request)
{
    char suffix[16] = "";
    int fd;
    int64_t bytes;
    void *data = NULL;
    size_t size = 0;
    struct shown shown = {.kind = WILDCAM_UPLOAD_PICTURE};
    wildcam_station *station = request->server->station;
    wildcam_status status = WILDCAM_ERR_STATE;
    uint32_t strip = request->server->strip;
    int audience = scope_audience(request);
    if (!request_id(request, &shown.id))
        return;
    if (audience == WILDCAM_AUDIENCE_ADMIN)
        tell(request, shown.id);
    if (!strip)
        status = wildcam_station_open_picture_for(station, shown.id, audience, &fd, &bytes);
    if (status == WILDCAM_OK) {
        if (make_tag(request, suffix, &shown))
            answer_file(request, fd, bytes, &shown);
        else
            close(fd);
        return;
    }
    if (strip)
        snprintf(suffix, sizeof suffix, "-%u", strip);
    if (status == WILDCAM_ERR_STATE)
        status = wildcam_station_read_picture_for(station, shown.id, audience, strip, &data, &size,
                                                  &shown.version);
    answer_read(request, status, data, size, suffix, &shown);
}

void serve_thumbnail(struct request *request)
{
    char suffix[32];
    const char *box = "";
    void *data = NULL;
    size_t size = 0;
    struct shown shown = {.kind = WILDCAM_UPLOAD_THUMBNAIL};
    int audience = scope_audience(request);
    wildcam_conf_get(request->server->conf, "images.thumbnail", &box);
    snprintf(suffix, sizeof suffix, "-%s", box);
    if (!request_id(request, &shown.id))
        return;
    if (audience == WILDCAM_AUDIENCE_ADMIN)
        tell(request, shown.id);
    wildcam_status status = wildcam_station_get_thumbnail_for(
        request->server->station, shown.id, audience, &data, &size, &shown.version);
    answer_read(request, status, data, size, suffix, &shown);
}

static void answer_facts(struct request *request, int64_t id, const char *message)
{
    char *facts = NULL;
    wildcam_image *image = NULL;
    struct json_output out;
    if (!request_check(request, wildcam_station_get_image(request->server->station, id, &image)))
        return;
    wildcam_image_to_json(image, &facts);
    wildcam_image_free(image);
    json_output_begin(&out);
    json_output_add(&out, "{\"message\": \"%s\", \"image\": ", message);
    json_output_object(&out, facts);
    json_output_add(&out, "}\n");
    answer_json(request, MHD_HTTP_OK, json_output_end(&out));
}

void serve_favourite(struct request *request)
{
    static const char *const known[] = {"favourite", NULL};
    int64_t id;
    bool favourite = true;
    json_t *input = json_input_read(request);
    if (input && request_id(request, &id) &&
        json_input_check_members(request, input, "a picture's mark", known) &&
        json_input_bool(request, input, "favourite", &favourite) &&
        request_check(request,
                      wildcam_station_set_favourite(request->server->station, id, favourite)))
        answer_facts(request, id, favourite ? "Picture is a favourite" : "Picture is no favourite");
    json_decref(input);
}
