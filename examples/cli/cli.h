/* What every command of the tool works with. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <pthread.h>
#include <stdbool.h>
#include <wildcam/wildcam.h>

#include "conf_options.h"
#include "json_output.h"
#include "options.h"
#include "progress.h"

/* How a command ends. A signal that stopped it is added to INTERRUPTED, as shells do. */
enum {
    CLI_WELL = 0,
    CLI_PARTLY = 1, /* done, but something was left out, damage was found or nothing matched */
    CLI_USAGE = 2,
    CLI_FAILED = 3,
    CLI_INTERRUPTED = 128
};

struct cli {
    const struct command *command; /* NULL before it is known */
    struct conf_options conf_options;
    wildcam_conf *conf;
    const char *data; /* --data */
    bool json, help, version;
    struct progress progress;
    pthread_mutex_t terminal; /* who writes to standard error while there is a bar */
};

struct command {
    const char *name;
    const char *arguments;            /* in its usage line */
    const char *summary;              /* one line for the list */
    const char *text;                 /* what else its help says, with an example */
    int words_min, words_max;         /* how many words besides options; -1 is no limit */
    const struct option_row *options; /* up to one without a name; NULL for none */
    int (*run)(struct cli *cli, int argc, char **argv);
};

extern const struct command command_alerts, command_backup, command_cameras, command_check,
    command_deployments, command_events, command_export, command_favourite, command_import,
    command_ingest, command_metrics, command_keys, command_process, command_purge, command_query,
    command_report, command_restore, command_retention, command_summary, command_sync,
    command_users;

/* How every command begins: reads its options into `own`, answers --help, fills cli->conf. How many
 * words there are besides, in argv[0] and on; -1 when the command is over, `*result` being its exit
 * status. */
int cli_begin(struct cli *cli, int argc, char **argv, void *own, int *result);

/* One line on standard error, "wildcam COMMAND: ...", with nothing in it that moves a cursor. */
void cli_complain(struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for what was typed wrong; answers CLI_USAGE. */
int cli_refuse(struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The row of a table that a command's first word names, each row beginning with its name; NULL
 * after a refusal that tells them all. */
const void *cli_choose(struct cli *cli, const char *word, const void *rows, size_t row_size,
                       size_t count);
/* This thread's last failure in the library; answers the exit status. */
int cli_fail(struct cli *cli);
/* The same for a long call, which a signal may have stopped. */
int cli_fail_or_stop(struct cli *cli, wildcam_status status);
int cli_fail_memory(struct cli *cli);
/* A word as the id of a row, which is above 0; false when it is none. */
bool cli_read_id(const char *word, int64_t *id);
/* Asks on the terminal whether to delete; false where nobody sits before it. */
bool cli_ask_to_delete(struct cli *cli);
/* For the library's long calls, `user` being the cli: shows the bar and looks for signals. */
int cli_progress(void *user, const char *phase, int64_t done, int64_t total);

/* The end of an answer from which damaged shards are missing, or none; answers the exit status. */
int cli_tell_damaged(struct cli *cli, const char *damaged);
/* A text that may be no UTF-8, such as a file's name. */
void cli_add_text(struct json_output *out, const char *text);
/* Writes what was put together on standard output. False when memory ran out. */
bool cli_print_json(struct json_output *out);

/* Keys or users as {"NAME": [...], "count": N} on standard output. False when memory ran out. */
bool cli_print_access(const char *name, const wildcam_access_list *list);

/* What "picture" ends in, and other words that take an s. */
static inline const char *cli_plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

/* Opens the station, and makes it where there is none when `may_create`. CLI_WELL, or the exit
 * status of what was complained about. */
int cli_open(struct cli *cli, bool may_create, wildcam_station **out);
/* The directory of the station; NULL after a complaint that it was not named. */
const char *cli_directory(struct cli *cli);

#endif
