#include "store/disk.h"

#include "base/file.h"

wildcam_status wci_disk_look(const wildcam_conf *conf, struct wci_disk_space *space)
{
    const char *directory = wci_conf_text(conf, WCI_DATA_DIR);
    wildcam_status status = wci_file_space(directory, &space->free_bytes, &space->total_bytes);
    if (status == WILDCAM_ERR_NOTFOUND) /* to callers that would mean a camera or a picture */
        return wci_fail(WILDCAM_ERR_IO, "the directory %s is gone", directory);
    if (status != WILDCAM_OK)
        return status;
    double part = wci_conf_real(conf, WCI_DISK_MIN_FREE_PERCENT) / 100;
    int64_t by_part = (int64_t)((double)space->total_bytes * part);
    space->floor_bytes = wci_conf_int(conf, WCI_DISK_MIN_FREE_BYTES);
    if (by_part > space->floor_bytes)
        space->floor_bytes = by_part;
    return WILDCAM_OK;
}

wildcam_status wci_disk_check(const wildcam_conf *conf, int64_t wanted)
{
    struct wci_disk_space space;
    wildcam_status status = wci_disk_look(conf, &space);
    if (status != WILDCAM_OK || space.free_bytes - wanted >= space.floor_bytes)
        return status;
    return wci_fail(WILDCAM_ERR_NOSPACE,
                    "the disk of %s has %lld bytes free, and %lld must stay free "
                    "(disk.min_free_bytes, disk.min_free_percent)",
                    wci_conf_text(conf, WCI_DATA_DIR), (long long)space.free_bytes,
                    (long long)space.floor_bytes);
}
