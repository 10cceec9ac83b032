"""TLS: who may speak it and how, and certificates that are exchanged while the server runs."""

import os
import socket
import ssl
import subprocess

import pytest
from support import Server
from support.certificates import Authority
from support.client import Connection, head
from support.log import text_lines

HSTS = "Strict-Transport-Security"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], capture_output=True, check=True)


class Pair:
    """A certificate and its key, in the files that the settings name."""

    def __init__(self, directory, authority):
        self.certificate, self.key = directory / "station.crt", directory / "station.key"
        self.authority = authority
        self.serial = 0

    def make(self):
        """Another pair; what stands in the two files."""
        self.serial += 1
        name = f"pair{self.serial}"
        self.authority.issue(file=name)
        return [(self.authority.directory / f"{name}{suffix}").read_bytes()
                for suffix in (".crt", ".key")]

    def put(self, certificate, key):
        """As tools do that exchange certificates: each file at once, one after the other."""
        for path, content in ((self.certificate, certificate), (self.key, key)):
            new = path.with_suffix(".new")
            new.touch(mode=0o600)
            new.write_bytes(content)
            new.rename(path)

    @property
    def settings(self):
        return {"http.tls_certificate": self.certificate, "http.tls_key": self.key}


@pytest.fixture
def pair(tmp_path, authority):
    made = Pair(tmp_path, authority)
    made.put(*made.make())
    return made


def connect(server, authority, **limits):
    context = ssl.create_default_context(cafile=authority.ca)
    for name, value in limits.items():
        if name == "ciphers":
            context.set_ciphers(value)
        else:
            setattr(context, name, value)
    return Connection(server.address, tls=context)


def certificate_of(server, authority):
    with connect(server, authority) as connection:
        return ssl.DER_cert_to_PEM_cert(connection.socket.getpeercert(True)).encode()


def leaf(pem):
    return ssl.DER_cert_to_PEM_cert(ssl.PEM_cert_to_DER_cert(pem.decode())).encode()


@pytest.fixture
def server(make_server, pair):
    return make_server(pair.settings)


def test_answers_over_tls(server, authority, picture):
    assert server.url.startswith("https://")
    with connect(server, authority) as connection:
        answer = connection.request("GET", "/api/health")
        assert answer.status == 200
        assert answer.headers[HSTS] == "max-age=31536000"
        large = picture + os.urandom(5_000_000)
        answer = connection.request("POST", "/api/images?device_id=cam", large,
                                    {"Content-Type": "image/jpeg"})
        assert answer.status == 201
        assert connection.request("GET", f"/api/images/{answer.json['image_id']}").body == large


def test_curl(server, authority, tmp_path, pictures):
    path = tmp_path / "picture.jpg"
    path.write_bytes(pictures[0])
    for options in ([], ["--tlsv1.2", "--tls-max", "1.2"], ["--tlsv1.3"]):
        done = subprocess.run(["curl", "-sS", "--noproxy", "*", "--cacert", authority.ca, *options,
                               "-w", "%{http_code}", "-o", os.devnull, "-F", f"image=@{path}", "-F",
                               'metadata={"device_id": "cam"}', f"{server.url}/api/detections"],
                              capture_output=True, text=True, timeout=60)
        assert done.stdout in ("200", "201"), done.stderr


@pytest.mark.parametrize("limits, is_spoken", [
    ({"maximum_version": ssl.TLSVersion.TLSv1_2}, "TLSv1.2"),
    ({"minimum_version": ssl.TLSVersion.TLSv1_3}, "TLSv1.3"),
    ({"maximum_version": ssl.TLSVersion.TLSv1_2, "ciphers": "ECDHE-ECDSA-AES128-GCM-SHA256"},
     "TLSv1.2"),
    ({"maximum_version": ssl.TLSVersion.TLSv1_2, "ciphers": "ECDHE-ECDSA-AES128-SHA"}, None),
    ({"maximum_version": ssl.TLSVersion.TLSv1_2, "ciphers": "DHE-RSA-AES128-GCM-SHA256"}, None),
    ({"minimum_version": ssl.TLSVersion.TLSv1, "maximum_version": ssl.TLSVersion.TLSv1_1,
      "ciphers": "ALL:@SECLEVEL=0"}, None),
])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_versions_and_ciphers(server, authority, limits, is_spoken):
    if is_spoken:
        with connect(server, authority, **limits) as connection:
            assert connection.socket.version() == is_spoken
            assert connection.request("GET", "/healthz").status == 200
    else:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            connect(server, authority, **limits)
    assert certificate_of(server, authority)


