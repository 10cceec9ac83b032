/* TLS: a certificate and its key in files, which may be exchanged under a running server. */
#ifndef SERVER_TLS_H
#define SERVER_TLS_H

#include <stdbool.h>
#include <wildcam/wildcam.h>

/* What a function is passed on as that libmicrohttpd calls. */
typedef void tls_function(void);

/* Whether both files are named. On failure false, and the log says why. */
bool tls_check(const wildcam_conf *conf);
/* Reads the pair. On failure false, and the log says why. */
bool tls_start(const wildcam_conf *conf);
/* Looks whether the files have changed, and takes them up once they have come to rest. To be called
 * each second or so, by one thread. */
void tls_tick(void);
/* Takes up what the files hold now. One that is no good is logged, and the old one stays. */
void tls_reload(void);
/* When no connection is left. */
void tls_stop(void);

/* For libmicrohttpd: the ciphers, and who gives the certificate (a
 * gnutls_certificate_retrieve_function3). */
const char *tls_priorities(void);
tls_function *tls_retrieve(void);

#endif
