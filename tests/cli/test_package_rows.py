"""Which rows of observations a Camtrap DP package has, and what they say."""

import csv
import json
import sqlite3
from contextlib import closing

import pytest
from packages import CONTACT, check_package, load, make_package
from support import make_pictures

EXPORT = ("export", "camtrapdp", "--contact", CONTACT)


def change(station, sql, *values):
    """Does something to the rows of a station that no command does."""
    for shard in (station.data / "detections").glob("*.db"):
        with closing(sqlite3.connect(shard)) as database, database:
            database.execute(sql, values)


def review(station, detection, **said):
    """What a person says of a detection."""
    said = {"verified": 0, "is_false_positive": 0, "verified_at": 1772600000000000, **said}
    names = ", ".join(said)
    change(station, f"INSERT INTO reviews(detection_id, detected_species_id, {names})"
           f" SELECT id, species_id, {', '.join('?' for _ in said)} FROM wildlife_detections"
           " WHERE id=?", *said.values(), detection)


def find(fleet, tmp_path, *confidences):
    """An animal on each picture of gate, so sure; the detections' ids, in the order of time."""
    rows = fleet.json("query", "--files", "--oldest", "--camera", "gate")["detections"]
    results = {"info": {"format_version": "1.6", "detector": "md_v5a.0.0.pt"},
               "detection_categories": {"1": "animal"},
               "images": [{"file": row["file_name"], "detections": [
                   {"category": "1", "conf": confidence, "bbox": [0.1, 0.1, 0.2, 0.2]}]}
                   for row, confidence in zip(rows, confidences)]}
    (tmp_path / "md.json").write_text(json.dumps(results))
    fleet("import", "megadetector", tmp_path / "md.json")
    return [row["id"] for row in fleet.detections("--oldest", "--camera", "gate")]


def export(station, place, *options, **arguments):
    """The observations of a package: those of pictures, and those of events."""
    station(*EXPORT, *options, place, **arguments)
    rows = load(place, "observations")[1].values()
    return ([row for row in rows if row["observationLevel"] == "media"],
            [row for row in rows if row["observationLevel"] == "event"])


# ---- events of our own ----

def test_events_that_alternate_stay_whole(tmp_path, fleet, schemas):
    """As those of a trigger and of a time lapse of one camera do."""
    fleet("events")
    ids = [row["image_id"] for row in fleet.detections("--oldest", "--camera", "gate")]
    for image, event in zip(ids, (ids[0], ids[1], ids[0])):
        change(fleet, "UPDATE images SET event_id=?, event_gap=60 WHERE id=?", event, image)
    media, events = export(fleet, tmp_path / "out", "--camera", "gate")
    assert [row["eventID"] for row in media] == [str(ids[0]), str(ids[1]), str(ids[0])]
    assert sorted(row["eventID"] for row in events) == [str(ids[0]), str(ids[1])]
    long, = [row for row in events if row["eventID"] == str(ids[0])]
    assert (long["eventStart"], long["eventEnd"]) == (media[0]["eventStart"],
                                                      media[2]["eventEnd"])
    check_package(tmp_path / "out", schemas)


def test_what_is_not_sure_is_in_no_event(tmp_path, fleet):
    ids = find(fleet, tmp_path, 0.9, 0.3, 0.2)
    for image in [row["image_id"] for row in fleet.detections("--camera", "gate")]:
        change(fleet, "UPDATE images SET event_id=?, event_gap=60 WHERE id=?", image, image)
    media, events = export(fleet, tmp_path / "out", "--camera", "gate", "--threshold", "0.5")
    assert [row["observationID"] for row in media] == [str(ids[0])]
    assert [row["eventID"] for row in events] == [media[0]["eventID"]]
    review(fleet, ids[1], verified=1, verified_by="Ann")
    media, events = export(fleet, tmp_path / "more", "--camera", "gate", "--threshold", "0.5")
    assert [row["observationID"] for row in media] == [str(ids[0]), str(ids[1])]
    assert len(events) == 2, "a person is always sure enough"


