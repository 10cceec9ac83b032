#include "upload/job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "upload/doubts.h"
#include "upload/drain.h"
#include "upload/schedule.h"

/* A picture's name is its content's digest, so what is there under it never changes. */
#define CACHE_CONTROL "public, max-age=31536000, immutable"

/* Called by whoever leads the engine. */
static void ended(void *user, struct wci_object *object)
{
    struct wci_job *job = user;
    atomic_bool *bell = job->bell;
    (void)object;
    job->stage = WCI_JOB_ENDED; /* from here on it is the drain's */
    *bell = true;
}

/* The same. Without memory the parts are not noted, and only a crash would leave them behind. */
static void began_parts(void *user, struct wci_object *object)
{
    struct wci_job *job = user;
    struct wci_leftover *began = malloc(sizeof *began + strlen(object->upload_id) + 1);
    if (!began)
        return;
    began->region = object->region;
    began->upload_id = memcpy(began + 1, object->upload_id, strlen(object->upload_id) + 1);
    free(atomic_exchange(&job->began, began));
    *job->bell = true;
}

static void make_empty(struct wci_job *job)
{
    wci_object_init(&job->object);
    job->object.body.fd = -1;
    wci_image_init(&job->image);
    job->thumbnail = NULL;
    job->resume_id = NULL;
}

wildcam_status wci_job_new(atomic_bool *bell, struct wci_job **out)
{
    struct wci_job *job = *out = wci_new(sizeof *job);
    if (!job)
        return WILDCAM_ERR_NOMEM;
    job->bell = bell;
    wci_upload_init(&job->row);
    make_empty(job);
    return WILDCAM_OK;
}

/* What was needed to send it. */
static void let_go(struct wci_job *job)
{
    if (job->object.body.fd >= 0)
        close(job->object.body.fd);
    wci_object_release(&job->object);
    wci_image_release(&job->image);
    free(job->thumbnail);
    free(job->resume_id);
    free(atomic_exchange(&job->began, NULL));
    make_empty(job);
}

void wci_job_free(struct wci_job *job)
{
    if (!job)
        return;
    let_go(job);
    wci_upload_release(&job->row);
    free(job);
}

static wildcam_status set_text(struct wci_text *text, const char *words)
{
    return wci_text_set(text, words, strlen(words));
}

/* ---- from the row to the object ---- */

static wildcam_status open_body(wci_uploader *uploader, struct wci_job *job)
{
    struct wci_body *body = &job->object.body;
    size_t size;
    if (job->row.kind == WCI_UPLOAD_PICTURE) {
        body->length = job->image.bytes;
        return wci_pictures_read(&uploader->store->pictures, &job->image, &body->fd);
    }
    wildcam_status status = uploader->make(uploader->make_user, job->image.id, &job->thumbnail,
                                           &size);
    if (status == WILDCAM_OK) {
        body->memory = job->thumbnail;
        body->length = (int64_t)size;
    }
    return status;
}

static void add_metadata(struct wci_job *job, const char *name, const char *value)
{
    job->metadata[job->object.metadata_count++] = (struct wci_pair){name, value};
}

static void describe(struct wci_job *job)
{
    struct wci_object *object = &job->object;
    object->content_type = "image/jpeg";
    object->cache_control = CACHE_CONTROL;
    object->metadata = job->metadata;
    snprintf(job->number, sizeof job->number, "%" PRId64, job->image.id);
    add_metadata(job, "wildcam-id", job->number);
    add_metadata(job, "wildcam-device", wci_text_get(&job->image.device_id));
    if (job->image.time != WILDCAM_TIME_NONE) {
        wci_calendar_format(job->image.time, job->image.offset, job->time);
        add_metadata(job, "wildcam-time", job->time);
    }
}

static uint32_t all_regions(wci_engine *engine)
{
    return (uint32_t)((UINT64_C(1) << wci_engine_regions(engine)) - 1);
}

/* Where an earlier try may have left it. The row learns of new parts while the object is away, so
 * the object has a copy. */
