/* What stands in a file of MegaDetector's results beside the pictures. */
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/memory.h"
#include "exchange/megadetector.h"

enum { DOCUMENT_MAX = 64 << 20 };

static wildcam_status take_member(void *user, const char *name, const struct wci_text *value)
{
    struct wci_md_header *header = user;
    struct wci_text list = {0}; /* which a reader of whole texts takes, unlike a number */
    json_error_t error;
    json_t *parsed = NULL;
    header->bytes += value->length;
    if (header->bytes > DOCUMENT_MAX)
        return wci_fail(WILDCAM_ERR_TOOLARGE,
                        "what stands beside the list \"images\" is over %d bytes, with \"%.60s\"",
                        DOCUMENT_MAX, name);
    wci_text_add_format(&list, "[%s]", value->data);
    wildcam_status status = list.failed ? wci_fail_memory()
                                        : wci_json_read(list.data, list.length, &parsed, &error);
    wci_text_free(&list);
    if (status == WILDCAM_ERR_INVALID)
        return wci_fail(status, "\"%.60s\" is not JSON: %s", name, error.text);
    if (status == WILDCAM_OK &&
        json_object_set(header->document, name, json_array_get(parsed, 0)) != 0)
        status = wci_fail_memory();
    json_decref(parsed);
    return status;
}

/* Old files write the version as a number. */
static char *format_of(const json_t *info)
{
    const json_t *version = json_object_get(info, "format_version");
    if (!json_is_number(version))
        return wci_copy_text(json_string_value(version) ? json_string_value(version) : "");
    struct wci_text text = {0};
    struct wci_json json = {.out = &text};
    wci_json_real(&json, NULL, json_number_value(version));
    return wci_text_take(&text);
}

static wildcam_status settle_header(struct wci_md_header *header)
{
    json_t *info = json_object_get(header->document, "info");
    header->detector = wci_copy_text(wci_md_text(info, "detector"));
    header->version = wci_copy_text(
        wci_md_text(json_object_get(info, "detector_metadata"), "megadetector_version"));
    header->format = format_of(info);
    return header->detector && header->version && header->format ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

static wildcam_status check_format(const struct wci_md_header *header, const char *path,
                                   bool has_images)
{
    if (!has_images && !header->is_cut_off)
        return wci_fail(WILDCAM_ERR_INVALID,
                        "%.300s has no list \"images\": it is no result file of "
                        "MegaDetector",
                        path);
    if (header->format[0] && strncmp(header->format, "1.", 2) != 0 &&
        strcmp(header->format, "1") != 0)
        return wci_fail(WILDCAM_ERR_VERSION,
                        "%.300s has format version %.20s; 1.0 to 1.6 are known", path,
                        header->format);
    return WILDCAM_OK;
}

wildcam_status wci_md_read_header(const char *path, struct wci_md_header *header)
{
    struct wci_source source;
    *header = (struct wci_md_header){.document = json_object()};
    if (!header->document)
        return wci_fail_memory();
    wildcam_status status = wci_source_open(&source, path);
    if (status != WILDCAM_OK)
        return status;
    struct wci_json_walk walk = {
        .source = &source, .list = "images", .user = header, .member = take_member};
    status = wci_json_walk(&walk);
    wci_source_close(&source);
    header->images = walk.elements;
    header->repairs = walk.repairs;
    header->is_cut_off = walk.is_cut_off;
    if (status == WILDCAM_OK)
        status = settle_header(header);
    return status == WILDCAM_OK ? check_format(header, path, walk.has_list) : status;
}

void wci_md_free_header(struct wci_md_header *header)
{
    json_decref(header->document);
    free(header->detector);
    free(header->version);
    free(header->format);
    *header = (struct wci_md_header){0};
}
