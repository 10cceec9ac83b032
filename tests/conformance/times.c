/*
 * Deployments beside rows: at random they are added, changed and removed while rows and pictures
 * come in, are reviewed and purged, and every answer is that of a model that works all times out
 * anew each time.
 */
#include <math.h>

#include "conformance/subject.h"

#if defined __SANITIZE_THREAD__
enum { SLOWNESS = 8 };
#elif defined __SANITIZE_ADDRESS__
enum { SLOWNESS = 3 };
#else
enum { SLOWNESS = 1 };
#endif
enum { DEPLOYMENTS = 24, ROWS = 6, TOGETHER = 5, COMPARE_EVERY = 60 };
/* The contents of pictures that are elsewhere begin here. */
#define ELSEWHERE 1000000U

static struct subject subject;
static struct wci_store store;
static struct dice dice;
static unsigned contents;

/* The deployments that there are. */
static struct {
    char key[40];
    int camera;
    struct wci_clock_rule rule;
} known[DEPLOYMENTS];
static int known_count;

static void open_store(const char *shard)
{
    wildcam_conf *conf = subject_conf("station");
    assert_ok(wildcam_conf_set(conf, "store.shard", shard));
    assert_ok(wildcam_conf_set(conf, "store.durability", "normal"));
    assert_ok(wildcam_conf_set(conf, "store.open_shards", "3"));
    subject_open_store(&subject, &store, conf);
    known_count = 0;
    contents = 0;
}

static int compare_starts(const void *left, const void *right)
{
    const struct wci_clock_rule *a = left, *b = right;
    return a->start < b->start ? -1 : a->start > b->start;
}

static void retime_model(int camera)
{
    struct wci_clock_rule rules[DEPLOYMENTS];
    size_t count = 0;
    for (int i = 0; i < known_count; i++)
        if (known[i].camera == camera)
            rules[count++] = known[i].rule;
    if (count)
        qsort(rules, count, sizeof rules[0], compare_starts);
    model_retime(&subject.model, subject.cameras[camera]->id, rules, count);
}

/* ---- rows ---- */

static struct wci_row row_of(int camera)
{
    struct wci_row row = random_row(&subject, &dice);
    row.camera = subject.cameras[camera];
    if (roll(&dice, 2))
        row.offset = WILDCAM_OFFSET_UNKNOWN;
    return row;
}

static void write_rows_at_random(void)
{
    struct wci_row rows[ROWS];
    struct wci_change change = {.rows = rows, .count = (size_t)roll(&dice, ROWS) + 1};
    for (size_t i = 0; i < change.count; i++)
        rows[i] = row_of((int)roll(&dice, CAMERAS));
    assert_op(wci_store_write(&store, &change));
    model_learn(&subject.model, &change);
}

/* Several changes at once, some of them pictures that are elsewhere, some of those the same. */
static void write_together_at_random(void)
{
    struct wci_row rows[TOGETHER][ROWS];
    wildcam_image images[TOGETHER];
    struct wci_change changes[TOGETHER], *list[TOGETHER];
    size_t count = (size_t)roll(&dice, TOGETHER) + 1;
    for (size_t i = 0; i < count; i++) {
        int camera = (int)roll(&dice, CAMERAS);
        changes[i] = (struct wci_change){.rows = rows[i], .count = (size_t)roll(&dice, ROWS) + 1};
        list[i] = &changes[i];
        for (size_t k = 0; k < changes[i].count; k++)
            rows[i][k] = row_of(camera);
        if (roll(&dice, 2)) {
            images[i] = image_at(&subject, camera, rows[i][0].time,
                                 ELSEWHERE + (unsigned)roll(&dice, 2000));
            images[i].bytes = 0;
            changes[i].image = &images[i];
        }
        for (size_t k = 1; changes[i].image && k < changes[i].count; k++) {
            rows[i][k].time = rows[i][0].time;
            rows[i][k].offset = rows[i][0].offset;
            rows[i][k].time_source = rows[i][0].time_source;
        }
        if (changes[i].image) {
            images[i].offset = rows[i][0].offset;
            images[i].time_source = rows[i][0].time_source;
        }
    }
    wci_store_write_all(&store, list, count);
    for (int duplicates = 0; duplicates < 2; duplicates++)
        for (size_t i = 0; i < count; i++) {
            ck_assert_msg(changes[i].error.status == WILDCAM_OK, "%s", changes[i].error.message);
            if (changes[i].is_duplicate == duplicates)
                model_learn(&subject.model, &changes[i]);
        }
}

