/* Credentials of a container's task or pod, from the agent beside it (ECS, EKS). */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/file.h"
#include "base/memory.h"
#include "conf/form.h"
#include "upload/credential_source.h"

enum { PATIENCE = 2 * WCI_SECOND, TOKEN_MAX = 65536, HOST_MAX = 256 };

static const char *const who = "the container's agent";

/* Over plain HTTP only what is on this machine or beside it is asked: elsewhere anybody on the way
 * would read the secret. */
static bool is_near(const char *host)
{
    static const char *const agents[] = {"localhost", "169.254.170.2", "169.254.170.23"};
    struct in_addr four;
    struct in6_addr six, agent_of_eks;
    for (size_t i = 0; i < sizeof agents / sizeof agents[0]; i++)
        if (strcmp(host, agents[i]) == 0)
            return true;
    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == IN_LOOPBACKNET;
    return inet_pton(AF_INET6, host, &six) == 1 &&
           (IN6_IS_ADDR_LOOPBACK(&six) ||
            (inet_pton(AF_INET6, "fd00:ec2::23", &agent_of_eks) == 1 &&
             memcmp(&six, &agent_of_eks, sizeof six) == 0));
}

/* Takes the host out of what follows the scheme. */
static bool read_host(const char *rest, char host[HOST_MAX])
{
    bool is_bracketed = *rest == '[';
    rest += is_bracketed;
    size_t authority = strcspn(rest, "/?#"), length = strcspn(rest, is_bracketed ? "]" : ":/?#");
    if (length == 0 || length >= HOST_MAX || length > authority || memchr(rest, '@', authority))
        return false;
    memcpy(host, rest, length);
    host[length] = '\0';
    return !is_bracketed || rest[length] == ']';
}

static wildcam_status check_url(const char *url)
{
    static const char plain[] = "http://", secure[] = "https://";
    char host[HOST_MAX];
    bool is_plain = strncmp(url, plain, sizeof plain - 1) == 0;
    const char *name = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    const char *fault = wci_form_named("visible")->fault(url);
    if (fault)
        return wci_fail(WILDCAM_ERR_INVALID, "%s is wrong: %s", name, fault);
    if (!is_plain && strncmp(url, secure, sizeof secure - 1) != 0)
        return wci_fail(WILDCAM_ERR_INVALID, "%s does not begin with http:// or https://", name);
    if (!read_host(url + (is_plain ? sizeof plain : sizeof secure) - 1, host))
        return wci_fail(WILDCAM_ERR_INVALID, "%s has no host that could be read", name);
    if (is_plain && !is_near(host))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "%s has the host %.100s; over http:// only loopback addresses, "
                        "169.254.170.2, 169.254.170.23 and fd00:ec2::23 are asked",
                        name, host);
    return WILDCAM_OK;
}

static wildcam_status address_of(const struct wci_search *search, struct wci_text *url)
{
    const char *path = wci_search_variable(search, WCI_AWS_CONTAINER_PATH);
    const char *whole = wci_search_variable(search, WCI_AWS_CONTAINER_URL);
    if (path && (*path != '/' || wci_form_named("visible")->fault(path)))
        return wci_fail(WILDCAM_ERR_INVALID, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path");
    if (path) {
        wci_text_add_format(url, "http://169.254.170.2%s", path);
        return WILDCAM_OK;
    }
    wci_text_add(url, whole);
    return check_url(whole);
}

/* Adds the header that the agent knows its container by. A file is read each time: the token in it
 * changes. */
static wildcam_status add_token(struct wci_search *search)
{
    const char *path = wci_search_variable(search, WCI_AWS_CONTAINER_TOKEN_FILE);
    const char *given = wci_search_variable(search, WCI_AWS_CONTAINER_TOKEN);
    char *text = NULL;
    size_t size = 0;
    if (!path && !given)
        return WILDCAM_OK;
    if (path) {
        wildcam_status status = wci_file_load(path, TOKEN_MAX, &text, &size);
        if (status != WILDCAM_OK) {
            wci_error_prefix("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
            return status;
        }
    }
    wci_text_forget(&search->token);
    wci_text_add(&search->token, path ? text : given);
    if (text)
        wci_wipe(text, size);
    free(text);
    if (search->token.failed)
        return WILDCAM_ERR_NOMEM;
    wci_trim_end(&search->token);
    const char *token = wci_text_get(&search->token);
    for (const char *at = token; *at; at++) /* "Bearer x" has a blank */
        if (*at < ' ' || *at > '~')
            return wci_fail(WILDCAM_ERR_INVALID, "%s has a line end, or a character outside ASCII",
                            path ? "the file that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names"
                                 : "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (*token)
        wci_text_add_format(&search->exchange.headers, "Authorization: %s\n", token);
    return WILDCAM_OK;
}

static enum wci_finding begin(struct wci_search *search)
{
    if (!wci_search_variable(search, WCI_AWS_CONTAINER_PATH) &&
        !wci_search_variable(search, WCI_AWS_CONTAINER_URL))
        return wci_search_lacks(search, "the environment has neither "
                                        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor "
                                        "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    wci_search_asks(search, "GET", PATIENCE);
    search->exchange.is_direct = true;
    if (address_of(search, &search->exchange.url) != WILDCAM_OK)
        return WCI_FAILED;
    wci_text_add(&search->exchange.headers, "Accept: application/json\n");
    return add_token(search) == WILDCAM_OK ? WCI_ASKING : WCI_FAILED;
}

static enum wci_finding go_on(struct wci_search *search)
{
    return wci_search_was_answered(search, who) ? wci_search_reads_json(search, who) : WCI_FAILED;
}

const struct wci_source wci_source_container = {
    .name = "container", .words = "the container's role", .begin = begin, .go_on = go_on};
