/* Where a region's bucket is: at AWS, or behind an endpoint of one's own. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "upload/s3.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static const char small[] = LETTERS, capitals[] = CAPITALS;

/* AWS is several: a region's first letters tell in which one it is, by which domain. */
static const char *aws_domain(const char *region)
{
    static const struct {
        const char *prefix, *domain;
    } partitions[] = {
        {"cn-", "amazonaws.com.cn"},    {"eusc-", "amazonaws.eu"},
        {"us-iso-", "c2s.ic.gov"},      {"us-isob-", "sc2s.sgov.gov"},
        {"us-isof-", "csp.hci.ic.gov"}, {"eu-isoe-", "cloud.adc-e.uk"},
    };
    for (size_t i = 0; i < sizeof partitions / sizeof partitions[0]; i++)
        if (strncmp(region, partitions[i].prefix, strlen(partitions[i].prefix)) == 0)
            return partitions[i].domain;
    return "amazonaws.com";
}

/* Adds a template with the region's name in the place of {region}. */
static void add_filled_in(struct wci_text *to, const char *template, const char *region)
{
    static const char place[] = "{region}";
    const char *found;
    while ((found = strstr(template, place))) {
        wci_text_add_bytes(to, template, (size_t)(found - template));
        wci_text_add(to, region);
        template = found + sizeof place - 1;
    }
    wci_text_add(to, template);
}

/* ---- The bucket ---- */

/* S3's rules where the name becomes part of a host's; a server of one's own may be less strict. */
static const char *bucket_fault(const char *bucket, bool is_strict)
{
    size_t length = strlen(bucket);
    struct in_addr address;
    if (length < 3 || length >= WCI_BUCKET_TEXT)
        return "it has 3 to 63 bytes";
    if (is_strict && bucket[strspn(bucket, LETTERS DIGITS ".-")])
        return "it has a-z, 0-9, . and -";
    if (bucket[strspn(bucket, LETTERS CAPITALS DIGITS ".-_")])
        return "it has letters, digits, ., - and _";
    if (strchr(".-_", bucket[0]) || strchr(".-_", bucket[length - 1]))
        return "it begins and ends in a letter or digit";
    if (is_strict && (strstr(bucket, "..") || strstr(bucket, ".-") || strstr(bucket, "-.")))
        return "no dot stands beside a dot or -";
    if (is_strict && inet_pton(AF_INET, bucket, &address) == 1)
        return "it is no IP address";
    return NULL;
}

static wildcam_status set_bucket(struct wci_s3_region *region, const char *template)
{
    struct wci_text filled = {0};
    add_filled_in(&filled, template, region->name);
    if (filled.failed) {
        wci_text_free(&filled);
        return wci_fail_memory();
    }
    bool is_strict = region->is_aws || !region->is_path_style;
    const char *fault = bucket_fault(wci_text_get(&filled), is_strict);
    wildcam_status status = WILDCAM_OK;
    if (fault)
        status = wci_fail(WILDCAM_ERR_INVALID, "s3.bucket: \"%.80s\" is no bucket's name: %s",
                          wci_text_get(&filled), fault);
    else
        memcpy(region->bucket, wci_text_get(&filled), filled.length + 1);
    wci_text_free(&filled);
    return status;
}

/* ---- The endpoint ---- */

/* An address taken apart: "https://Host:9000/base/". */
struct endpoint {
    bool is_https;
    const char *host;
    size_t host_length;
    const char *port; /* digits, without a colon */
    size_t port_length;
    const char *path;
    size_t path_length; /* without slashes at its end */
};

static void split(const char *address, struct endpoint *parts)
{
    *parts = (struct endpoint){.is_https = strncmp(address, "https:", 6) == 0};
    const char *rest = strstr(address, "://") + 3;
    parts->host = rest;
    parts->host_length = *rest == '[' ? strcspn(rest, "]") + 1 : strcspn(rest, ":/");
    rest += parts->host_length;
    if (*rest == ':') {
        parts->port = rest + 1;
        parts->port_length = strspn(parts->port, DIGITS);
        rest = parts->port + parts->port_length;
    }
    parts->path = rest;
    parts->path_length = strlen(rest);
    while (parts->path_length && rest[parts->path_length - 1] == '/')
        parts->path_length--;
}

static bool is_ip_address(const struct endpoint *parts)
{
    return parts->host[0] == '[' || strspn(parts->host, DIGITS ".") >= parts->host_length;
}

