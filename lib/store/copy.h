/*
 * What a backup and a restore share.
 *
 *   BACKUP/database/        station.db, detections/, manifest.json: the whole of it changes at once
 *   BACKUP/database.new/    one that is being made
 *   BACKUP/database.old/    the earlier one, for the moment between two renames
 *   BACKUP/images/          pictures, named by their content: one that is whole is not copied again
 */
#ifndef WCI_STORE_COPY_H
#define WCI_STORE_COPY_H

#include "store/store.h"

enum { WCI_COPY_CHUNK = 256 * 1024, WCI_COPY_FORMAT = 1 };

struct wci_copy {
    wildcam_progress_fn *progress;
    void *user;
    const char *phase;
    int64_t done, total;
    int64_t lost;           /* pictures whose file is gone, damaged or beyond reading */
    char names[320];        /* of the first of them */
    struct wci_text shards; /* the names of those that were walked, a blank behind each */
    char *chunk;            /* WCI_COPY_CHUNK bytes */
    char folder[WCI_PATH];  /* of the last picture, whose names are not yet brought to the disk */
};

/* Tells the caller how far it is; CANCELLED when he has had enough. */
wildcam_status wci_copy_tell(struct wci_copy *copy);

/* What the disk does not give back is as good as damaged: the status of a failure to open or read,
 * CORRUPT instead when that was the reason. */
wildcam_status wci_copy_unreadable(wildcam_status status);
/* Copies what is left of an open file into a new one, durably, and digests it on the way. With `to`
 * NULL it is only digested. CORRUPT when it cannot be read. */
wildcam_status wci_copy_file(struct wci_copy *copy, int from, const char *from_path, const char *to,
                             unsigned char sha256[WCI_DIGEST_BYTES]);
/* The same with a file of a backup; CORRUPT also when it is not there. */
wildcam_status wci_copy_out(struct wci_copy *copy, const char *from, const char *to,
                            unsigned char sha256[WCI_DIGEST_BYTES]);
/* Whether a picture's file is there, can be read, and has the content that its row says. */
wildcam_status wci_copy_is_whole(struct wci_copy *copy, const wildcam_image *image,
                                 const char *path, bool *whole);
/* Counts a picture that cannot be copied, and notes its name. */
void wci_copy_lose(struct wci_copy *copy, const wildcam_image *image);
/* Makes the directory that a path is in. */
wildcam_status wci_copy_make_above(const char *path);
/* A picture has its name now. Names are brought to the disk folder by folder: pictures come in the
 * order of time, so most are in the folder of the one before. */
wildcam_status wci_copy_named(struct wci_copy *copy, const char *path);

/* Where a picture is in a backup. */
wildcam_status wci_copy_picture_path(const char *directory, const wildcam_image *image, char *path);
/* Opens the databases in a directory as a backend of their own, and calls back for each picture; in
 * the end all names are on the disk. */
wildcam_status
wci_copy_walk_pictures(struct wci_copy *copy, const char *directory, const struct wci_log *log,
                       wildcam_status (*each)(void *user, const wildcam_image *image), void *user);

#endif
