#include <wildcam/upload.h>

#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "base/calendar.h"
#include "base/memory.h"
#include "upload/uploader.h"

enum { PRESIGNED_SECONDS_MAX = 604800 };

static wildcam_status check_budget(int64_t budget_ms)
{
    if (budget_ms >= 0 && budget_ms <= INT32_MAX)
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_INVALID, "the budget is 0 to %d milliseconds, not %lld", INT32_MAX,
                    (long long)budget_ms);
}

static wildcam_status check_kind(int kind)
{
    if (kind >= 0 && kind < WCI_UPLOAD_KINDS)
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_INVALID,
                    "%d is none of the kinds WILDCAM_UPLOAD_PICTURE and "
                    "WILDCAM_UPLOAD_THUMBNAIL",
                    kind);
}

wildcam_status wildcam_station_upload(wildcam_station *self, uint32_t how, int64_t budget_ms,
                                      int64_t most, wildcam_progress_fn *progress, void *user,
                                      int64_t *uploaded, int64_t *failed)
{
    struct wci_pass pass = {.most = most,
                            .is_urgent = (how & WILDCAM_UPLOAD_NOW) != 0,
                            .progress = progress,
                            .user = user};
    if (uploaded)
        *uploaded = 0;
    if (failed)
        *failed = 0;
    WCI_BEGIN(self);
    wildcam_status status = check_budget(budget_ms);
    if (how & ~(uint32_t)WILDCAM_UPLOAD_NOW)
        status = wci_fail(WILDCAM_ERR_INVALID, "%u is neither 0 nor WILDCAM_UPLOAD_NOW", how);
    if (most < 0)
        status = wci_fail(WILDCAM_ERR_INVALID, "the most objects are 0 or more, not %lld",
                          (long long)most);
    if (status == WILDCAM_OK) {
        pass.until = wci_calendar_monotonic() + budget_ms * 1000;
        WCI_WITHIN(self, status, wci_uploader_pass(self->uploader, &pass));
    }
    if (uploaded)
        *uploaded = pass.uploaded;
    if (failed)
        *failed = pass.failed;
    return status;
}

static wildcam_status count_uploads(wildcam_station *self, struct wci_queue_figures *figures)
{
    return self->store.ops->count_uploads(self->store.backend, wci_uploader_kinds(self->uploader),
                                          figures);
}

wildcam_status wildcam_station_count_uploads(wildcam_station *self, int64_t *owed, int64_t *oldest,
                                             int64_t *parked)
{
    wildcam_status status;
    struct wci_queue_figures figures = {0};
    WCI_BEGIN(self);
    WCI_WITHIN(self, status, count_uploads(self, &figures));
    if (status != WILDCAM_OK)
        return status;
    if (owed)
        *owed = figures.owed;
    if (oldest)
        *oldest = figures.oldest;
    if (parked)
        *parked = figures.parked;
    return WILDCAM_OK;
}

static wildcam_status retry_uploads(wildcam_station *self, int64_t *count)
{
    wildcam_status status = wci_store_make_due(&self->store, WCI_UPLOADS_REQUEUE,
                                               wci_uploader_kinds(self->uploader), count);
    if (*count)
        wci_uploader_wake(self->uploader);
    return status;
}

wildcam_status wildcam_station_retry_uploads(wildcam_station *self, int64_t *count)
{
    wildcam_status status;
    int64_t requeued = 0;
    if (count)
        *count = 0;
    WCI_BEGIN(self);
    WCI_WITHIN(self, status, retry_uploads(self, &requeued));
    if (count)
        *count = requeued;
    return status;
}

wildcam_status wildcam_station_get_upload(wildcam_station *self, int64_t image_id, int kind,
                                          wildcam_upload **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_status status = check_kind(kind);
    if (status != WILDCAM_OK)
        return status;
    wildcam_upload *upload = wci_new(sizeof *upload);
    if (!upload)
        return WILDCAM_ERR_NOMEM;
    wci_upload_init(upload);
    WCI_WITHIN(self, status,
               self->store.ops->get_upload(self->store.backend, image_id, kind, upload));
    if (status == WILDCAM_OK)
        *out = upload;
    else
        wildcam_upload_free(upload);
    return status;
}

void wildcam_upload_free(wildcam_upload *self)
{
    if (!self)
        return;
    wci_upload_release(self);
    free(self);
}

/* The getters: NULL reads as an upload of which nothing is known. */
#define NUMBER(type, name, expression, without)                                                    \
    type wildcam_upload_get_##name(const wildcam_upload *self)                                     \
    {                                                                                              \
        return self ? (expression) : (without);                                                    \
    }
#define TEXT(name)                                                                                 \
    const char *wildcam_upload_get_##name(const wildcam_upload *self)                              \
    {                                                                                              \
        return self ? wci_text_get(&self->name) : "";                                              \
    }

