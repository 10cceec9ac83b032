"""Too many connections: from one address, from all, or for the system."""

import os
import signal
import time

import pytest
from support import Form
from support.client import Connection, head, send

PATHS = ("/api/health", "/healthz", "/readyz", "/metrics", "/api/metrics",
         "/federate?match[]=wildcam_active_cameras_total")


@pytest.fixture
def crowd():
    """Makes connections that are closed behind the test."""
    made = []

    def make(connect, count):
        made.extend(connect() for _ in range(count))
        return made[-count:]

    yield make
    for connection in made:
        connection.close()


def ask(server, source=None):
    with server.connect(source) as connection:
        return connection.request("GET", "/api/cameras")


def assert_refused(connection, limit):
    answer = connection.answer()
    assert answer.status == 429 and int(answer.headers["Retry-After"]) > 0
    assert answer.error == ("too many connections from this address: "
                            f"http.connections_per_address is {limit}")
    assert connection.is_closed()


def test_connections_of_one_address(make_server, crowd):
    server = make_server({"http.connections_per_address": 3, "http.proxies": ""})
    held = crowd(server.connect, 3)
    for connection in held:
        assert connection.request("GET", "/healthz").status == 200
    for connection in crowd(server.connect, 20):
        assert_refused(connection, 3)
    assert held[0].request("GET", "/metrics").body.count(
        b'wildcam_http_connections_dismissed_total{reason="refused"} 20\n') == 1
    assert ask(server, "127.0.0.2").status == 200
    held[1].send(b"GET /healthz HTTP/1.1\r\nHost: station\r\nConnection: close\r\n\r\n")
    assert held[1].answer().status == 200 and held[1].is_closed()
    for _ in range(600):  # its place is free once the server has seen the end
        with server.connect() as connection:
            try:
                answer = connection.request("GET", "/healthz")
            except ConnectionError:
                continue
            if answer and answer.status == 200:
                break
        time.sleep(0.01)
    else:
        pytest.fail("the place stays taken")


def test_what_a_refused_connection_sends_is_not_done(make_server, crowd, picture):
    """It may be there already when the connection is cut off."""
    server = make_server({"http.connections_per_address": 1, "http.proxies": ""})
    held = crowd(server.connect, 1)[0]
    assert held.request("GET", "/healthz").status == 200
    form = Form({"device_id": "cam"}, picture)
    server.signal(signal.SIGSTOP)  # so that it is there before the connection is seen
    refused = crowd(server.connect, 30)
    for connection in refused:
        connection.send(head("POST", "/api/detections", form.body, form.headers) + form.body)
    server.signal(signal.SIGCONT)
    for connection in refused:
        assert_refused(connection, 1)
    for _ in range(20):
        assert held.request("GET", "/api/detections").json["total"] == 0


@pytest.mark.parametrize("settings", [{"http.connections_per_address": 0, "http.proxies": ""},
                                      {"http.connections_per_address": 1}],
                         ids=["no limit", "a proxy"])
def test_connections_without_a_limit(make_server, crowd, settings):
    server = make_server(settings)
    for connection in crowd(server.connect, 50):
        assert connection.request("GET", "/healthz").status == 200


def test_operations_answer_when_all_else_is_taken(make_server, crowd):
    """Those of the main port are taken to the last one, its threads included."""
    server = make_server({"http.connections": 2, "http.threads": 1, "http.operations":
                          "127.0.0.1:0", "http.connections_per_address": 1, "http.proxies": ""})
    assert server.operations[1] != server.address[1]
    for number in range(200):
        crowd(lambda: server.connect(f"127.0.1.{number}"), 1)[0].send(b"GET /healthz HTTP/1.1\r\n")
    for _ in range(5):
        for path in PATHS:
            assert send(server.operations, "GET", path).status == 200
            assert send(server.operations, "HEAD", path).status == 200
    for connection in crowd(lambda: Connection(server.operations), 5):  # no limit of an address
        for path in PATHS:
            assert connection.request("GET", path).status == 200


def test_health_and_metrics_answer_when_the_connections_are_taken(make_server, crowd):
    """At the main port as well: some places beyond the limit are for them alone."""
    server = make_server({"http.connections": 4})
    for connection in crowd(server.connect, 4):
        assert connection.request("GET", "/healthz").status == 200
    for _ in range(5):
        for path in PATHS:
            answer = server.get(path)
            assert answer.status == 200 and answer.body, path
        answer = server.get("/api/cameras")
        assert (answer.status, answer.error) == (503, "the server is full")


def test_operations_are_nothing_but_that(make_server, picture):
    server = make_server({"http.operations": "127.0.0.1:0"})
    form = Form({"device_id": "cam"}, picture)
    for method, path, body in (("GET", "/api/cameras", None), ("GET", "/api/openapi.json", None),
                               ("POST", "/api/detections", form),
                               ("POST", "/api/cameras/register", {"device_id": "cam"})):
        answer = send(server.operations, method, path, body)
        assert (answer.status, answer.error) == (404,
                                                 "at this port there are health and metrics alone")
    assert send(server.operations, "GET", "/nothing").status == 404
    assert server.get("/api/cameras?status=all").json["count"] == 0
    assert server.upload(picture).status == 201


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat", encoding="ascii").read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def limited(files):
    return ["prlimit", f"--nofile={files}:{files}"]


def test_few_files_mean_few_connections(make_server, tmp_path):
    from support import Server
    with Server(tmp_path / "few", {"http.connections": 1000}, prefix=limited(800)) as server:
        server.expect_log("only 800 files may be open at once, and http.connections may need 3512: "
                          "there are 96 connections at most")
        server.await_log("96 connections at most")
        assert server.get("/healthz").status == 200


def test_files_that_run_out(tmp_path, crowd):
    """The server waits for some without turning in circles, and then goes on."""
    from support import Server
    with Server(tmp_path / "none", {"http.connections": 1000, "http.threads": 1},
                prefix=limited(64)) as server:
        server.expect_log("connections at most", "Too many open files", "unable to open")
        many = crowd(server.connect, 100)
        assert many[0].request("GET", "/healthz").status == 200
        before = cpu_seconds(server.pid)
        time.sleep(1)  # what it takes in a second is under test
        assert cpu_seconds(server.pid) - before < 0.5
        for connection in many:
            connection.close()
        assert server.get("/healthz").status == 200
        assert server.get("/api/cameras").status == 200
