/* MegaDetector's results, into a station and out of it. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "exchange/megadetector.h"
#include "exchange/sink.h"
#include "station/exchange.h"
#include "station/exchange_attach.h"
#include "station/exchange_batch.h"
#include "station/exchange_match.h"
#include "station/exchange_take.h"

/* ---- In ---- */

struct import {
    wildcam_exchange *exchange;
    struct wci_md_header header;
    struct wci_match match;
    const char *base;
    int64_t bytes; /* of the file */
};

static void note_trouble(void *user, const char *file, const char *text)
{
    struct import *import = user;
    if (import->exchange->note)
        import->exchange->note(import->exchange->note_user, "left_out", file, text);
}

static int tell_progress(void *user, int64_t done, int64_t total)
{
    struct import *import = user;
    import->bytes = total;
    return wci_batch_step(import->exchange, "results", done, total) != WILDCAM_OK;
}

/* Takes the picture's file in. One that cannot be is noted. */
static wildcam_status take_from_base(struct import *import, const struct wci_md_image *image)
{
    wildcam_exchange *exchange = import->exchange;
    struct wci_take take = {.exchange = exchange,
                            .base = import->base,
                            .file = image->file,
                            .name = image->file,
                            .metadata = image->metadata,
                            .moment = {.time = WILDCAM_TIME_NONE},
                            .detections = image->count ? image->detections : image->nothing,
                            .count = image->failure ? 0
                                     : image->count ? image->count
                                                    : 1};
    wildcam_status status = wci_match_camera(&import->match, image->file, take.device_id);
    if (status == WILDCAM_OK)
        status = wci_take_file(&take);
    if (status == WILDCAM_OK && take.is_known)
        return wci_exchange_attach(exchange, take.image_id, image, false);
    return status;
}

static wildcam_status take_result(void *user, const struct wci_md_image *image)
{
    struct import *import = user;
    wildcam_exchange *exchange = import->exchange;
    wildcam_status status;
    exchange->figures[WILDCAM_EXCHANGE_PICTURES]++;
    if (image->failure)
        wci_exchange_note(exchange, WILDCAM_EXCHANGE_UNPROCESSED, image->file, "%s",
                          image->failure);
    if (*import->base) {
        status = take_from_base(import, image);
    } else {
        int64_t id;
        status = wci_match_find(&import->match, image->file, &id);
        if (status == WILDCAM_OK)
            status = wci_exchange_attach(exchange, id, image, true);
    }
    if (status == WILDCAM_OK || !wci_take_is_of_one(status))
        return status;
    wci_exchange_note(exchange,
                      *import->base ? WILDCAM_EXCHANGE_FAILED : WILDCAM_EXCHANGE_UNMATCHED,
                      image->file, "%s", wildcam_error_message());
    wci_error_clear();
    return WILDCAM_OK;
}

static void count_tally(wildcam_exchange *exchange, const struct wci_md_header *header,
                        const struct wci_md_tally *tally)
{
    exchange->figures[WILDCAM_EXCHANGE_REPAIRS] = header->repairs;
    exchange->figures[WILDCAM_EXCHANGE_BELOW] = tally->below;
    exchange->figures[WILDCAM_EXCHANGE_CLAMPED] = tally->clamped;
    exchange->figures[WILDCAM_EXCHANGE_UNLISTED] = tally->unlisted;
    exchange->figures[WILDCAM_EXCHANGE_LEFT_OUT] += tally->left_out + tally->unreadable;
}

static void remark_header(wildcam_exchange *exchange, const struct wci_md_header *header)
{
    if (header->is_cut_off)
        wci_exchange_remark(exchange, "the file ends in the middle: the pictures up to there are "
                                      "taken in, and categories may be missing");
    if (!*header->format)
        wci_exchange_remark(exchange, "the file does not say its format_version");
    else if (strcmp(header->format, "1.3") < 0)
        wci_exchange_remark(exchange, "the file is of format %s: max_detection_conf is not kept",
                            header->format);
    if (header->repairs)
        wci_exchange_remark(exchange, "the file is no strict JSON: %lld places were read over",
                            (long long)header->repairs);
}

static wildcam_status read_all(struct import *import, const char *path)
{
    const struct wci_exchange_options *options = &import->exchange->options;
    struct wci_md_reader reader = {
        .header = &import->header,
        .options = {.threshold = wci_exchange_real(options, WCI_EXCHANGE_THRESHOLD),
                    .privacy_threshold = wci_conf_real(import->exchange->station->conf,
                                                       WCI_PRIVACY_CONFIDENCE),
                    .species_threshold = wci_exchange_real(options,
                                                           WCI_EXCHANGE_SPECIES_THRESHOLD)},
        .user = import,
        .each = take_result,
        .trouble = note_trouble,
        .progress = tell_progress};
    remark_header(import->exchange, &import->header);
    wildcam_status status = wci_batch_begin(import->exchange);
    if (status == WILDCAM_OK)
        status = wci_md_read_images(path, &reader);
    status = wci_batch_end(import->exchange, status);
    if (status == WILDCAM_OK)
        status = wci_exchange_step(import->exchange, "results", import->bytes, import->bytes);
    count_tally(import->exchange, &import->header, &reader.tally);
    return status;
}

/* What stands around the pictures, but for the names of categories, which rows have themselves: its
 * unknown keys come out again. */
