/*
 * Processing at random, beside a model of every row: two stores on one station, as two processes
 * have them, that claim, settle, crash and come too late, while the clock jumps to and fro and
 * people want pictures sooner, later or again.
 */
#include "base/memory.h"
#include "conformance/subject.h"
#include "model/id.h"

#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__
enum { OPERATIONS = 1000 };
#else
enum { OPERATIONS = 3000 };
#endif
enum { STORES = 2, HELD = 12, COMPARE_EVERY = 100, ASKED_FOR = -1 };

/* What must be known of a row. */
struct known {
    int64_t image_id, since, due_at, lease, leased_until, finished_at, took;
    int priority, state, attempts;
    char error[24];
};

/* Rows that somebody has claimed, and has perhaps lost since. */
struct holder {
    struct wci_store store;
    wildcam_processing rows[HELD], *pointers[HELD];
    size_t count;
};

static struct subject subject;
static struct dice dice;
static struct holder holders[STORES];
static struct known *known; /* in the order of ids */
static size_t known_count, known_capacity;
static int64_t now, next_lease;
static unsigned contents;

static struct known *find(int64_t image_id)
{
    for (size_t i = 0; i < known_count; i++)
        if (known[i].image_id == image_id)
            return &known[i];
    return NULL;
}

static int compare(const void *left, const void *right)
{
    const struct known *a = left, *b = right;
    return a->image_id < b->image_id ? -1 : a->image_id > b->image_id;
}

static void learn(const wildcam_image *image)
{
    void *grown = known;
    ck_assert_int_eq(wci_reserve(&grown, &known_capacity, known_count + 1, sizeof *known), 0);
    known = grown;
    known[known_count++] = (struct known){.image_id = image->id,
                                          .since = image->received_at,
                                          .finished_at = WILDCAM_TIME_NONE,
                                          .took = -1};
    qsort(known, known_count, sizeof *known, compare);
}

static void forget_before(int64_t time)
{
    size_t left = 0;
    for (size_t i = 0; i < known_count; i++)
        if (wci_id_time(known[i].image_id) >= time)
            known[left++] = known[i];
    known_count = left;
}

static void keep(void)
{
    enum { MOST = 4 };
    struct wci_change changes[MOST];
    struct wci_row rows[MOST];
    wildcam_image images[MOST];
    int count = (int)roll(&dice, MOST) + 1;
    for (int i = 0; i < count; i++) {
        unsigned content = roll(&dice, 5) == 0 && contents ? (unsigned)roll(&dice, contents)
                                                           : contents++;
        rows[i] = random_row(&subject, &dice);
        rows[i].camera = subject.cameras[content % CAMERAS];
        images[i] = image_at(&subject, (int)(content % CAMERAS), rows[i].time, content);
        changes[i] = (struct wci_change){.image = &images[i], .rows = &rows[i], .count = 1};
    }
    write_group(&subject, changes, (size_t)count);
    for (int i = 0; i < count; i++)
        if (!changes[i].is_duplicate)
            learn(&images[i]);
}

/* ---- What must happen ---- */

static bool has_come(int64_t moment, int64_t longest)
{
    return moment <= now || moment > now + longest;
}

static bool is_claimable(const struct known *row)
{
    return row->state == WCI_PROCESSING_DUE && has_come(row->due_at, WCI_QUEUE_LONGEST_WAIT) &&
           (!row->lease || has_come(row->leased_until, WCI_QUEUE_LONGEST_LEASE));
}

static bool is_before(bool oldest_first, const struct known *a, const struct known *b)
{
    if (a->priority != b->priority)
        return a->priority > b->priority;
    return (a->image_id < b->image_id) == oldest_first;
}

static struct known *next_to_claim(bool oldest_first)
{
    struct known *best = NULL;
    for (size_t i = 0; i < known_count; i++)
        if (is_claimable(&known[i]) && (!best || is_before(oldest_first, &known[i], best)))
            best = &known[i];
    return best;
}

static void assert_processing(const wildcam_processing *got, const struct known *wanted)
{
    ck_assert_int_eq(got->image_id, wanted->image_id);
    ck_assert_int_eq(got->priority, wanted->priority);
    ck_assert_int_eq(got->state, wanted->state);
    ck_assert_int_eq(got->since, wanted->since);
    ck_assert_int_eq(got->due_at, wanted->due_at);
    ck_assert_int_eq(got->lease, wanted->lease);
    ck_assert_int_eq(got->leased_until, wanted->leased_until);
    ck_assert_int_eq(got->attempts, wanted->attempts);
    ck_assert_int_eq(got->finished_at, wanted->finished_at);
    ck_assert_int_eq(got->took, wanted->took);
    ck_assert_str_eq(wci_text_get(&got->last_error), wanted->error);
}

