/*
 * Answers that are worked out once and shared: bytes by a key.
 *
 * What an answer depends on has a version, a number that grows with every change of it. Whoever
 * asks gets an answer of the version that there was when he asked, or of a later one, never of an
 * earlier. Where the version is not sure he gets one that was begun after he had asked. However
 * many ask for the same at once, one works it out and the rest wait for him; who asks after a
 * change that he did not see waits for him too, and then shares the next answer with all who wait
 * so. A failure goes to those who wait for it and is not kept.
 *
 * The least recently asked answers go when all together, keys included, are past the limit. What
 * somebody holds stays until he lets go.
 */
#ifndef WCI_BASE_CACHE_H
#define WCI_BASE_CACHE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* An answer. It never changes. */
struct wci_cached {
    atomic_int holders;
    int64_t version, number; /* it was worked out after so many others were begun */
    size_t size;
    char data[]; /* with a NUL behind it, which `size` does not count */
};

/* It grows with every change; when it is not sure, there may be changes that it does not count yet.
 */
struct wci_cache_version {
    int64_t count;
    bool is_sure;
};

struct wci_cache_question {
    const char *key;
    int64_t now; /* microseconds of a clock that only grows */
    /* No lock is held while they are called. */
    wildcam_status (*version)(void *user, struct wci_cache_version *version);
    wildcam_status (*make)(void *user, struct wci_text *answer);
    void *user;
};

struct wci_cache_figures {
    int64_t hits;   /* asked for and not worked out: it was there, or somebody else just did */
    int64_t misses; /* worked out, or tried to */
    int64_t bytes, entries;
    int64_t waiting; /* who wait for somebody else, at this moment */
};

struct wci_cache;

/* At most so many bytes, each for so many microseconds; with 0 of either nothing is kept, and only
 * those who ask at once share. */
wildcam_status wci_cache_new(int64_t bytes, int64_t ttl, struct wci_cache **out);
/* Nobody asks any more. In a forked child only memory is given back. */
void wci_cache_free(struct wci_cache *cache, bool is_forked);

/* *out is the caller's to let go. */
wildcam_status wci_cache_ask(struct wci_cache *cache, const struct wci_cache_question *question,
                             struct wci_cached **out);
void wci_cached_let_go(struct wci_cached *cached); /* or NULL */

void wci_cache_look(struct wci_cache *cache, struct wci_cache_figures *figures);

#endif
