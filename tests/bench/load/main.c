/*
 * Loads a server for a while and prints what became of it, as one JSON object.
 * usage: bench_load --port PORT --picture FILE [--seconds N] [--warm N] [--cameras N] [--readers N]
 *        [--picture-period SECONDS] [--status-period SECONDS] [--fleet-key KEY] [--viewer-key KEY]
 *        [--abuse REQUESTS/S] [--slow CONNECTIONS] [--slow-addresses N]
 *
 * What is measured begins --warm seconds after the start: cameras register before. Every camera and
 * every reader has an address of its own in 127.0.0.0/8; the abuser has one.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

enum { SECOND = 1000000, PATIENCE = 30 * SECOND, EVENTS = 512, ABUSE_CONNECTIONS = 64 };
enum {
    CAMERA_NET = 0x7f010001,
    READER_NET = 0x7f020001,
    ABUSER_ADDRESS = 0x7f030303,
    SLOW_NET = 0x7f040001
};

struct options {
    long port, seconds, warm, cameras, readers, abuse, slow, slow_addresses;
    double picture_period, status_period;
    const char *picture, *fleet_key, *viewer_key;
};

int64_t load_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static void die(const char *what)
{
    fprintf(stderr, "bench_load: %s: %s\n", what, strerror(errno));
    exit(2);
}

static struct options read_options(int argc, char **argv)
{
    struct options options = {.seconds = 60,
                              .warm = 6,
                              .cameras = 1000,
                              .readers = 200,
                              .slow_addresses = 1,
                              .picture_period = 5,
                              .status_period = 300};
    struct {
        const char *name;
        long *number;
        double *real;
        const char **text;
    } known[] = {{"--port", &options.port, NULL, NULL},
                 {"--seconds", &options.seconds, NULL, NULL},
                 {"--warm", &options.warm, NULL, NULL},
                 {"--cameras", &options.cameras, NULL, NULL},
                 {"--readers", &options.readers, NULL, NULL},
                 {"--abuse", &options.abuse, NULL, NULL},
                 {"--slow", &options.slow, NULL, NULL},
                 {"--slow-addresses", &options.slow_addresses, NULL, NULL},
                 {"--picture-period", NULL, &options.picture_period, NULL},
                 {"--status-period", NULL, &options.status_period, NULL},
                 {"--picture", NULL, NULL, &options.picture},
                 {"--fleet-key", NULL, NULL, &options.fleet_key},
                 {"--viewer-key", NULL, NULL, &options.viewer_key}};
    int i = 1;
    for (; i + 1 < argc; i += 2) {
        size_t at = 0, count = sizeof known / sizeof *known;
        while (at < count && strcmp(argv[i], known[at].name) != 0)
            at++;
        if (at == count)
            break;
        if (known[at].number)
            *known[at].number = strtol(argv[i + 1], NULL, 10);
        else if (known[at].real)
            *known[at].real = strtod(argv[i + 1], NULL);
        else
            *known[at].text = argv[i + 1];
    }
    if (i == argc && options.port && options.picture)
        return options;
    fprintf(stderr, "usage: bench_load --port PORT --picture FILE ...\n");
    exit(2);
}

static void read_picture(struct load *load, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        die(path);
    load->picture_size = (size_t)ftell(file);
    load->picture = malloc(load->picture_size + 1);
    rewind(file);
    if (!load->picture || fread(load->picture, 1, load->picture_size, file) != load->picture_size)
        die(path);
    fclose(file);
}

/* They begin spread over their period. */
static void add_actors(struct load *load, enum role role, long count, uint32_t net, long addresses,
                       int64_t period)
{
    for (long i = 0; i < count; i++) {
        struct actor *actor = &load->actors[load->count++];
        actor->role = role;
        actor->number = (uint32_t)i;
        actor->address = net + (uint32_t)(i % addresses);
        actor->fd = -1;
        actor->due = load->begin + period * i / count;
        waiting_add(load, actor);
    }
}

