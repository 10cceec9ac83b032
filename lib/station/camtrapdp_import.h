/* A Camtrap DP package on its way in: what its parts share. */
#ifndef WCI_STATION_CAMTRAPDP_IMPORT_H
#define WCI_STATION_CAMTRAPDP_IMPORT_H

#include "exchange/camtrapdp.h"
#include "exchange/hash_set.h"
#include "station/exchange.h"
#include "station/exchange_take.h"

/* Where the observation of a picture stands in its table. */
struct wci_mention {
    uint64_t media; /* the hash of its mediaID */
    int64_t place;
};

struct wci_camtrapdp_import {
    wildcam_exchange *exchange;
    char directory[WCI_PATH];
    char paths[3][WCI_PATH];    /* of deployments, media, observations */
    struct wci_staged unpacked; /* a copy of compressed observations */
    struct wci_text name;       /* which package it is, whatever its version */
    int64_t id;                 /* of the import; 0 in a dry run */
    bool is_dry;
    const struct wci_name **cameras; /* of the deployments, in the order of the table */
    size_t camera_count, camera_capacity;
    struct wci_hash_set deployments; /* their ids to the index of their camera */
    struct wci_hash_set media;       /* ids that were seen */
    struct wci_mention *mentions;    /* by media */
    size_t mention_count, mention_capacity;
    struct wci_table_reader observations;
    struct wci_text cells; /* JSON of the row at hand */
    wildcam_detection *drafts;
    size_t draft_count, draft_made, draft_capacity;
};

/* The camera of a deployment. One that the package does not describe is told, and gets a camera
 * that is called like it. */
wildcam_status wci_camtrapdp_camera(struct wci_camtrapdp_import *import, const char *deployment,
                                    const char *row, const struct wci_name **camera);
/* A device id out of any text. */
void wci_camtrapdp_device_id(const char *text, char device_id[WCI_DEVICE_ID_MAX + 1]);

/* camtrapdp_import_observations.c */
/* Keeps those of events, and notes where those of pictures stand. */
wildcam_status wci_camtrapdp_index_observations(struct wci_camtrapdp_import *import);
/* Makes drafts of those of a picture. */
wildcam_status wci_camtrapdp_read_observations(struct wci_camtrapdp_import *import,
                                               const char *media_id);
/* Keeps those whose picture is not in the package. */
wildcam_status wci_camtrapdp_keep_orphans(struct wci_camtrapdp_import *import);

/* camtrapdp_import_media.c */
wildcam_status wci_camtrapdp_import_media(struct wci_camtrapdp_import *import);

#endif
