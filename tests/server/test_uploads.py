"""Pictures and detections on their way in, from every kind of client."""

import json
import math
import subprocess

import pytest
from support import Form

UPLOAD_PATHS = ["/api/detections", "/api/cameras/upload", "/api/images"]
JPEG = {"Content-Type": "image/jpeg"}


def detection(server, answer):
    """The detection that an upload's answer names."""
    return server.get(f"/api/detections/{answer.json['detection_id']}").json


def count(server, query=""):
    return server.get(f"/api/detections?{query}").json["total"]


@pytest.mark.parametrize("path", UPLOAD_PATHS)
def test_each_address_takes_each_kind(server, pictures, path):
    form = server.post(path, Form({"device_id": "cam"}, pictures[0]))
    query = server.post(f"{path}?device_id=cam", pictures[1], JPEG)
    header = server.post(path, pictures[2], {**JPEG, "X-Device-Id": "cam"})
    alone = server.post(path, {"device_id": "cam", "species": "deer", "confidence": 0.5})
    assert [answer.status for answer in (form, query, header, alone)] == [201] * 4
    for answer, picture in zip((form, query, header), pictures):
        assert list(answer.json) == ["detection_id", "image_id", "message"]
        assert server.get(f"/api/images/{answer.json['image_id']}").body == picture
    assert alone.json["image_id"] is None
    assert count(server, "camera_id=cam") == 4


def test_same_picture_again(server, picture):
    first = server.upload(picture, "cam")
    again = server.upload(picture, "cam", species="deer", confidence=0.9)
    alone = server.post("/api/images?device_id=cam", picture, JPEG)
    assert (first.status, again.status, alone.status) == (201, 200, 200)
    assert "duplicate" not in first.json
    assert first.json["message"] == "Picture recorded"
    for answer in (again, alone):
        assert answer.json["duplicate"] is True
        assert answer.json["message"] == (
            "Picture kept before; the detections of its first upload stand")
        for name in ("detection_id", "image_id"):
            assert answer.json[name] == first.json[name]
    assert count(server) == 1
    assert detection(server, first)["species"] == "unclassified"
    assert len(server.files("images")) == 1


@pytest.mark.parametrize("fields, message", [
    ({"species": "deer"}, "Detection recorded"), ({"bbox": [0, 0, 1, 1]}, "Detection recorded"),
    ({}, "Picture recorded"), ({"species": "", "confidence": 0}, "Picture recorded"),
    ({"additional_detections": [{"species": "deer"}]}, "Detection recorded"),
    ({"additional_detections": [{"species": ""}]}, "Picture recorded"),
])
def test_message_says_what_was_recorded(server, picture, fields, message):
    assert server.upload(picture, **fields).json["message"] == message


def test_detection_alone_belongs_to_no_picture(server, picture):
    image_id = server.upload(picture, "cam").json["image_id"]
    for value in (image_id, str(image_id), 0):
        answer = server.post("/api/detections", {"device_id": "cam", "species": "deer",
                                                 "image_id": value})
        assert answer.status == 400
        assert "image_id" in answer.error and "when the picture is uploaded" in answer.error
    assert count(server) == 1
    answer = server.post("/api/detections", {"device_id": "cam", "species": "deer",
                                             "image_id": None})
    assert (answer.status, answer.json["message"]) == (201, "Detection recorded")


def test_same_picture_from_another_camera(server, picture):
    one, other = server.upload(picture, "one"), server.upload(picture, "other")
    assert (one.status, other.status) == (201, 201)
    assert one.json["image_id"] != other.json["image_id"]
    assert count(server) == 2


def test_everything_a_client_says_is_kept(server, picture):
    weather, motion = {"sky": "fog", "wind": 3.5}, {"pir": [1, 0, 1], "zone": "é"}
    answer = server.upload(
        picture, "cam", species="red deer", confidence=0.75, weather=weather, motion_data=motion,
        bbox={"x": 0.25, "y": 0.5, "width": 0.125, "height": 0.25}, lens={"f": 2.8}, mood=None)
    row = detection(server, answer)
    assert row["device_id"] == "cam"
    assert row["species"] == row["detected_species"] == "red deer"
    assert row["confidence"] == row["confidence_score"] == 0.75
    assert row["category"] == "animal"
    assert row["bounding_box"] == {"x": 0.25, "y": 0.5, "width": 0.125, "height": 0.25}
    assert row["image"]["metadata"] == {"weather": weather, "motion_data": motion,
                                        "lens": {"f": 2.8}, "mood": None}
    assert row["image_url"] == f"/api/images/{answer.json['image_id']}"
    assert row["thumbnail_url"] == f"/api/thumbnails/{answer.json['image_id']}"