def test_rows_say_who_says_so(tmp_path, fleet, schemas):
    ids = find(fleet, tmp_path, 0.9, 0.8, 0.7)
    for image in [row["image_id"] for row in fleet.detections("--camera", "gate")]:
        change(fleet, "UPDATE images SET event_id=?, event_gap=60 WHERE id=?", image, image)
    review(fleet, ids[1], verified=1, verified_by="Ann")
    review(fleet, ids[2], is_false_positive=1, verified_by="Ben")
    media, events = export(fleet, tmp_path / "out", "--camera", "gate")
    for rows in media, events:
        assert [(row["observationType"], row["classificationMethod"], row["classifiedBy"])
                for row in rows] == [("animal", "machine", "md_v5a.0.0.pt"),
                                     ("animal", "human", "Ann"), ("blank", "human", "Ben")]
        assert [bool(row["classificationTimestamp"]) for row in rows] == [False, True, True]
    assert [row["classificationProbability"] for row in media] == ["0.9", "", ""]
    check_package(tmp_path / "out", schemas)


# ---- rows that came with a package ----

@pytest.fixture
def taken_in(tmp_path, station):
    """A package with an event of an animal and one of a person, of two pictures."""
    media = [{"mediaID": "m1", "deploymentID": "d1"}, {"mediaID": "m2", "deploymentID": "d1"}]
    observations = [
        {"observationID": "o1", "deploymentID": "d1", "mediaID": "m1", "count": "2", "sex": "male",
         "scientificName": "Vulpes vulpes", "classificationMethod": "machine",
         "classificationProbability": "0.4", "observationComments": "lame", "eventID": "e1"},
        {"observationID": "o2", "deploymentID": "d1", "mediaID": "m2", "eventID": "NA",
         "observationType": "human", "scientificName": "Homo sapiens"},
        {"observationID": "e1", "deploymentID": "d1", "observationLevel": "event",
         "scientificName": "Vulpes vulpes", "classificationProbability": "0.4", "eventID": "e1",
         "eventEnd": "2026-03-04T06:00:07Z"},
        {"observationID": "e2", "deploymentID": "d1", "observationLevel": "event",
         "observationType": "human", "scientificName": "Homo sapiens", "eventID": "e2"},
        {"observationID": "e3", "deploymentID": "d1", "observationLevel": "event",
         "scientificName": "Meles meles", "classificationProbability": "0.3", "sex": "NA",
         "classificationMethod": "human", "eventID": "e3"}]
    station("import", "camtrapdp",
            make_package(tmp_path / "in", [{"deploymentID": "d1"}], media, observations))
    return station


@pytest.mark.parametrize("options, rows", [
    ((), ["e1", "e2", "e3", "o1", "o2"]),
    (("--without-humans",), ["e1", "e3", "o1"]),
    (("--without-events",), ["o1", "o2"]),
    (("--species", "Vulpes vulpes"), ["e1", "o1"]),
    (("--category", "human"), ["e2", "o2"]),
    (("--threshold", "0.5"), ["e2", "e3", "o2"]),
])
def test_kept_rows_answer_the_filters(tmp_path, taken_in, schemas, options, rows):
    taken_in(*EXPORT, *options, tmp_path / "out")
    assert sorted(load(tmp_path / "out", "observations")[1]) == rows
    check_package(tmp_path / "out", schemas)


def test_nothing_is_said_by_na(tmp_path, taken_in):
    taken_in(*EXPORT, tmp_path / "out")
    rows = load(tmp_path / "out", "observations")[1]
    assert rows["e3"]["sex"] == "" and "NA" not in rows["o2"]["eventID"]


