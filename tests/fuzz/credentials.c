/* Files of keys, and what those who give credentials answer: what is taken is fit for a request's
 * headers, and what is refused has a sentence of one line. */
#include "upload/credential_source.h"

#include <wildcam/time.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "upload/profile.h"

static void check_visible(const char *text, size_t size)
{
    size_t length = strnlen(text, size);
    must(length < size);
    for (size_t i = 0; i < length; i++)
        must(text[i] > ' ' && text[i] <= '~');
}

static void check_sentence(const char *text)
{
    must(text[0] && wci_utf8_is_valid(text, strlen(text)));
    for (; *text; text++)
        must((unsigned char)*text >= ' ' && *text != '\x7f');
}

static void check_word(struct wci_word word, const char *text)
{
    must(word.length == 0 || (word.begin >= text && word.begin < text + strlen(text)));
    must(word.length == 0 || word.length <= strlen(word.begin));
    for (size_t i = 0; i < word.length; i++)
        must(word.begin[i] != '\n');
}

static void check_profile(const uint8_t *data, size_t size)
{
    struct wci_profile profile;
    char *text = fuzz_text(data, size);
    for (int is_config = 0; is_config < 2; is_config++) {
        wci_profile_read(text, is_config ? "gate" : "default", is_config, &profile);
        check_word(profile.access_key, text);
        check_word(profile.secret_key, text);
        check_word(profile.session_token, text);
        must(profile.is_there || (!profile.access_key.length && !profile.secret_key.length));
    }
    free(text);
}

static void check_finding(const struct wci_search *search, enum wci_finding finding)
{
    const wildcam_credentials *found = &search->found;
    if (finding == WCI_FOUND) {
        must(found->access_key[0] && found->secret_key[0]);
        check_visible(found->access_key, sizeof found->access_key);
        check_visible(found->secret_key, sizeof found->secret_key);
        check_visible(found->session_token, sizeof found->session_token);
        must((found->expires == WILDCAM_TIME_NONE) == (search->lifetime == WILDCAM_TIME_NONE));
    } else if (finding == WCI_FAILED) {
        check_sentence(wildcam_error_message());
    } else if (finding == WCI_LACKING) {
        check_sentence(wci_text_get(&search->lacks));
    } else {
        check_visible(wci_text_get(&search->exchange.url), search->exchange.url.capacity);
        must(!memchr(search->exchange.headers.data, '\r', search->exchange.headers.length));
    }
}

/* An instance's metadata service is asked three times: the step is the input's. */
static void check_answer(const struct wci_source *source, int step, int status, const uint8_t *data,
                         size_t size)
{
    static wildcam_conf *conf;
    static struct wci_surroundings around;
    struct wci_search search;
    must(conf || wci_conf_new(&conf) == WILDCAM_OK);
    wci_search_init(&search, conf, &around);
    wci_search_asks(&search, "GET", 1);
    search.step = step;
    search.exchange.status = status;
    wci_text_add(&search.exchange.head, "date: Thu, 26 Nov 2026 10:00:00 GMT\n");
    wci_text_add_bytes(&search.exchange.answer, size ? (const char *)data : "", size);
    wci_error_clear();
    check_finding(&search, source->go_on(&search));
    wci_search_release(&search);
}

/* The first line is the number of who answers, of the step and the status. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct wci_source *const sources[] = {&wci_source_container, &wci_source_instance,
                                                       &wci_source_web_identity};
    char *line = fuzz_line(&data, &size), *end;
    const struct wci_source *source = sources[strtoul(line, &end, 10) % 3];
    int step = (int)(strtoul(end, &end, 10) % 3);
    int status = (int)(strtoul(end, NULL, 10) % 1000);
    free(line);
    check_profile(data, size);
    check_answer(source, step, status, data, size);
    return 0;
}
