#include "process/child_start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

enum { READ_END, WRITE_END };

struct pipes {
    int ends[3][2]; /* of the standard input, output and errors */
};

static void close_both(struct pipes *pipes)
{
    for (int i = 0; i < 3; i++)
        for (int end = 0; end < 2; end++)
            if (pipes->ends[i][end] >= 0)
                close(pipes->ends[i][end]);
}

/* In a host without the standard three, a pipe's end may be one of their numbers, and would be
 * overwritten when the child is given its own. */
static bool move_up(int *fd)
{
    if (*fd > STDERR_FILENO)
        return true;
    int moved = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (moved < 0)
        return false;
    close(*fd);
    *fd = moved;
    return true;
}

/* Our end never waits; the child's is a file of its own, and does. */
static bool make_pipe(int ends[2], int ours)
{
    if (pipe2(ends, O_CLOEXEC) != 0) {
        ends[0] = ends[1] = -1;
        return false;
    }
    return move_up(&ends[0]) && move_up(&ends[1]) && fcntl(ends[ours], F_SETFL, O_NONBLOCK) == 0;
}

static wildcam_status open_pipes(struct pipes *pipes)
{
    *pipes = (struct pipes){{{-1, -1}, {-1, -1}, {-1, -1}}};
    if (make_pipe(pipes->ends[STDIN_FILENO], WRITE_END) &&
        make_pipe(pipes->ends[STDOUT_FILENO], READ_END) &&
        make_pipe(pipes->ends[STDERR_FILENO], READ_END))
        return WILDCAM_OK;
    int error = errno;
    close_both(pipes);
    return wci_fail_os(error, "there is no pipe for a child");
}

/* The host may have opened files that are left open for its own children: they are not for ours. */
static int close_the_rest(posix_spawn_file_actions_t *actions)
{
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 34)
    return posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
#else
    (void)actions;
    return 0;
#endif
}

static int plan_files(posix_spawn_file_actions_t *actions, const struct pipes *pipes)
{
    int error = 0;
    for (int fd = 0; fd < 3 && error == 0; fd++)
        error = posix_spawn_file_actions_adddup2(
            actions, pipes->ends[fd][fd == STDIN_FILENO ? READ_END : WRITE_END], fd);
    return error ? error : close_the_rest(actions);
}

/* A group of its own, so that all it starts can be ended and the terminal's ^C is ours alone; and
 * the signals of a fresh process, because our threads have theirs blocked. */
static int plan_signals(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    int error = posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (error == 0)
        error = posix_spawnattr_setpgroup(attributes, 0);
    if (error == 0)
        error = posix_spawnattr_setsigmask(attributes, &none);
    return error ? error : posix_spawnattr_setsigdefault(attributes, &all);
}

static int spawn(const struct wci_command *command, char *const *environment,
                 const struct pipes *pipes, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        error = plan_files(&actions, pipes);
        if (error == 0)
            error = plan_signals(&attributes);
        if (error == 0)
            error = posix_spawn(pid, command->words[0], &actions, &attributes, command->words,
                                environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

wildcam_status wci_child_spawn(const struct wci_command *command, char *const *environment,
                               struct wci_child *child)
{
    struct pipes pipes;
    wildcam_status status = open_pipes(&pipes);
    if (status != WILDCAM_OK)
        return status;
    int error = spawn(command, environment, &pipes, &child->pid);
    if (error) {
        child->pid = 0;
        close_both(&pipes);
        return wci_fail_os(error, "%.200s cannot be started", command->words[0]);
    }
    child->in = pipes.ends[STDIN_FILENO][WRITE_END];
    child->out = pipes.ends[STDOUT_FILENO][READ_END];
    child->errors = pipes.ends[STDERR_FILENO][READ_END];
    pipes.ends[STDIN_FILENO][WRITE_END] = -1;
    pipes.ends[STDOUT_FILENO][READ_END] = pipes.ends[STDERR_FILENO][READ_END] = -1;
    close_both(&pipes);
    return WILDCAM_OK;
}
