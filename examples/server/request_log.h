/* What the log knows of a request: its name, and the line about its end. */
#ifndef SERVER_REQUEST_LOG_H
#define SERVER_REQUEST_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "log.h"

struct request;

enum log_requests { LOG_REQUESTS_ALL, LOG_REQUESTS_ERRORS, LOG_REQUESTS_OFF };

struct request_log {
    struct log_request name;
    int64_t since; /* in microseconds of a clock that only goes forward */
    char method[LOG_METHOD_MAX], path[LOG_PATH_MAX];
    int64_t received_bytes; /* of the body */
    int64_t sent_bytes;     /* of the answer's body, as it is made */
};

/* What `log.requests` says. */
enum log_requests request_log_setting(const wildcam_conf *conf);
/* The head has come: names the request, by X-Request-Id where that is a name, and enters it. */
void request_log_begin(struct request *request, const char *method, const char *url);
/* Its device is known. What is no device_id is passed over. */
void request_log_camera(struct request *request, const char *device_id);
/* Its line. `is_whole`: the other end has taken all of the answer. */
void request_log_end(struct request *request, bool is_whole);

/* A name that no other request has. */
void request_log_make_id(char id[LOG_REQUEST_ID_MAX]);

#endif
