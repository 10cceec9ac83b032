/* Looking whether rows and files fit, both ways. */
#include "store/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <wildcam/time.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "store/store.h"

void wci_check_find(struct wci_check *check, const char *what, const char *where,
                    const char *format, ...)
{
    char text[WCI_ERROR_TEXT];
    va_list args;
    check->findings++;
    if (!check->finding)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    check->finding(check->user, what, where, text);
}

wildcam_status wci_check_step(struct wci_check *check, const char *phase)
{
    check->done++;
    if (!check->progress || check->progress(check->user, phase, check->done, check->total) == 0)
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_CANCELLED, "the check was stopped");
}

/* The files of a day, found before its rows are read: whatever is there has its row. */
struct file {
    char name[WCI_DIGEST_TEXT];
    bool has_row;
    bool is_needed;      /* by a picture that is not released */
    int64_t released_id; /* of one that is */
};

struct files {
    struct file *list;
    size_t count, capacity;
};

struct pass {
    struct wci_store *store;
    struct wci_check *check;
    const char *kind; /* "images", or "thumbnails/WxH" */
    char day[16];     /* YYYY/MM/DD */
    struct files files;
};

static wildcam_status list_file(void *user, const char *path, const char *name, bool is_directory)
{
    struct pass *pass = user;
    char where[WCI_PATH];
    unsigned char sha256[WCI_DIGEST_BYTES];
    void *list = pass->files.list;
    size_t digest = strcspn(name, ".");
    (void)path;
    if (is_directory || !wci_digest_from_text(name, digest, sha256) ||
        strcmp(name + digest, ".jpg") != 0) {
        if (wci_path(where, "%s/%s/%.255s", pass->kind, pass->day, name) == WILDCAM_OK)
            wci_check_find(pass->check, "file without row", where, "it is no picture's file");
        return WILDCAM_OK;
    }
    if (wci_reserve(&list, &pass->files.capacity, pass->files.count + 1, sizeof(struct file)) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    pass->files.list = list;
    struct file *file = &pass->files.list[pass->files.count++];
    *file = (struct file){.has_row = false};
    snprintf(file->name, sizeof file->name, "%.*s", WCI_DIGEST_TEXT - 1, name);
    return WILDCAM_OK;
}

static wildcam_status list_day(struct pass *pass, int64_t day)
{
    char path[WCI_PATH];
    struct wci_date date;
    wci_calendar_split(day, &date);
    snprintf(pass->day, sizeof pass->day, "%04d/%02d/%02d", date.year % 10000, date.month % 100,
             date.day % 100);
    wildcam_status status = wci_path(path, "%s/%s/%s", pass->store->pictures.directory, pass->kind,
                                     pass->day);
    return status == WILDCAM_OK ? wci_directory_walk(path, list_file, pass) : status;
}

static int compare_files(const void *left, const void *right)
{
    return strcmp(((const struct file *)left)->name, ((const struct file *)right)->name);
}

static void mark_file(struct pass *pass, const wildcam_image *image)
{
    struct file key;
    memcpy(key.name, image->sha256_text, sizeof key.name);
    struct file *file = pass->files.count ? bsearch(&key, pass->files.list, pass->files.count,
                                                    sizeof key, compare_files)
                                          : NULL;
    if (!file)
        return;
    file->has_row = true;
    if (image->released_at == WILDCAM_TIME_NONE)
        file->is_needed = true;
    else
        file->released_id = image->id;
}

static void name_row(const wildcam_image *image, char where[64])
{
    snprintf(where, 64, "picture %lld", (long long)image->id);
}

static wildcam_status digest_file(int fd, unsigned char sha256[WCI_DIGEST_BYTES])
{
    char chunk[64 * 1024];
    size_t got;
    wci_digest *digest;
    wildcam_status status = wci_digest_begin(&digest);
    if (status != WILDCAM_OK)
        return status;
    do {
        status = wci_file_read(fd, "a picture", chunk, sizeof chunk, &got);
        if (status == WILDCAM_OK)
            status = wci_digest_add(digest, chunk, got);
    } while (status == WILDCAM_OK && got == sizeof chunk);
    if (status == WILDCAM_OK)
        status = wci_digest_end(digest, sha256);
    wci_digest_free(digest);
    return status;
}

/* The length always, the content when that was asked for. */
static wildcam_status check_content(struct pass *pass, const wildcam_image *image)
{
    char where[64], path[WCI_PATH];
    unsigned char sha256[WCI_DIGEST_BYTES];
    wildcam_image again;
    int fd;
    name_row(image, where);
    wildcam_status status = wci_pictures_read(&pass->store->pictures, image, &fd);
    if (status == WILDCAM_ERR_CORRUPT) {
        char text[WCI_ERROR_TEXT];
        snprintf(text, sizeof text, "%s", wildcam_error_message());
        wci_image_init(&again); /* it may have been purged or released at this moment */
        status = pass->store->ops->get_image(pass->store->backend, image->id, &again);
        bool was_released = again.released_at != WILDCAM_TIME_NONE;
        wci_image_release(&again);
        pass->check->released += was_released;
        if (status == WILDCAM_OK && was_released)
            return WILDCAM_OK;
        if (status == WILDCAM_OK)
            status = wci_pictures_path(&pass->store->pictures, image, path);
        if (status == WILDCAM_OK)
            wci_check_find(pass->check, wci_file_exists(path) ? "damaged file" : "row without file",
                           where, "%s", text);
        return status == WILDCAM_ERR_NOTFOUND ? WILDCAM_OK : status;
    }
    if (status != WILDCAM_OK)
        return status;
    if (pass->check->how & WILDCAM_CHECK_CONTENT) {
        status = digest_file(fd, sha256);
        if (status == WILDCAM_OK && memcmp(sha256, image->sha256, sizeof sha256) != 0)
            wci_check_find(pass->check, "damaged file", where,
                           "its file does not have the SHA-256 %s any more", image->sha256_text);
    }
    close(fd);
    return status;
}

static wildcam_status check_row(void *user, const wildcam_image *image)
{
    struct pass *pass = user;
    wildcam_status status = WILDCAM_OK;
    mark_file(pass, image);
    if (wci_image_is_elsewhere(image))
        return wci_check_step(pass->check, "pictures");
    if (image->released_at == WILDCAM_TIME_NONE)
        status = check_content(pass, image);
    else
        pass->check->released++;
    return status == WILDCAM_OK ? wci_check_step(pass->check, "pictures") : status;
}

static wildcam_status mark_row(void *user, const wildcam_image *image)
{
    mark_file(user, image);
    return WILDCAM_OK;
}

/* Whoever released it was stopped before its file was deleted. */
static wildcam_status finish_release(struct wci_store *store, const struct file *file)
{
    wildcam_image image;
    if (file->is_needed || !file->released_id)
        return WILDCAM_OK;
    wci_image_init(&image);
    wildcam_status status = store->ops->get_image(store->backend, file->released_id, &image);
    if (status == WILDCAM_OK && image.released_at != WILDCAM_TIME_NONE)
        status = wci_store_drop_released(store, &image);
    if (status == WILDCAM_OK)
        wci_log_write(store->log, WILDCAM_LOG_INFO, "pictures",
                      "the file of picture %lld, which is released, is deleted now",
                      (long long)file->released_id);
    wci_image_release(&image);
    return status == WILDCAM_ERR_NOTFOUND ? WILDCAM_OK : status;
}

static wildcam_status check_day(struct wci_store *store, struct wci_check *check, const char *kind,
                                int64_t day)
{
    struct pass pass = {.store = store, .check = check, .kind = kind};
    bool is_images = strcmp(kind, "images") == 0;
    wildcam_status status = list_day(&pass, day);
    if (status == WILDCAM_OK && pass.files.count)
        qsort(pass.files.list, pass.files.count, sizeof(struct file), compare_files);
    if (status == WILDCAM_OK && (is_images || pass.files.count))
        status = store->ops->walk_images(store->backend, day, day + WCI_DAY,
                                         is_images ? check_row : mark_row, &pass);
    for (size_t i = 0; status == WILDCAM_OK && i < pass.files.count; i++) {
        char where[WCI_PATH];
        if (!pass.files.list[i].has_row &&
            wci_path(where, "%s/%s/%s.jpg", kind, pass.day, pass.files.list[i].name) == WILDCAM_OK)
            wci_check_find(check, "file without row", where, "no picture's row names it");
        if (is_images)
            status = finish_release(store, &pass.files.list[i]);
    }
    free(pass.files.list);
    return status;
}

static wildcam_status check_days(struct wci_store *store, struct wci_check *check, const char *kind,
                                 int64_t from, int64_t to)
{
    wildcam_status status = WILDCAM_OK;
    for (int64_t day = from; status == WILDCAM_OK && day < to; day += WCI_DAY)
        status = check_day(store, check, kind, day);
    return status;
}

struct span_pass {
    struct wci_store *store;
    struct wci_check *check;
    struct wci_text months; /* those that have been looked at, each as "YYYY-MM " */
    int64_t from, to;
};

static wildcam_status check_thumbnails(void *user, const char *path, const char *name,
                                       bool is_directory)
{
    struct span_pass *span = user;
    char kind[280];
    (void)path;
    if (!is_directory)
        return WILDCAM_OK;
    snprintf(kind, sizeof kind, "thumbnails/%s", name);
    return check_days(span->store, span->check, kind, span->from, span->to);
}

static wildcam_status check_span(void *user, const char *name, int64_t from, int64_t to)
{
    struct span_pass *span = user;
    char thumbnails[WCI_PATH];
    wci_text_add_format(&span->months, "%s ", name);
    span->from = from;
    span->to = to;
    wildcam_status status = check_days(span->store, span->check, "images", from, to);
    if (status == WILDCAM_OK)
        status = wci_path(thumbnails, "%s/thumbnails", span->store->pictures.directory);
    if (status == WILDCAM_OK)
        status = wci_directory_walk(thumbnails, check_thumbnails, span);
    if (status == WILDCAM_ERR_CORRUPT) /* found by the look at the databases */
        status = WILDCAM_OK;
    return status;
}

/* A day's folder that belongs to no shard, neither a whole nor a damaged one. */
static wildcam_status check_lost_day(struct span_pass *span, const char *names, int year, int month,
                                     int day)
{
    char path[WCI_PATH], where[64];
    bool is_empty;
    if (wci_pictures_is_day_of(names, year, month, day))
        return WILDCAM_OK;
    snprintf(where, sizeof where, "images/%04d/%02d/%02d", year, month, day);
    wildcam_status status = wci_path(path, "%s/%s", span->store->pictures.directory, where);
    if (status == WILDCAM_OK)
        status = wci_directory_is_empty(path, &is_empty);
    if (status == WILDCAM_OK && !is_empty)
        wci_check_find(span->check, "file without row", where,
                       "there are files of a day of which no row is kept");
    return status;
}

static wildcam_status find_lost_days(struct span_pass *span, const char *names)
{
    char years[WCI_PATH];
    wildcam_status status = WILDCAM_OK;
    for (int year = 1970; status == WILDCAM_OK && year < 2107; year++) {
        status = wci_path(years, "%s/images/%04d", span->store->pictures.directory, year);
        if (status != WILDCAM_OK || access(years, F_OK) != 0)
            continue;
        for (int month = 1; month <= 12; month++)
            for (int day = 1; status == WILDCAM_OK && day <= 31; day++)
                status = check_lost_day(span, names, year, month, day);
    }
    return status;
}

static wildcam_status find_left_over(void *user, const char *path, const char *name,
                                     bool is_directory)
{
    struct span_pass *span = user;
    char where[300];
    (void)path;
    if (!is_directory || wci_pictures_is_alive(&span->store->pictures, name))
        return WILDCAM_OK;
    snprintf(where, sizeof where, "incoming/%s", name);
    wci_check_find(span->check, "left over", where,
                   "a process that ended left it; the next opening of the station looks after it");
    return WILDCAM_OK;
}

static wildcam_status check_rest(struct span_pass *span)
{
    char incoming[WCI_PATH];
    struct wci_store_figures figures = {0};
    wildcam_status status = span->store->ops->figures(span->store->backend, &figures);
    if (status == WILDCAM_OK) {
        wci_pictures_list_damaged(&span->months, wci_text_get(&figures.damaged));
        status = span->months.failed ? wci_fail_memory()
                                     : find_lost_days(span, wci_text_get(&span->months));
    }
    wci_text_free(&figures.damaged);
    if (status == WILDCAM_OK)
        status = wci_path(incoming, "%s/incoming", span->store->pictures.directory);
    return status == WILDCAM_OK ? wci_directory_walk(incoming, find_left_over, span) : status;
}

wildcam_status wci_store_check(struct wci_store *store, struct wci_check *check)
{
    struct span_pass span = {.store = store, .check = check};
    struct wci_store_figures figures = {0};
    wildcam_status status = wci_store_finish_removals(store,
                                                      false); /* what a crash left is no finding */
    if (status == WILDCAM_OK)
        status = store->ops->figures(store->backend, &figures);
    wci_text_free(&figures.damaged);
    check->total = figures.shards;
    if (status == WILDCAM_OK)
        status = store->ops->check(store->backend, check);
    check->done = 0;
    if (status == WILDCAM_OK)
        status = wci_count_pictures(store->ops, store->backend, &check->total);
    if (status == WILDCAM_OK)
        status = store->ops->each_span(store->backend, check_span, &span);
    if (status == WILDCAM_OK)
        status = check_rest(&span);
    if (status == WILDCAM_OK && check->released)
        wci_log_write(store->log, WILDCAM_LOG_INFO, "store",
                      "pictures whose files are in S3 alone: %lld", (long long)check->released);
    wci_text_free(&span.months);
    return status;
}
