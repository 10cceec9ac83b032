"""A log that nobody reads: the server goes on, and says afterwards what is missing."""

import os
import re

import pytest
from support import Form
from support.log import text_lines

REQUESTS = 3000  # their lines are several times what pipe and queue hold


class StalledLog:
    """A server's log as a pipe that is read when the test wants it."""

    def __init__(self, directory):
        directory.mkdir()
        self.path = directory / "server.log"
        os.mkfifo(self.path)
        self.fd = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        self.text = b""

    def read_until(self, words):
        """Reads on until these words have come, in whole lines."""
        os.set_blocking(self.fd, True)
        while words not in self.text or not self.text.endswith(b"\n"):
            piece = os.read(self.fd, 65536)
            assert piece, f"the log ends without {words}"
            self.text += piece

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1


@pytest.fixture
def log(tmp_path):
    log = StalledLog(tmp_path / "station")
    yield log
    log.close()


@pytest.fixture
def stalled(make_server, log):
    """A server whose log is full."""
    server = make_server({"log.level": "info", "log.queue_bytes": 65536})
    with server.connect() as connection:
        for _ in range(REQUESTS):
            assert connection.request("GET", "/no/such").status == 404
    return server


def test_nobody_waits_and_the_loss_is_told(stalled, log, pictures):
    for picture in pictures:
        assert stalled.upload(picture).status == 201
    log.read_until(b"lost here")
    assert stalled.get("/the/last").status == 404
    log.read_until(b"path=/the/last")
    metrics = stalled.get("/metrics").body.decode()
    stalled.expect_log("")
    stalled.signal()
    assert stalled.wait() == 0
    lines = text_lines(log.text.decode())
    lost = sum(int(re.match(r"(\d+) lines? w", line["message"])[1])
               for line in lines if line["module"] == "log")
    seen = sum(line["module"] in ("access", "alerts") for line in lines)
    alerts = sum(int(count) for count in
                 re.findall(r"^wildcam_alerts_raised_total\{.*\} (\d+)$", metrics, re.M))
    assert lost > 0 and seen > 0
    assert seen + lost == REQUESTS + len(pictures) + 1 + alerts
    assert f"\nwildcam_log_lines_dropped_total {lost}\n" in metrics
    # Warnings came through, in room of their own.
    assert any("was not known" in line["message"] for line in lines)


def test_the_server_ends_all_the_same(stalled):
    assert stalled.upload(b"no picture").status in (400, 415)
    stalled.signal()
    assert stalled.wait() == 0


def test_a_log_without_a_reader_is_no_reason_to_end(stalled, log, picture):
    log.close()
    assert stalled.upload(picture).status == 201
    stalled.signal()
    assert stalled.wait() == 0


def test_uploads_under_way_are_finished(stalled, pictures):
    """Told to stop amid requests, with the log stalled: what is acknowledged is kept."""
    form = Form({"device_id": "cam"}, pictures[0])
    with stalled.connect() as connection:
        answer = connection.request("POST", "/api/detections", form.body, form.headers)
        assert answer.status == 201
        stalled.signal()
        assert stalled.wait() == 0
    os.unlink(stalled.log_path)
    stalled.expect_log("")
    stalled.start()
    assert stalled.get(f"/api/images/{answer.json['image_id']}").body == pictures[0]
