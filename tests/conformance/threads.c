/* Many threads on one store: nothing is lost, nothing comes twice, readers see whole answers. */
#include <pthread.h>
#include <stdatomic.h>

#include "conformance/subject.h"
#include "model/id.h"

enum { WRITERS = 4, READERS = 2, EACH = 60, ROWS = 3, PAGE = 16 };

struct written {
    struct wci_change change;
    struct wci_row rows[ROWS];
    wildcam_image image;
    struct wci_review review;
    wildcam_detection draft;
};

/* Threads say what went wrong here; Check's own assertions are for the main thread. */
struct worker {
    pthread_t thread;
    int number;
    char failure[256];
    struct written written[EACH];
};

static struct subject subject;
static struct wci_store store;
static struct worker writers[WRITERS], readers[READERS];
static _Atomic int64_t acknowledged; /* rows */
static atomic_bool is_over;

static void set_up(void)
{
    subject_open_store(&subject, &store, subject_conf("station"));
    acknowledged = 0;
    is_over = false;
    memset(writers, 0, sizeof writers);
    memset(readers, 0, sizeof readers);
}

static void tear_down(void)
{
    subject_close_store(&subject, &store);
}

static void note_failure(struct worker *worker, const char *what)
{
    snprintf(worker->failure, sizeof worker->failure, "%s: %s", what, wildcam_error_message());
}

static void start(struct worker *workers, int count, void *(*run)(void *))
{
    for (int i = 0; i < count; i++) {
        workers[i].number = i;
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, run, &workers[i]), 0);
    }
}

static void join(struct worker *workers, int count)
{
    for (int i = 0; i < count; i++)
        pthread_join(workers[i].thread, NULL);
    for (int i = 0; i < count; i++)
        ck_assert_str_eq(workers[i].failure, "");
}

/* Four months, so that groups span shards. */
static int64_t time_of(int writer, int turn)
{
    return day_at(2026, 1 + turn % 4, 1 + writer) + (turn * 7 + writer) * WCI_SECOND / 3;
}

static bool write_turn(struct worker *worker, int turn)
{
    struct written *written = &worker->written[turn];
    written->change = (struct wci_change){.rows = written->rows, .count = ROWS};
    for (int i = 0; i < ROWS; i++) {
        written->rows[i] = row_at(&subject, time_of(worker->number, turn + i % 2));
        written->rows[i].camera = subject.cameras[worker->number % CAMERAS];
        written->rows[i].species = subject.species[(turn + i) % SPECIES];
        written->rows[i].confidence = turn / (double)EACH;
    }
    if (wci_store_write(&store, &written->change) != WILDCAM_OK) {
        note_failure(worker, "write");
        return false;
    }
    acknowledged += ROWS;
    return true;
}

/* Its own row of some turns ago. */
static bool review_turn(struct worker *worker, int turn)
{
    struct written *written = &worker->written[turn];
    wci_detection_init(&written->draft);
    written->draft.set = WCI_SET_FALSE_POSITIVE | WCI_SET_VERIFIED_SPECIES;
    written->draft.false_positive = turn % 4 == 3;
    written->review = (struct wci_review){.detection_id = worker->written[turn - 3].rows[0].id,
                                          .draft = &written->draft,
                                          .species = subject.species[turn % SPECIES],
                                          .time = turn};
    written->change = (struct wci_change){.review = &written->review};
    if (wci_store_write(&store, &written->change) == WILDCAM_OK)
        return true;
    note_failure(worker, "review");
    return false;
}

/* Every fifth turn is a review. */
static void *write_rows_and_reviews(void *user)
{
    struct worker *worker = user;
    for (int turn = 0; turn < EACH; turn++)
        if (!(turn % 5 == 4 ? review_turn(worker, turn) : write_turn(worker, turn)))
            break;
    return NULL;
}

/* Reads everything in pages: at least what had been acknowledged before, each once, in order. */
static bool read_all(struct worker *worker, bool oldest_first, wildcam_detection *rows)
{
    struct wci_query query = query_all();
    struct wci_text damaged = {0};
    int64_t least = acknowledged, met = 0, after = 0;
    size_t got;
    query.oldest_first = oldest_first;
    do {
        if (store.ops->read(store.backend, &query, &(struct wci_place){after, WILDCAM_TIME_NONE},
                            rows, PAGE, &got, &damaged) != WILDCAM_OK) {
            note_failure(worker, "read");
            return false;
        }
        for (size_t i = 0; i < got; i++) {
            if (after && (oldest_first ? rows[i].id <= after : rows[i].id >= after)) {
                note_failure(worker, "not in order");
                return false;
            }
            after = rows[i].id;
        }
        met += (int64_t)got;
    } while (got == PAGE);
    if (met < least)
        note_failure(worker, "an acknowledged row is not there");
    return met >= least;
}

