/* Copies of what is uploaded: those too many there are deleted, those here make room. */
#include <unistd.h>

#include "base/calendar.h"
#include "upload/drain.h"
#include "uploader_scene.h"

/* ---- what lies where it should not ---- */

static const char *doubts_of(int64_t id)
{
    static char text[256];
    wildcam_upload *row = row_of(id, WILDCAM_UPLOAD_PICTURE);
    snprintf(text, sizeof text, "%s", wci_text_get(&row->doubts));
    wildcam_upload_free(row);
    return text;
}

static int64_t keep_in_doubt(enum fake_fate fate)
{
    wildcam_station_close(station);
    station = open_with("s3.access_key", "AKIDEXAMPLE", "s3.secret_key", "secret", "s3.thumbnails",
                        "off", "s3.failback", "0", NULL);
    int64_t id = keep(1);
    fake.fate = fate;
    fake.states[0] = WCI_REGION_DOWN;
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 1);
    fake.fate = FAKE_TAKES;
    return id;
}

START_TEST(a_second_copy_is_deleted)
{
    int64_t id = keep_in_doubt(FAKE_DOUBTS);
    ck_assert_str_eq(doubts_of(id), "us-west-2");
    ck_assert_uint_eq(fake.counts[0], 1);
    assert_ok(pass(0)); /* the region is down: it is asked, and not believed yet */
    ck_assert_str_eq(doubts_of(id), "us-west-2");
    ck_assert_int_eq(fake.deletes, 0);
    fake.states[0] = WCI_REGION_OK;
    assert_ok(pass(0));
    ck_assert_str_eq(doubts_of(id), "");
    ck_assert_int_eq(fake.deletes, 1);
    ck_assert_uint_eq(fake.counts[0], 0);
    ck_assert_uint_eq(fake.counts[1], 1);
}
END_TEST

START_TEST(a_doubt_that_was_none)
{
    int64_t id = keep_in_doubt(FAKE_DOUBTS);
    fake.counts[0] = 0;
    fake.states[0] = WCI_REGION_OK;
    assert_ok(pass(0));
    ck_assert_str_eq(doubts_of(id), "");
    ck_assert_int_eq(fake.deletes, 0);
}
END_TEST

START_TEST(the_copy_that_is_left_is_the_one)
{
    int64_t id = keep_in_doubt(FAKE_DOUBTS);
    fake.counts[1] = 0; /* where the row says, there is nothing */
    fake.states[0] = WCI_REGION_OK;
    expect_log("is uploaded again: it is not there any more in wildcam-us-east-1");
    assert_ok(pass(0));
    ck_assert_int_eq(fake.deletes, 0);
    size_t sent = fake.send_count;
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 1);
    ck_assert_uint_eq(fake.send_count, sent + 1);
    wildcam_upload *row = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_str_eq(wildcam_upload_get_region(row), "us-west-2");
    ck_assert_str_eq(wci_text_get(&row->doubts), "");
    wildcam_upload_free(row);
    ck_assert_uint_eq(fake.counts[0], 1);
    ck_assert_uint_eq(fake.counts[1], 0);
}
END_TEST

START_TEST(something_else_under_the_key_is_left_alone)
{
    int64_t id = keep_in_doubt(FAKE_DOUBTS);
    char key[WCI_UPLOAD_KEY];
    snprintf(key, sizeof key, "%s", fake.objects[0][0].key);
    fake_put(0, key, "of somebody else", 5);
    fake.states[0] = WCI_REGION_OK;
    assert_ok(pass(0));
    ck_assert_str_eq(doubts_of(id), "");
    ck_assert_int_eq(fake.deletes, 0);
    ck_assert_uint_eq(fake.counts[0], 1);
}
END_TEST

/* Two names of one bucket, which no setting shows: what looked like a second copy was the only one.
 */
