/* What is owed to S3: claiming, settling, and looking for rows. */
#include "conformance/subject.h"
#include "model/id.h"

enum {
    ROWS = 16,
    BOTH = 3,
    PICTURES = 1 << WCI_UPLOAD_PICTURE,
    THUMBNAILS = 1 << WCI_UPLOAD_THUMBNAIL
};

static struct subject subject;
static struct wci_store store;
static wildcam_upload rows[ROWS], *pointers[ROWS];
static const struct wci_upload_order newest = {BOTH, -1, false};
static int64_t now;

static void set_up(void)
{
    subject_open_store(&subject, &store, subject_conf("station"));
    now = wci_calendar_now();
    for (int i = 0; i < ROWS; i++) {
        wci_upload_init(&rows[i]);
        pointers[i] = &rows[i];
    }
}

static void tear_down(void)
{
    for (int i = 0; i < ROWS; i++)
        wci_upload_release(&rows[i]);
    subject_close_store(&subject, &store);
}

static int64_t keep(int month, int day, unsigned content)
{
    return keep_picture(&subject, &store, 0, day_at(2026, month, day), content);
}

static size_t claim_in(const struct wci_upload_order *order, int64_t lease, size_t limit)
{
    struct wci_upload_claim claim = {*order, now, lease, now + 60 * WCI_SECOND};
    size_t got;
    assert_op(wci_store_claim_uploads(&store, &claim, pointers, limit, &got));
    return got;
}

static size_t claim(int64_t lease, size_t limit)
{
    return claim_in(&newest, lease, limit);
}

static void step(enum wci_upload_step which, size_t count)
{
    struct wci_upload_work work = {.step = which,
                                   .rows = pointers,
                                   .count = count,
                                   .now = now,
                                   .until = now + 60 * WCI_SECOND};
    assert_op(wci_store_step_uploads(&store, &work));
}

static int count_missed(size_t count)
{
    int missed = 0;
    for (size_t i = 0; i < count; i++)
        missed += pointers[i]->is_missed;
    return missed;
}

static void set(struct wci_text *text, const char *words)
{
    assert_op(wci_text_set(text, words, strlen(words)));
}

static struct wci_queue_figures count(uint32_t kinds)
{
    struct wci_queue_figures figures;
    assert_op(subject.ops->count_uploads(subject.backend, kinds, &figures));
    return figures;
}

/* The row as it is now; valid until the next call. */
static const wildcam_upload *get(int64_t image_id, int kind)
{
    static wildcam_upload row;
    wci_upload_release(&row);
    wci_upload_init(&row);
    assert_op(subject.ops->get_upload(subject.backend, image_id, kind, &row));
    return &row;
}

static void done(wildcam_upload *row, int64_t at)
{
    row->state = WCI_UPLOAD_DONE;
    row->uploaded_at = at;
}

START_TEST(both_are_owed_from_the_beginning)
{
    int64_t id = keep(3, 5, 1);
    for (int kind = 0; kind < WCI_UPLOAD_KINDS; kind++) {
        const wildcam_upload *row = get(id, kind);
        ck_assert_int_eq(row->image_id, id);
        ck_assert_int_eq(row->kind, kind);
        ck_assert_int_eq(row->state, WCI_UPLOAD_DUE);
        ck_assert_int_eq(row->since, day_at(2026, 3, 5) + 5 * WCI_SECOND);
        ck_assert_int_eq(row->due_at, 0);
        ck_assert_int_eq(row->lease, 0);
        ck_assert_int_eq(row->attempts, 0);
        ck_assert_int_eq(row->bytes, -1);
        ck_assert_int_eq(row->uploaded_at, WILDCAM_TIME_NONE);
        ck_assert_int_eq(row->released_at, WILDCAM_TIME_NONE);
        ck_assert(!row->was_left);
        ck_assert_str_eq(wci_text_get(&row->key), "");
    }
    keep(3, 5, 1); /* the same again */
    ck_assert_int_eq(count(BOTH).owed, 2);
    ck_assert_int_eq(count(PICTURES).owed, 1);
    ck_assert_int_eq(count(BOTH).oldest, day_at(2026, 3, 5) + 5 * WCI_SECOND);
    ck_assert_int_eq(count(BOTH).next_due, 0);
    wildcam_upload none;
    wci_upload_init(&none);
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "there is no picture",
                    subject.ops->get_upload(subject.backend, id + 1, 0, &none));
    assert_op_fails(
        WILDCAM_ERR_NOTFOUND, "there is no picture",
        subject.ops->get_upload(subject.backend, wci_id_at(day_at(2031, 1, 1)), 0, &none));
}
END_TEST

