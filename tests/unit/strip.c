/* Taking place and identity out of a JPEG: what must go is gone, all else is as it was. */
#include "image/strip.h"

#include <math.h>

#include <wildcam/image.h>

#include "image/probe.h"
#include "skeleton.h"
#include "tiff.h"
#include "unit.h"

enum { PLACE = WILDCAM_STRIP_PLACE, SERIAL = WILDCAM_STRIP_SERIAL, BOTH = PLACE | SERIAL };

static struct exif_facts all_facts(bool big_endian)
{
    return (struct exif_facts){.big_endian = big_endian,
                               .orientation = 6,
                               .make = "Testcam",
                               .model = "Model 1",
                               .serial = "SERIAL-7",
                               .date_time_original = "2026:03:01 10:20:30",
                               .offset = "+01:00",
                               .latitude = 50.5,
                               .longitude = 4.25,
                               .altitude = 100,
                               .maker_note = "NOTE of the maker",
                               .maker_note_size = 17};
}

static bool holds(const struct jpeg *jpeg, const char *words)
{
    return memmem(jpeg->data, jpeg->size, words, strlen(words)) != NULL;
}

static wildcam_image probe(const struct jpeg *jpeg)
{
    wildcam_image image;
    wci_image_init(&image);
    assert_done(wci_probe(jpeg->data, jpeg->size, &usual_limits, &image));
    return image;
}

static void strip(struct jpeg *jpeg, uint32_t what)
{
    assert_done(wci_strip(jpeg->data, jpeg->size, what));
}

/* What the picture is shown by must be the same: everything but application blocks and comments,
 * and of those what decoders use. */
struct copy {
    const unsigned char *before, *after;
};

static void check_segment(void *user, int marker, int64_t offset, size_t length)
{
    const struct copy *copy = user;
    bool is_kept = marker < APP0 ||
                   (marker == APP0 && memcmp(copy->before + offset, "JFIF", 5) == 0) ||
                   (marker == APP2 && memcmp(copy->before + offset, "ICC_PROFILE", 12) == 0) ||
                   (marker == APP14 && memcmp(copy->before + offset, "Adobe", 5) == 0);
    if (is_kept)
        ck_assert_msg(memcmp(copy->before + offset - 4, copy->after + offset - 4, length + 4) == 0,
                      "segment %02x has changed", marker);
}

static void check_picture(const struct jpeg *before, const struct jpeg *after)
{
    struct copy copy = {before->data, after->data};
    struct wci_jpeg_walk walk;
    ck_assert_uint_eq(before->size, after->size);
    wci_jpeg_walk_begin(&walk, &usual_limits);
    walk.visit = check_segment;
    walk.user = &copy;
    assert_done(wci_jpeg_walk_add(&walk, before->data, before->size));
    assert_done(wci_jpeg_walk_end(&walk));
    size_t from = (size_t)walk.header_bytes, to = (size_t)walk.picture_bytes;
    ck_assert_uint_lt(from, to);
    ck_assert_int_eq(memcmp(before->data + from, after->data + from, to - from), 0);
    wci_jpeg_walk_free(&walk);
}

static struct jpeg copy_of(const struct jpeg *jpeg)
{
    struct jpeg copy = {malloc(jpeg->size), jpeg->size};
    ck_assert_ptr_nonnull(copy.data);
    memcpy(copy.data, jpeg->data, jpeg->size);
    return copy;
}

