"""Whom the transport believes, and what it tells of itself."""

import ssl
import warnings

import pytest

from wire import Driver, Listener


def serve_always(connection):
    while connection.serve():
        pass


def test_unknown_authority(authority):
    with Listener(serve_always, authority.context()) as server, Driver() as driver:
        end = driver.exchange(server.url, method="PUT", length=5)
    assert end["failure"] == "UNTRUSTED" and "certificate" in end["reason"]
    assert not end["was_sent"] and not end["was_answered"]


def test_wrong_name(authority):
    context = authority.context("other.test", file="other")
    with Listener(serve_always, context) as server, Driver({"s3.ca_file": authority.ca}) as driver:
        end = driver.exchange(server.url, method="PUT", length=5)
    assert end["failure"] == "UNTRUSTED" and "127.0.0.1" in end["reason"]


def test_own_authority(driver_for):
    with driver_for(serve_always) as (driver, server):
        end = driver.exchange(server.url, method="PUT", length=5)
    assert (end["failure"], end["status"]) == ("OK", 200)


@pytest.mark.parametrize("make, words", [
    (lambda path: None, "No such file"), (lambda path: path.mkdir(), "is not a file"),
    (lambda path: path.write_text("none\n"), "holds no certificate in PEM")])
def test_authority_file_that_is_none_is_told_at_the_start(tmp_path, make, words):
    path = tmp_path / "ca.pem"
    make(path)
    with Driver({"s3.ca_file": path}) as driver:
        assert driver.opened["status"] == "WILDCAM_ERR_INVALID"
        assert driver.opened["error"].startswith("s3.ca_file: ")
        assert str(path) in driver.opened["error"] and words in driver.opened["error"]


def test_no_tls_on_the_other_side(driver):
    with Listener(lambda connection: connection.answer(400)) as server:
        end = driver.exchange(server.url.replace("http:", "https:"), method="PUT", length=5)
    assert end["failure"] == "TLS" and end["reason"] and not end["was_sent"]


def test_connection_ends_in_the_handshake(driver):
    with Listener(lambda connection: (connection.sock.recv(10), connection.reset())) as server:
        end = driver.exchange(server.url.replace("http:", "https:"), method="PUT", length=5)
    assert end["failure"] in ("TLS", "BROKEN") and not end["was_sent"]


def test_old_tls_is_not_spoken(authority):
    context = authority.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with Listener(serve_always, context) as server, Driver({"s3.ca_file": authority.ca}) as driver:
        end = driver.exchange(server.url)
    assert end["failure"] == "TLS"


def test_handshakes_are_resumed(driver_for):
    """A new connection costs no new certificate check: sessions are shared by all exchanges."""
    resumed = []

    def play(connection):
        resumed.append(connection.sock.session_reused)
        connection.serve()
    with driver_for(play) as (driver, server):
        for number in range(4):
            driver.exchange(server.url, name=str(number), fresh=1)
    assert resumed == [False, True, True, True]


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/",
                                 "nonsense://x", "", "http://", "http://[::1"])
def test_other_places_are_not_visited(driver, url):
    said = driver.do("send", url=url)
    if said["status"] == "WILDCAM_OK":
        driver.do("run")
        end = driver.end()
        assert end["failure"] == "LOCAL" and end["reason"] and end["status"] == 0
        assert "root:" not in end["answer"]
    else:
        assert said["error"]


def test_nothing_tells_what_stands_in_the_query(driver):
    secret = "X-Amz-Signature=0123456789abcdef"
    with Listener(serve_always) as server:
        driver.exchange(f"{server.url}/key?{secret}", name="ok")
    driver.exchange(f"{server.url}/key?{secret}", name="refused")
    driver.exchange(f"http://unknown.test/key?{secret}", name="unknown")
    driver.exchange(f"http://unknown.test?{secret}", name="no path")
    driver.exchange(f"xyz://127.0.0.1/key?{secret}", name="scheme")
    told = [end["reason"] for ends in driver.ends.values() for end in ends] + driver.logged
    assert len(driver.logged) == 5 and "PUT" not in driver.logged[0]
    assert not [words for words in told if "0123456789abcdef" in words or "X-Amz" in words]
    assert driver.logged[0].startswith(f"GET {server.url}/key: 200 in ")
