"""The small programs of examples/ do what their first lines say."""

import os
import re
import subprocess

import pytest
from support.paths import make_pictures, program


def run(name, *arguments, text=None, environment=None):
    return subprocess.run([program(f"examples/{name}"), *arguments], input=text, check=False,
                          capture_output=True, text=True, timeout=60,
                          env={**os.environ, **(environment or {})})


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return make_pictures(tmp_path_factory.mktemp("pictures"), 12, "64x48")


@pytest.fixture
def station(tmp_path):
    return tmp_path / "station"


@pytest.fixture
def no_station(tmp_path):
    """A file stands where the directory should."""
    path = tmp_path / "file"
    path.write_text("not a directory")
    return path


@pytest.fixture
def no_picture(tmp_path):
    path = tmp_path / "note.jpg"
    path.write_text("not a picture")
    return path


@pytest.mark.parametrize("name, arguments", [
    ("access", 1), ("access", 3), ("ingest", 0), ("ingest", 2), ("ingest", 4), ("query", 0), ("query", 2), ("embed", 1),
    ("embed", 3), ("detector", 0), ("detector", 2), ("upload", 0), ("upload", 1), ("upload", 3)])
def test_usage_when_the_arguments_are_not_right(name, arguments):
    result = run(name, *["x"] * arguments)
    assert result.returncode == 2
    first = "FILE" if name == "upload" else "DATA_DIR"
    assert result.stderr.startswith(f"usage: {name} {first}")
    assert result.stdout == ""


def test_ingest_keeps_a_picture_once(station, pictures):
    first = run("ingest", station, "CAM1", pictures[0])
    again = run("ingest", station, "CAM1", pictures[0])
    assert first.returncode == again.returncode == 0
    assert re.fullmatch(r"picture \d+\n", first.stdout)
    assert again.stdout == first.stdout[:-1] + " (kept before)\n"
    assert len(list((station / "images").rglob("*.jpg"))) == 1


def test_ingest_says_why_it_cannot(station, no_station, no_picture, pictures):
    for arguments, words in [
            ((station, "CAM1", "nowhere.jpg"), "nowhere.jpg: No such file"),
            ((station, "CAM1", no_picture), "it does not begin like a JPEG"),
            ((station, "not/an/id", pictures[0]), "device_id is 1 to 50"),
            ((no_station, "CAM1", pictures[0]), str(no_station))]:
        result = run("ingest", *arguments)
        assert result.returncode == 1
        assert words in result.stderr
        assert result.stdout == ""
    assert not list(station.rglob("*.jpg"))


def test_query_prints_the_newest_and_the_most_frequent(station, pictures):
    for picture in pictures:
        assert run("ingest", station, "CAM1", picture).returncode == 0
    result = run("query", station)
    assert result.returncode == 0 and result.stderr == ""
    lines = result.stdout.splitlines()
    # Picture N was taken N minutes after ten; ten are shown, the newest first.
    assert [line.split() for line in lines[:-1]] == [
        [f"2026-03-01T10:{minute:02}:00+00:00", "CAM1", "Vulpes", "vulpes", "0.93"]
        for minute in range(12, 2, -1)]
    assert lines[-1].split() == ["12", "Vulpes", "vulpes"]


def test_query_of_nothing(station, no_station):
    """Least of all does a mistyped name make a station."""
    for directory in (station, no_station):
        result = run("query", directory)
        assert result.returncode == 1 and result.stdout == ""
        assert result.stderr.startswith(f"{directory}: ")
    assert not station.exists()
    assert run("embed", station, "CAM1", text="").returncode == 0
    empty = run("query", station)
    assert (empty.returncode, empty.stdout, empty.stderr) == (0, "", "")


def test_embed_takes_a_list(station, no_picture, pictures):
    names = [pictures[0], pictures[1], pictures[0], no_picture, "nowhere.jpg", pictures[2]]
    result = run("embed", station, "CAM1", text="\n".join(map(str, names)))
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert len(lines) == len(names)
    assert all(line.count(str(name)) == 1 for line, name in zip(lines, names))
    kept = [re.fullmatch(r".*: picture (\d+)( \(kept before\))?", line) for line in lines]
    assert [bool(match) for match in kept] == [True, True, True, False, False, True]
    assert kept[2][2] and kept[2][1] == kept[0][1]
    assert lines[3].endswith("it does not begin like a JPEG")
    assert lines[4].endswith("No such file or directory")
    assert "[1] cameras: camera CAM1 was not known" in result.stderr


