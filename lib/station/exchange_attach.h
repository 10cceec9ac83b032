/* What somebody else found on a picture that is kept already. */
#ifndef WCI_STATION_EXCHANGE_ATTACH_H
#define WCI_STATION_EXCHANGE_ATTACH_H

#include "exchange/megadetector.h"
#include "station/exchange.h"

/* Gives rows to a picture, whose place among what is there store/change.h says. */
wildcam_status wci_exchange_answer(wildcam_exchange *exchange, struct wci_row *rows, size_t count,
                                   int64_t image_id);
/* Of MegaDetector's results. */
wildcam_status wci_exchange_attach(wildcam_exchange *exchange, int64_t image_id,
                                   const struct wci_md_image *found);

#endif
