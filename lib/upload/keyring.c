/* When credentials are looked for: before those at hand expire, once for everybody, and not too
 * often when there are none. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <wildcam/time.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "upload/credential_source.h"
#include "upload/credentials.h"

enum { SOURCES_MAX = 5, BACKOFFS_MAX = 6 };

static const int64_t early = 300 * WCI_SECOND;       /* before they expire, others are looked for */
static const int64_t early_spread = 60 * WCI_SECOND; /* and up to so much earlier, by chance */
static const int64_t margin = 5 * WCI_SECOND;        /* a request must arrive before they expire */
static const int64_t grace = 300 * WCI_SECOND;       /* for those that had expired when they came */
static const int64_t first_backoff = 5 * WCI_SECOND, last_backoff = 300 * WCI_SECOND;
static const int64_t look_every = WCI_SECOND; /* whether a file has changed */

struct waiter {
    void (*ready)(void *user);
    void *user;
};

struct wci_keyring {
    const wildcam_conf *conf;
    const struct wci_log *log;
    struct wci_transport transport;
    struct wci_surroundings around;
    const struct wci_source *sources[SOURCES_MAX];
    size_t source_count, source; /* which one is being looked at */
    struct wci_search search;
    bool is_asking, is_closing;
    /* What was found. Times are of the monotonic clock: ours of the day may jump. */
    const struct wci_credentials *current;
    const struct wci_source *origin;
    int64_t refresh_at, ends; /* INT64_MAX for never */
    int64_t number;
    bool is_rejected;
    int rejections; /* in a row, without others being found */
    int64_t rejected_until;
    /* The last failure, until something is found. */
    struct wci_error error;
    int failures;
    int64_t next_try, next_look;
    /* Who waits for an answer, and those of them that are being told. */
    struct waiter *waiters, *told;
    size_t waiter_count, waiter_capacity, told_count;
    uint64_t chance;
};

/* ---- opening and closing ---- */

static const struct wci_source *source_named(struct wci_word name)
{
    static const struct wci_source *const named[] = {&wci_source_environment, &wci_source_file,
                                                     &wci_source_web_identity,
                                                     &wci_source_container, &wci_source_instance};
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
        if (wci_word_is(name, named[i]->name))
            return named[i];
    return NULL;
}

static void choose_sources(wci_keyring *keyring)
{
    void *user;
    struct wci_word word;
    const char *at = wci_conf_text(keyring->conf, WCI_S3_CREDENTIALS);
    /* A secret alone is a mistake that is told: nothing else is meant. */
    if (*wci_conf_text(keyring->conf, WCI_S3_ACCESS_KEY) ||
        *wci_conf_text(keyring->conf, WCI_S3_SECRET_KEY)) {
        keyring->sources[keyring->source_count++] = &wci_source_settings;
        return;
    }
    if (wci_conf_credentials(keyring->conf, &user)) {
        keyring->sources[keyring->source_count++] = &wci_source_callback;
        return;
    }
    while (keyring->source_count < SOURCES_MAX && wci_list_next(&at, &word))
        if ((keyring->sources[keyring->source_count] = source_named(word)))
            keyring->source_count++;
}

wildcam_status wci_keyring_open(const wildcam_conf *conf, const struct wci_log *log,
                                const struct wci_transport *transport, wci_keyring **out)
{
    wci_keyring *keyring = wci_new(sizeof *keyring);
    *out = NULL;
    if (!keyring)
        return WILDCAM_ERR_NOMEM;
    keyring->conf = conf;
    keyring->log = log;
    keyring->transport = *transport;
    keyring->chance = (uint64_t)wci_calendar_monotonic() | 1;
    if (getrandom(&keyring->chance, sizeof keyring->chance, GRND_NONBLOCK) < 0 ||
        keyring->chance == 0)
        keyring->chance = (uint64_t)wci_calendar_monotonic() | 1; /* spreading needs no secret */
    choose_sources(keyring);
    wci_search_init(&keyring->search, conf, &keyring->around);
    bool is_told = keyring->source_count && !keyring->sources[0]->name;
    wildcam_status status = is_told ? WILDCAM_OK : wci_surroundings_read(&keyring->around);
    if (status == WILDCAM_OK)
        *out = keyring;
    else
        wci_keyring_close(keyring, false);
    return status;
}

