"""Who may do what: every endpoint times everybody who may ask."""

import re
import sqlite3
import time
from datetime import date, timedelta
from itertools import count

import pytest
from route_table import routes
from support import Form, Server
from support.access import NO_LIMITS, bearer, create_key, create_user, revoke_key

ELSEWHERE = {"X-Forwarded-For": "203.0.113.9"}  # what a proxy says of a client on the Internet
PASSWORD = "correct horse battery"
SPAN = {"start_date": "2026-03-01", "end_date": "2026-03-31"}

# What each is answered. `own` and `other` are keys of cameras, the camera that a request names and
# another one; `reader` and `boss` are people, a viewer and an admin; `late` was one whose token is
# past its time.
TABLE = """
endpoint                         none wrong revoked late own other fleet viewer admin reader boss
GET /api/health                   200   200     200  200 200   200   200    200   200    200  200
GET /healthz                      200   200     200  200 200   200   200    200   200    200  200
GET /readyz                       200   200     200  200 200   200   200    200   200    200  200
GET /api/openapi.json             200   200     200  200 200   200   200    200   200    200  200
GET /metrics                      401   401     401  401 403   403   403    200   200    200  200
GET /api/metrics                  401   401     401  401 403   403   403    200   200    200  200
GET /federate                     401   401     401  401 403   403   403    200   200    200  200
POST /api/auth/login              200   200     200  200 200   200   200    200   200    200  200
POST /api/auth/refresh            401   401     401  401 401   401   401    401   401    401  401
POST /api/auth/logout             401   401     401  401 401   401   401    401   401    200  200
GET /api/auth/me                  401   401     401  401 403   403   403    403   403    200  200
POST /api/cameras/register        401   401     401  401 200   403   200    403   200    403  200
POST /api/cameras/*/status        401   401     401  401 200   403   200    403   200    403  200
POST /api/cameras/upload form     401   401     401  401 201   403   201    403   201    403  201
POST /api/cameras/upload jpeg     401   401     401  401 201   403   201    403   201    403  201
POST /api/cameras/upload json     401   401     401  401 201   403   201    403   201    403  201
POST /api/detections form         401   401     401  401 201   403   201    403   201    403  201
POST /api/detections jpeg         401   401     401  401 201   403   201    403   201    403  201
POST /api/detections json         401   401     401  401 201   403   201    403   201    403  201
POST /api/images form             401   401     401  401 201   403   201    403   201    403  201
POST /api/images jpeg             401   401     401  401 201   403   201    403   201    403  201
POST /api/images json             401   401     401  401 201   403   201    403   201    403  201
GET /api/cameras                  401   401     401  401 403   403   403    200   200    200  200
GET /api/cameras/*                401   401     401  401 403   403   403    200   200    200  200
GET /api/cameras/*/statistics     401   401     401  401 403   403   403    200   200    200  200
GET /api/deployments              401   401     401  401 403   403   403    200   200    200  200
POST /api/deployments             401   401     401  401 403   403   403    403   201    403  201
GET /api/deployments/*            401   401     401  401 403   403   403    200   200    200  200
PUT /api/deployments/*            401   401     401  401 403   403   403    403   200    403  200
DELETE /api/deployments/*         401   401     401  401 403   403   403    403   200    403  200
GET /api/detections               401   401     401  401 403   403   403    200   200    200  200
GET /api/detections/*             401   401     401  401 403   403   403    200   200    200  200
PUT /api/detections/*/verify      401   401     401  401 403   403   403    403   200    403  200
GET /api/events                   401   401     401  401 403   403   403    200   200    200  200
GET /api/images/*                 401   401     401  401 403   403   403    200   200    200  200
PUT /api/images/*/favourite       401   401     401  401 403   403   403    403   200    403  200
GET /api/thumbnails/*             401   401     401  401 403   403   403    200   200    200  200
GET /api/alerts                   401   401     401  401 403   403   403    200   200    200  200
POST /api/alerts/*/read           401   401     401  401 403   403   403    403   200    403  200
GET /api/analytics/species        401   401     401  401 403   403   403    200   200    200  200
GET /api/analytics/activity       401   401     401  401 403   403   403    200   200    200  200
GET /api/analytics/data           401   401     401  401 403   403   403    200   200    200  200
POST /api/reports/analytics       401   401     401  401 403   403   403    202   202    202  202
GET /api/jobs/*                   401   401     401  401 403   403   403    200   200    200  200
GET /api/jobs/*/result            401   401     401  401 403   403   403    200   200    200  200
"""


def read_table():
    head, *lines = [line.split() for line in TABLE.strip().splitlines()]
    callers = head[1:]
    return {" ".join(line[:-len(callers)]): dict(zip(callers, map(int, line[-len(callers):])))
            for line in lines}


EXPECTED = read_table()


