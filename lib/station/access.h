/* Who may do what: making it known, and telling who somebody is. */
#ifndef WCI_STATION_ACCESS_H
#define WCI_STATION_ACCESS_H

#include "model/access.h"
#include "station/station.h"

/* What a login gives. */
struct wildcam_session {
    char access_token[WILDCAM_KEY_TEXT], refresh_token[WILDCAM_KEY_TEXT];
    int64_t refresh_until;
    wildcam_access user; /* expires_at is the access token's */
};

/* `key` has its role and whatever goes with it; its id is made up. */
wildcam_status wci_station_create_key(wildcam_station *station, wildcam_access *key,
                                      char text[WILDCAM_KEY_TEXT]);
wildcam_status wci_station_revoke_key(wildcam_station *station, const char *id);
/* With a key's or an access token's text; AUTH. */
wildcam_status wci_station_check_access(wildcam_station *station, const char *text,
                                        wildcam_access *out);

/* Reads either token of a session, and finds whose it is; AUTH when it is not valid. */
wildcam_status wci_station_find_session(wildcam_station *station, const char *text,
                                        struct wci_credential *shown, wildcam_access *user);

/* The password was checked for its form. */
wildcam_status wci_station_create_user(wildcam_station *station, wildcam_access *user,
                                       const char *password);
wildcam_status wci_station_set_password(wildcam_station *station, const char *name,
                                        const char *password);
wildcam_status wci_station_set_role(wildcam_station *station, const wildcam_access *user);
wildcam_status wci_station_remove_user(wildcam_station *station, const char *name);

/* The origin may be NULL. */
wildcam_status wci_station_login(wildcam_station *station, const char *name, const char *password,
                                 const char *origin, wildcam_session *out);
wildcam_status wci_station_login_wait(wildcam_station *station, const char *name,
                                      const char *origin, int64_t *wait);
wildcam_status wci_station_refresh_login(wildcam_station *station, const char *text,
                                         wildcam_session *out);
wildcam_status wci_station_logout(wildcam_station *station, const char *text);

#endif
