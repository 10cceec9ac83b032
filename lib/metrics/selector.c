#include "metrics/selector.h"

wildcam_status wci_selectors_new(const char *const *texts, size_t count, wci_selectors **out)
{
    (void)texts, (void)out;
    return wci_fail(WILDCAM_ERR_INVALID, "%zu selectors: none is understood yet", count);
}

void wci_selectors_free(wci_selectors *selectors)
{
    (void)selectors;
}

bool wci_selectors_want(wci_selectors *selectors, const struct wci_series *series,
                        const char *ending, const char *le)
{
    (void)selectors, (void)series, (void)ending, (void)le;
    return true;
}
