"""wildcam events, wildcam retention and wildcam favourite."""

import fcntl
import os
import pty
import signal
import sqlite3
import subprocess
import termios
from contextlib import closing

import pytest
from conftest import command_line, environment, holds, start, wait_until
from packages import load
from support import make_pictures


@pytest.fixture
def kept(station, tmp_path):
    """Six pictures, a minute after another."""
    folder = tmp_path / "CAM01"
    make_pictures(folder, 6, "64x48")
    station("ingest", folder)
    return station


def test_shows_events(kept):
    [event] = kept.json("events")["events"]
    assert (event["images"], event["gap"], event["device_id"]) == (6, 60, "CAM01")
    assert event["deployment_id"] is None
    kept("deployments", "add", "--camera", "CAM01", "--from", "2026-03-01", "--id", "heath")
    [event] = kept.json("events")["events"]
    assert event["deployment_id"] == "heath"
    [row] = kept("events").rows
    assert row[1] == "CAM01" and "6" in row
    assert kept.json("events", "--camera", "other")["events"] == []
    lines = kept("events", "--csv").out.splitlines()
    assert len(lines) == 2 and lines[1].split(",")[2:4] == ["CAM01", "heath"]
    assert lines[0].split(",") == list(event)
    row = dict(zip(lines[0].split(","), lines[1].split(",")))
    assert [row[name] for name in ("id", "last_image_id")] == [
        str(event[name]) for name in ("id", "last_image_id")]


def test_groups_anew(kept):
    kept("events")
    assert kept("events", "--gap", "30").out == "6 pictures changed event or gap\n"
    events = kept.json("events", "--oldest")["events"]
    assert len(events) == 6 and events == sorted(events, key=lambda event: event["id"])
    assert len(kept.json("events", "--limit", "2")["events"]) == 2
    assert kept.json("events", "--gap", "60") == {"changed": 6}
    assert len(kept.json("events")["events"]) == 1
    assert "86400" in kept("events", "--gap", "90000", status=2).err
    assert "nobody" in kept("events", "--gap", "60", "--camera", "nobody", status=3).err


def groups(event_of):
    """The pictures that belong together, whatever their events are called."""
    found = {}
    for picture, event in event_of.items():
        found.setdefault(event, set()).add(picture)
    return sorted(map(sorted, found.values()))


def test_an_imported_package_has_the_events_of_its_makers(station, example):
    """Ten of its pictures are numbered by their camera; each deployment ends with a picture."""
    station("import", "camtrapdp", example)
    names = {name: row["fileName"] for name, row in load(example, "media")[1].items()}
    told = groups({names[row["mediaID"]]: row["eventID"]
                   for row in load(example, "observations")[1].values() if row["mediaID"]})
    assert len(told) == 34 and sum(map(len, told)) == len(set(names.values()))
    for gap in (33, 60, 354):
        station("events", "--gap", str(gap))
        events = station.json("events", "--limit", "0")["events"]
        assert all(event["deployment_id"] for event in events)
        found = {}
        for shard in (station.data / "detections").glob("*.db"):
            with closing(sqlite3.connect(shard)) as database:
                found.update(database.execute("SELECT file_name, event_id FROM images"))
        assert (groups(found), len(events)) == (told, 34)


@pytest.mark.parametrize("words", [(), ("--gap", "30"), ("--json",)])
def test_a_signal_ends_it_in_good_order(kept, words):
    """It comes while somebody else is at the events."""
    with open(kept.data / "events.lock", "a+b") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        with closing(sqlite3.connect(next((kept.data / "detections").glob("*.db")))) as database:
            with database:  # they are owed
                database.execute("UPDATE images SET event_id=NULL, event_gap=NULL")
        tool = start("events", "--data", kept.data, *words)
        wait_until(lambda: holds(tool, kept.data / "station.db"), tool)
        tool.send_signal(signal.SIGINT)
    out, err = tool.communicate(timeout=120)
    assert tool.returncode == 128 + signal.SIGINT, (out, err)
    assert (out, err) == (b"", b"wildcam events: stopped\n")


@pytest.mark.parametrize("form", ["--json", "--csv", "--oldest"])
def test_what_is_left_out_is_told(kept, form):
    """A table of 50 that stood for hundreds looked like all of them."""
    kept("events", "--gap", "30")
    cut = kept("events", "--limit", "5", form)
    assert "there are more: --limit 0" in cut.err
    for limit in ("6", "0", "7"):
        whole = kept("events", "--limit", limit, form)
        assert whole.err == "" and whole.out.count("CAM01") == 6
    assert cut.out.count("CAM01") == 5


