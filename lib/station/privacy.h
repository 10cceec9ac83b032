/* Who gets to see what of a picture. */
#ifndef WCI_STATION_PRIVACY_H
#define WCI_STATION_PRIVACY_H

#include <wildcam/privacy.h>

#include "station/station.h"

struct wci_view {
    int view;        /* WILDCAM_VIEW_ */
    int64_t version; /* of what is blurred: other boxes are another picture */
    const char *reason;
    struct wci_people people;
};

wildcam_status wci_station_view(wildcam_station *station, int64_t id, int audience,
                                struct wci_view *out);
/* HIDDEN, RELEASED where it would have to be blurred included. */
wildcam_status wci_station_picture_for(wildcam_station *station, int64_t id, int audience,
                                       uint32_t strip, void **data, size_t *size);
wildcam_status wci_station_thumbnail_for(wildcam_station *station, int64_t id, int audience,
                                         void **data, size_t *size);

#endif
