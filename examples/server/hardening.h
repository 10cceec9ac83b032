/* What is shown to a browser does nothing there, stands in no frame, and tells nobody where it was:
 * HARDENING(X) is X(name, value) for each header of every answer. */
#ifndef SERVER_HARDENING_H
#define SERVER_HARDENING_H

#define HARDENING(X)                                                                               \
    X("X-Content-Type-Options", "nosniff")                                                         \
    X("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")                     \
    X("X-Frame-Options", "DENY")                                                                   \
    X("Referrer-Policy", "no-referrer")                                                            \
    X("Cross-Origin-Resource-Policy", "same-site")

#endif
