#include <wildcam/version.h>

#include <sqlite3.h>
#include <string.h>

#include "base/error.h"

#define TEXT(x) #x
#define DOTTED(major, minor, patch) TEXT(major) "." TEXT(minor) "." TEXT(patch)

const char *wildcam_version(void)
{
    return DOTTED(WILDCAM_VERSION_MAJOR, WILDCAM_VERSION_MINOR, WILDCAM_VERSION_PATCH);
}

int wildcam_version_number(void)
{
    return WILDCAM_VERSION_NUMBER;
}

const char *wildcam_feature(const char *name)
{
    wci_error_clear();
    return name && strcmp(name, "store.sqlite") == 0 ? sqlite3_libversion() : NULL;
}
