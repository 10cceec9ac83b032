/* Which samples are written: Prometheus' selectors. */
#ifndef WCI_METRICS_SELECTOR_H
#define WCI_METRICS_SELECTOR_H

#include "metrics/family.h"

typedef struct wci_selectors wci_selectors;

/* INVALID with a sentence that says where. */
wildcam_status wci_selectors_new(const char *const *texts, size_t count, wci_selectors **out);
void wci_selectors_free(wci_selectors *selectors);

/* Whether one of them wants the sample of a series with this ending behind the family's name, and
 * this `le` unless it is NULL. */
bool wci_selectors_want(wci_selectors *selectors, const struct wci_series *series,
                        const char *ending, const char *le);

#endif
