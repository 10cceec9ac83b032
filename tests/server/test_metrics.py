"""What the server tells Prometheus, how it is asked for it, and who may be told at once."""

import gzip
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import time

import pytest
from support.access import NO_LIMITS, bearer, create_key
from support.client import head, send
from support.paths import SOURCE_ROOT

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PATHS = ["/metrics", "/api/metrics"]
# As they are sent: Prometheus 2.42 and 3.
PROMETHEUS_2 = ("application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
                "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
PROMETHEUS_3 = ("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                "application/openmetrics-text;version=0.0.1;q=0.4,"
                "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
                "text/plain;version=0.0.4;q=0.2,*/*;q=0.1")


def samples(text):
    """Name and labels to value; a sample must not come twice."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        sample, value = re.fullmatch(r'([^ {]+(?:\{.*\})?) (\S+)', line).groups()
        assert sample not in found, sample
        found[sample] = float(value)
    return found


def scrape(server, path="/metrics"):
    answer = server.get(path)
    assert answer.status == 200, answer
    return samples(answer.body.decode())


def settled(server):
    """Behind all requests that have been answered: a client may be faster than the last count."""
    while (found := scrape(server))["wildcam_http_requests_under_way"] > 1:
        pass
    return found


def families(text):
    return re.findall(r"^# TYPE (\S+) (\w+)$", text, re.M)


# ---- what is told ----

@pytest.mark.parametrize("path", PATHS)
def test_metrics_are_told(server, picture, path):
    server.upload(picture, "cam", species="fox", confidence=0.5)
    server.upload(picture, "cam", species="fox", confidence=0.5)
    answer = server.get(path)
    assert answer.headers["Content-Type"] == TEXT
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"
    found = samples(answer.body.decode())
    assert found['wildcam_wildlife_detections_total{camera_id="cam",species="fox"}'] == 1
    assert found['wildcam_detection_processing_seconds_count{camera_id="cam"}'] == 2
    assert found["wildcam_active_cameras_total"] == 1
    assert found['wildcam_camera_last_seen_timestamp{camera_id="cam",location=""}'] > 1.7e9
    assert found["wildcam_processing_queue_size"] == 0
    assert found['wildcam_pictures_total{result="duplicate"}'] == 1


def test_the_guides_five_are_named_and_typed_as_there(server, picture):
    server.upload(picture, "cam", species="fox")
    text = server.get("/metrics").body.decode()
    assert {("wildcam_wildlife_detections_total", "counter"),
            ("wildcam_detection_processing_seconds", "histogram"),
            ("wildcam_active_cameras_total", "gauge"),
            ("wildcam_camera_last_seen_timestamp", "gauge"),
            ("wildcam_processing_queue_size", "gauge")} <= set(families(text))


def test_names_that_dashboards_and_alerts_use_are_there(server, picture):
    server.upload(picture)
    settled(server)
    names = {re.split(r"[{ ]", line)[0] for line in server.get("/metrics").body.decode().split("\n")}
    assert {"wildcam_detection_failures_total", "wildcam_false_positives_total",
            "wildcam_storage_used_bytes", "wildcam_storage_total_bytes",
            "wildcam_image_count_total", "http_request_duration_seconds_bucket",
            "http_requests_total", "wildcam_http_requests_total", "process_cpu_seconds_total",
            "process_resident_memory_bytes", "process_open_fds",
            "process_start_time_seconds"} <= names


def test_requests_are_counted_by_route(server, picture):
    """Never by the address that was asked for."""
    upload = server.upload(picture, "cam").json
    for path in ("/api/cameras/cam", "/api/cameras/other", "/api/cameras/cam?x=1", "/no/such/page",
                 "/nor/this", f"/api/images/{upload['image_id']}"):
        server.get(path)
    with server.connect() as connection:
        connection.request("HEAD", "/healthz")
        connection.request("BREW", "/healthz")
        connection.request("DELETE", "/healthz")
    found = settled(server)
    counts = {sample: value for sample, value in found.items()
              if sample.startswith("http_requests_total{")}
    assert found["wildcam_http_requests_total"] == sum(counts.values())
    counts.pop('http_requests_total{method="GET",handler="/metrics",status="200"}', None)
    wanted = {("POST", "/api/detections", 201): 1, ("GET", "/api/cameras/*", 200): 2,
              ("GET", "/api/cameras/*", 404): 1, ("GET", "none", 404): 2,
              ("GET", "/api/images/*", 200): 1, ("HEAD", "/healthz", 200): 1,
              ("OTHER", "none", 405): 1, ("DELETE", "none", 405): 1}
    assert counts == {
        f'http_requests_total{{method="{method}",handler="{handler}",status="{status}"}}': value
        for (method, handler, status), value in wanted.items()}
    name = 'http_request_duration_seconds_{}{{method="GET",handler="/api/cameras/*"{}}}'
    assert found[name.format("count", "")] == 3
    assert found[name.format("bucket", ',le="+Inf"')] == 3
    assert 0 < found[name.format("sum", "")] < 60


def test_a_client_that_leaves_is_counted_as_gone(server, picture):
    with server.connect() as connection:
        connection.send(head("POST", "/api/detections", picture,
                             {"Content-Type": "image/jpeg", "X-Device-Id": "cam"}) + picture[:100])
        while scrape(server)["wildcam_http_requests_under_way"] < 2:
            pass  # until it has arrived
    sample = 'http_requests_total{method="POST",handler="/api/detections",status="499"}'
    assert settled(server)[sample] == 1


def status_counts(found):
    """Of all but the scrapes themselves."""
    return {re.search('method="(.*?)",handler="(.*?)",status="(.*?)"', name).groups(): value
            for name, value in found.items()
            if name.startswith("http_requests_total{") and "/metrics" not in name}


def assert_counted(server, method, handler, status):
    # A head that is none is not under way: the server may still be ending its connection.
    server.await_log(f"path={'-' if handler == 'none' else handler} status={status} ")
    assert status_counts(settled(server)) == {(method, handler, str(status)): 1}


LOGGED = {"log.level": "info"}
HOST = b"Host: localhost\r\n"
CHUNKED = (b"POST /api/detections HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
           b"Transfer-Encoding: chunked\r\n\r\n")


@pytest.mark.parametrize("setting, data, handler", [
    ("http.request_timeout", CHUNKED + b"5\r\n{", "/api/detections"),
    ("http.head_timeout", b"POST /api/detections HTTP/1.1\r\n" + HOST, "none")],
    ids=["body", "head"])
def test_what_does_not_arrive_is_counted_as_it_is_answered(make_server, setting, data, handler):
    server = make_server({**LOGGED, setting: 4})
    server.expect_log(" info ")
    with server.connect() as connection:
        connection.send(data)
        assert connection.answer().status == 408
    assert_counted(server, "POST" if handler != "none" else "OTHER", handler, 408)


@pytest.mark.parametrize("data, status", [
    (CHUNKED + b"xyz\r\n", 400), (CHUNKED + b"5\r\nabcdefg", 400), (CHUNKED + b"f" * 17, 413),
    (CHUNKED + b"0\r\nno colon\r\n\r\n", 400), (CHUNKED + b"0\r\nA: " + b"a" * 40000, 431),
], ids=["size", "end", "long size", "trailer", "long trailer"])
def test_bad_chunks_are_counted_as_they_are_answered(make_server, data, status):
    """By libmicrohttpd itself."""
    server = make_server(LOGGED)
    server.expect_log(" info ")
    with server.connect() as connection:
        connection.send(data)
        assert connection.answer().status == status
        assert connection.is_closed()
    assert_counted(server, "POST", "/api/detections", status)


@pytest.mark.parametrize("lines, status", [
    (b"A: " + b"a" * 40000, 431), (b"A: b\r\n" * 1000, 431), (b"no colon\r\n\r\n", 400),
    (b"Content-Length: 99999999999999999999\r\n\r\n", 413), (b"Content-Length: x\r\n\r\n", 400),
], ids=["long header", "many headers", "no header", "length beyond counting", "no length"])
def test_bad_heads_are_counted_as_they_are_answered(make_server, lines, status):
    """By libmicrohttpd itself, some of them with their first lines twice."""
    server = make_server(LOGGED)
    server.expect_log(" info ")
    with server.connect() as connection:
        connection.send(b"POST /api/detections HTTP/1.1\r\n" + HOST + lines)
        assert connection.answer().status == status
        assert b" 200 " not in connection.file.read()
    assert_counted(server, "OTHER", "none", status)


@pytest.mark.parametrize("line, status", [
    (b"GET /" + b"a" * 40000, 414), (b"GET / HTTP/2.0\r\n", 505), (b"GET / HTTP\r\n", 400)],
    ids=["long", "version", "none"])
def test_bad_first_lines_are_not_counted(make_server, line, status):
    """The README says so: libmicrohttpd tells nobody."""
    server = make_server(LOGGED)
    server.expect_log(" info ")
    with server.connect() as connection:
        connection.send(line)
        assert connection.answer().status == status
        assert connection.is_closed()
    assert status_counts(settled(server)) == {}


@pytest.mark.parametrize("headers", [{"A": "a" * 17000},
                                     {f"A-{number}": "b" for number in range(100)}])
def test_head_over_its_limit_is_counted(make_server, headers):
    server = make_server(LOGGED)
    server.expect_log(" info ")
    with server.connect() as connection:
        answer = connection.request("GET", "/healthz", headers=headers)
        assert answer.status == 431
        assert answer.error == "the head is too long: it has 16 KiB and 100 headers at most"
        assert connection.is_closed()
    server.await_log("path=/healthz status=431 ")
    assert status_counts(settled(server)) == {("GET", "none", "431"): 1}


def test_head_within_its_limit(server):
    for headers in ({"A": "a" * 16000}, {f"A-{number}": "b" for number in range(98)}):
        assert server.get("/healthz", headers).status == 200


def test_gauges_of_the_server(server):
    with server.connect(), server.connect() as other:
        other.request("GET", "/healthz")
        assert settled(server)["wildcam_http_connections"] >= 3


# ---- what is written about it ----

DEPLOY = SOURCE_ROOT / "examples/deploy/prometheus"


def measured():
    """The names of all families, of the library's table and of the server."""
    table = (SOURCE_ROOT / "lib/station/measures.h").read_text()
    names = re.findall(r'^    X\(\w+, (\w+), "(\w+)"', table, re.M)
    assert len(names) > 30
    server = "".join(path.read_text() for path in (SOURCE_ROOT / "examples/server").glob("*.c"))
    own = re.findall(r'\b(?:meter|metrics),\s+"((?:http|wildcam)_\w+)"', server)
    assert len(own) > 5
    return {name for _, name in names} | set(own) | {"wildcam_metrics_dropped_series_total"}


def test_all_metrics_are_described():
    text = (DEPLOY / "README.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \| (?:counter|gauge|histogram) ", text, re.M)) == measured()