def test_embed_answers_line_by_line(station, pictures):
    """It waits in its own loop, and a line may come in pieces."""
    with subprocess.Popen([program("examples/embed"), station, "CAM1"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as embed:
        for picture in pictures[:3]:
            half = len(str(picture)) // 2
            embed.stdin.write(str(picture)[:half])
            embed.stdin.flush()
            embed.stdin.write(str(picture)[half:] + "\n")
            embed.stdin.flush()
            assert embed.stdout.readline().startswith(f"{picture}: picture ")
        embed.stdin.close()
        assert embed.wait(timeout=60) == 0
    assert len(list((station / "images").rglob("*.jpg"))) == 3


def test_detector_looks_at_what_waits(station, pictures):
    for picture in pictures:
        assert run("ingest", station, "CAM1", picture).returncode == 0
    damaged = max((station / "images").rglob("*.jpg"))
    damaged.write_bytes(b"cut off")
    result = run("detector", station)
    assert (result.returncode, result.stdout) == (
        0, f"{len(pictures) - 1} pictures were looked at, 1 failed too often\n")
    assert run("detector", station).stdout == "0 pictures were looked at, 1 failed too often\n"
    told = subprocess.run([program("examples/cli/wildcam"), "query", "--data", station, "--csv",
                           "--limit", "0"], capture_output=True, text=True, check=True).stdout
    assert told.count(",bytes,1,") == len(pictures) - 1


def test_detector_without_a_station(station):
    result = run("detector", station)
    assert result.returncode == 1 and result.stderr.startswith(f"{station}: ")
    assert not station.exists()


def test_embed_without_a_station(no_station):
    result = run("embed", no_station, "CAM1", text="x.jpg\n")
    assert result.returncode == 1
    assert result.stderr.startswith(f"{no_station}: ")
    assert result.stdout == ""


def visits(path):
    """What node_exporter would read there."""
    text = path.read_text()
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}
    assert "wildcam_store_up" in names
    assert not [name for name in names if not name.startswith(("door_", "wildcam_"))]
    return {result: int(count) for result, count in re.findall(
        r'^door_visits_total\{result="(\w+)"\} (\d+)$', text, re.M)}


def test_access_makes_a_key_and_counts_those_that_are_shown(station, tmp_path):
    metrics = tmp_path / "door.prom"
    first = run("access", station, metrics, text="")
    assert (first.returncode, first.stderr) == (0, "")
    key = first.stdout.strip()
    assert "\n" not in key and visits(metrics) == {"admitted": 0, "refused": 0}
    later = run("access", station, metrics, text=f"{key}\n{key}x\n\n{key}\n")
    assert (later.returncode, later.stdout) == (0, "")
    lines = later.stderr.splitlines()
    assert (lines[0], lines[3], len(lines)) == ("viewer", "viewer", 4)
    assert lines[1] == lines[2] != "viewer"
    assert visits(metrics) == {"admitted": 2, "refused": 2}


def test_access_says_why_it_cannot(station, no_station, tmp_path):
    result = run("access", no_station, tmp_path / "door.prom", text="")
    assert result.returncode == 1 and str(no_station) in result.stderr
    result = run("access", station, tmp_path / "nowhere" / "door.prom", text="")
    assert result.returncode == 1 and "door.prom" in result.stderr


@pytest.fixture
def regions():
    """Two S3 servers, and the environment that names them."""
    from support.s3_script import ACCESS_KEY, SECRET_KEY, S3Script
    with S3Script("us-west-2") as west, S3Script("us-east-1") as east:
        yield west, east, {
            "WILDCAM_S3_REGIONS": "us-west-2,us-east-1",
            "WILDCAM_S3_ENDPOINT_US_WEST_2": west.url,
            "WILDCAM_S3_ENDPOINT_US_EAST_1": east.url,
            "WILDCAM_S3_ACCESS_KEY": ACCESS_KEY,
            "WILDCAM_S3_SECRET_KEY": SECRET_KEY,
        }


def test_upload_prints_the_bucket_that_has_it(regions, pictures):
    west, east, environment = regions
    key = "images/2026/11/26/CAM1/picture.jpg"
    first = run("upload", pictures[0], key, environment=environment)
    assert (first.returncode, first.stdout, first.stderr) == (0, "wildcam-us-west-2\n", "")
    west.play("AccessDenied", times=None)
    second = run("upload", pictures[1], key, environment=environment)
    assert (second.returncode, second.stdout) == (0, "wildcam-us-east-1\n")
    east.play("AccessDenied", times=None)
    third = run("upload", pictures[2], key, environment=environment)
    assert third.returncode == 1 and third.stdout == ""
    assert "All regions failed: us-west-2: 403 AccessDenied: " in third.stderr
    assert "; us-east-1: 403 AccessDenied: " in third.stderr
