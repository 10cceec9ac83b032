/* A query as SQL for one shard. */
#ifndef WCI_STORE_SQLITE_QUESTION_H
#define WCI_STORE_SQLITE_QUESTION_H

#include "store/sqlite/sqlite.h"

/* A query whose names have been looked up. */
struct wci_question {
    const struct wci_query *query;
    int64_t *species; /* the numbers that match; all of them when by_species is false */
    size_t species_count, species_capacity;
    bool by_species;
    bool is_empty; /* nothing can match */
};

wildcam_status wci_question_begin(struct wci_question *question, wci_backend *self,
                                  const struct wci_query *query);
void wci_question_end(struct wci_question *question);

enum wci_question_columns {
    WCI_COLUMNS_ALL,   /* what wci_question_read_row() reads */
    WCI_COLUMNS_ID,    /* the id alone */
    WCI_COLUMNS_COUNT, /* one row: how many there are, at most the limit */
    WCI_COLUMNS_FALSE  /* the same of those that a reviewer called false */
};

/* Prepares and binds it for a shard, behind `after` (0: from the beginning), for at most `limit`
 * rows. The caller resets the statement. */
wildcam_status wci_question_ask(const struct wci_question *question, struct wci_database *reader,
                                const struct wci_shard *shard, enum wci_question_columns columns,
                                int64_t after, int64_t limit, sqlite3_stmt **out);

/* Prepares the reading of one detection. */
wildcam_status wci_question_ask_one(struct wci_database *reader, int64_t id, sqlite3_stmt **out);
/* The same of all detections of pictures whose ids are first to last, in the order of ids. */
wildcam_status wci_question_ask_of_images(struct wci_database *reader, int64_t first, int64_t last,
                                          sqlite3_stmt **out);

/* Reads the statement's row into an initialised detection, over what it held. */
wildcam_status wci_question_read_row(wci_backend *self, sqlite3_stmt *row, wildcam_detection *out);

#endif
