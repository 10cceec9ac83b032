/* The disk's floor: what must stay free. */
#ifndef WCI_STORE_DISK_H
#define WCI_STORE_DISK_H

#include "conf/conf.h"

struct wci_disk_space {
    int64_t free_bytes, total_bytes, floor_bytes;
};

wildcam_status wci_disk_look(const wildcam_conf *conf, struct wci_disk_space *space);

/* WILDCAM_ERR_NOSPACE when that many more bytes would go below the floor. */
wildcam_status wci_disk_check(const wildcam_conf *conf, int64_t wanted);

#endif