/* ---- Steps of one of the two ---- */

/* A lease that was left counts as an attempt. */
static void claim(struct holder *holder)
{
    const struct wci_processing_claim claim = {.oldest_first = roll(&dice, 2),
                                               .now = now,
                                               .lease = ++next_lease,
                                               .until = now + roll(&dice, 600) * WCI_SECOND + 1};
    size_t limit = (size_t)roll(&dice, HELD) + 1;
    assert_op(wci_store_claim_processing(&holder->store, &claim, holder->pointers, limit,
                                         &holder->count));
    for (size_t i = 0; i < holder->count; i++) {
        struct known *wanted = next_to_claim(claim.oldest_first);
        ck_assert_ptr_nonnull(wanted);
        ck_assert_int_eq(holder->pointers[i]->image_id, wanted->image_id);
        ck_assert_int_eq(holder->pointers[i]->was_left, wanted->lease != 0);
        wanted->attempts += wanted->lease != 0;
        wanted->lease = claim.lease;
        wanted->leased_until = claim.until;
        assert_processing(holder->pointers[i], wanted);
    }
    if (holder->count < limit)
        ck_assert_ptr_null(next_to_claim(claim.oldest_first));
}

/* What came of a row, at random; the model's row follows when it is ours still. */
static void fill_out(wildcam_processing *row, struct known *becomes)
{
    char words[sizeof becomes->error] = "";
    row->state = becomes->state = (int)roll(&dice, 3);
    row->attempts = becomes->attempts = row->attempts + 1;
    row->due_at = becomes->due_at = roll(&dice, 2) ? now + roll(&dice, 3600) * WCI_SECOND : 0;
    row->finished_at = becomes->finished_at = roll(&dice, 2) ? now : WILDCAM_TIME_NONE;
    row->took = becomes->took = roll(&dice, 5) - 1;
    if (roll(&dice, 2))
        snprintf(words, sizeof words, "error %d", (int)roll(&dice, 1000));
    assert_op(wci_text_set(&row->last_error, words, strlen(words)));
    memcpy(becomes->error, words, sizeof words);
    becomes->lease = becomes->leased_until = 0;
}

static void take_step(struct holder *holder, enum wci_processing_step step)
{
    struct wci_processing_work work = {.step = step,
                                       .rows = holder->pointers,
                                       .count = holder->count,
                                       .now = now,
                                       .until = now + roll(&dice, 600) * WCI_SECOND};
    bool was_ours[HELD];
    for (size_t i = 0; i < holder->count; i++) {
        wildcam_processing *row = holder->pointers[i];
        struct known *is = find(row->image_id), becomes = {0};
        was_ours[i] = is && is->lease && is->lease == row->lease;
        if (step == WCI_PROCESSING_SETTLE) {
            becomes = was_ours[i] ? *is : becomes;
            fill_out(row, &becomes);
        }
        if (!was_ours[i])
            continue;
        if (step == WCI_PROCESSING_SETTLE)
            *is = becomes;
        else if (step == WCI_PROCESSING_RENEW)
            is->leased_until = work.until;
        else
            is->lease = is->leased_until = 0;
    }
    assert_op(wci_store_step_processing(&holder->store, &work));
    for (size_t i = 0; i < holder->count; i++)
        ck_assert_int_eq(holder->pointers[i]->is_missed, !was_ours[i]);
    if (step != WCI_PROCESSING_RENEW)
        holder->count = 0;
}

static void work(struct holder *holder)
{
    static const enum wci_processing_step steps[] = {WCI_PROCESSING_SETTLE, WCI_PROCESSING_SETTLE,
                                                     WCI_PROCESSING_SETTLE, WCI_PROCESSING_RENEW,
                                                     WCI_PROCESSING_GIVE_BACK};
    if (holder->count == 0)
        claim(holder);
    else if (roll(&dice, 10) == 0)
        holder->count = 0; /* it crashes */
    else
        take_step(holder, steps[roll(&dice, 5)]);
}

/* ---- What people want ---- */

static bool is_in_group(const struct known *row, enum wci_queue_group group)
{
    switch (group) {
    case WCI_QUEUE_PARKED:
        return row->state == WCI_PROCESSING_PARKED;
    case WCI_QUEUE_DONE:
        return row->state == WCI_PROCESSING_DONE;
    default:
        return row->state == WCI_PROCESSING_DUE && !row->lease && row->due_at > 0;
    }
}

