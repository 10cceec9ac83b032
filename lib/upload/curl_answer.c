#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "upload/curl_link.h"

void wci_link_judge(struct wci_link *link, enum wci_link_failure verdict, const char *format, ...)
{
    if (link->verdict != WCI_LINK_OK)
        return;
    struct wci_exchange *exchange = link->exchange;
    va_list args;
    va_start(args, format);
    vsnprintf(exchange->reason, sizeof exchange->reason, format, args);
    va_end(args);
    wci_utf8_repair(exchange->reason);
    link->verdict = verdict;
}

/* ---- the answer's head ---- */

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* "name: value\n"; a line that goes on with the one before ends that one anew. */
static void keep_header(struct wci_text *head, const char *line, size_t length)
{
    size_t name = 0;
    bool goes_on = is_blank(line[0]);
    if (!goes_on) {
        while (name < length && line[name] != ':')
            wci_text_add_char(head, lower(line[name++]));
        wci_text_add(head, ": ");
        name += name < length;
    } else if (head->length > 0) {
        head->data[head->length - 1] = ' ';
    }
    while (name < length && is_blank(line[name]))
        name++;
    wci_text_add_bytes(head, line + name, length - name);
    wci_text_add_char(head, '\n');
}

/* libcurl brings line by line: of each head in turn, and of what stands behind a chunked body. */
static size_t hear_head(char *data, size_t size, size_t count, void *user)
{
    struct wci_link *link = user;
    struct wci_exchange *exchange = link->exchange;
    size_t bytes = size * count, length = bytes;
    link->received += (int64_t)bytes;
    exchange->was_answered = true;
    while (length > 0 &&
           (data[length - 1] == '\r' || data[length - 1] == '\n' || is_blank(data[length - 1])))
        length--;
    if (length > 5 && memcmp(data, "HTTP/", 5) == 0) {
        wci_text_empty(&exchange->head);
        exchange->status = 0;
    } else if (exchange->status != 0) {
        return bytes; /* behind the body: what was not in the head is not believed */
    } else if (length == 0) {
        long status = 0;
        curl_easy_getinfo(link->easy, CURLINFO_RESPONSE_CODE, &status);
        exchange->status = status >= 200 ? (int)status : 0;
    } else {
        keep_header(&exchange->head, data, length);
    }
    if (exchange->head.length > WCI_LINK_HEAD_MAX) {
        wci_link_judge(link, WCI_LINK_PROTOCOL, "the answer's headers are longer than %d bytes",
                       WCI_LINK_HEAD_MAX);
        return 0;
    }
    if (exchange->head.failed) {
        wci_link_judge(link, WCI_LINK_MEMORY, "memory ran out");
        return 0;
    }
    return bytes;
}

/* ---- its body ---- */

static size_t hear_body(char *data, size_t size, size_t count, void *user)
{
    struct wci_link *link = user;
    struct wci_exchange *exchange = link->exchange;
    size_t bytes = size * count, kept = bytes;
    size_t room = exchange->answer_limit > exchange->answer.length
                      ? exchange->answer_limit - exchange->answer.length
                      : 0;
    link->received += (int64_t)bytes;
    if (bytes > room) {
        kept = room;
        link->has_enough = exchange->status >= 300;
        if (!link->has_enough) {
            wci_link_judge(link, WCI_LINK_PROTOCOL, "the answer is longer than %zu bytes",
                           exchange->answer_limit);
            return 0;
        }
    }
    wci_text_add_bytes(&exchange->answer, data, kept);
    if (exchange->answer.failed)
        wci_link_judge(link, WCI_LINK_MEMORY, "memory ran out");
    return link->has_enough || exchange->answer.failed ? 0 : bytes;
}

/* ---- what has moved ---- */

/* 0 when it has not come so far. */
static int64_t time_of(const struct wci_link *link, CURLINFO what)
{
    curl_off_t time = 0;
    curl_easy_getinfo(link->easy, what, &time);
    return time;
}

static void count_sent(struct wci_link *link, int64_t sent)
{
    if (sent > link->counted)
        link->carrier->moved += sent - link->counted;
    link->counted = sent;
    link->exchange->sent = sent;
}

static int hear_progress(void *user, curl_off_t to_come, curl_off_t come, curl_off_t to_go,
                         curl_off_t gone)
{
    (void)to_come;
    (void)come;
    (void)to_go;
    count_sent(user, gone);
    return 0;
}

bool wci_link_stands_still(struct wci_link *link, int64_t now)
{
    int64_t progress = wci_link_progress(link);
    bool is_under_way = time_of(link, CURLINFO_PRETRANSFER_TIME_T) > 0 && !link->is_paused;
    if (progress != link->progress || !is_under_way) { /* connecting has its own time-out */
        link->progress = progress;
        link->at_was = now;
    }
    return now - link->at_was >= link->carrier->idle_timeout;
}

/* ---- the end ---- */

