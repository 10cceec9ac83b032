"""Logins of people: tokens for a password, their renewal, their end."""

import json
import select
import sqlite3
import time

import pytest
from support import Server
from support.access import NO_LIMITS, bearer, create_key, create_user
from support.client import head

PASSWORD = "correct horse battery"


@pytest.fixture
def server(make_server):
    server = make_server(NO_LIMITS)
    create_user(server.data, "ann", "viewer", PASSWORD)
    return server


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """For tests that log nobody in."""
    with Server(tmp_path_factory.mktemp("logins"), NO_LIMITS) as server:
        create_user(server.data, "ann", "viewer", PASSWORD)
        yield server


def login(server, name="ann", password=PASSWORD):
    return server.post("/api/auth/login", {"username": name, "password": password})


def me(server, token):
    return server.get("/api/auth/me", bearer(token)).status


def refresh(server, token):
    return server.post("/api/auth/refresh", {"refresh_token": token})


def test_login(server):
    began = time.monotonic()
    answer = login(server)
    assert answer.status == 200 and answer.headers["Cache-Control"] == "no-store"
    session = answer.json
    assert session["message"] == "Login successful"
    assert session["user"]["username"] == "ann" and session["user"]["role"] == "viewer"
    assert session["token_type"] == "Bearer"
    took = time.monotonic() - began
    for name, whole in (("expires_in", 900), ("refresh_expires_in", 2592000)):
        assert whole - took <= session[name] <= whole  # what has just been made has all its time
    for headers in (bearer(session["access_token"]), {"X-API-Key": session["access_token"]}):
        assert server.get("/api/auth/me", headers).json == {"user": session["user"]}
        assert server.get("/api/cameras", headers).status == 200
        assert server.post("/api/cameras/register", {"device_id": "cam"}, headers).status == 403
    assert me(server, session["refresh_token"]) == 401  # that one is for the refresh alone


def test_person_closes_the_door(make_server):
    server = make_server(NO_LIMITS)
    assert server.get("/api/cameras").status == 200
    assert login(server).status == 401  # nobody is known yet
    assert server.get("/api/auth/me").status == 401
    create_user(server.data, "ann", "admin", PASSWORD)
    assert server.get("/api/cameras").status == 401
    token = bearer(login(server).json["access_token"])
    assert server.post("/api/cameras/register", {"device_id": "cam"}, token).status == 201


def test_wrong_password_and_unknown_name_are_told_alike(server):
    answers = [login(server, "ann", "something else"), login(server, "bob"),
               login(server, "ann", PASSWORD + " "), login(server, "Ann"),
               login(server, "a" * 5000), login(server, "ann", "x" * 10000)]
    assert {answer.status for answer in answers} == {401}
    assert len({answer.error for answer in answers}) == 1
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"Bearer"}


@pytest.mark.parametrize("body, word", [
    ({}, "username"), ({"username": "ann"}, "password"), ({"password": PASSWORD}, "username"),
    ({"username": "", "password": PASSWORD}, "username"),
    ({"username": "ann", "password": ""}, "password"),
    ({"username": "ann", "password": None}, "password"),
    ({"username": "ann", "password": 5}, "password"),
    ({"username": ["ann"], "password": PASSWORD}, "username"),
    ({"username": "ann", "password": PASSWORD + "\0"}, "JSON"),
    ({"username": "ann", "password": PASSWORD, "more": 10 ** 30}, "too big integer"),
])
def test_login_that_is_none(shared, body, word):
    answer = login_body(shared, json.dumps(body).encode())
    assert answer.status == 400 and word in answer.error
    assert PASSWORD not in answer.error


def login_body(server, body):
    return server.post("/api/auth/login", body, {"Content-Type": "application/json"})


@pytest.mark.parametrize("body", [
    b'{"username": "ann", "password": %s}' % PASSWORD.encode(), b"", b"username=ann", b"[]",
    b'"%s"' % PASSWORD.encode(), b'{"username": "ann", "password": "' + PASSWORD.encode(),
    b'{"password": "%s", "password": "%s"}' % (PASSWORD.encode(), PASSWORD.encode()),
])
def test_body_that_is_no_login_is_not_quoted(shared, body):
    answer = login_body(shared, body)
    assert answer.status == 400
    assert PASSWORD.split()[0] not in answer.error


