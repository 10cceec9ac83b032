/* What those who opened the station were to do with its pictures. */
#include "model/retention.h"
#include "store/sqlite/run.h"
#include "store/sqlite/sqlite.h"

wildcam_status wci_sqlite_get_duties(wci_backend *self, uint32_t *duties)
{
    static const uint32_t all[] = {WCI_DUTY_UPLOAD, WCI_DUTY_PROCESS};
    wildcam_status status = WILDCAM_OK;
    *duties = 0;
    for (size_t i = 0; status == WILDCAM_OK && i < sizeof all / sizeof all[0]; i++) {
        bool has = false;
        status = wci_catalog_has(&self->catalog, "SELECT 1 FROM duties WHERE duty=?", all[i], &has);
        *duties |= has ? all[i] : 0;
    }
    return status;
}

static wildcam_status write_duties(struct wci_database *writer, uint32_t duties, int64_t now)
{
    wildcam_status status = WILDCAM_OK;
    for (uint32_t duty = 1; status == WILDCAM_OK && duty && duty <= duties; duty <<= 1)
        if (duties & duty)
            status = wci_database_change(
                writer, "INSERT INTO duties(duty, since) VALUES(?, ?) ON CONFLICT DO NOTHING",
                WCI_VALUES(WCI_NUMBER(duty), WCI_NUMBER(now)), NULL);
    return status;
}

wildcam_status wci_sqlite_note_duties(wci_backend *self, uint32_t duties, int64_t now)
{
    uint32_t known;
    struct wci_database *writer;
    wildcam_status status = wci_sqlite_get_duties(self, &known);
    if (status != WILDCAM_OK || !(duties & ~known))
        return status;
    status = wci_pool_begin(&self->catalog.pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    status = write_duties(writer, duties, now);
    if (status == WILDCAM_OK)
        return wci_pool_commit(&self->catalog.pool);
    wci_pool_rollback(&self->catalog.pool);
    return status;
}

bool wci_sqlite_is_uploaded(wci_backend *self)
{
    uint32_t duties = 0;
    bool is_known = wci_sqlite_get_duties(self, &duties) == WILDCAM_OK;
    wci_error_clear();
    return wci_conf_uploads(self->conf) || !is_known || duties & WCI_DUTY_UPLOAD;
}
