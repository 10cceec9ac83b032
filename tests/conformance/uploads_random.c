/*
 * Uploads at random, beside a model of every row: two stores on one station, as two processes have
 * them, that claim, settle, crash and come too late, while the clock jumps to and fro.
 */
#include "base/memory.h"
#include "conformance/subject.h"
#include "model/id.h"

#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__
enum { OPERATIONS = 1000 };
#else
enum { OPERATIONS = 3000 };
#endif
enum { STORES = 2, HELD = 12, BOTH = 3, COMPARE_EVERY = 100 };

/* What must be known of a row. */
struct known {
    int64_t image_id, due_at, lease, leased_until, uploaded_at, released_at;
    int kind, state, attempts;
    bool was_left;
    char error[24], doubts[24];
};

/* Rows that somebody has claimed, and has perhaps lost since. */
struct holder {
    struct wci_store store;
    wildcam_upload rows[HELD], *pointers[HELD];
    size_t count;
};

static struct subject subject;
static struct dice dice;
static struct holder holders[STORES];
static struct known *known;
static size_t known_count, known_capacity;
static int64_t now, next_lease;
static unsigned contents;

static struct known *find(int64_t image_id, int kind)
{
    for (size_t i = 0; i < known_count; i++)
        if (known[i].image_id == image_id && known[i].kind == kind)
            return &known[i];
    return NULL;
}

static int compare(const void *left, const void *right)
{
    const struct known *a = left, *b = right;
    if (a->image_id != b->image_id)
        return a->image_id < b->image_id ? -1 : 1;
    return a->kind - b->kind;
}

static void learn(int64_t image_id)
{
    if (find(image_id, 0))
        return;
    void *grown = known;
    ck_assert_int_eq(wci_reserve(&grown, &known_capacity, known_count + 2, sizeof *known), 0);
    known = grown;
    for (int kind = 0; kind < WCI_UPLOAD_KINDS; kind++)
        known[known_count++] = (struct known){.image_id = image_id,
                                              .kind = kind,
                                              .uploaded_at = WILDCAM_TIME_NONE,
                                              .released_at = WILDCAM_TIME_NONE};
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
        learn(images[i].id);
}

/* ---- What must happen ---- */

static bool has_come(int64_t moment, int64_t longest)
{
    return moment <= now || moment > now + longest;
}

static bool is_claimable(const struct known *row, uint32_t kinds)
{
    return row->state == WCI_UPLOAD_DUE && kinds & 1U << row->kind &&
           has_come(row->due_at, WCI_QUEUE_LONGEST_WAIT) &&
           (!row->lease || has_come(row->leased_until, WCI_QUEUE_LONGEST_LEASE));
}

/* Where a row comes in an order: the smaller the earlier. */
static bool is_before(const struct wci_upload_order *order, const struct known *a,
                      const struct known *b)
{
    if (order->first >= 0 && (a->kind == order->first) != (b->kind == order->first))
        return a->kind == order->first;
    if (a->image_id != b->image_id)
        return (a->image_id < b->image_id) == order->oldest_first;
    return a->kind < b->kind;
}

static struct known *next_to_claim(const struct wci_upload_order *order)
{
    struct known *best = NULL;
    for (size_t i = 0; i < known_count; i++)
        if (is_claimable(&known[i], order->kinds) && (!best || is_before(order, &known[i], best)))
            best = &known[i];
    return best;
}

static void assert_upload(const wildcam_upload *got, const struct known *wanted)
{
    ck_assert_int_eq(got->image_id, wanted->image_id);
    ck_assert_int_eq(got->kind, wanted->kind);
    ck_assert_int_eq(got->state, wanted->state);
    ck_assert_int_eq(got->due_at, wanted->due_at);
    ck_assert_int_eq(got->lease, wanted->lease);
    ck_assert_int_eq(got->leased_until, wanted->leased_until);
    ck_assert_int_eq(got->was_left, wanted->was_left);
    ck_assert_int_eq(got->attempts, wanted->attempts);
    ck_assert_int_eq(got->uploaded_at, wanted->uploaded_at);
    ck_assert_int_eq(got->released_at, wanted->released_at);
    ck_assert_str_eq(wci_text_get(&got->last_error), wanted->error);
    ck_assert_str_eq(wci_text_get(&got->doubts), wanted->doubts);
}

/* ---- Steps of one of the two ---- */

