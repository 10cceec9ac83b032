"""Nothing secret stands in the log, whatever its level: secrets are sent everywhere, then looked for."""

import json
import subprocess
import time

import pytest
from support import Form
from support.log import READERS
from support.paths import program

SECRETS = {name: f"hidden-{name}-{index:04d}" for index, name in enumerate(
    ["bearer", "basic", "api-key", "query", "cookie", "password", "token", "signature", "form",
     "metadata", "body", "mistyped", "mistyped words", "secret-key", "session-token", "refresh", "fragment", "made-up-header"])}


def send_secrets(server, picture):
    """Requests that go well, and that go wrong, with a secret in each place."""
    headers = {"Authorization": f"Bearer {SECRETS['bearer']}", "X-API-Key": SECRETS["api-key"],
               "Cookie": f"session={SECRETS['cookie']}", "X-Other": SECRETS["made-up-header"]}
    query = (f"?api_key={SECRETS['query']}&access_token={SECRETS['token']}"
             f"&X-Amz-Signature={SECRETS['signature']}&X-Amz-Security-Token={SECRETS['token']}")
    for path in ("/api/cameras", "/api/detections", "/no/such", "/healthz", "/metrics",
                 "/api/images/1", "/api/auth/me", "/api/analytics/species"):
        server.get(path + query, headers)
        server.get(path + query, {**headers, "Authorization": f"Basic {SECRETS['basic']}"})
    login = {"username": "somebody", "password": SECRETS["password"]}
    server.post("/api/auth/login" + query, login, headers)
    server.post("/api/auth/login", {**login, "username": [SECRETS["password"]]})
    for username in ("mistyped", "mistyped words"):  # where the name should be; one is none
        answer = server.post("/api/auth/login", {"username": SECRETS[username], "password": "x"})
        assert SECRETS[username] not in answer.body.decode()
    server.post("/api/auth/login", json.dumps(login).encode()[:-1],
                {"Content-Type": "application/json"})
    server.post("/api/auth/refresh", {"refresh_token": SECRETS["refresh"]}, headers)
    server.post("/api/auth/logout", {"refresh_token": SECRETS["refresh"]}, headers)
    server.post("/api/cameras/register" + query,
                {"device_id": "cam", "name": "a camera", "config": {"api_key": SECRETS["body"]}},
                headers)
    for image in (picture, b"no picture"):
        form = Form({"device_id": "cam", "api_key": SECRETS["metadata"]}, image)
        form.part(SECRETS["form"].encode(), 'name="password"')
        server.post("/api/detections" + query, form, headers)


def await_line(server, words):
    deadline = time.monotonic() + 60  # a safety net
    while words not in server.log:
        assert time.monotonic() < deadline, server.log[-3000:]
        server.get("/healthz")


@pytest.mark.parametrize("form", READERS)
def test_no_secret_is_logged(make_server, picture, form):
    server = make_server({
        "log.level": "debug", "log.format": form, "s3.regions": "us-west-2",
        "s3.endpoint": "http://127.0.0.1:1", "s3.access_key": "named-key",
        "s3.secret_key": SECRETS["secret-key"], "s3.session_token": SECRETS["session-token"]})
    server.expect_log("")
    send_secrets(server, picture)
    await_line(server, "us-west-2")  # uploads are tried, and fail
    server.stop()
    log = server.log
    assert "/api/auth/login" in log and len(READERS[form](log)) > 20
    assert [name for name, secret in SECRETS.items() if secret in log] == []
    for word in ("hidden-", "Bearer", "Basic ", "X-Amz-", "?"):
        assert word not in log, word


def test_a_station_with_keys(make_server, picture):
    """The keys themselves, right and wrong, and what logins give."""
    server = make_server({"log.level": "debug", "rate.auth": 0, "rate.upload": 0})
    server.expect_log("")

    def wildcam(*words, said=None):
        return subprocess.run([program("wildcam"), *words, "--data", server.data], input=said,
                              capture_output=True, check=True, text=True).stdout.strip()

    key = wildcam("keys", "create", "--role", "admin")
    wildcam("users", "create", "somebody", "--role", "viewer", said=SECRETS["password"] + "\n")
    send_secrets(server, picture)
    headers = {"Authorization": f"Bearer {key}"}
    assert server.get("/api/cameras", headers).status == 200
    assert server.get("/api/cameras", {"X-API-Key": key}).status == 200
    assert server.get("/api/cameras", {"X-API-Key": key[:-1]}).status == 401
    answer = server.post("/api/auth/login",
                         {"username": "somebody", "password": SECRETS["password"]})
    assert answer.status == 200
    tokens = [answer.json["access_token"], answer.json["refresh_token"]]
    for token in tokens:
        server.get("/api/cameras", {"Authorization": f"Bearer {token}"})
        server.post("/api/auth/refresh", {"refresh_token": token})
    server.stop()
    for secret in (key, key[:-1], *tokens, *SECRETS.values()):
        assert secret not in server.log
