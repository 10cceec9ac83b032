"""Counts, held against a recount of the same detections one by one."""

import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone

import pytest
from support import Server

SPECIES = ["fox", "deer", "badger", "野猪"]
TODAY = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
CALLS = [("species", 30), ("activity", 7), ("data", 30)]


def random_detection(rng):
    """Any time of the last 40 days, in any zone; any kind of sighting."""
    zone = timezone(timedelta(minutes=rng.choice((0, 0, 60, 330, -480))))
    moment = TODAY - timedelta(seconds=rng.randrange(40 * 86400))
    kind = rng.randrange(10)
    row = {"device_id": f"cam-{rng.randrange(3)}",
           "timestamp": moment.astimezone(zone).isoformat()}
    if kind < 7:
        row |= {"species": rng.choice(SPECIES), "confidence": rng.randrange(101) / 100}
    elif kind == 7:
        row |= {"category": "blank", "confidence": 0.9}
    elif kind == 8:
        row |= {"category": rng.choice(("human", "vehicle")), "confidence": 0.5}
    return row


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A server and all its detections, read back one page after another."""
    rng = random.Random(2)
    with Server(tmp_path_factory.mktemp("analytics")) as server:
        for _ in range(400):
            assert server.post("/api/detections", random_detection(rng)).status == 201
        for row in read_all(server)[:60]:  # reviewers say other things, or that there was nothing
            review = rng.choice(({"verified_species": "lynx"}, {"is_false_positive": True}, {},
                                 {"verified_species": "blank"}))
            assert server.put(f"/api/detections/{row['id']}/verify", review).status == 200
        yield server, read_all(server)


def read_all(server):
    rows, after = [], ""
    while after is not None:
        page = server.get(f"/api/detections?limit=100{after and '&after=' + after}").json
        rows += page["detections"]
        after = page["next"]
    return rows


def is_sighting(row):
    return row["category"] not in ("unclassified", "blank") and not row["is_false_positive"]


def is_activity(row):
    return row["category"] != "blank" and not row["is_false_positive"]


def local(row):
    return datetime.fromisoformat(row["detection_timestamp"])


def within(rows, days):
    """Whole days of UTC, up to now."""
    begin = TODAY - timedelta(days=days)
    return [row for row in rows if begin <= local(row)]


def count_species(rows):
    confidences = defaultdict(list)
    for row in filter(is_sighting, rows):
        confidences[row["species"]].append(row["confidence"])
    return {species: (len(values), pytest.approx(mean(values), abs=1e-4))
            for species, values in confidences.items()}


def mean(values):
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def species_of(answer, name):
    counts = [row["count"] for row in answer[name]]
    assert counts == sorted(counts, reverse=True)
    return {row["species"]: (row["count"], row["avg_confidence"]) for row in answer[name]}


def check_activity(answer, rows, days):
    active = list(filter(is_activity, rows))
    hours = Counter(local(row).hour for row in active)
    assert answer["hourly_activity"] == [{"hour": hour, "count": hours[hour]} for hour in range(24)]
    dates = Counter(local(row).astimezone(timezone.utc).date() for row in active)
    first = (TODAY - timedelta(days=days)).date()
    assert answer["daily_activity"] == [
        {"date": str(first + timedelta(days=day)), "count": dates[first + timedelta(days=day)]}
        for day in range(days + 1)]


def check_period(answer, days):
    assert answer["period_days"] == days
    assert datetime.fromisoformat(answer["start_date"]) == TODAY - timedelta(days=days)


@pytest.mark.parametrize("days", [1, 7, 30, 90, 3660])
def test_species(filled, days):
    server, rows = filled
    answer = server.get(f"/api/analytics/species?days={days}").json
    assert list(answer) == ["species_data", "period_days", "start_date"]
    assert species_of(answer, "species_data") == count_species(within(rows, days))
    check_period(answer, days)


@pytest.mark.parametrize("days", [1, 7, 30, 90])
def test_activity(filled, days):
    server, rows = filled
    answer = server.get(f"/api/analytics/activity?days={days}").json
    assert list(answer) == ["hourly_activity", "daily_activity", "period_days", "start_date"]
    check_activity(answer, within(rows, days), days)
    check_period(answer, days)


@pytest.mark.parametrize("species", [None, "fox", "lynx", "野猪", "nothing"])
def test_data(filled, species):
    server, rows = filled
    query = f"&species={species}" if species else ""
    answer = server.get(f"/api/analytics/data?days=20{query}").json
    assert list(answer) == ["species_frequency", "hourly_activity", "daily_activity",
                            "species_hourly_activity", "period_days", "start_date",
                            "species_filter"]
    chosen = [row for row in within(rows, 20) if species in (None, row["species"])]
    assert species_of(answer, "species_frequency") == count_species(chosen)
    check_activity(answer, chosen, 20)
    check_period(answer, 20)
    assert answer["species_filter"] == species
    hours = Counter((row["species"], local(row).hour) for row in filter(is_sighting, chosen))
    assert {(row["species"], row["hour"]): row["count"]
            for row in answer["species_hourly_activity"]} == dict(hours)


@pytest.mark.parametrize("days", [7, 40])
def test_statistics_of_a_camera(filled, days):
    server, rows = filled
    for device in ("cam-0", "cam-1", "cam-2"):
        answer = server.get(f"/api/cameras/{device}/statistics?days={days}").json
        own = [row for row in within(rows, days) if row["device_id"] == device]
        assert (answer["device_id"], answer["camera_id"]) == (device, own[0]["camera_id"])
        assert species_of(answer, "species") == count_species(own)
        check_activity(answer, own, days)
        check_period(answer, days)
        assert answer["total_detections"] == len(list(filter(is_activity, own)))


@pytest.mark.parametrize("name, days", CALLS)
def test_standard_period(filled, name, days):
    check_period(filled[0].get(f"/api/analytics/{name}").json, days)


def test_standard_period_of_statistics(filled):
    check_period(filled[0].get("/api/cameras/cam-0/statistics").json, 7)


@pytest.mark.parametrize("days", ["0", "-1", "3661", "week", "1.5", "99999999999999999999"])
def test_bad_period(filled, days):
    for path in [f"/api/analytics/{name}" for name, _ in CALLS] + ["/api/cameras/cam-0/statistics"]:
        answer = filled[0].get(f"{path}?days={days}")
        assert answer.status == 400
        assert "days is a whole number from 1 to 3660" in answer.error


def test_bad_species(filled):
    for species in ("x" * 101, "%FF"):
        answer = filled[0].get(f"/api/analytics/data?species={species}")
        assert answer.status == 400
        assert "species" in answer.error


def test_nothing_yet(server):
    assert server.get("/api/analytics/species").json["species_data"] == []
    activity = server.get("/api/analytics/activity").json
    assert {row["count"] for row in activity["hourly_activity"] + activity["daily_activity"]} == {0}
