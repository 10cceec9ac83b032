/**
 * @file conf.h
 * Settings by name, over one table.
 *
 * A #wildcam_conf holds a value for every setting in CONFIGURATION.md. It is filled by name, from a
 * file or from the environment, later calls winning, and copied when a station is opened.
 */
#ifndef WILDCAM_CONF_H
#define WILDCAM_CONF_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/log.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A value for every setting. */
typedef struct wildcam_conf wildcam_conf;

/** Where a #wildcam_credentials_fn puts what it knows. */
typedef struct wildcam_credentials wildcam_credentials;

/**
 * Answers with the credentials that S3 is asked with, by wildcam_credentials_set().
 *
 * It is called before the first upload, before the credentials it gave expire and when S3 says that
 * they have; from any thread, by one at a time, never while the library holds a lock. While it
 * blocks, no upload moves. It must not call into the library otherwise.
 *
 * @param user  what was given to wildcam_conf_set_credentials().
 * @param into  where the credentials go; valid during the call.
 * @return 0 when they were set. Anything else: there are none now, and it is asked again later.
 */
typedef int wildcam_credentials_fn(void *user, wildcam_credentials *into);

/** One row of the table of settings. */
typedef struct wildcam_setting wildcam_setting;

/**
 * Makes a set of settings that all have their defaults.
 *
 * @param out  where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_INVALID when @p out is NULL.
 *
 * Ownership: the caller's, freed with wildcam_conf_free().
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_conf_new(wildcam_conf **out);

/**
 * Frees a set of settings. Stations that were opened with it keep their copy.
 *
 * @param self  the settings, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_conf_free(wildcam_conf *self);

/**
 * Gives a setting a value.
 *
 * @param self   the settings.
 * @param name   the setting's name, such as "data.dir".
 * @param value  its value as text, in the form that CONFIGURATION.md gives for its type. NULL
 *               gives the default back.
 * @return #WILDCAM_OK; #WILDCAM_ERR_SETTING when there is no setting of that name;
 *         #WILDCAM_ERR_INVALID when the value is not of its type or outside its range;
 *         #WILDCAM_ERR_NOMEM. The old value stays on failure.
 *
 * Ownership: the value is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_conf_set(wildcam_conf *self, const char *name,
                                            const char *value);

/**
 * Reads a setting's value. A secret one reads as "***" when it is set.
 *
 * @param self   the settings.
 * @param name   the setting's name.
 * @param value  where the text goes; valid until the setting is given another value or freed.
 * @return #WILDCAM_OK; #WILDCAM_ERR_SETTING when there is no setting of that name;
 *         #WILDCAM_ERR_INVALID when an argument is NULL.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_conf_get(const wildcam_conf *self, const char *name,
                                            const char **value);

/**
 * Reads a setting whose type is a whole number, a size, or true or false, which are 1 and 0.
 *
 * @param self   the settings.
 * @param name   the setting's name.
 * @param value  where the number goes, in the setting's unit.
 * @return #WILDCAM_OK; #WILDCAM_ERR_SETTING when there is no setting of that name;
 *         #WILDCAM_ERR_INVALID when it is none of these, or an argument is NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_conf_get_int(const wildcam_conf *self, const char *name,
                                                int64_t *value);

/**
 * Reads settings from a file: a line `name = value` each, `#` begins a comment, blank lines and
 * white space around names and values do not count.
 *
 * @param self  the settings.
 * @param path  the file, at most 1 MiB.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND, #WILDCAM_ERR_DENIED or #WILDCAM_ERR_IO when it cannot
 *         be read; #WILDCAM_ERR_SETTING or #WILDCAM_ERR_INVALID with the line's number;
 *         #WILDCAM_ERR_TOOLARGE; #WILDCAM_ERR_NOMEM. On failure no setting has changed.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_conf_load_file(wildcam_conf *self, const char *path);

/**
 * Reads settings from the environment: `WILDCAM_DATA_DIR` is "data.dir", and so on for all.
 * `WILDCAM_S3_ENDPOINT_US_WEST_2` is "s3.endpoint.us-west-2".
 *
 * Settings are read nowhere else from the environment. Credentials for S3 may be, when
 * `s3.credentials` says so.
 *
 * @param self  the settings.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID with the variable's name; #WILDCAM_ERR_NOMEM. On
 *         failure no setting has changed.
 *
 * Ownership: none. Thread safety: one thread at a time per object, and no other thread may change
 * the environment meanwhile. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_conf_load_environment(wildcam_conf *self);

/**
 * Says where the log of stations opened with these settings goes. Without this call lines go to
 * standard error.
 *
 * @param self  the settings.
 * @param fn    takes the lines; NULL for silence.
 * @param user  handed to @p fn; it must outlive every station opened with these settings.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_conf_set_log(wildcam_conf *self, wildcam_log_fn *fn, void *user);

/**
 * Says who answers with the credentials for S3: for hosts that keep them elsewhere than in settings
 * and files. It is asked in place of all that `s3.credentials` names; where `s3.access_key` is set,
 * it is not asked.
 *
 * @param self  the settings.
 * @param fn    answers with the credentials; NULL for nobody.
 * @param user  handed to @p fn; it must outlive every station opened with these settings.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_conf_set_credentials(wildcam_conf *self,
                                                        wildcam_credentials_fn *fn, void *user);

/**
 * Gives credentials for S3, from within a #wildcam_credentials_fn.
 *
 * @param self           what that was handed.
 * @param access_key     the access key's name: 1 to 128 visible characters of ASCII.
 * @param secret_key     its secret: 1 to 1024 of them.
 * @param session_token  the token of a temporary key: 1 to 16384 of them; NULL when it is none.
 * @param expires        until when they are good, in microseconds since 1970;
 *                       #WILDCAM_TIME_NONE when they do not expire.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when a needed argument is NULL, or one is empty, too
 *         long or has other characters.
 *
 * Ownership: the texts are copied, and wiped when they are no longer needed.
 * Thread safety: the thread of the call, during it. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_credentials_set(wildcam_credentials *self,
                                                   const char *access_key, const char *secret_key,
                                                   const char *session_token, int64_t expires);

/**
 * Walks the table of settings, for command lines, bindings and manuals.
 *
 * @param index  from 0 on.
 * @return the row, or NULL at the end of the table. Valid as long as the library is loaded.
 *
 * Ownership: borrowed. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const wildcam_setting *wildcam_setting_at(size_t index);

/**
 * A setting's name, such as "store.shard".
 *
 * @param self  the row.
 * @return the name; "" when @p self is NULL.
 *
 * Ownership: borrowed, valid as long as the library is loaded.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_setting_name(const wildcam_setting *self);

/**
 * Tells whether a row stands for a family of settings, such as "s3.endpoint.REGION": its name ends
 * in capitals, where the names of its members end in a word of the user's.
 *
 * @param self  the row.
 * @return 1 when it does, else 0.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_setting_is_family(const wildcam_setting *self);

/**
 * A setting's type: "text", "int", "size", "number", "bool", "choice" or "geometry".
 *
 * @param self  the row.
 * @return the type; "" when @p self is NULL.
 *
 * Ownership: borrowed, valid as long as the library is loaded.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_setting_type(const wildcam_setting *self);

/**
 * A setting's unit, such as "bytes".
 *
 * @param self  the row.
 * @return the unit; "" where there is none.
 *
 * Ownership: borrowed, valid as long as the library is loaded.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_setting_unit(const wildcam_setting *self);

/**
 * A setting's default, as the text that would set it.
 *
 * @param self  the row.
 * @return the text; "" where there is none.
 *
 * Ownership: borrowed, valid as long as the library is loaded.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_setting_default(const wildcam_setting *self);

/**
 * A setting's limits in words, such as "2 to 1024" or "month, day".
 *
 * @param self    the row.
 * @param buffer  where the words go, cut to fit and always NUL-terminated.
 * @param size    its size.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL or @p size is 0.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_setting_range(const wildcam_setting *self, char *buffer,
                                                 size_t size);

/**
 * What a setting does, in a sentence or two.
 *
 * @param self  the row.
 * @return the sentences; "" when @p self is NULL.
 *
 * Ownership: borrowed, valid as long as the library is loaded.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_setting_help(const wildcam_setting *self);

/**
 * The version that brought a setting, such as "0.1".
 *
 * @param self  the row.
 * @return the version; "" when @p self is NULL.
 *
 * Ownership: borrowed, valid as long as the library is loaded.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_setting_since(const wildcam_setting *self);

/**
 * Tells whether a setting's value is a secret, which no dump or message shows.
 *
 * @param self  the row.
 * @return 1 when it is, else 0.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_setting_is_secret(const wildcam_setting *self);

#ifdef __cplusplus
}
#endif

#endif
