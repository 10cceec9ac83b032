"""Uploads to S3, as operators and visitors of a server see them."""

import hashlib
import json
import re
import sqlite3
import subprocess
import time
import urllib.request
from contextlib import closing, contextmanager

import pytest
from support import Server, program
from support.access import wildcam
from support.courier import Regions, settings_for
from support.s3_script import ACCESS_KEY, SECRET_KEY
from support.server import STOP_TIMEOUT

KEY = re.compile(r"(images|thumbnails)/(\d{4}/\d\d/\d\d)/a1b2c3d4/[0-9a-f]{32}\.jpg")
FOREVER = "public, max-age=31536000, immutable"


@pytest.fixture
def regions():
    """Three scripted S3 servers."""
    with Regions() as started:
        yield started
        for server in started.values():
            assert set(server.refused()) <= {"NoSuchKey"}, "a request was wrong"


@pytest.fixture
def make_uploading(make_server, regions):
    """Starts a server that uploads to the regions; at its end no secret may be in its log."""
    started = []

    def start(**more):
        started.append(make_server(settings_for(regions, s3__failback=0, **more)))
        return started[-1]

    yield start
    for server in started:
        assert SECRET_KEY not in server.log and "X-Amz-Signature" not in server.log


def wait_for(is_so):
    """Polls for something that the server does in the background."""
    deadline = time.monotonic() + 90
    while not (result := is_so()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)
    return result


def s3_health(server):
    health = server.get("/api/health").json
    assert health["services"]["database"] == "ok"
    assert set(health["services"]["s3"]) == {"status", "owed", "oldest_seconds"}
    return health["services"]["s3"]


def await_uploaded(server):
    wait_for(lambda: s3_health(server)["owed"] == 0)


def post(server, picture, **metadata):
    answer = server.upload(picture, **metadata)
    assert answer.status == 201, answer
    return answer.json


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def tag_of(picture):
    """FNV-1a of its digest's hexadecimal digits; version 0."""
    value = 0xcbf29ce484222325
    for byte in sha256(picture).encode():
        value = (value ^ byte) * 0x100000001b3 % 2 ** 64
    return f'"{value:016x}-0"'


def get(url):
    """A plain GET, as a browser sends it that knows nothing of signatures: headers and body."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=60) as answer:
        return answer.headers, answer.read()


# ---- uploading ----

def test_what_is_posted_is_uploaded_at_once(make_uploading, regions, pictures):
    server = make_uploading()
    for picture in pictures:
        post(server, picture)
    await_uploaded(server)
    stored = regions.first.stored()
    found = {key: KEY.fullmatch(key) for key in stored}
    assert all(found.values()), list(stored)
    whole = {key: each for key, each in stored.items() if found[key][1] == "images"}
    assert sorted(each.sha256 for each in whole.values()) == sorted(map(sha256, pictures))
    for key, each in whole.items():
        assert key.endswith(f"/{each.sha256[:32]}.jpg")
        assert key.replace("images", "thumbnails", 1) in stored
    assert len(stored) == 2 * len(pictures)
    assert {found[key][2] for key in stored} == {"2026/03/01"}
    for each in stored.values():
        assert each.headers["content-type"] == "image/jpeg"
        assert each.headers["cache-control"] == FOREVER
        assert each.times_stored == 1
    assert s3_health(server) == {"status": "ok", "owed": 0, "oldest_seconds": 0}


def test_nobody_waits_for_a_clock(make_uploading, regions, pictures):
    """What is posted wakes the uploads, also when they had nothing to do."""
    server = make_uploading()
    for count, picture in enumerate(pictures[:3], 1):
        began = time.monotonic()
        post(server, picture)
        regions.first.wait_for(lambda count=count: len(regions.first.stored()) == 2 * count)
        assert time.monotonic() - began < 4, "it would have been found by a look at the store"


def test_nothing_is_uploaded_unless_it_is_wanted(make_server, regions, picture):
    server = make_server(settings_for(regions, s3__upload="off"))
    number = post(server, picture)["image_id"]
    assert s3_health(server) == {"status": "off", "owed": 0, "oldest_seconds": 0}
    assert server.get(f"/api/images/{number}").body == picture
    server.stop()
    assert [each.count() for each in regions.values()] == [0, 0, 0]
    server.settings["s3.upload"] = "on"
    server.start()
    await_uploaded(server)
    assert len(regions.first.stored()) == 2, "what came in before goes up, too"


def test_what_was_owed_is_uploaded_after_a_restart(make_uploading, regions, pictures):
    server = make_uploading()
    server.expect_log(" upload: ")
    regions.play("hang", None)
    for picture in pictures:
        post(server, picture)
    regions.first.wait_for(lambda: regions.first.count("PutObject") >= 1)
    server.stop()
    for each in regions.values():
        each.play_well()
    server.start()
    wait_for(lambda: len(regions.first.stored()) == 2 * len(pictures))
    await_uploaded(server)


# ---- health ----

def test_health_when_one_region_is_down(make_uploading, regions, pictures):
    server = make_uploading()
    server.expect_log(" upload: ")
    regions.first.refuse()
    for picture in pictures:
        post(server, picture)
    wait_for(lambda: s3_health(server)["status"] == "degraded")
    health = server.get("/api/health").json
    assert health["status"] == "degraded" and "us-west-2" in health["reason"]
    assert SECRET_KEY not in str(health)
    await_uploaded(server)
    assert len(regions["us-east-1"].stored()) == 2 * len(pictures)
    regions.first.accept()
    for number in range(60):  # something has to be sent, to see that it is back
        post(server, pictures[0] + b"%d" % number)
        if s3_health(server)["status"] == "ok":
            break
        time.sleep(1)
    assert s3_health(server)["status"] == "ok"
    assert "reason" not in server.get("/api/health").json


def test_health_when_all_regions_are_down(make_uploading, regions, pictures):
    server = make_uploading()
    server.expect_log(" upload: ")
    regions.play("503", None)
    for picture in pictures:
        assert post(server, picture)["image_id"]
    wait_for(lambda: s3_health(server)["status"] == "down")
    told = s3_health(server)
    assert told["owed"] == 2 * len(pictures)
    wait_for(lambda: s3_health(server)["oldest_seconds"] >= 1)
    assert server.get("/api/health").json["status"] == "degraded", "the rest works"
    assert server.get("/readyz").status == 200
    for each in regions.values():
        each.play_well()
    await_uploaded(server)
    assert s3_health(server)["status"] in ("ok", "degraded")
    assert sum(len(each.stored()) for each in regions.values()) == 2 * len(pictures)


# ---- pictures that S3 alone has ----

@contextmanager
def released(make_uploading, picture, **more):
    """A server whose picture was uploaded and released: the server and the picture's number."""
    server = make_uploading(release__keep_days="0.000001", **more)
    number = post(server, picture)["image_id"]
    wait_for(lambda: not server.files("images"))
    yield server, number


