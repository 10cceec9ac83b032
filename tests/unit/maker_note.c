/* Reconyx maker notes: the fields at their places, and notes that are none. */
#include "image/maker_note.h"

#include <math.h>

#include "base/calendar.h"
#include "image/exif.h"
#include "unit.h"

enum { NOTE = 256 };

/* Where a kind of note holds what, from the measurements on real files. */
struct kind {
    const char *head;
    size_t head_size, least, trigger, sequence, event, date, celsius, serial;
};

static const struct kind kinds[] = {
    {"\x01\xf1", 2, 0x48, 0x0c, 0x0e, 0x12, 0x16, 0x28, 0x2a},
    {"RECONYXH2\0", 10, 0x9c, 0x34, 0x36, 0x3a, 0x3e, 0x50, 0x7e},
};

static void put(unsigned char *note, size_t at, unsigned value)
{
    note[at] = (unsigned char)value;
    note[at + 1] = (unsigned char)(value >> 8);
}

static void put_date(unsigned char *note, const struct kind *kind, const struct wci_date *date)
{
    const int fields[] = {date->second, date->minute, date->hour,
                          date->month,  date->day,    date->year};
    for (size_t i = 0; i < 6; i++)
        put(note, kind->date + 2 * i, (unsigned)fields[i]);
}

static const struct wci_date noon = {2021, 5, 31, 12, 34, 56, 0};

/* The third of five pictures of event 70,003 at -7 degrees. */
static void make_note(unsigned char note[NOTE], const struct kind *kind)
{
    static const char serial[] = "H500HF01234567";
    memset(note, 0, NOTE);
    memcpy(note, kind->head, kind->head_size);
    put(note, kind->trigger, 'M');
    put(note, kind->sequence, 3);
    put(note, kind->sequence + 2, 5);
    put(note, kind->event, 70003 >> 16);
    put(note, kind->event + 2, 70003 & 0xffff);
    put_date(note, kind, &noon);
    put(note, kind->celsius, (unsigned)-7 & 0xffff);
    for (size_t i = 0; i < sizeof serial; i++)
        put(note, kind->serial + 2 * i, (unsigned char)serial[i]);
}

static wildcam_image read_note(const unsigned char *note, size_t size)
{
    wildcam_image image;
    unsigned char *copy = malloc(size ? size : 1); /* so that reading past it is seen */
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, note, size);
    wci_image_init(&image);
    wci_maker_note_read(copy, size, &image);
    free(copy);
    return image;
}

static int64_t time_of(const struct wci_date *date)
{
    int64_t time;
    ck_assert(wci_calendar_join(date, &time));
    return time;
}

START_TEST(reads_all)
{
    unsigned char note[NOTE];
    make_note(note, &kinds[_i]);
    wildcam_image image = read_note(note, kinds[_i].least);
    ck_assert_int_eq(image.capture, WILDCAM_CAPTURE_MOTION);
    ck_assert_int_eq(image.sequence_number, 3);
    ck_assert_int_eq(image.sequence_length, 5);
    ck_assert_int_eq(image.event_number, 70003);
    ck_assert(image.temperature == -7);
    ck_assert_int_eq(image.time, time_of(&noon));
    ck_assert_int_eq(image.offset, WILDCAM_OFFSET_UNKNOWN);
    ck_assert_int_eq(image.time_source, WILDCAM_TIME_SOURCE_MAKERNOTE);
    ck_assert_str_eq(image.serial_number, "H500HF01234567");
}
END_TEST

START_TEST(tells_what_triggered)
{
    unsigned char note[NOTE];
    const struct kind *kind = &kinds[_i];
    make_note(note, kind);
    put(note, kind->trigger, 'T');
    ck_assert_int_eq(read_note(note, NOTE).capture, WILDCAM_CAPTURE_TIMELAPSE);
    put(note, kind->trigger, 'E');
    ck_assert_int_eq(read_note(note, NOTE).capture, WILDCAM_CAPTURE_UNKNOWN);
    put(note, kind->trigger, 'M' | 0x100);
    ck_assert_int_eq(read_note(note, NOTE).capture, WILDCAM_CAPTURE_UNKNOWN);
}
END_TEST

START_TEST(what_is_known_already_stays)
{
    unsigned char note[NOTE];
    wildcam_image image;
    make_note(note, &kinds[_i]);
    wci_image_init(&image);
    image.time = 5;
    image.offset = 3600;
    image.time_source = WILDCAM_TIME_SOURCE_EXIF;
    snprintf(image.serial_number, sizeof image.serial_number, "known");
    wci_maker_note_read(note, NOTE, &image);
    ck_assert(image.time == 5 && image.offset == 3600);
    ck_assert_int_eq(image.time_source, WILDCAM_TIME_SOURCE_EXIF);
    ck_assert_str_eq(image.serial_number, "known");
    ck_assert_int_eq(image.sequence_number, 3);
}
END_TEST

