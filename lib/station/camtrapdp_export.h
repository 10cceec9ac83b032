/* A Camtrap DP package on its way out: what its parts share. */
#ifndef WCI_STATION_CAMTRAPDP_EXPORT_H
#define WCI_STATION_CAMTRAPDP_EXPORT_H

#include "exchange/sink.h"
#include "station/camtrapdp_places.h"

enum { WCI_SIGHT_WHO = 3 };

/* What was seen in an event: how many of a species one picture shows at most, and who says so. */
struct wci_sight {
    int category;
    struct wci_text species, who[WCI_SIGHT_WHO];
    bool is_reviewed;
    int64_t most, here, image_id; /* `here` are those of the picture at hand */
};

/* What is known of an event while its pictures come. */
struct wci_open_event {
    int64_t event_id;
    size_t place;
    int64_t second; /* of the last picture's id */
    int64_t first, last;
    int32_t first_offset, last_offset;
    struct wci_sight *sights;
    size_t count, capacity;
};

struct wci_camtrapdp_export {
    wildcam_exchange *exchange;
    char directory[WCI_PATH]; /* where it is put together */
    char target[WCI_PATH];    /* what it is to be called */
    struct wci_sites places;
    struct wci_sink media, observations;
    struct wci_cells cells;
    struct wci_hash_set ids;       /* of media (1), observations (2) and paths (3) */
    struct wci_open_event *events; /* in the order of their ids */
    size_t event_count, event_capacity;
    int64_t swept;  /* the second at which closed ones were looked for */
    json_t *taxa;   /* scientificName: null, in the order in which they came */
    int64_t source; /* the import that all rows came with; 0 before the first, -1 for none */
    bool has_capture[3];
    bool with_pictures, with_humans, with_events, is_gzip;
    int64_t without_event; /* pictures */
    double threshold;
    struct wci_text name;
};

/* Makes a text that is no other's of its scope: "-ID" is put behind one that is. */
wildcam_status wci_camtrapdp_make_unique(struct wci_camtrapdp_export *export, uint64_t scope,
                                         struct wci_text *name, int64_t id);

/* camtrapdp_media.c */
wildcam_status wci_camtrapdp_write_media(struct wci_camtrapdp_export *export,
                                         const wildcam_image *image, const json_t *kept,
                                         size_t place, bool has_human, struct wci_text *media_id);

/* camtrapdp_observations.c */
wildcam_status wci_camtrapdp_write_observation(struct wci_camtrapdp_export *export,
                                               const wildcam_image *image,
                                               const wildcam_detection *detection, size_t place,
                                               const char *media_id);
/* A picture of which a person said that nothing on it is so. */
wildcam_status wci_camtrapdp_write_nothing(struct wci_camtrapdp_export *export,
                                           const wildcam_image *image,
                                           const wildcam_detection *detection, size_t place,
                                           const char *media_id);

/* What there is of it. */
const char *wci_camtrapdp_species(const wildcam_detection *detection);
bool wci_camtrapdp_is_something(int category);
void wci_camtrapdp_fill_who(struct wci_cells *cells, const wildcam_detection *detection);
/* Whether it is less sure than was asked for. A person's word is always sure enough. */
bool wci_camtrapdp_is_below(const struct wci_camtrapdp_export *export,
                            const wildcam_detection *detection, const json_t *kept);
/* Whether it has a row. One that nobody has looked at has none when its picture came in with a
 * package, which says so by having no observation of it. */
bool wci_camtrapdp_is_told(const struct wci_camtrapdp_export *export,
                           const wildcam_detection *detection, bool is_imported);
/* Writes the cells as a row. */
wildcam_status wci_camtrapdp_put_observation(struct wci_camtrapdp_export *export);

/* camtrapdp_events.c */
wildcam_status wci_camtrapdp_note_event(struct wci_camtrapdp_export *export,
                                        const wildcam_image *image,
                                        const wildcam_detection *const *detections, size_t count,
                                        size_t place);
/* Those that are still open, and those that came with packages. */
wildcam_status wci_camtrapdp_end_events(struct wci_camtrapdp_export *export);
void wci_camtrapdp_free_events(struct wci_camtrapdp_export *export);

/* camtrapdp_package.c: deployments.csv and datapackage.json. */
/* Says that a row is of a package, or (NULL) of none. */
void wci_camtrapdp_note_source(struct wci_camtrapdp_export *export, const json_t *kept);
/* What stands around the rows, out of the options and the package of an import: 0 is any, -1 none.
 */
wildcam_status wci_camtrapdp_read_project(struct wci_camtrapdp_export *export, int64_t import_id,
                                          json_t **project);
wildcam_status wci_camtrapdp_write_deployments(struct wci_camtrapdp_export *export);
wildcam_status wci_camtrapdp_write_package(struct wci_camtrapdp_export *export, json_t *project);

#endif
