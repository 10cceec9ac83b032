#include "fake_s3.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/thread.h"
#include "fake_store.h"
#include "support/harness.h"

enum { RULES = 64, REQUESTS = 20000, UNDER_WAY = 4096 };

struct flight {
    struct wci_exchange *exchange;
    struct fake_request request;
    struct fake_rule rule;
    bool has_rule;
    int64_t due; /* INT64_MAX for never */
};

struct wci_carrier {
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    bool is_woken;
};

static struct {
    int regions;
    struct fake_rule rules[RULES];
    int rule_count;
    struct fake_request *requests;
    int request_count;
    struct flight flights[UNDER_WAY];
    int flight_count, most;
    _Atomic int64_t now, moved;
    bool waits_for_wake;
    void (*enter)(void), (*leave)(void);
    struct wci_carrier carrier;
} fake = {.carrier = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false}};

static void enter(void)
{
    if (fake.enter)
        fake.enter();
}

static void leave(void)
{
    if (fake.leave)
        fake.leave();
}

/* ---- requests ---- */

static const char *find_query(const char *url, const char *name)
{
    const char *query = strchr(url, '?');
    size_t length = strlen(name);
    while (query) {
        query++;
        if (strncmp(query, name, length) == 0 && strchr("=&", query[length]))
            return query[length] == '=' ? query + length + 1 : "";
        query = strchr(query, '&');
    }
    return NULL;
}

static enum wci_s3_verb verb_of(const struct wci_exchange *exchange)
{
    const char *url = wci_text_get(&exchange->url);
    bool has_id = find_query(url, "uploadId") != NULL;
    switch (exchange->method[0]) {
    case 'H':
        return WCI_S3_HEAD;
    case 'G':
        ck_assert(has_id);
        return WCI_S3_LIST_PARTS;
    case 'D':
        return has_id ? WCI_S3_DROP_PARTS : WCI_S3_DELETE;
    case 'P':
        if (exchange->method[1] == 'O')
            return has_id ? WCI_S3_JOIN_PARTS : WCI_S3_BEGIN_PARTS;
        return has_id ? WCI_S3_PUT_PART : WCI_S3_PUT;
    default:
        ck_abort_msg("a request by %s", exchange->method);
    }
}

static void read_request(const struct wci_exchange *exchange, struct fake_request *request)
{
    const char *url = wci_text_get(&exchange->url), *part = find_query(url, "partNumber");
    const char *marker = find_query(url, "part-number-marker");
    int region = -1, at = 0;
    ck_assert_msg(sscanf(url, "http://r%d.test/bucket/%n", &region, &at) == 1 && at, "%s", url);
    ck_assert(region >= 0 && region < fake.regions);
    request->region = region;
    request->verb = verb_of(exchange);
    request->part = part ? (int)strtol(part, NULL, 10) : 0;
    request->marker = marker ? (int)strtol(marker, NULL, 10) : 0;
    request->was_fresh = exchange->on_fresh_connection;
    request->at = fake.now;
    snprintf(request->key, sizeof request->key, "%.*s", (int)strcspn(url + at, "?"), url + at);
    snprintf(request->headers, sizeof request->headers, "%s", wci_text_get(&exchange->headers));
}

/* ---- rules ---- */

static bool fits(const struct fake_rule *rule, const struct fake_request *request)
{
    return (rule->region == FAKE_ANY || rule->region == request->region) &&
           (rule->verb == FAKE_ANY || rule->verb == (int)request->verb) &&
           !(rule->was_reused && request->was_fresh);
}

static bool find_rule(const struct fake_request *request, struct fake_rule *found)
{
    for (int i = 0; i < fake.rule_count; i++) {
        struct fake_rule *rule = &fake.rules[i];
        if (rule->times == 0 || !fits(rule, request))
            continue;
        if (rule->after > 0) {
            rule->after--;
            continue;
        }
        rule->times--;
        *found = *rule;
        return true;
    }
    return false;
}

void fake_rule(struct fake_rule rule)
{
    ck_assert_int_lt(fake.rule_count, RULES);
    rule.times += rule.times == 0;
    fake.rules[fake.rule_count++] = rule;
}

void fake_forget_rules(void)
{
    fake.rule_count = 0;
}

/* ---- answers ---- */

static void answer_error(struct wci_exchange *exchange, int status, const char *code,
                         const char *message)
{
    exchange->status = status;
    wci_text_empty(&exchange->answer);
    if (exchange->method[0] != 'H')
        wci_text_add_format(&exchange->answer,
                            "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>%s</Message>"
                            "<RequestId>4f2</RequestId></Error>",
                            code, message);
}

/* What the server does. */
static void do_as_asked(struct flight *flight)
{
    struct wci_exchange *exchange = flight->exchange;
    const struct fake_request *request = &flight->request;
    const char *id = find_query(wci_text_get(&exchange->url), "uploadId");
    struct fake_answer answer = {0};
    store_do(request, id, &exchange->body, wci_text_get(&exchange->headers), &answer);
    exchange->status = answer.status;
    if (answer.code)
        answer_error(exchange, answer.status, answer.code, "it is so");
    else
        wci_text_add(&exchange->answer, wci_text_get(&answer.body));
    wci_text_add(&exchange->head, wci_text_get(&answer.head));
    wci_text_free(&answer.body);
    wci_text_free(&answer.head);
}