def test_login_by_other_methods(shared):
    assert shared.get("/api/auth/login?username=ann&password=x").status == 405
    with shared.connect() as connection:
        assert connection.request("POST", "/api/auth/login").status == 411


def test_page_of_another_site_logs_nobody_in(shared):
    body = json.dumps({"username": "ann", "password": PASSWORD}).encode()
    assert shared.post("/api/auth/login", body, {"Sec-Fetch-Site": "cross-site"}).status == 403


@pytest.mark.parametrize("in_body", [True, False])
def test_refresh(server, in_body):
    server.expect_log("is not the last of its session")
    first = login(server).json

    def renew(token):
        if in_body:
            return refresh(server, token)
        with server.connect() as connection:  # without any body, as older dashboards do
            return connection.request("POST", "/api/auth/refresh", None, bearer(token))

    answer = renew(first["refresh_token"])
    assert answer.status == 200
    second = answer.json
    assert second["user"] == first["user"]
    assert not {first["access_token"], first["refresh_token"]} & {
        second["access_token"], second["refresh_token"]}
    assert (me(server, first["access_token"]), me(server, second["access_token"])) == (401, 200)
    assert renew(second["access_token"]).status == 401  # the wrong one of the two
    # The first one again: somebody else has it, too.
    assert renew(first["refresh_token"]).status == 401
    assert me(server, second["access_token"]) == 401
    assert renew(second["refresh_token"]).status == 401


def test_refresh_that_is_none(server):
    key = create_key(server.data, "admin")
    for body in ({}, {"refresh_token": None}, {"refresh_token": ""}):
        answer = server.post("/api/auth/refresh", body)
        assert answer.status == 401
        assert answer.json["error"].startswith("a refresh token is needed: as refresh_token in ")
    for token in (key, "x", "x" * 5000, login(server).json["access_token"]):
        assert refresh(server, token).status == 401
    assert refresh(server, 5).status == 400


@pytest.mark.parametrize("token", ["access_token", "refresh_token"])
def test_logout(server, token):
    session, other = login(server).json, login(server).json
    answer = server.post("/api/auth/logout", b"", bearer(session[token]))
    assert answer.status == 200 and answer.json["message"]
    answer = server.post("/api/auth/logout", b"")
    assert answer.status == 401
    assert answer.json["error"].startswith("a token of the login is needed: in Authorization: ")
    assert me(server, session["access_token"]) == 401
    assert refresh(server, session["refresh_token"]).status == 401
    assert server.post("/api/auth/logout", b"", bearer(session[token])).status == 401
    assert me(server, other["access_token"]) == 200  # a session of his own


def test_token_past_its_time(server):
    session = login(server).json
    with sqlite3.connect(server.data / "station.db") as catalog:
        assert catalog.execute("UPDATE sessions SET access_until=1").rowcount == 1
    answer = server.get("/api/cameras", bearer(session["access_token"]))
    assert answer.status == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
    renewed = refresh(server, session["refresh_token"])
    assert renewed.status == 200 and me(server, renewed.json["access_token"]) == 200
    with sqlite3.connect(server.data / "station.db") as catalog:
        assert catalog.execute("UPDATE sessions SET refresh_until=1").rowcount == 1
    assert refresh(server, renewed.json["refresh_token"]).status == 401


def test_session_outlasts_the_server(server):
    session = login(server).json
    server.stop()
    server.start()
    assert me(server, session["access_token"]) == 200
    assert refresh(server, session["refresh_token"]).status == 200