START_TEST(rows_without_a_picture_owe_nothing)
{
    struct wci_row row = row_at(&subject, day_at(2026, 3, 5));
    write_rows(&subject, &row, 1);
    ck_assert_int_eq(count(BOTH).owed, 0);
    ck_assert_int_eq(count(BOTH).oldest, WILDCAM_TIME_NONE);
    ck_assert_int_eq(count(BOTH).next_due, INT64_MAX);
    ck_assert_uint_eq(claim(1, ROWS), 0);
}
END_TEST

static void assert_order(struct wci_upload_order order, size_t limit, const char *wanted)
{
    struct wci_text text = {0};
    size_t got = claim_in(&order, 1, limit);
    for (size_t i = 0; i < got; i++) {
        struct wci_date date;
        wci_calendar_split(wci_id_time(pointers[i]->image_id), &date);
        wci_text_add_format(&text, "%d.%d%c ", date.month, date.day, "pt"[pointers[i]->kind]);
    }
    ck_assert_str_eq(wci_text_get(&text), wanted);
    wci_text_free(&text);
    step(WCI_UPLOADS_GIVE_BACK, got);
    ck_assert_int_eq(count_missed(got), 0);
}

START_TEST(in_the_order_asked_for)
{
    keep(2, 7, 1);
    keep(1, 5, 2);
    keep(2, 3, 3);
    assert_order(newest, ROWS, "2.7p 2.7t 2.3p 2.3t 1.5p 1.5t ");
    assert_order(newest, 3, "2.7p 2.7t 2.3p ");
    assert_order((struct wci_upload_order){BOTH, -1, true}, 5, "1.5p 1.5t 2.3p 2.3t 2.7p ");
    assert_order((struct wci_upload_order){BOTH, WCI_UPLOAD_THUMBNAIL, false}, 4,
                 "2.7t 2.3t 1.5t 2.7p ");
    assert_order((struct wci_upload_order){BOTH, WCI_UPLOAD_PICTURE, true}, ROWS,
                 "1.5p 2.3p 2.7p 1.5t 2.3t 2.7t ");
    assert_order((struct wci_upload_order){PICTURES, -1, true}, ROWS, "1.5p 2.3p 2.7p ");
    assert_order((struct wci_upload_order){THUMBNAILS, WCI_UPLOAD_PICTURE, false}, 2, "2.7t 2.3t ");
    assert_order(newest, ROWS, "2.7p 2.7t 2.3p 2.3t 1.5p 1.5t ");
}
END_TEST

START_TEST(what_is_claimed_is_ours_alone)
{
    int64_t id = keep(3, 5, 1);
    ck_assert_uint_eq(claim(7, 1), 1);
    ck_assert_int_eq(pointers[0]->image_id, id);
    ck_assert_int_eq(pointers[0]->lease, 7);
    ck_assert(!pointers[0]->was_left);
    ck_assert_int_eq(get(id, 0)->lease, 7);
    ck_assert_int_eq(get(id, 0)->leased_until, now + 60 * WCI_SECOND);
    ck_assert_uint_eq(claim_in(&(struct wci_upload_order){PICTURES, -1, false}, 8, ROWS), 0);
    ck_assert_int_eq(count(BOTH).owed, 2);
    ck_assert_int_eq(count(PICTURES).next_due, now + 60 * WCI_SECOND);
}
END_TEST

