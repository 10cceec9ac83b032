"""How the doors close, what opens them, and what a camera's key is good for."""

import json

import pytest
from support import Form, Server
from support.access import NO_LIMITS, bearer, create_key, create_user, revoke_key, wildcam

JPEG = {"Content-Type": "image/jpeg"}
UPLOADS = ["/api/detections", "/api/cameras/upload", "/api/images"]


@pytest.fixture
def server(make_server):
    return make_server(NO_LIMITS)


@pytest.fixture
def admin(server):
    return bearer(create_key(server.data, "admin"))


def is_empty(server, headers):
    """Whether nothing was kept: no row, no camera, no file."""
    return (server.get("/api/detections", headers).json["total"] == 0 and
            server.get("/api/cameras?status=all", headers).json["count"] == 0 and
            not [path for path in server.files("") if "db" not in path.suffix])


# ---- closing ----

def test_first_key_closes_the_door_at_once(server, picture):
    with server.connect() as connection:
        assert connection.request("GET", "/api/cameras").status == 200
        key = create_key(server.data, "viewer")
        assert connection.request("GET", "/api/cameras").status == 401
        assert connection.request("GET", "/api/cameras", None, bearer(key)).status == 200
        revoke_key(server.data, key)
        assert connection.request("GET", "/api/cameras", None, bearer(key)).status == 401
        assert connection.request("GET", "/api/cameras").status == 401  # it stays closed
    assert server.upload(picture).status == 401
    server.stop()
    server.start()
    assert server.get("/api/cameras").status == 401


def test_key_of_before_the_first_start(tmp_path):
    key = create_key(tmp_path / "data", "viewer")
    with Server(tmp_path) as server:
        assert server.get("/api/cameras").status == 401
        assert server.get("/api/cameras", bearer(key)).status == 200


def test_two_servers_on_one_store(make_server, server):
    other = make_server({"data.dir": server.data}, "other")
    for each in (server, other):
        assert each.get("/api/cameras").status == 200
    key = create_key(server.data, "viewer")
    for each in (server, other):
        assert each.get("/api/cameras").status == 401
        assert each.get("/api/cameras", bearer(key)).status == 200
    revoke_key(server.data, key)
    for each in (server, other):
        assert each.get("/api/cameras", bearer(key)).status == 401


def test_logins_on_two_servers_of_one_store(make_server, server):
    """What one gives the other takes, and what one takes back the other refuses at once."""
    other = make_server({**NO_LIMITS, "data.dir": server.data}, "other")
    both = (server, other)
    create_user(server.data, "ann", "viewer", "the first password")

    def login(at, password):
        return at.post("/api/auth/login", {"username": "ann", "password": password})

    def statuses(token):
        return [each.get("/api/cameras", bearer(token)).status for each in both]

    def refreshed(at, session):
        return at.post("/api/auth/refresh", {"refresh_token": session["refresh_token"]})

    for here, there in (both, both[::-1]):
        session = login(here, "the first password").json
        assert statuses(session["access_token"]) == [200, 200]
        renewed = refreshed(there, session).json
        assert statuses(session["access_token"]) == [401, 401]
        assert statuses(renewed["access_token"]) == [200, 200]
        assert here.post("/api/auth/logout", b"", bearer(renewed["access_token"])).status == 200
        assert there.get("/api/cameras", bearer(renewed["access_token"])).status == 401
        assert refreshed(there, renewed).status == 401
    sessions = [login(each, "the first password").json for each in both]
    wildcam(server.data, "users", "password", "ann", "--set", "auth.password_cost=10",
            stdin="the second password\n")
    for session, (here, there) in zip(sessions, (both, both[::-1])):
        assert statuses(session["access_token"]) == [401, 401]
        assert refreshed(there, session).status == 401
        assert login(here, "the first password").status == 401
    sessions = [login(each, "the second password").json for each in both]
    assert [statuses(session["access_token"]) for session in sessions] == [[200, 200]] * 2
    wildcam(server.data, "users", "remove", "ann")
    for session, (here, there) in zip(sessions, (both, both[::-1])):
        assert statuses(session["access_token"]) == [401, 401]
        assert refreshed(there, session).status == 401
        assert login(here, "the second password").status == 401


