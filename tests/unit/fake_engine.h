/*
 * An engine (lib/upload/engine.h) without a network: what the tests say happens to an object, and
 * what lies in each region is at hand. Linked into a program, it stands in the place of the real
 * one.
 */
#ifndef TESTS_UNIT_FAKE_ENGINE_H
#define TESTS_UNIT_FAKE_ENGINE_H

#include <pthread.h>

#include "model/upload.h"
#include "upload/engine.h"

enum { FAKE_REGIONS = 3, FAKE_OBJECTS = 512, FAKE_SENDS = 4096 };

/* What becomes of what is sent. */
enum fake_fate {
    FAKE_TAKES,      /* the first region has it */
    FAKE_FAILS,      /* all regions failed */
    FAKE_OFFLINE,    /* nobody is to blame */
    FAKE_DENIES,     /* there are no credentials */
    FAKE_REFUSES,    /* it will never be taken */
    FAKE_HANGS,      /* until it is cancelled */
    FAKE_DOUBTS,     /* the first region has it too, and nobody knows: the second one says so */
    FAKE_LEAVES,     /* parts are left in the first region, the second has it */
    FAKE_BEGINS,     /* parts are begun in the first region, then it hangs */
    FAKE_STORES_LATE /* hangs, and when it is cancelled the first region has it all the same */
};

struct fake_object {
    char key[WCI_UPLOAD_KEY];
    char sha256[65];
    char etag[80];
    int64_t bytes;
};

struct fake_send {
    char key[WCI_UPLOAD_KEY], metadata[256], resume_id[64];
    uint32_t look_first;
};

struct fake {
    pthread_mutex_t mutex;
    enum fake_fate fate;
    int room;          /* how many at once */
    int64_t opens;     /* of the monotonic clock */
    int64_t rest;      /* how long nobody tries after OFFLINE and DENIES */
    int fails_to_open; /* a status */
    bool lacks_keys;
    enum wci_region_state states[FAKE_REGIONS];
    enum wci_outcome errands[FAKE_REGIONS]; /* OK: as it is; else what each request comes to */
    struct fake_object objects[FAKE_REGIONS][FAKE_OBJECTS];
    size_t counts[FAKE_REGIONS];
    struct fake_send sends[FAKE_SENDS];
    size_t send_count;
    int most_at_once, at_once;
    int drops, deletes, heads; /* errands */
    atomic_int engines;        /* open ones */
    int hung;
    bool is_one_bucket; /* the second region leads to the first one's bucket */
};

extern struct fake fake;

/* Empties it; everything is taken. */
void fake_reset(void);
const struct fake_object *fake_find(int region, const char *key);
void fake_put(int region, const char *key, const char *sha256, int64_t bytes);
void fake_remove(int region, const char *key);

#endif
