#include "secret.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const int enders[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
enum { ENDERS = sizeof enders / sizeof *enders };

static volatile sig_atomic_t came;

static void note(int number)
{
    came = number;
}

void secret_wipe(void *memory, size_t size)
{
    explicit_bzero(memory, size);
}

/* One line without its end. False when it ended, failed or was interrupted before there was any. */
static bool read_line(char secret[SECRET_TEXT], const sigset_t *while_waiting)
{
    size_t length = 0;
    for (;;) {
        char next;
        struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
        if (ppoll(&input, 1, NULL, while_waiting) < 0) {
            if (errno == EINTR && !came)
                continue;
            return false;
        }
        ssize_t got = read(STDIN_FILENO, &next, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || next == '\n') {
            secret[length] = '\0';
            return length > 0 || (got > 0 && next == '\n');
        }
        if (next == '\0')
            next = (char)0xff; /* which is no UTF-8: a NUL would hide what is behind it */
        if (length < SECRET_TEXT - 1)
            secret[length++] = next;
    }
}

static bool ask(const char *prompt, char secret[SECRET_TEXT], const sigset_t *while_waiting)
{
    fputs(prompt, stderr);
    bool came_in = read_line(secret, while_waiting);
    fputc('\n', stderr);
    return came_in;
}

/* With the terminal's echo off, which a signal must not leave off. */
static bool ask_twice(char first[SECRET_TEXT], char second[SECRET_TEXT])
{
    struct termios before, silent;
    struct sigaction action = {.sa_handler = note}, old[ENDERS];
    sigset_t held, while_waiting;
    sigemptyset(&held);
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < ENDERS; i++)
        sigaddset(&held, enders[i]);
    sigaddset(&held, SIGTSTP);
    sigprocmask(SIG_BLOCK, &held, &while_waiting);
    sigaddset(&while_waiting, SIGTSTP);
    for (int i = 0; i < ENDERS; i++)
        sigaction(enders[i], &action, &old[i]);
    bool asked = tcgetattr(STDIN_FILENO, &before) == 0;
    if (asked) {
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        asked = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 &&
                ask("Password: ", first, &while_waiting) && ask("Again: ", second, &while_waiting);
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
    }
    for (int i = 0; i < ENDERS; i++)
        sigaction(enders[i], &old[i], NULL);
    sigdelset(&while_waiting, SIGTSTP);
    sigprocmask(SIG_SETMASK, &while_waiting, NULL);
    if (came)
        raise(came); /* it ends the tool as it would have, but for the echo */
    return asked;
}

int secret_read(struct cli *cli, char secret[SECRET_TEXT])
{
    char again[SECRET_TEXT] = "";
    sigset_t none;
    bool is_terminal = isatty(STDIN_FILENO) == 1;
    sigprocmask(SIG_BLOCK, NULL, &none);
    bool came_in = is_terminal ? ask_twice(secret, again) : read_line(secret, &none);
    bool differs = is_terminal && strcmp(secret, again) != 0;
    secret_wipe(again, sizeof again);
    if (!came_in)
        cli_complain(cli, "no password came on standard input");
    else if (differs)
        cli_complain(cli, "the two passwords are not the same");
    else
        return CLI_WELL;
    return CLI_FAILED;
}
