/* The calls are named here as the C library exports them: no redirection to their 64-bit names. */
#undef _FILE_OFFSET_BITS
#include "fault/inject.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define OWNS_MEMORY 0
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define OWNS_MEMORY 0
#endif
#endif
#ifndef OWNS_MEMORY
#define OWNS_MEMORY 1
#endif

static _Thread_local struct {
    const struct fault *fault; /* NULL while nothing is to fail */
    const struct fault *held;
    long left; /* until it strikes */
    bool has_struck;
} plan;
static atomic_long calls[INJECT_KINDS], blocks;
static _Thread_local long own_blocks; /* what this thread took, less what it gave back */

void inject_arm(const struct fault *fault, long n)
{
    plan.left = n;
    plan.has_struck = false;
    plan.fault = fault;
}

bool inject_disarm(void)
{
    plan.fault = NULL;
    return plan.has_struck;
}

void inject_hold(void)
{
    plan.held = plan.fault;
    plan.fault = NULL;
}

void inject_go_on(void)
{
    plan.fault = plan.held;
}

long inject_calls(unsigned kind)
{
    return calls[__builtin_ctz(kind)];
}

long inject_blocks(void)
{
    return blocks;
}

bool inject_has_memory(void)
{
    return OWNS_MEMORY;
}

/* ---- ways ---- */

enum { NOTES = 65536, DEPTH = 128 };

static struct noted_call noted[NOTES];
static _Thread_local struct {
    bool is_on;
    long count;
} notes;
static uintptr_t library_begin, library_end;

static int find_library(struct dl_phdr_info *info, size_t size, void *user)
{
    (void)size;
    (void)user;
    if (!strstr(info->dlpi_name, "libwildcam.so"))
        return 0;
    library_begin = info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD)
            library_end = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
    return 1;
}

void inject_note(void)
{
    void *frames[1];
    if (!library_end)
        dl_iterate_phdr(find_library, NULL);
    backtrace(frames, 1); /* loads what it needs the first time */
    notes.count = 0;
    notes.is_on = true;
}

long inject_noted(const struct noted_call **list)
{
    notes.is_on = false;
    *list = noted;
    return notes.count;
}

static void note(unsigned kinds)
{
    void *frames[DEPTH];
    uint64_t way = UINT64_C(14695981039346656037); /* FNV-1a */
    notes.is_on = false;                           /* unwinding may allocate */
    int depth = backtrace(frames, DEPTH);
    for (int i = 0; i < depth; i++)
        if ((uintptr_t)frames[i] >= library_begin && (uintptr_t)frames[i] < library_end)
            way = (way ^ (uintptr_t)frames[i]) * UINT64_C(1099511628211);
    if (notes.count < NOTES)
        noted[notes.count++] = (struct noted_call){kinds, way};
    notes.is_on = true;
}

/* Counts a call that is of these kinds; true when it is to fail, with errno set. */
static bool strikes(unsigned kinds)
{
    for (unsigned rest = kinds; rest; rest &= rest - 1)
        calls[__builtin_ctz(rest)]++;
    if (notes.is_on)
        note(kinds);
    if (!plan.fault || !(plan.fault->calls & kinds))
        return false;
    if (plan.has_struck ? !plan.fault->lasts : --plan.left > 0)
        return false;
    plan.has_struck = true;
    errno = plan.fault->error;
    return true;
}

/* ---- memory ---- */

#if OWNS_MEMORY

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

static void count(long taken)
{
    blocks += taken;
    own_blocks += taken;
}

static void *counted(void *memory)
{
    count(memory != NULL);
    return memory;
}

EXPORT void *malloc(size_t size)
{
    return strikes(INJECT_MEMORY) ? NULL : counted(__libc_malloc(size));
}

EXPORT void *calloc(size_t count, size_t size)
{
    return strikes(INJECT_MEMORY) ? NULL : counted(__libc_calloc(count, size));
}

EXPORT void *realloc(void *memory, size_t size)
{
    if (size && strikes(INJECT_MEMORY))
        return NULL;
    void *resized = __libc_realloc(memory, size);
    count((resized != NULL) - (memory && (resized || !size)));
    return resized;
}

EXPORT void *reallocarray(void *memory, size_t count, size_t size)
{
    size_t bytes;
    if (!__builtin_mul_overflow(count, size, &bytes))
        return realloc(memory, bytes);
    errno = ENOMEM;
    return NULL;
}

