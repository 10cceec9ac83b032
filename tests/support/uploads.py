"""What a station has noted of its uploads, read from its databases."""

import sqlite3
import time
from contextlib import closing

DONE = 1  # a row's state
TIMEOUT = 600  # a safety net: what is owed has to arrive until then


def upload_rows(data):
    """A row for each picture and each thumbnail."""
    found = []
    for path in sorted((data / "detections").glob("*.db")):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)) as database:
            database.row_factory = sqlite3.Row
            found += database.execute("SELECT * FROM uploads").fetchall()
    return found


def wait_until_nothing_is_owed(server, meanwhile=lambda: None):
    """Until all has been uploaded, and nothing may be where it should not."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        rest = [tuple(row) for row in upload_rows(server.data)
                if row["state"] != DONE or row["doubts"]]
        if not rest:
            return
        assert server.process.poll() is None, server.log
        assert time.monotonic() < deadline, f"{len(rest)} are left: {rest[:5]} {server.log[-3000:]}"
        meanwhile()
        time.sleep(0.2)