static enum wci_queue_group random_group(void)
{
    static const enum wci_queue_group groups[] = {WCI_QUEUE_PARKED, WCI_QUEUE_WAITING,
                                                  WCI_QUEUE_DONE};
    return groups[roll(&dice, 3)];
}

/* What is asked for again waits since then, by the store's own clock. */
static void learn_since(struct known *is, int64_t before)
{
    wildcam_processing row;
    wci_processing_init(&row);
    assert_op(subject.ops->get_processing(subject.backend, is->image_id, &row));
    ck_assert_int_ge(row.since, before);
    ck_assert_int_le(row.since, wci_calendar_now());
    is->since = row.since;
    wci_processing_release(&row);
}

static void make_due(struct holder *holder)
{
    enum wci_queue_group group = random_group();
    int64_t from = 0, to = INT64_MAX, count, wanted = 0;
    if (known_count && roll(&dice, 2)) {
        from = known[roll(&dice, (int64_t)known_count)].image_id;
        to = known[roll(&dice, (int64_t)known_count)].image_id;
    }
    for (size_t i = 0; i < known_count; i++) {
        struct known *row = &known[i];
        if (!is_in_group(row, group) || row->image_id < from || row->image_id >= to)
            continue;
        if (group != WCI_QUEUE_WAITING)
            row->attempts = 0;
        if (group == WCI_QUEUE_DONE)
            row->priority = WCI_PRIORITY_LOW;
        if (group != WCI_QUEUE_WAITING)
            row->since = ASKED_FOR;
        row->state = WCI_PROCESSING_DUE;
        row->due_at = 0;
        wanted++;
    }
    int64_t before = wci_calendar_now();
    assert_op(wci_store_make_processing_due(&holder->store, group, from, to, &count));
    ck_assert_int_eq(count, wanted);
    for (size_t i = 0; i < known_count; i++)
        if (known[i].since == ASKED_FOR)
            learn_since(&known[i], before);
}

/* A row that nobody holds, or somebody. */
static void change_one(struct holder *holder)
{
    struct known *is = known_count ? &known[roll(&dice, (int64_t)known_count)] : NULL;
    bool is_missed, requeues = roll(&dice, 2);
    if (!is)
        return;
    int priority = (int)roll(&dice, WCI_PRIORITIES) + WCI_PRIORITY_LOW;
    int64_t before = wci_calendar_now();
    bool is_settled = is->state != WCI_PROCESSING_DUE;
    assert_op(wci_store_change_processing(
        &holder->store, requeues ? WCI_PROCESSING_REQUEUE : WCI_PROCESSING_PRIORITISE, is->image_id,
        priority, &is_missed));
    ck_assert_int_eq(is_missed, requeues && !is_settled);
    if (!requeues)
        is->priority = priority;
    if (is_missed || !requeues)
        return;
    is->state = WCI_PROCESSING_DUE;
    is->due_at = 0;
    is->attempts = 0;
    learn_since(is, before);
}

/* Somebody says what is on a picture, whoever is at it. */
static void answer(struct holder *holder)
{
    const struct wci_found found = {NULL, 0};
    struct known *is = known_count ? &known[roll(&dice, (int64_t)known_count)] : NULL;
    wildcam_processing row, *pointer = &row;
    struct wci_processing_work work = {
        .step = WCI_PROCESSING_ANSWER, .rows = &pointer, .count = 1, .now = now, .found = &found};
    wci_processing_init(&row);
    row.image_id = is ? is->image_id : 12345;
    assert_op(wci_store_step_processing(&holder->store, &work));
    wci_processing_release(&row);
    ck_assert_int_eq(row.is_missed, !is);
    if (!is)
        return;
    is->lease = is->leased_until = 0;
    is->state = WCI_PROCESSING_DONE;
    is->finished_at = now;
    is->error[0] = '\0';
}

static wildcam_status note_first(void *user, const char *name, int64_t from, int64_t to)
{
    (void)name;
    (void)from;
    *(int64_t *)user = to;
    return wci_fail(WILDCAM_ERR_CANCELLED, "that is the first");
}

static void purge_the_oldest(struct holder *holder)
{
    int64_t end = INT64_MIN, shards = 0, pictures = 0;
    subject.ops->each_span(holder->store.backend, note_first, &end);
    if (end == INT64_MIN)
        return;
    assert_op(wci_store_purge(&holder->store, end, &shards, &pictures));
    model_forget(&subject.model, INT64_MIN, end);
    forget_before(end);
}

/* ---- Comparing ---- */

