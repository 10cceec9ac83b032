"""While there are no keys, a page that reaches the server by a name of its own is refused."""

import pytest

ADDRESSES = ["127.0.0.1", "127.0.0.1:8080", "127.5.6.7:1", "192.168.4.1:8080", "[::1]:8080", "[::1]",
             "[fd00::1]:80", "localhost", "localhost:8080", "LocalHost:8080", "cam.localhost",
             "127.0.0.1:"]
NAMES = ["example.org", "example.org:8080", "station", "localhost.example.org", "xlocalhost",
         ".localhost", "127.0.0.1.example.org", "127.0.0.1:80:80", "127.0.0.1:80x",
         "127.1", "0x7f000001", "2130706433", "[::1", "[::1]x", "[127.0.0.1]", "[example.org]",
         "[fe80::1%25eth0]", "::1", "", ":8080", "[]", "a" * 300, "caf\u00e9", "user@127.0.0.1"]
LISTED = {"http.hosts": "station, Cameras.example.org"}


def ask(server, host, path="/api/cameras", method="GET", body=None):
    with server.connect() as connection:
        return connection.request(method, path, body, {"Host": host})


@pytest.mark.parametrize("host", ADDRESSES)
def test_addresses_and_localhost_are_served(server, host):
    assert ask(server, host).status == 200


@pytest.mark.parametrize("host", NAMES)
def test_names_are_refused(server, host):
    answer = ask(server, host)
    assert answer.status == 403
    assert "http.hosts" in answer.error and "localhost" in answer.error


def test_nothing_is_kept_and_no_body_awaited(server):
    with server.connect() as connection:
        connection.send(b"POST /api/cameras/register HTTP/1.1\r\nHost: example.org\r\n"
                        b"Content-Length: 20\r\n\r\n")
        answer = connection.answer()
        assert answer.status == 403 and answer.headers["Connection"] == "close"
    assert ask(server, "example.org", "/api/cameras/register", "POST",
               b'{"device_id": "cam"}').status == 403
    assert server.get("/api/cameras?status=all").json["count"] == 0


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/api/health", "/api/openapi.json"])
def test_what_is_for_all_is_served(server, path):
    assert ask(server, "example.org", path).status == 200


def test_names_of_the_setting(make_server):
    server = make_server(LISTED)
    for host in ("station", "station:8080", "STATION:1", "cameras.example.org", "127.0.0.1"):
        assert ask(server, host).status == 200, host
    for host in ("example.org", "stat", "station2", "station,", "station, cameras.example.org",
                 "x.station", "org"):
        assert ask(server, host).status == 403, host


def test_no_host_comes_from_no_browser(server):
    with server.connect() as connection:
        connection.send(b"GET /api/cameras HTTP/1.0\r\n\r\n")
        assert connection.answer().status == 200
