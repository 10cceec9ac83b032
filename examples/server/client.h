/* Who asks: the address at the other end, or what proxies that are trusted say of it. */
#ifndef SERVER_CLIENT_H
#define SERVER_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum {
    CLIENT_TEXT = 46,      /* an address as text, and its NUL */
    CLIENT_NETS_MAX = 64,  /* in one list of proxies */
    CLIENT_SENTENCE = 256, /* what is wrong with such a list */
};

/* An IPv6 address; one of IPv4 as ::ffff:A.B.C.D, so that each has one form. All zero: unknown. */
struct client {
    unsigned char address[16];
};

struct client_net {
    unsigned char address[16];
    int bits;
};

/* Whose word is believed. */
struct client_nets {
    size_t count;
    struct client_net nets[CLIENT_NETS_MAX];
};

/* Addresses and nets in CIDR form, separated by commas. On failure false, and a sentence. */
bool client_nets_read(const char *text, struct client_nets *nets, char sentence[CLIENT_SENTENCE]);
bool client_is_in(const struct client *client, const struct client_nets *nets);

void client_from_socket(const struct sockaddr *address, struct client *client);
/* An address of either family, also with a port, as proxies write it. */
bool client_read(const char *text, size_t length, struct client *client);
/*
 * Who is behind the peer, by the X-Forwarded-For headers of a request in their order. They are read
 * from the right, as far as each hop is trusted: who comes before that may have written anything.
 * What is no address ends it, too, at the last hop that was trusted.
 */
void client_find(const struct client *peer, const struct client_nets *trusted,
                 const char *const *headers, size_t count, struct client *client);

bool client_is_loopback(const struct client *client);
void client_text(const struct client *client, char text[CLIENT_TEXT]);
/* Whoever has an IPv6 address has a whole /64: limits are those of the net. */
struct client client_for_limits(const struct client *client);

#endif
