#include "station/exchange_attach.h"

wildcam_status wci_exchange_attach(wildcam_exchange *exchange, int64_t image_id,
                                   const struct wci_md_image *found)
{
    (void)image_id;
    (void)found;
    (void)exchange;
    return WILDCAM_OK;
}
