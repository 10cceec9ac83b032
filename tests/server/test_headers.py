"""What every answer says to a browser, and what none says of the server."""

import pytest
from support import Form

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
    check(server.post("/api/cameras/register", {"device_id": ""}), 400)
    check(server.post("/api/images", Form({"device_id": "cam"})), 400)
    check(server.post("/api/images", b"x", {"Content-Type": "text/html"}), 415)
    with server.connect() as connection:
        check(connection.request("POST", "/api/images"), 411)
        check(connection.request("GET", "/healthz", headers={"Host": None}), 400)


@pytest.mark.parametrize("settings", [{"http.connections": 1}])
def test_full_server(make_server, settings):
    server = make_server(settings)
    with server.connect() as connection:
        check(connection.request("GET", "/healthz"), 200)
        check(server.get("/api/cameras"), 503)
