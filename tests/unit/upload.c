/* What is owed to S3 as plain data, and the keys of objects. */
#include "model/upload.h"

#include "unit.h"

static const char *key_of(const char *device_id, int64_t time, enum wci_upload_kind kind)
{
    static char key[WCI_UPLOAD_KEY];
    unsigned char sha256[WCI_DIGEST_BYTES];
    wildcam_image image;
    wci_image_init(&image);
    for (int i = 0; i < WCI_DIGEST_BYTES; i++)
        sha256[i] = (unsigned char)(i * 8 + 1);
    wci_image_set_digest(&image, sha256);
    image.time = time;
    assert_done(wci_text_set(&image.device_id, device_id, strlen(device_id)));
    wci_upload_key(&image, kind, key);
    wci_image_release(&image);
    return key;
}

static int64_t at(int year, int month, int day)
{
    return wci_calendar_days(year, month, day) * WCI_DAY;
}

START_TEST(names_day_camera_and_content)
{
    ck_assert_str_eq(key_of("CAM:01._-", at(2026, 11, 26), WCI_UPLOAD_PICTURE),
                     "images/2026/11/26/CAM:01._-/01091119212931394149515961697179.jpg");
    ck_assert_str_eq(key_of("gate", at(2026, 1, 2) - 1, WCI_UPLOAD_THUMBNAIL),
                     "thumbnails/2026/01/01/gate/01091119212931394149515961697179.jpg");
    ck_assert_str_eq(key_of("gate", 0, WCI_UPLOAD_PICTURE),
                     "images/1970/01/01/gate/01091119212931394149515961697179.jpg");
}
END_TEST

START_TEST(has_room_for_the_longest_name)
{
    char longest[51] = "", *fill = longest;
    while (fill < longest + sizeof longest - 1)
        *fill++ = 'x';
    const char *key = key_of(longest, at(2106, 2, 7), WCI_UPLOAD_THUMBNAIL);
    ck_assert_uint_eq(strlen(key), strlen("thumbnails/2106/02/07//.jpg") + 50 + 32);
    ck_assert_uint_lt(strlen(key), WCI_UPLOAD_KEY);
    ck_assert_str_eq(key + strlen(key) - 4, ".jpg");
}
END_TEST

START_TEST(knows_nothing_at_first)
{
    wildcam_upload upload;
    wci_upload_init(&upload);
    ck_assert_int_eq(upload.state, WCI_UPLOAD_DUE);
    ck_assert_int_eq(upload.since, WILDCAM_TIME_NONE);
    ck_assert_int_eq(upload.uploaded_at, WILDCAM_TIME_NONE);
    ck_assert_int_eq(upload.released_at, WILDCAM_TIME_NONE);
    ck_assert_int_eq(upload.bytes, -1);
    ck_assert_int_eq(upload.lease, 0);
    ck_assert_str_eq(wci_text_get(&upload.last_error), "");
    wci_upload_release(&upload);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("upload");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, names_day_camera_and_content);
    tcase_add_test(all, has_room_for_the_longest_name);
    tcase_add_test(all, knows_nothing_at_first);
    return suite;
}
