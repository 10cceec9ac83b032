/* EXIF: what is read in both byte orders, what is not believed, and that damage does no harm. */
#include "image/exif.h"

#include <math.h>

#include "base/calendar.h"
#include "base/utf8.h"
#include "tiff.h"
#include "unit.h"

static const struct exif_facts no_facts = {.latitude = NAN, .longitude = NAN, .altitude = NAN};

/* The facts of a block that a function may have changed before. */
static wildcam_image read_changed(const struct exif_facts *facts,
                                  void (*change)(unsigned char *block))
{
    wildcam_image image;
    size_t size;
    unsigned char *block = make_exif(facts, &size);
    if (change)
        change(block);
    wci_image_init(&image);
    assert_done(wci_exif_read(block, size, &image));
    free(block);
    return image;
}

static wildcam_image read_facts(const struct exif_facts *facts)
{
    return read_changed(facts, NULL);
}

static int64_t time_of(int year, int month, int day, int hour, int minute, int second)
{
    const struct wci_date date = {year, month, day, hour, minute, second, 0};
    int64_t time;
    ck_assert(wci_calendar_join(&date, &time));
    return time;
}

static struct exif_facts all_facts(bool big_endian)
{
    return (struct exif_facts){.big_endian = big_endian,
                               .orientation = 6,
                               .make = "RECONYX",
                               .model = "HYPERFIRE 2",
                               .serial = "H2A01234",
                               .date_time = "2026:03:02 11:00:00",
                               .date_time_original = "2026:03:01 10:20:30",
                               .subseconds = "25",
                               .offset = "-03:30",
                               .latitude = -33.865,
                               .longitude = -151.209444,
                               .altitude = -12.5};
}

START_TEST(reads_both_byte_orders)
{
    struct exif_facts facts = all_facts(_i == 1);
    wildcam_image image = read_facts(&facts);
    ck_assert_int_eq(image.orientation, 6);
    ck_assert_str_eq(image.make, "RECONYX");
    ck_assert_str_eq(image.model, "HYPERFIRE 2");
    ck_assert_str_eq(image.serial_number, "H2A01234");
    ck_assert_int_eq(image.time, time_of(2026, 3, 1, 13, 50, 30) + 250000);
    ck_assert_int_eq(image.offset, -12600);
    ck_assert_int_eq(image.time_source, WILDCAM_TIME_SOURCE_EXIF);
    ck_assert_double_eq_tol(image.latitude, -33.865, 1e-7);
    ck_assert_double_eq_tol(image.longitude, -151.209444, 1e-7);
    ck_assert(image.altitude == -12.5);
}
END_TEST

START_TEST(knows_nothing_of_an_empty_one)
{
    wildcam_image image = read_facts(&no_facts);
    ck_assert_int_eq(image.orientation, 1);
    ck_assert_int_eq(image.time, WILDCAM_TIME_NONE);
    ck_assert_int_eq(image.offset, WILDCAM_OFFSET_UNKNOWN);
    ck_assert_int_eq(image.time_source, WILDCAM_TIME_SOURCE_UNKNOWN);
    ck_assert(isnan(image.latitude) && isnan(image.longitude) && isnan(image.altitude));
    ck_assert_str_eq(image.make, "");
    ck_assert_str_eq(image.serial_number, "");
}
END_TEST

START_TEST(takes_eight_orientations)
{
    for (int orientation = 0; orientation <= 10; orientation++) {
        struct exif_facts facts = no_facts;
        facts.orientation = orientation;
        facts.big_endian = orientation % 2;
        ck_assert_int_eq(read_facts(&facts).orientation,
                         orientation >= 1 && orientation <= 8 ? orientation : 1);
    }
}
END_TEST

static void make_orientation_long(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, 0, TIFF_ORIENTATION) + 2, 4, 2);
}

static void make_orientation_empty(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, 0, TIFF_ORIENTATION) + 4, 0, 4);
}

