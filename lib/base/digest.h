/* SHA-256 and HMAC with it, by OpenSSL's libcrypto. */
#ifndef WCI_BASE_DIGEST_H
#define WCI_BASE_DIGEST_H

#include <stddef.h>

#include "base/error.h"

enum { WCI_DIGEST_BYTES = 32, WCI_DIGEST_TEXT = 65, WCI_DIGEST_BASE64 = 45 };

typedef struct evp_md_ctx_st wci_digest;

wildcam_status wci_digest_begin(wci_digest **out);
wildcam_status wci_digest_add(wci_digest *digest, const void *data, size_t size);
wildcam_status wci_digest_end(wci_digest *digest, unsigned char result[WCI_DIGEST_BYTES]);
void wci_digest_free(wci_digest *digest);

/* Of what is in memory as a whole. */
wildcam_status wci_digest_of(const void *data, size_t size, unsigned char result[WCI_DIGEST_BYTES]);

/* HMAC-SHA-256 (RFC 2104). The result may stand where the key stands. WILDCAM_ERR_TOOLARGE for a
 * key beyond INT_MAX bytes. */
wildcam_status wci_digest_hmac(const void *key, size_t key_size, const void *data, size_t size,
                               unsigned char result[WCI_DIGEST_BYTES]);

/* Base64 both ways (RFC 4648, with padding). */
void wci_digest_to_base64(const unsigned char digest[WCI_DIGEST_BYTES],
                          char text[WCI_DIGEST_BASE64]);
int wci_digest_from_base64(const char *text, size_t length, unsigned char digest[WCI_DIGEST_BYTES]);

/* Hexadecimal both ways. */
void wci_digest_to_text(const unsigned char digest[WCI_DIGEST_BYTES], char text[WCI_DIGEST_TEXT]);
int wci_digest_from_text(const char *text, size_t length, unsigned char digest[WCI_DIGEST_BYTES]);

#endif
