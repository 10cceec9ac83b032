/*
 * The detector `process:COMMAND`: children that look at pictures, several at once.
 *
 * Each is asked by one thread at a time; whoever finds all of them at work waits. They start when
 * pictures come, and stay. One that dies is replaced, and the picture it was at goes to the next.
 */
#include "process/children.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wildcam/time.h>

#include "base/calendar.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/thread.h"
#include "base/utf8.h"
#include "conf/conf.h"
#include "process/answer.h"
#include "process/child.h"
#include "process/trouble.h"

#define GLANCE (WCI_SECOND / 10)
#define FAREWELL WCI_SECOND /* for children to end by themselves when they are told to */

enum { WHO_MAX = 100 };

struct slot {
    struct wci_child child;
    struct wci_hello hello; /* of the one that runs */
    bool is_taken;
};

struct children {
    const struct wci_log *log;
    struct wci_command command;
    char **environment;
    char who[WHO_MAX + 1];
    int64_t start_limit, picture_limit; /* microseconds */
    struct wci_seen_least least;
    pthread_mutex_t mutex;
    pthread_cond_t given_back;
    struct wci_trouble trouble;
    char reason[WCI_ERROR_TEXT]; /* why it is broken */
    size_t count;
    struct slot slots[];
};

static bool is_unwanted(const void *picture)
{
    return wci_picture_is_unwanted(picture);
}

static wildcam_status fail_unwanted(void)
{
    return wci_fail(WILDCAM_ERR_CANCELLED, "the station stops");
}

/* ---- who looks at it ---- */

/* One that runs, or else one that does not; NULL while all are at work. */
static struct slot *find_free(struct children *children)
{
    struct slot *found = NULL;
    for (size_t i = 0; i < children->count; i++) {
        struct slot *slot = &children->slots[i];
        if (!slot->is_taken && (!found || (slot->child.pid && !found->child.pid)))
            found = slot;
    }
    return found;
}

static wildcam_status take_slot(struct children *children, const wildcam_picture *picture,
                                struct slot **out)
{
    int64_t wait = 0;
    char reason[WCI_ERROR_TEXT];
    bool is_wanted = true;
    pthread_mutex_lock(&children->mutex);
    for (;;) {
        *out = find_free(children);
        if (*out)
            wait = wci_trouble_begin(&children->trouble, wci_calendar_monotonic());
        is_wanted = !wci_picture_is_unwanted(picture);
        if (*out || !is_wanted)
            break;
        wci_condition_wait(&children->given_back, &children->mutex, GLANCE);
    }
    if (*out && wait == 0)
        (*out)->is_taken = true;
    memcpy(reason, children->reason, sizeof reason);
    pthread_mutex_unlock(&children->mutex);
    if (!*out)
        return fail_unwanted();
    return wait ? wci_fail(WILDCAM_ERR_BUSY, "%s (it is tried again in %lld s)", reason,
                           (long long)((wait + WCI_SECOND - 1) / WCI_SECOND))
                : WILDCAM_OK;
}

static void give_back(struct children *children, struct slot *slot)
{
    pthread_mutex_lock(&children->mutex);
    slot->is_taken = false;
    pthread_cond_signal(&children->given_back);
    pthread_mutex_unlock(&children->mutex);
}

static void end_child(struct slot *slot, bool is_ending, char *how, size_t size)
{
    wci_hello_free(&slot->hello);
    wci_child_kill(&slot->child, is_ending, how, size);
}

/* An idle one that died is buried, and what one says goes to the log before long. */
static void tend_idle(struct children *children)
{
    for (size_t i = 0; i < children->count; i++) {
        struct slot *slot = &children->slots[i];
        char how[80];
        pthread_mutex_lock(&children->mutex);
        bool is_mine = !slot->is_taken && slot->child.pid;
        slot->is_taken = slot->is_taken || is_mine;
        pthread_mutex_unlock(&children->mutex);
        if (!is_mine)
            continue;
        if (!wci_child_is_fine(&slot->child))
            end_child(slot, true, how, sizeof how);
        give_back(children, slot);
    }
}

/* ---- whose fault it is ---- */

