#include "station/camtrapdp_places.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "station/privacy.h"

static wildcam_status add_place(struct wci_sites *places, size_t *index)
{
    void *list = places->list;
    if (wci_reserve(&list, &places->capacity, places->count + 1, sizeof *places->list) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    places->list = list;
    struct wci_site *place = &places->list[places->count];
    *place = (struct wci_site){.first = WILDCAM_TIME_NONE, .last = WILDCAM_TIME_NONE};
    wci_deployment_init(&place->deployment);
    *index = places->count++;
    return WILDCAM_OK;
}

static bool find_nowhere(struct wci_site *place)
{
    const double *at = place->deployment.numbers;
    place->is_nowhere = isnan(at[WILDCAM_DEPLOYMENT_LATITUDE]) ||
                        isnan(at[WILDCAM_DEPLOYMENT_LONGITUDE]);
    return place->is_nowhere;
}

/* Gives a place its id, which must be no other's. */
static wildcam_status name_place(struct wci_sites *places, size_t index, const char *id)
{
    bool before = true;
    struct wci_site *place = &places->list[index];
    for (int i = 1; before; i++) {
        int64_t value = (int64_t)index;
        wci_text_empty(&place->id);
        wci_text_add(&place->id, id);
        if (i > 1)
            wci_text_add_format(&place->id, "-%d", i);
        if (place->id.failed)
            return wci_fail_memory();
        wildcam_status status = wci_hash_set_add(&places->ids, wci_hash_set_hash(0, place->id.data),
                                                 &value, &before);
        if (status != WILDCAM_OK)
            return status;
    }
    return WILDCAM_OK;
}

/* Lets it be found by what its pictures' package calls it, on its camera. */
static wildcam_status register_name(struct wci_sites *places, size_t index, const char *name)
{
    bool before;
    int64_t value = (int64_t)index;
    struct wci_site *place = &places->list[index];
    uint64_t scope = (uint64_t)place->deployment.camera_id;
    wildcam_status status = wci_text_set(&place->called, name, strlen(name));
    return status == WILDCAM_OK
               ? wci_hash_set_add(&places->ids, wci_hash_set_hash(scope, name), &value, &before)
               : status;
}

/* A "/" is in no key; a blank neither begins nor ends one. */
void wci_sites_make_key(const char *id, int number, char key[WCI_DEPLOYMENT_KEY_MAX + 1])
{
    char end[16] = "";
    if (number > 1)
        snprintf(end, sizeof end, "-%d", number);
    size_t length = strlen(id), most = WCI_DEPLOYMENT_KEY_MAX - strlen(end);
    if (length > most)
        for (length = most; length > 0 && ((unsigned char)id[length] & 0xc0) == 0x80;)
            length--; /* between two letters */
    for (size_t i = 0; i < length; i++) {
        bool is_blank = id[i] == ' ' && (i == 0 || i + 1 == length);
        key[i] = (char)(id[i] == '/' || is_blank ? '_' : id[i]);
    }
    snprintf(key + length, sizeof end, "%s", end);
}

/* Whether a key is what was made of an id, and no other name that somebody gave it since. */
static bool is_key_of(const char *key, const char *id)
{
    char made[WCI_DEPLOYMENT_KEY_MAX + 1];
    int64_t number = 1;
    const char *end = strrchr(key, '-');
    wci_sites_make_key(id, 1, made);
    if (strcmp(key, made) == 0)
        return true;
    if (!end || !wci_number_parse_int(end + 1, &number) || number < 2 || number > INT_MAX)
        return false;
    wci_sites_make_key(id, (int)number, made);
    return strcmp(key, made) == 0;
}

static json_t *kept_of(const struct wci_sites *places, const struct wci_site *place)
{
    return wci_cells_kept(wci_text_get(&place->deployment.texts[WILDCAM_DEPLOYMENT_EXTRA]),
                          &places->exchange->is_short);
}

/* Names one that was entered as its package does, unless it was given another name here. */
static wildcam_status name_entered(struct wci_sites *places, size_t index)
{
    struct wci_site *place = &places->list[index];
    const wildcam_deployment *deployment = &place->deployment;
    const char *key = wci_text_get(&deployment->key);
    json_t *kept = kept_of(places, place);
    const char *id = wci_cells_kept_cell(kept, &wci_camtrapdp_deployments, WCI_DEP_deploymentID);
    wildcam_status status = name_place(places, index, *id && is_key_of(key, id) ? id : key);
    if (status == WILDCAM_OK)
        status = register_name(places, index, *id ? id : key);
    json_decref(kept);
    if (status == WILDCAM_OK && find_nowhere(place))
        wci_exchange_note(places->exchange, WILDCAM_EXCHANGE_LEFT_OUT, place->id.data,
                          "it has no latitude and longitude, which Camtrap DP needs: it is left "
                          "out, and so are its pictures");
    return status;
}

static wildcam_status take_entered(void *user, wildcam_deployment *deployment)
{
    struct wci_sites *places = user;
    size_t index;
    wildcam_status status = add_place(places, &index);
    if (status == WILDCAM_OK) {
        wildcam_deployment copy;
        status = wci_deployment_copy(&copy, deployment);
        if (status != WILDCAM_OK)
            return status;
        places->list[index].deployment = copy;
    }
    return status;
}

static int compare(const void *left, const void *right)
{
    const struct wci_site *one = left, *other = right;
    const wildcam_deployment *a = &one->deployment, *b = &other->deployment;
    if (a->camera_id != b->camera_id)
        return a->camera_id < b->camera_id ? -1 : 1;
    return a->start < b->start ? -1 : a->start > b->start;
}

wildcam_status wci_sites_begin(struct wci_sites *places, wildcam_exchange *exchange)
{
    const struct wci_store *store = &exchange->station->store;
    *places = (struct wci_sites){.exchange = exchange};
    if (exchange->matches_nothing)
        return WILDCAM_OK;
    wildcam_status status = store->ops->list_deployments(
        store->backend, exchange->plan.camera ? exchange->plan.camera->id : 0, exchange->plan.from,
        exchange->plan.to, take_entered, places);
    if (status == WILDCAM_OK && places->count)
        qsort(places->list, places->count, sizeof *places->list, compare);
    places->entered = places->count;
    for (size_t i = 0; status == WILDCAM_OK && i < places->count; i++)
        status = name_entered(places, i);
    return status;
}

void wci_sites_end(struct wci_sites *places)
{
    for (size_t i = 0; i < places->count; i++) {
        wci_deployment_release(&places->list[i].deployment);
        wci_text_free(&places->list[i].id);
        wci_text_free(&places->list[i].called);
    }
    free(places->list);
    wci_hash_set_free(&places->ids);
    *places = (struct wci_sites){0};
}

/* The entered one that a time of a camera falls into; places->entered when there is none. */
static size_t find_entered(const struct wci_sites *places, int64_t camera_id, int64_t time)
{
    size_t low = 0, high = places->entered;
    while (low < high) { /* the first behind it */
        size_t middle = low + (high - low) / 2;
        const wildcam_deployment *at = &places->list[middle].deployment;
        if (at->camera_id < camera_id || (at->camera_id == camera_id && at->start <= time))
            low = middle + 1;
        else
            high = middle;
    }
    while (low-- > 0 && places->list[low].deployment.camera_id == camera_id) {
        const wildcam_deployment *at = &places->list[low].deployment;
        if (at->end == WILDCAM_TIME_NONE || time < at->end)
            return low;
    }
    return places->entered;
}

/* Where the camera stands, or at least where the picture says it was taken. */
static wildcam_status place_camera(struct wci_sites *places, wildcam_deployment *deployment,
                                   const wildcam_image *image)
{
    const struct wci_store *store = &places->exchange->station->store;
    wildcam_camera camera;
    wci_camera_init(&camera);
    wildcam_status status = store->ops->get_camera(store->backend, image->camera_id, &camera);
    double *to = deployment->numbers;
    if (status == WILDCAM_OK) {
        to[WILDCAM_DEPLOYMENT_LATITUDE] = camera.numbers[WCI_CAMERA_LATITUDE];
        to[WILDCAM_DEPLOYMENT_LONGITUDE] = camera.numbers[WCI_CAMERA_LONGITUDE];
        status = wci_text_set(&deployment->texts[WILDCAM_DEPLOYMENT_LOCATION_NAME],
                              wci_text_get(&camera.texts[WCI_CAMERA_LOCATION_NAME]),
                              camera.texts[WCI_CAMERA_LOCATION_NAME].length);
    }
    wci_camera_release(&camera);
    if (isnan(to[WILDCAM_DEPLOYMENT_LATITUDE]) || isnan(to[WILDCAM_DEPLOYMENT_LONGITUDE])) {
        to[WILDCAM_DEPLOYMENT_LATITUDE] = image->latitude;
        to[WILDCAM_DEPLOYMENT_LONGITUDE] = image->longitude;
    }
    return status;
}

/* One that nobody entered hides what any of its camera's does. */
static wildcam_status describe(struct wci_sites *places, wildcam_deployment *deployment,
                               const wildcam_image *image)
{
    deployment->camera_id = image->camera_id;
    wildcam_status status = wci_text_set(&deployment->device_id, wci_text_get(&image->device_id),
                                         image->device_id.length);
    if (status == WILDCAM_OK)
        status = place_camera(places, deployment, image);
    if (status == WILDCAM_OK)
        status =
            wci_station_privacy_radius(places->exchange->station, image->camera_id,
                                       &deployment->numbers[WILDCAM_DEPLOYMENT_PRIVACY_RADIUS]);
    return status;
}

static wildcam_status make_up(struct wci_sites *places, const wildcam_image *image,
                              const char *named, size_t *index)
{
    struct wci_text id = {0};
    wildcam_status status = add_place(places, index);
    if (status != WILDCAM_OK)
        return status;
    struct wci_site *place = &places->list[*index];
    place->is_made_up = true;
    status = describe(places, &place->deployment, image);
    wci_text_add_format(&id, "%s%s", *named ? "" : "camera-",
                        *named ? named : wci_text_get(&image->device_id));
    if (status == WILDCAM_OK)
        status = id.failed ? wci_fail_memory() : name_place(places, *index, id.data);
    wci_text_free(&id);
    if (status == WILDCAM_OK)
        status = register_name(places, *index, named);
    if (status != WILDCAM_OK)
        return status;
    if (find_nowhere(place))
        wci_exchange_note(places->exchange, WILDCAM_EXCHANGE_LEFT_OUT,
                          wci_text_get(&image->device_id),
                          "nobody knows where it stands, and Camtrap DP needs it: its pictures are "
                          "left out; enter its deployment or its latitude and longitude");
    else
        wci_exchange_note(places->exchange, WILDCAM_EXCHANGE_MADE_UP,
                          wci_text_get(&image->device_id),
                          "no deployment was entered: %.100s is made up from its first picture to "
                          "its last",
                          place->id.data);
    return WILDCAM_OK;
}

size_t wci_sites_known(const struct wci_sites *places, int64_t camera_id, int64_t time,
                       const char *named)
{
    const int64_t *found = wci_hash_set_find(&places->ids,
                                             wci_hash_set_hash((uint64_t)camera_id, named));
    size_t entered = find_entered(places, camera_id, time);
    if (entered < places->entered &&
        (!*named || !found || strcmp(wci_text_get(&places->list[entered].called), named) == 0))
        return entered;
    return found ? (size_t)*found : places->count;
}

wildcam_status wci_sites_find(struct wci_sites *places, const wildcam_image *image,
                              const char *named, size_t *place)
{
    *place = wci_sites_known(places, image->camera_id, image->time, named);
    return *place < places->count ? WILDCAM_OK : make_up(places, image, named, place);
}

bool wci_sites_is_empty(const struct wci_sites *places)
{
    for (size_t i = 0; i < places->count; i++)
        if (!places->list[i].is_nowhere)
            return false;
    return true;
}

void wci_sites_note(struct wci_sites *places, size_t index, const wildcam_image *image)
{
    struct wci_site *place = &places->list[index];
    place->pictures++;
    if (place->first == WILDCAM_TIME_NONE || image->time < place->first) {
        place->first = image->time;
        place->first_offset = image->offset;
    }
    if (place->last == WILDCAM_TIME_NONE || image->time > place->last) {
        place->last = image->time;
        place->last_offset = image->offset;
    }
}

/* Its last second, which belongs to it there; but what its package said where another one has that
 * second by now (camtrapdp_import.c). */
static int64_t last_second(const wildcam_deployment *deployment, const json_t *kept)
{
    int64_t told;
    int32_t offset;
    int is_date;
    const char *cell = wci_cells_kept_cell(kept, &wci_camtrapdp_deployments, WCI_DEP_deploymentEnd);
    bool is_taken = wci_calendar_parse(cell, &told, &offset, &is_date) && told == deployment->end;
    return is_taken ? told : deployment->end - 1;
}

static void fill_span(const struct wci_site *place, const json_t *kept, struct wci_cells *cells)
{
    const wildcam_deployment *deployment = &place->deployment;
    int64_t start = place->is_made_up ? place->first : deployment->start;
    int64_t end = place->is_made_up || deployment->end == WILDCAM_TIME_NONE
                      ? place->last
                      : last_second(deployment, kept);
    int32_t offset = deployment->offset;
    if (end == WILDCAM_TIME_NONE)
        end = start;
    wci_cells_set_time(cells, WCI_DEP_deploymentStart, start,
                       offset != WILDCAM_OFFSET_UNKNOWN ? offset : place->first_offset);
    wci_cells_set_time(cells, WCI_DEP_deploymentEnd, end,
                       offset != WILDCAM_OFFSET_UNKNOWN ? offset : place->last_offset);
}

const struct wci_site_field wci_site_texts[WCI_SITE_TEXTS] = {
    {WCI_DEP_locationID, WILDCAM_DEPLOYMENT_LOCATION_ID},
    {WCI_DEP_locationName, WILDCAM_DEPLOYMENT_LOCATION_NAME},
    {WCI_DEP_setupBy, WILDCAM_DEPLOYMENT_SETUP_BY},
    {WCI_DEP_cameraModel, WILDCAM_DEPLOYMENT_CAMERA_MODEL},
    {WCI_DEP_featureType, WILDCAM_DEPLOYMENT_FEATURE_TYPE},
    {WCI_DEP_habitat, WILDCAM_DEPLOYMENT_HABITAT},
    {WCI_DEP_deploymentGroups, WILDCAM_DEPLOYMENT_GROUPS},
    {WCI_DEP_deploymentTags, WILDCAM_DEPLOYMENT_TAGS},
    {WCI_DEP_deploymentComments, WILDCAM_DEPLOYMENT_COMMENTS}};

const struct wci_site_field wci_site_numbers[WCI_SITE_NUMBERS] = {
    {WCI_DEP_latitude, WILDCAM_DEPLOYMENT_LATITUDE},
    {WCI_DEP_longitude, WILDCAM_DEPLOYMENT_LONGITUDE},
    {WCI_DEP_coordinateUncertainty, WILDCAM_DEPLOYMENT_UNCERTAINTY},
    {WCI_DEP_cameraDelay, WILDCAM_DEPLOYMENT_CAMERA_DELAY},
    {WCI_DEP_cameraHeight, WILDCAM_DEPLOYMENT_CAMERA_HEIGHT},
    {WCI_DEP_cameraDepth, WILDCAM_DEPLOYMENT_CAMERA_DEPTH},
    {WCI_DEP_cameraTilt, WILDCAM_DEPLOYMENT_CAMERA_TILT},
    {WCI_DEP_cameraHeading, WILDCAM_DEPLOYMENT_CAMERA_HEADING},
    {WCI_DEP_detectionDistance, WILDCAM_DEPLOYMENT_DETECTION_DISTANCE}};

const struct wci_site_field wci_site_flags[WCI_SITE_FLAGS] = {
    {WCI_DEP_timestampIssues, WILDCAM_DEPLOYMENT_TIMESTAMP_ISSUES},
    {WCI_DEP_baitUse, WILDCAM_DEPLOYMENT_BAIT_USE}};

static void fill_flag(struct wci_cells *cells, size_t column, int flag)
{
    wci_cells_set(cells, column, flag < 0 ? "" : flag ? "true" : "false");
}

void wci_sites_fill(const struct wci_sites *places, const struct wci_site *place,
                    struct wci_cells *cells)
{
    static const size_t none[] = {SIZE_MAX};
    const wildcam_deployment *deployment = &place->deployment;
    wci_cells_empty(cells);
    wci_cells_set(cells, WCI_DEP_deploymentID, wci_text_get(&place->id));
    for (size_t i = 0; i < WCI_SITE_TEXTS; i++)
        wci_cells_set(cells, wci_site_texts[i].column,
                      wci_text_get(&deployment->texts[wci_site_texts[i].field]));
    for (size_t i = 0; i < WCI_SITE_NUMBERS; i++)
        wci_cells_set_real(cells, wci_site_numbers[i].column,
                           deployment->numbers[wci_site_numbers[i].field]);
    for (size_t i = 0; i < WCI_SITE_FLAGS; i++)
        fill_flag(cells, wci_site_flags[i].column, deployment->flags[wci_site_flags[i].field]);
    json_t *kept = kept_of(places, place);
    fill_span(place, kept, cells);
    /* The camera's id as the package called it: a device id may have had to leave letters out. */
    const char *camera = wci_cells_kept_cell(kept, &wci_camtrapdp_deployments, WCI_DEP_cameraID);
    wci_cells_set(cells, WCI_DEP_cameraID, kept ? camera : wci_text_get(&deployment->device_id));
    wci_cells_respell(cells, &wci_camtrapdp_deployments, kept, none);
    json_decref(kept);
}
