"""The server's log: its own lines and the library's, in one form."""

import json
import re
import shutil
from datetime import datetime

import pytest
from support import Form
from support.access import bearer, create_key
from support.log import LEVELS, READERS, text_lines

EXCHANGE = ["client", "method", "path", "status", "duration_ms", "received_bytes", "sent_bytes"]


def access(server, read=text_lines):
    """The lines of its requests by path: one that has an answer may get its line a little later."""
    return sorted((line for line in read(server.log) if line["module"] == "access"),
                  key=lambda line: line["path"])


def live(make_server, picture, settings):
    """A server's life with something to say at each level: what it has said."""
    server = make_server(settings)
    server.expect_log("")
    assert server.get("/healthz").status == 200
    server.upload(picture, "unknown")  # a warning of the library's
    assert server.get("/api/nothing").status == 404
    shutil.move(server.data, server.directory / "elsewhere")
    assert server.post("/api/cameras/register", {"device_id": "cam"}).status == 500
    shutil.move(server.directory / "elsewhere", server.data)
    server.stop()
    return server


@pytest.mark.parametrize("form", READERS)
def test_all_lines_have_one_form(make_server, picture, form):
    server = live(make_server, picture, {"log.format": form, "log.level": "debug"})
    lines = READERS[form](server.log)
    for line in lines:
        assert list(line)[:4] == ["time", "level", "module", "message"]
        assert datetime.fromisoformat(line["time"]).utcoffset() is not None
        assert re.search(r"\.\d{6}\+", line["time"])
        assert line["level"] in LEVELS
        assert set(list(line)[4:]) <= {"request_id", "camera_id", *EXCHANGE}
        if line["module"] == "access":
            assert set(EXCHANGE) < set(line)
    own = [(line["level"], line["message"]) for line in lines if line["module"] == "server"]
    messages = {level: [text for said, text in own if said == level] for level in LEVELS}
    assert messages["info"] == [f"listens on {server.url}",
                                "told to stop: finishing what is under way"]
    assert len(messages["error"]) == 1
    assert messages["error"][0].startswith("/api/cameras/register: ")
    assert {line["module"] for line in lines} > {"server", "access"}


@pytest.mark.parametrize("form", READERS)
def test_both_addresses_stand_in_the_log(make_server, form):
    server = make_server({"log.format": form, "log.level": "info",
                          "http.operations": "127.0.0.1:0"})
    server.expect_log("")
    host, port = server.operations
    server.stop()
    assert [line["message"] for line in READERS[form](server.log)][:2] == [
        f"listens on {server.url}", f"tells how it does on http://{host}:{port}"]


@pytest.mark.parametrize("form", READERS)
def test_each_request_has_a_line(make_server, picture, form):
    server = live(make_server, picture, {"log.format": form, "log.level": "info"})
    lines = access(server, READERS[form])
    assert [(line["method"], line["path"], line["status"], line.get("camera_id"))
            for line in lines] == [("POST", "/api/cameras/register", 500, None),
                                   ("POST", "/api/detections", 201, "unknown"),
                                   ("GET", "/api/nothing", 404, None)]
    sent = Form({"device_id": "unknown"}, picture).body
    assert lines[1]["received_bytes"] == len(sent)
    for line in lines:
        assert (line["level"], line["message"]) == ("info", "answered")
        assert line["client"] == "127.0.0.1"
        assert re.fullmatch("[0-9a-f]{32}", line["request_id"])
        assert 0 < line["duration_ms"] < 60000
        assert line["sent_bytes"] > 20


@pytest.mark.parametrize("level", LEVELS)
def test_least_level(make_server, picture, level):
    server = live(make_server, picture, {"log.level": level})
    assert {line["level"] for line in text_lines(server.log)} == set(
        LEVELS[:LEVELS.index(level) + 1])


def test_request_without_answer(make_server):
    server = make_server({"log.level": "debug"})
    server.expect_log("")
    with server.connect() as connection:
        connection.send(b"POST /api/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
                        b"Content-Type: image/jpeg\r\nExpect: 100-continue\r\n\r\n")
        assert connection.file.readline() == b"HTTP/1.1 100 Continue\r\n"
    server.stop()
    [line] = access(server)
    assert (line["method"], line["path"]) == ("POST", "/api/images")
    assert line["message"] == "not answered: the connection broke"
    assert "status" not in line


