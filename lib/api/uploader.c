#include "api/uploader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "upload/uploader.h"

static const int64_t progress_interval = WCI_SECOND / 10;
static const int64_t rate_most = INT64_C(1) << 50; /* as of s3.rate_limit */
enum { PRESIGN_MOST = 604800 };

/* ---- opening and closing ---- */

static void free_memory(wildcam_uploader *self)
{
    if (self->station)
        wci_station_let_go(self->station);
    else
        wci_conf_free(self->conf);
    free(self);
}

wildcam_status wildcam_uploader_open(const wildcam_conf *conf, wildcam_uploader **out)
{
    WCI_BEGIN(conf, out);
    *out = NULL;
    wildcam_uploader *self = wci_new(sizeof *self);
    if (!self)
        return WILDCAM_ERR_NOMEM;
    self->pid = getpid();
    wildcam_status status = wci_conf_copy(conf, &self->conf);
    if (!status && pthread_mutex_init(&self->mutex, NULL) != 0)
        status = wci_fail_memory();
    if (status) {
        free_memory(self);
        return status;
    }
    struct wci_log log = wci_conf_log(self->conf);
    status = wci_engine_open(self->conf, &log, &wci_curl_transport, &self->engine);
    if (status) {
        pthread_mutex_destroy(&self->mutex);
        free_memory(self);
        return status;
    }
    *out = self;
    return wci_answer(status);
}

static wildcam_status open_child(wildcam_station *station, wildcam_uploader **out)
{
    wildcam_uploader *self = wci_new(sizeof *self);
    wildcam_status status = self ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    if (!status)
        status = wci_uploader_engine(station->uploader, &self->engine);
    if (!status && pthread_mutex_init(&self->mutex, NULL) != 0)
        status = wci_fail_memory();
    if (status) {
        free(self);
        return status;
    }
    self->pid = getpid();
    self->conf = station->conf;
    self->station = station;
    wci_station_hold(station);
    *out = self;
    return WILDCAM_OK;
}

wildcam_status wildcam_station_open_uploader(wildcam_station *station, wildcam_uploader **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(station, out);
    WCI_WITHIN(station, status, open_child(station, out));
    return status;
}

void wildcam_uploader_close(wildcam_uploader *self)
{
    if (!self)
        return;
    bool is_forked = self->pid != getpid();
    if (!self->station)
        wci_engine_close(self->engine, is_forked);
    if (!is_forked)
        pthread_mutex_destroy(&self->mutex);
    free_memory(self);
}

wildcam_status wci_api_uploader_enter(const wildcam_uploader *self)
{
    if (self->station)
        return wci_station_enter(self->station);
    if (self->pid == getpid())
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_FORKED,
                    "the uploader was opened by process %ld, before a fork; open it again here",
                    (long)self->pid);
}

void wci_api_uploader_leave(const wildcam_uploader *self)
{
    if (self->station)
        wci_station_leave(self->station);
}

/* For getters, which leave the thread's sentence as it is. */
static bool may_look(const wildcam_uploader *self)
{
    struct wci_error before;
    if (!self)
        return false;
    wci_error_save(&before);
    bool may = wci_api_uploader_enter(self) == WILDCAM_OK;
    wci_error_restore(&before);
    return may;
}

/* ---- sending ---- */

static const char *type_of(const char *key)
{
    static const char *const types[][2] = {
        {".jpg", "image/jpeg"},        {".jpeg", "image/jpeg"},     {".png", "image/png"},
        {".gif", "image/gif"},         {".webp", "image/webp"},     {".avif", "image/avif"},
        {".mp4", "video/mp4"},         {".mov", "video/quicktime"}, {".avi", "video/x-msvideo"},
        {".json", "application/json"}, {".csv", "text/csv"},        {".txt", "text/plain"},
        {".zip", "application/zip"},   {".gz", "application/gzip"}, {".tar", "application/x-tar"},
    };
    const char *dot = strrchr(key, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof types[0]; i++)
        if (wci_words_match(dot, types[i][0]))
            return types[i][1];
    return "application/octet-stream";
}

