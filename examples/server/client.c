#include "client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char v4_prefix[12] = {[10] = 0xff, [11] = 0xff};

static bool is_v4(const struct client *client)
{
    return memcmp(client->address, v4_prefix, sizeof v4_prefix) == 0;
}

static void set_v4(struct client *client, const void *address)
{
    memcpy(client->address, v4_prefix, sizeof v4_prefix);
    memcpy(client->address + 12, address, 4);
}

void client_from_socket(const struct sockaddr *address, struct client *client)
{
    struct sockaddr_in v4; /* copies: the caller's may be of a smaller kind */
    struct sockaddr_in6 v6;
    memset(client, 0, sizeof *client);
    if (address && address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        set_v4(client, &v4.sin_addr);
    } else if (address && address->sa_family == AF_INET6) {
        memcpy(&v6, address, sizeof v6);
        memcpy(client->address, &v6.sin6_addr, sizeof client->address);
    }
}

/* ---- addresses as text ---- */

static bool read_plain(const char *text, size_t length, struct client *client)
{
    char host[CLIENT_TEXT];
    struct in_addr v4;
    struct in6_addr v6;
    if (length >= sizeof host || memchr(text, '\0', length))
        return false;
    memcpy(host, text, length);
    host[length] = '\0';
    if (inet_pton(AF_INET, host, &v4) == 1) {
        set_v4(client, &v4);
        return true;
    }
    if (inet_pton(AF_INET6, host, &v6) != 1)
        return false;
    memcpy(client->address, &v6, sizeof client->address);
    return true;
}

static bool is_port(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return length >= 1 && length <= 5;
}

bool client_read(const char *text, size_t length, struct client *client)
{
    const char *end = text + length;
    const char *bracket = memchr(text, ']', length);
    const char *colon = memchr(text, ':', length);
    if (length > 0 && *text == '[') {
        if (!bracket || !memchr(text, ':', (size_t)(bracket - text)))
            return false;
        bool is_alone = bracket + 1 == end;
        return (is_alone ||
                (bracket[1] == ':' && is_port(bracket + 2, (size_t)(end - bracket - 2)))) &&
               read_plain(text + 1, (size_t)(bracket - text - 1), client);
    }
    bool has_port = colon && !memchr(colon + 1, ':', (size_t)(end - colon - 1));
    if (!has_port)
        return read_plain(text, length, client);
    return is_port(colon + 1, (size_t)(end - colon - 1)) &&
           read_plain(text, (size_t)(colon - text), client);
}

void client_text(const struct client *client, char text[CLIENT_TEXT])
{
    const void *address = is_v4(client) ? client->address + 12 : client->address;
    if (!inet_ntop(is_v4(client) ? AF_INET : AF_INET6, address, text, CLIENT_TEXT))
        text[0] = '\0';
}

bool client_is_loopback(const struct client *client)
{
    static const unsigned char v6_loopback[16] = {[15] = 1};
    return is_v4(client) ? client->address[12] == 127
                         : memcmp(client->address, v6_loopback, sizeof v6_loopback) == 0;
}

struct client client_for_limits(const struct client *client)
{
    struct client net = *client;
    if (!is_v4(client))
        memset(net.address + 8, 0, 8);
    return net;
}

/* ---- nets ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Takes the blanks off both ends. */
static void trim(const char **text, size_t *length)
{
    while (*length > 0 && is_blank(**text)) {
        ++*text;
        --*length;
    }
    while (*length > 0 && is_blank((*text)[*length - 1]))
        --*length;
}

static bool has_bits_behind(const struct client_net *net)
{
    for (int bit = net->bits; bit < 128; bit++)
        if (net->address[bit / 8] & 0x80 >> bit % 8)
            return true;
    return false;
}

static const char *read_net(const char *text, size_t length, struct client_net *net)
{
    struct client client;
    const char *slash = memchr(text, '/', length);
    size_t host = slash ? (size_t)(slash - text) : length;
    if (!read_plain(text, host, &client))
        return "is no address";
    int most = memchr(text, ':', host) ? 128 : 32;
    int bits = most;
    if (slash) {
        size_t digits = length - host - 1;
        if (!is_port(slash + 1, digits) || (bits = (int)strtol(slash + 1, NULL, 10)) > most)
            return most == 32 ? "has a length that is not from 0 to 32"
                              : "has a length that is not from 0 to 128";
    }
    memcpy(net->address, client.address, sizeof net->address);
    net->bits = bits + 128 - most;
    return has_bits_behind(net) ? "has bits behind its length" : NULL;
}

bool client_nets_read(const char *text, struct client_nets *nets, char sentence[CLIENT_SENTENCE])
{
    nets->count = 0;
    if (text[strspn(text, " \t")] == '\0')
        return true;
    for (const char *next = text; next;) {
        const char *comma = strchr(next, ',');
        const char *word = next;
        size_t length = comma ? (size_t)(comma - next) : strlen(next);
        next = comma ? comma + 1 : NULL;
        trim(&word, &length);
        if (nets->count == CLIENT_NETS_MAX) {
            snprintf(sentence, CLIENT_SENTENCE, "there are more than %d nets", CLIENT_NETS_MAX);
            return false;
        }
        const char *fault = read_net(word, length, &nets->nets[nets->count]);
        if (fault) {
            snprintf(sentence, CLIENT_SENTENCE, "\"%.*s\" %s", length > 60 ? 60 : (int)length, word,
                     fault);
            return false;
        }
        nets->count++;
    }
    return true;
}

static bool is_in_net(const struct client *client, const struct client_net *net)
{
    int whole = net->bits / 8, rest = net->bits % 8;
    if (memcmp(client->address, net->address, (size_t)whole) != 0)
        return false;
    return rest == 0 || (client->address[whole] ^ net->address[whole]) >> (8 - rest) == 0;
}

bool client_is_in(const struct client *client, const struct client_nets *nets)
{
    for (size_t i = 0; i < nets->count; i++)
        if (is_in_net(client, &nets->nets[i]))
            return true;
    return false;
}

/* ---- proxies ---- */

/* The items of one header from the right, while they are trusted. False when no further hop is to
 * be asked for. */
static bool walk(const char *header, const struct client_nets *trusted, struct client *client)
{
    size_t end = strlen(header);
    for (;;) {
        size_t begin = end;
        struct client hop;
        while (begin > 0 && header[begin - 1] != ',')
            begin--;
        const char *item = header + begin;
        size_t length = end - begin;
        trim(&item, &length);
        if (!client_read(item, length, &hop))
            return false;
        *client = hop;
        if (!client_is_in(client, trusted))
            return false;
        if (begin == 0)
            return true;
        end = begin - 1;
    }
}

void client_find(const struct client *peer, const struct client_nets *trusted,
                 const char *const *headers, size_t count, struct client *client)
{
    *client = *peer;
    if (!client_is_in(peer, trusted))
        return;
    while (count > 0 && walk(headers[--count], trusted, client))
        continue;
}
