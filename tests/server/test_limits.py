"""How often somebody may ask: by address, by camera, and by whose word an address is believed."""

import json
import re
import subprocess
import threading
import time

import pytest
from support import Form, program
from support.access import create_key, create_user
from support.client import head

PASSWORD = "correct horse battery"

# So slow that no token comes while a test runs.
SLOW = {f"rate.{name}": 0.001 for name in ("api", "auth", "upload", "camera")}


class Client:
    """Somebody at an address, with a key that may do everything."""

    def __init__(self, server, key, address=None, source=None):
        self.server = server
        self.headers = {"X-API-Key": key}
        if address:
            self.headers["X-Forwarded-For"] = address
        self.source = source

    def request(self, method, path, body=None, headers=None):
        with self.server.connect(self.source) as connection:
            return connection.request(method, path, body, {**self.headers, **(headers or {})})

    def get(self, path="/api/cameras"):
        return self.request("GET", path)

    def json(self, path, text, method="POST"):
        return self.request(method, path, text.encode(), {"Content-Type": "application/json"})

    def upload(self, picture, device_id):
        form = Form({"device_id": device_id}, picture)
        return self.request("POST", "/api/detections", form.body, form.headers)


@pytest.fixture
def limited(make_server, tmp_path):
    """A server with a key; a client of it at some address."""
    def start(settings):
        data = tmp_path / "station" / "data"
        admin = create_key(data, "admin")
        server = make_server({**SLOW, **settings})

        def client(address=None, source=None, camera=None):
            key = create_key(data, "camera", camera) if camera else admin
            return Client(server, key, address, source)

        return client
    return start


def assert_limited(answer, name, burst):
    assert answer.status == 429
    whose = "camera" if name == "camera" else "address"
    wait = int(answer.headers["Retry-After"])
    assert 900 < wait <= 1000
    assert answer.error == (f"too many requests from this {whose}: rate.{name} allows 0.001 a "
                            f"second, rate.{name}_burst {burst} at once; try again in {wait} s")


def test_requests_of_an_address(limited):
    client = limited({"rate.api_burst": 3})
    one, other = client("192.0.2.1"), client("192.0.2.2")
    assert [one.get().status for _ in range(4)] == [200, 200, 200, 429]
    assert_limited(one.get(), "api", 3)
    assert_limited(one.json("/api/cameras/register", '{"device_id": "cam"}'), "api", 3)
    assert_limited(one.get("/nothing"), "api", 3)
    assert_limited(one.request("DELETE", "/api/cameras"), "api", 3)
    assert other.get().json["count"] == 0
    assert client().get().status == 200  # the proxy itself


def test_health_and_uploads_are_apart(limited, pictures):
    one = limited({"rate.api_burst": 1, "rate.upload_burst": 2})("192.0.2.1")
    for _ in range(20):
        for path in ("/healthz", "/readyz", "/api/health"):
            assert one.get(path).status == 200
    assert [one.upload(picture, "cam").status for picture in pictures[:2]] == [201, 201]
    assert_limited(one.upload(pictures[2], "cam"), "upload", 2)
    assert one.get("/api/detections").json["total"] == 2
    assert_limited(one.get(), "api", 1)


def test_what_is_refused_costs_nothing(limited):
    """The wait does not grow by asking."""
    one = limited({"rate.api_burst": 1})("192.0.2.1")
    one.get()
    waits = [int(one.get().headers["Retry-After"]) for _ in range(50)]
    assert waits == sorted(waits, reverse=True) and waits[0] <= 1000


def test_token_comes_when_it_was_said(limited):
    one = limited({"rate.api": 0.5, "rate.api_burst": 1})("192.0.2.1")
    one.get()
    answer = one.get()
    assert answer.status == 429
    time.sleep(int(answer.headers["Retry-After"]))  # the clock itself is under test
    assert one.get().status == 200


@pytest.mark.parametrize("first, second, are_one", [
    ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
    ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
    ("::ffff:192.0.2.1", "192.0.2.1", True),
    ("192.0.2.1", "192.0.2.1:4711", True),
    ("[2001:db8::1]:80", "2001:db8::1", True),
    ("10.0.0.1, 192.0.2.1", "10.9.9.9, 192.0.2.1", True),  # what the client has written itself
    ("192.0.2.1", "192.0.2.1, 127.0.0.1", True),
    ("192.0.2.1", "192.0.2.2, 127.0.0.1", False),
    ("nonsense", "192.0.2.1, unknown", True),  # both are the proxy's
])
def test_who_is_one(limited, first, second, are_one):
    client = limited({"rate.api_burst": 1})
    assert client(first).get().status == 200
    assert client(second).get().status == (429 if are_one else 200)
    assert client(first).get().status == 429


def test_strangers_are_not_believed(limited):
    client = limited({"rate.api_burst": 1, "http.proxies": "127.0.0.3"})
    assert client("192.0.2.1").get().status == 200
    assert client("192.0.2.2").get().status == 429
    assert client("192.0.2.2", "127.0.0.2").get().status == 200
    for number in range(3, 6):  # a proxy
        assert client(f"192.0.2.{number}", "127.0.0.3").get().status == 200
    assert client("192.0.2.3", "127.0.0.3").get().status == 429