static void claim(struct holder *holder)
{
    struct wci_upload_claim claim = {
        .now = now, .lease = ++next_lease, .until = now + roll(&dice, 600) * WCI_SECOND + 1};
    claim.order = (struct wci_upload_order){(uint32_t)roll(&dice, 3) + 1, (int)roll(&dice, 3) - 1,
                                            roll(&dice, 2)};
    size_t limit = (size_t)roll(&dice, HELD) + 1;
    assert_op(
        wci_store_claim_uploads(&holder->store, &claim, holder->pointers, limit, &holder->count));
    for (size_t i = 0; i < holder->count; i++) {
        struct known *wanted = next_to_claim(&claim.order);
        ck_assert_ptr_nonnull(wanted);
        wanted->was_left = wanted->was_left || wanted->lease;
        wanted->lease = claim.lease;
        wanted->leased_until = claim.until;
        assert_upload(holder->pointers[i], wanted);
    }
    if (holder->count < limit)
        ck_assert_ptr_null(next_to_claim(&claim.order));
}

static void set(struct wci_text *text, char *known_text, const char *word)
{
    char words[24] = "";
    if (roll(&dice, 2))
        snprintf(words, sizeof words, "%s %d", word, (int)roll(&dice, 1000));
    assert_op(wci_text_set(text, words, strlen(words)));
    memcpy(known_text, words, sizeof words);
}

/* What came of a row, at random; the model's row follows when it is ours still. */
static void fill_out(wildcam_upload *row, struct known *becomes)
{
    row->state = becomes->state = (int)roll(&dice, 3);
    row->attempts = becomes->attempts = row->attempts + 1;
    row->was_left = becomes->was_left = roll(&dice, 4) == 0;
    row->due_at = becomes->due_at = roll(&dice, 2) ? now + roll(&dice, 3600) * WCI_SECOND : 0;
    row->uploaded_at = becomes->uploaded_at = row->state == WCI_UPLOAD_DONE ? now
                                                                            : WILDCAM_TIME_NONE;
    set(&row->last_error, becomes->error, "error");
    set(&row->doubts, becomes->doubts, "region");
    becomes->lease = becomes->leased_until = 0;
}

static void take_step(struct holder *holder, enum wci_upload_step step)
{
    struct wci_upload_work work = {.step = step,
                                   .rows = holder->pointers,
                                   .count = holder->count,
                                   .now = now,
                                   .until = now + roll(&dice, 600) * WCI_SECOND};
    bool was_ours[HELD];
    for (size_t i = 0; i < holder->count; i++) {
        wildcam_upload *row = holder->pointers[i];
        struct known *is = find(row->image_id, row->kind), becomes = {0};
        was_ours[i] = is && is->lease && is->lease == row->lease;
        if (step == WCI_UPLOADS_SETTLE) {
            becomes = was_ours[i] ? *is : becomes;
            fill_out(row, &becomes);
        }
        if (!was_ours[i])
            continue;
        if (step == WCI_UPLOADS_SETTLE)
            *is = becomes;
        else if (step == WCI_UPLOADS_RENEW)
            is->leased_until = work.until;
        else
            is->lease = is->leased_until = 0;
    }
    assert_op(wci_store_step_uploads(&holder->store, &work));
    for (size_t i = 0; i < holder->count; i++)
        ck_assert_int_eq(holder->pointers[i]->is_missed, !was_ours[i]);
    if (step != WCI_UPLOADS_RENEW)
        holder->count = 0;
}

static void work(struct holder *holder)
{
    static const enum wci_upload_step steps[] = {WCI_UPLOADS_SETTLE, WCI_UPLOADS_SETTLE,
                                                 WCI_UPLOADS_SETTLE, WCI_UPLOADS_RENEW,
                                                 WCI_UPLOADS_GIVE_BACK};
    if (holder->count == 0)
        claim(holder);
    else if (roll(&dice, 10) == 0)
        holder->count = 0; /* it crashes */
    else
        take_step(holder, steps[roll(&dice, 5)]);
}

static void make_due(struct holder *holder, enum wci_upload_step step)
{
    uint32_t kinds = (uint32_t)roll(&dice, 3) + 1;
    int64_t count, wanted = 0;
    for (size_t i = 0; i < known_count; i++) {
        struct known *row = &known[i];
        bool is_it = step == WCI_UPLOADS_REQUEUE
                         ? row->state == WCI_UPLOAD_PARKED
                         : row->state == WCI_UPLOAD_DUE && !row->lease && row->due_at > 0;
        if (!is_it || !(kinds & 1U << row->kind))
            continue;
        row->state = WCI_UPLOAD_DUE;
        row->due_at = 0;
        wanted++;
    }
    assert_op(wci_store_make_due(&holder->store, step, kinds, &count));
    ck_assert_int_eq(count, wanted);
}

