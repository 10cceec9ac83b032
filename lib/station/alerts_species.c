/*
 * Rare species. A detection of one is announced in the catalog before it is written, and becomes an
 * alert when it is kept: whoever ends between the two leaves the announcement, and the next look
 * finds out what became of it. Seen is what somebody was sure of: an unsure word hides no later
 * sure one. It is noted of each species, also while alerts.rare_new is off. Rows of other species
 * cost a few nanoseconds each.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "station/station.h"

/* ---- which species ---- */

/* What is remembered of a species that the station has seen; before, it is asked for each time. */
enum { JUDGED_NOT, JUDGED_COMMON, JUDGED_LISTED };

struct judgement {
    bool is_rare;
    bool is_unseen; /* the store knows nothing of it yet */
};

static struct judgement look_up(wildcam_station *station, const struct wci_name *species,
                                int *judged)
{
    bool has_seen = false;
    const struct wci_alerts *alerts = &station->alerts;
    const struct wci_store *store = &station->store;
    bool is_listed = wci_species_is_listed(alerts->listed, species->text);
    /* When that cannot be found out the write that follows will fail, too. */
    bool is_known = store->ops->has_seen_species(store->backend, species->id, &has_seen) ==
                    WILDCAM_OK;
    if (is_known && has_seen)
        *judged = is_listed ? JUDGED_LISTED : JUDGED_COMMON;
    bool is_unseen = is_known && !has_seen;
    return (struct judgement){is_listed || (is_unseen && alerts->new_ones), is_unseen};
}

static struct judgement judge(wildcam_station *station, const struct wci_name *species)
{
    struct wci_alerts *alerts = &station->alerts;
    bool has_room = species->id < WCI_JUDGED_SPECIES;
    int judged = has_room ? alerts->species[species->id] : JUDGED_NOT;
    if (judged != JUDGED_NOT)
        return (struct judgement){judged == JUDGED_LISTED, false};
    struct judgement judgement = {false, false};
    if (species->category == WILDCAM_CATEGORY_ANIMAL &&
        strcmp(species->text, wci_category_name(species->category)) != 0)
        judgement = look_up(station, species, &judged);
    else
        judged = JUDGED_COMMON;
    if (has_room)
        alerts->species[species->id] = (unsigned char)judged;
    return judgement;
}

/* ---- before ---- */

/* One camera's and species' best row of a change. */
struct seen {
    size_t row;
    struct wci_sighting sighting;
    bool is_rare; /* else it is only noted that there is such a species */
};

struct sightings {
    struct seen *all;
    size_t count, capacity;
};

static bool is_same(const struct seen *seen, const struct wci_row *row)
{
    return seen->sighting.camera == row->camera && seen->sighting.species == row->species;
}

/* Neighbours are often alike. What is left apart here is put together in sort(). */
static bool add(struct sightings *sightings, size_t index, const struct wci_row *row, bool is_rare)
{
    void *all = sightings->all;
    struct seen *last = sightings->count ? &sightings->all[sightings->count - 1] : NULL;
    if (last && is_same(last, row) && last->sighting.confidence >= row->confidence)
        return true;
    if (!last || !is_same(last, row)) {
        if (wci_reserve(&all, &sightings->capacity, sightings->count + 1, sizeof *sightings->all) !=
            WILDCAM_OK)
            return false;
        sightings->all = all;
        last = &sightings->all[sightings->count++];
    }
    *last = (struct seen){index,
                          {.camera = row->camera,
                           .species = row->species,
                           .time = row->time,
                           .confidence = row->confidence,
                           .announced_at = wci_calendar_now()},
                          is_rare};
    return true;
}

static int order(int64_t left, int64_t right)
{
    return (left > right) - (left < right);
}

static int compare(const void *left_seen, const void *right_seen)
{
    const struct seen *left = left_seen, *right = right_seen;
    int camera = order(left->sighting.camera->id, right->sighting.camera->id);
    int species = order(left->sighting.species->id, right->sighting.species->id);
    int sure = (left->sighting.confidence < right->sighting.confidence) -
               (left->sighting.confidence > right->sighting.confidence);
    return camera    ? camera
           : species ? species
           : sure    ? sure
                     : order((int64_t)left->row, (int64_t)right->row);
}