START_TEST(what_is_settled_is_as_it_says)
{
    int64_t id = keep(3, 5, 1);
    ck_assert_uint_eq(claim(7, 1), 1);
    wildcam_upload *row = pointers[0];
    done(row, now);
    row->attempts = 3;
    row->bytes = 1234;
    set(&row->region, "eu-west-1");
    set(&row->bucket, "wildcam-eu-west-1");
    set(&row->key, "images/a");
    set(&row->etag, "\"e\"");
    set(&row->checksum, "c=");
    set(&row->last_error, "before");
    set(&row->upload_id, "u");
    set(&row->doubts, "us-west-2 us-east-1#X");
    step(WCI_UPLOADS_SETTLE, 1);
    ck_assert(!row->is_missed);
    const wildcam_upload *now_it_is = get(id, 0);
    ck_assert_int_eq(now_it_is->state, WCI_UPLOAD_DONE);
    ck_assert_int_eq(now_it_is->uploaded_at, now);
    ck_assert_int_eq(now_it_is->lease, 0);
    ck_assert_int_eq(now_it_is->leased_until, 0);
    ck_assert_int_eq(now_it_is->attempts, 3);
    ck_assert_int_eq(now_it_is->bytes, 1234);
    ck_assert_str_eq(wci_text_get(&now_it_is->region), "eu-west-1");
    ck_assert_str_eq(wci_text_get(&now_it_is->bucket), "wildcam-eu-west-1");
    ck_assert_str_eq(wci_text_get(&now_it_is->key), "images/a");
    ck_assert_str_eq(wci_text_get(&now_it_is->etag), "\"e\"");
    ck_assert_str_eq(wci_text_get(&now_it_is->checksum), "c=");
    ck_assert_str_eq(wci_text_get(&now_it_is->last_error), "before");
    ck_assert_str_eq(wci_text_get(&now_it_is->upload_id), "u");
    ck_assert_str_eq(wci_text_get(&now_it_is->doubts), "us-west-2 us-east-1#X");
    ck_assert_int_eq(count(PICTURES).owed, 0);
    ck_assert_int_eq(count(BOTH).in_doubt, 1);
    step(WCI_UPLOADS_SETTLE, 1); /* nobody's any more */
    ck_assert(row->is_missed);
    ck_assert_uint_eq(claim(8, ROWS), 1); /* the thumbnail */
}
END_TEST

START_TEST(a_lease_that_has_passed_is_the_next_one_s)
{
    int64_t id = keep(3, 5, 1);
    wildcam_upload *mine = pointers[0];
    ck_assert_uint_eq(claim(7, 1), 1);
    pointers[0] = &rows[ROWS - 1];
    pointers[ROWS - 1] = mine;
    now += 59 * WCI_SECOND;
    ck_assert_uint_eq(claim_in(&(struct wci_upload_order){PICTURES, -1, false}, 8, 1), 0);
    now += 2 * WCI_SECOND;
    ck_assert_uint_eq(claim_in(&(struct wci_upload_order){PICTURES, -1, false}, 8, 1), 1);
    ck_assert_int_eq(pointers[0]->image_id, id);
    ck_assert(pointers[0]->was_left);
    /* Whoever came too late changes nothing. */
    struct wci_upload_work work = {.rows = &pointers[ROWS - 1], .count = 1};
    static const enum wci_upload_step steps[] = {WCI_UPLOADS_RENEW, WCI_UPLOADS_SETTLE,
                                                 WCI_UPLOADS_GIVE_BACK};
    done(mine, now);
    for (int i = 0; i < 3; i++) {
        work.step = steps[i];
        assert_op(wci_store_step_uploads(&store, &work));
        ck_assert(mine->is_missed);
        ck_assert_int_eq(get(id, 0)->state, WCI_UPLOAD_DUE);
        ck_assert_int_eq(get(id, 0)->lease, 8);
    }
    /* Given back without having been looked at, it is still in doubt. */
    step(WCI_UPLOADS_GIVE_BACK, 1);
    ck_assert_uint_eq(claim(9, 1), 1);
    ck_assert(pointers[0]->was_left);
    pointers[0]->was_left = false;
    step(WCI_UPLOADS_SETTLE, 1);
    ck_assert_uint_eq(claim(10, 1), 1);
    ck_assert(!pointers[0]->was_left);
}
END_TEST

START_TEST(a_lease_is_renewed)
{
    int64_t id = keep(3, 5, 1);
    ck_assert_uint_eq(claim(7, 2), 2);
    now += 50 * WCI_SECOND;
    step(WCI_UPLOADS_RENEW, 2);
    ck_assert_int_eq(count_missed(2), 0);
    ck_assert_int_eq(get(id, 1)->leased_until, now + 60 * WCI_SECOND);
    now += 59 * WCI_SECOND;
    ck_assert_uint_eq(claim(8, ROWS), 0);
}
END_TEST