# ---- cameras ----

def uploads(picture, device_id):
    """The ways in which an upload tells its camera."""
    form = Form({"device_id": device_id}, picture)
    jpeg = {"Content-Type": "image/jpeg"}
    row = f'{{"device_id": "{device_id}", "species": "fox"}}'
    return {
        "form": ("POST", "/api/detections", form.body, form.headers),
        "query": ("POST", f"/api/images?device_id={device_id}", picture, jpeg),
        "header": ("POST", "/api/images", picture, {**jpeg, "X-Device-Id": device_id}),
        "row": ("POST", "/api/detections", row.encode(), {"Content-Type": "application/json"}),
        "path": ("POST", f"/api/cameras/{device_id}/status", b'{"battery_level": 50}', {}),
        "registration": ("POST", "/api/cameras/register", row.encode(), {}),
    }


@pytest.mark.parametrize("way", uploads(b"", ""))
def test_camera_wherever_it_comes_from(limited, picture, way):
    client = limited({"rate.camera_burst": 2, "rate.api_burst": 50, "rate.upload_burst": 5})
    assert client("192.0.2.1").json("/api/cameras/register", '{"device_id": "cam"}').status == 201
    request, other = uploads(picture, "cam")[way], uploads(picture, "other")[way]
    assert client("192.0.2.2").request(*request).status in (200, 201)
    before = client().get("/api/detections").json["total"]
    third = client("192.0.2.3")
    for _ in range(6):  # more than the address has: none of its own tokens is gone
        assert_limited(third.request(*request), "camera", 2)
    assert client().get("/api/detections").json["total"] == before
    client("192.0.2.4").json("/api/cameras/register", '{"device_id": "other"}')
    assert third.request(*other).status in (200, 201)


def test_camera_in_two_places_is_that_of_the_body(limited, picture):
    """Whoever names another one in the address wins nothing by it."""
    client = limited({"rate.camera_burst": 1})
    form = Form({"device_id": "cam"}, picture)
    for number, status in enumerate((201, 429, 429)):
        answer = client(f"192.0.2.{number}").request(
            "POST", f"/api/detections?device_id=other{number}", form.body, form.headers)
        assert answer.status == status


def test_key_of_a_camera_tells_which_before_the_body(limited, picture):
    """What is refused is not even received."""
    client = limited({"rate.camera_burst": 1})
    one = client("192.0.2.1", camera="cam")
    assert one.upload(picture, "cam").status == 201
    form = Form({"device_id": "cam"}, picture)
    with one.server.connect() as connection:
        connection.send(head("POST", "/api/detections", form.body,
                             {**form.headers, **one.headers}))
        assert_limited(connection.answer(), "camera", 1)
        assert connection.is_closed()


# ---- logins ----

def test_logins(limited):
    """They are counted by address, whoever is tried, and before a password is looked at."""
    client = limited({"rate.auth_burst": 2})
    one = client("192.0.2.1")
    for name, status in (("a", 401), ("b", 401), ("c", 429)):
        answer = one.json("/api/auth/login", f'{{"username": "{name}", "password": "wrong"}}')
        assert answer.status == status
    assert_limited(one.json("/api/auth/login", "{}"), "auth", 2)
    assert one.get().status == 200
    assert client("192.0.2.2").json("/api/auth/login", "{}").status == 400


def log_in(client, name, password):
    return client.json("/api/auth/login", json.dumps({"username": name, "password": password}))


def test_failed_logins_keep_out_their_own_address_alone(limited, tmp_path):
    """By name or by whatever names; all of an IPv6 net is one address."""
    client = limited({"rate.auth": 0})
    create_user(tmp_path / "station" / "data", "ann", "viewer", PASSWORD)
    statuses = [log_in(client(f"2001:db8::{number}"), name, "wrong").status
                for number, name in enumerate(["ann", "a", "b", "c", "d"] * 2 + ["ann", "e"])]
    assert statuses == [401] * 10 + [429] * 2
    refused = log_in(client("2001:db8::ffff"), "ann", PASSWORD)
    assert refused.status == 429 and 0 < int(refused.headers["Retry-After"]) <= 60
    assert "logins have failed" in refused.error
    for elsewhere in ("2001:db8:0:1::1", "192.0.2.1"):
        assert log_in(client(elsewhere), "ann", PASSWORD).status == 200


def test_who_has_logged_in_is_let_in_whatever_others_do(limited, tmp_path):
    """They guess at her password until they, too, are sent away."""
    client = limited({"rate.auth": 0})
    create_user(tmp_path / "station" / "data", "ann", "viewer", PASSWORD)
    assert log_in(client("192.0.2.1"), "ann", PASSWORD).status == 200
    statuses = [log_in(client(f"198.51.100.{number // 10}"), "ann", "wrong").status
                for number in range(40)]
    assert 429 in statuses[30:]
    assert log_in(client("192.0.2.1"), "ann", PASSWORD).status == 200


