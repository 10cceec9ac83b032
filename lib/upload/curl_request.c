#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <wildcam/version.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "upload/curl_link.h"

#define TEXT_OF(number) TEXT_OF_VALUE(number)
#define TEXT_OF_VALUE(number) #number
#define USER_AGENT                                                                                 \
    "libwildcam/" TEXT_OF(WILDCAM_VERSION_MAJOR) "." TEXT_OF(WILDCAM_VERSION_MINOR) "." TEXT_OF(   \
        WILDCAM_VERSION_PATCH)

/* ---- headers ---- */

static bool add_line(struct wci_link *link, const char *line)
{
    struct curl_slist *longer = curl_slist_append(link->headers, line);
    if (longer)
        link->headers = longer;
    return longer != NULL;
}

/* One header from a line of the exchange's; libcurl writes "Name;" where a value is empty. */
static wildcam_status add_header(struct wci_link *link, struct wci_text *line, const char *text,
                                 size_t length)
{
    size_t name = strcspn(text, ":");
    if (name == 0 || name >= length)
        return wci_fail(WILDCAM_ERR_INVALID, "a header without a name");
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < ' ' && c != '\t') || c == 127)
            return wci_fail(WILDCAM_ERR_INVALID, "the header %.*s has a control character",
                            (int)(name < 64 ? name : 64), text);
    }
    bool is_empty = strspn(text + name + 1, " \t") >= length - name - 1;
    wci_text_empty(line);
    wci_text_add_bytes(line, text, is_empty ? name : length);
    if (is_empty)
        wci_text_add(line, ";");
    return !line->failed && add_line(link, line->data) ? WILDCAM_OK : wci_fail_memory();
}

wildcam_status wci_link_read_headers(struct wci_link *link)
{
    const char *text = wci_text_get(&link->exchange->headers);
    const char *end = text + link->exchange->headers.length;
    struct wci_text line = {0};
    /* libcurl would ask for a 100 before each body, and wait a second for it. */
    wildcam_status status = add_line(link, "Expect:") ? WILDCAM_OK : wci_fail_memory();
    while (status == WILDCAM_OK && text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((newline ? newline : end) - text);
        if (length > 0)
            status = add_header(link, &line, text, length);
        text += length + 1;
    }
    if (line.data)
        wci_wipe(line.data, line.length);
    wci_text_free(&line);
    return status;
}

void wci_link_free_headers(struct wci_link *link)
{
    /* A session token may be among them. */
    for (struct curl_slist *line = link->headers; line; line = line->next)
        wci_wipe(line->data, strlen(line->data));
    curl_slist_free_all(link->headers);
    link->headers = NULL;
}

/* ---- the body ---- */

static int64_t least(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/* How many of the wanted bytes may go now; 0 when the pace grants none yet. */
static int64_t allow(struct wci_link *link, int64_t wanted)
{
    wci_carrier *carrier = link->carrier;
    if (link->granted == 0 && carrier->paused_count == 0)
        link->granted = wci_pace_take(&carrier->pace, wanted);
    int64_t allowed = least(link->granted, wanted);
    link->granted -= allowed;
    if (allowed == 0 && !link->is_paused) {
        link->is_paused = true;
        carrier->paused_count++;
        /* Behind all others that wait. */
        wci_link_remove(&carrier->active, link);
        wci_link_append(&carrier->active, link);
    }
    return allowed;
}

static ssize_t read_file(const struct wci_body *body, char *buffer, size_t size, int64_t position)
{
    ssize_t got;
    do
        got = pread(body->fd, buffer, size, body->offset + position);
    while (got < 0 && errno == EINTR);
    return got;
}

static size_t read_body(char *buffer, size_t size, size_t count, void *user)
{
    struct wci_link *link = user;
    const struct wci_body *body = &link->exchange->body;
    int64_t left = body->length - link->position;
    if (left <= 0)
        return 0;
    int64_t allowed = allow(link, least(left, (int64_t)size * (int64_t)count));
    if (allowed == 0)
        return CURL_READFUNC_PAUSE;
    if (body->memory) {
        memcpy(buffer, (const char *)body->memory + link->position, (size_t)allowed);
        link->position += allowed;
        return (size_t)allowed;
    }
    ssize_t got = read_file(body, buffer, (size_t)allowed, link->position);
    if (got < 0) {
        int error = errno;
        wci_fail_os(error, "the file to be sent cannot be read");
        wci_link_judge(link, WCI_LINK_LOCAL, "%s", wildcam_error_message());
        wci_error_clear();
    } else if (got == 0) {
        wci_link_judge(link, WCI_LINK_LOCAL,
                       "the file to be sent ends at %lld, and %lld bytes from %lld were asked for",
                       (long long)body->offset + link->position, (long long)body->length,
                       (long long)body->offset);
    }
    if (got <= 0)
        return CURL_READFUNC_ABORT;
    wci_pace_give_back(&link->carrier->pace, allowed - got);
    link->position += got;
    return (size_t)got;
}

/* libcurl begins anew when a connection from its pool turns out to be dead. */
static int seek_body(void *user, curl_off_t offset, int origin)
{
    struct wci_link *link = user;
    if (origin != SEEK_SET || offset < 0 || offset > link->exchange->body.length)
        return CURL_SEEKFUNC_FAIL;
    link->position = offset;
    return CURL_SEEKFUNC_OK;
}

static struct wci_link *first_paused(const wci_carrier *carrier)
{
    struct wci_link *link = carrier->paused_count ? carrier->active.first : NULL;
    while (link && !link->is_paused)
        link = link->next;
    return link;
}

void wci_link_release_paused(wci_carrier *carrier)
{
    struct wci_link *link;
    for (int tries = carrier->paused_count; tries > 0 && (link = first_paused(carrier)); tries--) {
        int64_t left = link->exchange->body.length - link->position;
        int64_t granted = wci_pace_take(&carrier->pace, left);
        if (granted == 0)
            return;
        link->granted += granted;
        link->is_paused = false;
        carrier->paused_count--;
        curl_easy_pause(link->easy, CURLPAUSE_CONT);
    }
}

int64_t wci_link_release_time(const wci_carrier *carrier)
{
    const struct wci_link *link = first_paused(carrier);
    if (!link)
        return INT64_MAX;
    return wci_pace_when(&carrier->pace, link->exchange->body.length - link->position);
}

/* ---- the easy handle ---- */

/* Each `code` but the last stands in `code` already: the first that is not OK stays. */
#define SET(option, value)                                                                         \
    do {                                                                                           \
        if (code == CURLE_OK)                                                                      \
            code = curl_easy_setopt(easy, (option), (value));                                      \
    } while (0)

static CURLcode set_method(struct wci_link *link)
{
    CURL *easy = link->easy;
    CURLcode code = CURLE_OK;
    const struct wci_exchange *exchange = link->exchange;
    bool has_body = exchange->method[0] == 'P';
    if (!has_body && strcmp(exchange->method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
        return code;
    }
    SET(CURLOPT_CUSTOMREQUEST, exchange->method);
    if (!has_body)
        return code;
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)exchange->body.length);
    SET(CURLOPT_UPLOAD_BUFFERSIZE, 65536L);
    SET(CURLOPT_READFUNCTION, read_body);
    SET(CURLOPT_READDATA, link);
    SET(CURLOPT_SEEKFUNCTION, seek_body);
    SET(CURLOPT_SEEKDATA, link);
    return code;
}

