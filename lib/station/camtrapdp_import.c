/* Camtrap DP, into a station: the package's description and its deployments. */
#include "station/camtrapdp_import.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/json_read.h"
#include "base/memory.h"
#include "base/number.h"
#include "station/camtrapdp_places.h"

enum { DESCRIPTION_MAX = 16 << 20, DEPLOYMENTS, MEDIA, OBSERVATIONS };

void wci_camtrapdp_device_id(const char *text, char device_id[WCI_DEVICE_ID_MAX + 1])
{
    size_t length = 0;
    for (; *text && length < WCI_DEVICE_ID_MAX; text++) {
        bool is_good = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                       (*text >= '0' && *text <= '9') || strchr("_:-", *text) ||
                       (*text == '.' && length > 0);
        device_id[length++] = (char)(is_good ? *text : '_');
    }
    device_id[length] = '\0';
}

/* ---- datapackage.json ---- */

static wildcam_status find_description(struct wci_camtrapdp_import *import, const char *path,
                                       char description[WCI_PATH])
{
    struct stat found;
    if (stat(path, &found) == 0 && S_ISDIR(found.st_mode)) {
        wildcam_status status = wci_path(import->directory, "%s", path);
        return status == WILDCAM_OK ? wci_path(description, "%s/datapackage.json", path) : status;
    }
    wildcam_status status = wci_path_above(import->directory, path);
    return status == WILDCAM_OK ? wci_path(description, "%s", path) : status;
}

static wildcam_status read_description(const char *path, json_t **package, struct wci_text *text)
{
    char *data;
    size_t size;
    json_error_t error;
    wildcam_status status = wci_file_load(path, DESCRIPTION_MAX, &data, &size);
    if (status != WILDCAM_OK)
        return status;
    status = wci_json_read(data, size, package, &error);
    if (status == WILDCAM_ERR_INVALID)
        wci_fail(status, "%.300s, line %d: %s", path, error.line, error.text);
    if (status == WILDCAM_OK)
        status = wci_text_set(text, data, size);
    free(data);
    return status;
}

static const json_t *find_resource(const json_t *package, const char *name)
{
    const json_t *resources = json_object_get(package, "resources");
    for (size_t i = 0; i < json_array_size(resources); i++) {
        const json_t *resource = json_array_get(resources, i);
        const char *called = json_string_value(json_object_get(resource, "name"));
        if (called && strcmp(called, name) == 0)
            return resource;
    }
    return NULL;
}

static wildcam_status find_table(struct wci_camtrapdp_import *import, const json_t *package,
                                 const struct wci_table *table, char path[WCI_PATH])
{
    const json_t *named = json_object_get(find_resource(package, table->name), "path");
    if (json_is_array(named)) {
        if (json_array_size(named) > 1)
            return wci_fail(WILDCAM_ERR_INVALID,
                            "the table %s is split over %zu files; join them into one", table->name,
                            json_array_size(named));
        named = json_array_get(named, 0);
    }
    const char *words = json_string_value(named);
    if (!words)
        return wci_fail(WILDCAM_ERR_INVALID, "the package names no file of %s", table->name);
    if (wci_camtrapdp_is_address(words))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "%.200s is not fetched: download it beside the description, and name it "
                        "there",
                        words);
    if (!wci_camtrapdp_is_path(words))
        return wci_fail(WILDCAM_ERR_INVALID, "the table %s lies outside of the package: %.200s",
                        table->name, words);
    return wci_path(path, "%s/%s", import->directory, words);
}

static wildcam_status check_profile(const json_t *package, const char *path)
{
    const char *profile = json_string_value(json_object_get(package, "profile"));
    if (!json_is_object(package) || !profile || !strstr(profile, "camtrap-dp"))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "%.300s describes no Camtrap DP package: its profile "
                        "is %.100s",
                        path, profile ? profile : "missing");
    if (!strstr(profile, "/1."))
        return wci_fail(WILDCAM_ERR_VERSION, "%.200s is of profile %.200s; 1.0 to 1.0.2 are known",
                        path, profile);
    return WILDCAM_OK;
}

