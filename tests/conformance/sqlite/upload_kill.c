/* Processes that are killed at any moment while they claim, settle and release. */
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "conformance/sqlite/raw.h"

enum { ROUNDS = 12, BOTH = 3, CLAIMED = 5, MANY = 4096 };

static struct subject subject;
static struct wci_store store;
static struct dice dice;
/* What was acknowledged, in whatever round. */
static int64_t kept[MANY], sent[WCI_UPLOAD_KINDS][MANY], released[MANY];
static int kept_count, sent_count[WCI_UPLOAD_KINDS], released_count;

static void set_up(void)
{
    subject_open_store(&subject, &store, subject_conf("station"));
    dice = dice_new();
    wci_store_close(&store, false);
}

/* What is said stands: the parent hears it before he kills. */
static void say(int to, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(int to, const char *format, ...)
{
    char line[64];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (write(to, line, (size_t)length) != length)
        _exit(3);
}

static void release_one(int to, int64_t image_id)
{
    wildcam_image image;
    wci_image_init(&image);
    assert_op(subject.ops->get_image(subject.backend, image_id, &image));
    wildcam_status status = wci_store_release_picture(&store, &image);
    wci_image_release(&image);
    if (status == WILDCAM_OK)
        say(to, "R 0 %lld\n", (long long)image_id);
    else
        ck_assert_int_eq(status, WILDCAM_ERR_STATE); /* a round before marked it, and was killed */
}

static void settle(int to, wildcam_upload **rows, size_t count)
{
    struct wci_upload_work work = {.step = WCI_UPLOADS_SETTLE, .rows = rows, .count = count};
    for (size_t i = 0; i < count; i++) {
        rows[i]->state = WCI_UPLOAD_DONE;
        rows[i]->uploaded_at = wci_calendar_now();
    }
    assert_op(wci_store_step_uploads(&store, &work));
    for (size_t i = 0; i < count; i++)
        if (!rows[i]->is_missed)
            say(to, "D %d %lld\n", rows[i]->kind, (long long)rows[i]->image_id);
    for (size_t i = 0; i < count; i++)
        if (rows[i]->kind == WCI_UPLOAD_PICTURE && i % 2)
            release_one(to, rows[i]->image_id);
}

/* Without end. */
static void work(int to, int round)
{
    wildcam_upload rows[CLAIMED], *pointers[CLAIMED];
    for (int i = 0; i < CLAIMED; i++) {
        wci_upload_init(&rows[i]);
        pointers[i] = &rows[i];
    }
    subject_open_again(&subject, &store);
    for (unsigned i = 0;; i++) {
        int64_t now = wci_calendar_now();
        struct wci_upload_claim claim = {
            {BOTH, (int)(i % 3) - 1, i % 2}, now, round * 1000 + i + 1, now + 30 * WCI_SECOND};
        size_t got;
        int64_t id = keep_picture(&subject, &store, (int)(i % CAMERAS),
                                  day_at(2026, 1 + (int)(i % 3), 5), (unsigned)round * 10000 + i);
        say(to, "K 0 %lld\n", (long long)id);
        assert_op(wci_store_claim_uploads(&store, &claim, pointers, CLAIMED, &got));
        if (i % 4 != 3) /* else it is left, or given back */
            settle(to, pointers, got);
    }
}

static void listen(FILE *says, int lines)
{
    char what, line[64];
    int kind;
    long long id;
    while (lines-- > 0 && fgets(line, sizeof line, says) &&
           sscanf(line, "%c %d %lld", &what, &kind, &id) == 3) {
        ck_assert_int_lt(kept_count, MANY - 1);
        if (what == 'K')
            kept[kept_count++] = id;
        else if (what == 'D')
            sent[kind][sent_count[kind]++] = id;
        else
            released[released_count++] = id;
    }
}

static void run_and_kill(int round)
{
    int ends[2], how;
    ck_assert_int_eq(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        close(ends[0]);
        work(ends[1], round);
        _exit(0);
    }
    close(ends[1]);
    FILE *says = fdopen(ends[0], "r");
    ck_assert_ptr_nonnull(says);
    listen(says, (int)roll(&dice, 60) + 1);
    usleep((unsigned)roll(&dice, 3000));
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    listen(says, MANY);
    fclose(says);
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    ck_assert_msg(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL, "it ended by itself: %x", how);
}

static void assert_sent(void)
{
    wildcam_upload row;
    wci_upload_init(&row);
    for (int kind = 0; kind < WCI_UPLOAD_KINDS; kind++)
        for (int i = 0; i < sent_count[kind]; i++) {
            assert_op(subject.ops->get_upload(subject.backend, sent[kind][i], kind, &row));
            ck_assert_int_eq(row.state, WCI_UPLOAD_DONE);
        }
    for (int i = 0; i < kept_count; i++)
        for (int kind = 0; kind < WCI_UPLOAD_KINDS; kind++)
            assert_op(subject.ops->get_upload(subject.backend, kept[i], kind, &row));
    wci_upload_release(&row);
}

static void assert_released(void)
{
    wildcam_image image;
    wci_image_init(&image);
    for (int i = 0; i < released_count; i++) {
        assert_op(subject.ops->get_image(subject.backend, released[i], &image));
        ck_assert_int_ne(image.released_at, WILDCAM_TIME_NONE);
        ck_assert(!wci_file_exists(picture_path(&store, &image)));
    }
    wci_image_release(&image);
}

/* Every picture that is not released has its file, and no other file is there. */
static wildcam_status count_one(void *user, const wildcam_image *image)
{
    *(int64_t *)user += image->released_at == WILDCAM_TIME_NONE;
    return WILDCAM_OK;
}

static void assert_files_fit(void)
{
    int64_t with_file = 0;
    ck_assert_str_eq(find_faults(&store, WILDCAM_CHECK_CONTENT), "");
    assert_op(subject.ops->walk_images(subject.backend, day_at(2026, 1, 1), day_at(2027, 1, 1),
                                       count_one, &with_file));
    ck_assert_int_eq(count_files(scratch_path("station/images")), with_file);
}

/* What nobody settled is everybody's again once its lease has passed. */
static void assert_rest_is_due(void)
{
    struct wci_queue_figures figures;
    wildcam_upload row, *only = &row;
    int64_t now = wci_calendar_now() + 60 * WCI_SECOND, taken = 0;
    struct wci_upload_claim claim = {{BOTH, -1, false}, now, 7777777, now + 30 * WCI_SECOND};
    size_t got;
    assert_op(subject.ops->count_uploads(subject.backend, BOTH, &figures));
    wci_upload_init(&row);
    do {
        assert_op(wci_store_claim_uploads(&store, &claim, &only, 1, &got));
        taken += (int64_t)got;
    } while (got);
    wci_upload_release(&row);
    ck_assert_int_eq(taken, figures.owed);
}

START_TEST(nothing_that_was_acknowledged_is_lost)
{
    for (int round = 0; round < ROUNDS; round++) {
        run_and_kill(round);
        subject_open_again(&subject, &store);
        assert_sent();
        assert_released();
        assert_files_fit();
        wci_store_close(&store, false);
    }
    ck_assert_int_gt(kept_count, ROUNDS);
    ck_assert_int_gt(sent_count[0], 0);
    ck_assert_int_gt(sent_count[1], 0);
    ck_assert_int_gt(released_count, 0);
    subject_open_again(&subject, &store);
    assert_rest_is_due();
    subject_close_store(&subject, &store);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("upload_kill");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, set_up, NULL);
    tcase_set_timeout(all, 300);
    tcase_add_test(all, nothing_that_was_acknowledged_is_lost);
    return suite;
}
