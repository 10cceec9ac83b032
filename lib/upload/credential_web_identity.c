/* Credentials of a role that a token in a file may take, from AWS's token service (STS). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/xml_read.h"
#include "conf/form.h"
#include "upload/credential_source.h"

enum { PATIENCE = 10 * WCI_SECOND, TOKEN_MAX = 65536 };

static const char *const who = "AWS's token service";

/* ---- the request ---- */

static void add_encoded(struct wci_text *text, const char *name, const char *value)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-._~";
    wci_text_add_format(text, "&%s=", name);
    for (; *value; value++) {
        if (strchr(plain, *value))
            wci_text_add_char(text, *value);
        else
            wci_text_add_format(text, "%%%02X", (unsigned char)*value);
    }
}

/* The service of the region that the host says it is in, or of the first that is uploaded to. */
static wildcam_status address_of(const struct wci_search *search, struct wci_text *url)
{
    char regions[WCI_REGIONS_MAX][WCI_REGION_TEXT];
    const char *given = wci_search_variable(search, WCI_AWS_STS);
    const char *region = wci_search_variable(search, WCI_AWS_REGION);
    const char *fault = given ? wci_form_named("address")->fault(given) : NULL;
    if (fault)
        return wci_fail(WILDCAM_ERR_INVALID, "AWS_ENDPOINT_URL_STS is wrong: %s", fault);
    if (given) {
        wci_text_add(url, given);
        return WILDCAM_OK;
    }
    if (!region)
        region = wci_search_variable(search, WCI_AWS_DEFAULT_REGION);
    if (!region && wci_conf_regions(search->conf, regions))
        region = regions[0];
    if (!region || !wci_is_region(region))
        return wci_fail(WILDCAM_ERR_INVALID, "%s: \"%.70s\" is no region's name", who,
                        region ? region : "");
    wci_text_add_format(url, "https://sts.%s.amazonaws.com%s/", region,
                        strncmp(region, "cn-", 3) == 0 ? ".cn" : "");
    return WILDCAM_OK;
}

static wildcam_status add_token(struct wci_search *search, const char *path)
{
    char *text;
    size_t size;
    wildcam_status status = wci_file_load(path, TOKEN_MAX, &text, &size);
    if (status != WILDCAM_OK) {
        wci_error_prefix("AWS_WEB_IDENTITY_TOKEN_FILE");
        return status;
    }
    wci_text_add_bytes(&search->token, text, strlen(text));
    wci_wipe(text, size);
    free(text);
    if (search->token.failed)
        return WILDCAM_ERR_NOMEM;
    wci_trim_end(&search->token);
    if (search->token.length == 0)
        return wci_fail(WILDCAM_ERR_INVALID, "AWS_WEB_IDENTITY_TOKEN_FILE: %.300s is empty", path);
    add_encoded(&search->body, "WebIdentityToken", wci_text_get(&search->token));
    return WILDCAM_OK;
}

static enum wci_finding begin(struct wci_search *search)
{
    char name[40];
    struct wci_exchange *exchange = &search->exchange;
    const char *path = wci_search_variable(search, WCI_AWS_TOKEN_FILE);
    const char *role = wci_search_variable(search, WCI_AWS_ROLE_ARN);
    const char *session = wci_search_variable(search, WCI_AWS_ROLE_SESSION);
    if (!path)
        return wci_search_lacks(search, "the environment has no AWS_WEB_IDENTITY_TOKEN_FILE");
    if (!role)
        return wci_search_fails(WILDCAM_ERR_INVALID,
                                "the environment has AWS_WEB_IDENTITY_TOKEN_FILE and no "
                                "AWS_ROLE_ARN");
    wci_search_asks(search, "POST", PATIENCE);
    if (address_of(search, &exchange->url) != WILDCAM_OK)
        return WCI_FAILED;
    snprintf(name, sizeof name, "wildcam-%lld", (long long)(wci_calendar_now() / WCI_SECOND));
    wci_text_add(&search->body, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15");
    add_encoded(&search->body, "RoleArn", role);
    add_encoded(&search->body, "RoleSessionName", session ? session : name);
    if (add_token(search, path) != WILDCAM_OK)
        return WCI_FAILED;
    wci_text_add(&exchange->headers, "Content-Type: application/x-www-form-urlencoded\n");
    exchange->body.memory = wci_text_get(&search->body);
    exchange->body.length = (int64_t)search->body.length;
    return search->body.failed ? WCI_FAILED : WCI_ASKING;
}

/* ---- the answer ---- */

#define KEYS_AT "AssumeRoleWithWebIdentityResponse/AssumeRoleWithWebIdentityResult/Credentials/"

/* Copies the text of an element; one that is not there, or too long, is "". */
static void read_element(const struct wci_text *answer, const char *path, char *value, size_t size)
{
    struct wci_xml xml;
    enum wci_xml_step step;
    wci_xml_begin(&xml, wci_text_get(answer), answer->length);
    value[0] = '\0';
    while ((step = wci_xml_next(&xml)) == WCI_XML_OPEN || step == WCI_XML_CLOSE) {
        if (step == WCI_XML_CLOSE && wci_xml_is_at(&xml, path) && !xml.text_is_cut &&
            xml.text_length < size)
            snprintf(value, size, "%s", xml.text);
    }
    wci_wipe(&xml, sizeof xml);
}

struct fields {
    char access_key[WCI_XML_TEXT], secret_key[WCI_XML_TEXT], token[WCI_XML_TEXT];
    char expires[WCI_XML_TEXT];
};

static enum wci_finding read_fields(struct wci_search *search, struct fields *fields)
{
    static const char *const paths[] = {KEYS_AT "AccessKeyId", KEYS_AT "SecretAccessKey",
                                        KEYS_AT "SessionToken", KEYS_AT "Expiration"};
    char *const places[] = {fields->access_key, fields->secret_key, fields->token, fields->expires};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        read_element(&search->exchange.answer, paths[i], places[i], WCI_XML_TEXT);
        if (!*places[i])
            return wci_search_fails(WILDCAM_ERR_INVALID, "%s: the answer lacks %s", who,
                                    strrchr(paths[i], '/') + 1);
    }
    return wci_search_finds(search, who, fields->access_key, fields->secret_key, fields->token,
                            fields->expires);
}

/* The sentence that says which status came is there; a better one is what the service says. */
static enum wci_finding refuse(struct wci_search *search)
{
    char code[64], message[200];
    const struct wci_text *answer = &search->exchange.answer;
    if (search->exchange.failure != WCI_LINK_OK)
        return WCI_FAILED;
    read_element(answer, "ErrorResponse/Error/Code", code, sizeof code);
    read_element(answer, "ErrorResponse/Error/Message", message, sizeof message);
    return *code ? wci_search_fails(WILDCAM_ERR_DENIED, "%s says %s: %s", who, code, message)
                 : WCI_FAILED;
}

static enum wci_finding go_on(struct wci_search *search)
{
    if (!wci_search_was_answered(search, who))
        return refuse(search);
    struct fields *fields = wci_new(sizeof *fields);
    if (!fields)
        return WCI_FAILED;
    enum wci_finding finding = read_fields(search, fields);
    wci_wipe(fields, sizeof *fields);
    free(fields);
    return finding;
}

const struct wci_source wci_source_web_identity = {
    .name = "web_identity", .words = "the web identity", .begin = begin, .go_on = go_on};
