#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/memory.h"

wildcam_status wci_path(char *path, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(path, WCI_PATH, format, args);
    va_end(args);
    if (length >= 0 && length < WCI_PATH)
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_TOOLARGE, "the path %.60s... is over %d bytes", path, WCI_PATH - 1);
}

wildcam_status wci_path_real(const char *path, char *real)
{
    char whole[WCI_PATH], there[WCI_PATH], found[PATH_MAX];
    wildcam_status status = wci_path(whole, "%s%s", *path == '/' ? "" : "./", path);
    size_t cut = strlen(whole);
    while (cut > 1 && whole[cut - 1] == '/')
        whole[--cut] = '\0';
    while (status == WILDCAM_OK) {
        snprintf(there, sizeof there, "%.*s", cut ? (int)cut : 1, whole);
        if (realpath(there, found))
            return wci_path(real, "%s%s", found[1] ? found : "", whole + cut);
        if ((errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG) || cut == 0)
            return wci_fail_os(errno, "cannot follow the path %s", there);
        while (cut > 0 && whole[--cut] != '/')
            continue;
    }
    return status;
}

bool wci_path_is_inside(const char *inner, const char *outer)
{
    size_t length = strlen(outer);
    return strncmp(inner, outer, length) == 0 && (inner[length] == '/' || inner[length] == '\0');
}