EXPORT void *memalign(size_t alignment, size_t size)
{
    return strikes(INJECT_MEMORY) ? NULL : counted(__libc_memalign(alignment, size));
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

EXPORT int posix_memalign(void **memory, size_t alignment, size_t size)
{
    void *found = memalign(alignment, size);
    if (!found)
        return ENOMEM;
    *memory = found;
    return 0;
}

EXPORT void free(void *memory)
{
    int error = errno;
    count(-(memory != NULL));
    __libc_free(memory);
    errno = error;
}

#endif

/* libjpeg-turbo (2.1.5) loses what it has got already when there is no memory for the rest of a
 * handle. Nobody else can give that back: it is not counted. */
static void *handle_of(void *(*init)(void))
{
    long before = own_blocks;
    void *handle = init();
    if (!handle) {
        blocks -= own_blocks - before;
        own_blocks = before;
    }
    return handle;
}

#define HANDLE_FUNCTION(name)                                                                      \
    EXPORT void *name(void);                                                                       \
    EXPORT void *name(void)                                                                        \
    {                                                                                              \
        static void *(*real)(void);                                                                \
        if (!real)                                                                                 \
            *(void **)&real = dlsym(RTLD_NEXT, #name);                                             \
        return handle_of(real);                                                                    \
    }

HANDLE_FUNCTION(tjInitCompress)
HANDLE_FUNCTION(tjInitDecompress)

/* ---- files ---- */

/* What of a write still goes through before it fails; 0 when it fails at once. */
static size_t part_of(size_t size)
{
    return plan.fault->cuts && plan.left == 0 ? size / 2 : 0;
}

EXPORT ssize_t write(int fd, const void *data, size_t size)
{
    if (!strikes(INJECT_WRITE))
        return syscall(SYS_write, fd, data, size);
    size_t part = part_of(size);
    plan.left = -1;
    return part ? syscall(SYS_write, fd, data, part) : -1;
}

EXPORT ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    if (!strikes(INJECT_WRITE))
        return syscall(SYS_pwrite64, fd, data, size, offset);
    size_t part = part_of(size);
    plan.left = -1;
    return part ? syscall(SYS_pwrite64, fd, data, part, offset) : -1;
}

EXPORT ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    return pwrite64(fd, data, size, offset);
}

EXPORT int ftruncate64(int fd, off64_t length)
{
    return strikes(INJECT_TRUNCATE) ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

EXPORT int ftruncate(int fd, off_t length)
{
    return ftruncate64(fd, length);
}

EXPORT int fallocate64(int fd, int mode, off64_t offset, off64_t length)
{
    return strikes(INJECT_TRUNCATE) ? -1 : (int)syscall(SYS_fallocate, fd, mode, offset, length);
}

EXPORT int fallocate(int fd, int mode, off_t offset, off_t length)
{
    return fallocate64(fd, mode, offset, length);
}

EXPORT int posix_fallocate64(int fd, off64_t offset, off64_t length)
{
    return fallocate64(fd, 0, offset, length) == 0 ? 0 : errno;
}

EXPORT int posix_fallocate(int fd, off_t offset, off_t length)
{
    return posix_fallocate64(fd, offset, length);
}

EXPORT int fsync(int fd)
{
    (void)fd;
    return strikes(INJECT_SYNC) ? -1 : 0;
}

EXPORT int fdatasync(int fd)
{
    return fsync(fd);
}

EXPORT int rename(const char *from, const char *to)
{
    return strikes(INJECT_RENAME) ? -1
                                  : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

EXPORT int link(const char *from, const char *to)
{
    return strikes(INJECT_CREATE) ? -1 : (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

EXPORT int mkdir(const char *path, mode_t mode)
{
    return strikes(INJECT_MKDIR) ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

EXPORT int unlink(const char *path)
{
    return strikes(INJECT_UNLINK) ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

EXPORT int rmdir(const char *path)
{
    return strikes(INJECT_UNLINK) ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}

static int open_at(int directory, const char *path, int flags, mode_t mode)
{
    bool creates = flags & O_CREAT && faccessat(directory, path, F_OK, 0) != 0;
    unsigned kinds = INJECT_OPEN | (creates ? INJECT_CREATE : 0);
    return strikes(kinds) ? -1 : (int)syscall(SYS_openat, directory, path, flags, mode);
}

static mode_t mode_of(int flags, va_list args)
{
    bool makes = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
    return makes ? va_arg(args, mode_t) : 0;
}

#define OPEN_FUNCTION(name, directory, ...)                                                        \
    EXPORT int name(__VA_ARGS__, int flags, ...)                                                   \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        mode_t mode = mode_of(flags, args);                                                        \
        va_end(args);                                                                              \
        return open_at(directory, path, flags, mode);                                              \
    }

OPEN_FUNCTION(open, AT_FDCWD, const char *path)
OPEN_FUNCTION(open64, AT_FDCWD, const char *path)
OPEN_FUNCTION(openat, directory, int directory, const char *path)
OPEN_FUNCTION(openat64, directory, int directory, const char *path)

EXPORT DIR *opendir(const char *path)
{
    if (strikes(INJECT_OPEN))
        return NULL;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (fd >= 0 && !directory) {
        int error = errno;
        close(fd);
        errno = error;
    }
    return directory;
}

/* ---- threads ---- */

EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *user), void *user)
{
    static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (strikes(INJECT_THREAD))
        return errno;
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    return real(thread, attributes, run, user);
}
