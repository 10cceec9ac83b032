/* Credentials of the files that AWS's tools share; they are read again when they have changed. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "upload/credential_source.h"
#include "upload/profile.h"

enum { FILE_MAX = 1 << 20 };

/* The files in the order in which they are looked at. */
static const struct {
    enum wci_variable variable;
    const char *standard; /* below the home directory */
    bool is_config;
} places[WCI_CREDENTIAL_FILES] = {
    {WCI_AWS_CREDENTIALS_FILE, "~/.aws/credentials", false},
    {WCI_AWS_CONFIG_FILE, "~/.aws/config", true},
};

static wildcam_status path_of(const struct wci_search *search, int place, char *path)
{
    const char *given = wci_search_variable(search, places[place].variable);
    const char *home = wci_search_variable(search, WCI_AWS_HOME);
    struct passwd entry, *found = NULL;
    char names[4096];
    if (!given)
        given = places[place].standard;
    if (strncmp(given, "~/", 2) != 0)
        return wci_path(path, "%s", given);
    if (!home && getpwuid_r(geteuid(), &entry, names, sizeof names, &found) == 0 && found)
        home = found->pw_dir;
    return wci_path(path, "%s%s", home ? home : "", given + 1);
}

static void look(const char *path, struct stat *file)
{
    memset(file, 0, sizeof *file);
    if (stat(path, file) != 0)
        memset(file, 0, sizeof *file);
}

static bool is_same(const struct stat *left, const struct stat *right)
{
    return left->st_dev == right->st_dev && left->st_ino == right->st_ino &&
           left->st_size == right->st_size && wci_file_same_time(&left->st_mtim, &right->st_mtim) &&
           wci_file_same_time(&left->st_ctim, &right->st_ctim);
}

static bool have_files_changed(const struct wci_search *search)
{
    char path[WCI_PATH];
    struct stat now;
    for (int i = 0; search->has_looked_at_files && i < WCI_CREDENTIAL_FILES; i++) {
        if (path_of(search, i, path) != WILDCAM_OK)
            continue;
        look(path, &now);
        if (!is_same(&now, &search->files[i]))
            return true;
    }
    return false;
}

static const char *profile_name(const struct wci_search *search)
{
    const char *name = wci_conf_text(search->conf, WCI_S3_PROFILE);
    const char *variable = wci_search_variable(search, WCI_AWS_PROFILE);
    if (*name)
        return name;
    return variable ? variable : "default";
}

/* A word of a text, ended there; NULL when there is none. */
static const char *ended(char *text, struct wci_word word)
{
    if (word.length == 0)
        return NULL;
    text[word.begin + word.length - text] = '\0';
    return word.begin;
}

static enum wci_finding read_profile(struct wci_search *search, int place, const char *path,
                                     char *text)
{
    struct wci_profile profile;
    char who[WCI_ERROR_TEXT / 2];
    const char *name = profile_name(search);
    wci_profile_read(text, name, places[place].is_config, &profile);
    if (!profile.is_there)
        return wci_search_lacks(search, "%.200s has no profile \"%.60s\"", path, name);
    if (profile.access_key.length == 0)
        return wci_search_lacks(search, "the profile \"%.60s\" in %.200s has no aws_access_key_id",
                                name, path);
    if (profile.secret_key.length == 0)
        return wci_search_fails(WILDCAM_ERR_INVALID,
                                "the profile \"%.60s\" in %.200s has no aws_secret_access_key",
                                name, path);
    snprintf(who, sizeof who, "%.200s", path);
    return wci_search_finds(search, who, ended(text, profile.access_key),
                            ended(text, profile.secret_key), ended(text, profile.session_token),
                            NULL);
}

static enum wci_finding read_file(struct wci_search *search, int place, const char *path)
{
    char *text;
    size_t size;
    wildcam_status status = wci_file_load(path, FILE_MAX, &text, &size);
    if (status == WILDCAM_ERR_NOTFOUND)
        return wci_search_lacks(search, "there is no file %.200s", path);
    if (status != WILDCAM_OK)
        return WCI_FAILED;
    enum wci_finding finding = memchr(text, '\0', size)
                                   ? wci_search_fails(WILDCAM_ERR_INVALID,
                                                      "%.200s is not a text file", path)
                                   : read_profile(search, place, path, text);
    wci_wipe(text, size);
    free(text);
    return finding;
}

static enum wci_finding begin_file(struct wci_search *search)
{
    char path[WCI_PATH];
    enum wci_finding finding = WCI_LACKING;
    for (int i = 0; i < WCI_CREDENTIAL_FILES; i++) {
        if (path_of(search, i, path) != WILDCAM_OK)
            return WCI_FAILED;
        look(path, &search->files[i]); /* before it is read: a change meanwhile is seen later */
        if (finding == WCI_LACKING)
            finding = read_file(search, i, path);
    }
    search->has_looked_at_files = true;
    return finding;
}

const struct wci_source wci_source_file = {.name = "file",
                                           .words = "the shared credentials file",
                                           .begin = begin_file,
                                           .has_changed = have_files_changed};
