#include "upload/credential_source.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wildcam/time.h>

#include "base/calendar.h"
#include "base/json_read.h"
#include "base/memory.h"

enum { ANSWER_MAX = 65536, MESSAGE = 160 };

/* ---- the environment ---- */

wildcam_status wci_surroundings_read(struct wci_surroundings *around)
{
    static const char *const names[] = {
#define VARIABLE_NAME(id, name) name,
        WCI_VARIABLES(VARIABLE_NAME)
#undef VARIABLE_NAME
    };
    *around = (struct wci_surroundings){0};
    for (size_t i = 0; i < WCI_VARIABLE_COUNT; i++) {
        const char *value = getenv(names[i]);
        if (value && *value && !(around->values[i] = wci_copy_text(value))) {
            wci_surroundings_forget(around);
            return WILDCAM_ERR_NOMEM;
        }
    }
    return WILDCAM_OK;
}

void wci_surroundings_forget(struct wci_surroundings *around)
{
    for (size_t i = 0; i < WCI_VARIABLE_COUNT; i++)
        wci_forget(around->values[i]);
    *around = (struct wci_surroundings){0};
}

const char *wci_search_variable(const struct wci_search *search, enum wci_variable variable)
{
    return search->around->values[variable];
}

/* ---- texts ---- */

void wci_text_forget(struct wci_text *text)
{
    if (text->data)
        wci_wipe(text->data, text->capacity);
    wci_text_free(text);
}

void wci_trim_end(struct wci_text *text)
{
    while (text->length && strchr(" \t\r\n", text->data[text->length - 1]))
        text->data[--text->length] = '\0';
}

/* ---- the search ---- */

void wci_search_init(struct wci_search *search, const wildcam_conf *conf,
                     const struct wci_surroundings *around)
{
    memset(search, 0, sizeof *search);
    search->conf = conf;
    search->around = around;
    wci_exchange_init(&search->exchange);
    wci_search_renew(search);
}

static void forget_exchange(struct wci_exchange *exchange)
{
    wci_text_forget(&exchange->headers);
    wci_text_forget(&exchange->answer);
    wci_exchange_release(exchange);
}

void wci_search_renew(struct wci_search *search)
{
    wci_credentials_clear(&search->found);
    search->lifetime = WILDCAM_TIME_NONE;
    wci_text_free(&search->lacks);
    forget_exchange(&search->exchange);
    wci_text_forget(&search->body);
    wci_text_forget(&search->token);
    search->step = 0;
}

void wci_search_release(struct wci_search *search)
{
    wci_search_renew(search);
}

enum wci_finding wci_search_lacks(struct wci_search *search, const char *format, ...)
{
    char sentence[WCI_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    wci_text_add_format(&search->lacks, "%s%s", search->lacks.length ? "; " : "", sentence);
    return WCI_LACKING;
}

/* What a server says goes into one line of a log. */
static void make_one_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == '\x7f')
            *text = ' ';
}

