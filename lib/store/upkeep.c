/*
 * Who copies pictures and who deletes them keep out of each other's way, in all processes.
 *
 * Deleting is done in many short steps, a backup takes long. Whoever deletes does not wait: there
 * will be another time. A backup does: it first says that it wants to, by a lock of its own, behind
 * which no further step begins.
 */
#include <time.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/lock_file.h"
#include "store/store.h"

enum { WORK, WISH }; /* bytes of the lock's file */
#define PAUSE (WCI_SECOND / 200)

static wildcam_status lock_to_delete(int fd)
{
    wildcam_status status = wci_lock_try(fd, WISH, true);
    if (status == WILDCAM_OK) {
        status = wci_lock_try(fd, WORK, true);
        wci_lock_give(fd, WISH);
    }
    return status == WILDCAM_ERR_BUSY
               ? wci_fail(status, "a backup or a purge is running; try again when it is done")
               : status;
}

static wildcam_status lock_to_copy(int fd, double seconds)
{
    const struct timespec pause = {.tv_nsec = PAUSE * 1000};
    int64_t deadline = wci_calendar_monotonic() + (int64_t)(seconds * WCI_SECOND);
    bool has_wished = false;
    for (;;) {
        wildcam_status status = has_wished ? WILDCAM_OK : wci_lock_try(fd, WISH, false);
        has_wished = status == WILDCAM_OK;
        if (status == WILDCAM_OK)
            status = wci_lock_try(fd, WORK, false);
        if (status != WILDCAM_ERR_BUSY)
            return status;
        if (wci_calendar_monotonic() >= deadline)
            return wci_fail(status,
                            "pictures are being deleted, and were for %.3g seconds "
                            "(store.busy_timeout); try again when that is done",
                            seconds);
        nanosleep(&pause, NULL);
        wci_error_clear();
    }
}

wildcam_status wci_store_lock_upkeep(const wildcam_conf *conf, bool exclusive, int *fd)
{
    char path[WCI_PATH];
    wildcam_status status = wci_path(path, "%s/upkeep.lock", wci_conf_text(conf, WCI_DATA_DIR));
    if (status == WILDCAM_OK)
        status = wci_lock_file_open(path, fd);
    if (status == WILDCAM_ERR_NOTFOUND)
        return wci_fail(WILDCAM_ERR_IO, "the directory of %s is gone", path);
    if (status != WILDCAM_OK)
        return status;
    status = exclusive ? lock_to_delete(*fd)
                       : lock_to_copy(*fd, wci_conf_real(conf, WCI_STORE_BUSY_TIMEOUT));
    if (status != WILDCAM_OK)
        close(*fd);
    return status;
}
