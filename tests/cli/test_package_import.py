"""Camtrap DP packages that meet what a station has: other packages, and its own pictures."""

import sqlite3
from contextlib import closing

import pytest
from packages import CONTACT, check_package, describe, load, make_package

EXPORT = ("export", "camtrapdp")


def of_deployments(package):
    """The mediaIDs of each deployment."""
    found = {name: [] for name in load(package, "deployments")[1]}
    for name, row in load(package, "media")[1].items():
        found[row["deploymentID"]].append(name)
    return {name: sorted(ids) for name, ids in found.items()}


def media(prefix, deployment="1", count=3, **cells):
    return [{"mediaID": f"{prefix}{number}", "deploymentID": deployment, **cells}
            for number in range(count)]


def event(prefix):
    return {"observationID": f"{prefix}-event", "deploymentID": "1", "observationLevel": "event",
            "eventID": "1"}


# ---- several packages ----

@pytest.fixture
def two(tmp_path, station):
    """Two packages whose deployments have the same id, of cameras of their own."""
    for name, camera, latitude in ("one", "gate", "50.1"), ("two", "pond", "51.2"):
        deployments = [{"deploymentID": "1", "cameraID": camera, "latitude": latitude}]
        told = station.json("import", "camtrapdp", make_package(
            tmp_path / name, deployments, media(name), [event(name)], title=f"package {name}"))
        assert told["figures"]["added"] == 3 and not told["notes"]
    return station


def test_packages_with_the_same_deployment_id(tmp_path, two, schemas):
    two(*EXPORT, "--contact", CONTACT, tmp_path / "all")
    check_package(tmp_path / "all", schemas)
    assert of_deployments(tmp_path / "all") == {"1": ["one0", "one1", "one2"],
                                                "1-2": ["two0", "two1", "two2"]}
    places = {name: row["latitude"] for name, row in load(tmp_path / "all", "deployments")[1].items()}
    assert places == {"1": "50.1", "1-2": "51.2"}
    events = {row["observationID"]: row["deploymentID"]
              for row in load(tmp_path / "all", "observations")[1].values()}
    assert events == {"one-event": "1", "two-event": "1-2"}
    two(*EXPORT, "--camera", "pond", tmp_path / "pond")
    assert of_deployments(tmp_path / "pond") == {"1": ["two0", "two1", "two2"]}


def test_a_package_speaks_for_itself_alone(tmp_path, two):
    for name, camera in ("one", "gate"), ("two", "pond"):
        two(*EXPORT, "--camera", camera, tmp_path / camera)
        assert describe(tmp_path / camera)["title"] == f"package {name}"
        assert describe(tmp_path / camera)["contributors"] == [{"title": f"who made {name}"}]
    refused = two(*EXPORT, tmp_path / "all", status=3)
    assert "contact" in refused.err and not (tmp_path / "all").exists()
    two(*EXPORT, "--contact", CONTACT, tmp_path / "all")
    assert "title" not in describe(tmp_path / "all")
    assert [one["title"] for one in describe(tmp_path / "all")["contributors"]] == ["Ann Example"]


def test_one_import_says_nothing_of_pictures_of_our_own(tmp_path, fleet):
    fleet("import", "camtrapdp", make_package(
        tmp_path / "in", [{"deploymentID": "1", "cameraID": "lane"}], media("m"), title="theirs"))
    fleet(*EXPORT, "--contact", CONTACT, "--camera", "gate", tmp_path / "gate")
    assert "title" not in describe(tmp_path / "gate")
    fleet(*EXPORT, "--contact", CONTACT, tmp_path / "all", status=1)
    assert "title" not in describe(tmp_path / "all")


def test_one_camera_and_id_at_other_times(tmp_path, station, schemas):
    for name, month in ("one", "03"), ("two", "05"):
        deployments = [{"deploymentID": "1", "deploymentStart": f"2026-{month}-01T00:00:00Z",
                        "deploymentEnd": f"2026-{month}-30T00:00:00Z"}]
        station("import", "camtrapdp", make_package(
            tmp_path / name, deployments, media(name, timestamp=f"2026-{month}-04T06:00:00Z")))
    station(*EXPORT, "--contact", CONTACT, tmp_path / "all")
    assert of_deployments(tmp_path / "all") == {"1": ["one0", "one1", "one2"],
                                                "1-2": ["two0", "two1", "two2"]}
    check_package(tmp_path / "all", schemas)


NOON = "2026-03-10T12:00:00Z"


