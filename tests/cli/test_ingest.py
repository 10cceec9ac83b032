"""wildcam ingest: cards and folders, what is left out of them, and how it ends."""

import json
import os
import signal
import subprocess

import pytest
from conftest import (Station, another_writer, call, command_line, environment, start,
                      wait_until)
from support import make_pictures, real_data

# Root may read everything but for these; they go with the exec.
WITHOUT_ROOTS_RIGHTS = (["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
                        if os.geteuid() == 0 else [])


@pytest.fixture(scope="session")
def cards(tmp_path_factory, pictures):
    """
    Two cameras' folders as they come out of cards, one with the firmware's layout, and pictures
    that lie beside them.
    """
    root = tmp_path_factory.mktemp("survey")
    places = ["CAM01/DCIM/100RECNX/RCNX0001.JPG", "CAM01/DCIM/100RECNX/RCNX0002.JPG",
              "CAM01/DCIM/101RECNX/RCNX0001.JPEG", "gate-2/images/20260301/IMG_101500_001.jpg",
              "gate-2/images/20260302/IMG_061530_001.jpg", "2026-03-05/beside.jpg", "beside.jpg"]
    for place, picture in zip(places, pictures):
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_bytes(picture.read_bytes())
    (root / "gate-2/images/20260301/IMG_101500_001.json").write_text("{}")
    (root / "CAM01/DCIM/100RECNX/CLIP0001.AVI").write_bytes(b"RIFF")
    (root / "CAM01/DCIM/100RECNX/._RCNX0001.JPG").write_bytes(b"\0\5\26\7")  # left by a Mac
    (root / "CAM01/.Trashes").mkdir()
    (root / "CAM01/.Trashes/deleted.jpg").write_bytes(pictures[8].read_bytes())
    return root


def kept_of(report):
    return {camera["device_id"]: camera["kept"] for camera in report["cameras"]}


def damage(folder, pictures):
    """Four pictures of which two are whole."""
    folder.mkdir()
    whole = pictures[0].read_bytes()
    (folder / "a_cut.jpg").write_bytes(whole[:-100])
    (folder / "b_text.jpg").write_bytes(b"no picture at all")
    (folder / "c_whole.jpg").write_bytes(whole)
    (folder / "d_whole.jpg").write_bytes(pictures[1].read_bytes())
    return folder


def without_exif(jpeg):
    """The first segment taken out, which holds it."""
    assert jpeg[2:4] == b"\xff\xe1"
    return jpeg[:2] + jpeg[4 + int.from_bytes(jpeg[4:6], "big"):]


# ---- whose they are ----

def test_each_folder_is_a_camera(station, cards):
    report = station.json("ingest", cards)
    assert kept_of(report) == {"CAM01": 3, "gate-2": 2, cards.name: 2}
    assert report["found"] == report["kept"] == 7
    assert report["known"] == 0 and report["left_out"] == []
    assert report["other_files"] == 2, "video, and what a Mac leaves"
    assert report["interrupted"] is False and report["dry_run"] is False
    assert station.count() == 7


@pytest.mark.parametrize("below, device_id", [
    ("CAM01", "CAM01"), ("CAM01/DCIM", "CAM01"), ("CAM01/DCIM/100RECNX", "CAM01"),
    ("gate-2/images/20260301", "gate-2"),
    ("gate-2/images/20260301/IMG_101500_001.jpg", "gate-2"),
])
def test_a_cards_own_folders_name_no_camera(station, cards, below, device_id):
    assert list(kept_of(station.json("ingest", cards / below))) == [device_id]


def test_camera_is_said_for_all(station, cards):
    assert kept_of(station.json("ingest", "--camera", "CAM09", cards)) == {"CAM09": 7}


def test_the_firmwares_path_gives_the_time(station, cards):
    station("ingest", cards / "gate-2")
    rows = station.detections("--oldest")
    assert [row["time_source"] for row in rows] == ["filename"] * 2
    assert [row["timestamp"] for row in rows] == ["2026-03-01T10:15:00+00:00",
                                                  "2026-03-02T06:15:30+00:00"]


def test_a_picture_gives_its_own_time(station, cards):
    station("ingest", cards / "CAM01")
    assert {row["time_source"] for row in station.detections()} == {"exif"}


def test_a_folder_that_names_no_camera_does_not_stop_the_rest(station, tmp_path, pictures):
    for folder in ("North gate", "CAM01"):
        make_pictures(tmp_path / folder, 2)
    result = station("ingest", tmp_path, status=1)
    assert result.err.count("\n") == 1, "the folder is named once, not for each of its pictures"
    assert 'the folder "North gate" names no camera' in result.err and "--camera" in result.err
    assert "2 pictures kept" in result.out
    assert "2 left out:\n  2 in folders whose names are no device ids\n" in result.out


def test_dry_run_says_what_would_be_left_out(station, tmp_path):
    for folder in ("North gate", "CAM01"):
        make_pictures(tmp_path / folder, 2)
    result = station("ingest", "--dry-run", tmp_path, status=1)
    assert result.err.count("\n") == 1 and 'the folder "North gate" names no camera' in result.err
    assert ["North gate", "2", "2"] in result.rows and ["CAM01", "2", "0"] in result.rows
    assert "2 would be left out:\n  2 in folders whose names are no device ids\n" in result.out
    report = station.json("ingest", "--dry-run", tmp_path, status=1)
    assert [row["status"] for row in report["left_out"]] == ["WILDCAM_ERR_INVALID"] * 2
    assert not station.data.exists()


def test_a_picture_without_a_time_is_counted_and_marked(station, tmp_path):
    """It sorts by reception, and nothing says that it was taken then."""
    first, second = make_pictures(tmp_path / "CAM01", 2)
    first.write_bytes(without_exif(first.read_bytes()))
    result = station("ingest", tmp_path / "CAM01")
    assert "1 of them without a time of their own: kept under that of reception\n" in result.out
    third, = make_pictures(tmp_path / "CAM02", 1, first=5)
    third.write_bytes(without_exif(third.read_bytes()))
    assert station.json("ingest", tmp_path / "CAM02")["without_time"] == 1
    assert station.json("ingest", tmp_path / "CAM02")["without_time"] == 0, "known before"
    result = station("query")
    assert [row[2].endswith("?") for row in result.rows] == [True, True, False]
    assert "? " in result.err and "reception" in result.err
    assert station("query", "--limit", "1", "--oldest").err.count("reception") == 0
    assert "?" not in station("query", "--csv").out


def test_wrong_camera_is_wrong_use(station, cards):
    assert "--camera" in station("ingest", "--camera", "North gate", cards, status=2).err
    assert not station.data.exists()


def test_dry_run_takes_nothing_in(station, cards):
    result = station("ingest", "--dry-run", cards)
    assert ["CAM01", "3", "0"] in result.rows and ["gate-2", "2", "0"] in result.rows
    assert "nothing was taken in" in result.out
    report = call("ingest", "--dry-run", "--json", cards).json
    assert report["found"] == 7 and report["kept"] == 0 and report["dry_run"] is True
    assert not station.data.exists()


def test_an_unknown_camera_is_refused_where_cameras_are_registered_by_hand(station, cards):
    result = station("ingest", "--set", "cameras.auto_register=false", cards / "CAM01", status=1)
    assert "3 left out:\n  3 of cameras that are not registered\n" in result.out and result.err.count("CAM01") >= 3
    station("cameras", "register", "CAM01")
    station("ingest", "--set", "cameras.auto_register=false", cards / "CAM01")


# ---- again ----

def test_again_keeps_nothing_twice(station, cards):
    station("ingest", cards)
    report = station.json("ingest", cards)
    assert report["kept"] == 0 and report["known"] == 7
    assert station.count() == 7


@pytest.mark.parametrize("threads", [1, 3, 64])
def test_threads_change_nothing(station, cards, threads):
    assert station.json("ingest", "--threads", threads, cards)["kept"] == 7
    assert station.count() == 7


@pytest.mark.parametrize("threads", [0, 65])
def test_threads_have_a_limit(station, cards, threads):
    assert "--threads takes 1 to 64" in station("ingest", "--threads", threads, cards, status=2).err


# ---- what is left out ----

def test_a_corrupt_picture_does_not_stop_the_rest(station, tmp_path, pictures):
    folder = damage(tmp_path / "CAM01", pictures)
    result = station("ingest", folder, status=1)
    lines = result.err.splitlines()
    assert len(lines) == 2, "those alone, in the order of the names"
    assert lines[0].startswith(f"wildcam ingest: {folder}/a_cut.jpg: ") and "cut off" in lines[0]
    assert lines[1].startswith(f"wildcam ingest: {folder}/b_text.jpg: ")
    assert ["CAM01", "2", "0", "2"] in result.rows
    for line in ("2 pictures kept, 0 known before", "2 left out:",
                 "  1 not JPEGs", "  1 cut off"):
        assert line in result.out.splitlines()


def test_json_names_each_that_is_left_out(station, tmp_path, pictures):
    folder = damage(tmp_path / "CAM01", pictures)
    report = station.json("ingest", folder, tmp_path / "nowhere", status=1)
    assert [(row["file"], row["status"]) for row in report["left_out"]] == [
        (str(tmp_path / "nowhere"), "unreadable"),
        (str(folder / "a_cut.jpg"), "WILDCAM_ERR_TRUNCATED"),
        (str(folder / "b_text.jpg"), "WILDCAM_ERR_NOTJPEG"),
    ]
    assert all(row["reason"] for row in report["left_out"])
    assert report["cameras"] == [
        {"device_id": "CAM01", "found": 4, "kept": 2, "known": 0, "left_out": 2}]


def test_a_named_file_is_tried_whatever_its_name(station, tmp_path, pictures):
    (tmp_path / "CAM01").mkdir()
    (tmp_path / "CAM01/picture.bin").write_bytes(pictures[0].read_bytes())
    (tmp_path / "CAM01/notes.txt").write_text("no picture")
    result = station("ingest", tmp_path / "CAM01/picture.bin", tmp_path / "CAM01/notes.txt",
                     status=1)
    assert "1 picture kept" in result.out and "notes.txt" in result.err


def test_what_is_not_there_is_left_out(station, tmp_path, pictures):
    """Also a picture that vanishes between the walk and its turn: a link to nothing."""
    folder = tmp_path / "CAM01"
    make_pictures(folder, 1)
    (folder / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    result = station("ingest", folder, tmp_path / "no such folder", status=1)
    assert result.err.count("No such file or directory") == 2
    assert "1 picture kept" in result.out
    assert "  2 could not be read" in result.out.splitlines()


def test_what_may_not_be_read_is_left_out(station, tmp_path):
    paths = make_pictures(tmp_path / "CAM01", 3)
    paths[1].chmod(0)
    locked = tmp_path / "CAM01/locked"
    locked.mkdir(0)
    result = station("ingest", tmp_path / "CAM01", status=1, prefix=WITHOUT_ROOTS_RIGHTS)
    assert result.err.count("Permission denied") == 2
    assert "2 pictures kept" in result.out and "  2 could not be read" in result.out.splitlines()


def test_a_pipe_is_no_picture(station, tmp_path):
    """Nobody writes into it: opening it must not wait."""
    (tmp_path / "CAM01").mkdir()
    os.mkfifo(tmp_path / "CAM01/pipe.jpg")
    result = station("ingest", tmp_path / "CAM01/pipe.jpg", status=1)
    assert "it is no file" in result.err


def test_links_do_not_go_in_circles(station, tmp_path):
    folder = tmp_path / "CAM01"
    make_pictures(folder, 2)
    (folder / "again").symlink_to(folder)
    (folder / "above").symlink_to(tmp_path)
    (tmp_path / "linked").mkdir()
    make_pictures(tmp_path / "elsewhere", 1, first=7)
    (folder / "zlink").symlink_to(tmp_path / "elsewhere")
    report = station.json("ingest", folder)
    assert report["found"] == 3 and report["kept"] == 3


def test_the_station_itself_is_not_taken_in(tmp_path):
    make_pictures(tmp_path / "CAM01", 2)
    station = Station(tmp_path / "station")
    assert station.json("ingest", tmp_path)["kept"] == 2
    assert station.json("ingest", tmp_path)["found"] == 2


def test_an_empty_folder_is_no_failure(station, tmp_path):
    (tmp_path / "CAM01").mkdir()
    assert station("ingest", tmp_path / "CAM01").out == "0 pictures kept, 0 known before\n"
    station("ingest", tmp_path / "CAM02", status=1)
    assert not station.data.exists(), "it makes no station either"


# ---- the end ----

def test_a_station_that_takes_no_more_ends_it(station, cards):
    result = station("ingest", cards, status=3, WILDCAM_DISK_MIN_FREE_PERCENT="90",
                     WILDCAM_DISK_MIN_FREE_BYTES="1T")
    assert "disk.min_free" in result.err or "free" in result.err
    assert "the station takes no more" in result.err and "same command again" in result.err
    assert "0 pictures kept" in result.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_good_order(station, tmp_path, number):
    """It comes while a picture waits for another process: that one is finished, no other begun."""
    first, *rest = make_pictures(tmp_path / "CAM01", 20)
    station("ingest", first)
    shard, = (station.data / "detections").glob("*.db")
    with another_writer(shard):
        tool = start("ingest", "--json", "--threads", "1", "--data", station.data, *rest)
        wait_until(lambda: any((station.data / "incoming").glob("*/*")), tool)
        tool.send_signal(number)
    out, err = tool.communicate(timeout=120)
    assert tool.returncode == 128 + number, (out, err)
    assert b"stopped after 1 of 19 pictures" in err and b"to go on" in err
    report = json.loads(out)
    assert report["interrupted"] is True and report["kept"] == 1
    assert station.count() == 2
    assert station("check").out == "all is well\n"
    assert station.json("ingest", tmp_path / "CAM01")["known"] == 2
    assert station.count() == 20


# ---- the real files ----

def test_all_real_files(station):
    """Every file is kept or named with its reason; the broken ones spoil nothing."""
    data = real_data()
    report = station.json("ingest", data, status=1)
    cameras = {camera["device_id"]: camera for camera in report["cameras"]}
    files = [path for path in data.rglob("*") if path.is_file()]
    jpegs = [path for path in files if path.suffix.lower() in (".jpg", ".jpeg")]
    assert report["found"] == len(jpegs)
    assert report["other_files"] == len(files) - len(jpegs)
    assert report["kept"] + report["known"] + len(report["left_out"]) == len(jpegs)
    for name in ("camtrapdp", "exif"):
        assert cameras[name]["left_out"] == 0
    refused = {row["file"].rsplit("/", 1)[1]: row for row in report["left_out"]}
    assert cameras["cameratrap-jpegs"]["left_out"] == 1
    elephants = refused["african_elephants_truncated_file.jpg"]
    assert elephants["status"] == "WILDCAM_ERR_TRUNCATED" and "600000" in elephants["reason"]
    assert cameras["corrupt-jpegs"]["found"] == 256
    assert {row["status"] for row in report["left_out"]} <= {
        "WILDCAM_ERR_TRUNCATED", "WILDCAM_ERR_NOTJPEG", "WILDCAM_ERR_TOOLARGE"}
    assert station.count() == report["kept"]
    station("check", "--deep")