/* Which package it is: by its id, else its name, else where it lies. */
static wildcam_status name_package(struct wci_camtrapdp_import *import, const json_t *package)
{
    static const char *const members[] = {"id", "name"};
    for (size_t i = 0; i < 2; i++) {
        const char *word = json_string_value(json_object_get(package, members[i]));
        if (word && *word)
            return wci_text_set(&import->name, word, strlen(word));
    }
    char real[WCI_PATH];
    wildcam_status status = wci_path_real(import->directory, real);
    return status == WILDCAM_OK ? wci_text_set(&import->name, real, strlen(real)) : status;
}

static wildcam_status keep_description(struct wci_camtrapdp_import *import, const char *text)
{
    const struct wci_store *store = &import->exchange->station->store;
    struct wci_import kept = {.format = "camtrapdp",
                              .name = import->name.data,
                              .imported_at = wci_calendar_now(),
                              .document = text};
    if (import->is_dry)
        return WILDCAM_OK;
    wildcam_status status = store->ops->put_import(store->backend, &kept);
    import->id = kept.id;
    return status;
}

static wildcam_status begin(struct wci_camtrapdp_import *import, const char *path)
{
    char description[WCI_PATH];
    struct wci_text text = {0};
    json_t *package = NULL;
    wildcam_status status = find_description(import, path, description);
    if (status == WILDCAM_OK)
        status = read_description(description, &package, &text);
    if (status == WILDCAM_OK)
        status = check_profile(package, description);
    if (status == WILDCAM_OK)
        status = find_table(import, package, &wci_camtrapdp_deployments, import->paths[0]);
    if (status == WILDCAM_OK)
        status = find_table(import, package, &wci_camtrapdp_media, import->paths[1]);
    if (status == WILDCAM_OK)
        status = find_table(import, package, &wci_camtrapdp_observations, import->paths[2]);
    if (status == WILDCAM_OK)
        status = name_package(import, package);
    if (status == WILDCAM_OK)
        status = keep_description(import, text.data);
    json_decref(package);
    wci_text_free(&text);
    return status;
}

/* ---- Cameras ---- */

static wildcam_status find_or_add(struct wci_camtrapdp_import *import, wildcam_camera *draft,
                                  const struct wci_name **camera)
{
    const struct wci_store *store = &import->exchange->station->store;
    const char *device_id = wci_text_get(&draft->device_id);
    bool created;
    wildcam_status status = store->ops->find_camera(store->backend, device_id, false, camera);
    if (status != WILDCAM_ERR_NOTFOUND)
        return status;
    wci_error_clear();
    *camera = NULL;
    if (import->is_dry)
        return WILDCAM_OK;
    status = store->ops->put_camera(store->backend, draft, true, wci_calendar_now(), &created);
    return status == WILDCAM_OK ? store->ops->find_camera(store->backend, device_id, false, camera)
                                : status;
}

