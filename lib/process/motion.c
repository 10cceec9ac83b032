#include "process/motion.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/hash.h"
#include "base/memory.h"
#include "image/motion.h"
#include "model/detection.h"

/* As many as are in memory at one time, of up to 0.3 MB each. */
enum { PLACES = 128 };
/* What has been learned since then is lost when the process is killed. */
static const int64_t keep_after = INT64_C(300000000);
/* Which way of looking it is: stands with the detections. */
static const char version[] = "1";

/* A camera's place, by day or in infra-red light. */
struct owner {
    int64_t camera_id; /* 0 for nobody's */
    bool infrared;
};

struct place {
    /* Under the detector's mutex. */
    struct owner owner;   /* changes only while nobody uses it */
    struct owner learned; /* whose model it holds: until the next one comes to it, the former's */
    int users;
    uint64_t used; /* its turn */
    /* What follows; whoever wants it first counts himself in users. */
    pthread_mutex_t mutex;
    struct wci_motion_model model;
    bool is_changed;
    int64_t kept_at;   /* monotonic: when it was put into the catalog, or loaded */
    int64_t last_time; /* of the picture that was looked at last */
    uint64_t stored;   /* the fingerprint of what stood in the catalog then; 0 for nothing */
};

struct motion {
    struct wci_detector_host host;
    struct wci_motion_tuning tuning;
    pthread_mutex_t mutex;
    pthread_cond_t freed; /* nobody uses some place any more, or a model has left its place */
    uint64_t turns;
    int count; /* places whose mutexes are there */
    struct place places[PLACES];
};

/* Trouble with what was learned is no trouble of the picture's. */
static void complain(const struct motion *self, const char *what)
{
    wci_log_failure(self->host.log, WILDCAM_LOG_WARNING, "motion", what);
    wci_error_clear();
}

/* Never 0. */
static uint64_t fingerprint(const void *data, size_t size)
{
    uint64_t sum = wci_hash_add(WCI_HASH_BEGIN, data, size);
    return sum ? sum : 1;
}

static wildcam_status find_stored(struct motion *self, const struct place *place, void **data,
                                  size_t *size, uint64_t *found)
{
    wildcam_status status = wci_store_find_background(self->host.store, place->learned.camera_id,
                                                      place->learned.infrared, data, size);
    *found = status == WILDCAM_OK ? fingerprint(*data, *size) : 0;
    return status;
}

/* Where another process has kept what it has learned of the same place, that is taken in. Should
 * both do so at the same moment one is not seen in the catalog until it is kept the next time. */
static void learn_from_others(struct motion *self, struct place *place)
{
    void *data = NULL;
    size_t size;
    uint64_t found;
    struct wci_motion_model other;
    if (find_stored(self, place, &data, &size, &found) == WILDCAM_OK && found != place->stored &&
        wci_motion_unpack(data, size, &other) == WILDCAM_OK) {
        wci_motion_merge(&place->model, &other, place->last_time);
        wci_motion_model_free(&other);
    }
    wci_error_clear(); /* what cannot be read is replaced */
    free(data);
}

static void keep(struct motion *self, struct place *place)
{
    void *data = NULL;
    size_t size = 0;
    if (!place->is_changed || place->model.count == 0)
        return;
    learn_from_others(self, place);
    wildcam_status status = wci_motion_pack(&place->model, &data, &size);
    if (status == WILDCAM_OK)
        status = wci_store_keep_background(self->host.store, place->learned.camera_id,
                                           place->learned.infrared, data, size);
    if (status == WILDCAM_OK)
        place->stored = fingerprint(data, size);
    else
        complain(self, "what was learned of a camera's place was not kept");
    place->is_changed = status != WILDCAM_OK;
    place->kept_at = wci_calendar_monotonic();
    free(data);
}

/* A background that cannot be read is learned anew. */
static void load(struct motion *self, struct place *place)
{
    void *data;
    size_t size;
    wildcam_status status = find_stored(self, place, &data, &size, &place->stored);
    if (status == WILDCAM_OK)
        status = wci_motion_unpack(data, size, &place->model);
    if (status != WILDCAM_OK && status != WILDCAM_ERR_NOTFOUND)
        complain(self, "what is known of a camera's place cannot be read");
    wci_error_clear();
    free(data);
    place->kept_at = wci_calendar_monotonic();
}

/* ---- which place ---- */

static bool is_same(struct owner left, struct owner right)
{
    return left.camera_id == right.camera_id && left.infrared == right.infrared;
}

static struct place *find(struct motion *self, struct owner owner)
{
    for (int i = 0; i < self->count; i++)
        if (is_same(self->places[i].owner, owner))
            return &self->places[i];
    return NULL;
}

/* Whether its model is still in a place that is another's by now: it is in the catalog soon. */
static bool is_leaving(const struct motion *self, struct owner owner)
{
    for (int i = 0; i < self->count; i++)
        if (is_same(self->places[i].learned, owner) && !is_same(self->places[i].owner, owner))
            return true;
    return false;
}

/* The one that was used longest ago and by nobody at present; NULL when there is none. */
static struct place *find_idle(struct motion *self)
{
    struct place *found = NULL;
    for (int i = 0; i < self->count; i++)
        if (self->places[i].users == 0 && (!found || self->places[i].used < found->used))
            found = &self->places[i];
    return found;
}

/* Its place, or one that becomes its own. */
static struct place *take(struct motion *self, struct owner owner)
{
    struct place *place;
    pthread_mutex_lock(&self->mutex);
    while (!(place = find(self, owner)) && (is_leaving(self, owner) || !(place = find_idle(self))))
        pthread_cond_wait(&self->freed, &self->mutex);
    place->owner = owner;
    place->users++;
    place->used = ++self->turns;
    pthread_mutex_unlock(&self->mutex);
    return place;
}

