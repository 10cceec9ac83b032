/*
 * Exchanges by libcurl. What is set here and in curl_request.c for one version's sake was measured
 * with 7.88:
 *
 * - It does not see that a TLS server has closed an idle connection, and so takes up to five dead
 *   ones from its pool and fails (fixed in 8.0.0). Connections are given up after two idle seconds.
 * - Its low-speed limit counts the time in which the rate limit holds a transfer up, and takes what
 *   the system has in its buffers for sent. The watch here does neither.
 * - Waiting for a name holds up every other transfer when its time is over, unless QUICK_EXIT says
 *   that nobody wants it any more.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/calendar.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/thread.h"
#include "upload/curl_link.h"

enum { CA_FILE_MAX = 16 << 20, LOOK_EVERY = 1000000 /* microseconds at most */ };

/* ---- lists ---- */

void wci_link_append(struct wci_link_list *list, struct wci_link *link)
{
    link->next = NULL;
    link->previous = list->last;
    if (list->last)
        list->last->next = link;
    else
        list->first = link;
    list->last = link;
    list->count++;
}

void wci_link_remove(struct wci_link_list *list, struct wci_link *link)
{
    if (link->previous)
        link->previous->next = link->next;
    else
        list->first = link->next;
    if (link->next)
        link->next->previous = link->previous;
    else
        list->last = link->previous;
    list->count--;
}

/* ---- opening and closing ---- */

/* Never undone: others in the process may use libcurl too. */
static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* So that a wrong path is found at the start, not in each region's failures. */
static wildcam_status check_ca_file(const char *path)
{
    char *text;
    size_t size;
    if (!path[0])
        return WILDCAM_OK;
    wildcam_status status = wci_file_load(path, CA_FILE_MAX, &text, &size);
    if (status == WILDCAM_ERR_NOMEM)
        return status;
    if (status != WILDCAM_OK) {
        struct wci_error error;
        wci_error_prefix("s3.ca_file");
        wci_error_save(&error);
        error.status = WILDCAM_ERR_INVALID;
        return wci_error_restore(&error);
    }
    bool has_one = strstr(text, "-----BEGIN ") != NULL;
    free(text);
    if (has_one)
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_INVALID, "s3.ca_file: %s holds no certificate in PEM", path);
}

static void free_memory(wci_carrier *self)
{
    free(self->resting);
    free(self->sockets);
    free(self);
}

static void close_carrier(wci_carrier *self, bool is_forked)
{
    if (!self)
        return;
    if (is_forked) {
        /* libcurl may have been in the middle of something, and it would say goodbye on the
         * parent's connections: it is left alone, but for the sockets, which would keep them open
         * when the parent closes them. */
        wci_carrier_close_sockets(self);
        free_memory(self);
        return;
    }
    struct wci_held_signal held;
    wci_broken_pipe_hold(&held); /* a TLS library may write to a connection that is gone */
    while (self->resting && self->resting_count > 0)
        curl_easy_cleanup(self->resting[--self->resting_count]);
    curl_multi_cleanup(self->multi);
    curl_share_cleanup(self->share);
    wci_broken_pipe_let_go(&held);
    free_memory(self);
}

static bool set_up(wci_carrier *self)
{
    self->multi = curl_multi_init();
    self->share = curl_share_init();
    return self->multi && self->share &&
           curl_multi_setopt(self->multi, CURLMOPT_MAXCONNECTS, (long)self->connections) ==
               CURLM_OK &&
           /* One thread at a time leads: no locks. */
           curl_share_setopt(self->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) ==
               CURLSHE_OK;
}

static wildcam_status open_carrier(const wildcam_conf *conf, const struct wci_log *log,
                                   wci_carrier **out)
{
    wildcam_status status = check_ca_file(wci_conf_text(conf, WCI_S3_CA_FILE));
    if (status != WILDCAM_OK)
        return status;
    pthread_once(&curl_once, start_curl);
    wci_carrier *self = wci_new(sizeof *self);
    if (!self)
        return WILDCAM_ERR_NOMEM;
    self->conf = conf;
    self->log = log;
    self->connections = (int)wci_conf_int(conf, WCI_S3_CONNECTIONS);
    self->idle_timeout = (int64_t)(wci_conf_real(conf, WCI_S3_IDLE_TIMEOUT) * (double)WCI_SECOND);
    self->misses_close = curl_version_info(CURLVERSION_NOW)->version_num < 0x080000;
    wci_pace_init(&self->pace, wci_conf_int(conf, WCI_S3_RATE_LIMIT), wci_calendar_monotonic());
    /* Those in use and those that rest, each tried over IPv6 and IPv4. */
    self->socket_room = 4 * self->connections + 16;
    self->resting = wci_new_array((size_t)self->connections, sizeof(CURL *));
    self->sockets = wci_new_array((size_t)self->socket_room, sizeof *self->sockets);
    for (int i = 0; self->sockets && i < self->socket_room; i++)
        self->sockets[i] = -1;
    if (!self->resting || !self->sockets || !set_up(self)) {
        close_carrier(self, false);
        return wci_fail_memory();
    }
    *out = self;
    return WILDCAM_OK;
}

