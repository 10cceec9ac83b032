"""Lists of detections, one of them, and a reviewer's word."""

from urllib.parse import quote, urlencode

import pytest
from support import Server

COUNT = 230
SPECIES = ["fox", "red deer", "Wildschwein", "野猪"]


def when(number):
    """A quarter of an hour after another, over a month's end."""
    minutes = number * 15
    return f"2026-0{4 if minutes < 1440 else 5}-{30 if minutes < 1440 else minutes // 1440:02}T" \
           f"{minutes // 60 % 24:02}:{minutes % 60:02}:00Z"


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A server with COUNT detections, and what they are, newest first."""
    with Server(tmp_path_factory.mktemp("detections")) as server:
        rows = []
        with server.connect() as connection:
            for number in range(COUNT):
                row = {"device_id": f"cam-{number % 3}", "species": SPECIES[number % 4],
                       "confidence": number / COUNT, "timestamp": when(number)}
                answer = server.post("/api/detections", row)
                assert answer.status == 201
                rows.append({**row, "id": answer.json["detection_id"]})
            assert connection.request("GET", "/healthz").status == 200
        yield server, rows[::-1]


def ask(server, **query):
    answer = server.get("/api/detections?" + urlencode(query))
    assert answer.status == 200, answer
    assert list(answer.json) == ["detections", "total", "pages", "current_page", "next"]
    return answer.json


def ids(rows):
    return [row["id"] for row in rows]


def test_standard_page(filled):
    server, rows = filled
    page = ask(server)
    assert ids(page["detections"]) == ids(rows[:20])
    assert (page["total"], page["pages"], page["current_page"]) == (COUNT, 12, 1)
    assert page["next"]


@pytest.mark.parametrize("name", ["limit", "per_page"])
@pytest.mark.parametrize("value, rows", [(1, 1), (7, 7), (100, 100), (101, 100), (1000, 100)])
def test_length_of_a_page(filled, name, value, rows):
    page = ask(filled[0], **{name: value})
    assert len(page["detections"]) == rows
    assert page["pages"] == -(-COUNT // rows)


def test_pages_by_number(filled):
    server, rows = filled
    seen = []
    for number in range(1, 9):
        page = ask(server, page=number, per_page=30)
        assert page["current_page"] == number
        seen += ids(page["detections"])
    assert seen == ids(rows)
    assert page["next"] is None
    assert ask(server, page=9, per_page=30)["detections"] == []


def test_pages_by_cursor_are_not_moved_by_what_comes_meanwhile(filled):
    server, rows = filled
    seen, after = [], {}
    while True:
        page = ask(server, limit=33, camera_id="cam-1", **after)
        seen += ids(page["detections"])
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == ids(row for row in rows if row["device_id"] == "cam-1")


FILTERS = [
    ({"camera_id": "cam-2"}, lambda row: row["device_id"] == "cam-2"),
    ({"species": "red deer"}, lambda row: row["species"] == "red deer"),
    ({"detected_species": "野猪"}, lambda row: row["species"] == "野猪"),
    ({"min_confidence": "0.5"}, lambda row: row["confidence"] >= 0.5),
    ({"min_confidence": "1"}, lambda row: False),
    ({"start_date": "2026-05-02"}, lambda row: row["timestamp"] >= "2026-05-02"),
    ({"end_date": "2026-04-30"}, lambda row: row["timestamp"] < "2026-05-01"),
    ({"start_date": "2026-05-01", "end_date": "2026-05-01"},
     lambda row: row["timestamp"][:10] == "2026-05-01"),
    ({"start_date": "2026-05-01T12:00:00Z", "end_date": "2026-05-01T13:00:00Z"},
     lambda row: "2026-05-01T12" <= row["timestamp"] < "2026-05-01T13:00:00Z"),
    ({"start_date": "2026-05-01T12:00:00Z", "end_date": "2026-05-01"},
     lambda row: "2026-05-01T12" <= row["timestamp"] < "2026-05-02"),
    ({"start_date": "2026-05-01T12:00:00Z", "end_date": "2026-05-01T12:00:00Z"}, lambda row: False),
    ({"start_date": "2026-05-01T14:00:00+02:00", "end_date": "2026-05-01T13:00:00"},
     lambda row: "2026-05-01T12" <= row["timestamp"] < "2026-05-01T13:00:00Z"),
    ({"category": "animal"}, lambda row: True), ({"category": "human"}, lambda row: False),
    ({"verified_only": "true"}, lambda row: False), ({"verified_only": "false"}, lambda row: True),
    ({"camera_id": "nobody"}, lambda row: False), ({"species": "Fox"}, lambda row: False),
    ({"species": "fox' OR '1'='1"}, lambda row: False), ({"species": "%"}, lambda row: False),
    ({"species": "fox", "camera_id": "cam-0", "min_confidence": 0.3, "start_date": "2026-05-01"},
     lambda row: row["species"] == "fox" and row["device_id"] == "cam-0" and
     row["confidence"] >= 0.3 and row["timestamp"] >= "2026-05-01"),
]


@pytest.mark.parametrize("query, matches", FILTERS, ids=[str(query) for query, _ in FILTERS])
def test_filter(filled, query, matches):
    server, rows = filled
    expected = ids(row for row in rows if matches(row))
    page = ask(server, limit=100, **query)
    assert page["total"] == len(expected)
    assert ids(page["detections"]) == expected[:100]


def test_camera_by_its_number(filled):
    server, rows = filled
    number = server.get("/api/cameras/cam-1").json["id"]
    page = ask(server, camera_id=number, limit=100)
    assert ids(page["detections"]) == ids(row for row in rows if row["device_id"] == "cam-1")
    assert ask(server, device_id="cam-1")["total"] == page["total"]


@pytest.mark.parametrize("query, words", [
    ("limit=abc", "limit is a whole number from 1 to"), ("limit=0", "limit"), ("limit=-5", "limit"),
    ("limit=1e3", "limit"), ("limit=99999999999999999999", "limit"),
    ("limit=%FF", 'not "?"'), ("limit=%C3%A4" + "%C3%A4" * 30, "limit is a whole number"),
    ("per_page=many", "per_page"), ("page=0", "page"), ("limit=5&per_page=x", "per_page"),
    ("limit=x&per_page=5", "limit"), ("page=x", "page"),
    ("page=1000000", "after"), ("after=nonsense", "after: "), ("after=%FF", "after: "),
    ("camera_id=a/b", "camera_id: "), ("camera_id=" + "x" * 51, "50"),
    ("camera_id=%FF", "camera_id: "),
    ("min_confidence=high", "min_confidence"), ("min_confidence=nan", "min_confidence"),
    ("min_confidence=2", "confidence"),
    ("start_date=yesterday", "start_date"), ("end_date=2026-02-30", "end_date"),
    ("start_date=2026-05-03&end_date=2026-05-01",
     "start_date 2026-05-03 is after end_date 2026-05-01"),
    ("start_date=2026-05-02&end_date=2026-05-01", "start_date 2026-05-02 is after end_date"),
    ("start_date=2026-05-02T00:00:00Z&end_date=2026-05-01", "is after end_date 2026-05-01"),
    ("start_date=2026-05-01T10:00:01Z&end_date=2026-05-01T10:00:00Z", "is after end_date"),
    ("species=" + "x" * 101, "100"), ("species=%FF", "species"), ("category=ghost", "category"),
    ("verified_only=maybe", "verified_only"),
])
def test_bad_parameter(filled, query, words):
    answer = filled[0].get("/api/detections?" + query)
    assert answer.status == 400
    assert words in answer.error


def test_field_that_nobody_has_filled_in(filled):
    """A dashboard sends them all."""
    names = ("limit", "page", "after", "camera_id", "species", "category", "min_confidence",
             "start_date", "end_date", "verified_only")
    assert ask(filled[0], **dict.fromkeys(names, "")) == ask(filled[0])
    assert ask(filled[0], limit="", per_page=5) == ask(filled[0], limit=5)


def test_one(filled):
    server, rows = filled
    row = server.get(f"/api/detections/{rows[5]['id']}").json
    assert row["species"] == rows[5]["species"]
    assert row["image_id"] is row["image_url"] is row["thumbnail_url"] is None
    assert "image" not in row
    assert row == server.get("/api/detections?limit=10").json["detections"][5]


def test_head(filled):
    server, _ = filled
    with server.connect() as connection:
        for path in ("/api/detections", "/api/cameras/cam-1", "/api/health", "/api/openapi.json"):
            head = connection.request("HEAD", path)
            assert (head.status, head.body) == (200, b"")
            assert head.headers["Content-Type"] == "application/json"
        length = int(connection.request("HEAD", "/api/detections").headers["Content-Length"])
        assert length == len(connection.request("GET", "/api/detections").body)


def test_answers_are_for_nobody_else_to_keep(filled):
    server, _ = filled
    for path in ("/api/detections", "/api/cameras", "/api/health"):
        answer = server.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_spellings_of_an_address(filled):
    server, rows = filled
    for species in (quote("red deer"), "red+deer", "%72ed%20deer"):
        assert server.get(f"/api/detections?species={species}").json["total"] == len(
            [row for row in rows if row["species"] == "red deer"])
    assert server.get("/api/detections?unknown=1&&=&x").json["total"] == COUNT


# ---- a reviewer's word ----

@pytest.fixture
def seen(server, picture):
    """A server and a detection that nobody has reviewed."""
    answer = server.upload(picture, "cam", species="fox", confidence=0.5)
    return server, f"/api/detections/{answer.json['detection_id']}"


def verify(seen, **review):
    server, path = seen
    answer = server.put(path + "/verify", review)
    assert answer.status == 200, answer
    assert list(answer.json) == ["message", "detection"]
    assert answer.json["detection"] == server.get(path).json
    return answer.json["detection"]


def test_verify(seen, server_time):
    server, _ = seen
    before = server_time()
    row = verify(seen, verified=True, verified_species="badger", notes="Two of them.\nAt night.",
                 verified_by="Ada")
    assert row["verified"] is True
    assert row["species"] == row["verified_species"] == "badger"
    assert row["detected_species"] == "fox"
    assert row["verification_notes"] == "Two of them.\nAt night."
    assert row["verified_by"] == "Ada"
    assert before <= row["verification_timestamp"] <= server_time()
    assert row["is_false_positive"] is False
    assert server.get("/api/detections?verified_only=1").json["total"] == 1
    assert server.get("/api/detections?species=badger").json["total"] == 1
    assert server.get("/api/detections?species=fox").json["total"] == 0


def test_verify_as_it_is(seen):
    row = verify(seen)
    assert (row["verified"], row["species"], row["verified_species"]) == (True, "fox", None)


def test_verification_taken_back(seen):
    verify(seen, verified_species="badger")
    row = verify(seen, verified=False, verified_species="")
    assert (row["verified"], row["species"], row["verified_species"]) == (False, "fox", None)


def test_false_positive(seen):
    server, _ = seen
    row = verify(seen, is_false_positive=True)
    assert (row["is_false_positive"], row["verified"]) == (True, True)
    assert verify(seen, notes="still nothing")["is_false_positive"] is True
    assert server.get("/api/analytics/species").json["species_data"] == []
    assert verify(seen, is_false_positive=False)["is_false_positive"] is False


@pytest.mark.parametrize("field, value, words", [
    ("verified", "yes", "verified is true or false"), ("verified", 1, "verified is true or false"),
    ("is_false_positive", "no", "is_false_positive is true or false"),
    ("verified_species", 5, "verified_species is a text"),
    ("verified_species", "x" * 101, "100 bytes"), ("notes", [], "notes is a text"),
    ("notes", "x" * 4001, "4000 bytes"), ("verified_by", "a\u0000b", "JSON"),
    ("verified_by", "x" * 101, "verified_by"),
    ("species", "lynx", 'a review has no field "species"; it has verified, verified_species, '
                        'is_false_positive, notes, verification_notes and verified_by'),
    ("Verified", True, '"Verified"'), ("confidence", None, '"confidence"'), ("", 1, '""'),
    ("x" * 5000, 1, '"xxx'),
])
def test_bad_review(seen, field, value, words):
    server, path = seen
    before = server.get(path).json
    answer = server.put(path + "/verify", {field: value})
    assert answer.status == 400
    assert words in answer.error
    assert server.get(path).json == before


def test_review_by_its_older_name(seen):
    assert verify(seen, verification_notes="old")["verification_notes"] == "old"
    assert verify(seen, verification_notes="old", notes="new")["verification_notes"] == "new"


def test_review_of_nothing(server):
    for number, status in ((1, 404), (2**53, 404), ("x", 400)):
        assert server.put(f"/api/detections/{number}/verify", {"verified": True}).status == status
