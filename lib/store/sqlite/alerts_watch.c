/* What is remembered of cameras, and what their reports say about batteries and shared ids. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "store/sqlite/alerts.h"
#include "store/sqlite/run.h"
#include "store/sqlite/sqlite.h"

/* ---- rows ---- */

#define WATCH_COLUMNS                                                                              \
    "camera_id, reported_at, interval, odd_gap, latitude, longitude, before_latitude,"             \
    " before_longitude, placed_at, place_returns, place_since, firmware, before_firmware,"         \
    " firmware_returns, firmware_since, hardware, before_hardware, hardware_returns,"              \
    " hardware_since"

static void take_word(sqlite3_stmt *row, int at, struct wci_flap_word *word)
{
    word->word = sqlite3_column_int64(row, at);
    word->before = sqlite3_column_int64(row, at + 1);
    word->flap.returns = sqlite3_column_int64(row, at + 2);
    word->flap.since = sqlite3_column_int64(row, at + 3);
}

static void take_watch(sqlite3_stmt *row, struct wci_watch *watch)
{
    enum {
        REPORTED = 1,
        INTERVAL,
        ODD,
        LATITUDE,
        LONGITUDE,
        BEFORE_LATITUDE,
        BEFORE_LONGITUDE,
        PLACED,
        RETURNS,
        SINCE,
        FIRMWARE,
        HARDWARE = FIRMWARE + 4
    };
    wci_watch_init(watch, sqlite3_column_int64(row, 0));
    watch->rhythm = (struct wci_rhythm){wci_column_time(row, REPORTED),
                                        sqlite3_column_int64(row, INTERVAL),
                                        sqlite3_column_int64(row, ODD)};
    watch->place.latitude = wci_column_real(row, LATITUDE);
    watch->place.longitude = wci_column_real(row, LONGITUDE);
    watch->place.before_latitude = wci_column_real(row, BEFORE_LATITUDE);
    watch->place.before_longitude = wci_column_real(row, BEFORE_LONGITUDE);
    watch->place.at = sqlite3_column_int64(row, PLACED);
    watch->place.flap.returns = sqlite3_column_int64(row, RETURNS);
    watch->place.flap.since = sqlite3_column_int64(row, SINCE);
    take_word(row, FIRMWARE, &watch->firmware);
    take_word(row, HARDWARE, &watch->hardware);
}

