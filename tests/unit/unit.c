#include "unit.h"

#include <grp.h>
#include <locale.h>
#include <sys/wait.h>
#include <unistd.h>

void enter_locale(const char *name)
{
    char full_name[64];
    const char *directory = getenv("WILDCAM_TEST_LOCALES");
    snprintf(full_name, sizeof full_name, "%s.UTF-8", name);
    setenv("LOCPATH", directory ? directory : "build/tests/unit/locales", 1);
    ck_assert_msg(setlocale(LC_ALL, full_name) != NULL,
                  "there is no locale %s in %s: the build makes it with localedef, of the package "
                  "\"locales\"",
                  full_name, getenv("LOCPATH"));
}

void leave_locale(void)
{
    setlocale(LC_ALL, "C");
    unsetenv("LOCPATH");
}

static const char *become(uid_t user)
{
    if (user == 0 || getuid() != 0)
        return NULL;
    if (setgroups(0, NULL) != 0 || setgid(user) != 0 || setuid(user) != 0)
        return "the child cannot become another user";
    return NULL;
}

void run_apart(uid_t user, const char *(*work)(void))
{
    char fault[1024] = "";
    int ends[2], status;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        const char *trouble = become(user);
        if (!trouble)
            trouble = work();
        if (trouble && write(ends[1], trouble, strlen(trouble)) < 0)
            _exit(2);
        exit(trouble ? 1 : 0); /* not _exit: what was measured is written on the way out */
    }
    close(ends[1]);
    if (read(ends[0], fault, sizeof fault - 1) < 0)
        fault[0] = '\0';
    close(ends[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child says \"%s\"", fault);
}
