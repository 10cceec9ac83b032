"""The bad uplink, before other tests rely on it: each fault is there, and ends."""

import socket
import threading
import time
from functools import partial

import pytest
from support.link import INTERNET, Link, inside, link_kinds, need_link
from support.s3_script import S3Script

SILENCE = 1  # seconds in which nothing comes, where nothing should


@pytest.fixture(params=link_kinds()[0] or ["none"])
def link(request):
    need_link()
    with Link(request.param) as made:
        yield made


class Echo:
    """Sends datagrams back at the far end; `ask` sends some there and counts what returns."""

    def __init__(self, link):
        with inside(link.internet):
            self.far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with inside(link.station):
            self.near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.far.bind((INTERNET, 0))
        self.near.connect(self.far.getsockname())
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            data, address = self.far.recvfrom(2048)
            self.far.sendto(data, address)

    def ask(self, count, patience=SILENCE):
        """How many of `count` datagrams come back; each is waited for a while."""
        self.near.settimeout(patience)
        came = set()
        for number in range(count):
            self.near.send(b"%d" % number)
            if number % 50 == 49 or number == count - 1:  # not more than the queues hold
                try:
                    while len(came) <= number:
                        came.add(self.near.recv(2048))
                except TimeoutError:
                    pass
        return len(came)


def receive(server, size):
    connection, _ = server.accept()
    connection.settimeout(60)
    while size > 0:
        data = connection.recv(65536)
        assert data
        size -= len(data)
    connection.sendall(b"done")
    connection.close()


def send(link, size, meanwhile=None):
    """Sends so many bytes by TCP, and waits until they have come: the seconds that it took."""
    with inside(link.internet):
        server = socket.create_server((INTERNET, 0))
    with inside(link.station):
        client = socket.socket()
    client.settimeout(120)
    receiver = threading.Thread(target=receive, args=(server, size), daemon=True)
    receiver.start()
    began = time.monotonic()
    client.connect(server.getsockname())
    sender = threading.Thread(target=client.sendall, args=(b"x" * size,), daemon=True)
    sender.start()
    if meanwhile:
        meanwhile()
    assert client.recv(4) == b"done"
    took = time.monotonic() - began
    sender.join(60)
    client.close()
    server.close()
    return took


def test_without_faults(link):
    assert Echo(link).ask(200) == 200
    send(link, 1_000_000)


def test_loss(link):
    link.shape(loss=0.2)
    came = Echo(link).ask(1000, patience=0.2)
    assert 560 < came < 720, f"{came} of 1000, both ways at 20 %"
    send(link, 100_000)


def test_delay(link):
    echo = Echo(link)
    link.shape(delay=0.3)
    began = time.monotonic()
    assert echo.ask(1) == 1
    assert time.monotonic() - began >= 0.6


def test_rate(link):
    link.shape(rate=256_000)
    took = send(link, 100_000)
    assert took >= 100_000 * 8 / 256_000


def test_down_and_up(link):
    echo = Echo(link)
    link.down()
    assert echo.ask(5) == 0
    link.up()
    assert echo.ask(5) == 5
    link.shape(rate=1_000_000)

    def cut():
        assert echo.ask(1) == 1
        link.down()
        assert echo.ask(1, patience=2) == 0
        link.up()

    assert send(link, 200_000, cut) >= 2


def test_a_server_at_the_far_end(link):
    with S3Script(address=INTERNET, inside=partial(inside, link.internet)) as server:
        with inside(link.station):
            client = socket.socket()
        client.connect((INTERNET, server.port))
        client.sendall(b"HEAD / HTTP/1.1\r\nHost: s3\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 403"
        client.close()
