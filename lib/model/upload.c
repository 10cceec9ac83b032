#include "model/upload.h"

#include <stdio.h>

#include <wildcam/time.h>

enum { DIGEST_IN_KEY = 32 };

void wci_upload_init(wildcam_upload *upload)
{
    *upload = (wildcam_upload){.since = WILDCAM_TIME_NONE,
                               .uploaded_at = WILDCAM_TIME_NONE,
                               .released_at = WILDCAM_TIME_NONE,
                               .bytes = -1};
}

void wci_upload_release(wildcam_upload *upload)
{
    wci_text_free(&upload->region);
    wci_text_free(&upload->bucket);
    wci_text_free(&upload->key);
    wci_text_free(&upload->etag);
    wci_text_free(&upload->checksum);
    wci_text_free(&upload->last_error);
    wci_text_free(&upload->upload_id);
    wci_text_free(&upload->doubts);
}

void wci_upload_key(const wildcam_image *image, enum wci_upload_kind kind, char key[WCI_UPLOAD_KEY])
{
    struct wci_date date;
    wci_calendar_split(image->time, &date);
    snprintf(key, WCI_UPLOAD_KEY, "%s/%04d/%02d/%02d/%s/%.*s.jpg",
             kind == WCI_UPLOAD_THUMBNAIL ? "thumbnails" : "images", date.year % 10000,
             date.month % 100, date.day % 100, wci_text_get(&image->device_id), DIGEST_IN_KEY,
             image->sha256_text);
}