/* ---- beginning and ending exchanges ---- */

static CURL *take_easy(wci_carrier *self)
{
    return self->resting_count > 0 ? self->resting[--self->resting_count] : curl_easy_init();
}

static void rest_easy(wci_carrier *self, CURL *easy)
{
    if (!easy)
        return;
    curl_easy_reset(easy); /* not its connections and what it knows of TLS */
    if (self->resting_count < self->connections)
        self->resting[self->resting_count++] = easy;
    else
        curl_easy_cleanup(easy);
}

static void free_link(struct wci_link *link)
{
    rest_easy(link->carrier, link->easy);
    wci_link_free_headers(link);
    free(link);
}

static void look_again(wci_carrier *self, int64_t now)
{
    int64_t eighth = self->idle_timeout / 8;
    self->next_look = now + (eighth < LOOK_EVERY ? eighth : LOOK_EVERY);
}

/* Gives a link its connection: it is under way from here on. */
static wildcam_status begin(wci_carrier *self, struct wci_link *link)
{
    int64_t now = wci_calendar_monotonic();
    link->easy = take_easy(self);
    if (!link->easy)
        return wci_fail_memory();
    wildcam_status status = wci_link_describe(link, now);
    if (status != WILDCAM_OK)
        return status;
    if (curl_multi_add_handle(self->multi, link->easy) != CURLM_OK)
        return wci_fail_memory();
    link->exchange->started = link->at_was = now;
    if (self->active.count == 0)
        look_again(self, now);
    wci_link_append(&self->active, link);
    return WILDCAM_OK;
}

static void log_end(const wci_carrier *self, const struct wci_exchange *exchange)
{
    if (self->log->level < WILDCAM_LOG_DEBUG)
        return;
    const char *url = wci_text_get(&exchange->url);
    wci_log_write(self->log, WILDCAM_LOG_DEBUG, "upload", "%s %.*s: %d in %lld ms%s%s",
                  exchange->method, (int)strcspn(url, "?"), url, exchange->status,
                  (long long)((exchange->ended - exchange->started) / 1000),
                  exchange->failure == WCI_LINK_OK ? "" : ", ", exchange->reason);
}

/* Hands an exchange back. Its link is in no list any more. */
static void hand_back(wci_carrier *self, struct wci_link *link)
{
    struct wci_exchange *exchange = link->exchange;
    exchange->ended = wci_calendar_monotonic();
    if (exchange->started == 0)
        exchange->started = exchange->ended;
    exchange->transport = NULL;
    free_link(link);
    log_end(self, exchange);
    exchange->done(exchange->user, exchange);
}

static void end_active(wci_carrier *self, struct wci_link *link, CURLcode code)
{
    wci_link_conclude(link, code);
    curl_multi_remove_handle(self->multi, link->easy);
    wci_link_remove(&self->active, link);
    wci_pace_give_back(&self->pace, link->granted);
    self->paused_count -= link->is_paused;
    hand_back(self, link);
}

static void end_waiting(wci_carrier *self, struct wci_link *link)
{
    wci_link_remove(&self->waiting, link);
    link->exchange->failure = link->verdict;
    hand_back(self, link);
}

static bool is_overdue(const struct wci_exchange *exchange, int64_t now)
{
    return exchange->deadline && exchange->deadline <= now;
}

static wildcam_status send_exchange(wci_carrier *self, struct wci_exchange *exchange)
{
    struct wci_link *link = wci_new(sizeof *link);
    if (!link)
        return WILDCAM_ERR_NOMEM;
    wci_exchange_renew(exchange);
    link->carrier = self;
    link->exchange = exchange;
    link->fd = -1;
    wildcam_status status = exchange->url.failed || exchange->headers.failed || !exchange->url.data
                                ? wci_fail_memory()
                                : wci_link_read_headers(link);
    bool has_room = exchange->is_beside ||
                    (self->waiting.count == 0 && self->active.count < self->connections);
    bool can_begin = has_room && !is_overdue(exchange, wci_calendar_monotonic());
    if (status == WILDCAM_OK && can_begin)
        status = begin(self, link);
    else if (status == WILDCAM_OK)
        wci_link_append(&self->waiting, link);
    if (status == WILDCAM_OK)
        exchange->transport = link;
    else
        free_link(link);
    return status;
}

static void cancel_exchange(wci_carrier *self, struct wci_exchange *exchange)
{
    struct wci_link *link = exchange->transport;
    if (!link)
        return;
    struct wci_held_signal held;
    wci_broken_pipe_hold(&held);
    wci_link_judge(link, WCI_LINK_CANCELLED, "cancelled");
    if (link->easy)
        end_active(self, link, CURLE_OK);
    else
        end_waiting(self, link);
    wci_broken_pipe_let_go(&held);
}

/* ---- moving ---- */

