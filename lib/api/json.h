/* Objects as JSON text. */
#ifndef WCI_API_JSON_H
#define WCI_API_JSON_H

#include "base/json.h"

static inline wildcam_status wci_to_json(void (*write)(const void *object, struct wci_json *json),
                                         const void *object, char **out)
{
    struct wci_text text = {0};
    struct wci_json json = {&text, false};
    write(object, &json);
    *out = wci_text_take(&text);
    return *out ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

#endif
