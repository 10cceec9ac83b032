/* Deleting whole spans: the order of its steps, and an end of the process after each. */
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/subject.h"

/* Where the process ends, or a step fails. */
enum place { NOWHERE, BEFORE_HIDE, BEHIND_HIDE, BEFORE_DROP, BEHIND_DROP };

/* The files of spans as a purge sees them: each is a folder in the scratch directory, and hidden it
 * has another name, so that another process finds what an earlier one did. */
struct files {
    enum place place;
    bool dies; /* there, else the step fails */
    struct wci_text steps;
};

static struct subject subject;
static struct files files;
static struct dice dice;

static void set_up(void)
{
    subject_open(&subject, subject_conf("station"));
    files = (struct files){.place = NOWHERE};
    dice = dice_new();
}

static void tear_down(void)
{
    wci_text_free(&files.steps);
    assert_same(&subject, &dice, 5);
    assert_whole(&subject);
    subject_close(&subject);
}

static wildcam_status reach(enum place place)
{
    if (files.place != place)
        return WILDCAM_OK;
    if (files.dies)
        _exit(77);
    return wci_fail(WILDCAM_ERR_IO, "the step fails");
}

static wildcam_status hide(void *user, const char *name)
{
    struct files *self = user;
    wildcam_status status = reach(BEFORE_HIDE);
    if (status != WILDCAM_OK)
        return status;
    wci_text_add_format(&self->steps, "hide %s ", name);
    if (file_exists(scratch_path("file-%s", name)))
        rename(scratch_path("file-%s", name), scratch_path("hidden-%s", name));
    return reach(BEHIND_HIDE);
}

static bool is_hidden(void *user, const char *name)
{
    (void)user;
    return file_exists(scratch_path("hidden-%s", name));
}

/* Once files are dropped nobody may see their rows any more. */
static void assert_out_of_sight(const char *name)
{
    struct wci_text spans = {0};
    list_spans(&subject, &spans);
    ck_assert_ptr_null(strstr(wci_text_get(&spans), name));
    wci_text_free(&spans);
}

static wildcam_status drop(void *user, const char *name)
{
    struct files *self = user;
    wildcam_status status = reach(BEFORE_DROP);
    if (status != WILDCAM_OK)
        return status;
    wci_text_add_format(&self->steps, "drop %s ", name);
    assert_out_of_sight(name);
    remove(scratch_path("hidden-%s", name));
    return reach(BEHIND_DROP);
}

static const struct wci_purge_files purge_files = {&files, hide, is_hidden, drop, NULL, NULL};

static wildcam_status make_file(void *user, const char *name, int64_t from, int64_t to)
{
    (void)user;
    ck_assert_int_lt(from, to);
    save_file(scratch_path("file-%s", name), "x", 1);
    return WILDCAM_OK;
}

/* A row and a picture in each of four months. */
static void write_months(void)
{
    for (int month = 1; month <= 4; month++) {
        struct wci_row rows[2] = {row_at(&subject, day_at(2026, month, 9)),
                                  row_at(&subject, day_at(2026, month, 9))};
        wildcam_image image = image_at(&subject, 0, rows[0].time, (unsigned)month);
        struct wci_change change = {.image = &image, .rows = rows, .count = 2};
        write_one(&subject, &change);
    }
    assert_op(subject.ops->each_span(subject.backend, make_file, NULL));
}

static int64_t purge(int64_t before)
{
    int64_t shards = 0;
    assert_op(subject.ops->purge(subject.backend, before, &purge_files, &shards));
    return shards;
}

START_TEST(takes_what_ends_before)
{
    write_months();
    ck_assert_int_eq(purge(day_at(2026, 1, 31)), 0); /* not whole before it */
    assert_same(&subject, &dice, 5);
    ck_assert_int_eq(purge(day_at(2026, 2, 1)), 1);
    model_forget(&subject.model, INT64_MIN, day_at(2026, 2, 1));
    assert_same(&subject, &dice, 5);
    ck_assert_int_eq(purge(day_at(2026, 4, 1)), 2);
    model_forget(&subject.model, INT64_MIN, day_at(2026, 4, 1));
    ck_assert_int_eq(purge(day_at(2026, 4, 1)), 0);
    ck_assert_uint_eq(subject.model.count, 2);
}
END_TEST

START_TEST(takes_everything)
{
    struct wci_text spans = {0};
    write_months();
    ck_assert_int_eq(purge(INT64_MAX), 4);
    model_forget(&subject.model, INT64_MIN, INT64_MAX);
    list_spans(&subject, &spans);
    ck_assert_str_eq(wci_text_get(&spans), "");
    wci_text_free(&spans);
    subject_reopen(&subject);
}
END_TEST

