"""
A station behind an uplink that loses, delays, crawls and goes silent: everything arrives, once,
with flat memory, and what multipart could resume is not begun anew.

The link is real: two network namespaces, by netem or by packets carried through TUN devices
(support/link.py). WILDCAM_SILENCE says how many seconds the link is down (60).
"""

import hashlib
import os
import random
import subprocess
import time
from contextlib import contextmanager
from functools import partial

import pytest
from support import Server, make_pictures, program
from support.courier import Regions, settings_for
from support.link import INTERNET, Link, inside, need_link
from support.uploads import wait_until_nothing_is_owed

SILENCE = float(os.environ.get("WILDCAM_SILENCE", 60))
MOST_MEMORY = 48 << 20  # of the whole process, with SQLite's and libcurl's
MIB = 1 << 20
NAMES = ("us-west-2", "us-east-1")
PART = 5 * MIB
PARTS = {"s3.multipart_bytes": PART, "s3.part_bytes": PART, "images.max_bytes": 64 * MIB}


class Station(Server):
    """A wildcam-server at the link's near end, which uploads what has been taken in before."""

    def __init__(self, link, directory, settings):
        super().__init__(directory, {**PARTS, "images.thumbnail": "64x48", "s3.failback": 5,
                                     **settings}, prefix=link.at_station())
        self.peak = 0
        self.expect_log("upload")

    def drain(self):
        """Until nothing is owed."""
        wait_until_nothing_is_owed(self, self.note_memory)
        self.note_memory()

    def note_memory(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    self.peak = int(line.split()[1]) << 10

    @property
    def cpu(self):
        """Seconds that it has worked so far."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture
def link():
    need_link()
    with Link() as made:
        yield made


@pytest.fixture
def regions(link):
    with Regions(NAMES, address=INTERNET, inside=partial(inside, link.internet)) as started:
        yield started


@pytest.fixture
def take_in(tmp_path):
    """Takes pictures into a station: its directory, and the SHA-256 of each."""
    def take(count, size):
        picture = make_pictures(tmp_path / "made", 1, "160x120")[0].read_bytes()
        folder = tmp_path / "cam-1"
        folder.mkdir()
        digests = set()
        for number in range(count):
            content = picture + random.Random(number).randbytes(max(0, size - len(picture)))
            (folder / f"{number}.jpg").write_bytes(content)
            digests.add(hashlib.sha256(content).hexdigest())
        done = subprocess.run(
            [program("wildcam"), "ingest", "--data", tmp_path / "station/data", "--camera", "cam-1",
             "--set", f"images.max_bytes={64 * MIB}", folder], capture_output=True, check=False,
            env={**os.environ, "WILDCAM_DISK_MIN_FREE_BYTES": "0"})
        assert done.returncode == 0, done.stderr.decode()
        return tmp_path / "station", digests
    (tmp_path / "station").mkdir()
    return take


def check(regions, digests):
    """Each picture and each thumbnail is in one region, whole."""
    stored = [(key, item.sha256) for server in regions.values()
              for key, item in server.stored().items()]
    assert len({key for key, _ in stored}) == len(stored), "something is in two regions"
    assert {digest for key, digest in stored if key.startswith("images/")} == digests
    assert len(stored) == 2 * len(digests)
    for server in regions.values():
        assert not server.objects.uploads, "parts are left behind"


def bytes_sent(regions):
    return sum(each.body_size for server in regions.values() for each in server.of())


def send_all(link, regions, take_in, count, size):
    """How much was sent for each byte that had to be."""
    directory, digests = take_in(count, size)
    with Station(link, directory, settings_for(regions)) as station:
        station.drain()
    check(regions, digests)
    assert station.peak < MOST_MEMORY, f"{station.peak >> 20} MiB"
    needed = sum(item.size for server in regions.values() for item in server.stored().values())
    ratio = bytes_sent(regions) / needed
    print(f"{link.kind}: {ratio:.2f} bytes sent for each, {station.peak >> 20} MiB")
    return ratio


def test_a_good_link(link, regions, take_in):
    assert send_all(link, regions, take_in, 100, 30_000) == 1


def test_a_fifth_is_lost(link, regions, take_in):
    link.shape(loss=0.2, delay=0.05)
    assert send_all(link, regions, take_in, 40, 30_000) < 2


def test_two_seconds_there_and_back(link, regions, take_in):
    link.shape(delay=1)
    assert send_all(link, regions, take_in, 40, 30_000) == 1


def test_64_kbit(link, regions, take_in):
    """Slower than all connections together need to look alive to an impatient sender."""
    link.shape(rate=64_000, delay=0.1)
    assert send_all(link, regions, take_in, 30, 10_000) < 1.5


def test_all_of_it(link, regions, take_in):
    """A fifth lost, two seconds there and back, 64 kbit/s."""
    link.shape(loss=0.2, delay=1, rate=64_000)
    assert send_all(link, regions, take_in, 10, 6_000) < 4


@contextmanager
def silent(link):
    link.down()
    yield
    link.up()


def test_a_minute_of_silence(link, regions, take_in):
    directory, digests = take_in(60, 20_000)
    link.shape(rate=512_000, delay=0.05)
    with Station(link, directory, settings_for(regions)) as station:
        server = regions[NAMES[0]]
        server.wait_for(lambda: len(server.stored()) >= 70)
        with silent(link):
            before = station.cpu
            time.sleep(SILENCE)  # the silence is what is tested
            worked = station.cpu - before
        station.drain()
    check(regions, digests)
    assert worked < 0.1 * SILENCE, f"{worked} s of work while there was nothing to do"
    assert station.peak < MOST_MEMORY


# ---- large ones ----

SIZE = 21 * MIB


def parts_of(regions):
    """The numbers of the parts that were taken, in the order in which they were."""
    return [int(each.query["partNumber"]) for server in regions.values()
            for each in server.of("UploadPart") if each.status == 200]


def started(regions):
    return sum(server.count("CreateMultipartUpload") for server in regions.values())


def wait_for_parts(regions, count):
    server = regions[NAMES[0]]
    server.wait_for(lambda: len(parts_of(regions)) >= count, 300)


def check_parts(regions, digests, interruptions):
    """One upload, of which each interruption cost what was under way, and no more."""
    check(regions, digests)
    assert started(regions) == 1
    taken = parts_of(regions)
    assert set(taken) == {1, 2, 3, 4, 5} and len(taken) <= 5 + interruptions, taken
    assert bytes_sent(regions) < SIZE + interruptions * PART + 100_000


def test_parts_over_silences(link, regions, take_in):
    directory, digests = take_in(1, SIZE)
    link.shape(rate=8_000_000, delay=0.02)
    settings = {**settings_for(regions), "s3.connections": 1}  # one part after the other
    with Station(link, directory, settings) as station:
        for count in (1, 3):
            wait_for_parts(regions, count)
            with silent(link):
                time.sleep(SILENCE / 2)
        station.drain()
    check_parts(regions, digests, 2)
    assert station.peak < MOST_MEMORY


def test_parts_over_kill_9(link, regions, take_in):
    directory, digests = take_in(1, SIZE)
    link.shape(rate=8_000_000, delay=0.02)
    settings = {**settings_for(regions), "s3.connections": 1}
    with Station(link, directory, settings) as station:
        for count in (1, 3):
            wait_for_parts(regions, count)
            station.kill()
            station.start()
        station.drain()
    check_parts(regions, digests, 2)
