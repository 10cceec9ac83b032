/*
 * What an import writes, gathered: pictures that are elsewhere, and what was found on pictures that
 * are kept. Several rows of it share a transaction; each has its own answer. What is counted, noted
 * or told as done is durable.
 */
#ifndef WCI_STATION_EXCHANGE_BATCH_H
#define WCI_STATION_EXCHANGE_BATCH_H

#include "station/exchange.h"

/* One row of the import. */
struct wci_gathered {
    const char *where;          /* what notes call it; copied */
    int failure;                /* counts it when it fails alone */
    wildcam_image *image;       /* a picture to keep: taken over, and initialised anew; or NULL, */
    int64_t image_id;           /* and the picture that the rows are found on (store/change.h) */
    const struct wci_row *rows; /* copied with their texts */
    size_t count;
    int64_t detections; /* how many of them count as detections */
    bool is_known;      /* the picture counts as known */
};

wildcam_status wci_batch_begin(wildcam_exchange *exchange);
/* Writes what is left, whatever the import's status is, and answers that, or what went wrong now.
 */
wildcam_status wci_batch_end(wildcam_exchange *exchange, wildcam_status status);

/* May write what was gathered. A failure that is not one row's alone is the import's end. */
wildcam_status wci_batch_add(wildcam_exchange *exchange, const struct wci_gathered *row);
wildcam_status wci_batch_write(wildcam_exchange *exchange);
/* Whether something waits that was found on a picture. */
bool wci_batch_has(const wildcam_exchange *exchange, int64_t image_id);
/* wci_exchange_step(), which tells only as much as is written. */
wildcam_status wci_batch_step(wildcam_exchange *exchange, const char *phase, int64_t done,
                              int64_t total);

#endif
