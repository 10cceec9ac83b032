"""
kill -9 at random moments of concurrent uploads.

Whatever was acknowledged is there exactly once after each restart, what was not can be sent again,
and nothing is left over. WILDCAM_KILLS says how often (200), WILDCAM_SEED repeats a run.
"""

import hashlib
import json
import os
import random
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from support import Connection, Form, Server, make_pictures, program

KILLS = int(os.environ.get("WILDCAM_KILLS", 200))
SEED = int(os.environ.get("WILDCAM_SEED", 0)) or random.SystemRandom().randrange(1, 10**9)
CAMERAS = 8
MONTHS = 3  # and so many shards
LONGEST_LIFE = 0.08  # seconds of uploads before a kill


class Camera:
    """Sends one new picture after another, and knows what became of each."""

    def __init__(self, number, picture):
        self.device_id = f"cam-{number}"
        self.picture = picture
        self.count = 0
        self.acknowledged = {}  # image id: its picture's number
        self.unsure = None  # the number of the picture that was on its way

    def form(self, number):
        """Picture `number`, always the same: its time, its size, its bytes."""
        rng = random.Random(f"{SEED} {self.device_id} {number}")
        tail = rng.randbytes(rng.choice((8, 8, 8, 200_000)))  # behind the picture's end
        path = f"/images/20260{rng.randrange(1, MONTHS + 1)}11/IMG_{number % 24:02}0000_001.jpg"
        return Form({"device_id": self.device_id, "file_path": path}, self.picture + tail)

    def content(self, number):
        form = self.form(number).body
        begin = form.index(self.picture)
        return form[begin:form.rindex(b"\r\n--")]

    def send(self, connection, number, statuses):
        form = self.form(number)
        answer = connection.request("POST", "/api/detections", form.body, form.headers)
        if answer is None:
            raise ConnectionError
        assert answer.status in statuses, answer
        self.acknowledged[answer.json["image_id"]] = number
        self.unsure = None
        return answer.json["image_id"]

    def work(self, address):
        """Until the server is killed: the ids of what it acknowledged."""
        fresh = []
        try:
            with Connection(address) as connection:
                while True:
                    self.unsure = self.count
                    self.count += 1
                    fresh.append(self.send(connection, self.unsure, (201,)))
        except ConnectionError:
            return fresh


def upload_until_killed(pool, server, cameras, rng):
    """What was acknowledged: (camera, image id) of each."""
    fresh = [(camera, pool.submit(camera.work, server.address)) for camera in cameras]
    time.sleep(rng.random() * LONGEST_LIFE)  # the moment is what is random
    server.kill()
    return [(camera, image_id) for camera, ids in fresh for image_id in ids.result()]


def restart(server, rng):
    """Sometimes it is killed again while it starts and cleans up."""
    while rng.random() < 0.1:
        server.launch()
        time.sleep(rng.random() * 0.03)
        server.kill()
    server.start()


def check_acknowledged(connection, fresh):
    for camera, image_id in fresh:
        answer = connection.request("GET", f"/api/images/{image_id}")
        assert answer.status == 200, f"{camera.device_id} {image_id}: {answer}"
        assert answer.body == camera.content(camera.acknowledged[image_id])


def resend(server, camera):
    """What was on its way is taken again, or was kept already; then each is there once."""
    with server.connect() as connection:
        if camera.unsure is not None:
            camera.send(connection, camera.unsure, (200, 201))
        page = connection.request("GET", f"/api/detections?limit=1&camera_id={camera.device_id}")
        assert page.json["total"] == camera.count == len(camera.acknowledged)


def read_all(connection):
    """Every detection's image id, by camera."""
    ids, after = [], ""
    while after is not None:
        page = connection.request("GET", f"/api/detections?limit=100{after}").json
        ids += [(row["device_id"], row["image_id"]) for row in page["detections"]]
        after = page["next"] and f"&after={page['next']}"
    return ids


def check_whole(server, cameras):
    """On the disk, with the server stopped: databases, files, and nothing else."""
    for path in server.data.rglob("*.db"):
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)], path
    contents = sorted(hashlib.sha256(camera.content(number)).hexdigest()
                      for camera in cameras for number in range(camera.count))
    files = server.files("images")
    assert sorted(path.stem for path in files) == contents
    for path in files:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
    assert list((server.data / "incoming").iterdir()) == []
    done = subprocess.run([program("wildcam"), "check", "--data", server.data, "--deep", "--json"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["count"] == 0


def test_kill(tmp_path):
    print(f"WILDCAM_SEED={SEED} WILDCAM_KILLS={KILLS}")  # shown when the test fails
    rng = random.Random(SEED)
    picture = make_pictures(tmp_path, 1, "32x32")[0].read_bytes()
    cameras = [Camera(number, picture) for number in range(CAMERAS)]
    with Server(tmp_path / "station") as server, ThreadPoolExecutor(CAMERAS) as pool:
        for _ in range(KILLS):
            fresh = upload_until_killed(pool, server, cameras, rng)
            restart(server, rng)
            with server.connect() as connection:
                check_acknowledged(connection, fresh)
            list(pool.map(resend, [server] * CAMERAS, cameras))
        with server.connect() as connection:
            everything = [(camera, image_id) for camera in cameras
                          for image_id in camera.acknowledged]
            assert sorted(read_all(connection)) == sorted(
                (camera.device_id, image_id) for camera, image_id in everything)
            check_acknowledged(connection, everything)
        server.stop()
        check_whole(server, cameras)
    print(f"{sum(camera.count for camera in cameras)} pictures")