START_TEST(a_later_try)
{
    int64_t id = keep(3, 5, 1);
    int64_t other = keep(3, 6, 2);
    ck_assert_uint_eq(claim(7, 4), 4);
    for (int i = 0; i < 4; i++) {
        pointers[i]->due_at = now + (10 + i) * WCI_SECOND;
        pointers[i]->attempts = 1;
    }
    step(WCI_UPLOADS_SETTLE, 4);
    ck_assert_uint_eq(claim(8, ROWS), 0);
    ck_assert_int_eq(count(BOTH).next_due, now + 10 * WCI_SECOND);
    now += 12 * WCI_SECOND;
    ck_assert_uint_eq(claim(8, ROWS), 3);
    ck_assert(!pointers[0]->was_left);
    ck_assert_int_eq(pointers[0]->attempts, 1);
    ck_assert_int_eq(pointers[2]->image_id, id);
    ck_assert_int_eq(pointers[0]->image_id, other);
    step(WCI_UPLOADS_GIVE_BACK, 3);
    int64_t hastened;
    now -= 12 * WCI_SECOND;
    assert_op(wci_store_make_due(&store, WCI_UPLOADS_HASTEN, PICTURES, &hastened));
    ck_assert_int_eq(hastened, 2);
    ck_assert_uint_eq(claim(8, ROWS), 2);
    ck_assert_int_eq(pointers[0]->attempts, 1);
}
END_TEST

START_TEST(a_clock_that_was_set_back)
{
    int64_t id = keep(3, 5, 1);
    now += 1000 * WCI_DAY;
    ck_assert_uint_eq(claim(7, 2), 2);
    pointers[0]->due_at = now + 3600 * WCI_SECOND;
    step(WCI_UPLOADS_SETTLE, 1);
    now -= 1000 * WCI_DAY;
    ck_assert_int_eq(count(BOTH).next_due, 0);
    ck_assert_uint_eq(claim(8, ROWS), 2);
    ck_assert_int_eq(pointers[0]->image_id, id);
    ck_assert(!pointers[0]->was_left);
    ck_assert(pointers[1]->was_left);
}
END_TEST

START_TEST(a_clock_that_was_set_back_a_little)
{
    keep(3, 5, 1);
    ck_assert_uint_eq(claim(7, 1), 1);
    pointers[0]->due_at = now + 3600 * WCI_SECOND;
    step(WCI_UPLOADS_SETTLE, 1);
    ck_assert_uint_eq(claim(7, 1), 1);
    now -= 500 * WCI_SECOND; /* the lease is as long as one may be, the wait too long */
    ck_assert_uint_eq(claim(8, ROWS), 1);
    ck_assert_int_eq(pointers[0]->kind, WCI_UPLOAD_PICTURE);
    now -= 100 * WCI_SECOND;
    ck_assert_uint_eq(claim(9, ROWS), 1);
    ck_assert_int_eq(pointers[0]->kind, WCI_UPLOAD_THUMBNAIL);
    ck_assert(pointers[0]->was_left);
}
END_TEST

START_TEST(what_is_parked_waits_for_a_person)
{
    int64_t id = keep(3, 5, 1), count_of;
    ck_assert_uint_eq(claim(7, 1), 1);
    pointers[0]->state = WCI_UPLOAD_PARKED;
    pointers[0]->attempts = 9;
    pointers[0]->due_at = now + 100;
    set(&pointers[0]->last_error, "its file is gone");
    step(WCI_UPLOADS_SETTLE, 1);
    ck_assert_int_eq(count(BOTH).parked, 1);
    ck_assert_int_eq(count(THUMBNAILS).parked, 0);
    ck_assert_int_eq(count(BOTH).owed, 1);
    ck_assert_uint_eq(claim(8, ROWS), 1);
    ck_assert_int_eq(pointers[0]->kind, WCI_UPLOAD_THUMBNAIL);
    assert_op(wci_store_make_due(&store, WCI_UPLOADS_REQUEUE, BOTH, &count_of));
    ck_assert_int_eq(count_of, 1);
    ck_assert_int_eq(count(BOTH).parked, 0);
    ck_assert_int_eq(count(BOTH).owed, 2);
    ck_assert_uint_eq(claim(8, ROWS), 1);
    ck_assert_int_eq(pointers[0]->image_id, id);
    ck_assert_int_eq(pointers[0]->attempts, 9);
    ck_assert_str_eq(wci_text_get(&pointers[0]->last_error), "its file is gone");
    assert_op(wci_store_make_due(&store, WCI_UPLOADS_REQUEUE, BOTH, &count_of));
    ck_assert_int_eq(count_of, 0);
}
END_TEST

