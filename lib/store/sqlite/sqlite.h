/* The SQLite backend: a directory with a catalog and shards. What its parts share. */
#ifndef WCI_STORE_SQLITE_SQLITE_H
#define WCI_STORE_SQLITE_SQLITE_H

#include "store/backend.h"
#include "store/sqlite/barrier.h"
#include "store/sqlite/catalog.h"
#include "store/sqlite/delta.h"
#include "store/sqlite/shards.h"

struct wci_backend {
    const wildcam_conf *conf;
    const struct wci_log *log;
    struct wci_catalog catalog;
    struct wci_shards shards;
    struct wci_barrier barrier;
    struct wci_deltas deltas;        /* of the writing thread */
    int64_t longest_wal;             /* that it has written to since it looked last */
    _Atomic int64_t last_maintained; /* monotonic; 0 never */
};

/* write.c */
void wci_sqlite_write(wci_backend *self, struct wci_change **changes, size_t count);

/* review.c: inside a transaction on a shard. */
wildcam_status wci_sqlite_review(struct wci_database *database, const struct wci_review *review,
                                 struct wci_deltas *deltas);

/* read.c */
wildcam_status wci_sqlite_read(wci_backend *self, const struct wci_query *query, int64_t after,
                               wildcam_detection *rows, size_t limit, size_t *got,
                               struct wci_text *damaged);
wildcam_status wci_sqlite_skip(wci_backend *self, const struct wci_query *query, int64_t after,
                               int64_t offset, int64_t *last);
wildcam_status wci_sqlite_get_detection(wci_backend *self, int64_t id, wildcam_detection *out);

/* images.c */
wildcam_status wci_sqlite_get_image(wci_backend *self, int64_t id, wildcam_image *out);
wildcam_status wci_sqlite_find_image(wci_backend *self, int64_t camera_id,
                                     const unsigned char sha256[WCI_DIGEST_BYTES],
                                     wildcam_image *out);
wildcam_status wci_sqlite_each_image(wci_backend *self, int64_t from, int64_t to,
                                     wildcam_status (*each)(void *user, const wildcam_image *image),
                                     void *user);
/* Inside a transaction on a shard; the id is the statement's business. */
void wci_sqlite_bind_image(sqlite3_stmt *statement, const wildcam_image *image);

/* count.c */
wildcam_status wci_sqlite_count(wci_backend *self, const struct wci_query *query, int64_t stop_at,
                                int64_t *count, struct wci_text *damaged);
wildcam_status wci_sqlite_summarise(wci_backend *self, const struct wci_query *query, uint32_t by,
                                    struct wci_summary_rows *out);

/* purge.c */
wildcam_status wci_sqlite_purge(wci_backend *self, int64_t before,
                                const struct wci_purge_files *files, int64_t *shards);
wildcam_status wci_sqlite_finish_purges(wci_backend *self, const struct wci_purge_files *files);

/* copy.c */
wildcam_status wci_sqlite_backup(wci_backend *self, const char *directory,
                                 wildcam_progress_fn *progress, void *user);

/* verify.c */
wildcam_status wci_sqlite_check(wci_backend *self, struct wci_check *check);

#endif
