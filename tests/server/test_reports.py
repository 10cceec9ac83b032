"""Reports, each of their numbers held against a recount of the rows, one by one."""

import csv
import io
import random
import sqlite3
import time
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta, timezone

import pytest
from support import Server
from support.access import create_key, bearer

SPECIES = ["fox", "deer", "=cmd|'x'!A1", 'a "quoted", name', "野猪"]
FIRST, LAST = date(2026, 2, 26), date(2026, 4, 5)
DAYS = (LAST - FIRST).days + 1
SPAN = {"start_date": str(FIRST), "end_date": str(LAST)}


def random_detection(rng):
    """Any time in the span, the one before it or around it, in any zone; any kind of sighting."""
    zone = timezone(timedelta(minutes=rng.choice((0, 0, 60, 330, -480))))
    begin = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=timezone.utc) - timedelta(days=DAYS + 3)
    moment = begin + timedelta(seconds=rng.randrange((2 * DAYS + 6) * 86400))
    kind = rng.randrange(10)
    row = {"device_id": f"cam-{rng.randrange(4)}", "timestamp": moment.astimezone(zone).isoformat()}
    if kind < 7:
        row |= {"species": rng.choice(SPECIES), "confidence": rng.randrange(101) / 100}
    elif kind == 7:
        row |= {"category": "blank", "confidence": 0.9}
    elif kind == 8:
        row |= {"category": rng.choice(("human", "vehicle"))}
    return row


@pytest.fixture(scope="module")
def filled(tmp_path_factory, pictures, without_exif):
    rng = random.Random(3)
    with Server(tmp_path_factory.mktemp("reports")) as server:
        for _ in range(500):
            assert server.post("/api/detections", random_detection(rng)).status == 201
        for number, picture in enumerate(pictures):
            moment = datetime(2026, 3, 1, 12, tzinfo=timezone.utc) + timedelta(days=3 * number)
            server.upload(picture, f"cam-{number % 5}", species="fox", timestamp=moment.isoformat())
        server.upload(without_exif(pictures[0]), "clockless", species="deer")  # of no known time
        rows = read_all(server)
        for row in rng.sample(rows, 90):
            review = rng.choice(({"verified_species": "lynx"}, {"is_false_positive": True},
                                 {"is_false_positive": True}, {"verified_species": "blank"}))
            assert server.put(f"/api/detections/{row['id']}/verify", review).status == 200
        yield server, Rows(server)


def read_all(server):
    rows, after = [], ""
    while after is not None:
        page = server.get(f"/api/detections?limit=100{after and '&after=' + after}").json
        rows += page["detections"]
        after = page["next"]
    return rows


