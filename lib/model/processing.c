#include "model/processing.h"

#include <wildcam/time.h>

void wci_processing_init(wildcam_processing *processing)
{
    *processing = (wildcam_processing){
        .since = WILDCAM_TIME_NONE, .finished_at = WILDCAM_TIME_NONE, .took = -1};
}

void wci_processing_release(wildcam_processing *processing)
{
    wci_text_free(&processing->last_error);
}

bool wci_processing_is_running(const wildcam_processing *processing)
{
    int64_t left = processing->leased_until - wci_calendar_now();
    return processing->lease != 0 && left > 0 && left <= WCI_QUEUE_LONGEST_LEASE;
}

const char *wci_processing_state_name(int state)
{
    static const char *const names[] = {"due", "done", "parked"};
    return names[state >= 0 && state < 3 ? state : 0];
}

const char *wci_priority_name(int priority)
{
    return priority < WCI_PRIORITY_NORMAL   ? "low"
           : priority > WCI_PRIORITY_NORMAL ? "high"
                                            : "normal";
}

void wci_processing_write_json(const wildcam_processing *processing, struct wci_json *json)
{
    wci_json_open(json, NULL, '{');
    wci_json_int(json, "image_id", processing->image_id);
    wci_json_text(json, "state", wci_processing_state_name(processing->state));
    wci_json_bool(json, "is_running", wci_processing_is_running(processing));
    wci_json_text(json, "priority", wci_priority_name(processing->priority));
    wci_json_time(json, "since", processing->since, 0);
    if (processing->due_at > 0)
        wci_json_time(json, "due_at", processing->due_at, 0);
    else
        wci_json_null(json, "due_at");
    wci_json_int(json, "attempts", processing->attempts);
    wci_json_time(json, "finished_at", processing->finished_at, 0);
    if (processing->took >= 0)
        wci_json_real(json, "seconds", (double)processing->took / (double)WCI_SECOND);
    else
        wci_json_null(json, "seconds");
    wci_json_text_or_null(json, "last_error", wci_text_get(&processing->last_error));
    wci_json_close(json, '}');
}
