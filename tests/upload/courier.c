/*
 * The upload engine, driven by a test in Python: one process that keeps its connections.
 *
 * usage: upload_courier [--lead] NAME=VALUE...
 *
 * The words are settings. Each line of standard input is an order:
 *
 *   send KEY FILE [PATIENCE [LOOK_FIRST [RESUME_REGION RESUME_ID]]]
 *                  one object, at once; seconds, regions as bits
 *   wait [NUMBER]  until so many objects in all have come to their end, else all that were sent
 *   look           a line for each region
 *   limit BYTES    per second
 *   retry_now, cancel
 *
 * Each answer is a line of JSON: an object's outcome, {"waited": N} or {"regions": [...]}. With
 * --lead the main thread moves the bytes while it waits, otherwise the engine's own.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/thread.h"
#include "upload/engine.h"

enum { LINE = 4096, WORDS = 8, SAFETY_NET = 600 };

/* One object on its way. */
struct parcel {
    struct wci_object object;
    char *key, *resume_id;
    int64_t sent_at;
    struct courier *courier;
};

struct courier {
    wildcam_conf *conf;
    wci_engine *engine;
    atomic_int begun, ended, wanted; /* wanted: how many ends are waited for */
    atomic_bool is_enough;
    pthread_mutex_t mutex; /* of standard output */
};

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "courier: %s: %s\n", what, wildcam_error_message());
    exit(2);
}

static void write_line(struct courier *courier, struct wci_text *text)
{
    pthread_mutex_lock(&courier->mutex);
    puts(wci_text_get(text));
    fflush(stdout);
    pthread_mutex_unlock(&courier->mutex);
    wci_text_free(text);
}

static const char *region_name(const struct courier *courier, int region)
{
    return region < 0 ? "" : wci_engine_region(courier->engine, region)->name;
}

static void write_outcome(const struct parcel *parcel)
{
    struct courier *courier = parcel->courier;
    const struct wci_object *object = &parcel->object;
    struct wci_text text = {0};
    struct wci_json json = {.out = &text};
    wci_json_open(&json, NULL, '{');
    wci_json_text(&json, "key", parcel->key);
    wci_json_text(&json, "status", wildcam_status_name(object->error.status));
    wci_json_text(&json, "error", object->error.message);
    wci_json_text(&json, "region", region_name(courier, object->region));
    wci_json_bool(&json, "is_blameless", object->is_blameless);
    wci_json_bool(&json, "is_impossible", object->is_impossible);
    wci_json_text(&json, "etag", object->etag);
    wci_json_text(&json, "checksum", object->checksum);
    wci_json_text(&json, "upload_id", object->upload_id ? object->upload_id : "");
    wci_json_int(&json, "requests", object->requests);
    wci_json_int(&json, "sent", object->sent);
    wci_json_real(&json, "seconds", (double)(wci_calendar_monotonic() - parcel->sent_at) / 1e6);
    wci_json_open(&json, "reasons", '{');
    for (int i = 0; i < (int)wci_engine_regions(courier->engine); i++)
        wci_json_text(&json, region_name(courier, i), wci_text_get(&object->reasons[i]));
    wci_json_close(&json, '}');
    wci_json_open(&json, "doubts", '[');
    for (int i = 0; i < (int)wci_engine_regions(courier->engine); i++) {
        if (object->doubts >> i & 1)
            wci_json_text(&json, NULL, region_name(courier, i));
    }
    wci_json_close(&json, ']');
    wci_json_int(&json, "leftovers", (int64_t)object->leftover_count);
    wci_json_close(&json, '}');
    write_line(courier, &text);
}

static void on_done(void *user, struct wci_object *object)
{
    struct parcel *parcel = user;
    struct courier *courier = parcel->courier;
    write_outcome(parcel);
    close(object->body.fd);
    wci_object_release(object);
    free(parcel->key);
    free(parcel->resume_id);
    free(parcel);
    if (atomic_fetch_add(&courier->ended, 1) + 1 >= atomic_load(&courier->wanted))
        atomic_store(&courier->is_enough, true);
}

static void send_object(struct courier *courier, char **words, int count)
{
    struct parcel *parcel = calloc(1, sizeof *parcel);
    struct stat status;
    if (!parcel || count < 3)
        give_up("send");
    wci_object_init(&parcel->object);
    parcel->courier = courier;
    parcel->key = strdup(words[1]);
    struct wci_object *object = &parcel->object;
    object->key = parcel->key;
    object->content_type = "image/jpeg";
    object->body.fd = open(words[2], O_RDONLY | O_CLOEXEC);
    if (!parcel->key || object->body.fd < 0 || fstat(object->body.fd, &status) != 0)
        give_up(words[2]);
    object->body.length = status.st_size;
    object->patience = count > 3 ? (int64_t)(strtod(words[3], NULL) * 1e6) : 0;
    object->look_first = count > 4 ? (uint32_t)strtoul(words[4], NULL, 10) : 0;
    if (count > 6) {
        object->resume_region = wci_engine_find_region(courier->engine, words[5]);
        object->resume_id = parcel->resume_id = strdup(words[6]);
    }
    object->done = on_done;
    object->user = parcel;
    parcel->sent_at = wci_calendar_monotonic();
    atomic_fetch_add(&courier->begun, 1);
    if (wci_object_hash(object, courier->conf, NULL) != WILDCAM_OK ||
        wci_engine_send(courier->engine, object) != WILDCAM_OK) {
        wci_error_save(&object->error);
        object->region = -1;
        on_done(parcel, object);
    }
}

