/* SHA-256, HMAC with it, and what passwords need, by OpenSSL's libcrypto. */
#ifndef WCI_BASE_DIGEST_H
#define WCI_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* Whether two secrets are the same, in a time that depends on their size alone. */
bool wci_digest_is_same(const void *left, const void *right, size_t size);

/* What scrypt (RFC 7914) costs: 2^log_n rounds of `blocks` blocks of 128 bytes, `times` times. */
struct wci_digest_cost {
    uint32_t log_n, blocks, times;
};
/* scrypt of a password. It takes 128 * blocks << log_n bytes of memory; WILDCAM_ERR_CORRUPT for a
 * cost beyond 256 MiB or no cost at all, which nobody chose. */
wildcam_status wci_digest_stretch(const char *password, const void *salt, size_t salt_size,
                                  const struct wci_digest_cost *cost,
                                  unsigned char result[WCI_DIGEST_BYTES]);

/* Base64 both ways (RFC 4648, with padding). */
void wci_digest_to_base64(const unsigned char digest[WCI_DIGEST_BYTES],
                          char text[WCI_DIGEST_BASE64]);
int wci_digest_from_base64(const char *text, size_t length, unsigned char digest[WCI_DIGEST_BYTES]);

/* Hexadecimal both ways. */
void wci_digest_to_text(const unsigned char digest[WCI_DIGEST_BYTES], char text[WCI_DIGEST_TEXT]);
int wci_digest_from_text(const char *text, size_t length, unsigned char digest[WCI_DIGEST_BYTES]);

#endif
