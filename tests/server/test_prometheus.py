"""
The metrics as the real Prometheus of Debian takes them: scraped in both formats, federated from us
and from itself, names that hurt, the guide's rules, and what promtool says.
"""

import subprocess
from datetime import datetime
from urllib.parse import quote

import pytest
from support import program
from support.access import create_key, revoke_key, wildcam
from support.paths import SOURCE_ROOT
from support.prometheus import INTERVAL, Forwarder, Page, Prometheus, installed, job

# What names may hold (no control characters), and what an exposition trips over.
HOSTILE = [
    'He said "moo"', "back\\slash", "not a new\\nline", "ends in \\", 'ends in "', "{curly=\"x\"}",
    "{{ $labels.camera_id }}", "# HELP wildcam_active_cameras_total", "comma, = equals", " 1 2 3",
    "Größe – 狐 🦊", "\u202eright to left", "le=\"+Inf\"", "'", "NaN", "x" * 100,
]
PLAIN = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
ALL_OURS = '{__name__=~"wildcam_.*"}'
# From the guide's federation section, as it stands there.
GUIDES_MATCHES = ['{job=~"wildcam-.*"}', '{__name__=~"job:.*"}']
# The original's alert rules and dashboard, as far as they ask for our metrics. An alert that does
# not fire gives nothing, so what it looks at stands among what is shown.
ALERTS = {
    "ServiceDown": "up == 0",
    "HighAPILatency":
        "histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m])) > 2",
    "HighErrorRate":
        'rate(http_requests_total{status=~"5.."}[5m]) / rate(http_requests_total[5m]) > 0.05',
    "WildlifeDetectionFailure": "increase(wildcam_detection_failures_total[10m]) > 5",
    "CameraOffline": "time() - wildcam_camera_last_seen_timestamp > 300",
}
SHOWN = [
    'up{job="wildcam-backend"}',
    "wildcam_active_cameras_total",
    "wildcam_active_cameras",
    "increase(wildcam_wildlife_detections_total[1h])",
    'histogram_quantile(0.50, rate(http_request_duration_seconds_bucket{job="wildcam-backend"}[5m]))',
    'histogram_quantile(0.99, rate(http_request_duration_seconds_bucket{job="wildcam-backend"}[5m]))',
    "rate(wildcam_wildlife_detections_total[5m]) * 60",
    "rate(wildcam_false_positives_total[5m]) * 60",
    "wildcam_camera_last_seen_timestamp",
    'rate(http_requests_total{job="wildcam-backend"}[5m])',
    "wildcam_storage_used_bytes / wildcam_storage_total_bytes",
    "wildcam_image_count_total",
    "increase(wildcam_detection_failures_total[10m])",
    "time() - wildcam_camera_last_seen_timestamp",
    "wildcam_processing_queue_size",
    # the autoscaler's http_requests_per_second
    "sum by (instance) (rate(wildcam_http_requests_total[2m]))",
]


@pytest.fixture
def start(tmp_path):
    """Starts a Prometheus of this test's own."""
    started = []

    def start_one(jobs, **more):
        started.append(Prometheus(tmp_path / f"prometheus{len(started)}", jobs, **more))
        return started[-1]

    yield start_one
    for prometheus in started:
        with prometheus:
            pass


def address_of(server):
    return "%s:%d" % server.address


def register(server, device_id, location):
    answer = server.post("/api/cameras/register",
                         {"device_id": device_id, "location_name": location})
    assert answer.status in (200, 201), answer


def detect(server, device_id, species, times=1):
    for _ in range(times):
        answer = server.post("/api/detections",
                             {"device_id": device_id, "species": species, "confidence": 0.5})
        assert answer.status == 201, answer


def last_seen(server):
    """As the server's list of cameras tells it, in Unix seconds."""
    return {camera["device_id"]: datetime.fromisoformat(camera["last_seen"]).timestamp()
            for camera in server.get("/api/cameras").json["cameras"]}


@pytest.mark.parametrize("accept, answered", [(None, OPENMETRICS), ("text/plain", PLAIN)],
                         ids=["openmetrics", "text"])