def test_a_released_picture_is_read_from_s3(make_uploading, regions, picture):
    with released(make_uploading, picture) as (server, number):
        answer = server.get(f"/api/images/{number}")
        assert (answer.status, answer.body) == (302, b"")
        assert answer.headers["Cache-Control"] == "no-store"
        url = answer.headers["Location"]
        assert url.startswith(f"{regions.first.url}/wildcam-us-west-2/images/2026/03/01/a1b2c3d4/")
        assert SECRET_KEY not in url
        headers, body = get(url)
        assert body == picture
        assert headers["Content-Type"] == "image/jpeg" and headers["Cache-Control"] == FOREVER
        done = subprocess.run(["curl", "-sSfL", "--noproxy", "*",
                               f"{server.url}/api/images/{number}"],
                              check=True, capture_output=True, timeout=60)
        assert done.stdout == picture
        with server.connect() as connection:
            head = connection.request("HEAD", f"/api/images/{number}")
            assert head.status == 302 and head.headers["Location"].split("?")[0] == \
                url.split("?", maxsplit=1)[0]


def test_the_address_lasts_as_long_as_the_setting_says(make_uploading, picture):
    with released(make_uploading, picture, s3__presign_seconds=90) as (server, number):
        assert "X-Amz-Expires=90&" in server.get(f"/api/images/{number}").headers["Location"]


def test_what_the_caller_has_is_not_redirected(make_uploading, picture):
    with released(make_uploading, picture) as (server, number):
        tag = tag_of(picture)
        answer = server.get(f"/api/images/{number}", {"If-None-Match": tag})
        assert (answer.status, answer.headers["ETag"], answer.body) == (304, tag, b"")
        assert "Location" not in answer.headers
        assert server.get(f"/api/images/{number}", {"If-None-Match": '"x"'}).status == 302


def test_the_row_of_a_released_picture_stays(make_uploading, picture):
    with released(make_uploading, picture) as (server, number):
        row = server.get("/api/detections").json["detections"][0]
        assert row["image_url"] == f"/api/images/{number}", "no address that runs out"
        assert row["thumbnail_url"] == f"/api/thumbnails/{number}"
        again = server.upload(picture)
        assert again.json["image_id"] == number, "it is known by its content"


