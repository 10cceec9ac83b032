/* Copies of the rows as they were at one moment, and of the whole station. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/file.h"
#include "conformance/subject.h"

enum { WRITERS = 3, COPIES = 6 };

static struct subject subject;
static struct wci_store store;
static struct dice dice;

static void set_up(void)
{
    subject_open_store(&subject, &store, subject_conf("station"));
    dice = dice_new();
}

static void tear_down(void)
{
    subject_close_store(&subject, &store);
}

/* Copies the rows alone into a new folder. */
static void copy_rows(const char *name)
{
    assert_op(wci_directory_make(scratch_path("%s", name)));
    assert_op(subject.ops->backup(subject.backend, scratch_path("%s", name), NULL, NULL));
}

/* All but the summaries, whose names are those of the backend that answers. */
static void assert_copied_rows(void)
{
    assert_same(&subject, &dice, 0);
    for (int i = 0; i < 10; i++) {
        struct wci_query query = random_query(&subject, &dice);
        assert_read(&subject, &query, 20);
        assert_count(&subject, &query);
    }
}

/* The copy answers as the model does, beside which it takes the original's place for a while. */
static void assert_copy(const char *name)
{
    struct subject copy;
    wci_backend *original = subject.backend;
    subject_open(&copy, subject_conf(name));
    for (int i = 0; i < CAMERAS; i++)
        ck_assert_int_eq(copy.cameras[i]->id, subject.cameras[i]->id);
    subject.backend = copy.backend;
    assert_copied_rows();
    assert_whole(&subject);
    subject.backend = original;
    subject_close(&copy);
}

START_TEST(of_nothing)
{
    copy_rows("copy");
    assert_copy("copy");
}
END_TEST

START_TEST(of_everything)
{
    fill(&subject, &dice, 300);
    copy_rows("copy");
    assert_copy("copy");
    fill(&subject, &dice, 50); /* the original goes on by itself */
    copy_rows("second");
    assert_copy("second");
}
END_TEST

/* The writers write one after the other into months in turn, each change into two of them, until
 * the copy is made: it ends however busy they are. */
struct writer {
    pthread_t thread;
    int number;
    int64_t written;
    char failure[256];
};

static atomic_bool must_end;

static void *write_until_told(void *user)
{
    struct writer *writer = user;
    while (!must_end) {
        int64_t turn = writer->written;
        struct wci_row rows[2] = {row_at(&subject, day_at(2026, 1 + (int)(turn % 5), 1)),
                                  row_at(&subject, day_at(2026, 1 + (int)((turn + 1) % 5), 1))};
        for (int i = 0; i < 2; i++) {
            rows[i].time += turn / 5 * WCI_SECOND + i;
            rows[i].camera = subject.cameras[writer->number];
        }
        struct wci_change change = {.rows = rows, .count = 2};
        if (wci_store_write(&store, &change) != WILDCAM_OK) {
            snprintf(writer->failure, sizeof writer->failure, "%s", wildcam_error_message());
            break;
        }
        writer->written++;
    }
    return NULL;
}

/* Of each writer the copy has the first changes up to some one, each whole, and none behind it. */
static void assert_one_moment(struct subject *copy, int writer, int64_t written)
{
    struct wci_query query = query_all();
    struct wci_text damaged = {0};
    wildcam_detection row;
    int64_t after = 0, count = 0, months[5] = {0};
    size_t got;
    wci_detection_init(&row);
    query.camera = copy->cameras[writer];
    do {
        assert_op(copy->ops->read(copy->backend, &query,
                                  &(struct wci_place){after, WILDCAM_TIME_NONE}, &row, 1, &got,
                                  &damaged));
        if (got) {
            struct wci_date date;
            after = row.id;
            wci_calendar_split(row.time, &date);
            months[date.month - 1]++;
            count++;
        }
    } while (got);
    wci_detection_release(&row);
    int64_t changes = count / 2, wanted[5] = {0};
    ck_assert_int_eq(count % 2, 0);
    ck_assert_int_le(changes, written);
    for (int64_t turn = 0; turn < changes; turn++) {
        wanted[turn % 5]++;
        wanted[(turn + 1) % 5]++;
    }
    for (int month = 0; month < 5; month++)
        ck_assert_int_eq(months[month], wanted[month]);
}

START_TEST(of_one_moment_while_writers_write)
{
    struct writer writers[WRITERS] = {0};
    struct subject copy;
    must_end = false;
    assert_ok(wildcam_conf_set(subject.conf, "store.durability", "normal")); /* busier writers */
    for (int i = 0; i < WRITERS; i++) {
        writers[i].number = i;
        ck_assert_int_eq(pthread_create(&writers[i].thread, NULL, write_until_told, &writers[i]),
                         0);
    }
    for (int i = 0; i < COPIES; i++) {
        char name[16];
        snprintf(name, sizeof name, "copy-%d", i);
        copy_rows(name);
    }
    must_end = true;
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        ck_assert_str_eq(writers[i].failure, "");
    }
    for (int i = 0; i < COPIES; i++) {
        char name[16];
        snprintf(name, sizeof name, "copy-%d", i);
        subject_open(&copy, subject_conf(name));
        for (int writer = 0; writer < WRITERS; writer++)
            assert_one_moment(&copy, writer, writers[writer].written);
        assert_whole(&copy);
        subject_close(&copy);
    }
}
END_TEST

static int stop_at_once(void *user, const char *phase, int64_t done, int64_t total)
{
    ++*(int *)user;
    ck_assert_ptr_nonnull(phase);
    ck_assert_int_ge(total, done >= 0 ? 0 : 1);
    return 1;
}

START_TEST(stopped_by_its_caller)
{
    int calls = 0;
    fill(&subject, &dice, 20);
    assert_op(wci_directory_make(scratch_path("copy")));
    assert_op_fails(
        WILDCAM_ERR_CANCELLED, "stop",
        subject.ops->backup(subject.backend, scratch_path("copy"), stop_at_once, &calls));
    ck_assert_int_eq(calls, 1);
    calls = 0;
    assert_op_fails(WILDCAM_ERR_CANCELLED, "stop",
                    wci_store_backup(&store, scratch_path("whole"), stop_at_once, &calls, NULL));
    ck_assert_int_eq(calls, 1);
    copy_rows("again"); /* nothing is left locked */
    assert_copy("again");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("conformance: backup");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, of_nothing);
    tcase_add_test(all, of_everything);
    tcase_add_test(all, of_one_moment_while_writers_write);
    tcase_add_test(all, stopped_by_its_caller);
    return suite;
}
