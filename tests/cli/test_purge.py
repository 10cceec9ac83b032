"""wildcam purge: it shows what would go, and deletes it only when that is asked for."""

import os
import pty
import subprocess

import pytest
from conftest import command_line, environment
from support import make_pictures


@pytest.fixture
def kept(station, tmp_path):
    """Two pictures of January and three of March, by the times in their paths."""
    for number, folder in enumerate(["20260110", "20260120", "20260301", "20260302", "20260303"]):
        picture, = make_pictures(tmp_path / "made", 1, "64x48", first=number + 1)
        place = tmp_path / "CAM01/images" / folder
        place.mkdir(parents=True)
        picture.rename(place / "IMG_101500_001.jpg")
    station("ingest", tmp_path / "CAM01")
    return station


def files(station):
    return list((station.data / "images").rglob("*.jpg"))


def size(station, month):
    return sum(path.stat().st_size for path in files(station) if f"/2026/{month}/" in str(path))


def test_shows_what_would_go(kept):
    result = kept("purge", "--before", "2026-03-15", status=1)
    assert result.out == f"would delete 1 shard with 2 pictures ({size(kept, '01') / 1e6:.1f} MB)\n"
    assert "nothing was deleted" in result.err and "--yes" in result.err
    assert kept.json("purge", "--before", "2026-04", status=1) == {
        "shards": 2, "pictures": 5, "bytes": size(kept, "01") + size(kept, "03"),
        "deleted": False}
    assert kept.count() == len(files(kept)) == 5


def test_deletes_rows_and_pictures(kept):
    assert kept("purge", "--before", "2026-03", "--yes").out.startswith(
        "deleted 1 shard with 2 pictures (")
    assert kept.count() == len(files(kept)) == 3
    assert kept("check").out == "all is well\n"
    march = size(kept, "03")
    assert kept.json("purge", "--before", "2026-04-01", "--yes") == {
        "shards": 1, "pictures": 3, "bytes": march, "deleted": True}
    assert kept.count() == len(files(kept)) == 0


def test_nothing_to_delete(kept):
    assert kept("purge", "--before", "2026-01").out == "there is nothing to delete\n"
    assert kept.json("purge", "--before", "2026-01")["shards"] == 0


@pytest.mark.parametrize("answer, status, left", [("yes", 0, 3), ("y", 1, 5), ("", 1, 5)])
def test_asks_on_a_terminal(kept, answer, status, left):
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode() + b"\n")
    done = subprocess.run(command_line(["purge", "--data", kept.data, "--before", "2026-03"]),
                          stdin=theirs, stderr=theirs, stdout=subprocess.PIPE,
                          env=environment(), timeout=60, check=False)
    os.close(theirs)
    os.close(ours)
    assert done.returncode == status, done.stdout
    assert done.stdout.startswith(b"would delete 1 shard with 2 pictures")
    assert kept.count() == len(files(kept)) == left


@pytest.mark.parametrize("arguments, sentence", [
    ([], "--before DATE is missing"),
    (["--before", "2026"], '--before takes a date, 2026-03 or 2026-03-01, not "2026"'),
    (["--before", "2026-13"], "--before takes a date"),
    (["--before", "2026-03-01T10:00"], "--before takes a date"),
    (["--before", "yesterday"], "--before takes a date"),
])
def test_wrong_use(station, arguments, sentence):
    assert sentence in station("purge", *arguments, status=2).err
    assert not station.data.exists()


def test_help_warns_of_clocks():
    text = subprocess.run(command_line(["purge", "--help"]), capture_output=True, text=True,
                          check=True).stdout
    assert "a camera whose clock was reset" in text
