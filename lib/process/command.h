/* A program to run: its words, where it lies, and what of our environment it is given. */
#ifndef WCI_PROCESS_COMMAND_H
#define WCI_PROCESS_COMMAND_H

#include <stddef.h>

#include "base/error.h"

enum { WCI_COMMAND_WORDS = 64 };

struct wci_command {
    char **words; /* ends in NULL; the first is the program */
    size_t count;
};

/*
 * Takes a command line apart, without a shell: blanks part words, '...' keeps all that is in it,
 * "..." all but \" and \\, and outside of both a backslash keeps what follows it. Nothing else has
 * a meaning: no variables, patterns, redirections or ~.
 */
wildcam_status wci_command_split(const char *text, struct wci_command *command);
/* Replaces the program's name by its path, found in PATH when it has no slash in it. */
wildcam_status wci_command_find(struct wci_command *command);
void wci_command_free(struct wci_command *command);

/*
 * What a child gets of our environment, freed with wci_environment_free(): the variables that
 * programs need to find themselves and to be understood (PATH, HOME, LANG and so on), and those
 * that `further` names, with commas between them, where `NAME*` stands for all that begin so. None
 * of ours is among them, nor is anybody's secret, unless it is named. `own` ("NAME=VALUE") is
 * added.
 */
wildcam_status wci_environment_pick(const char *further, const char *own, char ***out);
void wci_environment_free(char **environment);

#endif
