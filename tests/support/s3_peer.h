/*
 * Scripted S3 servers beside a test in C: s3_control.py has the commands.
 *
 *     struct s3_peer *peer = s3_peer_start("us-west-2 us-east-1");
 *     s3_peer_tell(peer, "us-west-2 play SlowDown times=2 header.Retry-After=1");
 *     ... upload to s3_peer_url(peer, "us-west-2") ...
 *     ck_assert_int_eq(s3_peer_number(peer, "us-west-2 count PutObject"), 3);
 *     s3_peer_stop(peer);
 */
#ifndef TESTS_SUPPORT_S3_PEER_H
#define TESTS_SUPPORT_S3_PEER_H

struct s3_peer;

/* The account that the servers know from the beginning. */
#define S3_PEER_ACCESS_KEY "AKIAWILDCAMTEST00001"
#define S3_PEER_SECRET_KEY "wildcam+test/secret0123456789abcdefghijk"

/* The program's arguments: "--tls" puts its certificates into the scratch directory. Each region
 * has the bucket wildcam-REGION. Fails the test when they do not start. */
struct s3_peer *s3_peer_start(const char *arguments);
/* Ends them; they end with the test's process too. */
void s3_peer_stop(struct s3_peer *peer);

/* "http://127.0.0.1:40123"; the peer's. */
const char *s3_peer_url(const struct s3_peer *peer, const char *region);
/* The file of the authority that a client must trust. */
const char *s3_peer_ca(const struct s3_peer *peer);

/* Sends "REGION COMMAND..."; fails the test unless the answer is "ok". What stands behind that,
 * with the lines of a list each on its own; valid until the next call. */
const char *s3_peer_tell(struct s3_peer *peer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same for an answer that is a number. */
long s3_peer_number(struct s3_peer *peer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