def test_additional_detections(server, picture):
    box = [0.1, 0.2, 0.3, 0.4]
    answer = server.upload(picture, "cam", species="deer", confidence=0.9, additional_detections=[
        {"species": "fox", "confidence": 0.5, "bbox": box, "track": 7},
        {"category": "human", "confidence": 0.25}])
    rows = server.get("/api/detections").json["detections"]
    assert {(row["species"], row["category"], row["confidence"]) for row in rows} == {
        ("deer", "animal", 0.9), ("fox", "animal", 0.5), ("human", "human", 0.25)}
    assert {row["image_id"] for row in rows} == {answer.json["image_id"]}
    fox = next(row for row in rows if row["species"] == "fox")
    assert fox["metadata"] == {"track": 7}
    assert fox["bounding_box"] == dict(zip(("x", "y", "width", "height"), box))


def test_picture_that_nobody_looked_at_is_unclassified(server, picture):
    row = detection(server, server.upload(picture))
    assert (row["category"], row["species"], row["confidence"]) == (
        "unclassified", "unclassified", None)


@pytest.mark.parametrize("fields", [
    {"species": "deer", "confidence": 0.5, "timestamp": "2026-05-01T10:00:00Z"},
    {"detected_species": "deer", "confidence_score": 0.5,
     "detection_timestamp": "2026-05-01T12:00:00+02:00", "bounding_box": {}},
])
def test_both_vocabularies(server, fields):
    row = detection(server, server.post("/api/detections", {"device_id": "cam", **fields}))
    assert (row["species"], row["confidence"], row["metadata"]) == ("deer", 0.5, None)
    assert row["timestamp"] == row["detection_timestamp"]
    assert row["timestamp"] in ("2026-05-01T10:00:00+00:00", "2026-05-01T12:00:00+02:00")
    assert server.get("/api/detections?start_date=2026-05-01T10:00:00Z"
                      "&end_date=2026-05-01T10:00:01Z").json["total"] == 1


@pytest.mark.parametrize("told, shown, offset", [
    ("2026-05-01T10:00:00Z", "2026-05-01T10:00:00+00:00", 0),
    ("2026-05-01T10:00:00+05:30", "2026-05-01T10:00:00+05:30", 19800),
    ("2026-05-01T10:00:00.25-03:00", "2026-05-01T10:00:00.250000-03:00", -10800),
    ("2026-05-01T10:00:00", "2026-05-01T10:00:00+00:00", None),
    ("2026-05-01 10:00:00", "2026-05-01T10:00:00+00:00", None),
    (1777629600, "2026-05-01T10:00:00+00:00", 0),
    (1777629600.5, "2026-05-01T10:00:00.500000+00:00", 0),
    (1777629600000, "2026-05-01T10:00:00+00:00", 0),
])
def test_time_of_a_detection(server, told, shown, offset):
    row = detection(server, server.post("/api/detections", {"device_id": "cam", "timestamp": told}))
    assert row["time_source"] == "client"
    assert (row["detection_timestamp"], row["utc_offset"]) == (shown, offset)


def test_time_of_reception_is_marked(server, server_time):
    before = server_time()
    row = detection(server, server.post("/api/detections", {"device_id": "cam", "species": "fox"}))
    assert row["time_source"] == "received"
    assert before <= row["detection_timestamp"] <= server_time()


def test_time_of_a_picture(server, pictures, without_exif):
    """Its path, else its EXIF, else what the client says, else when it came."""
    plain = [without_exif(picture) for picture in pictures]
    path, stated = "/images/20260101/IMG_010203_001.jpg", "2026-04-05T06:07:08Z"
    rows = [detection(server, answer) for answer in (
        server.upload(pictures[0], file_path=path, timestamp=stated),
        server.upload(pictures[1], timestamp=stated),
        server.upload(plain[2], timestamp=stated),
        server.upload(plain[3], timestamp=1775369228.0),
        server.upload(plain[4], timestamp=17))]
    assert [row["time_source"] for row in rows] == ["filename", "exif", "client", "client",
                                                    "received"]
    assert [row["timestamp"] for row in rows[:4]] == [
        "2026-01-01T01:02:03+00:00", "2026-03-01T10:02:00+00:00", "2026-04-05T06:07:08+00:00",
        "2026-04-05T06:07:08+00:00"]
    assert [row["image"]["metadata"]["timestamp"] for row in rows] == [  # nothing is lost
        stated, stated, stated, 1775369228.0, 17]