START_TEST(does_not_believe_every_date)
{
    static const struct wci_date wrong[] = {
        {1989, 5, 31, 12, 34, 56, 0}, {2106, 1, 1, 0, 0, 0, 0},   {0, 0, 0, 0, 0, 0, 0},
        {2021, 2, 29, 12, 0, 0, 0},   {2021, 5, 31, 24, 0, 0, 0}, {65535, 1, 1, 0, 0, 0, 0},
    };
    static const struct wci_date right[] = {{1990, 1, 1, 0, 0, 0, 0},
                                            {2105, 12, 31, 23, 59, 59, 0}};
    unsigned char note[NOTE];
    make_note(note, &kinds[_i]);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        put_date(note, &kinds[_i], &wrong[i]);
        wildcam_image image = read_note(note, NOTE);
        ck_assert_int_eq(image.time, WILDCAM_TIME_NONE);
        ck_assert_int_eq(image.time_source, WILDCAM_TIME_SOURCE_UNKNOWN);
        ck_assert_int_eq(image.sequence_number, 3);
    }
    for (size_t i = 0; i < 2; i++) {
        put_date(note, &kinds[_i], &right[i]);
        ck_assert_int_eq(read_note(note, NOTE).time, time_of(&right[i]));
    }
}
END_TEST

START_TEST(a_serial_number_is_words)
{
    unsigned char note[NOTE];
    const struct kind *kind = &kinds[_i];
    make_note(note, kind);
    put(note, kind->serial + 6, ' ');
    ck_assert_str_eq(read_note(note, NOTE).serial_number, "H50");
    put(note, kind->serial, 0x4e2d);
    ck_assert_str_eq(read_note(note, NOTE).serial_number, "");
    for (size_t i = 0; i < 20; i++)
        put(note, kind->serial + 2 * i, 'x');
    ck_assert_str_eq(read_note(note, NOTE).serial_number, "xxxxxxxxxxxxxxx");
}
END_TEST

START_TEST(other_notes_change_nothing)
{
    unsigned char note[NOTE];
    for (size_t size = 0; size < kinds[_i].least; size++) {
        make_note(note, &kinds[_i]);
        wildcam_image image = read_note(note, size);
        ck_assert_int_eq(image.time, WILDCAM_TIME_NONE);
        ck_assert_int_eq(image.sequence_number, -1);
        ck_assert_int_eq(image.event_number, -1);
        ck_assert(isnan(image.temperature));
        ck_assert_str_eq(image.serial_number, "");
    }
    for (size_t at = 0; at < kinds[_i].head_size; at++) {
        make_note(note, &kinds[_i]);
        note[at] ^= 0x20;
        ck_assert_int_eq(read_note(note, NOTE).sequence_number, -1);
    }
}
END_TEST

/* As a camera has it: the note is the only place of the date. */
START_TEST(is_read_within_exif)
{
    unsigned char note[NOTE];
    struct exif_facts facts = {.big_endian = _i,
                               .make = "RECONYX",
                               .latitude = NAN,
                               .longitude = NAN,
                               .altitude = NAN,
                               .maker_note = note,
                               .maker_note_size = NOTE};
    wildcam_image image;
    size_t size;
    make_note(note, &kinds[_i]);
    void *block = make_exif(&facts, &size);
    wci_image_init(&image);
    assert_done(wci_exif_read(block, size, &image));
    ck_assert_int_eq(image.time, time_of(&noon));
    ck_assert_int_eq(image.time_source, WILDCAM_TIME_SOURCE_MAKERNOTE);
    ck_assert_str_eq(image.serial_number, "H500HF01234567");
    free(block);
    facts.date_time_original = "2021:06:01 00:00:00";
    facts.serial = "of EXIF";
    block = make_exif(&facts, &size);
    wci_image_init(&image);
    assert_done(wci_exif_read(block, size, &image));
    ck_assert_int_eq(image.time_source, WILDCAM_TIME_SOURCE_EXIF);
    ck_assert_str_eq(image.serial_number, "of EXIF");
    ck_assert_int_eq(image.event_number, 70003);
    free(block);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("maker_note");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, reads_all, 0, 2);
    tcase_add_loop_test(all, tells_what_triggered, 0, 2);
    tcase_add_loop_test(all, what_is_known_already_stays, 0, 2);
    tcase_add_loop_test(all, does_not_believe_every_date, 0, 2);
    tcase_add_loop_test(all, a_serial_number_is_words, 0, 2);
    tcase_add_loop_test(all, other_notes_change_nothing, 0, 2);
    tcase_add_loop_test(all, is_read_within_exif, 0, 2);
    return suite;
}