static wildcam_status add_camera(struct wci_camtrapdp_import *import, const char *deployment,
                                 const struct wci_name *camera, bool *before)
{
    void *grown = import->cameras;
    int64_t index = (int64_t)import->camera_count;
    if (wci_reserve(&grown, &import->camera_capacity, import->camera_count + 1,
                    sizeof *import->cameras) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    import->cameras = grown;
    wildcam_status status = wci_hash_set_add(&import->deployments, wci_hash_set_hash(0, deployment),
                                             &index, before);
    if (status == WILDCAM_OK && !*before)
        import->cameras[import->camera_count++] = camera;
    return status;
}

wildcam_status wci_camtrapdp_camera(struct wci_camtrapdp_import *import, const char *deployment,
                                    const char *row, const struct wci_name **camera)
{
    char device_id[WCI_DEVICE_ID_MAX + 1];
    bool before;
    wildcam_camera draft;
    const int64_t *found = wci_hash_set_find(&import->deployments,
                                             wci_hash_set_hash(0, deployment));
    if (found) {
        *camera = import->cameras[*found];
        return WILDCAM_OK;
    }
    wci_exchange_note(import->exchange, WILDCAM_EXCHANGE_ORPHANS, row,
                      "deployment \"%.100s\" is not in the package: a camera is made up for it",
                      deployment);
    wci_camtrapdp_device_id(*deployment ? deployment : "unknown", device_id);
    wci_camera_init(&draft);
    wildcam_status status = wci_take_device_id(&draft.device_id, device_id);
    if (status == WILDCAM_OK)
        status = find_or_add(import, &draft, camera);
    wci_camera_release(&draft);
    return status == WILDCAM_OK ? add_camera(import, deployment, *camera, &before) : status;
}

/* ---- deployments.csv ---- */

/* A cell that does not fit is told, and stays with the others as it was written. */
static wildcam_status forgive(struct wci_camtrapdp_import *import, const char *id,
                              const char *column, wildcam_status status)
{
    if (status != WILDCAM_ERR_INVALID && status != WILDCAM_ERR_TOOLARGE)
        return status;
    wci_exchange_note(import->exchange, WILDCAM_EXCHANGE_LEFT_OUT, id, "%s: %.300s", column,
                      wildcam_error_message());
    wci_error_clear();
    return WILDCAM_OK;
}

static wildcam_status fill_fields(struct wci_camtrapdp_import *import,
                                  const struct wci_table_reader *row, wildcam_deployment *draft)
{
    const char *id = wci_table_cell(row, WCI_DEP_deploymentID);
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < WCI_SITE_TEXTS; i++)
        status = forgive(import, id, row->table->columns[wci_site_texts[i].column],
                         wci_deployment_set_text(draft, wci_site_texts[i].field,
                                                 wci_table_cell(row, wci_site_texts[i].column)));
    for (size_t i = 0; status == WILDCAM_OK && i < WCI_SITE_NUMBERS; i++) {
        double value = NAN;
        const char *cell = wci_table_cell(row, wci_site_numbers[i].column);
        if (*cell && !wci_number_parse_real(cell, &value))
            wci_fail(WILDCAM_ERR_INVALID, "\"%.60s\" is no number", cell);
        bool is_wrong = *cell && isnan(value);
        status = forgive(import, id, row->table->columns[wci_site_numbers[i].column],
                         is_wrong
                             ? WILDCAM_ERR_INVALID
                             : wci_deployment_set_number(draft, wci_site_numbers[i].field, value));
    }
    for (size_t i = 0; status == WILDCAM_OK && i < WCI_SITE_FLAGS; i++) {
        const char *cell = wci_table_cell(row, wci_site_flags[i].column);
        if (wci_camtrapdp_flag(cell) >= 0)
            status = wci_deployment_set_flag(draft, wci_site_flags[i].field,
                                             wci_camtrapdp_flag(cell));
    }
    return status;
}

/* The second of deploymentEnd belongs to it: makers of packages write that of the last picture. */
static wildcam_status set_span(const struct wci_table_reader *row, wildcam_deployment *draft)
{
    int64_t start, end;
    int32_t offset;
    int is_date;
    if (!wci_calendar_parse(wci_table_cell(row, WCI_DEP_deploymentStart), &start, &offset,
                            &is_date) ||
        !wci_calendar_parse(wci_table_cell(row, WCI_DEP_deploymentEnd), &end, &offset, &is_date))
        return wci_fail(WILDCAM_ERR_INVALID, "it has no deploymentStart or deploymentEnd");
    return wci_deployment_set_span(draft, start, (end > start ? end : start) + WCI_SECOND);
}

/* Where a camera's deployment ends in the second in which another one begins, that second is the
 * other one's. */
struct neighbours {
    const wildcam_deployment *draft;
    int64_t next; /* when the one begins that has its last second; WILDCAM_TIME_NONE for none */
    wildcam_deployment before; /* the one whose last second it has; without a key for none */
};

static wildcam_status look_at_neighbour(void *user, wildcam_deployment *there)
{
    struct neighbours *found = user;
    const wildcam_deployment *draft = found->draft;
    bool is_imported = there->texts[WILDCAM_DEPLOYMENT_EXTRA].length > 0;
    if (found->next == WILDCAM_TIME_NONE && there->start >= draft->end - WCI_SECOND &&
        there->start > draft->start)
        found->next = there->start;
    if (!is_imported || there->end == WILDCAM_TIME_NONE || there->end - WCI_SECOND > draft->start ||
        there->start >= draft->start)
        return WILDCAM_OK;
    found->before.start = there->start;
    return wci_text_set(&found->before.key, wci_text_get(&there->key), there->key.length);
}