@pytest.mark.parametrize("field, value, words", [
    ("device_id", None, "device_id is required"), ("device_id", "", "device_id is required"),
    ("device_id", 5, "device_id is a text"), ("device_id", "a/b", "device_id is 1 to 50 of"),
    ("device_id", "x" * 51, "device_id is 1 to 50 of"), ("device_id", "x" * 4000, "device_id is 1"),
    ("confidence", 1.01, "confidence is 0 to 1"), ("confidence", -0.5, "confidence is 0 to 1"),
    ("confidence", "high", "confidence is a number"), ("species", 3, "species is a text"),
    ("species", "x" * 101, "species is over 100 bytes"), ("bbox", [1, 2, 3], "bbox is x, y, width"),
    ("bbox", {"x": 0, "y": 0, "width": "w", "height": 1}, "bbox is x, y, width"),
    ("bbox", "everywhere", "bbox is x, y, width"), ("bbox", 7, "bbox is x, y, width"),
    ("timestamp", "yesterday", 'timestamp: "yesterday" is no ISO 8601 time'),
    ("timestamp", "2026-13-01T00:00:00Z", "timestamp: "), ("timestamp", -1.5, "timestamp: "),
    ("timestamp", True, "timestamp is a text or a number"),
    ("timestamp", [], "timestamp is a text or a number"),
    ("category", "ghost", "category is unclassified, animal"),
    ("file_path", 9, "file_path is a text"),
    ("additional_detections", [7], "additional_detections[0] is not an object"),
    ("additional_detections", [{"confidence": 7}], "confidence is 0 to 1"),
])
def test_bad_field(server, picture, field, value, words):
    fields = {"device_id": "cam", field: value}
    with_picture = server.post("/api/detections", Form(fields, picture))
    assert with_picture.status == 400
    assert words in with_picture.error
    if field not in ("file_path", "additional_detections"):
        alone = server.post("/api/detections", fields)
        assert (alone.status, alone.error) == (400, with_picture.error)
    assert count(server) == 0
    assert not server.files("images") and not server.files("incoming")


@pytest.mark.parametrize("device_id", ["a%20b", "%FF", "%00", ".x", "x" * 51, "..%2f..%2fx", ""])
def test_bad_device_id_beside_a_picture(server, picture, device_id):
    """In the address, escaped, and as it is in a header."""
    query = server.post(f"/api/images?device_id={device_id}", picture, JPEG)
    header = server.post("/api/images", picture, {
        **JPEG, "X-Device-Id": device_id.replace("%20", " ").replace("%FF", "\udcff")})
    for answer in (query, header):
        assert answer.status == 400
        assert "device_id" in answer.error
    assert server.get("/api/cameras?status=all").json["count"] == 0
    assert not server.files("incoming")


def test_numbers_that_json_does_not_have(server):
    for text in ("NaN", "Infinity", "1e999"):
        body = f'{{"device_id": "cam", "confidence": {text}}}'.encode()
        assert server.post("/api/detections", body).status == 400
    assert not math.isinf(count(server))


def test_metadata_over_its_limit(server, picture):
    answer = server.upload(picture, notes="x" * 70000)
    assert answer.status == 413
    assert "metadata" in answer.error and "65536" in answer.error
    assert count(server) == 0


def test_unknown_camera_without_self_registration(make_server, picture):
    server = make_server({"cameras.auto_register": "false"})
    for answer in (server.upload(picture, "cam"),
                   server.post("/api/detections", {"device_id": "cam", "species": "fox"})):
        assert (answer.status, answer.error) == (404, "Camera not registered")
    assert server.get("/api/cameras?status=all").json["count"] == 0
    assert not server.files("incoming")
    server.post("/api/cameras/register", {"device_id": "cam"})
    assert server.upload(picture, "cam").status == 201


@pytest.mark.parametrize("content, status", [
    (b"", 415), (b"\xff\xd8", 415), (b"GIF89a" + bytes(100), 415), (b"\x89PNG\r\n\x1a\n", 415),
    (b"<html></html>", 415), (bytes(5000), 415),
])
def test_what_is_no_jpeg(server, content, status):
    server.expect_log("is refused: it ")
    form = server.upload(content)
    assert (form.status, bool(form.error)) == (status, True)
    alone = server.post("/api/images?device_id=cam", content, JPEG)
    assert alone.status == status
    assert count(server) == 0
    assert not server.files("incoming")