START_TEST(many_are_requeued)
{
    enum { MANY = 300 };
    int64_t requeued;
    for (unsigned i = 0; i < MANY; i++)
        keep(1 + (int)i % 2, 5, i);
    size_t got;
    while ((got = claim(7, ROWS)) > 0) {
        for (size_t i = 0; i < got; i++)
            pointers[i]->state = WCI_UPLOAD_PARKED;
        step(WCI_UPLOADS_SETTLE, got);
    }
    ck_assert_int_eq(count(BOTH).parked, 2 * MANY);
    assert_op(wci_store_make_due(&store, WCI_UPLOADS_REQUEUE, BOTH, &requeued));
    ck_assert_int_eq(requeued, 2 * MANY);
    ck_assert_int_eq(count(BOTH).owed, 2 * MANY);
}
END_TEST

START_TEST(rows_in_doubt_are_found_page_by_page)
{
    struct wci_queue_ref after = {0, -1}, found[2];
    size_t got;
    int total = 0;
    for (int month = 1; month <= 3; month++)
        keep(month, 5, (unsigned)month);
    ck_assert_uint_eq(claim(7, 6), 6);
    for (int i = 0; i < 5; i++)
        set(&pointers[i]->doubts, "us-west-2");
    done(pointers[1], now);
    step(WCI_UPLOADS_SETTLE, 6);
    do {
        assert_op(subject.ops->find_uploads(subject.backend, WCI_QUEUE_IN_DOUBT, BOTH, after, found,
                                            2, &got));
        for (size_t i = 0; i < got; i++) {
            bool behind = found[i].image_id > after.image_id ||
                          (found[i].image_id == after.image_id && found[i].kind > after.kind);
            ck_assert(behind);
            after = found[i];
            total++;
        }
    } while (got == 2);
    ck_assert_int_eq(total, 5);
    set(&pointers[1]->doubts, "");
    pointers[1]->state = WCI_UPLOAD_DUE; /* of no account */
    step(WCI_UPLOADS_NOTE_DOUBTS, 2);
    ck_assert_int_eq(count_missed(2), 0);
    ck_assert_int_eq(count(BOTH).in_doubt, 4);
    ck_assert_int_eq(get(pointers[1]->image_id, pointers[1]->kind)->state, WCI_UPLOAD_DONE);
}
END_TEST

START_TEST(parts_are_noted_while_they_are_under_way)
{
    int64_t id = keep(3, 5, 1);
    ck_assert_uint_eq(claim(7, 2), 2);
    set(&pointers[0]->region, "us-east-1");
    set(&pointers[0]->bucket, "there");
    set(&pointers[0]->upload_id, "abc");
    set(&pointers[0]->doubts, "us-west-2#old");
    pointers[0]->state = WCI_UPLOAD_DONE; /* of no account */
    pointers[1]->lease = 8;               /* somebody else's */
    step(WCI_UPLOADS_NOTE_PARTS, 2);
    ck_assert(!pointers[0]->is_missed);
    ck_assert(pointers[1]->is_missed);
    const wildcam_upload *row = get(id, pointers[0]->kind);
    ck_assert_str_eq(wci_text_get(&row->region), "us-east-1");
    ck_assert_str_eq(wci_text_get(&row->bucket), "there");
    ck_assert_str_eq(wci_text_get(&row->upload_id), "abc");
    ck_assert_str_eq(wci_text_get(&row->doubts), "us-west-2#old");
    ck_assert_int_eq(row->state, WCI_UPLOAD_DUE);
    ck_assert_int_eq(row->lease, 7);
    row = get(id, pointers[1]->kind);
    ck_assert_str_eq(wci_text_get(&row->region), "");
}
END_TEST