NUMBER(int64_t, image_id, self->image_id, 0)
NUMBER(int, kind, self->kind, WILDCAM_UPLOAD_PICTURE)
NUMBER(int, state, self->state, WILDCAM_UPLOAD_DUE)
TEXT(region)
TEXT(bucket)
TEXT(key)
TEXT(etag)
TEXT(checksum)
NUMBER(int, attempts, self->attempts, 0)
TEXT(last_error)
NUMBER(int64_t, since, self->since, WILDCAM_TIME_NONE)
NUMBER(int64_t, next_try,
       self->state == WCI_UPLOAD_DUE && self->due_at ? self->due_at : WILDCAM_TIME_NONE,
       WILDCAM_TIME_NONE)
NUMBER(int64_t, uploaded_at, self->uploaded_at, WILDCAM_TIME_NONE)
NUMBER(int64_t, released_at, self->released_at, WILDCAM_TIME_NONE)
NUMBER(int64_t, bytes, self->bytes, -1)

static wildcam_status presign(wildcam_station *self, const wildcam_upload *upload, int64_t seconds,
                              struct wci_text *url)
{
    wci_engine *engine;
    wildcam_status status = wci_uploader_engine(self->uploader, &engine);
    if (status != WILDCAM_OK)
        return status;
    int region = wci_engine_find_region(engine, wci_text_get(&upload->region));
    if (region < 0)
        return wci_fail(WILDCAM_ERR_STATE,
                        "picture %lld is in region \"%s\", which is not among s3.regions",
                        (long long)upload->image_id, wci_text_get(&upload->region));
    if (strcmp(wci_engine_region(engine, region)->bucket, wci_text_get(&upload->bucket)) != 0)
        return wci_fail(WILDCAM_ERR_STATE,
                        "picture %lld is in bucket %s, and region %s has another by now, %s",
                        (long long)upload->image_id, wci_text_get(&upload->bucket),
                        wci_text_get(&upload->region), wci_engine_region(engine, region)->bucket);
    if (!seconds)
        seconds = wci_conf_int(self->conf, WCI_S3_PRESIGN_SECONDS);
    return wci_engine_presign(engine, region, wci_text_get(&upload->key), seconds, url);
}

static wildcam_status make_url(wildcam_station *self, int64_t image_id, int kind, int64_t seconds,
                               struct wci_text *url)
{
    wildcam_upload upload;
    wci_upload_init(&upload);
    wildcam_status status = self->store.ops->get_upload(self->store.backend, image_id, kind,
                                                        &upload);
    if (status == WILDCAM_OK && upload.state != WCI_UPLOAD_DONE)
        status = wci_fail(WILDCAM_ERR_NOTFOUND, "%s %lld is not uploaded",
                          kind == WCI_UPLOAD_PICTURE ? "picture" : "the thumbnail of picture",
                          (long long)image_id);
    if (status == WILDCAM_OK && *wci_conf_text(self->conf, WCI_CDN_BASE_URL))
        status = wci_cdn_address(self->conf, wci_text_get(&upload.key), url);
    else if (status == WILDCAM_OK)
        status = presign(self, &upload, seconds, url);
    wci_upload_release(&upload);
    return status;
}

wildcam_status wildcam_station_image_url(wildcam_station *self, int64_t image_id, int kind,
                                         int64_t seconds, char **url)
{
    struct wci_text text = {0};
    if (url)
        *url = NULL;
    WCI_BEGIN(self, url);
    wildcam_status status = check_kind(kind);
    if (seconds < 0 || seconds > PRESIGNED_SECONDS_MAX)
        status = wci_fail(WILDCAM_ERR_INVALID,
                          "a presigned address is good for 1 to %d seconds, not %lld",
                          PRESIGNED_SECONDS_MAX, (long long)seconds);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, make_url(self, image_id, kind, seconds, &text));
    if (status == WILDCAM_OK) {
        *url = wci_text_take(&text);
        status = *url ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    }
    wci_text_free(&text);
    return status;
}

wildcam_status wildcam_station_release(wildcam_station *self, int64_t budget_ms, int64_t *released,
                                       int64_t *bytes)
{
    int64_t released_pictures = 0, released_bytes = 0;
    if (released)
        *released = 0;
    if (bytes)
        *bytes = 0;
    WCI_BEGIN(self);
    wildcam_status status = check_budget(budget_ms);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status,
                   wci_uploader_release(self->uploader, wci_calendar_monotonic() + budget_ms * 1000,
                                        &released_pictures, &released_bytes));
    if (released)
        *released = released_pictures;
    if (bytes)
        *bytes = released_bytes;
    return status;
}
