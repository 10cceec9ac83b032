"""What the tests of uploads share: the transport, scripted regions, and the engine."""

import os
from contextlib import contextmanager

import pytest
from support.certificates import Authority
from support.courier import Courier, Regions, settings_for

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


@pytest.fixture
def regions():
    """Three scripted S3 servers."""
    with Regions() as started:
        yield started


@pytest.fixture
def make_file(tmp_path):
    """A file of so many random bytes."""
    def make(size, name="picture.jpg"):
        path = tmp_path / name
        path.write_bytes(os.urandom(size))
        return path
    return make


@pytest.fixture
def file(make_file):
    return make_file(50_000)


@pytest.fixture
def big_file(make_file):
    return make_file(17 << 20, "big.jpg")


@pytest.fixture
def courier(regions):
    with Courier(settings_for(regions)) as started:
        yield started
