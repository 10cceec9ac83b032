/*
 * What every test program shares: a main, a scratch directory, a log that fails the test on a line
 * nobody expected, and JPEGs.
 */
#ifndef TESTS_SUPPORT_HARNESS_H
#define TESTS_SUPPORT_HARNESS_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wildcam/wildcam.h>

/* Each test program defines this: its one suite. */
Suite *make_suite(void);

/* Adds a test case of this name whose tests run in a scratch directory of their own. */
TCase *harness_case(Suite *suite, const char *name);

/* The present test's scratch directory, made on first use and removed behind the test. */
const char *scratch(void);
/* A path in it; valid until the 8th call after. */
const char *scratch_path(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The folder of real files (WILDCAM_TEST_DATA, else ../shared/data from the project's root); NULL
 * when it is not there, with a line that says so for the summary of skips. */
const char *real_data(void);

/* A conf for a station in scratch_path("station") whose log goes to the harness: a warning or error
 * fails the test unless expect_log() has announced it. The disk's floor is 0. */
wildcam_conf *station_conf(void);
wildcam_station *open_station(wildcam_conf *conf);
/* Announces that lines containing these words may come. */
void expect_log(const char *words);
/* How many lines containing these words have come. */
int count_log(const char *words);

/* ck_assert for statuses: shows the name and the sentence. */
#define assert_ok(expression) assert_status(WILDCAM_OK, expression)
#define assert_status(wanted, expression)                                                          \
    do {                                                                                           \
        wildcam_status got_ = (expression);                                                        \
        ck_assert_msg(got_ == (wanted), "%s is %s (%s), not %s", #expression,                      \
                      wildcam_status_name(got_), wildcam_error_message(),                          \
                      wildcam_status_name(wanted));                                                \
        ck_assert_msg((got_ == WILDCAM_OK) == (wildcam_error_message()[0] == '\0'),                \
                      "%s: the sentence is \"%s\"", #expression, wildcam_error_message());         \
    } while (0)
/* A failure whose sentence names something. */
#define assert_fails(wanted, words, expression)                                                    \
    do {                                                                                           \
        assert_status(wanted, expression);                                                         \
        ck_assert_msg(strstr(wildcam_error_message(), words), "\"%s\" does not name \"%s\"",       \
                      wildcam_error_message(), words);                                             \
    } while (0)

/* Reads a whole file; fails the test when that is not possible. Freed with free(). */
void *load_file(const char *path, size_t *size);
void save_file(const char *path, const void *data, size_t size);
bool file_exists(const char *path);
/* How many regular files are below a directory, at any depth; 0 when it is not there. */
int count_files(const char *directory);

/* ---- JPEGs ---- */

/* A picture in memory. */
struct jpeg {
    unsigned char *data;
    size_t size;
};

enum jpeg_kind { JPEG_COLOUR, JPEG_GREY, JPEG_PROGRESSIVE };

/* A small scene that differs for each seed. Freed with jpeg_free(). */
struct jpeg make_jpeg(int width, int height, enum jpeg_kind kind, unsigned seed);
void jpeg_free(struct jpeg *jpeg);
/* Puts a segment right behind SOI; `marker` such as 0xe1. The old memory is freed. */
void jpeg_insert(struct jpeg *jpeg, int marker, const void *content, size_t size);
void jpeg_append(struct jpeg *jpeg, const void *bytes, size_t size);

/* What make_exif() writes; NULL, 0 and NAN are left out. */
struct exif_facts {
    bool big_endian;
    int orientation;
    const char *make, *model, *serial;
    const char *date_time, *date_time_original, *subseconds, *offset;
    double latitude, longitude, altitude;
    const void *maker_note;
    size_t maker_note_size;
};

/* An EXIF block with its "Exif\0\0"; freed with free(). */
void *make_exif(const struct exif_facts *facts, size_t *size);
/* make_jpeg() and make_exif() in one. */
struct jpeg make_jpeg_with_exif(int width, int height, unsigned seed,
                                const struct exif_facts *facts);

#endif
