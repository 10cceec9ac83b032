"""Whoever may only look sees nobody who could be known again."""

import hashlib
import struct

import pytest
from support import Form
from support.access import bearer, create_key

BOX = {"x": 0.2, "y": 0.2, "width": 0.3, "height": 0.6}


@pytest.fixture(params=["blur", "hide"])
def guarded(request, make_server, tmp_path, pictures):
    """A server with privacy, an address with a person, one without, and an unknown one."""
    server = make_server({"privacy.humans": request.param, "log.level": "info"})
    server.expect_log(" info ", "was registered on its first detection")
    data = server.data
    keys = {role: bearer(create_key(data, role)) for role in ("admin", "viewer", "fleet")}
    ids = []
    for picture, seen in zip(pictures, ({"category": "human", "confidence": 0.9, "bbox": BOX},
                                        {"species": "Vulpes vulpes", "confidence": 0.9}, {})):
        answer = server.post("/api/detections", Form({"device_id": "gate", **seen}, picture),
                             keys["fleet"])
        assert answer.status == 201, answer
        ids.append(answer.json["image_id"])
    return server, keys, ids, request.param, pictures


@pytest.mark.parametrize("kind", ["images", "thumbnails"])
def test_people(guarded, kind):
    server, keys, ids, how, pictures = guarded
    path = f"/api/{kind}/{ids[0]}"
    original = server.get(path, keys["admin"])
    assert original.status == 200
    if kind == "images":
        assert original.body == pictures[0]
    shown = server.get(path, keys["viewer"])
    if how == "hide":
        assert shown.status == 403 and "people are on it" in shown.error
        return
    assert shown.status == 200 and shown.body != original.body and shown.body[:2] == b"\xff\xd8"
    assert shown.headers["ETag"] != original.headers["ETag"]
    for answer in (shown, original):
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "Authorization" in answer.headers["Vary"]
    # A viewer who has heard of the original's tag does not get it confirmed, nor a part of it.
    tag = original.headers["ETag"]
    assert server.get(path, {**keys["viewer"], "If-None-Match": tag}).body == shown.body
    part = server.get(path, {**keys["viewer"], "Range": "bytes=0-99", "If-Range": tag})
    assert part.body == shown.body
    again = server.get(path, {**keys["viewer"], "If-None-Match": shown.headers["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize("kind", ["images", "thumbnails"])
def test_animals_are_shown_and_the_unknown_is_not(guarded, kind):
    server, keys, ids, _, pictures = guarded
    fox = server.get(f"/api/{kind}/{ids[1]}", keys["viewer"])
    assert fox.status == 200
    assert fox.body == server.get(f"/api/{kind}/{ids[1]}", keys["admin"]).body
    unknown = server.get(f"/api/{kind}/{ids[2]}", keys["viewer"])
    assert unknown.status == 403 and "nobody has looked" in unknown.error
    assert server.get(f"/api/{kind}/{ids[2]}", keys["admin"]).status == 200


def test_an_admin_is_noted(guarded):
    server, keys, ids, *_ = guarded
    server.get(f"/api/images/{ids[1]}", keys["admin"])
    server.get(f"/api/images/{ids[0]}", keys["admin"])
    server.await_log(f"was shown picture {ids[0]}, which viewers are not")
    assert f"was shown picture {ids[1]}," not in server.log


def test_without_privacy_nothing_changes(make_server, tmp_path, picture):
    server = make_server()
    keys = {role: bearer(create_key(server.data, role)) for role in ("viewer", "fleet")}
    form = Form({"device_id": "gate", "category": "human", "confidence": 0.9, "bbox": BOX}, picture)
    image = server.post("/api/detections", form, keys["fleet"]).json["image_id"]
    answer = server.get(f"/api/images/{image}", keys["viewer"])
    assert (answer.status, answer.body) == (200, picture)
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("kind", ["images", "thumbnails"])
def test_no_answer_names_the_original(guarded, kind):
    """Its name in S3, and at the CDN, is made of its SHA-256."""
    server, keys, ids, _, pictures = guarded
    rows = server.get("/api/detections", keys["viewer"]).json["detections"]
    for image, picture, is_shown in zip(ids, pictures, (False, True, False)):
        digest = hashlib.sha256(picture).hexdigest()
        row, = [row for row in rows if row["image_id"] == image]
        path = f"/api/detections/{row['id']}"
        told = server.get(path, keys["viewer"]).json["image"]
        assert told["sha256"] == (digest if is_shown else None) and told["width"] == 320
        assert server.get(path, keys["admin"]).json["image"]["sha256"] == digest
        answer = server.get(f"/api/{kind}/{image}", keys["viewer"])
        assert digest[:16] not in str(answer.headers)


def with_place(picture):
    """50.1234 N, 8.5678 E, behind the picture's own EXIF taken out."""
    own = 4 + int.from_bytes(picture[4:6], "big")
    assert picture[2:4] == b"\xff\xe1"
    tiff = b"II*\0" + struct.pack("<LH", 8, 1) + struct.pack("<HHLLL", 0x8825, 4, 1, 26, 0)
    tiff += struct.pack("<H", 4)
    tiff += struct.pack("<HHL4s", 1, 2, 2, b"N") + struct.pack("<HHLL", 2, 5, 3, 80)
    tiff += struct.pack("<HHL4s", 3, 2, 2, b"E") + struct.pack("<HHLL", 4, 5, 3, 104)
    tiff += bytes(4) + struct.pack("<6L", 50, 1, 7, 1, 24240, 1000)
    tiff += struct.pack("<6L", 8, 1, 34, 1, 4080, 1000)
    block = b"Exif\0\0" + tiff
    return picture[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(block)) + block + picture[own:]


@pytest.fixture
def placed(server, picture):
    """A server, keys, and a picture that tells where it was taken."""
    keys = {role: bearer(create_key(server.data, role)) for role in ("admin", "viewer", "fleet")}
    camera = {"device_id": "gate", "latitude": 50.1234, "longitude": 8.5678, "altitude": 312,
              "config": {"utm": "32U"}}
    assert server.post("/api/cameras/register", camera, keys["fleet"]).status == 201
    file = with_place(picture)
    form = Form({"device_id": "gate", "species": "fox", "gps": "50.1234 8.5678"}, file)
    return server, keys, server.post("/api/detections", form, keys["fleet"]).json, file


def be_private(server, keys, radius):
    place = {"device_id": "gate", "start": "2020-01-01", "latitude": 50.1234, "longitude": 8.5678,
             "privacy_radius": radius}
    answer = server.post("/api/deployments", place, keys["admin"])
    assert answer.status == 201
    return server.get(f"/api/deployments/{answer.json['deployment_id']}", keys["viewer"]).json


def test_a_camera_is_within_the_privacy_radius(placed):
    server, keys, *_ = placed

    def shown(role):
        one = server.get("/api/cameras/gate", keys[role]).json
        assert server.get("/api/cameras", keys[role]).json["cameras"] == [one]
        return one["latitude"], one["longitude"], one["altitude"], one["config"]

    exact = (50.1234, 8.5678, 312, {"utm": "32U"})
    assert shown("viewer") == shown("admin") == exact
    place = be_private(server, keys, 1000)
    assert place["latitude"] != 50.1234
    assert shown("viewer") == (place["latitude"], place["longitude"], None, None)
    assert shown("admin") == exact
    answer = server.post("/api/cameras/register", {"device_id": "gate"}, keys["fleet"])
    assert answer.json["camera"]["latitude"] == place["latitude"]


def test_no_deployment_tells_where_another_of_its_camera_is(placed):
    server, keys, *_ = placed
    exact = {"device_id": "gate", "latitude": 50.1234, "longitude": 8.5678}
    before = {**exact, "deployment_id": "before", "start": "2019-01-01", "end": "2019-12-31",
              "extra": {"utm": "32U"}}
    assert server.post("/api/deployments", before, keys["admin"]).status == 201

    def shown(role):
        one = server.get("/api/deployments/before", keys[role]).json
        every = server.get("/api/deployments", keys[role]).json["deployments"]
        assert one == next(row for row in every if row["deployment_id"] == "before")
        return one["latitude"], one["longitude"], one["extra"]

    assert shown("viewer") == shown("admin") == (50.1234, 8.5678, {"utm": "32U"})
    place = be_private(server, keys, 1000)
    assert shown("viewer") == (place["latitude"], place["longitude"], None)
    assert shown("admin") == (50.1234, 8.5678, {"utm": "32U"})


def test_a_picture_is_within_the_privacy_radius(placed):
    server, keys, kept, file = placed
    digest = hashlib.sha256(file).hexdigest()
    path = f"/api/detections/{kept['detection_id']}"

    def shown(role):
        image = server.get(path, keys[role]).json["image"]
        return image["latitude"], image["longitude"], image["metadata"], image["sha256"]

    exact = (50.1234, 8.5678, {"gps": "50.1234 8.5678"}, digest)
    assert shown("viewer") == shown("admin") == exact
    place = be_private(server, keys, 1000)
    assert shown("admin") == exact
    assert shown("viewer") == (place["latitude"], place["longitude"], None, None)


def test_a_detection_is_within_the_privacy_radius(placed):
    """What came along with it may tell the place, as what came along with a picture may."""
    server, keys, *_ = placed
    told = {"device_id": "gate", "species": "fox", "gps": "50.1234 8.5678"}
    made = server.post("/api/detections", told, keys["fleet"]).json["detection_id"]

    def shown(role):
        one = server.get(f"/api/detections/{made}", keys[role]).json["metadata"]
        rows = server.get("/api/detections", keys[role]).json["detections"]
        assert one == next(row["metadata"] for row in rows if row["id"] == made)
        return one

    assert shown("viewer") == shown("admin") == {"gps": "50.1234 8.5678"}
    be_private(server, keys, 1000)
    assert (shown("viewer"), shown("admin")) == (None, {"gps": "50.1234 8.5678"})


def test_a_file_does_not_tell_its_place(placed):
    server, keys, kept, file = placed
    path = f"/api/images/{kept['image_id']}"
    before = server.get(path, keys["viewer"])
    assert before.body == file
    be_private(server, keys, 1000)
    after = server.get(path, keys["viewer"])
    assert after.status == 200 and len(after.body) == len(file)
    assert struct.pack("<6L", 50, 1, 7, 1, 24240, 1000) in file
    assert struct.pack("<L", 24240) not in after.body
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.headers["Cache-Control"] == "private, no-cache"
    part = server.get(path, {**keys["viewer"], "Range": "bytes=0-99"})
    assert (part.status, part.body) == (206, after.body[:100])
    assert server.get(path, keys["admin"]).body == file
    thumbnails = [server.get(path.replace("images", "thumbnails"), keys[role]).body
                  for role in ("viewer", "admin")]
    assert thumbnails[0] == thumbnails[1]