static long milliseconds(int64_t microseconds)
{
    int64_t rounded = (microseconds + 999) / 1000;
    return rounded < 1 ? 1 : rounded > INT_MAX ? INT_MAX : (long)rounded;
}

static CURLcode set_times(struct wci_link *link, int64_t now)
{
    CURL *easy = link->easy;
    CURLcode code = CURLE_OK;
    const wci_carrier *carrier = link->carrier;
    double setting = wci_conf_real(carrier->conf, WCI_S3_CONNECT_TIMEOUT);
    int64_t connect = link->exchange->connect_time;
    if (connect == 0)
        connect = (int64_t)(setting * (double)WCI_SECOND);
    SET(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(connect));
    if (link->exchange->deadline)
        SET(CURLOPT_TIMEOUT_MS, milliseconds(link->exchange->deadline - now));
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_TCP_KEEPIDLE, 30L);
    SET(CURLOPT_TCP_KEEPINTVL, 10L);
    /* Whoever closes an idle connection does so after some seconds at the earliest. */
    if (carrier->misses_close && strncasecmp(link->exchange->url.data, "https:", 6) == 0)
        SET(CURLOPT_MAXAGE_CONN, 2L);
    SET(CURLOPT_FRESH_CONNECT, link->exchange->on_fresh_connection ? 1L : 0L);
    if (link->exchange->is_direct)
        SET(CURLOPT_PROXY, "");
    return code;
}

static CURLcode set_trust(struct wci_link *link)
{
    CURL *easy = link->easy;
    CURLcode code = CURLE_OK;
    const char *ca_file = wci_conf_text(link->carrier->conf, WCI_S3_CA_FILE);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SHARE, link->carrier->share);
    if (ca_file[0]) { /* in place of the system's */
        SET(CURLOPT_CAINFO, ca_file);
        SET(CURLOPT_CAPATH, NULL);
    }
    return code;
}

static CURLcode set_rules(struct wci_link *link)
{
    CURL *easy = link->easy;
    CURLcode code = CURLE_OK;
    SET(CURLOPT_URL, link->exchange->url.data);
    SET(CURLOPT_PATH_AS_IS, 1L); /* as it was signed */
    SET(CURLOPT_HTTPHEADER, link->headers);
    SET(CURLOPT_USERAGENT, USER_AGENT);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    /* A name that nobody looks up for us must not hold up all others when its time is over. */
    SET(CURLOPT_QUICK_EXIT, 1L);
#endif
    return code;
}

wildcam_status wci_link_describe(struct wci_link *link, int64_t now)
{
    CURLcode code = set_rules(link);
    if (code == CURLE_OK)
        code = set_method(link);
    if (code == CURLE_OK)
        code = set_times(link, now);
    if (code == CURLE_OK)
        code = set_trust(link);
    if (code == CURLE_OK)
        code = wci_link_open_own(link);
    if (code == CURLE_OK)
        code = wci_link_listen(link);
    if (code == CURLE_OK)
        return WILDCAM_OK;
    if (code == CURLE_OUT_OF_MEMORY)
        return wci_fail_memory();
    return wci_fail_from(WILDCAM_ERR_UNSUPPORTED, "curl", (int)code,
                         "libcurl %s cannot do what is needed: %s",
                         curl_version_info(CURLVERSION_NOW)->version, curl_easy_strerror(code));
}
