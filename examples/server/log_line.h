/*
 * How a line of the log looks. Its fields have the same names in both forms, and stand in the same
 * order; what is not known is left out:
 *
 *     TIME LEVEL MODULE NAME=VALUE NAME=VALUE: MESSAGE
 *     {"time": ..., "level": ..., "module": ..., "message": ..., NAME: VALUE, ...}
 *
 * The text form has them before the message. There is no space in them and no colon at their end
 * (it is written %3A), so the first ": " is where the message begins, and nothing in it can be
 * taken for a field.
 */
#ifndef SERVER_LOG_LINE_H
#define SERVER_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LOG_LINE_MAX = 4096, /* a whole line; a pipe takes so much in one piece (PIPE_BUF) */
    LOG_TEXT_MAX = 1024, /* a message; one that is longer is cut */
    LOG_PATH_MAX = 512,
    LOG_METHOD_MAX = 24
};

/* A request that has ended. */
struct log_exchange {
    const char *client; /* an address */
    const char *method, *path;
    unsigned status;        /* 0: nothing was answered */
    int64_t duration;       /* in microseconds; told as duration_ms */
    int64_t received_bytes; /* of the body */
    int64_t sent_bytes;     /* of the answer's body */
};

struct log_line {
    int64_t time; /* wildcam_time_now() */
    int level;
    const char *module;
    const char *text;
    const char *request_id, *camera_id;  /* "": none */
    const struct log_exchange *exchange; /* NULL: none */
};

extern const char *const log_level_names[];

/* The line with its newline, its only one; answers its length. Whatever clients have put into it,
 * it is UTF-8 without control characters. */
size_t log_line_format(const struct log_line *line, bool as_json, char buffer[LOG_LINE_MAX]);

/* The form in which clients' words may be fields: visible ASCII alone, the rest as %XX. */
void log_line_escape(const char *text, char *to, size_t room);

#endif
