/* Imports and exports of a station: what they share. */
#ifndef WCI_STATION_EXCHANGE_H
#define WCI_STATION_EXCHANGE_H

#include "exchange/options.h"
#include "station/station.h"

struct wci_batch;

struct wildcam_exchange {
    wildcam_station *station;
    struct wci_exchange_options options;
    struct wci_query plan; /* its texts are the exchange's; the camera was looked up */
    struct wci_text device_id;
    bool matches_nothing; /* the camera is not known */
    wildcam_note_fn *note;
    void *note_user;
    wildcam_progress_fn *progress;
    void *progress_user;
    int64_t figures[WCI_EXCHANGE_FIGURE_COUNT];
    bool is_short; /* of memory: what was kept could not be read, and is missing in what is written
                    */
    struct wci_batch *batch; /* while an import writes */
};

void wci_exchange_begin(wildcam_exchange *exchange);

/* Counts, and tells whoever wants to know. */
void wci_exchange_note(wildcam_exchange *exchange, int figure, const char *where,
                       const char *format, ...) WCI_PRINTF(4, 5);
/* The same of what concerns all: "note". */
void wci_exchange_remark(wildcam_exchange *exchange, const char *format, ...) WCI_PRINTF(2, 3);
/* CANCELLED when it is to end. */
wildcam_status wci_exchange_step(wildcam_exchange *exchange, const char *phase, int64_t done,
                                 int64_t total);

/* A picture with all that is on it; borrowed during the call. */
typedef wildcam_status wci_exchange_visit(void *user, const wildcam_image *image,
                                          const wildcam_detection *const *detections, size_t count);
/* Goes through the pictures that the query asks for, in the order of ids. The names of damaged
 * shards are added. */
wildcam_status wci_exchange_walk(wildcam_exchange *exchange, wci_exchange_visit *visit, void *user,
                                 struct wci_text *damaged);

/* Whether the query asks for a detection of a picture that is in its span. */
bool wci_exchange_matches(const wildcam_exchange *exchange, const wildcam_detection *detection);

wildcam_status wci_import_megadetector(wildcam_exchange *exchange, const char *path);
wildcam_status wci_export_megadetector(wildcam_exchange *exchange, const char *path);
wildcam_status wci_import_camtrapdp(wildcam_exchange *exchange, const char *path);
wildcam_status wci_export_camtrapdp(wildcam_exchange *exchange, const char *path);
wildcam_status wci_export_csv(wildcam_exchange *exchange, const char *path);
/* INCOMPLETE when there are damaged shards. */
wildcam_status wci_exchange_tell_damaged(const struct wci_text *damaged);

#endif
