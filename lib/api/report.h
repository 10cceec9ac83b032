/* What calls that make reports share. */
#ifndef WCI_API_REPORT_H
#define WCI_API_REPORT_H

#include <stdint.h>

#include <wildcam/status.h>

/* Widens a span to whole days; INVALID when it is none, or too long. */
wildcam_status wci_report_take_span(int64_t from, int64_t to, int64_t *first_day, int64_t *end_day);

#endif
