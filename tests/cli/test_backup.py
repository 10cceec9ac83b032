"""wildcam backup and restore: what comes back is the station as it was at one moment."""

import fcntl
import hashlib
import signal
import threading

import pytest
from conftest import Station, call, start, wait_until
from support import Server, make_pictures


@pytest.fixture
def kept(station, pictures):
    station("ingest", "--camera", "CAM01", pictures[0].parent)
    return station


def contents(station):
    """Every row, and the content of every picture."""
    files = sorted(hashlib.sha256(path.read_bytes()).hexdigest()
                   for path in (station.data / "images").rglob("*.jpg"))
    return station.detections(), files


def restore(backup, data):
    call("restore", "--data", data, backup)
    return Station(data)


def test_there_and_back(kept, tmp_path):
    result = kept("backup", tmp_path / "copy")
    assert result.out == (f"backed up 12 pictures into {tmp_path / 'copy'}\n"
                          "12 copied, 0 there already\n")
    result = call("restore", "--data", tmp_path / "new", tmp_path / "copy")
    assert result.out == f"restored 12 pictures into {tmp_path / 'new'}\n"
    restored = Station(tmp_path / "new")
    assert contents(restored) == contents(kept)
    assert restored("check", "--deep").out == "all is well\n"
    assert restored.json("cameras")["cameras"] == kept.json("cameras")["cameras"]


def test_json(kept, tmp_path):
    answer = kept.json("backup", tmp_path / "copy")
    assert answer == {"directory": str(tmp_path / "copy"), "pictures": 12, "copied": 12}
    answer = call("restore", "--json", "--data", tmp_path / "new", tmp_path / "copy").json
    assert answer == {"directory": str(tmp_path / "new"), "pictures": 12}


def test_again_takes_the_place_of_the_earlier_one(kept, tmp_path):
    kept("backup", tmp_path / "copy")
    make_pictures(tmp_path / "CAM02", 3, first=50)
    kept("ingest", tmp_path / "CAM02")
    assert kept("backup", tmp_path / "copy").out.endswith("\n3 copied, 12 there already\n")
    restored = restore(tmp_path / "copy", tmp_path / "new")
    assert contents(restored) == contents(kept) and restored.count() == 15


def test_other_directories_are_left_alone(kept, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("precious")
    assert "not a backup" in kept("backup", other, status=3).err
    kept("backup", tmp_path / "copy")
    assert "not empty" in call("restore", "--data", other, tmp_path / "copy", status=3).err
    assert [path.name for path in other.iterdir()] == ["thesis.txt"]


def test_no_backup_there(tmp_path):
    result = call("restore", "--data", tmp_path / "new", tmp_path / "nothing", status=3)
    assert "no finished backup" in result.err
    assert not (tmp_path / "new").exists()


def test_a_damaged_backup_is_not_restored(kept, tmp_path):
    kept("backup", tmp_path / "copy")
    path = tmp_path / "copy/database/station.db"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    result = call("restore", "--data", tmp_path / "new", tmp_path / "copy", status=3)
    assert "station.db" in result.err and result.out == ""
    assert not (tmp_path / "new").exists()


def test_a_damaged_picture_is_told_and_the_rest_restored(kept, tmp_path):
    kept("backup", tmp_path / "copy")
    path = next((tmp_path / "copy/images").rglob("*.jpg"))
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    result = call("restore", "--data", tmp_path / "new", tmp_path / "copy", status=1)
    assert path.name in result.err and result.out == ""
    assert len(list((tmp_path / "new/images").rglob("*.jpg"))) == 11


def test_a_picture_that_is_gone_is_told(kept, tmp_path):
    next((kept.data / "images").rglob("*.jpg")).unlink()
    result = kept("backup", tmp_path / "copy", status=1)
    assert "the backup is made, but it lacks the files of pictures (1: " in result.err
    result = call("restore", "--data", tmp_path / "new", tmp_path / "copy", status=1)
    assert "the station is restored, but the backup lacks the files of pictures (1: " in result.err
    assert Station(tmp_path / "new").count() == 12
    assert Station(tmp_path / "new").json("check", status=1)["count"] == 1


def test_a_signal_ends_it_and_the_earlier_backup_stays(kept, tmp_path):
    """It comes while the backup waits for somebody's write to end."""
    kept("backup", tmp_path / "copy")
    make_pictures(tmp_path / "CAM02", 1, first=50)
    kept("ingest", tmp_path / "CAM02")
    with open(kept.data / "write.lock", "r+b") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        tool = start("backup", "--data", kept.data, tmp_path / "copy")
        wait_until(lambda: (tmp_path / "copy/database.new").exists(), tool)
        tool.send_signal(signal.SIGINT)
    out, err = tool.communicate(timeout=120)
    assert tool.returncode == 128 + signal.SIGINT, (out, err)
    assert out == b"" and err == b"wildcam backup: stopped\n"
    assert not (tmp_path / "copy/database.new").exists()
    assert restore(tmp_path / "copy", tmp_path / "new").count() == 12


def test_while_a_server_takes_pictures(tmp_path):
    """
    Four cameras post as fast as they are answered until the backup and a check are done: both come
    to their ends. The backup has all that was acknowledged before it began, and every row in it has
    its picture.
    """
    uploads = [path.read_bytes() for path in make_pictures(tmp_path / "pictures", 400, "64x48")]
    with Server(tmp_path) as server:
        station = Station(server.data)
        done = threading.Event()
        acknowledged, failures = [], []

        def post(number):
            for index, picture in enumerate(uploads[number::4]):
                if done.is_set():
                    return
                answer = server.upload(picture, device_id=f"CAM0{number}")
                if answer.status != 201:
                    failures.append(answer)
                    return
                acknowledged.append(answer.json["image_id"])

        threads = [threading.Thread(target=post, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        while len(acknowledged) < 20 and any(thread.is_alive() for thread in threads):
            threads[0].join(0.01)
        before = set(acknowledged)
        station("backup", tmp_path / "copy")
        assert station("check", "--deep").out == "all is well\n"
        during = len(acknowledged) - len(before)
        done.set()
        for thread in threads:
            thread.join()
        assert not failures
    assert during > 0, "nobody wrote meanwhile"
    restored = restore(tmp_path / "copy", tmp_path / "new")
    rows = restored.detections()
    assert before <= {row["image_id"] for row in rows} <= set(acknowledged)
    assert len(list((restored.data / "images").rglob("*.jpg"))) == len(rows)
    assert restored("check", "--deep").out == "all is well\n"
    assert restored.json("summary", "--by", "camera")["summary"]
