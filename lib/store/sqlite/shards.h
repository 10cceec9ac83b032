/*
 * The files in detections/: which there are, which are open, which are damaged.
 *
 * The directory is the list. A shard that another process adds, purges or sets aside is seen
 * because the directory's time of change is looked at before every use. Shards do not overlap.
 */
#ifndef WCI_STORE_SQLITE_SHARDS_H
#define WCI_STORE_SQLITE_SHARDS_H

#include <time.h>

#include "base/log.h"
#include "base/text.h"
#include "model/upload.h"
#include "store/sqlite/catalog.h"
#include "store/sqlite/pool.h"

enum { WCI_SHARD_NAME = 16 };

/* What waits for its turn in a shard (store/sqlite/queue.h), and how many classes it has at most.
 */
enum wci_queue_name { WCI_QUEUE_OF_UPLOADS, WCI_QUEUE_OF_PROCESSING, WCI_QUEUES };
enum { WCI_QUEUE_CLASSES = 3 };

/* What is known of one of them, as of a time of change of the shard's file. Zeroed, nothing is. */
struct wci_queue_news {
    int64_t noted_at;
    int64_t next_due[WCI_QUEUE_CLASSES]; /* none of the class is due before; INT64_MAX for never */
    bool has_figures, has_first_kept;
    bool is_grouped; /* no picture of it is owed an event */
    struct wci_queue_figures figures[WCI_QUEUE_CLASSES];
    int64_t first_kept; /* when the first of the pictures that are not released was uploaded */
};

/* How much waits in a shard, as it was counted at a moment of the monotonic clock, and how long
 * that took. */
struct wci_queue_tally {
    int64_t at, took;
    struct wci_queue_figures figures[WCI_QUEUE_CLASSES];
};

struct wci_shard {
    char name[WCI_SHARD_NAME]; /* "2026-11" or "2026-11-23" */
    int64_t from, to;          /* microseconds UTC, half-open */
    struct wci_pool pool;
    int users;         /* whoever holds it; the rest is the list's business */
    int64_t last_used; /* monotonic */
    bool is_listed, is_open;
    /* How many rows it has that count, as of this time of change of its file. */
    int64_t total;
    struct timespec total_changed;
    struct wci_queue_news news[WCI_QUEUES];
    struct timespec news_changed[WCI_QUEUES];
    struct wci_queue_tally tallies[WCI_QUEUES];
    _Atomic bool has_told; /* that what waits in it cannot be read has been logged */
};

/* A file that was set aside. */
struct wci_damaged {
    char name[WCI_SHARD_NAME];
    int64_t from, to;
};

struct wci_shards {
    const wildcam_conf *conf;
    const struct wci_log *log;
    struct wci_catalog *catalog;
    char *directory, *damaged_directory;
    /* Of several threads that find a shard damaged, the second finds it gone. */
    pthread_mutex_t aside_mutex;
    pthread_mutex_t mutex;   /* all below */
    struct wci_shard **list; /* by time */
    size_t count, capacity;
    int64_t open_count;
    int64_t others; /* grows when one comes or goes, then by what was counted of it too */
    struct wci_damaged *damaged;
    size_t damaged_count, damaged_capacity;
    struct timespec changed; /* of the directory, when it was read */
    bool is_fresh;
};

wildcam_status wci_shards_open(struct wci_shards *shards, const char *directory,
                               const wildcam_conf *conf, const struct wci_log *log,
                               struct wci_catalog *catalog);
void wci_shards_close(struct wci_shards *shards, bool is_forked);

/* The span that a name stands for; false when it is no name of a shard. */
bool wci_shard_span(const char *name, int64_t *from, int64_t *to);

/* The span of the shard that holds a time, or would if it were made now. */
void wci_shards_span(struct wci_shards *shards, int64_t time, int64_t *from, int64_t *to);

/* The shard that holds a time; NOTFOUND when there is none. Given back with wci_shards_give(). */
wildcam_status wci_shards_take(struct wci_shards *shards, int64_t time, struct wci_shard **out);
/* The same, and makes it when there is none. The caller holds the catalog's transaction. */
wildcam_status wci_shards_make(struct wci_shards *shards, struct wci_database *catalog_writer,
                               int64_t time, struct wci_shard **out);
/* The newest shard that begins before `time` and ends behind `from`, or with `upwards` the oldest
 * that ends behind `time` and begins before `to`; NULL when there is none. */
