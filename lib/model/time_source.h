/* The words for where a time came from. */
#ifndef WCI_MODEL_TIME_SOURCE_H
#define WCI_MODEL_TIME_SOURCE_H

#include <wildcam/time.h>

static inline const char *wci_time_source_name(int source)
{
    static const char *const names[] = {
#define NAME(name, value, text) [value] = text,
        WILDCAM_TIME_SOURCE_LIST(NAME)
#undef NAME
    };
    return names[source > 0 && source <= WILDCAM_TIME_SOURCE_RECEIVED ? source : 0];
}

#endif
