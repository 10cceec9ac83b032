import pytest
from support import Server, make_pictures


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """A dozen different pictures."""
    return [path.read_bytes() for path in make_pictures(tmp_path_factory.mktemp("pictures"), 12)]


@pytest.fixture
def picture(pictures):
    return pictures[0]


@pytest.fixture
def server(tmp_path):
    """An empty server of this test's own."""
    with Server(tmp_path) as server:
        yield server
