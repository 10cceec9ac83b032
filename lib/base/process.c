#include "base/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/calendar.h"

/* The fields of /proc/self/stat, counted from the one behind the program's name: see proc(5). */
enum { STAT_THREADS = 17, STAT_START = 19, STAT_VIRTUAL = 20, STAT_RESIDENT = 21, STAT_FIELDS };

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void look_at_cpu(struct wci_process *process)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        process->cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

/* The name of the program may hold anything, blanks and parentheses too: the last one ends it. */
static int read_stat(long long fields[STAT_FIELDS])
{
    char text[1024];
    int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (size <= 0)
        return 0;
    text[size] = '\0';
    char *at = strrchr(text, ')');
    if (!at || strlen(at) < 4)
        return 0;
    at += 3; /* ") S": the first is a letter */
    for (int i = 1; i < STAT_FIELDS; i++) {
        char *end;
        fields[i] = strtoll(at, &end, 10);
        if (end == at)
            return i;
        at = end;
    }
    return STAT_FIELDS;
}

/* The kernel tells it from its own start, which is told by its clock that also runs asleep. */
static double start_time(long long ticks)
{
    struct timespec now;
    long per_second = sysconf(_SC_CLK_TCK);
    if (per_second <= 0 || clock_gettime(CLOCK_BOOTTIME, &now) != 0)
        return -1;
    double since_boot = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
    double age = since_boot - (double)ticks / (double)per_second;
    return (double)wci_calendar_now() / (double)WCI_SECOND - age;
}

static void look_at_stat(struct wci_process *process)
{
    long long fields[STAT_FIELDS] = {0};
    if (read_stat(fields) < STAT_FIELDS)
        return;
    process->threads = fields[STAT_THREADS];
    process->started = start_time(fields[STAT_START]);
    process->virtual_bytes = fields[STAT_VIRTUAL];
    process->resident_bytes = fields[STAT_RESIDENT] * sysconf(_SC_PAGESIZE);
}

static void look_at_files(struct wci_process *process)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        process->files_max = (int64_t)limit.rlim_cur;
    DIR *directory = opendir("/proc/self/fd");
    if (!directory)
        return;
    int64_t count = 0;
    for (const struct dirent *entry; (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    closedir(directory);
    process->open_files = count - 1; /* without the directory itself */
}

void wci_process_look(struct wci_process *process)
{
    *process = (struct wci_process){-1, -1, -1, -1, -1, -1, -1};
    look_at_cpu(process);
    look_at_stat(process);
    look_at_files(process);
}
