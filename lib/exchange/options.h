/* The options of an exchange, which stand in one list in <wildcam/exchange.h>. */
#ifndef WCI_EXCHANGE_OPTIONS_H
#define WCI_EXCHANGE_OPTIONS_H

#include <stdbool.h>

#include "base/text.h"

#include <wildcam/exchange.h>

enum wci_exchange_option {
#define WCI_ID(id, name, kind, fallback, text) WCI_EXCHANGE_##id,
    WILDCAM_EXCHANGE_OPTIONS(WCI_ID)
#undef WCI_ID
        WCI_EXCHANGE_OPTION_COUNT
};

enum {
#define WCI_COUNT(name, value, text) +1
    WCI_EXCHANGE_FIGURE_COUNT = 0 WILDCAM_EXCHANGE_FIGURES(WCI_COUNT)
#undef WCI_COUNT
};

struct wci_exchange_options {
    struct wci_text values[WCI_EXCHANGE_OPTION_COUNT]; /* "" is the default */
};

wildcam_status wci_exchange_set(struct wci_exchange_options *options, const char *name,
                                const char *value);
const char *wci_exchange_text(const struct wci_exchange_options *options,
                              enum wci_exchange_option option);
bool wci_exchange_flag(const struct wci_exchange_options *options, enum wci_exchange_option option);
double wci_exchange_real(const struct wci_exchange_options *options,
                         enum wci_exchange_option option);
/* -1 when it is not set. */
int wci_exchange_int(const struct wci_exchange_options *options, enum wci_exchange_option option);
void wci_exchange_free_options(struct wci_exchange_options *options);
const char *wci_exchange_figure_name(int figure);

#endif
