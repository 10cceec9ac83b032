#include "upload/transport.h"

#include <string.h>

void wci_exchange_init(struct wci_exchange *exchange)
{
    *exchange = (struct wci_exchange){.method = "GET", .body.fd = -1};
}

void wci_exchange_release(struct wci_exchange *exchange)
{
    wci_text_free(&exchange->url);
    wci_text_free(&exchange->headers);
    wci_text_free(&exchange->head);
    wci_text_free(&exchange->answer);
}

void wci_exchange_renew(struct wci_exchange *exchange)
{
    exchange->failure = WCI_LINK_OK;
    exchange->reason[0] = '\0';
    exchange->status = 0;
    wci_text_empty(&exchange->head);
    wci_text_empty(&exchange->answer);
    exchange->was_reused = exchange->was_answered = exchange->was_sent = false;
    exchange->was_late = false;
    exchange->connecting = 0;
    exchange->started = exchange->ended = 0;
    exchange->sent = 0;
}

const char *wci_exchange_header(const struct wci_exchange *exchange, const char *name,
                                size_t *length)
{
    size_t name_length = strlen(name);
    const char *line = wci_text_get(&exchange->head);
    while (*line) {
        size_t line_length = strcspn(line, "\n");
        if (line_length >= name_length + 2 && memcmp(line, name, name_length) == 0 &&
            memcmp(line + name_length, ": ", 2) == 0) {
            *length = line_length - name_length - 2;
            return line + name_length + 2;
        }
        line += line_length + (line[line_length] == '\n');
    }
    *length = 0;
    return "";
}