START_TEST(the_only_copy_is_made_good)
{
    fake.is_one_bucket = true;
    int64_t id = keep_in_doubt(FAKE_DOUBTS);
    fake.states[0] = WCI_REGION_OK;
    expect_log("us-west-2 and us-east-1 lead to one bucket");
    expect_log("is uploaded again: it is not there any more");
    assert_ok(pass(0));
    ck_assert_int_eq(fake.deletes, 1);
    ck_assert_int_eq(owed(), 1);
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 1);
    ck_assert_uint_eq(fake.counts[0], 1);
    ck_assert_str_eq(doubts_of(id), "");
    assert_ok(pass(0));
    ck_assert_int_eq(fake.deletes, 1);
    ck_assert_uint_eq(fake.counts[0], 1);
}
END_TEST

/* It was deleted, and the process died before it could see that it was the only one. */
START_TEST(the_only_copy_that_was_deleted_before)
{
    fake.is_one_bucket = true;
    int64_t id = keep_in_doubt(FAKE_DOUBTS);
    fake.counts[0] = 0;
    fake.states[0] = WCI_REGION_OK;
    expect_log("is uploaded again: it is not there any more");
    assert_ok(pass(0));
    assert_ok(pass(0));
    ck_assert_uint_eq(fake.counts[0], 1);
    ck_assert_str_eq(doubts_of(id), "");
}
END_TEST

static void release_all(int64_t *released)
{
    assert_ok(wildcam_conf_set(station->conf, "release.min_free_bytes", "1125899906842624"));
    assert_ok(wildcam_station_release(station, LONG, released, NULL));
}

START_TEST(what_is_in_doubt_is_not_released)
{
    int64_t released;
    keep_in_doubt(FAKE_DOUBTS);
    release_all(&released);
    ck_assert_int_eq(released, 0);
    fake.states[0] = WCI_REGION_OK;
    assert_ok(pass(0));
    assert_ok(wildcam_station_release(station, LONG, &released, NULL));
    ck_assert_int_eq(released, 1);
}
END_TEST

/* A doubt came up when the file was gone already: then nothing is deleted any more. */
START_TEST(what_is_released_loses_no_copy)
{
    int64_t released, id = keep_in_doubt(FAKE_TAKES);
    release_all(&released);
    ck_assert_int_eq(released, 1);
    wildcam_upload *row = row_of(id, WILDCAM_UPLOAD_PICTURE), *rows[] = {row};
    struct wci_upload_work work = {.step = WCI_UPLOADS_NOTE_DOUBTS, .rows = rows, .count = 1};
    fake_put(1, wci_text_get(&row->key), fake.objects[0][0].sha256, row->bytes);
    ck_assert_int_eq(wci_text_set(&row->doubts, "us-east-1", 9), WILDCAM_OK);
    ck_assert_int_eq(wci_store_step_uploads(&station->store, &work), WILDCAM_OK);
    wildcam_upload_free(row);
    fake.states[0] = WCI_REGION_OK;
    assert_ok(pass(0));
    ck_assert_int_eq(fake.deletes, 0);
    ck_assert_uint_eq(fake.counts[1], 1);
    ck_assert_str_eq(doubts_of(id), "");
}
END_TEST

/* Where the row says there is something else by now: that does not go away by itself. */
START_TEST(something_else_where_it_belongs)
{
    int64_t id = keep_in_doubt(FAKE_DOUBTS);
    char key[WCI_UPLOAD_KEY];
    snprintf(key, sizeof key, "%s", fake.objects[1][0].key);
    fake_put(1, key, "of somebody else", fake.objects[1][0].bytes);
    fake.states[0] = WCI_REGION_OK;
    expect_log("is uploaded again: what is there is something else");
    assert_ok(pass(0));
    ck_assert_int_eq(fake.deletes, 0);
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 1);
    ck_assert_str_eq(doubts_of(id), "");
    ck_assert_uint_eq(fake.counts[0], 1);
}
END_TEST

