from datetime import datetime, timezone

import pytest
from support import Server, make_pictures


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """A dozen different pictures, taken a minute after another from 2026-03-01 10:01:00 on."""
    return [path.read_bytes() for path in make_pictures(tmp_path_factory.mktemp("pictures"), 12)]


@pytest.fixture
def picture(pictures):
    return pictures[0]


@pytest.fixture(scope="session")
def without_exif():
    """Takes the EXIF out of a picture."""
    def strip(picture):
        assert picture[2:4] == b"\xff\xe1" and picture[6:10] == b"Exif"
        return picture[:2] + picture[4 + int.from_bytes(picture[4:6], "big"):]
    return strip


@pytest.fixture
def make_server(tmp_path):
    """Starts a server of this test's own, with settings."""
    started = []

    def start(settings=None, name="station"):
        started.append(Server(tmp_path / name, settings))
        return started[-1]

    yield start
    for server in started:
        with server:
            pass  # stops it in good order


@pytest.fixture
def server(make_server):
    """An empty server of this test's own."""
    return make_server()


@pytest.fixture
def server_time():
    """The time as the server writes it."""
    return lambda: datetime.now(timezone.utc).isoformat(timespec="microseconds")


def pytest_make_parametrize_id(val):
    """Short names: pytest hands them on in the environment, which has its limits."""
    text = repr(val)
    return text[:40] if isinstance(val, (str, bytes)) and len(text) > 40 else None