START_TEST(an_orientation_is_a_short_number)
{
    struct exif_facts facts = no_facts;
    facts.orientation = 6;
    ck_assert_int_eq(read_changed(&facts, make_orientation_long).orientation, 1);
    ck_assert_int_eq(read_changed(&facts, make_orientation_empty).orientation, 1);
}
END_TEST

static const struct {
    const char *text;
    int year, month, day, hour, minute, second; /* year 0: none */
} dates[] = {
    {"2026:03:01 10:20:30", 2026, 3, 1, 10, 20, 30},
    {"2026-03-01T10:20:30", 2026, 3, 1, 10, 20, 30},
    {"2026/03/01 10.20.30", 2026, 3, 1, 10, 20, 30},
    {"2026:03:01 10:20:30Z", 2026, 3, 1, 10, 20, 30},
    {"2024:02:29 00:00:00", 2024, 2, 29, 0, 0, 0},
    {"2016:12:31 23:59:60", 2016, 12, 31, 23, 59, 59}, /* a leap second */
    {"1970:01:01 00:00:00", 1970, 1, 1, 0, 0, 0},
    {"2106:02:07 06:28:15", 2106, 2, 7, 6, 28, 15},
    {"2106:02:07 06:28:16", 0, 0, 0, 0, 0, 0},
    {"1969:12:31 23:59:59", 0, 0, 0, 0, 0, 0},
    {"0000:00:00 00:00:00", 0, 0, 0, 0, 0, 0},
    {"    :  :     :  :  ", 0, 0, 0, 0, 0, 0},
    {"                   ", 0, 0, 0, 0, 0, 0},
    {"2026:02:29 10:20:30", 0, 0, 0, 0, 0, 0},
    {"2026:13:01 10:20:30", 0, 0, 0, 0, 0, 0},
    {"2026:03:01 24:00:00", 0, 0, 0, 0, 0, 0},
    {"2026:03:01 10:60:00", 0, 0, 0, 0, 0, 0},
    {"2026:03:01 10:20:61", 0, 0, 0, 0, 0, 0},
    {"2026:03:01 10:20:3", 0, 0, 0, 0, 0, 0},
    {"2026:03:01", 0, 0, 0, 0, 0, 0},
    {"xxxx:03:01 10:20:30", 0, 0, 0, 0, 0, 0},
    {"2026:3: 1 10:20:30 ", 0, 0, 0, 0, 0, 0},
};

START_TEST(reads_dates)
{
    struct exif_facts facts = no_facts;
    facts.date_time_original = dates[_i].text;
    wildcam_image image = read_facts(&facts);
    int64_t wanted = dates[_i].year ? time_of(dates[_i].year, dates[_i].month, dates[_i].day,
                                              dates[_i].hour, dates[_i].minute, dates[_i].second)
                                    : WILDCAM_TIME_NONE;
    ck_assert_int_eq(image.time, wanted);
    ck_assert_int_eq(image.offset, WILDCAM_OFFSET_UNKNOWN);
    ck_assert_int_eq(image.time_source,
                     dates[_i].year ? WILDCAM_TIME_SOURCE_EXIF : WILDCAM_TIME_SOURCE_UNKNOWN);
}
END_TEST

static void make_original_digitized(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, TIFF_EXIF, TIFF_DATE_ORIGINAL), TIFF_DATE_DIGITIZED, 2);
    tiff_put(block, tiff_entry(block, TIFF_EXIF, TIFF_OFFSET_ORIGINAL), TIFF_OFFSET_DIGITIZED, 2);
    tiff_put(block, tiff_entry(block, TIFF_EXIF, TIFF_SUBSECONDS_ORIGINAL),
             TIFF_SUBSECONDS_DIGITIZED, 2);
}

