/* What is seen on a picture, as detectors that have learned from others' pictures say it. */
#ifndef WCI_PROCESS_SEEN_H
#define WCI_PROCESS_SEEN_H

#include "process/detector.h"

/* A kind of thing by its name and how sure that is. */
struct wci_guess {
    const char *name; /* borrowed */
    double confidence;
};

enum { WCI_GUESSES_MOST = 5 };

struct wci_seen {
    struct wci_guess what;
    bool has_box;
    wildcam_box box;                            /* inside the picture */
    struct wci_guess guesses[WCI_GUESSES_MOST]; /* of a closer look: the surest first */
    int guess_count;
};

/* How sure something has to be: what may be somebody is kept from `privacy.confidence` on, where
 * viewers do not see people. */
struct wci_seen_least {
    double human, other; /* human is never above */
};
struct wci_seen_least wci_seen_least(const wildcam_conf *conf);

/*
 * Adds what is at least so sure to the findings, the surest first; the picture is blank when
 * nothing is. A name that is a category's stands for it; another one is a species'. Where a closer
 * look at what is neither human nor vehicle is sure enough, its species and confidence are the
 * detection's; what both said stands in its metadata.
 */
wildcam_status wci_seen_report(struct wci_seen *seen, size_t count, struct wci_seen_least least,
                               wildcam_findings *findings);

#endif