static wildcam_status load(struct wci_database *database, int64_t camera_id,
                           struct wci_watch *watch)
{
    sqlite3_stmt *statement;
    wci_watch_init(watch, camera_id);
    wildcam_status status =
        wci_database_ready(database, "SELECT " WATCH_COLUMNS " FROM camera_watch WHERE camera_id=?",
                           WCI_VALUES(WCI_NUMBER(camera_id)), &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_database_step(database, statement);
    if (step == 1)
        take_watch(statement, watch);
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

static wildcam_status save(struct wci_database *writer, const struct wci_watch *watch)
{
    const struct wci_flap_place *place = &watch->place;
    const struct wci_flap_word *firmware = &watch->firmware, *hardware = &watch->hardware;
    return wci_database_change(
        writer,
        "INSERT OR REPLACE INTO camera_watch(" WATCH_COLUMNS ")"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        WCI_VALUES(WCI_NUMBER(watch->camera_id), WCI_NUMBER(watch->rhythm.last),
                   WCI_NUMBER(watch->rhythm.interval), WCI_NUMBER(watch->rhythm.odd),
                   WCI_REAL(place->latitude), WCI_REAL(place->longitude),
                   WCI_REAL(place->before_latitude), WCI_REAL(place->before_longitude),
                   WCI_NUMBER(place->at), WCI_NUMBER(place->flap.returns),
                   WCI_NUMBER(place->flap.since), WCI_NUMBER(firmware->word),
                   WCI_NUMBER(firmware->before), WCI_NUMBER(firmware->flap.returns),
                   WCI_NUMBER(firmware->flap.since), WCI_NUMBER(hardware->word),
                   WCI_NUMBER(hardware->before), WCI_NUMBER(hardware->flap.returns),
                   WCI_NUMBER(hardware->flap.since)),
        NULL);
}

wildcam_status
wci_sqlite_each_watch(wci_backend *self,
                      wildcam_status (*each)(void *user, const struct wci_watch *watch), void *user)
{
    struct wci_database *reader;
    sqlite3_stmt *statement;
    wildcam_step step = 0;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(
        reader, 0, "SELECT " WATCH_COLUMNS " FROM camera_watch ORDER BY camera_id", &statement);
    if (status == WILDCAM_OK) {
        while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1) {
            struct wci_watch watch;
            take_watch(statement, &watch);
            status = each(user, &watch);
        }
        if (status == WILDCAM_OK)
            status = step;
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}

/* ---- what a report says ---- */

/* One put of a camera, and what comes of it. */
struct put {
    struct wci_database *writer;
    const wildcam_camera *draft;
    int64_t now;
    struct wci_alert_ledger *ledger;
};

static wildcam_status grant(const struct put *put, int kind, enum wci_alert_step step,
                            const char *words, double value)
{
    wildcam_alert alert;
    const struct wci_text *device_id = &put->draft->device_id;
    wci_alert_init(&alert, kind);
    alert.value = value;
    wildcam_status status = wci_text_set(&alert.subject, device_id->data, device_id->length);
    if (status == WILDCAM_OK)
        status = wci_text_set(&alert.device_id, device_id->data, device_id->length);
    if (status == WILDCAM_OK)
        status = wci_text_set(&alert.text, words, strlen(words));
    struct wci_alert_wish wish = {.step = step, .alert = &alert, .reason = words};
    if (status == WILDCAM_OK)
        status = wci_alerts_grant(put->writer, &wish, put->now, put->ledger);
    wci_alert_release(&alert);
    return status;
}

enum { WORDS = 300 };

static wildcam_status judge_battery(const struct put *put, double limit)
{
    char words[WORDS];
    double level = put->draft->numbers[WCI_CAMERA_BATTERY_LEVEL];
    if (!(put->draft->numbers_set & 1U << WCI_CAMERA_BATTERY_LEVEL))
        return WILDCAM_OK;
    switch (wci_judge_battery(level, limit)) {
    case WCI_VERDICT_RAISE:
        snprintf(words, sizeof words, "the battery of %s is at %.3g %%, below %.3g %%",
                 wci_text_get(&put->draft->device_id), level, limit);
        return grant(put, WILDCAM_ALERT_LOW_BATTERY, WCI_ALERTS_FIND, words, level);
    case WCI_VERDICT_CLEAR:
        snprintf(words, sizeof words, "it is at %.3g %%", level);
        return grant(put, WILDCAM_ALERT_LOW_BATTERY, WCI_ALERTS_CLEAR, words, level);
    case WCI_VERDICT_KEEP:
        break;
    }
    return WILDCAM_OK;
}

static bool flaps(struct wci_flap_word *word, const wildcam_camera *draft,
                  enum wci_camera_text field, int64_t now)
{
    const char *text = wci_text_get(&draft->texts[field]);
    return draft->texts_set & 1U << field && *text &&
           wci_flap_word_note(word, wci_flap_hash(text), now, WCI_FLAP_WINDOW,
                              WCI_FLAP_RETURNS_MOST);
}

/* What goes to and fro, in words; NULL for nothing. */
static const char *find_flap(struct wci_watch *watch, const wildcam_camera *draft, int64_t now)
{
    const uint32_t both = 1U << WCI_CAMERA_LATITUDE | 1U << WCI_CAMERA_LONGITUDE;
    double latitude = draft->numbers[WCI_CAMERA_LATITUDE];
    double longitude = draft->numbers[WCI_CAMERA_LONGITUDE];
    bool is_placed = (draft->numbers_set & both) == both && !isnan(latitude) && !isnan(longitude);
    bool by_firmware = flaps(&watch->firmware, draft, WCI_CAMERA_FIRMWARE_VERSION, now);
    bool by_hardware = flaps(&watch->hardware, draft, WCI_CAMERA_HARDWARE_VERSION, now);
    if (is_placed && wci_flap_place_note(&watch->place, latitude, longitude, now))
        return "it is at two places by turns, or moves faster than a camera is carried";
    if (by_firmware)
        return "its firmware_version goes to and fro";
    return by_hardware ? "its hardware_version goes to and fro" : NULL;
}

static wildcam_status watch_it(const struct put *put, int64_t camera_id)
{
    struct wci_watch watch;
    char words[WORDS];
    wildcam_status status = load(put->writer, camera_id, &watch);
    if (status != WILDCAM_OK)
        return status;
    if (!put->draft->is_registered) /* which a camera does when it starts, or a person for it */
        wci_rhythm_note(&watch.rhythm, put->draft->last_seen);
    const char *flap = find_flap(&watch, put->draft, put->now);
    status = save(put->writer, &watch);
    if (status == WILDCAM_OK && flap) {
        snprintf(words, sizeof words, "two devices seem to report as %s: %s",
                 wci_text_get(&put->draft->device_id), flap);
        status = grant(put, WILDCAM_ALERT_SHARED_DEVICE_ID, WCI_ALERTS_FIND, words, NAN);
    }
    if (status == WILDCAM_OK)
        status = grant(put, WILDCAM_ALERT_OFFLINE, WCI_ALERTS_CLEAR, "it was heard of again", NAN);
    return status;
}

wildcam_status wci_alerts_note_camera(struct wci_database *writer, const wildcam_conf *conf,
                                      const wildcam_camera *draft, int64_t camera_id, bool created,
                                      int64_t now, struct wci_alert_ledger *ledger)
{
    char words[WORDS];
    const struct put put = {writer, draft, now, ledger};
    wildcam_status status = WILDCAM_OK;
    if (draft->is_brought) /* it may be long ago */
        return WILDCAM_OK;
    if (draft->is_unannounced) { /* a picture made it */
        snprintf(words, sizeof words,
                 "%s was not registered, and was entered with its first picture or detection",
                 wci_text_get(&draft->device_id));
        return created ? grant(&put, WILDCAM_ALERT_UNKNOWN_CAMERA, WCI_ALERTS_FIND, words, NAN)
                       : WILDCAM_OK;
    }
    if (!created && draft->is_registered)
        status = grant(&put, WILDCAM_ALERT_UNKNOWN_CAMERA, WCI_ALERTS_CLEAR, "it was registered",
                       NAN);
    if (status == WILDCAM_OK)
        status = judge_battery(&put, wci_conf_real(conf, WCI_ALERTS_BATTERY_LEVEL));
    if (status == WILDCAM_OK && draft->last_seen != WILDCAM_TIME_NONE)
        status = watch_it(&put, camera_id);
    return status;
}

/* ---- rare species ---- */

wildcam_status wci_sqlite_has_seen_species(wci_backend *self, int64_t species_id, bool *has)
{
    return wci_catalog_has(&self->catalog, "SELECT 1 FROM species_seen WHERE species_id=?",
                           species_id, has);
}

wildcam_status wci_sqlite_announce_sightings(wci_backend *self, struct wci_sighting *sightings,
                                             size_t count)
{
    struct wci_database *writer;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    for (size_t i = 0; status == WILDCAM_OK && i < count; i++) {
        const struct wci_sighting *sighting = &sightings[i];
        status = wci_database_change(
            writer,
            "INSERT INTO alert_sightings(camera_id, species_id, time, confidence, announced_at)"
            " VALUES(?, ?, ?, ?, ?)",
            WCI_VALUES(WCI_NUMBER(sighting->camera->id), WCI_NUMBER(sighting->species->id),
                       WCI_NUMBER(sighting->time), WCI_REAL(sighting->confidence),
                       WCI_NUMBER(sighting->announced_at)),
            NULL);
        sightings[i].id = sqlite3_last_insert_rowid(writer->handle);
    }
    if (status == WILDCAM_OK)
        status = wci_pool_commit(&self->catalog.pool);
    else
        wci_pool_rollback(&self->catalog.pool);
    for (size_t i = 0; status != WILDCAM_OK && i < count; i++)
        sightings[i].id = 0;
    return status;
}

/* Rows of numbers; their names are looked up when nothing is held any more. */
static wildcam_status read_sightings(struct wci_database *reader, int64_t before, size_t limit,
                                     struct wci_sighting *found, int64_t (*numbers)[2], size_t *got)
{
    sqlite3_stmt *statement;
    wildcam_step step;
    wildcam_status status = wci_database_ready(
        reader,
        "SELECT id, camera_id, species_id, time, confidence, announced_at FROM alert_sightings"
        " WHERE announced_at<? ORDER BY id LIMIT ?",
        WCI_VALUES(WCI_NUMBER(before), WCI_NUMBER((int64_t)limit)), &statement);
    if (status != WILDCAM_OK)
        return status;
    while ((step = wci_database_step(reader, statement)) == 1) {
        struct wci_sighting *sighting = &found[*got];
        *sighting = (struct wci_sighting){.id = sqlite3_column_int64(statement, 0),
                                          .time = sqlite3_column_int64(statement, 3),
                                          .confidence = wci_column_real(statement, 4),
                                          .announced_at = sqlite3_column_int64(statement, 5)};
        numbers[*got][0] = sqlite3_column_int64(statement, 1);
        numbers[*got][1] = sqlite3_column_int64(statement, 2);
        ++*got;
    }
    sqlite3_reset(statement);
    return step;
}

wildcam_status wci_sqlite_find_sightings(wci_backend *self, int64_t before,
                                         struct wci_sighting *found, size_t limit, size_t *got)
{
    enum { MOST = 64 };
    int64_t numbers[MOST][2];
    struct wci_database *reader;
    *got = 0;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = read_sightings(reader, before, limit < MOST ? limit : MOST, found, numbers, got);
    wci_pool_give_reader(&self->catalog.pool, reader);
    for (size_t i = 0; status == WILDCAM_OK && i < *got; i++) {
        status = wci_catalog_camera_at(&self->catalog, numbers[i][0], &found[i].camera);
        if (status == WILDCAM_OK)
            status = wci_catalog_species_at(&self->catalog, numbers[i][1], &found[i].species);
    }
    return status;
}
