/* What happens to a station that raises alerts, and what is asked of them. */
#ifndef API_ALERT_SCENE_H
#define API_ALERT_SCENE_H

#include <math.h>

#include "api/fixtures.h"

/* The one that is open, or NULL. */
extern wildcam_station *station;

void close_it(void);
void open_plain(void);
/* A fixture's set-up; its tear-down is close_it(). */
void set_up_alerts(void);

/* A status report; NaN says nothing of the battery. */
void report(const char *device_id, double battery);
/* As a camera does when it starts: it is heard of, with what it says of itself. */
void boot(const char *device_id, double latitude, const char *firmware, int64_t heard);
void set_status(const char *device_id, int state);
void see(const char *device_id, const char *species, double confidence);
/* Looks; how many were raised and cleared. */
int64_t check(void);

int64_t count_of(int kind, int open);
/* The newest of a kind; freed with wildcam_alert_free(). */
wildcam_alert *newest(int kind);

#endif