static void forget_answer(struct wci_exchange *exchange)
{
    exchange->status = 0;
    exchange->was_answered = false;
    wci_text_empty(&exchange->head);
    wci_text_empty(&exchange->answer);
}

static void do_as_rule_says(struct flight *flight)
{
    const struct fake_rule *rule = &flight->rule;
    struct wci_exchange *exchange = flight->exchange;
    if (rule->is_done)
        do_as_asked(flight);
    if (rule->failure != WCI_LINK_OK) {
        forget_answer(exchange);
        exchange->failure = rule->failure;
        exchange->was_sent = rule->was_sent;
        exchange->was_reused = rule->was_reused;
        snprintf(exchange->reason, sizeof exchange->reason, "as the rule says");
        return;
    }
    if (rule->body) {
        exchange->status = rule->status;
        wci_text_empty(&exchange->answer);
        wci_text_add(&exchange->answer, rule->body);
    } else if (rule->status) {
        answer_error(exchange, rule->status, rule->code ? rule->code : "", "as the rule says");
        if (!rule->code)
            wci_text_empty(&exchange->answer);
    } else if (!rule->is_done) {
        do_as_asked(flight);
    }
    if (rule->headers)
        wci_text_add(&exchange->head, rule->headers);
}

static void complete(int index, enum wci_link_failure failure)
{
    struct flight flight = fake.flights[index];
    struct wci_exchange *exchange = flight.exchange;
    fake.flights[index] = fake.flights[--fake.flight_count];
    exchange->was_sent = exchange->was_answered = true;
    exchange->started = flight.request.at;
    exchange->ended = fake.now;
    if (failure == WCI_LINK_OK && flight.has_rule) {
        do_as_rule_says(&flight);
    } else if (failure == WCI_LINK_OK) {
        do_as_asked(&flight);
    } else {
        if (flight.has_rule && flight.rule.is_done)
            do_as_asked(&flight);
        forget_answer(exchange);
        exchange->failure = failure;
        exchange->was_sent = flight.has_rule && flight.rule.was_sent;
        snprintf(exchange->reason, sizeof exchange->reason, "%s",
                 failure == WCI_LINK_CANCELLED ? "cancelled" : "no answer in time");
    }
    if (exchange->was_sent)
        exchange->sent = exchange->body.length;
    fake.moved += exchange->sent;
    leave();
    exchange->done(exchange->user, exchange);
    enter();
}

/* ---- the transport ---- */

static wildcam_status open_fake(const wildcam_conf *conf, const struct wci_log *log,
                                wci_carrier **out)
{
    (void)conf;
    (void)log;
    *out = &fake.carrier;
    return WILDCAM_OK;
}

static void close_fake(wci_carrier *self, bool is_forked)
{
    (void)self;
    (void)is_forked;
    ck_assert_msg(fake.flight_count == 0, "%d requests are under way at the end",
                  fake.flight_count);
}

static void connect_slowly(struct flight *flight)
{
    struct wci_exchange *exchange = flight->exchange;
    exchange->was_late = exchange->connect_time < flight->rule.connects_in;
    exchange->connecting = exchange->was_late ? 0 : flight->rule.connects_in;
    flight->due += exchange->was_late ? exchange->connect_time : exchange->connecting;
    if (exchange->was_late)
        flight->rule.failure = WCI_LINK_UNREACHABLE;
}

static wildcam_status send_fake(wci_carrier *self, struct wci_exchange *exchange)
{
    (void)self;
    enter();
    ck_assert_int_lt(fake.flight_count, UNDER_WAY);
    struct flight *flight = &fake.flights[fake.flight_count];
    *flight = (struct flight){.exchange = exchange};
    read_request(exchange, &flight->request);
    flight->has_rule = find_rule(&flight->request, &flight->rule);
    int64_t delay = flight->has_rule ? flight->rule.delay : 0;
    flight->due = delay < 0 ? INT64_MAX : fake.now + (delay ? delay : 1000);
    if (flight->has_rule && flight->rule.connects_in)
        connect_slowly(flight);
    ck_assert_int_lt(fake.request_count, REQUESTS);
    fake.requests[fake.request_count++] = flight->request;
    fake.flight_count++;
    if (fake.flight_count > fake.most)
        fake.most = fake.flight_count;
    leave();
    if (flight->has_rule && flight->rule.meanwhile)
        flight->rule.meanwhile();
    return WILDCAM_OK;
}

static void cancel_fake(wci_carrier *self, struct wci_exchange *exchange)
{
    int index = 0;
    (void)self;
    enter();
    while (index < fake.flight_count && fake.flights[index].exchange != exchange)
        index++;
    ck_assert_msg(index < fake.flight_count, "what is cancelled is not under way");
    complete(index, WCI_LINK_CANCELLED);
    leave();
}

