/* What every public call does first. */
#ifndef WCI_API_CALL_H
#define WCI_API_CALL_H

#include "base/error.h"
#include "station/station.h"

/* Begins a call that can fail: the thread's last sentence goes, NULL arguments are refused. */
#define WCI_BEGIN(...)                                                                             \
    do {                                                                                           \
        const void *const pointers[] = {__VA_ARGS__};                                              \
        wci_error_clear();                                                                         \
        for (size_t i = 0; i < sizeof pointers / sizeof pointers[0]; i++)                          \
            if (!pointers[i])                                                                      \
                return wci_fail(WILDCAM_ERR_INVALID, "%s: an argument of (%s) is NULL", __func__,  \
                                #__VA_ARGS__);                                                     \
    } while (0)

/* Ends a call: what went wrong and was overcome on the way is not the caller's. */
static inline wildcam_status wci_answer(wildcam_status status)
{
    if (status >= WILDCAM_OK)
        wci_error_clear();
    return status;
}

/* Runs an expression with the station held open. */
#define WCI_WITHIN(station, status, expression)                                                    \
    do {                                                                                           \
        (status) = wci_station_enter(station);                                                     \
        if ((status) == WILDCAM_OK) {                                                              \
            (status) = wci_answer(expression);                                                     \
            wci_station_leave(station);                                                            \
        }                                                                                          \
    } while (0)

#endif