/* A row that nobody holds. */
static void change_one(struct holder *holder)
{
    wildcam_upload row, *rows[] = {&row};
    struct wci_upload_work work = {.rows = rows, .count = 1, .now = now};
    struct known *is = known_count ? &known[roll(&dice, (int64_t)known_count)] : NULL;
    bool is_done = is && is->state == WCI_UPLOAD_DONE && is->released_at == WILDCAM_TIME_NONE;
    if (!is)
        return;
    wci_upload_init(&row);
    row.image_id = is->image_id;
    row.kind = is->kind;
    switch (roll(&dice, 3)) {
    case 0:
        work.step = WCI_UPLOADS_NOTE_DOUBTS;
        is_done = is->lease == 0; /* only who holds a row knows where it may lie */
        set(&row.doubts, is_done ? is->doubts : (char[sizeof is->doubts]){0}, "region");
        break;
    case 1:
        work.step = WCI_UPLOADS_MARK_RELEASED;
        is->released_at = is_done ? now : is->released_at;
        break;
    default:
        work.step = WCI_UPLOADS_OWE_AGAIN;
        if (!is_done)
            break;
        is->state = WCI_UPLOAD_DUE;
        is->due_at = 0;
        is->was_left = true;
        is->uploaded_at = WILDCAM_TIME_NONE;
    }
    assert_op(wci_store_step_uploads(&holder->store, &work));
    ck_assert_int_eq(row.is_missed, !is_done);
    wci_upload_release(&row);
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
    uint32_t kinds = (uint32_t)roll(&dice, 3) + 1;
    struct wci_queue_figures got, wanted = {0};
    for (size_t i = 0; i < known_count; i++) {
        const struct known *row = &known[i];
        if (!(kinds & 1U << row->kind))
            continue;
        wanted.owed += row->state == WCI_UPLOAD_DUE;
        wanted.parked += row->state == WCI_UPLOAD_PARKED;
        wanted.in_doubt += row->doubts[0] != '\0';
    }
    assert_op(subject.ops->count_uploads(holder->store.backend, kinds, &got));
    ck_assert_int_eq(got.owed, wanted.owed);
    ck_assert_int_eq(got.parked, wanted.parked);
    ck_assert_int_eq(got.in_doubt, wanted.in_doubt);
    ck_assert_int_eq(got.oldest == WILDCAM_TIME_NONE, wanted.owed == 0);
    ck_assert_int_eq(got.next_due == INT64_MAX, wanted.owed == 0);
}

static bool is_in_group(const struct known *row, enum wci_queue_group group)
{
    if (group == WCI_QUEUE_IN_DOUBT)
        return row->doubts[0] != '\0';
    if (group == WCI_QUEUE_PARKED)
        return row->state == WCI_UPLOAD_PARKED;
    return row->state == WCI_UPLOAD_DUE && !row->lease && row->due_at > 0;
}

static void compare_group(struct holder *holder)
{
    enum { PAGE = 7 };
    enum wci_queue_group group = (enum wci_queue_group)roll(&dice, 3);
    struct wci_queue_ref after = {0, -1}, found[PAGE];
    size_t got = PAGE, at = 0;
    while (got == PAGE) {
        assert_op(subject.ops->find_uploads(holder->store.backend, group, BOTH, after, found, PAGE,
                                            &got));
        for (size_t i = 0; i < got; i++, at++) {
            while (at < known_count && !is_in_group(&known[at], group))
                at++;
            ck_assert_uint_lt(at, known_count);
            ck_assert_int_eq(found[i].image_id, known[at].image_id);
            ck_assert_int_eq(found[i].kind, known[at].kind);
            after = found[i];
        }
    }
    for (; at < known_count; at++)
        ck_assert(!is_in_group(&known[at], group));
}

static void compare_all(struct holder *holder)
{
    wildcam_upload row;
    wci_upload_init(&row);
    for (size_t i = 0; i < known_count; i++) {
        assert_op(
            subject.ops->get_upload(holder->store.backend, known[i].image_id, known[i].kind, &row));
        assert_upload(&row, &known[i]);
    }
    wci_upload_release(&row);
    assert_whole(&subject);
}

static void operate(void)
{
    struct holder *holder = &holders[roll(&dice, STORES)];
    int64_t what = roll(&dice, 1000);
    if (what < 200)
        keep();
    else if (what < 700)
        work(holder);
    else if (what < 760)
        change_one(holder);
    else if (what < 775)
        make_due(holder, WCI_UPLOADS_REQUEUE);
    else if (what < 790)
        make_due(holder, WCI_UPLOADS_HASTEN);
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
        wci_upload_init(&holder->rows[i]);
        holder->pointers[i] = &holder->rows[i];
    }
    holder->count = 0;
}

static void end(struct holder *holder)
{
    for (int i = 0; i < HELD; i++)
        wci_upload_release(&holder->rows[i]);
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
    Suite *suite = suite_create("uploads_random");
    TCase *all = harness_case(suite, "all");
    tcase_set_timeout(all, 600);
    tcase_add_test(all, at_random);
    return suite;
}