def test_scraped_with_exact_values(server, start, picture, accept, answered):
    register(server, "cam-1", "North ridge")
    register(server, "cam-2", "")
    detect(server, "cam-1", "Vulpes vulpes", 3)
    detect(server, "cam-1", "Meles meles")
    detect(server, "cam-2", "Vulpes vulpes", 2)
    assert server.upload(picture, "cam-2").status == 201
    with Forwarder(server.url, accept) as forwarder:
        prometheus = start([job("wildcam-backend", forwarder.address,
                                metrics_path="/api/metrics")])
        prometheus.until_up("wildcam-backend")
        prometheus.until_values("wildcam_wildlife_detections_total", ["camera_id", "species"], {
            ("cam-1", "Vulpes vulpes"): 3, ("cam-1", "Meles meles"): 1,
            ("cam-2", "Vulpes vulpes"): 2, ("cam-2", "unclassified"): 1})
        for name in ("wildcam_active_cameras_total", "wildcam_active_cameras"):
            prometheus.until_values(name, ["__name__"], {name: 2})
        prometheus.until_values("wildcam_image_count_total", [], {(): 1})
        prometheus.until_values("wildcam_processing_queue_size", [], {(): 0})
        seen = last_seen(server)
        prometheus.until_values("wildcam_camera_last_seen_timestamp", ["camera_id", "location"], {
            ("cam-1", "North ridge"): seen["cam-1"], ("cam-2", ""): seen["cam-2"]})
        # It counts on, and Prometheus follows.
        detect(server, "cam-1", "Vulpes vulpes", 4)
        prometheus.until_values('wildcam_wildlife_detections_total{species="Vulpes vulpes"}',
                                ["camera_id"], {"cam-1": 7, "cam-2": 2})
        prometheus.until_values(
            'sum by (status) (http_requests_total{handler="/api/detections",method="POST"})',
            ["status"], {"201": 11})
        prometheus.until_up("wildcam-backend")
    assert all("openmetrics" in asked for asked in forwarder.asked)
    assert forwarder.answered == {(answered, "gzip")}


def test_families_have_their_types(server, start):
    register(server, "cam-1", "North ridge")
    detect(server, "cam-1", "Vulpes vulpes")
    prometheus = start([job("wildcam-backend", address_of(server))])
    prometheus.until_some("wildcam_wildlife_detections_total")
    told = {entry["metric"]: (entry["type"], entry["help"])
            for entry in prometheus.get("targets/metadata")}
    # In OpenMetrics a counter's family has no _total.
    for name, type_ in {"wildcam_wildlife_detections": "counter",
                        "wildcam_detection_processing_seconds": "histogram",
                        "wildcam_active_cameras_total": "gauge",
                        "wildcam_camera_last_seen_timestamp": "gauge",
                        "wildcam_processing_queue_size": "gauge",
                        "http_requests": "counter",
                        "http_request_duration_seconds": "histogram"}.items():
        assert told[name][0] == type_ and told[name][1], name
    assert {type_ for type_, _ in told.values()} <= {"counter", "gauge", "histogram"}


def test_series_of_a_camera_that_moves_or_goes(server, start):
    register(server, "cam-1", "North ridge")
    register(server, "cam-2", "Ford")
    detect(server, "cam-1", "Vulpes vulpes")
    detect(server, "cam-2", "Vulpes vulpes")
    prometheus = start([job("wildcam-backend", address_of(server))])
    expression, labels = "wildcam_camera_last_seen_timestamp", ["camera_id", "location"]
    seen = last_seen(server)
    prometheus.until_values(expression, labels, {("cam-1", "North ridge"): seen["cam-1"],
                                                 ("cam-2", "Ford"): seen["cam-2"]})
    register(server, "cam-1", "South ridge")
    seen = last_seen(server)
    prometheus.until_values(expression, labels, {("cam-1", "South ridge"): seen["cam-1"],
                                                 ("cam-2", "Ford"): seen["cam-2"]})
    counted = "wildcam_wildlife_detections_total"
    prometheus.until_values(counted, ["camera_id"], {"cam-1": 1, "cam-2": 1})
    wildcam(server.data, "cameras", "deactivate", "cam-1")
    prometheus.until_values(expression, labels, {("cam-2", "Ford"): seen["cam-2"]})
    prometheus.until_values('group by (camera_id) ({camera_id!=""})', ["camera_id"], {"cam-2": 1})


