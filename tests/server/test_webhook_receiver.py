"""examples/webhook_receiver.py: it believes a real station, and nobody else."""

import hashlib
import hmac
import json
import os
import re
import socket
import subprocess
import sys
import time

import pytest
from support.paths import SOURCE_ROOT

SECRET = "s1gn3d-with-this"


class Example:
    def __init__(self):
        self.tool = subprocess.Popen(
            [sys.executable, SOURCE_ROOT / "examples/webhook_receiver.py", "0"], text=True,
            env={**os.environ, "WEBHOOK_SECRET": SECRET}, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.port = int(re.fullmatch(r"receives at port (\d+)\n", self.tool.stderr.readline())[1])
        self.url = f"http://127.0.0.1:{self.port}/alerts"

    def close(self):
        """What it has shown that nobody has read."""
        self.tool.terminate()
        return self.tool.communicate(timeout=60)[0].splitlines()

    def send(self, head, body=b""):
        """The status that it answers with."""
        with socket.create_connection(("127.0.0.1", self.port), 60) as connection:
            connection.sendall(f"POST /alerts HTTP/1.0\r\n{head}\r\n".encode() + body)
            connection.shutdown(socket.SHUT_WR)
            return int(connection.makefile("rb").readline().split()[1])

    def post(self, body, seconds=None, signature=None, **more):
        seconds = int(time.time()) if seconds is None else seconds
        signature = signature or hmac.new(SECRET.encode(), f"{seconds}.".encode() + body,
                                          hashlib.sha256).hexdigest()
        headers = {"Content-Length": len(body), "X-WildCAM-Signature":
                   f"t={seconds},v1={signature}", **more}
        return self.send("".join(f"{name}: {value}\r\n" for name, value in headers.items()), body)


@pytest.fixture
def example():
    example = Example()
    yield example
    example.close()


def told(delivery="a"):
    return json.dumps({"event": "test", "delivery": delivery, "at": "2026-01-01T00:00:00Z",
                       "alert": None}).encode()


def test_it_believes_the_station(example, make_server):
    server = make_server({"alerts.webhook": example.url, "alerts.webhook_secret": SECRET})
    server.post("/api/cameras/register", {"device_id": "gate"})
    server.post("/api/cameras/gate/status", {"battery_level": 3})
    assert "raised warning the battery of gate is at 3 %" in example.tool.stdout.readline()
    server.post("/api/cameras/gate/status", {"battery_level": 90})
    assert " cleared warning " in example.tool.stdout.readline()


def test_it_does_not_believe_another_station(example, make_server):
    server = make_server({"alerts.webhook": example.url, "alerts.webhook_secret": "another",
                          "log.level": "info"})
    server.expect_log(" info ")
    server.post("/api/cameras/register", {"device_id": "gate"})
    server.post("/api/cameras/gate/status", {"battery_level": 3})
    server.await_log("did not take an alert: 401")
    assert example.close() == []


def test_what_is_sent_again_is_shown_once(example):
    body = told()
    assert example.post(body) == 204
    assert example.post(body) == 204
    # Whoever has overheard it changes what is not signed.
    assert example.post(body, **{"X-WildCAM-Delivery": "b"}) == 204
    assert example.post(told("b")) == 204
    assert len(example.close()) == 2


@pytest.mark.parametrize("away", [-400, 400])
def test_what_is_old_or_of_the_future_is_refused(example, away):
    assert example.post(told(), int(time.time()) + away) == 401


@pytest.mark.parametrize("head, status", [
    ("Content-Length: -1\r\n", 411), ("Content-Length: x\r\n", 411), ("", 411),
    (f"Content-Length: {'9' * 5000}\r\n", 411), ("Content-Length: 1048577\r\n", 413),
    ("Content-Length: 0\r\n", 401), ("Content-Length: 0\r\nX-WildCAM-Signature: t=,v1=\r\n", 401),
    (f"Content-Length: 0\r\nX-WildCAM-Signature: t={'9' * 5000},v1={'0' * 64}\r\n", 401),
    ("Content-Length: 0\r\nX-WildCAM-Signature: t=1,v1=\u00e9\r\n", 401),
])
def test_what_is_no_delivery_is_refused(example, head, status):
    assert example.send(head) == status
    assert example.post(told()) == 204  # it goes on


def test_a_wrong_signature_is_refused(example):
    assert example.post(told(), signature="0" * 64) == 401
    assert example.close() == []
