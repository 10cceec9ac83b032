"""multipart/form-data in every cut and shape, within its limits."""

import os
import random
import subprocess

import pytest
from support import Form, make_pictures
from support.client import head

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The smallest picture there is: its form can be cut at every byte."""
    return make_pictures(tmp_path_factory.mktemp("small"), 1, "16x16")[0].read_bytes()


def post(server, form, body=None, headers=None):
    return server.post("/api/detections", form.body if body is None else body,
                       {**form.headers, **(headers or {})})


def chunked(pieces):
    chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece]
    return b"".join(chunks) + b"0\r\n\r\n"


def send_chunks(server, form, pieces):
    with server.connect() as connection:
        connection.send(head("POST", "/api/detections", None,
                             {**form.headers, "Transfer-Encoding": "chunked"}) + chunked(pieces))
        return connection.answer()


def test_body_cut_at_every_byte(server, small):
    """The pieces reach the parser as they are cut: each is a chunk of its own."""
    form = Form({"device_id": "cam"}, small)
    body = form.body
    first = post(server, form).json["image_id"]
    for cut in range(1, len(body)):
        answer = send_chunks(server, form, [body[:cut], body[cut:]])
        assert (answer.status, answer.json["image_id"]) == (200, first), f"cut at {cut}"
    assert server.get(f"/api/images/{first}").body == small


def test_body_in_single_bytes(server, small):
    form = Form({"device_id": "cam"}, small)
    answer = send_chunks(server, form, [bytes([byte]) for byte in form.body])
    assert answer.status == 201
    with server.connect() as connection:
        connection.send(head("POST", "/api/detections", form.body, form.headers))
        for byte in form.body[:2000]:
            connection.send(bytes([byte]))  # each a packet of its own
        connection.send(form.body[2000:])
        assert connection.answer().json["image_id"] == answer.json["image_id"]


def test_content_that_looks_like_its_boundary(server, picture):
    """A picture may hold anything but the boundary itself, such as nearly all of it."""
    boundary = "----WildCAMabc"
    delimiter = f"\r\n--{boundary}".encode()
    rng = random.Random(4)
    for _ in range(20):
        noise = b"".join(delimiter[:rng.randrange(len(delimiter))] + rng.choice((b"", b"\r", b"\n"))
                         for _ in range(300))
        form = Form({"device_id": "cam"}, picture + noise, boundary)
        answer = post(server, form)
        assert answer.status == 201
        assert server.get(f"/api/images/{answer.json['image_id']}").body == picture + noise


@pytest.mark.parametrize("boundary", ["x", "x" * 70, "'()+_,-./:=?", "-" * 30, "a b"])
def test_boundary(server, picture, boundary):
    form = Form({"device_id": "cam"}, picture, boundary)
    quoted = {"Content-Type": f'multipart/form-data; charset=utf-8; boundary="{boundary}"'}
    assert post(server, form, headers=quoted).status == 201


def test_what_stands_around_the_parts(server, picture):
    form = Form({"device_id": "cam"}, picture)
    body = b"This is a form.\r\n" + form.body + b"garbage\r\n--" + form.boundary.encode() + b"\r\n"
    assert post(server, form, body).status == 201
    assert server.get("/api/detections").json["total"] == 1


def test_order_and_names_of_parts(server, picture):
    form = Form().part(picture, 'filename="é.jpg"; name="file"', "Content-Type: image/jpeg",
                       "X-More: yes").part(b'{"device_id": "cam"}', 'name=metadata')
    assert post(server, form).status == 201


@pytest.mark.parametrize(["written", "name"], [
    (r'"a\""', 'a"'), (r'"a\\"', "a\\"), (r'"C:\cam\"', "C:cam\\"), ('"\\"', "\\")])
def test_backslashes_in_names(server, picture, written, name):
    """They are escapes, but browsers leave those alone that are part of a name: one before the
    last quote is no escape."""
    form = Form({"device_id": "cam"}, picture).part(b"x", f"name={written}")
    answer = post(server, form)
    assert answer.status == 201
    row = server.get(f"/api/detections/{answer.json['detection_id']}").json
    assert row["image"]["metadata"] == {name: "x"}


def test_picture_is_known_by_any_file_name(server, picture):
    """However long it is, and whatever the part itself is called."""
    for name in ("", "a.jpg", "n" * 1000 + ".jpg"):
        form = Form({"device_id": "cam"}).part(picture, f'name="photo"; filename="{name}"')
        assert post(server, form).status in (200, 201)


@pytest.mark.parametrize("body, words", [
    (b"", "ends before its last boundary"),
    (b"--B\r\n", "ends before its last boundary"),
    (b"--B--\r\n", "No image"),
    (b"no boundary at all", "ends before its last boundary"),
    (b'--B\r\nContent-Disposition: form-data; name="image"\r\n\r\n\xff\xd8\r\n', "ends before"),
    (b"--B\r\n\r\n\xff\xd8\r\n--B--\r\n", "no name"),
    (b"--B\r\nContent-Disposition: form-data\r\n\r\na\r\n--B--\r\n", "no name"),
    (b'--B\r\nContent-Disposition: form-data; name=""\r\n\r\na\r\n--B--\r\n', "no name"),
    (b'--B\r\nContent-Disposition: form-data; name="' + b"n" * 300 + b'"\r\n\r\na\r\n--B--\r\n',
     "name"),
    (b"--B\r\nX: " + b"x" * 5000 + b"\r\n\r\na\r\n--B--\r\n", "too long"),
    (b"--B\r\nX: \0\r\n\r\na\r\n--B--\r\n", "headers of a part"),
    (b"--Bx\r\n\r\n", "behind a boundary"),
    (b"--B\rx\r\n", "CR LF"),
    (b"--B-x", "behind a boundary"),
    (b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--B--\r\n', "UTF-8"),
    (b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 5000 + b"\r\n--B--\r\n",
     "4096 bytes"),
])
def test_form_that_is_none(server, body, words):
    answer = server.post("/api/images", body, {"Content-Type": "multipart/form-data; boundary=B"})
    assert answer.status == 400
    assert words in answer.error
    assert not server.files("incoming")


def test_parts_that_come_twice(server, picture):
    for name, words in (("image", "two pictures"), ("metadata", "two parts")):
        form = Form({"device_id": "cam"}, picture).part(b"{}", f'name="{name}"')
        answer = post(server, form)
        assert answer.status == 400
        assert words in answer.error


def test_number_of_parts(server, picture):
    form = Form({"device_id": "cam"}, picture)
    for number in range(62):
        form.part(b"v", f'name="field{number}"')
    assert post(server, form).status == 201
    form.part(b"v", 'name="one more"')
    answer = post(server, form)
    assert answer.status == 400
    assert "too many parts" in answer.error


def test_metadata_over_the_limit_of_json(server, picture):
    form = Form().part(b" " * (256 * 1024) + b"{}", 'name="metadata"').part(picture, 'name="image"')
    answer = post(server, form)
    assert answer.status == 413
    assert "262144" in answer.error


def test_largest_picture(server, picture):
    """16 MiB are kept, one byte more is not, whoever says how long it is."""
    server.expect_log("the picture is over images.max_bytes")
    largest = picture + bytes(16 * MIB - len(picture))
    answer = post(server, Form({"device_id": "cam"}, largest))
    assert answer.status == 201
    assert server.get(f"/api/images/{answer.json['image_id']}").body == largest
    form = Form({"device_id": "cam"}, largest + b"x")
    with server.connect() as connection:
        for request in (head("POST", "/api/detections", form.body, form.headers) + form.body,
                        head("POST", "/api/images?device_id=cam", largest + b"x",
                             {"Content-Type": "image/jpeg"}) + largest + b"x",
                        head("POST", "/api/detections", None,
                             {**form.headers, "Transfer-Encoding": "chunked"}) +
                        chunked([form.body])):
            connection.send(request)
            answer = connection.answer()
            assert answer.status == 413
            assert "16777216" in answer.error
    assert not server.files("incoming")
    assert server.get("/api/detections").json["total"] == 1


def test_length_over_the_limit_is_refused_at_once(server):
    limit = 16 * MIB + 512 * 1024
    for path in ("/api/detections", "/api/cameras/upload", "/api/images"):
        with server.connect() as connection:
            connection.send(head("POST", path, None, {"Content-Length": str(limit + 1),
                                                      "Content-Type": "image/jpeg"}))
            answer = connection.answer()
            assert answer.status == 413
            assert str(limit) in answer.error
            assert answer.headers["Connection"] == "close"
            assert connection.is_closed()


@pytest.mark.parametrize("options", [[], ["-H", "Expect:"]], ids=["asking first", "at once"])
def test_curl_hears_that_a_picture_is_too_large(server, tmp_path, options):
    path = tmp_path / "large.jpg"
    path.write_bytes(bytes(40 * MIB))
    done = subprocess.run(["curl", "-sS", "--noproxy", "*", "-w", "%{http_code}", "-o", os.devnull,
                           *options, "-F", f"image=@{path}", f"{server.url}/api/detections"],
                          capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "413"), done.stderr


def test_chunks_over_the_limit(make_server):
    """Nobody said how long it would be: it is not kept, and not held in memory either."""
    server = make_server({"images.max_bytes": MIB})
    assert send_chunks(server, Form(), [b"--x\r\n"] + [bytes(MIB)] * 8).status == 413
    assert server.get("/healthz").status == 200


def test_full_disk(make_server, picture):
    server = make_server({"disk.min_free_percent": 90, "disk.min_free_bytes": "1000T"})
    server.expect_log("bytes free, and", "alerts: low_disk")
    form = server.upload(picture)
    alone = server.post("/api/images?device_id=cam", picture, {"Content-Type": "image/jpeg"})
    row = server.post("/api/detections", {"device_id": "cam", "species": "fox"})
    camera = server.post("/api/cameras/register", {"device_id": "cam"})
    for answer in (form, alone, row, camera):
        assert answer.status == 507
        assert answer.error == "the disk is full or at its floor; the server's log says more"
    server.await_log("disk.min_free_bytes")
    assert server.get("/api/detections").json["total"] == 0
    assert server.get("/api/cameras?status=all").json["count"] == 0
    assert server.get("/api/health").json["status"] == "degraded"
    assert not server.files("images") and not server.files("incoming")
