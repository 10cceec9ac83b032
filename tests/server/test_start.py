"""How the server starts: its options, settings, and where it listens."""

import os
import re
import socket
import subprocess

import pytest
from support import Server, build_path, make_pictures, program
from support.paths import SOURCE_ROOT

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("WILDCAM_")}


def run(*arguments, environment=None):
    """Runs a server that does not start, or only tells something."""
    return subprocess.run([program("wildcam-server"), *map(str, arguments)], capture_output=True,
                          text=True, timeout=60, env={**CLEAN, **(environment or {})})


def fails(*arguments, status=2, is_logged=False, environment=None):
    """What it complains of, in one line; in the log's form once the settings have been read."""
    done = run(*arguments, environment=environment)
    assert (done.returncode, done.stdout) == (status, "")
    form = r"\S+ error server: .+\n" if is_logged else r"wildcam-server: .+\n"
    assert re.fullmatch(form, done.stderr), done.stderr
    return done.stderr


def fails_with(data, *settings, status=2):
    """The same, with these settings: 2 when they are wrong, 1 when the next time may be better."""
    return fails("--set", f"data.dir={data}", *(word for each in settings
                                                for word in ("--set", each)),
                 status=status, is_logged=True)


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(option):
    done = run(option)
    assert (done.returncode, done.stderr) == (0, "")
    for word in ("usage: wildcam-server", "--config FILE", "--set NAME=VALUE", "WILDCAM_DATA_DIR"):
        assert word in done.stdout


def test_version():
    header = (SOURCE_ROOT / "include/wildcam/version.h").read_text()
    version = ".".join(re.findall(r"define WILDCAM_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"wildcam-server {version}\n")


def test_settings_are_those_of_the_manual():
    listed = [line.split()[0] for line in run("--settings").stdout.splitlines()]
    manual = (SOURCE_ROOT / "CONFIGURATION.md").read_text()
    assert listed == re.findall(r"^\| `([A-Za-z0-9_.]+)` \|", manual, re.M)
    groups = re.findall(r"^## (.*)$", manual, re.M)
    assert len(groups) == len(set(groups)), "what belongs together stands together"


@pytest.mark.parametrize("arguments, words", [
    (["--sets", "a=b"], "--sets"), (["extra"], "extra"), (["--set"], "value is missing"),
    (["--config"], "value is missing"), (["--set", "data.dir"], "NAME=VALUE"),
    (["--set", "no.such=1"], "no.such"), (["--set", "http.threads=0"], "http.threads"),
    (["--set", "http.threads=many"], "http.threads"), (["--set", "=x"], "NAME=VALUE"),
    (["--set=http.threads=0"], "http.threads"), (["--config=/no/such/file"], "/no/such/file"),
    (["--set", "cameras.auto_register=perhaps"], "cameras.auto_register"),
    (["--set", "store.shard=week"], "month"), (["--set", "images.max_bytes=1"], "1024"),
    (["--set", "x" * 5000 + "=1"], "NAME=VALUE"), (["--config", "/no/such/file"], "/no/such/file"),
])
def test_bad_option(tmp_path, arguments, words):
    assert words in fails("--set", f"data.dir={tmp_path}", *arguments)


def test_bad_environment(tmp_path):
    said = fails("--set", f"data.dir={tmp_path}", environment={"WILDCAM_HTTP_THREADS": "none"})
    assert "http.threads" in said


def test_directory_is_needed():
    assert "data.dir" in fails("--set", "http.listen=127.0.0.1:0", is_logged=True)


@pytest.mark.parametrize("settings, words", [
    (["http.tls_certificate=a.crt"], "http.tls_key is not set"),
    (["http.tls_key=a.key"], "http.tls_certificate is not set"),
    (["http.proxies=proxy.example"], "http.proxies: "),
    (["http.operations=8081"], "http.operations: cannot listen on 8081"),
    (["s3.upload=on", "s3.bucket=No_Name", "s3.access_key=a", "s3.secret_key=b"], "s3.bucket"),
])
def test_settings_that_will_be_as_wrong_the_next_time(tmp_path, settings, words):
    assert words in fails_with(tmp_path, "http.listen=127.0.0.1:0", *settings)


def test_certificate_that_is_not_there_yet(tmp_path):
    said = fails_with(tmp_path, "http.listen=127.0.0.1:0", f"http.tls_certificate={tmp_path}/a.crt",
                      f"http.tls_key={tmp_path}/a.key", status=1)
    assert f"{tmp_path}/a.crt" in said


@pytest.mark.parametrize("text, words", [
    ("http.threads = 0\n", "http.threads"), ("\n\nno such line\n", "3"), ("http.threads\n", "1"),
    ("unknown = 1\n", "unknown"), ("data.dir = \xff\n", "data.dir"),
])
def test_bad_file(tmp_path, text, words):
    path = tmp_path / "bad.conf"
    path.write_bytes(text.encode("latin-1"))
    said = fails("--config", path)
    assert words in said and str(path) in said


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[2001:db8::1]:0",
                                     "[::ffff:192.0.2.1]:0"])
