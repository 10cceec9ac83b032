#include "model/alert.h"
#include "base/hash.h"

#include <math.h>
#include <string.h>

#include <wildcam/time.h>

static const struct {
    const char *name;
    int severity;
} kinds[] = {
#define ROW(id, value, severity, text, says) [value] = {text, WILDCAM_SEVERITY_##severity},
    WILDCAM_ALERT_LIST(ROW)
#undef ROW
};

static const char *const severities[] = {
#define NAME(id, value, text) [value] = text,
    WILDCAM_SEVERITY_LIST(NAME)
#undef NAME
};

enum {
    KINDS = sizeof kinds / sizeof kinds[0],
    SEVERITIES = sizeof severities / sizeof severities[0]
};

const char *wci_severity_name(int severity)
{
    return severity >= 0 && severity < SEVERITIES ? severities[severity] : "unknown";
}

const char *wci_alert_kind_name(int kind)
{
    return kind >= 0 && kind < KINDS ? kinds[kind].name : "unknown";
}

int wci_alert_kind_find(const char *name)
{
    for (int i = 0; i < KINDS; i++)
        if (strcmp(name, kinds[i].name) == 0)
            return i;
    return -1;
}

int wci_alert_kind_severity(int kind)
{
    return kind >= 0 && kind < KINDS ? kinds[kind].severity : -1;
}

bool wci_alert_ends_when_read(int kind)
{
    return kind == WILDCAM_ALERT_RARE_SPECIES || kind == WILDCAM_ALERT_UNKNOWN_CAMERA;
}

void wci_alert_init(wildcam_alert *alert, int kind)
{
    *alert = (wildcam_alert){.kind = kind,
                             .value = NAN,
                             .raised_at = WILDCAM_TIME_NONE,
                             .last_at = WILDCAM_TIME_NONE,
                             .cleared_at = WILDCAM_TIME_NONE,
                             .read_at = WILDCAM_TIME_NONE};
}

void wci_alert_release(wildcam_alert *alert)
{
    wci_text_free(&alert->subject);
    wci_text_free(&alert->device_id);
    wci_text_free(&alert->text);
    wci_text_free(&alert->cleared_reason);
    wci_text_free(&alert->read_by);
}

void wci_alert_write_json(const wildcam_alert *alert, struct wci_json *json)
{
    int severity = wci_alert_kind_severity(alert->kind);
    wci_json_open(json, NULL, '{');
    wci_json_int(json, "id", alert->id);
    wci_json_text(json, "kind", wci_alert_kind_name(alert->kind));
    wci_json_text(json, "severity", wci_severity_name(severity));
    wci_json_text_or_null(json, "subject", wci_text_get(&alert->subject));
    wci_json_text_or_null(json, "device_id", wci_text_get(&alert->device_id));
    wci_json_text(json, "text", wci_text_get(&alert->text));
    wci_json_real(json, "value", alert->value);
    if (alert->detection_id)
        wci_json_int(json, "detection_id", alert->detection_id);
    else
        wci_json_null(json, "detection_id");
    wci_json_int(json, "count", alert->count);
    wci_json_bool(json, "open", alert->cleared_at == WILDCAM_TIME_NONE);
    wci_json_time(json, "raised_at", alert->raised_at, 0);
    wci_json_time(json, "last_at", alert->last_at, 0);
    wci_json_time(json, "cleared_at", alert->cleared_at, 0);
    wci_json_text_or_null(json, "cleared_reason", wci_text_get(&alert->cleared_reason));
    wci_json_bool(json, "read", alert->read_at != WILDCAM_TIME_NONE);
    wci_json_time(json, "read_at", alert->read_at, 0);
    wci_json_text_or_null(json, "read_by", wci_text_get(&alert->read_by));
    wci_json_close(json, '}');
}

/* ---- batteries and the disk ---- */

