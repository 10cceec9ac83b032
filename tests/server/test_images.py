"""Pictures and thumbnails on their way out."""

import hashlib
import re
import sqlite3
import subprocess
from contextlib import closing

import pytest
from support import program


@pytest.fixture
def kept(server, picture):
    """A server, a picture's address, and its bytes."""
    answer = server.upload(picture)
    return server, f"/api/images/{answer.json['image_id']}", picture


def test_picture(kept):
    server, path, picture = kept
    answer = server.get(path)
    assert (answer.status, answer.body) == (200, picture)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert re.fullmatch(r'"[0-9a-f]{16}-0"', answer.headers["ETag"])
    assert answer.headers["ETag"][1:17] not in hashlib.sha256(picture).hexdigest()
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"].startswith("private, max-age=")


def test_head(kept):
    server, path, picture = kept
    with server.connect() as connection:
        for address in (path, path.replace("images", "thumbnails")):
            head, get = (connection.request(method, address) for method in ("HEAD", "GET"))
            assert (head.status, head.body) == (200, b"")
            for name in ("Content-Length", "ETag", "Content-Type", "Accept-Ranges"):
                assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize("shape", ["{}", "W/{}", '"other", {}', '"other",{} , "more"', "*"])
def test_what_the_caller_has_is_not_sent(kept, shape):
    server, path, _ = kept
    for address in (path, path.replace("images", "thumbnails")):
        tag = server.get(address).headers["ETag"]
        answer = server.get(address, {"If-None-Match": shape.format(tag)})
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["ETag"] == tag


def test_what_the_caller_has_not_is_sent(kept):
    server, path, picture = kept
    for tag in ('"other"', "nonsense", '""', '"' + hashlib.sha256(picture).hexdigest()[:-1] + '"'):
        assert server.get(path, {"If-None-Match": tag}).status == 200


@pytest.mark.parametrize("asked, first, last", [
    ("bytes=0-0", 0, 1), ("bytes=0-99", 0, 100), ("bytes=100-", 100, None), ("bytes=-1", -1, None),
    ("bytes=-500", -500, None), ("bytes=0-", 0, None), ("bytes=-99999999", 0, None),
    ("bytes=50-99999999", 50, None),
])
def test_range(kept, asked, first, last):
    server, path, _ = kept
    for address in (path, path.replace("images", "thumbnails")):
        whole = server.get(address).body
        answer = server.get(address, {"Range": asked})
        begin, end, _ = slice(first, last).indices(len(whole))
        assert (answer.status, answer.body) == (206, whole[first:last])
        assert answer.headers["Content-Range"] == f"bytes {begin}-{end - 1}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0", "bytes=8000000-9000000"])
def test_range_that_is_not_there(kept, asked):
    server, path, picture = kept
    answer = server.get(path, {"Range": asked})
    assert answer.status == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(picture)}"
    assert str(len(picture)) in answer.error


@pytest.mark.parametrize("asked", ["bytes=9-5", "bytes=a-b", "bytes=-", "bytes=", "lines=1-2", "5",
                                   "bytes=0-1,5-6", "bytes=99999999999999999999-", "bytes=1-2x"])
def test_range_that_is_none_is_passed_over(kept, asked):
    server, path, picture = kept
    answer = server.get(path, {"Range": asked})
    assert (answer.status, answer.body) == (200, picture)
    assert "Content-Range" not in answer.headers


def test_range_of_what_the_caller_has(kept):
    server, path, picture = kept
    tag = server.get(path).headers["ETag"]
    assert server.get(path, {"Range": "bytes=0-9", "If-Range": tag}).body == picture[:10]
    assert server.get(path, {"Range": "bytes=0-9", "If-Range": '"old"'}).body == picture
    assert server.get(path, {"Range": "bytes=0-9", "If-None-Match": tag}).status == 304


def test_curl_goes_on_where_it_stopped(kept, tmp_path):
    server, path, picture = kept
    part = tmp_path / "part.jpg"
    part.write_bytes(picture[:1234])
    subprocess.run(["curl", "-sSf", "--noproxy", "*", "-C", "-", "-o", part, server.url + path],
                   check=True, timeout=60)
    assert part.read_bytes() == picture


def jpeg_size(data):
    """Width and height, by the frame's header."""
    at = 2
    while data[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + int.from_bytes(data[at + 2:at + 4], "big")
    return int.from_bytes(data[at + 7:at + 9], "big"), int.from_bytes(data[at + 5:at + 7], "big")


def test_thumbnail(kept):
    server, path, picture = kept
    answer = server.get(path.replace("images", "thumbnails"))
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert jpeg_size(answer.body) == (320, 240)
    assert b"Exif" in picture and b"Exif" not in answer.body
    assert answer.headers["ETag"] != server.get(path).headers["ETag"]
    assert server.get(path.replace("images", "thumbnails")).body == answer.body


def test_thumbnail_of_another_size(make_server, picture):
    server = make_server({"images.thumbnail": "64x64"})
    number = server.upload(picture).json["image_id"]
    first = server.get(f"/api/thumbnails/{number}")
    assert jpeg_size(first.body) == (64, 48)
    server.stop()
    server.settings["images.thumbnail"] = "32x32"
    server.start()
    again = server.get(f"/api/thumbnails/{number}", {"If-None-Match": first.headers["ETag"]})
    assert jpeg_size(again.body) == (32, 24)


def test_picture_whose_file_is_gone(kept):
    server, path, _ = kept
    server.expect_log("/api/images/*: ", "/api/thumbnails/*: ", "gone", "missing")
    for file in server.files("images"):
        file.unlink()
    for address in (path, path.replace("images", "thumbnails")):
        answer = server.get(address)
        assert answer.status == 500
        assert str(server.data) not in answer.error
    assert server.get("/api/detections").json["total"] == 1


def test_favourites(server, picture):
    kept = server.upload(picture).json
    path, detection = f"/api/images/{kept['image_id']}", f"/api/detections/{kept['detection_id']}"
    assert server.get(detection).json["image"]["favourite"] is False
    for body, is_favourite in (({}, True), ({"favourite": False}, False),
                               ({"favourite": None}, True), ({"favourite": True}, True)):
        answer = server.put(f"{path}/favourite", body)
        assert answer.status == 200 and answer.json["image"]["favourite"] is is_favourite
        assert answer.json["image"] == server.get(detection).json["image"]
    assert server.put("/api/images/7/favourite", {}).status == 404
    for body, words in (({"favourite": 1}, "favourite is true or false"),
                        ({"favorite": False}, 'has no field "favorite"; it has favourite')):
        answer = server.put(f"{path}/favourite", body)
        assert answer.status == 400 and words in answer.error
    assert server.get(detection).json["image"]["favourite"] is True


def test_retention_keeps_favourites(make_server, pictures):
    server = make_server()
    first, second = (server.upload(picture).json for picture in pictures[:2])
    server.put(f"/api/images/{first['image_id']}/favourite", {"favourite": True})
    server.stop()
    for shard in (server.data / "detections").glob("*.db"):
        with closing(sqlite3.connect(shard)) as database, database:
            database.execute("UPDATE images SET received_at=received_at-?", [40 * 86400 * 10**6])
    done = subprocess.run([program("wildcam"), "retention", "--apply", "--yes",
                           "--data", server.data, "--set", "retention.days=30"],
                          check=True, capture_output=True)
    assert done.stdout == b"deleted 1 picture\n"
    server.start()
    assert server.get(f"/api/images/{first['image_id']}").status == 200
    assert server.get(f"/api/images/{second['image_id']}").status == 404
