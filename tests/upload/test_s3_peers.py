"""The servers of another make, before other tests rely on them."""

import hashlib
import http.client
import re
from base64 import b64encode
from datetime import datetime, timedelta, timezone

import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import (ClientError, ConnectionClosedError, EndpointConnectionError,
                                 ReadTimeoutError)
from support.s3_objects import SMALLEST_PART
from support.s3_peers import ACCESS_KEY, SECRET_KEY, Region
from support.s3_script import ACCESS_KEY as SCRIPT_ACCESS_KEY
from support.s3_script import SECRET_KEY as SCRIPT_SECRET_KEY
from support.s3_script import S3Script

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


# ---- the scripted server beside a real one ----

PART = b"p" * SMALLEST_PART


class Asker:
    """Sends signed requests, good and bad, to one server: each answer is status and S3's code."""

    def __init__(self, url, region, bucket, access_key, secret_key):
        self.address = url.split("//")[1]
        self.region, self.bucket = region, bucket
        self.keys = access_key, secret_key
        self.body = b""

    def __call__(self, method, path, body=b"", headers=None, change=None, keys=None, region=None,
                 claimed=None, at=None):
        target = f"/{self.bucket}/{path}"
        request = AWSRequest(method, f"http://{self.address}{target}", data=body, headers={
            "X-Amz-Content-SHA256": claimed or hashlib.sha256(body).hexdigest(), **(headers or {})})
        signer = SigV4Auth(Credentials(*(keys or self.keys)), "s3", region or self.region)
        if at is None:
            signer.add_auth(request)
        else:
            request.context["timestamp"] = at.strftime("%Y%m%dT%H%M%SZ")
            request.headers["X-Amz-Date"] = request.context["timestamp"]
            text = signer.string_to_sign(request, signer.canonical_request(request))
            signer._inject_signature_to_request(  # pylint: disable=protected-access
                request, signer.signature(text, request))
        sent = dict(request.headers)
        (change or (lambda _: None))(sent)
        connection = http.client.HTTPConnection(self.address, timeout=20)
        connection.request(method, target, body or None, {"Content-Length": str(len(body)), **sent})
        answer = connection.getresponse()
        self.body = answer.read()
        self.headers = answer.headers
        connection.close()
        code = re.search(rb"<Error>.*?<Code>(\w+)</Code>", self.body, re.S)
        return answer.status, code[1].decode() if code else ""

    def begin(self, key):
        assert self("POST", f"{key}?uploads")[0] == 200
        return re.search(rb"<UploadId>([^<]+)", self.body)[1].decode()

    def part(self, key, upload, number, body):
        status, _ = self("PUT", f"{key}?partNumber={number}&uploadId={upload}", body)
        assert status == 200
        return self.headers["ETag"]

    def join(self, key, upload, parts):
        document = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
                           for number, etag in parts)
        return self("POST", f"{key}?uploadId={upload}",
                    f"<CompleteMultipartUpload>{document}</CompleteMultipartUpload>".encode())


def shifted(seconds):
    return datetime.now(timezone.utc) + timedelta(seconds=seconds)


def joined(ask, *bodies, choose=lambda parts: parts):
    upload = ask.begin("big")
    parts = [(number, ask.part("big", upload, number, body))
             for number, body in enumerate(bodies, 1)]
    answer = ask.join("big", upload, choose(parts))
    return answer, re.search(rb"<ETag>(.*?)</ETag>", ask.body)[1].replace(b"&#34;", b'"').replace(
        b"&quot;", b'"') if answer[0] == 200 else None


def put_twice(ask):
    return [ask("PUT", "once", b"1", {"If-None-Match": "*"}) for _ in range(2)]


def kept(ask):
    ask("PUT", "kept", b"0123456789", {"Content-Type": "image/jpeg", "Cache-Control": "immutable",
                                       "x-amz-meta-sha256": "abc"})
    answer = ask("HEAD", "kept")
    return answer, [ask.headers[name] for name in (
        "Content-Type", "Cache-Control", "x-amz-meta-sha256", "Content-Length", "ETag")]