/* Whether the key's last part is the content's digest, so that it never gets another content. */
static bool names_content(const char *key, const unsigned char digest[WCI_DIGEST_BYTES])
{
    enum { ENOUGH = 32 };
    char text[WCI_DIGEST_TEXT];
    const char *slash = strrchr(key, '/'), *name = slash ? slash + 1 : key;
    size_t length = strspn(name, "0123456789abcdef");
    wci_digest_to_text(digest, text);
    return length >= ENOUGH && length < WCI_DIGEST_TEXT && strncmp(name, text, length) == 0 &&
           (name[length] == '.' || name[length] == '\0');
}

/* A sending on its way, and what is told of it. */
struct sending {
    wildcam_uploader *uploader;
    struct wci_object object;
    wildcam_progress_fn *progress;
    void *user;
    atomic_bool is_done;
};

static void note_done(void *user, struct wci_object *object)
{
    struct sending *sending = user;
    (void)object;
    atomic_store(&sending->is_done, true);
}

/* False when the caller has had enough. */
static bool tell(const struct sending *sending)
{
    int64_t total = sending->object.body.length, sent = atomic_load(&sending->object.sent);
    return !sending->progress ||
           sending->progress(sending->user, "upload", sent < total ? sent : total, total) == 0;
}

static void wait_for(struct sending *sending)
{
    wci_engine *engine = sending->uploader->engine;
    bool is_wanted = tell(sending);
    for (;;) {
        bool is_told = sending->progress && is_wanted;
        int64_t until = is_told ? wci_calendar_monotonic() + progress_interval : INT64_MAX;
        if (!is_wanted)
            wci_engine_cancel(engine, &sending->object);
        if (wci_engine_wait(engine, &sending->is_done, until))
            return;
        is_wanted = tell(sending);
    }
}

static wildcam_status run(struct sending *sending, wildcam_receipt *receipt)
{
    wildcam_uploader *self = sending->uploader;
    struct wci_object *object = &sending->object;
    pthread_mutex_lock(&self->mutex);
    sending->progress = self->progress;
    sending->user = self->user;
    pthread_mutex_unlock(&self->mutex);
    wildcam_status status = wci_object_hash(object, self->conf, NULL);
    if (status)
        return status;
    if (names_content(object->key, object->whole))
        object->cache_control = "public, max-age=31536000, immutable";
    object->patience = (int64_t)(wci_conf_real(self->conf, WCI_S3_DEADLINE) * (double)WCI_SECOND);
    object->done = note_done;
    object->user = sending;
    status = wci_engine_send(self->engine, object);
    if (status)
        return status;
    wait_for(sending);
    if (object->error.status == WILDCAM_OK && sending->progress) /* nothing is left to end */
        sending->progress(sending->user, "upload", object->body.length, object->body.length);
    status = wci_api_receipt_fill(receipt, self->engine, object);
    return object->error.status ? wci_error_restore(&object->error) : status;
}

static bool is_paused(const wildcam_uploader *self)
{
    return self->station ? wci_uploader_is_paused(self->station->uploader)
                         : atomic_load(&self->is_paused);
}

static wildcam_status send(wildcam_uploader *self, const struct wci_body *body, const char *key,
                           const char *content_type, wildcam_receipt **out)
{
    wildcam_receipt *receipt;
    struct sending sending = {.uploader = self};
    if (is_paused(self))
        return wci_fail(WILDCAM_ERR_STATE, "uploading is paused: %s is not sent", key);
    wildcam_status status = wci_s3_check_key(key);
    if (!status)
        status = wci_api_receipt_new(&receipt);
    if (status)
        return status;
    wci_object_init(&sending.object);
    sending.object.key = key;
    sending.object.content_type = content_type ? content_type : type_of(key);
    sending.object.body = *body;
    status = run(&sending, receipt);
    wci_object_release(&sending.object);
    if (out && (status == WILDCAM_OK || status == WILDCAM_ERR_UPLOAD))
        *out = receipt;
    else
        wildcam_receipt_free(receipt);
    return status;
}

