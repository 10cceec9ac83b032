#include "base/digest.h"

#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

/* The thread's queue of libcrypto's errors is the program's: what a failure here adds goes again.
 */
static wildcam_status answer(int result)
{
    ERR_pop_to_mark();
    if (result == 1)
        return WILDCAM_OK;
    return wci_fail_from(WILDCAM_ERR_NOMEM, "crypto", 0, "libcrypto could not compute a SHA-256");
}

wildcam_status wci_digest_begin(wci_digest **out)
{
    ERR_set_mark();
    *out = EVP_MD_CTX_new();
    wildcam_status status = answer(*out ? EVP_DigestInit_ex(*out, EVP_sha256(), NULL) : 0);
    if (status == WILDCAM_OK)
        return WILDCAM_OK;
    EVP_MD_CTX_free(*out);
    *out = NULL;
    return status;
}

wildcam_status wci_digest_add(wci_digest *digest, const void *data, size_t size)
{
    ERR_set_mark();
    return answer(EVP_DigestUpdate(digest, data, size));
}

wildcam_status wci_digest_end(wci_digest *digest, unsigned char result[WCI_DIGEST_BYTES])
{
    ERR_set_mark();
    return answer(EVP_DigestFinal_ex(digest, result, NULL));
}

void wci_digest_free(wci_digest *digest)
{
    EVP_MD_CTX_free(digest);
}

wildcam_status wci_digest_of(const void *data, size_t size, unsigned char result[WCI_DIGEST_BYTES])
{
    ERR_set_mark();
    return answer(EVP_Digest(data, size, result, NULL, EVP_sha256(), NULL));
}

wildcam_status wci_digest_hmac(const void *key, size_t key_size, const void *data, size_t size,
                               unsigned char result[WCI_DIGEST_BYTES])
{
    if (key_size > INT_MAX)
        return wci_fail(WILDCAM_ERR_TOOLARGE, "an HMAC's key has %zu bytes; the most are %d",
                        key_size, INT_MAX);
    ERR_set_mark();
    return answer(HMAC(EVP_sha256(), key, (int)key_size, data, size, result, NULL) ? 1 : 0);
}

bool wci_digest_is_same(const void *left, const void *right, size_t size)
{
    return CRYPTO_memcmp(left, right, size) == 0;
}

wildcam_status wci_digest_stretch(const char *password, const void *salt, size_t salt_size,
                                  const struct wci_digest_cost *cost,
                                  unsigned char result[WCI_DIGEST_BYTES])
{
    enum { LOG_N_MAX = 20, BLOCKS_MAX = 32, TIMES_MAX = 16, MEMORY_MAX = 256 << 20 };
    bool is_sane = cost->log_n >= 1 && cost->log_n <= LOG_N_MAX && cost->blocks >= 1 &&
                   cost->blocks <= BLOCKS_MAX && cost->times >= 1 && cost->times <= TIMES_MAX;
    if (!is_sane || (UINT64_C(128) * cost->blocks << cost->log_n) > MEMORY_MAX)
        return wci_fail(WILDCAM_ERR_CORRUPT,
                        "a password's hash says 2^%u rounds of %u blocks, %u times: none was made "
                        "so",
                        (unsigned)cost->log_n, (unsigned)cost->blocks, (unsigned)cost->times);
    ERR_set_mark();
    /* OpenSSL counts some KiB beside the great table, and allows 32 MiB unless told. */
    int done = EVP_PBE_scrypt(password, strlen(password), salt, salt_size,
                              UINT64_C(1) << cost->log_n, cost->blocks, cost->times,
                              UINT64_C(2) * MEMORY_MAX, result, WCI_DIGEST_BYTES);
    ERR_pop_to_mark();
    if (done == 1)
        return WILDCAM_OK;
    return wci_fail_from(WILDCAM_ERR_NOMEM, "crypto", 0,
                         "libcrypto could not work out a password's hash");
}

void wci_digest_to_base64(const unsigned char digest[WCI_DIGEST_BYTES],
                          char text[WCI_DIGEST_BASE64])
{
    EVP_EncodeBlock((unsigned char *)text, digest, WCI_DIGEST_BYTES);
}

int wci_digest_from_base64(const char *text, size_t length, unsigned char digest[WCI_DIGEST_BYTES])
{
    unsigned char bytes[WCI_DIGEST_BYTES + 1]; /* the padding counts as a byte */
    if (length != WCI_DIGEST_BASE64 - 1 || memchr(text, '=', length) != text + length - 1)
        return 0;
    if (EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)length) != (int)sizeof bytes)
        return 0;
    memcpy(digest, bytes, WCI_DIGEST_BYTES);
    return 1;
}

void wci_digest_to_text(const unsigned char digest[WCI_DIGEST_BYTES], char text[WCI_DIGEST_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < WCI_DIGEST_BYTES; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    text[WCI_DIGEST_TEXT - 1] = '\0';
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

int wci_digest_from_text(const char *text, size_t length, unsigned char digest[WCI_DIGEST_BYTES])
{
    if (length != WCI_DIGEST_TEXT - 1)
        return 0;
    for (size_t i = 0; i < WCI_DIGEST_BYTES; i++) {
        int high = digit_value(text[2 * i]), low = digit_value(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return 0;
        digest[i] = (unsigned char)(high << 4 | low);
    }
    return 1;
}
