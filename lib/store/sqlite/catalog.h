/* station.db: cameras, species, the list of shards, and where to find a picture by its content. */
#ifndef WCI_STORE_SQLITE_CATALOG_H
#define WCI_STORE_SQLITE_CATALOG_H

#include "model/camera.h"
#include "store/backend.h"
#include "store/sqlite/alerts.h"
#include "store/sqlite/pool.h"

enum { WCI_IDENTITY_TEXT = 33 };

struct wci_moved_shard;

struct wci_catalog {
    struct wci_pool pool;
    char identity[WCI_IDENTITY_TEXT];
    struct wci_names cameras, species;
    struct wci_alert_listener alerts;
    struct wci_names detectors; /* "NAME\nVERSION" */
    pthread_mutex_t seen_mutex;
    int64_t *seen; /* by camera number: when last_seen was last written */
    size_t seen_capacity;
    pthread_mutex_t moved_mutex; /* the business of moved.c */
    struct wci_moved_shard *moved_shards;
    size_t moved_count;
    int64_t moved_version; /* 0: no row was ever moved */
};

wildcam_status wci_catalog_open(struct wci_catalog *catalog, struct wci_slow *slow,
                                const char *directory, const wildcam_conf *conf);
void wci_catalog_close(struct wci_catalog *catalog, bool is_forked);

wildcam_status wci_catalog_find_camera(struct wci_catalog *catalog, const char *device_id,
                                       bool or_number, const struct wci_name **out);
/* The camera with that number; NOTFOUND only for a damaged store. */
wildcam_status wci_catalog_camera_at(struct wci_catalog *catalog, int64_t id,
                                     const struct wci_name **out);
wildcam_status wci_catalog_put_camera(struct wci_catalog *catalog, const wildcam_camera *draft,
                                      bool may_create, int64_t now, bool *created);
wildcam_status wci_catalog_get_camera(struct wci_catalog *catalog, int64_t id, wildcam_camera *out);
wildcam_status wci_catalog_list_cameras(struct wci_catalog *catalog, bool all,
                                        wildcam_status (*each)(void *user, wildcam_camera *camera),
                                        void *user);

/* Finds a species, or adds it. */
wildcam_status wci_catalog_find_species(struct wci_catalog *catalog, int category, const char *name,
                                        const struct wci_name **out);
wildcam_status wci_catalog_species_at(struct wci_catalog *catalog, int64_t id,
                                      const struct wci_name **out);

/* Finds a detector in that version, or adds it. */
wildcam_status wci_catalog_find_detector(struct wci_catalog *catalog, const char *name,
                                         const char *version, int64_t *id);
/* Its name and version as two texts. */
wildcam_status wci_catalog_detector_at(struct wci_catalog *catalog, int64_t id,
                                       struct wci_text *name, struct wci_text *version);

/* last_seen is written at most every ten seconds per camera: is it due? */
bool wci_catalog_is_unseen(struct wci_catalog *catalog, int64_t camera_id, int64_t now);
void wci_catalog_note_seen(struct wci_catalog *catalog, int64_t camera_id, int64_t now);

/* Inside a transaction on the catalog's pool. */
wildcam_status wci_catalog_touch(struct wci_catalog *catalog, struct wci_database *database,
                                 int64_t camera_id, int64_t now);
wildcam_status wci_catalog_add_shard(struct wci_database *database, const char *name, int64_t now);
wildcam_status wci_catalog_remove_shard(struct wci_database *database, const char *name);
/* Rows of a shard that lie elsewhere than their ids say have these times. */
wildcam_status wci_catalog_note_moved(struct wci_database *database, const char *name,
                                      int64_t first, int64_t last);
/* 0 in *image_id when there is no key. */
wildcam_status wci_catalog_find_picture(struct wci_database *database, int64_t camera_id,
                                        const unsigned char *sha256, int64_t *image_id);
wildcam_status wci_catalog_put_picture(struct wci_database *database, int64_t camera_id,
                                       const unsigned char *sha256, int64_t image_id);
wildcam_status wci_catalog_remove_picture(struct wci_database *database, int64_t camera_id,
                                          const unsigned char *sha256, int64_t image_id);
/* The ids of the pictures with that content, of whatever camera, row by row. */
wildcam_status wci_catalog_each_holder(struct wci_database *database, const unsigned char *sha256,
                                       sqlite3_stmt **out);

/* Whether a question with one number in it has an answer. */
wildcam_status wci_catalog_has(struct wci_catalog *catalog, const char *sql, int64_t number,
                               bool *has);

#endif
