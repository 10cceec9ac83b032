"""Every answer names its request, and so do the lines that belong to it."""

import re
import threading

import pytest
from support import Form
from support.client import head
from support.log import text_lines

MADE = "[0-9a-f]{32}"
NAME = "X-Request-Id"


@pytest.mark.parametrize("name", ["a", "0", "A-Za-z0-9._:-", "req-1:2.3_4", "x" * 128,
                                  "550e8400-e29b-41d4-a716-446655440000"])
def test_a_name_is_taken_over(server, name):
    assert server.get("/api/cameras", {NAME: name}).headers[NAME] == name
    assert server.get("/no/such", {NAME: name}).headers[NAME] == name


@pytest.mark.parametrize("name", [None, "", "x" * 129, "a b", "a/b", 'a"b', "a\tb", "ä", "a;b",
                                  "\x1b[31m", "{}", "%0a"])
def test_what_is_no_name_is_replaced(server, name):
    assert re.fullmatch(MADE, server.get("/api/cameras", {NAME: name}).headers[NAME])


def test_names_that_are_made_are_different(server):
    with server.connect() as connection:
        names = {connection.request("GET", "/healthz").headers[NAME] for _ in range(500)}
    assert len(names) == 500


def raw(*lines):
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize("request_bytes, status", [
    (raw("GET /no/such HTTP/1.1", "Host: localhost"), 404),
    (raw("DELETE /api/cameras HTTP/1.1", "Host: localhost"), 405),
    (raw("GET /api/cameras HTTP/1.1"), 400),
    (raw("GET /api/cameras HTTP/1.1", "Host: localhost", "Host: other"), 400),
    (raw("POST /api/images HTTP/1.1", "Host: localhost"), 411),
    (raw("POST /api/images HTTP/1.1", "Host: localhost", "Content-Length: 99999999999"), 413),
    (raw("POST /api/images HTTP/1.1", "Host: localhost", "Content-Type: text/html",
         "Content-Length: 5"), 415),
    (raw("POST /api/cameras/register HTTP/1.1", "Host: localhost", "Origin: http://evil.example",
         "Content-Length: 2") + b"{}", 403),
    (raw("GET /api/detections?limit=abc HTTP/1.1", "Host: localhost"), 400),
])
def test_early_answers_have_one_too(make_server, request_bytes, status):
    server = make_server({"log.level": "info"})
    server.expect_log("")
    with server.connect() as connection:
        connection.send(request_bytes.replace(b"\r\n", b"\r\nX-Request-Id: mine\r\n", 1))
        answer = connection.answer()
        assert (answer.status, answer.headers[NAME]) == (status, "mine")
    server.stop()
    [line] = [line for line in text_lines(server.log) if line["module"] == "access"]
    assert (line["request_id"], line["status"]) == ("mine", status)


def test_answers_of_a_server_that_is_stopping(server, picture):
    form = Form({"device_id": "cam"}, picture)
    with server.connect() as upload, server.connect() as other:
        assert other.request("GET", "/readyz").status == 200
        upload.send(head("POST", "/api/detections", form.body,
                         {**form.headers, "Expect": "100-continue"}))
        assert upload.file.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert upload.file.readline() == b"\r\n"
        server.signal()
        while server.get("/readyz").status == 200:  # it has not got the signal yet
            continue
        answer = other.request("GET", "/api/cameras", None, {NAME: "late"})
        assert (answer.status, answer.headers[NAME]) == (503, "late")
        upload.send(form.body)
        assert upload.answer().headers[NAME]
    assert server.wait() == 0


def cut_off(server, request_bytes):
    """The answer to a request that does not come to its end."""
    with server.connect() as connection:
        connection.send(request_bytes)
        answer = connection.answer()
        assert answer.status == 408
        return answer.headers[NAME]


def test_a_request_that_does_not_arrive(make_server):
    server = make_server({"http.request_timeout": 1, "http.head_timeout": 4, "log.level": "info"})
    server.expect_log("")
    whole_head = raw("POST /api/images HTTP/1.1", "Host: localhost", "X-Request-Id: mine",
                     "Content-Type: image/jpeg", "Content-Length: 9")
    assert cut_off(server, whole_head + b"\xff\xd8") == "mine"
    assert re.fullmatch(MADE, cut_off(server, whole_head[:40]))
    server.stop()
    body, head = [line for line in text_lines(server.log) if line["module"] == "access"]
    assert (body["request_id"], body["status"], body["received_bytes"]) == ("mine", 408, 2)
    assert (head["method"], head["path"], head["status"]) == ("-", "-", 408)


def test_lines_of_the_library_name_the_request(make_server, pictures):
    """Many at once: each line has the name and the camera of the request it belongs to."""
    server = make_server({"log.level": "info"})
    server.expect_log("")

    def send(number):
        form = Form({"device_id": f"cam-{number}"}, pictures[number])
        answer = server.post("/api/detections", form, {NAME: f"request-{number}"})
        assert (answer.status, answer.headers[NAME]) == (201, f"request-{number}")

    threads = [threading.Thread(target=send, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.stop()
    for number in range(12):
        lines = [line for line in text_lines(server.log)
                 if line.get("request_id") == f"request-{number}"]
        assert sorted(line["module"] for line in lines) == ["access", "alerts", "cameras"]
        assert {line["camera_id"] for line in lines} == {f"cam-{number}"}
        assert any(f"cam-{number} was not known" in line["message"] for line in lines)
    own = [line for line in text_lines(server.log) if line["module"] == "server"]
    assert own and not any("request_id" in line for line in own)


@pytest.mark.parametrize("path", ["/api/cameras/cam-1", "/api/cameras/1",
                                  "/api/cameras/cam-1/statistics",
                                  "/api/detections?camera_id=cam-1",
                                  "/api/detections?device_id=cam-1"])
def test_the_camera_that_is_asked_for(make_server, path):
    server = make_server({"log.level": "info"})
    server.expect_log("")
    assert server.post("/api/cameras/register", {"device_id": "cam-1"}).status == 201
    assert server.get(path, {NAME: "mine"}).status == 200
    server.stop()
    [line] = [line for line in text_lines(server.log) if line.get("request_id") == "mine"]
    assert line["camera_id"] == "cam-1"


def test_no_camera_that_could_be_none(make_server):
    server = make_server({"log.level": "info"})
    server.expect_log("")
    for device in (".hidden", "a b", "x" * 51, "a/b", ""):
        assert server.post("/api/detections", {"device_id": device}).status == 400
    server.stop()
    assert not any("camera_id" in line for line in text_lines(server.log))
