#include "fault/contract.h"

#include <ctype.h>

#include "support/harness.h"

enum { COMMENT = 8192, NAME = 80 };

static const char *const headers[] = {"access",  "alert",      "analytics", "backup",    "camera",
                                      "conf",    "deployment", "detection", "event",     "exchange",
                                      "image",   "ingest",     "metrics",   "privacy",   "process",
                                      "query",   "regions",    "report",    "retention", "station",
                                      "summary", "time",       "upload",    "uploader",  "user"};
enum { HEADERS = sizeof headers / sizeof headers[0] };

/* All headers, one behind the other; read once. */
static const char *text(void)
{
    static char *all;
    size_t length = 0;
    if (all)
        return all;
    all = calloc(1, 1);
    for (size_t i = 0; i < HEADERS; i++) {
        char path[1024];
        size_t size;
        snprintf(path, sizeof path, "%s/include/wildcam/%s.h", getenv("WILDCAM_SOURCE_ROOT"),
                 headers[i]);
        if (!file_exists(path))
            continue;
        char *header = load_file(path, &size);
        all = realloc(all, length + size + 1);
        memcpy(all + length, header, size + 1);
        length += size;
        free(header);
    }
    return all;
}

/* Finds the declaration of a function: its name with what comes right behind it. */
static const char *find(const char *function)
{
    char call[NAME + 2];
    snprintf(call, sizeof call, "%s(", function);
    for (const char *at = text(); (at = strstr(at, call)); at++) {
        const char *line = at;
        while (line > text() && line[-1] != '\n')
            line--;
        if (strncmp(line, "WILDCAM_API", 11) == 0)
            return line;
    }
    ck_abort_msg("no header declares %s", function);
    return NULL;
}

/* Copies the @return part of a function's comment. */
static void read_return(const char *function, char part[COMMENT])
{
    const char *end = find(function), *begin = end;
    while (strncmp(begin, "/**", 3) != 0)
        begin--;
    const char *from = strstr(begin, "@return");
    const char *to = from ? strstr(from, " *\n") : NULL;
    part[0] = '\0';
    if (from && from < end && to)
        snprintf(part, COMMENT, "%.*s", (int)(to - from), from);
}

/* The next name of a function in a text, such as "wildcam_x_y()"; one that is cut to "_y()" is of
 * the same noun as the last. NULL at the end. */
static const char *next_function(const char *at, char name[NAME])
{
    char noun[NAME];
    const char *under = strchr(name, '_');
    under = under ? strchr(under + 1, '_') : NULL;
    snprintf(noun, sizeof noun, "%.*s", under ? (int)(under - name) : 0, name);
    while ((at = strstr(at, "()"))) {
        const char *begin = at;
        while (isalnum((unsigned char)begin[-1]) || begin[-1] == '_')
            begin--;
        int length = (int)(at - begin);
        ck_assert_int_lt((int)strlen(noun) + length, NAME);
        snprintf(name, NAME, "%.*s%.*s", NAME / 2, *begin == '_' ? noun : "", length % NAME, begin);
        return at + 2;
    }
    return NULL;
}

bool contract_names(const char *function, wildcam_status status)
{
    char part[COMMENT], name[NAME];
    const char *word = wildcam_status_name(status);
    read_return(function, part);
    for (const char *at = part; (at = strstr(at, word)); at++)
        if (!isalnum((unsigned char)at[strlen(word)]))
            return true;
    snprintf(name, sizeof name, "%s", function);
    for (const char *at = strstr(part, "@return as "); at && (at = next_function(at, name));)
        if (contract_names(name, status))
            return true;
    return false;
}

void contract_each(void (*each)(void *user, const char *function), void *user)
{
    for (const char *at = text(); (at = strstr(at, "\nWILDCAM_API ")); at++) {
        char name[NAME];
        const char *type = at + strlen("\nWILDCAM_API ");
        const char *end = strchr(type, '('), *begin = end;
        while (isalnum((unsigned char)begin[-1]) || begin[-1] == '_')
            begin--;
        snprintf(name, sizeof name, "%.*s", (int)(end - begin), begin);
        bool answers = strncmp(type, "wildcam_status", 14) == 0 ||
                       strncmp(type, "wildcam_step", 12) == 0;
        size_t length = strlen(name);
        if (answers || (length > 5 && strcmp(name + length - 5, "_free") == 0) ||
            strcmp(name, "wildcam_station_close") == 0)
            each(user, name);
    }
}
