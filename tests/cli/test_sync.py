"""wildcam sync: what is owed goes to S3, and the user is told what stands in its way."""

import hashlib
import os
import pty
import re
import signal
import subprocess

import pytest
from conftest import call, command_line, environment, start, wait_until
from support import make_pictures
from support.courier import Regions, settings_for
from support.s3_script import ACCESS_KEY, SECRET_KEY
from test_terminal import on_terminal, read_terminal, screen

PICTURES = 6
FILES = 2 * PICTURES  # each with its thumbnail
KEY = re.compile(r"(images|thumbnails)/2026/03/01/CAM01/[0-9a-f]{32}\.jpg")


@pytest.fixture
def regions():
    """Three scripted S3 servers."""
    with Regions() as started:
        yield started
        for server in started.values():
            assert set(server.refused()) <= {"NoSuchKey"}, "a request was wrong"


def words(settings):
    return [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]


@pytest.fixture
def owing(station, tmp_path):
    """A station that owes some pictures and their thumbnails."""
    make_pictures(tmp_path / "CAM01", PICTURES)
    station("ingest", tmp_path / "CAM01")
    return station


@pytest.fixture
def settings(regions):
    """The tool's words for the regions' settings."""
    return words(settings_for(regions))


def hashes(server):
    return sorted(each.sha256 for key, each in server.stored().items() if key.startswith("images/"))


def assert_all_there(regions, tmp_path):
    """Each picture and each thumbnail is in the preferred region alone."""
    files = (tmp_path / "CAM01").iterdir()
    assert hashes(regions.first) == sorted(hashlib.sha256(file.read_bytes()).hexdigest()
                                           for file in files)
    assert len(regions.first.stored()) == FILES
    assert all(KEY.fullmatch(key) for key in regions.first.stored())
    assert [len(server.stored()) for server in regions.values()] == [FILES, 0, 0]


# ---- all is well ----

def test_everything_that_is_owed_goes_up(owing, regions, settings, tmp_path):
    done = owing("sync", *settings)
    assert (done.out, done.err) == (f"uploaded {FILES} files\nnothing is owed\n", "")
    assert_all_there(regions, tmp_path)
    again = owing("sync", *settings)
    assert again.out == "uploaded 0 files\nnothing is owed\n"
    assert regions.counts() == (FILES, 0, 0)


def test_the_secret_comes_from_the_environment(owing, regions, tmp_path):
    settings = settings_for(regions)
    del settings["s3.secret_key"]
    owing("sync", *words(settings), WILDCAM_S3_SECRET_KEY=SECRET_KEY)
    assert_all_there(regions, tmp_path)


def test_json(owing, settings):
    done = owing.json("sync", *settings)
    assert done == {
        "uploaded": FILES, "failed": 0, "owed": 0, "oldest_seconds": 0, "given_up": 0,
        "dry_run": False, "regions": [
            {"region": name, "bucket": f"wildcam-{name}", "state": state, "reason": ""}
            for name, state in (("us-west-2", "ok"), ("us-east-1", "untried"),
                                ("eu-west-1", "untried"))]}


def test_a_dry_run_only_tells(owing, regions, settings):
    done = owing("sync", "--dry-run", *settings, status=1)
    assert re.fullmatch(rf"{FILES} files are owed, the oldest for \d+ (s|min)\n", done.out)
    told = owing.json("sync", "--dry-run", *settings, status=1)
    assert (told["owed"], told["uploaded"], told["dry_run"]) == (FILES, 0, True)
    assert [server.count() for server in regions.values()] == [0, 0, 0]
    owing("sync", *settings)
    assert owing("sync", "--dry-run", *settings).out == "nothing is owed\n"


def test_a_dry_run_needs_no_settings(owing):
    assert f"{FILES} files are owed" in owing("sync", "--dry-run", status=1).out


def test_not_more_than_asked_for(owing, regions, settings):
    done = owing("sync", "--limit", 5, *settings, status=1)
    assert done.out.startswith(f"uploaded 5 files\n{FILES - 5} files are owed, the oldest for ")
    assert regions.counts() == (5, 0, 0)
    assert owing("sync", "--limit=1", *settings, status=1).out.startswith("uploaded 1 file\n")
    assert owing.json("sync", "--limit", 0, *settings)["uploaded"] == FILES - 6


def test_a_limit_counts_what_fails_too(owing, regions, settings):
    regions.play("EntityTooLarge", None, operation="PutObject")
    owing("sync", "--limit", 4, *settings, status=1)
    assert sum(regions.counts()) == 4


def test_two_at_once_upload_nothing_twice(owing, regions, settings, tmp_path):
    regions.first.play("slow_answer", None, delay=0.2)
    tools = [start("sync", "--data", owing.data, *settings) for _ in range(2)]
    told = [tool.communicate()[0].decode() for tool in tools]
    assert {tool.returncode for tool in tools} <= {0, 1}, told
    sums = [int(re.match(r"uploaded (\d+) file", text)[1]) for text in told]
    assert sum(sums) == FILES
    assert_all_there(regions, tmp_path)
    assert {each.times_stored for each in regions.first.stored().values()} == {1}


