"""Names that nobody knows, networks that are dead, peers that stand still, and the rate limit."""

import socket
import threading
import time

import pytest

from wire import SAFETY_NET, Driver, Listener, pattern


def serve_always(connection):
    while connection.serve():
        pass


# ---- names and networks ----


def test_name_that_nobody_knows(driver):
    end = driver.exchange("http://unknown.test/key", method="PUT", length=5)
    assert end["failure"] == "RESOLVE" and "unknown.test" in end["reason"]
    assert not end["was_sent"] and not end["was_reused"] and not end["was_answered"]


def test_name_that_takes_its_time_holds_up_nobody():
    """Looking it up is given up in time, and meanwhile and behind it others go on."""
    with Listener(serve_always) as server, Driver({"s3.connect_timeout": 4}) as driver:
        driver.send("http://later.test/", "late")
        for number in range(5):
            driver.send(server.url, f"other {number}")
        driver.do("run")
        end = driver.end("late")
        assert end["failure"] == "RESOLVE" and end["seconds"] < 20
        assert driver.order[-1] == "late"
        driver.send("http://later.test/", "cancelled")
        driver.do("step", seconds=0.05)
        began = time.monotonic()
        driver.do("cancel", name="cancelled")
        assert time.monotonic() - began < 20 and driver.end("cancelled")["failure"] == "CANCELLED"
        assert driver.exchange(server.url)["failure"] == "OK"
        driver.do("answer_names", count=2)


@pytest.mark.parametrize("address", ["192.0.2.1", "192.0.2.2"])
def test_no_way_there(driver, address):
    end = driver.exchange(f"http://{address}/", method="PUT", length=5)
    assert end["failure"] == "UNREACHABLE" and end["reason"] and end["seconds"] < 2
    assert not end["was_late"]  # more time would not help


