/* A file for node_exporter. */
#ifndef WCI_METRICS_TEXTFILE_H
#define WCI_METRICS_TEXTFILE_H

#include <stddef.h>

#include <wildcam/status.h>

/* Replaces the file as a whole, readable by everybody. */
wildcam_status wci_textfile_replace(const char *path, const char *text, size_t size);

#endif