/* The former owner's model goes to the catalog and the owner's comes, with no lock held but the
 * place's: nobody waits for the disk who has not asked for one of these two. */
static void change_model(struct motion *self, struct place *place)
{
    keep(self, place);
    wci_motion_model_free(&place->model);
    place->is_changed = false;
    pthread_mutex_lock(&self->mutex);
    place->learned = place->owner;
    pthread_cond_broadcast(&self->freed);
    pthread_mutex_unlock(&self->mutex);
    load(self, place);
}

/* The place of a camera with its model, locked. */
static struct place *enter(struct motion *self, struct owner owner)
{
    struct place *place = take(self, owner);
    pthread_mutex_lock(&place->mutex);
    if (!is_same(place->learned, owner))
        change_model(self, place);
    return place;
}

static void leave(struct motion *self, struct place *place)
{
    pthread_mutex_unlock(&place->mutex);
    pthread_mutex_lock(&self->mutex);
    place->users--;
    pthread_cond_broadcast(&self->freed);
    pthread_mutex_unlock(&self->mutex);
}

/* ---- a picture ---- */

static wildcam_status tell(const struct wci_motion_answer *answer, wildcam_findings *findings)
{
    wildcam_status status = WILDCAM_OK;
    if (answer->verdict == WCI_MOTION_BLANK)
        return wci_findings_add_blank(findings, answer->confidence);
    for (size_t i = 0; status == WILDCAM_OK && i < answer->count; i++)
        status = wci_findings_add(findings, WILDCAM_CATEGORY_UNKNOWN, NULL,
                                  answer->boxes[i].confidence, &answer->boxes[i].box, NULL);
    return status;
}

static wildcam_status look(struct motion *self, const wildcam_image *image,
                           const struct wci_motion_frame *frame, struct wci_motion_answer *answer)
{
    bool learned;
    int64_t time = image->time != WILDCAM_TIME_NONE ? image->time : image->received_at;
    const struct owner owner = {image->camera_id, frame->is_infrared};
    struct place *place = enter(self, owner);
    wildcam_status status = wci_motion_look(&place->model, frame, time, &self->tuning, answer,
                                            &learned);
    place->is_changed |= learned;
    place->last_time = time;
    if (wci_calendar_monotonic() - place->kept_at >= keep_after)
        keep(self, place);
    leave(self, place);
    return status == WILDCAM_OK ? status : wci_fail_memory();
}

static wildcam_status detect(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    struct motion *self = user;
    int columns, rows;
    const struct wci_raster *raster;
    struct wci_motion_frame frame;
    struct wci_motion_answer answer;
    const wildcam_image *image = wci_picture_image(picture);
    wildcam_status status = wci_picture_raster(picture, &raster);
    if (status != WILDCAM_OK)
        return status;
    wci_motion_grid(image->width, image->height, &columns, &rows);
    status = wci_motion_frame_make(raster, columns, rows, &frame);
    if (status == WILDCAM_OK)
        status = look(self, image, &frame, &answer);
    wci_motion_frame_free(&frame);
    return status == WILDCAM_OK ? tell(&answer, findings) : status;
}

/* ---- as long as it is open ---- */

static void destroy_locks(struct motion *self)
{
    for (int i = 0; i < self->count; i++)
        pthread_mutex_destroy(&self->places[i].mutex);
    pthread_cond_destroy(&self->freed);
    pthread_mutex_destroy(&self->mutex);
}

static void close_motion(void *user, bool is_forked)
{
    struct motion *self = user;
    if (is_forked)
        return;
    for (int i = 0; i < self->count; i++) {
        keep(self, &self->places[i]);
        wci_motion_model_free(&self->places[i].model);
    }
    destroy_locks(self);
    free(self);
}

static struct motion *make(const struct wci_detector_host *host)
{
    struct motion *self = wci_new(sizeof *self);
    if (!self)
        return NULL;
    self->host = *host;
    self->tuning = (struct wci_motion_tuning){
        .sensitivity = wci_conf_real(host->conf, WCI_PROCESS_MOTION_SENSITIVITY),
        .least_area = wci_conf_real(host->conf, WCI_PROCESS_MOTION_AREA)};
    if (pthread_mutex_init(&self->mutex, NULL) != 0) {
        free(self);
        return NULL;
    }
    if (pthread_cond_init(&self->freed, NULL) != 0) {
        pthread_mutex_destroy(&self->mutex);
        free(self);
        return NULL;
    }
    while (self->count < PLACES && pthread_mutex_init(&self->places[self->count].mutex, NULL) == 0)
        self->count++;
    if (self->count == PLACES)
        return self;
    destroy_locks(self);
    free(self);
    return NULL;
}

wildcam_status wci_motion_open(const struct wci_detector_host *host, const char *argument,
                               struct wci_detector *out)
{
    (void)argument; /* it takes none */
    struct motion *self = make(host);
    if (!self)
        return wci_fail_memory();
    *out = (struct wci_detector){.detect = detect, .close = close_motion, .user = self};
    wildcam_status status = wci_text_set(&out->name, WCI_MOTION, strlen(WCI_MOTION));
    if (status == WILDCAM_OK)
        status = wci_text_set(&out->version, version, sizeof version - 1);
    if (status != WILDCAM_OK) {
        wci_text_free(&out->name);
        wci_text_free(&out->version);
        close_motion(self, false);
        *out = (struct wci_detector){0};
    }
    return status;
}
