#include "conf/form.h"

#include <string.h>

#define SMALL "abcdefghijklmnopqrstuvwxyz"
#define LARGE "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define REGION "{region}"

/* ---- lists ---- */

bool wci_list_next(const char **at, struct wci_word *word)
{
    if (!**at)
        return false;
    size_t length = strcspn(*at, ",");
    const char *end = *at + length;
    word->begin = *at;
    while (word->begin < end && *word->begin == ' ')
        word->begin++;
    while (end > word->begin && end[-1] == ' ')
        end--;
    word->length = (size_t)(end - word->begin);
    *at += length + ((*at)[length] == ',');
    return true;
}

bool wci_word_is(struct wci_word word, const char *text)
{
    return word.length == strlen(text) &&
           (word.length == 0 || memcmp(word.begin, text, word.length) == 0);
}

static bool is_repeated(struct wci_word word, const char *list)
{
    struct wci_word earlier;
    while (wci_list_next(&list, &earlier) && earlier.begin != word.begin)
        if (earlier.length == word.length && memcmp(earlier.begin, word.begin, word.length) == 0)
            return true;
    return false;
}

/* What is wrong with a list as such, whatever its words are. */
static const char *list_fault(const char *list)
{
    struct wci_word word;
    const char *at = list;
    if (list[strlen(list) - 1] == ',')
        return "it ends in a comma";
    while (wci_list_next(&at, &word)) {
        if (word.length == 0)
            return "a word between commas is empty";
        if (is_repeated(word, list))
            return "a word is there twice";
    }
    return NULL;
}

/* ---- regions and buckets ---- */

static bool is_region_word(struct wci_word word)
{
    if (word.length == 0 || word.length >= WCI_REGION_TEXT)
        return false;
    for (size_t i = 0; i < word.length; i++)
        if (!strchr(SMALL DIGITS "-", word.begin[i]))
            return false;
    return true;
}

bool wci_is_region(const char *name)
{
    return is_region_word((struct wci_word){name, strlen(name)});
}

static const char *regions_fault(const char *text)
{
    struct wci_word word;
    int count = 0;
    for (const char *at = text; wci_list_next(&at, &word); count++)
        if (word.length && !is_region_word(word))
            return "a region's name has 1 to 63 of a-z, 0-9 and -";
    return count > WCI_REGIONS_MAX ? "there are more than 16" : list_fault(text);
}

static const char *sources_fault(const char *text)
{
    static const char *const known[] = {"environment", "file", "web_identity", "container",
                                        "instance"};
    struct wci_word word;
    for (const char *at = text; wci_list_next(&at, &word);) {
        bool found = word.length == 0;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            found = found || wci_word_is(word, known[i]);
        if (!found)
            return "a word is none of these";
    }
    return list_fault(text);
}

static const char *detectors_fault(const char *text)
{
    struct wci_word word;
    for (const char *at = text; wci_list_next(&at, &word);) {
        size_t name = 0;
        while (name < word.length && strchr(SMALL LARGE DIGITS "._-", word.begin[name]))
            name++;
        if (name < word.length && (name == 0 || word.begin[name] != ':'))
            return "the name of a detector has letters, digits, ., _ and -, and before more a "
                   "colon";
        if (name + 1 == word.length)
            return "nothing stands behind a colon";
    }
    return list_fault(text);
}

static const char *variables_fault(const char *text)
{
    struct wci_word word;
    for (const char *at = text; wci_list_next(&at, &word);) {
        size_t name = 0;
        while (name < word.length && strchr(SMALL LARGE DIGITS "_", word.begin[name]))
            name++;
        bool is_group = name && name + 1 == word.length && word.begin[name] == '*';
        if (name < word.length && !is_group)
            return "the name of a variable has letters, digits and _, and at its end may have *";
    }
    return list_fault(text);
}

/* How many bytes at the beginning of a text are of a set, {region} counting as one that is. */
static size_t span(const char *text, const char *set, bool with_region)
{
    size_t length = 0;
    for (;;) {
        length += strspn(text + length, set);
        if (!with_region || strncmp(text + length, REGION, sizeof REGION - 1) != 0)
            return length;
        length += sizeof REGION - 1;
    }
}

static const char *bucket_fault(const char *text)
{
    if (text[span(text, SMALL LARGE DIGITS "-._", true)])
        return "the name of a bucket has letters, digits, ., - and _";
    return NULL;
}

static const char *visible_fault(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text > '~')
            return "it has a blank, or a character outside ASCII";
    return NULL;
}

/* ---- addresses ---- */

/* The length of a host at the beginning of a text: a name, an IPv4 address or an IPv6 one in
 * brackets; 0 when there is none. */
static size_t host_length(const char *text, bool with_region)
{
    if (*text != '[')
        return *text == '.' || *text == '-' ? 0 : span(text, SMALL LARGE DIGITS ".-_", with_region);
    size_t inside = strspn(text + 1, DIGITS "abcdefABCDEF:.");
    return inside >= 2 && text[1 + inside] == ']' ? inside + 2 : 0;
}

static size_t port_length(const char *text)
{
    size_t digits = strspn(text, DIGITS);
    int port = 0;
    for (size_t i = 0; i < digits && i < 6; i++)
        port = port * 10 + (text[i] - '0');
    return digits <= 5 && port >= 1 && port <= 65535 ? digits : 0;
}