START_TEST(takes_the_best_date_there_is)
{
    struct exif_facts facts = all_facts(false);
    wildcam_image image = read_changed(&facts, make_original_digitized);
    ck_assert_int_eq(image.time, time_of(2026, 3, 1, 13, 50, 30) + 250000);
    facts.date_time_original = "0000:00:00 00:00:00";
    image = read_facts(&facts); /* an offset of the capture says nothing of the last change */
    ck_assert_int_eq(image.time, time_of(2026, 3, 2, 11, 0, 0));
    ck_assert_int_eq(image.offset, WILDCAM_OFFSET_UNKNOWN);
    facts.date_time = "also none";
    ck_assert_int_eq(read_facts(&facts).time, WILDCAM_TIME_NONE);
}
END_TEST

static const struct {
    const char *text;
    int32_t offset;
} offsets[] = {
    {"+00:00", 0},
    {"+01:00", 3600},
    {"-11:30", -41400},
    {"+23:59", 86340},
    {"+01:00 ", 3600},
    {"Z", WILDCAM_OFFSET_UNKNOWN},
    {"+1:00", WILDCAM_OFFSET_UNKNOWN},
    {"+0100", WILDCAM_OFFSET_UNKNOWN},
    {"+01.00", WILDCAM_OFFSET_UNKNOWN},
    {"+24:00", WILDCAM_OFFSET_UNKNOWN},
    {"+01:60", WILDCAM_OFFSET_UNKNOWN},
    {" 01:00", WILDCAM_OFFSET_UNKNOWN},
    {"+xx:00", WILDCAM_OFFSET_UNKNOWN},
    {"+01:x0", WILDCAM_OFFSET_UNKNOWN},
    {"   :  ", WILDCAM_OFFSET_UNKNOWN},
};

START_TEST(reads_offsets)
{
    struct exif_facts facts = no_facts;
    facts.date_time_original = "2026:03:01 10:20:30";
    facts.offset = offsets[_i].text;
    wildcam_image image = read_facts(&facts);
    int32_t shift = offsets[_i].offset == WILDCAM_OFFSET_UNKNOWN ? 0 : offsets[_i].offset;
    ck_assert_int_eq(image.offset, offsets[_i].offset);
    ck_assert_int_eq(image.time, time_of(2026, 3, 1, 10, 20, 30) - shift * WCI_SECOND);
}
END_TEST

START_TEST(an_offset_may_lead_out_of_time)
{
    struct exif_facts facts = no_facts;
    facts.date_time_original = "1970:01:01 00:30:00";
    facts.offset = "+01:00";
    ck_assert_int_eq(read_facts(&facts).time, WILDCAM_TIME_NONE);
    facts.offset = "+00:30";
    ck_assert_int_eq(read_facts(&facts).time, 0);
}
END_TEST

static const struct {
    const char *text;
    int microseconds;
} subseconds[] = {
    {"5", 500000},       {"05", 50000},   {"123", 123000}, {"000001", 1}, {"123456", 123456},
    {"1234567", 123456}, {"12 ", 120000}, {"abc", 0},      {"0", 0},      {"  ", 0},
};

START_TEST(reads_subseconds)
{
    struct exif_facts facts = no_facts;
    facts.date_time_original = "2026:03:01 10:20:30";
    facts.subseconds = subseconds[_i].text;
    ck_assert_int_eq(read_facts(&facts).time,
                     time_of(2026, 3, 1, 10, 20, 30) + subseconds[_i].microseconds);
}
END_TEST

static const struct {
    double latitude, longitude;
    bool is_place;
} places[] = {
    {50.5, 4.25, true},   {90, 180, true},        {-90, -180, true},
    {0, 0.5, true},       {0.5, 0, true},         {90.001, 4, false},
    {50, 180.001, false}, {0.00000001, 0, false}, /* what a receiver without a fix writes */
};

START_TEST(reads_places)
{
    struct exif_facts facts = no_facts;
    facts.latitude = places[_i].latitude;
    facts.longitude = places[_i].longitude;
    wildcam_image image = read_facts(&facts);
    ck_assert(isnan(image.altitude));
    if (places[_i].is_place) {
        ck_assert_double_eq_tol(image.latitude, places[_i].latitude, 1e-7);
        ck_assert_double_eq_tol(image.longitude, places[_i].longitude, 1e-7);
    } else {
        ck_assert(isnan(image.latitude) && isnan(image.longitude));
    }
}
END_TEST

