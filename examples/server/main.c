/* wildcam-server [--config FILE] [--set NAME=VALUE]... */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "conf_options.h"
#include "doors.h"
#include "http.h"
#include "json_input.h"
#include "meter.h"
#include "server.h"
#include "tls.h"

enum {
    LOGINS_WAITING = 8
}; /* each takes some tenths of a second, on a small machine a whole one */

/* What ended the server: trouble that may pass, or a command line or setting that will be as wrong
 * the next time. */
enum { EXIT_TROUBLE = 1, EXIT_SETTINGS = 2 };

enum { TARPIT_SHARE = 4 }; /* of the connections: others come in beside those who are held back */

static const char usage[] =
    "usage: wildcam-server [--config FILE] [--set NAME=VALUE]...\n"
    "\n"
    "Serves a station of wildlife cameras over HTTP until it is interrupted.\n"
    "\n"
    "  --config FILE      reads settings from a file of lines NAME = VALUE\n"
    "  --set NAME=VALUE   gives a setting a value\n"
    "  --settings         lists the settings\n"
    "  --help             tells how it is used\n"
    "  --version          tells the version\n"
    "\n"
    "Settings come from the file, then from the environment (WILDCAM_DATA_DIR is data.dir), then\n"
    "from --set; the last one counts. data.dir is needed.\n";

/* Before there are settings: whoever typed the command reads it. */
static void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void complain(const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fprintf(stderr, "wildcam-server: %s\n", line);
}

static void list_settings(void)
{
    const wildcam_setting *setting;
    for (size_t i = 0; (setting = wildcam_setting_at(i)); i++)
        printf("%-26s %-20s %s\n", wildcam_setting_name(setting), wildcam_setting_default(setting),
               wildcam_setting_help(setting));
}

