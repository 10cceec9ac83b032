"""The WildCAM firmware's requests, byte for byte, and what it takes for success."""

import json

import pytest

DEVICE = "c0a81f7e"


def firmware_request(method, path, content_type, body):
    """As Arduino's HTTPClient puts it on the wire."""
    return (f"{method} {path} HTTP/1.1\r\n"
            "Host: 192.168.4.1:8080\r\n"
            "User-Agent: ESP32HTTPClient\r\n"
            "Connection: keep-alive\r\n"
            "Accept-Encoding: identity;q=1,chunked;q=0.1,*;q=0\r\n"
            f"Content-Type: {content_type}\r\n"
            "Authorization: Bearer 0123456789abcdef\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def firmware_upload(metadata, image, boundary="----WildCAMc0a81f7e1834225207"):
    text = json.dumps(metadata, separators=(",", ":"))
    body = (f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="metadata"\r\n\r\n'
            f"{text}\r\n"
            f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="image"; filename="capture.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n").encode() + image + (
                f"\r\n--{boundary}--\r\n").encode()
    return firmware_request("POST", "/api/detections",
                            f"multipart/form-data; boundary={boundary}", body)


@pytest.fixture
def camera(server):
    """A camera's connection, which lasts from its start on."""
    with server.connect() as connection:
        yield connection


def ask(camera, data):
    camera.send(data)
    return camera.answer()


def register(camera, **more):
    body = {"device_id": DEVICE, "name": "WildCAM-1", "location_name": "Ridge",
            "firmware_version": "3.0.0", **more}
    return ask(camera, firmware_request("POST", "/api/cameras/register", "application/json",
                                        json.dumps(body).encode()))


def report(camera, **values):
    return ask(camera, firmware_request("POST", f"/api/cameras/{DEVICE}/status",
                                        "application/json", json.dumps(values).encode()))


def test_a_day_of_a_camera(server, camera, pictures):
    assert register(camera).status == 201
    upload = ask(camera, firmware_upload({"device_id": DEVICE, "timestamp": 183422}, pictures[0]))
    assert upload.status == 201
    again = ask(camera, firmware_upload({"device_id": DEVICE, "timestamp": 190001}, pictures[0]))
    assert again.status == 200
    assert again.json["duplicate"] is True
    status = report(camera, battery_level=87, battery_voltage=3.92)
    assert (status.status, list(status.json)) == (200, ["message"])
    assert server.get(f"/api/images/{upload.json['image_id']}").body == pictures[0]


def test_registration_at_each_boot_is_an_update(server, camera):
    first = register(camera, latitude=48.5, longitude=9.05)
    again = register(camera)  # without a fix the position is not sent
    assert (first.status, again.status) == (201, 200)
    assert first.json["message"] == "Camera registered"
    assert again.json["message"] == "Camera updated"
    assert again.json["camera"]["latitude"] == 48.5
    assert server.get("/api/cameras").json["count"] == 1


def test_upload_before_registration_is_kept(server, camera, picture):
    answer = ask(camera, firmware_upload({"device_id": DEVICE, "timestamp": 5}, picture))
    assert answer.status == 201
    assert server.get(f"/api/cameras/{DEVICE}").status == 200
    server.await_log(f"camera {DEVICE} was not known")


@pytest.mark.parametrize("since_boot", [1767225600, 12])
def test_milliseconds_since_boot_are_no_date(server, camera, picture, since_boot):
    answer = ask(camera, firmware_upload({"device_id": DEVICE, "timestamp": since_boot}, picture))
    row = server.get(f"/api/detections/{answer.json['detection_id']}").json
    assert row["time_source"] == "exif"
    assert row["detection_timestamp"] == "2026-03-01T10:01:00+00:00"
    assert row["image"]["metadata"]["timestamp"] == since_boot


def test_queued_upload_has_its_time_in_its_path(server, camera, picture):
    path = "/images/20260214/IMG_063015_007.jpg"
    answer = ask(camera, firmware_upload(
        {"device_id": DEVICE, "timestamp": 99, "file_path": path}, picture))
    row = server.get(f"/api/detections/{answer.json['detection_id']}").json
    assert row["time_source"] == "filename"
    assert row["detection_timestamp"] == "2026-02-14T06:30:15+00:00"
    assert row["utc_offset"] is None
    assert row["image"]["file_name"] == "IMG_063015_007.jpg"
    assert row["image"]["metadata"]["file_path"] == path


def test_path_of_a_camera_whose_clock_was_not_set(server, camera, picture):
    answer = ask(camera, firmware_upload(
        {"device_id": DEVICE, "timestamp": 99, "file_path": "/images/IMG_00001234.jpg"}, picture))
    assert answer.status == 201
    row = server.get(f"/api/detections/{answer.json['detection_id']}").json
    assert row["time_source"] == "exif"


def test_species_and_confidence_that_say_nothing(server, camera, picture):
    answer = ask(camera, firmware_upload(
        {"device_id": DEVICE, "timestamp": 1, "species": "", "confidence": 0.0}, picture))
    rows = server.get("/api/detections").json["detections"]
    assert [row["id"] for row in rows] == [answer.json["detection_id"]]
    assert rows[0]["category"] == "unclassified"


def test_report_of_an_unknown_camera(camera):
    answer = report(camera, battery_level=50)
    assert (answer.status, answer.error) == (404, "Camera not found")


def test_registration_is_a_sign_of_life(server, camera):
    register(camera)
    row = server.get(f"/api/cameras/{DEVICE}").json
    assert row["last_seen"] and row["created_at"]


def test_report_changes_what_it_names(server, camera):
    register(camera)
    report(camera, battery_level=80, battery_voltage=4.1, temperature=-12.5, humidity=61)
    report(camera, battery_level=79, battery_voltage=4.0)
    row = server.get(f"/api/cameras/{DEVICE}").json
    values = [row[name] for name in ("battery_level", "battery_voltage", "temperature", "humidity")]
    assert values == [79, 4.0, -12.5, 61]
    assert row["last_seen"].endswith("+00:00")
