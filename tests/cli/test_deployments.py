"""wildcam deployments."""

import fcntl
import signal

import pytest
from conftest import holds, start, wait_until
from support import make_pictures


@pytest.fixture
def deployed(station):
    station("cameras", "register", "CAM01")
    station("deployments", "add", "--camera", "CAM01", "--from", "2026-03-01", "--to", "2026-04-30",
            "--offset", "+01:00", "--location-name", "Wood", "--latitude", "50.1234567",
            "--longitude=-8.5", "--privacy-radius", "1000", "--bait-use", "no", "--tags", "a|b")
    return station


def test_adds_and_lists(deployed):
    rows = deployed("deployments").rows
    assert rows[0][:2] == ["CAM01-2026-03-01", "CAM01"]
    assert "+01:00" in rows[0] and "Wood" in rows[0]
    answer = deployed.json("deployments", "list", "--camera", "CAM01")
    assert answer["count"] == 1
    one = answer["deployments"][0]
    assert one["utc_offset"] == 3600 and one["latitude"] == 50.1234567
    assert one["bait_use"] is False and one["timestamp_issues"] is None
    assert one["deployment_tags"] == "a|b"
    assert one["end"].startswith("2026-05-01T01:00:00")
    assert deployed.json("deployments", "list", "--from", "2026-05-01")["count"] == 0


@pytest.mark.parametrize("to, count", [
    ("2026-02-28", 0), ("2026-03-01", 1), ("2026-03-01T00:00Z", 0), ("2026-03-01T00:00:01Z", 1)])
def test_a_date_at_the_end_includes_its_day(deployed, to, count):
    assert deployed.json("deployments", "--to", to)["count"] == count


def test_shows_all_of_one(deployed):
    deployed("deployments", "correct", "CAM01-2026-03-01", "2020-01-01T00:00", "2026-03-01T09:30")
    deployed("deployments", "failure", "CAM01-2026-03-01", "2026-03-05", "2026-03-06", "snow")
    shown = dict(deployed("deployments", "show", "CAM01-2026-03-01").rows)
    assert shown["utc_offset"] == "+01:00" and shown["latitude"] == "50.1234567"
    assert (shown["wrong_time"], shown["right_time"], shown["shift"]) == (
        "2020-01-01T00:00:00", "2026-03-01T09:30:00", "+194520600 s")
    assert shown["location_name"] == "Wood" and shown["deployment_tags"] == "a|b"
    assert shown["bait_use"] == "no" and shown["timestamp_issues"] == "-"
    assert shown["failure"] == "2026-03-05T00:00:00+00:00 to 2026-03-07T00:00:00+00:00: snow"


@pytest.mark.parametrize("offset", ["-00:30", "-03:30", "+05:45"])
def test_offsets_have_their_sign(deployed, offset):
    deployed("deployments", "change", "CAM01-2026-03-01", f"--offset={offset}")
    assert offset in deployed("deployments").rows[0]


def test_changes_what_is_given(deployed):
    one = deployed.json("deployments", "change", "CAM01-2026-03-01", "--to", "none",
                        "--id", "wood 1", "--habitat", "beech")
    assert one["deployment_id"] == "wood 1" and one["end"] is None
    assert one["start"].startswith("2026-03-01T01:00:00") and one["location_name"] == "Wood"


def test_corrects_and_takes_back(deployed):
    one = deployed.json("deployments", "correct", "CAM01-2026-03-01", "2020-01-01T00:00",
                        "2026-03-01T09:30")
    assert one["correction"]["shift"] == 194520600
    assert deployed.json("deployments", "correct", "CAM01-2026-03-01", "none")["correction"] is None
    assert "ID WRONG RIGHT" in deployed("deployments", "correct", "x", "2020-01-01", status=2).err


@pytest.mark.parametrize("wrong, right", [
    ("2020-01-01T00:00", "2026-03-01T09:30+01:00"), ("2020-01-01T00:00Z", "2026-03-01T09:30")])
def test_two_clocks_that_cannot_be_compared(deployed, wrong, right):
    """The difference would be an offset from UTC more or less than the clock was wrong by."""
    err = deployed("deployments", "correct", "CAM01-2026-03-01", wrong, right, status=2).err
    assert "both without an offset" in err
    assert deployed.json("deployments", "show", "CAM01-2026-03-01")["correction"] is None


def test_two_times_with_offsets(deployed):
    one = deployed.json("deployments", "correct", "CAM01-2026-03-01", "2026-03-01T09:00Z",
                        "2026-03-01T10:30+01:00")
    assert one["correction"]["shift"] == 1800


