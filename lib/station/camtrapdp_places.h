/* The deployments of an export: those that were entered, and made-up ones for what is in none. */
#ifndef WCI_STATION_CAMTRAPDP_PLACES_H
#define WCI_STATION_CAMTRAPDP_PLACES_H

#include "exchange/camtrapdp.h"
#include "exchange/hash_set.h"
#include "station/exchange.h"

struct wci_site {
    wildcam_deployment deployment; /* as it was entered, or what is known of a made-up one */
    struct wci_text id;            /* unique in the export */
    struct wci_text called;        /* by the package that its pictures came with; "" */
    bool is_made_up;
    bool is_nowhere; /* it is left out: nobody knows where it is */
    int64_t pictures;
    int64_t first, last; /* of its pictures; WILDCAM_TIME_NONE while there is none */
    int32_t first_offset, last_offset;
};

struct wci_sites {
    wildcam_exchange *exchange;
    struct wci_site *list; /* entered ones first, by camera and beginning */
    size_t count, entered, capacity;
    struct wci_hash_set ids; /* (0, id) and (camera, called) to the place in the list */
};

wildcam_status wci_sites_begin(struct wci_sites *places, wildcam_exchange *exchange);
void wci_sites_end(struct wci_sites *places);

/* The deployment that a picture is of; `named` is the id that it came with, or "". One that is made
 * up is told. */
wildcam_status wci_sites_find(struct wci_sites *places, const wildcam_image *image,
                              const char *named, size_t *place);
/* The same of a row that is of no picture; places->count when there is none. */
size_t wci_sites_known(const struct wci_sites *places, int64_t camera_id, int64_t time,
                       const char *named);
/* Whether none is there whose place is known. */
bool wci_sites_is_empty(const struct wci_sites *places);
/* Counts a picture of it. */
void wci_sites_note(struct wci_sites *places, size_t place, const wildcam_image *image);

/* The key under which the deployment of a package is entered here: `number` counts from 1 while
 * another one has it. */
void wci_sites_make_key(const char *id, int number, char key[WCI_DEPLOYMENT_KEY_MAX + 1]);

/* camtrapdp_locations.c: blurs places as their privacy radius says, and rounds them to so many
 * decimals (-1: not at all). Deployments of one location come to be at one place, blurred by the
 * largest radius of any. */
wildcam_status wci_sites_hide(struct wci_sites *places, int decimals);
/* How precise the least precise of them is then, in degrees; 0 where none was blurred or rounded.
 */
double wci_sites_precision(const struct wci_sites *places, int decimals);
/* What is written of one. */
void wci_sites_fill(const struct wci_sites *places, const struct wci_site *place,
                    struct wci_cells *cells);

/* Which of a deployment's fields stand in which columns as they are: the one list for both ways. */
struct wci_site_field {
    size_t column;
    int field; /* WILDCAM_DEPLOYMENT_ */
};
enum { WCI_SITE_TEXTS = 9, WCI_SITE_NUMBERS = 9, WCI_SITE_FLAGS = 2 };
extern const struct wci_site_field wci_site_texts[WCI_SITE_TEXTS];
extern const struct wci_site_field wci_site_numbers[WCI_SITE_NUMBERS];
extern const struct wci_site_field wci_site_flags[WCI_SITE_FLAGS];

#endif