def test_other_addresses_are_refused_while_there_are_no_keys(tmp_path, address):
    said = fails_with(tmp_path, f"http.listen={address}", status=1)
    assert address in said
    assert "loopback" in said and "wildcam keys create" in said and "127.0.0.1" in said


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"])
def test_operations_are_refused_at_other_addresses_as_well(tmp_path, address):
    said = fails_with(tmp_path, "http.listen=127.0.0.1:0", f"http.operations={address}", status=1)
    assert f"http.operations: cannot listen on {address}" in said
    assert "loopback" in said and "wildcam keys create" in said


@pytest.mark.parametrize("address", ["8080", "localhost", "127.0.0.1", "127.0.0.1:", ":0", "a:b",
                                     "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:0x50", "::1:0",
                                     "127.0.0.1:80 80", "example.org:80", "[::1:0", "1.2.3:0"])
def test_address_that_is_none(tmp_path, address):
    assert "127.0.0.1:8080" in fails_with(tmp_path, f"http.listen={address}")


def has_ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.parametrize("address", ["127.0.0.1:0", "127.5.6.7:0", "localhost:0", "[::1]:0"])
def test_loopback_addresses(tmp_path, address):
    if address == "[::1]:0" and not has_ipv6():
        pytest.skip("the system has no IPv6")
    with Server(tmp_path, {"http.listen": address}) as server:
        assert server.get("/healthz").status == 200


def test_port_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        said = fails_with(tmp_path, f"http.listen={address}", status=1)
        assert address in said and "in use" in said


def test_directory_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("no directory")
    said = fails_with(tmp_path / "file/data", "http.listen=127.0.0.1:0", status=1)
    assert f"{tmp_path}/file" in said


def test_last_word_counts(tmp_path, monkeypatch):
    """The file, then the environment, then --set."""
    path = tmp_path / "server.conf"
    path.write_text("# Three settings\n\n  images.thumbnail = 16x16  \ncameras.auto_register=no\n"
                    "http.stop_timeout = 1\n")
    monkeypatch.setenv("WILDCAM_IMAGES_THUMBNAIL", "32x32")
    monkeypatch.setenv("WILDCAM_CAMERAS_AUTO_REGISTER", "no")
    monkeypatch.setenv("WILDCAM_BUILD_ROOT", str(build_path("")))  # none of the server's
    with Server(tmp_path, {"cameras.auto_register": "yes"}, ["--config", path]) as server:
        picture = make_pictures(tmp_path, 1)[0].read_bytes()
        answer = server.upload(picture)  # --set wins
        assert answer.status == 201
        thumbnail = server.get(f"/api/thumbnails/{answer.json['image_id']}")
        assert thumbnail.headers["ETag"].endswith('-32x32"')  # the environment wins over the file


def test_two_servers_share_a_directory(tmp_path, picture):
    """A second server is refused or serves the same; it never damages what the first keeps."""
    with Server(tmp_path) as server:
        first = server.upload(picture)
        with Server(tmp_path) as other:
            again = other.upload(picture)
            assert (again.status, again.json["image_id"]) == (200, first.json["image_id"])
        assert server.get(f"/api/images/{first.json['image_id']}").body == picture
