"""The servers of another make, before other tests rely on them."""

import hashlib

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import (ClientError, ConnectionClosedError, EndpointConnectionError,
                                 ReadTimeoutError)
from support.s3_peers import ACCESS_KEY, SECRET_KEY, Region

SESSION = botocore.session.get_session()


@pytest.fixture
def region(tmp_path):
    with Region("eu-west-1", tmp_path / "peer") as started:
        yield started


def client(region, secret_key=SECRET_KEY):
    """botocore's client, which tries once."""
    return SESSION.create_client(
        "s3", region_name=region.name, endpoint_url=region.url, aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=secret_key,
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"},
                      read_timeout=2, connect_timeout=2))


def put(region, key, body, **more):
    return client(region, **more).put_object(Bucket=region.bucket, Key=key, Body=body)


def test_objects(region):
    put(region, "images/2026/a.jpg", b"picture")
    wanted = {"images/2026/a.jpg": hashlib.sha256(b"picture").hexdigest()}
    assert region.objects() == wanted and region.count() == 1
    assert client(region).head_object(Bucket=region.bucket, Key="images/2026/a.jpg")["ContentLength"] == 7


def test_it_checks_signatures(region):
    with pytest.raises(ClientError) as failure:
        put(region, "a.jpg", b"1", secret_key="wrong")
    assert failure.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
    assert not region.objects()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_it_goes_and_comes_back(region, end):
    put(region, "a.jpg", b"1")
    getattr(region, end)()
    with pytest.raises((EndpointConnectionError, ConnectionClosedError)):
        put(region, "b.jpg", b"2")
    region.start()
    put(region, "b.jpg", b"2")
    assert sorted(region.objects()) == ["a.jpg", "b.jpg"]


def test_it_is_paused(region):
    region.pause()
    with pytest.raises(ReadTimeoutError):
        put(region, "a.jpg", b"1")
    region.heal()
    put(region, "b.jpg", b"2")
    assert "b.jpg" in region.objects()
