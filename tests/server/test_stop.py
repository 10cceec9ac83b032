"""How the server ends: what is acknowledged is kept, what is under way is finished or refused."""

import signal
import sqlite3
import threading
import time
from contextlib import closing

import pytest
from support import Connection, Form
from support.client import head


def begin_upload(server, form, sent):
    """A connection on which an upload has begun: the server has said so, and has some bytes."""
    connection = server.connect()
    body = form.body
    connection.send(head("POST", "/api/detections", body,
                         {**form.headers, "Expect": "100-continue"}))
    assert connection.file.readline() == b"HTTP/1.1 100 Continue\r\n"
    assert connection.file.readline() == b"\r\n"
    connection.send(body[:sent])
    return connection


def wait_until_stopping(server):
    for _ in range(600):
        if server.get("/readyz").status == 503:
            return
        time.sleep(0.05)
    raise AssertionError(f"the server does not begin to stop: {server.log}")


def is_kept(server, image_id, picture):
    return server.get(f"/api/images/{image_id}").body == picture


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_idle_server_ends_at_once(server, number):
    with server.connect() as idle:
        assert idle.request("GET", "/healthz").status == 200
        server.signal(number)
        assert server.wait() == 0
        assert idle.is_closed()


def test_upload_under_way_is_finished(server, picture):
    form = Form({"device_id": "cam"}, picture)
    with begin_upload(server, form, 1000) as upload:
        server.signal()
        wait_until_stopping(server)
        upload.send(form.body[1000:])
        answer = upload.answer()
        assert answer.status == 201
        assert answer.headers["Connection"] == "close"
        assert upload.is_closed()
    assert server.wait() == 0
    server.start()
    assert is_kept(server, answer.json["image_id"], picture)


def test_new_requests_are_refused(server, pictures):
    form = Form({"device_id": "cam"}, pictures[0])
    with begin_upload(server, form, 1000) as upload, server.connect() as other:
        assert other.request("GET", "/readyz").status == 200
        server.signal()
        wait_until_stopping(server)
        late = Form({"device_id": "cam"}, pictures[1])
        for answer in (other.request("POST", "/api/detections", late.body, late.headers),
                       server.get("/api/cameras")):
            assert (answer.status, answer.error) == (503, "the server is stopping")
            assert answer.headers["Retry-After"] == "5"
        assert server.get("/readyz").status == 503
        assert server.get("/healthz").status == 200
        assert server.get("/api/health").status == 200
        upload.send(form.body[1000:])
        assert upload.answer().status == 201
    assert server.wait() == 0
    server.start()
    assert server.get("/api/detections").json["total"] == 1


def test_upload_that_never_ends_is_given_up(make_server, picture):
    server = make_server({"http.stop_timeout": 1})
    with begin_upload(server, Form({"device_id": "cam"}, picture), 1000) as upload:
        server.signal()
        assert server.wait() == 0
        assert upload.answer() is None
    server.start()
    assert not server.files("incoming")
    assert server.get("/api/detections").json["total"] == 0


def test_second_signal_changes_nothing(server, picture):
    form = Form({"device_id": "cam"}, picture)
    with begin_upload(server, form, 1000) as upload:
        server.signal()
        wait_until_stopping(server)
        server.signal()
        server.signal(signal.SIGINT)
        upload.send(form.body[1000:])
        answer = upload.answer()
        assert answer.status == 201
    assert server.wait() == 0
    server.start()
    assert is_kept(server, answer.json["image_id"], picture)


@pytest.mark.parametrize("timeout", [0, 10])
def test_stopped_amid_uploads(make_server, tmp_path, pictures, timeout):
    """Whatever was acknowledged is there, and nothing is there twice."""
    server = make_server({"http.stop_timeout": timeout})
    acknowledged, answers = {}, []
    has_begun = threading.Semaphore(0)

    def send_pictures(number):
        try:
            with Connection(server.address) as connection:
                for turn, picture in enumerate(pictures * 20):
                    form = Form({"device_id": f"cam-{number}"}, picture + b"%d" % turn)
                    answer = connection.request("POST", "/api/detections", form.body, form.headers)
                    if answer is None:
                        return
                    answers.append(answer.status)
                    if answer.status != 201:
                        return
                    acknowledged[answer.json["image_id"]] = picture + b"%d" % turn
                    has_begun.release()
        except ConnectionError:
            pass  # cut off in the middle: not acknowledged

    threads = [threading.Thread(target=send_pictures, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(24):
        assert has_begun.acquire(timeout=60)
    server.signal()
    assert server.wait() == 0
    for thread in threads:
        thread.join()
    assert set(answers) <= {201, 503}
    server.start()
    for image_id, picture in acknowledged.items():
        assert is_kept(server, image_id, picture)
    assert server.get("/api/detections").json["total"] >= len(acknowledged)
    assert not server.files("incoming")


def test_disk_is_whole_after_the_end(server, pictures):
    for picture in pictures:
        server.upload(picture)
    server.stop()
    databases = list(server.data.rglob("*.db"))
    assert databases
    for path in databases:
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
