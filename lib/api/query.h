/* Queries, as the calls that answer them see them. */
#ifndef WCI_API_QUERY_H
#define WCI_API_QUERY_H

#include <wildcam/query.h>

#include "store/store.h"

struct wildcam_query {
    struct wci_query plan; /* its camera is looked up when it is asked */
    struct wci_text device_id;
    struct wci_place after;
    int64_t offset, limit;
    int audience; /* WILDCAM_AUDIENCE_ */
};

void wci_query_init(wildcam_query *query);
void wci_query_release(wildcam_query *query);
/* NULL copies as a query for everything. */
wildcam_status wci_query_copy(wildcam_query *to, const wildcam_query *from);
/* Looks the camera up; one that is not known matches nothing. */
wildcam_status wci_query_resolve(wildcam_query *query, struct wci_store *store, bool *is_empty);

#endif