def test_kept_rows_move_with_the_clock(tmp_path, taken_in):
    taken_in("deployments", "correct", "d1", "2026-03-04T06:00", "2026-03-04T07:30")
    media, events = export(taken_in, tmp_path / "out")
    assert {row["eventStart"] for row in media + events} == {"2026-03-04T07:30:00Z"}
    ends = {row["observationID"]: row["eventEnd"] for row in events}
    assert ends["e1"] == "2026-03-04T07:30:07Z"
    timestamps = {row["timestamp"] for row in load(tmp_path / "out", "media")[1].values()}
    assert timestamps == {"2026-03-04T07:30:00Z"}


def test_details_stay_with_what_they_are_of(tmp_path, taken_in):
    """A person's word replaces a row's own, but not what it says beside."""
    fox, = taken_in.detections("--species", "Vulpes vulpes")
    review(taken_in, fox["id"], verified=1, verified_by="Ann")
    media, _ = export(taken_in, tmp_path / "same")
    row = media[0]
    assert (row["sex"], row["count"], row["observationComments"]) == ("male", "2", "lame")
    assert (row["classificationMethod"], row["classifiedBy"]) == ("human", "Ann")


def test_details_go_with_what_a_person_says_otherwise(tmp_path, station):
    """Of a row without a species, too: a vehicle has no sex."""
    observations = [{"observationID": "o1", "deploymentID": "d1", "mediaID": "m1", "count": "4",
                     "sex": "male"}]
    station("import", "camtrapdp", make_package(
        tmp_path / "in", [{"deploymentID": "d1"}], [{"mediaID": "m1", "deploymentID": "d1"}],
        observations))
    with closing(sqlite3.connect(station.data / "station.db")) as catalog:
        (vehicle,), = catalog.execute("SELECT id FROM species WHERE name='vehicle'")
    detection, = station.detections()
    review(station, detection["id"], verified=1, verified_species_id=vehicle)
    change(station, "UPDATE wildlife_detections SET species_id=?", vehicle)
    (row,), _ = export(station, tmp_path / "out")
    assert (row["observationType"], row["count"], row["sex"]) == ("vehicle", "1", "")


def test_what_is_no_favourite_any_more(tmp_path, station):
    media = [{"mediaID": name, "deploymentID": "d1", "favorite": word, "captureMethod": method}
             for name, word, method in (("m1", "true", "NA"), ("m2", "", "other"))]
    station("import", "camtrapdp", make_package(tmp_path / "in", [{"deploymentID": "d1"}], media))
    change(station, "UPDATE images SET favourite=1-coalesce(favourite, 0)")
    station(*EXPORT, tmp_path / "out")
    rows = load(tmp_path / "out", "media")[1]
    assert (rows["m1"]["favorite"], rows["m2"]["favorite"]) == ("false", "true")
    assert (rows["m1"]["captureMethod"], rows["m2"]["captureMethod"]) == ("", "")


# ---- other formats ----

def test_a_persons_word_is_sure_enough_for_results(tmp_path, fleet):
    ids = find(fleet, tmp_path, 0.3, 0.4)
    review(fleet, ids[0], verified=1)
    fleet("export", "megadetector", "--camera", "gate", "--threshold", "0.5", tmp_path / "out.json")
    images = json.loads((tmp_path / "out.json").read_text())["images"]
    assert [one["conf"] for image in images for one in image.get("detections") or []] == [0.3]


def test_the_table_holds_no_formula_and_what_a_person_said(tmp_path, station):
    (tmp_path / "gate").mkdir()
    make_pictures(tmp_path / "gate", 1)[0].rename(tmp_path / "gate/=1+1.jpg")
    station("ingest", tmp_path / "gate")
    detection, = find(station, tmp_path, 0.3)
    review(station, detection, verified=1, notes="@SUM(A1)")
    station("export", "csv", "--threshold", "0.5", tmp_path / "out.csv")
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as file:
        row, = csv.DictReader(file)
    assert (row["file_name"], row["verification_notes"]) == ("'=1+1.jpg", "'@SUM(A1)")
    assert row["confidence"] == "0.3"
