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

/* Where people are hidden from some, an address may answer otherwise tomorrow, or to another. */
static const char ask_again[] = "private, no-cache";

static void add_headers(struct request *request, const char *tag)
{
    bool has_privacy = request->server->has_privacy;
    answer_header(request, MHD_HTTP_HEADER_ETAG, tag);
    answer_header(request, MHD_HTTP_HEADER_CACHE_CONTROL, has_privacy ? ask_again : keep_forever);
    if (has_privacy)
        answer_header(request, MHD_HTTP_HEADER_VARY, "Authorization, X-API-Key");
    answer_header(request, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
}

/* Answers 304 or 416 when the headers ask for that; else tells which bytes are wanted. */
static bool is_answered(struct request *request, const char *tag, uint64_t size,
                        struct range *range)
{
    char text[64];
    const char *if_range = request_header(request, MHD_HTTP_HEADER_IF_RANGE);
    if (names_tag(request_header(request, MHD_HTTP_HEADER_IF_NONE_MATCH), tag)) {
        answer_empty(request, MHD_HTTP_NOT_MODIFIED);
        add_headers(request, tag);
        return true;
    }
    *range = read_range(request_header(request, MHD_HTTP_HEADER_RANGE), size);
    if (if_range && strcmp(if_range, tag) != 0)
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
static void answer_data(struct request *request, void *data, size_t size, const char *tag)
{
    struct range range;
    if (is_answered(request, tag, size, &range)) {
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
    add_headers(request, tag);
}

/* Sends the one who asked on to S3 or the CDN, which alone have it. Nobody can take out of S3's
 * what `images.strip` says, so pictures are not shown there then; a thumbnail has nothing in it. */
static void redirect(struct request *request, int64_t id, int kind, const char *tag)
{
    char *url = NULL;
    if (names_tag(request_header(request, MHD_HTTP_HEADER_IF_NONE_MATCH), tag)) {
        answer_empty(request, MHD_HTTP_NOT_MODIFIED);
        add_headers(request, tag);
        return;
    }
    if (kind == WILDCAM_UPLOAD_PICTURE && request->server->strip) {
        answer_error(request, MHD_HTTP_FORBIDDEN,
                     "picture %" PRId64 " is in S3 alone, where images.strip takes nothing out",
                     id);
        return;
    }
    wildcam_status status = wildcam_station_image_url(request->server->station, id, kind, 0, &url);
    if (status == WILDCAM_ERR_NOTFOUND && kind == WILDCAM_UPLOAD_THUMBNAIL) {
        /* s3.thumbnails is off: better the whole picture than none. */
        redirect(request, id, WILDCAM_UPLOAD_PICTURE, tag);
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

/* Straight from its file. */
static void answer_file(struct request *request, int64_t id, const char *tag)
{
    int fd;
    int64_t bytes;
    struct range range;
    wildcam_status status = wildcam_station_open_picture(request->server->station, id, &fd, &bytes);
    if (status == WILDCAM_ERR_RELEASED)
        redirect(request, id, WILDCAM_UPLOAD_PICTURE, tag);
    else if (status != WILDCAM_OK)
        answer_failure(request, status);
    if (status != WILDCAM_OK)
        return;
    if (is_answered(request, tag, (uint64_t)bytes, &range)) {
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
    add_headers(request, tag);
}

/* That an admin was shown what viewers are not. */
static void tell(const struct request *request, int64_t id)
{
    int view;
    if (!request->server->has_privacy || !request->caller ||
        wildcam_station_get_view(request->server->station, id, WILDCAM_AUDIENCE_VIEWER, &view,
                                 NULL) != WILDCAM_OK ||
        view == WILDCAM_VIEW_ORIGINAL)
        return;
    server_log(WILDCAM_LOG_INFO, "admin %s was shown picture %" PRId64 ", which viewers are not",
               wildcam_access_get_id(request->caller), id);
}

/* What he gets; what he does not get is answered. */
static bool take_view(struct request *request, int64_t id, int *view, int64_t *version)
{
    int audience = scope_audience(request);
    if (!request_check(request, wildcam_station_get_view(request->server->station, id, audience,
                                                         view, version)))
        return false;
    if (*view == WILDCAM_VIEW_HIDDEN) {
        void *data;
        size_t size;
        wildcam_status status = wildcam_station_get_thumbnail_for(request->server->station, id,
                                                                  audience, &data, &size);
        if (status != WILDCAM_OK) {
            answer_failure(request, status); /* with the reason */
            return false;
        }
        wildcam_free(data); /* it is shown from this moment on */
        *view = WILDCAM_VIEW_ORIGINAL;
    }
    if (audience == WILDCAM_AUDIENCE_ADMIN)
        tell(request, id);
    return true;
}

/* The picture's content is its tag, with what was done to it on the way. */
static bool read_tag(struct request *request, int64_t id, const char *suffix, int64_t version,
                     char tag[ETAG_MAX])
{
    wildcam_image *image = NULL;
    char blurred[24] = "";
    if (version)
        snprintf(blurred, sizeof blurred, "-b%" PRIx64, (uint64_t)version);
    wildcam_status status = wildcam_station_get_image(request->server->station, id, &image);
    if (status == WILDCAM_OK)
        snprintf(tag, ETAG_MAX, "\"%s%s%s\"", wildcam_image_get_sha256(image), suffix, blurred);
    else
        answer_failure(request, status);
    wildcam_image_free(image);
    return status == WILDCAM_OK;
}

void serve_image(struct request *request)
{
    char tag[ETAG_MAX], suffix[16] = "";
    int64_t id, version;
    int view;
    void *data;
    size_t size;
    uint32_t strip = request->server->strip;
    if (strip)
        snprintf(suffix, sizeof suffix, "-%u", strip);
    if (!request_id(request, &id) || !take_view(request, id, &view, &version) ||
        !read_tag(request, id, suffix, version, tag))
        return;
    if (!strip && view == WILDCAM_VIEW_ORIGINAL) {
        answer_file(request, id, tag);
        return;
    }
    wildcam_status status = wildcam_station_read_picture_for(
        request->server->station, id, scope_audience(request), strip, &data, &size);
    if (status == WILDCAM_OK)
        answer_data(request, data, size, tag);
    else if (status == WILDCAM_ERR_RELEASED && view == WILDCAM_VIEW_ORIGINAL)
        redirect(request, id, WILDCAM_UPLOAD_PICTURE, tag);
    else
        answer_failure(request, status);
}

void serve_thumbnail(struct request *request)
{
    char tag[ETAG_MAX], suffix[32];
    const char *box = "";
    int64_t id, version;
    int view;
    void *data;
    size_t size;
    wildcam_conf_get(request->server->conf, "images.thumbnail", &box);
    snprintf(suffix, sizeof suffix, "-%s", box);
    if (!request_id(request, &id) || !take_view(request, id, &view, &version) ||
        !read_tag(request, id, suffix, version, tag))
        return;
    wildcam_status status = wildcam_station_get_thumbnail_for(
        request->server->station, id, scope_audience(request), &data, &size);
    if (status == WILDCAM_OK)
        answer_data(request, data, size, tag);
    else if (status == WILDCAM_ERR_RELEASED && view == WILDCAM_VIEW_ORIGINAL)
        redirect(request, id, WILDCAM_UPLOAD_THUMBNAIL, tag);
    else
        answer_failure(request, status);
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
