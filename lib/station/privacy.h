/* Who gets to see what of a picture. */
#ifndef WCI_STATION_PRIVACY_H
#define WCI_STATION_PRIVACY_H

#include <wildcam/privacy.h>

#include "station/station.h"

/* Beside those of privacy.h: whoever reads what was published. As a viewer, but people are never
 * shown as they are. */
enum { WCI_AUDIENCE_PUBLIC = 2 };

struct wci_view {
    int view;        /* WILDCAM_VIEW_ */
    int64_t version; /* of what is blurred: other boxes are another picture */
    const char *reason;
    struct wci_people people;
};

wildcam_status wci_station_view(wildcam_station *station, int64_t id, int audience,
                                struct wci_view *out);
/* Whether people were looked for and none is on it, whatever the settings let viewers see. */
wildcam_status wci_station_is_public(const wildcam_station *station, int64_t id, bool *is_public);
/* HIDDEN, RELEASED where it would have to be blurred included. */
wildcam_status wci_station_picture_for(wildcam_station *station, int64_t id, int audience,
                                       uint32_t strip, void **data, size_t *size);
wildcam_status wci_station_thumbnail_for(wildcam_station *station, int64_t id, int audience,
                                         void **data, size_t *size);

#endif
