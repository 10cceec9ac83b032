/* What an Accept or Accept-Encoding header thinks of what could be sent. */
#ifndef SERVER_NEGOTIATE_H
#define SERVER_NEGOTIATE_H

/* A media type that can be sent. */
struct media {
    const char *type, *subtype;
    const char *const *versions; /* of the parameter "version", up to NULL: those that it is */
};

/* How welcome it is, in thousandths: of the ranges that fit, the one that says most counts. Without
 * a header everything is welcome. What cannot be read counts for nothing. */
int negotiate_media(const char *accept, const struct media *media);

/* The same for a coding such as "gzip"; 0 when it is not named, nor by "*". */
int negotiate_coding(const char *accept_encoding, const char *coding);

#endif
