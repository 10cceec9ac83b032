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

/* A header or a query's item. */
struct wci_pair {
    const char *name; /* a header's in lower case */
    const char *value;
};

/* What is signed: all that is named here, and nothing else. */
struct wci_signing {
    const char *method;
    const char *path;             /* already encoded, beginning with / */
    const struct wci_pair *query; /* not encoded */
    size_t query_count;
    const struct wci_pair *headers; /* host among them, x-amz-date and the like too */
    size_t header_count;
    const char *payload; /* 64 hexadecimal digits, or WCI_UNSIGNED_PAYLOAD */
    const char *region, *service;
    int64_t time; /* microseconds since 1970 */
};

/* The key that is derived from a secret for a day and a region; zeroed, it knows nothing. */
struct wci_signing_key {
    int64_t number, day; /* of the credentials; days since 1970 */
    char region[64], service[16];
    unsigned char key[WCI_DIGEST_BYTES];
};

/* "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...", added to a text. */
wildcam_status wci_sigv4_sign(const struct wci_signing *signing,
                              const struct wci_credentials *credentials,
                              struct wci_signing_key *key, struct wci_text *authorization);
/* The whole query of a presigned request, from "X-Amz-Algorithm" on, added to a text. */
wildcam_status wci_sigv4_presign(const struct wci_signing *signing,
                                 const struct wci_credentials *credentials,
                                 struct wci_signing_key *key, int64_t seconds,
                                 struct wci_text *query);

/* "20261126T102500Z". */
enum { WCI_AMZ_DATE = 17 };
void wci_sigv4_date(int64_t time, char text[WCI_AMZ_DATE]);

/* Adds a name or value with every byte but A-Z a-z 0-9 - . _ ~ as %XX; `keep_slashes` also /. */
void wci_uri_encode(struct wci_text *to, const char *bytes, size_t length, bool keep_slashes);

#endif
