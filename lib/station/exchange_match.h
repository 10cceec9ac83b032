/* Finding the picture of a station that somebody else speaks of by a name. */
#ifndef WCI_STATION_EXCHANGE_MATCH_H
#define WCI_STATION_EXCHANGE_MATCH_H

#include "exchange/hash_set.h"
#include "model/check.h"
#include "station/exchange.h"

struct wci_match {
    wildcam_exchange *exchange;
    struct wci_hash_set names; /* what pictures are called, with and without their camera */
};

/* With an index of all pictures that the exchange's query asks for, or without when names are only
 * looked at for their camera. */
wildcam_status wci_match_begin(struct wci_match *match, wildcam_exchange *exchange, bool has_index);
void wci_match_end(struct wci_match *match);

/* NOTFOUND with a sentence when there is none of that name, or more than one. */
wildcam_status wci_match_find(struct wci_match *match, const char *path, int64_t *id);
/* Whose picture it is: the option's, else the camera that one of the folders names, else the first
 * folder's name. INVALID when there is none. */
wildcam_status wci_match_camera(struct wci_match *match, const char *path,
                                char device_id[WCI_DEVICE_ID_MAX + 1]);

#endif
