/*
 * The log on standard error: the library's lines and the server's own, in one form.
 *
 * While it runs, a thread of its own writes it (log_queue.h), and nobody waits for it. What is said
 * before and afterwards is written at once.
 */
#ifndef SERVER_LOG_H
#define SERVER_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <wildcam/wildcam.h>

#include "log_line.h"

enum { LOG_REQUEST_ID_MAX = 129, LOG_CAMERA_ID_MAX = 64 }; /* with their NUL */

/* Whose lines a thread writes; what is not known is "". */
struct log_request {
    char id[LOG_REQUEST_ID_MAX];
    char camera_id[LOG_CAMERA_ID_MAX];
};

/* Takes the log's settings over, and the lines of stations opened with them. To be called before
 * any thread is there. */
void server_log_begin(wildcam_conf *conf);
/* Starts the thread. When the system gives none, all lines are written at once as before. */
void server_log_start(void);
/* Writes what is left, for two seconds at most, and ends the thread. No other thread may write to
 * the log any more. */
void server_log_stop(void);
/* Lines that were lost because the log was too slow. */
uint64_t server_log_lost(void);
/* Has wildcam_log_lines_dropped_total told with the station's metrics. */
void server_log_count(wildcam_metrics *metrics);

/* Whether lines of this level are written. */
bool server_log_takes(int level);
/* What is left out of a sentence to a client stands here too: names of files and the like. Never
 * keys, passwords or signatures. */
void server_log(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* That a request has ended. */
void server_log_exchange(int level, const struct log_exchange *exchange, const char *text);

/* From here on this thread works for that request, or for none when it is NULL: its lines, the
 * library's too, tell so. */
void server_log_enter(const struct log_request *request);

#endif