@pytest.mark.parametrize("word, paths", [
    ("all", ["/api/cameras", "/healthz", "/no/such"]), ("errors", ["/no/such"]), ("off", [])])
def test_which_requests_have_a_line(make_server, word, paths):
    server = make_server({"log.level": "debug", "log.requests": word})
    server.expect_log("")
    for path in ("/api/cameras", "/no/such", "/healthz"):
        server.get(path)
    server.stop()
    assert [line["path"] for line in access(server)] == paths


def test_health_checks_that_go_well_are_for_developers(make_server):
    server = make_server({"log.level": "info"})
    server.expect_log("")
    for path in ("/healthz", "/readyz", "/api/health", "/api/cameras"):
        assert server.get(path).status == 200
    assert server.post("/healthz", {}).status == 405
    server.stop()
    assert [(line["path"], line["status"]) for line in access(server)] == [
        ("/api/cameras", 200), ("/healthz", 405)]


def test_head_sends_no_bytes(make_server):
    server = make_server({"log.level": "info"})
    server.expect_log("")
    with server.connect() as connection:
        assert connection.request("HEAD", "/api/cameras").status == 200
    server.stop()
    [line] = access(server)
    assert (line["method"], line["sent_bytes"]) == ("HEAD", 0)


def test_sent_bytes_are_those_of_the_picture(make_server, picture):
    server = make_server({"log.level": "info"})
    server.expect_log("")
    path = f"/api/images/{server.upload(picture).json['image_id']}"
    with server.connect() as connection:
        assert connection.request("GET", path).body == picture
        assert connection.request("GET", path, None, {"Range": "bytes=10-29"}).status == 206
    server.stop()
    assert [line["sent_bytes"] for line in access(server)[1:]] == [len(picture), 20]


@pytest.mark.parametrize("form", READERS)
def test_what_clients_send_makes_no_line_of_its_own(make_server, form):
    server = make_server({"log.level": "debug", "log.format": form})
    server.expect_log("")
    forged = "2026-11-26T16:00:00.000000+00:00 error server: forged"
    escaped = forged.replace(" ", "%20")
    paths = {f"/%0A{escaped}%1B[2J": 404, "/caf%C3%A9": 404, "/%FF": 404,
             '/%22,%22level%22:%22error': 404, "/%5C%25": 404}
    for path, status in paths.items():
        assert server.get(path).status == status
    for device in ("a\n" + forged, "b\x1b[31m", "c\u2028d", "e\x9b2J", 'f","level":"error',
                   "g" * 2000):
        assert server.post("/api/cameras/register", {"device_id": device}).status == 400
        assert server.post("/api/detections", {"device_id": device}).status == 400
    for name in ("X-Request-Id", "X-Device-Id", "User-Agent", "Authorization", "Referer"):
        server.get("/api/cameras", {name: f"a\tb {forged}\x1b[2J"})
    server.stop()
    lines = READERS[form](server.log)
    assert {line["path"] for line in lines if line.get("status") == 404} == set(paths)
    assert not [line for line in lines if line["level"] == "error"]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]",
                         server.log_path.read_bytes().decode())


def test_a_refused_picture_forges_nothing(make_server):
    """The library's lines hold words of the sender's, too."""
    server = make_server({"log.level": "debug"})
    server.expect_log("")
    body = Form({"device_id": "cam\u001b[31m\nx"}, b"\xff\xd8 no picture")
    assert server.post("/api/detections", body).status in (400, 415)
    server.stop()
    text_lines(server.log)
    assert "\x1b" not in server.log


def test_key_of_a_camera_names_it_also_where_it_is_refused(make_server, picture):
    server = make_server({"rate.upload": 0, "log.level": "info"})
    server.expect_log("")
    key = bearer(create_key(server.data, "camera", "cam-1"))
    revoked = bearer(create_key(server.data, "fleet")[:-1] + "0")
    requests = {"/api/cameras/upload": lambda path: server.post(path, Form({"device_id": "cam-2"},
                                                                           picture), key),
                "/api/cameras/cam-3/status": lambda path: server.post(path, {}, key),
                "/api/cameras": lambda path: server.get(path, key),
                "/api/detections": lambda path: server.get(path, revoked)}
    for path, request in requests.items():
        assert request(path).status in (401, 403)
    server.stop()
    assert {line["path"]: line.get("camera_id") for line in access(server)} == {
        path: None if path == "/api/detections" else "cam-1" for path in requests}


