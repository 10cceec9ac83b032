#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h> /* glibc's tcp_info is older */
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "upload/curl_link.h"

/* More than any alert of TLS takes. */
enum { GOODBYE_MAX = 128 };

/* ---- whose socket is whose ---- */

/* An end of a connection as libcurl tells it. */
struct end {
    const char *address;
    long port;
};

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

static bool is_end(const union address *socket, const struct end *end)
{
    char address[INET6_ADDRSTRLEN] = "";
    bool is_six = socket->any.sa_family == AF_INET6;
    const void *bytes = is_six ? (const void *)&socket->six.sin6_addr
                               : (const void *)&socket->four.sin_addr;
    inet_ntop(is_six ? AF_INET6 : AF_INET, bytes, address, sizeof address);
    return ntohs(is_six ? socket->six.sin6_port : socket->four.sin_port) == end->port &&
           strcmp(address, end->address) == 0;
}

static bool connects(int fd, const struct end *near, const struct end *far)
{
    union address address;
    memset(&address, 0, sizeof address);
    socklen_t size = sizeof address;
    if (fd < 0 || getsockname(fd, &address.any, &size) != 0 || !is_end(&address, near))
        return false;
    size = sizeof address;
    return getpeername(fd, &address.any, &size) == 0 && is_end(&address, far);
}

/* libcurl does not tell a transfer's socket before its end, but between which ends it is. */
static int find_socket(struct wci_link *link)
{
    struct end near = {"", 0}, far = {"", 0};
    CURL *easy = link->easy;
    if (curl_easy_getinfo(easy, CURLINFO_LOCAL_IP, &near.address) != CURLE_OK ||
        curl_easy_getinfo(easy, CURLINFO_LOCAL_PORT, &near.port) != CURLE_OK ||
        curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &far.address) != CURLE_OK ||
        curl_easy_getinfo(easy, CURLINFO_PRIMARY_PORT, &far.port) != CURLE_OK || !near.address ||
        !far.address)
        return -1;
    const wci_carrier *carrier = link->carrier;
    for (int i = 0; i < carrier->socket_room && !connects(link->fd, &near, &far); i++)
        link->fd = carrier->sockets[i];
    return connects(link->fd, &near, &far) ? link->fd : -1;
}

int64_t wci_link_progress(struct wci_link *link)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    int fd = find_socket(link);
    if (fd < 0 || getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        return link->counted + link->received;
    return (int64_t)(info.tcpi_bytes_acked + info.tcpi_bytes_received);
}

/* ---- opening and closing ---- */

/* Not for programs that the host starts. */
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    const wci_carrier *carrier = user;
    (void)purpose;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0)
        return CURL_SOCKET_BAD;
    for (int i = 0; i < carrier->socket_room; i++) {
        int none = -1;
        if (atomic_compare_exchange_strong(&carrier->sockets[i], &none, fd))
            return fd;
    }
    close(fd);
    errno = EMFILE;
    return CURL_SOCKET_BAD;
}

/* Whether a request that nobody has answered is on a connection; also when it cannot be told where
 * one is. */
static bool has_unanswered(const wci_carrier *carrier, int fd)
{
    for (struct wci_link *link = carrier->active.first; link; link = link->next) {
        long port = 0; /* of our end, once there is a connection */
        curl_easy_getinfo(link->easy, CURLINFO_LOCAL_PORT, &port);
        if (link->exchange->status != 0 || port <= 0)
            continue;
        int on = find_socket(link);
        if (on == fd || on < 0)
            return true;
    }
    return false;
}

/* What the other end has not acknowledged of a request that is given up is withdrawn: the system
 * would go on sending it behind our back, for minutes on a link that was silent, and an object that
 * is elsewhere by then would come into being after all. Who has answered has acknowledged all that
 * he has read, so that behind an answer, and where nothing was asked, only TLS's goodbye can be
 * left: that goes its way, or the other end would take the end for a failure. */
static void withdraw_unsent(const wci_carrier *carrier, int fd)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    int left = 0;
    if (ioctl(fd, SIOCOUTQ, &left) == 0 && left > 0 &&
        (left > GOODBYE_MAX || has_unanswered(carrier, fd)))
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static int close_socket(void *user, curl_socket_t fd)
{
    const wci_carrier *carrier = user;
    withdraw_unsent(carrier, fd);
    for (int i = 0; i < carrier->socket_room; i++)
        if (carrier->sockets[i] == fd)
            carrier->sockets[i] = -1;
    return close(fd);
}

CURLcode wci_link_open_own(struct wci_link *link)
{
    CURLcode code = curl_easy_setopt(link->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    if (code == CURLE_OK)
        code = curl_easy_setopt(link->easy, CURLOPT_OPENSOCKETDATA, link->carrier);
    if (code == CURLE_OK)
        code = curl_easy_setopt(link->easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    if (code == CURLE_OK)
        code = curl_easy_setopt(link->easy, CURLOPT_CLOSESOCKETDATA, link->carrier);
    return code;
}

void wci_carrier_close_sockets(const wci_carrier *carrier)
{
    for (int i = 0; i < carrier->socket_room; i++)
        if (carrier->sockets[i] >= 0)
            close(carrier->sockets[i]);
}
