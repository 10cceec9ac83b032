/* Settings, from a file and one by one: all or nothing, and what is shown can be set again. */
#include <sys/mman.h>
#include <unistd.h>

#include <wildcam/conf.h>

#include "fuzz.h"

enum { SETTINGS_MAX = 256 };

static wildcam_conf *new_conf(void)
{
    wildcam_conf *conf;
    must(wildcam_conf_new(&conf) == WILDCAM_OK);
    return conf;
}

static const char *get(const wildcam_conf *conf, size_t index)
{
    const char *value = "";
    const char *name = wildcam_setting_name(wildcam_setting_at(index));
    must(wildcam_setting_is_family(wildcam_setting_at(index)) ||
         wildcam_conf_get(conf, name, &value) == WILDCAM_OK);
    return value;
}

static void check_values(const wildcam_conf *conf)
{
    wildcam_conf *copy = new_conf();
    for (size_t i = 0; wildcam_setting_at(i); i++) {
        const wildcam_setting *setting = wildcam_setting_at(i);
        if (!wildcam_setting_is_secret(setting) && !wildcam_setting_is_family(setting))
            must(wildcam_conf_set(copy, wildcam_setting_name(setting), get(conf, i)) == WILDCAM_OK);
    }
    wildcam_conf_free(copy);
}

static void check_file(wildcam_conf *conf, const uint8_t *data, size_t size)
{
    char path[64], *before[SETTINGS_MAX];
    size_t count = 0;
    int fd = memfd_create("settings", MFD_CLOEXEC);
    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    for (; wildcam_setting_at(count); count++) {
        must(count < SETTINGS_MAX);
        before[count] = strdup(get(conf, count));
    }
    wildcam_status status = wildcam_conf_load_file(conf, path);
    must(status == WILDCAM_OK || status == WILDCAM_ERR_INVALID || status == WILDCAM_ERR_SETTING);
    must((status == WILDCAM_OK) == (wildcam_error_message()[0] == '\0'));
    for (size_t i = 0; i < count; i++) {
        must(status == WILDCAM_OK || strcmp(before[i], get(conf, i)) == 0);
        free(before[i]);
    }
    close(fd);
}

/* The first line as NAME=VALUE. */
static void check_one(wildcam_conf *conf, const uint8_t *data, size_t size)
{
    char *name = fuzz_text(data, size);
    char *value = strchr(name, '=');
    if (value)
        *value++ = '\0';
    wildcam_status status = wildcam_conf_set(conf, name, value);
    if (status == WILDCAM_OK) {
        const char *shown;
        must(wildcam_conf_get(conf, name, &shown) == WILDCAM_OK);
        must(!value || strcmp(shown, value) == 0 || strcmp(shown, "***") == 0);
    }
    free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wildcam_conf *conf = new_conf();
    check_file(conf, data, size);
    check_one(conf, data, size);
    check_values(conf);
    wildcam_conf_free(conf);
    return 0;
}