def test_picture_without_its_end(server, picture):
    server.expect_log("is refused: the picture is cut off")
    answer = server.upload(picture[:-2])
    assert answer.status == 400
    assert answer.error == f"the picture is cut off after {len(picture) - 2} bytes"
    assert server.upload(picture[:len(picture) // 2]).status == 400
    assert count(server) == 0


def test_bytes_behind_the_end_are_kept(server, picture):
    answer = server.upload(picture + b"\0" * 100)
    assert answer.status == 201
    assert server.get(f"/api/images/{answer.json['image_id']}").body == picture + b"\0" * 100


@pytest.mark.parametrize("form, sentence", [
    (Form({"device_id": "cam"}), "No image provided"),
    (Form(None, b"\xff\xd8"), "device_id is required"),
])
def test_form_with_a_part_missing(server, form, sentence):
    answer = server.post("/api/detections", form)
    assert (answer.status, answer.error) == (400, sentence)


@pytest.mark.parametrize("text", [b"{", b"[]", b"\xff", b'"x"', b"[" * 100000, b'{"a":' * 3000])
def test_metadata_that_is_no_object(server, picture, text):
    form = Form(None).part(text, 'name="metadata"').part(picture, 'name="image"')
    answer = server.post("/api/detections", form)
    assert answer.status == 400
    assert "metadata" in answer.error


@pytest.mark.parametrize("content_type, status", [
    ("image/jpeg", 201), ("image/jpg", 201), ("IMAGE/JPEG", 201), (None, 201),
    ("application/octet-stream", 201), ("application/json", 201), ("image/png", 415),
    ("text/html", 415), ("multipart/mixed; boundary=x", 415),
    ("multipart/form-data", 400), ("multipart/form-data; boundary=", 400),
    ('multipart/form-data; boundary="' + "x" * 71 + '"', 400),
])
def test_content_type_of_a_picture(server, picture, content_type, status):
    answer = server.post("/api/images?device_id=cam", picture, {"Content-Type": content_type})
    assert answer.status == status


def test_form_that_calls_itself_json(server, picture):
    """Some gateways set application/json on all they send."""
    form = Form({"device_id": "cam"}, picture)
    answer = server.post("/api/detections", form.body, {"Content-Type": "application/json"})
    assert answer.status == 201


def test_form_of_fields(server, picture):
    """The older clients' form: each field a part of its own."""
    form = Form().part(b"cam", 'name="camera_id"').part(picture, 'name="image"; filename="a.jpg"')
    form.part(b"fog", 'name="weather"')
    row = detection(server, server.post("/api/images", form))
    assert row["device_id"] == "cam"
    assert row["image"]["metadata"]["weather"] == "fog"


@pytest.mark.parametrize("box", [b'{"x": 0.3, "y": 0.2, "width": 0.25, "height": 0.5}',
                                 b"[0.3, 0.2, 0.25, 0.5]"])
def test_form_of_numbers(server, picture, box):
    """A form has only texts: where a number or a box is wanted, the text is one."""
    form = Form().part(b"cam", 'name="device_id"').part(b"0.75", 'name="confidence"')
    form.part(box, 'name="bbox"').part(picture, 'name="image"; filename="a.jpg"')
    row = detection(server, server.post("/api/images", form))
    assert row["confidence"] == 0.75
    assert row["bounding_box"] == {"x": 0.3, "y": 0.2, "width": 0.25, "height": 0.5}


@pytest.mark.parametrize("name, value, words", [
    ("confidence", b"sure", "confidence is a number"),
    ("bbox", b"0.3,0.2,0.25,0.5", "such as [0.1, 0.2, 0.3, 0.4]")])
def test_form_of_no_numbers(server, picture, name, value, words):
    form = Form().part(b"cam", 'name="device_id"').part(value, f'name="{name}"')
    answer = server.post("/api/images", form.part(picture, 'name="image"; filename="a.jpg"'))
    assert answer.status == 400 and words in answer.error
    assert count(server) == 0


@pytest.mark.parametrize("body", [b"", b" \r\n"])
@pytest.mark.parametrize("content_type", [None, "application/octet-stream", "application/json"])
def test_nothing_is_no_picture(server, content_type, body):
    """A camera that hears that something was kept may think of its picture."""
    answer = server.post("/api/images?device_id=cam", body, {"Content-Type": content_type})
    assert (answer.status, answer.error) == (400, "the body is empty")
    assert count(server) == 0


@pytest.mark.parametrize("arguments", [
    ["-F", "metadata={\"device_id\": \"cam\"}", "-F", "image=@FILE;type=image/jpeg"],
    ["-F", "image=@FILE", "-F", "metadata={\"device_id\": \"cam\"};type=application/json"],
    ["-H", "Content-Type: image/jpeg", "-H", "X-Device-Id: cam", "--data-binary", "@FILE"],
    ["-H", "Content-Type: image/jpeg", "-H", "X-Device-Id: cam", "-H",
     "Transfer-Encoding: chunked", "--data-binary", "@FILE"],
    ["-H", "Expect: 100-continue", "-H", "X-Device-Id: cam", "--data-binary", "@FILE"],
])
def test_curl(server, tmp_path, picture, arguments):
    path = tmp_path / "shot.jpg"
    path.write_bytes(picture)
    done = subprocess.run(
        ["curl", "-sS", "--noproxy", "*", "-w", "\n%{http_code}", f"{server.url}/api/detections",
         *[word.replace("FILE", str(path)) for word in arguments]],
        capture_output=True, check=True, timeout=60)
    body, status = done.stdout.rsplit(b"\n", 1)
    assert status == b"201"
    assert server.get(f"/api/images/{json.loads(body)['image_id']}").body == picture
