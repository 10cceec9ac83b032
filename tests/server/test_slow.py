"""Clients that are slow, stuck, gone, or too many."""

import os
import re
import select
import threading
import time

import pytest
from support import Form
from support.client import head
from support.log import text_lines


def drip(connection, data, pause=0.05):
    """Sends a byte now and then until the server says something; how many were sent."""
    for sent, byte in enumerate(data):
        if select.select([connection.socket], [], [], pause)[0]:
            return sent
        connection.send(bytes([byte]))
    return len(data)


def count_late(server):
    found = re.search(r'^wildcam_http_connections_dismissed_total{reason="late"} (\d+)$',
                      server.get("/metrics").body.decode(), re.M)
    return int(found[1])


@pytest.fixture
def impatient(make_server):
    return make_server({"http.request_timeout": 1})


def assert_cut_off(server, connection, data):
    """It goes on sending, and hears why all the same."""
    sent = drip(connection, data)
    assert sent < len(data)
    connection.send(data[sent:])
    answer = connection.answer()
    assert (answer.status, answer.error) == (408, "the request did not arrive in time")
    assert connection.is_closed()
    assert server.get("/healthz").status == 200
    return answer


@pytest.mark.parametrize("settings", [{"http.head_timeout": 1},
                                      {"http.head_timeout": 1, "http.idle_timeout": 3600}],
                         ids=["alone", "before what is idle"])
def test_slow_first_line_is_cut_off(make_server, settings):
    """Without a word: nobody knows whether it is HTTP."""
    server = make_server(settings)
    with server.connect() as connection:
        line = b"GET /" + b"a" * 1000
        assert drip(connection, line) < len(line)
        assert connection.is_closed()
    assert server.get("/healthz").status == 200


@pytest.mark.parametrize("before", [0, 3])
def test_slow_head_is_cut_off(make_server, before):
    server = make_server({"http.head_timeout": 4, "log.level": "info"})
    server.expect_log("")
    with server.connect() as connection:
        for _ in range(before):
            assert connection.request("GET", "/healthz").status == 200
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: station\r\n")
        answer = assert_cut_off(server, connection, b"A: " + b"a" * 500)
    server.stop()
    [line] = [line for line in text_lines(server.log) if line["module"] == "access"]
    assert (line["method"], line["path"], line["status"]) == ("-", "-", 408)
    assert line["message"] == "answered" and line["sent_bytes"] == len(answer.body)
    assert 100 < line["duration_ms"] < 120000  # of a time that runs from the connection on


def test_body_has_a_time_of_its_own(make_server, picture):
    """A camera far away takes longer for its picture than for its head."""
    server = make_server({"http.head_timeout": 5})
    form = Form({"device_id": "cam"}, picture)
    with server.connect() as connection:
        connection.send(head("POST", "/api/detections", form.body, form.headers))
        assert drip(connection, form.body[:160]) == 160  # 8 s: the clock itself is under test
        connection.send(form.body[160:])
        assert connection.answer().status == 201


def test_slow_body_is_cut_off(impatient, picture):
    form = Form({"device_id": "cam"}, picture)
    with impatient.connect() as connection:
        connection.send(head("POST", "/api/detections", form.body, form.headers))
        assert_cut_off(impatient, connection, form.body[:500])
    impatient.stop()
    assert not impatient.files("incoming")


def test_slow_chunks_are_cut_off(impatient):
    with impatient.connect() as connection:
        connection.send(head("POST", "/api/images?device_id=cam", None,
                             {"Transfer-Encoding": "chunked"}))
        assert_cut_off(impatient, connection, b"1\r\n{\r\n" * 100)


def test_slow_body_is_told_why(impatient, picture):
    """One that stops sending hears it for sure."""
    form = Form({"device_id": "cam"}, picture)
    with impatient.connect() as connection:
        connection.send(head("POST", "/api/detections", form.body, form.headers) + form.body[:99])
        answer = connection.answer()
        assert (answer.status, answer.error) == (408, "the request did not arrive in time")
        assert answer.headers["Connection"] == "close"
        assert connection.is_closed()
    assert count_late(impatient) == 1


@pytest.mark.parametrize("settings", [{}, {"log.requests": "errors"}])
def test_slow_body_is_logged(make_server, settings):
    server = make_server({"http.request_timeout": 1, "log.level": "info", **settings})
    server.expect_log("")
    with server.connect() as connection:
        connection.send(head("POST", "/api/detections", b"{}", {}) + b"{")
        answer = connection.answer()
    server.stop()
    [line] = [line for line in text_lines(server.log) if line["module"] == "access"]
    assert (line["path"], line["status"], line["received_bytes"]) == ("/api/detections", 408, 1)
    assert line["sent_bytes"] == len(answer.body) and line["duration_ms"] > 100


def test_connection_that_says_nothing_is_closed(make_server):
    server = make_server({"http.idle_timeout": 1})
    with server.connect() as silent, server.connect() as idle, server.connect() as begun:
        begun.send(b"GET /heal")
        assert idle.request("GET", "/healthz").status == 200
        for connection in (silent, idle, begun):
            assert connection.is_closed()