def send_half(server, picture, headers):
    """A picture's upload of which the second half is not sent yet."""
    body = Form({"device_id": "cam"}, picture)
    lines = {"Host": "localhost", "Content-Length": len(body.body), **body.headers, **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    connection = server.connect()
    middle = len(body.body) // 2
    connection.send(f"POST /api/detections HTTP/1.1\r\n{head}\r\n".encode() + body.body[:middle])
    return connection, body.body[middle:]


def test_door_that_closes_during_an_upload(server, picture):
    connection, rest = send_half(server, picture, {})
    assert server.get("/api/cameras").status == 200
    admin = bearer(create_key(server.data, "admin"))
    with connection:
        connection.send(rest)
        assert connection.answer().status == 401
    assert is_empty(server, admin)


def test_key_that_is_revoked_during_an_upload(server, admin, picture):
    key = create_key(server.data, "camera", "cam")
    connection, rest = send_half(server, picture, bearer(key))
    assert server.get("/api/cameras", admin).status == 200
    revoke_key(server.data, key)
    with connection:
        connection.send(rest)
        assert connection.answer().status == 401
    assert is_empty(server, admin)


def test_hosts_do_not_count_once_there_are_keys(server, admin):
    assert server.get("/api/cameras", {"Host": "example.org", **admin}).status == 200
    assert server.get("/api/cameras", {"Host": "example.org"}).status == 401


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0"])
def test_key_lets_it_listen_on_any_address(tmp_path, address):
    key = create_key(tmp_path / "data", "viewer")
    with Server(tmp_path, {"http.listen": address}) as server:
        server.address = ("127.0.0.1" if "." in address else "::1", server.address[1])
        assert server.get("/api/cameras").status == 401
        assert server.get("/api/cameras", bearer(key)).status == 200


# ---- showing a key ----

def shown(key):
    return {
        "bearer": {"Authorization": f"Bearer {key}"},
        "api key": {"X-API-Key": key},
        "lower case": {"authorization": f"bearer {key}"},
        "upper case": {"AUTHORIZATION": f"BEARER {key}"},
        "blanks": {"Authorization": f"Bearer   {key}  "},
        "a proxy's password beside it": {"Authorization": "Basic bWU6c2VjcmV0", "X-API-Key": key},
    }


def hidden(key):
    return {
        "nothing": {},
        "empty": {"Authorization": ""},
        "scheme alone": {"Authorization": "Bearer"},
        "scheme and a blank": {"Authorization": "Bearer "},
        "no scheme": {"Authorization": key},
        "another scheme": {"Authorization": f"Basic {key}"},
        "scheme runs on": {"Authorization": f"Bearer{key}"},
        "scheme and a colon": {"Authorization": f"Bearer: {key}"},
        "tab": {"Authorization": f"Bearer\t{key}"},
        "in quotes": {"Authorization": f'Bearer "{key}"'},
        "two keys": {"Authorization": f"Bearer {key} {key}"},
        "list": {"X-API-Key": f"{key},{key}"},
        "empty key": {"X-API-Key": ""},
        "cut short": {"X-API-Key": key[:-1]},
        "too long": {"X-API-Key": key + "A"},
        "much too long": {"X-API-Key": key + "A" * 8000},
        "other case": {"X-API-Key": key.swapcase()},
        "no secret": {"X-API-Key": "_".join(key.split("_")[:2])},
        "empty secret": {"X-API-Key": "_".join(key.split("_")[:2]) + "_"},
        "no UTF-8": {"X-API-Key": "\udcff" + key},
        "other words": {"X-API-Key": "key"},
        "as a cookie": {"Cookie": f"key={key}"},
    }


def twice(key):
    return {
        "both headers": f"Authorization: Bearer {key}\r\nX-API-Key: {key}\r\n",
        "one is empty": f"Authorization: Bearer {key}\r\nX-API-Key:\r\n",
        "two bearers": f"Authorization: Bearer {key}\r\nAuthorization: Bearer {key}\r\n",
        "two schemes": f"Authorization: Basic eDp5\r\nAuthorization: Bearer {key}\r\n",
        "two keys": f"X-API-Key: {key}\r\nX-API-Key: {key}\r\n",
    }


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("closed"), NO_LIMITS) as server:
        server.key = create_key(server.data, "viewer")
        yield server


