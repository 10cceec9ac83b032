"""/api/deployments."""

from datetime import datetime, timedelta, timezone
from time import sleep

import pytest
from support.access import bearer, create_key


@pytest.fixture
def camera(server):
    server.post("/api/cameras/register", {"device_id": "cam"})
    return server


def add(server, **fields):
    return server.post("/api/deployments", {"device_id": "cam", "start": "2026-03-01"} | fields)


def test_adds_changes_and_removes(camera):
    answer = add(camera, utc_offset=3600, end="2026-03-31", extra={"a": [1]}, habitat="heath",
                 failures=[{"from": "2026-03-02", "to": "2026-03-02", "reason": "snow"}])
    assert answer.status == 201 and answer.json["deployment_id"] == "cam-2026-03-01"
    assert answer.json["extra"] == {"a": [1]} and answer.json["failures"][0]["reason"] == "snow"
    assert answer.json["failures"][0]["to"].startswith("2026-03-03T00:00:00")
    assert answer.json["end"].startswith("2026-04-01T01:00:00")
    path = "/api/deployments/cam-2026-03-01"
    changed = camera.put(path, {"end": None, "habitat": None, "failures": []})
    assert changed.status == 200 and changed.json["end"] is None
    assert changed.json["habitat"] is None and changed.json["failures"] == []
    assert changed.json["utc_offset"] == 3600
    assert camera.get(path).json == changed.json
    assert camera.get("/api/deployments?device_id=cam").json["total"] == 1
    assert camera.delete(path).status == 200
    assert camera.get(path).status == 404 and camera.delete(path).status == 404


def test_times_follow(camera, picture):
    kept = camera.upload(picture, "cam", species="fox").json
    before = camera.get(f"/api/images/{kept['image_id']}?info=1")
    detection = camera.get(f"/api/detections/{kept['detection_id']}").json
    assert detection["clock_timestamp"] is None
    assert before.status == 200


def test_times_that_take_long_follow_behind_the_answer(make_server):
    """The first file is waited for, and of the others no more than a few."""
    server = make_server({"store.shard": "day"})
    server.post("/api/cameras/register", {"device_id": "cam"})
    for day in range(70):
        time = datetime(2026, 1, 1, 12) + timedelta(days=day)
        server.post("/api/detections", {"device_id": "cam", "timestamp": time.isoformat(),
                                        "species": "fox"})

    def are_at(hour):
        """An answer that is read while times change may have a row twice or lack one."""
        rows = server.get("/api/detections?limit=100").json["detections"]
        return [datetime.fromisoformat(row["timestamp"]).astimezone(timezone.utc).hour
                for row in rows] == [hour] * 70

    def wait():
        while server.get("/api/deployments/wood").json["is_retiming"]:
            sleep(0.05)

    assert are_at(12)
    answer = add(server, deployment_id="wood", start="2025-12-01", utc_offset=3600)
    assert answer.status == 201 and answer.json["is_retiming"] is True
    wait()
    assert are_at(11)
    answer = server.put("/api/deployments/wood", {"utc_offset": 7200})
    assert answer.status == 200 and answer.json["is_retiming"] is True
    wait()
    assert are_at(10)
    assert server.put("/api/deployments/wood", {"habitat": "bog"}).json["is_retiming"] is False
    assert server.delete("/api/deployments/wood").status == 200
    while not are_at(12):
        sleep(0.05)


@pytest.mark.parametrize("fields, status, words", [
    ({"device_id": "nobody"}, 404, 'there is no camera "nobody"'),
    ({"start": "soon"}, 400, 'start: "soon" is no ISO 8601 time'),
    ({"start": 1767225600}, 400, "start is an ISO 8601 time"),
    ({"end": "soon"}, 400, 'end: "soon" is no'),
    ({"start": None}, 400, "start"),
    ({"end": "2026-01-01"}, 400, "ends after it starts"),
    ({"utc_offset": 90000}, 400, "utc_offset"),
    ({"latitude": 91, "longitude": 0}, 400, "latitude"),
    ({"latitude": "north"}, 400, "latitude is a number or null"),
    ({"bait_use": 1}, 400, "bait_use is true, false or null"),
    ({"extra": []}, 400, "extra is an object or null"),
    ({"correction": {"wrong": "2020-01-01"}}, 400, "a wrong and a right time"),
    ({"correction": {"wrong": "2020-01-01", "right": "soon"}}, 400, 'correction.right: "soon" is no'),
    ({"correction": {"wrong": "2020-01-01T00:00", "right": "2026-01-01T00:00Z"}}, 400,
     "both without an offset"),
    ({"correction": {"wrong": "2020-01-01", "right": "2026-01-01", "shift": 5}}, 400,
     'a correction has no field "shift"; it has wrong and right'),
    ({"failures": {}}, 400, "failures is a list"),
    ({"failures": [{"from": "2026-03-02", "to": "2026-03-03"}, {"from": "soon", "to": "2026-03-03"}]},
     400, 'failures[1].from: "soon" is no'),
    ({"failures": [{"from": "2026-03-02", "until": "2026-03-03"}]}, 400,
     'a failure has no field "until"; it has from, to and reason'),
    ({"longtitude": 8.5}, 400, 'a deployment has no field "longtitude"; it has deployment_id, '),
    ({"id": 7}, 400, 'a deployment has no field "id"; it has '),
])
def test_what_is_wrong_is_named(camera, fields, status, words):
    answer = add(camera, **fields)
    assert answer.status == status and words in answer.error
    assert camera.get("/api/deployments").json["total"] == 0


@pytest.mark.parametrize("to, total", [
    ("2026-02-28", 0), ("2026-03-01", 1), ("2026-03-01T00:00Z", 0), ("2026-03-01T00:00:01Z", 1)])
def test_a_date_at_the_end_includes_its_day(camera, to, total):
    add(camera)
    assert camera.get(f"/api/deployments?to={to}").json["total"] == total


def test_pages(camera):
    for day in range(1, 26):
        add(camera, start=f"2026-03-{day:02}", end=f"2026-03-{day:02}")
    first = camera.get("/api/deployments").json
    assert {**first, "deployments": len(first["deployments"])} == {
        "deployments": 20, "total": 25, "pages": 2, "current_page": 1}
    keys = []
    for page in (1, 2, 3, 4):
        answer = camera.get(f"/api/deployments?limit=9&page={page}").json
        assert (answer["total"], answer["pages"], answer["current_page"]) == (25, 3, page)
        keys.append([row["deployment_id"] for row in answer["deployments"]])
    assert [len(page) for page in keys] == [9, 9, 7, 0]
    assert sum(keys, []) == [f"cam-2026-03-{day:02}" for day in range(1, 26)]
    assert camera.get("/api/deployments?per_page=1000").json["pages"] == 1
    assert camera.get("/api/deployments?limit=2147483647&page=2147483647").json["deployments"] == []


@pytest.mark.parametrize("query, words", [
    ("limit=0", "limit"), ("page=0", "page"), ("page=x", "page"), ("from=soon", "from: "),
    ("to=soon", "to: ")])
def test_what_is_asked_wrong_is_named(camera, query, words):
    answer = camera.get(f"/api/deployments?{query}")
    assert answer.status == 400 and words in answer.error


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
