"""Credentials over real sockets and from real files, beside what botocore makes of the same ones."""

import json
import os
import random
import subprocess
import time
from datetime import timedelta
from urllib.parse import parse_qs

import botocore.credentials
import botocore.session
import pytest
from botocore.config import Config
from support.paths import program

from credential_servers import ROLES, Service

SAFETY_NET = 60


@pytest.fixture
def service():
    with Service() as started:
        yield started


@pytest.fixture
def environment(tmp_path):
    """Nothing of AWS but what a test puts in."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("AWS_") and not name.lower().endswith("_proxy")}
    return {**kept, "HOME": str(tmp_path), "AWS_CONFIG_FILE": str(tmp_path / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")}


class Driver:
    def __init__(self, environment, **settings):
        arguments = [f"{name.replace('__', '.')}={value}" for name, value in settings.items()]
        self.process = subprocess.Popen(
            [program("tests/upload/credentials_driver"), *arguments], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            self.process.kill()
        self.process.stdin.close()
        code = self.process.wait(SAFETY_NET)
        self.process.stdout.close()
        assert kind or code == 0

    def do(self, command, answers=True):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline()) if answers else None

    def get(self):
        return self.do("get")


def of_botocore(environment, monkeypatch):
    """What botocore finds: access key, secret key, session token."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = botocore.session.Session().get_credentials()
    frozen = found and found.get_frozen_credentials()  # newer ones know more than these
    return frozen and (frozen.access_key, frozen.secret_key, frozen.token)


def assert_found(got, wanted):
    assert got["status"] == "WILDCAM_OK", got["error"]
    assert (got["access_key"], got["secret_key"], got["session_token"]) == wanted
    hide_nothing(got, wanted)


def hide_nothing(got, secrets):
    """No line of the log and no sentence has a secret in it."""
    for secret in secrets[1:]:
        assert not secret or secret not in got["log"] + got["error"]


def keys_of(service):
    keys = service.keys()
    return keys["AccessKeyId"], keys["SecretAccessKey"], keys["Token"]


# ---- over the network ----


def test_instance_gives_what_botocore_takes(service, environment, monkeypatch):
    environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = service.url
    with Driver(environment, s3__credentials="environment,file,instance") as driver:
        got = driver.get()
        asked = list(service.requests)
        assert_found(got, keys_of(service))
        assert abs(got["expires"] - time.time() - service.lifetime.total_seconds()) < 30
        assert_found(driver.get(), keys_of(service))
    assert len(service.requests) == 3  # the second one came from memory
    service.requests.clear()
    service.number = 0
    assert of_botocore(environment, monkeypatch) == keys_of(service)
    plain = [(method, path, body) for method, path, _, body in asked]
    assert plain == [(method, path, body) for method, path, _, body in service.requests]
    assert plain == [("PUT", "/latest/api/token", ""), ("GET", ROLES, ""),
                     ("GET", ROLES + "camera-role", "")]


def test_container_gives_what_botocore_takes(service, environment, monkeypatch):
    environment |= {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{service.url}/task/7?x=1",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer agent-token=="}
    service.agent_token = "Bearer agent-token=="
    with Driver(environment, s3__credentials="container") as driver:
        got = driver.get()
        assert_found(got, keys_of(service))
        assert "agent-token" not in got["log"]
    assert service.requests[0][:2] == ("GET", "/task/7?x=1")
    assert service.requests[0][2]["accept"] == "application/json"
    service.number = 0
    assert of_botocore(environment, monkeypatch) == keys_of(service)


