"""
Three real S3 servers as three regions, and a wildcam-server that uploads while they stop, pause
and come back, and while it is itself killed with -9.

In the end each picture is in exactly one bucket, byte for byte, and at no moment was one noted as
uploaded that was not there. WILDCAM_UPLOADS says how many pictures (2000), WILDCAM_SEED repeats a
run.
"""

import hashlib
import os
import random
import threading
from contextlib import ExitStack

from support import Server, make_pictures
from support.s3_peers import ACCESS_KEY, SECRET_KEY, Region
from support.uploads import DONE, TIMEOUT, upload_rows, wait_until_nothing_is_owed

NAMES = ("us-west-2", "us-east-1", "eu-west-1")
UPLOADS = int(os.environ.get("WILDCAM_UPLOADS", 2000))
SEED = int(os.environ.get("WILDCAM_SEED", 0)) or random.SystemRandom().randrange(1, 10**9)
KILLS = min(20, UPLOADS // 50)


class Sender:
    """A camera that sends each picture until it is acknowledged, whatever happens to the server."""

    def __init__(self, server, picture):
        self.server = server
        self.picture = picture
        self.acknowledged = {}  # image id: SHA-256
        self.changed = threading.Condition()
        self.is_up = True
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def content(self, number):
        """Picture `number`, always the same: bytes behind a picture's end are its own."""
        return self.picture + random.Random(f"{SEED} {number}").randbytes(2000)

    def work(self):
        for number in range(UPLOADS):
            content = self.content(number)
            while True:
                with self.changed:
                    self.changed.wait_for(lambda: self.is_up)
                try:
                    answer = self.server.upload(content, device_id=f"cam-{number % 5}")
                except OSError:  # the server has been killed
                    continue
                if answer is not None:
                    break
            assert answer.status in (200, 201), answer
            with self.changed:
                self.acknowledged[answer.json["image_id"]] = hashlib.sha256(content).hexdigest()
                self.changed.notify_all()

    def wait_for(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.acknowledged) >= count, TIMEOUT), \
                f"{len(self.acknowledged)} of {UPLOADS} pictures were taken"

    def pause(self, is_paused):
        with self.changed:
            self.is_up = not is_paused
            self.changed.notify_all()


def path_of(regions, row):
    return regions[row["region"]].files / row["bucket"] / row["key"]


class Witness:
    """Looks, whenever the server has just been killed, whether what is noted is there."""

    def __init__(self, server, regions):
        self.server = server
        self.regions = regions
        self.seen = set()

    def check(self):
        """How many are noted as uploaded; those that were not looked at yet are there."""
        for row in upload_rows(self.server.data):
            name = (row["image_id"], row["kind"])
            if row["state"] != DONE or name in self.seen:
                continue
            path = path_of(self.regions, row)
            assert path.is_file(), f"{tuple(row)} is noted, and not there"
            assert path.stat().st_size == row["bytes"], tuple(row)
            self.seen.add(name)
        return len(self.seen)


def events(regions, rng):
    """What happens to the regions, one after the other, as the pictures come in."""
    one, two, three = (regions[name] for name in NAMES)
    everyone = (one, two, three)
    return [one.stop, one.start, two.pause, one.pause, two.heal, one.heal, one.kill, two.stop,
            three.kill, lambda: [region.start() for region in everyone],
            rng.choice(everyone).pause, lambda: [region.heal() for region in everyone]]


def settings(regions):
    """A busy machine may take seconds to store what a region had got before it was paused: only
    behind s3.failback is it looked for."""
    return {"s3.regions": ",".join(NAMES), "s3.access_key": ACCESS_KEY,
            "s3.secret_key": SECRET_KEY, "s3.idle_timeout": 2, "s3.connect_timeout": 1,
            "s3.failback": 5, "images.thumbnail": "64x48",
            **{f"s3.endpoint.{name}": region.url for name, region in regions.items()}}


def run(server, sender, witness, regions, rng):
    """The regions' events in their order, and kills among them, as the pictures come in."""
    order = iter(events(regions, rng))
    what = ["event"] * len(events(regions, rng)) + ["kill"] * KILLS
    rng.shuffle(what)
    for moment, happening in zip(sorted(rng.sample(range(10, UPLOADS), len(what))), what):
        sender.wait_for(moment)
        if happening == "event":
            next(order)()
            continue
        server.kill()
        sender.pause(True)
        witness.check()
        server.start()
        sender.pause(False)
    sender.wait_for(UPLOADS)
    sender.thread.join(TIMEOUT)


def check_buckets(server, sender, regions):
    """Each picture, and each thumbnail, in one bucket and no other; nothing else in any."""
    stored = {name: region.objects() for name, region in regions.items()}
    assert sum(map(len, stored.values())) == 2 * UPLOADS
    assert len(set().union(*stored.values())) == 2 * UPLOADS
    pictures = {}
    for row in upload_rows(server.data):
        assert row["state"] == DONE, tuple(row)
        digest = stored[row["region"]][row["key"]]
        if row["kind"] == 0:
            pictures[row["image_id"]] = digest
    assert pictures == sender.acknowledged
    assert len(set(pictures.values())) == UPLOADS


def test_regions(tmp_path):
    print(f"WILDCAM_SEED={SEED} WILDCAM_UPLOADS={UPLOADS}")  # shown when the test fails
    rng = random.Random(SEED)
    picture = make_pictures(tmp_path, 1, "160x120")[0].read_bytes()
    with ExitStack() as stack:
        regions = {name: stack.enter_context(Region(name, tmp_path / name)) for name in NAMES}
        server = stack.enter_context(Server(tmp_path / "station", settings(regions)))
        server.expect_log("s3", "S3", "upload", "region")
        sender = Sender(server, picture)
        witness = Witness(server, regions)
        run(server, sender, witness, regions, rng)
        wait_until_nothing_is_owed(server)
        server.stop()
        assert witness.check() == 2 * UPLOADS
        check_buckets(server, sender, regions)
    print({name: region.count() for name, region in regions.items()})