static wildcam_status send_file(wildcam_uploader *self, const char *path, const char *key,
                                const char *content_type, wildcam_receipt **receipt)
{
    struct stat info;
    wildcam_status status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe is not waited for */
    if (fd < 0)
        return wci_fail_os(errno, "opening %s", path);
    if (fstat(fd, &info) != 0) {
        status = wci_fail_os(errno, "looking at %s", path);
    } else if (!S_ISREG(info.st_mode)) {
        status = wci_fail(WILDCAM_ERR_INVALID, "%s is no regular file", path);
    } else {
        struct wci_body body = {.fd = fd, .length = info.st_size};
        status = send(self, &body, key, content_type, receipt);
    }
    close(fd);
    return status;
}

wildcam_status wildcam_uploader_send_file(wildcam_uploader *self, const char *path, const char *key,
                                          const char *content_type, wildcam_receipt **receipt)
{
    wildcam_status status;
    if (receipt)
        *receipt = NULL;
    WCI_BEGIN(self, path, key);
    WCI_WITH_UPLOADER(self, status, send_file(self, path, key, content_type, receipt));
    return status;
}

wildcam_status wildcam_uploader_send_buffer(wildcam_uploader *self, const void *data, size_t size,
                                            const char *key, const char *content_type,
                                            wildcam_receipt **receipt)
{
    wildcam_status status;
    if (receipt)
        *receipt = NULL;
    WCI_BEGIN(self, key);
    if (!data && size > 0)
        return wci_fail(WILDCAM_ERR_INVALID, "%s: the data is NULL, its size %zu", __func__, size);
    if (size > INT64_MAX)
        return wci_fail(WILDCAM_ERR_TOOLARGE, "%s: %zu bytes", __func__, size);
    struct wci_body body = {.memory = data ? data : "", .fd = -1, .length = (int64_t)size};
    WCI_WITH_UPLOADER(self, status, send(self, &body, key, content_type, receipt));
    return status;
}

/* ---- how it goes about it ---- */

static wildcam_status set_progress(wildcam_uploader *self, wildcam_progress_fn *fn, void *user)
{
    pthread_mutex_lock(&self->mutex);
    self->progress = fn;
    self->user = user;
    pthread_mutex_unlock(&self->mutex);
    return WILDCAM_OK;
}

wildcam_status wildcam_uploader_set_progress(wildcam_uploader *self, wildcam_progress_fn *fn,
                                             void *user)
{
    wildcam_status status;
    WCI_BEGIN(self);
    WCI_WITH_UPLOADER(self, status, set_progress(self, fn, user));
    return status;
}

static wildcam_status set_pause(wildcam_uploader *self, int paused)
{
    if (paused != 0 && paused != 1)
        return wci_fail(WILDCAM_ERR_INVALID, "%d is neither 0 nor 1", paused);
    if (self->station)
        wci_uploader_pause(self->station->uploader, paused == 1);
    else
        atomic_store(&self->is_paused, paused == 1);
    return WILDCAM_OK;
}

wildcam_status wildcam_uploader_set_pause(wildcam_uploader *self, int paused)
{
    wildcam_status status;
    WCI_BEGIN(self);
    WCI_WITH_UPLOADER(self, status, set_pause(self, paused));
    return status;
}

int wildcam_uploader_get_pause(const wildcam_uploader *self)
{
    if (!may_look(self))
        return 0;
    int paused = is_paused(self);
    wci_api_uploader_leave(self);
    return paused;
}

