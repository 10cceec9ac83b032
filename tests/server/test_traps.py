"""What is sent to break a server: deep, many, long, and names that lead elsewhere."""

import json

import pytest
from support import Form

DEEP = 60_000


def nested(opening, closing, depth, inside=""):
    return opening * depth + inside + closing * depth


BOMBS = {
    "arrays": nested("[", "]", DEEP),
    "arrays without an end": "[" * (2 * DEEP),
    "objects": nested('{"a":', "}", DEEP // 2, "1"),
    "objects without an end": '{"a":' * DEEP,
    "array in the object": '{"device_id": "cam", "config": ' + nested("[", "]", DEEP) + "}",
    "object in the object": '{"device_id": "cam", "config": ' + nested('{"a":', "}", DEEP // 2, "1")
                            + "}",
    "long number": '{"device_id": "cam", "latitude": ' + "1" * 100_000 + "}",
    "huge exponent": '{"device_id": "cam", "latitude": 1e' + "9" * 1000 + "}",
    "surrogate alone": '{"device_id": "cam", "name": "\\ud800"}',
    "the same name twice": '{"device_id": "cam", "device_id": "other"}',
    "not UTF-8": b'{"device_id": "cam", "name": "\xff"}',
    "overlong UTF-8": b'{"device_id": "cam", "name": "\xc0\x80"}',
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_json(server, text):
    text = text.encode() if isinstance(text, str) else text
    for path in ("/api/cameras/register", "/api/detections", "/api/cameras/cam/status"):
        answer = server.post(path, text, {"Content-Type": "application/json"})
        assert answer.status in (400, 413)
        assert answer.error and len(answer.error) < 500
    form = Form().part(text, 'name="metadata"').part(b"\xff\xd8", 'name="image"')
    assert server.post("/api/images", form).status in (400, 413)
    assert server.get("/api/cameras?status=all").json["count"] == 0
    assert not server.files("incoming")


def test_depth_that_is_kept_can_be_read(server):
    """What is stored does not break whoever asks for it."""
    row = '{"device_id": "cam", "species": "fox", "weather": ' + nested("[", "]", 400) + "}"
    answer = server.post("/api/detections", row.encode(), {"Content-Type": "application/json"})
    assert answer.status in (201, 400)
    if answer.status == 201:
        assert server.get("/api/detections").json["total"] == 1


def test_many_names(server):
    """A quarter of a MiB of them costs no more than it must."""
    text = json.dumps({"device_id": "cam", **{f"k{number}": number for number in range(15_000)}})
    answer = server.post("/api/detections", text.encode(), {"Content-Type": "application/json"})
    assert answer.status in (201, 400, 413)
    assert server.get("/healthz").status == 200


# ---- forms ----

def test_form_in_a_form(server, picture):
    """The inner one is a part like any other."""
    inner = Form({"device_id": "inner"}, picture, "inner")
    for _ in range(20):
        inner = Form(boundary="b").part(
            inner.body, 'name="files"', "Content-Type: multipart/mixed; boundary=inner")
    form = Form({"device_id": "cam"}).part(
        inner.body, 'name="files"', "Content-Type: multipart/mixed; boundary=b")
    answer = server.post("/api/images", form)
    assert answer.status == 400 and answer.error
    assert server.get("/api/cameras?status=all").json["count"] == 0


@pytest.mark.parametrize("body", [
    b"--B\r\n" * 200_000,
    b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 20_000,
    b"--B\r\n" + b"A: b\r\n" * 100_000 + b"\r\n",
    b"--B\r\n" + b"A" * 1_000_000,
    b"--B\r\nContent-Disposition: form-data" + b"; a=b" * 100_000 + b"\r\n\r\n",
    b"\r\n" * 500_000, b"--" * 500_000, b"\r\n--" * 250_000, b"--B" + b" " * 1_000_000,
], ids=["boundaries", "parts", "headers", "a long header", "parameters", "lines", "dashes",
        "half boundaries", "blanks"])
def test_form_bombs(server, body):
    answer = server.post("/api/images", body, {"Content-Type": "multipart/form-data; boundary=B"})
    assert answer is None or (answer.status == 400 and answer.error)
    assert server.get("/healthz").status == 200
    assert not server.files("incoming")


@pytest.mark.parametrize("value", ["", "b" * 71, "b" * 5000, '"unclosed', "a\tb", "\\"])
def test_boundaries_that_are_none(server, value):
    answer = server.post("/api/images", b"--B--\r\n",
                         {"Content-Type": f"multipart/form-data; boundary={value}"})
    assert answer.status in (400, 415) and answer.error


# ---- names ----

NAMES = ["..", ".", "../../etc/passwd", "..\\..\\station.db", "/etc/passwd", "a/b", "a\0b", "%00",
         "..%2f..%2fstation.db", "-", "a" * 51, "a b", "\u202e", "CON", "a\nb", "a\r\nX-Evil: 1", ""]


def list_all(server):
    """Every file there is in and beside the server's data."""
    return {path.relative_to(server.directory) for path in server.directory.rglob("*")
            if path.is_file() and path.suffix != ".lock" and "detections" not in path.parts}


@pytest.mark.parametrize("name", NAMES)
def test_device_ids(server, picture, name):
    before = list_all(server)
    answers = [server.post("/api/images", Form({"device_id": name}, picture, "boundary")),
               server.post("/api/cameras/register", {"device_id": name}),
               server.post("/api/detections", {"device_id": name, "species": "fox"})]
    if name not in ("-", "CON"):  # good names, if odd ones
        assert {answer.status for answer in answers} == {400}
        assert [answer.error for answer in answers
                if "device_id" not in answer.error and "u0000" not in answer.error] == []
        assert server.get("/api/cameras?status=all").json["count"] == 0
        assert list_all(server) == before


@pytest.mark.parametrize("name", NAMES)
def test_device_ids_in_a_header(server, picture, name):
    before = list_all(server)
    with server.connect() as connection:
        answer = connection.request("POST", "/api/images", picture, {
            "Content-Type": "image/jpeg", "X-Device-Id": name})
    assert "X-Evil" not in answer.headers
    # The last one sends a header of its own behind a good name.
    is_good = name in ("-", "CON", "a\r\nX-Evil: 1")
    assert answer.status == (201 if is_good else 400)
    cameras = server.get("/api/cameras?status=all").json["cameras"]
    assert [camera["device_id"] for camera in cameras] == [name.split("\r")[0]] * is_good
    assert is_good or list_all(server) == before


@pytest.mark.parametrize("name", NAMES)
def test_file_names(server, picture, name):
    """Where a picture lies is the station's to say."""
    form = Form({"device_id": "cam", "file_path": name}, None, "boundary").part(
        picture, 'name="image"; filename="' + name.replace("\r", "").replace("\n", "") + '"')
    answer = server.post("/api/detections", form)
    assert answer.status in (201, 400)
    kept = server.files("images")
    assert len(kept) == (answer.status == 201)
    for path in kept:
        assert ".." not in path.parts and path.resolve().is_relative_to(server.data.resolve())
        assert "passwd" not in path.name and "evil" not in str(path).lower()
    if answer.status == 201:
        back = server.get(f"/api/images/{answer.json['image_id']}")
        assert back.body == picture and "X-Evil" not in back.headers


@pytest.mark.parametrize("name", ["..", "../metadata", "me\0ta", "metadata\0", "m" * 300, "\xff"])
def test_names_of_parts(server, picture, name):
    form = Form({"device_id": "cam"}, picture).part(b"{}", f'name="{name}"')
    answer = server.post("/api/detections", form)
    assert answer.status in (201, 400)
    assert server.get("/healthz").status == 200


@pytest.mark.parametrize("query", [
    "camera_id=%00", "species=%00fox", "species=" + "x" * 5000, "start_date=" + "9" * 5000,
    "after=" + "A" * 5000, "after=..%2f..", "limit=" + "9" * 400, "limit=-1", "limit=0x10",
    "page=99999999999999999999", "&".join(f"a{number}=b" for number in range(200)), "=" * 2000,
    "species=%FF%FE", "camera_id=%C0%AF..", "species=a%0d%0aX-Evil:%201",
])
def test_queries(server, query):
    with server.connect() as connection:
        answer = connection.request("GET", f"/api/detections?{query}")
        assert answer.status in (200, 400)
        assert "X-Evil" not in answer.headers
        assert answer.status == 200 or answer.error
        assert connection.request("GET", "/healthz").status == 200


@pytest.mark.parametrize("query", ["&".join(f"a{number}=b" for number in range(500)), "&" * 2000],
                         ids=["named", "nameless"])
def test_queries_with_too_many_parameters(make_server, query):
    """libmicrohttpd's memory for a connection is full: it says nothing then, as the README does."""
    server = make_server({"http.head_timeout": 4})
    with server.connect() as connection:
        assert connection.request("GET", f"/api/detections?{query}").status == 408
        assert connection.is_closed()
    assert server.get("/healthz").status == 200
