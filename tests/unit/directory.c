/* Directories: made with those above, walked in order, removed with all that is in them. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "unit.h"

static bool is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

START_TEST(makes_those_above)
{
    assert_done(wci_directory_make(scratch_path("a/b/c")));
    ck_assert(is_directory(scratch_path("a/b/c")));
    assert_done(wci_directory_make(scratch_path("a/b/c")));
    assert_done(wci_directory_make(scratch_path("a/b/d/")));
    ck_assert(is_directory(scratch_path("a/b/d")));
    ck_assert_int_eq(chdir(scratch()), 0);
    assert_done(wci_directory_make("x//y"));
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert(is_directory(scratch_path("x/y")));
    ck_assert_int_eq(symlink("a", scratch_path("link")), 0);
    assert_done(wci_directory_make(scratch_path("link/e")));
    ck_assert(is_directory(scratch_path("a/e")));
}
END_TEST

START_TEST(cannot_make_some)
{
    char long_name[WCI_PATH + 1];
    save_file(scratch_path("file"), "x", 1);
    assert_fails(WILDCAM_ERR_EXISTS, "/file", wci_directory_make(scratch_path("file")));
    assert_fails(WILDCAM_ERR_EXISTS, "/file", wci_directory_make(scratch_path("file/below")));
    assert_fails(WILDCAM_ERR_NOTFOUND, "directory", wci_directory_make(""));
    memset(long_name, 'x', WCI_PATH);
    long_name[WCI_PATH] = '\0';
    assert_status(WILDCAM_ERR_TOOLARGE, wci_directory_make(long_name));
    ck_assert_int_eq(symlink("nowhere", scratch_path("dangling")), 0);
    assert_fails(WILDCAM_ERR_NOTFOUND, "/dangling", wci_directory_make(scratch_path("dangling")));
}
END_TEST

START_TEST(brings_names_to_the_disk)
{
    assert_done(wci_directory_sync(scratch()));
    assert_fails(WILDCAM_ERR_NOTFOUND, "/none", wci_directory_sync(scratch_path("none")));
    save_file(scratch_path("file"), "x", 1);
    assert_fails(WILDCAM_ERR_NOTFOUND, "Not a directory", wci_directory_sync(scratch_path("file")));
}
END_TEST

struct visits {
    char names[256];
    const char *stop_at;
};

static wildcam_status note_visit(void *user, const char *path, const char *name, bool is_directory_)
{
    struct visits *visits = user;
    size_t used = strlen(visits->names);
    ck_assert_str_eq(path, scratch());
    snprintf(visits->names + used, sizeof visits->names - used, "%s%s ", name,
             is_directory_ ? "/" : "");
    if (visits->stop_at && strcmp(name, visits->stop_at) == 0)
        return wci_fail(WILDCAM_ERR_CANCELLED, "stopped at %s", name);
    return WILDCAM_OK;
}

START_TEST(walks_in_the_order_of_names)
{
    struct visits visits = {"", NULL};
    assert_done(wci_directory_walk(scratch(), note_visit, &visits));
    ck_assert_str_eq(visits.names, "");
    static const char *const names[] = {"10", "2", ".hidden", "B", "a"};
    for (size_t i = 0; i < 5; i++)
        save_file(scratch_path("%s", names[i]), "", 0);
    assert_done(wci_directory_make(scratch_path("dir/inner")));
    ck_assert_int_eq(symlink("dir", scratch_path("link")), 0); /* is no directory */
    assert_done(wci_directory_walk(scratch(), note_visit, &visits));
    ck_assert_str_eq(visits.names, ".hidden 10 2 B a dir/ link ");
    visits = (struct visits){"", "2"};
    assert_fails(WILDCAM_ERR_CANCELLED, "stopped at 2",
                 wci_directory_walk(scratch(), note_visit, &visits));
    ck_assert_str_eq(visits.names, ".hidden 10 2 ");
}
END_TEST

START_TEST(walks_only_directories)
{
    struct visits visits = {"", NULL};
    assert_done(wci_directory_walk(scratch_path("none"), note_visit, &visits));
    save_file(scratch_path("file"), "x", 1);
    assert_fails(WILDCAM_ERR_NOTFOUND, "/file: Not a directory",
                 wci_directory_walk(scratch_path("file"), note_visit, &visits));
    ck_assert_str_eq(visits.names, "");
}
END_TEST

