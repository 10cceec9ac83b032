/*
 * A transport that goes nowhere: S3 in memory, as many regions as wanted, with a clock that runs
 * only when nobody has anything to do.
 *
 * It does what S3 does, checks each body against the digest that was signed, and notes every
 * request. Rules make it do something else.
 */
#ifndef TESTS_UNIT_FAKE_S3_H
#define TESTS_UNIT_FAKE_S3_H

#include "upload/s3.h"
#include "upload/transport.h"

enum { FAKE_ANY = -1, FAKE_FOREVER = 1 << 30 };

/* For the next `times` requests that fit, in the order of the rules. */
struct fake_rule {
    int region, verb; /* or FAKE_ANY */
    int after;        /* so many that fit are left alone before */
    int times;        /* 0 is 1 */
    /* What happens. */
    enum wci_link_failure failure;
    bool was_reused;         /* only a request that may go over an old connection is hit */
    bool was_sent, is_done;  /* the body went out whole; what was asked was done all the same */
    int status;              /* the answer, instead of the right one; 0 leaves it */
    const char *code;        /* of an error; its message is "as the rule says" */
    const char *headers;     /* more of them: "name: value\n" */
    const char *body;        /* instead of an error's XML */
    int64_t delay;           /* microseconds; 0 is one millisecond, -1 for ever */
    int64_t connects_in;     /* so long takes each connection: it may come too late */
    void (*meanwhile)(void); /* called when it comes in */
};

struct fake_request {
    int region;
    enum wci_s3_verb verb;
    int part, marker; /* LIST_PARTS: behind which one */
    bool was_fresh;
    int64_t at; /* of the fake's clock, when it came in */
    char key[128];
    char headers[1024]; /* as they were sent */
};

extern const struct wci_transport_ops fake_s3;

/* Before an engine is opened: the regions are r0, r1, ... at http://rN.test. Everything is new. */
void fake_reset(int regions);
/* A conf for them, with credentials; freed with wildcam_conf_free(). */
wildcam_conf *fake_conf(void);
void fake_rule(struct fake_rule rule);
void fake_forget_rules(void);

/* Called around what the servers do: their memory is not what is to run out. */
void fake_apart(void (*entering)(void), void (*leaving)(void));

int64_t fake_now(void);
void fake_pass(int64_t microseconds);
/* When nothing is under way, run() waits for wake() instead of failing the test. */
void fake_wait_for_wake(void);
/* Requests that are under way now, and the most that ever were. */
int fake_under_way(void);
int fake_most_under_way(void);

/* What came in. */
int fake_count(int region, int verb); /* or FAKE_ANY */
const struct fake_request *fake_request_at(int index);

/* What is there. */
bool fake_has(int region, const char *key);
/* Whether it has just these bytes. */
bool fake_holds(int region, const char *key, const void *data, size_t size);
int fake_copies(const char *key); /* in all regions */
int fake_objects(void);
int fake_uploads(int region); /* that were begun and neither joined nor dropped */
void fake_put(int region, const char *key, const void *data, size_t size, const char *sha256);
/* Begins a multipart upload, for resuming; its id. */
const char *fake_begin(int region, const char *key);
void fake_put_part(const char *id, int number, const void *data, size_t size);

#endif