def test_thumbnails_of_released_pictures(make_uploading, regions, picture):
    with released(make_uploading, picture) as (server, number):
        here = server.get(f"/api/thumbnails/{number}")
        assert here.status == 200 and here.body.startswith(b"\xff\xd8")
        for file in server.files("thumbnails"):
            file.unlink()
        there = server.get(f"/api/thumbnails/{number}")
        assert there.status == 302
        assert "/thumbnails/2026/03/01/a1b2c3d4/" in there.headers["Location"]
        assert get(there.headers["Location"])[1] == here.body
        tag = here.headers["ETag"]
        assert server.get(f"/api/thumbnails/{number}", {"If-None-Match": tag}).status == 304
        assert len(regions.first.stored()) == 2


def test_a_thumbnail_that_is_nowhere_is_the_picture(make_uploading, picture):
    """S3 has none where s3.thumbnails is off, and without the picture none can be made."""
    with released(make_uploading, picture, s3__thumbnails="off") as (server, number):
        for file in server.files("thumbnails"):
            file.unlink()
        answer = server.get(f"/api/thumbnails/{number}")
        assert answer.status == 302
        assert get(answer.headers["Location"])[1] == picture
        server.stop()
        server.settings["images.strip"] = "all"
        server.start()
        assert "images.strip" in server.get(f"/api/thumbnails/{number}").error


def test_what_is_stripped_here_is_not_shown_there(make_uploading, picture):
    with released(make_uploading, picture, images__strip="place",
                  cdn__base_url="https://pictures.example.org/wild") as (server, number):
        answer = server.get(f"/api/images/{number}")
        assert (answer.status, "Location" in answer.headers) == (403, False)
        assert "images.strip" in answer.error
        listed = server.get("/api/detections").body + server.get("/api/detections/1").body
        assert b"/wild/images/" not in listed and b"X-Amz" not in listed
        assert b"https://pictures.example.org/wild/thumbnails/" in listed
        for file in server.files("thumbnails"):
            file.unlink()
        assert server.get(f"/api/thumbnails/{number}").status == 302


def test_a_region_that_is_no_more(make_uploading, picture):
    with released(make_uploading, picture) as (server, number):
        server.stop()
        server.settings["s3.regions"] = "eu-west-1"
        server.expect_log("/api/images/*: ")
        server.start()
        answer = server.get(f"/api/images/{number}")
        assert answer.status == 500 and SECRET_KEY not in answer.error
        server.await_log("us-west-2")


# ---- the CDN ----

def test_lists_name_the_cdn_once_it_is_there(make_uploading, regions, picture):
    base = "https://pictures.example.org/wild"
    server = make_uploading(cdn__base_url=base + "/")
    regions.play("hang", None)
    first = post(server, picture)
    regions.first.wait_for(lambda: regions.first.count("PutObject") >= 1)
    addresses = ("/api/detections", f"/api/detections/{first['detection_id']}")

    def urls():
        listed, single = (server.get(address).json for address in addresses)
        rows = [listed["detections"][0], single]
        assert rows[0]["image_url"] == rows[1]["image_url"]
        return rows[0]["image_url"], rows[0]["thumbnail_url"]

    number = first["image_id"]
    assert urls() == (f"/api/images/{number}", f"/api/thumbnails/{number}")
    server.expect_log(" upload: ")
    for each in regions.values():
        each.play_well()
    await_uploaded(server)
    name = f"2026/03/01/a1b2c3d4/{sha256(picture)[:32]}.jpg"
    assert urls() == (f"{base}/images/{name}", f"{base}/thumbnails/{name}")
    there = [each for each in regions.values() if each.stored()]
    assert f"images/{name}" in there[0].stored()


def test_a_released_picture_is_redirected_to_the_cdn(make_uploading, picture):
    base = "https://pictures.example.org"
    with released(make_uploading, picture, cdn__base_url=base) as (server, number):
        assert server.get(f"/api/images/{number}").headers["Location"] == \
            f"{base}/images/2026/03/01/a1b2c3d4/{sha256(picture)[:32]}.jpg"


# ---- secrets, starting and stopping ----

@pytest.mark.parametrize("changes, said", [
    ({"s3.secret_key": "not+the/secret0123456789abcdefghijklmnop"}, "SignatureDoesNotMatch"),
    ({"s3.session_token": "token+9f8e7d/0123456789"}, "no credentials"),
    ({"s3.secret_key": ""}, "no credentials"),
])
def test_secrets_are_never_shown(make_server, picture, changes, said):
    with Regions() as regions:
        server = make_server({**settings_for(regions), "log.level": "debug", **changes})
        server.expect_log("")
        number = post(server, picture)["image_id"]
        wait_for(lambda: s3_health(server)["status"] == "down")
        assert s3_health(server)["owed"] == 2
        shown = [server.get(path).body.decode() for path in
                 ("/api/health", "/api/openapi.json", "/api/detections", "/api/images/99",
                  f"/api/images/{number}/x", "/readyz")]
        assert said in shown[0] and "/home" not in shown[0] and "/root" not in shown[0]
        secrets = {SECRET_KEY, *changes.values()} - {""}
        for text in (*shown, server.log):
            assert not [secret for secret in secrets if secret in text]