/* When something happens to it next. */
static int64_t event_of(const struct flight *flight)
{
    int64_t deadline = flight->exchange->deadline;
    return deadline && deadline < flight->due ? deadline : flight->due;
}

static int next_flight(void)
{
    int first = -1;
    for (int i = 0; i < fake.flight_count; i++)
        if (first < 0 || event_of(&fake.flights[i]) < event_of(&fake.flights[first]))
            first = i;
    return first;
}

static bool take_wake(wci_carrier *self, bool wait)
{
    pthread_mutex_lock(&self->mutex);
    while (wait && !self->is_woken)
        pthread_cond_wait(&self->woken, &self->mutex);
    bool was_woken = self->is_woken;
    self->is_woken = false;
    pthread_mutex_unlock(&self->mutex);
    return was_woken;
}

static void go_to(int64_t time)
{
    if (time > fake.now)
        fake.now = time;
}

static void run(wci_carrier *self, int64_t until)
{
    int next = next_flight();
    int64_t event = next < 0 ? INT64_MAX : event_of(&fake.flights[next]);
    bool is_idle = event == INT64_MAX && until == INT64_MAX;
    ck_assert_msg(!is_idle || fake.waits_for_wake || self->is_woken, "nothing will ever happen");
    if (take_wake(self, is_idle))
        return;
    go_to(event < until ? event : until);
    if (event <= until)
        complete(next, fake.flights[next].due <= event ? WCI_LINK_OK : WCI_LINK_TIMED_OUT);
}

static wildcam_status run_fake(wci_carrier *self, int64_t until)
{
    enter();
    run(self, until);
    leave();
    return WILDCAM_OK;
}

static void wake_fake(wci_carrier *self)
{
    pthread_mutex_lock(&self->mutex);
    self->is_woken = true;
    pthread_cond_broadcast(&self->woken);
    pthread_mutex_unlock(&self->mutex);
}

static void limit_fake(wci_carrier *self, int64_t bytes_per_second)
{
    (void)self;
    (void)bytes_per_second;
}

static int64_t moved_fake(wci_carrier *self)
{
    (void)self;
    return fake.moved;
}

static int64_t clock_fake(wci_carrier *self)
{
    (void)self;
    return fake.now;
}

const struct wci_transport_ops fake_s3 = {.name = "fake",
                                          .open = open_fake,
                                          .close = close_fake,
                                          .send = send_fake,
                                          .cancel = cancel_fake,
                                          .run = run_fake,
                                          .wake = wake_fake,
                                          .limit = limit_fake,
                                          .moved = moved_fake,
                                          .clock = clock_fake};

/* ---- what tests ask ---- */

void fake_reset(int regions)
{
    store_reset();
    fake.regions = regions;
    fake.rule_count = fake.request_count = fake.flight_count = fake.most = 0;
    fake.now = 1000 * WCI_SECOND;
    fake.moved = 0;
    fake.waits_for_wake = false;
    fake.enter = fake.leave = NULL;
    fake.carrier.is_woken = false;
    if (!fake.requests)
        fake.requests = calloc(REQUESTS, sizeof *fake.requests);
    ck_assert_ptr_nonnull(fake.requests);
}

wildcam_conf *fake_conf(void)
{
    static const char *const settings[][2] = {{"s3.endpoint", "http://{region}.test"},
                                              {"s3.bucket", "bucket"},
                                              {"s3.path_style", "true"},
                                              {"s3.access_key", "AKIAIOSFODNN7EXAMPLE"},
                                              {"s3.secret_key", "a-secret"}};
    char names[128] = "";
    wildcam_conf *conf;
    assert_ok(wildcam_conf_new(&conf));
    for (int i = 0; i < fake.regions; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%sr%d", i ? "," : "", i);
    assert_ok(wildcam_conf_set(conf, "s3.regions", names));
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        assert_ok(wildcam_conf_set(conf, settings[i][0], settings[i][1]));
    return conf;
}

void fake_apart(void (*entering)(void), void (*leaving)(void))
{
    fake.enter = entering;
    fake.leave = leaving;
}

int64_t fake_now(void)
{
    return fake.now;
}

void fake_pass(int64_t microseconds)
{
    fake.now += microseconds;
}

void fake_wait_for_wake(void)
{
    fake.waits_for_wake = true;
}

int fake_under_way(void)
{
    return fake.flight_count;
}

int fake_most_under_way(void)
{
    return fake.most;
}

int fake_count(int region, int verb)
{
    int count = 0;
    for (int i = 0; i < fake.request_count; i++)
        count += (region == FAKE_ANY || fake.requests[i].region == region) &&
                 (verb == FAKE_ANY || (int)fake.requests[i].verb == verb);
    return count;
}

const struct fake_request *fake_request_at(int index)
{
    ck_assert_int_lt(index, fake.request_count);
    return &fake.requests[index];
}
