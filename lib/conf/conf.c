#include "conf/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "conf/endpoints.h"
#include "conf/table.h"

struct wildcam_conf {
    char *texts[WCI_SETTING_COUNT]; /* NULL is the default */
    struct wci_setting_value values[WCI_SETTING_COUNT];
    bool has_log;
    wildcam_log_fn *log;
    void *log_user;
    wildcam_credentials_fn *credentials; /* NULL is none */
    void *credentials_user;
    struct wci_endpoints endpoints; /* s3.endpoint.REGION */
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
        wci_forget(conf->texts[i]);
    wci_endpoints_free(&conf->endpoints);
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
    wildcam_status status = wci_endpoints_copy(&conf->endpoints, &copy->endpoints);
    for (size_t i = 0; status == WILDCAM_OK && i < WCI_SETTING_COUNT; i++)
        if (conf->texts[i] && !(copy->texts[i] = wci_copy_text(conf->texts[i])))
            status = WILDCAM_ERR_NOMEM;
    if (status == WILDCAM_OK)
        *out = copy;
    else
        wci_conf_free(copy);
    return status;
}

/* The word that a name has where the family's has its own; NULL when it is of another family. */
static const char *member_of(const wildcam_setting *row, const char *name)
{
    size_t before = (size_t)(strrchr(row->name, '.') + 1 - row->name);
    return wci_setting_is_family(row) && strncmp(row->name, name, before) == 0 ? name + before
                                                                               : NULL;
}

static wildcam_status check_region(const char *name, const char *region)
{
    if (wci_is_region(region))
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_SETTING,
                    "there is no setting \"%.80s\": a region's name has 1 to 63 of a-z, 0-9 and -",
                    name);
}

/* How much of a text to quote as a setting's name: not what follows it, nor a long word without a
 * dot. Either may be a secret that stands where none belongs. */
static size_t name_length(const char *text)
{
    enum { WORD_MAX = 24, QUOTED_MAX = 60 };
    size_t length = strcspn(text, " \t:+/[");
    bool is_odd = text[length] == '+' || text[length] == '/' || text[length] == '[';
    if (is_odd || (length > WORD_MAX && !memchr(text, '.', length)))
        return 0;
    return length < QUOTED_MAX ? length : QUOTED_MAX;
}

/* Finds a setting's row; of a family also the member's word, which is NULL for the others. */
static wildcam_status find(const char *name, enum wci_setting_id *id, const char **member)
{
    *member = NULL;
    for (size_t i = 0; i < WCI_SETTING_COUNT; i++) {
        const wildcam_setting *row = wci_setting_row(i);
        *member = member_of(row, name);
        if (*member || strcmp(row->name, name) == 0) {
            *id = (enum wci_setting_id)i;
            return *member ? check_region(name, *member) : WILDCAM_OK;
        }
    }
    return wci_fail(WILDCAM_ERR_SETTING,
                    "there is no setting \"%.*s\"; CONFIGURATION.md lists them",
                    (int)name_length(name), name);
}

wildcam_status wci_conf_find(const char *name, enum wci_setting_id *id)
{
    const char *member;
    return find(name, id, &member);
}

/* Parses a value under the name that the caller knows, which a family's row has not. */
static wildcam_status parse_value(enum wci_setting_id id, const char *name, const char *value,
                                  struct wci_setting_value *parsed)
{
    wildcam_setting row = *wci_setting_row(id);
    row.name = name;
    return wci_setting_parse(&row, value ? value : row.standard, parsed);
}

