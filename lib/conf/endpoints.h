/* The settings s3.endpoint.REGION: an address for each region that has one of its own. */
#ifndef WCI_CONF_ENDPOINTS_H
#define WCI_CONF_ENDPOINTS_H

#include <stddef.h>

#include <wildcam/status.h>

#include "conf/form.h"

struct wci_endpoint {
    char region[WCI_REGION_TEXT];
    char *address;
};

struct wci_endpoints {
    struct wci_endpoint *all;
    size_t count, capacity;
};

/* "" when the region has none. */
const char *wci_endpoints_get(const struct wci_endpoints *endpoints, const char *region);
/* "" takes it away. The region's name was checked. */
wildcam_status wci_endpoints_set(struct wci_endpoints *endpoints, const char *region,
                                 const char *address);
/* Whatever the target held is not freed; on failure it is empty. */
wildcam_status wci_endpoints_copy(const struct wci_endpoints *endpoints, struct wci_endpoints *to);
void wci_endpoints_free(struct wci_endpoints *endpoints);

#endif
