/*
 * The options --config FILE and --set NAME=VALUE, as every program of ours takes them: gathered
 * while the command line is read, then applied in the order that CONFIGURATION.md gives.
 */
#ifndef SUPPORT_CONF_OPTIONS_H
#define SUPPORT_CONF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <wildcam/wildcam.h>

enum conf_option_kind { CONF_OPTION_FILE, CONF_OPTION_SET };

struct conf_option {
    enum conf_option_kind kind;
    const char *value; /* of argv */
};

struct conf_options {
    struct conf_option *list;
    size_t count;
    char message[640]; /* why the last call failed */
};

bool conf_options_add(struct conf_options *self, enum conf_option_kind kind, const char *value);
/* The files, then the environment, then the settings. */
bool conf_options_apply(struct conf_options *self, wildcam_conf *conf);
void conf_options_free(struct conf_options *self);

#endif
