"""Cameras: registration, reports, lists."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support import Server

FULL = {"device_id": "cam-1", "name": "Süd 🦌", "location_name": "Ridge", "latitude": 48.52,
        "longitude": -9.05, "altitude": 812.5, "firmware_version": "3.0.0",
        "hardware_version": "ESP32-S3", "config": {"pir": {"delay": 3}, "night": True}}


def register(server, **fields):
    return server.post("/api/cameras/register", fields)


def test_every_field_comes_back(server):
    answer = register(server, **FULL)
    assert answer.status == 201
    assert list(answer.json) == ["message", "camera"]
    row = server.get("/api/cameras/cam-1").json
    assert row == answer.json["camera"]
    assert {name: row[name] for name in FULL} == FULL
    assert row["status"] == "active"
    assert row["created_at"].endswith("+00:00")


def test_only_what_is_sent_changes(server):
    register(server, **FULL)
    answer = register(server, device_id="cam-1", name="North", latitude=None)
    assert answer.status == 200
    row = answer.json["camera"]
    assert {name: row[name] for name in FULL} == {**FULL, "name": "North"}


@pytest.mark.parametrize("device_id", [
    "a", "A" * 50, "aa:bb:cc:dd:ee:ff", "cam_1.north-2", "0", "-", "12345",
])
def test_good_device_id(server, device_id):
    assert register(server, device_id=device_id).status == 201
    assert server.get(f"/api/cameras/{device_id}").json["device_id"] == device_id
    assert server.post(f"/api/cameras/{device_id}/status", {"battery_level": 1}).status == 200


@pytest.mark.parametrize("device_id", [
    None, "", ".hidden", "A" * 51, "A" * 5000, "a b", "a/b", "../x", "ä", "a\n", "a%41",
    7, True, ["a"], {"a": 1},
])
def test_bad_device_id(server, device_id):
    answer = register(server, device_id=device_id)
    assert answer.status == 400
    assert "device_id" in answer.error
    assert server.get("/api/cameras?status=all").json["count"] == 0


@pytest.mark.parametrize("field, value, limit", [
    ("latitude", 90.1, "90"), ("latitude", "48", "number"), ("longitude", -180.5, "180"),
    ("altitude", 1e9, "9000"), ("name", "x" * 101, "100"), ("location_name", "x" * 201, "200"),
    ("name", 7, "text"), ("name", "a\u0007", "control"), ("firmware_version", "x" * 51, "50"),
    ("hardware_version", [], "text"), ("config", [1], "object"), ("config", "{}", "object"),
])
def test_bad_field_of_a_registration(server, field, value, limit):
    answer = register(server, device_id="cam-1", **{field: value})
    assert answer.status == 400
    assert field in answer.error and limit in answer.error
    assert server.get("/api/cameras/cam-1").status == 404


@pytest.mark.parametrize("field, value, limit", [
    ("battery_level", 101, "100"), ("battery_level", "full", "number"), ("battery_level", -1, "0"),
    ("battery_voltage", 1000, "100"), ("solar_voltage", -1, "0"), ("temperature", 200, "150"),
    ("humidity", 100.5, "100"),
])
def test_bad_field_of_a_report(server, field, value, limit):
    register(server, device_id="cam-1")
    answer = server.post("/api/cameras/cam-1/status", {field: value})
    assert answer.status == 400
    assert field in answer.error and limit in answer.error
    assert server.get("/api/cameras/cam-1").json[field] is None


@pytest.mark.parametrize("path", ["%FF", "a%20b", "%C3%A4", ".x", "A" * 51, "a%0Ab", "%00", "%"])
def test_odd_device_id_in_the_address(server, path):
    report = server.post(f"/api/cameras/{path}/status", {"battery_level": 1})
    assert report.status in (400, 404)
    assert report.error
    assert server.get(f"/api/cameras/{path}").status in (400, 404)
    assert server.get(f"/api/cameras/{path}/statistics").status in (400, 404)


def test_unknown_camera(server):
    for path in ("/api/cameras/nobody", "/api/cameras/nobody/statistics"):
        answer = server.get(path)
        assert (answer.status, answer.error) == (404, "Camera not found")


def test_list(server):
    for name in ("b", "a", "c"):
        register(server, device_id=name)
    answer = server.get("/api/cameras").json
    assert list(answer) == ["cameras", "count"]
    assert answer["count"] == 3
    assert sorted(row["device_id"] for row in answer["cameras"]) == ["a", "b", "c"]
    assert server.get("/api/cameras?status=active").json == answer
    assert server.get("/api/cameras?status=all").json == answer
    assert server.get("/api/cameras?status=inactive").json == {"cameras": [], "count": 0}
    assert "status" in server.get("/api/cameras?status=lost").error


def test_list_is_never_older_than_what_was_answered_before(server, picture):
    """Whoever has changed it: this server, another one on the same store, or a picture."""
    def level(of):
        return of.get("/api/cameras").json["cameras"][0]["battery_level"]

    register(server, device_id="a")
    with Server(server.directory / "other", server.settings) as other:
        for battery in range(20):
            writer = (server, other)[battery % 2]
            answer = writer.post("/api/cameras/a/status", {"battery_level": battery})
            assert answer.status == 200
            assert (level(server), level(other)) == (battery, battery)
            assert level(server) == battery  # and the same once more
        assert other.upload(picture, device_id="b").status == 201
        for of in (server, other):
            assert of.get("/api/cameras").json["count"] == 2
            assert of.get("/api/cameras?status=all").json["count"] == 2


def test_many_ask_for_the_list_at_once(server):
    """They share an answer, each under a name of its own, and get all of it."""
    for number in range(50):
        register(server, device_id=f"cam-{number:02}")

    def ask(_):
        return [server.get("/api/cameras") for _ in range(5)]

    with ThreadPoolExecutor(8) as pool:
        answers = [answer for some in pool.map(ask, range(8)) for answer in some]
    assert {answer.json["count"] for answer in answers} == {50}
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == len(answers)


def test_camera_by_its_number(server):
    number = register(server, device_id="cam-1").json["camera"]["id"]
    assert server.get(f"/api/cameras/{number}").json["device_id"] == "cam-1"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'"x"', b"null", b"\xff\xfe", b"{}x",
                                  b'{"device_id": "a", "device_id": "b"}', b'{"device_id": "\xff"}',
                                  b"[" * 100000, b'{"a":' * 50000, b'{"name": "\\ud800"}', b"\x00",
                                  b'{"device_id": "a\\u0000"}'])
def test_body_that_is_no_object(server, body):
    answer = server.post("/api/cameras/register", body, {"Content-Type": "application/json"})
    assert answer.status == 400
    assert answer.error
    assert server.get("/api/cameras?status=all").json["count"] == 0


@pytest.mark.parametrize("content_type, status", [
    ("application/json", 201), ("application/json; charset=utf-8", 201), ("Application/JSON", 201),
    (None, 201), ("text/plain", 201), ("application/x-www-form-urlencoded", 201),
    ("text/xml", 415), ("image/jpeg", 415), ("multipart/form-data; boundary=x", 415),
])
def test_content_type(server, content_type, status):
    answer = server.post("/api/cameras/register", b'{"device_id": "cam-1"}',
                         {"Content-Type": content_type})
    assert answer.status == status


def test_body_over_its_limit(server):
    answer = server.post("/api/cameras/register", b" " * (256 * 1024 + 1))
    assert answer.status == 413
    assert "262144" in answer.error