static wildcam_status keep_document(wildcam_exchange *exchange, const struct wci_md_header *header,
                                    const char *path)
{
    const struct wci_store *store = &exchange->station->store;
    char real[WCI_PATH];
    wildcam_status status = wci_path_real(path, real);
    if (status != WILDCAM_OK)
        return status;
    json_object_del(header->document, "detection_categories");
    json_object_del(header->document, "classification_categories");
    json_object_del(header->document, "classification_category_descriptions");
    char *text = json_dumps(header->document, JSON_COMPACT);
    struct wci_import import = {.format = "megadetector",
                                .name = real,
                                .imported_at = wci_calendar_now(),
                                .document = text};
    status = text ? store->ops->put_import(store->backend, &import) : wci_fail_memory();
    free(text);
    return status;
}

/* Else every picture of the file would be told as one that is not there. */
static wildcam_status check_base(const struct import *import)
{
    struct stat found;
    if (!*import->base || (stat(import->base, &found) == 0 && S_ISDIR(found.st_mode)))
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_NOTFOUND,
                    "the option base names the folder that the pictures lie in; %.300s is no "
                    "folder that can be read",
                    import->base);
}

wildcam_status wci_import_megadetector(wildcam_exchange *exchange, const char *path)
{
    struct import import = {.exchange = exchange};
    import.base = wci_exchange_text(&exchange->options, WCI_EXCHANGE_BASE);
    wildcam_status status = check_base(&import);
    if (status == WILDCAM_OK)
        status = wci_md_read_header(path, &import.header);
    if (status == WILDCAM_OK)
        status = wci_match_begin(&import.match, exchange, !*import.base);
    if (status == WILDCAM_OK)
        status = read_all(&import, path);
    if (status == WILDCAM_OK && !wci_exchange_flag(&exchange->options, WCI_EXCHANGE_DRY_RUN))
        status = keep_document(exchange, &import.header, path);
    wci_match_end(&import.match);
    wci_md_free_header(&import.header);
    return status;
}

/* ---- Out ---- */

struct export
{
    wildcam_exchange *exchange;
    struct wci_sink sink;
    struct wci_md_writer writer;
};

static wildcam_status write_picture(void *user, const wildcam_image *image,
                                    const wildcam_detection *const *detections, size_t count)
{
    struct export *export = user;
    wci_md_write_image(&export->writer, image, detections, count);
    return wci_sink_spill(&export->sink);
}

/* As json_object_update_missing(), which tells no failure. */
static bool add_missing(json_t *to, json_t *from)
{
    const char *name;
    json_t *value;
    json_object_foreach (from, name, value)
        if (!json_object_get(to, name) && json_object_set(to, name, value) != 0)
            return false;
    return true;
}

/* Of several files, what an earlier one says counts. */
static wildcam_status merge_document(void *user, const struct wci_import *import)
{
    json_t *all = user, *info = json_object_get(all, "info");
    json_t *one = json_loads(import->document, 0, NULL);
    bool is_merged = one && add_missing(all, one) &&
                     (!info || add_missing(info, json_object_get(one, "info")));
    json_decref(one);
    return is_merged ? WILDCAM_OK : wci_fail_memory();
}

static void count_written(wildcam_exchange *exchange, const struct wci_md_writer *writer)
{
    exchange->figures[WILDCAM_EXCHANGE_PICTURES] = writer->images;
    exchange->figures[WILDCAM_EXCHANGE_DETECTIONS] = writer->detections;
    exchange->figures[WILDCAM_EXCHANGE_UNPROCESSED] = writer->failures;
    exchange->figures[WILDCAM_EXCHANGE_BELOW] = writer->below;
    if (writer->without_confidence)
        wci_exchange_remark(exchange, "%lld detections of unknown confidence are written as 1.0",
                            (long long)writer->without_confidence);
    if (writer->without_box)
        wci_exchange_remark(exchange, "%lld detections without a box have the whole picture's",
                            (long long)writer->without_box);
}

static wildcam_status write_all(struct export *export, struct wci_text *damaged)
{
    const struct wci_store *store = &export->exchange->station->store;
    json_t *document = json_object();
    if (!document)
        return wci_fail_memory();
    wildcam_status status =
        wci_md_write_begin(&export->writer, &export->sink.buffer,
                           wci_exchange_real(&export->exchange->options, WCI_EXCHANGE_THRESHOLD));
    if (status == WILDCAM_OK)
        status = store->ops->each_import(store->backend, "megadetector", merge_document, document);
    if (status == WILDCAM_OK)
        status = wci_exchange_walk(export->exchange, write_picture, export, damaged);
    if (status == WILDCAM_OK) {
        wci_md_write_finish(&export->writer, document);
        count_written(export->exchange, &export->writer);
        status = wci_sink_finish(&export->sink);
    }
    json_decref(document);
    return status;
}

wildcam_status wci_export_megadetector(wildcam_exchange *exchange, const char *path)
{
    struct export *export = wci_new(sizeof *export);
    struct wci_text damaged = {0};
    if (!export)
        return WILDCAM_ERR_NOMEM;
    export->exchange = exchange;
    wildcam_status status = wci_sink_open(&export->sink, path, false);
    if (status == WILDCAM_OK)
        status = write_all(export, &damaged);
    wci_sink_abort(&export->sink);
    wci_md_write_free(&export->writer);
    free(export);
    if (status == WILDCAM_OK)
        status = wci_exchange_tell_damaged(&damaged);
    wci_text_free(&damaged);
    return status;
}
