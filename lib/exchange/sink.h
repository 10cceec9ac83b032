/* A file that is written piece by piece and appears under its name only when it is finished. */
#ifndef WCI_EXCHANGE_SINK_H
#define WCI_EXCHANGE_SINK_H

#include "base/file.h"
#include "base/text.h"

struct wci_sink {
    struct wci_text buffer; /* what is written goes here */
    int fd;
    void *gzip; /* NULL for a plain file */
    char path[WCI_PATH], temporary[WCI_PATH];
};

/* INVALID when something else than a file has the name. */
wildcam_status wci_sink_open(struct wci_sink *sink, const char *path, bool is_gzip);
/* Writes the buffer out once it is worth it. */
wildcam_status wci_sink_spill(struct wci_sink *sink);
/* Writes the rest, brings it to the disk and gives it its name, in the place of what had it. */
wildcam_status wci_sink_finish(struct wci_sink *sink);
/* Renames a file or directory, and brings the name to the disk; *is_there says that it has the
 * name, whatever came of the rest. */
wildcam_status wci_sink_give_name(const char *from, const char *to, bool *is_there);
/* Nothing is left of it; no harm after finishing, nor when it was never opened but zeroed. */
void wci_sink_abort(struct wci_sink *sink);

#endif
