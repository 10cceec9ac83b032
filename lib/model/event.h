/* A picture as far as it matters to which event it belongs. */
#ifndef WCI_MODEL_EVENT_H
#define WCI_MODEL_EVENT_H

#include <stdint.h>

/* A settings' default and its range, in seconds. */
enum { WCI_EVENT_GAP = 60, WCI_EVENT_GAP_MAX = 86400 };

struct wci_frame {
    int64_t id;
    int64_t time;         /* microseconds UTC, true as far as anybody knows */
    int64_t deployment;   /* whatever tells a camera's deployments apart; 0 for none */
    int64_t event_number; /* as the maker note has it; -1 is not known */
    int sequence_number, sequence_length;
    int capture, time_source; /* WILDCAM_CAPTURE_, WILDCAM_TIME_SOURCE_ */
    const char *file_name;
    /* The first picture of its event; 0 while it is in none. */
    int64_t event_id;
    int event_gap; /* seconds; 0 where the camera told, -1 while it is in none */
};

#endif
