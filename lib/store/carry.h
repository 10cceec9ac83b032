/* What a backup takes over from the earlier one in its directory. */
#ifndef WCI_STORE_CARRY_H
#define WCI_STORE_CARRY_H

#include "store/manifest.h"

/* The earlier backup. */
struct wci_earlier {
    json_t *manifest; /* NULL when there is none */
    char database[WCI_PATH];
};

/* Finds it. EXISTS when it is another station's, CORRUPT when that cannot be told: nothing of it
 * may be replaced then. */
wildcam_status wci_earlier_find(const char *directory, const char *identity,
                                struct wci_earlier *earlier);
void wci_earlier_forget(struct wci_earlier *earlier);

/* Some shards' names, separated by commas. */
struct wci_shard_list {
    int64_t count;
    struct wci_text names;
};

/* Of the shards that were set aside (names separated by commas) those go into the databases in
 * `fresh` that the earlier backup has whole, unless a newer shard of their time is there: two would
 * hide each other's rows. */
wildcam_status wci_earlier_carry(const struct wci_earlier *earlier, struct wci_copy *copy,
                                 const struct wci_log *log, const char *damaged, const char *fresh,
                                 struct wci_shard_list *carried, struct wci_shard_list *lacked);

#endif
