/*
 * multipart/form-data (RFC 7578), as its bytes come, in bounded memory.
 *
 * It serves libmicrohttpd's own parser's purpose, which is not fit for pictures: what a part holds
 * is handed on at once, and every length has a limit.
 */
#ifndef SERVER_MULTIPART_H
#define SERVER_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

enum {
    MULTIPART_BOUNDARY_MAX = 70, /* RFC 2046 */
    MULTIPART_HEAD_MAX = 4096,   /* a part's headers */
    MULTIPART_PARTS_MAX = 64,
    MULTIPART_NAME_MAX = 256
};

/* What a part says of itself. */
struct multipart_part {
    char name[MULTIPART_NAME_MAX];
    bool has_file_name; /* which, no one asks */
};

/* Each is told in turn; `data` may come in any number of pieces. */
struct multipart_sink {
    void *user;
    void (*begin)(void *user, const struct multipart_part *part);
    void (*data)(void *user, const char *bytes, size_t size);
    void (*end)(void *user);
};

struct multipart {
    struct multipart_sink sink;
    char delimiter[MULTIPART_BOUNDARY_MAX + 8]; /* CR LF - - boundary */
    size_t delimiter_length, matched;
    int state;
    int parts;
    char head[MULTIPART_HEAD_MAX];
    size_t head_length;
    struct multipart_part part;
    const char *failure; /* a sentence; NULL while all is well */
};

/* False when the boundary is none. */
bool multipart_begin(struct multipart *multipart, const char *boundary, size_t length,
                     const struct multipart_sink *sink);
/* After a failure the rest is passed over. */
void multipart_add(struct multipart *multipart, const char *bytes, size_t size);
/* The sentence that says what is wrong, or NULL. */
const char *multipart_end(struct multipart *multipart);

/* Finds the boundary in a Content-Type; false when it is not multipart/form-data or has none. */
bool multipart_find_boundary(const char *content_type, char boundary[MULTIPART_BOUNDARY_MAX + 1]);

#endif