/* One of each camera and species, the surest. */
static void sort(struct sightings *sightings)
{
    size_t kept = 0;
    if (sightings->count < 2)
        return;
    qsort(sightings->all, sightings->count, sizeof *sightings->all, compare);
    for (size_t i = 0; i < sightings->count; i++) {
        const struct wci_sighting *sighting = &sightings->all[i].sighting;
        if (kept == 0 || sightings->all[kept - 1].sighting.camera != sighting->camera ||
            sightings->all[kept - 1].sighting.species != sighting->species)
            sightings->all[kept++] = sightings->all[i];
    }
    sightings->count = kept;
}

static wildcam_status subject_of(const struct wci_sighting *sighting, struct wci_text *subject)
{
    wci_text_empty(subject);
    wci_text_add_format(subject, "%s/%s", sighting->camera->text, sighting->species->text);
    return subject->failed ? wci_fail_memory() : WILDCAM_OK;
}

/* Those that no open alert tells of already: nothing of the others can be lost but a count. */
static wildcam_status announce(wildcam_station *station, struct sightings *sightings)
{
    struct wci_store *store = &station->store;
    struct wci_text subject = {0};
    size_t count = 0;
    wildcam_status status = WILDCAM_OK;
    struct wci_sighting *fresh = wci_new_array(sightings->count, sizeof *fresh);
    size_t *places = wci_new_array(sightings->count, sizeof *places);
    if (!fresh || !places)
        status = WILDCAM_ERR_NOMEM;
    for (size_t i = 0; status == WILDCAM_OK && i < sightings->count; i++) {
        int64_t id = 0;
        if (!sightings->all[i].is_rare)
            continue;
        status = subject_of(&sightings->all[i].sighting, &subject);
        if (status == WILDCAM_OK)
            status = store->ops->find_open_alert(store->backend, WILDCAM_ALERT_RARE_SPECIES,
                                                 wci_text_get(&subject), &id);
        if (id)
            continue;
        places[count] = i;
        fresh[count++] = sightings->all[i].sighting;
    }
    if (status == WILDCAM_OK && count)
        status = store->ops->announce_sightings(store->backend, fresh, count);
    for (size_t i = 0; status == WILDCAM_OK && i < count; i++)
        sightings->all[places[i]].sighting.id = fresh[i].id;
    wci_text_free(&subject);
    free(fresh);
    free(places);
    return status;
}

static void free_sightings(struct sightings *sightings)
{
    free(sightings->all);
    free(sightings);
}

static bool collect(wildcam_station *station, const struct wci_change *change,
                    struct sightings **out)
{
    struct sightings *sightings = NULL;
    bool is_well = true;
    for (size_t i = 0; is_well && i < change->count; i++) {
        const struct wci_row *row = &change->rows[i];
        if (!(row->confidence > station->alerts.confidence))
            continue;
        struct judgement judgement = judge(station, row->species);
        if (!judgement.is_rare && !judgement.is_unseen)
            continue;
        if (!sightings)
            sightings = wci_new(sizeof *sightings);
        is_well = sightings && add(sightings, i, row, judgement.is_rare);
    }
    *out = sightings;
    return is_well;
}

/* A picture is kept whatever becomes of its alert. */
void *wci_alerts_before_rows(void *user, const struct wci_change *change)
{
    wildcam_station *station = user;
    struct sightings *sightings;
    bool is_well = collect(station, change, &sightings);
    if (sightings && is_well) {
        sort(sightings);
        is_well = announce(station, sightings) == WILDCAM_OK;
    }
    if (!is_well)
        wci_log_failure(&station->log, WILDCAM_LOG_WARNING, "alerts",
                        "a rare species could not be announced");
    wci_error_clear();
    return sightings;
}

/* ---- after ---- */

