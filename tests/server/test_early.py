"""Answers that are given before the body has come reach a client that is still sending."""

import socket
import ssl

import pytest
from support.access import bearer, create_key
from support.certificates import Authority
from support.client import Connection, head

MIB = 1024 * 1024
BODY = 2 * MIB  # more than the buffers on both sides take; drained in time on a busy machine too
THROWN_AWAY = 64 * MIB
CHUNK = b"10000\r\n" + bytes(65536) + b"\r\n"
CHUNKED = {"Transfer-Encoding": "chunked"}
JPEG = {"Content-Type": "image/jpeg"}


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
    with small.connect() as connection:
        message = head("POST", "/nothing", None, CHUNKED)
        assert send_all_then_read(connection, message + CHUNK * (BODY // 65536)).status == 404


def test_body_that_is_refused_while_it_comes(small):
    """It is read to its end, and then answered."""
    with small.connect() as connection:
        message = head("POST", "/api/auth/login", None, CHUNKED)
        chunks = CHUNK * (BODY // 65536) + b"0\r\n\r\n"
        assert send_all_then_read(connection, message + chunks).status == 413


def pour(connection, piece):
    """Sends until the server ends the connection, or has taken far too much; how much it took."""
    sent = 0
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)
    try:
        while sent < 4 * THROWN_AWAY:
            connection.send(piece)
            sent += len(piece)
    except ConnectionError:
        pass
    return sent


@pytest.mark.parametrize("method, path, headers, piece", [
    ("POST", "/api/auth/login", CHUNKED, CHUNK),
    ("POST", "/api/cameras/register", CHUNKED, CHUNK),
    ("POST", "/api/images?device_id=cam", {**CHUNKED, **JPEG}, CHUNK),  # no JPEG
    ("POST", "/api/images?device_id=cam", {**CHUNKED, "Content-Type": "multipart/form-data"},
     CHUNK),
    ("GET", "/api/cameras", {"Content-Length": str(2**40)}, bytes(65536)),
    ("GET", "/api/cameras", CHUNKED, CHUNK),
], ids=["login", "JSON", "picture", "form", "unwanted", "unwanted chunks"])
def test_body_without_an_end(make_server, method, path, headers, piece):
    """As much as is promised is thrown away, and what lies in the buffers of both sides."""
    server = make_server({"log.level": "info", "http.request_timeout": 3600})
    server.expect_log("")
    with server.connect() as connection:
        connection.send(head(method, path, None, headers))
        assert THROWN_AWAY <= pour(connection, piece) < 2 * THROWN_AWAY
    server.await_log("a body are thrown away: the connection ends")
    assert server.get("/healthz").status == 200


def test_bodies_that_are_thrown_away_one_after_another(make_server):
    """Each has an end: the connection goes on."""
    server = make_server()
    body = bytes(THROWN_AWAY // 2 + MIB)
    with server.connect() as connection:
        for _ in range(2):
            assert connection.request("GET", "/api/cameras", body).status == 200


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
