#include "conf/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "conf/table.h"

struct wildcam_conf {
    char *texts[WCI_SETTING_COUNT]; /* NULL is the default */
    struct wci_setting_value values[WCI_SETTING_COUNT];
    bool has_log;
    wildcam_log_fn *log;
    void *log_user;
};

wildcam_status wci_conf_new(wildcam_conf **out)
{
    wildcam_conf *conf = wci_new(sizeof *conf);
    *out = conf;
    if (!conf)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; i < WCI_SETTING_COUNT; i++)
        wci_setting_parse(wci_setting_row(i), wci_setting_row(i)->standard, &conf->values[i]);
    return WILDCAM_OK;
}

void wci_conf_free(wildcam_conf *conf)
{
    if (!conf)
        return;
    for (size_t i = 0; i < WCI_SETTING_COUNT; i++)
        free(conf->texts[i]);
    free(conf);
}

wildcam_status wci_conf_copy(const wildcam_conf *conf, wildcam_conf **out)
{
    wildcam_conf *copy = wci_new(sizeof *copy);
    *out = NULL;
    if (!copy)
        return WILDCAM_ERR_NOMEM;
    *copy = *conf;
    memset(copy->texts, 0, sizeof copy->texts);
    for (size_t i = 0; i < WCI_SETTING_COUNT; i++) {
        if (conf->texts[i] && !(copy->texts[i] = wci_copy_text(conf->texts[i]))) {
            wci_conf_free(copy);
            return WILDCAM_ERR_NOMEM;
        }
    }
    *out = copy;
    return WILDCAM_OK;
}

wildcam_status wci_conf_find(const char *name, enum wci_setting_id *id)
{
    for (size_t i = 0; i < WCI_SETTING_COUNT; i++) {
        if (strcmp(wci_setting_row(i)->name, name) == 0) {
            *id = (enum wci_setting_id)i;
            return WILDCAM_OK;
        }
    }
    return wci_fail(WILDCAM_ERR_SETTING,
                    "there is no setting \"%.60s\"; CONFIGURATION.md lists them", name);
}

wildcam_status wci_conf_set(wildcam_conf *conf, const char *name, const char *value)
{
    enum wci_setting_id id = WCI_SETTING_COUNT;
    struct wci_setting_value parsed;
    char *copy = NULL;
    wildcam_status status = wci_conf_find(name, &id);
    if (status != WILDCAM_OK)
        return status;
    status = wci_setting_parse(wci_setting_row(id), value ? value : wci_setting_row(id)->standard,
                               &parsed);
    if (status != WILDCAM_OK)
        return status;
    if (value && !(copy = wci_copy_text(value)))
        return WILDCAM_ERR_NOMEM;
    free(conf->texts[id]);
    conf->texts[id] = copy;
    conf->values[id] = parsed;
    return WILDCAM_OK;
}

/* Settings from elsewhere are tried on a copy, so that a mistake in the middle changes nothing. */
static void swap_settings(wildcam_conf *left, wildcam_conf *right)
{
    wildcam_conf kept = *left;
    *left = *right;
    *right = kept;
}

static char *trim(char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    size_t length = strlen(text);
    while (length && strchr(" \t\r", text[length - 1]))
        text[--length] = '\0';
    return text;
}

/* A comment begins a value or stands behind white space; a # in a word is part of it. */
static void cut_comment(char *value)
{
    char *at = value;
    while ((at = strchr(at, '#')) && at != value && at[-1] != ' ' && at[-1] != '\t')
        at++;
    if (at)
        *at = '\0';
}

static wildcam_status set_line(wildcam_conf *conf, char *line)
{
    line = trim(line);
    if (*line == '\0' || *line == '#')
        return WILDCAM_OK;
    char *equals = strchr(line, '=');
    if (!equals)
        return wci_fail(WILDCAM_ERR_INVALID, "\"%.60s\" is not of the form name = value", line);
    *equals = '\0';
    char *value = trim(equals + 1);
    cut_comment(value);
    return wci_conf_set(conf, trim(line), trim(value));
}