void wci_keyring_close(wci_keyring *keyring, bool is_forked)
{
    if (!keyring)
        return;
    keyring->is_closing = true;
    if (keyring->is_asking && !is_forked)
        keyring->transport.ops->cancel(keyring->transport.carrier, &keyring->search.exchange);
    wci_search_release(&keyring->search);
    wci_surroundings_forget(&keyring->around);
    wci_credentials_let_go(keyring->current);
    free(keyring->waiters);
    free(keyring);
}

/* ---- times ---- */

static int64_t now_of(const wci_keyring *keyring)
{
    const struct wci_transport *transport = &keyring->transport;
    return transport->ops->clock ? transport->ops->clock(transport->carrier)
                                 : wci_calendar_monotonic();
}

/* By chance up to a bound: Marsaglia's xorshift. */
static int64_t up_to(wci_keyring *keyring, int64_t bound)
{
    uint64_t chance = keyring->chance;
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    keyring->chance = chance;
    return (int64_t)(chance % (uint64_t)(bound + 1));
}

/* Twice as long each time, a half of it by chance. */
static int64_t backoff(wci_keyring *keyring, int times)
{
    int64_t wait = first_backoff << (times < BACKOFFS_MAX ? times : BACKOFFS_MAX);
    if (wait > last_backoff)
        wait = last_backoff;
    return wait / 2 + up_to(keyring, wait / 2);
}

static bool are_good(const wci_keyring *keyring)
{
    return keyring->current && !keyring->is_rejected && now_of(keyring) < keyring->ends;
}

static void plan_refresh(wci_keyring *keyring, int64_t lifetime)
{
    int64_t before = early + up_to(keyring, early_spread);
    int64_t now = now_of(keyring);
    keyring->refresh_at = keyring->ends = INT64_MAX;
    if (lifetime == WILDCAM_TIME_NONE)
        return;
    if (lifetime < 2 * margin) {
        wci_log_write(keyring->log, WILDCAM_LOG_WARNING, "upload",
                      "the credentials from %s had expired when they came, or a clock is wrong; "
                      "they are used until a server says so",
                      keyring->origin->words);
        lifetime = grace;
    }
    if (before > lifetime / 2)
        before = lifetime / 2;
    if (__builtin_add_overflow(now, lifetime - margin, &keyring->ends))
        keyring->ends = INT64_MAX;
    keyring->refresh_at = keyring->ends - (before - margin);
}

/* ---- what a search comes to ---- */

static void settle_failure(wci_keyring *keyring)
{
    struct wci_error error;
    wci_error_save(&error);
    if (error.status == WILDCAM_OK || error.status == WILDCAM_ERR_BUSY)
        error.status = WILDCAM_ERR_IO; /* BUSY means another thing here */
    keyring->error = error;
    /* Want of memory says nothing of the sources: whoever asks next may have more. */
    bool is_ours = error.status == WILDCAM_ERR_NOMEM;
    int64_t wait = is_ours ? 0 : backoff(keyring, keyring->failures++);
    keyring->next_try = now_of(keyring) + wait;
    int level = keyring->failures <= 1 ? WILDCAM_LOG_WARNING : WILDCAM_LOG_DEBUG;
    wci_log_write(keyring->log, level, "upload", "%s; %s%s", error.message,
                  are_good(keyring) ? "the credentials at hand are still good, and " : "",
                  "others are looked for again later");
    wci_search_renew(&keyring->search);
}

