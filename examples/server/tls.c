#include "tls.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "log.h"

enum { CHAIN_MAX = 16, FILE_LIMIT = 1024 * 1024, SENTENCE = 512 };

/* A certificate with those that vouch for it, and its key. Old ones are kept until the end: who
 * knows which handshake still holds one. They are few, for only their owner exchanges them. */
struct pair {
    gnutls_pcert_st chain[CHAIN_MAX];
    unsigned length;
    gnutls_privkey_t key;
    struct pair *older;
};

/* By what a file is known to be the same as before. */
struct mark {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};

struct marks {
    struct mark certificate, key;
};

/* One for the process: GnuTLS hands nothing through to the one who gives the certificate. */
static struct {
    const char *certificate, *key;
    struct marks taken, seen; /* what was read last, good or not; what was there at the last look */
    _Atomic(struct pair *) pair;
} tls;

/* ---- reading ---- */

/* Reads a file whole, with a NUL behind it. On failure false, and a sentence. */
static bool read_file(const char *path, gnutls_datum_t *data, char sentence[SENTENCE])
{
    FILE *file = fopen(path, "re");
    unsigned char *bytes = file ? malloc(FILE_LIMIT + 1) : NULL;
    size_t size = bytes ? fread(bytes, 1, FILE_LIMIT + 1, file) : 0;
    bool is_bad = !bytes || ferror(file);
    if (is_bad)
        snprintf(sentence, SENTENCE, "%s: %s", path, strerror(errno));
    else if (size > FILE_LIMIT)
        snprintf(sentence, SENTENCE, "%s: it is over %d bytes", path, FILE_LIMIT);
    if (file)
        fclose(file);
    if (is_bad || size > FILE_LIMIT) {
        free(bytes);
        return false;
    }
    bytes[size] = '\0';
    *data = (gnutls_datum_t){bytes, (unsigned)size};
    return true;
}

/* The key may be in it: no copy stays in memory that is given back. */
static void forget_file(gnutls_datum_t *data)
{
    explicit_bzero(data->data, data->size);
    free(data->data);
}

static bool complain(char sentence[SENTENCE], const char *path, const char *what, int error)
{
    snprintf(sentence, SENTENCE, "%s: %s: %s", path, what, gnutls_strerror(error));
    return false;
}

static bool read_chain(struct pair *pair, char sentence[SENTENCE])
{
    gnutls_datum_t data;
    if (!read_file(tls.certificate, &data, sentence))
        return false;
    pair->length = CHAIN_MAX;
    int error = gnutls_pcert_list_import_x509_raw(pair->chain, &pair->length, &data,
                                                  GNUTLS_X509_FMT_PEM,
                                                  GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED);
    forget_file(&data);
    if (error < 0)
        pair->length = 0;
    return error >= 0 || complain(sentence, tls.certificate, "it is no certificate in PEM", error);
}

static bool read_key(struct pair *pair, char sentence[SENTENCE])
{
    gnutls_datum_t data;
    if (!read_file(tls.key, &data, sentence))
        return false;
    int error = gnutls_privkey_init(&pair->key);
    if (error >= 0)
        error = gnutls_privkey_import_x509_raw(pair->key, &data, GNUTLS_X509_FMT_PEM, NULL, 0);
    forget_file(&data);
    return error >= 0 ||
           complain(sentence, tls.key, "it is no key in PEM without a password", error);
}

/* ---- judging ---- */

static bool belong_together(const struct pair *pair)
{
    unsigned char of_certificate[64], of_key[64];
    size_t certificate_size = sizeof of_certificate, key_size = sizeof of_key;
    gnutls_pubkey_t public_key = NULL;
    bool do_belong = gnutls_pubkey_init(&public_key) >= 0 &&
                     gnutls_pubkey_import_privkey(public_key, pair->key, 0, 0) >= 0 &&
                     gnutls_pubkey_get_key_id(public_key, GNUTLS_KEYID_USE_SHA256, of_key,
                                              &key_size) >= 0 &&
                     gnutls_pubkey_get_key_id(pair->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256,
                                              of_certificate, &certificate_size) >= 0 &&
                     key_size == certificate_size && memcmp(of_key, of_certificate, key_size) == 0;
    gnutls_pubkey_deinit(public_key);
    return do_belong;
}

static bool check_dates(struct pair *pair, char sentence[SENTENCE])
{
    gnutls_x509_crt_t certificate = NULL;
    char text[WILDCAM_TIME_TEXT] = "";
    time_t now = time(NULL), begin = 0, end = 0;
    int error = gnutls_pcert_export_x509(&pair->chain[0], &certificate);
    if (error < 0)
        return complain(sentence, tls.certificate, "it cannot be used", error);
    begin = gnutls_x509_crt_get_activation_time(certificate);
    end = gnutls_x509_crt_get_expiration_time(certificate);
    gnutls_x509_crt_deinit(certificate);
    if (begin > now) /* a station without a network may not know the time yet */
        server_log(WILDCAM_LOG_WARNING,
                   "http.tls_certificate: %s is not valid yet, or the clock is wrong",
                   tls.certificate);
    if (end > now)
        return true;
    wildcam_time_format((int64_t)end * 1000000, 0, text, sizeof text);
    snprintf(sentence, SENTENCE, "%s: the certificate has expired: it was valid until %s",
             tls.certificate, text);
    return false;
}

