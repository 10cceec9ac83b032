/* The log on standard error: the library's lines and the server's own, in one form. */
#ifndef SERVER_LOG_H
#define SERVER_LOG_H

#include <stdbool.h>
#include <wildcam/wildcam.h>

/* Takes log.level and log.format over, and the lines of stations opened with these settings. To be
 * called before any thread is there. */
void server_log_begin(wildcam_conf *conf);
/* Whether lines of this level are written. */
bool server_log_takes(int level);
/* What is left out of a sentence to a client stands here too: names of files and the like. */
void server_log(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
