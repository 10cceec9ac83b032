#include "host.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

enum { HOST_TEXT = 256 };

/* The host without its port, and an IPv6 address without its brackets; false when it has no such
 * form. */
static bool split(const char *host, char name[HOST_TEXT], int *family)
{
    bool is_bracketed = *host == '[';
    size_t length = is_bracketed ? strcspn(++host, "]") : strcspn(host, ":");
    const char *rest = host + length;
    if (length == 0 || length >= HOST_TEXT || (is_bracketed && *rest++ != ']'))
        return false;
    if (*rest && (*rest != ':' || rest[1 + strspn(rest + 1, "0123456789")]))
        return false;
    memcpy(name, host, length);
    name[length] = '\0';
    *family = is_bracketed ? AF_INET6 : AF_INET;
    return true;
}

static bool is_listed(const char *name, const char *names)
{
    while (*names) {
        names += strspn(names, " ,");
        size_t length = strcspn(names, " ,");
        if (length && length == strlen(name) && strncasecmp(names, name, length) == 0)
            return true;
        names += length;
    }
    return false;
}

bool host_is_known(const char *host, const char *names)
{
    static const char local[] = ".localhost";
    char name[HOST_TEXT];
    unsigned char address[sizeof(struct in6_addr)];
    int family;
    if (!split(host, name, &family))
        return false;
    if (inet_pton(family, name, address) == 1)
        return true;
    if (family == AF_INET6)
        return false;
    size_t length = strlen(name), ending = sizeof local - 1;
    return strcasecmp(name, "localhost") == 0 ||
           (length > ending && strcasecmp(name + length - ending, local) == 0) ||
           is_listed(name, names);
}
