#include "base/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/chance.h"
#include "base/hash.h"
#include "base/memory.h"

enum { FIRST_BUCKETS = 64 };

struct entry {
    struct entry *next;          /* of its bucket */
    struct entry *newer, *older; /* by when it was asked for */
    struct wci_cached *value;
    int64_t until;
    uint64_t hash;
    size_t cost;
    char key[];
};

/* An answer that somebody is working out. */
struct flight {
    struct flight *next;
    int64_t version, number;
    int users; /* he and who waits */
    bool is_over;
    pthread_cond_t over;
    struct wci_cached *value; /* NULL when it failed */
    struct wci_error error;
    const char *key; /* his who works it out, while it is not over */
};

struct wci_cache {
    pthread_mutex_t mutex; /* all below */
    int64_t limit, ttl;
    uint64_t seed; /* so that nobody can choose keys that fall into one bucket */
    struct entry **buckets;
    size_t bucket_count; /* a power of two */
    struct entry *newest, *oldest;
    struct flight *flights;
    int64_t begun; /* how many there have been */
    struct wci_cache_figures figures;
};

wildcam_status wci_cache_new(int64_t bytes, int64_t ttl, struct wci_cache **out)
{
    struct wci_cache *cache = wci_new(sizeof *cache);
    *out = NULL;
    if (!cache)
        return WILDCAM_ERR_NOMEM;
    cache->limit = ttl > 0 ? bytes : 0;
    cache->ttl = ttl;
    cache->bucket_count = FIRST_BUCKETS;
    cache->buckets = wci_new_array(FIRST_BUCKETS, sizeof *cache->buckets);
    wildcam_status status = cache->buckets ? wci_chance_fill(&cache->seed, sizeof cache->seed)
                                           : WILDCAM_ERR_NOMEM;
    if (status == WILDCAM_OK && pthread_mutex_init(&cache->mutex, NULL) != 0)
        status = wci_fail_memory();
    if (status != WILDCAM_OK) {
        free(cache->buckets);
        free(cache);
        return status;
    }
    *out = cache;
    return WILDCAM_OK;
}

void wci_cached_let_go(struct wci_cached *cached)
{
    if (cached && --cached->holders == 0)
        free(cached);
}

void wci_cache_free(struct wci_cache *cache, bool is_forked)
{
    if (!cache)
        return;
    while (cache->newest) {
        struct entry *entry = cache->newest;
        cache->newest = entry->older;
        wci_cached_let_go(entry->value);
        free(entry);
    }
    if (!is_forked)
        pthread_mutex_destroy(&cache->mutex);
    free(cache->buckets);
    free(cache);
}

/* From a seed of its own. */
static uint64_t hash_of(const struct wci_cache *cache, const char *key)
{
    uint64_t hash = wci_hash_add_text(cache->seed ^ WCI_HASH_BEGIN, key);
    return hash ^ hash >> 32;
}

/* ---- what is kept ---- */

static struct entry **place_of(const struct wci_cache *cache, uint64_t hash, const char *key)
{
    struct entry **place = &cache->buckets[hash & (cache->bucket_count - 1)];
    while (*place && ((*place)->hash != hash || strcmp((*place)->key, key) != 0))
        place = &(*place)->next;
    return place;
}

/* Of one that is kept. */
static struct entry **place_of_entry(const struct wci_cache *cache, const struct entry *entry)
{
    struct entry **place = &cache->buckets[entry->hash & (cache->bucket_count - 1)];
    while (*place != entry)
        place = &(*place)->next;
    return place;
}

