#include "metrics/textfile.h"

#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* Its name does not end in .prom, so that nobody reads it before it is whole, and no other thread
 * that writes the same file chooses it. One that was left behind goes. */
static wildcam_status make_fresh(const char *path, char *fresh, int *fd)
{
    wildcam_status status = wci_path(fresh, "%s.%ld-%lx.new", path, (long)getpid(),
                                     (unsigned long)(uintptr_t)fresh);
    if (status == WILDCAM_OK)
        status = wci_file_remove(fresh);
    return status == WILDCAM_OK ? wci_file_create(fresh, fd) : status;
}

static wildcam_status fill(int fd, const char *path, const char *text, size_t size)
{
    wildcam_status status = wci_file_write(fd, path, text, size);
    if (status == WILDCAM_OK && fchmod(fd, 0644) != 0) /* the collector is another user */
        status = wci_fail_os(errno, "cannot let everybody read %s", path);
    return status;
}

/* Nothing is brought to the disk: after a crash the figures are new. */
wildcam_status wci_textfile_replace(const char *path, const char *text, size_t size)
{
    char fresh[WCI_PATH];
    int fd;
    wildcam_status status = make_fresh(path, fresh, &fd);
    if (status != WILDCAM_OK)
        return status;
    status = fill(fd, fresh, text, size);
    if (close(fd) != 0 && status == WILDCAM_OK)
        status = wci_fail_os(errno, "cannot write %s", fresh);
    if (status == WILDCAM_OK)
        status = wci_file_rename(fresh, path);
    if (status != WILDCAM_OK)
        unlink(fresh);
    return status;
}