@pytest.mark.parametrize("accept", [None, "text/plain"], ids=["openmetrics", "text"])
def test_hostile_names_come_through_equal(server, start, accept):
    expected = {}
    for number, name in enumerate(HOSTILE):
        register(server, f"cam-{number}", name)
        detect(server, f"cam-{number}", name, number % 3 + 1)
        expected[f"cam-{number}", server.get("/api/detections?limit=1").json
                 ["detections"][0]["species"]] = number % 3 + 1
    assert {name for _, name in expected} == set(HOSTILE)
    with Forwarder(server.url, accept) as forwarder:
        direct = start([job("wildcam-backend", forwarder.address)])
        central = start([
            job("federate-server", address_of(server), honor_labels=True,
                metrics_path="/federate", params={"match[]": [ALL_OURS]}),
            job("federate-prometheus", direct.address, honor_labels=True,
                metrics_path="/federate", params={"match[]": GUIDES_MATCHES})])
        seen = last_seen(server)
        places = {(f"cam-{number}", name): seen[f"cam-{number}"]
                  for number, name in enumerate(HOSTILE)}
        for prometheus, whose in ((direct, "wildcam-backend"), (central, "federate-server"),
                                  (central, "wildcam-backend")):
            prometheus.until_values(f'wildcam_wildlife_detections_total{{job="{whose}"}}',
                                    ["camera_id", "species"], expected)
            prometheus.until_values(f'wildcam_camera_last_seen_timestamp{{job="{whose}"}}',
                                    ["camera_id", "location"], places)
        central.until_up("federate-server", "federate-prometheus")


def test_selected_by_a_hostile_name(server):
    """A selector quotes as the exposition does."""
    for number, name in enumerate(HOSTILE):
        register(server, f"cam-{number}", name)
        detect(server, f"cam-{number}", name)
    for number, name in enumerate(HOSTILE):
        value = name.replace("\\", "\\\\").replace('"', '\\"')
        selector = f'wildcam_wildlife_detections_total{{species="{value}"}}'
        answer = server.get(f"/federate?match[]={quote(selector)}")
        assert answer.status == 200
        lines = [line for line in answer.body.decode().splitlines() if not line.startswith("#")]
        assert lines == [f'wildcam_wildlife_detections_total{{camera_id="cam-{number}",'
                         f'species="{value}"}} 1']


def test_federation(make_server, start):
    """Two stations: by a regional Prometheus as the guide has it, and without one."""
    servers = [make_server(name=name) for name in ("north", "south")]
    for number, server in enumerate(servers):
        register(server, "cam-1", "Ford")  # the same at both
        detect(server, "cam-1", "Vulpes vulpes", number + 1)
    rules = {"sums": [{"record": "job:wildcam_wildlife_detections:sum",
                       "expr": "sum by (job) (wildcam_wildlife_detections_total)"}]}
    region = start([job("wildcam-north", address_of(servers[0])),
                    job("wildcam-south", address_of(servers[1]))],
                   rules=rules, external_labels={"region": "west"})
    central = start([
        job("federate", region.address, honor_labels=True, metrics_path="/federate",
            params={"match[]": GUIDES_MATCHES}),
        {**job("stations", address_of(servers[0]), honor_labels=True, metrics_path="/federate",
               params={"match[]": [ALL_OURS, "up"]})}])
    central.until_values("wildcam_wildlife_detections_total", ["job", "instance", "region"], {
        ("wildcam-north", address_of(servers[0]), "west"): 1,
        ("wildcam-south", address_of(servers[1]), "west"): 2,
        ("stations", address_of(servers[0]), ""): 1})
    central.until_values("job:wildcam_wildlife_detections:sum", ["job", "region"], {
        ("wildcam-north", "west"): 1, ("wildcam-south", "west"): 2})
    # Histograms arrive whole: a quantile of them is the same there.
    region.until_some('http_request_duration_seconds_bucket{le="+Inf",handler="/api/detections"}')
    central.until_some('http_request_duration_seconds_bucket{le="+Inf",handler="/api/detections"}')
    # What was not asked for is not there.
    assert not central.query('process_open_fds{job="stations"}')
    central.until_up("federate", "stations")


