"""What a Camtrap DP package tells of places and people."""

import json
import math

import pytest
from packages import CONTACT, check_package, describe, load, make_package

EXPORT = ("export", "camtrapdp", "--contact", CONTACT)


def deploy(station, camera, span, **fields):
    """Enters a deployment."""
    options = [word for name, value in fields.items()
               for word in ("--" + name.replace("_", "-") + "=" + value,)]
    station("deployments", "add", "--camera", camera, "--from", span[0], "--to", span[1], *options)


def places(package):
    """Where the deployments are said to be, by their ids."""
    return {name: (row["latitude"], row["longitude"])
            for name, row in load(package, "deployments")[1].items()}


def metres(place, latitude, longitude):
    north, east = float(place[0]) - latitude, float(place[1]) - longitude
    return math.hypot(north, east * math.cos(math.radians(latitude))) * 111320


# ---- places ----

@pytest.mark.parametrize("same", [
    {"location_id": "L1"},
    {"location_name": "Wood"},
    {"latitude": "50.123456", "longitude": "4.987654"},
])
def test_one_radius_hides_a_place_in_all_its_deployments(tmp_path, station, same):
    """One that is not hidden would tell where the others are."""
    for number, camera in enumerate(("one", "two", "three")):
        station("cameras", "register", camera)
        fields = {"latitude": f"50.12345{6 + number}", "longitude": "4.987654", **same}
        if camera == "two":
            fields["privacy_radius"] = "1000"
        if camera == "three":
            fields = {"latitude": "51.5", "longitude": "4.5"}
        deploy(station, camera, ("2026-03-01", "2026-04-01"), **fields)
    station(*EXPORT, tmp_path / "out")
    one, three, two = (place for _, place in sorted(places(tmp_path / "out").items()))
    assert one == two
    assert 0 < metres(one, 50.123456, 4.987654) <= 1000
    assert three == ("51.5", "4.5"), "another place stays as it is"
    for row in load(tmp_path / "out", "deployments")[1].values():
        if row["latitude"] == one[0]:
            assert int(row["coordinateUncertainty"]) >= 1000


def test_hidden_and_rounded_places_are_the_same(tmp_path, station):
    for camera, latitude in ("one", "50.123456"), ("two", "50.1291"):
        station("cameras", "register", camera)
        deploy(station, camera, ("2026-03-01", "2026-04-01"), location_name="Wood",
               latitude=latitude, longitude="4.987654", privacy_radius="500")
    station(*EXPORT, "--decimals", "2", tmp_path / "out")
    one, two = places(tmp_path / "out").values()
    assert one == two
    for row in load(tmp_path / "out", "deployments")[1].values():
        own = 50.123456 if "one" in row["deploymentID"] else 50.1291
        assert metres(one, own, 4.987654) <= int(row["coordinateUncertainty"])


BLUR = 500 * math.sqrt(2) / 111320


@pytest.mark.parametrize("said, options, precision", [
    (0.001, (), BLUR), (0.5, (), 0.5), (0.001, ("--decimals", "2"), 0.01),
    (0.5, ("--decimals", "2"), 0.5), (0.001, ("--decimals", "4"), BLUR),
])
def test_places_are_no_more_precise_than_they_are_said_to_be(tmp_path, station, said, options,
                                                             precision):
    package = make_package(tmp_path / "in", [{"deploymentID": "d1"}], coordinatePrecision=said)
    station("import", "camtrapdp", package)
    station("deployments", "change", "d1", "--privacy-radius", "500")
    station(*EXPORT, *options, tmp_path / "out")
    assert describe(tmp_path / "out")["coordinatePrecision"] == pytest.approx(precision, abs=2e-6)


def test_a_made_up_deployment_is_hidden_as_its_camera_is(tmp_path, fleet):
    deploy(fleet, "gate", ("2020-01-01", "2020-02-01"), latitude="50.12345", longitude="4.98765",
           privacy_radius="2000")
    fleet(*EXPORT, "--camera", "gate", tmp_path / "out")
    assert len(load(tmp_path / "out", "media")[1]) == 3
    first, second = places(tmp_path / "out").values()
    assert first == second and metres(first, 50.12345, 4.98765) > 1


# ---- exifData ----