static wildcam_status fill(wildcam_station *station, const struct wci_sighting *sighting,
                           wildcam_alert *alert)
{
    bool listed = wci_species_is_listed(station->alerts.listed, sighting->species->text);
    wci_alert_init(alert, WILDCAM_ALERT_RARE_SPECIES);
    alert->value = sighting->confidence;
    struct wci_text subject = {0};
    wildcam_status status = subject_of(sighting, &subject);
    if (status == WILDCAM_OK)
        status = wci_alert_fill(alert, subject.data, sighting->camera->text,
                                "%s at %s, %.0f %% sure%s", sighting->species->text,
                                sighting->camera->text, floor(sighting->confidence * 100),
                                listed ? "" : ": never seen for sure at this station before");
    wci_text_free(&subject);
    return status;
}

/* Raises or counts up, or drops what came to nothing. What is not rare is but noted. */
static wildcam_status settle(wildcam_station *station, const struct wci_sighting *sighting,
                             bool is_rare, int64_t detection_id, int64_t *changes)
{
    wildcam_alert alert;
    struct wci_store *store = &station->store;
    wildcam_status status = fill(station, sighting, &alert);
    alert.detection_id = detection_id > 0 ? detection_id : 0;
    struct wci_alert_wish wish = {.step = detection_id && is_rare ? WCI_ALERTS_FIND
                                                                  : WCI_ALERTS_DROP,
                                  .alert = &alert,
                                  .sighting = sighting->id,
                                  .species_id = detection_id ? sighting->species->id : 0};
    bool has_something = detection_id || sighting->id;
    if (status == WILDCAM_OK && has_something)
        status = store->ops->change_alerts(store->backend, &wish, 1, wci_calendar_now());
    *changes += wish.is_changed;
    wci_alert_release(&alert);
    return status;
}

void wci_alerts_after_rows(void *user, void *kept, const struct wci_change *change,
                           wildcam_status status)
{
    wildcam_station *station = user;
    struct sightings *sightings = kept;
    struct wci_error error;
    int64_t changes = 0;
    wci_error_save(&error);
    bool is_kept = !change->is_duplicate && (status == WILDCAM_OK || !change->image);
    /* What may be on the disk all the same is found out later. */
    for (size_t i = 0; !change->may_be_kept && i < sightings->count; i++) {
        const struct seen *seen = &sightings->all[i];
        int64_t id = is_kept ? change->rows[seen->row].id : 0;
        if (settle(station, &seen->sighting, seen->is_rare, id, &changes) != WILDCAM_OK &&
            seen->is_rare)
            wci_log_failure(&station->log, WILDCAM_LOG_WARNING, "alerts",
                            "a rare species becomes an alert later");
    }
    free_sightings(sightings);
    wci_error_restore(&error);
}

/* ---- what was left ---- */

/* Whoever announced one has had that long. */
#define PATIENCE (60 * WCI_SECOND)
enum { PAGE = 64, UNKNOWN_ID = -1 };

/* Whether there is such a detection. */
static wildcam_status find_detection(wildcam_station *station, const struct wci_sighting *sighting,
                                     int64_t *count)
{
    struct wci_store *store = &station->store;
    const struct wci_name *species = sighting->species;
    struct wci_query query = {.from = sighting->time,
                              .to = sighting->time + 1,
                              .camera = sighting->camera,
                              .by_species = true,
                              .category = species->category,
                              .min_confidence = station->alerts.confidence,
                              .verified = -1};
    wildcam_status status = wci_text_set(&query.species, species->text, strlen(species->text));
    if (status == WILDCAM_OK)
        status = store->ops->count(store->backend, &query, 1, count, NULL);
    wci_text_free(&query.species);
    return status;
}

wildcam_status wci_alerts_settle_sightings(wildcam_station *station, int64_t now, int64_t *changes)
{
    struct wci_sighting found[PAGE];
    struct wci_store *store = &station->store;
    size_t got = 0;
    wildcam_status status = store->ops->find_sightings(store->backend, now - PATIENCE, found, PAGE,
                                                       &got);
    for (size_t i = 0; status == WILDCAM_OK && i < got; i++) {
        int64_t count = 0;
        status = find_detection(station, &found[i], &count);
        if (status == WILDCAM_OK)
            status = settle(station, &found[i], true, count ? UNKNOWN_ID : 0, changes);
    }
    return status;
}
