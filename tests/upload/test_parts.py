"""Large objects go in parts: each failure on the way, what is left behind, and what is resumed."""

import pytest
from support.courier import KEY, NAMES, Courier, settings_for


def test_large_objects_go_in_parts(regions, courier, big_file):
    regions.assert_good(courier.send(KEY, big_file), big_file)
    assert [regions.first.count(name) for name in (
        "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "PutObject")] == [1, 3, 1, 0]


@pytest.mark.parametrize("name", ["503", "reset_in_body", "error_in_200", "SlowDown"])
@pytest.mark.parametrize("operation", ["CreateMultipartUpload", "UploadPart",
                                       "CompleteMultipartUpload"])
def test_a_failure_on_the_way_of_the_parts(regions, courier, big_file, operation, name):
    regions.first.play(name, operation=operation)
    outcome = courier.send(KEY, big_file)
    regions.assert_good(outcome, big_file)
    assert regions.first.count("UploadPart") == (4 if operation == "UploadPart" else 3)


@pytest.mark.parametrize("operation", ["UploadPart", "CompleteMultipartUpload"])
def test_parts_that_are_gone_are_sent_anew(regions, courier, big_file, operation):
    regions.first.play("NoSuchUpload", operation=operation)
    outcome = courier.send(KEY, big_file)
    assert outcome["status"] == "WILDCAM_OK" and regions.objects() == [NAMES[0]]
    assert regions.first.count("CreateMultipartUpload") == 2


@pytest.mark.parametrize("name", ["swallow_stored", "reset_stored"])
def test_the_answer_to_joining_parts_is_lost(regions, courier, big_file, name):
    regions.first.play(name, operation="CompleteMultipartUpload")
    regions.assert_good(courier.send(KEY, big_file), big_file)
    assert regions.first.count("CreateMultipartUpload") == 1
    assert regions.first.count("UploadPart") == 3


def test_parts_go_to_the_next_region_and_leave_nothing_unsaid(regions, courier, big_file):
    """They are dropped where they were, unless that region is too ill even for that."""
    regions.first.play("503", times=None, operation="UploadPart")
    outcome = courier.send(KEY, big_file)
    assert outcome["status"] == "WILDCAM_OK" and outcome["region"] == NAMES[1], outcome
    assert regions.objects() == [NAMES[1]]
    assert regions[NAMES[1]].stored()[KEY].size == big_file.stat().st_size
    assert outcome["leftovers"] == len(regions.first.objects.uploads)


def test_parts_are_resumed(regions, make_file):
    """What has arrived is not sent again by the next process."""
    file = make_file(40 << 20)
    regions.first.play("slow_answer", times=2, operation="UploadPart", delay=0)
    regions.first.play("hang", times=None, operation="UploadPart")
    courier = Courier(settings_for(regions))
    courier.order("send", KEY, file)
    regions.first.wait_for(lambda: any(len(upload.parts) == 2 for upload in
                                       regions.first.objects.uploads.values()))
    courier.process.kill()
    courier.process.wait()
    regions.first.play_well()
    (upload,) = regions.first.objects.uploads
    there = set(regions.first.objects.uploads[upload].parts)
    sent_before = regions.first.count("UploadPart")
    with Courier(settings_for(regions)) as again:
        regions.assert_good(again.send(KEY, file, 0, 0, NAMES[0], upload), file)
    assert regions.first.count("CreateMultipartUpload") == 1
    again = regions.first.of("UploadPart")[sent_before:]
    assert {int(each.query["partNumber"]) for each in again} == set(range(1, 6)) - there
