/* A query as SQL for one shard. */
#ifndef WCI_STORE_SQLITE_QUESTION_H
#define WCI_STORE_SQLITE_QUESTION_H

#include "store/sqlite/moved.h"
#include "store/sqlite/sqlite.h"

/* A query whose names have been looked up. */
struct wci_question {
    const struct wci_query *query;
    int64_t *species; /* the numbers that match; all of them when by_species is false */
    size_t species_count, species_capacity;
    bool by_species;
    bool is_empty; /* nothing can match */
    struct wci_moved moved;
};

wildcam_status wci_question_begin(struct wci_question *question, wci_backend *self,
                                  const struct wci_query *query);
void wci_question_end(struct wci_question *question);

enum wci_question_columns {
    WCI_COLUMNS_ALL,   /* what wci_question_read_row() reads */
    WCI_COLUMNS_PLACE, /* the id and the time */
    WCI_COLUMNS_COUNT, /* one row: how many there are, at most the limit */
    WCI_COLUMNS_FALSE  /* the same of those that a reviewer called false */
};

/* Which of a shard's rows. Where none within the query's span is moved (wci_question_has_moved()),
 * all rows are as good as those in place, and cheaper. */
enum wci_question_rows {
    WCI_ROWS_ALL,      /* in the order of ids */
    WCI_ROWS_IN_PLACE, /* those that are not moved, in that order */
    WCI_ROWS_MOVED     /* those that are, in the order of time */
};

/* Whether a moved row may be within the query's span. */
bool wci_question_has_moved(const struct wci_question *question);
/* The same of those of one shard, which may itself lie elsewhere. */
bool wci_question_has_moved_in(const struct wci_question *question, const struct wci_shard *shard);

/* Prepares and binds it for a shard, behind `after` (NULL: from the beginning), for at most `limit`
 * rows. The caller resets the statement. */
wildcam_status wci_question_ask(const struct wci_question *question, struct wci_database *reader,
                                const struct wci_shard *shard, enum wci_question_columns columns,
                                enum wci_question_rows rows, const struct wci_place *after,
                                int64_t limit, sqlite3_stmt **out);

/* Prepares the reading of one detection. */
wildcam_status wci_question_ask_one(struct wci_database *reader, int64_t id, sqlite3_stmt **out);
/* The same of all detections of pictures whose ids are first to last, in the order of ids. */
wildcam_status wci_question_ask_of_images(struct wci_database *reader, int64_t first, int64_t last,
                                          sqlite3_stmt **out);

/* Reads the statement's row into an initialised detection, over what it held. */
wildcam_status wci_question_read_row(wci_backend *self, sqlite3_stmt *row, wildcam_detection *out);

#endif