def test_failed_logins_wait(server):
    """All are sent at once, so that no wait passes on the way. Who has logged in here does not wait
    for the failures of others."""
    create_user(server.data, "bob", "viewer", PASSWORD)
    assert login(server, "bob").status == 200
    tries = [("ann", "guess")] * 11 + [("ann", PASSWORD), ("bob", "guess"), ("bob", PASSWORD)]
    with server.connect() as connection:
        for name, password in tries:
            body = json.dumps({"username": name, "password": password}).encode()
            connection.send(head("POST", "/api/auth/login", body) + body)
        *failed, right, others, other = [connection.answer() for _ in tries]
    assert [answer.status for answer in failed] == [401] * 10 + [429]
    assert right.status == 429 and 1 <= int(right.headers["Retry-After"]) <= 60
    assert "failed" in right.error
    assert (others.status, other.status) == (401, 200)


def test_logins_do_not_hold_up_others(make_server):
    """They are worked out one by one, and no more than a few wait: here for whoever holds the
    catalog, so that the first cannot end before the others have come."""
    server = make_server({**NO_LIMITS, "http.workers": 1, "store.busy_timeout": 3600})
    create_user(server.data, "ann", "viewer", PASSWORD)
    key = bearer(create_key(server.data, "viewer"))
    body = json.dumps({"username": "ann", "password": PASSWORD}).encode()
    connections = [server.connect() for _ in range(20)]
    with sqlite3.connect(server.data / "station.db", isolation_level=None, timeout=60) as catalog:
        catalog.execute("BEGIN IMMEDIATE")
        for connection in connections:
            connection.send(head("POST", "/api/auth/login", body) + body)
        assert server.get("/api/cameras", key).status == 200
        # one that is refused at least: the others may not have been read yet
        assert select.select([connection.socket for connection in connections], [], [], 60)[0]
        catalog.execute("ROLLBACK")
    answers = [connection.answer() for connection in connections]
    refused = [answer for answer in answers if answer.status == 503]
    assert refused and all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert all("logins" in answer.error for answer in refused)
    assert sum(answer.status == 200 for answer in answers) == 20 - len(refused) >= 8
    for connection in connections:
        connection.close()


def test_review_is_signed(server):
    create_user(server.data, "bob", "admin", PASSWORD)
    key = bearer(create_key(server.data, "admin"))
    token = bearer(login(server, "bob").json["access_token"])
    path = "/api/detections/{}/verify".format(
        server.post("/api/detections", {"device_id": "cam", "species": "fox"},
                    key).json["detection_id"])
    for headers, body, by in ((key, {}, None), (token, {}, "bob"),
                              (token, {"verified_by": "carol"}, "carol")):
        answer = server.put(path, body, headers)
        assert answer.status == 200 and answer.json["detection"]["verified_by"] == by


def test_nothing_secret_is_logged(make_server):
    server = make_server({**NO_LIMITS, "log.level": "debug"})
    server.expect_log("")  # whatever it says
    create_user(server.data, "ann", "viewer", PASSWORD)
    session = login(server).json
    login(server, "ann", PASSWORD + "!")
    login_body(server, b'{"username": "ann", "password": %s}' % PASSWORD.encode())
    me(server, session["access_token"])
    renewed = refresh(server, session["refresh_token"]).json
    refresh(server, session["refresh_token"])
    server.post("/api/auth/logout", b"", bearer(renewed["access_token"]))
    server.stop()
    for secret in (PASSWORD, PASSWORD.split()[0], session["access_token"],
                   session["refresh_token"], renewed["access_token"], renewed["refresh_token"]):
        assert secret not in server.log


# ---- what anybody may send ----

@pytest.mark.parametrize("path", ["/api/auth/login", "/api/auth/refresh", "/api/auth/logout"])
def test_long_bodies(shared, path):
    """A few words are all that is needed: who sends more may be anybody."""
    words = b'{"username": "ann", "password": "x", "refresh_token": "x"}'
    longest = words + b" " * (16 * 1024 - len(words))
    assert shared.post(path, longest).status == 401
    answer = shared.post(path, longest + b" ")
    assert (answer.status, answer.error) == (
        413, "the body has 16385 bytes, over the limit of 16384")
    with shared.connect() as connection:
        answer = connection.request("POST", path, b"4001\r\n" + longest + b" \r\n0\r\n\r\n",
                                    {"Content-Length": None, "Transfer-Encoding": "chunked"})
        assert (answer.status, answer.error) == (413, "the body is over 16384 bytes")
