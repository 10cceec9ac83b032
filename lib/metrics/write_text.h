/* All metrics as text. */
#ifndef WCI_METRICS_WRITE_TEXT_H
#define WCI_METRICS_WRITE_TEXT_H

#include "metrics/registry.h"
#include "metrics/selector.h"

/* Collects, then writes; NULL selectors want all. The text is freed with free(). */
wildcam_status wci_metrics_write(wildcam_metrics *registry, int format, wci_selectors *selectors,
                                 char **text, size_t *size);

#endif
