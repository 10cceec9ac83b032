"""
The scripted S3 server before others rely on it: botocore's own client must be satisfied with it
where it answers well, and see each act for what it is.
"""

import base64
import hashlib
import http.client
import socket
import ssl
import threading
import time
from contextlib import closing

import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import (ClientError, ConnectionClosedError, ConnectTimeoutError,
                                 EndpointConnectionError, HTTPClientError, ReadTimeoutError)
from support.certificates import Authority
from support.s3_acts import ACTS
from support.s3_objects import SMALLEST_PART
from support.s3_script import ACCESS_KEY, SECRET_KEY, S3Script
from support.s3_signature import Account

SESSION = botocore.session.get_session()
BUCKET = "wildcam-us-west-2"
ODD_KEYS = ["images/2026/11/26/cam-1/0123.jpg", "a b+c%d~e!f'g(h)*i", "ü/€/𝄞", "a//b", "x&y=z;w",
            "q?u#e", "\x01\x1f\x7f", "%2F%", "a/./b", " lead", "trail ", "@:$,", "[]{}|\\^`\"<>"]


@pytest.fixture
def server():
    with S3Script() as started:
        yield started


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def client(server, access_key=ACCESS_KEY, secret_key=SECRET_KEY, token=None, region=None,
           verify=None, patience=10):
    """botocore's client, which tries once."""
    settings = Config(signature_version="s3v4", retries={"total_max_attempts": 1},
                      s3={"addressing_style": "path"}, read_timeout=patience, connect_timeout=1)
    for name in ("request_checksum_calculation", "response_checksum_validation"):
        if name in Config.OPTION_DEFAULTS:
            settings = settings.merge(Config(**{name: "when_required"}))
    return SESSION.create_client(
        "s3", region_name=region or server.region, endpoint_url=server.url,
        aws_access_key_id=access_key, aws_secret_access_key=secret_key, aws_session_token=token,
        config=settings, verify=verify)


def code_of(failure):
    """What a ClientError says: code and status."""
    answer = failure.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def put(s3, key="a.jpg", body=b"picture", **more):
    return s3.put_object(Bucket=BUCKET, Key=key, Body=body, **more)


# ---- when nothing goes wrong ----

@pytest.mark.parametrize("key", ODD_KEYS, ids=range(len(ODD_KEYS)))
def test_an_object_goes_in_and_comes_out(server, key):
    s3 = client(server)
    put(s3, key, b"\0\1\2", ContentType="image/jpeg", CacheControl="public", Metadata={"a": "b"})
    head = s3.head_object(Bucket=BUCKET, Key=key)
    assert head["ContentLength"] == 3 and head["ContentType"] == "image/jpeg"
    assert head["CacheControl"] == "public" and head["Metadata"] == {"a": "b"}
    assert head["ETag"] == f'"{hashlib.md5(bytes(range(3))).hexdigest()}"'
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"\0\1\2"
    assert list(server.stored()) == [key]
    s3.delete_object(Bucket=BUCKET, Key=key)
    assert not server.stored()
    assert not server.refused()
    assert [each.operation for each in server.of()] == ["PutObject", "HeadObject", "GetObject",
                                                        "DeleteObject"]


def test_a_range(server):
    s3 = client(server)
    put(s3, body=b"0123456789")
    answer = s3.get_object(Bucket=BUCKET, Key="a.jpg", Range="bytes=2-4")
    assert answer["Body"].read() == b"234" and answer["ContentRange"] == "bytes 2-4/10"
    with pytest.raises(ClientError) as failure:
        s3.get_object(Bucket=BUCKET, Key="a.jpg", Range="bytes=10-")
    assert code_of(failure) == ("InvalidRange", 416)


def test_the_host_may_name_the_bucket(server):
    headers = signed_headers(server, "PUT", "/a/b", {"Host": f"{BUCKET}.localhost"}, b"x")
    assert raw(server, "PUT", "/a/b", headers, b"x")[0] == 200
    assert list(server.stored()) == ["a/b"]


def test_listing_goes_on_behind_a_page(server):
    s3 = client(server)
    for number in range(7):
        put(s3, f"images/{number}", b"x")
    put(s3, "thumbnails/0")
    page = s3.list_objects_v2(Bucket=BUCKET, Prefix="images/", MaxKeys=4)
    assert page["IsTruncated"] and page["KeyCount"] == 4
    rest = s3.list_objects_v2(Bucket=BUCKET, Prefix="images/",
                              ContinuationToken=page["NextContinuationToken"])
    assert not rest["IsTruncated"]
    assert [item["Key"] for item in page["Contents"] + rest["Contents"]] == \
        [f"images/{number}" for number in range(7)]