START_TEST(hides_then_drops_one_after_the_other)
{
    struct wci_text spans = {0};
    char wanted[256], names[4][16];
    write_months();
    list_spans(&subject, &spans);
    ck_assert_int_eq(
        sscanf(spans.data, "%15s %15s %15s %15s", names[0], names[1], names[2], names[3]), 4);
    wci_text_free(&spans);
    purge(day_at(2026, 3, 1));
    model_forget(&subject.model, INT64_MIN, day_at(2026, 3, 1));
    snprintf(wanted, sizeof wanted, "hide %s drop %s hide %s drop %s ", names[0], names[0],
             names[1], names[1]);
    ck_assert_str_eq(wci_text_get(&files.steps), wanted);
}
END_TEST

/* A picture of a purged time may come in again, as a new one. */
START_TEST(purged_pictures_may_come_again)
{
    write_months();
    purge(day_at(2026, 2, 1));
    model_forget(&subject.model, INT64_MIN, day_at(2026, 2, 1));
    for (int i = 0; i < 2; i++) {
        struct wci_row row = row_at(&subject, day_at(2026, i ? 1 : 3, 9));
        wildcam_image image = image_at(&subject, 0, row.time, 1); /* that of January */
        struct wci_change change = {.image = &image, .rows = &row, .count = 1};
        write_one(&subject, &change);
        ck_assert_int_eq(change.is_duplicate, i);
    }
    struct wci_row late = row_at(&subject, day_at(2026, 1, 10));
    write_rows(&subject, &late, 1);
}
END_TEST

/* What is left of an interrupted purge is finished; whether rows are gone is told by its place. */
static void assert_finished(void)
{
    bool began = file_exists(scratch_path("file-2026-01")) == false;
    files.place = NOWHERE;
    assert_op(subject.ops->finish_purges(subject.backend, &purge_files));
    if (began)
        model_forget(&subject.model, INT64_MIN, day_at(2026, 2, 1));
    ck_assert(!is_hidden(&files, "2026-01"));
    assert_same(&subject, &dice, 5);
    assert_whole(&subject);
    purge(day_at(2026, 2, 1));
    model_forget(&subject.model, INT64_MIN, day_at(2026, 2, 1));
    ck_assert(!is_hidden(&files, "2026-01") && !file_exists(scratch_path("file-2026-01")));
}

START_TEST(a_failing_step_is_finished_later)
{
    int64_t shards = 0;
    write_months();
    files.place = (enum place)_i;
    assert_op_fails(WILDCAM_ERR_IO, "the step fails",
                    subject.ops->purge(subject.backend, day_at(2026, 3, 1), &purge_files, &shards));
    ck_assert_int_eq(shards, 0);
    assert_finished();
}
END_TEST

START_TEST(an_end_of_the_process_is_finished_by_the_next)
{
    int64_t shards = 0;
    int how;
    write_months();
    subject.ops->close(subject.backend, false); /* a child inherits nothing that is open */
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        if (subject.ops->open(subject.conf, &subject.log, &subject.backend) != WILDCAM_OK)
            _exit(1);
        files.place = (enum place)_i;
        files.dies = true;
        subject.ops->purge(subject.backend, day_at(2026, 2, 1), &purge_files, &shards);
        _exit(2);
    }
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    ck_assert_msg(WIFEXITED(how) && WEXITSTATUS(how) == 77, "the child ended with %x", how);
    assert_op(subject.ops->open(subject.conf, &subject.log, &subject.backend));
    subject_reopen(&subject);
    assert_finished();
}
END_TEST

START_TEST(nothing_to_finish)
{
    write_months();
    assert_op(subject.ops->finish_purges(subject.backend, &purge_files));
    ck_assert_str_eq(wci_text_get(&files.steps), "");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("conformance: purge");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, takes_what_ends_before);
    tcase_add_test(all, takes_everything);
    tcase_add_test(all, hides_then_drops_one_after_the_other);
    tcase_add_test(all, purged_pictures_may_come_again);
    tcase_add_loop_test(all, a_failing_step_is_finished_later, BEFORE_HIDE, BEHIND_DROP + 1);
    tcase_add_loop_test(all, an_end_of_the_process_is_finished_by_the_next, BEFORE_HIDE,
                        BEHIND_DROP + 1);
    tcase_add_test(all, nothing_to_finish);
    return suite;
}