static bool is_same(const struct wci_credentials *credentials, const wildcam_credentials *found)
{
    return credentials && strcmp(credentials->access_key, found->access_key) == 0 &&
           strcmp(credentials->secret_key, found->secret_key) == 0 &&
           strcmp(credentials->session_token, found->session_token) == 0;
}

static void settle_found(wci_keyring *keyring)
{
    struct wci_search *search = &keyring->search;
    const struct wci_source *source = keyring->sources[keyring->source];
    bool is_same_again = is_same(keyring->current, &search->found);
    if (is_same_again && keyring->is_rejected && now_of(keyring) < keyring->rejected_until) {
        wci_fail(WILDCAM_ERR_DENIED,
                 "the server says that the credentials from %s have expired, and there are no "
                 "others",
                 source->words);
        settle_failure(keyring);
        return;
    }
    const struct wci_credentials *made = wci_credentials_make(&search->found, keyring->number + 1);
    if (!made) {
        settle_failure(keyring);
        return;
    }
    wci_credentials_let_go(keyring->current);
    keyring->current = made;
    keyring->number++;
    keyring->origin = source;
    keyring->is_rejected = false;
    if (!is_same_again)
        keyring->rejections = 0;
    keyring->failures = 0;
    keyring->next_try = 0;
    plan_refresh(keyring, search->lifetime);
    wci_log_write(keyring->log, WILDCAM_LOG_INFO, "upload", "credentials come from %s",
                  source->words);
    wci_search_renew(search);
}

static void exchange_ended(void *user, struct wci_exchange *exchange);

static enum wci_finding send_exchange(wci_keyring *keyring)
{
    struct wci_exchange *exchange = &keyring->search.exchange;
    if (exchange->url.failed || exchange->headers.failed) {
        wci_fail_memory();
        return WCI_FAILED;
    }
    exchange->deadline = now_of(keyring) + keyring->search.patience;
    exchange->connect_time = keyring->search.patience;
    exchange->done = exchange_ended;
    exchange->user = keyring;
    if (keyring->transport.ops->send(keyring->transport.carrier, exchange) != WILDCAM_OK)
        return WCI_FAILED;
    keyring->is_asking = true;
    return WCI_ASKING;
}

/* A source has no more what it gave: nobody changes to another identity while that is good. */
static bool would_change(const wci_keyring *keyring)
{
    return keyring->sources[keyring->source] == keyring->origin && are_good(keyring);
}

static enum wci_finding look_at_next(wci_keyring *keyring)
{
    const struct wci_text *lacks = &keyring->search.lacks;
    if (keyring->source_count && !would_change(keyring) &&
        ++keyring->source < keyring->source_count)
        return keyring->sources[keyring->source]->begin(&keyring->search);
    if (lacks->failed)
        wci_fail_memory();
    else
        wci_fail(WILDCAM_ERR_DENIED,
                 "there are no credentials for S3: s3.access_key is not set; %s",
                 lacks->length ? lacks->data : "s3.credentials names no place to look for them");
    return WCI_FAILED;
}

static void go_through(wci_keyring *keyring, enum wci_finding finding)
{
    while (finding == WCI_LACKING)
        finding = look_at_next(keyring);
    if (finding == WCI_ASKING)
        finding = send_exchange(keyring);
    if (finding == WCI_FOUND)
        settle_found(keyring);
    else if (finding == WCI_FAILED)
        settle_failure(keyring);
    wci_error_clear(); /* it is kept for those who ask */
}

static void begin_search(wci_keyring *keyring)
{
    wci_search_renew(&keyring->search);
    keyring->search.has_looked_at_files = false;
    keyring->source = 0;
    go_through(keyring,
               keyring->source_count ? keyring->sources[0]->begin(&keyring->search) : WCI_LACKING);
}

/* ---- who waits ---- */

