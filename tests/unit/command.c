/* Command lines without a shell: their words, where the program lies, and what it gets of our
 * environment. */
#include "process/command.h"

#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static const struct {
    const char *text, *words; /* with | behind each */
} split[] = {
    {"one", "one|"},
    {"  one\ttwo  three ", "one|two|three|"},
    {"'a b' \"c d\"", "a b|c d|"},
    {"a'b c'd", "ab cd|"},
    {"'' x ''", NULL}, /* the program has no name */
    {"x '' \"\"", "x|||"},
    {"a\\ b \\'c \\\\", "a b|'c|\\|"},
    {"\"say \\\"yes\\\" or \\\\ or \\n\"", "say \"yes\" or \\ or \\n|"},
    {"'\\' \\\"", "\\|\"|"},
    {"$HOME `id` $(id) *.c ~ > x | y & z ; #", "$HOME|`id`|$(id)|*.c|~|>|x|||y|&|z|;|#|"},
    {"", NULL},
    {"  \t ", NULL},
    {"'open", NULL},
    {"a \"open\\\"", NULL},
    {"lone \\", NULL},
};

START_TEST(splits_without_a_shell)
{
    struct wci_command command;
    char words[200] = "";
    wildcam_status status = wci_command_split(split[_i].text, &command);
    if (!split[_i].words) {
        ck_assert_int_eq(status, WILDCAM_ERR_INVALID);
        ck_assert_ptr_null(command.words);
        return;
    }
    ck_assert_int_eq(status, WILDCAM_OK);
    for (size_t i = 0, at = 0; i < command.count; i++)
        at += (size_t)snprintf(words + at, sizeof words - at, "%s|", command.words[i]);
    ck_assert_str_eq(words, split[_i].words);
    ck_assert_ptr_null(command.words[command.count]);
    wci_command_free(&command);
}
END_TEST

START_TEST(words_are_bounded)
{
    struct wci_command command;
    char text[2 * WCI_COMMAND_WORDS + 3];
    for (size_t i = 0; i < sizeof text - 1; i++)
        text[i] = i % 2 ? ' ' : 'x';
    text[sizeof text - 1] = '\0';
    assert_fails(WILDCAM_ERR_TOOLARGE, "64 words", wci_command_split(text, &command));
    text[2 * WCI_COMMAND_WORDS] = '\0';
    assert_done(wci_command_split(text, &command));
    ck_assert_int_eq(command.count, WCI_COMMAND_WORDS);
    wci_command_free(&command);
}
END_TEST

static wildcam_status find(const char *text, char *path)
{
    struct wci_command command;
    wci_error_clear();
    ck_assert_int_eq(wci_command_split(text, &command), WILDCAM_OK);
    wildcam_status status = wci_command_find(&command);
    if (status == WILDCAM_OK)
        snprintf(path, 4096, "%s", command.words[0]);
    wci_command_free(&command);
    return status;
}

static void make_program(const char *name, mode_t mode)
{
    save_file(scratch_path("%s", name), "#!/bin/sh\n", 10);
    ck_assert_int_eq(chmod(scratch_path("%s", name), mode), 0);
}

START_TEST(finds_the_program)
{
    char path[4096], places[4096];
    make_program("here", 0755);
    make_program("text", 0644);
    snprintf(places, sizeof places, "%s:.:/nowhere:%s", "relative", scratch());
    ck_assert_int_eq(setenv("PATH", places, 1), 0);
    assert_ok(find("here", path));
    ck_assert_str_eq(path, scratch_path("here"));
    assert_fails(WILDCAM_ERR_NOTFOUND, "no program \"text\"", find("text", path));
    assert_fails(WILDCAM_ERR_NOTFOUND, "no program \"gone\"", find("gone", path));
    assert_ok(find(scratch_path("here"), path));
    assert_fails(WILDCAM_ERR_NOTFOUND, "cannot be run", find(scratch_path("gone"), path));
    assert_fails(WILDCAM_ERR_DENIED, "cannot be run", find(scratch_path("text"), path));
    assert_fails(WILDCAM_ERR_INVALID, "is no program", find("/", path));
    /* Where we were started decides nothing. */
    ck_assert_int_eq(chdir(scratch()), 0);
    ck_assert_int_eq(setenv("PATH", ".::", 1), 0);
    assert_fails(WILDCAM_ERR_NOTFOUND, "no program \"here\"", find("here", path));
}
END_TEST

static bool is_passed(char **environment, const char *variable)
{
    for (; *environment; environment++)
        if (strcmp(*environment, variable) == 0)
            return true;
    return false;
}

START_TEST(keeps_our_secrets)
{
    static const char *const secrets[] = {"WILDCAM_S3_SECRET_KEY", "AWS_SECRET_ACCESS_KEY",
                                          "PGPASSWORD", "CREDENTIALS_DIRECTORY", "OTHER"};
    char **environment;
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        setenv(secrets[i], "secret", 1);
    setenv("LC_TIME", "C", 1);
    setenv("HOME", "/home/a", 1);
    assert_done(wci_environment_pick("", "OWN=1", &environment));
    ck_assert(is_passed(environment, "HOME=/home/a") && is_passed(environment, "LC_TIME=C"));
    ck_assert(is_passed(environment, "OWN=1"));
    for (char **at = environment; *at; at++)
        ck_assert_msg(!strstr(*at, "=secret"), "%s", *at);
    wci_environment_free(environment);
    assert_done(wci_environment_pick("OTHER, PGPASS*", "OWN=1", &environment));
    ck_assert(is_passed(environment, "OTHER=secret") &&
              is_passed(environment, "PGPASSWORD=secret"));
    ck_assert(!is_passed(environment, "WILDCAM_S3_SECRET_KEY=secret"));
    wci_environment_free(environment);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("command");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, splits_without_a_shell, 0, sizeof split / sizeof split[0]);
    tcase_add_test(all, words_are_bounded);
    tcase_add_test(all, finds_the_program);
    tcase_add_test(all, keeps_our_secrets);
    return suite;
}
