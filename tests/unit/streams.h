/* Streams of markers, whole ones and others, and what the walk answers to each. */
#ifndef TESTS_UNIT_STREAMS_H
#define TESTS_UNIT_STREAMS_H

#include "skeleton.h"

enum { STREAMS = 41 };

struct stream {
    void (*build)(struct wci_text *jpeg);
    wildcam_status status;
    const char *words; /* NULL when it is whole */
};

extern const struct stream streams[STREAMS];

/* Some of them by name. */
void stream_whole(struct wci_text *jpeg);
void stream_progressive(struct wci_text *jpeg);
void stream_marker_in_a_scan(struct wci_text *jpeg);
void stream_adobe(struct wci_text *jpeg);
void stream_several_app1(struct wci_text *jpeg);
void stream_bytes_behind(struct wci_text *jpeg);
void stream_arithmetic(struct wci_text *jpeg);

#endif