def test_checksums_are_checked_and_given_back(server):
    s3 = client(server)
    right = base64.b64encode(hashlib.sha256(b"picture").digest()).decode()
    answer = put(s3, ChecksumSHA256=right)
    assert answer["ChecksumSHA256"] == right
    assert s3.head_object(Bucket=BUCKET, Key="a.jpg", ChecksumMode="ENABLED")["ChecksumSHA256"] == right
    assert "ChecksumSHA256" not in s3.head_object(Bucket=BUCKET, Key="a.jpg")
    with pytest.raises(ClientError) as failure:
        put(s3, body=b"other", ChecksumSHA256=right)
    assert code_of(failure) == ("BadDigest", 400)
    assert server.stored()["a.jpg"].sha256 == hashlib.sha256(b"picture").hexdigest()


def raw(server, method, path, headers=None, body=None):
    """A request by http.client: status and body of the answer."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()


class AsItIs(SigV4Auth):
    """Signs the path in the writing that it is given."""

    def _normalize_url_path(self, path):
        return path


def signed_headers(server, method, path, headers=None, body=b"", claimed=None):
    """Headers with which botocore's signer would send it; `claimed` is another payload hash."""
    request = AWSRequest(method, f"http://127.0.0.1:{server.port}{path}", data=body, headers={
        "x-amz-content-sha256": claimed or hashlib.sha256(body).hexdigest(), **(headers or {})})
    AsItIs(Credentials(ACCESS_KEY, SECRET_KEY), "s3", server.region).add_auth(request)
    return dict(request.headers)


def test_if_none_match(server):
    def conditional():
        headers = signed_headers(server, "PUT", f"/{BUCKET}/k", {"If-None-Match": "*"}, b"1")
        return raw(server, "PUT", f"/{BUCKET}/k", headers, b"1")

    assert conditional()[0] == 200
    status, body = conditional()
    assert status == 412 and b"<Code>PreconditionFailed</Code>" in body
    server.objects.is_conditional = False
    status, body = conditional()
    assert status == 501 and b"<Code>NotImplemented</Code>" in body


# ---- multipart ----

