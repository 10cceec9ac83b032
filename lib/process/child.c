#include "process/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/thread.h"
#include "process/answer.h"
#include "process/child_start.h"

enum {
    LINES_A_MINUTE = 60, /* of a child's, in the log */
    GLANCE = 100,        /* milliseconds: how often we look whether we are still wanted */
    PIECE = 16384
};
#define LAST_WORDS (WCI_SECOND / 2) /* for its own way to end, before it is killed */
#define DEATH (5 * WCI_SECOND)      /* for the kernel to end what was killed */

void wci_child_init(struct wci_child *child, const struct wci_log *log, const char *who)
{
    *child = (struct wci_child){.in = -1, .out = -1, .errors = -1};
    child->words = (struct wci_words){.log = log, .who = who, .left = LINES_A_MINUTE};
}

static void close_file(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_files(struct wci_child *child)
{
    close_file(&child->in);
    close_file(&child->out);
    close_file(&child->errors);
}

wildcam_status wci_child_start(struct wci_child *child, const struct wci_command *command,
                               char *const *environment)
{
    wci_text_empty(&child->heard);
    child->taken = 0;
    child->words.length = 0;
    child->words.last[0] = '\0';
    return wci_child_spawn(command, environment, child);
}

/* ---- its errors ---- */

static void begin_minute(struct wci_words *words)
{
    int64_t minute = wci_calendar_monotonic() / (60 * WCI_SECOND);
    if (minute == words->minute)
        return;
    words->minute = minute;
    words->left = LINES_A_MINUTE;
    if (words->dropped)
        wci_log_write(words->log, WILDCAM_LOG_WARNING, "process", "%s: %lld lines were left out",
                      words->who, (long long)words->dropped);
    words->dropped = 0;
}

static void end_line(struct wci_words *words)
{
    words->line[words->length] = '\0';
    words->length = 0;
    if (!words->line[0])
        return;
    memcpy(words->last, words->line, sizeof words->last);
    begin_minute(words);
    if (words->left == 0) {
        words->dropped++;
        return;
    }
    words->left--;
    wci_log_write(words->log, WILDCAM_LOG_INFO, "process", "%s: %s", words->who, words->line);
}

static void hear_words(struct wci_words *words, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\r')
            end_line(words);
        else if (words->length < WCI_WORDS_MAX)
            words->line[words->length++] = (char)(bytes[i] ? bytes[i] : ' ');
    }
}

/* Reads once; false when there is nothing more for now. */
static bool read_errors(struct wci_child *child)
{
    char piece[4096];
    ssize_t count = child->errors < 0 ? 0 : read(child->errors, piece, sizeof piece);
    if (count > 0) {
        hear_words(&child->words, piece, (size_t)count);
        return true;
    }
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        end_line(&child->words);
        close_file(&child->errors);
    }
    return false;
}

/* What it wrote until now, but not for ever when it never stops. */
static void read_all_errors(struct wci_child *child)
{
    for (int i = 0; i < 64 && read_errors(child); i++)
        continue;
}

/* ---- its answers ---- */

/* Writes as much of the question as the child takes; false when it takes none any more. */
static bool write_some(struct wci_child *child, const char *question, size_t length, size_t *sent)
{
    struct wci_held_signal held;
    wci_broken_pipe_hold(&held);
    ssize_t count = write(child->in, question + *sent, length - *sent);
    int error = errno;
    wci_broken_pipe_let_go(&held);
    if (count > 0)
        *sent += (size_t)count;
    return count >= 0 || error == EAGAIN || error == EINTR;
}

/* Reads once what it answers. */
static enum wci_heard read_some(struct wci_child *child)
{
    char *room = wci_text_room(&child->heard, PIECE);
    if (!room) {
        wci_fail_memory();
        return WCI_HEARD_TROUBLE;
    }
    ssize_t count = read(child->out, room, PIECE);
    if (count > 0)
        wci_text_grow(&child->heard, (size_t)count);
    if (count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR)))
        return WCI_HEARD_NOTHING; /* that makes a line, as far as is known here */
    if (child->heard.length)
        wci_fail(WILDCAM_ERR_IO, "it ended in the middle of a line");
    else
        wci_fail(WILDCAM_ERR_IO, "it ended");
    return WCI_HEARD_END;
}

static enum wci_heard find_line(struct wci_child *child, const char **line, size_t *length)
{
    const char *heard = wci_text_get(&child->heard);
    const char *end = child->heard.length ? memchr(heard, '\n', child->heard.length) : NULL;
    size_t found = end ? (size_t)(end - heard) : child->heard.length;
    if (found > WCI_ANSWER_LINE_MAX) {
        wci_fail(WILDCAM_ERR_INVALID, "it wrote a line of more than %d bytes", WCI_ANSWER_LINE_MAX);
        return WCI_HEARD_NONSENSE;
    }
    if (!end)
        return WCI_HEARD_NOTHING;
    child->taken = found + 1;
    *line = heard;
    *length = found;
    return WCI_HEARD_LINE;
}

/* Forgets the line that was given out; what stands behind it was not asked for. */
static bool forget_line(struct wci_child *child)
{
    bool is_clean = child->heard.length <= child->taken;
    if (!is_clean)
        wci_fail(WILDCAM_ERR_INVALID, "it wrote more than one line for one picture");
    wci_text_empty(&child->heard);
    child->taken = 0;
    return is_clean;
}

