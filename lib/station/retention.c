#include "station/retention.h"

#include "base/calendar.h"
#include "base/memory.h"
#include "store/disk.h"

/* How many are found and removed at once, and how many rows are looked at for that. */
enum { STEP = 128, LOOKS = 20000 };
/* Between two rounds of the station's thread, and how much of its time one turn takes. */
#define ROUND_EVERY (600 * WCI_SECOND)
#define TURN (WCI_SECOND / 5)

static const int settings_of_days[WCI_CATEGORIES] = {
    [WILDCAM_CATEGORY_UNCLASSIFIED] = WCI_RETENTION_DAYS_UNCLASSIFIED,
    [WILDCAM_CATEGORY_BLANK] = WCI_RETENTION_DAYS_BLANK,
    [WILDCAM_CATEGORY_ANIMAL] = WCI_RETENTION_DAYS_ANIMAL,
    [WILDCAM_CATEGORY_HUMAN] = WCI_RETENTION_DAYS_HUMAN,
    [WILDCAM_CATEGORY_VEHICLE] = WCI_RETENTION_DAYS_VEHICLE,
    [WILDCAM_CATEGORY_UNKNOWN] = WCI_RETENTION_DAYS_UNKNOWN};

static int64_t days_of(const wildcam_station *station, int category)
{
    int64_t days = wci_conf_int(station->conf, settings_of_days[category]);
    return days < 0 ? wci_conf_int(station->conf, WCI_RETENTION_DAYS) : days;
}

static bool has_age(const wildcam_station *station)
{
    for (int i = 0; i < WCI_CATEGORIES; i++)
        if (days_of(station, i) > 0)
            return true;
    return false;
}

static bool has_space(const wildcam_station *station)
{
    return wci_conf_int(station->conf, WCI_RETENTION_MIN_FREE_BYTES) > 0 ||
           wci_conf_real(station->conf, WCI_RETENTION_MIN_FREE_PERCENT) > 0;
}

bool wci_station_has_retention(const wildcam_station *station)
{
    return has_age(station) || has_space(station);
}

/* How many bytes are missing. */
static wildcam_status missing_space(const wildcam_station *station, int64_t *missing)
{
    struct wci_disk_space space;
    *missing = 0;
    if (!has_space(station))
        return WILDCAM_OK;
    wildcam_status status = wci_disk_look(station->conf, &space);
    if (status != WILDCAM_OK)
        return status;
    double part = wci_conf_real(station->conf, WCI_RETENTION_MIN_FREE_PERCENT) / 100;
    int64_t wanted = wci_conf_int(station->conf, WCI_RETENTION_MIN_FREE_BYTES);
    int64_t by_part = (int64_t)((double)space.total_bytes * part);
    wanted = by_part > wanted ? by_part : wanted;
    *missing = wanted > space.free_bytes ? wanted - space.free_bytes : 0;
    return WILDCAM_OK;
}

/* What this process is to do with pictures. */
static uint32_t own_duties(const wildcam_station *station)
{
    bool processes = *wci_conf_text(station->conf, WCI_PROCESS_DETECTOR) != '\0';
    return (wci_conf_uploads(station->conf) ? WCI_DUTY_UPLOAD : 0U) |
           (processes ? WCI_DUTY_PROCESS : 0U);
}

void wci_station_note_duties(wildcam_station *station)
{
    uint32_t own = own_duties(station);
    struct wci_store *store = &station->store;
    if (own && store->ops->note_duties(store->backend, own, wci_calendar_now()) != WILDCAM_OK)
        wci_log_failure(&station->log, WILDCAM_LOG_WARNING, "retention",
                        "it could not be noted that pictures are owed to S3 or to detectors: a "
                        "program without these settings may delete them before");
    wci_error_clear();
}

/* Another program may have the settings for what is owed. */
static wildcam_status begin_rule(const wildcam_station *station, struct wci_retention_rule *rule)
{
    uint32_t duties = 0;
    const struct wci_store *store = &station->store;
    wildcam_status status = WILDCAM_OK;
    if (wci_conf_int(station->conf, WCI_RETENTION_KEEP_OWED))
        status = store->ops->get_duties(store->backend, &duties);
    duties |= own_duties(station);
    *rule = (struct wci_retention_rule){.now = wci_calendar_now(),
                                        .keeps_owed = duties & WCI_DUTY_UPLOAD,
                                        .keeps_unprocessed = duties & WCI_DUTY_PROCESS};
    for (int i = 0; i < WCI_CATEGORIES; i++)
        rule->before[i] = INT64_MIN;
    return status;
}

