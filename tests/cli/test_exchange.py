"""wildcam import and export: Camtrap DP and MegaDetector's results, there and back."""

import csv
import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import Station, call
from support import make_pictures, real_data
from support.paths import SOURCE_ROOT

TABLES = {"deployments": ("deploymentID", 24), "media": ("mediaID", 11),
          "observations": ("observationID", 28)}
CONTACT = "Ann Example <ann@example.org>"


@pytest.fixture(scope="session")
def example():
    return real_data() / "camtrapdp/example-1.0.2"


@pytest.fixture(scope="session")
def schemas():
    return real_data() / "camtrapdp/schemas-1.0.2"


def load(package, table, suffix=""):
    """A table's columns, and its rows by their ids."""
    with open(Path(package) / f"{table}.csv{suffix}", newline="", encoding="utf-8") as file:
        columns, *rows = list(csv.reader(file))
    assert len({row[0] for row in rows}) == len(rows), "an id stands twice"
    return columns, {row[0]: dict(zip(columns, row)) for row in rows}


def describe(package):
    return json.loads((Path(package) / "datapackage.json").read_text(encoding="utf-8"))


# ---- the schemas' own rules, written down here ----

def check_cell(field, value):
    """Complains about a cell that the schema does not allow."""
    import re  # pylint: disable=import-outside-toplevel
    rules = field["constraints"]
    where = f"{field['name']}: {value!r}"
    if value in ("", "NA", "NaN", "nan"):
        assert not rules.get("required"), where
        return
    if field["type"] in ("number", "integer"):
        number = (int if field["type"] == "integer" else float)(value)
        assert rules.get("minimum", number) <= number <= rules.get("maximum", number), where
    if field["type"] == "boolean":
        assert value in ("true", "false"), where
    if field["type"] == "datetime":
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", value), where
    assert value in rules.get("enum", [value]), where
    assert re.search(rules.get("pattern", ""), value), where


def check_package(package, schemas):
    """Valid by the tables' schemas, their keys, and the names that a description must have."""
    ids = {}
    for table in TABLES:
        schema = json.loads((Path(schemas) / f"{table}-table-schema.json").read_text("utf-8"))
        columns, rows = load(package, table)
        assert columns == [field["name"] for field in schema["fields"]]
        ids[table] = set(rows)
        for row in rows.values():
            for field in schema["fields"]:
                check_cell(field, row[field["name"]])
            for key in schema.get("foreignKeys", []):
                value = row[key["fields"]]
                assert not value or value in ids[key["reference"]["resource"]], (table, row)
    description = describe(package)
    profile = json.loads((Path(schemas) / "camtrap-dp-profile.json").read_text("utf-8"))
    for name in profile["allOf"][1]["required"]:
        assert name in description, name
    for name in profile["allOf"][1]["properties"]["project"]["required"]:
        assert name in description["project"], name
    assert [one["name"] for one in description["resources"]][:3] == list(TABLES)
    assert all("1.0.2" in one["schema"] for one in description["resources"][:3])
    return description


@pytest.fixture(scope="session")
def frictionless():
    """Validates a package by the program of another make, which tests/peers.sh installs."""
    peers = Path(os.environ.get("WILDCAM_PEERS", SOURCE_ROOT / "build-peers"))
    python = peers / "frictionless/bin/python"
    if not python.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{python} is missing: tests/peers.sh installs it")
        pytest.skip(f"{python} is not there: tests/peers.sh installs it")

    def validate(package, schemas):
        done = subprocess.run([python, Path(__file__).parent / "validate_package.py", package,
                               schemas], capture_output=True, text=True, check=False, timeout=120)
        return done.returncode == 0, done.stdout + done.stderr

    return validate


def test_another_validator_agrees(tmp_path, station, fleet, example, schemas, frictionless):
    assert frictionless(example, schemas) == (True, "")
    station("import", "camtrapdp", example)
    for number, options in enumerate([(), ("--gzip",), ("--decimals", "3")]):
        station("export", "camtrapdp", *options, tmp_path / f"one{number}")
        assert frictionless(tmp_path / f"one{number}", schemas) == (True, "")
    fleet("export", "camtrapdp", "--camera", "gate", "--contact", CONTACT, "--with-pictures",
          tmp_path / "own")
    assert frictionless(tmp_path / "own", schemas) == (True, "")
    table = tmp_path / "own/media.csv"
    table.write_text(table.read_text("utf-8").replace("image/jpeg", "jpeg"), "utf-8")
    is_valid, told = frictionless(tmp_path / "own", schemas)
    assert not is_valid and "fileMediatype" in told


# ---- Camtrap DP there and back ----