@pytest.mark.parametrize("way", shown("").keys())
def test_ways_to_show_a_key(closed, way):
    assert closed.get("/api/cameras", shown(closed.key)[way]).status == 200


@pytest.mark.parametrize("way", hidden("a_b_c").keys())
def test_what_is_no_key(closed, way):
    answer = closed.get("/api/cameras", hidden(closed.key)[way])
    assert answer.status == 401 and "key" in answer.error
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert closed.key not in answer.error


def test_key_in_the_address_is_none(closed):
    for name in ("api_key", "key", "access_token", "X-API-Key"):
        assert closed.get(f"/api/cameras?{name}={closed.key}").status == 401


@pytest.mark.parametrize("way", twice("").keys())
def test_key_that_is_said_twice(closed, way):
    with closed.connect() as connection:
        connection.send(f"GET /api/cameras HTTP/1.1\r\nHost: localhost\r\n"
                        f"{twice(closed.key)[way]}\r\n".encode())
        answer = connection.answer()
    assert answer.status == 400 and "twice" in answer.error


def test_what_is_open_to_all_looks_at_no_key(closed):
    for path in ("/healthz", "/readyz", "/api/health", "/api/openapi.json"):
        assert closed.get(path, bearer("wrong")).status == 200


def test_keys_are_not_logged(make_server):
    server = make_server({**NO_LIMITS, "log.level": "debug"})
    server.expect_log("")
    key = create_key(server.data, "viewer")
    for headers in (*shown(key).values(), *hidden(key).values()):
        server.get("/api/cameras", headers)
    server.stop()
    assert key not in server.log and key.split("_")[2] not in server.log


# ---- metrics ----

METRICS = ["/metrics", "/api/metrics", "/federate"]


@pytest.mark.parametrize("path", METRICS)
def test_scraper_on_this_machine_needs_no_key(closed, path):
    assert closed.get(path).status == 200
    assert closed.get(path, bearer("wrong")).status == 200
    assert closed.get(path, bearer(closed.key)).status == 200


@pytest.mark.parametrize("headers", [
    {"X-Forwarded-For": "203.0.113.9"}, {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}, {"X-Forwarded-For": "unknown"},
    {"X-Forwarded-For": ""}, {"Forwarded": "for=203.0.113.9"}, {"X-Real-IP": "203.0.113.9"},
    {"Via": "1.1 proxy"}, {"Host": "example.org"},
])
@pytest.mark.parametrize("proxies", ["127.0.0.0/8,::1", ""])
def test_who_comes_through_a_proxy_or_by_a_name_needs_one(make_server, headers, proxies):
    server = make_server({**NO_LIMITS, "http.proxies": proxies})
    key, camera = create_key(server.data, "viewer"), create_key(server.data, "camera", "cam")
    for path in METRICS:
        assert server.get(path, headers).status == 401, path
        assert server.get(path, headers | bearer(camera)).status == 403, path
        assert server.get(path, headers | bearer(key)).status == 200, path


def test_metrics_that_are_open(make_server):
    server = make_server({**NO_LIMITS, "metrics.open": "true"})
    create_key(server.data, "viewer")
    for path in METRICS:
        assert server.get(path, {"X-Forwarded-For": "203.0.113.9"}).status == 200
    assert server.get("/api/cameras").status == 401


# ---- what is refused costs nothing ----