/* Whether what looks like an IP address is one. */
static bool is_host_right(const struct endpoint *parts)
{
    char host[INET6_ADDRSTRLEN + 1];
    unsigned char address[sizeof(struct in6_addr)];
    bool is_ipv6 = parts->host[0] == '[';
    size_t length = is_ipv6 ? parts->host_length - 2 : parts->host_length;
    if (!is_ip_address(parts))
        return true;
    if (length >= sizeof host)
        return false;
    memcpy(host, is_ipv6 ? parts->host + 1 : parts->host, length);
    host[length] = '\0';
    return inet_pton(is_ipv6 ? AF_INET6 : AF_INET, host, address) == 1;
}

/* HTTP leaves out a port that is the scheme's own; so does what is signed. */
static bool is_port_standard(const struct endpoint *parts)
{
    const char *digits = parts->port;
    size_t length = parts->port_length;
    for (; length && *digits == '0'; digits++)
        length--;
    const char *standard = parts->is_https ? "443" : "80";
    return length == 0 || (length == strlen(standard) && memcmp(digits, standard, length) == 0);
}

static wildcam_status check_endpoint(const struct wci_s3_region *region, const char *address)
{
    const char *fault = wci_form_named("endpoint")->fault(address);
    struct endpoint parts;
    if (!fault) {
        split(address, &parts);
        if (!is_host_right(&parts))
            fault = "its host is no IP address";
        else if (!region->is_path_style && is_ip_address(&parts))
            fault = "a bucket cannot stand before an IP address; s3.path_style";
    }
    if (!fault)
        return WILDCAM_OK;
    /* What stands before an @ may be a password. */
    return wci_fail(WILDCAM_ERR_INVALID, "s3.endpoint: \"%.200s\" for region %s: %s",
                    strchr(address, '@') ? "***" : address, region->name, fault);
}

/* ---- Both together ---- */

static void add_small(struct wci_text *to, const char *letters, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const char *capital = strchr(capitals, letters[i]);
        wci_text_add_bytes(to, capital ? small + (capital - capitals) : letters + i, 1);
    }
}

/* Makes the origin and the path that come before a key. */
static wildcam_status place(struct wci_s3_region *region, const char *address)
{
    struct endpoint parts;
    struct wci_text origin = {0}, path = {0};
    split(address, &parts);
    wci_text_add(&origin, parts.is_https ? "https://" : "http://");
    size_t host_at = origin.length;
    if (!region->is_path_style)
        wci_text_add_format(&origin, "%s.", region->bucket);
    add_small(&origin, parts.host, parts.host_length);
    if (parts.port && !is_port_standard(&parts))
        wci_text_add_format(&origin, ":%.*s", (int)parts.port_length, parts.port);
    wci_text_add_bytes(&path, parts.path, parts.path_length);
    wci_text_add_char(&path, '/');
    if (region->is_path_style)
        wci_text_add_format(&path, "%s/", region->bucket);
    char *new_origin = wci_text_take(&origin), *new_path = wci_text_take(&path);
    if (!new_origin || !new_path) {
        free(new_origin);
        free(new_path);
        return WILDCAM_ERR_NOMEM;
    }
    free(region->origin);
    free(region->path);
    region->origin = new_origin;
    region->path = new_path;
    region->host = region->origin + host_at;
    region->is_https = parts.is_https;
    return WILDCAM_OK;
}

static wildcam_status place_at_aws(struct wci_s3_region *region)
{
    struct wci_text address = {0};
    wci_text_add_format(&address, "https://s3.%s.%s", region->signed_as,
                        aws_domain(region->signed_as));
    wildcam_status status = address.failed ? wci_fail_memory()
                                           : place(region, wci_text_get(&address));
    wci_text_free(&address);
    return status;
}

static wildcam_status place_at_endpoint(struct wci_s3_region *region, const char *endpoint)
{
    struct wci_text address = {0};
    add_filled_in(&address, endpoint, region->name);
    wildcam_status status = address.failed ? wci_fail_memory()
                                           : check_endpoint(region, wci_text_get(&address));
    if (status == WILDCAM_OK)
        status = place(region, wci_text_get(&address));
    wci_text_free(&address);
    return status;
}