static void check_rights(void)
{
    struct stat info;
    if (stat(tls.key, &info) == 0 && info.st_mode & (S_IROTH | S_IWOTH))
        server_log(WILDCAM_LOG_WARNING,
                   "http.tls_key: everybody on this machine may read or change %s: chmod o= it",
                   tls.key);
}

/* ---- taking up ---- */

static void free_pairs(struct pair *pair)
{
    while (pair) {
        struct pair *older = pair->older;
        for (unsigned i = 0; i < pair->length; i++)
            gnutls_pcert_deinit(&pair->chain[i]);
        gnutls_privkey_deinit(pair->key);
        free(pair);
        pair = older;
    }
}

static bool fill(struct pair *pair, char sentence[SENTENCE])
{
    if (!read_chain(pair, sentence) || !read_key(pair, sentence))
        return false;
    if (belong_together(pair))
        return check_dates(pair, sentence);
    snprintf(sentence, SENTENCE, "%s is not the key of the certificate in %s", tls.key,
             tls.certificate);
    return false;
}

static struct mark mark_of(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return (struct mark){0};
    return (struct mark){info.st_dev, info.st_ino, info.st_size, info.st_ctim};
}

static struct marks look(void)
{
    return (struct marks){mark_of(tls.certificate), mark_of(tls.key)};
}

static bool is_same_mark(const struct mark *one, const struct mark *other)
{
    return one->device == other->device && one->inode == other->inode && one->size == other->size &&
           one->changed.tv_sec == other->changed.tv_sec &&
           one->changed.tv_nsec == other->changed.tv_nsec;
}

static bool is_same(const struct marks *one, const struct marks *other)
{
    return is_same_mark(&one->certificate, &other->certificate) &&
           is_same_mark(&one->key, &other->key);
}

static bool take_up(char sentence[SENTENCE])
{
    struct pair *pair = calloc(1, sizeof *pair);
    tls.taken = look(); /* before the files are read: what changes meanwhile is seen later */
    if (!pair) {
        snprintf(sentence, SENTENCE, "memory ran out");
        return false;
    }
    if (!fill(pair, sentence)) {
        free_pairs(pair);
        return false;
    }
    check_rights();
    pair->older = tls.pair;
    tls.pair = pair;
    return true;
}

bool tls_check(const wildcam_conf *conf)
{
    const char *certificate = "", *key = "";
    wildcam_conf_get(conf, "http.tls_certificate", &certificate);
    wildcam_conf_get(conf, "http.tls_key", &key);
    if (*certificate && *key)
        return true;
    server_log(WILDCAM_LOG_ERROR,
               "http.tls_certificate and http.tls_key go together: %s is not set",
               *key ? "http.tls_certificate" : "http.tls_key");
    return false;
}

bool tls_start(const wildcam_conf *conf)
{
    char sentence[SENTENCE] = "";
    wildcam_conf_get(conf, "http.tls_certificate", &tls.certificate);
    wildcam_conf_get(conf, "http.tls_key", &tls.key);
    if (!take_up(sentence))
        server_log(WILDCAM_LOG_ERROR, "TLS: %s", sentence);
    tls.seen = tls.taken;
    return tls.pair;
}

void tls_reload(void)
{
    char sentence[SENTENCE] = "";
    if (!tls.pair)
        return;
    if (take_up(sentence))
        server_log(WILDCAM_LOG_INFO, "TLS: new connections get the certificate that is in %s now",
                   tls.certificate);
    else
        server_log(WILDCAM_LOG_ERROR, "TLS: the certificate of before stays in use: %s", sentence);
}

/* Whoever exchanges the two files does it one after the other. */
void tls_tick(void)
{
    struct marks present;
    if (!tls.pair)
        return;
    present = look();
    bool is_at_rest = is_same(&present, &tls.seen);
    tls.seen = present;
    if (is_at_rest && !is_same(&present, &tls.taken))
        tls_reload();
}

void tls_stop(void)
{
    free_pairs(tls.pair);
    tls.pair = NULL;
}

/* ---- for libmicrohttpd ---- */

static int retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                    gnutls_pcert_st **chain, unsigned *length, gnutls_ocsp_data_st **ocsp,
                    unsigned *ocsp_length, gnutls_privkey_t *key, unsigned *flags)
{
    struct pair *pair = tls.pair;
    (void)session;
    (void)info;
    *chain = pair->chain;
    *length = pair->length;
    *ocsp = NULL;
    *ocsp_length = 0;
    *key = pair->key;
    *flags = 0; /* they stay ours */
    return 0;
}

tls_function *tls_retrieve(void)
{
    return (tls_function *)retrieve;
}

/* TLS 1.2 and 1.3, forward secrecy and authenticated encryption alone. */
const char *tls_priorities(void)
{
    return "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:"
           "-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:-MAC-ALL:+AEAD:"
           "-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1:%SERVER_PRECEDENCE";
}
