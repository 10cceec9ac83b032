/* The start of a child: pipes, signals, files. */
#ifndef WCI_PROCESS_CHILD_START_H
#define WCI_PROCESS_CHILD_START_H

#include "process/child.h"

/* Runs the command, and fills in its process and our ends of the pipes. */
wildcam_status wci_child_spawn(const struct wci_command *command, char *const *environment,
                               struct wci_child *child);

#endif
