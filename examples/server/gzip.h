/* What zlib does for an answer. */
#ifndef SERVER_GZIP_H
#define SERVER_GZIP_H

#include <stddef.h>

/* The data as a gzip file, packed fast rather than small; freed with free(). NULL when memory ran
 * out. */
void *gzip_pack(const void *data, size_t size, size_t *packed);

#endif
