/* What a backup says of itself: BACKUP/database/manifest.json. */
#ifndef WCI_STORE_MANIFEST_H
#define WCI_STORE_MANIFEST_H

#include "base/json_read.h"
#include "store/copy.h"

/* Describes the databases in a directory there: their digests, and whose they are. */
wildcam_status wci_manifest_write(struct wci_copy *copy, const char *directory,
                                  const char *identity);
/* Finds the manifest of a finished backup, and the directory it is in; NOTFOUND when there is none,
 * CORRUPT, or VERSION when a newer library made it. *out is freed with json_decref(), and NULL on
 * failure. */
wildcam_status wci_manifest_find(const char *backup, char database[WCI_PATH], json_t **out);
/* Copies a database out of a backup; CORRUPT when it does not have the digest that the manifest
 * says, cannot be read, or is gone. */
wildcam_status wci_manifest_copy(struct wci_copy *copy, const char *from, const char *to,
                                 const char *digest);

#endif