START_TEST(parts_that_were_left_are_dropped)
{
    int64_t id = keep_in_doubt(FAKE_LEAVES);
    ck_assert_str_eq(doubts_of(id), "us-west-2#left-1");
    fake.states[0] = WCI_REGION_OK;
    fake.errands[0] = WCI_OUTCOME_TRANSIENT;
    assert_ok(pass(0));
    ck_assert_int_eq(fake.drops, 1);
    ck_assert_str_eq(doubts_of(id), "us-west-2#left-1");
    fake.errands[0] = WCI_OUTCOME_NO_PARTS;
    assert_ok(pass(0));
    ck_assert_int_eq(fake.drops, 2);
    ck_assert_str_eq(doubts_of(id), "");
}
END_TEST

START_TEST(a_refusal_is_said_once_and_taken)
{
    int64_t id = keep_in_doubt(FAKE_LEAVES);
    fake.states[0] = WCI_REGION_MISCONFIGURED;
    fake.errands[0] = WCI_OUTCOME_REFUSED;
    expect_log("us-west-2 does not let us look after what may be left there");
    assert_ok(pass(0));
    ck_assert_str_eq(doubts_of(id), "");
}
END_TEST

START_TEST(doubts_are_settled_in_the_background_too)
{
    int64_t id = keep_in_doubt(FAKE_DOUBTS);
    fake.states[0] = WCI_REGION_OK;
    assert_ok(wildcam_station_start(station));
    wait_until(!*doubts_of(id));
    ck_assert_uint_eq(fake.counts[0], 0);
}
END_TEST

/* ---- releasing ---- */

static int64_t keep_releasable(void)
{
    wildcam_station_close(station);
    station = open_with("s3.access_key", "AKIDEXAMPLE", "s3.secret_key", "secret", "s3.thumbnails",
                        "off", "release.min_free_bytes", "1125899906842624", NULL);
    int64_t id = keep(1);
    keep(2);
    return id;
}

START_TEST(what_is_safe_makes_room)
{
    int64_t released, bytes, id = keep_releasable();
    void *data;
    size_t size;
    assert_ok(wildcam_station_release(station, LONG, &released, &bytes));
    ck_assert_int_eq(released, 0);
    assert_ok(pass(0));
    assert_ok(wildcam_station_release(station, LONG, &released, &bytes));
    ck_assert_int_eq(released, 2);
    ck_assert_int_eq(fake.heads, 2);
    ck_assert_int_eq(bytes, fake.objects[0][0].bytes + fake.objects[0][1].bytes);
    ck_assert_int_eq(files_in("images"), 0);
    assert_status(WILDCAM_ERR_RELEASED, wildcam_station_read_picture(station, id, 0, &data, &size));
    assert_ok(wildcam_station_get_thumbnail(station, id, &data, &size));
    wildcam_free(data);
    wildcam_upload *row = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_int_ge(wildcam_upload_get_released_at(row), wildcam_upload_get_uploaded_at(row));
    wildcam_upload_free(row);
    assert_ok(wildcam_station_release(station, LONG, &released, NULL));
    ck_assert_int_eq(released, 0);
    ck_assert_int_eq(fake.heads, 2);
}
END_TEST

START_TEST(what_is_not_safe_stays)
{
    int64_t released, id = keep_releasable();
    char lost[WCI_UPLOAD_KEY], other[WCI_UPLOAD_KEY];
    assert_ok(pass(0));
    snprintf(lost, sizeof lost, "%s", fake.objects[0][0].key);
    snprintf(other, sizeof other, "%s", fake.objects[0][1].key);
    fake.errands[0] = WCI_OUTCOME_TRANSIENT;
    assert_ok(wildcam_station_release(station, LONG, &released, NULL));
    ck_assert_int_eq(released, 0);
    ck_assert_int_eq(owed(), 0);
    fake.errands[0] = WCI_OUTCOME_OK;
    fake_remove(0, lost);
    fake_put(0, other, "something else", fake_find(0, other)->bytes);
    expect_log("is uploaded again: it is not there any more");
    expect_log("is uploaded again: what is there is something else");
    assert_ok(wildcam_station_release(station, LONG, &released, NULL));
    ck_assert_int_eq(released, 0);
    ck_assert_int_eq(files_in("images"), 2);
    ck_assert_int_eq(owed(), 2);
    ck_assert_int_eq(state_of(id, WILDCAM_UPLOAD_PICTURE), WILDCAM_UPLOAD_DUE);
    fake.opens = INT64_MAX;
    assert_fails(WILDCAM_ERR_UPLOAD, "All regions failed",
                 wildcam_station_release(station, LONG, &released, NULL));
}
END_TEST

