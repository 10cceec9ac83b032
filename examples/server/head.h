/* Whether a request's head is made of lines that every server on its way reads alike. */
#ifndef SERVER_HEAD_H
#define SERVER_HEAD_H

#include <stddef.h>

struct MHD_Connection;

enum { HEAD_BYTES = 16 * 1024, HEAD_HEADERS = 100 };

/* When the first line has come and is still as it came: how many bytes of its target are such as
 * may stand there. */
size_t head_measure_target(const char *target);

/* For libmicrohttpd: %XX becomes its byte, but %00, which would end the text early: it stays as it
 * is written. The length of what comes of it. */
size_t head_unescape(void *user, struct MHD_Connection *mhd, char *text);

/* The head has come. `target_size` is what the above said; the strings are libmicrohttpd's own.
 * NULL when it is good; else a sentence, and the status that goes with it. */
const char *head_check(struct MHD_Connection *mhd, const char *method, const char *target,
                       size_t target_size, const char *version, unsigned *status);

#endif
