"""The upload engine against S3 servers of other makes: versitygw, and OpenStack's Swift."""

import hashlib

import pytest
from support import s3_peers, s3_swift
from support.courier import KEY, Courier

REGION = "eu-west-1"
MAKES = {"versitygw": (s3_peers.Region, s3_peers), "swift": (s3_swift.SwiftRegion, s3_swift)}


@pytest.fixture(scope="module", params=MAKES)
def make(request, tmp_path_factory):
    """A server, and the settings for it."""
    kind, module = MAKES[request.param]
    with kind(REGION, tmp_path_factory.mktemp(request.param) / "region") as server:
        yield server, {"s3.regions": REGION, "s3.endpoint": server.url,
                       "s3.access_key": module.ACCESS_KEY, "s3.secret_key": module.SECRET_KEY}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("settings", [{}, {"s3.checksum": "on"}], ids=["plain", "checksum"])
def test_whole(make, file, settings):
    server, own = make
    with Courier({**own, **settings}) as courier:
        outcome = courier.send(KEY, file)
        assert outcome["status"] == "WILDCAM_OK" and outcome["requests"] == 1, outcome
        assert server.objects()[KEY] == digest(file)
        again = courier.send(KEY, file, 0, 1)  # by HEAD it is seen to be there
        assert again["status"] == "WILDCAM_OK" and again["sent"] == 0, again


def test_an_empty_one(make, make_file):
    server, own = make
    with Courier(own) as courier:
        assert courier.send("empty.jpg", make_file(0))["status"] == "WILDCAM_OK"
        assert server.objects()["empty.jpg"] == hashlib.sha256(b"").hexdigest()


def test_parts(make, big_file):
    server, own = make
    with Courier(own) as courier:
        outcome = courier.send("big/" + KEY, big_file)
        assert outcome["status"] == "WILDCAM_OK", outcome
        assert server.objects()["big/" + KEY] == digest(big_file)
        again = courier.send("big/" + KEY, big_file, 0, 1)
        assert again["status"] == "WILDCAM_OK" and again["sent"] == 0, again


def test_many_at_once(make, make_file):
    server, own = make
    files = [make_file(20_000 + number, f"{number}.jpg") for number in range(100)]
    with Courier(own) as courier:
        for file in files:
            courier.order("send", f"many/{file.name}", file)
        assert {each["status"] for each in courier.wait()} == {"WILDCAM_OK"}
    objects = server.objects()
    assert all(objects[f"many/{file.name}"] == digest(file) for file in files)


def test_odd_keys(make, file):
    """Each byte of a key is written as the signature has it."""
    server, own = make
    keys = ["a+b~c_d-e.jpg", "ü/€.jpg", "%41%.jpg", "(a)!'*.jpg", "a&b=c;d@e,f$g.jpg"]
    with Courier(own) as courier:
        for key in keys:
            assert courier.send(key, file)["status"] == "WILDCAM_OK", key
    assert set(keys) <= set(server.objects())


def test_a_wrong_secret(make, file):
    _, own = make
    with Courier({**own, "s3.secret_key": "wrong"}) as courier:
        outcome = courier.send(KEY, file)
        assert outcome["status"] == "WILDCAM_ERR_UPLOAD" and outcome["requests"] == 1
        assert courier.look()[REGION]["state"] == "misconfigured"


def test_an_unknown_account(make, file):
    _, own = make
    with Courier({**own, "s3.access_key": "nobody:here"}) as courier:
        outcome = courier.send(KEY, file)
        assert outcome["status"] == "WILDCAM_ERR_UPLOAD" and outcome["requests"] == 1
        assert courier.look()[REGION]["state"] == "misconfigured"


def test_a_bucket_that_is_not_there(make, file):
    _, own = make
    with Courier({**own, "s3.bucket": "wildcam-none"}) as courier:
        outcome = courier.send(KEY, file)
        assert outcome["status"] == "WILDCAM_ERR_UPLOAD" and outcome["requests"] == 1
        assert courier.look()[REGION]["state"] == "misconfigured"