enum wci_verdict wci_judge_battery(double level, double limit)
{
    const double recovered = 5;
    if (isnan(level))
        return WCI_VERDICT_KEEP;
    if (level < limit)
        return WCI_VERDICT_RAISE;
    /* A limit so high that no battery gets above it by so much is left at its top. */
    return level >= fmin(limit + recovered, 100) ? WCI_VERDICT_CLEAR : WCI_VERDICT_KEEP;
}

int64_t wci_disk_limit(int64_t floor, int64_t setting)
{
    int64_t near = floor + floor / 2;
    return setting > near ? setting : near;
}

enum wci_verdict wci_judge_disk(int64_t free, int64_t limit)
{
    if (free < limit)
        return WCI_VERDICT_RAISE;
    return free >= limit + limit / 4 ? WCI_VERDICT_CLEAR : WCI_VERDICT_KEEP;
}

/* ---- silent cameras ---- */

/* What the firmware does, and a gap is measured by before a camera's own interval is known. */
#define COMMON_INTERVAL (300 * WCI_SECOND)
/* last_seen is exact to so much. */
#define HEARD_EXACT_TO (10 * WCI_SECOND)
/* What comes closer together is one report: a camera that wakes up posts more than once. */
#define LEAST_GAP (60 * WCI_SECOND)
enum { MISSED = 3, NEVER_BELOW = 2 };

static int64_t believed(const struct wci_rhythm *rhythm)
{
    return rhythm->interval ? rhythm->interval : COMMON_INTERVAL;
}

/* The slowest of what comes regularly is what counts: up in halves, down in eighths. */
static void approach(struct wci_rhythm *rhythm, int64_t gap)
{
    enum { UP = 2, DOWN = 8 };
    int64_t difference = gap - rhythm->interval;
    rhythm->interval += difference / (difference > 0 ? UP : DOWN);
    rhythm->odd = 0;
}

void wci_rhythm_note(struct wci_rhythm *rhythm, int64_t now)
{
    int64_t gap = rhythm->last == WILDCAM_TIME_NONE ? 0 : now - rhythm->last, odd = rhythm->odd;
    if (rhythm->last == WILDCAM_TIME_NONE || gap >= LEAST_GAP || gap < 0)
        rhythm->last = now;
    if (gap < LEAST_GAP) /* a clock that was set back tells nothing either */
        return;
    if (gap <= MISSED * believed(rhythm)) {
        if (!rhythm->interval)
            rhythm->interval = gap;
        approach(rhythm, gap);
    } else if (odd && gap / 2 <= odd && odd / 2 <= gap) { /* twice alike is no outage */
        rhythm->interval = gap > odd ? gap : odd;
        rhythm->odd = 0;
    } else {
        rhythm->odd = gap;
    }
}

int64_t wci_hold_off(const struct wci_rhythm *rhythm, int64_t setting)
{
    int64_t least = NEVER_BELOW * rhythm->interval + HEARD_EXACT_TO;
    if (!setting)
        return MISSED * believed(rhythm) + HEARD_EXACT_TO;
    return rhythm->interval && setting < least ? least : setting;
}

void wci_vigil_look(struct wci_vigil *vigil, int64_t wall, int64_t monotonic)
{
    const int64_t jump = 5 * WCI_SECOND;
    int64_t ahead = wall - monotonic, moved = ahead - vigil->ahead;
    if (!vigil->has_begun || moved > jump || moved < -jump)
        vigil->since = wall;
    vigil->ahead = ahead;
    vigil->has_begun = true;
}

enum wci_verdict wci_judge_silence(int64_t heard, const struct wci_vigil *vigil, int64_t hold_off,
                                   int64_t now)
{
    int64_t from = heard > vigil->since ? heard : vigil->since;
    if (heard != WILDCAM_TIME_NONE && now - heard <= hold_off)
        return WCI_VERDICT_CLEAR;
    return now - from > hold_off ? WCI_VERDICT_RAISE : WCI_VERDICT_KEEP;
}

