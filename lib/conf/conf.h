/* Settings: a typed value for each row of the table. */
#ifndef WCI_CONF_CONF_H
#define WCI_CONF_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include <wildcam/conf.h>

#include "base/log.h"
#include "base/text.h"
#include "conf/form.h"
#include "conf/settings.h"

enum wci_setting_id {
#define WCI_SETTING_ID(id, ...) WCI_##id,
    WCI_SETTINGS(WCI_SETTING_ID)
#undef WCI_SETTING_ID
        WCI_SETTING_COUNT
};

/* The choices of privacy.humans, in their order. */
enum { WCI_HUMANS_SHOW, WCI_HUMANS_BLUR, WCI_HUMANS_HIDE };

wildcam_status wci_conf_new(wildcam_conf **out);
wildcam_status wci_conf_copy(const wildcam_conf *conf, wildcam_conf **out);
void wci_conf_free(wildcam_conf *conf);
wildcam_status wci_conf_set(wildcam_conf *conf, const char *name, const char *value);
/* For a member of a family the family's row, and the member's word. */
wildcam_status wci_conf_find(const char *name, enum wci_setting_id *id);
wildcam_status wci_conf_load_file(wildcam_conf *conf, const char *path);
wildcam_status wci_conf_load_environment(wildcam_conf *conf);
void wci_conf_set_log(wildcam_conf *conf, wildcam_log_fn *fn, void *user);
void wci_conf_set_credentials(wildcam_conf *conf, wildcam_credentials_fn *fn, void *user);

/* The values; the type asked for must be the row's. */
const char *wci_conf_text(const wildcam_conf *conf, enum wci_setting_id id);
int64_t wci_conf_int(const wildcam_conf *conf,
                     enum wci_setting_id id); /* INT, SIZE, BOOL, CHOICE */
double wci_conf_real(const wildcam_conf *conf, enum wci_setting_id id);
void wci_conf_geometry(const wildcam_conf *conf, enum wci_setting_id id, int *width, int *height);
/* What a caller may see of a setting by its name: "***" for a secret that is set. */
wildcam_status wci_conf_shown(const wildcam_conf *conf, const char *name, const char **text);
bool wci_conf_is_whole_number(enum wci_setting_id id);
struct wci_log wci_conf_log(const wildcam_conf *conf);

/* ---- uploads ---- */

/* Whether pictures are uploaded: s3.upload, and what its "auto" comes to. */
bool wci_conf_uploads(const wildcam_conf *conf);
/* The names of s3.regions in their order; how many there are. */
size_t wci_conf_regions(const wildcam_conf *conf, char regions[WCI_REGIONS_MAX][WCI_REGION_TEXT]);
/* The address of a region's server as it was set, where {region} may stand: that of
 * s3.endpoint.REGION, else that of s3.endpoint; "" is AWS. */
const char *wci_conf_region_endpoint(const wildcam_conf *conf, const char *region);
/* s3.window; false when pictures are uploaded all day. */
bool wci_conf_window(const wildcam_conf *conf, struct wci_window *window);
/* The callback for credentials; NULL when there is none. */
wildcam_credentials_fn *wci_conf_credentials(const wildcam_conf *conf, void **user);

#endif