def test_rsa_and_a_chain(make_server, pair, authority):
    """The certificate is followed by those that vouch for it."""
    directory = pair.certificate.parent
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=between", "-keyout",
            directory / "between.key", "-out", directory / "between.csr")
    (directory / "between.ext").write_text("basicConstraints=critical,CA:TRUE\n")
    openssl("x509", "-req", "-in", directory / "between.csr", "-CA", authority.ca, "-CAkey",
            authority.directory / "ca.key", "-CAcreateserial", "-days", 2, "-extfile",
            directory / "between.ext", "-out", directory / "between.crt")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=station", "-keyout", pair.key,
            "-out", directory / "leaf.csr")
    (directory / "leaf.ext").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", directory / "leaf.csr", "-CA", directory / "between.crt",
            "-CAkey", directory / "between.key", "-CAcreateserial", "-days", 2, "-extfile",
            directory / "leaf.ext", "-out", directory / "leaf.crt")
    pair.certificate.write_bytes((directory / "leaf.crt").read_bytes() +
                                 (directory / "between.crt").read_bytes())
    server = make_server(pair.settings)
    with connect(server, authority) as connection:
        assert connection.request("GET", "/healthz").status == 200


def test_plain_text_is_no_tls(server, authority):
    with socket.create_connection(server.address, 60) as plain:
        plain.sendall(head("GET", "/healthz"))
        try:
            assert not plain.recv(100).startswith(b"HTTP/")
        except ConnectionError:
            pass
    with connect(server, authority) as connection:
        assert connection.request("GET", "/healthz").status == 200


def test_operations_are_not_encrypted(make_server, pair):
    server = make_server({**pair.settings, "http.operations": "127.0.0.1:0"})
    with Connection(server.operations) as connection:
        answer = connection.request("GET", "/healthz")
        assert answer.status == 200 and HSTS not in answer.headers


# ---- exchange ----

TAKEN = "new connections get the certificate"
KEPT = "the certificate of before stays in use"


@pytest.fixture
def telling(make_server, pair):
    server = make_server({**pair.settings, "log.level": "info"})
    server.expect_log(" info ", KEPT)
    return server


@pytest.mark.parametrize("by_signal", [True, False], ids=["told", "noticed"])
def test_new_certificate(telling, pair, authority, by_signal):
    first = certificate_of(telling, authority)
    with connect(telling, authority) as old:
        assert old.request("GET", "/healthz").status == 200
        certificate, key = pair.make()
        pair.put(certificate, key)
        if by_signal:
            telling.signal(1)
        telling.await_log(TAKEN)
        assert certificate_of(telling, authority) == leaf(certificate) != first
        assert old.request("GET", "/healthz").status == 200  # it lives on


def test_signal_takes_up_what_has_not_changed(telling, authority):
    for times in range(1, 4):
        telling.signal(1)
        telling.await_log(TAKEN, times)
    assert certificate_of(telling, authority)


@pytest.mark.parametrize("by_signal", [True, False], ids=["told", "noticed"])
def test_broken_new_pair(telling, pair, authority, by_signal):
    first = certificate_of(telling, authority)
    certificate, key = pair.make()
    broken = ((b"", key), (certificate, b"no key"), (certificate, pair.make()[1]), (key, certificate))
    for times, content in enumerate(broken, 1):
        pair.put(*content)
        if by_signal:
            telling.signal(1)
        telling.await_log(KEPT, times)
        assert certificate_of(telling, authority) == first
    pair.key.unlink()
    if by_signal:
        telling.signal(1)
    telling.await_log(KEPT, len(broken) + 1)
    pair.put(certificate, key)
    if by_signal:
        telling.signal(1)
    telling.await_log(TAKEN)
    assert certificate_of(telling, authority) == leaf(certificate)
    telling.stop()
    assert by_signal or telling.log.count(KEPT) == len(broken) + 1  # each is told once


# ---- at start ----

def fails(tmp_path, settings):
    with pytest.raises(AssertionError) as failure:
        Server(tmp_path / "other", settings)
    said = str(failure.value)
    assert " error server: " in said
    return said