/* The passes, one behind the other: by age, then blank pictures for space, then any. */
enum pass { PASS_AGE, PASS_BLANK, PASS_ANY, PASSES };

/* What a category's own setting says is for ever no full disk takes. */
static wildcam_status rule_of(const wildcam_station *station, enum pass pass,
                              struct wci_retention_rule *rule)
{
    wildcam_status status = begin_rule(station, rule);
    rule->frees_space = pass != PASS_AGE;
    for (int i = 0; i < WCI_CATEGORIES; i++) {
        int64_t days = days_of(station, i);
        bool may_go = wci_conf_int(station->conf, settings_of_days[i]) != 0 &&
                      (pass == PASS_ANY || (pass == PASS_BLANK && i == WILDCAM_CATEGORY_BLANK));
        if (pass == PASS_AGE && days > 0)
            rule->before[i] = rule->now - days * WCI_DAY;
        else if (may_go)
            rule->before[i] = INT64_MAX;
    }
    return status;
}

static bool is_asked_for(const wildcam_station *station, enum pass pass, int64_t missing)
{
    return pass == PASS_AGE ? has_age(station) : missing > 0;
}

static void count(wildcam_retention *out, enum pass pass, const struct wci_expired *picture)
{
    int reason = pass == PASS_AGE ? WILDCAM_RETENTION_AGE : WILDCAM_RETENTION_SPACE;
    out->pictures[reason][picture->category]++;
    out->bytes[reason][picture->category] += picture->bytes;
}

static wildcam_status find(wildcam_station *station, const struct wci_retention_rule *rule,
                           int64_t after, struct wci_expired *found, size_t *got, int64_t *last)
{
    struct wci_store *store = &station->store;
    return store->ops->find_to_remove(store->backend, rule, after, LOOKS, found, STEP, got, last);
}

/* One step of a pass: *after moves on, and is 0 behind the last picture. For space no more is taken
 * than is missing. */
static wildcam_status step(wildcam_station *station, enum pass pass, int64_t missing,
                           int64_t *after, wildcam_retention *out)
{
    struct wci_expired found[STEP];
    struct wci_retention_rule rule;
    size_t got = 0, count_of = 0;
    int64_t last = 0, bytes = 0;
    wildcam_status status = rule_of(station, pass, &rule);
    if (status == WILDCAM_OK)
        status = find(station, &rule, *after, found, &got, &last);
    while (status == WILDCAM_OK && count_of < got && (pass == PASS_AGE || bytes < missing))
        bytes += found[count_of++].bytes;
    if (status == WILDCAM_OK && count_of < got)
        last = found[count_of - 1].id;
    if (status == WILDCAM_OK && count_of)
        status = wci_store_remove_pictures(&station->store, &rule, found, count_of);
    for (size_t i = 0; i < count_of; i++) {
        if (!found[i].is_gone)
            continue;
        count(out, pass, &found[i]);
        wci_measure_removed(&station->measures, found[i].category, pass != PASS_AGE);
    }
    if (status == WILDCAM_OK)
        *after = last;
    return status;
}

/* Goes on in the pass that the last call was in. */
static wildcam_status run_pass(wildcam_station *station, int64_t deadline, wildcam_retention *out)
{
    struct wci_retention_place *place = &station->retention;
    enum pass pass = (enum pass)place->pass;
    int64_t missing = 0;
    do {
        wildcam_status status = pass == PASS_AGE ? WILDCAM_OK : missing_space(station, &missing);
        if (status != WILDCAM_OK)
            return status;
        if (!is_asked_for(station, pass, missing)) {
            place->after = 0;
            break;
        }
        status = step(station, pass, missing, &place->after, out);
        if (status != WILDCAM_OK)
            return status;
    } while (place->after && wci_calendar_monotonic() < deadline);
    place->pass += place->after == 0;
    return WILDCAM_OK;
}

static int64_t total(const wildcam_retention *retention, int reason)
{
    int64_t sum = 0;
    for (int i = 0; i < WCI_CATEGORIES; i++)
        sum += retention->pictures[reason][i];
    return sum;
}

static void tell(const wildcam_station *station, const wildcam_retention *out)
{
    int64_t aged = total(out, WILDCAM_RETENTION_AGE), crowded = total(out, WILDCAM_RETENTION_SPACE);
    if (aged || crowded)
        wci_log_write(&station->log, WILDCAM_LOG_INFO, "retention",
                      "pictures deleted: %lld for their age, %lld for space", (long long)aged,
                      (long long)crowded);
}

