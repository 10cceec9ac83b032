/* The real files: cameras' pictures come out as an independent reader (ExifTool) says, broken ones
 * are kept or refused with a sentence, and nothing crashes or hangs. */
#include <math.h>
#include <sys/stat.h>
#include <turbojpeg.h>

#include "base/calendar.h"
#include "base/file.h"
#include "image/probe.h"
#include "image/strip.h"
#include "image/thumbnail.h"
#include "skeleton.h"
#include "unit.h"

static const struct {
    const char *path;
    int width, height, orientation;
    const char *time; /* NULL: none */
    int source;
} pictures[] = {
    {"cameratrap-jpegs/african_elephants.jpg", 2048, 1536, 1, "2010-08-04T08:43:15",
     WILDCAM_TIME_SOURCE_EXIF},
    {"cameratrap-jpegs/african_elephants_bw.jpg", 2048, 1536, 1, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"cameratrap-jpegs/african_elephants_cmyk.jpg", 2048, 1536, 1, NULL,
     WILDCAM_TIME_SOURCE_UNKNOWN},
    {"cameratrap-jpegs/african_elephants_with_exif_orientation.jpg", 2048, 1536, 6,
     "2010-08-04T08:43:15", WILDCAM_TIME_SOURCE_EXIF},
    {"cameratrap-jpegs/american_black_bear.jpg", 2048, 1536, 1, "2010-11-06T04:04:00",
     WILDCAM_TIME_SOURCE_MAKERNOTE},
    {"cameratrap-jpegs/blank.jpg", 2048, 1536, 1, "2016-09-25T18:35:10", WILDCAM_TIME_SOURCE_EXIF},
    {"cameratrap-jpegs/blank2.jpg", 3264, 2448, 1, "2016-07-31T15:16:34", WILDCAM_TIME_SOURCE_EXIF},
    {"cameratrap-jpegs/blank3.jpg", 3264, 2448, 1, "2016-05-03T19:14:10", WILDCAM_TIME_SOURCE_EXIF},
    {"cameratrap-jpegs/domestic_cattle.jpg", 2048, 1536, 1, "2014-09-26T14:21:04",
     WILDCAM_TIME_SOURCE_EXIF},
    {"cameratrap-jpegs/domestic_dog.jpg", 2048, 1536, 1, "2017-07-13T12:09:23",
     WILDCAM_TIME_SOURCE_EXIF},
    {"cameratrap-jpegs/human.jpg", 3072, 1728, 1, "2024-01-21T15:19:15", WILDCAM_TIME_SOURCE_EXIF},
    {"cameratrap-jpegs/megadetector-repo/channel-islands-thumb.jpg", 675, 506, 1,
     "2014-11-23T20:26:22", WILDCAM_TIME_SOURCE_EXIF},
    {"cameratrap-jpegs/megadetector-repo/idaho-camera-traps.jpg", 800, 450, 1,
     "2016-01-28T15:14:45", WILDCAM_TIME_SOURCE_EXIF},
    {"cameratrap-jpegs/megadetector-repo/nacti.jpg", 600, 450, 1, "2016-02-20T08:13:15",
     WILDCAM_TIME_SOURCE_EXIF},
    {"cameratrap-jpegs/megadetector-repo/orinoquia-thumb-web.jpg", 800, 600, 1,
     "2020-03-28T21:47:42", WILDCAM_TIME_SOURCE_EXIF},
    {"cameratrap-jpegs/megadetector-repo/sage-grouse-raw.jpg", 1920, 1080, 1, "2023-06-20T13:09:04",
     WILDCAM_TIME_SOURCE_EXIF},
    {"cameratrap-jpegs/ocelot.jpg", 1046, 802, 1, "2006-02-10T17:06:43", WILDCAM_TIME_SOURCE_EXIF},
    {"cameratrap-jpegs/vehicle.jpg", 2048, 1536, 1, "2015-11-30T15:55:56",
     WILDCAM_TIME_SOURCE_EXIF},
    {"camtrapdp/example-1.0.2/media/20210531082538-RCNX0031.JPG", 2048, 1440, 1,
     "2021-04-11T20:43:09", WILDCAM_TIME_SOURCE_EXIF},
    {"camtrapdp/example-1.0.2/media/20210531082538-RCNX0032.JPG", 2048, 1440, 1,
     "2021-04-11T20:43:10", WILDCAM_TIME_SOURCE_EXIF},
    {"camtrapdp/example-1.0.2/media/20210531082539-RCNX0033.JPG", 2048, 1440, 1,
     "2021-04-11T20:43:10", WILDCAM_TIME_SOURCE_EXIF},
    {"camtrapdp/example-1.0.2/media/20210531082539-RCNX0034.JPG", 2048, 1440, 1,
     "2021-04-11T20:43:11", WILDCAM_TIME_SOURCE_EXIF},
    {"camtrapdp/example-1.0.2/media/20210531082539-RCNX0035.JPG", 2048, 1440, 1,
     "2021-04-11T20:43:12", WILDCAM_TIME_SOURCE_EXIF},
    {"camtrapdp/example-1.0.2/media/20210531082540-RCNX0036.JPG", 2048, 1440, 1,
     "2021-04-11T20:43:12", WILDCAM_TIME_SOURCE_EXIF},
    {"camtrapdp/example-1.0.2/media/20210531082540-RCNX0037.JPG", 2048, 1440, 1,
     "2021-04-11T20:43:13", WILDCAM_TIME_SOURCE_EXIF},
    {"camtrapdp/example-1.0.2/media/20210531082540-RCNX0038.JPG", 2048, 1440, 1,
     "2021-04-11T20:43:13", WILDCAM_TIME_SOURCE_EXIF},
    {"camtrapdp/example-1.0.2/media/20210531082540-RCNX0039.JPG", 2048, 1440, 1,
     "2021-04-11T20:43:14", WILDCAM_TIME_SOURCE_EXIF},
    {"camtrapdp/example-1.0.2/media/20210531082541-RCNX0040.JPG", 2048, 1440, 1,
     "2021-04-11T20:43:15", WILDCAM_TIME_SOURCE_EXIF},
    {"exif/exif-org/canon-ixus.jpg", 640, 480, 1, "2001-06-09T15:17:32", WILDCAM_TIME_SOURCE_EXIF},
    {"exif/exif-org/fujifilm-dx10.jpg", 1024, 768, 1, "2001-04-12T20:33:14",
     WILDCAM_TIME_SOURCE_EXIF},
    {"exif/exif-org/fujifilm-finepix40i.jpg", 600, 450, 1, "2000-08-04T18:22:57",
     WILDCAM_TIME_SOURCE_EXIF},
    {"exif/exif-org/fujifilm-mx1700.jpg", 640, 480, 1, "2000-09-02T14:30:10",
     WILDCAM_TIME_SOURCE_EXIF},
    {"exif/exif-org/kodak-dc210.jpg", 640, 480, 1, "2000-10-26T16:46:51", WILDCAM_TIME_SOURCE_EXIF},
    {"exif/exif-org/kodak-dc240.jpg", 640, 480, 1, "1999-05-25T21:00:09", WILDCAM_TIME_SOURCE_EXIF},
    {"exif/exif-org/nikon-e950.jpg", 800, 600, 1, "2001-04-06T11:51:40", WILDCAM_TIME_SOURCE_EXIF},
    {"exif/exif-org/olympus-c960.jpg", 640, 480, 1, "2000-11-07T10:41:43",
     WILDCAM_TIME_SOURCE_EXIF},
    {"exif/exif-org/olympus-d320l.jpg", 640, 480, 1, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/exif-org/ricoh-rdc5300.jpg", 896, 600, 1, "2000-05-31T21:50:40",
     WILDCAM_TIME_SOURCE_EXIF},
    {"exif/exif-org/sanyo-vpcg250.jpg", 640, 480, 1, "1998-01-01T00:00:00",
     WILDCAM_TIME_SOURCE_EXIF},
    {"exif/exif-org/sanyo-vpcsx550.jpg", 640, 480, 1, "2000-11-18T21:14:19",
     WILDCAM_TIME_SOURCE_EXIF},
    {"exif/exif-org/sony-cybershot.jpg", 640, 480, 1, "2000-09-30T10:59:45",
     WILDCAM_TIME_SOURCE_EXIF},
    {"exif/exif-org/sony-d700.jpg", 672, 512, 1, "1998-12-01T14:22:36", WILDCAM_TIME_SOURCE_EXIF},
    {"exif/exif-org/sony-powershota5.jpg", 1024, 768, 1, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/gps/DSCN0010.jpg", 640, 480, 1, "2008-10-22T16:28:39", WILDCAM_TIME_SOURCE_EXIF},
    {"exif/gps/DSCN0012.jpg", 640, 480, 1, "2008-10-22T16:29:49", WILDCAM_TIME_SOURCE_EXIF},
    {"exif/gps/DSCN0021.jpg", 640, 480, 1, "2008-10-22T16:38:20", WILDCAM_TIME_SOURCE_EXIF},
    {"exif/gps/DSCN0025.jpg", 640, 480, 1, "2008-10-22T16:43:21", WILDCAM_TIME_SOURCE_EXIF},
    {"exif/gps/DSCN0042.jpg", 640, 480, 1, "2008-10-22T17:00:07", WILDCAM_TIME_SOURCE_EXIF},
    {"exif/orientation/landscape_1.jpg", 600, 450, 1, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/orientation/landscape_2.jpg", 600, 450, 2, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/orientation/landscape_3.jpg", 600, 450, 3, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/orientation/landscape_4.jpg", 600, 450, 4, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/orientation/landscape_5.jpg", 600, 450, 5, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/orientation/landscape_6.jpg", 600, 450, 6, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/orientation/landscape_7.jpg", 600, 450, 7, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/orientation/landscape_8.jpg", 600, 450, 8, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/orientation/portrait_1.jpg", 450, 600, 1, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/orientation/portrait_2.jpg", 450, 600, 2, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/orientation/portrait_3.jpg", 450, 600, 3, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/orientation/portrait_4.jpg", 450, 600, 4, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/orientation/portrait_5.jpg", 450, 600, 5, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/orientation/portrait_6.jpg", 450, 600, 6, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/orientation/portrait_7.jpg", 450, 600, 7, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/orientation/portrait_8.jpg", 450, 600, 8, NULL, WILDCAM_TIME_SOURCE_UNKNOWN},
    {"exif/xmp/BlueSquare.jpg", 360, 216, 1, "2005-09-07T15:09:51", WILDCAM_TIME_SOURCE_EXIF},
    {"exif/xmp/no_exif.jpg", 322, 466, 1, "2014-09-22T10:56:35", WILDCAM_TIME_SOURCE_EXIF},
};

enum { PICTURES = sizeof pictures / sizeof pictures[0] };

struct file {
    const char *path;
    char *data;
    size_t size;
};

static struct file load(const char *path)
{
    struct file file = {path, NULL, 0};
    assert_done(wci_file_load(path, 64 << 20, &file.data, &file.size));
    /* without the NUL, so that reading past the end is seen */
    file.data = realloc(file.data, file.size ? file.size : 1);
    ck_assert_ptr_nonnull(file.data);
    return file;
}

static struct file load_picture(const char *name)
{
    char path[WCI_PATH];
    assert_done(wci_path(path, "%s/%s", real_data(), name));
    return load(path);
}

static wildcam_image probe(const struct file *file)
{
    wildcam_image image;
    wci_image_init(&image);
    assert_done(wci_probe(file->data, file->size, &usual_limits, &image));
    return image;
}

/* In pieces as a network brings them; the facts must be those of the whole. */
static wildcam_status walk_in_pieces(const struct file *file, size_t piece)
{
    struct wci_jpeg_walk walk;
    wildcam_status status = WILDCAM_OK;
    wci_jpeg_walk_begin(&walk, &usual_limits);
    for (size_t at = 0; at < file->size && status == WILDCAM_OK; at += piece)
        status = wci_jpeg_walk_add(&walk, file->data + at,
                                   file->size - at < piece ? file->size - at : piece);
    if (status == WILDCAM_OK)
        status = wci_jpeg_walk_end(&walk);
    wci_jpeg_walk_free(&walk);
    return status;
}

static void check_thumbnail(const struct file *file, const wildcam_image *facts)
{
    wildcam_image small;
    void *out;
    size_t size;
    assert_done(
        wci_thumbnail_make(file->data, file->size, &usual_limits, NULL, 320, 240, &out, &size));
    wci_image_init(&small);
    assert_done(wci_probe(out, size, &usual_limits, &small));
    ck_assert_int_le(small.width, 320);
    ck_assert_int_le(small.height, 240);
    ck_assert_double_eq_tol((double)small.width / small.height,
                            (double)facts->width / facts->height, 0.02);
    ck_assert(small.orientation == 1 && small.time == WILDCAM_TIME_NONE);
    free(out);
}

START_TEST(comes_out_as_it_is)
{
    struct file file = load_picture(pictures[_i].path);
    wildcam_image image = probe(&file);
    ck_assert_int_eq(image.width, pictures[_i].width);
    ck_assert_int_eq(image.height, pictures[_i].height);
    ck_assert_int_eq(image.orientation, pictures[_i].orientation);
    ck_assert_int_eq(image.bytes, (int64_t)file.size);
    ck_assert_int_eq(image.time_source, pictures[_i].source);
    if (pictures[_i].time) {
        int64_t time;
        int32_t offset;
        int is_date;
        ck_assert(wci_calendar_parse(pictures[_i].time, &time, &offset, &is_date));
        ck_assert_int_eq(image.time, time);
    } else {
        ck_assert_int_eq(image.time, WILDCAM_TIME_NONE);
    }
    ck_assert_int_eq(image.offset, WILDCAM_OFFSET_UNKNOWN);
    ck_assert_int_eq(walk_in_pieces(&file, 1461), WILDCAM_OK);
    check_thumbnail(&file, &image);
    free(file.data);
}
END_TEST

static const struct {
    const char *path;
    double latitude, longitude;
} places[] = {
    {"exif/gps/DSCN0010.jpg", 43.4674483333333, 11.8851266666639},
    {"exif/gps/DSCN0012.jpg", 43.4671566666639, 11.8853949999972},
    {"exif/gps/DSCN0021.jpg", 43.4670816666639, 11.8845383333306},
    {"exif/gps/DSCN0025.jpg", 43.468365, 11.8816349999722},
    {"exif/gps/DSCN0042.jpg", 43.464455, 11.8814783333333},
    {"cameratrap-jpegs/megadetector-repo/sage-grouse-raw.jpg", 42.9463888888889, -116.523055555556},
};

START_TEST(has_a_place_until_it_is_taken_out)
{
    struct file file = load_picture(places[_i].path);
    wildcam_image image = probe(&file);
    ck_assert_double_eq_tol(image.latitude, places[_i].latitude, 1e-9);
    ck_assert_double_eq_tol(image.longitude, places[_i].longitude, 1e-9);
    assert_done(wci_strip((unsigned char *)file.data, file.size, WILDCAM_STRIP_PLACE));
    wildcam_image stripped = probe(&file);
    ck_assert(isnan(stripped.latitude) && isnan(stripped.longitude) && isnan(stripped.altitude));
    ck_assert(stripped.time == image.time && stripped.orientation == image.orientation);
    ck_assert_str_eq(stripped.make, image.make);
    check_thumbnail(&file, &image);
    free(file.data);
}
END_TEST

static const struct {
    const char *path, *serial, *make;
    int64_t event;
    int sequence, sequence_length, celsius, capture;
} notes[] = {
    {"cameratrap-jpegs/american_black_bear.jpg", "P800BD05003063", "", 57, 1, 3, 1,
     WILDCAM_CAPTURE_MOTION},
    {"cameratrap-jpegs/blank.jpg", "H550HH12223408", "RECONYX", 115, 5, 5, 21,
     WILDCAM_CAPTURE_MOTION},
    {"cameratrap-jpegs/vehicle.jpg", "H550HH12223868", "RECONYX", 8, 1, 5, 9,
     WILDCAM_CAPTURE_MOTION},
    {"cameratrap-jpegs/domestic_dog.jpg", "P800HI05233973", "RECONYX", 281, 3, 3, 22,
     WILDCAM_CAPTURE_MOTION},
    {"camtrapdp/example-1.0.2/media/20210531082538-RCNX0031.JPG", "H2RXEM06043616", "RECONYX", 4, 1,
     10, 2, WILDCAM_CAPTURE_MOTION},
    {"camtrapdp/example-1.0.2/media/20210531082541-RCNX0040.JPG", "H2RXEM06043616", "RECONYX", 4,
     10, 10, 2, WILDCAM_CAPTURE_MOTION},
};

START_TEST(has_a_makers_note)
{
    struct file file = load_picture(notes[_i].path);
    wildcam_image image = probe(&file);
    ck_assert_str_eq(image.serial_number, notes[_i].serial);
    ck_assert_str_eq(image.make, notes[_i].make);
    ck_assert_int_eq(image.event_number, notes[_i].event);
    ck_assert_int_eq(image.sequence_number, notes[_i].sequence);
    ck_assert_int_eq(image.sequence_length, notes[_i].sequence_length);
    ck_assert(image.temperature == notes[_i].celsius);
    ck_assert_int_eq(image.capture, notes[_i].capture);
    assert_done(wci_strip((unsigned char *)file.data, file.size, WILDCAM_STRIP_SERIAL));
    ck_assert_str_eq(probe(&file).serial_number, "");
    ck_assert_ptr_null(memmem(file.data, file.size, "RECONYXH2", 9));
    free(file.data);
}
END_TEST

/* It holds an end-of-image marker all the same, in its EXIF thumbnail. */
START_TEST(the_truncated_one_is_refused)
{
    struct file file = load_picture("cameratrap-jpegs/african_elephants_truncated_file.jpg");
    wildcam_image image;
    void *out;
    size_t size;
    ck_assert_ptr_nonnull(memmem(file.data, file.size, "\xff\xd9", 2));
    wci_image_init(&image);
    assert_fails(WILDCAM_ERR_TRUNCATED, "cut off after 600000 bytes",
                 wci_probe(file.data, file.size, &usual_limits, &image));
    assert_status(WILDCAM_ERR_TRUNCATED, walk_in_pieces(&file, 4096));
    assert_status(WILDCAM_ERR_TRUNCATED, wci_thumbnail_make(file.data, file.size, &usual_limits,
                                                            NULL, 320, 240, &out, &size));
    assert_status(WILDCAM_ERR_TRUNCATED,
                  wci_strip((unsigned char *)file.data, file.size, WILDCAM_STRIP_PLACE));
    free(file.data);
}
END_TEST

struct tally {
    int files, refused, shown, not_shown;
};

/* Whether a bare decoder is content with the whole of it. */
static bool decodes_cleanly(const struct file *file)
{
    int width = 0, height = 0, sampling = 0, colours = 0; /* stay so for a file of tables alone */
    const unsigned char *data = (const unsigned char *)file->data;
    tjhandle handle = tjInitDecompress();
    bool clean = tjDecompressHeader3(handle, data, file->size, &width, &height, &sampling,
                                     &colours) == 0 &&
                 width > 0 && height > 0 && (int64_t)width * height < 30000000;
    if (clean) {
        int format = colours == TJCS_CMYK || colours == TJCS_YCCK ? TJPF_CMYK : TJPF_RGB;
        unsigned char *pixels = malloc((size_t)width * (size_t)height * 4);
        ck_assert_ptr_nonnull(pixels);
        clean = tjDecompress2(handle, data, file->size, pixels, width, 0, height, format,
                              TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) == 0;
        free(pixels);
    }
    tjDestroy(handle);
    return clean;
}

static void check_refusal(const struct file *file, wildcam_status status)
{
    static const wildcam_status refusals[] = {WILDCAM_ERR_NOTJPEG, WILDCAM_ERR_TRUNCATED,
                                              WILDCAM_ERR_TOOLARGE, WILDCAM_ERR_UNSUPPORTED,
                                              WILDCAM_ERR_CORRUPT};
    bool is_known = false;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        is_known = is_known || status == refusals[i];
    ck_assert_msg(is_known && strlen(wildcam_error_message()) > 10, "%s: %s (%s)", file->path,
                  wildcam_status_name(status), wildcam_error_message());
}

static void take_file(struct tally *tally, const struct file *file)
{
    wildcam_image image;
    void *out;
    size_t size;
    wci_image_init(&image);
    wci_error_clear();
    wildcam_status status = wci_probe(file->data, file->size, &usual_limits, &image);
    tally->files++;
    if (status != WILDCAM_OK)
        check_refusal(file, status);
    ck_assert_msg(walk_in_pieces(file, 7) == status, "%s in pieces", file->path);
    ck_assert_msg(status == WILDCAM_OK || !decodes_cleanly(file), "%s is refused (%s)", file->path,
                  wildcam_error_message());
    if (status != WILDCAM_OK) {
        tally->refused++;
        return;
    }
    ck_assert_msg(image.width >= 1 && image.height >= 1, "%s", file->path);
    status = wci_thumbnail_make(file->data, file->size, &usual_limits, NULL, 320, 240, &out, &size);
    if (status == WILDCAM_OK) {
        tally->shown++;
        assert_done(wci_probe(out, size, &usual_limits, &image));
        free(out);
    } else {
        tally->not_shown++;
        check_refusal(file, status);
        ck_assert_msg(!decodes_cleanly(file), "%s has no thumbnail (%s)", file->path,
                      wildcam_error_message());
    }
}

static bool is_jpeg(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && (wci_words_match(dot, ".jpg") || wci_words_match(dot, ".jpeg"));
}

static wildcam_status take_entry(void *user, const char *path, const char *name, bool is_directory)
{
    char entry[WCI_PATH];
    assert_done(wci_path(entry, "%s/%s", path, name));
    if (is_directory)
        return wci_directory_walk(entry, take_entry, user);
    if (is_jpeg(name)) {
        struct file file = load(entry);
        take_file(user, &file);
        free(file.data);
    }
    return WILDCAM_OK;
}

static struct tally take_all(const char *below)
{
    struct tally tally = {0};
    char path[WCI_PATH];
    assert_done(wci_path(path, "%s/%s", real_data(), below));
    assert_done(wci_directory_walk(path, take_entry, &tally));
    printf("%s: %d files, %d with a thumbnail, %d accepted without, %d refused\n", below,
           tally.files, tally.shown, tally.not_shown, tally.refused);
    return tally;
}

START_TEST(broken_ones_are_kept_or_refused)
{
    struct tally tally = take_all("corrupt-jpegs");
    ck_assert_int_eq(tally.files, 256);
    ck_assert_int_gt(tally.refused, 0);
    ck_assert_int_gt(tally.shown, 0);
}
END_TEST

/* So that a file which is not in the table above is not left out. */
START_TEST(all_others_are_kept)
{
    static const char *const folders[] = {"cameratrap-jpegs", "camtrapdp", "exif"};
    int files = 0, refused = 0;
    for (size_t i = 0; i < 3; i++) {
        struct tally tally = take_all(folders[i]);
        files += tally.files;
        refused += tally.refused + tally.not_shown;
    }
    ck_assert_int_eq(files, PICTURES + 1);
    ck_assert_int_eq(refused, 1);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("real_files");
    TCase *all = harness_case(suite, "all");
    if (!real_data())
        exit(77); /* skipped, for meson */
    tcase_add_loop_test(all, comes_out_as_it_is, 0, PICTURES);
    tcase_add_loop_test(all, has_a_place_until_it_is_taken_out, 0,
                        sizeof places / sizeof places[0]);
    tcase_add_loop_test(all, has_a_makers_note, 0, sizeof notes / sizeof notes[0]);
    tcase_add_test(all, the_truncated_one_is_refused);
    tcase_add_test(all, broken_ones_are_kept_or_refused);
    tcase_add_test(all, all_others_are_kept);
    return suite;
}