static void wait_for_ends(struct courier *courier, int wanted)
{
    atomic_store(&courier->is_enough, false);
    atomic_store(&courier->wanted, wanted);
    if (atomic_load(&courier->ended) >= wanted)
        atomic_store(&courier->is_enough, true);
    if (!wci_engine_wait(courier->engine, &courier->is_enough,
                         wci_calendar_monotonic() + SAFETY_NET * INT64_C(1000000)))
        give_up("what was sent does not come to an end");
    struct wci_text text = {0};
    wci_text_add_format(&text, "{\"waited\":%d}", atomic_load(&courier->ended));
    write_line(courier, &text);
}

static void look(struct courier *courier)
{
    struct wci_text text = {0};
    struct wci_json json = {.out = &text};
    int64_t now = wci_calendar_monotonic();
    wci_json_open(&json, NULL, '{');
    wci_json_open(&json, "regions", '[');
    for (int i = 0; i < (int)wci_engine_regions(courier->engine); i++) {
        struct wci_region_report report;
        struct wci_text reason = {0};
        wci_engine_look(courier->engine, i, &report, &reason);
        wci_json_open(&json, NULL, '{');
        wci_json_text(&json, "name", region_name(courier, i));
        wci_json_text(&json, "state", wci_region_state_word(report.state));
        wci_json_bool(&json, "is_current", report.is_current);
        wci_json_int(&json, "requests", report.requests);
        wci_json_int(&json, "room", report.room);
        wci_json_int(&json, "under_way", report.under_way);
        wci_json_int(&json, "tokens", report.retry_tokens);
        wci_json_real(&json, "skew", (double)report.skew / 1e6);
        wci_json_real(&json, "opens_in", report.opens ? (double)(report.opens - now) / 1e6 : 0);
        wci_json_text(&json, "reason", wci_text_get(&reason));
        wci_json_close(&json, '}');
        wci_text_free(&reason);
    }
    wci_json_close(&json, ']');
    wci_json_close(&json, '}');
    write_line(courier, &text);
}

static void obey(struct courier *courier, char *line)
{
    char *words[WORDS], *rest = NULL;
    int count = 0;
    for (char *word = strtok_r(line, " \n", &rest); word && count < WORDS;
         word = strtok_r(NULL, " \n", &rest))
        words[count++] = word;
    if (count == 0)
        return;
    if (strcmp(words[0], "send") == 0)
        send_object(courier, words, count);
    else if (strcmp(words[0], "wait") == 0)
        wait_for_ends(courier,
                      count > 1 ? (int)strtol(words[1], NULL, 10) : atomic_load(&courier->begun));
    else if (strcmp(words[0], "look") == 0)
        look(courier);
    else if (strcmp(words[0], "limit") == 0 && count > 1)
        wci_engine_limit(courier->engine, strtoll(words[1], NULL, 10));
    else if (strcmp(words[0], "retry_now") == 0)
        wci_engine_retry_now(courier->engine);
    else if (strcmp(words[0], "cancel") == 0)
        wci_engine_cancel_all(courier->engine);
    else
        give_up(words[0]);
}

static void set(wildcam_conf *conf, char *setting)
{
    char *value = strchr(setting, '=');
    if (!value)
        give_up(setting);
    *value++ = '\0';
    if (wci_conf_set(conf, setting, value) != WILDCAM_OK)
        give_up(setting);
}

static void log_line(void *user, int level, const char *module, const char *message)
{
    (void)user;
    fprintf(stderr, "%d %s: %s\n", level, module, message);
}

int main(int argc, char **argv)
{
    struct courier courier = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    bool leads = argc > 1 && strcmp(argv[1], "--lead") == 0;
    char line[LINE];
    if (wci_conf_new(&courier.conf) != WILDCAM_OK)
        give_up("settings");
    wci_conf_set_log(courier.conf, log_line, NULL);
    for (int i = leads ? 2 : 1; i < argc; i++)
        set(courier.conf, argv[i]);
    struct wci_log log = wci_conf_log(courier.conf);
    if (wci_engine_open(courier.conf, &log, &wci_curl_transport, &courier.engine) != WILDCAM_OK)
        give_up("open");
    if (!leads && wci_engine_start(courier.engine) != WILDCAM_OK)
        give_up("start");
    while (fgets(line, sizeof line, stdin))
        obey(&courier, line);
    wci_engine_cancel_all(courier.engine);
    wait_for_ends(&courier, atomic_load(&courier.begun));
    wci_engine_stop(courier.engine);
    wci_engine_close(courier.engine, false);
    wci_conf_free(courier.conf);
    return 0;
}
