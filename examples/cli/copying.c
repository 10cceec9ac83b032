#include "copying.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

int copying_progress(void *user, const char *phase, int64_t done, int64_t total)
{
    struct copying *copying = user;
    if (strcmp(phase, "pictures") == 0)
        copying->pictures = total;
    return cli_progress(copying->cli, phase, done, total);
}

static bool write_json(const struct copying *copying, const char *directory)
{
    struct json_output out;
    json_output_begin(&out);
    json_output_add(&out, "{\"directory\": ");
    cli_add_text(&out, directory);
    json_output_add(&out, ", \"pictures\": %" PRId64, copying->pictures);
    if (copying->is_backup)
        json_output_add(&out, ", \"copied\": %" PRId64, copying->copied);
    json_output_add(&out, "}\n");
    return cli_print_json(&out);
}

int copying_end(struct copying *copying, const char *what, const char *directory,
                wildcam_status status)
{
    struct cli *cli = copying->cli;
    progress_hide(&cli->progress);
    if (status != WILDCAM_OK) {
        int result = cli_fail_or_stop(cli, status);
        return status == WILDCAM_ERR_INCOMPLETE ? CLI_PARTLY : result;
    }
    if (cli->json)
        return write_json(copying, directory) ? CLI_WELL : cli_fail_memory(cli);
    char *visible = text_visible(directory);
    printf("%s %" PRId64 " picture%s into %s\n", what, copying->pictures,
           cli_plural(copying->pictures), visible ? visible : "?");
    if (copying->is_backup)
        printf("%" PRId64 " copied, %" PRId64 " there already\n", copying->copied,
               copying->pictures - copying->copied);
    free(visible);
    return CLI_WELL;
}