def expire(pair):
    """The same key under a certificate that is of no use any more."""
    request = pair.certificate.with_suffix(".csr")
    openssl("req", "-new", "-key", pair.key, "-subj", "/CN=late", "-out", request)
    openssl("x509", "-req", "-in", request, "-signkey", pair.key, "-days", "-1", "-out",
            pair.certificate)


def test_pair_that_is_none(tmp_path, pair):
    certificate, key = pair.make()
    other = pair.make()[1]
    crt, file = str(pair.certificate), str(pair.key)
    for content, words in (((b"", key), (crt, "it is no certificate in PEM")),
                           ((key, key), (crt, "it is no certificate in PEM")),
                           ((certificate, b"junk"), (file, "it is no key in PEM")),
                           ((certificate, other), (file, "is not the key of the certificate in",
                                                   crt)),
                           ((certificate * 20, key), (crt,)),
                           ((bytes(1024 * 1024 + 1), key), (crt, "over 1048576 bytes"))):
        pair.put(*content)
        said = fails(tmp_path, pair.settings)
        for word in words:
            assert word in said
    pair.put(certificate, key)
    openssl("pkey", "-in", pair.key, "-aes256", "-passout", "pass:secret", "-out", tmp_path / "key")
    said = fails(tmp_path, {**pair.settings, "http.tls_key": tmp_path / "key"})
    assert "without a password" in said
    expire(pair)
    said = fails(tmp_path, pair.settings)
    assert crt in said and "has expired: it was valid until" in said


def test_half_a_pair(tmp_path, pair):
    for name in pair.settings:
        said = fails(tmp_path, {name: pair.settings[name]})
        assert "go together" in said
    said = fails(tmp_path, {**pair.settings, "http.tls_key": tmp_path / "none"})
    assert str(tmp_path / "none") in said and "No such file" in said


def test_key_that_everybody_may_read(make_server, pair):
    pair.key.chmod(0o644)
    server = make_server(pair.settings)
    server.expect_log(f"everybody on this machine may read or change {pair.key}")
    server.await_log("everybody")
    pair.key.chmod(0o640)
    other = make_server(pair.settings, "other")
    other.stop()  # the whole log is there then
    assert "everybody" not in other.log


# ---- bad clients ----

@pytest.mark.parametrize("settings", [
    {"http.idle_timeout": 1}, {"http.head_timeout": 2, "http.idle_timeout": 3600}])
def test_slow_handshake_is_cut_off(make_server, pair, authority, settings):
    server = make_server({**pair.settings, **settings})
    with socket.create_connection(server.address, 60) as silent, \
            socket.create_connection(server.address, 60) as dripping:
        dripping.settimeout(0.25)
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(505)
        sent = 0
        for byte in hello:
            try:
                dripping.sendall(bytes([byte]))
                sent += 1
                if dripping.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        assert sent < 100
        assert silent.recv(100)[:1] in (b"", b"\x15")  # nothing, or an alert
    with connect(server, authority) as connection:
        assert connection.request("GET", "/healthz").status == 200


def test_slow_head_is_cut_off(make_server, pair, authority):
    """It cannot be told, but it is logged and counted."""
    server = make_server({**pair.settings, "http.head_timeout": 4, "http.idle_timeout": 3600,
                          "log.level": "info"})
    server.expect_log("")
    with connect(server, authority) as connection:
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: station\r\n")
        connection.socket.settimeout(60)
        try:
            assert connection.socket.recv(1) == b""
        except (ConnectionError, ssl.SSLError):
            pass
    with connect(server, authority) as connection:
        assert connection.request("GET", "/healthz").status == 200
        metrics = connection.request("GET", "/metrics").body.decode()
    assert 'wildcam_http_connections_dismissed_total{reason="late"} 1\n' in metrics
    server.stop()
    [line] = [line for line in text_lines(server.log) if line.get("path") == "-"]
    assert line["message"] == "not answered: it did not arrive in time"
    assert "status" not in line and line["sent_bytes"] == 0
    assert 100 < line["duration_ms"] < 120000  # of a time that runs from the connection on


def test_many_who_break_off(server, authority):
    for _ in range(100):
        with socket.create_connection(server.address, 60) as half:
            half.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    with connect(server, authority) as connection:
        assert connection.request("GET", "/healthz").status == 200
