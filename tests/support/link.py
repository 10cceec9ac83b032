"""
A bad uplink between two network namespaces: packets are lost, late and slow, or do not come at all.

Where the kernel has netem, `tc` makes it of a veth pair. Elsewhere it is made here: each namespace
has a TUN device, and a thread carries the packets from one to the other, with the same faults. In
both the kernels' own TCP meets them. It needs root.
"""

import contextlib
import ctypes
import fcntl
import heapq
import os
import random
import select
import shutil
import struct
import subprocess
import threading
import time

import pytest

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
MTU = 1500
QUEUE = 100  # packets that wait for their turn; more are dropped, as a modem does
STATION, INTERNET = "198.18.0.1", "198.18.0.2"
LIBC = ctypes.CDLL(None, use_errno=True)


def _run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, check=False)
    return done.stderr.decode() if done.returncode else ""


def _must(*words):
    failure = _run(*words)
    assert not failure, f"{' '.join(map(str, words))}: {failure}"


@contextlib.contextmanager
def inside(namespace):
    """The calling thread is in a namespace: the sockets that it makes stay there."""
    with open("/proc/thread-self/ns/net", "rb") as before, \
            open(f"/run/netns/{namespace}", "rb") as wanted:
        _set_namespace(wanted)
        try:
            yield
        finally:
            _set_namespace(before)