def test_nobody_answers_to_connecting():
    """A full backlog: the system drops what comes."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        others = []
        for _ in range(4):
            other = socket.socket()
            other.setblocking(False)
            other.connect_ex(deaf.getsockname())
            others.append(other)
        with Driver({"s3.connect_timeout": 0.4}) as driver:
            url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
            end = driver.exchange(url)
            longer = driver.exchange(url, connect_time=0.8)
        assert end["failure"] == "UNREACHABLE" and 0.39 <= end["seconds"] < 20
        assert end["was_late"] and end["connecting"] == 0
        assert longer["failure"] == "UNREACHABLE" and 0.79 <= longer["seconds"] < 20
        for other in others:
            other.close()


def test_handshake_that_stands_still():
    gate = threading.Event()
    with Listener(lambda connection: gate.wait(SAFETY_NET)) as server, \
            Driver({"s3.connect_timeout": 0.4}) as driver:
        end = driver.exchange(server.url.replace("http:", "https:"), method="PUT", length=5)
        gate.set()
    assert end["failure"] == "TIMED_OUT" and 0.39 <= end["seconds"] < 20
    assert not end["was_sent"] and not end["was_answered"] and end["was_late"]


def test_how_long_connecting_took(driver):
    with Listener(serve_always) as server:
        first, second = driver.exchange(server.url), driver.exchange(server.url)
    assert 0 < first["connecting"] <= first["seconds"] and not first["was_late"]
    assert second["was_reused"] and second["connecting"] == 0


# ---- peers that stand still ----


@pytest.mark.parametrize("encrypted", [False, True])
def test_no_answer(driver_for, encrypted):
    gate = threading.Event()

    def play(connection):
        request = connection.read_head()
        connection.read(request.length)
        gate.wait(SAFETY_NET)
    with driver_for(play, encrypted, {"s3.idle_timeout": 1}) as (driver, server):
        end = driver.exchange(server.url, method="PUT", length=300_000)
        gate.set()
    assert end["failure"] == "TIMED_OUT" and end["reason"] == "nothing moved for 1.0 seconds"
    assert end["was_sent"] and not end["was_answered"] and 0.99 <= end["seconds"] < 20


def test_deadline_comes_before_the_answer(driver):
    gate = threading.Event()

    def play(connection):
        connection.read_head()
        gate.wait(SAFETY_NET)
    with Listener(play) as server:
        end = driver.exchange(server.url, method="PUT", length=300, seconds=0.3)
        gate.set()
    assert end["failure"] == "TIMED_OUT" and 0.29 <= end["seconds"] < 18 and end["was_sent"]


def test_deadline_that_is_over_already(driver):
    with Listener(serve_always) as server:
        end = driver.exchange(server.url, seconds=1e-6)
        assert end["failure"] == "TIMED_OUT" and "before it could begin" in end["reason"]
    assert not server.connections


@pytest.mark.parametrize("encrypted", [False, True])
def test_body_is_not_taken(driver_for, encrypted):
    gate = threading.Event()

    def play(connection):
        connection.read_head()
        gate.wait(SAFETY_NET)
    with driver_for(play, encrypted, {"s3.idle_timeout": 1}) as (driver, server):
        end = driver.exchange(server.url, method="PUT", length=30_000_000)
        gate.set()
    assert end["failure"] == "TIMED_OUT" and not end["was_sent"] and end["seconds"] < 20
    assert 0 <= end["sent"] < 30_000_000


@pytest.mark.parametrize("encrypted", [False, True])
def test_nothing_arrives_behind_the_end(driver_for, encrypted):
    """What the system still held when it was given up does not go on its way later: the server has
    what its own system took in before, and no more."""
    gate, has_ended, taken = threading.Event(), threading.Event(), []

    def take_late(connection):
        connection.read_head()
        gate.wait(SAFETY_NET)
        try:
            while data := connection.sock.recv(65536):
                taken.append(len(data))
        except OSError:
            pass
        has_ended.set()
    with driver_for(take_late, encrypted, {"s3.idle_timeout": 1}) as (driver, server):
        end = driver.exchange(server.url, method="PUT", length=30_000_000)
        gate.set()
        assert has_ended.wait(SAFETY_NET)
    assert end["failure"] == "TIMED_OUT"
    assert sum(taken) < end["sent"] / 2


@pytest.mark.parametrize("encrypted", [False, True])
def test_slow_is_not_still(authority, encrypted):
    """All of a picture is in the system's buffers at once, and takes longer than the time-out to
    trickle out of them."""
    bodies = []

    def play(connection):
        request = connection.read_head()
        parts = []
        while sum(map(len, parts)) < request.length:
            time.sleep(0.1)  # the slow uplink itself
            parts.append(connection.read(8_000))
        bodies.append(b"".join(parts))
        connection.answer()
    context = authority.context() if encrypted else None
    with Listener(play, context, buffer=4096) as server, \
            Driver({"s3.ca_file": authority.ca, "s3.idle_timeout": 1}) as driver:
        end = driver.exchange(server.url, method="PUT", length=200_000)
    assert (end["failure"], end["status"]) == ("OK", 200)
    assert end["seconds"] > 2 and bodies == [pattern(200_000)]


def test_answer_that_trickles_ends_at_the_deadline():
    def play(connection):
        connection.read_head()
        connection.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            time.sleep(0.05)
            connection.send(b"X-Slow: a\r\n")
    with Listener(play) as server, Driver({"s3.idle_timeout": 1}) as driver:
        end = driver.exchange(server.url, seconds=2)
    assert end["failure"] == "TIMED_OUT" and 1.99 <= end["seconds"] < 20


# ---- the rate limit ----


@pytest.mark.parametrize("encrypted", [False, True])
def test_all_together_go_no_faster_than_the_limit(driver_for, encrypted):
    """How exact it is, is seen in pace.c, without a clock."""
    bodies = []

    def play(connection):
        while (request := connection.serve()):
            bodies.append(request.body)
    with driver_for(play, encrypted, {"s3.rate_limit": 400_000}) as (driver, server):
        began = time.monotonic()
        for number in range(6):
            driver.send(server.url, str(number), method="PUT", length=200_000)
        driver.do("run")
        seconds = time.monotonic() - began
    assert {ends[0]["failure"] for ends in driver.ends.values()} == {"OK"}
    assert bodies == [pattern(200_000)] * 6
    # What a quarter of a second and a piece are worth may go at once, when it had to wait before.
    assert 3 - 0.25 - 0.02 < seconds < 20


def test_share_is_fair(driver):
    """Of transfers that begin together none is done long before the others."""
    with Listener(serve_always) as server:
        driver.do("limit", rate=200_000)
        for number in range(5):
            driver.send(server.url, str(number), method="PUT", length=60_000)
        driver.do("run")
    seconds = [driver.end(str(number))["seconds"] for number in range(5)]
    assert min(seconds) > 1


def test_being_held_back_is_not_standing_still():
    with Listener(serve_always) as server, \
            Driver({"s3.idle_timeout": 1, "s3.rate_limit": 8_000}) as driver:
        for number in range(32):
            driver.send(server.url, str(number), method="PUT", length=1_000)
        driver.do("run")
    assert {ends[0]["failure"] for ends in driver.ends.values()} == {"OK"}
    assert max(ends[0]["seconds"] for ends in driver.ends.values()) > 2


def test_limit_changes_while_it_runs(driver):
    with Listener(serve_always) as server:
        driver.do("limit", rate=20_000)
        driver.send(server.url, method="PUT", length=5_000_000, seconds=0)
        driver.do("run", seconds=1)
        moved = driver.do("moved")["moved"]
        assert 10_000 < moved < 35_000 and not driver.ends
        driver.do("limit", rate=0)
        driver.do("run")
        assert driver.end()["failure"] == "OK" and driver.end()["seconds"] < 30
        driver.do("limit", rate=1_000)
        driver.send(server.url, method="PUT", length=5_000_000, seconds=0)
        driver.do("run", seconds=1)
        assert driver.do("moved")["moved"] < 5_000_000 + 5_000
        driver.do("cancel")
        assert driver.end()["failure"] == "CANCELLED"
        driver.do("limit", rate=0)
        assert driver.exchange(server.url, method="PUT", length=5_000_000)["failure"] == "OK"


def test_cancelled_while_it_is_held_back(driver):
    """Those behind it go on with what it leaves."""
    with Listener(serve_always) as server:
        driver.do("limit", rate=3_000)  # not even a full bucket is enough for one of them
        for number in range(20):
            driver.send(server.url, str(number), method="PUT", length=3_000)
        driver.do("step", seconds=0.05)
        for number in range(0, 20, 2):
            driver.do("cancel", name=str(number))
        driver.do("limit", rate=30_000)
        driver.do("run")
    failures = [driver.end(str(number))["failure"] for number in range(20)]
    assert failures == ["CANCELLED", "OK"] * 10
