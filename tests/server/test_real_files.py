"""Real pictures of real cameras, through HTTP and back."""

import hashlib

import pytest
from support import Server, real_pictures

FOLDERS = ("cameratrap-jpegs", "exif")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A server that was sent all pictures: each path with its answer."""
    paths = real_pictures(*FOLDERS)
    with Server(tmp_path_factory.mktemp("real"), {"images.strip": "none"}) as server:
        server.expect_log("is refused: the picture is cut off")
        yield server, [(path, server.upload(path.read_bytes(), "cam")) for path in paths]


def test_what_is_whole_is_kept(kept):
    _, answers = kept
    assert len(answers) > 50
    for path, answer in answers:
        if "truncated" in path.name:
            assert (answer.status, "cut off" in answer.error) == (400, True), path
        else:
            assert answer.status in (200, 201), (path, answer)


def test_what_is_kept_comes_back_byte_for_byte(kept):
    server, answers = kept
    with server.connect() as connection:
        for path, answer in answers:
            if answer.status < 300:
                number = answer.json["image_id"]
                back = connection.request("GET", f"/api/images/{number}")
                assert (back.status, back.body) == (200, path.read_bytes()), path


def test_same_picture_under_two_names_is_one(kept):
    server, answers = kept
    good = [(path, answer) for path, answer in answers if answer.status < 300]
    contents = {hashlib.sha256(path.read_bytes()).hexdigest() for path, _ in good}
    assert len({answer.json["image_id"] for _, answer in good}) == len(contents)
    assert sum(answer.status == 201 for _, answer in good) == len(contents)
    assert server.get("/api/detections").json["total"] == len(contents)


def test_thumbnails(kept):
    """Of every one: grey, CMYK, turned, progressive."""
    server, answers = kept
    with server.connect() as connection:
        for path, answer in answers:
            if answer.status < 300:
                back = connection.request("GET", f"/api/thumbnails/{answer.json['image_id']}")
                assert (back.status, back.body[:2]) == (200, b"\xff\xd8"), (path, back)
                assert b"Exif" not in back.body


def test_place_and_serial_are_taken_out(kept, make_server):
    """What such a server hands out, sent in again, tells neither; and it is whole."""
    server, answers = kept
    stripping = make_server({"images.strip": "all"})
    rows = [(path, server.get(f"/api/detections/{answer.json['detection_id']}").json["image"])
            for path, answer in answers if answer.status == 201]
    telling = [(path, row) for path, row in rows
               if row["latitude"] is not None or row["serial_number"] is not None]
    assert len(telling) > 5
    for path, row in telling:
        number = stripping.upload(path.read_bytes(), "in").json["image_id"]
        sent = stripping.get(f"/api/images/{number}")
        assert sent.status == 200
        answer = stripping.upload(sent.body, "out")
        assert answer.status == 201, (path, answer)
        after = stripping.get(f"/api/detections/{answer.json['detection_id']}").json["image"]
        assert (after["latitude"], after["longitude"], after["altitude"]) == (None,) * 3, path
        assert after["serial_number"] is None, path
        same = ["width", "height", "orientation", "make", "model"]
        if row["time_source"] == "exif":  # a maker note goes, as it may hold a serial number
            same.append("timestamp")
        for name in same:
            assert after[name] == row[name], (path, name)
