/*
 * AWS Signature Version 4, as S3 wants it.
 *
 * After "Authenticating Requests: Using the Authorization Header" and "Using Query Parameters" of
 * the Amazon S3 API reference. Pure: no clock, no I/O.
 */
#ifndef WCI_UPLOAD_SIGV4_H
#define WCI_UPLOAD_SIGV4_H

#include "base/digest.h"
#include "base/text.h"
#include "upload/credentials.h"

#define WCI_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"

/* A header or a query's item. A header's name is in lower case; white space around its value and
 * runs of it inside do not count. */
struct wci_pair {
    const char *name;
    const char *value;
};

/* What is signed: all that is named here, and nothing else. */
struct wci_signing {
    const char *method;
    const char *path;             /* already encoded, beginning with / */
    const struct wci_pair *query; /* not encoded */
    size_t query_count;
    const struct wci_pair *headers; /* host among them, x-amz-date and the like too */
    size_t header_count;            /* one name may come several times */
    const char *payload;            /* 64 hexadecimal digits, or WCI_UNSIGNED_PAYLOAD */
    const char *region, *service;
    int64_t time; /* microseconds since 1970; years 1 to 9999 */
};

/* The key that is derived from a secret for a day and a region; zeroed, it knows nothing. It is a
 * secret itself: whoever keeps it wipes it. One thread at a time. */
struct wci_signing_key {
    int64_t number, day; /* of the credentials, which tells one secret from another; since 1970 */
    char region[64], service[16];
    unsigned char key[WCI_DIGEST_BYTES];
};

/* "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...", added to a text. INVALID for
 * an access key that would not pass in a header, a region too long for a key, a time of no year. */
wildcam_status wci_sigv4_sign(const struct wci_signing *signing,
                              const struct wci_credentials *credentials,
                              struct wci_signing_key *key, struct wci_text *authorization);
/* The whole query of a presigned request, in the order that is signed and X-Amz-Signature behind
 * it, added to a text: the session token is among it. It is good for 1 to 604800 seconds. */
#define WCI_PRESIGN_SECONDS_MAX 604800
wildcam_status wci_sigv4_presign(const struct wci_signing *signing,
                                 const struct wci_credentials *credentials,
                                 struct wci_signing_key *key, int64_t seconds,
                                 struct wci_text *query);

/* "20261126T102500Z". */
enum { WCI_AMZ_DATE = 17 };
void wci_sigv4_date(int64_t time, char text[WCI_AMZ_DATE]);

/* Adds a query as it is signed: encoded, sorted by name and then by value, "name=value&name=". */
wildcam_status wci_sigv4_query(const struct wci_pair *query, size_t count, struct wci_text *to);

/* Adds a name or value with every byte but A-Z a-z 0-9 - . _ ~ as %XX; `keep_slashes` also /. */
void wci_uri_encode(struct wci_text *to, const char *bytes, size_t length, bool keep_slashes);

#endif