def test_the_tables_say_what_the_server_says(make_server, pictures):
    """Each line of HELP is the table's, word for word; two cameras are more than one series."""
    server = make_server({"metrics.series": 1})
    for number, picture in enumerate(pictures[:2]):
        server.upload(picture, f"cam{number}", species="fox")
    settled(server)
    told = dict(re.findall(r"^# HELP (\S+) (.*)$", server.get("/metrics").body.decode(), re.M))
    table = dict(re.findall(r"^\| `(\w+)` \|(?: [\w, ]* ?\|){2} (.*) \|$",
                            (DEPLOY / "README.md").read_text(), re.M))
    assert {"http_requests_total", "wildcam_http_connections_dismissed_total",
            "wildcam_metrics_dropped_series_total"} <= set(told)
    assert told == {name: table[name] for name in told}


def test_all_that_is_told_is_in_the_tables(server, picture):
    server.upload(picture)
    told = {name for name, _ in families(server.get("/metrics").body.decode())}
    assert told <= measured()


@pytest.mark.parametrize("name", ["rules.yml", "alerts.yml", "adapter.yml"])
def test_rules_ask_for_what_there_is(name):
    text = re.sub(r"#.*", "", (DEPLOY / name).read_text())
    asked = {re.sub(r"_bucket$", "", name)
             for name in re.findall(r"(?<![\w:])((?:wildcam|http|process)_\w+)(?!:)", text)}
    assert asked - {"http_requests_per_second"} and asked - {"http_requests_per_second"} <= measured()


