"""wildcam process: the detectors look at what waits for them."""

import re
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, timezone

import pytest
from conftest import call
from support import make_pictures

PICTURES = 6
MOTION = ("--set", "process.detector=motion")
DAMAGED = 2


@pytest.fixture
def waiting(station, tmp_path):
    """A station whose pictures nobody has looked at."""
    make_pictures(tmp_path / "CAM01", PICTURES)
    station("ingest", tmp_path / "CAM01")
    return station


def states(station):
    """The state of each picture's processing, and its attempts."""
    rows = []
    for path in sorted((station.data / "detections").glob("*.db")):
        with closing(sqlite3.connect(path)) as shard:
            rows += shard.execute("SELECT state, attempts, lease FROM processing").fetchall()
    return rows


def test_all_are_looked_at(waiting):
    assert states(waiting) == [(0, 0, 0)] * PICTURES
    before = waiting.json("process", "--status", *MOTION, status=1)
    assert before == {"processed": 0, "failed": 0, "due": PICTURES, "running": 0,
                      "oldest_seconds": before["oldest_seconds"], "parked": 0,
                      "parked_pictures": [], "paused_since": None}
    assert waiting("process", *MOTION).out == f"processed {PICTURES} pictures\nno picture waits\n"
    assert states(waiting) == [(1, 0, 0)] * PICTURES
    assert waiting("process", *MOTION).out == "processed 0 pictures\nno picture waits\n"
    assert waiting.json("process", "--again", *MOTION)["processed"] == PICTURES
    waiting("check")


def test_a_clock_ahead_of_ours_is_no_reason_to_leave_a_picture_out(station, tmp_path):
    """A camera whose clock shows the local time of the east, of which nobody has said so."""
    [picture] = make_pictures(tmp_path / "CAM01", 1)
    ahead = datetime.now(timezone.utc) + timedelta(hours=10)
    changed = re.sub(rb"2026:03:01 \d\d:\d\d:\d\d", ahead.strftime("%Y:%m:%d %H:%M:%S").encode(),
                     picture.read_bytes())
    picture.write_bytes(changed)
    station("ingest", tmp_path / "CAM01")
    assert station.detections()[0]["timestamp"].startswith(ahead.strftime("%Y-%m-%dT%H:%M:%S"))
    assert station.json("process", *MOTION)["processed"] == 1
    assert station.json("process", "--again", *MOTION)["processed"] == 1


def test_without_a_detector_it_says_so(waiting):
    refused = waiting("process", status=3)
    assert "process.detector is empty" in refused.err and not refused.out
    refused = waiting("process", "--set", "process.detector=nobody", status=3)
    assert "names nobody" in refused.err


def test_nothing_is_due_again_without_detectors(waiting):
    """A mistyped one left all pictures owed, which retention keeps."""
    waiting("process", *MOTION)
    for wrong in "", "nobody", "process:/no/such/program":
        waiting("process", "--again", "--set", f"process.detector={wrong}", status=3)
        assert states(waiting) == [(1, 0, 0)] * PICTURES


def test_pause_holds_until_it_is_lifted(waiting):
    paused = waiting("process", "--pause")
    assert paused.out == f"{PICTURES} pictures wait, 0 of them under way\n" \
                         "processing is paused; --resume lifts that\n"
    held = waiting.json("process", *MOTION, status=1)
    assert held["processed"] == 0 and held["paused_since"].startswith("20")
    done = waiting.json("process", "--resume", *MOTION)
    assert done["processed"] == PICTURES and done["paused_since"] is None
    assert call("process", "--data", waiting.data, "--pause", "--resume", status=2).err


def test_parked_pictures_are_told_and_tried_again(waiting):
    lost = sorted((waiting.data / "images").rglob("*.jpg"))[:DAMAGED]
    kept = [path.read_bytes() for path in lost]
    for path in lost:
        path.unlink()
    result = waiting("process", *MOTION, status=1)
    assert f"processed {PICTURES - DAMAGED} pictures" in result.out
    assert f"{DAMAGED} tries failed" in result.out
    assert f"{DAMAGED} pictures failed too often; --retry-parked tries them again" in result.out
    assert result.out.count(" has lost its file ") == DAMAGED
    told = waiting.json("process", "--status", status=1)["parked_pictures"]
    assert len(told) == DAMAGED and told[0]["image_id"] < told[1]["image_id"]
    assert all("has lost its file" in row["reason"] and row["attempts"] == 0 for row in told)
    assert states(waiting).count((2, 0, 0)) == DAMAGED
    for path, content in zip(lost, kept):
        path.write_bytes(content)
    assert waiting.json("process", *MOTION, status=1)["parked"] == DAMAGED
    assert waiting.json("process", "--retry-parked", *MOTION)["processed"] == DAMAGED
    assert states(waiting) == [(1, 0, 0)] * PICTURES


@pytest.mark.parametrize("options, said", [
    (("--pause", "--resume"), "--pause and --resume do not go together"),
    (("--status", "--again"), "--status and --again do not go together"),
    (("--status", "--pause"), "--status and --pause do not go together"),
    (("--pause", "--retry-parked"), "--pause and --retry-parked do not go together"),
    (("--status", "--workers", "2"), "--status and --workers do not go together"),
    (("--workers", "0"), "--workers is 1 to 64"),
    (("--workers", "65"), "--workers is 1 to 64"),
])
def test_options_that_do_not_go_together(station, options, said):
    refused = call("process", "--data", station.data, *options, status=2)
    assert said in refused.err and not refused.out


@pytest.mark.parametrize("workers", [1, 3, 64])
def test_workers_share_the_pictures(waiting, workers):
    done = waiting.json("process", "--workers", workers, *MOTION)
    assert done["processed"] == PICTURES and done["due"] == 0
    assert states(waiting) == [(1, 0, 0)] * PICTURES
    waiting("check")