static void break_denominator(unsigned char *block)
{
    tiff_put(block, tiff_value(block, tiff_entry(block, TIFF_GPS, 2)) + 4, 0, 4);
}

static void break_latitude_letter(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, TIFF_GPS, 1), 0x1d, 2);
}

static void break_longitude_type(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, TIFF_GPS, 4) + 2, 10, 2); /* signed */
}

static void remove_longitude(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, TIFF_GPS, 4), 0x1d, 2);
}

static void shorten_angles(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, TIFF_GPS, 2) + 4, 1, 4); /* degrees alone */
    tiff_put(block, tiff_entry(block, TIFF_GPS, 4) + 4, 2, 4); /* degrees and minutes */
}

static void break_altitude(unsigned char *block)
{
    tiff_put(block, tiff_value(block, tiff_entry(block, TIFF_GPS, 6)) + 4, 0, 4);
}

START_TEST(does_not_believe_broken_places)
{
    static void (*const breaks[])(unsigned char *block) = {break_denominator, break_latitude_letter,
                                                           break_longitude_type, remove_longitude};
    struct exif_facts facts = all_facts(_i % 2);
    wildcam_image image = read_changed(&facts, breaks[_i]);
    ck_assert(isnan(image.latitude) && isnan(image.longitude) && isnan(image.altitude));
    ck_assert_int_eq(image.orientation, 6); /* the rest is read */
}
END_TEST

START_TEST(reads_what_there_is_of_a_place)
{
    struct exif_facts facts = all_facts(false);
    wildcam_image image = read_changed(&facts, shorten_angles);
    ck_assert(image.latitude == -33);
    ck_assert_double_eq_tol(image.longitude, -151.2, 1e-9);
    image = read_changed(&facts, break_altitude);
    ck_assert(image.latitude < -33 && isnan(image.altitude));
}
END_TEST

static const struct {
    const char *given, *read;
} texts[] = {
    {"  spaces around  ", "spaces around"},
    {"\xe2\x82\xac", "\xe2\x82\xac"},
    {"", ""},
    {"   ", ""},
    {"a\nb", ""},      /* a terminal or a log should not show it */
    {"\x1b[31m", ""},  /* the same */
    {"a\x7f", ""},     /* the same */
    {"\xe9t\xe9", ""}, /* no UTF-8 */
    {"1234567890123456789012345678901234567890123456789012345678901234",
     "1234567890123456789012345678901234567890123456789012345678901234"},
    {"12345678901234567890123456789012345678901234567890123456789012345",
     "1234567890123456789012345678901234567890123456789012345678901234"},
    {"123456789012345678901234567890123456789012345678901234567890123\xe2\x82\xac",
     "123456789012345678901234567890123456789012345678901234567890123"},
};

START_TEST(reads_texts)
{
    struct exif_facts facts = no_facts;
    facts.make = facts.model = facts.serial = texts[_i].given;
    wildcam_image image = read_facts(&facts);
    ck_assert_str_eq(image.make, texts[_i].read);
    ck_assert_str_eq(image.model, texts[_i].read);
    ck_assert_str_eq(image.serial_number, texts[_i].read);
}
END_TEST

static void make_make_bytes(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, 0, TIFF_MAKE) + 2, 7, 2);
}

START_TEST(a_text_is_ascii)
{
    struct exif_facts facts = all_facts(false);
    ck_assert_str_eq(read_changed(&facts, make_make_bytes).make, "");
}
END_TEST

static void loop_gps(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, 0, TIFF_GPS) + 8, 8, 4);
}

static void lead_nowhere(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, 0, TIFF_EXIF) + 8, 0xffffffff, 4);
    tiff_put(block, tiff_entry(block, 0, TIFF_GPS) + 8, 0x7fffffff, 4);
    tiff_put(block, tiff_next(block), 0xfffffff0, 4);
}