wildcam_status wci_path_above(char *above, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return wci_path(above, ".");
    return wci_path(above, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

/* Gives what root made to the owner of the directory it is in. */
static void inherit_owner(const char *path)
{
    char above[WCI_PATH];
    struct stat owner;
    if (geteuid() != 0 || wci_path_above(above, path) != WILDCAM_OK)
        return;
    if (stat(above, &owner) == 0 && owner.st_uid != 0 &&
        lchown(path, owner.st_uid, owner.st_gid) != 0)
        return; /* a file system without owners: nothing to give */
}

static wildcam_status make_one(const char *path)
{
    struct stat found;
    char above[WCI_PATH];
    if (mkdir(path, 0750) == 0) {
        inherit_owner(path);
        wildcam_status status = wci_path_above(above, path);
        if (status == WILDCAM_OK)
            status = wci_directory_sync(above);
        /* Where names may be made but not read, nothing more can be done. */
        return status == WILDCAM_ERR_DENIED ? WILDCAM_OK : status;
    }
    if (errno == EEXIST && stat(path, &found) == 0 && S_ISDIR(found.st_mode))
        return WILDCAM_OK;
    return wci_fail_os(errno, "cannot make the directory %s", path);
}

wildcam_status wci_directory_make(const char *path)
{
    char part[WCI_PATH];
    struct stat found;
    if (stat(path, &found) == 0 && S_ISDIR(found.st_mode))
        return WILDCAM_OK;
    wildcam_status status = wci_path(part, "%s", path);
    for (char *at = part; status == WILDCAM_OK && *at; at++) {
        if (*at != '/' || at == part)
            continue;
        *at = '\0';
        status = make_one(part);
        *at = '/';
    }
    return status == WILDCAM_OK ? make_one(path) : status;
}

wildcam_status wci_directory_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return wci_fail_os(errno, "cannot open the directory %s", path);
    wildcam_status status = wci_file_sync(fd, path);
    close(fd);
    return status;
}

static wildcam_status remove_entry(void *user, const char *path, const char *name,
                                   bool is_directory)
{
    int64_t *files = user;
    char entry[WCI_PATH];
    wildcam_status status = wci_path(entry, "%s/%s", path, name);
    if (status != WILDCAM_OK)
        return status;
    if (is_directory)
        return wci_directory_remove(entry, files);
    status = wci_file_remove(entry);
    if (status == WILDCAM_OK && files)
        ++*files;
    return status;
}

wildcam_status wci_directory_remove(const char *path, int64_t *files)
{
    wildcam_status status = wci_directory_walk(path, remove_entry, files);
    if (status != WILDCAM_OK)
        return status;
    if (rmdir(path) == 0 || errno == ENOENT)
        return WILDCAM_OK;
    return wci_fail_os(errno, "cannot remove the directory %s", path);
}

struct entry {
    char *name;
    bool is_directory;
};

static int compare_entries(const void *left, const void *right)
{
    return strcmp(((const struct entry *)left)->name, ((const struct entry *)right)->name);
}

static bool is_directory_entry(DIR *directory, const struct dirent *found)
{
    struct stat status;
    if (found->d_type != DT_UNKNOWN)
        return found->d_type == DT_DIR;
    return fstatat(dirfd(directory), found->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(status.st_mode);
}

static wildcam_status read_entries(DIR *directory, const char *path, struct entry **entries,
                                   size_t *count)
{
    size_t capacity = 0;
    for (;;) {
        errno = 0;
        const struct dirent *found = readdir(directory);
        if (!found)
            return errno ? wci_fail_os(errno, "cannot read the directory %s", path) : WILDCAM_OK;
        if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
            continue;
        void *array = *entries;
        if (wci_reserve(&array, &capacity, *count + 1, sizeof **entries) != WILDCAM_OK)
            return WILDCAM_ERR_NOMEM;
        *entries = array;
        char *name = wci_copy_text(found->d_name);
        if (!name)
            return WILDCAM_ERR_NOMEM;
        (*entries)[(*count)++] = (struct entry){name, is_directory_entry(directory, found)};
    }
}

wildcam_status wci_directory_walk(const char *path, wci_directory_visit *visit, void *user)
{
    struct entry *entries = NULL;
    size_t count = 0;
    DIR *directory = opendir(path);
    if (!directory)
        return errno == ENOENT ? WILDCAM_OK
                               : wci_fail_os(errno, "cannot open the directory %s", path);
    wildcam_status status = read_entries(directory, path, &entries, &count);
    closedir(directory);
    if (status == WILDCAM_OK && count)
        qsort(entries, count, sizeof *entries, compare_entries);
    for (size_t i = 0; i < count; i++) {
        if (status == WILDCAM_OK)
            status = visit(user, path, entries[i].name, entries[i].is_directory);
        free(entries[i].name);
    }
    free(entries);
    return status;
}

wildcam_status wci_directory_is_empty(const char *path, bool *empty)
{
    int found = 0;
    DIR *directory = opendir(path);
    *empty = !directory && errno == ENOENT;
    if (!directory &&
        (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EIO || errno == EACCES))
        return wci_fail_os(errno, "cannot open the directory %s", path);
    if (!directory)
        return WILDCAM_OK;
    while (found <= 2 && readdir(directory))
        found++;
    closedir(directory);
    *empty = found <= 2;
    return WILDCAM_OK;
}

wildcam_status wci_file_create(const char *path, int *fd)
{
    *fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (*fd < 0)
        return wci_fail_os(errno, "cannot make the file %s", path);
    inherit_owner(path);
    return WILDCAM_OK;
}

static wildcam_status must_be_file(const char *path, int *fd, int64_t *bytes)
{
    struct stat found;
    if (fstat(*fd, &found) == 0 && S_ISREG(found.st_mode)) {
        *bytes = found.st_size;
        return WILDCAM_OK;
    }
    close(*fd);
    *fd = -1;
    return wci_fail(WILDCAM_ERR_IO, "%s is not a file", path);
}

wildcam_status wci_file_open(const char *path, int *fd, int64_t *bytes)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would wait for its writer */
    if (*fd < 0)
        return wci_fail_os(errno, "cannot open %s", path);
    return must_be_file(path, fd, bytes);
}

/* Goes one step further down, to the folder or the file of that name, and closes the one above. */
static wildcam_status step_down(const char *whole, const char *name, bool is_last, int *fd)
{
    struct stat found;
    int above = *fd, flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW;
    if (strcmp(name, "..") == 0) {
        errno = ELOOP;
        *fd = -1;
    } else {
        *fd = openat(above, name, flags | (is_last ? O_NONBLOCK : O_DIRECTORY));
    }
    int error = errno;
    /* A link to a folder is told as what is no folder. */
    if (*fd < 0 && error == ENOTDIR && fstatat(above, name, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISLNK(found.st_mode))
        error = ELOOP;
    close(above);
    if (*fd >= 0)
        return WILDCAM_OK;
    if (error == ELOOP)
        return wci_fail(WILDCAM_ERR_INVALID,
                        "%.300s leads out of the folder by \"%.100s\" and is not opened", whole,
                        name);
    return wci_fail_os(error, "cannot open %.300s", whole);
}

wildcam_status wci_file_open_beneath(const char *folder, const char *name, int *fd, int64_t *bytes)
{
    char part[NAME_MAX + 1];
    *fd = -1;
    if (*name == '/')
        return wci_fail(WILDCAM_ERR_INVALID,
                        "%.300s begins at the root, not in the folder, and is not opened", name);
    *fd = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (*fd < 0)
        return wci_fail_os(errno, "cannot open the folder %.300s", folder);
    wildcam_status status = WILDCAM_OK;
    for (const char *at = name, *end; status == WILDCAM_OK && *at; at = *end ? end + 1 : end) {
        end = at + strcspn(at, "/");
        if (end == at || (end - at == 1 && *at == '.'))
            continue;
        if (end - at > NAME_MAX) {
            close(*fd);
            *fd = -1;
            return wci_fail(WILDCAM_ERR_NOTFOUND, "%.300s has a part of over %d bytes", name,
                            NAME_MAX);
        }
        snprintf(part, sizeof part, "%.*s", (int)(end - at), at);
        status = step_down(name, part, !end[strspn(end, "/")], fd);
    }
    if (status == WILDCAM_OK && must_be_file(name, fd, bytes) != WILDCAM_OK)
        status = wci_fail(WILDCAM_ERR_INVALID, "%.300s is not a file", name);
    return status;
}

wildcam_status wci_file_write(int fd, const char *path, const void *data, size_t size)
{
    const char *from = data;
    while (size > 0) {
        ssize_t written = write(fd, from, size < SSIZE_MAX ? size : SSIZE_MAX);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return wci_fail_os(written < 0 ? errno : ENOSPC, "cannot write %s", path);
        from += written;
        size -= (size_t)written;
    }
    return WILDCAM_OK;
}

wildcam_status wci_file_read(int fd, const char *path, void *data, size_t size, size_t *got)
{
    char *to = data;
    *got = 0;
    while (*got < size) {
        ssize_t count = read(fd, to + *got, size - *got);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return wci_fail_os(errno, "cannot read %s", path);
        if (count == 0)
            break;
        *got += (size_t)count;
    }
    return WILDCAM_OK;
}

wildcam_status wci_file_sync(int fd, const char *path)
{
    /* EINVAL: a file system that has nothing to sync, such as some network ones for directories. */
    if (fsync(fd) == 0 || errno == EINVAL)
        return WILDCAM_OK;
    return wci_fail_os(errno, "cannot bring %s to the disk", path);
}

wildcam_status wci_file_rename(const char *from, const char *to)
{
    if (rename(from, to) == 0)
        return WILDCAM_OK;
    return wci_fail_os(errno, "cannot rename %s to %s", from, to);
}

wildcam_status wci_file_remove(const char *path)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return WILDCAM_OK;
    return wci_fail_os(errno, "cannot remove %s", path);
}

bool wci_file_exists(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && S_ISREG(found.st_mode);
}

wildcam_status wci_file_replace(const char *path, const char *text, size_t length)
{
    char fresh[WCI_PATH], above[WCI_PATH];
    wildcam_status status = wci_path(fresh, "%s.new", path);
    if (status == WILDCAM_OK)
        status = wci_path_above(above, path);
    if (status == WILDCAM_OK)
        status = wci_file_remove(fresh);
    if (status != WILDCAM_OK)
        return status;
    int fd;
    status = wci_file_create(fresh, &fd);
    if (status != WILDCAM_OK)
        return status;
    status = wci_file_write(fd, fresh, text, length);
    if (status == WILDCAM_OK)
        status = wci_file_sync(fd, fresh);
    close(fd);
    if (status == WILDCAM_OK)
        status = wci_file_rename(fresh, path);
    if (status == WILDCAM_OK)
        return wci_directory_sync(above);
    unlink(fresh);
    return status;
}

wildcam_status wci_file_load(const char *path, size_t limit, char **data, size_t *size)
{
    int fd;
    int64_t bytes = 0;
    *data = NULL;
    wildcam_status status = wci_file_open(path, &fd, &bytes);
    if (status != WILDCAM_OK)
        return status;
    if ((uint64_t)bytes > limit)
        status = wci_fail(WILDCAM_ERR_TOOLARGE, "%s has %lld bytes, over the limit of %zu", path,
                          (long long)bytes, limit);
    else if (!(*data = wci_new((size_t)bytes + 1)))
        status = WILDCAM_ERR_NOMEM;
    else
        status = wci_file_read(fd, path, *data, (size_t)bytes, size);
    close(fd);
    if (status != WILDCAM_OK) {
        free(*data);
        *data = NULL;
    }
    return status;
}

bool wci_file_same_time(const struct timespec *left, const struct timespec *right)
{
    return left->tv_sec == right->tv_sec && left->tv_nsec == right->tv_nsec;
}

int64_t wci_file_age(const struct timespec *changed)
{
    return wci_calendar_now() - (changed->tv_sec * WCI_SECOND + changed->tv_nsec / 1000);
}

wildcam_status wci_file_space(const char *path, int64_t *free_bytes, int64_t *total_bytes)
{
    struct statvfs space;
    if (statvfs(path, &space) != 0)
        return wci_fail_os(errno, "cannot ask for the space at %s", path);
    *free_bytes = (int64_t)space.f_bavail * (int64_t)space.f_frsize;
    *total_bytes = (int64_t)space.f_blocks * (int64_t)space.f_frsize;
    return WILDCAM_OK;
}