def test_the_example_loses_nothing(tmp_path, station, example, schemas):
    first = station.json("import", "camtrapdp", example)["figures"]
    assert (first["pictures"], first["added"], first["elsewhere"]) == (423, 423, 413)
    assert (first["detections"], first["event_observations"]) == (513, 36)
    again = station.json("import", "camtrapdp", example)["figures"]
    assert (again["added"], again["known"]) == (0, 423)
    count = station.count()
    station("export", "camtrapdp", tmp_path / "out")
    for table, (key, columns) in TABLES.items():
        names, before = load(example, table)
        same_names, after = load(tmp_path / "out", table)
        assert names == same_names and len(names) == columns and names[0] == key
        assert after == before
    before, after = describe(example), describe(tmp_path / "out")
    assert set(after) >= set(before)
    assert {name: value for name, value in after.items() if name != "created"} == {
        name: value for name, value in before.items() if name != "created"}
    check_package(tmp_path / "out", schemas)
    assert station.count() == count
    station("check")  # pictures that were never here are not missed
    detection = station.detections("--species", "Ardea", "--limit", "1")[0]
    assert detection["confidence"] and detection["bounding_box"]


def test_what_was_exported_can_be_imported(tmp_path, station, example):
    station("import", "camtrapdp", example)
    station("export", "camtrapdp", "--gzip", "--with-pictures", tmp_path / "one")
    other = Station(tmp_path / "other")
    figures = other.json("import", "camtrapdp", tmp_path / "one")["figures"]
    assert (figures["added"], figures["elsewhere"]) == (423, 413)
    other("export", "camtrapdp", tmp_path / "two")
    for table in TABLES:
        assert load(tmp_path / "two", table)[1] == load(example, table)[1]


@pytest.fixture
def fleet(tmp_path, pictures):
    """Two cameras of our own, with and without a place."""
    station = Station(tmp_path / "fleet")
    for camera, some in ("gate", pictures[:3]), ("pond", pictures[3:5]):
        (tmp_path / "cards" / camera).mkdir(parents=True)
        for picture in some:
            (tmp_path / "cards" / camera / picture.name).write_bytes(picture.read_bytes())
    station("ingest", tmp_path / "cards")
    station("cameras", "register", "gate", "--latitude", "50.12345", "--longitude", "4.98765")
    return station


def test_a_camera_without_a_place_is_named(tmp_path, fleet):
    refused = fleet("export", "camtrapdp", "--contact", CONTACT, tmp_path / "out", status=3)
    assert "pond" in refused.err
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob("out.part*"))


def test_a_package_of_our_own(tmp_path, fleet, schemas):
    refused = fleet("export", "camtrapdp", "--camera", "gate", tmp_path / "out", status=3)
    assert "contact" in refused.err
    told = fleet.json("export", "camtrapdp", "--camera", "gate", "--contact", CONTACT,
                      "--decimals", "2", "--with-pictures", tmp_path / "out")
    assert told["figures"]["made_up"] == 1
    assert any(note["where"] == "gate" for note in told["notes"])
    description = check_package(tmp_path / "out", schemas)
    assert description["contributors"] == [
        {"title": "Ann Example", "role": "contact", "email": "ann@example.org"}]
    assert description["coordinatePrecision"] == 0.01
    deployment, = load(tmp_path / "out", "deployments")[1].values()
    assert (deployment["latitude"], deployment["longitude"]) == ("50.12", "4.99")
    assert int(deployment["coordinateUncertainty"]) >= 1574
    for medium in load(tmp_path / "out", "media")[1].values():
        assert (tmp_path / "out" / medium["filePath"]).read_bytes().startswith(b"\xff\xd8")


def test_people_are_not_public(tmp_path, fleet, schemas):
    first = fleet.detections("--camera", "gate", "--oldest", "--limit", "1")[0]
    name = fleet.json("query", "--files", "--oldest", "--camera", "gate")["detections"][0][
        "file_name"]
    results = {"info": {"format_version": "1.6"}, "detection_categories": {"2": "person"},
               "images": [{"file": name, "detections": [
                   {"category": "2", "conf": 0.9, "bbox": [0.1, 0.1, 0.2, 0.2]}]}]}
    (tmp_path / "md.json").write_text(json.dumps(results))
    fleet("import", "megadetector", tmp_path / "md.json")
    after = fleet.detections("--camera", "gate", "--category", "human")
    assert [row["id"] for row in after] == [first["id"]], "the placeholder's id stays"
    arguments = ("export", "camtrapdp", "--camera", "gate", "--contact", CONTACT)
    fleet(*arguments, tmp_path / "all")
    public = [row["filePublic"] for row in load(tmp_path / "all", "media")[1].values()]
    assert sorted(public) == ["false", "true", "true"]
    told = fleet.json(*arguments, "--without-humans", tmp_path / "some")
    assert told["figures"]["humans_left_out"] == 1
    assert len(load(tmp_path / "some", "media")[1]) == 2
    check_package(tmp_path / "all", schemas)