NOT_JPEG = b"no picture at all"
JPEG = {"Content-Type": "image/jpeg"}


def form_of(*parts):
    """Parts in this order, each a name and a text, or a picture's bytes."""
    form = Form(boundary="of-a-test")
    for name, content in parts:
        if isinstance(content, bytes):
            form.part(content, f'name="{name}"; filename="x.jpg"', "Content-Type: image/jpeg")
        else:
            form.part(content.encode(), f'name="{name}"')
    return form.body, form.headers


def metadata(**fields):
    return "metadata", json.dumps(fields)


NAMED = {
    "query": ("?device_id=c-7", NOT_JPEG, JPEG),
    "header": ("", NOT_JPEG, {**JPEG, "X-Device-Id": "c-7"}),
    "metadata first": ("", *form_of(metadata(device_id="c-7"), ("image", NOT_JPEG))),
    "older name": ("", *form_of(metadata(camera_id="c-7"), ("image", NOT_JPEG))),
    "field first": ("", *form_of(("device_id", "c-7"), ("image", NOT_JPEG))),
    "metadata counts": ("?device_id=c-8",
                        *form_of(metadata(device_id="c-7"), ("image", NOT_JPEG))),
}
UNNAMED = {
    "nowhere": ("", NOT_JPEG, JPEG),
    "no device_id": ("?device_id=c%0A7", NOT_JPEG, JPEG),
    "metadata that names none": ("", *form_of(metadata(device_id="c 7"), ("image", NOT_JPEG))),
    "NUL": ("", *form_of(("device_id", "c-7\0x"), ("image", NOT_JPEG))),
    "metadata behind": ("", *form_of(("image", NOT_JPEG), metadata(device_id="c-7"))),
}


def assert_refused_line(server, key, request, camera):
    """Both lines, the library's and that of the request's end."""
    address, body, headers = request
    answer = server.post("/api/images" + address, body, {**headers, **bearer(key)})
    assert answer.status == 415
    server.stop()
    lines = [line for line in text_lines(server.log) if line["module"] in ("pictures", "access")]
    assert [line["module"] for line in lines] == ["pictures", "access"]
    assert lines[0]["message"] == "a picture is refused: it does not begin like a JPEG"
    assert [line.get("camera_id") for line in lines] == [camera, camera]


@pytest.mark.parametrize("case", [*NAMED, *UNNAMED])
def test_camera_of_a_refused_picture(make_server, case):
    server = make_server({"log.level": "info"})
    server.expect_log("")
    assert_refused_line(server, create_key(server.data, "fleet"), {**NAMED, **UNNAMED}[case],
                        "c-7" if case in NAMED else None)


@pytest.mark.parametrize("case", ["nowhere", "metadata first"])
def test_key_goes_before_what_the_form_says(make_server, case):
    server = make_server({"log.level": "info"})
    server.expect_log("")
    assert_refused_line(server, create_key(server.data, "camera", "cam-2"),
                        {**NAMED, **UNNAMED}[case], "cam-2")


@pytest.mark.parametrize("limit", ["upload", "camera"])
@pytest.mark.parametrize("address, headers", [("?device_id=c-7", {}), ("", {"X-Device-Id": "c-7"})])
def test_camera_that_is_refused_by_the_head(make_server, tmp_path, limit, address, headers):
    """Too much at once, then too often."""
    key = create_key(tmp_path / "station" / "data", "fleet")  # limits are in force at once
    server = make_server({"log.level": "info", "images.max_bytes": 1024, "rate.upload": 0,
                          "rate.camera": 0, f"rate.{limit}": 0.001, f"rate.{limit}_burst": 1})
    server.expect_log("")
    told = {**JPEG, **headers, **bearer(key)}
    assert [server.post("/api/images" + address, bytes(1024 * 1024), told).status
            for _ in range(2)] == [413, 429]
    server.stop()
    assert [line["camera_id"] for line in access(server)] == ["c-7"] * 2


def test_camera_that_is_refused_for_what_its_body_says(make_server):
    server = make_server({"log.level": "info", "rate.camera": 0.001, "rate.camera_burst": 1})
    server.expect_log("")
    key = bearer(create_key(server.data, "fleet"))
    assert [server.post("/api/detections", {"device_id": "c-7"}, key).status
            for _ in range(2)] == [201, 429]
    server.stop()
    assert [line["camera_id"] for line in access(server)] == ["c-7"] * 2
