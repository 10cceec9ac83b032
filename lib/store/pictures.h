/*
 * Pictures' files.
 *
 *   incoming/OWNER/      what a process is receiving, each process in a folder of its own
 *   images/YYYY/MM/DD/   SHA256.jpg, by the UTC date of the id: that of capture, unless the time
 *                        was corrected since
 *   thumbnails/WxH/...   the same, made when first asked for
 *   quarantine/          what was refused, with the reason beside it
 *   purged/              what is being deleted
 *
 * A picture goes to its final name after its row is durable, so a name in incoming/ is the record
 * of what was under way: when its owner is dead, it is either moved to its place or deleted, by
 * whether there is a row.
 */
#ifndef WCI_STORE_PICTURES_H
#define WCI_STORE_PICTURES_H

#include <pthread.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "conf/conf.h"
#include "model/image.h"

struct wci_pictures {
    const wildcam_conf *conf;
    const struct wci_log *log;
    const char *directory; /* the conf's */
    pthread_mutex_t mutex; /* owner */
    char *owner;           /* this process's folder; NULL until it is needed */
    int owner_lock;
    _Atomic uint64_t next_number;
    _Atomic bool has_told; /* that something in incoming/ cannot be finished now */
};

/* A file in incoming/. */
struct wci_staged {
    int fd; /* -1 when there is none (any more) */
    char path[WCI_PATH];
};

wildcam_status wci_pictures_open(struct wci_pictures *pictures, const wildcam_conf *conf,
                                 const struct wci_log *log);
void wci_pictures_close(struct wci_pictures *pictures, bool is_forked);

wildcam_status wci_pictures_stage(struct wci_pictures *pictures, struct wci_staged *staged);
void wci_pictures_discard(struct wci_staged *staged);
/* All bytes are there: gives the file the name that says what it is, and brings it to the disk. */
wildcam_status wci_pictures_seal(struct wci_pictures *pictures, struct wci_staged *staged,
                                 const wildcam_image *image);
/* Brings the names in incoming/ to the disk, for all sealed files at once. */
wildcam_status wci_pictures_sync(struct wci_pictures *pictures);
/* The row is durable: moves the file to its place. */
wildcam_status wci_pictures_place(struct wci_pictures *pictures, struct wci_staged *staged,
                                  const wildcam_image *image);
/* Keeps what was refused, if the settings say so; the staged file is gone then either way. */
void wci_pictures_quarantine(struct wci_pictures *pictures, struct wci_staged *staged,
                             const char *device_id, const char *reason);

/* Where a picture belongs. */
wildcam_status wci_pictures_path(const struct wci_pictures *pictures, const wildcam_image *image,
                                 char path[WCI_PATH]);
/* False when no file of its length is there; true also when that cannot be found out. */
bool wci_pictures_is_whole(const struct wci_pictures *pictures, const wildcam_image *image);
/* Where the file is at present: in its place, or still in incoming/. CORRUPT when it is gone,
 * RELEASED when it is gone because it was released. */
wildcam_status wci_pictures_find_file(const struct wci_pictures *pictures,
                                      const wildcam_image *image, char path[WCI_PATH]);
/* WILDCAM_ERR_CORRUPT when it is gone or has another length than its row says; WILDCAM_ERR_RELEASED
 * when it is gone because it was released. */
wildcam_status wci_pictures_read(const struct wci_pictures *pictures, const wildcam_image *image,
                                 int *fd);

bool wci_pictures_has_thumbnail(const struct wci_pictures *pictures, const wildcam_image *image);
/* NOTFOUND when it is not made yet. */
wildcam_status wci_pictures_load_thumbnail(const struct wci_pictures *pictures,
                                           const wildcam_image *image, void **data, size_t *size);
/* A thumbnail can be made again, so a failure only costs time; it goes to the log. */
void wci_pictures_save_thumbnail(struct wci_pictures *pictures, const wildcam_image *image,
                                 const void *data, size_t size);

/* Adds how many pictures of a shard there are, and their bytes. */
wildcam_status wci_pictures_measure(struct wci_pictures *pictures, const char *shard,
                                    int64_t *files, int64_t *bytes);
/* The files of a shard, for a purge (store/backend.h). `files` counts the pictures deleted. */
wildcam_status wci_pictures_hide(struct wci_pictures *pictures, const char *shard);
void wci_pictures_show(struct wci_pictures *pictures, const char *shard);
bool wci_pictures_is_hidden(struct wci_pictures *pictures, const char *shard);
wildcam_status wci_pictures_drop(struct wci_pictures *pictures, const char *shard, int64_t *files);

/* Whether a list of shards' names, a blank behind each, has one that the day belongs to. */
bool wci_pictures_is_day_of(const char *shards, int year, int month, int day);
/* Adds names that are listed with commas to such a list. */
void wci_pictures_list_damaged(struct wci_text *shards, const char *damaged);

/* What dead processes left in incoming/: `is_kept` tells whether a picture of that camera with that
 * content has a row, and fills it in; NOTFOUND when it has none. */
typedef wildcam_status wci_pictures_find(void *user, int64_t camera_id,
                                         const unsigned char sha256[WCI_DIGEST_BYTES],
                                         wildcam_image *image);
wildcam_status wci_pictures_recover(struct wci_pictures *pictures, wci_pictures_find *find,
                                    void *user);
/* Whether a folder of incoming/ belongs to a process that is alive. */
bool wci_pictures_is_alive(const struct wci_pictures *pictures, const char *owner);

#endif
