/* Passwords on their way from the keyboard. */
#ifndef CLI_SECRET_H
#define CLI_SECRET_H

#include "cli.h"

enum { SECRET_TEXT = WILDCAM_PASSWORD_MAX + 2 }; /* one too many is seen to be so */

/* Reads a line from standard input. A terminal does not show it, and is asked twice. CLI_WELL, or
 * the exit status of what was complained about. */
int secret_read(struct cli *cli, char secret[SECRET_TEXT]);
void secret_wipe(void *memory, size_t size);

#endif
