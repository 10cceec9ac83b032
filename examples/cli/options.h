/* Options as tables: what is read, what --help says and what is suggested come from the same rows.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

struct cli;

/* What an option's value is, and the type of the member it goes to. */
enum option_kind {
    OPTION_FLAG,           /* bool */
    OPTION_TEXT,           /* const char *, of argv */
    OPTION_WHOLE,          /* int64_t, 0 and more */
    OPTION_NUMBER,         /* double */
    OPTION_NUMBER_OR_NONE, /* double; "none" is NaN */
    OPTION_CONF            /* for cli->conf_options; `where` is its kind there */
};

struct option_row {
    const char *name; /* without its dashes */
    enum option_kind kind;
    size_t where;         /* offset of the member */
    const char *argument; /* its name in --help; NULL for a flag */
    const char *help;
};

extern const struct option_row common_options[];

/* Reads the options that stand before the command: how many words they take, or -1 after a
 * complaint. */
int options_before_command(struct cli *cli, int argc, char **argv);
/* Reads a command's options, and the common ones, into `own`. The words that are no options are
 * left in argv[0] and on, as many as is answered; -1 after a complaint. */
int options_read(struct cli *cli, int argc, char **argv, void *own);
/* The rows as --help shows them, on standard output. */
void options_explain(const struct option_row *rows);

#endif