@pytest.mark.parametrize("path", UPLOADS)
@pytest.mark.parametrize("expects", [True, False])
def test_refused_upload_is_not_awaited(closed, path, expects):
    expect = "Expect: 100-continue\r\n" if expects else ""
    for key, status in (("wrong", 401), (closed.key, 403)):
        with closed.connect() as connection:
            connection.send(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n"
                            f"Content-Type: image/jpeg\r\nContent-Length: 9999999\r\n{expect}"
                            f"X-Device-Id: cam\r\n\r\n".encode())
            assert connection.file.peek()[:12] == f"HTTP/1.1 {status}".encode()
            answer = connection.answer()
            assert answer.status == status and answer.headers["Connection"] == "close"


# ---- a camera's key ----

def named(name):
    """Every place where a request can name a device: path, body and headers."""
    text = json.dumps({"device_id": name, "species": "fox"}).encode()
    form = Form({"device_id": name}, b"")
    field = Form({"species": "fox"}, b"").part(name.encode(), 'name="device_id"')
    beneath = Form({"device_id": "cam"}, b"").part(name.encode(), 'name="device_id"')
    camera = Form({"camera_id": name}, b"")
    null = Form({"device_id": None, "camera_id": name}, b"")
    beside = Form({"device_id": "cam", "camera_id": name}, b"")
    ways = {
        "JSON": ("", text, {}),
        "JSON camera_id": ("", text.replace(b"device_id", b"camera_id"), {}),
        "query": (f"?device_id={name}", None, JPEG),
        "query in capitals": (f"?DEVICE_ID={name}", None, JPEG),
        "query in escapes": (f"?device%5fid={name}", None, JPEG),
        "query camera_id": (f"?device_id=cam&camera_id={name}", None, JPEG),
        "query twice": (f"?device_id=cam&device_id={name}", None, JPEG),
        "query twice, first": (f"?device_id={name}&device_id=cam", None, JPEG),
        "header": ("", None, {**JPEG, "X-Device-Id": name}),
        "header in small letters": ("", None, {**JPEG, "x-device-id": name}),
        "header beside": ("?device_id=cam", None, {**JPEG, "X-Device-Id": name}),
        "capitals beside JSON": (f"?Device_Id={name}", text.replace(name.encode(), b"cam"), {}),
        "query beside JSON": (f"?device_id={name}", text.replace(name.encode(), b"cam"), {}),
    }
    forms = {"metadata": form, "form field": field, "field beneath the metadata": beneath,
             "metadata camera_id": camera, "camera_id behind null": null,
             "camera_id beside": beside}
    return ways, forms


PLACES = [place for places in named("x") for place in places]


def name_in(place, name, picture):
    ways, forms = named(name)
    if place in ways:
        query, body, headers = ways[place]
        return query, body or picture, headers
    form = forms[place]
    boundary = form.boundary.encode()
    # the picture goes where the empty one is
    body = form.body.replace(b"Content-Type: image/jpeg\r\n\r\n",
                             b"Content-Type: image/jpeg\r\n\r\n" + picture, 1)
    assert picture in body and boundary in body
    return "", body, form.headers


@pytest.mark.parametrize("place", PLACES)
def test_camera_speaks_for_itself_alone(server, admin, pictures, place):
    key = bearer(create_key(server.data, "camera", "cam"))
    for path, picture in zip(UPLOADS, pictures):
        query, body, headers = name_in(place, "cam2", picture)
        answer = server.post(path + query, body, {**headers, **key})
        assert answer.status == 403 and "cam" in answer.error, answer
    assert is_empty(server, admin)
    for path, picture in zip(UPLOADS, pictures):
        query, body, headers = name_in(place, "cam", picture)
        answer = server.post(path + query, body, {**headers, **key})
        assert answer.status == 201, answer
    rows = server.get("/api/detections", admin).json["detections"]
    assert [row["device_id"] for row in rows] == ["cam"] * 3


