/* An engine on the fake S3, and objects to send with it. */
#ifndef TESTS_UNIT_ENGINE_UNIT_H
#define TESTS_UNIT_ENGINE_UNIT_H

#include <stdatomic.h>

#include "fake_s3.h"
#include "unit.h"
#include "upload/engine.h"

extern wci_engine *engine;

/* Before an engine is opened: a setting that differs from fake_conf()'s. */
void engine_set(const char *name, const char *value);
/* With so many regions; closed with engine_end(), which sees to it that nothing is left. */
void engine_begin(int regions);
void engine_end(void);

/* An object, with what is needed to wait for it. */
struct parcel {
    struct wci_object object;
    atomic_bool is_done;
    int times_done;
    char key[64];
    void *data;
};

/* Of random bytes, under a key of its own. */
void parcel_make(struct parcel *parcel, const char *key, size_t size);
/* It goes in parts so small as no setting makes them. */
void parcel_split(struct parcel *parcel, size_t part_bytes);
void parcel_send(struct parcel *parcel);
void parcel_wait(struct parcel *parcel);
/* All in one. */
void parcel_deliver(struct parcel *parcel, const char *key, size_t size);
/* Has it cancelled in the middle of the n-th request from now, from 0 on. */
void parcel_cancel_at(struct parcel *parcel, int request);
/* That it is in this region, whole, and nowhere else; released. */
void parcel_arrived(struct parcel *parcel, int region);
/* That it failed so, with these words in its sentence; not released. */
void parcel_failed(const struct parcel *parcel, wildcam_status status, const char *words);
void parcel_free(struct parcel *parcel);

/* Answers of S3 that are wrong. */
struct fake_rule says(int region, int verb, int status, const char *code);
struct fake_rule breaks(int region, int verb, enum wci_link_failure failure);

#endif
