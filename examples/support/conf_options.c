#include "conf_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suggest.h"

enum { SETTINGS_MAX = 256 };

static bool fail(struct conf_options *self, const char *message)
{
    snprintf(self->message, sizeof self->message, "%s", message);
    return false;
}

bool conf_options_add(struct conf_options *self, enum conf_option_kind kind, const char *value)
{
    struct conf_option *list = realloc(self->list, (self->count + 1) * sizeof *list);
    if (!list)
        return fail(self, "memory ran out");
    self->list = list;
    list[self->count++] = (struct conf_option){kind, value};
    return true;
}

/* The library cannot know what was meant; of what is nearly a setting's name it can be told. */
static bool fail_to_set(struct conf_options *self, wildcam_status status, const char *name)
{
    const char *names[SETTINGS_MAX], *nearest = NULL;
    const wildcam_setting *setting;
    size_t count = 0;
    for (size_t i = 0; count < SETTINGS_MAX && (setting = wildcam_setting_at(i)) != NULL; i++)
        if (!wildcam_setting_is_family(setting)) /* of its members the library knows more */
            names[count++] = wildcam_setting_name(setting);
    if (status == WILDCAM_ERR_SETTING)
        nearest = suggest(name, names, count);
    if (!nearest)
        return fail(self, wildcam_error_message());
    snprintf(self->message, sizeof self->message, "there is no setting \"%s\"; did you mean %s?",
             name, nearest);
    return false;
}

static bool set_pair(struct conf_options *self, wildcam_conf *conf, const char *pair)
{
    const char *equals = strchr(pair, '=');
    char name[64];
    if (!equals || equals == pair || equals - pair >= (int)sizeof name) {
        snprintf(self->message, sizeof self->message, "--set takes NAME=VALUE, not \"%.60s\"",
                 pair);
        return false;
    }
    snprintf(name, sizeof name, "%.*s", (int)(equals - pair), pair);
    wildcam_status status = wildcam_conf_set(conf, name, equals + 1);
    return status == WILDCAM_OK || fail_to_set(self, status, name);
}

static bool apply(struct conf_options *self, wildcam_conf *conf, enum conf_option_kind kind)
{
    for (size_t i = 0; i < self->count; i++) {
        const char *value = self->list[i].value;
        if (self->list[i].kind != kind)
            continue;
        if (kind == CONF_OPTION_SET && !set_pair(self, conf, value))
            return false;
        if (kind == CONF_OPTION_FILE && wildcam_conf_load_file(conf, value) != WILDCAM_OK)
            return fail(self, wildcam_error_message());
    }
    return true;
}

bool conf_options_apply(struct conf_options *self, wildcam_conf *conf)
{
    if (!apply(self, conf, CONF_OPTION_FILE))
        return false;
    if (wildcam_conf_load_environment(conf) != WILDCAM_OK)
        return fail(self, wildcam_error_message());
    return apply(self, conf, CONF_OPTION_SET);
}

void conf_options_free(struct conf_options *self)
{
    free(self->list);
    self->list = NULL;
    self->count = 0;
}
