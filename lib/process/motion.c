#include "process/motion.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "image/motion.h"
#include "model/detection.h"

/* As many as are in memory at one time, of up to 0.3 MB each. */
enum { PLACES = 128 };
/* What has been learned since then is lost when the process is killed. */
static const int64_t keep_after = INT64_C(300000000);
/* Which way of looking it is: stands with the detections. */
static const char version[] = "1";

/* A camera's background, by day or in infra-red light. */
struct place {
    int64_t camera_id; /* 0 for nobody's */
    bool infrared;
    pthread_mutex_t mutex; /* over what follows; whoever wants it first counts himself in users */
    struct wci_motion_model model;
    bool is_loaded, is_changed;
    int64_t kept_at; /* monotonic: when it was put into the catalog, or loaded */
    /* Of the detector's mutex. */
    int users;
    uint64_t used; /* its turn */
};

struct motion {
    struct wci_detector_host host;
    struct wci_motion_tuning tuning;
    pthread_mutex_t mutex;
    pthread_cond_t freed;
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

static void keep(struct motion *self, struct place *place)
{
    void *data;
    size_t size;
    if (!place->is_changed || place->model.count == 0)
        return;
    wildcam_status status = wci_motion_pack(&place->model, &data, &size);
    if (status == WILDCAM_OK)
        status = wci_store_keep_background(self->host.store, place->camera_id, place->infrared,
                                           data, size);
    if (status != WILDCAM_OK)
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
    wildcam_status status = wci_store_find_background(self->host.store, place->camera_id,
                                                      place->infrared, &data, &size);
    if (status == WILDCAM_OK)
        status = wci_motion_unpack(data, size, &place->model);
    if (status != WILDCAM_OK && status != WILDCAM_ERR_NOTFOUND)
        complain(self, "what is known of a camera's place cannot be read");
    wci_error_clear();
    free(data);
    place->is_loaded = true;
    place->kept_at = wci_calendar_monotonic();
}

/* ---- which place ---- */

static struct place *find(struct motion *self, int64_t camera_id, bool infrared)
{
    for (int i = 0; i < self->count; i++)
        if (self->places[i].camera_id == camera_id && self->places[i].infrared == infrared)
            return &self->places[i];
    return NULL;
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

static void release(struct motion *self, struct place *place)
{
    pthread_mutex_unlock(&place->mutex);
    pthread_mutex_lock(&self->mutex);
    place->users--;
    pthread_cond_signal(&self->freed);
    pthread_mutex_unlock(&self->mutex);
}

/* Gives a place that is somebody else's to this camera. What it has learned is kept first, with no
 * lock held but its own: nobody waits for the disk who has not asked for this one. */
static void take_over(struct motion *self, struct place *place, int64_t camera_id, bool infrared)
{
    keep(self, place);
    wci_motion_model_free(&place->model);
    place->is_loaded = place->is_changed = false;
    pthread_mutex_lock(&self->mutex);
    place->camera_id = camera_id;
    place->infrared = infrared;
    pthread_mutex_unlock(&self->mutex);
}

/* The camera's place, locked. */
static struct place *enter(struct motion *self, int64_t camera_id, bool infrared)
{
    for (;;) {
        struct place *place, *own;
        pthread_mutex_lock(&self->mutex);
        while (!(own = find(self, camera_id, infrared)) && !find_idle(self))
            pthread_cond_wait(&self->freed, &self->mutex);
        place = own ? own : find_idle(self);
        place->users++;
        place->used = ++self->turns;
        pthread_mutex_unlock(&self->mutex);
        pthread_mutex_lock(&place->mutex);
        /* Another may have taken it over meanwhile, or have found room for this camera. */
        pthread_mutex_lock(&self->mutex);
        own = find(self, camera_id, infrared);
        bool is_free = !own && place->users == 1;
        pthread_mutex_unlock(&self->mutex);
        if (own == place)
            return place;
        if (is_free) {
            take_over(self, place, camera_id, infrared);
            return place;
        }
        release(self, place);
    }
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
    struct place *place = enter(self, image->camera_id, frame->is_infrared);
    if (!place->is_loaded)
        load(self, place);
    wildcam_status status = wci_motion_look(&place->model, frame, time, &self->tuning, answer,
                                            &learned);
    place->is_changed |= learned;
    if (wci_calendar_monotonic() - place->kept_at >= keep_after)
        keep(self, place);
    release(self, place);
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

static void forget(struct motion *self)
{
    for (int i = 0; i < self->count; i++) {
        wci_motion_model_free(&self->places[i].model);
        pthread_mutex_destroy(&self->places[i].mutex);
    }
    pthread_cond_destroy(&self->freed);
    pthread_mutex_destroy(&self->mutex);
    free(self);
}

static void close_motion(void *user, bool is_forked)
{
    struct motion *self = user;
    if (is_forked)
        return;
    for (int i = 0; i < self->count; i++)
        keep(self, &self->places[i]);
    forget(self);
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
    forget(self);
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
        forget(self);
        *out = (struct wci_detector){0};
    }
    return status;
}
