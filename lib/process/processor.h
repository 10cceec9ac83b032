/*
 * What is done with pictures once they are kept.
 *
 * The row of each picture is the queue (model/processing.h): rows that are due are claimed with
 * leases, their pictures looked at by the detectors, and what was found is written in the
 * transaction that settles the row, so that any number of processes may work on one store, and one
 * that dies loses nothing.
 */
#ifndef WCI_PROCESS_PROCESSOR_H
#define WCI_PROCESS_PROCESSOR_H

#include <stdatomic.h>

#include "process/detectors.h"
#include "process/findings.h"

typedef struct wci_processor wci_processor;

/* Is told what came of pictures, on the worker's thread, without a lock. Any may be NULL. */
struct wci_process_listener {
    void *user;
    /* What was found has been kept, where it has an id; work began at a monotonic moment. */
    void (*done)(void *user, const struct wci_name *camera, int64_t since,
                 const struct wci_row *rows, size_t count);
    void (*failed)(void *user);
    /* A detector has looked at one, for so many microseconds, and knew what to say. The name is one
     * of those that process.detector brings about. */
    void (*looked)(void *user, const char *detector, int64_t duration, bool went_well);
};

/* Opens no detector and starts no thread. Everything given must outlive it; the two structs are
 * copied. */
wildcam_status wci_processor_open(const struct wci_detector_host *host,
                                  const struct wci_process_listener *listener, wci_processor **out);
/* The station is about to be closed: passes come to an end, detectors are told. Any thread. */
void wci_processor_hurry(wci_processor *processor);
void wci_processor_close(wci_processor *processor, bool is_forked);

/* As wildcam_station_add_detector(). */
wildcam_status wci_processor_add_detector(wci_processor *processor, const char *name,
                                          const char *version, wildcam_detector_fn *fn, void *user);
/* Whether the settings name a detector. */
bool wci_processor_is_on(const wci_processor *processor);
/* Whether none could be looked at when it was last tried: all wait for it. */
bool wci_processor_is_blocked(wci_processor *processor);
/* Whether the calling thread is within a detector that was called by this processor. */
bool wci_processor_is_within(wci_processor *processor);

/* Opens the detectors and starts `process.workers` threads and one that renews their leases;
 * nothing where the settings say that there is nothing to do. Stopping tells the detectors and
 * waits for them; what was in hand is due again. */
wildcam_status wci_processor_start(wci_processor *processor);
void wci_processor_stop(wci_processor *processor);
/* Something new is due: any thread, at once. */
void wci_processor_wake(wci_processor *processor);
/* Many are, or the pause has changed; what could not be looked at is tried at once. */
void wci_processor_wake_all(wci_processor *processor);

/* Processes what is due in the caller's thread until nothing is, or no more is to be begun after a
 * moment of the monotonic clock. STATE without detectors. */
wildcam_status wci_processor_pass(wci_processor *processor, int64_t until, int64_t *done,
                                  int64_t *failed);

#endif