def test_exif_tells_no_place(tmp_path, station):
    words = {"Make": "Acme", "GPS": {"GPSLatitude": 50.123456}, "Nested": [{"SerialNumber": "S7"}]}
    media = [{"mediaID": "m1", "deploymentID": "d1", "exifData": json.dumps(words)},
             {"mediaID": "m2", "deploymentID": "d1", "exifData": '{"A": 1}, "GPSPosition": "50.1"'},
             {"mediaID": "m3", "deploymentID": "d1", "exifData": '{"ISO":  640}'}]
    station("import", "camtrapdp", make_package(tmp_path / "in", [{"deploymentID": "d1"}], media))
    station("export", "camtrapdp", tmp_path / "out")
    rows = load(tmp_path / "out", "media")[1]
    assert json.loads(rows["m1"]["exifData"]) == {"Make": "Acme", "Nested": [{}]}
    assert rows["m2"]["exifData"] == "", "what cannot be read is left out"
    assert rows["m3"]["exifData"] == '{"ISO":  640}'


# ---- people ----

def review(fleet, tmp_path, *categories):
    """Says what is on the pictures of gate, one after the other; "" is nothing said."""
    files = [row["file_name"] for row in fleet.json("query", "--files", "--oldest", "--camera",
                                                    "gate")["detections"]]
    results = {"info": {"format_version": "1.6"},
               "detection_categories": {"1": "animal", "2": "person"},
               "images": [{"file": name, "detections": [
                   {"category": category, "conf": 0.9, "bbox": [0.1, 0.1, 0.2, 0.2]}]}
                   for name, category in zip(files, categories) if category]}
    (tmp_path / "md.json").write_text(json.dumps(results))
    fleet("import", "megadetector", tmp_path / "md.json")
    return files


def test_people_and_what_nobody_looked_at_are_not_public(tmp_path, fleet, schemas):
    files = review(fleet, tmp_path, "2", "1", "")
    fleet(*EXPORT, "--camera", "gate", tmp_path / "all")
    public = {row["fileName"]: row["filePublic"]
              for row in load(tmp_path / "all", "media")[1].values()}
    assert public == dict(zip(files, ("false", "true", "false")))
    told = fleet.json(*EXPORT, "--camera", "gate", "--without-humans", tmp_path / "some")
    assert told["figures"]["humans_left_out"] == 1
    assert len(load(tmp_path / "some", "media")[1]) == 2
    check_package(tmp_path / "all", schemas)


@pytest.mark.parametrize("humans, copied", [("show", 3), ("blur", 2), ("hide", 1)])
def test_copies_show_nobody(tmp_path, fleet, humans, copied):
    """Whatever viewers of the station may see; and what nobody has looked at as they do."""
    files = review(fleet, tmp_path, "2", "1", "")
    told = fleet.json(*EXPORT, "--camera", "gate", "--with-pictures", tmp_path / "out",
                      WILDCAM_PRIVACY_HUMANS=humans)
    assert told["figures"]["copied"] == copied
    assert told["figures"]["elsewhere"] == 3 - copied
    for row in load(tmp_path / "out", "media")[1].values():
        file, kept = tmp_path / "out" / row["filePath"], tmp_path / "cards/gate" / row["fileName"]
        has_person = row["fileName"] == files[0]
        if file.exists():
            assert (file.read_bytes() == kept.read_bytes()) != has_person
            assert file.read_bytes().startswith(b"\xff\xd8")
        else:
            assert humans == "hide" or row["fileName"] == files[2]


@pytest.mark.parametrize("yes, no", [("true", "false"), ("1", "0"), ("TRUE", "False")])
def test_yes_and_no_in_any_spelling(tmp_path, station, yes, no):
    deployments = [{"deploymentID": "d1", "baitUse": no, "timestampIssues": yes}]
    media = [{"mediaID": name, "deploymentID": "d1", "filePublic": public, "favorite": favorite}
             for name, public, favorite in (("m1", yes, no), ("m2", no, yes))]
    station("import", "camtrapdp", make_package(tmp_path / "in", deployments, media))
    deployment, = station.json("deployments")["deployments"]
    assert deployment["bait_use"] is False and deployment["timestamp_issues"] is True
    station("export", "camtrapdp", tmp_path / "out")
    rows = load(tmp_path / "out", "media")[1]
    assert (rows["m1"]["filePublic"], rows["m2"]["filePublic"]) == (yes, no)
    assert (rows["m1"]["favorite"], rows["m2"]["favorite"]) == (no, yes)
    row, = load(tmp_path / "out", "deployments")[1].values()
    assert (row["baitUse"], row["timestampIssues"]) == (no, yes)