def test_rules_are_right():
    promtool = shutil.which("promtool")
    if not promtool and os.environ.get("CI") != "true":
        pytest.skip("there is no promtool (Debian: prometheus)")
    assert promtool, "promtool is missing"
    for arguments in (["test", "rules", "alerts_test.yml"], ["check", "config", "site.yml"],
                      ["check", "config", "--syntax-only", "central.yml"]):
        done = subprocess.run([promtool, *arguments], cwd=DEPLOY, capture_output=True, text=True,
                              check=False)
        assert done.returncode == 0, done.stdout + done.stderr


# ---- negotiation ----

@pytest.mark.parametrize("accept,wanted", [
    (None, TEXT),
    ("*/*", TEXT),
    ("", TEXT),
    ("text/html", TEXT),
    ("text/plain", TEXT),
    (PROMETHEUS_2, OPENMETRICS),
    (PROMETHEUS_3, OPENMETRICS),
    ("application/openmetrics-text", OPENMETRICS),
    ("APPLICATION/OpenMetrics-Text; Version=1.0.0", OPENMETRICS),
    ('application/openmetrics-text; version="1.0.0"', OPENMETRICS),
    ("application/openmetrics-text; version=2.0.0", TEXT),
    ("application/openmetrics-text; version=2.0.0, text/plain; version=0.0.4; q=0.1", TEXT),
    ("application/openmetrics-text;q=0.5, text/plain;q=0.6", TEXT),
    ("application/openmetrics-text;q=0.601, text/plain;q=0.6", OPENMETRICS),
    ("application/openmetrics-text;q=0.5, text/plain;q=0.5", TEXT),
    ("text/plain;q=0, application/openmetrics-text;q=0.001", OPENMETRICS),
    ("application/openmetrics-text;q=0", TEXT),
    ("application/*;q=0.9, */*;q=0.1", OPENMETRICS),
    ("application/*;q=0.9, application/openmetrics-text;q=0.1, text/plain;q=0.2", TEXT),
    ("*/*;q=0.9, text/plain;q=0.2", OPENMETRICS),
    ("application/openmetrics-text;q=high, text/plain;q=0.1", TEXT),
    ("application/openmetrics-text;q=1.5, text/plain;q=0.1", TEXT),
    (",;,=, ;q=1,application", TEXT),
    ('text/plain;note="application/openmetrics-text, x"', TEXT),
])
def test_format_is_negotiated(server, accept, wanted):
    answer = server.get("/metrics", {"Accept": accept})
    assert (answer.status, answer.headers["Content-Type"]) == (200, wanted)
    assert answer.body.endswith(b"# EOF\n") == (wanted == OPENMETRICS)