class World:
    """A server with a camera, a picture of its own, and everybody who may ask."""

    def __init__(self, server, pictures):
        self.server, self.pictures, self.numbers = server, pictures, count()
        kept = server.upload(pictures[0], "cam", species="fox").json
        self.detection, self.image = kept["detection_id"], kept["image_id"]
        assert server.post("/api/deployments", {"deployment_id": "cam", "device_id": "cam",
                                                "start": "1999-01-01", "end": "1999-01-02"}
                           ).status == 201
        data = server.data
        self.job = server.post("/api/reports/analytics", SPAN).json["job_id"]
        while server.get(f"/api/jobs/{self.job}").json["state"] in ("due", "running"):
            time.sleep(0.01)
        self.keys = {"own": create_key(data, "camera", "cam"),
                     "other": create_key(data, "camera", "cam2")}
        for role in ("fleet", "viewer", "admin"):
            self.keys[role] = create_key(data, role)
        self.keys["revoked"] = create_key(data, "admin")
        self.keys["wrong"] = self.keys["admin"][:-4] + "0000"
        revoke_key(data, self.keys["revoked"])
        create_user(data, "reader", "viewer", PASSWORD)
        create_user(data, "boss", "admin", PASSWORD)
        self.keys["late"] = self.login("boss")
        with sqlite3.connect(data / "station.db") as catalog:
            assert catalog.execute("UPDATE sessions SET access_until=1").rowcount == 1
        for name in ("reader", "boss"):
            self.keys[name] = self.login(name)

    def login(self, name):
        answer = self.server.post("/api/auth/login", {"username": name, "password": PASSWORD})
        assert answer.status == 200, answer
        return answer.json["access_token"]

    def headers(self, caller):
        return ELSEWHERE | (bearer(self.keys[caller]) if caller != "none" else {})

    def new_picture(self):
        """One that nobody has sent: bytes behind the end of a JPEG count."""
        return self.pictures[1] + f"{next(self.numbers)}".encode()

    def ask(self, endpoint, caller):
        method, path, *kind = endpoint.split()
        path = path.replace("/images/*", f"/images/{self.image}")
        path = path.replace("/thumbnails/*", f"/thumbnails/{self.image}")
        path = path.replace("/detections/*", f"/detections/{self.detection}")
        path = path.replace("/alerts/*", "/alerts/1")  # the camera registered itself
        path = path.replace("/jobs/*", f"/jobs/{self.job}")
        path = path.replace("*", "cam")
        headers, body = self.headers(caller), None
        if method == "POST" and kind == ["form"]:
            body = Form({"device_id": "cam"}, self.new_picture())
        elif method == "POST" and kind == ["jpeg"]:
            path, body = path + "?device_id=cam", self.new_picture()
            headers |= {"Content-Type": "image/jpeg"}
        elif method == "POST" and path.endswith("/deployments"):
            body = self.new_deployment()
        elif method == "PUT" and "/deployments/" in path:
            body = {"habitat": f"{next(self.numbers)}"}
        elif method == "DELETE" and "/deployments/" in path and caller in ("admin", "boss"):
            gone = self.new_deployment()
            assert self.server.post("/api/deployments", gone, self.headers(caller)).status == 201
            path = f"/api/deployments/{gone['deployment_id']}"
        elif path.endswith("/verify"):
            body = {"verified_species": f"fox {next(self.numbers)}"}
        elif path.endswith("/favourite"):
            body = {"favourite": True}
        elif path.endswith("/reports/analytics"):
            body = SPAN
        elif path.endswith("/register"):
            body = {"device_id": "cam", "name": f"{next(self.numbers)}"}
        elif path.endswith("/status"):
            body = {"battery_level": 50 + next(self.numbers) % 50}
        elif path.endswith("/login"):
            body = {"username": "reader", "password": PASSWORD}
        elif method == "POST" and "/auth/" not in path and "/alerts/" not in path:
            body = {"device_id": "cam", "species": "fox"}
        send = {"GET": lambda: self.server.get(path, headers),
                "POST": lambda: self.server.post(path, body, headers),
                "PUT": lambda: self.server.put(path, body, headers),
                "DELETE": lambda: self.server.delete(path, headers)}
        return send[method]()

    def new_deployment(self):
        """One that nobody has had, at a time of its own."""
        day = date(2000, 1, 1) + timedelta(days=next(self.numbers))
        return {"deployment_id": f"d{day}", "device_id": "cam", "start": str(day),
                "end": f"{day}T12:00"}

    def state(self):
        """All that a write could have changed; pictures come into events by themselves."""
        headers = bearer(self.keys["admin"])
        return [re.sub(rb'"event_id":(null|\d+)', b"", self.server.get(path, headers).body)
                for path in ("/api/cameras?status=all", "/api/detections?limit=100",
                             f"/api/detections/{self.detection}", "/api/deployments")] + [
                    path for path in self.server.files("")
                    if "db" not in path.suffix and path.name != "events.lock"
                    and "reports" not in path.parts]


@pytest.fixture(scope="module")
def world(tmp_path_factory, pictures):
    with Server(tmp_path_factory.mktemp("roles"), NO_LIMITS) as server:
        yield World(server, pictures)


def test_table_has_every_route_and_no_other():
    described = {" ".join(endpoint.split()[:2]) for endpoint in EXPECTED}
    assert described == {f"{method} {path}" for method, path in routes()}


@pytest.mark.parametrize("endpoint", EXPECTED)
def test_roles(world, endpoint):
    for caller, expected in EXPECTED[endpoint].items():
        before = world.state()
        answer = world.ask(endpoint, caller)
        assert answer.status == expected, (caller, answer)
        if expected in (401, 403):
            assert answer.error
            assert world.state() == before, caller
        assert answer.headers["WWW-Authenticate"] == ("Bearer" if expected == 401 else None)
        if endpoint.endswith("logout") and expected == 200:
            assert world.ask("GET /api/auth/me", caller).status == 401
            world.keys[caller] = world.login(caller)


@pytest.mark.parametrize("endpoint", [name for name in EXPECTED if name.startswith("GET")])
def test_head_is_as_get(world, endpoint):
    for caller in ("none", "own", "fleet", "viewer"):
        path = endpoint.split()[1].replace("*", "1")
        with world.server.connect() as connection:
            status = connection.request("HEAD", path, None, world.headers(caller)).status
        allowed = EXPECTED[endpoint][caller]
        assert status == allowed or (allowed == 200 and status == 404), (caller, path)