/* Those whose time is over end here too. True when one was handed back. */
static bool begin_waiting(wci_carrier *self)
{
    bool has_ended = false;
    wildcam_status status;
    while (self->waiting.first && self->active.count < self->connections) {
        struct wci_link *link = self->waiting.first;
        wci_link_remove(&self->waiting, link);
        if (is_overdue(link->exchange, wci_calendar_monotonic()))
            wci_link_judge(link, WCI_LINK_TIMED_OUT, "its time was over before it could begin");
        else if ((status = begin(self, link)) != WILDCAM_OK)
            wci_link_judge(link, status == WILDCAM_ERR_NOMEM ? WCI_LINK_MEMORY : WCI_LINK_LOCAL,
                           "%s", wildcam_error_message());
        if (link->verdict == WCI_LINK_OK)
            continue;
        wci_error_clear();
        link->exchange->failure = link->verdict;
        hand_back(self, link);
        has_ended = true;
    }
    return has_ended;
}

static bool collect(wci_carrier *self)
{
    bool has_ended = false;
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(self->multi, &left))) {
        struct wci_link *link = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &link);
        end_active(self, link, code);
        has_ended = true;
    }
    return has_ended;
}

static struct wci_link *find_still(wci_carrier *self, int64_t now)
{
    for (struct wci_link *link = self->active.first; link; link = link->next)
        if (wci_link_stands_still(link, now))
            return link;
    return NULL;
}

static struct wci_link *find_overdue(wci_carrier *self, int64_t now)
{
    for (struct wci_link *link = self->waiting.first; link; link = link->next)
        if (is_overdue(link->exchange, now))
            return link;
    return NULL;
}

/* Ends those that stand still, and those whose time ends before they have a connection. Each search
 * begins anew: a done() may end others. */
static bool look(wci_carrier *self, int64_t now)
{
    bool has_ended = false;
    struct wci_link *link;
    if (now < self->next_look)
        return false;
    look_again(self, now);
    while ((link = find_still(self, now))) {
        wci_link_judge(link, WCI_LINK_TIMED_OUT, "nothing moved for %.1f seconds",
                       (double)self->idle_timeout / (double)WCI_SECOND);
        end_active(self, link, CURLE_OK);
        has_ended = true;
    }
    while ((link = find_overdue(self, now))) {
        wci_link_judge(link, WCI_LINK_TIMED_OUT, "its time was over before it could begin");
        end_waiting(self, link);
        has_ended = true;
    }
    return has_ended;
}

/* How long to sleep: until the moment, the next look, or the next piece that the pace grants. */
static int nap(const wci_carrier *self, int64_t until, int64_t now)
{
    int64_t next = until;
    int64_t release = wci_link_release_time(self);
    if (release < next)
        next = release;
    if (self->active.count > 0 && self->next_look < next)
        next = self->next_look;
    int64_t rest = next > now ? (next - now + 999) / 1000 : 0;
    return rest < 60000 ? (int)rest : 60000;
}

static wildcam_status fail(CURLMcode code)
{
    if (code == CURLM_OUT_OF_MEMORY)
        return wci_fail_memory();
    return wci_fail_from(WILDCAM_ERR_INTERNAL, "curl", (int)code, "libcurl: %s",
                         curl_multi_strerror(code));
}

/* True when there is something to tell the caller. */
static bool step(wci_carrier *self, CURLMcode *code)
{
    int running;
    bool has_ended = begin_waiting(self);
    wci_pace_fill(&self->pace, wci_calendar_monotonic());
    wci_link_release_paused(self);
    *code = curl_multi_perform(self->multi, &running);
    has_ended |= collect(self);
    has_ended |= look(self, wci_calendar_monotonic());
    return atomic_exchange(&self->is_woken, false) || has_ended || *code != CURLM_OK;
}

static wildcam_status run(wci_carrier *self, int64_t until)
{
    struct wci_held_signal held;
    CURLMcode code;
    wci_broken_pipe_hold(&held);
    while (!step(self, &code)) {
        int64_t now = wci_calendar_monotonic();
        if (now >= until)
            break;
        code = curl_multi_poll(self->multi, NULL, 0, nap(self, until, now), NULL);
        if (code != CURLM_OK)
            break;
    }
    wci_broken_pipe_let_go(&held);
    return code == CURLM_OK ? WILDCAM_OK : fail(code);
}

static void wake(wci_carrier *self)
{
    if (!atomic_exchange(&self->is_woken, true))
        curl_multi_wakeup(self->multi);
}

static void limit(wci_carrier *self, int64_t bytes_per_second)
{
    wci_pace_set(&self->pace, bytes_per_second);
    curl_multi_wakeup(self->multi); /* those that wait may go on at once */
}

static int64_t moved(wci_carrier *self)
{
    return self->moved;
}

const struct wci_transport_ops wci_curl_transport = {
    .name = "curl",
    .open = open_carrier,
    .close = close_carrier,
    .send = send_exchange,
    .cancel = cancel_exchange,
    .run = run,
    .wake = wake,
    .limit = limit,
    .moved = moved,
};