@pytest.mark.parametrize("order", [1, -1], ids=["in_order", "backwards"])
def test_the_last_second_of_a_deployment_is_its_own(tmp_path, station, order):
    """But where the camera's next one begins in it."""
    deployments = [{"deploymentID": "a", "deploymentEnd": NOON},
                   {"deploymentID": "b", "deploymentStart": NOON, "deploymentEnd": "2026-03-20T08:00:00Z"},
                   {"deploymentID": "c", "deploymentStart": "2026-03-20T08:00:01Z",
                    "deploymentEnd": "2026-03-20T08:00:01Z"}]
    times = {"m1": "2026-03-10T11:59:59Z", "m2": NOON, "m3": "2026-03-20T08:00:00Z",
             "m4": "2026-03-20T08:00:01Z"}
    places = dict(zip(times, "abbc"))
    package = make_package(tmp_path / "in", deployments[::order],
                           [{"mediaID": name, "deploymentID": places[name], "timestamp": time}
                            for name, time in times.items()])
    for _ in range(2):
        assert not station.json("import", "camtrapdp", package)["notes"]
    listed = {row["deployment_id"]: (row["start"], row["end"])
              for row in station.json("deployments")["deployments"]}
    assert listed == {"a": ("2026-03-01T00:00:00+00:00", "2026-03-10T12:00:00+00:00"),
                      "b": ("2026-03-10T12:00:00+00:00", "2026-03-20T08:00:01+00:00"),
                      "c": ("2026-03-20T08:00:01+00:00", "2026-03-20T08:00:02+00:00")}
    events = station.json("events", "--oldest")["events"]
    assert [event["deployment_id"] for event in events] == ["a", "b", "b", "c"]
    station(*EXPORT, tmp_path / "out")
    assert load(tmp_path / "out", "deployments")[1] == {
        row["deploymentID"]: {**load(tmp_path / "out", "deployments")[1][row["deploymentID"]], **row}
        for row in deployments}


def test_a_deployment_of_our_own_may_begin_within_the_last_second(tmp_path, station):
    station("cameras", "register", "gate")
    station("deployments", "add", "--camera", "gate", "--from", "2026-03-10T12:00:00.5Z")
    package = make_package(tmp_path / "in", [{"deploymentID": "a", "deploymentEnd": NOON}],
                           media("m", "a"))
    assert not station.json("import", "camtrapdp", package)["notes"]
    assert [row["end"] for row in station.json("deployments")["deployments"]] == [
        "2026-03-10T12:00:00.500000+00:00", None]


def test_a_span_of_our_own_is_the_same_when_it_comes_back(tmp_path, fleet, station):
    fleet("deployments", "add", "--camera", "gate", "--from", "2026-03-01", "--to", "2026-03-31",
          "--id", "heath", "--latitude", "50.1", "--longitude", "4.2")
    fleet(*EXPORT, "--contact", CONTACT, "--camera", "gate", tmp_path / "out")
    row = load(tmp_path / "out", "deployments")[1]["heath"]
    assert (row["deploymentStart"], row["deploymentEnd"]) == ("2026-03-01T00:00:00Z",
                                                              "2026-03-31T23:59:59Z")
    station("import", "camtrapdp", tmp_path / "out")
    [here], [there] = ([(row["start"], row["end"]) for row in one.json("deployments")["deployments"]]
                       for one in (fleet, station))
    assert here == there


@pytest.mark.parametrize("name", ["a/b", " a", "a" * 120, "é" * 60, "a/b-2"],
                         ids=["slash", "blank", "long", "letters", "number"])
def test_any_deployment_id(tmp_path, station, name):
    package = make_package(tmp_path / "in", [{"deploymentID": name}], media("m", name))
    for _ in range(2):
        assert not station.json("import", "camtrapdp", package)["notes"]
    assert station.json("deployments")["count"] == 1
    station(*EXPORT, tmp_path / "out")
    assert of_deployments(tmp_path / "out") == {name: ["m0", "m1", "m2"]}


def test_two_ids_that_are_one_key(tmp_path, station):
    deployments = [{"deploymentID": name, "cameraID": camera}
                   for name, camera in (("a/b", "gate"), ("a_b", "pond"))]
    station("import", "camtrapdp", make_package(
        tmp_path / "in", deployments, media("m", "a/b") + media("n", "a_b")))
    station(*EXPORT, tmp_path / "out")
    assert of_deployments(tmp_path / "out") == {"a/b": ["m0", "m1", "m2"],
                                                "a_b": ["n0", "n1", "n2"]}


def test_a_new_name_counts(tmp_path, station):
    station("import", "camtrapdp", make_package(tmp_path / "in", [{"deploymentID": "1"}],
                                                media("m")))
    station("deployments", "change", "1", "--id", "wood")
    station(*EXPORT, tmp_path / "out")
    assert of_deployments(tmp_path / "out") == {"wood": ["m0", "m1", "m2"]}


# ---- pictures that are there ----

def make_files(place, pictures, *names):
    (place / "media").mkdir(parents=True)
    for name, picture in zip(names, pictures):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(picture.read_bytes())