/* What else readers ask for. */
static bool ask_all(struct worker *worker)
{
    struct wci_query query = query_all();
    struct wci_summary_rows rows = {0};
    struct wci_store_figures figures = {0};
    int64_t least = acknowledged, count = 0;
    const char *failed = NULL;
    wci_error_clear();
    if (store.ops->count(store.backend, &query, 0, &count, NULL) != WILDCAM_OK)
        failed = "count";
    else if (count < least)
        failed = "an acknowledged row is not counted";
    else if (store.ops->summarise(store.backend, &query, 7, &rows) != WILDCAM_OK)
        failed = "summary";
    else if (store.ops->figures(store.backend, &figures) != WILDCAM_OK)
        failed = "figures";
    if (failed)
        note_failure(worker, failed);
    free(rows.rows);
    wci_text_free(&figures.damaged);
    return !failed;
}

static void *read_again_and_again(void *user)
{
    struct worker *worker = user;
    wildcam_detection rows[PAGE];
    for (int i = 0; i < PAGE; i++)
        wci_detection_init(&rows[i]);
    for (int turn = 0; !is_over; turn++)
        if (!read_all(worker, turn % 2, rows) || !ask_all(worker))
            break;
    for (int i = 0; i < PAGE; i++)
        wci_detection_release(&rows[i]);
    return NULL;
}

/* The model learns rows first, then what was said of them, in each writer's order. */
static void learn_all(void)
{
    struct dice dice = {11};
    for (int reviews = 0; reviews < 2; reviews++)
        for (int i = 0; i < WRITERS; i++)
            for (int turn = 0; turn < EACH; turn++)
                if ((writers[i].written[turn].change.review != NULL) == reviews)
                    model_learn(&subject.model, &writers[i].written[turn].change);
    assert_same(&subject, &dice, 20);
    assert_whole(&subject);
}

START_TEST(writers_and_readers)
{
    start(readers, READERS, read_again_and_again);
    start(writers, WRITERS, write_rows_and_reviews);
    join(writers, WRITERS);
    is_over = true;
    join(readers, READERS);
    learn_all();
}
END_TEST

static void *keep_house(void *user)
{
    (void)user;
    while (!is_over)
        wci_store_maintain(&store, wci_calendar_monotonic() + WCI_SECOND);
    return NULL;
}

START_TEST(writers_beside_housekeeping)
{
    start(readers, 1, keep_house);
    start(writers, WRITERS, write_rows_and_reviews);
    join(writers, WRITERS);
    is_over = true;
    join(readers, 1);
    learn_all();
}
END_TEST

/* All bring the same pictures at the same time: each is kept once, and all get the same ids. */
static void *write_same_pictures(void *user)
{
    struct worker *worker = user;
    for (int turn = 0; turn < EACH; turn++) {
        struct written *written = &worker->written[turn];
        written->image = image_at(&subject, 0, time_of(worker->number, turn), (unsigned)turn);
        written->rows[0] = row_at(&subject, written->image.time);
        written->change =
            (struct wci_change){.image = &written->image, .rows = written->rows, .count = 1};
        if (wci_store_write(&store, &written->change) != WILDCAM_OK) {
            note_failure(worker, "picture");
            break;
        }
    }
    return NULL;
}

START_TEST(the_same_pictures_at_once)
{
    start(writers, WRITERS, write_same_pictures);
    join(writers, WRITERS);
    for (int turn = 0; turn < EACH; turn++) {
        int kept = 0;
        for (int i = 0; i < WRITERS; i++) {
            struct written *written = &writers[i].written[turn];
            kept += !written->change.is_duplicate;
            ck_assert_int_eq(written->image.id, writers[0].written[turn].image.id);
            ck_assert_int_eq(written->rows[0].id, writers[0].written[turn].rows[0].id);
        }
        ck_assert_int_eq(kept, 1);
    }
    ck_assert_int_eq(count_images(&subject, INT64_MIN, INT64_MAX), EACH);
    assert_whole(&subject);
}
END_TEST

