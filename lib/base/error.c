#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* Thread-local data without a heap, a destructor, or an order of shutting down. */
static _Thread_local struct wci_error last = {.origin = ""};

WCI_PRINTF(1, 0) static void set_message(const char *format, va_list args)
{
    vsnprintf(last.message, sizeof last.message, format, args);
    wci_utf8_repair(last.message); /* it may be cut, and name what is no text */
}

wildcam_status wci_fail_from(wildcam_status status, const char *origin, int native,
                             const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_message(format, args);
    va_end(args);
    last.status = status;
    last.origin = origin;
    last.native = native;
    return status;
}

wildcam_status wci_fail(wildcam_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_message(format, args);
    va_end(args);
    last.status = status;
    last.origin = "wildcam";
    last.native = 0;
    return status;
}

wildcam_status wci_status_of_errno(int error_number)
{
    switch (error_number) {
    case ENOENT:
    case ENOTDIR:
        return WILDCAM_ERR_NOTFOUND;
    case EEXIST:
    case ENOTEMPTY:
        return WILDCAM_ERR_EXISTS;
    case ENOSPC:
    case EDQUOT:
        return WILDCAM_ERR_NOSPACE;
    case EACCES:
    case EPERM:
    case EROFS:
        return WILDCAM_ERR_DENIED;
    case ENOMEM:
        return WILDCAM_ERR_NOMEM;
    case EFBIG:
        return WILDCAM_ERR_TOOLARGE;
    default:
        return WILDCAM_ERR_IO;
    }
}

/* strerror_r() comes in two kinds: GNU's answers the text, POSIX's fills the buffer. */
static const char *gnu_reason(const char *text, const char *buffer)
{
    (void)buffer;
    return text;
}

static const char *posix_reason(int failed, const char *buffer)
{
    return failed ? "" : buffer;
}

#define REASON(answer, buffer)                                                                     \
    _Generic((answer), char * : gnu_reason, int : posix_reason)((answer), (buffer))

void wci_error_add_reason(int error_number)
{
    char buffer[128] = "";
    const char *reason = REASON(strerror_r(error_number, buffer, sizeof buffer), buffer);
    size_t used = strlen(last.message);
    snprintf(last.message + used, sizeof last.message - used, ": %s", reason);
    wci_utf8_repair(last.message); /* in some languages the reason is more than ASCII */
}

wildcam_status wci_fail_os(int error_number, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_message(format, args);
    va_end(args);
    wci_error_add_reason(error_number);
    last.status = wci_status_of_errno(error_number);
    last.origin = "os";
    last.native = error_number;
    return last.status;
}

wildcam_status wci_fail_memory(void)
{
    return wci_fail(WILDCAM_ERR_NOMEM, "memory ran out");
}

void wci_error_prefix(const char *format, ...)
{
    char message[WCI_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    int used = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (used < 0 || used >= (int)sizeof message)
        return;
    if (snprintf(message + used, sizeof message - (size_t)used, ": %s", last.message) < 0)
        return;
    wci_utf8_repair(message);
    memcpy(last.message, message, sizeof message);
}

void wci_error_clear(void)
{
    last.status = WILDCAM_OK;
    last.origin = "";
    last.native = 0;
    last.message[0] = '\0';
}

void wci_error_save(struct wci_error *error)
{
    *error = last;
}

wildcam_status wci_error_restore(const struct wci_error *error)
{
    last = *error;
    return last.status;
}

const char *wildcam_error_message(void)
{
    return last.message;
}

const char *wildcam_error_origin(void)
{
    return last.origin;
}

int wildcam_error_native(void)
{
    return last.native;
}
