/*
 * Tables whose rows wait for their turn: uploads and processing have the same columns for that, and
 * here is what is done with them. A queue has few classes of rows, the kinds of uploads or the
 * priorities of processing, and each index begins with the class.
 *
 * In all statements ?1 is the picture, ?2 the kind of an upload, ?3 the lease or the present
 * moment.
 */
#ifndef WCI_STORE_SQLITE_QUEUE_H
#define WCI_STORE_SQLITE_QUEUE_H

#include "store/sqlite/sqlite.h"

struct wci_queue {
    enum wci_queue_name name;
    int first, end; /* the classes: from the first on, below the end */
    /* Looking, over all of a class: image ids behind ?1 of them at most, of class ?2. */
    const char *ready_up, *ready_down; /* due and nobody's */
    const char *ripe_up, *ripe_down;   /* the same once their time has come */
    const char *next_due, *count;
    const char *(*group)(enum wci_queue_group group);
};

/* What lies too far ahead was written before the clock was set back. */
#define WCI_QUEUE_IS_CLAIMABLE                                                                     \
    "state=0 AND (due_at<=?3 OR due_at>?4) AND (lease=0 OR leased_until<=?3 OR leased_until>?5)"
#define WCI_QUEUE_READY(table, class)                                                              \
    "SELECT image_id FROM " table " WHERE state=0 AND lease=0 AND " class "=?2 AND due_at=0"       \
                                                                          " ORDER BY image_id "
#define WCI_QUEUE_RIPE(table, class)                                                               \
    "SELECT image_id FROM ("                                                                       \
    "SELECT image_id FROM " table                                                                  \
    " WHERE state=0 AND lease=0 AND " class "=?2 AND due_at>0"                                     \
                                            " AND due_at<=?3"                                      \
                                            " UNION ALL SELECT image_id FROM " table               \
                                            " WHERE state=0 AND lease=0 AND " class                \
        "=?2"                                                                                      \
        " AND due_at>?4"                                                                           \
        " UNION ALL SELECT image_id FROM " table                                                   \
        " WHERE lease<>0 AND " class "=?2"                                                         \
                                     " AND (leased_until<=?3 OR leased_until>?5) AND (due_at<=?3 " \
                                     "OR due_at>?4)"                                               \
                                     ") ORDER BY image_id "
/* A time that lies too far ahead counts for nothing here either: of a row that somebody has
 * claimed, the other one says when it is due. */
#define WCI_QUEUE_NEXT_DUE(table, class)                                                           \
    "SELECT min(at) FROM ("                                                                        \
    "SELECT min(due_at) AS at FROM " table                                                         \
    " WHERE state=0 AND lease=0 AND " class "=?1"                                                  \
                                            " UNION ALL SELECT min(max("                           \
                                            "CASE WHEN due_at>?2 THEN 0 ELSE due_at END,"          \
                                            " CASE WHEN leased_until>?3 THEN 0 ELSE leased_until " \
                                            "END)) FROM " table                                    \
                                            " WHERE lease<>0 AND " class "=?1)"
#define WCI_QUEUE_SUMS(table, class, which)                                                        \
    "(SELECT count(*) AS n, min(since) AS since FROM " table " WHERE " which " AND " class "=?1)"
#define WCI_QUEUE_COUNT(table, class, in_doubt)                                                    \
    "SELECT d.n+l.n, coalesce(min(d.since, l.since), d.since, l.since), l.n,"                      \
    " (SELECT count(*) FROM " table                                                                \
    " WHERE state=2 AND " class "=?1), " in_doubt " FROM " WCI_QUEUE_SUMS(                         \
        table, class, "state=0 AND lease=0") " AS d, " WCI_QUEUE_SUMS(table, class,                \
                                                                      "lease<>0") " AS l"