@pytest.mark.parametrize("accept,is_packed", [
    (None, False), ("gzip", True), ("GZIP", True), ("deflate, gzip;q=0.5", True),
    ("gzip;q=0", False), ("*", True), ("*;q=0", False), ("*;q=1, gzip;q=0", False),
    ("identity", False), ("br, deflate", False), ("gzip;q=0.000", False), ("gzip;q=x", False)])
def test_encoding_is_negotiated(server, accept, is_packed):
    answer = server.get("/metrics", {"Accept-Encoding": accept})
    assert answer.status == 200
    assert answer.headers["Content-Encoding"] == ("gzip" if is_packed else None)
    text = gzip.decompress(answer.body) if is_packed else answer.body
    assert "wildcam_active_cameras_total" in dict(samples(text.decode()))
    if is_packed:
        assert len(answer.body) < len(text) / 3


def test_what_is_short_is_not_packed(server):
    answer = server.get("/federate?match[]=wildcam_active_cameras_total",
                        {"Accept-Encoding": "gzip"})
    assert len(answer.body) < 1024
    assert answer.headers["Content-Encoding"] is None
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("path", [*PATHS, "/federate", "/federate?match[]=up"])
def test_heads_are_those_of_the_whole(server, path):
    with server.connect() as connection:
        whole = connection.request("GET", path)
        part = connection.request("HEAD", path)
        assert (part.status, part.body) == (200, b"")
        for name in ("Content-Type", "Cache-Control", "Vary"):
            assert part.headers[name] == whole.headers[name]
        assert int(part.headers["Content-Length"]) >= len(whole.body)
        answer = connection.request("POST", path.split("?")[0], b"")
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


# ---- federation ----

def test_nothing_is_federated_without_a_selector(server):
    for query in ("", "?match=up", "?other[]=up"):
        answer = server.get("/federate" + query)
        assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, b"", TEXT)


