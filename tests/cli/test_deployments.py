"""wildcam deployments."""

import pytest


@pytest.fixture
def deployed(station):
    station("cameras", "register", "CAM01")
    station("deployments", "add", "--camera", "CAM01", "--from", "2026-03-01", "--to", "2026-05-01",
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
    assert deployed.json("deployments", "list", "--from", "2026-05-01")["count"] == 0


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


def test_failures(deployed):
    one = deployed.json("deployments", "failure", "CAM01-2026-03-01", "2026-03-05", "2026-03-07",
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
    deployed("deployments", "remove", "CAM01-2026-03-01")
    assert deployed.json("deployments")["count"] == 0
    deployed("deployments", "remove", "CAM01-2026-03-01", status=3)


@pytest.mark.parametrize("words", [
    ("show",), ("add", "--camera", "CAM01"), ("add", "x"), ("change", "x", "y"),
    ("add", "--camera", "CAM01", "--from", "yesterday"),
    ("add", "--camera", "CAM01", "--from", "2026-01-01", "--offset", "1"),
    ("add", "--camera", "CAM01", "--from", "2026-01-01", "--bait-use", "maybe"),
    ("add", "--camera", "CAM01", "--from", "2026-01-01", "--latitude", "91"),
])
def test_what_is_typed_wrong(deployed, words):
    deployed("deployments", *words, status=2)