static void promise_too_much(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, 0, TIFF_MAKE) + 4, 0xffffffff, 4);
    tiff_put(block, tiff_entry(block, TIFF_EXIF, TIFF_DATE_ORIGINAL) + 8, 0xfffffff0, 4);
    tiff_put(block, tiff_entry(block, TIFF_GPS, 2) + 4, 0x20000001, 4);
}

/* Whatever is read, it is in its limits. */
static void check_limits(const wildcam_image *image)
{
    ck_assert(image->orientation >= 1 && image->orientation <= 8);
    ck_assert(image->time == WILDCAM_TIME_NONE ||
              (image->time >= WILDCAM_TIME_MIN && image->time < WILDCAM_TIME_END));
    ck_assert(image->offset == WILDCAM_OFFSET_UNKNOWN || abs(image->offset) < 86400);
    ck_assert(isnan(image->latitude) || fabs(image->latitude) <= 90);
    ck_assert(isnan(image->longitude) || fabs(image->longitude) <= 180);
    ck_assert(!isinf(image->altitude));
    ck_assert(wci_utf8_is_valid(image->make, strlen(image->make)));
    ck_assert(wci_utf8_is_valid(image->model, strlen(image->model)));
    ck_assert(wci_utf8_is_valid(image->serial_number, strlen(image->serial_number)));
}

START_TEST(loops_and_lies_end)
{
    static void (*const breaks[])(unsigned char *block) = {
        tiff_loop_exif,      loop_gps,         tiff_loop_next,   lead_nowhere,
        tiff_count_too_many, promise_too_much, tiff_forget_order};
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        struct exif_facts facts = all_facts(big_endian);
        wildcam_image image = read_changed(&facts, breaks[_i]);
        check_limits(&image);
    }
}
END_TEST

static void read_bytes(const unsigned char *block, size_t size)
{
    wildcam_image image;
    unsigned char *copy = malloc(size ? size : 1); /* so that reading past it is seen */
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, block, size);
    wci_image_init(&image);
    assert_done(wci_exif_read(copy, size, &image));
    check_limits(&image);
    free(copy);
}

START_TEST(damage_does_no_harm)
{
    static const unsigned char wrong[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    struct exif_facts facts = all_facts(_i == 1);
    size_t size;
    facts.maker_note = "\x01\xf1 a note that is too short";
    facts.maker_note_size = 27;
    unsigned char *block = make_exif(&facts, &size);
    for (size_t length = 0; length < size; length++)
        read_bytes(block, length);
    for (size_t at = 6; at < size; at++) {
        unsigned char kept = block[at];
        for (size_t i = 0; i < sizeof wrong; i++) {
            block[at] = wrong[i];
            read_bytes(block, size);
        }
        block[at] = kept;
    }
    free(block);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(array)[0])

Suite *make_suite(void)
{
    Suite *suite = suite_create("exif");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, reads_both_byte_orders, 0, 2);
    tcase_add_test(all, knows_nothing_of_an_empty_one);
    tcase_add_test(all, takes_eight_orientations);
    tcase_add_test(all, an_orientation_is_a_short_number);
    tcase_add_loop_test(all, reads_dates, 0, COUNT(dates));
    tcase_add_test(all, takes_the_best_date_there_is);
    tcase_add_loop_test(all, reads_offsets, 0, COUNT(offsets));
    tcase_add_test(all, an_offset_may_lead_out_of_time);
    tcase_add_loop_test(all, reads_subseconds, 0, COUNT(subseconds));
    tcase_add_loop_test(all, reads_places, 0, COUNT(places));
    tcase_add_loop_test(all, does_not_believe_broken_places, 0, 4);
    tcase_add_test(all, reads_what_there_is_of_a_place);
    tcase_add_loop_test(all, reads_texts, 0, COUNT(texts));
    tcase_add_test(all, a_text_is_ascii);
    tcase_add_loop_test(all, loops_and_lies_end, 0, 7);
    tcase_add_loop_test(all, damage_does_no_harm, 0, 2);
    return suite;
}