def test_multipart(server):
    s3 = client(server)
    parts = [bytes([number]) * SMALLEST_PART for number in (1, 2)] + [b"end"]
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="big", ContentType="video/mp4")["UploadId"]
    assert [each["UploadId"] for each in s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]] == [upload]
    place = {"Bucket": BUCKET, "Key": "big", "UploadId": upload}
    tags = [s3.upload_part(PartNumber=number, Body=part, **place)["ETag"]
            for number, part in enumerate(parts, 1)]
    listed = s3.list_parts(MaxParts=2, **place)
    assert listed["IsTruncated"] and [each["Size"] for each in listed["Parts"]] == [SMALLEST_PART] * 2
    rest = s3.list_parts(PartNumberMarker=listed["NextPartNumberMarker"], **place)
    assert [each["ETag"] for each in rest["Parts"]] == tags[2:] and not rest["IsTruncated"]
    answer = s3.complete_multipart_upload(MultipartUpload={"Parts": [
        {"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]}, **place)
    md5s = b"".join(hashlib.md5(part).digest() for part in parts)
    assert answer["ETag"] == f'"{hashlib.md5(md5s).hexdigest()}-3"'
    assert server.stored()["big"].sha256 == hashlib.sha256(b"".join(parts)).hexdigest()
    assert s3.head_object(Bucket=BUCKET, Key="big")["ContentType"] == "video/mp4"
    with pytest.raises(ClientError) as failure:
        s3.list_parts(**place)
    assert code_of(failure) == ("NoSuchUpload", 404)
    assert not server.objects.uploads


@pytest.mark.parametrize("choose, code", [
    (lambda one, two: [two, one], "InvalidPartOrder"),
    (lambda one, two: [one, {**two, "ETag": one["ETag"]}], "InvalidPart"),
    (lambda one, two: [one, {**two, "PartNumber": 3}], "InvalidPart"),
    (lambda one, two: [one, two], "EntityTooSmall"),
], ids=["order", "etag", "absent", "small"])
def test_parts_that_make_no_whole(server, choose, code):
    s3 = client(server)
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="big")["UploadId"]
    place = {"Bucket": BUCKET, "Key": "big", "UploadId": upload}
    one, two = ({"PartNumber": number, "ETag": s3.upload_part(
        PartNumber=number, Body=bytes([number]), **place)["ETag"]} for number in (1, 2))
    with pytest.raises(ClientError) as failure:
        s3.complete_multipart_upload(MultipartUpload={"Parts": choose(one, two)}, **place)
    assert code_of(failure)[0] == code
    s3.abort_multipart_upload(**place)
    assert not server.objects.uploads and not server.stored()


# ---- signatures, clocks, accounts ----

def test_a_wrong_secret(server):
    with pytest.raises(ClientError) as failure:
        put(client(server, secret_key="wrong"))
    assert code_of(failure) == ("SignatureDoesNotMatch", 403)
    assert server.refused() == ["SignatureDoesNotMatch"] and not server.stored()


def test_an_unknown_account(server):
    with pytest.raises(ClientError) as failure:
        put(client(server, access_key="AKIANOBODY"))
    assert code_of(failure) == ("InvalidAccessKeyId", 403)


def test_session_tokens(server):
    server.accounts["ASIASESSION"] = Account("secret", "token")
    put(client(server, "ASIASESSION", "secret", "token"))
    with pytest.raises(ClientError) as failure:
        put(client(server, "ASIASESSION", "secret", "other"))
    assert code_of(failure) == ("InvalidToken", 400)
    server.accounts["ASIASESSION"].is_expired = True
    with pytest.raises(ClientError) as failure:
        put(client(server, "ASIASESSION", "secret", "token"))
    assert code_of(failure) == ("ExpiredToken", 400)


def test_another_region(server):
    """botocore reads the right one out of the answer, and comes again."""
    put(client(server, region="eu-west-1"))
    assert [(each.status, each.refusal) for each in server.of()] == \
        [(400, "AuthorizationHeaderMalformed"), (200, "")]


@pytest.mark.parametrize("offset, is_taken", [(-890, True), (890, True), (-910, False), (910, False)])
def test_its_clock(server, offset, is_taken):
    server.clock_offset = offset
    if is_taken:
        put(client(server))
        return
    with pytest.raises(ClientError) as failure:
        put(client(server))
    assert code_of(failure) == ("RequestTimeTooSkewed", 403)
    assert failure.value.response["Error"]["MaxAllowedSkewMilliseconds"] == "900000"


def test_presigned_addresses(server):
    s3 = client(server)
    put(s3, "a b", b"secret")
    url = s3.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": "a b"}, ExpiresIn=60)
    target = url[len(server.url):]
    assert raw(server, "GET", target) == (200, b"secret")
    assert raw(server, "GET", target.replace("X-Amz-Expires=60", "X-Amz-Expires=61"))[0] == 403
    assert raw(server, "GET", target.replace("a%20b", "a%20c"))[0] == 403
    server.clock_offset = 61
    status, body = raw(server, "GET", target)
    assert status == 403 and b"Request has expired" in body


@pytest.mark.parametrize("change, code", [
    (lambda headers: headers.pop("Authorization"), "AccessDenied"),
    (lambda headers: headers.update({"x-amz-meta-late": "unsigned"}), "AccessDenied"),
    (lambda headers: headers.update({"content-type": "unsigned"}), "AccessDenied"),
    (lambda headers: headers.update({"X-Amz-Date": "yesterday"}), "AuthorizationHeaderMalformed"),
    (lambda headers: headers.update({"Authorization": headers["Authorization"].replace(
        "/us-west-2/", "/eu-west-1/")}), "AuthorizationHeaderMalformed"),
    (lambda headers: headers.update({"Authorization": headers["Authorization"][:-1] + "g"}),
     "SignatureDoesNotMatch"),
], ids=["none", "unsigned", "type", "date", "region", "digit"])
def test_a_spoilt_signature(server, change, code):
    headers = signed_headers(server, "PUT", f"/{BUCKET}/k", {}, b"1")
    change(headers)
    status, body = raw(server, "PUT", f"/{BUCKET}/k", headers, b"1")
    assert f"<Code>{code}</Code>".encode() in body and 400 <= status < 500
    assert not server.stored()


def test_a_path_signed_in_another_writing_is_refused(server):
    """S3 signs what a path means: %7e for ~, or a bare +, is the client's mistake."""
    for sent in (f"/{BUCKET}/%7Ea", f"/{BUCKET}/a+b", f"/{BUCKET}/a%2fb"):
        headers = signed_headers(server, "PUT", sent, {}, b"1")
        status, body = raw(server, "PUT", sent, headers, b"1")
        assert status == 403 and b"SignatureDoesNotMatch" in body, sent


def test_a_body_that_is_not_the_signed_one(server):
    path = f"/{BUCKET}/k"
    headers = signed_headers(server, "PUT", path, {}, b"1")
    status, body = raw(server, "PUT", path, headers, b"2")
    assert status == 400 and b"XAmzContentSHA256Mismatch" in body
    headers = signed_headers(server, "PUT", path, {}, b"1", claimed="UNSIGNED-PAYLOAD")
    assert raw(server, "PUT", path, headers, b"3")[0] == 200
    headers = signed_headers(server, "PUT", path, {}, b"1",
                             claimed="STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    assert raw(server, "PUT", path, headers, b"4")[0] == 501
    assert bytes(server.stored()["k"].body.data) == b"3"


# ---- the acts ----

ANSWERS = [name for name, act in ACTS.items() if act.end == "answer"]


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("stage", ["head", "body"])
def test_each_played_answer(server, name, stage):
    act = ACTS[name]
    server.play(name, stage=stage, headers={"Retry-After": "7"}, region="eu-west-1")
    headers = signed_headers(server, "PUT", f"/{BUCKET}/k", {}, b"12")
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.request("PUT", f"/{BUCKET}/k", b"12", headers)
        answer = connection.getresponse()
        body = answer.read()
    assert answer.status == act.status and answer.headers["Retry-After"] == "7"
    if act.code:
        assert f"<Error><Code>{act.code}</Code>".encode() in body
        assert b"<Region>eu-west-1</Region>" in body
        assert answer.headers["x-amz-bucket-region"] == "eu-west-1"
    else:
        assert b"<html>" in body and b"<Error>" not in body
    assert not server.stored() and not server.refused()
    assert [each.act for each in server.of()] == [name]
    put(client(server))  # once was all


@pytest.mark.parametrize("name, failures, is_stored", [
    ("reset_before_body", (ConnectionClosedError, HTTPClientError), False),
    ("reset_in_body", (ConnectionClosedError, HTTPClientError), False),
    ("reset_after_body", (ConnectionClosedError, HTTPClientError), False),
    ("close_before_body", (ConnectionClosedError, HTTPClientError), False),
    ("swallow", ConnectionClosedError, False),
    ("swallow_stored", ConnectionClosedError, True),
    ("reset_stored", (ConnectionClosedError, HTTPClientError), True),
    ("hang", ReadTimeoutError, False),
    ("hang_stored", ReadTimeoutError, True),
    ("hang_before_body", (ReadTimeoutError, HTTPClientError), False),
    ("half_answer", Exception, True),
])
def test_each_broken_connection(server, name, failures, is_stored):
    s3 = client(server, patience=1)
    server.play(name)
    with pytest.raises(failures):
        put(s3, body=b"x" * 100000)
    assert bool(server.stored()) is is_stored
    assert [each.act for each in server.of("PutObject")] == [name]
    put(s3)
    assert server.of("PutObject")[-1].status == 200


def test_half_a_head(server):
    server.play("half_head")
    headers = signed_headers(server, "PUT", f"/{BUCKET}/k", {"Host": "s3", "Content-Length": "1"},
                             b"1")
    with closing(socket.create_connection(("127.0.0.1", server.port), 10)) as connection:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        connection.sendall(f"PUT /{BUCKET}/k HTTP/1.1\r\n{lines}\r\n1".encode())
        with connection.makefile("rb") as file:
            assert file.read() == b"HTTP/1.1 200 OK\r\nDat"
    assert list(server.stored()) == ["k"]


def test_rules_choose_their_requests(server):
    s3 = client(server)
    server.play("503", times=None, key="images/*", operation="PutObject")
    put(s3, "thumbnails/1")
    for _ in range(3):
        with pytest.raises(ClientError) as failure:
            put(s3, "images/1")
        assert code_of(failure)[1] == 503
    with pytest.raises(ClientError) as failure:
        s3.head_object(Bucket=BUCKET, Key="images/1")
    assert code_of(failure)[1] == 404
    server.play_well()
    put(s3, "images/1")


def test_the_first_rule_that_fits_is_played(server):
    server.play("500", times=2)
    server.play("SlowDown")
    seen = []
    for _ in range(4):
        headers = signed_headers(server, "PUT", f"/{BUCKET}/k", {}, b"1")
        seen.append(raw(server, "PUT", f"/{BUCKET}/k", headers, b"1")[0])
    assert seen == [500, 500, 503, 200]


def test_what_is_really_wrong_comes_before_what_is_played(server):
    server.play("503")
    with pytest.raises(ClientError) as failure:
        put(client(server, secret_key="wrong"))
    assert code_of(failure) == ("SignatureDoesNotMatch", 403)


def test_an_error_in_a_200_of_unknown_length(server):
    server.play("error_in_200", is_chunked=True, operation="PutObject")
    headers = signed_headers(server, "PUT", f"/{BUCKET}/k", {}, b"1")
    status, body = raw(server, "PUT", f"/{BUCKET}/k", headers, b"1")
    assert status == 200 and body.startswith(b"<?xml") and b"?>\n    " in body
    assert b"<Code>InternalError</Code>" in body


def test_refusing_and_accepting_again(server):
    s3 = client(server)
    put(s3)
    for _ in range(3):
        server.refuse()
        with pytest.raises(EndpointConnectionError):
            put(client(server))
        server.accept()
        put(s3)
    assert server.count("PutObject") == 4


def test_attempts_to_connect_that_get_no_answer(server):
    server.stall()
    with pytest.raises(ConnectTimeoutError):
        put(client(server))
    server.accept()
    put(client(server))


def test_what_hangs_can_be_let_go(server):
    server.play("hang", times=None)
    s3 = client(server, patience=60)
    failures = []

    def attempt():
        try:
            put(s3)
        except (ConnectionClosedError, HTTPClientError) as failure:
            failures.append(failure)

    thread = threading.Thread(target=attempt)
    thread.start()
    server.wait_for(lambda: server.requests and server.requests[0].body_size == 7)
    server.play_well()
    thread.join(30)
    assert len(failures) == 1
    put(s3)


def test_slow_reading(server):
    server.play("slow_read", rate=200_000)
    began = time.monotonic()
    put(client(server), body=b"x" * 100_000)
    assert time.monotonic() - began > 0.45
    assert server.stored()["a.jpg"].size == 100_000


def test_a_slow_answer(server):
    server.play("slow_answer", delay=0.3)
    put(client(server))
    request = server.of("PutObject")[0]
    server.wait_for(lambda: request.ended)  # a moment behind the answer
    assert request.ended - request.began >= 0.3


# ---- TLS, and connections that are closed while nobody looks ----

def test_tls(authority):
    with S3Script(authority=authority) as server:
        put(client(server, verify=str(authority.ca)))
        with pytest.raises(botocore.exceptions.SSLError):
            put(client(server, verify=True))
    with S3Script(authority=authority, names=("elsewhere.example",)) as server:
        with pytest.raises(botocore.exceptions.SSLError):
            put(client(server, verify=str(authority.ca)))


def test_pooled_tls_connections_are_closed_with_close_notify(authority):
    context = ssl.create_default_context(cafile=authority.ca)
    with S3Script(authority=authority) as server:
        pool = [context.wrap_socket(socket.create_connection(("127.0.0.1", server.port), 10),
                                    server_hostname="localhost") for _ in range(50)]
        assert server.close_idle(at_least=50) == 50
        for connection in pool:
            assert connection.recv(1) == b""  # a close_notify: without one it would raise
            connection.close()


def test_pooled_connections_are_reset(server):
    pool = [socket.create_connection(("127.0.0.1", server.port), 10) for _ in range(5)]
    assert server.close_idle(at_least=5, word="reset") == 5
    for connection in pool:
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
        connection.close()


def test_a_connection_is_closed_behind_an_answer(server):
    for name in ("close_after", "reset_after"):
        server.play(name)
        headers = signed_headers(server, "PUT", f"/{BUCKET}/k", {}, b"1")
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
            connection.request("PUT", f"/{BUCKET}/k", b"1", headers)
            answer = connection.getresponse()
            assert answer.status == 200 and "Connection" not in answer.headers
            server.wait_for(lambda: not server._connections)  # pylint: disable=protected-access
            with pytest.raises(OSError):
                connection.request("PUT", f"/{BUCKET}/k", b"1", headers)
                connection.getresponse()


def test_connections_and_their_requests_are_counted(server):
    s3 = client(server)
    for number in range(4):
        put(s3, str(number))
    assert server.connections_made == 1
    assert [each.earlier for each in server.of()] == [0, 1, 2, 3]
    times = [each.began for each in server.of()]
    assert times == sorted(times)


def test_many_at_once(server):
    def send(number):
        s3 = client(server)
        for step in range(5):
            put(s3, f"{number}/{step}", bytes([number, step]))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(server.stored()) == 100 and server.count() == 100 and not server.refused()
