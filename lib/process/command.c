#include "process/command.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "conf/form.h"

extern char **environ;

/* ---- words ---- */

/* Takes one word from *at, which stands at its first character. */
static wildcam_status take_word(const char **at, struct wci_text *word)
{
    char quote = '\0';
    const char *from = *at;
    wci_text_add(word, "");
    for (; **at && (quote || !strchr(" \t", **at)); ++*at) {
        if (quote ? **at == quote : **at == '\'' || **at == '"') {
            quote = (char)(quote ? '\0' : **at);
            continue;
        }
        bool escapes = **at == '\\' && quote != '\'';
        if (escapes && quote && (*at)[1] != '"' && (*at)[1] != '\\')
            escapes = false;
        if (escapes && !*++*at)
            return wci_fail(WILDCAM_ERR_INVALID, "the command ends in a lone backslash");
        wci_text_add_char(word, **at);
    }
    if (quote)
        return wci_fail(WILDCAM_ERR_INVALID, "a quote is not closed in the command: %.60s", from);
    return WILDCAM_OK;
}

static wildcam_status add_word(struct wci_command *command, struct wci_text *word)
{
    if (command->count == WCI_COMMAND_WORDS)
        return wci_fail(WILDCAM_ERR_TOOLARGE, "the command has more than %d words",
                        WCI_COMMAND_WORDS);
    char *taken = wci_text_take(word);
    if (!taken)
        return WILDCAM_ERR_NOMEM;
    command->words[command->count++] = taken;
    return WILDCAM_OK;
}

wildcam_status wci_command_split(const char *text, struct wci_command *command)
{
    wildcam_status status = WILDCAM_OK;
    *command = (struct wci_command){wci_new_array(WCI_COMMAND_WORDS + 1, sizeof(char *)), 0};
    if (!command->words)
        return WILDCAM_ERR_NOMEM;
    for (;;) {
        struct wci_text word = {0};
        text += strspn(text, " \t");
        if (status != WILDCAM_OK || !*text)
            break;
        status = take_word(&text, &word);
        if (status == WILDCAM_OK)
            status = add_word(command, &word);
        wci_text_free(&word);
    }
    if (status == WILDCAM_OK && (command->count == 0 || !*command->words[0]))
        status = wci_fail(WILDCAM_ERR_INVALID, "the command names no program");
    if (status != WILDCAM_OK)
        wci_command_free(command);
    return status;
}

void wci_command_free(struct wci_command *command)
{
    for (size_t i = 0; i < command->count; i++)
        free(command->words[i]);
    free(command->words);
    *command = (struct wci_command){0};
}

/* ---- where it lies ---- */

static bool is_program(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISREG(facts.st_mode) && access(path, X_OK) == 0;
}

static wildcam_status find_in_path(const char *name, char *found)
{
    const char *list = getenv("PATH");
    if (!list)
        list = "/usr/local/bin:/usr/bin:/bin";
    while (*list) {
        size_t length = strcspn(list, ":");
        /* A place that is not absolute would depend on where we were started. */
        if (*list == '/' && wci_path(found, "%.*s/%s", (int)length, list, name) == WILDCAM_OK &&
            is_program(found))
            return WILDCAM_OK;
        list += length + (list[length] == ':');
    }
    return wci_fail(WILDCAM_ERR_NOTFOUND,
                    "there is no program \"%.100s\" in the folders of PATH; give its path", name);
}

wildcam_status wci_command_find(struct wci_command *command)
{
    char found[WCI_PATH];
    const char *name = command->words[0];
    if (!strchr(name, '/')) {
        wildcam_status status = find_in_path(name, found);
        if (status != WILDCAM_OK)
            return status;
    } else if (access(name, X_OK) != 0) {
        return wci_fail_os(errno, "the program %.200s cannot be run", name);
    } else if (!is_program(name)) {
        return wci_fail(WILDCAM_ERR_INVALID, "%.200s is no program", name);
    } else if (wci_path(found, "%s", name) != WILDCAM_OK) {
        return WILDCAM_ERR_TOOLARGE;
    }
    char *path = wci_copy_text(found);
    if (!path)
        return WILDCAM_ERR_NOMEM;
    free(command->words[0]);
    command->words[0] = path;
    return WILDCAM_OK;
}

/* ---- the environment ---- */

/* Whether a variable's name is one that a word names, NAME or NAME*. */
static bool is_named(const char *name, size_t length, struct wci_word word)
{
    if (word.length && word.begin[word.length - 1] == '*')
        return length >= word.length - 1 && memcmp(name, word.begin, word.length - 1) == 0;
    return length == word.length && memcmp(name, word.begin, length) == 0;
}

static bool is_in(const char *name, size_t length, const char *list)
{
    struct wci_word word;
    while (wci_list_next(&list, &word))
        if (word.length && is_named(name, length, word))
            return true;
    return false;
}

static bool is_given(const char *variable, const char *further)
{
    static const char usual[] =
        "PATH,HOME,USER,LOGNAME,SHELL,LANG,LANGUAGE,LC_*,TZ,TMPDIR,XDG_CACHE_HOME,"
        "XDG_CONFIG_HOME,XDG_DATA_HOME,XDG_RUNTIME_DIR,VIRTUAL_ENV,PYTHONPATH,PYTHONHOME,"
        "PYTHONDONTWRITEBYTECODE,LD_LIBRARY_PATH,OMP_NUM_THREADS,CUDA_VISIBLE_DEVICES";
    size_t length = strcspn(variable, "=");
    return length > 0 && (is_in(variable, length, usual) || is_in(variable, length, further));
}

wildcam_status wci_environment_pick(const char *further, const char *own, char ***out)
{
    size_t most = 0, count = 0;
    while (environ && environ[most])
        most++;
    char **picked = wci_new_array(most + 2, sizeof *picked);
    if (!picked)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; i <= most; i++) {
        const char *variable = i < most ? environ[i] : own;
        if (i < most && !is_given(variable, further))
            continue;
        picked[count] = wci_copy_text(variable);
        if (!picked[count++]) {
            wci_environment_free(picked);
            return WILDCAM_ERR_NOMEM;
        }
    }
    *out = picked;
    return WILDCAM_OK;
}

void wci_environment_free(char **environment)
{
    for (size_t i = 0; environment && environment[i]; i++)
        free(environment[i]);
    free(environment);
}
