/* SHA-256, by OpenSSL's libcrypto. */
#ifndef WCI_BASE_DIGEST_H
#define WCI_BASE_DIGEST_H

#include <stddef.h>

#include "base/error.h"

enum { WCI_DIGEST_BYTES = 32, WCI_DIGEST_TEXT = 65 };

typedef struct evp_md_ctx_st wci_digest;

wildcam_status wci_digest_begin(wci_digest **out);
wildcam_status wci_digest_add(wci_digest *digest, const void *data, size_t size);
wildcam_status wci_digest_end(wci_digest *digest, unsigned char result[WCI_DIGEST_BYTES]);
void wci_digest_free(wci_digest *digest);

/* Hexadecimal both ways. */
void wci_digest_to_text(const unsigned char digest[WCI_DIGEST_BYTES], char text[WCI_DIGEST_TEXT]);
int wci_digest_from_text(const char *text, size_t length, unsigned char digest[WCI_DIGEST_BYTES]);

#endif
