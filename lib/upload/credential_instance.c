/* Credentials of the role of an EC2 instance, from its metadata service (IMDSv2): a token, the
 * role's name, its keys. Version 1, which anybody on the instance may be made to ask, is not. */
#include <string.h>

#include "base/calendar.h"
#include "conf/form.h"
#include "upload/credential_source.h"

#define ROLES "/latest/meta-data/iam/security-credentials/"

enum step { TOKEN, ROLE, KEYS };
enum { PATIENCE = WCI_SECOND, ROLE_MAX = 64 };

static const char *const who = "the instance's metadata service";

/* The service's address without a slash at its end; NULL with this thread's sentence. */
static wildcam_status address_of(const struct wci_search *search, struct wci_text *url)
{
    const char *given = wci_search_variable(search, WCI_AWS_INSTANCE);
    const char *mode = wci_search_variable(search, WCI_AWS_INSTANCE_MODE);
    bool is_ipv6 = mode && wci_words_match(mode, "ipv6");
    if (!given)
        given = is_ipv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
    const char *fault = wci_form_named("address")->fault(given);
    if (fault)
        return wci_fail(WILDCAM_ERR_INVALID, "AWS_EC2_METADATA_SERVICE_ENDPOINT is wrong: %s",
                        fault);
    wci_text_add(url, given);
    while (url->length && url->data[url->length - 1] == '/')
        url->data[--url->length] = '\0';
    return WILDCAM_OK;
}

static enum wci_finding ask(struct wci_search *search, enum step step, const char *method,
                            const char *path, const char *role)
{
    struct wci_exchange *exchange = &search->exchange;
    wci_search_asks(search, method, PATIENCE);
    exchange->is_direct = true;
    search->step = step;
    if (address_of(search, &exchange->url) != WILDCAM_OK)
        return WCI_FAILED;
    wci_text_add(&exchange->url, path);
    wci_text_add(&exchange->url, role);
    if (step == TOKEN)
        wci_text_add(&exchange->headers, "X-aws-ec2-metadata-token-ttl-seconds: 21600\n");
    else
        wci_text_add_format(&exchange->headers, "X-aws-ec2-metadata-token: %s\n",
                            wci_text_get(&search->token));
    return WCI_ASKING;
}

static enum wci_finding begin(struct wci_search *search)
{
    const char *disabled = wci_search_variable(search, WCI_AWS_INSTANCE_DISABLED);
    if (disabled && wci_words_match(disabled, "true"))
        return wci_search_lacks(search, "AWS_EC2_METADATA_DISABLED is true");
    return ask(search, TOKEN, "PUT", "/latest/api/token", "");
}

static enum wci_finding lacks_what_was_said(struct wci_search *search)
{
    return wci_search_lacks(search, "%s", wildcam_error_message());
}

static enum wci_finding take_token(struct wci_search *search)
{
    struct wci_text *answer = &search->exchange.answer;
    if (!wci_search_was_answered(search, who)) /* this is no instance, or it is asked in vain */
        return lacks_what_was_said(search);
    wci_trim_end(answer);
    if (answer->length == 0 || wci_form_named("visible")->fault(wci_text_get(answer)))
        return wci_search_fails(WILDCAM_ERR_INVALID, "%s answers with what is no token", who);
    wci_text_forget(&search->token);
    wci_text_add_bytes(&search->token, answer->data, answer->length);
    return search->token.failed ? WCI_FAILED : ask(search, ROLE, "GET", ROLES, "");
}

/* Letters, digits and _+=,.@- are in a role's name, so none needs a %. */
static bool is_role(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                 "_+=,.@-");
    return length && length <= ROLE_MAX && name[length] == '\0';
}

static enum wci_finding take_role(struct wci_search *search)
{
    enum { NO_ROLE = 404 };
    char role[ROLE_MAX + 2];
    struct wci_text *answer = &search->exchange.answer;
    if (search->exchange.failure == WCI_LINK_OK && search->exchange.status == NO_ROLE)
        return wci_search_lacks(search, "the instance has no role");
    if (!wci_search_was_answered(search, who))
        return WCI_FAILED;
    wci_trim_end(answer);
    size_t length = strcspn(wci_text_get(answer), "\r\n"); /* the first one, if there are more */
    if (length > ROLE_MAX)
        length = ROLE_MAX + 1;
    memcpy(role, wci_text_get(answer), length);
    role[length] = '\0';
    if (!is_role(role))
        return wci_search_fails(WILDCAM_ERR_INVALID, "%s answers with what is no role's name", who);
    return ask(search, KEYS, "GET", ROLES, role);
}

static enum wci_finding go_on(struct wci_search *search)
{
    switch ((enum step)search->step) {
    case TOKEN:
        return take_token(search);
    case ROLE:
        return take_role(search);
    case KEYS:
        break;
    }
    return wci_search_was_answered(search, who) ? wci_search_reads_json(search, who) : WCI_FAILED;
}

const struct wci_source wci_source_instance = {
    .name = "instance", .words = "the instance's role", .begin = begin, .go_on = go_on};