def test_failures(deployed):
    one = deployed.json("deployments", "failure", "CAM01-2026-03-01", "2026-03-05", "2026-03-06",
                        "snow on the lens")
    assert one["failures"] == [{"from": "2026-03-05T00:00:00+00:00", "to": "2026-03-07T00:00:00+00:00",
                                "reason": "snow on the lens"}]
    one = deployed.json("deployments", "failure", "CAM01-2026-03-01", "2026-03-05", "none")
    assert one["failures"] == []
    deployed("deployments", "failure", "CAM01-2026-03-01", "2026-03-05", "none", status=3)


def test_overlaps_are_named(deployed):
    err = deployed("deployments", "add", "--camera", "CAM01", "--from", "2026-04-01", status=3).err
    assert 'it overlaps deployment "CAM01-2026-03-01" of camera CAM01' in err


def test_removes(deployed):
    deployed("deployments", "add", "--camera", "CAM01", "--from", "2026-06-01")
    assert deployed("deployments", "remove", "CAM01-2026-03-01").out == ""
    assert deployed.json("deployments", "remove", "CAM01-2026-06-01") == {
        "removed": "CAM01-2026-06-01"}
    assert deployed.json("deployments")["count"] == 0
    deployed("deployments", "remove", "CAM01-2026-03-01", status=3)


def test_takes_back_what_was_given(deployed):
    deployed("deployments", "change", "CAM01-2026-03-01", "--camera-height", "1.5")
    one = deployed.json("deployments", "change", "CAM01-2026-03-01", "--latitude", "none",
                        "--longitude", "none", "--privacy-radius", "none", "--bait-use", "none",
                        "--offset", "none", "--tags", "")
    given = ("latitude", "longitude", "privacy_radius", "bait_use", "utc_offset", "deployment_tags")
    assert [one[name] for name in given] == [None] * len(given)
    assert (one["camera_height"], one["location_name"]) == (1.5, "Wood")


@pytest.mark.parametrize("action", [
    ("add", "--camera", "CAM02", "--from", "2026-03-01", "--offset", "+02:00"),
    ("change", "CAM01-2026-03-01", "--offset", "+02:00"),
    ("correct", "CAM01-2026-03-01", "2020-01-01T00:00", "2026-03-01T09:30"),
    ("remove", "CAM01-2026-03-01"),
])
def test_a_signal_stops_the_times_and_not_what_they_follow(deployed, tmp_path, action):
    """It comes while the change waits for somebody's write to end."""
    for camera in ("CAM01", "CAM02"):
        make_pictures(tmp_path / camera, 1, "64x48")
        deployed("ingest", tmp_path / camera)
    before = deployed.json("deployments")["deployments"]
    with open(deployed.data / "write.lock", "r+b") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        tool = start("deployments", "--data", deployed.data, *action)
        wait_until(lambda: holds(tool, deployed.data / "write.lock"), tool)
        tool.send_signal(signal.SIGINT)
    out, err = tool.communicate(timeout=120)
    assert tool.returncode == 128 + signal.SIGINT, (out, err)
    assert err.startswith(b"wildcam deployments: done but for times of pictures, which follow")
    assert err.endswith(b"stopped\n") and out == b""
    after = deployed.json("deployments")["deployments"]
    assert after != before and not any(one["is_retiming"] for one in after)


NEW = ("add", "--camera", "CAM01", "--from", "2026-01-01")


@pytest.mark.parametrize("words, sentence", [
    (("show",), "show takes a deployment's id"),
    (("add", "--camera", "CAM01"), "add takes --camera and --from"),
    (("add", "x"), '"x" is one word too many'),
    (("change", "x", "y"), '"y" is one word too many'),
    (("add", "--camera", "CAM01", "--from", "yesterday"), '--from: "yesterday" is no ISO 8601 time'),
    ((*NEW, "--to", "soon"), '--to: "soon" is no ISO 8601 time'),
    (("list", "--to", "soon"), '--to: "soon" is no ISO 8601 time'),
    (("failure", "CAM01-2026-03-01", "soon", "2026-03-05"), 'FROM: "soon" is no ISO 8601 time'),
    (("failure", "CAM01-2026-03-01", "2026-03-05", "soon"), 'TO: "soon" is no ISO 8601 time'),
    (("correct", "CAM01-2026-03-01", "2026-03-05", "soon"), 'RIGHT: "soon" is no ISO 8601 time'),
    ((*NEW, "--offset", "1"), "--offset is such as +01:00, -03:30 or none"),
    ((*NEW, "--bait-use", "maybe"), 'bait_use is yes, no or none, not "maybe"'),
    ((*NEW, "--latitude", "91"), "latitude"),
    ((*NEW, "--latitude", "north"), '--latitude takes a number or none, not "north"'),
    ((*NEW, "--camera-tilt", "nan"), '--camera-tilt takes a number or none, not "nan"'),
])
def test_what_is_typed_wrong(deployed, words, sentence):
    assert sentence in deployed("deployments", *words, status=2).err