START_TEST(what_is_not_there_any_more_is_owed_again)
{
    int64_t id = keep(3, 5, 1);
    ck_assert_uint_eq(claim(7, 2), 2);
    done(pointers[0], now);
    step(WCI_UPLOADS_SETTLE, 1);
    step(WCI_UPLOADS_OWE_AGAIN, 2);
    ck_assert(!pointers[0]->is_missed);
    ck_assert(pointers[1]->is_missed); /* it was owed all along */
    const wildcam_upload *row = get(id, pointers[0]->kind);
    ck_assert_int_eq(row->state, WCI_UPLOAD_DUE);
    ck_assert_int_eq(row->uploaded_at, WILDCAM_TIME_NONE);
    ck_assert_uint_eq(claim(8, ROWS), 1);
    ck_assert(pointers[0]->was_left); /* so that it is looked for first */
}
END_TEST

START_TEST(what_may_be_released_is_found_by_when_it_was_uploaded)
{
    int64_t found[ROWS];
    size_t got;
    for (int month = 1; month <= 4; month++)
        keep(month, 5, (unsigned)month);
    ck_assert_uint_eq(claim(7, 8), 8);
    for (int i = 0; i < 8; i++)
        done(pointers[i], now - pointers[i]->image_id / 1000000);
    step(WCI_UPLOADS_SETTLE, 8);
    assert_op(subject.ops->find_releasable(subject.backend, INT64_MIN, now, found, ROWS, &got));
    ck_assert_uint_eq(got, 4);
    for (size_t i = 1; i < got; i++)
        ck_assert(found[i] < found[i - 1]);
    int64_t from = now - found[1] / 1000000;
    assert_op(subject.ops->find_releasable(subject.backend, from, now - found[2] / 1000000, found,
                                           ROWS, &got));
    ck_assert_uint_eq(got, 2);
    ck_assert_int_eq(now - found[0] / 1000000, from);
}
END_TEST

START_TEST(what_was_purged_is_missed)
{
    int64_t shards = 0, pictures = 0;
    keep(1, 5, 1);
    keep(3, 5, 2);
    ck_assert_uint_eq(claim(7, ROWS), 4);
    assert_op(wci_store_purge(&store, day_at(2026, 2, 1), &shards, &pictures));
    ck_assert_int_eq(shards, 1);
    step(WCI_UPLOADS_SETTLE, 4);
    ck_assert_int_eq(count_missed(4), 2);
    ck_assert(pointers[2]->is_missed && pointers[3]->is_missed);
    struct wci_store_figures figures = {0};
    assert_op(subject.ops->figures(subject.backend, &figures));
    wci_text_free(&figures.damaged);
    ck_assert_int_eq(figures.shards, 1); /* none was made for them */
}
END_TEST

START_TEST(what_is_owed_is_kept_when_the_station_is_opened_again)
{
    keep(1, 5, 1);
    int64_t id = keep(3, 5, 2);
    ck_assert_uint_eq(claim(7, 1), 1);
    wci_store_close(&store, false);
    subject_open_again(&subject, &store);
    ck_assert_int_eq(count(BOTH).owed, 4);
    ck_assert_int_eq(get(id, 0)->lease, 7);
    ck_assert_uint_eq(claim(8, ROWS), 3);
    step(WCI_UPLOADS_GIVE_BACK, 3);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("uploads");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, both_are_owed_from_the_beginning);
    tcase_add_test(all, rows_without_a_picture_owe_nothing);
    tcase_add_test(all, in_the_order_asked_for);
    tcase_add_test(all, what_is_claimed_is_ours_alone);
    tcase_add_test(all, what_is_settled_is_as_it_says);
    tcase_add_test(all, a_lease_that_has_passed_is_the_next_one_s);
    tcase_add_test(all, a_lease_is_renewed);
    tcase_add_test(all, a_later_try);
    tcase_add_test(all, a_clock_that_was_set_back);
    tcase_add_test(all, a_clock_that_was_set_back_a_little);
    tcase_add_test(all, what_is_parked_waits_for_a_person);
    tcase_add_test(all, many_are_requeued);
    tcase_add_test(all, rows_in_doubt_are_found_page_by_page);
    tcase_add_test(all, parts_are_noted_while_they_are_under_way);
    tcase_add_test(all, what_is_not_there_any_more_is_owed_again);
    tcase_add_test(all, what_may_be_released_is_found_by_when_it_was_uploaded);
    tcase_add_test(all, what_was_purged_is_missed);
    tcase_add_test(all, what_is_owed_is_kept_when_the_station_is_opened_again);
    return suite;
}