static void keep_picture_at_random(void)
{
    int camera = (int)roll(&dice, CAMERAS);
    struct wci_row row = row_of(camera);
    unsigned content = roll(&dice, 5) && contents ? (unsigned)roll(&dice, contents) : contents++;
    keep_picture(&subject, &store, camera, row.time, content);
}

/* ---- deployments ---- */

/* Clocks that are right, a little wrong, in a wrong zone, or years behind. */
static int64_t random_shift(void)
{
    static const int64_t seconds[] = {
        0, 0, 1, -1, 3600, -7200, 86400, -86400 * 40LL, 86400 * 365LL};
    return seconds[roll(&dice, 9)] * WCI_SECOND;
}

static struct wci_clock_rule random_rule(void)
{
    static const int32_t offsets[] = {WILDCAM_OFFSET_UNKNOWN, 0, 3600, -8 * 3600};
    struct wci_clock_rule rule = {.offset = offsets[roll(&dice, 4)], .shift = random_shift()};
    rule.start = day_at(2025, 10, 1) + roll(&dice, 220) * WCI_DAY + roll(&dice, WCI_DAY);
    rule.end = rule.start + (1 + roll(&dice, 60)) * WCI_DAY;
    if (roll(&dice, 8) == 0)
        rule.end = WILDCAM_TIME_END;
    return rule;
}

static void make_draft(wildcam_deployment *draft, const struct wci_clock_rule *rule, int camera)
{
    wci_deployment_init(draft);
    const char *device_id = subject.cameras[camera]->text;
    assert_op(wci_text_set(&draft->device_id, device_id, strlen(device_id)));
    assert_op(wci_deployment_set_span(
        draft, rule->start, rule->end == WILDCAM_TIME_END ? WILDCAM_TIME_NONE : rule->end));
    assert_op(wci_deployment_set_offset(draft, rule->offset));
    int64_t wrong = day_at(2026, 1, 1);
    assert_op(wci_deployment_set_correction(draft, rule->shift ? wrong : WILDCAM_TIME_NONE,
                                            rule->shift ? wrong + rule->shift : WILDCAM_TIME_NONE));
}

static bool overlaps(const struct wci_clock_rule *rule, int camera, int but)
{
    for (int i = 0; i < known_count; i++)
        if (i != but && known[i].camera == camera && known[i].rule.start < rule->end &&
            known[i].rule.end > rule->start)
            return true;
    return false;
}

/* Adds one, or changes the one at a place. */
static void put_deployment(int at)
{
    int camera = (int)roll(&dice, CAMERAS);
    int before = at < known_count ? known[at].camera : camera;
    struct wci_clock_rule rule = random_rule();
    wildcam_deployment draft;
    wildcam_deployment after;
    bool refused = overlaps(&rule, camera, at);
    make_draft(&draft, &rule, camera);
    wci_deployment_init(&after);
    struct wci_deployment_change change = {.step = at < known_count ? WCI_DEPLOYMENTS_CHANGE
                                                                    : WCI_DEPLOYMENTS_ADD,
                                           .key = known[at].key,
                                           .draft = &draft,
                                           .after = &after};
    if (refused) {
        assert_op_fails(WILDCAM_ERR_EXISTS, "it overlaps deployment",
                        wci_store_change_deployment(&store, &change, NULL, NULL));
    } else {
        assert_op(wci_store_change_deployment(&store, &change, NULL, NULL));
        snprintf(known[at].key, sizeof known[at].key, "%s", wci_text_get(&after.key));
        known[at].camera = camera;
        known[at].rule = rule;
        known_count += at == known_count;
        retime_model(before);
        retime_model(camera);
    }
    wci_deployment_release(&after);
    wci_deployment_release(&draft);
}

