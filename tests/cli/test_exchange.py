"""wildcam import and export: Camtrap DP and MegaDetector's results, there and back."""

import csv
import json
import os
import shutil
from pathlib import Path

import pytest
from conftest import Station, call
from packages import CONTACT, TABLES, check_package, describe, load
from support import make_pictures, real_data


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
    description = {**describe(tmp_path / "one0"), "spatial": {"type": "Square"},
                   "project": {"title": "x"}, "temporal": {"start": "May", "end": "2026-06-01"}}
    (tmp_path / "one0/datapackage.json").write_text(json.dumps(description))
    is_valid, told = frictionless(tmp_path / "one0", schemas)
    assert not is_valid
    for member in "spatial", "project", "temporal.start":
        assert f"profile $.{member}" in told


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


def test_what_is_nowhere_is_left_out_and_told(tmp_path, fleet, schemas):
    fleet("deployments", "add", "--camera", "gate", "--from", "2020-01-01", "--to", "2020-02-01")
    told = fleet.json("export", "camtrapdp", "--contact", CONTACT, tmp_path / "out", status=1)
    figures = told["figures"]
    assert (figures["pictures"], figures["without_place"], figures["left_out"]) == (3, 2, 2)
    assert {note["where"] for note in told["notes"] if note["what"] == "left_out"} == {
        "pond", "gate-2020-01-01"}
    check_package(tmp_path / "out", schemas)
    (_, deployment), = load(tmp_path / "out", "deployments")[1].items()
    assert deployment["cameraID"] == "gate" and figures["deployments"] == 1
    refused = fleet("export", "camtrapdp", "--camera", "pond", "--contact", CONTACT,
                    tmp_path / "none", status=3)
    assert "pond" in refused.err
    assert not (tmp_path / "none").exists()
    assert not list(tmp_path.glob("none.part*"))


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


def test_no_link_in_a_package_leads_out_of_it(tmp_path, station, example):
    shutil.copytree(example, tmp_path / "package")
    rows = load(tmp_path / "package", "media")[1].values()
    inside = [tmp_path / "package" / row["filePath"] for row in rows
              if not row["filePath"].startswith("http")]
    secret = tmp_path / "secret.jpg"
    inside[0].rename(secret)
    inside[0].symlink_to(secret)
    told = station.json("import", "camtrapdp", tmp_path / "package")
    assert (told["figures"]["added"], told["figures"]["elsewhere"]) == (423, 414)
    assert any(inside[0].name in note["text"] and "leads out" in note["text"]
               for note in told["notes"])


def test_a_spreadsheet_runs_nothing_of_a_file(tmp_path, fleet):
    name = fleet.json("query", "--files", "--camera", "gate")["detections"][0]["file_name"]
    (tmp_path / "results.json").write_text(json.dumps(
        {"info": {"format_version": "1.6"}, "detection_categories": {"1": "=1+1", "2": "-2"},
         "images": [{"file": f"gate/{name}", "detections": [
             {"category": "1", "conf": 0.9, "bbox": [0, 0, 0.5, 0.5]},
             {"category": "2", "conf": 0.9, "bbox": [0.5, 0.5, 0.5, 0.5]}]}]}))
    fleet("import", "megadetector", tmp_path / "results.json")
    fleet("export", "csv", tmp_path / "out.csv")
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as file:
        exported = {row["species"] for row in csv.DictReader(file)}
    asked = fleet("query", "--csv").out.splitlines()
    asked = {row["species"] for row in csv.DictReader(asked)}
    assert exported == asked and {"'=1+1", "-2"} < asked


@pytest.mark.parametrize("command, words, told, status", [
    ("import", ["megadetektor", "x.json"], "did you mean megadetector", 2),
    ("export", ["xml", "x"], "megadetector, camtrapdp or csv", 2),
    ("import", ["megadetector", "no/such.json"], "no/such.json: No such file", 3),
])
def test_wrong_words_make_no_station(station, command, words, told, status):
    assert told in station(command, *words, status=status).err
    assert not station.data.exists()


def test_results_of_pictures_that_are_not_there(tmp_path, fleet):
    """They make no station, and it is told how the pictures get into one."""
    results = tmp_path / "results.json"
    results.write_text(json.dumps({
        "info": {"format_version": "1.6"}, "detection_categories": {"1": "animal"},
        "images": [{"file": f"far/{name}.jpg", "detections": []} for name in ("a", "b")]}))
    empty = Station(tmp_path / "empty")
    assert "is --data right?" in empty("import", "megadetector", results, status=3).err
    assert not empty.data.exists()
    told = fleet("import", "megadetector", results, status=1).err
    assert "2 pictures are not in the station" in told and "--base" in told


@pytest.mark.parametrize("name", ["pipe", "folder"])
def test_an_export_takes_the_place_of_files_alone(tmp_path, fleet, name):
    """As root it took that of /dev/null."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    kind = (tmp_path / name).stat().st_mode
    assert name in fleet("export", "csv", tmp_path / name, status=3).err
    assert (tmp_path / name).stat().st_mode == kind
    (tmp_path / "out.csv").touch()
    (tmp_path / "link").symlink_to(tmp_path / "out.csv")
    fleet("export", "csv", tmp_path / "link")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "out.csv").read_text()
    assert not list(tmp_path.glob("*.part-*"))


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
    assert call("import", "xml", place, "--data", station.data, status=2).err
