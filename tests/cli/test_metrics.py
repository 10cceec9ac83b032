"""wildcam metrics: how a station stands, for Prometheus and node_exporter."""

import os
import re

import pytest


@pytest.fixture
def kept(station, pictures):
    station("ingest", "--camera", "CAM01", pictures[0].parent)
    return station


def names(text):
    return {re.split("[{ ]", line)[0] for line in text.splitlines() if not line.startswith("#")}


def test_how_the_station_stands(kept):
    out = kept("metrics").out
    assert "\nwildcam_active_cameras_total 1\n" in out
    assert "wildcam_camera_last_seen_timestamp{" not in out  # its pictures came on a card
    assert {"wildcam_store_up", "wildcam_store_shards", "wildcam_storage_free_bytes"} <= names(out)


def test_what_this_process_does_is_nobodys_business(kept):
    """A series of node_exporter's own name would spoil its answer; a counter would stay at 0."""
    out = kept("metrics").out
    assert not [name for name in names(out) if name.startswith(("process_", "http_"))]
    assert not re.search(r"^# TYPE \S+ (counter|histogram)$", out, re.M)


def test_what_is_owed_shows_where_there_are_uploads(kept):
    assert "wildcam_outbox_items" not in kept("metrics").out
    out = kept("metrics", WILDCAM_S3_ENDPOINT="http://127.0.0.1:9",
               WILDCAM_S3_ACCESS_KEY="a", WILDCAM_S3_SECRET_KEY="b").out
    assert 'wildcam_outbox_items{state="owed"} 24\n' in out  # twelve pictures and their thumbnails


def test_there_is_no_json(kept, tmp_path):
    path = tmp_path / "wildcam.prom"
    for words in ([], ["wildcam_store_up"], ["--textfile", path]):
        refused = kept("metrics", "--json", *words, status=2)
        assert refused.out == "" and "metrics takes no --json" in refused.err
    assert not path.exists()


def test_help_says_whose_counters_these_are(kept):
    counter, = re.findall(r"such as\s+(\w+_total), is this command's own, and is 0",
                          kept("metrics", "--help").out)
    samples = [line for line in kept("metrics", counter).out.splitlines() if line[0] != "#"]
    assert samples and all(line.endswith(" 0") for line in samples)


def test_selectors_pick_others(kept):
    out = kept("metrics", "wildcam_store_up", '{__name__=~"process_.*threads"}').out
    assert names(out) == {"wildcam_store_up", "process_threads"}
    assert "{" in kept("metrics", "{", status=2).err


def test_nothing_that_matches_is_said(kept, tmp_path):
    """A script sees it by the status, as it does with grep, and a person is not left with silence."""
    path = tmp_path / "wildcam.prom"
    none = kept("metrics", "no_such_thing", status=1)
    assert (none.out, none.err) == ("", "wildcam metrics: nothing matches no_such_thing\n")
    none = kept("metrics", "no_such_thing", '{camera_id="nobody"}', status=1)
    assert (none.out, none.err) == (
        "", "wildcam metrics: nothing matches any of the 2 selectors\n")
    assert names(kept("metrics", "no_such_thing", "wildcam_store_up").out) == {"wildcam_store_up"}
    assert "no_such_thing" in kept("metrics", "no_such_thing", "--textfile", path, status=1).err
    assert path.read_text() == ""
    assert kept("metrics", "wildcam_store_up", "--textfile", path).err == ""


def test_a_file_for_node_exporter(kept, tmp_path):
    folder = tmp_path / "textfiles"
    folder.mkdir()
    path = folder / "wildcam.prom"
    for _ in range(2):
        assert kept("metrics", "--textfile", path).out == ""
        assert names(path.read_text()) == names(kept("metrics").out)
        assert os.listdir(folder) == ["wildcam.prom"]
        assert path.stat().st_mode & 0o777 == 0o644


def test_a_file_that_cannot_be_written(kept, tmp_path):
    missing = tmp_path / "nowhere" / "wildcam.prom"
    assert str(missing) in kept("metrics", "--textfile", missing, status=3).err
    (tmp_path / "folder.prom").mkdir()
    kept("metrics", "--textfile", tmp_path / "folder.prom", status=3)
    assert not [name for name in os.listdir(tmp_path) if name.startswith("folder.prom.")]


def test_there_must_be_a_station(station):
    assert "there" in station("metrics", status=3).err
    assert not station.data.exists()
