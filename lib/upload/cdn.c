#include "upload/sigv4.h"
#include "upload/uploader.h"

#include <string.h>

wildcam_status wci_cdn_address(const wildcam_conf *conf, const char *key, struct wci_text *address)
{
    const char *base = wci_conf_text(conf, WCI_CDN_BASE_URL);
    size_t length = strlen(base);
    if (!length)
        return wci_fail(WILDCAM_ERR_STATE, "cdn.base_url is empty: %s has no address there", key);
    while (length && base[length - 1] == '/')
        length--;
    wci_text_add_bytes(address, base, length);
    wci_text_add_char(address, '/');
    wci_uri_encode(address, key, strlen(key), true);
    return address->failed ? wci_fail_memory() : WILDCAM_OK;
}
