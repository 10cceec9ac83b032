"""wildcam report: what a span of days has brought. Its numbers are held against a recount in
tests/server/test_reports.py."""

import csv
import io
import json
from datetime import date

import pytest

SPAN = ["--from", "2026-03-01", "--to", "2026-03-31"]


@pytest.fixture
def kept(station, pictures):
    station("ingest", "--camera", "CAM01", pictures[0].parent)
    return station


def test_json(kept):
    report = json.loads(kept("report", *SPAN).out)
    assert (report["start_date"], report["end_date"], report["days"]) == (SPAN[1], SPAN[3], 31)
    assert report["totals"]["pictures"] == report["totals"]["detections"] == 12
    assert report["cameras"][0]["effort_source"] == "estimated"
    assert "100 * detections / camera_days" in report["formulas"].values()
    assert json.loads(kept("report", *SPAN, "--json").out)["totals"] == report["totals"]


def test_json_has_a_row_a_line(kept):
    """Of thousands of rows in one line nobody can read one."""
    lines = kept("report", *SPAN).out.splitlines()
    days = [line for line in lines if line.startswith('{"date":"2026-03-')]
    assert len(days) == 31
    assert {'"daily":[', '"cameras":['} <= set(lines)


def test_csv_to_a_file(kept, tmp_path):
    path = tmp_path / "march.csv"
    assert kept("report", *SPAN, "--csv", "--output", path).out == ""
    table = list(csv.DictReader(io.StringIO(path.read_bytes().decode())))
    assert [row["pictures"] for row in table if row["section"] == "total"] == ["12"]


def test_up_to_today(kept):
    report = json.loads(kept("report", "--from", "2026-03-01").out)
    assert date.fromisoformat(report["end_date"]) >= date(2026, 3, 1)


@pytest.mark.parametrize("arguments, words", [
    ([], "--from is needed"),
    (["--from", "soon"], "--from: "),
    (["--from", "2026-03-02", "--to", "2026-03-01"], "ends before it begins"),
    (["--from", "2000-01-01"], "at most 3660 days"),
    ([*SPAN, "--json", "--csv"], "exclude each other"),
])
def test_used_wrongly(kept, arguments, words):
    answer = kept("report", *arguments, status=2)
    assert words in answer.err


def test_a_file_that_cannot_be_written(kept, tmp_path):
    assert "no/such" in kept("report", *SPAN, "--output", tmp_path / "no/such", status=3).err


def test_a_report_takes_the_place_of_another_when_it_is_whole(kept, tmp_path):
    """Whoever reads it meanwhile sees the one before."""
    path, link = tmp_path / "march.json", tmp_path / "newest.json"
    path.write_text("before")
    link.symlink_to(path)
    with open(path, encoding="utf-8") as before:
        kept("report", *SPAN, "--output", link)
        assert before.read() == "before"
    assert link.is_symlink() and json.loads(path.read_text())["days"] == 31
    assert sorted(entry.name for entry in tmp_path.glob("*.json*")) == ["march.json",
                                                                        "newest.json"]
    refused = kept("report", *SPAN, "--output", tmp_path, status=3)
    assert "is a directory" in refused.err