class Rows:
    """What a report must tell, from the tables themselves."""

    def __init__(self, server):
        self.rows, self.pictures = [], []
        with sqlite3.connect(f"file:{server.data}/station.db?mode=ro", uri=True) as catalog:
            cameras = dict(catalog.execute("SELECT id, device_id FROM cameras"))
            species = {row[0]: row[1:] for row in
                       catalog.execute("SELECT id, category, name FROM species")}
        names = ["unclassified", "animal", "human", "vehicle", "blank", "unknown"]
        with_category = {number: name for number, name in self.categories(server, names, species)}
        for path in sorted((server.data / "detections").glob("*.db")):
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as shard:
                for row in shard.execute(
                        "SELECT d.camera_id, d.detection_timestamp, d.utc_offset, d.species_id,"
                        " d.confidence, coalesce(r.is_false_positive, 0) FROM wildlife_detections d"
                        " LEFT JOIN reviews r ON r.detection_id=d.id"):
                    camera, stamp, offset, number, confidence, false = row
                    self.rows.append({
                        "camera": cameras[camera], "day": stamp // 86400000000,
                        "hour": (stamp // 1000000 + (offset or 0)) // 3600 % 24,
                        "species": species[number][1], "category": with_category[number],
                        "confidence": confidence, "false": bool(false)})
                for camera, stamp, source in shard.execute(
                        "SELECT camera_id, captured_at, time_source FROM images"):
                    self.pictures.append({"camera": cameras[camera], "day": stamp // 86400000000,
                                          "unsure": source in (0, 6)})

    @staticmethod
    def categories(server, names, species):
        """By what the server says of rows with them."""
        seen = {row["species"]: row["category"] for row in read_all(server)}
        for number, (_, name) in species.items():
            yield number, seen.get(name, name if name in names else "animal")

    def of(self, first, days):
        begin = (first - date(1970, 1, 1)).days
        inside = lambda rows: [row for row in rows if begin <= row["day"] < begin + days]
        return inside(self.rows), inside(self.pictures)


def run_report(server, span=SPAN):
    answer = server.post("/api/reports/analytics", span)
    assert answer.status == 202, answer
    job = answer.json["job_id"]
    assert answer.headers["Location"] == answer.json["status_url"] == f"/api/jobs/{job}"
    while (state := server.get(f"/api/jobs/{job}").json)["state"] in ("due", "running"):
        assert state["links"] is None
        time.sleep(0.01)
    assert state["state"] == "done" and state["error"] is None, state
    assert (state["start_date"], state["end_date"]) == (span["start_date"], span["end_date"])
    assert state["progress"]["done"] == state["progress"]["total"]
    report, table = (server.get(state["links"][name]) for name in ("json", "csv"))
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    return report.json, table.body


@pytest.fixture(scope="module")
def made(filled):
    return run_report(filled[0])


def counted(rows):
    return [row for row in rows if not row["false"]]


def active(rows):
    return [row for row in counted(rows) if row["category"] != "blank"]


def identified(rows):
    return [row for row in active(rows) if row["category"] != "unclassified"]


def mean(values):
    known = [value for value in values if value is not None]
    return pytest.approx(sum(known) / len(known), abs=1e-5) if known else None


def share(count, days):
    return pytest.approx(100 * count / days) if days else None


def change(now, before):
    return pytest.approx(100 * (now - before) / before) if before else None


def effort(rows, pictures):
    """Cameras' days with anything at all; none of them has a deployment."""
    days = defaultdict(set)
    for row in rows + pictures:
        days[row["camera"]].add(row["day"])
    return {camera: len(found) for camera, found in days.items()}


def test_totals(filled, made):
    rows, pictures = filled[1].of(FIRST, DAYS)
    before, pictures_before = filled[1].of(FIRST - timedelta(days=DAYS), DAYS)
    report, totals = made[0], made[0]["totals"]
    days = sum(effort(rows, pictures).values())
    assert totals["detections"] == len(active(rows))
    assert totals["identified"] == len(identified(rows))
    assert totals["unclassified"] == len(active(rows)) - len(identified(rows))
    assert totals["blanks"] == len(counted(rows)) - len(active(rows)) > 0
    assert totals["false_positives"] == len(rows) - len(counted(rows)) > 0
    assert totals["pictures"] == len(pictures) > 0
    assert totals["unknown_time_pictures"] == sum(row["unsure"] for row in pictures)
    assert totals["species"] == len({(row["category"], row["species"]) for row in identified(rows)})
    assert totals["avg_confidence"] == mean([row["confidence"] for row in identified(rows)])
    assert totals["camera_days"] == totals["estimated_camera_days"] == days
    assert totals["per_100_camera_days"] == share(len(active(rows)), days)
    assert totals["change_percent"] == change(len(active(rows)), len(active(before)))
    previous = report["previous"]
    assert previous["detections"] == len(active(before)) > 0
    assert previous["pictures"] == len(pictures_before)
    assert previous["camera_days"] == sum(effort(before, pictures_before).values())
    assert previous["end_date"] == str(FIRST - timedelta(days=1))
    assert (report["start_date"], report["end_date"], report["days"]) == (str(FIRST), str(LAST), DAYS)


def test_species(filled, made):
    rows, pictures = filled[1].of(FIRST, DAYS)
    before, _ = filled[1].of(FIRST - timedelta(days=DAYS), DAYS)
    days = sum(effort(rows, pictures).values())
    by_name = lambda found: Counter((row["category"], row["species"]) for row in found)
    now, then, false = (by_name(found) for found in (
        identified(rows), identified(before), [row for row in rows if row["false"]]))
    told = made[0]["species"]
    assert [row["count"] for row in told] == sorted((row["count"] for row in told), reverse=True)
    assert {(row["category"], row["species"]) for row in told} == set(now) | set(then) | set(false)
    for row in told:
        key = (row["category"], row["species"])
        own = [other for other in identified(rows) if (other["category"], other["species"]) == key]
        sure = [other["confidence"] for other in own if (other["confidence"] or 0) > 0.7]
        assert row["count"] == now[key] and row["previous_count"] == then[key]
        assert row["false_positives"] == false[key]
        assert row["avg_confidence"] == mean([other["confidence"] for other in own])
        assert (row["sure_count"], row["sure_avg_confidence"]) == (len(sure), mean(sure))
        assert row["cameras"] == len({other["camera"] for other in own})
        assert row["per_100_camera_days"] == share(now[key], days)
        assert row["change_percent"] == change(now[key], then[key])
        hours = Counter(other["hour"] for other in own)
        assert row["hourly"] == [hours[hour] for hour in range(24)]


def test_cameras(filled, made):
    rows, pictures = filled[1].of(FIRST, DAYS)
    before = filled[1].of(FIRST - timedelta(days=DAYS), DAYS)
    days = effort(rows, pictures)
    told = made[0]["cameras"]
    assert [row["device_id"] for row in told] == sorted(set(days) | set(effort(*before)))
    pairs = Counter()
    for row in told:
        mine = lambda found: [other for other in found if other["camera"] == row["device_id"]]
        dates = sorted(other["day"] for other in mine(active(rows)))
        assert row["detections"] == len(dates)
        assert row["unclassified"] == len(dates) - len(mine(identified(rows)))
        assert row["blanks"] == len(mine(counted(rows))) - len(dates)
        assert row["false_positives"] == len(mine(rows)) - len(mine(counted(rows)))
        assert row["pictures"] == len(mine(pictures))
        assert row["unknown_time_pictures"] == sum(other["unsure"] for other in mine(pictures))
        assert row["first_date"] == (str(date(1970, 1, 1) + timedelta(days=dates[0])) if dates else None)
        assert row["last_date"] == (str(date(1970, 1, 1) + timedelta(days=dates[-1])) if dates else None)
        assert (row["camera_days"], row["effort_source"]) == (days.get(row["device_id"], 0), "estimated")
        assert row["per_100_camera_days"] == share(len(dates), row["camera_days"])
        own = Counter((other["category"], other["species"]) for other in mine(identified(rows)))
        assert row["species"] == len(own)
        pairs.update({(row["device_id"], *key): count for key, count in own.items()})
    assert {(row["device_id"], row["category"], row["species"]): row["count"]
            for row in made[0]["camera_species"]} == dict(pairs)


def test_days_weeks_and_hours(filled, made):
    rows, pictures = filled[1].of(FIRST, DAYS)
    report = made[0]
    number = lambda text: (date.fromisoformat(text) - date(1970, 1, 1)).days
    seen, blank, taken = (Counter(row["day"] for row in found) for found in (
        active(rows), [row for row in counted(rows) if row["category"] == "blank"], pictures))
    assert [row["date"] for row in report["daily"]] == [str(FIRST + timedelta(days=i))
                                                        for i in range(DAYS)]
    for row in report["daily"]:
        day = number(row["date"])
        assert (row["detections"], row["blanks"], row["pictures"]) == (seen[day], blank[day], taken[day])
    before = None
    assert sum(row["days"] for row in report["weekly"]) == DAYS
    for index, row in enumerate(report["weekly"]):
        begin = number(row["start_date"])
        assert index == 0 or date.fromisoformat(row["start_date"]).weekday() == 0
        assert row["detections"] == sum(seen[begin + i] for i in range(row["days"]))
        assert row["pictures"] == sum(taken[begin + i] for i in range(row["days"]))
        per_day = row["detections"] / row["days"]
        assert row["detections_per_day"] == pytest.approx(per_day)
        assert row["change_percent"] == (change(per_day, before) if index else None)
        before = per_day
    hours = Counter(row["hour"] for row in active(rows))
    assert report["hourly"] == [hours[hour] for hour in range(24)]


def test_csv_says_the_same(made):
    report, body = made
    text = body.decode()
    assert text.count("\r\n") == text.count("\n") == len(list(csv.reader(io.StringIO(text))))
    table = list(csv.DictReader(io.StringIO(text)))
    assert all(None not in row and None not in row.values() for row in table)
    sections = defaultdict(list)
    for row in table:
        sections[row["section"]].append(row)
    same = lambda told, value: told == ("" if value is None else
                                        value if isinstance(value, str) else repr(value).removesuffix(".0"))
    names = {"species": {"detections": "count", "previous_detections": "previous_count"},
             "camera": {}, "camera_species": {"detections": "count"}, "day": {},
             "week": {"date": "start_date"}}
    members = {"species": "species", "camera": "cameras", "camera_species": "camera_species",
               "day": "daily", "week": "weekly"}
    for section, renamed in names.items():
        told, wanted = sections[section], report[members[section]]
        assert len(told) == len(wanted)
        for row, want in zip(told, wanted):
            for column, value in row.items():
                name = renamed.get(column, column)
                if name in want and column not in ("section", "species"):
                    assert same(value, want[name]), (section, column, value, want[name])
            if section != "camera":
                shown = want.get("species", "")
                assert row["species"] == ("'" + shown if shown.startswith("=") else shown)
    total = sections["total"][0]
    for column in ("detections", "blanks", "false_positives", "pictures", "camera_days"):
        assert same(total[column], report["totals"][column])
    assert [int(row["detections"]) for row in sections["hour"]] == report["hourly"]


def test_a_purge_is_seen(filled, make_server):
    server = make_server()
    for month in (1, 2, 3):
        server.post("/api/detections", {"device_id": "cam", "species": "fox",
                                        "timestamp": f"2026-0{month}-10T00:00:00Z"})
    span = {"start_date": "2026-01-01", "end_date": "2026-03-31"}
    assert run_report(server, span)[0]["totals"]["detections"] == 3
    (server.data / "detections/2026-01.db").unlink()  # as a purge in another process does
    assert run_report(server, span)[0]["totals"]["detections"] == 2


@pytest.mark.parametrize("body, words", [
    ({}, "start_date is required"),
    ({"start_date": "2026-01-01"}, "end_date is required"),
    ({"start_date": "soon", "end_date": "2026-01-01"}, "start_date: "),
    ({"start_date": 3, "end_date": "2026-01-01"}, "start_date"),
    ({"start_date": "2026-01-02", "end_date": "2026-01-01"}, "ends before it begins"),
    ({"start_date": "2010-01-01", "end_date": "2026-01-01"}, "at most 3660 days"),
])
def test_what_is_no_span(filled, body, words):
    answer = filled[0].post("/api/reports/analytics", body)
    assert answer.status == 400 and words in answer.error


def test_ends_of_the_span(make_server):
    server = make_server()
    for moment in ("2026-01-09T23:59:59Z", "2026-01-10T00:00:00Z", "2026-01-11T00:00:00Z"):
        server.post("/api/detections", {"device_id": "cam", "species": "fox", "timestamp": moment})
    count = lambda start, end: run_report_of(server, start, end)["totals"]["detections"]
    assert count("2026-01-10", "2026-01-10") == 1
    assert count("2026-01-10T12:00:00Z", "2026-01-11T00:00:00Z") == 1
    assert count("2026-01-10T12:00:00Z", "2026-01-11T00:00:01Z") == 2


def run_report_of(server, start, end):
    job = server.post("/api/reports/analytics", {"start_date": start, "end_date": end}).json["job_id"]
    while server.get(f"/api/jobs/{job}").json["state"] in ("due", "running"):
        time.sleep(0.01)
    return server.get(f"/api/jobs/{job}/result").json


def test_what_is_not_there(filled):
    server = filled[0]
    for path in ("/api/jobs/999999", "/api/jobs/999999/result"):
        assert server.get(path).status == 404
    for path in ("/api/jobs/x", "/api/jobs/1/result?format=xml"):
        assert server.get(path).status == 400


def test_an_unfinished_job_has_no_result(make_server):
    server = make_server()
    job = server.post("/api/reports/analytics", SPAN).json["job_id"]
    while server.get(f"/api/jobs/{job}").json["state"] != "done":
        time.sleep(0.01)
    with sqlite3.connect(server.data / "station.db") as catalog:
        catalog.execute("UPDATE jobs SET state=3, error='the disk is full' WHERE id=?", (job,))
    answer = server.get(f"/api/jobs/{job}/result")
    assert answer.status == 409 and "the disk is full" in answer.error
