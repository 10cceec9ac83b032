#include "locales.h"

#include <locale.h>

#include "support/harness.h"

void enter_locale(const char *name)
{
    char command[4096], full_name[64];
    snprintf(full_name, sizeof full_name, "%s.UTF-8", name);
    snprintf(command, sizeof command, "localedef -c -i %s -f UTF-8 '%s' >'%s' 2>&1", name,
             scratch_path("%s", full_name), scratch_path("localedef.log"));
    ck_assert_msg(system(command) == 0 || file_exists(scratch_path("%s/LC_NUMERIC", full_name)),
                  "localedef cannot make %s: the package \"locales\" is needed", name);
    setenv("LOCPATH", scratch(), 1);
    ck_assert_msg(setlocale(LC_ALL, full_name) != NULL, "no locale %s", full_name);
}

void leave_locale(void)
{
    setlocale(LC_ALL, "C");
    unsetenv("LOCPATH");
}
