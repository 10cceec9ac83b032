"""wildcam ingest: cards of the WildCAM firmware's, and times by the names of files."""

import json

import pytest
from support import make_pictures


def side(time, level, **more):
    return json.dumps({"timestamp": time, "time_source": "NTP", "battery_percent": level, **more})


@pytest.fixture(name="card")
def make_card(tmp_path):
    """
    Four pictures in the firmware's layout. The second was taken last, by its side file; the third's
    is damaged; the fourth's clock was not set.
    """
    folder = tmp_path / "gate-1" / "images" / "20260301"
    folder.mkdir(parents=True)
    for number, picture in enumerate(make_pictures(tmp_path / "made", 4)):
        picture.rename(folder / f"IMG_10150{number}_001.jpg")
    (folder / "IMG_101500_001.json").write_text(
        side("2026-03-01T10:15:00Z", 80, gps={"latitude": 50.5, "longitude": 4.25}))
    (folder / "IMG_101501_001.json").write_text(
        side("2026-03-01T18:15:01Z", 15, image_count=42, environment={"temperature": 4.5}))
    (folder / "IMG_101502_001.json").write_text('{"timestamp":')
    (folder / "IMG_101503_001.json").write_text(
        json.dumps({"timestamp": 91234, "time_source": "millis", "battery_percent": 3}))
    return tmp_path / "gate-1"


def test_side_files_are_taken_over(station, card):
    result = station("ingest", "--json", card, status=1)  # the damaged one
    report = result.json
    assert report["kept"] == 4 and report["left_out"] == [] and report["other_files"] == 0
    assert report["side_files"] == 3
    assert [bad["file"][-18:] for bad in report["bad_side_files"]] == ["IMG_101502_001.jpg"]
    assert "IMG_101502_001.jpg: its side file is passed over" in result.err
    rows = station.detections("--oldest")
    assert [(row["timestamp"], row["time_source"]) for row in rows] == [
        ("2026-03-01T10:15:00+00:00", "sidecar"), ("2026-03-01T10:15:02+00:00", "filename"),
        ("2026-03-01T10:15:03+00:00", "filename"), ("2026-03-01T18:15:01+00:00", "sidecar")]


def test_a_side_file_is_none_of_its_own(station, card):
    """Given as a picture it was refused as one, and taken over as its own side file."""
    given = next(card.rglob("IMG_101501_001.json"))
    report = station.json("ingest", given, status=1)
    assert report["side_files"] == 0 and len(report["left_out"]) == 1
    assert station.json("cameras")["count"] == 0


def test_people_read_how_many_were_passed_over(station, card):
    result = station("ingest", card, status=1)
    assert "3 side files taken over\n1 side file passed over\n" in result.out


def test_the_newest_side_file_says_how_the_camera_does(station, card):
    station("ingest", card, status=1)
    camera, = station.json("cameras", "list")["cameras"]
    assert camera["battery_level"] == 15 and camera["temperature"] == 4.5


def test_what_is_known_since_is_not_overwritten(station, card):
    """A card that comes in later than a newer one of the same camera."""
    newer = card / "images" / "20260302"
    newer.mkdir()
    (card / "images/20260301/IMG_101502_001.jpg").rename(newer / "IMG_101502_001.jpg")
    station("ingest", "--camera", "gate-1", newer)
    station("ingest", card)
    camera, = station.json("cameras", "list")["cameras"]
    assert camera["battery_level"] is None


def test_a_card_is_no_sign_of_life(station, card):
    station("ingest", card, status=1)
    camera, = station.json("cameras", "list")["cameras"]
    assert camera["battery_level"] == 15 and camera["last_seen"] is None
    assert not [alert for alert in station.json("alerts", "list")["alerts"]
                if alert["kind"] in ("low_battery", "offline")]


@pytest.mark.parametrize("pattern, name", [
    ("%Y%m%d_%H%M%S", "CAM-20260301_101500.jpg"), ("%m%d%Y%H%M%S", "PICT_03012026101500_7.JPG"),
    ("%d-%m-%y%*%Hh%M", "01-03-26 fox 10h15.jpeg"),
])
def test_names_give_times(station, tmp_path, pattern, name):
    first, second = make_pictures(tmp_path / "made", 2)
    (tmp_path / "CAM01").mkdir()
    first.rename(tmp_path / "CAM01" / name)
    second.rename(tmp_path / "CAM01" / "other.jpg")
    report = station.json("ingest", "--time-from", pattern, tmp_path / "CAM01")
    assert report["kept"] == 2 and report["unmatched"] == 1
    rows = station.detections("--oldest")
    assert {"2026-03-01T10:15:00+00:00"} == {row["timestamp"] for row in rows
                                             if row["time_source"] == "filename"}
    assert "1 of them without a time in their names\n" in station(
        "ingest", "--time-from", pattern, tmp_path / "CAM01").out


@pytest.mark.parametrize("pattern, words", [
    ("%Y%m%d", "%H and %M"), ("%m%d%H%M", "%Y or %y"), ("%Q", "%Q"), ("%Y%m%d%H%M%", "lone"),
])
def test_a_pattern_that_leaves_something_open_is_refused(station, tmp_path, pattern, words):
    make_pictures(tmp_path / "CAM01", 1)
    result = station("ingest", "--time-from", pattern, tmp_path / "CAM01", status=2)
    assert "--time-from" in result.err and words in result.err
    assert not station.data.exists()
