/* What goes by itself: the settings, and going through the pictures in steps. */
#ifndef WCI_STATION_RETENTION_H
#define WCI_STATION_RETENTION_H

#include "model/retention.h"
#include "station/station.h"

/* Remembers in the store what this process is to do with pictures; what fails is logged. */
void wci_station_note_duties(wildcam_station *station);
/* Whether the settings ask for anything. */
bool wci_station_has_retention(const wildcam_station *station);
/* Deletes what is to go until the deadline; *out is added to. */
wildcam_status wci_station_apply_retention(wildcam_station *station, int64_t deadline,
                                           wildcam_retention *out);
/* Tells what would go. */
wildcam_status wci_station_measure_retention(wildcam_station *station,
                                             wildcam_progress_fn *progress, void *user,
                                             wildcam_retention *out);
/* In steps, where the settings ask for it, now and then; trouble goes to the log. */
void wci_station_keep_retention(wildcam_station *station, int64_t deadline);

#endif
