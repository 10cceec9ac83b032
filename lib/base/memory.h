/* Memory whose sizes are multiplied without overflow, and whose failures have a sentence. */
#ifndef WCI_BASE_MEMORY_H
#define WCI_BASE_MEMORY_H

#include <stddef.h>

/* Each answers NULL with WILDCAM_ERR_NOMEM set. Freed with free(). */
void *wci_new(size_t size); /* zeroed */
void *wci_new_array(size_t count, size_t size);
void *wci_new_room(size_t size); /* not zeroed, for what is all filled before it is looked at */
void *wci_resize_array(void *memory, size_t count, size_t size);
char *wci_copy_text(const char *text);
void *wci_copy_bytes(const void *bytes, size_t size);

/* Overwrites what was secret before it is freed; no compiler takes it out. */
void wci_wipe(void *memory, size_t size);
void wci_forget(char *text); /* wipes and frees one, or NULL */

/* Grows an array so that it holds `needed` elements, at least doubling. 0 or WILDCAM_ERR_NOMEM. */
int wci_reserve(void **array, size_t *capacity, size_t needed, size_t size);

#endif
