"""/api/deployments."""

import pytest
from support.access import bearer, create_key


@pytest.fixture
def camera(server):
    server.post("/api/cameras/register", {"device_id": "cam"})
    return server


def add(server, **fields):
    return server.post("/api/deployments", {"device_id": "cam", "start": "2026-03-01"} | fields)


def test_adds_changes_and_removes(camera):
    answer = add(camera, utc_offset=3600, end="2026-04-01", extra={"a": [1]}, habitat="heath",
                 failures=[{"from": "2026-03-02", "to": "2026-03-03", "reason": "snow"}])
    assert answer.status == 201 and answer.json["deployment_id"] == "cam-2026-03-01"
    assert answer.json["extra"] == {"a": [1]} and answer.json["failures"][0]["reason"] == "snow"
    path = "/api/deployments/cam-2026-03-01"
    changed = camera.put(path, {"end": None, "habitat": None, "failures": []})
    assert changed.status == 200 and changed.json["end"] is None
    assert changed.json["habitat"] is None and changed.json["failures"] == []
    assert changed.json["utc_offset"] == 3600
    assert camera.get(path).json == changed.json
    assert camera.get("/api/deployments?device_id=cam").json["count"] == 1
    assert camera.get("/api/deployments?to=2026-03-01").json["count"] == 0
    assert camera.delete(path).status == 200
    assert camera.get(path).status == 404 and camera.delete(path).status == 404


def test_times_follow(camera, picture):
    kept = camera.upload(picture, "cam", species="fox").json
    before = camera.get(f"/api/images/{kept['image_id']}?info=1")
    detection = camera.get(f"/api/detections/{kept['detection_id']}").json
    assert detection["clock_timestamp"] is None
    assert before.status == 200


@pytest.mark.parametrize("fields, status, words", [
    ({"device_id": "nobody"}, 404, 'there is no camera "nobody"'),
    ({"start": "soon"}, 400, "ISO 8601"),
    ({"start": None}, 400, "start"),
    ({"end": "2026-01-01"}, 400, "ends after it starts"),
    ({"utc_offset": 90000}, 400, "utc_offset"),
    ({"latitude": 91, "longitude": 0}, 400, "latitude"),
    ({"latitude": "north"}, 400, "latitude is a number or null"),
    ({"bait_use": 1}, 400, "bait_use is true, false or null"),
    ({"extra": []}, 400, "extra is an object or null"),
    ({"correction": {"wrong": "2020-01-01"}}, 400, "a wrong and a right time"),
    ({"failures": {}}, 400, "failures is a list"),
])
def test_what_is_wrong_is_named(camera, fields, status, words):
    answer = add(camera, **fields)
    assert answer.status == status and words in answer.error
    assert camera.get("/api/deployments").json["count"] == 0


@pytest.mark.parametrize("typed, kept", [
    ("3600", 3600), ("3600.0", 3600), ("-3.6e3", -3600), ("86399.0", 86399), ("-0.0", 0),
    ("null", None)])
def test_offsets_are_whole_numbers_however_written(camera, typed, kept):
    """JSON has one kind of number."""
    body = f'{{"device_id": "cam", "start": "2026-03-01", "utc_offset": {typed}}}'
    answer = camera.post("/api/deployments", body.encode(), {"Content-Type": "application/json"})
    assert (answer.status, answer.json["utc_offset"]) == (201, kept)


@pytest.mark.parametrize("typed", ["3600.5", "86400.0", "-86400", "1e300", "-1e300", "1e-300",
                                   "9223372036854775807", "true", '"3600"'])
def test_offsets_that_are_none(camera, typed):
    body = f'{{"device_id": "cam", "start": "2026-03-01", "utc_offset": {typed}}}'
    answer = camera.post("/api/deployments", body.encode(), {"Content-Type": "application/json"})
    assert (answer.status, answer.error) == (
        400, "utc_offset is a whole number, -86399 to 86399")


def test_overlaps_are_a_conflict(camera):
    assert add(camera).status == 201
    answer = add(camera, start="2026-05-01")
    assert answer.status == 409 and 'it overlaps deployment "cam-2026-03-01"' in answer.error


def test_viewers_see_within_the_privacy_radius(camera):
    add(camera, latitude=50.1234, longitude=8.5678, privacy_radius=1000, extra={"utm": "32U"})
    viewer = bearer(create_key(camera.data, "viewer"))
    admin = bearer(create_key(camera.data, "admin"))
    one = camera.get("/api/deployments/cam-2026-03-01", viewer).json
    assert one["latitude"] != 50.1234 and abs(one["latitude"] - 50.1234) < 0.009
    assert one["extra"] is None and one["coordinate_uncertainty"] == 1000
    assert camera.get("/api/deployments", viewer).json["deployments"] == [one]
    assert camera.get("/api/deployments/cam-2026-03-01", admin).json["latitude"] == 50.1234