/* Everything is well, or unknown: nothing was tried in earnest. */
static void settle(struct children *children, bool went_well)
{
    bool was_broken = false;
    pthread_mutex_lock(&children->mutex);
    if (went_well)
        was_broken = wci_trouble_went_well(&children->trouble);
    else
        wci_trouble_dropped(&children->trouble);
    pthread_mutex_unlock(&children->mutex);
    if (was_broken)
        wci_log_write(children->log, WILDCAM_LOG_WARNING, "process", "%s works again",
                      children->who);
}

/* This thread's sentence says how it failed with a picture, or before it came to one (0). */
static wildcam_status blame(struct children *children, int64_t picture)
{
    int64_t now = wci_calendar_monotonic(), wait;
    pthread_mutex_lock(&children->mutex);
    bool was_broken = children->trouble.is_broken, counts = false;
    if (picture)
        counts = wci_trouble_picture_failed(&children->trouble, picture, now);
    else
        wci_trouble_failed(&children->trouble, now);
    if (children->trouble.is_broken)
        snprintf(children->reason, sizeof children->reason, "%s", wildcam_error_message());
    bool is_broken = children->trouble.is_broken;
    wait = children->trouble.wait / WCI_SECOND;
    pthread_mutex_unlock(&children->mutex);
    if (!is_broken)
        return WILDCAM_ERR_IO;
    wci_log_write(children->log, was_broken ? WILDCAM_LOG_INFO : WILDCAM_LOG_ERROR, "process",
                  "%s cannot be used, and is tried again in %lld s: %s%s", children->who,
                  (long long)wait, wildcam_error_message(),
                  picture ? " (so it was with all of the last pictures)" : "");
    return counts ? WILDCAM_ERR_IO : WILDCAM_ERR_BUSY;
}

/* Ends a child that failed, and adds to this thread's sentence what is known of it. */
static void end_failed(struct slot *slot, bool is_ending)
{
    char how[80];
    struct wci_error error;
    wci_error_save(&error);
    end_child(slot, is_ending, how, sizeof how);
    const char *last = slot->child.words.last;
    wci_fail(error.status, "%.160s%s%s%s%s", error.message, is_ending ? " " : "",
             is_ending ? how : "", *last ? "; its last words: " : "", last);
}

static void fail_late(const char *what, int64_t limit, const char *setting)
{
    char seconds[WCI_NUMBER_TEXT];
    wci_number_format_real((double)limit / (double)WCI_SECOND, seconds);
    wci_fail(WILDCAM_ERR_IO, "it %s %s s (%s)", what, seconds, setting);
}

/* ---- a start ---- */

static wildcam_status read_hello(struct children *children, struct slot *slot,
                                 const struct wci_patience *patience)
{
    const char *line;
    size_t length;
    wildcam_status status = WILDCAM_ERR_IO;
    enum wci_heard heard = wci_child_ask(&slot->child, NULL, 0, patience, &line, &length);
    if (heard == WCI_HEARD_STOP)
        return fail_unwanted();
    if (heard == WCI_HEARD_NOTHING)
        fail_late("said no hello within", children->start_limit, "process.start_timeout");
    if (heard == WCI_HEARD_LINE)
        status = wci_hello_read(line, length, &slot->hello);
    if (status != WILDCAM_OK)
        end_failed(slot, heard == WCI_HEARD_END);
    return status;
}

static wildcam_status start(struct children *children, struct slot *slot,
                            const wildcam_picture *picture)
{
    const struct wci_patience patience = {wci_calendar_monotonic() + children->start_limit,
                                          is_unwanted, picture};
    wildcam_status status = wci_child_start(&slot->child, &children->command,
                                            children->environment);
    if (status == WILDCAM_OK) {
        char how[80];
        status = read_hello(children, slot, &patience);
        if (status == WILDCAM_ERR_CANCELLED)
            end_child(slot, false, how, sizeof how);
    }
    if (status == WILDCAM_OK)
        wci_log_write(children->log, WILDCAM_LOG_INFO, "process",
                      "%s: process %ld is %s, version %s", children->who, (long)slot->child.pid,
                      slot->hello.name, slot->hello.version);
    else if (status == WILDCAM_ERR_CANCELLED)
        settle(children, false);
    else
        status = blame(children, 0);
    return status;
}