static wildcam_status look_back(wci_engine *engine, struct wci_job *job)
{
    struct wci_object *object = &job->object;
    struct wci_doubt doubt;
    for (const char *at = wci_text_get(&job->row.doubts); wci_doubts_next(&at, &doubt);) {
        int region = wci_doubt_region(&doubt, engine);
        if (!doubt.upload_id && region >= 0)
            object->look_first |= UINT32_C(1) << region;
    }
    if (job->row.was_left)
        object->look_first = all_regions(engine);
    object->resume_region = wci_engine_find_region(engine, wci_text_get(&job->row.region));
    if (!job->row.upload_id.length || object->resume_region < 0)
        return WILDCAM_OK;
    object->resume_id = job->resume_id = wci_copy_text(wci_text_get(&job->row.upload_id));
    return job->resume_id ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

/* The bytes are read and compared before they are sent: S3 would take those of a file that the disk
 * has damaged for the picture if they went in parts, and refuse them for ever if they went whole.
 */
static wildcam_status hash(const wci_uploader *uploader, struct wci_job *job)
{
    struct wci_object *object = &job->object;
    wildcam_status status = wci_object_hash(object, uploader->conf, NULL);
    if (status != WILDCAM_OK || job->row.kind != WCI_UPLOAD_PICTURE ||
        memcmp(object->whole, job->image.sha256, sizeof object->whole) == 0)
        return status;
    return wci_fail(WILDCAM_ERR_CORRUPT,
                    "the file of picture %" PRId64
                    " is damaged: its SHA-256 is not that of its row",
                    job->image.id);
}

static wildcam_status fill(wci_uploader *uploader, struct wci_job *job)
{
    char key[WCI_UPLOAD_KEY];
    struct wci_store *store = uploader->store;
    struct wci_object *object = &job->object;
    wildcam_status status = store->ops->get_image(store->backend, job->row.image_id, &job->image);
    if (status != WILDCAM_OK)
        return status;
    if (!job->row.key.length) {
        wci_upload_key(&job->image, job->row.kind, key);
        status = set_text(&job->row.key, key);
    }
    if (status == WILDCAM_OK)
        status = open_body(uploader, job);
    if (status != WILDCAM_OK)
        return status;
    describe(job);
    status = look_back(uploader->engine, job);
    if (status != WILDCAM_OK)
        return status;
    object->key = wci_text_get(&job->row.key);
    object->patience = uploader->patience;
    object->done = ended;
    object->began_parts = began_parts;
    object->user = job;
    job->row.bytes = object->body.length;
    return hash(uploader, job);
}

/* Whether trying again may help when the bytes cannot be had. */
static bool may_pass(wildcam_status status)
{
    switch (status) {
    case WILDCAM_ERR_NOMEM:
    case WILDCAM_ERR_IO:
    case WILDCAM_ERR_BUSY:
    case WILDCAM_ERR_NOSPACE:
    case WILDCAM_ERR_DENIED: /* a folder whose owner is put right */
    case WILDCAM_ERR_CLOSED:
        return true;
    default:
        return false;
    }
}

void wci_job_send(wci_uploader *uploader, struct wci_job *job)
{
    wildcam_status status = fill(uploader, job);
    bool is_filled = status == WILDCAM_OK;
    if (is_filled) {
        job->stage = WCI_JOB_AWAY; /* done() may come before send() returns */
        status = wci_engine_send(uploader->engine, &job->object);
    }
    if (status == WILDCAM_OK)
        return;
    wci_error_save(&job->object.error);
    wci_error_clear();
    job->object.region = -1;
    job->object.is_impossible = !is_filled && !may_pass(status);
    job->object.is_blameless = is_filled || status == WILDCAM_ERR_NOMEM;
    ended(job, &job->object);
}

/* ---- from what came of it to the row ---- */

static const char *region_name(wci_engine *engine, int region)
{
    return wci_engine_region(engine, region)->name;
}

/* What may lie elsewhere is never forgotten, whatever became of the object. */
static void note_doubts(wci_engine *engine, struct wci_job *job)
{
    const struct wci_object *object = &job->object;
    for (size_t i = 0; i < wci_engine_regions(engine); i++)
        if (object->doubts & UINT32_C(1) << i)
            wci_doubts_add(&job->row.doubts, region_name(engine, (int)i), NULL);
    for (size_t i = 0; i < object->leftover_count; i++)
        wci_doubts_add(&job->row.doubts, region_name(engine, object->leftovers[i].region),
                       object->leftovers[i].upload_id);
}

/* Parts of an earlier try that are not those of this one, nor what it became. */
static void note_earlier_parts(struct wci_job *job, const char *region, const char *upload_id)
{
    struct wildcam_upload *row = &job->row;
    if (row->upload_id.length && strcmp(wci_text_get(&row->upload_id), upload_id) != 0 &&
        strcmp(wci_text_get(&row->region), region) != 0)
        wci_doubts_add(&row->doubts, wci_text_get(&row->region), wci_text_get(&row->upload_id));
}

static wildcam_status set_place(wci_engine *engine, struct wci_job *job)
{
    const struct wci_object *object = &job->object;
    const struct wci_s3_region *region =
        object->region >= 0 ? wci_engine_region(engine, object->region) : NULL;
    bool is_there = object->error.status == WILDCAM_OK;
    const char *id = !is_there && region && object->upload_id ? object->upload_id : "";
    const char *name = region && (is_there || *id) ? region->name : "";
    note_earlier_parts(job, name, id);
    wildcam_status status = set_text(&job->row.region, name);
    if (status == WILDCAM_OK)
        status = set_text(&job->row.bucket, *name ? region->bucket : "");
    if (status == WILDCAM_OK)
        status = set_text(&job->row.upload_id, id);
    if (status == WILDCAM_OK)
        status = set_text(&job->row.etag, is_there ? object->etag : "");
    if (status == WILDCAM_OK)
        status = set_text(&job->row.checksum, is_there ? object->checksum : "");
    if (status == WILDCAM_OK && object->error.status != WILDCAM_ERR_CANCELLED)
        status = set_text(&job->row.last_error, object->error.message);
    return status;
}

static void judge_success(struct wci_job *job, int64_t now)
{
    job->row.state = WCI_UPLOAD_DONE;
    job->row.was_left = false;
    job->row.due_at = 0;
    job->row.uploaded_at = now;
    wci_doubts_remove(&job->row.doubts, wci_text_get(&job->row.region), NULL);
    job->is_uploaded = true;
}

static void judge_failure(wci_uploader *uploader, struct wci_job *job, int64_t now)
{
    struct wci_object *object = &job->object;
    struct wildcam_upload *row = &job->row;
    if (object->is_blameless && !object->is_impossible)
        return; /* due as it was */
    job->is_failed = true;
    row->attempts++;
    if (object->is_impossible) {
        row->state = WCI_UPLOAD_PARKED;
        wci_log_write(uploader->log, WILDCAM_LOG_WARNING, "upload",
                      "the %s of picture %" PRId64 " is not uploaded until somebody asks for it "
                      "again: %s",
                      row->kind == WCI_UPLOAD_THUMBNAIL ? "thumbnail" : "file", row->image_id,
                      object->error.message);
        return;
    }
    row->due_at = now + wci_retry_delay(row->attempts, wci_uploader_chance(uploader));
    wci_log_write(uploader->log, WILDCAM_LOG_INFO, "upload", "picture %" PRId64 ": %s",
                  row->image_id, object->error.message);
}

void wci_job_judge(wci_uploader *uploader, struct wci_job *job)
{
    int64_t now = wci_calendar_now();
    wci_engine *engine = uploader->engine;
    job->is_uploaded = job->is_failed = false;
    note_doubts(engine, job);
    if (job->object.error.status != WILDCAM_OK)
        judge_failure(uploader, job, now);
    if (set_place(engine, job) != WILDCAM_OK || job->row.doubts.failed)
        job->row.was_left = true; /* memory ran out: it is looked for everywhere next time */
    else if (job->object.error.status == WILDCAM_OK)
        judge_success(job, now);
    wci_error_clear();
    job->judged_at = wci_calendar_monotonic();
    let_go(job);
    job->stage = WCI_JOB_JUDGED;
}

bool wci_job_note_parts(wci_uploader *uploader, struct wci_job *job)
{
    struct wci_leftover *began = atomic_exchange(&job->began, NULL);
    if (!began)
        return false;
    const struct wci_s3_region *region = wci_engine_region(uploader->engine, began->region);
    note_earlier_parts(job, region->name, began->upload_id);
    bool has_noted = set_text(&job->row.region, region->name) == WILDCAM_OK &&
                     set_text(&job->row.bucket, region->bucket) == WILDCAM_OK &&
                     set_text(&job->row.upload_id, began->upload_id) == WILDCAM_OK;
    free(began);
    wci_error_clear();
    return has_noted;
}
