/* Where GnuTLS was not there when the server was built. */
#include "tls.h"

#include <stddef.h>

#include "log.h"

bool tls_check(const wildcam_conf *conf)
{
    (void)conf;
    server_log(WILDCAM_LOG_ERROR, "http.tls_certificate and http.tls_key: TLS is not built into "
                                  "this server: build it with GnuTLS, or put a proxy in front");
    return false;
}

bool tls_start(const wildcam_conf *conf)
{
    (void)conf;
    return false;
}

void tls_tick(void)
{
}

void tls_reload(void)
{
}

void tls_stop(void)
{
}

const char *tls_priorities(void)
{
    return "";
}

tls_function *tls_retrieve(void)
{
    return NULL;
}
