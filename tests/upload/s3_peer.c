/* The scripted S3 servers' control port, before other tests rely on it. */
#include "support/s3_peer.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/harness.h"

/* An HTTP request that is not signed: the status of its answer, 0 when none comes. */
static int ask(const char *url, const char *request)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtol(strrchr(url, ':') + 1, NULL, 10)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char answer[64] = "";
    int fd = socket(AF_INET, SOCK_STREAM, 0), status = -1;
    ck_assert_int_ge(fd, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        ck_assert_int_eq(send(fd, request, strlen(request), 0), strlen(request));
        status = recv(fd, answer, sizeof answer - 1, 0) > 9 ? (int)strtol(answer + 9, NULL, 10) : 0;
    }
    close(fd);
    return status;
}

#define PUT "PUT /wildcam-west/a HTTP/1.1\r\nHost: s3\r\nContent-Length: 1\r\n\r\n1"

START_TEST(plays_what_it_is_told)
{
    struct s3_peer *peer = s3_peer_start("west east");
    const char *west = s3_peer_url(peer, "west"), *east = s3_peer_url(peer, "east");
    ck_assert_str_ne(west, east);
    ck_assert_int_eq(ask(west, PUT), 403); /* nobody signed it */
    ck_assert_str_eq(s3_peer_tell(peer, "west refused"), "AccessDenied");
    s3_peer_tell(peer, "west play 503 times=2 operation=Put* stage=head header.Retry-After=7");
    ck_assert_int_eq(ask(west, PUT), 503);
    ck_assert_int_eq(ask(west, PUT), 503);
    ck_assert_int_eq(ask(west, PUT), 403);
    s3_peer_tell(peer, "west play swallow times=always");
    ck_assert_int_eq(ask(west, PUT), 0);
    ck_assert_int_eq(ask(west, PUT), 0);
    s3_peer_tell(peer, "west well");
    ck_assert_int_eq(s3_peer_number(peer, "west count PutObject a"), 6);
    ck_assert_int_eq(s3_peer_number(peer, "west count GetObject"), 0);
    ck_assert_int_eq(s3_peer_number(peer, "east count"), 0);
    const char *listed = s3_peer_tell(peer, "west requests");
    ck_assert_msg(strncmp(listed, "6\nPutObject 403 - 1 0 ", 22) == 0, "%s", listed);
    ck_assert_ptr_nonnull(strstr(listed, "\nPutObject 0 swallow 6 0 "));
    ck_assert_str_eq(s3_peer_tell(peer, "west objects"), "0");
    s3_peer_tell(peer, "west forget");
    ck_assert_int_eq(s3_peer_number(peer, "west count"), 0);
    s3_peer_tell(peer, "west refuse");
    ck_assert_int_eq(ask(west, PUT), -1);
    ck_assert_int_eq(ask(east, PUT), 403);
    s3_peer_stop(peer);
}
END_TEST

START_TEST(makes_certificates)
{
    struct s3_peer *peer = s3_peer_start("--tls west");
    ck_assert_ptr_nonnull(strstr(s3_peer_url(peer, "west"), "https://localhost:"));
    ck_assert(file_exists(s3_peer_ca(peer)));
    s3_peer_stop(peer);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("s3_peer");
    TCase *test_case = harness_case(suite, "s3_peer");
    tcase_add_test(test_case, plays_what_it_is_told);
    tcase_add_test(test_case, makes_certificates);
    return suite;
}
