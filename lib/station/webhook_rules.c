/* Webhooks: addresses, signatures, and when something is tried again. Nothing here waits. */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/number.h"
#include "station/webhook.h"
#include "upload/schedule.h"

/* Only what can be nobody else. */
static bool is_near(const char *host, size_t length)
{
    static const char *const names[] = {"localhost", "[::1]"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (length == strlen(names[i]) && strncmp(host, names[i], length) == 0)
            return true;
    return length > 4 && strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") >= length;
}

void wci_webhook_read(struct wci_webhook_address *address, const char *url, size_t length)
{
    size_t taken = length < sizeof address->url ? length : sizeof address->url - 1;
    memcpy(address->url, url, taken);
    address->url[taken] = '\0';
    const char *host = strstr(address->url, "://") + 3;
    size_t all = strcspn(host, "/?");
    size_t name = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?");
    snprintf(address->origin, sizeof address->origin, "%.*s", (int)(host - address->url + all),
             address->url);
    address->is_near = is_near(host, name);
}

wildcam_status wci_webhook_sign(const char *secret, int64_t seconds, const char *body, size_t size,
                                struct wci_text *header)
{
    char number[WCI_NUMBER_TEXT], hex[WCI_DIGEST_TEXT];
    unsigned char digest[WCI_DIGEST_BYTES];
    struct wci_text text = {0};
    wci_number_format_int(seconds, number);
    wci_text_add_format(&text, "%s.", number);
    wci_text_add_bytes(&text, body, size);
    wildcam_status status = text.failed ? wci_fail_memory()
                                        : wci_digest_hmac(secret, strlen(secret), text.data,
                                                          text.length, digest);
    wci_text_free(&text);
    if (status != WILDCAM_OK)
        return status;
    wci_digest_to_text(digest, hex);
    wci_text_add_format(header, "t=%s,v1=%s", number, hex);
    return header->failed ? wci_fail_memory() : WILDCAM_OK;
}

/* ---- what becomes of it ---- */

/* No receiver is waited for longer. */
#define LONGEST_WAIT (WCI_DAY)

int64_t wci_webhook_retry_after(const char *text, size_t length, int64_t now)
{
    int64_t time = 0, latest = now + LONGEST_WAIT;
    size_t digits = strspn(text, "0123456789");
    if (length > 0 && digits >= length) {
        for (size_t i = 0; i < length && time < LONGEST_WAIT / WCI_SECOND; i++)
            time = time * 10 + (text[i] - '0');
        time = now + time * WCI_SECOND;
    } else if (!wci_calendar_parse_http(text, length, &time)) {
        return 0;
    }
    return time > latest ? latest : time > now ? time : 0;
}

/* Of this delivery, not of all. */
static bool is_refusal(int status)
{
    return status >= 300 && status < 500 && status != 408 && status != 425 && status != 429;
}

void wci_webhook_judge(const struct wci_webhook_answer *answer, int attempts, int64_t since,
                       int64_t keep, uint64_t chance, struct wci_delivery_end *end)
{
    int status = answer->status;
    int64_t age = end->now - since;
    int64_t due = end->now + wci_retry_delay(attempts + 1, chance);
    end->due = answer->retry_after > due ? answer->retry_after : due;
    end->not_before = is_refusal(status) ? 0 : end->due; /* nothing else fares better meanwhile */
    end->status = status;
    if (status >= 200 && status < 300)
        end->step = WCI_DELIVERY_DONE;
    else if (status == 410)
        end->step = WCI_DELIVERY_STOP;
    else if (age >= keep)
        end->step = WCI_DELIVERY_PARK;
    else
        end->step = WCI_DELIVERY_RETRY;
}
