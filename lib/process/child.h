/*
 * One running child: a program with a pipe to its standard input, one from its output, and one from
 * its errors, whose lines go to the log.
 *
 * There is no thread: who asks reads what the child says meanwhile. Nothing here waits without a
 * limit, whatever the child does, and no signal reaches the program that we are in.
 */
#ifndef WCI_PROCESS_CHILD_H
#define WCI_PROCESS_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/log.h"
#include "base/text.h"
#include "process/command.h"

enum { WCI_WORDS_MAX = 240 };

/* What a child writes to its standard error: a line at a time, and not too many. */
struct wci_words {
    const struct wci_log *log;
    const char *who;              /* before each line */
    char line[WCI_WORDS_MAX + 1]; /* that is being read; what is longer is cut */
    size_t length;
    char last[WCI_WORDS_MAX + 1]; /* the last one that was not empty */
    int left;                     /* lines that may still be logged in this minute */
    int64_t minute, dropped;
};

struct wci_child {
    pid_t pid; /* 0: none runs; also its group's */
    int in, out, errors;
    struct wci_text heard; /* what it wrote that is not taken yet */
    size_t taken;          /* of that: the line that was given out last */
    struct wci_words words;
};

/* How a wait for a line ended. */
enum wci_heard {
    WCI_HEARD_LINE,
    WCI_HEARD_NOTHING,  /* until the time was up */
    WCI_HEARD_END,      /* it ended, or closed its output */
    WCI_HEARD_NONSENSE, /* a line without an end, or one that nobody asked for */
    WCI_HEARD_STOP,     /* nobody wants it any more */
    WCI_HEARD_TROUBLE   /* memory, say */
};

/* Whether a wait is to be given up; asked about ten times a second. */
typedef bool wci_child_unwanted(const void *user);

struct wci_patience {
    int64_t until; /* of the monotonic clock */
    wci_child_unwanted *is_unwanted;
    const void *user;
};

void wci_child_init(struct wci_child *child, const struct wci_log *log, const char *who);
/* Runs the command in a process group of its own, with no file of ours but the three. */
wildcam_status wci_child_start(struct wci_child *child, const struct wci_command *command,
                               char *const *environment);

/* Writes a line, its newline included, and waits for one. NULL: only waits. *line is valid until
 * the next call. Of all but a line and nothing wanted, this thread's sentence says more. */
enum wci_heard wci_child_ask(struct wci_child *child, const char *question, size_t length,
                             const struct wci_patience *patience, const char **line,
                             size_t *line_length);
/* Reads what an idle one has written, without waiting: whether it still runs, and has said nothing
 * that nobody asked for. */
bool wci_child_is_fine(struct wci_child *child);

/* Ends it and all that it started, and puts how it ended ("with status 1") into `how`: without
 * warning, or a moment after it was seen to be at its end, so that it is told how that went. */
void wci_child_kill(struct wci_child *child, bool is_ending, char *how, size_t size);

/* In two steps, so that several may end at the same time: they are told to by the end of their
 * input, and what still runs at the given time is killed. After a fork the first step is all that
 * is to be done, with all files: while we hold an end of a pipe, the parent's never ends. */
void wci_child_dismiss(struct wci_child *child, bool is_forked);
void wci_child_finish(struct wci_child *child, int64_t until);

void wci_child_release(struct wci_child *child); /* its memory */

#endif
