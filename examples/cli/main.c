/* wildcam COMMAND: looks after a station from the command line. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "suggest.h"

static const struct command *const commands[] = {
    &command_ingest,    &command_query,     &command_events, &command_summary,
    &command_report,    &command_cameras,   &command_alerts, &command_deployments,
    &command_sync,      &command_check,     &command_backup, &command_restore,
    &command_purge,     &command_retention, &command_import, &command_export,
    &command_favourite, &command_keys,      &command_users,  &command_metrics,
    &command_process,
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void explain_statuses(void)
{
    printf(
        "\nExit status: 0 all is well; 1 done, but something was left out, damage was found or no\n"
        "metric matched; 2 used wrongly; 3 it failed; 130 or 143 stopped by a signal.\n");
}

static void explain_all(void)
{
    printf("usage: wildcam COMMAND --data DIR [OPTION...]\n"
           "\n"
           "Looks after a station of wildlife cameras, also while its server runs. A station is a\n"
           "directory that holds pictures and what is on them; ingest makes it. To begin:\n"
           "\n"
           "  wildcam ingest /media/cards --data /srv/station\n"
           "  wildcam query --data /srv/station\n"
           "\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-12s %s\n", commands[i]->name, commands[i]->summary);
    printf("\nFor all of them:\n\n");
    options_explain(common_options);
    printf("\nwildcam help COMMAND tells more of each. Settings come from the file, then from the\n"
           "environment, then from --set; the last one counts.\n");
    explain_statuses();
}

static void explain(const struct command *command)
{
    printf("usage: wildcam %s --data DIR %s\n\n%s\n", command->name, command->arguments,
           command->text);
    if (command->options && command->options->name) {
        putchar('\n');
        options_explain(command->options);
    }
    putchar('\n');
    options_explain(common_options);
    explain_statuses();
}

static const struct command *find(struct cli *cli, const char *name)
{
    const char *names[COMMANDS];
    for (size_t i = 0; i < COMMANDS; i++) {
        names[i] = commands[i]->name;
        if (strcmp(name, names[i]) == 0)
            return commands[i];
    }
    const char *nearest = suggest(name, names, COMMANDS);
    if (nearest)
        cli_refuse(cli, "there is no command \"%s\"; did you mean %s?", name, nearest);
    else
        cli_refuse(cli, "there is no command \"%s\"", name);
    return NULL;
}

/* True when --help or --version was asked for, and is answered. */
static bool answers(const struct cli *cli)
{
    if (cli->help && cli->command)
        explain(cli->command);
    else if (cli->help)
        explain_all();
    else if (cli->version)
        printf("wildcam %s\n", wildcam_version());
    return cli->help || cli->version;
}

static bool configure(struct cli *cli)
{
    /* What the library notes in passing, the commands report better. */
    wildcam_conf_set(cli->conf, "log.level", "error");
    if (!conf_options_apply(&cli->conf_options, cli->conf)) {
        cli_refuse(cli, "%s", cli->conf_options.message);
        return false;
    }
    if (!cli->data || wildcam_conf_set(cli->conf, "data.dir", cli->data) == WILDCAM_OK)
        return true;
    cli_refuse(cli, "--data: %s", wildcam_error_message());
    return false;
}

static bool count_words(struct cli *cli, int words, char **argv)
{
    const struct command *command = cli->command;
    if (words < command->words_min)
        cli_refuse(cli, "it takes %s", command->arguments);
    else if (command->words_max >= 0 && words > command->words_max)
        cli_refuse(cli, "\"%s\" is one word too many", argv[command->words_max]);
    else
        return true;
    return false;
}

int cli_begin(struct cli *cli, int argc, char **argv, void *own, int *result)
{
    int words = options_read(cli, argc, argv, own);
    *result = CLI_USAGE;
    if (words < 0)
        return -1;
    if (answers(cli)) {
        *result = CLI_WELL;
        return -1;
    }
    return count_words(cli, words, argv) && configure(cli) ? words : -1;
}

/* wildcam help [COMMAND] */
static int help(struct cli *cli, int count, char **words)
{
    if (count > 1)
        return cli_refuse(cli, "\"%s\" is one word too many", words[1]);
    cli->help = true;
    if (count && strcmp(words[0], "help") != 0 && !(cli->command = find(cli, words[0])))
        return CLI_USAGE;
    return answers(cli) ? CLI_WELL : CLI_FAILED;
}

static int run(struct cli *cli, int argc, char **argv)
{
    int words = options_before_command(cli, argc, argv);
    if (words < 0)
        return CLI_USAGE;
    if (words < argc && strcmp(argv[words], "help") == 0)
        return help(cli, argc - words - 1, argv + words + 1);
    if (words < argc && !(cli->command = find(cli, argv[words])))
        return CLI_USAGE;
    if (!cli->command && answers(cli))
        return CLI_WELL;
    if (!cli->command)
        return cli_refuse(cli, "a command is missing: ingest, query, ...");
    return cli->command->run(cli, argc - words, argv + words);
}

/* What could not be written must not look like success. */
static int finish_output(struct cli *cli, int result)
{
    errno = 0;
    bool failed = ferror(stdout) != 0;
    if (fclose(stdout) == 0 && !failed)
        return result;
    cli_complain(cli, "the output could not be written%s%s", errno ? ": " : "",
                 errno ? strerror(errno) : "");
    return CLI_FAILED;
}

int main(int argc, char **argv)
{
    struct cli cli = {.terminal = PTHREAD_MUTEX_INITIALIZER};
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error like a full disk */
    progress_init(&cli.progress);
    int result = CLI_FAILED;
    if (wildcam_conf_new(&cli.conf) == WILDCAM_OK)
        result = run(&cli, argc, argv);
    else
        cli_fail(&cli);
    result = finish_output(&cli, result);
    conf_options_free(&cli.conf_options);
    wildcam_conf_free(cli.conf);
    return result;
}