wildcam_status wci_s3_region_init(struct wci_s3_region *region, const char *name,
                                  const char *bucket, const char *endpoint, enum wci_s3_style style)
{
    *region = (struct wci_s3_region){.is_aws = endpoint[0] == '\0'};
    if (!wci_is_region(name))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "s3.regions: \"%.80s\" is no region's name: 1 to 63 of a-z, 0-9 and -",
                        name);
    memcpy(region->name, name, strlen(name) + 1);
    memcpy(region->signed_as, name, strlen(name) + 1);
    /* AWS's certificates are for one label before "s3". */
    bool is_path_better = !region->is_aws || strchr(bucket, '.');
    region->is_path_style = style == WCI_S3_STYLE_PATH ||
                            (style == WCI_S3_STYLE_AUTO && is_path_better);
    region->sends_checksums = region->is_aws;
    wildcam_status status = set_bucket(region, bucket);
    if (status == WILDCAM_OK)
        status = region->is_aws ? place_at_aws(region) : place_at_endpoint(region, endpoint);
    if (status != WILDCAM_OK)
        wci_s3_region_release(region);
    return status;
}

void wci_s3_region_release(struct wci_s3_region *region)
{
    free(region->origin);
    free(region->path);
    wci_wipe(region, sizeof *region); /* the signing key */
}

wildcam_status wci_s3_region_move(struct wci_s3_region *region, const char *signed_as)
{
    if (!wci_is_region(signed_as))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "region %s: \"%.80s\", where it is said to be, is no "
                        "region's name",
                        region->name, signed_as);
    char before[WCI_REGION_TEXT];
    memcpy(before, region->signed_as, sizeof before);
    memcpy(region->signed_as, signed_as, strlen(signed_as) + 1);
    wildcam_status status = region->is_aws ? place_at_aws(region) : WILDCAM_OK;
    if (status != WILDCAM_OK)
        memcpy(region->signed_as, before, sizeof before);
    return status;
}

/* ---- All of them ---- */

void wci_s3_regions_free(struct wci_s3_region *regions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        wci_s3_region_release(&regions[i]);
    free(regions);
}

/* Whether two regions lead to one place; one that was not made leads nowhere. */
static bool is_same_place(const struct wci_s3_region *left, const struct wci_s3_region *right)
{
    return left->origin && right->origin && strcmp(left->origin, right->origin) == 0 &&
           left->path && right->path && strcmp(left->path, right->path) == 0;
}

/* Two regions in one place would be counted as two copies, or tried in turn for nothing. */
static wildcam_status check_apart(const struct wci_s3_region *regions, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (is_same_place(&regions[i], &regions[k]))
                return wci_fail(WILDCAM_ERR_INVALID,
                                "s3.regions: %s and %s are one place, %s%s; s3.bucket or "
                                "s3.endpoint may hold {region}",
                                regions[k].name, regions[i].name, regions[i].origin,
                                regions[i].path);
    return WILDCAM_OK;
}

static wildcam_status init_from_conf(struct wci_s3_region *region, const wildcam_conf *conf,
                                     const char *name)
{
    enum { AUTO, ON, OFF };
    wildcam_status status = wci_s3_region_init(
        region, name, wci_conf_text(conf, WCI_S3_BUCKET), wci_conf_region_endpoint(conf, name),
        (enum wci_s3_style)wci_conf_int(conf, WCI_S3_PATH_STYLE));
    if (status != WILDCAM_OK)
        return status;
    int64_t checksum = wci_conf_int(conf, WCI_S3_CHECKSUM);
    region->sends_checksums = checksum == ON || (checksum == AUTO && region->is_aws);
    region->sends_if_none_match = wci_conf_int(conf, WCI_S3_IF_NONE_MATCH) != 0;
    return WILDCAM_OK;
}

wildcam_status wci_s3_regions(const wildcam_conf *conf, struct wci_s3_region **regions,
                              size_t *count)
{
    char names[WCI_REGIONS_MAX][WCI_REGION_TEXT];
    size_t named = wci_conf_regions(conf, names), made = 0;
    *regions = NULL;
    *count = 0;
    struct wci_s3_region *all = wci_new_array(named, sizeof *all);
    if (!all)
        return WILDCAM_ERR_NOMEM;
    wildcam_status status = WILDCAM_OK;
    while (status == WILDCAM_OK && made < named) {
        status = init_from_conf(&all[made], conf, names[made]);
        made += status == WILDCAM_OK;
    }
    if (status == WILDCAM_OK)
        status = check_apart(all, made);
    if (status != WILDCAM_OK) {
        wci_s3_regions_free(all, made);
        return status;
    }
    *regions = all;
    *count = made;
    return WILDCAM_OK;
}
