#include "base/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

wildcam_status wci_lock_file_open(const char *path, int *fd)
{
    wildcam_status status = WILDCAM_OK;
    *fd = open(path, O_RDWR | O_CLOEXEC);
    if (*fd < 0 && errno == ENOENT) {
        status = wci_file_create(path, fd); /* for its mode and owner */
        if (status == WILDCAM_ERR_EXISTS) {
            *fd = open(path, O_RDWR | O_CLOEXEC);
            status = WILDCAM_OK;
        }
    }
    if (status == WILDCAM_OK && *fd < 0)
        return wci_fail_os(errno, "cannot open the lock file %s", path);
    return status;
}

static int set(int fd, int byte, short type, int command)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    int result;
    do
        result = fcntl(fd, command, &lock);
    while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno;
}

wildcam_status wci_lock_take(int fd, int byte, bool exclusive)
{
    int error = set(fd, byte, exclusive ? F_WRLCK : F_RDLCK, F_OFD_SETLKW);
    return error ? wci_fail_os(error, "cannot lock") : WILDCAM_OK;
}

wildcam_status wci_lock_try(int fd, int byte, bool exclusive)
{
    int error = set(fd, byte, exclusive ? F_WRLCK : F_RDLCK, F_OFD_SETLK);
    if (error == EAGAIN || error == EACCES)
        return wci_fail(WILDCAM_ERR_BUSY, "somebody else holds the lock");
    return error ? wci_fail_os(error, "cannot lock") : WILDCAM_OK;
}

void wci_lock_give(int fd, int byte)
{
    set(fd, byte, F_UNLCK, F_OFD_SETLK);
}
