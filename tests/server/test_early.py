"""Answers that are given before the body has come reach a client that is still sending."""

import socket
import ssl

import pytest
from support.access import bearer, create_key
from support.certificates import Authority
from support.client import Connection, head

MIB = 1024 * 1024
BODY = 2 * MIB  # more than the buffers on both sides take; drained in time on a busy machine too


def post(size=BODY, **headers):
    return head("POST", "/api/images?device_id=cam", None,
                {"Content-Length": str(size), "Content-Type": "image/jpeg", **headers})


def send_all_then_read(connection, message):
    """As simple clients do: no look at the answer before the last byte is out."""
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)
    connection.send(message)
    answer = connection.answer()
    assert answer.headers["Connection"] == "close"
    assert connection.file.read() == b""  # the end in good order, no reset
    return answer


@pytest.fixture
def small(make_server):
    """One that takes no such body."""
    return make_server({"images.max_bytes": MIB})


def test_too_large(small):
    with small.connect() as connection:
        answer = send_all_then_read(connection, post() + bytes(BODY))
    assert answer.status == 413 and "over the limit" in answer.error


def test_body_that_comes_behind_the_answer(small):
    """The answer is there, and the server has closed its side, when the body sets out."""
    with small.connect() as connection:
        connection.send(post())
        assert connection.socket.recv(1, socket.MSG_PEEK) == b"H"
        assert send_all_then_read(connection, bytes(BODY)).status == 413


def test_chunks(small):
    chunk = b"10000\r\n" + bytes(65536) + b"\r\n"
    with small.connect() as connection:
        message = head("POST", "/nothing", None, {"Transfer-Encoding": "chunked"})
        assert send_all_then_read(connection, message + chunk * (BODY // 65536)).status == 404


def test_without_a_key_and_too_often(make_server, tmp_path, picture):
    key = create_key(tmp_path / "station" / "data", "fleet")
    server = make_server({"rate.upload": 0.001, "rate.upload_burst": 2})
    with server.connect() as connection:
        assert send_all_then_read(connection, post() + bytes(BODY)).status == 401
    with server.connect() as connection:
        assert connection.request("POST", "/api/images?device_id=cam", picture,
                                  {"Content-Type": "image/jpeg", **bearer(key)}).status == 201
    with server.connect() as connection:
        answer = send_all_then_read(connection, post(**bearer(key)) + bytes(BODY))
    assert answer.status == 429 and answer.headers["Retry-After"]


def test_when_the_server_is_full(make_server):
    server = make_server({"http.connections": 1})
    with server.connect() as held, server.connect() as connection:
        assert held.request("GET", "/healthz").status == 200
        answer = send_all_then_read(connection, post() + bytes(BODY))
        assert (answer.status, answer.error) == (503, "the server is full")


def test_one_connection_too_many(make_server):
    server = make_server({"http.connections_per_address": 1, "http.proxies": ""})
    with server.connect() as held:
        assert held.request("GET", "/healthz").status == 200
        with server.connect() as connection:
            assert send_all_then_read(connection, post() + bytes(BODY)).status == 429


def test_too_late(make_server, picture):
    server = make_server({"http.request_timeout": 1})
    with server.connect() as connection:
        connection.send(post(len(picture) + BODY + 1) + picture)
        assert connection.socket.recv(1, socket.MSG_PEEK) == b"H"  # the clock itself is under test
        assert send_all_then_read(connection, bytes(BODY)).status == 408
    server.stop()
    assert not server.files("incoming")


def test_tls(make_server, tmp_path):
    authority = Authority(tmp_path)
    authority.issue(file="station")
    server = make_server({"images.max_bytes": MIB, "http.tls_certificate": tmp_path / "station.crt",
                          "http.tls_key": tmp_path / "station.key"})
    trusting = ssl.create_default_context(cafile=authority.ca)
    with Connection(server.address, tls=trusting) as connection:
        answer = send_all_then_read(connection, post() + bytes(BODY))
    assert answer.status == 413