def ranged(ask):
    kept(ask)
    return [(ask("GET", "kept", headers={"Range": wanted}), ask.body if "9" in wanted else b"")
            for wanted in ("bytes=2-4", "bytes=8-99", "bytes=50-")]


def elsewhere(ask):
    ask.bucket = "wildcam-none"
    return ask


QUESTIONS = {
    "put": lambda ask: (ask("PUT", "a/b.jpg", b"1"), ask.headers["ETag"]),
    "put again": put_twice,
    "kept": kept,
    "range": ranged,
    "absent": lambda ask: (ask("HEAD", "none")[0], ask("GET", "none")),
    "delete": lambda ask: (ask("PUT", "d", b"1"), ask("DELETE", "d"), ask("DELETE", "d")),
    "no bucket": lambda ask: elsewhere(ask)("PUT", "k", b"1"),
    "wrong secret": lambda ask: ask("PUT", "k", b"1", keys=(ask.keys[0], "wrong")),
    "wrong account": lambda ask: ask("PUT", "k", b"1", keys=("NOBODY", "wrong")),
    "wrong region": lambda ask: ask("PUT", "k", b"1", region="mars-1"),
    "early": lambda ask: ask("PUT", "k", b"1", at=shifted(-1000)),
    "late": lambda ask: ask("PUT", "k", b"1", at=shifted(1000)),
    "a little early": lambda ask: ask("PUT", "k", b"1", at=shifted(-800)),
    "other bytes": lambda ask: ask("PUT", "k", b"1", claimed=hashlib.sha256(b"2").hexdigest()),
    "unsigned bytes": lambda ask: ask("PUT", "k", b"1", claimed="UNSIGNED-PAYLOAD"),
    "right checksum": lambda ask: ask("PUT", "k", b"1", {
        "x-amz-checksum-sha256": b64encode(hashlib.sha256(b"1").digest()).decode()}),
    "wrong checksum": lambda ask: ask("PUT", "k", b"1", {
        "x-amz-checksum-sha256": b64encode(hashlib.sha256(b"2").digest()).decode()}),
    "no hash": lambda ask: ask("PUT", "k", b"1", change=lambda sent: sent.pop(
        "X-Amz-Content-SHA256"))[0] // 100,
    "not signed": lambda ask: ask("PUT", "k", b"1", change=lambda sent: sent.pop("Authorization")),
    "a digit of the signature": lambda ask: ask("PUT", "k", b"1", change=lambda sent: sent.update(
        {"Authorization": sent["Authorization"][:-1] + "x"})),
    "unsigned header": lambda ask: ask("PUT", "k", b"1", change=lambda sent: sent.update(
        {"x-amz-meta-late": "1"})),
    "parts": lambda ask: joined(ask, PART, PART, b"end"),
    "one part": lambda ask: joined(ask, b"end"),
    "small parts": lambda ask: joined(ask, b"1", b"2"),
    "parts out of order": lambda ask: joined(ask, PART, PART, choose=lambda parts: parts[::-1]),
    "a part that is not there": lambda ask: joined(
        ask, PART, PART, choose=lambda parts: [*parts, (3, parts[0][1])]),
    "a part of another hash": lambda ask: joined(
        ask, PART, b"2", choose=lambda parts: [parts[0], (2, parts[0][1])]),
    "no upload": lambda ask: [ask("GET", "k?uploadId=none"), ask("DELETE", "k?uploadId=none"),
                              ask("PUT", "k?partNumber=1&uploadId=none", b"1")],
}
# What the real one answers where S3 is with the scripted one.
DIFFERENT = {"wrong account": (404, "XAdminUserNotFound")}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_scripted_server_answers_as_a_real_one(region, question):
    with S3Script("eu-west-1") as scripted:
        answers = [QUESTIONS[question](Asker(server.url, "eu-west-1", "wildcam-eu-west-1", *keys))
                   for server, keys in ((scripted, (SCRIPT_ACCESS_KEY, SCRIPT_SECRET_KEY)),
                                        (region, (ACCESS_KEY, SECRET_KEY)))]
    assert answers[0] == answers[1] or answers[1] == DIFFERENT.get(question), answers