wildcam_status wci_conf_set(wildcam_conf *conf, const char *name, const char *value)
{
    enum wci_setting_id id = WCI_SETTING_COUNT;
    struct wci_setting_value parsed;
    const char *member;
    char *copy = NULL;
    wildcam_status status = find(name, &id, &member);
    if (status == WILDCAM_OK)
        status = parse_value(id, name, value, &parsed);
    if (status != WILDCAM_OK)
        return status;
    if (member)
        return wci_endpoints_set(&conf->endpoints, member, value ? value : "");
    if (value && !(copy = wci_copy_text(value)))
        return WILDCAM_ERR_NOMEM;
    wci_forget(conf->texts[id]);
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

/* What stands behind a name may be a secret, and a line that begins with no name may be one. */
static wildcam_status refuse_line(const char *line)
{
    size_t name = name_length(line);
    if (name == 0)
        return wci_fail(WILDCAM_ERR_INVALID, "the line is not of the form name = value");
    return wci_fail(WILDCAM_ERR_INVALID, "\"%.*s\" is not of the form name = value", (int)name,
                    line);
}

static wildcam_status set_line(wildcam_conf *conf, char *line)
{
    line = trim(line);
    if (*line == '\0' || *line == '#')
        return WILDCAM_OK;
    char *equals = strchr(line, '=');
    if (!equals)
        return refuse_line(line);
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
    wci_wipe(text, size); /* there may be secrets in it */
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

static wildcam_status set_from_variable(wildcam_conf *conf, const char *name, const char *variable,
                                        const char *value)
{
    wildcam_status status = wci_conf_set(conf, name, value);
    if (status != WILDCAM_OK)
        wci_error_prefix("environment variable %.100s", variable);
    return status;
}

static wildcam_status set_from_environment(wildcam_conf *conf, const wildcam_setting *row)
{
    char variable[80];
    environment_name(row->name, variable, sizeof variable);
    const char *value = getenv(variable);
    return value ? set_from_variable(conf, row->name, variable, value) : WILDCAM_OK;
}

/* Sets the member of a family that a variable of the environment names, if it names one: what is
 * behind the family's name, in small letters, - for each underscore. */
static wildcam_status set_member(wildcam_conf *conf, const wildcam_setting *row,
                                 const char *variable)
{
    char prefix[80], name[256], own[256];
    environment_name(row->name, prefix, sizeof prefix);
    size_t before = (size_t)(strrchr(row->name, '.') + 1 - row->name);
    size_t length = strlen("WILDCAM_") + before, own_length = strcspn(variable, "=");
    if (strncmp(variable, prefix, length) != 0 || variable[own_length] != '=')
        return WILDCAM_OK;
    snprintf(own, sizeof own, "%.*s", (int)(own_length < sizeof own ? own_length : sizeof own - 1),
             variable);
    int end = snprintf(name, sizeof name, "%.*s%s", (int)before, row->name, own + length);
    for (int i = (int)before; i < end && i < (int)sizeof name; i++) {
        if (name[i] >= 'A' && name[i] <= 'Z')
            name[i] = (char)(name[i] - 'A' + 'a');
        else if (name[i] == '_')
            name[i] = '-';
    }
    return set_from_variable(conf, name, own, variable + own_length + 1);
}

static wildcam_status set_family_from_environment(wildcam_conf *conf, const wildcam_setting *row)
{
    wildcam_status status = WILDCAM_OK;
    for (char **at = environ; status == WILDCAM_OK && at && *at; at++)
        status = set_member(conf, row, *at);
    return status;
}

wildcam_status wci_conf_load_environment(wildcam_conf *conf)
{
    wildcam_conf *fresh;
    wildcam_status status = wci_conf_copy(conf, &fresh);
    for (size_t i = 0; status == WILDCAM_OK && i < WCI_SETTING_COUNT; i++) {
        const wildcam_setting *row = wci_setting_row(i);
        status = wci_setting_is_family(row) ? set_family_from_environment(fresh, row)
                                            : set_from_environment(fresh, row);
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

void wci_conf_set_credentials(wildcam_conf *conf, wildcam_credentials_fn *fn, void *user)
{
    conf->credentials = fn;
    conf->credentials_user = user;
}

wildcam_credentials_fn *wci_conf_credentials(const wildcam_conf *conf, void **user)
{
    *user = conf->credentials_user;
    return conf->credentials;
}

const char *wci_conf_text(const wildcam_conf *conf, enum wci_setting_id id)
{
    return conf->texts[id] ? conf->texts[id] : wci_setting_row(id)->standard;
}

wildcam_status wci_conf_shown(const wildcam_conf *conf, const char *name, const char **text)
{
    enum wci_setting_id id = WCI_SETTING_COUNT;
    const char *member;
    wildcam_status status = find(name, &id, &member);
    if (status != WILDCAM_OK)
        *text = "";
    else if (member)
        *text = wci_endpoints_get(&conf->endpoints, member);
    else
        *text = wci_conf_text(conf, id);
    if (status == WILDCAM_OK && wci_setting_row(id)->secret && **text)
        *text = "***";
    return status;
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
    return type == WCI_INT || type == WCI_SIZE || type == WCI_BOOL;
}

struct wci_log wci_conf_log(const wildcam_conf *conf)
{
    return (struct wci_log){.level = (int)wci_conf_int(conf, WCI_LOG_LEVEL),
                            .as_json = wci_conf_int(conf, WCI_LOG_FORMAT) == 1,
                            .is_default = !conf->has_log,
                            .fn = conf->log,
                            .user = conf->log_user};
}

size_t wci_conf_regions(const wildcam_conf *conf, char regions[WCI_REGIONS_MAX][WCI_REGION_TEXT])
{
    struct wci_word word;
    size_t count = 0;
    const char *at = wci_conf_text(conf, WCI_S3_REGIONS);
    while (count < WCI_REGIONS_MAX && wci_list_next(&at, &word))
        snprintf(regions[count++], WCI_REGION_TEXT, "%.*s", (int)word.length, word.begin);
    return count;
}

const char *wci_conf_region_endpoint(const wildcam_conf *conf, const char *region)
{
    const char *own = wci_endpoints_get(&conf->endpoints, region);
    return *own ? own : wci_conf_text(conf, WCI_S3_ENDPOINT);
}

bool wci_conf_uploads(const wildcam_conf *conf)
{
    enum { AUTO, ON, OFF };
    char regions[WCI_REGIONS_MAX][WCI_REGION_TEXT];
    size_t count = wci_conf_regions(conf, regions);
    int64_t upload = wci_conf_int(conf, WCI_S3_UPLOAD);
    if (count == 0 || upload == OFF)
        return false;
    bool given = upload == ON || conf->credentials || *wci_conf_text(conf, WCI_S3_ACCESS_KEY);
    for (size_t i = 0; !given && i < count; i++)
        given = *wci_conf_region_endpoint(conf, regions[i]) != '\0';
    return given;
}

bool wci_conf_window(const wildcam_conf *conf, struct wci_window *window)
{
    return wci_window_read(wci_conf_text(conf, WCI_S3_WINDOW), window);
}
