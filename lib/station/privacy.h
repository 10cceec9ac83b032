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
    int64_t version; /* of a copy: other boxes are another picture */
    uint32_t strip;  /* what is taken out of it, beside what the caller wishes */
    const char *reason;
    struct wci_people people;
};

/* Within how many metres viewers may know where a camera is: the widest privacy radius of its
 * deployments, 0 when there is none. */
wildcam_status wci_station_privacy_radius(wildcam_station *station, int64_t camera_id,
                                          double *radius);
wildcam_status wci_station_view(wildcam_station *station, int64_t id, int audience,
                                struct wci_view *out);
/* Whether people were looked for and none is on it, whatever the settings let viewers see. */
wildcam_status wci_station_is_public(const wildcam_station *station, int64_t id, bool *is_public);
/* Takes out of a camera, of deployments, of a picture's facts, and of detections what the audience
 * may not know. */
wildcam_status wci_station_camera_for(wildcam_station *station, int audience,
                                      wildcam_camera *camera);
wildcam_status wci_station_deployments_for(wildcam_station *station, int audience,
                                           wildcam_deployment *deployments, size_t count);
wildcam_status wci_station_image_for(wildcam_station *station, int audience, wildcam_image *image);
wildcam_status wci_station_detections_for(wildcam_station *station, int audience,
                                          wildcam_detection *detections, size_t count);
/* Opens the file of a picture that is shown as it was kept; STATE when a copy of it is. */
wildcam_status wci_station_open_for(wildcam_station *station, int64_t id, int audience, int *fd,
                                    int64_t *bytes);
/* HIDDEN, RELEASED where a copy would have to be made included. */
wildcam_status wci_station_picture_for(wildcam_station *station, int64_t id, int audience,
                                       uint32_t strip, void **data, size_t *size, int64_t *version);
wildcam_status wci_station_thumbnail_for(wildcam_station *station, int64_t id, int audience,
                                         void **data, size_t *size, int64_t *version);

#endif