static void remove_deployment(int at)
{
    int camera = known[at].camera;
    struct wci_deployment_change change = {.step = WCI_DEPLOYMENTS_REMOVE, .key = known[at].key};
    assert_op(wci_store_change_deployment(&store, &change, NULL, NULL));
    known[at] = known[--known_count];
    retime_model(camera);
}

static void change_deployments(void)
{
    int64_t what = roll(&dice, 3);
    if (what == 0 && known_count)
        remove_deployment((int)roll(&dice, known_count));
    else if (what == 1 && known_count)
        put_deployment((int)roll(&dice, known_count));
    else if (known_count < DEPLOYMENTS)
        put_deployment(known_count);
}

/* ---- the rest ---- */

static wildcam_status note_first(void *user, const char *name, int64_t from, int64_t to)
{
    int64_t *span = user;
    (void)name;
    span[0] = from;
    span[1] = to;
    return wci_fail(WILDCAM_ERR_CANCELLED, "that is the first");
}

/* Goes, unless a row of it has come to be newer. */
static void purge_the_oldest(void)
{
    int64_t span[2] = {0, 0}, shards = 0, pictures = 0, bytes = 0, measured = 0;
    int64_t wanted = 1;
    subject.ops->each_span(subject.backend, note_first, span);
    if (!span[1])
        return;
    for (size_t i = 0; i < subject.model.count; i++) {
        const struct known_row *row = &subject.model.rows[i];
        int64_t at = wci_id_time(row->id);
        if (at >= span[0] && at < span[1] && row->time >= span[1])
            wanted = 0;
    }
    assert_op(wci_store_measure_purge(&store, span[1], &measured, &pictures, &bytes));
    ck_assert_int_eq(measured, wanted);
    assert_op(wci_store_purge(&store, span[1], &shards, &pictures));
    ck_assert_int_eq(shards, wanted);
    if (wanted)
        model_forget(&subject.model, INT64_MIN, span[1]);
}

static void ask_at_random(void)
{
    struct wci_query query = random_query(&subject, &dice);
    assert_read(&subject, &query, (size_t)roll(&dice, 50) + 1);
    assert_count(&subject, &query);
    assert_summary(&subject, &query, (uint32_t)roll(&dice, 8));
    assert_images_in(&subject, query.from, query.to);
}

static void operate(void)
{
    int64_t what = roll(&dice, 1000);
    if (what < 200)
        write_rows_at_random();
    else if (what < 300)
        write_together_at_random();
    else if (what < 500)
        keep_picture_at_random();
    else if (what < 650 && subject.model.count)
        random_review(&subject, &dice,
                      subject.model.rows[roll(&dice, (int64_t)subject.model.count)].id);
    else if (what < 750)
        change_deployments();
    else if (what < 985)
        ask_at_random();
    else if (what < 992) {
        wci_store_close(&store, false);
        subject_open_again(&subject, &store);
    } else if (what < 995)
        purge_the_oldest();
}

static void run(const char *shard, int operations)
{
    open_store(shard);
    dice = dice_new();
    for (int i = 1; i <= operations / SLOWNESS; i++) {
        operate();
        if (i % COMPARE_EVERY == 0)
            assert_same(&subject, &dice, 3);
    }
    assert_same(&subject, &dice, 30);
    assert_files(&subject, &store);
    ck_assert_str_eq(find_faults(&store, 0), "");
    while (known_count)
        remove_deployment(known_count - 1);
    for (size_t i = 0; i < subject.model.count; i++)
        ck_assert_int_eq(subject.model.rows[i].time, subject.model.rows[i].clock.time);
    assert_same(&subject, &dice, 10);
    ck_assert_str_eq(find_faults(&store, 0), "");
    subject_close_store(&subject, &store);
}

START_TEST(in_months)
{
    run("month", 600);
}
END_TEST

START_TEST(in_days)
{
    run("day", 300);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("conformance: times");
    TCase *all = harness_case(suite, "all");
    tcase_set_timeout(all, 600);
    tcase_add_test(all, in_months);
    tcase_add_test(all, in_days);
    return suite;
}