/* How far it had come when its time was over. */
static enum wci_link_failure place_of_timeout(const struct wci_link *link)
{
    long port = 0; /* of our end, once there is a connection */
    curl_easy_getinfo(link->easy, CURLINFO_LOCAL_PORT, &port);
    if (port > 0)
        return WCI_LINK_TIMED_OUT;
    return time_of(link, CURLINFO_NAMELOOKUP_TIME_T) > 0 ? WCI_LINK_UNREACHABLE : WCI_LINK_RESOLVE;
}

static enum wci_link_failure kind_of_refusal(const struct wci_link *link)
{
    long error = 0;
    curl_easy_getinfo(link->easy, CURLINFO_OS_ERRNO, &error);
    switch (error) {
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL: /* no address of our own to send from */
    case ETIMEDOUT:
        return WCI_LINK_UNREACHABLE;
    case EMFILE:
    case ENFILE:
        return WCI_LINK_LOCAL;
    default:
        return WCI_LINK_CONNECT;
    }
}

static enum wci_link_failure failure_of(const struct wci_link *link, CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return WCI_LINK_OK;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return WCI_LINK_RESOLVE;
    case CURLE_COULDNT_CONNECT:
        return kind_of_refusal(link);
    case CURLE_OPERATION_TIMEDOUT:
        return place_of_timeout(link);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return WCI_LINK_UNTRUSTED;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CERTPROBLEM:
        return WCI_LINK_TLS;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_TOO_MANY_REDIRECTS:
        return WCI_LINK_PROTOCOL;
    case CURLE_UNSUPPORTED_PROTOCOL: /* of the URL, or an answer that is no HTTP */
        return time_of(link, CURLINFO_PRETRANSFER_TIME_T) > 0 ? WCI_LINK_PROTOCOL : WCI_LINK_LOCAL;
    case CURLE_OUT_OF_MEMORY:
        return WCI_LINK_MEMORY;
    case CURLE_READ_ERROR:
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_URL_MALFORMAT:
    case CURLE_FAILED_INIT:
    case CURLE_SSL_ENGINE_INITFAILED:
        return WCI_LINK_LOCAL;
    default:
        return WCI_LINK_BROKEN;
    }
}

/* libcurl's words, without control characters and whatever may stand behind a question mark. */
static void tell_reason(struct wci_link *link, CURLcode code)
{
    const char *words = link->words[0] ? link->words : curl_easy_strerror(code);
    char *reason = link->exchange->reason;
    size_t length = 0;
    for (bool is_query = false; *words && length + 1 < WCI_LINK_REASON; words++) {
        is_query = *words == '?' || (is_query && *words != ' ');
        if (!is_query && (unsigned char)*words >= ' ')
            reason[length++] = *words;
    }
    reason[length] = '\0';
    wci_utf8_repair(reason);
}

/* What libcurl takes for success and is none: an end in the middle of the head, and a 2xx to half a
 * body, whatever the server thinks that it has. */
static void doubt_success(struct wci_exchange *exchange)
{
    if (exchange->failure != WCI_LINK_OK)
        return;
    if (exchange->status == 0) {
        exchange->failure = WCI_LINK_BROKEN;
        snprintf(exchange->reason, sizeof exchange->reason,
                 "the connection ended in the middle of the answer's head");
    } else if (exchange->status < 300 && !exchange->was_sent) {
        exchange->failure = WCI_LINK_PROTOCOL;
        snprintf(exchange->reason, sizeof exchange->reason, "answered %d before all had been sent",
                 exchange->status);
    }
}

/* Whether a connection was there to send on. One may be so dead that nothing can be sent at all:
 * then libcurl never comes to note when it began to. */
static bool had_connection(const struct wci_link *link, CURLcode code)
{
    return code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
           time_of(link, CURLINFO_PRETRANSFER_TIME_T) > 0;
}

void wci_link_conclude(struct wci_link *link, CURLcode code)
{
    struct wci_exchange *exchange = link->exchange;
    long connects = 0, request = 0;
    curl_off_t sent = 0;
    curl_easy_getinfo(link->easy, CURLINFO_NUM_CONNECTS, &connects);
    curl_easy_getinfo(link->easy, CURLINFO_REQUEST_SIZE, &request);
    curl_easy_getinfo(link->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    count_sent(link, sent);
    int64_t connecting = time_of(link, CURLINFO_PRETRANSFER_TIME_T);
    exchange->connecting = connects > 0 ? connecting : 0;
    exchange->was_late = code == CURLE_OPERATION_TIMEDOUT && connecting == 0;
    exchange->was_reused = connects == 0 && had_connection(link, code);
    exchange->was_sent = request > 0 &&
                         (exchange->method[0] != 'P' || sent >= exchange->body.length);
    if (link->verdict != WCI_LINK_OK) {
        exchange->failure = link->verdict;
    } else if (link->has_enough) {
        exchange->failure = WCI_LINK_OK;
    } else {
        exchange->failure = failure_of(link, code);
        if (code != CURLE_OK)
            tell_reason(link, code);
    }
    doubt_success(exchange);
}

CURLcode wci_link_listen(struct wci_link *link)
{
    CURL *easy = link->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, hear_head);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, link);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, hear_body);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, link);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, hear_progress);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_XFERINFODATA, link);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, link->words);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_PRIVATE, link);
    return code;
}