static wildcam_status set_lines(wildcam_conf *conf, const char *path, char *text, size_t size)
{
    if (memchr(text, '\0', size))
        return wci_fail(WILDCAM_ERR_INVALID, "%s is not a text file", path);
    int number = 1;
    for (char *line = text; line; number++) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        wildcam_status status = set_line(conf, line);
        if (status != WILDCAM_OK) {
            wci_error_prefix("%.200s, line %d", path, number);
            return status;
        }
        line = end ? end + 1 : NULL;
    }
    return WILDCAM_OK;
}

wildcam_status wci_conf_load_file(wildcam_conf *conf, const char *path)
{
    char *text;
    size_t size;
    wildcam_conf *fresh;
    wildcam_status status = wci_file_load(path, 1 << 20, &text, &size);
    if (status != WILDCAM_OK)
        return status;
    status = wci_conf_copy(conf, &fresh);
    if (status == WILDCAM_OK) {
        status = set_lines(fresh, path, text, size);
        if (status == WILDCAM_OK)
            swap_settings(conf, fresh);
        wci_conf_free(fresh);
    }
    free(text);
    return status;
}

static void environment_name(const char *name, char *buffer, size_t size)
{
    int length = snprintf(buffer, size, "WILDCAM_%s", name);
    for (int i = 0; i < length; i++) { /* toupper() would ask the locale: Turkish has its own I */
        if (buffer[i] >= 'a' && buffer[i] <= 'z')
            buffer[i] = (char)(buffer[i] - 'a' + 'A');
        else if (buffer[i] == '.')
            buffer[i] = '_';
    }
}

wildcam_status wci_conf_load_environment(wildcam_conf *conf)
{
    char variable[80];
    wildcam_conf *fresh;
    wildcam_status status = wci_conf_copy(conf, &fresh);
    for (size_t i = 0; status == WILDCAM_OK && i < WCI_SETTING_COUNT; i++) {
        environment_name(wci_setting_row(i)->name, variable, sizeof variable);
        const char *value = getenv(variable);
        if (!value)
            continue;
        status = wci_conf_set(fresh, wci_setting_row(i)->name, value);
        if (status != WILDCAM_OK)
            wci_error_prefix("environment variable %s", variable);
    }
    if (status == WILDCAM_OK)
        swap_settings(conf, fresh);
    wci_conf_free(fresh);
    return status;
}

void wci_conf_set_log(wildcam_conf *conf, wildcam_log_fn *fn, void *user)
{
    conf->has_log = true;
    conf->log = fn;
    conf->log_user = user;
}

const char *wci_conf_text(const wildcam_conf *conf, enum wci_setting_id id)
{
    return conf->texts[id] ? conf->texts[id] : wci_setting_row(id)->standard;
}

const char *wci_conf_shown(const wildcam_conf *conf, enum wci_setting_id id)
{
    const char *text = wci_conf_text(conf, id);
    return wci_setting_row(id)->secret && *text ? "***" : text;
}

int64_t wci_conf_int(const wildcam_conf *conf, enum wci_setting_id id)
{
    return conf->values[id].whole;
}

double wci_conf_real(const wildcam_conf *conf, enum wci_setting_id id)
{
    return conf->values[id].real;
}

void wci_conf_geometry(const wildcam_conf *conf, enum wci_setting_id id, int *width, int *height)
{
    *width = (int)(conf->values[id].whole >> 16);
    *height = (int)(conf->values[id].whole & 0xffff);
}

bool wci_conf_is_whole_number(enum wci_setting_id id)
{
    enum wci_setting_type type = wci_setting_row(id)->type;
    return type == WCI_INT || type == WCI_SIZE;
}

struct wci_log wci_conf_log(const wildcam_conf *conf)
{
    return (struct wci_log){.level = (int)wci_conf_int(conf, WCI_LOG_LEVEL),
                            .as_json = wci_conf_int(conf, WCI_LOG_FORMAT) == 1,
                            .is_default = !conf->has_log,
                            .fn = conf->log,
                            .user = conf->log_user};
}