def test_what_is_known_of_pictures_that_are_there_is_attached(tmp_path, fleet, pictures, schemas):
    make_files(tmp_path / "in", pictures, "media/0.jpg", "media/1.jpg", "media/2.jpg")
    rows = [{**row, "filePath": f"media/{number}.jpg", "captureMethod": "timeLapse",
             "mediaComments": "by the gate", "favorite": "true"}
            for number, row in enumerate(media("m"))]
    observations = [{"observationID": f"o{number}", "deploymentID": "1", "mediaID": "m0",
                     "scientificName": "Vulpes vulpes", "count": str(number)}
                    for number in (1, 2)]
    package = make_package(tmp_path / "in", [{"deploymentID": "1"}], rows, observations)
    count = fleet.count()
    figures = fleet.json("import", "camtrapdp", package)["figures"]
    assert (figures["added"], figures["known"], figures["detections"]) == (0, 3, 2)
    assert fleet.count() == count + 1, "the placeholder went"
    again = fleet.json("import", "camtrapdp", package)["figures"]
    assert (again["known"], again["detections"], fleet.count()) == (3, 0, count + 1)
    fleet(*EXPORT, "--contact", CONTACT, "--camera", "gate", tmp_path / "out")
    _, found = load(tmp_path / "out", "observations")
    assert [(found[name]["scientificName"], found[name]["count"]) for name in ("o1", "o2")] == [
        ("Vulpes vulpes", "1"), ("Vulpes vulpes", "2")]
    medium = load(tmp_path / "out", "media")[1]["m0"]
    for name in ("filePath", "captureMethod", "mediaComments", "favorite"):
        assert medium[name] == rows[0][name]
    check_package(tmp_path / "out", schemas)


def test_one_content_twice_in_a_package(tmp_path, station, pictures):
    make_files(tmp_path / "in", [pictures[0], pictures[0]], "media/0.jpg", "media/1.jpg")
    rows = [{**row, "filePath": f"media/{number}.jpg"}
            for number, row in enumerate(media("m", count=2))]
    observations = [{"observationID": f"o{number}", "deploymentID": "1", "mediaID": f"m{number}"}
                    for number in (0, 1)]
    package = make_package(tmp_path / "in", [{"deploymentID": "1"}], rows, observations)
    assert station.json("import", "camtrapdp", package)["figures"]["added"] == 2
    again = station.json("import", "camtrapdp", package)["figures"]
    assert (again["added"], again["known"]) == (0, 2)
    station(*EXPORT, tmp_path / "out")
    for table in "media", "observations":
        assert set(load(tmp_path / "out", table)[1]) == set(load(package, table)[1])


def test_the_capture_method_of_files_is_kept(tmp_path, station, pictures):
    make_files(tmp_path / "in", pictures, "media/0.jpg", "media/1.jpg")
    rows = [{**row, "filePath": f"media/{number}.jpg", "captureMethod": method} for number, row, method
            in zip((0, 1), media("m"), ("timeLapse", "activityDetection"))]
    station("import", "camtrapdp", make_package(tmp_path / "in", [{"deploymentID": "1"}], rows))
    shard, = (station.data / "detections").glob("*.db")
    with closing(sqlite3.connect(shard)) as database:
        captures = [row[0] for row in database.execute("SELECT capture FROM images ORDER BY id")]
    assert len(set(captures)) == 2 and 0 not in captures


# ---- files ----

def test_paths_that_clash(tmp_path, station, pictures):
    """As one file, as a file and a directory, and as one of the tables."""
    paths = ["media/a", "media/a", "media/a/b.jpg", "media.csv", "deployments.csv/c.jpg"]
    for number, path in enumerate(paths):
        place = tmp_path / f"in{number}"
        rows = [{"mediaID": f"m{number}", "deploymentID": "1", "filePath": path}]
        make_package(place, [{"deploymentID": "1"}], rows, id=f"in{number}")
        if path == "media.csv":
            (place / path).rename(place / "m.csv")
            description = place / "datapackage.json"
            description.write_text(description.read_text().replace('"media.csv"', '"m.csv"'))
        if path.startswith("deployments.csv"):
            (place / "deployments.csv").rename(place / "d.csv")
            description = place / "datapackage.json"
            description.write_text(description.read_text().replace('"deployments.csv"', '"d.csv"'))
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(pictures[number].read_bytes())
        assert station.json("import", "camtrapdp", place)["figures"]["elsewhere"] == 0
    told = station.json(*EXPORT, "--contact", CONTACT, "--with-pictures", str(tmp_path / "out") + "/")
    assert told["figures"]["copied"] == 5
    found = [row["filePath"] for row in load(tmp_path / "out", "media")[1].values()]
    assert len(set(found)) == 5 and all(path.startswith("media/") for path in found)
    for path in found:
        assert (tmp_path / "out" / path).read_bytes().startswith(b"\xff\xd8")
    assert not [path for path in tmp_path.iterdir() if ".part" in path.name]
