/*
 * Looks for credentials over real sockets, for test_credentials.py. Settings are arguments, as
 * NAME=VALUE; commands are lines of its input, and what came of each is a line of JSON.
 *
 *   get       the credentials, waiting for them if need be
 *   reject    says that the last ones have expired
 *   hold URL  begins an exchange that keeps its place among `s3.connections`
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wildcam/wildcam.h>

#include "base/calendar.h"
#include "upload/credentials.h"

enum { LINE = 1024, PATIENCE = 30 };

static struct wci_transport transport = {.ops = &wci_curl_transport};
static wci_keyring *ring;
static const struct wci_credentials *last;
static char log_text[65536];

static void keep_line(void *user, int level, const char *module, const char *text)
{
    size_t length = strlen(log_text);
    (void)user;
    snprintf(log_text + length, sizeof log_text - length, "%d %s: %s\n", level, module, text);
}

static void say(json_t *words)
{
    char *text = json_dumps(words, JSON_ENSURE_ASCII);
    puts(text);
    fflush(stdout);
    free(text);
    json_decref(words);
}

static void must(wildcam_status status, const char *what)
{
    if (status == WILDCAM_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, wildcam_error_message());
    exit(1);
}

static void tell(void *user)
{
    *(bool *)user = true;
}

static wildcam_status wait_for(void)
{
    int64_t end = wci_calendar_monotonic() + PATIENCE * WCI_SECOND;
    for (;;) {
        bool is_ready = false;
        wildcam_status status = wci_keyring_get(ring, tell, &is_ready, &last);
        if (status != WILDCAM_ERR_BUSY)
            return status;
        while (!is_ready && wci_calendar_monotonic() < end)
            must(transport.ops->run(transport.carrier, end), "run");
        if (!is_ready)
            return wci_fail(WILDCAM_ERR_INTERNAL, "nothing came of it");
    }
}

static void get(void)
{
    wci_credentials_let_go(last);
    last = NULL;
    wci_error_clear();
    wildcam_status status = wait_for();
    json_t *words = json_pack("{s:s, s:s, s:s}", "status", wildcam_status_name(status), "error",
                              wildcam_error_message(), "log", log_text);
    if (status == WILDCAM_OK) {
        json_object_set_new(words, "access_key", json_string(last->access_key));
        json_object_set_new(words, "secret_key", json_string(last->secret_key));
        json_object_set_new(words, "session_token", json_string(last->session_token));
        json_object_set_new(words, "expires",
                            last->expires == WILDCAM_TIME_NONE
                                ? json_null()
                                : json_integer(last->expires / WCI_SECOND));
    }
    say(words);
}

static struct wci_exchange held;

static void end_held(void *user, struct wci_exchange *exchange)
{
    (void)exchange;
    *(bool *)user = true;
}

static void hold(const char *url)
{
    static bool has_ended;
    wci_exchange_init(&held);
    wci_text_add(&held.url, url);
    held.answer_limit = LINE;
    held.done = end_held;
    held.user = &has_ended;
    must(transport.ops->send(transport.carrier, &held), "hold");
    say(json_pack("{s:b}", "held", !has_ended));
}

int main(int count, char **arguments)
{
    char line[LINE];
    wildcam_conf *conf;
    must(wci_conf_new(&conf), "settings");
    for (int i = 1; i < count; i++) {
        char *value = strchr(arguments[i], '=');
        if (!value)
            return 2;
        *value = '\0';
        must(wci_conf_set(conf, arguments[i], value + 1), "settings");
    }
    struct wci_log log = {.level = WILDCAM_LOG_DEBUG, .fn = keep_line};
    must(transport.ops->open(conf, &log, &transport.carrier), "transport");
    must(wci_keyring_open(conf, &log, &transport, &ring), "keyring");
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, "get") == 0)
            get();
        else if (strncmp(line, "hold ", 5) == 0)
            hold(line + 5);
        else if (strcmp(line, "reject") == 0 && last)
            wci_keyring_reject(ring, last);
        else
            return 2;
    }
    wci_credentials_let_go(last);
    wci_keyring_close(ring, false);
    if (held.transport)
        transport.ops->cancel(transport.carrier, &held);
    wci_exchange_release(&held);
    transport.ops->close(transport.carrier, false);
    wci_conf_free(conf);
    return 0;
}