# ---- used wrongly ----

@pytest.mark.parametrize("arguments, said", [
    (["--limit", "-1"], "--limit"), (["--limit", "many"], "--limit"), (["--limit"], "--limit"),
    (["--all"], "--all"), (["extra"], '"extra"'),
    (["--set", "s3.window=9-5"], "s3.window takes"),
    (["--set", "s3.upload=maybe"], "s3.upload takes"),
    (["--set", "s3.endpoint.us-west-2=ftp://x"], "s3.endpoint.us-west-2 takes"),
    (["--set", "s3.attempts=0"], "s3.attempts takes"),
    (["--set", "s3.region=us-west-2"], "s3.region"),
])
def test_used_wrongly(owing, settings, arguments, said):
    done = owing("sync", *settings, *arguments, status=2)
    assert said in done.err and done.out == ""


def test_no_station(tmp_path):
    assert "is --data right?" in call("sync", "--data", tmp_path / "none", status=3).err


@pytest.mark.parametrize("changes, said", [
    ({}, "s3.upload is auto, and neither s3.access_key nor s3.endpoint is set; set them"),
    ({"s3.secret_key": SECRET_KEY}, "neither s3.access_key nor s3.endpoint is set"),
    ({"s3.access_key": ACCESS_KEY, "s3.upload": "off"}, "s3.upload is off"),
    ({"s3.access_key": ACCESS_KEY, "s3.regions": ""}, "s3.regions is empty"),
])
def test_uploading_is_off(owing, changes, said):
    done = owing("sync", *words(changes), status=3)
    assert said in done.err and done.out == ""
    assert SECRET_KEY not in done.err


@pytest.mark.parametrize("changes, said", [
    ({"s3.secret_key": ""}, "s3.access_key is set and s3.secret_key is not"),
    ({"s3.access_key": ""}, "s3.secret_key is set and s3.access_key is not"),
    ({"s3.access_key": "", "s3.secret_key": ""}, "there are no credentials for S3"),
])
def test_credentials_that_are_missing(owing, regions, tmp_path, changes, said):
    done = owing("sync", *words({**settings_for(regions), **changes}), status=3,
                 HOME=str(tmp_path), AWS_ACCESS_KEY_ID="")
    assert said in done.err and SECRET_KEY not in done.err
    assert f"{FILES} files are owed" in done.out, "what was done until then is told"
    assert regions.counts() == (0, 0, 0)


def test_an_authority_that_is_not_there(owing, settings, tmp_path):
    done = owing("sync", *settings, "--set", f"s3.ca_file={tmp_path}/none.pem", status=3)
    assert "s3.ca_file" in done.err and f"{tmp_path}/none.pem" in done.err


def test_a_secret_that_is_wrong(owing, station):
    with Regions() as regions:
        secret = "wrong+secret/0123456789abcdefghijklmnopqr"
        settings = words({**settings_for(regions), "s3.secret_key": secret})
        done = station("sync", *settings, status=1)
        assert "All regions failed: us-west-2: 403 SignatureDoesNotMatch" in done.err
        assert [row[2] for row in rows_of(done.out)] == ["misconfigured"] * 3
        assert secret not in done.out + done.err


# ---- the network ----

def rows_of(text):
    """The table of the regions, which stands behind an empty line."""
    lines = text.split("\n\n")[1].splitlines()
    assert re.fullmatch(r"region +bucket +state +reason", lines[0])
    return [re.split(r"  +", line) for line in lines[1:]]


def test_all_regions_are_down(owing, regions, settings, tmp_path):
    for server in regions.values():
        server.refuse()
    done = owing("sync", *settings, status=1)
    assert done.out.startswith(f"uploaded 0 files\n{FILES} files are owed, the oldest for ")
    told = rows_of(done.out)
    assert [row[:2] for row in told] == [[name, f"wildcam-{name}"] for name in regions]
    for row in told:
        assert row[2] in ("down", "offline") and f"port {regions[row[0]].port}" in row[3]
    assert done.err == "" or "All regions failed: us-west-2: " in done.err
    told = owing.json("sync", *settings, status=1)
    assert (told["uploaded"], told["owed"], told["given_up"]) == (0, FILES, 0)
    assert all("Failed to connect" in region["reason"] for region in told["regions"])
    for server in regions.values():
        server.accept()
    assert f"uploaded {FILES} files" in owing("sync", *settings).out
    assert_all_there(regions, tmp_path)


def test_one_region_is_down(owing, regions, settings):
    regions.first.refuse()
    done = owing("sync", *settings)
    assert done.out.startswith(f"uploaded {FILES} files\nnothing is owed\n\n")
    assert "port" in rows_of(done.out)[0][3], "what troubles it is told all the same"
    assert len(regions["us-east-1"].stored()) == FILES


