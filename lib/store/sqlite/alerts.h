/* Alerts in the catalog: what is done inside a transaction there, and who is told afterwards. */
#ifndef WCI_STORE_SQLITE_ALERTS_H
#define WCI_STORE_SQLITE_ALERTS_H

#include "store/backend.h"
#include "store/sqlite/database.h"

/* What a transaction has raised and cleared. */
struct wci_alert_ledger {
    struct wci_alert_entry {
        enum wci_alert_event event;
        wildcam_alert alert;
    } * entries;
    size_t count, capacity;
};

struct wci_alert_listener {
    wci_alert_told *told; /* NULL for nobody */
    void *user;
};

wildcam_status wci_alerts_grant(struct wci_database *writer, struct wci_alert_wish *wish,
                                int64_t now, struct wci_alert_ledger *ledger);
/* The open one; 0 for none. */
wildcam_status wci_alerts_find_open(struct wci_database *database, int kind, const char *subject,
                                    int64_t *id);
/* After the commit: tells it all, and empties the ledger; with NULL nobody is told. */
void wci_alerts_tell(const struct wci_alert_listener *listener, struct wci_alert_ledger *ledger);

/* A camera was put: what that says about batteries, shared ids, silence and unknown cameras.
 * `created` when it was not known before. */
wildcam_status wci_alerts_note_camera(struct wci_database *writer, const wildcam_conf *conf,
                                      const wildcam_camera *draft, int64_t camera_id, bool created,
                                      int64_t now, struct wci_alert_ledger *ledger);

/* Of columns that are WCI_ALERT_COLUMNS, from the first on. */
#define WCI_ALERT_COLUMNS                                                                          \
    "id, kind, subject, device_id, text, value, detection_id, count, raised_at, last_at,"          \
    " cleared_at, cleared_reason, read_at, read_by"
wildcam_status wci_alerts_take_row(sqlite3_stmt *row, wildcam_alert *alert);

#endif
