/* What MegaDetector found on a picture that is kept already. */
#ifndef WCI_STATION_EXCHANGE_ATTACH_H
#define WCI_STATION_EXCHANGE_ATTACH_H

#include "exchange/megadetector.h"
#include "station/exchange.h"

/* Gives it those rows with the import's next write. A match is a picture that was found by its
 * name, which counts as known then. */
wildcam_status wci_exchange_attach(wildcam_exchange *exchange, int64_t image_id,
                                   const struct wci_md_image *found, bool is_match);

#endif
