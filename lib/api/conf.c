#include <wildcam/conf.h>

#include "api/call.h"
#include "conf/conf.h"
#include "conf/credentials.h"
#include "conf/table.h"

wildcam_status wildcam_conf_new(wildcam_conf **out)
{
    WCI_BEGIN(out);
    return wci_conf_new(out);
}

void wildcam_conf_free(wildcam_conf *self)
{
    wci_conf_free(self);
}

wildcam_status wildcam_conf_set(wildcam_conf *self, const char *name, const char *value)
{
    WCI_BEGIN(self, name);
    return wci_conf_set(self, name, value);
}

wildcam_status wildcam_conf_get(const wildcam_conf *self, const char *name, const char **value)
{
    WCI_BEGIN(self, name, value);
    return wci_conf_shown(self, name, value);
}

wildcam_status wildcam_conf_get_int(const wildcam_conf *self, const char *name, int64_t *value)
{
    enum wci_setting_id id;
    WCI_BEGIN(self, name, value);
    wildcam_status status = wci_conf_find(name, &id);
    if (status == WILDCAM_OK && !wci_conf_is_whole_number(id))
        status = wci_fail(WILDCAM_ERR_INVALID, "%s is not a whole number", name);
    if (status == WILDCAM_OK)
        *value = wci_conf_int(self, id);
    return status;
}

wildcam_status wildcam_conf_load_file(wildcam_conf *self, const char *path)
{
    WCI_BEGIN(self, path);
    return wci_conf_load_file(self, path);
}

wildcam_status wildcam_conf_load_environment(wildcam_conf *self)
{
    WCI_BEGIN(self);
    return wci_conf_load_environment(self);
}

wildcam_status wildcam_conf_set_log(wildcam_conf *self, wildcam_log_fn *fn, void *user)
{
    WCI_BEGIN(self);
    wci_conf_set_log(self, fn, user);
    return WILDCAM_OK;
}

wildcam_status wildcam_conf_set_credentials(wildcam_conf *self, wildcam_credentials_fn *fn,
                                            void *user)
{
    WCI_BEGIN(self);
    wci_conf_set_credentials(self, fn, user);
    return WILDCAM_OK;
}

wildcam_status wildcam_credentials_set(wildcam_credentials *self, const char *access_key,
                                       const char *secret_key, const char *session_token,
                                       int64_t expires)
{
    WCI_BEGIN(self, access_key, secret_key);
    return wci_credentials_set(self, access_key, secret_key, session_token, expires);
}

const wildcam_setting *wildcam_setting_at(size_t index)
{
    return wci_setting_row(index);
}

const char *wildcam_setting_name(const wildcam_setting *self)
{
    return self ? self->name : "";
}

const char *wildcam_setting_type(const wildcam_setting *self)
{
    return self ? wci_setting_type_name(self->type) : "";
}

const char *wildcam_setting_unit(const wildcam_setting *self)
{
    return self ? self->unit : "";
}

const char *wildcam_setting_default(const wildcam_setting *self)
{
    return self ? self->standard : "";
}

wildcam_status wildcam_setting_range(const wildcam_setting *self, char *buffer, size_t size)
{
    WCI_BEGIN(self, buffer);
    if (size == 0)
        return wci_fail(WILDCAM_ERR_INVALID, "the buffer has no room");
    wci_setting_limits(self, buffer, size);
    return WILDCAM_OK;
}

const char *wildcam_setting_help(const wildcam_setting *self)
{
    return self ? self->help : "";
}

const char *wildcam_setting_since(const wildcam_setting *self)
{
    return self ? self->since : "";
}

int wildcam_setting_is_family(const wildcam_setting *self)
{
    return self && wci_setting_is_family(self);
}

int wildcam_setting_is_secret(const wildcam_setting *self)
{
    return self ? self->secret : 0;
}
