/* What every bench shares: a clock, a scratch directory, and lines that hold a figure beside its
 * limit, measured in the same run. */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wildcam/wildcam.h>

double bench_now(void);

/* A number from the environment, for smaller runs. */
int64_t bench_number(const char *name, int64_t standard);

/* A directory below TMPDIR or /tmp, removed when the program ends. */
const char *bench_directory(void);
void bench_remove(const char *path);

/* A line on a terminal that says how far long work has come; nothing in a pipe. */
void bench_progress(const char *what, int64_t done, int64_t total, double begin);

/* Ends the program with the library's sentence when a call fails. */
void bench_check(wildcam_status status, const char *what);
#define CHECK(expression) bench_check((expression), #expression)

wildcam_station *bench_open(const char *directory);

/* One line of the table: a figure, the limit it stands beside, their ratio and the goal for that
 * ratio. `better` is '>' when more is better, '<' when less is; goal 0 is none. */
void bench_line(const char *name, double figure, const char *unit, const char *limit_name,
                double limit, char better, double goal);
/* A figure that stands beside a fixed goal. */
void bench_figure(const char *name, double figure, const char *unit, char better, double goal);
/* 0 when every goal was reached, else 1: a program's exit status. */
int bench_end(void);

/* Runs a function several times and answers the median of the seconds it took. */
double bench_median(int times, void (*run)(void *user), void *user);

/* Runs two functions by turns and gives the least seconds each took: what else the machine does can
 * only slow them, and by turns it slows both. */
void bench_both(int times, void (*first)(void *user), void (*second)(void *user), void *user,
                double *first_seconds, double *second_seconds);

#endif
