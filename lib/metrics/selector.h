/* Which samples are written: Prometheus' selectors. */
#ifndef WCI_METRICS_SELECTOR_H
#define WCI_METRICS_SELECTOR_H

#include "metrics/family.h"

enum {
    WCI_SELECTORS = 64,        /* at a time */
    WCI_SELECTOR_TEXT = 4096,  /* bytes of one */
    WCI_SELECTOR_MATCHERS = 64 /* of one */
};

typedef struct wci_selectors wci_selectors;

/* What stands behind a family's name in that of a sample. */
enum wci_ending { WCI_ENDS_NAME, WCI_ENDS_BUCKET, WCI_ENDS_SUM, WCI_ENDS_COUNT, WCI_ENDINGS };
extern const char *const wci_ending_text[WCI_ENDINGS];

/* INVALID with a sentence that says where. By one thread at a time. */
wildcam_status wci_selectors_new(const char *const *texts, size_t count, wci_selectors **out);
void wci_selectors_free(wci_selectors *selectors);

/* Gets ready for the series of a family. */
void wci_selectors_begin(wci_selectors *selectors, const struct wildcam_metric_family *family);
/* Whether one of them wants a sample of that series; `le` is NULL when it has none. */
bool wci_selectors_want(wci_selectors *selectors, const struct wci_series *series,
                        enum wci_ending ending, const char *le);
/* Whether their regular expressions took more time than anybody should have: nothing more is
 * wanted then. TOOLARGE with a sentence. */
wildcam_status wci_selectors_check(const wci_selectors *selectors);

#endif
