/* How the uploads are doing. */
#include <string.h>

#include "upload/drain.h"

static bool is_usable(enum wci_region_state state)
{
    return state == WCI_REGION_OK || state == WCI_REGION_UNTRIED || state == WCI_REGION_THROTTLED;
}

static void add_sentence(struct wci_text *reason, const char *words)
{
    wci_text_add_format(reason, "%s%s", reason->length ? "; " : "", words);
}

/* How many regions take uploads, and why the others do not. */
static size_t look_at_regions(wci_engine *engine, struct wci_text *reason)
{
    size_t usable = 0;
    struct wci_text last = {0};
    struct wci_region_report report;
    for (size_t i = 0; i < wci_engine_regions(engine); i++) {
        wci_text_empty(&last);
        wci_engine_look(engine, (int)i, &report, &last);
        if (is_usable(report.state)) {
            usable++;
            continue;
        }
        add_sentence(reason, "uploads to ");
        wci_text_add_format(reason, "%s are %s", wci_engine_region(engine, (int)i)->name,
                            wci_region_state_word(report.state));
        if (last.length)
            wci_text_add_format(reason, " (%s)", last.data);
    }
    reason->failed = reason->failed || last.failed;
    wci_text_free(&last);
    return usable;
}

const char *wci_uploader_pulse(wci_uploader *uploader, int64_t parked, struct wci_text *reason)
{
    size_t before = reason->length;
    if (!uploader->is_on)
        return "off";
    size_t usable = look_at_regions(uploader->engine, reason);
    if (wci_engine_lacks_keys(uploader->engine)) {
        add_sentence(reason, "there are no credentials to upload with");
        usable = 0;
    }
    if (parked > 0) {
        add_sentence(reason, "");
        wci_text_add_format(reason, "uploads that cannot be done and wait for a person: %lld",
                            (long long)parked);
    }
    if (!usable)
        return "down";
    return reason->length == before ? "ok" : "degraded";
}