static void take_out_of_order(struct wci_cache *cache, struct entry *entry)
{
    *(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void make_newest(struct wci_cache *cache, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static void drop(struct wci_cache *cache, struct entry **place)
{
    struct entry *entry = *place;
    *place = entry->next;
    take_out_of_order(cache, entry);
    cache->figures.bytes -= (int64_t)entry->cost;
    cache->figures.entries--;
    wci_cached_let_go(entry->value);
    free(entry);
}

/* Without memory for it the buckets stay as few, and are searched for longer. */
static void grow(struct wci_cache *cache)
{
    size_t count = cache->bucket_count * 2;
    if ((size_t)cache->figures.entries < cache->bucket_count)
        return;
    struct entry **buckets = wci_new_array(count, sizeof *buckets);
    if (!buckets)
        return;
    for (struct entry *entry = cache->newest; entry; entry = entry->older) {
        struct entry **bucket = &buckets[entry->hash & (count - 1)];
        entry->next = *bucket;
        *bucket = entry;
    }
    free(cache->buckets);
    cache->buckets = buckets;
    cache->bucket_count = count;
}

/* What cannot be kept has been answered all the same. */
static void keep(struct wci_cache *cache, const char *key, struct wci_cached *value, int64_t now)
{
    uint64_t hash = hash_of(cache, key);
    size_t length = strlen(key) + 1;
    size_t cost = sizeof(struct entry) + sizeof *value + length + value->size + 1;
    struct entry **place = place_of(cache, hash, key);
    if (*place)
        drop(cache, place);
    if ((int64_t)cost > cache->limit)
        return;
    struct entry *entry = malloc(sizeof *entry + length);
    if (!entry)
        return;
    *entry = (struct entry){.value = value, .until = now + cache->ttl, .hash = hash, .cost = cost};
    memcpy(entry->key, key, length);
    value->holders++;
    while (cache->figures.bytes + (int64_t)cost > cache->limit)
        drop(cache, place_of_entry(cache, cache->oldest));
    grow(cache);
    struct entry **bucket = &cache->buckets[hash & (cache->bucket_count - 1)];
    entry->next = *bucket;
    *bucket = entry;
    make_newest(cache, entry);
    cache->figures.bytes += (int64_t)cost;
    cache->figures.entries++;
}

/* What somebody needs who asked when so many were begun, and this was the version. */
struct need {
    struct wci_cache_version version;
    int64_t begun;
};

static bool is_new_enough(const struct need *need, int64_t version, int64_t number)
{
    return number > need->begun || (need->version.is_sure && version >= need->version.count);
}

/* What is kept and new enough, held for the caller; NULL when it must be worked out. */
static struct wci_cached *find(struct wci_cache *cache, const struct wci_cache_question *question,
                               const struct need *need)
{
    struct entry **place = place_of(cache, hash_of(cache, question->key), question->key);
    struct entry *entry = *place;
    if (!entry)
        return NULL;
    if (question->now >= entry->until) {
        drop(cache, place);
        return NULL;
    }
    if (!is_new_enough(need, entry->value->version, entry->value->number))
        return NULL;
    take_out_of_order(cache, entry);
    make_newest(cache, entry);
    entry->value->holders++;
    return entry->value;
}

/* ---- who works it out, and who waits ---- */

static struct flight *flight_of(const struct wci_cache *cache, const char *key)
{
    struct flight *flight = cache->flights;
    while (flight && strcmp(flight->key, key) != 0)
        flight = flight->next;
    return flight;
}

static void leave(struct flight *flight)
{
    if (--flight->users > 0)
        return;
    wci_cached_let_go(flight->value);
    pthread_cond_destroy(&flight->over);
    free(flight);
}

/* Waits until it is over. Whether its answer is new enough is the caller's to judge. */
static void wait_for(struct wci_cache *cache, struct flight *flight)
{
    cache->figures.waiting++;
    while (!flight->is_over)
        pthread_cond_wait(&flight->over, &cache->mutex);
    cache->figures.waiting--;
}

static wildcam_status make(const struct wci_cache_question *question, const struct flight *flight,
                           struct wci_cached **out)
{
    struct wci_text text = {0};
    wildcam_status status = question->make(question->user, &text);
    if (status == WILDCAM_OK && text.failed)
        status = wci_fail_memory();
    struct wci_cached *value = NULL;
    if (status == WILDCAM_OK) {
        value = malloc(sizeof *value + text.length + 1);
        status = value ? WILDCAM_OK : wci_fail_memory();
    }
    if (value) {
        *value = (struct wci_cached){.holders = 1,
                                     .version = flight->version,
                                     .number = flight->number,
                                     .size = text.length};
        memcpy(value->data, wci_text_get(&text), text.length + 1);
    }
    wci_text_free(&text);
    *out = value;
    return status;
}

/* Without the mutex. The version is asked for again, before anything is read: those who came
 * meanwhile can share the answer. */
static wildcam_status work_out(struct wci_cache *cache, const struct wci_cache_question *question,
                               struct flight *flight, struct wci_cached **out)
{
    struct wci_cache_version version;
    wildcam_status status = question->version(question->user, &version);
    if (status != WILDCAM_OK)
        return status;
    pthread_mutex_lock(&cache->mutex);
    flight->version = version.count;
    pthread_mutex_unlock(&cache->mutex);
    return make(question, flight, out);
}

static wildcam_status lead(struct wci_cache *cache, const struct wci_cache_question *question,
                           struct flight *flight, struct wci_cached **out)
{
    pthread_mutex_unlock(&cache->mutex);
    wildcam_status status = work_out(cache, question, flight, out);
    pthread_mutex_lock(&cache->mutex);
    struct flight **place = &cache->flights;
    while (*place != flight)
        place = &(*place)->next;
    *place = flight->next;
    if (status == WILDCAM_OK) {
        (*out)->holders++;
        flight->value = *out;
        keep(cache, question->key, *out, question->now);
    } else {
        wci_error_save(&flight->error);
    }
    flight->is_over = true;
    pthread_cond_broadcast(&flight->over);
    leave(flight);
    return status;
}

static struct flight *take_off(struct wci_cache *cache, const char *key)
{
    struct flight *flight = wci_new(sizeof *flight);
    if (!flight)
        return NULL;
    if (pthread_cond_init(&flight->over, NULL) != 0) {
        wci_fail_memory();
        free(flight);
        return NULL;
    }
    flight->users = 1;
    flight->version = INT64_MIN; /* not known before it is asked for */
    flight->number = ++cache->begun;
    flight->key = key;
    flight->next = cache->flights;
    cache->flights = flight;
    return flight;
}

/* Shares the flight's answer, or its failure, unless it is of before. */
static bool shares(struct wci_cache *cache, struct flight *flight, const struct need *need,
                   wildcam_status *status, struct wci_cached **out)
{
    flight->users++;
    wait_for(cache, flight);
    bool shared = is_new_enough(need, flight->version, flight->number);
    if (shared && flight->value) {
        *out = flight->value;
        (*out)->holders++;
        cache->figures.hits++;
        *status = WILDCAM_OK;
    } else if (shared) {
        *status = wci_error_restore(&flight->error);
    }
    leave(flight);
    return shared;
}

wildcam_status wci_cache_ask(struct wci_cache *cache, const struct wci_cache_question *question,
                             struct wci_cached **out)
{
    struct need need;
    *out = NULL;
    pthread_mutex_lock(&cache->mutex);
    need.begun = cache->begun;
    pthread_mutex_unlock(&cache->mutex);
    wildcam_status status = question->version(question->user, &need.version);
    if (status != WILDCAM_OK)
        return status;
    pthread_mutex_lock(&cache->mutex);
    for (;;) {
        *out = find(cache, question, &need);
        cache->figures.hits += *out != NULL;
        if (*out)
            break;
        struct flight *flight = flight_of(cache, question->key);
        if (!flight) {
            cache->figures.misses++;
            flight = take_off(cache, question->key);
            status = flight ? lead(cache, question, flight, out) : WILDCAM_ERR_NOMEM;
            break;
        }
        if (shares(cache, flight, &need, &status, out))
            break;
    }
    pthread_mutex_unlock(&cache->mutex);
    return status;
}

void wci_cache_look(struct wci_cache *cache, struct wci_cache_figures *figures)
{
    pthread_mutex_lock(&cache->mutex);
    *figures = cache->figures;
    pthread_mutex_unlock(&cache->mutex);
}