def _set_namespace(file):
    if LIBC.setns(file.fileno(), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def _has_netem(namespace):
    return not _run("ip", "netns", "exec", namespace, "tc", "qdisc", "add", "dev", "lo", "root",
                    "netem", "delay", "1ms")


def link_kinds():
    """The kinds of links that can be made here, the best first, and why there are none."""
    if os.geteuid() != 0:
        return [], "a network namespace needs root"
    if not shutil.which("ip"):
        return [], "there is no ip (iproute2)"
    name = f"wildcam-{os.getpid()}-kinds"
    failure = _run("ip", "netns", "add", name)
    if failure:
        return [], f"no network namespace: {failure.strip()}"
    try:
        kinds = (["netem"] if _has_netem(name) else []) + \
            (["tun"] if os.access("/dev/net/tun", os.R_OK | os.W_OK) else [])
        return kinds, "" if kinds else "neither /dev/net/tun nor the kernel's netem"
    finally:
        _run("ip", "netns", "del", name)


def need_link():
    """Skips the test where there can be no link, or fails it where CI=true."""
    kinds, reason = link_kinds()
    if not kinds and os.environ.get("CI") == "true":
        pytest.fail(reason)
    if not kinds:
        pytest.skip(reason)


class Link:
    """
    From `station` to `internet`, the names of its namespaces; its ends are STATION and INTERNET.
    Without faults until shape() says which, the same in both directions.
    """

    made = 0

    def __init__(self, kind=None, seed=1):
        Link.made += 1
        prefix = f"wildcam-{os.getpid()}-{Link.made}"
        self.station, self.internet = f"{prefix}-station", f"{prefix}-internet"
        self.kind = kind or link_kinds()[0][0]
        for name in (self.station, self.internet):
            _must("ip", "netns", "add", name)
            _must("ip", "-n", name, "link", "set", "lo", "up")
        self._ends = (_Netem if self.kind == "netem" else _Tun)(self.station, self.internet, seed)
        for name, address in ((self.station, STATION), (self.internet, INTERNET)):
            _must("ip", "-n", name, "addr", "add", f"{address}/30", "dev", "uplink")
            _must("ip", "-n", name, "link", "set", "uplink", "mtu", MTU, "up")
            _must("ip", "-n", name, "route", "add", "default", "dev", "uplink")

    def shape(self, loss=0, delay=0, rate=0):
        """Loss as a share of packets, delay in seconds, rate in bits per second; 0 for none."""
        self._ends.shape(loss, delay, rate)

    def down(self):
        """Nothing comes through, and nobody is told."""
        self._ends.cut(True)

    def up(self):
        self._ends.cut(False)

    def at_station(self, *command):
        """The words with which a command runs there."""
        return ["ip", "netns", "exec", self.station, *map(str, command)]

    def at_internet(self, *command):
        return ["ip", "netns", "exec", self.internet, *map(str, command)]

    def close(self):
        self._ends.close()
        for name in (self.station, self.internet):
            _run("ip", "netns", "del", name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class _Netem:
    def __init__(self, station, internet, _seed):
        self._ends = (station, internet)
        _must("ip", "-n", station, "link", "add", "uplink", "type", "veth", "peer", "name",
              "uplink", "netns", internet)
        for end in self._ends:  # packets as they go over a real line, not heaps of them
            _must("ip", "-n", end, "link", "set", "uplink", "gso_max_size", MTU)
        self._faults = []
        self.cut(False)

    def shape(self, loss, delay, rate):
        self._faults = [*(["loss", f"{loss * 100}%"] if loss else []),
                        *(["delay", f"{int(delay * 1000)}ms"] if delay else []),
                        *(["rate", f"{int(rate)}bit"] if rate else [])]
        self.cut(False)

    def cut(self, is_cut):
        faults = ["loss", "100%"] if is_cut else self._faults
        limit = ["limit", QUEUE if self._faults else 10000]
        for end in self._ends:
            _must("ip", "netns", "exec", end, "tc", "qdisc", "replace", "dev", "uplink", "root",
                  "netem", *limit, *faults)

    def close(self):
        pass  # goes with its namespaces


class _Direction:
    """What is on its way to one end."""

    def __init__(self, fd):
        self.fd = fd
        self.is_free_at = 0  # the line, for the next packet
        self.flying = []  # by when they arrive
        self.count = 0

    def take(self, packet, now, link):
        waiting = (self.is_free_at - now) * link.rate / 8 / MTU if link.rate else 0
        if link.is_cut or waiting > QUEUE or link.random.random() < link.loss:
            return
        begins = max(now, self.is_free_at)
        self.is_free_at = begins + (len(packet) * 8 / link.rate if link.rate else 0)
        self.count += 1
        heapq.heappush(self.flying, (self.is_free_at + link.delay, self.count, packet))

    def deliver(self, now):
        while self.flying and self.flying[0][0] <= now:
            packet = heapq.heappop(self.flying)[2]
            try:
                os.write(self.fd, packet)
            except OSError:
                pass  # the device is not up yet, or its queue is full: lost


class _Tun:
    def __init__(self, station, internet, seed):
        self.loss = self.delay = self.rate = 0
        self.is_cut = False
        self.random = random.Random(seed)
        self._ends = [self._device(station), self._device(internet)]
        self._stop, self._stopped = os.pipe()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    @staticmethod
    def _device(namespace):
        with inside(namespace):
            fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", b"uplink", IFF_TUN | IFF_NO_PI))
        return fd

    def shape(self, loss, delay, rate):
        self.loss, self.delay, self.rate = loss, delay, rate

    def cut(self, is_cut):
        self.is_cut = is_cut

    def _carry(self):
        one, other = self._ends
        to = {one: _Direction(other), other: _Direction(one)}  # by where a packet comes from
        while True:
            arrivals = [way.flying[0][0] for way in to.values() if way.flying]
            timeout = max(0, min(arrivals) - time.monotonic()) if arrivals else None
            readable, _, _ = select.select([one, other, self._stop], [], [], timeout)
            if self._stop in readable:
                return
            now = time.monotonic()
            for fd in readable:
                with contextlib.suppress(BlockingIOError):
                    for _ in range(64):
                        to[fd].take(os.read(fd, 65536), now, self)
            for way in to.values():
                way.deliver(now)

    def close(self):
        os.close(self._stopped)
        self._thread.join(60)
        for fd in (*self._ends, self._stop):
            os.close(fd)
