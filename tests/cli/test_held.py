"""wildcam sync where another process holds what is owed: one that goes on, or was killed."""

import sqlite3
import time
from contextlib import closing

import pytest
from support import make_pictures

# Nobody listens there; nothing is to be sent.
S3 = {"WILDCAM_S3_REGIONS": "us-west-2", "WILDCAM_S3_ENDPOINT": "http://127.0.0.1:1",
      "WILDCAM_S3_ACCESS_KEY": "AKIAWILDCAMTEST00001", "WILDCAM_S3_SECRET_KEY": "secret"}


@pytest.fixture(name="held")
def fixture_held(station, tmp_path):
    """A station whose rows are leased, for no longer than leases are."""
    make_pictures(tmp_path / "cards/gate", 2, "64x48")
    station("ingest", tmp_path / "cards")
    for shard in (station.data / "detections").glob("*.db"):
        with closing(sqlite3.connect(shard)) as database, database:
            until = int((time.time() + 55) * 1e6)
            database.execute("UPDATE uploads SET lease = 1, leased_until = ?", (until,))
    return station


def test_it_is_told_who_has_what_is_left(held):
    result = held("sync", status=1, **S3)
    assert result.out.startswith("uploaded 0 files\n4 files are owed, ")
    assert "another process has begun with the rest" in result.out
    assert held("sync", "--dry-run", status=1, **S3).out.count("\n") == 1