static wildcam_status set_rate(wildcam_uploader *self, int64_t bytes_per_second)
{
    if (bytes_per_second < 0 || bytes_per_second > rate_most)
        return wci_fail(WILDCAM_ERR_INVALID, "%lld bytes per second, not in 0 to %lld",
                        (long long)bytes_per_second, (long long)rate_most);
    wci_engine_limit(self->engine, bytes_per_second);
    return WILDCAM_OK;
}

wildcam_status wildcam_uploader_set_rate(wildcam_uploader *self, int64_t bytes_per_second)
{
    wildcam_status status;
    WCI_BEGIN(self);
    WCI_WITH_UPLOADER(self, status, set_rate(self, bytes_per_second));
    return status;
}

int64_t wildcam_uploader_get_sent(const wildcam_uploader *self)
{
    if (!may_look(self))
        return 0;
    int64_t sent = wci_engine_sent(self->engine);
    wci_api_uploader_leave(self);
    return sent;
}

static wildcam_status retry_now(wildcam_uploader *self)
{
    if (self->station)
        wci_uploader_retry_now(self->station->uploader);
    else
        wci_engine_retry_now(self->engine);
    return WILDCAM_OK;
}

wildcam_status wildcam_uploader_retry_now(wildcam_uploader *self)
{
    wildcam_status status;
    WCI_BEGIN(self);
    WCI_WITH_UPLOADER(self, status, retry_now(self));
    return status;
}

/* ---- URLs ---- */

/* Where uploads go now, or the region of that name; -1 with NOTFOUND. */
static int choose_region(wci_engine *engine, const char *name)
{
    struct wci_region_report report;
    int count = (int)wci_engine_regions(engine), region = 0;
    if (name) {
        region = wci_engine_find_region(engine, name);
        if (region < 0)
            wci_fail(WILDCAM_ERR_NOTFOUND, "s3.regions has no region %s", name);
        return region;
    }
    for (; region < count; region++) {
        wci_engine_look(engine, region, &report, NULL);
        if (report.is_current)
            return region;
    }
    return 0;
}

static wildcam_status presign(wildcam_uploader *self, const char *name, const char *key,
                              int64_t seconds, char **url)
{
    struct wci_text text = {0};
    if (seconds < 0 || seconds > PRESIGN_MOST)
        return wci_fail(WILDCAM_ERR_INVALID, "a URL for %lld seconds, not for 1 to %d",
                        (long long)seconds, PRESIGN_MOST);
    if (seconds == 0)
        seconds = wci_conf_int(self->conf, WCI_S3_PRESIGN_SECONDS);
    int region = choose_region(self->engine, name);
    if (region < 0)
        return WILDCAM_ERR_NOTFOUND;
    wildcam_status status = wci_engine_presign(self->engine, region, key, seconds, &text);
    if (!status) {
        *url = wci_text_take(&text);
        status = *url ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    }
    wci_text_free(&text);
    return status;
}

wildcam_status wildcam_uploader_presign(wildcam_uploader *self, const char *region, const char *key,
                                        int64_t seconds, char **url)
{
    wildcam_status status;
    if (url)
        *url = NULL;
    WCI_BEGIN(self, key, url);
    WCI_WITH_UPLOADER(self, status, presign(self, region, key, seconds, url));
    return status;
}

static wildcam_status cdn_url(wildcam_uploader *self, const char *key, char **url)
{
    struct wci_text text = {0};
    wildcam_status status = wci_s3_check_key(key);
    if (!status)
        status = wci_cdn_address(self->conf, key, &text);
    if (!status) {
        *url = wci_text_take(&text);
        status = *url ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    }
    wci_text_free(&text);
    return status;
}

wildcam_status wildcam_uploader_cdn_url(wildcam_uploader *self, const char *key, char **url)
{
    wildcam_status status;
    if (url)
        *url = NULL;
    WCI_BEGIN(self, key, url);
    WCI_WITH_UPLOADER(self, status, cdn_url(self, key, url));
    return status;
}
