/* What this process takes of the machine. */
#ifndef WCI_BASE_PROCESS_H
#define WCI_BASE_PROCESS_H

#include <stdint.h>

/* What cannot be found out is below 0. */
struct wci_process {
    double started;     /* seconds since 1970 */
    double cpu_seconds; /* in programs and in the kernel */
    int64_t resident_bytes, virtual_bytes;
    int64_t open_files, files_max, threads;
};

/* Never fails, and touches no error. Blocking: some small reads of /proc. */
void wci_process_look(struct wci_process *process);

#endif
