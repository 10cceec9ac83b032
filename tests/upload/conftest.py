from contextlib import contextmanager

import pytest
from support.certificates import Authority

from wire import Driver, Listener


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def driver():
    """The transport, with the default settings."""
    with Driver() as started:
        yield started


@pytest.fixture
def driver_for(authority):
    """The transport and a server to talk to, over TLS or plain HTTP."""
    @contextmanager
    def start(play, encrypted=True, settings=None):
        context = authority.context() if encrypted else None
        with Listener(play, context) as server, \
                Driver({"s3.ca_file": authority.ca, **(settings or {})}) as started:
            yield started, server
    return start
