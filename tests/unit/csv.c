/* CSV as RFC 4180 has it, and what is forgiven. */
#include "exchange/csv.h"

#include <zlib.h>

#include "unit.h"

/* Reads a text into one line: fields in brackets, rows with their line, or "!" and the sentence. */
static const char *read_as(const char *text, size_t length)
{
    static char shown[4096];
    struct wci_source source;
    struct wci_csv_reader reader;
    char *copy = malloc(length ? length : 1); /* exact, so that a byte past it is noticed */
    FILE *out = fmemopen(shown, sizeof shown, "w");
    ck_assert_ptr_nonnull(out);
    if (length)
        memcpy(copy, text, length);
    wci_source_of_bytes(&source, "x.csv", copy, length);
    wci_csv_begin(&reader, &source);
    wildcam_step step;
    while ((step = wci_csv_next(&reader)) == 1) {
        fprintf(out, "%lld:", (long long)reader.line);
        for (size_t i = 0; i < reader.count; i++)
            fprintf(out, "[%s]", wci_csv_field(&reader, i));
        ck_assert_str_eq(wci_csv_field(&reader, reader.count), "");
        fprintf(out, " ");
    }
    if (step < 0)
        fprintf(out, "!%s", wildcam_error_message());
    fclose(out);
    wci_csv_end(&reader);
    free(copy);
    return shown;
}

static const struct {
    const char *text, *shown;
} texts[] = {
    {"", ""},
    {"a,b\r\n1,2\r\n", "1:[a][b] 2:[1][2] "},
    {"a,b\n1,2", "1:[a][b] 2:[1][2] "},
    {"a\rb\r", "1:[a] 2:[b] "},
    {"\xef\xbb\xbf"
     "a,b\n",
     "1:[a][b] "},
    {"\xef\xac\x81,b\n", "1:[\xef\xac\x81][b] "}, /* a ligature, not a mark */
    {"a,,\n", "1:[a][][] "},
    {",\n", "1:[][] "},
    {"\n\n1\n\n2\n", "3:[1] 5:[2] "},
    {"\"a\"\n", "1:[a] "},
    {"\"a,b\",\"c\"\"d\",\"e\nf\"\ng\n", "1:[a,b][c\"d][e\nf] 3:[g] "},
    {"\"a\"  ,b\n", "1:[a][b] "},
    {"\"\"\n", "1:[] "},
    {"a\"b\n", "1:[a\"b] "}, /* a quote inside is one */
    {"\"a\"b\n", "!x.csv, line 1: something follows a closing quote"},
    {"a\n\"b\n", "1:[a] !x.csv, line 2: a quote is not closed"},
};

START_TEST(reads)
{
    ck_assert_str_eq(read_as(texts[_i].text, strlen(texts[_i].text)), texts[_i].shown);
}
END_TEST

START_TEST(limits_are_told)
{
    static char many[3 * WCI_CSV_FIELDS_MAX], large[WCI_CSV_ROW_MAX + 100];
    memset(many, ',', WCI_CSV_FIELDS_MAX);
    ck_assert_str_eq(read_as(many, WCI_CSV_FIELDS_MAX),
                     "!x.csv, line 1: the row has more than 512 fields");
    memset(large, 'x', sizeof large);
    large[0] = '"';
    ck_assert_ptr_nonnull(strstr(read_as(large, sizeof large), "is a quote not closed?"));
    ck_assert_ptr_nonnull(strstr(read_as("a\0b\n", 4), "a field holds a NUL byte"));
}
END_TEST