/* Answers -1 to go on, else the exit status. */
static int read_options(int argc, char **argv, struct conf_options *options)
{
    static const struct option known[] = {{"config", required_argument, NULL, CONF_OPTION_FILE},
                                          {"set", required_argument, NULL, CONF_OPTION_SET},
                                          {"settings", no_argument, NULL, 'l'},
                                          {"version", no_argument, NULL, 'v'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", known, NULL)) != -1) {
        switch (option) {
        case CONF_OPTION_FILE:
        case CONF_OPTION_SET:
            if (conf_options_add(options, (enum conf_option_kind)option, optarg))
                continue;
            complain("%s", options->message);
            return EXIT_TROUBLE;
        case 'l':
            list_settings();
            return 0;
        case 'v':
            printf("wildcam-server %s\n", wildcam_version());
            return 0;
        case 'h':
            fputs(usage, stdout);
            return 0;
        default:
            complain("%s: %s", argv[optind - 1],
                     option == ':' ? "a value is missing" : "no such option; see --help");
            return EXIT_SETTINGS;
        }
    }
    if (optind == argc)
        return -1;
    complain("%s: no such option; see --help", argv[optind]);
    return EXIT_SETTINGS;
}

static int read_settings(int argc, char **argv, wildcam_conf *conf)
{
    struct conf_options options = {0};
    int result = read_options(argc, argv, &options);
    if (result < 0 && !conf_options_apply(&options, conf)) {
        complain("%s", options.message);
        result = EXIT_SETTINGS;
    }
    conf_options_free(&options);
    return result;
}

static int64_t setting(const wildcam_conf *conf, const char *name)
{
    int64_t value = 0;
    wildcam_conf_get_int(conf, name, &value);
    return value;
}

static uint32_t strip_setting(const wildcam_conf *conf)
{
    const char *word = "none";
    wildcam_conf_get(conf, "images.strip", &word);
    if (strcmp(word, "place") == 0)
        return WILDCAM_STRIP_PLACE;
    if (strcmp(word, "serial") == 0)
        return WILDCAM_STRIP_SERIAL;
    return strcmp(word, "all") == 0 ? WILDCAM_STRIP_PLACE | WILDCAM_STRIP_SERIAL : 0;
}

/* Each connection and each file that is read or written takes a descriptor. How many connections
 * there may be: fewer than were asked for when the system gives no more. */
static int64_t fit_descriptors(int64_t connections)
{
    enum { EACH = 3, BESIDE = 512, LEAST = 8 };
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connections * EACH + BESIDE;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return connections;
    rlim_t most = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    struct rlimit raised = {most, limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
        limit = raised;
    if (limit.rlim_cur >= wanted)
        return connections;
    int64_t fitting = ((int64_t)limit.rlim_cur - BESIDE) / EACH;
    fitting = fitting < LEAST ? LEAST : fitting;
    fitting = fitting < connections ? fitting : connections;
    server_log(WILDCAM_LOG_WARNING,
               "only %lu files may be open at once, and http.connections may need %lu: there are "
               "%lld connections at most",
               (unsigned long)limit.rlim_cur, (unsigned long)wanted, (long long)fitting);
    return fitting;
}

static struct connection_limits connection_limits(const wildcam_conf *conf)
{
    return (struct connection_limits){
        .connections = fit_descriptors(setting(conf, "http.connections")),
        .per_address = setting(conf, "http.connections_per_address"),
        .idle_timeout = setting(conf, "http.idle_timeout"),
        .head_timeout = setting(conf, "http.head_timeout"),
        .request_timeout = setting(conf, "http.request_timeout"),
        .linger = LINGER_SECONDS};
}

static bool read_proxies(const wildcam_conf *conf, struct client_nets *proxies)
{
    const char *text = "";
    char sentence[CLIENT_SENTENCE];
    wildcam_conf_get(conf, "http.proxies", &text);
    if (client_nets_read(text, proxies, sentence))
        return true;
    server_log(WILDCAM_LOG_ERROR,
               "http.proxies: %s; it takes addresses and nets such as 10.0.0.0/8, with commas "
               "between them",
               sentence);
    return false;
}

static bool is_set(const wildcam_conf *conf, const char *name)
{
    const char *text = "";
    wildcam_conf_get(conf, name, &text);
    return *text != '\0';
}

static bool is_tls_wanted(const wildcam_conf *conf)
{
    return is_set(conf, "http.tls_certificate") || is_set(conf, "http.tls_key");
}

static bool complain_of_address(const char *name, const char *listen_on, const char *reason)
{
    server_log(WILDCAM_LOG_ERROR, "%s: cannot listen on %s: %s", name, listen_on, reason);
    return false;
}

static bool check_address(const wildcam_conf *conf, const char *name, bool is_encrypted)
{
    const char *listen_on = "", *reason;
    wildcam_conf_get(conf, name, &listen_on);
    return http_check(listen_on, is_encrypted, &reason) ||
           complain_of_address(name, listen_on, reason);
}

/* What the table of settings does not know of them. */
static bool take_settings(struct server *server)
{
    const wildcam_conf *conf = server->conf;
    bool is_encrypted = is_tls_wanted(conf);
    return read_proxies(conf, &server->proxies) && (!is_encrypted || tls_check(conf)) &&
           check_address(conf, "http.listen", is_encrypted) &&
           (!is_set(conf, "http.operations") || check_address(conf, "http.operations", false));
}

/* Until a signal ends it; meanwhile looks after what may change under a server. */
static void wait_for_end(struct server *server, const sigset_t *signals)
{
    const struct timespec moment = {1, 0};
    int signal;
    while ((signal = sigtimedwait(signals, NULL, &moment)) < 0 || signal == SIGHUP) {
        doors_tick(server);
        if (signal == SIGHUP)
            tls_reload();
        else
            tls_tick();
    }
    server_log(WILDCAM_LOG_INFO, "%s: finishing what is under way",
               signal == SIGINT ? "interrupted" : "told to stop");
}

/* Listens where a setting says. The port may be one that the system has chosen. */
static bool listen_as(struct listener *listener, const char *setting_name, char *url, size_t room)
{
    const char *listen_on = "", *reason;
    wildcam_conf_get(listener->server->conf, setting_name, &listen_on);
    if (!http_start(listener, listen_on, &reason))
        return complain_of_address(setting_name, listen_on, reason);
    snprintf(url, room, "%s://%.*s:%d", listener->is_encrypted ? "https" : "http",
             (int)(strrchr(listen_on, ':') - listen_on), listen_on, http_port(listener));
    return true;
}

enum { URL_TEXT = 128 };

static bool listen_everywhere(struct listener *front, struct listener *operations)
{
    char url[URL_TEXT], operations_url[URL_TEXT] = "";
    bool has_second = is_set(front->server->conf, "http.operations");
    if (!listen_as(front, "http.listen", url, sizeof url) ||
        (has_second && !listen_as(operations, "http.operations", operations_url, URL_TEXT)))
        return false;
    server_log(WILDCAM_LOG_INFO, "listens on %s", url);
    printf("wildcam-server %s listens on %s\n", wildcam_version(), url);
    if (has_second) {
        server_log(WILDCAM_LOG_INFO, "tells how it does on %s", operations_url);
        printf("wildcam-server %s tells how it does on %s\n", wildcam_version(), operations_url);
    }
    fflush(stdout);
    return true;
}

/* Everything between a station that is open and one that can be closed. */
static int serve(struct server *server, const sigset_t *signals)
{
    struct listener front = {.server = server, .is_encrypted = is_tls_wanted(server->conf)};
    struct listener operations = {.server = server, .is_operations = true};
    bool listens = (!front.is_encrypted || tls_start(server->conf)) &&
                   listen_everywhere(&front, &operations);
    if (listens)
        wait_for_end(server, signals);
    server->is_stopping = true;
    tarpit_stop(&server->tarpit); /* else who asks again and again is under way all the time */
    if (listens)
        http_finish(server, setting(server->conf, "http.stop_timeout"));
    workers_stop(server->workers);
    workers_stop(server->logins);
    http_stop(&front);
    http_stop(&operations);
    tls_stop();
    return listens ? 0 : EXIT_TROUBLE;
}

static bool start_lists(struct server *server)
{
    for (int i = 0; i < AUDIENCES * CAMERA_LISTS; i++)
        if (!text_source_start(&server->camera_lists[i / CAMERA_LISTS][i % CAMERA_LISTS]))
            return false;
    return true;
}

static void stop_lists(struct server *server)
{
    for (int i = 0; i < AUDIENCES * CAMERA_LISTS; i++)
        text_source_stop(&server->camera_lists[i / CAMERA_LISTS][i % CAMERA_LISTS]);
}

/* What the detectors need may not be there: that is a matter of the settings. */
static bool start_station(wildcam_station *station, int *result)
{
    wildcam_status status = wildcam_station_start(station);
    if (status == WILDCAM_OK)
        return true;
    server_log(WILDCAM_LOG_ERROR, "%s", wildcam_error_message());
    if (status == WILDCAM_ERR_INVALID || status == WILDCAM_ERR_NOTFOUND ||
        status == WILDCAM_ERR_UNSUPPORTED || status == WILDCAM_ERR_DENIED)
        *result = EXIT_SETTINGS;
    return false;
}

static int run(wildcam_conf *conf, const sigset_t *signals)
{
    const char *cdn = "", *hosts = "", *humans = "show";
    wildcam_conf_get(conf, "cdn.base_url", &cdn);
    wildcam_conf_get(conf, "http.hosts", &hosts);
    wildcam_conf_get(conf, "privacy.humans", &humans);
    struct server server = {.conf = conf,
                            .hosts = hosts,
                            .strip = strip_setting(conf),
                            .metrics_open = setting(conf, "metrics.open"),
                            .log_requests = request_log_setting(conf),
                            .has_privacy = strcmp(humans, "show") != 0,
                            .has_cdn = *cdn != '\0'};
    server.body_max = setting(conf, "images.max_bytes") + BODY_AROUND_PICTURE;
    if (!take_settings(&server))
        return EXIT_SETTINGS;
    if (!limits_start(&server.limits, conf)) {
        server_log(WILDCAM_LOG_ERROR, "the system gives no memory for limits");
        limits_stop(&server.limits);
        return EXIT_TROUBLE;
    }
    struct connection_limits limits = connection_limits(conf);
    wildcam_status status = wildcam_station_open(conf, &server.station);
    if (status != WILDCAM_OK) {
        server_log(WILDCAM_LOG_ERROR, "%s", wildcam_error_message());
        limits_stop(&server.limits);
        return status == WILDCAM_ERR_INVALID ? EXIT_SETTINGS : EXIT_TROUBLE;
    }
    int result = EXIT_TROUBLE;
    server_log_count(wildcam_station_get_metrics(server.station));
    doors_tick(&server);
    server.workers = workers_start((int)setting(conf, "http.workers"), 0);
    server.logins = workers_start(1, LOGINS_WAITING);
    server.meter = meter_start(&server);
    if (!server.meter || !server.workers || !server.logins || !start_lists(&server) ||
        !connections_start(&server.connections, &limits) ||
        !tarpit_start(&server.tarpit, 1 + limits.connections / TARPIT_SHARE))
        server_log(WILDCAM_LOG_ERROR, "the system gives no more threads or memory");
    else if (start_station(server.station, &result))
        result = serve(&server, signals);
    workers_free(server.workers);
    workers_free(server.logins);
    meter_free(server.meter);
    connections_stop(&server.connections);
    stop_lists(&server);
    wildcam_station_close(server.station);
    limits_stop(&server.limits);
    return result;
}

int main(int argc, char **argv)
{
    sigset_t signals;
    wildcam_conf *conf = NULL;
    mallopt(M_ARENA_MAX, 2); /* many threads, little memory each */
    signal(SIGPIPE, SIG_IGN);
    json_input_start();
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* every thread inherits it: main alone waits */
    if (wildcam_conf_new(&conf) != WILDCAM_OK) {
        complain("%s", wildcam_error_message());
        return EXIT_TROUBLE;
    }
    int result = read_settings(argc, argv, conf);
    if (result < 0) {
        if (is_tls_wanted(conf)) { /* else it ends a server whose terminal is closed */
            sigaddset(&signals, SIGHUP);
            pthread_sigmask(SIG_BLOCK, &signals, NULL);
        }
        server_log_begin(conf);
        server_log_start();
        result = run(conf, &signals);
        server_log_stop();
    }
    wildcam_conf_free(conf);
    return result;
}
