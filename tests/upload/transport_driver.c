/*
 * Drives the transport for test_transport.py: a command on each line of its input, and what came of
 * it on lines of its output, all in JSON.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <malloc.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "support/harness.h"
#include "upload/transport.h"

enum { NAMES = 64 };

static const struct wci_transport_ops *const ops = &wci_curl_transport;

static wildcam_conf *conf;
static wci_carrier *carrier;
static int under_way, ended;

/* One exchange of a test, by its name. */
struct sending {
    struct wci_exchange exchange;
    char name[NAMES];
    int again;    /* how often it is sent again when its connection was stale */
    bool is_mute; /* its end is counted, not shown */
    int *failures;
    void *memory;
    struct sending *next;
};

static struct sending *sendings;

static _Noreturn void stop(const char *what)
{
    fprintf(stderr, "transport_driver: %s\n", what);
    exit(1);
}

static void show(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
    if (!text)
        stop("what came is no UTF-8");
    printf("%s\n", text);
    fflush(stdout);
    free(text);
    json_decref(object);
}

static void show_status(const char *what, wildcam_status status)
{
    show(json_pack("{s:s, s:s, s:s}", "did", what, "status", wildcam_status_name(status), "error",
                   wildcam_error_message()));
}

static void show_log(void *user, int level, const char *module, const char *message)
{
    (void)user;
    show(json_pack("{s:i, s:s}", "log", level, "message", message));
    (void)module;
}

static const struct wci_log log_sink = {.level = WILDCAM_LOG_DEBUG, .fn = show_log};

static const char *failure_name(enum wci_link_failure failure)
{
    static const char *const names[] = {"OK",        "RESOLVE", "UNREACHABLE", "CONNECT",
                                        "UNTRUSTED", "TLS",     "TIMED_OUT",   "BROKEN",
                                        "PROTOCOL",  "LOCAL",   "MEMORY",      "CANCELLED"};
    return names[failure];
}

static const char *text_of(json_t *command, const char *name, const char *otherwise)
{
    json_t *value = json_object_get(command, name);
    return value ? json_string_value(value) : otherwise;
}

static double number_of(json_t *command, const char *name, double otherwise)
{
    json_t *value = json_object_get(command, name);
    return value ? json_number_value(value) : otherwise;
}

/* ---- names and places of which no machine has any ---- */

#define INSTEAD __attribute__((visibility("default")))

static sem_t names_may_be_answered;

/* Instead of the C library's: "unknown.test" is no name, and of "later.test" nobody says anything
 * until the command answer_names. */