def test_time_runs_anew_for_each_request(impatient, picture):
    """A connection may live longer than a request."""
    with impatient.connect() as connection:
        for _ in range(5):
            assert connection.request("GET", "/healthz").status == 200
            time.sleep(0.5)  # the clock itself is under test


def open_pictures(server):
    """How many of its pictures it is reading from."""
    count = 0
    for entry in os.scandir(f"/proc/{server.pid}/fd"):
        try:
            count += f"{server.data}/images/" in os.readlink(entry.path)
        except FileNotFoundError:
            pass  # closed meanwhile
    return count


def test_slow_reader_is_cut_off(make_server, picture):
    """One that takes an answer byte by byte, and so holds the file that it is read from."""
    server = make_server({"http.request_timeout": 1, "http.idle_timeout": 3600})
    image = server.upload(picture + bytes(14 * 1024 * 1024)).json["image_id"]
    with server.connect() as connection:
        connection.send(head("GET", f"/api/images/{image}"))
        assert connection.socket.recv(1) == b"H"
        assert open_pictures(server) == 1
        for _ in range(600):
            if open_pictures(server) == 0:
                break
            assert connection.socket.recv(1)
            time.sleep(0.05)  # the clock itself is under test
        else:
            pytest.fail("it is still read from")
    assert count_late(server) == 1


def test_a_hundred_slow_uploads_hold_up_nobody(server, pictures):
    form = Form({"device_id": "cam"}, pictures[0])
    slow = [server.connect() for _ in range(100)]
    try:
        for connection in slow:
            connection.send(head("POST", "/api/detections", form.body, form.headers) +
                            form.body[:-1])
        assert server.get("/api/health").json["status"] == "ok"
        assert server.get("/api/detections").json["total"] == 0
        assert server.upload(pictures[1], "cam").status == 201
        for connection in slow:
            connection.send(form.body[-1:])
        answers = [connection.answer() for connection in slow]
    finally:
        for connection in slow:
            connection.close()
    assert sorted(answer.status for answer in answers) == [200] * 99 + [201]
    assert len({answer.json["image_id"] for answer in answers}) == 1
    assert server.get("/api/detections").json["total"] == 2
    assert not server.files("incoming")


def test_health_answers_when_the_server_is_full(make_server, picture):
    server = make_server({"http.connections": 4})
    taken = [server.connect() for _ in range(4)]
    try:
        for connection in taken:
            assert connection.request("GET", "/healthz").status == 200
        for _ in range(10):
            for path in ("/api/health", "/healthz", "/readyz"):
                assert server.get(path).status == 200
            answer = server.upload(picture)
            assert (answer.status, answer.error) == (503, "the server is full")
            assert int(answer.headers["Retry-After"]) > 0
        assert taken[0].request("GET", "/api/cameras").json["count"] == 0
    finally:
        for connection in taken:
            connection.close()
    for _ in range(600):
        if server.upload(picture).status == 201:
            break
        time.sleep(0.05)
    assert server.get("/api/detections").json["total"] == 1


def test_far_more_connections_than_there_are_places(make_server):
    """Those past the limit do not last: whoever waits has a turn."""
    server = make_server({"http.connections": 4})
    idle = [server.connect() for _ in range(200)]
    try:
        assert server.get("/api/health").status == 200
    finally:
        for connection in idle:
            connection.close()
    assert server.get("/healthz").status == 200


def test_uploads_that_are_aborted_leave_nothing(make_server, picture):
    """Nor does the server wait for them: it would for longer than the test."""
    server = make_server({"http.stop_timeout": 3600, "http.idle_timeout": 3600})
    form = Form({"device_id": "cam"}, picture)
    message = head("POST", "/api/detections", form.body, form.headers) + form.body
    for sent in range(1, len(message), len(message) // 40):
        with server.connect() as connection:
            connection.send(message[:sent])
    assert server.upload(picture, "other").status == 201
    server.stop()
    assert not server.files("incoming")
    server.start()
    assert [row["device_id"] for row in server.get("/api/detections").json["detections"]] == [
        "other"]


def test_client_that_goes_before_the_answer(server, pictures):
    """The picture is kept or not, but never half, and comes back under one id."""
    for picture in pictures:
        form = Form({"device_id": "cam"}, picture)
        with server.connect() as connection:
            connection.send(head("POST", "/api/detections", form.body, form.headers) + form.body)
    for picture in pictures:
        first, again = server.upload(picture, "cam"), server.upload(picture, "cam")
        assert first.status in (200, 201) and again.status == 200
        assert first.json["image_id"] == again.json["image_id"]
    assert server.get("/api/detections").json["total"] == len(pictures)


def test_many_at_once(server, pictures):
    """Eight cameras, two of them with the same id, each request answered as it would be alone."""
    failures = []

    def work(number):
        device = f"cam-{number // 2 * 2 if number < 2 else number}"
        with server.connect() as connection:
            for picture in pictures:
                form = Form({"device_id": device}, picture)
                answer = connection.request("POST", "/api/detections", form.body, form.headers)
                if answer.status not in (200, 201):
                    failures.append(answer)
                    continue
                back = connection.request("GET", f"/api/images/{answer.json['image_id']}")
                if back.body != picture:
                    failures.append(back)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert server.get("/api/detections").json["total"] == 7 * len(pictures)
    assert server.get("/api/cameras").json["count"] == 7