DEPLOY = SOURCE_ROOT / "examples/deploy/prometheus"


def as_shipped(name, *changes):
    """A configuration that is shipped, more often scraped and with some of its text replaced."""
    text = (DEPLOY / name).read_text()
    for before, after in (("scrape_interval: 15s", f"scrape_interval: {INTERVAL}"), *changes):
        assert text.count(before) == 1, f"{name}: {before}"
        text = text.replace(before, after)
    return text


def test_shipped_configurations_and_a_key(server, start, tmp_path):
    """The site's, and the middle's, which asks the site's Prometheus and the station itself."""
    register(server, "cam-1", "North ridge")
    key = create_key(server.data, "viewer")
    key_file = tmp_path / "wildcam.key"
    key_file.write_text(key + "\n")
    with Forwarder(server.url, headers={"X-Forwarded-For": "203.0.113.9"}) as elsewhere:
        refused = start([job("wildcam-keyless", elsewhere.address)])
        site = start(as_shipped(
            "site.yml", ("127.0.0.1:8080", elsewhere.address),
            ("# authorization:\n    #   credentials_file: /etc/prometheus/wildcam.key\n",
             f"authorization:\n      credentials_file: {key_file}\n")))
        central = start(as_shipped(
            "central.yml", ("prometheus-north-ridge:9090", site.address),
            ("          - prometheus-south-ridge:9090\n", ""),
            ("gateway-west:8080", elsewhere.address),
            ("credentials_file: /etc/prometheus/wildcam.key", f"credentials_file: {key_file}")))
        site.until_values("wildcam_active_cameras_total", ["job"], {"wildcam-station": 1})
        central.until_values("wildcam_active_cameras_total", ["job", "site"], {
            ("wildcam-station", "north-ridge"): 1, ("wildcam-direct", "west"): 1})
        refused.until_down("wildcam-keyless", "401")
        site.until_up("wildcam-station")
        central.until_up("federate", "wildcam-direct")
        revoke_key(server.data, key)
        site.until_down("wildcam-station", "401")
        central.until_down("wildcam-direct", "401")


def test_guides_rules_and_dashboard(server, start, picture):
    register(server, "cam-1", "North ridge")
    detect(server, "cam-1", "Vulpes vulpes")
    assert server.upload(picture, "cam-1").status == 201
    prometheus = start(
        [job("wildcam-backend", address_of(server), metrics_path="/api/metrics")],
        rules={"wildcam.rules": [{"alert": name, "expr": expression}
                                 for name, expression in ALERTS.items()],
               "autoscaler": [{"record": "http_requests_per_second", "expr": SHOWN[-1]}]})
    for expression in SHOWN:
        for _, value in prometheus.until_some(expression):
            assert value == value or "histogram_quantile" in expression, expression
    # Quantiles of requests that there were are numbers.
    prometheus.until_some('histogram_quantile(0.95, rate(http_request_duration_seconds_bucket'
                          '{handler=~".*metrics"}[5m])) > 0')
    prometheus.until_some("http_requests_per_second > 0")

    def are_evaluated():
        rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
        return len(rules) == len(ALERTS) + 1 and all(
            rule["health"] == "ok" and not rule.get("lastError") for rule in rules) and rules

    for rule in prometheus.until(are_evaluated, lambda: prometheus.get("rules")):
        assert not rule.get("alerts"), rule  # all is well