START_TEST(takes_out_what_is_asked)
{
    struct exif_facts facts = all_facts(_i % 2);
    uint32_t what = (uint32_t)_i / 2;
    struct jpeg before = make_jpeg_with_exif(64, 48, 1, &facts), jpeg = copy_of(&before);
    strip(&jpeg, what);
    check_picture(&before, &jpeg);
    wildcam_image image = probe(&jpeg);
    if (what & PLACE)
        ck_assert(isnan(image.latitude) && isnan(image.longitude) && isnan(image.altitude));
    else
        ck_assert(image.latitude == 50.5 && image.longitude == 4.25 && image.altitude == 100);
    ck_assert_str_eq(image.serial_number, what & SERIAL ? "" : "SERIAL-7");
    ck_assert(holds(&jpeg, "SERIAL") == !(what & SERIAL));
    ck_assert(holds(&jpeg, "NOTE") == !what);
    /* what is kept stays whole */
    wildcam_image whole = probe(&before);
    ck_assert(image.time == whole.time && image.offset == whole.offset);
    ck_assert_int_eq(image.orientation, 6);
    ck_assert_str_eq(image.make, "Testcam");
    ck_assert_str_eq(image.model, "Model 1");
    if (what == 0)
        ck_assert_int_eq(memcmp(before.data, jpeg.data, jpeg.size), 0);
    jpeg_free(&before);
    jpeg_free(&jpeg);
}
END_TEST

/* The place must not be found by a reader that does not follow directories either. */
START_TEST(no_number_of_the_place_stays)
{
    struct exif_facts facts = all_facts(_i);
    size_t size;
    unsigned char *block = make_exif(&facts, &size);
    size_t at = tiff_value(block, tiff_entry(block, TIFF_GPS, 2));
    unsigned char latitude[24];
    memcpy(latitude, block + at, sizeof latitude);
    free(block);
    struct jpeg jpeg = make_jpeg_with_exif(64, 48, 1, &facts);
    ck_assert_ptr_nonnull(memmem(jpeg.data, jpeg.size, latitude, sizeof latitude));
    strip(&jpeg, PLACE);
    ck_assert_ptr_null(memmem(jpeg.data, jpeg.size, latitude, sizeof latitude));
    /* nor does the directory say that there was one */
    const unsigned char *left = memmem(jpeg.data, jpeg.size, "Exif\0", 6);
    ck_assert_ptr_nonnull(left);
    ck_assert_uint_eq(tiff_get(left, 6 + tiff_get(left, tiff_entry(left, 0, TIFF_GPS) + 8, 4), 2),
                      0);
    jpeg_free(&jpeg);
}
END_TEST

static const struct {
    int tag;
    uint32_t what; /* which wishes it goes for */
} tags[] = {
    {0x010e, PLACE},                            /* ImageDescription */
    {0x9286, PLACE},                            /* UserComment */
    {0x013b, SERIAL},                           /* Artist */
    {0xa430, SERIAL},                           /* CameraOwnerName */
    {0xa431, SERIAL},                           /* BodySerialNumber */
    {0xa435, SERIAL},                           /* LensSerialNumber */
    {0xc62f, SERIAL},                           /* CameraSerialNumber */
    {0x9c9b, BOTH},                             /* XPTitle */
    {0x9c9f, BOTH},                             /* XPSubject */
    {0x927c, BOTH},                             /* MakerNote */
    {0x014a, BOTH},                             /* SubIFDs */
    {0x02bc, BOTH},                             /* XMP */
    {0x83bb, BOTH},                             /* IPTC */
    {0x8649, BOTH},                             /* Photoshop */
    {0x9c9a, 0},      {0x9ca0, 0}, {0x0131, 0}, /* Software */
};

START_TEST(takes_out_the_tags_of)
{
    for (uint32_t what = 1; what <= BOTH; what++) {
        struct exif_facts facts = all_facts(what % 2);
        size_t size;
        facts.maker_note_size = 0;
        unsigned char *block = make_exif(&facts, &size);
        tiff_put(block, tiff_entry(block, TIFF_EXIF, TIFF_SERIAL), (uint32_t)tags[_i].tag, 2);
        struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
        jpeg_insert(&jpeg, APP1, block, size);
        strip(&jpeg, what);
        ck_assert(holds(&jpeg, "SERIAL-7") == !(tags[_i].what & what));
        ck_assert_str_eq(probe(&jpeg).make, "Testcam");
        free(block);
        jpeg_free(&jpeg);
    }
}
END_TEST