/* The one before it ends where it begins. */
static wildcam_status shorten(struct wci_store *store, const struct neighbours *found)
{
    wildcam_deployment shorter;
    wci_deployment_init(&shorter);
    struct wci_deployment_change change = {
        .step = WCI_DEPLOYMENTS_CHANGE, .key = wci_text_get(&found->before.key), .draft = &shorter};
    wildcam_status status = wci_deployment_set_span(&shorter, found->before.start,
                                                    found->draft->start);
    if (status == WILDCAM_OK)
        status = wci_store_change_deployment(store, &change, NULL, NULL);
    wci_deployment_release(&shorter);
    return status;
}

static wildcam_status make_room(const struct wci_camtrapdp_import *import,
                                wildcam_deployment *draft)
{
    struct wci_store *store = &import->exchange->station->store;
    struct neighbours found = {.draft = draft, .next = WILDCAM_TIME_NONE};
    if (!draft->camera_id) /* nobody has registered it: this is dry */
        return WILDCAM_OK;
    wci_deployment_init(&found.before);
    wildcam_status status = store->ops->list_deployments(
        store->backend, draft->camera_id, draft->start, draft->end, look_at_neighbour, &found);
    if (status == WILDCAM_OK && found.before.key.length && !import->is_dry)
        status = shorten(store, &found);
    if (status == WILDCAM_OK && found.next != WILDCAM_TIME_NONE)
        status = wci_deployment_set_span(draft, draft->start, found.next);
    wci_deployment_release(&found.before);
    return status;
}

/* The camera stands where its first deployment was; only of one that is new is that said. */
static wildcam_status register_camera(struct wci_camtrapdp_import *import,
                                      const struct wci_table_reader *row,
                                      const struct wci_name **camera)
{
    char device_id[WCI_DEVICE_ID_MAX + 1];
    const char *named = wci_table_cell(row, WCI_DEP_cameraID);
    double value;
    wildcam_camera draft;
    wci_camtrapdp_device_id(*named ? named : wci_table_cell(row, WCI_DEP_deploymentID), device_id);
    wci_camera_init(&draft);
    wildcam_status status = wci_take_device_id(&draft.device_id, device_id);
    if (status == WILDCAM_OK &&
        wci_camera_set_text(&draft, WCI_CAMERA_LOCATION_NAME,
                            wci_table_cell(row, WCI_DEP_locationName)) != WILDCAM_OK)
        wci_error_clear();
    if (wci_number_parse_real(wci_table_cell(row, WCI_DEP_latitude), &value) &&
        wci_camera_set_number(&draft, WCI_CAMERA_LATITUDE, value) != WILDCAM_OK)
        wci_error_clear();
    if (wci_number_parse_real(wci_table_cell(row, WCI_DEP_longitude), &value) &&
        wci_camera_set_number(&draft, WCI_CAMERA_LONGITUDE, value) != WILDCAM_OK)
        wci_error_clear();
    if (status == WILDCAM_OK)
        status = find_or_add(import, &draft, camera);
    wci_camera_release(&draft);
    return status;
}

/* Whether it is the one that is there under a key: of the same camera, at the same time. */
static wildcam_status is_known(const struct wci_store *store, const wildcam_deployment *draft,
                               const char *key, bool *is_free, bool *is_same)
{
    wildcam_deployment there;
    wci_deployment_init(&there);
    wildcam_status status = store->ops->get_deployment(store->backend, key, &there);
    *is_free = status == WILDCAM_ERR_NOTFOUND;
    *is_same = status == WILDCAM_OK && there.camera_id == draft->camera_id &&
               there.start < draft->end &&
               (there.end == WILDCAM_TIME_NONE || there.end > draft->start);
    wci_deployment_release(&there);
    if (!*is_free)
        return status;
    wci_error_clear();
    return WILDCAM_OK;
}

/* Enters it, unless it is there. One of another package may have its id, under which it is known
 * in its own: then its key gets a number. */
