"""wildcam query and summary, over detections that a server has taken in."""

import csv
import io
import json
import shutil

import pytest
from conftest import Station, call
from support import Server, make_pictures

NOTES = 'two, "foxes" and a den'
ROWS = [  # (camera, time, species, category, confidence), oldest first
    ("CAM01", "2026-03-01T05:00:00+00:00", "Vulpes vulpes", "animal", 0.95),
    ("CAM02", "2026-03-01T22:30:00+01:00", "Meles meles", "animal", 0.6),
    ("CAM01", "2026-03-02T08:00:00+00:00", "human", "human", 0.8),
    ("CAM01", "2026-03-03T08:00:00+00:00", "Vulpes vulpes", "animal", 0.4),
    ("CAM02", "2026-04-01T00:00:00+00:00", "Vulpes vulpes", "animal", None),
]


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """A station with ROWS, of which the first was verified."""
    with Server(tmp_path_factory.mktemp("seen")) as server:
        ids = []
        for camera, time, species, category, confidence in ROWS:
            body = {"device_id": camera, "timestamp": time, "species": species,
                    "category": category}
            if confidence is not None:
                body["confidence"] = confidence
            answer = server.post("/api/detections", body)
            assert answer.status == 201, answer
            ids.append(answer.json["detection_id"])
        answer = server.put(f"/api/detections/{ids[0]}/verify",
                            {"verified": True, "notes": NOTES})
        assert answer.status == 200, answer
    station = Station(server.data)
    station.ids = ids
    return station


def places(station, *filters):
    """Which of ROWS an answer has, in its order."""
    return [station.ids.index(row["id"]) for row in station.detections(*filters)]


@pytest.mark.parametrize("filters, wanted", [
    ([], [4, 3, 2, 1, 0]),
    (["--oldest"], [0, 1, 2, 3, 4]),
    (["--camera", "CAM02"], [4, 1]),
    (["--camera", "nobody"], []),
    (["--species", "Vulpes vulpes"], [4, 3, 0]),
    (["--species", "vulpes"], []),
    (["--category", "human"], [2]),
    (["--min-confidence", "0.6"], [2, 1, 0]),
    (["--verified"], [0]),
    (["--unverified"], [4, 3, 2, 1]),
    (["--from", "2026-03-02"], [4, 3, 2]),
    (["--to", "2026-03-02"], [2, 1, 0]),
    (["--to", "2026-03-02T08:00"], [1, 0]),
    (["--from", "2026-03-01T06:00+01:00", "--to", "2026-03-01"], [1, 0]),
    (["--limit", "2"], [4, 3]),
    (["--limit", "0"], [4, 3, 2, 1, 0]),
    (["--limit", "2", "--oldest", "--camera", "CAM01"], [0, 2]),
])
def test_filters(seen, filters, wanted):
    assert places(seen, *filters) == wanted
    whole = [word for word in filters if not word.startswith("--limit")]
    if "--limit" not in filters:
        assert seen.json("query", "--count", *whole)["count"] == len(wanted)
        assert seen("query", "--count", *whole).out == f"{len(wanted)}\n"


@pytest.mark.parametrize("filters, sentence", [
    (["--from", "yesterday"], "--from: "),
    (["--to", "2026-02-30"], "--to: "),
    (["--from", "2026-03-02", "--to", "2026-02-01"], "--from and --to: "),
    (["--camera", "no camera"], "--camera: "),
    (["--species", "\x01"], "--species: "),
    (["--category", "bird"], "--category: "),
    (["--min-confidence", "1.5"], "--min-confidence: "),
    (["--after", "no token"], "--after: "),
    (["--verified", "--unverified"], "--verified and --unverified exclude each other"),
])
def test_wrong_filters(seen, filters, sentence):
    assert sentence in seen("query", *filters, status=2).err


@pytest.mark.parametrize("command", ["query", "summary"])
def test_json_and_csv_exclude_each_other(seen, command):
    assert "exclude" in seen(command, "--json", "--csv", status=2).err


def test_pages_meet(seen):
    """Every row once, by the token that each page ends with."""
    found, token = [], None
    while True:
        answer = seen.json("query", "--limit", "2", *(["--after", token] if token else []))
        found += [seen.ids.index(row["id"]) for row in answer["detections"]]
        token = answer["next"]
        if not token:
            break
    assert found == [4, 3, 2, 1, 0]