static const struct {
    int marker;
    const char *content;
    size_t size;
    bool is_kept;
} blocks[] = {
    {APP0, "JFIF\0SECRET", 11, true},
    {APP0, "AVI1\0SECRET", 11, false},
    {APP1, "http://ns.adobe.com/xap/1.0/\0SECRET", 35, false},
    {APP1, "SECRET", 6, false},
    {APP2, "ICC_PROFILE\0SECRET", 18, true},
    {APP2, "MPF\0SECRET", 10, false},
    {APP2, "ICC_PROFIL SECRET", 17, false},
    {0xed, "Photoshop 3.0\0SECRET", 20, false},
    {APP14, "Adobe\0SECRET", 12, true},
    {APP14, "Adob SECRET", 11, false},
    {0xef, "SECRET", 6, false},
    {COM, "SECRET", 6, false},
    {COM, "", 0, false},
};

START_TEST(blanks_blocks_that_are_no_picture)
{
    for (uint32_t what = 1; what <= BOTH; what++) {
        struct jpeg before = make_jpeg(64, 48, JPEG_COLOUR, 1);
        jpeg_insert(&before, blocks[_i].marker, blocks[_i].content, blocks[_i].size);
        struct jpeg jpeg = copy_of(&before);
        strip(&jpeg, what);
        check_picture(&before, &jpeg);
        probe(&jpeg);
        ck_assert(holds(&jpeg, "SECRET") == blocks[_i].is_kept);
        if (!blocks[_i].is_kept)
            ck_assert(jpeg.data[2] == 0xff && jpeg.data[3] == COM);
        jpeg_free(&before);
        jpeg_free(&jpeg);
    }
}
END_TEST

/* It is no less a small picture for being told dot by dot. */
START_TEST(jfif_shows_nobody)
{
    static const char head[] = "JFIF\0\1\2\1\0\110\0\110\2\1SECRET"; /* 2 x 1 dots of three bytes */
    for (uint32_t what = 1; what <= WCI_STRIP_SMALL_PICTURES; what++) {
        struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
        jpeg_insert(&jpeg, APP0, head, sizeof head - 1);
        strip(&jpeg, what);
        probe(&jpeg);
        ck_assert(!holds(&jpeg, "SECRET"));
        ck_assert_int_eq(memcmp(jpeg.data + 6, head, 12), 0);
        ck_assert(jpeg.data[6 + 12] == 0 && jpeg.data[6 + 13] == 0);
        jpeg_free(&jpeg);
    }
}
END_TEST

/* Nobody knows what a tag of a maker's own holds: what is long may be a picture. */
START_TEST(long_values_go)
{
    char words[400];
    for (int length = 200; length < 400; length += 100) {
        memset(words, 'x', (size_t)length);
        memcpy(words + length - 7, "SECRET", 7);
        for (uint32_t what = 1; what <= WCI_STRIP_SMALL_PICTURES; what++) {
            struct exif_facts facts = all_facts(what % 2);
            size_t size;
            facts.serial = words;
            unsigned char *block = make_exif(&facts, &size);
            tiff_put(block, tiff_entry(block, TIFF_EXIF, TIFF_SERIAL), 0xc4a5, 2);
            struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
            jpeg_insert(&jpeg, APP1, block, size);
            strip(&jpeg, what);
            ck_assert(holds(&jpeg, "SECRET") == (length == 200));
            ck_assert_str_eq(probe(&jpeg).make, "Testcam");
            free(block);
            jpeg_free(&jpeg);
        }
    }
}
END_TEST

static void exif_nowhere(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, 0, TIFF_EXIF) + 8, 0xfffffff0, 4);
}

static void gps_nowhere(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, 0, TIFF_GPS) + 8, 0x7ffffff0, 4);
}

static void strange_type(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, TIFF_EXIF, TIFF_SERIAL) + 2, 13, 2);
}

static void type_0(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, TIFF_GPS, 2) + 2, 0, 2);
}

static void value_nowhere(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, TIFF_EXIF, TIFF_SERIAL) + 8, 0xfffffff0, 4);
}

static void value_too_long(unsigned char *block)
{
    tiff_put(block, tiff_entry(block, TIFF_EXIF, TIFF_SERIAL) + 4, 0xffffffff, 4);
}