enum wci_finding wci_search_fails(wildcam_status status, const char *format, ...)
{
    char sentence[WCI_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    make_one_line(sentence);
    wci_fail(status, "%s", sentence);
    return WCI_FAILED;
}

/* What time it is: by whoever answered, else by us, whose clock may be wrong. */
static int64_t time_of_answer(const struct wci_search *search)
{
    int64_t time;
    size_t length;
    const char *date = wci_exchange_header(&search->exchange, "date", &length);
    return wci_calendar_parse_http(date, length, &time) ? time : wci_calendar_now();
}

void wci_search_expires(struct wci_search *search, int64_t time)
{
    search->lifetime = WILDCAM_TIME_NONE;
    if (time != WILDCAM_TIME_NONE &&
        __builtin_sub_overflow(time, time_of_answer(search), &search->lifetime))
        search->lifetime = 0; /* no time that could be meant: far in the past */
}

static bool read_expiration(struct wci_search *search, const char *text, int64_t *time)
{
    int32_t offset;
    int is_date;
    if (!wci_calendar_parse(text, time, &offset, &is_date))
        return false;
    wci_search_expires(search, *time);
    return true;
}

enum wci_finding wci_search_finds(struct wci_search *search, const char *who,
                                  const char *access_key, const char *secret_key,
                                  const char *session_token, const char *expires)
{
    int64_t time = WILDCAM_TIME_NONE;
    search->lifetime = WILDCAM_TIME_NONE;
    if (expires && !read_expiration(search, expires, &time))
        return wci_search_fails(WILDCAM_ERR_INVALID, "%s: \"%.40s\" is no time to expire at", who,
                                expires);
    if (wci_credentials_set(&search->found, access_key, secret_key, session_token, time) ==
        WILDCAM_OK)
        return WCI_FOUND;
    wci_error_prefix("%s", who);
    return WCI_FAILED;
}

/* ---- answers ---- */

void wci_search_asks(struct wci_search *search, const char *method, int64_t patience)
{
    struct wci_exchange *exchange = &search->exchange;
    wci_exchange_renew(exchange);
    wci_text_empty(&exchange->url);
    wci_text_empty(&exchange->headers);
    exchange->method = method;
    exchange->body = (struct wci_body){.memory = "", .fd = -1};
    exchange->is_beside = true;
    exchange->is_direct = false;
    exchange->on_fresh_connection = true;
    exchange->answer_limit = ANSWER_MAX;
    search->patience = patience;
}

bool wci_search_was_answered(const struct wci_search *search, const char *who)
{
    const struct wci_exchange *exchange = &search->exchange;
    enum { OK = 200 };
    if (exchange->failure == WCI_LINK_OK && exchange->status == OK)
        return true;
    if (exchange->failure == WCI_LINK_OK)
        wci_fail(WILDCAM_ERR_IO, "%s answers with HTTP %d", who, exchange->status);
    else
        wci_fail(WILDCAM_ERR_IO, "%s cannot be asked: %s", who, exchange->reason);
    return false;
}

/* A text of an object by either of two names; NULL when there is none. */
static const char *text_of(const json_t *object, const char *name, const char *other)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : json_string_value(json_object_get(object, other));
}

static enum wci_finding read_object(struct wci_search *search, const char *who,
                                    const json_t *object)
{
    const char *key = text_of(object, "AccessKeyId", NULL);
    const char *secret = text_of(object, "SecretAccessKey", NULL);
    const char *code = text_of(object, "Code", "code");
    const char *message = text_of(object, "Message", "message");
    if (code && strcmp(code, "Success") != 0)
        return wci_search_fails(WILDCAM_ERR_DENIED, "%s says %.60s: %.*s", who, code, MESSAGE,
                                message ? message : "no more");
    if (!key || !secret)
        return wci_search_fails(WILDCAM_ERR_INVALID, "%s: the answer lacks %s", who,
                                key ? "SecretAccessKey" : "AccessKeyId");
    return wci_search_finds(search, who, key, secret, text_of(object, "Token", NULL),
                            text_of(object, "Expiration", NULL));
}

/* jansson frees without wiping. Its texts are ours to change: nobody else holds the object. */
static void wipe_texts(json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach (object, name, value) {
        if (json_is_string(value)) /* NOLINTNEXTLINE(performance-no-int-to-ptr) */
            wci_wipe((void *)(uintptr_t)json_string_value(value), json_string_length(value));
    }
}

enum wci_finding wci_search_reads_json(struct wci_search *search, const char *who)
{
    json_t *object;
    json_error_t error;
    const struct wci_text *answer = &search->exchange.answer;
    wildcam_status status = wci_json_read(wci_text_get(answer), answer->length, &object, &error);
    if (status == WILDCAM_ERR_NOMEM)
        return WCI_FAILED;
    if (status != WILDCAM_OK || !json_is_object(object)) {
        json_decref(object);
        return wci_search_fails(WILDCAM_ERR_INVALID, "%s: the answer is no JSON object", who);
    }
    enum wci_finding finding = read_object(search, who, object);
    wipe_texts(object);
    json_decref(object);
    return finding;
}