def test_alerts_fire(server, start):
    """What the guide's alerts are for is seen: here, pictures that are none."""
    register(server, "cam-1", "North ridge")
    prometheus = start([job("wildcam-backend", address_of(server))], rules={
        "wildcam.rules": [{"alert": "WildlifeDetectionFailure",
                           "expr": ALERTS["WildlifeDetectionFailure"]}]})
    prometheus.until_values("wildcam_detection_failures_total", [], {(): 0})
    server.expect_log("a picture of cam-1 is refused")
    for _ in range(20):
        assert server.upload(b"\xff\xd8 no picture", "cam-1").status == 400
    prometheus.until_values("wildcam_detection_failures_total", [], {(): 20})
    prometheus.until_some('ALERTS{alertname="WildlifeDetectionFailure",alertstate="firing"}')


def promtool(text):
    """What `promtool check metrics` says of a text: exit status, lines."""
    done = subprocess.run([installed("promtool"), "check", "metrics"], input=text,
                          capture_output=True, timeout=60, check=False)
    return done.returncode, (done.stdout + done.stderr).decode().splitlines()


@pytest.mark.parametrize("path", ["/metrics", "/api/metrics", "/federate?match[]=" +
                                  "%7B__name__%3D~%22.%2B%22%7D"])
def test_promtool_has_one_complaint(server, picture, path):
    for number, name in enumerate(HOSTILE):
        register(server, f"cam-{number}", name)
        detect(server, f"cam-{number}", name)
    assert server.upload(picture, "cam-1").status == 201
    server.expect_log("a picture of cam-1 is refused")
    assert server.upload(b"\xff\xd8 no picture", "cam-1").status == 400
    assert server.get("/no/such/thing").status == 404
    answer = server.get(path)
    assert answer.status == 200 and answer.headers["Content-Type"] == PLAIN
    assert b"wildcam_wildlife_detections_total{" in answer.body
    assert promtool(answer.body) == (
        3, ['wildcam_active_cameras_total non-counter metrics should not have "_total" suffix'])


@pytest.mark.parametrize("format_, type_", [("text", PLAIN), ("openmetrics", OPENMETRICS)])
def test_metrics_of_a_program_of_ones_own(start, format_, type_):
    """The library takes every value, also such as no camera's name may have."""
    values = [name.encode() for name in HOSTILE] + [
        b"two\nlines", b"\n", b"\\\n\"", b"tab\tand\rreturn", b"\x01\x1f\x7f", b"no \xff UTF-8",
        b"cut \xe2\x82", "\ufeff\u2028".encode(), b"\xed\xa0\x80"]
    read = [value.decode(errors="replace") for value in values]
    text = subprocess.run([program("write_metrics"), format_, *values], capture_output=True,
                          check=True).stdout
    with Page(lambda _: (200, {"Content-Type": type_}, text)) as page:
        prometheus = start([job("own", page.address)])
        prometheus.until_some("own_events_total")  # and with it all of the same scrape
        seen = prometheus.values("own_events_total", "value")
        assert {name: value for name, value in seen.items() if "\ufffd" not in name} == {
            name: number for number, name in enumerate(read, 1) if "\ufffd" not in name}
        assert sorted(seen.values()) == list(range(1, len(values) + 1))
        assert prometheus.values("own_seconds_count", "value") == seen
        assert prometheus.values("own_seconds_sum", "value") == {
            name: count / 4 for name, count in seen.items()}
        assert prometheus.values('own_seconds_bucket{le="0.25"}', "value") == seen
        assert prometheus.values('own_seconds_bucket{le="0.1"}', "value") == dict.fromkeys(seen, 0)
        levels = prometheus.values("own_level", "value")
        for number, name in enumerate(HOSTILE):
            expected = [float("inf"), float("-inf"), float("nan"), 1e300, 5e-324, -0.1][number % 6]
            assert levels[name] == expected or expected != expected and levels[name] != levels[name]
        told = {entry["metric"].removesuffix("_total"): entry["help"]
                for entry in prometheus.get("targets/metadata")}
        assert set(told.values()) == {'It says "so" on\ntwo lines, with a back\\slash.'}