static void wrong_magic(unsigned char *block)
{
    tiff_put(block, 6 + 2, 43, 2);
}

/* What cannot be followed is blanked whole. */
START_TEST(blanks_exif_that_is_broken)
{
    static void (*const breaks[])(unsigned char *block) = {
        tiff_loop_exif, exif_nowhere, gps_nowhere,   wrong_magic,    tiff_count_too_many,
        strange_type,   type_0,       value_nowhere, value_too_long, tiff_forget_order};
    struct exif_facts facts = all_facts(_i % 2);
    size_t size;
    unsigned char *block = make_exif(&facts, &size);
    breaks[_i / 2](block);
    struct jpeg before = make_jpeg(64, 48, JPEG_COLOUR, 1);
    jpeg_insert(&before, APP1, block, size);
    struct jpeg jpeg = copy_of(&before);
    strip(&jpeg, BOTH);
    check_picture(&before, &jpeg);
    ck_assert(!holds(&jpeg, "SERIAL-7") && !holds(&jpeg, "NOTE") && !holds(&jpeg, "Exif"));
    ck_assert(isnan(probe(&jpeg).latitude));
    free(block);
    jpeg_free(&before);
    jpeg_free(&jpeg);
}
END_TEST

/* Every cut and every wrong byte: what can be read afterwards names neither place nor serial. */
START_TEST(damage_lets_nothing_through)
{
    struct exif_facts facts = all_facts(_i);
    size_t size;
    unsigned char *block = make_exif(&facts, &size);
    for (size_t at = 6; at < 2 * size; at++) {
        unsigned char damaged[1024];
        size_t length = at < size ? at : size;
        ck_assert_uint_le(size, sizeof damaged);
        memcpy(damaged, block, size);
        if (at >= size)
            damaged[at - size] ^= 0xff;
        struct jpeg jpeg = make_jpeg(8, 8, JPEG_GREY, 1);
        jpeg_insert(&jpeg, APP1, damaged, length);
        strip(&jpeg, BOTH);
        wildcam_image image = probe(&jpeg);
        ck_assert(isnan(image.latitude));
        ck_assert_msg(image.serial_number[0] == '\0', "\"%s\" with byte %zu", image.serial_number,
                      at);
        jpeg_free(&jpeg);
    }
    free(block);
}
END_TEST

/* A second directory with a small picture of its own, which has EXIF again. */
static struct jpeg make_jpeg_with_small_picture(const struct exif_facts *facts)
{
    enum { DIRECTORY = 2 + 2 * 12 + 4 };
    static const uint32_t tags_of_it[] = {0x0201, 0x0202}; /* where it is, how long it is */
    size_t size;
    unsigned char *block = make_exif(facts, &size);
    struct jpeg small = make_jpeg_with_exif(16, 16, 2, facts),
                jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    const uint32_t values[] = {(uint32_t)(size - 6 + DIRECTORY), (uint32_t)small.size};
    unsigned char *whole = calloc(1, size + DIRECTORY + small.size);
    ck_assert_ptr_nonnull(whole);
    memcpy(whole, block, size);
    tiff_put(whole, tiff_next(whole), (uint32_t)(size - 6), 4);
    tiff_put(whole, size, 2, 2);
    for (size_t i = 0; i < 2; i++) {
        tiff_put(whole, size + 2 + 12 * i, tags_of_it[i], 2);
        tiff_put(whole, size + 4 + 12 * i, 4, 2); /* a whole number */
        tiff_put(whole, size + 6 + 12 * i, 1, 4);
        tiff_put(whole, size + 10 + 12 * i, values[i], 4);
    }
    memcpy(whole + size + DIRECTORY, small.data, small.size);
    jpeg_insert(&jpeg, APP1, whole, size + DIRECTORY + small.size);
    free(whole);
    free(block);
    jpeg_free(&small);
    return jpeg;
}

