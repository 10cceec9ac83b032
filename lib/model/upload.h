/*
 * What is owed to S3 for a picture: one row for the picture, one for its thumbnail, written in the
 * transaction that keeps the picture. The row is the queue.
 */
#ifndef WCI_MODEL_UPLOAD_H
#define WCI_MODEL_UPLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/calendar.h"
#include "base/text.h"
#include "model/image.h"
#include "model/queue.h"

#include <wildcam/upload.h>

/* Numbers that stand in files. */
enum wci_upload_kind { WCI_UPLOAD_PICTURE = 0, WCI_UPLOAD_THUMBNAIL = 1, WCI_UPLOAD_KINDS = 2 };
enum wci_upload_state {
    WCI_UPLOAD_DUE = 0,
    WCI_UPLOAD_DONE = 1,
    WCI_UPLOAD_PARKED = 2 /* trying again is no use; a person may say otherwise */
};

enum { WCI_UPLOAD_KEY = 128 };

struct wildcam_upload {
    int64_t image_id;
    int kind, state;
    int64_t since;  /* when it came to be owed */
    int64_t due_at; /* not tried before; microseconds since 1970 */
    int64_t lease;  /* whose it is: a number of the uploader's; 0 nobody's */
    int64_t leased_until;
    bool was_left; /* somebody claimed it and did not settle it: it may be there already */
    /* Out of the steps of store/backend.h: the row was not, or not any more, as the step needs it.
     */
    bool is_missed;
    int attempts;
    int64_t uploaded_at, released_at; /* WILDCAM_TIME_NONE */
    int64_t bytes;                    /* of the object; -1 not known */
    struct wci_text region, bucket, key, etag, checksum, last_error;
    struct wci_text upload_id; /* of parts that are under way in `region` */
    /* Where else something may lie: "us-west-2" for the object, "us-east-1#ID" for parts; several
     * with blanks between. */
    struct wci_text doubts;
};

void wci_upload_init(wildcam_upload *upload);
void wci_upload_release(wildcam_upload *upload);

/* "images/2026/11/26/CAMERA/0123456789abcdef0123456789abcdef.jpg", by the UTC date of capture. */
void wci_upload_key(const wildcam_image *image, enum wci_upload_kind kind,
                    char key[WCI_UPLOAD_KEY]);

#endif