def test_names_that_look_alike(server, admin, picture):
    key = bearer(create_key(server.data, "camera", "cam"))
    for name in ("Cam", "cam ", "ca", "cam1", "CAM"):
        assert server.post("/api/images", Form({"device_id": name}, picture, "x"),
                           key).status == 403
    for body in (b'{"device_id": "cam\\u0000", "species": "fox"}',
                 b'{"device_id": 1, "species": "fox"}'):
        assert server.post("/api/images", body, key).status == 400
    assert is_empty(server, admin)


@pytest.mark.parametrize("named", [{}, {"device_id": ""}, {"device_id": None}])
def test_camera_that_does_not_say_which_it_is(server, named):
    """Its key tells; any other key does not."""
    own = bearer(create_key(server.data, "camera", "cam"))
    answer = server.post("/api/cameras/register", {**named, "name": "ridge"}, own)
    assert answer.json["camera"]["device_id"] == "cam"
    answer = server.post("/api/detections", {**named, "species": "fox"}, own)
    assert answer.status == 201
    other = bearer(create_key(server.data, "fleet"))
    for path in ("/api/cameras/register", "/api/detections"):
        answer = server.post(path, {**named, "species": "fox"}, other)
        assert answer.status == 400 and "device_id" in answer.error


def test_camera_that_names_nothing_is_its_own(server, admin, picture):
    key = bearer(create_key(server.data, "camera", "cam"))
    answers = [server.post("/api/images", picture, {**JPEG, **key}),
               server.post("/api/images", Form({}, picture + b"1"), key),
               server.post("/api/detections", {"species": "fox"}, key),
               server.post("/api/cameras/register", {"name": "mine"}, key)]
    assert [answer.status for answer in answers] == [201, 201, 201, 200]
    cameras = server.get("/api/cameras", admin).json["cameras"]
    assert [(camera["device_id"], camera["name"]) for camera in cameras] == [("cam", "mine")]
    fleet = bearer(create_key(server.data, "fleet"))
    assert server.post("/api/images", picture, {**JPEG, **fleet}).status == 400


def test_camera_registers_and_reports_for_itself_alone(server, admin):
    key = bearer(create_key(server.data, "camera", "cam"))
    other = bearer(create_key(server.data, "camera", "cam2"))
    assert server.post("/api/cameras/register", {"device_id": "cam"}, other).status == 403
    assert server.post("/api/cameras/register?device_id=cam2", {"device_id": "cam"},
                       key).status == 403
    assert is_empty(server, admin)
    assert server.post("/api/cameras/register", {"device_id": "cam"}, key).status == 201
    report = {"battery_level": 50}
    before = server.get("/api/cameras/cam", admin).json
    assert server.post("/api/cameras/cam/status", report, other).status == 403
    number = before["id"]  # a report may name the camera by its number
    assert server.post(f"/api/cameras/{number}/status", report, other).status == 403
    assert server.post("/api/cameras/cam2/status", report, key).status == 403
    assert server.post("/api/cameras/cam/status", {**report, "device_id": "cam2"},
                       key).status == 403
    assert server.get("/api/cameras/cam", admin).json == before
    assert server.post("/api/cameras/cam/status", report, key).status == 200
    assert server.get("/api/cameras/cam", admin).json["battery_level"] == 50


def test_fleet_speaks_for_any(server, admin, pictures):
    key = bearer(create_key(server.data, "fleet"))
    for number, picture in enumerate(pictures[:3]):
        assert server.post("/api/detections", Form({"device_id": f"cam{number}"}, picture),
                           key).status == 201
    assert server.get("/api/cameras", admin).json["count"] == 3


def test_refused_picture_is_not_put_in_quarantine(make_server, picture):
    server = make_server({**NO_LIMITS, "images.quarantine": "true"})
    admin = bearer(create_key(server.data, "admin"))
    key = bearer(create_key(server.data, "camera", "cam"))
    for body in (picture, picture[:2000]):
        assert server.post("/api/images", Form({"device_id": "cam2"}, body), key).status == 403
    assert is_empty(server, admin)
