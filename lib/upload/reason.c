/* Why something was not taken, in words for people. */
#include "upload/way.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* What servers write must not begin a line of its own. */
static void make_one_line(char *text)
{
    wci_utf8_repair(text);
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = ' ';
}

/* How much of a text is shown, and what stands for the rest: at most `limit` bytes, both. */
struct shown {
    int length;
    const char *dots;
};

static struct shown show(const char *text, size_t limit)
{
    static const char dots[] = "...";
    size_t length = strlen(text);
    if (length <= limit)
        return (struct shown){(int)length, ""};
    if (limit < sizeof dots - 1)
        return (struct shown){0, ""};
    return (struct shown){(int)wci_utf8_cut(text, limit - (sizeof dots - 1)), dots};
}

void wci_reason_of(const struct wci_exchange *exchange, const struct wci_s3_answer *answer,
                   enum wci_outcome outcome, char reason[WCI_ERROR_TEXT])
{
    if (exchange->failure != WCI_LINK_OK) {
        snprintf(reason, WCI_ERROR_TEXT, "%s",
                 *exchange->reason ? exchange->reason : wci_outcome_word(outcome));
    } else {
        struct shown shown = show(answer->message, 200);
        int length = snprintf(reason, WCI_ERROR_TEXT, "%d%s%s%s%.*s%s", answer->status,
                              *answer->code ? " " : "", answer->code, *answer->message ? ": " : "",
                              shown.length, answer->message, shown.dots);
        if (*answer->request_id && length < WCI_ERROR_TEXT)
            snprintf(reason + length, WCI_ERROR_TEXT - (size_t)length, " (request %s)",
                     answer->request_id);
        else if (!*answer->code && !*answer->message && length < WCI_ERROR_TEXT)
            snprintf(reason + length, WCI_ERROR_TEXT - (size_t)length, " %s",
                     wci_outcome_word(outcome));
    }
    make_one_line(reason);
}

/* States that an operator wants to know of. */
static bool is_trouble(enum wci_region_state state)
{
    return state == WCI_REGION_DOWN || state == WCI_REGION_OFFLINE ||
           state == WCI_REGION_MISCONFIGURED;
}

/* One line each time that a region comes to be in trouble, or out of it. */
static void log_state(wci_engine *engine, int region, const char *reason)
{
    struct wci_region_report report;
    pthread_mutex_lock(&engine->mutex);
    struct wci_region_memory *memory = &engine->memory[region];
    wci_failover_look(engine->failover, region, wci_engine_now(engine), &report);
    enum wci_region_state before = memory->state;
    bool stays = report.state == WCI_REGION_PROBING || report.state == before;
    if (!stays)
        memory->state = report.state;
    pthread_mutex_unlock(&engine->mutex);
    if (stays || (!is_trouble(before) && !is_trouble(report.state)))
        return;
    const char *name = engine->regions[region].name;
    if (is_trouble(report.state))
        wci_log_write(&engine->log, WILDCAM_LOG_WARNING, "upload", "region %s is %s: %s", name,
                      wci_region_state_word(report.state), reason);
    else
        wci_log_write(&engine->log, WILDCAM_LOG_INFO, "upload", "region %s is %s again", name,
                      wci_region_state_word(report.state));
}

void wci_reason_note(struct wci_way *way, int region, enum wci_outcome outcome, const char *reason)
{
    wci_engine *engine = way->engine;
    bool is_failure = outcome != WCI_OUTCOME_OK && outcome != WCI_OUTCOME_MISSING &&
                      outcome != WCI_OUTCOME_CANCELLED && outcome != WCI_OUTCOME_STALE;
    if (is_failure) {
        pthread_mutex_lock(&engine->mutex);
        memcpy(engine->memory[region].reason, reason, WCI_ERROR_TEXT);
        pthread_mutex_unlock(&engine->mutex);
        /* Without memory the region's own reason stands in for it. */
        if (way->object && wci_text_set(&way->object->reasons[region], reason, strlen(reason)))
            wci_error_clear();
    }
    log_state(engine, region, reason);
}

void wci_reason_of_region(wci_engine *engine, int region, char reason[WCI_ERROR_TEXT])
{
    pthread_mutex_lock(&engine->mutex);
    memcpy(reason, engine->memory[region].reason, WCI_ERROR_TEXT);
    pthread_mutex_unlock(&engine->mutex);
}

void wci_reason_all(struct wci_way *way)
{
    wci_engine *engine = way->engine;
    char sentence[WCI_ERROR_TEXT], last[WCI_ERROR_TEXT];
    size_t used = (size_t)snprintf(sentence, sizeof sentence, "All regions failed");
    size_t share = (sizeof sentence - used) / engine->region_count;
    for (size_t i = 0; i < engine->region_count; i++) {
        const char *name = engine->regions[i].name;
        const char *reason = wci_text_get(&way->object->reasons[i]), *hint = "";
        if (!*reason) {
            wci_reason_of_region(engine, (int)i, last);
            reason = *last ? last : "its turn did not come";
            hint = *last ? "not tried; the last time: " : "";
        }
        size_t taken = strlen(name) + strlen(hint) + 5;
        struct shown shown = show(reason, share > taken ? share - taken : 0);
        used += (size_t)snprintf(sentence + used, sizeof sentence - used, "%s%s: %s%.*s%s",
                                 i ? "; " : ": ", name, hint, shown.length, reason, shown.dots);
        if (used >= sizeof sentence)
            break;
    }
    wci_fail(WILDCAM_ERR_UPLOAD, "%s", sentence);
}