INSTEAD int getaddrinfo(const char *restrict name, const char *restrict service,
                        const struct addrinfo *restrict hints, struct addrinfo **restrict result)
{
    typedef int look_up(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    void *real = dlsym(RTLD_NEXT, "getaddrinfo");
    look_up *look_up_name;
    memcpy(&look_up_name, &real, sizeof real); /* ISO C has no conversion for it */
    if (name && strcmp(name, "unknown.test") == 0)
        return EAI_NONAME;
    if (name && strcmp(name, "later.test") == 0) {
        while (sem_wait(&names_may_be_answered) != 0)
            continue;
        return EAI_AGAIN;
    }
    return look_up_name(name, service, hints, result);
}

/* To these of the addresses for examples there is no way. */
INSTEAD int connect_instead(int fd, const struct sockaddr *address,
                            socklen_t length) __asm__("connect");

int connect_instead(int fd, const struct sockaddr *address, socklen_t length)
{
    const struct sockaddr_in *internet = (const struct sockaddr_in *)address;
    if (address->sa_family == AF_INET && internet->sin_addr.s_addr == inet_addr("192.0.2.1")) {
        errno = ENETUNREACH;
        return -1;
    }
    if (address->sa_family == AF_INET && internet->sin_addr.s_addr == inet_addr("192.0.2.2")) {
        errno = EHOSTUNREACH;
        return -1;
    }
    return (int)syscall(SYS_connect, fd, address, length);
}

/* ---- exchanges ---- */

static void free_sending(struct sending *sending)
{
    struct sending **link = &sendings;
    while (*link && *link != sending)
        link = &(*link)->next;
    if (*link)
        *link = sending->next;
    if (sending->exchange.body.fd >= 0)
        close(sending->exchange.body.fd);
    wci_exchange_release(&sending->exchange);
    free(sending->memory);
    free(sending);
}

static void show_end(const struct sending *sending)
{
    const struct wci_exchange *exchange = &sending->exchange;
    show(json_pack("{s:s, s:s, s:s, s:i, s:s, s:s%, s:I, s:b, s:b, s:b, s:b, s:f, s:I, s:f}",
                   "done", sending->name, "failure", failure_name(exchange->failure), "reason",
                   exchange->reason, "status", exchange->status, "head",
                   wci_text_get(&exchange->head), "answer", wci_text_get(&exchange->answer),
                   exchange->answer.length < 1000 ? exchange->answer.length : 1000, "answer_length",
                   (json_int_t)exchange->answer.length, "was_reused", exchange->was_reused,
                   "was_answered", exchange->was_answered, "was_sent", exchange->was_sent,
                   "was_late", exchange->was_late, "connecting",
                   (double)exchange->connecting / (double)WCI_SECOND, "sent",
                   (json_int_t)exchange->sent, "seconds",
                   (double)(exchange->ended - exchange->started) / (double)WCI_SECOND));
}

static void done(void *user, struct wci_exchange *exchange)
{
    struct sending *sending = user;
    bool is_stale = exchange->failure == WCI_LINK_BROKEN && exchange->was_reused &&
                    !exchange->was_answered;
    under_way--;
    ended++;
    if (sending->is_mute)
        *sending->failures += exchange->failure != WCI_LINK_OK || exchange->status != 200;
    else
        show_end(sending);
    if (is_stale && sending->again-- > 0) {
        exchange->on_fresh_connection = true;
        if (ops->send(carrier, exchange) == WILDCAM_OK) {
            under_way++;
            return;
        }
        show_status("again", WILDCAM_ERR_INTERNAL);
    }
    free_sending(sending);
}

static struct sending *new_sending(json_t *command)
{
    struct sending *sending = wci_new(sizeof *sending);
    struct wci_exchange *exchange = &sending->exchange;
    wci_exchange_init(exchange);
    snprintf(sending->name, sizeof sending->name, "%s", text_of(command, "name", "it"));
    static const char *const methods[] = {"GET", "HEAD", "PUT", "POST", "DELETE"};
    for (size_t i = 0; i < 5; i++)
        if (strcmp(methods[i], text_of(command, "method", "GET")) == 0)
            exchange->method = methods[i];
    wci_text_add(&exchange->url, text_of(command, "url", ""));
    wci_text_add(&exchange->headers, text_of(command, "headers", ""));
    const char *path = text_of(command, "file", NULL);
    exchange->body.length = (int64_t)number_of(command, "length", 0);
    exchange->body.offset = (int64_t)number_of(command, "offset", 0);
    if (path) {
        exchange->body.fd = open(path, O_RDONLY | O_CLOEXEC);
    } else if (exchange->body.length > 0) {
        unsigned char *memory = wci_new((size_t)exchange->body.length);
        for (int64_t i = 0; i < exchange->body.length; i++)
            memory[i] = (unsigned char)(i * 31 + (i >> 8));
        exchange->body.memory = sending->memory = memory;
    }
    exchange->on_fresh_connection = number_of(command, "fresh", 0) != 0;
    exchange->connect_time = (int64_t)(number_of(command, "connect_time", 0) * (double)WCI_SECOND);
    double seconds = number_of(command, "seconds", 60);
    if (seconds > 0)
        exchange->deadline = wci_calendar_monotonic() + (int64_t)(seconds * (double)WCI_SECOND);
    exchange->answer_limit = (size_t)number_of(command, "limit", 65536);
    exchange->done = done;
    exchange->user = sending;
    sending->again = (int)number_of(command, "again", 0);
    sending->next = sendings;
    sendings = sending;
    return sending;
}

static wildcam_status begin(struct sending *sending)
{
    wildcam_status status = ops->send(carrier, &sending->exchange);
    under_way += status == WILDCAM_OK;
    if (status != WILDCAM_OK)
        free_sending(sending);
    return status;
}

static struct sending *find(json_t *command)
{
    struct sending *sending = sendings;
    while (sending && strcmp(sending->name, text_of(command, "name", "it")) != 0)
        sending = sending->next;
    return sending;
}

/* ---- commands ---- */

static void do_open(json_t *command)
{
    const char *name;
    json_t *value;
    wildcam_status status = wci_conf_new(&conf);
    json_object_foreach (json_object_get(command, "settings"), name, value)
        if (status == WILDCAM_OK)
            status = wci_conf_set(conf, name, json_string_value(value));
    if (status == WILDCAM_OK)
        status = ops->open(conf, &log_sink, &carrier);
    show_status("open", status);
}

static void do_send(json_t *command)
{
    show_status("send", begin(new_sending(command)));
}

/* Until none is under way, or only so many are, or the time is over. */
static void do_run(json_t *command)
{
    int64_t until = wci_calendar_monotonic() +
                    (int64_t)(number_of(command, "seconds", 60) * (double)WCI_SECOND);
    int enough = (int)number_of(command, "left", 0);
    wildcam_status status = WILDCAM_OK;
    while (status == WILDCAM_OK && under_way > enough && wci_calendar_monotonic() < until)
        status = ops->run(carrier, until);
    show_status("run", status);
}

static void do_step(json_t *command)
{
    int64_t began = wci_calendar_monotonic();
    int before = ended;
    wildcam_status status = ops->run(
        carrier, began + (int64_t)(number_of(command, "seconds", 60) * (double)WCI_SECOND));
    show(json_pack("{s:s, s:s, s:f, s:i}", "did", "step", "status", wildcam_status_name(status),
                   "seconds", (double)(wci_calendar_monotonic() - began) / (double)WCI_SECOND,
                   "ended", ended - before));
}

static void do_cancel(json_t *command)
{
    struct sending *sending = find(command);
    if (sending)
        ops->cancel(carrier, &sending->exchange);
    show_status("cancel", WILDCAM_OK);
}

static void do_limit(json_t *command)
{
    ops->limit(carrier, (int64_t)number_of(command, "rate", 0));
    show_status("limit", WILDCAM_OK);
}

static void do_moved(json_t *command)
{
    (void)command;
    show(json_pack("{s:s, s:I}", "did", "moved", "moved", (json_int_t)ops->moved(carrier)));
}

static void do_wake(json_t *command)
{
    (void)command;
    ops->wake(carrier);
    show_status("wake", WILDCAM_OK);
}

static void do_close(json_t *command)
{
    (void)command;
    if (carrier)
        ops->close(carrier, false);
    carrier = NULL;
    wci_conf_free(conf);
    conf = NULL;
    show_status("close", WILDCAM_OK);
}

/* The child closes what it got from its parent. */
static void do_fork(json_t *command)
{
    (void)command;
    int status;
    pid_t child = fork();
    if (child == 0) {
        ops->close(carrier, true);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        stop("cannot fork");
    show(json_pack("{s:s, s:i}", "did", "fork", "status", status));
}

/* One that lives on behind its close, until end_child. */
static int child_pipe[2];
static pid_t child_id;

static void do_fork_and_live(json_t *command)
{
    (void)command;
    char byte;
    int told[2];
    if (pipe(child_pipe) != 0 || pipe(told) != 0)
        stop("no pipe");
    child_id = fork();
    if (child_id == 0) {
        close(child_pipe[1]);
        ops->close(carrier, true);
        if (write(told[1], "c", 1) != 1)
            _exit(1);
        _exit(read(child_pipe[0], &byte, 1) == 0 ? 0 : 1);
    }
    if (child_id < 0 || read(told[0], &byte, 1) != 1)
        stop("cannot fork");
    close(told[0]);
    close(told[1]);
    show_status("fork_and_live", WILDCAM_OK);
}

static void do_end_child(json_t *command)
{
    (void)command;
    int status;
    close(child_pipe[0]);
    close(child_pipe[1]);
    if (waitpid(child_id, &status, 0) != child_id || status != 0)
        stop("the child failed");
    show_status("end_child", WILDCAM_OK);
}

/* How many sockets of the internet there are, and how many a program would get that is started. */
static void do_inherited(json_t *command)
{
    (void)command;
    int sockets = 0, inherited = 0;
    for (int fd = 3; fd < 1024; fd++) {
        struct sockaddr_storage address;
        socklen_t size = sizeof address;
        if (getsockname(fd, (struct sockaddr *)&address, &size) != 0 ||
            address.ss_family == AF_UNIX)
            continue;
        sockets++;
        inherited += (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0;
    }
    show(json_pack("{s:s, s:i, s:i}", "did", "inherited", "sockets", sockets, "inherited",
                   inherited));
}

#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#endif

/* 0 where a sanitizer keeps what was freed. */
static long resident(void)
{
#ifdef SANITIZED
    return 0;
#endif
    long pages = 0, all = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld %ld", &all, &pages) != 2)
        stop("cannot read /proc/self/statm");
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

/* Many of one kind, so many at a time: how many failed, and how the memory grew from before the
 * first to behind the last, when nothing is under way. */
static void do_many(json_t *command)
{
    int count = (int)number_of(command, "count", 1000), begun = 0, failures = 0;
    int at_once = (int)number_of(command, "at_once", 10);
    long resident_before = resident();
    size_t used_before = mallinfo2().uordblks;
    wildcam_status status = WILDCAM_OK;
    while (status == WILDCAM_OK && (begun < count || under_way > 0)) {
        while (status == WILDCAM_OK && begun < count && under_way < at_once) {
            struct sending *sending = new_sending(command);
            sending->is_mute = true;
            sending->failures = &failures;
            status = begin(sending);
            begun++;
        }
        if (status == WILDCAM_OK)
            status = ops->run(carrier, wci_calendar_monotonic() + 60 * WCI_SECOND);
    }
    show(json_pack("{s:s, s:s, s:i, s:I, s:I}", "did", "many", "status",
                   wildcam_status_name(status), "failures", failures, "grown",
                   (json_int_t)(resident() - resident_before), "used",
                   (json_int_t)((int64_t)mallinfo2().uordblks - (int64_t)used_before)));
}

/* ---- several threads: each leads in its turn, others wake it and change the rate ---- */

struct crew {
    pthread_mutex_t mutex; /* who holds it leads */
    json_t *command;
    int left, failures;
    atomic_bool is_over;
};

static void *lead(void *user)
{
    struct crew *crew = user;
    for (bool is_over = false; !is_over;) {
        pthread_mutex_lock(&crew->mutex);
        while (crew->left > 0 && under_way < 8) {
            struct sending *sending = new_sending(crew->command);
            sending->is_mute = true;
            sending->failures = &crew->failures;
            crew->left--;
            if (begin(sending) != WILDCAM_OK)
                crew->failures++;
        }
        if (under_way > 0 &&
            ops->run(carrier, wci_calendar_monotonic() + 60 * WCI_SECOND) != WILDCAM_OK)
            crew->failures++;
        is_over = crew->left == 0 && under_way == 0;
        pthread_mutex_unlock(&crew->mutex);
    }
    return NULL;
}

static void *disturb(void *user)
{
    struct crew *crew = user;
    int64_t moved = 0;
    for (int i = 0; !crew->is_over; i++) {
        ops->wake(carrier);
        ops->limit(carrier, i % 2 ? 0 : 1 << 30);
        int64_t now = ops->moved(carrier);
        if (now < moved)
            stop("what has moved became less");
        moved = now;
        sched_yield();
    }
    return NULL;
}

static void do_crew(json_t *command)
{
    struct crew crew = {.command = command, .left = (int)number_of(command, "count", 1000)};
    pthread_t threads[4], other;
    pthread_mutex_init(&crew.mutex, NULL);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, lead, &crew);
    pthread_create(&other, NULL, disturb, &crew);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    crew.is_over = true;
    pthread_join(other, NULL);
    pthread_mutex_destroy(&crew.mutex);
    show(json_pack("{s:s, s:i}", "did", "crew", "failures", crew.failures));
}

/* One thread runs with a far end, another wakes it: each wake ends one run, or several a later one,
 * but none is lost. */
static void *wake_once(void *user)
{
    (void)user;
    ops->wake(carrier);
    return NULL;
}

static void do_wakes(json_t *command)
{
    int count = (int)number_of(command, "count", 100);
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, wake_once, NULL);
        if (ops->run(carrier, wci_calendar_monotonic() + 60 * WCI_SECOND) != WILDCAM_OK)
            stop("run fails");
        pthread_join(thread, NULL);
    }
    show_status("wakes", WILDCAM_OK);
}

static void do_answer_names(json_t *command)
{
    for (int i = 0; i < (int)number_of(command, "count", 1); i++)
        sem_post(&names_may_be_answered);
    show_status("answer_names", WILDCAM_OK);
}

static const struct {
    const char *name;
    void (*run)(json_t *command);
} commands[] = {
    {"open", do_open},
    {"send", do_send},
    {"run", do_run},
    {"step", do_step},
    {"cancel", do_cancel},
    {"limit", do_limit},
    {"moved", do_moved},
    {"wake", do_wake},
    {"close", do_close},
    {"fork", do_fork},
    {"many", do_many},
    {"crew", do_crew},
    {"wakes", do_wakes},
    {"fork_and_live", do_fork_and_live},
    {"end_child", do_end_child},
    {"inherited", do_inherited},
    {"answer_names", do_answer_names},
};

static void follow(json_t *command)
{
    const char *name = text_of(command, "do", "");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            commands[i].run(command);
            return;
        }
    }
    stop("there is no such command");
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    sem_init(&names_may_be_answered, 0, 0);
    while (getline(&line, &size, stdin) > 0) {
        json_t *command = json_loads(line, 0, NULL);
        if (!command)
            stop("this is no command");
        follow(command);
        json_decref(command);
    }
    free(line);
    return 0;
}
