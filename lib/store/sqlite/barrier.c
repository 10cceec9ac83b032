#include "store/sqlite/barrier.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lock_file.h"
#include "base/memory.h"

enum { GATE = 0, INSIDE = 1 };

wildcam_status wci_barrier_open(struct wci_barrier *barrier, const char *directory)
{
    char path[WCI_PATH];
    *barrier = (struct wci_barrier){.fd = -1};
    wildcam_status status = wci_path(path, "%s/write.lock", directory);
    if (status == WILDCAM_OK)
        status = wci_lock_file_open(path, &barrier->fd);
    if (status == WILDCAM_OK && !(barrier->path = wci_copy_text(path))) {
        close(barrier->fd);
        status = WILDCAM_ERR_NOMEM;
    }
    return status;
}

void wci_barrier_close(struct wci_barrier *barrier)
{
    close(barrier->fd);
    free(barrier->path);
}

wildcam_status wci_barrier_enter(struct wci_barrier *barrier)
{
    wildcam_status status = wci_lock_take(barrier->fd, GATE, false);
    if (status != WILDCAM_OK)
        return status;
    status = wci_lock_take(barrier->fd, INSIDE, false);
    wci_lock_give(barrier->fd, GATE);
    return status;
}

void wci_barrier_leave(struct wci_barrier *barrier)
{
    wci_lock_give(barrier->fd, INSIDE);
}

wildcam_status wci_barrier_stop(struct wci_barrier *barrier, int *fd)
{
    wildcam_status status = wci_lock_file_open(barrier->path, fd);
    if (status != WILDCAM_OK)
        return status;
    status = wci_lock_take(*fd, GATE, true);
    if (status == WILDCAM_OK)
        status = wci_lock_take(*fd, INSIDE, true);
    if (status != WILDCAM_OK)
        close(*fd);
    return status;
}

void wci_barrier_open_again(int fd)
{
    close(fd);
}

wildcam_status wci_barrier_pass(struct wci_barrier *barrier)
{
    int fd;
    wildcam_status status = wci_barrier_stop(barrier, &fd);
    if (status == WILDCAM_OK)
        wci_barrier_open_again(fd);
    return status;
}