static wildcam_status enter(struct wci_camtrapdp_import *import, wildcam_deployment *draft,
                            const char *id)
{
    struct wci_store *store = &import->exchange->station->store;
    struct wci_deployment_change change = {.step = WCI_DEPLOYMENTS_ADD, .draft = draft};
    char key[WCI_DEPLOYMENT_KEY_MAX + 1];
    bool is_free = false, is_same = false;
    wildcam_status status = WILDCAM_OK;
    for (int number = 1; status == WILDCAM_OK && !is_free && !is_same; number++) {
        wci_sites_make_key(id, number, key);
        status = wci_deployment_take_key(&draft->key, key);
        if (status == WILDCAM_OK)
            status = is_known(store, draft, key, &is_free, &is_same);
    }
    if (status != WILDCAM_OK || is_same || import->is_dry)
        return status;
    status = wci_store_change_deployment(store, &change, NULL, NULL);
    if (status != WILDCAM_ERR_INVALID && status != WILDCAM_ERR_EXISTS)
        return status;
    wci_exchange_note(import->exchange, WILDCAM_EXCHANGE_LEFT_OUT, id, "%s",
                      wildcam_error_message());
    wci_error_clear();
    return WILDCAM_OK;
}

static wildcam_status take_deployment(struct wci_camtrapdp_import *import,
                                      const struct wci_table_reader *row)
{
    const char *id = wci_table_cell(row, WCI_DEP_deploymentID);
    const struct wci_name *camera = NULL;
    bool before = false;
    wildcam_deployment draft;
    wildcam_status status = register_camera(import, row, &camera);
    if (status == WILDCAM_OK)
        status = add_camera(import, id, camera, &before);
    if (status != WILDCAM_OK || before) {
        if (before)
            wci_exchange_note(import->exchange, WILDCAM_EXCHANGE_LEFT_OUT, id,
                              "a second deployment of that id is left out");
        return status;
    }
    wci_deployment_init(&draft);
    wci_cells_keep(row, import->id, &import->cells);
    if (camera)
        status = wci_text_set(&draft.device_id, camera->text, strlen(camera->text));
    draft.camera_id = camera ? camera->id : 0;
    if (status == WILDCAM_OK)
        status = set_span(row, &draft);
    if (status == WILDCAM_OK)
        status = make_room(import, &draft);
    if (status == WILDCAM_OK)
        status = fill_fields(import, row, &draft);
    if (status == WILDCAM_OK)
        status = wci_deployment_set_text(&draft, WILDCAM_DEPLOYMENT_EXTRA,
                                         wci_text_get(&import->cells));
    if (status == WILDCAM_OK)
        status = enter(import, &draft, id);
    wci_deployment_release(&draft);
    import->exchange->figures[WILDCAM_EXCHANGE_DEPLOYMENTS]++;
    return forgive(import, id, "deployment", status);
}

static wildcam_status import_deployments(struct wci_camtrapdp_import *import)
{
    struct wci_table_reader reader;
    wildcam_status status = wci_table_open(&reader, &wci_camtrapdp_deployments, import->paths[0]);
    wildcam_step step = 1;
    while (status == WILDCAM_OK && (step = wci_table_next(&reader)) == 1)
        status = take_deployment(import, &reader);
    if (status == WILDCAM_OK)
        status = step;
    if (status == WILDCAM_OK && reader.others.length)
        wci_exchange_remark(import->exchange, "columns of deployments that are not kept: %.300s",
                            reader.others.data);
    wci_table_close(&reader);
    return status;
}

static void free_import(struct wci_camtrapdp_import *import)
{
    wci_text_free(&import->name);
    wci_text_free(&import->cells);
    free(import->cameras);
    wci_hash_set_free(&import->deployments);
    wci_hash_set_free(&import->media);
    free(import->mentions);
    wci_table_close(&import->observations);
    for (size_t i = 0; i < import->draft_made; i++)
        wci_detection_release(&import->drafts[i]);
    free(import->drafts);
    wci_pictures_discard(&import->unpacked);
    free(import);
}

wildcam_status wci_import_camtrapdp(wildcam_exchange *exchange, const char *path)
{
    struct wci_camtrapdp_import *import = wci_new(sizeof *import);
    if (!import)
        return WILDCAM_ERR_NOMEM;
    import->exchange = exchange;
    import->unpacked.fd = -1;
    import->is_dry = wci_exchange_flag(&exchange->options, WCI_EXCHANGE_DRY_RUN);
    wildcam_status status = begin(import, path);
    if (status == WILDCAM_OK)
        status = import_deployments(import);
    if (status == WILDCAM_OK)
        status = wci_camtrapdp_index_observations(import);
    if (status == WILDCAM_OK)
        status = wci_camtrapdp_import_media(import);
    if (status == WILDCAM_OK)
        status = wci_camtrapdp_keep_orphans(import);
    free_import(import);
    return status;
}