@pytest.mark.parametrize("stage", ["hang", "hang_before_body", "stall"])
def test_server_stops_while_s3_hangs(make_uploading, regions, pictures, stage):
    server = make_uploading(http__stop_timeout=1)
    server.expect_log(" upload: ")
    if stage == "stall":
        for each in regions.values():
            each.stall()
    else:
        regions.play(stage, None)
    for picture in pictures:
        post(server, picture)
    if stage != "stall":
        regions.first.wait_for(lambda: regions.first.count("PutObject") >= 1)
    server.signal()
    began = time.monotonic()
    assert server.wait() == 0
    assert time.monotonic() - began < STOP_TIMEOUT / 4
    for each in regions.values():
        each.accept()
        each.play_well()
    server.start()
    wait_for(lambda: sum(len(each.stored()) for each in regions.values()) == 2 * len(pictures))
    await_uploaded(server)


@pytest.mark.parametrize("settings, status, words", [
    ({"s3.endpoint.us-west-2": "ftp://x"}, 2, "s3.endpoint.us-west-2 takes http:// or https://"),
    ({"s3.upload": "perhaps"}, 2, "s3.upload takes"),
    ({"s3.window": "9-5"}, 2, "s3.window takes"),
    ({"s3.bucket": "a/b"}, 2, "s3.bucket takes"),
    ({"s3.regions": "a,b,a"}, 2, "s3.regions takes"),
    ({"cdn.base_url": "pictures.example.org"}, 2, "cdn.base_url takes"),
    ({"release.keep_days": "-1"}, 2, "release.keep_days takes"),
    ({"s3.ca_file": "/no/such/file.pem"}, 2, "s3.ca_file"),
    ({"s3.part_bytes": "1"}, 2, "s3.part_bytes takes"),
])
def test_settings_that_cannot_be_followed(tmp_path, settings, status, words):
    given = {"data.dir": tmp_path / "data", "http.listen": "127.0.0.1:0",
             "s3.access_key": ACCESS_KEY, "s3.secret_key": SECRET_KEY, **settings}
    done = subprocess.run([program("wildcam-server"),
                           *(word for name, value in given.items()
                             for word in ("--set", f"{name}={value}"))],
                          capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (status, "")
    assert words in done.stderr and done.stderr.count("\n") == 1
    assert SECRET_KEY not in done.stderr


def test_two_servers_upload_nothing_twice(make_uploading, regions, pictures, tmp_path):
    """Of one directory; each takes pictures."""
    server = make_uploading()
    regions.first.play("slow_answer", None, delay=0.1)
    with Server(tmp_path / "station", server.settings) as other:
        for number, picture in enumerate(pictures):
            post((server, other)[number % 2], picture)
        await_uploaded(server)
        await_uploaded(other)
    assert len(regions.first.stored()) == 2 * len(pictures)
    assert {each.times_stored for each in regions.first.stored().values()} == {1}


# ---- retention ----

def age(server, days):
    """As if all had been received so long ago."""
    for shard in (server.data / "detections").glob("*.db"):
        with closing(sqlite3.connect(shard, timeout=60)) as database, database:
            database.execute("UPDATE images SET received_at=received_at-?", [days * 86400 * 10**6])


def apply_retention(server):
    """By a hand that has none of the server's settings for S3."""
    said = wildcam(server.data, "retention", "--apply", "--yes", "--json", "--set",
                   "retention.days=30")
    return json.loads(said)["deleted"]


def test_retention_leaves_what_s3_does_not_have_yet(make_uploading, regions, pictures):
    server = make_uploading()
    server.expect_log(" upload: ")
    for picture in pictures[:3]:
        post(server, picture)
    await_uploaded(server)
    stored = set(regions.first.stored())
    for each in regions.values():
        each.refuse()
    owed = [post(server, picture)["image_id"] for picture in pictures[3:6]]
    age(server, 40)
    assert apply_retention(server) == 3
    assert set(regions.first.stored()) == stored, "what S3 has stays there"
    assert [server.get(f"/api/images/{number}").status for number in owed] == [200] * 3
    for each in regions.values():
        each.accept()
    await_uploaded(server)
    assert apply_retention(server) == 3
    kept = {key for each in regions.values() for key in each.stored()}
    assert len([key for key in kept if key.startswith("images/")]) == 6
    assert not list((server.data / "images").rglob("*.jpg"))
