/* A streaming JSON writer over a growing text: commas and escapes are its business. */
#ifndef WCI_BASE_JSON_H
#define WCI_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct wci_json {
    struct wci_text *out;
    bool need_comma;
};

/* `name` is NULL inside an array and at the top. */
void wci_json_open(struct wci_json *json, const char *name, char bracket);
/* What comes next begins a line, so that people can read it, and diff. */
void wci_json_line(struct wci_json *json);
/* The two in one. */
void wci_json_open_line(struct wci_json *json, const char *name, char bracket);
void wci_json_close(struct wci_json *json, char bracket);
void wci_json_text(struct wci_json *json, const char *name, const char *value);
void wci_json_text_or_null(struct wci_json *json, const char *name, const char *value); /* "" */
void wci_json_int(struct wci_json *json, const char *name, int64_t value);
void wci_json_real(struct wci_json *json, const char *name, double value); /* NaN is null */
void wci_json_bool(struct wci_json *json, const char *name, bool value);
void wci_json_null(struct wci_json *json, const char *name);
void wci_json_time(struct wci_json *json, const char *name, int64_t time, int32_t offset);
/* Text that is JSON already; "" is null. */
void wci_json_raw(struct wci_json *json, const char *name, const char *value);

/* The text between quotes: control characters escaped, bytes that are no UTF-8 as U+FFFD. */
void wci_json_escape(struct wci_text *out, const char *text);

#endif