static void *register_cameras(void *user)
{
    struct worker *worker = user;
    for (int turn = 0; turn < EACH; turn++) {
        char text[32];
        const struct wci_name *name;
        wildcam_camera draft;
        bool created;
        snprintf(text, sizeof text, "N%d", turn);
        wci_camera_init(&draft);
        wildcam_status status = wci_text_set(&draft.device_id, text, strlen(text));
        if (status == WILDCAM_OK)
            status = store.ops->put_camera(store.backend, &draft, true, 1, &created);
        if (status == WILDCAM_OK)
            status = store.ops->find_camera(store.backend, text, false, &name);
        wci_camera_release(&draft);
        if (status == WILDCAM_OK)
            worker->written[turn].rows[0].id = name->id;
        if (status == WILDCAM_OK)
            status = store.ops->find_species(store.backend, 1, text, &name);
        if (status != WILDCAM_OK) {
            note_failure(worker, "register");
            break;
        }
        worker->written[turn].rows[1].id = name->id;
    }
    return NULL;
}

START_TEST(the_same_names_at_once)
{
    start(writers, WRITERS, register_cameras);
    join(writers, WRITERS);
    for (int turn = 0; turn < EACH; turn++)
        for (int i = 1; i < WRITERS; i++)
            for (int k = 0; k < 2; k++)
                ck_assert_int_eq(writers[i].written[turn].rows[k].id,
                                 writers[0].written[turn].rows[k].id);
}
END_TEST

/* A month goes while others are written and read. */
START_TEST(a_purge_beside_writers_and_readers)
{
    int64_t shards = 0, pictures = 0;
    struct wci_row old = row_at(&subject, day_at(2020, 1, 1));
    struct wci_change change = {.rows = &old, .count = 1};
    assert_op(wci_store_write(&store, &change));
    start(readers, READERS, read_again_and_again);
    start(writers, WRITERS, write_rows_and_reviews);
    assert_op(wci_store_purge(&store, day_at(2021, 1, 1), &shards, &pictures));
    join(writers, WRITERS);
    is_over = true;
    join(readers, READERS);
    ck_assert_int_eq(shards, 1);
    learn_all();
}
END_TEST

/* Says of all rows in turn that they are false, and that they are not. */
static void *change_minds(void *user)
{
    struct worker *worker = user;
    wildcam_detection draft;
    wci_detection_init(&draft);
    draft.set = WCI_SET_FALSE_POSITIVE;
    for (int turn = 0; turn < 4 * EACH; turn++) {
        struct wci_review review = {
            .detection_id = worker->written[turn % EACH].rows[0].id, .draft = &draft, .time = turn};
        struct wci_change change = {.review = &review};
        draft.false_positive = turn / EACH % 2 == 0;
        if (wci_store_write(&store, &change) != WILDCAM_OK) {
            note_failure(worker, "review");
            break;
        }
    }
    is_over = true;
    return NULL;
}

START_TEST(a_count_beside_changing_minds)
{
    struct wci_query query = query_all();
    int64_t count = 0;
    for (int turn = 0; turn < EACH; turn++)
        ck_assert(write_turn(&writers[0], turn));
    start(writers, 1, change_minds);
    while (!is_over) {
        assert_op(store.ops->count(store.backend, &query, 0, &count, NULL));
        if (count != acknowledged)
            break;
    }
    join(writers, 1);
    ck_assert_int_eq(count, acknowledged);
}
END_TEST

/* Good rows and reviews of nothing, in turn: each caller gets what is his own, whoever led. */
static void *succeed_and_fail(void *user)
{
    struct worker *worker = user;
    wildcam_detection draft;
    wci_detection_init(&draft);
    for (int turn = 0; turn < EACH; turn++) {
        char words[32];
        int64_t lost = wci_id_at(day_at(1999, 1, 1)) + turn * 1000 + worker->number + 1;
        struct wci_review review = {.detection_id = lost, .draft = &draft, .time = turn};
        struct wci_change change = {.review = &review};
        snprintf(words, sizeof words, "detection %lld", (long long)lost);
        if (!write_turn(worker, turn))
            break;
        if (*wildcam_error_message())
            note_failure(worker, "a sentence without a failure");
        if (wci_store_write(&store, &change) != WILDCAM_ERR_NOTFOUND ||
            !strstr(wildcam_error_message(), words))
            note_failure(worker, "not its own failure");
    }
    return NULL;
}

START_TEST(each_gets_his_own_answer)
{
    struct wci_row old = row_at(&subject, day_at(1999, 1, 1)); /* so that the month is there */
    write_rows(&subject, &old, 1);
    start(writers, WRITERS, succeed_and_fail);
    join(writers, WRITERS);
    learn_all();
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("conformance: threads");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, writers_and_readers);
    tcase_add_test(all, writers_beside_housekeeping);
    tcase_add_test(all, a_count_beside_changing_minds);
    tcase_add_test(all, each_gets_his_own_answer);
    tcase_add_test(all, the_same_pictures_at_once);
    tcase_add_test(all, the_same_names_at_once);
    tcase_add_test(all, a_purge_beside_writers_and_readers);
    return suite;
}
