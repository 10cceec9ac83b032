#include "support/s3_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/harness.h"

enum { REGIONS = 16, ARGUMENTS = 32 };

struct s3_peer {
    pid_t pid;
    int input;       /* of the program: it ends when this is closed */
    FILE *output;    /* of the program */
    FILE *in, *out;  /* the control port, to read and to write */
    char *answer;    /* the last one */
    size_t capacity; /* of it */
    char ca[512];
    int regions;
    struct {
        char name[64], url[128];
    } region[REGIONS];
};

/* Splits at blanks; "--tls" gets its directory. */
static void split(char *text, char *arguments[ARGUMENTS])
{
    static char python[] = "python3", dash_m[] = "-m", module[] = "support.s3_control";
    static char directory[1024];
    char *named = getenv("WILDCAM_TEST_PYTHON");
    int count = 0;
    arguments[count++] = named ? named : python;
    arguments[count++] = dash_m;
    arguments[count++] = module;
    char *rest = NULL;
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        ck_assert_int_lt(count, ARGUMENTS - 2);
        arguments[count++] = word;
        if (strcmp(word, "--tls") == 0) {
            snprintf(directory, sizeof directory, "%s", scratch_path("s3_peer"));
            arguments[count++] = directory;
        }
    }
    arguments[count] = NULL;
}

static void launch(struct s3_peer *peer, char *const arguments[])
{
    int input[2], output[2];
    ck_assert_int_eq(pipe2(input, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(output, O_CLOEXEC), 0);
    peer->pid = fork();
    ck_assert_int_ge(peer->pid, 0);
    if (peer->pid == 0) {
        dup2(input[0], STDIN_FILENO);
        dup2(output[1], STDOUT_FILENO);
        execvp(arguments[0], arguments);
        _exit(127);
    }
    close(input[0]);
    close(output[1]);
    peer->input = input[1];
    peer->output = fdopen(output[0], "r");
    ck_assert_ptr_nonnull(peer->output);
}

static void connect_control(struct s3_peer *peer, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_msg(connect(fd, (struct sockaddr *)&address, sizeof address) == 0,
                  "the control port: %s", strerror(errno));
    peer->in = fdopen(fd, "r");
    peer->out = fdopen(fcntl(fd, F_DUPFD_CLOEXEC, 0), "w");
    ck_assert(peer->in && peer->out);
}

struct s3_peer *s3_peer_start(const char *arguments)
{
    struct s3_peer *peer = calloc(1, sizeof *peer);
    char *text = strdup(arguments);
    char *words[ARGUMENTS];
    ck_assert(peer && text);
    split(text, words);
    launch(peer, words);
    free(text);
    char line[768], name[64], value[512];
    while (!peer->in) {
        ck_assert_msg(fgets(line, sizeof line, peer->output) != NULL,
                      "the scripted S3 servers do not start: %s", arguments);
        ck_assert_int_eq(sscanf(line, "%63s %511s", name, value), 2);
        if (strcmp(name, "control") == 0) {
            connect_control(peer, (int)strtol(value, NULL, 10));
        } else if (strcmp(name, "ca") == 0) {
            snprintf(peer->ca, sizeof peer->ca, "%s", value);
        } else {
            ck_assert_int_lt(peer->regions, REGIONS);
            snprintf(peer->region[peer->regions].name, sizeof peer->region[0].name, "%s", name);
            snprintf(peer->region[peer->regions++].url, sizeof peer->region[0].url, "%.127s",
                     value);
        }
    }
    return peer;
}

void s3_peer_stop(struct s3_peer *peer)
{
    int status;
    fclose(peer->in);
    fclose(peer->out);
    close(peer->input);
    ck_assert_int_eq(waitpid(peer->pid, &status, 0), peer->pid);
    ck_assert_msg(status == 0, "the scripted S3 servers ended with %d", status);
    fclose(peer->output);
    free(peer->answer);
    free(peer);
}

const char *s3_peer_url(const struct s3_peer *peer, const char *region)
{
    for (int i = 0; i < peer->regions; i++) {
        if (strcmp(peer->region[i].name, region) == 0)
            return peer->region[i].url;
    }
    ck_abort_msg("there is no region %s", region);
}

const char *s3_peer_ca(const struct s3_peer *peer)
{
    ck_assert_msg(peer->ca[0] != '\0', "they were not started with --tls");
    return peer->ca;
}

/* Reads a line behind what is there already. */
static size_t read_line(struct s3_peer *peer, size_t length)
{
    do {
        if (peer->capacity < length + 1024) {
            peer->capacity = 2 * peer->capacity + 4096;
            peer->answer = realloc(peer->answer, peer->capacity);
            ck_assert_ptr_nonnull(peer->answer);
        }
        ck_assert_msg(fgets(peer->answer + length, 1024, peer->in) != NULL,
                      "the scripted S3 servers have gone");
        length += strlen(peer->answer + length);
    } while (peer->answer[length - 1] != '\n');
    return length;
}

enum { COMMAND = 1024 };

static const char *tell(struct s3_peer *peer, const char *command, int size)
{
    ck_assert(size > 0 && size < COMMAND);
    ck_assert_int_gt(fprintf(peer->out, "%s\n", command), 0);
    ck_assert_int_eq(fflush(peer->out), 0);
    size_t length = read_line(peer, 0);
    ck_assert_msg(strncmp(peer->answer, "ok", 2) == 0, "%s: %s", command, peer->answer);
    if (strstr(command, " objects") || strstr(command, " requests")) {
        for (long lines = strtol(peer->answer + 2, NULL, 10); lines > 0; lines--)
            length = read_line(peer, length);
    }
    peer->answer[length - 1] = '\0';
    return peer->answer + (peer->answer[2] == ' ' ? 3 : 2);
}

const char *s3_peer_tell(struct s3_peer *peer, const char *format, ...)
{
    char command[COMMAND];
    va_list args;
    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): clang 14 overlooks va_start */
    int size = vsnprintf(command, sizeof command, format, args);
    va_end(args);
    return tell(peer, command, size);
}

long s3_peer_number(struct s3_peer *peer, const char *format, ...)
{
    char command[COMMAND], *end;
    va_list args;
    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): clang 14 overlooks va_start */
    int size = vsnprintf(command, sizeof command, format, args);
    va_end(args);
    const char *answer = tell(peer, command, size);
    long number = strtol(answer, &end, 10);
    ck_assert_msg(end != answer, "%s is no number", answer);
    return number;
}