@pytest.mark.parametrize("query,wanted", [
    ("match[]=wildcam_active_cameras_total", {"wildcam_active_cameras_total"}),
    ("match%5B%5D=wildcam_active_cameras_total", {"wildcam_active_cameras_total"}),
    ("match[]=%7B__name__%3D~%22wildcam_.*_cameras_total%22%7D", {"wildcam_active_cameras_total"}),
    ("match[]=wildcam_store_up&match[]=wildcam_active_cameras_total",
     {"wildcam_store_up", "wildcam_active_cameras_total"}),
    ('match[]={camera_id="cam",species!=""}',
     {'wildcam_wildlife_detections_total{camera_id="cam",species="fox"}'}),
    ("match[]=nothing", set()),
])
def test_selectors_select(server, picture, query, wanted):
    server.upload(picture, "cam", species="fox")
    answer = server.get("/federate?" + query.replace('"', "%22"), {"Accept": PROMETHEUS_2})
    assert (answer.status, answer.headers["Content-Type"]) == (200, TEXT)
    assert samples(answer.body.decode()).keys() == wanted


@pytest.mark.parametrize("selector", ["", "{", "1a", "{a=b}", "%7Ba%3D~%22(%22%7D", "%7B%7D", "%00"])
def test_bad_selectors_are_the_askers_mistake(server, selector):
    answer = server.get(f"/federate?match[]={selector}")
    assert answer.status == 400
    assert len(answer.error) > 10


def test_selectors_have_a_limit(server):
    def ask(count):
        return server.get("/federate?" + "&".join(["match[]=a"] * count))
    assert ask(64).status == 200
    answer = ask(65)
    assert (answer.status, "64" in answer.error) == (400, True)


# ---- how many ----

def await_status(server, status, meanwhile=lambda: None):
    """Reads the metrics until they are answered so."""
    for _ in range(1200):
        answer = server.get("/metrics")
        if answer.status == status:
            return answer
        meanwhile()
        time.sleep(0.05)
    pytest.fail(f"never answered {status}")


class SlowReader:
    """Asks as long as the other end listens, and takes no answer."""

    def __init__(self, server):
        self.connection = server.connect()
        self.connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.unsent = b""

    def ask(self):
        self.unsent = self.unsent or head("GET", "/metrics") * 100
        try:
            sent = self.connection.socket.send(self.unsent, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        self.unsent = self.unsent[sent:]


def test_a_few_read_at_once(make_server):
    """Those who do not take what they are told keep their places: here, not at the other port."""
    server = make_server({"http.operations": "127.0.0.1:0"})
    readers = [SlowReader(server) for _ in range(4)]
    answer = await_status(server, 503, lambda: [reader.ask() for reader in readers])
    assert answer.headers["Retry-After"] == "5"
    assert "4" in answer.error
    for path in PATHS:
        assert send(server.operations, "GET", path).status == 200
    for reader in readers:
        reader.connection.close()
    await_status(server, 200)
    settled(server)


def pass_by(server):
    """Twice through the event thread: what came before has been seen by it."""
    with server.connect() as connection:
        for _ in range(2):
            assert connection.request("GET", "/healthz").status == 200


def test_who_may_not_read_takes_no_place(make_server):
    server = make_server({"http.threads": 1, "http.workers": 1, **NO_LIMITS})
    assert server.post("/api/cameras/register", {"device_id": "cam"}).status == 201
    admin = bearer(create_key(server.data, "admin"))
    store = sqlite3.connect(server.data / "station.db", isolation_level=None)
    store.execute("BEGIN IMMEDIATE")  # keeps the one worker busy
    busy = server.connect()
    body = b'{"device_id": "cam", "name": "gate"}'
    busy.send(head("POST", "/api/cameras/register", body,
                   {"Content-Type": "application/json", **admin}) + body)
    pass_by(server)
    strangers = [server.connect() for _ in range(6)]
    for stranger in strangers:
        stranger.send(head("GET", "/metrics", None, {"X-Forwarded-For": "203.0.113.9"}))
    pass_by(server)
    with server.connect() as reader:
        reader.send(head("GET", "/metrics", None, admin))
        pass_by(server)
        store.execute("ROLLBACK")
        store.close()
        assert [stranger.answer().status for stranger in strangers] == [401] * 6
        assert reader.answer().status == 200
    assert busy.answer().status == 200
    for connection in [*strangers, busy]:
        connection.close()
