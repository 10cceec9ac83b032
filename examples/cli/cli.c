#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"
#include "suggest.h"
#include "text.h"

enum { SENTENCE = 4096, CHOICES = 8 };

static void write_line(struct cli *cli, const char *text)
{
    char *visible = text_visible(text);
    const char *name = cli->command ? cli->command->name : NULL;
    pthread_mutex_lock(&cli->terminal);
    progress_hide(&cli->progress);
    fprintf(stderr, "wildcam%s%s: %s\n", name ? " " : "", name ? name : "",
            visible ? visible : "memory ran out");
    pthread_mutex_unlock(&cli->terminal);
    free(visible);
}

void cli_complain(struct cli *cli, const char *format, ...)
{
    char text[SENTENCE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    write_line(cli, text);
}

int cli_refuse(struct cli *cli, const char *format, ...)
{
    char text[SENTENCE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cli_complain(cli, "%s (see wildcam%s%s --help)", text, cli->command ? " " : "",
                 cli->command ? cli->command->name : "");
    return CLI_USAGE;
}

const void *cli_choose(struct cli *cli, const char *word, const void *rows, size_t row_size,
                       size_t count)
{
    const char *names[CHOICES];
    char all[256] = "";
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        const void *row = (const char *)rows + i * row_size;
        const char *name = *(const char *const *)row;
        if (strcmp(word, name) == 0)
            return row;
        if (i < CHOICES)
            names[i] = name;
        const char *before = i == 0 ? "" : i + 1 < count ? ", " : " or ";
        int added = snprintf(all + length, sizeof all - length, "%s%s", before, name);
        length += (size_t)added < sizeof all - length ? (size_t)added : 0;
    }
    const char *nearest = suggest(word, names, count < CHOICES ? count : CHOICES);
    cli_refuse(cli, "%s can be %s, not \"%s\"%s%s", cli->command->name, all, word,
               nearest ? "; did you mean " : "", nearest ? nearest : "");
    return NULL;
}

int cli_fail(struct cli *cli)
{
    cli_complain(cli, "%s", wildcam_error_message());
    return interrupt_came() ? CLI_INTERRUPTED + interrupt_came() : CLI_FAILED;
}

int cli_fail_or_stop(struct cli *cli, wildcam_status status)
{
    if (status != WILDCAM_ERR_CANCELLED)
        return cli_fail(cli);
    cli_complain(cli, "stopped");
    return CLI_INTERRUPTED + interrupt_came();
}

int cli_fail_memory(struct cli *cli)
{
    cli_complain(cli, "memory ran out");
    return CLI_FAILED;
}

bool cli_read_id(const char *word, int64_t *id)
{
    char *end;
    errno = 0;
    *id = strtoll(word, &end, 10);
    return errno == 0 && !*end && *id > 0;
}

/* Only who sits before it can answer. */
bool cli_ask_to_delete(struct cli *cli)
{
    char answer[8] = "";
    if (cli->json || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return false;
    fflush(stdout);
    fprintf(stderr, "There is no way back but a backup. Type yes to delete: ");
    return fgets(answer, sizeof answer, stdin) && strcmp(answer, "yes\n") == 0;
}

int cli_progress(void *user, const char *phase, int64_t done, int64_t total)
{
    struct cli *cli = user;
    pthread_mutex_lock(&cli->terminal);
    progress_show(&cli->progress, phase, done, total);
    pthread_mutex_unlock(&cli->terminal);
    return interrupt_came();
}

int cli_tell_damaged(struct cli *cli, const char *damaged)
{
    if (!*damaged)
        return CLI_WELL;
    cli_complain(cli, "damaged shards were passed over: %s; wildcam check tells more", damaged);
    return CLI_PARTLY;
}

void cli_add_text(struct json_output *out, const char *text)
{
    char *valid = text_utf8(text);
    out->failed = out->failed || !valid;
    json_output_text(out, valid ? valid : "");
    free(valid);
}

bool cli_print_json(struct json_output *out)
{
    char *text = json_output_end(out);
    if (!text)
        return false;
    fputs(text, stdout);
    free(text);
    return true;
}

bool cli_print_access(const char *name, const wildcam_access_list *list)
{
    struct json_output out;
    size_t count = wildcam_access_list_get_count(list);
    json_output_begin(&out);
    json_output_add(&out, "{\"%s\": [", name);
    for (size_t i = 0; i < count; i++) {
        char *text = NULL;
        wildcam_access_to_json(wildcam_access_list_at(list, i), &text);
        json_output_add(&out, i ? ",\n" : "\n");
        json_output_object(&out, text);
    }
    json_output_add(&out, "\n], \"count\": %zu}\n", count);
    return cli_print_json(&out);
}

/* A line of the library's log must not run into the bar. */
static void take_log(void *user, int level, const char *module, const char *text)
{
    (void)level;
    cli_complain(user, "%s: %s", module, text);
}

const char *cli_directory(struct cli *cli)
{
    const char *directory = "";
    wildcam_conf_get(cli->conf, "data.dir", &directory);
    if (*directory)
        return directory;
    cli_refuse(cli, "which station? Name its directory: --data DIR, or WILDCAM_DATA_DIR");
    return NULL;
}

int cli_open(struct cli *cli, bool may_create, wildcam_station **out)
{
    const char *directory = cli_directory(cli);
    if (!directory)
        return CLI_USAGE;
    if (!may_create)
        wildcam_conf_set(cli->conf, "data.create", "false");
    if (cli->progress.is_on)
        wildcam_conf_set_log(cli->conf, take_log, cli);
    wildcam_status status = wildcam_station_open(cli->conf, out);
    if (status == WILDCAM_OK)
        return CLI_WELL;
    if (status == WILDCAM_ERR_NOTFOUND)
        cli_complain(cli, "%s; is --data right?", wildcam_error_message());
    else
        cli_fail(cli);
    return CLI_FAILED;
}
