/* Reading JSON, by jansson. */
#ifndef WCI_BASE_JSON_READ_H
#define WCI_BASE_JSON_READ_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

/* Reads an object or a list whose names are unique. WILDCAM_ERR_NOMEM with its sentence;
 * WILDCAM_ERR_INVALID without one when it is no such text: `error` says what is wrong with it. */
wildcam_status wci_json_read(const char *text, size_t length, json_t **out, json_error_t *error);

#endif
