/*
 * The backend under test, beside a model of what it must know.
 *
 * WILDCAM_TEST_BACKEND names the backend ("sqlite" without it). Everything in this folder goes
 * through the seam (store/backend.h) and the store above it alone; what is one backend's own is in
 * that backend's folder.
 */
#ifndef TESTS_CONFORMANCE_SUBJECT_H
#define TESTS_CONFORMANCE_SUBJECT_H

#include "base/calendar.h"
#include "conformance/model.h"
#include "store/store.h"
#include "support/harness.h"

enum { CAMERAS = 4, SPECIES = 9 };

struct subject {
    wildcam_conf *conf;
    struct wci_log log;
    const struct wci_backend_ops *ops;
    wci_backend *backend;
    struct model model;
    /* What rows are made of. */
    const struct wci_name *cameras[CAMERAS], *species[SPECIES];
};

/* ck_assert for the seam's calls, which leave the clearing of the last sentence to the callers. It
 * is called very often, and Check writes something to a file at each of its own. */
#define assert_op(expression)                                                                      \
    do {                                                                                           \
        wci_error_clear();                                                                         \
        wildcam_status got_ = (expression);                                                        \
        if (got_ != WILDCAM_OK)                                                                    \
            ck_abort_msg("%s is %s (%s)", #expression, wildcam_status_name(got_),                  \
                         wildcam_error_message());                                                 \
    } while (0)
#define assert_op_fails(wanted, words, expression)                                                 \
    do {                                                                                           \
        wci_error_clear();                                                                         \
        assert_fails(wanted, words, expression);                                                   \
    } while (0)

/* harness_case() with what goes before and behind each test. */
TCase *subject_case(Suite *suite, const char *name, SFun set_up, SFun tear_down);

/* Fails the test when there is no such backend. */
const struct wci_backend_ops *backend_under_test(void);
/* A conf whose station is in the scratch directory's folder of that name. */
wildcam_conf *subject_conf(const char *name);

/* Opens the station with a conf, which it takes over, and learns the names that rows are made of.
 */
void subject_open(struct subject *subject, wildcam_conf *conf);
/* The same data, opened again. */
void subject_reopen(struct subject *subject);
void subject_close(struct subject *subject);
/* The same with the whole store, pictures' files and all, above the backend. */
void subject_open_store(struct subject *subject, struct wci_store *store, wildcam_conf *conf);
/* After the store was closed, for a test that does something in between. */
void subject_open_again(struct subject *subject, struct wci_store *store);
void subject_close_store(struct subject *subject, struct wci_store *store);

/* Brings changes to the backend as one group. The model learns those that are granted. */
void write_group(struct subject *subject, struct wci_change *changes, size_t count);
/* One change that must be granted. */
void write_one(struct subject *subject, struct wci_change *change);
/* Rows without a picture, as one change that must be granted. */
void write_rows(struct subject *subject, struct wci_row *rows, size_t count);

/* Midnight of a day, UTC. */
int64_t day_at(int year, int month, int day);
/* The first camera's row of the first species. */
struct wci_row row_at(const struct subject *subject, int64_t time);
/* A picture of a camera; pictures of the same content have the same bytes. Released by the caller.
 */
wildcam_image image_at(const struct subject *subject, int camera, int64_t time, unsigned content);
/* A query for everything, newest first. */
struct wci_query query_all(void);
void query_by_species(struct wci_query *query, const struct wci_name *species);

/* ---- Pictures with their files ---- */

/* Keeps a picture with one row as an upload does; its content follows from the number. Answers the
 * store's status; `image` gets the facts and needs no release. */
wildcam_status try_picture(struct subject *subject, struct wci_store *store, int camera,
                           int64_t time, unsigned content, wildcam_image *image);
/* The same, which must be granted; answers the picture's id. */
int64_t keep_picture(struct subject *subject, struct wci_store *store, int camera, int64_t time,
                     unsigned content);
/* Loads every picture that the model knows and compares its bytes. */
void assert_files(struct subject *subject, struct wci_store *store);
/* Where a picture's file belongs; valid until the next call. */
const char *picture_path(struct wci_store *store, const wildcam_image *image);

/* What a whole check of the store finds: "WHAT: WHERE\n" for each. */
const char *find_faults(struct wci_store *store, uint32_t how);

/* ---- Chance ---- */

struct dice {
    uint64_t state;
};

/* From WILDCAM_TEST_SEED, or new each time; the seed is printed. */
struct dice dice_new(void);
/* 0 to sides - 1. */
int64_t roll(struct dice *dice, int64_t sides);
/* Rows cluster in a few months, some of them in one millisecond. */
struct wci_row random_row(const struct subject *subject, struct dice *dice);
struct wci_query random_query(const struct subject *subject, struct dice *dice);
/* Writes so many random rows in batches, and reviews some of them. */
void fill(struct subject *subject, struct dice *dice, int rows);
/* Reviews a detection at random; `notes` says with what words. */
void random_review(struct subject *subject, struct dice *dice, int64_t id);

/* ---- Comparing the backend's answers with the model's ---- */

void assert_row(const wildcam_detection *got, const struct known_row *wanted);
void assert_image(const wildcam_image *got, const wildcam_image *wanted);
/* Reads the answer in pages of a size. */
void assert_read(struct subject *subject, const struct wci_query *query, size_t page);
void assert_count(struct subject *subject, const struct wci_query *query);
void assert_summary(struct subject *subject, const struct wci_query *query, uint32_t by);
void assert_images_in(struct subject *subject, int64_t from, int64_t to);
/* Every row and picture by its id, and so many random questions. */
void assert_same(struct subject *subject, struct dice *dice, int questions);
/* The backend's own check finds nothing. */
void assert_whole(struct subject *subject);

/* The spans that hold rows, as "NAME NAME ". */
void list_spans(struct subject *subject, struct wci_text *out);
int64_t count_images(struct subject *subject, int64_t from, int64_t to);

#endif