def test_the_end_of_a_full_page_is_known(seen):
    assert seen.json("query", "--limit", "5")["next"] is None
    assert seen.json("query", "--limit", "4")["next"]


def test_a_token_of_the_other_order_is_refused(seen):
    token = seen.json("query", "--limit", "2")["next"]
    assert "--after: " in seen("query", "--oldest", "--after", token, status=2).err


def test_table(seen):
    result = seen("query", "--limit", "2")
    assert result.out.splitlines()[0].split() == [
        "id", "device_id", "timestamp", "category", "species", "confidence", "verified"]
    assert result.rows[1] == [str(seen.ids[3]), "CAM01", "2026-03-03T08:00:00+00:00", "animal",
                              "Vulpes vulpes", "0.40", "false"]
    assert result.rows[0][5] == "-", "no confidence is no 0"
    token = result.err.split("--after ")[1].strip()
    assert seen("query", "--after", token).rows[0][0] == str(seen.ids[2])


def test_every_column_begins_where_its_heading_does(seen):
    heading, *lines = seen("query").out.splitlines()
    at = heading.index("species")
    for line in lines:
        assert line[at - 2:at] == "  " and line[at] != " "


def test_a_long_table_goes_through(seen, tmp_path):
    """More rows than are kept to find the widths."""
    with Server(tmp_path) as server:
        for number in range(230):
            answer = server.post("/api/detections", {
                "device_id": "CAM01", "species": "x" * (1 + number // 10),
                "timestamp": f"2026-03-01T00:{number // 60:02}:{number % 60:02}Z"})
            assert answer.status == 201
    rows = Station(server.data)("query", "--oldest").rows
    assert len(rows) == 230
    assert [row[4] for row in rows] == ["x" * (1 + number // 10) for number in range(230)]


def test_csv_is_rfc_4180(seen):
    text = seen("query", "--csv", "--oldest").out
    lines = text.split("\r\n")
    assert len(lines) == 1 + len(ROWS) + 1 and lines[-1] == ""
    assert "\n" not in "".join(lines)
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [int(row["id"]) for row in rows] == seen.ids
    first = rows[0]
    assert first["verification_notes"] == NOTES
    assert '"two, ""foxes"" and a den"' in text
    assert first["confidence"] == "0.950000" and rows[4]["confidence"] == ""
    assert first["verified"] == "true" and rows[1]["verified"] == "false"
    assert first["image_id"] == "" and first["bounding_box_x"] == ""
    assert rows[1]["timestamp"] == "2026-03-01T22:30:00+01:00"


def flat(detection):
    """A detection of --json under the names that --csv has."""
    box = detection.pop("bounding_box") or dict.fromkeys(("x", "y", "width", "height"))
    return {**detection, **{f"bounding_box_{name}": value for name, value in box.items()}}


@pytest.mark.parametrize("options", [[], ["--files"]])
def test_csv_and_json_have_the_same_fields(seen, options):
    csv_rows = csv.DictReader(io.StringIO(seen("query", "--csv", *options).out, newline=""))
    second_names = {"detection_timestamp": "timestamp", "confidence_score": "confidence"}
    for in_csv, detection in zip(csv_rows, seen.detections(*options), strict=True):
        in_json = flat(detection)
        for name, first_name in second_names.items():
            assert in_json.pop(name) == in_json[first_name]
        assert set(in_csv) == set(in_json)
        for name, value in in_json.items():
            if name == "metadata":
                assert json.loads(in_csv[name] or "{}") == (value or {})
            elif isinstance(value, float):
                assert float(in_csv[name]) == pytest.approx(value)
            else:
                text = "" if value is None else str(value)
                assert in_csv[name] == (text.lower() if isinstance(value, bool) else text), name


def test_files_are_named_as_on_their_card(station, tmp_path):
    folder = tmp_path / "CAM01/DCIM/100RECNX"
    first, second = make_pictures(folder, 2)
    first.rename(folder / "RCNX0001.JPG")
    second.rename(folder / 'two "foxes",.jpg')
    station("ingest", tmp_path / "CAM01")
    rows = station("query", "--files", "--oldest").rows
    assert [row[-1] for row in rows] == ["RCNX0001.JPG", 'two "foxes",.jpg']
    assert [row["file_name"] for row in station.detections("--files")] == [
        'two "foxes",.jpg', "RCNX0001.JPG"]
    text = station("query", "--files", "--csv").out
    assert [row["file_name"] for row in csv.DictReader(io.StringIO(text, newline=""))] == [
        'two "foxes",.jpg', "RCNX0001.JPG"]
    assert all("file_name" not in row for row in station.detections())


def test_nothing_matches(seen):
    assert seen("query", "--camera", "nobody").out.splitlines()[0].startswith("id")
    assert seen.json("query", "--camera", "nobody") == {"detections": [], "next": None}
    assert seen("query", "--camera", "nobody", "--csv").out.count("\n") == 1


def test_json_has_one_detection_a_line(seen):
    lines = seen("query", "--json").out.splitlines()[1:-1]
    assert [json.loads(line.rstrip(","))["id"] for line in lines] == seen.ids[::-1]


def test_summary_counts_species(seen):
    assert seen("summary").rows == [["animal", "Vulpes vulpes", "3", "0.68"],
                                    ["animal", "Meles meles", "1", "0.60"],
                                    ["human", "human", "1", "0.80"]]


def test_summary_by_day_and_camera(seen):
    answer = seen.json("summary", "--by", "day,camera", "--to", "2026-03-01")
    assert [(row["day"], row["device_id"], row["count"]) for row in answer["summary"]] == [
        ("2026-03-01", "CAM01", 1), ("2026-03-01", "CAM02", 1)]
    assert all(row["species"] is None and row["category"] is None for row in answer["summary"])


def test_categories_are_named(seen):
    err = seen("query", "--category", "animals", status=2).err
    assert 'no category "animals"' in err and "there are unclassified animal human" in err


def test_summary_by_hour(seen):
    """As the detections themselves tell: what an hour adds up to, and all hours together."""
    counted = {}
    for row in seen.detections("--limit", "0"):
        key = int(row["timestamp"][11:13]), row["species"]
        counted[key] = counted.get(key, 0) + 1
    answer = seen.json("summary", "--by", "hour,species")["summary"]
    assert {(row["hour"], row["species"]): row["count"] for row in answer} == counted
    assert all(row["day"] is None and row["mean_confidence"] is None for row in answer)
    table = seen("summary", "--by", "hour,species").rows
    assert [row[0] for row in table] == [str(row["hour"]) for row in answer]
    assert all(row["hour"] is None for row in seen.json("summary")["summary"])


def test_summary_csv_is_as_exact_as_json(seen):
    rows = list(csv.DictReader(io.StringIO(seen("summary", "--csv").out)))
    means = [row["mean_confidence"] for row in seen.json("summary")["summary"]]
    assert [float(row["mean_confidence"]) for row in rows] == pytest.approx(means, abs=1e-6)


def test_summary_filters(seen):
    rows = list(csv.DictReader(io.StringIO(
        seen("summary", "--csv", "--species", "Vulpes vulpes", "--camera", "CAM01").out)))
    assert [(row["species"], row["count"], row["day"]) for row in rows] == [
        ("Vulpes vulpes", "2", "")]


def test_summary_by_something_else(seen):
    assert 'not "week"' in seen("summary", "--by", "day,week", status=2).err


def test_a_damaged_shard_is_named(seen, tmp_path):
    """The rest is answered, and the exit status says that it is not all."""
    data = tmp_path / "copy"
    shutil.copytree(seen.data, data)
    for path in (data / "detections").glob("2026-04*"):
        path.write_bytes(b"not a database" * 1000)
    result = call("query", "--data", data, status=1)
    assert "2026-04" in result.err
    assert len(result.rows) == 4
    result = call("query", "--count", "--data", data, status=1)
    assert result.out == "4\n" and "2026-04" in result.err
    assert call("query", "--count", "--json", "--data", data, status=1).json == {"count": 4}
    assert call("query", "--count", "--data", data, "--to", "2026-03-31").out == "4\n"
    assert "2026-04" in call("summary", "--data", data, status=1).err
