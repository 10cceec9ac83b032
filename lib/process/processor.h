/*
 * What is done with pictures once they are kept.
 *
 * The row of each picture is the queue: rows that are due are claimed with leases, their pictures
 * looked at by the detectors, and what was found is written in the transaction that settles the
 * row, so that any number of processes may work on one store, and one that dies loses nothing.
 */
#ifndef WCI_PROCESS_PROCESSOR_H
#define WCI_PROCESS_PROCESSOR_H

#include "process/detectors.h"

typedef struct wci_processor wci_processor;

/* Opens no detector and starts no thread. Everything given must outlive it; the host is copied. */
wildcam_status wci_processor_open(const struct wci_detector_host *host, wci_processor **out);
void wci_processor_close(wci_processor *processor, bool is_forked);

/* As wildcam_station_add_detector(). */
wildcam_status wci_processor_add_detector(wci_processor *processor, const char *name,
                                          const char *version, wildcam_detector_fn *fn, void *user);

#endif
