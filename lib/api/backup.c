#include <wildcam/backup.h>

#include "api/call.h"

wildcam_status wildcam_station_backup(wildcam_station *self, const char *directory,
                                      wildcam_progress_fn *progress, void *user, int64_t *copied)
{
    wildcam_status status;
    if (copied)
        *copied = 0;
    WCI_BEGIN(self, directory);
    if (!*directory)
        return wci_fail(WILDCAM_ERR_INVALID, "the directory's name is empty");
    WCI_WITHIN(self, status, wci_store_backup(&self->store, directory, progress, user, copied));
    return status;
}

wildcam_status wildcam_restore(const char *backup, const char *directory,
                               wildcam_progress_fn *progress, void *user)
{
    WCI_BEGIN(backup, directory);
    if (!*directory)
        return wci_fail(WILDCAM_ERR_INVALID, "the directory's name is empty");
    return wci_answer(wci_store_restore(backup, directory, progress, user));
}

wildcam_status wildcam_station_check(wildcam_station *self, uint32_t how,
                                     wildcam_finding_fn *finding, wildcam_progress_fn *progress,
                                     void *user, int64_t *findings)
{
    wildcam_status status;
    struct wci_check check = {.how = how, .finding = finding, .progress = progress, .user = user};
    WCI_BEGIN(self);
    if (how & ~(uint32_t)WILDCAM_CHECK_CONTENT)
        return wci_fail(WILDCAM_ERR_INVALID, "%u is no sum of the WILDCAM_CHECK_ values", how);
    WCI_WITHIN(self, status, wci_store_check(&self->store, &check));
    if (findings)
        *findings = check.findings;
    return status;
}
