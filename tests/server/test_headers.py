"""What every answer says to a browser, and what none says of the server."""

import json

import pytest
from support import Form
from support.access import bearer, create_key, create_user
from support.client import head

ALWAYS = {"X-Content-Type-Options": "nosniff",
          "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
          "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
          "Cross-Origin-Resource-Policy": "same-site"}


def check(answer, status):
    assert answer.status == status
    for name, value in ALWAYS.items():
        assert answer.headers[name] == value
    for name in ("Server", "X-Powered-By", "Via", "Strict-Transport-Security"):
        assert name not in answer.headers
    assert "icrohttpd" not in str(answer.headers)


def test_every_kind_of_answer(server, picture):
    first = server.upload(picture)
    check(first, 201)
    image = f"/api/images/{first.json['image_id']}"
    check(server.get(image), 200)
    check(server.get(image, {"If-None-Match": server.get(image).headers["ETag"]}), 304)
    check(server.get(image, {"Range": "bytes=0-9"}), 206)
    check(server.get(image.replace("images", "thumbnails")), 200)
    for path in ("/healthz", "/readyz", "/api/health", "/api/cameras", "/api/openapi.json"):
        check(server.get(path), 200)
        with server.connect() as connection:
            check(connection.request("HEAD", path), 200)
    check(server.upload(picture), 200)
    check(server.get("/nothing"), 404)
    check(server.get("/api/images/x"), 400)
    check(server.get("/api/images"), 405)
    for path in ("/metrics", "/api/metrics", '/federate?match[]={__name__=~".+"}'):
        check(server.get(path), 200)
    check(server.get("/federate?match[]={"), 400)
    check(server.post("/api/cameras/register", {"device_id": ""}), 400)
    check(server.post("/api/images", Form({"device_id": "cam"})), 400)
    check(server.post("/api/images", b"x", {"Content-Type": "text/html"}), 415)
    with server.connect() as connection:
        check(connection.request("POST", "/api/images"), 411)
        check(connection.request("GET", "/healthz", headers={"Host": None}), 400)
    with server.connect() as connection:
        check(connection.request("GET", "/healthz", headers={"A": "b" * 20000}), 431)
    with server.connect() as connection:
        check(connection.request("GET", "/healthz", headers={"A": "b\0"}), 400)


def test_answers_at_a_closed_door(make_server, tmp_path):
    data = tmp_path / "station" / "data"
    key = create_key(data, "viewer")
    create_user(data, "ann", "viewer", "correct horse battery")
    server = make_server({"rate.api": 0.001, "rate.api_burst": 2, "rate.auth": 0})
    check(server.get("/api/cameras"), 401)
    check(server.post("/api/cameras/register", {"device_id": "cam"}, bearer(key)), 403)
    check(server.get("/api/cameras", bearer(key)), 429)
    check(server.get("/metrics"), 200)

    def post(path, words, headers=None):
        return server.post("/api/auth/" + path, json.dumps(words).encode(),
                           {"Content-Type": "application/json", **(headers or {})})

    answer = post("login", {"username": "ann", "password": "correct horse battery"})
    check(answer, 200)
    check(post("refresh", {"refresh_token": answer.json["refresh_token"]}), 200)
    check(post("login", {"username": "ann", "password": "wrong"}), 401)
    check(post("login", {}), 400)
    check(post("logout", {}), 401)
    check(post("login", {}, {"Sec-Fetch-Site": "cross-site"}), 403)


def test_answers_to_too_much(make_server, picture):
    server = make_server({"images.max_bytes": len(picture), "http.request_timeout": 1,
                          "http.connections_per_address": 1, "http.proxies": ""})
    with server.connect() as connection:
        with server.connect() as other:
            check(other.answer(), 429)
        check(connection.request("POST", "/api/images", None,
                                 {"Content-Type": "image/jpeg", "Content-Length": "9999999"}), 413)


def test_answer_to_what_does_not_arrive(make_server):
    server = make_server({"http.request_timeout": 1})
    with server.connect() as connection:
        connection.send(head("POST", "/api/images", None, {"Content-Type": "image/jpeg",
                                                           "Content-Length": "9"}))
        check(connection.answer(), 408)


@pytest.mark.parametrize("settings", [{"http.connections": 1}])
def test_full_server(make_server, settings):
    server = make_server(settings)
    with server.connect() as connection:
        check(connection.request("GET", "/healthz"), 200)
        check(server.get("/api/cameras"), 503)