/* Makes sure that one runs. What an idle one did has nothing to do with this picture. */
static wildcam_status be_ready(struct children *children, struct slot *slot,
                               const wildcam_picture *picture)
{
    if (slot->child.pid && wci_child_is_fine(&slot->child))
        return WILDCAM_OK;
    if (slot->child.pid) {
        bool is_ending = true;
        end_failed(slot, is_ending);
        wci_log_failure(children->log, WILDCAM_LOG_WARNING, "process", children->who);
    }
    return start(children, slot, picture);
}

/* ---- a picture ---- */

static wildcam_status write_question(const wildcam_picture *picture, struct wci_text *question)
{
    const wildcam_image *image = wci_picture_image(picture);
    char path[WCI_PATH];
    struct wci_json json = {question, false};
    wildcam_status status = wci_path_real(wci_picture_path(picture), path);
    if (status != WILDCAM_OK)
        return status;
    if (!wci_utf8_is_valid(path, strlen(path)))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "the path of the picture is no UTF-8, which JSON takes alone: %.200s",
                        path);
    wci_json_open(&json, NULL, '{');
    wci_json_int(&json, "id", image->id);
    wci_json_text(&json, "file", path);
    wci_json_text(&json, "device_id", wci_text_get(&image->device_id));
    wci_json_time(&json, "time", image->time, image->offset);
    wci_json_int(&json, "width", image->width);
    wci_json_int(&json, "height", image->height);
    wci_json_int(&json, "orientation", image->orientation);
    wci_json_close(&json, '}');
    wci_text_add_char(question, '\n');
    return question->failed ? wci_fail_memory() : WILDCAM_OK;
}

static wildcam_status judge(struct children *children, struct slot *slot, int64_t picture,
                            enum wci_heard heard, wildcam_findings *findings, const char *line,
                            size_t length)
{
    struct wci_answer answer = {0};
    wildcam_status status = WILDCAM_ERR_IO;
    if (heard == WCI_HEARD_NOTHING)
        fail_late("took longer than", children->picture_limit, "process.timeout");
    if (heard == WCI_HEARD_LINE)
        status = wci_answer_read(line, length, &slot->hello, picture, &answer);
    if (status == WILDCAM_ERR_NOMEM) {
        settle(children, false); /* nobody's fault: the child has done its part */
        return status;
    }
    if (status != WILDCAM_OK) {
        end_failed(slot, heard == WCI_HEARD_END); /* it is out of step, or not to be relied on */
        return blame(children, picture);
    }
    if (answer.failure[0]) {
        wci_fail(WILDCAM_ERR_IO, "%s", answer.failure);
        return blame(children, picture);
    }
    settle(children, true);
    status = wci_findings_set_detector(findings, slot->hello.name, slot->hello.version);
    if (status == WILDCAM_OK)
        status = wci_seen_report(answer.seen, answer.count, children->least, findings);
    wci_answer_free(&answer);
    return status;
}

static enum wci_heard ask(struct children *children, struct slot *slot,
                          const wildcam_picture *picture, const struct wci_text *question,
                          const char **line, size_t *length)
{
    const struct wci_patience patience = {wci_calendar_monotonic() + children->picture_limit,
                                          is_unwanted, picture};
    return wci_child_ask(&slot->child, question->data, question->length, &patience, line, length);
}

static wildcam_status look(struct children *children, struct slot *slot, wildcam_picture *picture,
                           wildcam_findings *findings)
{
    struct wci_text question = {0};
    const char *line = NULL;
    size_t length = 0;
    enum wci_heard heard = WCI_HEARD_END;
    wildcam_status status = write_question(picture, &question);
    if (status != WILDCAM_OK)
        settle(children, false);
    /* One that ends may have been killed, by whoever wanted memory. Who ends at the same picture a
     * second time does so because of it. */
    for (int i = 0; i < 2 && status == WILDCAM_OK && heard == WCI_HEARD_END; i++) {
        if (i > 0) {
            end_failed(slot, true);
            wci_log_failure(children->log, WILDCAM_LOG_WARNING, "process", children->who);
        }
        status = be_ready(children, slot, picture);
        if (status == WILDCAM_OK)
            heard = ask(children, slot, picture, &question, &line, &length);
    }
    wci_text_free(&question);
    if (status != WILDCAM_OK)
        return status;
    if (heard == WCI_HEARD_STOP || heard == WCI_HEARD_TROUBLE) {
        char how[80];
        status = heard == WCI_HEARD_STOP ? fail_unwanted() : WILDCAM_ERR_NOMEM;
        end_child(slot, false, how, sizeof how);
        settle(children, false);
        return status;
    }
    return judge(children, slot, wci_picture_image(picture)->id, heard, findings, line, length);
}

