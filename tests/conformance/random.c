/* Thousands of operations at random, and all answers compared with the model's again and again. */
#include "conformance/subject.h"

/* What is run under a sanitizer takes many times as long. */
#if defined __SANITIZE_THREAD__
enum { SLOWNESS = 8 };
#elif defined __SANITIZE_ADDRESS__
enum { SLOWNESS = 3 };
#else
enum { SLOWNESS = 1 };
#endif
enum { COMPARE_EVERY = 500, GROUP = 6, ROWS = 8 };

static struct subject subject;
static struct dice dice;
static unsigned contents; /* how many contents of pictures there have been */

/* What one group holds, until it is written. */
struct group {
    struct wci_change changes[GROUP];
    struct wci_row rows[GROUP][ROWS];
    wildcam_image images[GROUP];
    int count;
};

static void add_rows(struct group *group)
{
    int at = group->count++;
    size_t count = (size_t)roll(&dice, ROWS) + 1;
    for (size_t i = 0; i < count; i++)
        group->rows[at][i] = random_row(&subject, &dice);
    group->changes[at] = (struct wci_change){.rows = group->rows[at], .count = count};
}

/* A quarter of the pictures have been sent before. */
static void add_picture(struct group *group)
{
    int at = group->count++;
    size_t count = (size_t)roll(&dice, 3) + 1;
    struct wci_row first = random_row(&subject, &dice);
    unsigned content = roll(&dice, 4) && contents ? (unsigned)roll(&dice, contents) : contents++;
    int camera = content % CAMERAS;
    group->images[at] = image_at(&subject, camera, first.time, content);
    for (size_t i = 0; i < count; i++) {
        group->rows[at][i] = random_row(&subject, &dice);
        group->rows[at][i].time = first.time;
        group->rows[at][i].camera = subject.cameras[camera];
    }
    group->changes[at] =
        (struct wci_change){.image = &group->images[at], .rows = group->rows[at], .count = count};
}

static void write_at_random(void)
{
    static struct group group;
    group.count = 0;
    int64_t count = roll(&dice, GROUP) + 1;
    while (group.count < count) {
        if (roll(&dice, 2))
            add_rows(&group);
        else
            add_picture(&group);
    }
    write_group(&subject, group.changes, (size_t)group.count);
    for (int i = 0; i < group.count; i++)
        ck_assert_int_eq(group.changes[i].error.status, WILDCAM_OK);
}

static void review_at_random(void)
{
    if (subject.model.count)
        random_review(&subject, &dice,
                      subject.model.rows[roll(&dice, (int64_t)subject.model.count)].id);
}

static void ask_at_random(void)
{
    struct wci_query query = random_query(&subject, &dice);
    assert_read(&subject, &query, (size_t)roll(&dice, 50) + 1);
    assert_count(&subject, &query);
    assert_summary(&subject, &query, (uint32_t)roll(&dice, 8));
}

static wildcam_status keep_quiet(void *user, const char *name)
{
    (void)user;
    (void)name;
    return WILDCAM_OK;
}

static bool is_never_hidden(void *user, const char *name)
{
    (void)user;
    (void)name;
    return false;
}

static wildcam_status note_first(void *user, const char *name, int64_t from, int64_t to)
{
    (void)name;
    (void)from;
    *(int64_t *)user = to;
    return wci_fail(WILDCAM_ERR_CANCELLED, "that is the first");
}

static void purge_the_oldest(void)
{
    const struct wci_purge_files files = {NULL,       keep_quiet, is_never_hidden,
                                          keep_quiet, NULL,       NULL};
    int64_t end = INT64_MIN, shards = 0;
    subject.ops->each_span(subject.backend, note_first, &end);
    if (end == INT64_MIN)
        return;
    assert_op(subject.ops->purge(subject.backend, end, &files, &shards));
    ck_assert_int_eq(shards, 1);
    model_forget(&subject.model, INT64_MIN, end);
}

static void keep_house(void)
{
    subject.ops->maintain(subject.backend, wci_calendar_monotonic() + WCI_SECOND);
}

static void operate(void)
{
    int64_t what = roll(&dice, 1000);
    if (what < 450)
        write_at_random();
    else if (what < 800)
        review_at_random();
    else if (what < 980)
        ask_at_random();
    else if (what < 990)
        keep_house();
    else if (what < 995)
        subject_reopen(&subject);
    else
        purge_the_oldest();
}

static void run(const char *shard, const char *durability, int operations)
{
    wildcam_conf *conf = subject_conf("station");
    assert_ok(wildcam_conf_set(conf, "store.shard", shard));
    assert_ok(wildcam_conf_set(conf, "store.durability", durability));
    assert_ok(wildcam_conf_set(conf, "store.open_shards", "3"));
    assert_ok(wildcam_conf_set(conf, "store.wal_bytes", "65536"));
    subject_open(&subject, conf);
    dice = dice_new();
    contents = 0;
    for (int i = 1; i <= operations / SLOWNESS; i++) {
        operate();
        if (i % COMPARE_EVERY == 0)
            assert_same(&subject, &dice, 3);
    }
    assert_same(&subject, &dice, 50);
    assert_whole(&subject);
    subject_close(&subject);
}

START_TEST(in_months)
{
    run("month", "full", 1500);
}
END_TEST

START_TEST(in_days)
{
    run("day", "normal", 1000);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("conformance: random");
    TCase *all = harness_case(suite, "all");
    tcase_set_timeout(all, 600);
    tcase_add_test(all, in_months);
    tcase_add_test(all, in_days);
    return suite;
}
