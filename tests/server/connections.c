/* Connections that were closed while their other end was still sending. */
#include "connections.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "listen.h"
#include "support/harness.h"

enum { FOREVER = 3600, AWAIT_MAX = 6000 };

static struct connections connections;

static void start(int64_t per_address, int64_t linger)
{
    const struct connection_limits limits = {.connections = 1000,
                                             .per_address = per_address,
                                             .idle_timeout = FOREVER,
                                             .head_timeout = FOREVER,
                                             .request_timeout = FOREVER,
                                             .linger = linger};
    ck_assert(connections_start(&connections, &limits));
}

static void moment(void)
{
    const struct timespec time = {0, 10000000};
    nanosleep(&time, NULL);
}

static int64_t count_leaving(void)
{
    pthread_mutex_lock(&connections.mutex);
    int64_t count = connections.leaving;
    pthread_mutex_unlock(&connections.mutex);
    return count;
}

static void await_leaving(int64_t wanted)
{
    for (int i = 0; i < AWAIT_MAX && count_leaving() != wanted; i++)
        moment();
    ck_assert_int_eq(count_leaving(), wanted);
}

/* Both ends of a connection, as the server and its client have them. */
struct ends {
    int server, client;
};

static struct ends connect_ends(void)
{
    struct listen_address address;
    ck_assert(listen_read("127.0.0.1:0", &address));
    int listener = listen_open(&address);
    ck_assert_int_ge(listener, 0);
    address.v4.sin_port = htons((uint16_t)listen_port(listener));
    struct ends ends = {.client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    ck_assert_int_eq(connect(ends.client, &address.any, address.size), 0);
    for (int i = 0; i < AWAIT_MAX && (ends.server = accept(listener, NULL, NULL)) < 0; i++)
        moment(); /* it does not block */
    ck_assert_int_ge(ends.server, 0);
    close(listener);
    return ends;
}

static struct connection *add_from(const char *address, int fd)
{
    struct newcomer who = {.fd = fd};
    ck_assert(client_read(address, strlen(address), &who.peer));
    struct connection *connection = connections_add(&connections, &who);
    ck_assert_ptr_nonnull(connection);
    return connection;
}

static struct connection *add(int fd)
{
    return add_from("192.0.2.1", fd);
}

/* As libmicrohttpd closes one. */
static void close_one(struct connection *connection)
{
    int fd = connection->who.fd;
    connections_remove(&connections, connection);
    ck_assert_int_eq(close(fd), 0);
}

/* One whose request was answered before all of it had come: the client's end. */
static int close_early(void)
{
    struct ends ends = connect_ends();
    struct connection *connection = add(ends.server);
    ck_assert(connections_enter(&connections, connection, CONNECTION_HEAD));
    ck_assert(connections_enter(&connections, connection, CONNECTION_BODY));
    ck_assert(connections_enter(&connections, connection, CONNECTION_SENDING));
    ck_assert(connections_enter(&connections, connection, CONNECTION_WAITING));
    ck_assert_int_eq(send(ends.server, "answer", 6, 0), 6);
    close_one(connection);
    return ends.client;
}

/* Sends until the other end has no more of it; how much it was. */
static int64_t send_until_reset(int client, int64_t limit)
{
    static char bytes[256 * 1024];
    int64_t sent = 0;
    for (ssize_t size = 0; size >= 0 && sent<limit; sent += size> 0 ? size : 0)
        size = send(client, bytes, sizeof bytes, MSG_NOSIGNAL);
    return sent;
}

START_TEST(answer_outlasts_what_is_still_sent)
{
    char text[16];
    enum { LENGTH = 16 * 1024 * 1024 };
    start(0, FOREVER);
    int client = close_early();
    ck_assert_int_eq(count_leaving(), 1);
    ck_assert_int_eq(send_until_reset(client, LENGTH), LENGTH);
    ck_assert_int_eq(recv(client, text, sizeof text, MSG_WAITALL), 6);
    ck_assert_int_eq(recv(client, text, sizeof text, 0), 0);
    close(client);
    await_leaving(0);
    connections_stop(&connections);
}
END_TEST

START_TEST(whole_requests_leave_nothing)
{
    start(0, FOREVER);
    struct ends ends = connect_ends();
    struct connection *connection = add(ends.server);
    for (int stage = CONNECTION_HEAD; stage < CONNECTION_LINGERING; stage++)
        ck_assert(connections_enter(&connections, connection, (enum connection_stage)stage));
    close_one(connection);
    ck_assert_int_eq(count_leaving(), 0);
    close(ends.client);
    connections_stop(&connections);
}
END_TEST

START_TEST(those_that_linger_count_for_their_address)
{
    start(1, FOREVER);
    int client = close_early();
    bool is_over = true;
    struct ends ends = connect_ends();
    struct connection *refused = add(ends.server);
    ck_assert(refused->is_over);
    ck_assert(!connections_enter(&connections, refused, CONNECTION_BODY));
    close(ends.client);
    close_one(refused);
    close(client);
    await_leaving(0);
    ends = connect_ends();
    struct connection *next = add(ends.server);
    is_over = next->is_over;
    close(ends.client);
    close_one(next);
    ck_assert(!is_over);
    connections_stop(&connections);
}
END_TEST

/* Else one address would take them while it is told that it has too many. */
START_TEST(those_that_are_refused_take_no_place)
{
    enum { MANY = 60 };
    static struct connection *refused[MANY];
    struct ends ends[MANY], first = connect_ends(), other = connect_ends();
    start(1, FOREVER);
    connections.limits.connections = 2; /* nobody reads it yet */
    struct connection *of_first = add(first.server);
    for (int i = 0; i < MANY; i++) {
        ends[i] = connect_ends();
        refused[i] = add(ends[i].server);
        ck_assert(refused[i]->is_refused);
    }
    struct connection *of_other = add_from("192.0.2.2", other.server);
    ck_assert(!of_first->is_extra && !of_other->is_extra);
    for (int i = 0; i < MANY; i++) {
        close(ends[i].client);
        close_one(refused[i]);
    }
    close(first.client);
    close_one(of_first);
    close(other.client);
    close_one(of_other);
    await_leaving(0);
    ck_assert_int_eq(connections.count, 0);
    connections_stop(&connections);
}
END_TEST

START_TEST(time_is_limited)
{
    start(0, 1);
    int client = close_early();
    for (int i = 0; i < AWAIT_MAX && send(client, "x", 1, MSG_NOSIGNAL) == 1; i++)
        moment();
    ck_assert_int_lt(send(client, "x", 1, MSG_NOSIGNAL), 0);
    await_leaving(0);
    close(client);
    connections_stop(&connections);
}
END_TEST

START_TEST(length_is_limited)
{
    enum { MUCH = 256 * 1024 * 1024 };
    start(0, FOREVER);
    int client = close_early();
    ck_assert_int_lt(send_until_reset(client, MUCH), MUCH);
    await_leaving(0);
    close(client);
    connections_stop(&connections);
}
END_TEST

START_TEST(number_is_limited)
{
    enum { MANY = LEAVING_MAX + 20 };
    static int clients[MANY];
    start(0, FOREVER);
    for (int i = 0; i < MANY; i++)
        clients[i] = close_early();
    ck_assert_int_eq(count_leaving(), LEAVING_MAX);
    for (int i = 0; i < MANY; i++)
        close(clients[i]);
    await_leaving(0);
    connections_stop(&connections);
}
END_TEST

START_TEST(end_waits_for_nobody)
{
    start(0, FOREVER);
    int client = close_early();
    connections_stop(&connections);
    ck_assert_int_eq(count_leaving(), 0);
    close(client);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("connections");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, answer_outlasts_what_is_still_sent);
    tcase_add_test(all, whole_requests_leave_nothing);
    tcase_add_test(all, those_that_linger_count_for_their_address);
    tcase_add_test(all, those_that_are_refused_take_no_place);
    tcase_add_test(all, time_is_limited);
    tcase_add_test(all, length_is_limited);
    tcase_add_test(all, number_is_limited);
    tcase_add_test(all, end_waits_for_nobody);
    return suite;
}