wildcam_status wci_station_apply_retention(wildcam_station *station, int64_t deadline,
                                           wildcam_retention *out)
{
    struct wci_retention_place *place = &station->retention;
    wildcam_status status = WILDCAM_OK;
    pthread_mutex_lock(&place->mutex);
    do {
        status = run_pass(station, deadline, out);
    } while (status == WILDCAM_OK && place->pass < PASSES && wci_calendar_monotonic() < deadline);
    out->is_done = status == WILDCAM_OK && place->pass == PASSES;
    if (out->is_done)
        place->pass = PASS_AGE;
    pthread_mutex_unlock(&place->mutex);
    tell(station, out);
    return status;
}

/* ---- what would go ---- */

struct measuring {
    wildcam_station *station;
    wildcam_retention *out;
    wildcam_progress_fn *progress;
    void *user;
    struct wci_retention_rule aged; /* what is counted for its age is not counted again */
    int64_t missing;
};

static bool is_enough(const struct measuring *measuring, enum pass pass)
{
    int64_t bytes = 0;
    for (int reason = 0; reason < WCI_RETENTION_REASONS; reason++)
        for (int i = 0; i < WCI_CATEGORIES; i++)
            bytes += measuring->out->bytes[reason][i];
    return pass != PASS_AGE && bytes >= measuring->missing;
}

static wildcam_status measure_pass(struct measuring *measuring, enum pass pass)
{
    struct wci_expired found[STEP];
    struct wci_retention_rule rule;
    int64_t after = 0;
    wildcam_status status = rule_of(measuring->station, pass, &rule);
    if (pass == PASS_ANY) /* blank ones were counted before */
        rule.before[WILDCAM_CATEGORY_BLANK] = INT64_MIN;
    while (status == WILDCAM_OK && !is_enough(measuring, pass)) {
        size_t got = 0;
        status = find(measuring->station, &rule, after, found, &got, &after);
        for (size_t i = 0; i < got && !is_enough(measuring, pass); i++)
            if (pass == PASS_AGE || found[i].age >= measuring->aged.before[found[i].category])
                count(measuring->out, pass, &found[i]);
        if (status == WILDCAM_OK && measuring->progress &&
            measuring->progress(measuring->user, "pictures",
                                total(measuring->out, WILDCAM_RETENTION_AGE) +
                                    total(measuring->out, WILDCAM_RETENTION_SPACE),
                                0))
            return wci_fail(WILDCAM_ERR_CANCELLED, "measuring the retention was cancelled");
        if (!after)
            break;
    }
    return status;
}

wildcam_status wci_station_measure_retention(wildcam_station *station,
                                             wildcam_progress_fn *progress, void *user,
                                             wildcam_retention *out)
{
    struct measuring measuring = {
        .station = station, .out = out, .progress = progress, .user = user};
    wildcam_status status = missing_space(station, &measuring.missing);
    if (status == WILDCAM_OK)
        status = rule_of(station, PASS_AGE, &measuring.aged);
    for (int pass = 0; status == WILDCAM_OK && pass < PASSES; pass++)
        if (is_asked_for(station, pass, measuring.missing))
            status = measure_pass(&measuring, pass);
    out->is_done = status == WILDCAM_OK;
    return status;
}

/* A disk that is too full cannot wait for the next round. */
void wci_station_keep_retention(wildcam_station *station, int64_t deadline)
{
    wildcam_retention out = {.is_done = false};
    int64_t now = wci_calendar_monotonic(), missing = 0;
    if (!wci_station_has_retention(station) || now >= deadline)
        return;
    wildcam_status status = missing_space(station, &missing);
    bool is_time = !station->retention.rested || now - station->retention.rested >= ROUND_EVERY;
    if (status == WILDCAM_OK && !is_time && (missing == 0 || station->retention.is_short))
        return;
    if (status == WILDCAM_OK)
        status = wci_station_apply_retention(station, now + TURN, &out);
    if (status == WILDCAM_OK && out.is_done) {
        status = missing_space(station, &missing);
        station->retention.rested = now;
        if (missing && !station->retention.is_short)
            wci_log_write(
                &station->log, WILDCAM_LOG_WARNING, "retention",
                "the disk lacks %lld bytes of what retention is to keep free, and nothing "
                "is left that may be deleted",
                (long long)missing);
        station->retention.is_short = missing > 0;
    }
    if (status != WILDCAM_OK && status != WILDCAM_ERR_BUSY) {
        station->retention.rested = now;
        wci_log_failure(&station->log, WILDCAM_LOG_WARNING, "retention",
                        "pictures that are to go could not be deleted");
    }
    wci_error_clear();
}