static wildcam_status detect(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    struct children *children = user;
    struct slot *slot;
    wildcam_status status = take_slot(children, picture, &slot);
    if (status != WILDCAM_OK)
        return status;
    struct wci_error error;
    status = look(children, slot, picture, findings);
    wci_error_save(&error);
    give_back(children, slot);
    tend_idle(children);
    wci_error_restore(&error);
    return status;
}

/* ---- opening and closing ---- */

static void free_children(struct children *children)
{
    wci_command_free(&children->command);
    wci_environment_free(children->environment);
    free(children);
}

static void close_children(void *user, bool is_forked)
{
    struct children *children = user;
    int64_t until = wci_calendar_monotonic() + FAREWELL;
    for (size_t i = 0; i < children->count; i++)
        wci_child_dismiss(&children->slots[i].child, is_forked);
    if (is_forked)
        return;
    for (size_t i = 0; i < children->count; i++) {
        struct slot *slot = &children->slots[i];
        wci_child_finish(&slot->child, until);
        wci_child_release(&slot->child);
        wci_hello_free(&slot->hello);
    }
    pthread_cond_destroy(&children->given_back);
    pthread_mutex_destroy(&children->mutex);
    free_children(children);
}

static int64_t seconds(const wildcam_conf *conf, enum wci_setting_id setting)
{
    return (int64_t)(wci_conf_real(conf, setting) * (double)WCI_SECOND);
}

static wildcam_status read_settings(struct children *children, const wildcam_conf *conf,
                                    const char *command)
{
    char protocol[40];
    children->start_limit = seconds(conf, WCI_PROCESS_START_TIMEOUT);
    children->picture_limit = seconds(conf, WCI_PROCESS_TIMEOUT);
    children->least = wci_seen_least(conf);
    snprintf(protocol, sizeof protocol, "WILDCAM_DETECTOR_PROTOCOL=%d", WCI_PROTOCOL);
    wildcam_status status = wci_command_split(command, &children->command);
    if (status == WILDCAM_OK)
        status = wci_command_find(&children->command);
    return status == WILDCAM_OK ? wci_environment_pick(wci_conf_text(conf, WCI_PROCESS_ENVIRONMENT),
                                                       protocol, &children->environment)
                                : status;
}

static wildcam_status init_locks(struct children *children)
{
    if (pthread_mutex_init(&children->mutex, NULL) != 0)
        return wci_fail_memory();
    wildcam_status status = wci_condition_init(&children->given_back);
    if (status != WILDCAM_OK)
        pthread_mutex_destroy(&children->mutex);
    return status;
}

/* "process:" and as much of the command as there is room for. */
static wildcam_status name_it(struct children *children, const char *command,
                              struct wci_detector *out)
{
    size_t room = WHO_MAX - strlen("process:"), length = strlen(command);
    if (length > room)
        length = wci_utf8_cut(command, room);
    snprintf(children->who, sizeof children->who, "process:%.*s", (int)length, command);
    return wci_text_set(&out->name, children->who, strlen(children->who));
}

wildcam_status wci_children_open(const struct wci_detector_host *host, const char *argument,
                                 struct wci_detector *out)
{
    size_t count = (size_t)wci_conf_int(host->conf, WCI_PROCESS_CHILDREN);
    struct children *children = wci_new(sizeof *children + count * sizeof *children->slots);
    if (!children)
        return WILDCAM_ERR_NOMEM;
    children->log = host->log;
    children->count = count;
    for (size_t i = 0; i < count; i++)
        wci_child_init(&children->slots[i].child, host->log, children->who);
    wildcam_status status = read_settings(children, host->conf, argument);
    if (status != WILDCAM_OK)
        wci_error_prefix("process:%.100s", argument);
    if (status == WILDCAM_OK)
        status = name_it(children, argument, out);
    if (status == WILDCAM_OK)
        status = init_locks(children);
    if (status != WILDCAM_OK) {
        wci_text_free(&out->name);
        free_children(children);
        return status;
    }
    out->detect = detect;
    out->close = close_children;
    out->user = children;
    return WILDCAM_OK;
}
