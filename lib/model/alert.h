/*
 * Alerts: what one is, and the rules by which there is a reason for one. All of it is pure: times
 * are microseconds since 1970 and come from the caller.
 */
#ifndef WCI_MODEL_ALERT_H
#define WCI_MODEL_ALERT_H

#include <stdbool.h>
#include <stdint.h>

#include <wildcam/alert.h>

#include "base/calendar.h"
#include "base/json.h"
#include "base/text.h"

enum {
#define WCI_ALERT_COUNT(name, value, severity, text, says) +1
    WCI_ALERT_KINDS = 0 WILDCAM_ALERT_LIST(WCI_ALERT_COUNT)
#undef WCI_ALERT_COUNT
};

struct wildcam_alert {
    int64_t id;
    int kind;
    struct wci_text subject, device_id, text;
    double value; /* NaN for none */
    int64_t detection_id, count;
    int64_t raised_at, last_at, cleared_at, read_at;
    struct wci_text cleared_reason, read_by;
};

struct wildcam_alert_query {
    int kind; /* -1 for all */
    struct wci_text device_id;
    int64_t since;
    bool open, unread;
};

const char *wci_severity_name(int severity);
const char *wci_alert_kind_name(int kind);
/* -1 when no kind has that name. */
int wci_alert_kind_find(const char *name);
int wci_alert_kind_severity(int kind);
/* Whether reading an alert of the kind is all that can be done about it. */
bool wci_alert_ends_when_read(int kind);

void wci_alert_init(wildcam_alert *alert, int kind);
void wci_alert_release(wildcam_alert *alert); /* its texts */
void wci_alert_write_json(const wildcam_alert *alert, struct wci_json *json);

/* What becomes of an alert that is open, or could be. */
enum wci_verdict { WCI_VERDICT_KEEP, WCI_VERDICT_RAISE, WCI_VERDICT_CLEAR };

/* ---- batteries and the disk ---- */

/* Percent. Between the level and 5 points above it nothing changes, so that a battery that is
 * charged by the sun does not raise an alert each morning. */
enum wci_verdict wci_judge_battery(double level, double limit);
/* What is free is judged by the setting, or half above the floor where that is more. */
int64_t wci_disk_limit(int64_t floor, int64_t setting);
enum wci_verdict wci_judge_disk(int64_t free, int64_t limit);

/* ---- silent cameras ---- */

/* At which interval a camera's reports come. */
struct wci_rhythm {
    int64_t last;     /* report; WILDCAM_TIME_NONE for none */
    int64_t interval; /* 0 while it is not known */
    int64_t odd;      /* the last gap, when it did not fit; 0 for none */
};

void wci_rhythm_note(struct wci_rhythm *rhythm, int64_t now);

/* For how long it may be silent, by `alerts.offline_seconds` in microseconds (0: derived). */
int64_t wci_hold_off(const struct wci_rhythm *rhythm, int64_t setting);

/* Since when somebody has been listening without a break, by two clocks. */
struct wci_vigil {
    int64_t since, ahead; /* by how much the wall clock is ahead of the monotonic one */
    bool has_begun;
};

/* A clock that was set, or a machine that slept, begins it anew. */
void wci_vigil_look(struct wci_vigil *vigil, int64_t wall, int64_t monotonic);

enum wci_verdict wci_judge_silence(int64_t heard, const struct wci_vigil *vigil, int64_t hold_off,
                                   int64_t now);

/* ---- shared ids ---- */

/* Something that goes to and fro. */
struct wci_flap {
    int64_t since; /* the first of the returns */
    int64_t returns;
};

enum wci_flap_step { WCI_FLAP_STAYS, WCI_FLAP_RETURNS, WCI_FLAP_MOVES };

/* True when it has returned `most` times within a window. */
bool wci_flap_note(struct wci_flap *flap, enum wci_flap_step step, int64_t now, int64_t window,
                   int most);

/* A word by its hash: the one that counts, and the one before it. 0 is none. */
struct wci_flap_word {
    int64_t word, before;
    struct wci_flap flap;
};

int64_t wci_flap_hash(const char *text);
bool wci_flap_word_note(struct wci_flap_word *self, int64_t word, int64_t now, int64_t window,
                        int most);

/* Where it is, and was before. */
struct wci_flap_place {
    double latitude, longitude; /* NaN while it is not known */
    double before_latitude, before_longitude;
    int64_t at;
    struct wci_flap flap;
};

/* True also when it moved faster than anything that carries a camera. */
bool wci_flap_place_note(struct wci_flap_place *self, double latitude, double longitude,
                         int64_t now);

/* All that is remembered of a camera to judge it. */
struct wci_watch {
    int64_t camera_id;
    struct wci_rhythm rhythm;
    struct wci_flap_place place;
    struct wci_flap_word firmware, hardware;
};

void wci_watch_init(struct wci_watch *watch, int64_t camera_id);

#define WCI_FLAP_WINDOW WCI_DAY
enum { WCI_FLAP_RETURNS_MOST = 2 };
/* Of origins: networks give a camera one address after the other. */
#define WCI_ORIGIN_WINDOW (3600 * WCI_SECOND)
enum { WCI_ORIGIN_RETURNS_MOST = 4 };

/* What a reason that is a moment's is over after. */
#define WCI_ALERT_PASSES (WCI_DAY)

/* ---- rare species ---- */

/* Whether a name is in a list with commas, whatever its case. */
bool wci_species_is_listed(const char *list, const char *species);

#endif