START_TEST(what_is_written_reads_back)
{
    static const char *const values[] = {"",      "plain", "a,b",     "say \"so\"", "two\r\nlines",
                                         " lead", "\"",    "\xc3\xa9"};
    enum { COUNT = sizeof values / sizeof *values };
    struct wci_text out = {0};
    struct wci_source source;
    struct wci_csv_reader reader;
    for (size_t i = 0; i < COUNT; i++)
        wci_csv_put(&out, i == 0, values[i]);
    wci_csv_finish_row(&out);
    wci_source_of_bytes(&source, "x", out.data, out.length);
    wci_csv_begin(&reader, &source);
    ck_assert_int_eq(wci_csv_next(&reader), 1);
    ck_assert_uint_eq(reader.count, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        ck_assert_str_eq(wci_csv_field(&reader, i), values[i]);
    ck_assert_int_eq(wci_csv_next(&reader), 0);
    wci_csv_end(&reader);
    wci_text_free(&out);
}
END_TEST

/* A file that unpacks to far more than anybody wrote ends early, with what to do about it. */
START_TEST(what_unpacks_without_end_is_refused)
{
    static char zeros[1 << 20];
    struct wci_source source;
    int64_t got = 0;
    for (int megabytes = 60; megabytes <= 80; megabytes += 20) {
        bool is_refused = megabytes > 64;
        gzFile file = gzopen(scratch_path("bomb.gz"), "wb9");
        for (int i = 0; i < megabytes; i++)
            ck_assert_int_eq(gzwrite(file, zeros, sizeof zeros), (int)sizeof zeros);
        gzclose(file);
        assert_done(wci_source_open(&source, scratch_path("bomb.gz")));
        int byte = WCI_SOURCE_END;
        for (got = 0; (byte = wci_source_fill(&source)) >= 0; got += (int64_t)source.end)
            source.at = source.end;
        ck_assert_int_eq(byte, is_refused ? WCI_SOURCE_FAILED : WCI_SOURCE_END);
        if (is_refused) {
            ck_assert_int_eq(source.failure, WILDCAM_ERR_TOOLARGE);
            ck_assert_ptr_nonnull(strstr(wildcam_error_message(), "gunzip"));
            ck_assert_int_lt(got, 66 << 20);
        }
        wci_source_close(&source);
    }
    memset(zeros, ' ', sizeof zeros); /* written as it is: the same as packed */
    FILE *plain = fopen(scratch_path("plain"), "wb");
    for (int i = 0; i < 70; i++)
        fwrite(zeros, 1, sizeof zeros, plain);
    fclose(plain);
    assert_done(wci_source_open(&source, scratch_path("plain")));
    for (got = 0; wci_source_fill(&source) >= 0; got += (int64_t)source.end)
        source.at = source.end;
    ck_assert_int_eq(got, 70 << 20);
    wci_source_close(&source);
}
END_TEST

static void write_gzip(const char *path, const char *text, size_t cut)
{
    size_t size;
    gzFile file = gzopen(path, "wb");
    ck_assert_int_eq(gzwrite(file, text, (unsigned)strlen(text)), (int)strlen(text));
    gzclose(file);
    char *whole = load_file(path, &size);
    save_file(path, whole, size - cut);
    free(whole);
}

START_TEST(gzip_is_told_by_its_bytes)
{
    struct wci_source source;
    struct wci_csv_reader reader;
    write_gzip(scratch_path("a.csv"), "a,b\n1,2\n3,4\n", 0);
    assert_done(wci_source_open(&source, scratch_path("a.csv")));
    wci_csv_begin(&reader, &source);
    ck_assert_int_eq(wci_csv_next(&reader), 1);
    ck_assert_int_eq(wci_csv_next(&reader), 1);
    int64_t place = reader.place;
    ck_assert_int_eq(wci_csv_next(&reader), 1);
    ck_assert_str_eq(wci_csv_field(&reader, 1), "4");
    ck_assert_int_eq(wci_csv_next(&reader), 0);
    assert_done(wci_source_seek(&source, place)); /* back, from the end */
    ck_assert_int_eq(wci_csv_next(&reader), 1);
    ck_assert_str_eq(wci_csv_field(&reader, 1), "2");
    wci_csv_end(&reader);
    wci_source_close(&source);
    write_gzip(scratch_path("cut.csv"), "a,b\n1,2\n", 6);
    assert_done(wci_source_open(&source, scratch_path("cut.csv")));
    wci_csv_begin(&reader, &source);
    wildcam_step step;
    while ((step = wci_csv_next(&reader)) == 1)
        continue;
    ck_assert_int_eq(step, WILDCAM_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(wildcam_error_message(), "cut off"));
    wci_csv_end(&reader);
    wci_source_close(&source);
    assert_status(WILDCAM_ERR_INVALID, wci_source_open(&source, scratch_path(".")));
    assert_status(WILDCAM_ERR_NOTFOUND, wci_source_open(&source, scratch_path("none")));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("csv");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, reads, 0, sizeof texts / sizeof *texts);
    tcase_add_test(all, limits_are_told);
    tcase_add_test(all, what_is_written_reads_back);
    tcase_add_test(all, what_unpacks_without_end_is_refused);
    tcase_add_test(all, gzip_is_told_by_its_bytes);
    return suite;
}