# ---- packages that are not as they should be ----

def test_orphans_are_repaired_and_told(tmp_path, station, example):
    package = tmp_path / "package"
    package.mkdir()
    (package / "datapackage.json").write_text(
        (Path(example) / "datapackage.json").read_text("utf-8"), "utf-8")
    for table in TABLES:
        columns, rows = load(example, table)
        left_out = {"deployments": "62c200a9", "media": "07840dcc"}.get(table)
        with open(package / f"{table}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(row for name, row in rows.items() if name != left_out)
    told = station.json("import", "camtrapdp", package)
    assert told["figures"]["added"] == 422
    assert told["figures"]["orphans"] == 2
    assert {note["what"] for note in told["notes"]} == {"orphans"}


@pytest.mark.parametrize("name, description", [
    ("is no JSON", "{"),
    ("has another profile", '{"profile": "tabular-data-package"}'),
    ("names no tables", '{"profile": "https://x/camtrap-dp/1.0.2/camtrap-dp-profile.json"}'),
])
def test_what_is_no_package_is_refused(tmp_path, station, name, description):
    (tmp_path / "datapackage.json").write_text(description)
    refused = station("import", "camtrapdp", tmp_path, status=3)
    assert refused.err, name
    assert station.count() == 0


def test_a_dry_run_changes_nothing(station, example):
    station("ingest", real_data() / "camtrapdp/example-1.0.2/media", "--camera", "315")
    before = station.count()
    figures = station.json("import", "camtrapdp", "--dry-run", example)["figures"]
    assert figures["pictures"] == 423
    assert figures["known"] == 10, "those that are there by their content"
    assert station.count() == before


# ---- MegaDetector ----

def check_results(results):
    """The rules of the format, as its description has them."""
    assert float(results["info"]["format_version"]) == 1.6
    assert isinstance(results["info"]["format_version"], str)
    for names in ("detection_categories", "classification_categories"):
        for number, name in results.get(names, {}).items():
            assert str(int(number)) == number and int(number) >= 0 and name.strip()
    descriptions = results.get("classification_category_descriptions")
    assert descriptions is None or set(descriptions) == set(results["classification_categories"])
    files = [image["file"] for image in results["images"]]
    assert len(set(files)) == len(files)
    for image in results["images"]:
        if image.get("failure") is not None:
            assert isinstance(image["failure"], str) and image.get("detections") is None
            continue
        for detection in image["detections"]:
            assert detection["category"] in results["detection_categories"]
            assert isinstance(detection["conf"], float) and 0 <= detection["conf"] <= 1
            assert len(detection["bbox"]) == 4
            sure = [pair[1] for pair in detection.get("classifications", [])]
            assert sure == sorted(sure, reverse=True) and all(isinstance(x, float) for x in sure)
            for number, _ in detection.get("classifications", []):
                assert number in results["classification_categories"]


@pytest.mark.parametrize("version", ["1.3", "1.4", "1.5", "1.6"])
def test_published_examples_are_read(tmp_path, station, version):
    place = real_data() / "megadetector/spec-examples" / f"spec-{version}.jsonc"
    base = tmp_path / "base/path/from/base/dir"
    base.mkdir(parents=True)
    (base / "image_with_animal.jpg").write_bytes(
        make_pictures(tmp_path / "some", 1)[0].read_bytes())
    told = station.json("import", "megadetector", place, "--base", tmp_path / "base", "--camera",
                        "gate", status=1)
    figures = told["figures"]
    assert (figures["added"], figures["detections"]) == (1, 2)
    assert figures["failed"] == figures["pictures"] - 1, "the others are not there"
    assert (figures["repairs"] > 0) and figures["unprocessed"] >= 1
    assert station.detections("--species", "bear"), "the best classification names the species"
    station("export", "megadetector", tmp_path / "out.json")
    results = json.loads((tmp_path / "out.json").read_text())
    check_results(results)
    image, = results["images"]
    assert image["file"] == "path/from/base/dir/image_with_animal.jpg"
    names = results["classification_categories"]
    assert [names[number] for number, _ in image["detections"][0]["classifications"]] == [
        "bear", "elk", "moose"]
    assert call("import", "xml", place, "--data", station.data, status=3).err
