/* The one way to fail: a status, and a sentence for the calling thread. */
#ifndef WCI_BASE_ERROR_H
#define WCI_BASE_ERROR_H

#include <wildcam/status.h>

enum { WCI_ERROR_TEXT = 512 };

/* A failure that can be carried from the thread where it happened to the one that asked. */
struct wci_error {
    wildcam_status status;
    int native;
    const char *origin; /* a literal */
    char message[WCI_ERROR_TEXT];
};

#define WCI_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

/* Each sets this thread's sentence and answers the status, so that callers can `return` it. */
wildcam_status wci_fail(wildcam_status status, const char *format, ...) WCI_PRINTF(2, 3);
wildcam_status wci_fail_from(wildcam_status status, const char *origin, int native,
                             const char *format, ...) WCI_PRINTF(4, 5);
/* For an errno: chooses the status, and ends the sentence with the system's words. */
wildcam_status wci_fail_os(int error_number, const char *format, ...) WCI_PRINTF(2, 3);
wildcam_status wci_status_of_errno(int error_number);
wildcam_status wci_fail_memory(void);
/* Ends this thread's sentence with the system's words for an errno. */
void wci_error_add_reason(int error_number);
/* Puts "WHERE: " before this thread's sentence, as a file's line number, say. */
void wci_error_prefix(const char *format, ...) WCI_PRINTF(1, 2);

void wci_error_clear(void);
void wci_error_save(struct wci_error *error);
wildcam_status wci_error_restore(const struct wci_error *error);

#endif