def test_waiting_until_it_is_up_again(owing, regions, settings, tmp_path):
    regions.play("503", None)
    tool = start("sync", "--wait", "--data", owing.data, *settings)
    for server in regions.values():
        server.wait_for(lambda: server.count("PutObject") >= 3)
    assert tool.poll() is None
    for server in regions.values():
        server.play_well()
    out, err = tool.communicate()
    assert (tool.returncode, err) == (0, b"")
    assert f"uploaded {FILES} files\nnothing is owed\n" in out.decode()
    assert sorted(regions.objects(key) for key in regions.first.stored()) == \
        [["us-west-2"]] * len(regions.first.stored())
    assert sum(len(server.stored()) for server in regions.values()) == FILES


def test_what_was_given_up_is_tried_again_when_asked_for(owing, regions, settings):
    regions.play("EntityTooLarge", 1, operation="PutObject", key="images/*")
    done = owing("sync", *settings, status=1)
    assert "\nnothing is owed\n1 file was given up; --retry tries it again\n" in done.out
    assert owing("sync", *settings, status=1).out.startswith("uploaded 0 files\n")
    told = owing.json("sync", "--retry", "--dry-run", *settings, status=1)
    assert (told["given_up"], told["uploaded"]) == (1, 0), "a dry run changes nothing"
    assert owing("sync", "--retry", *settings).out == "uploaded 1 file\nnothing is owed\n"


# ---- stopping ----

@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle_it_holds_nothing(owing, regions, settings, number):
    for server in regions.values():
        server.play("hang", None, key="images/*")
    tool = start("sync", "--data", owing.data, *settings)
    regions.first.wait_for(lambda: regions.first.count("PutObject", "images/*") >= 1 and
                           regions.first.count("PutObject", "thumbnails/*") == PICTURES)
    wait_until(lambda: owed(owing, settings) == PICTURES, tool)
    tool.send_signal(number)
    out, err = tool.communicate()
    assert tool.returncode == 128 + number
    assert err == b"wildcam sync: stopped\n"
    assert out.startswith(b"uploaded %d files\n%d files are owed" % (PICTURES, PICTURES))
    for server in regions.values():
        server.play_well()
    # What somebody still held, another one would leave alone.
    assert owing("sync", *settings).out == f"uploaded {PICTURES} files\nnothing is owed\n"


def owed(station, settings):
    return station.json("sync", "--dry-run", *settings, status=1)["owed"]


def test_stopped_while_it_waits(owing, regions, settings):
    for server in regions.values():
        server.refuse()
    ours, theirs = pty.openpty()
    tool = subprocess.Popen(command_line(["sync", "--wait", "--data", owing.data, *settings]),
                            stdout=subprocess.PIPE, stderr=theirs, env=environment(TERM="xterm"))
    os.close(theirs)
    drawn = b""
    while b"waiting for S3" not in drawn:
        more = read_terminal(ours)
        assert more, drawn
        drawn += more
    tool.send_signal(signal.SIGINT)
    out, _ = tool.communicate()
    os.close(ours)
    assert tool.returncode == 130
    assert out.startswith(f"uploaded 0 files\n{FILES} files are owed".encode())


# ---- the terminal ----

BAR = re.compile(r"uploads \[#*\.*\] +(\d+) %  (\d+) of (\d+)  ")


def test_a_terminal_shows_how_far_it_is(owing, regions, settings):
    regions.first.play("slow_answer", None, delay=0.3)
    status, out, drawn = on_terminal("sync", "--data", owing.data, *settings)
    assert (status, out) == (0, f"uploaded {FILES} files\nnothing is owed\n")
    bars = BAR.findall(drawn)
    assert bars[-1] == ("100", str(FILES), str(FILES)), repr(drawn)
    assert [int(done) for _, done, _ in bars] == sorted(int(done) for _, done, _ in bars)
    assert screen(drawn) == [], "it is gone at the end"


@pytest.mark.parametrize("columns", [20, 60])
def test_the_bar_fits_its_terminal(owing, regions, settings, columns):
    regions.first.play("slow_answer", None, delay=0.1)
    _, _, drawn = on_terminal("sync", "--data", owing.data, *settings, columns=columns)
    drawings = [part.split("\x1b[K")[0] for part in drawn.split("\r")]
    assert any("uploads" in drawing for drawing in drawings)
    assert max(map(len, drawings)) < columns


def test_a_sentence_does_not_run_into_the_bar(owing, station):
    with Regions() as regions:
        settings = words({**settings_for(regions), "s3.secret_key": "wrong"})
        status, _, drawn = on_terminal("sync", "--data", station.data, *settings)
    assert status == 1
    assert all(line.startswith("wildcam sync: ") for line in screen(drawn)), screen(drawn)