# ---- those who do not mind ----

def test_who_asks_again_at_once_is_held_back(limited):
    """Each refusal waits for a moment, while others and the same one's health checks do not."""
    client = limited({"rate.api_burst": 1})
    one, other = client(source="127.0.0.3"), client("192.0.2.1")
    assert one.get().status == 200
    with one.server.connect(one.source) as connection:
        began = time.monotonic()
        for _ in range(5):
            answer = connection.request("GET", "/api/cameras", None, one.headers)
            assert_limited(answer, "api", 1)
        assert time.monotonic() - began > 5 * 0.25  # never less, however slow the machine is
        assert connection.request("GET", "/api/health").status == 200  # it goes on as it was
        for _ in range(3):  # one behind the other before any is answered
            connection.send(head("GET", "/api/cameras", None, one.headers))
        for _ in range(3):
            assert_limited(connection.answer(), "api", 1)
    assert other.get().status == 200


def test_more_than_may_be_held_are_refused_at_once(limited):
    """All get their answers, those that are held and those that are too many for that."""
    one = limited({"rate.api_burst": 1, "http.connections": 40})(source="127.0.0.3")
    assert one.get().status == 200
    connections = [one.server.connect(one.source) for _ in range(30)]
    for _ in range(3):
        for connection in connections:
            connection.send(head("GET", "/api/cameras", None, one.headers))
        for connection in connections:
            assert_limited(connection.answer(), "api", 1)
    for connection in connections:
        connection.close()


def test_stops_while_some_are_held(limited):
    one = limited({"rate.api_burst": 1})(source="127.0.0.3")
    assert one.get().status == 200
    connections = [one.server.connect(one.source) for _ in range(20)]
    for connection in connections:
        connection.send(head("GET", "/api/cameras", None, one.headers))
    one.server.signal()
    for connection in connections:
        answer = connection.answer()
        assert answer is None or answer.status in (429, 503)
        connection.close()
    assert one.server.wait() == 0


def test_stop_does_not_wait_for_who_asks_again_and_again(limited):
    """Three at once: one of them would be under way all the time, were they still held back."""
    one = limited({"rate.api_burst": 1, "http.stop_timeout": 3600})(source="127.0.0.3")
    assert one.get().status == 200
    refused = threading.Semaphore(0)

    def ask():
        try:
            while True:
                answer = one.get()
                if answer is not None and answer.status == 429:
                    refused.release()
        except OSError:
            pass  # it has gone

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert refused.acquire(timeout=60)
    one.server.signal()
    assert one.server.wait() == 0
    for thread in threads:
        thread.join()


# ---- what nobody has set ----

# The guide's zones.
DEFAULTS = {"rate.api": 100, "rate.api_burst": 200, "rate.auth": 5, "rate.auth_burst": 5,
            "rate.upload": 1, "rate.upload_burst": 5, "rate.camera": 10, "rate.camera_burst": 20}


def test_defaults_are_the_guides():
    settings = subprocess.run([program("wildcam-server"), "--settings"], capture_output=True,
                              text=True, check=True, timeout=60).stdout
    used = {name: float(value)
            for name, value in re.findall(r"^(rate\.\w+) +(\S+)", settings, re.M)}
    assert used == DEFAULTS


def test_upload_past_the_burst_of_a_server_that_nobody_has_set_up(make_server, tmp_path):
    """With its first key. A token comes each second, so a slow test is let through for longer."""
    fleet = {"X-API-Key": create_key(tmp_path / "station" / "data", "fleet")}
    server = make_server()
    begun = time.monotonic()
    for sent in range(1000):
        answer = server.post("/api/detections", {"device_id": "cam", "species": "fox"}, fleet)
        if answer.status == 429:
            break
        assert answer.status == 201
        assert sent + 1 <= 5 + (time.monotonic() - begun)
    assert sent >= 5 and answer.status == 429
    assert answer.headers["Retry-After"] == "1"
    assert answer.error == ("too many requests from this address: rate.upload allows 1 a second, "
                            "rate.upload_burst 5 at once; try again in 1 s")


# ---- on and off ----

def test_zero_is_off(limited, picture):
    client = limited({name: 0 for name in SLOW} | {name + "_burst": 1 for name in SLOW})
    one = client("192.0.2.1")
    for _ in range(30):
        assert one.get().status == 200
        assert one.upload(picture, "cam").status in (200, 201)


def test_they_come_with_the_first_key(make_server, tmp_path):
    server = make_server({**SLOW, "rate.api_burst": 1}, "station")
    assert [server.get("/api/cameras").status for _ in range(20)] == [200] * 20
    key = create_key(tmp_path / "station" / "data", "admin")
    for _ in range(1200):
        if server.get("/api/cameras", {"X-API-Key": key}).status == 429:
            break
        time.sleep(0.05)
    else:
        pytest.fail("there is no limit")