START_TEST(removes_all_but_what_links_lead_to)
{
    int64_t files = 0;
    assert_done(wci_directory_make(scratch_path("kept/inner")));
    save_file(scratch_path("kept/file"), "x", 1);
    assert_done(wci_directory_make(scratch_path("gone/a/b")));
    save_file(scratch_path("gone/a/1"), "x", 1);
    save_file(scratch_path("gone/a/b/2"), "x", 1);
    ck_assert_int_eq(symlink(scratch_path("kept"), scratch_path("gone/link")), 0);
    assert_done(wci_directory_remove(scratch_path("gone"), &files));
    ck_assert_int_eq(files, 3);
    ck_assert(!file_exists(scratch_path("gone")));
    ck_assert(file_exists(scratch_path("kept/file")));
    assert_done(wci_directory_remove(scratch_path("gone"), NULL));
    assert_done(wci_directory_remove(scratch_path("kept"), NULL));
    save_file(scratch_path("file"), "x", 1);
    assert_fails(WILDCAM_ERR_NOTFOUND, "/file", wci_directory_remove(scratch_path("file"), NULL));
    ck_assert(file_exists(scratch_path("file")));
}
END_TEST

START_TEST(paths_that_are_too_long_stay)
{
    char path[WCI_PATH], name[201];
    memset(name, 'n', 200);
    name[200] = '\0';
    /* deeper than a path may be long, made step by step */
    ck_assert_int_eq(chdir(scratch()), 0);
    for (int i = 0; i < 22; i++) {
        ck_assert_int_eq(mkdir(name, 0700), 0);
        ck_assert_int_eq(chdir(name), 0);
    }
    ck_assert_int_eq(wci_path(path, "%s/%s", scratch(), name), WILDCAM_OK);
    assert_fails(WILDCAM_ERR_TOOLARGE, "nnn", wci_directory_remove(path, NULL));
    for (int i = 0; i < 22; i++) {
        ck_assert_int_eq(chdir(".."), 0);
        ck_assert_int_eq(rmdir(name), 0);
    }
    ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

static bool is_empty(const char *path)
{
    bool empty;
    wci_error_clear(); /* without processes of their own, tests share a thread's sentence */
    assert_ok(wci_directory_is_empty(path, &empty));
    return empty;
}

START_TEST(tells_empty_ones)
{
    ck_assert(is_empty(scratch()));
    ck_assert(is_empty(scratch_path("none")));
    save_file(scratch_path("file"), "x", 1);
    ck_assert(!is_empty(scratch()));
    ck_assert(!is_empty(scratch_path("file")));
}
END_TEST

START_TEST(follows_paths_to_what_is_there)
{
    static const struct {
        const char *path, *real;
    } paths[] = {
        {"a/b", "/a/b"},
        {"a//b/", "/a/b"},
        {"link/b", "/a/b"},
        {"a/../a/b/.", "/a/b"},
        {"link/none/x/", "/a/none/x"},
        {"file/below", "/file/below"},
    };
    char root[WCI_PATH], real[WCI_PATH], wanted[WCI_PATH];
    assert_done(wci_directory_make(scratch_path("a/b")));
    save_file(scratch_path("file"), "x", 1);
    ck_assert_int_eq(symlink("a", scratch_path("link")), 0);
    ck_assert_int_eq(chdir(scratch()), 0);
    assert_done(wci_path_real(".", root));
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        snprintf(wanted, sizeof wanted, "%s%s", root, paths[i].real);
        assert_done(wci_path_real(paths[i].path, real));
        ck_assert_str_eq(real, wanted);
        assert_done(wci_path_real(scratch_path("%s", paths[i].path), real));
        ck_assert_str_eq(real, wanted);
    }
    ck_assert_int_eq(chdir("/"), 0);
    assert_done(wci_path_real("/", real));
    ck_assert(wci_path_is_inside("/a", real));
    ck_assert(wci_path_is_inside("/a/b", "/a"));
    ck_assert(wci_path_is_inside("/a", "/a"));
    ck_assert(!wci_path_is_inside("/ab", "/a"));
    ck_assert(!wci_path_is_inside("/a", "/a/b"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("directory");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, makes_those_above);
    tcase_add_test(all, cannot_make_some);
    tcase_add_test(all, brings_names_to_the_disk);
    tcase_add_test(all, walks_in_the_order_of_names);
    tcase_add_test(all, walks_only_directories);
    tcase_add_test(all, removes_all_but_what_links_lead_to);
    tcase_add_test(all, paths_that_are_too_long_stay);
    tcase_add_test(all, tells_empty_ones);
    tcase_add_test(all, follows_paths_to_what_is_there);
    return suite;
}
