/*
 * Requests per second of the reference server for its health and for the latest detections, beside
 * libmicrohttpd answering a constant of the same length. `wrk` asks, by turns.
 * usage: bench_server WILDCAM-SERVER
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum { ROWS = 20000, ROUNDS = 5, CONSTANT_MAX = 64 * 1024 };
#define QUESTION "wrk --threads 1 --connections 16 --duration 1s http://127.0.0.1:%d%s 2>&1"

struct process {
    pid_t pid;
    int port;
};

static void fill(const char *directory)
{
    wildcam_station *station = bench_open(directory);
    wildcam_detection *draft;
    wildcam_batch *batch;
    CHECK(wildcam_batch_new(station, &batch));
    CHECK(wildcam_detection_new(&draft));
    CHECK(wildcam_detection_set_device_id(draft, "WC-0001"));
    CHECK(wildcam_detection_set_category(draft, WILDCAM_CATEGORY_ANIMAL));
    CHECK(wildcam_detection_set_species(draft, "Vulpes vulpes"));
    CHECK(wildcam_detection_set_confidence(draft, 0.87));
    for (int64_t i = 0; i < ROWS; i++) {
        CHECK(wildcam_detection_set_time(draft, (1790000000 + i) * 1000000, 0,
                                         WILDCAM_TIME_SOURCE_CLIENT));
        CHECK(wildcam_batch_add(batch, draft));
    }
    CHECK(wildcam_batch_commit(batch));
    wildcam_batch_free(batch);
    wildcam_detection_free(draft);
    wildcam_station_close(station);
}

/* Starts a program that prints its port behind the last colon of its first line. */
static struct process start(const char *program, const char *const arguments[])
{
    struct process process = {0};
    char line[256] = "";
    int ends[2];
    if (pipe(ends) != 0 || (process.pid = fork()) < 0)
        exit(2);
    if (process.pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execv(program, (char *const *)(uintptr_t)arguments); /* it changes none of them */
        perror(program);
        _exit(2);
    }
    close(ends[1]);
    FILE *out = fdopen(ends[0], "r");
    const char *colon = fgets(line, sizeof line, out) ? strrchr(line, ':') : NULL;
    fclose(out);
    process.port = colon ? atoi(colon + 1) : 0;
    if (process.port <= 0) {
        fprintf(stderr, "%s did not say where it listens\n", program);
        exit(2);
    }
    return process;
}

static void stop(struct process process)
{
    kill(process.pid, SIGTERM);
    waitpid(process.pid, NULL, 0);
}

/* ---- the limit: this program again, as a server of one constant ---- */

static enum MHD_Result answer(void *user, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **context)
{
    static int seen;
    (void)url;
    (void)method;
    (void)version;
    (void)upload;
    (void)upload_size;
    if (!*context) {
        *context = &seen;
        return MHD_YES;
    }
    return MHD_queue_response(connection, MHD_HTTP_OK, user);
}

static int serve_constant(size_t length)
{
    static char body[CONSTANT_MAX];
    memset(body, 'x', sizeof body);
    struct MHD_Response *response = MHD_create_response_from_buffer(length, body,
                                                                    MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    sigset_t signals;
    int signal;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, response, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&address, MHD_OPTION_THREAD_POOL_SIZE, 2u, MHD_OPTION_END);
    if (!daemon)
        return 2;
    printf("constant:%d\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    sigwait(&signals, &signal);
    MHD_stop_daemon(daemon);
    MHD_destroy_response(response);
    return 0;
}

static struct process start_constant(const char *self, size_t length)
{
    char text[32];
    snprintf(text, sizeof text, "%zu", length);
    const char *const arguments[] = {self, "--constant", text, NULL};
    return start("/proc/self/exe", arguments);
}

/* ---- asking ---- */

static double ask(struct process server, const char *path)
{
    char command[512], line[256];
    double rate = 0;
    bool failed = false;
    snprintf(command, sizeof command, QUESTION, server.port, path);
    FILE *out = popen(command, "r");
    while (out && fgets(line, sizeof line, out)) {
        sscanf(line, "Requests/sec: %lf", &rate);
        failed = failed || strstr(line, "Non-2xx") || strstr(line, "Socket errors");
    }
    if (!out || pclose(out) != 0 || failed || rate == 0) {
        fprintf(stderr, "wrk could not ask for %s\n", path);
        exit(2);
    }
    return rate;
}

static size_t answer_length(struct process server, const char *path)
{
    char command[512], line[64] = "";
    snprintf(command, sizeof command,
             "curl --silent --fail --output /dev/null --write-out '%%{size_download}' "
             "'http://127.0.0.1:%d%s'",
             server.port, path);
    FILE *out = popen(command, "r");
    if (!out || !fgets(line, sizeof line, out) || pclose(out) != 0) {
        fprintf(stderr, "curl could not ask for %s\n", path);
        exit(2);
    }
    return (size_t)strtoull(line, NULL, 10);
}

static void compare(const char *self, struct process server, const char *name, const char *path)
{
    size_t length = answer_length(server, path);
    struct process constant = start_constant(self, length);
    double figure = 0, limit = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double a = ask(server, path), b = ask(constant, "/");
        figure = a > figure ? a : figure;
        limit = b > limit ? b : limit;
    }
    stop(constant);
    bench_line(name, figure, "1/s", "libmicrohttpd, a constant", limit, '>', 0);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--constant") == 0)
        return serve_constant((size_t)strtoull(argv[2], NULL, 10));
    if (argc != 2) {
        fprintf(stderr, "usage: bench_server WILDCAM-SERVER\n");
        return 2;
    }
    if (system("command -v wrk >/dev/null && command -v curl >/dev/null") != 0) {
        printf("skipped: wrk or curl is not installed\n");
        return 77;
    }
    char directory[600];
    snprintf(directory, sizeof directory, "data.dir=%s", bench_directory());
    fill(bench_directory());
    const char *const arguments[] = {
        argv[1], "--set", directory, "--set", "http.listen=127.0.0.1:0", NULL};
    struct process server = start(argv[1], arguments);
    compare(argv[0], server, "server: health", "/api/health");
    compare(argv[0], server, "server: latest 10 detections", "/api/detections?limit=10");
    compare(argv[0], server, "server: latest 100 detections", "/api/detections?limit=100");
    stop(server);
    return bench_end();
}
