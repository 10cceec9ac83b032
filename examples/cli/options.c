#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "suggest.h"

enum { FIRST = 256 };

const struct option_row common_options[] = {
    {"data", OPTION_TEXT, offsetof(struct cli, data), "DIR",
     "the directory that holds the station (WILDCAM_DATA_DIR)"},
    {"config", OPTION_CONF, CONF_OPTION_FILE, "FILE", "reads settings from a file"},
    {"set", OPTION_CONF, CONF_OPTION_SET, "NAME=VALUE", "gives a setting a value"},
    {"json", OPTION_FLAG, offsetof(struct cli, json), NULL, "answers one JSON object, for scripts"},
    {"help", OPTION_FLAG, offsetof(struct cli, help), NULL, "tells how it is used"},
    {"version", OPTION_FLAG, offsetof(struct cli, version), NULL, "tells the version"},
    {0},
};

/* The rows of one command line: a command's own, then the common ones. */
struct reading {
    struct cli *cli;
    void *own;
    const struct option_row *own_rows; /* NULL for none */
    int own_count, count;
    struct option *options; /* getopt_long()'s, one for each row and an end */
};

static int count_rows(const struct option_row *rows)
{
    int count = 0;
    while (rows && rows[count].name)
        count++;
    return count;
}

static const struct option_row *row_at(const struct reading *reading, int at)
{
    return at < reading->own_count ? &reading->own_rows[at]
                                   : &common_options[at - reading->own_count];
}

static bool begin(struct reading *reading)
{
    reading->own_count = count_rows(reading->own_rows);
    reading->count = reading->own_count + count_rows(common_options);
    reading->options = calloc((size_t)reading->count + 1, sizeof *reading->options);
    if (!reading->options) {
        cli_fail_memory(reading->cli);
        return false;
    }
    for (int i = 0; i < reading->count; i++)
        reading->options[i] = (struct option){
            row_at(reading, i)->name,
            row_at(reading, i)->argument ? required_argument : no_argument, NULL, FIRST + i};
    return true;
}

static bool take_number(const struct option_row *row, char *member, const char *value)
{
    char *end = NULL;
    double number = 0;
    if (row->kind == OPTION_NUMBER_OR_NONE && strcmp(value, "none") == 0) {
        *(double *)(void *)member = NAN;
        return true;
    }
    long long whole = 0;
    errno = 0;
    if (row->kind != OPTION_WHOLE)
        *(double *)(void *)member = number = strtod(value, &end);
    else
        *(int64_t *)(void *)member = whole = strtoll(value, &end, 10);
    return errno == 0 && end != value && !*end && whole >= 0 && isfinite(number);
}

static bool take(struct reading *reading, int at, char *value)
{
    const struct option_row *row = row_at(reading, at);
    char *base = at < reading->own_count ? reading->own : (void *)reading->cli;
    char *member = base + (row->kind == OPTION_CONF ? 0 : row->where);
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)member = true;
        return true;
    case OPTION_TEXT:
        *(const char **)(void *)member = value;
        return true;
    case OPTION_CONF:
        if (conf_options_add(&reading->cli->conf_options, (enum conf_option_kind)row->where, value))
            return true;
        cli_complain(reading->cli, "%s", reading->cli->conf_options.message);
        return false;
    default:
        if (take_number(row, member, value))
            return true;
        cli_refuse(reading->cli, "--%s takes a %s, not \"%s\"", row->name,
                   row->kind == OPTION_WHOLE    ? "whole number"
                   : row->kind == OPTION_NUMBER ? "number"
                                                : "number or none",
                   value);
        return false;
    }
}

static bool refuse_unknown(struct reading *reading, const char *word)
{
    char option[64]; /* without "=VALUE" */
    const char *nearest = NULL;
    const char **names = calloc((size_t)reading->count + 1, sizeof *names);
    snprintf(option, sizeof option, "%.*s", (int)strcspn(word, "="), word);
    for (int i = 0; names && i < reading->count; i++)
        names[i] = row_at(reading, i)->name;
    if (names && strncmp(option, "--", 2) == 0)
        nearest = suggest(option + 2, names, (size_t)reading->count);
    if (nearest)
        cli_refuse(reading->cli, "there is no option %s; did you mean --%s?", option, nearest);
    else
        cli_refuse(reading->cli, "there is no option %s", option);
    free(names);
    return false;
}

/* What getopt_long() did not like. */
static bool refuse(struct reading *reading, char **argv, int answer)
{
    const char *word = argv[optind - 1];
    if (optopt >= FIRST) {
        const char *name = row_at(reading, optopt - FIRST)->name;
        if (answer == ':')
            cli_refuse(reading->cli, "--%s needs a value", name);
        else
            cli_refuse(reading->cli, "--%s takes no value", name);
        return false;
    }
    char letter[] = {'-', (char)optopt, '\0'};
    return refuse_unknown(reading, optopt ? letter : word);
}

static bool read_word(struct reading *reading, char **argv, int answer)
{
    if (answer == 'h')
        reading->cli->help = true;
    else if (answer < FIRST)
        return refuse(reading, argv, answer);
    return answer == 'h' || take(reading, answer - FIRST, optarg);
}

/* argv[0] is no option. The index of the first word that is none, or -1. */
static int read_all(struct reading *reading, int argc, char **argv, const char *letters)
{
    int answer;
    bool is_well = begin(reading);
    optind = 0; /* begins anew */
    opterr = 0;
    while (is_well && (answer = getopt_long(argc, argv, letters, reading->options, NULL)) != -1)
        is_well = read_word(reading, argv, answer);
    free(reading->options);
    return is_well ? optind : -1;
}

int options_before_command(struct cli *cli, int argc, char **argv)
{
    struct reading reading = {.cli = cli};
    return read_all(&reading, argc, argv, "+:h");
}

int options_read(struct cli *cli, int argc, char **argv, void *own)
{
    struct reading reading = {.cli = cli, .own = own, .own_rows = cli->command->options};
    int first = read_all(&reading, argc, argv, ":h");
    if (first < 0)
        return -1;
    memmove(argv, argv + first, (size_t)(argc - first) * sizeof *argv);
    return argc - first;
}

void options_explain(const struct option_row *rows)
{
    for (; rows && rows->name; rows++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", rows->name, rows->argument ? " " : "",
                 rows->argument ? rows->argument : "");
        printf("  %-24s %s\n", left, rows->help);
    }
}