START_TEST(pictures_are_kept_for_some_days)
{
    int64_t released;
    reopen_with("release.keep_days", "1");
    keep(1);
    assert_ok(pass(0));
    assert_ok(wildcam_station_release(station, LONG, &released, NULL));
    ck_assert_int_eq(released, 0);
    ck_assert_int_eq(fake.heads, 0);
    reopen_with("release.keep_days", "0.000001");
    usleep(200000);
    assert_ok(wildcam_station_start(station));
    wait_until(files_in("images") == 0);
}
END_TEST

/* It was uploaded while the clock was years ahead, and now the disk is full. */
START_TEST(what_was_uploaded_in_the_future_makes_room)
{
    int64_t released, id = keep_releasable();
    assert_ok(pass(0));
    wildcam_upload *row = row_of(id, WILDCAM_UPLOAD_PICTURE), *rows[] = {row};
    int64_t now = wci_calendar_now();
    struct wci_upload_work work = {WCI_UPLOADS_OWE_AGAIN, rows, 1, now, 0, 0};
    ck_assert_int_eq(wci_store_step_uploads(&station->store, &work), WILDCAM_OK);
    work = (struct wci_upload_work){WCI_UPLOADS_CLAIM, rows, 1, now, 99, now + WCI_LEASE};
    ck_assert_int_eq(wci_store_step_uploads(&station->store, &work), WILDCAM_OK);
    row->state = WCI_UPLOAD_DONE;
    row->uploaded_at = now + 3650 * WCI_DAY;
    work.step = WCI_UPLOADS_SETTLE;
    ck_assert_int_eq(wci_store_step_uploads(&station->store, &work), WILDCAM_OK);
    ck_assert(!row->is_missed);
    wildcam_upload_free(row);
    assert_ok(wildcam_station_release(station, LONG, &released, NULL));
    ck_assert_int_eq(released, 2);
}
END_TEST

START_TEST(nothing_is_released_by_itself)
{
    int64_t released = 7, bytes = 7;
    keep(1);
    assert_ok(pass(0));
    assert_ok(wildcam_station_release(station, LONG, &released, &bytes));
    ck_assert_int_eq(released + bytes, 0);
    ck_assert_int_eq(files_in("images"), 1);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("uploader_copies");
    TCase *doubts = harness_case(suite, "doubts");
    tcase_add_checked_fixture(doubts, begin_uploading, end_uploading);
    tcase_add_test(doubts, a_second_copy_is_deleted);
    tcase_add_test(doubts, a_doubt_that_was_none);
    tcase_add_test(doubts, the_copy_that_is_left_is_the_one);
    tcase_add_test(doubts, something_else_under_the_key_is_left_alone);
    tcase_add_test(doubts, the_only_copy_is_made_good);
    tcase_add_test(doubts, the_only_copy_that_was_deleted_before);
    tcase_add_test(doubts, what_is_in_doubt_is_not_released);
    tcase_add_test(doubts, what_is_released_loses_no_copy);
    tcase_add_test(doubts, something_else_where_it_belongs);
    tcase_add_test(doubts, parts_that_were_left_are_dropped);
    tcase_add_test(doubts, a_refusal_is_said_once_and_taken);
    tcase_add_test(doubts, doubts_are_settled_in_the_background_too);
    TCase *releasing = harness_case(suite, "releasing");
    tcase_add_checked_fixture(releasing, begin_uploading, end_uploading);
    tcase_add_test(releasing, what_is_safe_makes_room);
    tcase_add_test(releasing, what_is_not_safe_stays);
    tcase_add_test(releasing, pictures_are_kept_for_some_days);
    tcase_add_test(releasing, what_was_uploaded_in_the_future_makes_room);
    tcase_add_test(releasing, nothing_is_released_by_itself);
    return suite;
}