static void prepare(struct load *load, const struct options *options)
{
    long abusers = options->abuse ? ABUSE_CONNECTIONS : 0;
    long all = options->cameras + options->readers + abusers + options->slow;
    *load = (struct load){.server = {.sin_family = AF_INET,
                                     .sin_port = htons((uint16_t)options->port),
                                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
                          .begin = load_now(),
                          .picture_period = (int64_t)(options->picture_period * SECOND),
                          .status_period = (int64_t)(options->status_period * SECOND),
                          .read_period = SECOND,
                          .fleet_key = options->fleet_key,
                          .viewer_key = options->viewer_key,
                          .epoll = epoll_create1(EPOLL_CLOEXEC)};
    load->actors = calloc((size_t)all + 1, sizeof *load->actors);
    load->heap = calloc((size_t)all + 2, sizeof(struct actor *));
    if (!load->actors || !load->heap || load->epoll < 0)
        die("starting");
    load->end = load->begin + (options->warm + options->seconds) * SECOND;
    read_picture(load, options->picture);
    add_actors(load, ROLE_CAMERA, options->cameras, CAMERA_NET, options->cameras,
               load->picture_period);
    add_actors(load, ROLE_READER, options->readers, READER_NET, options->readers,
               load->read_period);
    if (abusers) {
        load->abuse_period = (int64_t)abusers * SECOND / options->abuse;
        add_actors(load, ROLE_ABUSER, abusers, ABUSER_ADDRESS, 1, load->abuse_period);
    }
    add_actors(load, ROLE_SLOW, options->slow, SLOW_NET, options->slow_addresses, SECOND);
}

/* ---- the loop ---- */

static void start_those_due(struct load *load)
{
    struct actor *actor;
    int64_t now = load_now();
    while ((actor = waiting_first(load)) && waiting_time(actor) <= now) {
        waiting_remove(load, actor);
        if (actor->was_early && actor->role != ROLE_SLOW)
            tally_time(&load->lag, now - waiting_time(actor));
        actor_start(load, actor);
    }
}

static void wait_for_events(struct load *load)
{
    struct epoll_event events[EVENTS];
    struct actor *first = waiting_first(load);
    int64_t pause = first ? waiting_time(first) - load_now() : SECOND;
    pause = pause < 0 ? 0 : pause > SECOND / 10 ? SECOND / 10 : pause;
    struct timespec timeout = {.tv_nsec = pause * 1000};
    int count = epoll_pwait2(load->epoll, events, EVENTS, &timeout, NULL);
    if (count < 0 && errno != EINTR)
        die("epoll_pwait2");
    for (int i = 0; i < count; i++)
        actor_event(load, events[i].data.ptr, events[i].events);
}

static void give_up_the_late(struct load *load)
{
    int64_t now = load_now();
    for (size_t i = 0; i < load->count; i++) {
        struct actor *actor = &load->actors[i];
        if (actor->stage != STAGE_IDLE && actor->role != ROLE_SLOW && now - actor->began > PATIENCE)
            actor_give_up(load, actor);
    }
}

static bool is_under_way(const struct load *load)
{
    for (size_t i = 0; i < load->count; i++)
        if (load->actors[i].stage != STAGE_IDLE && load->actors[i].role != ROLE_SLOW)
            return true;
    return false;
}

static void run(struct load *load, int64_t measured)
{
    bool is_warm = false;
    int64_t look = load->begin, now;
    while ((now = load_now()) < load->end || (is_under_way(load) && now < load->end + PATIENCE)) {
        if (!is_warm && now >= measured) {
            memset(load->tallies + 1, 0, sizeof load->tallies - sizeof load->tallies[0]);
            memset(&load->lag, 0, sizeof load->lag);
            is_warm = true;
        }
        if (now < load->end)
            start_those_due(load);
        wait_for_events(load);
        if (now - look > SECOND) {
            give_up_the_late(load);
            look = now;
        }
    }
}

static void report(const struct load *load, long seconds)
{
    static const char *const names[] = {"register", "upload", "status", "read", "abuse", "slow"};
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"seconds\": %ld, \"cpu_seconds\": %.2f", seconds,
           (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    for (int i = 0; i < KIND_COUNT; i++) {
        printf(", ");
        tally_write(stdout, names[i], &load->tallies[i]);
    }
    printf(", ");
    tally_write(stdout, "lag", &load->lag);
    printf("}\n");
}

int main(int argc, char **argv)
{
    struct options options = read_options(argc, argv);
    struct rlimit files;
    struct load load;
    signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    prepare(&load, &options);
    run(&load, load.begin + options.warm * SECOND);
    report(&load, options.seconds);
    return 0;
}