#define WCI_QUEUE_TEXTS(table, class, in_doubt)                                                    \
    .ready_up = WCI_QUEUE_READY(table, class) "LIMIT ?1",                                          \
    .ready_down = WCI_QUEUE_READY(table, class) "DESC LIMIT ?1",                                   \
    .ripe_up = WCI_QUEUE_RIPE(table, class) "LIMIT ?1",                                            \
    .ripe_down = WCI_QUEUE_RIPE(table, class) "DESC LIMIT ?1",                                     \
    .next_due = WCI_QUEUE_NEXT_DUE(table, class), .count = WCI_QUEUE_COUNT(table, class, in_doubt)
#define WCI_QUEUE_PARKED_TEXT(table, class)                                                        \
    "SELECT image_id FROM " table " WHERE state=2 AND " class "=?2 AND image_id>=?3"               \
                                                              " ORDER BY image_id LIMIT ?1"
#define WCI_QUEUE_WAITING_TEXT(table, class)                                                       \
    "SELECT image_id FROM " table                                                                  \
    " WHERE state=0 AND lease=0 AND " class "=?2 AND due_at>0"                                     \
                                            " AND image_id>=?3 ORDER BY image_id LIMIT ?1"

/* ---- steps with one row, inside a transaction on its shard; `row` is how its key is asked for */
#define WCI_QUEUE_IS_OURS " AND lease=?3 AND lease<>0"
#define WCI_QUEUE_RENEW(table, row)                                                                \
    "UPDATE " table " SET leased_until=?4 WHERE " row WCI_QUEUE_IS_OURS
#define WCI_QUEUE_GIVE_BACK(table, row)                                                            \
    "UPDATE " table " SET lease=0, leased_until=0 WHERE " row WCI_QUEUE_IS_OURS
#define WCI_QUEUE_HASTEN(table, row)                                                               \
    "UPDATE " table " SET due_at=0 WHERE " row " AND state=0 AND lease=0 AND due_at>0"

/* Runs one that answers nothing; ?3 and ?4 where they stand in it. Whether it found its row. */
struct wci_queue_step {
    const char *sql;
    struct wci_queue_ref ref;
    int64_t third, fourth;
};
wildcam_status wci_queue_run(struct wci_database *database, const struct wci_queue_step *step,
                             bool *is_missed);

/* ---- queue_find.c */

/* Which rows are due, class by class in walks: a sum of 1 << class - first for each. */
struct wci_queue_search {
    uint32_t walks[3];
    bool oldest_first;
    int64_t now;
};
wildcam_status wci_queue_find_due(wci_backend *self, const struct wci_queue *queue,
                                  const struct wci_queue_search *search,
                                  struct wci_queue_ref *found, size_t limit, size_t *got);
/* The rows of a group behind `after`, of those classes. */
wildcam_status wci_queue_find(wci_backend *self, const struct wci_queue *queue,
                              enum wci_queue_group group, uint32_t classes,
                              struct wci_queue_ref after, struct wci_queue_ref *found, size_t limit,
                              size_t *got);
/* No row of the class is due before: 0 when one is or may be, INT64_MAX when none is owed. As seen
 * at `now`; once the clock was set back it does not hold any more. */
wildcam_status wci_queue_find_next_due(struct wci_database *reader, const struct wci_queue *queue,
                                       int number, int64_t now, int64_t *next_due);

/* ---- queue_count.c */
wildcam_status wci_queue_count(wci_backend *self, const struct wci_queue *queue, uint32_t classes,
                               struct wci_queue_figures *out);

/* ---- queue_walk.c: calls back for each shard that can be read, from a time on. A damaged one is
 * set aside, and one that cannot be read does not keep the others from their turn: that is logged
 * once, until it can be read again. */
typedef wildcam_status wci_sqlite_visit(void *user, struct wci_shard *shard, bool *enough);
wildcam_status wci_sqlite_each_owing(wci_backend *self, bool upwards, int64_t at,
                                     wci_sqlite_visit *each, void *user);

#endif