def age(station, days):
    """As if all had been received so long ago."""
    for shard in (station.data / "detections").glob("*.db"):
        with closing(sqlite3.connect(shard)) as database, database:
            database.execute("UPDATE images SET received_at=received_at-?", [days * 86400 * 10**6])


def test_retention(kept):
    told = kept("retention")
    assert told.out == "there is nothing to delete\n" and "no rule is set" in told.err
    keep = ("--set", "retention.days=30")
    assert "no rule is set" not in kept("retention", *keep).err
    age(kept, 40)
    assert kept("retention", *keep).out.startswith(
        "would delete 6 pictures for their age: unclassified, ")
    assert kept.count() == 6
    told = kept.json("retention", *keep)
    assert told["age"]["unclassified"]["images"] == 6 and told["done"]
    asked = kept("retention", "--apply", *keep, status=1)
    assert asked.out.startswith("would delete 6 pictures") and "--yes" in asked.err
    assert kept.json("retention", "--apply", *keep, status=1)["age"]["unclassified"]["images"] == 6
    assert kept.count() == 6
    assert kept("retention", "--apply", "--yes", *keep).out == "deleted 6 pictures\n"
    assert kept.count() == 0
    assert not list((kept.data / "images").rglob("*.jpg"))
    assert kept("retention", "--apply", *keep).out == "there is nothing to delete\n"
    assert kept.json("retention", "--apply", "--yes", *keep) == {"deleted": 0, "done": True}
    assert "--apply" in kept("retention", "--yes", *keep, status=2).err
    kept("check")


def test_what_detectors_owe_is_told(kept):
    age(kept, 40)
    keep = ("--set", "retention.days=30")
    kept("process", "--set", "process.detector=motion", "--pause")
    told = kept("retention", *keep)
    assert told.out == "there is nothing to delete\n"
    assert "detectors have not looked at 6 pictures" in told.err
    assert kept("retention", *keep, "--set", "retention.keep_owed=false").out.startswith("would")


def test_favourites_stay(kept):
    ids = [str(row["image_id"]) for row in kept.detections()]
    age(kept, 40)
    assert kept("favourite", *ids[:3]).out == ""
    assert kept.json("favourite", "--off", ids[0]) == {"unmarked": 1}
    assert kept.json("favourite", ids[1], "7", status=1) == {"marked": 1}
    assert "7" in kept("favourite", "7", status=3).err
    assert kept("retention", "--apply", "--yes", "--set", "retention.days=30").out == \
        "deleted 4 pictures\n"
    assert sorted(str(row["image_id"]) for row in kept.detections()) == sorted(ids[1:3])


@pytest.mark.parametrize("word", ["x", "0", "-1", "1x", "99999999999999999999", ""])
def test_what_is_no_picture(kept, word):
    assert f'"{word}" is no picture\'s id' in kept("favourite", "--", "1", word, status=2).err


S3 = ("--set", "s3.endpoint=http://127.0.0.1:1", "--set", "s3.access_key=a",
      "--set", "s3.secret_key=b")


def test_what_another_program_owes_stays(kept):
    """A hand without the server's settings deletes nothing that the server is to upload."""
    kept("events", *S3)
    age(kept, 40)
    keep = ("--set", "retention.days=30")
    assert kept("retention", *keep).out == "there is nothing to delete\n"
    assert kept("retention", "--apply", "--yes", *keep).out == "deleted 0 pictures\n"
    assert kept.count() == 6
    keep += ("--set", "retention.keep_owed=false")
    assert kept("retention", "--apply", "--yes", *keep).out == "deleted 6 pictures\n"


def converse(kept, answer):
    """Answers on a terminal when it is asked; its exit status."""
    age(kept, 40)
    ours, theirs = pty.openpty()
    command = command_line(["retention", "--apply", "--set", "retention.days=30",
                            "--data", kept.data])
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs,
                          env=environment(), start_new_session=True,
                          preexec_fn=lambda: fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)) as tool:
        os.close(theirs)
        seen = b""
        while b"Type yes" not in seen:
            seen += os.read(ours, 1000)
        os.write(ours, answer)
        status = tool.wait(60)
        os.close(ours)
    return status


@pytest.mark.parametrize("answer, status, left", [
    (b"yes\n", 0, 0), (b"y\n", 1, 6), (b"\x03", -signal.SIGINT, 6)], ids=["yes", "y", "^C"])
def test_asks_before_it_deletes(kept, answer, status, left):
    assert converse(kept, answer) == status
    assert kept.count() == left