static const char *address_rest_fault(const char *text, bool with_region)
{
    size_t length = host_length(text, with_region);
    if (strchr(text, '@'))
        return "a name or password does not belong there";
    if (strpbrk(text, "?#"))
        return "a query does not belong there";
    if (length == 0)
        return "it has no host";
    text += length;
    if (*text == ':') {
        length = port_length(text + 1);
        if (length == 0)
            return "a port is 1 to 65535";
        text += 1 + length;
    }
    if (*text && *text != '/')
        return "its host is none";
    if (text[span(text, SMALL LARGE DIGITS "-._~/", with_region)])
        return "its path has other than letters, digits, -, ., _, ~ and /";
    return NULL;
}

static const char *any_address_fault(const char *text, bool with_region)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < 2; i++)
        if (strncmp(text, schemes[i], strlen(schemes[i])) == 0)
            return address_rest_fault(text + strlen(schemes[i]), with_region);
    return "it does not begin with http:// or https://";
}

static const char *endpoint_fault(const char *text)
{
    return any_address_fault(text, true);
}

static const char *address_fault(const char *text)
{
    return any_address_fault(text, false);
}

static const char *hosts_fault(const char *text)
{
    struct wci_word word;
    for (const char *at = text; wci_list_next(&at, &word);)
        for (size_t i = 0; i < word.length; i++)
            if (!strchr(SMALL LARGE DIGITS ".-_", word.begin[i]))
                return "a host's name has letters, digits, ., - and _, and no port";
    return list_fault(text);
}

/* One of a list: unlike other addresses it may have a query, which is where chats have their keys.
 */
static const char *webhook_fault(const char *text)
{
    const char *host = strncmp(text, "https://", 8) == 0  ? text + 8
                       : strncmp(text, "http://", 7) == 0 ? text + 7
                                                          : NULL;
    if (!host)
        return "it does not begin with http:// or https://";
    size_t length = host_length(host, false);
    if (length == 0)
        return "it has no host";
    const char *rest = host + length;
    if (*rest == ':') {
        length = port_length(rest + 1);
        if (length == 0)
            return "a port is 1 to 65535";
        rest += 1 + length;
    }
    if (*rest == '@')
        return "a name or password does not belong there";
    if (*rest && *rest != '/' && *rest != '?')
        return "its host is none";
    if (strchr(rest, '#'))
        return "what stands behind a # is not sent";
    return visible_fault(rest);
}

static const char *webhooks_fault(const char *text)
{
    char address[WCI_WEBHOOK_TEXT];
    struct wci_word word;
    size_t count = 0;
    for (const char *at = text; wci_list_next(&at, &word); count++) {
        if (word.length >= sizeof address)
            return "an address has at most 1023 bytes";
        memcpy(address, word.begin, word.length);
        address[word.length] = '\0';
        const char *fault = word.length ? webhook_fault(address) : NULL;
        if (fault)
            return fault;
    }
    return count > WCI_WEBHOOKS_MAX ? "there are more than 8" : list_fault(text);
}

/* ---- the window ---- */

/* Reads HH:MM; the characters taken, or 0. */
static size_t read_clock(const char *text, int *minutes)
{
    if (strspn(text, DIGITS) != 2 || text[2] != ':' || strspn(text + 3, DIGITS) != 2)
        return 0;
    int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
    *minutes = hour * 60 + minute;
    return hour < 24 && minute < 60 ? 5 : 0;
}

bool wci_window_read(const char *text, struct wci_window *window)
{
    enum { CLOCK = 5, FARTHEST = 14 * 60 }; /* no clock is farther from UTC */
    int begin, end, offset = 0;
    if (!read_clock(text, &begin) || text[CLOCK] != '-' || !read_clock(text + CLOCK + 1, &end))
        return false;
    text += 2 * CLOCK + 1;
    if (*text) {
        if ((*text != '+' && *text != '-') || !read_clock(text + 1, &offset) || text[1 + CLOCK] ||
            offset > FARTHEST)
            return false;
        offset = *text == '-' ? -offset : offset;
    }
    if (begin == end)
        return false;
    window->begin = (begin - offset + WCI_MINUTES_A_DAY) % WCI_MINUTES_A_DAY;
    window->end = (end - offset + WCI_MINUTES_A_DAY) % WCI_MINUTES_A_DAY;
    return true;
}

static const char *window_fault(const char *text)
{
    struct wci_window window;
    return wci_window_read(text, &window)
               ? NULL
               : "it is two different times from 00:00 to 23:59, and an offset of at most 14:00";
}

/* ---- all of them ---- */

const struct wci_form *wci_form_named(const char *name)
{
    static const struct wci_form forms[] = {
        {"regions", "at most 16 names of regions with commas between them", regions_fault},
        {"bucket", "the name of a bucket, where {region} may stand for the region's", bucket_fault},
        {"endpoint", "http:// or https:// with a host, and a port and a path where needed",
         endpoint_fault},
        {"address", "http:// or https:// with a host, and a port and a path where needed",
         address_fault},
        {"hosts", "names of hosts with commas between them", hosts_fault},
        {"detectors",
         "names of detectors with commas between them, each with a colon and what it needs where "
         "it "
         "needs something",
         detectors_fault},
        {"variables", "names of environment variables with commas between them", variables_fault},
        {"visible", "visible characters of ASCII", visible_fault},
        {"sources",
         "words of environment, file, web_identity, container and instance with commas between "
         "them",
         sources_fault},
        {"webhooks",
         "at most 8 addresses with commas between them: http:// or https:// with a host, and a "
         "port, a path and a query where needed",
         webhooks_fault},
        {"window", "a part of the day such as 22:00-06:00 or 22:00-06:00+02:00", window_fault},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(forms[i].name, name) == 0)
            return &forms[i];
    return NULL;
}