/* Each is told once. Who is told may ask, and wait, again; or take back another's wait. */
static void tell_waiters(wci_keyring *keyring)
{
    struct waiter *waiters = keyring->waiters;
    size_t count = keyring->waiter_count;
    keyring->told = waiters;
    keyring->told_count = count;
    keyring->waiters = NULL;
    keyring->waiter_count = keyring->waiter_capacity = 0;
    for (size_t i = 0; i < count; i++)
        if (waiters[i].ready)
            waiters[i].ready(waiters[i].user);
    keyring->told = NULL;
    keyring->told_count = 0;
    free(waiters);
}

static void exchange_ended(void *user, struct wci_exchange *exchange)
{
    wci_keyring *keyring = user;
    (void)exchange;
    keyring->is_asking = false;
    if (keyring->is_closing)
        return;
    go_through(keyring, keyring->sources[keyring->source]->go_on(&keyring->search));
    if (!keyring->is_asking)
        tell_waiters(keyring);
}

static wildcam_status wait_for_answer(wci_keyring *keyring, void (*ready)(void *user), void *user)
{
    void *waiters = keyring->waiters;
    if (wci_reserve(&waiters, &keyring->waiter_capacity, keyring->waiter_count + 1,
                    sizeof *keyring->waiters) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    keyring->waiters = waiters;
    keyring->waiters[keyring->waiter_count++] = (struct waiter){ready, user};
    return wci_fail(WILDCAM_ERR_BUSY, "credentials are being asked for");
}

static void forget(struct waiter *waiters, size_t count, const void *user)
{
    for (size_t i = 0; i < count; i++)
        if (waiters[i].user == user)
            waiters[i].ready = NULL;
}

void wci_keyring_forget(wci_keyring *keyring, void *user)
{
    forget(keyring->waiters, keyring->waiter_count, user);
    forget(keyring->told, keyring->told_count, user);
}

/* ---- asking for them ---- */

/* Whether what a source has is another than it had. One that was found last, or lacked what it
 * takes, is looked at; not the others. */
static bool has_changed(wci_keyring *keyring, int64_t now)
{
    bool changed = false;
    if (now < keyring->next_look)
        return false;
    keyring->next_look = now + look_every;
    for (size_t i = 0; i < keyring->source_count; i++) {
        const struct wci_source *source = keyring->sources[i];
        if (source->has_changed && (!keyring->current || keyring->origin == source))
            changed = changed || source->has_changed(&keyring->search);
    }
    return changed;
}

static bool wants_search(wci_keyring *keyring)
{
    int64_t now = now_of(keyring);
    bool has_asked = keyring->current || keyring->failures;
    if (has_asked && has_changed(keyring, now))
        return true;
    if (now < keyring->next_try)
        return false;
    return !are_good(keyring) || now >= keyring->refresh_at;
}

wildcam_status wci_keyring_get(wci_keyring *keyring, void (*ready)(void *user), void *user,
                               const struct wci_credentials **out)
{
    *out = NULL;
    if (!keyring->is_asking && wants_search(keyring))
        begin_search(keyring);
    if (are_good(keyring)) {
        *out = wci_credentials_hold(keyring->current);
        return WILDCAM_OK;
    }
    if (keyring->is_asking)
        return wait_for_answer(keyring, ready, user);
    int64_t wait = keyring->next_try - now_of(keyring);
    return wci_fail(keyring->error.status, "%s; they are looked for again in %lld s",
                    keyring->error.message, (long long)((wait + WCI_SECOND - 1) / WCI_SECOND));
}

void wci_keyring_reject(wci_keyring *keyring, const struct wci_credentials *credentials)
{
    if (!keyring->current || credentials->number != keyring->current->number ||
        keyring->is_rejected)
        return; /* others have been found since, or it was said before */
    keyring->is_rejected = true;
    keyring->next_try = 0;
    keyring->rejected_until = now_of(keyring) + backoff(keyring, 2 + keyring->rejections++);
}