static void compare_figures(struct holder *holder)
{
    struct wci_queue_figures got, wanted = {.oldest = WILDCAM_TIME_NONE};
    for (size_t i = 0; i < known_count; i++) {
        const struct known *row = &known[i];
        bool is_owed = row->state == WCI_PROCESSING_DUE;
        wanted.owed += is_owed;
        wanted.leased += row->lease != 0;
        wanted.parked += row->state == WCI_PROCESSING_PARKED;
        if (is_owed && (wanted.oldest == WILDCAM_TIME_NONE || row->since < wanted.oldest))
            wanted.oldest = row->since;
    }
    assert_op(subject.ops->count_processing(holder->store.backend, &got));
    ck_assert_int_eq(got.owed, wanted.owed);
    ck_assert_int_eq(got.leased, wanted.leased);
    ck_assert_int_eq(got.parked, wanted.parked);
    ck_assert_int_eq(got.oldest, wanted.oldest);
    ck_assert_int_eq(got.next_due == INT64_MAX, wanted.owed == 0);
}

static void compare_group(struct holder *holder)
{
    enum { PAGE = 7 };
    enum wci_queue_group group = random_group();
    struct wci_queue_ref after = {0, WCI_PRIORITY_LOW - 1}, found[PAGE];
    size_t got = PAGE, at = 0;
    while (got == PAGE) {
        assert_op(
            subject.ops->find_processing(holder->store.backend, group, after, found, PAGE, &got));
        for (size_t i = 0; i < got; i++, at++) {
            while (at < known_count && !is_in_group(&known[at], group))
                at++;
            ck_assert_uint_lt(at, known_count);
            ck_assert_int_eq(found[i].image_id, known[at].image_id);
            after = found[i];
        }
    }
    for (; at < known_count; at++)
        ck_assert(!is_in_group(&known[at], group));
}

static void compare_all(struct holder *holder)
{
    wildcam_processing row;
    wci_processing_init(&row);
    for (size_t i = 0; i < known_count; i++) {
        assert_op(subject.ops->get_processing(holder->store.backend, known[i].image_id, &row));
        assert_processing(&row, &known[i]);
    }
    wci_processing_release(&row);
    assert_whole(&subject);
}

static void operate(void)
{
    struct holder *holder = &holders[roll(&dice, STORES)];
    int64_t what = roll(&dice, 1000);
    if (what < 200)
        keep();
    else if (what < 690)
        work(holder);
    else if (what < 750)
        change_one(holder);
    else if (what < 770)
        answer(holder);
    else if (what < 790)
        make_due(holder);
    else if (what < 850)
        compare_figures(holder);
    else if (what < 900)
        compare_group(holder);
    else if (what < 950)
        now += roll(&dice, 900) * WCI_SECOND;
    else if (what < 965)
        now -= roll(&dice, 5000) * WCI_SECOND;
    else if (what < 975)
        now += (roll(&dice, 3) - 1) * 400 * WCI_DAY;
    else if (what < 990)
        wci_store_maintain(&holder->store, wci_calendar_monotonic() + WCI_SECOND);
    else if (what < 995)
        purge_the_oldest(holder);
    else
        compare_all(holder);
}

static void begin(struct holder *holder)
{
    for (int i = 0; i < HELD; i++) {
        wci_processing_init(&holder->rows[i]);
        holder->pointers[i] = &holder->rows[i];
    }
    holder->count = 0;
}

static void end(struct holder *holder)
{
    for (int i = 0; i < HELD; i++)
        wci_processing_release(&holder->rows[i]);
}

START_TEST(at_random)
{
    wildcam_conf *conf = subject_conf("station");
    assert_ok(wildcam_conf_set(conf, "store.durability", "normal"));
    assert_ok(wildcam_conf_set(conf, "store.open_shards", "3"));
    assert_ok(wildcam_conf_set(conf, "store.wal_bytes", "65536"));
    subject_open_store(&subject, &holders[0].store, conf);
    assert_op(wci_store_open(&holders[1].store, conf, &subject.log));
    dice = dice_new();
    now = wci_calendar_now();
    for (int i = 0; i < STORES; i++)
        begin(&holders[i]);
    for (int i = 0; i < OPERATIONS; i++) {
        operate();
        if (i % COMPARE_EVERY == 0)
            compare_all(&holders[i % STORES]);
    }
    for (int i = 0; i < STORES; i++)
        end(&holders[i]);
    free(known);
    wci_store_close(&holders[1].store, false);
    subject_close_store(&subject, &holders[0].store);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("processing_random");
    TCase *all = harness_case(suite, "all");
    tcase_set_timeout(all, 600);
    tcase_add_test(all, at_random);
    return suite;
}