def test_containers_token_is_read_anew(service, environment, tmp_path):
    file = tmp_path / "token"
    file.write_text("one\n")
    environment |= {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{service.url}/task",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "not this one",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(file)}
    service.agent_token = "one"
    with Driver(environment, s3__credentials="container") as driver:
        assert_found(driver.get(), keys_of(service))
        file.write_text("two\n")
        service.agent_token = "two"
        driver.do("reject", answers=False)
        assert_found(driver.get(), keys_of(service))
    assert service.number == 2


@pytest.fixture
def web_identity(service, environment, tmp_path):
    file = tmp_path / "token"
    file.write_text("header.pay+load/=.signature\n")
    environment |= {"AWS_WEB_IDENTITY_TOKEN_FILE": str(file),
                    "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/a b/cam&era",
                    "AWS_ROLE_SESSION_NAME": "gate,7=@.-", "AWS_ENDPOINT_URL_STS": service.url}
    return environment


def test_token_service_is_asked_as_botocore_asks_it(service, web_identity):
    with Driver(web_identity, s3__credentials="web_identity") as driver:
        got = driver.get()
        assert_found(got, keys_of(service))
        assert "signature" not in got["log"]
    client = botocore.session.Session().create_client(
        "sts", region_name="us-west-2", endpoint_url=service.url,
        config=Config(signature_version=botocore.UNSIGNED, retries={"total_max_attempts": 1}))
    client.assume_role_with_web_identity(
        RoleArn=web_identity["AWS_ROLE_ARN"], RoleSessionName="gate,7=@.-",
        WebIdentityToken="header.pay+load/=.signature")
    ours, theirs = service.requests
    assert ours[:2] == theirs[:2] == ("POST", "/")
    assert parse_qs(ours[3], strict_parsing=True) == parse_qs(theirs[3], strict_parsing=True)
    assert ours[2]["content-type"] == theirs[2]["content-type"].partition(";")[0]
    assert "authorization" not in ours[2]


def test_token_that_is_refused_is_said(service, web_identity, tmp_path):
    (tmp_path / "token").write_text("an.expired.token")
    with Driver(web_identity, s3__credentials="web_identity") as driver:
        got = driver.get()
    assert got["status"] == "WILDCAM_ERR_DENIED"
    assert "says InvalidIdentityToken: not this one" in got["error"]
    assert "expired.token" not in got["error"] + got["log"]


def test_short_lived_ones_are_refreshed(service, environment):
    environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"{service.url}/task"
    service.lifetime = timedelta(seconds=13)  # 8 seconds of use, the last 1.5 beside a refresh
    with Driver(environment, s3__credentials="container") as driver:
        first = driver.get()
        deadline = time.monotonic() + SAFETY_NET
        got = first
        while got.get("access_key") == first["access_key"] and time.monotonic() < deadline:
            got = driver.get()
    assert got["status"] == "WILDCAM_OK" and got["access_key"] != first["access_key"]


# ---- what the network does ----


def test_credentials_do_not_wait_for_transfers(service, environment):
    environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = service.url
    with Driver(environment, s3__credentials="instance", s3__connections=1) as driver:
        assert driver.do(f"hold {service.url}/hold")["held"]
        assert_found(driver.get(), keys_of(service))


@pytest.mark.parametrize("source", ["instance", "container"])
def test_what_is_near_is_asked_through_no_proxy(service, environment, source):
    environment |= {"AWS_EC2_METADATA_SERVICE_ENDPOINT": service.url,
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{service.url}/task",
                    "http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"}
    with Driver(environment, s3__credentials=source) as driver:
        assert_found(driver.get(), keys_of(service))


def test_silent_service_is_given_up(service, environment):
    environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = f"{service.url}/hold"
    with Driver(environment, s3__credentials="instance") as driver:
        began = time.monotonic()
        got = driver.get()
        assert time.monotonic() - began < 10
    assert got["status"] == "WILDCAM_ERR_DENIED"
    assert "the instance's metadata service cannot be asked" in got["error"]
    assert "looked for again in" in got["error"]


def test_nobody_there_is_said(service, environment):
    environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:1/task"
    with Driver(environment, s3__credentials="container") as driver:
        got = driver.get()
    assert got["status"] == "WILDCAM_ERR_IO"
    assert "the container's agent cannot be asked" in got["error"]


@pytest.mark.parametrize("path, answer, status, words", [
    ("/latest/api/token", (403, ""), "DENIED", "HTTP 403"),
    ("/latest/api/token", (200, "x" * 70000), "DENIED", "cannot be asked"),
    (ROLES, (404, ""), "DENIED", "the instance has no role"),
    (ROLES, (302, ""), "IO", "HTTP 302"),
    (ROLES, (200, "<html>captive</html>"), "INVALID", "no role's name"),
    (ROLES + "camera-role", (200, "<html>captive</html>"), "INVALID", "no JSON object"),
    (ROLES + "camera-role", (200, '{"Code": "Failed", "Message": "no"}'), "DENIED", "Failed: no"),
])
def test_instance_that_answers_otherwise(service, environment, path, answer, status, words):
    environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = service.url
    service.refusals[path] = answer
    with Driver(environment, s3__credentials="instance") as driver:
        got = driver.get()
    assert got["status"] == f"WILDCAM_ERR_{status}"
    assert words in got["error"]


# ---- files ----


def random_file(chance, is_config):
    """A file as people write it, of keys for three profiles, in lines that botocore reads too."""
    lines = []
    names = ["default", "gate", "my own"]
    chance.shuffle(names)
    for name in names:
        lines += chance.choices(["", "# comment", "; comment", "#[gate]"], k=chance.randrange(3))
        title = f"profile {name}" if is_config and name != "default" else name
        if is_config and name == "my own":
            title = f'profile "{name}"'
        settings = [("aws_access_key_id", f"AK{chance.randrange(10**6)}"),
                    ("aws_secret_access_key", f"s+/={chance.randrange(10**6)}")]
        if chance.random() < 0.5:
            settings.append(("aws_session_token", f"t=;#{chance.randrange(10**6)}"))
        settings += chance.sample([("region", "x"), ("output", ""), ("role_arn_", "x"),
                                   ("s3", "\n  a = b\n  aws_access_key_id = no"), ("x", "[gate]")],
                                  k=chance.randrange(4))
        chance.shuffle(settings)
        indent = chance.choice(["", "", " ", "\t"])
        lines.append(f"[{title}]")
        for key, value in settings:
            key = key.upper() if chance.random() < 0.1 else key
            equals = chance.choice(["=", " = ", ":", " : ", "\t=\t"])
            lines.append(indent + (key + equals + value).replace("\n", "\n" + indent))
    end = chance.choice(["\n", "\r\n"])
    return end.join("\n".join(lines).split("\n")) + chance.choice(["", end])


def test_files_are_read_as_botocore_reads_them(environment, monkeypatch, tmp_path):
    chance = random.Random(20261126)
    found = 0
    for number in range(300):
        is_config = chance.random() < 0.4
        name = "config" if is_config else "credentials"
        for other in ("config", "credentials"):
            (tmp_path / other).unlink(missing_ok=True)
        text = random_file(chance, is_config)
        (tmp_path / name).write_bytes(text.encode())
        environment["AWS_PROFILE"] = profile = chance.choice(["default", "gate", "my own"])
        wanted = of_botocore(environment, monkeypatch)
        with Driver(environment, s3__credentials="file") as driver:
            got = driver.get()
        if wanted:
            found += 1
            assert_found(got, (wanted[0], wanted[1], wanted[2] or ""))
        else:
            assert got["status"] != "WILDCAM_OK", f"{number}, {profile}: {text}"
    assert found > 250


def test_environment_goes_first_as_with_botocore(environment, monkeypatch, tmp_path):
    (tmp_path / "credentials").write_text(
        "[default]\naws_access_key_id = FILE\naws_secret_access_key = file-secret\n")
    with Driver(environment) as driver:
        assert_found(driver.get(), ("FILE", "file-secret", ""))
    environment |= {"AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "env-secret",
                    "AWS_SESSION_TOKEN": "env-token"}
    assert of_botocore(environment, monkeypatch) == ("ENV", "env-secret", "env-token")
    with Driver(environment) as driver:
        assert_found(driver.get(), ("ENV", "env-secret", "env-token"))
    settings = {"s3__access_key": "SET", "s3__secret_key": "set-secret"}
    with Driver(environment, **settings) as driver:
        assert_found(driver.get(), ("SET", "set-secret", ""))