/* Waits a moment for whatever comes first, and takes it. */
static enum wci_heard listen(struct wci_child *child, const char *question, size_t length,
                             size_t *sent, int milliseconds)
{
    struct pollfd files[] = {{child->out, POLLIN, 0},
                             {child->errors, POLLIN, 0},
                             {*sent < length ? child->in : -1, POLLOUT, 0}};
    if (poll(files, 3, milliseconds) < 0 && errno != EINTR) {
        wci_fail_os(errno, "what it says cannot be waited for");
        return WCI_HEARD_TROUBLE;
    }
    if (files[1].revents)
        read_errors(child);
    if (files[0].revents)
        return read_some(child);
    if (files[2].revents && !write_some(child, question, length, sent)) {
        wci_fail(WILDCAM_ERR_IO, "it reads no more");
        return WCI_HEARD_END;
    }
    return WCI_HEARD_NOTHING;
}

static int glance(int64_t left)
{
    return left >= (int64_t)GLANCE * 1000 ? GLANCE : (int)(left / 1000) + 1;
}

enum wci_heard wci_child_ask(struct wci_child *child, const char *question, size_t length,
                             const struct wci_patience *patience, const char **line,
                             size_t *line_length)
{
    size_t sent = 0;
    enum wci_heard heard = forget_line(child) ? WCI_HEARD_NOTHING : WCI_HEARD_NONSENSE;
    length = question ? length : 0;
    while (heard == WCI_HEARD_NOTHING) {
        int64_t left = patience->until - wci_calendar_monotonic();
        if (patience->is_unwanted && patience->is_unwanted(patience->user))
            return WCI_HEARD_STOP;
        if (left <= 0)
            return WCI_HEARD_NOTHING;
        heard = listen(child, question, length, &sent, glance(left));
        if (heard == WCI_HEARD_NOTHING)
            heard = find_line(child, line, line_length);
    }
    if (heard == WCI_HEARD_LINE && sent < length) {
        wci_fail(WILDCAM_ERR_INVALID, "it answered before it had read the question");
        heard = WCI_HEARD_NONSENSE;
    }
    return heard;
}

bool wci_child_is_fine(struct wci_child *child)
{
    read_all_errors(child);
    if (!forget_line(child))
        return false;
    enum wci_heard heard = read_some(child);
    if (heard == WCI_HEARD_NOTHING && child->heard.length == 0)
        return true;
    if (heard == WCI_HEARD_NOTHING)
        wci_fail(WILDCAM_ERR_INVALID, "it wrote a line that nobody asked for");
    return false;
}

/* ---- its end ---- */

/* Whether it has ended, which leaves it as it is: its number, and that of its group, belong to
 * nobody else until it is buried. -1 when somebody else has buried it. */
static int has_ended(const struct wci_child *child)
{
    siginfo_t facts = {0};
    if (waitid(P_PID, (id_t)child->pid, &facts, WEXITED | WNOHANG | WNOWAIT) != 0)
        return errno == EINTR ? 0 : -1;
    return facts.si_pid == child->pid;
}

/* Waits for its end, and listens meanwhile so that it is not held up by what it has to say. */
static int wait_for_end(struct wci_child *child, int64_t until)
{
    int ended;
    while ((ended = has_ended(child)) == 0) {
        int64_t left = until - wci_calendar_monotonic();
        if (left <= 0)
            break;
        struct pollfd file = {child->errors, POLLIN, 0};
        poll(&file, 1, left < 10000 ? (int)(left / 1000) + 1 : 10);
        read_errors(child);
    }
    read_all_errors(child);
    return ended;
}

static void describe(int status, char *how, size_t size)
{
    if (WIFEXITED(status))
        snprintf(how, size, "with status %d", WEXITSTATUS(status));
    else
        snprintf(how, size, "by signal %d", WTERMSIG(status));
}

/* Kills what is left of the group, and takes the leader's body away. */
static void bury(struct wci_child *child, int ended, char *how, size_t size)
{
    int status = 0;
    bool was_killed = ended == 0;
    snprintf(how, size, "in a way that somebody else was told");
    if (ended >= 0) {
        kill(-child->pid, SIGKILL);
        if (was_killed)
            ended = wait_for_end(child, wci_calendar_monotonic() + DEATH);
        pid_t buried = ended == 0 ? 0 : waitpid(child->pid, &status, WNOHANG);
        if (was_killed)
            snprintf(how, size, "its output, and was killed");
        else if (buried == child->pid)
            describe(status, how, size);
        if (ended == 0)
            wci_log_write(child->words.log, WILDCAM_LOG_ERROR, "process",
                          "%s: process %ld does not end although it was killed", child->words.who,
                          (long)child->pid);
    }
    child->pid = 0;
    close_files(child);
}

void wci_child_kill(struct wci_child *child, bool is_ending, char *how, size_t size)
{
    snprintf(how, size, "before");
    if (child->pid == 0)
        return;
    close_file(&child->in);
    int64_t until = wci_calendar_monotonic() + (is_ending ? LAST_WORDS : 0);
    bury(child, wait_for_end(child, until), how, size);
}

void wci_child_dismiss(struct wci_child *child, bool is_forked)
{
    close_file(&child->in);
    close_file(&child->out); /* nobody listens, so it cannot wait for that either */
    if (is_forked)
        close_file(&child->errors);
}

void wci_child_finish(struct wci_child *child, int64_t until)
{
    char how[80];
    if (child->pid)
        bury(child, wait_for_end(child, until), how, sizeof how);
}

void wci_child_release(struct wci_child *child)
{
    wci_text_free(&child->heard);
}