START_TEST(the_small_picture_tells_nothing)
{
    struct exif_facts facts = all_facts(_i % 2);
    uint32_t what = 1 + (uint32_t)_i / 2;
    struct jpeg before = make_jpeg_with_small_picture(&facts), jpeg = copy_of(&before);
    strip(&jpeg, what);
    check_picture(&before, &jpeg);
    const unsigned char *block = memmem(jpeg.data, jpeg.size, "Exif\0", 6);
    ck_assert_ptr_nonnull(block);
    ck_assert_uint_eq(tiff_get(block, tiff_next(block), 4), 0);
    size_t behind = (size_t)(block + 6 - jpeg.data);
    ck_assert_ptr_null(memmem(block + 6, jpeg.size - behind, "Exif\0", 6));
    wildcam_image image = probe(&jpeg); /* what was not asked for is there, in the large one */
    ck_assert(isnan(image.latitude) == !!(what & PLACE));
    ck_assert_str_eq(image.serial_number, what & SERIAL ? "" : "SERIAL-7");
    ck_assert_str_eq(image.make, "Testcam");
    jpeg_free(&before);
    jpeg_free(&jpeg);
}
END_TEST

/* What no entry refers to: a maker may have put anything there. */
START_TEST(nothing_stays_between)
{
    struct exif_facts facts = all_facts(_i);
    size_t size;
    unsigned char *block = make_exif(&facts, &size), whole[2048] = {0};
    ck_assert_uint_le(size + 6, sizeof whole);
    memcpy(whole, block, size);
    memcpy(whole + size, "SECRET", 6);
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    jpeg_insert(&jpeg, APP1, whole, size + 6);
    strip(&jpeg, SERIAL);
    ck_assert(!holds(&jpeg, "SECRET"));
    ck_assert(probe(&jpeg).latitude == 50.5);
    free(block);
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(blanks_what_is_behind)
{
    struct exif_facts facts = all_facts(false);
    struct jpeg before = make_jpeg_with_exif(64, 48, 1, &facts);
    size_t whole = before.size;
    struct jpeg second = make_jpeg_with_exif(32, 24, 2, &facts);
    jpeg_append(&before, second.data, second.size);
    struct jpeg jpeg = copy_of(&before);
    strip(&jpeg, SERIAL);
    check_picture(&before, &jpeg);
    for (size_t i = whole; i < jpeg.size; i++)
        ck_assert_uint_eq(jpeg.data[i], 0);
    strip(&before, 0);
    ck_assert(holds(&before, "SERIAL-7"));
    jpeg_free(&before);
    jpeg_free(&jpeg);
    jpeg_free(&second);
}
END_TEST

START_TEST(needs_a_whole_jpeg)
{
    struct exif_facts facts = all_facts(false);
    struct jpeg jpeg = make_jpeg_with_exif(64, 48, 1, &facts);
    assert_fails(WILDCAM_ERR_TRUNCATED, "cut off", wci_strip(jpeg.data, jpeg.size - 1, BOTH));
    jpeg.data[1] = 0;
    assert_fails(WILDCAM_ERR_NOTJPEG, "begin", wci_strip(jpeg.data, jpeg.size, BOTH));
    assert_status(WILDCAM_ERR_NOTJPEG, wci_strip(jpeg.data, 0, BOTH));
    jpeg_free(&jpeg);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("strip");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, takes_out_what_is_asked, 0, 8);
    tcase_add_loop_test(all, no_number_of_the_place_stays, 0, 2);
    tcase_add_loop_test(all, takes_out_the_tags_of, 0, sizeof tags / sizeof tags[0]);
    tcase_add_loop_test(all, blanks_blocks_that_are_no_picture, 0,
                        sizeof blocks / sizeof blocks[0]);
    tcase_add_test(all, jfif_shows_nobody);
    tcase_add_test(all, long_values_go);
    tcase_add_loop_test(all, blanks_exif_that_is_broken, 0, 20);
    tcase_add_loop_test(all, damage_lets_nothing_through, 0, 2);
    tcase_add_loop_test(all, the_small_picture_tells_nothing, 0, 6);
    tcase_add_loop_test(all, nothing_stays_between, 0, 2);
    tcase_add_test(all, blanks_what_is_behind);
    tcase_add_test(all, needs_a_whole_jpeg);
    return suite;
}