/* ---- shared ids ---- */

bool wci_flap_note(struct wci_flap *flap, enum wci_flap_step step, int64_t now, int64_t window,
                   int most)
{
    if (step != WCI_FLAP_RETURNS)
        return false;
    if (!flap->returns || now - flap->since > window || now < flap->since) {
        flap->since = now;
        flap->returns = 0;
    }
    flap->returns++;
    return flap->returns >= most;
}

/* Never 0. */
int64_t wci_flap_hash(const char *text)
{
    uint64_t hash = wci_hash_add_text(WCI_HASH_BEGIN, text) & INT64_MAX;
    return hash ? (int64_t)hash : 1;
}

bool wci_flap_word_note(struct wci_flap_word *self, int64_t word, int64_t now, int64_t window,
                        int most)
{
    enum wci_flap_step step = word == self->word     ? WCI_FLAP_STAYS
                              : word == self->before ? WCI_FLAP_RETURNS
                                                     : WCI_FLAP_MOVES;
    if (step != WCI_FLAP_STAYS) {
        self->before = self->word;
        self->word = word;
    }
    return wci_flap_note(&self->flap, step, now, window, most);
}

/* Metres, on a sphere: the haversine formula. */
static double distance(double latitude, double longitude, double to_latitude, double to_longitude)
{
    const double radius = 6371000, radian = acos(-1) / 180;
    double across = sin((to_latitude - latitude) * radian / 2);
    double along = sin((to_longitude - longitude) * radian / 2);
    double part = across * across +
                  cos(latitude * radian) * cos(to_latitude * radian) * along * along;
    return 2 * radius * asin(sqrt(fmin(part, 1)));
}

bool wci_flap_place_note(struct wci_flap_place *self, double latitude, double longitude,
                         int64_t now)
{
    /* GPS of a camera that stands still wanders by up to 215 m; metres per second. */
    const double same = 250, too_far = 1000, too_fast = 60;
    double moved = distance(self->latitude, self->longitude, latitude, longitude);
    double back = distance(self->before_latitude, self->before_longitude, latitude, longitude);
    double seconds = fmax((double)(now - self->at) / (double)WCI_SECOND, 1);
    enum wci_flap_step step = isnan(self->latitude) ? WCI_FLAP_MOVES
                              : moved <= same       ? WCI_FLAP_STAYS
                              : back <= same        ? WCI_FLAP_RETURNS
                                                    : WCI_FLAP_MOVES; /* also from nowhere */
    bool is_flight = !isnan(self->latitude) && moved > too_far && moved / seconds > too_fast;
    if (step != WCI_FLAP_STAYS) {
        self->before_latitude = self->latitude;
        self->before_longitude = self->longitude;
        self->latitude = latitude;
        self->longitude = longitude;
    }
    self->at = now;
    return wci_flap_note(&self->flap, step, now, WCI_FLAP_WINDOW, WCI_FLAP_RETURNS_MOST) ||
           is_flight;
}

void wci_watch_init(struct wci_watch *watch, int64_t camera_id)
{
    *watch = (struct wci_watch){
        .camera_id = camera_id,
        .rhythm.last = WILDCAM_TIME_NONE,
        .place = {.latitude = NAN,
                  .longitude = NAN,
                  .before_latitude = NAN,
                  .before_longitude = NAN},
    };
}

/* ---- rare species ---- */

static char small(char letter)
{
    return (char)(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
}

bool wci_species_is_listed(const char *list, const char *species)
{
    while (*list && !strchr(species, ',')) {
        const char *at = species;
        list += strspn(list, ", ");
        while (*at && small(*list) == small(*at)) {
            list++;
            at++;
        }
        if (!*at && at > species && (list[strspn(list, " ")] == ',' || !list[strspn(list, " ")]))
            return true;
        list += strcspn(list, ",");
    }
    return false;
}
