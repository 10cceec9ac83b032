"""Pages of other sites, opened in a browser that reaches the server, change nothing."""

import pytest

OWN = "http://station:8080"
CHANGES = [("POST", "/api/cameras/register"), ("POST", "/api/cameras/cam/status"),
           ("POST", "/api/detections"), ("POST", "/api/images"), ("POST", "/api/cameras/upload"),
           ("PUT", "/api/detections/1/verify")]
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": OWN}, {"Sec-Fetch-Site": "?"},
    {"Origin": "http://example.org"}, {"Origin": "null"}, {"Origin": ""}, {"Origin": "station:8080"},
    {"Origin": "http://station"}, {"Origin": "http://station:80"}, {"Origin": OWN + "0"},
    {"Origin": OWN + "/"}, {"Origin": "http://x.station:8080"},
]
OWN_OR_NONE = [
    {}, {"Origin": OWN}, {"Origin": "https://station:8080"}, {"Origin": "http://STATION:8080"},
    {"Sec-Fetch-Site": "same-origin", "Origin": OWN}, {"sec-fetch-site": "none"},
    # a proxy in between has renamed the host
    {"Origin": "http://example.org", "Sec-Fetch-Site": "same-origin"},
]


@pytest.fixture
def server(make_server):
    return make_server({"http.hosts": "station"})


def ask(server, method, path, headers):
    with server.connect() as connection:
        return connection.request(method, path, b'{"device_id": "cam"}', {
            "Host": "station:8080", "Content-Type": "text/plain", **headers})


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_site_is_refused(server, headers):
    answer = ask(server, "POST", "/api/cameras/register", headers)
    assert answer.status == 403 and "another site" in answer.error
    assert server.get("/api/cameras").json["count"] == 0


@pytest.mark.parametrize("method, path", CHANGES)
def test_whatever_changes_something_is_guarded(server, method, path):
    assert ask(server, method, path, {"Origin": "http://example.org"}).status == 403


@pytest.mark.parametrize("headers", OWN_OR_NONE)
def test_own_pages_cameras_and_tools_are_served(server, headers):
    assert ask(server, "POST", "/api/cameras/register", headers).status == 201


@pytest.mark.parametrize("headers", FOREIGN)
def test_reading_is_free(server, headers):
    """The browser itself keeps the answer from the other site's page."""
    for method in ("GET", "HEAD"):
        with server.connect() as connection:
            answer = connection.request(method, "/api/cameras", None,
                                        {"Host": "station:8080", **headers})
            assert answer.status == 200
