#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { REDRAW = 100, RATE_OVER = 5000, ROOM = 512, COLUMNS = 80, BAR_MIN = 8, BAR_MAX = 40 };

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : COLUMNS;
}

void progress_init(struct progress *self)
{
    const char *terminal = getenv("TERM");
    *self = (struct progress){.is_on = isatty(STDERR_FILENO) &&
                                       !(terminal && strcmp(terminal, "dumb") == 0)};
}

static void begin_phase(struct progress *self, const char *phase, int64_t done, int64_t at)
{
    snprintf(self->phase, sizeof self->phase, "%s", phase);
    self->old = self->young = (struct progress_point){at, done};
    self->drawn_at = at - REDRAW;
}

/* Per second; negative while it is not known. */
static double rate(struct progress *self, int64_t at)
{
    if (at - self->young.at >= RATE_OVER) {
        self->old = self->young;
        self->young = (struct progress_point){at, self->done};
    }
    int64_t passed = at - self->old.at, done = self->done - self->old.done;
    return done > 0 ? 1000.0 * (double)done / (double)(passed ? passed : 1) : -1;
}

static void write_time(char *text, size_t size, double seconds)
{
    int64_t whole = (int64_t)(seconds + 0.5);
    if (seconds > 360000)
        snprintf(text, size, "days");
    else if (whole >= 3600)
        snprintf(text, size, "%" PRId64 ":%02d:%02d", whole / 3600, (int)(whole / 60 % 60),
                 (int)(whole % 60));
    else
        snprintf(text, size, "%d:%02d", (int)(whole / 60), (int)(whole % 60));
}

/* "  50 %  12 of 24  8.1/s  0:02 left" */
static void write_figures(struct progress *self, char *text, size_t size, int64_t at)
{
    double per_second = rate(self, at);
    char left[32] = "-:--", speed[32] = "-/s";
    if (per_second > 0 || self->done == self->total)
        write_time(left, sizeof left, (double)(self->total - self->done) / per_second);
    if (per_second > 0)
        snprintf(speed, sizeof speed, per_second < 10 ? "%.1f/s" : "%.0f/s", per_second);
    if (self->total > 0)
        snprintf(text, size, "%3d %%  %" PRId64 " of %" PRId64 "  %s  %s left",
                 (int)(100 * self->done / self->total), self->done, self->total, speed, left);
    else
        snprintf(text, size, "%" PRId64 "  %s", self->done, speed);
}

static void draw(struct progress *self, int64_t at)
{
    char figures[160], bar[BAR_MAX + 1];
    write_figures(self, figures, sizeof figures, at);
    int room = columns() - 1 - (int)strlen(self->phase) - (int)strlen(figures) - 5;
    int width = room > BAR_MAX ? BAR_MAX : room;
    char line[ROOM];
    if (self->total > 0 && width >= BAR_MIN) {
        int filled = (int)((double)width * (double)self->done / (double)self->total);
        for (int i = 0; i < width; i++)
            bar[i] = i < filled ? '#' : '.';
        bar[width] = '\0';
        snprintf(line, sizeof line, "%s [%s] %s", self->phase, bar, figures);
    } else {
        snprintf(line, sizeof line, "%s %s", self->phase, figures);
    }
    fprintf(stderr, "\r%.*s\033[K", columns() - 1, line);
    fflush(stderr);
    self->is_drawn = true;
    self->drawn_at = at;
}

void progress_show(struct progress *self, const char *phase, int64_t done, int64_t total)
{
    if (!self->is_on)
        return;
    int64_t at = now();
    if (strcmp(self->phase, phase) != 0)
        begin_phase(self, phase, done, at);
    self->done = done;
    self->total = total > 0 && done > total ? done : total; /* it may grow meanwhile */
    if (at - self->drawn_at >= REDRAW || (total > 0 && done == total))
        draw(self, at);
}

void progress_hide(struct progress *self)
{
    if (!self->is_drawn)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    self->is_drawn = false;
    self->drawn_at = 0;
}