wildcam_status wci_shards_step(struct wci_shards *shards, bool upwards, int64_t time, int64_t bound,
                               struct wci_shard **out);
/* The newest shard that begins before `time` and has so long a log; NULL when there is none.
 * Looking for it is no use of the others. */
void wci_shards_step_to_log(struct wci_shards *shards, int64_t time, int64_t bytes,
                            struct wci_shard **out);
/* The oldest that ends behind `time` and begins before `bound`, for a look at its file: that is no
 * use of it. *is_sure says whether the list is sure to be that of now. */
wildcam_status wci_shards_step_to_look(struct wci_shards *shards, int64_t time, int64_t bound,
                                       struct wci_shard **out, bool *is_sure);
void wci_shards_give(struct wci_shards *shards, struct wci_shard *shard);

/* A number that has grown when something in the shards of a span may have been written since by
 * other processes, or one came or went; not sure where it says so (wci_pool_count_others()). */
wildcam_status wci_shards_count_others(struct wci_shards *shards, int64_t from, int64_t to,
                                       int64_t *others, bool *is_sure);

/* Has the directories read again before the next use. */
void wci_shards_look_again(struct wci_shards *shards);

/* Calls back with the names of damaged shards that overlap a span. */
void wci_shards_damaged(struct wci_shards *shards, int64_t from, int64_t to,
                        struct wci_text *names);

/* How many there are, are open, are damaged, and the names of the last. */
wildcam_status wci_shards_figures(struct wci_shards *shards, int64_t *count, int64_t *open,
                                  int64_t *damaged, struct wci_text *names);

/* Whether a call on a shard failed because somebody else purged it or set it aside meanwhile. A
 * connection that was opened a moment before then fails in ways that tell nothing. */
bool wci_shards_is_gone(const struct wci_shard *shard, wildcam_status failure);

/*
 * What to do about a failure on a shard: when its file turns out to be damaged it is moved to
 * damaged/ with its reason. True is answered when it is out of the way: go on without it.
 */
bool wci_shards_set_aside(struct wci_shards *shards, struct wci_shard *shard,
                          wildcam_status failure);

/* Gives a shard back after one row was looked for in it, and answers what came of that: NOTFOUND
 * when the shard is gone; one that is damaged is set aside. */
wildcam_status wci_shards_give_after(struct wci_shards *shards, struct wci_shard *shard,
                                     wildcam_status status);

/* Fails for a row that is not there: NOTFOUND, or CORRUPT when a shard that may have held it was
 * set aside. `what` is such as "detection". */
wildcam_status wci_shards_lack(struct wci_shards *shards, const char *what, int64_t id);

/* Closes files that nobody uses: those past `store.open_shards`, and those unused since a moment of
 * the monotonic clock. */
void wci_shards_rest(struct wci_shards *shards, int64_t unused_since);

/* A shard's total as it was noted, while its file has not changed since; false when it must be
 * counted again. `noting` are the times to note the new count with. */
struct wci_shard_times {
    struct timespec changed;
    bool is_settled; /* the file has not changed just now, and nothing is in its log */
};
bool wci_shard_total(struct wci_shards *shards, const struct wci_shard *shard, int64_t *total,
                     struct wci_shard_times *noting);
void wci_shard_note_total(struct wci_shards *shards, struct wci_shard *shard, int64_t total,
                          const struct wci_shard_times *times);

/* The same of what waits in it: what is not known is zero. */
void wci_shard_news(struct wci_shards *shards, const struct wci_shard *shard,
                    enum wci_queue_name queue, struct wci_queue_news *news,
                    struct wci_shard_times *noting);
void wci_shard_note_news(struct wci_shards *shards, struct wci_shard *shard,
                         enum wci_queue_name queue, const struct wci_queue_news *news,
                         const struct wci_shard_times *times);

/* Where very many wait, what was counted a moment ago, though the file may have changed since: so
 * counting takes no more than a small part of the time. */
enum { WCI_TALLY_MANY = 50000, WCI_TALLY_LASTS = 20 /* times as long as it took */ };
bool wci_shard_tally(struct wci_shards *shards, const struct wci_shard *shard,
                     enum wci_queue_name queue, struct wci_queue_figures *figures);
void wci_shard_note_tally(struct wci_shards *shards, struct wci_shard *shard,
                          enum wci_queue_name queue, const struct wci_queue_tally *tally);

/* Moves a shard's files to another name in one step; the caller holds its writing transaction. */
wildcam_status wci_shards_rename(const struct wci_shard *shard, const char *to);

#endif
